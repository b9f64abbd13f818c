#include "base/clock.h"
#include "cmd/cmd.h"
#include "cmd/heat.h"
#include "cmd/input.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define OUTPUT_MAX (UINT64_C(1) << 30)
#define KEEP_BYTES ((size_t)64 << 20)

struct options {
    const char *scene, *zones, *zone_id, *csv, *layer;
    struct heat_options open;
    struct heat_ask ask;
    bool json, mend, quiet;
};

/* ---- options ------------------------------------------------------------------------------ */

#define TEXT_FLAG(name, member)                                                                    \
    static bool name(void *options, const char *value)                                             \
    {                                                                                              \
        ((struct options *)options)->member = value;                                               \
        return true;                                                                               \
    }
#define REAL_FLAG(name, member)                                                                    \
    static bool name(void *options, const char *value)                                             \
    {                                                                                              \
        return heat_real_of(value, &((struct options *)options)->member);                          \
    }
#define BOOL_FLAG(name, member)                                                                    \
    static bool name(void *options, const char *value)                                             \
    {                                                                                              \
        (void)value;                                                                               \
        return ((struct options *)options)->member = true;                                         \
    }

TEXT_FLAG(take_scene, scene)
TEXT_FLAG(take_zones, zones)
TEXT_FLAG(take_zone_id, zone_id)
TEXT_FLAG(take_csv, csv)
TEXT_FLAG(take_layer, layer)
TEXT_FLAG(take_mask_file, open.mask_path)
REAL_FLAG(take_transmittance, open.air.transmittance)
REAL_FLAG(take_upwelling, open.air.upwelling)
REAL_FLAG(take_downwelling, open.air.downwelling)
REAL_FLAG(take_water_vapour, open.air.water_vapour)
REAL_FLAG(take_emissivity, open.air.emissivity)
BOOL_FLAG(take_json, json)
BOOL_FLAG(take_mend, mend)
BOOL_FLAG(take_quiet, quiet)

static bool take_mask(void *options, const char *value)
{
    if (heat_mask_parse(str_of(value), &((struct options *)options)->ask.mask) == OK)
        return true;
    fprintf(stderr, "kuailian: %s\n", err_last()->detail);
    return false;
}

static bool take_method(void *options, const char *value)
{
    return heat_method_of(value, &((struct options *)options)->open.method);
}

static bool take_unit(void *options, const char *value)
{
    return heat_unit_of(value, &((struct options *)options)->open.unit);
}

static bool take_threads(void *options, const char *value)
{
    int64_t threads;
    if (str_to_int(str_of(value), &threads) != OK || threads < 0 || threads > 64)
        return false;
    ((struct options *)options)->ask.threads = (int)threads;
    return true;
}

/* Calls `take` for each word between commas; "none" is no word at all. */
static bool each_word(const char *value, void *context, bool (*take)(void *, const char *))
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct str text = str_of(value);
    if (str_is(text, "none"))
        return true;
    for (size_t at = 0; at <= text.len;) {
        size_t end = str_find(text, STR(","), at);
        if (!take(context, str_c(&arena, str_trim(str_sub(text, at, end - at)))))
            return false;
        at = end + 1;
    }
    return true;
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

/* "mean", "mean+2", "z=2", "300" or "300K". */
static bool add_above(void *context, const char *word)
{
    struct heat_ask *ask = context;
    struct heat_threshold above = {.kind = HEAT_ABOVE_KELVIN};
    char digits[32] = {0};
    if (strlen(word) >= sizeof(digits) || ask->above_count == HEAT_ABOVE_MAX)
        return false;
    memcpy(digits, word, strlen(word));
    size_t length = strlen(digits);
    bool good = true;
    if (strcmp(word, "mean") == 0) {
        above.kind = HEAT_ABOVE_MEAN;
    } else if (strncmp(word, "mean", 4) == 0) {
        above.kind = HEAT_ABOVE_MEAN;
        good = (word[4] == '+' || word[4] == '-') && heat_real_of(word + 4, &above.value);
    } else if (strncmp(word, "z=", 2) == 0) {
        above.kind = HEAT_ABOVE_Z;
        good = heat_real_of(word + 2, &above.value);
    } else {
        if (length > 0 && digits[length - 1] == 'K')
            digits[length - 1] = 0;
        good = heat_real_of(digits, &above.value);
    }
    if (good)
        ask->above[ask->above_count++] = above;
    return good;
}

