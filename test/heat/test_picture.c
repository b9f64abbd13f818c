/* Pictures of rasters whose every pixel is known. */
#include "raster.h"

#include <math.h>
#include <pthread.h>
#include <unistd.h>

enum { WIDTH = 120, HEIGHT = 90 };

static const double EDGE = 1.0 / 16 + 1e-6; /* Pixels that places may be off by. */

static float gradient(int32_t x, int32_t y)
{
    return (float)(290 + 0.05 * x + 0.1 * y);
}

static bool in_cloud(int32_t x, int32_t y)
{
    return (x >= 40 && x < 60 && y >= 30 && y < 50) || (x + 2 * y) % 37 == 0;
}

/* Hot under the mask: anything that bleeds shows. */
static float cloudy(int32_t x, int32_t y)
{
    return in_cloud(x, y) ? 900 : gradient(x, y);
}

static float cloud(int32_t x, int32_t y)
{
    return in_cloud(x, y);
}

static const struct raster UTM = {.width = WIDTH,
                                  .height = HEIGHT,
                                  .transform = {420000, 100, 0, 4000000, 0, -100},
                                  .epsg = 32650};
static const struct raster TURNED = {.width = WIDTH,
                                     .height = HEIGHT,
                                     .transform = {420000, 80, 30, 4000000, 30, -80},
                                     .epsg = 32650};
static const struct raster MODIS = {
    .width = WIDTH, .height = HEIGHT, .transform = {8000000, 926.625, 0, 3900000, 0, -926.625}};
static const struct raster DEGREES = {
    .width = WIDTH, .height = HEIGHT, .transform = {113, 0.01, 0, 31, 0, -0.01}, .epsg = 4326};
/* 0 to 360, as some grids count. */
static const struct raster ROUND = {
    .width = WIDTH, .height = HEIGHT, .transform = {359.5, 0.01, 0, 31, 0, -0.01}, .epsg = 4326};
static const struct raster DATE_LINE = {.width = WIDTH,
                                        .height = HEIGHT,
                                        .transform = {110000, 1000, 0, 400000, 0, -1000},
                                        .epsg = 32601};

struct made {
    struct arena arena;
    struct heat_scene *scene;
    struct heat_canvas *canvas;
    struct heat_drawing drawing;
};

static void make(struct made *made, const struct raster *shape, bool clouds)
{
    *made = (struct made){0};
    struct raster raster = *shape;
    raster.path = raster_path(&made->arena, "scene.tif");
    raster_write(&raster, clouds ? cloudy : gradient);
    raster.path = raster_path(&made->arena, "scene_mask.tif");
    unlink(raster.path);
    if (clouds)
        raster_write(&raster, cloud);
    made->scene = raster_open(&made->arena, raster_path(&made->arena, "scene.tif"));
    struct heat_mask mask = heat_mask_default();
    assert_ok(heat_canvas_new(made->scene, 0, &mask, &made->canvas));
    struct heat_ask ask;
    heat_ask_init(&ask);
    heat_paint_init(&made->drawing.paint);
    assert_ok(heat_paint_fit(made->scene, 0, &ask, &made->drawing.paint));
}

static void drop(struct made *made)
{
    heat_canvas_free(made->canvas);
    arena_release(&made->arena);
}

static bool same_colour(struct heat_rgba a, struct heat_rgba b)
{
    return memcmp(&a, &b, sizeof(a)) == 0;
}

static struct png tile(struct made *made, int z, int64_t x, int64_t y)
{
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, HEAT_PNG_MAX);
    assert_ok(heat_tile_png(made->canvas, z, x, y, &made->drawing, NULL, &out));
    return png_read(&made->arena, buf_str(&out));
}

