/* Rules about inputs and outputs: which sets they are in, what associations connect. */
#include "bpmn/build.h"

static bool lists(struct build *b, const struct xml_node *set, const char *name, struct str ref)
{
    XML_EACH(child, set)
    if (xml_is(child, BPMN_NS, name) && str_equal(xml_text(b->arena, child), ref))
        return true;
    return false;
}

/* ---- Sets ---- */

struct side {
    const char *data, *set, *refs, *optional, *executing;
};

static const struct side SIDES[] = {
    {"dataInput", "inputSet", "dataInputRefs", "optionalInputRefs", "whileExecutingInputRefs"},
    {"dataOutput", "outputSet", "dataOutputRefs", "optionalOutputRefs", "whileExecutingOutputRefs"},
};

static void check_set(struct build *b, const struct xml_node *set, const struct side *side)
{
    XML_EACH(child, set)
    {
        struct str ref = xml_text(b->arena, child);
        bool narrows =
            xml_is(child, BPMN_NS, side->optional) || xml_is(child, BPMN_NS, side->executing);
        if (narrows && !lists(b, set, side->refs, ref))
            build_fault(b, child, "data.set", "Name it among the set's data as well.",
                        "%.*s names '%.*s', which is not in the set", STR_ARG(child->name),
                        STR_ARG(ref));
    }
}

static void check_in_set(struct build *b, const struct xml_node *data, const struct side *side)
{
    struct str id = xml_get(data, "id");
    XML_EACH(set, data->parent)
    if (xml_is(set, BPMN_NS, side->set) && lists(b, set, side->refs, id))
        return;
    build_fault(b, data, "data.set", "Name it in a set.", "the %s '%.*s' is in no %s", side->data,
                STR_ARG(id), side->set);
}

static void check_specification(struct build *b, const struct xml_node *io)
{
    const struct xml_node *owner = io->parent;
    if (str_is(owner->name, "subProcess") || str_is(owner->name, "transaction") ||
        str_is(owner->name, "adHocSubProcess"))
        build_fault(b, io, "data.subprocess",
                    "Let the data associations of its tasks name the data objects.",
                    "a subprocess has no inputs and outputs of its own");
    for (size_t i = 0; i < COUNT_OF(SIDES); i++) {
        if (!xml_child(io, BPMN_NS, SIDES[i].set))
            build_fault(b, io, "data.sets", "Write one; it may be empty.",
                        "the ioSpecification has no %s", SIDES[i].set);
        XML_EACH(child, io)
        if (xml_is(child, BPMN_NS, SIDES[i].data))
            check_in_set(b, child, &SIDES[i]);
    }
}

/* ---- Associations ---- */

/* The structure of what an id stands for, behind references to objects and stores. */
static struct str structure_of(struct build *b, struct str ref)
{
    struct build_id *found = build_id(b, ref);
    const struct xml_node *at = found ? found->xml : NULL;
    struct str behind = xml_get(at, "dataObjectRef");
    if (!behind.ptr)
        behind = xml_get(at, "dataStoreRef");
    if (behind.ptr) {
        found = build_id(b, str_trim(behind));
        at = found ? found->xml : NULL;
    }
    return build_structure(b, xml_get(at, "itemSubjectRef"));
}

static void check_end(struct build *b, const struct xml_node *association, const char *name,
                      struct str *structure)
{
    const struct xml_node *end = xml_child(association, BPMN_NS, name);
    struct str ref = xml_text(b->arena, end);
    if (end && !build_id(b, ref))
        build_fault(b, end, "reference.missing", "Name data of this file.",
                    "%s names '%.*s', which is not there", name, STR_ARG(ref));
    *structure = structure_of(b, ref);
}

