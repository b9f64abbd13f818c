#include "feel/number.h"

#include "feel/power.h"

#include <bid_conf.h>
#include <bid_functions.h>

/* The layout of the binary encoding: sign, 14 bits of exponent, 113 bits of coefficient. */
static const uint64_t SIGN = UINT64_C(1) << 63;
static const uint64_t UNIT = UINT64_C(6176) << 49; /* High word of a small whole number. */
static const uint64_t HIGH_COEFFICIENT = (UINT64_C(1) << 49) - 1;
enum { BIAS = 6176, EXPONENT_BITS = 0x3FFF };

static BID_UINT128 bid(struct feel_number n)
{
    return (BID_UINT128){.w = {n.word[0], n.word[1]}};
}

static struct feel_number plain(BID_UINT128 n)
{
    struct feel_number out = {{n.w[0], n.w[1]}};
    if (out.word[0] == 0 && (out.word[1] & HIGH_COEFFICIENT) == 0)
        out.word[1] &= ~SIGN;
    return out;
}

static bool take(BID_UINT128 n, struct feel_number *out)
{
    if (!bid128_isFinite(n))
        return false;
    *out = plain(n);
    return true;
}

/* The common case, money and counts: whole numbers of one word. */
static bool small(struct feel_number n, int64_t *out)
{
    if ((n.word[1] & ~SIGN) != UNIT || n.word[0] > INT64_MAX)
        return false;
    *out = n.word[1] & SIGN ? -(int64_t)n.word[0] : (int64_t)n.word[0];
    return true;
}

struct feel_number number_of(int64_t value)
{
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    return (struct feel_number){{size, value < 0 ? UNIT | SIGN : UNIT}};
}

static bool digits(struct str text, size_t *at)
{
    size_t begin = *at;
    while (*at < text.len && text.ptr[*at] >= '0' && text.ptr[*at] <= '9')
        ++*at;
    return *at > begin;
}

static bool is_number(struct str text)
{
    size_t at = text.len > 0 && text.ptr[0] == '-' ? 1 : 0;
    bool whole = digits(text, &at);
    bool part = false;
    if (at < text.len && text.ptr[at] == '.') {
        at++;
        part = digits(text, &at);
        if (!part)
            return false;
    }
    if (!whole && !part)
        return false;
    if (at < text.len && (text.ptr[at] == 'e' || text.ptr[at] == 'E')) {
        at++;
        if (at < text.len && (text.ptr[at] == '+' || text.ptr[at] == '-'))
            at++;
        size_t begin = at;
        if (!digits(text, &at) || at - begin > 8)
            return false;
    }
    return at == text.len;
}

bool number_read(struct str text, struct feel_number *out)
{
    int64_t value;
    if (text.len <= 18 && text.len > 0 && text.ptr[0] != '-' && str_to_int(text, &value) == OK) {
        *out = number_of(value);
        return true;
    }
    char copy[NUMBER_TEXT_MAX + 64];
    if (!is_number(text) || text.len >= sizeof(copy))
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    _IDEC_flags flags = 0;
    return take(bid128_from_string(copy, BID_ROUNDING_TO_NEAREST, &flags), out);
}

void number_write(struct buf *buf, struct feel_number n)
{
    int64_t value;
    if (small(n, &value)) {
        buf_add_int(buf, value);
        return;
    }
    char text[64]; /* "+123E-6" */
    _IDEC_flags flags = 0;
    bid128_to_string(text, bid(n), &flags);
    const char *digit = text + 1, *mark = strchr(text, 'E');
    assert(mark && mark > digit);
    int count = (int)(mark - digit), exponent = 0;
    for (const char *c = mark + 2; *c; c++)
        exponent = exponent * 10 + (*c - '0');
    if (mark[1] == '-')
        exponent = -exponent;
    if (text[0] == '-')
        buf_add_char(buf, '-');
    int point = count + exponent; /* Digits before the decimal point. */
    if (exponent >= 0) {
        buf_add(buf, digit, (size_t)count);
        for (int i = 0; i < exponent && !(count == 1 && digit[0] == '0'); i++)
            buf_add_char(buf, '0');
    } else if (point > 0) {
        buf_add(buf, digit, (size_t)point);
        buf_add_char(buf, '.');
        buf_add(buf, digit + point, (size_t)(count - point));
    } else {
        buf_add_c(buf, "0.");
        for (int i = point; i < 0; i++)
            buf_add_char(buf, '0');
        buf_add(buf, digit, (size_t)count);
    }
}

int number_compare(struct feel_number a, struct feel_number b)
{
    int64_t x, y;
    if (small(a, &x) && small(b, &y))
        return (x > y) - (x < y);
    _IDEC_flags flags = 0;
    if (bid128_quiet_less(bid(a), bid(b), &flags))
        return -1;
    return bid128_quiet_greater(bid(a), bid(b), &flags) ? 1 : 0;
}

int number_sign(struct feel_number n)
{
    if (bid128_isZero(bid(n)))
        return 0;
    return n.word[1] & SIGN ? -1 : 1;
}

bool number_is_whole(struct feel_number n)
{
    if ((n.word[1] & ~SIGN) == UNIT)
        return true;
    _IDEC_flags flags = 0;
    BID_UINT128 whole = bid128_round_integral_zero(bid(n), &flags);
    return bid128_quiet_equal(whole, bid(n), &flags);
}

static bool to_int64(BID_UINT128 n, int64_t *out)
{
    _IDEC_flags flags = 0;
    int64_t value = (int64_t)bid128_to_int64_int(n, &flags);
    if (flags & BID_INVALID_EXCEPTION)
        return false;
    *out = value;
    return true;
}

bool number_to_int64(struct feel_number n, int64_t *out)
{
    return small(n, out) || (number_is_whole(n) && to_int64(bid(n), out));
}

