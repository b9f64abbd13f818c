#include "dmn/cell.h"
#include "feel/eval.h"

enum { GAPS_MAX = 5, OVERLAPS_MAX = 20, SEARCH_MAX = 200000, RULES_MAX = 2000 };

struct check {
    struct arena *arena;
    struct feel_run run;
    struct dmn_finding *findings;
    size_t count, capacity;
    const struct table *table;
    struct column *columns;
    size_t width, words;
    uint64_t **within; /* By column: the segments of the region searched. */
    uint64_t *full;    /* By column: rules that take all of the region from that column on. */
    uint64_t *left;    /* By column: rules that take the path so far. */
    size_t *path;      /* Segment per column; SIZE_MAX for any. */
    size_t steps, found, wanted;
    bool report; /* Uncovered places are gaps; otherwise one is all that is asked. */
};

static struct dmn_finding *add(struct check *c, enum dmn_severity severity, const char *what)
{
    struct dmn_finding *finding = ARENA_PUSH(c->arena, c->findings, c->count, c->capacity);
    *finding = (struct dmn_finding){.severity = severity,
                                    .what = what,
                                    .place = c->table->name,
                                    .line = c->table->line,
                                    .example = feel_null()};
    return finding;
}

static void set_rules(struct check *c, struct dmn_finding *finding, size_t a, size_t b)
{
    size_t *rules = ARENA_ARRAY(c->arena, 2, size_t);
    rules[0] = a + 1;
    rules[1] = b + 1;
    finding->rules = rules;
    finding->rule_count = a == b ? 1 : 2;
}

/* The input that the path stands for, as words and as a context. */
static struct str example_of(struct check *c, struct feel_value *out)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, 4096);
    struct feel_entry *entries = ARENA_ARRAY(c->arena, c->width, struct feel_entry);
    size_t count = 0;
    for (size_t i = 0; i < c->width; i++) {
        if (c->path[i] == SIZE_MAX)
            continue;
        struct feel_value value = column_example(&c->run, &c->columns[i], c->path[i]);
        if (count > 0)
            buf_add_c(&text, ", ");
        buf_add_str(&text, c->table->inputs[i].label);
        buf_add_c(&text, " = ");
        value_write(&text, &value, true);
        entries[count++] = (struct feel_entry){c->table->inputs[i].label, value};
    }
    if (count == 0)
        buf_add_c(&text, "any input");
    *out = feel_context(entries, count);
    return str_copy(c->arena, buf_str(&text));
}

/* ---- Searching a region for a place that no rule of a set takes ---- */

static uint64_t *row(const struct check *c, uint64_t *rows, size_t column)
{
    return rows + column * c->words;
}

static bool none(const uint64_t *bits, size_t words)
{
    for (size_t i = 0; i < words; i++)
        if (bits[i])
            return false;
    return true;
}

static bool meet(const uint64_t *a, const uint64_t *b, size_t words)
{
    for (size_t i = 0; i < words; i++)
        if (a[i] & b[i])
            return true;
    return false;
}

static void prepare(struct check *c)
{
    memset(row(c, c->full, c->width), 0xFF, c->words * sizeof(*c->full));
    for (size_t i = c->width; i-- > 0;) {
        uint64_t *to = row(c, c->full, i);
        memcpy(to, row(c, c->full, i + 1), c->words * sizeof(*to));
        for (size_t s = 0; s < c->columns[i].segments; s++)
            for (size_t w = 0; bit_get(c->within[i], s) && w < c->words; w++)
                to[w] &= c->columns[i].rules[s * c->words + w];
    }
}

/* The same rules, of those left, as another segment give the same answer. Numbers are told only
 * about neighbours, since a gap below and one above are two; words have no neighbours. */
static bool seen_before(const struct check *c, const uint64_t *left, size_t column, size_t segment)
{
    const struct column *of = &c->columns[column];
    const uint64_t *rules = of->rules + segment * c->words;
    for (size_t s = segment; s-- > 0;) {
        if (!bit_get(c->within[column], s))
            continue;
        size_t w = 0;
        while (w < c->words && ((of->rules[s * c->words + w] ^ rules[w]) & left[w]) == 0)
            w++;
        if (w == c->words)
            return true;
        if (of->type != FEEL_STRING)
            return false;
    }
    return false;
}

static void uncovered(struct check *c, size_t column)
{
    uint64_t *left = row(c, c->left, column);
    if (++c->steps > SEARCH_MAX || c->found == c->wanted)
        return;
    if (none(left, c->words)) {
        for (size_t i = column; i < c->width; i++)
            c->path[i] = SIZE_MAX;
        c->found++;
        if (c->report) {
            struct dmn_finding *finding = add(c, DMN_WARNING, "gap");
            struct str example = example_of(c, &finding->example);
            finding->detail = str_format(c->arena, "no rule covers %.*s", STR_ARG(example));
        }
        return;
    }
    if (column == c->width || meet(left, row(c, c->full, column), c->words))
        return;
    uint64_t *next = row(c, c->left, column + 1);
    const struct column *of = &c->columns[column];
    for (size_t s = 0; s < of->segments; s++) {
        if (!bit_get(c->within[column], s) || seen_before(c, left, column, s))
            continue;
        c->path[column] = s;
        for (size_t w = 0; w < c->words; w++)
            next[w] = left[w] & of->rules[s * c->words + w];
        uncovered(c, column + 1);
    }
}

