/* /api/v1/incidents: what stands still in running cases, for who keeps the system. They see the
 * step and what is wrong with it, not the case. */
#include "api/case_call.h"
#include "park/history_sql.h"

struct incident_out {
    int64_t case_id;
    int64_t token;
    struct str number, service, element, kind, message, detail;
    int64_t raised_at;
};

static const struct field INCIDENT_REPLY[] = {
    FIELD(struct incident_out, case_id, FIELD_ID),
    FIELD(struct incident_out, token, FIELD_ID, .doc = "Names the incident inside its case"),
    FIELD(struct incident_out, number, FIELD_TEXT),
    FIELD(struct incident_out, service, FIELD_TEXT),
    FIELD(struct incident_out, element, FIELD_TEXT),
    FIELD(struct incident_out, kind, FIELD_TEXT),
    FIELD(struct incident_out, message, FIELD_TEXT),
    FIELD(struct incident_out, detail, FIELD_RAW, .doc = "The expression and why it failed"),
    FIELD(struct incident_out, raised_at, FIELD_TIME),
    FIELD_END};

static enum err incidents_get(struct api_call *call)
{
    const struct api_page *in = call->query;
    int64_t limit = api_limit(in->limit);
    struct incident_list_in of = {.park_id = call->park_id, .limit = limit + 1};
    struct incident_list_rows rows;
    enum err r = api_cursor_read(call, in->cursor, &of.case_id, &of.token);
    if (r == OK)
        r = sql_incident_list(call->db, call->arena, &of, &rows);
    if (r != OK)
        return r;
    bool more = api_page_cut(&rows.count, limit);
    api_page_begin(call);
    for (size_t i = 0; i < rows.count; i++) {
        const struct incident_list_row *row = &rows.rows[i];
        struct incident_out out = {.case_id = row->case_id,
                                   .token = row->token,
                                   .number = row->number,
                                   .service = row->service,
                                   .element = row->element,
                                   .kind = row->kind,
                                   .message = row->message,
                                   .detail = row->detail,
                                   .raised_at = row->raised_us};
        api_reply(call, INCIDENT_REPLY, &out);
    }
    const struct incident_list_row *last = more ? &rows.rows[rows.count - 1] : NULL;
    api_page_end(call, last ? api_cursor_make(call, last->case_id, last->token) : (struct str){0});
    return OK;
}

static const struct field RETRY_FIELDS[] = {
    FIELD(struct case_retry, reason, FIELD_TEXT, .required = true, .max = 1000),
    FIELD(struct case_retry, variables, FIELD_JSON,
          .doc = "An object: what to set right before the step is tried again"),
    FIELD_END};

static enum err retry_post(struct api_call *call, struct db_tx *tx)
{
    const struct case_retry *in = call->body;
    struct case_env env = case_env_of(call, tx);
    if (in->variables && in->variables->type != JSON_OBJECT)
        return err_field(ERR_INVALID, "variables", "engine.variables",
                         "the variables are no JSON object");
    return case_incident_retry(&env, &call->who, call->path_id[0], call->path_id[1], in);
}

const struct route INCIDENT_ROUTES[] = {
    {GET, "/api/v1/incidents", ROLES(ROLE_SYSTEM_ADMIN), .query = incidents_get,
     .query_fields = API_PAGE_FIELDS, .query_size = sizeof(struct api_page),
     .reply = INCIDENT_REPLY, .page = true, .doc = "Steps of cases that stand still"},
    {POST, "/api/v1/cases/{id}/incidents/{token}/retry", ROLES(ROLE_SYSTEM_ADMIN),
     .command = retry_post, .body = RETRY_FIELDS, .body_size = sizeof(struct case_retry),
     .status = 204, .doc = "Tries the step again, once what was wrong is set right"},
    ROUTE_END};
