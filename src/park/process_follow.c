/* Messages and signals: from one instance, or a client, to those that wait for them. */
#include "base/id.h"
#include "park/process_run.h"

enum { FOUND_MAX = 1000, EXPIRE_BATCH = 1000 };

enum err process_work_add(struct process_env *env, const struct process_work *work)
{
    if (env->work_count >= PROCESS_WORKS_MAX)
        return err_set(ERR_LIMIT, "one command sets more than %d things going", PROCESS_WORKS_MAX);
    if (!env->kept) {
        *ARENA_PUSH(env->arena, env->works, env->work_count, env->work_capacity) = *work;
        return OK;
    }
    struct process_work kept = *work;
    struct str *texts[] = {&kept.name, &kept.text, &kept.value, &kept.reference.key,
                           &kept.reference.version_tag};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (texts[i]->ptr)
            *texts[i] = str_copy(env->kept, *texts[i]);
    *ARENA_PUSH(env->kept, env->works, env->work_count, env->work_capacity) = kept;
    return OK;
}

/* The instance may be over by now, or wait no more: then it does not hear it. */
static bool misses(enum err r)
{
    return r == ERR_NOT_FOUND || r == ERR_CONFLICT;
}

static struct str variables_or_none(struct str variables)
{
    return variables.len > 0 ? variables : STR("{}");
}

static enum err find_starts(struct process_env *env, enum process_wait kind, struct str name,
                            struct process_start_find_rows *out)
{
    struct process_start_find_in in = {.park_id = env->park_id, .kind = kind, .name = name};
    return sql_process_start_find(env->tx->db, env->arena, &in, out);
}

static enum err find_listeners(struct process_env *env, enum process_wait kind, struct str name,
                               struct str correlation, struct process_subscription_find_rows *out)
{
    struct process_subscription_find_in in = {.park_id = env->park_id,
                                              .kind = kind,
                                              .name = name,
                                              .correlation = correlation,
                                              .limit = FOUND_MAX};
    return sql_process_subscription_find(env->tx->db, env->arena, &in, out);
}

/* ---- Messages ---- */

struct delivery {
    struct process_env *env;
    const struct process_message *message;
    int64_t id, instance_id; /* The last instance that it reached; 0: none yet. */
    bool once;               /* To one instance, not to one of each process. */
    const struct str **reached;
    size_t reached_count, reached_capacity;
};

static bool has_reached(const struct delivery *d, struct str process)
{
    for (size_t i = 0; i < d->reached_count; i++)
        if (str_equal(*d->reached[i], process))
            return true;
    return d->once && d->reached_count > 0;
}

static void note_reached(struct delivery *d, const struct str *process, int64_t instance_id)
{
    *ARENA_PUSH(d->env->arena, d->reached, d->reached_count, d->reached_capacity) = process;
    d->instance_id = instance_id;
}

static enum err to_instance(struct delivery *d, const struct process_subscription_find_row *row)
{
    struct engine_command command = {.kind = ENGINE_MESSAGE,
                                     .name = d->message->name,
                                     .correlation = d->message->correlation,
                                     .variables = d->message->variables};
    enum err r = process_act(d->env, row->instance_id, &command);
    if (r == OK)
        note_reached(d, &row->process, row->instance_id);
    return misses(r) ? OK : r;
}

static enum err deliver(struct delivery *d)
{
    struct process_subscription_find_rows listeners;
    struct process_start_find_rows starts;
    enum err r = find_listeners(d->env, PROCESS_WAIT_MESSAGE, d->message->name,
                                d->message->correlation, &listeners);
    for (size_t i = 0; r == OK && i < listeners.count; i++)
        if (!has_reached(d, listeners.rows[i].process))
            r = to_instance(d, &listeners.rows[i]);
    if (r == OK)
        r = find_starts(d->env, PROCESS_WAIT_MESSAGE, d->message->name, &starts);
    for (size_t i = 0; r == OK && i < starts.count; i++) {
        const struct process_start_find_row *row = &starts.rows[i];
        struct process_begin_message begin = {.definition_id = row->definition_id,
                                              .process = row->process,
                                              .element = row->element,
                                              .correlation = d->message->correlation,
                                              .variables =
                                                  variables_or_none(d->message->variables)};
        int64_t instance_id = 0;
        if (!has_reached(d, row->process))
            r = process_begin_told(d->env, &begin, &instance_id);
        if (r == OK && instance_id)
            note_reached(d, &row->process, instance_id);
    }
    return r;
}

