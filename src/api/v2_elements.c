/* /v2/element-instances, /v2/variables and /v2/incidents. */
#include "api/v2.h"

#define READER(name)                                                                               \
    static enum err read_##name(struct v2_search *search, struct arena *arena, int64_t after,      \
                                int64_t limit, struct sql_rows *out)                               \
    {                                                                                              \
        int64_t instance =                                                                         \
            search->fixed ? search->fixed : v2_fixed_key(search, "processInstanceKey");            \
        struct v2_##name##_in in = {.park_id = search->call->park_id,                              \
                                    .mode = mode_of(search, #name, instance),                      \
                                    .of = instance,                                                \
                                    .after = after,                                                \
                                    .limit = limit};                                               \
        struct v2_##name##_rows rows = {0};                                                        \
        enum err r = sql_v2_##name(search->call->db, arena, &in, &rows);                           \
        *out = (struct sql_rows){.rows = rows.rows, .count = r == OK ? rows.count : 0};            \
        return r;                                                                                  \
    }

/* Which way the statement reads: all, of one instance, or open incidents only. What is fixed is an
 * element whose variables are seen, or an instance with all that it called. */
static int64_t mode_of(const struct v2_search *search, const char *name, int64_t instance)
{
    bool incidents = strcmp(name, "incidents") == 0;
    if (search->fixed)
        return incidents ? 3 : 2;
    if (instance)
        return incidents ? 2 : 1;
    return incidents && str_is(v2_fixed_text(search, "state"), "ACTIVE") ? 1 : 0;
}

READER(elements)
READER(variables)
READER(incidents)

#define ELEMENT(member, kind, label, ...)                                                          \
    V2_COLUMN(v2_elements_row, member, kind, label, __VA_ARGS__)
#define VARIABLE(member, kind, label) V2_COLUMN(v2_variables_row, member, kind, label)
#define INCIDENT(member, kind, label, ...)                                                         \
    V2_COLUMN(v2_incidents_row, member, kind, label, __VA_ARGS__)

static const struct v2_column ELEMENT_COLUMNS[] = {
    ELEMENT(id, V2_KEY, "elementInstanceKey"),
    ELEMENT(instance_id, V2_KEY, "processInstanceKey"),
    ELEMENT(definition_key, V2_KEY, "processDefinitionKey"),
    ELEMENT(process, V2_TEXT, "processDefinitionId"),
    ELEMENT(element, V2_TEXT, "elementId"),
    ELEMENT(name, V2_TEXT, "elementName"),
    ELEMENT(type, V2_TEXT, "type"),
    ELEMENT(state, V2_TEXT, "state"),
    ELEMENT(started_us, V2_TIME, "startDate"),
    ELEMENT(ended_us, V2_TIME, "endDate", .skip_null = true),
    ELEMENT(incident, V2_BOOL, "hasIncident"),
    ELEMENT(incident_id, V2_KEY, "incidentKey", .skip_null = true),
    ELEMENT(scope_id, V2_KEY, "elementInstanceScopeKey", .silent = true),
    ELEMENT(tenant, V2_TEXT, "tenantId"),
};
static const struct v2_column VARIABLE_COLUMNS[] = {
    VARIABLE(id, V2_KEY, "variableKey"),
    VARIABLE(name, V2_TEXT, "name"),
    VARIABLE(value, V2_TEXT, "value"),
    VARIABLE(scope_id, V2_KEY, "scopeKey"),
    VARIABLE(instance_id, V2_KEY, "processInstanceKey"),
    VARIABLE(cut, V2_BOOL, "isTruncated"),
    VARIABLE(tenant, V2_TEXT, "tenantId"),
};
static const struct v2_column INCIDENT_COLUMNS[] = {
    INCIDENT(id, V2_KEY, "incidentKey"),
    INCIDENT(instance_id, V2_KEY, "processInstanceKey"),
    INCIDENT(definition_key, V2_KEY, "processDefinitionKey"),
    INCIDENT(process, V2_TEXT, "processDefinitionId"),
    INCIDENT(element, V2_TEXT, "elementId"),
    INCIDENT(element_id, V2_KEY, "elementInstanceKey"),
    INCIDENT(type, V2_TEXT, "errorType"),
    INCIDENT(message, V2_TEXT, "errorMessage"),
    INCIDENT(state, V2_TEXT, "state"),
    INCIDENT(raised_us, V2_TIME, "creationTime"),
    INCIDENT(job_id, V2_KEY, "jobKey", .skip_null = true),
    INCIDENT(tenant, V2_TEXT, "tenantId"),
};

