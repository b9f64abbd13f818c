/* /v2/decision-definitions/evaluation, and /v2/decision-instances: what was decided, and why. */
#include "api/v2.h"
#include "park/process_decision.h"
#include "park/process_sql.h"

/* ---- What was decided ---- */

static enum err read_rows(struct v2_search *search, struct arena *arena, int64_t after,
                          int64_t limit, struct sql_rows *out)
{
    int64_t instance = v2_fixed_key(search, "processInstanceKey");
    struct v2_decided_in in = {.park_id = search->call->park_id,
                               .mode = instance ? 1 : 0,
                               .of = instance,
                               .after = after,
                               .limit = limit};
    struct v2_decided_rows rows = {0};
    enum err r = sql_v2_decided(search->call->db, arena, &in, &rows);
    *out = (struct sql_rows){.rows = rows.rows, .count = r == OK ? rows.count : 0};
    return r;
}

#define COLUMN(member, kind, label, ...) V2_COLUMN(v2_decided_row, member, kind, label, __VA_ARGS__)
#define COLUMNS                                                                                    \
    COLUMN(id, V2_KEY, "decisionEvaluationInstanceKey"),                                           \
        COLUMN(evaluation_id, V2_KEY, "decisionEvaluationKey"), COLUMN(state, V2_TEXT, "state"),   \
        COLUMN(failure, V2_TEXT, "evaluationFailure", .skip_null = true),                          \
        COLUMN(decided_us, V2_TIME, "evaluationDate"),                                             \
        COLUMN(key, V2_TEXT, "decisionDefinitionId"),                                              \
        COLUMN(definition_id, V2_KEY, "decisionDefinitionKey"),                                    \
        COLUMN(name, V2_TEXT, "decisionDefinitionName"),                                           \
        COLUMN(version, V2_INT, "decisionDefinitionVersion"),                                      \
        COLUMN(type, V2_TEXT, "decisionDefinitionType"), COLUMN(result, V2_TEXT, "result"),        \
        COLUMN(process_id, V2_KEY, "processDefinitionKey", .skip_null = true),                     \
        COLUMN(instance_id, V2_KEY, "processInstanceKey", .skip_null = true),                      \
        COLUMN(element_id, V2_KEY, "elementInstanceKey", .skip_null = true),                       \
        COLUMN(tenant, V2_TEXT, "tenantId")

static const struct v2_column BRIEF[] = {COLUMNS};
/* With the reasons, for one at a time. */
static const struct v2_column WHOLE[] = {COLUMNS, COLUMN(inputs, V2_RAW, "evaluatedInputs"),
                                         COLUMN(rules, V2_RAW, "matchedRules")};

static const struct v2_resource DECIDED = {.columns = BRIEF,
                                           .column_count = COUNT_OF(BRIEF),
                                           .row_size = sizeof(struct v2_decided_row),
                                           .read = read_rows};
static const struct v2_resource EXPLAINED = {.columns = WHOLE,
                                             .column_count = COUNT_OF(WHOLE),
                                             .row_size = sizeof(struct v2_decided_row),
                                             .read = read_rows};

static enum err decided_search(struct api_call *call)
{
    return v2_search(call, &DECIDED, 0);
}

static enum err decided_get(struct api_call *call)
{
    return v2_get(call, &EXPLAINED, 0, call->path_id[0]);
}

/* ---- Deciding ---- */

struct evaluate_in {
    struct str decisionDefinitionId, tenantId;
    const struct json_value *decisionDefinitionKey, *variables;
};

static const struct field EVALUATE_FIELDS[] = {
    FIELD(struct evaluate_in, decisionDefinitionId, FIELD_TEXT),
    FIELD(struct evaluate_in, decisionDefinitionKey, FIELD_JSON),
    FIELD(struct evaluate_in, variables, FIELD_JSON),
    FIELD(struct evaluate_in, tenantId, FIELD_TEXT), FIELD_END};

/* What is worked out before the transaction. */
struct evaluated {
    int64_t id;
    struct process_definition_get_row row;
    struct feel_value result;
    struct process_evaluation evaluation;
};

