/* What begins instances of a process besides clients: messages, signals and times, of its newest
 * version. */
#include "base/id.h"
#include "park/process_begin_sql.h"
#include "park/process_run.h"

enum {
    FIRINGS_MAX = 20, /* Of one timer in one command: a cycle that has slept catches up. */
    BEGUN_MAX = 1000, /* By messages that have waited, in one command. */
};

static struct engine_run engine_of(const struct process_env *env)
{
    return (struct engine_run){.arena = env->arena, .now_us = env->now_us};
}

static enum err refuse(const struct bpmn_node *node, enum err r)
{
    if (r != ERR_INVALID && r != ERR_SYNTAX && r != ERR_RANGE && r != ERR_NOT_FOUND)
        return r;
    CLEANUP(buf_release) struct buf why;
    buf_init(&why, LIMIT_HTTP_BODY);
    buf_add_str(&why, str_of(err_last()->detail));
    return err_refuse(ERR_INVALID, "process.begin", "start event '%.*s': %.*s", STR_ARG(node->id),
                      STR_ARG(buf_str(&why)));
}

static enum err open_wait(struct process_env *env, int64_t definition_id,
                          const struct bpmn_model *model, const struct bpmn_node *node,
                          const struct bpmn_event *event)
{
    struct engine_run engine = engine_of(env);
    struct process_start_insert_in in = {
        .park_id = env->park_id,
        .definition_id = definition_id,
        .element = node->id,
        .kind = event->trigger == BPMN_ON_MESSAGE ? PROCESS_WAIT_MESSAGE : PROCESS_WAIT_SIGNAL};
    enum err r = engine_begin_name(model, event, &engine, &in.name);
    return r == OK ? sql_process_start_insert(env->tx, &in, NULL) : refuse(node, r);
}

/* ---- Times ---- */

static enum err log_timer(struct process_env *env, int64_t id,
                          const struct process_timer_get_row *timer, int64_t next_us,
                          int64_t instance_id)
{
    CLEANUP(buf_release) struct buf body;
    buf_init(&body, LIMIT_HTTP_BODY);
    struct json_writer w = json_writer(&body);
    json_object_begin(&w);
    json_member_id(&w, "id", id);
    json_member_id(&w, "definition", timer->definition_id);
    json_member_text(&w, "element", timer->element);
    if (instance_id) {
        json_member_time(&w, "due", timer->due_us);
        json_member_id(&w, "instance", instance_id);
    }
    json_member_time(&w, "next", next_us);
    json_object_end(&w);
    return process_log(env, "process.timer", 0, buf_str(&body));
}

static enum err open_timer(struct process_env *env, int64_t definition_id,
                           const struct bpmn_model *model, const struct bpmn_node *node,
                           const struct bpmn_event *event)
{
    struct engine_run engine = engine_of(env);
    struct engine_schedule first;
    enum err r = engine_begin_time(model, event, &engine, &first);
    if (r != OK)
        return refuse(node, r);
    struct process_timer_insert_in in = {.park_id = env->park_id,
                                         .id = id_next(env->now_us),
                                         .definition_id = definition_id,
                                         .element = node->id,
                                         .due_us = first.due_us,
                                         .interval_us = first.interval_us,
                                         .interval_months = first.interval_months,
                                         .repeats = first.repeats};
    struct process_timer_get_row note = {.definition_id = definition_id, .element = node->id};
    r = sql_process_timer_insert(env->tx, &in, NULL);
    return r == OK ? log_timer(env, in.id, &note, first.due_us, 0) : r;
}

enum err process_begins_forget(struct process_env *env, struct str key)
{
    struct process_start_forget_in waits = {.park_id = env->park_id, .key = key};
    struct process_timer_forget_in timers = {.park_id = env->park_id, .key = key};
    enum err r = sql_process_start_forget(env->tx, &waits, NULL);
    return r == OK ? sql_process_timer_forget(env->tx, &timers, NULL) : r;
}

enum err process_begins_open(struct process_env *env, int64_t definition_id,
                             const struct bpmn_model *model, const struct bpmn_node *process)
{
    enum err r = process_begins_forget(env, process->id);
    for (size_t i = 0; r == OK && i < process->child_count; i++) {
        const struct bpmn_node *node = &model->nodes[process->children[i]];
        const struct bpmn_event *timer = bpmn_event_of(node, BPMN_ON_TIMER);
        const struct bpmn_event *wait = bpmn_event_of(node, BPMN_ON_MESSAGE);
        if (!bpmn_begins(model, node))
            continue;
        wait = wait ? wait : bpmn_event_of(node, BPMN_ON_SIGNAL);
        if (wait && wait->name.text.ptr)
            r = open_wait(env, definition_id, model, node, wait);
        if (r == OK && timer)
            r = open_timer(env, definition_id, model, node, timer);
    }
    return r;
}

