#include "feel/eval.h"
#include "dmn/model.h"

/* ---- Boxed expressions ---- */

struct closure {
    struct dmn_state *state;
    const struct box *box;
    const struct feel_scope *scope;
};

static enum err call_closure(const void *data, struct feel_run *run, const struct feel_value *args,
                             struct feel_value *out)
{
    const struct closure *closure = data;
    struct feel_entry *entries;
    (void)run;
    enum err r = eval_array(run, closure->box->count, sizeof(*entries), &entries);
    if (r != OK)
        return r;
    for (size_t i = 0; i < closure->box->count; i++)
        entries[i] = (struct feel_entry){closure->box->names[i], args[i]};
    struct feel_scope scope = {
        .up = closure->scope, .entries = entries, .count = closure->box->count};
    return box_eval(closure->state, closure->box->callee, &scope, out);
}

/* A function value over the scope it stands in. `scope` must be in the arena. */
static struct feel_value closure_value(struct dmn_state *state, const struct box *box,
                                       const struct feel_scope *scope)
{
    struct closure *closure = ARENA_NEW(state->run->arena, struct closure);
    *closure = (struct closure){.state = state, .box = box, .scope = scope};
    struct feel_function *function = ARENA_NEW(state->run->arena, struct feel_function);
    *function = (struct feel_function){.kind = FUNCTION_OTHER,
                                       .params = box->names,
                                       .types = box->types,
                                       .count = box->count,
                                       .result = box->type};
    function->call = call_closure;
    function->data = closure;
    return (struct feel_value){.type = FEEL_FUNCTION, .function = function};
}

static const struct feel_scope *kept(struct dmn_state *state, const struct feel_scope *scope)
{
    struct feel_scope *first = NULL, **link = &first;
    for (; scope; scope = scope->up) {
        struct feel_scope *copy = ARENA_NEW(state->run->arena, struct feel_scope);
        struct feel_entry *entries =
            ARENA_ARRAY(state->run->arena, scope->count, struct feel_entry);
        if (scope->count > 0)
            memcpy(entries, scope->entries, scope->count * sizeof(*entries));
        copy->entries = entries;
        copy->count = scope->count;
        *link = copy;
        link = (struct feel_scope **)&copy->up;
    }
    return first;
}

static enum err eval_context(struct dmn_state *state, const struct box *box,
                             const struct feel_scope *scope, struct feel_value *out)
{
    struct feel_entry *entries;
    enum err r = eval_array(state->run, box->count, sizeof(*entries), &entries);
    if (r != OK)
        return r;
    struct feel_scope *inner = ARENA_NEW(state->run->arena, struct feel_scope);
    *inner = (struct feel_scope){.up = scope, .entries = entries};
    for (size_t i = 0; i < box->count; i++) {
        struct feel_value value;
        r = box_eval(state, box->items[i], inner, &value);
        if (r != OK)
            return r;
        if (!box->names[i].ptr) {
            *out = value;
            return OK;
        }
        if (box->types[i])
            value = feel_coerce(state->run, &value, box->types[i]);
        entries[inner->count++] = (struct feel_entry){box->names[i], value};
    }
    *out = feel_context(entries, inner->count);
    return OK;
}

static enum err eval_list(struct dmn_state *state, const struct box *box,
                          const struct feel_scope *scope, struct feel_value *out)
{
    struct feel_value *items;
    enum err r = eval_array(state->run, box->count, sizeof(*items), &items);
    for (size_t i = 0; r == OK && i < box->count; i++)
        r = box_eval(state, box->items[i], scope, &items[i]);
    if (r == OK)
        *out = feel_list(items, box->count);
    return r;
}

static enum err eval_relation(struct dmn_state *state, const struct box *box,
                              const struct feel_scope *scope, struct feel_value *out)
{
    struct feel_entry *entries;
    struct feel_value *rows;
    size_t count = box->columns ? box->count / box->columns : 0;
    enum err r = eval_array(state->run, box->count, sizeof(*entries), &entries);
    if (r == OK)
        r = eval_array(state->run, count, sizeof(*rows), &rows);
    for (size_t i = 0; r == OK && i < count * box->columns; i++) {
        entries[i].name = box->names[i % box->columns];
        r = box_eval(state, box->items[i], scope, &entries[i].value);
    }
    for (size_t i = 0; r == OK && i < count; i++)
        rows[i] = feel_context(entries + i * box->columns, box->columns);
    if (r == OK)
        *out = feel_list(rows, count);
    return r;
}

