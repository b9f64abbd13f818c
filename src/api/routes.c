#include "api/api.h"

extern const struct route ACCOUNT_ROUTES[];
extern const struct route BOARD_ROUTES[];
extern const struct route CALENDAR_ROUTES[];
extern const struct route CASE_LIFE_ROUTES[];
extern const struct route CASE_ROUTES[];
extern const struct route DECISION_ROUTES[];
extern const struct route DRAFT_ROUTES[];
extern const struct route ENTERPRISE_ROUTES[];
extern const struct route EVENT_ROUTES[];
extern const struct route FILE_ROUTES[];
extern const struct route GRID_ROUTES[];
extern const struct route HEAT_ROUTES[];
extern const struct route HEAT_INDEX_ROUTES[];
extern const struct route HEAT_READ_ROUTES[];
extern const struct route HEAT_TILE_ROUTES[];
extern const struct route INCIDENT_ROUTES[];
extern const struct route OPERATION_ROUTES[];
extern const struct route OPERATION_PICTURE_ROUTES[];
extern const struct route JOURNAL_ROUTES[];
extern const struct route METRICS_ROUTES[];
extern const struct route OPENAPI_ROUTES[];
extern const struct route PEOPLE_ROUTES[];
extern const struct route PROOF_ROUTES[];
extern const struct route SEARCH_ROUTES[];
extern const struct route SERVICE_ROUTES[];
extern const struct route SESSION_ROUTES[];
extern const struct route SETTINGS_ROUTES[];
extern const struct route SETUP_ROUTES[];
extern const struct route SHEET_ROUTES[];
extern const struct route TASK_ROUTES[];
extern const struct route TEST_CLOCK_ROUTES[];
extern const struct route TOKEN_ROUTES[];
extern const struct route V2_DECISION_ROUTES[];
extern const struct route V2_DEFINITION_ROUTES[];
extern const struct route V2_DEPLOY_ROUTES[];
extern const struct route V2_ELEMENT_ROUTES[];
extern const struct route V2_INSTANCE_ROUTES[];
extern const struct route V2_JOB_ROUTES[];
extern const struct route V2_MESSAGE_ROUTES[];
extern const struct route V2_TASK_ROUTES[];
extern const struct route V2_TOPOLOGY_ROUTES[];
extern const struct route V2_VIEW_ROUTES[];

/* clang-format off */
const struct route *const API_ROUTES[] = {
    ACCOUNT_ROUTES,
    BOARD_ROUTES,
    CALENDAR_ROUTES,
    CASE_LIFE_ROUTES,
    CASE_ROUTES,
    DECISION_ROUTES,
    DRAFT_ROUTES,
    ENTERPRISE_ROUTES,
    EVENT_ROUTES,
    FILE_ROUTES,
    GRID_ROUTES,
    HEAT_ROUTES,
    HEAT_INDEX_ROUTES,
    HEAT_READ_ROUTES,
    HEAT_TILE_ROUTES,
    INCIDENT_ROUTES,
    OPERATION_ROUTES,
    OPERATION_PICTURE_ROUTES,
    JOURNAL_ROUTES,
    METRICS_ROUTES,
    OPENAPI_ROUTES,
    PEOPLE_ROUTES,
    PROOF_ROUTES,
    SEARCH_ROUTES,
    SERVICE_ROUTES,
    SESSION_ROUTES,
    SETTINGS_ROUTES,
    SETUP_ROUTES,
    SHEET_ROUTES,
    TASK_ROUTES,
    TEST_CLOCK_ROUTES,
    TOKEN_ROUTES,
    V2_DECISION_ROUTES,
    V2_DEFINITION_ROUTES,
    V2_DEPLOY_ROUTES,
    V2_ELEMENT_ROUTES,
    V2_INSTANCE_ROUTES,
    V2_JOB_ROUTES,
    V2_MESSAGE_ROUTES,
    V2_TASK_ROUTES,
    V2_TOPOLOGY_ROUTES,
    V2_VIEW_ROUTES,
    NULL,
};
/* clang-format on */
