#include "xml/xml.h"

#include <errno.h>
#include <expat.h>
#include <iconv.h>

static const char XML_NS[] = "http://www.w3.org/XML/1998/namespace";

struct reader {
    XML_Parser parser;
    struct arena *arena;
    struct xml_node *root, *at;
    struct buf text; /* Character data since the last tag: expat gives it in pieces. */
    unsigned text_line;
    size_t depth, elements;
    enum err failed;
};

static unsigned line_of(const struct reader *r)
{
    return (unsigned)XML_GetCurrentLineNumber(r->parser);
}

static void stop(struct reader *r, enum err code)
{
    r->failed = code;
    XML_StopParser(r->parser, XML_FALSE);
}

static struct xml_node *node_add(struct reader *r, enum xml_kind kind, unsigned line)
{
    struct xml_node *node = ARENA_NEW(r->arena, struct xml_node);
    node->kind = kind;
    node->line = line;
    node->parent = r->at;
    if (r->at) {
        if (r->at->last)
            r->at->last->next = node;
        else
            r->at->first = node;
        r->at->last = node;
    }
    return node;
}

static void text_flush(struct reader *r)
{
    if (r->text.len == 0)
        return;
    if (r->at)
        node_add(r, XML_TEXT, r->text_line)->text = str_copy(r->arena, buf_str(&r->text));
    buf_clear(&r->text);
}

static void split_name(struct str qname, struct str *prefix, struct str *name)
{
    const char *colon = memchr(qname.ptr, ':', qname.len);
    size_t at = colon ? (size_t)(colon - qname.ptr) : 0;
    *prefix = str_sub(qname, 0, at);
    *name = colon ? str_sub(qname, at + 1, qname.len) : qname;
}

struct str xml_resolve(const struct xml_node *node, struct str prefix)
{
    if (str_is(prefix, "xml"))
        return str_of(XML_NS);
    for (; node; node = node->parent)
        for (size_t i = 0; i < node->attr_count; i++) {
            const struct xml_attr *attr = &node->attrs[i];
            bool here = prefix.len == 0 ? str_is(attr->qname, "xmlns")
                                        : str_starts(attr->qname, STR("xmlns:")) &&
                                              str_equal(attr->name, prefix);
            if (here)
                return attr->value;
        }
    return prefix.len == 0 ? STR("") : (struct str){0};
}

static enum err resolve(const struct xml_node *node, struct str prefix, struct str *ns)
{
    *ns = xml_resolve(node, prefix);
    if (!ns->ptr || (prefix.len > 0 && ns->len == 0))
        return err_set(ERR_SYNTAX, "line %u: the prefix '%.*s' is not declared", node->line,
                       STR_ARG(prefix));
    return OK;
}

/* Names first, then namespaces: a declaration may stand behind its use in the same tag. */
static enum err add_attrs(struct reader *r, struct xml_node *node, const XML_Char **atts)
{
    size_t count = 0;
    while (atts[count * 2])
        count++;
    if (count > LIMIT_XML_ATTRIBUTES)
        return err_set(ERR_LIMIT, "line %u: more than %d attributes", node->line,
                       LIMIT_XML_ATTRIBUTES);
    struct xml_attr *attrs = ARENA_ARRAY(r->arena, count, struct xml_attr);
    for (size_t i = 0; i < count; i++) {
        struct str prefix;
        attrs[i].qname = str_copy(r->arena, str_of(atts[i * 2]));
        attrs[i].value = str_copy(r->arena, str_of(atts[i * 2 + 1]));
        split_name(attrs[i].qname, &prefix, &attrs[i].name);
        attrs[i].ns = STR("");
    }
    node->attrs = attrs;
    node->attr_count = count;
    for (size_t i = 0; i < count; i++) {
        struct str prefix, name;
        split_name(attrs[i].qname, &prefix, &name);
        if (prefix.len == 0 || str_is(prefix, "xmlns"))
            continue;
        enum err e = resolve(node, prefix, &attrs[i].ns);
        if (e != OK)
            return e;
        for (size_t k = 0; k < i; k++)
            if (str_equal(attrs[k].name, name) && str_equal(attrs[k].ns, attrs[i].ns))
                return err_set(ERR_SYNTAX, "line %u: attribute '%.*s' is there twice", node->line,
                               STR_ARG(name));
    }
    return OK;
}

