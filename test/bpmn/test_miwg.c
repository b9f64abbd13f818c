/* The reference models of the BPMN Model Interchange Working Group, which other tools drew. */
#include "test.h"

#include "bpmn/bpmn.h"
#include "cmd/input.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

static const char FOLDER[] = "../shared/miwg";

static void read_one(const char *name, size_t *refused)
{
    CLEANUP(arena_release) struct arena arena = {0};
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", FOLDER, name);
    struct str text;
    struct bpmn_report report;
    const struct bpmn_model *model;
    assert_ok(input_read(&arena, path, LIMIT_XML_SIZE, &text));
    enum err e = bpmn_parse(&arena, text, NULL, &report, &model);
    if (e != OK && e != ERR_INVALID)
        fail_msg("%s: %s", name, err_last()->detail);
    assert_true(report.elements > 0);
    assert_int_equal(e == OK, report.fault_total == 0);
    *refused += e != OK;
}

static void test_all_are_read(void **state)
{
    (void)state;
    DIR *folder = opendir(FOLDER);
    assert_non_null(folder);
    size_t files = 0, refused = 0;
    for (struct dirent *entry; (entry = readdir(folder));)
        if (strstr(entry->d_name, ".bpmn")) {
            read_one(entry->d_name, &refused);
            files++;
        }
    closedir(folder);
    print_message("# %zu models read, %zu of them not to be run\n", files, refused);
    assert_true(files > 0);
}

int main(void)
{
    if (access(FOLDER, R_OK) != 0) { /* cmocka's own skip() counts as a failure in TAP. */
        printf("1..1\nok 1 # SKIP the reference models are not at %s\n", FOLDER);
        return 0;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_are_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
