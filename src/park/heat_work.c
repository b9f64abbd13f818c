#include "park/heat_work.h"

#include <dirent.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/lookout.h"
#include "park/case_sql.h"
#include "park/heat_gallery.h"
#include "park/heat_index.h"
#include "park/heat_sql.h"

enum { LOOK_MS = 3000, LOOK_TEST_MS = 200, SEEN_MAX = 256 };

#define COVER_BYTES ((size_t)32 << 20)

/* What lay in the watched folder when we last looked: whoever is still copying changes it. */
struct seen {
    struct hash name;
    int64_t bytes, changed_us;
    bool tried; /* It is taken once, also if that failed. */
};

struct heat_work {
    struct arena arena;
    struct db *db;
    struct writer *writer;
    const char *dir, *watched;
    struct heat_gallery *gallery;
    struct seen seen[SEEN_MAX];
    size_t seen_count;
    struct heat_cover *cover; /* Of the last layer: most scenes share a grid. */
    struct hash cover_zones;
    _Atomic int64_t layer_id;
    _Atomic int percent;
    _Atomic bool asked; /* By a command that is not committed yet. */
    struct lookout *lookout;
};

static bool is_stopping(struct heat_work *work)
{
    return lookout_is_stopping(work->lookout);
}

static struct change change_now(int64_t park_id)
{
    return (struct change){.park_id = park_id, .now_us = clock_now_us()};
}

/* ---- the watched folder ------------------------------------------------------------------- */

struct taking {
    struct command command;
    int64_t park_id;
    struct heat_scene_new scene;
    struct heat_fires_new fires;
    bool is_fires;
    struct err_info why; /* With a code: refused. */
};

static enum err run_taking(struct db_tx *tx, struct command *command)
{
    struct taking *taking = (struct taking *)command;
    struct change by = change_now(taking->park_id);
    if (taking->why.code != OK)
        return heat_scene_add_refused(tx, &by, &taking->scene, &taking->why);
    return taking->is_fires ? heat_fires_add(tx, &by, &taking->fires)
                            : heat_scene_add(tx, &by, &taking->scene);
}

static bool is_csv(struct str name)
{
    return name.len > 4 && str_equal_nocase(str_sub(name, name.len - 4, 4), STR(".csv"));
}

static enum err read_fires(struct arena *arena, const char *path, struct taking *taking)
{
    struct str text;
    enum err r = heat_files_read(arena, path, LIMIT_HTTP_UPLOAD, &text);
    if (r == OK)
        r = heat_fires_read(arena, text, &taking->fires.fires);
    taking->fires.id = taking->scene.id;
    taking->fires.name = taking->scene.name;
    taking->fires.source = taking->scene.source;
    taking->fires.digest = taking->scene.saved.digest;
    taking->is_fires = true;
    return r;
}

/* Refused ones keep their files until somebody removes them from the list. */
static enum err take_entry(struct heat_work *work, int64_t park_id, const char *name)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct taking taking = {.command = {.run = run_taking},
                            .park_id = park_id,
                            .scene = {.id = id_next(clock_now_us()),
                                      .name = str_of(name),
                                      .source = STR("folder"),
                                      .mask = STR("default"),
                                      .light = STR(""),
                                      .date = HEAT_NO_DATE}};
    int64_t id = taking.scene.id;
    const char *path = str_format(&arena, "%s/%s", work->watched, name).ptr;
    enum err r = heat_files_take(&arena, work->dir, id, path, &taking.scene.saved);
    const char *taken = str_format(&arena, "%s/heat/new-%" PRId64 "/%s", work->dir, id, name).ptr;
    if (r == OK && is_csv(taking.scene.name))
        r = read_fires(&arena, taken, &taking);
    if (r == OK)
        r = writer_run(work->writer, &taking.command);
    if (r != OK && r != ERR_BUSY) {
        heat_files_hide(work->dir, id);
        taking.why = *err_last();
        r = writer_run(work->writer, &taking.command);
        if (r == OK)
            r = heat_files_settle(&arena, work->dir, id);
    } else if (r == OK && taking.is_fires) {
        heat_files_drop(work->dir, id);
    }
    return r;
}

