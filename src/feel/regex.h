/* Regular expressions as XPath and XQuery define them (Functions and Operators 3.1, 5.6).
 *
 * A pattern without back-references takes time proportional to its size times the text's; one with
 * them ends with the run's budget.
 */
#ifndef FEEL_REGEX_H
#define FEEL_REGEX_H

#include "feel/feel.h"

enum { REGEX_PROGRAM_MAX = 20000, REGEX_GROUPS_MAX = 32, REGEX_DEPTH_MAX = 60 };

struct regex;

/* Byte places of groups; [0] is the whole match. SIZE_MAX where a group took no part. */
struct regex_match {
    size_t begin[REGEX_GROUPS_MAX], end[REGEX_GROUPS_MAX];
};

/* ERR_SYNTAX for what is no pattern or no flags ("smixq"), ERR_LIMIT for one that is too large. */
MUST_USE enum err regex_compile(struct arena *arena, struct str pattern, struct str flags,
                                struct regex **out);
size_t regex_groups(const struct regex *regex);
/* The leftmost match at or after `from`. ERR_LIMIT when the run's budget is spent. The regex keeps
 * what it learns of the text, so it serves one run only. */
MUST_USE enum err regex_find(struct regex *regex, struct feel_run *run, struct str text,
                             size_t from, bool *found, struct regex_match *match);

#endif
