#include "base/clock.h"
#include "journal/journal.h"
#include "park/calendar.h"
#include "park/calendar_sql.h"

enum err calendar_load(struct db *db, struct arena *arena, int64_t park_id, const char *name,
                       struct calendar *out)
{
    struct calendar_days_in in = {.park_id = park_id, .calendar = str_of(name)};
    struct calendar_days_rows rows;
    enum err r = sql_calendar_days(db, arena, &in, &rows);
    if (r != OK)
        return r;
    struct calendar_day *days = ARENA_ARRAY(arena, rows.count, struct calendar_day);
    for (size_t i = 0; i < rows.count; i++)
        days[i] = (struct calendar_day){rows.rows[i].day, rows.rows[i].working, rows.rows[i].name};
    *out = calendar_plain();
    out->days = days;
    out->count = rows.count;
    return OK;
}

static enum err journal_year(struct db_tx *tx, int64_t park_id, const char *name, int year,
                             size_t count, bool complete, int64_t actor_id, int64_t now_us)
{
    CLEANUP(buf_release) struct buf body;
    buf_init(&body, JOURNAL_BODY_MAX);
    struct json_writer w = json_writer(&body);
    json_object_begin(&w);
    json_member_c(&w, "calendar", name);
    json_member_int(&w, "year", year);
    json_member_int(&w, "days", (int64_t)count);
    json_member_bool(&w, "complete", complete);
    json_object_end(&w);
    struct journal_entry entry = {.park_id = park_id,
                                  .time_us = now_us,
                                  .kind = "calendar.changed",
                                  .actor_id = actor_id,
                                  .body = buf_str(&body)};
    return journal_append(tx, &entry, NULL);
}

enum err calendar_replace_year(struct db_tx *tx, int64_t park_id, const char *name, int year,
                               const struct calendar_day *days, size_t count, bool complete,
                               int64_t version, int64_t actor_id, int64_t now_us)
{
    struct calendar_clear_in clear = {.park_id = park_id,
                                      .calendar = str_of(name),
                                      .first = date_to_days(year, 1, 1),
                                      .past = date_to_days(year + 1, 1, 1)};
    enum err r = sql_calendar_clear(tx, &clear, NULL);
    for (size_t i = 0; r == OK && i < count; i++) {
        if (days[i].day < clear.first || days[i].day >= clear.past)
            return err_field(ERR_INVALID, "days", "calendar.other-year",
                             "a day is not in the year %d", year);
        struct calendar_day_insert_in row = {.park_id = park_id,
                                             .calendar = str_of(name),
                                             .day = days[i].day,
                                             .working = days[i].working,
                                             .name = days[i].name};
        r = sql_calendar_day_insert(tx, &row, NULL);
        if (r == ERR_CONFLICT)
            return err_field(ERR_INVALID, "days", "calendar.day-twice", "a day stands there twice");
    }
    struct calendar_year_set_in mark = {.park_id = park_id,
                                        .calendar = str_of(name),
                                        .year = year,
                                        .complete = complete,
                                        .version = version};
    if (r == OK)
        r = sql_calendar_year_set(tx, &mark, NULL);
    if (r == OK)
        r = journal_year(tx, park_id, name, year, count, complete, actor_id, now_us);
    return r;
}

enum err calendar_begin(struct db_tx *tx, int64_t park_id, int64_t actor_id, int64_t now_us)
{
    static const char *const names[] = {"office", "enterprise"};
    enum err r = OK;
    for (size_t i = 0; r == OK && i < COUNT_OF(names); i++) {
        r = calendar_replace_year(tx, park_id, names[i], 2020, CALENDAR_2020, CALENDAR_2020_COUNT,
                                  true, 1, actor_id, now_us);
        if (r == OK)
            r = calendar_replace_year(tx, park_id, names[i], 2026, CALENDAR_2026,
                                      CALENDAR_2026_COUNT, true, 1, actor_id, now_us);
    }
    return r;
}

static enum err parse_day(const struct json_value *item, struct calendar_day *out)
{
    const struct json_value *off = json_get(item, "isOffDay");
    struct str date = json_get_text(item, "date"), name = json_get_text(item, "name");
    if (!off || off->type != JSON_BOOL || !name.ptr || date_parse(date, &out->day) != OK)
        return err_field(ERR_INVALID, "days", "calendar.format",
                         "each day has name, date and isOffDay");
    out->working = !off->boolean;
    out->name = name;
    return OK;
}

enum err calendar_parse(struct arena *arena, const struct json_value *json, int *year,
                        struct calendar_day **days, size_t *count)
{
    int64_t number;
    const struct json_value *list = json_get(json, "days");
    if (json_to_int(json_get(json, "year"), &number) != OK || number < 1970 || number > 2200 ||
        !list || list->type != JSON_ARRAY || list->array.count > 366)
        return err_field(
            ERR_INVALID, "year", "calendar.format",
            "expected {\"year\": 2026, \"days\": [{\"name\", \"date\", \"isOffDay\"}]}");
    struct calendar_day *found = ARENA_ARRAY(arena, list->array.count, struct calendar_day);
    for (size_t i = 0; i < list->array.count; i++) {
        enum err r = parse_day(&list->array.items[i], &found[i]);
        if (r != OK)
            return r;
    }
    *year = (int)number;
    *days = found;
    *count = list->array.count;
    return OK;
}

enum err calendar_parse_sheet(struct arena *arena, const struct sheet *sheet, int *year,
                              struct calendar_day **days, size_t *count)
{
    struct calendar_day *found = ARENA_ARRAY(arena, sheet->count, struct calendar_day);
    size_t taken = 0;
    for (size_t i = 0; i < sheet->count; i++) {
        const struct sheet_row *row = &sheet->rows[i];
        struct str kind = sheet_cell(row, 2);
        int64_t day;
        bool is_date = date_parse(sheet_cell(row, 0), &day) == OK;
        if (i == 0 && !is_date)
            continue;
        if (!is_date || (!str_is(kind, "休") && !str_is(kind, "班")) || taken == 366)
            return err_field(ERR_INVALID, "days", "calendar.format",
                             "row %" PRId64 ": expected a date, a name, and 休 or 班", row->number);
        found[taken++] = (struct calendar_day){day, str_is(kind, "班"), sheet_cell(row, 1)};
    }
    if (taken == 0)
        return err_field(ERR_INVALID, "days", "calendar.format", "there is no day");
    int month, date;
    date_from_days(found[0].day, year, &month, &date);
    *days = found;
    *count = taken;
    return OK;
}
