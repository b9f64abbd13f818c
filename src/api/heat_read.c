/* /api/v1/heat/layers, stats and series: what was worked out, read from the store. */
#include "api/heat.h"
#include "base/clock.h"
#include "park/heat_sql.h"

/* ---- layers ------------------------------------------------------------------------------- */

struct layers_in {
    int64_t scene_id;
};

static const struct field LAYERS_PARAMS[] = {
    FIELD(struct layers_in, scene_id, FIELD_ID, .doc = "Only this scene's"), FIELD_END};

struct layer_out {
    int64_t id, place, date, time, scene_id;
    struct str name, light, scene, source, mask, about, version;
    bool ready, observed;
    struct str valid_fraction, mean_k, low_k, high_k, level_k;
};

static const struct field LAYER_REPLY[] = {
    FIELD(struct layer_out, id, FIELD_ID),
    FIELD(struct layer_out, scene_id, FIELD_ID),
    FIELD(struct layer_out, scene, FIELD_TEXT, .doc = "The scene's name"),
    FIELD(struct layer_out, source, FIELD_TEXT, .doc = "upload, folder, or sample (invented)"),
    FIELD(struct layer_out, place, FIELD_INT, .doc = "In its scene, from 0"),
    FIELD(struct layer_out, name, FIELD_TEXT),
    FIELD(struct layer_out, date, FIELD_DATE),
    FIELD(struct layer_out, time, FIELD_TIME, .doc = "Of the overpass, if known"),
    FIELD(struct layer_out, light, FIELD_TEXT, .doc = "day, night, or empty"),
    FIELD(struct layer_out, ready, FIELD_BOOL, .doc = "Its statistics are worked out"),
    FIELD(struct layer_out, observed, FIELD_BOOL, .doc = "Some of the park was seen"),
    FIELD(struct layer_out, valid_fraction, FIELD_RAW, .doc = "Of the park, 0 to 1, or null"),
    FIELD(struct layer_out, mean_k, FIELD_RAW, .doc = "Of the park's clear pixels, or null"),
    FIELD(struct layer_out, low_k, FIELD_RAW, .doc = "Where a scale for this layer may begin"),
    FIELD(struct layer_out, high_k, FIELD_RAW, .doc = "Where it may end"),
    FIELD(struct layer_out, level_k, FIELD_RAW,
          .doc = "The mean of all its clear pixels, inside the park and outside"),
    FIELD(struct layer_out, mask, FIELD_TEXT),
    FIELD(struct layer_out, about, FIELD_RAW, .doc = "As in the scene"),
    FIELD(struct layer_out, version, FIELD_TEXT, .doc = "Of the program that worked it out"),
    FIELD_END};

static struct str real_or_null(struct api_call *call, bool known, double value)
{
    return known ? str_format(call->arena, "%.10g", value) : (struct str){0};
}

static enum err layers_get(struct api_call *call)
{
    const struct layers_in *in = call->query;
    struct heat_layer_list_rows rows;
    struct heat_layer_list_in find = {
        .park_id = call->park_id, .scene_id = in->scene_id, .limit = HEAT_LIST_MAX};
    enum err r = sql_heat_layer_list(call->db, call->arena, &find, &rows);
    if (r != OK)
        return r;
    api_page_begin(call);
    for (size_t i = 0; i < rows.count; i++) {
        const struct heat_layer_list_row *row = &rows.rows[i];
        bool observed = row->clear > 0;
        struct layer_out out = {
            .id = row->id,
            .scene_id = row->scene_id,
            .scene = row->scene,
            .source = row->source,
            .place = row->place,
            .name = row->name,
            .date = row->date_days,
            .time = row->time_us,
            .light = row->light,
            .ready = row->done,
            .observed = observed,
            .valid_fraction = real_or_null(call, row->done, row->valid),
            .mean_k = real_or_null(call, observed, row->mean_k),
            .low_k = real_or_null(call, row->low_k > 0, row->low_k),
            .high_k = real_or_null(call, row->high_k > 0, row->high_k),
            .level_k = real_or_null(call, row->level_k > 0, row->level_k),
            .mask = row->mask,
            .about = row->about,
            .version = row->version,
        };
        fields_write_object(&call->json, LAYER_REPLY, &out);
    }
    api_page_end(call, (struct str){0});
    return OK;
}

