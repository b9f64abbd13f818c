#include <stdlib.h>

#include "json/json.h"
#include "json/plain.h"

struct parser {
    struct arena *arena;
    struct str text;
    size_t at;
    size_t values;
    int depth;
};

static enum err fault(const struct parser *p, enum err code, const char *what)
{
    size_t line = 1, column = 1;
    for (size_t i = 0; i < p->at && i < p->text.len; i++) {
        bool newline = p->text.ptr[i] == '\n';
        line += newline;
        column = newline ? 1 : column + 1;
    }
    return err_set(code, "JSON, line %zu, column %zu: %s", line, column, what);
}

static void skip_space(struct parser *p)
{
    for (; p->at < p->text.len; p->at++) {
        char c = p->text.ptr[p->at];
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
            break;
    }
}

static bool take(struct parser *p, char c)
{
    if (p->at >= p->text.len || p->text.ptr[p->at] != c)
        return false;
    p->at++;
    return true;
}

static bool take_word(struct parser *p, struct str word)
{
    if (!str_equal(str_sub(p->text, p->at, word.len), word))
        return false;
    p->at += word.len;
    return true;
}

static size_t take_digits(struct parser *p)
{
    size_t begin = p->at;
    while (p->at < p->text.len && p->text.ptr[p->at] >= '0' && p->text.ptr[p->at] <= '9')
        p->at++;
    return p->at - begin;
}

static enum err parse_number(struct parser *p, struct str *out)
{
    size_t begin = p->at;
    take(p, '-');
    bool zero = p->at < p->text.len && p->text.ptr[p->at] == '0';
    size_t whole = take_digits(p);
    if (whole == 0)
        return fault(p, ERR_SYNTAX, "a value is expected");
    if (zero && whole > 1)
        return fault(p, ERR_SYNTAX, "a number does not begin with 0");
    if (take(p, '.') && take_digits(p) == 0)
        return fault(p, ERR_SYNTAX, "digits are expected behind the point");
    if (take(p, 'e') || take(p, 'E')) {
        if (!take(p, '+'))
            take(p, '-');
        if (take_digits(p) == 0)
            return fault(p, ERR_SYNTAX, "digits are expected in the exponent");
    }
    if (p->at - begin > LIMIT_JSON_NUMBER)
        return fault(p, ERR_LIMIT, "the number is too long");
    *out = str_sub(p->text, begin, p->at - begin);
    return OK;
}

