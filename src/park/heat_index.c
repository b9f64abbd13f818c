#include "park/heat_index.h"

#include <math.h>

#include "base/clock.h"
#include "base/id.h"
#include "park/heat_sql.h"

/* ---- asking and keeping ------------------------------------------------------------------- */

struct index_note {
    int64_t from, to, base_from, base_to;
    struct str source, light;
};

static const struct field INDEX_NOTE[] = {FIELD(struct index_note, source, FIELD_TEXT),
                                          FIELD(struct index_note, light, FIELD_TEXT),
                                          FIELD(struct index_note, from, FIELD_DATE),
                                          FIELD(struct index_note, to, FIELD_DATE),
                                          FIELD(struct index_note, base_from, FIELD_DATE),
                                          FIELD(struct index_note, base_to, FIELD_DATE),
                                          FIELD_END};

static enum err check_ask(struct db *db, const struct change *by, const struct heat_index_new *ask)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_index_list_rows rows;
    struct heat_index_list_in in = {.park_id = by->park_id};
    bool own = ask->base.from != HEAT_NO_DATE;
    if (ask->now.from > ask->now.to || (own && ask->base.from > ask->base.to))
        return err_field(ERR_INVALID, "to", "heat.period", "a period ends before it begins");
    if (own && ask->base.from <= ask->now.to && ask->now.from <= ask->base.to)
        return err_field(ERR_INVALID, "baseline_to", "heat.period", "the two periods overlap");
    enum err r = sql_heat_index_list(db, &arena, &in, &rows);
    if (r == OK && rows.count >= HEAT_INDEX_MAX)
        r = err_refuse(ERR_LIMIT, "heat.full", "%d comparisons are kept already: remove some",
                       HEAT_INDEX_MAX);
    return r;
}

enum err heat_index_ask(struct db_tx *tx, const struct change *by, const struct heat_index_new *ask,
                        int64_t *id)
{
    bool own = ask->base.from != HEAT_NO_DATE;
    struct heat_index_insert_in row = {.park_id = by->park_id,
                                       .id = id_next(by->now_us),
                                       .source = ask->source,
                                       .light = ask->light,
                                       .from_days = ask->now.from,
                                       .to_days = ask->now.to,
                                       .base_from = own ? ask->base.from : 0,
                                       .base_to = own ? ask->base.to : 0,
                                       .asked_by = by->actor_id,
                                       .asked_us = by->now_us};
    struct index_note note = {.from = ask->now.from,
                              .to = ask->now.to,
                              .base_from = own ? ask->base.from : FIELD_NO_DATE,
                              .base_to = own ? ask->base.to : FIELD_NO_DATE,
                              .source = ask->source,
                              .light = ask->light};
    enum err r = check_ask(tx->db, by, ask);
    if (r == OK)
        r = sql_heat_index_insert(tx, &row, NULL);
    if (r == OK)
        r = change_record(tx, by, "heat.index-asked", 0, row.id, INDEX_NOTE, &note);
    if (r == OK)
        *id = row.id;
    return r;
}

enum err heat_index_remove(struct db_tx *tx, const struct change *by, int64_t id)
{
    struct heat_change_delete_in changes = {.park_id = by->park_id, .index_id = id};
    struct heat_index_delete_in row = {.park_id = by->park_id, .id = id};
    int64_t changed = 0;
    enum err r = sql_heat_change_delete(tx, &changes, NULL);
    if (r == OK)
        r = sql_heat_index_delete(tx, &row, &changed);
    if (r == OK && changed == 0)
        r = err_set(ERR_NOT_FOUND, "no such comparison");
    return r == OK ? change_record(tx, by, "heat.index-removed", 0, id, NULL, NULL) : r;
}

