#include "feel/eval.h"

#include "base/zone.h"
#include "feel/builtin.h"
#include "feel/number.h"
#include "feel/type.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

static const struct zone *home; /* NULL, which is UTC, on a machine without time zones. */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void find_home(void)
{
    if (zone_find(STR("Asia/Shanghai"), &home) != OK)
        home = NULL;
}

void feel_run_init(struct feel_run *run, struct arena *arena, int64_t now_us)
{
    *run = (struct feel_run){.arena = arena,
                             .now_us = now_us,
                             .steps = FEEL_STEPS,
                             .depth = FEEL_DEPTH,
                             .bytes_end = arena->used + FEEL_BYTES};
    pthread_once(&once, find_home);
    run->zone = home;
}

enum err eval_spend(struct feel_run *run, size_t count)
{
    if (run->steps < 0 || count > (size_t)run->steps)
        return err_refuse(ERR_LIMIT, "feel.too-long", "the expression takes too many steps");
    run->steps -= (int64_t)count;
    if (run->arena->used > run->bytes_end)
        return err_refuse(ERR_LIMIT, "feel.too-large", "the expression makes too much data");
    return OK;
}

enum err eval_array(struct feel_run *run, size_t count, size_t size, void *out)
{
    if (run->arena->used > run->bytes_end || count > (run->bytes_end - run->arena->used) / size)
        return err_refuse(ERR_LIMIT, "feel.too-large", "the expression makes too much data");
    *(void **)out = arena_array(run->arena, count, size);
    return OK;
}

/* ---- Reasons ---- */

static void place_reason(struct feel_run *run, struct feel_reason *reason)
{
    if (!run->expr || !run->at)
        return;
    struct str text = run->expr->text;
    reason->where = str_sub(text, run->at->begin, run->at->end - run->at->begin);
    reason->line = reason->column = 1;
    for (size_t i = 0; i < run->at->begin && i < text.len;) {
        bool next = utf8_next(text, &i) == '\n';
        reason->column = next ? 1 : reason->column + 1;
        reason->line += next;
    }
}

