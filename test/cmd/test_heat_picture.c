/* `kuailian heat picture` as it is called: files out, wrong calls refused. */
#include "../heat/raster.h"

#include "cmd/cmd.h"
#include "cmd/input.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

static float slope(int32_t x, int32_t y)
{
    return x < 20 && y < 20 ? (float)NAN : (float)(290 + 0.1 * x);
}

static const struct raster SHAPE = {
    .width = 200, .height = 150, .transform = {420000, 100, 0, 4000000, 0, -100}, .epsg = 32650};

static int call(const char *const *words)
{
    char *argv[32];
    int argc = 0;
    for (; words[argc]; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc];
    return cmd_heat(argc, argv);
}

#define CALL(...) call((const char *const[]){"picture", "--quiet", __VA_ARGS__, NULL})

static struct str read_file(struct arena *arena, const char *path)
{
    struct str bytes;
    assert_ok(input_read(arena, path, HEAT_PNG_MAX, &bytes));
    return bytes;
}

static void test_files(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    struct raster raster = SHAPE;
    const char *scene = raster.path = raster_path(&arena, "scene.tif");
    raster_write(&raster, slope);
    const char *png = raster_path(&arena, "out.png"), *legend = raster_path(&arena, "legend.png");
    const char *cog = raster_path(&arena, "out.tif");
    assert_int_equal(CALL("--scene", scene, "--png", png, "--legend", legend, "--cog", cog,
                          "--size", "500", "--colours", "red", "--above", "300K"),
                     CMD_OK);
    struct str bytes = read_file(&arena, png);
    struct png picture = png_read(&arena, bytes);
    assert_true(picture.width > 400 && picture.width <= 500);
    assert_str(png_note(&arena, bytes, "Source"), "scene");
    assert_str(png_note(&arena, bytes, "Colours"), "red above 300.0000 K");
    assert_true(str_starts(png_note(&arena, bytes, "Software"), STR("kuailian ")));
    struct heat_rgba east = png_at(&picture, picture.width * 3 / 4, picture.height / 2);
    struct heat_rgba west = png_at(&picture, picture.width / 4, picture.height / 2);
    assert_true(east.r == 0xd7 && east.a == 255 && west.a == 0);
    assert_int_equal(png_read(&arena, read_file(&arena, legend)).width, 760);
    struct heat_scene *again = raster_open(&arena, cog);
    assert_int_equal(again->grid.width, 200);
}

static void remove_tiles(struct arena *arena, const char *folder)
{
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (entry->d_name[0] != '.') {
            const char *path = str_format(arena, "%s/%s", folder, entry->d_name).ptr;
            if (unlink(path) != 0)
                remove_tiles(arena, path);
        }
    if (dir)
        closedir(dir);
    rmdir(folder);
}

static void test_tiles(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    struct raster raster = SHAPE;
    const char *scene = raster.path = raster_path(&arena, "scene.tif");
    raster_write(&raster, slope);
    const char *tiles = raster_path(&arena, "tiles");
    assert_int_equal(CALL("--scene", scene, "--tiles", tiles, "--zoom", "5-7"), CMD_OK);
    static const char *const PATHS[] = {"5/26/12", "6/52/25", "7/105/50"};
    for (size_t i = 0; i < COUNT_OF(PATHS); i++) {
        struct str bytes = read_file(&arena, str_format(&arena, "%s/%s.png", tiles, PATHS[i]).ptr);
        assert_int_equal(png_read(&arena, bytes).width, 256);
    }
    remove_tiles(&arena, tiles);
}

static void test_refused(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    struct raster raster = SHAPE;
    const char *scene = raster.path = raster_path(&arena, "scene.tif");
    raster_write(&raster, slope);
    const char *png = raster_path(&arena, "none.png");
    /* What is said of them is not for the test's output. */
    assert_non_null(freopen("/dev/null", "w", stderr));
    assert_int_equal(CALL("--png", png), CMD_USAGE);
    assert_int_equal(CALL("--scene", scene), CMD_USAGE);
    assert_int_equal(CALL("--scene", scene, "--tiles", png), CMD_USAGE);
    static const char *const BAD[][2] = {
        {"--zoom", "3-1"},       {"--zoom", "0-23"},   {"--zoom", "x"},
        {"--size", "0"},         {"--size", "8193"},   {"--colours", "jet"},
        {"--unseen", "black"},   {"--above", "hot"},   {"--bounds", "1,2,3"},
        {"--bounds", "1,2,3,x"}, {"--plane", "utm"},   {"--low", "nan"},
        {"--nothing", "x"},      {"--mask", "clouds"}, {"--bounds", "1,2,3,4,5"}};
    for (size_t i = 0; i < COUNT_OF(BAD); i++)
        assert_int_equal(CALL("--scene", scene, "--png", png, BAD[i][0], BAD[i][1]), CMD_USAGE);
    static const char *const WRONG[][2] = {{"--bounds", "3,2,1,4"},
                                           {"--low", "400"},
                                           {"--layer", "2020-01-22"},
                                           {"--bounds", "1,2,3,89"}};
    for (size_t i = 0; i < COUNT_OF(WRONG); i++)
        assert_int_equal(
            CALL("--scene", scene, "--high", "300", "--png", png, WRONG[i][0], WRONG[i][1]),
            CMD_FAILED);
    assert_int_equal(
        CALL("--scene", scene, "--png", png, "--colours", "red", "--unseen", "transparent"),
        CMD_FAILED);
    assert_int_equal(CALL("--scene", scene, "--tiles", png, "--zoom", "22"), CMD_FAILED);
    assert_int_not_equal(access(png, F_OK), 0);
}

static int clean(void **state)
{
    (void)state;
    raster_clean();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_files), cmocka_unit_test(test_tiles),
                                       cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, clean);
}
