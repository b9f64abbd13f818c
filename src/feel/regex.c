#include "feel/regex_inner.h"

#include "feel/unicode.h"

struct compiler {
    struct arena *arena;
    struct str pattern;
    size_t at;
    struct regex *regex;
    size_t capacity;
    bool loose, literal;         /* Flags x and q. */
    bool open[REGEX_GROUPS_MAX]; /* Groups that are not closed yet. */
    int depth;
};

static enum err wrong(struct compiler *c, const char *what)
{
    return err_set(ERR_SYNTAX, "the pattern \"%.*s\" has %s at character %zu", STR_ARG(c->pattern),
                   what, utf8_length(str_sub(c->pattern, 0, c->at)) + 1);
}

static bool more(const struct compiler *c)
{
    return c->at < c->pattern.len;
}

/* Flag x: white space means nothing but inside brackets. */
static struct str without_space(struct arena *arena, struct str pattern)
{
    char *to = arena_alloc(arena, pattern.len + 1);
    size_t len = 0;
    int brackets = 0;
    for (size_t i = 0; i < pattern.len; i++) {
        char c = pattern.ptr[i];
        bool escaped = len > 0 && to[len - 1] == '\\' && !(len > 1 && to[len - 2] == '\\');
        if (brackets == 0 && strchr(" \t\r\n", c))
            continue;
        if (!escaped)
            brackets += (c == '[') - (c == ']' && brackets > 0);
        to[len++] = c;
    }
    return (struct str){to, len};
}

static bool peek(const struct compiler *c, char sign)
{
    return more(c) && c->pattern.ptr[c->at] == sign;
}

static bool take(struct compiler *c, char sign)
{
    if (!peek(c, sign))
        return false;
    c->at++;
    return true;
}

/* ---- Emitting: jumps are relative, so that fragments can be moved and copied ---- */

static enum err make_room(struct compiler *c, size_t at, size_t count)
{
    struct regex *regex = c->regex;
    if (regex->count + count > REGEX_PROGRAM_MAX)
        return err_set(ERR_LIMIT, "the pattern is too large");
    while (regex->count + count > c->capacity)
        regex->program = arena_grow(c->arena, regex->program, c->capacity, &c->capacity,
                                    sizeof(*regex->program));
    memmove(regex->program + at + count, regex->program + at,
            (regex->count - at) * sizeof(*regex->program));
    regex->count += count;
    return OK;
}

static enum err insert(struct compiler *c, size_t at, struct instruction instruction)
{
    enum err r = make_room(c, at, 1);
    if (r == OK)
        c->regex->program[at] = instruction;
    return r;
}

static enum err emit(struct compiler *c, struct instruction instruction)
{
    return insert(c, c->regex->count, instruction);
}

static struct instruction split(int to, int other)
{
    return (struct instruction){.op = OP_SPLIT, .to = to, .other = other};
}

/* ---- Sets ---- */

static enum err parse_set(struct compiler *c, const struct set **out);

struct items {
    struct set_item *items;
    size_t count, capacity;
};

static void add_item(struct compiler *c, struct items *to, struct set_item item)
{
    *ARENA_PUSH(c->arena, to->items, to->count, to->capacity) = item;
}

static bool is_category(struct str name)
{
    static const char *const LETTERS[] = {"Lultmo", "Mnce",  "Ndlo", "Pcdseifo",
                                          "Zslp",   "Smcko", "Ccfon"};
    for (size_t i = 0; i < COUNT_OF(LETTERS); i++)
        if (name.len > 0 && name.ptr[0] == LETTERS[i][0])
            return name.len == 1 || (name.len == 2 && strchr(LETTERS[i] + 1, name.ptr[1]));
    return false;
}

