#include "test.h"

#include "park/scenario.h"

static struct arena arena;
static struct service_folder request, four_sync, visit;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena);
    assert_ok(service_read_folder(&arena, "services/request", &request));
    assert_ok(service_read_folder(&arena, "services/four-sync", &four_sync));
    assert_ok(service_read_folder(&arena, "test/park/services/visit", &visit));
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

static void every_service_keeps_its_promises(void **state)
{
    (void)state;
    const struct service_folder *const FOLDERS[] = {&request, &four_sync, &visit};
    for (size_t i = 0; i < COUNT_OF(FOLDERS); i++) {
        struct service_report report;
        enum err r = check(FOLDERS[i], &report);
        for (size_t k = 0; k < report.count; k++)
            print_error("%.*s\n", STR_ARG(report.faults[k]));
        assert_int_equal(r, OK);
        for (size_t k = 0; k < report.note_count; k++)
            print_error("%.*s\n", STR_ARG(report.notes[k]));
        assert_true(report.nodes > 25);
        assert_int_equal(report.nodes_reached, report.nodes);
        assert_int_equal(report.rules_fired, report.rules);
    }
}

static struct str replaced(struct str text, const char *from, const char *to)
{
    size_t at = str_find(text, str_of(from), 0);
    assert_true(at < text.len);
    return str_format(&arena, "%.*s%s%.*s", (int)at, text.ptr, to,
                      (int)(text.len - at - strlen(from)), text.ptr + at + strlen(from));
}

/* The folder with one text in one file changed, and its scenarios left out but one. */
static struct service_folder spoiled(const struct service_folder *folder, const char *file,
                                     const char *from, const char *to)
{
    struct service_folder copy = {.key = folder->key};
    struct service_file *files = ARENA_ARRAY(&arena, folder->count, struct service_file);
    bool scenario = false;
    for (size_t i = 0; i < folder->count; i++) {
        bool is_scenario = str_starts(folder->files[i].name, STR("scenarios/"));
        if (is_scenario && scenario && !str_is(folder->files[i].name, file))
            continue;
        scenario |= is_scenario;
        files[copy.count] = folder->files[i];
        if (str_is(files[copy.count].name, file))
            files[copy.count].bytes = replaced(files[copy.count].bytes, from, to);
        copy.count++;
    }
    copy.files = files;
    return copy;
}

struct spoil {
    const char *file, *from, *to, *fault;
};

static void check_spoiled(const struct service_folder *folder, const struct spoil *spoil)
{
    struct service_folder broken = spoiled(folder, spoil->file, spoil->from, spoil->to);
    struct service_report report;
    assert_int_equal(check(&broken, &report), ERR_INVALID);
    bool said = false;
    for (size_t j = 0; j < report.count; j++)
        said |= str_find(report.faults[j], str_of(spoil->fault), 0) < report.faults[j].len;
    if (!said)
        fail_msg("%s: \"%s\" is not among %zu faults: %.*s", spoil->file, spoil->fault,
                 report.count, STR_ARG(report.faults[0]));
}

static void a_broken_folder_says_what_is_broken(void **state)
{
    (void)state;
    static const struct spoil CASES[] = {
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
    static const struct spoil JOINT[] = {
        {"service.json", "\"rectification\"]", "\"repairs\"]", "the list \"rectification\""},
        {"process.bpmn", "formId=\"plan\"", "formId=\"plans\"", "no plans.form"},
        {"process.bpmn", "value=\"supplement\"", "value=\"suplement\"", "outcome \"suplement\""},
        {"process.bpmn", "decisionId=\"urgent\"", "decisionId=\"hurry\"", "decision \"hurry\""},
        {"process.bpmn", "decisionId=\"urgent\"",
         "decisionId=\"urgent\" bindingType=\"versionTag\" versionTag=\"v1\"",
         "leave the version tag out"},
        {"departments.dmn", "\"economy\"", "\"economy", "departments.dmn"},
        {"urgent.dmn", "<text>\"plan\"</text>", "<text>\"planned\"</text>", "urgent"},
        {"messages.en.json", "\"stage.visit\"", "\"stage.visits\"", "stage.visit is missing"},
        {"messages.zh-CN.json", "\"list.checklist\"", "\"list.check\"",
         "list.checklist is missing"},
        {"scenarios/plain.json", "\"$departments\": [\"economy\",",
         "\"$departments\": [\"safety\",", "$departments is"},
        {"scenarios/plain.json", "\"items:rectification\": \"open open\"",
         "\"items:rectification\": \"open\"", "items:rectification is"},
        {"scenarios/plain.json", "\"sees:stranger\": false", "\"sees:stranger\": true",
         "sees:stranger is"},
        {"scenarios/plain.json", "\"refused\": \"task.evidence\"", "\"refused\": \"x\"",
         "the refusal is \"task.evidence\""},
    };
    static const struct spoil CALLS[] = {
        {"process.bpmn", "processId=\"site_visit\"", "processId=\"nowhere\"",
         "no file of the service has the process 'nowhere'"},
        {"process.bpmn", "processId=\"site_visit\"", "processId=\"=category\"",
         "look: which process it calls is only known while it runs"},
        {"site-visit.bpmn", "processId=\"sign_off\"", "processId=\"site_visit\"",
         "sign_off: sign-off.bpmn: no call activity calls the process"},
        {"site-visit.bpmn", "processId=\"sign_off\"",
         "processId=\"sign_off\" bindingType=\"versionTag\" versionTag=\"v9\"",
         "has not the version tag 'v9'"},
        {"site-visit.bpmn", "id=\"to_looked\"", "id=\"to_look\"", "'to_look'"},
        {"sign-off.bpmn", "id=\"late_go\"", "id=\"shut\"", "'shut'"},
        {"sign-off.bpmn", "isExecutable=\"true\"", "isExecutable=\"false\"",
         "holds no executable process"},
        {"messages.en.json", "element.approve\"", "element.approval\"",
         "element.approve is missing"},
    };
    for (size_t i = 0; i < COUNT_OF(CALLS); i++)
        check_spoiled(&visit, &CALLS[i]);
    for (size_t i = 0; i < COUNT_OF(CASES); i++)
        check_spoiled(&request, &CASES[i]);
    for (size_t i = 0; i < COUNT_OF(JOINT); i++)
        check_spoiled(&four_sync, &JOINT[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_service_keeps_its_promises),
        cmocka_unit_test(a_broken_folder_says_what_is_broken),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
