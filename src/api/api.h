/* The HTTP API: a resource a file, its routes in a table at the file's foot.
 *
 * A route is a query or a command. A query runs on an HTTP thread with a read connection, all its
 * reads seeing one commit; with `slow` (an export, say) on a thread of its own. A command runs on
 * the writer's thread inside the batch's transaction; its answer is sent after the commit.
 * `prepare` runs before a command, on a slow thread with a read connection: hashing a password,
 * reading a sheet. Before either, the route table has authenticated the caller, checked roles and
 * CSRF, and decoded path, query and body into the structs that the field tables describe.
 *
 *     static enum err messages_post(struct api_call *call, struct db_tx *tx) { … }
 *
 *     const struct route CASE_ROUTES[] = {
 *         {POST, "/api/v1/cases/{id}/messages", ROLES(ROLE_CONTACT | ROLE_STAFF),
 *          .command = messages_post,
 *          .body = MESSAGE_FIELDS, .body_size = sizeof(struct message_in),
 *          .reply = MESSAGE_REPLY, .status = 201, .doc = "Adds a message to a case"},
 *         ROUTE_END};
 *
 * A path's last segment may be {rest...}, which stands for everything behind it.
 */
#ifndef API_API_H
#define API_API_H

#include "db/writer.h"
#include "http/http.h"
#include "park/access.h"
#include "json/fields.h"

struct api;
struct case_world;
struct heat_work;
struct journal;
struct api_call;
struct route;

enum { API_PATH_IDS_MAX = 4 };

/* One request on its way. All memory is the arena's; the call dies after its answer is sent. */
struct api_call {
    struct api *api;
    struct journal *journal;  /* Its signer. */
    struct case_world *cases; /* What acts on cases share: park/case_act.h. */
    struct heat_work *heat;   /* Who looks at heat scenes: park/heat_work.h. */
    const struct route *route;
    struct http_request *http;
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
    const char *cache; /* Cache-Control if not "no-store". */
    bool is_stream;    /* The handler has opened a stream: there is no other answer. */
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
    bool page;                 /* The answer is {"items":[reply…],"next":…}. */
    int status;
    bool slow;   /* A query that takes more than a few milliseconds. */
    bool secret; /* The answer holds a secret: it is not kept for an Idempotency-Key. */
    const char *doc;
};

#define ROUTE_END                                                                                  \
    {                                                                                              \
        0                                                                                          \
    }

/* Writes `value` as the whole answer. */
void api_reply(struct api_call *call, const struct field *fields, const void *value);

/* Answers with this error's problem, but lets the command's changes stand: returns OK. */
enum err api_reply_problem(struct api_call *call, enum err why);
/* With another status than the error's own. */
enum err api_reply_problem_as(struct api_call *call, enum err why, int status);
/* The clients of /v2 know no 422: it is 400 there. */
int api_problem_status(struct http_request *request, enum err why);
/* The program's own words for an error as an RFC 9457 object. */
void api_write_problem(struct json_writer *w, enum err why, int status);

/* A page: {"items":[…],"next":cursor or null}. `next` is opaque to callers; absent on the last. */
void api_page_begin(struct api_call *call);
void api_page_end(struct api_call *call, struct str next);
/* What a route with pages and without filters reads. */
struct api_page {
    struct str cursor;
    int64_t limit;
};
extern const struct field API_PAGE_FIELDS[];
/* What a `limit` parameter asks for: LIMIT_PAGE_DEFAULT if 0, at most LIMIT_PAGE. */
int64_t api_limit(int64_t asked);
/* Leaves `limit` of the rows, one more of which was asked for. True if there was one more. */
bool api_page_cut(size_t *count, int64_t limit);

/* "[1,2,…]" of the ids with which rows of `size` bytes begin: what json_each reads. */
struct str api_ids(struct api_call *call, const void *rows, size_t count, size_t size);

/* Reads and makes cursors: two numbers, e.g. a time and an id, or a text. An absent cursor gives
 * zeros and the empty text. ERR_SYNTAX on a cursor that is not ours. */
MUST_USE enum err api_cursor_read(struct api_call *call, struct str cursor, int64_t *first,
                                  int64_t *second);
struct str api_cursor_make(struct api_call *call, int64_t first, int64_t second);
MUST_USE enum err api_cursor_read_text(struct api_call *call, struct str cursor, struct str *out);
struct str api_cursor_make_text(struct api_call *call, struct str text);

/* ERR_PRECONDITION unless If-Match is absent or names `version`. */
MUST_USE enum err api_match_version(struct api_call *call, int64_t version);
/* The answer's Location: "<collection>/<id>". */
void api_set_location(struct api_call *call, const char *collection, int64_t id);
/* Sets the answer's ETag; a GET whose If-None-Match names it is answered with 304. */
void api_set_version(struct api_call *call, int64_t version);

/* In a command: what stands in the answer is sent only at `until_us` (monotonic). Before that
 * `again` answers in its place, each time that something of `topic` happens (park/process.h), or
 * when the clock comes to `ready_us` unless that is 0. Must be a call's last act. */
void api_wait(struct api_call *call, api_command *again, uint64_t topic, int64_t until_us,
              int64_t ready_us);

/* Every resource's table, in routes.c. */
extern const struct route *const API_ROUTES[];

/* The whole API as http/http.h's callbacks see it. --------------------------------------------- */

struct hub;

struct api_config {
    const char *store;     /* Path of the store. */
    struct writer *writer; /* Must outlive the API, as must the journal and the hub. */
    struct journal *journal;
    struct case_world *cases;
    struct heat_work *heat;
    struct hub *hub;     /* Where /events listens; NULL: it answers 503. */
    const char *web_dir; /* Serves the web app from here instead of from the program. */
    bool test_clock;     /* Opens /api/v1/test/clock. */
    int write_rate;      /* Commands a second and person, in bursts of four times; 0: no limits. */
};

/* ERR_IO, ERR_CORRUPT; asserts that the route tables are sound. */
MUST_USE enum err api_new(const struct api_config *config, struct api **out);
/* After each commit, on the writer's thread: what has happened, in bits. */
void api_tell(struct api *api, uint64_t news);
/* Answers all that wait, and lets none wait from now on: before the server is freed. */
void api_quiesce(struct api *api);
/* After the server is gone. */
void api_free(struct api *api);
/* Ends the slow threads once what they have is done: before the writer is stopped. */
void api_stop(struct api *api);

/* Drops what has expired: sessions, kept answers, old failures. Call it now and then. */
void api_housekeep(struct api *api);

size_t api_body_max(void *api, struct http_request *request);
void api_handle(void *api, struct http_request *request);
void api_refuse(void *api, struct http_request *request, enum err why);

#endif
