/* /api/v1/enterprises: the list, the page of one (一企一档), and its contacts. */
#include "api/case_call.h"
#include "api/register.h"
#include "park/enterprise.h"
#include "park/enterprise_sql.h"
#include "park/grid_sql.h"
#include "park/person.h"
#include "park/pinyin.h"

enum { RECENT_CASES = 5 };

struct list_in {
    struct str q, industry, cursor;
    int64_t grid_id, limit;
};

static const struct field LIST_PARAMS[] = {
    FIELD(struct list_in, q, FIELD_TEXT, .max = LIMIT_NAME_CHARS,
          .doc = "Part of a name, its pinyin or its initials"),
    FIELD(struct list_in, grid_id, FIELD_ID),
    FIELD(struct list_in, industry, FIELD_TEXT, .max = LIMIT_NAME_CHARS),
    FIELD(struct list_in, cursor, FIELD_TEXT),
    FIELD(struct list_in, limit, FIELD_INT, .min = 1, .max = LIMIT_PAGE),
    FIELD_END,
};

struct row_out {
    int64_t id, status, open_cases, overdue_cases, version;
    struct str code, name, short_name, industry, address;
    struct ref grid, answerer;
    double lat, lng;
};

#define ROW_FIELDS(type)                                                                           \
    FIELD(type, id, FIELD_ID), FIELD(type, code, FIELD_TEXT), FIELD(type, name, FIELD_TEXT),       \
        FIELD(type, short_name, FIELD_TEXT), FIELD(type, grid, FIELD_REF),                         \
        FIELD(type, industry, FIELD_TEXT),                                                         \
        FIELD(type, status, FIELD_ENUM, .names = ENTERPRISE_STATUS),                               \
        FIELD(type, address, FIELD_TEXT), FIELD(type, lat, FIELD_REAL),                            \
        FIELD(type, lng, FIELD_REAL), FIELD(type, answerer, FIELD_REF),                            \
        FIELD(type, open_cases, FIELD_INT), FIELD(type, overdue_cases, FIELD_INT),                 \
        FIELD(type, version, FIELD_INT)

static const struct field ROW_REPLY[] = {ROW_FIELDS(struct row_out), FIELD_END};

static int64_t status_of(struct str key)
{
    for (int64_t i = 0; ENTERPRISE_STATUS[i]; i++)
        if (str_is(key, ENTERPRISE_STATUS[i]))
            return i;
    return 0;
}

static enum err list_get(struct api_call *call)
{
    const struct list_in *in = call->query;
    struct register_cursor after;
    enum err r = register_cursor_read(call, in->cursor, &after);
    if (r != OK)
        return r;
    int64_t limit = api_limit(in->limit);
    struct enterprise_list_in find = {
        .park_id = call->park_id,
        .person_id = call->who.person_id,
        .grid_id = in->grid_id,
        .q = search_query(call->arena, in->q),
        .industry = in->industry,
        .everything = access_has(&call->who, REGISTER_READERS | ROLE_SECURITY_ADMIN),
        .after_name = after.name,
        .after_id = after.id,
        .limit = limit + 1,
    };
    struct enterprise_list_rows rows;
    r = sql_enterprise_list(call->db, call->arena, &find, &rows);
    if (r != OK)
        return r;
    api_page_begin(call);
    bool more = api_page_cut(&rows.count, limit);
    for (size_t i = 0; i < rows.count; i++) {
        const struct enterprise_list_row *row = &rows.rows[i];
        struct row_out out = {.id = row->id,
                              .code = row->code,
                              .name = row->name,
                              .short_name = row->short_name,
                              .grid = {row->grid_id, row->grid_name},
                              .industry = row->industry,
                              .status = status_of(row->status),
                              .address = row->address,
                              .lat = row->lat,
                              .lng = row->lng,
                              .answerer = {row->answerer_id, row->answerer_name},
                              .open_cases = row->open_cases,
                              .overdue_cases = row->late_cases,
                              .version = row->version};
        fields_write_object(&call->json, ROW_REPLY, &out);
    }
    const struct enterprise_list_row *last = more ? &rows.rows[rows.count - 1] : NULL;
    api_page_end(call, more ? register_cursor_make(call, last->name, last->id) : (struct str){0});
    return OK;
}

