/* /v2/user-tasks. */
#include "api/v2.h"
#include "base/clock.h"
#include "park/process_sql.h"

static enum err read_rows(struct v2_search *search, struct arena *arena, int64_t after,
                          int64_t limit, struct sql_rows *out)
{
    int64_t instance = v2_fixed_key(search, "processInstanceKey");
    struct str assignee = v2_fixed_text(search, "assignee");
    bool open = str_is(v2_fixed_text(search, "state"), "CREATED");
    struct v2_tasks_in in = {.park_id = search->call->park_id,
                             .mode = instance       ? 2
                                     : assignee.ptr ? 3
                                     : open         ? 1
                                                    : 0,
                             .of = instance,
                             .text = assignee,
                             .after = after,
                             .limit = limit};
    struct v2_tasks_rows rows = {0};
    enum err r = sql_v2_tasks(search->call->db, arena, &in, &rows);
    *out = (struct sql_rows){.rows = rows.rows, .count = r == OK ? rows.count : 0};
    return r;
}

#define COLUMN(member, kind, label, ...) V2_COLUMN(v2_tasks_row, member, kind, label, __VA_ARGS__)

static const struct v2_column COLUMNS[] = {
    COLUMN(id, V2_KEY, "userTaskKey"),
    COLUMN(id, V2_KEY, "elementInstanceKey"),
    COLUMN(instance_id, V2_KEY, "processInstanceKey"),
    COLUMN(definition_key, V2_KEY, "processDefinitionKey"),
    COLUMN(process, V2_TEXT, "processDefinitionId"),
    COLUMN(version, V2_INT, "processDefinitionVersion"),
    COLUMN(element, V2_TEXT, "elementId"),
    COLUMN(name, V2_TEXT, "name"),
    COLUMN(state, V2_TEXT, "state"),
    COLUMN(assignee, V2_TEXT, "assignee", .skip_null = true),
    COLUMN(groups, V2_RAW, "candidateGroups", .also = "candidateGroup"),
    COLUMN(users, V2_RAW, "candidateUsers", .also = "candidateUser"),
    COLUMN(due_us, V2_TIME, "dueDate", .skip_null = true),
    COLUMN(follow_up_us, V2_TIME, "followUpDate", .skip_null = true, .also = "followupDate"),
    COLUMN(priority, V2_INT, "priority"),
    COLUMN(form_key, V2_KEY, "formKey", .skip_null = true),
    COLUMN(form, V2_TEXT, "externalFormReference", .skip_null = true),
    COLUMN(headers, V2_RAW, "customHeaders"),
    COLUMN(created_us, V2_TIME, "creationDate"),
    COLUMN(ended_us, V2_TIME, "completionDate", .skip_null = true),
    COLUMN(tenant, V2_TEXT, "tenantId"),
};
static const struct v2_resource TASK = {.columns = COLUMNS,
                                        .column_count = COUNT_OF(COLUMNS),
                                        .row_size = sizeof(struct v2_tasks_row),
                                        .read = read_rows};

static enum err tasks_search(struct api_call *call)
{
    return v2_search(call, &TASK, 0);
}

static enum err task_get(struct api_call *call)
{
    return v2_get(call, &TASK, 0, call->path_id[0]);
}

/* 204 where there is none. */
static enum err write_form(struct api_call *call, int64_t id)
{
    struct process_definition_get_row row;
    struct process_resource_content_row content;
    struct process_definition_get_in get = {.park_id = call->park_id, .id = id};
    if (!id) {
        call->status = 204;
        return OK;
    }
    enum err r = sql_process_definition_get(call->db, call->arena, &get, &row);
    struct process_resource_content_in of = {.park_id = call->park_id, .id = row.resource_id};
    if (r == OK)
        r = sql_process_resource_content(call->db, call->arena, &of, &content);
    if (r != OK)
        return r;
    json_object_begin(&call->json);
    json_member_text(&call->json, "formId", row.key);
    json_member_id(&call->json, "formKey", id);
    json_member_int(&call->json, "version", row.version);
    json_member_text(&call->json, "schema", content.content);
    json_member_text(&call->json, "tenantId", STR(V2_TENANT));
    json_object_end(&call->json);
    return OK;
}

