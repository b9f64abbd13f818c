#include "base/clock.h"
#include "cmd/cmd.h"
#include "cmd/heat.h"
#include "heat/change.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SCENES_MAX = 4096 };

static const uint64_t OUTPUT_MAX = UINT64_C(1) << 30;

struct options {
    struct heat_common common;
    struct heat_zone_options zones;
    const char *csv;
    const char *scenes[SCENES_MAX]; /* Files or folders of one scene. */
    size_t scene_count;
    const char *folder; /* Every scene in it. */
    struct heat_change_ask ask;
    bool has_light, has_period;
};

/* ---- options ------------------------------------------------------------------------------ */

#define OPTIONS(options) ((struct options *)(options))

static bool add_scene(void *options, const char *value)
{
    struct options *o = options;
    if (o->scene_count == SCENES_MAX)
        return false;
    o->scenes[o->scene_count++] = value;
    return true;
}

static bool take_folder(void *options, const char *value)
{
    OPTIONS(options)->folder = value;
    return true;
}

static bool take_zones(void *options, const char *value)
{
    OPTIONS(options)->zones.path = value;
    return true;
}

static bool take_zone_id(void *options, const char *value)
{
    OPTIONS(options)->zones.id = value;
    return true;
}

static bool take_mend(void *options, const char *value)
{
    (void)value;
    return OPTIONS(options)->zones.mend = true;
}

static bool take_csv(void *options, const char *value)
{
    OPTIONS(options)->csv = value;
    return true;
}

/* "2020-02-01..2020-02-29" */
static bool read_period(const char *value, struct heat_period *out)
{
    struct str text = str_of(value);
    size_t dots = str_find(text, STR(".."), 0);
    return dots < text.len && date_parse(str_sub(text, 0, dots), &out->from) == OK &&
           date_parse(str_sub(text, dots + 2, SIZE_MAX), &out->to) == OK;
}

static bool take_period(void *options, const char *value)
{
    OPTIONS(options)->has_period = true;
    return read_period(value, &OPTIONS(options)->ask.period);
}

static bool take_baseline(void *options, const char *value)
{
    return read_period(value, &OPTIONS(options)->ask.baseline);
}

static bool take_light(void *options, const char *value)
{
    OPTIONS(options)->has_light = true;
    for (int light = HEAT_DAY; light <= HEAT_NIGHT; light++)
        if (strcmp(value, heat_light_key((enum heat_light)light)) == 0) {
            OPTIONS(options)->ask.light = (enum heat_light)light;
            return true;
        }
    return false;
}

/* "500,20000" metres */
static bool take_ring(void *options, const char *value)
{
    struct heat_change_ask *ask = &OPTIONS(options)->ask;
    char *end;
    ask->near_m = strtod(value, &end);
    return end != value && *end == ',' && heat_real_of(end + 1, &ask->far_m) && ask->near_m >= 0 &&
           ask->far_m > ask->near_m;
}

static bool take_match(void *options, const char *value)
{
    double *match = &OPTIONS(options)->ask.match_k;
    return heat_real_of(value, match) && *match > 0;
}

static bool take_clear(void *options, const char *value)
{
    double *least = &OPTIONS(options)->ask.least_clear;
    return heat_real_of(value, least) && *least > 0 && *least <= 1;
}

static bool take_views(void *options, const char *value)
{
    int64_t views;
    bool good = str_to_int(str_of(value), &views) == OK && views >= 2 && views <= 1000;
    OPTIONS(options)->ask.least_views = good ? (int)views : 0;
    return good;
}

static bool take_confidence(void *options, const char *value)
{
    double *confidence = &OPTIONS(options)->ask.confidence;
    return heat_real_of(value, confidence) && *confidence > 0 && *confidence < 1;
}

/* The first of a name counts. */
#define SHARED_FLAGS                                                                               \
    {"--scene", true, add_scene}, {"--folder", true, take_folder}, {"--zones", true, take_zones},  \
        {"--zone-id", true, take_zone_id}, {"--mend", false, take_mend},                           \
        {"--csv", true, take_csv}, HEAT_COMMON_FLAGS