/* True once an entry is the same as at the last look, and was not tried then. */
static bool is_settled(const struct heat_work *work, struct seen *mine, const char *path,
                       const char *name)
{
    struct stat status;
    if (lstat(path, &status) != 0)
        return false;
    *mine = (struct seen){.name = hash_of(str_of(name)), .bytes = status.st_size};
    mine->changed_us = status.st_mtim.tv_sec * SECOND_US + status.st_mtim.tv_nsec / 1000;
    if (S_ISDIR(status.st_mode))
        heat_files_measure(path, &mine->bytes, &mine->changed_us);
    for (size_t i = 0; i < work->seen_count; i++) {
        const struct seen *last = &work->seen[i];
        if (!hash_equal(&last->name, &mine->name) || last->bytes != mine->bytes ||
            last->changed_us != mine->changed_us)
            continue;
        mine->tried = last->tried;
        return mine->bytes > 0 && !mine->tried;
    }
    return false;
}

static bool is_ready_name(struct str name)
{
    return name.len > 0 && name.ptr[0] != '.' && !str_ends(name, STR(".part")) &&
           !str_ends(name, STR(".tmp")) && utf8_check(name) == OK;
}

static void look_at_folder(struct heat_work *work, int64_t park_id)
{
    struct seen now[SEEN_MAX];
    size_t count = 0;
    DIR *dir = opendir(work->watched);
    for (struct dirent *entry; dir && count < SEEN_MAX && (entry = readdir(dir));) {
        CLEANUP(arena_release) struct arena arena = {0};
        const char *path = str_format(&arena, "%s/%s", work->watched, entry->d_name).ptr;
        if (is_stopping(work) || !is_ready_name(str_of(entry->d_name)))
            continue;
        struct seen *mine = &now[count++];
        *mine = (struct seen){0};
        if (is_settled(work, mine, path, entry->d_name))
            mine->tried = take_entry(work, park_id, entry->d_name) != ERR_BUSY;
    }
    if (dir)
        closedir(dir);
    memcpy(work->seen, now, count * sizeof(*now));
    work->seen_count = count;
}

/* ---- reading a scene ---------------------------------------------------------------------- */

struct reading {
    struct command command;
    int64_t park_id, id, date;
    struct str light, about;
    const struct heat_scene *scene;
    struct err_info why; /* With a code: refused. */
};

static enum err run_reading(struct db_tx *tx, struct command *command)
{
    struct reading *reading = (struct reading *)command;
    struct change by = change_now(reading->park_id);
    if (reading->why.code != OK)
        return heat_scene_refuse(tx, &by, reading->id, &reading->why);
    return heat_scene_read(tx, &by, reading->id, reading->about, reading->scene, reading->date,
                           reading->light);
}

/* Reads the next scene that waits; `*found` if there was one. */
static enum err read_scene(struct heat_work *work, int64_t park_id, bool *found)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_scene_waiting_row row;
    struct heat_scene_waiting_in in = {.park_id = park_id};
    enum err r = sql_heat_scene_waiting(work->db, &arena, &in, &row);
    *found = r == OK;
    if (r != OK)
        return r == ERR_NOT_FOUND ? OK : r;
    struct reading reading = {.command = {.run = run_reading},
                              .park_id = park_id,
                              .id = row.id,
                              .date = row.date_days ? row.date_days : HEAT_NO_DATE,
                              .light = row.light};
    struct heat_mask mask;
    struct heat_scene *scene = NULL;
    r = heat_files_settle(&arena, work->dir, row.id);
    if (r == OK)
        r = heat_mask_parse(row.mask, &mask);
    if (r == OK)
        r = heat_open(&arena, heat_files_path(&arena, work->dir, row.id), NULL, &scene);
    if (r == OK)
        r = heat_scene_check(scene, reading.date);
    if (r == OK) {
        reading.scene = scene;
        reading.about = heat_scene_about(&arena, scene, &mask);
    } else {
        heat_files_hide(work->dir, row.id);
        reading.why = *err_last();
    }
    return writer_run(work->writer, &reading.command);
}

/* ---- statistics of a layer ---------------------------------------------------------------- */

struct keeping {
    struct command command;
    int64_t park_id;
    struct heat_layer_result result;
    struct err_info why; /* With a code: the scene is refused. */
};

static enum err run_keeping(struct db_tx *tx, struct command *command)
{
    struct keeping *keeping = (struct keeping *)command;
    struct change by = change_now(keeping->park_id);
    if (keeping->why.code != OK)
        return heat_scene_refuse(tx, &by, keeping->result.scene_id, &keeping->why);
    return heat_layer_keep(tx, keeping->park_id, &keeping->result);
}

