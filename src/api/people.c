/* /api/v1/people and /api/v1/departments. */
#include "api/register.h"
#include "park/person.h"
#include "park/person_sql.h"
#include "park/pinyin.h"

struct list_in {
    struct str q, kind, role, cursor;
    int64_t department_id, grid_id, limit;
};

static const struct field LIST_PARAMS[] = {
    FIELD(struct list_in, q, FIELD_TEXT, .max = LIMIT_NAME_CHARS),
    FIELD(struct list_in, kind, FIELD_TEXT, .max = 16, .doc = "staff or contact"),
    FIELD(struct list_in, role, FIELD_TEXT, .max = 32),
    FIELD(struct list_in, department_id, FIELD_ID),
    FIELD(struct list_in, grid_id, FIELD_ID),
    FIELD(struct list_in, cursor, FIELD_TEXT),
    FIELD(struct list_in, limit, FIELD_INT, .min = 1, .max = LIMIT_PAGE),
    FIELD_END,
};

struct person_out {
    int64_t id, version;
    struct str name, kind, title, phone_masked;
    struct ref department;
    struct list roles;
};

static const struct field PERSON_REPLY[] = {
    FIELD(struct person_out, id, FIELD_ID),
    FIELD(struct person_out, name, FIELD_TEXT),
    FIELD(struct person_out, kind, FIELD_TEXT),
    FIELD(struct person_out, department, FIELD_REF),
    FIELD(struct person_out, title, FIELD_TEXT),
    FIELD(struct person_out, phone_masked, FIELD_TEXT),
    FIELD(struct person_out, roles, FIELD_TEXT_LIST),
    FIELD(struct person_out, version, FIELD_INT),
    FIELD_END,
};

/* "a,b" → ["a", "b"] */
static struct list split_roles(struct arena *arena, struct str text)
{
    struct str *roles = NULL;
    size_t count = 0, capacity = 0;
    for (size_t at = 0; at < text.len;) {
        size_t end = str_find(text, STR(","), at);
        *ARENA_PUSH(arena, roles, count, capacity) = str_sub(text, at, end - at);
        at = end + 1;
    }
    return (struct list){roles, count};
}

static enum err list_get(struct api_call *call)
{
    const struct list_in *in = call->query;
    struct register_cursor after;
    enum err r = register_cursor_read(call, in->cursor, &after);
    if (r != OK)
        return r;
    int64_t limit = api_limit(in->limit);
    struct person_list_in find = {.park_id = call->park_id,
                                  .q = search_query(call->arena, in->q),
                                  .kind = in->kind,
                                  .department_id = in->department_id,
                                  .grid_id = in->grid_id,
                                  .role = in->role,
                                  .after_name = after.name,
                                  .after_id = after.id,
                                  .limit = limit + 1};
    struct person_list_rows rows;
    r = sql_person_list(call->db, call->arena, &find, &rows);
    if (r != OK)
        return r;
    api_page_begin(call);
    bool more = api_page_cut(&rows.count, limit);
    for (size_t i = 0; i < rows.count; i++) {
        const struct person_list_row *row = &rows.rows[i];
        struct person_out out = {.id = row->id,
                                 .name = row->name,
                                 .kind = row->kind,
                                 .department = {row->department_id, row->department_name},
                                 .title = row->title,
                                 .phone_masked = row->phone_mask,
                                 .roles = split_roles(call->arena, row->roles),
                                 .version = row->version};
        fields_write_object(&call->json, PERSON_REPLY, &out);
    }
    const struct person_list_row *last = more ? &rows.rows[rows.count - 1] : NULL;
    api_page_end(call, more ? register_cursor_make(call, last->name, last->id) : (struct str){0});
    return OK;
}

static enum err person_write(struct api_call *call)
{
    struct person_get_row row;
    struct person_get_in in = {.park_id = call->park_id, .id = call->path_id[0]};
    struct person_roles_row roles;
    struct person_roles_in of = {.park_id = call->park_id, .id = call->path_id[0]};
    enum err r = sql_person_get(call->db, call->arena, &in, &row);
    if (r == OK)
        r = sql_person_roles(call->db, call->arena, &of, &roles);
    if (r != OK)
        return r;
    struct person_out out = {.id = row.id,
                             .name = row.name,
                             .kind = row.kind,
                             .department = {row.department_id, row.department_name},
                             .title = row.title,
                             .phone_masked = row.phone_mask,
                             .roles = split_roles(call->arena, roles.roles),
                             .version = row.version};
    api_set_version(call, out.version);
    api_reply(call, PERSON_REPLY, &out);
    return OK;
}

static enum err person_post(struct api_call *call, struct db_tx *tx)
{
    struct change by = register_change(call);
    enum err r = person_add(tx, &by, call->body, &call->path_id[0]);
    if (r != OK)
        return r;
    api_set_location(call, "/api/v1/people", call->path_id[0]);
    return person_write(call);
}

static enum err person_put(struct api_call *call, struct db_tx *tx)
{
    struct change by = register_change(call);
    struct person_get_row row;
    struct person_get_in in = {.park_id = call->park_id, .id = call->path_id[0]};
    enum err r = sql_person_get(call->db, call->arena, &in, &row);
    if (r == OK)
        r = api_match_version(call, row.version);
    if (r == OK)
        r = person_change(tx, &by, row.id, call->body, row.version);
    return r == OK ? person_write(call) : r;
}

