#include "heat/mtl.h"

#include "xml/xml.h"
#include "json/json.h"

#include <math.h>
#include <stdlib.h>

enum { ENTRIES_MAX = 20000, DEPTH_MAX = 8 };

struct reading {
    struct arena *arena;
    struct mtl_entry *items;
    size_t count, capacity;
};

static enum err add(struct reading *reading, struct str name, struct str value)
{
    if (reading->count == ENTRIES_MAX)
        return err_refuse(ERR_LIMIT, "heat.mtl", "MTL: more than %d entries", ENTRIES_MAX);
    *ARENA_PUSH(reading->arena, reading->items, reading->count, reading->capacity) =
        (struct mtl_entry){name, value};
    return OK;
}

static struct str unquoted(struct str value)
{
    if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
        return str_sub(value, 1, value.len - 2);
    return value;
}

/* Lines "NAME = VALUE"; groups and the end are such lines too, or a bare word. */
static enum err read_odl(struct reading *reading, struct str text)
{
    size_t number = 0;
    for (size_t at = 0; at < text.len;) {
        size_t end = str_find(text, STR("\n"), at);
        struct str line = str_trim(str_sub(text, at, end - at));
        at = end + 1;
        number++;
        if (str_is(line, "END"))
            break;
        size_t equals = str_find(line, STR("="), 0);
        if (line.len == 0)
            continue;
        struct str name = str_trim(str_sub(line, 0, equals));
        if (equals == line.len || name.len == 0)
            return err_refuse(ERR_SYNTAX, "heat.mtl", "MTL: line %zu is no NAME = VALUE", number);
        if (str_is(name, "GROUP") || str_is(name, "END_GROUP"))
            continue;
        struct str value = str_trim(str_sub(line, equals + 1, line.len));
        enum err r = add(reading, name, unquoted(value));
        if (r != OK)
            return r;
    }
    return OK;
}

static enum err read_json(struct reading *reading, const struct json_value *value, int depth)
{
    if (depth > DEPTH_MAX || value->type != JSON_OBJECT)
        return err_refuse(ERR_SYNTAX, "heat.mtl", "MTL: no object of groups");
    for (size_t i = 0; i < value->object.count; i++) {
        const struct json_member *member = &value->object.members[i];
        enum json_type type = member->value.type;
        enum err r = OK;
        if (type == JSON_OBJECT)
            r = read_json(reading, &member->value, depth + 1);
        else if (type == JSON_STRING || type == JSON_NUMBER)
            r = add(reading, member->name, member->value.text);
        if (r != OK)
            return r;
    }
    return OK;
}

static enum err read_xml(struct reading *reading, const struct xml_node *group, int depth)
{
    if (depth > DEPTH_MAX)
        return err_refuse(ERR_SYNTAX, "heat.mtl", "MTL: groups too deep");
    XML_EACH(child, group)
    {
        enum err r = xml_first(child) ? read_xml(reading, child, depth + 1)
                                      : add(reading, child->name, xml_text(reading->arena, child));
        if (r != OK)
            return r;
    }
    return OK;
}

enum err mtl_read(struct arena *arena, struct str text, struct mtl *out)
{
    struct reading reading = {.arena = arena};
    enum err r = utf8_check(text);
    if (r != OK)
        return err_refuse(ERR_SYNTAX, "heat.mtl", "MTL: not a text");
    struct str begin = str_trim(text);
    if (str_starts(begin, STR("{"))) {
        const struct json_value *root;
        r = json_parse(arena, text, &root);
        if (r == OK)
            r = read_json(&reading, root, 0);
    } else if (str_starts(begin, STR("<"))) {
        const struct xml_node *root;
        r = xml_parse(arena, text, &root);
        if (r == OK)
            r = read_xml(&reading, root, 0);
    } else {
        r = read_odl(&reading, text);
    }
    if (r == OK)
        *out = (struct mtl){reading.items, reading.count};
    return r;
}

struct str mtl_text(const struct mtl *mtl, const char *name)
{
    for (size_t i = 0; i < mtl->count; i++)
        if (str_is(mtl->items[i].name, name))
            return mtl->items[i].value;
    return (struct str){0};
}

enum err mtl_real(const struct mtl *mtl, const char *name, double *out)
{
    struct str text = mtl_text(mtl, name);
    char digits[64], *end = digits;
    double value = NAN;
    if (text.ptr && text.len > 0 && text.len < sizeof(digits)) {
        memcpy(digits, text.ptr, text.len);
        digits[text.len] = 0;
        value = strtod(digits, &end);
    }
    if (*end || !isfinite(value))
        return err_refuse(ERR_INVALID, "heat.mtl", "MTL: %s is %s", name,
                          text.ptr ? "no number" : "not there");
    *out = value;
    return OK;
}
