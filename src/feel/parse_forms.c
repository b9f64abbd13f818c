#include "feel/parser.h"

const struct feel_node *parse_if(struct parser *p)
{
    size_t begin = p->at;
    p->at += strlen("if");
    const struct feel_node *condition = parse_expression(p);
    if (!condition || !parse_want_word(p, "then"))
        return NULL;
    const struct feel_node *then = parse_expression(p);
    if (!then || !parse_want_word(p, "else"))
        return NULL;
    const struct feel_node *otherwise = parse_expression(p);
    if (!otherwise)
        return NULL;
    struct feel_node *node = parse_node(p, NODE_IF, begin);
    node->a = condition;
    node->b = then;
    node->c = otherwise;
    return node;
}

/* "1..5" or any expression that gives a list or a range. */
static const struct feel_node *parse_source(struct parser *p)
{
    const struct feel_node *from = parse_expression(p);
    if (!from || !parse_take(p, ".."))
        return from;
    const struct feel_node *to = parse_expression(p);
    if (!to)
        return NULL;
    struct feel_node *node = parse_node(p, NODE_SPREAD, from->begin);
    node->a = from;
    node->b = to;
    return node;
}

static struct node_names *names_node(struct parser *p, const struct str *name,
                                     const struct feel_type_spec *const *type)
{
    struct node_names *names = ARENA_NEW(p->arena, struct node_names);
    names->name = name;
    names->type = type;
    return names;
}

const struct feel_node *parse_iteration(struct parser *p, enum node_kind kind)
{
    size_t begin = p->at, count = 0, capacity = 0, name_count = 0, name_capacity = 0;
    p->at = scan_word(p->text, p->at);
    struct str *names = NULL;
    const struct feel_node **items = NULL;
    struct locals locals = {.up = p->locals};
    do {
        struct str name;
        if (!parse_declared(p, "", "in", &name) || !parse_want_word(p, "in"))
            return NULL;
        const struct feel_node *source = parse_source(p);
        if (!source)
            return NULL;
        *ARENA_PUSH(p->arena, items, count, capacity) = source;
        *ARENA_PUSH(p->arena, names, name_count, name_capacity) = name;
        locals.names = names;
        locals.count = name_count;
        p->locals = &locals;
    } while (parse_take(p, ","));
    if (!parse_want_word(p, kind == NODE_FOR ? "return" : "satisfies"))
        return NULL;
    static const struct str PARTIAL = STR_INIT("partial");
    struct locals partial = {.up = &locals, .names = &PARTIAL, .count = kind == NODE_FOR};
    p->locals = &partial;
    const struct feel_node *body = parse_expression(p);
    p->locals = locals.up;
    if (!body)
        return NULL;
    struct feel_node *node = parse_node(p, kind, begin);
    node->first = body;
    node->items = items;
    node->count = count;
    node->names = names_node(p, names, NULL);
    return node;
}

const struct feel_node *parse_function(struct parser *p)
{
    size_t begin = p->at, count = 0, capacity = 0, type_count = 0, type_capacity = 0;
    p->at += strlen("function");
    struct str *names = NULL;
    const struct feel_type_spec **types = NULL;
    if (!parse_want(p, "("))
        return NULL;
    while (!parse_peek(p, ")")) {
        struct str name;
        const struct feel_type_spec *type = NULL;
        if (!parse_declared(p, ":,)", NULL, &name) || (parse_take(p, ":") && !parse_type(p, &type)))
            return NULL;
        *ARENA_PUSH(p->arena, names, count, capacity) = name;
        *ARENA_PUSH(p->arena, types, type_count, type_capacity) = type;
        if (!parse_take(p, ","))
            break;
    }
    if (!parse_want(p, ")"))
        return NULL;
    bool external = parse_take_word(p, "external");
    struct locals locals = {.up = p->locals, .names = names, .count = count};
    p->locals = &locals;
    const struct feel_node *body = parse_expression(p);
    p->locals = locals.up;
    if (!body)
        return NULL;
    struct feel_node *node = parse_node(p, NODE_FUNCTION, begin);
    node->op = external;
    node->first = body;
    node->count = count;
    node->names = names_node(p, names, types);
    return node;
}

const struct feel_node *parse_context(struct parser *p)
{
    size_t begin = p->at++, count = 0, capacity = 0, name_count = 0, name_capacity = 0;
    struct str *names = NULL;
    const struct feel_node **items = NULL;
    struct locals locals = {.up = p->locals};
    p->locals = &locals;
    bool range_end = p->range_end;
    p->range_end = false;
    while (!parse_peek(p, "}")) {
        struct str name;
        if (!parse_key(p, &name))
            return parse_fail(p, "a key and a colon");
        *ARENA_PUSH(p->arena, p->members, p->member_count, p->member_capacity) = name;
        const struct feel_node *value = parse_expression(p);
        if (!value)
            return NULL;
        *ARENA_PUSH(p->arena, items, count, capacity) = value;
        *ARENA_PUSH(p->arena, names, name_count, name_capacity) = name;
        locals.names = names;
        locals.count = name_count;
        if (!parse_take(p, ","))
            break;
    }
    p->locals = locals.up;
    p->range_end = range_end;
    if (!parse_want(p, "}"))
        return NULL;
    struct feel_node *node = parse_node(p, NODE_CONTEXT, begin);
    node->items = items;
    node->count = count;
    node->names = names_node(p, names, NULL);
    return node;
}