static enum err eval_invocation(struct dmn_state *state, const struct box *box,
                                const struct feel_scope *scope, struct feel_value *out)
{
    struct feel_value callee, *args;
    enum err r = box_eval(state, box->callee, scope, &callee);
    if (r == OK)
        r = eval_array(state->run, box->count, sizeof(*args), &args);
    for (size_t i = 0; r == OK && i < box->count; i++)
        r = box_eval(state, box->items[i], scope, &args[i]);
    if (r != OK)
        return r;
    const struct str *names = box->count ? box->names : NULL;
    return eval_invoke(state->run, &callee, args, names, box->count, out);
}

static enum err eval_branches(struct dmn_state *state, const struct box *box,
                              const struct feel_scope *scope, struct feel_value *out)
{
    struct feel_value condition;
    enum err r = box_eval(state, box->items[0], scope, &condition);
    if (r != OK)
        return r;
    if (condition.type != FEEL_BOOLEAN)
        feel_fail(state->run, "condition", "the condition is %.*s, which counts as false",
                  STR_ARG(value_short(state->run, &condition)));
    return box_eval(state, box->items[is_true(&condition) ? 1 : 2], scope, out);
}

/* for, some, every and filter go through a list, a range or a single value. */
struct walk {
    struct dmn_state *state;
    const struct box *box;
    const struct feel_scope *scope;
    struct feel_value *results;
    size_t count, capacity;
    bool decided, unsure, odd;
};

static enum err walk_item(struct walk *walk, const struct feel_value *item)
{
    const struct box *box = walk->box;
    struct feel_entry entries[2] = {{box->names[0], *item},
                                    {STR("partial"), feel_list(walk->results, walk->count)}};
    struct feel_scope scope = {
        .up = walk->scope, .entries = entries, .count = box->kind == BOX_FOR ? 2 : 1};
    struct feel_scope members = {.up = &scope};
    struct feel_value value;
    if (box->kind == BOX_FILTER && item->type == FEEL_CONTEXT) {
        members.entries = item->context.entries;
        members.count = item->context.count;
    }
    enum err r = eval_spend(walk->state->run, 1);
    if (r == OK)
        r = box_eval(walk->state, box->items[1], &members, &value);
    if (r != OK)
        return r;
    if (box->kind == BOX_FOR || (box->kind == BOX_FILTER && is_true(&value)))
        *ARENA_PUSH(walk->state->run->arena, walk->results, walk->count, walk->capacity) =
            box->kind == BOX_FOR ? value : *item;
    else if (value.type != FEEL_BOOLEAN) {
        walk->unsure = true;
        walk->odd = walk->odd || value.type != FEEL_NULL;
    } else if (box->kind != BOX_FILTER && value.boolean == (box->kind == BOX_SOME))
        walk->decided = true;
    return OK;
}

static enum err walk_range(struct walk *walk, const struct feel_range *range)
{
    int64_t low, high;
    if (feel_to_int(&range->low, &low) != OK || feel_to_int(&range->high, &high) != OK) {
        feel_fail(walk->state->run, "iterate", "only ranges of whole numbers can be gone through");
        walk->unsure = true;
        return OK;
    }
    low += range->low_bound == FEEL_OPEN;
    high -= range->high_bound == FEEL_OPEN;
    for (int64_t i = low; i <= high && !walk->decided; i++) {
        struct feel_value value = feel_int(i);
        enum err r = walk_item(walk, &value);
        if (r != OK)
            return r;
    }
    return OK;
}

static enum err eval_walk(struct dmn_state *state, const struct box *box,
                          const struct feel_scope *scope, struct feel_value *out)
{
    struct walk walk = {.state = state, .box = box, .scope = scope};
    struct feel_value source;
    enum err r = box_eval(state, box->items[0], scope, &source);
    if (r != OK)
        return r;
    if (source.type == FEEL_NULL) {
        *out = feel_fail(state->run, "iterate", "there is no list to go through, but null");
        return OK;
    }
    const struct feel_value *items = source.type == FEEL_LIST ? source.list.items : &source;
    size_t count = source.type == FEEL_LIST ? source.list.count : 1;
    if (source.type == FEEL_RANGE)
        r = walk_range(&walk, source.range);
    else
        for (size_t i = 0; r == OK && i < count && !walk.decided; i++)
            r = walk_item(&walk, &items[i]);
    if (r != OK)
        return r;
    if (box->kind == BOX_FOR || (box->kind == BOX_FILTER && !walk.odd))
        *out = feel_list(walk.results, walk.count);
    else if (walk.decided)
        *out = feel_boolean(box->kind == BOX_SOME);
    else
        *out = walk.unsure ? feel_fail(state->run, "types", "a condition is not true or false")
                           : feel_boolean(box->kind == BOX_EVERY);
    return OK;
}

