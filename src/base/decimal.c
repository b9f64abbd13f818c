#include "base/decimal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

__extension__ typedef unsigned __int128 wide;

enum {
    TENS = 20,         /* Powers of ten that 64 bits hold. */
    DIGITS_EXACT = 19, /* Decimal digits that 64 bits always hold. */
    DOUBLE_BITS = 53,
};

static const uint64_t TEN[TENS] = {UINT64_C(1),
                                   UINT64_C(10),
                                   UINT64_C(100),
                                   UINT64_C(1000),
                                   UINT64_C(10000),
                                   UINT64_C(100000),
                                   UINT64_C(1000000),
                                   UINT64_C(10000000),
                                   UINT64_C(100000000),
                                   UINT64_C(1000000000),
                                   UINT64_C(10000000000),
                                   UINT64_C(100000000000),
                                   UINT64_C(1000000000000),
                                   UINT64_C(10000000000000),
                                   UINT64_C(100000000000000),
                                   UINT64_C(1000000000000000),
                                   UINT64_C(10000000000000000),
                                   UINT64_C(100000000000000000),
                                   UINT64_C(1000000000000000000),
                                   UINT64_C(10000000000000000000)};

/* ---- reading ------------------------------------------------------------------------------ */

static double power_of_two(int exponent)
{
    uint64_t bits = (uint64_t)(1023 + exponent) << 52;
    double out;
    memcpy(&out, &bits, sizeof(out));
    return out;
}

/* `number` / 10^`places`, rounded once; both fit 64 bits and the result is far from the ends. */
static double divide(uint64_t number, size_t places)
{
    if (number >> DOUBLE_BITS == 0)
        return (double)number / (double)TEN[places]; /* Both exact up to 10^22. */
    int up = __builtin_clzll(number), over = __builtin_clzll(TEN[places]);
    uint64_t divisor = TEN[places] << over;
    wide dividend = (wide)(number << up) << 63;
    uint64_t quotient = (uint64_t)(dividend / divisor); /* 63 or 64 bits */
    bool more = (wide)quotient * divisor != dividend;
    int drop = 64 - __builtin_clzll(quotient) - DOUBLE_BITS;
    uint64_t kept = quotient >> drop, half = UINT64_C(1) << (drop - 1);
    uint64_t rest = quotient & (2 * half - 1);
    kept += rest > half || (rest == half && (more || (kept & 1)));
    return (double)kept * power_of_two(drop - 63 + over - up);
}

static const char *read_slowly(const char *at, const char *end, double *out)
{
    char text[LIMIT_JSON_NUMBER + 1];
    size_t length = (size_t)(end - at);
    if (length > LIMIT_JSON_NUMBER)
        return NULL;
    memcpy(text, at, length);
    text[length] = 0;
    *out = strtod(text, NULL);
    return end;
}

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Behind "e" or "E"; NULL without digits. */
static const char *skip_exponent(const char *at, const char *end)
{
    if (at < end && (*at == '+' || *at == '-'))
        at++;
    const char *begin = at;
    while (at < end && is_digit(*at))
        at++;
    return at > begin ? at : NULL;
}

const char *decimal_read(const char *at, const char *end, double *out)
{
    const char *begin = at, *digits, *point = NULL;
    bool negative = at < end && *at == '-';
    uint64_t number = 0; /* Wraps if there are too many digits: then it is not used. */
    at += negative;
    for (digits = at; at < end && is_digit(*at); at++)
        number = number * 10 + (uint64_t)(*at - '0');
    if (at == digits || (*digits == '0' && at > digits + 1))
        return NULL;
    size_t places = 0, length = (size_t)(at - digits);
    if (at < end && *at == '.') {
        for (point = ++at; at < end && is_digit(*at); at++)
            number = number * 10 + (uint64_t)(*at - '0');
        places = (size_t)(at - point);
        if (places == 0)
            return NULL;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at = skip_exponent(at + 1, end);
        return at ? read_slowly(begin, at, out) : NULL;
    }
    if (length + places > DIGITS_EXACT)
        return read_slowly(begin, at, out);
    double value = places ? divide(number, places) : (double)number;
    *out = negative ? -value : value;
    return at;
}

/* ---- writing ------------------------------------------------------------------------------ */

/* Where the exponent grows. Below 1 these are no exact powers of ten: a value beside one may get
 * its neighbour's exponent, and comes out right, as both round to that power. */
static const double STEP[] = {1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2, 1e3,
                              1e4,  1e5,  1e6,  1e7, 1e8, 1e9, 1e10};
enum { EXPONENT_LEAST = -4 };

/* The digits of |value|, 1e-4 <= |value| < 1e12, as a number of DECIMAL_DIGITS digits whose first
 * stands at 10^*exponent. */
static uint64_t digits_of(double value, int *exponent)
{
    uint64_t bits, mantissa;
    memcpy(&bits, &value, sizeof(bits));
    mantissa = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
    int drop = 1075 - (int)(bits >> 52 & 0x7ff), power = EXPONENT_LEAST; /* 13 to 66 */
    for (size_t i = 0; i < COUNT_OF(STEP) && value >= STEP[i]; i++)
        power++;
    wide scaled = (wide)mantissa * TEN[DECIMAL_DIGITS - 1 - power];
    wide half = (wide)1 << (drop - 1), rest = scaled & (2 * half - 1);
    uint64_t digits = (uint64_t)(scaled >> drop);
    digits += rest > half || (rest == half && (digits & 1));
    if (digits == TEN[DECIMAL_DIGITS]) {
        digits /= 10;
        power++;
    }
    *exponent = power;
    return digits;
}

size_t decimal_write(double value, char to[DECIMAL_SIZE])
{
    double size = fabs(value);
    if (!(size >= 1e-4 && size < 1e11)) /* Rare: zero, none, too small or too large. */
        return (size_t)snprintf(to, DECIMAL_SIZE, "%.12g", value);
    int exponent, count = DECIMAL_DIGITS;
    uint64_t number = digits_of(size, &exponent);
    char digits[DECIMAL_DIGITS];
    for (int i = DECIMAL_DIGITS - 1; i >= 0; i--, number /= 10)
        digits[i] = (char)('0' + number % 10);
    while (count > 1 && digits[count - 1] == '0')
        count--;
    char *at = to;
    if (value < 0)
        *at++ = '-';
    int whole = exponent + 1; /* Digits before the point. */
    for (int i = whole; i <= 0; i++) {
        *at++ = '0';
        if (i == whole)
            *at++ = '.';
    }
    for (int i = 0; i < count || i < whole; i++) {
        if (i == whole && i > 0)
            *at++ = '.';
        *at++ = i < count ? digits[i] : '0';
    }
    return (size_t)(at - to);
}
