/* XML as a stream of events, for documents too large for a tree: nothing is kept.
 *
 * Document types are refused, and depth is bounded by LIMIT_XML_DEPTH. The caller bounds the size.
 */
#ifndef XML_STREAM_H
#define XML_STREAM_H

#include "base/base.h"

struct xml_stream;

/* An error from a handler ends the reading, and xml_stream_feed returns it. Names come without
 * their prefix. Any handler may be NULL. */
struct xml_handlers {
    void *context;
    /* Attributes in pairs of name (with its prefix) and value, ended by NULL. */
    enum err (*open)(void *context, const char *name, const char *const *attributes);
    enum err (*close)(void *context, const char *name);
    enum err (*text)(void *context, struct str text); /* One text may come in several pieces. */
};

/* Free it before the arena dies. */
struct xml_stream *xml_stream_new(struct arena *arena, const struct xml_handlers *handlers);
void xml_stream_free(struct xml_stream *stream); /* NULL is a no-op. */

/* ERR_SYNTAX for what is not well-formed, ERR_LIMIT. After an error the stream is done for. */
MUST_USE enum err xml_stream_feed(struct xml_stream *stream, struct str bytes, bool is_last);

/* The value of an attribute, found by its name without prefix; NULL if it is not there. */
const char *xml_attribute(const char *const *attributes, const char *name);

#endif
