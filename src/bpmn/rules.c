/* Rules about the file around the processes: lists of flows, message flows, what stands where. */
#include "bpmn/build.h"

static const char *const ROOTS[] = {
    "process",
    "collaboration",
    "message",
    "signal",
    "error",
    "escalation",
    "itemDefinition",
    "import",
    "extension",
    "extensionElements",
    "documentation",
    "relationship",
    "category",
    "dataStore",
    "interface",
    "endPoint",
    "resource",
    "partnerEntity",
    "partnerRole",
    "correlationProperty",
    "globalTask",
    "globalUserTask",
    "globalManualTask",
    "globalScriptTask",
    "globalBusinessRuleTask",
    "choreography",
    "globalChoreographyTask",
    "conversation",
    "globalConversation",
};

static void check_roots(struct build *b)
{
    XML_EACH(child, b->root)
    {
        bool known = !str_is(child->ns, BPMN_NS) || str_ends(child->name, STR("EventDefinition"));
        for (size_t i = 0; i < COUNT_OF(ROOTS); i++)
            known = known || str_is(child->name, ROOTS[i]);
        if (!known)
            build_fault(b, child, "element.place", "Move it to where the standard has it.",
                        "%.*s cannot stand outside a process", STR_ARG(child->name));
    }
}

/* ---- <incoming> and <outgoing> repeat what the flows say: they may be left out, but not lie ----
 */

static void check_list(struct build *b, const struct bpmn_node *node, const char *name,
                       size_t flows, bool incoming)
{
    size_t listed = 0;
    const struct xml_node *xml = b->node_xml[node->index];
    XML_EACH(child, xml)
    {
        if (!xml_is(child, BPMN_NS, name))
            continue;
        struct str ref = xml_text(b->arena, child);
        struct build_id *found = build_id(b, ref);
        uint32_t flow = found ? found->flow : BPMN_NONE;
        listed++;
        if (flow == BPMN_NONE ||
            (incoming ? b->flows[flow].target : b->flows[flow].source) != node->index)
            build_fault(b, child, "flow.listed", "Correct the list, or leave it out.",
                        "it lists '%.*s' as %s, but no such flow %s it", STR_ARG(ref), name,
                        incoming ? "leads to" : "leaves");
    }
    if (listed > 0 && listed < flows)
        build_fault(b, xml, "flow.listed", "Correct the list, or leave it out.",
                    "it lists %zu of its %zu %s flows", listed, flows, name);
}

/* ---- Message flows lead from one pool to another ---- */

static uint32_t process_of(struct build *b, const struct build_id *found)
{
    uint32_t node = found->node;
    if (xml_is(found->xml, BPMN_NS, "participant")) {
        struct build_id *process = build_id(b, str_trim(xml_get(found->xml, "processRef")));
        node = process ? process->node : BPMN_NONE;
    }
    while (node != BPMN_NONE && b->nodes[node].parent != BPMN_NONE)
        node = b->nodes[node].parent;
    return node;
}

/* May a message flow leave (or reach) what it names? A pool, an activity, or an event that throws
 * (or waits for) a message. */
static bool carries_messages(struct build *b, const struct build_id *end, bool leaves)
{
    if (xml_is(end->xml, BPMN_NS, "participant"))
        return true;
    if (end->node == BPMN_NONE)
        return false;
    const struct bpmn_node *node = &b->nodes[end->node];
    if (bpmn_is_event(node->kind))
        return bpmn_throws(node->kind) == leaves && bpmn_event_of(node, BPMN_ON_MESSAGE);
    return bpmn_is_activity(node->kind);
}

static void check_message_flow(struct build *b, const struct xml_node *xml)
{
    struct build_id *source = build_id(b, str_trim(xml_get(xml, "sourceRef")));
    struct build_id *target = build_id(b, str_trim(xml_get(xml, "targetRef")));
    if (!source || !target) {
        build_fault(b, xml, "message-flow.end", "Name two elements of the file.",
                    "the message flow's %s is not there", source ? "target" : "source");
        return;
    }
    uint32_t from = process_of(b, source), to = process_of(b, target);
    if (source == target || (from != BPMN_NONE && from == to))
        build_fault(b, xml, "message-flow.pool", "Let it lead into another pool.",
                    "the message flow begins and ends in the same pool");
    if (!carries_messages(b, source, true))
        build_fault(b, xml, "message-flow.source",
                    "Let it leave a pool, an activity or an event that throws a message.",
                    "a message flow cannot leave '%.*s'", STR_ARG(source->id));
    if (!carries_messages(b, target, false))
        build_fault(b, xml, "message-flow.target",
                    "Let it lead to a pool, an activity or an event that waits for a message.",
                    "a message flow cannot lead to '%.*s'", STR_ARG(target->id));
}

static void check_multiplicity(struct build *b, const struct xml_node *xml)
{
    struct str low = xml_get(xml, "minimum"), high = xml_get(xml, "maximum");
    int64_t minimum = 0, maximum = 1;
    bool numbers = (!low.ptr || str_to_int(low, &minimum) == OK) &&
                   (!high.ptr || str_to_int(high, &maximum) == OK);
    if (xml && (!numbers || minimum < 0 || maximum < 1 || maximum < minimum))
        build_fault(b, xml, "participant.multiplicity",
                    "Write a minimum of 0 or more, and a maximum of 1 or more that is no smaller.",
                    "there are %" PRId64 " to %" PRId64 " of the participant", minimum, maximum);
}

static void check_collaboration(struct build *b, const struct xml_node *collaboration)
{
    XML_EACH(child, collaboration)
    {
        if (xml_is(child, BPMN_NS, "messageFlow"))
            check_message_flow(b, child);
        if (xml_is(child, BPMN_NS, "participant"))
            check_multiplicity(b, xml_child(child, BPMN_NS, "participantMultiplicity"));
    }
}

/* ---- Elements ---- */

static bool in_transaction(const struct build *b, uint32_t node)
{
    for (; node != BPMN_NONE; node = b->nodes[node].parent)
        if (b->nodes[node].kind == BPMN_TRANSACTION)
            return true;
    return false;
}

static void check_node(struct build *b, const struct bpmn_node *node)
{
    const struct xml_node *xml = b->node_xml[node->index];
    check_list(b, node, "incoming", node->in_count, true);
    check_list(b, node, "outgoing", node->out_count, false);
    if (node->kind == BPMN_END && bpmn_event_of(node, BPMN_ON_CANCEL) &&
        !in_transaction(b, node->parent))
        build_fault(b, xml, "cancel.transaction", "Put it into a transaction.",
                    "a cancel end event stands outside any transaction");
    if (bpmn_is_activity(node->kind) && node->out_count == 1 &&
        b->flows[node->out[0]].condition.text.ptr)
        build_fault(b, b->flow_xml[node->out[0]], "flow.condition-alone",
                    "Remove the condition, or draw a second flow.",
                    "the only flow out of '%.*s' has a condition", STR_ARG(node->id));
}

void build_rules(struct build *b)
{
    check_roots(b);
    XML_EACH(child, b->root)
    if (xml_is(child, BPMN_NS, "collaboration"))
        check_collaboration(b, child);
    for (size_t i = 0; i < b->node_count; i++) {
        if (b->nodes[i].kind == BPMN_PROCESS)
            b->lenient = !b->nodes[i].executable;
        check_node(b, &b->nodes[i]);
    }
    b->lenient = false;
}
