/* References become indices: flows, children, boundary events, defaults, handlers. */
#include "bpmn/build.h"

static uint32_t find_node(struct build *b, const struct xml_node *xml, const char *attribute)
{
    struct str ref = str_trim(xml_get(xml, attribute));
    struct build_id *found = build_id(b, ref);
    if (found && found->node != BPMN_NONE)
        return found->node;
    build_fault(b, xml, "reference.missing", "Name a flow node of this process.",
                "%s names '%.*s', which is no flow node", attribute, STR_ARG(ref));
    return BPMN_NONE;
}

static bool lenient_at(const struct build *b, uint32_t node)
{
    while (b->nodes[node].parent != BPMN_NONE)
        node = b->nodes[node].parent;
    return !b->nodes[node].executable;
}

/* Of the process that the XML element stands in. */
static bool lenient_xml(const struct xml_node *xml)
{
    while (xml && !xml_is(xml, BPMN_NS, "process"))
        xml = xml->parent;
    struct str flag = xml_get(xml, "isExecutable");
    return str_is(flag, "false") || str_is(flag, "0");
}

static void link_flow(struct build *b, uint32_t index)
{
    const struct xml_node *xml = b->flow_xml[index];
    struct bpmn_flow *flow = &b->flows[index];
    flow->source = find_node(b, xml, "sourceRef");
    flow->target = find_node(b, xml, "targetRef");
    const struct xml_node *condition = xml_child(xml, BPMN_NS, "conditionExpression");
    struct str text = xml_text(b->arena, condition);
    if (text.len > 0)
        flow->condition = build_value(b, xml, text, true);
    if (flow->source == BPMN_NONE || flow->target == BPMN_NONE)
        return;
    b->nodes[flow->source].out_count++;
    b->nodes[flow->target].in_count++;
}

static void list_flows(struct build *b)
{
    for (size_t i = 0; i < b->node_count; i++) {
        struct bpmn_node *node = &b->nodes[i];
        node->out = ARENA_ARRAY(b->arena, node->out_count, uint32_t);
        node->in = ARENA_ARRAY(b->arena, node->in_count, uint32_t);
        node->out_count = node->in_count = 0;
    }
    for (uint32_t i = 0; i < b->flow_count; i++) {
        if (b->flows[i].source == BPMN_NONE || b->flows[i].target == BPMN_NONE)
            continue;
        struct bpmn_node *source = &b->nodes[b->flows[i].source];
        struct bpmn_node *target = &b->nodes[b->flows[i].target];
        ((uint32_t *)source->out)[source->out_count++] = i;
        ((uint32_t *)target->in)[target->in_count++] = i;
    }
}

static void list_children(struct build *b)
{
    for (size_t i = 0; i < b->node_count; i++)
        if (b->nodes[i].parent != BPMN_NONE)
            b->nodes[b->nodes[i].parent].child_count++;
    for (size_t i = 0; i < b->node_count; i++) {
        b->nodes[i].children = ARENA_ARRAY(b->arena, b->nodes[i].child_count, uint32_t);
        b->nodes[i].child_count = 0;
    }
    for (uint32_t i = 0; i < b->node_count; i++) {
        struct bpmn_node *node = &b->nodes[i];
        if (node->parent == BPMN_NONE)
            continue;
        struct bpmn_node *scope = &b->nodes[node->parent];
        ((uint32_t *)scope->children)[scope->child_count++] = i;
        bool none_start = node->kind == BPMN_START && node->event_count == 0;
        if (none_start && scope->start == BPMN_NONE)
            scope->start = i;
    }
}

static void list_boundaries(struct build *b)
{
    for (uint32_t i = 0; i < b->node_count; i++) {
        if (b->nodes[i].kind != BPMN_BOUNDARY)
            continue;
        b->lenient = lenient_at(b, i);
        uint32_t host = find_node(b, b->node_xml[i], "attachedToRef");
        b->nodes[i].attached_to = host;
        if (host != BPMN_NONE)
            b->nodes[host].boundary_count++;
    }
    for (size_t i = 0; i < b->node_count; i++) {
        b->nodes[i].boundaries = ARENA_ARRAY(b->arena, b->nodes[i].boundary_count, uint32_t);
        b->nodes[i].boundary_count = 0;
    }
    for (uint32_t i = 0; i < b->node_count; i++) {
        uint32_t host = b->nodes[i].attached_to;
        if (host != BPMN_NONE)
            ((uint32_t *)b->nodes[host].boundaries)[b->nodes[host].boundary_count++] = i;
    }
}

static void link_default(struct build *b, uint32_t index)
{
    const struct xml_node *xml = b->node_xml[index];
    struct str ref = str_trim(xml_get(xml, "default"));
    struct build_id *found = build_id(b, ref);
    if (ref.len == 0)
        return;
    if (found && found->flow != BPMN_NONE && b->flows[found->flow].source == index)
        b->nodes[index].default_flow = found->flow;
    else
        build_fault(b, xml, "flow.default", "Name a sequence flow that leaves this element.",
                    "the default flow '%.*s' does not leave it", STR_ARG(ref));
}

static void link_called(struct build *b, uint32_t index)
{
    struct bpmn_node *node = &b->nodes[index];
    struct str ref = str_trim(xml_get(b->node_xml[index], "calledElement"));
    struct bpmn_task *task = build_task(b, index);
    if (!task->called.text.ptr && ref.len > 0)
        task->called = build_value(b, b->node_xml[index], ref, false);
    struct build_id *found = task->called.expr ? NULL : build_id(b, task->called.text);
    if (found && found->node != BPMN_NONE && b->nodes[found->node].kind == BPMN_PROCESS)
        task->process = found->node;
    node->task = task;
}

/* An association leads from a compensation boundary event to its handler. */
static void link_associations(struct build *b, const struct xml_node *at)
{
    XML_EACH(child, at)
    {
        if (xml_is(child, BPMN_NS, "association")) {
            struct build_id *source = build_id(b, str_trim(xml_get(child, "sourceRef")));
            struct build_id *target = build_id(b, str_trim(xml_get(child, "targetRef")));
            if (source && target && source->node != BPMN_NONE && target->node != BPMN_NONE &&
                b->nodes[source->node].kind == BPMN_BOUNDARY)
                b->nodes[source->node].compensation = target->node;
        } else if (str_is(child->ns, BPMN_NS)) {
            link_associations(b, child);
        }
    }
}

void build_links(struct build *b)
{
    for (uint32_t i = 0; i < b->flow_count; i++) {
        b->lenient = lenient_xml(b->flow_xml[i]);
        link_flow(b, i);
    }
    list_flows(b);
    list_children(b);
    list_boundaries(b);
    for (uint32_t i = 0; i < b->node_count; i++) {
        b->lenient = lenient_at(b, i);
        link_default(b, i);
        if (b->nodes[i].kind == BPMN_CALL)
            link_called(b, i);
    }
    link_associations(b, b->root);
    b->lenient = false;
}
