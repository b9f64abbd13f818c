/* /api/v1/decisions: FEEL and DMN for whoever writes a park's rules. Nothing is stored. */
#include "api/api.h"
#include "dmn/dmn.h"

enum {
    STEPS = 5000000, /* A rule that needs more is not one a park can wait for. */
    BYTES = 64 * 1024 * 1024,
    FILES_MAX = 20,
};

#define WRITERS_OF_RULES                                                                           \
    ROLES(ROLE_OFFICER | ROLE_DEPARTMENT_HEAD | ROLE_LEADER | ROLE_SYSTEM_ADMIN)

static void begin_run(struct api_call *call, struct feel_run *run)
{
    feel_run_init(run, call->arena, call->now_us);
    run->steps = STEPS;
    run->bytes_end = call->arena->used + BYTES;
}

/* An object, or nothing, as a context. */
static enum err read_context(struct api_call *call, const char *field,
                             const struct json_value *json, struct feel_value *out)
{
    *out = feel_context(NULL, 0);
    if (!json || json->type == JSON_NULL)
        return OK;
    if (json->type != JSON_OBJECT)
        return err_field(ERR_INVALID, field, "field.type", "must be an object");
    enum err r = feel_check_json(json);
    if (r == OK)
        *out = feel_from_json(call->arena, json);
    return r;
}

static void write_result(struct api_call *call, const struct feel_value *value,
                         const struct feel_run *run)
{
    struct json_writer *w = &call->json;
    json_key(w, "result");
    feel_to_json(w, value);
    json_member_text(w, "type", str_of(feel_type_name(value->type)));
    json_key(w, "reasons");
    feel_reasons_to_json(w, run);
    json_member_int(w, "reasons_total", (int64_t)run->reason_total);
}

/* ---- An expression ---- */

struct feel_in {
    struct str expression;
    const struct json_value *context;
};

static const struct field FEEL_FIELDS[] = {
    FIELD(struct feel_in, expression, FIELD_TEXT, .required = true, .max = FEEL_TEXT_MAX,
          .doc = "A FEEL expression (DMN 1.5, chapter 10)"),
    FIELD(struct feel_in, context, FIELD_JSON, .doc = "The variables it may name: an object"),
    FIELD_END};

static enum err feel_post(struct api_call *call)
{
    struct feel_in *in = call->body;
    struct feel_value context, value;
    enum err r = read_context(call, "context", in->context, &context);
    if (r != OK)
        return r;
    struct feel_scope scope = {.entries = context.context.entries, .count = context.context.count};
    struct feel_names names = feel_names_of(call->arena, &scope);
    const struct feel_expr *expr;
    r = feel_parse(call->arena, in->expression, &names, &expr);
    if (r != OK)
        return r;
    struct feel_run run;
    begin_run(call, &run);
    r = feel_eval(expr, &scope, &run, &value);
    if (r != OK)
        return r;
    json_object_begin(&call->json);
    write_result(call, &value, &run);
    json_object_end(&call->json);
    return OK;
}

/* ---- A model ---- */

struct file_in {
    struct str name, text;
};

struct model_in {
    struct list models;
    struct str decision, service;
    const struct json_value *input;
    bool trace;
};

static const struct field FILE_FIELDS[] = {
    FIELD(struct file_in, name, FIELD_TEXT, .required = true, .max = LIMIT_NAME_CHARS,
          .doc = "What messages call it: the file's name"),
    FIELD(struct file_in, text, FIELD_TEXT, .required = true, .max = LIMIT_HTTP_BODY,
          .doc = "The model as XML (DMN 1.2 to 1.5)"),
    FIELD_END};

#define MODELS                                                                                     \
    FIELD(struct model_in, models, FIELD_LIST, .required = true, .of = FILE_FIELDS,                \
          .of_size = sizeof(struct file_in), .max = FILES_MAX,                                     \
          .doc = "The model, then those that it may import")

static const struct field CHECK_FIELDS[] = {MODELS, FIELD_END};

static const struct field EVALUATE_FIELDS[] = {
    MODELS,
    FIELD(struct model_in, decision, FIELD_TEXT, .max = LIMIT_NAME_CHARS,
          .doc = "The decision's name; or give `service`"),
    FIELD(struct model_in, service, FIELD_TEXT, .max = LIMIT_NAME_CHARS,
          .doc = "The decision service's name"),
    FIELD(struct model_in, input, FIELD_JSON, .doc = "Input data by name: an object"),
    FIELD(struct model_in, trace, FIELD_BOOL,
          .doc = "Also say which rules fired, and what kept the others from it"),
    FIELD_END};

static enum err read_model(struct api_call *call, const struct dmn_model **out)
{
    const struct model_in *in = call->body;
    struct dmn_source sources[FILES_MAX];
    if (in->models.count == 0)
        return err_field(ERR_INVALID, "models", "field.required", "is empty");
    for (size_t i = 0; i < in->models.count; i++) {
        const struct file_in *file = &((const struct file_in *)in->models.items)[i];
        sources[i] = (struct dmn_source){.name = file->name, .text = file->text};
    }
    return dmn_read(call->arena, sources, in->models.count, out);
}

