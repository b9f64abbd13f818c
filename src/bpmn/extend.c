#include "bpmn/build.h"

const struct xml_node *build_zeebe(const struct xml_node *at, const char *name)
{
    return xml_child(xml_child(at, BPMN_NS, "extensionElements"), BPMN_ZEEBE_NS, name);
}

struct bpmn_task *build_task(struct build *b, uint32_t node)
{
    if (!b->nodes[node].task) {
        struct bpmn_task *task = ARENA_NEW(b->arena, struct bpmn_task);
        task->process = BPMN_NONE;
        task->propagate_parent = task->propagate_child = true;
        b->nodes[node].task = task;
    }
    return (struct bpmn_task *)b->nodes[node].task;
}

static void read_definition(struct build *b, uint32_t node, const struct xml_node *at)
{
    struct bpmn_task *task = build_task(b, node);
    task->job_type = build_value(b, at, xml_get(at, "type"), false);
    task->retries = build_value(b, at, xml_get(at, "retries"), false);
}

static void read_pairs(struct build *b, const struct xml_node *at, const char *name,
                       const char *item, const struct bpmn_pair **out, size_t *out_count)
{
    struct bpmn_pair *pairs = NULL;
    size_t count = 0, room = 0;
    XML_EACH(child, at)
    if (xml_is(child, BPMN_ZEEBE_NS, item)) {
        struct bpmn_pair *pair = ARENA_PUSH(b->arena, pairs, count, room);
        *pair = (struct bpmn_pair){xml_get(child, name), xml_get(child, "value")};
        if (!pair->value.ptr)
            pair->value = STR("");
    }
    *out = pairs;
    *out_count = count;
}

static void read_headers(struct build *b, uint32_t node, const struct xml_node *at)
{
    read_pairs(b, at, "key", "header", &b->nodes[node].headers, &b->nodes[node].header_count);
}

static void read_properties(struct build *b, uint32_t node, const struct xml_node *at)
{
    read_pairs(b, at, "name", "property", &b->nodes[node].properties,
               &b->nodes[node].property_count);
}

/* Without a source the target is null. */
static size_t read_mapping(struct build *b, const struct xml_node *at, const char *item,
                           const struct bpmn_mapping **out)
{
    struct bpmn_mapping *mappings = NULL;
    size_t count = 0, room = 0;
    XML_EACH(child, at)
    {
        if (!xml_is(child, BPMN_ZEEBE_NS, item))
            continue;
        struct str source = str_trim(xml_get(child, "source"));
        struct bpmn_mapping mapping = {
            .source = build_value(b, child, source.len > 0 ? source : STR("=null"), false),
            .target = str_trim(xml_get(child, "target"))};
        if (mapping.target.len == 0)
            build_fault(b, child, "mapping.incomplete", "Give it a target.",
                        "a mapping lacks its target");
        *ARENA_PUSH(b->arena, mappings, count, room) = mapping;
    }
    *out = mappings;
    return count;
}

static void read_io(struct build *b, uint32_t node, const struct xml_node *at)
{
    struct bpmn_node *n = &b->nodes[node];
    n->input_count = read_mapping(b, at, "input", &n->inputs);
    n->output_count = read_mapping(b, at, "output", &n->outputs);
}

static void read_assignment(struct build *b, uint32_t node, const struct xml_node *at)
{
    struct bpmn_task *task = build_task(b, node);
    task->assignee = build_value(b, at, xml_get(at, "assignee"), false);
    task->candidate_groups = build_value(b, at, xml_get(at, "candidateGroups"), false);
    task->candidate_users = build_value(b, at, xml_get(at, "candidateUsers"), false);
}

static void read_schedule(struct build *b, uint32_t node, const struct xml_node *at)
{
    struct bpmn_task *task = build_task(b, node);
    task->due = build_value(b, at, xml_get(at, "dueDate"), false);
    task->follow_up = build_value(b, at, xml_get(at, "followUpDate"), false);
}

static void read_priority(struct build *b, uint32_t node, const struct xml_node *at)
{
    build_task(b, node)->priority = build_value(b, at, xml_get(at, "priority"), false);
}

static void read_script(struct build *b, uint32_t node, const struct xml_node *at)
{
    struct bpmn_task *task = build_task(b, node);
    task->script = build_value(b, at, xml_get(at, "expression"), true);
    task->result = str_trim(xml_get(at, "resultVariable"));
}

