/* Timers that are past due and that nothing has taken: at which element they stand. */
#ifndef PARK_STUCK_H
#define PARK_STUCK_H

#include "park/case_view.h"

enum { STUCK_MINUTES = 5, STUCK_READ_MAX = 200 }; /* Of the longest overdue. */

/* When a timer must have been due to be stuck by now. */
int64_t stuck_before_us(int64_t now_us);

/* The elements, one entry a timer: of the open cases of a service's version … */
MUST_USE enum err stuck_in_cases(const struct case_reader *reader, const struct service *service,
                                 int64_t model_id, struct list *out);
/* … and of the running instances of a deployed definition. Each is a struct str in the arena. */
MUST_USE enum err stuck_in_processes(struct db *db, struct arena *arena, int64_t park_id,
                                     int64_t definition_id, int64_t now_us, struct list *out);

#endif
