/* Parts of the heat statistics, timed alone; bench/heat.py makes the files and runs this.
 *
 * usage: bench-heat pixels WIDTH HEIGHT TILE       float32 kelvin, tile by tile, to standard output
 *        bench-heat decode SCENE THREADS           reads every pixel and does nothing with it
 *        bench-heat stats SCENE ZONES THREADS      zones read, placed, counted: seconds of each
 *        bench-heat geos SCENE ZONES ZONE...       pixels and mean of zones (from 0), by GEOS alone
 *
 * The last three print pairs of a name and a number; "peak_kb" is this process's memory.
 */
#include <geos_c.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "heat/cover.h"

enum { THREADS_MAX = 16, ZONES_BYTES = LIMIT_HEAT_ZONES_SIZE };

static int fail(const char *what)
{
    fprintf(stderr, "bench-heat: %s: %s\n", what, err_last()->detail);
    return 1;
}

/* Processor time of all threads: what others on the machine do hardly changes it. */
static double processor_s(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

struct watch {
    int64_t begin;
    double processor;
};

static struct watch watch_start(void)
{
    return (struct watch){clock_monotonic_us(), processor_s()};
}

static void watch_print(const char *what, struct watch watch)
{
    printf("%s_s %.6f %s_cpu_s %.6f ", what, (double)(clock_monotonic_us() - watch.begin) / 1e6,
           what, processor_s() - watch.processor);
}

static void print_peak(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("peak_kb %ld\n", usage.ru_maxrss);
}

static int64_t number_of(const char *text)
{
    int64_t value;
    return str_to_int(str_of(text), &value) == OK ? value : 0;
}

/* ---- pixels ------------------------------------------------------------------------------- */

static uint32_t noise(uint32_t x, uint32_t y)
{
    uint32_t v = x * 0x9E3779B1u ^ y * 0x85EBCA77u;
    v = (v ^ v >> 15) * 0x2C1B3C6Du;
    v = (v ^ v >> 12) * 0x297A2D39u;
    return v ^ v >> 15;
}

/* Hills, fields and grain in steps of 0.02 K, as products have them: it packs about as well. */
static float kelvin_at(int32_t x, int32_t y)
{
    double hills = 8 * sin(x / 900.0) * cos(y / 700.0) + 2 * sin((x + y) / 61.0);
    double field = (double)(noise((uint32_t)x / 24, (uint32_t)y / 17) % 100) / 50;
    double grain = (double)(noise((uint32_t)x, (uint32_t)y) % 16) / 50;
    return (float)(floor((300 + hills + field + grain) * 50) / 50);
}

static int pixels(int32_t width, int32_t height, int32_t side)
{
    CLEANUP(arena_release) struct arena arena = {0};
    float *tile = ARENA_ARRAY(&arena, (size_t)side * (size_t)side, float);
    for (int32_t top = 0; top < height; top += side)
        for (int32_t left = 0; left < width; left += side) {
            for (int32_t i = 0; i < side * side; i++)
                tile[i] = kelvin_at(left + i % side, top + i / side);
            if (fwrite(tile, sizeof(*tile), (size_t)side * (size_t)side, stdout) == 0)
                return 1;
        }
    return 0;
}

/* ---- decode ------------------------------------------------------------------------------- */

struct decode {
    const struct heat_scene *scene;
    struct tile_plan plan;
    int32_t next;
    enum err code;
};

static void *decode_tiles(void *argument)
{
    struct decode *decode = argument;
    CLEANUP(arena_release) struct arena arena = {0};
    size_t count = (size_t)decode->plan.width * (size_t)decode->plan.height;
    struct heat_block block = {.kelvin = ARENA_ARRAY(&arena, count, float),
                               .reason = ARENA_ARRAY(&arena, count, uint8_t)};
    struct heat_mask mask = heat_mask_default();
    struct heat_reader *reader;
    enum err r = heat_reader_new(decode->scene, &reader);
    if (r != OK) {
        decode->code = r;
        return NULL;
    }
    int32_t tiles = decode->plan.columns * decode->plan.rows, tile;
    while (r == OK && (tile = __atomic_fetch_add(&decode->next, 1, __ATOMIC_RELAXED)) < tiles) {
        block.window = tile_window(&decode->scene->grid, &decode->plan, tile);
        r = heat_read(reader, 0, &mask, &block);
    }
    if (r != OK)
        decode->code = r;
    heat_reader_free(reader);
    return NULL;
}

static int decode(const char *path, int threads)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct decode work = {0};
    struct heat_scene *scene;
    if (heat_open(&arena, path, NULL, &scene) != OK)
        return fail(path);
    int32_t width = scene->grid.width < TILE_SIDE ? scene->grid.width : TILE_SIDE;
    work.scene = scene;
    work.plan = (struct tile_plan){width, TILE_SIDE, (scene->grid.width - 1) / width + 1,
                                   (scene->grid.height - 1) / TILE_SIDE + 1};
    struct watch watch = watch_start();
    pthread_t started[THREADS_MAX];
    for (int i = 0; i < threads; i++)
        if (pthread_create(&started[i], NULL, decode_tiles, &work) != 0)
            return 1;
    for (int i = 0; i < threads; i++)
        pthread_join(started[i], NULL);
    if (work.code != OK)
        return fail(path);
    watch_print("decode", watch);
    print_peak();
    return 0;
}

