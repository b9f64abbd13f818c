/* The clocks of one case: start, stop, pause, extend, and the timers that follow them. */
#include "base/clock.h"
#include "park/case_run.h"

struct case_clock *case_clock_find(struct case_run *run, struct str name, struct str key)
{
    struct case_clock *clocks = (struct case_clock *)run->detail.clocks.items;
    for (size_t i = 0; i < run->detail.clocks.count; i++)
        if (str_equal(clocks[i].name, name) && str_equal(clocks[i].key, key))
            return &clocks[i];
    return NULL;
}

static bool is_open_pause(const struct case_pause *pause, const struct case_clock *clock)
{
    return !pause->to_us && str_equal(pause->clock, clock->name) &&
           str_equal(pause->key, clock->key);
}

bool case_clock_held(const struct case_detail *detail, const struct case_clock *clock)
{
    const struct case_pause *pauses = detail->pauses.items;
    for (size_t i = 0; i < detail->pauses.count; i++)
        if (is_open_pause(&pauses[i], clock))
            return true;
    return false;
}

struct case_clock *case_clock_first(struct case_run *run)
{
    struct case_clock *clocks = (struct case_clock *)run->detail.clocks.items, *first = NULL;
    for (size_t i = 0; i < run->detail.clocks.count; i++)
        if (!clocks[i].stopped_us && (!first || clocks[i].due_us < first->due_us) &&
            (!clocks[i].key.len || !case_clock_held(&run->detail, &clocks[i])))
            first = &clocks[i];
    return first;
}

static struct feel_entry term_of(struct case_run *run, struct str name,
                                 const struct json_value *value)
{
    return (struct feel_entry){.name = name,
                               .value = value ? feel_from_json(run->arena, value) : feel_null()};
}

/* What was decided changes on the way: what did not change is not read again, nor what the amount
 * does not speak of. */
static void refresh_decided(struct case_run *run, struct str amount, struct feel_entry *entries)
{
    const struct list *decided = &run->service->decided;
    if (!run->decided_texts)
        run->decided_texts = ARENA_ARRAY(run->arena, decided->count, struct str);
    for (size_t i = 0; i < decided->count; i++) {
        struct str name = ((const struct str *)decided->items)[i];
        struct str text = engine_variable(run->instance, ENGINE_ROOT, name);
        const struct json_value *value;
        if ((entries[i].name.ptr && str_equal(text, run->decided_texts[i])) ||
            str_find(amount, name, 0) == amount.len)
            continue;
        bool known = text.ptr && json_parse(run->arena, text, &value) == OK;
        entries[i] = term_of(run, name, known ? value : NULL);
        run->decided_texts[i] = text;
    }
}

/* Amounts depend on the form, on what was decided, and on the service's parameters. */
static enum err load_terms(struct case_run *run, struct str amount)
{
    const struct list *names = &run->service->variables, *decided = &run->service->decided;
    if (run->terms) {
        refresh_decided(run, amount, run->terms + names->count);
        return OK;
    }
    const struct json_value *form;
    enum err r = json_parse(run->arena, run->row.form, &form);
    if (r != OK)
        return r;
    size_t count = 0;
    struct feel_entry *entries =
        ARENA_ARRAY(run->arena, names->count + decided->count + 1, struct feel_entry);
    for (size_t i = 0; i < names->count; i++) {
        struct str name = ((const struct str *)names->items)[i];
        entries[count++] =
            term_of(run, name, json_get(form, name.ptr ? str_c(run->arena, name) : ""));
    }
    refresh_decided(run, amount, entries + count);
    count += decided->count;
    if (run->service->parameters)
        entries[count++] = term_of(run, STR("parameters"), run->service->parameters);
    run->terms = entries;
    run->term_count = count;
    return OK;
}

static enum err amount_of(struct case_run *run, const struct service_clock *rule, int64_t *out)
{
    enum err r = load_terms(run, rule->amount);
    if (r != OK)
        return r;
    struct feel_scope scope = {.entries = run->terms, .count = run->term_count};
    struct feel_run feel;
    feel_run_init(&feel, run->arena, run->now_us);
    struct feel_value value;
    r = feel_eval(rule->expr, &scope, &feel, &value);
    if (r != OK)
        return r;
    if (feel_to_int(&value, out) != OK || *out < 0 || *out > SERVICE_AMOUNT_MAX)
        return err_set(ERR_INVALID, "clock %.*s: \"%.*s\" gives no whole number in bounds",
                       STR_ARG(rule->name), STR_ARG(rule->amount));
    return OK;
}

static bool counts_office_time(const struct service_clock *rule)
{
    return rule->unit == UNIT_WORKING_MINUTES || rule->unit == UNIT_WORKING_DAYS;
}

