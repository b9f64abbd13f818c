#include "park/scenario.h"

#include "base/clock.h"
#include "park/case_run.h"
#include "park/file.h"
#include "park/history.h"
#include "park/item.h"
#include "park/scenario_sql.h"
#include "park/service_cover.h"

enum { PARK = 1, GRID = 10, ENTERPRISE = 20, OTHER_ENTERPRISE = 21, DEPARTMENT = 30, OWNER = 31 };

/* The cast. A person's id is 100 and its place here; those of further departments follow. */
static const struct actor {
    const char *name, *kind;
    enum role_set role;
    int64_t scope_id;
} CAST[] = {{"contact", "contact", ROLE_CONTACT, ENTERPRISE},
            {"colleague", "contact", ROLE_CONTACT, ENTERPRISE},
            {"stranger", "contact", ROLE_CONTACT, OTHER_ENTERPRISE},
            {"member", "staff", ROLE_GRID_MEMBER, GRID},
            {"second", "staff", ROLE_GRID_MEMBER, GRID},
            {"grid_leader", "staff", ROLE_GRID_LEADER, GRID},
            {"officer", "staff", ROLE_OFFICER, DEPARTMENT},
            {"head", "staff", ROLE_DEPARTMENT_HEAD, OWNER},
            {"leader", "staff", ROLE_LEADER, 0}};
enum { FIRST_PERSON = 100, FIRST_DEPARTMENT = 40, DEPARTMENTS_MAX = 20 };
enum { PEOPLE_MAX = COUNT_OF(CAST) + 3 * DEPARTMENTS_MAX };

struct play {
    struct services *services;
    const struct service *service;
    struct service_report *report;
    struct str name;
    size_t step;
    struct arena arena;
    struct db *db;
    struct db_tx tx;
    struct case_world *world;
    struct principal cast[PEOPLE_MAX];
    struct str names[PEOPLE_MAX];
    size_t people;
    int64_t now_us, case_id;
};

static void fault(struct play *play, const char *what, struct str found, struct str wanted)
{
    service_fault(play->report, "%.*s: step %zu: %s is \"%.*s\" and not \"%.*s\"",
                  STR_ARG(play->name), play->step, what, STR_ARG(found), STR_ARG(wanted));
}

static void fault_last(struct play *play, const char *doing)
{
    service_fault(play->report, "%.*s: step %zu: %s: %s", STR_ARG(play->name), play->step, doing,
                  err_last()->detail);
}

static enum err add_actor(struct play *play, const struct actor *actor)
{
    size_t i = play->people++;
    int64_t id = FIRST_PERSON + (int64_t)i;
    struct str name = str_of(actor->name);
    play->names[i] = name;
    struct scenario_person_in person = {
        .park_id = PARK, .id = id, .name = name, .kind = str_of(actor->kind)};
    struct scenario_account_in account = {.park_id = PARK, .person_id = id, .login = name};
    struct scenario_grant_in grant = {.park_id = PARK,
                                      .person_id = id,
                                      .role = str_of(role_key(actor->role)),
                                      .scope_id = actor->scope_id};
    enum err r = sql_scenario_person(&play->tx, &person, NULL);
    if (r == OK)
        r = sql_scenario_account(&play->tx, &account, NULL);
    if (r == OK)
        r = sql_scenario_grant(&play->tx, &grant, NULL);
    return r == OK ? access_load(play->db, &play->arena, PARK, id, &play->cast[i]) : r;
}

static enum err add_department(struct play *play, struct str code, int64_t id)
{
    struct scenario_department_in in = {.park_id = PARK, .id = id, .code = code};
    bool owner = str_equal(code, play->service->department);
    enum err r = owner ? OK : sql_scenario_department(&play->tx, &in, NULL);
    static const struct {
        const char *name;
        enum role_set role;
    } PEOPLE[] = {
        {"officer", ROLE_OFFICER}, {"second", ROLE_OFFICER}, {"head", ROLE_DEPARTMENT_HEAD}};
    for (size_t i = 0; r == OK && i < COUNT_OF(PEOPLE); i++) {
        struct str name = str_format(&play->arena, "%s@%.*s", PEOPLE[i].name, STR_ARG(code));
        struct actor actor = {.name = str_c(&play->arena, name),
                              .kind = "staff",
                              .role = PEOPLE[i].role,
                              .scope_id = owner ? OWNER : id};
        r = add_actor(play, &actor);
    }
    return r;
}

