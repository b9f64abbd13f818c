/* /api/v1/grids: the map's polygons with who answers for them, and handover. */
#include "api/case_call.h"
#include "api/register.h"
#include "park/grid.h"
#include "park/grid_sql.h"

struct person_out {
    int64_t id;
    struct str name;
};

static const struct field PERSON_REPLY[] = {FIELD(struct person_out, id, FIELD_ID),
                                            FIELD(struct person_out, name, FIELD_TEXT), FIELD_END};

struct history_out {
    struct ref person;
    struct str role, note;
    int64_t enterprise_id, since, until;
};

static const struct field HISTORY_REPLY[] = {FIELD(struct history_out, person, FIELD_REF),
                                             FIELD(struct history_out, role, FIELD_TEXT),
                                             FIELD(struct history_out, enterprise_id, FIELD_ID),
                                             FIELD(struct history_out, since, FIELD_TIME),
                                             FIELD(struct history_out, until, FIELD_TIME),
                                             FIELD(struct history_out, note, FIELD_TEXT),
                                             FIELD_END};

struct grid_out {
    int64_t id, enterprise_count, open_cases, overdue_cases, version;
    struct str code, name, polygon;
    struct ref leader;
    struct list members, enterprises, history;
};

/* clang-format off */
#define GRID_ROW_FIELDS                                                                            \
    FIELD(struct grid_out, id, FIELD_ID), FIELD(struct grid_out, code, FIELD_TEXT),                \
    FIELD(struct grid_out, name, FIELD_TEXT), FIELD(struct grid_out, leader, FIELD_REF),           \
    FIELD(struct grid_out, members, FIELD_LIST, .of = PERSON_REPLY,                                \
          .of_size = sizeof(struct person_out)),                                                   \
    FIELD(struct grid_out, open_cases, FIELD_INT),                                                 \
    FIELD(struct grid_out, overdue_cases, FIELD_INT),                                              \
    FIELD(struct grid_out, polygon, FIELD_RAW, .doc = "A GeoJSON geometry, or null"),              \
    FIELD(struct grid_out, version, FIELD_INT)
/* clang-format on */

static const struct field GRID_ROW_REPLY[] = {
    GRID_ROW_FIELDS,
    {.name = "enterprises",
     .type = FIELD_INT,
     .offset = offsetof(struct grid_out, enterprise_count)},
    FIELD_END,
};

static const struct field GRID_REPLY[] = {
    GRID_ROW_FIELDS,
    FIELD(struct grid_out, enterprises, FIELD_LIST, .of = PERSON_REPLY,
          .of_size = sizeof(struct person_out)),
    FIELD(struct grid_out, history, FIELD_LIST, .of = HISTORY_REPLY,
          .of_size = sizeof(struct history_out)),
    FIELD_END,
};

/* Rows come sorted by grid: takes this grid's leader and members. */
static void take_people(struct api_call *call, const struct grid_people_rows *people,
                        struct grid_out *grid)
{
    struct person_out *members = NULL;
    size_t count = 0, capacity = 0;
    for (size_t i = 0; i < people->count; i++) {
        const struct grid_people_row *row = &people->rows[i];
        if (row->grid_id != grid->id)
            continue;
        if (str_is(row->role, role_key(ROLE_GRID_LEADER)))
            grid->leader = (struct ref){row->person_id, row->name};
        else
            *ARENA_PUSH(call->arena, members, count, capacity) =
                (struct person_out){row->person_id, row->name};
    }
    grid->members = (struct list){members, count};
}

static enum err list_get(struct api_call *call)
{
    struct grid_list_rows rows;
    struct grid_people_rows people;
    struct grid_people_in in = {.park_id = call->park_id};
    enum err r = sql_grid_list(call->db, call->arena, &(struct grid_list_in){call->park_id}, &rows);
    if (r == OK)
        r = sql_grid_people(call->db, call->arena, &in, &people);
    if (r != OK)
        return r;
    bool numbers = access_has(&call->who, REGISTER_READERS);
    api_page_begin(call);
    for (size_t i = 0; i < rows.count; i++) {
        const struct grid_list_row *row = &rows.rows[i];
        bool shown = numbers || access_in(&call->who, ROLE_GRID_LEADER | ROLE_GRID_MEMBER, row->id);
        struct grid_out out = {.id = row->id,
                               .code = row->code,
                               .name = row->name,
                               .polygon = row->polygon,
                               .enterprise_count = row->enterprises,
                               .open_cases = shown ? row->open_cases : 0,
                               .overdue_cases = shown ? row->late_cases : 0,
                               .version = row->version};
        take_people(call, &people, &out);
        fields_write_object(&call->json, GRID_ROW_REPLY, &out);
    }
    api_page_end(call, (struct str){0});
    return OK;
}

