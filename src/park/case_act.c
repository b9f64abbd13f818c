/* What people do with a case as a whole. */
#include "park/case_act.h"

#include "base/clock.h"
#include "base/id.h"
#include "park/case_run.h"
#include "park/draft.h"
#include "park/file.h"
#include "park/form.h"

static enum err next_number(const struct case_env *env, const struct service *service,
                            struct str category, struct str *out)
{
    int64_t day = case_local_day(env->now_us);
    struct case_number_next_in in = {.park_id = env->park_id, .day = day, .service = service->key};
    struct case_number_next_row row;
    enum err r = sql_case_number_next(env->tx->db, &in, &row);
    struct count_category_in count = {
        .park_id = env->park_id, .day = day, .service = service->key, .category = category};
    if (r == OK)
        r = sql_count_category(env->tx, &count, NULL);
    if (r != OK)
        return r;
    int year, month, date;
    date_from_days(day, &year, &month, &date);
    *out = str_format(env->arena, "%.*s%04d%02d%02d%04" PRId64, STR_ARG(service->number), year,
                      month, date, row.last + 1);
    return OK;
}

struct str case_json_text(struct arena *arena, const struct json_value *value)
{
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, LIMIT_HTTP_BODY * 2);
    struct json_writer w = json_writer(&buf);
    json_value(&w, value);
    return str_copy(arena, buf_str(&buf));
}

static struct str start_variables(struct case_run *run, const struct json_value *form)
{
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, LIMIT_HTTP_BODY);
    struct json_writer w = json_writer(&buf);
    json_object_begin(&w);
    json_member_id(&w, "case_id", run->id);
    json_member_id(&w, "applicant", run->row.applicant_id);
    json_member_text(&w, "lead", run->service->department);
    static const char *const NULLS[] = {"holder", "group",         "clock",    "outcome",
                                        "rating", "to_department", "to_person"};
    for (size_t i = 0; i < COUNT_OF(NULLS); i++) {
        json_key(&w, NULLS[i]);
        json_null(&w);
    }
    json_member_int(&w, "handbacks", 0);
    const struct list *decided = &run->service->decided;
    for (size_t i = 0; i < decided->count; i++) {
        json_key_str(&w, ((const struct str *)decided->items)[i]);
        json_null(&w);
    }
    const struct list *names = &run->service->variables;
    for (size_t i = 0; i < names->count; i++) {
        struct str name = ((const struct str *)names->items)[i];
        const struct json_value *value = json_get(form, str_c(run->arena, name));
        json_key_str(&w, name);
        if (value)
            json_value(&w, value);
        else
            json_null(&w);
    }
    if (run->service->parameters) {
        json_key(&w, "parameters");
        json_value(&w, run->service->parameters);
    }
    json_object_end(&w);
    return str_copy(run->arena, buf_str(&buf));
}

static enum err log_filed(struct case_run *run, const struct case_new *in)
{
    struct hash digest = hash_of(run->row.form);
    struct case_entry entry;
    case_entry_begin(run, &entry);
    json_member_text(&entry.w, "number", run->row.number);
    json_member_text(&entry.w, "title", run->row.title);
    json_member_text(&entry.w, "category", run->row.category);
    CLEANUP(buf_release) struct buf hex;
    buf_init(&hex, HASH_SIZE * 2 + 2);
    buf_add_hex(&hex, hash_str(&digest));
    json_member_text(&entry.w, "form_sha256", buf_str(&hex));
    if (in->file_ids.count > 0) {
        json_member_int(&entry.w, "files", (int64_t)in->file_ids.count);
    }
    return case_entry_end(run, &entry, "case.filed", run->row.applicant_id);
}

static enum err check_applicant(const struct case_env *env, const struct principal *who,
                                const struct service *service, int64_t enterprise_id)
{
    enum role_set role = role_of_key(service->applicant);
    if (!role || !access_in(who, role, enterprise_id))
        return err_field(ERR_INVALID, "enterprise_id", "enterprise.not-yours",
                         "the caller does not act for this enterprise");
    struct case_route_in at = {
        .park_id = env->park_id, .enterprise_id = enterprise_id, .now_us = env->now_us};
    struct case_route_row row;
    return sql_case_route(env->tx->db, &at, &row);
}

static enum err fill_row(struct case_run *run, const struct case_env *env,
                         const struct principal *who, const struct case_new *in)
{
    const struct service *service = run->service;
    struct case_load_row *row = &run->row;
    *row = (struct case_load_row){
        .service = service->key,
        .title = json_get_text(in->form, str_c(env->arena, service->title)),
        .category = json_get_text(in->form, str_c(env->arena, service->category)),
        .status = CASE_DISPATCHED,
        .enterprise_id = in->enterprise_id,
        .applicant_id = who->person_id,
        .filed_us = env->now_us,
        .form = case_json_text(env->arena, in->form)};
    enum err r = services_model_id(case_world_services(env->world), env->tx, env->park_id, service,
                                   env->now_us, &row->model_id);
    return r == OK ? next_number(env, service, row->category, &row->number) : r;
}