static enum err add_departments(struct play *play, const struct json_value *codes)
{
    enum err r = OK;
    for (size_t i = 0; r == OK && codes && codes->type == JSON_ARRAY && i < codes->array.count; i++)
        r = i < DEPARTMENTS_MAX
                ? add_department(play, codes->array.items[i].text, FIRST_DEPARTMENT + (int64_t)i)
                : err_set(ERR_LIMIT, "more than %d departments", DEPARTMENTS_MAX);
    return r;
}

static enum err set_scene(struct play *play, bool answerer)
{
    struct scenario_department_in department = {
        .park_id = PARK, .id = DEPARTMENT, .code = STR("department")};
    struct scenario_department_in owner = {
        .park_id = PARK, .id = OWNER, .code = play->service->department};
    struct scenario_enterprise_in enterprise = {
        .park_id = PARK, .id = ENTERPRISE, .code = STR("E1"), .grid_id = GRID};
    struct scenario_enterprise_in other = {
        .park_id = PARK, .id = OTHER_ENTERPRISE, .code = STR("E2"), .grid_id = GRID};
    struct scenario_answerer_in named = {.park_id = PARK,
                                         .person_id = FIRST_PERSON + 3,
                                         .grid_id = GRID,
                                         .enterprise_id = ENTERPRISE};
    struct db_tx *tx = &play->tx;
    enum err r = sql_scenario_park(tx, &(struct scenario_park_in){.id = PARK}, NULL);
    if (r == OK)
        r = sql_scenario_department(tx, &department, NULL);
    if (r == OK)
        r = sql_scenario_department(tx, &owner, NULL);
    if (r == OK)
        r = sql_scenario_grid(tx, &(struct scenario_grid_in){.park_id = PARK, .id = GRID}, NULL);
    if (r == OK)
        r = sql_scenario_enterprise(tx, &enterprise, NULL);
    if (r == OK)
        r = sql_scenario_enterprise(tx, &other, NULL);
    for (size_t i = 0; r == OK && i < COUNT_OF(CAST); i++)
        r = add_actor(play, &CAST[i]);
    return r == OK && answerer ? sql_scenario_answerer(tx, &named, NULL) : r;
}

static size_t actor_of(const struct play *play, struct str name)
{
    size_t i = 0;
    while (i < play->people && !str_equal(name, play->names[i]))
        i++;
    return i;
}

static struct case_env env_of(struct play *play)
{
    return (struct case_env){.tx = &play->tx,
                             .arena = &play->arena,
                             .world = play->world,
                             .park_id = PARK,
                             .now_us = play->now_us};
}

/* Every timer on the way fires at its own moment. */
static enum err move_clock(struct play *play, int64_t to_us)
{
    for (;;) {
        struct scenario_wake_row row;
        struct scenario_wake_in in = {.park_id = PARK, .id = play->case_id};
        enum err r = sql_scenario_wake(play->db, &in, &row);
        if (r != OK || !row.wake_us || row.wake_us > to_us) {
            play->now_us = to_us;
            return r;
        }
        play->now_us = row.wake_us > play->now_us ? row.wake_us : play->now_us;
        struct case_env env = env_of(play);
        r = case_wake(&env, play->case_id);
        if (r != OK)
            return r;
    }
}

static int64_t department_of(struct play *play, struct str code)
{
    struct case_department_of_row row;
    struct case_department_of_in in = {.park_id = PARK, .code = code};
    if (str_is(code, "owner"))
        return OWNER;
    return sql_case_department_of(play->db, &in, &row) == OK ? row.id : 0;
}

