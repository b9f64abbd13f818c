/* Rules about data: what messages, operations, events and loops carry must agree, and expressions
 * and texts must be what they say. */
#include "bpmn/build.h"

static const struct xml_node *find(struct build *b, struct str ref, const char *name)
{
    struct build_id *found = ref.len > 0 ? build_id(b, str_trim(ref)) : NULL;
    return found && xml_is(found->xml, BPMN_NS, name) ? found->xml : NULL;
}

static struct str child_ref(struct build *b, const struct xml_node *at, const char *name)
{
    return xml_text(b->arena, xml_child(at, BPMN_NS, name));
}

/* ---- Items: the same definition, or two of the same structure ---- */

struct str build_structure(struct build *b, struct str item)
{
    return xml_get(find(b, item, "itemDefinition"), "structureRef");
}

static bool same_item(struct build *b, struct str one, struct str other)
{
    struct str a = build_structure(b, one);
    return str_equal(one, other) || (a.len > 0 && str_equal(a, build_structure(b, other)));
}

static struct str item_of_message(struct build *b, struct str ref)
{
    return xml_get(find(b, ref, "message"), "itemRef");
}

/* One of the task's data of this name has the item. What a service takes may have no type. */
static void check_carried(struct build *b, const struct xml_node *at, const char *name,
                          struct str item)
{
    bool service = str_is(at->name, "serviceTask");
    if (item.len == 0)
        return;
    XML_EACH(data, xml_child(at, BPMN_NS, "ioSpecification"))
    {
        struct str has = xml_get(data, "itemSubjectRef");
        if (xml_is(data, BPMN_NS, name) && (same_item(b, has, item) || (service && has.len == 0)))
            return;
    }
    build_fault(b, at, "data.item", "Give it data of the item that its message has.",
                "it has no %s of the item '%.*s' that it is to carry", name, STR_ARG(item));
}

static void check_task(struct build *b, const struct xml_node *task)
{
    const struct xml_node *io = xml_child(task, BPMN_NS, "ioSpecification");
    const struct xml_node *operation = find(b, xml_get(task, "operationRef"), "operation");
    bool service = str_is(task->name, "serviceTask"), sends = str_is(task->name, "sendTask");
    bool receives = str_is(task->name, "receiveTask");
    struct str message = item_of_message(b, xml_get(task, "messageRef"));
    if (service && operation) {
        check_carried(b, task, "dataInput",
                      item_of_message(b, child_ref(b, operation, "inMessageRef")));
        check_carried(b, task, "dataOutput",
                      item_of_message(b, child_ref(b, operation, "outMessageRef")));
    }
    if (io && (sends || receives))
        check_carried(b, task, sends ? "dataInput" : "dataOutput", message);
    if ((sends || service) && build_count(io, "inputSet") > 1)
        build_fault(b, io, "data.sets", "Leave one inputSet.", "a %.*s has more than one inputSet",
                    STR_ARG(task->name));
    if ((receives || service) && build_count(io, "outputSet") > 1)
        build_fault(b, io, "data.sets", "Leave one outputSet.",
                    "a %.*s has more than one outputSet", STR_ARG(task->name));
}

/* What an event definition carries; `*carries` is false where it carries nothing at all. */
static struct str item_of_event(struct build *b, const struct xml_node *at, bool *carries)
{
    static const char *const kinds[][3] = {
        {"messageEventDefinition", "messageRef", "message"},
        {"signalEventDefinition", "signalRef", "signal"},
        {"errorEventDefinition", "errorRef", "error"},
        {"escalationEventDefinition", "escalationRef", "escalation"},
    };
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (!xml_is(at, BPMN_NS, kinds[i][0]))
            continue;
        const struct xml_node *root = find(b, xml_get(at, kinds[i][1]), kinds[i][2]);
        *carries = true;
        return xml_get(root, i == 0 ? "itemRef" : "structureRef");
    }
    *carries = false;
    return (struct str){0};
}

static const struct xml_node *next_data(const struct xml_node *at)
{
    while (at && !xml_is(at, BPMN_NS, "dataInput") && !xml_is(at, BPMN_NS, "dataOutput"))
        at = xml_next(at);
    return at;
}

/* The first data belongs to the first definition, and so on. */
static void check_event(struct build *b, const struct xml_node *event)
{
    const struct xml_node *data = next_data(xml_first(event));
    XML_EACH(child, event)
    {
        bool carries;
        struct str item = item_of_event(b, child, &carries);
        if (!data)
            return;
        if (!carries)
            continue;
        struct str has = xml_get(data, "itemSubjectRef");
        if (item.len > 0 && !same_item(b, has, item))
            build_fault(b, data, "data.item", "Give both the same item.",
                        "the event carries the item '%.*s', its data is of '%.*s'", STR_ARG(item),
                        STR_ARG(has));
        data = next_data(xml_next(data));
    }
}

