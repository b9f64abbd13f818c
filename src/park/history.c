#include "park/history.h"

#include "base/clock.h"
#include "journal/journal.h"
#include "park/process_run.h"

enum { STEPS_AT_ONCE = 200 };

enum err history_each(struct db *db, int64_t park_id, int64_t id, const char *kind,
                      history_visit *visit, void *data)
{
    struct history_steps_in in = {.park_id = park_id,
                                  .case_id = id,
                                  .kind = str_of(kind),
                                  .after = -1,
                                  .limit = STEPS_AT_ONCE};
    enum err r = OK;
    for (bool more = true; r == OK && more;) {
        CLEANUP(arena_release) struct arena arena = {0};
        struct history_steps_rows rows = {0};
        r = sql_history_steps(db, &arena, &in, &rows);
        more = r == OK && rows.count == STEPS_AT_ONCE;
        for (size_t i = 0; i < rows.count; i++) {
            if (!visit(data, &arena, &rows.rows[i]))
                return OK;
            in.after = rows.rows[i].seq;
        }
    }
    return r;
}

/* ---- Rebuilding ---- */

/* Models of a version by the id that entries name it by. */
struct replay;
typedef enum err model_of(struct replay *replay, int64_t id, const struct bpmn_model **out);

struct replay {
    struct db *db;
    struct arena *arena;
    struct services *services;   /* Of cases … */
    struct process_world *world; /* … and of processes. */
    model_of *model_of;
    const char *kind, *version; /* Of the entries, and their member that names the version. */
    int64_t park_id;
    struct engine_instance *at;
    const struct bpmn_model *model;
    struct history *out;
    struct buf *lines;
};

static enum err model_of_case(struct replay *replay, int64_t id, const struct bpmn_model **out)
{
    const struct service *service;
    enum err r = services_of_model(replay->services, replay->db, replay->park_id, id, &service);
    if (r == OK)
        *out = service->model;
    return r;
}

static enum err model_of_process(struct replay *replay, int64_t id, const struct bpmn_model **out)
{
    struct process_definition_get_row row;
    struct process_definition_get_in in = {.park_id = replay->park_id, .id = id};
    enum err r = sql_process_definition_get(replay->db, replay->arena, &in, &row);
    if (r == ERR_NOT_FOUND)
        return err_set(ERR_CORRUPT, "there is no process definition %" PRId64, id);
    return r == OK ? process_model_read(replay->world, replay->db, replay->park_id, row.resource_id,
                                        &row.hash, out)
                   : r;
}

static void note(struct history *out, struct arena *arena, const struct engine_event *event,
                 int64_t time_us)
{
    if (event->kind == ENGINE_ELEMENT_ACTIVATED) {
        *ARENA_PUSH(arena, out->items, out->item_count, out->item_room) =
            (struct history_item){.key = event->key, .node = event->node, .begun_us = time_us};
        return;
    }
    if (event->kind != ENGINE_ELEMENT_COMPLETED && event->kind != ENGINE_ELEMENT_TERMINATED)
        return;
    for (size_t i = out->item_count; i-- > 0;)
        if (out->items[i].key == event->key) {
            out->items[i].ended_us = time_us;
            out->items[i].terminated = event->kind == ENGINE_ELEMENT_TERMINATED;
            return;
        }
}

/* What lives has a place in the target; what is over keeps its id, if the target has it. */
static void move_items(struct replay *replay, const struct bpmn_model *to)
{
    for (size_t i = 0; i < replay->out->item_count; i++) {
        struct history_item *item = &replay->out->items[i];
        const struct engine_element *element = engine_element(replay->at, item->key);
        const struct bpmn_node *same = item->node < replay->model->node_count
                                           ? bpmn_find(to, replay->model->nodes[item->node].id)
                                           : NULL;
        item->node = element ? element->node : same ? same->index : BPMN_NONE;
    }
}

static enum err apply_migrated(struct replay *replay, const struct json_value *body,
                               const struct engine_event *event)
{
    const struct bpmn_model *to;
    int64_t id = 0;
    enum err r = str_to_int(json_get_text(body, "to"), &id);
    if (r == OK)
        r = replay->model_of(replay, id, &to);
    if (r == OK)
        r = engine_apply_migrated(replay->model, to, replay->at, event);
    if (r != OK)
        return r;
    move_items(replay, to);
    replay->model = to;
    return OK;
}

