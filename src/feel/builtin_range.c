#include "feel/builtin.h"
#include "feel/parser.h"

/* A range's end on the line of its values: open ends lie a hair inside, missing ones at infinity.
 */
struct end {
    const struct feel_value *value;
    int infinite; /* −1, 0, 1 */
    int shift;    /* 1 behind an open low end, −1 before an open high end. */
};

static struct end low_of(const struct feel_value *value)
{
    if (value->type != FEEL_RANGE)
        return (struct end){.value = value};
    return (struct end){.value = &value->range->low,
                        .infinite = -(value->range->low_bound == FEEL_UNBOUNDED),
                        .shift = value->range->low_bound == FEEL_OPEN};
}

static struct end high_of(const struct feel_value *value)
{
    if (value->type != FEEL_RANGE)
        return (struct end){.value = value};
    return (struct end){.value = &value->range->high,
                        .infinite = value->range->high_bound == FEEL_UNBOUNDED,
                        .shift = -(value->range->high_bound == FEEL_OPEN)};
}

/* Order of the values alone. */
static enum order value_part(struct end a, struct end b)
{
    if (a.infinite || b.infinite)
        return (a.infinite > b.infinite) - (a.infinite < b.infinite);
    return value_order(a.value, b.value);
}

/* Order with the hairs. */
static enum order end_order(struct end a, struct end b)
{
    enum order order = value_part(a, b);
    return order == ORDER_SAME ? (a.shift > b.shift) - (a.shift < b.shift) : order;
}

static bool comparable(const struct feel_value *a, const struct feel_value *b)
{
    return value_part(low_of(a), low_of(b)) != ORDER_NONE &&
           value_part(high_of(a), high_of(b)) != ORDER_NONE &&
           value_part(low_of(a), high_of(b)) != ORDER_NONE &&
           value_part(high_of(a), low_of(b)) != ORDER_NONE;
}

typedef bool relation(const struct feel_value *a, const struct feel_value *b);

static bool before(const struct feel_value *a, const struct feel_value *b)
{
    return end_order(high_of(a), low_of(b)) == ORDER_LESS ||
           (value_part(high_of(a), low_of(b)) == ORDER_SAME &&
            (high_of(a).shift || low_of(b).shift));
}

static bool meets(const struct feel_value *a, const struct feel_value *b)
{
    return value_part(high_of(a), low_of(b)) == ORDER_SAME && !high_of(a).shift &&
           !low_of(b).shift && !high_of(a).infinite;
}

static bool touches(const struct feel_value *a, const struct feel_value *b)
{
    enum order order = value_part(high_of(a), low_of(b));
    return order == ORDER_MORE || (order == ORDER_SAME && !high_of(a).shift && !low_of(b).shift);
}

static bool overlaps(const struct feel_value *a, const struct feel_value *b)
{
    return touches(a, b) && touches(b, a);
}

static bool overlaps_before(const struct feel_value *a, const struct feel_value *b)
{
    return end_order(low_of(a), low_of(b)) == ORDER_LESS && touches(a, b) &&
           end_order(high_of(a), high_of(b)) != ORDER_MORE;
}

static bool overlaps_after(const struct feel_value *a, const struct feel_value *b)
{
    return end_order(low_of(a), low_of(b)) == ORDER_MORE && touches(b, a) &&
           end_order(high_of(a), high_of(b)) != ORDER_LESS;
}

static bool finishes(const struct feel_value *a, const struct feel_value *b)
{
    return end_order(high_of(a), high_of(b)) == ORDER_SAME &&
           end_order(low_of(a), low_of(b)) != ORDER_LESS;
}

static bool includes(const struct feel_value *a, const struct feel_value *b)
{
    return end_order(low_of(a), low_of(b)) != ORDER_MORE &&
           end_order(high_of(a), high_of(b)) != ORDER_LESS;
}

static bool starts(const struct feel_value *a, const struct feel_value *b)
{
    return end_order(low_of(a), low_of(b)) == ORDER_SAME &&
           end_order(high_of(a), high_of(b)) != ORDER_MORE;
}

static bool coincides(const struct feel_value *a, const struct feel_value *b)
{
    return end_order(low_of(a), low_of(b)) == ORDER_SAME &&
           end_order(high_of(a), high_of(b)) == ORDER_SAME;
}

static enum err relate(struct feel_run *run, const struct feel_value *a, const struct feel_value *b,
                       relation *holds, struct feel_value *out)
{
    *out = comparable(a, b) ? feel_boolean(holds(a, b))
                            : feel_fail(run, "types", "%.*s and %.*s are not on one line",
                                        STR_ARG(value_short(run, a)), STR_ARG(value_short(run, b)));
    return OK;
}

#define RELATION(function, holds, left, right)                                                     \
    static BUILTIN(function)                                                                       \
    {                                                                                              \
        (void)count;                                                                               \
        return relate(run, &args[left], &args[right], holds, out);                                 \
    }

