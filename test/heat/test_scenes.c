/* Real scenes beside the checkout, and the numbers their README gives for them. */
#include "test.h"

#include "heat/heat.h"

#include <math.h>
#include <unistd.h>

static const char FOLDER[] = "../shared/heat";

struct expected {
    const char *scene, *mask;
    size_t layer;
    double present, clear, mean, sd, above;
};

#define COLOMBIA "landsat-c2l2-colombia-20191201"
#define GREENLAND "landsat-c2l2-greenland-20150710"
#define ECOSTRESS "ecostress-l2t-imperial-20230516"
#define MODIS "modis-mod11a1-h14v09-2019305"

/* 0 where the README gives no number. */
static const struct expected EXPECTED[] = {
    {COLOMBIA, "0x1F", 0, 178678, 21323, 308.3474, 4.3550, 13117},
    {COLOMBIA, "default", 0, 178678, 21323, 308.3474, 4.3550, 13117},
    {COLOMBIA, "0x9F", 0, 178678, 21238, 308.3417, 4.3603, 13059},
    {COLOMBIA, "default,water", 0, 178678, 21238, 308.3417, 4.3603, 13059},
    {COLOMBIA, "none", 0, 178678, 178678, 268.626, 0, 0},
    {GREENLAND, "0x1F", 0, 131703, 47323, 265.1316, 1.1853, 28087},
    {ECOSTRESS, "default", 0, 2108314, 2108314, 291.53860, 2.87289, 1008811},
    {MODIS, "default", 0, 333829, 251784, 314.064, 0, 0},
    {MODIS, "quality=1,uncertainty=1", 0, 333829, 255237, 314.059, 0, 0},
    {MODIS, "quality=1,uncertainty=2", 0, 333829, 332615, 312.568, 0, 0},
    {MODIS, "default", 1, 224088, 141975, 294.088, 0, 0},
};

static bool missing(void)
{
    if (access(FOLDER, R_OK) == 0)
        return false;
    print_message("skipped: %s is not there\n", FOLDER);
    return true;
}

static struct heat_stat whole(struct arena *arena, const char *name, size_t layer, const char *mask,
                              const struct heat_options *options)
{
    struct heat_scene *scene;
    struct heat_ask ask;
    struct heat_stat stat;
    heat_ask_init(&ask);
    assert_ok(heat_mask_parse(str_of(mask), &ask.mask));
    ask.above[0].kind = HEAT_ABOVE_MEAN;
    ask.above[1] = (struct heat_threshold){HEAT_ABOVE_Z, 2};
    ask.above[2] = (struct heat_threshold){HEAT_ABOVE_Z, 3};
    ask.above_count = 3;
    assert_ok(heat_open(arena, str_format(arena, "%s/%s", FOLDER, name).ptr, options, &scene));
    assert_ok(heat_whole(scene, layer, &ask, &stat, NULL));
    return stat;
}

static void assert_near(double found, double wanted, double off)
{
    if (!(fabs(found - wanted) <= off))
        fail_msg("%.6f instead of %.6f", found, wanted);
}

static void test_numbers(void **state)
{
    (void)state;
    if (missing())
        return;
    for (size_t i = 0; i < COUNT_OF(EXPECTED); i++) {
        CLEANUP(arena_release) struct arena arena = {0};
        const struct expected *e = &EXPECTED[i];
        struct heat_stat s = whole(&arena, e->scene, e->layer, e->mask, NULL);
        assert_near(s.present, e->present, 0);
        assert_near(s.clear, e->clear, 0);
        assert_near(s.mean, e->mean, 6e-4);
        if (e->sd > 0)
            assert_near(s.sd, e->sd, 6e-5);
        if (e->above > 0)
            assert_near(s.above_pixels[0], e->above, 0);
    }
}

