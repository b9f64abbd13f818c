#include "base/id.h"
#include "park/enterprise_sql.h"
#include "park/grid.h"
#include "park/grid_sql.h"
#include "park/person_sql.h"

struct assignment_record {
    int64_t person_id, grid_id, enterprise_id;
    struct str role, note;
};

static const struct field RECORD_FIELDS[] = {
    FIELD(struct assignment_record, person_id, FIELD_ID),
    FIELD(struct assignment_record, role, FIELD_TEXT),
    FIELD(struct assignment_record, grid_id, FIELD_ID),
    FIELD(struct assignment_record, enterprise_id, FIELD_ID),
    FIELD(struct assignment_record, note, FIELD_TEXT),
    FIELD_END,
};

static enum err record(struct db_tx *tx, const struct change *by, const char *kind, int64_t id,
                       int64_t person_id, struct str role, int64_t grid_id, int64_t enterprise_id,
                       struct str note)
{
    struct assignment_record value = {person_id, grid_id, enterprise_id, role, note};
    return change_record(tx, by, kind, 0, id, RECORD_FIELDS, &value);
}

/* The right goes only when nothing in the grid is left to answer for in that role. */
static enum err end_one(struct db_tx *tx, const struct change *by,
                        const struct assignment_current_row *row)
{
    struct assignment_end_row_in end = {
        .park_id = by->park_id, .id = row->id, .until_us = by->now_us};
    enum err r = sql_assignment_end_row(tx, &end, NULL);
    if (r == OK)
        r = record(tx, by, "assignment.ended", row->id, row->person_id, row->role, row->grid_id,
                   row->enterprise_id, row->note);
    if (r != OK)
        return r;
    struct assignment_left_in left = {.park_id = by->park_id,
                                      .person_id = row->person_id,
                                      .grid_id = row->grid_id,
                                      .role = row->role};
    struct assignment_left_row still;
    r = sql_assignment_left(tx->db, &left, &still);
    if (r != OK || still.count > 0)
        return r;
    struct grant grant = {.role = role_of_key(row->role), .scope_id = row->grid_id};
    r = access_revoke(tx, by->park_id, row->person_id, grant, by->actor_id, by->now_us);
    return r == ERR_NOT_FOUND ? OK : r; /* The right was taken away before. */
}

/* An enterprise has one named person, a grid one leader. */
static bool replaces(const struct assignment *next, const struct assignment_current_row *row)
{
    if (!str_is(row->role, role_key(next->role)) || row->enterprise_id != next->enterprise_id)
        return false;
    return next->enterprise_id || next->role == ROLE_GRID_LEADER ||
           row->person_id == next->person_id;
}

static enum err check(struct db *db, struct arena *arena, int64_t park_id,
                      const struct assignment *assignment)
{
    if (assignment->role != ROLE_GRID_LEADER && assignment->role != ROLE_GRID_MEMBER)
        return err_field(ERR_INVALID, "role", "assignment.role", "grid_leader or grid_member");
    struct person_get_row person;
    struct person_get_in who = {.park_id = park_id, .id = assignment->person_id};
    enum err r = sql_person_get(db, arena, &who, &person);
    if (r == ERR_NOT_FOUND || (r == OK && !person.active))
        return err_field(ERR_INVALID, "person_id", "person.unknown", "no such person");
    struct enterprise_get_row enterprise;
    struct enterprise_get_in of = {.park_id = park_id, .id = assignment->enterprise_id};
    if (r == OK && of.id)
        r = sql_enterprise_get(db, arena, &of, &enterprise);
    if (r == ERR_NOT_FOUND || (r == OK && of.id && enterprise.grid_id != assignment->grid_id))
        return err_field(ERR_INVALID, "enterprise_id", "assignment.other-grid",
                         "the enterprise is not in this grid");
    return r;
}

enum err assignment_begin(struct db_tx *tx, const struct change *by,
                          const struct assignment *assignment)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct assignment_current_in in = {.park_id = by->park_id, .grid_id = assignment->grid_id};
    struct assignment_current_rows rows;
    enum err r = check(tx->db, &arena, by->park_id, assignment);
    if (r == OK)
        r = sql_assignment_current(tx->db, &arena, &in, &rows);
    if (r != OK)
        return r;
    struct assignment_insert_in row = {
        .park_id = by->park_id,
        .id = id_next(by->now_us),
        .person_id = assignment->person_id,
        .role = str_of(role_key(assignment->role)),
        .grid_id = assignment->grid_id,
        .enterprise_id = assignment->enterprise_id,
        .since_us = assignment->since_us ? assignment->since_us : by->now_us,
        .note = assignment->note.ptr ? assignment->note : STR(""),
    };
    r = sql_assignment_insert(tx, &row, NULL);
    struct grant grant = {.role = assignment->role, .scope_id = assignment->grid_id};
    if (r == OK)
        r = access_grant(tx, by->park_id, assignment->person_id, grant, by->actor_id, by->now_us);
    if (r == OK)
        r = record(tx, by, "assignment.begun", row.id, row.person_id, row.role, row.grid_id,
                   row.enterprise_id, row.note);
    for (size_t i = 0; r == OK && i < rows.count; i++)
        if (replaces(assignment, &rows.rows[i]))
            r = end_one(tx, by, &rows.rows[i]);
    return r;
}

enum err assignment_hand_over(struct db_tx *tx, const struct change *by, int64_t grid_id,
                              int64_t from_person_id, int64_t to_person_id, struct str note)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct assignment_current_in in = {.park_id = by->park_id, .grid_id = grid_id};
    struct assignment_current_rows rows;
    enum err r = sql_assignment_current(tx->db, &arena, &in, &rows);
    if (r == OK && from_person_id == to_person_id)
        r = err_field(ERR_INVALID, "to_person_id", "assignment.same-person",
                      "hand over to somebody else");
    size_t moved = 0;
    for (size_t i = 0; r == OK && i < rows.count; i++) {
        const struct assignment_current_row *row = &rows.rows[i];
        if (row->person_id != from_person_id)
            continue;
        struct assignment next = {.person_id = to_person_id,
                                  .role = role_of_key(row->role),
                                  .grid_id = grid_id,
                                  .enterprise_id = row->enterprise_id,
                                  .note = note};
        r = assignment_begin(tx, by, &next);
        if (r == OK && !replaces(&next, row))
            r = end_one(tx, by, row);
        moved++;
    }
    if (r == OK && moved == 0)
        r = err_refuse(ERR_CONFLICT, "assignment.nothing",
                       "this person answers for nothing in the grid");
    return r;
}

enum err assignment_end(struct db_tx *tx, const struct change *by, int64_t grid_id,
                        int64_t person_id)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct assignment_current_in in = {.park_id = by->park_id, .grid_id = grid_id};
    struct assignment_current_rows rows;
    enum err r = sql_assignment_current(tx->db, &arena, &in, &rows);
    for (size_t i = 0; r == OK && i < rows.count; i++)
        if (rows.rows[i].person_id == person_id)
            r = end_one(tx, by, &rows.rows[i]);
    return r;
}
