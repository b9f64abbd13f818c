#include "bpmn/build.h"

#include <stdarg.h>
#include <stdio.h>

#define KIND_NAME(kind, xml, word) [kind] = xml,
static const char *const KIND_NAMES[] = {BPMN_KINDS(KIND_NAME)};

/* What may stand in a process beside flow nodes and flows: it has no part in running it. */
static const char *const PASSIVE[] = {
    "documentation",
    "extensionElements",
    "laneSet",
    "dataObject",
    "dataObjectReference",
    "dataStoreReference",
    "association",
    "textAnnotation",
    "group",
    "ioSpecification",
    "property",
    "dataInputAssociation",
    "dataOutputAssociation",
    "incoming",
    "outgoing",
    "auditing",
    "monitoring",
    "resourceRole",
    "performer",
    "humanPerformer",
    "potentialOwner",
    "correlationSubscription",
    "supports",
    "multiInstanceLoopCharacteristics",
    "standardLoopCharacteristics",
    "completionCondition",
    "categoryValueRef",
    "ioBinding",
    "supportedInterfaceRef",
};

void report_add(struct arena *arena, struct bpmn_report *report, bool warning,
                const struct bpmn_fault *fault, const char *format, va_list args)
{
    struct bpmn_fault **list = warning ? &report->warnings : &report->faults;
    size_t *count = warning ? &report->warning_count : &report->fault_count;
    ++*(warning ? &report->warning_total : &report->fault_total);
    if (*count >= BPMN_FAULTS_MAX)
        return;
    char detail[1024];
    vsnprintf(detail, sizeof(detail), format, args);
    *list = arena_grow(arena, *list, *count, &report->capacity[warning], sizeof(**list));
    (*list)[*count] = *fault;
    (*list)[(*count)++].detail = str_copy(arena, str_of(detail));
}

static void add_fault(struct build *b, const struct xml_node *at, bool warning, const char *rule,
                      const char *remedy, const char *format, va_list args)
{
    while (at->parent && !xml_get(at, "id").ptr)
        at = at->parent;
    struct str id = xml_get(at, "id");
    struct bpmn_fault fault = {
        .element = id.len ? id : at->name, .line = at->line, .rule = rule, .remedy = remedy};
    report_add(b->arena, b->report, warning, &fault, format, args);
}

void build_fault(struct build *b, const struct xml_node *at, const char *rule, const char *remedy,
                 const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_fault(b, at, b->lenient, rule, remedy, format, args);
    va_end(args);
}

void build_warn(struct build *b, const struct xml_node *at, const char *rule, const char *remedy,
                const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_fault(b, at, true, rule, remedy, format, args);
    va_end(args);
}

size_t build_count(const struct xml_node *at, const char *name)
{
    size_t count = 0;
    XML_EACH(child, at)
    count += xml_is(child, BPMN_NS, name);
    return count;
}

/* ---- Ids ---- */

static struct build_id *id_slot(struct build *b, struct str id)
{
    size_t i = bpmn_hash_id(id) & b->id_mask;
    while (b->ids[i].id.ptr && !str_equal(b->ids[i].id, id))
        i = (i + 1) & b->id_mask;
    return &b->ids[i];
}

struct build_id *build_id(struct build *b, struct str ref)
{
    struct build_id *found = id_slot(b, ref);
    if (found->id.ptr || ref.len == 0)
        return found->id.ptr ? found : NULL;
    size_t colon = str_find(ref, STR(":"), 0);
    if (colon == ref.len)
        return NULL;
    found = id_slot(b, str_sub(ref, colon + 1, ref.len));
    return found->id.ptr ? found : NULL;
}

static size_t count_elements(const struct xml_node *at)
{
    size_t count = 1;
    XML_EACH(child, at)
    count += count_elements(child);
    return count;
}

