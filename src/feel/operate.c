#include "base/zone.h"
#include "feel/eval.h"
#include "feel/number.h"
#include "feel/temporal.h"

static const char *const VERBS[] = {
    ['+'] = "add", ['-'] = "subtract", ['*'] = "multiply", ['/'] = "divide", ['^'] = "raise"};

static struct feel_value no_types(struct feel_run *run, int op, const struct feel_value *a,
                                  const struct feel_value *b)
{
    return feel_fail(run, "types", "cannot %s %.*s (%s) and %.*s (%s)", VERBS[op],
                     STR_ARG(value_short(run, a)), feel_type_name(a->type),
                     STR_ARG(value_short(run, b)), feel_type_name(b->type));
}

static struct feel_value no_result(struct feel_run *run, int op, const struct feel_value *a,
                                   const struct feel_value *b)
{
    if (op == '/')
        return feel_fail(run, "divide-by-zero", "%.*s divided by %.*s has no result",
                         STR_ARG(value_short(run, a)), STR_ARG(value_short(run, b)));
    return feel_fail(run, "out-of-range", "cannot %s %.*s and %.*s: out of range", VERBS[op],
                     STR_ARG(value_short(run, a)), STR_ARG(value_short(run, b)));
}

static bool number_result(int op, struct feel_number a, struct feel_number b,
                          struct feel_number *out)
{
    switch (op) {
    case '+':
        return number_add(a, b, out);
    case '-':
        return number_subtract(a, b, out);
    case '*':
        return number_multiply(a, b, out);
    case '/':
        return number_divide(a, b, out);
    default:
        return number_power(a, b, out);
    }
}

/* ---- Durations as numbers of nanoseconds or months ---- */

static struct feel_number span_number(struct feel_span span)
{
    struct feel_number total = number_of(0), part;
    bool fits = number_multiply(number_of(span.seconds), number_of(NANOS), &part) &&
                number_add(part, number_of(span.nanos), &total);
    assert(fits);
    (void)fits;
    return total;
}

static bool number_span(struct feel_number nanos, struct feel_span *out)
{
    struct feel_number seconds, rest;
    int64_t whole, part;
    if (!number_round(nanos, 0, ROUND_DOWN, &nanos) ||
        !number_divide(nanos, number_of(NANOS), &seconds) ||
        !number_round(seconds, 0, ROUND_DOWN, &seconds) || !number_to_int64(seconds, &whole) ||
        whole > INT64_MAX / 4 || whole < INT64_MIN / 4 ||
        !number_multiply(seconds, number_of(NANOS), &rest) ||
        !number_subtract(nanos, rest, &rest) || !number_to_int64(rest, &part))
        return false;
    *out = (struct feel_span){whole, (int32_t)part};
    return true;
}

static bool scale_duration(int op, const struct feel_value *duration, struct feel_number by,
                           struct feel_value *out)
{
    struct feel_value made = *duration;
    struct feel_number size =
        duration->type == FEEL_DAYS ? span_number(duration->span) : number_of(duration->months);
    if (!(op == '*' ? number_multiply(size, by, &size) : number_divide(size, by, &size)))
        return false;
    if (duration->type == FEEL_DAYS) {
        if (!number_span(size, &made.span))
            return false;
    } else if (!number_round(size, 0, ROUND_DOWN, &size) || !number_to_int64(size, &made.months) ||
               made.months > INT64_MAX / 4 || made.months < INT64_MIN / 4) {
        return false;
    }
    *out = made;
    return true;
}

static bool sum_durations(int op, const struct feel_value *a, const struct feel_value *b,
                          struct feel_value *out)
{
    struct feel_value made = *a;
    int sign = op == '-' ? -1 : 1;
    if (a->type == FEEL_YEARS) {
        made.months = a->months + sign * b->months; /* Each is below a quarter of the range. */
        if (made.months > INT64_MAX / 4 || made.months < INT64_MIN / 4)
            return false;
    } else if (!span_of(span_nanos(a->span) + sign * span_nanos(b->span), &made.span)) {
        return false;
    }
    *out = made;
    return true;
}

/* ---- Dates and times ---- */

static bool is_duration(const struct feel_value *value)
{
    return value->type == FEEL_DAYS || value->type == FEEL_YEARS;
}

static bool is_temporal(const struct feel_value *value)
{
    return value->type == FEEL_DATE || value->type == FEEL_TIME || value->type == FEEL_DATE_TIME;
}

static bool shift(struct feel_run *run, const struct feel_value *at,
                  const struct feel_value *duration, int sign, struct feel_value *out)
{
    struct feel_span span = {sign * duration->span.seconds, sign * duration->span.nanos};
    struct feel_moment moment = {0};
    bool months = duration->type == FEEL_YEARS;
    if (at->type == FEEL_DATE) {
        struct feel_value made = *at;
        moment.date = at->date;
        if (months ? !date_add_months(at->date, sign * duration->months, &made.date)
                   : !moment_add_span(&moment, span, &moment))
            return false;
        if (!months)
            made.date = moment.date;
        *out = made;
        return true;
    }
    if (at->type == FEEL_TIME)
        time_add_span(at->moment, span, &moment);
    else if (months ? !moment_add_months(at->moment, sign * duration->months, &moment)
                    : !moment_add_span(at->moment, span, &moment))
        return false;
    *out = value_moment(run, at->type, &moment);
    return true;
}

