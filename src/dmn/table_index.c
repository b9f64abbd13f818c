#include "dmn/cell.h"

/* Finds the rules that fire without trying them: one search per column, then sets in common. Worth
 * it, and made, for tables of more than a few rules whose columns are all plain. */
enum { INDEX_RULES_MIN = 8 };

struct table_index {
    size_t column_count, words;
    const struct column *columns;
};

enum err table_index_make(struct dmn_model *model, struct table *table)
{
    if (table->rule_count < INDEX_RULES_MIN || table->input_count == 0)
        return OK;
    struct feel_run run;
    feel_run_init(&run, model->arena, 0);
    struct column *columns = ARENA_ARRAY(model->arena, table->input_count, struct column);
    for (size_t i = 0; i < table->input_count; i++) {
        enum err r = column_make(model->arena, &run, table, i, &columns[i]);
        if (r != OK || columns[i].opaque)
            return r;
        for (size_t k = 0; k < table->rule_count; k++)
            if (columns[i].mistyped[k])
                return OK;
    }
    struct table_index *index = ARENA_NEW(model->arena, struct table_index);
    *index = (struct table_index){
        .column_count = table->input_count, .words = columns[0].words, .columns = columns};
    table->index = index;
    return OK;
}

bool table_index_find(const struct table_index *index, const struct feel_value *values,
                      uint64_t *bits)
{
    memset(bits, 0xFF, index->words * sizeof(*bits));
    for (size_t i = 0; i < index->column_count; i++) {
        const struct column *column = &index->columns[i];
        bool plain = column->point_count == 0 || values[i].type == column->type;
        bool clocks = values[i].type == FEEL_TIME || values[i].type == FEEL_DATE_TIME;
        if (!plain || (clocks && column->point_count > 0))
            return false;
        size_t segment = column->point_count ? column_segment(column, &values[i]) : 0;
        const uint64_t *rules = column->rules + segment * column->words;
        for (size_t w = 0; w < index->words; w++)
            bits[w] &= rules[w];
    }
    return true;
}
