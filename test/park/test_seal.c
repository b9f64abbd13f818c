#include <sys/stat.h>

#include "store.h"

static void what_is_sealed_opens_with_its_key_only(void **state)
{
    (void)state;
    struct store s;
    struct str first, opened = {0};
    char path[128];
    struct stat about;
    store_open(&s);
    store_path(&s, "seal.key", path);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    first = seal(&s.arena, STR("10000000001"));
    assert_false(str_equal(first, seal(&s.arena, STR("10000000001"))));
    assert_ok(unseal(&s.arena, first, &opened));
    assert_str(opened, "10000000001");
    assert_null(seal(&s.arena, (struct str){0}).ptr);
    assert_err(unseal(&s.arena, str_sub(first, 0, 20), &opened), ERR_CORRUPT);
    ((char *)first.ptr)[first.len - 1] ^= 1;
    assert_err(unseal(&s.arena, first, &opened), ERR_CORRUPT);
    ((char *)first.ptr)[first.len - 1] ^= 1;
    assert_ok(seal_open_key(path)); /* The same key, read again. */
    assert_ok(unseal(&s.arena, first, &opened));
    assert_int_equal(unlink(path), 0);
    assert_ok(seal_open_key(path));
    assert_err(unseal(&s.arena, first, &opened), ERR_CORRUPT);
    store_close(&s);
}

static void masks_keep_little(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    assert_str(mask_phone(&arena, STR("13812345678")), "138****5678");
    assert_str(mask_phone(&arena, STR("86000000")), "8****00");
    assert_str(mask_phone(&arena, STR("119")), "****");
    assert_null(mask_phone(&arena, (struct str){0}).ptr);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sealed_opens_with_its_key_only),
        cmocka_unit_test(masks_keep_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