/* Is there a place in the region that none of these rules takes? Unsure counts as yes. */
static bool search(struct check *c, size_t wanted, bool report)
{
    prepare(c);
    c->steps = c->found = 0;
    c->wanted = wanted;
    c->report = report;
    uncovered(c, 0);
    return c->found > 0 || c->steps > SEARCH_MAX;
}

static void find_gaps(struct check *c)
{
    for (size_t i = 0; i < c->width; i++)
        memcpy(c->within[i], c->columns[i].allowed,
               (c->columns[i].segments / 64 + 1) * sizeof(uint64_t));
    memset(row(c, c->left, 0), 0, c->words * sizeof(uint64_t));
    for (size_t i = 0; i < c->table->rule_count; i++)
        bit_set(row(c, c->left, 0), i);
    for (size_t i = 0; i < c->table->output_count; i++)
        if (c->table->outputs[i].otherwise)
            return; /* A default leaves no gap. */
    (void)search(c, GAPS_MAX, true);
    if (c->steps > SEARCH_MAX)
        add(c, DMN_NOTE, "too-large")->detail =
            STR("the table is too large to look through for all gaps");
}

/* ---- Rules against each other ---- */

static bool takes(const struct check *c, size_t column, size_t segment, size_t rule)
{
    return bit_get(c->columns[column].allowed, segment) &&
           bit_get(c->columns[column].rules + segment * c->words, rule);
}

/* Narrows the region to a rule's. False if nothing is left of it. */
static bool region_of(struct check *c, size_t rule, size_t *empty)
{
    for (size_t i = 0; i < c->width; i++) {
        bool any = false;
        memset(c->within[i], 0, (c->columns[i].segments / 64 + 1) * sizeof(uint64_t));
        for (size_t s = 0; s < c->columns[i].segments; s++)
            if (takes(c, i, s, rule)) {
                bit_set(c->within[i], s);
                any = true;
            }
        *empty = i;
        if (!any)
            return false;
    }
    return true;
}

static bool same_outputs(const struct check *c, size_t a, size_t b)
{
    size_t width = c->table->output_count;
    for (size_t i = 0; i < width; i++) {
        const struct feel_expr *x = c->table->results[a * width + i];
        const struct feel_expr *y = c->table->results[b * width + i];
        if (!x != !y || (x && !str_equal(feel_expr_text(x), feel_expr_text(y))))
            return false;
    }
    return true;
}

/* A place that both rules take goes to the path. */
static bool intersect(struct check *c, size_t a, size_t b)
{
    for (size_t i = 0; i < c->width; i++) {
        size_t s = 0;
        while (s < c->columns[i].segments && !(takes(c, i, s, a) && takes(c, i, s, b)))
            s++;
        if (s == c->columns[i].segments)
            return false;
        c->path[i] = c->columns[i].point_count ? s : SIZE_MAX;
    }
    return true;
}

static bool within_rule(const struct check *c, size_t inner, size_t outer)
{
    for (size_t i = 0; i < c->width; i++)
        for (size_t s = 0; s < c->columns[i].segments; s++)
            if (takes(c, i, s, inner) && !takes(c, i, s, outer))
                return false;
    return true;
}

static void add_overlap(struct check *c, size_t a, size_t b)
{
    bool unique = c->table->policy == HIT_UNIQUE;
    struct dmn_finding *finding = add(c, DMN_ERROR, "overlap");
    struct str example = example_of(c, &finding->example);
    set_rules(c, finding, a, b);
    finding->detail =
        str_format(c->arena,
                   unique ? "rules %zu and %zu both fit %.*s, but only one rule may"
                          : "rules %zu and %zu both fit %.*s and give different results",
                   a + 1, b + 1, STR_ARG(example));
}

static void find_overlaps(struct check *c)
{
    size_t found = 0;
    bool unique = c->table->policy == HIT_UNIQUE, any = c->table->policy == HIT_ANY;
    for (size_t b = 1; (unique || any) && b < c->table->rule_count; b++)
        for (size_t a = 0; a < b; a++) {
            if ((any && same_outputs(c, a, b)) || !intersect(c, a, b))
                continue;
            if (found++ == OVERLAPS_MAX) {
                add(c, DMN_NOTE, "more")->detail = STR("there are more overlaps");
                return;
            }
            add_overlap(c, a, b);
        }
}

/* Whether the rules before this one leave it anything: only where the first one wins. */
static bool hidden(struct check *c, size_t rule)
{
    if (c->table->policy != HIT_FIRST || rule == 0)
        return false;
    memset(row(c, c->left, 0), 0, c->words * sizeof(uint64_t));
    for (size_t i = 0; i < rule; i++)
        bit_set(row(c, c->left, 0), i);
    return !search(c, 1, false);
}

