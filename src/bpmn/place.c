/* Rules about what stands where, beside those that the engine itself lives by (check.c). */
#include "bpmn/build.h"

struct place {
    struct build *b;
    const struct bpmn_node *node;
    const struct xml_node *xml;
};

#define XSI_NS "http://www.w3.org/2001/XMLSchema-instance"

#define FAULT(p, rule, remedy, ...) build_fault((p)->b, (p)->xml, rule, remedy, __VA_ARGS__)

/* ---- Gateways ---- */

static void check_direction(const struct place *p)
{
    const struct bpmn_node *n = p->node;
    struct str direction = xml_get(p->xml, "gatewayDirection");
    bool joins = n->in_count > 1, splits = n->out_count > 1;
    bool wrong = (str_is(direction, "Converging") && splits) ||
                 (str_is(direction, "Diverging") && joins) ||
                 (str_is(direction, "Mixed") && !(joins && splits));
    if (bpmn_is_gateway(n->kind) && !joins && !splits)
        FAULT(p, "gateway.idle", "Draw a second flow into it or out of it, or take it away.",
              "the gateway neither joins nor splits");
    if (wrong)
        FAULT(p, "gateway.direction", "Correct the direction, or leave it out.",
              "the gateway is %.*s, but %zu flows lead to it and %zu leave it", STR_ARG(direction),
              n->in_count, n->out_count);
}

/* ---- Activities ---- */

static void check_ad_hoc(const struct place *p)
{
    const struct bpmn_node *n = p->node;
    size_t activities = 0;
    for (size_t i = 0; i < n->child_count; i++) {
        const struct bpmn_node *child = &p->b->nodes[n->children[i]];
        activities += bpmn_is_activity(child->kind);
        if (child->kind == BPMN_END)
            FAULT(p, "ad-hoc.end", "Remove the end event.",
                  "an ad-hoc subprocess has an end event");
    }
    if (activities == 0 && n->child_count > 0)
        FAULT(p, "ad-hoc.activity", "Draw at least one activity in it.",
              "an ad-hoc subprocess has no activity");
}

static void check_loop(const struct place *p)
{
    const struct xml_node *multi = xml_child(p->xml, BPMN_NS, "multiInstanceLoopCharacteristics");
    struct str behavior = xml_get(multi, "behavior");
    if (multi && xml_child(p->xml, BPMN_NS, "standardLoopCharacteristics"))
        FAULT(p, "loop.both", "Leave one of them.",
              "the activity is both a standard loop and a multi-instance");
    if (xml_child(multi, BPMN_NS, "loopCardinality") &&
        xml_child(multi, BPMN_NS, "loopDataInputRef"))
        FAULT(p, "loop.two-counts", "Leave either the number or the collection.",
              "the multi-instance activity says twice how often it runs");
    if ((str_is(behavior, "None") && !xml_get(multi, "noneBehaviorEventRef").ptr) ||
        (str_is(behavior, "One") && !xml_get(multi, "oneBehaviorEventRef").ptr) ||
        (str_is(behavior, "Complex") && !xml_child(multi, BPMN_NS, "complexBehaviorDefinition")))
        FAULT(p, "loop.behavior", "Name the event that its turns throw, or leave the behavior out.",
              "the multi-instance activity behaves as '%.*s' and names no event for it",
              STR_ARG(behavior));
}

static void check_activity(const struct place *p)
{
    const struct bpmn_node *n = p->node;
    if (!bpmn_is_activity(n->kind))
        return;
    if (n->kind == BPMN_ADHOC)
        check_ad_hoc(p);
    if (n->for_compensation && n->in_count + n->out_count > 0)
        FAULT(p, "compensation.flow", "Remove the flows: an association leads to it.",
              "an activity that is there for compensation has sequence flows");
    check_loop(p);
    if (n->kind != BPMN_CALL || n->task->process == BPMN_NONE)
        return;
    const struct bpmn_node *called = &p->b->nodes[n->task->process];
    bool triggered = false;
    for (size_t i = 0; i < called->child_count; i++)
        triggered = triggered || p->b->nodes[called->children[i]].kind == BPMN_START;
    if (triggered && called->start == BPMN_NONE)
        FAULT(p, "call.start", "Give the called process a start event without a trigger.",
              "each start event of '%.*s' waits for something, so it cannot be called",
              STR_ARG(called->id));
}

/* ---- Events ---- */

static void check_compensation(const struct place *p)
{
    const struct bpmn_node *n = p->node;
    if (n->kind != BPMN_BOUNDARY || !bpmn_event_of(n, BPMN_ON_COMPENSATION))
        return;
    if (str_is(xml_get(p->xml, "cancelActivity"), "false"))
        FAULT(p, "compensation.interrupting", "Leave cancelActivity out.",
              "a compensation event says that it does not interrupt");
    if (n->compensation != BPMN_NONE && !p->b->nodes[n->compensation].for_compensation)
        FAULT(p, "compensation.activity", "Set isForCompensation to true on the handler.",
              "its handler '%.*s' is not there for compensation",
              STR_ARG(p->b->nodes[n->compensation].id));
}

