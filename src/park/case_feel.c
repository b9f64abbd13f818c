#include "park/case_run.h"

static const struct str NAMES[CASE_HOSTS] = {STR_INIT("deadline"), STR_INIT("warning"),
                                             STR_INIT("escalation")};

const struct feel_names *case_feel_names(void)
{
    static const struct feel_names names = {.variables = NAMES, .variable_count = CASE_HOSTS};
    return &names;
}

static enum err call(struct case_run *run, struct feel_run *feel, const struct feel_value *args,
                     int which, struct feel_value *out)
{
    if (args[0].type != FEEL_STRING) {
        *out = feel_fail(feel, "types", "%.*s wants the name of a clock", STR_ARG(NAMES[which]));
        return OK;
    }
    int64_t due_us, warn_us, step_us, nth = 1;
    const struct feel_value *last = &args[which == 2 ? 2 : 1];
    struct str key = last->type == FEEL_STRING ? last->text : (struct str){0};
    enum err r = case_clock_due(run, args[0].text, key, &due_us, &warn_us, &step_us);
    if (r == ERR_NOT_FOUND) {
        *out =
            feel_fail(feel, "no-such-clock", "there is no clock \"%.*s\"", STR_ARG(args[0].text));
        return OK;
    }
    if (r != OK)
        return r;
    if (which == 2 && (feel_to_int(&args[1], &nth) != OK || nth < 1 || nth > 100)) {
        *out = feel_fail(feel, "types", "escalation wants a number from 1 to 100");
        return OK;
    }
    int64_t at_us = which == 1 ? warn_us : due_us;
    if (nth > 1)
        at_us =
            calendar_add_working_us(case_calendar(run, STR("office")), due_us, (nth - 1) * step_us);
    *out = feel_from_time_us(feel, at_us);
    return OK;
}

static enum err call_deadline(void *data, struct feel_run *feel, const struct feel_value *args,
                              struct feel_value *out)
{
    return call(data, feel, args, 0, out);
}

static enum err call_warning(void *data, struct feel_run *feel, const struct feel_value *args,
                             struct feel_value *out)
{
    return call(data, feel, args, 1, out);
}

static enum err call_escalation(void *data, struct feel_run *feel, const struct feel_value *args,
                                struct feel_value *out)
{
    return call(data, feel, args, 2, out);
}

void case_feel_bind(struct case_run *run, struct feel_host *hosts)
{
    static const char *const PARAMS[] = {"clock", "key"}, *const NTH[] = {"clock", "times", "key"};
    static const struct {
        const char *const *params;
        size_t param_count;
        enum err (*call)(void *, struct feel_run *, const struct feel_value *, struct feel_value *);
    } HOSTS[CASE_HOSTS] = {
        {PARAMS, 2, call_deadline}, {PARAMS, 2, call_warning}, {NTH, 3, call_escalation}};
    for (size_t i = 0; i < CASE_HOSTS; i++)
        hosts[i] = (struct feel_host){.name = NAMES[i],
                                      .params = HOSTS[i].params,
                                      .param_count = HOSTS[i].param_count,
                                      .required = HOSTS[i].param_count - 1,
                                      .call = HOSTS[i].call,
                                      .data = run};
}