static void find_idle(struct check *c)
{
    for (size_t i = 0; i < c->table->rule_count; i++) {
        size_t empty = 0;
        struct dmn_finding *finding;
        if (!region_of(c, i, &empty)) {
            const struct feel_expr *test = c->table->tests[i * c->width + empty];
            finding = add(c, DMN_ERROR, "never");
            finding->detail =
                str_format(c->arena, "rule %zu can never fire: no allowed %.*s fits %.*s", i + 1,
                           STR_ARG(c->table->inputs[empty].label),
                           STR_ARG(test ? feel_expr_text(test) : STR("-")));
        } else if (hidden(c, i)) {
            finding = add(c, DMN_WARNING, "never");
            finding->detail = str_format(
                c->arena, "rule %zu can never fire: the rules before it cover all of it", i + 1);
        } else {
            continue;
        }
        set_rules(c, finding, i, i);
    }
}

static void find_subsumed(struct check *c)
{
    if (c->table->policy > HIT_FIRST) /* Where all hits count, a second one says something. */
        return;
    for (size_t a = 0; a < c->table->rule_count; a++)
        for (size_t b = 0; b < c->table->rule_count; b++) {
            bool twins = a != b && same_outputs(c, a, b) && within_rule(c, a, b);
            if (!twins || (b > a && within_rule(c, b, a)))
                continue;
            struct dmn_finding *finding = add(c, DMN_NOTE, "subsumed");
            set_rules(c, finding, a, b);
            finding->detail = str_format(
                c->arena, "rule %zu says nothing that rule %zu does not say", a + 1, b + 1);
            break;
        }
}

static void find_mistyped(struct check *c)
{
    for (size_t i = 0; i < c->width; i++)
        for (size_t k = 0; k < c->table->rule_count; k++) {
            if (!c->columns[i].mistyped[k])
                continue;
            struct dmn_finding *finding = add(c, DMN_ERROR, "type");
            set_rules(c, finding, k, k);
            finding->detail =
                str_format(c->arena, "rule %zu: %.*s is a %s, and %.*s is none", k + 1,
                           STR_ARG(c->table->inputs[i].label), feel_type_name(c->columns[i].type),
                           STR_ARG(feel_expr_text(c->table->tests[k * c->width + i])));
        }
}

/* ---- One table, all tables ---- */

static enum err check_table(struct check *c, const struct table *table)
{
    size_t opaque = SIZE_MAX;
    c->table = table;
    c->width = table->input_count;
    c->words = (table->rule_count + 63) / 64;
    if (table->rule_count == 0) {
        add(c, DMN_WARNING, "empty")->detail = STR("the table has no rules");
        return OK;
    }
    c->columns = ARENA_ARRAY(c->arena, c->width, struct column);
    c->within = ARENA_ARRAY(c->arena, c->width, uint64_t *);
    c->path = ARENA_ARRAY(c->arena, c->width, size_t);
    c->full = ARENA_ARRAY(c->arena, (c->width + 1) * c->words, uint64_t);
    c->left = ARENA_ARRAY(c->arena, (c->width + 1) * c->words, uint64_t);
    for (size_t i = 0; i < c->width; i++) {
        enum err r = column_make(c->arena, &c->run, table, i, &c->columns[i]);
        if (r != OK)
            return r;
        opaque = c->columns[i].opaque && opaque == SIZE_MAX ? i : opaque;
        c->within[i] = ARENA_ARRAY(c->arena, c->columns[i].segments / 64 + 1, uint64_t);
    }
    find_mistyped(c);
    if (opaque != SIZE_MAX || table->rule_count > RULES_MAX) {
        struct dmn_finding *finding = add(c, DMN_NOTE, "opaque");
        finding->detail = opaque == SIZE_MAX
                              ? STR("the table has too many rules to be analysed")
                              : str_format(c->arena,
                                           "gaps and overlaps are not analysed: cells of %.*s "
                                           "hold more than values and ranges of one type",
                                           STR_ARG(table->inputs[opaque].label));
        return OK;
    }
    find_gaps(c);
    find_overlaps(c);
    find_idle(c);
    find_subsumed(c);
    return OK;
}

static enum err check_box(struct check *c, const struct box *box)
{
    enum err r = OK;
    if (!box)
        return OK;
    if (box->kind == BOX_TABLE)
        return check_table(c, box->table);
    for (size_t i = 0; r == OK && box->items && i < box->count; i++)
        r = check_box(c, box->items[i]);
    return r == OK ? check_box(c, box->callee) : r;
}

enum err dmn_check(struct arena *arena, const struct dmn_model *model, struct dmn_findings *out)
{
    struct check c = {.arena = arena};
    feel_run_init(&c.run, arena, 0);
    for (size_t i = 0; i < model->finding_count; i++)
        *ARENA_PUSH(arena, c.findings, c.count, c.capacity) = model->findings[i];
    const struct definitions *home = &model->definitions[0];
    for (size_t i = 0; i < home->element_count; i++) {
        enum err r = check_box(&c, home->elements[i].box);
        if (r != OK)
            return r;
    }
    *out = (struct dmn_findings){c.findings, c.count};
    return OK;
}
