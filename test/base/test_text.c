/* str.h, buf.h, arena.h, hash.h */
#include "test.h"

static void views_are_cut_at_their_end(void **state)
{
    (void)state;
    assert_str(str_sub(STR("abcdef"), 2, 3), "cde");
    assert_str(str_sub(STR("abc"), 2, 99), "c");
    assert_str(str_sub(STR("abc"), 9, 1), "");
    assert_null(str_sub((struct str){0}, 1, 1).ptr);
    assert_str(str_trim(STR(" \t a b\r\n ")), "a b");
    assert_str(str_trim(STR("   ")), "");
    assert_int_equal(str_find(STR("a-b-c"), STR("-"), 2), 3);
    assert_int_equal(str_find(STR("abc"), STR("x"), 0), 3);
    assert_int_equal(str_find(STR("abc"), STR("c"), 9), 3);
    assert_true(str_starts(STR("case.filed"), STR("case.")));
    assert_false(str_starts(STR("ca"), STR("case.")));
    assert_true(str_ends(STR("a.csv"), STR(".csv")));
    assert_true(str_equal_nocase(STR("ETag"), STR("etag")));
    assert_false(str_equal_nocase(STR("Ä"), STR("ä")));
    assert_true(str_compare(STR("ab"), STR("abc")) < 0);
    assert_true(str_compare(STR("b"), STR("abc")) > 0);
    assert_int_equal(str_compare(STR(""), (struct str){0}), 0);
    assert_true(str_of(NULL).ptr == NULL && str_of("").ptr != NULL);
}

static void whole_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum err result;
        int64_t value;
    } cases[] = {
        {"0", OK, 0},
        {"-0", OK, 0},
        {"9223372036854775807", OK, INT64_MAX},
        {"-9223372036854775808", OK, INT64_MIN},
        {"007", OK, 7},
        {"9223372036854775808", ERR_SYNTAX, 0},
        {"-9223372036854775809", ERR_SYNTAX, 0},
        {"99999999999999999999", ERR_SYNTAX, 0},
        {"", ERR_SYNTAX, 0},
        {"-", ERR_SYNTAX, 0},
        {"+1", ERR_SYNTAX, 0},
        {" 1", ERR_SYNTAX, 0},
        {"1 ", ERR_SYNTAX, 0},
        {"1.0", ERR_SYNTAX, 0},
        {"0x10", ERR_SYNTAX, 0},
        {"--1", ERR_SYNTAX, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t value = 42;
        enum err r = str_to_int(str_of(cases[i].text), &value);
        if (r != cases[i].result || value != (r == OK ? cases[i].value : 42))
            fail_msg("'%s' gives %s and %d", cases[i].text, err_name(r), (int)value);
    }
}

static void utf8_is_well_formed_or_refused(void **state)
{
    (void)state;
    static const char *const good[] = {"", "a", "é", "块", "𝄞", "\xF4\x8F\xBF\xBF", "\xEF\xBF\xBD"};
    static const char *const bad[] = {
        "\x80",             /* A lone continuation. */
        "\xC3",             /* Cut off. */
        "\xE5\x9D",         /* Cut off. */
        "\xC0\xAF",         /* Overlong. */
        "\xE0\x80\xAF",     /* Overlong. */
        "\xF0\x80\x80\xAF", /* Overlong. */
        "\xED\xA0\x80",     /* A surrogate. */
        "\xF4\x90\x80\x80", /* Past U+10FFFF. */
        "\xF8\x88\x80\x80", /* Five bytes. */
        "\xFF",
        "a\xC3(",
    };
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_ok(utf8_check(str_of(good[i])));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_err(utf8_check(str_of(bad[i])), ERR_SYNTAX);
    assert_int_equal(utf8_length(STR("块链 a")), 4);
}

static void every_code_point_goes_around(void **state)
{
    (void)state;
    for (uint32_t point = 1; point <= 0x10FFFF; point++) {
        if (point >= 0xD800 && point < 0xE000)
            continue;
        char bytes[4];
        struct str text = {.ptr = bytes, .len = utf8_encode(point, bytes)};
        size_t at = 0;
        if (utf8_check(text) != OK || utf8_next(text, &at) != point || at != text.len)
            fail_msg("U+%04X does not come back", point);
    }
}

static void a_buffer_stops_at_its_maximum(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, 10);
    buf_add_c(&buf, "12345");
    buf_add_int(&buf, -678);
    assert_ok(buf_check(&buf));
    assert_str(buf_str(&buf), "12345-678");
    buf_add_c(&buf, "ab");
    assert_err(buf_check(&buf), ERR_LIMIT);
    buf_add_char(&buf, 'c'); /* Nothing more is written, also what would fit. */
    assert_str(buf_str(&buf), "12345-678");
    buf_clear(&buf);
    assert_ok(buf_check(&buf));
    buf_format(&buf, "%d|%s", 7, "x");
    assert_str(buf_str(&buf), "7|x");
    assert_int_equal(buf.ptr[buf.len], '\0');
    buf_clear(&buf);
    buf_add_int(&buf, INT64_MIN);
    assert_err(buf_check(&buf), ERR_LIMIT);
}

