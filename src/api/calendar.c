/* /api/v1/calendar: the days that differ from the week, a year and a calendar at a time. */
#include "park/calendar.h"
#include "api/register.h"
#include "base/clock.h"
#include "park/calendar_sql.h"

static const char *const CALENDARS[] = {"office", "enterprise", NULL};
static const char *const DAY_KINDS[] = {"holiday", "workday", NULL};
static const char *const TERM_UNITS[] = {"working", "calendar", NULL};

enum { YEAR_FIRST = 1970, YEAR_LAST = 2200 };

struct year_in {
    int64_t calendar, year;
};

static const struct field YEAR_PARAMS[] = {
    FIELD(struct year_in, calendar, FIELD_ENUM, .names = CALENDARS),
    FIELD(struct year_in, year, FIELD_INT, .min = YEAR_FIRST, .max = YEAR_LAST, .required = true),
    FIELD_END,
};

struct day {
    int64_t date, kind;
    struct str name;
};

static const struct field DAY_FIELDS[] = {
    FIELD(struct day, date, FIELD_DATE, .required = true),
    FIELD(struct day, kind, FIELD_ENUM, .names = DAY_KINDS, .required = true),
    FIELD(struct day, name, FIELD_TEXT, .max = 40),
    FIELD_END,
};

struct year {
    int64_t calendar, year, version;
    struct list days;
    bool complete;
};

static const struct field YEAR_FIELDS[] = {
    FIELD(struct year, calendar, FIELD_ENUM, .names = CALENDARS),
    FIELD(struct year, year, FIELD_INT, .min = YEAR_FIRST, .max = YEAR_LAST, .required = true),
    FIELD(struct year, days, FIELD_LIST, .of = DAY_FIELDS, .of_size = sizeof(struct day),
          .max = 366),
    FIELD(struct year, complete, FIELD_BOOL, .doc = "The year's official list is in"),
    FIELD(struct year, version, FIELD_INT, .min = 0, .max = INT64_MAX),
    FIELD_END,
};

static enum err stored_year(struct api_call *call, const char *name, int64_t year,
                            struct calendar_year_row *out)
{
    struct calendar_year_in in = {.park_id = call->park_id, .calendar = str_of(name), .year = year};
    enum err r = sql_calendar_year(call->db, &in, out);
    if (r != ERR_NOT_FOUND)
        return r;
    *out = (struct calendar_year_row){0};
    return OK;
}

static enum err year_write(struct api_call *call, int64_t calendar, int64_t year)
{
    const char *name = CALENDARS[calendar];
    struct calendar_year_row stored;
    struct calendar_days_of_year_rows rows;
    struct calendar_days_of_year_in in = {.park_id = call->park_id,
                                          .calendar = str_of(name),
                                          .first = date_to_days((int)year, 1, 1),
                                          .past = date_to_days((int)year + 1, 1, 1)};
    enum err r = stored_year(call, name, year, &stored);
    if (r == OK)
        r = sql_calendar_days_of_year(call->db, call->arena, &in, &rows);
    if (r != OK)
        return r;
    struct day *days = ARENA_ARRAY(call->arena, rows.count, struct day);
    for (size_t i = 0; i < rows.count; i++)
        days[i] = (struct day){rows.rows[i].day, rows.rows[i].working, rows.rows[i].name};
    struct year out = {.calendar = calendar,
                       .year = year,
                       .days = {days, rows.count},
                       .complete = stored.complete,
                       .version = stored.version};
    api_set_version(call, out.version);
    api_reply(call, YEAR_FIELDS, &out);
    return OK;
}

static enum err year_get(struct api_call *call)
{
    const struct year_in *in = call->query;
    return year_write(call, in->calendar, in->year);
}

static enum err replace(struct api_call *call, struct db_tx *tx, int64_t calendar, int year,
                        const struct calendar_day *days, size_t count, bool complete)
{
    const char *name = CALENDARS[calendar];
    struct calendar_year_row stored;
    enum err r = stored_year(call, name, year, &stored);
    if (r == OK)
        r = api_match_version(call, stored.version);
    if (r == OK)
        r = calendar_replace_year(tx, call->park_id, name, year, days, count, complete,
                                  stored.version + 1, call->who.person_id, call->now_us);
    return r == OK ? year_write(call, calendar, year) : r;
}

