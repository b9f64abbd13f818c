/* /v2/process-instances. */
#include "api/v2.h"
#include "base/clock.h"

enum {
    AWAIT_MS = 10000,
    AWAIT_MS_MAX = 60000,
    AWAIT_STATUS = 504,
    TAGS_MAX = 10,
    TAG_BYTES_MAX = 100
};

/* ---- Searching ---- */

static enum err read_rows(struct v2_search *search, struct arena *arena, int64_t after,
                          int64_t limit, struct sql_rows *out)
{
    int64_t definition = v2_fixed_key(search, "processDefinitionKey");
    int64_t parent = v2_fixed_key(search, "parentProcessInstanceKey");
    struct str business = v2_fixed_text(search, "businessId");
    bool active = str_is(v2_fixed_text(search, "state"), "ACTIVE");
    struct v2_instances_in in = {.park_id = search->call->park_id,
                                 .mode = business.ptr ? 4
                                         : parent     ? 3
                                         : definition ? 2
                                         : active     ? 1
                                                      : 0,
                                 .of = parent ? parent : definition,
                                 .text = business,
                                 .after = after,
                                 .limit = limit};
    struct v2_instances_rows rows = {0};
    enum err r = sql_v2_instances(search->call->db, arena, &in, &rows);
    *out = (struct sql_rows){.rows = rows.rows, .count = r == OK ? rows.count : 0};
    return r;
}

/* tags: [text], all of them. */
static enum err has_tags(struct v2_search *search, const struct json_value *all,
                         const struct v2_instances_row *row, bool *out)
{
    enum err r = OK;
    *out = true;
    for (size_t i = 0; r == OK && *out && i < all->array.count; i++)
        r = v2_matches(search, &all->array.items[i], V2_RAW, &row->tags, out);
    return r;
}

/* variables: [{name, value}], each of them the process' own. */
static enum err filter_row(struct v2_search *search, const struct json_member *member,
                           const void *row, bool *out)
{
    const struct json_value *all = &member->value;
    if (all->type != JSON_ARRAY)
        return err_field(ERR_INVALID, "filter", "field.type", "'%.*s' must be a list",
                         STR_ARG(member->name));
    if (str_is(member->name, "tags"))
        return has_tags(search, all, row, out);
    enum err r = OK;
    *out = true;
    for (size_t i = 0; r == OK && *out && i < all->array.count; i++) {
        const struct json_value *wanted = json_get(&all->array.items[i], "value");
        struct v2_variable_at_in in = {.park_id = search->call->park_id,
                                       .instance_id = *(const int64_t *)row,
                                       .scope = 1,
                                       .name = json_get_text(&all->array.items[i], "name")};
        struct v2_variable_at_row found;
        r = in.name.ptr && wanted
                ? sql_v2_variable_at(search->call->db, search->call->arena, &in, &found)
                : ERR_NOT_FOUND;
        if (r == OK)
            r = v2_matches(search, wanted, V2_TEXT, &found.value, out);
        else if (r == ERR_NOT_FOUND)
            *out = false;
        r = r == ERR_NOT_FOUND ? OK : r;
    }
    return r;
}

#define COLUMN(member, kind, label, ...)                                                           \
    V2_COLUMN(v2_instances_row, member, kind, label, __VA_ARGS__)

static const struct v2_column COLUMNS[] = {
    COLUMN(id, V2_KEY, "processInstanceKey"),
    COLUMN(definition_key, V2_KEY, "processDefinitionKey"),
    COLUMN(process, V2_TEXT, "processDefinitionId"),
    COLUMN(process_name, V2_TEXT, "processDefinitionName"),
    COLUMN(version, V2_INT, "processDefinitionVersion"),
    COLUMN(version_tag, V2_TEXT, "processDefinitionVersionTag", .skip_null = true),
    COLUMN(state, V2_TEXT, "state"),
    COLUMN(started_us, V2_TIME, "startDate"),
    COLUMN(ended_us, V2_TIME, "endDate", .skip_null = true),
    COLUMN(incident, V2_BOOL, "hasIncident"),
    COLUMN(parent_id, V2_KEY, "parentProcessInstanceKey", .skip_null = true),
    COLUMN(parent_element, V2_KEY, "parentElementInstanceKey", .skip_null = true,
           .also = "parentFlowNodeInstanceKey"),
    COLUMN(business_id, V2_TEXT, "businessId", .skip_null = true),
    COLUMN(tags, V2_RAW, "tags"),
    COLUMN(tenant, V2_TEXT, "tenantId"),
};
static const char *const OWN_FILTERS[] = {"variables", "tags", NULL};