static enum err eval_kind(struct dmn_state *state, const struct box *box,
                          const struct feel_scope *scope, struct feel_value *out)
{
    switch (box->kind) {
    case BOX_NONE:
        *out = feel_null();
        return OK;
    case BOX_BAD:
        *out = feel_fail(state->run, "unreadable", "%.*s", STR_ARG(box->problem));
        return OK;
    case BOX_FEEL:
        return feel_eval(box->expr, scope, state->run, out);
    case BOX_TABLE:
        return table_eval(state, box->table, scope, out);
    case BOX_CONTEXT:
        return eval_context(state, box, scope, out);
    case BOX_LIST:
        return eval_list(state, box, scope, out);
    case BOX_RELATION:
        return eval_relation(state, box, scope, out);
    case BOX_FUNCTION:
        *out = closure_value(state, box, kept(state, scope));
        return OK;
    case BOX_INVOCATION:
        return eval_invocation(state, box, scope, out);
    case BOX_CONDITIONAL:
        return eval_branches(state, box, scope, out);
    case BOX_FILTER:
    case BOX_FOR:
    case BOX_SOME:
    case BOX_EVERY:
        return eval_walk(state, box, scope, out);
    }
    return OK;
}

enum err box_eval(struct dmn_state *state, const struct box *box, const struct feel_scope *scope,
                  struct feel_value *out)
{
    struct feel_run *run = state->run;
    struct str place = run->place;
    enum err r = eval_spend(run, 1);
    if (--run->depth < 0)
        r = err_refuse(ERR_LIMIT, "feel.too-deep", "the decision calls itself too deeply");
    if (box->place.ptr)
        run->place = box->place;
    if (r == OK)
        r = eval_kind(state, box, scope, out);
    if (r == OK && box->type && box->kind != BOX_FUNCTION)
        *out = feel_coerce(run, out, box->type);
    run->depth++;
    run->place = place;
    return r;
}

/* ---- Elements ---- */

static enum err element_value(struct dmn_state *state, const struct element *element,
                              struct feel_value *out);

static enum err state_init(struct dmn_state *state, const struct dmn_model *model,
                           const struct definitions *home, struct feel_run *run)
{
    *state = (struct dmn_state){.model = model, .home = home, .run = run};
    enum err r = eval_array(run, model->element_total, sizeof(*state->values), &state->values);
    if (r == OK)
        r = eval_array(run, model->element_total, 1, &state->known);
    if (r == OK)
        r = eval_array(run, home->import_count, sizeof(*state->imported), &state->imported);
    return r;
}

static enum err give_inputs(struct dmn_state *state);

/* The state of the model that an element of this one is in, and the name it is imported by. */
static enum err state_of(struct dmn_state *state, const struct element *element,
                         struct dmn_state **out, struct str *import)
{
    const struct definitions *home = state->home;
    size_t i = 0;
    *out = state;
    *import = (struct str){0};
    while (i < home->import_count && home->imports[i].definitions != element->home)
        i++;
    if (element->home == home || i == home->import_count)
        return OK;
    *import = home->imports[i].name;
    enum err r = OK;
    if (!state->imported[i]) {
        struct dmn_state *made = ARENA_NEW(state->run->arena, struct dmn_state);
        r = state_init(made, state->model, element->home, state->run);
        if (r != OK)
            return r;
        made->up = state;
        made->why = state->why;
        made->input = state->input ? feel_get(state->input, *import) : NULL;
        state->imported[i] = made;
        r = give_inputs(made);
    }
    *out = state->imported[i];
    return r;
}

/* Adds a value under an import's name: "library.rate". */
static enum err add_imported(struct dmn_state *state, struct feel_entry *entries, size_t *count,
                             struct str import, const struct feel_entry *added)
{
    size_t i = 0;
    while (i < *count && !str_equal(entries[i].name, import))
        i++;
    if (i == *count) {
        entries[(*count)++] = (struct feel_entry){import, feel_context(NULL, 0)};
    }
    struct feel_entry *members;
    size_t size = entries[i].value.context.count;
    enum err r = eval_array(state->run, size + 1, sizeof(*members), &members);
    if (r != OK)
        return r;
    if (size > 0)
        memcpy(members, entries[i].value.context.entries, size * sizeof(*members));
    members[size] = *added;
    entries[i].value = feel_context(members, size + 1);
    return OK;
}

