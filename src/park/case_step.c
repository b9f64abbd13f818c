/* From the engine's events to rows, and the jobs that follow from them. */
#include "park/case_run.h"

static void set_bit(unsigned char *bits, uint32_t at, size_t count)
{
    if (at < count)
        bits[at / 8] |= (unsigned char)(1u << at % 8);
}

static enum err incident(struct case_run *run, const struct engine_event *event)
{
    run->detail.incident = str_copy(run->arena, event->text);
    struct case_entry entry;
    case_entry_begin(run, &entry);
    json_member_text(&entry.w, "element",
                     event->node < run->service->model->node_count
                         ? run->service->model->nodes[event->node].id
                         : (struct str){0});
    json_member_text(&entry.w, "incident", event->name);
    json_member_text(&entry.w, "detail", event->text);
    enum err r = case_entry_end(run, &entry, "case.incident", 0);
    return r == OK ? case_incident_raised(run, event) : r;
}

static enum err on_event(struct case_run *run, const struct engine_event *event)
{
    const struct bpmn_model *model = run->service->model;
    switch (event->kind) {
    case ENGINE_ELEMENT_COMPLETED:
    case ENGINE_ERROR_THROWN: /* Its end event has done its work, though its scope is gone. */
        set_bit(run->done, event->node, model->node_count);
        return OK;
    case ENGINE_FLOW_TAKEN:
        set_bit(run->flows, event->flow, model->flow_count);
        return OK;
    case ENGINE_TASK_CREATED:
        return case_task_created(run, event);
    case ENGINE_TASK_COMPLETED:
        return case_task_gone(run, event->key, true);
    case ENGINE_TASK_CANCELED:
        return case_task_gone(run, event->key, false);
    case ENGINE_INCIDENT_RAISED:
        return incident(run, event);
    case ENGINE_INCIDENT_RESOLVED:
        run->detail.incident = (struct str){0};
        return case_incident_ended(run, event->key);
    default:
        return OK;
    }
}

static enum err finish_job(struct case_run *run, const struct engine_event *event)
{
    const struct case_job *job = case_job_find(event->name);
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, LIMIT_HTTP_BODY);
    struct json_writer vars = json_writer(&buf);
    json_object_begin(&vars);
    run->element = event->key;
    enum err r = job ? job->run(run, &run->service->model->nodes[event->node], &vars)
                     : err_set(ERR_NOT_FOUND, "no job type %.*s", STR_ARG(event->name));
    json_object_end(&vars);
    run->element = ENGINE_ROOT;
    if (r == ERR_IO || r == ERR_CORRUPT || r == ERR_BUSY)
        return r;
    struct engine_command done = {
        .kind = r == OK ? ENGINE_JOB_COMPLETE : ENGINE_JOB_FAIL,
        .key = event->key,
        .variables = r == OK ? str_copy(run->arena, buf_str(&buf)) : (struct str){0},
        .message = r == OK ? (struct str){0} : str_copy(run->arena, str_of(err_last()->detail))};
    return case_step(run, &done);
}

enum err case_take(struct case_run *run, const struct engine_event *events, size_t count)
{
    enum err r = OK;
    case_history_note(run, events, count);
    for (size_t i = 0; r == OK && i < count; i++)
        r = on_event(run, &events[i]);
    if (run->instance->state == ENGINE_SUSPENDED)
        return r;
    for (size_t i = 0; r == OK && i < count; i++)
        if (events[i].kind == ENGINE_JOB_CREATED && engine_job(run->instance, events[i].key))
            r = finish_job(run, &events[i]);
    return r;
}

struct engine_run case_engine(struct case_run *run)
{
    return (struct engine_run){.arena = run->arena,
                               .now_us = run->now_us,
                               .hosts = run->hosts,
                               .host_count = CASE_HOSTS,
                               .decide = case_decide,
                               .data = run};
}

enum err case_step(struct case_run *run, const struct engine_command *command)
{
    struct engine_run engine = case_engine(run);
    struct instance_step step = {
        .model = run->service->model, .engine = &engine, .steps = &run->steps};
    struct engine_result result;
    enum err r = instance_step(&step, &run->instance, command, &result);
    if (r != OK)
        return r;
    return case_take(run, result.events, result.event_count);
}

enum err case_jobs_run(struct case_run *run)
{
    enum err r = OK;
    size_t count = run->instance->job_count;
    int64_t *keys = ARENA_ARRAY(run->arena, count, int64_t);
    for (size_t i = 0; i < count; i++)
        keys[i] = run->instance->jobs[i].key;
    for (size_t i = 0; r == OK && i < count; i++) {
        const struct engine_element *element = engine_element(run->instance, keys[i]);
        if (!engine_job(run->instance, keys[i]) || !element ||
            engine_incident_of(run->instance, keys[i]))
            continue;
        struct engine_event created = {.key = keys[i], .node = element->node};
        created.name = run->service->model->nodes[element->node].task->job_type.text;
        r = finish_job(run, &created);
    }
    return r;
}

struct str case_variable_text(struct case_run *run, const char *name)
{
    struct str all = str_of(name);
    size_t dot = str_find(all, STR("."), 0);
    struct str json = engine_variable(run->instance, run->element ? run->element : ENGINE_ROOT,
                                      str_sub(all, 0, dot));
    const struct json_value *value;
    if (!json.ptr || json_parse(run->arena, json, &value) != OK)
        return (struct str){0};
    if (dot < all.len)
        return json_get_text(value, name + dot + 1);
    return value->type == JSON_STRING ? value->text : (struct str){0};
}

int64_t case_variable_id(struct case_run *run, const char *name)
{
    int64_t id;
    struct str text = case_variable_text(run, name);
    return text.len > 0 && str_to_int(text, &id) == OK ? id : 0;
}

enum err case_wake(const struct case_env *env, int64_t case_id)
{
    struct case_run run;
    enum err r = case_begin(&run, env, NULL, case_id);
    if (r != OK)
        return r;
    for (const struct engine_timer *timer;
         r == OK && (timer = instance_due(run.instance, run.now_us)) != NULL;) {
        struct engine_command fire = {.kind = ENGINE_TIMER_FIRE, .key = timer->key};
        r = case_step(&run, &fire);
    }
    return r == OK ? case_end(&run) : r;
}
