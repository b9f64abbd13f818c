/* Any bytes as FEEL: an expression, behind a NUL perhaps a JSON context for it. What is read must
 * end within its budget, its result must be writable, and the same again must be the same. */
#include "feel/feel.h"

enum { STEPS = 20000, BYTES = 4 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_result(struct arena *arena, const struct feel_run *run,
                         const struct feel_value *value)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, 8 << 20);
    struct json_writer w = json_writer(&text);
    feel_to_json(&w, value);
    const struct json_value *json;
    if (buf_check(&text) == OK) {
        enum err r = json_parse(arena, buf_str(&text), &json);
        assert(r == OK || r == ERR_LIMIT || r == ERR_SYNTAX); /* Keys may be double. */
    }
    buf_clear(&text);
    w = json_writer(&text);
    feel_reasons_to_json(&w, run);
    assert(utf8_check(feel_text(arena, value)) == OK);
}

static void evaluate(struct arena *arena, const struct feel_expr *expr,
                     const struct feel_scope *scope, bool tests)
{
    struct feel_run run;
    struct feel_value value, input = feel_int(5);
    bool passes;
    feel_run_init(&run, arena, INT64_C(1795413600000000));
    run.steps = STEPS;
    run.bytes_end = arena->used + BYTES;
    enum err r = tests ? feel_test(expr, &input, scope, &run, &passes)
                       : feel_eval(expr, scope, &run, &value);
    assert(r == OK || r == ERR_LIMIT);
    if (r == OK && !tests)
        write_result(arena, &run, &value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct str all = {(const char *)data, size};
    size_t zero = size > 0 ? str_find(all, (struct str){"", 1}, 0) : 0;
    struct str text = str_sub(all, 0, zero), context = str_sub(all, zero + 1, size);
    struct feel_scope scope = {0};
    const struct json_value *json;
    if (context.len > 0 && json_parse(&arena, context, &json) == OK && json->type == JSON_OBJECT) {
        struct feel_value value = feel_from_json(&arena, json);
        scope.entries = value.context.entries;
        scope.count = value.context.count;
    }
    struct feel_names names = feel_names_of(&arena, &scope);
    const struct feel_expr *expr;
    if (feel_parse(&arena, text, &names, &expr) == OK)
        evaluate(&arena, expr, &scope, false);
    if (feel_parse_unary_tests(&arena, text, &names, &expr) == OK)
        evaluate(&arena, expr, &scope, true);
    return 0;
}