static void test_reasons(void **state)
{
    (void)state;
    if (missing())
        return;
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_stat s = whole(&arena, COLOMBIA, 0, "default", NULL);
    assert_near(s.by_reason[HEAT_FLOOR], 2297, 0);
    assert_near(s.by_reason[HEAT_GAP], 2995, 0);
    s = whole(&arena, GREENLAND, 0, "0x3F", NULL);
    assert_false(heat_observed(&s));
    assert_true(isnan(s.mean) && heat_valid_fraction(&s) == 0);
    s = whole(&arena, ECOSTRESS, 0, "default", NULL);
    assert_near(s.by_reason[HEAT_CLOUD], 266059, 0);
    assert_near(s.by_reason[HEAT_GAP], 84251, 0);
    assert_near(s.above_pixels[1], 82744, 0);
    assert_near(s.above_pixels[2], 175, 0);
}

static struct heat_block read_colombia(struct arena *arena, enum heat_method method)
{
    struct heat_options options;
    struct heat_scene *scene;
    struct heat_mask mask;
    struct heat_block block;
    heat_options_init(&options);
    options.method = method;
    assert_ok(heat_mask_parse(STR("0x1E"), &mask));
    const char *path = str_format(arena, "%s/%s", FOLDER, COLOMBIA).ptr;
    assert_ok(heat_open(arena, path, &options, &scene));
    struct heat_window all = {0, 0, scene->grid.width, scene->grid.height};
    assert_ok(heat_read_new(arena, scene, 0, &mask, all, &block));
    return block;
}

static void test_radiative(void **state)
{
    (void)state;
    if (missing())
        return;
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_block product = read_colombia(&arena, HEAT_METHOD_DEFAULT);
    struct heat_block ours = read_colombia(&arena, HEAT_METHOD_RADIATIVE);
    double sum = 0, squares = 0, n = 0;
    for (size_t i = 0; i < (size_t)(512 * 512); i++) {
        if (product.reason[i] != HEAT_CLEAR || ours.reason[i] != HEAT_CLEAR)
            continue;
        double apart = (double)ours.kelvin[i] - (double)product.kelvin[i];
        sum += apart;
        squares += apart * apart;
        n++;
    }
    assert_near(n, 22336, 0);
    assert_near(sum / n, 0.135, 6e-4);
    assert_near(sqrt(squares / n), 0.160, 6e-4);
}

static void test_season(void **state)
{
    (void)state;
    if (missing())
        return;
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_scene *scene;
    struct heat_ask ask;
    struct heat_stat january, later;
    const char *path = str_format(&arena, "%s/modis-lst-istria-2008", FOLDER).ptr;
    assert_ok(heat_open(&arena, path, NULL, &scene));
    assert_int_equal(scene->layer_count, 46);
    heat_ask_init(&ask);
    ask.above[0].kind = HEAT_ABOVE_MEAN;
    ask.above_count = 1;
    assert_ok(heat_whole(scene, 2, &ask, &january, NULL));
    assert_near(january.above_pixels[0] / january.clear, 0.593, 6e-4);
    ask.above[0] = (struct heat_threshold){HEAT_ABOVE_KELVIN, january.mean};
    assert_ok(heat_whole(scene, 6, &ask, &later, NULL));
    assert_near(later.above_pixels[0] / later.clear, 0.973, 6e-4);
    assert_ok(heat_whole(scene, 7, &ask, &later, NULL));
    assert_near(later.above_pixels[0] / later.clear, 0.989, 6e-4);
}

static void test_threads(void **state)
{
    (void)state;
    if (missing())
        return;
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_scene *scene;
    struct heat_ask ask;
    struct heat_stat one, many;
    const char *path = str_format(&arena, "%s/%s", FOLDER, ECOSTRESS).ptr;
    assert_ok(heat_open(&arena, path, NULL, &scene));
    heat_ask_init(&ask);
    ask.threads = 1;
    assert_ok(heat_whole(scene, 0, &ask, &one, NULL));
    ask.threads = 5;
    assert_ok(heat_whole(scene, 0, &ask, &many, NULL));
    assert_memory_equal(&one.mean, &many.mean, sizeof(one.mean));
    assert_memory_equal(&one.sd, &many.sd, sizeof(one.sd));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers), cmocka_unit_test(test_reasons),
        cmocka_unit_test(test_radiative), cmocka_unit_test(test_season),
        cmocka_unit_test(test_threads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
