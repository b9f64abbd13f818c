#include "feel/parser.h"

void *parse_error(struct parser *p, enum err error)
{
    if (!p->failed) {
        p->failed = true;
        p->error = error;
    }
    return NULL;
}

/* Columns count code points, as an editor does. */
static void place_of(struct str text, size_t at, size_t *line, size_t *column)
{
    *line = *column = 1;
    for (size_t i = 0; i < at && i < text.len;) {
        bool next = utf8_next(text, &i) == '\n';
        *column = next ? 1 : *column + 1;
        *line += next;
    }
}

void *parse_fail_at(struct parser *p, size_t at, const char *expected)
{
    if (p->failed)
        return NULL;
    size_t line, column, end = at;
    place_of(p->text, at, &line, &column);
    for (int i = 0; i < 20 && end < p->text.len && p->text.ptr[end] != '\n'; i++)
        utf8_next(p->text, &end);
    struct str found = str_sub(p->text, at, end - at);
    if (found.len == 0)
        return parse_error(p,
                           err_set(ERR_SYNTAX, "line %zu, column %zu: expected %s, found the end",
                                   line, column, expected));
    return parse_error(p, err_set(ERR_SYNTAX, "line %zu, column %zu: expected %s, found \"%.*s\"",
                                  line, column, expected, STR_ARG(found)));
}

void *parse_fail(struct parser *p, const char *expected)
{
    p->at = scan_skip(p->text, p->at);
    return parse_fail_at(p, p->at, expected);
}

struct feel_node *parse_node(struct parser *p, enum node_kind kind, size_t begin)
{
    struct feel_node *node = ARENA_NEW(p->arena, struct feel_node);
    node->kind = (uint8_t)kind;
    node->begin = (uint32_t)begin;
    node->end = (uint32_t)p->at;
    return node;
}

bool parse_peek(struct parser *p, const char *sign)
{
    p->at = scan_skip(p->text, p->at);
    return str_starts(str_sub(p->text, p->at, SIZE_MAX), str_of(sign));
}

bool parse_peek_word(struct parser *p, const char *word)
{
    p->at = scan_skip(p->text, p->at);
    return scan_match(p->text, p->at, str_of(word)) != 0;
}

bool parse_take(struct parser *p, const char *sign)
{
    if (!parse_peek(p, sign))
        return false;
    p->at += strlen(sign);
    return true;
}

bool parse_take_word(struct parser *p, const char *word)
{
    if (!parse_peek_word(p, word))
        return false;
    p->at += strlen(word);
    return true;
}

bool parse_want(struct parser *p, const char *sign)
{
    if (parse_take(p, sign))
        return true;
    parse_fail(p, str_format(p->arena, "\"%s\"", sign).ptr);
    return false;
}

bool parse_want_word(struct parser *p, const char *word)
{
    if (parse_take_word(p, word))
        return true;
    parse_fail(p, word);
    return false;
}

/* ---- Operators ---- */

struct operator_row {
    const char *sign;
    enum node_kind kind;
    int level;
    uint8_t op;
    bool word;
};

/* Longer signs stand before their beginnings. */
static const struct operator_row OPERATORS[] = {
    {"or", NODE_OR, LEVEL_OR, 0, true},
    {"and", NODE_AND, LEVEL_AND, 0, true},
    {"between", NODE_BETWEEN, LEVEL_COMPARE, 0, true},
    {"instance", NODE_INSTANCE, LEVEL_INSTANCE, 0, true},
    {"in", NODE_IN, LEVEL_COMPARE, 0, true},
    {"!=", NODE_COMPARE, LEVEL_COMPARE, OP_NOT_EQUAL, false},
    {"<=", NODE_COMPARE, LEVEL_COMPARE, OP_LESS_EQUAL, false},
    {">=", NODE_COMPARE, LEVEL_COMPARE, OP_MORE_EQUAL, false},
    {"=", NODE_COMPARE, LEVEL_COMPARE, OP_EQUAL, false},
    {"<", NODE_COMPARE, LEVEL_COMPARE, OP_LESS, false},
    {">", NODE_COMPARE, LEVEL_COMPARE, OP_MORE, false},
    {"**", NODE_ARITHMETIC, LEVEL_POWER, '^', false},
    {"+", NODE_ARITHMETIC, LEVEL_SUM, '+', false},
    {"-", NODE_ARITHMETIC, LEVEL_SUM, '-', false},
    {"*", NODE_ARITHMETIC, LEVEL_PRODUCT, '*', false},
    {"/", NODE_ARITHMETIC, LEVEL_PRODUCT, '/', false},
};

static const struct operator_row *peek_operator(struct parser *p)
{
    for (size_t i = 0; i < COUNT_OF(OPERATORS); i++) {
        const struct operator_row *row = &OPERATORS[i];
        if (row->word ? parse_peek_word(p, row->sign) : parse_peek(p, row->sign))
            return row;
    }
    return NULL;
}