/* Items as scenarios name them: by list and number. */
static enum err items_load(struct play *play, struct item_of_case_rows *rows)
{
    struct item_of_case_in in = {.park_id = PARK, .case_id = play->case_id, .last = INT64_MAX};
    return sql_item_of_case(play->db, &play->arena, &in, rows);
}

static int64_t item_id(struct play *play, struct str which)
{
    size_t mark = str_find(which, STR("#"), 0);
    struct item_of_case_rows rows;
    int64_t number;
    if (str_to_int(str_sub(which, mark + 1, SIZE_MAX), &number) != OK ||
        items_load(play, &rows) != OK)
        return 0;
    for (size_t i = 0; i < rows.count; i++)
        if (rows.rows[i].number == number && str_equal(rows.rows[i].list, str_sub(which, 0, mark)))
            return rows.rows[i].id;
    return 0;
}

static int64_t item_number(struct play *play, int64_t id)
{
    struct item_of_case_rows rows;
    if (items_load(play, &rows) != OK)
        return 0;
    for (size_t i = 0; i < rows.count; i++)
        if (rows.rows[i].id == id)
            return rows.rows[i].number;
    return 0;
}

/* As scenarios call it: accept, accept@safety, fix#2. */
static struct str task_name(struct play *play, const struct task_open_row *task)
{
    struct item_department_code_row row;
    struct item_department_code_in in = {.park_id = PARK, .id = task->department_id};
    struct str name = task->element;
    if (task->item_id)
        return str_format(&play->arena, "%.*s#%" PRId64, STR_ARG(name),
                          item_number(play, task->item_id));
    if (in.id && sql_item_department_code(play->db, &play->arena, &in, &row) == OK &&
        !str_equal(row.code, play->service->department))
        return str_format(&play->arena, "%.*s@%.*s", STR_ARG(name), STR_ARG(row.code));
    return name;
}

static int64_t task_of(struct play *play, struct str element)
{
    struct task_open_rows rows;
    struct task_open_in in = {.park_id = PARK, .case_id = play->case_id};
    if (sql_task_open(play->db, &play->arena, &in, &rows) != OK)
        return 0;
    for (size_t i = 0; i < rows.count; i++)
        if (str_equal(task_name(play, &rows.rows[i]), element))
            return rows.rows[i].id;
    return 0;
}

static int64_t int_of(const struct json_value *step, const char *name)
{
    int64_t value = 0;
    return json_get(step, name) && json_to_int(json_get(step, name), &value) == OK ? value : 0;
}

static void target_of(struct play *play, const struct json_value *step, int64_t *person_id,
                      int64_t *department_id)
{
    struct str to = json_get_text(step, "to");
    size_t actor = actor_of(play, to);
    *person_id = actor < play->people ? FIRST_PERSON + (int64_t)actor : 0;
    *department_id = department_of(play, to);
}

