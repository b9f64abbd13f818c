/* What an administrator does to running cases as a whole: suspend and resume, move the process by
 * hand, migrate to another version of the service. As with incidents, they see steps and numbers,
 * not what a case is about. */
#include "api/case_call.h"
#include "api/operations_sql.h"

enum { CHANGES_MAX = 100, MOVES_MAX = 10000 };

/* ---- Which cases run ---- */

struct step_out {
    struct str element, name, name_en;
};
static const struct field STEP_REPLY[] = {FIELD(struct step_out, element, FIELD_TEXT),
                                          FIELD(struct step_out, name, FIELD_TEXT),
                                          FIELD(struct step_out, name_en, FIELD_TEXT), FIELD_END};

struct case_out {
    int64_t id, model_id, incidents;
    struct str number, service, status;
    bool suspended, late;
    struct list steps;
};
static const struct field CASE_REPLY[] = {
    FIELD(struct case_out, id, FIELD_ID),
    FIELD(struct case_out, number, FIELD_TEXT),
    FIELD(struct case_out, service, FIELD_TEXT),
    FIELD(struct case_out, model_id, FIELD_ID, .doc = "The version of the service it runs by"),
    FIELD(struct case_out, status, FIELD_TEXT),
    FIELD(struct case_out, suspended, FIELD_BOOL),
    FIELD(struct case_out, late, FIELD_BOOL),
    FIELD(struct case_out, incidents, FIELD_INT),
    FIELD(struct case_out, steps, FIELD_LIST, .of = STEP_REPLY, .of_size = sizeof(struct step_out)),
    FIELD_END};

struct cases_in {
    struct str q, service, element, cursor;
    bool suspended;
    int64_t model_id, limit;
};
static const struct field CASES_PARAMS[] = {
    FIELD(struct cases_in, q, FIELD_TEXT, .max = 60, .doc = "Part of the number"),
    FIELD(struct cases_in, service, FIELD_TEXT, .max = 60),
    FIELD(struct cases_in, model_id, FIELD_ID, .doc = "Only those of this version"),
    FIELD(struct cases_in, element, FIELD_TEXT, .max = 200, .doc = "Only those that stand there"),
    FIELD(struct cases_in, suspended, FIELD_BOOL, .doc = "Only those that are suspended"),
    FIELD(struct cases_in, cursor, FIELD_TEXT, .max = 100),
    FIELD(struct cases_in, limit, FIELD_INT, .min = 1, .max = LIMIT_PAGE),
    FIELD_END};

/* The open steps of all cases of the page at once; rows of both are in the same order. */
static enum err read_steps(struct api_call *call, const struct operations_cases_rows *cases,
                           struct operations_case_steps_rows *out)
{
    struct operations_case_steps_in in = {
        .park_id = call->park_id,
        .cases = api_ids(call, cases->rows, cases->count, sizeof(*cases->rows))};
    return sql_operations_case_steps(call->db, call->arena, &in, out);
}

static struct list steps_of(struct api_call *call, const struct operations_case_steps_rows *rows,
                            int64_t case_id, size_t *at)
{
    size_t from = *at;
    while (*at < rows->count && rows->rows[*at].case_id == case_id)
        ++*at;
    struct step_out *steps = ARENA_ARRAY(call->arena, *at - from, struct step_out);
    for (size_t i = from; i < *at; i++) {
        const struct operations_case_steps_row *row = &rows->rows[i];
        steps[i - from] = (struct step_out){row->element, row->name, row->name_en};
    }
    return (struct list){steps, *at - from};
}