static const struct feel_node *parse_between(struct parser *p, const struct feel_node *left)
{
    const struct feel_node *low = parse_climb(p, LEVEL_SUM);
    if (!low || !parse_want_word(p, "and"))
        return NULL;
    const struct feel_node *high = parse_climb(p, LEVEL_SUM);
    if (!high)
        return NULL;
    struct feel_node *node = parse_node(p, NODE_BETWEEN, left->begin);
    node->a = left;
    node->b = low;
    node->c = high;
    return node;
}

/* "in (a, b)" is a list of tests; "in (a..b]" is one range. */
static const struct feel_node *parse_in(struct parser *p, const struct feel_node *left)
{
    const struct feel_node **items = NULL, *test;
    size_t count = 0, capacity = 0, begin;
    bool asks = p->asks, closed = false;
    if (parse_peek(p, "(")) {
        begin = p->at++;
        if (!(test = parse_test(p)))
            return NULL;
        *ARENA_PUSH(p->arena, items, count, capacity) = test;
        if (parse_take(p, "..")) {
            if (!(items[0] = parse_range_end(p, begin, false, test)))
                return NULL;
            closed = true;
        }
        while (!closed && parse_take(p, ",")) {
            if (!(test = parse_test(p)))
                return NULL;
            *ARENA_PUSH(p->arena, items, count, capacity) = test;
        }
        if (!closed && !parse_want(p, ")"))
            return NULL;
    } else {
        test = parse_peek_sign(p) ? parse_sign(p) : parse_climb(p, LEVEL_SUM);
        if (!test)
            return NULL;
        *ARENA_PUSH(p->arena, items, count, capacity) = test;
    }
    p->asks = asks; /* Inside, "?" was the tested value. */
    struct feel_node *node = parse_node(p, NODE_IN, left->begin);
    node->first = left;
    node->items = items;
    node->count = count;
    return node;
}

static const struct feel_node *parse_instance(struct parser *p, const struct feel_node *left)
{
    const struct feel_type_spec *type;
    if (!parse_want_word(p, "of") || !parse_type(p, &type))
        return NULL;
    struct feel_node *node = parse_node(p, NODE_INSTANCE, left->begin);
    node->operand = left;
    node->type = type;
    return node;
}

static const struct feel_node *parse_path(struct parser *p, const struct feel_node *left)
{
    struct str member;
    if (!parse_member(p, &member))
        return NULL;
    struct feel_node *node = parse_node(p, NODE_PATH, left->begin);
    node->operand = left;
    node->member = member;
    return node;
}

static const struct feel_node *parse_filter(struct parser *p, const struct feel_node *left)
{
    bool range_end = p->range_end;
    p->range_end = false;
    p->filters++;
    const struct feel_node *condition = parse_expression(p);
    p->filters--;
    p->range_end = range_end;
    if (!condition || !parse_want(p, "]"))
        return NULL;
    struct feel_node *node = parse_node(p, NODE_FILTER, left->begin);
    node->a = left;
    node->b = condition;
    return node;
}

/* After the high end of a range: does "[" close it, since nothing to filter by follows? */
static bool closes_range(struct parser *p)
{
    if (!p->range_end)
        return false;
    size_t next = scan_skip(p->text, p->at + 1);
    if (next >= p->text.len || strchr(")],.=!<>*/+}", p->text.ptr[next]))
        return true;
    static const char *const WORDS[] = {"and",  "or",   "in",     "between",  "instance",
                                        "then", "else", "return", "satisfies"};
    for (size_t i = 0; i < COUNT_OF(WORDS); i++)
        if (scan_match(p->text, next, str_of(WORDS[i])))
            return true;
    return false;
}

static const struct feel_node *parse_primary(struct parser *p)
{
    p->at = scan_skip(p->text, p->at);
    char c = p->at < p->text.len ? p->text.ptr[p->at] : '\0';
    char next = p->at + 1 < p->text.len ? p->text.ptr[p->at + 1] : '\0';
    if ((c >= '0' && c <= '9') || (c == '.' && next >= '0' && next <= '9'))
        return parse_number(p);
    switch (c) {
    case '"':
        return parse_string(p);
    case '@':
        return parse_at_literal(p);
    case '{':
        return parse_context(p);
    case '[':
    case ']':
    case '(':
        return parse_bracket(p);
    default:
        return parse_name(p);
    }
}

static const struct feel_node *parse_postfix(struct parser *p)
{
    const struct feel_node *left = parse_primary(p);
    while (left) {
        size_t behind = p->at;
        if (parse_peek(p, ".") && !parse_peek(p, "..")) {
            p->at++;
            left = parse_path(p, left);
        } else if (parse_peek(p, "[") && !closes_range(p)) {
            p->at++;
            left = parse_filter(p, left);
        } else if (parse_take(p, "(")) {
            left = parse_call(p, left);
        } else {
            p->at = behind;
            break;
        }
    }
    return left;
}

