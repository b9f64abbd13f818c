/* /v2/jobs: a worker asks for work, and waits for it without holding a thread. */
#include "api/v2.h"
#include "base/clock.h"

enum { POLL_MS = 10000, POLL_MS_MAX = 60000, LEND_MS_MAX = 7 * 24 * 3600 * 1000 };

static enum err read_rows(struct v2_search *search, struct arena *arena, int64_t after,
                          int64_t limit, struct sql_rows *out)
{
    int64_t instance = v2_fixed_key(search, "processInstanceKey");
    struct v2_jobs_in in = {.park_id = search->call->park_id,
                            .mode = instance ? 1 : 0,
                            .of = instance,
                            .after = after,
                            .limit = limit};
    struct v2_jobs_rows rows = {0};
    enum err r = sql_v2_jobs(search->call->db, arena, &in, &rows);
    *out = (struct sql_rows){.rows = rows.rows, .count = r == OK ? rows.count : 0};
    return r;
}

#define COLUMN(member, kind, label, ...) V2_COLUMN(v2_jobs_row, member, kind, label, __VA_ARGS__)

static const struct v2_column COLUMNS[] = {
    COLUMN(id, V2_KEY, "jobKey", .also = "elementInstanceKey"),
    COLUMN(instance_id, V2_KEY, "processInstanceKey"),
    COLUMN(definition_key, V2_KEY, "processDefinitionKey"),
    COLUMN(process, V2_TEXT, "processDefinitionId"),
    COLUMN(element, V2_TEXT, "elementId"),
    COLUMN(id, V2_KEY, "elementInstanceKey"),
    COLUMN(type, V2_TEXT, "type"),
    COLUMN(state, V2_TEXT, "state"),
    COLUMN(retries, V2_INT, "retries"),
    COLUMN(deadline_us, V2_TIME, "deadline"),
    COLUMN(worker, V2_TEXT, "worker"),
    COLUMN(message, V2_TEXT, "errorMessage"),
    COLUMN(headers, V2_RAW, "customHeaders"),
    COLUMN(tenant, V2_TEXT, "tenantId"),
};
static const struct v2_resource JOB = {.columns = COLUMNS,
                                       .column_count = COUNT_OF(COLUMNS),
                                       .row_size = sizeof(struct v2_jobs_row),
                                       .read = read_rows};

static enum err jobs_search(struct api_call *call)
{
    return v2_search(call, &JOB, 0);
}

/* ---- Activating ---- */

struct activate_in {
    struct str type, worker;
    int64_t timeout, maxJobsToActivate, requestTimeout;
    struct list fetchVariable, tenantIds;
    const struct json_value *tenantFilter;
};

static const struct field ACTIVATE_FIELDS[] = {
    FIELD(struct activate_in, type, FIELD_TEXT, .required = true),
    FIELD(struct activate_in, worker, FIELD_TEXT),
    FIELD(struct activate_in, timeout, FIELD_INT, .required = true, .min = 1, .max = LEND_MS_MAX,
          .doc = "Milliseconds that the worker may have it"),
    FIELD(struct activate_in, maxJobsToActivate, FIELD_INT, .required = true, .min = 1,
          .max = INT32_MAX),
    FIELD(struct activate_in, requestTimeout, FIELD_INT,
          .doc = "Milliseconds to wait for the first job; below 0: none"),
    FIELD(struct activate_in, fetchVariable, FIELD_TEXT_LIST, .max = 1000),
    FIELD(struct activate_in, tenantIds, FIELD_TEXT_LIST, .max = 1000),
    FIELD(struct activate_in, tenantFilter, FIELD_JSON),
    FIELD_END};

static void write_job(struct json_writer *w, const struct process_job *job, struct str type,
                      struct str worker)
{
    json_object_begin(w);
    json_member_id(w, "jobKey", job->id);
    json_member_text(w, "type", type);
    json_member_id(w, "processInstanceKey", job->instance_id);
    json_member_id(w, "processDefinitionKey", job->definition_id);
    json_member_text(w, "processDefinitionId", job->key);
    json_member_int(w, "processDefinitionVersion", job->version);
    json_member_text(w, "elementId", job->element);
    json_member_id(w, "elementInstanceKey", job->id);
    json_member_text(w, "kind", STR("BPMN_ELEMENT"));
    json_member_text(w, "worker", worker.ptr ? worker : STR(""));
    json_member_int(w, "retries", job->retries);
    json_member_int(w, "deadline", job->deadline_us / 1000);
    json_member_raw(w, "customHeaders", job->headers);
    json_member_raw(w, "variables", job->variables);
    json_member_text(w, "tenantId", STR(V2_TENANT));
    json_object_end(w);
}

/* The first look sets the end of the wait; `prepared` keeps it. */
static int64_t wait_until(struct api_call *call, int64_t asked_ms)
{
    if (!call->prepared) {
        int64_t *until_us = ARENA_NEW(call->arena, int64_t);
        int64_t wait_ms = asked_ms > POLL_MS_MAX ? POLL_MS_MAX : asked_ms ? asked_ms : POLL_MS;
        *until_us = clock_monotonic_us() + wait_ms * 1000;
        call->prepared = until_us;
    }
    return *(const int64_t *)call->prepared;
}

