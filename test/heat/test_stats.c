/* Statistics of zones on a raster made here, pixel by pixel again: several pieces, gaps, edges. */
#include "raster.h"

#include <math.h>
#include <stdlib.h>

enum { SIDE = 1300, LEFT = 500000, TOP = 4000000 };

static struct arena paths;
static const char *path;

/* A gap of 20 × 20 pixels, and single ones. */
static float kelvin_at(int32_t x, int32_t y)
{
    if ((x >= 100 && x < 120 && y >= 100 && y < 120) || (x * 7 + y * 13) % 97 == 0)
        return NAN;
    return (float)(290 + x % 37 * 0.25 + y % 11 * 0.5 + (x + y) * 0.001);
}

/* Zones in pixels: one piece, several, all of it and more, a sliver, a gap, outside, overlapping.
 */
static const double BOXES[][4] = {{10, 10, 20, 20},
                                  {10.25, 30.5, 11.75, 31.25},
                                  {1000.5, 1010.5, 1060.25, 1050.75},
                                  {-50, -50, 1400, 1400},
                                  {-5, 600, 7.5, 640},
                                  {1290, 1290, 1320, 1320},
                                  {100, 100, 120, 120},
                                  {90, 90, 130, 130},
                                  {2000, 10, 2100, 20},
                                  {500, 0, 500.001, 1300},
                                  {1024, 1024, 1100, 1100},
                                  {1000, 1000, 1024, 1024},
                                  {700.1, 700.1, 700.2, 700.2}};

enum { ZONES = COUNT_OF(BOXES) + 1 };

static void make_zones(struct arena *arena, struct heat_zones *out)
{
    struct heat_zone *items = ARENA_ARRAY(arena, ZONES, struct heat_zone);
    for (size_t z = 0; z < ZONES; z++) {
        bool diamond = z == COUNT_OF(BOXES); /* Around the corner where four pieces meet. */
        const double *b = BOXES[z % COUNT_OF(BOXES)];
        const double box[] = {b[0], b[1], b[2], b[1], b[2], b[3], b[0], b[3]};
        const double sloping[] = {1024, 900.5, 1150.5, 1024, 1024, 1140.25, 880, 1024};
        struct heat_ring *ring = ARENA_NEW(arena, struct heat_ring);
        double *xy = ARENA_ARRAY(arena, 8, double);
        for (int i = 0; i < 8; i++) {
            double at = diamond ? sloping[i] : box[i];
            xy[i] = i % 2 ? TOP - 10 * at : LEFT + 10 * at;
        }
        *ring = (struct heat_ring){.xy = xy, .count = 4};
        items[z] = (struct heat_zone){.id = STR("z"), .rings = ring, .ring_count = 1};
    }
    *out = (struct heat_zones){.items = items, .count = ZONES, .crs = STR("EPSG:32650")};
}

static void ask_all(struct heat_ask *ask)
{
    heat_ask_init(ask);
    ask->quantiles[0] = 0.1;
    ask->quantiles[1] = 0.5;
    ask->quantile_count = 2;
    ask->above[0] = (struct heat_threshold){HEAT_ABOVE_KELVIN, 296};
    ask->above[1] = (struct heat_threshold){HEAT_ABOVE_Z, 1};
    ask->above_count = 2;
}

struct under_test {
    struct arena arena;
    struct heat_scene *scene;
    struct heat_zones zones;
    struct heat_cover *cover;
    struct heat_stat stats[ZONES];
    struct heat_levels levels;
};

static void run(struct under_test *t, int threads, size_t keep_bytes)
{
    struct heat_ask ask;
    struct heat_options options;
    heat_options_init(&options);
    options.unit = HEAT_UNIT_KELVIN;
    ask_all(&ask);
    ask.threads = threads;
    assert_ok(heat_open(&t->arena, path, &options, &t->scene));
    make_zones(&t->arena, &t->zones);
    assert_ok(heat_cover_new(&t->scene->grid, &t->zones, keep_bytes, &t->cover));
    assert_ok(heat_stats(t->scene, 0, t->cover, &ask, t->stats, &t->levels));
}

static void finish(struct under_test *t)
{
    heat_cover_free(t->cover);
    arena_release(&t->arena);
}

static void assert_near(size_t zone, const char *what, double found, double wanted)
{
    bool same = isnan(wanted) ? isnan(found) : fabs(found - wanted) <= 1e-9 * (1 + fabs(wanted));
    if (!same)
        fail_msg("zone %zu: %s %.12f instead of %.12f", zone, what, found, wanted);
}

