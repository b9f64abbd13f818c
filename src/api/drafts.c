/* /api/v1/drafts: what the caller has begun to fill in. */
#include "api/case_call.h"
#include "park/draft.h"

struct draft_in {
    struct str service;
    int64_t enterprise_id;
    const struct json_value *form;
    struct list file_ids;
};
static const struct field DRAFT_FIELDS[] = {
    FIELD(struct draft_in, service, FIELD_TEXT, .required = true, .max = 60),
    FIELD(struct draft_in, enterprise_id, FIELD_ID),
    FIELD(struct draft_in, form, FIELD_JSON, .required = true),
    FIELD(struct draft_in, file_ids, FIELD_ID_LIST, .max = LIMIT_CASE_FILES), FIELD_END};

static const struct field DRAFT_REPLY[] = {
    FIELD(struct draft, id, FIELD_ID),
    FIELD(struct draft, service, FIELD_TEXT),
    FIELD(struct draft, enterprise_id, FIELD_ID),
    FIELD(struct draft, form, FIELD_RAW),
    {.name = "file_ids", .type = FIELD_RAW, .offset = offsetof(struct draft, files)},
    {.name = "updated_at", .type = FIELD_TIME, .offset = offsetof(struct draft, updated_us)},
    FIELD(struct draft, version, FIELD_INT),
    FIELD_END};

static enum err from_body(struct api_call *call, struct draft *out)
{
    const struct draft_in *in = call->body;
    if (in->form->type != JSON_OBJECT)
        return err_field(ERR_INVALID, "form", "field.type", "an object is expected");
    if (!services_find(case_world_services(call->cases), in->service))
        return err_field(ERR_INVALID, "service", "service.unknown", "no such service");
    CLEANUP(buf_release) struct buf form;
    CLEANUP(buf_release) struct buf files;
    buf_init(&form, DRAFT_FORM_MAX + 1);
    buf_init(&files, LIMIT_CASE_FILES * 32 + 16);
    struct json_writer w = json_writer(&form), ids = json_writer(&files);
    json_value(&w, in->form);
    json_array_begin(&ids);
    for (size_t i = 0; i < in->file_ids.count; i++)
        json_id(&ids, ((const int64_t *)in->file_ids.items)[i]);
    json_array_end(&ids);
    if (buf_check(&form) != OK)
        return err_refuse(ERR_LIMIT, "draft.size", "the draft is too large");
    *out = (struct draft){.service = in->service,
                          .enterprise_id = in->enterprise_id,
                          .form = str_copy(call->arena, buf_str(&form)),
                          .files = str_copy(call->arena, buf_str(&files))};
    return OK;
}

static enum err drafts_get(struct api_call *call)
{
    const struct api_page *in = call->query;
    int64_t before, unused, limit = api_limit(in->limit);
    struct draft *drafts;
    size_t count = 0;
    enum err r = api_cursor_read(call, in->cursor, &before, &unused);
    if (r == OK)
        r = draft_list(call->db, call->arena, &call->who, before, limit + 1, &drafts, &count);
    if (r != OK)
        return r;
    bool more = api_page_cut(&count, limit);
    api_page_begin(call);
    for (size_t i = 0; i < count; i++)
        fields_write_object(&call->json, DRAFT_REPLY, &drafts[i]);
    api_page_end(call, more ? api_cursor_make(call, drafts[count - 1].id, 0) : (struct str){0});
    return OK;
}

static enum err drafts_post(struct api_call *call, struct db_tx *tx)
{
    struct draft draft;
    enum err r = from_body(call, &draft);
    if (r == OK)
        r = draft_add(tx, &call->who, &draft, call->now_us);
    if (r == OK)
        api_reply(call, DRAFT_REPLY, &draft);
    return r;
}

static enum err draft_put(struct api_call *call, struct db_tx *tx)
{
    struct draft draft, stored;
    int64_t id = 0;
    enum err r = case_path_id(call, &id);
    if (r == OK)
        r = draft_get(call->db, call->arena, &call->who, id, &stored);
    if (r == OK)
        r = api_match_version(call, stored.version);
    if (r == OK)
        r = from_body(call, &draft);
    if (r != OK)
        return r;
    draft.id = id;
    r = draft_change(tx, &call->who, &draft, call->now_us);
    if (r == OK)
        r = draft_get(call->db, call->arena, &call->who, id, &stored);
    if (r == OK)
        api_reply(call, DRAFT_REPLY, &stored);
    return r;
}

static enum err draft_delete(struct api_call *call, struct db_tx *tx)
{
    struct draft stored;
    int64_t id = 0;
    enum err r = case_path_id(call, &id);
    if (r == OK)
        r = draft_get(call->db, call->arena, &call->who, id, &stored);
    return r == OK ? draft_drop(tx, &call->who, id) : r;
}

const struct route DRAFT_ROUTES[] = {
    {GET, "/api/v1/drafts", ROLES(ROLE_CONTACT), .query = drafts_get,
     .query_fields = API_PAGE_FIELDS, .query_size = sizeof(struct api_page), .reply = DRAFT_REPLY,
     .page = true, .doc = "The caller's drafts"},
    {POST, "/api/v1/drafts", ROLES(ROLE_CONTACT), .command = drafts_post, .body = DRAFT_FIELDS,
     .body_size = sizeof(struct draft_in), .reply = DRAFT_REPLY, .status = 201,
     .doc = "Keeps a draft"},
    {PUT, "/api/v1/drafts/{id}", ROLES(ROLE_CONTACT), .command = draft_put, .body = DRAFT_FIELDS,
     .body_size = sizeof(struct draft_in), .reply = DRAFT_REPLY, .doc = "Changes a draft"},
    {DELETE, "/api/v1/drafts/{id}", ROLES(ROLE_CONTACT), .command = draft_delete, .status = 204,
     .doc = "Throws a draft away"},
    ROUTE_END};
