/* Decimal128 arithmetic on finite numbers, over Intel's library.
 *
 * Results are rounded half to even at 34 digits. A function that returns bool gives false, and
 * leaves its output alone, where the result is no finite number. There is no negative zero.
 */
#ifndef FEEL_NUMBER_H
#define FEEL_NUMBER_H

#include "feel/feel.h"

enum { NUMBER_DIGITS = 34, NUMBER_TEXT_MAX = 6200 };

enum number_rounding {
    ROUND_HALF_EVEN,
    ROUND_UP,
    ROUND_DOWN,
    ROUND_HALF_UP,
    ROUND_HALF_DOWN,
    ROUND_FLOOR,
    ROUND_CEILING
};

struct feel_number number_of(int64_t value);
bool number_read(struct str text, struct feel_number *out); /* "-1.5e3"; a finite result only. */
void number_write(struct buf *buf, struct feel_number n);   /* Keeps trailing zeros: "1.10". */

int number_compare(struct feel_number a, struct feel_number b); /* −1, 0, 1 */
int number_sign(struct feel_number n);
bool number_is_whole(struct feel_number n);
bool number_to_int64(struct feel_number n, int64_t *out);    /* false unless whole and in range. */
bool number_trunc_int64(struct feel_number n, int64_t *out); /* Towards zero. */

bool number_add(struct feel_number a, struct feel_number b, struct feel_number *out);
bool number_subtract(struct feel_number a, struct feel_number b, struct feel_number *out);
bool number_multiply(struct feel_number a, struct feel_number b, struct feel_number *out);
bool number_divide(struct feel_number a, struct feel_number b, struct feel_number *out);
bool number_modulo(struct feel_number a, struct feel_number b, struct feel_number *out);
/* Whole exponents are correctly rounded; others are within a few units in the last place. */
bool number_power(struct feel_number base, struct feel_number exponent, struct feel_number *out);
bool number_sqrt(struct feel_number n, struct feel_number *out);
bool number_exp(struct feel_number n, struct feel_number *out);
bool number_log(struct feel_number n, struct feel_number *out);
struct feel_number number_negate(struct feel_number n);
struct feel_number number_abs(struct feel_number n);
/* `scale` digits behind the point (negative: before it), −6111 … 6176. */
bool number_round(struct feel_number n, int64_t scale, enum number_rounding rounding,
                  struct feel_number *out);

#endif
