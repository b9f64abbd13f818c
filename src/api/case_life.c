/* /api/v1/cases/{id}/suspend and what else an administrator does to a running case as a whole. Who
 * keeps the system sees steps and numbers, not what a case is about. */
#include "api/case_call.h"

struct words_in {
    struct str reason;
};

static const struct field WORDS_FIELDS[] = {FIELD(struct words_in, reason, FIELD_TEXT,
                                                  .required = true, .max = 1000,
                                                  .doc = "Stands in the case's history"),
                                            FIELD_END};

static enum err suspend_post(struct api_call *call, struct db_tx *tx)
{
    const struct words_in *in = call->body;
    struct case_env env = case_env_of(call, tx);
    return case_suspend(&env, &call->who, call->path_id[0], in->reason);
}

static enum err resume_post(struct api_call *call, struct db_tx *tx)
{
    const struct words_in *in = call->body;
    struct case_env env = case_env_of(call, tx);
    return case_unsuspend(&env, &call->who, call->path_id[0], in->reason);
}

const struct route CASE_LIFE_ROUTES[] = {
    {POST, "/api/v1/cases/{id}/suspend", ROLES(ROLE_SYSTEM_ADMIN), .command = suspend_post,
     .body = WORDS_FIELDS, .body_size = sizeof(struct words_in), .status = 204,
     .doc = "Stands the case still: its clocks and timers too, until it is resumed"},
    {POST, "/api/v1/cases/{id}/resume", ROLES(ROLE_SYSTEM_ADMIN), .command = resume_post,
     .body = WORDS_FIELDS, .body_size = sizeof(struct words_in), .status = 204,
     .doc = "Lets a suspended case run on"},
    ROUTE_END};
