/* The index: what it finds, what it does not claim. The year without an epidemic: Istria 2008. */
#include "raster.h"

#include "base/clock.h"
#include "heat/change.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

static const char ISTRIA[] = "../shared/heat/modis-lst-istria-2008";
static const char RASTER[] = "../shared/heat/modis-lst-istria-2008/"
                             "MODIS_LST8day_Istria_2008_46dates.tif";

enum { PATCH_WIDTH = 5, PATCH_HEIGHT = 4 }; /* 20 pixels */

static bool missing(void)
{
    if (access(ISTRIA, R_OK) == 0)
        return false;
    print_message("skipped: %s is not there\n", ISTRIA);
    return true;
}

static int64_t day(const char *text)
{
    int64_t days;
    assert_ok(date_parse(str_of(text), &days));
    return days;
}

/* ---- the year ------------------------------------------------------------------------------ */

struct year {
    struct arena arena;
    struct heat_scene *scene;
    struct heat_view *views;
};

static struct year year_open(const char *path)
{
    struct year year = {0};
    assert_ok(heat_open(&year.arena, path, NULL, &year.scene));
    year.views = ARENA_ARRAY(&year.arena, year.scene->layer_count, struct heat_view);
    for (size_t i = 0; i < year.scene->layer_count; i++)
        year.views[i] = (struct heat_view){year.scene, i};
    return year;
}

static struct heat_zones box(struct arena *arena, double left, double top, double right,
                             double bottom)
{
    struct str text = str_format(arena,
                                 "{\"type\":\"Polygon\",\"coordinates\":[[[%.12f,%.12f],"
                                 "[%.12f,%.12f],[%.12f,%.12f],[%.12f,%.12f],[%.12f,%.12f]]]}",
                                 left, top, left, bottom, right, bottom, right, top, left, top);
    struct heat_zones zones;
    assert_ok(heat_zones_read(arena, text, NULL, false, &zones));
    return zones;
}

/* A rectangle of whole pixels as a zone. */
static struct heat_zones patch_at(struct year *year, int x, int y)
{
    const double *t = year->scene->grid.transform;
    return box(&year->arena, t[0] + x * t[1], t[3] + y * t[5], t[0] + (x + PATCH_WIDTH) * t[1],
               t[3] + (y + PATCH_HEIGHT) * t[5]);
}

static struct heat_change change_of(struct year *year, const struct heat_zones *zones,
                                    struct heat_change_frame *frame)
{
    struct heat_change_ask ask;
    struct heat_change change;
    heat_change_ask_init(&ask);
    ask.light = year->scene->layers[0].light;
    ask.baseline = (struct heat_period){day("2008-01-01"), day("2008-01-31")};
    ask.period = (struct heat_period){day("2008-02-01"), day("2008-02-29")};
    assert_ok(heat_change(&year->arena, year->views, year->scene->layer_count, zones, &ask, frame,
                          &change));
    return change;
}

/* No epidemic came to Istria from January to February 2008: what was asked of every place of twenty
 * pixels finds a change no more often than the interval's level lets it. */
static void test_false_alarms(void **state)
{
    (void)state;
    if (missing())
        return;
    struct year year = year_open(ISTRIA);
    size_t asked = 0, alarms = 0;
    for (int y = 0; y + PATCH_HEIGHT <= year.scene->grid.height; y += PATCH_HEIGHT)
        for (int x = 0; x + PATCH_WIDTH <= year.scene->grid.width; x += PATCH_WIDTH) {
            struct heat_zones zones = patch_at(&year, x, y);
            struct heat_change_frame frame;
            struct heat_change change = change_of(&year, &zones, &frame);
            assert_int_equal(frame.period_views, 4);
            assert_int_equal(frame.baseline_views, 4);
            asked += !isnan(change.interval);
            alarms += change.verdict == HEAT_WARMER || change.verdict == HEAT_COOLER;
        }
    print_message("%zu of %zu places\n", alarms, asked);
    assert_true(asked > 300);
    assert_true((double)alarms <= 0.06 * (double)asked);
    arena_release(&year.arena);
}

/* All of Istria has nothing outside: seen, compared with nothing, and warmer than ever. */
static void test_no_outside(void **state)
{
    (void)state;
    if (missing())
        return;
    struct year year = year_open(ISTRIA);
    const double *t = year.scene->grid.transform;
    double right = t[0] + year.scene->grid.width * t[1];
    double bottom = t[3] + year.scene->grid.height * t[5];
    struct heat_zones zones = box(&year.arena, t[0], t[3], right, bottom);
    struct heat_change_frame frame;
    struct heat_change change = change_of(&year, &zones, &frame);
    assert_int_equal(change.verdict, HEAT_NO_CHANGE_SHOWN);
    assert_int_equal(change.lack, HEAT_LACK_REFERENCE);
    assert_true(isnan(change.kelvin) && isnan(change.interval) && isnan(change.scatter));
    assert_int_equal(frame.reference_pixels, 0);
    assert_int_equal(change.point_count, 8);
    assert_int_equal(change.views, 4);
    assert_int_equal(change.baseline_views, 4);
    arena_release(&year.arena);
}

