/* The inside of a model. */
#ifndef DMN_MODEL_H
#define DMN_MODEL_H

#include "dmn/dmn.h"
#include "feel/tree.h"
#include "xml/xml.h"

enum box_kind {
    BOX_NONE, /* No logic: null. */
    BOX_BAD,  /* Could not be read: null with a reason. */
    BOX_FEEL,
    BOX_TABLE,
    BOX_CONTEXT,
    BOX_LIST,
    BOX_RELATION,
    BOX_FUNCTION,
    BOX_INVOCATION,
    BOX_CONDITIONAL,
    BOX_FILTER,
    BOX_FOR,
    BOX_SOME,
    BOX_EVERY,
};

/* A boxed expression. */
struct box {
    enum box_kind kind;
    struct str place;                  /* For reasons: "decision \"Fee\"". */
    struct str problem;                /* BOX_BAD */
    const struct feel_type_spec *type; /* typeRef; NULL for any. */
    const struct feel_expr *expr;      /* BOX_FEEL */
    const struct table *table;
    /* Context entries, list items, cells by rows, bindings, branches; in, match / return. */
    const struct box *const *items;
    const struct str *names; /* Entries, columns, parameters, or the iterator; "" for a result. */
    const struct feel_type_spec *const *types; /* Of parameters and entries. */
    size_t count, columns;
    const struct box *callee; /* Invocation; function body. */
};

enum hit_policy {
    HIT_UNIQUE,
    HIT_ANY,
    HIT_PRIORITY,
    HIT_FIRST,
    HIT_RULE_ORDER,
    HIT_OUTPUT_ORDER,
    HIT_COLLECT,
    HIT_SUM,
    HIT_COUNT,
    HIT_MIN,
    HIT_MAX,
};

struct table_input {
    struct str id, name; /* Absent, or as its author calls it. */
    struct str label;    /* The expression's text. */
    const struct feel_expr *expr;
    const struct feel_type_spec *type;
    const struct feel_expr *values; /* Allowed ones, or NULL. */
};

struct table_output {
    struct str id, name;
    const struct feel_type_spec *type;
    const struct feel_expr *values; /* Allowed ones, in order of priority; or NULL. */
    const struct feel_expr *otherwise;
};

struct table {
    struct str name;
    unsigned line;
    enum hit_policy policy;
    const struct table_input *inputs;
    size_t input_count;
    const struct table_output *outputs;
    size_t output_count;
    const struct feel_expr *const *tests;   /* rule × input */
    const struct feel_expr *const *results; /* rule × output; NULL is null. */
    const struct str *rule_ids;
    size_t rule_count;
    const struct table_index *index; /* NULL where cells are no plain tests. */
};

enum element_kind { ELEMENT_INPUT, ELEMENT_DECISION, ELEMENT_KNOWLEDGE, ELEMENT_SERVICE };

struct element {
    enum element_kind kind;
    const struct definitions *home;
    const struct xml_node *xml;
    struct str id, name;
    size_t number; /* Over the whole model: its place in a run's cache. */
    const struct feel_type_spec *type;
    const struct element *const *needs; /* Required inputs, decisions, functions. */
    size_t need_count;
    const struct box *box; /* Decision; knowledge model: a BOX_FUNCTION. */
    /* Services. */
    const struct element *const *outputs;
    size_t output_count;
    const struct element *const *params; /* Input data, then input decisions. */
    size_t param_count;
    const struct str *param_names;
    const struct feel_type_spec *const *param_types;
};

struct import {
    struct str name, ns;
    const struct definitions *definitions; /* NULL if it is not among the sources. */
};

struct definitions {
    struct str name, ns, source;
    bool open; /* Declares no input data: callers' values are in scope by their names. */
    const struct xml_node *xml;
    struct import *imports;
    size_t import_count;
    struct element *elements;
    size_t element_count;
    struct feel_named_type *types; /* Own ones, then imported ones by "import.name". */
    size_t type_count;
};

struct dmn_model {
    struct arena *arena;
    struct definitions *definitions; /* [0] is the main one. */
    size_t count;
    size_t element_total;
    struct str *members; /* Names that may follow a dot, of all models. */
    size_t member_count, member_capacity;
    struct dmn_finding *findings;
    size_t finding_count, finding_capacity;
};

bool dmn_is(const struct xml_node *node, const char *name); /* In any DMN namespace. */
const struct xml_node *dmn_child(const struct xml_node *node, const char *name);
/* A child's text, trimmed; absent if there is no such child. */
struct str dmn_child_text(struct arena *arena, const struct xml_node *node, const char *name);
void model_finding(struct dmn_model *model, enum dmn_severity severity, const char *what,
                   unsigned line, struct str place, struct str detail);

/* item.c */
void model_read_types(struct dmn_model *model, struct definitions *home);
/* NULL for no type, or one that does not exist. */
const struct feel_type_spec *model_type(struct dmn_model *model, const struct definitions *home,
                                        struct str ref);

/* box.c: what is known where the box stands comes in `known`. */
struct box_reader {
    struct dmn_model *model;
    const struct definitions *home;
    struct str place;
};
const struct box *box_read(struct box_reader *r, const struct xml_node *node,
                           const struct feel_names *known);
/* The first child that is an expression, or NULL. */
const struct xml_node *box_child(const struct xml_node *node);
const struct feel_expr *box_expr(struct box_reader *r, const struct xml_node *node, struct str text,
                                 const struct feel_names *known, bool tests);
const struct table *table_read(struct box_reader *r, const struct xml_node *node,
                               const struct feel_names *known);

/* ---- Evaluating ---- */

/* One model's elements during one evaluation. An imported model has a state for every way that it
 * is imported, since its inputs may differ from way to way. */
struct dmn_state {
    const struct dmn_model *model;
    const struct definitions *home;
    struct feel_run *run;
    const struct feel_value *input; /* A context: inputs by name, and imports with theirs. */
    const struct dmn_state *up;     /* The importing one, or NULL. */
    struct dmn_state **imported;    /* By number of the import; NULL until needed. */
    struct feel_value *values;      /* By element number. */
    uint8_t *known;                 /* The same: 1 known, 2 being evaluated. */
    struct dmn_why *why;            /* NULL if nobody asks. */
};

void why_add(struct dmn_state *state, struct dmn_trace entry);

MUST_USE enum err box_eval(struct dmn_state *state, const struct box *box,
                           const struct feel_scope *scope, struct feel_value *out);
MUST_USE enum err table_eval(struct dmn_state *state, const struct table *table,
                             const struct feel_scope *scope, struct feel_value *out);
MUST_USE enum err table_index_make(struct dmn_model *model, struct table *table);
/* Sets a bit for every rule that may fire. False: the index cannot tell for these values. */
bool table_index_find(const struct table_index *index, const struct feel_value *values,
                      uint64_t *bits);

#endif
