/* Service task, and every other task that names a job type: waits for a worker. */
#include "engine/step.h"

static void enter(struct step *s, int64_t key)
{
    const struct bpmn_node *node = step_node(s, key);
    struct str type;
    int64_t retries;
    if (!step_text(s, key, ENGINE_ENTERING, &node->task->job_type, &type) ||
        !step_int(s, key, ENGINE_ENTERING, &node->task->retries, BPMN_RETRIES, &retries))
        return;
    if (type.len == 0) {
        step_incident(s, key, ENGINE_ENTERING, "job.type", "the job's type '%.*s' is empty",
                      STR_ARG(node->task->job_type.text));
        return;
    }
    step_emit(s, (struct engine_event){.kind = ENGINE_JOB_CREATED,
                                       .key = key,
                                       .scope = step_element(s, key)->scope,
                                       .node = node->index,
                                       .flow = BPMN_NONE,
                                       .name = type,
                                       .number = retries,
                                       .value = step_headers(s, node)});
}

static void cancel(struct step *s, int64_t key)
{
    if (engine_job(s->at, key))
        step_emit(s, (struct engine_event){.kind = ENGINE_JOB_CANCELED,
                                           .key = key,
                                           .node = step_element(s, key)->node,
                                           .flow = BPMN_NONE});
}

const struct step_kind STEP_JOB_TASK = {.enter = enter, .cancel = cancel};

bool step_is_job(const struct bpmn_node *node)
{
    return node->task && node->task->job_type.text.len > 0;
}