/* ---- statistics of a layer or a scene ----------------------------------------------------- */

static const char *const FORMATS[] = {"json", "csv", NULL};

struct stats_in {
    int64_t layer_id, format;
};

static const struct field STATS_PARAMS[] = {
    FIELD(struct stats_in, layer_id, FIELD_ID, .doc = "Only this layer's"),
    FIELD(struct stats_in, format, FIELD_ENUM, .names = FORMATS), FIELD_END};

struct stat_out {
    struct str zone, name, state, light, body;
    int64_t layer_id, scene_id, date, time;
    struct str mean_k, sd_k, uncertainty_k, valid_fraction, clear;
    bool below_resolution;
};

#define STAT_FIELDS                                                                                \
    FIELD(struct stat_out, layer_id, FIELD_ID), FIELD(struct stat_out, date, FIELD_DATE),          \
        FIELD(struct stat_out, time, FIELD_TIME), FIELD(struct stat_out, light, FIELD_TEXT),       \
        FIELD(struct stat_out, state, FIELD_TEXT, .doc = "observed or no_observation"),            \
        FIELD(struct stat_out, mean_k, FIELD_RAW, .doc = "Of clear pixels; null: none"),           \
        FIELD(struct stat_out, sd_k, FIELD_RAW, .doc = "Of the pixels, not of the mean"),          \
        FIELD(struct stat_out, uncertainty_k, FIELD_RAW,                                           \
              .doc = "The product's own, mean over the clear pixels; null: it has none"),          \
        FIELD(struct stat_out, clear, FIELD_RAW, .doc = "Clear pixels, weighted by their share"),  \
        FIELD(struct stat_out, valid_fraction, FIELD_RAW,                                          \
              .doc = "Clear part of the zone, 0 to 1"),                                            \
        FIELD(struct stat_out, below_resolution, FIELD_BOOL,                                       \
              .doc = "Smaller than about three of the sensor's pixels across"),                    \
        FIELD(struct stat_out, body, FIELD_RAW,                                                    \
              .doc = "{min_k, max_k, q05_k … q95_k, above_mean_m2, above_mean_level_k, pixels, " \
                     "present, masked by reason, zone_area_m2, clear_area_m2, mended}")

static const struct field STAT_REPLY[] = {
    FIELD(struct stat_out, zone, FIELD_TEXT, .doc = "park, grid:<id> or parcel:<id>"),
    FIELD(struct stat_out, name, FIELD_TEXT), STAT_FIELDS, FIELD_END};

static void fill(struct api_call *call, struct stat_out *out, double clear, double valid,
                 const double kelvin[3])
{
    bool observed = clear > 0;
    out->state = observed ? STR("observed") : STR("no_observation");
    out->clear = real_or_null(call, true, clear);
    out->valid_fraction = real_or_null(call, true, valid);
    out->mean_k = real_or_null(call, observed, kelvin[0]);
    out->sd_k = real_or_null(call, observed, kelvin[1]);
    out->uncertainty_k = real_or_null(call, observed && kelvin[2] > 0, kelvin[2]);
}

static void csv_text(struct buf *csv, struct str text)
{
    bool formula = text.len > 0 && strchr("=+-@\t\r", text.ptr[0]);
    buf_add_c(csv, formula ? "\"'" : "\""); /* A spreadsheet must not take it for a formula. */
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            buf_add_char(csv, '"');
        buf_add_char(csv, text.ptr[i]);
    }
    buf_add_char(csv, '"');
}

#define CSV_HEAD                                                                                   \
    "date,time,light,zone,zone_name,state,mean_k,sd_k,uncertainty_k,clear_pixels,valid_fraction,"  \
    "below_resolution,scene,mask,version\r\n"

struct csv_about {
    struct str scene, mask, version;
};