static bool show_progress(void *context, int64_t done, int64_t all)
{
    struct heat_work *work = context;
    atomic_store(&work->percent, all > 0 ? (int)(done * 100 / all) : 0);
    return !is_stopping(work);
}

static void real_member(struct json_writer *w, const char *name, double value)
{
    json_key(w, name);
    if (isnan(value))
        json_null(w);
    else
        json_real(w, value);
}

static struct str body_of(struct arena *arena, const struct heat_stat *stat, const double *level,
                          bool mended)
{
    static const char *const QUANTILES[] = {"q05_k", "q25_k", "q50_k", "q75_k", "q95_k"};
    bool seen = heat_observed(stat); /* Never "0 m² above" where nothing was seen. */
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, 16 * 1024);
    struct json_writer w = json_writer(&text);
    json_object_begin(&w);
    real_member(&w, "min_k", stat->min);
    real_member(&w, "max_k", stat->max);
    for (size_t i = 0; i < COUNT_OF(QUANTILES); i++)
        real_member(&w, QUANTILES[i], stat->quantiles[i]);
    real_member(&w, "above_mean_m2", seen ? stat->above_area_m2[0] : NAN);
    real_member(&w, "above_mean_level_k", *level);
    real_member(&w, "pixels", stat->pixels);
    real_member(&w, "present", stat->present);
    json_key(&w, "masked");
    json_object_begin(&w);
    for (int i = 1; i < HEAT_REASON_COUNT; i++)
        if (stat->by_reason[i] > 0)
            real_member(&w, heat_reason_key((enum heat_reason)i), stat->by_reason[i]);
    json_object_end(&w);
    real_member(&w, "zone_area_m2", stat->zone_area_m2);
    real_member(&w, "clear_area_m2", stat->clear_area_m2);
    json_member_bool(&w, "mended", mended);
    json_object_end(&w);
    return str_copy(arena, buf_check(&text) == OK ? buf_str(&text) : STR("{}"));
}

static void ask_init(struct heat_work *work, struct heat_ask *ask, const struct heat_mask *mask)
{
    static const double at[] = {0.05, 0.25, 0.5, 0.75, 0.95, 0.02, 0.98};
    heat_ask_init(ask);
    ask->mask = *mask;
    memcpy(ask->quantiles, at, sizeof(at));
    ask->quantile_count = COUNT_OF(at);
    ask->above[0] = (struct heat_threshold){.kind = HEAT_ABOVE_MEAN};
    ask->above_count = 1;
    ask->threads = 1; /* A server has other things to do. */
    ask->progress = show_progress;
    ask->context = work;
}

/* One for all layers and scenes on the same grid, as long as nobody redraws a zone. */
static enum err cover_of(struct heat_work *work, const struct heat_scene *scene,
                         const struct heat_park_zones *zones)
{
    if (work->cover && heat_cover_matches(work->cover, &scene->grid) &&
        hash_equal(&work->cover_zones, &zones->digest))
        return OK;
    heat_cover_free(work->cover);
    work->cover = NULL;
    work->cover_zones = zones->digest;
    return heat_cover_new(&scene->grid, &zones->zones, COVER_BYTES, &work->cover);
}

static enum err work_out(struct heat_work *work, struct arena *arena,
                         const struct heat_scene *scene, size_t place, const struct heat_mask *mask,
                         const struct heat_park_zones *zones, struct heat_layer_result *result)
{
    size_t count = zones->zones.count;
    struct heat_stat *stats = ARENA_ARRAY(arena, count, struct heat_stat);
    struct str *bodies = ARENA_ARRAY(arena, count, struct str);
    bool *below = ARENA_ARRAY(arena, count, bool), *mended = ARENA_ARRAY(arena, count, bool);
    struct heat_levels levels;
    struct heat_ask ask;
    result->low_k = result->high_k = result->level_k = NAN;
    if (count == 0)
        return OK; /* Nobody has drawn a grid yet. */
    ask_init(work, &ask, mask);
    enum err r = cover_of(work, scene, zones);
    if (r == OK)
        r = heat_stats(scene, place, work->cover, &ask, stats, &levels);
    if (r != OK)
        return r;
    for (size_t i = 0; i < count; i++) {
        below[i] = heat_below_resolution(scene, stats[i].zone_area_m2);
        mended[i] = zones->zones.items[i].mended;
        bodies[i] = body_of(arena, &stats[i], &levels.kelvin[0], mended[i]);
    }
    result->low_k = fmin(stats[0].quantiles[5], stats[count - 1].quantiles[5]);
    result->high_k = fmax(stats[0].quantiles[6], stats[count - 1].quantiles[6]);
    result->level_k = levels.kelvin[0];
    result->count = count;
    result->keys = zones->keys;
    result->stats = stats;
    result->below = below;
    result->mended = mended;
    result->bodies = bodies;
    return OK;
}

