/* /api/v1/search: one box for enterprises, people and cases, each as far as the caller may see. */
#include "api/case_call.h"
#include "api/register.h"
#include "park/enterprise_sql.h"
#include "park/person_sql.h"
#include "park/pinyin.h"

enum { FOUND_MAX = 5, PEOPLE_READERS = ROLE_STAFF | ROLE_SYSTEM_ADMIN | ROLE_SECURITY_ADMIN };

struct search_in {
    struct str q;
};

static const struct field SEARCH_PARAMS[] = {
    FIELD(struct search_in, q, FIELD_TEXT, .required = true, .max = LIMIT_NAME_CHARS,
          .doc = "Part of a name, its pinyin or initials, a credit code, a case's title or number"),
    FIELD_END,
};

struct search_out {
    struct list enterprises, people;
    struct str cases;
};

static const struct field REF_REPLY[] = {FIELD(struct ref, id, FIELD_ID),
                                         FIELD(struct ref, name, FIELD_TEXT), FIELD_END};

static const struct field SEARCH_REPLY[] = {
    FIELD(struct search_out, enterprises, FIELD_LIST, .of = REF_REPLY,
          .of_size = sizeof(struct ref)),
    FIELD(struct search_out, people, FIELD_LIST, .of = REF_REPLY, .of_size = sizeof(struct ref)),
    FIELD(struct search_out, cases, FIELD_RAW, .doc = "As /api/v1/cases lists them"),
    FIELD_END,
};

static enum err find_enterprises(struct api_call *call, struct str q, struct list *out)
{
    struct enterprise_list_in in = {.park_id = call->park_id,
                                    .person_id = call->who.person_id,
                                    .q = q,
                                    .industry = STR(""),
                                    .everything = access_has(&call->who, REGISTER_READERS),
                                    .after_name = STR(""),
                                    .limit = FOUND_MAX};
    struct enterprise_list_rows rows;
    enum err r = sql_enterprise_list(call->db, call->arena, &in, &rows);
    if (r != OK)
        return r;
    struct ref *found = ARENA_ARRAY(call->arena, rows.count, struct ref);
    for (size_t i = 0; i < rows.count; i++)
        found[i] = (struct ref){rows.rows[i].id, rows.rows[i].name};
    *out = (struct list){found, rows.count};
    return OK;
}

static enum err find_people(struct api_call *call, struct str q, struct list *out)
{
    struct person_list_in in = {.park_id = call->park_id,
                                .q = q,
                                .kind = STR(""),
                                .role = STR(""),
                                .after_name = STR(""),
                                .limit = FOUND_MAX};
    struct person_list_rows rows = {0};
    enum err r = access_has(&call->who, PEOPLE_READERS)
                     ? sql_person_list(call->db, call->arena, &in, &rows)
                     : OK;
    if (r != OK)
        return r;
    struct ref *found = ARENA_ARRAY(call->arena, rows.count, struct ref);
    for (size_t i = 0; i < rows.count; i++)
        found[i] = (struct ref){rows.rows[i].id, rows.rows[i].name};
    *out = (struct list){found, rows.count};
    return OK;
}

static enum err search_get(struct api_call *call)
{
    const struct search_in *in = call->query;
    struct str q = search_query(call->arena, in->q);
    struct search_out out = {.cases = STR("[]")};
    if (q.len == 0)
        return err_field(ERR_INVALID, "q", "field.required", "say what to look for");
    enum err r = find_enterprises(call, q, &out.enterprises);
    if (r == OK)
        r = find_people(call, q, &out.people);
    struct case_filter filter = {.q = str_trim(in->q), .category = STR(""), .limit = FOUND_MAX};
    if (r == OK && access_has(&call->who, CASE_READERS))
        r = case_rows_json(call, &filter, &out.cases);
    if (r == OK)
        api_reply(call, SEARCH_REPLY, &out);
    return r;
}

const struct route SEARCH_ROUTES[] = {
    {GET, "/api/v1/search", ROLES(ROLE_ALL_SIGNED_IN), .query = search_get,
     .query_fields = SEARCH_PARAMS, .query_size = sizeof(struct search_in), .reply = SEARCH_REPLY,
     .doc = "The first five enterprises, people and cases that fit"},
    ROUTE_END,
};
