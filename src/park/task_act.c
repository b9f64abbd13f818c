/* What people do with their tasks. */
#include "base/id.h"
#include "park/case_run.h"
#include "park/file.h"
#include "park/form.h"

/* Whoever stands above the task's place steers it: re-dispatches, and takes it over. */
static bool may_steer(const struct case_run *run, int64_t department_id)
{
    const struct principal *who = run->who;
    if (department_id)
        return access_in(who, ROLE_DEPARTMENT_HEAD, department_id);
    return access_has(who, ROLE_LEADER) ||
           (run->row.grid_id && access_in(who, ROLE_GRID_LEADER, run->row.grid_id)) ||
           (run->row.department_id && access_in(who, ROLE_DEPARTMENT_HEAD, run->row.department_id));
}

static bool stands_on(const struct principal *who, int64_t role, int64_t scope_id)
{
    if (!role)
        return false;
    return role_scope((enum role_set)role) == SCOPE_PARK ? access_has(who, (unsigned)role)
                                                         : access_in(who, (unsigned)role, scope_id);
}

bool case_task_mine(const struct principal *who, const struct task_place *place)
{
    if (place->assignee_id && place->assignee_id == who->person_id)
        return true;
    /* To whom a department's or an enterprise's own task was raised may chase it, not do it. */
    bool up = place->role != ROLE_CONTACT &&
              (!place->department_id || place->up_scope == place->department_id);
    return (place->inbox && stands_on(who, place->role, place->scope_id)) ||
           (up && stands_on(who, place->up_role, place->up_scope));
}

static bool may_take(const struct task_acting *acting)
{
    const struct task_open_row *task = &acting->task;
    struct task_place place = {.assignee_id = task->assignee_id,
                               .role = task->role,
                               .scope_id = task->scope_id,
                               .up_role = task->up_role,
                               .up_scope = task->up_scope,
                               .department_id = task->department_id,
                               .inbox = task->inbox};
    return case_task_mine(acting->run.who, &place) ||
           ((task->role & ROLE_STAFF) && may_steer(&acting->run, task->department_id));
}

enum err task_begin(struct task_acting *acting, const struct case_env *env,
                    const struct principal *who, int64_t task_id, int64_t *case_id)
{
    struct task_get_row row;
    enum err r = sql_task_get(env->tx->db, env->arena,
                              &(struct task_get_in){.park_id = env->park_id, .id = task_id}, &row);
    if (r == ERR_NOT_FOUND)
        return err_set(ERR_NOT_FOUND, "no task %" PRId64, task_id);
    if (r == OK)
        r = case_begin(&acting->run, env, who, row.case_id);
    if (r == ERR_NOT_FOUND) /* Nor does a hidden case tell of its tasks. */
        return err_set(ERR_NOT_FOUND, "no task %" PRId64, task_id);
    if (r == OK)
        r = case_tasks_load(&acting->run);
    if (r != OK)
        return r;
    bool contact_task = row.role == ROLE_CONTACT;
    if (!acting->run.staff && !contact_task)
        return err_set(ERR_NOT_FOUND, "no task %" PRId64, task_id);
    if (row.done_us)
        return err_refuse(ERR_CONFLICT, "task.done", "the task is done already");
    struct task_open_row *open = case_task_find(&acting->run, row.token);
    if (!open)
        return err_set(ERR_CORRUPT, "task %" PRId64 " is not among its case's", task_id);
    acting->task = *open;
    acting->node = bpmn_find(acting->run.service->model, row.element);
    if (!acting->node)
        return err_set(ERR_CORRUPT, "no element %.*s", STR_ARG(row.element));
    if (!may_take(acting))
        return err_refuse(ERR_FORBIDDEN, "task.not-yours", "somebody else has the task");
    r = case_moves(&acting->run);
    if (r != OK)
        return r;
    *case_id = row.case_id;
    return OK;
}

bool task_property_has(const struct bpmn_node *node, const char *name, struct str word)
{
    struct str list = service_property(node, name);
    for (size_t at = 0; at < list.len;) {
        size_t comma = str_find(list, STR(","), at);
        if (str_equal(str_trim(str_sub(list, at, comma - at)), word))
            return true;
        at = comma + 1;
    }
    return false;
}

