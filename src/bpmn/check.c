/* Rules of the standard that a model must keep, and what this engine needs to run it. */
#include "bpmn/build.h"

struct check {
    struct build *b;
    const struct bpmn_node *node;
    const struct xml_node *xml;
};

#define FAULT(c, rule, remedy, ...) build_fault((c)->b, (c)->xml, rule, remedy, __VA_ARGS__)

static const struct bpmn_node *parent_of(const struct check *c)
{
    return &c->b->nodes[c->node->parent];
}

/* ---- Which trigger may stand where ---- */

#define AT(trigger) (1u << (trigger))

enum {
    CATCHABLE =
        AT(BPMN_ON_TIMER) | AT(BPMN_ON_MESSAGE) | AT(BPMN_ON_SIGNAL) | AT(BPMN_ON_CONDITION),
};

static unsigned allowed(const struct check *c)
{
    const struct bpmn_node *n = c->node;
    switch (n->kind) {
    case BPMN_START:
        return parent_of(c)->event_subprocess
                   ? CATCHABLE | AT(BPMN_ON_ERROR) | AT(BPMN_ON_ESCALATION) |
                         AT(BPMN_ON_COMPENSATION)
               : parent_of(c)->kind == BPMN_PROCESS ? CATCHABLE
                                                    : 0;
    case BPMN_END:
        return AT(BPMN_ON_MESSAGE) | AT(BPMN_ON_SIGNAL) | AT(BPMN_ON_ERROR) |
               AT(BPMN_ON_ESCALATION) | AT(BPMN_ON_COMPENSATION) | AT(BPMN_ON_CANCEL) |
               AT(BPMN_ON_TERMINATE);
    case BPMN_CATCH:
        return CATCHABLE | AT(BPMN_ON_LINK);
    case BPMN_THROW:
        return AT(BPMN_ON_MESSAGE) | AT(BPMN_ON_SIGNAL) | AT(BPMN_ON_ESCALATION) |
               AT(BPMN_ON_COMPENSATION) | AT(BPMN_ON_LINK);
    case BPMN_BOUNDARY:
        return CATCHABLE | AT(BPMN_ON_ERROR) | AT(BPMN_ON_ESCALATION) | AT(BPMN_ON_COMPENSATION) |
               AT(BPMN_ON_CANCEL);
    default:
        return ~0u;
    }
}

static void check_triggers(const struct check *c)
{
    const struct bpmn_node *n = c->node;
    if (!bpmn_is_event(n->kind))
        return;
    unsigned may = allowed(c);
    for (size_t i = 0; i < n->event_count; i++)
        if (!(may & AT(n->events[i].trigger)))
            FAULT(c, "event.trigger", "Use a trigger that may stand in this place.",
                  "a %s %s cannot stand here", bpmn_trigger_word(n->events[i].trigger),
                  bpmn_kind_word(n->kind));
    if ((n->kind == BPMN_CATCH || n->kind == BPMN_BOUNDARY) && n->event_count == 0)
        FAULT(c, "event.trigger-missing", "Give it an event definition.",
              "the %s does not say what it waits for", bpmn_kind_word(n->kind));
}

static void check_event_content(const struct check *c)
{
    const struct bpmn_node *n = c->node;
    for (size_t i = 0; i < n->event_count; i++) {
        const struct bpmn_event *e = &n->events[i];
        bool throws = bpmn_throws(n->kind);
        if (e->trigger == BPMN_ON_MESSAGE && !e->name.text.ptr &&
            (bpmn_is_event(n->kind) || n->kind == BPMN_RECEIVE_TASK) && !(n->task && throws))
            FAULT(c, "message.missing", "Give it a messageRef.", "it names no message");
        if (e->trigger == BPMN_ON_SIGNAL && !e->name.text.ptr)
            FAULT(c, "signal.missing", "Give it a signalRef.", "it names no signal");
        if (e->trigger == BPMN_ON_ERROR && throws && !e->name.text.ptr)
            FAULT(c, "error.missing", "Give it an errorRef with an errorCode.",
                  "it throws an error without a code");
        if (e->trigger == BPMN_ON_ESCALATION && throws && !e->name.text.ptr)
            FAULT(c, "escalation.missing", "Give it an escalationRef with an escalationCode.",
                  "it throws an escalation without a code");
        if (e->trigger == BPMN_ON_CONDITION && e->value.text.len == 0)
            FAULT(c, "condition.missing", "Give it a condition.", "it has no condition");
        bool correlates = n->kind == BPMN_CATCH || n->kind == BPMN_BOUNDARY ||
                          (n->kind == BPMN_RECEIVE_TASK && !n->instantiate) ||
                          (n->kind == BPMN_START && parent_of(c)->event_subprocess);
        if (e->trigger == BPMN_ON_MESSAGE && correlates && e->name.text.ptr &&
            e->correlation.text.len == 0)
            build_warn(c->b, c->xml, "message.correlation",
                       "Give the message a zeebe:subscription with a correlationKey.",
                       "the message has no correlation key: any message of the name arrives");
    }
}