static int64_t warn_at(const struct case_run *run, const struct service_clock *rule,
                       int64_t from_us, int64_t due_us)
{
    const struct calendar *calendar = case_calendar(run, rule->calendar);
    if (!counts_office_time(rule))
        return from_us + (due_us - from_us) / 100 * rule->warn_percent;
    int64_t work_us = calendar_working_us(calendar, from_us, due_us);
    return calendar_add_working_us(calendar, from_us, work_us / 100 * rule->warn_percent);
}

enum err case_clock_due(struct case_run *run, struct str name, struct str key, int64_t *due_us,
                        int64_t *warn_us, int64_t *step_us)
{
    const struct service_clock *rule = service_find_clock(run->service, name);
    if (!rule)
        return err_set(ERR_NOT_FOUND, "no clock %.*s", STR_ARG(name));
    *step_us = rule->step_minutes * MINUTE_US;
    const struct case_clock *clock = case_clock_find(run, name, key);
    if (clock && !clock->stopped_us) {
        *due_us = clock->due_us;
        *warn_us = clock->warn_us;
        return OK;
    }
    int64_t amount;
    enum err r = amount_of(run, rule, &amount);
    if (r != OK)
        return r;
    *due_us = calendar_deadline_us(case_calendar(run, rule->calendar), run->now_us, amount,
                                   (enum calendar_unit)rule->unit);
    *warn_us = warn_at(run, rule, run->now_us, *due_us);
    return OK;
}

enum err case_clock_start(struct case_run *run, struct str name, struct str key, int64_t given_us,
                          bool again)
{
    struct case_clock *clock = case_clock_find(run, name, key);
    if (clock && !(again && clock->stopped_us))
        return OK;
    int64_t due_us, warn_us, step_us;
    enum err r = case_clock_due(run, name, key, &due_us, &warn_us, &step_us);
    if (r != OK)
        return r;
    if (given_us) {
        due_us = given_us;
        warn_us = warn_at(run, service_find_clock(run->service, name), run->now_us, due_us);
    }
    if (!clock) {
        size_t count = run->detail.clocks.count;
        if (count >= CASE_CLOCK_RUNS_MAX)
            return err_set(ERR_LIMIT, "more than %d clocks", CASE_CLOCK_RUNS_MAX);
        struct case_clock *clocks = ARENA_ARRAY(run->arena, count + 1, struct case_clock);
        if (count > 0)
            memcpy(clocks, run->detail.clocks.items, count * sizeof(*clocks));
        run->detail.clocks = (struct list){.items = clocks, .count = count + 1};
        clock = &clocks[count];
    }
    *clock = (struct case_clock){.name = str_copy(run->arena, name),
                                 .key = str_copy(run->arena, key),
                                 .started_us = run->now_us,
                                 .due_us = due_us,
                                 .warn_us = warn_us};
    return OK;
}

void case_clock_stop(struct case_run *run, struct str name, struct str key)
{
    struct case_clock *clock = case_clock_find(run, name, key);
    if (clock && !clock->stopped_us)
        clock->stopped_us = run->now_us;
}

void case_clock_stop_all(struct case_run *run)
{
    struct case_clock *clocks = (struct case_clock *)run->detail.clocks.items;
    for (size_t i = 0; i < run->detail.clocks.count; i++)
        case_clock_stop(run, clocks[i].name, clocks[i].key);
}

static struct case_pause *pauses_of(struct case_run *run)
{
    return (struct case_pause *)run->detail.pauses.items;
}

static enum err add_pause(struct case_run *run, const struct case_clock *clock, struct str reason,
                          struct str text)
{
    size_t count = run->detail.pauses.count;
    if (count >= CASE_PAUSES_MAX)
        return err_set(ERR_LIMIT, "more than %d pauses", CASE_PAUSES_MAX);
    const struct service_clock *rule = service_find_clock(run->service, clock->name);
    struct case_pause *pauses = ARENA_ARRAY(run->arena, count + 1, struct case_pause);
    if (count > 0)
        memcpy(pauses, run->detail.pauses.items, count * sizeof(*pauses));
    pauses[count] = (struct case_pause){
        .clock = clock->name,
        .key = clock->key,
        .reason = reason,
        .text = text,
        .from_us = run->now_us,
        .left_us = calendar_working_us(case_calendar(run, rule ? rule->calendar : STR("office")),
                                       run->now_us, clock->due_us)};
    run->detail.pauses = (struct list){.items = pauses, .count = count + 1};
    return OK;
}

enum err case_pause_begin(struct case_run *run, struct case_clock *clock, struct str reason,
                          struct str text)
{
    enum err r = add_pause(run, clock, reason, text);
    if (r != OK)
        return r;
    run->row.paused = true;
    run->row.status = CASE_PAUSED;
    return case_timers_move(run, true);
}

enum err case_clock_hold(struct case_run *run, struct case_clock *clock, struct str reason,
                         struct str text)
{
    if (clock->stopped_us == run->now_us)
        clock->stopped_us = 0;
    if (clock->stopped_us || case_clock_held(&run->detail, clock))
        return OK;
    return add_pause(run, clock, reason, text);
}

