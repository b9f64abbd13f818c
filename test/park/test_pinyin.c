#include <iconv.h>

#include "park/pinyin.h"
#include "test.h"

static void every_character_of_gb_2312_has_a_reading(void **state)
{
    (void)state;
    iconv_t converter = iconv_open("UTF-8", "GB2312");
    assert_true(converter != (iconv_t)-1);
    int found = 0;
    for (int row = 0xB0; row <= 0xF7; row++)
        for (int cell = 0xA1; cell <= 0xFE; cell++) {
            char in[2] = {(char)row, (char)cell}, out[8];
            char *from = in, *to = out;
            size_t left = 2, room = sizeof(out), at = 0;
            if (iconv(converter, &from, &left, &to, &room) == (size_t)-1) {
                iconv(converter, NULL, NULL, NULL, NULL);
                continue;
            }
            struct str text = {out, sizeof(out) - room};
            assert_true(pinyin_of(utf8_next(text, &at)).len > 0);
            found++;
        }
    iconv_close(converter);
    assert_int_equal(found, 6763);
}

static void keys_hold_text_pinyin_and_initials(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct str texts[] = {STR("镇洋 ABC"), {0}, STR("91X")};
    assert_str(search_key(&arena, texts, COUNT_OF(texts)),
               "镇洋 abc zhenyangabc zyabc 91x 91x 91x ");
    assert_str(search_query(&arena, STR("  Zhen Yang ")), "zhenyang");
    assert_str(pinyin_of(0x9547), "zhen");
    assert_str(pinyin_of(0x91CD), "zhong");
    assert_null(pinyin_of('a').ptr);
    assert_null(pinyin_of(0x3400).ptr);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_character_of_gb_2312_has_a_reading),
        cmocka_unit_test(keys_hold_text_pinyin_and_initials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
