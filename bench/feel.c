/* Evaluations a second of parsed FEEL expressions, one core. bench/feel.mjs does the same with
 * npm's feelin.
 *
 * usage: bench-feel   prints "NANOSECONDS EXPRESSION" for each line of bench/feel.txt on its input
 */
#include <stdio.h>

#include "base/clock.h"
#include "feel/feel.h"

enum { LINE_MAX_BYTES = 4096, EACH_US = 300000, BATCH = 500 };

static const char CONTEXT[] =
    "{\"age\": 42, \"income\": 1250.50, \"name\": \"Ning\", \"list\": [3, 1, 2, 8, 5], "
    "\"staff\": [{\"pay\": 10, \"unit\": \"a\"}, {\"pay\": 20, \"unit\": \"b\"}]}";

static double measure(const struct feel_expr *expr, const struct feel_scope *scope)
{
    int64_t begin = clock_monotonic_us(), count = 0, end;
    do {
        CLEANUP(arena_release) struct arena arena;
        arena_init(&arena);
        for (int i = 0; i < BATCH; i++, count++) {
            struct feel_run run;
            struct feel_value value;
            feel_run_init(&run, &arena, 0);
            if (feel_eval(expr, scope, &run, &value) != OK)
                return -1;
        }
        end = clock_monotonic_us();
    } while (end - begin < EACH_US);
    return (double)(end - begin) * 1000 / (double)count;
}

int main(void)
{
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena);
    const struct json_value *json;
    if (json_parse(&arena, str_of(CONTEXT), &json) != OK)
        return 1;
    struct feel_value context = feel_from_json(&arena, json);
    struct feel_scope scope = {.entries = context.context.entries, .count = context.context.count};
    struct feel_names names = feel_names_of(&arena, &scope);
    char line[LINE_MAX_BYTES];
    while (fgets(line, sizeof(line), stdin)) {
        struct str text = str_copy(&arena, str_trim(str_of(line)));
        const struct feel_expr *expr;
        if (text.len == 0 || feel_parse(&arena, text, &names, &expr) != OK)
            continue;
        printf("%.0f %.*s\n", measure(expr, &scope), STR_ARG(text));
    }
    return 0;
}
