/* /api/v1/operations: what runs, where it stands, and what stands still, for who keeps the system.
 * As with incidents, they see steps and numbers, not what a case is about. */
#include "api/case_call.h"
#include "api/operations_sql.h"
#include "api/v2.h"
#include "park/stuck.h"

enum { TIMERS_SHOWN = 50 };

struct step_out {
    struct str element, name, name_en;
    int64_t count, late;
};

static const struct field STEP_REPLY[] = {
    FIELD(struct step_out, element, FIELD_TEXT),
    FIELD(struct step_out, name, FIELD_TEXT),
    FIELD(struct step_out, name_en, FIELD_TEXT),
    FIELD(struct step_out, count, FIELD_INT),
    FIELD(struct step_out, late, FIELD_INT, .doc = "Of these, past their time"),
    FIELD_END};

struct definition_out {
    int64_t definition_id, version, open, incidents;
    struct str key, name, name_en;
    struct list steps;
};

static const struct field DEFINITION_REPLY[] = {
    FIELD(struct definition_out, definition_id, FIELD_ID, .doc = "Of /v2; null for a service"),
    FIELD(struct definition_out, version, FIELD_INT, .doc = "Of /v2; 0 for a service"),
    FIELD(struct definition_out, key, FIELD_TEXT),
    FIELD(struct definition_out, name, FIELD_TEXT),
    FIELD(struct definition_out, name_en, FIELD_TEXT),
    FIELD(struct definition_out, open, FIELD_INT, .doc = "Running cases or instances"),
    FIELD(struct definition_out, incidents, FIELD_INT, .doc = "Of these, standing still"),
    FIELD(struct definition_out, steps, FIELD_LIST, .of = STEP_REPLY,
          .of_size = sizeof(struct step_out)),
    FIELD_END};

struct timer_out {
    int64_t case_id, instance_id, definition_id, due_at;
    struct str number, key;
};

static const struct field TIMER_REPLY[] = {
    FIELD(struct timer_out, case_id, FIELD_ID),
    FIELD(struct timer_out, instance_id, FIELD_ID, .doc = "Of /v2"),
    FIELD(struct timer_out, definition_id, FIELD_ID, .doc = "A process that is to begin by itself"),
    FIELD(struct timer_out, number, FIELD_TEXT),
    FIELD(struct timer_out, key, FIELD_TEXT, .doc = "The service, or the process' id"),
    FIELD(struct timer_out, due_at, FIELD_TIME),
    FIELD_END};

struct overview_out {
    int64_t as_of;
    struct list definitions, timers;
};

static const struct field OVERVIEW_REPLY[] = {
    FIELD(struct overview_out, as_of, FIELD_TIME),
    FIELD(struct overview_out, definitions, FIELD_LIST, .of = DEFINITION_REPLY,
          .of_size = sizeof(struct definition_out)),
    FIELD(struct overview_out, timers, FIELD_LIST, .of = TIMER_REPLY,
          .of_size = sizeof(struct timer_out), .doc = "Due for five minutes and more"),
    FIELD_END};

/* ---- services ----------------------------------------------------------------------------- */

static void add_services(struct api_call *call, struct definition_out *out, size_t *count)
{
    struct services *services = case_world_services(call->cases);
    for (size_t i = 0; i < services_count(services); i++) {
        const struct service *service = services_at(services, i);
        out[(*count)++] = (struct definition_out){
            .key = service->key,
            .name = service_text(service, false, "service.", STR("name"), call->arena),
            .name_en = service_text(service, true, "service.", STR("name"), call->arena)};
    }
}

static struct definition_out *service_of(struct definition_out *list, size_t count, struct str key)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].definition_id == 0 && str_equal(list[i].key, key))
            return &list[i];
    return NULL; /* It is no longer offered. */
}

static enum err count_services(struct api_call *call, struct definition_out *list, size_t count)
{
    struct operations_services_in open_of = {.park_id = call->park_id};
    struct operations_case_incidents_in stuck_of = {.park_id = call->park_id};
    struct operations_services_rows open;
    struct operations_case_incidents_rows stuck;
    enum err r = sql_operations_services(call->db, call->arena, &open_of, &open);
    if (r == OK)
        r = sql_operations_case_incidents(call->db, call->arena, &stuck_of, &stuck);
    for (size_t i = 0; r == OK && i < open.count; i++) {
        struct definition_out *one = service_of(list, count, open.rows[i].service);
        if (one)
            one->open = open.rows[i].open;
    }
    for (size_t i = 0; r == OK && i < stuck.count; i++) {
        struct definition_out *one = service_of(list, count, stuck.rows[i].service);
        if (one)
            one->incidents = stuck.rows[i].count;
    }
    return r;
}