/* Writes the year again with `kelvin` more in twenty pixels from a day on. */
static const char *injected(struct year *year, int x, int y, int64_t from, float kelvin)
{
    const char *to = raster_path(&year->arena, "istria-injected.tif");
    FILE *in = fopen(RASTER, "rb"), *out = fopen(to, "wb");
    assert_true(in && out);
    char block[65536];
    for (size_t got; (got = fread(block, 1, sizeof(block), in)) > 0;)
        assert_int_equal(fwrite(block, 1, got, out), got);
    fclose(in);
    fclose(out);
    static const char *const DRIVERS[] = {"GTiff", NULL};
    GDALDatasetH dataset =
        gdal.GDALOpenEx(to, GDAL_OF_RASTER | GDAL_OF_UPDATE, DRIVERS, NULL, NULL);
    assert_non_null(dataset);
    for (size_t i = 0; i < year->scene->layer_count; i++) {
        if (year->scene->layers[i].date < from)
            continue;
        float pixels[PATCH_WIDTH * PATCH_HEIGHT];
        GDALRasterBandH band = gdal.GDALGetRasterBand(dataset, (int)i + 1);
        for (int write = 0; write < 2; write++) {
            assert_int_equal(gdal.GDALRasterIO(band, write ? GF_Write : GF_Read, x, y, PATCH_WIDTH,
                                               PATCH_HEIGHT, pixels, PATCH_WIDTH, PATCH_HEIGHT,
                                               GDT_Float32, 0, 0),
                             CE_None);
            for (size_t p = 0; !write && p < COUNT_OF(pixels); p++)
                pixels[p] += kelvin;
        }
    }
    gdal.GDALClose(dataset);
    return to;
}

static void test_injected(void **state)
{
    (void)state;
    if (missing())
        return;
    static const int PLACES[][2] = {{45, 0}, {40, 40}, {50, 60}};
    struct year year = year_open(ISTRIA);
    for (size_t i = 0; i < COUNT_OF(PLACES); i++)
        for (int sign = -1; sign <= 1; sign += 2) {
            int x = PLACES[i][0], y = PLACES[i][1];
            struct heat_zones zones = patch_at(&year, x, y);
            struct heat_change_frame frame;
            struct heat_change plain = change_of(&year, &zones, &frame);
            assert_int_equal(plain.verdict, HEAT_NO_CHANGE_SHOWN);
            assert_false(frame.same_season);
            struct year other =
                year_open(injected(&year, x, y, day("2008-02-01"), (float)(3 * sign)));
            struct heat_change change = change_of(&other, &zones, &frame);
            assert_int_equal(change.verdict, sign > 0 ? HEAT_WARMER : HEAT_COOLER);
            assert_true(fabs(change.kelvin - plain.kelvin - 3 * sign) < 1e-4);
            assert_true(fabs(change.kelvin - 3 * sign) <= change.interval);
            arena_release(&other.arena);
        }
    arena_release(&year.arena);
    raster_clean();
}

/* ---- the share of red ------------------------------------------------------------------------ */

/* Red means "above the mean of its own date": about half of any land on any day. */
static void test_red(void **state)
{
    (void)state;
    if (missing())
        return;
    struct year year = year_open(ISTRIA);
    double shares[64];
    size_t count = year.scene->layer_count;
    for (size_t i = 0; i < count; i++) {
        struct heat_ask ask;
        struct heat_stat stat;
        heat_ask_init(&ask);
        ask.above[0].kind = HEAT_ABOVE_MEAN;
        ask.above_count = 1;
        assert_ok(heat_whole(year.scene, i, &ask, &stat, NULL));
        double share = stat.above_pixels[0] / stat.clear;
        assert_true(share > 0.495 && share < 0.705);
        size_t at = i;
        for (; at > 0 && shares[at - 1] > share; at--)
            shares[at] = shares[at - 1];
        shares[at] = share;
    }
    assert_true(fabs((shares[count / 2 - 1] + shares[count / 2]) / 2 - 0.57) < 0.005);
    arena_release(&year.arena);
}

/* ---- made rasters ---------------------------------------------------------------------------- */

enum { SIDE = 96, PARK = 40, PARK_SIDE = 10 };

static struct {
    int number;
    int32_t shift;              /* Pixels that the file begins left of the others. */
    double season, park, cloud; /* Kelvin; kelvin in the park; the share that clouds hide. */
    bool hide_south;            /* Of the park: its warmer half. */
} made;

