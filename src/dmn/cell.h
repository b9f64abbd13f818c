/* A decision table's cells as sets of values: what index and analysis stand on.
 *
 * A column's end points cut the line of its values into segments: below the first point, the point,
 * between it and the next, … above the last. A cell is then a set of segments. Only cells of
 * literals, ranges and comparisons are understood; others make a column opaque.
 */
#ifndef DMN_CELL_H
#define DMN_CELL_H

#include "dmn/model.h"

struct column {
    bool opaque;                     /* Some cell is no plain test, or the types are mixed. */
    enum feel_type type;             /* Of the points; FEEL_NULL if all cells are "-". */
    const struct feel_value *points; /* Ascending. */
    size_t point_count;
    size_t segments;      /* 2 × point_count + 1 */
    size_t words;         /* Of a set of rules. */
    uint64_t *rules;      /* segments × words: which rules take that segment. */
    uint64_t *allowed;    /* Segments that inputs may come from. */
    const bool *mistyped; /* By rule: the cell's values are of another type than the input's. */
};

/* `run` is for evaluating literals. `wanted` rules the column with that type, or FEEL_NULL. */
MUST_USE enum err column_make(struct arena *arena, struct feel_run *run, const struct table *table,
                              size_t input, struct column *out);
/* The segment of a value of the column's type. */
size_t column_segment(const struct column *column, const struct feel_value *value);
/* A value from the segment: a number between two others, a day, a word. */
struct feel_value column_example(struct feel_run *run, const struct column *column, size_t segment);

static inline bool bit_get(const uint64_t *bits, size_t at)
{
    return bits[at / 64] >> at % 64 & 1;
}

static inline void bit_set(uint64_t *bits, size_t at)
{
    bits[at / 64] |= UINT64_C(1) << at % 64;
}

#endif
