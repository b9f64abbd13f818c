#include "park/process_decision.h"

#include "base/id.h"
#include "park/process_decision_sql.h"
#include "park/process_run.h"

/* A value as clients get it: JSON in a text. */
static struct str value_text(struct arena *arena, const struct feel_value *value)
{
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, PROCESS_DECIDED_VALUE);
    struct json_writer w = json_writer(&buf);
    feel_to_json(&w, value);
    if (buf_check(&buf) != OK)
        return STR("\"(longer than is kept)\"");
    return str_copy(arena, buf_str(&buf));
}

static void write_inputs(struct json_writer *w, struct arena *arena, const struct dmn_trace *trace)
{
    json_array_begin(w);
    for (size_t i = 0; i < trace->input_count && w->buf->len < PROCESS_DECIDED_TEXT; i++) {
        json_object_begin(w);
        json_member_text(w, "inputId", trace->inputs[i].id);
        json_member_text(w, "inputName", trace->inputs[i].name);
        json_member_text(w, "inputValue", value_text(arena, &trace->inputs[i].value));
        json_object_end(w);
    }
    json_array_end(w);
}

static void write_rule(struct json_writer *w, struct arena *arena, const struct dmn_trace *trace,
                       const struct dmn_rule_trace *fired)
{
    json_object_begin(w);
    json_member_text(w, "ruleId", fired->id);
    json_member_int(w, "ruleIndex", (int64_t)fired->rule);
    json_key(w, "evaluatedOutputs");
    json_array_begin(w);
    for (size_t i = 0; i < trace->output_count && w->buf->len < PROCESS_DECIDED_TEXT; i++) {
        json_object_begin(w);
        json_member_text(w, "outputId", fired->outputs[i].id);
        json_member_text(w, "outputName", fired->outputs[i].name);
        json_member_text(w, "outputValue", value_text(arena, &fired->outputs[i].value));
        json_object_end(w);
    }
    json_array_end(w);
    json_object_end(w);
}

static void write_rules(struct json_writer *w, struct arena *arena, const struct dmn_trace *trace)
{
    json_array_begin(w);
    for (size_t i = 0; i < trace->rule_count && w->buf->len < PROCESS_DECIDED_TEXT; i++)
        if (trace->rules[i].outputs)
            write_rule(w, arena, trace, &trace->rules[i]);
    json_array_end(w);
}

static struct str text_of(struct arena *arena, const struct dmn_trace *trace,
                          void (*write)(struct json_writer *, struct arena *,
                                        const struct dmn_trace *))
{
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, LIMIT_HTTP_BODY);
    struct json_writer w = json_writer(&buf);
    write(&w, arena, trace);
    return buf_check(&buf) == OK ? str_copy(arena, buf_str(&buf)) : STR("[]");
}

/* A table says where it stands: decision "The fee". */
static struct str name_of(const struct dmn_trace *trace)
{
    struct str begin = STR("decision \"");
    struct str name = trace->name;
    return trace->rules && str_starts(name, begin) && str_ends(name, STR("\""))
               ? str_sub(name, begin.len, name.len - begin.len - 1)
               : name;
}

static const struct process_decisions_of_row *
find_decision(const struct process_decisions_of_rows *of, struct str name)
{
    for (size_t i = 0; i < of->count; i++)
        if (str_equal(of->rows[i].name, name) || str_equal(of->rows[i].key, name))
            return &of->rows[i];
    return NULL;
}

enum err process_evaluation_read(struct db *db, struct arena *arena, int64_t park_id,
                                 int64_t resource_id, const struct dmn_trace *trace,
                                 struct process_evaluation *out)
{
    struct process_decisions_of_in in = {.park_id = park_id, .resource_id = resource_id};
    struct process_decisions_of_rows of;
    enum err r = sql_process_decisions_of(db, arena, &in, &of);
    if (r != OK)
        return r;
    size_t total = 0;
    for (const struct dmn_trace *at = trace; at; at = at->next)
        total += find_decision(&of, name_of(at)) != NULL;
    size_t skip = total > PROCESS_DECISIONS_MAX ? total - PROCESS_DECISIONS_MAX : 0;
    *out = (struct process_evaluation){
        .decisions = ARENA_ARRAY(arena, total - skip, struct process_decided)};
    for (; trace; trace = trace->next) {
        const struct process_decisions_of_row *row = find_decision(&of, name_of(trace));
        if (!row || skip > 0) {
            skip -= row != NULL;
            continue;
        }
        out->decisions[out->count++] =
            (struct process_decided){.definition_id = row->id,
                                     .version = row->version,
                                     .key = row->key,
                                     .name = row->name,
                                     .table = trace->rules != NULL,
                                     .result = value_text(arena, &trace->result),
                                     .inputs = text_of(arena, trace, write_inputs),
                                     .rules = text_of(arena, trace, write_rules)};
    }
    return OK;
}

struct str process_evaluation_failure(const struct feel_run *run, const struct feel_value *result)
{
    return result->type == FEEL_NULL && run->reason_total > 0
               ? STR("the decision gives null; see its expressions")
               : (struct str){0};
}

enum err process_evaluation_keep(struct process_env *env, struct process_evaluation *evaluation)
{
    enum err r = OK;
    evaluation->id = id_next(env->now_us);
    for (size_t i = 0; r == OK && i < evaluation->count; i++) {
        struct process_decided *one = &evaluation->decisions[i];
        one->id = id_next(env->now_us);
        struct process_decision_insert_in in = {
            .park_id = env->park_id,
            .id = one->id,
            .evaluation_id = evaluation->id,
            .definition_id = one->definition_id,
            .instance_id = evaluation->instance_id,
            .element_id = evaluation->element_id,
            .decided_us = env->now_us,
            .is_table = one->table,
            .failure = i + 1 == evaluation->count ? evaluation->failure : (struct str){0},
            .result = one->result,
            .inputs = one->inputs,
            .rules = one->rules};
        r = sql_process_decision_insert(env->tx, &in, NULL);
    }
    return r;
}

enum err process_evaluated(struct process_env *env, int64_t definition_id,
                           struct process_evaluation *evaluation)
{
    CLEANUP(buf_release) struct buf body;
    buf_init(&body, 256);
    enum err r = process_evaluation_keep(env, evaluation);
    buf_format(&body, "{\"id\":\"%" PRId64 "\",\"definition\":\"%" PRId64 "\"}", evaluation->id,
               definition_id);
    return r == OK ? process_log(env, "process.decided", 0, buf_str(&body)) : r;
}