static bool has_outcome(const struct bpmn_node *node, struct str outcome)
{
    return task_property_has(node, "outcomes", outcome);
}

static struct str first_outcome(const struct bpmn_node *node)
{
    struct str list = service_property(node, "outcomes");
    return str_trim(str_sub(list, 0, str_find(list, STR(","), 0)));
}

/* Hand-backs are counted: past the cap the committee decides, and its word stands. */
static enum err count_handback(struct case_run *run)
{
    int64_t cap;
    if (json_to_int(json_get(run->service->parameters, "handback_cap"), &cap) != OK)
        return ++run->detail.handbacks, OK;
    if (run->detail.handbacks > cap)
        return err_refuse(ERR_CONFLICT, "task.return-capped",
                          "handed back %" PRId64 " times, and the committee has decided",
                          run->detail.handbacks);
    run->detail.handbacks++;
    return OK;
}

static enum err check_target(struct case_run *run, const struct task_outcome *in)
{
    if (!in->person_id && !in->department_id)
        return err_field(ERR_INVALID, "variables", "task.target-required",
                         "name a department or a person");
    struct arena *arena = run->arena;
    struct case_department_name_row department;
    if (in->department_id) {
        struct case_department_name_in at = {.park_id = run->park_id, .id = in->department_id};
        if (sql_case_department_name(run->tx->db, arena, &at, &department) != OK)
            return err_field(ERR_INVALID, "variables", "department.unknown", "no such department");
    }
    struct principal person;
    if (in->person_id &&
        (access_load(run->tx->db, arena, run->park_id, in->person_id, &person) != OK ||
         !access_has(&person, ROLE_STAFF)))
        return err_field(ERR_INVALID, "variables", "person.not-staff",
                         "the person is not among the staff");
    return OK;
}

static void write_id_list(struct json_writer *w, struct list ids)
{
    json_array_begin(w);
    for (size_t i = 0; i < ids.count; i++)
        json_id(w, ((const int64_t *)ids.items)[i]);
    json_array_end(w);
}

struct str case_id_list(struct arena *arena, struct list ids)
{
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, LIMIT_CASE_FILES * 32 + 16);
    struct json_writer w = json_writer(&buf);
    write_id_list(&w, ids);
    return str_copy(arena, buf_str(&buf));
}

static enum err done_before(struct task_acting *acting, struct str element, struct str outcome,
                            int64_t *count)
{
    struct task_done_before_in in = {.park_id = acting->run.park_id,
                                     .case_id = acting->run.id,
                                     .element = element,
                                     .outcome = outcome,
                                     .department_id = acting->task.department_id,
                                     .item_id = acting->task.item_id};
    struct task_done_before_row row;
    enum err r = sql_task_done_before(acting->run.tx->db, &in, &row);
    *count = r == OK ? row.count : 0;
    return r;
}

static enum err check_form(struct task_acting *acting, const struct task_outcome *in)
{
    const struct bpmn_task *task = acting->node->task;
    const struct json_value *schema = task && task->form_id.text.len
                                          ? service_form(acting->run.service, task->form_id.text)
                                          : NULL;
    if (!schema)
        return in->form ? err_field(ERR_INVALID, "form", "field.unknown", "the task has no form")
                        : OK;
    return form_check_schema(schema, in->form);
}

/* What the element's properties ask of this outcome. */
static enum err check_properties(struct task_acting *acting, const struct task_outcome *in)
{
    struct case_run *run = &acting->run;
    int64_t count = 0;
    enum err r = check_form(acting, in);
    if (r == OK && task_property_has(acting->node, "once", run->outcome))
        r = done_before(acting, acting->node->id, run->outcome, &count);
    if (r == OK && count > 0)
        return err_refuse(ERR_CONFLICT, "task.once", "this was asked once, and may be only once");
    if (r == OK && in->file_ids.count == 0 &&
        task_property_has(acting->node, "evidence", run->outcome))
        return err_field(ERR_INVALID, "file_ids", "task.evidence", "attach what proves it");
    return r == OK ? case_items_check(run, acting->node, &acting->task) : r;
}

