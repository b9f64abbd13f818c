#include "base/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buf_init(struct buf *buf, size_t max)
{
    assert(max > 0 && max < SIZE_MAX / 4);
    *buf = (struct buf){.max = max};
}

void buf_release(struct buf *buf)
{
    free(buf->ptr);
    buf->ptr = NULL;
    buf->len = buf->capacity = 0;
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
    buf->full = false;
    if (buf->ptr)
        buf->ptr[0] = '\0';
}

/* Makes room for `len` more bytes and the NUL; false once the maximum is passed. */
static bool buf_reserve(struct buf *buf, size_t len)
{
    if (buf->full || len > buf->max - buf->len) {
        buf->full = true;
        return false;
    }
    size_t need = buf->len + len + 1;
    if (need <= buf->capacity)
        return true;
    size_t wanted = buf->capacity ? buf->capacity * 2 : 256;
    while (wanted < need)
        wanted *= 2;
    char *grown = realloc(buf->ptr, wanted);
    if (!grown) {
        fprintf(stderr, "kuailian: out of memory (%zu bytes)\n", wanted);
        abort();
    }
    buf->ptr = grown;
    buf->capacity = wanted;
    return true;
}

char *buf_claim(struct buf *buf, size_t len)
{
    if (!buf_reserve(buf, len))
        return NULL;
    char *claimed = buf->ptr + buf->len;
    buf->len += len;
    claimed[len] = '\0';
    return claimed;
}

void buf_add(struct buf *buf, const void *bytes, size_t len)
{
    char *to = buf_claim(buf, len);
    if (to && len > 0)
        memcpy(to, bytes, len);
}

void buf_add_str(struct buf *buf, struct str s)
{
    buf_add(buf, s.ptr, s.len);
}

void buf_add_c(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_add_char(struct buf *buf, char c)
{
    char *to = buf_claim(buf, 1);
    if (to)
        *to = c;
}

void buf_add_int(struct buf *buf, int64_t value)
{
    char text[24];
    char *at = text + sizeof(text);
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do
        *--at = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0)
        *--at = '-';
    buf_add(buf, at, (size_t)(text + sizeof(text) - at));
}

void buf_format(struct buf *buf, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    char text[128]; /* Most are short: then once is enough. */
    int len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    assert(len >= 0);
    if ((size_t)len < sizeof(text)) {
        buf_add(buf, text, (size_t)len);
    } else if (buf_reserve(buf, (size_t)len)) {
        vsnprintf(buf->ptr + buf->len, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
}

enum err buf_check(const struct buf *buf)
{
    if (buf->full)
        return err_set(ERR_LIMIT, "longer than the %zu bytes allowed", buf->max);
    return OK;
}

struct str buf_str(const struct buf *buf)
{
    return (struct str){.ptr = buf->ptr ? buf->ptr : "", .len = buf->len};
}

static const char BASE64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char BASE64URL[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void add_base64(struct buf *buf, struct str bytes, const char *alphabet, bool pad)
{
    const unsigned char *in = (const unsigned char *)bytes.ptr;
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t have = bytes.len - i < 3 ? bytes.len - i : 3;
        uint32_t bits = (uint32_t)in[i] << 16;
        if (have > 1)
            bits |= (uint32_t)in[i + 1] << 8;
        if (have > 2)
            bits |= in[i + 2];
        char out[4];
        for (size_t k = 0; k < 4; k++)
            out[k] = k <= have ? alphabet[bits >> (18 - 6 * k) & 63] : '=';
        buf_add(buf, out, pad ? 4 : have + 1);
    }
}

void buf_add_base64(struct buf *buf, struct str bytes)
{
    add_base64(buf, bytes, BASE64, true);
}

void buf_add_base64url(struct buf *buf, struct str bytes)
{
    add_base64(buf, bytes, BASE64URL, false);
}

void buf_add_hex(struct buf *buf, struct str bytes)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char byte = (unsigned char)bytes.ptr[i];
        buf_add(buf, (char[]){digits[byte >> 4], digits[byte & 15]}, 2);
    }
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    if (c == '/' || c == '_')
        return 63;
    return -1;
}

enum err base64_decode(struct arena *arena, struct str text, struct str *out)
{
    for (int i = 0; i < 2 && text.len > 0 && text.ptr[text.len - 1] == '='; i++)
        text.len--;
    if (text.len % 4 == 1)
        return err_set(ERR_SYNTAX, "base64 text is cut off");
    char *bytes = arena_alloc(arena, text.len / 4 * 3 + 3);
    size_t len = 0;
    uint32_t bits = 0;
    for (size_t i = 0; i < text.len; i++) {
        int value = base64_value(text.ptr[i]);
        if (value < 0)
            return err_set(ERR_SYNTAX, "not base64 at character %zu", i);
        bits = bits << 6 | (uint32_t)value;
        if (i % 4 != 0)
            bytes[len++] = (char)(bits >> (6 - 2 * (i % 4)) & 255);
    }
    *out = (struct str){.ptr = bytes, .len = len};
    return OK;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

enum err hex_decode(struct arena *arena, struct str text, struct str *out)
{
    if (text.len % 2 != 0)
        return err_set(ERR_SYNTAX, "hexadecimal text of odd length");
    char *bytes = arena_alloc(arena, text.len / 2 + 1);
    for (size_t i = 0; i < text.len; i += 2) {
        int high = hex_value(text.ptr[i]), low = hex_value(text.ptr[i + 1]);
        if (high < 0 || low < 0)
            return err_set(ERR_SYNTAX, "not hexadecimal at character %zu", i);
        bytes[i / 2] = (char)(high << 4 | low);
    }
    *out = (struct str){.ptr = bytes, .len = text.len / 2};
    return OK;
}