struct feel_value feel_fail(struct feel_run *run, const char *what, const char *format, ...)
{
    run->reason_total++;
    if (run->reason_count == FEEL_REASONS_MAX)
        return (struct feel_value){.type = FEEL_NULL,
                                   .reason = &run->reasons[FEEL_REASONS_MAX - 1]};
    if (!run->reasons)
        run->reasons = ARENA_ARRAY(run->arena, FEEL_REASONS_MAX, struct feel_reason);
    struct feel_reason *reason = &run->reasons[run->reason_count++];
    char detail[ERR_DETAIL_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(detail, sizeof(detail), format, args);
    va_end(args);
    *reason = (struct feel_reason){
        .what = what, .detail = str_copy(run->arena, str_of(detail)), .place = run->place};
    place_reason(run, reason);
    return (struct feel_value){.type = FEEL_NULL, .reason = reason};
}

void feel_reasons_to_json(struct json_writer *w, const struct feel_run *run)
{
    json_array_begin(w);
    for (size_t i = 0; i < run->reason_count; i++) {
        const struct feel_reason *reason = &run->reasons[i];
        json_object_begin(w);
        json_member_c(w, "what", reason->what);
        json_member_text(w, "detail", reason->detail);
        json_member_text(w, "where", reason->where);
        json_member_text(w, "place", reason->place);
        json_member_int(w, "line", (int64_t)reason->line);
        json_member_int(w, "column", (int64_t)reason->column);
        json_object_end(w);
    }
    json_array_end(w);
}

/* ---- Nodes ---- */

static const struct feel_value *lookup(const struct feel_scope *scope, struct str name)
{
    for (; scope; scope = scope->up)
        for (size_t i = scope->count; i-- > 0;) {
            struct str other = scope->entries[i].name;
            if (other.len == name.len &&
                (other.ptr == name.ptr || memcmp(other.ptr, name.ptr, name.len) == 0))
                return &scope->entries[i].value;
        }
    return NULL;
}

static struct feel_value function_value(struct feel_run *run, enum function_kind kind, int builtin,
                                        const struct feel_host *host)
{
    struct feel_function *function = ARENA_NEW(run->arena, struct feel_function);
    function->kind = kind;
    if (kind == FUNCTION_BUILTIN)
        function->builtin = builtin;
    else
        function->host = host;
    return (struct feel_value){.type = FEEL_FUNCTION, .function = function};
}

static void eval_name(struct feel_run *run, const struct feel_scope *scope,
                      const struct feel_node *node, struct feel_value *out)
{
    const struct feel_value *found = lookup(scope, node->name);
    if (found) {
        *out = *found;
        return;
    }
    if (node->builtin >= 0) {
        *out = function_value(run, FUNCTION_BUILTIN, node->builtin, NULL);
        return;
    }
    for (size_t i = 0; i < run->host_count; i++)
        if (str_equal(run->hosts[i].name, node->name)) {
            *out = function_value(run, FUNCTION_HOST, -1, &run->hosts[i]);
            return;
        }
    run->at = node;
    *out = feel_fail(run, "unknown-name", "nothing is called \"%.*s\"", STR_ARG(node->name));
}

static enum err eval_list(struct feel_run *run, const struct feel_scope *scope,
                          const struct feel_node *node, struct feel_value *out)
{
    struct feel_value *items;
    enum err r = eval_array(run, node->count, sizeof(*items), &items);
    for (size_t i = 0; r == OK && i < node->count; i++)
        r = eval_node(run, scope, node->items[i], &items[i]);
    if (r == OK)
        *out = feel_list(items, node->count);
    return r;
}

static enum err eval_context(struct feel_run *run, const struct feel_scope *scope,
                             const struct feel_node *node, struct feel_value *out)
{
    struct feel_entry *entries;
    enum err r = eval_array(run, node->count, sizeof(*entries), &entries);
    if (r != OK)
        return r;
    struct feel_scope inner = {.up = scope, .entries = entries};
    for (size_t i = 0; i < node->count; i++) {
        struct str name = node->names->name[i];
        for (size_t k = 0; k < i; k++)
            if (str_equal(entries[k].name, name)) {
                run->at = node;
                *out = feel_fail(run, "double-key", "the context has two entries \"%.*s\"",
                                 STR_ARG(name));
                return OK;
            }
        const struct feel_node *item = node->items[i];
        r = item->kind == NODE_FUNCTION ? eval_function(run, &inner, item, name, &entries[i].value)
                                        : eval_node(run, &inner, item, &entries[i].value);
        if (r != OK)
            return r;
        entries[i].name = name;
        inner.count = i + 1;
    }
    *out = feel_context(entries, node->count);
    return OK;
}

static enum err eval_range(struct feel_run *run, const struct feel_scope *scope,
                           const struct feel_node *node, struct feel_value *out)
{
    struct feel_range *range;
    enum err r = eval_array(run, 1, sizeof(*range), &range);
    if (r == OK)
        r = eval_node(run, scope, node->a, &range->low);
    if (r == OK)
        r = eval_node(run, scope, node->b, &range->high);
    if (r != OK)
        return r;
    range->low_bound = range->low.type == FEEL_NULL  ? FEEL_UNBOUNDED
                       : node->op & RANGE_LOW_CLOSED ? FEEL_CLOSED
                                                     : FEEL_OPEN;
    range->high_bound = range->high.type == FEEL_NULL  ? FEEL_UNBOUNDED
                        : node->op & RANGE_HIGH_CLOSED ? FEEL_CLOSED
                                                       : FEEL_OPEN;
    bool two = range->low_bound != FEEL_UNBOUNDED && range->high_bound != FEEL_UNBOUNDED;
    run->at = node;
    if (two && value_order(&range->low, &range->high) == ORDER_NONE)
        *out = feel_fail(run, "range-ends", "no range goes from %.*s to %.*s",
                         STR_ARG(value_short(run, &range->low)),
                         STR_ARG(value_short(run, &range->high)));
    else
        *out = (struct feel_value){.type = FEEL_RANGE, .range = range};
    return OK;
}

/* "(< 5)" as a value. */
static enum err eval_sign(struct feel_run *run, const struct feel_scope *scope,
                          const struct feel_node *node, struct feel_value *out)
{
    static const char *const SIGNS[] = {"=", "!=", "<", "<=", ">", ">="};
    struct feel_range *range;
    struct feel_value end;
    enum err r = eval_array(run, 1, sizeof(*range), &range);
    if (r == OK)
        r = eval_node(run, scope, node->a, &end);
    if (r != OK)
        return r;
    range->sign = SIGNS[node->op];
    bool low = node->op == OP_MORE || node->op == OP_MORE_EQUAL || node->op == OP_EQUAL;
    bool high = node->op == OP_LESS || node->op == OP_LESS_EQUAL || node->op == OP_EQUAL;
    bool closed = node->op == OP_EQUAL || node->op == OP_LESS_EQUAL || node->op == OP_MORE_EQUAL;
    if (low || node->op == OP_NOT_EQUAL)
        range->low = end;
    if (high)
        range->high = end;
    range->low_bound = low ? (closed ? FEEL_CLOSED : FEEL_OPEN) : FEEL_UNBOUNDED;
    range->high_bound = high ? (closed ? FEEL_CLOSED : FEEL_OPEN) : FEEL_UNBOUNDED;
    *out = (struct feel_value){.type = FEEL_RANGE, .range = range};
    return OK;
}

static bool odd_operand(const struct feel_value *value)
{
    return value->type != FEEL_BOOLEAN && value->type != FEEL_NULL;
}

/* Ternary logic: one operand may decide what the other cannot. */
static enum err eval_logic(struct feel_run *run, const struct feel_scope *scope,
                           const struct feel_node *node, struct feel_value *out)
{
    bool decides = node->kind == NODE_OR;
    struct feel_value a, b;
    enum err r = eval_node(run, scope, node->a, &a);
    if (r != OK)
        return r;
    if (a.type == FEEL_BOOLEAN && a.boolean == decides) {
        *out = a;
        return OK;
    }
    r = eval_node(run, scope, node->b, &b);
    if (r != OK)
        return r;
    if (b.type == FEEL_BOOLEAN && (b.boolean == decides || a.type == FEEL_BOOLEAN)) {
        *out = b;
        return OK;
    }
    run->at = node;
    if (odd_operand(&a) || odd_operand(&b))
        *out = feel_fail(run, "types", "\"%s\" wants booleans, not %.*s and %.*s",
                         decides ? "or" : "and", STR_ARG(value_short(run, &a)),
                         STR_ARG(value_short(run, &b)));
    else
        *out = a.type == FEEL_NULL ? a : b;
    return OK;
}

static enum err eval_if(struct feel_run *run, const struct feel_scope *scope,
                        const struct feel_node *node, struct feel_value *out)
{
    struct feel_value condition;
    enum err r = eval_node(run, scope, node->a, &condition);
    if (r != OK)
        return r;
    if (condition.type != FEEL_BOOLEAN) {
        run->at = node->a;
        feel_fail(run, "condition", "the condition is %.*s, which counts as false",
                  STR_ARG(value_short(run, &condition)));
    }
    return eval_node(run, scope, is_true(&condition) ? node->b : node->c, out);
}

static enum err eval_between(struct feel_run *run, const struct feel_scope *scope,
                             const struct feel_node *node, struct feel_value *out)
{
    struct feel_value value, low, high;
    enum err r = eval_node(run, scope, node->a, &value);
    if (r == OK)
        r = eval_node(run, scope, node->b, &low);
    if (r == OK)
        r = eval_node(run, scope, node->c, &high);
    if (r != OK)
        return r;
    run->at = node;
    struct feel_value above = eval_compare(run, OP_MORE_EQUAL, &value, &low);
    struct feel_value below = eval_compare(run, OP_LESS_EQUAL, &value, &high);
    if (above.type == FEEL_NULL || (below.type != FEEL_NULL && !above.boolean))
        *out = above;
    else
        *out = below;
    return OK;
}

static enum err eval_in(struct feel_run *run, const struct feel_scope *scope,
                        const struct feel_node *node, struct feel_value *out)
{
    struct feel_value value;
    enum err r = eval_node(run, scope, node->first, &value);
    return r == OK ? eval_tests(run, scope, node->items, node->count, &value, out) : r;
}

static enum err eval_instance(struct feel_run *run, const struct feel_scope *scope,
                              const struct feel_node *node, struct feel_value *out)
{
    struct feel_value value;
    enum err r = eval_node(run, scope, node->operand, &value);
    if (r != OK)
        return r;
    const struct feel_type_spec *type = node->type;
    if (value.type == FEEL_NULL)
        *out = feel_boolean(type->kind == SPEC_BASIC && type->basic == FEEL_NULL);
    else
        *out = feel_boolean(feel_conforms(run, &value, type));
    return OK;
}

static enum err eval_binary(struct feel_run *run, const struct feel_scope *scope,
                            const struct feel_node *node, struct feel_value *out)
{
    struct feel_value a, b;
    enum err r = eval_node(run, scope, node->a, &a);
    if (r == OK)
        r = eval_node(run, scope, node->b, &b);
    if (r != OK)
        return r;
    run->at = node;
    if (node->kind == NODE_ARITHMETIC)
        return eval_arithmetic(run, node->op, &a, &b, out);
    *out = eval_compare(run, (enum compare_op)node->op, &a, &b);
    return OK;
}

static enum err eval_path(struct feel_run *run, const struct feel_scope *scope,
                          const struct feel_node *node, struct feel_value *out)
{
    struct feel_value object;
    enum err r = eval_node(run, scope, node->operand, &object);
    run->at = node;
    return r == OK ? eval_member(run, &object, node->member, out) : r;
}

static enum err eval_kind(struct feel_run *run, const struct feel_scope *scope,
                          const struct feel_node *node, struct feel_value *out)
{
    struct feel_value operand;
    enum err r;
    switch ((enum node_kind)node->kind) {
    case NODE_LITERAL:
        *out = node->literal;
        return OK;
    case NODE_BAD_LITERAL:
        run->at = node;
        *out =
            feel_fail(run, "literal", "\"%.*s\" is no date, time or duration", STR_ARG(node->name));
        return OK;
    case NODE_NAME:
        eval_name(run, scope, node, out);
        return OK;
    case NODE_LIST:
        return eval_list(run, scope, node, out);
    case NODE_CONTEXT:
        return eval_context(run, scope, node, out);
    case NODE_RANGE:
        return eval_range(run, scope, node, out);
    case NODE_SIGN:
        return eval_sign(run, scope, node, out);
    case NODE_NEGATE:
        r = eval_node(run, scope, node->a, &operand);
        run->at = node;
        return r == OK ? eval_negate(run, &operand, out) : r;
    case NODE_ARITHMETIC:
    case NODE_COMPARE:
        return eval_binary(run, scope, node, out);
    case NODE_AND:
    case NODE_OR:
        return eval_logic(run, scope, node, out);
    case NODE_BETWEEN:
        return eval_between(run, scope, node, out);
    case NODE_IN:
        return eval_in(run, scope, node, out);
    case NODE_INSTANCE:
        return eval_instance(run, scope, node, out);
    case NODE_IF:
        return eval_if(run, scope, node, out);
    case NODE_FOR:
    case NODE_SOME:
    case NODE_EVERY:
    case NODE_SPREAD:
        return eval_iteration(run, scope, node, out);
    case NODE_FILTER:
        return eval_filter(run, scope, node, out);
    case NODE_PATH:
        return eval_path(run, scope, node, out);
    case NODE_CALL:
        return eval_call(run, scope, node, out);
    case NODE_FUNCTION:
        return eval_function(run, scope, node, (struct str){0}, out);
    case NODE_TESTS:
        break;
    }
    assert(node->kind != NODE_TESTS); /* They are evaluated by feel_test. */
    return OK;
}

enum err eval_node(struct feel_run *run, const struct feel_scope *scope,
                   const struct feel_node *node, struct feel_value *out)
{
    if (--run->steps < 0 || run->arena->used > run->bytes_end)
        return eval_spend(run, 1);
    if (--run->depth < 0) {
        run->depth++;
        return err_refuse(ERR_LIMIT, "feel.too-deep", "the expression calls itself too deeply");
    }
    enum err r = eval_kind(run, scope, node, out);
    run->depth++;
    return r;
}

/* ---- Tests ---- */

bool eval_value_in(const struct feel_value *value, const struct feel_value *test)
{
    if (test->type == FEEL_RANGE && value->type != FEEL_RANGE)
        return range_holds(test->range, value) == TRI_TRUE;
    if (test->type == FEEL_LIST)
        for (size_t i = 0; i < test->list.count; i++) {
            const struct feel_value *item = &test->list.items[i];
            if (item->type == FEEL_RANGE ? eval_value_in(value, item)
                                         : value_equal(value, item) == TRI_TRUE)
                return true;
        }
    return value_equal(value, test) == TRI_TRUE;
}

enum err eval_test(struct feel_run *run, const struct feel_scope *scope,
                   const struct feel_node *test, const struct feel_value *input,
                   struct feel_value *out)
{
    struct feel_entry entry = {.name = STR("?"), .value = *input};
    struct feel_scope inner = {.up = scope, .entries = &entry, .count = 1};
    struct feel_value value;
    enum err r = eval_node(run, &inner, test->kind == NODE_SIGN ? test->a : test, &value);
    if (r != OK)
        return r;
    run->at = test;
    if (test->kind == NODE_SIGN) {
        *out = eval_compare(run, (enum compare_op)test->op, input, &value);
    } else if (test->asks) {
        if (value.type != FEEL_BOOLEAN && value.type != FEEL_NULL)
            value = feel_fail(run, "types", "the test gives %.*s, not true or false",
                              STR_ARG(value_short(run, &value)));
        *out = value;
    } else {
        if (value.type == FEEL_RANGE && range_holds(value.range, input) == TRI_NULL) {
            *out = feel_fail(run, "types", "%.*s cannot be compared with the ends of %.*s",
                             STR_ARG(value_short(run, input)), STR_ARG(value_short(run, &value)));
            return OK;
        }
        bool truth = is_true(&value) && input->type != FEEL_BOOLEAN && test->kind != NODE_LITERAL;
        *out = feel_boolean(truth || eval_value_in(input, &value));
    }
    return OK;
}

enum err eval_tests(struct feel_run *run, const struct feel_scope *scope,
                    const struct feel_node *const *tests, size_t count,
                    const struct feel_value *input, struct feel_value *out)
{
    struct feel_value result = feel_boolean(false), one;
    for (size_t i = 0; i < count; i++) {
        enum err r = eval_test(run, scope, tests[i], input, &one);
        if (r != OK)
            return r;
        if (is_true(&one)) {
            result = one;
            break;
        }
        if (one.type == FEEL_NULL)
            result = one;
    }
    *out = result;
    return OK;
}

/* ---- Entries ---- */

enum err feel_eval(const struct feel_expr *expr, const struct feel_scope *scope,
                   struct feel_run *run, struct feel_value *out)
{
    const struct feel_expr *outer = run->expr;
    const struct feel_node *at = run->at;
    struct feel_value value;
    run->expr = expr;
    enum err r = eval_node(run, scope, expr->root, &value);
    run->expr = outer;
    run->at = at;
    if (r == OK)
        *out = value;
    return r;
}

enum err feel_test(const struct feel_expr *tests, const struct feel_value *input,
                   const struct feel_scope *scope, struct feel_run *run, bool *out)
{
    const struct feel_node *root = tests->root;
    assert(root->kind == NODE_TESTS);
    if (root->count == 0) {
        *out = true;
        return OK;
    }
    const struct feel_expr *outer = run->expr;
    const struct feel_node *at = run->at;
    struct feel_value value;
    run->expr = tests;
    enum err r = eval_tests(run, scope, root->items, root->count, input, &value);
    run->expr = outer;
    run->at = at;
    if (r == OK)
        *out = value.type == FEEL_BOOLEAN && value.boolean != (root->op == 1);
    return r;
}