static enum err parse_category(struct compiler *c, bool negated, struct items *to)
{
    if (!take(c, '{'))
        return wrong(c, "a category without braces");
    size_t end = str_find(c->pattern, STR("}"), c->at);
    struct str name = str_sub(c->pattern, c->at, end - c->at);
    struct set_item item = {.kind = SET_CATEGORY, .negated = negated};
    if (str_starts(name, STR("Is"))) {
        const struct unicode_block_row *block = unicode_block(str_sub(name, 2, name.len));
        if (!block)
            return wrong(c, "an unknown block");
        item.kind = SET_BLOCK;
        item.low = block->first;
        item.high = block->last;
    } else if (!is_category(name)) {
        return wrong(c, "an unknown category");
    } else {
        item.low = (uint32_t)name.ptr[0];
        item.high = name.len > 1 ? (uint32_t)name.ptr[1] : 0;
    }
    add_item(c, to, item);
    c->at = end + 1;
    return end < c->pattern.len ? OK : wrong(c, "a category that does not end");
}

/* Behind a backslash: a class (added to `to`, *point stays 0) or a single character. */
static enum err parse_escape(struct compiler *c, struct items *to, uint32_t *point)
{
    static const struct {
        char letter;
        uint32_t point;
    } SINGLES[] = {{'n', '\n'}, {'r', '\r'}, {'t', '\t'}};
    static const struct {
        char letter;
        struct set_item item;
    } CLASSES[] = {{'d', {SET_CATEGORY, false, 'N', 'd'}}, {'D', {SET_CATEGORY, true, 'N', 'd'}},
                   {'s', {SET_SPACE, false, 0, 0}},        {'S', {SET_SPACE, true, 0, 0}},
                   {'w', {SET_WORD, false, 0, 0}},         {'W', {SET_WORD, true, 0, 0}},
                   {'i', {SET_NAME_START, false, 0, 0}},   {'I', {SET_NAME_START, true, 0, 0}},
                   {'c', {SET_NAME, false, 0, 0}},         {'C', {SET_NAME, true, 0, 0}}};
    if (c->at >= c->pattern.len)
        return wrong(c, "a backslash");
    char letter = c->pattern.ptr[c->at++];
    for (size_t i = 0; i < COUNT_OF(SINGLES); i++)
        if (SINGLES[i].letter == letter) {
            *point = SINGLES[i].point;
            return OK;
        }
    for (size_t i = 0; i < COUNT_OF(CLASSES); i++)
        if (CLASSES[i].letter == letter) {
            add_item(c, to, CLASSES[i].item);
            return OK;
        }
    if (letter == 'p' || letter == 'P')
        return parse_category(c, letter == 'P', to);
    if (!strchr("\\|.?*+(){}-[]^$", letter))
        return wrong(c, "an unknown escape");
    *point = (uint32_t)letter;
    return OK;
}

/* One character or class of a set. *point is 0 for a class. */
static enum err parse_member(struct compiler *c, struct items *to, uint32_t *point)
{
    *point = 0;
    if (take(c, '\\'))
        return parse_escape(c, to, point);
    if (peek(c, '['))
        return wrong(c, "a bracket inside brackets");
    *point = utf8_next(c->pattern, &c->at);
    return OK;
}

static enum err parse_members(struct compiler *c, struct items *to, const struct set **minus)
{
    for (bool first = true;; first = false) {
        uint32_t low, high;
        if (!more(c))
            return wrong(c, "brackets that do not close");
        if (!first && take(c, ']'))
            return OK;
        if (!first && str_starts(str_sub(c->pattern, c->at, 2), STR("-["))) {
            c->at += 2;
            enum err r = parse_set(c, minus);
            if (r != OK)
                return r;
            return take(c, ']') ? OK : wrong(c, "brackets that do not close");
        }
        enum err r = parse_member(c, to, &low);
        if (r != OK)
            return r;
        high = low;
        struct str next = str_sub(c->pattern, c->at, 2);
        if (low && next.len == 2 && next.ptr[0] == '-' && next.ptr[1] != ']' &&
            next.ptr[1] != '[') {
            c->at++;
            r = parse_member(c, to, &high);
            if (r != OK)
                return r;
            if (high < low)
                return wrong(c, "a range from high to low");
        }
        if (low)
            add_item(c, to, (struct set_item){.kind = SET_RANGE, .low = low, .high = high});
    }
}

