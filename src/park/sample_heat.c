#include "park/sample_heat.h"

#include <math.h>

#include "base/clock.h"
#include "base/id.h"
#include "park/heat_index.h"
#include "park/heat_store.h"
#include "park/sample.h"
#include "park/sample_map.h"
#include "park/sample_sql.h"

/* About 100 m a pixel, three times as wide and high as the park. */
enum { WIDTH = 300, HEIGHT = 170 };
static const double STEP = 0.001;

struct shot {
    int year, month, day;
    bool night;
    double clouds; /* Part of the sky, about. */
    double rest;   /* How much of the work rests: 0 none, 1 all that can; below 0 there is more. */
};

/* The Spring Festival fell on 2025-01-29 and 2026-02-17; in the last autumn there is more work. */
static const struct shot SHOTS[] = {
    {2025, 1, 8, false, 0.05, 0},      {2025, 1, 24, false, 0.10, 0.6},
    {2025, 2, 9, false, 0.00, 0.5},    {2025, 2, 25, false, 0.30, 0.1},
    {2025, 3, 13, false, 0.00, 0},     {2025, 3, 29, false, 0.15, 0},
    {2025, 10, 5, false, 0.00, 0},     {2025, 10, 13, false, 0.20, 0},
    {2025, 10, 21, false, 0.05, 0},    {2025, 11, 6, false, 0.10, 0},
    {2026, 1, 11, false, 0.00, 0},     {2026, 1, 27, false, 1.00, 0},
    {2026, 2, 12, false, 0.05, 0.9},   {2026, 2, 20, false, 0.00, 1.0},
    {2026, 2, 21, true, 0.00, 1.0},    {2026, 2, 28, false, 0.20, 0.9},
    {2026, 3, 8, false, 0.10, 0.1},    {2026, 3, 9, true, 0.10, 0.1},
    {2026, 3, 16, false, 0.00, 0},     {2026, 3, 24, false, 0.15, 0},
    {2026, 4, 1, false, 0.10, 0},      {2026, 10, 8, false, 0.00, -0.3},
    {2026, 10, 16, false, 0.10, -0.3}, {2026, 10, 17, true, 0.00, -0.3},
    {2026, 10, 24, false, 0.40, -0.3}, {2026, 11, 9, false, 0.05, -0.3},
};

struct painting {
    const struct sample_cell *cells;
    uint64_t seed;
    const struct shot *shot;
    int64_t day;
};

/* 0 to 1 from whole numbers, always the same. */
static double noise_at(uint64_t seed, int64_t x, int64_t y)
{
    struct sample_dice dice = {seed ^ ((uint64_t)x * 0x9E3779B1u) ^ ((uint64_t)y << 32)};
    (void)sample_unit(&dice);
    return sample_unit(&dice);
}

/* Smooth over `size` pixels. */
static double smooth(uint64_t seed, double x, double y, double size)
{
    double at_x = x / size, at_y = y / size;
    int64_t i = (int64_t)floor(at_x), k = (int64_t)floor(at_y);
    double u = at_x - (double)i, v = at_y - (double)k;
    u = u * u * (3 - 2 * u);
    v = v * v * (3 - 2 * v);
    double top = noise_at(seed, i, k) * (1 - u) + noise_at(seed, i + 1, k) * u;
    double low = noise_at(seed, i, k + 1) * (1 - u) + noise_at(seed, i + 1, k + 1) * u;
    return top * (1 - v) + low * v;
}

