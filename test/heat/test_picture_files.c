/* Files that leave the program: the legend's picture, GeoTIFF; and pictures of real scenes. */
#include "raster.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

enum { WIDTH = 1500, HEIGHT = 1100 };

static const char FOLDER[] = "../shared/heat";

static float waves(int32_t x, int32_t y)
{
    if ((x / 100 + y / 50) % 5 == 0)
        return NAN;
    return (float)(290 + 6 * sin(x / 90.0) * cos(y / 70.0));
}

static const struct raster SHAPE = {.width = WIDTH,
                                    .height = HEIGHT,
                                    .transform = {420000, 70, 0, 4000000, 0, -70},
                                    .epsg = 32650,
                                    .block = 256};

struct made {
    struct arena arena;
    struct heat_scene *scene;
    struct heat_canvas *canvas;
    struct heat_drawing drawing;
};

static void make(struct made *made)
{
    *made = (struct made){0};
    struct raster raster = SHAPE;
    raster.path = raster_path(&made->arena, "scene.tif");
    raster_write(&raster, waves);
    made->scene = raster_open(&made->arena, raster.path);
    struct heat_mask mask = heat_mask_default();
    assert_ok(heat_canvas_new(made->scene, 0, &mask, &made->canvas));
}

static void drop(struct made *made)
{
    heat_canvas_free(made->canvas);
    arena_release(&made->arena);
}

static bool is_there(struct arena *arena, const char *path, const char *more)
{
    return access(str_format(arena, "%s%s", path, more).ptr, F_OK) == 0;
}

static void test_cog(void **state)
{
    (void)state;
    struct made made;
    make(&made);
    const struct heat_note note = {STR("Source"), STR("waves")};
    made.drawing.notes = &note;
    made.drawing.note_count = 1;
    const char *path = raster_path(&made.arena, "cog.tif");
    assert_ok(heat_cog_write(made.canvas, path, &made.drawing));
    assert_false(is_there(&made.arena, path, ".plain.tmp"));
    assert_false(is_there(&made.arena, path, ".part.tmp"));
    GDALDatasetH dataset;
    assert_ok(heat_dataset_open(path, &dataset));
    assert_string_equal(gdal.GDALGetMetadataItem(dataset, "LAYOUT", "IMAGE_STRUCTURE"), "COG");
    assert_string_equal(gdal.GDALGetMetadataItem(dataset, "Source", NULL), "waves");
    GDALRasterBandH band = gdal.GDALGetRasterBand(dataset, 1);
    int wide, high, has_fill;
    gdal.GDALGetBlockSize(band, &wide, &high);
    assert_true(wide == 512 && high == 512 && gdal.GDALGetOverviewCount(band) == 2);
    assert_true(isnan(gdal.GDALGetRasterNoDataValue(band, &has_fill)) && has_fill);
    heat_dataset_close(dataset);
    struct heat_scene *again = raster_open(&made.arena, path);
    assert_true(again->kind == HEAT_PLAIN && heat_grid_same(&again->grid, &made.scene->grid));
    struct heat_mask mask = heat_mask_default();
    struct heat_block block;
    struct heat_window window = {0, 0, WIDTH, HEIGHT};
    assert_ok(heat_read_new(&made.arena, again, 0, &mask, window, &block));
    for (int32_t i = 0; i < WIDTH * HEIGHT; i++) {
        float wanted = waves(i % WIDTH, i / WIDTH);
        if (isnan(wanted) ? block.reason[i] != HEAT_GAP : block.kelvin[i] != wanted)
            fail_msg("pixel %d: %g instead of %g", i, (double)block.kelvin[i], (double)wanted);
    }
    drop(&made);
}

static bool stop(void *context, int64_t done, int64_t all)
{
    return done < *(int64_t *)context * all / 1000;
}

/* Whole or not at all. */
static void test_cog_fails(void **state)
{
    (void)state;
    struct made made;
    make(&made);
    const char *path = raster_path(&made.arena, "none.tif");
    static const int64_t AT[] = {100, 500, 900};
    for (size_t i = 0; i < COUNT_OF(AT); i++) {
        int64_t at = AT[i];
        made.drawing.progress = stop;
        made.drawing.context = &at;
        assert_err(heat_cog_write(made.canvas, path, &made.drawing), ERR_BUSY);
        assert_false(is_there(&made.arena, path, ""));
        assert_false(is_there(&made.arena, path, ".plain.tmp"));
        assert_false(is_there(&made.arena, path, ".part.tmp"));
    }
    made.drawing.progress = NULL;
    const char *nowhere = raster_path(&made.arena, "no/where.tif");
    assert_err(heat_cog_write(made.canvas, nowhere, &made.drawing), ERR_IO);
    assert_err(heat_cog_write(made.canvas, "/vsimem/x.tif", &made.drawing), ERR_INVALID);
    assert_err(heat_cog_write(made.canvas, "", &made.drawing), ERR_INVALID);
    drop(&made);
}

