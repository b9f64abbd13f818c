#include "feel/builtin.h"
#include "feel/parser.h"

/* Names of values that have properties, for the longest match behind a dot. */
static const struct str PROPERTIES[] = {STR_INIT("time offset"), STR_INIT("start included"),
                                        STR_INIT("end included")};

static size_t longest(struct str text, size_t at, const struct str *names, size_t count,
                      size_t best, struct str *found)
{
    for (size_t i = 0; i < count; i++) {
        size_t end = scan_match(text, at, names[i]);
        if (end > best) {
            best = end;
            *found = names[i];
        }
    }
    return best;
}

static size_t longest_variable(struct parser *p, struct str *found)
{
    size_t best = 0;
    for (const struct locals *l = p->locals; l; l = l->up)
        best = longest(p->text, p->at, l->names, l->count, best, found);
    for (const struct feel_names *k = p->known; k; k = k->up)
        best = longest(p->text, p->at, k->variables, k->variable_count, best, found);
    return best;
}

static size_t longest_member(struct parser *p, struct str *found)
{
    size_t best = longest(p->text, p->at, PROPERTIES, COUNT_OF(PROPERTIES), 0, found);
    best = longest(p->text, p->at, p->members, p->member_count, best, found);
    for (const struct feel_names *k = p->known; k; k = k->up)
        best = longest(p->text, p->at, k->members, k->member_count, best, found);
    return best;
}

size_t parse_variable_length(struct parser *p)
{
    struct str found;
    size_t end = longest_variable(p, &found);
    return end ? end - p->at : 0;
}

/* Two words in a row are no expression: what follows a name belongs to it, known or not. */
static size_t extend(struct parser *p, size_t end)
{
    for (;;) {
        size_t next = scan_skip(p->text, end), behind = scan_word(p->text, next);
        if (next == end || behind == next || scan_is_keyword(str_sub(p->text, next, behind - next)))
            return end;
        end = behind;
    }
}

static void note_unknown(struct parser *p, struct str name)
{
    for (size_t i = 0; i < p->unknown_count; i++)
        if (str_equal(p->unknown[i], name))
            return;
    *ARENA_PUSH(p->arena, p->unknown, p->unknown_count, p->unknown_capacity) = name;
}

static const struct feel_node *parse_literal_word(struct parser *p, struct str word)
{
    size_t begin = p->at;
    p->at += word.len;
    struct feel_node *node = parse_node(p, NODE_LITERAL, begin);
    node->literal = str_is(word, "null") ? feel_null() : feel_boolean(str_is(word, "true"));
    return node;
}

static const struct feel_node *parse_keyword(struct parser *p, struct str word)
{
    if (str_is(word, "true") || str_is(word, "false") || str_is(word, "null"))
        return parse_literal_word(p, word);
    if (str_is(word, "if"))
        return parse_if(p);
    if (str_is(word, "for"))
        return parse_iteration(p, NODE_FOR);
    if (str_is(word, "some"))
        return parse_iteration(p, NODE_SOME);
    if (str_is(word, "every"))
        return parse_iteration(p, NODE_EVERY);
    if (str_is(word, "function"))
        return parse_function(p);
    return parse_fail(p, "an expression");
}

const struct feel_node *parse_name(struct parser *p)
{
    size_t begin = p->at, word_end = scan_word(p->text, begin);
    struct str word = str_sub(p->text, begin, word_end - begin), name = {0};
    size_t end = longest_variable(p, &name);
    bool variable = end > 0;
    if (scan_is_keyword(word) && end <= word_end)
        return parse_keyword(p, word);
    int builtin = -1;
    size_t builtin_end = builtin_match(p->text, begin, &builtin);
    size_t behind = scan_skip(p->text, builtin_end);
    bool called = behind < p->text.len && p->text.ptr[behind] == '(';
    if (builtin_end > end && (called || !variable)) {
        end = builtin_end;
        variable = false;
    } else if (builtin_end != end) {
        builtin = -1;
    }
    if (end == 0 && word.len == 0)
        return parse_fail(p, "an expression");
    size_t extended = extend(p, end ? end : word_end);
    if (extended > end) {
        name = scan_name(p->arena, str_sub(p->text, begin, extended - begin));
        if (p->filters == 0)
            note_unknown(p, name);
        end = extended;
        builtin = -1;
    } else if (!variable) {
        name = builtin_name(builtin);
    }
    p->at = end;
    if (str_is(name, "?"))
        p->asks = true;
    struct feel_node *node = parse_node(p, NODE_NAME, begin);
    node->name = name;
    node->builtin = builtin;
    node->op = !variable && builtin >= 0 && p->filters == 0; /* Surely the built-in. */
    return node;
}

bool parse_member(struct parser *p, struct str *out)
{
    p->at = scan_skip(p->text, p->at);
    struct str name = {0};
    size_t end = longest_member(p, &name), word_end = scan_word(p->text, p->at);
    if (end == 0 && word_end == p->at) {
        parse_fail(p, "a name behind the dot");
        return false;
    }
    size_t extended = extend(p, end ? end : word_end);
    if (extended > end)
        name = scan_name(p->arena, str_sub(p->text, p->at, extended - p->at));
    p->at = end > extended ? end : extended;
    *out = name;
    return true;
}

/* Characters that a name may hold where it is declared. */
static bool declared_char(uint32_t point)
{
    return scan_name_part(point) || scan_is_space(point) || point == 0x2019 ||
           (point < 128 && strchr("./-'+*", (int)point));
}

bool parse_key(struct parser *p, struct str *out)
{
    size_t begin = p->at = scan_skip(p->text, p->at), at = begin;
    if (at < p->text.len && p->text.ptr[at] == '"') {
        struct parser probe = *p;
        struct str text;
        if (!parse_string_text(&probe, &text) || !parse_take(&probe, ":"))
            return false;
        p->at = probe.at;
        *out = text;
        return true;
    }
    size_t next = at;
    if (at >= p->text.len || !scan_name_start(utf8_next(p->text, &next)))
        return false;
    while (at < p->text.len) {
        next = at;
        uint32_t point = utf8_next(p->text, &next);
        if (!declared_char(point))
            break;
        at = next;
    }
    if (at >= p->text.len || p->text.ptr[at] != ':')
        return false;
    *out = scan_name(p->arena, str_sub(p->text, begin, at - begin));
    p->at = at + 1;
    return true;
}

bool parse_declared(struct parser *p, const char *ends, const char *end_word, struct str *out)
{
    size_t begin = p->at = scan_skip(p->text, p->at), at = begin, next = at;
    bool started = at < p->text.len && scan_name_start(utf8_next(p->text, &next));
    while (started && at < p->text.len && !strchr(ends, p->text.ptr[at])) {
        next = at;
        uint32_t point = utf8_next(p->text, &next);
        if (!declared_char(point))
            break;
        at = next;
        if (end_word && scan_is_space(point) && scan_match(p->text, at, str_of(end_word)))
            break;
    }
    *out = scan_name(p->arena, str_sub(p->text, begin, at - begin));
    if (out->len == 0) {
        parse_fail(p, "a name");
        return false;
    }
    p->at = at;
    return true;
}
