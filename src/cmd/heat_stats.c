#include "base/clock.h"
#include "cmd/cmd.h"
#include "cmd/heat.h"
#include "cmd/input.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define OUTPUT_MAX (UINT64_C(1) << 30)
#define KEEP_BYTES ((size_t)64 << 20)

struct options {
    struct heat_common common;
    struct heat_zone_options zones;
    const char *csv;
};

/* ---- options ------------------------------------------------------------------------------ */

static bool take_zones(void *options, const char *value)
{
    ((struct options *)options)->zones.path = value;
    return true;
}

static bool take_zone_id(void *options, const char *value)
{
    ((struct options *)options)->zones.id = value;
    return true;
}

static bool take_csv(void *options, const char *value)
{
    ((struct options *)options)->csv = value;
    return true;
}

static bool take_mend(void *options, const char *value)
{
    (void)value;
    return ((struct options *)options)->zones.mend = true;
}

static bool add_quantile(void *context, const char *word)
{
    struct heat_ask *ask = context;
    double at;
    if (ask->quantile_count == HEAT_QUANTILES_MAX || !heat_real_of(word, &at) || at < 0 || at > 1)
        return false;
    ask->quantiles[ask->quantile_count++] = at;
    return true;
}

static bool take_quantiles(void *options, const char *value)
{
    struct heat_ask *ask = &((struct options *)options)->common.ask;
    ask->quantile_count = 0;
    return heat_each_word(value, ask, add_quantile);
}

static bool take_above(void *options, const char *value)
{
    struct heat_ask *ask = &((struct options *)options)->common.ask;
    ask->above_count = 0;
    return heat_each_word(value, ask, heat_above_add);
}

static const struct heat_flag FLAGS[] = {
    HEAT_COMMON_FLAGS,
    {"--zones", true, take_zones},
    {"--zone-id", true, take_zone_id},
    {"--csv", true, take_csv},
    {"--quantiles", true, take_quantiles},
    {"--above", true, take_above},
    {"--mend", false, take_mend},
    {0},
};

static int usage(void)
{
    fprintf(stderr,
            "usage: kuailian heat stats --scene DIR|FILE [--zones GEOJSON] [OPTIONS]\n\n"
            "  --zone-id FIELD     the property that names a zone (else its id, else its place)\n"
            "  --csv OUT           write the table to OUT instead of standard output\n"
            "  --json              JSON instead of CSV on standard output\n"
            "  --quantiles LIST    0.05,0.25,0.5,0.75,0.95, or none\n"
            "  --above LIST        areas above: mean, mean+2, z=2, 300K; or none\n"
            "  --mend              mend polygons that cross themselves instead of refusing them\n"
            "%s",
            HEAT_COMMON_USAGE);
    return CMD_USAGE;
}

/* ---- the table ---------------------------------------------------------------------------- */

struct report {
    const struct options *options;
    const struct heat_scene *scene;
    const struct heat_zones *zones; /* NULL: the whole scene. */
    struct str mask;
    FILE *table; /* The CSV; NULL until the first layer's rows are there. */
    struct buf json;
    struct json_writer w;
};

static void csv_head(const struct heat_ask *ask, struct buf *csv)
{
    CLEANUP(arena_release) struct arena arena = {0};
    buf_add_c(csv, "scene,layer,date,time,light,zone,state,mean_k,sd_k,min_k,max_k,uncertainty_k,"
                   "pixels,present,clear,valid_fraction");
    for (int i = 1; i < HEAT_REASON_COUNT; i++)
        buf_format(csv, ",masked_%s", heat_reason_key((enum heat_reason)i));
    buf_add_c(csv, ",zone_area_m2,area_m2,clear_area_m2,below_resolution,mended");
    for (size_t i = 0; i < ask->quantile_count; i++)
        buf_format(csv, ",q%g_k", ask->quantiles[i]);
    for (size_t i = 0; i < ask->above_count; i++) {
        struct str name = heat_above_name(&arena, &ask->above[i]);
        buf_format(csv, ",%.*s_pixels,%.*s_m2,%.*s_level_k", STR_ARG(name), STR_ARG(name),
                   STR_ARG(name));
    }
    buf_add_c(csv, ",mask,method\n");
}