/* A date beside a date-time is its midnight in UTC. */
static struct feel_moment as_moment(const struct feel_value *value)
{
    if (value->type == FEEL_DATE)
        return (struct feel_moment){.date = value->date, .kind = FEEL_OFFSET};
    return *value->moment;
}

static bool distance(const struct feel_value *a, const struct feel_value *b, struct feel_value *out)
{
    struct feel_moment x = as_moment(a), y = as_moment(b);
    struct feel_value made = {.type = FEEL_DAYS};
    if ((x.kind == FEEL_LOCAL) != (y.kind == FEEL_LOCAL))
        return false;
    __int128 nanos;
    if (a->type == FEEL_TIME)
        nanos = (__int128)x.nanos - y.nanos -
                NANOS * (x.kind ? (__int128)time_offset(&x) - time_offset(&y) : 0);
    else
        nanos = span_nanos(moment_instant(&x)) - span_nanos(moment_instant(&y));
    if (!span_of(nanos, &made.span))
        return false;
    *out = made;
    return true;
}

static enum err concatenate(struct feel_run *run, const struct feel_value *a,
                            const struct feel_value *b, struct feel_value *out)
{
    char *text;
    size_t len = a->text.len + b->text.len;
    enum err r = eval_array(run, len + 1, 1, &text);
    if (r != OK)
        return r;
    memcpy(text, a->text.ptr, a->text.len);
    memcpy(text + a->text.len, b->text.ptr, b->text.len);
    *out = feel_string((struct str){text, len});
    return OK;
}

/* What is neither two numbers nor two strings. False: the types do not go together. */
static bool operate_times(struct feel_run *run, int op, const struct feel_value *a,
                          const struct feel_value *b, struct feel_value *out)
{
    bool sum = op == '+' || op == '-';
    if (sum && a->type == b->type && is_duration(a))
        return sum_durations(op, a, b, out) || (*out = no_result(run, op, a, b), true);
    if (op == '-' && is_temporal(a) && is_temporal(b) &&
        (a->type == FEEL_TIME) == (b->type == FEEL_TIME))
        return distance(a, b, out);
    const struct feel_value *at = is_temporal(a) ? a : b, *duration = at == a ? b : a;
    if (sum && is_temporal(at) && is_duration(duration) && (op == '+' || at == a) &&
        !(at->type == FEEL_TIME && duration->type == FEEL_YEARS))
        return shift(run, at, duration, op == '-' ? -1 : 1, out) ||
               (*out = no_result(run, op, a, b), true);
    if (op == '*' && a->type == FEEL_NUMBER && is_duration(b))
        return scale_duration(op, b, a->number, out) || (*out = no_result(run, op, a, b), true);
    if ((op == '*' || op == '/') && is_duration(a) && b->type == FEEL_NUMBER)
        return scale_duration(op, a, b->number, out) || (*out = no_result(run, op, a, b), true);
    if (op == '/' && a->type == b->type && is_duration(a)) {
        struct feel_number x = a->type == FEEL_DAYS ? span_number(a->span) : number_of(a->months);
        struct feel_number y = a->type == FEEL_DAYS ? span_number(b->span) : number_of(b->months);
        if (number_divide(x, y, &x))
            *out = value_number(x);
        else
            *out = no_result(run, op, a, b);
        return true;
    }
    return false;
}

enum err eval_arithmetic(struct feel_run *run, int op, const struct feel_value *a,
                         const struct feel_value *b, struct feel_value *out)
{
    if (a->type == FEEL_NUMBER && b->type == FEEL_NUMBER) {
        struct feel_number n;
        *out = number_result(op, a->number, b->number, &n) ? value_number(n)
                                                           : no_result(run, op, a, b);
        return OK;
    }
    if (op == '+' && a->type == FEEL_STRING && b->type == FEEL_STRING)
        return concatenate(run, a, b, out);
    struct feel_value made;
    *out = operate_times(run, op, a, b, &made) ? made : no_types(run, op, a, b);
    return OK;
}

enum err eval_negate(struct feel_run *run, const struct feel_value *a, struct feel_value *out)
{
    struct feel_value made = *a;
    if (a->type == FEEL_NUMBER) {
        made.number = number_negate(a->number);
    } else if (a->type == FEEL_DAYS) {
        made.span = (struct feel_span){-a->span.seconds, -a->span.nanos};
    } else if (a->type == FEEL_YEARS) {
        made.months = -a->months;
    } else {
        made = feel_fail(run, "types", "cannot negate %.*s (%s)", STR_ARG(value_short(run, a)),
                         feel_type_name(a->type));
    }
    *out = made;
    return OK;
}