/* Ids are unique over the whole file, pictures included: they are XML ids. */
static void register_ids(struct build *b, const struct xml_node *at)
{
    struct str id = xml_get(at, "id");
    bool ours = str_is(at->ns, BPMN_NS);
    if (id.ptr && ours) {
        struct build_id *slot = id_slot(b, id);
        if (id.len == 0)
            build_fault(b, at, "id.empty", "Give the element an id.", "%.*s has an empty id",
                        STR_ARG(at->name));
        else if (slot->id.ptr)
            build_fault(b, at, "id.duplicate", "Give each element an id of its own.",
                        "the id '%.*s' stands on line %u already", STR_ARG(id), slot->xml->line);
        else
            *slot = (struct build_id){.id = id, .xml = at, .node = BPMN_NONE, .flow = BPMN_NONE};
        b->report->elements++;
    }
    XML_EACH(child, at)
    register_ids(b, child);
}

/* ---- Nodes and flows ---- */

static bool kind_of(const struct xml_node *xml, enum bpmn_kind *out)
{
    for (int i = BPMN_SUBPROCESS; i < BPMN_KIND_COUNT; i++)
        if (str_is(xml->name, KIND_NAMES[i])) {
            *out = (enum bpmn_kind)i;
            return true;
        }
    return false;
}

static struct str require_id(struct build *b, const struct xml_node *xml)
{
    struct str id = xml_get(xml, "id");
    if (id.len > 0)
        return id;
    build_fault(b, xml, "id.missing", "Give the element an id.", "a %.*s on line %u has no id",
                STR_ARG(xml->name), xml->line);
    return str_format(b->arena, "line-%u", xml->line);
}

static void read_flow(struct build *b, const struct xml_node *xml)
{
    uint32_t index = (uint32_t)b->flow_count;
    struct bpmn_flow *flow = ARENA_PUSH(b->arena, b->flows, b->flow_count, b->flow_room);
    size_t count = index;
    b->flow_xml = arena_grow(b->arena, b->flow_xml, count, &b->flow_xml_room, sizeof(*b->flow_xml));
    b->flow_xml[index] = xml;
    *flow = (struct bpmn_flow){.id = require_id(b, xml),
                               .name = xml_get(xml, "name"),
                               .index = index,
                               .source = BPMN_NONE,
                               .target = BPMN_NONE};
    struct build_id *slot = id_slot(b, flow->id);
    if (slot->xml == xml)
        slot->flow = index;
}

static uint32_t add_node(struct build *b, const struct xml_node *xml, enum bpmn_kind kind,
                         uint32_t parent)
{
    uint32_t index = (uint32_t)b->node_count;
    struct bpmn_node *node = ARENA_PUSH(b->arena, b->nodes, b->node_count, b->node_room);
    size_t count = index;
    b->node_xml = arena_grow(b->arena, b->node_xml, count, &b->node_xml_room, sizeof(*b->node_xml));
    b->node_xml[index] = xml;
    *node = (struct bpmn_node){.kind = kind,
                               .index = index,
                               .parent = parent,
                               .line = xml->line,
                               .id = require_id(b, xml),
                               .name = xml_get(xml, "name"),
                               .default_flow = BPMN_NONE,
                               .attached_to = BPMN_NONE,
                               .start = BPMN_NONE,
                               .compensation = BPMN_NONE};
    struct build_id *slot = id_slot(b, node->id);
    if (slot->xml == xml)
        slot->node = index;
    return index;
}

static bool is_passive(const struct xml_node *xml)
{
    for (size_t i = 0; i < COUNT_OF(PASSIVE); i++)
        if (str_is(xml->name, PASSIVE[i]))
            return true;
    return str_ends(xml->name, STR("EventDefinition"));
}

/* A scope's nodes follow it in the array; recursion is bounded by the XML reader. */
static void read_scope(struct build *b, uint32_t scope)
{
    XML_EACH(child, b->node_xml[scope])
    {
        enum bpmn_kind kind;
        if (!str_is(child->ns, BPMN_NS))
            continue;
        if (str_is(child->name, "sequenceFlow")) {
            read_flow(b, child);
        } else if (kind_of(child, &kind)) {
            uint32_t node = add_node(b, child, kind, scope);
            if (bpmn_is_scope(kind))
                read_scope(b, node);
        } else if (!is_passive(child)) {
            build_fault(b, child, "element.unknown", "Use an element that a process may hold.",
                        "%.*s cannot stand in a process", STR_ARG(child->name));
        }
    }
}