static void test_legend(void **state)
{
    (void)state;
    for (int colours = 0; colours < HEAT_COLOURS_COUNT; colours++)
        for (int nothing = 0; nothing < 2; nothing++) {
            CLEANUP(arena_release) struct arena arena = {0};
            CLEANUP(buf_release) struct buf out;
            struct heat_drawing drawing = {0};
            struct heat_legend legend;
            buf_init(&out, HEAT_PNG_MAX);
            heat_paint_init(&drawing.paint);
            drawing.paint.colours = (enum heat_colours)colours;
            drawing.paint.low = 283.15;
            drawing.paint.high = 303.15;
            drawing.paint.reference = 291.5386;
            drawing.paint.span = 8;
            drawing.paint.nothing_seen = nothing;
            assert_ok(heat_legend_png(&drawing, &out));
            assert_ok(heat_legend_of(&drawing.paint, &legend));
            struct png png = png_read(&arena, buf_str(&out));
            /* The warmest colour of the map is on it, to a shade, unless nothing was seen. */
            struct heat_rgba wanted = heat_colour(&drawing.paint, 400);
            size_t found = 0, count = (size_t)png.width * (size_t)png.height;
            for (size_t i = 0; i < count; i++)
                found += abs(png.pixels[i].r - wanted.r) + abs(png.pixels[i].g - wanted.g) +
                             abs(png.pixels[i].b - wanted.b) <
                         9;
            assert_true(nothing ? found == 0 : found > 50);
        }
}

/* ---- real scenes -------------------------------------------------------------------------- */

struct view {
    const char *scene, *mask;
    size_t layer;
    int zoom; /* Where a tile's pixel is less than half of the scene's. */
};

static const struct view VIEWS[] = {
    {"ecostress-l2t-imperial-20230516", "default", 0, 13},
    {"modis-mod11a1-h14v09-2019305", "default", 0, 9},
    {"modis-mod11a1-h14v09-2019305", "quality=1,uncertainty=2", 1, 9},
    {"landsat-c2l2-colombia-20191201", "0x1F", 0, 10},
    {"landsat-c2l2-greenland-20150710", "0x1F", 0, 11},
    {"modis-lst-istria-2008", "default", 5, 9},
    {"landsat-l1-mendoza-20160209", "default", 0, 14},
};

static void place_pixel(const struct heat_grid *grid, int32_t x, int32_t y, int zoom, int64_t *px,
                        int64_t *py)
{
    const double *t = grid->transform;
    double column = x + 0.5, row = y + 0.5;
    double lon = t[0] + column * t[1] + row * t[2], lat = t[3] + column * t[4] + row * t[5];
    assert_true(heat_to_lonlat(grid->projection, &lon, &lat));
    double side = (double)(INT64_C(256) << zoom);
    *px = (int64_t)((lon + 180) / 360 * side);
    *py = (int64_t)((1 - asinh(tan(lat * M_PI / 180)) / M_PI) / 2 * side);
}

/* A tile's pixel over the middle of one of the scene's has that one's kelvin, or its reason. */
static void check_view(const struct view *view)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_mask mask;
    struct heat_canvas *canvas;
    assert_ok(heat_mask_parse(str_of(view->mask), &mask));
    struct heat_scene *scene =
        raster_open(&arena, str_format(&arena, "%s/%s", FOLDER, view->scene).ptr);
    assert_ok(heat_canvas_new(scene, view->layer, &mask, &canvas));
    int seen = 0, unseen = 0;
    for (int i = 0; i < 40; i++) {
        CLEANUP(arena_release) struct arena scratch = {0};
        int32_t x = scene->grid.width * (i % 7 + 1) / 8, y = scene->grid.height * (i + 1) / 42;
        struct heat_block block;
        struct heat_frame frame;
        struct heat_warped warped;
        int64_t px, py;
        struct heat_window window = {x, y, 1, 1};
        assert_ok(heat_read_new(&scratch, scene, view->layer, &mask, window, &block));
        place_pixel(&scene->grid, x, y, view->zoom, &px, &py);
        assert_ok(heat_frame_tile(view->zoom, px / 256, py / 256, &frame));
        assert_ok(heat_warp(canvas, &frame, false, &scratch, &warped));
        size_t at = (size_t)(py % 256) * 256 + (size_t)(px % 256);
        assert_int_equal(warped.reason[at], block.reason[0]);
        bool clear = block.reason[0] == HEAT_CLEAR;
        seen += clear;
        unseen += !clear;
        assert_true(clear ? fabsf(warped.kelvin[at] - block.kelvin[0]) < 1e-4f
                          : isnan(warped.kelvin[at]));
    }
    print_message("%s: %d seen, %d not\n", view->scene, seen, unseen);
    assert_true(seen > 0);
    heat_canvas_free(canvas);
}

static void test_real(void **state)
{
    (void)state;
    if (access(FOLDER, R_OK) != 0) {
        print_message("skipped: %s is not there\n", FOLDER);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(VIEWS); i++)
        check_view(&VIEWS[i]);
}

static int clean(void **state)
{
    (void)state;
    raster_clean();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cog), cmocka_unit_test(test_cog_fails),
                                       cmocka_unit_test(test_legend), cmocka_unit_test(test_real)};
    return cmocka_run_group_tests(tests, NULL, clean);
}
