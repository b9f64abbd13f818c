/* What clients do with a process instance as a whole. */
#include "base/id.h"
#include "park/process_run.h"

static enum err find_definition(struct process_env *env, const struct process_start *start,
                                int64_t *out)
{
    struct db *db = env->tx->db;
    struct process_definition_newest_row newest;
    struct process_definition_version_row exact;
    struct process_definition_newest_in by_key = {
        .park_id = env->park_id, .kind = PROCESS_BPMN, .key = start->key};
    struct process_definition_version_in by_version = {.park_id = env->park_id,
                                                       .kind = PROCESS_BPMN,
                                                       .key = start->key,
                                                       .version = start->version};
    enum err r = OK;
    if (start->definition_id) {
        *out = start->definition_id;
    } else if (start->version > 0) {
        r = sql_process_definition_version(db, &by_version, &exact);
        *out = r == OK ? exact.id : *out;
    } else {
        r = sql_process_definition_newest(db, &by_key, &newest);
        *out = r == OK ? newest.id : *out;
    }
    return r == ERR_NOT_FOUND ? err_refuse(r, "process.no-definition", "there is no process '%.*s'",
                                           STR_ARG(start->key))
                              : r;
}

static enum err read_changes(const struct process_run *run, const struct list *elements,
                             struct engine_command *start)
{
    const struct str *ids = elements->items;
    struct engine_change *changes =
        ARENA_ARRAY(run->env->arena, elements->count, struct engine_change);
    for (size_t i = 0; i < elements->count; i++) {
        const struct bpmn_node *node = bpmn_find(run->model, ids[i]);
        if (!node)
            return err_refuse(ERR_INVALID, "process.no-element",
                              "the process has no element '%.*s'", STR_ARG(ids[i]));
        changes[i] = (struct engine_change){.kind = ENGINE_CHANGE_START, .node = node->index};
    }
    start->changes = changes;
    start->change_count = elements->count;
    return OK;
}

static enum err log_label(struct process_run *run, const struct process_start *start)
{
    CLEANUP(buf_release) struct buf body;
    buf_init(&body, LIMIT_HTTP_BODY);
    struct json_writer w = json_writer(&body);
    json_object_begin(&w);
    json_member_id(&w, "instance", run->id);
    json_member_text(&w, "business_id", start->business_id);
    json_member_raw(&w, "tags", start->tags.ptr ? start->tags : STR("[]"));
    json_object_end(&w);
    return process_log(run->env, "process.labeled", run->id, buf_str(&body));
}

static enum err label(struct process_run *run, const struct process_start *start)
{
    struct process_instance_label_in in = {.park_id = run->env->park_id,
                                           .id = run->id,
                                           .business_id = start->business_id,
                                           .tags = start->tags};
    if (!start->business_id.ptr && !start->tags.ptr)
        return OK;
    enum err r = sql_process_instance_label(run->env->tx, &in, NULL);
    return r == OK ? log_label(run, start) : r;
}

enum err process_launch(struct process_env *env, int64_t definition_id,
                        const struct process_start *start, struct process_run *run)
{
    struct engine_command command = {.kind = ENGINE_START, .variables = start->variables};
    enum err r = process_begin_new(run, env, definition_id);
    if (r == OK && run->definition.deleted)
        r = err_refuse(ERR_NOT_FOUND, "process.no-definition", "the definition was taken back");
    if (r == OK)
        r = read_changes(run, &start->elements, &command);
    if (r != OK)
        return r;
    const struct bpmn_node *event = start->event.ptr ? bpmn_find(run->model, start->event) : NULL;
    command.process = (uint32_t)run->definition.node;
    command.node = event ? event->index : 0;
    r = process_step(run, &command);
    if (r == OK)
        r = process_end(run);
    return r == OK ? label(run, start) : r;
}

enum err process_create(struct process_env *env, const struct process_start *start,
                        struct process_created *out)
{
    struct process_run run;
    int64_t definition_id = 0;
    enum err r = find_definition(env, start, &definition_id);
    if (r == OK)
        r = process_launch(env, definition_id, start, &run);
    if (r == OK)
        r = process_follow(env);
    if (r == OK)
        *out = (struct process_created){.id = run.id,
                                        .definition_id = definition_id,
                                        .version = run.definition.version,
                                        .key = run.definition.key,
                                        .ended = run.row.ended_us != 0};
    return r;
}

enum err process_cancel(struct process_env *env, int64_t id)
{
    struct engine_command cancel = {.kind = ENGINE_CANCEL, .message = STR("canceled by a client")};
    enum err r = process_check_root(env, id);
    return r == OK ? process_do(env, id, &cancel) : r;
}

enum err process_variables_set(struct process_env *env, int64_t element_id, struct str variables,
                               bool local)
{
    struct process_element_of_id_in in = {.park_id = env->park_id, .id = element_id};
    struct process_element_of_id_row row;
    enum err r = sql_process_element_of_id(env->tx->db, &in, &row);
    if (r == ERR_NOT_FOUND || (r == OK && row.ended_us))
        return err_refuse(ERR_NOT_FOUND, "process.no-element",
                          "there is no living element instance %" PRId64, element_id);
    struct engine_command set = {
        .kind = ENGINE_VARIABLES_SET, .key = row.token, .variables = variables, .outward = !local};
    return r == OK ? process_do(env, row.instance_id, &set) : r;
}

enum err process_resolve(struct process_env *env, int64_t incident_id)
{
    struct process_incident_get_in in = {.park_id = env->park_id, .id = incident_id};
    struct process_incident_get_row row;
    enum err r = sql_process_incident_get(env->tx->db, &in, &row);
    if (r == ERR_NOT_FOUND || (r == OK && row.ended_us))
        return err_refuse(ERR_NOT_FOUND, "process.no-incident",
                          "there is no open incident %" PRId64, incident_id);
    struct engine_command resolve = {.kind = ENGINE_INCIDENT_RESOLVE, .key = row.token};
    return r == OK ? process_do(env, row.instance_id, &resolve) : r;
}

enum err process_wake(struct process_env *env, int64_t id)
{
    struct process_run run;
    const struct engine_timer *timer;
    enum err r = process_begin(&run, env, id);
    while (r == OK && !run.row.ended_us && (timer = instance_due(run.instance, env->now_us))) {
        struct engine_command fire = {.kind = ENGINE_TIMER_FIRE, .key = timer->key};
        r = process_step(&run, &fire);
    }
    return r == OK ? process_finish(&run) : r;
}

enum err process_result(struct process_env *env, int64_t id, const struct list *names, bool *over,
                        struct str *variables)
{
    struct process_instance_load_in load = {.park_id = env->park_id, .id = id};
    struct process_instance_load_row row;
    enum err r = sql_process_instance_load(env->tx->db, env->arena, &load, &row);
    struct process_variables_of_in of = {
        .park_id = env->park_id, .instance_id = id, .scope = ENGINE_ROOT};
    struct process_variables_of_rows rows;
    if (r == OK)
        r = sql_process_variables_of(env->tx->db, env->arena, &of, &rows);
    if (r != OK)
        return r;
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, LIMIT_HTTP_REPLY);
    struct json_writer w = json_writer(&buf);
    json_object_begin(&w);
    for (size_t i = 0; i < rows.count; i++)
        if (process_wants(names, rows.rows[i].name)) {
            json_key_str(&w, rows.rows[i].name);
            json_raw(&w, rows.rows[i].value);
        }
    json_object_end(&w);
    *over = row.ended_us != 0;
    *variables = str_copy(env->arena, buf_str(&buf));
    return OK;
}