static enum err do_layer(struct heat_work *work, int64_t park_id,
                         const struct heat_park_zones *zones, bool *found)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_layer_due_row row;
    struct heat_layer_due_in in = {.park_id = park_id, .zones = zones->digest};
    enum err r = sql_heat_layer_due(work->db, &arena, &in, &row);
    *found = r == OK;
    if (r != OK)
        return r == ERR_NOT_FOUND ? OK : r;
    atomic_store(&work->percent, 0);
    atomic_store(&work->layer_id, row.id);
    struct keeping keeping = {
        .command = {.run = run_keeping},
        .park_id = park_id,
        .result = {.layer_id = row.id, .scene_id = row.scene_id, .zones = zones->digest}};
    struct heat_mask mask;
    struct heat_scene *scene;
    r = heat_mask_parse(row.mask, &mask);
    if (r == OK)
        r = heat_open(&arena, heat_files_path(&arena, work->dir, row.scene_id), NULL, &scene);
    if (r == OK && (size_t)row.place >= scene->layer_count)
        r = err_refuse(ERR_INVALID, "heat.changed", "the scene's files are others by now");
    if (r == OK)
        r = work_out(work, &arena, scene, (size_t)row.place, &mask, zones, &keeping.result);
    if (r == ERR_BUSY) /* Stopping: the next start begins the layer again. */
        return r;
    if (r != OK) {
        heat_files_hide(work->dir, row.scene_id);
        keeping.why = *err_last();
    }
    return writer_run(work->writer, &keeping.command);
}

/* ---- comparing periods -------------------------------------------------------------------- */

struct comparing {
    struct command command;
    int64_t park_id, newest; /* With a day: the program's own period moves there. */
    struct heat_index_result result;
};

static enum err run_comparing(struct db_tx *tx, struct command *command)
{
    struct comparing *comparing = (struct comparing *)command;
    struct change by = change_now(comparing->park_id);
    if (comparing->newest)
        return heat_index_follow(tx, &by, comparing->newest);
    return heat_index_keep(tx, &by, &comparing->result);
}

static bool compare_progress(void *context, int64_t done, int64_t all)
{
    (void)done, (void)all;
    return !is_stopping(context);
}

/* The program's own comparison follows the newest day that was seen. */
static void follow_newest(struct heat_work *work, int64_t park_id,
                          const struct heat_index_list_rows *rows)
{
    struct heat_layer_newest_row newest;
    struct heat_layer_newest_in in = {.park_id = park_id, .light = STR("day")};
    if (sql_heat_layer_newest(work->db, &in, &newest) != OK || newest.day == 0)
        return;
    for (size_t i = 0; i < rows->count; i++)
        if (str_is(rows->rows[i].source, "program") && rows->rows[i].to_days == newest.day)
            return;
    struct comparing comparing = {
        .command = {.run = run_comparing}, .park_id = park_id, .newest = newest.day};
    if (writer_run(work->writer, &comparing.command) != OK)
        return; /* Busy, or too many are kept: the next look tries again. */
}

static void compare_one(struct heat_work *work, const struct heat_index_job *job)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct hash inputs;
    struct comparing comparing = {.command = {.run = run_comparing}, .park_id = job->park_id};
    if (heat_index_inputs(job, &inputs) != OK)
        return;
    struct str had = job->row->inputs;
    if (had.len == HASH_SIZE && memcmp(had.ptr, inputs.bytes, HASH_SIZE) == 0)
        return;
    if (heat_index_work(job, &arena, &comparing.result) != OK)
        return; /* Stopping, or the store is busy. */
    if (comparing.result.why.code != OK) {
        err_restore(&comparing.result.why);
        heat_files_hide(work->dir, 0);
        comparing.result.why = *err_last();
    }
    if (writer_run(work->writer, &comparing.command) != OK)
        return;
}

