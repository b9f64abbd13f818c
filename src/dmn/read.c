#include "dmn/model.h"
#include "feel/scan.h"

static const char *const NAMESPACES[] = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd", "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/", "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/", "https://www.omg.org/spec/DMN/20240513/MODEL/",
};

static bool is_dmn_namespace(struct str ns)
{
    for (size_t i = 0; i < COUNT_OF(NAMESPACES); i++)
        if (str_is(ns, NAMESPACES[i]))
            return true;
    return false;
}

bool dmn_is(const struct xml_node *node, const char *name)
{
    return node->kind == XML_ELEMENT && str_is(node->name, name) && is_dmn_namespace(node->ns);
}

const struct xml_node *dmn_child(const struct xml_node *node, const char *name)
{
    XML_EACH(child, node)
    if (dmn_is(child, name))
        return child;
    return NULL;
}

struct str dmn_child_text(struct arena *arena, const struct xml_node *node, const char *name)
{
    return xml_text(arena, node ? dmn_child(node, name) : NULL);
}

void model_finding(struct dmn_model *model, enum dmn_severity severity, const char *what,
                   unsigned line, struct str place, struct str detail)
{
    *ARENA_PUSH(model->arena, model->findings, model->finding_count, model->finding_capacity) =
        (struct dmn_finding){
            .severity = severity, .what = what, .line = line, .place = place, .detail = detail};
}

/* ---- Elements ---- */

static const struct {
    const char *name;
    enum element_kind kind;
} ELEMENTS[] = {{"inputData", ELEMENT_INPUT},
                {"decision", ELEMENT_DECISION},
                {"businessKnowledgeModel", ELEMENT_KNOWLEDGE},
                {"decisionService", ELEMENT_SERVICE}};

static void list_elements(struct dmn_model *model, struct definitions *home)
{
    size_t capacity = 0;
    home->open = true;
    XML_EACH(node, home->xml)
    for (size_t i = 0; i < COUNT_OF(ELEMENTS); i++) {
        if (!dmn_is(node, ELEMENTS[i].name))
            continue;
        home->open = home->open && ELEMENTS[i].kind != ELEMENT_INPUT;
        struct str name = scan_name(model->arena, xml_get(node, "name"));
        *ARENA_PUSH(model->arena, home->elements, home->element_count, capacity) =
            (struct element){.kind = ELEMENTS[i].kind,
                             .home = home,
                             .xml = node,
                             .id = xml_get(node, "id"),
                             .name = name,
                             .number = model->element_total++};
        *ARENA_PUSH(model->arena, model->members, model->member_count, model->member_capacity) =
            name;
    }
}

/* "#id" or "namespace#id". */
static const struct element *find_href(struct dmn_model *model, const struct definitions *home,
                                       struct str href)
{
    size_t hash = str_find(href, STR("#"), 0);
    struct str ns = str_sub(href, 0, hash), id = str_sub(href, hash + 1, SIZE_MAX);
    if (hash == href.len) {
        ns = STR("");
        id = href;
    }
    for (size_t i = 0; i < model->count; i++) {
        const struct definitions *d = &model->definitions[i];
        if (ns.len == 0 ? d != home : !str_equal(d->ns, ns))
            continue;
        for (size_t k = 0; k < d->element_count; k++)
            if (str_equal(d->elements[k].id, id))
                return &d->elements[k];
    }
    return NULL;
}

struct needs {
    const struct element **items;
    size_t count, capacity;
};

static void add_need(struct dmn_model *model, struct element *element, const struct xml_node *node,
                     struct needs *needs)
{
    struct str href = xml_get(node, "href");
    const struct element *found = find_href(model, element->home, href);
    if (found)
        *ARENA_PUSH(model->arena, needs->items, needs->count, needs->capacity) = found;
    else
        model_finding(model, DMN_ERROR, "unknown-reference", node->line, element->name,
                      str_format(model->arena, "there is nothing at \"%.*s\"", STR_ARG(href)));
}

