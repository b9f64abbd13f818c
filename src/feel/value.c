#include "base/zone.h"
#include "feel/eval.h"
#include "feel/number.h"
#include "feel/scan.h"
#include "feel/temporal.h"

enum { TEXT_MAX = 16 * 1024 * 1024, SHORT_TEXT = 60, WRITE_DEPTH_MAX = 64 };

const char *feel_type_name(enum feel_type type)
{
    static const char *const NAMES[FEEL_TYPE_COUNT] = {
        [FEEL_NULL] = "null",
        [FEEL_BOOLEAN] = "boolean",
        [FEEL_NUMBER] = "number",
        [FEEL_STRING] = "string",
        [FEEL_DATE] = "date",
        [FEEL_TIME] = "time",
        [FEEL_DATE_TIME] = "date and time",
        [FEEL_DAYS] = "days and time duration",
        [FEEL_YEARS] = "years and months duration",
        [FEEL_LIST] = "list",
        [FEEL_CONTEXT] = "context",
        [FEEL_RANGE] = "range",
        [FEEL_FUNCTION] = "function",
    };
    return NAMES[type];
}

struct feel_value value_number(struct feel_number n)
{
    return (struct feel_value){.type = FEEL_NUMBER, .number = n};
}

struct feel_value feel_int(int64_t value)
{
    return value_number(number_of(value));
}

struct feel_value value_moment(struct feel_run *run, enum feel_type type,
                               const struct feel_moment *moment)
{
    struct feel_moment *copy = ARENA_NEW(run->arena, struct feel_moment);
    *copy = *moment;
    return (struct feel_value){.type = type, .moment = copy};
}

enum err feel_number_parse(struct str text, struct feel_value *out)
{
    struct feel_number n;
    if (!number_read(text, &n))
        return err_set(ERR_SYNTAX, "\"%.*s\" is no number", STR_ARG(text));
    *out = value_number(n);
    return OK;
}

enum err feel_to_int(const struct feel_value *value, int64_t *out)
{
    if (value->type != FEEL_NUMBER || !number_to_int64(value->number, out))
        return err_set(ERR_RANGE, "not a whole number");
    return OK;
}

enum err feel_temporal_parse(struct arena *arena, struct str text, struct feel_value *out)
{
    struct feel_moment moment;
    struct feel_value value = {0};
    if (date_read(text, &value.date)) {
        value.type = FEEL_DATE;
    } else if (time_read(text, &moment) || date_time_read(text, &moment)) {
        struct feel_moment *copy = ARENA_NEW(arena, struct feel_moment);
        *copy = moment;
        value.type = moment.date.month == 0 ? FEEL_TIME : FEEL_DATE_TIME;
        value.moment = copy;
    } else if (!duration_read(text, &value)) {
        return err_set(ERR_SYNTAX, "\"%.*s\" is no date, time or duration", STR_ARG(text));
    }
    *out = value;
    return OK;
}

enum err feel_to_time_us(const struct feel_run *run, const struct feel_value *value,
                         int64_t *out_us)
{
    struct feel_moment moment = {0};
    if (value->type == FEEL_DATE)
        moment.date = value->date;
    else if (value->type == FEEL_DATE_TIME)
        moment = *value->moment;
    else
        return err_set(ERR_RANGE, "%s is no date and time", feel_type_name(value->type));
    if (moment.kind == FEEL_LOCAL && run->zone) {
        moment.kind = FEEL_ZONE;
        moment.zone = run->zone;
    }
    struct feel_span instant = moment_instant(&moment);
    int64_t us;
    if (__builtin_mul_overflow(instant.seconds, 1000000, &us))
        return err_set(ERR_RANGE, "a date too far away");
    *out_us = us + instant.nanos / 1000;
    return OK;
}

struct feel_value feel_from_time_us(const struct feel_run *run, int64_t time_us)
{
    struct feel_moment like = {.kind = run->zone ? FEEL_ZONE : FEEL_OFFSET, .zone = run->zone};
    struct feel_moment *moment = ARENA_NEW(run->arena, struct feel_moment);
    struct feel_span instant = {time_us / 1000000, (int32_t)(time_us % 1000000 * 1000)};
    bool made = moment_of_instant(instant, &like, moment);
    assert(made); /* Microseconds do not reach past the years that exist. */
    (void)made;
    return (struct feel_value){.type = FEEL_DATE_TIME, .moment = moment};
}

const struct feel_value *feel_get(const struct feel_value *context, struct str name)
{
    if (context->type != FEEL_CONTEXT)
        return NULL;
    for (size_t i = 0; i < context->context.count; i++)
        if (str_equal(context->context.entries[i].name, name))
            return &context->context.entries[i].value;
    return NULL;
}

/* ---- Order and equality ---- */