struct contact_out {
    int64_t id;
    struct str name, phone_masked, title;
};

static const struct field CONTACT_REPLY[] = {
    FIELD(struct contact_out, id, FIELD_ID), FIELD(struct contact_out, name, FIELD_TEXT),
    FIELD(struct contact_out, phone_masked, FIELD_TEXT),
    FIELD(struct contact_out, title, FIELD_TEXT), FIELD_END};

struct answerer_out {
    struct ref person;
    struct str role, note;
    int64_t since, until;
};

static const struct field ANSWERER_REPLY[] = {
    FIELD(struct answerer_out, person, FIELD_REF), FIELD(struct answerer_out, role, FIELD_TEXT),
    FIELD(struct answerer_out, since, FIELD_TIME), FIELD(struct answerer_out, until, FIELD_TIME),
    FIELD(struct answerer_out, note, FIELD_TEXT),  FIELD_END};

struct cases_out {
    int64_t open, closed, overdue;
    struct str avg_rating;
};

static const struct field CASES_REPLY[] = {
    FIELD(struct cases_out, open, FIELD_INT), FIELD(struct cases_out, closed, FIELD_INT),
    FIELD(struct cases_out, overdue, FIELD_INT),
    FIELD(struct cases_out, avg_rating, FIELD_RAW, .doc = "A number, or null without ratings"),
    FIELD_END};

struct page_out {
    int64_t id, status, open_cases, overdue_cases, version, area_m2, employees;
    struct str code, name, short_name, industry, address, scale, note;
    struct ref grid, answerer;
    double lat, lng;
    struct list contacts, answerers;
    struct cases_out cases;
    struct str recent_cases;
    bool may_change;
};

static const struct field PAGE_REPLY[] = {
    ROW_FIELDS(struct page_out),
    FIELD(struct page_out, area_m2, FIELD_INT),
    FIELD(struct page_out, employees, FIELD_INT),
    FIELD(struct page_out, scale, FIELD_TEXT),
    FIELD(struct page_out, note, FIELD_TEXT),
    FIELD(struct page_out, contacts, FIELD_LIST, .of = CONTACT_REPLY,
          .of_size = sizeof(struct contact_out)),
    FIELD(struct page_out, answerers, FIELD_LIST, .of = ANSWERER_REPLY,
          .of_size = sizeof(struct answerer_out),
          .doc = "Who answers for it, now and before, the present ones first"),
    FIELD(struct page_out, cases, FIELD_OBJECT, .of = CASES_REPLY),
    FIELD(struct page_out, recent_cases, FIELD_RAW, .doc = "As /api/v1/cases lists them"),
    FIELD(struct page_out, may_change, FIELD_BOOL),
    FIELD_END,
};

static enum err read_contacts(struct api_call *call, int64_t id, struct list *out)
{
    struct enterprise_contacts_in in = {.park_id = call->park_id, .enterprise_id = id};
    struct enterprise_contacts_rows rows;
    enum err r = sql_enterprise_contacts(call->db, call->arena, &in, &rows);
    if (r != OK)
        return r;
    struct contact_out *contacts = ARENA_ARRAY(call->arena, rows.count, struct contact_out);
    for (size_t i = 0; i < rows.count; i++)
        contacts[i] = (struct contact_out){.id = rows.rows[i].id,
                                           .name = rows.rows[i].name,
                                           .phone_masked = rows.rows[i].phone_mask,
                                           .title = rows.rows[i].title};
    *out = (struct list){contacts, rows.count};
    return OK;
}

