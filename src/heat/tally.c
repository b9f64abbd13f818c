#include "heat/tally.h"

#include <math.h>
#ifdef __x86_64__
#include <immintrin.h>
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

/* ---- single pixels on edges --------------------------------------------------------------- */

static void add_cells(struct tally *t, const struct tally_view *view, const struct cover_run *cells,
                      size_t count)
{
    const struct heat_block *block = view->block;
    size_t width = (size_t)block->window.width;
    double clear = 0, sum = 0, squares = 0, clear_m2 = 0;
    float low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        const struct cover_run *cell = &cells[i];
        size_t at = (size_t)cell->y * width + cell->x;
        double share = cell->share, area = share * view->row_m2[cell->y];
        float kelvin = block->kelvin[at];
        if (block->reason[at] != HEAT_CLEAR) {
            t->by_reason[block->reason[at]] += share;
            t->present += isnan(kelvin) ? 0 : share;
            t->area_m2 += area;
            continue;
        }
        double d = (double)kelvin - TALLY_ABOUT, weighted = share * d;
        clear += share;
        sum += weighted;
        squares += weighted * d;
        clear_m2 += area;
        low = kelvin < low ? kelvin : low;
        high = kelvin > high ? kelvin : high;
    }
    t->by_reason[HEAT_CLEAR] += clear;
    t->present += clear;
    t->sum += sum;
    t->squares += squares;
    t->area_m2 += clear_m2;
    t->clear_area_m2 += clear_m2;
    t->min = (double)low < t->min ? (double)low : t->min;
    t->max = (double)high > t->max ? (double)high : t->max;
}

/* ---- runs between them -------------------------------------------------------------------- */

enum { LANES = TALLY_LANES };

/* Eight sums side by side, pixel after pixel in turn: what a compiler may not do by itself, as it
 * changes the order of the sum. The order is the same whatever the processor has for it, and so
 * are the numbers. */
struct lanes {
    double sum[LANES], squares[LANES];
    float low[LANES], high[LANES];
    uint32_t hidden;                       /* Masked pixels with a temperature. */
    uint32_t by_reason[HEAT_REASON_COUNT]; /* Masked ones. */
};

#define INLINE static inline __attribute__((always_inline))

INLINE void lanes_init(struct lanes *l)
{
    memset(l, 0, sizeof(*l));
    for (int k = 0; k < LANES; k++) {
        l->low[k] = INFINITY;
        l->high[k] = -INFINITY;
    }
}

INLINE void add_lane(struct lanes *l, int k, float kelvin)
{
    double d = (double)kelvin - TALLY_ABOUT;
    l->sum[k] += d;
    l->squares[k] += d * d;
    l->low[k] = kelvin < l->low[k] ? kelvin : l->low[k];
    l->high[k] = kelvin > l->high[k] ? kelvin : l->high[k];
}

_Static_assert(HEAT_CLEAR == 0, "clear pixels are found by bits that others have");

/* Which of eight reasons are among the first `count`. */
INLINE uint64_t within(size_t count)
{
    static const uint8_t FIRST[2 * LANES] = {255, 255, 255, 255, 255, 255, 255, 255};
    uint64_t bits;
    memcpy(&bits, &FIRST[LANES - count], sizeof(bits));
    return bits;
}

/* Adds clear pixels, by eight, until there are masked ones among the next; returns how many. */
typedef size_t add_clear(struct lanes *l, const float *kelvin, const uint8_t *reason, size_t count);

INLINE size_t add_clear_anywhere(struct lanes *l, const float *kelvin, const uint8_t *reason,
                                 size_t count)
{
    for (size_t i = 0; i < count; i += LANES) {
        size_t some = count - i < LANES ? count - i : LANES;
        uint64_t reasons;
        memcpy(&reasons, &reason[i], sizeof(reasons));
        if ((reasons & within(some)) != 0)
            return i;
        for (size_t k = 0; k < some; k++)
            add_lane(l, (int)k, kelvin[i + k]);
    }
    return count;
}

