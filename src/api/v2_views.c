/* What pages that draw running processes ask /v2 for: how many stand at each element, which way an
 * instance has gone, who called it, and who waits for which message. */
#include "api/v2.h"
#include "park/history.h"

static enum err find_instance(struct api_call *call, struct v2_called_rows *out)
{
    struct v2_called_in in = {.park_id = call->park_id, .id = call->path_id[0]};
    enum err r = sql_v2_called(call->db, call->arena, &in, out);
    return r == OK && out->count == 0 ? v2_missing("key") : r;
}

/* ---- Counts ---- */

static void write_counts(struct api_call *call, const struct v2_counts_rows *rows)
{
    struct json_writer *w = &call->json;
    json_object_begin(w);
    json_key(w, "items");
    json_array_begin(w);
    for (size_t i = 0; i < rows->count; i++) {
        const struct v2_counts_row *row = &rows->rows[i];
        json_object_begin(w);
        json_member_text(w, "elementId", row->element);
        json_member_int(w, "active", row->active);
        json_member_int(w, "canceled", row->canceled);
        json_member_int(w, "incidents", row->incidents);
        json_member_int(w, "completed", row->completed);
        json_object_end(w);
    }
    json_array_end(w);
    json_object_end(w);
}

static enum err counts_get(struct api_call *call)
{
    struct v2_called_rows found;
    struct v2_counts_in in = {
        .park_id = call->park_id, .mode = 0, .of = call->path_id[0], .state = -1};
    struct v2_counts_rows rows;
    enum err r = find_instance(call, &found);
    if (r == OK)
        r = sql_v2_counts(call->db, call->arena, &in, &rows);
    if (r == OK)
        write_counts(call, &rows);
    return r;
}

struct counts_in {
    const struct json_value *filter;
};

static const struct field COUNTS_FIELDS[] = {
    FIELD(struct counts_in, filter, FIELD_JSON,
          .doc = "{state}: ACTIVE, COMPLETED, TERMINATED or SUSPENDED; none: all instances"),
    FIELD_END};

static enum err read_state(const struct json_value *filter, int64_t *out)
{
    static const char *const STATES[] = {[PROCESS_ACTIVE] = "ACTIVE",
                                         [PROCESS_COMPLETED] = "COMPLETED",
                                         [PROCESS_CANCELED] = "TERMINATED",
                                         [PROCESS_SUSPENDED] = "SUSPENDED"};
    *out = -1;
    if (!filter || filter->type == JSON_NULL)
        return OK;
    if (filter->type != JSON_OBJECT)
        return err_field(ERR_INVALID, "filter", "field.type", "a filter must be an object");
    for (size_t i = 0; i < filter->object.count; i++) {
        const struct json_member *member = &filter->object.members[i];
        if (!str_is(member->name, "state"))
            return err_field(ERR_INVALID, "filter", "field.unknown", "there is no filter '%.*s'",
                             STR_ARG(member->name));
        for (size_t k = 0; k < COUNT_OF(STATES); k++)
            if (member->value.type == JSON_STRING && str_is(member->value.text, STATES[k]))
                *out = (int64_t)k;
        if (*out < 0)
            return err_field(ERR_INVALID, "filter", "field.range", "there is no such state");
    }
    return OK;
}

static enum err definition_counts(struct api_call *call)
{
    const struct counts_in *body = call->body;
    struct v2_counts_in in = {.park_id = call->park_id, .mode = 1, .of = call->path_id[0]};
    struct v2_counts_rows rows;
    struct v2_process_in process = {.park_id = call->park_id, .id = call->path_id[0]};
    struct v2_process_row row;
    enum err r = sql_v2_process(call->db, &process, &row);
    if (r == ERR_NOT_FOUND)
        return v2_missing("key");
    if (r == OK)
        r = read_state(body->filter, &in.state);
    if (r == OK)
        r = sql_v2_counts(call->db, call->arena, &in, &rows);
    if (r == OK)
        write_counts(call, &rows);
    return r;
}

/* ---- Who called it ---- */

static enum err hierarchy_get(struct api_call *call)
{
    struct v2_called_rows rows;
    enum err r = find_instance(call, &rows);
    if (r != OK)
        return r;
    struct json_writer *w = &call->json;
    json_array_begin(w);
    for (size_t i = 0; i < rows.count; i++) {
        json_object_begin(w);
        json_member_id(w, "processInstanceKey", rows.rows[i].id);
        json_member_id(w, "processDefinitionKey", rows.rows[i].definition_id);
        json_member_text(w, "processDefinitionName", rows.rows[i].name);
        json_object_end(w);
    }
    json_array_end(w);
    return OK;
}

/* ---- Which way it has gone: the journal's steps tell ---- */

struct way {
    struct api_call *call;
    struct str *flows;
    size_t count, capacity;
};

static void take_flow(struct way *way, struct str flow)
{
    for (size_t i = 0; i < way->count; i++)
        if (str_equal(way->flows[i], flow))
            return;
    *ARENA_PUSH(way->call->arena, way->flows, way->count, way->capacity) =
        str_copy(way->call->arena, flow);
}

