/* XML (1.0 with namespaces), bounded: a reader into an arena tree, and a writer of that tree.
 *
 * Document type declarations are refused, so there are no entities to expand and no quadratic
 * blow-up; depth, attributes, elements and size are bounded by base/limits.h. The tree keeps
 * prefixes, namespace declarations, comments and the order of everything, so that writing it again
 * loses nothing that means something.
 */
#ifndef XML_XML_H
#define XML_XML_H

#include "base/base.h"

enum xml_kind { XML_ELEMENT, XML_TEXT, XML_COMMENT, XML_INSTRUCTION };

struct xml_attr {
    struct str qname; /* As written, "zeebe:type". */
    struct str ns;    /* Namespace name; "" without a prefix, as the standard has it. */
    struct str name;  /* Without prefix. */
    struct str value; /* Normalised, references resolved. */
};

struct xml_node {
    enum xml_kind kind;
    unsigned line;                 /* From 1. */
    struct xml_node *parent;       /* NULL for the root. */
    struct xml_node *next;         /* Next sibling of any kind. */
    struct xml_node *first, *last; /* Children of any kind. */
    struct str qname;              /* Element as written, "bpmn:task"; instruction's target. */
    struct str ns;                 /* Element's namespace name; "" if none. */
    struct str name;               /* Element's name without prefix. */
    struct str text;               /* Of a text, comment or instruction. */
    const struct xml_attr *attrs;  /* In the order of the text, xmlns ones among them. */
    size_t attr_count;
};

/* Reads a whole document and gives its root element. Nothing points into `text` afterwards.
 * ERR_SYNTAX with line and column, also on a DTD and on undeclared prefixes; ERR_LIMIT. */
MUST_USE enum err xml_parse(struct arena *arena, struct str text, const struct xml_node **out);

/* First child element / next sibling element; NULL at the end or if `node` is NULL. */
const struct xml_node *xml_first(const struct xml_node *node);
const struct xml_node *xml_next(const struct xml_node *node);

/* Walks child elements: XML_EACH (child, parent) { … } */
#define XML_EACH(child, parent)                                                                    \
    for (const struct xml_node *child = xml_first(parent); child; child = xml_next(child))

/* True for an element of this namespace and name. */
bool xml_is(const struct xml_node *node, const char *ns, const char *name);
/* First child element of this namespace and name, or NULL; `node` may be NULL. */
const struct xml_node *xml_child(const struct xml_node *node, const char *ns, const char *name);

/* An attribute without prefix, or the absent text; `node` may be NULL. */
struct str xml_get(const struct xml_node *node, const char *name);
struct str xml_get_ns(const struct xml_node *node, const char *ns, const char *name);

/* All text directly inside the element, trimmed of white space at both ends; absent for NULL. */
struct str xml_text(struct arena *arena, const struct xml_node *node);
/* The same without trimming. */
struct str xml_text_raw(struct arena *arena, const struct xml_node *node);

/* The namespace that a prefix ("" for the default one) stands for at this element, as needed by
 * names inside attribute values; absent if undeclared. */
struct str xml_resolve(const struct xml_node *node, struct str prefix);

/* Writes the tree with an XML declaration in front. */
void xml_write(struct buf *buf, const struct xml_node *root);

#endif
