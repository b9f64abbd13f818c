/* Exact shares against GEOS, pixel by pixel: slow and sure. */
#include "test.h"

#include "heat/heat.h"

#include <geos_c.h>
#include <math.h>

enum { SIDE = 40 };

static uint64_t seed = 7;

static double next_random(void)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(seed >> 11) / 9007199254740992.0;
}

static struct heat_grid grid_of(struct arena *arena)
{
    struct heat_grid grid = {.width = SIDE,
                             .height = SIDE,
                             .transform = {500000, 10, 0, 4000000, 0, -10},
                             .unit_m = 1,
                             .pixel_m = 10};
    grid.projection = str_copy(
        arena, STR("PROJCS[\"WGS 84 / UTM zone 50N\",GEOGCS[\"WGS 84\",DATUM[\"WGS_1984\","
                   "SPHEROID[\"WGS 84\",6378137,298.257223563]],PRIMEM[\"Greenwich\",0],"
                   "UNIT[\"degree\",0.0174532925199433]],PROJECTION[\"Transverse_Mercator\"],"
                   "PARAMETER[\"latitude_of_origin\",0],PARAMETER[\"central_meridian\",117],"
                   "PARAMETER[\"scale_factor\",0.9996],PARAMETER[\"false_easting\",500000],"
                   "PARAMETER[\"false_northing\",0],UNIT[\"metre\",1],"
                   "AUTHORITY[\"EPSG\",\"32650\"]]"));
    return grid;
}

/* A star around a centre, in pixels; it may reach over the grid's edges. */
static size_t star(double *xy, double radius)
{
    double x = next_random() * (SIDE + 10) - 5, y = next_random() * (SIDE + 10) - 5;
    size_t count = 3 + (size_t)(next_random() * 12);
    for (size_t i = 0; i < count; i++) {
        double at = 2 * M_PI * ((double)i + 0.8 * next_random()) / (double)count;
        double far = radius * (0.2 + 0.8 * next_random());
        xy[2 * i] = x + far * cos(at);
        xy[2 * i + 1] = y + far * sin(at);
    }
    return count;
}

/* Thinner than a thousandth of a pixel, in any direction. */
static size_t sliver(double *xy)
{
    double x = next_random() * SIDE, y = next_random() * SIDE, at = 2 * M_PI * next_random();
    double length = 1 + 60 * next_random(), wide = 1e-3 * next_random();
    double dx = cos(at), dy = sin(at);
    const double corners[] = {x,
                              y,
                              x + length * dx,
                              y + length * dy,
                              x + length * dx - wide * dy,
                              y + length * dy + wide * dx,
                              x - wide * dy,
                              y + wide * dx};
    memcpy(xy, corners, sizeof(corners));
    return 4;
}

static GEOSGeometry *polygon_of(const double *xy, size_t count)
{
    GEOSCoordSequence *ring = GEOSCoordSeq_create((unsigned)count + 1, 2);
    for (size_t i = 0; i <= count; i++)
        GEOSCoordSeq_setXY(ring, (unsigned)i, xy[2 * (i % count)], xy[2 * (i % count) + 1]);
    return GEOSGeom_createPolygon(GEOSGeom_createLinearRing(ring), NULL, 0);
}

static double share_by_geos(const GEOSGeometry *polygon, int x, int y)
{
    const double box[] = {x, y, x + 1, y, x + 1, y + 1, x, y + 1};
    GEOSGeometry *pixel = polygon_of(box, 4);
    GEOSGeometry *both = GEOSIntersection(polygon, pixel);
    double area = NAN;
    assert_non_null(both);
    GEOSArea(both, &area);
    GEOSGeom_destroy(both);
    GEOSGeom_destroy(pixel);
    return area;
}

