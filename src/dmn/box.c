#include "dmn/model.h"
#include "feel/scan.h"

enum { BOX_DEPTH_MAX = 64 };

static const struct {
    const char *name;
    enum box_kind kind;
} BOXES[] = {
    {"literalExpression", BOX_FEEL},
    {"decisionTable", BOX_TABLE},
    {"context", BOX_CONTEXT},
    {"list", BOX_LIST},
    {"relation", BOX_RELATION},
    {"functionDefinition", BOX_FUNCTION},
    {"encapsulatedLogic", BOX_FUNCTION},
    {"invocation", BOX_INVOCATION},
    {"conditional", BOX_CONDITIONAL},
    {"filter", BOX_FILTER},
    {"for", BOX_FOR},
    {"some", BOX_SOME},
    {"every", BOX_EVERY},
};

static enum box_kind kind_of(const struct xml_node *node)
{
    for (size_t i = 0; i < COUNT_OF(BOXES); i++)
        if (dmn_is(node, BOXES[i].name))
            return BOXES[i].kind;
    return BOX_NONE;
}

const struct xml_node *box_child(const struct xml_node *node)
{
    XML_EACH(child, node)
    if (kind_of(child) != BOX_NONE)
        return child;
    return NULL;
}

/* NULL, with a finding, for what cannot be read. */
const struct feel_expr *box_expr(struct box_reader *r, const struct xml_node *node, struct str text,
                                 const struct feel_names *known, bool tests)
{
    struct arena *arena = r->model->arena;
    const struct feel_expr *expr;
    enum err e = tests ? feel_parse_unary_tests(arena, text, known, &expr)
                       : feel_parse(arena, text, known, &expr);
    if (e != OK) {
        model_finding(r->model, DMN_ERROR, "syntax", node->line, r->place,
                      str_format(arena, "\"%.*s\": %s", STR_ARG(text), err_last()->detail));
        return NULL;
    }
    const struct str *unknown;
    size_t count = feel_unknown_names(expr, &unknown);
    for (size_t i = 0; i < count; i++)
        model_finding(r->model, r->home->open ? DMN_NOTE : DMN_WARNING,
                      r->home->open ? "open-name" : "unknown-name", node->line, r->place,
                      str_format(arena,
                                 r->home->open
                                     ? "\"%.*s\" is not declared as input data, in \"%.*s\": the "
                                       "caller's value of that name is taken"
                                     : "nothing is called \"%.*s\" here, in \"%.*s\"",
                                 STR_ARG(unknown[i]), STR_ARG(text)));
    return expr;
}

static struct str problem_of(struct box_reader *r)
{
    return r->model->findings[r->model->finding_count - 1].detail;
}

static const struct box *child_of(struct box_reader *r, const struct xml_node *node,
                                  const char *name, const struct feel_names *known)
{
    const struct xml_node *child = box_child(dmn_child(node, name));
    static const struct box NOTHING = {.kind = BOX_NONE};
    return child ? box_read(r, child, known) : &NOTHING;
}

static struct feel_names with_one(const struct feel_names *known, const struct str *name)
{
    return (struct feel_names){.up = known, .variables = name, .variable_count = 1};
}

/* Growing arrays of what a box holds. */
struct parts {
    const struct box **items;
    struct str *names;
    const struct feel_type_spec **types;
    size_t count, capacity, name_count, name_capacity, type_count, type_capacity;
};

static void add_part(struct box_reader *r, struct parts *parts, const struct box *item,
                     struct str name, const struct feel_type_spec *type)
{
    struct arena *arena = r->model->arena;
    *ARENA_PUSH(arena, parts->items, parts->count, parts->capacity) = item;
    *ARENA_PUSH(arena, parts->names, parts->name_count, parts->name_capacity) = name;
    *ARENA_PUSH(arena, parts->types, parts->type_count, parts->type_capacity) = type;
}

static void put_parts(struct box *box, const struct parts *parts)
{
    box->items = parts->items;
    box->names = parts->names;
    box->types = parts->types;
    box->count = parts->count;
}

