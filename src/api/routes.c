#include "api/api.h"

extern const struct route SESSION_ROUTES[];
extern const struct route SETUP_ROUTES[];

const struct route *const API_ROUTES[] = {
    SESSION_ROUTES,
    SETUP_ROUTES,
    NULL,
};