enum err heat_index_keep(struct db_tx *tx, const struct change *by,
                         const struct heat_index_result *result)
{
    bool refused = result->why.code != OK;
    struct heat_index_done_in done = {
        .park_id = by->park_id,
        .id = result->id,
        .state = refused ? STR("refused") : STR("ready"),
        .inputs = result->inputs,
        .version = STR(KUAILIAN_VERSION),
        .reason = refused ? str_of(result->why.reason) : (struct str){0},
        .detail = refused ? str_of(result->why.detail) : (struct str){0},
        .done_us = by->now_us};
    struct heat_change_delete_in old = {.park_id = by->park_id, .index_id = result->id};
    int64_t changed = 0;
    enum err r = sql_heat_index_done(tx, &done, &changed);
    if (r != OK || changed == 0)
        return r;
    r = sql_heat_change_delete(tx, &old, NULL);
    for (size_t i = 0; r == OK && i < result->count; i++) {
        const struct heat_change *change = &result->changes[i];
        struct heat_change_insert_in row = {
            .park_id = by->park_id,
            .index_id = result->id,
            .kind = result->keys[i].kind,
            .zone_id = result->keys[i].id,
            .verdict = str_of(heat_verdict_key(change->verdict)),
            .lack = str_of(heat_lack_key(change->lack)),
            .kelvin = change->kelvin,
            .interval_k = change->interval,
            .views = (int64_t)change->views,
            .base_views = (int64_t)change->baseline_views,
            .below = change->below_resolution,
            .body = result->bodies[i],
        };
        r = sql_heat_change_insert(tx, &row, NULL);
    }
    return r;
}

enum err heat_index_follow(struct db_tx *tx, const struct change *by, int64_t newest)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_index_list_rows rows;
    struct heat_index_list_in in = {.park_id = by->park_id};
    struct heat_index_new ask = {.source = STR("program"),
                                 .light = STR("day"),
                                 .now = {newest - HEAT_INDEX_DAYS, newest},
                                 .base = {.from = HEAT_NO_DATE}};
    int64_t id;
    enum err r = sql_heat_index_list(tx->db, &arena, &in, &rows);
    for (size_t i = 0; r == OK && i < rows.count; i++) {
        struct heat_index_move_in move = {.park_id = by->park_id,
                                          .id = rows.rows[i].id,
                                          .from_days = ask.now.from,
                                          .to_days = ask.now.to};
        if (str_is(rows.rows[i].source, "program"))
            return rows.rows[i].to_days == newest ? OK : sql_heat_index_move(tx, &move, NULL);
    }
    return r == OK ? heat_index_ask(tx, by, &ask, &id) : r;
}

/* ---- working out -------------------------------------------------------------------------- */

/* The layers that may count, the newest ones if there are too many. */
static enum err candidates(const struct heat_index_job *job, struct arena *arena,
                           const struct heat_layer_list_row **out, size_t *count)
{
    const struct heat_index_list_row *row = job->row;
    struct heat_layer_list_rows rows;
    struct heat_layer_list_in in = {.park_id = job->park_id, .limit = HEAT_LIST_MAX};
    enum err r = sql_heat_layer_list(job->db, arena, &in, &rows);
    if (r != OK)
        return r;
    struct heat_layer_list_row *found = ARENA_ARRAY(arena, rows.count, struct heat_layer_list_row);
    size_t n = 0;
    for (size_t i = 0; i < rows.count; i++) {
        int64_t day = rows.rows[i].date_days;
        bool now = day >= row->from_days && day <= row->to_days;
        bool before =
            row->base_from ? day >= row->base_from && day <= row->base_to : day < row->from_days;
        if (str_equal(rows.rows[i].light, row->light) && (now || before))
            found[n++] = rows.rows[i];
    }
    size_t skipped = n > HEAT_VIEWS_MAX ? n - HEAT_VIEWS_MAX : 0;
    *out = found + skipped;
    *count = n - skipped;
    return OK;
}

static struct hash digest_of(const struct heat_index_job *job,
                             const struct heat_layer_list_row *layers, size_t count)
{
    struct hash digest = job->zones->digest;
    for (size_t i = 0; i < count; i++) {
        struct str id = {.ptr = (const char *)&layers[i].id, .len = sizeof(layers[i].id)};
        struct hash own = hash_of(id);
        digest = hash_pair(&digest, &own);
    }
    return digest;
}

