#include "park/enterprise.h"

#include "base/id.h"
#include "park/enterprise_sql.h"
#include "park/person_sql.h"
#include "park/pinyin.h"

const char *const ENTERPRISE_STATUS[] = {"active", "building", "closed", NULL};

const struct field ENTERPRISE_FIELDS[] = {
    FIELD(struct enterprise, code, FIELD_TEXT, .required = true, .max = 18,
          .doc = "Unified social credit code (GB 32100)"),
    FIELD(struct enterprise, name, FIELD_TEXT, .required = true, .max = LIMIT_NAME_CHARS),
    FIELD(struct enterprise, short_name, FIELD_TEXT, .max = LIMIT_NAME_CHARS),
    FIELD(struct enterprise, grid_id, FIELD_ID),
    FIELD(struct enterprise, industry, FIELD_TEXT, .max = LIMIT_NAME_CHARS),
    FIELD(struct enterprise, status, FIELD_ENUM, .names = ENTERPRISE_STATUS),
    FIELD(struct enterprise, address, FIELD_TEXT, .max = LIMIT_NAME_CHARS),
    FIELD(struct enterprise, lat, FIELD_REAL, .min = -90, .max = 90),
    FIELD(struct enterprise, lng, FIELD_REAL, .min = -180, .max = 180),
    FIELD(struct enterprise, area_m2, FIELD_INT, .min = 0, .max = INT64_C(1000000000)),
    FIELD(struct enterprise, employees, FIELD_INT, .min = 0, .max = 1000000),
    FIELD(struct enterprise, scale, FIELD_TEXT, .max = LIMIT_NAME_CHARS),
    FIELD(struct enterprise, note, FIELD_TEXT),
    FIELD_END,
};

static const char CREDIT_ALPHABET[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

char credit_code_check(struct str first17)
{
    static const int weights[] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    int sum = 0;
    if (first17.len != COUNT_OF(weights))
        return 0;
    for (size_t i = 0; i < first17.len; i++) {
        const char *found = first17.ptr[i] ? strchr(CREDIT_ALPHABET, first17.ptr[i]) : NULL;
        if (!found)
            return 0;
        sum += (int)(found - CREDIT_ALPHABET) * weights[i];
    }
    return CREDIT_ALPHABET[(31 - sum % 31) % 31];
}

bool credit_code_valid(struct str code)
{
    return code.len == 18 && credit_code_check(str_sub(code, 0, 17)) == code.ptr[17];
}

enum err enterprise_check(const struct enterprise *enterprise)
{
    if (!credit_code_valid(enterprise->code))
        return err_field(ERR_INVALID, "code", "enterprise.code",
                         "the credit code's check character does not fit");
    if ((enterprise->lat == 0) != (enterprise->lng == 0))
        return err_field(ERR_INVALID, "lat", "enterprise.place", "give both lat and lng");
    return OK;
}

static struct str or_empty(struct str text)
{
    return text.ptr ? text : STR("");
}

static struct str key_of(struct arena *arena, const struct enterprise *e)
{
    struct str texts[] = {e->name, e->short_name, e->code};
    return search_key(arena, texts, COUNT_OF(texts));
}

static enum err check_grid(struct db *db, int64_t park_id, int64_t grid_id)
{
    struct enterprise_grid_exists_row row;
    struct enterprise_grid_exists_in in = {.park_id = park_id, .id = grid_id};
    if (grid_id == 0)
        return OK;
    enum err r = sql_enterprise_grid_exists(db, &in, &row);
    return r == ERR_NOT_FOUND ? err_field(ERR_INVALID, "grid_id", "grid.unknown", "no such grid")
                              : r;
}

static enum err code_taken(enum err r)
{
    return r == ERR_CONFLICT ? err_field(ERR_CONFLICT, "code", "enterprise.code-taken",
                                         "another enterprise has this credit code")
                             : r;
}

/* `version` 0 stands for any. `kind` names the entry in the journal. */
static enum err write_row(struct db_tx *tx, const struct change *by, int64_t id,
                          const struct enterprise *enterprise, int64_t version, const char *kind)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct enterprise_update_in row = {
        .park_id = by->park_id,
        .id = id,
        .version = version,
        .code = enterprise->code,
        .name = str_trim(enterprise->name),
        .short_name = or_empty(enterprise->short_name),
        .grid_id = enterprise->grid_id,
        .industry = or_empty(enterprise->industry),
        .status = str_of(ENTERPRISE_STATUS[enterprise->status]),
        .address = or_empty(enterprise->address),
        .lat = enterprise->lat,
        .lng = enterprise->lng,
        .area_m2 = enterprise->area_m2,
        .employees = enterprise->employees,
        .scale = or_empty(enterprise->scale),
        .note = or_empty(enterprise->note),
        .search = key_of(&arena, enterprise),
    };
    int64_t changed = 0;
    enum err r = code_taken(sql_enterprise_update(tx, &row, &changed));
    if (r == OK && changed == 0)
        r = err_refuse(ERR_PRECONDITION, "changed-meanwhile",
                       "somebody else has changed this enterprise meanwhile");
    return r == OK ? change_record(tx, by, kind, 0, id, ENTERPRISE_FIELDS, enterprise) : r;
}

