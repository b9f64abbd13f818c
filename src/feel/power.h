/* Whole powers of decimals, correctly rounded. */
#ifndef FEEL_POWER_H
#define FEEL_POWER_H

#include "feel/feel.h"

/* false where the result is no finite decimal128: too large, or zero to a negative power. */
bool power_whole(struct feel_number base, int64_t exponent, struct feel_number *out);

#endif
