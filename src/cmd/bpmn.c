/* kuailian bpmn …: what a process file holds, and whether it can run. */
#include "bpmn/bpmn.h"

#include <stdio.h>

#include "cmd/bpmn_suite.h"
#include "cmd/cmd.h"
#include "cmd/input.h"

static bool same_text(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static bool same_tree(const struct xml_node *a, const struct xml_node *b)
{
    if (a->kind != b->kind || !same_text(a->qname, b->qname) || !same_text(a->ns, b->ns) ||
        !same_text(a->text, b->text) || a->attr_count != b->attr_count)
        return false;
    for (size_t i = 0; i < a->attr_count; i++)
        if (!same_text(a->attrs[i].qname, b->attrs[i].qname) ||
            !same_text(a->attrs[i].value, b->attrs[i].value))
            return false;
    const struct xml_node *x = a->first, *y = b->first;
    for (; x && y; x = x->next, y = y->next)
        if (!same_tree(x, y))
            return false;
    return !x && !y;
}

/* Written and read again, the file must be what it was. */
static enum err check_round_trip(struct arena *arena, struct str text)
{
    const struct xml_node *first, *second;
    CLEANUP(buf_release) struct buf written;
    buf_init(&written, LIMIT_XML_SIZE * 2);
    enum err e = xml_parse(arena, text, &first);
    if (e != OK)
        return e;
    xml_write(&written, first);
    e = buf_check(&written);
    if (e == OK)
        e = xml_parse(arena, buf_str(&written), &second);
    if (e == OK && !same_tree(first, second))
        e = err_set(ERR_INTERNAL, "writing the file again loses something");
    return e;
}

static void print_faults(const char *word, const struct bpmn_fault *faults, size_t count,
                         size_t total)
{
    for (size_t i = 0; i < count; i++) {
        const struct bpmn_fault *fault = &faults[i];
        printf("  %s line %u, %.*s: %.*s [%s]\n    %s\n", word, fault->line,
               STR_ARG(fault->element), STR_ARG(fault->detail), fault->rule, fault->remedy);
    }
    if (total > count)
        printf("  … and %zu more\n", total - count);
}

static bool nothing_to_run(const struct bpmn_report *report)
{
    return report->fault_total == 1 && strcmp(report->faults[0].rule, "process.executable") == 0;
}

enum verdict { RUNS, DRAWING, REFUSED, UNREADABLE, VERDICT_COUNT };

static enum verdict verdict_of(enum err e, const struct bpmn_report *report)
{
    if (e == OK)
        return RUNS;
    if (report->fault_total == 0)
        return UNREADABLE;
    return nothing_to_run(report) ? DRAWING : REFUSED;
}

static enum verdict check_file(const char *path)
{
    static const char *const WORDS[] = {"can run", "a drawing: no process is executable",
                                        "refused"};
    CLEANUP(arena_release) struct arena arena = {0};
    struct str text;
    struct bpmn_report report = {0};
    const struct bpmn_model *model;
    enum err e = input_read(&arena, path, LIMIT_XML_SIZE, &text);
    if (e == OK)
        e = check_round_trip(&arena, text);
    if (e == OK)
        e = bpmn_parse(&arena, text, NULL, &report, &model);
    enum verdict verdict = verdict_of(e, &report);
    if (verdict == UNREADABLE) {
        printf("%s: cannot be read: %s\n", path, err_last()->detail);
        return verdict;
    }
    printf("%s: %zu elements, %s", path, report.elements, WORDS[verdict]);
    if (verdict == REFUSED)
        printf(", %zu faults", report.fault_total);
    printf(report.warning_total ? ", %zu warnings\n" : "\n", report.warning_total);
    if (verdict == REFUSED)
        print_faults("fault", report.faults, report.fault_count, report.fault_total);
    print_faults("warning", report.warnings, report.warning_count, report.warning_total);
    return verdict;
}

static int run_check(int argc, char **argv)
{
    size_t found[VERDICT_COUNT] = {0};
    for (int i = 0; i < argc; i++)
        found[check_file(argv[i])]++;
    printf("%zu of %d files are read and written again without loss: %zu can run, %zu are "
           "drawings, %zu are refused\n",
           (size_t)argc - found[UNREADABLE], argc, found[RUNS], found[DRAWING], found[REFUSED]);
    return found[REFUSED] + found[UNREADABLE] == 0 ? CMD_OK : CMD_FAILED;
}

int cmd_bpmn(int argc, char **argv)
{
    if (argc >= 2 && strcmp(argv[0], "check") == 0)
        return run_check(argc - 1, argv + 1);
    if (argc == 2 && strcmp(argv[0], "suite") == 0)
        return bpmn_suite(argv[1]);
    fprintf(stderr, "usage: kuailian bpmn check FILE…\n       kuailian bpmn suite DIR\n");
    return CMD_USAGE;
}
