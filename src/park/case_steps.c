/* The steps of a case that departments take side by side: who had each, since when, what came. */
#include "park/case_steps.h"

#include "park/case_run.h"
#include "park/file.h"

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

static void write_ref(struct json_writer *w, const char *name, int64_t id, struct str called,
                      struct str code)
{
    json_key(w, name);
    if (!id) {
        json_null(w);
        return;
    }
    json_object_begin(w);
    json_key(w, "id");
    json_id(w, id);
    text(w, "name", called);
    if (code.ptr)
        text(w, "code", code);
    json_object_end(w);
}

/* Names that stand in the service's messages. */
static void write_names(struct json_writer *w, const struct service *service, struct arena *arena,
                        const char *prefix, struct str key)
{
    text(w, "key", key);
    text(w, "name", service_text(service, false, prefix, key, arena));
    text(w, "name_en", service_text(service, true, prefix, key, arena));
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
        json_key(w, "marked");
        json_bool(w, is_marked(service, list));
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
    json_key(w, "id");
    json_id(w, row->id);
    text(w, "element", row->element);
    text(w, "name", row->name);
    text(w, "name_en", row->name_en);
    text(w, "stage", node ? service_property(node, "stage") : (struct str){0});
    json_key(w, "signs");
    json_bool(w, node && str_is(service_property(node, "signs"), "true"));
    json_key(w, "role");
    json_c(w, role_key((enum role_set)row->role));
    write_ref(w, "department", row->department_id, row->department_name, row->department_code);
    json_key(w, "item_id");
    json_id(w, row->item_id);
    write_ref(w, "assignee", row->assignee_id, row->assignee_name, (struct str){0});
    when(w, "created_at", row->created_us);
    when(w, "due_at", row->due_us == TASK_NO_DUE ? 0 : row->due_us);
    when(w, "done_at", row->done_us);
    write_ref(w, "done_by", row->done_by, row->done_name, (struct str){0});
    json_key(w, "level");
    json_int(w, row->level);
    json_key(w, "outcome");
    if (row->outcome.ptr) {
        struct str key =
            str_format(reader->arena, "%.*s.%.*s", STR_ARG(row->element), STR_ARG(row->outcome));
        json_object_begin(w);
        text(w, "key", row->outcome);
        text(w, "name", service_text(service, false, "outcome.", key, reader->arena));
        text(w, "name_en", service_text(service, true, "outcome.", key, reader->arena));
        json_object_end(w);
    } else {
        json_null(w);
    }
    text(w, "text", row->text);
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
        text(w, LISTS[i], node ? service_property(node, LISTS[i]) : (struct str){0});
    struct str form = node && node->task ? node->task->form_id.text : (struct str){0};
    text(w, "form", form.len > 0 ? form : (struct str){0});
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
