/* Items inside one command: what tasks ask of them, what follows for them, and the jobs on lists.
 */
#include "base/id.h"
#include "park/case_run.h"
#include "park/item.h"

static enum err load_items(struct case_run *run, int64_t first, int64_t last,
                           struct item_of_case_rows *out)
{
    struct item_of_case_in in = {
        .park_id = run->park_id, .case_id = run->id, .first = first, .last = last};
    return sql_item_of_case(run->tx->db, run->arena, &in, out);
}

enum err case_item_load(struct case_run *run, int64_t id, struct item_of_case_row **out)
{
    struct item_of_case_rows rows;
    *out = run->item && run->item->id == id ? run->item : NULL;
    enum err r = *out ? OK : load_items(run, id, id, &rows);
    if (r != OK || *out || rows.count == 0)
        return r;
    *out = run->item = ARENA_NEW(run->arena, struct item_of_case_row);
    **out = rows.rows[0];
    return OK;
}

enum err case_item_save(struct case_run *run, const struct item_of_case_row *item)
{
    struct item_update_in in = {.park_id = run->park_id,
                                .case_id = run->id,
                                .id = item->id,
                                .state = item->state,
                                .title = item->title,
                                .basis = item->basis,
                                .owner_id = item->owner_id,
                                .source_id = item->source_id,
                                .due_us = item->due_us,
                                .text = item->text,
                                .files = item->files,
                                .marked_by = item->marked_by,
                                .marked_us = item->marked_us,
                                .fixed_by = item->fixed_by,
                                .fixed_us = item->fixed_us,
                                .fix_text = item->fix_text,
                                .fix_files = item->fix_files,
                                .checked_by = item->checked_by,
                                .checked_us = item->checked_us,
                                .check_text = item->check_text,
                                .rounds = item->rounds};
    return sql_item_update(run->tx, &in, NULL);
}

enum err case_item_insert(struct case_run *run, const struct item_of_case_row *item)
{
    if (!service_list_has(&run->service->lists, item->list))
        return err_set(ERR_INVALID, "the service has no list \"%.*s\"", STR_ARG(item->list));
    struct item_insert_in in = {.park_id = run->park_id,
                                .case_id = run->id,
                                .id = id_next(run->now_us),
                                .list = item->list,
                                .state = item->state.ptr ? item->state : STR("open"),
                                .title = item->title,
                                .title_en = item->title_en.ptr ? item->title_en : STR(""),
                                .basis = item->basis.ptr ? item->basis : STR(""),
                                .department_id = item->department_id,
                                .owner_id = item->owner_id,
                                .source_id = item->source_id,
                                .due_us = item->due_us,
                                .text = item->text.ptr ? item->text : STR(""),
                                .files = item->files.ptr ? item->files : STR("[]"),
                                .marked_by = item->marked_by,
                                .marked_us = item->marked_us,
                                .most = CASE_ITEMS_MAX};
    int64_t inserted;
    enum err r = sql_item_insert(run->tx, &in, &inserted);
    if (r == OK && inserted == 0)
        return err_refuse(ERR_CONFLICT, "items.many", "more than %d items", CASE_ITEMS_MAX);
    return r;
}

/* How many of the list are open, of one department or (0) of all. */
static enum err count_open(struct case_run *run, struct str list, int64_t department_id,
                           int64_t *out)
{
    struct item_open_count_in in = {
        .park_id = run->park_id, .case_id = run->id, .list = list, .department_id = department_id};
    struct item_open_count_row row = {0};
    enum err r = list.len > 0 ? sql_item_open_count(run->tx->db, &in, &row) : OK;
    *out = row.count;
    return r;
}

/* Whoever put it right does not look at it again: the last word before this one was not theirs. */
static enum err check_other_eyes(struct case_run *run, const struct bpmn_node *node,
                                 const struct task_open_row *task)
{
    struct item_of_case_row *item = NULL;
    enum err r = task->item_id && service_property(node, "closes").len > 0
                     ? case_item_load(run, task->item_id, &item)
                     : OK;
    if (item && item->fixed_by == run->who->person_id)
        return err_refuse(ERR_CONFLICT, "item.same-person",
                          "whoever put it right cannot be the one who checks it");
    return r;
}

enum err case_items_check(struct case_run *run, const struct bpmn_node *node,
                          const struct task_open_row *task)
{
    struct str marks = service_property(node, "marks"), adds = service_property(node, "adds");
    int64_t unmarked = 0, raised = 0;
    enum err r = check_other_eyes(run, node, task);
    if (r == OK)
        r = count_open(run, marks, task->department_id, &unmarked);
    if (r == OK)
        r = count_open(run, adds, task->department_id, &raised);
    if (r != OK)
        return r;
    if (unmarked > 0)
        return err_refuse(ERR_CONFLICT, "items.unmarked", "items of the list are not marked yet");
    if (raised == 0 && task_property_has(node, "needs", run->outcome))
        return err_refuse(ERR_CONFLICT, "items.needed", "say what is to be put right: raise items");
    if (raised > 0 && task_property_has(node, "clears", run->outcome))
        return err_refuse(ERR_CONFLICT, "items.left", "items raised by the department are open");
    return OK;
}

