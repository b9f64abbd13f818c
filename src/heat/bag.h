/* Values with weights, and their quantiles. */
#ifndef HEAT_BAG_H
#define HEAT_BAG_H

#include "heat/inside.h"

/* Past SAMPLES_EXACT values those within 1/1024 K are put together, so that a zone of any size
 * takes little memory. Empty: all zero. */
struct bag {
    struct buf whole;   /* uint32_t, ordered as the kelvin are: pixels that count whole. */
    struct buf parts;   /* struct sample: the others, and what was put together. */
    struct buf scratch; /* For sorting. */
    size_t next_squeeze;
    bool squeezed;
};

enum { SAMPLES_EXACT = 65536 };

/* Adds the clear ones of some pixels, each with this weight. */
void bag_add(struct bag *bag, const float *kelvin, const uint8_t *reason, size_t count,
             double weight);
/* Adds all of another bag. */
void bag_merge(struct bag *into, const struct bag *from);
void bag_clear(struct bag *bag); /* Empties it and keeps the memory. */
void bag_release(struct bag *bag);

/* Exact bags: what numpy calls linear, with weights (equal ones give the same). Squeezed ones: the
 * least value with that share of the weight at or below it. NAN if the bag is empty. */
void bag_quantiles(struct bag *bag, const double *at, size_t count, double *out);

#endif