static enum err read_enterprises(struct api_call *call, struct grid_out *grid)
{
    struct grid_enterprises_in in = {.park_id = call->park_id, .grid_id = grid->id};
    struct grid_enterprises_rows rows;
    enum err r = sql_grid_enterprises(call->db, call->arena, &in, &rows);
    if (r != OK)
        return r;
    struct person_out *found = ARENA_ARRAY(call->arena, rows.count, struct person_out);
    for (size_t i = 0; i < rows.count; i++)
        found[i] = (struct person_out){rows.rows[i].id, rows.rows[i].name};
    grid->enterprises = (struct list){found, rows.count};
    return OK;
}

static enum err read_history(struct api_call *call, struct grid_out *grid)
{
    struct assignment_history_in in = {.park_id = call->park_id, .grid_id = grid->id};
    struct assignment_history_rows rows;
    enum err r = sql_assignment_history(call->db, call->arena, &in, &rows);
    if (r != OK)
        return r;
    struct history_out *found = ARENA_ARRAY(call->arena, rows.count, struct history_out);
    for (size_t i = 0; i < rows.count; i++)
        found[i] = (struct history_out){.person = {rows.rows[i].person_id, rows.rows[i].name},
                                        .role = rows.rows[i].role,
                                        .enterprise_id = rows.rows[i].enterprise_id,
                                        .since = rows.rows[i].since_us,
                                        .until = rows.rows[i].until_us,
                                        .note = rows.rows[i].note};
    grid->history = (struct list){found, rows.count};
    return OK;
}

static enum err grid_write(struct api_call *call)
{
    struct grid_get_row row;
    struct grid_people_rows people;
    struct grid_get_in in = {.park_id = call->park_id, .id = call->path_id[0]};
    enum err r = sql_grid_get(call->db, call->arena, &in, &row);
    if (r == OK)
        r = sql_grid_people(call->db, call->arena, &(struct grid_people_in){call->park_id},
                            &people);
    if (r != OK)
        return r;
    struct grid_out out = {.id = row.id,
                           .code = row.code,
                           .name = row.name,
                           .polygon = row.polygon,
                           .enterprise_count = row.enterprises,
                           .open_cases = row.open_cases,
                           .overdue_cases = row.late_cases,
                           .version = row.version};
    take_people(call, &people, &out);
    r = read_enterprises(call, &out);
    if (r == OK)
        r = read_history(call, &out);
    if (r != OK)
        return r;
    api_set_version(call, out.version);
    api_reply(call, GRID_REPLY, &out);
    return OK;
}

static enum err grid_post(struct api_call *call, struct db_tx *tx)
{
    struct change by = register_change(call);
    enum err r = grid_add(tx, &by, call->body, &call->path_id[0]);
    if (r != OK)
        return r;
    api_set_location(call, "/api/v1/grids", call->path_id[0]);
    return grid_write(call);
}

static enum err grid_version(struct api_call *call, int64_t *version)
{
    struct grid_get_row row;
    struct grid_get_in in = {.park_id = call->park_id, .id = call->path_id[0]};
    enum err r = sql_grid_get(call->db, call->arena, &in, &row);
    if (r == OK)
        *version = row.version;
    return r;
}

static enum err grid_put(struct api_call *call, struct db_tx *tx)
{
    struct change by = register_change(call);
    int64_t version = 0;
    enum err r = grid_version(call, &version);
    if (r == OK)
        r = api_match_version(call, version);
    if (r == OK)
        r = grid_change(tx, &by, call->path_id[0], call->body, version);
    return r == OK ? grid_write(call) : r;
}

static const char *const ASSIGNED_ROLES[] = {"grid_leader", "grid_member", NULL};

struct assign_in {
    int64_t person_id, role, enterprise_id, since;
    struct str note;
};

static const struct field ASSIGN_FIELDS[] = {
    FIELD(struct assign_in, person_id, FIELD_ID, .required = true),
    FIELD(struct assign_in, role, FIELD_ENUM, .names = ASSIGNED_ROLES, .required = true),
    FIELD(struct assign_in, enterprise_id, FIELD_ID, .doc = "Absent: for the whole grid"),
    FIELD(struct assign_in, since, FIELD_TIME, .doc = "Absent: from now"),
    FIELD(struct assign_in, note, FIELD_TEXT, .max = LIMIT_NAME_CHARS),
    FIELD_END,
};