static enum err activation_post(struct api_call *call, struct db_tx *tx)
{
    const struct activate_in *in = call->body;
    struct process_env env = v2_env(call, tx);
    struct process_activation asked = {
        .type = in->type,
        .worker = in->worker.ptr ? in->worker : STR(""),
        .timeout_us = in->timeout * 1000,
        .max = in->maxJobsToActivate < PROCESS_JOBS_MAX ? in->maxJobsToActivate : PROCESS_JOBS_MAX,
        .variables = in->fetchVariable};
    struct list jobs = {0};
    int64_t until_us = wait_until(call, in->requestTimeout), ready_us = 0;
    enum err r = OK;
    for (size_t i = 0; r == OK && i < in->tenantIds.count; i++)
        r = v2_tenant(((const struct str *)in->tenantIds.items)[i]);
    if (r == OK)
        r = process_activate(&env, &asked, &jobs);
    if (r == OK && jobs.count == 0)
        r = process_job_ready(&env, in->type, &ready_us);
    if (r != OK)
        return r;
    json_object_begin(&call->json);
    json_key(&call->json, "jobs");
    json_array_begin(&call->json);
    for (size_t i = 0; i < jobs.count; i++)
        write_job(&call->json, (const struct process_job *)jobs.items + i, in->type, asked.worker);
    json_array_end(&call->json);
    json_object_end(&call->json);
    if (jobs.count == 0 && in->requestTimeout >= 0)
        api_wait(call, activation_post, process_topic_job(in->type), until_us, ready_us);
    return OK;
}

/* ---- Giving back ---- */

struct job_in {
    const struct json_value *variables, *result;
    struct str errorMessage, errorCode;
    int64_t retries, retryBackOff;
};

static const struct field COMPLETE_FIELDS[] = {FIELD(struct job_in, variables, FIELD_JSON),
                                               FIELD(struct job_in, result, FIELD_JSON), FIELD_END};
static const struct field FAIL_FIELDS[] = {
    FIELD(struct job_in, retries, FIELD_INT, .min = 0, .max = INT32_MAX),
    FIELD(struct job_in, errorMessage, FIELD_TEXT, .max = 20000),
    FIELD(struct job_in, retryBackOff, FIELD_INT, .min = 0, .max = LEND_MS_MAX),
    FIELD(struct job_in, variables, FIELD_JSON), FIELD_END};
static const struct field ERROR_FIELDS[] = {
    FIELD(struct job_in, errorCode, FIELD_TEXT, .required = true),
    FIELD(struct job_in, errorMessage, FIELD_TEXT, .max = 20000),
    FIELD(struct job_in, variables, FIELD_JSON), FIELD_END};

static enum err completion_post(struct api_call *call, struct db_tx *tx)
{
    const struct job_in *in = call->body;
    struct process_env env = v2_env(call, tx);
    struct str variables;
    enum err r = v2_object(call, "variables", in->variables, &variables);
    return r == OK ? process_job_done(&env, call->path_id[0], variables) : r;
}

static enum err read_failure(struct api_call *call, struct process_failure *out)
{
    const struct job_in *in = call->body;
    *out = (struct process_failure){.retries = in->retries,
                                    .backoff_us = in->retryBackOff * 1000,
                                    .message = in->errorMessage.ptr ? in->errorMessage : STR(""),
                                    .code = in->errorCode};
    return v2_object(call, "variables", in->variables, &out->variables);
}

static enum err failure_post(struct api_call *call, struct db_tx *tx)
{
    struct process_env env = v2_env(call, tx);
    struct process_failure failure;
    enum err r = read_failure(call, &failure);
    return r == OK ? process_job_failed(&env, call->path_id[0], &failure) : r;
}

static enum err error_post(struct api_call *call, struct db_tx *tx)
{
    struct process_env env = v2_env(call, tx);
    struct process_failure failure;
    enum err r = read_failure(call, &failure);
    return r == OK ? process_job_error(&env, call->path_id[0], &failure) : r;
}

struct changeset {
    int64_t retries, timeout;
};

struct update_in {
    struct changeset changeset;
    const struct json_value *operationReference;
};

static const struct field CHANGESET[] = {
    FIELD(struct changeset, retries, FIELD_INT, .min = 1, .max = INT32_MAX),
    FIELD(struct changeset, timeout, FIELD_INT, .min = 1, .max = LEND_MS_MAX), FIELD_END};
static const struct field UPDATE_FIELDS[] = {
    FIELD(struct update_in, changeset, FIELD_OBJECT, .required = true, .of = CHANGESET),
    FIELD(struct update_in, operationReference, FIELD_JSON), FIELD_END};

static enum err job_patch(struct api_call *call, struct db_tx *tx)
{
    const struct update_in *in = call->body;
    struct process_env env = v2_env(call, tx);
    return process_job_update(&env, call->path_id[0], in->changeset.retries,
                              in->changeset.timeout * 1000);
}

const struct route V2_JOB_ROUTES[] = {
    {POST, "/v2/jobs/activation", V2_ROLES, .command = activation_post, .body = ACTIVATE_FIELDS,
     .body_size = sizeof(struct activate_in),
     .doc = "Gives jobs to a worker, as soon as there are"},
    V2_SEARCH("/v2/jobs/search", jobs_search, "Searches open jobs"),
    {POST, "/v2/jobs/{key}/completion", V2_ROLES, .command = completion_post,
     .body = COMPLETE_FIELDS, .body_size = sizeof(struct job_in), .status = 204,
     .doc = "The job is done"},
    {POST, "/v2/jobs/{key}/failure", V2_ROLES, .command = failure_post, .body = FAIL_FIELDS,
     .body_size = sizeof(struct job_in), .status = 204, .doc = "The job could not be done"},
    {POST, "/v2/jobs/{key}/error", V2_ROLES, .command = error_post, .body = ERROR_FIELDS,
     .body_size = sizeof(struct job_in), .status = 204, .doc = "The job ends in a BPMN error"},
    {PATCH, "/v2/jobs/{key}", V2_ROLES, .command = job_patch, .body = UPDATE_FIELDS,
     .body_size = sizeof(struct update_in), .status = 204, .doc = "Changes retries or time"},
    ROUTE_END};
