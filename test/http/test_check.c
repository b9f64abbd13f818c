#include "test.h"

#include "http/check.h"

struct row {
    const char *fields; /* "Name: value\n…" */
    enum err expected;
};

static size_t split(const char *text, struct http_field *fields)
{
    size_t count = 0;
    struct str rest = str_of(text);
    while (rest.len > 0) {
        size_t end = str_find(rest, STR("\n"), 0), colon = str_find(rest, STR(":"), 0);
        fields[count++] =
            (struct http_field){.name = str_sub(rest, 0, colon),
                                .value = str_trim(str_sub(rest, colon + 1, end - colon - 1))};
        rest = str_sub(rest, end + 1, rest.len);
    }
    return count;
}

static enum err check(const char *method, const char *version, const char *text,
                      struct http_framing *out)
{
    struct http_field fields[8];
    struct http_head head = {.method = str_of(method),
                             .target = STR("/"),
                             .version = str_of(version),
                             .fields = fields,
                             .count = split(text, fields)};
    return http_check(&head, out);
}

static void framing_is_plain_or_refused(void **state)
{
    static const struct row rows[] = {
        {"Host: a", OK},
        {"Host: a\nContent-Length: 0", OK},
        {"Host: a\nTransfer-Encoding: Chunked", OK},
        {"Host: [::1]:80", OK},
        {"", ERR_SYNTAX},
        {"Host:", ERR_SYNTAX},
        {"Host: a\nHost: a", ERR_SYNTAX},
        {"Host: a b", ERR_SYNTAX},
        {"Host: a\nContent-Length: 1\nContent-Length: 1", ERR_SYNTAX},
        {"Host: a\nContent-Length: 1\nTransfer-Encoding: chunked", ERR_SYNTAX},
        {"Host: a\nContent-Length: 1,1", ERR_SYNTAX},
        {"Host: a\nContent-Length: -1", ERR_SYNTAX},
        {"Host: a\nContent-Length:", ERR_SYNTAX},
        {"Host: a\nContent-Length: 9999999999999999", ERR_SYNTAX},
        {"Host: a\nTransfer-Encoding: gzip, chunked", ERR_SYNTAX},
        {"Host: a\nTransfer-Encoding: chunked\nTransfer-Encoding: chunked", ERR_SYNTAX},
        {"Host: a\nX Y: 1", ERR_SYNTAX},
        {"Host: a\nX: a\rb", ERR_SYNTAX},
        {"Host: a\nExpect: something", ERR_SYNTAX},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct http_framing framing;
        enum err r = check("POST", "HTTP/1.1", rows[i].fields, &framing);
        if (r != rows[i].expected)
            fail_msg("\"%s\" gave %s", rows[i].fields, err_name(r));
    }
}

static void version_and_method(void **state)
{
    struct http_framing framing;
    (void)state;
    assert_ok(check("GET", "HTTP/1.0", "Accept: x", &framing));
    assert_err(check("GET", "HTTP/1.0", "Transfer-Encoding: chunked", &framing), ERR_SYNTAX);
    assert_err(check("GET", "HTTP/1.2", "Host: a", &framing), ERR_SYNTAX);
    assert_err(check("TRACE", "HTTP/1.1", "Host: a", &framing), ERR_METHOD);
    assert_ok(check("PUT", "HTTP/1.1", "Host: a\nContent-Length: 42", &framing));
    assert_true(framing.has_length && framing.length == 42 && !framing.chunked);
}

static void targets(void **state)
{
    static const struct {
        const char *target, *path, *query; /* NULL path: refused. */
    } rows[] = {
        {"/", "/", ""},
        {"/a/b?x=1?2", "/a/b", "x=1?2"},
        {"/%E5%9B%AD", "/园", ""},
        {"/a/", "/a/", ""},
        {"/...", "/...", ""},
        {"", NULL, NULL},
        {"a", NULL, NULL},
        {"*", NULL, NULL},
        {"http://h/", NULL, NULL},
        {"/..", NULL, NULL},
        {"/a/../b", NULL, NULL},
        {"/%2e%2E/b", NULL, NULL},
        {"/a%2fb", NULL, NULL},
        {"/a//b", NULL, NULL},
        {"/./a", NULL, NULL},
        {"/a\\b", NULL, NULL},
        {"/%5c", NULL, NULL},
        {"/%00", NULL, NULL},
        {"/%0a", NULL, NULL},
        {"/%ff", NULL, NULL},
        {"/%4", NULL, NULL},
        {"/%", NULL, NULL},
        {"/a#b", NULL, NULL},
    };
    (void)state;
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str path, query;
        enum err r = http_target(&arena, str_of(rows[i].target), &path, &query);
        if ((r == OK) != (rows[i].path != NULL))
            fail_msg("\"%s\" gave %s", rows[i].target, err_name(r));
        if (r != OK)
            continue;
        assert_str(path, rows[i].path);
        assert_str(query, rows[i].query);
    }
    arena_release(&arena);
}

static void cookies(void **state)
{
    (void)state;
    assert_str(http_cookie_in(STR("kl_session=abc"), STR("kl_session")), "abc");
    assert_str(http_cookie_in(STR("a=b; kl_session=x=y ; c=d"), STR("kl_session")), "x=y");
    assert_null(http_cookie_in(STR("xkl_session=abc"), STR("kl_session")).ptr);
    assert_null(http_cookie_in(STR("kl_session"), STR("kl_session")).ptr);
    assert_null(http_cookie_in(STR(""), STR("kl_session")).ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(framing_is_plain_or_refused),
        cmocka_unit_test(version_and_method),
        cmocka_unit_test(targets),
        cmocka_unit_test(cookies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