static enum err check(struct db *db, int64_t park_id, const struct enterprise *enterprise)
{
    enum err r = enterprise_check(enterprise);
    return r == OK ? check_grid(db, park_id, enterprise->grid_id) : r;
}

enum err enterprise_add(struct db_tx *tx, const struct change *by,
                        const struct enterprise *enterprise, int64_t *id)
{
    struct enterprise_insert_in row = {
        .park_id = by->park_id, .id = id_next(by->now_us), .code = enterprise->code};
    enum err r = check(tx->db, by->park_id, enterprise);
    if (r == OK)
        r = code_taken(sql_enterprise_insert(tx, &row, NULL));
    if (r == OK)
        r = write_row(tx, by, row.id, enterprise, 0, "enterprise.added");
    if (r == OK)
        *id = row.id;
    return r;
}

enum err enterprise_change(struct db_tx *tx, const struct change *by, int64_t id,
                           const struct enterprise *enterprise, int64_t version)
{
    enum err r = check(tx->db, by->park_id, enterprise);
    return r == OK ? write_row(tx, by, id, enterprise, version, "enterprise.changed") : r;
}

static enum err check_person(struct db *db, int64_t park_id, int64_t person_id)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct person_get_row person;
    struct person_get_in who = {.park_id = park_id, .id = person_id};
    enum err r = sql_person_get(db, &arena, &who, &person);
    return r == ERR_NOT_FOUND || (r == OK && !person.active)
               ? err_field(ERR_INVALID, "person_id", "person.unknown", "no such person")
               : r;
}

enum err enterprise_add_contact(struct db_tx *tx, const struct change *by, int64_t enterprise_id,
                                int64_t person_id)
{
    struct enterprise_contact_current_row row;
    struct enterprise_contact_current_in in = {
        .park_id = by->park_id, .enterprise_id = enterprise_id, .person_id = person_id};
    enum err r = sql_enterprise_contact_current(tx->db, &in, &row);
    if (r == OK)
        return err_refuse(ERR_CONFLICT, "contact.already", "this person is a contact already");
    if (r != ERR_NOT_FOUND)
        return r;
    r = check_person(tx->db, by->park_id, person_id);
    if (r != OK)
        return r;
    struct enterprise_contact_insert_in insert = {.park_id = by->park_id,
                                                  .enterprise_id = enterprise_id,
                                                  .person_id = person_id,
                                                  .since_us = by->now_us};
    r = sql_enterprise_contact_insert(tx, &insert, NULL);
    if (r != OK)
        return r;
    struct grant grant = {.role = ROLE_CONTACT, .scope_id = enterprise_id};
    return access_grant(tx, by->park_id, person_id, grant, by->actor_id, by->now_us);
}

enum err enterprise_end_contact(struct db_tx *tx, const struct change *by, int64_t enterprise_id,
                                int64_t person_id)
{
    struct enterprise_contact_end_in end = {.park_id = by->park_id,
                                            .enterprise_id = enterprise_id,
                                            .person_id = person_id,
                                            .until_us = by->now_us};
    int64_t changed = 0;
    enum err r = sql_enterprise_contact_end(tx, &end, &changed);
    if (r == OK && changed == 0)
        r = err_set(ERR_NOT_FOUND, "not a contact of this enterprise");
    if (r != OK)
        return r;
    struct grant grant = {.role = ROLE_CONTACT, .scope_id = enterprise_id};
    r = access_revoke(tx, by->park_id, person_id, grant, by->actor_id, by->now_us);
    return r == ERR_NOT_FOUND ? OK : r; /* The right was taken away before. */
}

bool enterprise_visible(const struct principal *who, int64_t enterprise_id, int64_t grid_id)
{
    return access_in(who, ROLE_CONTACT, enterprise_id) ||
           (grid_id && access_in(who, ROLE_GRID_MEMBER | ROLE_GRID_LEADER, grid_id)) ||
           access_has(who, ROLE_OFFICER | ROLE_DEPARTMENT_HEAD | ROLE_LEADER | ROLE_SYSTEM_ADMIN);
}
