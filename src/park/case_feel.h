/* The functions that services may use in their expressions, over the clocks of the case:
 *
 *     deadline("sign")       when the clock ends
 *     warning("sign")        when it warns
 *     escalation("sign", 2)  when it escalates for the second time; the first is the deadline
 *
 * Each takes one argument more: the key of a clock that a department or an item has to itself.
 */
#ifndef PARK_CASE_FEEL_H
#define PARK_CASE_FEEL_H

#include "feel/feel.h"

enum { CASE_CLOCKS_MAX = 12 };

struct case_run;

/* Their names, for parsing. */
const struct feel_names *case_feel_names(void);
/* The functions themselves, bound to one command: CASE_HOSTS of them. */
void case_feel_bind(struct case_run *run, struct feel_host *hosts);

#endif
