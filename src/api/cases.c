/* /api/v1/cases: file, list, read, and act on cases. */
#include "api/case_call.h"

struct case_env case_env_of(struct api_call *call, struct db_tx *tx)
{
    return (struct case_env){.tx = tx,
                             .arena = call->arena,
                             .world = call->cases,
                             .park_id = call->park_id,
                             .now_us = call->now_us};
}

struct case_reader case_reader_of(struct api_call *call)
{
    return (struct case_reader){.db = call->db,
                                .arena = call->arena,
                                .services = case_world_services(call->cases),
                                .who = &call->who,
                                .park_id = call->park_id,
                                .now_us = call->now_us};
}

enum err case_path_id(struct api_call *call, int64_t *out)
{
    if (call->path_id[0] <= 0)
        return err_set(ERR_NOT_FOUND, "no such id");
    *out = call->path_id[0];
    return OK;
}

enum err case_reply(struct api_call *call, enum err r, int64_t case_id)
{
    if (r != OK)
        return r;
    struct case_reader reader = case_reader_of(call);
    int64_t version = 0;
    r = case_write(&reader, &call->json, case_id, &version);
    if (r == OK)
        api_set_version(call, version);
    return r;
}

enum err case_rows_json(struct api_call *call, const struct case_filter *filter, struct str *out)
{
    struct case_reader reader = case_reader_of(call);
    struct case_ids ids;
    enum err r = case_list(&reader, filter, &ids);
    if (r != OK)
        return r;
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, LIMIT_HTTP_REPLY);
    struct json_writer w = json_writer(&text);
    json_array_begin(&w);
    for (size_t i = 0; r == OK && i < ids.count; i++)
        r = case_write_row(&reader, &w, ids.ids[i]);
    json_array_end(&w);
    if (r == OK)
        r = buf_check(&text);
    if (r == OK)
        *out = str_copy(call->arena, buf_str(&text));
    return r;
}

/* Lists. ----------------------------------------------------------------------------------------
 */

static const char *const BOXES[] = {"all", "mine", "grid", "department", "watched", NULL};
static const char *const STATES[] = {"any", "open", "closed", "overdue", NULL};

static const char *const FORMATS[] = {"xlsx", "csv", NULL};

struct list_in {
    int64_t box, state, enterprise_id, grid_id, limit, format;
    struct str q, category, cursor;
};

#define FILTER_FIELDS                                                                              \
    FIELD(struct list_in, box, FIELD_ENUM, .names = BOXES),                                        \
        FIELD(struct list_in, state, FIELD_ENUM, .names = STATES),                                 \
        FIELD(struct list_in, q, FIELD_TEXT, .max = LIMIT_NAME_CHARS,                              \
              .doc = "Part of the title, the number or the enterprise's name"),                    \
        FIELD(struct list_in, enterprise_id, FIELD_ID), FIELD(struct list_in, grid_id, FIELD_ID),  \
        FIELD(struct list_in, category, FIELD_TEXT, .max = 60)

static const struct field LIST_PARAMS[] = {
    FILTER_FIELDS, FIELD(struct list_in, cursor, FIELD_TEXT),
    FIELD(struct list_in, limit, FIELD_INT, .min = 1, .max = LIMIT_PAGE), FIELD_END};
static const struct field EXPORT_PARAMS[] = {
    FILTER_FIELDS, FIELD(struct list_in, format, FIELD_ENUM, .names = FORMATS), FIELD_END};

static struct case_filter filter_of(const struct list_in *in)
{
    return (struct case_filter){.box = in->box,
                                .state = in->state,
                                .q = in->q,
                                .category = in->category,
                                .enterprise_id = in->enterprise_id,
                                .grid_id = in->grid_id};
}

static enum err cases_get(struct api_call *call)
{
    const struct list_in *in = call->query;
    int64_t before, unused;
    enum err r = api_cursor_read(call, in->cursor, &before, &unused);
    if (r != OK)
        return r;
    struct case_filter filter = filter_of(in);
    filter.before = before;
    filter.limit = api_limit(in->limit);
    struct case_reader reader = case_reader_of(call);
    struct case_ids ids;
    r = case_list(&reader, &filter, &ids);
    if (r != OK)
        return r;
    api_page_begin(call);
    for (size_t i = 0; r == OK && i < ids.count; i++)
        r = case_write_row(&reader, &call->json, ids.ids[i]);
    api_page_end(call, ids.next ? api_cursor_make(call, ids.next, 0) : (struct str){0});
    return r;
}

