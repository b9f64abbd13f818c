/* A list of cases as a sheet. */
#include "base/clock.h"
#include "park/calendar.h"
#include "park/case_list_sql.h"
#include "park/case_view.h"

enum { COLUMNS = 13, PAGE = 200 };

static const struct sheet_column TITLES[COLUMNS] = {
    {.title = "编号", .width = 18},
    {.title = "标题", .width = 36},
    {.title = "类别", .width = 14},
    {.title = "状态", .width = 10},
    {.title = "企业", .width = 28},
    {.title = "网格", .width = 14},
    {.title = "部门", .width = 16},
    {.title = "办理人", .width = 10},
    {.title = "提出时间", .width = 18},
    {.title = "时限", .width = 18},
    {.title = "升级级别", .width = 8, .is_number = true},
    {.title = "催办次数", .width = 8, .is_number = true},
    {.title = "评价", .width = 6, .is_number = true}};

static struct str status_name(int64_t status)
{
    static const char *const NAMES[CASE_STATUS_COUNT] = {
        "已派单", "已签收", "办理中", "挂起", "已办结", "待评价", "已归档", "已撤回", "不予受理"};
    return str_of(NAMES[status]);
}

/* "2026-11-23 09:00" in the park's time: what a spreadsheet sorts and reads. */
static struct str moment(struct arena *arena, int64_t time_us)
{
    if (!time_us)
        return STR("");
    int64_t local = time_us + calendar_plain().offset_minutes * MINUTE_US;
    int year, month, day;
    date_from_days(local / DAY_US, &year, &month, &day);
    int64_t minutes = local % DAY_US / MINUTE_US;
    return str_format(arena, "%04d-%02d-%02d %02d:%02d", year, month, day, (int)(minutes / 60),
                      (int)(minutes % 60));
}

static struct str number(struct arena *arena, int64_t value)
{
    return str_format(arena, "%" PRId64, value);
}

static struct str or_empty(struct str text)
{
    return text.ptr ? text : STR("");
}

static enum err read_row(const struct case_reader *reader, int64_t id, struct sheet_row *out)
{
    struct arena *arena = reader->arena;
    struct case_row_row row;
    struct case_row_in in = {.park_id = reader->park_id, .id = id};
    enum err r = sql_case_row(reader->db, arena, &in, &row);
    if (r != OK)
        return r;
    const struct service *service = services_find(reader->services, row.service);
    struct str *cells = ARENA_ARRAY(arena, COLUMNS, struct str);
    cells[0] = row.number;
    cells[1] = row.title;
    cells[2] =
        service ? service_text(service, false, "category.", row.category, arena) : row.category;
    cells[3] = status_name(row.status);
    cells[4] = or_empty(row.enterprise_name);
    cells[5] = or_empty(row.grid_name);
    cells[6] = or_empty(row.department_name);
    cells[7] = or_empty(row.holder_name);
    cells[8] = moment(arena, row.filed_us);
    cells[9] = moment(arena, row.due_us);
    cells[10] = number(arena, row.level);
    cells[11] = number(arena, row.reminders);
    cells[12] = row.rating ? number(arena, row.rating) : STR("");
    *out = (struct sheet_row){.cells = cells, .count = COLUMNS};
    return OK;
}

enum err case_export(const struct case_reader *reader, const struct case_filter *filter,
                     enum sheet_format format, struct buf *out)
{
    struct sheet_row *rows = NULL;
    size_t count = 0, capacity = 0;
    struct case_filter page = *filter;
    page.limit = PAGE;
    enum err r = OK;
    do {
        struct case_ids ids;
        r = case_list(reader, &page, &ids);
        for (size_t i = 0; r == OK && i < ids.count && count < LIMIT_IMPORT_ROWS; i++) {
            struct sheet_row *row = ARENA_PUSH(reader->arena, rows, count, capacity);
            r = read_row(reader, ids.ids[i], row);
            row->number = (int64_t)count + 1;
        }
        page.before = r == OK ? ids.next : 0;
    } while (page.before && count < LIMIT_IMPORT_ROWS);
    struct sheet sheet = {.rows = rows, .count = count};
    return r == OK ? sheet_write(format, TITLES, COLUMNS, &sheet, false, out) : r;
}
