/* The job types that service tasks may use: a row of the table and a function each. */
#include "park/case_run.h"

/* Who answers for the enterprise; else the one member of its grid; else the grid's inbox. */
static enum err route(struct case_run *run, const struct bpmn_node *node, struct json_writer *vars)
{
    struct case_route_in in = {
        .park_id = run->park_id, .enterprise_id = run->row.enterprise_id, .now_us = run->now_us};
    struct case_route_row found;
    enum err r = sql_case_route(run->tx->db, &in, &found);
    if (r != OK)
        return r;
    run->row.grid_id = found.grid_id;
    int64_t holder = found.answerer_id;
    if (!holder && found.members == 1)
        holder = found.member_id;
    struct str clock = service_property(node, "clock"), join = service_property(node, "join");
    int64_t joined;
    r = clock.ptr ? case_clock_start(run, clock, STR(""), 0, false) : OK;
    if (r == OK && join.len > 0) /* Whoever leads sees the case from the start. */
        r = case_department_join(run, case_variable_text(run, str_c(run->arena, join)), &joined);
    if (r != OK)
        return r;
    enum role_set role = found.grid_id ? case_level_role(run, 0) : ROLE_LEADER;
    json_member_id(vars, "holder", holder);
    json_member_text(vars, "group", str_of(role_key(role)));
    json_member_text(vars, "clock", clock);

    struct case_entry entry;
    const struct principal *who = run->who;
    run->who = NULL; /* The program dispatches, not who filed. */
    case_entry_begin(run, &entry);
    json_member_id(&entry.w, "grid_id", found.grid_id);
    json_member_id(&entry.w, "person_id", holder);
    r = case_entry_end(run, &entry, "case.dispatched", 0);
    run->who = who;
    return r;
}

static enum err dispatch(struct case_run *run, const struct bpmn_node *node,
                         struct json_writer *vars)
{
    (void)node;
    int64_t department = case_variable_id(run, "to_department");
    int64_t person = case_variable_id(run, "to_person");
    enum err r = OK;
    if (department) {
        run->row.department_id = department;
        struct case_department_add_in in = {
            .park_id = run->park_id, .department_id = department, .case_id = run->id};
        r = sql_case_department_add(run->tx, &in, NULL);
    }
    json_member_id(vars, "holder", person);
    json_member_text(vars, "group", str_of(role_key(case_level_role(run, 0))));
    return r;
}

/* The key of the clock that a job speaks of: its header names the variable that holds it. */
static struct str key_of(struct case_run *run, const struct bpmn_node *node)
{
    struct str variable = service_property(node, "key");
    struct str key =
        variable.len > 0 ? case_variable_text(run, str_c(run->arena, variable)) : (struct str){0};
    return key.ptr ? key : STR("");
}

static void write_key(struct case_run *run, struct json_writer *w, struct str key)
{
    struct case_department_of_row row;
    struct case_department_of_in in = {.park_id = run->park_id, .code = key};
    struct case_department_name_row department;
    if (key.len == 0)
        return;
    if (sql_case_department_of(run->tx->db, &in, &row) == OK) {
        struct case_department_name_in at = {.park_id = run->park_id, .id = row.id};
        if (sql_case_department_name(run->tx->db, run->arena, &at, &department) == OK)
            json_member_text(w, "department", department.name);
        return;
    }
    int64_t id;
    struct item_of_case_row *item;
    if (str_to_int(key, &id) != OK || case_item_load(run, id, &item) != OK)
        return;
    json_member_int(w, "item", item ? item->number : 0);
}

/* One department's or item's task goes up a rung; the others stay where they are. */
static enum err lift(struct case_run *run, const struct bpmn_node *node, int64_t level)
{
    struct str clock = service_property(node, "clock"), key = key_of(run, node);
    enum err r = case_tasks_lift(run, clock, key, level);
    if (r != OK)
        return r;
    bool supervised = str_is(service_property(node, "supervise"), "true");
    run->row.supervised = run->row.supervised || supervised;
    struct case_entry entry;
    case_entry_begin(run, &entry);
    json_member_int(&entry.w, "level", level);
    const struct service_level *rungs = run->service->levels.items;
    if ((size_t)level < run->service->levels.count)
        json_member_text(&entry.w, "to", rungs[level].department);
    json_member_text(&entry.w, "clock", clock);
    write_key(run, &entry.w, key);
    return case_entry_end(run, &entry, "case.escalated", 0);
}