static enum err check_outcome(struct task_acting *acting, const struct task_outcome *in)
{
    struct case_run *run = &acting->run;
    struct str outcome = run->outcome;
    bool wordless = str_is(outcome, "returned") || str_is(outcome, "rejected") ||
                    str_is(outcome, "resolved") ||
                    task_property_has(acting->node, "words", outcome);
    if (!has_outcome(acting->node, outcome))
        return err_field(ERR_INVALID, "outcome", "task.outcome", "the task has no outcome %.*s",
                         STR_ARG(outcome));
    if (run->row.paused)
        return err_refuse(ERR_CONFLICT, "case.paused", "the case is paused: resume it first");
    if (wordless && str_trim(in->text).len == 0)
        return err_field(ERR_INVALID, "text", "field.required", "say why, or what was done");
    enum err r = check_properties(acting, in);
    if (r != OK)
        return r;
    if (str_is(outcome, "returned"))
        return count_handback(run);
    if (str_is(outcome, "dispatched"))
        return check_target(run, in);
    return OK;
}

static struct str outcome_variables(struct case_run *run, const struct task_outcome *in,
                                    int64_t holder)
{
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, LIMIT_HTTP_BODY);
    struct json_writer w = json_writer(&buf);
    json_object_begin(&w);
    json_member_text(&w, "outcome", run->outcome);
    json_member_int(&w, "handbacks", run->detail.handbacks);
    if (str_is(run->outcome, "dispatched")) {
        json_member_id(&w, "to_department", in->department_id);
        json_member_id(&w, "to_person", in->person_id);
    }
    if (in->rating) {
        json_member_int(&w, "rating", in->rating);
    }
    if (holder) {
        json_member_id(&w, "holder", holder);
    }
    json_object_end(&w);
    return str_copy(run->arena, buf_str(&buf));
}

/* For which department and about which item it was done, in words that last. */
static void log_place(struct task_acting *acting, struct case_entry *entry)
{
    struct case_run *run = &acting->run;
    struct case_department_name_in at = {.park_id = run->park_id, .id = acting->task.department_id};
    struct case_department_name_row department;
    if (at.id && sql_case_department_name(run->tx->db, run->arena, &at, &department) == OK) {
        json_member_text(&entry->w, "department", department.name);
    }
    struct item_of_case_row *item;
    if (acting->task.item_id && case_item_load(run, acting->task.item_id, &item) == OK) {
        json_member_int(&entry->w, "item", item ? item->number : 0);
    }
    if (run->answers.ptr) {
        json_member_raw(&entry->w, "answers", run->answers);
    }
}

static enum err log_outcome(struct task_acting *acting, const struct task_outcome *in)
{
    struct case_run *run = &acting->run;
    struct case_entry entry;
    case_entry_begin(run, &entry);
    json_member_text(&entry.w, "element", acting->node->id);
    if (in->text.len > 0) {
        json_member_text(&entry.w, "text", in->text);
    }
    if (in->file_ids.count > 0) {
        json_key(&entry.w, "files");
        write_id_list(&entry.w, in->file_ids);
    }
    log_place(acting, &entry);
    if (in->department_id) {
        json_member_id(&entry.w, "department_id", in->department_id);
    }
    if (in->person_id) {
        json_member_id(&entry.w, "person_id", in->person_id);
    }
    if (in->rating) {
        json_member_int(&entry.w, "rating", in->rating);
    }
    struct str kind = str_format(run->arena, "case.%.*s", STR_ARG(run->outcome));
    return case_entry_end(run, &entry, kind.ptr, in->rating ? run->row.applicant_id : 0);
}

static void keep_result(struct case_run *run, const struct task_outcome *in)
{
    if (str_is(run->outcome, "resolved") || str_is(run->outcome, "rejected")) {
        run->detail.result_text = in->text;
        run->detail.result_files = case_id_list(run->arena, in->file_ids);
        run->detail.result_us = run->now_us;
    }
    if (str_is(run->outcome, "signed")) {
        const struct case_clock *clock = case_clock_find(run, STR("sign"), STR(""));
        run->counts.signed_count++;
        run->counts.signed_in_time += clock && run->now_us <= clock->due_us;
    }
    if (in->rating) {
        run->row.rating = in->rating;
        run->detail.rating_text = in->text;
        run->detail.rating_us = run->now_us;
        run->counts.rated[in->rating]++;
    }
}