/* Where the middle of a pixel lies on zoom z, in pixels of tiles. */
static void pixel_middle(const struct made *made, int32_t x, int32_t y, int z, double *px,
                         double *py)
{
    const double *t = made->scene->grid.transform;
    double column = x + 0.5, row = y + 0.5;
    double lon = t[0] + column * t[1] + row * t[2], lat = t[3] + column * t[4] + row * t[5];
    assert_true(heat_to_lonlat(made->scene->grid.projection, &lon, &lat));
    double side = (double)(INT64_C(256) << z);
    *px = (lon + 180) / 360;
    *px = (*px - floor(*px)) * side;
    *py = (1 - asinh(tan(lat * M_PI / 180)) / M_PI) / 2 * side;
}

/* Every 7th pixel's middle has the colour of its kelvin; masked ones are hatched. */
static void check_middles(struct made *made, int z, bool clouds)
{
    enum { KEPT = 32 }; /* The tiles of a row of the scene. */
    struct {
        int64_t x, y;
        struct png png;
    } kept[KEPT] = {0};
    int64_t checked = 0;
    struct heat_legend legend;
    assert_ok(heat_legend_of(&made->drawing.paint, &legend));
    for (int32_t i = 0; i < WIDTH * HEIGHT; i += 7) {
        int32_t x = i % WIDTH, y = i / WIDTH;
        double px, py;
        pixel_middle(made, x, y, z, &px, &py);
        int64_t tx = (int64_t)px / 256, ty = (int64_t)py / 256;
        size_t at = (size_t)(tx + 11 * ty) % KEPT;
        if (!kept[at].png.pixels || kept[at].x != tx || kept[at].y != ty) {
            kept[at].x = tx;
            kept[at].y = ty;
            kept[at].png = tile(made, z, tx, ty);
        }
        const struct png *png = &kept[at].png;
        struct heat_rgba found = png_at(png, (int32_t)px % 256, (int32_t)py % 256);
        struct heat_rgba wanted = heat_colour(&made->drawing.paint, (double)gradient(x, y));
        bool masked = clouds && in_cloud(x, y);
        if (masked ? !same_colour(found, legend.unseen_line) &&
                         !same_colour(found, legend.unseen_ground)
                   : !same_colour(found, wanted))
            fail_msg("pixel %d, %d: colour %d %d %d", x, y, found.r, found.g, found.b);
        checked++;
    }
    assert_true(checked > 1000);
}

static void test_places(void **state)
{
    (void)state;
    static const struct {
        const struct raster *raster;
        int zoom;
    } GRIDS[] = {{&UTM, 13},     {&TURNED, 13}, {&MODIS, 10},
                 {&DEGREES, 10}, {&ROUND, 10},  {&DATE_LINE, 9}};
    for (size_t i = 0; i < COUNT_OF(GRIDS); i++)
        for (int clouds = 0; clouds < 2; clouds++) {
            struct made made;
            make(&made, GRIDS[i].raster, clouds);
            check_middles(&made, GRIDS[i].zoom, clouds);
            drop(&made);
        }
}

/* The colour is that of the number which the table gives for the pixel. */
static void test_table(void **state)
{
    (void)state;
    struct made made;
    make(&made, &UTM, false);
    const double *t = made.scene->grid.transform;
    for (int32_t x = 3; x < WIDTH; x += 29) {
        int32_t y = x % HEIGHT;
        double west = t[0] + x * t[1], north = t[3] + y * t[5];
        struct str text = str_format(
            &made.arena,
            "{\"type\":\"Polygon\",\"crs\":{\"type\":\"name\",\"properties\":{\"name\":"
            "\"EPSG:32650\"}},\"coordinates\":[[[%f,%f],[%f,%f],[%f,%f],[%f,%f],[%f,%f]]]}",
            west, north, west, north - 100, west + 100, north - 100, west + 100, north, west,
            north);
        struct heat_zones zones;
        struct heat_cover *cover;
        struct heat_ask ask;
        struct heat_stat stat;
        heat_ask_init(&ask);
        assert_ok(heat_zones_read(&made.arena, text, NULL, false, &zones));
        assert_ok(heat_cover_new(&made.scene->grid, &zones, 0, &cover));
        assert_ok(heat_stats(made.scene, 0, cover, &ask, &stat, NULL));
        heat_cover_free(cover);
        double px, py;
        pixel_middle(&made, x, y, 14, &px, &py);
        struct png png = tile(&made, 14, (int64_t)px / 256, (int64_t)py / 256);
        struct heat_rgba found = png_at(&png, (int32_t)px % 256, (int32_t)py % 256);
        assert_true(same_colour(found, heat_colour(&made.drawing.paint, stat.mean)));
    }
    drop(&made);
}