/* The clock of one department or item stands still, with its reason, and runs on. */
static enum err hold(struct case_run *run, const struct bpmn_node *node, struct json_writer *vars)
{
    (void)vars;
    struct str name = service_property(node, "clock"), reason = service_property(node, "reason");
    struct case_clock *clock = case_clock_find(run, name, key_of(run, node));
    enum err r = clock ? case_clock_hold(run, clock, reason, run->note) : OK;
    if (r != OK)
        return r;
    struct case_entry entry;
    case_entry_begin(run, &entry);
    json_member_text(&entry.w, "clock", name);
    json_member_text(&entry.w, "reason", reason);
    write_key(run, &entry.w, key_of(run, node));
    return case_entry_end(run, &entry, "case.clock-held", 0);
}

static enum err release(struct case_run *run, const struct bpmn_node *node,
                        struct json_writer *vars)
{
    (void)vars;
    struct str name = service_property(node, "clock");
    struct case_clock *clock = case_clock_find(run, name, key_of(run, node));
    if (clock)
        case_clock_release(run, clock);
    struct case_entry entry;
    case_entry_begin(run, &entry);
    json_member_text(&entry.w, "clock", name);
    write_key(run, &entry.w, key_of(run, node));
    return case_entry_end(run, &entry, "case.clock-released", 0);
}

static enum err escalate(struct case_run *run, const struct bpmn_node *node,
                         struct json_writer *vars)
{
    (void)vars;
    int64_t level;
    if (str_to_int(service_property(node, "level"), &level) == OK)
        return lift(run, node, level);
    level = case_level_above(run, run->row.level);
    if (level == run->row.level)
        return OK;
    run->row.level = level;
    enum err r = case_tasks_raise(run);
    if (r != OK)
        return r;
    struct case_entry entry;
    case_entry_begin(run, &entry);
    json_member_int(&entry.w, "level", level);
    json_member_text(&entry.w, "to", str_of(role_key(case_level_role(run, level))));
    struct str clock = service_property(node, "clock");
    json_member_text(&entry.w, "clock", clock.ptr ? clock : case_variable_text(run, "clock"));
    return case_entry_end(run, &entry, "case.escalated", 0);
}

static enum err warn(struct case_run *run, const struct bpmn_node *node, struct json_writer *vars)
{
    (void)vars;
    struct case_entry entry;
    case_entry_begin(run, &entry);
    struct str clock = service_property(node, "clock");
    json_member_text(&entry.w, "clock", clock.ptr ? clock : case_variable_text(run, "clock"));
    json_member_id(&entry.w, "person_id", run->row.holder_id);
    write_key(run, &entry.w, key_of(run, node));
    return case_entry_end(run, &entry, "case.warned", 0);
}

static enum err notify(struct case_run *run, const struct bpmn_node *node, struct json_writer *vars)
{
    (void)vars;
    struct case_entry entry;
    case_entry_begin(run, &entry);
    json_member_text(&entry.w, "element", node->id);
    json_member_text(&entry.w, "text", service_property(node, "text"));
    return case_entry_end(run, &entry, "case.notified", 0);
}

static enum err resolve(struct case_run *run, const struct bpmn_node *node,
                        struct json_writer *vars)
{
    (void)node, (void)vars;
    const struct case_clock *clock = case_clock_first(run);
    if (clock && run->detail.result_us == run->now_us && !run->row.rating) {
        run->counts.resolved++;
        run->counts.resolved_in_time += run->now_us <= clock->due_us;
    }
    case_clock_stop_all(run);
    run->row.status = CASE_RESOLVED;
    run->row.holder_id = 0;
    return OK;
}

static void close_case(struct case_run *run, enum case_status status)
{
    case_clock_stop_all(run);
    run->row.status = status;
    run->row.closed = true;
    run->row.paused = false;
    run->row.holder_id = 0;
}

