#include "feel/feel.h"

#include "base/clock.h"
#include "cmd/cmd.h"

#include <stdio.h>

enum { OUTPUT_MAX = 64 * 1024 * 1024 };

static int print_result(const struct feel_run *run, const struct feel_value *value)
{
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, OUTPUT_MAX);
    struct json_writer w = json_writer(&out);
    feel_to_json(&w, value);
    if (buf_check(&out) != OK)
        return cmd_fail("printing");
    printf("%.*s\n", STR_ARG(buf_str(&out)));
    for (size_t i = 0; i < run->reason_count; i++) {
        const struct feel_reason *reason = &run->reasons[i];
        fprintf(stderr, "note: line %zu, column %zu, in \"%.*s\": %.*s\n", reason->line,
                reason->column, STR_ARG(reason->where), STR_ARG(reason->detail));
    }
    if (run->reason_total > run->reason_count)
        fprintf(stderr, "note: and %zu more\n", run->reason_total - run->reason_count);
    return CMD_OK;
}

static enum err read_context(struct arena *arena, struct str text, struct feel_scope *scope)
{
    const struct json_value *json;
    enum err r = json_parse(arena, text, &json);
    if (r != OK)
        return r;
    if (json->type != JSON_OBJECT)
        return err_set(ERR_INVALID, "the context is no JSON object");
    r = feel_check_json(json);
    if (r != OK)
        return r;
    struct feel_value value = feel_from_json(arena, json);
    *scope = (struct feel_scope){.entries = value.context.entries, .count = value.context.count};
    return OK;
}

int cmd_feel(int argc, char **argv)
{
    const char *text = NULL, *context = "{}";
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--context") == 0 && i + 1 < argc)
            context = argv[++i];
        else if (!text)
            text = argv[i];
        else
            return CMD_USAGE;
    }
    if (!text) {
        fprintf(stderr, "usage: kuailian feel 'EXPR' [--context JSON]\n");
        return CMD_USAGE;
    }
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena);
    struct feel_scope scope;
    if (read_context(&arena, str_of(context), &scope) != OK)
        return cmd_fail("reading the context");
    struct feel_names names = feel_names_of(&arena, &scope);
    const struct feel_expr *expr;
    if (feel_parse(&arena, str_of(text), &names, &expr) != OK)
        return cmd_fail("reading the expression");
    struct feel_run run;
    struct feel_value value;
    feel_run_init(&run, &arena, clock_now_us());
    if (feel_eval(expr, &scope, &run, &value) != OK)
        return cmd_fail("evaluating");
    return print_result(&run, &value);
}
