#include "park/case_list_sql.h"
#include "park/case_view.h"

static const char *light(const struct case_row_row *row, int64_t now_us)
{
    if (row->closed)
        return "done";
    if (row->paused || (row->suspended && !row->late))
        return "paused";
    if (row->due_us && now_us >= row->due_us)
        return row->status == CASE_TO_RATE ? "yellow" : "red";
    return row->warn_us && now_us >= row->warn_us ? "yellow" : "green";
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
    json_member_text(w, "raised_to", role);
}

enum err case_write_row_members(const struct case_reader *reader, struct json_writer *w,
                                int64_t case_id, bool with_rating)
{
    struct case_row_row row;
    struct case_row_in in = {.park_id = reader->park_id, .id = case_id};
    enum err r = sql_case_row(reader->db, reader->arena, &in, &row);
    if (r != OK)
        return r == ERR_NOT_FOUND ? err_set(r, "no case %" PRId64, case_id) : r;
    json_member_id(w, "id", case_id);
    json_member_text(w, "number", row.number);
    json_member_text(w, "service", row.service);
    json_member_text(w, "title", row.title);
    json_member_text(w, "category", row.category);
    json_member_text(w, "status", str_of(case_status_key(row.status)));
    json_member_ref(w, "enterprise", row.enterprise_id, row.enterprise_name);
    json_member_ref(w, "grid", row.grid_id, row.grid_name);
    json_member_ref(w, "department", row.department_id, row.department_name);
    json_member_ref(w, "holder", row.holder_id, row.holder_name);
    json_member_time(w, "filed_at", row.filed_us);
    json_member_text(w, "clock", row.clock);
    json_member_time(w, "due_at", row.due_us);
    json_member_text(w, "light", str_of(light(&row, reader->now_us)));
    json_member_int(w, "level", row.level);
    write_raised(reader, w, &row);
    json_member_int(w, "reminders", row.reminders);
    json_member_bool(w, "supervised", row.supervised);
    json_member_bool(w, "suspended", row.suspended);
    if (with_rating) {
        json_key(w, "rating");
        if (row.rating)
            json_int(w, row.rating);
        else
            json_null(w);
    }
    json_member_time(w, "updated_at", row.updated_us);
    return OK;
}

enum err case_write_row(const struct case_reader *reader, struct json_writer *w, int64_t case_id)
{
    json_object_begin(w);
    enum err r = case_write_row_members(reader, w, case_id, true);
    json_object_end(w);
    return r;
}