static bool inside(const struct sample_cell *cell, struct sample_point p)
{
    bool in = false;
    for (size_t i = 0, k = cell->count - 1; i < cell->count; k = i++) {
        struct sample_point a = cell->ring[i], b = cell->ring[k];
        if ((a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x)
            in = !in;
    }
    return in;
}

/* Every fourth grid has works that never stop. */
static double work_of(const struct painting *p, size_t grid)
{
    double full = 2.0 + 3.5 * noise_at(p->seed + 7, (int64_t)grid, 1);
    return grid % 4 == 1 ? full : full * (1 - 0.85 * p->shot->rest);
}

static bool is_sea(struct sample_point at, size_t grid)
{
    return grid == SAMPLE_GRIDS && at.y > 2300 + 350 * sin(at.x / 1900) - 0.05 * at.x;
}

static double kelvin_at(const struct painting *p, int x, int y, struct sample_point at, size_t grid)
{
    double year = 2 * M_PI * ((double)(p->day % 365) - 110) / 365;
    double season = sin(year), noise = noise_at(p->seed + 3 + (uint64_t)p->day, x, y) - 0.5;
    /* No two days are alike: wind, dew and haze shift whole stretches. */
    double weather = 1.6 * (smooth(p->seed + 5 + 17 * (uint64_t)p->day, x, y, 16) - 0.5);
    if (is_sea(at, grid))
        return 289 + 11 * season + weather + 0.4 * noise;
    double land = (p->shot->night ? 283 + 10 * season : 293 + 13 * season) +
                  3.0 * (smooth(p->seed + 1, x, y, 22) - 0.5) +
                  1.6 * (smooth(p->seed + 2, x, y, 6) - 0.5);
    if (grid < SAMPLE_GRIDS) {
        double built = smooth(p->seed + 4, x, y, 5); /* Works stand here and there in a grid. */
        land += 1.0 + work_of(p, grid) * fmax(0, built - 0.25) * 1.6;
    }
    return land + weather + 0.9 * noise;
}

static bool is_cloudy(const struct painting *p, int x, int y)
{
    if (p->shot->clouds >= 1 || p->shot->clouds <= 0)
        return p->shot->clouds >= 1;
    uint64_t seed = p->seed + 11 + (uint64_t)p->day;
    double thick = 0.7 * smooth(seed, x, y, 34) + 0.3 * smooth(seed + 1, x, y, 9);
    return thick > 0.72 - 0.45 * p->shot->clouds;
}

/* ---- a plain GeoTIFF ---------------------------------------------------------------------- */

static void add_u16(struct buf *buf, unsigned value)
{
    buf_add(buf, (char[]){(char)value, (char)(value >> 8)}, 2);
}

static void add_u32(struct buf *buf, uint32_t value)
{
    add_u16(buf, value & 0xffff);
    add_u16(buf, value >> 16);
}

static void add_f64(struct buf *buf, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    add_u32(buf, (uint32_t)bits);
    add_u32(buf, (uint32_t)(bits >> 32));
}

static void add_tag(struct buf *buf, unsigned tag, unsigned type, uint32_t count, uint32_t value)
{
    add_u16(buf, tag);
    add_u16(buf, type);
    add_u32(buf, count);
    if (type == 3 && count == 1) {
        add_u16(buf, value);
        add_u16(buf, 0);
    } else {
        add_u32(buf, value);
    }
}

/* One strip of pixels behind the tags; longitude and latitude on WGS 84. */
static void tiff_head(struct buf *buf, unsigned bytes)
{
    enum { SHORT = 3, LONG = 4, REAL = 12, TAGS = 13 };
    static const unsigned keys[] = {1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326};
    uint32_t behind = 8 + 2 + TAGS * 12 + 4, places = behind + 24, names = places + 48;
    uint32_t pixels = names + sizeof(keys) / sizeof(*keys) * 2;
    buf_add(buf, "II*\0", 4);
    add_u32(buf, 8);
    add_u16(buf, TAGS);
    add_tag(buf, 256, LONG, 1, WIDTH);
    add_tag(buf, 257, LONG, 1, HEIGHT);
    add_tag(buf, 258, SHORT, 1, bytes * 8);
    add_tag(buf, 259, SHORT, 1, 1);
    add_tag(buf, 262, SHORT, 1, 1);
    add_tag(buf, 273, LONG, 1, pixels);
    add_tag(buf, 277, SHORT, 1, 1);
    add_tag(buf, 278, LONG, 1, HEIGHT);
    add_tag(buf, 279, LONG, 1, WIDTH * HEIGHT * bytes);
    add_tag(buf, 339, SHORT, 1, bytes == 4 ? 3 : 1);
    add_tag(buf, 33550, REAL, 3, behind);
    add_tag(buf, 33922, REAL, 6, places);
    add_tag(buf, 34735, SHORT, COUNT_OF(keys), names);
    add_u32(buf, 0);
    const double scale[] = {STEP, STEP, 0};
    const double place[] = {0, 0, 0, SAMPLE_LNG - STEP * WIDTH / 2, SAMPLE_LAT + STEP * HEIGHT / 2,
                            0};
    for (size_t i = 0; i < COUNT_OF(scale); i++)
        add_f64(buf, scale[i]);
    for (size_t i = 0; i < COUNT_OF(place); i++)
        add_f64(buf, place[i]);
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        add_u16(buf, keys[i]);
}

/* Which grid each pixel's middle lies in; SAMPLE_GRIDS: none. */
static uint8_t *map_grids(struct arena *arena, const struct sample_cell *cells)
{
    uint8_t *grids = ARENA_ARRAY(arena, WIDTH * HEIGHT, uint8_t);
    double metres = 111320.0 * cos(SAMPLE_LAT * M_PI / 180);
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        struct sample_point at = {(i % WIDTH + 0.5 - WIDTH / 2.0) * STEP * metres,
                                  (HEIGHT / 2.0 - i / WIDTH - 0.5) * STEP * 111320.0};
        size_t grid = 0;
        while (grid < SAMPLE_GRIDS && !inside(&cells[grid], at))
            grid++;
        grids[i] = (uint8_t)grid;
    }
    return grids;
}