struct row {
    struct str before, behind; /* What all rows of a layer begin and end with. */
    struct str zone;
    bool mended, below;
    const struct heat_stat *stat;
    const struct heat_levels *levels;
};

static void csv_row(const struct heat_ask *ask, const struct row *row, struct buf *csv)
{
    const struct heat_stat *s = row->stat;
    buf_add_str(csv, row->before);
    heat_csv_text(csv, row->zone);
    buf_add_c(csv, heat_observed(s) ? ",observed" : ",no observation");
    double values[] = {s->mean,    s->sd,          s->min,
                       s->max,     s->uncertainty, s->pixels,
                       s->present, s->clear,       heat_valid_fraction(s)};
    double areas[] = {s->zone_area_m2, s->area_m2, s->clear_area_m2};
    heat_csv_reals(csv, values, COUNT_OF(values));
    heat_csv_reals(csv, &s->by_reason[1], HEAT_REASON_COUNT - 1);
    heat_csv_reals(csv, areas, COUNT_OF(areas));
    buf_add_c(csv, row->below ? ",yes" : ",no");
    buf_add_c(csv, row->mended ? ",yes" : ",no");
    heat_csv_reals(csv, s->quantiles, ask->quantile_count);
    bool seen = heat_observed(s); /* Never "0 m² red" where nothing was seen. */
    for (size_t i = 0; i < ask->above_count; i++) {
        heat_csv_real(csv, seen ? s->above_pixels[i] : NAN);
        heat_csv_real(csv, seen ? s->above_area_m2[i] : NAN);
        heat_csv_real(csv, row->levels->kelvin[i]);
    }
    buf_add_str(csv, row->behind);
}

/* Texts of the scene and the layer, in the columns around a zone's own. */
static void csv_frame(const struct report *report, const struct heat_layer *layer,
                      struct buf *before, struct buf *behind)
{
    heat_csv_text(before, report->scene->product);
    heat_csv_layer(before, layer);
    buf_add_char(behind, ',');
    heat_csv_text(behind, report->mask);
    buf_add_char(behind, ',');
    heat_csv_text(behind, report->scene->method);
    buf_add_char(behind, '\n');
}

static void json_extras(struct json_writer *w, const struct heat_ask *ask, const struct row *row)
{
    CLEANUP(arena_release) struct arena arena = {0};
    const struct heat_stat *s = row->stat;
    json_key(w, "quantiles");
    json_array_begin(w);
    for (size_t i = 0; i < ask->quantile_count; i++) {
        json_object_begin(w);
        heat_json_real(w, "at", ask->quantiles[i]);
        heat_json_real(w, "k", s->quantiles[i]);
        json_object_end(w);
    }
    json_array_end(w);
    json_key(w, "above");
    json_array_begin(w);
    for (size_t i = 0; i < ask->above_count; i++) {
        bool seen = heat_observed(s);
        json_object_begin(w);
        json_member_text(w, "what", heat_above_name(&arena, &ask->above[i]));
        heat_json_real(w, "level_k", row->levels->kelvin[i]);
        heat_json_real(w, "pixels", seen ? s->above_pixels[i] : NAN);
        heat_json_real(w, "m2", seen ? s->above_area_m2[i] : NAN);
        json_object_end(w);
    }
    json_array_end(w);
}

static void json_row(struct report *report, const struct row *row)
{
    struct json_writer *w = &report->w;
    const struct heat_stat *s = row->stat;
    json_object_begin(w);
    json_member_text(w, "zone", row->zone);
    json_member_c(w, "state", heat_observed(s) ? "observed" : "no observation");
    heat_json_real(w, "mean_k", s->mean);
    heat_json_real(w, "sd_k", s->sd);
    heat_json_real(w, "min_k", s->min);
    heat_json_real(w, "max_k", s->max);
    heat_json_real(w, "uncertainty_k", s->uncertainty);
    heat_json_real(w, "pixels", s->pixels);
    heat_json_real(w, "present", s->present);
    heat_json_real(w, "clear", s->clear);
    heat_json_real(w, "valid_fraction", heat_valid_fraction(s));
    json_key(w, "masked");
    json_object_begin(w);
    for (int i = 1; i < HEAT_REASON_COUNT; i++)
        if (s->by_reason[i] > 0)
            heat_json_real(w, heat_reason_key((enum heat_reason)i), s->by_reason[i]);
    json_object_end(w);
    heat_json_real(w, "zone_area_m2", s->zone_area_m2);
    heat_json_real(w, "area_m2", s->area_m2);
    heat_json_real(w, "clear_area_m2", s->clear_area_m2);
    json_member_bool(w, "below_resolution", row->below);
    json_member_bool(w, "mended", row->mended);
    json_extras(w, &report->options->common.ask, row);
    json_object_end(w);
}

