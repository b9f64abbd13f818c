#include "park/instance.h"

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
    for (size_t i = 0; i < instance->timer_count; i++) {
        int64_t due_us = instance->timers[i].due_us;
        if (due_us && (!wake_us || due_us < wake_us))
            wake_us = due_us;
    }
    return wake_us;
}