#ifdef __x86_64__
__attribute__((target("avx2"))) INLINE size_t add_clear_avx2(struct lanes *l, const float *kelvin,
                                                             const uint8_t *reason, size_t count)
{
    const __m256d about = _mm256_set1_pd(TALLY_ABOUT);
    __m256d sum[2], squares[2];
    __m256 low = _mm256_loadu_ps(l->low), high = _mm256_loadu_ps(l->high);
    for (int k = 0; k < 2; k++) {
        sum[k] = _mm256_loadu_pd(&l->sum[4 * k]);
        squares[k] = _mm256_loadu_pd(&l->squares[4 * k]);
    }
    size_t i = 0;
    uint64_t reasons;
    for (; i + LANES <= count; i += LANES) {
        memcpy(&reasons, &reason[i], sizeof(reasons));
        if (reasons != 0)
            break;
        __m256 eight = _mm256_loadu_ps(&kelvin[i]);
        low = _mm256_min_ps(eight, low);
        high = _mm256_max_ps(eight, high);
        for (int k = 0; k < 2; k++) {
            __m256d d = _mm256_sub_pd(_mm256_cvtps_pd(_mm_loadu_ps(&kelvin[i + 4 * k])), about);
            sum[k] = _mm256_add_pd(sum[k], d);
            squares[k] = _mm256_add_pd(squares[k], _mm256_mul_pd(d, d));
        }
    }
    size_t rest = count - i;
    if (rest < LANES) {
        uint64_t some = within(rest);
        memcpy(&reasons, &reason[i], sizeof(reasons));
        if ((reasons & some) == 0) {
            __m128i bytes = _mm_cvtsi64_si128((int64_t)some);
            __m256 keep = _mm256_castsi256_ps(_mm256_cvtepi8_epi32(bytes));
            __m256 eight = _mm256_loadu_ps(&kelvin[i]);
            low = _mm256_min_ps(_mm256_blendv_ps(low, eight, keep), low);
            high = _mm256_max_ps(_mm256_blendv_ps(high, eight, keep), high);
            __m256i wide[2] = {_mm256_cvtepi8_epi64(bytes),
                               _mm256_cvtepi8_epi64(_mm_srli_si128(bytes, 4))};
            for (int k = 0; k < 2; k++) {
                __m256d d = _mm256_sub_pd(_mm256_cvtps_pd(_mm_loadu_ps(&kelvin[i + 4 * k])), about);
                d = _mm256_and_pd(d, _mm256_castsi256_pd(wide[k]));
                sum[k] = _mm256_add_pd(sum[k], d);
                squares[k] = _mm256_add_pd(squares[k], _mm256_mul_pd(d, d));
            }
            i = count;
        }
    }
    _mm256_storeu_ps(l->low, low);
    _mm256_storeu_ps(l->high, high);
    for (int k = 0; k < 2; k++) {
        _mm256_storeu_pd(&l->sum[4 * k], sum[k]);
        _mm256_storeu_pd(&l->squares[4 * k], squares[k]);
    }
    return i;
}
#endif

/* Up to eight pixels with those that are masked among them; returns how many. */
INLINE uint32_t add_masked(struct lanes *l, const float *kelvin, const uint8_t *reason,
                           size_t count)
{
    uint32_t masked = 0;
    for (size_t k = 0; k < count; k++) {
        if (reason[k] == HEAT_CLEAR) {
            add_lane(l, (int)k, kelvin[k]);
            continue;
        }
        l->by_reason[reason[k]]++;
        l->hidden += !isnan(kelvin[k]);
        masked++;
    }
    return masked;
}

/* Adds pixels side by side; returns how many of them are clear. */
INLINE uint32_t add_pixels(struct lanes *l, const float *kelvin, const uint8_t *reason,
                           uint32_t count, add_clear *add)
{
    uint32_t masked = 0;
    for (size_t i = add(l, kelvin, reason, count); i < count;) {
        size_t some = count - i < LANES ? count - i : LANES;
        masked += add_masked(l, &kelvin[i], &reason[i], some);
        i += some;
        i += add(l, &kelvin[i], &reason[i], count - i);
    }
    return count - masked;
}

