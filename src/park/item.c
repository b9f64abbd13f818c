/* What people do with items, from the tasks that let them. */
#include "park/item.h"

#include "park/case_run.h"
#include "park/file.h"

#define ITEM_STATE_KEY(name, key) [name] = key,
const char *const ITEM_STATES[ITEM_STATE_COUNT + 1] = {ITEM_STATE_LIST(ITEM_STATE_KEY)};
#undef ITEM_STATE_KEY

static enum err log_item(struct task_acting *acting, const struct item_of_case_row *item,
                         const char *kind)
{
    struct case_entry entry;
    case_entry_begin(&acting->run, &entry);
    json_member_text(&entry.w, "list", item->list);
    if (item->number) {
        json_member_int(&entry.w, "item", item->number);
    }
    json_member_text(&entry.w, "title", item->title);
    json_member_text(&entry.w, "state", item->state);
    if (item->text.len > 0) {
        json_member_text(&entry.w, "text", item->text);
    }
    if (item->due_us) {
        json_member_time(&entry.w, "due", item->due_us);
    }
    return case_entry_end(&acting->run, &entry, kind, 0);
}

static enum err check_owner(struct case_run *run, int64_t owner_id)
{
    struct case_department_name_row row;
    struct case_department_name_in in = {.park_id = run->park_id, .id = owner_id};
    if (owner_id && sql_case_department_name(run->tx->db, run->arena, &in, &row) != OK)
        return err_field(ERR_INVALID, "owner_id", "department.unknown", "no such department");
    return OK;
}

/* An item to be put right says what and until when. */
static enum err check_demand(struct case_run *run, const struct item_of_case_row *item)
{
    if (str_trim(item->text).len == 0)
        return err_field(ERR_INVALID, "text", "field.required", "say what is wrong");
    if (!item->due_us)
        return err_field(ERR_INVALID, "due_at", "field.required", "say until when");
    if (item->due_us <= run->now_us)
        return err_field(ERR_INVALID, "due_at", "field.range", "the deadline must come later");
    return check_owner(run, item->owner_id);
}

static enum err attach(struct case_run *run, const struct item_words *in, struct str *files)
{
    if (in->file_ids.count == 0)
        return OK;
    enum err r =
        file_attach(run->tx, run->who, in->file_ids.items, in->file_ids.count, run->id, false);
    if (r == OK)
        *files = case_id_list(run->arena, in->file_ids);
    return r;
}

enum err task_item_add(const struct case_env *env, const struct principal *who, int64_t task_id,
                       const struct item_words *in, int64_t *case_id)
{
    struct task_acting acting;
    enum err r = task_begin(&acting, env, who, task_id, case_id);
    if (r != OK)
        return r;
    struct case_run *run = &acting.run;
    struct str list = service_property(acting.node, "adds");
    if (list.len == 0)
        return err_refuse(ERR_CONFLICT, "task.no-items", "this task raises no items");
    struct item_of_case_row item = {.list = list,
                                    .state = STR("open"),
                                    .title = str_trim(in->title),
                                    .basis = in->basis,
                                    .text = in->text,
                                    .department_id = acting.task.department_id,
                                    .owner_id = in->owner_id,
                                    .due_us = in->due_us,
                                    .marked_by = who->person_id,
                                    .marked_us = run->now_us};
    if (item.title.len == 0)
        return err_field(ERR_INVALID, "title", "field.required", "say in one line what it is");
    r = check_demand(run, &item);
    if (r == OK)
        r = attach(run, in, &item.files);
    if (r == OK)
        r = case_item_insert(run, &item);
    if (r == OK)
        r = log_item(&acting, &item, "case.item-raised");
    return r == OK ? case_end(run) : r;
}

static enum err merge(struct case_run *run, struct item_of_case_row *item, int64_t into_id)
{
    struct item_of_case_row *into = NULL;
    enum err r = case_item_load(run, into_id, &into);
    if (r != OK)
        return r;
    if (!into || into->id == item->id || !str_equal(into->list, item->list) ||
        !str_is(into->state, "open"))
        return err_field(ERR_INVALID, "into_id", "item.unknown", "no open item of the same list");
    item->source_id = into_id;
    item->state = STR("merged");
    return OK;
}

static enum err edit(struct case_run *run, struct item_of_case_row *item,
                     const struct item_words *in)
{
    if (!str_is(item->state, "open"))
        return err_refuse(ERR_CONFLICT, "item.not-open", "the item is not open");
    if (in->state == ITEM_MERGED)
        return merge(run, item, in->into_id);
    if (in->title.len > 0)
        item->title = in->title;
    if (in->text.len > 0)
        item->text = in->text;
    item->owner_id = in->owner_id;
    item->due_us = in->due_us ? in->due_us : item->due_us;
    return check_demand(run, item);
}