/* ---- Flows ---- */

static bool needs_incoming(const struct bpmn_node *n)
{
    return n->kind != BPMN_PROCESS && n->kind != BPMN_START && n->kind != BPMN_BOUNDARY &&
           !n->event_subprocess && !n->for_compensation && !bpmn_event_of(n, BPMN_ON_LINK);
}

/* Where a start event says what begins, nothing else begins by itself. */
static void check_reached(const struct check *c)
{
    const struct bpmn_node *n = c->node;
    if (n->in_count > 0 || !needs_incoming(n) || parent_of(c)->kind == BPMN_ADHOC)
        return;
    const struct bpmn_node *scope = parent_of(c);
    for (size_t i = 0; i < scope->child_count; i++)
        if (c->b->nodes[scope->children[i]].kind == BPMN_START) {
            FAULT(c, "flow.unreached", "Draw a flow to it.",
                  "no flow leads to the %s, though there is a start event",
                  bpmn_kind_word(n->kind));
            return;
        }
}

static void check_places(const struct check *c)
{
    const struct bpmn_node *n = c->node;
    if (n->kind == BPMN_START && n->in_count > 0)
        FAULT(c, "start.incoming", "Remove the flow.", "a sequence flow leads into a start event");
    if (n->kind == BPMN_BOUNDARY && n->in_count > 0)
        FAULT(c, "boundary.incoming", "Remove the flow.",
              "a sequence flow leads into a boundary event");
    if (n->kind == BPMN_END && n->out_count > 0)
        FAULT(c, "end.outgoing", "Remove the flow.", "a sequence flow leaves an end event");
    if (n->event_subprocess && n->in_count + n->out_count > 0)
        FAULT(c, "event-subprocess.flow", "Remove the flow.",
              "an event subprocess has sequence flows");
    if (n->kind == BPMN_START && n->out_count == 0)
        FAULT(c, "start.outgoing", "Draw a flow to the first step.",
              "nothing follows the start event");
}

static void check_flow(struct build *b, uint32_t index)
{
    const struct bpmn_flow *flow = &b->flows[index];
    if (flow->source == BPMN_NONE || flow->target == BPMN_NONE)
        return;
    const struct bpmn_node *source = &b->nodes[flow->source], *target = &b->nodes[flow->target];
    const struct xml_node *xml = b->flow_xml[index];
    if (source->parent != target->parent)
        build_fault(b, xml, "flow.scope", "Let it stay within one process or subprocess.",
                    "the flow from '%.*s' to '%.*s' crosses a border", STR_ARG(source->id),
                    STR_ARG(target->id));
    if (flow->condition.text.ptr &&
        (bpmn_is_event(source->kind) || source->kind == BPMN_EVENT_GATEWAY))
        build_fault(b, xml, "flow.condition", "Remove the condition.",
                    "a flow out of a %s cannot have a condition", bpmn_kind_word(source->kind));
    if (flow->condition.text.ptr && source->kind == BPMN_PARALLEL)
        build_warn(b, xml, "flow.condition-idle", "Remove the condition.",
                   "a parallel gateway takes all its flows whatever their conditions say");
    if (flow->condition.text.ptr && source->default_flow == index)
        build_fault(b, xml, "flow.default-condition", "Remove the condition.",
                    "the default flow has a condition");
}