static enum err evaluate_post(struct api_call *call)
{
    const struct model_in *in = call->body;
    const struct dmn_model *model;
    struct feel_value input, value;
    struct dmn_why why = {.all_rules = true};
    if ((in->decision.len > 0) == (in->service.len > 0))
        return err_field(ERR_INVALID, "decision", "field.required",
                         "name a decision, or else a service");
    enum err r = read_context(call, "input", in->input, &input);
    if (r == OK)
        r = read_model(call, &model);
    if (r != OK)
        return r;
    struct feel_run run;
    begin_run(call, &run);
    if (in->decision.len > 0)
        r = dmn_eval(model, in->decision, &input, &run, in->trace ? &why : NULL, &value);
    else
        r = dmn_eval_service(model, in->service, &input, &run, &value);
    if (r != OK)
        return r;
    json_object_begin(&call->json);
    write_result(call, &value, &run);
    if (why.first) {
        json_key(&call->json, "trace");
        dmn_trace_to_json(&call->json, why.first);
    }
    json_object_end(&call->json);
    return OK;
}

static void write_names(struct json_writer *w, const char *key, const struct str *names,
                        size_t count)
{
    json_key(w, key);
    json_array_begin(w);
    for (size_t i = 0; i < count; i++)
        json_text(w, names[i]);
    json_array_end(w);
}

static enum err check_post(struct api_call *call)
{
    const struct dmn_model *model;
    struct dmn_findings findings;
    const struct str *names;
    enum err r = read_model(call, &model);
    if (r == OK)
        r = dmn_check(call->arena, model, &findings);
    if (r != OK)
        return r;
    struct json_writer *w = &call->json;
    json_object_begin(w);
    json_member_text(w, "name", dmn_model_name(model));
    size_t count = dmn_decisions(model, call->arena, &names);
    write_names(w, "decisions", names, count);
    count = dmn_services(model, call->arena, &names);
    write_names(w, "services", names, count);
    count = dmn_inputs(model, call->arena, &names);
    write_names(w, "inputs", names, count);
    json_key(w, "findings");
    dmn_findings_to_json(w, findings);
    json_object_end(w);
    return OK;
}

/* ---- What the answers look like, for the OpenAPI document ---- */

struct result_out {
    struct str result, type, reasons, trace;
    int64_t reasons_total;
};

#define RESULT                                                                                     \
    FIELD(struct result_out, result, FIELD_RAW, .doc = "Numbers keep their spelling"),             \
        FIELD(struct result_out, type, FIELD_TEXT, .doc = "FEEL's name of the result's type"),     \
        FIELD(struct result_out, reasons, FIELD_RAW,                                               \
              .doc = "Why something became null: [{what, detail, where, place, line, column}]"),   \
        FIELD(struct result_out, reasons_total, FIELD_INT,                                         \
              .doc = "How many there were; the first are listed")

static const struct field FEEL_REPLY[] = {RESULT, FIELD_END};
static const struct field EVALUATE_REPLY[] = {
    RESULT,
    FIELD(struct result_out, trace, FIELD_RAW,
          .doc = "[{name, result, rules: [{rule, fired, failed_input, value, test}]}]"),
    FIELD_END};

struct check_out {
    struct str name, findings;
    struct list decisions, services, inputs;
};

static const struct field CHECK_REPLY[] = {
    FIELD(struct check_out, name, FIELD_TEXT, .doc = "The model's name"),
    FIELD(struct check_out, decisions, FIELD_TEXT_LIST),
    FIELD(struct check_out, services, FIELD_TEXT_LIST),
    FIELD(struct check_out, inputs, FIELD_TEXT_LIST),
    FIELD(struct check_out, findings, FIELD_RAW,
          .doc = "[{severity, what, place, detail, line, rules, example}]"),
    FIELD_END};

const struct route DECISION_ROUTES[] = {
    {POST, "/api/v1/decisions/feel", WRITERS_OF_RULES, .query = feel_post, .slow = true,
     .body = FEEL_FIELDS, .body_size = sizeof(struct feel_in), .reply = FEEL_REPLY,
     .doc = "Evaluates a FEEL expression"},
    {POST, "/api/v1/decisions/evaluate", WRITERS_OF_RULES, .query = evaluate_post, .slow = true,
     .body = EVALUATE_FIELDS, .body_size = sizeof(struct model_in), .reply = EVALUATE_REPLY,
     .doc = "Evaluates a decision of a DMN model"},
    {POST, "/api/v1/decisions/check", WRITERS_OF_RULES, .query = check_post, .slow = true,
     .body = CHECK_FIELDS, .body_size = sizeof(struct model_in), .reply = CHECK_REPLY,
     .doc = "Finds a DMN model's gaps, overlaps, dead rules and errors"},
    ROUTE_END};
