/* Events as journal bodies. A member that has its zero is left out. */
#include "engine/state.h"

#define EVENT_NAME(kind, name) [kind] = name,
static const char *const NAMES[] = {ENGINE_EVENTS(EVENT_NAME)};
static const char *const ROLES[] = {"plain", "loop", "turn", "undoing"};
static const char *const PHASES[] = {"entering", "leaving", "in_job"};

const char *engine_event_name(enum engine_event_kind kind)
{
    return (unsigned)kind < ENGINE_EVENT_COUNT ? NAMES[kind] : "?";
}

/* ---- Writing ---- */

static void write_id(struct json_writer *w, const char *name, int64_t value)
{
    if (value == 0)
        return;
    json_key(w, name);
    json_id(w, value);
}

static void write_int(struct json_writer *w, const char *name, int64_t value)
{
    if (value == 0)
        return;
    json_key(w, name);
    json_int(w, value);
}

static void write_text(struct json_writer *w, const char *name, struct str text)
{
    if (!text.ptr)
        return;
    json_key(w, name);
    json_text(w, text);
}

static void write_texts(struct json_writer *w, const char *name, const struct str *texts,
                        size_t count)
{
    if (count == 0)
        return;
    json_key(w, name);
    json_array_begin(w);
    for (size_t i = 0; i < count; i++)
        json_text(w, texts[i]);
    json_array_end(w);
}

static void write_task(struct json_writer *w, const struct engine_task *task)
{
    json_key(w, "task");
    json_object_begin(w);
    write_text(w, "name", task->name);
    write_text(w, "assignee", task->assignee);
    write_texts(w, "groups", task->groups, task->group_count);
    write_texts(w, "users", task->users, task->user_count);
    write_int(w, "due_us", task->due_us);
    write_int(w, "follow_up_us", task->follow_up_us);
    write_text(w, "form", task->form);
    write_int(w, "priority", task->priority);
    json_member_raw(w, "headers", task->headers);
    json_object_end(w);
}

/* Times stand as microseconds: a replay must find the very same. */
void engine_event_to_json(struct json_writer *w, const struct bpmn_model *model,
                          const struct engine_event *event)
{
    json_object_begin(w);
    json_member_c(w, "event", NAMES[event->kind]);
    write_id(w, "key", event->key);
    write_id(w, "scope", event->scope);
    if (event->node < model->node_count)
        write_text(w, "element", model->nodes[event->node].id);
    if (event->flow < model->flow_count)
        write_text(w, "flow", model->flows[event->flow].id);
    write_int(w, "number", event->number);
    write_int(w, "due_us", event->due_us);
    write_int(w, "interval_us", event->interval_us);
    write_int(w, "interval_months", event->interval_months);
    if (event->role != ENGINE_PLAIN)
        write_text(w, "role", str_of(ROLES[event->role]));
    if (event->kind == ENGINE_INCIDENT_RAISED)
        write_text(w, "phase", str_of(PHASES[event->phase]));
    if (event->kind == ENGINE_SUBSCRIPTION_OPENED || event->kind == ENGINE_ESCAPED)
        write_text(w, "trigger", str_of(bpmn_trigger_word(event->trigger)));
    write_text(w, "name", event->name);
    if (event->value.ptr) {
        json_member_raw(w, "value", event->value);
    }
    write_text(w, "text", event->text);
    if (event->task)
        write_task(w, event->task);
    json_object_end(w);
}

/* ---- Reading ---- */

struct reader {
    struct arena *arena;
    const struct json_value *json;
    bool bad;
};

static int64_t read_int(struct reader *r, const char *name)
{
    const struct json_value *value = json_get(r->json, name);
    int64_t out = 0;
    if (value)
        r->bad = json_to_int(value, &out) != OK || r->bad;
    return out;
}

static int64_t read_id(struct reader *r, const char *name)
{
    struct str text = json_get_text(r->json, name);
    int64_t out = 0;
    if (json_get(r->json, name))
        r->bad = !text.ptr || str_to_int(text, &out) != OK || r->bad;
    return out;
}

static int read_name(struct reader *r, const char *name, const char *const *names, size_t count)
{
    struct str text = json_get_text(r->json, name);
    if (!text.ptr)
        return 0;
    for (size_t i = 0; i < count; i++)
        if (str_is(text, names[i]))
            return (int)i;
    r->bad = true;
    return 0;
}