static const unsigned char PHOTO[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

static struct list loose_files(struct play *play, const struct principal *who,
                               const struct json_value *step)
{
    struct str bytes = {.ptr = (const char *)PHOTO, .len = sizeof(PHOTO)};
    struct hash sum = hash_of(bytes);
    size_t count = (size_t)int_of(step, "files");
    int64_t *ids = ARENA_ARRAY(&play->arena, count + 1, int64_t);
    for (size_t i = 0; i < count; i++) {
        struct file file;
        if (file_add(&play->tx, who, STR("photo.png"), bytes, &sum, play->now_us, &file) == OK)
            ids[i] = file.id;
    }
    return (struct list){.items = ids, .count = count};
}

static enum err set_items(struct play *play, const struct principal *who,
                          const struct json_value *step, int64_t task, struct item_words *words)
{
    struct case_env env = env_of(play);
    struct str which = json_get_text(step, "item");
    size_t mark = str_find(which, STR("#"), 0);
    int64_t number = 0, unused;
    if (mark < which.len && str_to_int(str_sub(which, mark + 1, SIZE_MAX), &number) != OK)
        number = 0;
    struct item_of_case_rows rows = {0};
    struct task_get_row row = {0};
    enum err r = items_load(play, &rows);
    if (r == OK)
        r = sql_task_get(play->db, &play->arena, &(struct task_get_in){.park_id = PARK, .id = task},
                         &row);
    size_t found = 0;
    for (size_t i = 0; r == OK && i < rows.count; i++) {
        const struct item_of_case_row *item = &rows.rows[i];
        bool named = item->number == number && str_equal(item->list, str_sub(which, 0, mark));
        bool every = str_is(which, "*") && str_is(item->state, "open") &&
                     item->department_id == row.department_id;
        if (!named && !every)
            continue;
        found++;
        r = task_item_set(&env, who, task, item->id, words, &unused);
    }
    return r == OK && found == 0 ? err_set(ERR_NOT_FOUND, "no item \"%.*s\"", STR_ARG(which)) : r;
}

static enum err act_on_items(struct play *play, const struct principal *who, struct str what,
                             const struct json_value *step, int64_t task)
{
    struct case_env env = env_of(play);
    struct item_words words = {.title = json_get_text(step, "title"),
                               .text = json_get_text(step, "text"),
                               .owner_id = department_of(play, json_get_text(step, "to"))};
    int64_t unused;
    struct str due = json_get_text(step, "due"), state = json_get_text(step, "state");
    if (due.ptr && time_parse(due, &words.due_us) != OK)
        return err_set(ERR_INVALID, "\"due\" is no time");
    for (int64_t i = 0; i < ITEM_STATE_COUNT; i++)
        if (str_is(state, ITEM_STATES[i]))
            words.state = i;
    words.into_id = item_id(play, json_get_text(step, "into"));
    if (str_is(what, "raise"))
        return task_item_add(&env, who, task, &words, &unused);
    return set_items(play, who, step, task, &words);
}

static enum err act_on_task(struct play *play, const struct principal *who, struct str what,
                            const struct json_value *step)
{
    struct case_env env = env_of(play);
    int64_t task = task_of(play, json_get_text(step, "task")), person, department, unused;
    struct str text = json_get_text(step, "text");
    target_of(play, step, &person, &department);
    if (str_is(what, "claim"))
        return task_claim(&env, who, task, &unused);
    if (str_is(what, "mark") || str_is(what, "edit") || str_is(what, "raise"))
        return act_on_items(play, who, what, step, task);
    if (str_is(what, "complete")) {
        struct task_outcome outcome = {.outcome = json_get_text(step, "outcome"),
                                       .text = text,
                                       .form = json_get(step, "form"),
                                       .file_ids = loose_files(play, who, step),
                                       .person_id = person,
                                       .department_id = department};
        return task_complete(&env, who, task, &outcome, &unused);
    }
    if (str_is(what, "return"))
        return task_return(&env, who, task, text, &unused);
    if (str_is(what, "delegate"))
        return task_delegate(&env, who, task, person, department, text, &unused);
    if (str_is(what, "extend"))
        return task_extend(&env, who, task, int_of(step, "days"), text, &unused);
    if (str_is(what, "pause"))
        return task_pause(&env, who, task, json_get_text(step, "reason"), text, &unused);
    if (str_is(what, "resume"))
        return task_resume(&env, who, task, &unused);
    return err_set(ERR_INVALID, "there is no act \"%.*s\"", STR_ARG(what));
}

static enum err act(struct play *play, const struct principal *who, const struct json_value *step)
{
    struct case_env env = env_of(play);
    struct str what = json_get_text(step, "do"), text = json_get_text(step, "text");
    if (str_is(what, "message") || str_is(what, "note"))
        return case_message(&env, who, play->case_id, text, (struct list){0}, str_is(what, "note"));
    if (str_is(what, "remind"))
        return case_remind(&env, who, play->case_id, text);
    if (str_is(what, "supervise"))
        return case_supervise(&env, who, play->case_id, text, 0);
    if (str_is(what, "withdraw"))
        return case_withdraw(&env, who, play->case_id, text);
    if (str_is(what, "rate"))
        return case_rate(&env, who, play->case_id, int_of(step, "level"), text);
    return act_on_task(play, who, what, step);
}

/* As the writer does it: what is refused changes nothing. */
static void play_act(struct play *play, const struct json_value *step)
{
    size_t actor = actor_of(play, json_get_text(step, "by"));
    struct str refused = json_get_text(step, "refused");
    if (actor == play->people) {
        fault(play, "\"by\"", json_get_text(step, "by"), STR("one of the cast"));
        return;
    }
    enum err r = db_savepoint(&play->tx);
    if (r == OK)
        r = act(play, &play->cast[actor], step);
    struct err_info why = *err_last();
    if (r == OK ? db_release(&play->tx) != OK : db_undo(&play->tx) != OK)
        fault_last(play, "savepoint");
    if (r != OK && !refused.ptr) {
        err_restore(&why);
        fault_last(play, "refused");
    } else if (refused.ptr) {
        struct str found = r == OK ? STR("done") : str_of(why.reason[0] ? why.reason : err_type(r));
        if (!str_equal(found, refused))
            fault(play, "the refusal", found, refused);
    }
}

/* What must be true now. ------------------------------------------------------------------------
 */

static struct str number(struct play *play, int64_t value)
{
    return str_format(&play->arena, "%" PRId64, value);
}

static struct str moment(struct play *play, int64_t time_us)
{
    if (!time_us)
        return STR("null");
    struct buf buf;
    buf_init(&buf, 64);
    time_format(&buf, time_us, calendar_plain().offset_minutes);
    struct str text = str_copy(&play->arena, buf_str(&buf));
    buf_release(&buf);
    return text;
}

static struct str person(const struct play *play, int64_t id)
{
    int64_t place = id - FIRST_PERSON;
    return place >= 0 && place < (int64_t)play->people ? play->names[place] : STR("null");
}

static struct str task_names(struct play *play, const struct case_run *run)
{
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, 4096);
    for (size_t i = 0; i < run->task_count; i++) {
        buf_add_c(&buf, i ? " " : "");
        buf_add_str(&buf, task_name(play, &run->tasks[i]));
    }
    return str_copy(&play->arena, buf_str(&buf));
}

