/* Runs of bytes that a JSON string shows as they are: no control character, quote or backslash. */
#ifndef JSON_PLAIN_H
#define JSON_PLAIN_H

#include <endian.h>

#include "base/base.h"

/* The high bit of each byte that is zero; exact up to the first one. */
static inline uint64_t zero_bytes(uint64_t word)
{
    return (word - 0x0101010101010101u) & ~word & 0x8080808080808080u;
}

/* How many bytes from `at` on are plain. */
static inline size_t json_plain(struct str text, size_t at)
{
    const uint64_t ones = 0x0101010101010101u;
    size_t from = at;
    for (uint64_t word; text.len - at >= sizeof(word); at += sizeof(word)) {
        memcpy(&word, text.ptr + at, sizeof(word));
        word = le64toh(word);
        uint64_t below = (word - ones * 0x20) & ~word & (ones * 0x80);
        uint64_t marks = below | zero_bytes(word ^ ones * '"') | zero_bytes(word ^ ones * '\\');
        if (marks)
            return at + (size_t)__builtin_ctzll(marks) / 8 - from;
    }
    while (at < text.len && (unsigned char)text.ptr[at] >= 0x20 && text.ptr[at] != '"' &&
           text.ptr[at] != '\\')
        at++;
    return at - from;
}

#endif