static const struct v2_resource INSTANCE = {.columns = COLUMNS,
                                            .column_count = COUNT_OF(COLUMNS),
                                            .row_size = sizeof(struct v2_instances_row),
                                            .read = read_rows,
                                            .filter = filter_row,
                                            .filters = OWN_FILTERS};

static enum err instances_search(struct api_call *call)
{
    return v2_search(call, &INSTANCE, 0);
}

static enum err instance_get(struct api_call *call)
{
    return v2_get(call, &INSTANCE, 0, call->path_id[0]);
}

/* ---- Starting ---- */

struct start_in {
    struct str elementId;
};

static const struct field START_FIELDS[] = {
    FIELD(struct start_in, elementId, FIELD_TEXT, .required = true), FIELD_END};

struct create_in {
    struct str processDefinitionId, tenantId, businessId;
    const struct json_value *processDefinitionKey, *variables, *operationReference,
        *runtimeInstructions, *outputVariablesDto;
    struct list startInstructions, tags;
    int64_t processDefinitionVersion, requestTimeout;
    bool awaitCompletion;
    struct list fetchVariables;
};

static const struct field CREATE_FIELDS[] = {
    FIELD(struct create_in, processDefinitionId, FIELD_TEXT),
    FIELD(struct create_in, processDefinitionKey, FIELD_JSON),
    FIELD(struct create_in, processDefinitionVersion, FIELD_INT, .doc = "-1: the newest"),
    FIELD(struct create_in, variables, FIELD_JSON),
    FIELD(struct create_in, tenantId, FIELD_TEXT),
    FIELD(struct create_in, operationReference, FIELD_JSON),
    FIELD(struct create_in, businessId, FIELD_TEXT, .min = 1, .max = 256,
          .doc = "What the client knows it by"),
    FIELD(struct create_in, tags, FIELD_TEXT_LIST, .max = TAGS_MAX),
    FIELD(struct create_in, startInstructions, FIELD_LIST, .of = START_FIELDS,
          .of_size = sizeof(struct start_in), .max = 1000,
          .doc = "Elements to start at, instead of the start event"),
    FIELD(struct create_in, runtimeInstructions, FIELD_JSON, .doc = "None are known"),
    FIELD(struct create_in, outputVariablesDto, FIELD_JSON),
    FIELD(struct create_in, awaitCompletion, FIELD_BOOL),
    FIELD(struct create_in, fetchVariables, FIELD_TEXT_LIST, .max = 1000),
    FIELD(struct create_in, requestTimeout, FIELD_INT, .doc = "Milliseconds"),
    FIELD_END};

static struct str tags_json(struct arena *arena, const struct list *tags)
{
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, LIMIT_HTTP_BODY);
    struct json_writer w = json_writer(&buf);
    json_array_begin(&w);
    for (size_t i = 0; i < tags->count; i++)
        json_text(&w, ((const struct str *)tags->items)[i]);
    json_array_end(&w);
    return str_copy(arena, buf_str(&buf));
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Letters, digits, "-", "_", ":" and "."; a letter first. */
static enum err check_tags(const struct list *tags)
{
    for (size_t i = 0; i < tags->count; i++) {
        struct str tag = ((const struct str *)tags->items)[i];
        bool good = tag.len > 0 && tag.len <= TAG_BYTES_MAX && is_letter(tag.ptr[0]);
        for (size_t k = 0; good && k < tag.len; k++)
            good = is_letter(tag.ptr[k]) || (tag.ptr[k] >= '0' && tag.ptr[k] <= '9') ||
                   memchr("-_:.", tag.ptr[k], 4);
        if (!good)
            return err_field(ERR_INVALID, "tags", "process.tag",
                             "a tag is a letter and up to 99 letters, digits, '-', '_', ':', '.'");
    }
    return OK;
}

