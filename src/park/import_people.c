/* People as rows of a spreadsheet, with the grid they answer for and the enterprise they act for.
 */
#include "park/enterprise.h"
#include "park/enterprise_sql.h"
#include "park/grid.h"
#include "park/grid_sql.h"
#include "park/import_inside.h"
#include "park/import_sql.h"
#include "park/person.h"
#include "park/person_sql.h"
#include "park/seal.h"

enum {
    P_ID,
    P_NAME,
    P_KIND,
    P_DEPARTMENT,
    P_TITLE,
    P_PHONE,
    P_GRID,
    P_GRID_ROLE,
    P_ENTERPRISE,
    P_COLUMNS
};

static const char *const KIND_TITLES[] = {"工作人员", "联络员"};
static const char *const ROLE_TITLES[] = {"网格长", "网格员"};
static const enum role_set ROLES_OF_GRID[] = {ROLE_GRID_LEADER, ROLE_GRID_MEMBER};

static const struct sheet_column SHOWN[P_COLUMNS] = {
    {"编号", 24, false,
     "导出时生成。填写则更新此人；留空则按姓名、类别和手机号（或部门）查找，找不到即新增"},
    {"姓名*", 14, false, NULL},
    {"类别", 10, false, "工作人员或联络员；留空视为工作人员"},
    {"部门", 18, false, "部门编码或名称，须已存在"},
    {"职务", 18, false, NULL},
    {"手机号", 16, false, "加密保存；导出时已遮盖，含 * 的号码在导入时保持原值"},
    {"网格", 10, false, "负责的网格，编号或名称"},
    {"网格职责", 10, false, "网格长或网格员；填写网格时必填"},
    {"联络企业", 24, false, "所联络企业的统一社会信用代码或全称，多家用分号隔开"},
};

static const struct import_column COLUMNS[P_COLUMNS] = {
    {"id", false},        {"name", true},   {"kind", false},    {"department_id", false},
    {"title", false},     {"phone", false}, {"grid_id", false}, {"grid_role", false},
    {"enterprise", false}};

struct person_work {
    int64_t id; /* 0: new */
    struct person stored, next;
    bool changed;
};

static int64_t place_in(const char *const *titles, const char *const *keys, size_t count,
                        struct str text)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(text, titles[i]) || (keys && str_is(text, keys[i])))
            return (int64_t)i;
    return -1;
}

static enum err load(struct import *import, int64_t id, struct person_work *work)
{
    struct import_person_row row;
    struct import_person_in in = {.park_id = import->by.park_id, .id = id};
    enum err r = sql_import_person(import->tx->db, import->arena, &in, &row);
    if (r == ERR_NOT_FOUND) {
        import_refuse(import, P_ID, "person.unknown", "there is no person of this number");
        return OK;
    }
    struct str phone = {0};
    if (r == OK)
        r = unseal(import->arena, row.phone_sealed, &phone);
    if (r != OK)
        return r;
    work->id = id;
    work->stored = (struct person){
        .name = row.name,
        .kind = place_in(PERSON_KIND, NULL, COUNT_OF(KIND_TITLES), row.kind),
        .department_id = row.department_id,
        .title = row.title,
        .phone = phone.ptr ? phone : STR(""),
    };
    return OK;
}

static bool is_masked(struct str phone)
{
    return str_find(phone, STR("*"), 0) < phone.len;
}

/* The one stored person of the same name and kind with this phone or, without a phone, in this
 * department. Two of them are an error, none is somebody new. */
static enum err find_by_name(struct import *import, const struct person *wanted, int64_t *out)
{
    struct import_namesakes_rows rows = {0};
    struct import_namesakes_in in = {.park_id = import->by.park_id,
                                     .name = wanted->name,
                                     .kind = str_of(PERSON_KIND[wanted->kind])};
    enum err r = sql_import_namesakes(import->tx->db, import->arena, &in, &rows);
    struct str phone = import_cell(import, P_PHONE);
    bool by_phone = phone.len > 0 && !is_masked(phone);
    int64_t found = 0;
    size_t matches = 0;
    for (size_t i = 0; r == OK && i < rows.count; i++) {
        struct str clear = {0};
        r = by_phone ? unseal(import->arena, rows.rows[i].phone_sealed, &clear) : OK;
        bool same = by_phone ? str_equal(clear, phone)
                             : rows.rows[i].department_id == wanted->department_id;
        matches += same;
        found = same ? rows.rows[i].id : found;
    }
    if (r == OK && matches > 1)
        import_refuse(import, P_NAME, "person.ambiguous",
                      "several people of this name: give the number");
    if (r == OK)
        *out = found;
    return r;
}