/* In an open model what is required is known by its id too, and behind it stands the input. */
static enum err open_scope(struct dmn_state *state, const struct element *element,
                           struct feel_scope *scope)
{
    struct feel_entry *entries;
    struct feel_scope *ids = ARENA_NEW(state->run->arena, struct feel_scope);
    struct feel_scope *input = ARENA_NEW(state->run->arena, struct feel_scope);
    enum err r = eval_array(state->run, element->need_count, sizeof(*entries), &entries);
    if (r != OK)
        return r;
    for (size_t i = 0; i < element->need_count; i++)
        if (element->needs[i]->home == state->home)
            entries[ids->count++] = (struct feel_entry){element->needs[i]->id,
                                                        state->values[element->needs[i]->number]};
    if (state->input && state->input->type == FEEL_CONTEXT)
        *input = (struct feel_scope){.entries = state->input->context.entries,
                                     .count = state->input->context.count};
    ids->entries = entries;
    ids->up = input;
    scope->up = ids;
    return OK;
}

static enum err scope_of(struct dmn_state *state, const struct element *element,
                         struct feel_scope **out)
{
    struct feel_entry *entries;
    struct feel_scope *scope = ARENA_NEW(state->run->arena, struct feel_scope);
    enum err r = eval_array(state->run, element->need_count + 1, sizeof(*entries), &entries);
    for (size_t i = 0; r == OK && i < element->need_count; i++) {
        const struct element *need = element->needs[i];
        struct feel_entry entry = {.name = need->name};
        struct dmn_state *home;
        struct str import;
        r = state_of(state, need, &home, &import);
        if (r == OK)
            r = element_value(home, need, &entry.value);
        if (r != OK)
            return r;
        if (import.len > 0)
            r = add_imported(state, entries, &scope->count, import, &entry);
        else
            entries[scope->count++] = entry;
    }
    scope->entries = entries;
    *out = scope;
    return r == OK && state->home->open ? open_scope(state, element, scope) : r;
}

static enum err decision_value(struct dmn_state *state, const struct element *element,
                               struct feel_value *out)
{
    struct feel_scope *scope;
    struct feel_value value = feel_null();
    enum err r = scope_of(state, element, &scope);
    if (r == OK && element->box)
        r = box_eval(state, element->box, scope, &value);
    if (r != OK)
        return r;
    if (element->type) {
        struct str place = state->run->place;
        state->run->place = element->name;
        value = feel_coerce(state->run, &value, element->type);
        state->run->place = place;
    }
    *out = value;
    return OK;
}

static enum err knowledge_value(struct dmn_state *state, const struct element *element,
                                struct feel_value *out)
{
    struct feel_scope *scope;
    enum err r = scope_of(state, element, &scope);
    if (r != OK)
        return r;
    if (!element->box || element->box->kind != BOX_FUNCTION) {
        *out = feel_fail(state->run, "no-logic", "\"%.*s\" has no logic", STR_ARG(element->name));
        return OK;
    }
    *out = closure_value(state, element->box, scope);
    if (element->type && element->type->kind != SPEC_FUNCTION &&
        !(element->type->kind == SPEC_NAMED && element->type->of->kind == SPEC_FUNCTION))
        ((struct feel_function *)out->function)->result = element->type;
    ((struct feel_entry *)scope->entries)[scope->count++] =
        (struct feel_entry){element->name, *out};
    return OK;
}

struct service_call {
    const struct dmn_model *model;
    const struct element *service;
};

static void set_value(struct dmn_state *state, const struct element *element,
                      const struct feel_value *value)
{
    state->values[element->number] = *value;
    state->known[element->number] = 1;
}

/* A service sees nothing but its arguments. */
static enum err service_result(struct dmn_state *state, const struct element *service,
                               struct feel_value *out)
{
    struct feel_entry *entries;
    enum err r = eval_array(state->run, service->output_count, sizeof(*entries), &entries);
    for (size_t i = 0; r == OK && i < service->output_count; i++) {
        struct dmn_state *home;
        struct str import;
        entries[i].name = service->outputs[i]->name;
        r = state_of(state, service->outputs[i], &home, &import);
        if (r == OK)
            r = element_value(home, service->outputs[i], &entries[i].value);
    }
    if (r != OK)
        return r;
    *out = service->output_count == 1 ? entries[0].value
                                      : feel_context(entries, service->output_count);
    if (service->type)
        *out = feel_coerce(state->run, out, service->type);
    return OK;
}

