#include "feel/builtin.h"
#include "feel/number.h"

static enum err copy_list(struct feel_run *run, const struct feel_value *list, size_t more,
                          struct feel_value **out)
{
    struct feel_value *items;
    enum err r = eval_spend(run, list->list.count + more);
    if (r == OK)
        r = eval_array(run, list->list.count + more, sizeof(*items), &items);
    if (r != OK)
        return r;
    if (list->list.count > 0)
        memcpy(items, list->list.items, list->list.count * sizeof(*items));
    *out = items;
    return OK;
}

/* A place counted from 1, or from −1 at the end, as an index from 0. */
static bool index_of_place(const struct feel_value *place, size_t count, size_t *out)
{
    int64_t at;
    if (!number_trunc_int64(place->number, &at) || at == 0 || at > (int64_t)count ||
        at < -(int64_t)count)
        return false;
    *out = at > 0 ? (size_t)(at - 1) : count - (size_t)-at;
    return true;
}

static struct feel_value no_place(struct feel_run *run, const struct feel_value *list,
                                  const struct feel_value *place)
{
    return feel_fail(run, "index", "there is no place %.*s in a list of %zu",
                     STR_ARG(value_short(run, place)), list->list.count);
}

static BUILTIN(list_contains)
{
    (void)count;
    bool found = false;
    for (size_t i = 0; i < args[0].list.count && !found; i++)
        found = value_equal(&args[0].list.items[i], &args[1]) == TRI_TRUE;
    *out = feel_boolean(found);
    return eval_spend(run, args[0].list.count);
}

static BUILTIN(count_of)
{
    (void)run, (void)count;
    *out = feel_int((int64_t)args[0].list.count);
    return OK;
}

static enum err extreme(struct feel_run *run, const struct feel_value *list, enum order wanted,
                        struct feel_value *out)
{
    if (list->list.count == 0) {
        *out = feel_fail(run, "empty-list", "an empty list has no smallest or largest item");
        return OK;
    }
    const struct feel_value *best = &list->list.items[0];
    for (size_t i = 0; i < list->list.count; i++) {
        enum order order = value_order(&list->list.items[i], best);
        if (order == ORDER_NONE) {
            *out = feel_fail(run, "types", "%.*s and %.*s have no order",
                             STR_ARG(value_short(run, best)),
                             STR_ARG(value_short(run, &list->list.items[i])));
            return OK;
        }
        if (order == wanted)
            best = &list->list.items[i];
    }
    *out = *best;
    return eval_spend(run, list->list.count);
}

static BUILTIN(min_of)
{
    (void)count;
    return extreme(run, args, ORDER_LESS, out);
}

static BUILTIN(max_of)
{
    (void)count;
    return extreme(run, args, ORDER_MORE, out);
}

static bool all_numbers(struct feel_run *run, const struct feel_value *list, const char *name,
                        struct feel_value *out)
{
    for (size_t i = 0; i < list->list.count; i++)
        if (list->list.items[i].type != FEEL_NUMBER) {
            *out = feel_fail(run, "types", "%s wants numbers, not %.*s", name,
                             STR_ARG(value_short(run, &list->list.items[i])));
            return false;
        }
    if (list->list.count == 0)
        *out = feel_fail(run, "empty-list", "%s of an empty list", name);
    return list->list.count > 0;
}

static bool add_up(const struct feel_value *list, struct feel_number *out)
{
    struct feel_number total = list->list.items[0].number;
    for (size_t i = 1; i < list->list.count; i++)
        if (!number_add(total, list->list.items[i].number, &total))
            return false;
    *out = total;
    return true;
}

static struct feel_value too_large(struct feel_run *run, const char *name)
{
    return feel_fail(run, "out-of-range", "%s is out of range", name);
}

static BUILTIN(sum)
{
    (void)count;
    struct feel_number total;
    const struct feel_value *list = &args[0];
    enum feel_type type = list->list.count ? list->list.items[0].type : FEEL_NULL;
    if (type == FEEL_DAYS || type == FEEL_YEARS) {
        struct feel_value value = list->list.items[0];
        for (size_t i = 1; i < list->list.count; i++) {
            enum err r = eval_arithmetic(run, '+', &value, &list->list.items[i], &value);
            if (r != OK)
                return r;
        }
        *out = value;
        return eval_spend(run, list->list.count);
    }
    if (all_numbers(run, list, "sum", out))
        *out = add_up(list, &total) ? value_number(total) : too_large(run, "sum");
    return eval_spend(run, list->list.count);
}

static BUILTIN(mean)
{
    (void)count;
    struct feel_number total;
    if (all_numbers(run, &args[0], "mean", out))
        *out = add_up(&args[0], &total) &&
                       number_divide(total, number_of((int64_t)args[0].list.count), &total)
                   ? value_number(total)
                   : too_large(run, "mean");
    return eval_spend(run, args[0].list.count);
}

