/* Finding Chinese names by Latin letters: 镇洋 is found by "zhenyang", "zy" and "镇".
 *
 * One reading per character, CLDR's most usual one: enough to find a name, not to pronounce it.
 */
#ifndef PARK_PINYIN_H
#define PARK_PINYIN_H

#include "base/base.h"

/* "zhen" for U+9547; the absent text for characters without a reading. */
struct str pinyin_of(uint32_t point);

/* What a row's `search` column holds: each text in lower case, then its full pinyin without
 * spaces, then its initials, separated by spaces. Absent texts are left out. */
struct str search_key(struct arena *arena, const struct str *texts, size_t count);

/* The query in the same form: trimmed, lower case, without spaces inside Latin letters. */
struct str search_query(struct arena *arena, struct str query);

#endif
