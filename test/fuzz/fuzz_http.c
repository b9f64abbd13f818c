/* A request's head out of the fuzzer's bytes, a line a field, through all that src/http/check.c
 * does. */
#include "http/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct str next_line(struct str *rest)
{
    size_t end = str_find(*rest, STR("\n"), 0);
    struct str line = str_sub(*rest, 0, end);
    *rest = str_sub(*rest, end + 1, rest->len);
    return line;
}

static void check_path(struct arena *arena, struct str target)
{
    struct str path, query, again;
    if (http_target(arena, target, &path, &query) != OK)
        return;
    assert(path.len > 0 && path.ptr[0] == '/' && utf8_check(path) == OK);
    assert(str_find(path, STR("/../"), 0) == path.len && !str_ends(path, STR("/..")));
    assert(str_find(path, STR("//"), 0) == path.len);
    assert(!memchr(path.ptr, '\0', path.len) && !memchr(path.ptr, '\\', path.len));
    if (http_unescape(arena, query, true, &again) == OK)
        assert(again.len <= query.len);
}

static void check_framing(const struct http_head *head)
{
    struct http_framing framing = {.length = -1};
    int lengths = 0, encodings = 0;
    if (http_check(head, &framing) != OK) {
        assert(framing.length == -1); /* Nothing is written on failure. */
        return;
    }
    for (size_t i = 0; i < head->count; i++) {
        lengths += str_equal_nocase(head->fields[i].name, STR("content-length"));
        encodings += str_equal_nocase(head->fields[i].name, STR("transfer-encoding"));
    }
    assert(lengths + encodings <= 1);
    assert(framing.has_length == (lengths == 1) && framing.chunked == (encodings == 1));
    assert(framing.length >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct http_field fields[HTTP_FIELDS_MAX + 2];
    struct str rest = {.ptr = (const char *)data, .len = size};
    struct arena arena;
    if (size == 0)
        return 0;
    arena_init(&arena);
    struct http_head head = {.fields = fields};
    head.method = next_line(&rest);
    head.target = next_line(&rest);
    head.version = next_line(&rest);
    for (; rest.len > 0 && head.count < COUNT_OF(fields); head.count++) {
        struct str line = next_line(&rest);
        size_t colon = str_find(line, STR(":"), 0);
        fields[head.count] = (struct http_field){
            .name = str_sub(line, 0, colon), .value = str_trim(str_sub(line, colon + 1, line.len))};
        struct str cookie = http_cookie_in(fields[head.count].value, STR("kl_session"));
        assert(cookie.len <= fields[head.count].value.len);
    }
    check_path(&arena, head.target);
    check_framing(&head);
    arena_release(&arena);
    return 0;
}
