#include "heat/change_inside.h"

#include <math.h>
#include <stdlib.h>

enum {
    BINS = 4096,         /* Of α, for sums over whatever matches. */
    RING_LEAST = 30,     /* Clear reference pixels that must match, and that a view must show. */
    MATCH_DOUBLINGS = 2, /* How often "near" is doubled if fewer do. */
    ALPHA_ROUNDS = 2,    /* The surroundings' level, then again by what each pixel is beside it. */
    CANDIDATES = 400,    /* Places that are tried for placebos. */
};

static const double PLACE_LEAST = 0.8; /* Share of a placebo that must be usable reference. */

/* ---- one view ------------------------------------------------------------------------------ */

/* Moves what was read of the part that the view's grid has to its place in the window. */
static void spread(struct change_work *work, struct heat_window part, int32_t x, int32_t y)
{
    size_t width = (size_t)work->window.width, read = (size_t)part.width;
    for (int32_t row = work->window.height - 1; row >= 0; row--) {
        size_t to = (size_t)row * width;
        bool inside = row >= y && row < y + part.height;
        if (inside) {
            size_t from = (size_t)(row - y) * read;
            memmove(&work->kelvin[to + (size_t)x], &work->kelvin[from], read * sizeof(float));
            memmove(&work->reason[to + (size_t)x], &work->reason[from], read);
            if (work->uncertainty)
                memmove(&work->uncertainty[to + (size_t)x], &work->uncertainty[from],
                        read * sizeof(float));
        }
        for (size_t i = 0; i < width; i++)
            if (!inside || i < (size_t)x || i >= (size_t)x + read)
                work->reason[to + i] = HEAT_FILL;
    }
}

/* Fills kelvin, uncertainty and clear with the window of a view. */
static enum err look(struct change_work *work, const struct change_view *view)
{
    const struct heat_scene *scene = view->given.scene;
    struct heat_window w = work->window;
    int32_t left = w.x - view->dx, top = w.y - view->dy;
    int32_t right = left + w.width, bottom = top + w.height;
    struct heat_window part = {left < 0 ? 0 : left, top < 0 ? 0 : top, 0, 0};
    part.width = (right > scene->grid.width ? scene->grid.width : right) - part.x;
    part.height = (bottom > scene->grid.height ? scene->grid.height : bottom) - part.y;
    memset(work->clear, 0, work->pixels * sizeof(bool));
    if (part.width <= 0 || part.height <= 0)
        return OK;
    struct heat_block block = {part, work->kelvin, work->uncertainty, work->reason};
    struct heat_reader *reader;
    enum err r = heat_reader_new(scene, &reader);
    if (r != OK)
        return r;
    r = heat_read(reader, view->given.layer, &work->ask->mask, &block);
    heat_reader_free(reader);
    if (r != OK)
        return r;
    if (part.width != w.width || part.height != w.height)
        spread(work, part, part.x - left, part.y - top);
    for (size_t p = 0; p < work->pixels; p++)
        work->clear[p] = work->reason[p] == HEAT_CLEAR;
    return OK;
}

/* ---- α ------------------------------------------------------------------------------------- */

/* The ring's mean beside the α that are known; false where too little of it is clear. */
static bool level_of(const struct change_work *work, double *level)
{
    double sum = 0;
    size_t count = 0;
    for (size_t p = 0; p < work->pixels; p++)
        if (work->ring[p] && work->clear[p] && !isnan(work->alpha[p])) {
            sum += (double)work->kelvin[p] - work->alpha[p];
            count++;
        }
    *level = count ? sum / (double)count : NAN;
    return count >= RING_LEAST;
}

static bool told(const struct change_work *work, int64_t done)
{
    const struct heat_change_ask *ask = work->ask;
    int64_t all = (int64_t)(work->frame->baseline_views * ALPHA_ROUNDS + work->view_count);
    return !ask->progress || ask->progress(ask->context, done, all);
}

static enum err stopped(void)
{
    return err_refuse(ERR_BUSY, "heat.stopped", "stopped");
}

