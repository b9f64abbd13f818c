/* What statistics add up: one tile of one zone, then zones over their tiles. */
#ifndef HEAT_TALLY_H
#define HEAT_TALLY_H

#include "heat/bag.h"
#include "heat/cover.h"

struct tally {
    double by_reason[HEAT_REASON_COUNT];
    double present;
    double sum, squares; /* About TALLY_ABOUT, so that squares keep their digits. */
    double min, max;
    double error, error_weight;
    double area_m2, clear_area_m2;
    double above[HEAT_ABOVE_MAX], above_m2[HEAT_ABOVE_MAX];
};

#define TALLY_ABOUT 300.0

void tally_init(struct tally *tally);
void tally_merge(struct tally *into, const struct tally *from, size_t above_count);
void tally_result(const struct tally *tally, size_t above_count, struct heat_stat *out);

/* Pixels of a block are looked at by so many: its arrays go on for that long behind their end. */
enum { TALLY_LANES = 8 };

/* `row_m2`: area of a pixel, by row of the block. `bag` may be NULL. */
struct tally_view {
    const struct heat_block *block;
    const double *row_m2;
    const double *levels;
    size_t level_count;
    struct bag *bag;
};

/* Adds what a zone has of a block. */
void tally_add(struct tally *tally, const struct tally_view *view, const struct cover_part *part);

#endif
