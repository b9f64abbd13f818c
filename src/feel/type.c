#include "feel/type.h"

#include "feel/eval.h"
#include "feel/number.h"
#include "feel/parser.h"

const struct feel_type_spec SPEC_OF_ANY = {.kind = SPEC_ANY};

struct basic_row {
    struct str name;
    struct feel_type_spec spec;
};

#define BASIC(text, value)                                                                         \
    {                                                                                              \
        STR_INIT(text),                                                                            \
        {                                                                                          \
            .kind = SPEC_BASIC, .basic = value                                                     \
        }                                                                                          \
    }

static const struct basic_row BASICS[] = {
    BASIC("Null", FEEL_NULL),
    BASIC("boolean", FEEL_BOOLEAN),
    BASIC("number", FEEL_NUMBER),
    BASIC("string", FEEL_STRING),
    BASIC("date", FEEL_DATE),
    BASIC("time", FEEL_TIME),
    BASIC("date and time", FEEL_DATE_TIME),
    BASIC("dateTime", FEEL_DATE_TIME),
    BASIC("days and time duration", FEEL_DAYS),
    BASIC("dayTimeDuration", FEEL_DAYS),
    BASIC("years and months duration", FEEL_YEARS),
    BASIC("yearMonthDuration", FEEL_YEARS),
    BASIC("list", FEEL_LIST),
    BASIC("context", FEEL_CONTEXT),
    BASIC("range", FEEL_RANGE),
    BASIC("function", FEEL_FUNCTION),
    {STR_INIT("Any"), {.kind = SPEC_ANY}},
};

const struct feel_type_spec *spec_basic(struct str name)
{
    for (size_t i = 0; i < COUNT_OF(BASICS); i++)
        if (str_equal(BASICS[i].name, name))
            return &BASICS[i].spec;
    return NULL;
}

/* ---- Parsing ---- */

static struct feel_type_spec *new_spec(struct parser *p, enum spec_kind kind)
{
    struct feel_type_spec *spec = ARENA_NEW(p->arena, struct feel_type_spec);
    spec->kind = kind;
    return spec;
}

static bool parse_of(struct parser *p, enum spec_kind kind, const struct feel_type_spec **out)
{
    struct feel_type_spec *spec = new_spec(p, kind);
    if (!parse_type(p, &spec->of) || !parse_want(p, ">"))
        return false;
    *out = spec;
    return true;
}

/* Behind "context<": members to the closing sign. */
static bool parse_members(struct parser *p, const struct feel_type_spec **out)
{
    struct feel_type_spec *spec = new_spec(p, SPEC_CONTEXT);
    struct str *names = NULL;
    const struct feel_type_spec **types = NULL;
    size_t capacity = 0, type_count = 0, type_capacity = 0;
    do {
        struct str name;
        const struct feel_type_spec *type;
        if (!parse_key(p, &name) || !parse_type(p, &type)) {
            parse_fail(p, "a member's name, a colon and its type");
            return false;
        }
        *ARENA_PUSH(p->arena, names, spec->count, capacity) = name;
        *ARENA_PUSH(p->arena, types, type_count, type_capacity) = type;
    } while (parse_take(p, ","));
    spec->names = names;
    spec->types = types;
    *out = spec;
    return parse_want(p, ">");
}

/* Behind "function<": parameters, ">", "->" and the result. */
static bool parse_signature(struct parser *p, const struct feel_type_spec **out)
{
    struct feel_type_spec *spec = new_spec(p, SPEC_FUNCTION);
    const struct feel_type_spec **types = NULL;
    size_t capacity = 0;
    while (!parse_peek(p, ">")) {
        const struct feel_type_spec *type;
        if (!parse_type(p, &type))
            return false;
        *ARENA_PUSH(p->arena, types, spec->count, capacity) = type;
        if (!parse_take(p, ","))
            break;
    }
    spec->types = types;
    *out = spec;
    return parse_want(p, ">") && parse_want(p, "->") && parse_type(p, &spec->of);
}

static bool parse_named(struct parser *p, const struct feel_type_spec **out)
{
    size_t best = 0;
    const struct feel_type_spec *found = NULL;
    p->at = scan_skip(p->text, p->at);
    for (size_t i = 0; i < COUNT_OF(BASICS); i++) {
        size_t end = scan_match(p->text, p->at, BASICS[i].name);
        if (end > best) {
            best = end;
            found = &BASICS[i].spec;
        }
    }
    for (const struct feel_names *known = p->known; known; known = known->up)
        for (size_t i = 0; i < known->type_count; i++) {
            size_t end = scan_match(p->text, p->at, known->types[i].name);
            if (end > best) {
                best = end;
                found = known->types[i].type;
            }
        }
    if (best == 0) {
        parse_fail(p, "a type");
        return false;
    }
    p->at = best;
    *out = found;
    return true;
}