static enum err log_message(struct process_env *env, const char *kind, int64_t id,
                            const struct process_message *message)
{
    CLEANUP(buf_release) struct buf body;
    buf_init(&body, LIMIT_HTTP_BODY);
    struct json_writer w = json_writer(&body);
    json_object_begin(&w);
    json_member_id(&w, "id", id);
    json_member_text(&w, "name", message->name);
    json_member_text(&w, "correlation", message->correlation);
    json_member_text(&w, "message_id", message->message_id);
    json_member_raw(&w, "variables", variables_or_none(message->variables));
    json_object_end(&w);
    return process_log(env, kind, 0, buf_str(&body));
}

static enum err keep(struct delivery *d)
{
    const struct process_message *message = d->message;
    struct process_env *env = d->env;
    struct process_message_keep_in in = {.park_id = env->park_id,
                                         .id = d->id,
                                         .name = message->name,
                                         .correlation = message->correlation,
                                         .message_id = message->message_id,
                                         .variables = variables_or_none(message->variables),
                                         .expires_us = env->now_us + message->keep_us};
    enum err r = sql_process_message_keep(env->tx, &in, NULL);
    for (size_t i = 0; r == OK && i < d->reached_count; i++) {
        struct process_message_reached_in reached = {
            .park_id = env->park_id, .message_id = d->id, .process = *d->reached[i]};
        r = sql_process_message_reached(env->tx, &reached, NULL);
    }
    return r;
}

static enum err check_known(struct process_env *env, const struct process_message *message)
{
    struct process_message_known_row row;
    struct process_message_known_in in = {.park_id = env->park_id,
                                          .name = message->name,
                                          .correlation = message->correlation,
                                          .message_id = message->message_id,
                                          .now_us = env->now_us};
    if (message->message_id.len == 0)
        return OK;
    enum err r = sql_process_message_known(env->tx->db, &in, &row);
    if (r == OK)
        return err_refuse(ERR_CONFLICT, "process.message-known",
                          "message '%.*s' with id '%.*s' waits already", STR_ARG(message->name),
                          STR_ARG(message->message_id));
    return r == ERR_NOT_FOUND ? OK : r;
}

enum err process_publish(struct process_env *env, const struct process_message *message,
                         int64_t *message_key)
{
    struct process_message own = *message;
    if (own.message_id.len == 0)
        own.message_id = (struct str){0};
    struct delivery d = {.env = env, .message = &own, .id = id_next(env->now_us)};
    enum err r = process_messages_expire(env);
    if (r == OK)
        r = check_known(env, &own);
    if (r == OK)
        r = log_message(env, "process.message", d.id, &own);
    if (r == OK)
        r = deliver(&d);
    if (r == OK && own.keep_us > 0)
        r = keep(&d);
    if (r == OK)
        r = process_follow(env);
    if (r == OK)
        *message_key = d.id;
    return r;
}

enum err process_correlate(struct process_env *env, const struct process_message *message,
                           int64_t *message_key, int64_t *instance_id)
{
    struct delivery d = {.env = env, .message = message, .id = id_next(env->now_us), .once = true};
    enum err r = log_message(env, "process.message", d.id, message);
    if (r == OK)
        r = deliver(&d);
    if (r == OK && !d.instance_id)
        return err_refuse(ERR_NOT_FOUND, "engine.no-subscription",
                          "nobody waits for the message '%.*s'", STR_ARG(message->name));
    if (r == OK)
        r = process_follow(env);
    if (r == OK) {
        *message_key = d.id;
        *instance_id = d.instance_id;
    }
    return r;
}

enum err process_messages_expire(struct process_env *env)
{
    struct process_message_expire_in in = {
        .park_id = env->park_id, .now_us = env->now_us, .limit = EXPIRE_BATCH};
    int64_t dropped;
    enum err r = sql_process_message_expire(env->tx, &in, &dropped);
    struct process_message_forget_in forget = {.park_id = env->park_id, .limit = EXPIRE_BATCH};
    return r == OK && dropped > 0 ? sql_process_message_forget(env->tx, &forget, NULL) : r;
}

