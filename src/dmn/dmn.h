/* Decision models (DMN 1.2 – 1.5): reading, checking and evaluating them.
 *
 * A model is read once, with the models it imports, into an arena: every FEEL text parsed, every
 * reference resolved. It is immutable then, and any number of threads may evaluate it, each with
 * its own feel_run.
 */
#ifndef DMN_DMN_H
#define DMN_DMN_H

#include "feel/feel.h"

struct dmn_model;

struct dmn_source {
    struct str name; /* For messages: a file's name. */
    struct str text; /* XML; must live as long as the arena. */
};

/* What reading or analysis found. */
enum dmn_severity { DMN_ERROR, DMN_WARNING, DMN_NOTE };

struct dmn_finding {
    enum dmn_severity severity;
    const char *what;  /* A stable key: "gap", "overlap", "syntax", "unknown-name" … */
    struct str place;  /* "decision \"Fee\", rule 3, input \"area\"" */
    struct str detail; /* English. */
    unsigned line;     /* Of the XML, or 0. */
    /* For tables: the rules concerned (from 1), and an input that shows it. */
    const size_t *rules;
    size_t rule_count;
    struct feel_value example; /* A context of the input expressions' texts, or null. */
};

struct dmn_findings {
    const struct dmn_finding *items;
    size_t count;
};

/* The first source is the model; the others are what it may import, by namespace. ERR_SYNTAX for
 * what is no DMN; an expression that cannot be read is a finding, and null when evaluated. */
MUST_USE enum err dmn_read(struct arena *arena, const struct dmn_source *sources, size_t count,
                           const struct dmn_model **out);
/* What reading found. */
struct dmn_findings dmn_problems(const struct dmn_model *model);
/* Reading's problems and the analysis of every decision table. */
MUST_USE enum err dmn_check(struct arena *arena, const struct dmn_model *model,
                            struct dmn_findings *out);

struct str dmn_model_name(const struct dmn_model *model);
/* Names of the decisions, input data or services of the main model, in its order. */
size_t dmn_decisions(const struct dmn_model *model, struct arena *arena, const struct str **out);
size_t dmn_inputs(const struct dmn_model *model, struct arena *arena, const struct str **out);
size_t dmn_services(const struct dmn_model *model, struct arena *arena, const struct str **out);

/* What stood in a column of a table; `id` is that of its XML, or absent. */
struct dmn_trace_value {
    struct str id, name;
    struct feel_value value;
};

/* One rule of a table that was evaluated, for those who ask why. */
struct dmn_rule_trace {
    size_t rule; /* From 1. */
    bool fired;
    struct str id;                         /* Of its XML, or absent. */
    const struct dmn_trace_value *outputs; /* If the table has answered with this rule. */
    size_t failed_input;     /* From 1: the first input that kept the rule from firing. */
    struct feel_value value; /* Of that input. */
    struct str test;         /* The cell's text. */
};

struct dmn_trace {
    struct str name; /* Decision; of a table: where it stands, as findings say it. */
    struct feel_value result;
    const struct dmn_rule_trace *rules; /* NULL where it is no table. */
    size_t rule_count;
    const struct dmn_trace_value *inputs;
    size_t input_count, output_count;
    struct dmn_trace *next; /* In the order of evaluation. */
};

/* What those who ask why give in and get. */
struct dmn_why {
    bool all_rules; /* Of tables those that did not fire, too: then every rule must be tried. */
    struct dmn_trace *first, **last;
};

/* Evaluates one decision by its name, or else its id. `input` is a context: input data by name, and
 * decisions that shall not be evaluated. Strings in it become dates where the model's types say so.
 * A model without any inputData (DMN 7.3.5 wants one per input, but modelers for Camunda leave them
 * out) is open: its expressions see all of `input` by name, and required decisions by their id.
 * ERR_NOT_FOUND if there is no such decision; ERR_LIMIT. `why` may be NULL.
 */
MUST_USE enum err dmn_eval(const struct dmn_model *model, struct str decision,
                           const struct feel_value *input, struct feel_run *run,
                           struct dmn_why *why, struct feel_value *out);
/* The same for a decision service. */
MUST_USE enum err dmn_eval_service(const struct dmn_model *model, struct str service,
                                   const struct feel_value *input, struct feel_run *run,
                                   struct feel_value *out);

/* ---- JSON ---- */

const char *dmn_severity_name(enum dmn_severity severity); /* "error", "warning", "note" */
/* [{severity, what, place, detail, line, rules, example}] */
void dmn_findings_to_json(struct json_writer *w, struct dmn_findings findings);
/* [{name, result, rules: [{rule, fired} or {rule, fired, failed_input, value, test}]}] */
void dmn_trace_to_json(struct json_writer *w, const struct dmn_trace *trace);

#endif