static enum err department_of(struct import *import, int64_t *out)
{
    struct str text = import_cell(import, P_DEPARTMENT);
    struct department_by_name_row found = {0};
    struct department_by_name_in in = {.park_id = import->by.park_id, .name = text};
    enum err r = text.len ? sql_department_by_name(import->tx->db, &in, &found) : OK;
    if (r == ERR_NOT_FOUND) {
        import_refuse(import, P_DEPARTMENT, "department.unknown",
                      "there is no department of this code or name");
        return OK;
    }
    *out = found.id;
    return r;
}

/* What the cells say, on top of what is stored. */
static enum err decode(struct import *import, struct person *person)
{
    struct str kind = import_cell(import, P_KIND), phone = import_cell(import, P_PHONE);
    struct str kept = person->phone;
    import_decode(import, person);
    if (is_masked(phone))
        person->phone = kept;
    if (kind.len > 0)
        person->kind = place_in(KIND_TITLES, PERSON_KIND, COUNT_OF(KIND_TITLES), kind);
    if (person->kind < 0) {
        import_refuse(import, P_KIND, "field.enum", "工作人员 or 联络员");
        person->kind = 0;
    }
    return import_has(import, P_DEPARTMENT) ? department_of(import, &person->department_id) : OK;
}

static enum err find_person(struct import *import, struct person_work *work)
{
    struct str number = import_cell(import, P_ID);
    int64_t id = 0;
    struct person wanted = {.phone = STR(""), .title = STR("")};
    work->stored = wanted;
    if (number.len > 0 && (str_to_int(number, &id) != OK || id <= 0)) {
        import_refuse(import, P_ID, "field.id", "a number that an export has given");
        return OK;
    }
    enum err r = id ? OK : decode(import, &wanted);
    if (r == OK && !id && !import->row_is_bad)
        r = find_by_name(import, &wanted, &id);
    return r == OK && id && !import->row_is_bad ? load(import, id, work) : r;
}

static enum err apply_grid(struct import *import, struct person_work *work)
{
    struct str grid = import_cell(import, P_GRID), role = import_cell(import, P_GRID_ROLE);
    if (grid.len == 0)
        return OK;
    int64_t which = place_in(ROLE_TITLES, NULL, COUNT_OF(ROLE_TITLES), role);
    struct grid_by_code_row found;
    struct grid_by_code_in by_code = {.park_id = import->by.park_id, .code = grid};
    enum err r = sql_grid_by_code(import->tx->db, &by_code, &found);
    if (r == ERR_NOT_FOUND)
        import_refuse(import, P_GRID, "grid.unknown", "there is no grid of this code or name");
    if (which < 0)
        import_refuse(import, P_GRID_ROLE, "assignment.role", "网格长 or 网格员");
    if (r != OK || which < 0)
        return r == ERR_NOT_FOUND ? OK : r;
    struct import_assigned_row assigned;
    struct import_assigned_in in = {.park_id = import->by.park_id,
                                    .grid_id = found.id,
                                    .person_id = work->id,
                                    .role = str_of(role_key(ROLES_OF_GRID[which]))};
    r = sql_import_assigned(import->tx->db, &in, &assigned);
    if (r != ERR_NOT_FOUND)
        return r;
    work->changed = true;
    struct assignment next = {
        .person_id = work->id, .role = ROLES_OF_GRID[which], .grid_id = found.id};
    return import_note(import, assignment_begin(import->tx, &import->by, &next));
}

static enum err apply_enterprise(struct import *import, struct person_work *work, struct str name)
{
    struct import_enterprise_find_row found;
    struct import_enterprise_find_in in = {.park_id = import->by.park_id, .code = name};
    enum err r = sql_import_enterprise_find(import->tx->db, &in, &found);
    if (r == ERR_NOT_FOUND) {
        import_refuse(import, P_ENTERPRISE, "enterprise.unknown",
                      "there is no enterprise of this code or name");
        return OK;
    }
    if (r != OK)
        return r;
    struct enterprise_contact_current_row current;
    struct enterprise_contact_current_in is = {
        .park_id = import->by.park_id, .enterprise_id = found.id, .person_id = work->id};
    r = sql_enterprise_contact_current(import->tx->db, &is, &current);
    if (r != ERR_NOT_FOUND)
        return r;
    work->changed = true;
    return import_note(import, enterprise_add_contact(import->tx, &import->by, found.id, work->id));
}