bool number_trunc_int64(struct feel_number n, int64_t *out)
{
    _IDEC_flags flags = 0;
    return small(n, out) || to_int64(bid128_round_integral_zero(bid(n), &flags), out);
}

bool number_add(struct feel_number a, struct feel_number b, struct feel_number *out)
{
    int64_t x, y, sum;
    if (small(a, &x) && small(b, &y) && !__builtin_add_overflow(x, y, &sum)) {
        *out = number_of(sum);
        return true;
    }
    _IDEC_flags flags = 0;
    return take(bid128_add(bid(a), bid(b), BID_ROUNDING_TO_NEAREST, &flags), out);
}

bool number_subtract(struct feel_number a, struct feel_number b, struct feel_number *out)
{
    int64_t x, y, rest;
    if (small(a, &x) && small(b, &y) && !__builtin_sub_overflow(x, y, &rest)) {
        *out = number_of(rest);
        return true;
    }
    _IDEC_flags flags = 0;
    return take(bid128_sub(bid(a), bid(b), BID_ROUNDING_TO_NEAREST, &flags), out);
}

bool number_multiply(struct feel_number a, struct feel_number b, struct feel_number *out)
{
    int64_t x, y, product;
    if (small(a, &x) && small(b, &y) && !__builtin_mul_overflow(x, y, &product)) {
        *out = number_of(product);
        return true;
    }
    _IDEC_flags flags = 0;
    return take(bid128_mul(bid(a), bid(b), BID_ROUNDING_TO_NEAREST, &flags), out);
}

bool number_divide(struct feel_number a, struct feel_number b, struct feel_number *out)
{
    if (number_sign(b) == 0)
        return false;
    _IDEC_flags flags = 0;
    return take(bid128_div(bid(a), bid(b), BID_ROUNDING_TO_NEAREST, &flags), out);
}

/* The result has the divisor's sign: a − b × floor(a / b), without rounding on the way. */
bool number_modulo(struct feel_number a, struct feel_number b, struct feel_number *out)
{
    if (number_sign(b) == 0)
        return false;
    _IDEC_flags flags = 0;
    struct feel_number rest;
    if (!take(bid128_fmod(bid(a), bid(b), &flags), &rest))
        return false;
    int sign = number_sign(rest);
    if (sign != 0 && sign != number_sign(b))
        return number_add(rest, b, out);
    *out = rest;
    return true;
}

bool number_power(struct feel_number base, struct feel_number exponent, struct feel_number *out)
{
    int64_t whole;
    if (number_to_int64(exponent, &whole))
        return power_whole(base, whole, out);
    _IDEC_flags flags = 0;
    return take(bid128_pow(bid(base), bid(exponent), BID_ROUNDING_TO_NEAREST, &flags), out);
}

bool number_sqrt(struct feel_number n, struct feel_number *out)
{
    _IDEC_flags flags = 0;
    return take(bid128_sqrt(bid(n), BID_ROUNDING_TO_NEAREST, &flags), out);
}

bool number_exp(struct feel_number n, struct feel_number *out)
{
    _IDEC_flags flags = 0;
    return take(bid128_exp(bid(n), BID_ROUNDING_TO_NEAREST, &flags), out);
}

bool number_log(struct feel_number n, struct feel_number *out)
{
    if (number_sign(n) <= 0)
        return false;
    _IDEC_flags flags = 0;
    return take(bid128_log(bid(n), BID_ROUNDING_TO_NEAREST, &flags), out);
}

struct feel_number number_negate(struct feel_number n)
{
    return plain(bid128_negate(bid(n)));
}

struct feel_number number_abs(struct feel_number n)
{
    return plain(bid128_abs(bid(n)));
}

static const _IDEC_round MODES[] = {
    [ROUND_HALF_EVEN] = BID_ROUNDING_TO_NEAREST, [ROUND_DOWN] = BID_ROUNDING_TO_ZERO,
    [ROUND_HALF_UP] = BID_ROUNDING_TIES_AWAY,    [ROUND_FLOOR] = BID_ROUNDING_DOWN,
    [ROUND_CEILING] = BID_ROUNDING_UP,
};

static BID_UINT128 quantize(struct feel_number n, BID_UINT128 unit, _IDEC_round mode)
{
    _IDEC_flags flags = 0;
    return bid128_quantize(bid(n), unit, mode, &flags);
}

bool number_round(struct feel_number n, int64_t scale, enum number_rounding rounding,
                  struct feel_number *out)
{
    if (scale < -6111 || scale > 6176)
        return false;
    BID_UINT128 unit = {.w = {1, (uint64_t)(BIAS - scale) << 49}};
    bool negative = (n.word[1] & SIGN) != 0;
    struct feel_number result;
    _IDEC_round mode;
    if (rounding == ROUND_UP) {
        mode = negative ? BID_ROUNDING_DOWN : BID_ROUNDING_UP;
    } else if (rounding == ROUND_HALF_DOWN) {
        /* Half down is half up, but for exact halves: those lie one unit closer to zero. */
        struct feel_number up, down, low, high;
        if (!take(quantize(n, unit, BID_ROUNDING_TIES_AWAY), &up) ||
            !take(quantize(n, unit, BID_ROUNDING_TO_ZERO), &down)) {
            *out = n; /* Has fewer digits than asked for. */
            return true;
        }
        if (!number_subtract(n, down, &low) || !number_subtract(up, n, &high))
            return false;
        *out = number_compare(number_abs(low), number_abs(high)) <= 0 ? down : up;
        return true;
    } else {
        mode = MODES[rounding];
    }
    if (!take(quantize(n, unit, mode), &result))
        result = n;
    *out = result;
    return true;
}