bool parse_peek_sign(struct parser *p)
{
    return parse_peek(p, "<") || parse_peek(p, ">") || parse_peek(p, "=") || parse_peek(p, "!=");
}

const struct feel_node *parse_sign(struct parser *p)
{
    static const struct {
        const char *sign;
        enum compare_op op;
    } SIGNS[] = {{"<=", OP_LESS_EQUAL}, {">=", OP_MORE_EQUAL}, {"!=", OP_NOT_EQUAL},
                 {"<", OP_LESS},        {">", OP_MORE},        {"=", OP_EQUAL}};
    p->at = scan_skip(p->text, p->at);
    size_t begin = p->at, i = 0;
    while (!parse_take(p, SIGNS[i].sign))
        i++;
    const struct feel_node *operand = parse_climb(p, LEVEL_SUM);
    if (!operand)
        return NULL;
    struct feel_node *node = parse_node(p, NODE_SIGN, begin);
    node->op = (uint8_t)SIGNS[i].op;
    node->a = operand;
    return node;
}

const struct feel_node *parse_range_end(struct parser *p, size_t begin, bool closed,
                                        const struct feel_node *low)
{
    bool range_end = p->range_end;
    p->range_end = true;
    const struct feel_node *high = parse_climb(p, LEVEL_SUM);
    p->range_end = range_end;
    if (!high)
        return NULL;
    bool high_closed = parse_take(p, "]");
    if (!high_closed && !parse_take(p, ")") && !parse_take(p, "["))
        return parse_fail(p, "\"]\" or \")\"");
    struct feel_node *node = parse_node(p, NODE_RANGE, begin);
    node->op = (uint8_t)((closed ? RANGE_LOW_CLOSED : 0) | (high_closed ? RANGE_HIGH_CLOSED : 0));
    node->a = low;
    node->b = high;
    return node;
}

static const struct feel_node *parse_list(struct parser *p, size_t begin,
                                          const struct feel_node *first)
{
    const struct feel_node **items = NULL;
    size_t count = 0, capacity = 0;
    *ARENA_PUSH(p->arena, items, count, capacity) = first;
    while (parse_take(p, ",")) {
        const struct feel_node *item = parse_test(p);
        if (!item)
            return NULL;
        *ARENA_PUSH(p->arena, items, count, capacity) = item;
    }
    if (!parse_want(p, "]"))
        return NULL;
    struct feel_node *node = parse_node(p, NODE_LIST, begin);
    node->items = items;
    node->count = count;
    return node;
}

static const struct feel_node *bracket_inside(struct parser *p, char open, size_t begin)
{
    if (open == '[' && parse_take(p, "]"))
        return parse_node(p, NODE_LIST, begin);
    const struct feel_node *first = open == ']' ? parse_expression(p) : parse_test(p);
    if (!first)
        return NULL;
    if (parse_take(p, ".."))
        return parse_range_end(p, begin, open == '[', first);
    if (open == '[')
        return parse_list(p, begin, first);
    if (open == ']')
        return parse_fail(p, "\"..\"");
    return parse_want(p, ")") ? first : NULL;
}

const struct feel_node *parse_bracket(struct parser *p)
{
    size_t begin = p->at++;
    bool range_end = p->range_end;
    p->range_end = false;
    const struct feel_node *node = bracket_inside(p, p->text.ptr[begin], begin);
    p->range_end = range_end;
    return node;
}

const struct feel_node *parse_call(struct parser *p, const struct feel_node *callee)
{
    const struct feel_node **items = NULL;
    struct str *names = NULL;
    size_t count = 0, capacity = 0, name_count = 0, name_capacity = 0;
    bool range_end = p->range_end;
    p->range_end = false;
    while (!parse_peek(p, ")")) {
        struct str name;
        bool named = parse_key(p, &name);
        if (count > 0 && named != (name_count > 0))
            return parse_fail(p, "arguments either all with names or all without");
        const struct feel_node *item = parse_test(p);
        if (!item)
            return NULL;
        if (named)
            *ARENA_PUSH(p->arena, names, name_count, name_capacity) = name;
        *ARENA_PUSH(p->arena, items, count, capacity) = item;
        if (!parse_take(p, ","))
            break;
    }
    p->range_end = range_end;
    if (!parse_want(p, ")"))
        return NULL;
    struct feel_node *node = parse_node(p, NODE_CALL, callee->begin);
    node->first = callee;
    node->items = items;
    node->count = count;
    node->names = name_count ? names_node(p, names, NULL) : NULL;
    return node;
}