static void XMLCALL on_start(void *user, const XML_Char *name, const XML_Char **atts)
{
    struct reader *r = user;
    text_flush(r);
    unsigned line = line_of(r);
    if (++r->depth > LIMIT_XML_DEPTH)
        return stop(r, err_set(ERR_LIMIT, "line %u: nested deeper than %d", line, LIMIT_XML_DEPTH));
    if (++r->elements > LIMIT_XML_ELEMENTS)
        return stop(r, err_set(ERR_LIMIT, "more than %d elements", LIMIT_XML_ELEMENTS));
    struct xml_node *node = node_add(r, XML_ELEMENT, line);
    if (!r->root)
        r->root = node;
    r->at = node;
    node->qname = str_copy(r->arena, str_of(name));
    struct str prefix;
    split_name(node->qname, &prefix, &node->name);
    enum err e = add_attrs(r, node, atts);
    if (e == OK)
        e = resolve(node, prefix, &node->ns);
    if (e != OK)
        stop(r, e);
}

static void XMLCALL on_end(void *user, const XML_Char *name)
{
    (void)name;
    struct reader *r = user;
    text_flush(r);
    r->depth--;
    r->at = r->at->parent;
}

static void XMLCALL on_text(void *user, const XML_Char *text, int len)
{
    struct reader *r = user;
    if (r->text.len == 0)
        r->text_line = line_of(r);
    buf_add(&r->text, text, (size_t)len);
}

static void XMLCALL on_comment(void *user, const XML_Char *text)
{
    struct reader *r = user;
    text_flush(r);
    if (r->at)
        node_add(r, XML_COMMENT, line_of(r))->text = str_copy(r->arena, str_of(text));
}

static void XMLCALL on_instruction(void *user, const XML_Char *target, const XML_Char *data)
{
    struct reader *r = user;
    text_flush(r);
    if (!r->at)
        return;
    struct xml_node *node = node_add(r, XML_INSTRUCTION, line_of(r));
    node->qname = str_copy(r->arena, str_of(target));
    node->text = str_copy(r->arena, str_of(data));
}

static void XMLCALL on_doctype(void *user, const XML_Char *name, const XML_Char *sysid,
                               const XML_Char *pubid, int has_internal)
{
    (void)name, (void)sysid, (void)pubid, (void)has_internal;
    struct reader *r = user;
    stop(r, err_set(ERR_SYNTAX, "line %u: document type declarations are not allowed: remove it",
                    line_of(r)));
}

static enum err run(struct reader *r, struct str text)
{
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, on_start, on_end);
    XML_SetCharacterDataHandler(r->parser, on_text);
    XML_SetCommentHandler(r->parser, on_comment);
    XML_SetProcessingInstructionHandler(r->parser, on_instruction);
    XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
    if (XML_Parse(r->parser, text.ptr ? text.ptr : "", (int)text.len, 1) == XML_STATUS_OK)
        return buf_check(&r->text);
    if (r->failed != OK)
        return r->failed;
    return err_set(ERR_SYNTAX, "line %u, column %u: %s", line_of(r),
                   (unsigned)XML_GetCurrentColumnNumber(r->parser) + 1,
                   XML_ErrorString(XML_GetErrorCode(r->parser)));
}

/* ---- Encodings that expat does not know: GBK, GB18030, windows-1252 … ---- */

enum { ENCODING_MAX = 40, DECLARATION_MAX = 200 };