/* The one that the task was bound to when it began. */
static enum err form_get(struct api_call *call)
{
    struct process_task_row_row task;
    struct process_task_row_in at = {.park_id = call->park_id, .id = call->path_id[0]};
    enum err r = sql_process_task_row(call->db, call->arena, &at, &task);
    if (r == ERR_NOT_FOUND)
        return v2_missing("key");
    return r == OK ? write_form(call, task.form_id) : r;
}

static enum err start_form_get(struct api_call *call)
{
    int64_t id;
    enum err r = process_start_form(call->db, call->arena, call->park_id, call->path_id[0], &id);
    if (r == ERR_NOT_FOUND)
        return v2_missing("key");
    return r == OK ? write_form(call, id) : r;
}

/* ---- Acts ---- */

struct complete_in {
    const struct json_value *variables;
    struct str action;
};

static const struct field COMPLETE_FIELDS[] = {FIELD(struct complete_in, variables, FIELD_JSON),
                                               FIELD(struct complete_in, action, FIELD_TEXT),
                                               FIELD_END};

static enum err completion_post(struct api_call *call, struct db_tx *tx)
{
    const struct complete_in *in = call->body;
    struct process_env env = v2_env(call, tx);
    struct str variables;
    enum err r = v2_object(call, "variables", in->variables, &variables);
    return r == OK ? process_task_done(&env, call->path_id[0], variables) : r;
}

struct assign_in {
    struct str assignee, action;
    const struct json_value *allowOverride;
};

static const struct field ASSIGN_FIELDS[] = {
    FIELD(struct assign_in, assignee, FIELD_TEXT, .required = true),
    FIELD(struct assign_in, allowOverride, FIELD_JSON, .doc = "Take it from who has it; else true"),
    FIELD(struct assign_in, action, FIELD_TEXT), FIELD_END};

static enum err assignment_post(struct api_call *call, struct db_tx *tx)
{
    const struct assign_in *in = call->body;
    struct process_env env = v2_env(call, tx);
    bool keep =
        in->allowOverride && in->allowOverride->type == JSON_BOOL && !in->allowOverride->boolean;
    return process_task_assign(&env, call->path_id[0], in->assignee, !keep);
}

static enum err assignee_delete(struct api_call *call, struct db_tx *tx)
{
    struct process_env env = v2_env(call, tx);
    return process_task_assign(&env, call->path_id[0], (struct str){0}, true);
}

struct update_in {
    const struct json_value *candidateGroups, *candidateUsers, *dueDate, *followUpDate, *priority,
        *changeset;
    struct str action;
};

static const struct field UPDATE_FIELDS[] = {
    FIELD(struct update_in, changeset, FIELD_JSON, .doc = "The members below, in an object"),
    FIELD(struct update_in, candidateGroups, FIELD_JSON),
    FIELD(struct update_in, candidateUsers, FIELD_JSON),
    FIELD(struct update_in, dueDate, FIELD_JSON),
    FIELD(struct update_in, followUpDate, FIELD_JSON),
    FIELD(struct update_in, priority, FIELD_JSON),
    FIELD(struct update_in, action, FIELD_TEXT),
    FIELD_END};

static enum err read_texts(struct api_call *call, const char *name, const struct json_value *json,
                           struct str *out)
{
    if (!json)
        return OK;
    if (json->type != JSON_ARRAY)
        return err_field(ERR_INVALID, name, "field.type", "must be a list of texts");
    for (size_t i = 0; i < json->array.count; i++)
        if (json->array.items[i].type != JSON_STRING)
            return err_field(ERR_INVALID, name, "field.type", "must be a list of texts");
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, LIMIT_HTTP_BODY);
    struct json_writer w = json_writer(&buf);
    json_value(&w, json);
    *out = str_copy(call->arena, buf_str(&buf));
    return buf_check(&buf);
}