/* Behind "[". */
static enum err parse_set(struct compiler *c, const struct set **out)
{
    struct items items = {0};
    struct set *set = ARENA_NEW(c->arena, struct set);
    if (++c->depth > REGEX_DEPTH_MAX)
        return err_set(ERR_LIMIT, "the pattern is nested too deeply");
    set->negated = take(c, '^');
    if (peek(c, ']'))
        return wrong(c, "empty brackets");
    enum err r = parse_members(c, &items, &set->minus);
    c->depth--;
    set->items = items.items;
    set->count = items.count;
    *out = set;
    return r;
}

/* XML's NameStartChar, and what NameChar adds to it. */
static bool is_name(uint32_t point, bool start)
{
    static const uint32_t STARTS[][2] = {
        {':', ':'},       {'A', 'Z'},       {'_', '_'},       {'a', 'z'},
        {0xC0, 0xD6},     {0xD8, 0xF6},     {0xF8, 0x2FF},    {0x370, 0x37D},
        {0x37F, 0x1FFF},  {0x200C, 0x200D}, {0x2070, 0x218F}, {0x2C00, 0x2FEF},
        {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF},
    };
    static const uint32_t OTHERS[][2] = {
        {'-', '.'}, {'0', '9'}, {0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}};
    for (size_t i = 0; i < COUNT_OF(STARTS); i++)
        if (point >= STARTS[i][0] && point <= STARTS[i][1])
            return true;
    for (size_t i = 0; !start && i < COUNT_OF(OTHERS); i++)
        if (point >= OTHERS[i][0] && point <= OTHERS[i][1])
            return true;
    return false;
}

static bool is_within(const struct set_item *item, uint32_t point)
{
    return point >= item->low && point <= item->high;
}

/* A case variant of the point lies in the range: lower, upper, or lower case of that. */
static bool variant_within(const struct set_item *item, uint32_t point)
{
    char text[UNICODE_CASE_GROWTH * 4];
    if (item->low == item->high && unicode_fold(point) == unicode_fold(item->low))
        return true;
    for (int change = 0; change < 3; change++) {
        struct str changed = {text, unicode_case(point, change == 1, text)};
        size_t at = 0;
        uint32_t other = utf8_next(changed, &at);
        if (at != changed.len)
            return false;
        if (is_within(item, other))
            return true;
        point = other;
    }
    return false;
}

static bool item_holds(const struct set_item *item, uint32_t point, bool fold)
{
    uint16_t category;
    switch (item->kind) {
    case SET_RANGE:
        return is_within(item, point) || (fold && variant_within(item, point));
    case SET_BLOCK:
        return is_within(item, point);
    case SET_CATEGORY:
        category = unicode_category(point);
        return category >> 8 == item->low && (item->high == 0 || (category & 255) == item->high);
    case SET_SPACE:
        return point == ' ' || point == '\t' || point == '\n' || point == '\r';
    case SET_WORD:
        category = unicode_category(point);
        return !strchr("PZC", category >> 8);
    case SET_NAME_START:
    case SET_NAME:
        return is_name(point, item->kind == SET_NAME_START);
    }
    return false;
}

bool regex_set_holds(const struct set *set, uint32_t point, bool fold)
{
    bool inside = false;
    for (size_t i = 0; i < set->count && !inside; i++)
        inside = item_holds(&set->items[i], point, fold) != set->items[i].negated;
    return inside != set->negated && !(set->minus && regex_set_holds(set->minus, point, fold));
}

/* ---- Expressions ---- */

static enum err parse_choice(struct compiler *c);