static void test_smooth(void **state)
{
    (void)state;
    struct made made;
    struct heat_frame frame;
    struct heat_warped even, smooth;
    make(&made, &UTM, true);
    assert_ok(heat_frame_fit(made.canvas, HEAT_MERCATOR, 4096, &frame));
    frame.width *= 3;
    frame.height *= 3;
    assert_ok(heat_warp(made.canvas, &frame, false, &made.arena, &even));
    assert_ok(heat_warp(made.canvas, &frame, true, &made.arena, &smooth));
    size_t clear = 0, masked = 0, count = (size_t)frame.width * (size_t)frame.height;
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(even.reason[i], smooth.reason[i]);
        if (even.reason[i] != HEAT_CLEAR) {
            assert_true(isnan(smooth.kelvin[i]) && isnan(even.kelvin[i]));
            masked += even.reason[i] != HEAT_FILL;
            continue;
        }
        clear++;
        /* Two of the four around pull most: (0.1 K + 0.15 K) / 3. */
        assert_true(fabsf(smooth.kelvin[i] - even.kelvin[i]) <= 0.0834f);
    }
    assert_true(clear > count / 2 && masked > count / 40);
    drop(&made);
}

/* Two tiles and one picture over both. */
static void test_seams(void **state)
{
    (void)state;
    struct made made;
    make(&made, &UTM, true);
    int64_t x0, y0, x1, y1;
    const int z = 12;
    assert_ok(heat_tile_range(made.canvas, z, &x0, &y0, &x1, &y1));
    assert_true(x1 > x0 && y1 > y0);
    struct heat_frame west, east, both;
    struct heat_warped half[2], whole;
    assert_ok(heat_frame_tile(z, x0, y0, &west));
    assert_ok(heat_frame_tile(z, x0 + 1, y0, &east));
    both = west;
    both.width *= 2;
    both.bounds.east = east.bounds.east;
    assert_ok(heat_warp(made.canvas, &west, false, &made.arena, &half[0]));
    assert_ok(heat_warp(made.canvas, &east, false, &made.arena, &half[1]));
    assert_ok(heat_warp(made.canvas, &both, false, &made.arena, &whole));
    size_t apart = 0, seen = 0;
    for (size_t y = 0; y < 256; y++)
        for (size_t x = 0; x < 512; x++) {
            const struct heat_warped *part = &half[x / 256];
            size_t at = y * 256 + x % 256, in_whole = y * 512 + x;
            apart += part->reason[at] != whole.reason[in_whole] ||
                     (part->reason[at] == HEAT_CLEAR &&
                      fabsf(part->kelvin[at] - whole.kelvin[in_whole]) > 1e-6f);
            seen += part->reason[at] == HEAT_CLEAR;
        }
    assert_true(seen > 5000);
    assert_int_equal(apart, 0);
    drop(&made);
}

/* A tile's pixel is one of the scene's that lie under it or beside: the four of the next zoom. */
static void test_zooms(void **state)
{
    (void)state;
    struct made made;
    make(&made, &DEGREES, false);
    for (int z = 2; z < 9; z++) {
        int64_t x0, y0, x1, y1;
        struct heat_frame frame;
        struct heat_warped coarse, fine;
        assert_ok(heat_tile_range(made.canvas, z, &x0, &y0, &x1, &y1));
        assert_ok(heat_frame_tile(z, x0, y0, &frame));
        assert_ok(heat_warp(made.canvas, &frame, false, &made.arena, &coarse));
        frame.width *= 2;
        frame.height *= 2;
        assert_ok(heat_warp(made.canvas, &frame, false, &made.arena, &fine));
        double pixel = 360 / (256 * pow(2, z)) / 0.01; /* In the scene's. */
        double most = 0.15 * fmax(1, pixel) + 0.01;
        size_t seen = 0;
        for (size_t y = 0; y < 256; y++)
            for (size_t x = 0; x < 256; x++) {
                float k = coarse.kelvin[y * 256 + x], f = fine.kelvin[2 * y * 512 + 2 * x];
                if (isnan(k) || isnan(f))
                    continue;
                seen++;
                assert_true((double)fabsf(k - f) <= most);
            }
        assert_true(seen > 0);
    }
    drop(&made);
}