static void compare_all(struct heat_work *work, int64_t park_id,
                        const struct heat_park_zones *zones)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_index_list_rows rows;
    struct heat_index_list_in in = {.park_id = park_id};
    if (sql_heat_index_list(work->db, &arena, &in, &rows) != OK)
        return;
    follow_newest(work, park_id, &rows);
    for (size_t i = 0; i < rows.count && !is_stopping(work); i++) {
        struct heat_index_job job = {.db = work->db,
                                     .dir = work->dir,
                                     .park_id = park_id,
                                     .row = &rows.rows[i],
                                     .zones = zones,
                                     .progress = compare_progress,
                                     .context = work};
        compare_one(work, &job);
    }
}

/* ---- the loop ----------------------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Files of scenes that are gone, and at a start those of uploads that never got their row. */
static void sweep(struct heat_work *work, int64_t park_id, bool at_start)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_scene_ids_rows rows;
    struct heat_scene_ids_in in = {.park_id = park_id};
    if (sql_heat_scene_ids(work->db, &arena, &in, &rows) != OK)
        return;
    int64_t *ids = ARENA_ARRAY(&arena, rows.count, int64_t);
    for (size_t i = 0; i < rows.count; i++)
        ids[i] = rows.rows[i].id;
    if (rows.count > 0)
        qsort(ids, rows.count, sizeof(*ids), by_id);
    heat_files_sweep(work->dir, ids, rows.count, at_start);
}

/* 0 before the first start. */
static int64_t find_park(struct heat_work *work)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct case_parks_rows parks;
    struct case_parks_in in = {.limit = 1};
    if (sql_case_parks(work->db, &arena, &in, &parks) != OK || parks.count == 0)
        return 0;
    return parks.rows[0].id;
}

static void look(struct heat_work *work, int64_t park_id)
{
    look_at_folder(work, park_id);
    sweep(work, park_id, false);
    bool found = true;
    while (found && !is_stopping(work))
        if (read_scene(work, park_id, &found) != OK)
            return; /* Busy or stopping: the next look tries again. */
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_park_zones zones;
    if (heat_zones_load(work->db, &arena, park_id, &zones) != OK)
        return;
    enum err r = OK;
    for (found = true; found && r == OK && !is_stopping(work);)
        r = do_layer(work, park_id, &zones, &found);
    atomic_store(&work->layer_id, 0);
    if (r == OK)
        compare_all(work, park_id, &zones);
}

static void look_for_work(void *context)
{
    struct heat_work *work = context;
    int64_t park_id = find_park(work);
    if (park_id)
        look(work, park_id);
}

enum err heat_work_start(const struct heat_work_config *config, struct heat_work **out)
{
    struct heat_work *work = calloc(1, sizeof(*work));
    assert(work);
    arena_init(&work->arena);
    work->writer = config->writer;
    work->dir = str_c(&work->arena, str_of(config->dir));
    work->watched = config->watched ? str_c(&work->arena, str_of(config->watched))
                                    : str_format(&work->arena, "%s/heat/incoming", config->dir).ptr;
    work->gallery = heat_gallery_new(work->dir);
    enum err r = heat_files_prepare(work->dir, work->watched);
    if (r == OK)
        r = db_open(config->store, DB_READ, &work->db);
    if (r == OK)
        sweep(work, find_park(work), true); /* Before anybody can upload. */
    struct lookout_config looking = {
        .every_ms = LOOK_MS, .every_test_ms = LOOK_TEST_MS, .look = look_for_work, .context = work};
    *out = work; /* What its thread commits is told to it. */
    if (r == OK)
        r = lookout_start(&looking, &work->lookout);
    if (r != OK) {
        *out = NULL;
        heat_gallery_free(work->gallery);
        db_close(work->db);
        arena_release(&work->arena);
        free(work);
        return r;
    }
    return OK;
}

void heat_work_stop(struct heat_work *work)
{
    lookout_stop(work->lookout);
}

void heat_work_free(struct heat_work *work)
{
    if (!work)
        return;
    lookout_free(work->lookout);
    heat_gallery_free(work->gallery);
    heat_cover_free(work->cover);
    db_close(work->db);
    arena_release(&work->arena);
    free(work);
}

void heat_work_poke(struct heat_work *work)
{
    atomic_store(&work->asked, true);
}

void heat_work_committed(struct heat_work *work)
{
    if (atomic_exchange(&work->asked, false))
        lookout_poke(work->lookout);
}

const char *heat_work_dir(const struct heat_work *work)
{
    return work->dir;
}

struct heat_gallery *heat_work_gallery(struct heat_work *work)
{
    return work->gallery;
}

int64_t heat_work_progress(struct heat_work *work, int *percent)
{
    *percent = atomic_load(&work->percent);
    return atomic_load(&work->layer_id);
}
