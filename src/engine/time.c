/* When: dates, durations and cycles of timers and schedules. */
#include "base/clock.h"
#include "base/cron.h"
#include "engine/step.h"

/* A calendar's months and a clock's microseconds. */
struct period {
    int64_t months, us;
};

static enum err period_of(struct feel_span span, int64_t months, struct period *out)
{
    out->months = months;
    if (__builtin_mul_overflow(span.seconds, SECOND_US, &out->us) ||
        __builtin_add_overflow(out->us, (int64_t)span.nanos / 1000, &out->us))
        return err_set(ERR_RANGE, "the duration is too long");
    return OK;
}

static enum err read_period(struct str text, struct period *out)
{
    int64_t months;
    struct feel_span span;
    enum err e = feel_period_parse(str_trim(text), &months, &span);
    return e == OK ? period_of(span, months, out) : e;
}

/* from + a duration, in the park's zone where months are concerned. */
static enum err add(struct step *s, int64_t from_us, struct period by, int64_t *out_us)
{
    if (by.months != 0) {
        struct feel_run *feel = step_feel(s);
        struct feel_value span = {.type = FEEL_YEARS, .months = by.months}, sum;
        struct feel_entry entries[] = {{STR("at"), feel_from_time_us(feel, from_us)},
                                       {STR("span"), span}};
        struct feel_scope scope = {.entries = entries, .count = COUNT_OF(entries)};
        enum err e = feel_eval(s->model->add, &scope, feel, &sum);
        if (e == OK)
            e = feel_to_time_us(feel, &sum, &from_us);
        if (e != OK)
            return e;
    }
    if (__builtin_add_overflow(from_us, by.us, out_us))
        return err_set(ERR_RANGE, "the time is too far away");
    return OK;
}

/* A moment, or now plus a duration; texts are read. */
static enum err moment(struct step *s, struct feel_value value, int64_t *out_us)
{
    struct period by = {0};
    bool text = value.type == FEEL_STRING;
    if (text && read_period(value.text, &by) == OK)
        return add(s, s->run->now_us, by, out_us);
    if (text) {
        struct str from = str_trim(value.text);
        enum err e = feel_temporal_parse(s->arena, from, &value);
        if (e != OK)
            return e;
    }
    if (value.type == FEEL_DAYS || value.type == FEEL_YEARS) {
        enum err e = value.type == FEEL_DAYS ? period_of(value.span, 0, &by)
                                             : period_of((struct feel_span){0}, value.months, &by);
        return e == OK ? add(s, s->run->now_us, by, out_us) : e;
    }
    if (value.type == FEEL_DATE || value.type == FEEL_DATE_TIME)
        return feel_to_time_us(step_feel(s), &value, out_us);
    return err_set(ERR_INVALID, "a %s is no point in time", feel_type_name(value.type));
}

/* "R3/PT1H", "R/2026-11-23T08:00:00+08:00/P1D" */
static enum err cycle(struct step *s, struct str text, struct engine_schedule *out)
{
    size_t slash = str_find(text, STR("/"), 0);
    struct str count = str_sub(text, 1, slash - 1);
    struct engine_schedule due = {.repeats = -1};
    enum err e = OK;
    if (count.len > 0 && (e = str_to_int(count, &due.repeats)) != OK)
        return e;
    if (due.repeats < -1)
        return err_set(ERR_INVALID, "'%.*s' repeats %" PRId64 " times", STR_ARG(text), due.repeats);
    struct str rest = str_sub(text, slash + 1, text.len);
    size_t second = str_find(rest, STR("/"), 0);
    bool begins = second < rest.len;
    struct period every;
    e = read_period(begins ? str_sub(rest, second + 1, rest.len) : rest, &every);
    if (e != OK)
        return e;
    due.interval_months = every.months;
    due.interval_us = every.us;
    if (every.months < 0 || every.us < 0 || every.months + every.us == 0)
        return err_set(ERR_INVALID, "'%.*s' does not say how often", STR_ARG(text));
    e = begins ? moment(s, feel_string(str_sub(rest, 0, second)), &due.due_us)
               : add(s, s->run->now_us, every, &due.due_us);
    if (e != OK)
        return e;
    if (due.repeats == 0)
        due.interval_us = due.interval_months = 0;
    due.repeats -= due.repeats > 0;
    *out = due;
    return OK;
}

/* "0 0 9 * * MON-FRI": no interval, and repeats for ever. */
static enum err cron(struct step *s, struct str text, struct engine_schedule *out)
{
    struct cron read;
    *out = (struct engine_schedule){.repeats = -1};
    enum err e = cron_parse(text, &read);
    return e == OK ? cron_next(&read, step_feel(s)->zone, s->run->now_us, &out->due_us) : e;
}