static bool is_formal(const struct xml_node *expression)
{
    return str_ends(xml_get_ns(expression, XSI_NS, "type"), STR("tFormalExpression"));
}

static const struct xml_node *root_of(const struct place *p, const struct xml_node *at,
                                      const char *attribute)
{
    struct str ref = str_trim(xml_get(at, attribute));
    struct build_id *found = ref.len > 0 ? build_id(p->b, ref) : NULL;
    return found ? found->xml : NULL;
}

/* A message that has a structure is a call of an operation; one that has none goes by its name. */
static void check_message(const struct place *p, const struct xml_node *at)
{
    const struct xml_node *message = root_of(p, at, "messageRef");
    if (!xml_get(message, "itemRef").ptr || xml_child(at, BPMN_NS, "operationRef") ||
        build_zeebe(message, "subscription") || build_zeebe(p->xml, "taskDefinition"))
        return;
    FAULT(p, "message.operation",
          "Name the operation, or take the itemRef off the message: then its name counts.",
          "the message has an item, but the event names no operation");
}

static void check_definitions(const struct place *p)
{
    XML_EACH(child, p->xml)
    {
        const struct xml_node *escalation = root_of(p, child, "escalationRef");
        const struct xml_node *error = root_of(p, child, "errorRef");
        if (xml_is(child, BPMN_NS, "messageEventDefinition"))
            check_message(p, child);
        if (bpmn_throws(p->node->kind) && escalation &&
            xml_get(escalation, "escalationCode").len == 0)
            FAULT(p, "escalation.code", "Give the escalation an escalationCode.",
                  "it throws an escalation without a code");
        if (bpmn_throws(p->node->kind) && error && xml_get(error, "errorCode").len == 0)
            FAULT(p, "error.code", "Give the error an errorCode.",
                  "it throws an error without a code");
        const struct xml_node *condition = xml_child(child, BPMN_NS, "condition");
        if (xml_is(child, BPMN_NS, "conditionalEventDefinition") && condition &&
            !is_formal(condition))
            FAULT(p, "condition.formal", "Set xsi:type to tFormalExpression.",
                  "its condition is a text for people, no formal expression");
    }
}

/* ---- What begins must go on, and what goes on must end ---- */

static bool has_child(const struct place *p, const struct bpmn_node *scope, enum bpmn_kind kind)
{
    for (size_t i = 0; i < scope->child_count; i++)
        if (p->b->nodes[scope->children[i]].kind == kind)
            return true;
    return false;
}

static void check_scope_ends(const struct place *p)
{
    const struct bpmn_node *n = p->node;
    if (!bpmn_is_scope(n->kind) || n->kind == BPMN_ADHOC)
        return;
    bool starts = has_child(p, n, BPMN_START), ends = has_child(p, n, BPMN_END), begins = starts;
    for (size_t i = 0; i < n->child_count; i++)
        begins = begins || p->b->nodes[n->children[i]].instantiate;
    if (starts && !ends)
        FAULT(p, "scope.end", "Draw an end event.", "the %s has a start event and no end event",
              bpmn_kind_word(n->kind));
    if (ends && !begins)
        FAULT(p, "scope.start", "Draw a start event.", "the %s has an end event and no start event",
              bpmn_kind_word(n->kind));
}

static void check_onward(const struct place *p)
{
    const struct bpmn_node *n = p->node;
    bool link = bpmn_event_of(n, BPMN_ON_LINK) != NULL;
    if (link && n->kind == BPMN_THROW && n->out_count > 0)
        FAULT(p, "link.flow", "Remove the flow: the link goes on where it leads.",
              "a sequence flow leaves a link that leads elsewhere");
    if (link && n->kind == BPMN_CATCH && n->in_count > 0)
        FAULT(p, "link.flow", "Remove the flow: the link arrives from where it begins.",
              "a sequence flow leads into a link that arrives from elsewhere");
    if (n->kind == BPMN_BOUNDARY && n->out_count == 0 && !bpmn_event_of(n, BPMN_ON_COMPENSATION))
        FAULT(p, "boundary.outgoing", "Draw a flow to what is then to be done.",
              "nothing follows the boundary event");
    bool goes_on = (bpmn_is_activity(n->kind) && !n->event_subprocess && !n->for_compensation) ||
                   bpmn_is_gateway(n->kind);
    if (goes_on && n->out_count == 0 && has_child(p, &p->b->nodes[n->parent], BPMN_END))
        FAULT(p, "flow.dead-end", "Draw a flow to an end event.",
              "nothing follows the %s, though there is an end event", bpmn_kind_word(n->kind));
}