/* The name in the XML declaration, if the text is of a kind where one can be read. */
static bool declared_encoding(struct str text, char name[ENCODING_MAX])
{
    struct str head = str_sub(text, 0, DECLARATION_MAX);
    if (!str_starts(head, STR("<?xml")))
        return false;
    head = str_sub(head, 0, str_find(head, STR("?>"), 0));
    size_t at = str_find(head, STR("encoding"), 0);
    while (at < head.len && head.ptr[at] != '"' && head.ptr[at] != '\'')
        at++;
    size_t len = 0;
    for (at++; at < head.len && head.ptr[at] != '"' && head.ptr[at] != '\''; at++) {
        if (len + 1 == ENCODING_MAX)
            return false;
        name[len++] = head.ptr[at];
    }
    name[len] = '\0';
    return len > 0 && !strchr(name, '/'); /* iconv takes what follows a slash as a wish. */
}

enum encoding { ENCODING_OWN, ENCODING_UTF8, ENCODING_FOREIGN };

/* A mark at the beginning says more than the declaration; and what can be read as plain letters is
 * no UTF-16, whatever the program that wrote it declares. */
static enum encoding encoding_of(struct str text, char name[ENCODING_MAX])
{
    static const char *const own[] = {"utf-8", "iso-8859-1", "us-ascii"};
    if (str_starts(text, STR("\xef\xbb\xbf")))
        return ENCODING_UTF8;
    if (!declared_encoding(text, name))
        return ENCODING_OWN;
    if (strncasecmp(name, "utf-16", 6) == 0 || strcasecmp(name, "unicode") == 0)
        return ENCODING_UTF8;
    for (size_t i = 0; i < COUNT_OF(own); i++)
        if (strcasecmp(name, own[i]) == 0)
            return ENCODING_OWN;
    return ENCODING_FOREIGN;
}

/* White space before the declaration is an error that means nothing. */
static struct str skip_space(struct str text)
{
    size_t at = 0;
    while (at < text.len && strchr(" \t\r\n", text.ptr[at]) && text.ptr[at])
        at++;
    struct str rest = str_sub(text, at, text.len);
    return str_starts(rest, STR("<?xml ")) ? rest : text;
}

static enum err convert(iconv_t how, struct str text, const char *name, struct buf *out)
{
    char part[4096], *from = (char *)text.ptr;
    size_t left = text.len;
    while (left > 0) {
        char *to = part;
        size_t room = sizeof(part);
        size_t done = iconv(how, &from, &left, &to, &room);
        buf_add(out, part, sizeof(part) - room);
        if (done == (size_t)-1 && errno != E2BIG)
            return err_set(ERR_SYNTAX,
                           "byte %zu is not text in the encoding %s that the file names",
                           text.len - left, name);
    }
    return buf_check(out);
}

static enum err to_utf8(struct str text, const char *name, struct buf *out)
{
    iconv_t how = iconv_open("UTF-8", name);
    if (how == (iconv_t)-1)
        return err_set(ERR_SYNTAX, "line 1: the encoding '%s' is not known: save the file as UTF-8",
                       name);
    enum err e = convert(how, text, name, out);
    iconv_close(how);
    return e;
}

enum err xml_parse(struct arena *arena, struct str text, const struct xml_node **out)
{
    if (text.len > LIMIT_XML_SIZE)
        return err_set(ERR_LIMIT, "XML longer than %d bytes", LIMIT_XML_SIZE);
    char name[ENCODING_MAX];
    CLEANUP(buf_release) struct buf converted;
    buf_init(&converted, LIMIT_XML_SIZE * 2);
    text = skip_space(text);
    enum encoding encoding = encoding_of(text, name);
    enum err e = encoding == ENCODING_FOREIGN ? to_utf8(text, name, &converted) : OK;
    if (e != OK)
        return e;
    if (encoding == ENCODING_FOREIGN)
        text = buf_str(&converted);
    const char *known = encoding == ENCODING_OWN ? NULL : "UTF-8";
    struct reader r = {.arena = arena, .parser = XML_ParserCreate(known)};
    if (!r.parser)
        return err_set(ERR_INTERNAL, "no memory for an XML parser");
    buf_init(&r.text, LIMIT_XML_SIZE * 2);
    e = run(&r, text);
    XML_ParserFree(r.parser);
    buf_release(&r.text);
    if (e == OK)
        *out = r.root;
    return e;
}
