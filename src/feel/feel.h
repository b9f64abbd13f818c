/* FEEL, the expression language of DMN 1.5 (chapter 10).
 *
 * A text is parsed once, into a tree in an arena, against the names that are known where it stands
 * (FEEL names may hold spaces, so parsing needs them). The tree is immutable and may be evaluated
 * by many threads at once, each with its own run. Evaluation never blocks, reads no clock, and ends
 * within the run's budget.
 *
 *     struct feel_names names = feel_names_of(arena, &scope);      // or a static table
 *     const struct feel_expr *expr;
 *     r = feel_parse(arena, STR("if age < 18 then \"minor\" else \"adult\""), &names, &expr);
 *     struct feel_run run;
 *     feel_run_init(&run, arena, clock_now_us());
 *     r = feel_eval(expr, &scope, &run, &value);                   // OK, or ERR_LIMIT
 *
 * FEEL answers null where something went wrong. Nothing here is silent about it: every such null
 * leaves a reason in `run.reasons` (what, where, with which values).
 */
#ifndef FEEL_FEEL_H
#define FEEL_FEEL_H

#include "base/base.h"

#include "base/zone.h"
#include "json/json.h"

enum {
    FEEL_TEXT_MAX = 256 * 1024,     /* Bytes of one expression. */
    FEEL_NESTING_MAX = 200,         /* Levels of one expression's syntax. */
    FEEL_STEPS = 20 * 1000000,      /* Default budget: nodes evaluated and items visited. */
    FEEL_DEPTH = 1500,              /* Default budget: nested evaluations, calls included. */
    FEEL_BYTES = 256 * 1024 * 1024, /* Default budget: arena bytes of one run. */
    FEEL_REASONS_MAX = 32,          /* Reasons kept in full; further ones are only counted. */
};

/* ---- Values: immutable, living as long as the arena they were made in ---- */

enum feel_type {
    FEEL_NULL,
    FEEL_BOOLEAN,
    FEEL_NUMBER,
    FEEL_STRING,
    FEEL_DATE,
    FEEL_TIME,
    FEEL_DATE_TIME,
    FEEL_DAYS,  /* days and time duration */
    FEEL_YEARS, /* years and months duration */
    FEEL_LIST,
    FEEL_CONTEXT,
    FEEL_RANGE,
    FEEL_FUNCTION,
    FEEL_TYPE_COUNT,
};

struct feel_number { /* IEEE 754 decimal128, binary encoding, low word first; always finite. */
    uint64_t word[2];
};

struct feel_date {
    int32_t year; /* −999,999,999 … 999,999,999 */
    int8_t month, day;
};

enum feel_offset { FEEL_LOCAL, FEEL_OFFSET, FEEL_ZONE }; /* No zone; an offset; an IANA zone. */

/* A time of day, and for date-times its date. */
struct feel_moment {
    struct feel_date date;
    int64_t nanos; /* Since midnight. */
    enum feel_offset kind;
    int32_t offset_s;        /* East of UTC; FEEL_OFFSET only. */
    const struct zone *zone; /* FEEL_ZONE only. */
};

struct feel_span { /* Both parts have the same sign. */
    int64_t seconds;
    int32_t nanos;
};

struct feel_value {
    enum feel_type type;
    union {
        const struct feel_reason *reason; /* Why null, or NULL for a plain null. */
        bool boolean;
        struct feel_number number;
        struct str text;
        struct feel_date date;
        const struct feel_moment *moment; /* FEEL_TIME, FEEL_DATE_TIME */
        struct feel_span span;            /* FEEL_DAYS */
        int64_t months;                   /* FEEL_YEARS */
        struct {
            const struct feel_value *items;
            size_t count;
        } list;
        struct {
            const struct feel_entry *entries; /* In order; names are unique. */
            size_t count;
        } context;
        const struct feel_range *range;
        const struct feel_function *function;
    };
};

struct feel_entry {
    struct str name;
    struct feel_value value;
};

enum feel_bound { FEEL_UNBOUNDED, FEEL_OPEN, FEEL_CLOSED };

struct feel_range {
    enum feel_bound low_bound, high_bound;
    const char *sign; /* "<" … of a range written "(< 5)"; NULL for one with two ends. */
    struct feel_value low, high; /* null where unbounded */
};

