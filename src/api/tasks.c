/* /api/v1/tasks: what waits for the caller, and what may be done about it. */
#include "api/case_call.h"
#include "park/item.h"

static const char *const BOXES[] = {"todo", "done", "watched", NULL};

struct list_in {
    int64_t box, limit;
    struct str q, cursor;
};
static const struct field LIST_PARAMS[] = {
    FIELD(struct list_in, box, FIELD_ENUM, .names = BOXES),
    FIELD(struct list_in, q, FIELD_TEXT, .max = LIMIT_NAME_CHARS),
    FIELD(struct list_in, cursor, FIELD_TEXT),
    FIELD(struct list_in, limit, FIELD_INT, .min = 1, .max = LIMIT_PAGE), FIELD_END};

static enum err tasks_get(struct api_call *call)
{
    const struct list_in *in = call->query;
    struct task_filter filter = {.box = in->box, .q = in->q, .limit = api_limit(in->limit)};
    struct case_reader reader = case_reader_of(call);
    struct json_writer *w = &call->json;
    int64_t next_time, next_id;
    struct task_counts counts;
    enum err r = api_cursor_read(call, in->cursor, &filter.after_time, &filter.after_id);
    if (r == OK)
        r = task_count(&reader, &counts);
    if (r != OK)
        return r;
    json_object_begin(w);
    json_key(w, "counts");
    json_object_begin(w);
    json_member_int(w, "todo", counts.todo);
    json_member_int(w, "overdue", counts.overdue);
    json_member_int(w, "done_today", counts.done_today);
    json_object_end(w);
    json_key(w, "items");
    json_array_begin(w);
    r = task_write_list(&reader, w, &filter, &next_time, &next_id);
    json_array_end(w);
    json_member_text(w, "next",
                     next_id ? api_cursor_make(call, next_time, next_id) : (struct str){0});
    json_object_end(w);
    return r;
}

struct complete_in {
    struct str outcome, text;
    struct list file_ids;
    struct {
        int64_t person_id, department_id;
    } variables;
    const struct json_value *form;
};
static const struct field TARGET_FIELDS[] = {
    {.name = "person_id", .type = FIELD_ID, .offset = 0},
    {.name = "department_id", .type = FIELD_ID, .offset = sizeof(int64_t)},
    FIELD_END};
static const struct field COMPLETE_FIELDS[] = {
    FIELD(struct complete_in, outcome, FIELD_TEXT, .max = 60,
          .doc = "One of the task's outcomes; its first if absent"),
    FIELD(struct complete_in, text, FIELD_TEXT),
    FIELD(struct complete_in, file_ids, FIELD_ID_LIST, .max = LIMIT_CASE_FILES),
    FIELD(struct complete_in, variables, FIELD_OBJECT, .of = TARGET_FIELDS,
          .doc = "To whom, where the task dispatches"),
    FIELD(struct complete_in, form, FIELD_JSON, .doc = "Answers to the task's own form"),
    FIELD_END};

static enum err complete_post(struct api_call *call, struct db_tx *tx)
{
    const struct complete_in *in = call->body;
    struct case_env env = case_env_of(call, tx);
    struct task_outcome outcome = {.outcome = in->outcome,
                                   .text = in->text,
                                   .file_ids = in->file_ids,
                                   .person_id = in->variables.person_id,
                                   .department_id = in->variables.department_id,
                                   .form = in->form};
    int64_t task_id = 0, case_id = 0;
    enum err r = case_path_id(call, &task_id);
    if (r == OK)
        r = task_complete(&env, &call->who, task_id, &outcome, &case_id);
    return case_reply(call, r, case_id);
}

static enum err claim_post(struct api_call *call, struct db_tx *tx)
{
    struct case_env env = case_env_of(call, tx);
    int64_t task_id = 0, case_id = 0;
    enum err r = case_path_id(call, &task_id);
    if (r == OK)
        r = task_claim(&env, &call->who, task_id, &case_id);
    return case_reply(call, r, case_id);
}