static bool take_step(void *data, struct arena *arena, const struct history_steps_row *step)
{
    const struct json_value *json;
    if (!step->body.ptr || json_parse(arena, step->body, &json) != OK) /* Erased. */
        return true;
    const struct json_value *events = json_get(json, "events");
    for (size_t i = 0; events && events->type == JSON_ARRAY && i < events->array.count; i++) {
        const struct json_value *event = &events->array.items[i];
        if (str_is(json_get_text(event, "event"), "flow_taken") &&
            json_get_text(event, "flow").len > 0)
            take_flow(data, json_get_text(event, "flow"));
    }
    return true;
}

static enum err flows_get(struct api_call *call)
{
    struct v2_called_rows rows;
    struct way way = {.call = call};
    enum err r = find_instance(call, &rows);
    if (r == OK)
        r = history_each(call->db, call->park_id, call->path_id[0], "process.step", take_step,
                         &way);
    if (r != OK)
        return r;
    const struct v2_called_row *own = &rows.rows[rows.count - 1];
    struct json_writer *w = &call->json;
    json_object_begin(w);
    json_key(w, "items");
    json_array_begin(w);
    for (size_t i = 0; i < way.count; i++) {
        json_object_begin(w);
        json_key(w, "sequenceFlowId");
        json_text(w, str_format(call->arena, "%" PRId64 "_%.*s", own->id, STR_ARG(way.flows[i])));
        json_member_id(w, "processInstanceKey", own->id);
        json_member_id(w, "processDefinitionKey", own->definition_id);
        json_member_text(w, "processDefinitionId", own->key);
        json_member_text(w, "elementId", way.flows[i]);
        json_member_text(w, "tenantId", STR(V2_TENANT));
        json_object_end(w);
    }
    json_array_end(w);
    json_object_end(w);
    return OK;
}

/* ---- Who waits for a message ---- */

static enum err read_rows(struct v2_search *search, struct arena *arena, int64_t after,
                          int64_t limit, struct sql_rows *out)
{
    int64_t instance = v2_fixed_key(search, "processInstanceKey");
    struct v2_waits_in in = {.park_id = search->call->park_id,
                             .mode = instance ? 1 : 0,
                             .of = instance,
                             .after = after,
                             .limit = limit};
    struct v2_waits_rows rows = {0};
    enum err r = sql_v2_waits(search->call->db, arena, &in, &rows);
    *out = (struct sql_rows){.rows = rows.rows, .count = r == OK ? rows.count : 0};
    return r;
}

#define COLUMN(member, kind, label, ...) V2_COLUMN(v2_waits_row, member, kind, label, __VA_ARGS__)

static const struct v2_column COLUMNS[] = {
    COLUMN(id, V2_KEY, "messageSubscriptionKey"),
    COLUMN(process, V2_TEXT, "processDefinitionId"),
    COLUMN(definition_key, V2_KEY, "processDefinitionKey"),
    COLUMN(instance_id, V2_KEY, "processInstanceKey"),
    COLUMN(element, V2_TEXT, "elementId"),
    COLUMN(element_id, V2_KEY, "elementInstanceKey", .skip_null = true),
    COLUMN(state, V2_TEXT, "messageSubscriptionState"),
    COLUMN(opened_us, V2_TIME, "lastUpdatedDate", .skip_null = true),
    COLUMN(name, V2_TEXT, "messageName"),
    COLUMN(correlation, V2_TEXT, "correlationKey"),
    COLUMN(tenant, V2_TEXT, "tenantId"),
};
static const struct v2_resource WAIT = {.columns = COLUMNS,
                                        .column_count = COUNT_OF(COLUMNS),
                                        .row_size = sizeof(struct v2_waits_row),
                                        .read = read_rows};

static enum err waits_search(struct api_call *call)
{
    return v2_search(call, &WAIT, 0);
}

/* ---- What clients ask before anything else ---- */

static enum err license_get(struct api_call *call)
{
    json_raw(&call->json,
             STR("{\"validLicense\":true,\"licenseType\":\"none\",\"isCommercial\":false}"));
    return OK;
}

static enum err status_get(struct api_call *call)
{
    (void)call;
    return OK;
}

const struct route V2_VIEW_ROUTES[] = {
    {GET, "/v2/process-instances/{key}/statistics/element-instances", V2_ROLES, .query = counts_get,
     .slow = true, .doc = "How many of its elements are active, completed, canceled, stand still"},
    {POST, "/v2/process-definitions/{key}/statistics/element-instances", V2_ROLES,
     .query = definition_counts, .slow = true, .body = COUNTS_FIELDS,
     .body_size = sizeof(struct counts_in), .doc = "The same over all instances of a version"},
    {GET, "/v2/process-instances/{key}/sequence-flows", V2_ROLES, .query = flows_get, .slow = true,
     .doc = "The sequence flows that it has taken"},
    {GET, "/v2/process-instances/{key}/call-hierarchy", V2_ROLES, .query = hierarchy_get,
     .doc = "The instances that called it, the outermost first, and itself"},
    V2_SEARCH("/v2/message-subscriptions/search", waits_search,
              "Searches who waits for a message; those who have got it are gone"),
    {GET, "/v2/license", PUBLIC, .query = license_get, .doc = "There is none to be had"},
    {GET, "/v2/status", PUBLIC, .query = status_get, .status = 204, .doc = "The engine answers"},
    ROUTE_END};
