#include "park/case_list_sql.h"
#include "park/case_view.h"

static void write_ref(struct json_writer *w, const char *name, int64_t id, struct str text)
{
    json_key(w, name);
    if (!id) {
        json_null(w);
        return;
    }
    json_object_begin(w);
    json_key(w, "id");
    json_id(w, id);
    json_key(w, "name");
    json_text(w, text.ptr ? text : STR(""));
    json_object_end(w);
}

static const char *light(const struct case_row_row *row, int64_t now_us)
{
    if (row->closed)
        return "done";
    if (row->paused)
        return "paused";
    if (row->due_us && now_us >= row->due_us)
        return row->status == CASE_TO_RATE ? "yellow" : "red";
    return row->warn_us && now_us >= row->warn_us ? "yellow" : "green";
}

static void text(struct json_writer *w, const char *name, struct str value)
{
    json_key(w, name);
    json_text(w, value);
}

static void when(struct json_writer *w, const char *name, int64_t time_us)
{
    json_key(w, name);
    json_time(w, time_us);
}

/* The rung of its service's ladder that the case was raised to; null below the first. */
static void write_raised(const struct case_reader *reader, struct json_writer *w,
                         const struct case_row_row *row)
{
    const struct service *service = services_find(reader->services, row->service);
    const struct service_level *rungs = service ? service->levels.items : NULL;
    bool known = service && row->level > 0 && (size_t)row->level < service->levels.count;
    struct str role = {0};
    if (known)
        role = row->department_id ? rungs[row->level].department : rungs[row->level].grid;
    text(w, "raised_to", role);
}

static void number(struct json_writer *w, const char *name, int64_t value)
{
    json_key(w, name);
    json_int(w, value);
}

enum err case_write_row_members(const struct case_reader *reader, struct json_writer *w,
                                int64_t case_id, bool with_rating)
{
    struct case_row_row row;
    struct case_row_in in = {.park_id = reader->park_id, .id = case_id};
    enum err r = sql_case_row(reader->db, reader->arena, &in, &row);
    if (r != OK)
        return r == ERR_NOT_FOUND ? err_set(r, "no case %" PRId64, case_id) : r;
    json_key(w, "id");
    json_id(w, case_id);
    text(w, "number", row.number);
    text(w, "service", row.service);
    text(w, "title", row.title);
    text(w, "category", row.category);
    text(w, "status", str_of(case_status_key(row.status)));
    write_ref(w, "enterprise", row.enterprise_id, row.enterprise_name);
    write_ref(w, "grid", row.grid_id, row.grid_name);
    write_ref(w, "department", row.department_id, row.department_name);
    write_ref(w, "holder", row.holder_id, row.holder_name);
    when(w, "filed_at", row.filed_us);
    text(w, "clock", row.clock);
    when(w, "due_at", row.due_us);
    text(w, "light", str_of(light(&row, reader->now_us)));
    number(w, "level", row.level);
    write_raised(reader, w, &row);
    number(w, "reminders", row.reminders);
    json_key(w, "supervised");
    json_bool(w, row.supervised);
    if (with_rating) {
        json_key(w, "rating");
        if (row.rating)
            json_int(w, row.rating);
        else
            json_null(w);
    }
    when(w, "updated_at", row.updated_us);
    return OK;
}

enum err case_write_row(const struct case_reader *reader, struct json_writer *w, int64_t case_id)
{
    json_object_begin(w);
    enum err r = case_write_row_members(reader, w, case_id, true);
    json_object_end(w);
    return r;
}
