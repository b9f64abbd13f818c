#include "http/check.h"

static bool is_token_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_token_char(s.ptr[i]))
            return false;
    return s.len > 0;
}

/* Field values: visible characters, spaces, tabs and bytes past ASCII; nothing that ends a line. */
static bool is_field_value(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static enum err read_length(struct str value, int64_t *out)
{
    if (value.len == 0 || value.len > 15)
        return err_set(ERR_SYNTAX, "Content-Length is not a number");
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] < '0' || value.ptr[i] > '9')
            return err_set(ERR_SYNTAX, "Content-Length is not a number");
    return str_to_int(value, out);
}

static bool is_host(struct str value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    (c != '\0' && strchr(".-_:[]", c));
        if (!good)
            return false;
    }
    return value.len > 0 && value.len <= 255;
}

struct seen {
    int hosts, lengths, encodings, expects;
};

static enum err check_field(const struct http_field *field, struct seen *seen,
                            struct http_framing *framing)
{
    if (!is_token(field->name))
        return err_set(ERR_SYNTAX, "a header field's name is malformed");
    if (!is_field_value(field->value))
        return err_set(ERR_SYNTAX, "a header field's value holds a control character");
    if (str_equal_nocase(field->name, STR("Host"))) {
        if (seen->hosts++ > 0 || !is_host(field->value))
            return err_set(ERR_SYNTAX, "Host must stand once and be a host");
    } else if (str_equal_nocase(field->name, STR("Content-Length"))) {
        if (seen->lengths++ > 0)
            return err_set(ERR_SYNTAX, "Content-Length must stand once");
        framing->has_length = true;
        return read_length(field->value, &framing->length);
    } else if (str_equal_nocase(field->name, STR("Transfer-Encoding"))) {
        if (seen->encodings++ > 0 || !str_equal_nocase(field->value, STR("chunked")))
            return err_set(ERR_SYNTAX, "Transfer-Encoding must be chunked and stand once");
        framing->chunked = true;
    } else if (str_equal_nocase(field->name, STR("Expect"))) {
        if (!str_equal_nocase(field->value, STR("100-continue")))
            return err_set(ERR_SYNTAX, "Expect can only be 100-continue");
    }
    return OK;
}

static enum err check_method(struct str method)
{
    static const char *const known[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (str_is(method, known[i]))
            return OK;
    return err_set(ERR_METHOD, "the method is not known here");
}

enum err http_check(const struct http_head *head, struct http_framing *out)
{
    struct http_framing framing = {0};
    struct seen seen = {0};
    bool old = str_is(head->version, "HTTP/1.0");
    if (!old && !str_is(head->version, "HTTP/1.1"))
        return err_set(ERR_SYNTAX, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    enum err r = check_method(head->method);
    if (r != OK)
        return r;
    if (head->count > HTTP_FIELDS_MAX)
        return err_set(ERR_LIMIT, "more than %d header fields", HTTP_FIELDS_MAX);
    size_t size = head->target.len;
    for (size_t i = 0; i < head->count && r == OK; i++) {
        size += head->fields[i].name.len + head->fields[i].value.len + 4;
        r = check_field(&head->fields[i], &seen, &framing);
    }
    if (r != OK)
        return r;
    if (size > LIMIT_HTTP_HEADER)
        return err_set(ERR_LIMIT, "the header is larger than %d bytes", LIMIT_HTTP_HEADER);
    if (!old && seen.hosts == 0)
        return err_set(ERR_SYNTAX, "Host is missing");
    if (framing.chunked && framing.has_length)
        return err_set(ERR_SYNTAX, "Content-Length and Transfer-Encoding exclude each other");
    if (framing.chunked && old)
        return err_set(ERR_SYNTAX, "HTTP/1.0 knows no Transfer-Encoding");
    *out = framing;
    return OK;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum err http_unescape(struct arena *arena, struct str text, bool plus, struct str *out)
{
    char *to = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '%') {
            int high = i + 2 < text.len ? hex_digit(text.ptr[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(text.ptr[i + 2]) : -1;
            if (low < 0)
                return err_set(ERR_SYNTAX, "a percent escape is broken");
            c = (char)(high * 16 + low);
            i += 2;
        } else if (plus && c == '+') {
            c = ' ';
        }
        to[len++] = c;
    }
    *out = (struct str){.ptr = to, .len = len};
    return OK;
}

/* Segment by segment, after decoding: "a/../b", "a//b" and "a/." are not paths here. */
static enum err check_segments(struct str path)
{
    for (size_t begin = 1; begin <= path.len;) {
        size_t end = str_find(path, STR("/"), begin);
        struct str segment = str_sub(path, begin, end - begin);
        if (str_is(segment, ".") || str_is(segment, "..") || (segment.len == 0 && end < path.len))
            return err_set(ERR_SYNTAX, "the path holds an empty, '.' or '..' segment");
        begin = end + 1;
    }
    return OK;
}

static bool has_encoded_slash(struct str raw)
{
    for (size_t i = 0; i + 2 < raw.len; i++)
        if (raw.ptr[i] == '%' &&
            (memcmp(raw.ptr + i + 1, "2f", 2) == 0 || memcmp(raw.ptr + i + 1, "2F", 2) == 0))
            return true;
    return false;
}

enum err http_target(struct arena *arena, struct str target, struct str *path, struct str *query)
{
    size_t mark = str_find(target, STR("?"), 0);
    struct str raw = str_sub(target, 0, mark), decoded;
    if (raw.len == 0 || raw.ptr[0] != '/')
        return err_set(ERR_SYNTAX, "the target is not a path");
    for (size_t i = 0; i < target.len; i++)
        if ((unsigned char)target.ptr[i] <= 0x20 || target.ptr[i] == 0x7f || target.ptr[i] == '#')
            return err_set(ERR_SYNTAX, "the target holds a character that must be escaped");
    if (has_encoded_slash(raw))
        return err_set(ERR_SYNTAX, "the path holds an encoded slash");
    enum err r = http_unescape(arena, raw, false, &decoded);
    if (r == OK)
        r = utf8_check(decoded);
    if (r != OK)
        return r;
    for (size_t i = 0; i < decoded.len; i++)
        if ((unsigned char)decoded.ptr[i] < 0x20 || decoded.ptr[i] == 0x7f ||
            decoded.ptr[i] == '\\')
            return err_set(ERR_SYNTAX, "the path holds a control character or a backslash");
    r = check_segments(decoded);
    if (r != OK)
        return r;
    *path = decoded;
    *query = mark < target.len ? str_sub(target, mark + 1, target.len) : STR("");
    return OK;
}

struct str http_cookie_in(struct str header, struct str name)
{
    for (size_t begin = 0; begin < header.len;) {
        size_t end = str_find(header, STR(";"), begin);
        struct str pair = str_trim(str_sub(header, begin, end - begin));
        if (pair.len > name.len && pair.ptr[name.len] == '=' && str_starts(pair, name))
            return str_sub(pair, name.len + 1, pair.len);
        begin = end + 1;
    }
    return (struct str){0};
}