static bool take_quantiles(void *options, const char *value)
{
    struct heat_ask *ask = &((struct options *)options)->ask;
    ask->quantile_count = 0;
    return each_word(value, ask, add_quantile);
}

static bool take_above(void *options, const char *value)
{
    struct heat_ask *ask = &((struct options *)options)->ask;
    ask->above_count = 0;
    return each_word(value, ask, add_above);
}

static const struct heat_flag FLAGS[] = {
    {"--scene", true, take_scene},
    {"--zones", true, take_zones},
    {"--zone-id", true, take_zone_id},
    {"--mask", true, take_mask},
    {"--csv", true, take_csv},
    {"--json", false, take_json},
    {"--layer", true, take_layer},
    {"--quantiles", true, take_quantiles},
    {"--above", true, take_above},
    {"--method", true, take_method},
    {"--transmittance", true, take_transmittance},
    {"--upwelling", true, take_upwelling},
    {"--downwelling", true, take_downwelling},
    {"--water-vapour", true, take_water_vapour},
    {"--emissivity", true, take_emissivity},
    {"--unit", true, take_unit},
    {"--mask-file", true, take_mask_file},
    {"--mend", false, take_mend},
    {"--threads", true, take_threads},
    {"--quiet", false, take_quiet},
    {0},
};

static int usage(void)
{
    fprintf(
        stderr,
        "usage: kuailian heat stats --scene DIR|FILE [--zones GEOJSON] [OPTIONS]\n\n"
        "  --zone-id FIELD     the property that names a zone (else its id, else its place)\n"
        "  --mask SPEC         0x1F (quality bits that must be 0), or words with commas: default,\n"
        "                      none, cloud, dilated, cirrus, shadow, snow, water, quality=1,\n"
        "                      uncertainty=2 (kelvin)\n"
        "  --csv OUT           write the table to OUT instead of standard output\n"
        "  --json              JSON instead of CSV on standard output\n"
        "  --layer NAME        only this layer or date (2008-01-17), not all\n"
        "  --quantiles LIST    0.05,0.25,0.5,0.75,0.95, or none\n"
        "  --above LIST        areas above: mean, mean+2, z=2, 300K; or none\n"
        "  --method NAME       brightness, radiative or split-window (Level 1), with\n"
        "                      --transmittance, --upwelling, --downwelling, --water-vapour,\n"
        "                      --emissivity; radiative works on Level 2 too\n"
        "  --unit NAME         kelvin or celsius, for plain GeoTIFF files\n"
        "  --mask-file FILE    for plain GeoTIFF files: pixels that must be 0\n"
        "  --mend              mend polygons that cross themselves instead of refusing them\n"
        "  --threads N         the numbers are the same for any\n"
        "  --quiet             no progress bar\n");
    return CMD_USAGE;
}

/* ---- the table ---------------------------------------------------------------------------- */

struct report {
    const struct options *options;
    const struct heat_scene *scene;
    const struct heat_zones *zones; /* NULL: the whole scene. */
    struct str mask;
    struct buf csv, json;
    struct json_writer w;
};

static void csv_text(struct buf *csv, struct str text)
{
    bool plain = true;
    for (size_t i = 0; i < text.len; i++)
        plain = plain && !strchr(",\"\r\n", text.ptr[i]);
    if (plain) {
        buf_add_str(csv, text);
        return;
    }
    buf_add_char(csv, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            buf_add_char(csv, '"');
        buf_add_char(csv, text.ptr[i]);
    }
    buf_add_char(csv, '"');
}

/* A number, or nothing where nothing was seen. */
static void csv_real(struct buf *csv, double value)
{
    buf_add_char(csv, ',');
    if (!isnan(value))
        buf_format(csv, "%.12g", value);
}

static struct str above_name(struct arena *arena, const struct heat_threshold *above)
{
    if (above->kind == HEAT_ABOVE_KELVIN)
        return str_format(arena, "above_%gk", above->value);
    if (above->kind == HEAT_ABOVE_Z)
        return str_format(arena, "above_z%g", above->value);
    return above->value == 0 ? STR("above_mean") : str_format(arena, "above_mean%+g", above->value);
}