static void add_member(struct box_reader *r, struct str name)
{
    *ARENA_PUSH(r->model->arena, r->model->members, r->model->member_count,
                r->model->member_capacity) = name;
}

static void read_context(struct box_reader *r, const struct xml_node *node,
                         const struct feel_names *known, struct box *box)
{
    struct parts parts = {0};
    XML_EACH(entry, node)
    {
        if (!dmn_is(entry, "contextEntry"))
            continue;
        const struct xml_node *variable = dmn_child(entry, "variable");
        struct feel_names inner = {
            .up = known, .variables = parts.names, .variable_count = parts.name_count};
        struct str name =
            variable ? scan_name(r->model->arena, xml_get(variable, "name")) : (struct str){0};
        const struct xml_node *child = box_child(entry);
        static const struct box NOTHING = {.kind = BOX_NONE};
        const struct box *item = child ? box_read(r, child, &inner) : &NOTHING;
        if (name.ptr)
            add_member(r, name);
        add_part(r, &parts, item, name,
                 variable ? model_type(r->model, r->home, xml_get(variable, "typeRef")) : NULL);
    }
    put_parts(box, &parts);
}

static void read_list(struct box_reader *r, const struct xml_node *node,
                      const struct feel_names *known, struct box *box)
{
    struct parts parts = {0};
    XML_EACH(child, node)
    if (kind_of(child) != BOX_NONE)
        add_part(r, &parts, box_read(r, child, known), (struct str){0}, NULL);
    put_parts(box, &parts);
}

static void read_relation(struct box_reader *r, const struct xml_node *node,
                          const struct feel_names *known, struct box *box)
{
    struct parts cells = {0}, columns = {0};
    XML_EACH(child, node)
    {
        if (dmn_is(child, "column")) {
            struct str name = scan_name(r->model->arena, xml_get(child, "name"));
            add_part(r, &columns, NULL, name, NULL);
            add_member(r, name);
        }
        if (dmn_is(child, "row"))
            XML_EACH(cell, child)
        if (kind_of(cell) != BOX_NONE)
            add_part(r, &cells, box_read(r, cell, known), (struct str){0}, NULL);
    }
    box->items = cells.items;
    box->count = cells.count;
    box->names = columns.names;
    box->columns = columns.count;
}

static void read_function(struct box_reader *r, const struct xml_node *node,
                          const struct feel_names *known, struct box *box)
{
    struct parts params = {0};
    XML_EACH(child, node)
    if (dmn_is(child, "formalParameter"))
        add_part(r, &params, NULL, scan_name(r->model->arena, xml_get(child, "name")),
                 model_type(r->model, r->home, xml_get(child, "typeRef")));
    put_parts(box, &params);
    struct str kind = xml_get(node, "kind");
    const struct xml_node *body = box_child(node);
    struct box *made = ARENA_NEW(r->model->arena, struct box);
    if (kind.len > 0 && !str_is(kind, "FEEL")) {
        *made = (struct box){.kind = BOX_BAD, .place = r->place};
        made->problem =
            str_format(r->model->arena, "functions in %.*s cannot be called here", STR_ARG(kind));
        box->callee = made;
        return;
    }
    struct feel_names inner = {
        .up = known, .variables = params.names, .variable_count = params.name_count};
    box->callee = body ? box_read(r, body, &inner) : made;
}

static void read_invocation(struct box_reader *r, const struct xml_node *node,
                            const struct feel_names *known, struct box *box)
{
    struct parts parts = {0};
    const struct xml_node *callee = box_child(node);
    static const struct box NOTHING = {.kind = BOX_NONE};
    box->callee = callee ? box_read(r, callee, known) : &NOTHING;
    XML_EACH(child, node)
    {
        if (!dmn_is(child, "binding"))
            continue;
        const struct xml_node *param = dmn_child(child, "parameter"), *value = box_child(child);
        add_part(r, &parts, value ? box_read(r, value, known) : &NOTHING,
                 scan_name(r->model->arena, xml_get(param, "name")), NULL);
    }
    put_parts(box, &parts);
}