static void paint(const struct painting *p, const uint8_t *grids, struct buf *kelvin,
                  struct buf *mask)
{
    double metres = 111320.0 * cos(SAMPLE_LAT * M_PI / 180);
    tiff_head(kelvin, 4);
    tiff_head(mask, 1);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            struct sample_point at = {(x + 0.5 - WIDTH / 2.0) * STEP * metres,
                                      (HEIGHT / 2.0 - y - 0.5) * STEP * 111320.0};
            bool cloudy = is_cloudy(p, x, y);
            double value = kelvin_at(p, x, y, at, grids[y * WIDTH + x]);
            float pixel = (float)(cloudy ? value - 18 : value);
            uint32_t bits;
            memcpy(&bits, &pixel, sizeof(bits));
            add_u32(kelvin, bits);
            buf_add_char(mask, cloudy ? 1 : 0);
        }
}

static enum err add_scene(struct db_tx *tx, const struct change *by, const char *dir,
                          const struct painting *p, const uint8_t *grids)
{
    CLEANUP(arena_release) struct arena arena = {0};
    CLEANUP(buf_release) struct buf kelvin;
    CLEANUP(buf_release) struct buf mask;
    buf_init(&kelvin, WIDTH * HEIGHT * 4 + 4096);
    buf_init(&mask, WIDTH * HEIGHT + 4096);
    paint(p, grids, &kelvin, &mask);
    const struct shot *shot = p->shot;
    const char *light = shot->night ? "night" : "day";
    struct str stem =
        str_format(&arena, "sample-%04d%02d%02d-%s", shot->year, shot->month, shot->day, light);
    struct heat_file files[] = {
        {str_format(&arena, "%s.tif", stem.ptr), buf_str(&kelvin)},
        {str_format(&arena, "%s_cloud.tif", stem.ptr), buf_str(&mask)},
    };
    struct heat_scene_new scene = {.id = id_next(by->now_us),
                                   .name = stem,
                                   .source = STR("sample"),
                                   .mask = STR("default"),
                                   .date = p->day,
                                   .light = str_of(light)};
    enum err r = heat_files_save(&arena, dir, scene.id, files, COUNT_OF(files), &scene.saved);
    return r == OK ? heat_scene_add(tx, by, &scene) : r;
}

/* ---- parcels and fires -------------------------------------------------------------------- */

static struct str square(struct arena *arena, double lat, double lng, double side_m)
{
    double high = side_m / 2 / 111320.0, wide = high / cos(lat * M_PI / 180);
    double w = lng - wide, e = lng + wide, s = lat - high, n = lat + high;
    return str_format(arena,
                      "{\"type\":\"Polygon\",\"coordinates\":[[[%.6f,%.6f],[%.6f,%.6f],"
                      "[%.6f,%.6f],[%.6f,%.6f],[%.6f,%.6f]]]}",
                      w, s, e, s, e, n, w, n, w, s);
}

static double side_of(const struct sample_enterprise_places_row *row)
{
    return sqrt((double)row->area_m2);
}

/* The larger of the distances to the east and to the north: squares touch by it. */
static double apart_m(const struct sample_enterprise_places_row *a,
                      const struct sample_enterprise_places_row *b)
{
    double metres = 111320.0 * cos(SAMPLE_LAT * M_PI / 180);
    return 2 * fmax(fabs(a->lat - b->lat) * 111320.0, fabs(a->lng - b->lng) * metres);
}