#define RESOURCE(columns_, name)                                                                   \
    {                                                                                              \
        .columns = columns_, .column_count = COUNT_OF(columns_),                                   \
        .row_size = sizeof(struct v2_##name##_row), .read = read_##name                            \
    }
static const struct v2_resource ELEMENTS = RESOURCE(ELEMENT_COLUMNS, elements),
                                VARIABLES = RESOURCE(VARIABLE_COLUMNS, variables),
                                INCIDENTS = RESOURCE(INCIDENT_COLUMNS, incidents);

static enum err elements_search(struct api_call *call)
{
    return v2_search(call, &ELEMENTS, 0);
}

static enum err element_get(struct api_call *call)
{
    return v2_get(call, &ELEMENTS, 0, call->path_id[0]);
}

static enum err variables_search(struct api_call *call)
{
    return v2_search(call, &VARIABLES, 0);
}

static enum err variable_get(struct api_call *call)
{
    return v2_get(call, &VARIABLES, 0, call->path_id[0]);
}

static enum err incidents_search(struct api_call *call)
{
    return v2_search(call, &INCIDENTS, 0);
}

static enum err incident_get(struct api_call *call)
{
    return v2_get(call, &INCIDENTS, 0, call->path_id[0]);
}

/* What is seen from a user task, and what stands still in an instance: there must be such. */
static enum err search_of(struct api_call *call, const struct v2_resource *resource)
{
    struct v2_element_at_in in = {.park_id = call->park_id, .id = call->path_id[0]};
    struct v2_element_at_row row;
    enum err r = sql_v2_element_at(call->db, &in, &row);
    if (r == ERR_NOT_FOUND)
        return v2_missing("key");
    return r == OK ? v2_search(call, resource, call->path_id[0]) : r;
}

static enum err seen_search(struct api_call *call)
{
    return search_of(call, &VARIABLES);
}

static enum err incidents_of_search(struct api_call *call)
{
    return search_of(call, &INCIDENTS);
}

struct variables_in {
    const struct json_value *variables, *operationReference;
    bool local;
};

static const struct field VARIABLES_FIELDS[] = {
    FIELD(struct variables_in, variables, FIELD_JSON, .required = true),
    FIELD(struct variables_in, local, FIELD_BOOL, .doc = "Right there, not where they live"),
    FIELD(struct variables_in, operationReference, FIELD_JSON), FIELD_END};

static enum err variables_put(struct api_call *call, struct db_tx *tx)
{
    const struct variables_in *in = call->body;
    struct process_env env = v2_env(call, tx);
    struct str variables;
    enum err r = v2_object(call, "variables", in->variables, &variables);
    if (r == OK && !variables.ptr)
        r = err_field(ERR_INVALID, "variables", "field.type", "must be an object");
    return r == OK ? process_variables_set(&env, call->path_id[0], variables, in->local) : r;
}

struct resolve_in {
    const struct json_value *operationReference;
};

static const struct field RESOLVE_FIELDS[] = {
    FIELD(struct resolve_in, operationReference, FIELD_JSON), FIELD_END};

static enum err resolution_post(struct api_call *call, struct db_tx *tx)
{
    struct process_env env = v2_env(call, tx);
    return process_resolve(&env, call->path_id[0]);
}

const struct route V2_ELEMENT_ROUTES[] = {
    V2_SEARCH("/v2/element-instances/search", elements_search, "Searches element instances"),
    {GET, "/v2/element-instances/{key}", V2_ROLES, .query = element_get,
     .doc = "One element instance"},
    {PUT, "/v2/element-instances/{key}/variables", V2_ROLES, .command = variables_put,
     .body = VARIABLES_FIELDS, .body_size = sizeof(struct variables_in), .status = 204,
     .doc = "Sets variables"},
    V2_SEARCH("/v2/variables/search", variables_search, "Searches variables"),
    {GET, "/v2/variables/{key}", V2_ROLES, .query = variable_get, .doc = "One variable"},
    V2_SEARCH("/v2/user-tasks/{key}/variables/search", seen_search,
              "Searches the variables that a user task sees"),
    V2_SEARCH("/v2/user-tasks/{key}/effective-variables/search", seen_search, "The same"),
    V2_SEARCH("/v2/process-instances/{key}/incidents/search", incidents_of_search,
              "Searches incidents of an instance and of all that it called"),
    V2_SEARCH("/v2/incidents/search", incidents_search, "Searches incidents"),
    {GET, "/v2/incidents/{key}", V2_ROLES, .query = incident_get, .doc = "One incident"},
    {POST, "/v2/incidents/{key}/resolution", V2_ROLES, .command = resolution_post,
     .body = RESOLVE_FIELDS, .body_size = sizeof(struct resolve_in), .status = 204,
     .doc = "Tries again what went wrong"},
    ROUTE_END};
