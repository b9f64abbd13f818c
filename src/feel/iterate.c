#include "feel/eval.h"
#include "feel/number.h"
#include "feel/temporal.h"

/* ---- for, some, every ---- */

struct loop {
    struct feel_run *run;
    const struct feel_node *node;
    struct feel_value *results;
    size_t count, capacity;
    bool decided, unsure;  /* some, every */
    struct feel_value bad; /* A source that cannot be iterated: the result. */
    bool failed;
};

static enum err loop_level(struct loop *loop, const struct feel_scope *scope, size_t level);

static enum err loop_body(struct loop *loop, const struct feel_scope *scope)
{
    struct feel_run *run = loop->run;
    struct feel_value value;
    if (loop->node->kind != NODE_FOR) {
        enum err r = eval_node(run, scope, loop->node->first, &value);
        if (r != OK)
            return r;
        if (value.type != FEEL_BOOLEAN)
            loop->unsure = true;
        else if (value.boolean == (loop->node->kind == NODE_SOME))
            loop->decided = true;
        return OK;
    }
    struct feel_entry entry = {.name = STR("partial"),
                               .value = feel_list(loop->results, loop->count)};
    struct feel_scope inner = {.up = scope, .entries = &entry, .count = 1};
    enum err r = eval_node(run, &inner, loop->node->first, &value);
    if (r == OK)
        *ARENA_PUSH(run->arena, loop->results, loop->count, loop->capacity) = value;
    return r;
}

static enum err loop_value(struct loop *loop, const struct feel_scope *scope, size_t level,
                           const struct feel_value *value)
{
    struct feel_entry entry = {.name = loop->node->names->name[level], .value = *value};
    struct feel_scope inner = {.up = scope, .entries = &entry, .count = 1};
    enum err r = eval_spend(loop->run, 1);
    if (r != OK)
        return r;
    return level + 1 < loop->node->count ? loop_level(loop, &inner, level + 1)
                                         : loop_body(loop, &inner);
}

/* Whole numbers or days from one to the other, up or down. */
static enum err loop_spread(struct loop *loop, const struct feel_scope *scope, size_t level,
                            bool dates, int64_t from, int64_t to)
{
    for (int64_t i = from;; i += from <= to ? 1 : -1) {
        struct feel_value value = {.type = FEEL_DATE};
        if (!dates)
            value = feel_int(i);
        else if (!date_of_days(i, &value.date))
            return OK;
        enum err r = loop_value(loop, scope, level, &value);
        if (r != OK || i == to || loop->decided || loop->failed)
            return r;
    }
}

static bool spread_end(const struct feel_value *value, bool *dates, int64_t *out)
{
    *dates = value->type == FEEL_DATE;
    if (*dates)
        *out = days_of_date(value->date);
    return *dates || (value->type == FEEL_NUMBER && number_to_int64(value->number, out));
}

static enum err loop_ends(struct loop *loop, const struct feel_scope *scope, size_t level,
                          const struct feel_value *low, const struct feel_value *high)
{
    bool dates, high_dates;
    int64_t from, to;
    if (!spread_end(low, &dates, &from) || !spread_end(high, &high_dates, &to) ||
        dates != high_dates) {
        loop->failed = true;
        loop->bad = feel_fail(
            loop->run, "iterate", "cannot count from %.*s to %.*s: only whole numbers and dates",
            STR_ARG(value_short(loop->run, low)), STR_ARG(value_short(loop->run, high)));
        return OK;
    }
    return loop_spread(loop, scope, level, dates, from, to);
}

static enum err loop_range(struct loop *loop, const struct feel_scope *scope, size_t level,
                           const struct feel_value *value)
{
    const struct feel_range *range = value->range;
    bool dates, high_dates;
    int64_t from, to;
    if (!spread_end(&range->low, &dates, &from) || !spread_end(&range->high, &high_dates, &to) ||
        dates != high_dates || from > to) {
        loop->failed = true;
        loop->bad = feel_fail(loop->run, "iterate",
                              "cannot go through %.*s: only whole numbers and dates, upwards",
                              STR_ARG(value_short(loop->run, value)));
        return OK;
    }
    from += range->low_bound == FEEL_OPEN;
    to -= range->high_bound == FEEL_OPEN;
    return from <= to ? loop_spread(loop, scope, level, dates, from, to) : OK;
}

