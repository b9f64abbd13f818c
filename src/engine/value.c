/* Expressions and variables. */
#include "engine/step.h"

struct feel_run *step_feel(struct step *s)
{
    if (!s->feel_ready) {
        feel_run_init(&s->feel, s->arena, s->run->now_us);
        s->feel.hosts = s->run->hosts;
        s->feel.host_count = s->run->host_count;
        s->feel_ready = true;
    }
    s->feel.reason_count = s->feel.reason_total = 0;
    return &s->feel;
}

static struct feel_value variable_value(struct step *s, int64_t key, struct str name)
{
    struct str text = engine_variable(s->at, key, name);
    const struct json_value *json;
    if (!text.ptr || json_parse(s->arena, text, &json) != OK)
        return feel_null();
    return feel_from_json(s->arena, json);
}

static enum err give_back(struct step *s, const struct bpmn_value *value,
                          const struct feel_value *found)
{
    if (found->type == FEEL_NULL && found->reason)
        return err_set(ERR_INVALID, "'%.*s' is null: %.*s", STR_ARG(value->text),
                       STR_ARG(found->reason->detail));
    (void)s;
    return OK;
}

enum err step_eval(struct step *s, int64_t key, const struct bpmn_value *value,
                   const struct feel_scope *extra, struct feel_value *out)
{
    if (!value->expr) {
        *out = value->text.ptr ? feel_string(value->text) : feel_null();
        return OK;
    }
    size_t names = value->name_count + value->shadow_count, count = 0;
    struct feel_entry *entries = ARENA_ARRAY(s->arena, names, struct feel_entry);
    for (size_t i = 0; i < names; i++) {
        bool shadow = i >= value->name_count;
        bool given = shadow && !engine_variable(s->at, key, value->names[i]).ptr;
        for (size_t k = 0; extra && k < extra->count; k++)
            given = given || str_equal(extra->entries[k].name, value->names[i]);
        if (!given)
            entries[count++] =
                (struct feel_entry){value->names[i], variable_value(s, key, value->names[i])};
    }
    struct feel_scope scope = {.up = extra, .entries = entries, .count = count};
    struct feel_run *feel = step_feel(s);
    struct feel_value found;
    enum err e = feel_eval(value->expr, &scope, feel, &found);
    if (e == OK)
        e = give_back(s, value, &found);
    if (e == OK)
        *out = found;
    return e;
}

bool step_value(struct step *s, int64_t key, enum engine_phase phase,
                const struct bpmn_value *value, struct feel_value *out)
{
    if (step_eval(s, key, value, NULL, out) == OK)
        return true;
    return step_incident(s, key, phase, "expression", "%s", err_last()->detail);
}

bool step_condition(struct step *s, int64_t key, enum engine_phase phase,
                    const struct bpmn_value *value, bool *out)
{
    struct feel_value found;
    if (!step_value(s, key, phase, value, &found))
        return false;
    if (found.type != FEEL_BOOLEAN)
        return step_incident(s, key, phase, "expression.condition",
                             "the condition '%.*s' gives %s instead of true or false",
                             STR_ARG(value->text), feel_type_name(found.type));
    *out = found.boolean;
    return true;
}

bool step_text(struct step *s, int64_t key, enum engine_phase phase, const struct bpmn_value *value,
               struct str *out)
{
    struct feel_value found;
    if (!step_value(s, key, phase, value, &found))
        return false;
    if (found.type == FEEL_STRING)
        *out = found.text;
    else if (found.type == FEEL_NULL)
        *out = (struct str){0};
    else if (found.type == FEEL_NUMBER)
        *out = feel_text(s->arena, &found);
    else
        return step_incident(s, key, phase, "expression.text",
                             "'%.*s' gives a %s instead of a text", STR_ARG(value->text),
                             feel_type_name(found.type));
    return true;
}

bool step_int(struct step *s, int64_t key, enum engine_phase phase, const struct bpmn_value *value,
              int64_t otherwise, int64_t *out)
{
    struct feel_value found;
    if (!step_value(s, key, phase, value, &found))
        return false;
    if (found.type == FEEL_NULL) {
        *out = otherwise;
        return true;
    }
    enum err e = found.type == FEEL_STRING ? str_to_int(str_trim(found.text), out)
                                           : feel_to_int(&found, out);
    if (e == OK)
        return true;
    return step_incident(s, key, phase, "expression.number", "'%.*s' gives no whole number",
                         STR_ARG(value->text));
}

/* ---- Setting variables ---- */