static void csv_row(struct buf *csv, const struct stat_out *row, const struct csv_about *about)
{
    date_format(csv, row->date);
    buf_add_char(csv, ',');
    if (row->time)
        time_format(csv, row->time, 0);
    buf_format(csv, ",%.*s,%.*s,", STR_ARG(row->light), STR_ARG(row->zone));
    csv_text(csv, row->name);
    buf_format(csv, ",%.*s,%.*s,%.*s,%.*s,%.*s,%.*s,%s,", STR_ARG(row->state), STR_ARG(row->mean_k),
               STR_ARG(row->sd_k), STR_ARG(row->uncertainty_k), STR_ARG(row->clear),
               STR_ARG(row->valid_fraction), row->below_resolution ? "yes" : "no");
    csv_text(csv, about->scene);
    buf_add_char(csv, ',');
    csv_text(csv, about->mask);
    buf_format(csv, ",%.*s\r\n", STR_ARG(about->version));
}

static void csv_begin(struct api_call *call, const char *name)
{
    call->content_type = "text/csv; charset=utf-8";
    call->disposition = str_format(call->arena, "attachment; filename=\"%s.csv\"", name).ptr;
    buf_add_c(call->out, "\xef\xbb\xbf" CSV_HEAD);
}

static enum err write_layer(struct api_call *call, const struct heat_layer_list_row *layer,
                            bool csv)
{
    struct heat_stat_of_layer_rows rows;
    struct heat_stat_of_layer_in in = {.park_id = call->park_id, .layer_id = layer->id};
    enum err r = sql_heat_stat_of_layer(call->db, call->arena, &in, &rows);
    struct csv_about about = {layer->scene, layer->mask, layer->version};
    for (size_t i = 0; r == OK && i < rows.count; i++) {
        const struct heat_stat_of_layer_row *row = &rows.rows[i];
        struct heat_zone_key key = {(enum heat_zone_kind)row->kind, row->zone_id};
        if (key.kind != HEAT_ZONE_PARK && !row->name.ptr)
            continue; /* The zone is gone; its statistics go with the next look. */
        struct stat_out out = {.zone = heat_zone_text(call->arena, key),
                               .name = row->name,
                               .layer_id = layer->id,
                               .date = layer->date_days,
                               .time = layer->time_us,
                               .light = layer->light,
                               .below_resolution = row->below,
                               .body = row->body};
        fill(call, &out, row->clear, row->valid,
             (double[]){row->mean_k, row->sd_k, row->uncertainty_k});
        if (csv)
            csv_row(call->out, &out, &about);
        else
            fields_write_object(&call->json, STAT_REPLY, &out);
    }
    return r;
}

static enum err stats_get(struct api_call *call)
{
    const struct stats_in *in = call->query;
    struct heat_layer_list_rows layers = {0};
    struct heat_layer_list_in find = {
        .park_id = call->park_id, .scene_id = call->path_id[0], .limit = HEAT_LAYERS_MAX};
    enum err r = call->path_id[0] ? sql_heat_layer_list(call->db, call->arena, &find, &layers)
                                  : err_set(ERR_NOT_FOUND, "no such scene");
    if (r == OK && layers.count == 0)
        r = err_set(ERR_NOT_FOUND, "no such scene, or it is not read yet");
    if (r != OK)
        return r;
    bool csv = in->format == 1;
    if (csv)
        csv_begin(call, "heat-stats");
    else
        api_page_begin(call);
    for (size_t i = 0; r == OK && i < layers.count; i++)
        if (!in->layer_id || in->layer_id == layers.rows[i].id)
            r = write_layer(call, &layers.rows[i], csv);
    if (r == OK && !csv)
        api_page_end(call, (struct str){0});
    return r;
}

/* ---- a zone through time ------------------------------------------------------------------ */

struct series_in {
    struct str zone;
    int64_t light, format;
};

static const struct field SERIES_PARAMS[] = {
    FIELD(struct series_in, zone, FIELD_TEXT, .max = 40, .doc = "park, grid:<id> or parcel:<id>"),
    FIELD(struct series_in, light, FIELD_ENUM, .names = HEAT_LIGHTS),
    FIELD(struct series_in, format, FIELD_ENUM, .names = FORMATS), FIELD_END};