struct phone_out {
    struct str phone;
};

static const struct field PHONE_REPLY[] = {FIELD(struct phone_out, phone, FIELD_TEXT), FIELD_END};

static enum err reveal_post(struct api_call *call, struct db_tx *tx)
{
    struct change by = register_change(call);
    struct phone_out out;
    enum err r = person_reveal(tx, call->arena, &by, call->path_id[0], &out.phone);
    if (r == OK)
        api_reply(call, PHONE_REPLY, &out);
    return r;
}

struct department_out {
    int64_t id, version;
    struct str code, name;
    struct ref head;
};

static const struct field DEPARTMENT_REPLY[] = {
    FIELD(struct department_out, id, FIELD_ID),
    FIELD(struct department_out, code, FIELD_TEXT),
    FIELD(struct department_out, name, FIELD_TEXT),
    FIELD(struct department_out, head, FIELD_REF),
    FIELD(struct department_out, version, FIELD_INT),
    FIELD_END,
};

static enum err departments_get(struct api_call *call)
{
    struct department_list_rows rows;
    struct department_list_in in = {.park_id = call->park_id};
    enum err r = sql_department_list(call->db, call->arena, &in, &rows);
    if (r != OK)
        return r;
    api_page_begin(call);
    for (size_t i = 0; i < rows.count; i++) {
        struct department_out out = {.id = rows.rows[i].id,
                                     .code = rows.rows[i].code,
                                     .name = rows.rows[i].name,
                                     .head = {rows.rows[i].head_id, rows.rows[i].head_name},
                                     .version = rows.rows[i].version};
        fields_write_object(&call->json, DEPARTMENT_REPLY, &out);
    }
    api_page_end(call, (struct str){0});
    return OK;
}

static enum err department_write(struct api_call *call, int64_t id)
{
    struct department_get_row row;
    struct department_get_in in = {.park_id = call->park_id, .id = id};
    enum err r = sql_department_get(call->db, call->arena, &in, &row);
    if (r != OK)
        return r;
    struct department_out out = {
        .id = row.id, .code = row.code, .name = row.name, .version = row.version};
    api_set_version(call, row.version);
    api_reply(call, DEPARTMENT_REPLY, &out);
    return OK;
}

static enum err department_post(struct api_call *call, struct db_tx *tx)
{
    struct change by = register_change(call);
    int64_t id;
    enum err r = department_add(tx, &by, call->body, &id);
    return r == OK ? department_write(call, id) : r;
}

static enum err department_put(struct api_call *call, struct db_tx *tx)
{
    struct change by = register_change(call);
    struct department_get_row row;
    struct department_get_in in = {.park_id = call->park_id, .id = call->path_id[0]};
    enum err r = sql_department_get(call->db, call->arena, &in, &row);
    if (r == OK)
        r = api_match_version(call, row.version);
    if (r == OK)
        r = department_change(tx, &by, row.id, call->body, row.version);
    return r == OK ? department_write(call, row.id) : r;
}

const struct route PEOPLE_ROUTES[] = {
    {GET, "/api/v1/people", ROLES(ROLE_STAFF | ROLE_SYSTEM_ADMIN | ROLE_SECURITY_ADMIN),
     .query = list_get, .query_fields = LIST_PARAMS, .query_size = sizeof(struct list_in),
     .reply = PERSON_REPLY, .page = true, .doc = "People by name; phones are masked"},
    {POST, "/api/v1/people", ROLES(ROLE_SYSTEM_ADMIN), .command = person_post,
     .body = PERSON_FIELDS, .body_size = sizeof(struct person), .reply = PERSON_REPLY,
     .status = 201, .doc = "Adds a person"},
    {GET, "/api/v1/people/{id}", ROLES(ROLE_STAFF | ROLE_SYSTEM_ADMIN | ROLE_SECURITY_ADMIN),
     .query = person_write, .reply = PERSON_REPLY, .doc = "One person; the phone is masked"},
    {PUT, "/api/v1/people/{id}", ROLES(ROLE_SYSTEM_ADMIN), .command = person_put,
     .body = PERSON_FIELDS, .body_size = sizeof(struct person), .reply = PERSON_REPLY,
     .doc = "Changes a person; an absent phone stays as it is"},
    {POST, "/api/v1/people/{id}/reveal", ROLES(ROLE_SYSTEM_ADMIN), .command = reveal_post,
     .reply = PHONE_REPLY, .secret = true, .doc = "The phone in the clear; the look is journalled"},
    {GET, "/api/v1/departments", ROLES(ROLE_STAFF | ROLE_SYSTEM_ADMIN | ROLE_SECURITY_ADMIN),
     .query = departments_get, .reply = DEPARTMENT_REPLY, .page = true, .doc = "All departments"},
    {POST, "/api/v1/departments", ROLES(ROLE_SYSTEM_ADMIN), .command = department_post,
     .body = DEPARTMENT_FIELDS, .body_size = sizeof(struct department), .reply = DEPARTMENT_REPLY,
     .status = 201, .doc = "Adds a department"},
    {PUT, "/api/v1/departments/{id}", ROLES(ROLE_SYSTEM_ADMIN), .command = department_put,
     .body = DEPARTMENT_FIELDS, .body_size = sizeof(struct department), .reply = DEPARTMENT_REPLY,
     .doc = "Changes a department"},
    ROUTE_END,
};