static bool parse_type_inside(struct parser *p, const struct feel_type_spec **out)
{
    static const struct {
        const char *word;
        enum spec_kind kind;
    } FORMS[] = {{"list", SPEC_LIST},
                 {"range", SPEC_RANGE},
                 {"context", SPEC_CONTEXT},
                 {"function", SPEC_FUNCTION}};
    for (size_t i = 0; i < COUNT_OF(FORMS); i++) {
        size_t before = p->at;
        if (!parse_take_word(p, FORMS[i].word) || !parse_take(p, "<")) {
            p->at = before;
            continue;
        }
        if (FORMS[i].kind == SPEC_CONTEXT)
            return parse_members(p, out);
        if (FORMS[i].kind == SPEC_FUNCTION)
            return parse_signature(p, out);
        return parse_of(p, FORMS[i].kind, out);
    }
    return parse_named(p, out);
}

bool parse_type(struct parser *p, const struct feel_type_spec **out)
{
    if (++p->depth > FEEL_NESTING_MAX) {
        parse_error(p, err_set(ERR_LIMIT, "a type nested too deeply"));
        return false;
    }
    bool done = parse_type_inside(p, out);
    p->depth--;
    return done;
}

enum err feel_type_parse(struct arena *arena, struct str text, const struct feel_names *known,
                         const struct feel_type_spec **out)
{
    struct parser p = {.arena = arena, .text = text, .known = known};
    const struct feel_type_spec *spec;
    enum err r = text.len > FEEL_TEXT_MAX ? err_set(ERR_LIMIT, "a type's text is too long")
                                          : utf8_check(text);
    if (r != OK)
        return r;
    if (!parse_type(&p, &spec))
        return p.error;
    if (scan_skip(text, p.at) < text.len) {
        parse_fail(&p, "the end of the type");
        return p.error;
    }
    *out = spec;
    return OK;
}

/* ---- Conformance ---- */

static bool context_conforms(struct feel_run *run, const struct feel_value *value,
                             const struct feel_type_spec *type)
{
    if (value->type != FEEL_CONTEXT)
        return false;
    for (size_t i = 0; i < type->count; i++) {
        const struct feel_value *member = feel_get(value, type->names[i]);
        if (!member || !feel_conforms(run, member, type->types[i]))
            return false;
    }
    return true;
}

/* A function conforms if it takes what the type gives and gives what the type takes. */
static bool function_conforms(const struct feel_value *value, const struct feel_type_spec *type)
{
    if (value->type != FEEL_FUNCTION)
        return false;
    const struct feel_function *function = value->function;
    if (function->kind == FUNCTION_BUILTIN)
        return true;
    if (function->count != type->count)
        return false;
    for (size_t i = 0; i < type->count; i++) {
        const struct feel_type_spec *taken = function->types ? function->types[i] : NULL;
        if (taken && !type_covers(taken, type->types[i]))
            return false;
    }
    return !function->result || type_covers(type->of, function->result);
}

static bool range_conforms(struct feel_run *run, const struct feel_value *value,
                           const struct feel_type_spec *type)
{
    return value->type == FEEL_RANGE && feel_conforms(run, &value->range->low, type->of) &&
           feel_conforms(run, &value->range->high, type->of);
}

static bool tests_pass(struct feel_run *run, const struct feel_value *value,
                       const struct feel_type_spec *type)
{
    size_t count = type->each && value->type == FEEL_LIST ? value->list.count : 1;
    for (size_t i = 0; i < count; i++) {
        const struct feel_value *item =
            type->each && value->type == FEEL_LIST ? &value->list.items[i] : value;
        bool passes;
        if (feel_test(type->tests, item, NULL, run, &passes) != OK || !passes)
            return false;
    }
    return true;
}

bool feel_conforms(struct feel_run *run, const struct feel_value *value,
                   const struct feel_type_spec *type)
{
    if (type->kind == SPEC_NAMED)
        return feel_conforms(run, value, type->of) &&
               (!type->tests || value->type == FEEL_NULL || tests_pass(run, value, type));
    if (type->kind == SPEC_ANY || value->type == FEEL_NULL)
        return true;
    switch (type->kind) {
    case SPEC_BASIC:
        return value->type == type->basic;
    case SPEC_LIST:
        if (value->type != FEEL_LIST)
            return false;
        for (size_t i = 0; i < value->list.count; i++)
            if (!feel_conforms(run, &value->list.items[i], type->of))
                return false;
        return true;
    case SPEC_CONTEXT:
        return context_conforms(run, value, type);
    case SPEC_RANGE:
        return range_conforms(run, value, type);
    case SPEC_FUNCTION:
        return function_conforms(value, type);
    default:
        return true;
    }
}

