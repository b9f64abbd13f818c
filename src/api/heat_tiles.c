/* /api/v1/heat/tiles and legend: a layer as a picture, from the same numbers as the table. */
#include "api/heat.h"
#include "park/heat_gallery.h"
#include "park/heat_sql.h"

#include <math.h>

struct paint_in {
    struct str style, scale, unseen;
    double low, high, reference, span;
    int64_t layer_id;
};

/* clang-format off */
#define PAINT_FIELDS                                                                               \
    FIELD(struct paint_in, style, FIELD_TEXT, .max = 20, .doc = "kelvin, anomaly or red"),         \
    FIELD(struct paint_in, scale, FIELD_TEXT, .max = 20,                                           \
          .doc = "Of kelvin: inferno, viridis or cividis"),                                        \
    FIELD(struct paint_in, unseen, FIELD_TEXT, .max = 20, .doc = "hatch, grey or transparent"),    \
    FIELD(struct paint_in, low, FIELD_REAL, .doc = "Kelvin; absent: the layer's own"),             \
    FIELD(struct paint_in, high, FIELD_REAL, .doc = "The same"),                                   \
    FIELD(struct paint_in, reference, FIELD_REAL,                                                  \
          .doc = "Kelvin that anomaly and red are measured from; absent: the mean of the layer"),  \
    FIELD(struct paint_in, span, FIELD_REAL, .doc = "Kelvin to either end of an anomaly")
/* clang-format on */

static const struct field TILE_PARAMS[] = {PAINT_FIELDS, FIELD_END};
static const struct field LEGEND_PARAMS[] = {
    FIELD(struct paint_in, layer_id, FIELD_ID, .doc = "Whose own numbers stand in for absent ones"),
    PAINT_FIELDS, FIELD_END};

static enum err bad(const char *field)
{
    return err_field(ERR_INVALID, field, "field.choice",
                     "is none of the words that are known here");
}

static double number(double given, double otherwise)
{
    return given != 0 ? given : otherwise != 0 ? otherwise : NAN;
}

static enum err read_paint(const struct paint_in *in, const struct heat_layer_get_row *layer,
                           struct heat_paint *out)
{
    struct heat_paint paint;
    heat_paint_init(&paint);
    if (in->style.len > 0 && !heat_colours_find(in->style, &paint.colours))
        return bad("style");
    if (in->scale.len > 0 && !heat_scale_find(in->scale, &paint.scale))
        return bad("scale");
    if (in->unseen.len > 0 && !heat_unseen_find(in->unseen, &paint.unseen))
        return bad("unseen");
    paint.low = number(in->low, layer->low_k);
    paint.high = number(in->high, layer->high_k);
    paint.reference = number(in->reference, layer->level_k);
    double reach = fmax(fabs(paint.high - paint.reference), fabs(paint.reference - paint.low));
    paint.span = number(in->span, isnan(reach) ? 0 : ceil(reach));
    paint.nothing_seen = isnan(paint.reference) && isnan(paint.low);
    if (!paint.nothing_seen) {
        enum err r = heat_paint_check(&paint);
        if (r != OK)
            return r;
    }
    *out = paint;
    return OK;
}

static enum err read_layer(struct api_call *call, int64_t id, struct heat_layer_get_row *out)
{
    struct heat_layer_get_in in = {.park_id = call->park_id, .id = id};
    enum err r = id ? sql_heat_layer_get(call->db, call->arena, &in, out)
                    : err_set(ERR_NOT_FOUND, "no such layer");
    return r;
}

/* ---- tiles -------------------------------------------------------------------------------- */

/* "{layer}/{z}/{x}/{y}.png" */
static enum err read_place(struct api_call *call, int64_t at[3])
{
    struct str y = call->path_text[3];
    bool png = str_ends(y, STR(".png"));
    if (!png || str_to_int(call->path_text[1], &at[0]) != OK ||
        str_to_int(call->path_text[2], &at[1]) != OK ||
        str_to_int(str_sub(y, 0, y.len - 4), &at[2]) != OK || at[0] < 0 || at[0] > HEAT_ZOOM_MAX)
        return err_set(ERR_NOT_FOUND, "no such tile");
    return OK;
}

/* The same question about the same pixels has the same answer: nothing is drawn for those who have
 * it already. */
static bool is_known(struct api_call *call, const struct heat_layer_get_row *layer,
                     const struct heat_paint *paint, const int64_t at[3])
{
    struct str text = str_format(
        call->arena, "%s %d %d %d %a %a %a %a %.*s %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64,
        KUAILIAN_VERSION, paint->colours, paint->scale, paint->unseen, paint->low, paint->high,
        paint->reference, paint->span, STR_ARG(layer->mask), layer->place, at[0], at[1], at[2]);
    struct hash asked = hash_of(text), all = hash_pair(&layer->digest, &asked);
    CLEANUP(buf_release) struct buf tag;
    buf_init(&tag, 80);
    buf_add_char(&tag, '"');
    buf_add_hex(&tag, str_sub(hash_str(&all), 0, 12));
    buf_add_char(&tag, '"');
    call->etag = str_copy(call->arena, buf_str(&tag)).ptr;
    call->cache = "private, max-age=86400";
    struct str seen = http_header(call->http, "If-None-Match");
    return seen.ptr && str_find(seen, str_of(call->etag), 0) < seen.len;
}