static enum err year_put(struct api_call *call, struct db_tx *tx)
{
    const struct year *in = call->body;
    const struct day *days = in->days.items;
    struct calendar_day *list = ARENA_ARRAY(call->arena, in->days.count, struct calendar_day);
    for (size_t i = 0; i < in->days.count; i++)
        list[i] = (struct calendar_day){.day = days[i].date,
                                        .working = days[i].kind == 1,
                                        .name = days[i].name.ptr ? days[i].name : STR("")};
    return replace(call, tx, in->calendar, (int)in->year, list, in->days.count, in->complete);
}

struct import_in {
    int64_t calendar;
};

static const struct field IMPORT_PARAMS[] = {
    FIELD(struct import_in, calendar, FIELD_ENUM, .names = CALENDARS), FIELD_END};

/* A year as {"year", "days"} or, in CSV, as rows of date, name and 休 or 班. */
static enum err read_year(struct api_call *call, int *year, struct calendar_day **days,
                          size_t *count)
{
    const struct json_value *json;
    struct sheet sheet;
    if (!str_starts(str_trim(call->raw), STR("{"))) {
        enum err r = sheet_read(call->arena, call->raw, &sheet);
        return r == OK ? calendar_parse_sheet(call->arena, &sheet, year, days, count) : r;
    }
    enum err r = json_parse(call->arena, call->raw, &json);
    return r == OK ? calendar_parse(call->arena, json, year, days, count) : r;
}

static enum err import_post(struct api_call *call, struct db_tx *tx)
{
    const struct import_in *in = call->query;
    struct calendar_day *days;
    size_t count;
    int year;
    enum err r = read_year(call, &year, &days, &count);
    return r == OK ? replace(call, tx, in->calendar, year, days, count, true) : r;
}

struct deadline_in {
    int64_t calendar, start, days, unit;
};

static const struct field DEADLINE_PARAMS[] = {
    FIELD(struct deadline_in, calendar, FIELD_ENUM, .names = CALENDARS),
    FIELD(struct deadline_in, start, FIELD_DATE, .required = true),
    FIELD(struct deadline_in, days, FIELD_INT, .min = 0, .max = CALENDAR_TERM_MAX,
          .required = true),
    FIELD(struct deadline_in, unit, FIELD_ENUM, .names = TERM_UNITS),
    FIELD_END,
};

struct deadline_out {
    int64_t date;
};

static const struct field DEADLINE_REPLY[] = {FIELD(struct deadline_out, date, FIELD_DATE),
                                              FIELD_END};

static enum err deadline_get(struct api_call *call)
{
    const struct deadline_in *in = call->query;
    struct calendar calendar;
    enum err r =
        calendar_load(call->db, call->arena, call->park_id, CALENDARS[in->calendar], &calendar);
    if (r != OK)
        return r;
    struct deadline_out out = {
        .date = in->unit ? calendar_add_calendar_days(&calendar, in->start, in->days)
                         : calendar_add_working_days(&calendar, in->start, in->days)};
    api_reply(call, DEADLINE_REPLY, &out);
    return OK;
}

const struct route CALENDAR_ROUTES[] = {
    {GET, "/api/v1/calendar", ROLES(ROLE_ALL_SIGNED_IN), .query = year_get,
     .query_fields = YEAR_PARAMS, .query_size = sizeof(struct year_in), .reply = YEAR_FIELDS,
     .doc = "A year's holidays and make-up workdays"},
    {PUT, "/api/v1/calendar", ROLES(ROLE_SYSTEM_ADMIN), .command = year_put, .body = YEAR_FIELDS,
     .body_size = sizeof(struct year), .reply = YEAR_FIELDS, .doc = "Replaces a year"},
    {POST, "/api/v1/calendar/import", ROLES(ROLE_SYSTEM_ADMIN), .command = import_post,
     .query_fields = IMPORT_PARAMS, .query_size = sizeof(struct import_in),
     .raw_types = "application/json text/csv", .raw_max = 256 * 1024, .reply = YEAR_FIELDS,
     .doc = "Replaces a year with a list in holiday-cn's form, or CSV of date, name, 休 or 班"},
    {GET, "/api/v1/calendar/deadline", ROLES(ROLE_ALL_SIGNED_IN), .query = deadline_get,
     .query_fields = DEADLINE_PARAMS, .query_size = sizeof(struct deadline_in),
     .reply = DEADLINE_REPLY, .doc = "The last day of a term"},
    ROUTE_END,
};
