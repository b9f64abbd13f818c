#include "heat/picture_inside.h"

#include <math.h>

enum { SHADES = INK_COUNT - INK_SCALE, ANCHORS_MAX = 11, HATCH = 8, HATCH_LINE = 2 };

static const double CELSIUS = 273.15;

struct ramp {
    size_t count;
    uint32_t anchors[ANCHORS_MAX]; /* 0xRRGGBB, evenly spaced */
};

/* Ten evenly spaced values of each scale as its authors published it: inferno and viridis by
 * S. van der Walt and N. Smith (2015), cividis by Nuñez, Anderton and Renslow (2018). */
static const struct ramp RAMPS[HEAT_SCALE_COUNT] = {
    [HEAT_SCALE_INFERNO] = {10,
                            {0x000004, 0x1b0c42, 0x4b0c6b, 0x781c6d, 0xa52c60, 0xcf4446, 0xed6925,
                             0xfb9a06, 0xf7d03c, 0xfcffa4}},
    [HEAT_SCALE_VIRIDIS] = {10,
                            {0x440154, 0x482878, 0x3e4989, 0x31688e, 0x26828e, 0x1f9e89, 0x35b779,
                             0x6dcd59, 0xb4de2c, 0xfde725}},
    [HEAT_SCALE_CIVIDIS] = {10,
                            {0x00204d, 0x00336f, 0x39486b, 0x575c6d, 0x707173, 0x8a8779, 0xa69d75,
                             0xc4b56c, 0xe4cf5b, 0xffea46}},
};

/* C. Brewer's blues and oranges of five classes, white between. */
static const struct ramp DIVERGING = {11,
                                      {0x053061, 0x2166ac, 0x4393c3, 0x92c5de, 0xd1e5f0, 0xf7f7f7,
                                       0xfee0b6, 0xfdb863, 0xe08214, 0xb35806, 0x7f3b08}};

static const struct heat_rgba RED = {0xd7, 0x26, 0x1e, 0xff};
static const struct heat_rgba HATCH_GROUND = {0x80, 0x80, 0x80, 0x48},
                              HATCH_INK = {0x5a, 0x5a, 0x5a, 0xc0}, GREY = {0x9a, 0x9a, 0x9a, 0xff};

static const char *const COLOURS[] = {"kelvin", "anomaly", "red"};
static const char *const SCALES[] = {"inferno", "viridis", "cividis"};
static const char *const UNSEEN[] = {"hatch", "grey", "transparent"};

static bool find(struct str key, const char *const *keys, size_t count, size_t *out)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(key, keys[i])) {
            *out = i;
            return true;
        }
    return false;
}

