#include "heat/tally.h"

#include <math.h>
#ifdef __SSE__
#include <xmmintrin.h>
#endif

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
    double sum, squares;
    float min, max;
    uint32_t clear, present;
};

/* Four pixels at a time: what a compiler may not do by itself, as it changes the order of a sum. */
typedef float floats __attribute__((vector_size(16)));
typedef int32_t masks __attribute__((vector_size(16)));
typedef double doubles __attribute__((vector_size(16)));
typedef float half_floats __attribute__((vector_size(8)));

/* As "a < b ? a : b" in each place. */
static inline floats least_of(floats a, floats b)
{
#ifdef __SSE__
    return _mm_min_ps(a, b);
#else
    masks which = a < b;
    return (floats)((which & (masks)a) | (~which & (masks)b));
#endif
}

static inline floats most_of(floats a, floats b)
{
#ifdef __SSE__
    return _mm_max_ps(a, b);
#else
    masks which = a > b;
    return (floats)((which & (masks)a) | (~which & (masks)b));
#endif
}

/* Clear pixels, which all have a temperature: nothing is asked of any of them. */
static void sum_clear(struct run_sum *s, const float *kelvin, size_t count)
{
    enum { LANES = 4 };
    size_t i = 0;
    s->clear += (uint32_t)count;
    s->present += (uint32_t)count;
    if (count >= 2 * LANES) {
        floats four, low, high;
        doubles sum[2] = {0}, squares[2] = {0};
        memcpy(&low, kelvin, sizeof(low));
        high = low;
        for (; i + LANES <= count; i += LANES) {
            half_floats half[2];
            memcpy(&four, &kelvin[i], sizeof(four));
            memcpy(half, &kelvin[i], sizeof(half));
            low = least_of(four, low);
            high = most_of(four, high);
            for (int k = 0; k < 2; k++) {
                doubles d = __builtin_convertvector(half[k], doubles) - TALLY_ABOUT;
                sum[k] += d;
                squares[k] += d * d;
            }
        }
        s->sum += (sum[0][0] + sum[1][0]) + (sum[0][1] + sum[1][1]);
        s->squares += (squares[0][0] + squares[1][0]) + (squares[0][1] + squares[1][1]);
        for (int k = 0; k < LANES; k++) {
            s->min = low[k] < s->min ? low[k] : s->min;
            s->max = high[k] > s->max ? high[k] : s->max;
        }
    }
    for (; i < count; i++) {
        double d = (double)kelvin[i] - TALLY_ABOUT;
        s->sum += d;
        s->squares += d * d;
        s->min = kelvin[i] < s->min ? kelvin[i] : s->min;
        s->max = kelvin[i] > s->max ? kelvin[i] : s->max;
    }
}

/* Clouds come in clumps: clear stretches are summed as such. */
static void sum_masked(struct run_sum *s, const float *kelvin, const uint8_t *reason, size_t count)
{
    for (size_t i = 0; i < count;) {
        size_t begin = i;
        while (i < count && reason[i] == HEAT_CLEAR)
            i++;
        if (i > begin)
            sum_clear(s, &kelvin[begin], i - begin);
        for (; i < count && reason[i] != HEAT_CLEAR; i++)
            s->present += !isnan(kelvin[i]);
    }
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

static struct run_sum sum_run(const struct tally_view *view, const struct cover_run *run,
                              const float *kelvin, const uint8_t *reason)
{
    struct run_sum s = {.min = INFINITY, .max = -INFINITY};
    if (view->row_clear[run->y])
        sum_clear(&s, kelvin, run->count);
    else
        sum_masked(&s, kelvin, reason, run->count);
    return s;
}

static void add_run(struct tally *t, const struct tally_view *view, const struct cover_run *run,
                    size_t at)
{
    const struct heat_block *block = view->block;
    const float *kelvin = &block->kelvin[at];
    const uint8_t *reason = &block->reason[at];
    struct run_sum s = sum_run(view, run, kelvin, reason);
    double share = run->share, area = share * view->row_m2[run->y];
    t->by_reason[HEAT_CLEAR] += share * s.clear;
    t->present += share * s.present;
    t->sum += share * s.sum;
    t->squares += share * s.squares;
    t->min = (double)s.min < t->min ? (double)s.min : t->min;
    t->max = (double)s.max > t->max ? (double)s.max : t->max;
    t->area_m2 += area * run->count;
    t->clear_area_m2 += area * s.clear;
    if (s.clear < run->count)
        add_reasons(t, reason, run->count, share);
    if (s.clear > 0 && block->uncertainty)
        add_errors(t, &block->uncertainty[at], reason, run->count, share);
    if (s.clear > 0 && view->level_count > 0)
        add_above(t, view, kelvin, reason, run);
    if (s.clear > 0 && view->bag)
        bag_add(view->bag, kelvin, reason, run->count, share);
}

/* Most runs are one pixel on an edge, most of those clear: summed up here, added at the end. */
struct edge_sum {
    double share, sum, squares, area;
    float min, max;
};

static void add_edges(struct tally *t, const struct edge_sum *edge)
{
    t->by_reason[HEAT_CLEAR] += edge->share;
    t->present += edge->share;
    t->sum += edge->sum;
    t->squares += edge->squares;
    t->area_m2 += edge->area;
    t->clear_area_m2 += edge->area;
    t->min = (double)edge->min < t->min ? (double)edge->min : t->min;
    t->max = (double)edge->max > t->max ? (double)edge->max : t->max;
}

void tally_runs(struct tally *tally, const struct tally_view *view, const struct cover_run *runs,
                size_t count)
{
    const struct heat_block *block = view->block;
    const float *kelvin = block->kelvin;
    size_t width = (size_t)block->window.width;
    bool plain = !block->uncertainty && view->level_count == 0 && !view->bag;
    struct edge_sum edge = {.min = INFINITY, .max = -INFINITY};
    for (size_t r = 0; r < count; r++) {
        const struct cover_run *run = &runs[r];
        size_t at = (size_t)run->y * width + run->x;
        if (run->count > 1 || !plain || block->reason[at] != HEAT_CLEAR) {
            add_run(tally, view, run, at);
            continue;
        }
        float here = kelvin[at];
        double d = (double)here - TALLY_ABOUT, weighted = run->share * d;
        edge.share += run->share;
        edge.sum += weighted;
        edge.squares += weighted * d;
        edge.area += run->share * view->row_m2[run->y];
        edge.min = here < edge.min ? here : edge.min;
        edge.max = here > edge.max ? here : edge.max;
    }
    add_edges(tally, &edge);
}