enum err change_alpha(struct change_work *work)
{
    CLEANUP(arena_release) struct arena scratch = {0};
    double *sums = ARENA_ARRAY(&scratch, work->pixels, double);
    uint16_t *seen = ARENA_ARRAY(&scratch, work->pixels, uint16_t);
    work->alpha = ARENA_ARRAY(work->arena, work->pixels, double); /* Zero at first. */
    for (int round = 0; round < ALPHA_ROUNDS; round++) {
        size_t used = 0;
        memset(sums, 0, work->pixels * sizeof(*sums));
        memset(seen, 0, work->pixels * sizeof(*seen));
        for (size_t i = 0; i < work->view_count; i++) {
            if (work->views[i].in_period)
                continue;
            double level;
            enum err r = look(work, &work->views[i]);
            if (r != OK)
                return r;
            if (!told(work, ++work->done))
                return stopped();
            if (!level_of(work, &level))
                continue;
            used++;
            for (size_t p = 0; p < work->pixels; p++)
                if (work->clear[p]) {
                    sums[p] += (double)work->kelvin[p] - level;
                    seen[p]++;
                }
        }
        for (size_t p = 0; p < work->pixels; p++)
            work->alpha[p] = seen[p] >= 2 && seen[p] >= (used + 1) / 2 ? sums[p] / seen[p] : NAN;
    }
    return OK;
}

/* ---- the level of what matches ------------------------------------------------------------- */

/* Reference pixels by α; cumulated, so that a range of α is one subtraction. */
struct bins {
    double low, width;
    double sum[BINS + 1];
    int64_t count[BINS + 1];
    double level[BINS]; /* Mean of K - α over the reference pixels that match; NAN: too few do. */
};

static size_t bin_of(const struct bins *bins, double alpha)
{
    double at = (alpha - bins->low) / bins->width;
    return at <= 0 ? 0 : at >= BINS - 1 ? BINS - 1 : (size_t)at;
}

static void bins_init(struct bins *bins, const struct change_work *work)
{
    double high = -INFINITY;
    bins->low = INFINITY;
    for (size_t p = 0; p < work->pixels; p++)
        if (work->ring[p] && !isnan(work->alpha[p])) {
            bins->low = fmin(bins->low, work->alpha[p]);
            high = fmax(high, work->alpha[p]);
        }
    bins->width = high > bins->low ? (high - bins->low) / (BINS - 1) : 1;
}

static double level_near(const struct bins *bins, size_t bin, double match_k)
{
    double reach = match_k / bins->width;
    for (int i = 0; i <= MATCH_DOUBLINGS; i++, reach *= 2) {
        size_t from = (double)bin > reach ? bin - (size_t)reach : 0;
        size_t to = (double)bin + reach < BINS - 1 ? bin + (size_t)reach + 1 : BINS;
        int64_t count = bins->count[to] - bins->count[from];
        if (count >= RING_LEAST)
            return (bins->sum[to] - bins->sum[from]) / (double)count;
    }
    return NAN;
}

/* What the view shows of the ring. */
static void bins_fill(struct bins *bins, const struct change_work *work)
{
    memset(bins->sum, 0, sizeof(bins->sum));
    memset(bins->count, 0, sizeof(bins->count));
    for (size_t p = 0; p < work->pixels; p++)
        if (work->ring[p] && work->clear[p] && !isnan(work->alpha[p])) {
            size_t bin = bin_of(bins, work->alpha[p]) + 1;
            bins->count[bin]++;
            bins->sum[bin] += (double)work->kelvin[p] - work->alpha[p];
        }
    for (size_t i = 1; i <= BINS; i++) {
        bins->count[i] += bins->count[i - 1];
        bins->sum[i] += bins->sum[i - 1];
    }
    for (size_t i = 0; i < BINS; i++)
        bins->level[i] = level_near(bins, i, work->ask->match_k);
}

/* ---- places -------------------------------------------------------------------------------- */

struct place_sum {
    double usable; /* Share of pixels that have an α. */
    double weight; /* Of these, clear ones that reference pixels match. */
    double value, product;
};

/* Sums K - α - level over a zone's shape at a place; without `bins`, only what is usable. A
 * placebo's pixels must be reference themselves; a zone's are not. */
static struct place_sum sum_place(const struct change_work *work, const struct bins *bins,
                                  const struct change_zone *zone, const struct change_place *place)
{
    struct place_sum sum = {0};
    bool is_placebo = place != zone->places;
    for (size_t i = 0; i < zone->span_count; i++) {
        const struct heat_span *span = &zone->spans[i];
        size_t p = change_at(work, span->x + place->dx, span->y + place->dy);
        for (int32_t k = 0; k < span->count; k++, p++) {
            double alpha = work->alpha[p];
            if (isnan(alpha) || (is_placebo && !work->ring[p]))
                continue;
            sum.usable += span->share;
            double level = bins && work->clear[p] ? bins->level[bin_of(bins, alpha)] : NAN;
            if (isnan(level))
                continue;
            double u = (double)work->uncertainty[p];
            sum.weight += span->share;
            sum.value += span->share * ((double)work->kelvin[p] - alpha - level);
            sum.product += isnan(u) ? 0 : span->share * u;
        }
    }
    return sum;
}

struct box {
    int32_t left, top, right, bottom;
};