static void base64_vectors(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"}};
    CLEANUP(arena_release) struct arena arena = {0};
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        CLEANUP(buf_release) struct buf buf;
        struct str back;
        buf_init(&buf, 100);
        buf_add_base64(&buf, str_of(pairs[i][0]));
        assert_str(buf_str(&buf), pairs[i][1]);
        assert_ok(base64_decode(&arena, buf_str(&buf), &back));
        assert_str(back, pairs[i][0]);
        buf_clear(&buf);
        buf_add_base64url(&buf, str_of(pairs[i][0]));
        assert_ok(base64_decode(&arena, buf_str(&buf), &back));
        assert_str(back, pairs[i][0]);
    }
    CLEANUP(buf_release) struct buf url;
    buf_init(&url, 100);
    buf_add_base64url(&url, STR("\xFB\xEF\xFF"));
    assert_str(buf_str(&url), "--__");
    static const char *const bad[] = {"A", "AAAAA", "A A=", "Zg=\n", "====", "Zm9v\xC3\xA9"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct str out;
        assert_err(base64_decode(&arena, str_of(bad[i]), &out), ERR_SYNTAX);
    }
}

static void hex_goes_around(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    CLEANUP(buf_release) struct buf buf;
    struct str out;
    buf_init(&buf, 100);
    buf_add_hex(&buf, (struct str){"\x00\x7F\xFF", 3});
    assert_str(buf_str(&buf), "007fff");
    assert_ok(hex_decode(&arena, STR("007fFF"), &out));
    assert_memory_equal(out.ptr, "\x00\x7F\xFF", 3);
    assert_err(hex_decode(&arena, STR("0"), &out), ERR_SYNTAX);
    assert_err(hex_decode(&arena, STR("0g"), &out), ERR_SYNTAX);
}

static void digests_follow_their_standards(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", /* FIPS 180: "" */
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", /* RFC 6962: leaf "" */
    };
    struct hash found[] = {hash_of(STR("")), hash_leaf(STR(""))};
    for (size_t i = 0; i < COUNT_OF(found); i++) {
        CLEANUP(buf_release) struct buf hex;
        buf_init(&hex, 100);
        buf_add_hex(&hex, hash_str(&found[i]));
        assert_str(buf_str(&hex), expected[i]);
    }
    struct hash pair = hash_pair(&found[0], &found[1]);
    char bytes[65] = {1};
    memcpy(bytes + 1, found[0].bytes, 32);
    memcpy(bytes + 33, found[1].bytes, 32);
    struct hash direct = hash_of((struct str){bytes, 65});
    assert_true(hash_equal(&pair, &direct));
    assert_false(hash_equal(&found[0], &found[1]));
    unsigned char one[32] = {0}, two[32] = {0};
    random_bytes(one, sizeof(one));
    random_bytes(two, sizeof(two));
    assert_memory_not_equal(one, two, sizeof(one));
}

static void arenas_hand_out_zeroed_aligned_memory(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    for (size_t size = 0; size < 30000; size = size * 5 / 4 + 1) {
        unsigned char *bytes = arena_alloc(&arena, size);
        assert_int_equal((uintptr_t)bytes % 16, 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(bytes[i], 0);
        memset(bytes, 0xAA, size);
    }
    assert_true(arena.used > 30000);
    arena_release(&arena);
    assert_int_equal(arena.used, 0);

    int64_t *numbers = NULL;
    size_t count = 0, capacity = 0;
    for (int64_t i = 0; i < 1000; i++)
        *ARENA_PUSH(&arena, numbers, count, capacity) = i * i;
    for (int64_t i = 0; i < 1000; i++)
        assert_int_equal(numbers[i], i * i);
    assert_str(str_copy(&arena, STR("块")), "块");
    assert_null(str_copy(&arena, (struct str){0}).ptr);
    assert_string_equal(str_c(&arena, str_sub(STR("abcdef"), 0, 3)), "abc");
    assert_str(str_format(&arena, "%s-%03d", "n", 7), "n-007");
    arena_release(&arena);
}

static void errors_keep_reason_field_and_detail(void **state)
{
    (void)state;
    assert_err(err_field(ERR_INVALID, "files[2].name", "field.required", "row %d", 7), ERR_INVALID);
    struct err_info kept = *err_last();
    assert_string_equal(kept.field, "files[2].name");
    assert_string_equal(kept.reason, "field.required");
    assert_string_equal(kept.detail, "row 7");
    assert_err(err_set(ERR_BUSY, "later"), ERR_BUSY);
    assert_string_equal(err_last()->reason, "");
    assert_string_equal(err_last()->field, "");
    err_restore(&kept);
    assert_int_equal(err_last()->code, ERR_INVALID);
    assert_string_equal(err_last()->detail, "row 7");
    assert_int_equal(err_http_status(ERR_CONFLICT), 409);
    assert_string_equal(err_type(ERR_NOT_FOUND), "not-found");
    assert_string_equal(err_name(ERR_IO), "ERR_IO");
    char longer[2 * ERR_DETAIL_MAX];
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    assert_err(err_refuse(ERR_INVALID, longer, "%s", longer), ERR_INVALID);
    assert_int_equal(strlen(err_last()->reason), ERR_REASON_MAX - 1);
    assert_int_equal(strlen(err_last()->detail), ERR_DETAIL_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views_are_cut_at_their_end),
        cmocka_unit_test(whole_numbers),
        cmocka_unit_test(utf8_is_well_formed_or_refused),
        cmocka_unit_test(every_code_point_goes_around),
        cmocka_unit_test(a_buffer_stops_at_its_maximum),
        cmocka_unit_test(base64_vectors),
        cmocka_unit_test(hex_goes_around),
        cmocka_unit_test(digests_follow_their_standards),
        cmocka_unit_test(arenas_hand_out_zeroed_aligned_memory),
        cmocka_unit_test(errors_keep_reason_field_and_detail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