static struct str last_kind(struct play *play)
{
    struct scenario_kinds_rows rows;
    struct scenario_kinds_in in = {.park_id = PARK, .case_id = play->case_id};
    if (sql_scenario_kinds(play->db, &play->arena, &in, &rows) != OK || rows.count == 0)
        return STR("null");
    return rows.rows[rows.count - 1].kind;
}

static struct str bool_text(bool value)
{
    return value ? STR("true") : STR("false");
}

static struct str item_states(struct play *play, struct str list)
{
    struct item_of_case_rows rows;
    if (items_load(play, &rows) != OK)
        return (struct str){0};
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, 16 * 1024);
    for (size_t i = 0; i < rows.count; i++) {
        if (!str_equal(rows.rows[i].list, list))
            continue;
        buf_add_c(&buf, buf_str(&buf).len ? " " : "");
        buf_add_str(&buf, rows.rows[i].state);
    }
    return str_copy(&play->arena, buf_str(&buf));
}

/* "accept@safety", "fix#2" or plain "plan". */
static const struct case_clock *named_clock(struct play *play, struct case_run *run,
                                            struct str name)
{
    size_t at = str_find(name, STR("@"), 0), mark = str_find(name, STR("#"), 0);
    struct str key = at < name.len ? str_sub(name, at + 1, SIZE_MAX) : STR("");
    if (mark < name.len) {
        struct str which =
            str_format(&play->arena, "rectification%.*s", STR_ARG(str_sub(name, mark, SIZE_MAX)));
        key = number(play, item_id(play, which));
    }
    struct str clock = str_sub(name, 0, at < mark ? at : mark);
    const struct case_clock *found = case_clock_find(run, clock, key);
    return found ? found : case_clock_find(run, clock, play->service->department);
}

