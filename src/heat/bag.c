#include "heat/bag.h"

#include <math.h>
#include <stdlib.h>

struct sample {
    float kelvin;
    double weight;
};

static const float SQUEEZE_STEPS = 1024; /* Per kelvin. */

enum { DIGIT_MAX = 11, SMALL = 2048 };

/* Whole numbers in the order of the floats they stand for, and back. */
static inline uint32_t key_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

static inline float value_of(uint32_t key)
{
    uint32_t bits = key & 0x80000000u ? key & 0x7FFFFFFFu : ~key;
    float value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static uint32_t *whole_of(const struct bag *bag)
{
    return (uint32_t *)(void *)bag->whole.ptr;
}

static size_t whole_count(const struct bag *bag)
{
    return bag->whole.len / sizeof(uint32_t);
}

static struct sample *parts_of(const struct bag *bag)
{
    return (struct sample *)(void *)bag->parts.ptr;
}

static size_t part_count(const struct bag *bag)
{
    return bag->parts.len / sizeof(struct sample);
}

static int by_kelvin(const void *a, const void *b)
{
    const struct sample *x = a, *y = b;
    if (x->kelvin != y->kelvin)
        return x->kelvin < y->kelvin ? -1 : 1;
    return (x->weight > y->weight) - (x->weight < y->weight);
}

/* One pass of a radix sort: by `digit` bits from `shift` on. */
static void sort_digit(const uint32_t *from, uint32_t *to, size_t count, uint32_t least,
                       unsigned shift, unsigned digit)
{
    uint32_t places[1 << DIGIT_MAX] = {0}, mask = (1u << digit) - 1, at = 0;
    for (size_t i = 0; i < count; i++)
        places[(from[i] - least) >> shift & mask]++;
    for (uint32_t i = 0; i <= mask; i++) {
        uint32_t here = places[i];
        places[i] = at;
        at += here;
    }
    for (size_t i = 0; i < count; i++)
        to[places[(from[i] - least) >> shift & mask]++] = from[i];
}

/* Temperatures of one zone lie close together: two passes are what most of them take. */
static void sort_whole(struct bag *bag)
{
    size_t count = whole_count(bag);
    uint32_t *keys = whole_of(bag), least = UINT32_MAX, most = 0;
    bool sorted = true;
    for (size_t i = 0; i < count; i++) {
        least = keys[i] < least ? keys[i] : least;
        most = keys[i] > most ? keys[i] : most;
        sorted = sorted && (i == 0 || keys[i - 1] <= keys[i]);
    }
    if (sorted)
        return;
    buf_clear(&bag->scratch);
    buf_add(&bag->scratch, bag->whole.ptr, bag->whole.len);
    unsigned bits = 32 - (unsigned)__builtin_clz(most - least), digit = count < SMALL ? 8 : 11;
    for (unsigned shift = 0; shift < bits; shift += digit) {
        sort_digit(whole_of(bag), (uint32_t *)(void *)bag->scratch.ptr, count, least, shift, digit);
        struct buf swap = bag->whole;
        bag->whole = bag->scratch;
        bag->scratch = swap;
    }
}

/* Both kinds in one order: by kelvin, among equals those that weigh less first. */
struct walk {
    const uint32_t *whole, *whole_end;
    const struct sample *part, *part_end;
};

static struct walk walk_sorted(struct bag *bag)
{
    sort_whole(bag);
    if (part_count(bag) > 0)
        qsort(parts_of(bag), part_count(bag), sizeof(struct sample), by_kelvin);
    return (struct walk){whole_of(bag), whole_of(bag) + whole_count(bag), parts_of(bag),
                         parts_of(bag) + part_count(bag)};
}

static inline bool walk_on(struct walk *walk, struct sample *out)
{
    if (walk->whole == walk->whole_end) {
        if (walk->part == walk->part_end)
            return false;
        *out = *walk->part++;
        return true;
    }
    float whole = value_of(*walk->whole);
    if (walk->part < walk->part_end && walk->part->kelvin <= whole) {
        *out = *walk->part++;
    } else {
        *out = (struct sample){whole, 1};
        walk->whole++;
    }
    return true;
}

static void begin(struct bag *bag)
{
    if (bag->next_squeeze)
        return;
    buf_init(&bag->whole, LIMIT_HEAT_WORK);
    buf_init(&bag->parts, LIMIT_HEAT_WORK);
    buf_init(&bag->scratch, LIMIT_HEAT_WORK);
    bag->next_squeeze = SAMPLES_EXACT;
}

static void squeeze(struct bag *bag)
{
    struct walk walk = walk_sorted(bag);
    struct buf kept;
    struct sample sample, last = {.weight = 0};
    buf_init(&kept, LIMIT_HEAT_WORK);
    while (walk_on(&walk, &sample)) {
        if (last.weight > 0 &&
            floorf(last.kelvin * SQUEEZE_STEPS) == floorf(sample.kelvin * SQUEEZE_STEPS)) {
            last.weight += sample.weight;
            continue;
        }
        if (last.weight > 0)
            buf_add(&kept, &last, sizeof(last));
        last = sample;
    }
    buf_add(&kept, &last, sizeof(last));
    buf_release(&bag->parts);
    bag->parts = kept;
    buf_clear(&bag->whole);
    size_t twice = part_count(bag) * 2;
    bag->next_squeeze = twice > SAMPLES_EXACT ? twice : SAMPLES_EXACT;
    bag->squeezed = true;
}

static void squeeze_if_full(struct bag *bag)
{
    if (whole_count(bag) + part_count(bag) > bag->next_squeeze)
        squeeze(bag);
}

static void add_whole(struct bag *bag, const float *kelvin, const uint8_t *reason, size_t count)
{
    enum { AT_ONCE = 512 };
    uint32_t keys[AT_ONCE];
    for (size_t i = 0; i < count;) {
        size_t clear = 0;
        for (size_t end = i + AT_ONCE; i < count && i < end; i++) {
            keys[clear] = key_of(kelvin[i]);
            clear += reason[i] == HEAT_CLEAR;
        }
        buf_add(&bag->whole, keys, clear * sizeof(*keys));
        squeeze_if_full(bag);
    }
}

void bag_add(struct bag *bag, const float *kelvin, const uint8_t *reason, size_t count,
             double weight)
{
    begin(bag);
    if (weight == 1) {
        add_whole(bag, kelvin, reason, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        if (reason[i] == HEAT_CLEAR) {
            struct sample sample = {kelvin[i], weight};
            buf_add(&bag->parts, &sample, sizeof(sample));
        }
    squeeze_if_full(bag);
}

void bag_merge(struct bag *into, const struct bag *from)
{
    if (!from->next_squeeze)
        return;
    begin(into);
    buf_add(&into->whole, from->whole.ptr, from->whole.len);
    buf_add(&into->parts, from->parts.ptr, from->parts.len);
    into->squeezed |= from->squeezed;
    squeeze_if_full(into);
}

void bag_clear(struct bag *bag)
{
    if (!bag->next_squeeze)
        return;
    buf_clear(&bag->whole);
    buf_clear(&bag->parts);
    bag->next_squeeze = SAMPLES_EXACT;
    bag->squeezed = false;
}

void bag_release(struct bag *bag)
{
    if (bag->next_squeeze) {
        buf_release(&bag->whole);
        buf_release(&bag->parts);
        buf_release(&bag->scratch);
    }
    *bag = (struct bag){0};
}

/* ---- quantiles ---------------------------------------------------------------------------- */

struct asked {
    double at;
    size_t place; /* Among those asked for. */
};

static int by_share(const void *a, const void *b)
{
    double x = ((const struct asked *)a)->at, y = ((const struct asked *)b)->at;
    return (x > y) - (x < y);
}

/* Place of sample i: i·w_i + (n − 1)·(weight before it); the last one is at (n − 1)·all. */
static void linear(struct walk walk, size_t samples, double all, const struct asked *asked,
                   size_t count, double *out)
{
    double last = (double)(samples - 1), before = 0, place = 0, value = 0, index = 0;
    struct sample sample;
    while (count > 0 && walk_on(&walk, &sample)) {
        double next = index * sample.weight + last * before, to = (double)sample.kelvin;
        for (; count > 0 && index > 0 && next >= asked->at * last * all; asked++, count--) {
            double share = next > place ? (asked->at * last * all - place) / (next - place) : 0;
            out[asked->place] = value + (share < 0 ? 0 : share) * (to - value);
        }
        place = next;
        value = to;
        before += sample.weight;
        index++;
    }
    for (; count > 0; asked++, count--)
        out[asked->place] = value;
}

static void least(struct walk walk, double all, const struct asked *asked, size_t count,
                  double *out)
{
    double before = 0, value = NAN;
    struct sample sample;
    while (count > 0 && walk_on(&walk, &sample)) {
        before += sample.weight;
        value = (double)sample.kelvin;
        for (; count > 0 && before >= asked->at * all; asked++, count--)
            out[asked->place] = value;
    }
    for (; count > 0; asked++, count--)
        out[asked->place] = value;
}

void bag_quantiles(struct bag *bag, const double *at, size_t count, double *out)
{
    struct asked asked[HEAT_QUANTILES_MAX];
    assert(count <= HEAT_QUANTILES_MAX);
    for (size_t i = 0; i < count; i++) {
        asked[i] = (struct asked){at[i], i};
        out[i] = NAN;
    }
    size_t samples = bag->next_squeeze ? whole_count(bag) + part_count(bag) : 0;
    if (samples == 0)
        return;
    qsort(asked, count, sizeof(*asked), by_share);
    struct walk walk = walk_sorted(bag);
    double all = (double)whole_count(bag);
    for (const struct sample *part = walk.part; part < walk.part_end; part++)
        all += part->weight;
    if (bag->squeezed)
        least(walk, all, asked, count, out);
    else
        linear(walk, samples, all, asked, count, out);
}
