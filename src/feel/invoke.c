#include "feel/builtin.h"
#include "feel/eval.h"
#include "feel/type.h"

/* Copies the scopes on the stack, so that a function outlives the expression it was written in.
 * What the caller of feel_eval gave lives as long as its arena; it is copied all the same, being
 * of unknown life, but only its frame: values are immutable. */
static const struct feel_scope *keep_scope(struct feel_run *run, const struct feel_scope *scope)
{
    struct feel_scope *first = NULL, **link = &first;
    for (; scope; scope = scope->up) {
        struct feel_scope *copy = ARENA_NEW(run->arena, struct feel_scope);
        struct feel_entry *entries = ARENA_ARRAY(run->arena, scope->count, struct feel_entry);
        if (scope->count > 0)
            memcpy(entries, scope->entries, scope->count * sizeof(*entries));
        copy->entries = entries;
        copy->count = scope->count;
        *link = copy;
        link = (struct feel_scope **)&copy->up;
    }
    return first;
}

enum err eval_function(struct feel_run *run, const struct feel_scope *scope,
                       const struct feel_node *node, struct str self, struct feel_value *out)
{
    size_t size = 0;
    for (const struct feel_scope *s = scope; s; s = s->up)
        size += s->count + 1;
    enum err r = eval_spend(run, size);
    if (r != OK)
        return r;
    if (node->op) {
        run->at = node;
        *out = feel_fail(run, "external", "external functions cannot be called here");
        return OK;
    }
    struct feel_function *function = ARENA_NEW(run->arena, struct feel_function);
    *function = (struct feel_function){.kind = FUNCTION_CLOSURE,
                                       .params = node->names->name,
                                       .types = node->names->type,
                                       .count = node->count};
    function->body = node->first;
    function->expr = run->expr;
    function->scope = keep_scope(run, scope);
    function->self = self;
    *out = (struct feel_value){.type = FEEL_FUNCTION, .function = function};
    return OK;
}

static size_t param_place(const struct str *params, size_t count, struct str name)
{
    size_t i = 0;
    while (i < count && !str_equal(params[i], name))
        i++;
    return i;
}

/* Arguments into the parameters' order. False with a reason in `out` where they do not fit. */
static bool place_args(struct feel_run *run, const struct feel_function *function,
                       const struct feel_value *args, const struct str *names, size_t count,
                       struct feel_value *placed, struct feel_value *out)
{
    if (count != function->count) {
        *out = feel_fail(run, "arguments", "the function takes %zu arguments, not %zu",
                         function->count, count);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        size_t place = names ? param_place(function->params, function->count, names[i]) : i;
        if (place == function->count) {
            *out = feel_fail(run, "arguments", "the function has no parameter \"%.*s\"",
                             STR_ARG(names[i]));
            return false;
        }
        const struct feel_type_spec *type = function->types ? function->types[place] : NULL;
        placed[place] = args[i];
        if (type && !type_coerce(run, &args[i], type, &placed[place])) {
            *out = feel_coerce(run, &args[i], type);
            return false;
        }
    }
    return true;
}

static enum err call_closure(struct feel_run *run, const struct feel_value *value,
                             const struct feel_value *args, struct feel_value *out)
{
    const struct feel_function *function = value->function;
    struct feel_entry *entries;
    enum err r = eval_array(run, function->count + 1, sizeof(*entries), &entries);
    if (r != OK)
        return r;
    entries[0] = (struct feel_entry){.name = function->self, .value = *value};
    for (size_t i = 0; i < function->count; i++)
        entries[i + 1] = (struct feel_entry){.name = function->params[i], .value = args[i]};
    bool named = function->self.ptr != NULL;
    struct feel_scope scope = {.up = function->scope,
                               .entries = named ? entries : entries + 1,
                               .count = function->count + named};
    const struct feel_expr *outer = run->expr;
    run->expr = function->expr;
    r = eval_node(run, &scope, function->body, out);
    run->expr = outer;
    return r;
}

static enum err call_host(struct feel_run *run, const struct feel_host *host,
                          const struct feel_value *args, const struct str *names, size_t count,
                          struct feel_value *out)
{
    struct feel_value *placed;
    enum err r = eval_array(run, host->param_count, sizeof(*placed), &placed);
    if (r != OK)
        return r;
    bool fits = count <= host->param_count && count >= host->required;
    for (size_t i = 0; fits && i < count; i++) {
        size_t place = i;
        if (names)
            for (place = 0; place < host->param_count; place++)
                if (str_is(names[i], host->params[place]))
                    break;
        fits = place < host->param_count;
        if (fits)
            placed[place] = args[i];
    }
    if (!fits) {
        *out = feel_fail(run, "arguments", "%.*s takes other arguments", STR_ARG(host->name));
        return OK;
    }
    return host->call(host->data, run, placed, out);
}

enum err eval_invoke(struct feel_run *run, const struct feel_value *value,
                     const struct feel_value *args, const struct str *names, size_t count,
                     struct feel_value *out)
{
    if (value->type != FEEL_FUNCTION) {
        *out = value->type == FEEL_NULL && value->reason
                   ? *value
                   : feel_fail(run, "no-function", "%.*s is no function",
                               STR_ARG(value_short(run, value)));
        return OK;
    }
    const struct feel_function *function = value->function;
    if (function->kind == FUNCTION_BUILTIN)
        return builtin_call(run, function->builtin, args, names, count, out);
    if (function->kind == FUNCTION_HOST)
        return call_host(run, function->host, args, names, count, out);
    struct feel_value *placed;
    enum err r = eval_array(run, count, sizeof(*placed), &placed);
    if (r != OK || !place_args(run, function, args, names, count, placed, out))
        return r;
    r = function->kind == FUNCTION_CLOSURE ? call_closure(run, value, placed, out)
                                           : function->call(function->data, run, placed, out);
    if (r == OK && function->result)
        *out = feel_coerce(run, out, function->result);
    return r;
}

enum err eval_call(struct feel_run *run, const struct feel_scope *scope,
                   const struct feel_node *node, struct feel_value *out)
{
    enum { ARGS_HERE = 4 };
    struct feel_value here[ARGS_HERE], *args = here, callee;
    enum err r = OK;
    if (node->count > ARGS_HERE)
        r = eval_array(run, node->count, sizeof(*args), &args);
    for (size_t i = 0; r == OK && i < node->count; i++)
        r = eval_node(run, scope, node->items[i], &args[i]);
    if (r != OK)
        return r;
    const struct str *names = node->names ? node->names->name : NULL;
    const struct feel_node *first = node->first;
    if (first->kind == NODE_NAME && first->op) {
        run->at = node;
        return builtin_call(run, first->builtin, args, names, node->count, out);
    }
    r = eval_node(run, scope, first, &callee);
    run->at = node;
    return r == OK ? eval_invoke(run, &callee, args, names, node->count, out) : r;
}
