/* JSON (RFC 8259), bounded: a reader into an arena and a writer into a buffer.
 *
 * The reader keeps a number's text as written (1.10 and 2^63 survive), refuses duplicate keys, bad
 * UTF-8, lone surrogates, depth past LIMIT_JSON_DEPTH and more than LIMIT_JSON_VALUES values.
 */
#ifndef JSON_JSON_H
#define JSON_JSON_H

#include "base/base.h"

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json_member;

struct json_value {
    enum json_type type;
    union {
        bool boolean;
        struct str text; /* A number's text, or a string's content with escapes resolved. */
        struct {
            const struct json_value *items;
            size_t count;
        } array;
        struct {
            const struct json_member *members; /* In the order of the text. */
            size_t count;
        } object;
    };
};

struct json_member {
    struct str name;
    struct json_value value;
};

/* Reads one whole value. Strings may point into `text`, so it must live as long as the arena.
 * ERR_SYNTAX with line and column, ERR_LIMIT. */
MUST_USE enum err json_parse(struct arena *arena, struct str text, const struct json_value **out);

/* NULL if `object` is NULL, not an object, or has no such member. */
const struct json_value *json_get(const struct json_value *object, const char *name);
/* The string at `name`, or the absent text. */
struct str json_get_text(const struct json_value *object, const char *name);
/* A number that is a whole int64_t. ERR_SYNTAX on another type or form. */
MUST_USE enum err json_to_int(const struct json_value *value, int64_t *out);
MUST_USE enum err json_to_real(const struct json_value *value, double *out);
bool json_equal(const struct json_value *a, const struct json_value *b); /* Numbers by text. */

/* Writes text into a buffer; commas and quotes are its own business. Begin and end must pair. */
struct json_writer {
    struct buf *buf;
    bool comma;
};

struct json_writer json_writer(struct buf *buf);
void json_object_begin(struct json_writer *w);
void json_object_end(struct json_writer *w);
void json_array_begin(struct json_writer *w);
void json_array_end(struct json_writer *w);
void json_key(struct json_writer *w, const char *name);
void json_key_str(struct json_writer *w, struct str name);
void json_null(struct json_writer *w);
void json_bool(struct json_writer *w, bool value);
void json_int(struct json_writer *w, int64_t value);
void json_id(struct json_writer *w, int64_t id);        /* A string: ids pass 2^53. 0 gives null. */
void json_text(struct json_writer *w, struct str text); /* Absent gives null. */
void json_c(struct json_writer *w, const char *text);
void json_time(struct json_writer *w, int64_t time_us);   /* RFC 3339 in UTC; 0 gives null. */
void json_real(struct json_writer *w, double value);      /* Shortest that reads back the same. */
void json_number(struct json_writer *w, struct str text); /* A number's own text. */
void json_raw(struct json_writer *w, struct str json);    /* Text that is JSON already. */
void json_value(struct json_writer *w, const struct json_value *value);

/* A whole member of an object: its name, and the value as the function above writes it. */
void json_member_text(struct json_writer *w, const char *name, struct str text);
void json_member_c(struct json_writer *w, const char *name, const char *text);
void json_member_id(struct json_writer *w, const char *name, int64_t id);
void json_member_int(struct json_writer *w, const char *name, int64_t value);
void json_member_bool(struct json_writer *w, const char *name, bool value);
void json_member_time(struct json_writer *w, const char *name, int64_t time_us);
void json_member_raw(struct json_writer *w, const char *name, struct str json);
/* A member that names a thing: {"id", "name"}, or null if the id is 0. */
void json_member_ref(struct json_writer *w, const char *name, int64_t id, struct str called);
/* The same, left open for further members; false, and nothing to end, if it is null. */
bool json_member_ref_begin(struct json_writer *w, const char *name, int64_t id, struct str called);

#endif
