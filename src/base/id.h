/* Ids: 63 bits, time-ordered, made by the program and never by the database. */
#ifndef BASE_ID_H
#define BASE_ID_H

#include "base/base.h"

/* Milliseconds since 2020-01-01 in the upper 41 bits, a counter in the lower 22. Never repeats
 * and never goes back within a process, also when the clock does. Safe from any thread. */
int64_t id_next(int64_t now_us);

/* At start, with the largest id stored: what follows is larger. */
void id_after(int64_t stored);

int64_t id_time_us(int64_t id);

#endif