/* Why something became null. */
struct feel_reason {
    const char *what;    /* A stable key, e.g. "types", "no-such-member", "divide-by-zero". */
    struct str detail;   /* English, with the values: "cannot add \"a\" and 1". */
    struct str where;    /* The part of the expression's text. */
    struct str place;    /* What the caller said it was evaluating (run.place), or absent. */
    size_t line, column; /* Of `where` in its expression, from 1. */
};

static inline struct feel_value feel_null(void)
{
    return (struct feel_value){.type = FEEL_NULL};
}
static inline struct feel_value feel_boolean(bool value)
{
    return (struct feel_value){.type = FEEL_BOOLEAN, .boolean = value};
}
static inline struct feel_value feel_string(struct str text)
{
    return (struct feel_value){.type = FEEL_STRING, .text = text};
}
static inline struct feel_value feel_list(const struct feel_value *items, size_t count)
{
    return (struct feel_value){.type = FEEL_LIST, .list = {items, count}};
}
static inline struct feel_value feel_context(const struct feel_entry *entries, size_t count)
{
    return (struct feel_value){.type = FEEL_CONTEXT, .context = {entries, count}};
}
struct feel_value feel_int(int64_t value);

/* A decimal number's text ("1.10", "-3e5"). ERR_SYNTAX, or ERR_RANGE past decimal128. */
MUST_USE enum err feel_number_parse(struct str text, struct feel_value *out);
/* ERR_RANGE unless `value` is a number that is whole and fits. */
MUST_USE enum err feel_to_int(const struct feel_value *value, int64_t *out);
/* "2026-11-23", "…T08:00:00+08:00" or "…@Asia/Shanghai", "P1DT2H", "P1Y": whatever the text is.
 * ERR_SYNTAX. */
MUST_USE enum err feel_temporal_parse(struct arena *arena, struct str text, struct feel_value *out);
/* An ISO 8601 duration, with both its halves and weeks: "P1Y2M3DT4H", "P2W". ERR_SYNTAX. */
MUST_USE enum err feel_period_parse(struct str text, int64_t *months, struct feel_span *span);
/* The instant of a date-time; without a zone it is read in the run's zone. A date gives its
 * midnight. ERR_RANGE past what microseconds can say. */
struct feel_run;
MUST_USE enum err feel_to_time_us(const struct feel_run *run, const struct feel_value *value,
                                  int64_t *out_us);
/* A date-time in the run's zone. */
struct feel_value feel_from_time_us(const struct feel_run *run, int64_t time_us);

/* The entry of that name, or NULL; also NULL if `context` is no context. */
const struct feel_value *feel_get(const struct feel_value *context, struct str name);
/* FEEL's "=", where null (different types) counts as false. */
bool feel_equal(const struct feel_value *a, const struct feel_value *b);
/* As FEEL text: what string() gives, and with quotes for strings inside lists and contexts. */
struct str feel_text(struct arena *arena, const struct feel_value *value);
const char *feel_type_name(enum feel_type type); /* "days and time duration" */

/* ---- JSON: numbers keep their digits and their scale ---- */

/* ERR_RANGE names the first number that decimal128 cannot hold as it is written: more than 34
 * digits, or past 1e6145. What comes from outside is asked this before it is taken in. */
MUST_USE enum err feel_check_json(const struct json_value *json);
/* Dates and times in JSON are strings: FEEL's date(…) reads them, or a DMN type does. A number that
 * does not fit becomes null with its reason. */
struct feel_value feel_from_json(struct arena *arena, const struct json_value *json);
/* Dates, times and durations become strings; a function or range becomes its text. */
void feel_to_json(struct json_writer *w, const struct feel_value *value);

/* ---- Names ---- */

/* A type that has a name beyond FEEL's own; `type` comes from feel_type_parse or feel_type_*. */
struct feel_named_type {
    struct str name;
    const struct feel_type_spec *type;
};

/* What a text may speak of. Looked up here first, then in `up`, then among the built-ins. */
struct feel_names {
    const struct feel_names *up;
    const struct str *variables;
    size_t variable_count;
    const struct str *members; /* Names that may follow a dot and hold spaces or signs. */
    size_t member_count;
    const struct feel_named_type *types;
    size_t type_count;
    bool strict; /* A name that resolves to nothing is an error (ERR_NOT_FOUND). */
};

