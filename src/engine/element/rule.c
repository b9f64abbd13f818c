/* Business rule task: a decision answered by the caller's `decide`, or a job. */
#include "engine/step.h"

static struct feel_value visible(struct step *s, int64_t key)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, LIMIT_HTTP_REPLY);
    struct json_writer w = json_writer(&text);
    engine_variables_write(&w, s->at, key);
    const struct json_value *json;
    if (buf_check(&text) != OK ||
        json_parse(s->arena, str_copy(s->arena, buf_str(&text)), &json) != OK)
        return feel_context(NULL, 0);
    return feel_from_json(s->arena, json);
}

static bool decide(struct step *s, int64_t key, const struct bpmn_node *node)
{
    struct str decision;
    struct feel_value context = visible(s, key), value;
    if (!step_text(s, key, ENGINE_ENTERING, &node->task->called, &decision))
        return false;
    if (!s->run->decide)
        return step_incident(s, key, ENGINE_ENTERING, "decision", "no decision '%.*s' is deployed",
                             STR_ARG(decision));
    if (s->run->decide(s->run->data, node->task, decision, &context, step_feel(s), &value) != OK)
        return step_incident(s, key, ENGINE_ENTERING, "decision", "the decision '%.*s' failed: %s",
                             STR_ARG(decision), err_last()->detail);
    struct str result = node->task->result;
    if (result.len > 0)
        step_set_value(s, node->output_count ? key : step_home(s, key, result), result, &value);
    return true;
}

static void enter(struct step *s, int64_t key)
{
    const struct bpmn_node *node = step_node(s, key);
    if (step_is_job(node))
        STEP_JOB_TASK.enter(s, key);
    else if (decide(s, key, node))
        step_complete(s, key);
}

static void cancel(struct step *s, int64_t key)
{
    STEP_JOB_TASK.cancel(s, key);
}

const struct step_kind STEP_RULE_TASK = {.enter = enter, .cancel = cancel};
