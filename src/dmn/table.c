#include "dmn/model.h"
#include "feel/eval.h"

enum { RULES_HERE = 1024 };

struct hits {
    size_t *rules;
    size_t count;
    struct dmn_rule_trace *trace; /* NULL if nobody asks. */
    bool all;                     /* It has all rules, and not only these. */
};

static enum err eval_inputs(struct dmn_state *state, const struct table *table,
                            const struct feel_scope *scope, struct feel_value *values)
{
    struct feel_run *run = state->run;
    for (size_t i = 0; i < table->input_count; i++) {
        const struct table_input *input = &table->inputs[i];
        values[i] = feel_null();
        enum err r = input->expr ? feel_eval(input->expr, scope, run, &values[i]) : OK;
        if (r != OK)
            return r;
        if (input->type)
            values[i] = feel_coerce(run, &values[i], input->type);
        bool allowed = true;
        if (input->values && values[i].type != FEEL_NULL)
            r = feel_test(input->values, &values[i], scope, run, &allowed);
        if (r != OK)
            return r;
        if (!allowed)
            feel_fail(run, "not-allowed", "%.*s is %.*s, which is not among the allowed %.*s",
                      STR_ARG(input->label), STR_ARG(value_short(run, &values[i])),
                      STR_ARG(feel_expr_text(input->values)));
    }
    return OK;
}

static enum err rule_fires(struct dmn_state *state, const struct table *table, size_t rule,
                           const struct feel_value *values, const struct feel_scope *scope,
                           size_t *failed)
{
    *failed = 0;
    for (size_t i = 0; i < table->input_count; i++) {
        const struct feel_expr *test = table->tests[rule * table->input_count + i];
        bool passes = true;
        enum err r = test ? feel_test(test, &values[i], scope, state->run, &passes) : OK;
        if (r != OK)
            return r;
        if (!passes) {
            *failed = i + 1;
            return OK;
        }
    }
    return OK;
}

static void trace_rule(const struct table *table, size_t rule, const struct feel_value *values,
                       size_t failed, struct dmn_rule_trace *out)
{
    *out = (struct dmn_rule_trace){.rule = rule + 1,
                                   .fired = failed == 0,
                                   .id = table->rule_ids[rule],
                                   .failed_input = failed};
    if (failed == 0)
        return;
    out->value = values[failed - 1];
    out->test = feel_expr_text(table->tests[rule * table->input_count + failed - 1]);
}

/* Tries every rule; those that fire get a bit. */
static enum err try_rules(struct dmn_state *state, const struct table *table,
                          const struct feel_value *values, const struct feel_scope *scope,
                          struct dmn_rule_trace *trace, uint64_t *bits)
{
    memset(bits, 0, (table->rule_count + 63) / 64 * sizeof(*bits));
    for (size_t i = 0; i < table->rule_count; i++) {
        size_t failed;
        enum err r = rule_fires(state, table, i, values, scope, &failed);
        if (r != OK)
            return r;
        if (failed == 0)
            bits[i / 64] |= UINT64_C(1) << i % 64;
        if (trace)
            trace_rule(table, i, values, failed, &trace[i]);
        if (failed == 0 && table->policy == HIT_FIRST && !trace)
            break;
    }
    return OK;
}

static enum err find_hits(struct dmn_state *state, const struct table *table,
                          const struct feel_value *values, const struct feel_scope *scope,
                          struct hits *hits)
{
    uint64_t here[RULES_HERE / 64], *bits = here;
    size_t words = (table->rule_count + 63) / 64, count = 0;
    enum err r = OK;
    if (table->rule_count > RULES_HERE)
        r = eval_array(state->run, words, sizeof(*bits), &bits);
    if (r == OK && (hits->all || !table->index || !table_index_find(table->index, values, bits)))
        r = try_rules(state, table, values, scope, hits->trace, bits);
    if (r == OK)
        r = eval_spend(state->run, words);
    for (size_t w = 0; r == OK && w < words; w++)
        count += (size_t)__builtin_popcountll(bits[w]);
    if (r == OK)
        r = eval_array(state->run, count, sizeof(*hits->rules), &hits->rules);
    if (r != OK)
        return r;
    for (size_t w = 0; w < words; w++)
        for (uint64_t left = bits[w]; left; left &= left - 1)
            hits->rules[hits->count++] = w * 64 + (size_t)__builtin_ctzll(left);
    return OK;
}

/* ---- Results ---- */

