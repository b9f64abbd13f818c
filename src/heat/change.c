#include "heat/change_inside.h"

#include <math.h>

enum { NEAR_PIXELS = 2, FAR_PIXELS = 40, PLACEBOS_LEAST = 5, REFERENCE_LEAST = 100 };

const char *heat_verdict_key(enum heat_verdict verdict)
{
    static const char *const KEYS[] = {"no-observation", "no-change-shown", "warmer", "cooler"};
    return KEYS[verdict];
}

const char *heat_lack_key(enum heat_lack lack)
{
    static const char *const KEYS[] = {"", "views", "baseline", "reference"};
    return KEYS[lack];
}

void heat_change_ask_init(struct heat_change_ask *ask)
{
    *ask = (struct heat_change_ask){.mask = heat_mask_default(),
                                    .light = HEAT_DAY,
                                    .period = {HEAT_NO_DATE, HEAT_NO_DATE},
                                    .baseline = {HEAT_NO_DATE, HEAT_NO_DATE},
                                    .season_days = 15,
                                    .near_m = 500,
                                    .far_m = 20000,
                                    .match_k = 1,
                                    .least_clear = 0.5,
                                    .least_views = 3,
                                    .confidence = 0.95};
}

/* ---- series -------------------------------------------------------------------------------- */

enum err heat_series(const struct heat_view *views, size_t count, const struct heat_zones *zones,
                     const struct heat_ask *ask, struct heat_stat *stats)
{
    struct heat_cover *cover = NULL;
    enum err r = OK;
    for (size_t i = 0; r == OK && i < count; i++) {
        const struct heat_scene *scene = views[i].scene;
        if (!cover || !heat_cover_matches(cover, &scene->grid)) {
            heat_cover_free(cover);
            cover = NULL;
            r = heat_cover_new(&scene->grid, zones, LIMIT_HEAT_WORK / 4, &cover);
        }
        if (r == OK)
            r = heat_stats(scene, views[i].layer, cover, ask, &stats[i * zones->count], NULL);
    }
    heat_cover_free(cover);
    return r;
}

/* ---- what a place's views say --------------------------------------------------------------- */

struct compared {
    size_t views, baseline;
    double change, base; /* Kelvin; the baseline's mean of d. */
    double scatter, product;
};

static struct compared compare(const struct change_work *work, const struct change_place *place)
{
    double sum[2] = {0}, squares[2] = {0}, product[2] = {0};
    size_t n[2] = {0};
    for (size_t v = 0; v < work->view_count; v++)
        if (!isnan(place->d[v])) {
            bool now = work->views[v].in_period;
            n[now]++;
            sum[now] += place->d[v];
            product[now] += place->product[v] * place->product[v];
        }
    double mean[2] = {n[0] ? sum[0] / (double)n[0] : NAN, n[1] ? sum[1] / (double)n[1] : NAN};
    for (size_t v = 0; v < work->view_count; v++)
        if (!isnan(place->d[v])) {
            bool now = work->views[v].in_period;
            squares[now] += (place->d[v] - mean[now]) * (place->d[v] - mean[now]);
        }
    struct compared out = {
        .views = n[1], .baseline = n[0], .change = mean[1] - mean[0], .base = mean[0]};
    if (n[0] == 0 || n[1] == 0 || n[0] + n[1] < 3)
        return out;
    double baseline = (double)n[0], period = (double)n[1];
    double variance = (squares[0] + squares[1]) / (baseline + period - 2);
    out.scatter = sqrt(variance * (1 / baseline + 1 / period));
    out.product = sqrt(product[0] / (baseline * baseline) + product[1] / (period * period));
    return out;
}

static bool is_enough(const struct change_work *work, const struct compared *compared)
{
    size_t least = (size_t)work->ask->least_views;
    return compared->views >= least && compared->baseline >= least;
}

/* How far places drift apart where nothing is asked about: the standard error of one. */
static double drift_of(const struct change_work *work, const struct change_zone *zone,
                       size_t *placebos)
{
    double squares = 0;
    size_t count = 0;
    for (size_t i = 1; i < zone->place_count; i++) {
        struct compared placebo = compare(work, &zone->places[i]);
        if (!is_enough(work, &placebo))
            continue;
        squares += placebo.change * placebo.change;
        count++;
    }
    /* Overlapping ones do not tell more than the ring has room for. */
    size_t room = (size_t)((double)work->frame->reference_pixels / fmax(zone->weight, 1));
    *placebos = count < room ? count : room;
    if (*placebos < PLACEBOS_LEAST)
        *placebos = 0;
    return *placebos ? sqrt(squares / (double)count) : 0;
}

static void judge(const struct change_work *work, const struct change_zone *zone,
                  const struct compared *compared, struct heat_change *out)
{
    double scatter = compared->scatter;
    double freedom = (double)(compared->views + compared->baseline) - 2;
    out->scatter = scatter;
    out->product = compared->product;
    out->drift = drift_of(work, zone, &out->placebos);
    if (out->drift > scatter) {
        scatter = out->drift;
        freedom = (double)out->placebos;
    }
    out->lack = HEAT_LACK_NOTHING;
    out->kelvin = compared->change;
    out->interval = heat_student(work->ask->confidence, freedom) * hypot(scatter, out->product);
    out->verdict = out->kelvin > out->interval    ? HEAT_WARMER
                   : out->kelvin < -out->interval ? HEAT_COOLER
                                                  : HEAT_NO_CHANGE_SHOWN;
}

static void add_points(const struct change_work *work, const struct change_zone *zone, double base,
                       struct heat_change *out)
{
    struct heat_point *points = ARENA_ARRAY(work->arena, work->view_count, struct heat_point);
    for (size_t v = 0; v < work->view_count; v++)
        points[v] =
            (struct heat_point){.view = work->views[v].number,
                                .in_period = work->views[v].in_period,
                                .clear = zone->weight > 0 ? zone->shown[v] / zone->weight : 0,
                                .anomaly = zone->places->d[v] - base};
    out->points = points;
    out->point_count = work->view_count;
}

