/* One case's page. */
#include "park/case_view.h"

#include "park/account_sql.h"
#include "park/case_list_sql.h"
#include "park/case_run.h"
#include "park/case_steps.h"
#include "park/file.h"
#include "park/file_sql.h"
#include "park/item.h"
#include "park/task_view.h"

enum { STEPS_MAX = 1000 }; /* Of one case, as the drawing tells them. */

struct view {
    const struct case_reader *reader;
    struct json_writer *w;
    int64_t id;
    bool staff, contact;
    struct case_load_row row;
    struct case_detail detail;
    const struct service *service;
    const struct engine_instance *instance;
    struct task_open_rows tasks;
};

static const char *clock_state(const struct view *view, const struct case_clock *clock)
{
    int64_t now_us = view->reader->now_us;
    if (clock->stopped_us)
        return clock->stopped_us <= clock->due_us ? "met" : "late";
    if (case_clock_held(&view->detail, clock))
        return "paused";
    return now_us >= clock->due_us ? "late" : "running";
}

static void write_pauses(const struct view *view, const struct case_clock *clock)
{
    struct json_writer *w = view->w;
    json_key(w, "pauses");
    json_array_begin(w);
    for (size_t i = 0; i < view->detail.pauses.count; i++) {
        const struct case_pause *pause = (const struct case_pause *)view->detail.pauses.items + i;
        if (!str_equal(pause->clock, clock->name) || !str_equal(pause->key, clock->key))
            continue;
        json_object_begin(w);
        json_member_time(w, "from", pause->from_us);
        json_member_time(w, "to", pause->to_us);
        json_member_text(w, "reason", pause->reason);
        json_member_text(w, "text", pause->text);
        json_object_end(w);
    }
    json_array_end(w);
}

static void write_clocks(const struct view *view)
{
    struct json_writer *w = view->w;
    json_key(w, "clocks");
    json_array_begin(w);
    for (size_t i = 0; i < view->detail.clocks.count; i++) {
        const struct case_clock *clock = (const struct case_clock *)view->detail.clocks.items + i;
        json_object_begin(w);
        json_member_text(w, "name", clock->name);
        json_member_text(w, "key", clock->key);
        json_member_time(w, "started_at", clock->started_us);
        json_member_time(w, "warn_at", clock->warn_us);
        json_member_time(w, "due_at", clock->due_us);
        json_member_time(w, "stopped_at", clock->stopped_us);
        json_member_c(w, "state", clock_state(view, clock));
        write_pauses(view, clock);
        json_object_end(w);
    }
    json_array_end(w);
}

static void write_tasks(const struct view *view)
{
    struct json_writer *w = view->w;
    json_key(w, "tasks");
    json_array_begin(w);
    for (size_t i = 0; i < view->tasks.count; i++) {
        const struct task_open_row *row = &view->tasks.rows[i];
        bool contact_task = row->role == ROLE_CONTACT;
        json_object_begin(w);
        json_member_id(w, "id", row->id);
        json_member_text(w, "element", row->element);
        json_member_text(w, "name", row->name);
        json_member_text(w, "name_en", row->name_en);
        json_member_ref(w, "assignee", row->assignee_id, row->assignee_name);
        json_member_c(w, "role", role_key((enum role_set)row->role));
        struct task_facts facts = {.service = view->service,
                                   .element = row->element,
                                   .place = {.assignee_id = row->assignee_id,
                                             .role = row->role,
                                             .scope_id = row->scope_id,
                                             .up_role = row->up_role,
                                             .up_scope = row->up_scope,
                                             .department_id = row->department_id,
                                             .inbox = row->inbox},
                                   .grid_id = view->row.grid_id,
                                   .department_id = view->row.department_id,
                                   .status = view->row.status,
                                   .paused = view->row.paused,
                                   .suspended = view->row.suspended,
                                   .extension = view->detail.extension_state.len > 0,
                                   .expired = view->row.due_us &&
                                              view->reader->now_us >= view->row.due_us};
        if (!view->staff && !contact_task)
            facts.service = NULL;
        task_write_actions(w, view->reader, &facts);
        json_member_id(w, "department_id", row->department_id);
        json_member_id(w, "item_id", row->item_id);
        json_member_time(w, "created_at", row->created_us);
        json_member_time(w, "due_at", row->due_us == TASK_NO_DUE ? 0 : row->due_us);
        json_object_end(w);
    }
    json_array_end(w);
}