/* The process' own outputs are not to be read in it, nor its inputs to be written. */
static void check_direction(struct build *b, const struct xml_node *at, bool input)
{
    const char *end = input ? "sourceRef" : "targetRef",
               *wrong = input ? "dataOutput" : "dataInput";
    struct build_id *found = build_id(b, xml_text(b->arena, xml_child(at, BPMN_NS, end)));
    const struct xml_node *data = found ? found->xml : NULL;
    if (data && xml_is(data, BPMN_NS, wrong) && data->parent->parent &&
        xml_is(data->parent->parent, BPMN_NS, "process"))
        build_fault(b, at, "data.direction",
                    input ? "Let it begin at a data input or a data object."
                          : "Let it lead to a data output or a data object.",
                    "a %s of the process cannot be its %s", wrong, end);
}

static void check_association(struct build *b, const struct xml_node *at)
{
    struct str from, to;
    if (build_count(at, "sourceRef") > 1 && !xml_child(at, BPMN_NS, "transformation"))
        build_fault(b, at, "data.sources", "Leave one sourceRef, or give it a transformation.",
                    "a data association has more than one source and nothing that joins them");
    check_direction(b, at, str_is(at->name, "dataInputAssociation"));
    check_end(b, at, "sourceRef", &from);
    check_end(b, at, "targetRef", &to);
    bool maps = xml_child(at, BPMN_NS, "transformation") || xml_child(at, BPMN_NS, "assignment");
    if (from.len > 0 && to.len > 0 && !str_equal(from, to) && !maps)
        build_fault(b, at, "data.item", "Give both the same item, or write a transformation.",
                    "it leads from '%.*s' to '%.*s'", STR_ARG(from), STR_ARG(to));
    XML_EACH(child, at)
    if (xml_is(child, BPMN_NS, "assignment") &&
        (!xml_child(child, BPMN_NS, "from") || !xml_child(child, BPMN_NS, "to")))
        build_fault(b, child, "data.assignment", "Write what it takes and where it puts it.",
                    "the assignment has no %s", xml_child(child, BPMN_NS, "from") ? "to" : "from");
}

/* ---- References ---- */

static void check_reference(struct build *b, const struct xml_node *at, const char *attribute,
                            const char *name)
{
    struct str ref = str_trim(xml_get(at, attribute));
    struct build_id *found = build_id(b, ref);
    if (!found || !xml_is(found->xml, BPMN_NS, name))
        build_fault(b, at, "reference.missing", "Name an element that the file defines.",
                    "%s names '%.*s', but there is no %s of that id", attribute, STR_ARG(ref),
                    name);
}

/* A definition inside a throwing event is that event's alone. */
static void check_definition(struct build *b, const struct xml_node *at)
{
    struct build_id *found = build_id(b, xml_text(b->arena, at));
    const struct xml_node *owner = found ? found->xml->parent : NULL;
    if (owner &&
        (xml_is(owner, BPMN_NS, "endEvent") || xml_is(owner, BPMN_NS, "intermediateThrowEvent")))
        build_fault(b, at, "event.definition-shared",
                    "Define it beside the processes, or write it out here.",
                    "'%.*s' belongs to a throwing event", STR_ARG(found->id));
}

void build_io(struct build *b, const struct xml_node *at)
{
    if (str_is(at->name, "ioSpecification"))
        check_specification(b, at);
    else if (str_is(at->name, "inputSet"))
        check_set(b, at, &SIDES[0]);
    else if (str_is(at->name, "outputSet"))
        check_set(b, at, &SIDES[1]);
    else if (str_is(at->name, "dataInputAssociation") || str_is(at->name, "dataOutputAssociation"))
        check_association(b, at);
    else if (str_is(at->name, "dataObjectReference"))
        check_reference(b, at, "dataObjectRef", "dataObject");
    else if (str_is(at->name, "dataStoreReference") && xml_get(at, "dataStoreRef").ptr)
        check_reference(b, at, "dataStoreRef", "dataStore");
    else if (str_is(at->name, "eventDefinitionRef"))
        check_definition(b, at);
}