static void keep_words(struct case_run *run, const struct task_outcome *in)
{
    run->note = in->text;
    run->evidence = case_id_list(run->arena, in->file_ids);
    if (!in->form)
        return;
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, LIMIT_HTTP_BODY);
    struct json_writer w = json_writer(&buf);
    json_value(&w, in->form);
    run->answers = str_copy(run->arena, buf_str(&buf));
}

static enum err finish(struct task_acting *acting, const struct task_outcome *in, int64_t holder)
{
    struct case_run *run = &acting->run;
    run->outcome = in->outcome.len > 0 ? in->outcome : first_outcome(acting->node);
    run->actor_task = acting->task.id;
    enum err r = check_outcome(acting, in);
    if (r == OK)
        r = file_attach(run->tx, run->who, in->file_ids.items, in->file_ids.count, run->id, false);
    if (r != OK)
        return r;
    keep_result(run, in);
    keep_words(run, in);
    r = log_outcome(acting, in);
    if (r == OK)
        r = case_items_follow(run, acting->node, &acting->task);
    if (r == OK && (acting->task.role & ROLE_STAFF) &&
        acting->task.assignee_id != run->who->person_id)
        r = case_person_given(run, run->who->person_id);
    struct engine_command done = {.kind = ENGINE_TASK_COMPLETE,
                                  .key = acting->task.token,
                                  .variables = outcome_variables(run, in, holder)};
    if (r == OK)
        r = case_step(run, &done);
    return r == OK ? case_end(&acting->run) : r;
}

enum err task_complete(const struct case_env *env, const struct principal *who, int64_t task_id,
                       const struct task_outcome *in, int64_t *case_id)
{
    struct task_acting acting;
    enum err r = task_begin(&acting, env, who, task_id, case_id);
    if (r != OK)
        return r;
    if (has_outcome(acting.node, STR("rated")) && !in->rating)
        return err_field(ERR_INVALID, "level", "case.rating-level", "a level from 1 to 5");
    bool signs = has_outcome(acting.node, STR("signed")) &&
                 (in->outcome.len == 0 || str_is(in->outcome, "signed"));
    return finish(&acting, in, signs ? who->person_id : 0);
}

/* Signing for a case is done by taking it; other tasks only get a name on them. */
enum err task_claim(const struct case_env *env, const struct principal *who, int64_t task_id,
                    int64_t *case_id)
{
    struct task_acting acting;
    enum err r = task_begin(&acting, env, who, task_id, case_id);
    if (r != OK)
        return r;
    if (has_outcome(acting.node, STR("signed"))) {
        struct task_outcome in = {.outcome = STR("signed")};
        return finish(&acting, &in, who->person_id);
    }
    if (acting.task.assignee_id == who->person_id)
        return OK;
    struct case_run *run = &acting.run;
    struct task_open_row *task = case_task_find(run, acting.task.token);
    task->assignee_id = who->person_id;
    task->inbox = false;
    r = case_task_write(run, task);
    if (r == OK)
        r = case_person_given(run, who->person_id);
    if (r == OK)
        r = case_log(run, "case.claimed");
    return r == OK ? case_end(&acting.run) : r;
}

enum err task_return(const struct case_env *env, const struct principal *who, int64_t task_id,
                     struct str reason, int64_t *case_id)
{
    struct task_outcome in = {.outcome = STR("returned"), .text = reason};
    return task_complete(env, who, task_id, &in, case_id);
}

static enum err set_holder(struct case_run *run, int64_t person_id, struct str group)
{
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, 512);
    struct json_writer w = json_writer(&buf);
    json_object_begin(&w);
    json_member_id(&w, "holder", person_id);
    if (group.len > 0) {
        json_member_text(&w, "group", group);
    }
    json_object_end(&w);
    struct engine_command set = {.kind = ENGINE_VARIABLES_SET,
                                 .variables = str_copy(run->arena, buf_str(&buf))};
    return case_step(run, &set);
}

static enum err to_department(struct task_acting *acting, struct task_open_row *task,
                              int64_t department_id)
{
    struct case_run *run = &acting->run;
    run->row.department_id = department_id;
    task->role = case_level_role(run, 0);
    task->scope_id = case_role_scope(run, (enum role_set)task->role);
    struct case_department_add_in add = {
        .park_id = run->park_id, .department_id = department_id, .case_id = run->id};
    return sql_case_department_add(run->tx, &add, NULL);
}