static enum err mark(struct task_acting *acting, struct item_of_case_row *item,
                     const struct item_words *in)
{
    struct case_run *run = &acting->run;
    if (item->department_id != acting->task.department_id)
        return err_refuse(ERR_FORBIDDEN, "item.not-yours", "another department marks this item");
    if (in->state != ITEM_MET && in->state != ITEM_UNMET && in->state != ITEM_NOT_APPLICABLE)
        return err_field(ERR_INVALID, "state", "field.choice", "met, unmet or not_applicable");
    item->state = str_of(ITEM_STATES[in->state]);
    item->text = in->text.ptr ? in->text : STR("");
    item->owner_id = in->owner_id;
    item->due_us = in->state == ITEM_UNMET ? in->due_us : 0;
    item->marked_by = run->who->person_id;
    item->marked_us = run->now_us;
    return in->state == ITEM_UNMET ? check_demand(run, item) : OK;
}

enum err task_item_set(const struct case_env *env, const struct principal *who, int64_t task_id,
                       int64_t item_id, const struct item_words *in, int64_t *case_id)
{
    struct task_acting acting;
    struct item_of_case_row *item = NULL;
    enum err r = task_begin(&acting, env, who, task_id, case_id);
    if (r == OK)
        r = case_item_load(&acting.run, item_id, &item);
    if (r != OK)
        return r;
    if (!item)
        return err_set(ERR_NOT_FOUND, "no item %" PRId64, item_id);
    if (str_equal(service_property(acting.node, "marks"), item->list))
        r = mark(&acting, item, in);
    else if (str_equal(service_property(acting.node, "edits"), item->list))
        r = edit(&acting.run, item, in);
    else
        r = err_refuse(ERR_CONFLICT, "task.no-items", "this task changes no such items");
    if (r == OK)
        r = attach(&acting.run, in, &item->files);
    if (r == OK)
        r = case_item_save(&acting.run, item);
    if (r == OK)
        r = log_item(&acting, item, "case.item-set");
    return r == OK ? case_end(&acting.run) : r;
}

/* Reading. --------------------------------------------------------------------------------------
 */

static enum err write_files(const struct case_reader *reader, struct json_writer *w,
                            const char *name, struct str ids)
{
    json_key(w, name);
    return file_write_list(w, reader->db, reader->arena, reader->park_id, ids);
}

static enum err write_item(const struct case_reader *reader, struct json_writer *w,
                           const struct item_shown_row *row)
{
    json_object_begin(w);
    json_member_id(w, "id", row->id);
    json_member_text(w, "list", row->list);
    json_member_int(w, "number", row->number);
    json_member_text(w, "state", row->state);
    json_member_text(w, "title", row->title);
    json_member_text(w, "title_en", row->title_en.len ? row->title_en : row->title);
    json_member_text(w, "basis", row->basis);
    json_member_ref(w, "department", row->department_id, row->department_name);
    json_member_ref(w, "owner", row->owner_id, row->owner_name);
    json_member_id(w, "source_id", row->source_id);
    json_member_time(w, "due_at", row->due_us);
    json_member_text(w, "text", row->text);
    enum err r = write_files(reader, w, "files", row->files);
    json_member_ref(w, "marked_by", row->marked_by, row->marked_name);
    json_member_time(w, "marked_at", row->marked_us);
    json_member_ref(w, "fixed_by", row->fixed_by, row->fixed_name);
    json_member_time(w, "fixed_at", row->fixed_us);
    json_member_text(w, "fix_text", row->fix_text);
    if (r == OK)
        r = write_files(reader, w, "fix_files", row->fix_files);
    json_member_ref(w, "checked_by", row->checked_by, row->checked_name);
    json_member_time(w, "checked_at", row->checked_us);
    json_member_text(w, "check_text", row->check_text);
    json_member_int(w, "rounds", row->rounds);
    json_object_end(w);
    return r;
}

enum err case_items_write(const struct case_reader *reader, struct json_writer *w, int64_t case_id)
{
    struct item_shown_in in = {.park_id = reader->park_id, .case_id = case_id};
    struct item_shown_rows rows;
    enum err r = sql_item_shown(reader->db, reader->arena, &in, &rows);
    if (r != OK)
        return r;
    json_key(w, "items");
    json_array_begin(w);
    for (size_t i = 0; r == OK && i < rows.count; i++)
        r = write_item(reader, w, &rows.rows[i]);
    json_array_end(w);
    return r;
}