/* The variables with their values while evaluating: innermost first. */
struct feel_scope {
    const struct feel_scope *up;
    const struct feel_entry *entries;
    size_t count;
};

/* Every variable of the scope, and every member name of the contexts in it. */
struct feel_names feel_names_of(struct arena *arena, const struct feel_scope *scope);

/* ---- Parsing ---- */

struct feel_expr;

/* The text must live as long as the arena. ERR_SYNTAX says line, column and what was expected;
 * ERR_LIMIT for text or nesting past the bounds. `known` may be NULL. */
MUST_USE enum err feel_parse(struct arena *arena, struct str text, const struct feel_names *known,
                             const struct feel_expr **out);
/* A decision table's input cell: "-", "< 5, [10..20]", "not(\"a\")". */
MUST_USE enum err feel_parse_unary_tests(struct arena *arena, struct str text,
                                         const struct feel_names *known,
                                         const struct feel_expr **out);
struct str feel_expr_text(const struct feel_expr *expr);

/* The names the text uses and nothing defined, in order of appearance. */
size_t feel_unknown_names(const struct feel_expr *expr, const struct str **out);

/* ---- Evaluation ---- */

/* A function that the program offers to expressions. It gets its arguments in the order of
 * `params`, with nulls for those left out. What it cannot answer it gives back as
 * feel_fail(run, …); an error code other than OK ends the evaluation. */
struct feel_host {
    struct str name; /* May hold spaces. Put it among the known variables when parsing. */
    const char *const *params;
    size_t param_count, required;
    enum err (*call)(void *data, struct feel_run *run, const struct feel_value *args,
                     struct feel_value *out);
    void *data;
};

/* One evaluation, or several that share a budget. */
struct feel_run {
    struct arena *arena;
    int64_t now_us;          /* What now() and today() say. */
    const struct zone *zone; /* The zone of now() and of local times; NULL is UTC. */
    const struct feel_host *hosts;
    size_t host_count;
    int64_t steps;    /* Left. */
    int32_t depth;    /* Left. */
    size_t bytes_end; /* arena->used may not pass it. */
    struct feel_reason *reasons;
    size_t reason_count, reason_total; /* Kept, and happened. */
    struct str place;             /* Copied into reasons, e.g. "fee, rule 3, input \"area\"". */
    const struct feel_expr *expr; /* The one being evaluated: set by feel_eval. */
    const struct feel_node *at;   /* The node being evaluated. */
};

/* Default budgets, zone Asia/Shanghai. */
void feel_run_init(struct feel_run *run, struct arena *arena, int64_t now_us);

/* OK with a value, perhaps null with reasons; ERR_LIMIT when the budget is spent; or what a host
 * function returned. `scope` may be NULL. */
MUST_USE enum err feel_eval(const struct feel_expr *expr, const struct feel_scope *scope,
                            struct feel_run *run, struct feel_value *out);
/* Does `input` pass the unary tests? `*out` is false where the standard says null. */
MUST_USE enum err feel_test(const struct feel_expr *tests, const struct feel_value *input,
                            const struct feel_scope *scope, struct feel_run *run, bool *out);

/* A null with its reason, for host functions and the layers above. `what` is a literal. */
struct feel_value feel_fail(struct feel_run *run, const char *what, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* All reasons as a JSON array of {what, detail, where, place, line, column}. */
void feel_reasons_to_json(struct json_writer *w, const struct feel_run *run);

/* ---- Types ---- */

struct feel_type_spec; /* number, list<string>, context<a: date>, function<number>->string … */

MUST_USE enum err feel_type_parse(struct arena *arena, struct str text,
                                  const struct feel_names *known,
                                  const struct feel_type_spec **out);
bool feel_conforms(struct feel_run *run, const struct feel_value *value,
                   const struct feel_type_spec *type);
/* The value as that type, after the standard's implicit conversions ([a] ↔ a, date → date and
 * time); otherwise null with a reason. */
struct feel_value feel_coerce(struct feel_run *run, const struct feel_value *value,
                              const struct feel_type_spec *type);

#endif