static enum err cases_get(struct api_call *call)
{
    const struct cases_in *in = call->query;
    int64_t limit = api_limit(in->limit), unused;
    struct operations_cases_in of = {.park_id = call->park_id,
                                     .service = in->service.ptr ? in->service : STR(""),
                                     .model_id = in->model_id,
                                     .element = in->element.ptr ? in->element : STR(""),
                                     .suspended = in->suspended,
                                     .q = in->q.ptr ? in->q : STR(""),
                                     .limit = limit + 1};
    struct operations_cases_rows rows = {0};
    struct operations_case_steps_rows steps;
    enum err r = api_cursor_read(call, in->cursor, &of.before, &unused);
    if (r == OK)
        r = sql_operations_cases(call->db, call->arena, &of, &rows);
    bool more = api_page_cut(&rows.count, limit);
    if (r == OK)
        r = read_steps(call, &rows, &steps);
    if (r != OK)
        return r;
    size_t step = 0;
    api_page_begin(call);
    for (size_t i = 0; i < rows.count; i++) {
        const struct operations_cases_row *row = &rows.rows[i];
        struct case_out out = {.id = row->id,
                               .number = row->number,
                               .service = row->service,
                               .model_id = row->model_id,
                               .status = str_of(case_status_key(row->status)),
                               .suspended = row->suspended,
                               .late = row->late,
                               .incidents = row->incidents,
                               .steps = steps_of(call, &steps, row->id, &step)};
        api_reply(call, CASE_REPLY, &out);
    }
    api_page_end(call,
                 more ? api_cursor_make(call, rows.rows[rows.count - 1].id, 0) : (struct str){0});
    return OK;
}

/* ---- Where one of them stands ---- */

static const struct field PLACE_FIELDS[] = {
    FIELD(struct case_place, token, FIELD_ID, .doc = "The process' own number of it"),
    FIELD(struct case_place, scope, FIELD_ID, .doc = "Of what it stands in"),
    FIELD(struct case_place, element, FIELD_TEXT),
    FIELD(struct case_place, name, FIELD_TEXT),
    FIELD(struct case_place, name_en, FIELD_TEXT),
    FIELD(struct case_place, who, FIELD_TEXT, .doc = "Whose task it is, or is in it"),
    FIELD(struct case_place, waits, FIELD_BOOL,
          .doc = "No step: an event that a step waits for beside its work"),
    FIELD_END};

static const struct field STANDING_REPLY[] = {
    FIELD(struct case_standing, id, FIELD_ID),
    FIELD(struct case_standing, places, FIELD_LIST, .of = PLACE_FIELDS,
          .of_size = sizeof(struct case_place)),
    FIELD(struct case_standing, suspended_at, FIELD_TIME),
    FIELD(struct case_standing, suspended_by, FIELD_REF),
    FIELD(struct case_standing, suspended_reason, FIELD_TEXT),
    FIELD_END};

static enum err standing_get(struct api_call *call)
{
    struct case_reader reader = case_reader_of(call);
    struct case_standing out = {0};
    int64_t id = 0;
    enum err r = case_path_id(call, &id);
    if (r == OK)
        r = case_standing_read(&reader, id, &out);
    if (r == OK)
        api_reply(call, STANDING_REPLY, &out);
    return r;
}

/* ---- What a service's versions hold, to plan a migration or to move by hand ---- */

struct element_out {
    struct str element, name, name_en, kind;
    bool starts;
};
static const struct field ELEMENT_REPLY[] = {
    FIELD(struct element_out, element, FIELD_TEXT),
    FIELD(struct element_out, name, FIELD_TEXT),
    FIELD(struct element_out, name_en, FIELD_TEXT),
    FIELD(struct element_out, kind, FIELD_TEXT, .doc = "Of BPMN, e.g. userTask"),
    FIELD(struct element_out, starts, FIELD_BOOL, .doc = "It can be started by hand"),
    FIELD_END};

struct version_out {
    int64_t model_id, since, open;
    bool current;
    struct list elements;
};
static const struct field VERSION_REPLY[] = {
    FIELD(struct version_out, model_id, FIELD_ID,
          .doc = "null: offered now, and no case was filed under it yet"),
    FIELD(struct version_out, since, FIELD_TIME),
    FIELD(struct version_out, open, FIELD_INT, .doc = "Cases that run by it"),
    FIELD(struct version_out, current, FIELD_BOOL, .doc = "The one that is offered now"),
    FIELD(struct version_out, elements, FIELD_LIST, .of = ELEMENT_REPLY,
          .of_size = sizeof(struct element_out)),
    FIELD_END};

