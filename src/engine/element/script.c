/* Script task: FEEL whose answer becomes a variable. */
#include "engine/step.h"

static void enter(struct step *s, int64_t key)
{
    const struct bpmn_node *node = step_node(s, key);
    if (step_is_job(node)) {
        STEP_JOB_TASK.enter(s, key);
        return;
    }
    struct feel_value value;
    if (!step_value(s, key, ENGINE_ENTERING, &node->task->script, &value))
        return;
    struct str result = node->task->result;
    if (result.len > 0)
        step_set_value(s, node->output_count ? key : step_home(s, key, result), result, &value);
    step_complete(s, key);
}

static void cancel(struct step *s, int64_t key)
{
    STEP_JOB_TASK.cancel(s, key);
}

const struct step_kind STEP_SCRIPT_TASK = {.enter = enter, .cancel = cancel};