static enum err find_decision(struct api_call *call, const struct evaluate_in *in, int64_t *id)
{
    enum err r = v2_key("decisionDefinitionKey", in->decisionDefinitionKey, id);
    if (r != OK || *id)
        return r;
    if (in->decisionDefinitionId.len == 0)
        return err_field(ERR_INVALID, "decisionDefinitionId", "field.required",
                         "name a decision by its id or its key");
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

static enum err load_decision(struct api_call *call, int64_t id,
                              struct process_definition_get_row *row,
                              const struct dmn_model **model)
{
    struct process_definition_get_in in = {.park_id = call->park_id, .id = id};
    struct process_resource_content_row content;
    enum err r = sql_process_definition_get(call->db, call->arena, &in, row);
    if (r == ERR_NOT_FOUND || (r == OK && row->kind != PROCESS_DECISION))
        return v2_missing("key");
    struct process_resource_content_in of = {.park_id = call->park_id, .id = row->resource_id};
    if (r == OK)
        r = sql_process_resource_content(call->db, call->arena, &of, &content);
    struct dmn_source source = {.name = content.name, .text = content.content};
    return r == OK ? dmn_read(call->arena, &source, 1, model) : r;
}

static enum err read_context(struct api_call *call, const struct json_value *variables,
                             struct feel_value *out)
{
    *out = feel_context(NULL, 0);
    if (!variables || variables->type == JSON_NULL)
        return OK;
    if (variables->type != JSON_OBJECT)
        return err_field(ERR_INVALID, "variables", "field.type", "must be an object");
    enum err r = feel_check_json(variables);
    if (r == OK)
        *out = feel_from_json(call->arena, variables);
    return r;
}

static enum err evaluation_prepare(struct api_call *call)
{
    const struct evaluate_in *in = call->body;
    struct evaluated *made = ARENA_NEW(call->arena, struct evaluated);
    const struct dmn_model *model;
    struct dmn_why why = {0};
    struct feel_run run;
    struct feel_value context;
    *made = (struct evaluated){0};
    feel_run_init(&run, call->arena, call->now_us);
    enum err r = v2_tenant(in->tenantId);
    if (r == OK)
        r = find_decision(call, in, &made->id);
    if (r == OK)
        r = load_decision(call, made->id, &made->row, &model);
    if (r == OK)
        r = read_context(call, in->variables, &context);
    if (r == OK)
        r = dmn_eval(model, made->row.name, &context, &run, &why, &made->result);
    if (r == OK)
        r = process_evaluation_read(call->db, call->arena, call->park_id, made->row.resource_id,
                                    why.first, &made->evaluation);
    if (r != OK)
        return r;
    made->evaluation.failure = process_evaluation_failure(&run, &made->result);
    call->prepared = made;
    return OK;
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

static void write_decisions(struct json_writer *w, const struct process_evaluation *evaluation)
{
    json_key(w, "evaluatedDecisions");
    json_array_begin(w);
    for (size_t i = 0; i < evaluation->count; i++) {
        const struct process_decided *one = &evaluation->decisions[i];
        json_object_begin(w);
        json_member_text(w, "decisionDefinitionId", one->key);
        json_member_id(w, "decisionDefinitionKey", one->definition_id);
        json_member_id(w, "decisionEvaluationInstanceKey", one->id);
        json_member_int(w, "decisionDefinitionVersion", one->version);
        json_member_text(w, "decisionDefinitionName", one->name);
        json_member_c(w, "decisionDefinitionType",
                      one->table ? "DECISION_TABLE" : "LITERAL_EXPRESSION");
        json_member_text(w, "output", one->result);
        json_member_text(w, "tenantId", STR(V2_TENANT));
        json_member_raw(w, "matchedRules", one->rules);
        json_member_raw(w, "evaluatedInputs", one->inputs);
        json_object_end(w);
    }
    json_array_end(w);
}

static enum err evaluation_post(struct api_call *call, struct db_tx *tx)
{
    struct evaluated *made = call->prepared;
    struct process_evaluation *evaluation = &made->evaluation;
    struct process_env env = v2_env(call, tx);
    enum err r = process_evaluated(&env, made->id, evaluation);
    if (r != OK)
        return r;
    bool failed = evaluation->failure.ptr != NULL;
    struct json_writer *w = &call->json;
    json_object_begin(w);
    json_member_text(w, "decisionDefinitionId", made->row.key);
    json_member_id(w, "decisionDefinitionKey", made->id);
    json_member_text(w, "decisionDefinitionName", made->row.name);
    json_member_int(w, "decisionDefinitionVersion", made->row.version);
    json_member_id(w, "decisionEvaluationKey", evaluation->id);
    json_member_id(w, "decisionInstanceKey", evaluation->id);
    json_member_text(w, "tenantId", STR(V2_TENANT));
    json_member_id(w, "decisionRequirementsKey", made->row.graph_id);
    write_output(w, "output", &made->result);
    json_member_text(w, "failedDecisionDefinitionId", failed ? made->row.key : (struct str){0});
    json_member_text(w, "failureMessage", evaluation->failure);
    write_decisions(w, evaluation);
    json_object_end(w);
    return OK;
}

const struct route V2_DECISION_ROUTES[] = {
    {POST, "/v2/decision-definitions/evaluation", V2_ROLES, .prepare = evaluation_prepare,
     .command = evaluation_post, .body = EVALUATE_FIELDS, .body_size = sizeof(struct evaluate_in),
     .doc = "Decides, and keeps what was decided as decision instances"},
    V2_SEARCH("/v2/decision-instances/search", decided_search,
              "Searches decisions that were evaluated, by clients and in instances"),
    {GET, "/v2/decision-instances/{key}", V2_ROLES, .query = decided_get,
     .doc = "One of them, with its inputs and the rules that it has answered with"},
    ROUTE_END};