/* Somebody has begun to listen: what has waited for that is told. */
static enum err listen(struct process_env *env, const struct process_work *work)
{
    struct process_subscription_open_still_row still;
    struct process_subscription_open_still_in open = {
        .park_id = env->park_id, .instance_id = work->instance_id, .token = work->token};
    struct process_message_waiting_in in = {.park_id = env->park_id,
                                            .name = work->name,
                                            .correlation = work->text,
                                            .process = work->value,
                                            .now_us = env->now_us};
    struct process_message_waiting_row row;
    enum err r = sql_process_message_waiting(env->tx->db, env->arena, &in, &row);
    if (r == OK)
        r = sql_process_subscription_open_still(env->tx->db, env->arena, &open, &still);
    if (r != OK)
        return r == ERR_NOT_FOUND ? OK : r;
    struct process_message_reached_in reached = {
        .park_id = env->park_id, .message_id = row.id, .process = work->value};
    struct engine_command command = {.kind = ENGINE_MESSAGE,
                                     .name = work->name,
                                     .correlation = work->text,
                                     .variables = row.variables};
    r = sql_process_message_reached(env->tx, &reached, NULL);
    if (r == OK)
        r = process_act(env, work->instance_id, &command);
    if (r == OK) /* Where it goes on listening, there may be more. */
        r = process_work_add(env, work);
    return misses(r) ? OK : r;
}

/* ---- Signals ---- */

/* `from`: the instance that threw it has heard it already. */
static enum err broadcast(struct process_env *env, struct str name, struct str variables,
                          int64_t from)
{
    struct process_subscription_find_rows listeners;
    struct process_start_find_rows starts;
    struct engine_command command = {
        .kind = ENGINE_SIGNAL, .name = name, .variables = variables_or_none(variables)};
    enum err r = find_listeners(env, PROCESS_WAIT_SIGNAL, name, STR(""), &listeners);
    for (size_t i = 0; r == OK && i < listeners.count; i++) {
        int64_t id = listeners.rows[i].instance_id;
        if (id == from || (i > 0 && id == listeners.rows[i - 1].instance_id))
            continue;
        r = process_act(env, id, &command);
        if (misses(r))
            r = OK;
    }
    if (r == OK)
        r = find_starts(env, PROCESS_WAIT_SIGNAL, name, &starts);
    for (size_t i = 0; r == OK && i < starts.count; i++) {
        struct process_run run;
        struct process_start start = {.event = starts.rows[i].element,
                                      .variables = command.variables};
        r = process_launch(env, starts.rows[i].definition_id, &start, &run);
    }
    return r;
}

enum err process_broadcast(struct process_env *env, struct str name, struct str variables,
                           int64_t *signal_key)
{
    struct process_message note = {.name = name, .correlation = STR(""), .variables = variables};
    int64_t id = id_next(env->now_us);
    enum err r = log_message(env, "process.signal", id, &note);
    if (r == OK)
        r = broadcast(env, name, variables, 0);
    if (r == OK)
        r = process_follow(env);
    if (r == OK)
        *signal_key = id;
    return r;
}

static enum err follow_one(struct process_env *env)
{
    const struct process_work work = env->works[env->work_next++];
    struct process_message message = {
        .name = work.name, .correlation = work.text, .variables = work.value};
    struct delivery d = {.env = env, .message = &message, .id = id_next(env->now_us)};
    switch (work.kind) {
    case PROCESS_SIGNALS:
        return broadcast(env, work.name, work.value, work.instance_id);
    case PROCESS_PUBLISHES:
        return deliver(&d);
    case PROCESS_LISTENS:
        return listen(env, &work);
    case PROCESS_BEGINS:
        return process_begin_next(env, &work);
    default:
        return process_call_work(env, &work);
    }
}

/* Thousands may follow: what each of them needs does not outlive it. */
enum err process_follow(struct process_env *env)
{
    enum err r = OK;
    env->kept = env->arena;
    while (r == OK && env->work_next < env->work_count) {
        CLEANUP(arena_release) struct arena arena;
        arena_init(&arena);
        env->arena = &arena;
        r = follow_one(env);
        env->arena = env->kept;
    }
    env->kept = NULL;
    return r;
}

enum err process_finish(struct process_run *run)
{
    enum err r = process_end(run);
    return r == OK ? process_follow(run->env) : r;
}

enum err process_do(struct process_env *env, int64_t id, const struct engine_command *command)
{
    enum err r = process_act(env, id, command);
    return r == OK ? process_follow(env) : r;
}
