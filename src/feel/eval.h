/* Shared by the files that evaluate. Functions return OK, or an error that ends the evaluation. */
#ifndef FEEL_EVAL_H
#define FEEL_EVAL_H

#include "feel/tree.h"

enum function_kind { FUNCTION_CLOSURE, FUNCTION_BUILTIN, FUNCTION_HOST, FUNCTION_OTHER };

/* A function that another module made (DMN's knowledge models and services). */
struct feel_function {
    enum function_kind kind;
    const struct str *params;
    const struct feel_type_spec *const *types; /* NULL, or NULL each, for any. */
    size_t count;
    const struct feel_type_spec *result; /* NULL for any. */
    union {
        struct {
            const struct feel_node *body;
            const struct feel_expr *expr;
            const struct feel_scope *scope; /* Where it was written. */
            struct str self; /* Its own name, so that it may call itself; or absent. */
        };
        int builtin;
        const struct feel_host *host;
        struct {
            enum err (*call)(const void *data, struct feel_run *run, const struct feel_value *args,
                             struct feel_value *out);
            const void *data;
        };
    };
};

MUST_USE enum err eval_node(struct feel_run *run, const struct feel_scope *scope,
                            const struct feel_node *node, struct feel_value *out);
/* Takes `count` steps of the budget. */
MUST_USE enum err eval_spend(struct feel_run *run, size_t count);
/* ARENA_ARRAY within the budget. */
MUST_USE enum err eval_array(struct feel_run *run, size_t count, size_t size, void *out);

MUST_USE enum err eval_arithmetic(struct feel_run *run, int op, const struct feel_value *a,
                                  const struct feel_value *b, struct feel_value *out);
MUST_USE enum err eval_negate(struct feel_run *run, const struct feel_value *a,
                              struct feel_value *out);
struct feel_value eval_compare(struct feel_run *run, enum compare_op op, const struct feel_value *a,
                               const struct feel_value *b);
MUST_USE enum err eval_member(struct feel_run *run, const struct feel_value *object,
                              struct str name, struct feel_value *out);
MUST_USE enum err eval_filter(struct feel_run *run, const struct feel_scope *scope,
                              const struct feel_node *node, struct feel_value *out);
MUST_USE enum err eval_iteration(struct feel_run *run, const struct feel_scope *scope,
                                 const struct feel_node *node, struct feel_value *out);
MUST_USE enum err eval_call(struct feel_run *run, const struct feel_scope *scope,
                            const struct feel_node *node, struct feel_value *out);
MUST_USE enum err eval_function(struct feel_run *run, const struct feel_scope *scope,
                                const struct feel_node *node, struct str self,
                                struct feel_value *out);
/* Calls with arguments by place, or by name where `names` is not NULL. */
MUST_USE enum err eval_invoke(struct feel_run *run, const struct feel_value *function,
                              const struct feel_value *args, const struct str *names, size_t count,
                              struct feel_value *out);
/* Is `value` in `test`, a value that was evaluated: a range, a list, or equal? */
bool eval_value_in(const struct feel_value *value, const struct feel_value *test);
MUST_USE enum err eval_test(struct feel_run *run, const struct feel_scope *scope,
                            const struct feel_node *test, const struct feel_value *input,
                            struct feel_value *out);
MUST_USE enum err eval_tests(struct feel_run *run, const struct feel_scope *scope,
                             const struct feel_node *const *tests, size_t count,
                             const struct feel_value *input, struct feel_value *out);

/* ---- value.c ---- */

enum order { ORDER_LESS = -1, ORDER_SAME = 0, ORDER_MORE = 1, ORDER_NONE = 2 };

enum tri { TRI_FALSE, TRI_TRUE, TRI_NULL };

enum tri value_equal(const struct feel_value *a, const struct feel_value *b);
/* ORDER_NONE where the types differ or have no order. */
enum order value_order(const struct feel_value *a, const struct feel_value *b);
/* TRI_NULL where value and end points have no common order. */
enum tri range_holds(const struct feel_range *range, const struct feel_value *value);
void value_write(struct buf *buf, const struct feel_value *value, bool quote);
/* For messages: quoted, and cut after some 60 bytes. */
struct str value_short(struct feel_run *run, const struct feel_value *value);
struct feel_value value_number(struct feel_number n);
/* As a context's entry in order; later ones of a name replace earlier ones. */
struct feel_value value_moment(struct feel_run *run, enum feel_type type,
                               const struct feel_moment *moment);

static inline bool is_true(const struct feel_value *value)
{
    return value->type == FEEL_BOOLEAN && value->boolean;
}

#endif
