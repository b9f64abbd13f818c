#include "bpmn/build.h"

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool has_name(const struct bpmn_value *value, struct str name)
{
    for (size_t i = 0; i < value->name_count + value->shadow_count; i++)
        if (str_equal(value->names[i], name))
            return true;
    return false;
}

/* Words that are no calls and no strings: a variable may be named like a built-in ("count"). */
static void add_shadows(struct build *b, struct bpmn_value *value)
{
    struct str text = value->text;
    size_t room = 0, count = value->name_count;
    struct str *names = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t at = i;
        *ARENA_PUSH(b->arena, names, at, room) = value->names[i];
    }
    value->names = names;
    for (size_t i = 0, end; i < text.len; i = end) {
        end = i + 1;
        if (text.ptr[i] == '"')
            while (end < text.len && text.ptr[end++] != '"')
                end += text.ptr[end - 1] == '\\';
        if (!is_word(text.ptr[i]))
            continue;
        while (end < text.len && is_word(text.ptr[end]))
            end++;
        struct str word = str_sub(text, i, end - i);
        bool call = str_starts(str_trim(str_sub(text, end, text.len)), STR("("));
        if (call || (i > 0 && text.ptr[i - 1] == '.') || has_name(value, word))
            continue;
        *ARENA_PUSH(b->arena, names, count, room) = word;
        value->names = names;
        value->shadow_count++;
    }
}

/* Of whoever wrote it in another tool's language. */
static const char *feel_remedy(const struct xml_node *at, struct str text)
{
    if (str_is(at->name, "script"))
        return "Write it in FEEL, or give the task a zeebe:taskDefinition: then a worker runs it.";
    if (str_starts(text, STR("${")) || str_starts(text, STR("#{")))
        return "This is Java's expression language: write it in FEEL, without ${ and }, such as "
               "amount > 10 and approved = true.";
    return "Correct the expression; FEEL is described in DMN 1.5.";
}

static struct bpmn_value parse_feel(struct build *b, const struct xml_node *at, struct str text)
{
    struct bpmn_value value = {.text = text};
    if (feel_parse(b->arena, text, b->known, &value.expr) != OK) {
        build_fault(b, at, "feel.syntax", feel_remedy(at, text),
                    "the expression '%.*s' is not FEEL: %s", STR_ARG(text), err_last()->detail);
        return value;
    }
    value.name_count = feel_unknown_names(value.expr, &value.names);
    add_shadows(b, &value);
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
