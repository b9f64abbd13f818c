/* Whether a request's head is one that every proxy and server reads alike.
 *
 * The HTTP library is lenient: two Content-Lengths, Content-Length beside Transfer-Encoding, or two
 * Hosts let a request hide another one behind it. What is not plainly framed is refused here before
 * anything else looks at it. Pure: no I/O, safe on hostile input.
 */
#ifndef HTTP_CHECK_H
#define HTTP_CHECK_H

#include "base/base.h"

enum { HTTP_FIELDS_MAX = 64 }; /* Header fields of one request. */

struct http_field {
    struct str name, value;
};

struct http_head {
    struct str method;
    struct str target; /* As it stood in the request line. */
    struct str version;
    const struct http_field *fields;
    size_t count;
};

struct http_framing {
    bool chunked;
    bool has_length;
    int64_t length; /* Of the body, if has_length. */
};

/* ERR_SYNTAX, ERR_LIMIT (the head is too large), ERR_METHOD. */
MUST_USE enum err http_check(const struct http_head *head, struct http_framing *out);

/* The target's path, decoded once: UTF-8, begins with '/', no control characters, no backslash, no
 * empty, "." or ".." segment, no encoded slash. `query` is what stands behind the '?', raw. */
MUST_USE enum err http_target(struct arena *arena, struct str target, struct str *path,
                              struct str *query);

/* Resolves %XX (and '+' as a space if `plus`). ERR_SYNTAX on a broken escape. */
MUST_USE enum err http_unescape(struct arena *arena, struct str text, bool plus, struct str *out);

/* The cookie's value in a Cookie header, or the absent text. */
struct str http_cookie_in(struct str header, struct str name);

#endif