static const struct feel_node *parse_unary(struct parser *p)
{
    size_t begin = scan_skip(p->text, p->at);
    if (!parse_take(p, "-"))
        return parse_postfix(p);
    if (++p->depth > FEEL_NESTING_MAX)
        return parse_error(p, err_set(ERR_LIMIT, "an expression nested too deeply"));
    const struct feel_node *operand = parse_unary(p);
    p->depth--;
    if (!operand)
        return NULL;
    struct feel_node *node = parse_node(p, NODE_NEGATE, begin);
    node->a = operand;
    return node;
}

const struct feel_node *parse_climb(struct parser *p, int level)
{
    if (++p->depth > FEEL_NESTING_MAX)
        return parse_error(p, err_set(ERR_LIMIT, "an expression nested too deeply"));
    const struct feel_node *left = parse_unary(p);
    while (left) {
        size_t behind = p->at;
        const struct operator_row *row = peek_operator(p);
        if (!row || row->level < level) {
            p->at = behind;
            break;
        }
        p->at += strlen(row->sign);
        if (row->kind == NODE_BETWEEN) {
            left = parse_between(p, left);
        } else if (row->kind == NODE_IN) {
            left = parse_in(p, left);
        } else if (row->kind == NODE_INSTANCE) {
            left = parse_instance(p, left);
        } else {
            const struct feel_node *right = parse_climb(p, row->level + 1);
            if (!right)
                return NULL;
            struct feel_node *node = parse_node(p, row->kind, left->begin);
            node->op = row->op;
            node->a = left;
            node->b = right;
            left = node;
        }
    }
    p->depth--;
    return left;
}

const struct feel_node *parse_expression(struct parser *p)
{
    return parse_climb(p, LEVEL_OR);
}

const struct feel_node *parse_test(struct parser *p)
{
    bool asks = p->asks;
    p->asks = false;
    const struct feel_node *node = parse_peek_sign(p) ? parse_sign(p) : parse_expression(p);
    if (node && p->asks) {
        struct feel_node *marked = ARENA_NEW(p->arena, struct feel_node);
        *marked = *node;
        marked->asks = true;
        node = marked;
    }
    p->asks = asks || p->asks;
    return node;
}

/* ---- Entries ---- */

static enum err begin(struct parser *p, struct arena *arena, struct str text,
                      const struct feel_names *known)
{
    *p = (struct parser){.arena = arena, .text = text, .known = known};
    if (text.len > FEEL_TEXT_MAX)
        return err_set(ERR_LIMIT, "an expression of %zu bytes", text.len);
    return utf8_check(text);
}

static enum err end(struct parser *p, const struct feel_node *root, const struct feel_expr **out)
{
    if (root && scan_skip(p->text, p->at) < p->text.len)
        parse_fail(p, "an operator or the end");
    if (p->failed)
        return p->error;
    for (const struct feel_names *known = p->known; known && p->unknown_count; known = known->up)
        if (known->strict)
            return err_set(ERR_NOT_FOUND, "nothing is called \"%.*s\" here",
                           STR_ARG(p->unknown[0]));
    struct feel_expr *expr = ARENA_NEW(p->arena, struct feel_expr);
    *expr = (struct feel_expr){
        .text = p->text, .root = root, .unknown = p->unknown, .unknown_count = p->unknown_count};
    *out = expr;
    return OK;
}

enum err feel_parse(struct arena *arena, struct str text, const struct feel_names *known,
                    const struct feel_expr **out)
{
    struct parser p;
    enum err r = begin(&p, arena, text, known);
    return r == OK ? end(&p, parse_expression(&p), out) : r;
}

static const struct feel_node *parse_tests(struct parser *p, bool negated)
{
    const struct feel_node **items = NULL;
    size_t count = 0, capacity = 0, first = p->at;
    do {
        const struct feel_node *test = parse_test(p);
        if (!test)
            return NULL;
        *ARENA_PUSH(p->arena, items, count, capacity) = test;
    } while (parse_take(p, ","));
    struct feel_node *node = parse_node(p, NODE_TESTS, first);
    node->op = negated;
    node->items = items;
    node->count = count;
    return node;
}

enum err feel_parse_unary_tests(struct arena *arena, struct str text,
                                const struct feel_names *known, const struct feel_expr **out)
{
    struct parser p;
    enum err r = begin(&p, arena, text, known);
    if (r != OK)
        return r;
    size_t after = scan_skip(text, 0);
    if (after < text.len && text.ptr[after] == '-' && scan_skip(text, after + 1) == text.len) {
        p.at = text.len;
        return end(&p, parse_node(&p, NODE_TESTS, after), out);
    }
    if (parse_take_word(&p, "not") && parse_take(&p, "(")) {
        const struct feel_node *root = parse_tests(&p, true);
        if (root && parse_take(&p, ")") && scan_skip(text, p.at) == text.len)
            return end(&p, root, out);
    }
    r = begin(&p, arena, text, known); /* "not(a) or b" is an expression like any other. */
    return r == OK ? end(&p, parse_tests(&p, false), out) : r;
}

struct str feel_expr_text(const struct feel_expr *expr)
{
    return expr->text;
}

size_t feel_unknown_names(const struct feel_expr *expr, const struct str **out)
{
    *out = expr->unknown;
    return expr->unknown_count;
}