enum err case_submit(const struct case_env *env, const struct principal *who,
                     const struct case_new *in, int64_t *case_id)
{
    struct services *services = case_world_services(env->world);
    const struct service *service = services_find(services, in->service);
    if (!service)
        return err_field(ERR_INVALID, "service", "service.unknown", "no such service");
    enum err r = check_applicant(env, who, service, in->enterprise_id);
    if (r == OK)
        r = form_check(service, in->form);
    if (r != OK)
        return r;
    struct case_run run = {.id = id_next(env->now_us), .service = service};
    r = fill_row(&run, env, who, in);
    if (r == OK)
        r = case_begin_new(&run, env, who);
    if (r == OK)
        r = file_attach(env->tx, who, in->file_ids.items, in->file_ids.count, run.id, false);
    if (r == OK)
        r = log_filed(&run, in);
    run.counts.filed = 1;
    struct engine_command start = {.kind = ENGINE_START};
    if (r == OK) {
        start.variables = start_variables(&run, in->form);
        r = case_step(&run, &start);
    }
    if (r == OK)
        r = case_end(&run);
    if (r == OK && in->draft_id)
        r = draft_drop(env->tx, who, in->draft_id);
    if (r == OK)
        *case_id = run.id;
    return r;
}

/* Begins an act on a case that is not over … */
static enum err begin_open(struct case_run *run, const struct case_env *env,
                           const struct principal *who, int64_t case_id)
{
    enum err r = case_begin(run, env, who, case_id);
    return r == OK && run->row.closed
               ? err_refuse(ERR_CONFLICT, "case.closed", "the case is closed")
               : r;
}

/* … and does not stand still. */
static enum err begin_moving(struct case_run *run, const struct case_env *env,
                             const struct principal *who, int64_t case_id)
{
    enum err r = begin_open(run, env, who, case_id);
    return r == OK ? case_moves(run) : r;
}

static enum err insert_message(struct case_run *run, struct str text, struct list file_ids,
                               bool internal)
{
    struct message_insert_in in = {.park_id = run->park_id,
                                   .case_id = run->id,
                                   .id = id_next(run->now_us),
                                   .author_id = run->who->person_id,
                                   .author_role = case_actor_role(run),
                                   .at_us = run->now_us,
                                   .internal = internal,
                                   .text = text,
                                   .files = case_id_list(run->arena, file_ids)};
    enum err r = sql_message_insert(run->tx, &in, NULL);
    if (r != OK)
        return r;
    struct case_entry entry;
    case_entry_begin(run, &entry);
    json_member_text(&entry.w, "text", text);
    if (file_ids.count > 0) {
        json_member_int(&entry.w, "files", (int64_t)file_ids.count);
    }
    return case_entry_end(run, &entry, internal ? "case.note" : "case.message",
                          run->who->person_id);
}

/* The applicant's answer ends the wait for it; the staff's first word begins the work. */
static enum err message_moves(struct case_run *run)
{
    if (run->row.suspended)
        return OK;
    if (run->staff) {
        if (run->row.status == CASE_SIGNED)
            run->row.status = CASE_IN_PROGRESS;
        return OK;
    }
    const struct list *pauses = &run->detail.pauses;
    if (!run->row.paused || pauses->count == 0)
        return OK;
    const struct case_pause *last = (const struct case_pause *)pauses->items + pauses->count - 1;
    if (!str_is(last->reason, "wait_applicant"))
        return OK;
    enum err r = case_log(run, "case.resumed");
    return r == OK ? case_pause_end(run) : r;
}

enum err case_message(const struct case_env *env, const struct principal *who, int64_t case_id,
                      struct str text, struct list file_ids, bool internal)
{
    struct case_run run;
    enum err r = begin_open(&run, env, who, case_id);
    if (r != OK)
        return r;
    if (internal && !run.staff)
        return err_field(ERR_FORBIDDEN, "internal", "case.internal", "only staff write notes");
    r = file_attach(env->tx, who, file_ids.items, file_ids.count, case_id, internal);
    if (r == OK)
        r = insert_message(&run, text, file_ids, internal);
    if (r == OK && !internal)
        r = message_moves(&run);
    return r == OK ? case_end(&run) : r;
}