static void read_branches(struct box_reader *r, const struct xml_node *node,
                          const struct feel_names *known, struct box *box)
{
    struct parts parts = {0};
    static const char *const BRANCHES[] = {"if", "then", "else"};
    for (size_t i = 0; i < COUNT_OF(BRANCHES); i++)
        add_part(r, &parts, child_of(r, node, BRANCHES[i], known), (struct str){0}, NULL);
    put_parts(box, &parts);
}

static void read_loop(struct box_reader *r, const struct xml_node *node,
                      const struct feel_names *known, struct box *box)
{
    struct parts parts = {0};
    static const struct str PARTIAL = STR_INIT("partial"), ITEM = STR_INIT("item");
    struct str name = box->kind == BOX_FILTER
                          ? ITEM
                          : scan_name(r->model->arena, xml_get(node, "iteratorVariable"));
    add_part(r, &parts, child_of(r, node, "in", known), name, NULL);
    struct feel_names partial = with_one(known, &PARTIAL);
    struct feel_names inner = with_one(box->kind == BOX_FOR ? &partial : known, &parts.names[0]);
    const char *body = box->kind == BOX_FILTER ? "match"
                       : box->kind == BOX_FOR  ? "return"
                                               : "satisfies";
    add_part(r, &parts, child_of(r, node, body, &inner), (struct str){0}, NULL);
    put_parts(box, &parts);
}

static void read_literal(struct box_reader *r, const struct xml_node *node,
                         const struct feel_names *known, struct box *box)
{
    struct str text = dmn_child_text(r->model->arena, node, "text");
    struct str language = xml_get(node, "expressionLanguage");
    box->kind = BOX_NONE;
    if (text.len == 0)
        return;
    box->kind = BOX_FEEL;
    if (language.len > 0 && !str_ends(language, STR("FEEL/")) && !str_ends(language, STR("feel")) &&
        !str_ends(language, STR("FEEL"))) {
        box->kind = BOX_BAD;
        box->problem =
            str_format(r->model->arena, "the language %.*s is not FEEL", STR_ARG(language));
        return;
    }
    box->expr = box_expr(r, node, text, known, false);
    if (!box->expr) {
        box->kind = BOX_BAD;
        box->problem = problem_of(r);
    }
}

static int depth_of(const struct xml_node *node)
{
    int depth = 0;
    for (; node; node = node->parent)
        depth++;
    return depth;
}

const struct box *box_read(struct box_reader *r, const struct xml_node *node,
                           const struct feel_names *known)
{
    struct box *box = ARENA_NEW(r->model->arena, struct box);
    *box = (struct box){.kind = kind_of(node), .place = r->place};
    box->type = model_type(r->model, r->home, xml_get(node, "typeRef"));
    if (depth_of(node) > BOX_DEPTH_MAX) {
        box->kind = BOX_BAD;
        box->problem = STR("boxed expressions are nested too deeply");
        return box;
    }
    switch (box->kind) {
    case BOX_FEEL:
        read_literal(r, node, known, box);
        break;
    case BOX_TABLE:
        box->table = table_read(r, node, known);
        break;
    case BOX_CONTEXT:
        read_context(r, node, known, box);
        break;
    case BOX_LIST:
        read_list(r, node, known, box);
        break;
    case BOX_RELATION:
        read_relation(r, node, known, box);
        break;
    case BOX_FUNCTION:
        read_function(r, node, known, box);
        break;
    case BOX_INVOCATION:
        read_invocation(r, node, known, box);
        break;
    case BOX_CONDITIONAL:
        read_branches(r, node, known, box);
        break;
    case BOX_FILTER:
    case BOX_FOR:
    case BOX_SOME:
    case BOX_EVERY:
        read_loop(r, node, known, box);
        break;
    case BOX_NONE:
    case BOX_BAD:
        break;
    }
    return box;
}