enum err case_items_follow(struct case_run *run, const struct bpmn_node *node,
                           const struct task_open_row *task)
{
    struct item_of_case_row *item = NULL;
    enum err r = task->item_id ? case_item_load(run, task->item_id, &item) : OK;
    if (!item)
        return r;
    if (task_property_has(node, "fixes", run->outcome)) {
        item->state = STR("fixed");
        item->fixed_by = run->who->person_id;
        item->fixed_us = run->now_us;
        item->fix_text = run->note.ptr ? run->note : STR("");
        item->fix_files = run->evidence;
        item->rounds++;
    } else if (service_property(node, "closes").len > 0) {
        bool closed = task_property_has(node, "closes", run->outcome);
        item->state = closed ? STR("closed") : STR("open");
        item->checked_by = run->who->person_id;
        item->checked_us = run->now_us;
        item->check_text = run->note.ptr ? run->note : STR("");
    } else {
        return OK;
    }
    return case_item_save(run, item);
}

/* Jobs. -----------------------------------------------------------------------------------------
 */

enum err case_items_add(struct case_run *run, const struct bpmn_node *node,
                        struct json_writer *vars)
{
    (void)vars;
    struct str name = service_property(node, "variable");
    struct str text = engine_variable(run->instance, run->element, name);
    const struct json_value *all;
    enum err r = text.ptr ? json_parse(run->arena, text, &all)
                          : err_set(ERR_INVALID, "there is no variable %.*s", STR_ARG(name));
    if (r == OK && all->type != JSON_ARRAY)
        r = err_set(ERR_INVALID, "%.*s is no list", STR_ARG(name));
    for (size_t i = 0; r == OK && i < all->array.count; i++) {
        const struct json_value *one = &all->array.items[i];
        struct item_of_case_row item = {.list = service_property(node, "list"),
                                        .title = json_get_text(one, "title"),
                                        .title_en = json_get_text(one, "title_en"),
                                        .basis = json_get_text(one, "basis")};
        if (!item.title.ptr)
            return err_set(ERR_INVALID, "item %zu of %.*s has no title", i + 1, STR_ARG(name));
        r = case_department_join(run, json_get_text(one, "department"), &item.department_id);
        if (r == OK)
            r = case_item_insert(run, &item);
    }
    return r;
}

static bool has_follower(const struct item_of_case_rows *items, struct str list, int64_t source_id)
{
    for (size_t i = 0; i < items->count; i++)
        if (str_equal(items->rows[i].list, list) && items->rows[i].source_id == source_id)
            return true;
    return false;
}

static enum err write_count(struct case_run *run, const struct bpmn_node *node, struct str list,
                            struct json_writer *vars)
{
    struct str variable = service_property(node, "count");
    int64_t count;
    if (variable.len == 0)
        return OK;
    enum err r = count_open(run, list, 0, &count);
    if (r != OK)
        return r;
    json_key_str(vars, variable);
    json_int(vars, count);
    return OK;
}

enum err case_items_collect(struct case_run *run, const struct bpmn_node *node,
                            struct json_writer *vars)
{
    struct str from = service_property(node, "from"), list = service_property(node, "list");
    struct item_of_case_rows items = {0};
    enum err r = load_items(run, 0, INT64_MAX, &items);
    for (size_t i = 0; r == OK && i < items.count; i++) {
        struct item_of_case_row item = items.rows[i];
        if (!str_equal(item.list, from) || !str_is(item.state, "unmet") ||
            has_follower(&items, list, item.id))
            continue;
        item.list = list;
        item.source_id = item.id;
        item.state = (struct str){0};
        r = case_item_insert(run, &item);
    }
    return r == OK ? write_count(run, node, list, vars) : r;
}

enum err case_items_open(struct case_run *run, const struct bpmn_node *node,
                         struct json_writer *vars)
{
    struct str list = service_property(node, "list"), clock = service_property(node, "clock");
    struct item_of_case_rows items = {0};
    enum err r = load_items(run, 0, INT64_MAX, &items);
    json_key_str(vars, service_property(node, "variable"));
    json_array_begin(vars);
    for (size_t i = 0; r == OK && i < items.count; i++) {
        const struct item_of_case_row *item = &items.rows[i];
        if (!str_equal(item->list, list) || !str_is(item->state, "open"))
            continue;
        json_object_begin(vars);
        json_member_id(vars, "id", item->id);
        json_member_int(vars, "number", item->number);
        json_member_text(vars, "department", case_department_code(run, item->department_id));
        json_member_text(vars, "owner", case_department_code(run, item->owner_id));
        json_object_end(vars);
        struct str key = str_format(run->arena, "%" PRId64, item->id);
        if (clock.len > 0)
            r = case_clock_start(run, clock, key, item->due_us, true);
    }
    json_array_end(vars);
    return r;
}
