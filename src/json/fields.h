/* A struct's JSON shape as a table: one table decodes, validates, writes, and describes it.
 *
 *     static const struct field MESSAGE_FIELDS[] = {
 *         FIELD(struct message_in, text, FIELD_TEXT, .required = true, .max = LIMIT_TEXT_CHARS),
 *         FIELD(struct message_in, file_ids, FIELD_ID_LIST, .max = LIMIT_CASE_FILES),
 *         FIELD_END};
 *
 * Decoding refuses unknown members, wrong types and broken bounds with the JSON path of the
 * member in the error. An absent member leaves zero (for text: the absent text).
 */
#ifndef JSON_FIELDS_H
#define JSON_FIELDS_H

#include "json/json.h"

enum field_type {
    FIELD_BOOL,    /* bool */
    FIELD_INT,     /* int64_t; min and max bound the value if max > min */
    FIELD_ID,      /* int64_t; a JSON string of digits; 0 is null */
    FIELD_TEXT,    /* struct str; max bounds its code points (default LIMIT_TEXT_CHARS) */
    FIELD_ENUM,    /* int64_t; index into `names` (NULL-ended) */
    FIELD_TIME,    /* int64_t, microseconds; RFC 3339 */
    FIELD_DATE,    /* int64_t, days since 1970-01-01, "2020-01-22"; absent is FIELD_NO_DATE */
    FIELD_REAL,    /* double */
    FIELD_JSON,    /* const struct json_value *; any value. Written from struct str: see RAW. */
    FIELD_RAW,     /* struct str holding JSON text; absent is null. Decoding gives ERR_INTERNAL. */
    FIELD_REF,     /* struct ref: {"id", "name"}, or null if the id is 0. Written only. */
    FIELD_OBJECT,  /* an embedded struct described by `of` */
    FIELD_LIST,    /* struct list of structs described by `of`, each `of_size` bytes; max counts */
    FIELD_ID_LIST, /* struct list of int64_t */
    FIELD_TEXT_LIST, /* struct list of struct str */
};

#define FIELD_NO_DATE INT64_MIN

/* A thing and what people call it. */
struct ref {
    int64_t id;
    struct str name;
};

struct list {
    const void *items;
    size_t count;
};

struct field {
    const char *name;
    enum field_type type;
    size_t offset;
    bool required; /* Decoding: must be there and, for text, not be empty. */
    int64_t min, max;
    const char *const *names;
    const struct field *of;
    size_t of_size;
    const char *doc; /* One line for the OpenAPI document. */
};

#define FIELD(type_, member, kind, ...)                                                            \
    {                                                                                              \
        .name = #member, .type = (kind), .offset = offsetof(type_, member), __VA_ARGS__            \
    }
#define FIELD_END                                                                                  \
    {                                                                                              \
        0                                                                                          \
    }

/* Fills `out` (zeroed first) from an object. ERR_INVALID with field and reason. */
MUST_USE enum err fields_decode(struct arena *arena, const struct field *fields,
                                const struct json_value *object, void *out, size_t out_size);

/* Decodes one value given as text, as in a query string or a spreadsheet cell. */
MUST_USE enum err field_decode_text(struct arena *arena, const struct field *field, struct str text,
                                    void *out);

/* Writes the members of `in` into an object that is already begun. */
void fields_write(struct json_writer *w, const struct field *fields, const void *in);
/* Writes `in` as an object. */
void fields_write_object(struct json_writer *w, const struct field *fields, const void *in);

/* Writes the schema of one field's value alone. */
void field_write_schema(struct json_writer *w, const struct field *field, bool input);
/* Writes the table as a JSON Schema (2020-12) object schema, for OpenAPI. `input` adds bounds. */
void fields_write_schema(struct json_writer *w, const struct field *fields, bool input);

#endif