static enum err check_create(const struct create_in *in)
{
    const struct json_value *later = in->runtimeInstructions;
    enum err r = v2_tenant(in->tenantId);
    if (r == OK && later && later->type == JSON_ARRAY && later->array.count > 0)
        r = err_field(ERR_INVALID, "runtimeInstructions", "process.instructions",
                      "no runtime instruction is known here");
    if (r == OK && !in->processDefinitionId.ptr && !in->processDefinitionKey)
        r = err_field(ERR_INVALID, "processDefinitionId", "field.required",
                      "name a processDefinitionId or a processDefinitionKey");
    return r == OK ? check_tags(&in->tags) : r;
}

static void write_created(struct api_call *call, const struct process_created *made,
                          struct str variables)
{
    struct json_writer *w = &call->json;
    json_object_begin(w);
    json_member_id(w, "processInstanceKey", made->id);
    json_member_id(w, "processDefinitionKey", made->definition_id);
    json_member_text(w, "processDefinitionId", made->key);
    json_member_int(w, "processDefinitionVersion", made->version);
    json_member_text(w, "tenantId", STR(V2_TENANT));
    json_member_raw(w, "variables", variables);
    const struct create_in *in = call->body;
    if (in->businessId.ptr)
        json_member_text(w, "businessId", in->businessId);
    json_member_raw(w, "tags", tags_json(call->arena, &in->tags));
    json_object_end(w);
}

static enum err await(struct api_call *call, int64_t id, api_command *again)
{
    const struct create_in *in = call->body;
    int64_t wait_ms = in->requestTimeout > 0 ? in->requestTimeout : AWAIT_MS;
    wait_ms = wait_ms < AWAIT_MS_MAX ? wait_ms : AWAIT_MS_MAX;
    enum err why =
        err_refuse(ERR_BUSY, "process.await", "process instance %" PRId64 " still runs", id);
    enum err r = api_reply_problem_as(call, why, AWAIT_STATUS);
    api_wait(call, again, process_topic_instance(id), clock_monotonic_us() + wait_ms * 1000, 0);
    return r;
}

static enum err answer_or_wait(struct api_call *call, struct db_tx *tx)
{
    const struct create_in *in = call->body;
    const struct process_created *made = call->prepared;
    struct process_env env = v2_env(call, tx);
    struct str variables;
    bool ended;
    enum err r = process_result(&env, made->id, &in->fetchVariables, &ended, &variables);
    call->status = 200;
    call->content_type = "application/json";
    if (r == OK && !ended)
        return await(call, made->id, answer_or_wait);
    if (r == OK)
        write_created(call, made, variables);
    return r;
}

static enum err instances_post(struct api_call *call, struct db_tx *tx)
{
    const struct create_in *in = call->body;
    struct process_env env = v2_env(call, tx);
    struct process_start start = {.key = in->processDefinitionId,
                                  .version = in->processDefinitionVersion,
                                  .elements = in->startInstructions, /* Of one text each. */
                                  .business_id = in->businessId};
    struct process_created *made = ARENA_NEW(call->arena, struct process_created);
    static_assert(sizeof(struct start_in) == sizeof(struct str), "a list of ids");
    if (in->tags.count > 0)
        start.tags = tags_json(call->arena, &in->tags);
    enum err r = check_create(in);
    if (r == OK)
        r = v2_key("processDefinitionKey", in->processDefinitionKey, &start.definition_id);
    if (r == OK)
        r = v2_object(call, "variables", in->variables, &start.variables);
    if (r == OK)
        r = process_create(&env, &start, made);
    if (r != OK)
        return r;
    call->prepared = made;
    if (in->awaitCompletion)
        return answer_or_wait(call, tx);
    write_created(call, made, STR("{}"));
    return OK;
}