static const struct field POINT_REPLY[] = {FIELD(struct stat_out, scene_id, FIELD_ID), STAT_FIELDS,
                                           FIELD_END};

struct series_out {
    struct str zone, name;
    struct list points;
};

static const struct field SERIES_REPLY[] = {
    FIELD(struct series_out, zone, FIELD_TEXT), FIELD(struct series_out, name, FIELD_TEXT),
    FIELD(struct series_out, points, FIELD_LIST, .of = POINT_REPLY,
          .of_size = sizeof(struct stat_out),
          .doc = "By date; one without observation is there too: it is a gap"),
    FIELD_END};

enum { SERIES_MAX = 5000 };

static enum err zone_name(struct api_call *call, struct heat_zone_key key, struct str *out)
{
    struct heat_zone_one_row row;
    struct heat_zone_one_in in = {.park_id = call->park_id, .kind = key.kind, .id = key.id};
    *out = (struct str){0};
    if (key.kind == HEAT_ZONE_PARK)
        return OK;
    enum err r = sql_heat_zone_one(call->db, call->arena, &in, &row);
    if (r == OK)
        *out = row.name;
    return r;
}

static enum err series_get(struct api_call *call)
{
    const struct series_in *in = call->query;
    struct heat_zone_key key;
    struct series_out series;
    enum err r = heat_zone_parse(in->zone, &key);
    if (r == OK)
        r = zone_name(call, key, &series.name);
    if (r != OK)
        return r;
    series.zone = heat_zone_text(call->arena, key);
    struct heat_stat_of_zone_in find = {.park_id = call->park_id,
                                        .kind = key.kind,
                                        .zone_id = key.id,
                                        .light = heat_light_of(in->light),
                                        .limit = SERIES_MAX};
    struct heat_stat_of_zone_rows rows;
    r = sql_heat_stat_of_zone(call->db, call->arena, &find, &rows);
    if (r != OK)
        return r;
    struct stat_out *points = ARENA_ARRAY(call->arena, rows.count, struct stat_out);
    bool csv = in->format == 1;
    if (csv)
        csv_begin(call, "heat-series");
    for (size_t i = 0; i < rows.count; i++) {
        const struct heat_stat_of_zone_row *row = &rows.rows[i];
        points[i] = (struct stat_out){.zone = series.zone,
                                      .name = series.name,
                                      .layer_id = row->layer_id,
                                      .scene_id = row->scene_id,
                                      .date = row->date_days,
                                      .time = row->time_us,
                                      .light = row->light,
                                      .below_resolution = row->below,
                                      .body = row->body};
        fill(call, &points[i], row->clear, row->valid,
             (double[]){row->mean_k, row->sd_k, row->uncertainty_k});
        struct csv_about about = {row->scene, row->mask, row->version};
        if (csv)
            csv_row(call->out, &points[i], &about);
    }
    series.points = (struct list){points, rows.count};
    if (!csv)
        api_reply(call, SERIES_REPLY, &series);
    return OK;
}

const struct route HEAT_READ_ROUTES[] = {
    {GET, "/api/v1/heat/layers", HEAT_READERS, .query = layers_get, .query_fields = LAYERS_PARAMS,
     .query_size = sizeof(struct layers_in), .reply = LAYER_REPLY, .page = true,
     .doc = "All dates that were read, in order"},
    {GET, "/api/v1/heat/scenes/{id}/stats", HEAT_READERS, .query = stats_get, .slow = true,
     .query_fields = STATS_PARAMS, .query_size = sizeof(struct stats_in), .reply = STAT_REPLY,
     .page = true, .doc = "What was worked out for the park, its grids and parcels"},
    {GET, "/api/v1/heat/series", HEAT_READERS, .query = series_get, .query_fields = SERIES_PARAMS,
     .query_size = sizeof(struct series_in), .reply = SERIES_REPLY, .doc = "One zone through time"},
    ROUTE_END,
};