static void csv_head(struct report *report)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct buf *csv = &report->csv;
    const struct heat_ask *ask = &report->options->ask;
    buf_add_c(csv, "scene,layer,date,time,light,zone,state,mean_k,sd_k,min_k,max_k,uncertainty_k,"
                   "pixels,present,clear,valid_fraction");
    for (int i = 1; i < HEAT_REASON_COUNT; i++)
        buf_format(csv, ",masked_%s", heat_reason_key((enum heat_reason)i));
    buf_add_c(csv, ",zone_area_m2,area_m2,clear_area_m2,below_resolution,mended");
    for (size_t i = 0; i < ask->quantile_count; i++)
        buf_format(csv, ",q%g_k", ask->quantiles[i]);
    for (size_t i = 0; i < ask->above_count; i++) {
        struct str name = above_name(&arena, &ask->above[i]);
        buf_format(csv, ",%.*s_pixels,%.*s_m2,%.*s_level_k", STR_ARG(name), STR_ARG(name),
                   STR_ARG(name));
    }
    buf_add_c(csv, ",mask,method\n");
}

static void csv_layer(struct buf *csv, const struct heat_layer *layer)
{
    buf_add_char(csv, ',');
    csv_text(csv, layer->name);
    buf_add_char(csv, ',');
    if (layer->date != HEAT_NO_DATE)
        date_format(csv, layer->date);
    buf_add_char(csv, ',');
    if (layer->time_us)
        time_format(csv, layer->time_us, 0);
    buf_format(csv, ",%s,", heat_light_key(layer->light));
}

struct row {
    const struct heat_layer *layer;
    struct str zone;
    bool mended, below;
    const struct heat_stat *stat;
    const struct heat_levels *levels;
};

static void csv_row(struct report *report, const struct row *row)
{
    struct buf *csv = &report->csv;
    const struct heat_ask *ask = &report->options->ask;
    const struct heat_stat *s = row->stat;
    csv_text(csv, report->scene->product);
    csv_layer(csv, row->layer);
    csv_text(csv, row->zone);
    buf_add_c(csv, heat_observed(s) ? ",observed" : ",no observation");
    double values[] = {s->mean,    s->sd,          s->min,
                       s->max,     s->uncertainty, s->pixels,
                       s->present, s->clear,       heat_valid_fraction(s)};
    for (size_t i = 0; i < COUNT_OF(values); i++)
        csv_real(csv, values[i]);
    for (int i = 1; i < HEAT_REASON_COUNT; i++)
        csv_real(csv, s->by_reason[i]);
    csv_real(csv, s->zone_area_m2);
    csv_real(csv, s->area_m2);
    csv_real(csv, s->clear_area_m2);
    buf_format(csv, ",%s,%s", row->below ? "yes" : "no", row->mended ? "yes" : "no");
    for (size_t i = 0; i < ask->quantile_count; i++)
        csv_real(csv, s->quantiles[i]);
    bool seen = heat_observed(s); /* Never "0 m² red" where nothing was seen. */
    for (size_t i = 0; i < ask->above_count; i++) {
        csv_real(csv, seen ? s->above_pixels[i] : NAN);
        csv_real(csv, seen ? s->above_area_m2[i] : NAN);
        csv_real(csv, row->levels->kelvin[i]);
    }
    buf_add_char(csv, ',');
    csv_text(csv, report->mask);
    buf_add_char(csv, ',');
    csv_text(csv, report->scene->method);
    buf_add_char(csv, '\n');
}

static void real_member(struct json_writer *w, const char *name, double value)
{
    json_key(w, name);
    if (isnan(value))
        json_null(w);
    else
        json_real(w, value);
}

