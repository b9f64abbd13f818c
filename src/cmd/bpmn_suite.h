/* kuailian bpmn suite DIR: process models with the trace each must leave, and models to refuse. */
#ifndef CMD_BPMN_SUITE_H
#define CMD_BPMN_SUITE_H

/* DIR holds tests.tsv and its models, and constraints/. Prints a line per failing test and
 * "N passed, M failed" last. */
int bpmn_suite(const char *dir);

#endif
