/* hash.h */
#include "test.h"

#include <sys/wait.h>
#include <unistd.h>

static void salts_differ_also_over_the_end_of_a_block(void **state)
{
    (void)state;
    enum { COUNT = 100 };
    static unsigned char salts[COUNT][HASH_SIZE];
    for (int i = 0; i < COUNT; i++) {
        random_salt(salts[i], sizeof(salts[i]));
        for (int k = 0; k < i; k++)
            assert_memory_not_equal(salts[i], salts[k], sizeof(salts[i]));
    }
}

static void a_child_process_has_salts_of_its_own(void **state)
{
    (void)state;
    unsigned char salt[HASH_SIZE], other[HASH_SIZE];
    int ends[2];
    random_salt(salt, sizeof(salt)); /* So that a block has been drawn. */
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        random_salt(other, sizeof(other));
        _exit(write(ends[1], other, sizeof(other)) == (ssize_t)sizeof(other) ? 0 : 1);
    }
    random_salt(salt, sizeof(salt));
    assert_int_equal(read(ends[0], other, sizeof(other)), sizeof(other));
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_memory_not_equal(salt, other, sizeof(salt));
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(salts_differ_also_over_the_end_of_a_block),
        cmocka_unit_test(a_child_process_has_salts_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
