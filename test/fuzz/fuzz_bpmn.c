/* A process file from anywhere: refused with reasons, or it runs for a while without harm. */
#include "engine/engine.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool next_command(const struct engine_instance *at, int64_t now_us,
                         struct engine_command *out)
{
    if (at->job_count > 0 && !engine_incident_of(at, at->jobs[0].key)) {
        *out = (struct engine_command){.kind = ENGINE_JOB_COMPLETE, .key = at->jobs[0].key};
        return true;
    }
    for (size_t i = 0; i < at->timer_count; i++)
        if (at->timers[i].due_us <= now_us) {
            *out = (struct engine_command){.kind = ENGINE_TIMER_FIRE, .key = at->timers[i].key};
            return true;
        }
    for (size_t i = 0; i < at->subscription_count; i++)
        if (at->subscriptions[i].trigger != BPMN_ON_CONDITION) {
            bool signal = at->subscriptions[i].trigger == BPMN_ON_SIGNAL;
            *out = (struct engine_command){.kind = signal ? ENGINE_SIGNAL : ENGINE_MESSAGE,
                                           .name = at->subscriptions[i].name,
                                           .correlation = at->subscriptions[i].correlation};
            return true;
        }
    return false;
}

static void check_blob(struct arena *arena, const struct bpmn_model *model,
                       const struct engine_instance *instance)
{
    CLEANUP(buf_release) struct buf blob;
    struct engine_instance *read;
    buf_init(&blob, ENGINE_BLOB_MAX);
    engine_instance_write(&blob, instance);
    if (!blob.full && engine_instance_read(arena, model, buf_str(&blob), &read) != OK)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct bpmn_report report;
    const struct bpmn_model *model;
    struct str text = {.ptr = (const char *)data, .len = size};
    if (size > 64 * 1024 || bpmn_parse(&arena, text, NULL, &report, &model) != OK)
        return 0;
    struct engine_run run = {.arena = &arena, .now_us = INT64_C(1700000000000000)};
    struct engine_result result = {.after = engine_instance_new(&arena)};
    struct engine_command command = {.kind = ENGINE_START, .variables = STR("{\"n\":1}")};
    for (int i = 0; i < 6; i++) {
        if (engine_step(model, result.after, &command, &run, &result) != OK)
            return 0;
        check_blob(&arena, model, result.after);
        run.now_us += INT64_C(3600) * 1000000;
        if (!next_command(result.after, run.now_us, &command))
            return 0;
    }
    return 0;
}