static enum err read_answerers(struct api_call *call, struct page_out *page)
{
    struct assignment_of_enterprise_in in = {
        .park_id = call->park_id, .enterprise_id = page->id, .grid_id = page->grid.id};
    struct assignment_of_enterprise_rows rows;
    enum err r = sql_assignment_of_enterprise(call->db, call->arena, &in, &rows);
    if (r != OK)
        return r;
    struct answerer_out *answerers = ARENA_ARRAY(call->arena, rows.count, struct answerer_out);
    for (size_t i = 0; i < rows.count; i++)
        answerers[i] = (struct answerer_out){
            .person = {rows.rows[i].person_id, rows.rows[i].name},
            .role = rows.rows[i].role,
            .since = rows.rows[i].since_us,
            .until = rows.rows[i].until_us,
            .note = rows.rows[i].note,
        };
    if (rows.count > 0 && rows.rows[0].until_us == 0)
        page->answerer = answerers[0].person;
    page->answerers = (struct list){answerers, rows.count};
    return OK;
}

static enum err read_cases(struct api_call *call, struct page_out *page)
{
    struct enterprise_cases_row row;
    struct enterprise_cases_in in = {.park_id = call->park_id, .enterprise_id = page->id};
    enum err r = sql_enterprise_cases(call->db, &in, &row);
    if (r != OK)
        return r;
    page->open_cases = row.open;
    page->overdue_cases = row.late;
    page->cases = (struct cases_out){
        .open = row.open,
        .closed = row.closed,
        .overdue = row.late,
        .avg_rating = row.rated ? str_format(call->arena, "%" PRId64 ".%02" PRId64,
                                             row.rating_sum / row.rated,
                                             row.rating_sum % row.rated * 100 / row.rated)
                                : (struct str){0},
    };
    return OK;
}

static enum err find_visible(struct api_call *call, struct enterprise_get_row *row)
{
    struct enterprise_get_in in = {.park_id = call->park_id, .id = call->path_id[0]};
    enum err r = sql_enterprise_get(call->db, call->arena, &in, row);
    if (r == OK && !enterprise_visible(&call->who, row->id, row->grid_id))
        r = err_set(ERR_NOT_FOUND, "no such enterprise");
    return r;
}

static enum err page_write(struct api_call *call)
{
    struct enterprise_get_row row;
    enum err r = find_visible(call, &row);
    if (r != OK)
        return r;
    struct page_out page = {
        .id = row.id,
        .code = row.code,
        .name = row.name,
        .short_name = row.short_name,
        .grid = {row.grid_id, row.grid_name},
        .industry = row.industry,
        .status = status_of(row.status),
        .address = row.address,
        .lat = row.lat,
        .lng = row.lng,
        .area_m2 = row.area_m2,
        .employees = row.employees,
        .scale = row.scale,
        .note = row.note,
        .version = row.version,
        .may_change = access_has(&call->who, ROLE_SYSTEM_ADMIN),
    };
    r = read_contacts(call, page.id, &page.contacts);
    if (r == OK)
        r = read_answerers(call, &page);
    if (r == OK)
        r = read_cases(call, &page);
    struct case_filter newest = {
        .q = STR(""), .category = STR(""), .enterprise_id = page.id, .limit = RECENT_CASES};
    page.recent_cases = STR("[]");
    if (r == OK && access_has(&call->who, CASE_READERS))
        r = case_rows_json(call, &newest, &page.recent_cases);
    if (r != OK)
        return r;
    api_set_version(call, page.version);
    api_reply(call, PAGE_REPLY, &page);
    return OK;
}

static enum err enterprise_post(struct api_call *call, struct db_tx *tx)
{
    struct change by = register_change(call);
    enum err r = enterprise_add(tx, &by, call->body, &call->path_id[0]);
    if (r != OK)
        return r;
    api_set_location(call, "/api/v1/enterprises", call->path_id[0]);
    return page_write(call);
}

