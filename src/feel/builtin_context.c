#include "feel/builtin.h"

static BUILTIN(get_value)
{
    (void)count;
    const struct feel_value *found = feel_get(&args[0], args[1].text);
    *out =
        found ? *found
              : feel_fail(run, "no-such-member", "%.*s has no member %.*s",
                          STR_ARG(value_short(run, &args[0])), STR_ARG(value_short(run, &args[1])));
    return OK;
}

static BUILTIN(get_value_at)
{
    (void)count;
    struct feel_value at = args[0];
    for (size_t i = 0; i < args[1].list.count; i++) {
        const struct feel_value *key = &args[1].list.items[i];
        const struct feel_value *found = key->type == FEEL_STRING ? feel_get(&at, key->text) : NULL;
        if (!found) {
            *out = feel_fail(run, "no-such-member", "%.*s has no member %.*s",
                             STR_ARG(value_short(run, &at)), STR_ARG(value_short(run, key)));
            return OK;
        }
        at = *found;
    }
    *out = args[1].list.count ? at : feel_fail(run, "arguments", "get value without a key");
    return OK;
}

static BUILTIN(get_entries)
{
    (void)count;
    size_t size = args[0].context.count;
    struct feel_value *items;
    struct feel_entry *pairs;
    enum err r = eval_array(run, size, sizeof(*items), &items);
    if (r == OK)
        r = eval_array(run, 2 * size, sizeof(*pairs), &pairs);
    if (r != OK)
        return r;
    for (size_t i = 0; i < size; i++) {
        const struct feel_entry *entry = &args[0].context.entries[i];
        pairs[2 * i] = (struct feel_entry){STR("key"), feel_string(entry->name)};
        pairs[2 * i + 1] = (struct feel_entry){STR("value"), entry->value};
        items[i] = feel_context(&pairs[2 * i], 2);
    }
    *out = feel_list(items, size);
    return eval_spend(run, size);
}

/* Sets an entry, replacing one of that name. `entries` has room for one more. */
static void put(struct feel_entry *entries, size_t *count, struct str name,
                const struct feel_value *value)
{
    size_t i = 0;
    while (i < *count && !str_equal(entries[i].name, name))
        i++;
    entries[i] = (struct feel_entry){name, *value};
    *count += i == *count;
}

static enum err copy_context(struct feel_run *run, const struct feel_value *context, size_t more,
                             struct feel_entry **out)
{
    struct feel_entry *entries;
    size_t size = context->type == FEEL_CONTEXT ? context->context.count : 0;
    enum err r = eval_array(run, size + more, sizeof(*entries), &entries);
    if (r == OK && size > 0)
        memcpy(entries, context->context.entries, size * sizeof(*entries));
    if (r == OK)
        *out = entries;
    return r == OK ? eval_spend(run, size + more) : r;
}

static BUILTIN(context_of)
{
    (void)count;
    const struct feel_value nothing = feel_null();
    struct feel_entry *entries;
    size_t found = 0;
    enum err r = copy_context(run, &nothing, args[0].list.count, &entries);
    for (size_t i = 0; r == OK && i < args[0].list.count; i++) {
        const struct feel_value *item = &args[0].list.items[i];
        const struct feel_value *key = feel_get(item, STR("key"));
        const struct feel_value *value = feel_get(item, STR("value"));
        size_t before = found;
        if (key && value && key->type == FEEL_STRING)
            put(entries, &found, key->text, value);
        if (found == before) {
            *out = feel_fail(run, "arguments",
                             "context wants entries with a key of their own and a value, not %.*s",
                             STR_ARG(value_short(run, item)));
            return OK;
        }
        r = eval_spend(run, found);
    }
    if (r == OK)
        *out = feel_context(entries, found);
    return r;
}

static BUILTIN(context_put)
{
    (void)count;
    struct feel_entry *entries;
    size_t size = args[0].context.count;
    enum err r = copy_context(run, &args[0], 1, &entries);
    if (r != OK)
        return r;
    put(entries, &size, args[1].text, &args[2]);
    *out = feel_context(entries, size);
    return OK;
}

enum { PUT_DEPTH_MAX = 100 };

static enum err put_at(struct feel_run *run, const struct feel_value *context,
                       const struct feel_value *keys, size_t count, const struct feel_value *value,
                       struct feel_value *out)
{
    struct feel_entry *entries;
    size_t size = context->context.count;
    if (count == 0 || count > PUT_DEPTH_MAX || keys[0].type != FEEL_STRING) {
        *out = feel_fail(run, "arguments", "context put wants a list of keys");
        return OK;
    }
    struct feel_value made = *value;
    if (count > 1) {
        const struct feel_value *inner = feel_get(context, keys[0].text);
        if (!inner || inner->type != FEEL_CONTEXT) {
            *out =
                feel_fail(run, "no-such-member", "%.*s has no context %.*s",
                          STR_ARG(value_short(run, context)), STR_ARG(value_short(run, &keys[0])));
            return OK;
        }
        enum err r = put_at(run, inner, keys + 1, count - 1, value, &made);
        if (r != OK || (made.type == FEEL_NULL && made.reason)) {
            *out = made;
            return r;
        }
    }
    enum err r = copy_context(run, context, 1, &entries);
    if (r != OK)
        return r;
    put(entries, &size, keys[0].text, &made);
    *out = feel_context(entries, size);
    return OK;
}

static BUILTIN(context_put_at)
{
    (void)count;
    return put_at(run, &args[0], args[1].list.items, args[1].list.count, &args[2], out);
}

static BUILTIN(context_merge)
{
    (void)count;
    struct feel_value merged = feel_context(NULL, 0);
    for (size_t i = 0; i < args[0].list.count; i++) {
        const struct feel_value *next = &args[0].list.items[i];
        struct feel_entry *entries;
        size_t size = merged.context.count;
        if (next->type != FEEL_CONTEXT) {
            *out = feel_fail(run, "types", "context merge wants contexts, not %.*s",
                             STR_ARG(value_short(run, next)));
            return OK;
        }
        enum err r = copy_context(run, &merged, next->context.count, &entries);
        for (size_t k = 0; r == OK && k < next->context.count; k++) {
            put(entries, &size, next->context.entries[k].name, &next->context.entries[k].value);
            r = eval_spend(run, size);
        }
        if (r != OK)
            return r;
        merged = feel_context(entries, size);
    }
    *out = merged;
    return OK;
}

const struct builtin BUILTINS_CONTEXT[] = {
    {"get value", "m:c,key:s", get_value},
    {"get value", "m:c,keys:l", get_value_at},
    {"get entries", "m:c", get_entries},
    {"context", "entries:l", context_of},
    {"context put", "context:c,key:s,value:a", context_put},
    {"context put", "context:c,keys:l,value:a", context_put_at},
    {"context merge", "contexts:l", context_merge},
    {0},
};