struct versions_in {
    struct str service;
};
static const struct field VERSIONS_PARAMS[] = {
    FIELD(struct versions_in, service, FIELD_TEXT, .required = true, .max = 60), FIELD_END};

static bool starts(const struct bpmn_node *node)
{
    return node->kind != BPMN_START && node->kind != BPMN_BOUNDARY && !node->event_subprocess &&
           !node->for_compensation;
}

static struct list elements_of(struct api_call *call, const struct service *service)
{
    const struct bpmn_model *model = service->model;
    struct element_out *all = ARENA_ARRAY(call->arena, model->node_count, struct element_out);
    size_t count = 0;
    for (size_t i = 0; i < model->node_count; i++) {
        const struct bpmn_node *node = &model->nodes[i];
        if (node->kind == BPMN_PROCESS)
            continue;
        all[count++] =
            (struct element_out){.element = node->id,
                                 .name = service_element_name(service, false, node, call->arena),
                                 .name_en = service_element_name(service, true, node, call->arena),
                                 .kind = str_of(bpmn_kind_word(node->kind)),
                                 .starts = starts(node)};
    }
    return (struct list){.items = all, .count = count};
}

static enum err versions_get(struct api_call *call)
{
    const struct versions_in *in = call->query;
    struct services *services = case_world_services(call->cases);
    const struct service *current = services_find(services, in->service);
    struct operations_versions_in of = {.park_id = call->park_id, .service = in->service};
    struct operations_versions_rows rows;
    enum err r = sql_operations_versions(call->db, call->arena, &of, &rows);
    bool stored = !current;
    api_page_begin(call);
    for (size_t i = 0; r == OK && i < rows.count; i++)
        stored = stored || hash_equal(&rows.rows[i].hash, &current->hash);
    if (r == OK && !stored) {
        struct version_out out = {.current = true, .elements = elements_of(call, current)};
        api_reply(call, VERSION_REPLY, &out);
    }
    for (size_t i = 0; r == OK && i < rows.count; i++) {
        const struct operations_versions_row *row = &rows.rows[i];
        const struct service *service;
        r = services_of_model(services, call->db, call->park_id, row->id, &service);
        if (r != OK)
            break;
        struct version_out out = {.model_id = row->id,
                                  .since = row->since_us,
                                  .open = row->open,
                                  .current = current && hash_equal(&row->hash, &current->hash),
                                  .elements = elements_of(call, service)};
        api_reply(call, VERSION_REPLY, &out);
    }
    api_page_end(call, (struct str){0});
    return r;
}

/* ---- Suspend and resume ---- */

struct words_in {
    struct str reason;
};
static const struct field WORDS_FIELDS[] = {FIELD(struct words_in, reason, FIELD_TEXT,
                                                  .required = true, .max = 1000,
                                                  .doc = "Stands in the case's history"),
                                            FIELD_END};

static enum err suspend_post(struct api_call *call, struct db_tx *tx)
{
    const struct words_in *in = call->body;
    struct case_env env = case_env_of(call, tx);
    return case_suspend(&env, &call->who, call->path_id[0], in->reason);
}

static enum err resume_post(struct api_call *call, struct db_tx *tx)
{
    const struct words_in *in = call->body;
    struct case_env env = case_env_of(call, tx);
    return case_unsuspend(&env, &call->who, call->path_id[0], in->reason);
}

/* ---- What a change does ---- */

static const struct field MOVE_FIELDS[] = {
    FIELD(struct case_move, from, FIELD_TEXT, .required = true, .max = 200),
    FIELD(struct case_move, to, FIELD_TEXT, .required = true, .max = 200), FIELD_END};
static const struct field FAULT_FIELDS[] = {
    FIELD(struct case_fault, element, FIELD_TEXT), FIELD(struct case_fault, rule, FIELD_TEXT),
    FIELD(struct case_fault, detail, FIELD_TEXT), FIELD_END};