static float wide_gradient(int32_t x, int32_t y)
{
    return (float)(250 + 0.01 * x + 0.02 * y);
}

/* Large enough that most pictures come from the reduced copy. */
static void test_reduced(void **state)
{
    (void)state;
    struct made made = {0};
    struct raster raster = {.path = raster_path(&made.arena, "large.tif"),
                            .width = 3001,
                            .height = 1999,
                            .transform = {113, 0.001, 0, 31, 0, -0.001},
                            .epsg = 4326,
                            .block = 256};
    raster_write(&raster, wide_gradient);
    struct heat_mask mask = heat_mask_default();
    made.scene = raster_open(&made.arena, raster.path);
    assert_ok(heat_canvas_new(made.scene, 0, &mask, &made.canvas));
    struct heat_bounds b = heat_canvas_bounds(made.canvas);
    for (int32_t width = 20; width < 4000; width = width * 2 + 3) {
        struct heat_frame frame = {
            .plane = HEAT_LONLAT, .bounds = b, .width = width, .height = width / 2};
        struct heat_warped warped;
        assert_ok(heat_warp(made.canvas, &frame, false, &made.arena, &warped));
        for (int32_t y = 0; y < frame.height; y++)
            for (int32_t x = 0; x < width; x++) {
                double column = (x + 0.5) * 3001 / width, row = (y + 0.5) * 1999 / frame.height;
                double k = (double)warped.kelvin[(size_t)y * (size_t)width + (size_t)x];
                double reach = fmax(1, 3001.0 / width);
                double off = fabs(k - (250 + 0.01 * (column - 0.5) + 0.02 * (row - 0.5)));
                if (!(off <= 0.03 * (0.75 * reach + 0.5) + EDGE))
                    fail_msg("%d of %d, %d: %g K off", x, width, y, off);
            }
    }
    drop(&made);
}

static void test_bounds(void **state)
{
    (void)state;
    struct made made;
    static const struct raster *const GRIDS[] = {&UTM,     &TURNED, &MODIS,
                                                 &DEGREES, &ROUND,  &DATE_LINE};
    for (size_t i = 0; i < COUNT_OF(GRIDS); i++) {
        make(&made, GRIDS[i], false);
        struct heat_bounds b = heat_canvas_bounds(made.canvas);
        assert_true(b.west >= -180 && b.west < 180 && b.east > b.west && b.east < b.west + 20);
        struct heat_frame frame;
        struct heat_warped warped;
        assert_ok(heat_frame_fit(made.canvas, HEAT_LONLAT, 500, &frame));
        assert_ok(heat_warp(made.canvas, &frame, false, &made.arena, &warped));
        bool west = false, east = false, north = false, south = false;
        for (int32_t y = 0; y < frame.height; y++)
            for (int32_t x = 0; x < frame.width; x++) {
                bool seen = warped.reason[(size_t)y * (size_t)frame.width + (size_t)x] != HEAT_FILL;
                west = west || (seen && x <= 1);
                east = east || (seen && x >= frame.width - 2);
                north = north || (seen && y <= 1);
                south = south || (seen && y >= frame.height - 2);
            }
        assert_true(west && east && north && south);
        drop(&made);
    }
    make(&made, &DATE_LINE, false);
    struct heat_bounds b = heat_canvas_bounds(made.canvas);
    assert_true(b.west < 180 && b.east > 180);
    int64_t x0, y0, x1, y1;
    assert_ok(heat_tile_range(made.canvas, 8, &x0, &y0, &x1, &y1));
    assert_int_equal(x0, 255);
    assert_int_equal(x1, 256);
    drop(&made);
}

