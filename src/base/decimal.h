/* Decimal numbers as text, ten times as fast as by the C library and the same to the last digit.
 *
 * Large tables are mostly numbers. Both ways are exact: integers of 128 bits hold what the digits
 * say, and one rounding (to nearest, ties to even) follows. What is too long or too large for that
 * goes to the C library, which takes its decimal point from the locale: the program stays in "C".
 */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include "base/base.h"

/* Reads a number of JSON's grammar at `at`, as strtod would, and gives where it ends. NULL if none
 * stands there or it is longer than LIMIT_JSON_NUMBER; `out` is infinite if it is too large. */
const char *decimal_read(const char *at, const char *end, double *out);

enum { DECIMAL_DIGITS = 12, DECIMAL_SIZE = 32 };

/* Writes as printf's "%.12g" does; the length, without a NUL. */
size_t decimal_write(double value, char to[DECIMAL_SIZE]);

#endif
