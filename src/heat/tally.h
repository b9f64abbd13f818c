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

/* Adds runs of pixels of one block. `row_m2`: area of a pixel, by row of the block; `row_clear`: is
 * every pixel of the row clear? `bag` may be NULL. */
struct tally_view {
    const struct heat_block *block;
    const double *row_m2;
    const bool *row_clear;
    const double *levels;
    size_t level_count;
    struct bag *bag;
};
void tally_runs(struct tally *tally, const struct tally_view *view, const struct cover_run *runs,
                size_t count);

#endif
