/* What other tools added to the file: kept, without effect, and named once per namespace. */
#include "bpmn/build.h"

static const char *const OWN[] = {
    "",
    BPMN_NS,
    BPMN_ZEEBE_NS,
    "http://www.omg.org/spec/BPMN/20100524/DI",
    "http://www.omg.org/spec/DD/20100524/DC",
    "http://www.omg.org/spec/DD/20100524/DI",
    "http://www.w3.org/2001/XMLSchema-instance",
    "http://www.w3.org/XML/1998/namespace",
    /* These speak of colours and of the tool alone: nothing that runs could miss them. */
    "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
    "http://bpmn.io/schema/bpmn/biocolor/1.0",
    "http://camunda.org/schema/modeler/1.0",
};

struct guest {
    struct str ns, first; /* The first name that was met. */
    const struct xml_node *at;
    size_t elements, attributes;
};

struct guests {
    struct build *b;
    struct guest *list;
    size_t count, room;
};

static bool is_own(struct str ns)
{
    for (size_t i = 0; i < COUNT_OF(OWN); i++)
        if (str_is(ns, OWN[i]))
            return true;
    return false;
}

static struct guest *guest_of(struct guests *g, struct str ns, struct str name,
                              const struct xml_node *at)
{
    for (size_t i = 0; i < g->count; i++)
        if (str_equal(g->list[i].ns, ns))
            return &g->list[i];
    struct guest *guest = ARENA_PUSH(g->b->arena, g->list, g->count, g->room);
    *guest = (struct guest){.ns = ns, .first = name, .at = at};
    return guest;
}

/* Recursion is bounded by the XML reader. */
static void collect(struct guests *g, const struct xml_node *at)
{
    bool plain = at->ns.len == 0; /* Nothing of ours is without a namespace. */
    if (plain || !is_own(at->ns))
        guest_of(g, at->ns, at->qname, at)->elements++;
    for (size_t i = 0; i < at->attr_count; i++)
        if (!str_starts(at->attrs[i].qname, STR("xmlns")) && !is_own(at->attrs[i].ns))
            guest_of(g, at->attrs[i].ns, at->attrs[i].qname, at)->attributes++;
    XML_EACH(child, at)
    collect(g, child);
}

void build_foreign(struct build *b)
{
    struct guests g = {.b = b};
    collect(&g, b->root);
    for (size_t i = 0; i < g.count; i++) {
        const struct guest *guest = &g.list[i];
        build_warn(b, guest->at, "extension.foreign", "It is kept in the file and has no effect.",
                   "%zu elements and %zu attributes of '%.*s' are not understood, the first is "
                   "%.*s",
                   guest->elements, guest->attributes,
                   STR_ARG(guest->ns.len ? guest->ns : STR("no namespace")), STR_ARG(guest->first));
    }
}