static BUILTIN(product)
{
    (void)count;
    if (!all_numbers(run, &args[0], "product", out))
        return OK;
    struct feel_number total = number_of(1);
    bool fits = true;
    for (size_t i = 0; fits && i < args[0].list.count; i++)
        fits = number_multiply(total, args[0].list.items[i].number, &total);
    *out = fits ? value_number(total) : too_large(run, "product");
    return eval_spend(run, args[0].list.count);
}

static BUILTIN(stddev)
{
    (void)count;
    const struct feel_value *list = &args[0];
    struct feel_number mean_of, total = number_of(0), size = number_of((int64_t)list->list.count);
    if (!all_numbers(run, list, "stddev", out))
        return OK;
    bool fits =
        list->list.count > 1 && add_up(list, &mean_of) && number_divide(mean_of, size, &mean_of);
    for (size_t i = 0; fits && i < list->list.count; i++) {
        struct feel_number off;
        fits = number_subtract(list->list.items[i].number, mean_of, &off) &&
               number_multiply(off, off, &off) && number_add(total, off, &total);
    }
    fits = fits && number_divide(total, number_of((int64_t)list->list.count - 1), &total) &&
           number_sqrt(total, &total);
    *out = fits ? value_number(total)
                : feel_fail(run, "out-of-range", "stddev wants at least two numbers");
    return eval_spend(run, list->list.count);
}

/* ---- Sorting: a stable merge sort, so that a wild order cannot break it ---- */

struct sorting {
    struct feel_run *run;
    const struct feel_value *precedes; /* NULL sorts numbers. */
    struct feel_value *spare;
};

static enum err goes_first(struct sorting *s, const struct feel_value *a,
                           const struct feel_value *b, bool *out)
{
    if (!s->precedes) {
        *out = number_compare(a->number, b->number) < 0;
        return OK;
    }
    struct feel_value pair[] = {*a, *b}, verdict;
    enum err r = eval_invoke(s->run, s->precedes, pair, NULL, 2, &verdict);
    *out = r == OK && is_true(&verdict);
    return r;
}

static enum err merge_sort(struct sorting *s, struct feel_value *items, size_t count)
{
    if (count < 2)
        return OK;
    size_t half = count / 2, left = 0, right = half, at = 0;
    enum err r = merge_sort(s, items, half);
    if (r == OK)
        r = merge_sort(s, items + half, count - half);
    while (r == OK && left < half && right < count) {
        bool swap;
        r = goes_first(s, &items[right], &items[left], &swap);
        s->spare[at++] = swap ? items[right++] : items[left++];
    }
    if (r != OK)
        return r;
    memmove(s->spare + at, items + left, (half - left) * sizeof(*items));
    memcpy(items, s->spare, (at + half - left) * sizeof(*items));
    return eval_spend(s->run, count);
}

static enum err sorted(struct feel_run *run, const struct feel_value *list,
                       const struct feel_value *precedes, struct feel_value **out)
{
    struct feel_value *items;
    struct sorting s = {.run = run, .precedes = precedes};
    enum err r = copy_list(run, list, 0, &items);
    if (r == OK)
        r = copy_list(run, list, 0, &s.spare);
    if (r == OK)
        r = merge_sort(&s, items, list->list.count);
    if (r == OK)
        *out = items;
    return r;
}

static BUILTIN(sort)
{
    (void)count;
    struct feel_value *items;
    enum err r = sorted(run, &args[0], &args[1], &items);
    if (r == OK)
        *out = feel_list(items, args[0].list.count);
    return r;
}

static BUILTIN(median)
{
    (void)count;
    struct feel_value *items;
    size_t size = args[0].list.count;
    if (!all_numbers(run, &args[0], "median", out))
        return OK;
    enum err r = sorted(run, &args[0], NULL, &items);
    if (r != OK)
        return r;
    struct feel_number n = items[size / 2].number;
    bool fits = size % 2 == 1 || (number_add(n, items[size / 2 - 1].number, &n) &&
                                  number_divide(n, number_of(2), &n));
    *out = fits ? value_number(n) : too_large(run, "median");
    return OK;
}

static BUILTIN(mode)
{
    (void)count;
    struct feel_value *items;
    size_t size = args[0].list.count, best = 0, found = 0;
    if (size == 0) {
        *out = args[0];
        return OK;
    }
    if (!all_numbers(run, &args[0], "mode", out))
        return OK;
    enum err r = sorted(run, &args[0], NULL, &items);
    if (r != OK)
        return r;
    for (size_t i = 0, same; i < size; i += same) {
        for (same = 1; i + same < size && value_equal(&items[i], &items[i + same]) == TRI_TRUE;)
            same++;
        if (same > best) {
            best = same;
            found = 0;
        }
        if (same == best)
            items[found++] = items[i]; /* Never ahead of what is still read. */
    }
    *out = feel_list(items, found);
    return OK;
}