/* One layer's rows. */
struct rows {
    struct report *report;
    const struct heat_stat *stats;
    const struct heat_levels *levels;
    struct str before, behind;
};

static struct row row_of(const struct rows *rows, size_t i)
{
    const struct report *report = rows->report;
    const struct heat_zone *zone = report->zones ? &report->zones->items[i] : NULL;
    const struct heat_stat *stat = &rows->stats[i];
    return (struct row){.before = rows->before,
                        .behind = rows->behind,
                        .zone = zone ? zone->id : STR("(scene)"),
                        .mended = zone && zone->mended,
                        .below = heat_below_resolution(report->scene, stat->zone_area_m2),
                        .stat = stat,
                        .levels = rows->levels};
}

/* A table on its way to its file: several threads make a batch of rows each and write it when its
 * turn comes. So a large table never stands in memory, and its rows are in order. */
struct table {
    const struct rows *rows;
    FILE *file;
    size_t count, next, written; /* Rows: all, given to a thread, in the file. Guarded by lock. */
    bool failed;
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

enum { BATCH_ROWS = 512 };

static size_t batch_end(const struct table *table, size_t begin)
{
    return table->count - begin < BATCH_ROWS ? table->count : begin + BATCH_ROWS;
}

static void make_batch(const struct table *table, size_t begin, struct buf *csv)
{
    const struct heat_ask *ask = &table->rows->report->options->common.ask;
    for (size_t i = begin, end = batch_end(table, begin); i < end; i++) {
        struct row row = row_of(table->rows, i);
        csv_row(ask, &row, csv);
    }
}

static void *write_batches(void *argument)
{
    struct table *table = argument;
    CLEANUP(buf_release) struct buf csv;
    buf_init(&csv, OUTPUT_MAX);
    pthread_mutex_lock(&table->lock);
    while (table->next < table->count) {
        size_t begin = table->next;
        table->next = batch_end(table, begin);
        pthread_mutex_unlock(&table->lock);
        buf_clear(&csv);
        make_batch(table, begin, &csv);
        pthread_mutex_lock(&table->lock);
        while (table->written < begin)
            pthread_cond_wait(&table->changed, &table->lock);
        pthread_mutex_unlock(&table->lock);
        bool good = buf_check(&csv) == OK && fwrite(csv.ptr, 1, csv.len, table->file) == csv.len;
        pthread_mutex_lock(&table->lock);
        table->failed = table->failed || !good;
        table->written = batch_end(table, begin);
        pthread_cond_broadcast(&table->changed);
    }
    pthread_mutex_unlock(&table->lock);
    return NULL;
}

static bool write_rows(const struct rows *rows, size_t count)
{
    enum { THREADS_MAX = 8 };
    const struct report *report = rows->report;
    struct table table = {.rows = rows, .file = report->table, .count = count};
    pthread_t beside[THREADS_MAX];
    long most = report->options->common.ask.threads;
    most = most > 0 ? most : sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = count / (4 * (size_t)BATCH_ROWS), started = 0;
    wanted = wanted > THREADS_MAX ? THREADS_MAX : wanted;
    pthread_mutex_init(&table.lock, NULL);
    pthread_cond_init(&table.changed, NULL);
    while (started < wanted && (long)started + 1 < most &&
           pthread_create(&beside[started], NULL, write_batches, &table) == 0)
        started++;
    write_batches(&table);
    for (size_t i = 0; i < started; i++)
        pthread_join(beside[i], NULL);
    pthread_mutex_destroy(&table.lock);
    pthread_cond_destroy(&table.changed);
    return !table.failed;
}

static enum err cannot_write(const struct report *report)
{
    const char *path = report->options->csv;
    return err_set(ERR_IO, "%s: cannot be written", path ? path : "output");
}

static enum err table_open(struct report *report)
{
    const char *path = report->options->csv;
    CLEANUP(buf_release) struct buf head;
    buf_init(&head, OUTPUT_MAX);
    csv_head(&report->options->common.ask, &head);
    report->table = path ? fopen(path, "wbe") : stdout;
    if (!report->table || fwrite(head.ptr, 1, head.len, report->table) != head.len)
        return cannot_write(report);
    return OK;
}

/* Half a table is worse than none: a file that could not be finished is taken away. */
static enum err table_close(struct report *report, enum err code)
{
    const char *path = report->options->csv;
    struct stat status;
    if (!report->table)
        return code;
    bool regular = path && fstat(fileno(report->table), &status) == 0 && S_ISREG(status.st_mode);
    bool written = (path ? fclose(report->table) : fflush(report->table)) == 0;
    report->table = NULL;
    if (code == OK && !written)
        code = cannot_write(report);
    if (code != OK && regular) {
        struct err_info error = *err_last();
        (void)remove(path);
        err_restore(&error);
    }
    return code;
}

static enum err add_csv(const struct rows *rows, size_t count)
{
    struct report *report = rows->report;
    enum err r = report->table ? OK : table_open(report);
    if (r == OK && !write_rows(rows, count))
        r = cannot_write(report);
    return r;
}

static void add_json(const struct rows *rows, size_t layer, size_t count)
{
    struct json_writer *w = &rows->report->w;
    json_object_begin(w);
    heat_layer_json(w, &rows->report->scene->layers[layer]);
    json_key(w, "zones");
    json_array_begin(w);
    for (size_t i = 0; i < count; i++) {
        struct row row = row_of(rows, i);
        json_row(rows->report, &row);
    }
    json_array_end(w);
    json_object_end(w);
}

static enum err add_rows(struct report *report, size_t layer, const struct heat_stat *stats,
                         const struct heat_levels *levels)
{
    size_t count = report->zones ? report->zones->count : 1;
    CLEANUP(buf_release) struct buf before;
    CLEANUP(buf_release) struct buf behind;
    buf_init(&before, OUTPUT_MAX);
    buf_init(&behind, OUTPUT_MAX);
    csv_frame(report, &report->scene->layers[layer], &before, &behind);
    struct rows rows = {report, stats, levels, buf_str(&before), buf_str(&behind)};
    bool json = report->options->common.json;
    if (json)
        add_json(&rows, layer, count);
    return !json || report->options->csv ? add_csv(&rows, count) : OK;
}

/* ---- running ------------------------------------------------------------------------------ */

static enum err do_layers(struct report *report, struct arena *arena, struct heat_cover *cover)
{
    const struct heat_scene *scene = report->scene;
    struct heat_ask ask = report->options->common.ask;
    size_t count = report->zones ? report->zones->count : 1, done = 0;
    struct heat_stat *stats = ARENA_ARRAY(arena, count, struct heat_stat);
    struct heat_levels levels;
    struct heat_bar bar;
    enum err r = OK;
    for (size_t i = 0; r == OK && i < scene->layer_count; i++) {
        if (!heat_layer_is(&scene->layers[i], report->options->common.layer))
            continue;
        const char *name = str_c(arena, scene->layers[i].name);
        heat_bar_start(&bar, name);
        bar.on = bar.on && !report->options->common.quiet;
        ask.progress = heat_bar_show;
        ask.context = &bar;
        r = cover ? heat_stats(scene, i, cover, &ask, stats, &levels)
                  : heat_whole(scene, i, &ask, stats, &levels);
        heat_bar_end(&bar);
        if (r == OK)
            r = add_rows(report, i, stats, &levels);
        done++;
    }
    if (r == OK && done == 0)
        r = err_set(ERR_NOT_FOUND, "the scene has no layer '%s'", report->options->common.layer);
    return r;
}

static enum err write_json(struct report *report)
{
    json_array_end(&report->w);
    json_object_end(&report->w);
    buf_add_char(&report->json, '\n');
    enum err r = buf_check(&report->json);
    return r == OK ? heat_write(NULL, buf_str(&report->json)) : r;
}

/* Zones are read beside the opening of the scene: where both are large, each takes its time. */
struct zone_reading {
    const struct heat_zone_options *options;
    struct arena arena;
    struct heat_zones zones;
    enum err code;
    struct err_info error;
};

static void *read_zones(void *argument)
{
    struct zone_reading *reading = argument;
    if (!reading->options->path)
        return NULL;
    reading->code = heat_zones_open(&reading->arena, reading->options, &reading->zones);
    if (reading->code != OK)
        reading->error = *err_last();
    return NULL;
}

/* Both; the scene's error comes first. */
static enum err open_both(struct arena *arena, const struct options *options,
                          struct zone_reading *reading, struct heat_scene **scene)
{
    pthread_t thread;
    reading->options = &options->zones;
    bool beside = pthread_create(&thread, NULL, read_zones, reading) == 0;
    enum err r = heat_open(arena, options->common.scene, &options->common.open, scene);
    if (beside)
        pthread_join(thread, NULL);
    else
        read_zones(reading);
    if (r == OK && reading->code != OK)
        err_restore(&reading->error);
    return r == OK ? reading->code : r;
}

static void zone_reading_release(struct zone_reading *reading)
{
    arena_release(&reading->arena);
}

static enum err do_scene(struct arena *arena, const struct options *options)
{
    CLEANUP(zone_reading_release) struct zone_reading reading = {0};
    struct heat_scene *scene;
    struct heat_cover *cover = NULL;
    enum err r = open_both(arena, options, &reading, &scene);
    struct heat_zones zones = reading.zones;
    if (r == OK && options->zones.path)
        r = heat_cover_new(&scene->grid, &zones, scene->layer_count > 1 ? KEEP_BYTES : 0, &cover);
    if (r != OK)
        return r;
    struct report report = {.options = options,
                            .scene = scene,
                            .zones = options->zones.path ? &zones : NULL,
                            .mask = heat_mask_text(arena, scene, &options->common.ask.mask)};
    buf_init(&report.json, OUTPUT_MAX);
    report.w = json_writer(&report.json);
    json_object_begin(&report.w);
    heat_scene_json(&report.w, scene);
    json_member_text(&report.w, "mask", report.mask);
    json_key(&report.w, "layers");
    json_array_begin(&report.w);
    r = do_layers(&report, arena, cover);
    if (r == OK && options->common.json)
        r = write_json(&report);
    r = table_close(&report, r);
    buf_release(&report.json);
    heat_cover_free(cover);
    return r;
}

/* ---- fires -------------------------------------------------------------------------------- */

static enum err do_fires(struct arena *arena, const struct options *options)
{
    struct str text;
    struct heat_fires fires;
    struct heat_zones zones = {0};
    enum err r = input_read(arena, options->common.scene, LIMIT_HEAT_FIRES_SIZE, &text);
    if (r == OK)
        r = heat_fires_read(arena, text, &fires);
    if (r == OK && options->zones.path)
        r = heat_zones_open(arena, &options->zones, &zones);
    int64_t *counts = ARENA_ARRAY(arena, zones.count + 1, int64_t);
    if (r == OK && options->zones.path)
        r = heat_fires_count(&fires, &zones, counts);
    if (r != OK)
        return r;
    CLEANUP(buf_release) struct buf csv;
    buf_init(&csv, OUTPUT_MAX);
    buf_add_c(&csv, "layer,zone,fires\n");
    if (!options->zones.path)
        buf_format(&csv, "active fires,(file),%zu\n", fires.count);
    for (size_t i = 0; i < zones.count; i++) {
        buf_add_c(&csv, "active fires,");
        heat_csv_text(&csv, zones.items[i].id);
        buf_format(&csv, ",%" PRId64 "\n", counts[i]);
    }
    r = buf_check(&csv);
    return r == OK ? heat_write(options->csv, buf_str(&csv)) : r;
}

int heat_stats_command(int argc, char **argv)
{
    struct options options = {0};
    heat_common_init(&options.common);
    bool good =
        take_quantiles(&options, "0.05,0.25,0.5,0.75,0.95") && take_above(&options, "mean,z=2,z=3");
    assert(good);
    if (!heat_flags_read(FLAGS, argc, argv, &options) || !options.common.scene)
        return usage();
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena);
    struct str name = str_of(options.common.scene);
    bool fires = name.len > 4 && str_equal_nocase(str_sub(name, name.len - 4, 4), STR(".csv"));
    enum err r = fires ? do_fires(&arena, &options) : do_scene(&arena, &options);
    return r == OK ? CMD_OK : cmd_fail("heat stats");
}