enum err heat_index_inputs(const struct heat_index_job *job, struct hash *out)
{
    CLEANUP(arena_release) struct arena arena = {0};
    const struct heat_layer_list_row *layers;
    size_t count;
    enum err r = candidates(job, &arena, &layers, &count);
    if (r == OK)
        *out = digest_of(job, layers, count);
    return r;
}

struct opened {
    int64_t scene_id;
    struct heat_scene *scene;
    struct str mask;
};

static enum err open_scene(const struct heat_index_job *job, struct arena *arena,
                           const struct heat_layer_list_row *layer, struct opened *opened,
                           size_t *count, struct heat_scene **out)
{
    for (size_t i = 0; i < *count; i++)
        if (opened[i].scene_id == layer->scene_id) {
            *out = opened[i].scene;
            return OK;
        }
    struct heat_scene *scene;
    enum err r = heat_open(arena, heat_files_path(arena, job->dir, layer->scene_id), NULL, &scene);
    if (r != OK)
        return r;
    opened[(*count)++] = (struct opened){layer->scene_id, scene, layer->mask};
    *out = scene;
    return OK;
}

static bool is_whole(double number)
{
    return fabs(number - round(number)) < 1e-3;
}

/* Can pixels of the one be set against pixels of the other? */
static bool same_raster(const struct heat_grid *a, const struct heat_grid *b)
{
    for (int i = 1; i < 6; i++)
        if (i != 3 && fabs(a->transform[i] - b->transform[i]) > 1e-9 * fabs(a->transform[1]))
            return false;
    return str_equal(a->projection, b->projection) &&
           is_whole((a->transform[0] - b->transform[0]) / a->transform[1]) &&
           is_whole((a->transform[3] - b->transform[3]) / a->transform[5]);
}

/* Keeps the views of the raster and mask that most of them have. */
static size_t keep_largest(struct heat_view *views, const struct heat_layer_list_row **rows,
                           size_t count)
{
    size_t best = 0, best_size = 0, kept = 0;
    for (size_t i = 0; i < count; i++) {
        size_t size = 0;
        for (size_t k = 0; k < count; k++)
            size += same_raster(&views[i].scene->grid, &views[k].scene->grid) &&
                    str_equal(rows[i]->mask, rows[k]->mask);
        if (size > best_size) {
            best = i;
            best_size = size;
        }
    }
    struct heat_view model = count ? views[best] : (struct heat_view){0};
    struct str mask = count ? rows[best]->mask : STR("");
    for (size_t i = 0; i < count; i++)
        if (same_raster(&model.scene->grid, &views[i].scene->grid) &&
            str_equal(mask, rows[i]->mask)) {
            views[kept] = views[i];
            rows[kept++] = rows[i];
        }
    return kept;
}

static enum err open_views(const struct heat_index_job *job, struct arena *arena,
                           const struct heat_layer_list_row *layers, size_t count,
                           struct heat_view *views, const struct heat_layer_list_row **rows)
{
    struct opened *opened = ARENA_ARRAY(arena, count, struct opened);
    size_t open_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct heat_scene *scene;
        enum err r = open_scene(job, arena, &layers[i], opened, &open_count, &scene);
        if (r != OK)
            return r;
        if ((size_t)layers[i].place >= scene->layer_count)
            return err_refuse(ERR_INVALID, "heat.changed", "a scene's files are others by now");
        /* What the administrator said stands in where the files say nothing. */
        struct heat_layer *layer = (struct heat_layer *)&scene->layers[layers[i].place];
        layer->date = layers[i].date_days;
        layer->light = str_is(layers[i].light, "night") ? HEAT_NIGHT : HEAT_DAY;
        views[i] = (struct heat_view){scene, (size_t)layers[i].place};
        rows[i] = &layers[i];
    }
    return OK;
}

static void real_member(struct json_writer *w, const char *name, double value)
{
    json_key(w, name);
    if (isnan(value))
        json_null(w);
    else
        json_real(w, value);
}