struct feel_value eval_compare(struct feel_run *run, enum compare_op op, const struct feel_value *a,
                               const struct feel_value *b)
{
    if (op == OP_EQUAL || op == OP_NOT_EQUAL) {
        enum tri same = value_equal(a, b);
        if (same != TRI_NULL)
            return feel_boolean((same == TRI_TRUE) == (op == OP_EQUAL));
    } else {
        enum order order = value_order(a, b);
        if (order != ORDER_NONE)
            return feel_boolean(op == OP_LESS         ? order == ORDER_LESS
                                : op == OP_LESS_EQUAL ? order != ORDER_MORE
                                : op == OP_MORE       ? order == ORDER_MORE
                                                      : order != ORDER_LESS);
    }
    return feel_fail(run, "types", "cannot compare %.*s (%s) with %.*s (%s)",
                     STR_ARG(value_short(run, a)), feel_type_name(a->type),
                     STR_ARG(value_short(run, b)), feel_type_name(b->type));
}

/* ---- Members and properties ---- */

static bool date_property(struct feel_date date, struct str name, struct feel_value *out)
{
    if (str_is(name, "year"))
        *out = feel_int(date.year);
    else if (str_is(name, "month"))
        *out = feel_int(date.month);
    else if (str_is(name, "day"))
        *out = feel_int(date.day);
    else if (str_is(name, "weekday"))
        *out = feel_int(weekday_of(date));
    else
        return false;
    return true;
}

static bool time_property(const struct feel_value *value, struct str name, struct feel_value *out)
{
    const struct feel_moment *moment = value->moment;
    int64_t seconds = moment->nanos / NANOS;
    if (str_is(name, "hour")) {
        *out = feel_int(seconds / 3600);
    } else if (str_is(name, "minute")) {
        *out = feel_int(seconds / 60 % 60);
    } else if (str_is(name, "second")) {
        *out = feel_int(seconds % 60);
    } else if (str_is(name, "time offset")) {
        int32_t offset = value->type == FEEL_TIME ? time_offset(moment) : moment_offset(moment);
        *out = moment->kind == FEEL_LOCAL
                   ? feel_null()
                   : (struct feel_value){.type = FEEL_DAYS, .span = {offset, 0}};
    } else if (str_is(name, "timezone")) {
        *out = moment->kind == FEEL_ZONE ? feel_string(zone_name(moment->zone)) : feel_null();
    } else {
        return false;
    }
    return true;
}

static bool days_property(struct feel_span span, struct str name, struct feel_value *out)
{
    if (str_is(name, "days"))
        *out = feel_int(span.seconds / 86400);
    else if (str_is(name, "hours"))
        *out = feel_int(span.seconds / 3600 % 24);
    else if (str_is(name, "minutes"))
        *out = feel_int(span.seconds / 60 % 60);
    else if (str_is(name, "seconds"))
        *out = feel_int(span.seconds % 60);
    else
        return false;
    return true;
}

static bool range_property(const struct feel_range *range, struct str name, struct feel_value *out)
{
    if (str_is(name, "start"))
        *out = range->low;
    else if (str_is(name, "end"))
        *out = range->high;
    else if (str_is(name, "start included"))
        *out = feel_boolean(range->low_bound == FEEL_CLOSED);
    else if (str_is(name, "end included"))
        *out = feel_boolean(range->high_bound == FEEL_CLOSED);
    else
        return false;
    return true;
}

static bool property(const struct feel_value *value, struct str name, struct feel_value *out)
{
    switch (value->type) {
    case FEEL_DATE:
        return date_property(value->date, name, out);
    case FEEL_DATE_TIME:
        return date_property(value->moment->date, name, out) || time_property(value, name, out);
    case FEEL_TIME:
        return time_property(value, name, out);
    case FEEL_DAYS:
        return days_property(value->span, name, out);
    case FEEL_YEARS:
        if (!str_is(name, "years") && !str_is(name, "months"))
            return false;
        *out = feel_int(str_is(name, "years") ? value->months / 12 : value->months % 12);
        return true;
    case FEEL_RANGE:
        return range_property(value->range, name, out);
    default:
        return false;
    }
}

enum err eval_member(struct feel_run *run, const struct feel_value *object, struct str name,
                     struct feel_value *out)
{
    if (object->type == FEEL_LIST) {
        struct feel_value *items;
        enum err r = eval_spend(run, object->list.count);
        if (r == OK)
            r = eval_array(run, object->list.count, sizeof(*items), &items);
        for (size_t i = 0; r == OK && i < object->list.count; i++)
            r = eval_member(run, &object->list.items[i], name, &items[i]);
        if (r == OK)
            *out = feel_list(items, object->list.count);
        return r;
    }
    const struct feel_value *found = feel_get(object, name);
    struct feel_value made;
    if (found)
        *out = *found;
    else if (property(object, name, &made))
        *out = made;
    else
        *out = feel_fail(run, "no-such-member", "%.*s has no member \"%.*s\"",
                         STR_ARG(value_short(run, object)), STR_ARG(name));
    return OK;
}