static enum err list_steps(struct api_call *call, struct definition_out *list, size_t count)
{
    struct operations_steps_in of = {.park_id = call->park_id, .now_us = call->now_us};
    struct operations_steps_rows rows;
    enum err r = sql_operations_steps(call->db, call->arena, &of, &rows);
    if (r != OK)
        return r;
    struct step_out *steps = ARENA_ARRAY(call->arena, rows.count, struct step_out);
    for (size_t i = 0; i < rows.count; i++) {
        const struct operations_steps_row *row = &rows.rows[i];
        steps[i] = (struct step_out){row->element, row->name, row->name_en, row->count, row->late};
        struct definition_out *one = service_of(list, count, row->service);
        if (one && one->steps.count == 0)
            one->steps.items = &steps[i];
        if (one)
            one->steps.count++;
    }
    return OK;
}

/* ---- processes of /v2 --------------------------------------------------------------------- */

static enum err add_processes(struct api_call *call, const struct operations_processes_rows *found,
                              struct definition_out *out, size_t *count)
{
    struct operations_elements_in of = {.park_id = call->park_id};
    struct operations_elements_rows rows;
    enum err r = sql_operations_elements(call->db, call->arena, &of, &rows);
    if (r != OK)
        return r;
    struct step_out *steps = ARENA_ARRAY(call->arena, rows.count, struct step_out);
    for (size_t i = 0; i < rows.count; i++)
        steps[i] = (struct step_out){.element = rows.rows[i].element,
                                     .name = rows.rows[i].name,
                                     .name_en = rows.rows[i].name,
                                     .count = rows.rows[i].count};
    for (size_t i = 0; i < found->count; i++) {
        const struct operations_processes_row *row = &found->rows[i];
        struct definition_out one = {.definition_id = row->definition_id,
                                     .key = row->key,
                                     .name = row->name,
                                     .name_en = row->name,
                                     .version = row->version,
                                     .open = row->open,
                                     .incidents = row->incidents};
        for (size_t k = 0; k < rows.count; k++)
            if (rows.rows[k].definition_id == row->definition_id) {
                if (one.steps.count == 0)
                    one.steps.items = &steps[k];
                one.steps.count++;
            }
        out[(*count)++] = one;
    }
    return OK;
}

/* ---- timers ------------------------------------------------------------------------------- */

static enum err list_timers(struct api_call *call, struct list *out)
{
    int64_t before = stuck_before_us(call->now_us);
    struct operations_case_timers_in case_of = {
        .park_id = call->park_id, .before_us = before, .limit = TIMERS_SHOWN};
    struct operations_process_timers_in process_of = {
        .park_id = call->park_id, .before_us = before, .limit = TIMERS_SHOWN};
    struct operations_begin_timers_in begin_of = {
        .park_id = call->park_id, .before_us = before, .limit = TIMERS_SHOWN};
    struct operations_case_timers_rows cases;
    struct operations_process_timers_rows processes;
    struct operations_begin_timers_rows begins;
    enum err r = sql_operations_case_timers(call->db, call->arena, &case_of, &cases);
    if (r == OK)
        r = sql_operations_process_timers(call->db, call->arena, &process_of, &processes);
    if (r == OK)
        r = sql_operations_begin_timers(call->db, call->arena, &begin_of, &begins);
    if (r != OK)
        return r;
    size_t count = cases.count + processes.count;
    struct timer_out *timers = ARENA_ARRAY(call->arena, count + begins.count, struct timer_out);
    for (size_t i = 0; i < cases.count; i++)
        timers[i] = (struct timer_out){.case_id = cases.rows[i].id,
                                       .number = cases.rows[i].number,
                                       .key = cases.rows[i].service,
                                       .due_at = cases.rows[i].wake_us};
    for (size_t i = 0; i < processes.count; i++)
        timers[cases.count + i] = (struct timer_out){.instance_id = processes.rows[i].id,
                                                     .key = processes.rows[i].key,
                                                     .due_at = processes.rows[i].wake_us};
    for (size_t i = 0; i < begins.count; i++)
        timers[count + i] = (struct timer_out){.definition_id = begins.rows[i].definition_id,
                                               .key = begins.rows[i].key,
                                               .due_at = begins.rows[i].due_us};
    *out = (struct list){timers, count + begins.count};
    return OK;
}

