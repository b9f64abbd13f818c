/* Working time: which days count, which minutes count, and when a term ends.
 *
 * A calendar is loaded once and then pure: no I/O, no clock. Days are numbers since 1970-01-01 in
 * the park's zone; the zone is a fixed offset from UTC (China has no summer time).
 *
 * Rules (GB practice, as in 行政许可法 art. 82): the day on which a term begins is not counted; a
 * term in calendar days that would end on a free day ends on the next working day.
 */
#ifndef PARK_CALENDAR_H
#define PARK_CALENDAR_H

#include "db/db.h"
#include "park/sheet.h"
#include "json/fields.h"

enum { CALENDAR_SPANS_MAX = 4, CALENDAR_DAYS_MAX = 4000, CALENDAR_TERM_MAX = 3660 };

struct calendar_day {
    int64_t day;
    bool working;
    struct str name; /* "春节" */
};

struct calendar_span { /* Minutes since midnight, local. */
    int begin, end;
};

struct calendar {
    const struct calendar_day *days; /* Sorted; only those that differ from Monday to Friday. */
    size_t count;
    int offset_minutes;                             /* Local time minus UTC. */
    struct calendar_span spans[CALENDAR_SPANS_MAX]; /* Office hours of a working day. */
    int span_count;
};

/* 09:00–12:00 and 13:30–17:30 at UTC+8, and no special days. */
struct calendar calendar_plain(void);

/* The park's calendar "office" or "enterprise"; days live as long as `arena`. */
MUST_USE enum err calendar_load(struct db *db, struct arena *arena, int64_t park_id,
                                const char *name, struct calendar *out);

bool calendar_is_working(const struct calendar *calendar, int64_t day);
int calendar_working_days_in_year(const struct calendar *calendar, int year);

/* The last day of a term of `count` >= 0 days that begins on `start`. */
int64_t calendar_add_working_days(const struct calendar *calendar, int64_t start, int64_t count);
int64_t calendar_add_calendar_days(const struct calendar *calendar, int64_t start, int64_t count);

/* Deadlines of a term that begins at a moment. Days end with the last office minute of their last
 * day. Minutes count within office hours; calendar_minutes just adds. */
enum calendar_unit { UNIT_WORKING_DAYS, UNIT_CALENDAR_DAYS, UNIT_WORKING_MINUTES, UNIT_MINUTES };
int64_t calendar_deadline_us(const struct calendar *calendar, int64_t start_us, int64_t count,
                             enum calendar_unit unit);

/* Working microseconds between two moments, 0 if `to` is not after `from`: for pauses and shares
 * of a term ("warn at 75 %"). */
int64_t calendar_working_us(const struct calendar *calendar, int64_t from_us, int64_t to_us);
/* The moment after `working_us` of working time. */
int64_t calendar_add_working_us(const struct calendar *calendar, int64_t from_us,
                                int64_t working_us);

/* The days that a store begins with: China's official lists. Other years are imported. */
extern const struct calendar_day CALENDAR_2020[], CALENDAR_2026[];
extern const size_t CALENDAR_2020_COUNT, CALENDAR_2026_COUNT;

/* Puts these lists into both calendars of a new park. */
MUST_USE enum err calendar_begin(struct db_tx *tx, int64_t park_id, int64_t actor_id,
                                 int64_t now_us);

/* Replaces one year of a calendar. `complete` says that the official list is in. Journalled. */
MUST_USE enum err calendar_replace_year(struct db_tx *tx, int64_t park_id, const char *name,
                                        int year, const struct calendar_day *days, size_t count,
                                        bool complete, int64_t version, int64_t actor_id,
                                        int64_t now_us);

/* Reads holiday-cn's JSON ({"year", "days": [{"name", "date", "isOffDay"}]}). ERR_INVALID. */
MUST_USE enum err calendar_parse(struct arena *arena, const struct json_value *json, int *year,
                                 struct calendar_day **days, size_t *count);

/* Reads rows of date, name and 休 (free) or 班 (worked); a first row without a date is skipped.
 * All days are of one year. ERR_INVALID with the row. */
MUST_USE enum err calendar_parse_sheet(struct arena *arena, const struct sheet *sheet, int *year,
                                       struct calendar_day **days, size_t *count);

#endif
