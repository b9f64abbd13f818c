#include "dmn/dmn.h"

#include "base/clock.h"
#include "cmd/cmd.h"
#include "cmd/input.h"
#include "dmn/tck.h"
#include "feel/eval.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { FILE_MAX = 16 * 1024 * 1024, OUTPUT_MAX = 64 * 1024 * 1024, FILES_MAX = 1000 };

static const char USAGE[] =
    "usage: kuailian dmn eval FILE… --decision NAME [--input JSON] [--trace]\n"
    "       kuailian dmn check FILE…\n"
    "       kuailian dmn tck DIR\n";

/* ---- eval ---- */

struct options {
    struct dmn_source sources[FILES_MAX];
    size_t count;
    const char *decision, *input;
    bool trace;
};

static bool read_options(int argc, char **argv, struct options *out)
{
    out->input = "{}";
    for (int i = 0; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "--decision") == 0 && more)
            out->decision = argv[++i];
        else if (strcmp(argv[i], "--input") == 0 && more)
            out->input = argv[++i];
        else if (strcmp(argv[i], "--trace") == 0)
            out->trace = true;
        else if (argv[i][0] == '-' || out->count == FILES_MAX)
            return false;
        else
            out->sources[out->count++].name = str_of(argv[i]);
    }
    return out->count > 0;
}

static enum err read_sources(struct arena *arena, struct options *options)
{
    enum err r = OK;
    for (size_t i = 0; r == OK && i < options->count; i++)
        r = input_read(arena, options->sources[i].name.ptr, FILE_MAX, &options->sources[i].text);
    return r;
}

static void print_value(FILE *to, const struct feel_value *value)
{
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, OUTPUT_MAX);
    struct json_writer w = json_writer(&out);
    feel_to_json(&w, value);
    fprintf(to, "%.*s", STR_ARG(buf_str(&out)));
}

static void print_trace(const struct dmn_trace *trace)
{
    for (; trace; trace = trace->next) {
        if (!trace->rules)
            continue;
        fprintf(stderr, "%.*s = ", STR_ARG(trace->name));
        print_value(stderr, &trace->result);
        fprintf(stderr, "\n");
        for (size_t i = 0; i < trace->rule_count; i++) {
            const struct dmn_rule_trace *rule = &trace->rules[i];
            if (rule->fired) {
                fprintf(stderr, "  rule %zu fired\n", rule->rule);
                continue;
            }
            fprintf(stderr, "  rule %zu did not: input %zu is ", rule->rule, rule->failed_input);
            print_value(stderr, &rule->value);
            fprintf(stderr, ", not %.*s\n", STR_ARG(rule->test));
        }
    }
}

static void print_reasons(const struct feel_run *run)
{
    for (size_t i = 0; i < run->reason_count; i++) {
        const struct feel_reason *reason = &run->reasons[i];
        fprintf(stderr, "note: ");
        if (reason->place.len > 0)
            fprintf(stderr, "%.*s: ", STR_ARG(reason->place));
        fprintf(stderr, "%.*s", STR_ARG(reason->detail));
        if (reason->where.len > 0)
            fprintf(stderr, ", in \"%.*s\"", STR_ARG(reason->where));
        fprintf(stderr, "\n");
    }
}

static void print_findings(struct dmn_findings findings, struct str file)
{
    for (size_t i = 0; i < findings.count; i++) {
        const struct dmn_finding *finding = &findings.items[i];
        printf("%.*s", STR_ARG(file));
        if (finding->line)
            printf(":%u", finding->line);
        printf(": %s: %.*s: %.*s\n", dmn_severity_name(finding->severity), STR_ARG(finding->place),
               STR_ARG(finding->detail));
    }
}

static int dmn_eval_command(int argc, char **argv)
{
    static struct options options;
    if (!read_options(argc, argv, &options) || !options.decision) {
        fputs(USAGE, stderr);
        return CMD_USAGE;
    }
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena);
    const struct dmn_model *model;
    const struct json_value *json;
    if (read_sources(&arena, &options) != OK ||
        dmn_read(&arena, options.sources, options.count, &model) != OK)
        return cmd_fail("reading the model");
    if (json_parse(&arena, str_of(options.input), &json) != OK || feel_check_json(json) != OK)
        return cmd_fail("reading the input");
    struct feel_value input = feel_from_json(&arena, json), value;
    struct dmn_why why = {.all_rules = true};
    struct feel_run run;
    feel_run_init(&run, &arena, clock_now_us());
    if (dmn_eval(model, str_of(options.decision), &input, &run, options.trace ? &why : NULL,
                 &value) != OK)
        return cmd_fail("evaluating");
    print_trace(why.first);
    print_value(stdout, &value);
    printf("\n");
    print_reasons(&run);
    return CMD_OK;
}

/* ---- check ---- */

static int dmn_check_command(int argc, char **argv)
{
    static struct options options;
    if (!read_options(argc, argv, &options)) {
        fputs(USAGE, stderr);
        return CMD_USAGE;
    }
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena);
    if (read_sources(&arena, &options) != OK)
        return cmd_fail("reading");
    bool clean = true;
    for (size_t i = 0; i < options.count; i++) {
        /* Each file is the main one in turn; the others are what it may import. */
        struct dmn_source first = options.sources[0];
        options.sources[0] = options.sources[i];
        options.sources[i] = first;
        const struct dmn_model *model;
        struct dmn_findings findings;
        if (dmn_read(&arena, options.sources, options.count, &model) != OK ||
            dmn_check(&arena, model, &findings) != OK)
            return cmd_fail(options.sources[0].name.ptr);
        print_findings(findings, options.sources[0].name);
        for (size_t k = 0; k < findings.count; k++)
            clean = clean && findings.items[k].severity != DMN_ERROR;
    }
    return clean ? CMD_OK : CMD_FAILED;
}

