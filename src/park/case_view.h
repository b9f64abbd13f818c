/* Cases and tasks as people see them: lists, pages, inboxes. Reads only.
 *
 * Lists go through an index from the newest on and look at a bounded number of rows a page, so that
 * a million stored cases cost what a thousand do.
 */
#ifndef PARK_CASE_VIEW_H
#define PARK_CASE_VIEW_H

#include "park/case.h"
#include "park/service.h"
#include "park/sheet.h"
#include "json/json.h"

enum case_box { BOX_ALL, BOX_MINE, BOX_GRID, BOX_DEPARTMENT, BOX_WATCHED };
enum case_state { STATE_ANY, STATE_OPEN, STATE_CLOSED, STATE_OVERDUE };

struct case_filter {
    int64_t box, state;
    struct str q, category;
    int64_t enterprise_id, grid_id;
    int64_t before; /* Id to go on below; 0: from the newest. */
    int64_t limit;
};

struct case_ids {
    const int64_t *ids;
    size_t count;
    int64_t next; /* `before` of the next page; 0 at the end. A page may be shorter than asked. */
};

/* What is read and for whom. */
struct case_reader {
    struct db *db;
    struct arena *arena;
    struct services *services;
    const struct principal *who;
    int64_t park_id, now_us;
};

MUST_USE enum err case_list(const struct case_reader *reader, const struct case_filter *filter,
                            struct case_ids *out);
/* The same cases as a sheet, LIMIT_IMPORT_ROWS at most. */
MUST_USE enum err case_export(const struct case_reader *reader, const struct case_filter *filter,
                              enum sheet_format format, struct buf *out);
/* The case as lists show it. ERR_NOT_FOUND. */
MUST_USE enum err case_write_row(const struct case_reader *reader, struct json_writer *w,
                                 int64_t case_id);
/* The members of that object, without its braces; a page says more of the rating than a number. */
MUST_USE enum err case_write_row_members(const struct case_reader *reader, struct json_writer *w,
                                         int64_t case_id, bool with_rating);
/* The case's whole page, for who may see it. ERR_NOT_FOUND. `version` may be NULL. */
MUST_USE enum err case_write(const struct case_reader *reader, struct json_writer *w,
                             int64_t case_id, int64_t *version);

enum task_box { TASKS_TODO, TASKS_DONE, TASKS_WATCHED };

struct task_filter {
    int64_t box;
    struct str q;
    int64_t after_time, after_id; /* 0, 0: from the start. */
    int64_t limit;
};

/* Writes the items of a page; `next_time` and `next_id` are 0 at the end. */
MUST_USE enum err task_write_list(const struct case_reader *reader, struct json_writer *w,
                                  const struct task_filter *filter, int64_t *next_time,
                                  int64_t *next_id);

struct task_counts {
    int64_t todo, overdue, done_today;
};
enum { TASK_COUNT_MAX = 1000 }; /* Past it an inbox is simply full. */
MUST_USE enum err task_count(const struct case_reader *reader, struct task_counts *out);

/* The board: a JSON object. */
MUST_USE enum err board_write(const struct case_reader *reader, struct json_writer *w);

#endif