static enum err call_service(const void *data, struct feel_run *run, const struct feel_value *args,
                             struct feel_value *out)
{
    const struct service_call *call = data;
    struct dmn_state *state = ARENA_NEW(run->arena, struct dmn_state);
    enum err r = eval_spend(run, call->model->element_total);
    if (r == OK)
        r = state_init(state, call->model, call->service->home, run);
    if (r != OK)
        return r;
    if (--run->depth < 0) {
        run->depth++;
        return err_refuse(ERR_LIMIT, "feel.too-deep", "the service calls itself too deeply");
    }
    for (size_t i = 0; r == OK && i < call->service->param_count; i++) {
        struct dmn_state *home;
        struct str import;
        r = state_of(state, call->service->params[i], &home, &import);
        if (r == OK)
            set_value(home, call->service->params[i], &args[i]);
    }
    if (r == OK)
        r = service_result(state, call->service, out);
    run->depth++;
    return r;
}

static void service_value(struct dmn_state *state, const struct element *service,
                          struct feel_value *out)
{
    struct service_call *call = ARENA_NEW(state->run->arena, struct service_call);
    *call = (struct service_call){.model = state->model, .service = service};
    struct feel_function *function = ARENA_NEW(state->run->arena, struct feel_function);
    *function = (struct feel_function){.kind = FUNCTION_OTHER,
                                       .params = service->param_names,
                                       .types = service->param_types,
                                       .count = service->param_count};
    function->call = call_service;
    function->data = call;
    *out = (struct feel_value){.type = FEEL_FUNCTION, .function = function};
}

void why_add(struct dmn_state *state, struct dmn_trace entry)
{
    struct dmn_trace *added = ARENA_NEW(state->run->arena, struct dmn_trace);
    *added = entry;
    *state->why->last = added;
    state->why->last = &added->next;
}

/* A table leaves its own. */
static void trace_decision(struct dmn_state *state, const struct element *element,
                           const struct feel_value *value)
{
    if (state->why && !(element->box && element->box->kind == BOX_TABLE))
        why_add(state, (struct dmn_trace){.name = element->name, .result = *value});
}

static enum err element_value(struct dmn_state *state, const struct element *element,
                              struct feel_value *out)
{
    struct feel_run *run = state->run;
    uint8_t *known = &state->known[element->number];
    if (*known == 1) {
        *out = state->values[element->number];
        return OK;
    }
    if (*known == 2) {
        *out = feel_fail(run, "circle", "\"%.*s\" depends on itself", STR_ARG(element->name));
        return OK;
    }
    if (--run->depth < 0) {
        run->depth++;
        return err_refuse(ERR_LIMIT, "feel.too-deep", "decisions depend on each other too deeply");
    }
    *known = 2;
    struct feel_value value = feel_null();
    enum err r = OK;
    if (element->kind == ELEMENT_DECISION)
        r = decision_value(state, element, &value);
    else if (element->kind == ELEMENT_KNOWLEDGE)
        r = knowledge_value(state, element, &value);
    else if (element->kind == ELEMENT_SERVICE)
        service_value(state, element, &value);
    else
        value = feel_fail(run, "no-input", "there is no input \"%.*s\"", STR_ARG(element->name));
    run->depth++;
    if (r == OK) {
        if (element->kind == ELEMENT_DECISION)
            trace_decision(state, element, &value);
        set_value(state, element, &value);
        *out = value;
    }
    return r;
}

/* ---- Entries ---- */

static const struct feel_type_spec *plain_type(const struct feel_type_spec *type)
{
    while (type && type->kind == SPEC_NAMED)
        type = type->of;
    return type;
}