static struct heat_cover *cover_of(struct arena *arena, const double *xy, size_t count)
{
    struct heat_grid grid = grid_of(arena);
    double *map = ARENA_ARRAY(arena, count * 2, double);
    for (size_t i = 0; i < count; i++) {
        map[2 * i] = 500000 + xy[2 * i] * 10;
        map[2 * i + 1] = 4000000 - xy[2 * i + 1] * 10;
    }
    struct heat_ring ring = {.xy = map, .count = count};
    struct heat_zone zone = {.id = STR("a"), .rings = &ring, .ring_count = 1};
    struct heat_zones zones = {.items = &zone, .count = 1, .crs = STR("EPSG:32650")};
    struct heat_cover *cover;
    assert_ok(heat_cover_new(&grid, &zones, 0, &cover));
    return cover;
}

static void compare(const double *xy, size_t count)
{
    CLEANUP(arena_release) struct arena arena = {0};
    GEOSGeometry *polygon = polygon_of(xy, count);
    static double found[SIDE][SIDE];
    memset(found, 0, sizeof(found));
    if (GEOSisValid(polygon) == 1) {
        struct heat_cover *cover = cover_of(&arena, xy, count);
        const struct heat_span *spans;
        size_t span_count;
        assert_ok(heat_cover_spans(cover, 0, &arena, &spans, &span_count));
        for (size_t i = 0; i < span_count; i++)
            for (int32_t x = 0; x < spans[i].count; x++)
                found[spans[i].y][spans[i].x + x] += spans[i].share;
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++) {
                double wanted = share_by_geos(polygon, x, y);
                if (fabs(found[y][x] - wanted) > 1e-9)
                    fail_msg("pixel %d, %d: %.12f instead of %.12f", x, y, found[y][x], wanted);
            }
        heat_cover_free(cover);
    }
    GEOSGeom_destroy(polygon);
}

static void quiet(const char *format, ...)
{
    (void)format;
}

static void test_shares(void **state)
{
    (void)state;
    double xy[64];
    initGEOS(quiet, quiet);
    for (int i = 0; i < 60; i++) {
        size_t count = star(xy, i % 3 == 0 ? 0.4 : i % 3 == 1 ? 6 : 30);
        compare(xy, count);
    }
    for (int i = 0; i < 30; i++) {
        size_t count = sliver(xy);
        compare(xy, count);
    }
    finishGEOS();
}

/* Edges on pixel borders, and a zone around the whole grid. */
static void test_borders(void **state)
{
    (void)state;
    initGEOS(quiet, quiet);
    compare((const double[]){3, 4, 9, 4, 9, 12, 3, 12}, 4);
    compare((const double[]){-5, -5, 100, -5, 100, 100, -5, 100}, 4);
    compare((const double[]){0, 0, SIDE, 0, SIDE, SIDE, 0, SIDE}, 4);
    compare((const double[]){5, 5, 10, 10, 5, 15, 0, 10}, 4);
    finishGEOS();
}

static const char BOW_TIE[] =
    "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":"
    "{\"name\":\"west\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":"
    "[[[117,36],[118,37],[118,36],[117,37],[117,36]]]}}]}";

static void test_bad_polygons(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_zones zones;
    assert_err(heat_zones_read(&arena, str_of(BOW_TIE), "name", false, &zones), ERR_INVALID);
    assert_non_null(strstr(err_last()->detail, "zone west"));
    assert_non_null(strstr(err_last()->detail, "Self-intersection"));
    assert_ok(heat_zones_read(&arena, str_of(BOW_TIE), "name", true, &zones));
    assert_true(zones.count == 1 && zones.items[0].mended && zones.items[0].ring_count == 2);
    static const char *const BAD[] = {
        "",
        "{}",
        "[]",
        "{\"type\":\"FeatureCollection\"}",
        "{\"type\":\"FeatureCollection\",\"features\":[",
        "{\"type\":\"Point\",\"coordinates\":[1,2]}",
        "{\"type\":\"Polygon\",\"coordinates\":[]}",
        "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[1,1]]]}",
        "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[1,1e999],[0,0]]]}",
        "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1000,0],[1,1],[0,0]]]}"};
    for (size_t i = 0; i < COUNT_OF(BAD); i++)
        if (heat_zones_read(&arena, str_of(BAD[i]), NULL, false, &zones) == OK)
            fail_msg("accepted: %s", BAD[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shares),
                                       cmocka_unit_test(test_borders),
                                       cmocka_unit_test(test_bad_polygons)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
