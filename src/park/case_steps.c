/* The steps of a case that departments take side by side: who had each, since when, what came. */
#include "park/case_steps.h"

#include "park/case_run.h"
#include "park/file.h"

/* Names that stand in the service's messages. */
static void write_names(struct json_writer *w, const struct service *service, struct arena *arena,
                        const char *prefix, struct str key)
{
    json_member_text(w, "key", key);
    json_member_text(w, "name", service_text(service, false, prefix, key, arena));
    json_member_text(w, "name_en", service_text(service, true, prefix, key, arena));
}

static bool is_marked(const struct service *service, struct str list)
{
    for (size_t i = 0; i < service->model->node_count; i++)
        if (str_equal(service_property(&service->model->nodes[i], "marks"), list))
            return true;
    return false;
}

void service_write_parts(struct json_writer *w, const struct service *service, struct arena *arena)
{
    const struct str *stages;
    size_t count = service_stages(service, arena, &stages);
    json_key(w, "stages");
    json_array_begin(w);
    for (size_t i = 0; i < count; i++) {
        json_object_begin(w);
        write_names(w, service, arena, "stage.", stages[i]);
        json_object_end(w);
    }
    json_array_end(w);
    json_key(w, "lists");
    json_array_begin(w);
    for (size_t i = 0; i < service->lists.count; i++) {
        struct str list = ((const struct str *)service->lists.items)[i];
        json_object_begin(w);
        write_names(w, service, arena, "list.", list);
        json_member_bool(w, "marked", is_marked(service, list));
        json_object_end(w);
    }
    json_array_end(w);
    json_key(w, "task_forms");
    json_object_begin(w);
    for (size_t i = 0; i < service->form_count; i++) {
        json_key_str(w, service->forms[i].name);
        json_value(w, service->forms[i].json);
    }
    json_object_end(w);
}

static enum err write_step(const struct case_reader *reader, struct json_writer *w,
                           const struct service *service, const struct task_steps_row *row)
{
    const struct bpmn_node *node = bpmn_find(service->model, row->element);
    json_object_begin(w);
    json_member_id(w, "id", row->id);
    json_member_text(w, "element", row->element);
    json_member_text(w, "name", row->name);
    json_member_text(w, "name_en", row->name_en);
    json_member_text(w, "stage", node ? service_property(node, "stage") : (struct str){0});
    json_member_bool(w, "signs", node && str_is(service_property(node, "signs"), "true"));
    json_member_c(w, "role", role_key((enum role_set)row->role));
    if (json_member_ref_begin(w, "department", row->department_id, row->department_name)) {
        json_member_text(w, "code", row->department_code);
        json_object_end(w);
    }
    json_member_id(w, "item_id", row->item_id);
    json_member_ref(w, "assignee", row->assignee_id, row->assignee_name);
    json_member_time(w, "created_at", row->created_us);
    json_member_time(w, "due_at", row->due_us == TASK_NO_DUE ? 0 : row->due_us);
    json_member_time(w, "done_at", row->done_us);
    json_member_ref(w, "done_by", row->done_by, row->done_name);
    json_member_int(w, "level", row->level);
    json_key(w, "outcome");
    if (row->outcome.ptr) {
        struct str key =
            str_format(reader->arena, "%.*s.%.*s", STR_ARG(row->element), STR_ARG(row->outcome));
        json_object_begin(w);
        json_member_text(w, "key", row->outcome);
        json_member_text(w, "name", service_text(service, false, "outcome.", key, reader->arena));
        json_member_text(w, "name_en", service_text(service, true, "outcome.", key, reader->arena));
        json_object_end(w);
    } else {
        json_null(w);
    }
    json_member_text(w, "text", row->text);
    json_key(w, "files");
    enum err r = file_write_list(w, reader->db, reader->arena, reader->park_id, row->files);
    json_key(w, "answers");
    if (row->answers.len > 0)
        json_raw(w, row->answers);
    else
        json_null(w);
    json_object_end(w);
    return r;
}

enum err case_steps_write(const struct case_reader *reader, struct json_writer *w,
                          const struct service *service, int64_t case_id)
{
    const struct str *stages;
    struct task_steps_rows rows = {0};
    struct task_steps_in in = {.park_id = reader->park_id, .case_id = case_id};
    enum err r = OK;
    if (service_stages(service, reader->arena, &stages) > 0)
        r = sql_task_steps(reader->db, reader->arena, &in, &rows);
    if (r != OK)
        return r;
    json_key(w, "steps");
    json_array_begin(w);
    for (size_t i = 0; r == OK && i < rows.count; i++)
        r = write_step(reader, w, service, &rows.rows[i]);
    json_array_end(w);
    return r;
}

void task_write_rules(struct json_writer *w, const struct bpmn_node *node)
{
    static const char *const LISTS[] = {"marks", "adds", "edits"};
    for (size_t i = 0; i < COUNT_OF(LISTS); i++)
        json_member_text(w, LISTS[i], node ? service_property(node, LISTS[i]) : (struct str){0});
    struct str form = node && node->task ? node->task->form_id.text : (struct str){0};
    json_member_text(w, "form", form.len > 0 ? form : (struct str){0});
}

void task_write_outcome_rules(struct json_writer *w, const struct bpmn_node *node,
                              struct str outcome)
{
    static const struct {
        const char *name, *property;
    } RULES[] = {
        {"words", "words"}, {"evidence", "evidence"}, {"once", "once"}, {"needs", "needs"}};
    for (size_t i = 0; i < COUNT_OF(RULES); i++) {
        json_key(w, RULES[i].name);
        json_bool(w, task_property_has(node, RULES[i].property, outcome));
    }
}
