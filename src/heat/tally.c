#include "heat/tally.h"

#include <math.h>

void tally_init(struct tally *tally)
{
    *tally = (struct tally){.min = INFINITY, .max = -INFINITY};
}

void tally_merge(struct tally *into, const struct tally *from, size_t above_count)
{
    for (int i = 0; i < HEAT_REASON_COUNT; i++)
        into->by_reason[i] += from->by_reason[i];
    into->present += from->present;
    into->sum += from->sum;
    into->squares += from->squares;
    into->min = fmin(into->min, from->min);
    into->max = fmax(into->max, from->max);
    into->error += from->error;
    into->error_weight += from->error_weight;
    into->area_m2 += from->area_m2;
    into->clear_area_m2 += from->clear_area_m2;
    for (size_t i = 0; i < above_count; i++) {
        into->above[i] += from->above[i];
        into->above_m2[i] += from->above_m2[i];
    }
}

void tally_result(const struct tally *tally, size_t above_count, struct heat_stat *out)
{
    double clear = tally->by_reason[HEAT_CLEAR], mean = clear > 0 ? tally->sum / clear : NAN;
    bool seen = clear > 0;
    out->present = tally->present;
    out->clear = clear;
    out->pixels = 0;
    for (int i = 0; i < HEAT_REASON_COUNT; i++) {
        out->by_reason[i] = tally->by_reason[i];
        out->pixels += tally->by_reason[i];
    }
    out->mean = seen ? TALLY_ABOUT + mean : NAN;
    out->sd = seen ? sqrt(fmax(tally->squares / clear - mean * mean, 0)) : NAN;
    out->min = seen ? tally->min : NAN;
    out->max = seen ? tally->max : NAN;
    out->uncertainty = tally->error_weight > 0 ? tally->error / tally->error_weight : NAN;
    out->area_m2 = tally->area_m2;
    out->clear_area_m2 = tally->clear_area_m2;
    for (size_t i = 0; i < HEAT_ABOVE_MAX; i++) {
        out->above_pixels[i] = i < above_count ? tally->above[i] : 0;
        out->above_area_m2[i] = i < above_count ? tally->above_m2[i] : 0;
    }
    for (size_t i = 0; i < HEAT_QUANTILES_MAX; i++)
        out->quantiles[i] = NAN;
}

/* Sums of one run, all pixels counting whole. */
struct run_sum {
    double sum, squares, min, max;
    uint32_t clear, present;
};

static struct run_sum sum_run(const float *kelvin, const uint8_t *reason, size_t count)
{
    struct run_sum s = {.min = INFINITY, .max = -INFINITY};
    float least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        bool there = !isnan(kelvin[i]);
        s.present += there;
        if (reason[i] != HEAT_CLEAR)
            continue;
        double d = (double)kelvin[i] - TALLY_ABOUT;
        s.clear++;
        s.sum += d;
        s.squares += d * d;
        least = kelvin[i] < least ? kelvin[i] : least;
        most = kelvin[i] > most ? kelvin[i] : most;
    }
    s.min = (double)least;
    s.max = (double)most;
    return s;
}

static void add_reasons(struct tally *tally, const uint8_t *reason, size_t count, double share)
{
    for (size_t i = 0; i < count; i++)
        if (reason[i] != HEAT_CLEAR)
            tally->by_reason[reason[i]] += share;
}

static void add_errors(struct tally *tally, const float *error, const uint8_t *reason, size_t count,
                       double share)
{
    for (size_t i = 0; i < count; i++)
        if (reason[i] == HEAT_CLEAR && !isnan(error[i])) {
            tally->error += share * (double)error[i];
            tally->error_weight += share;
        }
}

static void add_above(struct tally *tally, const struct tally_view *view, const float *kelvin,
                      const uint8_t *reason, const struct cover_run *run)
{
    for (size_t level = 0; level < view->level_count; level++) {
        uint32_t above = 0;
        for (size_t i = 0; i < run->count; i++)
            above += reason[i] == HEAT_CLEAR && (double)kelvin[i] > view->levels[level];
        tally->above[level] += run->share * above;
        tally->above_m2[level] += run->share * above * view->row_m2[run->y];
    }
}

/* A run of one pixel, as most of those along an edge are. */
static inline struct run_sum sum_pixel(float kelvin, uint8_t reason)
{
    double value = (double)kelvin, d = value - TALLY_ABOUT;
    struct run_sum s = {.min = INFINITY, .max = -INFINITY, .present = !isnan(kelvin)};
    if (reason == HEAT_CLEAR)
        s = (struct run_sum){d, d * d, value, value, 1, s.present};
    return s;
}

void tally_runs(struct tally *tally, const struct tally_view *view, const struct cover_run *runs,
                size_t count)
{
    const struct heat_block *block = view->block;
    struct tally t = *tally; /* In registers, as far as they go. */
    for (size_t r = 0; r < count; r++) {
        const struct cover_run *run = &runs[r];
        size_t at = (size_t)run->y * (size_t)block->window.width + run->x;
        const float *kelvin = &block->kelvin[at];
        const uint8_t *reason = &block->reason[at];
        struct run_sum s =
            run->count == 1 ? sum_pixel(kelvin[0], reason[0]) : sum_run(kelvin, reason, run->count);
        double share = run->share, area = share * view->row_m2[run->y];
        t.by_reason[HEAT_CLEAR] += share * s.clear;
        t.present += share * s.present;
        t.sum += share * s.sum;
        t.squares += share * s.squares;
        t.min = s.min < t.min ? s.min : t.min;
        t.max = s.max > t.max ? s.max : t.max;
        t.area_m2 += area * run->count;
        t.clear_area_m2 += area * s.clear;
        if (s.clear < run->count)
            add_reasons(&t, reason, run->count, share);
        if (s.clear > 0 && block->uncertainty)
            add_errors(&t, &block->uncertainty[at], reason, run->count, share);
        if (s.clear > 0 && view->level_count > 0)
            add_above(&t, view, kelvin, reason, run);
        if (s.clear > 0 && view->bag)
            bag_add(view->bag, kelvin, reason, run->count, share);
    }
    *tally = t;
}