static void write_next(const struct view *view)
{
    struct json_writer *w = view->w;
    json_key(w, "next");
    const struct task_open_row *next = NULL;
    for (size_t i = 0; i < view->tasks.count; i++)
        if (!next || !str_is(view->tasks.rows[i].element, "extension"))
            next = &view->tasks.rows[i];
    if (!next) {
        json_null(w);
        return;
    }
    json_object_begin(w);
    json_member_text(w, "text_key",
                     str_format(view->reader->arena, "next.%.*s", STR_ARG(next->element)));
    json_member_text(w, "element", next->element);
    json_member_text(w, "name", next->name);
    json_member_text(w, "name_en", next->name_en);
    json_member_text(w, "who", next->assignee_id ? next->assignee_name : (struct str){0});
    json_member_c(w, "role", role_key((enum role_set)next->role));
    json_member_time(w, "until", next->due_us == TASK_NO_DUE ? 0 : next->due_us);
    json_object_end(w);
}

static bool watches(const struct view *view)
{
    struct case_watching_in in = {.park_id = view->reader->park_id,
                                  .person_id = view->reader->who->person_id,
                                  .case_id = view->id};
    struct case_watching_row row;
    return sql_case_watching(view->reader->db, &in, &row) == OK && row.watching;
}

static void write_actions(const struct view *view)
{
    struct json_writer *w = view->w;
    const struct principal *who = view->reader->who;
    bool open = !view->row.closed, working = open && view->row.status < CASE_RESOLVED,
         moves = !view->row.suspended;
    bool leads = access_has(who, ROLE_LEADER) ||
                 (view->row.grid_id && access_in(who, ROLE_GRID_LEADER, view->row.grid_id));
    bool watching = watches(view);
    struct {
        const char *name;
        bool may;
    } actions[] = {{"message", open},
                   {"note", open && view->staff},
                   {"remind", moves && working && view->contact},
                   {"withdraw", moves && working && view->contact},
                   {"rate", moves && view->row.status == CASE_TO_RATE && !view->row.rating &&
                                view->row.applicant_id == who->person_id},
                   {"supervise", moves && open && leads},
                   {watching ? "unwatch" : "watch", true}};
    json_key(w, "actions");
    json_array_begin(w);
    for (size_t i = 0; i < COUNT_OF(actions); i++)
        if (actions[i].may)
            json_c(w, actions[i].name);
    json_array_end(w);
    json_member_bool(w, "watching", watching);
}

static void write_person(struct json_writer *w, const char *name, int64_t id, struct str called,
                         struct str role)
{
    if (!json_member_ref_begin(w, name, id, called))
        return;
    json_member_text(w, "role", role);
    json_object_end(w);
}

static enum err write_messages(const struct view *view)
{
    const struct case_reader *reader = view->reader;
    struct json_writer *w = view->w;
    struct message_list_rows rows;
    struct message_list_in in = {
        .park_id = reader->park_id, .case_id = view->id, .internal = view->staff};
    enum err r = sql_message_list(reader->db, reader->arena, &in, &rows);
    if (r != OK)
        return r;
    json_key(w, "messages");
    json_array_begin(w);
    for (size_t i = 0; r == OK && i < rows.count; i++) {
        const struct message_list_row *row = &rows.rows[i];
        json_object_begin(w);
        json_member_id(w, "id", row->id);
        json_member_time(w, "at", row->at_us);
        struct str role =
            row->author_role ? str_of(role_key((enum role_set)row->author_role)) : (struct str){0};
        write_person(w, "author", row->author_id, row->author_name, role);
        json_member_text(w, "text", row->text);
        json_key(w, "files");
        r = file_write_list(w, reader->db, reader->arena, reader->park_id, row->files);
        json_member_bool(w, "internal", row->internal);
        json_object_end(w);
    }
    json_array_end(w);
    return r;
}

