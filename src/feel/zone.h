/* IANA time zones, read from the system's compiled files (TZif, RFC 8536). */
#ifndef FEEL_ZONE_H
#define FEEL_ZONE_H

#include "feel/feel.h"

struct str feel_zone_name(const struct feel_zone *zone);
/* Seconds east of UTC at that instant. */
int32_t feel_zone_offset(const struct feel_zone *zone, int64_t utc_s);
/* The same for a local clock's reading. Where clocks go back the earlier offset is taken; in a gap
 * the one before the gap. */
int32_t feel_zone_offset_local(const struct feel_zone *zone, int64_t local_s);

#endif
