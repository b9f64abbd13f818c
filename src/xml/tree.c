#include "xml/xml.h"

static const struct xml_node *element_from(const struct xml_node *node)
{
    while (node && node->kind != XML_ELEMENT)
        node = node->next;
    return node;
}

const struct xml_node *xml_first(const struct xml_node *node)
{
    return node ? element_from(node->first) : NULL;
}

const struct xml_node *xml_next(const struct xml_node *node)
{
    return node ? element_from(node->next) : NULL;
}

bool xml_is(const struct xml_node *node, const char *ns, const char *name)
{
    return node && node->kind == XML_ELEMENT && str_is(node->name, name) && str_is(node->ns, ns);
}

const struct xml_node *xml_child(const struct xml_node *node, const char *ns, const char *name)
{
    XML_EACH(child, node)
    if (xml_is(child, ns, name))
        return child;
    return NULL;
}

struct str xml_get_ns(const struct xml_node *node, const char *ns, const char *name)
{
    for (size_t i = 0; node && i < node->attr_count; i++)
        if (str_is(node->attrs[i].name, name) && str_is(node->attrs[i].ns, ns) &&
            (ns[0] || str_is(node->attrs[i].qname, name)))
            return node->attrs[i].value;
    return (struct str){0};
}

struct str xml_get(const struct xml_node *node, const char *name)
{
    return xml_get_ns(node, "", name);
}

struct str xml_text_raw(struct arena *arena, const struct xml_node *node)
{
    if (!node)
        return (struct str){0};
    struct str only = STR("");
    size_t pieces = 0, len = 0;
    for (const struct xml_node *child = node->first; child; child = child->next)
        if (child->kind == XML_TEXT) {
            only = child->text;
            len += child->text.len;
            pieces++;
        }
    if (pieces <= 1)
        return only;
    char *joined = arena_alloc(arena, len + 1);
    size_t at = 0;
    for (const struct xml_node *child = node->first; child; child = child->next)
        if (child->kind == XML_TEXT) {
            memcpy(joined + at, child->text.ptr, child->text.len);
            at += child->text.len;
        }
    return (struct str){.ptr = joined, .len = len};
}

struct str xml_text(struct arena *arena, const struct xml_node *node)
{
    struct str raw = xml_text_raw(arena, node);
    return raw.ptr ? str_trim(raw) : raw;
}
