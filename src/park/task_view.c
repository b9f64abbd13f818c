/* Inboxes, and what may be done from them. */
#include "park/task_view.h"

#include <stdlib.h>

#include "base/clock.h"
#include "park/case_run.h"
#include "park/case_steps.h"

enum { SOURCES_MAX = 64, SEARCH_SCAN = 500 };

static bool outcome_in(struct str list, const char *outcome)
{
    for (size_t at = 0; at < list.len;) {
        size_t comma = str_find(list, STR(","), at);
        if (str_is(str_trim(str_sub(list, at, comma - at)), outcome))
            return true;
        at = comma + 1;
    }
    return false;
}

static bool steers(const struct principal *who, const struct task_facts *facts)
{
    if (facts->place.department_id)
        return access_in(who, ROLE_DEPARTMENT_HEAD, facts->place.department_id);
    return access_has(who, ROLE_LEADER) ||
           (facts->grid_id && access_in(who, ROLE_GRID_LEADER, facts->grid_id)) ||
           (facts->department_id && access_in(who, ROLE_DEPARTMENT_HEAD, facts->department_id));
}

static void write_outcomes(struct json_writer *w, const struct case_reader *reader,
                           const struct task_facts *facts, const struct bpmn_node *node,
                           struct str list)
{
    json_key(w, "outcomes");
    json_array_begin(w);
    for (size_t at = 0; facts->service && at < list.len;) {
        size_t comma = str_find(list, STR(","), at);
        struct str outcome = str_trim(str_sub(list, at, comma - at));
        struct str key =
            str_format(reader->arena, "%.*s.%.*s", STR_ARG(facts->element), STR_ARG(outcome));
        json_object_begin(w);
        json_member_text(w, "key", outcome);
        json_member_text(w, "name",
                         service_text(facts->service, false, "outcome.", key, reader->arena));
        json_member_text(w, "name_en",
                         service_text(facts->service, true, "outcome.", key, reader->arena));
        task_write_outcome_rules(w, node, outcome);
        json_object_end(w);
        at = comma + 1;
    }
    json_array_end(w);
}

void task_write_actions(struct json_writer *w, const struct case_reader *reader,
                        const struct task_facts *facts)
{
    const struct bpmn_node *node =
        facts->service ? bpmn_find(facts->service->model, facts->element) : NULL;
    struct str outcomes = node ? service_property(node, "outcomes") : (struct str){0};
    bool staff_task = facts->place.role & ROLE_STAFF;
    bool mine = case_task_mine(reader->who, &facts->place);
    bool may = node && !facts->done && !facts->suspended &&
               (mine || (staff_task && steers(reader->who, facts)));
    bool handling = outcome_in(outcomes, "resolved");
    bool working = facts->status == CASE_SIGNED || facts->status == CASE_IN_PROGRESS;
    bool assigned = facts->place.assignee_id == reader->who->person_id;
    struct {
        const char *name;
        bool offered;
    } actions[] = {{"claim", staff_task && !assigned},
                   {"claim", outcome_in(outcomes, "signed") && assigned},
                   {"complete", !facts->paused && !outcome_in(outcomes, "signed")},
                   {"return", !facts->paused && outcome_in(outcomes, "returned")},
                   {"delegate",
                    staff_task && (facts->place.department_id || outcome_in(outcomes, "returned"))},
                   {"extend", handling && working && !facts->extension && !facts->expired},
                   {"pause", handling && working && !facts->expired},
                   {"resume", handling && facts->paused}};
    json_key(w, "actions");
    json_array_begin(w);
    for (size_t i = 0; i < COUNT_OF(actions); i++)
        if (may && actions[i].offered)
            json_c(w, actions[i].name);
    json_array_end(w);
    write_outcomes(w, reader, facts, node, outcomes);
    task_write_rules(w, node);
}

/* Lists. ----------------------------------------------------------------------------------------
 */

struct place {
    int64_t time_us, id;
};

struct gathered {
    struct place *places;
    size_t count, capacity;
};

static void gather(const struct case_reader *reader, struct gathered *to, int64_t time_us,
                   int64_t id)
{
    *ARENA_PUSH(reader->arena, to->places, to->count, to->capacity) = (struct place){time_us, id};
}