static enum err tile_get(struct api_call *call)
{
    const struct paint_in *in = call->query;
    struct heat_layer_get_row layer;
    struct heat_paint paint;
    int64_t at[3];
    enum err r = read_place(call, at);
    if (r == OK)
        r = read_layer(call, call->path_id[0], &layer);
    if (r == OK)
        r = read_paint(in, &layer, &paint);
    if (r != OK)
        return r;
    if (is_known(call, &layer, &paint, at)) {
        call->status = 304;
        return OK;
    }
    struct heat_shown shown = {.layer_id = call->path_id[0],
                               .scene_id = layer.scene_id,
                               .place = (size_t)layer.place,
                               .mask = layer.mask};
    struct heat_gallery *gallery = heat_work_gallery(call->heat);
    struct heat_hanging *hanging;
    r = heat_gallery_look(gallery, &shown, &hanging);
    if (r != OK) {
        call->etag = NULL;
        heat_files_hide(heat_work_dir(call->heat), layer.scene_id);
        return r;
    }
    struct heat_drawing drawing = {.paint = paint};
    r = heat_tile_png(heat_hanging_canvas(hanging), (int)at[0], at[1], at[2], &drawing, NULL,
                      call->out);
    heat_gallery_leave(gallery, hanging);
    call->content_type = "image/png";
    return r;
}

/* ---- legend ------------------------------------------------------------------------------- */

struct stop_out {
    double kelvin, celsius;
    struct str apart, colour;
};

static const struct field STOP_REPLY[] = {
    FIELD(struct stop_out, kelvin, FIELD_REAL), FIELD(struct stop_out, celsius, FIELD_REAL),
    FIELD(struct stop_out, apart, FIELD_RAW, .doc = "Kelvin from the reference, or null"),
    FIELD(struct stop_out, colour, FIELD_TEXT, .doc = "As CSS: #rrggbbaa"), FIELD_END};

struct legend_out {
    struct str style, scale, low, high, reference, span, unseen_line, unseen_ground;
    bool nothing_seen;
    struct list stops;
};

static const struct field LEGEND_REPLY[] = {
    FIELD(struct legend_out, style, FIELD_TEXT),
    FIELD(struct legend_out, scale, FIELD_TEXT),
    FIELD(struct legend_out, nothing_seen, FIELD_BOOL),
    FIELD(struct legend_out, low, FIELD_RAW),
    FIELD(struct legend_out, high, FIELD_RAW),
    FIELD(struct legend_out, reference, FIELD_RAW),
    FIELD(struct legend_out, span, FIELD_RAW),
    FIELD(struct legend_out, stops, FIELD_LIST, .of = STOP_REPLY,
          .of_size = sizeof(struct stop_out)),
    FIELD(struct legend_out, unseen_line, FIELD_TEXT, .doc = "Of what was not observed"),
    FIELD(struct legend_out, unseen_ground, FIELD_TEXT),
    FIELD_END};

static struct str css(struct api_call *call, struct heat_rgba c)
{
    return str_format(call->arena, "#%02x%02x%02x%02x", c.r, c.g, c.b, c.a);
}

static struct str real_or_null(struct api_call *call, double value)
{
    return isnan(value) ? (struct str){0} : str_format(call->arena, "%.10g", value);
}

static enum err legend_get(struct api_call *call)
{
    const struct paint_in *in = call->query;
    struct heat_layer_get_row layer = {0};
    struct heat_paint paint;
    struct heat_legend legend;
    enum err r = in->layer_id ? read_layer(call, in->layer_id, &layer) : OK;
    if (r == OK)
        r = read_paint(in, &layer, &paint);
    if (r == OK)
        r = heat_legend_of(&paint, &legend);
    if (r != OK)
        return r;
    struct stop_out *stops = ARENA_ARRAY(call->arena, legend.count, struct stop_out);
    for (size_t i = 0; i < legend.count; i++)
        stops[i] = (struct stop_out){.kelvin = legend.stops[i].kelvin,
                                     .celsius = legend.stops[i].celsius,
                                     .apart = real_or_null(call, legend.stops[i].apart),
                                     .colour = css(call, legend.stops[i].colour)};
    struct legend_out out = {.style = str_of(heat_colours_key(paint.colours)),
                             .scale = str_of(heat_scale_key(paint.scale)),
                             .nothing_seen = paint.nothing_seen,
                             .low = real_or_null(call, paint.low),
                             .high = real_or_null(call, paint.high),
                             .reference = real_or_null(call, paint.reference),
                             .span = real_or_null(call, paint.span),
                             .unseen_line = css(call, legend.unseen_line),
                             .unseen_ground = css(call, legend.unseen_ground),
                             .stops = {stops, legend.count}};
    api_reply(call, LEGEND_REPLY, &out);
    return OK;
}

const struct route HEAT_TILE_ROUTES[] = {
    {GET, "/api/v1/heat/tiles/{layer}/{z}/{x}/{y}", HEAT_READERS, .query = tile_get, .slow = true,
     .query_fields = TILE_PARAMS, .query_size = sizeof(struct paint_in), .reply_type = "image/png",
     .doc =
         "A tile of 256 × 256 in web Mercator, y ending in .png; what was not observed is hatched"},
    {GET, "/api/v1/heat/legend", HEAT_READERS, .query = legend_get, .query_fields = LEGEND_PARAMS,
     .query_size = sizeof(struct paint_in), .reply = LEGEND_REPLY,
     .doc = "What the colours of a picture mean"},
    ROUTE_END,
};
