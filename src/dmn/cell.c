#include "dmn/cell.h"

#include "feel/eval.h"
#include "feel/number.h"
#include "feel/temporal.h"

enum { CELL_PARTS_MAX = 256, COLUMN_WORDS_MAX = 4 * 1024 * 1024 };

/* From one end to the other; a literal is both ends closed. */
struct part {
    struct feel_value low, high;
    enum feel_bound low_bound, high_bound;
    bool not_equal;
};

struct cell {
    bool any, opaque, negated, null;
    const struct part *parts;
    size_t count;
};

/* ---- Reading cells ---- */

static bool is_constant(const struct feel_node *node)
{
    if (node->kind == NODE_NEGATE)
        return is_constant(node->a);
    if (node->kind != NODE_CALL)
        return node->kind == NODE_LITERAL;
    static const char *const MAKERS[] = {"date", "time", "date and time", "duration"};
    bool maker = false;
    for (size_t i = 0; i < COUNT_OF(MAKERS); i++)
        maker = maker || (node->first->kind == NODE_NAME && node->first->op &&
                          str_is(node->first->name, MAKERS[i]));
    for (size_t i = 0; maker && i < node->count; i++)
        maker = is_constant(node->items[i]);
    return maker;
}

static bool constant(struct feel_run *run, const struct feel_node *node, struct feel_value *out)
{
    return is_constant(node) && eval_node(run, NULL, node, out) == OK &&
           !(out->type == FEEL_NULL && out->reason);
}

static bool read_part(struct feel_run *run, const struct feel_node *node, struct part *out)
{
    struct part part = {.low_bound = FEEL_CLOSED, .high_bound = FEEL_CLOSED};
    if (node->kind == NODE_SIGN) {
        struct feel_value value;
        if (!constant(run, node->a, &value) || value.type == FEEL_NULL)
            return false;
        part.low = part.high = value;
        bool low = node->op == OP_MORE || node->op == OP_MORE_EQUAL;
        bool high = node->op == OP_LESS || node->op == OP_LESS_EQUAL;
        part.not_equal = node->op == OP_NOT_EQUAL;
        if (low)
            part.high_bound = FEEL_UNBOUNDED;
        if (high)
            part.low_bound = FEEL_UNBOUNDED;
        if (node->op == OP_MORE)
            part.low_bound = FEEL_OPEN;
        if (node->op == OP_LESS)
            part.high_bound = FEEL_OPEN;
    } else if (node->kind == NODE_RANGE) {
        if (!constant(run, node->a, &part.low) || !constant(run, node->b, &part.high) ||
            part.low.type == FEEL_NULL || part.low.type != part.high.type)
            return false;
        part.low_bound = node->op & RANGE_LOW_CLOSED ? FEEL_CLOSED : FEEL_OPEN;
        part.high_bound = node->op & RANGE_HIGH_CLOSED ? FEEL_CLOSED : FEEL_OPEN;
    } else if (constant(run, node, &part.low)) {
        part.high = part.low;
    } else {
        return false;
    }
    *out = part;
    return true;
}

static void read_cell(struct arena *arena, struct feel_run *run, const struct feel_expr *tests,
                      struct cell *out)
{
    *out = (struct cell){.any = !tests || tests->root->count == 0};
    if (out->any)
        return;
    const struct feel_node *root = tests->root;
    struct part *parts = NULL;
    size_t capacity = 0;
    out->negated = root->op == 1;
    run->expr = tests;
    for (size_t i = 0; i < root->count && !out->opaque; i++) {
        const struct feel_node *item = root->items[i];
        bool list = item->kind == NODE_LIST;
        size_t count = list ? item->count : 1;
        for (size_t k = 0; k < count && !out->opaque; k++) {
            struct part part;
            out->opaque = item->asks || out->count == CELL_PARTS_MAX ||
                          !read_part(run, list ? item->items[k] : item, &part);
            if (out->opaque)
                break;
            if (part.low.type == FEEL_NULL)
                out->null = true;
            else
                *ARENA_PUSH(arena, parts, out->count, capacity) = part;
        }
    }
    out->parts = parts;
}

/* ---- Segments ---- */

