#include "xml/stream.h"

#include <expat.h>

struct xml_stream {
    struct xml_handlers handlers;
    XML_Parser parser;
    int depth;
    enum err failed;
};

static const char *local_name(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon ? colon + 1 : name;
}

const char *xml_attribute(const char *const *attributes, const char *name)
{
    for (; *attributes; attributes += 2)
        if (strcmp(local_name(attributes[0]), name) == 0)
            return attributes[1];
    return NULL;
}

static void settle(struct xml_stream *stream, enum err r)
{
    if (r == OK || stream->failed != OK)
        return;
    stream->failed = r;
    XML_StopParser(stream->parser, XML_FALSE);
}

static void on_open(void *context, const char *name, const char **attributes)
{
    struct xml_stream *stream = context;
    if (stream->failed != OK)
        return;
    if (++stream->depth > LIMIT_XML_DEPTH)
        settle(stream, err_set(ERR_LIMIT, "XML deeper than %d", LIMIT_XML_DEPTH));
    else if (stream->handlers.open)
        settle(stream, stream->handlers.open(stream->handlers.context, local_name(name),
                                             (const char *const *)attributes));
}

static void on_close(void *context, const char *name)
{
    struct xml_stream *stream = context;
    stream->depth--;
    if (stream->failed == OK && stream->handlers.close)
        settle(stream, stream->handlers.close(stream->handlers.context, local_name(name)));
}

static void on_text(void *context, const char *text, int len)
{
    struct xml_stream *stream = context;
    if (stream->failed == OK && stream->handlers.text)
        settle(stream,
               stream->handlers.text(stream->handlers.context, (struct str){text, (size_t)len}));
}

static void on_doctype(void *context, const char *name, const char *system_id,
                       const char *public_id, int internal)
{
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)internal;
    settle(context, err_set(ERR_SYNTAX, "XML with a document type"));
}

struct xml_stream *xml_stream_new(struct arena *arena, const struct xml_handlers *handlers)
{
    struct xml_stream *stream = ARENA_NEW(arena, struct xml_stream);
    *stream = (struct xml_stream){.handlers = *handlers, .parser = XML_ParserCreate("UTF-8")};
    assert(stream->parser);
    XML_SetUserData(stream->parser, stream);
    XML_SetElementHandler(stream->parser, on_open, on_close);
    XML_SetCharacterDataHandler(stream->parser, on_text);
    XML_SetStartDoctypeDeclHandler(stream->parser, on_doctype);
    return stream;
}

void xml_stream_free(struct xml_stream *stream)
{
    if (stream)
        XML_ParserFree(stream->parser);
}

enum err xml_stream_feed(struct xml_stream *stream, struct str bytes, bool is_last)
{
    assert(bytes.len <= INT32_MAX);
    if (stream->failed != OK)
        return stream->failed;
    bool parsed = XML_Parse(stream->parser, bytes.ptr, (int)bytes.len, is_last) == XML_STATUS_OK;
    if (!parsed && stream->failed == OK)
        settle(stream, err_set(ERR_SYNTAX, "line %lu: %s", XML_GetCurrentLineNumber(stream->parser),
                               XML_ErrorString(XML_GetErrorCode(stream->parser))));
    return stream->failed;
}