static enum err apply_events(struct replay *replay, const struct json_value *body,
                             const struct json_value *events, int64_t time_us)
{
    for (size_t i = 0; i < events->array.count; i++) {
        struct engine_event event;
        enum err r =
            engine_event_from_json(replay->arena, replay->model, &events->array.items[i], &event);
        if (r == OK)
            r = event.kind == ENGINE_MIGRATED ? apply_migrated(replay, body, &event)
                                              : engine_apply(replay->model, replay->at, &event);
        if (r != OK)
            return r;
        note(replay->out, replay->arena, &event, time_us);
        replay->out->events++;
    }
    return OK;
}

static enum err apply_step(struct replay *replay, const struct history_steps_row *row)
{
    const struct json_value *body;
    int64_t model_id = 0;
    enum err r = json_parse(replay->arena, str_copy(replay->arena, row->body), &body);
    const struct json_value *events = r == OK ? json_get(body, "events") : NULL;
    if (r == OK && (!events || events->type != JSON_ARRAY))
        r = err_set(ERR_CORRUPT, "the entry holds no events");
    if (r == OK)
        r = str_to_int(json_get_text(body, replay->version), &model_id);
    if (r == OK)
        r = replay->model_of(replay, model_id, &replay->model);
    return r == OK ? apply_events(replay, body, events, row->time_us) : r;
}

/* What cannot be applied ends the replay with a line. */
static bool replay_step(void *data, struct arena *arena, const struct history_steps_row *row)
{
    (void)arena; /* The instance keeps pointing into what it was built from. */
    struct replay *replay = data;
    if (!row->body.ptr) {
        replay->out->verdict = HISTORY_ERASED;
        return false;
    }
    if (apply_step(replay, row) != OK) {
        replay->out->verdict = HISTORY_DIFFERS;
        buf_format(replay->lines, "entry %" PRId64 " of the journal cannot follow: %s\n", row->seq,
                   err_last()->detail);
        return false;
    }
    replay->out->steps++;
    return true;
}

/* Of a process that is over, only how it ended is stored. */
static bool compare_end(const struct engine_instance *rebuilt, int64_t state, struct buf *lines)
{
    enum engine_state stored = state == PROCESS_COMPLETED ? ENGINE_COMPLETED : ENGINE_CANCELED;
    if (rebuilt->state == stored)
        return true;
    buf_format(lines, "the instance is not over by the journal as it is by the store\n");
    return false;
}

static enum err run_replay(struct replay *replay, int64_t id, int64_t ended_state)
{
    struct history *out = replay->out;
    replay->at = engine_instance_new(replay->arena);
    enum err r = history_each(replay->db, replay->park_id, id, replay->kind, replay_step, replay);
    if (r != OK)
        return r;
    out->rebuilt = replay->at;
    if (out->verdict == HISTORY_SAME && out->steps == 0)
        out->verdict = HISTORY_ERASED;
    if (out->verdict == HISTORY_SAME &&
        !(out->stored ? history_compare(out->model, replay->at, out->stored, replay->lines)
                      : compare_end(replay->at, ended_state, replay->lines)))
        out->verdict = HISTORY_DIFFERS;
    out->differences = str_copy(replay->arena, buf_str(replay->lines));
    return OK;
}

/* A blob that cannot be read is a difference, and what the journal says is told all the same. */
static void read_stored(struct replay *replay, struct str blob)
{
    struct engine_instance *stored;
    if (engine_instance_read(replay->arena, replay->out->model, blob, &stored) == OK) {
        replay->out->stored = stored;
        return;
    }
    replay->out->verdict = HISTORY_DIFFERS;
    buf_format(replay->lines, "the stored instance cannot be read: %s\n", err_last()->detail);
}

enum err history_read(struct db *db, struct arena *arena, struct services *services,
                      int64_t park_id, int64_t case_id, struct history *out)
{
    CLEANUP(buf_release) struct buf lines;
    struct history_case_row row;
    struct engine_instance *stored;
    *out = (struct history){0};
    buf_init(&lines, LIMIT_HTTP_REPLY);
    enum err r = sql_history_case(
        db, arena, &(struct history_case_in){.park_id = park_id, .id = case_id}, &row);
    if (r == OK)
        r = services_of_model(services, db, park_id, row.model_id, &out->service);
    if (r == OK)
        r = engine_instance_read(arena, out->service->model, row.instance, &stored);
    if (r != OK)
        return r;
    out->number = row.number;
    out->model = out->service->model;
    out->stored = stored;
    struct replay replay = {.db = db,
                            .arena = arena,
                            .services = services,
                            .model_of = model_of_case,
                            .kind = "case.step",
                            .version = "model",
                            .park_id = park_id,
                            .out = out,
                            .lines = &lines};
    return run_replay(&replay, case_id, 0);
}