static enum err output_of(struct dmn_state *state, const struct table *table,
                          const struct feel_scope *scope, const struct feel_expr *const *exprs,
                          size_t rule, struct feel_value *out)
{
    struct feel_run *run = state->run;
    struct feel_entry *entries;
    enum err r = eval_array(run, table->output_count, sizeof(*entries), &entries);
    for (size_t i = 0; r == OK && i < table->output_count; i++) {
        const struct table_output *output = &table->outputs[i];
        entries[i] = (struct feel_entry){.name = output->name, .value = feel_null()};
        if (exprs[i])
            r = feel_eval(exprs[i], scope, run, &entries[i].value);
        if (r == OK && output->type)
            entries[i].value = feel_coerce(run, &entries[i].value, output->type);
        bool allowed = true;
        if (r == OK && output->values && entries[i].value.type != FEEL_NULL)
            r = feel_test(output->values, &entries[i].value, scope, run, &allowed);
        if (!allowed)
            feel_fail(run, "not-allowed",
                      "rule %zu gives %.*s, which is not among the allowed %.*s", rule + 1,
                      STR_ARG(value_short(run, &entries[i].value)),
                      STR_ARG(feel_expr_text(output->values)));
    }
    if (r != OK)
        return r;
    *out = table->output_count == 1 ? entries[0].value : feel_context(entries, table->output_count);
    return OK;
}

static enum err default_output(struct dmn_state *state, const struct table *table,
                               const struct feel_scope *scope, struct feel_value *out)
{
    const struct feel_expr **exprs;
    enum err r = eval_array(state->run, table->output_count, sizeof(*exprs), (void *)&exprs);
    bool any = false;
    for (size_t i = 0; r == OK && i < table->output_count; i++) {
        exprs[i] = table->outputs[i].otherwise;
        any = any || exprs[i];
    }
    if (r != OK || any)
        return r == OK ? output_of(state, table, scope, exprs, 0, out) : r;
    if (table->policy >= HIT_RULE_ORDER && table->policy <= HIT_COLLECT)
        *out = feel_list(NULL, 0);
    else if (table->policy == HIT_COUNT)
        *out = feel_int(0);
    else
        *out = feel_fail(state->run, "no-rule", "no rule fits, and there is no default");
    return OK;
}

/* Place of a value among the output values: first is best. */
static enum err rank_of(struct dmn_state *state, const struct table_output *output,
                        const struct feel_value *value, const struct feel_scope *scope, size_t *out)
{
    const struct feel_node *root = output->values ? output->values->root : NULL;
    struct feel_run *run = state->run;
    *out = root ? root->count : 0;
    const struct feel_expr *outer = run->expr;
    for (size_t i = 0; root && i < root->count; i++) {
        struct feel_value passes;
        run->expr = output->values;
        enum err r = eval_test(run, scope, root->items[i], value, &passes);
        run->expr = outer;
        if (r != OK)
            return r;
        if (is_true(&passes)) {
            *out = i;
            break;
        }
    }
    return OK;
}

static const struct feel_value *output_at(const struct table *table,
                                          const struct feel_value *result, size_t output)
{
    return table->output_count == 1 ? result : &result->context.entries[output].value;
}

static struct dmn_trace_value *trace_outputs(struct arena *arena, const struct table *table,
                                             const struct feel_value *result)
{
    struct dmn_trace_value *outputs =
        ARENA_ARRAY(arena, table->output_count, struct dmn_trace_value);
    for (size_t i = 0; i < table->output_count; i++)
        outputs[i] = (struct dmn_trace_value){.id = table->outputs[i].id,
                                              .name = table->outputs[i].name,
                                              .value = *output_at(table, result, i)};
    return outputs;
}

static enum err rule_output(struct dmn_state *state, const struct table *table,
                            const struct hits *hits, const struct feel_scope *scope, size_t hit,
                            struct feel_value *out)
{
    size_t rule = hits->rules[hit];
    enum err r =
        output_of(state, table, scope, &table->results[rule * table->output_count], rule, out);
    if (r == OK && hits->trace)
        hits->trace[hits->all ? rule : hit].outputs = trace_outputs(state->run->arena, table, out);
    return r;
}

/* Sorts results by priority, stably; few rules fire at once, so insertion will do. */
static enum err sort_results(struct dmn_state *state, const struct table *table,
                             const struct feel_scope *scope, struct feel_value *results,
                             size_t count)
{
    size_t *ranks, width = table->output_count;
    enum err r = eval_array(state->run, (count + 1) * width, sizeof(*ranks), &ranks);
    for (size_t i = 0; r == OK && i < count; i++)
        for (size_t k = 0; r == OK && k < width; k++)
            r = rank_of(state, &table->outputs[k], output_at(table, &results[i], k), scope,
                        &ranks[i * width + k]);
    size_t *spare = ranks ? ranks + count * width : NULL;
    for (size_t i = 1; r == OK && i < count; i++) {
        struct feel_value moved = results[i];
        memcpy(spare, ranks + i * width, width * sizeof(*ranks));
        size_t at = i;
        for (; at > 0; at--) {
            size_t k = 0;
            while (k < width && ranks[(at - 1) * width + k] == spare[k])
                k++;
            if (k == width || ranks[(at - 1) * width + k] < spare[k])
                break;
            results[at] = results[at - 1];
            memcpy(ranks + at * width, ranks + (at - 1) * width, width * sizeof(*ranks));
        }
        results[at] = moved;
        memcpy(ranks + at * width, spare, width * sizeof(*ranks));
        r = eval_spend(state->run, i - at + 1);
    }
    return r;
}

