/* kuailian service check DIR…: proves services before a park runs them. */
#include <stdio.h>

#include "cmd/cmd.h"
#include "park/scenario.h"

static int check(const char *dir)
{
    struct arena arena;
    arena_init(&arena);
    struct service_report report = {.arena = &arena};
    struct service_folder folder;
    size_t scenarios = 0;
    if (service_read_folder(&arena, dir, &folder) != OK) {
        arena_release(&arena);
        return cmd_fail(dir);
    }
    enum err r = service_check(&arena, &folder, &report, &scenarios);
    for (size_t i = 0; i < report.count; i++)
        printf("%s: %.*s\n", dir, STR_ARG(report.faults[i]));
    if (report.total > report.count)
        printf("%s: and %zu more\n", dir, report.total - report.count);
    for (size_t i = 0; i < report.note_count; i++)
        printf("%s: %.*s\n", dir, STR_ARG(report.notes[i]));
    if (r == OK)
        printf("%s: good, %zu scenarios passed, %zu of %zu nodes and %zu of %zu rules reached\n",
               dir, scenarios, report.nodes_reached, report.nodes, report.rules_fired,
               report.rules);
    arena_release(&arena);
    return r == OK ? CMD_OK : CMD_FAILED;
}

int cmd_service(int argc, char **argv)
{
    if (argc < 2 || !str_is(str_of(argv[0]), "check")) {
        fprintf(stderr, "usage: kuailian service check DIR…\n");
        return CMD_USAGE;
    }
    int worst = CMD_OK;
    for (int i = 1; i < argc; i++)
        if (check(argv[i]) != CMD_OK)
            worst = CMD_FAILED;
    return worst;
}
