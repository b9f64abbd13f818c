/* What the eye gets: scales in order and even, legends that say what pictures show. */
#include "test.h"

#include "heat/picture.h"

#include <math.h>

struct lab {
    double l, a, b;
};

static double linear(int value)
{
    double v = value / 255.0;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double bend(double t)
{
    return t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116;
}

/* sRGB to CIELAB, white D65. */
static struct lab lab_of(struct heat_rgba c)
{
    double r = linear(c.r), g = linear(c.g), b = linear(c.b);
    double x = bend((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
    double y = bend(0.2126729 * r + 0.7151522 * g + 0.0721750 * b);
    double z = bend((0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883);
    return (struct lab){116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

static double apart(struct lab a, struct lab b)
{
    return sqrt((a.l - b.l) * (a.l - b.l) + (a.a - b.a) * (a.a - b.a) + (a.b - b.b) * (a.b - b.b));
}

static struct heat_paint kelvin_paint(enum heat_scale scale)
{
    struct heat_paint paint;
    heat_paint_init(&paint);
    paint.scale = scale;
    paint.low = 280;
    paint.high = 300;
    return paint;
}

/* Lighter all the way: the order holds in grey and for colour-blind eyes; and no step of a
 * twentieth is more than some times another. */
static void test_scales(void **state)
{
    (void)state;
    for (int scale = 0; scale < HEAT_SCALE_COUNT; scale++) {
        struct heat_paint paint = kelvin_paint((enum heat_scale)scale);
        double least = INFINITY, most = 0;
        struct lab last = lab_of(heat_colour(&paint, 280));
        for (int i = 1; i <= 20; i++) {
            struct lab next = lab_of(heat_colour(&paint, 280 + i));
            assert_true(next.l > last.l + 1);
            least = fmin(least, apart(last, next));
            most = fmax(most, apart(last, next));
            last = next;
        }
        assert_true(most < 3.5 * least);
        assert_true(last.l > 85);
    }
}

static void test_diverging(void **state)
{
    (void)state;
    struct heat_paint paint = kelvin_paint(HEAT_SCALE_INFERNO);
    paint.colours = HEAT_COLOURS_ANOMALY;
    paint.reference = 290;
    paint.span = 10;
    assert_true(lab_of(heat_colour(&paint, 290)).l > 95);
    for (int i = 1; i <= 10; i++) {
        struct lab cold = lab_of(heat_colour(&paint, 290 - i));
        struct lab warm = lab_of(heat_colour(&paint, 290 + i));
        assert_true(cold.l < lab_of(heat_colour(&paint, 291 - i)).l);
        assert_true(warm.l < lab_of(heat_colour(&paint, 289 + i)).l);
        assert_true(fabs(cold.l - warm.l) < 16); /* Neither side shouts. */
        assert_true(cold.b < 0 && warm.b > 0);   /* Blue and yellow: red-green eyes see it. */
    }
}

static void test_ends(void **state)
{
    (void)state;
    struct heat_paint paint = kelvin_paint(HEAT_SCALE_INFERNO);
    struct heat_rgba low = heat_colour(&paint, 280), high = heat_colour(&paint, 300);
    struct heat_rgba colder = heat_colour(&paint, 100), warmer = heat_colour(&paint, 1e9);
    struct heat_rgba none = heat_colour(&paint, (double)NAN);
    assert_memory_equal(&low, &colder, sizeof(low));
    assert_memory_equal(&high, &warmer, sizeof(low));
    assert_int_equal(none.a, 0);
}

static void test_legend(void **state)
{
    (void)state;
    struct heat_legend legend;
    for (int wide = 2; wide < 90; wide++)
        for (int low = 250; low < 256; low++) {
            struct heat_paint paint = kelvin_paint(HEAT_SCALE_VIRIDIS);
            paint.low = low + 0.15;
            paint.high = low + wide + 0.15;
            assert_ok(heat_legend_of(&paint, &legend));
            assert_true(legend.count >= 2 && legend.count <= 7);
            assert_true(legend.stops[0].kelvin == paint.low);
            assert_true(legend.stops[legend.count - 1].kelvin == paint.high);
            for (size_t i = 0; i < legend.count; i++) {
                struct heat_rgba shown = heat_colour(&paint, legend.stops[i].kelvin);
                assert_memory_equal(&shown, &legend.stops[i].colour, sizeof(shown));
                assert_true(isnan(legend.stops[i].apart));
                /* Room for the numbers. */
                assert_true(i == 0 ||
                            legend.stops[i].kelvin - legend.stops[i - 1].kelvin >= 0.15 * wide);
            }
        }
}

static void test_legend_of_red(void **state)
{
    (void)state;
    struct heat_legend legend;
    struct heat_paint paint = kelvin_paint(HEAT_SCALE_INFERNO);
    paint.colours = HEAT_COLOURS_RED;
    paint.reference = 300;
    assert_ok(heat_legend_of(&paint, &legend));
    assert_int_equal(legend.count, 2);
    assert_int_equal(legend.stops[0].colour.a, 0);
    struct heat_rgba red = heat_colour(&paint, 300.01);
    assert_memory_equal(&legend.stops[1].colour, &red, sizeof(red));
    assert_true(legend.stops[1].apart == 0);
    assert_true(fabs(legend.stops[1].celsius - 26.85) < 1e-9);
    paint.nothing_seen = true;
    assert_ok(heat_legend_of(&paint, &legend));
    assert_int_equal(legend.count, 0);
    paint.unseen = HEAT_UNSEEN_CLEAR;
    assert_err(heat_legend_of(&paint, &legend), ERR_INVALID);
}

static void test_keys(void **state)
{
    (void)state;
    for (int i = 0; i < HEAT_COLOURS_COUNT; i++) {
        enum heat_colours found;
        assert_true(heat_colours_find(str_of(heat_colours_key((enum heat_colours)i)), &found));
        assert_int_equal(found, i);
    }
    enum heat_unseen unseen;
    enum heat_scale scale;
    assert_true(heat_unseen_find(STR("transparent"), &unseen) && unseen == HEAT_UNSEEN_CLEAR);
    assert_true(heat_scale_find(STR("cividis"), &scale) && scale == HEAT_SCALE_CIVIDIS);
    assert_false(heat_scale_find(STR("jet"), &scale));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scales),        cmocka_unit_test(test_diverging),
        cmocka_unit_test(test_ends),          cmocka_unit_test(test_legend),
        cmocka_unit_test(test_legend_of_red), cmocka_unit_test(test_keys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
