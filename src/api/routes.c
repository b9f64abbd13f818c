#include "api/api.h"

extern const struct route ACCOUNT_ROUTES[];
extern const struct route CALENDAR_ROUTES[];
extern const struct route ENTERPRISE_ROUTES[];
extern const struct route EVENT_ROUTES[];
extern const struct route GRID_ROUTES[];
extern const struct route JOURNAL_ROUTES[];
extern const struct route METRICS_ROUTES[];
extern const struct route OPENAPI_ROUTES[];
extern const struct route PEOPLE_ROUTES[];
extern const struct route SESSION_ROUTES[];
extern const struct route SETTINGS_ROUTES[];
extern const struct route SETUP_ROUTES[];
extern const struct route TEST_CLOCK_ROUTES[];
extern const struct route TOKEN_ROUTES[];

const struct route *const API_ROUTES[] = {
    ACCOUNT_ROUTES,  CALENDAR_ROUTES, ENTERPRISE_ROUTES, EVENT_ROUTES,  GRID_ROUTES,
    JOURNAL_ROUTES,  METRICS_ROUTES,  OPENAPI_ROUTES,    PEOPLE_ROUTES, SESSION_ROUTES,
    SETTINGS_ROUTES, SETUP_ROUTES,    TEST_CLOCK_ROUTES, TOKEN_ROUTES,  NULL,
};
