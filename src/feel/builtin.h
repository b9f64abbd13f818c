/* The functions of the standard, as one table. */
#ifndef FEEL_BUILTIN_H
#define FEEL_BUILTIN_H

#include "feel/eval.h"

/* Arguments come in the order of the row's parameters, checked and converted to their types, with
 * nulls for optional ones left out. */
typedef enum err builtin_fn(struct feel_run *run, const struct feel_value *args, size_t count,
                            struct feel_value *out);

/* `params` is "name:type,name:type?": b n s l c f r a(ny) d(ate) t(ime) m(oment: date and time)
 * D(ate or date and time) T(ime or date and time) p(eriod: days) P (years) v (any but null);
 * "?" may be left out, "*" takes any number of arguments as one list, "+" at least two. A function
 * of several forms has several rows, next to each other. */
struct builtin {
    const char *name;
    const char *params;
    builtin_fn *call;
};

/* The tables of builtin_*.c, then NULL. Each ends with a row without a name. */
extern const struct builtin *const BUILTIN_TABLES[];
extern const struct builtin BUILTINS_CONVERT[], BUILTINS_STRING[], BUILTINS_LIST[],
    BUILTINS_NUMBER[], BUILTINS_TIME[], BUILTINS_CONTEXT[], BUILTINS_RANGE[], BUILTINS_REGEX[];

/* Behind the longest function name that stands in the text at `at`, or 0; its first row. */
size_t builtin_match(struct str text, size_t at, int *row);
int builtin_find(struct str name); /* −1 if there is none. */
struct str builtin_name(int row);  /* The absent text for −1. */

/* Calls the form of the function at `row` that the arguments fit. `names` may be NULL. */
MUST_USE enum err builtin_call(struct feel_run *run, int row, const struct feel_value *args,
                               const struct str *names, size_t count, struct feel_value *out);

#define BUILTIN(name)                                                                              \
    enum err name(struct feel_run *run, const struct feel_value *args, size_t count,               \
                  struct feel_value *out)

#endif
