/* Cron: a moment that comes round by the calendar.
 *
 * Six fields, seconds first, as Camunda 8 reads them: second minute hour day-of-month month
 * day-of-week. A field is a list of numbers, names (MON, JAN), ranges and steps ("8-18/2"), "*" or
 * "?"; the last day of the month is L; Sunday is 0 or 7. Both days must hold. Or one of @yearly,
 * @annually, @monthly, @weekly, @daily, @midnight, @hourly.
 */
#ifndef BASE_CRON_H
#define BASE_CRON_H

#include "base/zone.h"

struct cron {
    uint64_t seconds, minutes, hours, days, months, weekdays; /* A bit each; weekdays from 0. */
    bool last_day;
};

/* Is it meant as one? No date, duration or ISO cycle has a space inside, or begins with "@". */
bool cron_looks_like(struct str text);
/* ERR_SYNTAX, ERR_RANGE: says which field is wrong. */
MUST_USE enum err cron_parse(struct str text, struct cron *out);
/* The first moment after `after_us` by the zone's clocks; ERR_NOT_FOUND if there is none in the
 * next 50 years. */
MUST_USE enum err cron_next(const struct cron *cron, const struct zone *zone, int64_t after_us,
                            int64_t *out_us);

#endif
