/* Quantiles against sorted arrays and the formula written out. */
#include "test.h"

#include "heat/bag.h"

#include <math.h>
#include <stdlib.h>

static uint64_t seed = 11;

static double next_random(void)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(seed >> 11) / 9007199254740992.0;
}

struct item {
    float kelvin;
    double weight;
};

static int by_value(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->kelvin != y->kelvin)
        return x->kelvin < y->kelvin ? -1 : 1;
    return (x->weight > y->weight) - (x->weight < y->weight);
}

static const double AT[] = {0.5, 0, 0.05, 1, 0.95, 0.25, 0.333, 0.999};

/* Place of item i: i·w + (n − 1)·(weight before); what is asked for lies between two of them. */
static double brute(const struct item *sorted, size_t count, double at)
{
    double all = 0, last = (double)(count - 1), before = 0, place = 0;
    for (size_t i = 0; i < count; i++)
        all += sorted[i].weight;
    for (size_t i = 0; i < count; i++) {
        double next = (double)i * sorted[i].weight + last * before;
        if (i > 0 && next >= at * last * all) {
            double low = (double)sorted[i - 1].kelvin, high = (double)sorted[i].kelvin;
            double share = next > place ? (at * last * all - place) / (next - place) : 0;
            return low + share * (high - low);
        }
        place = next;
        before += sorted[i].weight;
    }
    return (double)sorted[count - 1].kelvin;
}

/* Values on a coarse scale, so that many are equal; some below zero. */
static struct item *items_new(struct arena *arena, size_t count, bool weighted)
{
    struct item *items = ARENA_ARRAY(arena, count, struct item);
    for (size_t i = 0; i < count; i++) {
        items[i].kelvin = (float)(floor(next_random() * 400 - 20) / 4);
        items[i].weight = weighted && next_random() < 0.3 ? 0.001 + 0.998 * next_random() : 1;
    }
    return items;
}

static void fill(struct bag *bag, const struct item *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t reason = HEAT_CLEAR, masked = HEAT_CLOUD;
        float hot = 1000;
        bag_add(bag, &items[i].kelvin, &reason, 1, items[i].weight);
        bag_add(bag, &hot, &masked, 1, items[i].weight); /* Never counts. */
    }
}

static void test_brute_force(void **state)
{
    (void)state;
    static const size_t COUNTS[] = {1, 2, 3, 10, 100, 3000, 20000};
    for (size_t c = 0; c < COUNT_OF(COUNTS); c++)
        for (int weighted = 0; weighted < 2; weighted++) {
            CLEANUP(arena_release) struct arena arena = {0};
            CLEANUP(bag_release) struct bag bag = {0};
            size_t count = COUNTS[c];
            struct item *items = items_new(&arena, count, weighted);
            double found[COUNT_OF(AT)];
            fill(&bag, items, count);
            bag_quantiles(&bag, AT, COUNT_OF(AT), found);
            qsort(items, count, sizeof(*items), by_value);
            for (size_t i = 0; i < COUNT_OF(AT); i++)
                if (!(fabs(found[i] - brute(items, count, AT[i])) < 1e-9))
                    fail_msg("%zu items, %g: %.12f instead of %.12f", count, AT[i], found[i],
                             brute(items, count, AT[i]));
        }
}

/* Equal weights: between the two values around place at · (n − 1), as numpy has it. */
static void test_equal_weights(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    for (int part = 0; part < 2; part++) {
        CLEANUP(bag_release) struct bag bag = {0};
        size_t count = 1001 + (size_t)part;
        struct item *items = items_new(&arena, count, false);
        for (size_t i = 0; part && i < count; i++)
            items[i].weight = 0.25;
        double found[COUNT_OF(AT)];
        fill(&bag, items, count);
        bag_quantiles(&bag, AT, COUNT_OF(AT), found);
        qsort(items, count, sizeof(*items), by_value);
        for (size_t i = 0; i < COUNT_OF(AT); i++) {
            double place = AT[i] * (double)(count - 1);
            size_t low = (size_t)place, high = low + 1 < count ? low + 1 : low;
            double wanted =
                (double)items[low].kelvin +
                (place - (double)low) * (double)(items[high].kelvin - items[low].kelvin);
            assert_true(fabs(found[i] - wanted) < 1e-9);
        }
    }
}

/* The order in which values come, and in how many bags, changes nothing. */
static void test_order(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    CLEANUP(bag_release) struct bag one = {0};
    CLEANUP(bag_release) struct bag all = {0};
    enum { COUNT = 5000 };
    struct item *items = items_new(&arena, COUNT, true);
    double first[COUNT_OF(AT)], second[COUNT_OF(AT)];
    fill(&one, items, COUNT);
    bag_quantiles(&one, AT, COUNT_OF(AT), first);
    for (size_t end = COUNT; end > 0; end -= 500) {
        struct bag part = {0};
        fill(&part, &items[end - 500], 500);
        bag_merge(&all, &part);
        bag_release(&part);
    }
    bag_quantiles(&all, AT, COUNT_OF(AT), second);
    for (size_t i = 0; i < COUNT_OF(AT); i++)
        assert_true(fabs(first[i] - second[i]) < 1e-12);
    bag_clear(&all);
    bag_quantiles(&all, AT, COUNT_OF(AT), second);
    assert_true(isnan(second[0]));
    fill(&all, items, COUNT);
    bag_quantiles(&all, AT, COUNT_OF(AT), second);
    assert_memory_equal(first, second, sizeof(first));
}

/* Past SAMPLES_EXACT: the least value with that share of the weight, within 1/1024 K. */
static void test_squeezed(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    CLEANUP(bag_release) struct bag bag = {0};
    enum { COUNT = 4 * SAMPLES_EXACT + 17 };
    struct item *items = ARENA_ARRAY(&arena, COUNT, struct item);
    double found[COUNT_OF(AT)], all = 0;
    for (size_t i = 0; i < COUNT; i++) {
        double far = next_random() - next_random();
        items[i] = (struct item){(float)(300 + 30 * far), i % 50 ? 1 : 0.5};
        all += items[i].weight;
    }
    fill(&bag, items, COUNT);
    assert_true(bag.squeezed);
    assert_true(bag.parts.len + bag.whole.len < COUNT * sizeof(float));
    bag_quantiles(&bag, AT, COUNT_OF(AT), found);
    qsort(items, COUNT, sizeof(*items), by_value);
    for (size_t i = 0; i < COUNT_OF(AT); i++) {
        double before = 0;
        size_t at = 0;
        while (at + 1 < COUNT && (before += items[at].weight) < AT[i] * all)
            at++;
        if (!(fabs(found[i] - (double)items[at].kelvin) <= 1.0 / 1024))
            fail_msg("%g: %f instead of %f", AT[i], found[i], (double)items[at].kelvin);
    }
}

static void test_empty(void **state)
{
    (void)state;
    CLEANUP(bag_release) struct bag bag = {0};
    struct bag none = {0};
    double found[2];
    bag_merge(&bag, &none);
    bag_clear(&bag);
    bag_quantiles(&bag, (const double[]){0, 1}, 2, found);
    assert_true(isnan(found[0]) && isnan(found[1]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_brute_force), cmocka_unit_test(test_equal_weights),
        cmocka_unit_test(test_order), cmocka_unit_test(test_squeezed),
        cmocka_unit_test(test_empty)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
