/* `kuailian heat series` and `kuailian heat index` as they are called: tables out, wrong calls
 * refused. Istria 2008 as a whole: seen, and nothing outside to be set against. */
#include "../heat/raster.h"

#include "cmd/cmd.h"
#include "cmd/input.h"

#include <math.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char ISTRIA[] = "../shared/heat/modis-lst-istria-2008/"
                             "MODIS_LST8day_Istria_2008_46dates.tif";

enum { SIDE = 60, PARK = 25, PARK_SIDE = 10 };

static int call(const char *const *words)
{
    char *argv[32];
    int argc = 0;
    for (; words[argc]; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc];
    return cmd_heat(argc, argv);
}

#define CALL(...) call((const char *const[]){__VA_ARGS__, "--quiet", NULL})

static const char *write_text(struct arena *arena, const char *name, struct str text)
{
    const char *path = raster_path(arena, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text.ptr, 1, text.len, file), text.len);
    assert_int_equal(fclose(file), 0);
    return path;
}

static struct str read_text(struct arena *arena, const char *path)
{
    struct str text;
    assert_ok(input_read(arena, path, 1 << 20, &text));
    return text;
}

/* Line `line` of a table, from 0. */
static struct str line_of(struct str text, size_t line)
{
    size_t at = 0;
    for (; line > 0; line--)
        at = str_find(text, STR("\n"), at) + 1;
    return str_sub(text, at, str_find(text, STR("\n"), at) - at);
}

/* ---- made scenes ---------------------------------------------------------------------------- */

static struct {
    double level, park;
    bool cloudy; /* Over the park. */
    int number;
} made;

static double noise(int32_t x, int32_t y, int32_t n)
{
    uint32_t h = (uint32_t)x * 2654435761u ^ (uint32_t)y * 2246822519u ^ (uint32_t)n * 3266489917u;
    h = (h ^ h >> 15) * 2654435761u;
    return (double)((h ^ h >> 13) % 1000) / 1000 - 0.5;
}

static float made_kelvin(int32_t x, int32_t y)
{
    bool park = x >= PARK && x < PARK + PARK_SIDE && y >= PARK && y < PARK + PARK_SIDE;
    if (park && made.cloudy)
        return NAN;
    double cover = (x / 7) % 2 ? 8 : 0;
    return (float)(285 + cover + made.level + (park ? made.park : 0) + noise(x, y, made.number));
}

static const struct {
    const char *name;
    double level, park;
    bool cloudy;
} DAYS[] = {{"a_2020-01-05.tif", 0, 0, false}, {"b_2020-01-13.tif", 2, 0, false},
            {"c_2020-01-21.tif", 1, 0, false}, {"d_2020-02-05.tif", 4, 3, false},
            {"e_2020-02-13.tif", 6, 0, true},  {"f_2020-02-21.tif", 5, 3, false},
            {"g_2020-02-25.tif", 7, 3, false}};

/* All days, something that is no scene, and the park as a zone of the sea beside it. */
static const char *make_days(struct arena *arena)
{
    const char *folder = raster_path(arena, "days");
    (void)mkdir(folder, 0700);
    for (size_t i = 0; i < COUNT_OF(DAYS); i++) {
        struct raster raster = {.path = str_format(arena, "%s/%s", folder, DAYS[i].name).ptr,
                                .width = SIDE,
                                .height = SIDE,
                                .transform = {500000, 100, 0, 3000000, 0, -100},
                                .epsg = 32650};
        made.level = DAYS[i].level;
        made.park = DAYS[i].park;
        made.cloudy = DAYS[i].cloudy;
        made.number = (int)i;
        raster_write(&raster, made_kelvin);
    }
    write_text(arena, "days/none.txt", STR("no scene"));
    return folder;
}

static const char *make_zones(struct arena *arena)
{
    double left = 500000 + 100.0 * PARK, right = left + 100.0 * PARK_SIDE;
    double top = 3000000 - 100.0 * PARK, bottom = top - 100.0 * PARK_SIDE;
    return write_text(
        arena, "zones.json",
        str_format(arena,
                   "{\"type\":\"FeatureCollection\",\"crs\":{\"type\":\"name\",\"properties\":"
                   "{\"name\":\"EPSG:32650\"}},\"features\":["
                   "{\"type\":\"Feature\",\"properties\":{\"name\":\"The, park\"},\"geometry\":"
                   "{\"type\":\"Polygon\",\"coordinates\":[[[%f,%f],[%f,%f],[%f,%f],[%f,%f],"
                   "[%f,%f]]]}},"
                   "{\"type\":\"Feature\",\"properties\":{\"name\":\"away\"},\"geometry\":"
                   "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[9,0],[9,9],[0,0]]]}}]}",
                   left, top, left, bottom, right, bottom, right, top, left, top));
}