static const struct {
    const char *name;
    enum bpmn_kind kind;
} GLOBALS[] = {
    {"globalTask", BPMN_TASK},
    {"globalUserTask", BPMN_USER_TASK},
    {"globalManualTask", BPMN_MANUAL_TASK},
    {"globalScriptTask", BPMN_SCRIPT_TASK},
    {"globalBusinessRuleTask", BPMN_RULE_TASK},
};

/* A task that only calls reach: a process with nothing but it. No XML id has a '#'. */
static void read_global(struct build *b, const struct xml_node *xml)
{
    for (size_t i = 0; i < COUNT_OF(GLOBALS); i++) {
        if (!xml_is(xml, BPMN_NS, GLOBALS[i].name))
            continue;
        uint32_t process = add_node(b, xml, BPMN_PROCESS, BPMN_NONE);
        b->nodes[process].executable = b->nodes[process].global_task = true;
        uint32_t task = add_node(b, xml, GLOBALS[i].kind, process);
        b->nodes[task].id = str_format(b->arena, "%.*s#task", STR_ARG(b->nodes[task].id));
        struct build_id *slot = id_slot(b, b->nodes[process].id);
        if (slot->xml == xml)
            slot->node = process;
    }
}

static void read_processes(struct build *b)
{
    XML_EACH(child, b->root)
    {
        read_global(b, child);
        if (!xml_is(child, BPMN_NS, "process"))
            continue;
        b->lenient = !build_flag(b, child, "isExecutable", true);
        uint32_t node = add_node(b, child, BPMN_PROCESS, BPMN_NONE);
        b->nodes[node].executable = !b->lenient;
        *ARENA_PUSH(b->arena, b->processes, b->process_count, b->process_room) = node;
        read_scope(b, node);
    }
    b->lenient = false;
}

/* ---- Details ---- */

static int32_t read_quantity(struct build *b, const struct xml_node *xml, const char *name)
{
    struct str text = xml_get(xml, name);
    int64_t value = 1;
    if (text.ptr && (str_to_int(str_trim(text), &value) != OK || value < 1 || value > 1000)) {
        build_fault(b, xml, "token.quantity", "Write a whole number from 1 to 1000.",
                    "%s is '%.*s'", name, STR_ARG(text));
        return 1;
    }
    return (int32_t)value;
}

static void read_script(struct build *b, uint32_t node)
{
    const struct xml_node *xml = b->node_xml[node];
    struct bpmn_task *task = build_task(b, node);
    const struct xml_node *script = xml_child(xml, BPMN_NS, "script");
    if (!task->script.text.ptr && !task->job_type.text.ptr && script) /* Else a worker's. */
        task->script = build_value(b, script, xml_text(b->arena, script), true);
}

static void read_details(struct build *b, uint32_t node)
{
    const struct xml_node *xml = b->node_xml[node];
    build_extensions(b, node);
    build_events(b, node);
    build_loop(b, node);
    struct bpmn_node *n = &b->nodes[node];
    n->documentation = xml_text(b->arena, xml_child(xml, BPMN_NS, "documentation"));
    n->event_subprocess =
        n->kind == BPMN_SUBPROCESS && build_flag(b, xml, "triggeredByEvent", false);
    n->interrupting = n->kind == BPMN_BOUNDARY ? build_flag(b, xml, "cancelActivity", true)
                      : n->kind == BPMN_START  ? build_flag(b, xml, "isInterrupting", true)
                                               : false;
    n->instantiate = build_flag(b, xml, "instantiate", false);
    n->parallel_multiple = build_flag(b, xml, "parallelMultiple", false) ||
                           str_is(xml_get(xml, "eventGatewayType"), "Parallel");
    n->for_compensation = build_flag(b, xml, "isForCompensation", false);
    n->start_quantity = read_quantity(b, xml, "startQuantity");
    n->completion_quantity = read_quantity(b, xml, "completionQuantity");
    if (n->kind == BPMN_SCRIPT_TASK)
        read_script(b, node);
    if (n->kind == BPMN_ADHOC || n->kind == BPMN_COMPLEX) {
        const char *name = n->kind == BPMN_ADHOC ? "completionCondition" : "activationCondition";
        struct bpmn_value *value = ARENA_NEW(b->arena, struct bpmn_value);
        *value = build_value(b, xml, xml_text(b->arena, xml_child(xml, BPMN_NS, name)), true);
        if (n->kind == BPMN_ADHOC)
            n->ad_hoc_condition = value;
        else
            n->activation = value;
        n->ad_hoc_sequential = str_is(xml_get(xml, "ordering"), "Sequential");
        n->ad_hoc_keeps = !build_flag(b, xml, "cancelRemainingInstances", true);
    }
}