/* ---- Ending ---- */

struct cancel_in {
    const struct json_value *operationReference;
};

static const struct field CANCEL_FIELDS[] = {
    FIELD(struct cancel_in, operationReference, FIELD_JSON), FIELD_END};

static enum err cancellation_post(struct api_call *call, struct db_tx *tx)
{
    struct process_env env = v2_env(call, tx);
    return process_cancel(&env, call->path_id[0]);
}

/* ---- Standing one still: Camunda's paths of 8.10 ---- */

static enum err suspension_post(struct api_call *call, struct db_tx *tx)
{
    struct process_env env = v2_env(call, tx);
    return process_suspend(&env, call->path_id[0]);
}

static enum err resumption_post(struct api_call *call, struct db_tx *tx)
{
    struct process_env env = v2_env(call, tx);
    return process_resume(&env, call->path_id[0]);
}

/* ---- Changing one that runs ---- */

struct move_in {
    struct str sourceElementId, targetElementId;
};

struct migrate_in {
    const struct json_value *targetProcessDefinitionKey, *operationReference;
    struct list mappingInstructions;
};

static const struct field MOVE_FIELDS[] = {
    FIELD(struct move_in, sourceElementId, FIELD_TEXT, .required = true),
    FIELD(struct move_in, targetElementId, FIELD_TEXT, .required = true), FIELD_END};
static const struct field MIGRATE_FIELDS[] = {
    FIELD(struct migrate_in, targetProcessDefinitionKey, FIELD_JSON, .required = true),
    FIELD(struct migrate_in, mappingInstructions, FIELD_LIST, .of = MOVE_FIELDS,
          .of_size = sizeof(struct move_in), .max = 10000),
    FIELD(struct migrate_in, operationReference, FIELD_JSON), FIELD_END};

static enum err migration_post(struct api_call *call, struct db_tx *tx)
{
    const struct migrate_in *in = call->body;
    const struct move_in *given = in->mappingInstructions.items;
    size_t count = in->mappingInstructions.count;
    struct process_env env = v2_env(call, tx);
    struct process_move *moves = ARENA_ARRAY(call->arena, count, struct process_move);
    for (size_t i = 0; i < count; i++)
        moves[i] =
            (struct process_move){.from = given[i].sourceElementId, .to = given[i].targetElementId};
    int64_t target;
    enum err r = v2_key("targetProcessDefinitionKey", in->targetProcessDefinitionKey, &target);
    return r == OK ? process_migrate(&env, call->path_id[0], target, moves, count) : r;
}

struct scoped_in {
    const struct json_value *variables;
    struct str scopeId;
};

struct activate_in {
    struct str elementId;
    struct list variableInstructions;
    const struct json_value *ancestorElementInstanceKey;
};

struct terminate_in {
    const struct json_value *elementInstanceKey;
};

struct modify_in {
    struct list activateInstructions, terminateInstructions;
    const struct json_value *operationReference;
};

static const struct field SCOPED_FIELDS[] = {
    FIELD(struct scoped_in, variables, FIELD_JSON, .required = true),
    FIELD(struct scoped_in, scopeId, FIELD_TEXT), FIELD_END};
static const struct field ACTIVATE_FIELDS[] = {
    FIELD(struct activate_in, elementId, FIELD_TEXT, .required = true),
    FIELD(struct activate_in, variableInstructions, FIELD_LIST, .of = SCOPED_FIELDS,
          .of_size = sizeof(struct scoped_in), .max = 1000),
    FIELD(struct activate_in, ancestorElementInstanceKey, FIELD_JSON), FIELD_END};
static const struct field TERMINATE_FIELDS[] = {
    FIELD(struct terminate_in, elementInstanceKey, FIELD_JSON, .required = true), FIELD_END};
static const struct field MODIFY_FIELDS[] = {
    FIELD(struct modify_in, activateInstructions, FIELD_LIST, .of = ACTIVATE_FIELDS,
          .of_size = sizeof(struct activate_in), .max = 1000),
    FIELD(struct modify_in, terminateInstructions, FIELD_LIST, .of = TERMINATE_FIELDS,
          .of_size = sizeof(struct terminate_in), .max = 1000),
    FIELD(struct modify_in, operationReference, FIELD_JSON), FIELD_END};