static const struct heat_flag SERIES_FLAGS[] = {SHARED_FLAGS, {0}};

static const struct heat_flag INDEX_FLAGS[] = {SHARED_FLAGS,
                                               {"--period", true, take_period},
                                               {"--baseline", true, take_baseline},
                                               {"--light", true, take_light},
                                               {"--ring", true, take_ring},
                                               {"--match", true, take_match},
                                               {"--least-clear", true, take_clear},
                                               {"--least-views", true, take_views},
                                               {"--confidence", true, take_confidence},
                                               {0}};

static const char SHARED_USAGE[] =
    "  --scene DIR|FILE    may be given many times\n"
    "  --folder DIR        every scene in it; what is none is named and passed over\n"
    "  --zone-id FIELD     the property that names a zone (else its id, else its place)\n"
    "  --mend              mend polygons that cross themselves instead of refusing them\n"
    "  --csv OUT           write the table to OUT instead of standard output\n"
    "  --json              JSON instead of CSV on standard output\n";

static int series_usage(void)
{
    fprintf(stderr,
            "usage: kuailian heat series --scene DIR|FILE … | --folder DIR --zones GEOJSON "
            "[OPTIONS]\n\n%s%s",
            SHARED_USAGE, HEAT_COMMON_USAGE);
    return CMD_USAGE;
}

static int index_usage(void)
{
    fprintf(
        stderr,
        "usage: kuailian heat index --scene DIR|FILE … | --folder DIR --zones GEOJSON\n"
        "                           --period FROM..TO [OPTIONS]\n\n"
        "  --period FROM..TO   the days in question: 2020-02-10..2020-03-10\n"
        "  --baseline FROM..TO what they are compared with; else the same days of earlier years\n"
        "  --light NAME        day or night only; else each on its own\n"
        "  --ring NEAR,FAR     metres from the zones to the reference pixels: 500,20000\n"
        "  --match K           how alike these must have been before, in kelvin: 1\n"
        "  --least-clear F     the share of a zone that a view must show: 0.5\n"
        "  --least-views N     views that each period must have: 3\n"
        "  --confidence P      of the interval: 0.95\n%s%s",
        SHARED_USAGE, HEAT_COMMON_USAGE);
    return CMD_USAGE;
}

/* ---- scenes ------------------------------------------------------------------------------- */

struct views {
    struct heat_view *items;
    size_t count, capacity;
};