static int hex4(const struct parser *p, size_t at)
{
    if (p->text.len - at < 4)
        return -1;
    int value = 0;
    for (size_t i = 0; i < 4; i++) {
        char c = p->text.ptr[at + i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* Behind "\u": one or, for a surrogate pair, two groups of four digits. */
static enum err parse_unicode(struct parser *p, uint32_t *out)
{
    int unit = hex4(p, p->at);
    if (unit < 0)
        return fault(p, ERR_SYNTAX, "\\u needs four hexadecimal digits");
    p->at += 4;
    uint32_t point = (uint32_t)unit;
    if (point >= 0xD800 && point < 0xDC00) {
        int low = take_word(p, STR("\\u")) ? hex4(p, p->at) : -1;
        if (low < 0xDC00 || low > 0xDFFF)
            return fault(p, ERR_SYNTAX, "half a surrogate pair");
        p->at += 4;
        point = 0x10000 + ((point - 0xD800) << 10) + ((uint32_t)low - 0xDC00);
    } else if (point >= 0xDC00 && point < 0xE000) {
        return fault(p, ERR_SYNTAX, "half a surrogate pair");
    }
    *out = point;
    return OK;
}

static enum err parse_escape(struct parser *p, char *to, size_t *len)
{
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    char c = p->at < p->text.len ? p->text.ptr[p->at++] : '\0';
    if (c == 'u') {
        uint32_t point = 0;
        enum err r = parse_unicode(p, &point);
        if (r == OK)
            *len += utf8_encode(point, to + *len);
        return r;
    }
    const char *found = c ? strchr(from, c) : NULL;
    if (!found)
        return fault(p, ERR_SYNTAX, "an unknown escape");
    to[(*len)++] = into[found - from];
    return OK;
}

/* Behind the opening quote. A string without escapes is a view of the text. */
static enum err parse_string(struct parser *p, struct str *out)
{
    size_t begin = p->at, plain = json_plain(p->text, begin);
    p->at += plain;
    if (take(p, '"')) {
        *out = str_sub(p->text, begin, plain);
        return OK;
    }
    size_t end = p->at, len = plain;
    while (end < p->text.len && p->text.ptr[end] != '"')
        end += p->text.ptr[end] == '\\' ? 2 : 1;
    if (end >= p->text.len)
        return fault(p, ERR_SYNTAX, "the string does not end");
    char *to = arena_raw(p->arena, end - begin);
    memcpy(to, p->text.ptr + begin, plain);
    while (p->at < end) {
        if (!take(p, '\\'))
            return fault(p, ERR_SYNTAX, "a control character in a string");
        enum err r = parse_escape(p, to, &len);
        if (r != OK)
            return r;
        plain = json_plain(p->text, p->at);
        memcpy(to + len, p->text.ptr + p->at, plain);
        len += plain;
        p->at += plain;
    }
    p->at = end + 1;
    *out = (struct str){.ptr = to, .len = len};
    return OK;
}

static enum err parse_value(struct parser *p, struct json_value *out);

static enum err parse_array(struct parser *p, struct json_value *out)
{
    struct json_value *items = NULL;
    size_t count = 0, capacity = 0;
    skip_space(p);
    if (!take(p, ']')) {
        do {
            struct json_value *item = ARENA_PUSH(p->arena, items, count, capacity);
            enum err r = parse_value(p, item);
            if (r != OK)
                return r;
            skip_space(p);
        } while (take(p, ','));
        if (!take(p, ']'))
            return fault(p, ERR_SYNTAX, "',' or ']' is expected");
    }
    out->type = JSON_ARRAY;
    out->array.items = items;
    out->array.count = count;
    return OK;
}

static int compare_names(const void *a, const void *b)
{
    return str_compare((*(const struct json_member *const *)a)->name,
                       (*(const struct json_member *const *)b)->name);
}

/* Small objects by comparing all pairs, large ones by sorting: never quadratic in the input. */
static enum err check_duplicates(struct parser *p, const struct json_member *members, size_t count)
{
    if (count <= 16) {
        for (size_t i = 1; i < count; i++)
            for (size_t k = 0; k < i; k++)
                if (str_equal(members[i].name, members[k].name))
                    return fault(p, ERR_SYNTAX, "a member's name stands twice in the object");
        return OK;
    }
    const struct json_member **sorted = ARENA_ARRAY(p->arena, count, const struct json_member *);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &members[i];
    qsort(sorted, count, sizeof(*sorted), compare_names);
    for (size_t i = 1; i < count; i++)
        if (str_equal(sorted[i - 1]->name, sorted[i]->name))
            return fault(p, ERR_SYNTAX, "a member's name stands twice in the object");
    return OK;
}

static enum err parse_member(struct parser *p, struct json_member *out)
{
    skip_space(p);
    if (!take(p, '"'))
        return fault(p, ERR_SYNTAX, "a member's name is expected");
    enum err r = parse_string(p, &out->name);
    if (r != OK)
        return r;
    skip_space(p);
    if (!take(p, ':'))
        return fault(p, ERR_SYNTAX, "':' is expected");
    return parse_value(p, &out->value);
}

static enum err parse_object(struct parser *p, struct json_value *out)
{
    struct json_member *members = NULL;
    size_t count = 0, capacity = 0;
    skip_space(p);
    if (!take(p, '}')) {
        do {
            struct json_member *member = ARENA_PUSH(p->arena, members, count, capacity);
            enum err r = parse_member(p, member);
            if (r != OK)
                return r;
            skip_space(p);
        } while (take(p, ','));
        if (!take(p, '}'))
            return fault(p, ERR_SYNTAX, "',' or '}' is expected");
    }
    out->type = JSON_OBJECT;
    out->object.members = members;
    out->object.count = count;
    return check_duplicates(p, members, count);
}

static enum err parse_nested(struct parser *p, struct json_value *out, bool object)
{
    if (p->depth >= LIMIT_JSON_DEPTH)
        return fault(p, ERR_LIMIT, "nested too deep");
    p->depth++;
    enum err r = object ? parse_object(p, out) : parse_array(p, out);
    p->depth--;
    return r;
}

static enum err parse_value(struct parser *p, struct json_value *out)
{
    if (++p->values > LIMIT_JSON_VALUES)
        return fault(p, ERR_LIMIT, "too many values");
    skip_space(p);
    if (take(p, '{'))
        return parse_nested(p, out, true);
    if (take(p, '['))
        return parse_nested(p, out, false);
    if (take(p, '"')) {
        out->type = JSON_STRING;
        return parse_string(p, &out->text);
    }
    char c = p->at < p->text.len ? p->text.ptr[p->at] : '\0';
    if (c == 'n' && take_word(p, STR("null"))) {
        out->type = JSON_NULL;
        return OK;
    }
    bool yes = c == 't' && take_word(p, STR("true"));
    if (yes || (c == 'f' && take_word(p, STR("false")))) {
        out->type = JSON_BOOL;
        out->boolean = yes;
        return OK;
    }
    out->type = JSON_NUMBER;
    return parse_number(p, &out->text);
}

enum err json_parse(struct arena *arena, struct str text, const struct json_value **out)
{
    enum err r = utf8_check(text);
    if (r != OK)
        return r;
    struct parser p = {.arena = arena, .text = text};
    struct json_value *value = ARENA_NEW(arena, struct json_value);
    r = parse_value(&p, value);
    if (r != OK)
        return r;
    skip_space(&p);
    if (p.at != text.len)
        return fault(&p, ERR_SYNTAX, "something stands behind the value");
    *out = value;
    return OK;
}

const struct json_value *json_get(const struct json_value *object, const char *name)
{
    if (!object || object->type != JSON_OBJECT)
        return NULL;
    for (size_t i = 0; i < object->object.count; i++)
        if (str_is(object->object.members[i].name, name))
            return &object->object.members[i].value;
    return NULL;
}

struct str json_get_text(const struct json_value *object, const char *name)
{
    const struct json_value *value = json_get(object, name);
    return value && value->type == JSON_STRING ? value->text : (struct str){0};
}

enum err json_to_int(const struct json_value *value, int64_t *out)
{
    if (!value || value->type != JSON_NUMBER)
        return err_set(ERR_SYNTAX, "not a number");
    return str_to_int(value->text, out);
}

enum err json_to_real(const struct json_value *value, double *out)
{
    if (!value || value->type != JSON_NUMBER)
        return err_set(ERR_SYNTAX, "not a number");
    char text[LIMIT_JSON_NUMBER + 1] = {0};
    memcpy(text, value->text.ptr, value->text.len);
    *out = strtod(text, NULL);
    return OK;
}

static bool equal_objects(const struct json_value *a, const struct json_value *b)
{
    for (size_t i = 0; i < a->object.count; i++) {
        const struct json_member *member = &a->object.members[i];
        bool found = false;
        for (size_t k = 0; k < b->object.count && !found; k++)
            found = str_equal(b->object.members[k].name, member->name) &&
                    json_equal(&member->value, &b->object.members[k].value);
        if (!found)
            return false;
    }
    return a->object.count == b->object.count;
}

bool json_equal(const struct json_value *a, const struct json_value *b)
{
    if (a->type != b->type)
        return false;
    switch (a->type) {
    case JSON_NULL:
        return true;
    case JSON_BOOL:
        return a->boolean == b->boolean;
    case JSON_NUMBER:
    case JSON_STRING:
        return str_equal(a->text, b->text);
    case JSON_ARRAY:
        if (a->array.count != b->array.count)
            return false;
        for (size_t i = 0; i < a->array.count; i++)
            if (!json_equal(&a->array.items[i], &b->array.items[i]))
                return false;
        return true;
    case JSON_OBJECT:
        return equal_objects(a, b);
    }
    return false;
}