static struct str body_of(struct arena *arena, const struct heat_change *change,
                          const struct heat_change_frame *frame, double confidence,
                          const struct heat_layer_list_row **rows)
{
    CLEANUP(buf_release) struct buf text;
    CLEANUP(buf_release) struct buf day;
    buf_init(&text, 256 * 1024);
    buf_init(&day, 32);
    struct json_writer w = json_writer(&text);
    json_object_begin(&w);
    real_member(&w, "confidence", confidence);
    real_member(&w, "scatter", change->scatter);
    real_member(&w, "drift", change->drift);
    real_member(&w, "product", change->product);
    json_member_int(&w, "placebos", (int64_t)change->placebos);
    json_member_int(&w, "reference_pixels", frame->reference_pixels);
    json_member_bool(&w, "same_season", frame->same_season);
    json_key(&w, "points");
    json_array_begin(&w);
    for (size_t i = 0; i < change->point_count; i++) {
        const struct heat_point *point = &change->points[i];
        buf_clear(&day);
        date_format(&day, rows[point->view]->date_days);
        json_object_begin(&w);
        json_member_id(&w, "layer_id", rows[point->view]->id);
        json_member_text(&w, "date", buf_str(&day));
        json_member_bool(&w, "in_period", point->in_period);
        real_member(&w, "clear", point->clear);
        real_member(&w, "anomaly", point->anomaly);
        json_object_end(&w);
    }
    json_array_end(&w);
    json_object_end(&w);
    return str_copy(arena, buf_check(&text) == OK ? buf_str(&text) : STR("{}"));
}

static enum err compare(const struct heat_index_job *job, struct arena *arena,
                        const struct heat_view *views, const struct heat_layer_list_row **rows,
                        size_t count, struct heat_index_result *out)
{
    struct heat_change_ask ask;
    struct heat_change_frame frame;
    struct heat_zones zones = job->zones->zones;
    zones.count--; /* The surroundings are what the park is set against. */
    heat_change_ask_init(&ask);
    ask.light = str_is(job->row->light, "night") ? HEAT_NIGHT : HEAT_DAY;
    ask.period = (struct heat_period){job->row->from_days, job->row->to_days};
    ask.baseline = job->row->base_from
                       ? (struct heat_period){job->row->base_from, job->row->base_to}
                       : (struct heat_period){.from = HEAT_NO_DATE, .to = HEAT_NO_DATE};
    ask.progress = job->progress;
    ask.context = job->context;
    enum err r = count ? heat_mask_parse(rows[0]->mask, &ask.mask) : OK;
    struct heat_change *changes = ARENA_ARRAY(arena, zones.count, struct heat_change);
    if (r == OK)
        r = heat_change(arena, views, count, &zones, &ask, &frame, changes);
    if (r != OK)
        return r;
    struct str *bodies = ARENA_ARRAY(arena, zones.count, struct str);
    for (size_t i = 0; i < zones.count; i++)
        bodies[i] = body_of(arena, &changes[i], &frame, ask.confidence, rows);
    out->count = zones.count;
    out->keys = job->zones->keys;
    out->changes = changes;
    out->bodies = bodies;
    return OK;
}

enum err heat_index_work(const struct heat_index_job *job, struct arena *arena,
                         struct heat_index_result *out)
{
    const struct heat_layer_list_row *layers;
    size_t count;
    enum err r = candidates(job, arena, &layers, &count);
    if (r != OK)
        return r;
    *out = (struct heat_index_result){.id = job->row->id, .inputs = digest_of(job, layers, count)};
    struct heat_view *views = ARENA_ARRAY(arena, count, struct heat_view);
    const struct heat_layer_list_row **rows =
        ARENA_ARRAY(arena, count, const struct heat_layer_list_row *);
    if (job->zones->zones.count == 0)
        r = err_refuse(ERR_INVALID, "heat.zone", "no grid has a border yet");
    if (r == OK)
        r = open_views(job, arena, layers, count, views, rows);
    if (r == OK)
        r = compare(job, arena, views, rows, keep_largest(views, rows, count), out);
    if (r == ERR_BUSY)
        return r;
    if (r != OK) {
        out->why = *err_last();
        if (!out->why.reason[0])
            memcpy(out->why.reason, "heat.unreadable", sizeof("heat.unreadable"));
    }
    return OK;
}
