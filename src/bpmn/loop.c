#include "bpmn/build.h"

static struct bpmn_value child_value(struct build *b, const struct xml_node *at, const char *name)
{
    return build_value(b, at, xml_text(b->arena, xml_child(at, BPMN_NS, name)), true);
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
