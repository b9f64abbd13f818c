#include "park/heat_store.h"

#include <math.h>

#include "base/id.h"
#include "park/heat_sql.h"

struct scene_note {
    struct str name, source, mask, reason;
    int64_t bytes, files;
};

static const struct field SCENE_NOTE[] = {
    FIELD(struct scene_note, name, FIELD_TEXT),
    FIELD(struct scene_note, source, FIELD_TEXT),
    FIELD(struct scene_note, mask, FIELD_TEXT),
    FIELD(struct scene_note, bytes, FIELD_INT),
    FIELD(struct scene_note, files, FIELD_INT),
    FIELD(struct scene_note, reason, FIELD_TEXT),
    FIELD_END,
};

static enum err record_scene(struct db_tx *tx, const struct change *by, const char *kind,
                             const struct heat_scene_new *scene, const char *reason)
{
    struct scene_note note = {.name = scene->name,
                              .source = scene->source,
                              .mask = scene->mask,
                              .bytes = scene->saved.bytes,
                              .files = scene->saved.files,
                              .reason = str_of(reason)};
    return change_record(tx, by, kind, 0, scene->id, SCENE_NOTE, &note);
}

static enum err check_room(struct db *db, const struct change *by,
                           const struct heat_scene_new *scene)
{
    struct heat_scene_totals_row all;
    struct heat_scene_by_digest_row twin;
    struct heat_scene_totals_in in = {.park_id = by->park_id};
    struct heat_scene_by_digest_in same = {.park_id = by->park_id, .digest = scene->saved.digest};
    CLEANUP(arena_release) struct arena arena = {0};
    enum err r = sql_heat_scene_totals(db, &in, &all);
    if (r != OK)
        return r;
    if (all.count >= HEAT_SCENES_MAX || all.bytes + scene->saved.bytes > HEAT_BYTES_MAX)
        return err_refuse(ERR_LIMIT, "heat.full",
                          "%" PRId64 " scenes of %" PRId64 " bytes are kept already: remove some",
                          all.count, all.bytes);
    r = sql_heat_scene_by_digest(db, &arena, &same, &twin);
    if (r == OK)
        return err_refuse(ERR_CONFLICT, "heat.twice", "the same files are here as '%.*s'",
                          STR_ARG(twin.name));
    return r == ERR_NOT_FOUND ? OK : r;
}

enum err heat_scene_add(struct db_tx *tx, const struct change *by,
                        const struct heat_scene_new *scene)
{
    struct heat_scene_insert_in row = {.park_id = by->park_id,
                                       .id = scene->id,
                                       .name = scene->name,
                                       .source = scene->source,
                                       .digest = scene->saved.digest,
                                       .bytes = scene->saved.bytes,
                                       .files = scene->saved.files,
                                       .mask = scene->mask,
                                       .date_days = scene->date == HEAT_NO_DATE ? 0 : scene->date,
                                       .light = scene->light,
                                       .added_by = by->actor_id,
                                       .added_us = by->now_us};
    enum err r = check_room(tx->db, by, scene);
    if (r == OK)
        r = sql_heat_scene_insert(tx, &row, NULL);
    return r == OK ? record_scene(tx, by, "heat.scene-added", scene, NULL) : r;
}

static struct str reason_of(const struct err_info *why)
{
    return why->reason[0] ? str_of(why->reason) : STR("heat.unreadable");
}

enum err heat_scene_add_refused(struct db_tx *tx, const struct change *by,
                                const struct heat_scene_new *scene, const struct err_info *why)
{
    struct heat_scene_refused_insert_in row = {.park_id = by->park_id,
                                               .id = scene->id,
                                               .name = scene->name,
                                               .source = scene->source,
                                               .digest = scene->saved.digest,
                                               .bytes = scene->saved.bytes,
                                               .files = scene->saved.files,
                                               .reason = reason_of(why),
                                               .detail = str_of(why->detail),
                                               .added_us = by->now_us};
    enum err r = sql_heat_scene_refused_insert(tx, &row, NULL);
    return r == OK ? record_scene(tx, by, "heat.scene-refused", scene, row.reason.ptr) : r;
}

enum err heat_scene_refuse(struct db_tx *tx, const struct change *by, int64_t id,
                           const struct err_info *why)
{
    struct heat_scene_refuse_in row = {
        .park_id = by->park_id, .id = id, .reason = reason_of(why), .detail = str_of(why->detail)};
    struct heat_scene_new scene = {.id = id};
    int64_t changed = 0;
    enum err r = sql_heat_scene_refuse(tx, &row, &changed);
    if (r != OK || changed == 0)
        return r; /* Removed meanwhile. */
    return record_scene(tx, by, "heat.scene-refused", &scene, row.reason.ptr);
}

enum err heat_scene_remove(struct db_tx *tx, const struct change *by, int64_t id)
{
    struct heat_stat_delete_scene_in stats = {.park_id = by->park_id, .scene_id = id};
    struct heat_layer_delete_in layers = {.park_id = by->park_id, .scene_id = id};
    struct heat_scene_delete_in row = {.park_id = by->park_id, .id = id};
    int64_t changed = 0;
    enum err r = sql_heat_stat_delete_scene(tx, &stats, NULL);
    if (r == OK)
        r = sql_heat_layer_delete(tx, &layers, NULL);
    if (r == OK)
        r = sql_heat_scene_delete(tx, &row, &changed);
    if (r == OK && changed == 0)
        r = err_set(ERR_NOT_FOUND, "no such scene");
    return r == OK ? change_record(tx, by, "heat.scene-removed", 0, id, NULL, NULL) : r;
}

