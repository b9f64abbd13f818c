/* The program's subcommands: `kuailian NAME …`. Each is a file here and a row of the table. */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "base/base.h"

enum { CMD_OK = 0, CMD_FAILED = 1, CMD_USAGE = 2 };

/* A row of the table in cmd.c. `run` gets the arguments behind the subcommand's name. */
struct cmd {
    const char *name;
    const char *usage; /* "[--dir DIR] [--listen HOST:PORT]" */
    const char *about; /* One line. */
    int (*run)(int argc, char **argv);
};

int cmd_main(int argc, char **argv);

/* The subcommands, a file each. */
int cmd_journal(int argc, char **argv);
int cmd_serve(int argc, char **argv);
int cmd_service(int argc, char **argv);
int cmd_demo(int argc, char **argv);
int cmd_token(int argc, char **argv);
int cmd_feel(int argc, char **argv);
int cmd_bpmn(int argc, char **argv);
int cmd_dmn(int argc, char **argv);
int cmd_case(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_heat(int argc, char **argv);

/* Prints the last error to standard error and returns CMD_FAILED: the one place that does. */
int cmd_fail(const char *doing);

#endif
