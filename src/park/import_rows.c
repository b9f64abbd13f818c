/* Enterprises and grids as rows of a spreadsheet. */
#include "park/enterprise.h"
#include "park/enterprise_sql.h"
#include "park/grid.h"
#include "park/grid_sql.h"
#include "park/import_inside.h"
#include "park/import_sql.h"

enum {
    E_CODE,
    E_NAME,
    E_SHORT_NAME,
    E_GRID,
    E_INDUSTRY,
    E_STATUS,
    E_ADDRESS,
    E_LAT,
    E_LNG,
    E_AREA,
    E_EMPLOYEES,
    E_SCALE,
    E_NOTE,
    E_COLUMNS
};

static const char *const STATUS_TITLES[] = {"在营", "在建", "关停"};

static const struct sheet_column ENTERPRISE_SHOWN[E_COLUMNS] = {
    {"统一社会信用代码*", 22, false, "18 位，末位为校验码。已有该代码的企业按此行更新，否则新增"},
    {"企业名称*", 40, false, "营业执照上的全称"},
    {"简称", 16, false, "日常称呼，可用于搜索"},
    {"网格", 10, false, "网格编号或网格名称，须已存在；留空表示暂未划入网格"},
    {"行业", 14, false, NULL},
    {"状态", 8, false, "在营、在建或关停；新增时留空视为在营"},
    {"地址", 36, false, NULL},
    {"纬度", 12, true, "WGS 84，十进制度，如 30.031500；与经度同时填写"},
    {"经度", 12, true, "WGS 84，十进制度，如 121.620500"},
    {"占地面积（平方米）", 18, true, "整数"},
    {"员工人数", 10, true, "整数"},
    {"规模", 8, false, "大型、中型、小型或微型"},
    {"备注", 30, false, NULL},
};

static const struct import_column ENTERPRISE_COLUMNS[E_COLUMNS] = {
    {"code", true},      {"name", true},     {"short_name", false}, {"grid_id", false},
    {"industry", false}, {"status", false},  {"address", false},    {"lat", false},
    {"lng", false},      {"area_m2", false}, {"employees", false},  {"scale", false},
    {"note", false}};

static int64_t status_of(struct str text)
{
    for (size_t i = 0; i < COUNT_OF(STATUS_TITLES); i++)
        if (str_is(text, STATUS_TITLES[i]) || str_is(text, ENTERPRISE_STATUS[i]))
            return (int64_t)i;
    return -1;
}

static struct str upper(struct arena *arena, struct str text)
{
    char *copy = str_c(arena, text);
    for (size_t i = 0; i < text.len; i++)
        if (copy[i] >= 'a' && copy[i] <= 'z')
            copy[i] = (char)(copy[i] - 'a' + 'A');
    return (struct str){copy, text.len};
}

static enum err stored_enterprise(struct import *import, struct str code, int64_t *id,
                                  struct enterprise *out)
{
    struct enterprise_by_code_row found;
    struct enterprise_by_code_in by_code = {.park_id = import->by.park_id, .code = code};
    enum err r = sql_enterprise_by_code(import->tx->db, &by_code, &found);
    *id = 0;
    if (r == ERR_NOT_FOUND)
        return OK;
    struct enterprise_get_row row;
    struct enterprise_get_in get = {.park_id = import->by.park_id, .id = found.id};
    if (r == OK)
        r = sql_enterprise_get(import->tx->db, import->arena, &get, &row);
    if (r != OK)
        return r;
    *id = row.id;
    *out = (struct enterprise){.code = row.code,
                               .name = row.name,
                               .short_name = row.short_name,
                               .grid_id = row.grid_id,
                               .industry = row.industry,
                               .status = status_of(row.status),
                               .address = row.address,
                               .lat = row.lat,
                               .lng = row.lng,
                               .area_m2 = row.area_m2,
                               .employees = row.employees,
                               .scale = row.scale,
                               .note = row.note};
    return OK;
}

static bool same_enterprise(const struct enterprise *a, const struct enterprise *b)
{
    return str_equal(a->code, b->code) && str_equal(a->name, b->name) &&
           str_equal(a->short_name, b->short_name) && a->grid_id == b->grid_id &&
           str_equal(a->industry, b->industry) && a->status == b->status &&
           str_equal(a->address, b->address) && a->lat == b->lat && a->lng == b->lng &&
           a->area_m2 == b->area_m2 && a->employees == b->employees &&
           str_equal(a->scale, b->scale) && str_equal(a->note, b->note);
}