/* JSON has no dates: strings become what the type says, deep inside too. */
static enum err read_input(struct feel_run *run, const struct feel_value *value,
                           const struct feel_type_spec *named, struct feel_value *out)
{
    const struct feel_type_spec *type = plain_type(named);
    *out = *value;
    if (!type)
        return OK;
    if (type->kind == SPEC_BASIC && value->type == FEEL_STRING && type->basic >= FEEL_DATE &&
        type->basic <= FEEL_YEARS) {
        struct feel_value read;
        if (feel_temporal_parse(run->arena, value->text, &read) == OK && read.type == type->basic)
            *out = read;
        return OK;
    }
    enum err r = OK;
    if (type->kind == SPEC_LIST && value->type == FEEL_LIST) {
        struct feel_value *items;
        r = eval_array(run, value->list.count, sizeof(*items), &items);
        for (size_t i = 0; r == OK && i < value->list.count; i++)
            r = read_input(run, &value->list.items[i], type->of, &items[i]);
        if (r == OK)
            *out = feel_list(items, value->list.count);
    } else if (type->kind == SPEC_CONTEXT && value->type == FEEL_CONTEXT) {
        struct feel_entry *entries;
        r = eval_array(run, value->context.count, sizeof(*entries), &entries);
        for (size_t i = 0; r == OK && i < value->context.count; i++) {
            size_t k = 0;
            entries[i] = value->context.entries[i];
            while (k < type->count && !str_equal(type->names[k], entries[i].name))
                k++;
            if (k < type->count)
                r = read_input(run, &value->context.entries[i].value, type->types[k],
                               &entries[i].value);
        }
        if (r == OK)
            *out = feel_context(entries, value->context.count);
    }
    return r;
}

static enum err give_input(struct dmn_state *state, const struct element *element,
                           const struct feel_value *value)
{
    struct feel_value read;
    enum err r = read_input(state->run, value, element->type, &read);
    if (r != OK)
        return r;
    if (element->type) {
        state->run->place = element->name;
        read = feel_coerce(state->run, &read, element->type);
        state->run->place = (struct str){0};
    }
    set_value(state, element, &read);
    return OK;
}

/* An imported model's input may also be given by its bare name at the top. */
static const struct feel_value *given(const struct dmn_state *state, const struct element *element)
{
    const struct feel_value *value = state->input ? feel_get(state->input, element->name) : NULL;
    for (state = state->up; !value && state && element->kind == ELEMENT_INPUT; state = state->up)
        value = state->input ? feel_get(state->input, element->name) : NULL;
    return value;
}

static enum err give_inputs(struct dmn_state *state)
{
    for (size_t i = 0; i < state->home->element_count; i++) {
        const struct element *element = &state->home->elements[i];
        if (element->kind > ELEMENT_DECISION)
            continue;
        const struct feel_value *value = given(state, element);
        enum err r = value ? give_input(state, element, value) : OK;
        if (r != OK)
            return r;
    }
    return OK;
}

static const struct element *find_element(const struct dmn_model *model, enum element_kind kind,
                                          struct str name)
{
    const struct definitions *home = &model->definitions[0];
    const struct element *by_id = NULL;
    for (size_t i = 0; i < home->element_count; i++) {
        const struct element *element = &home->elements[i];
        if (element->kind == kind && str_equal(element->name, name))
            return element;
        if (element->kind == kind && str_equal(element->id, name))
            by_id = element;
    }
    return by_id;
}

static enum err eval_element(const struct dmn_model *model, enum element_kind kind, struct str name,
                             const struct feel_value *input, struct feel_run *run,
                             struct dmn_why *why, struct feel_value *out)
{
    struct dmn_state *state = ARENA_NEW(run->arena, struct dmn_state);
    const struct element *element = find_element(model, kind, name);
    if (!element)
        return err_set(ERR_NOT_FOUND, "there is no decision \"%.*s\"", STR_ARG(name));
    enum err r = state_init(state, model, &model->definitions[0], run);
    if (why) {
        why->first = NULL;
        why->last = &why->first;
    }
    state->why = why;
    state->input = input;
    if (r == OK)
        r = give_inputs(state);
    if (r != OK)
        return r;
    state->known[element->number] = 0; /* What is asked for is not taken from the input. */
    for (size_t i = 0; i < element->param_count; i++)
        if (!state->known[element->params[i]->number]) {
            struct feel_value nothing = feel_fail(run, "no-input", "there is no input \"%.*s\"",
                                                  STR_ARG(element->param_names[i]));
            set_value(state, element->params[i], &nothing);
        }
    return kind == ELEMENT_SERVICE ? service_result(state, element, out)
                                   : element_value(state, element, out);
}

enum err dmn_eval(const struct dmn_model *model, struct str decision,
                  const struct feel_value *input, struct feel_run *run, struct dmn_why *why,
                  struct feel_value *out)
{
    return eval_element(model, ELEMENT_DECISION, decision, input, run, why, out);
}

enum err dmn_eval_service(const struct dmn_model *model, struct str service,
                          const struct feel_value *input, struct feel_run *run,
                          struct feel_value *out)
{
    return eval_element(model, ELEMENT_SERVICE, service, input, run, NULL, out);
}