static enum err reject(struct case_run *run, const struct bpmn_node *node, struct json_writer *vars)
{
    (void)node, (void)vars;
    close_case(run, CASE_REJECTED);
    return OK;
}

static enum err withdraw(struct case_run *run, const struct bpmn_node *node,
                         struct json_writer *vars)
{
    (void)node, (void)vars;
    close_case(run, CASE_WITHDRAWN);
    return OK;
}

static enum err archive(struct case_run *run, const struct bpmn_node *node,
                        struct json_writer *vars)
{
    (void)node, (void)vars;
    close_case(run, CASE_ARCHIVED);
    const struct principal *who = run->who;
    run->who = NULL;
    enum err r = case_log(run, "case.archived");
    run->who = who;
    return r;
}

static enum err extend(struct case_run *run, const struct bpmn_node *node, struct json_writer *vars)
{
    (void)node, (void)vars;
    if (!str_is(run->detail.extension_state, "asked"))
        return OK;
    bool approved = str_is(case_variable_text(run, "outcome"), "approved");
    run->detail.extension_state = approved ? STR("approved") : STR("refused");
    struct case_clock *clock = case_clock_find(run, case_variable_text(run, "clock"), STR(""));
    if (!approved || !clock || clock->stopped_us)
        return OK;
    return case_clock_extend(run, clock, run->detail.extension_days);
}

/* Done again by the next rung, with its own clock. */
static enum err reopen(struct case_run *run, const struct bpmn_node *node, struct json_writer *vars)
{
    run->row.level = case_level_above(run, run->row.level);
    enum role_set role = case_level_role(run, run->row.level);
    struct case_role_holder_in in = {.park_id = run->park_id,
                                     .role = str_of(role_key(role)),
                                     .scope_id = case_role_scope(run, role)};
    struct case_role_holder_row holder;
    enum err r = sql_case_role_holder(run->tx->db, &in, &holder);
    struct str clock = service_property(node, "clock");
    if (r == OK && clock.ptr)
        r = case_clock_start(run, clock, STR(""), 0, true);
    if (r != OK)
        return r;
    run->detail.extension_state = (struct str){0};
    json_member_id(vars, "holder", holder.count == 1 ? holder.person_id : 0);
    json_member_text(vars, "group", str_of(role_key(role)));
    json_member_text(vars, "clock", clock);
    struct case_entry entry;
    const struct principal *who = run->who;
    run->who = NULL;
    case_entry_begin(run, &entry);
    json_member_int(&entry.w, "level", run->row.level);
    json_member_text(&entry.w, "to", str_of(role_key(role)));
    r = case_entry_end(run, &entry, "case.reopened", 0);
    run->who = who;
    return r;
}

static const struct case_job JOBS[] = {
    {"case.route", route, "Gives a new case to who answers for the enterprise"},
    {"case.dispatch", dispatch, "Gives the case to the department or person that was chosen"},
    {"case.warn", warn, "Says that a deadline comes near"},
    {"case.escalate", escalate, "Lifts the case one level"},
    {"case.resolve", resolve, "Stops the clocks: the result stands"},
    {"case.reject", reject, "Closes the case as not accepted"},
    {"case.withdraw", withdraw, "Closes the case as withdrawn"},
    {"case.extend", extend, "Moves the deadline if the extension was approved"},
    {"case.reopen", reopen, "Gives the case to the next level, with a new clock"},
    {"case.archive", archive, "Closes the case for good"},
    {"clock.hold", hold, "Stands one department's or item's clock still, with its reason"},
    {"clock.release", release, "Lets that clock run on"},
    {"items.add", case_items_add, "Fills a list with what a decision gave"},
    {"items.collect", case_items_collect,
     "Takes what was found wanting into the list to put right"},
    {"items.open", case_items_open, "Gives the open items to the process, and starts their clocks"},
    {"notify", notify, "Tells everybody concerned"},
};

const struct case_job *case_job_find(struct str type)
{
    for (size_t i = 0; i < COUNT_OF(JOBS); i++)
        if (str_is(type, JOBS[i].type))
            return &JOBS[i];
    return NULL;
}