static const struct field EFFECT_REPLY[] = {
    FIELD(struct case_effect, ends, FIELD_LIST, .of = PLACE_FIELDS,
          .of_size = sizeof(struct case_place)),
    FIELD(struct case_effect, begins, FIELD_LIST, .of = PLACE_FIELDS,
          .of_size = sizeof(struct case_place)),
    FIELD(struct case_effect, stays, FIELD_LIST, .of = MOVE_FIELDS,
          .of_size = sizeof(struct case_move), .doc = "What lives before and after"),
    FIELD(struct case_effect, faults, FIELD_LIST, .of = FAULT_FIELDS,
          .of_size = sizeof(struct case_fault), .doc = "Why it cannot be migrated"),
    FIELD_END};

static const struct field MODIFY_FIELDS[] = {
    FIELD(struct case_modification, reason, FIELD_TEXT, .required = true, .max = 1000),
    FIELD(struct case_modification, start, FIELD_TEXT_LIST, .max = CHANGES_MAX,
          .doc = "Ids of elements to start"),
    FIELD(struct case_modification, cancel, FIELD_TEXT_LIST, .max = CHANGES_MAX,
          .doc = "Ids of elements to end, wherever the case stands at them"),
    FIELD(struct case_modification, cancel_tokens, FIELD_ID_LIST, .max = CHANGES_MAX,
          .doc = "One of several at the same element"),
    FIELD(struct case_modification, scope_token, FIELD_ID,
          .doc = "What the starts go into, where that runs more than once"),
    FIELD(struct case_modification, variables, FIELD_JSON,
          .doc = "An object: set in the process before the starts"),
    FIELD(struct case_modification, preview, FIELD_BOOL, .doc = "Only tells what it would do"),
    FIELD_END};

static enum err modify_post(struct api_call *call, struct db_tx *tx)
{
    const struct case_modification *in = call->body;
    struct case_env env = case_env_of(call, tx);
    struct case_effect effect;
    if (in->variables && in->variables->type != JSON_OBJECT)
        return err_field(ERR_INVALID, "variables", "engine.variables",
                         "the variables are no JSON object");
    enum err r = case_modify(&env, &call->who, call->path_id[0], in, &effect);
    if (r == OK)
        api_reply(call, EFFECT_REPLY, &effect);
    return r;
}

#define MIGRATION_FIELDS                                                                           \
    FIELD(struct migrate_in, reason, FIELD_TEXT, .required = true, .max = 1000),                   \
        FIELD(struct migrate_in, model_id, FIELD_ID, .doc = "null: the version offered now"),      \
        FIELD(struct migrate_in, moves, FIELD_LIST, .of = MOVE_FIELDS,                             \
              .of_size = sizeof(struct case_move), .max = MOVES_MAX,                               \
              .doc = "What no move names goes to its own id"),                                     \
        FIELD(struct migrate_in, preview, FIELD_BOOL,                                              \
              .doc = "Only tells the faults, or what it would do")

struct migrate_in {
    struct str reason, cursor;
    int64_t model_id, from_model_id;
    struct list moves;
    bool preview;
};
static const struct field MIGRATE_FIELDS[] = {MIGRATION_FIELDS, FIELD_END};
static const struct field BATCH_FIELDS[] = {
    FIELD(struct migrate_in, from_model_id, FIELD_ID, .required = true), MIGRATION_FIELDS,
    FIELD(struct migrate_in, cursor, FIELD_TEXT, .max = 100), FIELD_END};

static struct case_migration migration_of(const struct migrate_in *in)
{
    return (struct case_migration){
        .reason = in->reason, .model_id = in->model_id, .moves = in->moves, .preview = in->preview};
}

static enum err migrate_post(struct api_call *call, struct db_tx *tx)
{
    struct case_migration in = migration_of(call->body);
    struct case_env env = case_env_of(call, tx);
    struct case_effect effect;
    enum err r = case_migrate(&env, &call->who, call->path_id[0], &in, &effect);
    if (r == OK)
        api_reply(call, EFFECT_REPLY, &effect);
    return r;
}

/* ---- Many cases ---- */

