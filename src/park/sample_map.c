#include "park/sample_map.h"

#include <math.h>
#include <stdlib.h>

enum { CELLS_MAX = 64, SMOOTHINGS = 6, ROWS = 4 };

/* The land: a road in the south, a river in the west, the sea from north-west to east. */
static const struct sample_point LAND[] = {
    {-4300, -2450}, {-2900, -2700}, {-1200, -2580}, {600, -2720},  {2300, -2600}, {4100, -2480},
    {4420, -1900},  {4180, -1350},  {4560, -700},   {4390, -180},  {4020, 260},   {4100, 900},
    {3560, 1180},   {3250, 1640},   {2620, 1720},   {2240, 2180},  {1570, 2120},  {1090, 2490},
    {430, 2380},    {-140, 2620},   {-760, 2330},   {-1390, 2510}, {-2020, 2260}, {-2510, 2390},
    {-3080, 2050},  {-3490, 2150},  {-3830, 1720},  {-3700, 1120}, {-4050, 500},  {-3940, -260},
    {-4240, -900},  {-4120, -1650},
};

uint64_t sample_roll(struct sample_dice *dice, uint64_t sides)
{
    assert(sides > 0);
    uint64_t z = dice->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (z ^ (z >> 31)) % sides;
}

double sample_unit(struct sample_dice *dice)
{
    return (double)sample_roll(dice, UINT64_C(1) << 40) / (double)(UINT64_C(1) << 40);
}

/* Keeps what is nearer to `mine` than to `other` (Sutherland and Hodgman's clip by one line). */
static void clip(struct sample_cell *cell, struct sample_point mine, struct sample_point other)
{
    struct sample_cell kept = {.count = 0};
    double nx = other.x - mine.x, ny = other.y - mine.y;
    double limit = nx * (mine.x + other.x) / 2 + ny * (mine.y + other.y) / 2;
    for (size_t i = 0; i < cell->count; i++) {
        struct sample_point a = cell->ring[i], b = cell->ring[(i + 1) % cell->count];
        double da = nx * a.x + ny * a.y - limit, db = nx * b.x + ny * b.y - limit;
        assert(kept.count + 2 <= SAMPLE_RING_MAX);
        if (da <= 0)
            kept.ring[kept.count++] = a;
        if ((da < 0 && db > 0) || (da > 0 && db < 0)) {
            double t = da / (da - db);
            kept.ring[kept.count++] =
                (struct sample_point){a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
        }
    }
    *cell = kept;
}

static double signed_area(const struct sample_cell *cell, struct sample_point *middle)
{
    double area = 0, x = 0, y = 0;
    for (size_t i = 0; i < cell->count; i++) {
        struct sample_point a = cell->ring[i], b = cell->ring[(i + 1) % cell->count];
        double cross = a.x * b.y - b.x * a.y;
        area += cross / 2;
        x += (a.x + b.x) * cross;
        y += (a.y + b.y) * cross;
    }
    assert(area != 0);
    *middle = (struct sample_point){x / (6 * area), y / (6 * area)};
    return area;
}

double sample_map_area(const struct sample_cell *cell)
{
    struct sample_point middle;
    return fabs(signed_area(cell, &middle));
}

static bool inside(const struct sample_point *ring, size_t count, struct sample_point p)
{
    bool in = false;
    for (size_t i = 0, k = count - 1; i < count; k = i++) {
        struct sample_point a = ring[i], b = ring[k];
        if ((a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x)
            in = !in;
    }
    return in;
}

static void cut_around(const struct sample_point *seeds, size_t count, struct sample_cell *cells)
{
    for (size_t i = 0; i < count; i++) {
        struct sample_cell *cell = &cells[i];
        memcpy(cell->ring, LAND, sizeof(LAND));
        cell->count = COUNT_OF(LAND);
        for (size_t k = 0; k < count; k++)
            if (k != i)
                clip(cell, seeds[i], seeds[k]);
    }
}

/* Rows from north to south, and in a row from west to east. */
static int by_place(const void *a, const void *b)
{
    const struct sample_point *p = a, *q = b;
    int row_p = (int)floor((2700 - p->y) / (5400.0 / ROWS));
    int row_q = (int)floor((2700 - q->y) / (5400.0 / ROWS));
    if (row_p != row_q)
        return row_p - row_q;
    return p->x < q->x ? -1 : p->x > q->x;
}

void sample_map_cut(struct sample_dice *dice, struct sample_cell *cells, size_t count)
{
    assert(count <= CELLS_MAX);
    struct sample_point seeds[CELLS_MAX] = {{0}};
    for (size_t i = 0; i < count; i++)
        do
            seeds[i] = (struct sample_point){sample_unit(dice) * 8800 - 4400,
                                             sample_unit(dice) * 5400 - 2700};
        while (!inside(LAND, COUNT_OF(LAND), seeds[i]));
    /* Moving each seed to the middle of its cell evens out their sizes (Lloyd). */
    for (int i = 0; i < SMOOTHINGS; i++) {
        cut_around(seeds, count, cells);
        for (size_t k = 0; k < count; k++)
            signed_area(&cells[k], &seeds[k]);
    }
    qsort(seeds, count, sizeof(*seeds), by_place);
    cut_around(seeds, count, cells);
}

struct sample_point sample_map_place(struct sample_dice *dice, const struct sample_cell *cell,
                                     double inset)
{
    struct sample_point middle, low = cell->ring[0], high = low;
    signed_area(cell, &middle);
    for (size_t i = 0; i < cell->count; i++) {
        struct sample_point p = cell->ring[i];
        low = (struct sample_point){fmin(low.x, p.x), fmin(low.y, p.y)};
        high = (struct sample_point){fmax(high.x, p.x), fmax(high.y, p.y)};
    }
    for (;;) {
        struct sample_point p = {low.x + sample_unit(dice) * (high.x - low.x),
                                 low.y + sample_unit(dice) * (high.y - low.y)};
        /* Inside the cell shrunk towards its middle, and inside the cell itself at a bay. */
        struct sample_point grown = {middle.x + (p.x - middle.x) / (1 - inset),
                                     middle.y + (p.y - middle.y) / (1 - inset)};
        if (inside(cell->ring, cell->count, p) && inside(cell->ring, cell->count, grown))
            return p;
    }
}

/* Good to a metre over a park's width; six decimals are 0.1 m. */
double sample_map_lat(struct sample_point point)
{
    return round((SAMPLE_LAT + point.y / 111320.0) * 1e6) / 1e6;
}

double sample_map_lng(struct sample_point point)
{
    double metres = 111320.0 * cos(SAMPLE_LAT * 3.14159265358979323846 / 180);
    return round((SAMPLE_LNG + point.x / metres) * 1e6) / 1e6;
}