RELATION(is_before, before, 0, 1)
RELATION(is_after, before, 1, 0)
RELATION(is_meeting, meets, 0, 1)
RELATION(is_met_by, meets, 1, 0)
RELATION(is_overlapping, overlaps, 0, 1)
RELATION(is_overlapping_before, overlaps_before, 0, 1)
RELATION(is_overlapping_after, overlaps_after, 0, 1)
RELATION(is_finishing, finishes, 0, 1)
RELATION(is_finished_by, finishes, 1, 0)
RELATION(is_including, includes, 0, 1)
RELATION(is_during, includes, 1, 0)
RELATION(is_starting, starts, 0, 1)
RELATION(is_started_by, starts, 1, 0)
RELATION(is_coinciding, coincides, 0, 1)

/* ---- range("[1..5]"): a range of literals, written as text ---- */

static bool literal_end(const struct feel_node *node)
{
    if (node->kind == NODE_NEGATE)
        return node->a->kind == NODE_LITERAL;
    if (node->kind == NODE_CALL) { /* date("…") and the like. */
        static const char *const MAKERS[] = {"date", "time", "date and time", "duration"};
        if (node->first->kind != NODE_NAME || node->count != 1 ||
            node->items[0]->kind != NODE_LITERAL)
            return false;
        for (size_t i = 0; i < COUNT_OF(MAKERS); i++)
            if (str_is(node->first->name, MAKERS[i]))
                return true;
        return false;
    }
    return node->kind == NODE_LITERAL && node->literal.type != FEEL_BOOLEAN;
}

static bool only_literals(const struct feel_node *node)
{
    if (node->kind == NODE_SIGN)
        return literal_end(node->a);
    return node->kind == NODE_RANGE && literal_end(node->a) && literal_end(node->b);
}

static bool closed_without_end(const struct feel_node *node)
{
    const struct feel_node *ends[] = {node->a, node->b};
    for (int i = 0; node->kind == NODE_RANGE && i < 2; i++)
        if (ends[i]->kind == NODE_LITERAL && ends[i]->literal.type == FEEL_NULL &&
            node->op & (i ? RANGE_HIGH_CLOSED : RANGE_LOW_CLOSED))
            return true;
    return false;
}

/* "[..5]" and "(1..)" leave an end out; FEEL expressions cannot. */
static struct str with_ends(struct feel_run *run, struct str text)
{
    text = str_trim(text);
    size_t dots = str_find(text, STR(".."), 0);
    if (dots == text.len || text.len < 4)
        return text;
    struct str low = str_trim(str_sub(text, 1, dots - 1));
    struct str high = str_trim(str_sub(text, dots + 2, text.len - dots - 3));
    if (low.len > 0 && high.len > 0)
        return text;
    return str_format(run->arena, "%c%.*s..%.*s%c", text.ptr[0],
                      STR_ARG(low.len ? low : STR("null")), STR_ARG(high.len ? high : STR("null")),
                      text.ptr[text.len - 1]);
}

static BUILTIN(range_from)
{
    (void)count;
    const struct feel_expr *expr;
    struct feel_value value = feel_null();
    bool fits = feel_parse(run->arena, with_ends(run, args[0].text), NULL, &expr) == OK &&
                only_literals(expr->root) && !closed_without_end(expr->root);
    if (fits) {
        enum err r = feel_eval(expr, NULL, run, &value);
        if (r != OK)
            return r;
    }
    bool range = value.type == FEEL_RANGE;
    const struct feel_range *made = value.range;
    bool empty =
        range &&
        (value_order(&made->low, &made->high) == ORDER_MORE ||
         (made->low_bound == FEEL_UNBOUNDED && made->high_bound == FEEL_UNBOUNDED && !made->sign));
    *out = range && !empty ? value
                           : feel_fail(run, "unreadable", "%.*s is no range of literals",
                                       STR_ARG(value_short(run, &args[0])));
    return eval_spend(run, args[0].text.len);
}

const struct builtin BUILTINS_RANGE[] = {
    {"range", "from:s", range_from},
    {"before", "point1:v,point2:v", is_before},
    {"before", "point:v,range:r", is_before},
    {"before", "range:r,point:v", is_before},
    {"before", "range1:r,range2:r", is_before},
    {"after", "point1:v,point2:v", is_after},
    {"after", "point:v,range:r", is_after},
    {"after", "range:r,point:v", is_after},
    {"after", "range1:r,range2:r", is_after},
    {"meets", "range1:r,range2:r", is_meeting},
    {"met by", "range1:r,range2:r", is_met_by},
    {"overlaps", "range1:r,range2:r", is_overlapping},
    {"overlaps before", "range1:r,range2:r", is_overlapping_before},
    {"overlaps after", "range1:r,range2:r", is_overlapping_after},
    {"finishes", "point:v,range:r", is_finishing},
    {"finishes", "range1:r,range2:r", is_finishing},
    {"finished by", "range:r,point:v", is_finished_by},
    {"finished by", "range1:r,range2:r", is_finished_by},
    {"includes", "range:r,point:v", is_including},
    {"includes", "range1:r,range2:r", is_including},
    {"during", "point:v,range:r", is_during},
    {"during", "range1:r,range2:r", is_during},
    {"starts", "point:v,range:r", is_starting},
    {"starts", "range1:r,range2:r", is_starting},
    {"started by", "range:r,point:v", is_started_by},
    {"started by", "range1:r,range2:r", is_started_by},
    {"coincides", "point1:v,point2:v", is_coinciding},
    {"coincides", "range1:r,range2:r", is_coinciding},
    {0},
};