/* Squares on the enterprises, where there is room for them. */
static enum err add_parcels(struct db_tx *tx, const struct change *by)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct sample_enterprise_places_rows rows;
    struct sample_enterprise_places_in in = {.park_id = by->park_id};
    enum err r = sql_sample_enterprise_places(tx->db, &arena, &in, &rows);
    if (r != OK)
        return r;
    struct heat_parcel *parcels = ARENA_ARRAY(&arena, rows.count, struct heat_parcel);
    bool *taken = ARENA_ARRAY(&arena, rows.count, bool);
    size_t count = 0;
    for (size_t i = 0; i < rows.count; i++) {
        const struct sample_enterprise_places_row *row = &rows.rows[i];
        bool room = true;
        for (size_t k = 0; k < i && room; k++)
            room = !taken[k] || apart_m(row, &rows.rows[k]) > side_of(row) + side_of(&rows.rows[k]);
        taken[i] = room;
        if (!room)
            continue;
        parcels[count++] = (struct heat_parcel){
            .code = str_format(&arena, "P%03zu", i + 1),
            .name = row->short_name,
            .enterprise = row->code,
            .polygon = square(&arena, row->lat, row->lng, side_of(row)),
        };
    }
    return heat_parcels_replace(tx, by, parcels, count);
}

static enum err add_fires(struct db_tx *tx, const struct change *by, uint64_t seed)
{
    struct sample_dice dice = {seed + 31};
    struct heat_fire fires[6];
    for (size_t i = 0; i < COUNT_OF(fires); i++) {
        struct sample_point at = {sample_unit(&dice) * 7000 - 3500,
                                  sample_unit(&dice) * 3600 - 2000};
        fires[i] = (struct heat_fire){
            .longitude = sample_map_lng(at),
            .latitude = sample_map_lat(at),
            .kelvin = 320 + 40 * sample_unit(&dice),
            .frp_mw = 1 + 9 * sample_unit(&dice),
            .time_us = (date_to_days(2026, 2, 8) + (int64_t)i * 9) * DAY_US + 18 * HOUR_US,
            .light = HEAT_NIGHT,
            .confidence = (int)(i % 3),
            .satellite = STR("示例 sample"),
            .instrument = STR("VIIRS"),
        };
    }
    struct heat_fires_new set = {.id = id_next(by->now_us),
                                 .name = STR("sample-fires.csv"),
                                 .source = STR("sample"),
                                 .digest = hash_of(STR("sample-fires.csv")),
                                 .fires = {fires, COUNT_OF(fires)}};
    return heat_fires_add(tx, by, &set);
}

enum err sample_heat(struct db_tx *tx, const struct change *by, const char *dir, uint64_t seed)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct sample_cell *cells = ARENA_ARRAY(&arena, SAMPLE_GRIDS, struct sample_cell);
    struct sample_dice dice = {seed};
    sample_map_cut(&dice, cells, SAMPLE_GRIDS); /* As sample_register has cut them. */
    const uint8_t *grids = map_grids(&arena, cells);
    const char *incoming = str_format(&arena, "%s/heat/incoming", dir).ptr;
    enum err r = heat_files_prepare(dir, incoming);
    for (size_t i = 0; i < COUNT_OF(SHOTS) && r == OK; i++) {
        struct painting painting = {.cells = cells, .seed = seed, .shot = &SHOTS[i]};
        painting.day = date_to_days(SHOTS[i].year, SHOTS[i].month, SHOTS[i].day);
        r = add_scene(tx, by, dir, &painting, grids);
    }
    if (r == OK)
        r = add_parcels(tx, by);
    if (r == OK)
        r = add_fires(tx, by, seed);
    /* How the works came back after the Spring Festival. */
    struct heat_index_new ask = {.source = STR("sample"),
                                 .light = STR("day"),
                                 .now = {date_to_days(2026, 3, 5), date_to_days(2026, 4, 5)},
                                 .base = {date_to_days(2026, 2, 10), date_to_days(2026, 3, 1)}};
    int64_t id;
    return r == OK ? heat_index_ask(tx, by, &ask, &id) : r;
}
