/* The land of the sample park: a stretch of coast cut into grids. Inside sample.c's room. */
#ifndef PARK_SAMPLE_MAP_H
#define PARK_SAMPLE_MAP_H

#include "base/base.h"

enum { SAMPLE_RING_MAX = 128 };

struct sample_point {
    double x, y; /* Metres east and north of SAMPLE_LAT, SAMPLE_LNG. */
};

struct sample_cell {
    struct sample_point ring[SAMPLE_RING_MAX]; /* Not closed: the last joins the first. */
    size_t count;
};

#define SAMPLE_LAT 30.03
#define SAMPLE_LNG 121.62

/* Numbers that depend on nothing but their seed (splitmix64). */
struct sample_dice {
    uint64_t state;
};
uint64_t sample_roll(struct sample_dice *dice, uint64_t sides); /* 0 … sides - 1 */
double sample_unit(struct sample_dice *dice);                   /* 0 … 1, never 1 */

/* Cuts the land into `count` adjoining cells, from west to east in rows from north to south. */
void sample_map_cut(struct sample_dice *dice, struct sample_cell *cells, size_t count);

/* A point at least `inset` of the way from the cell's border to its middle. */
struct sample_point sample_map_place(struct sample_dice *dice, const struct sample_cell *cell,
                                     double inset);
double sample_map_area(const struct sample_cell *cell); /* m² */
double sample_map_lat(struct sample_point point);
double sample_map_lng(struct sample_point point);

#endif