static void read_needs(struct dmn_model *model, struct element *element)
{
    static const char *const REQUIRED[] = {"requiredInput", "requiredDecision",
                                           "requiredKnowledge"};
    struct needs needs = {0};
    XML_EACH(node, element->xml)
    {
        if (!dmn_is(node, "informationRequirement") && !dmn_is(node, "knowledgeRequirement"))
            continue;
        XML_EACH(child, node)
        for (size_t i = 0; i < COUNT_OF(REQUIRED); i++)
            if (dmn_is(child, REQUIRED[i]))
                add_need(model, element, child, &needs);
    }
    element->needs = needs.items;
    element->need_count = needs.count;
}

static void read_refs(struct dmn_model *model, struct element *element, const char *name,
                      struct needs *needs)
{
    XML_EACH(node, element->xml)
    if (dmn_is(node, name))
        add_need(model, element, node, needs);
}

static void read_service(struct dmn_model *model, struct element *element)
{
    struct needs outputs = {0}, params = {0};
    read_refs(model, element, "outputDecision", &outputs);
    read_refs(model, element, "inputData", &params);
    read_refs(model, element, "inputDecision", &params);
    element->outputs = outputs.items;
    element->output_count = outputs.count;
    element->params = params.items;
    element->param_count = params.count;
    struct str *names = ARENA_ARRAY(model->arena, params.count, struct str);
    const struct feel_type_spec **types =
        ARENA_ARRAY(model->arena, params.count, const struct feel_type_spec *);
    for (size_t i = 0; i < params.count; i++) {
        names[i] = params.items[i]->name;
        types[i] = params.items[i]->type;
    }
    element->param_names = names;
    element->param_types = types;
}

/* The name by which `home` speaks of the other model: absent for itself. */
static struct str import_name(const struct definitions *home, const struct definitions *other)
{
    for (size_t i = 0; i < home->import_count; i++)
        if (home->imports[i].definitions == other)
            return home->imports[i].name;
    return (struct str){0};
}

/* What an element's logic may speak of: what it requires, by name or by import. */
static struct feel_names names_of(struct dmn_model *model, const struct element *element)
{
    struct str *names = ARENA_ARRAY(model->arena, element->need_count + 1, struct str);
    size_t count = 0;
    for (size_t i = 0; i < element->need_count; i++) {
        const struct element *need = element->needs[i];
        struct str import = import_name(element->home, need->home);
        names[count++] = import.len > 0 ? import : need->name;
    }
    if (element->kind == ELEMENT_KNOWLEDGE)
        names[count++] = element->name; /* It may call itself. */
    return (struct feel_names){.variables = names,
                               .variable_count = count,
                               .members = model->members,
                               .member_count = model->member_count,
                               .types = element->home->types,
                               .type_count = element->home->type_count};
}

static void read_logic(struct dmn_model *model, struct element *element)
{
    const char *what = element->kind == ELEMENT_DECISION ? "decision" : "knowledge model";
    struct box_reader r = {.model = model, .home = element->home};
    r.place = str_format(model->arena, "%s \"%.*s\"", what, STR_ARG(element->name));
    struct feel_names *known = ARENA_NEW(model->arena, struct feel_names);
    *known = names_of(model, element);
    const struct xml_node *node = element->kind == ELEMENT_DECISION
                                      ? box_child(element->xml)
                                      : dmn_child(element->xml, "encapsulatedLogic");
    if (node)
        element->box = box_read(&r, node, known);
}

static void read_variable(struct dmn_model *model, struct element *element)
{
    const struct xml_node *variable = dmn_child(element->xml, "variable");
    if (variable)
        element->type = model_type(model, element->home, xml_get(variable, "typeRef"));
}

static void read_imports(struct dmn_model *model, struct definitions *home)
{
    size_t capacity = 0;
    XML_EACH(node, home->xml)
    {
        if (!dmn_is(node, "import") || !is_dmn_namespace(xml_get(node, "importType")))
            continue;
        struct import import = {.name = scan_name(model->arena, xml_get(node, "name")),
                                .ns = xml_get(node, "namespace")};
        for (size_t i = 0; i < model->count; i++)
            if (str_equal(model->definitions[i].ns, import.ns))
                import.definitions = &model->definitions[i];
        if (!import.definitions)
            model_finding(model, DMN_ERROR, "missing-import", node->line, home->name,
                          str_format(model->arena, "no model has the namespace \"%.*s\"",
                                     STR_ARG(import.ns)));
        *ARENA_PUSH(model->arena, home->imports, home->import_count, capacity) = import;
    }
}