static enum err enterprise_put(struct api_call *call, struct db_tx *tx)
{
    struct enterprise_get_row row;
    struct change by = register_change(call);
    enum err r = find_visible(call, &row);
    if (r == OK)
        r = api_match_version(call, row.version);
    if (r == OK)
        r = enterprise_change(tx, &by, row.id, call->body, row.version);
    return r == OK ? page_write(call) : r;
}

struct contact_in {
    int64_t person_id;
    struct str name, phone, title;
};

static const struct field CONTACT_FIELDS[] = {
    FIELD(struct contact_in, person_id, FIELD_ID, .doc = "Somebody known, or else:"),
    FIELD(struct contact_in, name, FIELD_TEXT, .max = LIMIT_NAME_CHARS),
    FIELD(struct contact_in, phone, FIELD_TEXT, .max = 32),
    FIELD(struct contact_in, title, FIELD_TEXT, .max = LIMIT_NAME_CHARS),
    FIELD_END,
};

static enum err contact_post(struct api_call *call, struct db_tx *tx)
{
    const struct contact_in *in = call->body;
    struct enterprise_get_row row;
    struct change by = register_change(call);
    int64_t person_id = in->person_id;
    enum err r = find_visible(call, &row);
    if (r == OK && !person_id && str_trim(in->name).len == 0)
        r = err_field(ERR_INVALID, "name", "field.required", "name a person");
    struct person person = {.name = in->name, .kind = 1, .title = in->title, .phone = in->phone};
    if (r == OK && !person_id)
        r = person_add(tx, &by, &person, &person_id);
    if (r == OK)
        r = enterprise_add_contact(tx, &by, row.id, person_id);
    return r == OK ? page_write(call) : r;
}

static enum err contact_delete(struct api_call *call, struct db_tx *tx)
{
    struct enterprise_get_row row;
    struct change by = register_change(call);
    enum err r = find_visible(call, &row);
    if (r == OK)
        r = enterprise_end_contact(tx, &by, row.id, call->path_id[1]);
    return r == OK ? page_write(call) : r;
}

const struct route ENTERPRISE_ROUTES[] = {
    {GET, "/api/v1/enterprises",
     ROLES(ROLE_CONTACT | ROLE_STAFF | ROLE_SYSTEM_ADMIN | ROLE_SECURITY_ADMIN), .query = list_get,
     .query_fields = LIST_PARAMS, .query_size = sizeof(struct list_in), .reply = ROW_REPLY,
     .page = true, .doc = "Enterprises the caller may see, by name"},
    {POST, "/api/v1/enterprises", ROLES(ROLE_SYSTEM_ADMIN), .command = enterprise_post,
     .body = ENTERPRISE_FIELDS, .body_size = sizeof(struct enterprise), .reply = PAGE_REPLY,
     .status = 201, .doc = "Adds an enterprise"},
    {GET, "/api/v1/enterprises/{id}", ROLES(ROLE_CONTACT | ROLE_STAFF | ROLE_SYSTEM_ADMIN),
     .query = page_write, .reply = PAGE_REPLY,
     .doc = "One enterprise: who answers for it, its contacts and its cases in numbers"},
    {PUT, "/api/v1/enterprises/{id}", ROLES(ROLE_SYSTEM_ADMIN), .command = enterprise_put,
     .body = ENTERPRISE_FIELDS, .body_size = sizeof(struct enterprise), .reply = PAGE_REPLY,
     .doc = "Changes an enterprise"},
    {POST, "/api/v1/enterprises/{id}/contacts", ROLES(ROLE_SYSTEM_ADMIN), .command = contact_post,
     .body = CONTACT_FIELDS, .body_size = sizeof(struct contact_in), .reply = PAGE_REPLY,
     .status = 201, .doc = "Makes a person a contact of the enterprise"},
    {DELETE, "/api/v1/enterprises/{id}/contacts/{id}", ROLES(ROLE_SYSTEM_ADMIN),
     .command = contact_delete, .reply = PAGE_REPLY, .doc = "Ends a contact's right"},
    ROUTE_END,
};
