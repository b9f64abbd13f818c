/* When: dates, durations and cycles of timers and schedules. */
#include "base/clock.h"
#include "engine/step.h"

static bool whole_us(struct feel_span span, int64_t *out)
{
    return !__builtin_mul_overflow(span.seconds, SECOND_US, out) &&
           !__builtin_add_overflow(*out, (int64_t)span.nanos / 1000, out);
}

/* now + a duration, in the park's zone where months are concerned. */
static enum err add(struct step *s, int64_t from_us, const struct feel_value *every,
                    int64_t *out_us)
{
    int64_t by_us;
    if (every->type == FEEL_DAYS && whole_us(every->span, &by_us) &&
        !__builtin_add_overflow(from_us, by_us, out_us))
        return OK;
    struct feel_run *feel = step_feel(s);
    struct feel_entry entries[] = {{STR("at"), feel_from_time_us(feel, from_us)},
                                   {STR("span"), *every}};
    struct feel_scope scope = {.entries = entries, .count = COUNT_OF(entries)};
    struct feel_value sum;
    enum err e = feel_eval(s->model->add, &scope, feel, &sum);
    return e == OK ? feel_to_time_us(feel, &sum, out_us) : e;
}

/* A moment, or now plus a duration; texts are read. */
static enum err moment(struct step *s, struct feel_value value, int64_t *out_us)
{
    if (value.type == FEEL_STRING) {
        struct feel_value read;
        enum err e = feel_temporal_parse(s->arena, str_trim(value.text), &read);
        if (e != OK)
            return e;
        value = read;
    }
    if (value.type == FEEL_DAYS || value.type == FEEL_YEARS)
        return add(s, s->run->now_us, &value, out_us);
    if (value.type == FEEL_DATE || value.type == FEEL_DATE_TIME)
        return feel_to_time_us(step_feel(s), &value, out_us);
    return err_set(ERR_INVALID, "a %s is no point in time", feel_type_name(value.type));
}

/* "R3/PT1H", "R/2026-11-23T08:00:00+08:00/P1D" */
static enum err cycle(struct step *s, struct str text, struct step_due *out)
{
    size_t slash = str_find(text, STR("/"), 0);
    struct str count = str_sub(text, 1, slash - 1);
    struct step_due due = {.repeats = -1};
    enum err e = OK;
    if (count.len > 0 && (e = str_to_int(count, &due.repeats)) != OK)
        return e;
    if (due.repeats < -1)
        return err_set(ERR_INVALID, "'%.*s' repeats %" PRId64 " times", STR_ARG(text), due.repeats);
    struct str rest = str_sub(text, slash + 1, text.len);
    size_t second = str_find(rest, STR("/"), 0);
    bool begins = second < rest.len;
    struct feel_value every;
    e = feel_temporal_parse(s->arena, begins ? str_sub(rest, second + 1, rest.len) : rest, &every);
    if (e != OK)
        return e;
    if (every.type == FEEL_YEARS)
        due.interval_months = every.months;
    if (every.type == FEEL_DAYS && !whole_us(every.span, &due.interval_us))
        return err_set(ERR_RANGE, "'%.*s' is too long", STR_ARG(text));
    if (due.interval_months + due.interval_us <= 0)
        return err_set(ERR_INVALID, "'%.*s' does not say how often", STR_ARG(text));
    e = begins ? moment(s, feel_string(str_sub(rest, 0, second)), &due.due_us)
               : add(s, s->run->now_us, &every, &due.due_us);
    if (e != OK)
        return e;
    if (due.repeats == 0)
        due.interval_us = due.interval_months = 0;
    due.repeats -= due.repeats > 0;
    *out = due;
    return OK;
}

bool step_due(struct step *s, int64_t key, enum engine_phase phase, const struct bpmn_event *event,
              struct step_due *out)
{
    struct feel_value value;
    if (!step_value(s, key, phase, &event->value, &value))
        return false;
    struct step_due due = {0};
    enum err e;
    if (value.type == FEEL_STRING && str_starts(str_trim(value.text), STR("R")))
        e = cycle(s, str_trim(value.text), &due);
    else
        e = moment(s, value, &due.due_us);
    if (e != OK)
        return step_incident(s, key, phase, "timer", "the timer's '%.*s' gives no time: %s",
                             STR_ARG(event->value.text), err_last()->detail);
    if (due.due_us <= 0) /* 0 is "paused", and nothing is due before 1970. */
        due.due_us = 1;
    *out = due;
    return true;
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

int64_t step_next_due(struct step *s, const struct engine_timer *timer)
{
    if (timer->repeats == 0 || (timer->interval_us == 0 && timer->interval_months == 0))
        return 0;
    int64_t next;
    if (timer->interval_months > 0) {
        struct feel_value every = {.type = FEEL_YEARS, .months = timer->interval_months};
        return add(s, timer->due_us, &every, &next) == OK ? next : 0;
    }
    return __builtin_add_overflow(timer->due_us, timer->interval_us, &next) ? 0 : next;
}
