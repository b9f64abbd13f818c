/* /v2/process-definitions, /v2/decision-definitions, /v2/decision-requirements, forms. */
#include "api/v2.h"
#include "park/process_sql.h"

static enum err read_rows(struct v2_search *search, struct arena *arena, int64_t after,
                          int64_t limit, struct sql_rows *out)
{
    static const char *const KEYS[] = {"processDefinitionId", "decisionDefinitionId",
                                       "decisionRequirementsId", "formId"};
    struct str key = v2_fixed_text(search, KEYS[search->fixed]);
    struct v2_definitions_in in = {.park_id = search->call->park_id,
                                   .mode = key.ptr ? 1 : 0,
                                   .of = search->fixed,
                                   .text = key,
                                   .after = after,
                                   .limit = limit};
    struct v2_definitions_rows rows = {0};
    enum err r = sql_v2_definitions(search->call->db, arena, &in, &rows);
    *out = (struct sql_rows){.rows = rows.rows, .count = r == OK ? rows.count : 0};
    return r;
}

#define COLUMN(member, kind, label, ...)                                                           \
    V2_COLUMN(v2_definitions_row, member, kind, label, __VA_ARGS__)

static const struct v2_column PROCESSES[] = {
    COLUMN(id, V2_KEY, "processDefinitionKey"),
    COLUMN(key, V2_TEXT, "processDefinitionId"),
    COLUMN(name, V2_TEXT, "name"),
    COLUMN(version, V2_INT, "version"),
    COLUMN(version_tag, V2_TEXT, "versionTag"),
    COLUMN(resource_name, V2_TEXT, "resourceName"),
    COLUMN(latest, V2_BOOL, "isLatestVersion", .silent = true),
    COLUMN(tenant, V2_TEXT, "tenantId"),
    COLUMN(graph_key, V2_TEXT, "_graphKey", .silent = true),
    COLUMN(graph_name, V2_TEXT, "_graphName", .silent = true),
};

static const struct v2_column DECISIONS[] = {
    COLUMN(id, V2_KEY, "decisionDefinitionKey"),
    COLUMN(key, V2_TEXT, "decisionDefinitionId"),
    COLUMN(name, V2_TEXT, "name"),
    COLUMN(version, V2_INT, "version"),
    COLUMN(graph_key, V2_TEXT, "decisionRequirementsId"),
    COLUMN(graph_id, V2_KEY, "decisionRequirementsKey"),
    COLUMN(graph_name, V2_TEXT, "decisionRequirementsName"),
    COLUMN(latest, V2_BOOL, "isLatestVersion", .silent = true),
    COLUMN(tenant, V2_TEXT, "tenantId"),
    COLUMN(version_tag, V2_TEXT, "_tag", .silent = true),
    COLUMN(resource_name, V2_TEXT, "_file", .silent = true),
};

static const struct v2_column GRAPHS[] = {
    COLUMN(id, V2_KEY, "decisionRequirementsKey"),
    COLUMN(key, V2_TEXT, "decisionRequirementsId"),
    COLUMN(name, V2_TEXT, "decisionRequirementsName"),
    COLUMN(version, V2_INT, "version"),
    COLUMN(resource_name, V2_TEXT, "resourceName"),
    COLUMN(tenant, V2_TEXT, "tenantId"),
    COLUMN(version_tag, V2_TEXT, "_tag", .silent = true),
    COLUMN(graph_key, V2_TEXT, "_graphKey", .silent = true),
    COLUMN(graph_name, V2_TEXT, "_graphName", .silent = true),
};

#define RESOURCE(columns_)                                                                         \
    {                                                                                              \
        .columns = columns_, .column_count = COUNT_OF(columns_),                                   \
        .row_size = sizeof(struct v2_definitions_row), .read = read_rows                           \
    }
static const struct v2_resource PROCESS = RESOURCE(PROCESSES), DECISION = RESOURCE(DECISIONS),
                                GRAPH = RESOURCE(GRAPHS);

static enum err processes_search(struct api_call *call)
{
    return v2_search(call, &PROCESS, PROCESS_BPMN);
}

static enum err decisions_search(struct api_call *call)
{
    return v2_search(call, &DECISION, PROCESS_DECISION);
}

static enum err graphs_search(struct api_call *call)
{
    return v2_search(call, &GRAPH, PROCESS_GRAPH);
}

static enum err process_get(struct api_call *call)
{
    return v2_get(call, &PROCESS, PROCESS_BPMN, call->path_id[0]);
}

static enum err decision_get(struct api_call *call)
{
    return v2_get(call, &DECISION, PROCESS_DECISION, call->path_id[0]);
}

static enum err graph_get(struct api_call *call)
{
    return v2_get(call, &GRAPH, PROCESS_GRAPH, call->path_id[0]);
}

/* ---- The files themselves ---- */

static enum err content_of(struct api_call *call, enum process_kind kind,
                           struct process_definition_get_row *row,
                           struct process_resource_content_row *content)
{
    struct process_definition_get_in in = {.park_id = call->park_id, .id = call->path_id[0]};
    enum err r = sql_process_definition_get(call->db, call->arena, &in, row);
    if (r == ERR_NOT_FOUND || (r == OK && row->kind != (int64_t)kind))
        return v2_missing("key");
    struct process_resource_content_in of = {.park_id = call->park_id, .id = row->resource_id};
    return r == OK ? sql_process_resource_content(call->db, call->arena, &of, content) : r;
}

static enum err xml_of(struct api_call *call, enum process_kind kind)
{
    struct process_definition_get_row row;
    struct process_resource_content_row content;
    enum err r = content_of(call, kind, &row, &content);
    if (r != OK)
        return r;
    buf_add_str(call->out, content.content);
    call->content_type = "text/xml; charset=utf-8";
    return OK;
}

static enum err process_xml(struct api_call *call)
{
    return xml_of(call, PROCESS_BPMN);
}

static enum err decision_xml(struct api_call *call)
{
    return xml_of(call, PROCESS_DECISION);
}

static enum err graph_xml(struct api_call *call)
{
    return xml_of(call, PROCESS_GRAPH);
}

const struct route V2_DEFINITION_ROUTES[] = {
    V2_SEARCH("/v2/process-definitions/search", processes_search, "Searches process definitions"),
    {GET, "/v2/process-definitions/{key}", V2_ROLES, .query = process_get,
     .doc = "One version of a process"},
    {GET, "/v2/process-definitions/{key}/xml", V2_ROLES, .query = process_xml,
     .reply_type = "text/xml", .doc = "Its BPMN file"},
    V2_SEARCH("/v2/decision-definitions/search", decisions_search, "Searches decisions"),
    {GET, "/v2/decision-definitions/{key}", V2_ROLES, .query = decision_get,
     .doc = "One version of a decision"},
    {GET, "/v2/decision-definitions/{key}/xml", V2_ROLES, .query = decision_xml,
     .reply_type = "text/xml", .doc = "Its DMN file"},
    V2_SEARCH("/v2/decision-requirements/search", graphs_search, "Searches decision graphs"),
    {GET, "/v2/decision-requirements/{key}", V2_ROLES, .query = graph_get,
     .doc = "One version of a decision graph"},
    {GET, "/v2/decision-requirements/{key}/xml", V2_ROLES, .query = graph_xml,
     .reply_type = "text/xml", .doc = "Its DMN file"},
    ROUTE_END};
