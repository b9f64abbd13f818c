#include "feel/builtin.h"
#include "feel/number.h"

static enum err answer(struct feel_run *run, bool made, struct feel_number n, const char *name,
                       const struct feel_value *args, struct feel_value *out)
{
    *out = made ? value_number(n)
                : feel_fail(run, "out-of-range", "%s(%.*s) has no result", name,
                            STR_ARG(value_short(run, &args[0])));
    return OK;
}

static enum err rounded(struct feel_run *run, const struct feel_value *args, size_t count,
                        enum number_rounding rounding, const char *name, struct feel_value *out)
{
    struct feel_number n = args[0].number;
    int64_t scale = 0;
    bool made =
        (count < 2 || args[1].type == FEEL_NULL || number_trunc_int64(args[1].number, &scale)) &&
        number_round(args[0].number, scale, rounding, &n);
    return answer(run, made, n, name, args, out);
}

#define ROUNDING(function, rounding, name)                                                         \
    static BUILTIN(function)                                                                       \
    {                                                                                              \
        return rounded(run, args, count, rounding, name, out);                                     \
    }

ROUNDING(decimal, ROUND_HALF_EVEN, "decimal")
ROUNDING(floor_of, ROUND_FLOOR, "floor")
ROUNDING(ceiling_of, ROUND_CEILING, "ceiling")
ROUNDING(round_up, ROUND_UP, "round up")
ROUNDING(round_down, ROUND_DOWN, "round down")
ROUNDING(round_half_up, ROUND_HALF_UP, "round half up")
ROUNDING(round_half_down, ROUND_HALF_DOWN, "round half down")

static BUILTIN(abs_number)
{
    (void)run, (void)count;
    *out = value_number(number_abs(args[0].number));
    return OK;
}

static BUILTIN(abs_duration)
{
    (void)count;
    *out = args[0];
    bool negative = args[0].type == FEEL_YEARS ? args[0].months < 0
                                               : args[0].span.seconds < 0 || args[0].span.nanos < 0;
    return negative ? eval_negate(run, &args[0], out) : OK;
}

static BUILTIN(modulo)
{
    (void)count;
    struct feel_number n = args[0].number;
    return answer(run, number_modulo(args[0].number, args[1].number, &n), n, "modulo", args, out);
}

static BUILTIN(sqrt_of)
{
    (void)count;
    struct feel_number n = args[0].number;
    return answer(run, number_sqrt(args[0].number, &n), n, "sqrt", args, out);
}

static BUILTIN(log_of)
{
    (void)count;
    struct feel_number n = args[0].number;
    return answer(run, number_log(args[0].number, &n), n, "log", args, out);
}

static BUILTIN(exp_of)
{
    (void)count;
    struct feel_number n = args[0].number;
    return answer(run, number_exp(args[0].number, &n), n, "exp", args, out);
}

static enum err parity(struct feel_run *run, const struct feel_value *args, bool odd,
                       struct feel_value *out)
{
    struct feel_number rest;
    if (!number_is_whole(args[0].number) || !number_modulo(args[0].number, number_of(2), &rest))
        *out = feel_fail(run, "out-of-range", "%.*s is no whole number",
                         STR_ARG(value_short(run, &args[0])));
    else
        *out = feel_boolean((number_sign(rest) != 0) == odd);
    return OK;
}

static BUILTIN(odd)
{
    (void)count;
    return parity(run, args, true, out);
}

static BUILTIN(even)
{
    (void)count;
    return parity(run, args, false, out);
}

const struct builtin BUILTINS_NUMBER[] = {
    {"decimal", "n:n,scale:n", decimal},
    {"floor", "n:n", floor_of},
    {"floor", "n:n,scale:n", floor_of},
    {"ceiling", "n:n", ceiling_of},
    {"ceiling", "n:n,scale:n", ceiling_of},
    {"round up", "n:n,scale:n", round_up},
    {"round down", "n:n,scale:n", round_down},
    {"round half up", "n:n,scale:n", round_half_up},
    {"round half down", "n:n,scale:n", round_half_down},
    {"abs", "n:n", abs_number},
    {"abs", "n:P", abs_duration},
    {"modulo", "dividend:n,divisor:n", modulo},
    {"sqrt", "number:n", sqrt_of},
    {"log", "number:n", log_of},
    {"exp", "number:n", exp_of},
    {"odd", "number:n", odd},
    {"even", "number:n", even},
    {0},
};
