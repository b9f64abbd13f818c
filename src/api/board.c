/* /api/v1/board: today in the park, for those who lead it. */
#include "api/case_call.h"

static enum err board_get(struct api_call *call)
{
    struct case_reader reader = case_reader_of(call);
    return board_write(&reader, &call->json);
}

const struct route BOARD_ROUTES[] = {
    {GET, "/api/v1/board", ROLES(ROLE_LEADER | ROLE_DEPARTMENT_HEAD | ROLE_GRID_LEADER),
     .query = board_get, .doc = "Today's figures, rates of the last 30 days, the latest cases"},
    ROUTE_END};
