/* Rules about what stands where, beside those that the engine itself lives by (check.c). */
#include "bpmn/build.h"

struct place {
    struct build *b;
    const struct bpmn_node *node;
    const struct xml_node *xml;
};

#define FAULT(p, rule, remedy, ...) build_fault((p)->b, (p)->xml, rule, remedy, __VA_ARGS__)

static bool is_event(enum bpmn_kind kind)
{
    return kind >= BPMN_START && kind <= BPMN_BOUNDARY;
}

static bool throws(const struct bpmn_node *node)
{
    return node->kind == BPMN_THROW || node->kind == BPMN_END;
}

/* ---- Gateways ---- */

static void check_direction(const struct place *p)
{
    const struct bpmn_node *n = p->node;
    struct str direction = xml_get(p->xml, "gatewayDirection");
    bool joins = n->in_count > 1, splits = n->out_count > 1;
    bool wrong = (str_is(direction, "Converging") && splits) ||
                 (str_is(direction, "Diverging") && joins) ||
                 (str_is(direction, "Mixed") && !(joins && splits));
    if (wrong)
        FAULT(p, "gateway.direction", "Correct the direction, or leave it out.",
              "the gateway is %.*s, but %zu flows lead to it and %zu leave it", STR_ARG(direction),
              n->in_count, n->out_count);
}

static void check_event_gateway(const struct place *p)
{
    const struct bpmn_node *n = p->node;
    if (n->kind != BPMN_EVENT_GATEWAY)
        return;
    if (n->instantiate && n->in_count > 0)
        FAULT(p, "event-gateway.incoming", "Remove the flow, or set instantiate to false.",
              "a gateway that begins an instance has an incoming flow");
    for (size_t i = 0; i < n->out_count; i++) {
        const struct bpmn_node *target = &p->b->nodes[p->b->flows[n->out[i]].target];
        if (bpmn_event_of(target, BPMN_ON_LINK))
            FAULT(p, "event-gateway.target", "Let it lead to events that wait for something.",
                  "the link '%.*s' cannot follow an event-based gateway", STR_ARG(target->id));
    }
}

/* ---- Activities ---- */

static void check_activity(const struct place *p)
{
    const struct bpmn_node *n = p->node;
    if (xml_child(p->xml, BPMN_NS, "standardLoopCharacteristics") &&
        xml_child(p->xml, BPMN_NS, "multiInstanceLoopCharacteristics"))
        FAULT(p, "loop.both", "Leave one of them.",
              "the activity is both a standard loop and a multi-instance");
    for (size_t i = 0; n->kind == BPMN_ADHOC && i < n->child_count; i++)
        if (p->b->nodes[n->children[i]].kind == BPMN_END)
            FAULT(p, "ad-hoc.end", "Remove the end event.",
                  "an ad-hoc subprocess has an end event");
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
        if (xml_is(child, BPMN_NS, "messageEventDefinition"))
            check_message(p, child);
        if (throws(p->node) && escalation && xml_get(escalation, "escalationCode").len == 0)
            FAULT(p, "escalation.code", "Give the escalation an escalationCode.",
                  "it throws an escalation without a code");
    }
}

/* Where the model says what begins, many tools let a way end at an intermediate event; where
 * nothing says it, such an event would be neither. */
static void check_intermediate(const struct place *p)
{
    const struct bpmn_node *n = p->node, *scope = &p->b->nodes[n->parent];
    bool leaves =
        n->kind == BPMN_CATCH || (n->kind == BPMN_THROW && !bpmn_event_of(n, BPMN_ON_LINK));
    bool begins = scope->kind == BPMN_ADHOC;
    if (!leaves || n->out_count > 0)
        return;
    for (size_t i = 0; i < scope->child_count; i++) {
        const struct bpmn_node *child = &p->b->nodes[scope->children[i]];
        begins = begins || child->kind == BPMN_START || child->instantiate;
    }
    (begins ? build_warn : build_fault)(p->b, p->xml, "intermediate.outgoing",
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
    return (!targets || names(b, from, "target", to)) && (!sources || names(b, to, "source", from));
}

static void check_link(const struct place *p)
{
    const struct bpmn_node *n = p->node;
    const struct xml_node *link = link_of(p->b, n);
    bool catches = n->kind == BPMN_CATCH;
    if (!link || (!catches && n->kind != BPMN_THROW))
        return;
    const struct bpmn_node *scope = &p->b->nodes[n->parent];
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
            continue;
        }
        check_direction(&p);
        check_event_gateway(&p);
        check_activity(&p);
        check_compensation(&p);
        check_intermediate(&p);
        check_link(&p);
        if (is_event(p.node->kind))
            check_definitions(&p);
    }
    check_choreography(b, any);
    b->lenient = false;
}