static void test_refused(void **state)
{
    (void)state;
    struct made made;
    make(&made, &UTM, false);
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, HEAT_PNG_MAX);
    static const int64_t TILES[][3] = {{-1, 0, 0}, {23, 0, 0}, {3, 8, 0},         {3, 0, 8},
                                       {3, -1, 0}, {3, 0, -1}, {3, INT64_MAX, 0}, {0, 0, 1}};
    for (size_t i = 0; i < COUNT_OF(TILES); i++)
        assert_err(heat_tile_png(made.canvas, (int)TILES[i][0], TILES[i][1], TILES[i][2],
                                 &made.drawing, NULL, &out),
                   ERR_RANGE);
    struct heat_frame good = {HEAT_MERCATOR, {113, 30, 114, 31}, 10, 10}, bad = good;
    bad.width = HEAT_PICTURE_SIDE_MAX + 1;
    assert_err(heat_picture_png(made.canvas, &bad, &made.drawing, &out), ERR_LIMIT);
    bad.width = bad.height = HEAT_PICTURE_SIDE_MAX;
    assert_err(heat_picture_png(made.canvas, &bad, &made.drawing, &out), ERR_LIMIT);
    bad.width = 0;
    assert_err(heat_picture_png(made.canvas, &bad, &made.drawing, &out), ERR_RANGE);
    static const struct heat_bounds BOUNDS[] = {
        {114, 30, 113, 31}, {113, 31, 114, 30}, {113, 30, 114, 86},  {-181, 30, 114, 31},
        {0, 0, 361, 1},     {NAN, 30, 114, 31}, {113, 30, 114, NAN}, {-INFINITY, 0, 1, 1}};
    for (size_t i = 0; i < COUNT_OF(BOUNDS); i++) {
        bad = good;
        bad.bounds = BOUNDS[i];
        assert_err(heat_picture_png(made.canvas, &bad, &made.drawing, &out), ERR_RANGE);
    }
    made.drawing.paint.colours = HEAT_COLOURS_RED;
    made.drawing.paint.unseen = HEAT_UNSEEN_CLEAR;
    assert_err(heat_picture_png(made.canvas, &good, &made.drawing, &out), ERR_INVALID);
    heat_paint_init(&made.drawing.paint);
    assert_err(heat_picture_png(made.canvas, &good, &made.drawing, &out), ERR_RANGE);
    assert_int_equal(out.len, 0);
    drop(&made);
}

static void test_red(void **state)
{
    (void)state;
    struct made made;
    make(&made, &UTM, true);
    struct heat_paint *paint = &made.drawing.paint;
    struct heat_ask ask;
    struct heat_stat stat;
    struct heat_levels levels;
    heat_ask_init(&ask);
    ask.above_count = 1;
    ask.above[0].kind = HEAT_ABOVE_MEAN;
    assert_ok(heat_whole(made.scene, 0, &ask, &stat, &levels));
    assert_true(paint->reference == levels.kelvin[0]);
    paint->colours = HEAT_COLOURS_RED;
    made.drawing.smooth = true;
    check_middles(&made, 13, true);
    assert_int_equal(heat_colour(paint, paint->reference).a, 0);
    assert_int_equal(heat_colour(paint, nextafter(paint->reference, 400)).r, 0xd7);
    drop(&made);
}

