/* Types beyond what feel.h says of them. */
#ifndef FEEL_TYPE_H
#define FEEL_TYPE_H

#include "feel/tree.h"

/* Is every value of `narrow` one of `wide`? */
bool type_covers(const struct feel_type_spec *wide, const struct feel_type_spec *narrow);
/* feel_coerce without a reason: false, and `out` left alone, where the value does not fit. */
bool type_coerce(struct feel_run *run, const struct feel_value *value,
                 const struct feel_type_spec *type, struct feel_value *out);
void type_write(struct buf *buf, const struct feel_type_spec *type);

#endif