static void remove_days(struct arena *arena, const char *folder)
{
    for (size_t i = 0; i < COUNT_OF(DAYS); i++)
        unlink(str_format(arena, "%s/%s", folder, DAYS[i].name).ptr);
    unlink(str_format(arena, "%s/none.txt", folder).ptr);
    rmdir(folder);
}

/* ---- tests ---------------------------------------------------------------------------------- */

static void test_series(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    const char *folder = make_days(&arena), *zones = make_zones(&arena);
    const char *csv = raster_path(&arena, "series.csv"), *one = raster_path(&arena, "one.csv");
    assert_int_equal(
        CALL("series", "--folder", folder, "--zones", zones, "--zone-id", "name", "--csv", csv),
        CMD_OK);
    struct str text = read_text(&arena, csv);
    assert_str(line_of(text, 0),
               "scene,layer,date,time,light,zone,state,mean_k,sd_k,min_k,max_k,uncertainty_k,"
               "clear,valid_fraction");
    for (size_t i = 0; i < COUNT_OF(DAYS); i++) {
        struct str line = line_of(text, i + 1), away = line_of(text, i + 1 + COUNT_OF(DAYS));
        struct str date = str_sub(str_of(DAYS[i].name), 2, 10);
        size_t end = line.len;
        assert_true(str_find(line, date, 0) < end);
        assert_true(str_find(line, STR(",\"The, park\","), 0) < end);
        /* A gap stays one. */
        bool gap = str_find(line, STR(",no observation,,,,,,0,0"), 0) < end;
        assert_int_equal(gap, DAYS[i].cloudy);
        assert_int_equal(str_find(line, STR(",100,1"), 0) < end, !DAYS[i].cloudy);
        assert_true(str_find(away, STR("away,no observation,,,,,,0,0"), 0) < away.len);
    }
    /* The table's own numbers: those of `heat stats`. */
    const char *scene = str_format(&arena, "%s/%s", folder, DAYS[3].name).ptr;
    assert_int_equal(CALL("stats", "--scene", scene, "--zones", zones, "--zone-id", "name",
                          "--quantiles", "none", "--csv", one),
                     CMD_OK);
    struct str mean =
        str_sub(line_of(text, 4), str_find(line_of(text, 4), STR("observed,"), 0), 40);
    mean = str_sub(mean, 9, str_find(mean, STR(","), 9) - 9);
    assert_true(mean.len > 5 && str_starts(mean, STR("29")));
    struct str stats = read_text(&arena, one);
    assert_true(str_find(stats, mean, 0) < stats.len);
    remove_days(&arena, folder);
}

static void test_index(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    const char *folder = make_days(&arena), *zones = make_zones(&arena);
    const char *csv = raster_path(&arena, "index.csv"), *json = raster_path(&arena, "index.json");
    const char *before = "2020-01-01..2020-01-31", *now = "2020-02-01..2020-02-29";
    assert_int_equal(CALL("index", "--folder", folder, "--zones", zones, "--zone-id", "name",
                          "--ring", "100,3000", "--baseline", before, "--period", now, "--csv",
                          csv),
                     CMD_OK);
    struct str text = read_text(&arena, csv), park = line_of(text, 1);
    assert_true(str_starts(line_of(text, 0), STR("zone,light,verdict,lack,sentence,kelvin,")));
    assert_true(str_starts(park, STR("\"The, park\",,warmer,,\"warmer by ")));
    assert_true(str_find(park, STR(" K, 3 clear views"), 0) < park.len);
    assert_true(str_find(park, STR(",3,4,3,3,no,"), 0) < park.len);
    assert_true(str_starts(line_of(text, 2),
                           STR("away,,no-observation,baseline,no observation,,,0,4,0,3,no,,,,0,")));
    /* Three clear views are too few where four are asked for. */
    assert_int_equal(CALL("index", "--folder", folder, "--zones", zones, "--zone-id", "name",
                          "--ring", "100,3000", "--baseline", before, "--period", now,
                          "--least-views", "4", "--json", "--csv", json),
                     CMD_OK);
    text = read_text(&arena, json);
    assert_true(str_find(text, STR("\"verdict\":\"no-observation\",\"lack\":\"baseline\""), 0) <
                text.len);
    assert_true(str_find(text, STR("\"kelvin\":null,\"interval_k\":null"), 0) < text.len);
    remove_days(&arena, folder);
}

