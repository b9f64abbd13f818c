/* What the resources of /v2 share: the paths and shapes of Camunda 8's REST API, so that its
 * clients and workers work with this engine. Keys are ids as strings, names are theirs. */
#ifndef API_V2_H
#define API_V2_H

#include "api/api.h"
#include "api/v2_sql.h"
#include "park/process.h"

#define V2_ROLES ROLES(ROLE_SYSTEM_ADMIN | ROLE_ENGINE_CLIENT)
#define V2_TENANT "<default>"

/* The call as park/process.h wants it. `tx` may be the NULL transaction of a reader. */
struct process_env v2_env(struct api_call *call, struct db_tx *tx);
/* A JSON object's text for the engine; absent for none or null. ERR_INVALID for another type. */
MUST_USE enum err v2_object(struct api_call *call, const char *field, const struct json_value *json,
                            struct str *out);
/* A key as clients send it: a string of digits, or a number. 0 if absent or null. */
MUST_USE enum err v2_key(const char *field, const struct json_value *json, int64_t *out);
/* There is one tenant; ERR_INVALID names another. */
MUST_USE enum err v2_tenant(struct str tenant);
/* ERR_NOT_FOUND. */
enum err v2_missing(const char *what);

/* ---- Searching ---- */

enum v2_type {
    V2_KEY,
    V2_INT,
    V2_TEXT,
    V2_TIME,
    V2_BOOL,
    V2_RAW, /* struct str of JSON text, written as it is; a filter on it looks for a member. */
};

struct v2_column {
    const char *name;
    enum v2_type type;
    size_t offset;
    bool silent;      /* For filters only. */
    bool skip_null;   /* Left out where it has no value. */
    const char *also; /* Another name that filters may use. */
};

#define V2_COLUMN(row, member, kind, label, ...)                                                   \
    {                                                                                              \
        .name = (label), .type = (kind), .offset = offsetof(struct row, member), __VA_ARGS__       \
    }

struct v2_search;

/* A kind of thing that can be searched. Its rows begin with `int64_t id`. */
struct v2_resource {
    const struct v2_column *columns;
    size_t column_count, row_size;
    /* Rows with an id above `after`, by id, at most `limit`. */
    enum err (*read)(struct v2_search *search, struct arena *arena, int64_t after, int64_t limit,
                     struct sql_rows *out);
    /* A filter that is no column. May be NULL. */
    enum err (*filter)(struct v2_search *search, const struct json_member *member, const void *row,
                       bool *out);
    const char *const *filters; /* The names that it knows, NULL-terminated. */
};

struct v2_search {
    struct api_call *call;
    const struct v2_resource *resource;
    const struct json_value *filter;
    /* What narrows the reading down; 0 or absent if the filter does not say. */
    int64_t fixed; /* The resource's own: a kind, an instance. */
};

struct v2_search_in {
    const struct json_value *filter, *sort, *page;
};
extern const struct field V2_SEARCH_FIELDS[];

/* Answers {items, page}. */
MUST_USE enum err v2_search(struct api_call *call, const struct v2_resource *resource,
                            int64_t fixed);
/* Answers with one row. ERR_NOT_FOUND. */
MUST_USE enum err v2_get(struct api_call *call, const struct v2_resource *resource, int64_t fixed,
                         int64_t id);
/* The value that the filter fixes a member to; absent or 0 if it does not. */
struct str v2_fixed_text(const struct v2_search *search, const char *name);
int64_t v2_fixed_key(const struct v2_search *search, const char *name);
/* Does a value satisfy what a filter says: a plain value, or {$eq, $neq, $in, $like, …}? */
MUST_USE enum err v2_matches(struct v2_search *search, const struct json_value *wanted,
                             enum v2_type type, const void *value, bool *out);

#define V2_SEARCH(path_, handler, text)                                                            \
    {                                                                                              \
        POST, path_, V2_ROLES, .query = handler, .slow = true, .body = V2_SEARCH_FIELDS,           \
                               .body_size = sizeof(struct v2_search_in), .doc = text               \
    }

#endif