static void set_variable(struct step *s, int64_t scope, struct str name, struct str json,
                         bool given)
{
    s->changed = true;
    step_emit(s, (struct engine_event){.kind = ENGINE_VARIABLE_SET,
                                       .scope = scope,
                                       .node = BPMN_NONE,
                                       .flow = BPMN_NONE,
                                       .number = given,
                                       .name = name,
                                       .value = json});
}

void step_set(struct step *s, int64_t scope, struct str name, struct str json)
{
    set_variable(s, scope, name, json, false);
}

void step_give(struct step *s, int64_t process, struct str name, struct str json)
{
    set_variable(s, process, name, json, true);
}

struct str step_json(struct step *s, const struct json_value *value)
{
    buf_clear(&s->scratch);
    struct json_writer w = json_writer(&s->scratch);
    json_value(&w, value);
    return str_copy(s->arena, buf_str(&s->scratch));
}

void step_set_value(struct step *s, int64_t scope, struct str name, const struct feel_value *value)
{
    buf_clear(&s->scratch);
    struct json_writer w = json_writer(&s->scratch);
    feel_to_json(&w, value);
    step_set(s, scope, name, str_copy(s->arena, buf_str(&s->scratch)));
}

int64_t step_home(const struct step *s, int64_t key, struct str name)
{
    for (;;) {
        int64_t outer = state_outer(s->at, key);
        if (!outer || state_variable(s->at, key, name))
            return key;
        key = outer;
    }
}

void step_merge(struct step *s, int64_t key, const struct json_value *variables)
{
    if (!variables)
        return;
    bool keep = step_node(s, key)->output_count > 0;
    for (size_t i = 0; i < variables->object.count; i++) {
        const struct json_member *member = &variables->object.members[i];
        step_set(s, keep ? key : step_home(s, key, member->name), member->name,
                 step_json(s, &member->value));
    }
}

/* ---- Mappings ---- */

/* The context with `path`'s last name set to the value: "a.b" touches only b of a. */
static struct feel_value put(struct step *s, struct feel_value into, struct str path,
                             struct feel_value value)
{
    size_t dot = str_find(path, STR("."), 0);
    struct str name = str_sub(path, 0, dot);
    size_t count = into.type == FEEL_CONTEXT ? into.context.count : 0;
    struct feel_entry *entries = ARENA_ARRAY(s->arena, count + 1, struct feel_entry);
    size_t at = count;
    for (size_t i = 0; i < count; i++) {
        entries[i] = into.context.entries[i];
        if (str_equal(entries[i].name, name))
            at = i;
    }
    struct feel_value old = at < count ? entries[at].value : feel_null();
    entries[at].name = name;
    entries[at].value =
        dot == path.len ? value : put(s, old, str_sub(path, dot + 1, path.len), value);
    return feel_context(entries, at < count ? count : count + 1);
}

static void set_target(struct step *s, int64_t scope, struct str target, struct feel_value value)
{
    size_t dot = str_find(target, STR("."), 0);
    struct str name = str_sub(target, 0, dot);
    if (dot < target.len) {
        const struct engine_variable *old = state_variable(s->at, scope, name);
        struct feel_value into = old ? variable_value(s, scope, name) : feel_null();
        value = put(s, into, str_sub(target, dot + 1, target.len), value);
    }
    step_set_value(s, scope, name, &value);
}

bool step_inputs(struct step *s, int64_t key)
{
    const struct bpmn_node *node = step_node(s, key);
    for (size_t i = 0; i < node->input_count; i++) {
        struct feel_value value;
        if (!step_value(s, key, ENGINE_ENTERING, &node->inputs[i].source, &value))
            return false;
        set_target(s, key, node->inputs[i].target, value);
    }
    return true;
}

bool step_outputs(struct step *s, int64_t key)
{
    const struct bpmn_node *node = step_node(s, key);
    int64_t outer = step_element(s, key)->scope;
    for (size_t i = 0; i < node->output_count; i++) {
        struct feel_value value;
        struct str target = node->outputs[i].target;
        if (!step_value(s, key, ENGINE_LEAVING, &node->outputs[i].source, &value))
            return false;
        struct str name = str_sub(target, 0, str_find(target, STR("."), 0));
        set_target(s, outer ? step_home(s, outer, name) : key, target, value);
    }
    return true;
}

struct str step_locals(struct step *s, int64_t key, bool given)
{
    buf_clear(&s->scratch);
    struct json_writer w = json_writer(&s->scratch);
    json_object_begin(&w);
    for (size_t i = 0; i < s->at->variable_count; i++)
        if (s->at->variables[i].scope == key && (given || !s->at->variables[i].given)) {
            json_key_str(&w, s->at->variables[i].name);
            json_raw(&w, s->at->variables[i].value);
        }
    json_object_end(&w);
    return str_copy(s->arena, buf_str(&s->scratch));
}