static enum err apply_enterprises(struct import *import, struct person_work *work)
{
    struct str all = import_cell(import, P_ENTERPRISE), wide = STR("；");
    enum err r = OK;
    for (size_t at = 0; r == OK && at < all.len;) {
        size_t narrow_end = str_find(all, STR(";"), at), wide_end = str_find(all, wide, at);
        size_t end = narrow_end < wide_end ? narrow_end : wide_end;
        struct str name = str_trim(str_sub(all, at, end - at));
        if (name.len > 0)
            r = apply_enterprise(import, work, name);
        at = end + (narrow_end < wide_end ? 1 : wide.len);
    }
    return r;
}

static bool same_person(const struct person *a, const struct person *b)
{
    return str_equal(a->name, b->name) && a->kind == b->kind &&
           a->department_id == b->department_id && str_equal(a->title, b->title) &&
           str_equal(a->phone, b->phone);
}

static enum err person_row(struct import *import, enum import_outcome *outcome)
{
    struct person_work work = {0};
    enum err r = find_person(import, &work);
    if (r != OK || import->row_is_bad)
        return r;
    work.next = work.stored;
    r = decode(import, &work.next);
    if (work.id)
        import_once(import, work.id);
    if (r != OK || import->row_is_bad)
        return r;
    bool is_new = work.id == 0;
    if (is_new)
        r = import_note(import, person_add(import->tx, &import->by, &work.next, &work.id));
    else if (!same_person(&work.stored, &work.next)) {
        work.changed = true;
        r = import_note(import, person_change(import->tx, &import->by, work.id, &work.next, 0));
    }
    if (r == OK && is_new && !import->row_is_bad)
        import_once(import, work.id);
    if (r == OK && !import->row_is_bad)
        r = apply_grid(import, &work);
    if (r == OK && !import->row_is_bad)
        r = apply_enterprises(import, &work);
    *outcome = is_new ? IMPORT_CREATED : work.changed ? IMPORT_UPDATED : IMPORT_UNCHANGED;
    return r;
}

static enum err all_people(struct db *db, struct arena *arena, int64_t park_id,
                           const struct import_filter *filter, struct sheet *out)
{
    struct import_people_in in = {.park_id = park_id,
                                  .q = filter->q,
                                  .kind = filter->kind,
                                  .department_id = filter->department_id,
                                  .grid_id = filter->grid_id,
                                  .role = filter->role};
    struct import_people_rows found;
    enum err r = sql_import_people(db, arena, &in, &found);
    if (r != OK)
        return r;
    struct sheet_row *rows = ARENA_ARRAY(arena, found.count, struct sheet_row);
    for (size_t i = 0; i < found.count; i++) {
        const struct import_people_row *row = &found.rows[i];
        struct str *cells = ARENA_ARRAY(arena, P_COLUMNS, struct str);
        cells[P_ID] = str_format(arena, "%" PRId64, row->id);
        cells[P_NAME] = row->name;
        cells[P_KIND] = str_of(KIND_TITLES[str_is(row->kind, PERSON_KIND[1])]);
        cells[P_DEPARTMENT] = row->department_code;
        cells[P_TITLE] = row->title;
        cells[P_PHONE] = row->phone_mask;
        cells[P_GRID] = row->grid_code;
        if (row->grid_role.ptr)
            cells[P_GRID_ROLE] = str_of(ROLE_TITLES[str_is(row->grid_role, "grid_member")]);
        cells[P_ENTERPRISE] = row->enterprise_code;
        rows[i] = (struct sheet_row){(int64_t)i + 2, cells, P_COLUMNS};
    }
    *out = (struct sheet){rows, found.count};
    return OK;
}

const struct import_table IMPORT_PERSON_TABLE = {
    .shown = SHOWN,
    .columns = COLUMNS,
    .count = P_COLUMNS,
    .fields = PERSON_FIELDS,
    .row = person_row,
    .all = all_people,
};
