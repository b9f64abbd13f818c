#include "feel/parser.h"

#include "feel/number.h"

static bool digit_at(const struct parser *p, size_t at)
{
    return at < p->text.len && p->text.ptr[at] >= '0' && p->text.ptr[at] <= '9';
}

static char char_at(const struct parser *p, size_t at)
{
    return at < p->text.len ? p->text.ptr[at] : '\0';
}

const struct feel_node *parse_number(struct parser *p)
{
    size_t begin = p->at, at = begin;
    while (digit_at(p, at))
        at++;
    if (char_at(p, at) == '.' && digit_at(p, at + 1))
        for (at++; digit_at(p, at);)
            at++;
    if ((char_at(p, at) | 32) == 'e') {
        size_t power = at + 1;
        if (char_at(p, power) == '+' || char_at(p, power) == '-')
            power++;
        if (digit_at(p, power))
            for (at = power; digit_at(p, at);)
                at++;
    }
    struct feel_value value;
    if (feel_number_parse(str_sub(p->text, begin, at - begin), &value) != OK)
        return parse_fail_at(p, begin, "a number of at most 34 digits and 6144 places");
    p->at = at;
    struct feel_node *node = parse_node(p, NODE_LITERAL, begin);
    node->literal = value;
    return node;
}

static bool hex(struct parser *p, size_t count, uint32_t *out)
{
    uint32_t value = 0;
    for (size_t i = 0; i < count; i++) {
        char c = char_at(p, p->at + i);
        uint32_t digit;
        if (c >= '0' && c <= '9')
            digit = (uint32_t)(c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            digit = (uint32_t)((c | 32) - 'a' + 10);
        else
            return false;
        value = value * 16 + digit;
    }
    p->at += count;
    *out = value;
    return true;
}

/* Behind a backslash. An unknown escape stands for itself, as regular expressions need. */
static bool escape(struct parser *p, char *out, size_t *len)
{
    char c = char_at(p, p->at++);
    uint32_t point, low;
    switch (c) {
    case 'n':
        out[(*len)++] = '\n';
        return true;
    case 'r':
        out[(*len)++] = '\r';
        return true;
    case 't':
        out[(*len)++] = '\t';
        return true;
    case '"':
    case '\'':
    case '\\':
        out[(*len)++] = c;
        return true;
    case 'u':
    case 'U':
        if (!hex(p, c == 'u' ? 4 : 6, &point))
            return false;
        if (point >= 0xD800 && point < 0xDC00 && char_at(p, p->at) == '\\' &&
            char_at(p, p->at + 1) == 'u') {
            p->at += 2;
            if (!hex(p, 4, &low) || low < 0xDC00 || low > 0xDFFF)
                return false;
            point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
        }
        if (point > 0x10FFFF || (point >= 0xD800 && point < 0xE000))
            return false;
        *len += utf8_encode(point, out + *len);
        return true;
    default:
        out[(*len)++] = '\\';
        p->at--;
        return true;
    }
}

bool parse_string_text(struct parser *p, struct str *out)
{
    size_t begin = p->at++, end = p->at;
    while (end < p->text.len && p->text.ptr[end] != '"')
        end += p->text.ptr[end] == '\\' ? 2 : 1;
    if (end >= p->text.len) {
        parse_fail_at(p, begin, "a string that ends");
        return false;
    }
    struct str raw = str_sub(p->text, p->at, end - p->at);
    if (!memchr(raw.ptr, '\\', raw.len)) {
        *out = raw;
        p->at = end + 1;
        return true;
    }
    char *text = arena_alloc(p->arena, raw.len + 4);
    size_t len = 0;
    while (p->at < end) {
        char c = p->text.ptr[p->at++];
        if (c != '\\') {
            text[len++] = c;
        } else if (!escape(p, text, &len)) {
            parse_fail_at(p, p->at, "an escape such as \\n, \\\" or \\u00e9");
            return false;
        }
    }
    p->at = end + 1;
    *out = (struct str){text, len};
    return true;
}

const struct feel_node *parse_string(struct parser *p)
{
    size_t begin = p->at;
    struct str text;
    if (!parse_string_text(p, &text))
        return NULL;
    struct feel_node *node = parse_node(p, NODE_LITERAL, begin);
    node->literal = feel_string(text);
    return node;
}

const struct feel_node *parse_at_literal(struct parser *p)
{
    size_t begin = p->at++;
    struct str text;
    if (char_at(p, p->at) != '"')
        return parse_fail(p, "a string behind @");
    if (!parse_string_text(p, &text))
        return NULL;
    struct feel_value value;
    if (feel_temporal_parse(p->arena, text, &value) != OK) {
        struct feel_node *bad = parse_node(p, NODE_BAD_LITERAL, begin);
        bad->name = text;
        return bad;
    }
    struct feel_node *node = parse_node(p, NODE_LITERAL, begin);
    node->literal = value;
    return node;
}
