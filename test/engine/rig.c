#include "engine/rig.h"

#include <stdio.h>
#include <stdlib.h>

void rig_read(struct buf *out, const char *name)
{
    buf_init(out, LIMIT_XML_SIZE);
    char path[256], bytes[4096];
    snprintf(path, sizeof(path), "test/engine/models/%s.bpmn", name);
    FILE *file = fopen(path, "r");
    for (size_t len; file && (len = fread(bytes, 1, sizeof(bytes), file)) > 0;)
        buf_add(out, bytes, len);
    if (file)
        fclose(file);
}

enum err rig_open_text(struct rig *rig, struct str text)
{
    *rig = (struct rig){0};
    buf_init(&rig->trace, 1024 * 1024);
    rig->instance = engine_instance_new(&rig->arena);
    rig->run.now_us = INT64_C(1700000000) * SECOND_US;
    return bpmn_parse(&rig->arena, text, NULL, &rig->report, &rig->model);
}

enum err rig_open(struct rig *rig, const char *name)
{
    CLEANUP(buf_release) struct buf text;
    rig_read(&text, name);
    return rig_open_text(rig, buf_str(&text));
}

void rig_close(struct rig *rig)
{
    buf_release(&rig->trace);
    arena_release(&rig->arena);
}

static void write_state(struct buf *buf, const struct engine_instance *instance)
{
    buf_clear(buf);
    engine_instance_write(buf, instance);
}

static void die(const char *what, const struct engine_event *event)
{
    fprintf(stderr, "rig: %s%s%s: %s\n", what, event ? " at " : "",
            event ? engine_event_name(event->kind) : "", err_last()->detail);
    abort();
}

static enum err apply(const struct bpmn_model **model, const struct bpmn_model *to,
                      struct engine_instance *instance, const struct engine_event *event)
{
    if (event->kind != ENGINE_MIGRATED)
        return engine_apply(*model, instance, event);
    enum err e = engine_apply_migrated(*model, to, instance, event);
    *model = to;
    return e;
}

/* The events as JSON, applied to the state before as it was stored. `to` is where a migration
 * leads. */
static void check_replay(struct rig *rig, const struct engine_instance *before,
                         const struct engine_result *result, const struct bpmn_model *to)
{
    const struct bpmn_model *model = rig->model;
    struct arena arena = {0};
    struct buf stored, text, found, expected;
    struct buf *all[] = {&stored, &text, &found, &expected};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        buf_init(all[i], ENGINE_BLOB_MAX);
    struct engine_instance *instance = engine_instance_new(&arena);
    write_state(&stored, before);
    if (before->state != ENGINE_NEW &&
        engine_instance_read(&arena, rig->model, buf_str(&stored), &instance) != OK)
        die("the state before cannot be read", NULL);
    for (size_t i = 0; i < result->event_count; i++) {
        const struct json_value *json;
        struct engine_event event;
        buf_clear(&text);
        struct json_writer w = json_writer(&text);
        engine_event_to_json(&w, model, &result->events[i]);
        struct str copy = str_copy(&arena, buf_str(&text));
        if (json_parse(&arena, copy, &json) != OK ||
            engine_event_from_json(&arena, model, json, &event) != OK ||
            apply(&model, to, instance, &event) != OK)
            die("replay", &result->events[i]);
    }
    write_state(&found, instance);
    write_state(&expected, result->after);
    if (!str_equal(buf_str(&found), buf_str(&expected)))
        die("the replayed state is another one", NULL);
    for (size_t i = 0; i < COUNT_OF(all); i++)
        buf_release(all[i]);
    arena_release(&arena);
}

enum err rig_step(struct rig *rig, struct engine_command command)
{
    rig->run.arena = &rig->arena;
    struct engine_result result;
    enum err e = engine_step(rig->model, rig->instance, &command, &rig->run, &result);
    if (e != OK)
        return e;
    check_replay(rig, rig->instance, &result, NULL);
    for (size_t i = 0; i < result.event_count; i++)
        if (result.events[i].kind == ENGINE_ELEMENT_COMPLETED)
            buf_format(&rig->trace, "%s%.*s", rig->trace.len ? " " : "",
                       STR_ARG(rig->model->nodes[result.events[i].node].id));
    rig->last = result;
    rig->instance = (struct engine_instance *)result.after;
    return OK;
}

enum err rig_migrate(struct rig *rig, const struct bpmn_model *to, const struct engine_plan *plan)
{
    struct engine_migration out;
    rig->run.arena = &rig->arena;
    enum err e = engine_migrate(rig->model, to, rig->instance, plan, &rig->run, &out);
    if (e != OK)
        return e;
    check_replay(rig, rig->instance, &out.result, to);
    rig->model = to;
    rig->instance = (struct engine_instance *)out.result.after;
    rig->last = (struct engine_result){.events = out.result.events + out.before_count,
                                       .event_count = out.result.event_count - out.before_count,
                                       .after = out.result.after};
    return OK;
}

enum err rig_start(struct rig *rig, const char *variables)
{
    return rig_step(rig,
                    (struct engine_command){.kind = ENGINE_START, .variables = str_of(variables)});
}

int64_t rig_element(const struct rig *rig, const char *id)
{
    for (size_t i = 0; i < rig->instance->element_count; i++)
        if (rig->instance->elements[i].role != ENGINE_LOOP &&
            str_is(rig->model->nodes[rig->instance->elements[i].node].id, id))
            return rig->instance->elements[i].key;
    return 0;
}

int64_t rig_timer(const struct rig *rig, const char *id)
{
    for (size_t i = 0; i < rig->instance->timer_count; i++)
        if (str_is(rig->model->nodes[rig->instance->timers[i].node].id, id))
            return rig->instance->timers[i].key;
    return 0;
}

enum err rig_complete(struct rig *rig, const char *id, const char *variables)
{
    int64_t key = rig_element(rig, id);
    bool job = engine_job(rig->instance, key) != NULL;
    return rig_step(
        rig, (struct engine_command){.kind = job ? ENGINE_JOB_COMPLETE : ENGINE_TASK_COMPLETE,
                                     .key = key,
                                     .variables = str_of(variables)});
}

enum err rig_fire_next(struct rig *rig)
{
    const struct engine_timer *next = NULL;
    for (size_t i = 0; i < rig->instance->timer_count; i++) {
        const struct engine_timer *timer = &rig->instance->timers[i];
        if (timer->due_us > 0 && (!next || timer->due_us < next->due_us))
            next = timer;
    }
    if (!next)
        return err_set(ERR_NOT_FOUND, "no timer runs");
    if (rig->run.now_us < next->due_us)
        rig->run.now_us = next->due_us;
    return rig_step(rig, (struct engine_command){.kind = ENGINE_TIMER_FIRE, .key = next->key});
}

struct str rig_trace(const struct rig *rig)
{
    return buf_str(&rig->trace);
}

struct str rig_variable(const struct rig *rig, const char *name)
{
    return engine_variable(rig->instance, ENGINE_ROOT, str_of(name));
}

size_t rig_blob_size(const struct rig *rig)
{
    struct buf buf;
    buf_init(&buf, ENGINE_BLOB_MAX);
    engine_instance_write(&buf, rig->instance);
    size_t size = buf.len;
    buf_release(&buf);
    return size;
}
