/* Searches of /v2: {filter, sort, page} over a table of columns. */
#include <stdlib.h>

#include "api/v2.h"
#include "base/clock.h"

enum {
    FOUND_MAX = 10000, /* Counted and sorted; what lies behind is only said to be there. */
    READ_BATCH = 1000,
    PAGE_DEFAULT = 100,
    PAGE_MAX = 1000,
    SORTS_MAX = 8,
};

const struct field V2_SEARCH_FIELDS[] = {
    FIELD(struct v2_search_in, filter, FIELD_JSON, .doc = "{name: value or {$eq, $neq, …}}"),
    FIELD(struct v2_search_in, sort, FIELD_JSON, .doc = "[{field, order: asc or desc}]"),
    FIELD(struct v2_search_in, page, FIELD_JSON, .doc = "{from, limit, after, before}"), FIELD_END};

struct sorting {
    const struct v2_column *column;
    bool down;
};

struct found {
    struct v2_search search;
    const struct v2_resource *resource;
    struct sorting sorts[SORTS_MAX];
    size_t sort_count;
    const char **rows;
    size_t count, capacity;
    bool more;
};

/* ---- Values ---- */

static const void *at(const void *row, const struct v2_column *column)
{
    return (const char *)row + column->offset;
}

static bool has_value(enum v2_type type, const void *value)
{
    switch (type) {
    case V2_TEXT:
    case V2_RAW:
        return ((const struct str *)value)->ptr != NULL;
    case V2_KEY:
    case V2_TIME:
        return *(const int64_t *)value != 0;
    default:
        return true;
    }
}

