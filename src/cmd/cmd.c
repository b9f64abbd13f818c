#include "cmd/cmd.h"

#include <sodium.h>
#include <stdio.h>

static const struct cmd COMMANDS[] = {
    {"serve",
     "[--dir DIR] [--listen HOST:PORT] [--web-dir DIR] [--services DIR] [--threads N]\n"
     "             [--heat-watch DIR] [--write-rate N] [--proxy] [--request-timeout S]\n"
     "             [--test-clock]",
     "Runs the park whose data is in DIR", cmd_serve},
    {"demo", "[--dir DIR] [--listen HOST:PORT] [--cases N] [--seed N]",
     "Runs a sample park to try things out in", cmd_demo},
    {"service", "check DIR...", "Proves the definitions of services", cmd_service},
    {"token", "new --user LOGIN [--name NAME] [--dir DIR]", "Prints a new API token", cmd_token},
    {"journal", "verify | checkpoint | key | proof | export | erase [--dir DIR]",
     "Verifies, publishes or erases from the park's log", cmd_journal},
    {"case", "show CASE [--dir DIR] [--services DIR]",
     "Prints where a case stands, the way it took, its timers and incidents", cmd_case},
    {"replay", "[--dir DIR] [--services DIR] [CASE]",
     "Rebuilds cases from the journal and says where they differ from what is stored", cmd_replay},
    {"bpmn", "check FILE… | suite DIR", "Says what a process file holds and whether it can run",
     cmd_bpmn},
    {"dmn", "eval | check | tck …", "Evaluates and checks decision models", cmd_dmn},
    {"heat", "stats …", "Surface temperatures from satellite scenes, and what they can show",
     cmd_heat},
    {"feel", "'EXPR' [--context JSON]", "Evaluates a FEEL expression", cmd_feel},
    {0},
};

int cmd_fail(const char *doing)
{
    const struct err_info *error = err_last();
    fprintf(stderr, "kuailian: %s: %s\n", doing, error->detail[0] ? error->detail : error->reason);
    return CMD_FAILED;
}

static int print_usage(FILE *to)
{
    fprintf(to, "usage: kuailian COMMAND [OPTIONS]\n\n");
    for (const struct cmd *cmd = COMMANDS; cmd->name; cmd++)
        fprintf(to, "  %-10s %s\n  %-10s   %s\n", cmd->name, cmd->usage, "", cmd->about);
    return to == stdout ? CMD_OK : CMD_USAGE;
}

int cmd_main(int argc, char **argv)
{
    if (sodium_init() < 0) {
        fprintf(stderr, "kuailian: the system gives no random numbers\n");
        return CMD_FAILED;
    }
    if (argc < 2)
        return print_usage(stderr);
    struct str name = str_of(argv[1]);
    if (str_is(name, "help") || str_is(name, "--help"))
        return print_usage(stdout);
    for (const struct cmd *cmd = COMMANDS; cmd->name; cmd++)
        if (str_is(name, cmd->name))
            return cmd->run(argc - 2, argv + 2);
    fprintf(stderr, "kuailian: there is no command '%s'\n", argv[1]);
    return print_usage(stderr);
}
