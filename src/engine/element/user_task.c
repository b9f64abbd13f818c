/* User task: waits for a person. Who may take it, and until when, is said once, when it begins. */
#include "engine/step.h"

static bool push_text(struct step *s, const struct feel_value *value, struct str **list,
                      size_t *count, size_t *room)
{
    struct str text = value->type == FEEL_STRING   ? str_trim(value->text)
                      : value->type == FEEL_NUMBER ? feel_text(s->arena, value)
                                                   : (struct str){0};
    if (text.len > 0)
        *(*list = arena_grow(s->arena, *list, *count, room, sizeof(**list)), &(*list)[(*count)++]) =
            text;
    return text.ptr != NULL;
}

/* A FEEL list of texts, or one text with commas. */
static bool texts(struct step *s, int64_t key, const struct bpmn_value *value,
                  const struct str **out, size_t *out_count)
{
    struct feel_value found;
    struct str *list = NULL;
    size_t count = 0, room = 0;
    bool good = true;
    if (!step_value(s, key, ENGINE_ENTERING, value, &found))
        return false;
    if (found.type == FEEL_STRING) {
        for (size_t at = 0; at <= found.text.len;) {
            size_t comma = str_find(found.text, STR(","), at);
            struct feel_value part = feel_string(str_sub(found.text, at, comma - at));
            push_text(s, &part, &list, &count, &room);
            at = comma + 1;
        }
    } else if (found.type == FEEL_LIST) {
        for (size_t i = 0; i < found.list.count; i++)
            good = good && push_text(s, &found.list.items[i], &list, &count, &room);
    } else {
        good = found.type == FEEL_NULL;
    }
    *out = list;
    *out_count = count;
    return good || step_incident(s, key, ENGINE_ENTERING, "task.candidates",
                                 "'%.*s' gives no list of texts", STR_ARG(value->text));
}

struct str step_headers(struct step *s, const struct bpmn_node *node)
{
    if (node->header_count == 0)
        return STR("{}");
    buf_clear(&s->scratch);
    struct json_writer w = json_writer(&s->scratch);
    json_object_begin(&w);
    for (size_t i = 0; i < node->header_count; i++) {
        json_key_str(&w, node->headers[i].name);
        json_text(&w, node->headers[i].value);
    }
    json_object_end(&w);
    return str_copy(s->arena, buf_str(&s->scratch));
}

static void enter(struct step *s, int64_t key)
{
    static const struct bpmn_task none;
    const struct bpmn_node *node = step_node(s, key);
    const struct bpmn_task *model = node->task ? node->task : &none;
    struct engine_task *task = ARENA_NEW(s->arena, struct engine_task);
    task->name = node->name;
    if (!step_text(s, key, ENGINE_ENTERING, &model->assignee, &task->assignee) ||
        !texts(s, key, &model->candidate_groups, &task->groups, &task->group_count) ||
        !texts(s, key, &model->candidate_users, &task->users, &task->user_count) ||
        !step_time(s, key, ENGINE_ENTERING, &model->due, &task->due_us) ||
        !step_time(s, key, ENGINE_ENTERING, &model->follow_up, &task->follow_up_us) ||
        !step_text(s, key, ENGINE_ENTERING, &model->form_id, &task->form) ||
        !step_int(s, key, ENGINE_ENTERING, &model->priority, BPMN_PRIORITY, &task->priority))
        return;
    task->headers = step_headers(s, node);
    step_emit(s, (struct engine_event){.kind = ENGINE_TASK_CREATED,
                                       .key = key,
                                       .scope = step_element(s, key)->scope,
                                       .node = node->index,
                                       .flow = BPMN_NONE,
                                       .task = task});
}

static void cancel(struct step *s, int64_t key)
{
    const struct engine_incident *incident = engine_incident_of(s->at, key);
    if (incident && incident->phase == ENGINE_ENTERING) /* It never came to be a task. */
        return;
    step_emit(s, (struct engine_event){.kind = ENGINE_TASK_CANCELED,
                                       .key = key,
                                       .node = step_element(s, key)->node,
                                       .flow = BPMN_NONE});
}

const struct step_kind STEP_USER_TASK = {.enter = enter, .cancel = cancel};