static enum err assign_post(struct api_call *call, struct db_tx *tx)
{
    const struct assign_in *in = call->body;
    struct change by = register_change(call);
    int64_t version;
    struct assignment assignment = {.person_id = in->person_id,
                                    .role = in->role ? ROLE_GRID_MEMBER : ROLE_GRID_LEADER,
                                    .grid_id = call->path_id[0],
                                    .enterprise_id = in->enterprise_id,
                                    .since_us = in->since,
                                    .note = in->note};
    enum err r = grid_version(call, &version);
    if (r == OK && in->since > call->now_us)
        r = err_field(ERR_INVALID, "since", "assignment.future", "since is not in the future");
    if (r == OK)
        r = assignment_begin(tx, &by, &assignment);
    return r == OK ? grid_write(call) : r;
}

static enum err assign_delete(struct api_call *call, struct db_tx *tx)
{
    struct change by = register_change(call);
    struct case_env env = case_env_of(call, tx);
    enum err r = assignment_end(tx, &by, call->path_id[0], call->path_id[1]);
    if (r == OK)
        r = task_hand_over(&env, call->path_id[0], call->path_id[1], 0, STR(""));
    return r == OK ? grid_write(call) : r;
}

struct handover_in {
    int64_t from_person_id, to_person_id;
    struct str note;
};

static const struct field HANDOVER_FIELDS[] = {
    FIELD(struct handover_in, from_person_id, FIELD_ID, .required = true),
    FIELD(struct handover_in, to_person_id, FIELD_ID, .required = true),
    FIELD(struct handover_in, note, FIELD_TEXT, .max = LIMIT_NAME_CHARS),
    FIELD_END,
};

static enum err handover_post(struct api_call *call, struct db_tx *tx)
{
    const struct handover_in *in = call->body;
    struct change by = register_change(call);
    enum err r = assignment_hand_over(tx, &by, call->path_id[0], in->from_person_id,
                                      in->to_person_id, in->note);
    struct case_env env = case_env_of(call, tx);
    if (r == OK)
        r = task_hand_over(&env, call->path_id[0], in->from_person_id, in->to_person_id, in->note);
    return r == OK ? grid_write(call) : r;
}

const struct route GRID_ROUTES[] = {
    {GET, "/api/v1/grids",
     ROLES(ROLE_CONTACT | ROLE_STAFF | ROLE_SYSTEM_ADMIN | ROLE_SECURITY_ADMIN), .query = list_get,
     .reply = GRID_ROW_REPLY, .page = true, .doc = "All grids with their people"},
    {POST, "/api/v1/grids", ROLES(ROLE_SYSTEM_ADMIN), .command = grid_post, .body = GRID_FIELDS,
     .body_size = sizeof(struct grid), .reply = GRID_REPLY, .status = 201, .doc = "Adds a grid"},
    {GET, "/api/v1/grids/{id}", ROLES(ROLE_STAFF | ROLE_SYSTEM_ADMIN), .query = grid_write,
     .reply = GRID_REPLY,
     .doc = "One grid with its enterprises and who answered for it since when"},
    {PUT, "/api/v1/grids/{id}", ROLES(ROLE_SYSTEM_ADMIN), .command = grid_put, .body = GRID_FIELDS,
     .body_size = sizeof(struct grid), .reply = GRID_REPLY, .doc = "Changes a grid"},
    {POST, "/api/v1/grids/{id}/people", ROLES(ROLE_SYSTEM_ADMIN), .command = assign_post,
     .body = ASSIGN_FIELDS, .body_size = sizeof(struct assign_in), .reply = GRID_REPLY,
     .status = 201, .doc = "Makes a person answer for the grid or for one enterprise of it"},
    {DELETE, "/api/v1/grids/{id}/people/{id}", ROLES(ROLE_SYSTEM_ADMIN), .command = assign_delete,
     .reply = GRID_REPLY,
     .doc = "Ends what a person answers for here; open tasks go back to the grid's inbox"},
    {POST, "/api/v1/grids/{id}/handover", ROLES(ROLE_SYSTEM_ADMIN), .command = handover_post,
     .body = HANDOVER_FIELDS, .body_size = sizeof(struct handover_in), .reply = GRID_REPLY,
     .doc = "Hands all that one person answers for, and open tasks, to another"},
    ROUTE_END,
};