static enum err read_source(struct dmn_model *model, const struct dmn_source *source,
                            struct definitions *home)
{
    enum err r = xml_parse(model->arena, source->text, &home->xml);
    if (r != OK)
        return r;
    if (!dmn_is(home->xml, "definitions"))
        return err_set(ERR_SYNTAX, "%.*s is no DMN model", STR_ARG(source->name));
    home->source = source->name;
    home->name = xml_get(home->xml, "name");
    home->ns = xml_get(home->xml, "namespace");
    return OK;
}

/* Imported models first, so that their types are there. */
static void read_types_from(struct dmn_model *model, struct definitions *home, uint8_t *state)
{
    size_t number = (size_t)(home - model->definitions);
    if (state[number])
        return;
    state[number] = 1;
    for (size_t i = 0; i < home->import_count; i++)
        if (home->imports[i].definitions)
            read_types_from(model, (struct definitions *)home->imports[i].definitions, state);
    model_read_types(model, home);
}

enum err dmn_read(struct arena *arena, const struct dmn_source *sources, size_t count,
                  const struct dmn_model **out)
{
    assert(count > 0);
    struct dmn_model *model = ARENA_NEW(arena, struct dmn_model);
    *model = (struct dmn_model){.arena = arena, .count = count};
    model->definitions = ARENA_ARRAY(arena, count, struct definitions);
    for (size_t i = 0; i < count; i++) {
        enum err r = read_source(model, &sources[i], &model->definitions[i]);
        if (r != OK)
            return r;
        list_elements(model, &model->definitions[i]);
    }
    for (size_t i = 0; i < count; i++)
        read_imports(model, &model->definitions[i]);
    uint8_t *state = ARENA_ARRAY(arena, count, uint8_t);
    for (size_t i = 0; i < count; i++)
        read_types_from(model, &model->definitions[i], state);
    for (int step = 0; step < 3; step++)
        for (size_t i = 0; i < count; i++)
            for (size_t k = 0; k < model->definitions[i].element_count; k++) {
                struct element *element = &model->definitions[i].elements[k];
                if (step == 0) {
                    read_variable(model, element);
                    read_needs(model, element);
                } else if (step == 1 && element->kind == ELEMENT_SERVICE) {
                    read_service(model, element);
                } else if (step == 2 && (element->kind == ELEMENT_DECISION ||
                                         element->kind == ELEMENT_KNOWLEDGE)) {
                    read_logic(model, element);
                }
            }
    *out = model;
    return OK;
}

struct dmn_findings dmn_problems(const struct dmn_model *model)
{
    return (struct dmn_findings){model->findings, model->finding_count};
}

struct str dmn_model_name(const struct dmn_model *model)
{
    return model->definitions[0].name;
}

static size_t names_of_kind(const struct dmn_model *model, struct arena *arena,
                            enum element_kind kind, const struct str **out)
{
    const struct definitions *home = &model->definitions[0];
    struct str *names = ARENA_ARRAY(arena, home->element_count, struct str);
    size_t count = 0;
    for (size_t i = 0; i < home->element_count; i++)
        if (home->elements[i].kind == kind)
            names[count++] = home->elements[i].name;
    *out = names;
    return count;
}

size_t dmn_decisions(const struct dmn_model *model, struct arena *arena, const struct str **out)
{
    return names_of_kind(model, arena, ELEMENT_DECISION, out);
}

size_t dmn_inputs(const struct dmn_model *model, struct arena *arena, const struct str **out)
{
    return names_of_kind(model, arena, ELEMENT_INPUT, out);
}

size_t dmn_services(const struct dmn_model *model, struct arena *arena, const struct str **out)
{
    return names_of_kind(model, arena, ELEMENT_SERVICE, out);
}