static enum err grid_of(struct import *import, size_t column, int64_t *out)
{
    struct str text = import_cell(import, column);
    struct grid_by_code_row found = {0};
    struct grid_by_code_in in = {.park_id = import->by.park_id, .code = text};
    enum err r = text.len ? sql_grid_by_code(import->tx->db, &in, &found) : OK;
    if (r == ERR_NOT_FOUND) {
        import_refuse(import, column, "grid.unknown", "there is no grid of this code or name");
        return OK;
    }
    *out = found.id;
    return r;
}

static enum err enterprise_row(struct import *import, enum import_outcome *outcome)
{
    struct enterprise stored = {.short_name = STR(""),
                                .industry = STR(""),
                                .address = STR(""),
                                .scale = STR(""),
                                .note = STR("")};
    struct str code = upper(import->arena, import_cell(import, E_CODE));
    int64_t id;
    enum err r = stored_enterprise(import, code, &id, &stored);
    struct enterprise next = stored;
    import_decode(import, &next);
    next.code = code;
    if (r == OK && import_has(import, E_GRID))
        r = grid_of(import, E_GRID, &next.grid_id);
    struct str status = import_cell(import, E_STATUS);
    if (status.len > 0)
        next.status = status_of(status);
    if (next.status < 0)
        import_refuse(import, E_STATUS, "field.enum", "在营, 在建 or 关停");
    if (code.len > 0 && !credit_code_valid(code))
        import_refuse(import, E_CODE, "enterprise.code", "the check character does not fit");
    if (r == OK && !import->row_is_bad)
        r = import_note(import, enterprise_check(&next));
    if (r == OK && id)
        import_once(import, id);
    if (r != OK || import->row_is_bad)
        return r;
    if (id && same_enterprise(&stored, &next))
        return OK;
    *outcome = id ? IMPORT_UPDATED : IMPORT_CREATED;
    if (id)
        return import_note(import, enterprise_change(import->tx, &import->by, id, &next, 0));
    r = import_note(import, enterprise_add(import->tx, &import->by, &next, &id));
    if (r == OK && !import->row_is_bad)
        import_once(import, id);
    return r;
}

static struct str number(struct arena *arena, int64_t value)
{
    return value ? str_format(arena, "%" PRId64, value) : STR("");
}

static struct str degrees(struct arena *arena, double value)
{
    return value != 0 ? str_format(arena, "%.6f", value) : STR("");
}

static enum err all_enterprises(struct db *db, struct arena *arena, int64_t park_id,
                                const struct import_filter *filter, struct sheet *out)
{
    struct import_enterprises_in in = {.park_id = park_id,
                                       .q = filter->q,
                                       .grid_id = filter->grid_id,
                                       .industry = filter->industry};
    struct import_enterprises_rows found;
    enum err r = sql_import_enterprises(db, arena, &in, &found);
    if (r != OK)
        return r;
    struct sheet_row *rows = ARENA_ARRAY(arena, found.count, struct sheet_row);
    for (size_t i = 0; i < found.count; i++) {
        const struct import_enterprises_row *row = &found.rows[i];
        struct str *cells = ARENA_ARRAY(arena, E_COLUMNS, struct str);
        int64_t status = status_of(row->status);
        cells[E_CODE] = row->code;
        cells[E_NAME] = row->name;
        cells[E_SHORT_NAME] = row->short_name;
        cells[E_GRID] = row->grid_code;
        cells[E_INDUSTRY] = row->industry;
        cells[E_STATUS] = str_of(STATUS_TITLES[status < 0 ? 0 : status]);
        cells[E_ADDRESS] = row->address;
        cells[E_LAT] = degrees(arena, row->lat);
        cells[E_LNG] = degrees(arena, row->lng);
        cells[E_AREA] = number(arena, row->area_m2);
        cells[E_EMPLOYEES] = number(arena, row->employees);
        cells[E_SCALE] = row->scale;
        cells[E_NOTE] = row->note;
        rows[i] = (struct sheet_row){(int64_t)i + 2, cells, E_COLUMNS};
    }
    *out = (struct sheet){rows, found.count};
    return OK;
}

