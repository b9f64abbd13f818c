#include "cmd/bpmn_adapt.h"

#include "bpmn/bpmn.h"

static const char *const CONDITIONS[] = {
    "conditionExpression", "condition",           "loopCondition",
    "completionCondition", "activationCondition", "loopCardinality",
};

/* test.contains("a") → contains(test, "a"); !x → not(x); ${x} → x */
static struct str translate(struct arena *arena, struct str text)
{
    static const struct str call = STR_INIT(".contains(");
    text = str_trim(text);
    if (str_starts(text, STR("${")) && str_ends(text, STR("}")))
        text = str_sub(text, 2, text.len - 3);
    if (str_starts(text, STR("!"))) {
        struct str inner = translate(arena, str_sub(text, 1, text.len));
        return str_format(arena, "not(%.*s)", STR_ARG(inner));
    }
    size_t at = str_find(text, call, 0);
    if (at == text.len)
        return text;
    return str_format(arena, "contains(%.*s, %.*s", STR_ARG(str_sub(text, 0, at)),
                      STR_ARG(str_sub(text, at + call.len, text.len)));
}

static struct xml_node *add_element(struct arena *arena, struct xml_node *parent, struct str qname)
{
    struct xml_node *node = ARENA_NEW(arena, struct xml_node);
    node->kind = XML_ELEMENT;
    node->parent = parent;
    node->qname = qname;
    node->next = parent->first; /* The standard wants extensions in front. */
    parent->first = node;
    if (!parent->last)
        parent->last = node;
    return node;
}

static void set_attrs(struct arena *arena, struct xml_node *node, struct str ns_name,
                      struct str type)
{
    struct xml_attr *attrs = ARENA_ARRAY(arena, 2, struct xml_attr);
    attrs[0] = (struct xml_attr){.qname = ns_name, .value = str_of(BPMN_ZEEBE_NS)};
    attrs[1] = (struct xml_attr){.qname = STR("type"), .value = type};
    node->attrs = attrs;
    node->attr_count = 2;
}

static void make_job(struct arena *arena, struct xml_node *task, struct str type)
{
    size_t colon = str_find(task->qname, STR(":"), 0);
    struct str prefix = colon < task->qname.len ? str_sub(task->qname, 0, colon + 1) : STR("");
    struct str qname = str_format(arena, "%.*sextensionElements", STR_ARG(prefix));
    struct xml_node *extensions = add_element(arena, task, qname);
    struct xml_node *job = add_element(arena, extensions, STR("suite:taskDefinition"));
    set_attrs(arena, job, STR("xmlns:suite"), type);
}

static void adapt_node(struct arena *arena, struct xml_node *node)
{
    if (xml_is(node, BPMN_NS, "scriptTask") || xml_is(node, BPMN_NS, "globalScriptTask"))
        make_job(arena, node, xml_text(arena, xml_child(node, BPMN_NS, "script")));
    else if (xml_is(node, BPMN_NS, "serviceTask") || xml_is(node, BPMN_NS, "businessRuleTask"))
        make_job(arena, node, STR("work"));
    for (size_t i = 0; i < COUNT_OF(CONDITIONS); i++)
        if (xml_is(node, BPMN_NS, CONDITIONS[i]))
            for (struct xml_node *child = node->first; child; child = child->next)
                if (child->kind == XML_TEXT)
                    child->text = translate(arena, child->text);
    for (struct xml_node *child = node->first; child; child = child->next)
        if (child->kind == XML_ELEMENT)
            adapt_node(arena, child);
}

enum err bpmn_adapt(struct arena *arena, struct str text, struct str *out)
{
    const struct xml_node *root;
    enum err e = xml_parse(arena, text, &root);
    if (e != OK)
        return e;
    adapt_node(arena, (struct xml_node *)root); /* Nobody else holds the tree. */
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, LIMIT_XML_SIZE);
    xml_write(&buf, root);
    e = buf_check(&buf);
    if (e == OK)
        *out = str_copy(arena, buf_str(&buf));
    return e;
}
