/* The HTTP/1.1 server: strict about what it reads, and the only place that knows its library. */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "base/base.h"

struct http_request;

struct str http_method(const struct http_request *request); /* "GET" */
struct str http_path(const struct http_request *request);   /* Decoded, no "..", no "//". */
struct str http_query(const struct http_request *request);  /* Raw, behind the '?'. */
struct str http_body(const struct http_request *request);
struct str http_header(const struct http_request *request, const char *name); /* Absent if not. */
struct str http_cookie(const struct http_request *request, const char *name);
struct str http_peer(const struct http_request *request); /* Address without port. */

#endif