static enum err log_delegated(struct case_run *run, int64_t person_id, int64_t department_id,
                              struct str reason)
{
    struct case_entry entry;
    case_entry_begin(run, &entry);
    json_member_id(&entry.w, "person_id", person_id);
    json_member_id(&entry.w, "department_id", department_id);
    json_member_text(&entry.w, "text", reason);
    return case_entry_end(run, &entry, "case.delegated", 0);
}

/* What is one department's stays there: it goes to a colleague. */
static enum err check_colleague(struct case_run *run, const struct task_outcome *in,
                                int64_t department_id)
{
    struct principal person;
    if (in->department_id || !in->person_id)
        return err_refuse(ERR_CONFLICT, "task.department-own", "the task is this department's own");
    if (access_load(run->tx->db, run->arena, run->park_id, in->person_id, &person) != OK ||
        !access_in(&person, ROLE_OFFICER | ROLE_DEPARTMENT_HEAD, department_id))
        return err_field(ERR_INVALID, "variables", "person.not-colleague",
                         "the person is not of this department");
    return OK;
}

enum err task_delegate(const struct case_env *env, const struct principal *who, int64_t task_id,
                       int64_t person_id, int64_t department_id, struct str reason,
                       int64_t *case_id)
{
    struct task_acting acting;
    enum err r = task_begin(&acting, env, who, task_id, case_id);
    if (r != OK)
        return r;
    struct case_run *run = &acting.run;
    struct task_outcome target = {.person_id = person_id, .department_id = department_id};
    if (!(acting.task.role & ROLE_STAFF))
        return err_refuse(ERR_CONFLICT, "task.not-delegable", "the task is the applicant's own");
    r = acting.task.department_id ? check_colleague(run, &target, acting.task.department_id)
                                  : check_target(run, &target);
    struct task_open_row *task = case_task_find(run, acting.task.token);
    if (r == OK && department_id)
        r = to_department(&acting, task, department_id);
    if (r != OK)
        return r;
    task->assignee_id = person_id;
    task->inbox = person_id == 0;
    if (!task->department_id) {
        case_task_raise(run, task);
        run->row.holder_id = person_id;
    }
    r = case_task_write(run, task);
    if (r == OK && person_id)
        r = case_person_given(run, person_id);
    if (r == OK)
        r = log_delegated(run, person_id, department_id, reason);
    struct str group =
        department_id ? str_of(role_key((enum role_set)task->role)) : (struct str){0};
    if (r == OK && !task->department_id)
        r = set_holder(run, person_id, group);
    return r == OK ? case_end(&acting.run) : r;
}

static enum err hand_over_one(const struct case_env *env, const struct task_in_grid_row *at,
                              int64_t to_id, struct str note)
{
    struct case_run run;
    enum err r = case_begin(&run, env, NULL, at->case_id);
    if (r == OK)
        r = case_tasks_load(&run);
    if (r != OK)
        return r;
    struct task_open_row *task = case_task_find(&run, at->token);
    if (!task)
        return err_set(ERR_CORRUPT, "an open task is not among its case's");
    task->assignee_id = to_id;
    task->inbox = task->inbox || to_id == 0;
    run.row.holder_id = to_id;
    r = case_task_write(&run, task);
    if (r == OK && to_id)
        r = case_person_given(&run, to_id);
    if (r == OK)
        r = log_delegated(&run, to_id, 0, note);
    struct str group = to_id ? (struct str){0} : str_of(role_key((enum role_set)task->role));
    if (r == OK)
        r = set_holder(&run, to_id, group);
    return r == OK ? case_end(&run) : r;
}

enum err task_hand_over(const struct case_env *env, int64_t grid_id, int64_t from_id, int64_t to_id,
                        struct str note)
{
    struct task_in_grid_in in = {.park_id = env->park_id,
                                 .person_id = from_id,
                                 .grid_id = grid_id,
                                 .roles = ROLE_GRID_MEMBER | ROLE_GRID_LEADER};
    struct task_in_grid_rows rows = {0};
    enum err r = sql_task_in_grid(env->tx->db, env->arena, &in, &rows);
    for (size_t i = 0; r == OK && i < rows.count; i++)
        r = hand_over_one(env, &rows.rows[i], to_id, note);
    return r;
}