static enum order order_of(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static enum order date_order(struct feel_date a, struct feel_date b)
{
    if (a.year != b.year)
        return order_of(a.year, b.year);
    return a.month != b.month ? order_of(a.month, b.month) : order_of(a.day, b.day);
}

/* Times compare by the millisecond; a local one and one with an offset do not. */
static enum order moment_order(const struct feel_value *a, const struct feel_value *b)
{
    const struct feel_moment *x = a->moment, *y = b->moment;
    enum { TICK = 1000000 };
    if ((x->kind == FEEL_LOCAL) != (y->kind == FEEL_LOCAL))
        return ORDER_NONE;
    if (a->type == FEEL_TIME)
        return order_of(x->nanos / TICK - (x->kind ? time_offset(x) : 0) * INT64_C(1000),
                        y->nanos / TICK - (y->kind ? time_offset(y) : 0) * INT64_C(1000));
    struct feel_span p = moment_instant(x), q = moment_instant(y);
    if (p.seconds != q.seconds)
        return order_of(p.seconds, q.seconds);
    return order_of(p.nanos / TICK, q.nanos / TICK);
}

enum order value_order(const struct feel_value *a, const struct feel_value *b)
{
    if (a->type != b->type)
        return ORDER_NONE;
    switch (a->type) {
    case FEEL_NUMBER:
        return number_compare(a->number, b->number);
    case FEEL_STRING: {
        int order = str_compare(a->text, b->text);
        return (order > 0) - (order < 0);
    }
    case FEEL_DATE:
        return date_order(a->date, b->date);
    case FEEL_TIME:
    case FEEL_DATE_TIME:
        return moment_order(a, b);
    case FEEL_DAYS:
        return a->span.seconds != b->span.seconds ? order_of(a->span.seconds, b->span.seconds)
                                                  : order_of(a->span.nanos, b->span.nanos);
    case FEEL_YEARS:
        return order_of(a->months, b->months);
    default:
        return ORDER_NONE;
    }
}

static enum tri lists_equal(const struct feel_value *a, const struct feel_value *b)
{
    if (a->list.count != b->list.count)
        return TRI_FALSE;
    for (size_t i = 0; i < a->list.count; i++)
        if (value_equal(&a->list.items[i], &b->list.items[i]) != TRI_TRUE)
            return TRI_FALSE;
    return TRI_TRUE;
}

static enum tri contexts_equal(const struct feel_value *a, const struct feel_value *b)
{
    if (a->context.count != b->context.count)
        return TRI_FALSE;
    for (size_t i = 0; i < a->context.count; i++) {
        const struct feel_value *other = feel_get(b, a->context.entries[i].name);
        if (!other || value_equal(&a->context.entries[i].value, other) != TRI_TRUE)
            return TRI_FALSE;
    }
    return TRI_TRUE;
}

static enum tri ranges_equal(const struct feel_range *a, const struct feel_range *b)
{
    bool same_sign = a->sign == b->sign || (a->sign && b->sign && strcmp(a->sign, b->sign) == 0);
    return same_sign && a->low_bound == b->low_bound && a->high_bound == b->high_bound &&
                   value_equal(&a->low, &b->low) == TRI_TRUE &&
                   value_equal(&a->high, &b->high) == TRI_TRUE
               ? TRI_TRUE
               : TRI_FALSE;
}

enum tri value_equal(const struct feel_value *a, const struct feel_value *b)
{
    if (a->type == FEEL_NULL || b->type == FEEL_NULL)
        return a->type == b->type ? TRI_TRUE : TRI_FALSE;
    if (a->type != b->type)
        return TRI_NULL;
    switch (a->type) {
    case FEEL_BOOLEAN:
        return a->boolean == b->boolean ? TRI_TRUE : TRI_FALSE;
    case FEEL_LIST:
        return lists_equal(a, b);
    case FEEL_CONTEXT:
        return contexts_equal(a, b);
    case FEEL_RANGE:
        return ranges_equal(a->range, b->range);
    case FEEL_FUNCTION:
        return a->function == b->function ? TRI_TRUE : TRI_FALSE;
    default:
        return value_order(a, b) == ORDER_SAME ? TRI_TRUE : TRI_FALSE;
    }
}

bool feel_equal(const struct feel_value *a, const struct feel_value *b)
{
    return value_equal(a, b) == TRI_TRUE;
}

enum tri range_holds(const struct feel_range *range, const struct feel_value *value)
{
    if (range->sign && range->low_bound == FEEL_CLOSED && range->high_bound == FEEL_CLOSED)
        return value_equal(value, &range->low); /* "=5", of any type */
    if (range->sign && *range->sign == '!') {
        enum tri same = value_equal(value, &range->low);
        return same == TRI_NULL ? TRI_NULL : same == TRI_TRUE ? TRI_FALSE : TRI_TRUE;
    }
    if (!range->sign && (range->low_bound == FEEL_UNBOUNDED || range->high_bound == FEEL_UNBOUNDED))
        return TRI_NULL;
    if (range->low_bound != FEEL_UNBOUNDED) {
        enum order order = value_order(value, &range->low);
        if (order == ORDER_NONE)
            return TRI_NULL;
        if (order == ORDER_LESS || (order == ORDER_SAME && range->low_bound == FEEL_OPEN))
            return TRI_FALSE;
    }
    if (range->high_bound != FEEL_UNBOUNDED) {
        enum order order = value_order(value, &range->high);
        if (order == ORDER_NONE)
            return TRI_NULL;
        if (order == ORDER_MORE || (order == ORDER_SAME && range->high_bound == FEEL_OPEN))
            return TRI_FALSE;
    }
    return TRI_TRUE;
}

/* ---- Text ---- */

static void write_quoted(struct buf *buf, struct str text)
{
    buf_add_char(buf, '"');
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '"' || c == '\\')
            buf_add_char(buf, '\\');
        if (c == '\n')
            buf_add_c(buf, "\\n");
        else
            buf_add_char(buf, c);
    }
    buf_add_char(buf, '"');
}

