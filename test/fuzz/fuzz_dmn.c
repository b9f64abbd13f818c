/* Any bytes as a decision model: what is read must be checkable, and each of its decisions must end
 * within its budget. */
#include "dmn/dmn.h"

enum { STEPS = 20000, BYTES = 4 << 20, DECISIONS_MAX = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct dmn_source source = {.name = STR("fuzz"), .text = {(const char *)data, size}};
    const struct dmn_model *model;
    struct dmn_findings findings;
    const struct str *names, *inputs;
    if (dmn_read(&arena, &source, 1, &model) != OK)
        return 0;
    if (dmn_check(&arena, model, &findings) != OK)
        return 0;
    size_t count = dmn_decisions(model, &arena, &names);
    size_t input_count = dmn_inputs(model, &arena, &inputs);
    struct feel_entry *entries = ARENA_ARRAY(&arena, input_count, struct feel_entry);
    for (size_t i = 0; i < input_count; i++)
        entries[i] = (struct feel_entry){inputs[i], feel_int((int64_t)i)};
    struct feel_value input = feel_context(entries, input_count), value;
    for (size_t i = 0; i < count && i < DECISIONS_MAX; i++) {
        struct feel_run run;
        struct dmn_why why = {.all_rules = i % 4 == 1};
        feel_run_init(&run, &arena, 0);
        run.steps = STEPS;
        run.bytes_end = arena.used + BYTES;
        enum err r = dmn_eval(model, names[i], &input, &run, i % 2 ? &why : NULL, &value);
        assert(r == OK || r == ERR_LIMIT);
        if (r == OK)
            assert(utf8_check(feel_text(&arena, &value)) == OK);
    }
    return 0;
}