static int compare(enum v2_type type, const void *a, const void *b)
{
    if (type == V2_BOOL)
        return (int)*(const bool *)a - (int)*(const bool *)b;
    if (type == V2_TEXT || type == V2_RAW)
        return str_compare(*(const struct str *)a, *(const struct str *)b);
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

union value {
    int64_t number;
    struct str text;
    bool truth;
};

static enum err bad_value(const char *what)
{
    return err_field(ERR_INVALID, "filter", "field.type", "the filter wants %s", what);
}

static enum err read_value(enum v2_type type, const struct json_value *json, union value *out)
{
    bool text = json->type == JSON_STRING, number = json->type == JSON_NUMBER;
    switch (type) {
    case V2_BOOL:
        out->truth = json->type == JSON_BOOL && json->boolean;
        return json->type == JSON_BOOL ? OK : bad_value("true or false");
    case V2_TEXT:
    case V2_RAW:
        out->text = json->text;
        return text || number ? OK : bad_value("a text");
    case V2_TIME:
        return text && time_parse(json->text, &out->number) == OK ? OK : bad_value("a time");
    default:
        return (text || number) && str_to_int(json->text, &out->number) == OK
                   ? OK
                   : bad_value("a number or key");
    }
}

/* '*' stands for any text, '?' for one byte, '\' takes the next one literally. */
static bool like(struct str text, struct str pattern)
{
    size_t t = 0, p = 0, star = SIZE_MAX, mark = 0;
    while (t < text.len) {
        bool escaped = p + 1 < pattern.len && pattern.ptr[p] == '\\';
        if (!escaped && p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            mark = t;
        } else if (p < pattern.len && ((!escaped && pattern.ptr[p] == '?') ||
                                       pattern.ptr[p + escaped] == text.ptr[t])) {
            p += 1 + (size_t)escaped;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}

/* ---- Filters ---- */

static bool holds_member(struct arena *arena, struct str array, struct str text)
{
    const struct json_value *json;
    if (!array.ptr || json_parse(arena, array, &json) != OK || json->type != JSON_ARRAY)
        return false;
    for (size_t i = 0; i < json->array.count; i++)
        if (json->array.items[i].type == JSON_STRING && str_equal(json->array.items[i].text, text))
            return true;
    return false;
}

static enum err equals(struct v2_search *search, enum v2_type type, const struct json_value *json,
                       const void *value, bool *out)
{
    union value wanted;
    if (json->type == JSON_NULL) {
        *out = !has_value(type, value);
        return OK;
    }
    enum err r = read_value(type, json, &wanted);
    if (r != OK)
        return r;
    if (type == V2_RAW)
        *out = holds_member(search->call->arena, *(const struct str *)value, wanted.text);
    else
        *out = has_value(type, value) && compare(type, value, &wanted) == 0;
    return OK;
}

static enum err is_in(struct v2_search *search, enum v2_type type, const struct json_value *json,
                      const void *value, bool *out)
{
    if (json->type != JSON_ARRAY)
        return bad_value("a list");
    *out = false;
    enum err r = OK;
    for (size_t i = 0; r == OK && !*out && i < json->array.count; i++)
        r = equals(search, type, &json->array.items[i], value, out);
    return r;
}

static enum err ordered(enum v2_type type, struct str operator, const struct json_value * json,
                        const void *value, bool *out)
{
    union value wanted;
    enum err r = read_value(type, json, &wanted);
    if (r != OK)
        return r;
    int order = compare(type, value, &wanted);
    bool equal = str_is(operator, "$gte") || str_is(operator, "$lte");
    bool greater = str_starts(operator, STR("$g"));
    *out = has_value(type, value) && ((greater ? order > 0 : order < 0) || (equal && order == 0));
    return OK;
}

static enum err test(struct v2_search *search, enum v2_type type, const struct json_member *member,
                     const void *value, bool *out)
{
    struct str operator= member->name;
    const struct json_value *json = &member->value;
    enum err r = OK;
    if (str_is(operator, "$eq") || str_is(operator, "$neq")) {
        r = equals(search, type, json, value, out);
        *out = r == OK && *out == str_is(operator, "$eq");
    } else if (str_is(operator, "$in") || str_is(operator, "$notIn")) {
        r = is_in(search, type, json, value, out);
        *out = r == OK && *out == str_is(operator, "$in");
    } else if (str_is(operator, "$exists")) {
        *out = (json->type == JSON_BOOL && json->boolean) == has_value(type, value);
    } else if (str_is(operator, "$like") && (type == V2_TEXT || type == V2_RAW)) {
        if (json->type != JSON_STRING)
            return bad_value("a text");
        *out = has_value(type, value) && like(*(const struct str *)value, json->text);
    } else if (str_is(operator, "$gt") || str_is(operator, "$gte") || str_is(operator, "$lt") ||
               str_is(operator, "$lte")) {
        r = ordered(type, operator, json, value, out);
    } else {
        r = err_field(ERR_INVALID, "filter", "field.unknown", "the filter knows no %.*s",
                      STR_ARG(operator));
    }
    return r;
}

enum err v2_matches(struct v2_search *search, const struct json_value *wanted, enum v2_type type,
                    const void *value, bool *out)
{
    if (wanted->type != JSON_OBJECT)
        return equals(search, type, wanted, value, out);
    enum err r = OK;
    *out = true;
    for (size_t i = 0; r == OK && *out && i < wanted->object.count; i++)
        r = test(search, type, &wanted->object.members[i], value, out);
    return r;
}

static const struct v2_column *column_of(const struct v2_resource *resource, struct str name)
{
    for (size_t i = 0; i < resource->column_count; i++) {
        const struct v2_column *column = &resource->columns[i];
        if (str_is(name, column->name) || (column->also && str_is(name, column->also)))
            return column;
    }
    return NULL;
}

static bool is_own(const struct v2_resource *resource, struct str name)
{
    for (const char *const *own = resource->filters; own && *own; own++)
        if (str_is(name, *own))
            return true;
    return false;
}

/* Before anything is read: a misspelt name must not find everything, or nothing. */
static enum err check_filter(const struct v2_resource *resource, const struct json_value *filter,
                             bool inside)
{
    enum err r = OK;
    if (filter->type != JSON_OBJECT)
        return err_field(ERR_INVALID, "filter", "field.type", "a filter must be an object");
    for (size_t i = 0; r == OK && i < filter->object.count; i++) {
        const struct json_member *member = &filter->object.members[i];
        bool either = str_is(member->name, "$or") && !inside;
        if (either && member->value.type != JSON_ARRAY)
            return bad_value("a list of filters behind $or");
        for (size_t k = 0; r == OK && either && k < member->value.array.count; k++)
            r = check_filter(resource, &member->value.array.items[k], true);
        if (!either && !column_of(resource, member->name) && !is_own(resource, member->name))
            return err_field(ERR_INVALID, "filter", "field.unknown", "there is no filter '%.*s'",
                             STR_ARG(member->name));
    }
    return r;
}

static enum err row_matches(struct v2_search *search, const struct json_value *filter,
                            const void *row, bool *out);

static enum err matches_any(struct v2_search *search, const struct json_value *filters,
                            const void *row, bool *out)
{
    enum err r = OK;
    *out = filters->array.count == 0;
    for (size_t i = 0; r == OK && !*out && i < filters->array.count; i++)
        r = row_matches(search, &filters->array.items[i], row, out);
    return r;
}

static enum err row_matches(struct v2_search *search, const struct json_value *filter,
                            const void *row, bool *out)
{
    enum err r = OK;
    *out = true;
    for (size_t i = 0; r == OK && *out && filter && i < filter->object.count; i++) {
        const struct json_member *member = &filter->object.members[i];
        const struct v2_column *column = column_of(search->resource, member->name);
        if (is_own(search->resource, member->name))
            r = search->resource->filter(search, member, row, out);
        else if (column)
            r = v2_matches(search, &member->value, column->type, at(row, column), out);
        else
            r = matches_any(search, &member->value, row, out);
    }
    return r;
}

static const struct json_value *fixed_value(const struct v2_search *search, const char *name)
{
    const struct json_value *value = json_get(search->filter, name);
    const struct json_value *equal = json_get(value, "$eq");
    return equal ? equal : value;
}

struct str v2_fixed_text(const struct v2_search *search, const char *name)
{
    const struct json_value *value = fixed_value(search, name);
    return value && value->type == JSON_STRING ? value->text : (struct str){0};
}

int64_t v2_fixed_key(const struct v2_search *search, const char *name)
{
    const struct json_value *value = fixed_value(search, name);
    int64_t key;
    bool plain = value && (value->type == JSON_STRING || value->type == JSON_NUMBER);
    return plain && str_to_int(value->text, &key) == OK ? key : 0;
}

/* ---- Reading ---- */

/* A batch's memory dies with it: what is found is copied out. */
static void keep(struct found *found, const void *row)
{
    struct arena *arena = found->search.call->arena;
    const struct v2_resource *resource = found->resource;
    char *copy = arena_alloc(arena, resource->row_size);
    memcpy(copy, row, resource->row_size);
    for (size_t i = 0; i < resource->column_count; i++)
        if (resource->columns[i].type == V2_TEXT || resource->columns[i].type == V2_RAW) {
            struct str *text = (struct str *)(void *)(copy + resource->columns[i].offset);
            *text = str_copy(arena, *text);
        }
    *ARENA_PUSH(arena, found->rows, found->count, found->capacity) = copy;
}

static int64_t id_of(const void *row)
{
    return *(const int64_t *)row;
}

static enum err take_batch(struct found *found, const struct sql_rows *batch)
{
    enum err r = OK;
    for (size_t i = 0; r == OK && !found->more && i < batch->count; i++) {
        const char *row = (const char *)batch->rows + i * found->resource->row_size;
        bool match;
        r = row_matches(&found->search, found->search.filter, row, &match);
        if (r == OK && match && found->count == FOUND_MAX)
            found->more = true;
        else if (r == OK && match)
            keep(found, row);
    }
    return r;
}

static enum err read_all(struct found *found)
{
    int64_t after = 0, only = v2_fixed_key(&found->search, found->resource->columns[0].name);
    int64_t limit = only > 0 ? 1 : READ_BATCH;
    enum err r = OK;
    if (only > 0)
        after = only - 1;
    for (bool again = true; r == OK && again && !found->more;) {
        struct arena arena;
        struct sql_rows batch;
        arena_init(&arena);
        r = found->resource->read(&found->search, &arena, after, limit, &batch);
        if (r == OK)
            r = take_batch(found, &batch);
        again = r == OK && only <= 0 && batch.count == READ_BATCH;
        if (again)
            after = id_of((const char *)batch.rows + (batch.count - 1) * found->resource->row_size);
        arena_release(&arena);
    }
    return r;
}

/* ---- Order and pages ---- */

static enum err read_sorts(struct found *found, const struct json_value *sort)
{
    if (!sort || sort->type == JSON_NULL)
        return OK;
    if (sort->type != JSON_ARRAY || sort->array.count > SORTS_MAX)
        return err_field(ERR_INVALID, "sort", "field.type", "must be a list of a few fields");
    for (size_t i = 0; i < sort->array.count; i++) {
        const struct json_value *one = &sort->array.items[i];
        struct str name = json_get_text(one, "field"), order = json_get_text(one, "order");
        const struct v2_column *column = column_of(found->resource, name);
        if (!column)
            return err_field(ERR_INVALID, "sort", "field.unknown", "there is no field '%.*s'",
                             STR_ARG(name));
        found->sorts[found->sort_count++] =
            (struct sorting){.column = column, .down = str_equal_nocase(order, STR("desc"))};
    }
    return OK;
}

static int compare_rows(const void *a, const void *b, void *context)
{
    const struct found *found = context;
    const char *x = *(const char *const *)a, *y = *(const char *const *)b;
    for (size_t i = 0; i < found->sort_count; i++) {
        const struct v2_column *column = found->sorts[i].column;
        int order = compare(column->type, at(x, column), at(y, column));
        if (order != 0)
            return found->sorts[i].down ? -order : order;
    }
    return (id_of(x) > id_of(y)) - (id_of(x) < id_of(y));
}

struct page {
    size_t from, limit;
};

static enum err read_number(const struct json_value *page, const char *name, int64_t max,
                            int64_t otherwise, size_t *out)
{
    const struct json_value *json = json_get(page, name);
    int64_t value = otherwise;
    if (json && json->type != JSON_NULL && (json_to_int(json, &value) != OK || value < 0))
        return err_field(ERR_INVALID, "page", "field.range", "%s must be a number from 0", name);
    *out = (size_t)(value > max ? max : value);
    return OK;
}

static size_t place_of(const struct found *found, int64_t id)
{
    for (size_t i = 0; i < found->count; i++)
        if (id_of(found->rows[i]) == id)
            return i;
    return SIZE_MAX;
}

/* A cursor is the id of the row that it stands behind or before. */
static enum err read_page(const struct found *found, const struct json_value *json,
                          struct page *out)
{
    struct str after = json_get_text(json, "after"), before = json_get_text(json, "before");
    struct str cursor = after.len > 0 ? after : before;
    enum err r = read_number(json, "from", FOUND_MAX, 0, &out->from);
    if (r == OK)
        r = read_number(json, "limit", PAGE_MAX, PAGE_DEFAULT, &out->limit);
    if (r != OK || cursor.len == 0)
        return r;
    int64_t id;
    size_t place = str_to_int(cursor, &id) == OK ? place_of(found, id) : SIZE_MAX;
    if (place == SIZE_MAX)
        return err_field(ERR_INVALID, "page", "field.cursor", "not a cursor of this search");
    out->from = place + 1;
    if (after.len == 0) {
        out->limit = out->limit < place ? out->limit : place;
        out->from = place - out->limit;
    }
    return OK;
}

/* ---- Writing ---- */

static void write_value(struct json_writer *w, enum v2_type type, const void *value)
{
    switch (type) {
    case V2_KEY:
        json_id(w, *(const int64_t *)value);
        break;
    case V2_INT:
        json_int(w, *(const int64_t *)value);
        break;
    case V2_TIME:
        json_time(w, *(const int64_t *)value);
        break;
    case V2_BOOL:
        json_bool(w, *(const bool *)value);
        break;
    case V2_TEXT:
        json_text(w, *(const struct str *)value);
        break;
    case V2_RAW:
        json_raw(w, *(const struct str *)value);
        break;
    }
}

static void write_row(struct json_writer *w, const struct v2_resource *resource, const void *row)
{
    json_object_begin(w);
    for (size_t i = 0; i < resource->column_count; i++) {
        const struct v2_column *column = &resource->columns[i];
        const void *value = at(row, column);
        if (column->silent || (column->skip_null && !has_value(column->type, value)))
            continue;
        json_key(w, column->name);
        write_value(w, column->type, value);
    }
    json_object_end(w);
}

static void write_page(const struct found *found, struct page page)
{
    struct json_writer *w = &found->search.call->json;
    size_t from = page.from < found->count ? page.from : found->count;
    size_t end = found->count - from < page.limit ? found->count : from + page.limit;
    json_object_begin(w);
    json_key(w, "items");
    json_array_begin(w);
    for (size_t i = from; i < end; i++)
        write_row(w, found->resource, found->rows[i]);
    json_array_end(w);
    json_key(w, "page");
    json_object_begin(w);
    json_member_int(w, "totalItems", (int64_t)found->count);
    json_member_bool(w, "hasMoreTotalItems", found->more);
    json_member_id(w, "startCursor", end > from ? id_of(found->rows[from]) : 0);
    json_member_id(w, "endCursor", end > from ? id_of(found->rows[end - 1]) : 0);
    json_object_end(w);
    json_object_end(w);
}

enum err v2_search(struct api_call *call, const struct v2_resource *resource, int64_t fixed)
{
    const struct v2_search_in *in = call->body;
    const struct json_value *filter = in->filter;
    if (filter && filter->type == JSON_NULL)
        filter = NULL;
    struct found found = {.search = {.call = call, .filter = filter, .fixed = fixed},
                          .resource = resource};
    found.search.resource = resource;
    struct page page;
    enum err r = filter ? check_filter(resource, filter, false) : OK;
    if (r == OK)
        r = read_sorts(&found, in->sort);
    if (r == OK)
        r = read_all(&found);
    if (r == OK && found.count > 0)
        qsort_r(found.rows, found.count, sizeof(*found.rows), compare_rows, &found);
    if (r == OK)
        r = read_page(&found, in->page, &page);
    if (r == OK)
        write_page(&found, page);
    return r;
}

enum err v2_get(struct api_call *call, const struct v2_resource *resource, int64_t fixed,
                int64_t id)
{
    struct v2_search search = {.call = call, .resource = resource, .fixed = fixed};
    struct sql_rows rows;
    if (id <= 0)
        return v2_missing("key");
    enum err r = resource->read(&search, call->arena, id - 1, 1, &rows);
    if (r == OK && (rows.count == 0 || id_of(rows.rows) != id))
        return v2_missing("key");
    if (r == OK)
        write_row(&call->json, resource, rows.rows);
    return r;
}