struct batch_out {
    int64_t moved;
    struct list refused;
    struct str next;
};
static const struct field REFUSAL_FIELDS[] = {
    FIELD(struct case_refusal, case_id, FIELD_ID), FIELD(struct case_refusal, number, FIELD_TEXT),
    FIELD(struct case_refusal, detail, FIELD_TEXT),
    FIELD(struct case_refusal, faults, FIELD_LIST, .of = FAULT_FIELDS,
          .of_size = sizeof(struct case_fault)),
    FIELD_END};
static const struct field BATCH_REPLY[] = {
    FIELD(struct batch_out, moved, FIELD_INT, .doc = "Or, of a preview, what would move"),
    FIELD(struct batch_out, refused, FIELD_LIST, .of = REFUSAL_FIELDS,
          .of_size = sizeof(struct case_refusal)),
    FIELD(struct batch_out, next, FIELD_TEXT,
          .doc = "The cursor to go on with; null when all were tried"),
    FIELD_END};

static enum err batch_post(struct api_call *call, struct db_tx *tx)
{
    const struct migrate_in *in = call->body;
    struct case_migration migration = migration_of(in);
    struct case_env env = case_env_of(call, tx);
    struct case_batch batch;
    int64_t after, unused;
    enum err r = api_cursor_read(call, in->cursor, &after, &unused);
    if (r == OK)
        r = case_migrate_batch(&env, &call->who, in->from_model_id, after, &migration, &batch);
    if (r != OK)
        return r;
    struct batch_out out = {.moved = batch.moved, .refused = batch.refused};
    if (batch.next)
        out.next = api_cursor_make(call, batch.next, 0);
    api_reply(call, BATCH_REPLY, &out);
    return OK;
}

const struct route CASE_LIFE_ROUTES[] = {
    {GET, "/api/v1/operations/cases", ROLES(ROLE_SYSTEM_ADMIN), .query = cases_get, .slow = true,
     .query_fields = CASES_PARAMS, .query_size = sizeof(struct cases_in), .reply = CASE_REPLY,
     .page = true,
     .doc = "Cases that run, newest first: numbers and steps, not what they are about"},
    {GET, "/api/v1/operations/cases/{id}", ROLES(ROLE_SYSTEM_ADMIN), .query = standing_get,
     .reply = STANDING_REPLY, .doc = "Where a case stands: its steps, and what they wait for"},
    {GET, "/api/v1/operations/versions", ROLES(ROLE_SYSTEM_ADMIN), .query = versions_get,
     .slow = true, .query_fields = VERSIONS_PARAMS, .query_size = sizeof(struct versions_in),
     .reply = VERSION_REPLY, .page = true,
     .doc = "The versions of a service that cases were filed under, with their elements"},
    {POST, "/api/v1/operations/migrations", ROLES(ROLE_SYSTEM_ADMIN), .command = batch_post,
     .body = BATCH_FIELDS, .body_size = sizeof(struct migrate_in), .reply = BATCH_REPLY,
     .doc = "Migrates the next open cases of a version, each for itself; go on with `next`"},
    {POST, "/api/v1/cases/{id}/suspend", ROLES(ROLE_SYSTEM_ADMIN), .command = suspend_post,
     .body = WORDS_FIELDS, .body_size = sizeof(struct words_in), .status = 204,
     .doc = "Stands the case still: its clocks and timers too, until it is resumed"},
    {POST, "/api/v1/cases/{id}/resume", ROLES(ROLE_SYSTEM_ADMIN), .command = resume_post,
     .body = WORDS_FIELDS, .body_size = sizeof(struct words_in), .status = 204,
     .doc = "Lets a suspended case run on"},
    {POST, "/api/v1/cases/{id}/modify", ROLES(ROLE_SYSTEM_ADMIN), .command = modify_post,
     .body = MODIFY_FIELDS, .body_size = sizeof(struct case_modification), .reply = EFFECT_REPLY,
     .doc = "Ends elements of the case's process here and starts others there, all or nothing"},
    {POST, "/api/v1/cases/{id}/migrate", ROLES(ROLE_SYSTEM_ADMIN), .command = migrate_post,
     .body = MIGRATE_FIELDS, .body_size = sizeof(struct migrate_in), .reply = EFFECT_REPLY,
     .doc = "Moves the case to another version of its service, all or nothing"},
    ROUTE_END};
