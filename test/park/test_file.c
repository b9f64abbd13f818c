/* Files that nobody attaches go; those of a draft, and contents that others share, stay. */
#include "store.h"

#include "base/clock.h"
#include "park/draft_sql.h"
#include "park/file.h"

enum { PERSON = 7 };

static const struct principal WHO = {.park_id = 1, .person_id = PERSON};

static int64_t upload(struct store *s, const char *text, int64_t at_us)
{
    struct str content = str_format(&s->arena, "%%PDF-%s", text);
    struct hash digest = hash_of(content);
    struct file file;
    assert_ok(file_add(&s->tx, &WHO, STR("a.pdf"), content, &digest, at_us, &file));
    return file.id;
}

static enum err look(struct store *s, int64_t id)
{
    struct file file;
    struct str content;
    return file_read(s->db, &s->arena, &WHO, id, &file, &content);
}

static void forgets_what_nobody_attached(void **state)
{
    (void)state;
    struct store s;
    store_open(&s);
    int64_t old = STORE_NOW - (FILE_LOOSE_DAYS + 1) * DAY_US;
    int64_t forgotten = upload(&s, "one", old), shared = upload(&s, "two", old);
    int64_t drafted = upload(&s, "three", old), fresh = upload(&s, "two", STORE_NOW);
    struct draft_insert_in draft = {.park_id = 1,
                                    .person_id = PERSON,
                                    .id = 5,
                                    .service = STR("request"),
                                    .form = STR("{}"),
                                    .files = str_format(&s.arena, "[\"%" PRId64 "\"]", drafted),
                                    .updated_us = old};
    assert_ok(sql_draft_insert(&s.tx, &draft, NULL));
    assert_ok(file_forget_loose(&s.tx, 1, STORE_NOW));
    assert_err(ERR_NOT_FOUND, look(&s, forgotten));
    assert_err(ERR_NOT_FOUND, look(&s, shared));
    assert_ok(look(&s, drafted));
    assert_ok(look(&s, fresh)); /* Its content was also that of a file that is gone. */
    store_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(forgets_what_nobody_attached)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