static enum err write_files(const struct view *view)
{
    const struct case_reader *reader = view->reader;
    struct json_writer *w = view->w;
    struct file_of_case_rows rows;
    struct file_of_case_in in = {
        .park_id = reader->park_id, .case_id = view->id, .internal = view->staff};
    enum err r = sql_file_of_case(reader->db, reader->arena, &in, &rows);
    if (r != OK)
        return r;
    json_key(w, "files");
    json_array_begin(w);
    for (size_t i = 0; i < rows.count; i++) {
        json_object_begin(w);
        json_member_id(w, "id", rows.rows[i].id);
        json_member_text(w, "name", rows.rows[i].name);
        json_member_text(w, "type", rows.rows[i].type);
        json_member_int(w, "size", rows.rows[i].size);
        json_object_end(w);
    }
    json_array_end(w);
    return OK;
}

static void write_bits(const struct view *view, const char *name, struct str hex, bool flows)
{
    const struct bpmn_model *model = view->service->model;
    struct str bytes = {0};
    json_key(view->w, name);
    json_array_begin(view->w);
    if (hex.len > 0 && hex_decode(view->reader->arena, hex, &bytes) != OK)
        bytes.len = 0;
    size_t count = flows ? model->flow_count : model->node_count;
    for (size_t i = 0; i < count && i / 8 < bytes.len; i++)
        if ((unsigned char)bytes.ptr[i / 8] >> i % 8 & 1)
            json_text(view->w, flows ? model->flows[i].id : model->nodes[i].id);
    json_array_end(view->w);
}

/* What people had to do at a step: how often, since when they have it, when it was last done. */
struct step_times {
    struct str element;
    int64_t times, waiting, since_us, done_us;
};

static void add_times(struct step_times *step, const struct task_elements_row *row)
{
    step->times++;
    if (row->done_us > step->done_us)
        step->done_us = row->done_us;
    if (row->done_us)
        return;
    step->waiting++;
    if (!step->since_us || row->created_us < step->since_us)
        step->since_us = row->created_us;
}

static enum err write_elements(const struct view *view)
{
    struct json_writer *w = view->w;
    const struct case_reader *reader = view->reader;
    struct task_elements_in in = {
        .park_id = reader->park_id, .case_id = view->id, .limit = STEPS_MAX};
    struct task_elements_rows rows;
    enum err r = sql_task_elements(reader->db, reader->arena, &in, &rows);
    if (r != OK)
        return r;
    struct step_times *steps = ARENA_ARRAY(reader->arena, rows.count, struct step_times);
    size_t count = 0;
    for (size_t i = 0; i < rows.count; i++) {
        size_t at = 0;
        while (at < count && !str_equal(steps[at].element, rows.rows[i].element))
            at++;
        count += at == count;
        steps[at].element = rows.rows[i].element;
        add_times(&steps[at], &rows.rows[i]);
    }
    json_key(w, "elements");
    json_array_begin(w);
    for (size_t i = 0; i < count; i++) {
        json_object_begin(w);
        json_member_text(w, "id", steps[i].element);
        json_member_int(w, "times", steps[i].times);
        json_member_int(w, "waiting", steps[i].waiting);
        json_member_time(w, "since", steps[i].since_us);
        json_member_time(w, "done_at", steps[i].done_us);
        json_object_end(w);
    }
    json_array_end(w);
    return OK;
}