static void test_nothing_seen(void **state)
{
    (void)state;
    struct made made = {0};
    struct raster raster = UTM;
    raster.path = raster_path(&made.arena, "scene.tif");
    raster_write(&raster, gradient);
    raster.path = raster_path(&made.arena, "scene_mask.tif");
    raster_write(&raster, gradient); /* Not 0 anywhere. */
    made.scene = raster_open(&made.arena, raster_path(&made.arena, "scene.tif"));
    struct heat_mask mask = heat_mask_default();
    struct heat_ask ask;
    struct heat_legend legend;
    heat_ask_init(&ask);
    assert_ok(heat_canvas_new(made.scene, 0, &mask, &made.canvas));
    heat_paint_init(&made.drawing.paint);
    made.drawing.paint.colours = HEAT_COLOURS_RED;
    assert_ok(heat_paint_fit(made.scene, 0, &ask, &made.drawing.paint));
    assert_true(made.drawing.paint.nothing_seen);
    assert_ok(heat_legend_of(&made.drawing.paint, &legend));
    assert_int_equal(legend.count, 0);
    double px, py;
    pixel_middle(&made, 50, 40, 13, &px, &py);
    struct png png = tile(&made, 13, (int64_t)px / 256, (int64_t)py / 256);
    struct heat_rgba found = png_at(&png, (int32_t)px % 256, (int32_t)py % 256);
    assert_true(same_colour(found, legend.unseen_line) || same_colour(found, legend.unseen_ground));
    drop(&made);
}

struct drawer {
    struct made *made;
    struct buf out;
    int z;
    int64_t x, y;
};

static void *draw(void *context)
{
    struct drawer *drawer = context;
    for (int i = 0; i < 8; i++) {
        buf_clear(&drawer->out);
        if (heat_tile_png(drawer->made->canvas, drawer->z, drawer->x, drawer->y,
                          &drawer->made->drawing, NULL, &drawer->out) != OK)
            return NULL;
    }
    return drawer;
}

static void test_threads(void **state)
{
    (void)state;
    struct made made;
    make(&made, &UTM, true);
    struct drawer drawers[6];
    pthread_t threads[6];
    double px, py;
    pixel_middle(&made, 50, 40, 11, &px, &py);
    for (int round = 0; round < 2; round++) { /* Brushes outlive the threads that made them. */
        for (size_t i = 0; i < 6; i++) {
            drawers[i] = (struct drawer){
                .made = &made, .z = 11, .x = (int64_t)px / 256, .y = (int64_t)py / 256};
            buf_init(&drawers[i].out, HEAT_PNG_MAX);
            assert_int_equal(pthread_create(&threads[i], NULL, draw, &drawers[i]), 0);
        }
        for (size_t i = 0; i < 6; i++) {
            void *result;
            pthread_join(threads[i], &result);
            assert_non_null(result);
            assert_true(str_equal(buf_str(&drawers[i].out), buf_str(&drawers[0].out)));
        }
        for (size_t i = 0; i < 6; i++)
            buf_release(&drawers[i].out);
    }
    drop(&made);
}

static void test_notes(void **state)
{
    (void)state;
    struct made made;
    make(&made, &UTM, false);
    const struct heat_note notes[] = {{STR("Source"), STR("scene.tif")},
                                      {STR("Title"), STR("地表温度")}};
    made.drawing.notes = notes;
    made.drawing.note_count = COUNT_OF(notes);
    struct heat_frame frame;
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, HEAT_PNG_MAX);
    assert_ok(heat_frame_fit(made.canvas, HEAT_MERCATOR, 100, &frame));
    assert_int_equal(frame.width > frame.height ? frame.width : frame.height, 100);
    assert_ok(heat_picture_png(made.canvas, &frame, &made.drawing, &out));
    assert_str(png_note(&made.arena, buf_str(&out), "Source"), "scene.tif");
    assert_str(png_note(&made.arena, buf_str(&out), "Title"), "地表温度");
    drop(&made);
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
        cmocka_unit_test(test_places),  cmocka_unit_test(test_table),
        cmocka_unit_test(test_smooth),  cmocka_unit_test(test_seams),
        cmocka_unit_test(test_zooms),   cmocka_unit_test(test_reduced),
        cmocka_unit_test(test_bounds),  cmocka_unit_test(test_refused),
        cmocka_unit_test(test_red),     cmocka_unit_test(test_nothing_seen),
        cmocka_unit_test(test_threads), cmocka_unit_test(test_notes)};
    return cmocka_run_group_tests(tests, NULL, clean);
}
