#include "park/person.h"

#include "base/id.h"
#include "journal/journal.h"
#include "park/person_sql.h"
#include "park/pinyin.h"
#include "park/seal.h"

const char *const PERSON_KIND[] = {"staff", "contact", NULL};

const struct field PERSON_FIELDS[] = {
    FIELD(struct person, name, FIELD_TEXT, .required = true, .max = LIMIT_NAME_CHARS),
    FIELD(struct person, kind, FIELD_ENUM, .names = PERSON_KIND),
    FIELD(struct person, department_id, FIELD_ID),
    FIELD(struct person, title, FIELD_TEXT, .max = LIMIT_NAME_CHARS),
    FIELD(struct person, phone, FIELD_TEXT, .max = 32),
    FIELD_END,
};

const struct field DEPARTMENT_FIELDS[] = {
    FIELD(struct department, code, FIELD_TEXT, .required = true, .max = 32),
    FIELD(struct department, name, FIELD_TEXT, .required = true, .max = LIMIT_NAME_CHARS),
    FIELD_END,
};

static enum err check_person(struct db *db, int64_t park_id, const struct person *person)
{
    for (size_t i = 0; i < person->phone.len; i++)
        if (!strchr("0123456789+- ", person->phone.ptr[i]))
            return err_field(ERR_INVALID, "phone", "person.phone", "digits, '+', '-' and spaces");
    struct department_get_row row;
    struct department_get_in in = {.park_id = park_id, .id = person->department_id};
    CLEANUP(arena_release) struct arena arena = {0};
    if (person->department_id == 0)
        return OK;
    enum err r = sql_department_get(db, &arena, &in, &row);
    return r == ERR_NOT_FOUND
               ? err_field(ERR_INVALID, "department_id", "department.unknown", "no such department")
               : r;
}

/* What the journal says of a person: everything but the phone. */
static enum err record_person(struct db_tx *tx, const struct change *by, const char *kind,
                              int64_t id, const struct person *person)
{
    struct person shown = *person;
    shown.phone = (struct str){0};
    return change_record(tx, by, kind, id, id, PERSON_FIELDS, &shown);
}

static struct str title_of(const struct person *person)
{
    return person->title.ptr ? person->title : STR("");
}

static struct str key_of(struct arena *arena, const struct person *person)
{
    struct str texts[] = {person->name, person->title};
    return search_key(arena, texts, COUNT_OF(texts));
}

enum err person_add(struct db_tx *tx, const struct change *by, const struct person *person,
                    int64_t *id)
{
    CLEANUP(arena_release) struct arena arena = {0};
    enum err r = check_person(tx->db, by->park_id, person);
    if (r != OK)
        return r;
    struct str phone = person->phone.len > 0 ? person->phone : (struct str){0};
    struct person_insert_in row = {
        .park_id = by->park_id,
        .id = id_next(by->now_us),
        .name = str_trim(person->name),
        .kind = str_of(PERSON_KIND[person->kind]),
        .department_id = person->department_id,
        .title = title_of(person),
        .phone_mask = mask_phone(&arena, phone),
        .phone_sealed = seal(&arena, phone),
        .search = key_of(&arena, person),
    };
    r = sql_person_insert(tx, &row, NULL);
    if (r == OK)
        r = record_person(tx, by, "person.added", row.id, person);
    if (r == OK)
        *id = row.id;
    return r;
}

enum err person_change(struct db_tx *tx, const struct change *by, int64_t id,
                       const struct person *person, int64_t version)
{
    CLEANUP(arena_release) struct arena arena = {0};
    enum err r = check_person(tx->db, by->park_id, person);
    if (r != OK)
        return r;
    struct person_update_in row = {
        .park_id = by->park_id,
        .id = id,
        .version = version,
        .name = str_trim(person->name),
        .kind = str_of(PERSON_KIND[person->kind]),
        .department_id = person->department_id,
        .title = title_of(person),
        .phone_kept = !person->phone.ptr,
        .phone_mask = person->phone.len ? mask_phone(&arena, person->phone) : (struct str){0},
        .phone_sealed = person->phone.len ? seal(&arena, person->phone) : (struct str){0},
        .search = key_of(&arena, person),
    };
    int64_t changed = 0;
    r = sql_person_update(tx, &row, &changed);
    if (r == OK && changed == 0)
        r = err_refuse(ERR_PRECONDITION, "changed-meanwhile",
                       "somebody else has changed this person meanwhile");
    if (r == OK)
        r = record_person(tx, by, "person.changed", id, person);
    return r;
}

enum err person_reveal(struct db_tx *tx, struct arena *arena, const struct change *by, int64_t id,
                       struct str *phone)
{
    struct person_phone_row row;
    struct person_phone_in in = {.park_id = by->park_id, .id = id};
    struct str clear;
    enum err r = sql_person_phone(tx->db, arena, &in, &row);
    if (r == OK)
        r = unseal(arena, row.phone_sealed, &clear);
    if (r == OK)
        r = change_record(tx, by, "person.revealed", 0, id, NULL, NULL);
    if (r == OK)
        *phone = clear;
    return r;
}

static enum err department_taken(enum err r)
{
    return r == ERR_CONFLICT ? err_field(ERR_CONFLICT, "code", "department.code-taken",
                                         "another department has this code")
                             : r;
}

enum err department_add(struct db_tx *tx, const struct change *by,
                        const struct department *department, int64_t *id)
{
    struct department_insert_in row = {.park_id = by->park_id,
                                       .id = id_next(by->now_us),
                                       .code = department->code,
                                       .name = department->name};
    enum err r = department_taken(sql_department_insert(tx, &row, NULL));
    if (r == OK)
        r = change_record(tx, by, "department.added", 0, row.id, DEPARTMENT_FIELDS, department);
    if (r == OK)
        *id = row.id;
    return r;
}

enum err department_change(struct db_tx *tx, const struct change *by, int64_t id,
                           const struct department *department, int64_t version)
{
    struct department_update_in row = {.park_id = by->park_id,
                                       .id = id,
                                       .version = version,
                                       .code = department->code,
                                       .name = department->name};
    int64_t changed = 0;
    enum err r = department_taken(sql_department_update(tx, &row, &changed));
    if (r == OK && changed == 0)
        r = err_refuse(ERR_PRECONDITION, "changed-meanwhile",
                       "somebody else has changed this department meanwhile");
    if (r == OK)
        r = change_record(tx, by, "department.changed", 0, id, DEPARTMENT_FIELDS, department);
    return r;
}
