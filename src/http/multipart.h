/* Bodies of type multipart/form-data (RFC 7578): files and fields in one request. */
#ifndef HTTP_MULTIPART_H
#define HTTP_MULTIPART_H

#include "base/base.h"

enum { MULTIPART_MAX = 200 }; /* Parts of one body. */

struct http_part {
    struct str name, filename; /* A part that is no file has no file name. */
    struct str bytes;          /* Points into the body. */
};

/* Reads all parts. ERR_SYNTAX on anything that is no well-formed multipart body, ERR_LIMIT. Pure.
 */
MUST_USE enum err http_multipart(struct arena *arena, struct str content_type, struct str body,
                                 struct http_part **parts, size_t *count);

#endif
