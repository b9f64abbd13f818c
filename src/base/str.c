#include "base/base.h"

#include <stdarg.h>
#include <stdio.h>

struct str str_of(const char *text)
{
    return (struct str){.ptr = text, .len = text ? strlen(text) : 0};
}

struct str str_sub(struct str s, size_t at, size_t len)
{
    if (!s.ptr)
        return s;
    at = at > s.len ? s.len : at;
    return (struct str){.ptr = s.ptr + at, .len = len > s.len - at ? s.len - at : len};
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
    while (s.len > 0 && is_space(s.ptr[0]))
        s.ptr++, s.len--;
    while (s.len > 0 && is_space(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

bool str_equal(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool str_is(struct str a, const char *literal)
{
    return str_equal(a, str_of(literal));
}

int str_compare(struct str a, struct str b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared ? memcmp(a.ptr, b.ptr, shared) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

bool str_starts(struct str s, struct str prefix)
{
    return s.len >= prefix.len && str_equal(str_sub(s, 0, prefix.len), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.len >= suffix.len && str_equal(str_sub(s, s.len - suffix.len, suffix.len), suffix);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

bool str_equal_nocase(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return false;
    return true;
}

size_t str_find(struct str s, struct str part, size_t from)
{
    if (from > s.len)
        return s.len;
    if (part.len == 0)
        return from;
    if (from == s.len) /* Also where there is no text at all. */
        return s.len;
    const char *found = memmem(s.ptr + from, s.len - from, part.ptr, part.len);
    return found ? (size_t)(found - s.ptr) : s.len;
}

char *str_c(struct arena *arena, struct str s)
{
    char *copy = arena_raw(arena, s.len + 1);
    if (s.len > 0)
        memcpy(copy, s.ptr, s.len);
    copy[s.len] = '\0';
    return copy;
}

struct str str_copy(struct arena *arena, struct str s)
{
    if (!s.ptr)
        return s;
    return (struct str){.ptr = str_c(arena, s), .len = s.len};
}

struct str str_format(struct arena *arena, const char *format, ...)
{
    va_list args, again;
    assert(format); /* gcc's sanitizer build asks. */
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(len >= 0);
    char *text = arena_alloc(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return (struct str){.ptr = text, .len = (size_t)len};
}

enum err str_to_int(struct str s, int64_t *out)
{
    size_t at = s.len > 0 && s.ptr[0] == '-' ? 1 : 0;
    if (s.len == at)
        return err_set(ERR_SYNTAX, "not a whole number");
    int64_t value = 0;
    for (size_t i = at; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return err_set(ERR_SYNTAX, "not a whole number");
        int digit = s.ptr[i] - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            (at ? __builtin_sub_overflow(value, digit, &value)
                : __builtin_add_overflow(value, digit, &value)))
            return err_set(ERR_SYNTAX, "whole number out of range");
    }
    *out = value;
    return OK;
}

/* Length of the well-formed sequence at `p`, or 0 (Unicode 15, table 3-7). */
static size_t utf8_sequence(const unsigned char *p, size_t left)
{
    if (p[0] < 0x80)
        return 1;
    size_t len = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (p[0] < 0xC2 || p[0] > 0xF4 || left < len)
        return 0;
    unsigned char low = p[0] == 0xE0 ? 0xA0 : p[0] == 0xF0 ? 0x90 : 0x80;
    unsigned char high = p[0] == 0xED ? 0x9F : p[0] == 0xF4 ? 0x8F : 0xBF;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return len;
}

enum err utf8_check(struct str s)
{
    const unsigned char *bytes = (const unsigned char *)s.ptr;
    for (size_t at = 0, len; at < s.len; at += len) {
        uint64_t word;
        for (; s.len - at >= sizeof(word); at += sizeof(word)) { /* Most texts are mostly ASCII. */
            memcpy(&word, bytes + at, sizeof(word));
            if (word & 0x8080808080808080u)
                break;
        }
        if (at == s.len)
            break;
        len = utf8_sequence(bytes + at, s.len - at);
        if (len == 0)
            return err_set(ERR_SYNTAX, "not UTF-8 at byte %zu", at);
    }
    return OK;
}

uint32_t utf8_next(struct str s, size_t *at)
{
    const unsigned char *p = (const unsigned char *)s.ptr + *at;
    size_t len = utf8_sequence(p, s.len - *at);
    assert(len > 0);
    *at += len;
    if (len == 1)
        return p[0];
    uint32_t point = p[0] & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++)
        point = point << 6 | (p[i] & 0x3Fu);
    return point;
}

size_t utf8_encode(uint32_t point, char out[4])
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    size_t len = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, point >>= 6)
        out[i] = (char)(0x80 | (point & 0x3F));
    out[0] = (char)((0xF00u >> len & 0xF0u) | point);
    return len;
}

size_t utf8_length(struct str s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.len; i++)
        count += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
    return count;
}