enum err case_remind(const struct case_env *env, const struct principal *who, int64_t case_id,
                     struct str text)
{
    struct case_run run;
    enum err r = begin_moving(&run, env, who, case_id);
    if (r != OK)
        return r;
    if (run.row.status >= CASE_RESOLVED)
        return err_refuse(ERR_CONFLICT, "case.resolved", "there is nothing left to remind of");
    if (!access_in(who, ROLE_CONTACT, run.row.enterprise_id))
        return err_refuse(ERR_FORBIDDEN, "case.applicant-only", "only the applicant reminds");
    int64_t again_us = run.detail.reminded_us + run.service->remind_minutes * MINUTE_US;
    if (run.detail.reminded_us && env->now_us < again_us)
        return err_refuse(ERR_RATE, "case.reminded", "reminded already; wait a while");
    run.detail.reminded_us = env->now_us;
    run.row.reminders++;
    struct case_entry entry;
    case_entry_begin(&run, &entry);
    json_member_text(&entry.w, "text", text);
    r = case_entry_end(&run, &entry, "case.reminded", who->person_id);
    return r == OK ? case_end(&run) : r;
}

enum err case_supervise(const struct case_env *env, const struct principal *who, int64_t case_id,
                        struct str text, int64_t reply_by_us)
{
    struct case_run run;
    enum err r = begin_moving(&run, env, who, case_id);
    if (r != OK)
        return r;
    if (!access_has(who, ROLE_LEADER) &&
        !(run.row.grid_id && access_in(who, ROLE_GRID_LEADER, run.row.grid_id)))
        return err_refuse(ERR_FORBIDDEN, "case.supervise", "only leaders supervise");
    if (reply_by_us && reply_by_us <= env->now_us)
        return err_field(ERR_INVALID, "reply_by", "field.range", "the reply must be due later");
    run.row.supervised = true;
    run.detail.supervise_text = text;
    run.detail.reply_by_us = reply_by_us;
    struct case_entry entry;
    case_entry_begin(&run, &entry);
    json_member_text(&entry.w, "text", text);
    json_member_time(&entry.w, "reply_by", reply_by_us);
    r = case_entry_end(&run, &entry, "case.supervised", 0);
    return r == OK ? case_end(&run) : r;
}

enum err case_withdraw(const struct case_env *env, const struct principal *who, int64_t case_id,
                       struct str reason)
{
    struct case_run run;
    enum err r = begin_moving(&run, env, who, case_id);
    if (r != OK)
        return r;
    if (!access_in(who, ROLE_CONTACT, run.row.enterprise_id))
        return err_refuse(ERR_FORBIDDEN, "case.applicant-only", "only the applicant withdraws");
    if (run.row.status >= CASE_RESOLVED)
        return err_refuse(ERR_CONFLICT, "case.withdraw-late", "the case is resolved already");
    struct case_entry entry;
    case_entry_begin(&run, &entry);
    json_member_text(&entry.w, "text", reason);
    r = case_entry_end(&run, &entry, "case.withdrawn", who->person_id);
    struct engine_command ask = {.kind = ENGINE_MESSAGE,
                                 .name = STR("withdraw"),
                                 .correlation = str_format(env->arena, "%" PRId64, case_id)};
    if (r == OK)
        r = case_step(&run, &ask);
    if (r == ERR_NOT_FOUND)
        return err_refuse(ERR_CONFLICT, "case.withdraw-late", "the process takes no withdrawal");
    return r == OK ? case_end(&run) : r;
}

enum err case_rate(const struct case_env *env, const struct principal *who, int64_t case_id,
                   int64_t level, struct str text)
{
    struct case_run run;
    enum err r = case_begin(&run, env, who, case_id);
    if (r == OK)
        r = case_moves(&run);
    if (r == OK)
        r = case_tasks_load(&run);
    if (r != OK)
        return r;
    if (run.row.applicant_id != who->person_id)
        return err_refuse(ERR_FORBIDDEN, "case.rate-applicant", "only the applicant rates");
    if (run.row.rating)
        return err_refuse(ERR_CONFLICT, "case.rated", "the case is rated already");
    int64_t task_id = 0;
    for (size_t i = 0; i < run.task_count; i++)
        if (run.tasks[i].role == ROLE_CONTACT && run.tasks[i].assignee_id == who->person_id)
            task_id = run.tasks[i].id;
    if (!task_id || run.row.status != CASE_TO_RATE)
        return err_refuse(ERR_CONFLICT, "case.not-to-rate", "the case is not to be rated now");
    struct task_outcome in = {.rating = level, .text = text};
    return task_complete(env, who, task_id, &in, &case_id);
}

enum err case_watch(const struct case_env *env, const struct principal *who, int64_t case_id,
                    bool watching)
{
    struct case_scope scope;
    enum err r = case_scope_check(env->tx->db, env->arena, who, case_id, &scope);
    struct case_person_watch_in in = {.park_id = env->park_id,
                                      .person_id = who->person_id,
                                      .case_id = case_id,
                                      .watching = watching};
    return r == OK ? sql_case_person_watch(env->tx, &in, NULL) : r;
}
