/* What the resources of the heat map share. */
#ifndef API_HEAT_H
#define API_HEAT_H

#include "api/api.h"
#include "park/heat_work.h"

/* Who looks at the heat map: staff, and who looks after it. */
#define HEAT_READERS ROLES(ROLE_STAFF | ROLE_SYSTEM_ADMIN)

extern const char *const HEAT_LIGHTS[]; /* "any", "day", "night" */
/* "" for any. */
struct str heat_light_of(int64_t light);

#endif
