/* The leaders' board: sums of counters that every case keeps up to date itself. */
#include "base/clock.h"
#include "park/board_sql.h"
#include "park/case_run.h"
#include "park/case_view.h"

enum { TREND_DAYS = 14, RATE_DAYS = 30, SHOWN = 10 };

/* A share or a mean; null of nothing. */
static void write_ratio(struct json_writer *w, const char *name, int64_t part, int64_t whole)
{
    json_key(w, name);
    if (whole == 0)
        json_null(w);
    else
        json_real(w, (double)(part * 1000 / whole) / 1000.0);
}

static enum err write_days(const struct case_reader *reader, struct json_writer *w, int64_t today)
{
    struct board_days_rows rows;
    struct board_days_in in = {.park_id = reader->park_id, .since_day = today - RATE_DAYS + 1};
    enum err r = sql_board_days(reader->db, reader->arena, &in, &rows);
    struct board_open_row open;
    if (r == OK)
        r = sql_board_open(reader->db, &(struct board_open_in){.park_id = reader->park_id}, &open);
    if (r != OK)
        return r;
    struct board_days_row sum = {0}, now = {0};
    for (size_t i = 0; i < rows.count; i++) {
        const struct board_days_row *day = &rows.rows[i];
        sum.signed_count += day->signed_count;
        sum.signed_in_time += day->signed_in_time;
        sum.resolved += day->resolved;
        sum.resolved_in_time += day->resolved_in_time;
        sum.rated1 += day->rated1;
        sum.rated2 += day->rated2;
        sum.rated3 += day->rated3;
        sum.rated4 += day->rated4;
        sum.rated5 += day->rated5;
        if (day->day == today)
            now = *day;
    }
    json_key(w, "today");
    json_object_begin(w);
    json_member_int(w, "filed", now.filed);
    json_member_int(w, "resolved", now.resolved);
    json_member_int(w, "open", open.open);
    json_member_int(w, "overdue", open.late);
    json_object_end(w);
    write_ratio(w, "on_time_rate", sum.resolved_in_time, sum.resolved);
    write_ratio(w, "sign_on_time_rate", sum.signed_in_time, sum.signed_count);
    const int64_t rated[] = {sum.rated1, sum.rated2, sum.rated3, sum.rated4, sum.rated5};
    int64_t count = 0, points = 0;
    json_key(w, "ratings");
    json_array_begin(w);
    for (int64_t i = 0; i < 5; i++) {
        json_int(w, rated[i]);
        count += rated[i];
        points += (i + 1) * rated[i];
    }
    json_array_end(w);
    write_ratio(w, "avg_rating", points, count);
    json_key(w, "trend");
    json_array_begin(w);
    for (int64_t day = today - TREND_DAYS + 1, at = 0; day <= today; day++) {
        while (at < (int64_t)rows.count && rows.rows[at].day < day)
            at++;
        bool found = at < (int64_t)rows.count && rows.rows[at].day == day;
        CLEANUP(buf_release) struct buf date;
        buf_init(&date, 32);
        date_format(&date, day);
        json_object_begin(w);
        json_member_text(w, "date", buf_str(&date));
        json_member_int(w, "filed", found ? rows.rows[at].filed : 0);
        json_member_int(w, "resolved", found ? rows.rows[at].resolved : 0);
        json_object_end(w);
    }
    json_array_end(w);
    return OK;
}

static enum err write_grids(const struct case_reader *reader, struct json_writer *w, int64_t today)
{
    struct board_grids_rows rows;
    struct board_grids_in in = {.park_id = reader->park_id, .since_day = today - RATE_DAYS + 1};
    enum err r = sql_board_grids(reader->db, reader->arena, &in, &rows);
    if (r != OK)
        return r;
    json_key(w, "by_grid");
    json_array_begin(w);
    for (size_t i = 0; i < rows.count; i++) {
        const struct board_grids_row *row = &rows.rows[i];
        json_object_begin(w);
        json_key(w, "grid");
        json_object_begin(w);
        json_member_id(w, "id", row->id);
        json_member_text(w, "name", row->name);
        json_object_end(w);
        json_member_int(w, "open", row->open);
        json_member_int(w, "overdue", row->late);
        json_member_int(w, "resolved", row->resolved);
        write_ratio(w, "on_time_rate", row->resolved_in_time, row->resolved);
        write_ratio(w, "avg_rating", row->rating_sum, row->rated);
        json_object_end(w);
    }
    json_array_end(w);
    return OK;
}

static enum err write_categories(const struct case_reader *reader, struct json_writer *w,
                                 int64_t today)
{
    struct board_categories_rows rows;
    struct board_categories_in in = {.park_id = reader->park_id,
                                     .since_day = today - RATE_DAYS + 1};
    enum err r = sql_board_categories(reader->db, reader->arena, &in, &rows);
    if (r != OK)
        return r;
    json_key(w, "by_category");
    json_array_begin(w);
    for (size_t i = 0; i < rows.count; i++) {
        const struct board_categories_row *row = &rows.rows[i];
        const struct service *service = services_find(reader->services, row->service);
        json_object_begin(w);
        json_member_text(w, "key", row->category);
        json_member_text(
            w, "name",
            service ? service_text(service, false, "category.", row->category, reader->arena)
                    : row->category);
        json_member_text(
            w, "name_en",
            service ? service_text(service, true, "category.", row->category, reader->arena)
                    : row->category);
        json_member_int(w, "n", row->filed);
        json_object_end(w);
    }
    json_array_end(w);
    return OK;
}

static enum err write_cases(const struct case_reader *reader, struct json_writer *w,
                            const char *name, enum case_state state)
{
    struct case_filter filter = {.box = BOX_ALL, .state = state, .limit = SHOWN};
    struct case_ids ids;
    enum err r = case_list(reader, &filter, &ids);
    if (r != OK)
        return r;
    json_key(w, name);
    json_array_begin(w);
    for (size_t i = 0; r == OK && i < ids.count; i++)
        r = case_write_row(reader, w, ids.ids[i]);
    json_array_end(w);
    return r;
}

enum err board_write(const struct case_reader *reader, struct json_writer *w)
{
    int64_t today = case_local_day(reader->now_us);
    json_object_begin(w);
    json_member_time(w, "as_of", reader->now_us);
    enum err r = write_days(reader, w, today);
    if (r == OK)
        r = write_grids(reader, w, today);
    if (r == OK)
        r = write_categories(reader, w, today);
    if (r == OK)
        r = write_cases(reader, w, "recent", STATE_ANY);
    if (r == OK)
        r = write_cases(reader, w, "overdue", STATE_OVERDUE);
    json_object_end(w);
    return r;
}
