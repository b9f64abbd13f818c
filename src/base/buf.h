/* A growing byte buffer, born with its maximum.
 *
 * Appending past the maximum sets `full` and writes nothing more: append freely, then ask once
 * with buf_check. The bytes stay NUL-terminated (the NUL is not counted).
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

struct buf {
    char *ptr;
    size_t len, capacity, max;
    bool full;
};

void buf_init(struct buf *buf, size_t max);
void buf_release(struct buf *buf);
void buf_clear(struct buf *buf); /* Empties it and keeps the memory. */

void buf_add(struct buf *buf, const void *bytes, size_t len);
/* `len` more bytes that the caller writes itself at once; NULL if they do not fit. */
char *buf_claim(struct buf *buf, size_t len);
void buf_add_str(struct buf *buf, struct str s);
void buf_add_c(struct buf *buf, const char *text);
void buf_add_char(struct buf *buf, char c);
void buf_add_int(struct buf *buf, int64_t value);
void buf_format(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);

/* ERR_LIMIT if anything did not fit. */
MUST_USE enum err buf_check(const struct buf *buf);
struct str buf_str(const struct buf *buf);

/* RFC 4648, with padding; `url` uses the URL alphabet without padding. */
void buf_add_base64(struct buf *buf, struct str bytes);
void buf_add_base64url(struct buf *buf, struct str bytes);
void buf_add_hex(struct buf *buf, struct str bytes);

/* Either alphabet, padding optional. ERR_SYNTAX on anything else. */
MUST_USE enum err base64_decode(struct arena *arena, struct str text, struct str *out);
MUST_USE enum err hex_decode(struct arena *arena, struct str text, struct str *out);

#endif
