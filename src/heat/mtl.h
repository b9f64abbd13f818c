/* Landsat's metadata file (MTL): names and values, flat, whatever groups they stand in. */
#ifndef HEAT_MTL_H
#define HEAT_MTL_H

#include "base/base.h"

struct mtl_entry {
    struct str name, value;
};

struct mtl {
    const struct mtl_entry *items; /* In the file's order. */
    size_t count;
};

/* Reads the ODL text (…_MTL.txt), the JSON or the XML form. Views into `text`.
 * ERR_SYNTAX, ERR_LIMIT. */
MUST_USE enum err mtl_read(struct arena *arena, struct str text, struct mtl *out);

/* The first value of that name, or the absent text: the product's own group comes first. */
struct str mtl_text(const struct mtl *mtl, const char *name);
/* ERR_INVALID if it is absent or no finite number. */
MUST_USE enum err mtl_real(const struct mtl *mtl, const char *name, double *out);

#endif