static enum err schedule(struct step *s, const struct bpmn_event *event,
                         const struct feel_value *value, struct engine_schedule *out)
{
    struct str text = value->type == FEEL_STRING ? str_trim(value->text) : (struct str){0};
    *out = (struct engine_schedule){0};
    enum err e = str_starts(text, STR("R")) ? cycle(s, text, out)
                 : event->timer == BPMN_TIMER_CYCLE && cron_looks_like(text)
                     ? cron(s, text, out)
                     : moment(s, *value, &out->due_us);
    if (e == OK && out->due_us <= 0) /* 0 is "paused", and nothing is due before 1970. */
        out->due_us = 1;
    return e;
}

bool step_due(struct step *s, int64_t key, enum engine_phase phase, const struct bpmn_event *event,
              struct engine_schedule *out)
{
    struct feel_value value;
    if (!step_value(s, key, phase, &event->value, &value))
        return false;
    if (schedule(s, event, &value, out) == OK)
        return true;
    return step_incident(s, key, phase, "timer", "the timer's '%.*s' gives no time: %s",
                         STR_ARG(event->value.text), err_last()->detail);
}

bool step_time(struct step *s, int64_t key, enum engine_phase phase, const struct bpmn_value *value,
               int64_t *out_us)
{
    struct feel_value found;
    if (!step_value(s, key, phase, value, &found))
        return false;
    *out_us = 0;
    if (found.type == FEEL_NULL || moment(s, found, out_us) == OK)
        return true;
    return step_incident(s, key, phase, "expression.time", "'%.*s' gives no time: %s",
                         STR_ARG(value->text), err_last()->detail);
}

/* A cron's text is the model's: what it says now counts from now. */
static int64_t next_of_cron(struct step *s, int64_t key, const struct bpmn_event *event)
{
    struct feel_value value;
    struct engine_schedule next;
    bool found = event && step_eval(s, key, &event->value, NULL, &value) == OK &&
                 value.type == FEEL_STRING && cron(s, value.text, &next) == OK;
    return found ? next.due_us : 0;
}

static int64_t next_due(struct step *s, int64_t key, const struct bpmn_event *event,
                        const struct engine_schedule *last)
{
    int64_t next;
    if (last->repeats == 0)
        return 0;
    struct period every = {.months = last->interval_months, .us = last->interval_us};
    if (every.months == 0 && every.us == 0)
        return next_of_cron(s, key, event);
    return add(s, last->due_us, every, &next) == OK ? next : 0;
}

int64_t step_next_due(struct step *s, const struct engine_timer *timer)
{
    struct engine_schedule last = {.due_us = timer->due_us,
                                   .interval_us = timer->interval_us,
                                   .interval_months = timer->interval_months,
                                   .repeats = timer->repeats};
    return next_due(s, timer->element, bpmn_event_of(&s->model->nodes[timer->node], BPMN_ON_TIMER),
                    &last);
}

/* ---- What begins a process: there is no instance yet, and expressions see no variables ---- */

static struct step bare(const struct bpmn_model *model, const struct engine_run *run)
{
    return (struct step){
        .model = model, .run = run, .arena = run->arena, .at = engine_instance_new(run->arena)};
}

enum err engine_begin_time(const struct bpmn_model *model, const struct bpmn_event *event,
                           const struct engine_run *run, struct engine_schedule *out)
{
    struct step s = bare(model, run);
    struct feel_value value;
    enum err e = step_eval(&s, 0, &event->value, NULL, &value);
    return e == OK ? schedule(&s, event, &value, out) : e;
}

void engine_begin_again(const struct bpmn_model *model, const struct bpmn_event *event,
                        const struct engine_run *run, struct engine_schedule *schedule)
{
    struct step s = bare(model, run);
    schedule->due_us = next_due(&s, 0, event, schedule);
    schedule->repeats -= schedule->repeats > 0;
}

enum err engine_begin_name(const struct bpmn_model *model, const struct bpmn_event *event,
                           const struct engine_run *run, struct str *out)
{
    struct step s = bare(model, run);
    struct feel_value value;
    enum err e = step_eval(&s, 0, &event->name, NULL, &value);
    if (e == OK && (value.type != FEEL_STRING || value.text.len == 0))
        e = err_set(ERR_INVALID, "'%.*s' gives no name", STR_ARG(event->name.text));
    if (e == OK)
        *out = value.text;
    return e;
}