/* An empty text takes the time away. */
static enum err read_time(const char *name, const struct json_value *json, int64_t *out)
{
    if (!json || json->type == JSON_NULL)
        return OK;
    if (json->type == JSON_STRING && json->text.len == 0) {
        *out = 0;
        return OK;
    }
    return json->type == JSON_STRING && time_parse(json->text, out) == OK
               ? OK
               : err_field(ERR_INVALID, name, "field.time", "a time is expected");
}

static enum err task_patch(struct api_call *call, struct db_tx *tx)
{
    struct update_in in = *(const struct update_in *)call->body;
    const struct json_value *set = in.changeset;
    struct process_env env = v2_env(call, tx);
    struct process_task_change change = {.due_us = -1, .follow_up_us = -1, .priority = -1};
    if (set && set->type == JSON_OBJECT) {
        in.candidateGroups = json_get(set, "candidateGroups");
        in.candidateUsers = json_get(set, "candidateUsers");
        in.dueDate = json_get(set, "dueDate");
        in.followUpDate = json_get(set, "followUpDate");
        in.priority = json_get(set, "priority");
    }
    enum err r = read_texts(call, "candidateGroups", in.candidateGroups, &change.groups);
    if (r == OK)
        r = read_texts(call, "candidateUsers", in.candidateUsers, &change.users);
    if (r == OK)
        r = read_time("dueDate", in.dueDate, &change.due_us);
    if (r == OK)
        r = read_time("followUpDate", in.followUpDate, &change.follow_up_us);
    if (r == OK && in.priority && in.priority->type != JSON_NULL &&
        (json_to_int(in.priority, &change.priority) != OK || change.priority < 0 ||
         change.priority > 100))
        r = err_field(ERR_INVALID, "priority", "field.range", "a number from 0 to 100");
    return r == OK ? process_task_update(&env, call->path_id[0], &change) : r;
}

const struct route V2_TASK_ROUTES[] = {
    V2_SEARCH("/v2/user-tasks/search", tasks_search, "Searches user tasks"),
    {GET, "/v2/user-tasks/{key}", V2_ROLES, .query = task_get, .doc = "One user task"},
    {PATCH, "/v2/user-tasks/{key}", V2_ROLES, .command = task_patch, .body = UPDATE_FIELDS,
     .body_size = sizeof(struct update_in), .status = 204, .doc = "Changes a user task"},
    {PATCH, "/v2/user-tasks/{key}/update", V2_ROLES, .command = task_patch, .body = UPDATE_FIELDS,
     .body_size = sizeof(struct update_in), .status = 204, .doc = "The same, for older clients"},
    {GET, "/v2/user-tasks/{key}/form", V2_ROLES, .query = form_get, .doc = "Its form"},
    {GET, "/v2/process-definitions/{key}/form", V2_ROLES, .query = start_form_get, .slow = true,
     .doc = "The form that its start event names"},
    {POST, "/v2/user-tasks/{key}/assignment", V2_ROLES, .command = assignment_post,
     .body = ASSIGN_FIELDS, .body_size = sizeof(struct assign_in), .status = 204,
     .doc = "Gives a user task to somebody"},
    {DELETE, "/v2/user-tasks/{key}/assignee", V2_ROLES, .command = assignee_delete, .status = 204,
     .doc = "Takes it back"},
    {POST, "/v2/user-tasks/{key}/completion", V2_ROLES, .command = completion_post,
     .body = COMPLETE_FIELDS, .body_size = sizeof(struct complete_in), .status = 204,
     .doc = "The user task is done"},
    ROUTE_END};
