#include "bpmn/build.h"

static struct bpmn_value child_value(struct build *b, const struct xml_node *at, const char *name)
{
    return build_value(b, at, xml_text(b->arena, xml_child(at, BPMN_NS, name)), true);
}

/* What it throws about its own turns: an event definition of the file. */
static void read_told(struct build *b, const struct xml_node *at, struct bpmn_loop *loop)
{
    static const struct {
        const char *behavior, *attribute;
        enum bpmn_behavior when;
    } simple[] = {{"None", "noneBehaviorEventRef", BPMN_BEHAVIOR_EACH},
                  {"One", "oneBehaviorEventRef", BPMN_BEHAVIOR_FIRST}};
    struct bpmn_told *told = NULL;
    size_t count = 0, room = 0;
    struct str behavior = xml_get(at, "behavior");
    for (size_t i = 0; i < COUNT_OF(simple); i++) {
        struct build_id *found = build_id(b, str_trim(xml_get(at, simple[i].attribute)));
        struct bpmn_told one = {.when = simple[i].when};
        if (str_is(behavior, simple[i].behavior) && found && build_event(b, found->xml, &one.event))
            *ARENA_PUSH(b->arena, told, count, room) = one;
    }
    XML_EACH(child, at)
    {
        struct bpmn_told one = {.when = BPMN_BEHAVIOR_CONDITION};
        if (!str_is(behavior, "Complex") || !xml_is(child, BPMN_NS, "complexBehaviorDefinition"))
            continue;
        one.condition = child_value(b, child, "condition");
        XML_EACH(event, xml_child(child, BPMN_NS, "event"))
        {
            struct build_id *found = xml_is(event, BPMN_NS, "eventDefinitionRef")
                                         ? build_id(b, xml_text(b->arena, event))
                                         : NULL;
            if (build_event(b, found ? found->xml : event, &one.event))
                *ARENA_PUSH(b->arena, told, count, room) = one;
        }
    }
    loop->told = told;
    loop->told_count = count;
}

static void read_multi(struct build *b, const struct xml_node *at, struct bpmn_loop *loop)
{
    const struct xml_node *zeebe = build_zeebe(at, "loopCharacteristics");
    loop->sequential = build_flag(b, at, "isSequential", false);
    loop->cardinality = child_value(b, at, "loopCardinality");
    loop->condition = child_value(b, at, "completionCondition");
    loop->input = build_value(b, at, xml_get(zeebe, "inputCollection"), false);
    loop->input_element = str_trim(xml_get(zeebe, "inputElement"));
    loop->output_collection = str_trim(xml_get(zeebe, "outputCollection"));
    loop->output_element = build_value(b, at, xml_get(zeebe, "outputElement"), false);
    read_told(b, at, loop);
    if (!loop->input.text.ptr && !loop->cardinality.text.ptr)
        build_fault(b, at, "loop.count-missing",
                    "Give it a loopCardinality or a zeebe:loopCharacteristics inputCollection.",
                    "the multi-instance activity does not say how often it runs");
    int64_t count;
    if (loop->cardinality.text.ptr && str_to_int(loop->cardinality.text, &count) == OK && count < 0)
        build_fault(b, at, "loop.cardinality", "Write 0 or more.", "loopCardinality is %" PRId64,
                    count);
}

static void read_standard(struct build *b, const struct xml_node *at, struct bpmn_loop *loop)
{
    loop->standard = loop->sequential = true;
    loop->test_before = build_flag(b, at, "testBefore", false);
    loop->condition = child_value(b, at, "loopCondition");
    struct str maximum = xml_get(at, "loopMaximum");
    if (maximum.ptr && (str_to_int(maximum, &loop->maximum) != OK || loop->maximum < 0))
        build_fault(b, at, "loop.maximum", "Write a whole number, 0 or more.",
                    "loopMaximum is '%.*s'", STR_ARG(maximum));
    if (!maximum.ptr && !loop->condition.text.ptr)
        build_fault(b, at, "loop.endless", "Give it a loopCondition or a loopMaximum.",
                    "nothing ends the loop");
}

void build_loop(struct build *b, uint32_t node)
{
    const struct xml_node *xml = b->node_xml[node];
    const struct xml_node *multi = xml_child(xml, BPMN_NS, "multiInstanceLoopCharacteristics");
    const struct xml_node *standard = xml_child(xml, BPMN_NS, "standardLoopCharacteristics");
    if (!multi && !standard)
        return;
    struct bpmn_loop *loop = ARENA_NEW(b->arena, struct bpmn_loop);
    loop->maximum = -1;
    if (multi)
        read_multi(b, multi, loop);
    else
        read_standard(b, standard, loop);
    b->nodes[node].loop = loop;
}