static bool may_see(struct play *play, struct str name)
{
    struct case_scope scope;
    size_t actor = actor_of(play, name);
    return actor < play->people && case_scope_check(play->db, &play->arena, &play->cast[actor],
                                                    play->case_id, &scope) == OK;
}

/* State under a name with a prefix: of one list, clock, variable or person. */
static struct str state_of_one(struct play *play, struct case_run *run, struct str name)
{
    struct str rest = str_sub(name, str_find(name, STR(":"), 0) + 1, SIZE_MAX);
    if (str_starts(name, STR("$"))) {
        struct str value = engine_variable(run->instance, ENGINE_ROOT, str_sub(name, 1, SIZE_MAX));
        return value.ptr ? value : STR("null");
    }
    if (str_starts(name, STR("items:")))
        return item_states(play, rest);
    if (str_starts(name, STR("sees:")))
        return bool_text(may_see(play, rest));
    const struct case_clock *clock = named_clock(play, run, rest);
    if (str_starts(name, STR("due:")))
        return moment(play, clock ? clock->due_us : 0);
    if (!str_starts(name, STR("clock:")))
        return (struct str){0};
    bool held = clock && case_clock_held(&run->detail, clock);
    return !clock              ? STR("null")
           : clock->stopped_us ? STR("stopped")
           : held              ? STR("held")
                               : STR("running");
}

/* The state under one name, as the text that a scenario states; absent for a name not known. */
static struct str state_of(struct play *play, struct case_run *run, struct str name)
{
    const struct task_open_row *task = run->task_count > 0 ? &run->tasks[0] : NULL;
    const struct case_clock *clock = case_clock_first(run);
    if (str_is(name, "status"))
        return str_of(case_status_key(run->row.status));
    if (str_is(name, "level"))
        return number(play, run->row.level);
    if (str_is(name, "handbacks"))
        return number(play, run->detail.handbacks);
    if (str_is(name, "clock"))
        return clock ? clock->name : STR("null");
    if (str_is(name, "due"))
        return moment(play, clock ? clock->due_us : 0);
    if (str_is(name, "late"))
        return run->row.late ? STR("true") : STR("false");
    if (str_is(name, "tasks"))
        return task_names(play, run);
    if (str_is(name, "assignee"))
        return task ? person(play, task->assignee_id) : STR("null");
    if (str_is(name, "inbox") && task && task->up_role)
        return str_of(role_key((enum role_set)task->up_role));
    if (str_is(name, "inbox"))
        return task && task->inbox ? str_of(role_key((enum role_set)task->role)) : STR("null");
    if (str_is(name, "extension"))
        return run->detail.extension_state.len ? run->detail.extension_state : STR("null");
    if (str_is(name, "incident"))
        return run->detail.incident.len ? run->detail.incident : STR("null");
    if (str_is(name, "entry"))
        return last_kind(play);
    if (str_is(name, "supervised"))
        return bool_text(run->row.supervised);
    return state_of_one(play, run, name);
}

static struct str wanted_text(struct play *play, const struct json_value *value)
{
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, LIMIT_HTTP_BODY);
    switch (value->type) {
    case JSON_STRING:
    case JSON_NUMBER:
        return value->text;
    case JSON_BOOL:
        return bool_text(value->boolean);
    case JSON_ARRAY:
    case JSON_OBJECT:
        json_value(&(struct json_writer){.buf = &buf}, value);
        return str_copy(&play->arena, buf_str(&buf));
    default:
        return STR("null");
    }
}

static void expect(struct play *play, const struct json_value *expected)
{
    struct case_run run;
    struct case_env env = env_of(play);
    if (case_begin(&run, &env, NULL, play->case_id) != OK || case_tasks_load(&run) != OK) {
        fault_last(play, "expect");
        return;
    }
    for (size_t i = 0; expected->type == JSON_OBJECT && i < expected->object.count; i++) {
        const struct json_member *member = &expected->object.members[i];
        struct str found = state_of(play, &run, member->name);
        struct str wanted = wanted_text(play, &member->value);
        if (!found.ptr)
            fault(play, "\"expect\"", member->name, STR("something known"));
        else if (!str_equal(found, wanted))
            fault(play, str_c(&play->arena, member->name), found, wanted);
    }
}