static enum err read_start(struct api_call *call, const struct activate_in *in,
                           struct process_change *out)
{
    const struct scoped_in *given = in->variableInstructions.items;
    size_t count = in->variableInstructions.count;
    struct process_scoped *scoped = ARENA_ARRAY(call->arena, count, struct process_scoped);
    *out = (struct process_change){.start = in->elementId,
                                   .scoped = {.items = scoped, .count = count}};
    const struct json_value *ancestor = in->ancestorElementInstanceKey;
    int64_t none;
    if (ancestor && ancestor->type != JSON_NULL && str_to_int(ancestor->text, &none) == OK &&
        none < 0) /* Clients say -1 for none. */
        ancestor = NULL;
    enum err r = v2_key("ancestorElementInstanceKey", ancestor, &out->ancestor_id);
    for (size_t i = 0; r == OK && i < count; i++) {
        scoped[i].scope = given[i].scopeId;
        r = v2_object(call, "variables", given[i].variables, &scoped[i].variables);
    }
    return r;
}

static enum err modification_post(struct api_call *call, struct db_tx *tx)
{
    const struct modify_in *in = call->body;
    const struct activate_in *starts = in->activateInstructions.items;
    const struct terminate_in *ends = in->terminateInstructions.items;
    size_t start_count = in->activateInstructions.count,
           end_count = in->terminateInstructions.count;
    struct process_env env = v2_env(call, tx);
    struct process_change *changes =
        ARENA_ARRAY(call->arena, start_count + end_count, struct process_change);
    enum err r = OK;
    for (size_t i = 0; r == OK && i < start_count; i++)
        r = read_start(call, &starts[i], &changes[i]);
    for (size_t i = 0; r == OK && i < end_count; i++)
        r = v2_key("elementInstanceKey", ends[i].elementInstanceKey,
                   &changes[start_count + i].cancel_id);
    return r == OK ? process_modify(&env, call->path_id[0], changes, start_count + end_count) : r;
}

const struct route V2_INSTANCE_ROUTES[] = {
    {POST, "/v2/process-instances", V2_ROLES, .command = instances_post, .body = CREATE_FIELDS,
     .body_size = sizeof(struct create_in), .doc = "Starts a process"},
    V2_SEARCH("/v2/process-instances/search", instances_search, "Searches process instances"),
    {GET, "/v2/process-instances/{key}", V2_ROLES, .query = instance_get,
     .doc = "One process instance"},
    {POST, "/v2/process-instances/{key}/cancellation", V2_ROLES, .command = cancellation_post,
     .body = CANCEL_FIELDS, .body_size = sizeof(struct cancel_in), .status = 204,
     .doc =
         "Ends a process instance and all that it called. 409 for one that was called itself: end "
         "the one that began it all"},
    {POST, "/v2/process-instances/{key}/suspension", V2_ROLES, .command = suspension_post,
     .body = CANCEL_FIELDS, .body_size = sizeof(struct cancel_in), .status = 204,
     .doc = "Stands a process instance and what it called still"},
    {POST, "/v2/process-instances/{key}/resumption", V2_ROLES, .command = resumption_post,
     .body = CANCEL_FIELDS, .body_size = sizeof(struct cancel_in), .status = 204,
     .doc = "Lets a suspended process instance run on"},
    {POST, "/v2/process-instances/{key}/migration", V2_ROLES, .command = migration_post,
     .body = MIGRATE_FIELDS, .body_size = sizeof(struct migrate_in), .status = 204,
     .doc = "Moves a process instance to another version"},
    {POST, "/v2/process-instances/{key}/modification", V2_ROLES, .command = modification_post,
     .body = MODIFY_FIELDS, .body_size = sizeof(struct modify_in), .status = 204,
     .doc = "Ends and starts elements of a process instance"},
    ROUTE_END};