static bool plain_key(struct str key)
{
    for (size_t at = 0; at < key.len;) {
        bool first = at == 0;
        uint32_t point = utf8_next(key, &at);
        if (first ? !scan_name_start(point) : !scan_name_part(point) && point != ' ')
            return false;
    }
    return key.len > 0;
}

static void write_value(struct buf *buf, const struct feel_value *value, bool quote, int depth);

static void write_range(struct buf *buf, const struct feel_range *range, int depth)
{
    if (range->sign) {
        buf_add_char(buf, '(');
        buf_add_c(buf, range->sign);
        write_value(buf, range->low_bound == FEEL_UNBOUNDED ? &range->high : &range->low, true,
                    depth);
        buf_add_char(buf, ')');
        return;
    }
    buf_add_char(buf, range->low_bound == FEEL_CLOSED ? '[' : '(');
    write_value(buf, &range->low, true, depth);
    buf_add_c(buf, "..");
    write_value(buf, &range->high, true, depth);
    buf_add_char(buf, range->high_bound == FEEL_CLOSED ? ']' : ')');
}

static void write_list(struct buf *buf, const struct feel_value *value, int depth)
{
    buf_add_char(buf, '[');
    for (size_t i = 0; i < value->list.count && !buf->full; i++) {
        if (i > 0)
            buf_add_c(buf, ", ");
        write_value(buf, &value->list.items[i], true, depth);
    }
    buf_add_char(buf, ']');
}

static void write_context(struct buf *buf, const struct feel_value *value, int depth)
{
    buf_add_char(buf, '{');
    for (size_t i = 0; i < value->context.count && !buf->full; i++) {
        const struct feel_entry *entry = &value->context.entries[i];
        if (i > 0)
            buf_add_c(buf, ", ");
        if (plain_key(entry->name))
            buf_add_str(buf, entry->name);
        else
            write_quoted(buf, entry->name);
        buf_add_c(buf, ": ");
        write_value(buf, &entry->value, true, depth);
    }
    buf_add_char(buf, '}');
}

static void write_function(struct buf *buf, const struct feel_function *function)
{
    buf_add_c(buf, "function(");
    for (size_t i = 0; i < function->count; i++) {
        if (i > 0)
            buf_add_c(buf, ", ");
        buf_add_str(buf, function->params[i]);
    }
    buf_add_char(buf, ')');
}

static void write_value(struct buf *buf, const struct feel_value *value, bool quote, int depth)
{
    if (depth == WRITE_DEPTH_MAX) {
        buf_add_c(buf, "…");
        return;
    }
    switch (value->type) {
    case FEEL_NULL:
    case FEEL_TYPE_COUNT:
        buf_add_c(buf, "null");
        break;
    case FEEL_BOOLEAN:
        buf_add_c(buf, value->boolean ? "true" : "false");
        break;
    case FEEL_NUMBER:
        number_write(buf, value->number);
        break;
    case FEEL_STRING:
        if (quote)
            write_quoted(buf, value->text);
        else
            buf_add_str(buf, value->text);
        break;
    case FEEL_DATE:
        date_write(buf, value->date);
        break;
    case FEEL_TIME:
        time_write(buf, value->moment);
        break;
    case FEEL_DATE_TIME:
        date_time_write(buf, value->moment);
        break;
    case FEEL_DAYS:
        days_write(buf, value->span);
        break;
    case FEEL_YEARS:
        years_write(buf, value->months);
        break;
    case FEEL_LIST:
        write_list(buf, value, depth + 1);
        break;
    case FEEL_CONTEXT:
        write_context(buf, value, depth + 1);
        break;
    case FEEL_RANGE:
        write_range(buf, value->range, depth + 1);
        break;
    case FEEL_FUNCTION:
        write_function(buf, value->function);
        break;
    }
}

void value_write(struct buf *buf, const struct feel_value *value, bool quote)
{
    write_value(buf, value, quote, 0);
}

struct str feel_text(struct arena *arena, const struct feel_value *value)
{
    if (value->type == FEEL_STRING)
        return value->text;
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, TEXT_MAX);
    value_write(&buf, value, false);
    return str_copy(arena, buf_str(&buf));
}

struct str value_short(struct feel_run *run, const struct feel_value *value)
{
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, 4096);
    value_write(&buf, value, true);
    struct str text = buf_str(&buf);
    if (text.len <= SHORT_TEXT)
        return str_copy(run->arena, text);
    size_t end = 0;
    while (end < SHORT_TEXT)
        utf8_next(text, &end);
    return str_format(run->arena, "%.*s…", (int)end, text.ptr);
}
