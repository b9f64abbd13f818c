#include "test.h"

#include "park/scenario.h"

static struct arena arena;
static struct service_folder folder;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena);
    assert_ok(service_read_folder(&arena, "services/request", &folder));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static enum err check(const struct service_folder *of, struct service_report *report)
{
    size_t scenarios;
    *report = (struct service_report){.arena = &arena};
    return service_check(&arena, of, report, &scenarios);
}

static void requests_keep_all_their_promises(void **state)
{
    (void)state;
    struct service_report report;
    enum err r = check(&folder, &report);
    for (size_t i = 0; i < report.count; i++)
        print_error("%.*s\n", STR_ARG(report.faults[i]));
    assert_int_equal(r, OK);
}

static struct str replaced(struct str text, const char *from, const char *to)
{
    size_t at = str_find(text, str_of(from), 0);
    assert_true(at < text.len);
    return str_format(&arena, "%.*s%s%.*s", (int)at, text.ptr, to,
                      (int)(text.len - at - strlen(from)), text.ptr + at + strlen(from));
}

/* The folder with one text in one file changed, and its scenarios left out but one. */
static struct service_folder spoiled(const char *file, const char *from, const char *to)
{
    struct service_folder copy = {.key = folder.key};
    struct service_file *files = ARENA_ARRAY(&arena, folder.count, struct service_file);
    bool scenario = false;
    for (size_t i = 0; i < folder.count; i++) {
        bool is_scenario = str_starts(folder.files[i].name, STR("scenarios/"));
        if (is_scenario && scenario && !str_is(folder.files[i].name, file))
            continue;
        scenario |= is_scenario;
        files[copy.count] = folder.files[i];
        if (str_is(files[copy.count].name, file))
            files[copy.count].bytes = replaced(files[copy.count].bytes, from, to);
        copy.count++;
    }
    copy.files = files;
    return copy;
}

static void a_broken_folder_says_what_is_broken(void **state)
{
    (void)state;
    static const struct {
        const char *file, *from, *to, *fault;
    } CASES[] = {
        {"service.json", "\"amount\": \"60\"", "\"amount\": \"60 +\"", "clock sign"},
        {"service.json", "\"amount\": \"60\"", "\"amount\": \"null\"", "no whole number"},
        {"service.json", "\"grid_member\"", "\"grid_member2\"", "no role \"grid_member2\""},
        {"service.json", "\"logistics\", ", "", "category \"logistics\""},
        {"service.json", "{\"name\": \"rate\"", "{\"name\": \"rates\"", "clock \"rate\""},
        {"service.json", "\"key\"", "\"key2\"", "key2"},
        {"request.form", "\"value\": \"staff\"", "\"value\": \"people\"", "category \"staff\""},
        {"request.form", "\"key\": \"title\"", "\"key\": \"headline\"", "field \"title\""},
        {"messages.en.json", "\"element.sign\"", "\"element.sing\"", "element.sign is missing"},
        {"messages.zh-CN.json", "\"clock.rate\"", "\"clock.fee\"", "clock.rate is missing"},
        {"process.bpmn", "case.escalate", "case.excalate", "job type \"case.excalate\""},
        {"process.bpmn", "=outcome = \"returned\"", "=outcome = = \"returned\"", "sign_returned"},
        {"process.bpmn", "value=\"dispatched\"", "value=\"dispatching\"", "status \"dispatching\""},
        {"process.bpmn", "targetRef=\"sign\"", "targetRef=\"sing\"", "sing"},
        {"scenarios/plain.json", "\"status\": \"archived\"", "\"status\": \"open\"",
         "status is \"archived\" and not \"open\""},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        struct service_folder broken = spoiled(CASES[i].file, CASES[i].from, CASES[i].to);
        struct service_report report;
        assert_int_equal(check(&broken, &report), ERR_INVALID);
        bool said = false;
        for (size_t j = 0; j < report.count; j++)
            said |= str_find(report.faults[j], str_of(CASES[i].fault), 0) < report.faults[j].len;
        if (!said)
            fail_msg("case %zu: \"%s\" is not among %zu faults: %.*s", i, CASES[i].fault,
                     report.count, STR_ARG(report.faults[0]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_keep_all_their_promises),
        cmocka_unit_test(a_broken_folder_says_what_is_broken),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