/* ---- Logic ---- */

static enum err decide(struct feel_run *run, const struct feel_value *list, bool decides,
                       struct feel_value *out)
{
    struct feel_value result = feel_boolean(!decides);
    for (size_t i = 0; i < list->list.count; i++) {
        const struct feel_value *item = &list->list.items[i];
        if (item->type == FEEL_BOOLEAN && item->boolean == decides) {
            *out = *item;
            return OK;
        }
        if (item->type == FEEL_NULL)
            result = *item;
        else if (item->type != FEEL_BOOLEAN)
            result = feel_fail(run, "types", "%s wants booleans, not %.*s", decides ? "any" : "all",
                               STR_ARG(value_short(run, item)));
    }
    *out = result;
    return eval_spend(run, list->list.count);
}

static BUILTIN(all)
{
    (void)count;
    return decide(run, args, false, out);
}

static BUILTIN(any)
{
    (void)count;
    return decide(run, args, true, out);
}

/* ---- Making lists of lists ---- */

static BUILTIN(sublist)
{
    size_t size = args[0].list.count, at;
    int64_t length = (int64_t)size;
    if (!index_of_place(&args[1], size, &at)) {
        *out = no_place(run, &args[0], &args[1]);
        return OK;
    }
    if (count > 2 && args[2].type != FEEL_NULL) {
        if (!number_trunc_int64(args[2].number, &length) || length < 0 ||
            (uint64_t)length > size - at) {
            *out =
                feel_fail(run, "index", "%.*s items from place %.*s are too many",
                          STR_ARG(value_short(run, &args[2])), STR_ARG(value_short(run, &args[1])));
            return OK;
        }
    } else {
        length = (int64_t)(size - at);
    }
    *out = feel_list(args[0].list.items + at, (size_t)length);
    return OK;
}

static BUILTIN(append)
{
    (void)count;
    struct feel_value *items;
    size_t more = args[1].list.count;
    enum err r = copy_list(run, &args[0], more, &items);
    if (r != OK)
        return r;
    for (size_t i = 0; i < more; i++)
        items[args[0].list.count + i] = args[1].list.items[i];
    *out = feel_list(items, args[0].list.count + more);
    return OK;
}

static enum err join_lists(struct feel_run *run, const struct feel_value *lists, bool distinct,
                           struct feel_value *out)
{
    struct feel_value *items = NULL;
    size_t found = 0, capacity = 0;
    for (size_t i = 0; i < lists->list.count; i++)
        for (size_t k = 0; k < lists->list.items[i].list.count; k++) {
            const struct feel_value *item = &lists->list.items[i].list.items[k];
            bool twice = false;
            for (size_t j = 0; distinct && j < found && !twice; j++)
                twice = value_equal(&items[j], item) == TRI_TRUE;
            enum err r = eval_spend(run, distinct ? found + 1 : 1);
            if (r != OK)
                return r;
            if (!twice)
                *ARENA_PUSH(run->arena, items, found, capacity) = *item;
        }
    *out = feel_list(items, found);
    return OK;
}

static BUILTIN(concatenate)
{
    (void)count;
    return join_lists(run, &args[0], false, out);
}

static BUILTIN(union_of)
{
    (void)count;
    return join_lists(run, &args[0], true, out);
}

static BUILTIN(distinct_values)
{
    (void)count;
    struct feel_value one = feel_list(&args[0], 1);
    return join_lists(run, &one, true, out);
}

static BUILTIN(insert_before)
{
    (void)count;
    size_t size = args[0].list.count, at;
    struct feel_value *items;
    if (!index_of_place(&args[1], size, &at)) {
        *out = no_place(run, &args[0], &args[1]);
        return OK;
    }
    enum err r = copy_list(run, &args[0], 1, &items);
    if (r != OK)
        return r;
    memmove(items + at + 1, items + at, (size - at) * sizeof(*items));
    items[at] = args[2];
    *out = feel_list(items, size + 1);
    return OK;
}

static BUILTIN(remove_at)
{
    (void)count;
    size_t size = args[0].list.count, at;
    struct feel_value *items;
    if (!index_of_place(&args[1], size, &at)) {
        *out = no_place(run, &args[0], &args[1]);
        return OK;
    }
    enum err r = copy_list(run, &args[0], 0, &items);
    if (r != OK)
        return r;
    memmove(items + at, items + at + 1, (size - at - 1) * sizeof(*items));
    *out = feel_list(items, size - 1);
    return OK;
}

