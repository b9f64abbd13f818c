/* IANA time zones, read from the system's compiled files (TZif, RFC 8536). */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include "base/base.h"

struct zone;

/* The zone of that name, "Asia/Shanghai"; ERR_NOT_FOUND. Kept for the life of the process, shared
 * by all threads. */
MUST_USE enum err zone_find(struct str name, const struct zone **out);

struct str zone_name(const struct zone *zone);
/* Seconds east of UTC at that instant. */
int32_t zone_offset(const struct zone *zone, int64_t utc_s);
/* The same for a local clock's reading. Where clocks go back the earlier offset is taken; in a gap
 * the one before the gap. */
int32_t zone_offset_local(const struct zone *zone, int64_t local_s);

#endif