static int earliest_first(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static enum err gather_inbox(const struct case_reader *reader, const struct task_filter *filter,
                             const struct grant *grant, int64_t limit, struct gathered *to)
{
    struct task_inbox_in in = {.park_id = reader->park_id,
                               .role = grant->role,
                               .scope_id = grant->scope_id,
                               .after_due = filter->after_time,
                               .after_id = filter->after_id,
                               .limit = limit};
    struct task_inbox_rows rows;
    enum err r = sql_task_inbox(reader->db, reader->arena, &in, &rows);
    for (size_t i = 0; r == OK && i < rows.count; i++)
        gather(reader, to, rows.rows[i].due_us, rows.rows[i].id);
    struct task_raised_in up = {.park_id = reader->park_id,
                                .role = grant->role,
                                .scope_id = grant->scope_id,
                                .after_due = filter->after_time,
                                .after_id = filter->after_id,
                                .limit = limit};
    struct task_raised_rows raised;
    if (r == OK)
        r = sql_task_raised(reader->db, reader->arena, &up, &raised);
    for (size_t i = 0; r == OK && i < raised.count; i++)
        gather(reader, to, raised.rows[i].due_us, raised.rows[i].id);
    return r;
}

/* What is on the person's own desk, and what lies in the inboxes of their roles. */
static enum err gather_todo(const struct case_reader *reader, const struct task_filter *filter,
                            int64_t limit, struct gathered *to)
{
    const struct principal *who = reader->who;
    struct task_mine_in in = {.park_id = reader->park_id,
                              .person_id = who->person_id,
                              .after_due = filter->after_time,
                              .after_id = filter->after_id,
                              .limit = limit};
    struct task_mine_rows rows;
    enum err r = sql_task_mine(reader->db, reader->arena, &in, &rows);
    for (size_t i = 0; r == OK && i < rows.count; i++)
        gather(reader, to, rows.rows[i].due_us, rows.rows[i].id);
    for (size_t i = 0; r == OK && i < who->grant_count && i < SOURCES_MAX; i++)
        if (who->grants[i].role & (ROLE_STAFF | ROLE_CONTACT))
            r = gather_inbox(reader, filter, &who->grants[i], limit, to);
    if (r == OK && to->count > 0)
        qsort(to->places, to->count, sizeof(*to->places), earliest_first);
    return r;
}

static enum err gather_done(const struct case_reader *reader, const struct task_filter *filter,
                            int64_t limit, struct gathered *to)
{
    struct task_finished_in in = {.park_id = reader->park_id,
                                  .person_id = reader->who->person_id,
                                  .before_us = filter->after_time ? filter->after_time : INT64_MAX,
                                  .before_id = filter->after_time ? filter->after_id : INT64_MAX,
                                  .limit = limit};
    struct task_finished_rows rows;
    enum err r = sql_task_finished(reader->db, reader->arena, &in, &rows);
    for (size_t i = 0; r == OK && i < rows.count; i++)
        gather(reader, to, rows.rows[i].done_us, rows.rows[i].id);
    return r;
}

static enum err gather_watched(const struct case_reader *reader, const struct task_filter *filter,
                               int64_t limit, struct gathered *to)
{
    struct task_watched_in in = {.park_id = reader->park_id,
                                 .person_id = reader->who->person_id,
                                 .before = filter->after_id ? filter->after_id : INT64_MAX,
                                 .limit = limit};
    struct task_watched_rows rows;
    enum err r = sql_task_watched(reader->db, reader->arena, &in, &rows);
    for (size_t i = 0; r == OK && i < rows.count; i++)
        gather(reader, to, rows.rows[i].id, rows.rows[i].id);
    return r;
}

static const char *task_light(const struct task_get_row *row, bool suspended, int64_t now_us)
{
    if (row->done_us)
        return "done";
    if (suspended)
        return "paused";
    if (row->due_us == TASK_NO_DUE)
        return "green";
    if (now_us >= row->due_us)
        return "red";
    return now_us >= row->created_us + (row->due_us - row->created_us) / 4 * 3 ? "yellow" : "green";
}

static enum err load_facts(const struct case_reader *reader, const struct task_get_row *row,
                           struct task_facts *out)
{
    struct case_facts_row at;
    struct case_facts_in in = {.park_id = reader->park_id, .id = row->case_id};
    enum err r = sql_case_facts(reader->db, &in, &at);
    if (r != OK)
        return r;
    *out = (struct task_facts){.element = row->element,
                               .place = {.assignee_id = row->assignee_id,
                                         .role = row->role,
                                         .scope_id = row->scope_id,
                                         .up_role = row->up_role,
                                         .up_scope = row->up_scope,
                                         .department_id = row->department_id,
                                         .inbox = row->inbox},
                               .grid_id = at.grid_id,
                               .department_id = at.department_id,
                               .status = at.status,
                               .paused = at.paused,
                               .suspended = at.suspended,
                               .expired = at.due_us && reader->now_us >= at.due_us,
                               .done = row->done_us != 0};
    return services_of_model(reader->services, reader->db, reader->park_id, at.model_id,
                             &out->service);
}

static enum err write_task(const struct case_reader *reader, struct json_writer *w, int64_t id,
                           const struct task_get_row *row)
{
    struct task_facts facts;
    enum err r = load_facts(reader, row, &facts);
    if (r != OK)
        return r;
    json_object_begin(w);
    json_member_id(w, "id", id);
    json_key(w, "case");
    r = case_write_row(reader, w, row->case_id);
    json_member_text(w, "element", row->element);
    json_member_text(w, "name", row->name);
    json_member_text(w, "name_en", row->name_en);
    json_member_ref(w, "assignee", row->assignee_id, row->assignee_name);
    json_member_time(w, "created_at", row->created_us);
    json_member_time(w, "due_at", row->due_us == TASK_NO_DUE ? 0 : row->due_us);
    json_member_c(w, "light", task_light(row, facts.suspended, reader->now_us));
    task_write_actions(w, reader, &facts);
    json_member_id(w, "item_id", row->item_id);
    json_member_time(w, "done_at", row->done_us);
    json_member_text(w, "outcome", row->outcome);
    json_object_end(w);
    return r;
}

static bool matches(const struct case_reader *reader, int64_t case_id, struct str q)
{
    struct case_words_row row;
    struct case_words_in in = {.park_id = reader->park_id, .id = case_id};
    if (q.len == 0)
        return true;
    if (sql_case_words(reader->db, reader->arena, &in, &row) != OK)
        return false;
    return str_find(row.words, q, 0) < row.words.len;
}

enum err task_write_list(const struct case_reader *reader, struct json_writer *w,
                         const struct task_filter *filter, int64_t *next_time, int64_t *next_id)
{
    struct gathered found = {0};
    int64_t scan = filter->q.len > 0 ? SEARCH_SCAN : filter->limit + 1;
    enum err r = filter->box == TASKS_TODO   ? gather_todo(reader, filter, scan, &found)
                 : filter->box == TASKS_DONE ? gather_done(reader, filter, scan, &found)
                                             : gather_watched(reader, filter, scan, &found);
    int64_t written = 0;
    struct place last = {0};
    *next_time = *next_id = 0;
    for (size_t i = 0; r == OK && i < found.count; i++) {
        const struct place *place = &found.places[i];
        if (place->id == last.id)
            continue;
        if (written == filter->limit || (int64_t)i >= scan - (filter->q.len == 0 ? 0 : 1)) {
            *next_time = last.time_us;
            *next_id = last.id;
            break;
        }
        struct task_get_row row;
        struct task_get_in in = {.park_id = reader->park_id, .id = place->id};
        r = sql_task_get(reader->db, reader->arena, &in, &row);
        last = *place;
        if (r != OK || !matches(reader, row.case_id, filter->q))
            continue;
        r = write_task(reader, w, place->id, &row);
        written++;
    }
    return r;
}

enum err task_count(const struct case_reader *reader, struct task_counts *out)
{
    const struct principal *who = reader->who;
    struct task_count_mine_row mine;
    struct task_count_mine_in in = {.park_id = reader->park_id,
                                    .person_id = who->person_id,
                                    .now_us = reader->now_us,
                                    .limit = TASK_COUNT_MAX};
    enum err r = sql_task_count_mine(reader->db, &in, &mine);
    if (r != OK)
        return r;
    struct task_counts counts = {.todo = mine.todo, .overdue = mine.overdue};
    for (size_t i = 0; r == OK && i < who->grant_count && i < SOURCES_MAX; i++) {
        if (!(who->grants[i].role & (ROLE_STAFF | ROLE_CONTACT)))
            continue;
        struct task_count_inbox_row row;
        struct task_count_inbox_in at = {.park_id = reader->park_id,
                                         .role = who->grants[i].role,
                                         .scope_id = who->grants[i].scope_id,
                                         .person_id = who->person_id,
                                         .now_us = reader->now_us,
                                         .limit = TASK_COUNT_MAX};
        r = sql_task_count_inbox(reader->db, &at, &row);
        struct task_count_raised_row up;
        struct task_count_raised_in above = {.park_id = at.park_id,
                                             .role = at.role,
                                             .scope_id = at.scope_id,
                                             .person_id = at.person_id,
                                             .now_us = at.now_us,
                                             .limit = at.limit};
        if (r == OK)
            r = sql_task_count_raised(reader->db, &above, &up);
        if (r != OK)
            return r;
        counts.todo += row.todo + up.todo;
        counts.overdue += row.overdue + up.overdue;
    }
    int64_t offset_us = calendar_plain().offset_minutes * MINUTE_US;
    struct task_count_done_in done = {.park_id = reader->park_id,
                                      .person_id = who->person_id,
                                      .since_us =
                                          case_local_day(reader->now_us) * DAY_US - offset_us};
    struct task_count_done_row row;
    if (r == OK)
        r = sql_task_count_done(reader->db, &done, &row);
    if (r != OK)
        return r;
    counts.done_today = row.count;
    *out = counts;
    return OK;
}