static enum order point_order(const struct feel_value *a, const struct feel_value *b)
{
    if (a->type == FEEL_BOOLEAN && b->type == FEEL_BOOLEAN)
        return (a->boolean > b->boolean) - (a->boolean < b->boolean);
    return value_order(a, b);
}

/* First point that is not below the value. */
static size_t place_of(const struct column *column, const struct feel_value *value)
{
    size_t low = 0, high = column->point_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (point_order(&column->points[middle], value) == ORDER_LESS)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t column_segment(const struct column *column, const struct feel_value *value)
{
    size_t place = place_of(column, value);
    bool same =
        place < column->point_count && point_order(&column->points[place], value) == ORDER_SAME;
    return 2 * place + same;
}

static bool add_points(struct arena *arena, struct column *column, struct feel_value **points,
                       size_t *capacity, const struct cell *cell)
{
    for (size_t i = 0; i < cell->count; i++) {
        const struct feel_value *ends[] = {&cell->parts[i].low, &cell->parts[i].high};
        for (size_t k = 0; k < 2; k++) {
            if (column->type == FEEL_NULL)
                column->type = ends[k]->type;
            if (ends[k]->type != column->type || point_order(ends[k], ends[k]) == ORDER_NONE)
                return false;
            column->points = *points;
            size_t place = place_of(column, ends[k]);
            if (place < column->point_count &&
                point_order(&(*points)[place], ends[k]) == ORDER_SAME)
                continue;
            if (column->point_count > 0 && point_order(&(*points)[0], ends[k]) == ORDER_NONE)
                return false; /* Times with and without an offset. */
            struct feel_value *last = ARENA_PUSH(arena, *points, column->point_count, *capacity);
            memmove(*points + place + 1, *points + place,
                    (size_t)(last - (*points + place)) * sizeof(**points));
            (*points)[place] = *ends[k];
        }
    }
    return true;
}

static bool part_takes(const struct column *column, const struct part *part, size_t segment)
{
    size_t low = column_segment(column, &part->low), high = column_segment(column, &part->high);
    if (part->not_equal)
        return segment != low;
    bool above = part->low_bound == FEEL_UNBOUNDED || segment > low ||
                 (segment == low && part->low_bound == FEEL_CLOSED);
    bool below = part->high_bound == FEEL_UNBOUNDED || segment < high ||
                 (segment == high && part->high_bound == FEEL_CLOSED);
    return above && below;
}

static bool cell_takes(const struct column *column, const struct cell *cell, size_t segment)
{
    bool inside = cell->any;
    for (size_t i = 0; i < cell->count && !inside; i++)
        inside = part_takes(column, &cell->parts[i], segment);
    return inside != cell->negated;
}

static const struct feel_type_spec *plain(const struct feel_type_spec *type)
{
    while (type && type->kind == SPEC_NAMED)
        type = type->of;
    return type;
}

/* The values that the input's type, or the table, allows. */
static const struct feel_expr *allowed_values(const struct table_input *input)
{
    if (input->values)
        return input->values;
    for (const struct feel_type_spec *type = input->type; type && type->kind == SPEC_NAMED;
         type = type->of)
        if (type->tests && !type->each)
            return type->tests;
    return NULL;
}

static enum err fill(struct arena *arena, const struct table *table, struct column *column,
                     const struct cell *cells, const struct cell *allowed)
{
    column->segments = 2 * column->point_count + 1;
    column->words = (table->rule_count + 63) / 64;
    if (column->segments * (column->words + 1) > COLUMN_WORDS_MAX) {
        column->opaque = true;
        return OK;
    }
    column->rules = ARENA_ARRAY(arena, column->segments * column->words + 1, uint64_t);
    column->allowed = ARENA_ARRAY(arena, column->segments / 64 + 1, uint64_t);
    for (size_t s = 0; s < column->segments; s++) {
        bool odd_boolean = column->type == FEEL_BOOLEAN &&
                           (s % 2 == 0 && !(column->point_count == 1 &&
                                            s == (size_t)(column->points[0].boolean ? 0 : 2)));
        if (!odd_boolean && (!allowed || allowed->opaque || cell_takes(column, allowed, s)))
            bit_set(column->allowed, s);
        for (size_t i = 0; i < table->rule_count; i++)
            if (cell_takes(column, &cells[i], s))
                bit_set(column->rules + s * column->words, i);
    }
    return OK;
}

enum err column_make(struct arena *arena, struct feel_run *run, const struct table *table,
                     size_t input, struct column *out)
{
    struct cell *cells = ARENA_ARRAY(arena, table->rule_count + 1, struct cell), allowed;
    struct feel_value *points = NULL;
    size_t capacity = 0;
    bool *mistyped = ARENA_ARRAY(arena, table->rule_count + 1, bool);
    const struct feel_type_spec *type = plain(table->inputs[input].type);
    const struct feel_expr *values = allowed_values(&table->inputs[input]);
    *out = (struct column){.mistyped = mistyped};
    if (type && type->kind == SPEC_BASIC)
        out->type = type->basic;
    for (size_t i = 0; i < table->rule_count; i++) {
        struct cell *cell = &cells[i];
        read_cell(arena, run, table->tests[i * table->input_count + input], cell);
        for (size_t k = 0; k < cell->count; k++)
            mistyped[i] =
                mistyped[i] || (out->type != FEEL_NULL && cell->parts[k].low.type != out->type);
        bool takes_null = cell->null && (cell->count > 0 || cell->negated);
        if (cell->opaque || takes_null || !add_points(arena, out, &points, &capacity, cell))
            out->opaque = true;
    }
    read_cell(arena, run, values, &allowed);
    if (values && !allowed.opaque && !add_points(arena, out, &points, &capacity, &allowed))
        allowed.opaque = true;
    out->points = points;
    return out->opaque ? OK : fill(arena, table, out, cells, values ? &allowed : NULL);
}

/* ---- Examples ---- */

static struct feel_value step(struct feel_run *run, const struct feel_value *from, int direction)
{
    struct feel_value by = feel_int(1), out;
    if (from->type == FEEL_DAYS || from->type == FEEL_DATE || from->type == FEEL_DATE_TIME)
        by = (struct feel_value){.type = FEEL_DAYS, .span = {86400, 0}};
    if (from->type == FEEL_TIME)
        by = (struct feel_value){.type = FEEL_DAYS, .span = {60, 0}};
    if (from->type == FEEL_YEARS)
        by = (struct feel_value){.type = FEEL_YEARS, .months = 1};
    if (eval_arithmetic(run, direction > 0 ? '+' : '-', from, &by, &out) != OK)
        return *from;
    return out;
}

static struct feel_value between(struct feel_run *run, const struct feel_value *low,
                                 const struct feel_value *high)
{
    struct feel_value next = step(run, low, 1);
    if (value_order(&next, high) == ORDER_LESS)
        return next;
    struct feel_number half;
    if (low->type == FEEL_NUMBER && number_add(low->number, high->number, &half) &&
        number_divide(half, number_of(2), &half))
        return value_number(half);
    return *low;
}

/* Any word will do that the same rules take as those of the segment: "other" reads best. */
static struct feel_value word(struct feel_run *run, const struct column *column, size_t segment)
{
    struct feel_value other = feel_string(STR("other"));
    size_t at = column_segment(column, &other);
    if (bit_get(column->allowed, at) &&
        memcmp(column->rules + at * column->words, column->rules + segment * column->words,
               column->words * sizeof(*column->rules)) == 0)
        return other;
    if (segment == 0)
        return feel_string(STR(""));
    return feel_string(
        str_format(run->arena, "%.*s ", STR_ARG(column->points[segment / 2 - 1].text)));
}

struct feel_value column_example(struct feel_run *run, const struct column *column, size_t segment)
{
    if (segment % 2 == 1)
        return column->points[segment / 2];
    if (column->point_count == 0)
        return column->type == FEEL_NUMBER ? feel_int(0) : feel_null();
    if (column->type == FEEL_BOOLEAN)
        return feel_boolean(segment != 0);
    if (column->type == FEEL_STRING)
        return word(run, column, segment);
    if (segment == 0)
        return step(run, &column->points[0], -1);
    if (segment + 1 == column->segments)
        return step(run, &column->points[column->point_count - 1], 1);
    return between(run, &column->points[segment / 2 - 1], &column->points[segment / 2]);
}