static enum err loop_level(struct loop *loop, const struct feel_scope *scope, size_t level)
{
    const struct feel_node *node = loop->node->items[level];
    struct feel_run *run = loop->run;
    struct feel_value value, high;
    enum err r = eval_node(run, scope, node->kind == NODE_SPREAD ? node->a : node, &value);
    if (r != OK)
        return r;
    if (node->kind == NODE_SPREAD) {
        r = eval_node(run, scope, node->b, &high);
        run->at = node;
        return r == OK ? loop_ends(loop, scope, level, &value, &high) : r;
    }
    run->at = node;
    if (value.type == FEEL_RANGE)
        return loop_range(loop, scope, level, &value);
    if (value.type == FEEL_NULL) {
        loop->failed = true;
        loop->bad = feel_fail(run, "iterate", "there is no list to go through, but null");
        return OK;
    }
    if (value.type != FEEL_LIST)
        return loop_value(loop, scope, level, &value);
    for (size_t i = 0; i < value.list.count && !loop->decided && !loop->failed; i++) {
        r = loop_value(loop, scope, level, &value.list.items[i]);
        if (r != OK)
            return r;
    }
    return OK;
}

enum err eval_iteration(struct feel_run *run, const struct feel_scope *scope,
                        const struct feel_node *node, struct feel_value *out)
{
    struct loop loop = {.run = run, .node = node};
    assert(node->kind != NODE_SPREAD);
    enum err r = loop_level(&loop, scope, 0);
    if (r != OK)
        return r;
    if (loop.failed)
        *out = loop.bad;
    else if (node->kind == NODE_FOR)
        *out = feel_list(loop.results, loop.count);
    else if (loop.decided)
        *out = feel_boolean(node->kind == NODE_SOME);
    else
        *out = loop.unsure ? feel_null() : feel_boolean(node->kind == NODE_EVERY);
    return OK;
}

/* ---- Filters ---- */

/* The condition for one item: its members are names, and so is "item". */
static enum err filter_item(struct feel_run *run, const struct feel_scope *scope,
                            const struct feel_node *condition, const struct feel_value *item,
                            struct feel_value *out)
{
    struct feel_entry entry = {.name = STR("item"), .value = *item};
    struct feel_scope outer = {.up = scope, .entries = &entry, .count = 1};
    struct feel_scope inner = {.up = &outer};
    if (item->type == FEEL_CONTEXT) {
        inner.entries = item->context.entries;
        inner.count = item->context.count;
    }
    return eval_node(run, inner.count ? &inner : &outer, condition, out);
}

static struct feel_value item_at(struct feel_run *run, const struct feel_value *items, size_t count,
                                 struct feel_number index)
{
    int64_t at;
    if (number_to_int64(index, &at)) {
        if (at > 0 && (uint64_t)at <= count)
            return items[at - 1];
        if (at < 0 && at >= -(int64_t)count)
            return items[(int64_t)count + at];
    }
    struct feel_value value = value_number(index);
    return feel_fail(run, "index", "there is no item %.*s in a list of %zu",
                     STR_ARG(value_short(run, &value)), count);
}

/* An index into an empty list still has to be told from a condition. */
static enum err filter_nothing(struct feel_run *run, const struct feel_scope *scope,
                               const struct feel_node *node, struct feel_value *out)
{
    size_t kept = run->reason_count, total = run->reason_total;
    struct feel_value nothing = feel_null(), condition;
    enum err r = filter_item(run, scope, node->b, &nothing, &condition);
    if (r != OK)
        return r;
    run->reason_count = kept;
    run->reason_total = total;
    run->at = node;
    *out = condition.type == FEEL_NUMBER ? item_at(run, NULL, 0, condition.number)
                                         : feel_list(NULL, 0);
    return OK;
}

enum err eval_filter(struct feel_run *run, const struct feel_scope *scope,
                     const struct feel_node *node, struct feel_value *out)
{
    struct feel_value base, condition, *kept = NULL;
    enum err r = eval_node(run, scope, node->a, &base);
    if (r != OK)
        return r;
    const struct feel_value *items = base.type == FEEL_LIST ? base.list.items : &base;
    size_t count = base.type == FEEL_LIST ? base.list.count : 1, found = 0, capacity = 0;
    run->at = node;
    if (base.type == FEEL_NULL) {
        *out = feel_fail(run, "no-list", "there is no list to choose from, but null");
        return OK;
    }
    if (count == 0)
        return filter_nothing(run, scope, node, out);
    for (size_t i = 0; i < count; i++) {
        r = filter_item(run, scope, node->b, &items[i], &condition);
        if (r != OK)
            return r;
        if (i == 0 && condition.type == FEEL_NUMBER) {
            run->at = node;
            *out = item_at(run, items, count, condition.number);
            return OK;
        }
        if (is_true(&condition))
            *ARENA_PUSH(run->arena, kept, found, capacity) = items[i];
    }
    *out = feel_list(kept, found);
    return OK;
}