static struct box box_of(const struct change_zone *zone)
{
    struct box box = {INT32_MAX, INT32_MAX, 0, 0};
    for (size_t i = 0; i < zone->span_count; i++) {
        const struct heat_span *span = &zone->spans[i];
        box.left = span->x < box.left ? span->x : box.left;
        box.top = span->y < box.top ? span->y : box.top;
        box.right = span->x + span->count > box.right ? span->x + span->count : box.right;
        box.bottom = span->y + 1 > box.bottom ? span->y + 1 : box.bottom;
    }
    return box;
}

/* Lays the zone's shape over the window at even distances, and keeps an even choice of what fits.
 */
static void lay_placebos(struct change_work *work, struct change_zone *zone)
{
    CLEANUP(arena_release) struct arena scratch = {0};
    struct change_place *fits = NULL;
    size_t count = 0, capacity = 0;
    struct box box = box_of(zone);
    int32_t step = (int32_t)ceil(sqrt((double)work->pixels / CANDIDATES));
    for (int32_t y = 0; y + box.bottom - box.top <= work->window.height; y += step)
        for (int32_t x = 0; x + box.right - box.left <= work->window.width; x += step) {
            struct change_place place = {.dx = x - box.left, .dy = y - box.top};
            if (sum_place(work, NULL, zone, &place).usable > PLACE_LEAST * zone->weight)
                *ARENA_PUSH(&scratch, fits, count, capacity) = place;
        }
    size_t kept = count < PLACEBOS_MAX ? count : PLACEBOS_MAX;
    for (size_t i = 0; i < kept; i++)
        zone->places[zone->place_count++] = fits[i * count / kept];
}

void change_places(struct change_work *work)
{
    for (size_t z = 0; z < work->zone_count; z++) {
        struct change_zone *zone = &work->zones[z];
        zone->places = ARENA_ARRAY(work->arena, PLACEBOS_MAX + 1, struct change_place);
        zone->place_count = 1;
        zone->usable = sum_place(work, NULL, zone, zone->places).usable;
        zone->shown = ARENA_ARRAY(work->arena, work->view_count, double);
        if (zone->usable > 0)
            lay_placebos(work, zone);
        for (size_t i = 0; i < zone->place_count; i++) {
            struct change_place *place = &zone->places[i];
            place->d = ARENA_ARRAY(work->arena, work->view_count, double);
            place->clear = ARENA_ARRAY(work->arena, work->view_count, double);
            place->product = ARENA_ARRAY(work->arena, work->view_count, double);
        }
    }
}

/* ---- d ------------------------------------------------------------------------------------- */

static void sum_view(const struct change_work *work, const struct bins *bins,
                     const struct change_zone *zone, struct change_place *place, size_t view)
{
    struct place_sum sum = sum_place(work, bins, zone, place);
    place->clear[view] = zone->weight > 0 ? sum.weight / zone->weight : 0;
    bool seen = sum.weight > 0 && place->clear[view] >= work->ask->least_clear;
    place->d[view] = seen ? sum.value / sum.weight : NAN;
    place->product[view] = seen ? sum.product / sum.weight : 0;
}

/* The weight of a zone's pixels that are true in `map`. */
static double weight_in(const struct change_work *work, const struct change_zone *zone,
                        const bool *map)
{
    double weight = 0;
    for (size_t i = 0; i < zone->span_count; i++) {
        const struct heat_span *span = &zone->spans[i];
        const bool *at = &map[change_at(work, span->x, span->y)];
        int32_t count = 0;
        for (int32_t k = 0; k < span->count; k++)
            count += at[k];
        weight += span->share * count;
    }
    return weight;
}

enum err change_sums(struct change_work *work)
{
    CLEANUP(arena_release) struct arena scratch = {0};
    struct bins *bins = ARENA_NEW(&scratch, struct bins);
    bins_init(bins, work);
    for (size_t v = 0; v < work->view_count; v++) {
        enum err r = look(work, &work->views[v]);
        if (r != OK)
            return r;
        bins_fill(bins, work);
        for (size_t p = 0; p < work->pixels; p++)
            work->ever[p] |= work->clear[p];
        for (size_t z = 0; z < work->zone_count; z++) {
            struct change_zone *zone = &work->zones[z];
            zone->shown[v] = weight_in(work, zone, work->clear);
            for (size_t i = 0; i < zone->place_count; i++)
                sum_view(work, bins, zone, &zone->places[i], v);
        }
        if (!told(work, ++work->done))
            return stopped();
    }
    for (size_t z = 0; z < work->zone_count; z++)
        work->zones[z].seen = weight_in(work, &work->zones[z], work->ever);
    return OK;
}