/* Is every value of `narrow` one of `wide`? */
bool type_covers(const struct feel_type_spec *wide, const struct feel_type_spec *narrow)
{
    while (wide->kind == SPEC_NAMED && wide != narrow)
        wide = wide->of;
    if (wide == narrow || wide->kind == SPEC_ANY)
        return true;
    while (narrow->kind == SPEC_NAMED)
        narrow = narrow->of;
    if (narrow->kind == SPEC_BASIC && narrow->basic == FEEL_NULL)
        return true;
    if (wide->kind == SPEC_BASIC) {
        static const enum feel_type OF_KIND[] = {[SPEC_LIST] = FEEL_LIST,
                                                 [SPEC_CONTEXT] = FEEL_CONTEXT,
                                                 [SPEC_RANGE] = FEEL_RANGE,
                                                 [SPEC_FUNCTION] = FEEL_FUNCTION,
                                                 [SPEC_ANY] = FEEL_NULL};
        enum feel_type found = narrow->kind == SPEC_BASIC ? narrow->basic : OF_KIND[narrow->kind];
        return wide->basic == found;
    }
    if (wide->kind != narrow->kind)
        return false;
    if (wide->kind == SPEC_LIST || wide->kind == SPEC_RANGE)
        return type_covers(wide->of, narrow->of);
    if (wide->kind == SPEC_FUNCTION) {
        if (wide->count != narrow->count || !type_covers(wide->of, narrow->of))
            return false;
        for (size_t i = 0; i < wide->count; i++)
            if (!type_covers(narrow->types[i], wide->types[i]))
                return false;
        return true;
    }
    for (size_t i = 0; i < wide->count; i++) {
        size_t k = 0;
        while (k < narrow->count && !str_equal(narrow->names[k], wide->names[i]))
            k++;
        if (k == narrow->count || !type_covers(wide->types[i], narrow->types[k]))
            return false;
    }
    return true;
}

static const struct feel_type_spec *plain(const struct feel_type_spec *type)
{
    while (type->kind == SPEC_NAMED)
        type = type->of;
    return type;
}

bool type_coerce(struct feel_run *run, const struct feel_value *value,
                 const struct feel_type_spec *type, struct feel_value *out)
{
    if (feel_conforms(run, value, type)) {
        *out = *value;
        return true;
    }
    const struct feel_type_spec *base = plain(type);
    struct feel_value made;
    if (value->type == FEEL_LIST && value->list.count == 1 &&
        feel_conforms(run, &value->list.items[0], type)) {
        *out = value->list.items[0];
        return true;
    }
    bool wants_list =
        base->kind == SPEC_LIST || (base->kind == SPEC_BASIC && base->basic == FEEL_LIST);
    if (wants_list && value->type != FEEL_LIST) {
        struct feel_value *item = ARENA_NEW(run->arena, struct feel_value);
        *item = *value;
        made = feel_list(item, 1);
    } else if (base->kind == SPEC_BASIC && base->basic == FEEL_DATE_TIME &&
               value->type == FEEL_DATE) {
        struct feel_moment moment = {.date = value->date, .kind = FEEL_OFFSET};
        made = value_moment(run, FEEL_DATE_TIME, &moment);
    } else {
        return false;
    }
    if (!feel_conforms(run, &made, type))
        return false;
    *out = made;
    return true;
}

struct feel_value feel_coerce(struct feel_run *run, const struct feel_value *value,
                              const struct feel_type_spec *type)
{
    struct feel_value out;
    if (type_coerce(run, value, type, &out))
        return out;
    CLEANUP(buf_release) struct buf name;
    buf_init(&name, 1024);
    type_write(&name, type);
    return feel_fail(run, "wrong-type", "%.*s is not of type %.*s",
                     STR_ARG(value_short(run, value)), STR_ARG(buf_str(&name)));
}

void type_write(struct buf *buf, const struct feel_type_spec *type)
{
    switch (type->kind) {
    case SPEC_ANY:
        buf_add_c(buf, "Any");
        break;
    case SPEC_BASIC:
        buf_add_c(buf, feel_type_name(type->basic));
        break;
    case SPEC_NAMED:
        buf_add_str(buf, type->name);
        break;
    case SPEC_LIST:
    case SPEC_RANGE:
        buf_add_c(buf, type->kind == SPEC_LIST ? "list<" : "range<");
        type_write(buf, type->of);
        buf_add_char(buf, '>');
        break;
    case SPEC_CONTEXT:
        buf_add_c(buf, "context<");
        for (size_t i = 0; i < type->count; i++) {
            if (i > 0)
                buf_add_c(buf, ", ");
            buf_add_str(buf, type->names[i]);
            buf_add_c(buf, ": ");
            type_write(buf, type->types[i]);
        }
        buf_add_char(buf, '>');
        break;
    case SPEC_FUNCTION:
        buf_add_c(buf, "function<");
        for (size_t i = 0; i < type->count; i++) {
            if (i > 0)
                buf_add_c(buf, ", ");
            type_write(buf, type->types[i]);
        }
        buf_add_c(buf, ">->");
        type_write(buf, type->of);
        break;
    }
}