struct words_in {
    struct str reason, text;
    int64_t person_id, department_id, days;
};
static const struct field NO_FIELDS[] = {FIELD_END};
static const struct field RETURN_FIELDS[] = {
    FIELD(struct words_in, reason, FIELD_TEXT, .required = true, .max = 1000), FIELD_END};
static const struct field DELEGATE_FIELDS[] = {
    FIELD(struct words_in, person_id, FIELD_ID), FIELD(struct words_in, department_id, FIELD_ID),
    FIELD(struct words_in, reason, FIELD_TEXT, .required = true, .max = 1000), FIELD_END};
static const struct field EXTEND_FIELDS[] = {
    FIELD(struct words_in, days, FIELD_INT, .required = true, .min = 1, .max = 1000),
    FIELD(struct words_in, reason, FIELD_TEXT, .required = true, .max = 1000), FIELD_END};
static const struct field PAUSE_FIELDS[] = {
    FIELD(struct words_in, reason, FIELD_TEXT, .required = true, .max = 60,
          .doc = "wait_applicant, hearing, test or expert_review"),
    FIELD(struct words_in, text, FIELD_TEXT, .max = 1000), FIELD_END};

static enum err return_post(struct api_call *call, struct db_tx *tx)
{
    const struct words_in *in = call->body;
    struct case_env env = case_env_of(call, tx);
    int64_t task_id = 0, case_id = 0;
    enum err r = case_path_id(call, &task_id);
    if (r == OK)
        r = task_return(&env, &call->who, task_id, in->reason, &case_id);
    return case_reply(call, r, case_id);
}

static enum err delegate_post(struct api_call *call, struct db_tx *tx)
{
    const struct words_in *in = call->body;
    struct case_env env = case_env_of(call, tx);
    int64_t task_id = 0, case_id = 0;
    enum err r = case_path_id(call, &task_id);
    if (r == OK)
        r = task_delegate(&env, &call->who, task_id, in->person_id, in->department_id, in->reason,
                          &case_id);
    return case_reply(call, r, case_id);
}

static enum err extend_post(struct api_call *call, struct db_tx *tx)
{
    const struct words_in *in = call->body;
    struct case_env env = case_env_of(call, tx);
    int64_t task_id = 0, case_id = 0;
    enum err r = case_path_id(call, &task_id);
    if (r == OK)
        r = task_extend(&env, &call->who, task_id, in->days, in->reason, &case_id);
    return case_reply(call, r, case_id);
}

static enum err pause_post(struct api_call *call, struct db_tx *tx)
{
    const struct words_in *in = call->body;
    struct case_env env = case_env_of(call, tx);
    int64_t task_id = 0, case_id = 0;
    enum err r = case_path_id(call, &task_id);
    if (r == OK)
        r = task_pause(&env, &call->who, task_id, in->reason, in->text, &case_id);
    return case_reply(call, r, case_id);
}

static enum err resume_post(struct api_call *call, struct db_tx *tx)
{
    struct case_env env = case_env_of(call, tx);
    int64_t task_id = 0, case_id = 0;
    enum err r = case_path_id(call, &task_id);
    if (r == OK)
        r = task_resume(&env, &call->who, task_id, &case_id);
    return case_reply(call, r, case_id);
}

/* Items. ----------------------------------------------------------------------------------------
 */

#define WORDS_FIELDS                                                                               \
    FIELD(struct item_words, title, FIELD_TEXT, .max = LIMIT_NAME_CHARS),                          \
        FIELD(struct item_words, text, FIELD_TEXT, .max = 1000),                                   \
        FIELD(struct item_words, owner_id, FIELD_ID,                                               \
              .doc = "The department that puts it right; null: the enterprise"),                   \
        {.name = "due_at", .type = FIELD_TIME, .offset = offsetof(struct item_words, due_us)},     \
        FIELD(struct item_words, file_ids, FIELD_ID_LIST, .max = LIMIT_CASE_FILES)