static void read_binding(struct build *b, struct bpmn_task *task, const struct xml_node *at)
{
    static const char *const names[] = {"latest", "deployment", "versionTag"};
    struct str type = xml_get(at, "bindingType");
    task->version_tag = xml_get(at, "versionTag");
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (!type.ptr || str_is(type, names[i])) {
            task->binding = (enum bpmn_binding)i;
            if (task->binding == BPMN_VERSION_TAG && task->version_tag.len == 0)
                build_fault(b, at, "binding.tag", "Give it a versionTag.",
                            "it is bound to a version tag without naming one");
            return;
        }
    build_fault(b, at, "binding.type", "Write latest, deployment or versionTag.",
                "bindingType is '%.*s'", STR_ARG(type));
}

static void read_form(struct build *b, uint32_t node, const struct xml_node *at)
{
    static const char *const names[] = {"formId", "formKey", "externalReference"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (xml_get(at, names[i]).ptr)
            build_task(b, node)->form_id = build_value(b, at, xml_get(at, names[i]), false);
    read_binding(b, build_task(b, node), at);
}

static void read_decision(struct build *b, uint32_t node, const struct xml_node *at)
{
    struct bpmn_task *task = build_task(b, node);
    task->called = build_value(b, at, xml_get(at, "decisionId"), false);
    read_binding(b, task, at);
    task->result = str_trim(xml_get(at, "resultVariable"));
}

static void read_called(struct build *b, uint32_t node, const struct xml_node *at)
{
    struct bpmn_task *task = build_task(b, node);
    task->called = build_value(b, at, xml_get(at, "processId"), false);
    task->outside = true;
    read_binding(b, task, at);
    task->propagate_parent = build_flag(b, at, "propagateAllParentVariables", true);
    task->propagate_child = build_flag(b, at, "propagateAllChildVariables", true);
}

static void read_user_task(struct build *b, uint32_t node, const struct xml_node *at)
{
    (void)at;
    build_task(b, node);
}

static void read_version(struct build *b, uint32_t node, const struct xml_node *at)
{
    (void)node;
    b->version_tag = xml_get(at, "value");
}

static void read_adhoc(struct build *b, uint32_t node, const struct xml_node *at)
{
    struct str active = xml_get(at, "activeElementsCollection");
    if (!active.ptr)
        return;
    struct bpmn_value *value = ARENA_NEW(b->arena, struct bpmn_value);
    *value = build_value(b, at, active, false);
    b->nodes[node].ad_hoc_active = value;
}

static void ignore(struct build *b, uint32_t node, const struct xml_node *at)
{
    (void)b, (void)node, (void)at;
}

static const struct {
    const char *name;
    void (*read)(struct build *b, uint32_t node, const struct xml_node *at);
} EXTENSIONS[] = {
    {"taskDefinition", read_definition},
    {"taskHeaders", read_headers},
    {"properties", read_properties},
    {"ioMapping", read_io},
    {"assignmentDefinition", read_assignment},
    {"taskSchedule", read_schedule},
    {"priorityDefinition", read_priority},
    {"formDefinition", read_form},
    {"script", read_script},
    {"calledDecision", read_decision},
    {"calledElement", read_called},
    {"userTask", read_user_task},
    {"versionTag", read_version},
    {"userTaskForm", ignore},
    {"subscription", ignore},        /* Read with its message. */
    {"loopCharacteristics", ignore}, /* Read with its loop. */
    {"conditionalFilter", ignore},
    {"bindingType", ignore},
    {"adHoc", read_adhoc},
    {"modelerTemplate", ignore},
};

void build_extensions(struct build *b, uint32_t node)
{
    XML_EACH(child, xml_child(b->node_xml[node], BPMN_NS, "extensionElements"))
    {
        size_t i = 0;
        if (!str_is(child->ns, BPMN_ZEEBE_NS))
            continue;
        while (i < COUNT_OF(EXTENSIONS) && !str_is(child->name, EXTENSIONS[i].name))
            i++;
        if (i < COUNT_OF(EXTENSIONS))
            EXTENSIONS[i].read(b, node, child);
        else
            build_warn(b, child, "extension.unknown", "It is kept in the file and has no effect.",
                       "the extension element %.*s is not understood", STR_ARG(child->qname));
    }
}