/* What cannot be compared was seen all the same, or was not. */
static void answer_alone(const struct change_work *work, const struct change_zone *zone,
                         struct heat_change *out)
{
    size_t n[2] = {0}, least = (size_t)work->ask->least_views;
    for (size_t v = 0; v < work->view_count; v++)
        n[work->views[v].in_period] +=
            zone->shown[v] > 0 && zone->shown[v] >= work->ask->least_clear * zone->seen;
    if (n[0] >= least && n[1] >= least) {
        out->verdict = HEAT_NO_CHANGE_SHOWN;
        out->lack = HEAT_LACK_REFERENCE;
        out->views = n[1];
        out->baseline_views = n[0];
    } else {
        out->lack = n[0] < least ? HEAT_LACK_BASELINE : HEAT_LACK_VIEWS;
    }
}

static void answer(const struct change_work *work, size_t z, struct heat_change *out)
{
    const struct change_zone *zone = &work->zones[z];
    struct compared compared = compare(work, zone->places);
    out->views = compared.views;
    out->baseline_views = compared.baseline;
    add_points(work, zone, compared.base, out);
    if (work->frame->reference_pixels >= REFERENCE_LEAST && is_enough(work, &compared))
        judge(work, zone, &compared, out);
    else
        answer_alone(work, zone, out);
}

/* ---- all of it ------------------------------------------------------------------------------ */

static enum err lay_zones(struct change_work *work, const struct heat_zones *zones,
                          struct heat_change *changes)
{
    const struct heat_scene *scene = work->views[0].given.scene;
    struct heat_cover *cover;
    enum err r = heat_cover_new(&scene->grid, zones, 0, &cover);
    if (r != OK)
        return r;
    work->zone_count = zones->count;
    work->zones = ARENA_ARRAY(work->arena, zones->count, struct change_zone);
    for (size_t z = 0; r == OK && z < zones->count; z++) {
        struct change_zone *zone = &work->zones[z];
        const struct heat_span *spans;
        r = heat_cover_spans(cover, z, work->arena, &spans, &zone->span_count);
        zone->spans = (struct heat_span *)spans;
        for (size_t i = 0; r == OK && i < zone->span_count; i++)
            zone->weight += spans[i].share * spans[i].count;
        changes[z].below_resolution = heat_below_resolution(scene, heat_cover_area_m2(cover, z));
    }
    heat_cover_free(cover);
    return r;
}

static int32_t pixels_of(double metres, double pixel_m, int32_t least)
{
    double pixels = fmin(ceil(metres / pixel_m), UINT16_MAX - 1);
    return pixels > least ? (int32_t)pixels : least;
}

static enum err run(struct change_work *work, const struct heat_view *views, size_t count,
                    const struct heat_zones *zones, struct heat_change *changes)
{
    enum err r = change_pick(work, views, count);
    if (r != OK || work->view_count == 0)
        return r;
    r = change_align(work);
    if (r == OK)
        r = lay_zones(work, zones, changes);
    double pixel_m = work->views[0].given.scene->grid.pixel_m;
    work->near = pixels_of(work->ask->near_m, pixel_m, NEAR_PIXELS);
    work->far = pixels_of(work->ask->far_m, pixel_m, FAR_PIXELS);
    if (r == OK)
        r = change_window(work);
    if (r != OK || work->pixels == 0)
        return r;
    work->kelvin = ARENA_ARRAY(work->arena, work->pixels, float);
    work->uncertainty = ARENA_ARRAY(work->arena, work->pixels, float);
    work->reason = ARENA_ARRAY(work->arena, work->pixels, uint8_t);
    work->clear = ARENA_ARRAY(work->arena, work->pixels, bool);
    work->ever = ARENA_ARRAY(work->arena, work->pixels, bool);
    work->frame->window = work->window;
    change_ring(work);
    r = change_alpha(work);
    if (r != OK)
        return r;
    for (size_t p = 0; p < work->pixels; p++)
        work->frame->reference_pixels += work->ring[p] && !isnan(work->alpha[p]);
    change_places(work);
    r = change_sums(work);
    for (size_t z = 0; r == OK && z < zones->count; z++)
        answer(work, z, &changes[z]);
    return r;
}

/* What outlives the call moves from the work's arena to the caller's. */
static void keep_points(struct arena *arena, struct heat_change *change)
{
    if (change->point_count == 0)
        return;
    struct heat_point *points = ARENA_ARRAY(arena, change->point_count, struct heat_point);
    memcpy(points, change->points, change->point_count * sizeof(*points));
    change->points = points;
}

enum err heat_change(struct arena *arena, const struct heat_view *views, size_t count,
                     const struct heat_zones *zones, const struct heat_change_ask *ask,
                     struct heat_change_frame *frame, struct heat_change *changes)
{
    CLEANUP(arena_release) struct arena own = {0};
    struct change_work work = {.arena = &own, .ask = ask, .frame = frame};
    *frame = (struct heat_change_frame){0};
    for (size_t z = 0; z < zones->count; z++)
        changes[z] = (struct heat_change){.verdict = HEAT_NO_OBSERVATION,
                                          .lack = HEAT_LACK_VIEWS,
                                          .kelvin = NAN,
                                          .interval = NAN,
                                          .scatter = NAN,
                                          .drift = NAN,
                                          .product = NAN};
    enum err r = run(&work, views, count, zones, changes);
    for (size_t z = 0; r == OK && z < zones->count; z++)
        keep_points(arena, &changes[z]);
    return r;
}