/* ---- a scene that was read ---------------------------------------------------------------- */

enum err heat_scene_check(const struct heat_scene *scene, int64_t date)
{
    if (scene->layer_count > HEAT_LAYERS_MAX)
        return err_refuse(ERR_LIMIT, "heat.too-large", "%zu layers, more than %d",
                          scene->layer_count, HEAT_LAYERS_MAX);
    for (size_t i = 0; i < scene->layer_count; i++)
        if (scene->layers[i].date == HEAT_NO_DATE && date == HEAT_NO_DATE)
            return err_refuse(ERR_INVALID, "heat.no-date",
                              "layer '%.*s' does not say which day it shows",
                              STR_ARG(scene->layers[i].name));
    return OK;
}

enum err heat_scene_read(struct db_tx *tx, const struct change *by, int64_t id, struct str about,
                         const struct heat_scene *scene, int64_t date, struct str light)
{
    struct heat_scene_opened_in opened = {.park_id = by->park_id, .id = id, .about = about};
    int64_t changed = 0;
    enum err r = sql_heat_scene_opened(tx, &opened, &changed);
    if (r != OK || changed == 0)
        return r; /* Removed meanwhile. */
    for (size_t i = 0; i < scene->layer_count && r == OK; i++) {
        const struct heat_layer *layer = &scene->layers[i];
        bool known = layer->light != HEAT_LIGHT_UNKNOWN;
        struct heat_layer_insert_in row = {
            .park_id = by->park_id,
            .id = id_next(by->now_us),
            .scene_id = id,
            .place = (int64_t)i,
            .name = layer->name,
            .date_days = layer->date == HEAT_NO_DATE ? date : layer->date,
            .time_us = layer->time_us,
            .light = known ? str_of(heat_light_key(layer->light)) : light,
        };
        r = sql_heat_layer_insert(tx, &row, NULL);
    }
    return r;
}

struct str heat_scene_about(struct arena *arena, const struct heat_scene *scene,
                            const struct heat_mask *mask)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, 64 * 1024);
    struct json_writer w = json_writer(&text);
    json_object_begin(&w);
    json_member_c(&w, "kind", heat_kind_key(scene->kind));
    json_member_text(&w, "product", scene->product);
    json_member_text(&w, "sensor", scene->sensor);
    json_member_text(&w, "method", scene->method);
    json_member_text(&w, "mask", heat_mask_text(arena, scene, mask));
    json_member_int(&w, "native_m", (int64_t)lround(scene->native_m));
    json_member_int(&w, "pixel_m", (int64_t)lround(scene->grid.pixel_m));
    json_member_int(&w, "width", scene->grid.width);
    json_member_int(&w, "height", scene->grid.height);
    json_object_end(&w);
    return str_copy(arena, buf_check(&text) == OK ? buf_str(&text) : STR("{}"));
}

/* ---- statistics --------------------------------------------------------------------------- */

static enum err keep_stats(struct db_tx *tx, int64_t park_id,
                           const struct heat_layer_result *result)
{
    enum err r = OK;
    for (size_t i = 0; i < result->count && r == OK; i++) {
        const struct heat_stat *stat = &result->stats[i];
        if (result->keys[i].kind == HEAT_ZONE_AROUND)
            continue;
        struct heat_stat_put_in row = {.park_id = park_id,
                                       .kind = result->keys[i].kind,
                                       .zone_id = result->keys[i].id,
                                       .layer_id = result->layer_id,
                                       .clear = stat->clear,
                                       .valid = heat_valid_fraction(stat),
                                       .mean_k = stat->mean,
                                       .sd_k = stat->sd,
                                       .uncertainty_k = stat->uncertainty,
                                       .below = result->below[i],
                                       .body = result->bodies[i]};
        r = sql_heat_stat_put(tx, &row, NULL);
    }
    return r;
}

enum err heat_layer_keep(struct db_tx *tx, int64_t park_id, const struct heat_layer_result *result)
{
    struct heat_stat_delete_in old = {.park_id = park_id, .layer_id = result->layer_id};
    struct heat_layer_done_in done = {.park_id = park_id,
                                      .id = result->layer_id,
                                      .zones = result->zones,
                                      .version = STR(KUAILIAN_VERSION),
                                      .low_k = result->low_k,
                                      .high_k = result->high_k,
                                      .level_k = result->level_k};
    struct heat_layer_left_in in = {.park_id = park_id, .scene_id = result->scene_id};
    struct heat_layer_left_row left;
    int64_t changed = 0;
    enum err r = sql_heat_layer_done(tx, &done, &changed);
    if (r != OK || changed == 0)
        return r; /* Removed meanwhile. */
    r = sql_heat_stat_delete(tx, &old, NULL);
    if (r == OK)
        r = keep_stats(tx, park_id, result);
    if (r == OK)
        r = sql_heat_layer_left(tx->db, &in, &left);
    struct heat_scene_state_in ready = {
        .park_id = park_id, .id = result->scene_id, .state = STR("ready")};
    return r == OK && left.count == 0 ? sql_heat_scene_state(tx, &ready, NULL) : r;
}