static double noise(int32_t x, int32_t y, int32_t n)
{
    uint32_t h = (uint32_t)x * 2654435761u ^ (uint32_t)y * 2246822519u ^ (uint32_t)n * 3266489917u;
    h = (h ^ h >> 15) * 2654435761u;
    h ^= h >> 13;
    return (double)(h % 10000) / 10000 - 0.5;
}

static bool in_park(int32_t x, int32_t y)
{
    return x >= PARK && x < PARK + PARK_SIDE && y >= PARK && y < PARK + PARK_SIDE;
}

/* Two covers, eight kelvin apart, in stripes; clouds in blocks. */
static float made_kelvin(int32_t column, int32_t y)
{
    int32_t x = column - made.shift;
    bool south = y >= PARK + PARK_SIDE / 2;
    if (noise(x / 3, y / 3, made.number + 1000) + 0.5 < made.cloud)
        return NAN;
    if (made.hide_south && in_park(x, y) && south)
        return NAN;
    double cover = (x / 7) % 2 ? 8 : 0;
    double warm = in_park(x, y) ? made.park + (south ? 5 : 0) : 0;
    return (float)(285 + cover + made.season + warm + noise(x, y, made.number));
}

struct made_view {
    const char *date;
    double season, park, cloud;
    bool hide_south;
};

static void make(struct arena *arena, const struct made_view *list, size_t count,
                 struct heat_view *views)
{
    for (size_t i = 0; i < count; i++) {
        struct raster raster = {
            .path = raster_path(arena, str_format(arena, "made-%s.tif", list[i].date).ptr),
            .width = SIDE,
            .height = SIDE,
            /* Later scenes begin some pixels elsewhere, as real ones do. */
            .transform = {500000 - 100.0 * (double)(i % 3), 100, 0, 3000000, 0, -100},
            .epsg = 32650};
        made.shift = (int32_t)(i % 3);
        made.number = (int)i;
        made.season = list[i].season;
        made.park = list[i].park;
        made.cloud = list[i].cloud;
        made.hide_south = list[i].hide_south;
        raster_write(&raster, made_kelvin);
        views[i] = (struct heat_view){raster_open(arena, raster.path), 0};
    }
}

static const struct made_view WINTERS[] = {
    {"2018-02-05", 0, 0, 0.2, false},   {"2018-02-13", 3, 0, 0.3, false},
    {"2018-02-21", 5, 0, 0.1, false},   {"2019-02-06", -2, 0, 0.2, false},
    {"2019-02-14", 1, 0, 0.25, false},  {"2019-02-22", 2, 0, 0.2, false},
    {"2020-02-05", 6, 1.5, 0.2, false}, {"2020-02-13", 9, 1.5, 0.3, false},
    {"2020-02-21", 11, 1.5, 0.1, false}};

enum { VIEWS = COUNT_OF(WINTERS), BEFORE = 6 };

static struct heat_zones made_park(struct arena *arena)
{
    double left = 500000 + 100.0 * PARK, right = left + 100.0 * PARK_SIDE;
    double top = 3000000 - 100.0 * PARK, bottom = top - 100.0 * PARK_SIDE;
    struct str text = str_format(
        arena,
        "{\"type\":\"FeatureCollection\",\"crs\":{\"type\":\"name\",\"properties\":{\"name\":"
        "\"EPSG:32650\"}},\"features\":[{\"type\":\"Feature\",\"id\":\"park\",\"geometry\":{"
        "\"type\":"
        "\"Polygon\",\"coordinates\":[[[%f,%f],[%f,%f],[%f,%f],[%f,%f],[%f,%f]]]}}]}",
        left, top, left, bottom, right, bottom, right, top, left, top);
    struct heat_zones zones;
    assert_ok(heat_zones_read(arena, text, NULL, false, &zones));
    return zones;
}

static void ask_of_2020(struct heat_change_ask *ask, const struct heat_view *views)
{
    heat_change_ask_init(ask);
    ask->light = views[0].scene->layers[0].light;
    ask->period = (struct heat_period){day("2020-02-01"), day("2020-02-28")};
}

static struct heat_change made_change(struct arena *arena, const struct made_view *list,
                                      double least_clear, struct heat_change_frame *frame)
{
    struct heat_view views[VIEWS];
    struct heat_zones zones = made_park(arena);
    struct heat_change_ask ask;
    struct heat_change change;
    make(arena, list, VIEWS, views);
    ask_of_2020(&ask, views);
    ask.least_clear = least_clear;
    assert_ok(heat_change(arena, views, VIEWS, &zones, &ask, frame, &change));
    return change;
}

