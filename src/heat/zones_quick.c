#include "heat/zones_quick.h"

#include "base/decimal.h"

#include <math.h>

enum { DEPTH_MAX = 16, NUMBERS_MAX = 4, REACH = 1000000000, REST_MAX = 1 << 20 };

/* Where reading stands. Every function is false if something unusual is there. */
struct cursor {
    struct quick *quick;
    const char *at, *end;
    const char *cut, *cut_end; /* The coordinates; NULL: not met yet. */
    size_t values;
};

void quick_init(struct quick *quick)
{
    *quick = (struct quick){0};
    buf_init(&quick->rest, REST_MAX);
}

void quick_release(struct quick *quick)
{
    arena_release(&quick->arena);
    buf_release(&quick->rest);
}

static inline void skip_space(struct cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\t' || *c->at == '\r'))
        c->at++;
}

static inline bool take(struct cursor *c, char wanted)
{
    skip_space(c);
    if (c->at >= c->end || *c->at != wanted)
        return false;
    c->at++;
    return true;
}

/* ---- coordinates -------------------------------------------------------------------------- */

static bool read_position(struct cursor *c)
{
    struct quick *quick = c->quick;
    double numbers[NUMBERS_MAX];
    size_t count = 0;
    do {
        if (count == NUMBERS_MAX)
            return false;
        skip_space(c);
        const char *behind = decimal_read(c->at, c->end, &numbers[count]);
        if (!behind || !(fabs(numbers[count++]) <= REACH))
            return false;
        c->at = behind;
    } while (take(c, ','));
    if (count < 2 || !take(c, ']'))
        return false;
    c->values += count + 1;
    if (quick->position_count == quick->position_capacity)
        quick->xy = arena_grow(&quick->arena, quick->xy, quick->position_count,
                               &quick->position_capacity, 2 * sizeof(double));
    memcpy(&quick->xy[2 * quick->position_count++], numbers, 2 * sizeof(double));
    return true;
}

/* The opening brackets of a first position have been read. */
static bool read_ring(struct cursor *c)
{
    struct quick *quick = c->quick;
    size_t before = quick->position_count;
    do {
        if (quick->position_count > before && !take(c, '['))
            return false;
        if (!read_position(c))
            return false;
    } while (take(c, ','));
    *ARENA_PUSH(&quick->arena, quick->rings, quick->ring_count, quick->ring_capacity) =
        quick->position_count - before;
    return take(c, ']');
}

static bool read_polygon(struct cursor *c)
{
    struct quick *quick = c->quick;
    size_t before = quick->ring_count;
    do {
        if (quick->ring_count > before && !(take(c, '[') && take(c, '[')))
            return false;
        if (!read_ring(c))
            return false;
    } while (take(c, ','));
    *ARENA_PUSH(&quick->arena, quick->polygons, quick->polygon_count, quick->polygon_capacity) =
        quick->ring_count - before;
    return take(c, ']');
}

static bool read_coordinates(struct cursor *c)
{
    struct quick *quick = c->quick;
    if (!(take(c, '[') && take(c, '[') && take(c, '[')))
        return false;
    quick->multi = take(c, '[');
    do {
        if (quick->polygon_count > 0 &&
            !(quick->multi && take(c, '[') && take(c, '[') && take(c, '[')))
            return false;
        if (!read_polygon(c))
            return false;
    } while (quick->multi && take(c, ','));
    return !quick->multi || take(c, ']');
}

/* ---- the members around them --------------------------------------------------------------- */

static bool skip_string(struct cursor *c, struct str *out)
{
    if (c->at >= c->end || *c->at != '"')
        return false;
    const char *begin = ++c->at;
    while (c->at < c->end && *c->at != '"')
        c->at += *c->at == '\\' ? 2 : 1;
    if (c->at >= c->end)
        return false;
    *out = (struct str){begin, (size_t)(c->at++ - begin)};
    return true;
}

/* Goes behind a value; its grammar is looked at later, as part of the rest. */
static bool skip_value(struct cursor *c)
{
    const char *begin = c->at;
    int depth = 0;
    for (; c->at < c->end; c->at++) {
        char here = *c->at;
        struct str string;
        if (here == '"') {
            if (!skip_string(c, &string))
                return false;
            c->at--;
        } else if (here == '{' || here == '[') {
            depth++;
        } else if (depth == 0 && (here == ',' || here == '}')) {
            return c->at > begin;
        } else if (here == '}' || here == ']') {
            depth--;
        }
        if (depth < 0 || depth > DEPTH_MAX)
            return false;
    }
    return false;
}

static bool read_object(struct cursor *c, bool is_geometry)
{
    if (!take(c, '{'))
        return false;
    do {
        struct str name;
        skip_space(c);
        if (!skip_string(c, &name) || !take(c, ':'))
            return false;
        skip_space(c);
        bool good;
        if (is_geometry && str_is(name, "coordinates") && !c->cut) {
            c->cut = c->at;
            good = read_coordinates(c);
            c->cut_end = c->at;
        } else if (!is_geometry && str_is(name, "geometry") && !c->cut) {
            good = read_object(c, true);
        } else {
            good = skip_value(c);
        }
        if (!good)
            return false;
    } while (take(c, ','));
    return take(c, '}');
}

bool quick_read(struct quick *quick, struct str text, size_t *at)
{
    const char *begin = text.ptr + *at;
    struct cursor c = {.quick = quick, .at = begin, .end = text.ptr + text.len};
    quick->position_count = quick->ring_count = quick->polygon_count = 0;
    buf_clear(&quick->rest);
    if (!read_object(&c, false) || !c.cut)
        return false;
    buf_add(&quick->rest, begin, (size_t)(c.cut - begin));
    buf_add_c(&quick->rest, "[]");
    buf_add(&quick->rest, c.cut_end, (size_t)(c.at - c.cut_end));
    if (buf_check(&quick->rest) != OK || quick->rest.len + c.values > LIMIT_JSON_VALUES)
        return false;
    *at = (size_t)(c.at - text.ptr);
    return true;
}
