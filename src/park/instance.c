#include "park/instance.h"

enum { ENTRY_FULL = JOURNAL_BODY_MAX / 2 }; /* Further events go into a further entry. */

enum err instance_step(const struct instance_step *step, const struct engine_instance **instance,
                       const struct engine_command *command, struct engine_result *out)
{
    if (++*step->steps > INSTANCE_STEPS_MAX)
        return err_set(ERR_LIMIT, "one command makes more than %d steps", INSTANCE_STEPS_MAX);
    enum err r = engine_step(step->model, *instance, command, step->engine, out);
    if (r == OK)
        *instance = out->after;
    return r;
}

const struct engine_timer *instance_due(const struct engine_instance *instance, int64_t now_us)
{
    const struct engine_timer *next = NULL;
    if (instance->state == ENGINE_SUSPENDED)
        return NULL;
    for (size_t i = 0; i < instance->timer_count; i++) {
        const struct engine_timer *timer = &instance->timers[i];
        if (timer->due_us && timer->due_us <= now_us && (!next || timer->due_us < next->due_us))
            next = timer;
    }
    return next;
}

int64_t instance_wake_us(const struct engine_instance *instance)
{
    int64_t wake_us = 0;
    if (instance->state == ENGINE_SUSPENDED)
        return 0;
    for (size_t i = 0; i < instance->timer_count; i++) {
        int64_t due_us = instance->timers[i].due_us;
        if (due_us && (!wake_us || due_us < wake_us))
            wake_us = due_us;
    }
    return wake_us;
}

static enum err log_body(struct db_tx *tx, const struct journal_entry *entry, struct buf *body)
{
    struct journal_entry whole = *entry;
    whole.body = buf_str(body);
    enum err r = buf_check(body);
    return r == OK ? journal_append(tx, &whole, NULL) : r;
}

enum err instance_log(struct db_tx *tx, const struct journal_entry *entry,
                      const struct instance_member *members, size_t member_count,
                      const struct bpmn_model *model, const struct instance_steps *steps,
                      size_t count)
{
    CLEANUP(buf_release) struct buf body;
    buf_init(&body, JOURNAL_BODY_MAX);
    enum err r = OK;
    for (size_t i = 0, at = 0; r == OK && i < count;) {
        buf_clear(&body);
        struct json_writer w = json_writer(&body);
        json_object_begin(&w);
        for (size_t k = 0; k < member_count; k++)
            json_member_id(&w, members[k].name, members[k].id);
        json_key(&w, "events");
        json_array_begin(&w);
        while (i < count && body.len < ENTRY_FULL) {
            engine_event_to_json(&w, model, &steps[i].events[at++]);
            if (at == steps[i].count)
                at = 0, i++;
        }
        json_array_end(&w);
        json_object_end(&w);
        r = log_body(tx, entry, &body);
    }
    return r;
}