static const struct field RAISE_FIELDS[] = {
    WORDS_FIELDS, FIELD(struct item_words, basis, FIELD_TEXT, .max = LIMIT_NAME_CHARS), FIELD_END};
static const struct field SET_FIELDS[] = {
    WORDS_FIELDS,
    FIELD(struct item_words, state, FIELD_ENUM, .names = ITEM_STATES,
          .doc = "met, unmet or not_applicable on a checklist; merged on a list that is edited"),
    FIELD(struct item_words, into_id, FIELD_ID, .doc = "Merged: into which"), FIELD_END};

static enum err raise_post(struct api_call *call, struct db_tx *tx)
{
    struct case_env env = case_env_of(call, tx);
    int64_t task_id = 0, case_id = 0;
    enum err r = case_path_id(call, &task_id);
    if (r == OK)
        r = task_item_add(&env, &call->who, task_id, call->body, &case_id);
    return case_reply(call, r, case_id);
}

static enum err set_post(struct api_call *call, struct db_tx *tx)
{
    struct case_env env = case_env_of(call, tx);
    int64_t task_id = 0, case_id = 0;
    enum err r = case_path_id(call, &task_id);
    if (r == OK)
        r = task_item_set(&env, &call->who, task_id, call->path_id[1], call->body, &case_id);
    return case_reply(call, r, case_id);
}

const struct route TASK_ROUTES[] = {
    {GET, "/api/v1/tasks", ROLES(CASE_READERS), .query = tasks_get, .query_fields = LIST_PARAMS,
     .query_size = sizeof(struct list_in),
     .doc = "What waits for the caller, the most urgent first; or what the caller has done"},
    {POST, "/api/v1/tasks/{id}/claim", ROLES(ROLE_STAFF), .command = claim_post, .body = NO_FIELDS,
     .body_size = 1, .doc = "Takes the task; signs for the case where that is the task"},
    {POST, "/api/v1/tasks/{id}/complete", ROLES(CASE_READERS), .command = complete_post,
     .body = COMPLETE_FIELDS, .body_size = sizeof(struct complete_in),
     .doc = "Completes the task with one of its outcomes"},
    {POST, "/api/v1/tasks/{id}/items", ROLES(ROLE_STAFF), .command = raise_post,
     .body = RAISE_FIELDS, .body_size = sizeof(struct item_words),
     .doc = "Raises an item of the list that the task adds to"},
    {POST, "/api/v1/tasks/{id}/items/{item_id}", ROLES(ROLE_STAFF), .command = set_post,
     .body = SET_FIELDS, .body_size = sizeof(struct item_words),
     .doc = "Marks, changes or merges an item of the list that the task works on"},
    {POST, "/api/v1/tasks/{id}/return", ROLES(ROLE_STAFF), .command = return_post,
     .body = RETURN_FIELDS, .body_size = sizeof(struct words_in),
     .doc = "Hands the case back with a reason; counted and capped"},
    {POST, "/api/v1/tasks/{id}/delegate", ROLES(ROLE_STAFF), .command = delegate_post,
     .body = DELEGATE_FIELDS, .body_size = sizeof(struct words_in),
     .doc = "Gives the task to another person or department"},
    {POST, "/api/v1/tasks/{id}/extend", ROLES(ROLE_STAFF), .command = extend_post,
     .body = EXTEND_FIELDS, .body_size = sizeof(struct words_in),
     .doc = "Asks for more days, before the deadline"},
    {POST, "/api/v1/tasks/{id}/pause", ROLES(ROLE_STAFF), .command = pause_post,
     .body = PAUSE_FIELDS, .body_size = sizeof(struct words_in),
     .doc = "Stands the clock still, with a reason"},
    {POST, "/api/v1/tasks/{id}/resume", ROLES(ROLE_STAFF), .command = resume_post,
     .body = NO_FIELDS, .body_size = 1, .doc = "Lets the clock run on"},
    ROUTE_END};