/* The office time that was left is left again: the deadline moves by what the pause lasted. */
void case_clock_release(struct case_run *run, struct case_clock *clock)
{
    for (size_t i = 0; i < run->detail.pauses.count; i++) {
        struct case_pause *pause = &pauses_of(run)[i];
        if (!is_open_pause(pause, clock))
            continue;
        pause->to_us = run->now_us;
        const struct service_clock *rule = service_find_clock(run->service, clock->name);
        const struct calendar *calendar = case_calendar(run, rule ? rule->calendar : STR("office"));
        int64_t was_us = clock->due_us;
        clock->due_us = calendar_add_working_us(calendar, run->now_us, pause->left_us);
        if (clock->due_us < was_us)
            clock->due_us = was_us;
        if (clock->warn_us > pause->from_us) {
            int64_t work_us = calendar_working_us(calendar, pause->from_us, clock->warn_us);
            clock->warn_us = calendar_add_working_us(calendar, run->now_us, work_us);
        }
    }
}

enum err case_pause_end(struct case_run *run)
{
    struct case_clock *clocks = (struct case_clock *)run->detail.clocks.items;
    for (size_t i = 0; i < run->detail.clocks.count; i++)
        if (!clocks[i].key.len)
            case_clock_release(run, &clocks[i]);
    run->row.paused = false;
    run->row.status = CASE_IN_PROGRESS;
    return case_timers_move(run, false);
}

enum err case_clock_extend(struct case_run *run, struct case_clock *clock, int64_t days)
{
    const struct service_clock *rule = service_find_clock(run->service, clock->name);
    const struct calendar *calendar = case_calendar(run, rule ? rule->calendar : STR("office"));
    enum calendar_unit unit =
        rule && !counts_office_time(rule) ? UNIT_CALENDAR_DAYS : UNIT_WORKING_DAYS;
    clock->due_us = calendar_deadline_us(calendar, clock->due_us, days, unit);
    if (rule)
        clock->warn_us = warn_at(run, rule, clock->started_us, clock->due_us);
    return case_timers_move(run, false);
}

static enum err evaluate_due(struct case_run *run, const struct engine_timer *timer,
                             int64_t *due_us)
{
    const struct bpmn_node *node = &run->service->model->nodes[timer->node];
    const struct bpmn_event *event = bpmn_event_of(node, BPMN_ON_TIMER);
    *due_us = timer->due_us;
    if (!event || event->timer != BPMN_TIMER_DATE || !event->value.expr)
        return OK;
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, LIMIT_HTTP_BODY);
    struct json_writer w = json_writer(&buf);
    engine_variables_write(&w, run->instance, timer->element);
    const struct json_value *json;
    enum err r = json_parse(run->arena, str_copy(run->arena, buf_str(&buf)), &json);
    if (r != OK)
        return r;
    struct feel_value context = feel_from_json(run->arena, json), value;
    struct feel_scope scope = {.entries = context.context.entries, .count = context.context.count};
    struct feel_run feel;
    feel_run_init(&feel, run->arena, run->now_us);
    feel.hosts = run->hosts;
    feel.host_count = CASE_HOSTS;
    r = feel_eval(event->value.expr, &scope, &feel, &value);
    if (r == OK && value.type != FEEL_NULL)
        r = feel_to_time_us(&feel, &value, due_us);
    return r;
}

static enum err move_tasks(struct case_run *run)
{
    enum err r = case_tasks_load(run);
    for (size_t i = 0; r == OK && i < run->task_count; i++) {
        struct task_open_row *task = &run->tasks[i];
        const struct bpmn_node *node = bpmn_find(run->service->model, task->element);
        struct str clock = node ? service_property(node, "clock") : (struct str){0};
        const struct case_clock *runs =
            clock.ptr ? case_clock_find(run, clock, case_task_key(run, task)) : NULL;
        if (!runs)
            runs = case_clock_first(run);
        if (!task->token || task->due_us == TASK_NO_DUE || !runs)
            continue;
        task->due_us = runs->due_us;
        r = case_task_write(run, task);
    }
    return r;
}

enum err case_timers_move(struct case_run *run, bool stop)
{
    enum err r = OK;
    size_t count = run->instance->timer_count;
    int64_t *keys = ARENA_ARRAY(run->arena, count, int64_t);
    for (size_t i = 0; i < count; i++)
        keys[i] = run->instance->timers[i].key;
    for (size_t i = 0; r == OK && i < count; i++) {
        const struct engine_timer *timer = engine_timer(run->instance, keys[i]);
        if (!timer)
            continue;
        int64_t due_us = 0;
        if (!stop)
            r = evaluate_due(run, timer, &due_us);
        if (r != OK || due_us == timer->due_us)
            continue;
        struct engine_command move = {
            .kind = ENGINE_TIMER_MOVE, .key = timer->key, .due_us = due_us};
        r = case_step(run, &move);
    }
    return r == OK && !stop ? move_tasks(run) : r;
}