/* ---- The model ---- */

void build_index(struct arena *arena, struct bpmn_model *model)
{
    size_t room = 8, count = model->node_count, total = count + model->flow_count;
    while (room < total * 2)
        room *= 2;
    uint32_t *index = ARENA_ARRAY(arena, room, uint32_t);
    for (size_t i = 0; i < total; i++) {
        struct str id = i < count ? model->nodes[i].id : model->flows[i - count].id;
        size_t at = bpmn_hash_id(id) & (room - 1);
        while (index[at])
            at = (at + 1) & (room - 1);
        index[at] = (uint32_t)i + 1;
    }
    model->index = index;
    model->index_mask = room - 1;
}

static enum err make_model(struct build *b, struct str text, const struct bpmn_model **out)
{
    struct bpmn_model *model = ARENA_NEW(b->arena, struct bpmn_model);
    *model = (struct bpmn_model){.nodes = b->nodes,
                                 .node_count = b->node_count,
                                 .flows = b->flows,
                                 .flow_count = b->flow_count,
                                 .processes = b->processes,
                                 .process_count = b->process_count,
                                 .hash = hash_of(text),
                                 .version_tag = b->version_tag};
    static const struct str sum_names[] = {STR_INIT("at"), STR_INIT("span")};
    struct feel_names names = {.variables = sum_names, .variable_count = COUNT_OF(sum_names)};
    enum err e = feel_parse(b->arena, STR("at + span"), &names, &model->add);
    if (e != OK)
        return e;
    build_index(b->arena, model);
    *out = model;
    return OK;
}

static enum err first_fault(const struct bpmn_report *report)
{
    const struct bpmn_fault *first = &report->faults[0];
    return err_refuse(ERR_INVALID, "model.faults", "%.*s (line %u): %.*s; %zu faults in all",
                      STR_ARG(first->element), first->line, STR_ARG(first->detail),
                      report->fault_total);
}

enum err bpmn_parse(struct arena *arena, struct str text, const struct feel_names *known,
                    struct bpmn_report *report, const struct bpmn_model **out)
{
    *report = (struct bpmn_report){0};
    struct build b = {.arena = arena, .known = known, .report = report};
    enum err e = xml_parse(arena, text, &b.root);
    if (e != OK)
        return e;
    if (!xml_is(b.root, BPMN_NS, "definitions"))
        return err_set(
            ERR_SYNTAX,
            "the root element is '%.*s' of '%.*s' and not definitions of '%s': save the file "
            "as BPMN 2.0",
            STR_ARG(b.root->name), STR_ARG(b.root->ns), BPMN_NS);
    size_t room = 16;
    while (room < count_elements(b.root) * 2)
        room *= 2;
    b.ids = ARENA_ARRAY(arena, room, struct build_id);
    b.id_mask = room - 1;
    register_ids(&b, b.root);
    read_processes(&b);
    if (b.node_count > BPMN_NODES_MAX)
        return err_set(ERR_LIMIT, "more than %d flow nodes", BPMN_NODES_MAX);
    for (uint32_t i = 0; i < b.node_count; i++) {
        if (b.nodes[i].kind == BPMN_PROCESS)
            b.lenient = !b.nodes[i].executable;
        if (!b.nodes[i].global_task)
            read_details(&b, i);
    }
    build_links(&b);
    build_check(&b);
    build_rules(&b);
    build_places(&b);
    build_data(&b);
    build_foreign(&b);
    if (report->fault_total > 0)
        return first_fault(report);
    return make_model(&b, text, out);
}
