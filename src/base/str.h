/* A view of bytes that somebody else owns; usually UTF-8, never NUL-terminated by promise.
 *
 * ptr == NULL means "absent" (SQL NULL, a missing field); a present empty text has ptr != NULL.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

struct arena;

struct str {
    const char *ptr;
    size_t len;
};

/* A view of a literal, in code and in static tables. */
#define STR(literal) ((struct str){.ptr = "" literal, .len = sizeof(literal) - 1})
#define STR_INIT(literal)                                                                          \
    {                                                                                              \
        .ptr = "" literal, .len = sizeof(literal) - 1                                              \
    }

/* For printf's "%.*s": the length is cut at INT_MAX. */
#define STR_ARG(s) (int)((s).len > INT32_MAX ? INT32_MAX : (s).len), ((s).ptr ? (s).ptr : "")

struct str str_of(const char *text);                     /* NULL gives the absent text. */
struct str str_sub(struct str s, size_t at, size_t len); /* Both are cut at the end of `s`. */
struct str str_trim(struct str s); /* Without ASCII white space at both ends. */
bool str_equal(struct str a, struct str b);
bool str_is(struct str a, const char *literal);
int str_compare(struct str a, struct str b); /* By bytes; a prefix comes first. */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
bool str_equal_nocase(struct str a, struct str b); /* ASCII letters only. */

/* First place of `part` at or after `from`, or s.len if there is none. */
size_t str_find(struct str s, struct str part, size_t from);

/* Copies into the arena, with a NUL behind the copy that `len` does not count. */
struct str str_copy(struct arena *arena, struct str s);
char *str_c(struct arena *arena, struct str s);
struct str str_format(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

/* Reads a whole decimal int64_t: ERR_SYNTAX on anything else, also on white space. */
MUST_USE enum err str_to_int(struct str s, int64_t *out);

/* ERR_SYNTAX unless `s` is well-formed UTF-8 (no surrogates, no overlong forms). */
MUST_USE enum err utf8_check(struct str s);

/* Reads the code point at *at and moves behind it. The text has passed utf8_check. */
uint32_t utf8_next(struct str s, size_t *at);
size_t utf8_encode(uint32_t point, char out[4]); /* Returns 1 to 4. */
size_t utf8_length(struct str s);                /* Code points. */

#endif