/* ---- stats -------------------------------------------------------------------------------- */

static enum err read_zones(struct arena *arena, const char *path, struct heat_zones *out)
{
    struct str text;
    if (heat_zones_stream(arena, path, NULL, false, out))
        return OK;
    enum err r = heat_text_read(arena, path, ZONES_BYTES, &text);
    return r == OK ? heat_zones_read(arena, text, NULL, false, out) : r;
}

static int stats(const char *path, const char *zones_path, int threads)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_scene *scene;
    struct heat_zones zones;
    struct heat_cover *cover;
    struct heat_ask ask;
    heat_ask_init(&ask);
    ask.threads = threads;
    if (heat_open(&arena, path, NULL, &scene) != OK)
        return fail(path);
    struct watch watch = watch_start();
    if (read_zones(&arena, zones_path, &zones) != OK)
        return fail(zones_path);
    watch_print("zones", watch);
    watch = watch_start();
    if (heat_cover_new(&scene->grid, &zones, 0, &cover) != OK)
        return fail(zones_path);
    watch_print("cover", watch);
    watch = watch_start();
    struct heat_stat *found = ARENA_ARRAY(&arena, zones.count, struct heat_stat);
    if (heat_stats(scene, 0, cover, &ask, found, NULL) != OK)
        return fail(path);
    watch_print("stats", watch);
    print_peak();
    heat_cover_free(cover);
    return 0;
}

/* ---- geos --------------------------------------------------------------------------------- */

static void quiet(const char *format, ...)
{
    (void)format;
}

static GEOSGeometry *ring_of(const struct heat_grid *grid, const struct heat_ring *ring)
{
    const double *t = grid->transform;
    GEOSCoordSequence *points = GEOSCoordSeq_create((unsigned)ring->count + 1, 2);
    for (size_t i = 0; i <= ring->count; i++) {
        const double *xy = &ring->xy[2 * (i % ring->count)];
        GEOSCoordSeq_setXY(points, (unsigned)i, (xy[0] - t[0]) / t[1], (xy[1] - t[3]) / t[5]);
    }
    return GEOSGeom_createLinearRing(points);
}

