#include "base/asset.h"

const struct asset *asset_find(const struct asset *table, size_t count, struct str path)
{
    for (size_t low = 0, high = count; low < high;) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(str_of(table[middle].path), path);
        if (order == 0)
            return &table[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

struct str asset_bytes(const struct asset *asset)
{
    return (struct str){.ptr = asset->begin, .len = (size_t)(asset->end - asset->begin)};
}
