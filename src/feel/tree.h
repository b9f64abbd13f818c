/* The parsed form of an expression: nodes in an arena, never changed after parsing. */
#ifndef FEEL_TREE_H
#define FEEL_TREE_H

#include "feel/feel.h"

enum node_kind {
    NODE_LITERAL,
    NODE_BAD_LITERAL, /* @"…" that is no date, time or duration: null at run time. */
    NODE_NAME,
    NODE_LIST,
    NODE_CONTEXT,
    NODE_RANGE, /* a..b with op = bounds */
    NODE_SIGN,  /* A test or half range without its left side: "< 5" */
    NODE_NEGATE,
    NODE_ARITHMETIC,
    NODE_COMPARE,
    NODE_AND,
    NODE_OR,
    NODE_BETWEEN,
    NODE_IN,
    NODE_INSTANCE,
    NODE_IF,
    NODE_FOR,
    NODE_SOME,
    NODE_EVERY,
    NODE_SPREAD, /* from..to of an iteration */
    NODE_FILTER,
    NODE_PATH,
    NODE_CALL,
    NODE_FUNCTION,
    NODE_TESTS,
};

enum compare_op { OP_EQUAL, OP_NOT_EQUAL, OP_LESS, OP_LESS_EQUAL, OP_MORE, OP_MORE_EQUAL };

enum { RANGE_LOW_CLOSED = 1, RANGE_HIGH_CLOSED = 2 };

struct feel_node {
    uint8_t kind;
    uint8_t op;          /* compare_op, '+' …, range bounds; NODE_TESTS: 1 = not(…) */
    bool asks;           /* Holds "?" somewhere inside. */
    uint32_t begin, end; /* In the text. */
    union {
        struct feel_value literal;
        struct {
            struct str name;
            int32_t builtin; /* First row of that name in the table, or −1. */
        };
        struct {
            const struct feel_node *a, *b, *c;
        };
        struct {
            const struct feel_node *first; /* Callee, body or tested value. */
            const struct feel_node *const *items;
            const struct node_names *names; /* Arguments, keys, parameters, variables; or NULL. */
            size_t count;
        };
        struct {
            const struct feel_node *operand;
            struct str member;
            const struct feel_type_spec *type;
        };
    };
};

struct node_names {
    const struct str *name;
    const struct feel_type_spec *const *type; /* Of parameters; NULL, or NULL each, for any. */
};

struct feel_expr {
    struct str text;
    const struct feel_node *root;
    const struct str *unknown;
    size_t unknown_count;
};

/* ---- Types ---- */

enum spec_kind {
    SPEC_ANY,
    SPEC_BASIC, /* One of enum feel_type, FEEL_NULL included. */
    SPEC_LIST,
    SPEC_CONTEXT,
    SPEC_RANGE,
    SPEC_FUNCTION,
    SPEC_NAMED, /* A constraint upon `of`. */
};

struct feel_type_spec {
    enum spec_kind kind;
    enum feel_type basic;
    const struct feel_type_spec *of; /* Items, end points, results; what a name stands for. */
    const struct str *names;         /* Members of a context. */
    const struct feel_type_spec *const *types; /* Of members or parameters. */
    size_t count;
    struct str name;               /* SPEC_NAMED: for messages. */
    const struct feel_expr *tests; /* SPEC_NAMED: allowed values, or NULL. */
    bool each;                     /* The tests hold for each item of a list, not for the list. */
};

extern const struct feel_type_spec SPEC_OF_ANY;

/* FEEL's own type of that name ("date and time"), or NULL. */
const struct feel_type_spec *spec_basic(struct str name);

#endif