/* A new instance, and when there will be another. */
static enum err fire(struct process_env *env, int64_t id, struct process_timer_get_row *timer)
{
    struct process_run run;
    struct engine_run engine = engine_of(env);
    struct engine_schedule next = {timer->due_us, timer->interval_us, timer->interval_months,
                                   timer->repeats};
    struct process_start start = {.event = timer->element};
    enum err r = process_launch(env, timer->definition_id, &start, &run);
    if (r == OK)
        r = process_follow(env);
    if (r != OK)
        return r;
    const struct bpmn_node *node = bpmn_find(run.model, timer->element);
    if (timer->repeats != 0)
        engine_begin_again(run.model, bpmn_event_of(node, BPMN_ON_TIMER), &engine, &next);
    else
        next.due_us = 0;
    r = log_timer(env, id, timer, next.due_us, run.id);
    timer->due_us = next.due_us;
    timer->repeats = next.repeats;
    return r;
}

enum err process_begin_due(struct process_env *env, int64_t id)
{
    struct process_timer_get_in in = {.park_id = env->park_id, .id = id};
    struct process_timer_get_row timer;
    enum err r = sql_process_timer_get(env->tx->db, env->arena, &in, &timer);
    if (r != OK) /* Another version has taken its place meanwhile. */
        return r == ERR_NOT_FOUND ? OK : r;
    for (int i = 0; r == OK && i < FIRINGS_MAX && timer.due_us && timer.due_us <= env->now_us; i++)
        r = fire(env, id, &timer);
    struct process_timer_set_in set = {
        .park_id = env->park_id, .id = id, .due_us = timer.due_us, .repeats = timer.repeats};
    struct process_timer_delete_in over = {.park_id = env->park_id, .id = id};
    if (r == OK)
        r = timer.due_us ? sql_process_timer_set(env->tx, &set, NULL)
                         : sql_process_timer_delete(env->tx, &over, NULL);
    return r;
}

/* ---- Messages: one open instance of a process for each correlation key ---- */

/* What it has held back may have its turn; once it is over, that is. */
static enum err over(struct process_env *env, struct str process, struct str correlation)
{
    struct process_work next = {.kind = PROCESS_BEGINS, .name = process, .text = correlation};
    return process_work_add(env, &next);
}

enum err process_begin_told(struct process_env *env, const struct process_begin_message *message,
                            int64_t *instance_id)
{
    struct process_begun_find_row open;
    struct process_begun_find_in find = {
        .park_id = env->park_id, .process = message->process, .correlation = message->correlation};
    struct process_start start = {.event = message->element, .variables = message->variables};
    struct process_run run;
    bool one = message->correlation.len > 0;
    enum err r = one ? sql_process_begun_find(env->tx->db, &find, &open) : ERR_NOT_FOUND;
    *instance_id = 0;
    if (r != ERR_NOT_FOUND)
        return r;
    r = process_launch(env, message->definition_id, &start, &run);
    if (r == OK)
        *instance_id = run.id;
    if (r != OK || !one)
        return r;
    struct process_begun_insert_in in = {.park_id = env->park_id,
                                         .instance_id = run.id,
                                         .process = message->process,
                                         .correlation = message->correlation};
    return run.row.ended_us ? over(env, in.process, in.correlation)
                            : sql_process_begun_insert(env->tx, &in, NULL);
}

enum err process_begun_over(struct process_run *run)
{
    struct process_env *env = run->env;
    struct process_begun_get_in get = {.park_id = env->park_id, .instance_id = run->id};
    struct process_begun_delete_in gone = {.park_id = env->park_id, .instance_id = run->id};
    struct process_begun_get_row row;
    enum err r = sql_process_begun_get(env->tx->db, env->arena, &get, &row);
    if (r == ERR_NOT_FOUND)
        return OK;
    if (r == OK)
        r = sql_process_begun_delete(env->tx, &gone, NULL);
    return r == OK ? over(env, row.process, row.correlation) : r;
}

enum err process_begin_next(struct process_env *env, const struct process_work *work)
{
    struct process_begun_next_in in = {.park_id = env->park_id,
                                       .process = work->name,
                                       .correlation = work->text,
                                       .now_us = env->now_us};
    struct process_begun_next_row row;
    int64_t instance_id;
    if (++env->begun > BEGUN_MAX) /* The next message with this key takes up the rest. */
        return OK;
    enum err r = sql_process_begun_next(env->tx->db, env->arena, &in, &row);
    if (r != OK)
        return r == ERR_NOT_FOUND ? OK : r;
    struct process_begin_message message = {.definition_id = row.definition_id,
                                            .process = work->name,
                                            .element = row.element,
                                            .correlation = work->text,
                                            .variables = row.variables};
    r = process_begin_told(env, &message, &instance_id);
    struct process_message_reached_in reached = {
        .park_id = env->park_id, .message_id = row.id, .process = work->name};
    return r == OK && instance_id ? sql_process_message_reached(env->tx, &reached, NULL) : r;
}