/* Where the process stands still until somebody repairs it. */
static void write_incidents(const struct view *view)
{
    const struct engine_instance *in = view->instance;
    json_key(view->w, "incidents");
    json_array_begin(view->w);
    for (size_t i = 0; view->staff && i < in->incident_count; i++) {
        const struct engine_element *at = engine_element(in, in->incidents[i].element);
        if (at)
            json_text(view->w, view->service->model->nodes[at->node].id);
    }
    json_array_end(view->w);
}

static enum err write_process(const struct view *view)
{
    struct json_writer *w = view->w;
    json_key(w, "process");
    json_object_begin(w);
    json_key(w, "active");
    json_array_begin(w);
    for (size_t i = 0; i < view->instance->element_count; i++) {
        const struct bpmn_node *node =
            &view->service->model->nodes[view->instance->elements[i].node];
        if (node->kind != BPMN_PROCESS)
            json_text(w, node->id);
    }
    json_array_end(w);
    write_bits(view, "done", view->detail.done, false);
    write_bits(view, "flows", view->detail.flows, true);
    write_incidents(view);
    enum err r = write_elements(view);
    json_object_end(w);
    return r;
}

/* What the process has decided by now; empty once the case is over. */
static void write_decided(const struct view *view)
{
    struct json_writer *w = view->w;
    const struct list *decided = &view->service->decided;
    json_key(w, "decided");
    json_object_begin(w);
    for (size_t i = 0; i < decided->count; i++) {
        struct str name = ((const struct str *)decided->items)[i];
        struct str value = engine_variable(view->instance, ENGINE_ROOT, name);
        if (!value.ptr)
            continue;
        json_key_str(w, name);
        json_raw(w, value);
    }
    json_object_end(w);
}

static enum err write_outcome(const struct view *view)
{
    struct json_writer *w = view->w;
    const struct case_detail *d = &view->detail;
    enum err r = OK;
    json_key(w, "result");
    if (d->result_us) {
        json_object_begin(w);
        json_member_text(w, "text", d->result_text);
        json_member_time(w, "at", d->result_us);
        json_key(w, "files");
        r = file_write_list(w, view->reader->db, view->reader->arena, view->reader->park_id,
                            d->result_files);
        json_object_end(w);
    } else {
        json_null(w);
    }
    json_key(w, "extension");
    if (d->extension_state.len > 0) {
        json_object_begin(w);
        json_member_int(w, "asked_days", d->extension_days);
        json_member_text(w, "reason", d->extension_reason);
        json_member_text(w, "state", d->extension_state);
        json_member_time(w, "asked_at", d->extension_us);
        json_object_end(w);
    } else {
        json_null(w);
    }
    json_key(w, "supervision");
    if (view->staff && view->row.supervised) {
        json_object_begin(w);
        json_member_text(w, "text", d->supervise_text);
        json_member_time(w, "reply_by", d->reply_by_us);
        json_object_end(w);
    } else {
        json_null(w);
    }
    return r;
}

static void write_rating(const struct view *view)
{
    struct json_writer *w = view->w;
    const struct case_detail *d = &view->detail;
    int64_t cap;
    json_member_int(w, "handbacks", d->handbacks);
    json_key(w, "handback_cap");
    if (json_to_int(json_get(view->service->parameters, "handback_cap"), &cap) == OK)
        json_int(w, cap);
    else
        json_null(w);
    json_key(w, "rating");
    if (view->row.rating) {
        json_object_begin(w);
        json_member_int(w, "level", view->row.rating);
        json_member_text(w, "text", d->rating_text);
        json_member_time(w, "at", d->rating_us);
        json_object_end(w);
    } else {
        json_null(w);
    }
    json_member_text(w, "incident", view->staff ? d->incident : (struct str){0});
}