static void check_choice(const struct check *c)
{
    const struct bpmn_node *n = c->node;
    if ((n->kind != BPMN_EXCLUSIVE && n->kind != BPMN_INCLUSIVE) || n->out_count < 2)
        return;
    for (size_t i = 0; i < n->out_count; i++) {
        const struct bpmn_flow *flow = &c->b->flows[n->out[i]];
        if (!flow->condition.text.ptr && n->out[i] != n->default_flow)
            build_fault(c->b, c->b->flow_xml[n->out[i]], "flow.condition-missing",
                        "Give it a condition, or make it the default flow.",
                        "the flow has no condition, though others leave the %s",
                        bpmn_kind_word(n->kind));
    }
}

/* What the flows of an event-based gateway lead to. */
static void check_event_targets(const struct check *c)
{
    const struct bpmn_node *n = c->node;
    bool receives = false, catches = false;
    for (size_t i = 0; i < n->out_count; i++) {
        const struct bpmn_node *target = &c->b->nodes[c->b->flows[n->out[i]].target];
        if (target->kind != BPMN_CATCH && target->kind != BPMN_RECEIVE_TASK)
            FAULT(c, "event-gateway.target", "Let it lead to catch events and receive tasks only.",
                  "'%.*s' cannot follow an event-based gateway", STR_ARG(target->id));
        if (bpmn_event_of(target, BPMN_ON_LINK))
            FAULT(c, "event-gateway.target", "Let it lead to events that wait for something.",
                  "the link '%.*s' cannot follow an event-based gateway", STR_ARG(target->id));
        if (target->kind == BPMN_RECEIVE_TASK && target->boundary_count > 0)
            FAULT(c, "event-gateway.boundary", "Take the boundary events off the receive task.",
                  "'%.*s' has events of its own beside those of the gateway", STR_ARG(target->id));
        if (target->in_count > 1)
            FAULT(c, "event-gateway.target-shared", "Remove the other flow.",
                  "'%.*s' has another incoming flow", STR_ARG(target->id));
        receives = receives || target->kind == BPMN_RECEIVE_TASK;
        catches = catches ||
                  (target->kind == BPMN_CATCH && bpmn_event_of(target, BPMN_ON_MESSAGE) != NULL);
    }
    if (receives && catches)
        FAULT(c, "event-gateway.mixed", "Use either receive tasks or message events.",
              "receive tasks and message events follow the same gateway");
}

static void check_event_gateway(const struct check *c)
{
    const struct bpmn_node *n = c->node;
    if (n->kind != BPMN_EVENT_GATEWAY)
        return;
    if (n->parallel_multiple && !n->instantiate)
        FAULT(c, "event-gateway.parallel", "Set instantiate to true, or the type to Exclusive.",
              "only a gateway that begins an instance can wait for all its events");
    if (n->instantiate && n->in_count > 0)
        FAULT(c, "event-gateway.incoming", "Remove the flow, or set instantiate to false.",
              "a gateway that begins an instance has an incoming flow");
    if (n->out_count < 2)
        FAULT(c, "event-gateway.flows", "Draw flows to at least two events.",
              "only %zu flows leave the event-based gateway", n->out_count);
    check_event_targets(c);
}

/* ---- Scopes and boundary events ---- */

static void check_boundary(const struct check *c)
{
    const struct bpmn_node *n = c->node;
    if (n->kind != BPMN_BOUNDARY || n->attached_to == BPMN_NONE)
        return;
    const struct bpmn_node *host = &c->b->nodes[n->attached_to];
    if (!bpmn_is_activity(host->kind) || host->event_subprocess || host->parent != n->parent)
        FAULT(c, "boundary.host", "Attach it to an activity of the same scope.",
              "a boundary event cannot stand on '%.*s'", STR_ARG(host->id));
    if (!n->interrupting && bpmn_event_of(n, BPMN_ON_ERROR))
        FAULT(c, "boundary.error", "Set cancelActivity to true.",
              "an error always interrupts its activity");
    if (bpmn_event_of(n, BPMN_ON_CANCEL) && host->kind != BPMN_TRANSACTION)
        FAULT(c, "boundary.cancel", "Attach it to a transaction.",
              "a cancel event cannot stand on a %s", bpmn_kind_word(host->kind));
    if (bpmn_event_of(n, BPMN_ON_COMPENSATION) && n->compensation == BPMN_NONE)
        FAULT(c, "compensation.handler", "Draw an association to a compensation activity.",
              "the compensation event has no handler");
    if (bpmn_event_of(n, BPMN_ON_COMPENSATION) && n->out_count > 0)
        FAULT(c, "compensation.flow", "Use an association instead of the flow.",
              "a sequence flow leaves a compensation event");
}

