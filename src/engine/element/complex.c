/* Complex gateway: joins when its activation condition on `activationCount` holds; what comes later
 * is swallowed until every incoming flow has had its token. */
#include "engine/step.h"

static bool arrive(struct step *s, const struct bpmn_node *node, int64_t scope, uint32_t flow)
{
    if (node->in_count < 2)
        return true;
    int64_t before = 0, count = 0;
    for (size_t i = 0; i < node->in_count; i++)
        before += step_waiting(s, scope, node->in[i]);
    step_token_waits(s, scope, flow);
    count = before + 1;
    struct feel_value value = feel_int(count);
    struct feel_entry entries[] = {{STR("activationCount"), value}};
    struct feel_scope extra = {.entries = entries, .count = COUNT_OF(entries)};
    bool first = count == (int64_t)node->in_count;
    if (node->activation && node->activation->text.ptr) {
        bool held = false;
        if (before > 0) {
            entries[0].value = feel_int(before);
            held = step_eval(s, scope, node->activation, &extra, &value) == OK &&
                   value.type == FEEL_BOOLEAN && value.boolean;
        }
        entries[0].value = feel_int(count);
        first = !held && step_eval(s, scope, node->activation, &extra, &value) == OK &&
                value.type == FEEL_BOOLEAN && value.boolean;
    }
    if (count >= (int64_t)node->in_count)
        step_emit(s, (struct engine_event){.kind = ENGINE_TOKENS_JOINED,
                                           .scope = scope,
                                           .node = node->index,
                                           .flow = BPMN_NONE,
                                           .number = 1});
    if (!first)
        step_check_scope(s, scope); /* What was swallowed may have been its last token. */
    return first;
}

const struct step_kind STEP_COMPLEX = {.arrive = arrive};