/* An incident explains all that goes wrong after it: said once, then the play ends. */
static bool has_incident(struct play *play)
{
    struct case_run run;
    struct case_env env = env_of(play);
    if (case_begin(&run, &env, NULL, play->case_id) != OK || run.detail.incident.len == 0)
        return false;
    service_fault(play->report, "%.*s: step %zu: incident: %.*s", STR_ARG(play->name), play->step,
                  STR_ARG(run.detail.incident));
    return true;
}

/* The play. -------------------------------------------------------------------------------------
 */

static void play_step(struct play *play, const struct json_value *step)
{
    struct str at = json_get_text(step, "at");
    int64_t to_us;
    if (at.ptr && (time_parse(at, &to_us) != OK || move_clock(play, to_us) != OK))
        fault_last(play, "at");
    if (json_get_text(step, "do").ptr)
        play_act(play, step);
    if (json_get(step, "expect"))
        expect(play, json_get(step, "expect"));
}

static enum err submit(struct play *play, const struct json_value *scenario)
{
    struct case_env env = env_of(play);
    struct case_new in = {.service = play->service->key,
                          .enterprise_id = ENTERPRISE,
                          .form = json_get(scenario, "form")};
    return case_submit(&env, &play->cast[0], &in, &play->case_id);
}

/* What the journal tells of the case must be what is stored. */
static void replay(struct play *play)
{
    struct history history;
    if (history_read(play->db, &play->arena, play->services, PARK, play->case_id, &history) != OK)
        fault_last(play, "replay");
    else if (history.verdict != HISTORY_SAME)
        service_fault(play->report, "%.*s: the journal tells another story: %.*s",
                      STR_ARG(play->name), STR_ARG(history.differences));
}

static void perform(struct play *play, const struct json_value *scenario,
                    struct service_cover *cover)
{
    const struct json_value *answerer = json_get(scenario, "answerer");
    const struct json_value *steps = json_get(scenario, "steps");
    case_world_cover(play->world, cover);
    bool named = answerer && answerer->type == JSON_BOOL && answerer->boolean;
    if (time_parse(json_get_text(scenario, "start"), &play->now_us) != OK ||
        set_scene(play, named) != OK ||
        add_departments(play, json_get(scenario, "departments")) != OK ||
        submit(play, scenario) != OK) {
        fault_last(play, "start");
        return;
    }
    for (size_t i = 0; steps && steps->type == JSON_ARRAY && i < steps->array.count; i++) {
        if (has_incident(play))
            return;
        play->step = i + 1;
        play_step(play, &steps->array.items[i]);
    }
    struct case_run run;
    struct case_env env = env_of(play);
    if (case_begin(&run, &env, NULL, play->case_id) == OK)
        service_cover_nodes(cover, run.done);
    replay(play);
}

void scenario_run(struct services *services, const struct service *service, struct str name,
                  struct str text, struct service_report *report, struct service_cover *cover)
{
    struct play play = {.services = services, .service = service, .report = report, .name = name};
    const struct json_value *scenario;
    arena_init(&play.arena);
    if (json_parse(&play.arena, text, &scenario) != OK)
        service_fault(report, "%.*s: %s", STR_ARG(name), err_last()->detail);
    else if (db_open(":memory:", DB_WRITE, &play.db) != OK || db_migrate(play.db) != OK ||
             db_begin(play.db, &play.tx) != OK || case_world_new(services, &play.world) != OK)
        fault_last(&play, "store");
    else
        perform(&play, scenario, cover);
    case_world_free(play.world);
    if (play.db)
        db_close(play.db);
    arena_release(&play.arena);
}