static void check_scope(const struct check *c)
{
    const struct bpmn_node *n = c->node;
    if (!bpmn_is_scope(n->kind))
        return;
    size_t starts = 0, none = 0;
    for (size_t i = 0; i < n->child_count; i++) {
        const struct bpmn_node *child = &c->b->nodes[n->children[i]];
        starts += child->kind == BPMN_START;
        none += child->kind == BPMN_START && child->event_count == 0;
    }
    if (n->event_subprocess && (starts != 1 || none > 0))
        FAULT(c, "event-subprocess.start", "Give it one start event with a trigger.",
              "an event subprocess has %zu start events, %zu without a trigger", starts, none);
    if (n->kind == BPMN_ADHOC && starts > 0)
        FAULT(c, "ad-hoc.start", "Remove the start event.",
              "an ad-hoc subprocess has a start event");
    if (none > 1)
        FAULT(c, "scope.starts", "Leave one start event without a trigger.",
              "%zu start events without a trigger: which one begins?", none);
    if (n->child_count == 0 && (n->kind != BPMN_PROCESS || n->executable))
        FAULT(c, "scope.empty", "Draw at least one step.", "there is nothing in the %s",
              bpmn_kind_word(n->kind));
}

/* ---- What the engine needs ---- */

static void check_task(const struct check *c)
{
    const struct bpmn_node *n = c->node;
    bool job = n->task && n->task->job_type.text.len > 0;
    if (n->kind == BPMN_SERVICE_TASK && !job)
        FAULT(c, "task.job-type", "Give it a zeebe:taskDefinition with a type.",
              "the service task does not say which job it is");
    if (n->kind == BPMN_SCRIPT_TASK && !job && n->task->script.text.len == 0)
        FAULT(c, "task.script", "Give it a zeebe:script with an expression.",
              "the script task has no script");
    if (n->kind == BPMN_RULE_TASK && !job && (!n->task || n->task->called.text.len == 0))
        FAULT(c, "task.decision", "Give it a zeebe:calledDecision with a decisionId.",
              "the business rule task calls no decision");
    if (n->kind == BPMN_CALL && n->task->called.text.len == 0)
        FAULT(c, "call.process-missing", "Give it a zeebe:calledElement with a processId.",
              "the call activity does not say what it calls");
    else if (n->kind == BPMN_CALL && n->task->process == BPMN_NONE && !n->task->outside)
        FAULT(c, "call.process", "Put the called process into this file.",
              "the called process '%.*s' is not in this file", STR_ARG(n->task->called.text));
    if (n->kind == BPMN_COMPLEX && n->out_count > 1 && n->in_count > 1)
        FAULT(c, "complex.mixed", "Use one gateway to join and one to split.",
              "a complex gateway both joins and splits");
}

void build_check(struct build *b)
{
    bool any = false;
    for (uint32_t i = 0; i < b->node_count; i++) {
        struct check c = {.b = b, .node = &b->nodes[i], .xml = b->node_xml[i]};
        if (c.node->kind == BPMN_PROCESS)
            b->lenient = !c.node->executable;
        any = any || (c.node->kind == BPMN_PROCESS && c.node->executable && !c.node->global_task);
        check_triggers(&c);
        check_event_content(&c);
        check_places(&c);
        check_reached(&c);
        check_choice(&c);
        check_event_gateway(&c);
        check_boundary(&c);
        check_scope(&c);
        check_task(&c);
        for (size_t k = 0; k < c.node->out_count; k++)
            check_flow(b, c.node->out[k]);
    }
    b->lenient = false;
    if (!any)
        build_fault(b, b->root, "process.executable",
                    "Set isExecutable=\"true\" on the process that is to run.",
                    "the file holds no executable process");
}
