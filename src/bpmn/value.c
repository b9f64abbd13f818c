#include "bpmn/build.h"

static struct bpmn_value parse_feel(struct build *b, const struct xml_node *at, struct str text)
{
    struct bpmn_value value = {.text = text};
    if (feel_parse(b->arena, text, b->known, &value.expr) != OK) {
        build_fault(b, at, "feel.syntax", "Correct the expression; FEEL is described in DMN 1.5.",
                    "the expression '%.*s' is not FEEL: %s", STR_ARG(text), err_last()->detail);
        return value;
    }
    value.name_count = feel_unknown_names(value.expr, &value.names);
    return value;
}

struct bpmn_value build_value(struct build *b, const struct xml_node *at, struct str text,
                              bool feel)
{
    if (!text.ptr)
        return (struct bpmn_value){0};
    text = str_trim(text);
    if (str_starts(text, STR("=")))
        return parse_feel(b, at, str_trim(str_sub(text, 1, text.len)));
    if (!feel)
        return (struct bpmn_value){.text = text};
    return text.len > 0 ? parse_feel(b, at, text) : (struct bpmn_value){0};
}

bool build_flag(struct build *b, const struct xml_node *at, const char *name, bool otherwise)
{
    struct str text = str_trim(xml_get(at, name));
    if (str_is(text, "true") || str_is(text, "1"))
        return true;
    if (str_is(text, "false") || str_is(text, "0"))
        return false;
    if (text.len > 0)
        build_fault(b, at, "attribute.boolean", "Write true or false.",
                    "%s is '%.*s', which is neither true nor false", name, STR_ARG(text));
    return otherwise;
}