static enum err parse_group(struct compiler *c)
{
    bool keeps = true;
    size_t group = 0;
    if (str_starts(str_sub(c->pattern, c->at, 2), STR("?:"))) {
        keeps = false;
        c->at += 2;
    }
    if (++c->depth > REGEX_DEPTH_MAX)
        return err_set(ERR_LIMIT, "the pattern is nested too deeply");
    enum err r = OK;
    if (keeps) {
        group = ++c->regex->groups;
        if (group == REGEX_GROUPS_MAX)
            return err_set(ERR_LIMIT, "the pattern has too many groups");
        c->open[group] = true;
        r = emit(c, (struct instruction){.op = OP_SAVE, .slot = (int)group * 2});
    }
    if (r == OK)
        r = parse_choice(c);
    if (r == OK && !take(c, ')'))
        r = wrong(c, "a parenthesis that does not close");
    c->depth--;
    if (r != OK || !keeps)
        return r;
    c->open[group] = false;
    return emit(c, (struct instruction){.op = OP_SAVE, .slot = (int)group * 2 + 1});
}

static enum err parse_back(struct compiler *c)
{
    size_t group = 0;
    while (c->at < c->pattern.len && c->pattern.ptr[c->at] >= '0' && c->pattern.ptr[c->at] <= '9') {
        size_t longer = group * 10 + (size_t)(c->pattern.ptr[c->at] - '0');
        if (group > 0 && longer > c->regex->groups)
            break;
        group = longer;
        c->at++;
    }
    if (group == 0 || group > c->regex->groups || c->open[group])
        return wrong(c, "a reference to a group that is not there");
    c->regex->back = true;
    return emit(c, (struct instruction){.op = OP_BACK, .slot = (int)group});
}

static enum err emit_set(struct compiler *c, const struct set *set)
{
    return emit(c, (struct instruction){.op = OP_SET, .set = set});
}

static enum err emit_char(struct compiler *c, uint32_t point)
{
    return emit(c, (struct instruction){.op = OP_CHAR,
                                        .point = c->regex->fold ? unicode_fold(point) : point});
}

static enum err parse_atom(struct compiler *c)
{
    const struct set *set;
    enum err r;
    char sign = c->pattern.ptr[c->at];
    if (!c->literal && strchr("?*+{}])", sign))
        return wrong(c, "a sign that stands for nothing");
    uint32_t point = utf8_next(c->pattern, &c->at);
    if (c->literal)
        return emit_char(c, point);
    switch (sign) {
    case '(':
        return parse_group(c);
    case '[':
        r = parse_set(c, &set);
        return r == OK ? emit_set(c, set) : r;
    case '.':
        return emit(c, (struct instruction){.op = c->regex->all ? OP_ALL : OP_ANY});
    case '^':
        return emit(c, (struct instruction){.op = OP_BEGIN});
    case '$':
        return emit(c, (struct instruction){.op = OP_END});
    case '\\':
        break;
    default:
        return emit_char(c, point);
    }
    if (c->at < c->pattern.len && c->pattern.ptr[c->at] >= '0' && c->pattern.ptr[c->at] <= '9')
        return parse_back(c);
    struct items items = {0};
    point = 0;
    r = parse_escape(c, &items, &point);
    if (r != OK || point)
        return r == OK ? emit_char(c, point) : r;
    struct set *one = ARENA_NEW(c->arena, struct set);
    one->items = items.items;
    one->count = items.count;
    return emit_set(c, one);
}

static bool take_count(struct compiler *c, size_t *out)
{
    size_t begin = c->at, count = 0;
    while (c->at < c->pattern.len && c->pattern.ptr[c->at] >= '0' && c->pattern.ptr[c->at] <= '9' &&
           count < REGEX_PROGRAM_MAX)
        count = count * 10 + (size_t)(c->pattern.ptr[c->at++] - '0');
    *out = count;
    return c->at > begin;
}

static enum err copy(struct compiler *c, size_t from, size_t len)
{
    size_t to = c->regex->count;
    enum err r = make_room(c, to, len);
    if (r == OK)
        memcpy(c->regex->program + to, c->regex->program + from, len * sizeof(*c->regex->program));
    return r;
}

