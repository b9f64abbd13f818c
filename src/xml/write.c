#include "xml/xml.h"

/* White space that an attribute's value would lose on reading is written as a reference. */
static void write_escaped(struct buf *buf, struct str text, bool attribute)
{
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *escape = NULL;
        switch (text.ptr[i]) {
        case '&':
            escape = "&amp;";
            break;
        case '<':
            escape = "&lt;";
            break;
        case '>':
            escape = "&gt;";
            break;
        case '"':
            escape = "&quot;";
            break;
        case '\r':
            escape = "&#13;";
            break;
        case '\n':
            escape = attribute ? "&#10;" : NULL;
            break;
        case '\t':
            escape = attribute ? "&#9;" : NULL;
            break;
        default:
            break;
        }
        if (!escape)
            continue;
        buf_add(buf, text.ptr + from, i - from);
        buf_add_c(buf, escape);
        from = i + 1;
    }
    buf_add(buf, text.ptr + from, text.len - from);
}

static void write_start(struct buf *buf, const struct xml_node *node)
{
    buf_add_char(buf, '<');
    buf_add_str(buf, node->qname);
    for (size_t i = 0; i < node->attr_count; i++) {
        buf_add_char(buf, ' ');
        buf_add_str(buf, node->attrs[i].qname);
        buf_add_c(buf, "=\"");
        write_escaped(buf, node->attrs[i].value, true);
        buf_add_char(buf, '"');
    }
    buf_add_c(buf, node->first ? ">" : "/>");
}

/* Recursion is bounded by LIMIT_XML_DEPTH, which the reader held. */
static void write_node(struct buf *buf, const struct xml_node *node)
{
    switch (node->kind) {
    case XML_TEXT:
        write_escaped(buf, node->text, false);
        break;
    case XML_COMMENT:
        buf_add_c(buf, "<!--");
        buf_add_str(buf, node->text);
        buf_add_c(buf, "-->");
        break;
    case XML_INSTRUCTION:
        buf_format(buf, "<?%.*s %.*s?>", STR_ARG(node->qname), STR_ARG(node->text));
        break;
    case XML_ELEMENT:
        write_start(buf, node);
        for (const struct xml_node *child = node->first; child; child = child->next)
            write_node(buf, child);
        if (node->first)
            buf_format(buf, "</%.*s>", STR_ARG(node->qname));
        break;
    }
}

void xml_write(struct buf *buf, const struct xml_node *root)
{
    buf_add_c(buf, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    write_node(buf, root);
    buf_add_char(buf, '\n');
}