static enum err export_get(struct api_call *call)
{
    const struct list_in *in = call->query;
    enum sheet_format format = (enum sheet_format)in->format;
    struct case_filter filter = filter_of(in);
    struct case_reader reader = case_reader_of(call);
    enum err r = case_export(&reader, &filter, format, call->out);
    if (r != OK)
        return r;
    call->content_type = sheet_type(format);
    call->disposition =
        str_format(call->arena, "attachment; filename=\"cases.%s\"", FORMATS[format]).ptr;
    return OK;
}

/* Filing. ---------------------------------------------------------------------------------------
 */

static const struct field FILE_FIELDS[] = {
    FIELD(struct case_new, service, FIELD_TEXT, .required = true, .max = 60),
    FIELD(struct case_new, enterprise_id, FIELD_ID, .required = true),
    FIELD(struct case_new, form, FIELD_JSON, .required = true,
          .doc = "The answers to the service's form"),
    FIELD(struct case_new, file_ids, FIELD_ID_LIST, .max = LIMIT_CASE_FILES),
    FIELD(struct case_new, draft_id, FIELD_ID),
    FIELD_END};

static enum err cases_post(struct api_call *call, struct db_tx *tx)
{
    struct case_env env = case_env_of(call, tx);
    int64_t id = 0;
    enum err r = case_submit(&env, &call->who, call->body, &id);
    if (r == OK)
        api_set_location(call, "/api/v1/cases", id);
    return case_reply(call, r, id);
}

static enum err case_get(struct api_call *call)
{
    int64_t id = 0;
    enum err r = case_path_id(call, &id);
    return case_reply(call, r, id);
}

/* Acts. -----------------------------------------------------------------------------------------
 */

struct message_in {
    struct str text;
    struct list file_ids;
    bool internal;
};
static const struct field MESSAGE_FIELDS[] = {
    FIELD(struct message_in, text, FIELD_TEXT, .required = true),
    FIELD(struct message_in, file_ids, FIELD_ID_LIST, .max = LIMIT_CASE_FILES),
    FIELD(struct message_in, internal, FIELD_BOOL, .doc = "Staff only: the contact never sees it"),
    FIELD_END};

static enum err message_post(struct api_call *call, struct db_tx *tx)
{
    const struct message_in *in = call->body;
    struct case_env env = case_env_of(call, tx);
    int64_t id = 0;
    enum err r = case_path_id(call, &id);
    if (r == OK)
        r = case_message(&env, &call->who, id, in->text, in->file_ids, in->internal);
    return case_reply(call, r, id);
}

struct words_in {
    struct str text, reason;
    int64_t reply_by, level;
};
static const struct field REMIND_FIELDS[] = {FIELD(struct words_in, text, FIELD_TEXT, .max = 500),
                                             FIELD_END};
static const struct field SUPERVISE_FIELDS[] = {
    FIELD(struct words_in, text, FIELD_TEXT, .required = true, .max = 1000),
    FIELD(struct words_in, reply_by, FIELD_TIME), FIELD_END};
static const struct field WITHDRAW_FIELDS[] = {
    FIELD(struct words_in, reason, FIELD_TEXT, .required = true, .max = 1000), FIELD_END};
static const struct field RATING_FIELDS[] = {
    FIELD(struct words_in, level, FIELD_INT, .required = true, .min = 1, .max = 5,
          .doc = "5 is the best"),
    FIELD(struct words_in, text, FIELD_TEXT, .max = 1000), FIELD_END};

static enum err remind_post(struct api_call *call, struct db_tx *tx)
{
    const struct words_in *in = call->body;
    struct case_env env = case_env_of(call, tx);
    int64_t id = 0;
    enum err r = case_path_id(call, &id);
    if (r == OK)
        r = case_remind(&env, &call->who, id, in->text);
    return case_reply(call, r, id);
}