/* The fragment from `from` to the end, `low` to `high` times (SIZE_MAX: any number). */
static enum err repeat(struct compiler *c, size_t from, size_t low, size_t high, bool greedy)
{
    size_t len = c->regex->count - from;
    int size = (int)len;
    enum err r = OK;
    if (high == 0) {
        c->regex->count = from;
        return OK;
    }
    if (low == 0 && high == SIZE_MAX) {
        r = insert(c, from, greedy ? split(1, size + 2) : split(size + 2, 1));
        return r == OK ? emit(c, (struct instruction){.op = OP_JUMP, .to = -size - 1}) : r;
    }
    for (size_t i = 1; r == OK && i < low; i++)
        r = copy(c, from, len);
    if (r == OK && high == SIZE_MAX)
        return emit(c, greedy ? split(-size, 1) : split(1, -size));
    size_t optional = high - (low ? low : 1);
    if (r == OK && low == 0)
        r = insert(c, from, greedy ? split(1, size + 1) : split(size + 1, 1));
    size_t source = low == 0 ? from + 1 : from;
    for (size_t i = 0; r == OK && i < optional; i++) {
        r = emit(c, greedy ? split(1, size + 1) : split(size + 1, 1));
        if (r == OK)
            r = copy(c, source, len);
    }
    return r;
}

static enum err parse_piece(struct compiler *c)
{
    size_t from = c->regex->count, low, high;
    enum err r = parse_atom(c);
    if (r != OK || c->literal)
        return r;
    if (take(c, '*')) {
        low = 0;
        high = SIZE_MAX;
    } else if (take(c, '+')) {
        low = 1;
        high = SIZE_MAX;
    } else if (take(c, '?')) {
        low = 0;
        high = 1;
    } else if (take(c, '{')) {
        if (!take_count(c, &low))
            return wrong(c, "a count that is no number");
        high = low;
        if (take(c, ',') && !take_count(c, &high))
            high = SIZE_MAX;
        if (!take(c, '}') || high < low)
            return wrong(c, "a count that is none");
    } else {
        return OK;
    }
    return repeat(c, from, low, high, !take(c, '?'));
}

static enum err parse_choice(struct compiler *c)
{
    size_t from = c->regex->count;
    enum err r = OK;
    while (r == OK && more(c) && (c->literal || (!peek(c, '|') && !peek(c, ')'))))
        r = parse_piece(c);
    if (r != OK || c->literal || !peek(c, '|'))
        return r;
    c->at++;
    int size = (int)(c->regex->count - from);
    r = insert(c, from, split(1, size + 2));
    size_t jump = c->regex->count;
    if (r == OK)
        r = emit(c, (struct instruction){.op = OP_JUMP});
    if (++c->depth > REGEX_PROGRAM_MAX / 20)
        return err_set(ERR_LIMIT, "the pattern has too many choices");
    if (r == OK)
        r = parse_choice(c);
    c->depth--;
    if (r == OK)
        c->regex->program[jump].to = (int)(c->regex->count - jump);
    return r;
}

enum err regex_compile(struct arena *arena, struct str pattern, struct str flags,
                       struct regex **out)
{
    struct regex *regex = ARENA_NEW(arena, struct regex);
    struct compiler c = {.arena = arena, .pattern = pattern, .regex = regex};
    for (size_t i = 0; i < flags.len; i++)
        switch (flags.ptr[i]) {
        case 's':
            regex->all = true;
            break;
        case 'm':
            regex->lines = true;
            break;
        case 'i':
            regex->fold = true;
            break;
        case 'x':
            c.loose = true;
            break;
        case 'q':
            c.literal = true;
            break;
        default:
            return err_set(ERR_SYNTAX, "\"%.*s\" are no flags", STR_ARG(flags));
        }
    if (c.loose && !c.literal)
        c.pattern = without_space(arena, pattern);
    enum err r = emit(&c, (struct instruction){.op = OP_SAVE, .slot = 0});
    if (r == OK)
        r = parse_choice(&c);
    if (r == OK && more(&c))
        r = wrong(&c, "a parenthesis that was not opened");
    if (r == OK)
        r = emit(&c, (struct instruction){.op = OP_SAVE, .slot = 1});
    if (r == OK)
        r = emit(&c, (struct instruction){.op = OP_MATCH});
    if (r == OK)
        *out = regex;
    return r;
}

size_t regex_groups(const struct regex *regex)
{
    return regex->groups;
}