static enum err overview_get(struct api_call *call)
{
    struct operations_processes_in of = {.park_id = call->park_id};
    struct operations_processes_rows found;
    enum err r = sql_operations_processes(call->db, call->arena, &of, &found);
    if (r != OK)
        return r;
    size_t services = services_count(case_world_services(call->cases)), count = 0;
    struct definition_out *list =
        ARENA_ARRAY(call->arena, services + found.count, struct definition_out);
    struct overview_out out = {.as_of = call->now_us};
    add_services(call, list, &count);
    r = count_services(call, list, count);
    if (r == OK)
        r = list_steps(call, list, count);
    if (r == OK)
        r = add_processes(call, &found, list, &count);
    if (r == OK)
        r = list_timers(call, &out.timers);
    out.definitions = (struct list){list, count};
    if (r == OK)
        api_reply(call, OVERVIEW_REPLY, &out);
    return r;
}

/* ---- incidents of /v2, in words the page shares with those of cases ------------------------- */

struct incidents_in {
    struct str cursor;
    int64_t instance_id, limit;
};

static const struct field INCIDENTS_PARAMS[] = {
    FIELD(struct incidents_in, instance_id, FIELD_ID, .doc = "Only those of this instance"),
    FIELD(struct incidents_in, cursor, FIELD_TEXT, .max = 100),
    FIELD(struct incidents_in, limit, FIELD_INT, .min = 1, .max = LIMIT_PAGE), FIELD_END};

struct incident_out {
    int64_t id, instance_id, version, raised_at;
    struct str key, element, kind, message, detail;
};

static const struct field INCIDENT_REPLY[] = {
    FIELD(struct incident_out, id, FIELD_ID),
    FIELD(struct incident_out, instance_id, FIELD_ID),
    FIELD(struct incident_out, key, FIELD_TEXT, .doc = "The process' id"),
    FIELD(struct incident_out, version, FIELD_INT),
    FIELD(struct incident_out, element, FIELD_TEXT),
    FIELD(struct incident_out, kind, FIELD_TEXT),
    FIELD(struct incident_out, message, FIELD_TEXT),
    FIELD(struct incident_out, detail, FIELD_RAW, .doc = "The expression and why it failed"),
    FIELD(struct incident_out, raised_at, FIELD_TIME),
    FIELD_END};

static enum err incidents_get(struct api_call *call)
{
    const struct incidents_in *in = call->query;
    int64_t limit = api_limit(in->limit), unused = 0;
    struct operations_process_incidents_in of = {
        .park_id = call->park_id, .instance_id = in->instance_id, .limit = limit + 1};
    struct operations_process_incidents_rows rows;
    enum err r = api_cursor_read(call, in->cursor, &of.before, &unused);
    if (r == OK)
        r = sql_operations_process_incidents(call->db, call->arena, &of, &rows);
    if (r != OK)
        return r;
    bool more = api_page_cut(&rows.count, limit);
    api_page_begin(call);
    for (size_t i = 0; i < rows.count; i++) {
        const struct operations_process_incidents_row *row = &rows.rows[i];
        struct incident_out out = {.id = row->id,
                                   .instance_id = row->instance_id,
                                   .key = row->key,
                                   .version = row->version,
                                   .element = row->element,
                                   .kind = row->kind,
                                   .message = row->message,
                                   .detail = row->detail,
                                   .raised_at = row->raised_us};
        api_reply(call, INCIDENT_REPLY, &out);
    }
    api_page_end(call,
                 more ? api_cursor_make(call, rows.rows[rows.count - 1].id, 0) : (struct str){0});
    return OK;
}

static enum err retry_post(struct api_call *call, struct db_tx *tx)
{
    struct process_env env = v2_env(call, tx);
    return process_resolve(&env, call->path_id[0]);
}

const struct route OPERATION_ROUTES[] = {
    {GET, "/api/v1/operations", ROLES(ROLE_SYSTEM_ADMIN), .query = overview_get, .slow = true,
     .reply = OVERVIEW_REPLY, .doc = "What runs, by step, and timers that nothing has taken"},
    {GET, "/api/v1/operations/incidents", ROLES(ROLE_SYSTEM_ADMIN), .query = incidents_get,
     .query_fields = INCIDENTS_PARAMS, .query_size = sizeof(struct incidents_in),
     .reply = INCIDENT_REPLY, .page = true,
     .doc = "Elements of /v2's instances that stand still; those of cases: /incidents"},
    {POST, "/api/v1/operations/incidents/{id}/retry", ROLES(ROLE_SYSTEM_ADMIN),
     .command = retry_post, .status = 204,
     .doc = "Tries again what went wrong, once it is set right"},
    ROUTE_END};