/* The sums of `clear` pixels. */
INLINE void lanes_end(const struct lanes *l, struct tally *t, uint64_t clear, double share)
{
    double sum[2] = {0}, squares[2] = {0};
    for (int k = 0; k < LANES; k++) {
        sum[k % 2] += l->sum[k];
        squares[k % 2] += l->squares[k];
        t->min = (double)l->low[k] < t->min ? (double)l->low[k] : t->min;
        t->max = (double)l->high[k] > t->max ? (double)l->high[k] : t->max;
    }
    t->sum += share * (sum[0] + sum[1]);
    t->squares += share * (squares[0] + squares[1]);
    t->by_reason[HEAT_CLEAR] += share * (double)clear;
    for (int i = HEAT_CLEAR + 1; i < HEAT_REASON_COUNT; i++)
        t->by_reason[i] += share * l->by_reason[i];
    t->present += share * (double)(clear + l->hidden);
}

/* Most runs count whole: they go on in the same lanes. */
INLINE void add_runs_with(struct tally *t, const struct tally_view *view,
                          const struct cover_run *runs, size_t count, add_clear *add)
{
    const struct heat_block *block = view->block;
    size_t width = (size_t)block->window.width;
    double area = 0, clear_area = 0;
    uint64_t all_clear = 0;
    struct lanes whole;
    lanes_init(&whole);
    for (size_t i = 0; i < count; i++) {
        const struct cover_run *run = &runs[i];
        size_t at = (size_t)run->y * width + run->x;
        const float *kelvin = &block->kelvin[at];
        const uint8_t *reason = &block->reason[at];
        double pixel_m2 = run->share * view->row_m2[run->y];
        uint32_t clear;
        if (run->share == 1) {
            clear = add_pixels(&whole, kelvin, reason, run->count, add);
            all_clear += clear;
        } else {
            struct lanes part;
            lanes_init(&part);
            clear = add_pixels(&part, kelvin, reason, run->count, add_clear_anywhere);
            lanes_end(&part, t, clear, run->share);
        }
        area += pixel_m2 * run->count;
        clear_area += pixel_m2 * clear;
    }
    lanes_end(&whole, t, all_clear, 1);
    t->area_m2 += area;
    t->clear_area_m2 += clear_area;
}

#ifdef __x86_64__
__attribute__((target("avx2"))) static void add_runs_avx2(struct tally *t,
                                                          const struct tally_view *view,
                                                          const struct cover_run *runs,
                                                          size_t count)
{
    add_runs_with(t, view, runs, count, add_clear_avx2);
}
#endif

static void add_runs(struct tally *t, const struct tally_view *view, const struct cover_run *runs,
                     size_t count)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2")) {
        add_runs_avx2(t, view, runs, count);
        return;
    }
#endif
    add_runs_with(t, view, runs, count, add_clear_anywhere);
}

/* ---- what is asked for besides ------------------------------------------------------------ */

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

static void add_extras(struct tally *t, const struct tally_view *view, const struct cover_run *runs,
                       size_t count)
{
    const struct heat_block *block = view->block;
    for (size_t i = 0; i < count; i++) {
        const struct cover_run *run = &runs[i];
        size_t at = (size_t)run->y * (size_t)block->window.width + run->x;
        const float *kelvin = &block->kelvin[at];
        const uint8_t *reason = &block->reason[at];
        if (block->uncertainty)
            add_errors(t, &block->uncertainty[at], reason, run->count, run->share);
        if (view->level_count > 0)
            add_above(t, view, kelvin, reason, run);
        if (view->bag)
            bag_add(view->bag, kelvin, reason, run->count, run->share);
    }
}

void tally_add(struct tally *tally, const struct tally_view *view, const struct cover_part *part)
{
    add_cells(tally, view, part->cells, part->cell_count);
    add_runs(tally, view, part->runs, part->run_count);
    if (view->block->uncertainty || view->level_count > 0 || view->bag) {
        add_extras(tally, view, part->cells, part->cell_count);
        add_extras(tally, view, part->runs, part->run_count);
    }
}