static void write_suspension(const struct view *view)
{
    const struct case_detail *d = &view->detail;
    struct json_writer *w = view->w;
    struct person_name_row person = {0};
    struct person_name_in in = {.park_id = view->reader->park_id, .person_id = d->suspended_by};
    json_key(w, "suspension");
    if (!view->row.suspended) {
        json_null(w);
        return;
    }
    if (sql_person_name(view->reader->db, view->reader->arena, &in, &person) != OK)
        in.person_id = 0;
    json_object_begin(w);
    json_member_time(w, "at", d->suspended_us);
    json_member_ref(w, "by", in.person_id, person.name);
    json_member_text(w, "reason", d->suspended_reason);
    json_object_end(w);
}

static enum err write_timeline(const struct view *view)
{
    const struct case_reader *reader = view->reader;
    struct json_writer *w = view->w;
    struct case_timeline_rows rows;
    struct case_timeline_in in = {.park_id = reader->park_id, .case_id = view->id};
    enum err r = sql_case_timeline(reader->db, reader->arena, &in, &rows);
    if (r != OK)
        return r;
    json_key(w, "timeline");
    json_array_begin(w);
    for (size_t i = 0; i < rows.count; i++) {
        const struct case_timeline_row *row = &rows.rows[i];
        if (!view->staff && case_kind_internal(row->kind))
            continue;
        const struct json_value *body = NULL;
        if (row->body.len > 0 && json_parse(reader->arena, row->body, &body) != OK)
            body = NULL;
        json_object_begin(w);
        json_member_int(w, "seq", row->seq);
        json_member_time(w, "at", row->time_us);
        json_member_text(w, "kind", row->kind);
        write_person(w, "actor", row->actor_id, row->actor_name, json_get_text(body, "role"));
        json_key(w, "data");
        if (row->body.len > 0)
            json_raw(w, row->body);
        else
            json_null(w);
        json_object_end(w);
    }
    json_array_end(w);
    return OK;
}

static enum err load(struct view *view)
{
    const struct case_reader *reader = view->reader;
    struct case_scope scope;
    enum err r = case_scope_check(reader->db, reader->arena, reader->who, view->id, &scope);
    if (r != OK)
        return r;
    view->staff = case_staff(reader->who, &scope);
    view->contact = access_in(reader->who, ROLE_CONTACT, scope.enterprise_id);
    r = sql_case_load(reader->db, reader->arena,
                      &(struct case_load_in){.park_id = reader->park_id, .id = view->id},
                      &view->row);
    if (r == OK)
        r = services_of_model(reader->services, reader->db, reader->park_id, view->row.model_id,
                              &view->service);
    if (r == OK)
        r = case_detail_read(reader->arena, view->row.detail, &view->detail);
    struct engine_instance *instance = NULL;
    if (r == OK)
        r = engine_instance_read(reader->arena, view->service->model, view->row.instance,
                                 &instance);
    view->instance = instance;
    struct task_open_in open = {.park_id = reader->park_id, .case_id = view->id};
    return r == OK ? sql_task_open(reader->db, reader->arena, &open, &view->tasks) : r;
}

enum err case_write(const struct case_reader *reader, struct json_writer *w, int64_t case_id,
                    int64_t *version)
{
    struct view view = {.reader = reader, .w = w, .id = case_id};
    enum err r = load(&view);
    if (r != OK)
        return r;
    json_object_begin(w);
    r = case_write_row_members(reader, w, case_id, false);
    json_member_raw(w, "form", view.row.form);
    if (r == OK)
        r = write_files(&view);
    write_clocks(&view);
    write_tasks(&view);
    if (r == OK)
        r = case_steps_write(reader, w, view.service, case_id);
    if (r == OK)
        r = case_items_write(reader, w, case_id);
    write_decided(&view);
    write_next(&view);
    write_actions(&view);
    if (r == OK)
        r = write_messages(&view);
    if (r == OK)
        r = write_process(&view);
    if (r == OK)
        r = write_outcome(&view);
    write_rating(&view);
    write_suspension(&view);
    if (r == OK)
        r = write_timeline(&view);
    json_member_int(w, "version", view.row.version);
    json_object_end(w);
    if (r == OK && version)
        *version = view.row.version;
    return r;
}