const struct import_table IMPORT_ENTERPRISE_TABLE = {
    .shown = ENTERPRISE_SHOWN,
    .columns = ENTERPRISE_COLUMNS,
    .count = E_COLUMNS,
    .fields = ENTERPRISE_FIELDS,
    .row = enterprise_row,
    .all = all_enterprises,
};

enum { G_CODE, G_NAME, G_POLYGON, G_COLUMNS };

static const struct sheet_column GRID_SHOWN[G_COLUMNS] = {
    {"网格编号*", 12, false, "已有该编号的网格按此行更新，否则新增"},
    {"网格名称*", 20, false, NULL},
    {"边界", 60, false,
     "GeoJSON 的 Polygon 或 MultiPolygon，经度在前、纬度在后；可留空，在地图上绘制"},
};

static const struct import_column GRID_COLUMNS[G_COLUMNS] = {
    {"code", true}, {"name", true}, {"polygon", false}};

static enum err polygon_cell(struct import *import, struct grid *grid)
{
    struct str text = import_cell(import, G_POLYGON);
    if (!import_has(import, G_POLYGON))
        return OK;
    grid->polygon = NULL;
    if (text.len == 0)
        return OK;
    if (json_parse(import->arena, text, &grid->polygon) != OK) {
        import_refuse(import, G_POLYGON, "grid.polygon", err_last()->detail);
        return OK;
    }
    return import_note(import, polygon_check(grid->polygon));
}

static bool same_polygon(const struct json_value *a, const struct json_value *b)
{
    return a && b ? json_equal(a, b) : a == b;
}

static enum err grid_row(struct import *import, enum import_outcome *outcome)
{
    struct grid stored = {0};
    struct import_grid_by_code_row found = {0};
    struct import_grid_by_code_in by_code = {.park_id = import->by.park_id,
                                             .code = import_cell(import, G_CODE)};
    enum err r = sql_import_grid_by_code(import->tx->db, import->arena, &by_code, &found);
    if (r == ERR_NOT_FOUND)
        r = OK;
    if (r == OK && found.polygon.ptr)
        r = json_parse(import->arena, found.polygon, &stored.polygon);
    stored.name = found.name;
    struct grid next = stored;
    import_decode(import, &next);
    if (r == OK)
        r = polygon_cell(import, &next);
    if (r == OK && found.id)
        import_once(import, found.id);
    if (r != OK || import->row_is_bad)
        return r;
    if (found.id && str_equal(stored.name, next.name) && same_polygon(stored.polygon, next.polygon))
        return OK;
    *outcome = found.id ? IMPORT_UPDATED : IMPORT_CREATED;
    if (found.id)
        return import_note(import, grid_change(import->tx, &import->by, found.id, &next, 0));
    r = import_note(import, grid_add(import->tx, &import->by, &next, &found.id));
    if (r == OK && !import->row_is_bad)
        import_once(import, found.id);
    return r;
}

static enum err all_grids(struct db *db, struct arena *arena, int64_t park_id,
                          const struct import_filter *filter, struct sheet *out)
{
    (void)filter;
    struct import_grids_in in = {.park_id = park_id};
    struct import_grids_rows found;
    enum err r = sql_import_grids(db, arena, &in, &found);
    if (r != OK)
        return r;
    struct sheet_row *rows = ARENA_ARRAY(arena, found.count, struct sheet_row);
    for (size_t i = 0; i < found.count; i++) {
        struct str *cells = ARENA_ARRAY(arena, G_COLUMNS, struct str);
        cells[G_CODE] = found.rows[i].code;
        cells[G_NAME] = found.rows[i].name;
        cells[G_POLYGON] = found.rows[i].polygon;
        rows[i] = (struct sheet_row){(int64_t)i + 2, cells, G_COLUMNS};
    }
    *out = (struct sheet){rows, found.count};
    return OK;
}

const struct import_table IMPORT_GRID_TABLE = {
    .shown = GRID_SHOWN,
    .columns = GRID_COLUMNS,
    .count = G_COLUMNS,
    .fields = GRID_FIELDS,
    .row = grid_row,
    .all = all_grids,
};