/* The same from the zone's shares and kelvin_at alone, in two passes. */
static void check_zone(struct under_test *t, size_t zone)
{
    const struct heat_stat *s = &t->stats[zone];
    const struct heat_span *spans;
    size_t count;
    double all = 0, clear = 0, sum = 0, squares = 0, above[2] = {0}, least = NAN, most = NAN;
    assert_ok(heat_cover_spans(t->cover, zone, &t->arena, &spans, &count));
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < count; i++)
            for (int x = spans[i].x; x < spans[i].x + spans[i].count; x++) {
                double k = (double)kelvin_at(x, spans[i].y), share = spans[i].share;
                if (pass == 0)
                    all += share;
                if (isnan(k))
                    continue;
                if (pass == 1) {
                    squares += share * (k - sum / clear) * (k - sum / clear);
                    continue;
                }
                clear += share;
                sum += share * k;
                least = fmin(least, k);
                most = fmax(most, k);
                for (int a = 0; a < 2; a++)
                    above[a] += k > t->levels.kelvin[a] ? share : 0;
            }
    assert_near(zone, "pixels", s->pixels, all);
    assert_near(zone, "clear", s->clear, clear);
    assert_near(zone, "gap", s->by_reason[HEAT_GAP], all - clear);
    assert_near(zone, "mean", s->mean, clear > 0 ? sum / clear : NAN);
    if (clear > 0)
        assert_true(fabs(s->sd - sqrt(squares / clear)) < 1e-6);
    assert_near(zone, "min", s->min, least);
    assert_near(zone, "max", s->max, most);
    assert_near(zone, "above 296 K", s->above_pixels[0], above[0]);
    assert_near(zone, "above z 1", s->above_area_m2[1], above[1] * 100);
    assert_near(zone, "area", s->area_m2, all * 100);
}

static void test_again(void **state)
{
    (void)state;
    struct under_test t = {0};
    run(&t, 2, 0);
    for (size_t z = 0; z < ZONES; z++)
        check_zone(&t, z);
    assert_near(3, "pixels of all", t.stats[3].pixels, (double)SIDE * SIDE);
    assert_near(3, "zone", t.stats[3].zone_pixels, 1450.0 * 1450);
    assert_true(!heat_observed(&t.stats[6]) && t.stats[6].pixels == 400); /* Nothing but gap. */
    assert_true(!heat_observed(&t.stats[8]) && t.stats[8].pixels == 0);   /* Outside. */
    assert_near(8, "zone", t.stats[8].zone_pixels, 1000);
    assert_near(8, "valid", heat_valid_fraction(&t.stats[8]), 0);
    assert_near(5, "pixels", t.stats[5].pixels, 100); /* Over the corner. */
    finish(&t);
}

/* To the bit: any number of threads, and shares that were kept instead of worked out anew. */
static void test_same_bits(void **state)
{
    (void)state;
    struct under_test one = {0};
    run(&one, 1, 0);
    for (int threads = 2; threads < 6; threads++) {
        struct under_test more = {0};
        run(&more, threads, threads % 2 ? 1 << 20 : 0);
        assert_memory_equal(one.stats, more.stats, sizeof(one.stats));
        struct heat_ask ask;
        ask_all(&ask);
        memset(more.stats, 0, sizeof(more.stats));
        assert_ok(heat_stats(more.scene, 0, more.cover, &ask, more.stats, NULL));
        assert_memory_equal(one.stats, more.stats, sizeof(one.stats));
        finish(&more);
    }
    finish(&one);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void test_quantiles(void **state)
{
    (void)state;
    struct under_test t = {0};
    run(&t, 2, 0);
    double values[24 * 24], place;
    size_t count = 0;
    for (int i = 0; i < 24 * 24; i++) /* Zone 11: whole pixels. */
        if (!isnan(kelvin_at(1000 + i % 24, 1000 + i / 24)))
            values[count++] = (double)kelvin_at(1000 + i % 24, 1000 + i / 24);
    qsort(values, count, sizeof(*values), compare);
    for (int q = 0; q < 2; q++) {
        double share = modf((q ? 0.5 : 0.1) * (double)(count - 1), &place);
        const double *low = &values[(size_t)place];
        assert_near(11, "quantile", t.stats[11].quantiles[q], low[0] + share * (low[1] - low[0]));
    }
    assert_true(isnan(t.stats[6].quantiles[0]) && isnan(t.stats[8].quantiles[1]));
    finish(&t);
}

/* Blocks that the raster's edges cut, and four pieces that are read one after another. */
static int set_up(void **state)
{
    (void)state;
    path = raster_path(&paths, "kelvin.tif");
    struct raster raster = {.path = path,
                            .width = SIDE,
                            .height = SIDE,
                            .transform = {LEFT, 10, 0, TOP, 0, -10},
                            .epsg = 32650,
                            .block = 256};
    raster_write(&raster, kelvin_at);
    return 0;
}

/* Degrees Celsius: a few in one corner of a large raster, or everywhere. */
static float corner(int32_t x, int32_t y)
{
    return x >= 700 && x < 760 && y >= 20 && y < 60 ? (float)(15 + 0.01 * x) : NAN;
}

static float everywhere(int32_t x, int32_t y)
{
    return (float)(15 + 0.01 * x - 0.02 * y);
}

static void test_unit(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    float (*const KINDS[])(int32_t, int32_t) = {corner, everywhere};
    for (size_t i = 0; i < COUNT_OF(KINDS); i++)
        for (int32_t block = 0; block <= 128; block += 128) {
            struct raster raster = {.path = raster_path(&arena, "celsius.tif"),
                                    .width = 900,
                                    .height = 700,
                                    .transform = {LEFT, 10, 0, TOP, 0, -10},
                                    .epsg = 32650,
                                    .block = block,
                                    .no_unit = true};
            raster_write(&raster, KINDS[i]);
            assert_str(raster_open(&arena, raster.path)->method,
                       "degrees Celsius as given, + 273.15");
        }
}

static int tear_down(void **state)
{
    (void)state;
    raster_clean();
    arena_release(&paths);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_again), cmocka_unit_test(test_same_bits),
        cmocka_unit_test(test_quantiles), cmocka_unit_test(test_unit)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
