#include "dmn/model.h"

/* Types may name each other in any order: each is made empty first, then filled. */

static struct feel_type_spec *new_spec(struct dmn_model *model, enum spec_kind kind)
{
    struct feel_type_spec *spec = ARENA_NEW(model->arena, struct feel_type_spec);
    spec->kind = kind;
    return spec;
}

const struct feel_type_spec *model_type(struct dmn_model *model, const struct definitions *home,
                                        struct str ref)
{
    struct str name = str_trim(ref);
    if (name.len == 0)
        return NULL;
    for (size_t i = 0; i < home->type_count; i++)
        if (str_equal(home->types[i].name, name))
            return home->types[i].type;
    const struct feel_type_spec *basic = spec_basic(name);
    if (basic)
        return basic->kind == SPEC_ANY ? NULL : basic;
    size_t colon = str_find(name, STR(":"), 0); /* "feel:number" of DMN 1.1 and 1.2. */
    if (colon < name.len)
        return model_type(model, home, str_sub(name, colon + 1, SIZE_MAX));
    struct feel_names known = {.types = home->types, .type_count = home->type_count};
    const struct feel_type_spec *parsed;
    if (feel_type_parse(model->arena, name, &known, &parsed) == OK)
        return parsed;
    model_finding(model, DMN_WARNING, "unknown-type", 0, home->name,
                  str_format(model->arena, "there is no type \"%.*s\"", STR_ARG(name)));
    return NULL;
}

static const struct feel_expr *read_tests(struct dmn_model *model, const struct definitions *home,
                                          const struct xml_node *node, const char *child)
{
    struct str text = dmn_child_text(model->arena, dmn_child(node, child), "text");
    if (text.len == 0)
        return NULL;
    struct box_reader r = {.model = model, .home = home};
    r.place = str_format(model->arena, "type \"%.*s\"", STR_ARG(xml_get(node, "name")));
    struct feel_names known = {.types = home->types, .type_count = home->type_count};
    return box_expr(&r, node, text, &known, true);
}

static const struct feel_type_spec *or_any(const struct feel_type_spec *type)
{
    return type ? type : &SPEC_OF_ANY;
}

static const struct feel_type_spec *
read_item(struct dmn_model *model, const struct definitions *home, const struct xml_node *node);

static const struct feel_type_spec *read_components(struct dmn_model *model,
                                                    const struct definitions *home,
                                                    const struct xml_node *node)
{
    struct feel_type_spec *spec = new_spec(model, SPEC_CONTEXT);
    struct str *names = NULL;
    const struct feel_type_spec **types = NULL;
    size_t capacity = 0, type_count = 0, type_capacity = 0;
    XML_EACH(child, node)
    {
        if (!dmn_is(child, "itemComponent"))
            continue;
        struct str name = xml_get(child, "name");
        *ARENA_PUSH(model->arena, names, spec->count, capacity) = name;
        *ARENA_PUSH(model->arena, types, type_count, type_capacity) = read_item(model, home, child);
        *ARENA_PUSH(model->arena, model->members, model->member_count, model->member_capacity) =
            name;
    }
    spec->names = names;
    spec->types = types;
    return spec;
}

static const struct feel_type_spec *read_function_item(struct dmn_model *model,
                                                       const struct definitions *home,
                                                       const struct xml_node *node)
{
    struct feel_type_spec *spec = new_spec(model, SPEC_FUNCTION);
    const struct feel_type_spec **types = NULL;
    size_t capacity = 0;
    XML_EACH(child, node)
    if (dmn_is(child, "parameters"))
        *ARENA_PUSH(model->arena, types, spec->count, capacity) =
            or_any(model_type(model, home, xml_get(child, "typeRef")));
    spec->types = types;
    spec->of = or_any(model_type(model, home, xml_get(node, "outputTypeRef")));
    return spec;
}

static void fill_item(struct dmn_model *model, const struct definitions *home,
                      const struct xml_node *node, struct feel_type_spec *spec)
{
    spec->name = xml_get(node, "name");
    struct str ref = dmn_child_text(model->arena, node, "typeRef");
    const struct xml_node *function = dmn_child(node, "functionItem");
    if (function)
        spec->of = read_function_item(model, home, function);
    else if (dmn_child(node, "itemComponent"))
        spec->of = read_components(model, home, node);
    else
        spec->of = or_any(model_type(model, home, ref));
    bool collection = str_is(xml_get(node, "isCollection"), "true");
    const struct feel_expr *allowed = read_tests(model, home, node, "allowedValues");
    if (collection) {
        struct feel_type_spec *item = new_spec(model, SPEC_NAMED);
        *item = (struct feel_type_spec){
            .kind = SPEC_NAMED, .of = spec->of, .name = spec->name, .tests = allowed};
        struct feel_type_spec *list = new_spec(model, SPEC_LIST);
        list->of = item;
        spec->of = list;
        allowed = NULL;
    }
    const struct feel_expr *constraint = read_tests(model, home, node, "typeConstraint");
    if (allowed && constraint) {
        struct feel_type_spec *inner = new_spec(model, SPEC_NAMED);
        *inner = (struct feel_type_spec){
            .kind = SPEC_NAMED, .of = spec->of, .name = spec->name, .tests = allowed};
        spec->of = inner;
    }
    spec->tests = constraint ? constraint : allowed;
}

static const struct feel_type_spec *
read_item(struct dmn_model *model, const struct definitions *home, const struct xml_node *node)
{
    struct feel_type_spec *spec = new_spec(model, SPEC_NAMED);
    fill_item(model, home, node, spec);
    return spec;
}

/* A type that stands for itself, by however many names, has no end. */
static bool endless(const struct feel_type_spec *spec)
{
    const struct feel_type_spec *slow = spec;
    for (bool step = false; spec && spec->kind == SPEC_NAMED; step = !step) {
        spec = spec->of;
        if (step)
            slow = slow->of;
        if (spec == slow)
            return true;
    }
    return false;
}

void model_read_types(struct dmn_model *model, struct definitions *home)
{
    size_t own = 0, capacity = 0;
    XML_EACH(node, home->xml)
    {
        if (!dmn_is(node, "itemDefinition"))
            continue;
        *ARENA_PUSH(model->arena, home->types, home->type_count, capacity) =
            (struct feel_named_type){.name = xml_get(node, "name"),
                                     .type = new_spec(model, SPEC_NAMED)};
        own++;
    }
    for (size_t i = 0; i < home->import_count; i++) {
        const struct import *import = &home->imports[i];
        for (size_t k = 0; import->definitions && k < import->definitions->type_count; k++) {
            struct feel_named_type type = import->definitions->types[k];
            if (import->name.len > 0)
                type.name = str_format(model->arena, "%.*s.%.*s", STR_ARG(import->name),
                                       STR_ARG(type.name));
            *ARENA_PUSH(model->arena, home->types, home->type_count, capacity) = type;
        }
    }
    size_t at = 0;
    XML_EACH(node, home->xml)
    if (dmn_is(node, "itemDefinition"))
        fill_item(model, home, node, (struct feel_type_spec *)home->types[at++].type);
    for (size_t i = 0; i < own; i++)
        if (endless(home->types[i].type)) {
            model_finding(model, DMN_ERROR, "endless-type", 0, home->name,
                          str_format(model->arena, "type \"%.*s\" stands for itself",
                                     STR_ARG(home->types[i].name)));
            ((struct feel_type_spec *)home->types[i].type)->of = &SPEC_OF_ANY;
        }
}
