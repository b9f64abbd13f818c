/* Characters of FEEL texts, and names in them. */
#ifndef FEEL_SCAN_H
#define FEEL_SCAN_H

#include "feel/feel.h"

bool scan_name_start(uint32_t point);
bool scan_name_part(uint32_t point);
bool scan_is_space(uint32_t point);
/* Behind white space and comments from `at` on. */
size_t scan_skip(struct str text, size_t at);
/* Behind the single word (no spaces) at `at`; `at` itself if none begins there. */
size_t scan_word(struct str text, size_t at);
/* Behind `name` if the text says it at `at`, with any white space where the name has some; else 0.
 * A name that ends in a letter or digit does not match the beginning of a longer word. */
size_t scan_match(struct str text, size_t at, struct str name);
/* A name with every run of white space made one blank, without any at its ends. */
struct str scan_name(struct arena *arena, struct str text);
bool scan_is_keyword(struct str word);

#endif
