#include "feel/scan.h"

/* The ranges of grammar rules 28 and 29. */
static const uint32_t STARTS[][2] = {
    {'A', 'Z'},       {'a', 'z'},       {'_', '_'},       {'?', '?'},
    {0xC0, 0xD6},     {0xD8, 0xF6},     {0xF8, 0x2FF},    {0x370, 0x37D},
    {0x37F, 0x1FFF},  {0x200C, 0x200D}, {0x2070, 0x218F}, {0x2C00, 0x2FEF},
    {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF},
};
static const uint32_t PARTS[][2] = {{'0', '9'}, {0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}};

static bool within(const uint32_t (*ranges)[2], size_t count, uint32_t point)
{
    for (size_t i = 0; i < count; i++)
        if (point >= ranges[i][0] && point <= ranges[i][1])
            return true;
    return false;
}

bool scan_is_space(uint32_t point)
{
    return point == ' ' || (point >= 9 && point <= 13) || point == 0x85 || point == 0xA0 ||
           point == 0x1680 || point == 0x180E || (point >= 0x2000 && point <= 0x200B) ||
           point == 0x2028 || point == 0x2029 || point == 0x202F || point == 0x205F ||
           point == 0x3000 || point == 0xFEFF;
}

bool scan_name_start(uint32_t point)
{
    return within(STARTS, COUNT_OF(STARTS), point) && !scan_is_space(point);
}

bool scan_name_part(uint32_t point)
{
    return scan_name_start(point) || within(PARTS, COUNT_OF(PARTS), point);
}

size_t scan_skip(struct str text, size_t at)
{
    while (at < text.len) {
        size_t next = at;
        if (scan_is_space(utf8_next(text, &next))) {
            at = next;
        } else if (str_starts(str_sub(text, at, 2), STR("//"))) {
            at = str_find(text, STR("\n"), at);
        } else if (str_starts(str_sub(text, at, 2), STR("/*"))) {
            size_t end = str_find(text, STR("*/"), at + 2);
            at = end == text.len ? end : end + 2;
        } else {
            break;
        }
    }
    return at;
}

size_t scan_word(struct str text, size_t at)
{
    size_t next = at;
    if (at >= text.len || !scan_name_start(utf8_next(text, &next)))
        return at;
    for (at = next; at < text.len && scan_name_part(utf8_next(text, &next)); at = next)
        ;
    return at;
}

size_t scan_match(struct str text, size_t at, struct str name)
{
    uint32_t last = 0;
    for (size_t i = 0; i < name.len;) {
        if (at >= text.len)
            return 0;
        last = utf8_next(name, &i);
        if (scan_is_space(last)) {
            size_t next = at;
            while (next < text.len) {
                size_t behind = next;
                if (!scan_is_space(utf8_next(text, &behind)))
                    break;
                next = behind;
            }
            if (next == at)
                return 0;
            at = next;
        } else if (utf8_next(text, &at) != last) {
            return 0;
        }
    }
    if (at < text.len && scan_name_part(last)) {
        size_t behind = at;
        if (scan_name_part(utf8_next(text, &behind)))
            return 0;
    }
    return at;
}

struct str scan_name(struct arena *arena, struct str text)
{
    char *copy = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    bool gap = false;
    for (size_t at = 0; at < text.len;) {
        size_t begin = at;
        if (scan_is_space(utf8_next(text, &at))) {
            gap = true;
            continue;
        }
        if (gap && len > 0)
            copy[len++] = ' ';
        gap = false;
        memcpy(copy + len, text.ptr + begin, at - begin);
        len += at - begin;
    }
    return (struct str){copy, len};
}

bool scan_is_keyword(struct str word)
{
    static const char *const WORDS[] = {
        "and", "or",  "in",   "between", "instance", "then", "else",  "return", "satisfies",
        "if",  "for", "some", "every",   "function", "true", "false", "null",   "external"};
    for (size_t i = 0; i < COUNT_OF(WORDS); i++)
        if (str_is(word, WORDS[i]))
            return true;
    return false;
}
