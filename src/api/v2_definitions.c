/* /v2/process-definitions, /v2/decision-definitions, /v2/decision-requirements, forms. */
#include "api/v2.h"
#include "dmn/dmn.h"
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

/* ---- Evaluating ---- */

struct evaluate_in {
    struct str decisionDefinitionId, tenantId;
    const struct json_value *decisionDefinitionKey, *variables;
};

static const struct field EVALUATE_FIELDS[] = {
    FIELD(struct evaluate_in, decisionDefinitionId, FIELD_TEXT),
    FIELD(struct evaluate_in, decisionDefinitionKey, FIELD_JSON),
    FIELD(struct evaluate_in, variables, FIELD_JSON),
    FIELD(struct evaluate_in, tenantId, FIELD_TEXT), FIELD_END};

static enum err find_decision(struct api_call *call, const struct evaluate_in *in, int64_t *id)
{
    enum err r = v2_key("decisionDefinitionKey", in->decisionDefinitionKey, id);
    if (r != OK || *id)
        return r;
    struct process_definition_newest_row row;
    struct process_definition_newest_in newest = {
        .park_id = call->park_id, .kind = PROCESS_DECISION, .key = in->decisionDefinitionId};
    r = sql_process_definition_newest(call->db, &newest, &row);
    *id = r == OK ? row.id : 0;
    return r == ERR_NOT_FOUND
               ? err_refuse(r, "process.no-definition", "there is no decision '%.*s'",
                            STR_ARG(in->decisionDefinitionId))
               : r;
}

/* A value as clients get it: JSON in a text. */
static void write_output(struct json_writer *w, const char *name, const struct feel_value *value)
{
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, LIMIT_HTTP_REPLY);
    struct json_writer inner = json_writer(&buf);
    feel_to_json(&inner, value);
    json_member_text(w, name, buf_str(&buf));
}

static void write_definition(struct json_writer *w, int64_t id,
                             const struct process_definition_get_row *row)
{
    json_member_text(w, "decisionDefinitionId", row->key);
    json_member_id(w, "decisionDefinitionKey", id);
    json_member_text(w, "decisionDefinitionName", row->name);
    json_member_int(w, "decisionDefinitionVersion", row->version);
    json_member_text(w, "tenantId", STR(V2_TENANT));
}

static void write_rules(struct json_writer *w, const struct dmn_trace *trace)
{
    json_key(w, "matchedRules");
    json_array_begin(w);
    for (size_t i = 0; i < trace->rule_count; i++) {
        if (!trace->rules[i].fired)
            continue;
        json_object_begin(w);
        json_key(w, "ruleId");
        json_null(w);
        json_member_int(w, "ruleIndex", (int64_t)i + 1);
        json_member_raw(w, "evaluatedOutputs", STR("[]"));
        json_object_end(w);
    }
    json_array_end(w);
    json_member_raw(w, "evaluatedInputs", STR("[]"));
}

/* A table says where it stands: decision "The fee". */
static struct str name_of(const struct dmn_trace *trace)
{
    struct str begin = STR("decision \"");
    struct str name = trace->name;
    return str_starts(name, begin) && str_ends(name, STR("\""))
               ? str_sub(name, begin.len, name.len - begin.len - 1)
               : name;
}

/* What was evaluated is a decision of the same file, or a knowledge model, which has no key. */
static void write_decision(struct json_writer *w, const struct v2_decisions_of_rows *of,
                           struct str name)
{
    for (size_t i = 0; i < of->count; i++) {
        const struct v2_decisions_of_row *row = &of->rows[i];
        if (!str_equal(row->name, name) && !str_equal(row->key, name))
            continue;
        json_member_text(w, "decisionDefinitionId", row->key);
        json_member_id(w, "decisionDefinitionKey", row->id);
        json_member_int(w, "decisionDefinitionVersion", row->version);
        return;
    }
}

static void write_trace(struct api_call *call, const struct v2_decisions_of_rows *of,
                        const struct dmn_trace *trace)
{
    struct json_writer *w = &call->json;
    json_key(w, "evaluatedDecisions");
    json_array_begin(w);
    for (; trace; trace = trace->next) {
        json_object_begin(w);
        write_decision(w, of, name_of(trace));
        json_member_text(w, "decisionDefinitionName", name_of(trace));
        json_member_text(w, "decisionDefinitionType",
                         trace->rules ? STR("DECISION_TABLE") : STR("LITERAL_EXPRESSION"));
        write_output(w, "output", &trace->result);
        json_member_text(w, "tenantId", STR(V2_TENANT));
        write_rules(w, trace);
        json_object_end(w);
    }
    json_array_end(w);
}

static enum err evaluate(struct api_call *call)
{
    const struct evaluate_in *in = call->body;
    struct process_definition_get_row row = {0};
    struct process_resource_content_row content;
    const struct dmn_model *model;
    struct dmn_trace *trace = NULL;
    struct feel_run run;
    struct feel_value context = feel_context(NULL, 0), result;
    enum err r = v2_tenant(in->tenantId);
    if (r == OK)
        r = find_decision(call, in, &call->path_id[0]);
    if (r == OK)
        r = content_of(call, PROCESS_DECISION, &row, &content);
    struct dmn_source source = {.name = content.name, .text = content.content};
    if (r == OK)
        r = dmn_read(call->arena, &source, 1, &model);
    if (r == OK && in->variables && in->variables->type != JSON_OBJECT &&
        in->variables->type != JSON_NULL)
        r = err_field(ERR_INVALID, "variables", "field.type", "must be an object");
    if (r == OK && in->variables && in->variables->type == JSON_OBJECT) {
        r = feel_check_json(in->variables);
        if (r == OK)
            context = feel_from_json(call->arena, in->variables);
    }
    feel_run_init(&run, call->arena, call->now_us);
    if (r == OK)
        r = dmn_eval(model, row.name, &context, &run, &trace, &result);
    struct v2_decisions_of_in of = {.park_id = call->park_id, .resource_id = row.resource_id};
    struct v2_decisions_of_rows decisions;
    if (r == OK)
        r = sql_v2_decisions_of(call->db, call->arena, &of, &decisions);
    if (r != OK)
        return r;
    struct json_writer *w = &call->json;
    json_object_begin(w);
    write_definition(w, call->path_id[0], &row);
    json_member_id(w, "decisionRequirementsKey", row.graph_id);
    write_output(w, "output", &result);
    bool failed = result.type == FEEL_NULL && run.reason_total > 0;
    json_member_text(w, "failedDecisionDefinitionId", failed ? row.key : (struct str){0});
    json_key(w, "failureMessage");
    if (failed)
        json_c(w, "the decision gives null; see its expressions");
    else
        json_null(w);
    write_trace(call, &decisions, trace);
    json_object_end(w);
    return OK;
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
    {POST, "/v2/decision-definitions/evaluation", V2_ROLES, .query = evaluate, .slow = true,
     .body = EVALUATE_FIELDS, .body_size = sizeof(struct evaluate_in), .doc = "Decides"},
    V2_SEARCH("/v2/decision-requirements/search", graphs_search, "Searches decision graphs"),
    {GET, "/v2/decision-requirements/{key}", V2_ROLES, .query = graph_get,
     .doc = "One version of a decision graph"},
    {GET, "/v2/decision-requirements/{key}/xml", V2_ROLES, .query = graph_xml,
     .reply_type = "text/xml", .doc = "Its DMN file"},
    ROUTE_END};
