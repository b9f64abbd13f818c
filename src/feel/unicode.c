#include "feel/unicode.h"

static const struct unicode_case_row *case_row(uint32_t point)
{
    size_t low = 0, high = UNICODE_CASE_COUNT;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (UNICODE_CASES[middle].from == point)
            return &UNICODE_CASES[middle];
        if (UNICODE_CASES[middle].from < point)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

size_t unicode_case(uint32_t point, bool upper, char *out)
{
    const struct unicode_case_row *row = case_row(point);
    if (!row)
        return utf8_encode(point, out);
    const char *text = upper ? row->upper : row->lower;
    size_t len = strlen(text);
    memcpy(out, text, len);
    return len;
}

uint32_t unicode_fold(uint32_t point)
{
    const struct unicode_case_row *row = case_row(point);
    if (!row)
        return point;
    struct str upper = str_of(row->upper), lower = str_of(row->lower);
    size_t at = 0;
    uint32_t folded = utf8_next(upper, &at); /* By way of upper case: ſ and s meet there. */
    if (at == upper.len && folded != point) {
        row = case_row(folded);
        if (!row)
            return folded;
        lower = str_of(row->lower);
    }
    at = 0;
    folded = utf8_next(lower, &at);
    return at == lower.len ? folded : point;
}

uint16_t unicode_category(uint32_t point)
{
    size_t low = 0, high = UNICODE_CATEGORY_COUNT;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (UNICODE_CATEGORIES[middle].begin <= point)
            low = middle;
        else
            high = middle;
    }
    const char *category = UNICODE_CATEGORIES[low].category;
    return (uint16_t)((uint16_t)category[0] << 8 | (uint16_t)category[1]);
}

const struct unicode_block_row *unicode_block(struct str name)
{
    for (size_t i = 0; i < UNICODE_BLOCK_COUNT; i++)
        if (str_is(name, UNICODE_BLOCKS[i].name))
            return &UNICODE_BLOCKS[i];
    return NULL;
}
