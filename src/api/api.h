/* The HTTP API: a resource a file, its routes in a table at the file's foot.
 *
 * A route is a query or a command. A query runs on an HTTP thread with a read connection. A command
 * runs on the writer's thread inside the batch's transaction; its answer is sent after the commit.
 * `prepare` runs before a command, on the HTTP thread, for what is slow: hashing a password,
 * reading a sheet. Before either, the route table has authenticated the caller, checked roles and
 * CSRF, and decoded path, query and body into the structs that the field tables describe.
 *
 *     static enum err messages_post(struct api_call *call, struct db_tx *tx) { … }
 *
 *     const struct route CASE_ROUTES[] = {
 *         {POST, "/api/v1/cases/{id}/messages", ROLES(ROLE_CONTACT | ROLE_STAFF),
 *          .command = messages_post, .body = MESSAGE_FIELDS, .body_size = sizeof(struct
 * message_in), .reply = MESSAGE_REPLY, .status = 201, .doc = "Adds a message to a case"},
 *         ROUTE_END};
 */
#ifndef API_API_H
#define API_API_H

#include "db/writer.h"
#include "http/http.h"
#include "park/access.h"
#include "json/fields.h"

struct api;
struct api_call;
struct route;

enum { API_PATH_IDS_MAX = 4 };

/* One request on its way. All memory is the arena's; the call dies after its answer is sent. */
struct api_call {
    struct api *api;
    const struct route *route;
    const struct http_request *http;
    struct arena *arena;
    struct principal who; /* Zero on public routes without a session. */
    int64_t park_id;
    int64_t now_us; /* One moment for the whole call. */
    struct db *db;  /* Reads: own connection, or the transaction's in a command. */
    struct str path_text[API_PATH_IDS_MAX]; /* What stood for {…} in the path, in order. */
    int64_t path_id[API_PATH_IDS_MAX];      /* The same as an id; 0 if it is none. */
    void *query;                            /* The struct of route->query_fields, decoded. */
    void *body;     /* The struct of route->body, decoded; NULL without one. */
    struct str raw; /* The body's bytes. */
    void *prepared; /* What `prepare` leaves for `command`. */

    int status;              /* Starts as route->status or 200. */
    struct buf *out;         /* The answer's bytes; JSON unless content_type says else. */
    struct json_writer json; /* Writes to `out`. */
    const char *content_type;
    const char *disposition; /* Content-Disposition, e.g. for exports. */
    const char *location, *etag, *cookie;
};

typedef enum err api_query(struct api_call *call);
typedef enum err api_command(struct api_call *call, struct db_tx *tx);

struct roles {
    unsigned any_of;
    bool public;
};

/* Who may call a route. There is no "nobody": ROLES(0) does not compile. */
#define ROLES(set) ((struct roles){.any_of = (set) + 0 * sizeof(char[(set) ? 1 : -1])})
#define PUBLIC ((struct roles){.public = true})

enum http_method_set { GET = 1, POST, PUT, PATCH, DELETE };

struct route {
    enum http_method_set method;
    const char *path;
    struct roles roles;
    api_query *query, *prepare;
    api_command *command;
    const struct field *query_fields; /* Query-string parameters. */
    size_t query_size;
    const struct field *body; /* NULL: no body, unless `raw_types`. */
    size_t body_size;
    const char *raw_types; /* Takes raw bytes of these content types, e.g. "text/csv image/png". */
    size_t raw_max;
    const struct field *reply; /* What the answer's object looks like, for the OpenAPI document. */
    const char *reply_type;    /* If it is not application/json. */
    int status;
    const char *doc;
};

#define ROUTE_END                                                                                  \
    {                                                                                              \
        0                                                                                          \
    }

/* Writes `value` as the whole answer. */
void api_reply(struct api_call *call, const struct field *fields, const void *value);

/* A page: {"items":[…],"next":cursor or null}. `next` is opaque to callers; absent on the last. */
void api_page_begin(struct api_call *call);
void api_page_end(struct api_call *call, struct str next);

/* Reads and makes cursors: two numbers, e.g. a time and an id. An absent cursor gives zeros. */
MUST_USE enum err api_cursor_read(struct api_call *call, struct str cursor, int64_t *first,
                                  int64_t *second);
struct str api_cursor_make(struct api_call *call, int64_t first, int64_t second);

/* ERR_PRECONDITION unless If-Match is absent or names `version`; sets the answer's ETag. */
MUST_USE enum err api_match_version(struct api_call *call, int64_t version);

/* Every resource's table, in routes.c. */
extern const struct route *const API_ROUTES[];

#endif
