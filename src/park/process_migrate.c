/* Instances that are changed while they run: modified, and moved to another version. */
#include "park/process_run.h"

/* ---- Modifying ---- */

static enum err token_of(struct process_env *env, int64_t instance_id, int64_t element_id,
                         int64_t *out)
{
    struct process_element_of_id_in in = {.park_id = env->park_id, .id = element_id};
    struct process_element_of_id_row row;
    enum err r = sql_process_element_of_id(env->tx->db, &in, &row);
    if (r == ERR_NOT_FOUND || (r == OK && (row.ended_us || row.instance_id != instance_id)))
        return err_refuse(ERR_NOT_FOUND, "process.no-element",
                          "there is no living element instance %" PRId64, element_id);
    if (r == OK)
        *out = row.token;
    return r;
}

static enum err find_node(const struct process_run *run, struct str id, uint32_t *out)
{
    const struct bpmn_node *node = bpmn_find(run->model, id);
    if (!node)
        return err_refuse(ERR_NOT_FOUND, "process.no-element", "the process has no element '%.*s'",
                          STR_ARG(id));
    *out = node->index;
    return OK;
}

static enum err read_start(struct process_run *run, const struct process_change *wanted,
                           struct engine_change *out)
{
    size_t count = wanted->scoped.count;
    const struct process_scoped *given = wanted->scoped.items;
    struct engine_scoped *scoped = ARENA_ARRAY(run->env->arena, count, struct engine_scoped);
    *out = (struct engine_change){
        .kind = ENGINE_CHANGE_START, .variables = scoped, .variable_count = count};
    enum err r = find_node(run, wanted->start, &out->node);
    if (r == OK && wanted->ancestor_id)
        r = token_of(run->env, run->id, wanted->ancestor_id, &out->element);
    for (size_t i = 0; r == OK && i < count; i++) {
        scoped[i] = (struct engine_scoped){.scope = BPMN_NONE, .variables = given[i].variables};
        if (given[i].scope.len > 0)
            r = find_node(run, given[i].scope, &scoped[i].scope);
    }
    return r;
}

enum err process_modify(struct process_env *env, int64_t id, const struct process_change *changes,
                        size_t count)
{
    struct process_run run;
    struct engine_change *all = ARENA_ARRAY(env->arena, count, struct engine_change);
    enum err r = process_begin(&run, env, id);
    for (size_t i = 0; r == OK && i < count; i++) {
        if (changes[i].start.ptr) {
            r = read_start(&run, &changes[i], &all[i]);
        } else {
            all[i] = (struct engine_change){.kind = ENGINE_CHANGE_CANCEL};
            r = token_of(env, id, changes[i].cancel_id, &all[i].element);
        }
    }
    struct engine_command modify = {.kind = ENGINE_MODIFY,
                                    .message = STR("modified by a client"),
                                    .changes = all,
                                    .change_count = count};
    if (r == OK)
        r = process_step(&run, &modify);
    if (r == OK && run.row.parent_id && run.row.state == PROCESS_CANCELED)
        return err_refuse(ERR_CONFLICT, "process.called",
                          "this would end process instance %" PRId64
                          ", which was called by another one: modify its caller",
                          id);
    return r == OK ? process_finish(&run) : r;
}

/* ---- Migrating ---- */

enum { REFUSAL_MAX = 400 }; /* Bytes that name faults. */

static enum err take_events(struct process_run *run, const struct engine_event *events,
                            size_t count)
{
    enum err r = OK;
    for (size_t i = 0; r == OK && i < count; i++)
        r = process_on_event(run, &events[i]);
    if (r == OK && count > 0)
        r = process_log_events(run, events, count);
    return r == OK ? process_notes_write(run) : r;
}

static void name_faults(struct buf *out, const struct engine_migration *found, bool unmapped)
{
    size_t count = 0;
    for (size_t i = 0; i < found->fault_count && out->len < REFUSAL_MAX; i++) {
        const struct engine_migration_fault *fault = &found->faults[i];
        if ((strcmp(fault->rule, "migration.unmapped") == 0) != unmapped)
            continue;
        buf_format(out, "%s'%.*s'", count++ ? ", " : "", STR_ARG(fault->element));
        if (!unmapped)
            buf_format(out, ": %.*s", STR_ARG(fault->detail));
    }
}

/* What has no place is told first: it is what a client forgets. */
static enum err refuse(const struct engine_migration *found)
{
    CLEANUP(buf_release) struct buf names;
    CLEANUP(buf_release) struct buf others;
    buf_init(&names, LIMIT_HTTP_BODY);
    buf_init(&others, LIMIT_HTTP_BODY);
    name_faults(&names, found, true);
    name_faults(&others, found, false);
    return err_refuse(ERR_CONFLICT, "process.migration", "%s%.*s%s%.*s",
                      names.len ? "no mapping instruction for the active elements " : "",
                      STR_ARG(buf_str(&names)), names.len && others.len ? "; " : "",
                      STR_ARG(buf_str(&others)));
}

enum err process_migrate(struct process_env *env, int64_t id, int64_t definition_id,
                         const struct process_move *moves, size_t count)
{
    struct process_run run;
    struct process_definition_get_row row;
    const struct bpmn_model *to;
    struct engine_move *all = ARENA_ARRAY(env->arena, count, struct engine_move);
    for (size_t i = 0; i < count; i++)
        all[i] = (struct engine_move){.from = moves[i].from, .to = moves[i].to};
    enum err r = process_begin(&run, env, id);
    if (r == OK)
        r = process_definition_load(env, definition_id, &row, &to);
    if (r == OK && row.deleted)
        r = err_refuse(ERR_NOT_FOUND, "process.no-definition", "the definition was taken back");
    if (r != OK)
        return r;
    struct engine_plan plan = {.moves = all,
                               .move_count = count,
                               .process = (uint32_t)row.node,
                               .reason = STR("migrated by a client")};
    struct engine_run engine = process_engine(&run);
    struct engine_migration found = {0};
    r = engine_migrate(run.model, to, run.instance, &plan, &engine, &found);
    if (r != OK)
        return found.fault_count > 0 ? refuse(&found) : r;
    const struct engine_result *result = &found.result;
    run.instance = result->after;
    run.target_id = definition_id;
    r = take_events(&run, result->events, found.before_count);
    run.target_id = 0;
    run.definition = row;
    run.row.definition_id = definition_id;
    run.model = to;
    if (r == OK)
        r = take_events(&run, result->events + found.before_count,
                        result->event_count - found.before_count);
    struct process_instance_move_in move = {
        .park_id = env->park_id, .id = id, .definition_id = definition_id};
    if (r == OK)
        r = sql_process_instance_move(env->tx, &move, NULL);
    if (r == OK)
        r = process_rename(&run);
    return r == OK ? process_finish(&run) : r;
}