/* The clock that the task is worked under, if it runs and its service lets it be moved. */
static enum err movable_clock(struct case_run *run, const struct list *allowed, const char *reason,
                              struct case_clock **out)
{
    struct case_clock *clock = case_clock_find(run, case_variable_text(run, "clock"), STR(""));
    if (!clock || clock->stopped_us || !service_list_has(allowed, clock->name))
        return err_refuse(ERR_CONFLICT, reason, "no clock runs that this could move");
    if (run->now_us >= clock->due_us && !run->row.paused)
        return err_refuse(ERR_CONFLICT, "clock.expired", "the deadline has passed already");
    *out = clock;
    return OK;
}

enum err task_extend(const struct case_env *env, const struct principal *who, int64_t task_id,
                     int64_t days, struct str reason, int64_t *case_id)
{
    struct task_acting acting;
    enum err r = task_begin(&acting, env, who, task_id, case_id);
    if (r != OK)
        return r;
    struct case_run *run = &acting.run;
    const struct service_extension *rule = &run->service->extension;
    struct case_clock *clock;
    r = movable_clock(run, &rule->clocks, "case.not-extendable", &clock);
    if (r != OK)
        return r;
    if (days < 1 || days > rule->days_max)
        return err_field(ERR_INVALID, "days", "field.range", "from 1 to %" PRId64, rule->days_max);
    if (run->row.paused)
        return err_refuse(ERR_CONFLICT, "case.paused", "the case is paused: resume it first");
    if (run->detail.extension_state.len > 0)
        return err_refuse(ERR_CONFLICT, "case.extension-once", "an extension was asked already");
    run->detail.extension_days = days;
    run->detail.extension_us = run->now_us;
    run->detail.extension_reason = reason;
    run->detail.extension_state = STR("asked");
    struct case_entry entry;
    case_entry_begin(run, &entry);
    json_member_int(&entry.w, "days", days);
    json_member_text(&entry.w, "text", reason);
    r = case_entry_end(run, &entry, "case.extension-asked", 0);
    struct engine_command ask = {.kind = ENGINE_MESSAGE,
                                 .name = STR("extend"),
                                 .correlation = str_format(run->arena, "%" PRId64, run->id)};
    if (r == OK)
        r = case_step(run, &ask);
    return r == OK ? case_end(&acting.run) : r;
}

enum err task_pause(const struct case_env *env, const struct principal *who, int64_t task_id,
                    struct str reason, struct str text, int64_t *case_id)
{
    struct task_acting acting;
    enum err r = task_begin(&acting, env, who, task_id, case_id);
    if (r != OK)
        return r;
    struct case_run *run = &acting.run;
    const struct service_pause *rule = &run->service->pause;
    struct case_clock *clock;
    if (run->row.paused)
        return err_refuse(ERR_CONFLICT, "case.paused", "the case is paused already");
    if (run->row.status != CASE_SIGNED && run->row.status != CASE_IN_PROGRESS)
        return err_refuse(ERR_CONFLICT, "case.not-pausable", "the case is not being handled");
    if (!service_list_has(&rule->reasons, reason))
        return err_field(ERR_INVALID, "reason", "field.choice", "not a reason of this service");
    r = movable_clock(run, &rule->clocks, "case.not-pausable", &clock);
    if (r != OK)
        return r;
    struct case_entry entry;
    case_entry_begin(run, &entry);
    json_member_text(&entry.w, "reason", reason);
    json_member_text(&entry.w, "clock", clock->name);
    json_member_text(&entry.w, "text", text);
    r = case_entry_end(run, &entry, "case.paused", 0);
    if (r == OK)
        r = case_pause_begin(run, clock, reason, text);
    return r == OK ? case_end(&acting.run) : r;
}

enum err task_resume(const struct case_env *env, const struct principal *who, int64_t task_id,
                     int64_t *case_id)
{
    struct task_acting acting;
    enum err r = task_begin(&acting, env, who, task_id, case_id);
    if (r != OK)
        return r;
    if (!acting.run.row.paused)
        return err_refuse(ERR_CONFLICT, "case.not-paused", "the case is not paused");
    r = case_log(&acting.run, "case.resumed");
    if (r == OK)
        r = case_pause_end(&acting.run);
    return r == OK ? case_end(&acting.run) : r;
}
