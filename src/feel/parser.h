/* Shared by the files of the parser. Functions that return a node return NULL after an error. */
#ifndef FEEL_PARSER_H
#define FEEL_PARSER_H

#include "feel/scan.h"
#include "feel/tree.h"

/* Variables that the text itself introduces, innermost first. */
struct locals {
    const struct locals *up;
    const struct str *names;
    size_t count;
};

struct parser {
    struct arena *arena;
    struct str text;
    size_t at;
    const struct feel_names *known;
    const struct locals *locals;
    struct str *members; /* Keys of the contexts read so far: they may follow a dot. */
    size_t member_count, member_capacity;
    struct str *unknown;
    size_t unknown_count, unknown_capacity;
    int depth;
    int filters;    /* Inside so many filters, where members of items are names too. */
    bool range_end; /* The next "[" may close a range. */
    bool asks;      /* "?" was read. */
    bool failed;
    enum err error;
};

/* Sets the error at the current place: "line 1, column 5: expected …, found …". Returns NULL. */
void *parse_fail(struct parser *p, const char *expected);
void *parse_fail_at(struct parser *p, size_t at, const char *expected);
void *parse_error(struct parser *p, enum err error);

struct feel_node *parse_node(struct parser *p, enum node_kind kind, size_t begin);
const struct feel_node *parse_expression(struct parser *p);
const struct feel_node *parse_climb(struct parser *p, int level); /* Binary operators from there. */
const struct feel_node *parse_test(struct parser *p);
enum { LEVEL_OR, LEVEL_AND, LEVEL_COMPARE, LEVEL_SUM, LEVEL_PRODUCT, LEVEL_POWER, LEVEL_INSTANCE };

/* Skips space, then: is this next? */
bool parse_peek(struct parser *p, const char *sign);
bool parse_peek_word(struct parser *p, const char *word);
/* The same, and moves behind it. */
bool parse_take(struct parser *p, const char *sign);
bool parse_take_word(struct parser *p, const char *word);
bool parse_want(struct parser *p, const char *sign);      /* Or fails. */
bool parse_want_word(struct parser *p, const char *word); /* Or fails. */

/* parse_literal.c */
const struct feel_node *parse_number(struct parser *p);
const struct feel_node *parse_string(struct parser *p);
const struct feel_node *parse_at_literal(struct parser *p);
bool parse_string_text(struct parser *p, struct str *out);

/* parse_name.c */
const struct feel_node *parse_name(struct parser *p);
/* Length in the text of the longest variable that stands here, or 0. */
size_t parse_variable_length(struct parser *p);
bool parse_member(struct parser *p, struct str *out);
/* "key :" with the key a name or a string; moves behind the colon, or not at all. */
bool parse_key(struct parser *p, struct str *out);
/* A name up to one of `ends`, or up to the word `end_word`. */
bool parse_declared(struct parser *p, const char *ends, const char *end_word, struct str *out);
bool parse_type(struct parser *p, const struct feel_type_spec **out);

/* parse_forms.c: for, some, every, if, function, contexts, lists, ranges */
const struct feel_node *parse_if(struct parser *p);
const struct feel_node *parse_iteration(struct parser *p, enum node_kind kind);
const struct feel_node *parse_function(struct parser *p);
const struct feel_node *parse_context(struct parser *p);
const struct feel_node *parse_bracket(struct parser *p); /* "[", "]" and "(" */
/* Behind "..": the high end and what closes the range. */
const struct feel_node *parse_range_end(struct parser *p, size_t begin, bool closed,
                                        const struct feel_node *low);
const struct feel_node *parse_call(struct parser *p, const struct feel_node *callee);
const struct feel_node *parse_sign(struct parser *p); /* "< 5" */
bool parse_peek_sign(struct parser *p);

#endif
