#include "feel/power.h"

#include "feel/number.h"

#include <stdio.h>

/* Repeated squaring on a long coefficient: 90 digits, where 34 are kept at the end. Each step cuts
 * off less than 1e-80 of the value, so that the last rounding sees every digit that matters. What
 * is exact in decimal128, and every tie, is exact here. */
enum { LIMBS = 10, LIMB_DIGITS = 9, LIMB = 1000000000 };

struct long_decimal {
    uint32_t limb[LIMBS]; /* Least significant first. */
    int64_t exponent;     /* Of the lowest limb's unit, in decimal digits. */
    bool cut;             /* Nonzero digits were dropped below. */
};

static size_t limbs_used(const uint32_t *limb, size_t count)
{
    while (count > 0 && limb[count - 1] == 0)
        count--;
    return count;
}

static struct long_decimal multiply(const struct long_decimal *a, const struct long_decimal *b)
{
    uint32_t product[2 * LIMBS] = {0};
    for (size_t i = 0; i < LIMBS; i++) {
        uint64_t carry = 0;
        for (size_t j = 0; j < LIMBS; j++) {
            carry += (uint64_t)a->limb[i] * b->limb[j] + product[i + j];
            product[i + j] = (uint32_t)(carry % LIMB);
            carry /= LIMB;
        }
        product[i + LIMBS] = (uint32_t)carry;
    }
    size_t used = limbs_used(product, 2 * LIMBS);
    size_t drop = used > LIMBS ? used - LIMBS : 0;
    struct long_decimal out = {.exponent = a->exponent + b->exponent + (int64_t)drop * LIMB_DIGITS,
                               .cut = a->cut || b->cut};
    for (size_t i = 0; i < drop; i++)
        out.cut = out.cut || product[i] != 0;
    memcpy(out.limb, product + drop, LIMBS * sizeof(out.limb[0]));
    return out;
}

static int compare(const uint32_t *a, const uint32_t *b)
{
    for (size_t i = LIMBS + 1; i-- > 0;)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return 0;
}

static void subtract(uint32_t *a, const uint32_t *b)
{
    int64_t borrow = 0;
    for (size_t i = 0; i <= LIMBS; i++) {
        int64_t rest = (int64_t)a[i] - b[i] - borrow;
        borrow = rest < 0;
        a[i] = (uint32_t)(borrow ? rest + LIMB : rest);
    }
}

static void times_ten(uint32_t *a)
{
    uint64_t carry = 0;
    for (size_t i = 0; i <= LIMBS; i++) {
        carry += (uint64_t)a[i] * 10;
        a[i] = (uint32_t)(carry % LIMB);
        carry /= LIMB;
    }
}

/* Writes `value` or its reciprocal as digits with a sticky last one, and reads that back. */
static bool finish(const struct long_decimal *value, bool reciprocal, bool negative,
                   struct feel_number *out)
{
    char text[LIMBS * LIMB_DIGITS + 64];
    int len = negative ? snprintf(text, 2, "-") : 0;
    int64_t exponent;
    bool sticky = value->cut;
    if (!reciprocal) {
        size_t used = limbs_used(value->limb, LIMBS);
        for (size_t i = used; i-- > 0;)
            len += snprintf(text + len, 10, i + 1 == used ? "%u" : "%09u", value->limb[i]);
        exponent = value->exponent;
    } else { /* Long division, digit by digit: 1 / m = 10^-places × quotient. */
        uint32_t rest[LIMBS + 1] = {1}, divisor[LIMBS + 1] = {0};
        memcpy(divisor, value->limb, sizeof(value->limb));
        int64_t places = 0;
        int found = 0;
        for (;; places++) {
            int digit = 0;
            for (; compare(rest, divisor) >= 0; digit++)
                subtract(rest, divisor);
            if (found || digit) {
                text[len++] = (char)('0' + digit);
                found++;
            }
            if (found == NUMBER_DIGITS + 12 || limbs_used(rest, LIMBS + 1) == 0)
                break;
            times_ten(rest);
        }
        sticky = sticky || limbs_used(rest, LIMBS + 1) > 0;
        exponent = -value->exponent - places;
    }
    if (sticky) { /* A digit below all others decides what only looks like a tie. */
        text[len++] = '1';
        exponent--;
    }
    if (exponent > 99999999 || exponent < -99999999)
        return false;
    len += snprintf(text + len, 16, "e%" PRId64, exponent);
    return number_read((struct str){text, (size_t)len}, out);
}

static struct long_decimal from_number(struct feel_number n)
{
    uint64_t high = n.word[1] & ((UINT64_C(1) << 49) - 1);
    unsigned __int128 coefficient = (unsigned __int128)high << 64 | n.word[0];
    struct long_decimal out = {.exponent = (int64_t)(n.word[1] >> 49 & 0x3FFF) - 6176};
    while (coefficient != 0 && coefficient % 10 == 0) {
        coefficient /= 10;
        out.exponent++;
    }
    for (size_t i = 0; coefficient != 0; i++, coefficient /= LIMB)
        out.limb[i] = (uint32_t)(coefficient % LIMB);
    return out;
}

bool power_whole(struct feel_number base, int64_t exponent, struct feel_number *out)
{
    int sign = number_sign(base);
    if (sign == 0) {
        if (exponent < 0)
            return false;
        *out = number_of(exponent == 0);
        return true;
    }
    uint64_t left = exponent < 0 ? 0 - (uint64_t)exponent : (uint64_t)exponent;
    bool negative = sign < 0 && left % 2 == 1;
    struct long_decimal square = from_number(base), power = {.limb = {1}};
    for (; left > 0; left >>= 1) {
        if (left & 1)
            power = multiply(&power, &square);
        if (left > 1)
            square = multiply(&square, &square);
        if (square.exponent > 100000000 || square.exponent < -100000000) {
            size_t used = limbs_used(square.limb, LIMBS);
            bool huge = square.exponent + (int64_t)used * LIMB_DIGITS > 0;
            if (huge == (exponent > 0))
                return false;
            *out = number_of(0);
            return true;
        }
    }
    return finish(&power, exponent < 0, negative, out);
}