/* Polygons of a zone with their holes, which follow them. */
static GEOSGeometry *polygons_of(const struct heat_grid *grid, const struct heat_zone *zone)
{
    GEOSGeometry *all[64], *holes[64];
    unsigned count = 0;
    for (size_t r = 0; r < zone->ring_count && count < COUNT_OF(all);) {
        GEOSGeometry *shell = ring_of(grid, &zone->rings[r++]);
        unsigned hole_count = 0;
        while (r < zone->ring_count && zone->rings[r].hole && hole_count < COUNT_OF(holes))
            holes[hole_count++] = ring_of(grid, &zone->rings[r++]);
        all[count++] = GEOSGeom_createPolygon(shell, holes, hole_count);
    }
    return GEOSGeom_createCollection(GEOS_MULTIPOLYGON, all, count);
}

static double share_of(const GEOSGeometry *zone, int32_t x, int32_t y)
{
    GEOSGeometry *pixel = GEOSGeom_createRectangle(x, y, x + 1, y + 1);
    GEOSGeometry *both = GEOSIntersection(zone, pixel);
    double area = NAN;
    if (both)
        GEOSArea(both, &area);
    GEOSGeom_destroy(both);
    GEOSGeom_destroy(pixel);
    return area;
}

static struct heat_window window_around(const struct heat_grid *grid, const GEOSGeometry *zone)
{
    double left, top, right, bottom;
    GEOSGeom_getXMin(zone, &left);
    GEOSGeom_getYMin(zone, &top);
    GEOSGeom_getXMax(zone, &right);
    GEOSGeom_getYMax(zone, &bottom);
    int32_t x = (int32_t)fmax(floor(left), 0), y = (int32_t)fmax(floor(top), 0);
    return (struct heat_window){x, y, (int32_t)fmin(ceil(right), grid->width) - x,
                                (int32_t)fmin(ceil(bottom), grid->height) - y};
}

static enum err judge(const struct heat_scene *scene, const struct heat_zone *zone)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_mask mask = {.none = true, .quality_max = -1};
    struct heat_block block;
    GEOSGeometry *shape = polygons_of(&scene->grid, zone);
    struct heat_window w = window_around(&scene->grid, shape);
    double all = 0, sum = 0;
    if (w.width > 0 && w.height > 0) {
        enum err r = heat_read_new(&arena, scene, 0, &mask, w, &block);
        if (r != OK)
            return r;
        for (int32_t i = 0; i < w.width * w.height; i++) {
            double share =
                isnan(block.kelvin[i]) ? 0 : share_of(shape, w.x + i % w.width, w.y + i / w.width);
            all += share;
            sum += share > 0 ? share * (double)block.kelvin[i] : 0;
        }
    }
    GEOSGeom_destroy(shape);
    printf("%.*s %.12g %.12g\n", STR_ARG(zone->id), all, sum / all);
    return OK;
}

static int geos(const char *path, const char *zones_path, char **chosen, int count)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_scene *scene;
    struct heat_zones zones;
    if (heat_open(&arena, path, NULL, &scene) != OK)
        return fail(path);
    if (read_zones(&arena, zones_path, &zones) != OK)
        return fail(zones_path);
    initGEOS(quiet, quiet);
    for (int i = 0; i < count; i++) {
        int64_t at = number_of(chosen[i]);
        if (at < 0 || at >= (int64_t)zones.count || judge(scene, &zones.items[at]) != OK)
            return fail(chosen[i]);
    }
    finishGEOS();
    return 0;
}

int main(int argc, char **argv)
{
    struct str verb = str_of(argc > 1 ? argv[1] : "");
    if (argc == 5 && str_is(verb, "pixels"))
        return pixels((int32_t)number_of(argv[2]), (int32_t)number_of(argv[3]),
                      (int32_t)number_of(argv[4]));
    if (argc == 4 && str_is(verb, "decode"))
        return decode(argv[2], (int)number_of(argv[3]));
    if (argc == 5 && str_is(verb, "stats"))
        return stats(argv[2], argv[3], (int)number_of(argv[4]));
    if (argc > 4 && str_is(verb, "geos"))
        return geos(argv[2], argv[3], argv + 4, argc - 4);
    fprintf(stderr, "bench-heat: see bench/heat.c\n");
    return 2;
}