#define KEYS(type, KEYS_OF)                                                                        \
    const char *heat_##type##_key(enum heat_##type value)                                          \
    {                                                                                              \
        return value < COUNT_OF(KEYS_OF) ? KEYS_OF[value] : "";                                    \
    }                                                                                              \
    bool heat_##type##_find(struct str key, enum heat_##type *out)                                 \
    {                                                                                              \
        size_t at;                                                                                 \
        bool found = find(key, KEYS_OF, COUNT_OF(KEYS_OF), &at);                                   \
        if (found)                                                                                 \
            *out = (enum heat_##type)at;                                                           \
        return found;                                                                              \
    }
KEYS(colours, COLOURS)
KEYS(scale, SCALES)
KEYS(unseen, UNSEEN)

void heat_paint_init(struct heat_paint *paint)
{
    *paint = (struct heat_paint){.low = NAN, .high = NAN, .reference = NAN, .span = NAN};
}

/* The next of a row whose halves and thirds are numbers that people read. */
static double round_span(double span)
{
    static const double SPANS[] = {1, 2, 3, 4, 6, 8, 10, 15, 20, 30, 40, 60, 80, 100};
    for (size_t i = 0; i < COUNT_OF(SPANS); i++)
        if (span <= SPANS[i])
            return SPANS[i];
    return ceil(span / 100) * 100;
}

enum err heat_paint_fit(const struct heat_scene *scene, size_t layer, const struct heat_ask *ask,
                        struct heat_paint *paint)
{
    struct heat_ask whole = *ask;
    struct heat_stat stat;
    struct heat_levels levels;
    whole.quantiles[0] = 0.02;
    whole.quantiles[1] = 0.98;
    whole.quantile_count = 2;
    if (whole.above_count == 0)
        whole.above[0] = (struct heat_threshold){.kind = HEAT_ABOVE_MEAN};
    whole.above_count = 1;
    enum err r = heat_whole(scene, layer, &whole, &stat, &levels);
    if (r != OK)
        return r;
    paint->nothing_seen = !heat_observed(&stat);
    if (paint->nothing_seen)
        return OK;
    double low = floor(stat.quantiles[0] - CELSIUS) + CELSIUS;
    double high = fmax(ceil(stat.quantiles[1] - CELSIUS) + CELSIUS, low + 2);
    if (isnan(paint->low))
        paint->low = isnan(paint->high) ? low : fmin(low, paint->high - 2);
    if (isnan(paint->high))
        paint->high = fmax(high, paint->low + 2);
    if (isnan(paint->reference))
        paint->reference = levels.kelvin[0];
    if (isnan(paint->span))
        paint->span = round_span(fmax(high - paint->reference, paint->reference - low));
    return OK;
}

enum err heat_paint_check(const struct heat_paint *paint)
{
    if (paint->colours >= HEAT_COLOURS_COUNT || paint->scale >= HEAT_SCALE_COUNT ||
        paint->unseen >= HEAT_UNSEEN_COUNT)
        return err_refuse(ERR_RANGE, "heat.picture", "no such colours");
    if (paint->colours == HEAT_COLOURS_RED && paint->unseen == HEAT_UNSEEN_CLEAR)
        return err_refuse(ERR_INVALID, "heat.picture",
                          "a red picture shows what was not observed: transparent would read as "
                          "not red");
    if (paint->nothing_seen)
        return OK;
    bool good = paint->colours == HEAT_COLOURS_KELVIN
                    ? isfinite(paint->low) && isfinite(paint->high) && paint->low < paint->high
                    : isfinite(paint->reference);
    if (paint->colours == HEAT_COLOURS_ANOMALY)
        good = good && isfinite(paint->span) && paint->span > 0;
    return good ? OK
                : err_refuse(ERR_RANGE, "heat.picture",
                             "the scale has no ends in order: low below high, span above 0");
}

static uint8_t mix(uint32_t from, uint32_t to, int shift, double share)
{
    double a = from >> shift & 0xff, b = to >> shift & 0xff;
    return (uint8_t)lround(a + (b - a) * share);
}

static struct heat_rgba shade(const struct ramp *ramp, int i)
{
    double at = (double)i / (SHADES - 1) * (double)(ramp->count - 1);
    size_t left = (size_t)at < ramp->count - 1 ? (size_t)at : ramp->count - 2;
    uint32_t from = ramp->anchors[left], to = ramp->anchors[left + 1];
    double share = at - (double)left;
    return (struct heat_rgba){mix(from, to, 16, share), mix(from, to, 8, share),
                              mix(from, to, 0, share), 0xff};
}

static struct heat_rgba scale_colour(const struct heat_paint *paint, int i)
{
    if (paint->colours == HEAT_COLOURS_RED)
        return i > 0 ? RED : (struct heat_rgba){0};
    return shade(paint->colours == HEAT_COLOURS_ANOMALY ? &DIVERGING : &RAMPS[paint->scale], i);
}

/* Not observed: ground, then line. */
static void unseen_colours(const struct heat_paint *paint, struct heat_rgba out[2])
{
    struct heat_rgba none = {0};
    bool hatch = paint->unseen == HEAT_UNSEEN_HATCH, grey = paint->unseen == HEAT_UNSEEN_GREY;
    out[0] = hatch ? HATCH_GROUND : grey ? GREY : none;
    out[1] = hatch ? HATCH_INK : grey ? GREY : none;
}

void heat_palette_of(const struct heat_paint *paint, struct heat_rgba palette[INK_COUNT])
{
    palette[INK_OUTSIDE] = (struct heat_rgba){0};
    unseen_colours(paint, &palette[INK_UNSEEN_GROUND]);
    for (int i = 0; i < SHADES; i++)
        palette[INK_SCALE + i] = scale_colour(paint, i);
}

static int shade_of(const struct heat_paint *paint, double kelvin)
{
    if (paint->colours == HEAT_COLOURS_RED)
        return kelvin > paint->reference;
    double low = paint->low, wide = paint->high - paint->low;
    if (paint->colours == HEAT_COLOURS_ANOMALY) {
        low = paint->reference - paint->span;
        wide = 2 * paint->span;
    }
    double at = (kelvin - low) / wide * SHADES;
    return at < 0 ? 0 : at < SHADES ? (int)at : SHADES - 1;
}

struct heat_rgba heat_colour(const struct heat_paint *paint, double kelvin)
{
    return isnan(kelvin) ? (struct heat_rgba){0} : scale_colour(paint, shade_of(paint, kelvin));
}

uint8_t heat_ink(const struct heat_paint *paint, double kelvin, enum heat_reason reason,
                 int32_t column, int32_t row)
{
    if (reason == HEAT_FILL)
        return INK_OUTSIDE;
    if (reason != HEAT_CLEAR || paint->nothing_seen)
        return (column + row) % HATCH < HATCH_LINE ? INK_UNSEEN_LINE : INK_UNSEEN_GROUND;
    return (uint8_t)(INK_SCALE + shade_of(paint, kelvin));
}

/* 1, 2 or 5 times a power of ten: the least of them that gives at most `parts` parts. */
static double round_step(double wide, int parts)
{
    double power = pow(10, floor(log10(wide / parts)));
    double steps[] = {1, 2, 5};
    for (size_t i = 0; i < COUNT_OF(steps); i++)
        if (wide / (steps[i] * power) <= parts + 1e-9)
            return steps[i] * power;
    return 10 * power;
}

static void add_stop(struct heat_legend *legend, const struct heat_paint *paint, double kelvin)
{
    assert(legend->count < HEAT_STOPS_MAX);
    bool apart = paint->colours != HEAT_COLOURS_KELVIN;
    legend->stops[legend->count++] =
        (struct heat_stop){.kelvin = kelvin,
                           .celsius = kelvin - CELSIUS,
                           .apart = apart ? kelvin - paint->reference : NAN,
                           .colour = heat_colour(paint, kelvin)};
}

/* From `base`: 0 °C, or the reference. Round numbers too near to an end give way to it: a legend
 * has room for six numbers. */
static void add_stops(struct heat_legend *legend, const struct heat_paint *paint, double low,
                      double high, double base)
{
    double wide = high - low, step = round_step(wide, HEAT_STOPS_MAX / 2);
    double apart = fmax(0.4 * step, 0.155 * wide);
    add_stop(legend, paint, low);
    for (double i = ceil((low - base + apart) / step - 1e-9);
         base + i * step <= high - apart + 1e-9; i++)
        add_stop(legend, paint, base + i * step);
    add_stop(legend, paint, high);
}

enum err heat_legend_of(const struct heat_paint *paint, struct heat_legend *out)
{
    enum err r = heat_paint_check(paint);
    if (r != OK)
        return r;
    struct heat_legend legend = {0};
    struct heat_rgba unseen[2];
    unseen_colours(paint, unseen);
    legend.unseen_ground = unseen[0];
    legend.unseen_line = unseen[1];
    if (!paint->nothing_seen) {
        double reference = paint->reference;
        if (paint->colours == HEAT_COLOURS_KELVIN) {
            add_stops(&legend, paint, paint->low, paint->high, CELSIUS);
        } else if (paint->colours == HEAT_COLOURS_ANOMALY) {
            add_stops(&legend, paint, reference - paint->span, reference + paint->span, reference);
        } else {
            add_stop(&legend, paint, reference);
            add_stop(&legend, paint, reference);
            legend.stops[1].colour = RED;
        }
    }
    *out = legend;
    return OK;
}