static BUILTIN(replace_at)
{
    (void)count;
    size_t at;
    struct feel_value *items;
    if (!index_of_place(&args[1], args[0].list.count, &at)) {
        *out = no_place(run, &args[0], &args[1]);
        return OK;
    }
    enum err r = copy_list(run, &args[0], 0, &items);
    if (r != OK)
        return r;
    items[at] = args[2];
    *out = feel_list(items, args[0].list.count);
    return OK;
}

static BUILTIN(replace_matching)
{
    (void)count;
    struct feel_value *items;
    enum err r = copy_list(run, &args[0], 0, &items);
    for (size_t i = 0; r == OK && i < args[0].list.count; i++) {
        struct feel_value pair[] = {items[i], args[2]}, verdict;
        r = eval_invoke(run, &args[1], pair, NULL, 2, &verdict);
        if (r == OK && verdict.type != FEEL_BOOLEAN) {
            *out = feel_fail(run, "types", "the match function gives %.*s, not true or false",
                             STR_ARG(value_short(run, &verdict)));
            return OK;
        }
        if (r == OK && verdict.boolean)
            items[i] = args[2];
    }
    if (r == OK)
        *out = feel_list(items, args[0].list.count);
    return r;
}

static BUILTIN(reverse)
{
    (void)count;
    struct feel_value *items;
    size_t size = args[0].list.count;
    enum err r = copy_list(run, &args[0], 0, &items);
    if (r != OK)
        return r;
    for (size_t i = 0; i < size; i++)
        items[i] = args[0].list.items[size - 1 - i];
    *out = feel_list(items, size);
    return OK;
}

static BUILTIN(index_of)
{
    (void)count;
    struct feel_value *places = NULL;
    size_t found = 0, capacity = 0;
    for (size_t i = 0; i < args[0].list.count; i++)
        if (value_equal(&args[0].list.items[i], &args[1]) == TRI_TRUE)
            *ARENA_PUSH(run->arena, places, found, capacity) = feel_int((int64_t)i + 1);
    *out = feel_list(places, found);
    return eval_spend(run, args[0].list.count);
}

enum { FLATTEN_DEPTH_MAX = 200 };

static enum err flatten_into(struct feel_run *run, const struct feel_value *list, int depth,
                             struct feel_value **items, size_t *found, size_t *capacity)
{
    enum err r = eval_spend(run, list->list.count + 1);
    if (depth > FLATTEN_DEPTH_MAX)
        r = err_refuse(ERR_LIMIT, "feel.too-deep", "a list nested too deeply");
    for (size_t i = 0; r == OK && i < list->list.count; i++) {
        const struct feel_value *item = &list->list.items[i];
        if (item->type == FEEL_LIST)
            r = flatten_into(run, item, depth + 1, items, found, capacity);
        else
            *ARENA_PUSH(run->arena, *items, *found, *capacity) = *item;
    }
    return r;
}

static BUILTIN(flatten)
{
    (void)count;
    struct feel_value *items = NULL;
    size_t found = 0, capacity = 0;
    enum err r = flatten_into(run, &args[0], 0, &items, &found, &capacity);
    if (r == OK)
        *out = feel_list(items, found);
    return r;
}

const struct builtin BUILTINS_LIST[] = {
    {"list contains", "list:l,element:a", list_contains},
    {"count", "list:l", count_of},
    {"min", "list:l", min_of},
    {"min", "c:a+", min_of},
    {"max", "list:l", max_of},
    {"max", "c:a+", max_of},
    {"sum", "list:l", sum},
    {"sum", "n:a+", sum},
    {"mean", "list:l", mean},
    {"mean", "n:a+", mean},
    {"all", "list:l", all},
    {"all", "b:a+", all},
    {"any", "list:l", any},
    {"any", "b:a+", any},
    {"sublist", "list:l,start position:n,length:n?", sublist},
    {"append", "list:l,item:a*", append},
    {"concatenate", "list:l*", concatenate},
    {"insert before", "list:l,position:n,newItem:a", insert_before},
    {"remove", "list:l,position:n", remove_at},
    {"list replace", "list:l,position:n,newItem:a", replace_at},
    {"list replace", "list:l,match:f,newItem:a", replace_matching},
    {"reverse", "list:l", reverse},
    {"index of", "list:l,match:a", index_of},
    {"union", "list:l*", union_of},
    {"distinct values", "list:l", distinct_values},
    {"flatten", "list:l", flatten},
    {"product", "list:l", product},
    {"product", "n:a+", product},
    {"median", "list:l", median},
    {"median", "n:a+", median},
    {"stddev", "list:l", stddev},
    {"stddev", "n:a+", stddev},
    {"mode", "list:l", mode},
    {"mode", "n:a+", mode},
    {"sort", "list:l,precedes:f", sort},
    {0},
};
