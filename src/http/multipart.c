#include "http/multipart.h"

enum { BOUNDARY_MAX = 70 };

/* The value of a parameter: `; name=value` or `; name="va\"lue"`. */
static struct str parameter(struct arena *arena, struct str header, const char *name)
{
    struct str wanted = str_of(name);
    size_t at = str_find(header, STR(";"), 0);
    while (at < header.len) {
        size_t equals = str_find(header, STR("="), at + 1);
        struct str key = str_trim(str_sub(header, at + 1, equals - at - 1));
        size_t i = equals + 1;
        while (i < header.len && header.ptr[i] == ' ')
            i++;
        char *value = arena_alloc(arena, header.len + 1);
        size_t len = 0;
        if (i < header.len && header.ptr[i] == '"') {
            for (i++; i < header.len && header.ptr[i] != '"'; i++) {
                if (header.ptr[i] == '\\' && i + 1 < header.len)
                    i++;
                value[len++] = header.ptr[i];
            }
        } else {
            while (i < header.len && header.ptr[i] != ';')
                value[len++] = header.ptr[i++];
        }
        if (str_equal_nocase(key, wanted))
            return (struct str){.ptr = value, .len = len};
        at = str_find(header, STR(";"), i);
    }
    return (struct str){0};
}

static enum err read_head(struct arena *arena, struct str head, struct http_part *part)
{
    for (size_t at = 0; at < head.len;) {
        size_t end = str_find(head, STR("\r\n"), at);
        struct str line = str_sub(head, at, end - at);
        size_t colon = str_find(line, STR(":"), 0);
        if (str_equal_nocase(str_sub(line, 0, colon), STR("Content-Disposition"))) {
            part->name = parameter(arena, line, "name");
            part->filename = parameter(arena, line, "filename");
        }
        at = end + 2;
    }
    return part->name.ptr ? OK : err_set(ERR_SYNTAX, "a part of the body has no name");
}

enum err http_multipart(struct arena *arena, struct str content_type, struct str body,
                        struct http_part **parts, size_t *count)
{
    struct str boundary = str_trim(parameter(arena, content_type, "boundary"));
    if (boundary.len == 0 || boundary.len > BOUNDARY_MAX)
        return err_set(ERR_SYNTAX, "the content type names no boundary");
    struct str first = str_format(arena, "--%.*s", STR_ARG(boundary));
    struct str mark = str_format(arena, "\r\n--%.*s", STR_ARG(boundary));
    struct http_part *found = ARENA_ARRAY(arena, MULTIPART_MAX, struct http_part);
    size_t n = 0, at = first.len;
    if (!str_starts(body, first))
        return err_set(ERR_SYNTAX, "the body does not begin with its boundary");
    while (!str_starts(str_sub(body, at, 2), STR("--"))) {
        if (n == MULTIPART_MAX)
            return err_set(ERR_LIMIT, "the body has more than %d parts", MULTIPART_MAX);
        size_t head = at + 2, blank = str_find(body, STR("\r\n\r\n"), at);
        size_t end = str_find(body, mark, blank + 4);
        if (!str_starts(str_sub(body, at, 2), STR("\r\n")) || end == body.len || blank < head)
            return err_set(ERR_SYNTAX, "the body breaks off inside a part");
        if (blank - head > LIMIT_HTTP_HEADER)
            return err_set(ERR_LIMIT, "the head of a part is too long");
        enum err r = read_head(arena, str_sub(body, head, blank - head), &found[n]);
        if (r != OK)
            return r;
        found[n++].bytes = str_sub(body, blank + 4, end - blank - 4);
        at = end + mark.len;
    }
    *parts = found;
    *count = n;
    return OK;
}
