#include "dmn/model.h"

enum err table_index_make(struct dmn_model *model, struct table *table)
{
    (void)model;
    table->index = NULL;
    return OK;
}

bool table_index_find(const struct table_index *index, const struct feel_value *values,
                      uint64_t *bits)
{
    (void)index, (void)values, (void)bits;
    return false;
}