/* The control: a peninsula as one zone has no outside. What was seen is told, and no more. */
static void test_istria(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    if (access(ISTRIA, R_OK) != 0) {
        print_message("skipped: %s is not there\n", ISTRIA);
        return;
    }
    const char *zones =
        write_text(&arena, "all.json",
                   STR("{\"type\":\"Feature\",\"id\":\"all\",\"geometry\":{\"type\":\"Polygon\","
                       "\"coordinates\":[[[13,44],[15,44],[15,46],[13,46],[13,44]]]}}"));
    const char *csv = raster_path(&arena, "all.csv"), *json = raster_path(&arena, "index.json");
#define ALL                                                                                        \
    "index", "--scene", ISTRIA, "--zones", zones, "--baseline", "2008-01-01..2008-01-31",          \
        "--period", "2008-02-01..2008-02-29"
    assert_int_equal(CALL(ALL, "--csv", csv), CMD_OK);
    assert_str(line_of(read_text(&arena, csv), 1),
               "all,,no-change-shown,reference,no change shown,,,4,4,4,4,no,,,,0,0,no");
    assert_int_equal(CALL(ALL, "--json", "--csv", json), CMD_OK);
    struct str text = read_text(&arena, json);
    assert_true(str_find(text,
                         STR("\"verdict\":\"no-change-shown\",\"lack\":\"reference\",\"sentence\":"
                             "\"no change shown\",\"kelvin\":null,\"interval_k\":null,\"views\":4"),
                         0) < text.len);
    assert_true(str_find(text, STR("\"scatter_k\":null,\"drift_k\":null"), 0) < text.len);
}

/* A table of many rows is written by several threads, and is the same. */
static void test_threads(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    CLEANUP(buf_release) struct buf text;
    const char *folder = make_days(&arena);
    const char *scene = str_format(&arena, "%s/%s", folder, DAYS[0].name).ptr;
    buf_init(&text, 4 << 20);
    buf_add_c(&text, "{\"type\":\"FeatureCollection\",\"crs\":{\"type\":\"name\",\"properties\":"
                     "{\"name\":\"EPSG:32650\"}},\"features\":[");
    for (int i = 0; i < 10000; i++) {
        int x = 500000 + 60 * (i % 100), y = 3000000 - 60 * (i / 100);
        buf_format(&text,
                   "%s{\"type\":\"Feature\",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":"
                   "[[[%d,%d],[%d,%d],[%d,%d],[%d,%d]]]}}",
                   i ? "," : "", x, y, x + 50, y, x + 50, y - 50, x, y);
    }
    buf_add_c(&text, "]}");
    const char *zones = write_text(&arena, "many.json", buf_str(&text));
    const char *one = raster_path(&arena, "one.csv"), *many = raster_path(&arena, "many.csv");
    assert_int_equal(
        CALL("stats", "--scene", scene, "--zones", zones, "--threads", "1", "--csv", one), CMD_OK);
    assert_int_equal(
        CALL("stats", "--scene", scene, "--zones", zones, "--threads", "5", "--csv", many), CMD_OK);
    struct str a, b;
    assert_ok(input_read(&arena, one, 16 << 20, &a));
    assert_ok(input_read(&arena, many, 16 << 20, &b));
    assert_true(str_equal(a, b));
    assert_true(str_find(line_of(a, 10000), STR(",10000,observed,"), 0) < line_of(a, 10000).len);
    remove_days(&arena, folder);
}

static void test_refused(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    const char *folder = make_days(&arena), *zones = make_zones(&arena);
    const char *csv = raster_path(&arena, "none.csv");
    /* What is said of them is not for the test's output. */
    assert_non_null(freopen("/dev/null", "w", stderr));
    assert_int_equal(CALL("series", "--folder", folder), CMD_USAGE);
    assert_int_equal(CALL("series", "--zones", zones), CMD_USAGE);
    assert_int_equal(CALL("index", "--folder", folder, "--zones", zones), CMD_USAGE);
    static const char *const BAD[][2] = {
        {"--period", "2020-02-01"}, {"--period", "2020-02-30..2020-03-01"},
        {"--baseline", "..2020"},   {"--light", "dusk"},
        {"--ring", "500"},          {"--ring", "500,100"},
        {"--match", "0"},           {"--least-clear", "1.5"},
        {"--least-views", "1"},     {"--confidence", "1"},
        {"--nothing", "x"},         {"--mask", "clouds"}};
    for (size_t i = 0; i < COUNT_OF(BAD); i++)
        assert_int_equal(CALL("index", "--folder", folder, "--zones", zones, "--period",
                              "2020-02-01..2020-02-29", "--csv", csv, BAD[i][0], BAD[i][1]),
                         CMD_USAGE);
    static const char *const WRONG[][2] = {{"--baseline", "2020-01-01..2020-02-10"},
                                           {"--period", "2020-03-01..2020-02-01"},
                                           {"--zones", "nowhere.json"},
                                           {"--folder", "nowhere"},
                                           {"--layer", "2019-01-01"}};
    for (size_t i = 0; i < COUNT_OF(WRONG); i++)
        assert_int_equal(CALL("index", "--folder", folder, "--zones", zones, "--period",
                              "2020-02-01..2020-02-29", "--csv", csv, WRONG[i][0], WRONG[i][1]),
                         CMD_FAILED);
    assert_int_not_equal(access(csv, F_OK), 0);
    remove_days(&arena, folder);
}

static int clean(void **state)
{
    (void)state;
    raster_clean();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_series), cmocka_unit_test(test_index), cmocka_unit_test(test_istria),
        cmocka_unit_test(test_threads), cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, clean);
}