static void test_made(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    struct made_view list[VIEWS];
    struct heat_change_frame frame;
    memcpy(list, WINTERS, sizeof(list));
    struct heat_change change = made_change(&arena, list, 0.5, &frame);
    assert_int_equal(change.verdict, HEAT_WARMER);
    assert_true(fabs(change.kelvin - 1.5) <= change.interval && change.interval < 0.5);
    assert_int_equal(change.views, 3);
    assert_int_equal(change.baseline_views, BEFORE);
    assert_true(frame.same_season);
    assert_true(change.placebos > 0 && frame.reference_pixels > 100);
    /* Eleven kelvin of spring are no work. */
    for (size_t i = BEFORE; i < VIEWS; i++)
        list[i].park = 0;
    change = made_change(&arena, list, 0.5, &frame);
    assert_int_equal(change.verdict, HEAT_NO_CHANGE_SHOWN);
    assert_true(fabs(change.kelvin) < 0.3);
    /* Nor is it a change that clouds leave only the park's colder half to be seen. */
    for (size_t i = BEFORE; i < VIEWS; i++)
        list[i].hide_south = true;
    change = made_change(&arena, list, 0.2, &frame);
    assert_int_equal(change.verdict, HEAT_NO_CHANGE_SHOWN);
    assert_true(fabs(change.kelvin) < 0.3);
    change = made_change(&arena, list, 0.6, &frame);
    assert_int_equal(change.verdict, HEAT_NO_OBSERVATION);
    assert_int_equal(change.lack, HEAT_LACK_VIEWS);
    assert_true(isnan(change.kelvin) && isnan(change.interval));
    raster_clean();
}

static void test_refused(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_view views[VIEWS];
    struct heat_zones zones = made_park(&arena);
    struct heat_change_frame frame;
    struct heat_change change;
    struct heat_change_ask ask;
    make(&arena, WINTERS, VIEWS, views);
    ask_of_2020(&ask, views);
    assert_ok(heat_change(&arena, views + BEFORE, 3, &zones, &ask, &frame, &change));
    assert_int_equal(change.lack, HEAT_LACK_BASELINE);
    assert_ok(heat_change(&arena, views, BEFORE, &zones, &ask, &frame, &change));
    assert_int_equal(change.lack, HEAT_LACK_VIEWS);
    ask.light = HEAT_NIGHT;
    assert_ok(heat_change(&arena, views, VIEWS, &zones, &ask, &frame, &change));
    assert_int_equal(change.verdict, HEAT_NO_OBSERVATION);
    assert_int_equal(frame.period_views, 0);
    ask_of_2020(&ask, views);
    ask.baseline = (struct heat_period){day("2020-01-01"), day("2020-02-01")};
    assert_err(ERR_INVALID, heat_change(&arena, views, VIEWS, &zones, &ask, &frame, &change));
    ask_of_2020(&ask, views);
    ((struct heat_scene *)views[7].scene)->grid.transform[0] += 50; /* Half a pixel. */
    ((struct heat_scene *)views[7].scene)->grid.id.bytes[0] ^= 1;
    assert_err(ERR_INVALID, heat_change(&arena, views, VIEWS, &zones, &ask, &frame, &change));
    raster_clean();
}

static void test_series(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_view views[VIEWS];
    struct heat_zones zones = made_park(&arena);
    struct heat_stat stats[VIEWS], one;
    struct heat_ask ask;
    make(&arena, WINTERS, VIEWS, views);
    heat_ask_init(&ask);
    assert_ok(heat_series(views, VIEWS, &zones, &ask, stats));
    struct heat_cover *cover;
    assert_ok(heat_cover_new(&views[4].scene->grid, &zones, 0, &cover));
    assert_ok(heat_stats(views[4].scene, 0, cover, &ask, &one, NULL));
    assert_memory_equal(&one.mean, &stats[4].mean, sizeof(one.mean));
    heat_cover_free(cover);
    for (size_t i = 0; i < VIEWS; i++)
        assert_true(stats[i].clear <= stats[i].zone_pixels);
    raster_clean();
}

static void test_student(void **state)
{
    (void)state;
    static const struct {
        double confidence, freedom, t;
    } KNOWN[] = {{0.95, 1, 12.706205}, {0.95, 6, 2.446912}, {0.95, 30, 2.042272},
                 {0.99, 10, 3.169273}, {0.90, 2, 2.919986}, {0.95, 1e6, 1.959966}};
    for (size_t i = 0; i < COUNT_OF(KNOWN); i++)
        assert_true(fabs(heat_student(KNOWN[i].confidence, KNOWN[i].freedom) - KNOWN[i].t) < 2e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_student),    cmocka_unit_test(test_series),
        cmocka_unit_test(test_made),       cmocka_unit_test(test_refused),
        cmocka_unit_test(test_no_outside), cmocka_unit_test(test_red),
        cmocka_unit_test(test_injected),   cmocka_unit_test(test_false_alarms)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