static void json_extras(struct json_writer *w, const struct heat_ask *ask, const struct row *row)
{
    CLEANUP(arena_release) struct arena arena = {0};
    const struct heat_stat *s = row->stat;
    json_key(w, "quantiles");
    json_array_begin(w);
    for (size_t i = 0; i < ask->quantile_count; i++) {
        json_object_begin(w);
        real_member(w, "at", ask->quantiles[i]);
        real_member(w, "k", s->quantiles[i]);
        json_object_end(w);
    }
    json_array_end(w);
    json_key(w, "above");
    json_array_begin(w);
    for (size_t i = 0; i < ask->above_count; i++) {
        bool seen = heat_observed(s);
        json_object_begin(w);
        json_member_text(w, "what", above_name(&arena, &ask->above[i]));
        real_member(w, "level_k", row->levels->kelvin[i]);
        real_member(w, "pixels", seen ? s->above_pixels[i] : NAN);
        real_member(w, "m2", seen ? s->above_area_m2[i] : NAN);
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
    real_member(w, "mean_k", s->mean);
    real_member(w, "sd_k", s->sd);
    real_member(w, "min_k", s->min);
    real_member(w, "max_k", s->max);
    real_member(w, "uncertainty_k", s->uncertainty);
    real_member(w, "pixels", s->pixels);
    real_member(w, "present", s->present);
    real_member(w, "clear", s->clear);
    real_member(w, "valid_fraction", heat_valid_fraction(s));
    json_key(w, "masked");
    json_object_begin(w);
    for (int i = 1; i < HEAT_REASON_COUNT; i++)
        if (s->by_reason[i] > 0)
            real_member(w, heat_reason_key((enum heat_reason)i), s->by_reason[i]);
    json_object_end(w);
    real_member(w, "zone_area_m2", s->zone_area_m2);
    real_member(w, "area_m2", s->area_m2);
    real_member(w, "clear_area_m2", s->clear_area_m2);
    json_member_bool(w, "below_resolution", row->below);
    json_member_bool(w, "mended", row->mended);
    json_extras(w, &report->options->ask, row);
    json_object_end(w);
}

static void add_rows(struct report *report, size_t layer, const struct heat_stat *stats,
                     const struct heat_levels *levels)
{
    bool json = report->options->json;
    size_t count = report->zones ? report->zones->count : 1;
    if (json) {
        json_object_begin(&report->w);
        heat_layer_json(&report->w, &report->scene->layers[layer]);
        json_key(&report->w, "zones");
        json_array_begin(&report->w);
    }
    for (size_t i = 0; i < count; i++) {
        const struct heat_zone *zone = report->zones ? &report->zones->items[i] : NULL;
        struct row row = {.layer = &report->scene->layers[layer],
                          .zone = zone ? zone->id : STR("(scene)"),
                          .mended = zone && zone->mended,
                          .below = heat_below_resolution(report->scene, stats[i].zone_area_m2),
                          .stat = &stats[i],
                          .levels = levels};
        if (json)
            json_row(report, &row);
        if (!json || report->options->csv)
            csv_row(report, &row);
    }
    if (json) {
        json_array_end(&report->w);
        json_object_end(&report->w);
    }
}

/* ---- running ------------------------------------------------------------------------------ */

static bool wanted(const struct options *options, const struct heat_layer *layer)
{
    int64_t date;
    if (!options->layer || str_is(layer->name, options->layer))
        return true;
    return date_parse(str_of(options->layer), &date) == OK && date == layer->date;
}

static enum err do_layers(struct report *report, struct arena *arena, struct heat_cover *cover)
{
    const struct heat_scene *scene = report->scene;
    struct heat_ask ask = report->options->ask;
    size_t count = report->zones ? report->zones->count : 1, done = 0;
    struct heat_stat *stats = ARENA_ARRAY(arena, count, struct heat_stat);
    struct heat_levels levels;
    struct heat_bar bar;
    enum err r = OK;
    for (size_t i = 0; r == OK && i < scene->layer_count; i++) {
        if (!wanted(report->options, &scene->layers[i]))
            continue;
        const char *name = str_c(arena, scene->layers[i].name);
        heat_bar_start(&bar, name);
        bar.on = bar.on && !report->options->quiet;
        ask.progress = heat_bar_show;
        ask.context = &bar;
        r = cover ? heat_stats(scene, i, cover, &ask, stats, &levels)
                  : heat_whole(scene, i, &ask, stats, &levels);
        heat_bar_end(&bar);
        if (r == OK)
            add_rows(report, i, stats, &levels);
        done++;
    }
    if (r == OK && done == 0)
        r = err_set(ERR_NOT_FOUND, "the scene has no layer '%s'", report->options->layer);
    return r;
}

static enum err write_report(struct report *report)
{
    enum err r = OK;
    if (report->options->json) {
        json_array_end(&report->w);
        json_object_end(&report->w);
        buf_add_char(&report->json, '\n');
        r = buf_check(&report->json);
        if (r == OK)
            r = heat_write(NULL, buf_str(&report->json));
    }
    if (r == OK)
        r = buf_check(&report->csv);
    if (r == OK && (!report->options->json || report->options->csv))
        r = heat_write(report->options->csv, buf_str(&report->csv));
    return r;
}

static enum err read_zones(struct arena *arena, const struct options *options,
                           struct heat_zones *out)
{
    struct str text;
    enum err r = input_read(arena, options->zones, LIMIT_HEAT_ZONES_SIZE, &text);
    return r == OK ? heat_zones_read(arena, text, options->zone_id, options->mend, out) : r;
}

static enum err do_scene(struct arena *arena, const struct options *options)
{
    struct heat_scene *scene;
    struct heat_zones zones = {0};
    struct heat_cover *cover = NULL;
    enum err r = heat_open(arena, options->scene, &options->open, &scene);
    if (r == OK && options->zones)
        r = read_zones(arena, options, &zones);
    if (r == OK && options->zones)
        r = heat_cover_new(&scene->grid, &zones, scene->layer_count > 1 ? KEEP_BYTES : 0, &cover);
    if (r != OK)
        return r;
    struct report report = {.options = options,
                            .scene = scene,
                            .zones = options->zones ? &zones : NULL,
                            .mask = heat_mask_text(arena, scene, &options->ask.mask)};
    buf_init(&report.csv, OUTPUT_MAX);
    buf_init(&report.json, OUTPUT_MAX);
    report.w = json_writer(&report.json);
    csv_head(&report);
    json_object_begin(&report.w);
    heat_scene_json(&report.w, scene);
    json_member_text(&report.w, "mask", report.mask);
    json_key(&report.w, "layers");
    json_array_begin(&report.w);
    r = do_layers(&report, arena, cover);
    if (r == OK)
        r = write_report(&report);
    buf_release(&report.csv);
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
    enum err r = input_read(arena, options->scene, LIMIT_HEAT_FIRES_SIZE, &text);
    if (r == OK)
        r = heat_fires_read(arena, text, &fires);
    if (r == OK && options->zones)
        r = read_zones(arena, options, &zones);
    int64_t *counts = ARENA_ARRAY(arena, zones.count + 1, int64_t);
    if (r == OK && options->zones)
        r = heat_fires_count(&fires, &zones, counts);
    if (r != OK)
        return r;
    CLEANUP(buf_release) struct buf csv;
    buf_init(&csv, OUTPUT_MAX);
    buf_add_c(&csv, "layer,zone,fires\n");
    if (!options->zones)
        buf_format(&csv, "active fires,(file),%zu\n", fires.count);
    for (size_t i = 0; i < zones.count; i++) {
        buf_add_c(&csv, "active fires,");
        csv_text(&csv, zones.items[i].id);
        buf_format(&csv, ",%" PRId64 "\n", counts[i]);
    }
    r = buf_check(&csv);
    return r == OK ? heat_write(options->csv, buf_str(&csv)) : r;
}

int heat_stats_command(int argc, char **argv)
{
    struct options options = {0};
    heat_options_init(&options.open);
    heat_ask_init(&options.ask);
    bool good =
        take_quantiles(&options, "0.05,0.25,0.5,0.75,0.95") && take_above(&options, "mean,z=2,z=3");
    assert(good);
    if (!heat_flags_read(FLAGS, argc, argv, &options) || !options.scene)
        return usage();
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena);
    struct str name = str_of(options.scene);
    bool fires = name.len > 4 && str_equal_nocase(str_sub(name, name.len - 4, 4), STR(".csv"));
    enum err r = fires ? do_fires(&arena, &options) : do_scene(&arena, &options);
    return r == OK ? CMD_OK : cmd_fail("heat stats");
}