/* Of a loop over a collection, each turn has one of it. */
static void check_turn(struct build *b, const struct xml_node *loop, const char *collection,
                       const char *one)
{
    struct str ref = child_ref(b, loop, collection);
    struct build_id *found = ref.len > 0 ? build_id(b, ref) : NULL;
    const struct xml_node *data = xml_child(loop, BPMN_NS, one);
    struct str item = xml_get(data, "itemSubjectRef");
    if (!found || item.len == 0)
        return;
    if (str_is(xml_get(find(b, item, "itemDefinition"), "isCollection"), "true"))
        build_fault(b, data, "loop.item", "Name the item of one turn.",
                    "the item '%.*s' of one turn is a collection", STR_ARG(item));
    struct str all = build_structure(b, xml_get(found->xml, "itemSubjectRef"));
    struct str each = build_structure(b, item);
    if (all.len > 0 && each.len > 0 && !str_equal(all, each))
        build_fault(b, data, "loop.item", "Give both the same structure.",
                    "a turn has '%.*s', the collection holds '%.*s'", STR_ARG(each), STR_ARG(all));
}

static void check_loop(struct build *b, const struct xml_node *loop)
{
    int64_t number;
    struct str condition = child_ref(b, loop, "completionCondition");
    check_turn(b, loop, "loopDataInputRef", "inputDataItem");
    check_turn(b, loop, "loopDataOutputRef", "outputDataItem");
    if (condition.len > 0 && str_to_int(condition, &number) == OK)
        build_fault(b, loop, "loop.condition", "Write what is true or false.",
                    "the completion condition '%.*s' is a number", STR_ARG(condition));
}

/* ---- Texts ---- */

static void check_expression(struct build *b, const struct xml_node *at)
{
    if (xml_text(b->arena, at).len == 0)
        build_fault(b, at, "expression.empty", "Write a formal expression.", "its %.*s is empty",
                    STR_ARG(at->name));
}

static void check_documentation(struct build *b, const struct xml_node *at)
{
    struct str format = xml_get(at, "textFormat");
    if (format.len > 0 && str_find(format, STR("/"), 0) == format.len)
        build_fault(b, at, "documentation.format", "Write a media type such as text/plain.",
                    "the textFormat '%.*s' is no media type", STR_ARG(format));
}

static void check_role(struct build *b, const struct xml_node *at)
{
    if (xml_child(at, BPMN_NS, "resourceAssignmentExpression") &&
        (xml_child(at, BPMN_NS, "resourceRef") ||
         xml_child(at, BPMN_NS, "resourceParameterBinding")))
        build_fault(b, at, "resource.either", "Leave either the expression or the resource.",
                    "it names a resource and computes it too");
}

static bool is_callable(const struct xml_node *at)
{
    return str_is(at->name, "process") || str_starts(at->name, STR("global"));
}

static void check_element(struct build *b, const struct xml_node *at)
{
    static const char *const expressions[] = {"messagePath", "dataPath", "transformation"};
    static const char *const roles[] = {"resourceRole", "performer", "humanPerformer",
                                        "potentialOwner"};
    struct str name = at->name;
    build_io(b, at);
    if (str_is(name, "documentation"))
        check_documentation(b, at);
    else if (str_ends(name, STR("Task")))
        check_task(b, at);
    else if (str_ends(name, STR("Event")))
        check_event(b, at);
    else if (str_is(name, "multiInstanceLoopCharacteristics"))
        check_loop(b, at);
    else if (str_is(name, "condition") && str_is(at->parent->name, "complexBehaviorDefinition"))
        check_expression(b, at);
    for (size_t i = 0; i < COUNT_OF(expressions); i++)
        if (str_is(name, expressions[i]))
            check_expression(b, at);
    for (size_t i = 0; i < COUNT_OF(roles); i++)
        if (str_is(name, roles[i]))
            check_role(b, at);
    if (is_callable(at) && xml_child(at, BPMN_NS, "supportedInterfaceRef") &&
        !xml_child(at, BPMN_NS, "ioBinding"))
        build_fault(b, at, "interface.binding", "Give it an ioBinding for each operation.",
                    "it offers an interface and binds no operation to its data");
}

/* Recursion is bounded by the XML reader. */
static void check_tree(struct build *b, const struct xml_node *at)
{
    if (!str_is(at->ns, BPMN_NS))
        return;
    check_element(b, at);
    XML_EACH(child, at)
    check_tree(b, child);
}

void build_data(struct build *b)
{
    bool any = false;
    for (size_t i = 0; i < b->process_count; i++)
        any = any || b->nodes[b->processes[i]].executable;
    XML_EACH(child, b->root)
    {
        struct build_id *found = build_id(b, xml_get(child, "id"));
        b->lenient = !any;
        if (found && found->xml == child && found->node != BPMN_NONE)
            b->lenient = !b->nodes[found->node].executable;
        check_tree(b, child);
    }
    b->lenient = false;
}