static void check_interrupting(const struct place *p)
{
    const struct bpmn_node *n = p->node;
    bool starts = n->kind == BPMN_START && p->b->nodes[n->parent].event_subprocess;
    if (n->interrupting)
        return;
    if (starts && (bpmn_event_of(n, BPMN_ON_ERROR) || bpmn_event_of(n, BPMN_ON_COMPENSATION)))
        FAULT(p, "start.interrupting", "Set isInterrupting to true.",
              "an error or a compensation always interrupts");
    if (n->kind == BPMN_BOUNDARY && bpmn_event_of(n, BPMN_ON_CANCEL))
        FAULT(p, "boundary.cancel", "Set cancelActivity to true.",
              "a cancel event always interrupts its transaction");
}

/* Where the model says what begins and nothing says what ends, a way may end at an intermediate
 * event. */
static void check_intermediate(const struct place *p)
{
    const struct bpmn_node *n = p->node, *scope = &p->b->nodes[n->parent];
    bool leaves =
        n->kind == BPMN_CATCH || (n->kind == BPMN_THROW && !bpmn_event_of(n, BPMN_ON_LINK));
    bool begins = scope->kind == BPMN_ADHOC, ends = false;
    if (!leaves || n->out_count > 0)
        return;
    for (size_t i = 0; i < scope->child_count; i++) {
        const struct bpmn_node *child = &p->b->nodes[scope->children[i]];
        begins = begins || child->kind == BPMN_START || child->instantiate;
        ends = ends || child->kind == BPMN_END;
    }
    (begins && !ends ? build_warn : build_fault)(p->b, p->xml, "intermediate.outgoing",
                                                 "Draw a flow, or make it an end event.",
                                                 "nothing follows the intermediate event");
}

/* ---- Links: by their names, or by the ids that they name ---- */

static const struct xml_node *link_of(const struct build *b, const struct bpmn_node *node)
{
    return xml_child(b->node_xml[node->index], BPMN_NS, "linkEventDefinition");
}

static bool names(struct build *b, const struct xml_node *link, const char *end,
                  const struct xml_node *other)
{
    XML_EACH(child, link)
    {
        struct build_id *found =
            xml_is(child, BPMN_NS, end) ? build_id(b, xml_text(b->arena, child)) : NULL;
        if (found && found->xml == other)
            return true;
    }
    return false;
}

static bool linked(struct build *b, const struct xml_node *from, const struct xml_node *to)
{
    bool targets = xml_child(from, BPMN_NS, "target") != NULL;
    bool sources = xml_child(to, BPMN_NS, "source") != NULL;
    if (!targets && !sources)
        return str_equal(xml_get(from, "name"), xml_get(to, "name"));
    return names(b, from, "target", to) && names(b, to, "source", from);
}

static void check_link(const struct place *p)
{
    const struct bpmn_node *n = p->node;
    const struct xml_node *link = link_of(p->b, n);
    bool catches = n->kind == BPMN_CATCH;
    if (!link || (!catches && n->kind != BPMN_THROW))
        return;
    const struct bpmn_node *scope = &p->b->nodes[n->parent];
    size_t targets = build_count(link, "target");
    if (!catches && targets > 1)
        FAULT(p, "link.pair", "Leave one target.", "the link leads to %zu targets", targets);
    for (size_t i = 0; i < scope->child_count; i++) {
        const struct bpmn_node *other = &p->b->nodes[scope->children[i]];
        const struct xml_node *end = link_of(p->b, other);
        if (!end || other->kind != (catches ? BPMN_THROW : BPMN_CATCH))
            continue;
        if (catches ? linked(p->b, end, link) : linked(p->b, link, end))
            return;
    }
    FAULT(p, "link.pair", "Give both ends the same name within one scope.",
          catches ? "no link leads here" : "the link leads nowhere");
}

/* ---- Choreographies ---- */

static void check_choreography(struct build *b, bool any)
{
    b->lenient = !any;
    XML_EACH(child, b->root)
    if (xml_is(child, BPMN_NS, "collaboration") && xml_child(child, BPMN_NS, "choreographyRef") &&
        !xml_child(child, BPMN_NS, "participantAssociation"))
        build_fault(b, child, "choreography.participants",
                    "Give it a participantAssociation for each participant.",
                    "it refers to a choreography without saying who is who in it");
}

void build_places(struct build *b)
{
    bool any = false;
    for (size_t i = 0; i < b->node_count; i++) {
        struct place p = {.b = b, .node = &b->nodes[i], .xml = b->node_xml[i]};
        if (p.node->kind == BPMN_PROCESS) {
            b->lenient = !p.node->executable;
            any = any || !b->lenient;
            check_scope_ends(&p);
            continue;
        }
        check_scope_ends(&p);
        check_onward(&p);
        check_interrupting(&p);
        check_direction(&p);
        check_activity(&p);
        check_compensation(&p);
        check_intermediate(&p);
        check_link(&p);
        if (bpmn_is_event(p.node->kind))
            check_definitions(&p);
    }
    check_choreography(b, any);
    b->lenient = false;
}