static enum bpmn_trigger read_trigger(struct reader *r)
{
    struct str text = json_get_text(r->json, "trigger");
    for (int i = 0; i < BPMN_TRIGGER_COUNT && text.ptr; i++)
        if (str_is(text, bpmn_trigger_word((enum bpmn_trigger)i)))
            return (enum bpmn_trigger)i;
    r->bad = r->bad || text.ptr;
    return 0;
}

static struct str read_json(struct reader *r, const char *name)
{
    const struct json_value *value = json_get(r->json, name);
    if (!value)
        return (struct str){0};
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, ENGINE_BLOB_MAX);
    struct json_writer w = json_writer(&buf);
    json_value(&w, value);
    return str_copy(r->arena, buf_str(&buf));
}

static const struct str *read_texts(struct reader *r, const char *name, size_t *count)
{
    const struct json_value *value = json_get(r->json, name);
    if (!value || value->type != JSON_ARRAY)
        return NULL;
    struct str *texts = ARENA_ARRAY(r->arena, value->array.count, struct str);
    for (size_t i = 0; i < value->array.count; i++) {
        if (value->array.items[i].type != JSON_STRING)
            r->bad = true;
        else
            texts[i] = value->array.items[i].text;
    }
    *count = value->array.count;
    return texts;
}

static const struct engine_task *read_task(struct reader *r)
{
    const struct json_value *json = json_get(r->json, "task");
    if (!json)
        return NULL;
    struct reader inner = {.arena = r->arena, .json = json};
    struct engine_task *task = ARENA_NEW(r->arena, struct engine_task);
    task->name = json_get_text(json, "name");
    task->assignee = json_get_text(json, "assignee");
    task->groups = read_texts(&inner, "groups", &task->group_count);
    task->users = read_texts(&inner, "users", &task->user_count);
    task->due_us = read_int(&inner, "due_us");
    task->follow_up_us = read_int(&inner, "follow_up_us");
    task->form = json_get_text(json, "form");
    task->priority = read_int(&inner, "priority");
    task->headers = read_json(&inner, "headers");
    r->bad = r->bad || inner.bad || !task->headers.ptr;
    return task;
}

static uint32_t read_node(struct reader *r, const struct bpmn_model *model)
{
    struct str id = json_get_text(r->json, "element");
    const struct bpmn_node *node = id.ptr ? bpmn_find(model, id) : NULL;
    r->bad = r->bad || (id.ptr && !node);
    return node ? node->index : BPMN_NONE;
}

static uint32_t read_flow(struct reader *r, const struct bpmn_model *model)
{
    struct str id = json_get_text(r->json, "flow");
    const struct bpmn_flow *flow = id.ptr ? bpmn_find_flow(model, id) : NULL;
    r->bad = r->bad || (id.ptr && !flow);
    return flow ? flow->index : BPMN_NONE;
}

enum err engine_event_from_json(struct arena *arena, const struct bpmn_model *model,
                                const struct json_value *json, struct engine_event *out)
{
    struct reader r = {.arena = arena, .json = json};
    if (!json_get_text(json, "event").ptr)
        return err_set(ERR_CORRUPT, "this is no event");
    struct engine_event event = {
        .kind = (enum engine_event_kind)read_name(&r, "event", NAMES, COUNT_OF(NAMES)),
        .key = read_id(&r, "key"),
        .scope = read_id(&r, "scope"),
        .node = read_node(&r, model),
        .flow = read_flow(&r, model),
        .number = read_int(&r, "number"),
        .due_us = read_int(&r, "due_us"),
        .interval_us = read_int(&r, "interval_us"),
        .interval_months = read_int(&r, "interval_months"),
        .role = (enum engine_role)read_name(&r, "role", ROLES, COUNT_OF(ROLES)),
        .phase = (enum engine_phase)read_name(&r, "phase", PHASES, COUNT_OF(PHASES)),
        .trigger = read_trigger(&r),
        .name = json_get_text(json, "name"),
        .value = read_json(&r, "value"),
        .text = json_get_text(json, "text"),
        .task = read_task(&r),
    };
    if (r.bad)
        return err_set(ERR_CORRUPT, "the event '%.*s' is damaged or of another model",
                       STR_ARG(json_get_text(json, "event")));
    *out = event;
    return OK;
}