/* ---- tck ---- */

struct tck {
    struct dmn_tck_score score;
    size_t files;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t list_folder(struct arena *arena, const char *path, const char **names)
{
    DIR *folder = opendir(path);
    size_t count = 0;
    for (struct dirent *entry; folder && count < FILES_MAX && (entry = readdir(folder));)
        if (entry->d_name[0] != '.')
            names[count++] = str_c(arena, str_of(entry->d_name));
    if (folder)
        closedir(folder);
    qsort(names, count, sizeof(*names), by_name);
    return count;
}

/* The model of the test first, then the others of the folder. */
static enum err folder_models(struct arena *arena, const char *path, const char **names,
                              size_t count, struct str model, struct dmn_source *out,
                              size_t *out_count)
{
    size_t found = 1;
    out[0] = (struct dmn_source){0};
    for (size_t i = 0; i < count; i++) {
        struct str name = str_of(names[i]);
        if (!str_ends(name, STR(".dmn")))
            continue;
        struct dmn_source *source = str_equal(name, model) ? &out[0] : &out[found++];
        source->name = name;
        enum err r = input_read(arena, str_format(arena, "%s/%s", path, names[i]).ptr, FILE_MAX,
                                &source->text);
        if (r != OK)
            return r;
    }
    if (!out[0].text.ptr)
        return err_set(ERR_NOT_FOUND, "no model %.*s in %s", STR_ARG(model), path);
    *out_count = found;
    return OK;
}

static enum err run_test(struct tck *tck, const char *folder, const char **names, size_t count,
                         const char *name)
{
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena);
    struct dmn_source test = {.name = str_of(name)}, *models;
    struct str model;
    size_t model_count = 0;
    models = ARENA_ARRAY(&arena, count + 1, struct dmn_source);
    enum err r =
        input_read(&arena, str_format(&arena, "%s/%s", folder, name).ptr, FILE_MAX, &test.text);
    if (r != OK)
        return r;
    if (dmn_tck_model(&arena, test.text, &model) != OK)
        return OK; /* Some other XML file. */
    tck->files++;
    r = folder_models(&arena, folder, names, count, model, models, &model_count);
    CLEANUP(buf_release) struct buf report;
    buf_init(&report, OUTPUT_MAX);
    if (r == OK)
        r = dmn_tck_run(&arena, &test, models, model_count, clock_now_us(), &report, &tck->score);
    if (report.ptr)
        fputs(report.ptr, stdout);
    if (r != OK) {
        printf("%s: %s\n", name, err_last()->detail);
        tck->score.failed++;
        tck->score.strict_failed++;
    }
    return OK;
}

enum { FOLDER_DEPTH_MAX = 16 };

static enum err run_folder(struct tck *tck, const char *path, int depth)
{
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena);
    const char **names = ARENA_ARRAY(&arena, FILES_MAX, const char *);
    size_t count = list_folder(&arena, path, names);
    enum err r = OK;
    for (size_t i = 0; r == OK && i < count; i++) {
        const char *child = str_format(&arena, "%s/%s", path, names[i]).ptr;
        struct stat info;
        if (stat(child, &info) == 0 && S_ISDIR(info.st_mode) && depth < FOLDER_DEPTH_MAX)
            r = run_folder(tck, child, depth + 1);
        else if (str_ends(str_of(names[i]), STR(".xml")))
            r = run_test(tck, path, names, count, names[i]);
    }
    return r;
}

static int dmn_tck_command(int argc, char **argv)
{
    struct tck tck = {0};
    if (argc != 1) {
        fputs(USAGE, stderr);
        return CMD_USAGE;
    }
    if (run_folder(&tck, argv[0], 0) != OK)
        return cmd_fail("running the tests");
    if (tck.files == 0) {
        fprintf(stderr, "kuailian: there are no test files below %s\n", argv[0]);
        return CMD_FAILED;
    }
    const struct dmn_tck_score *s = &tck.score;
    printf("only cases that expect a value: %zu passed, %zu failed\n", s->valued_passed,
           s->valued_failed);
    printf("strict, expected errors reported: %zu passed, %zu failed\n", s->strict_passed,
           s->strict_failed);
    printf("all: %zu of %zu\n", s->passed, s->passed + s->failed);
    printf("%zu passed, %zu failed\n", s->passed, s->failed);
    return s->failed ? CMD_FAILED : CMD_OK;
}

int cmd_dmn(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } COMMANDS[] = {
        {"eval", dmn_eval_command}, {"check", dmn_check_command}, {"tck", dmn_tck_command}};
    for (size_t i = 0; argc > 0 && i < COUNT_OF(COMMANDS); i++)
        if (strcmp(argv[0], COMMANDS[i].name) == 0)
            return COMMANDS[i].run(argc - 1, argv + 1);
    fputs(USAGE, stderr);
    return CMD_USAGE;
}