enum err history_read_process(struct db *db, struct arena *arena, struct process_world *world,
                              int64_t park_id, int64_t id, struct history *out)
{
    CLEANUP(buf_release) struct buf lines;
    struct process_instance_load_row row;
    *out = (struct history){0};
    buf_init(&lines, LIMIT_HTTP_REPLY);
    struct replay replay = {.db = db,
                            .arena = arena,
                            .world = world,
                            .model_of = model_of_process,
                            .kind = "process.step",
                            .version = "definition",
                            .park_id = park_id,
                            .out = out,
                            .lines = &lines};
    enum err r = sql_process_instance_load(
        db, arena, &(struct process_instance_load_in){.park_id = park_id, .id = id}, &row);
    if (r == ERR_NOT_FOUND)
        return err_set(r, "there is no process instance %" PRId64, id);
    if (r == OK)
        r = model_of_process(&replay, row.definition_id, &out->model);
    if (r != OK)
        return r;
    if (!row.ended_us)
        read_stored(&replay, row.blob);
    return run_replay(&replay, id, row.state);
}

enum err history_find(struct db *db, int64_t park_id, struct str name, int64_t *out)
{
    struct history_number_row row;
    struct history_number_in in = {.park_id = park_id, .number = name};
    if (str_to_int(name, out) == OK)
        return OK;
    enum err r = sql_history_number(db, &in, &row);
    if (r == ERR_NOT_FOUND)
        return err_set(ERR_NOT_FOUND, "there is no case '%.*s'", STR_ARG(name));
    if (r == OK)
        *out = row.id;
    return r;
}

/* ---- Cleaning up ---- */

enum err history_closed(struct db_tx *tx, int64_t park_id, int64_t case_id, int64_t now_us)
{
    struct history_days_row setting;
    enum err r = sql_history_days(tx->db, &(struct history_days_in){.park_id = park_id}, &setting);
    if (r == ERR_NOT_FOUND) /* A park without settings keeps everything. */
        return OK;
    struct history_due_add_in in = {
        .park_id = park_id, .due_us = now_us + setting.days * DAY_US, .case_id = case_id};
    return r == OK ? sql_history_due_add(tx, &in, NULL) : r;
}

static enum err log_cleaning(struct db_tx *tx, int64_t park_id, int64_t now_us, int64_t cases,
                             int64_t bodies)
{
    CLEANUP(buf_release) struct buf body;
    buf_init(&body, JOURNAL_BODY_MAX);
    struct json_writer w = json_writer(&body);
    json_object_begin(&w);
    json_member_int(&w, "cases", cases);
    json_member_int(&w, "bodies", bodies);
    json_object_end(&w);
    struct journal_entry entry = {
        .park_id = park_id, .time_us = now_us, .kind = "history.cleaned", .body = buf_str(&body)};
    return journal_append(tx, &entry, NULL);
}

enum err history_clean(struct db_tx *tx, int64_t park_id, int64_t now_us, int64_t *cases)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct history_due_rows due;
    struct history_due_in in = {.park_id = park_id, .now_us = now_us, .limit = HISTORY_CLEAN_CASES};
    int64_t bodies = 0;
    enum err r = sql_history_due(tx->db, &arena, &in, &due);
    for (size_t i = 0; r == OK && i < due.count; i++) {
        int64_t erased = 0;
        struct history_erase_in of = {.park_id = park_id, .case_id = due.rows[i].case_id};
        struct history_due_done_in done = {
            .park_id = park_id, .due_us = due.rows[i].due_us, .case_id = due.rows[i].case_id};
        r = sql_history_erase(tx, &of, &erased);
        bodies += erased;
        if (r == OK)
            r = sql_history_due_done(tx, &done, NULL);
    }
    if (r == OK && bodies > 0)
        r = log_cleaning(tx, park_id, now_us, (int64_t)due.count, bodies);
    if (r == OK)
        *cases = (int64_t)due.count;
    return r;
}