static enum err supervise_post(struct api_call *call, struct db_tx *tx)
{
    const struct words_in *in = call->body;
    struct case_env env = case_env_of(call, tx);
    int64_t id = 0;
    enum err r = case_path_id(call, &id);
    if (r == OK)
        r = case_supervise(&env, &call->who, id, in->text, in->reply_by);
    return case_reply(call, r, id);
}

static enum err withdraw_post(struct api_call *call, struct db_tx *tx)
{
    const struct words_in *in = call->body;
    struct case_env env = case_env_of(call, tx);
    int64_t id = 0;
    enum err r = case_path_id(call, &id);
    if (r == OK)
        r = case_withdraw(&env, &call->who, id, in->reason);
    return case_reply(call, r, id);
}

static enum err rating_post(struct api_call *call, struct db_tx *tx)
{
    const struct words_in *in = call->body;
    struct case_env env = case_env_of(call, tx);
    int64_t id = 0;
    enum err r = case_path_id(call, &id);
    if (r == OK)
        r = case_rate(&env, &call->who, id, in->level, in->text);
    return case_reply(call, r, id);
}

static enum err watch(struct api_call *call, struct db_tx *tx, bool watching)
{
    struct case_env env = case_env_of(call, tx);
    int64_t id = 0;
    enum err r = case_path_id(call, &id);
    return r == OK ? case_watch(&env, &call->who, id, watching) : r;
}

static enum err watch_put(struct api_call *call, struct db_tx *tx)
{
    return watch(call, tx, true);
}

static enum err watch_delete(struct api_call *call, struct db_tx *tx)
{
    return watch(call, tx, false);
}

const struct route CASE_ROUTES[] = {
    {GET, "/api/v1/cases", ROLES(CASE_READERS), .query = cases_get, .query_fields = LIST_PARAMS,
     .query_size = sizeof(struct list_in), .page = true,
     .doc = "Cases that the caller may see, newest first"},
    {GET, "/api/v1/cases/export", ROLES(CASE_READERS), .query = export_get, .slow = true,
     .query_fields = EXPORT_PARAMS, .query_size = sizeof(struct list_in),
     .reply_type = "application/octet-stream", .doc = "The same cases as a sheet"},
    {POST, "/api/v1/cases", ROLES(ROLE_CONTACT), .command = cases_post, .body = FILE_FIELDS,
     .body_size = sizeof(struct case_new), .status = 201, .doc = "Files a case"},
    {GET, "/api/v1/cases/{id}", ROLES(CASE_READERS), .query = case_get,
     .doc = "A case with its clocks, tasks, messages, process and timeline"},
    {POST, "/api/v1/cases/{id}/messages", ROLES(CASE_READERS), .command = message_post,
     .body = MESSAGE_FIELDS, .body_size = sizeof(struct message_in), .status = 201,
     .doc = "Adds a message to a case"},
    {POST, "/api/v1/cases/{id}/remind", ROLES(ROLE_CONTACT), .command = remind_post,
     .body = REMIND_FIELDS, .body_size = sizeof(struct words_in),
     .doc = "The applicant asks for speed"},
    {POST, "/api/v1/cases/{id}/supervise", ROLES(ROLE_LEADER | ROLE_GRID_LEADER),
     .command = supervise_post, .body = SUPERVISE_FIELDS, .body_size = sizeof(struct words_in),
     .doc = "A leader supervises the case"},
    {POST, "/api/v1/cases/{id}/withdraw", ROLES(ROLE_CONTACT), .command = withdraw_post,
     .body = WITHDRAW_FIELDS, .body_size = sizeof(struct words_in),
     .doc = "The applicant withdraws the case before it is resolved"},
    {POST, "/api/v1/cases/{id}/rating", ROLES(CASE_READERS), .command = rating_post,
     .body = RATING_FIELDS, .body_size = sizeof(struct words_in),
     .doc = "The applicant rates the case, once"},
    {PUT, "/api/v1/cases/{id}/watch", ROLES(CASE_READERS), .command = watch_put, .status = 204,
     .doc = "Watches the case"},
    {DELETE, "/api/v1/cases/{id}/watch", ROLES(CASE_READERS), .command = watch_delete,
     .status = 204, .doc = "Watches it no longer"},
    ROUTE_END};