static enum err aggregate(struct dmn_state *state, const struct table *table,
                          const struct feel_value *results, size_t count, struct feel_value *out)
{
    struct feel_run *run = state->run;
    struct feel_value total = results[0];
    if (table->policy == HIT_COUNT) {
        *out = feel_int((int64_t)count);
        return OK;
    }
    for (size_t i = 1; i < count; i++) {
        if (table->policy == HIT_SUM) {
            enum err r = eval_arithmetic(run, '+', &total, &results[i], &total);
            if (r != OK)
                return r;
            continue;
        }
        enum compare_op op = table->policy == HIT_MIN ? OP_LESS : OP_MORE;
        struct feel_value better = eval_compare(run, op, &results[i], &total);
        if (better.type == FEEL_NULL) {
            *out = better;
            return OK;
        }
        if (better.boolean)
            total = results[i];
    }
    *out = total;
    return OK;
}

static enum err single(struct dmn_state *state, const struct table *table, const struct hits *hits,
                       const struct feel_scope *scope, struct feel_value *out)
{
    if (table->policy == HIT_UNIQUE && hits->count > 1) {
        *out = feel_fail(state->run, "overlap",
                         "the table is unique, but %zu rules fit, %zu and %zu among them",
                         hits->count, hits->rules[0] + 1, hits->rules[1] + 1);
        return OK;
    }
    enum err r = rule_output(state, table, hits, scope, 0, out);
    for (size_t i = 1; r == OK && table->policy == HIT_ANY && i < hits->count; i++) {
        struct feel_value other;
        r = rule_output(state, table, hits, scope, i, &other);
        if (r == OK && !feel_equal(out, &other)) {
            *out = feel_fail(state->run, "overlap", "rules %zu and %zu both fit and do not agree",
                             hits->rules[0] + 1, hits->rules[i] + 1);
            return OK;
        }
    }
    return r;
}

static enum err combine(struct dmn_state *state, const struct table *table, const struct hits *hits,
                        const struct feel_scope *scope, struct feel_value *out)
{
    if (hits->count == 0)
        return default_output(state, table, scope, out);
    if (table->policy == HIT_UNIQUE || table->policy == HIT_ANY || table->policy == HIT_FIRST)
        return single(state, table, hits, scope, out);
    struct feel_value *results;
    enum err r = eval_array(state->run, hits->count, sizeof(*results), &results);
    for (size_t i = 0; r == OK && i < hits->count; i++)
        r = rule_output(state, table, hits, scope, i, &results[i]);
    if (r == OK && (table->policy == HIT_PRIORITY || table->policy == HIT_OUTPUT_ORDER))
        r = sort_results(state, table, scope, results, hits->count);
    if (r != OK)
        return r;
    if (table->policy > HIT_COLLECT)
        return aggregate(state, table, results, hits->count, out);
    *out = table->policy == HIT_PRIORITY ? results[0] : feel_list(results, hits->count);
    return OK;
}

static void trace_table(struct dmn_state *state, const struct table *table,
                        const struct feel_value *values, const struct hits *hits,
                        const struct feel_value *result)
{
    struct dmn_trace_value *inputs =
        ARENA_ARRAY(state->run->arena, table->input_count, struct dmn_trace_value);
    for (size_t i = 0; i < table->input_count; i++) {
        const struct table_input *input = &table->inputs[i];
        inputs[i] =
            (struct dmn_trace_value){.id = input->id,
                                     .name = input->name.len > 0 ? input->name : input->label,
                                     .value = values[i]};
    }
    why_add(state, (struct dmn_trace){.name = table->name,
                                      .result = *result,
                                      .rules = hits->trace,
                                      .rule_count = hits->all ? table->rule_count : hits->count,
                                      .inputs = inputs,
                                      .input_count = table->input_count,
                                      .output_count = table->output_count});
}

/* Before the rules are tried if it is about all of them, else once it is known which fire. */
static enum err trace_make(struct dmn_state *state, const struct table *table,
                           const struct feel_value *values, struct hits *hits)
{
    if (!state->why || hits->trace)
        return OK;
    enum err r = eval_array(state->run, hits->all ? table->rule_count : hits->count,
                            sizeof(*hits->trace), &hits->trace);
    for (size_t i = 0; r == OK && i < hits->count; i++)
        trace_rule(table, hits->rules[i], values, 0, &hits->trace[i]);
    return r;
}

enum err table_eval(struct dmn_state *state, const struct table *table,
                    const struct feel_scope *scope, struct feel_value *out)
{
    struct feel_run *run = state->run;
    struct feel_value *values;
    struct hits hits = {.all = state->why && state->why->all_rules};
    enum err r = eval_array(run, table->input_count, sizeof(*values), &values);
    if (r == OK && hits.all)
        r = trace_make(state, table, values, &hits);
    if (r == OK)
        r = eval_inputs(state, table, scope, values);
    if (r == OK)
        r = find_hits(state, table, values, scope, &hits);
    if (r == OK)
        r = trace_make(state, table, values, &hits);
    if (r == OK)
        r = combine(state, table, &hits, scope, out);
    if (r == OK && state->why)
        trace_table(state, table, values, &hits, out);
    return r;
}
