/* GeoJSON features as programs write them, read without a tree of their coordinates, which are most
 * of the text. What looks unusual in any way is left to the strict reader, and so are all errors:
 * this one only says that it has not read the feature.
 */
#ifndef HEAT_ZONES_QUICK_H
#define HEAT_ZONES_QUICK_H

#include "base/base.h"

/* One feature; its memory is used again by the next. */
struct quick {
    struct arena arena;
    double *xy;       /* All positions, ring by ring. */
    size_t *rings;    /* Positions of each ring. */
    size_t *polygons; /* Rings of each polygon. */
    size_t position_count, ring_count, polygon_count;
    size_t position_capacity, ring_capacity, polygon_capacity;
    bool multi;      /* The coordinates are those of a MultiPolygon. */
    struct buf rest; /* The feature with [] for its coordinates. */
};

void quick_init(struct quick *quick);
void quick_release(struct quick *quick);

/* Reads the feature that begins at text[*at] and moves *at behind it. False: read it strictly. */
bool quick_read(struct quick *quick, struct str text, size_t *at);

#endif