static enum err add_views(struct arena *arena, const struct options *options, const char *path,
                          struct views *views)
{
    struct heat_scene *scene;
    enum err r = heat_open(arena, path, &options->common.open, &scene);
    for (size_t i = 0; r == OK && i < scene->layer_count; i++)
        if (heat_layer_is(&scene->layers[i], options->common.layer))
            *ARENA_PUSH(arena, views->items, views->count, views->capacity) =
                (struct heat_view){scene, i};
    return r;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum err add_folder(struct arena *arena, const struct options *options, struct views *views)
{
    DIR *dir = opendir(options->folder);
    if (!dir)
        return err_refuse(ERR_NOT_FOUND, "heat.file", "%s cannot be opened", options->folder);
    const char **names = NULL;
    size_t count = 0, capacity = 0;
    for (struct dirent *entry; (entry = readdir(dir)) && count < SCENES_MAX;)
        if (entry->d_name[0] != '.')
            *ARENA_PUSH(arena, names, count, capacity) =
                str_format(arena, "%s/%s", options->folder, entry->d_name).ptr;
    closedir(dir);
    qsort(names, count, sizeof(*names), by_name);
    for (size_t i = 0; i < count; i++)
        if (add_views(arena, options, names[i], views) != OK)
            fprintf(stderr, "kuailian: heat: passed over: %s\n", err_last()->detail);
    return OK;
}

static int by_date(const void *a, const void *b)
{
    const struct heat_view *x = a, *y = b;
    const struct heat_layer *one = &x->scene->layers[x->layer], *two = &y->scene->layers[y->layer];
    if (one->date != two->date)
        return one->date < two->date ? -1 : 1;
    return (one->time_us > two->time_us) - (one->time_us < two->time_us);
}

static enum err find_views(struct arena *arena, const struct options *options, struct views *views)
{
    enum err r = options->folder ? add_folder(arena, options, views) : OK;
    for (size_t i = 0; r == OK && i < options->scene_count; i++)
        r = add_views(arena, options, options->scenes[i], views);
    if (r == OK && views->count == 0)
        r = err_refuse(ERR_NOT_FOUND, "heat.no-scene", "there is no scene");
    if (r == OK)
        qsort(views->items, views->count, sizeof(*views->items), by_date);
    return r;
}

/* ---- the table ---------------------------------------------------------------------------- */

/* One output, as CSV or as JSON. */
struct table {
    const struct options *options;
    struct buf text;
    struct json_writer w;
};

static void table_begin(struct table *table, const struct options *options, const char *columns)
{
    *table = (struct table){.options = options};
    buf_init(&table->text, OUTPUT_MAX);
    table->w = json_writer(&table->text);
    if (options->common.json)
        json_array_begin(&table->w);
    else
        buf_format(&table->text, "%s\n", columns);
}

static enum err table_end(struct table *table)
{
    if (table->options->common.json) {
        json_array_end(&table->w);
        buf_add_char(&table->text, '\n');
    }
    enum err r = buf_check(&table->text);
    if (r == OK)
        r = heat_write(table->options->csv, buf_str(&table->text));
    buf_release(&table->text);
    return r;
}

/* ---- series ------------------------------------------------------------------------------- */

static void series_csv(struct buf *csv, const struct heat_view *view, struct str zone,
                       const struct heat_stat *s)
{
    heat_csv_text(csv, view->scene->product);
    heat_csv_layer(csv, &view->scene->layers[view->layer]);
    heat_csv_text(csv, zone);
    buf_add_c(csv, heat_observed(s) ? ",observed" : ",no observation");
    double values[] = {
        s->mean, s->sd, s->min, s->max, s->uncertainty, s->clear, heat_valid_fraction(s)};
    for (size_t i = 0; i < COUNT_OF(values); i++)
        heat_csv_real(csv, values[i]);
    buf_add_char(csv, '\n');
}

static void series_json(struct json_writer *w, const struct heat_view *view, struct str zone,
                        const struct heat_stat *s)
{
    json_object_begin(w);
    json_member_text(w, "scene", view->scene->product);
    heat_layer_json(w, &view->scene->layers[view->layer]);
    json_member_text(w, "zone", zone);
    json_member_bool(w, "observed", heat_observed(s));
    heat_json_real(w, "mean_k", s->mean);
    heat_json_real(w, "sd_k", s->sd);
    heat_json_real(w, "min_k", s->min);
    heat_json_real(w, "max_k", s->max);
    heat_json_real(w, "uncertainty_k", s->uncertainty);
    heat_json_real(w, "clear", s->clear);
    heat_json_real(w, "valid_fraction", heat_valid_fraction(s));
    json_object_end(w);
}

static enum err run_series(struct arena *arena, const struct options *options)
{
    struct views views = {0};
    struct heat_zones zones;
    enum err r = heat_zones_open(arena, &options->zones, &zones);
    if (r == OK)
        r = find_views(arena, options, &views);
    if (r != OK)
        return r;
    struct heat_stat *stats = ARENA_ARRAY(arena, views.count * zones.count, struct heat_stat);
    struct heat_bar bar;
    heat_bar_start(&bar, "series");
    bar.on = bar.on && !options->common.quiet;
    for (size_t v = 0; r == OK && v < views.count; v++) {
        r = heat_series(&views.items[v], 1, &zones, &options->common.ask, &stats[v * zones.count]);
        heat_bar_show(&bar, (int64_t)v + 1, (int64_t)views.count);
    }
    heat_bar_end(&bar);
    if (r != OK)
        return r;
    struct table table;
    table_begin(&table, options,
                "scene,layer,date,time,light,zone,state,mean_k,sd_k,min_k,max_k,uncertainty_k,"
                "clear,valid_fraction");
    for (size_t z = 0; z < zones.count; z++)
        for (size_t v = 0; v < views.count; v++) {
            const struct heat_stat *stat = &stats[v * zones.count + z];
            if (options->common.json)
                series_json(&table.w, &views.items[v], zones.items[z].id, stat);
            else
                series_csv(&table.text, &views.items[v], zones.items[z].id, stat);
        }
    return table_end(&table);
}

/* ---- index -------------------------------------------------------------------------------- */

/* All that may be said. */
static struct str sentence(struct arena *arena, const struct heat_change *c)
{
    switch (c->verdict) {
    case HEAT_WARMER:
    case HEAT_COOLER:
        return str_format(arena, "%s by %.1f ± %.1f K, %zu clear views",
                          heat_verdict_key(c->verdict), fabs(c->kelvin), c->interval, c->views);
    case HEAT_NO_CHANGE_SHOWN:
        return STR("no change shown");
    case HEAT_NO_OBSERVATION:
        break;
    }
    return STR("no observation");
}

struct answer {
    struct str zone;
    enum heat_light light;
    const struct heat_change_frame *frame;
    const struct heat_change *change;
};

static void index_csv(struct buf *csv, struct arena *arena, const struct answer *a)
{
    const struct heat_change *c = a->change;
    heat_csv_text(csv, a->zone);
    buf_format(csv, ",%s,%s,%s,", heat_light_key(a->light), heat_verdict_key(c->verdict),
               heat_lack_key(c->lack));
    heat_csv_text(csv, sentence(arena, c));
    heat_csv_real(csv, c->kelvin);
    heat_csv_real(csv, c->interval);
    buf_format(csv, ",%zu,%zu,%zu,%zu,%s", c->views, a->frame->period_views, c->baseline_views,
               a->frame->baseline_views, a->frame->same_season ? "yes" : "no");
    heat_csv_real(csv, c->scatter);
    heat_csv_real(csv, c->placebos ? c->drift : NAN);
    heat_csv_real(csv, c->product);
    buf_format(csv, ",%zu,%" PRId64 ",%s\n", c->placebos, a->frame->reference_pixels,
               c->below_resolution ? "yes" : "no");
}

static void index_json(struct json_writer *w, struct arena *arena, const struct views *views,
                       const struct answer *a)
{
    const struct heat_change *c = a->change;
    json_object_begin(w);
    json_member_text(w, "zone", a->zone);
    json_member_text(w, "light", str_of(heat_light_key(a->light)));
    json_member_text(w, "verdict", str_of(heat_verdict_key(c->verdict)));
    json_member_text(w, "lack", str_of(heat_lack_key(c->lack)));
    json_member_text(w, "sentence", sentence(arena, c));
    heat_json_real(w, "kelvin", c->kelvin);
    heat_json_real(w, "interval_k", c->interval);
    json_member_int(w, "views", (int64_t)c->views);
    json_member_int(w, "views_offered", (int64_t)a->frame->period_views);
    json_member_int(w, "baseline_views", (int64_t)c->baseline_views);
    json_member_int(w, "baseline_views_offered", (int64_t)a->frame->baseline_views);
    json_member_bool(w, "same_season", a->frame->same_season);
    heat_json_real(w, "scatter_k", c->scatter);
    heat_json_real(w, "drift_k", c->placebos ? c->drift : NAN);
    heat_json_real(w, "product_k", c->product);
    json_member_int(w, "placebos", (int64_t)c->placebos);
    json_member_int(w, "reference_pixels", a->frame->reference_pixels);
    json_member_bool(w, "below_resolution", c->below_resolution);
    json_key(w, "points");
    json_array_begin(w);
    for (size_t i = 0; i < c->point_count; i++) {
        const struct heat_point *point = &c->points[i];
        const struct heat_view *view = &views->items[point->view];
        json_object_begin(w);
        heat_layer_json(w, &view->scene->layers[view->layer]);
        json_member_bool(w, "in_period", point->in_period);
        heat_json_real(w, "clear", point->clear);
        heat_json_real(w, "anomaly_k", point->anomaly);
        json_object_end(w);
    }
    json_array_end(w);
    json_object_end(w);
}

static bool has_light(const struct views *views, enum heat_light light)
{
    for (size_t i = 0; i < views->count; i++)
        if (views->items[i].scene->layers[views->items[i].layer].light == light)
            return true;
    return false;
}

static enum err add_answers(struct table *table, struct arena *arena, const struct views *views,
                            const struct heat_zones *zones, enum heat_light light)
{
    const struct options *options = table->options;
    struct heat_change_ask ask = options->ask;
    struct heat_change *changes = ARENA_ARRAY(arena, zones->count, struct heat_change);
    struct heat_change_frame frame;
    struct heat_bar bar;
    heat_bar_start(&bar, "index");
    bar.on = bar.on && !options->common.quiet;
    ask.mask = options->common.ask.mask;
    ask.light = light;
    ask.progress = heat_bar_show;
    ask.context = &bar;
    enum err r = heat_change(arena, views->items, views->count, zones, &ask, &frame, changes);
    heat_bar_end(&bar);
    for (size_t z = 0; r == OK && z < zones->count; z++) {
        struct answer a = {zones->items[z].id, light, &frame, &changes[z]};
        if (options->common.json)
            index_json(&table->w, arena, views, &a);
        else
            index_csv(&table->text, arena, &a);
    }
    return r;
}

static enum err run_index(struct arena *arena, const struct options *options)
{
    struct views views = {0};
    struct heat_zones zones;
    enum err r = heat_zones_open(arena, &options->zones, &zones);
    if (r == OK)
        r = find_views(arena, options, &views);
    if (r != OK)
        return r;
    struct table table;
    table_begin(&table, options,
                "zone,light,verdict,lack,sentence,kelvin,interval_k,views,views_offered,"
                "baseline_views,baseline_views_offered,same_season,scatter_k,drift_k,product_k,"
                "placebos,reference_pixels,below_resolution");
    if (options->has_light)
        r = add_answers(&table, arena, &views, &zones, options->ask.light);
    for (int light = HEAT_LIGHT_UNKNOWN; !options->has_light && r == OK && light <= HEAT_NIGHT;
         light++)
        if (has_light(&views, (enum heat_light)light))
            r = add_answers(&table, arena, &views, &zones, (enum heat_light)light);
    if (r == OK)
        return table_end(&table);
    buf_release(&table.text);
    return r;
}

/* ---- commands ----------------------------------------------------------------------------- */

static bool read_options(struct options *options, const struct heat_flag *flags, int argc,
                         char **argv)
{
    heat_common_init(&options->common);
    heat_change_ask_init(&options->ask);
    return heat_flags_read(flags, argc, argv, options) && options->zones.path &&
           (options->scene_count > 0 || options->folder);
}

static int finish(enum err r, const char *name)
{
    return r == OK ? CMD_OK : cmd_fail(name);
}

int heat_series_command(int argc, char **argv)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct options *options = ARENA_NEW(&arena, struct options);
    if (!read_options(options, SERIES_FLAGS, argc, argv))
        return series_usage();
    return finish(run_series(&arena, options), "heat series");
}

int heat_index_command(int argc, char **argv)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct options *options = ARENA_NEW(&arena, struct options);
    if (!read_options(options, INDEX_FLAGS, argc, argv) || !options->has_period)
        return index_usage();
    return finish(run_index(&arena, options), "heat index");
}
