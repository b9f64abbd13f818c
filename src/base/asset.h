/* Files that are part of the program: migrations, services, the web app. See tools/embed.py. */
#ifndef BASE_ASSET_H
#define BASE_ASSET_H

#include "base/base.h"

/* The bytes are followed by a NUL. Tables are sorted by path. */
struct asset {
    const char *path; /* Relative, with '/' between folders. */
    const char *begin, *end;
};

/* NULL if there is none of that path. */
const struct asset *asset_find(const struct asset *table, size_t count, struct str path);
struct str asset_bytes(const struct asset *asset);

#endif
