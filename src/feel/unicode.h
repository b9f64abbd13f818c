/* What Unicode says of a code point; the tables are made by tools/unicode.py. */
#ifndef FEEL_UNICODE_H
#define FEEL_UNICODE_H

#include "base/base.h"

enum { UNICODE_CASE_GROWTH = 6 }; /* Bytes of a changed code point for each byte of it, at most. */

/* Writes the point in upper or lower case to `out` as UTF-8 and returns its length. */
size_t unicode_case(uint32_t point, bool upper, char *out);
/* The general category as two letters packed, e.g. 'L' << 8 | 'u'; "Cn" for unassigned ones. */
uint16_t unicode_category(uint32_t point);
/* The point in lower case, where that is a single one: for comparing without case. */
uint32_t unicode_fold(uint32_t point);
struct unicode_block_row;
/* The block of that name, its spaces left out ("Latin-1Supplement"), or NULL. */
const struct unicode_block_row *unicode_block(struct str name);

struct unicode_case_row {
    uint32_t from;
    char upper[13], lower[13]; /* UTF-8, NUL-terminated. */
};
struct unicode_category_row {
    uint32_t begin; /* Up to the next row's. */
    char category[2];
};
struct unicode_block_row {
    uint32_t first, last;
    const char *name;
};

extern const struct unicode_case_row UNICODE_CASES[];
extern const size_t UNICODE_CASE_COUNT;
extern const struct unicode_category_row UNICODE_CATEGORIES[];
extern const size_t UNICODE_CATEGORY_COUNT;
extern const struct unicode_block_row UNICODE_BLOCKS[];
extern const size_t UNICODE_BLOCK_COUNT;

#endif
