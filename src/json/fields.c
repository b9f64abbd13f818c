#include "json/fields.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

/* Where the decoder is: a member's name or, where that is absent, a place in a list. */
struct place {
    const struct place *around;
    struct str name;
    size_t index;
};

struct decoder {
    struct arena *arena;
    const struct place *at;
};

/* Written only for a refusal: "items[3].title". */
static void write_path(struct buf *out, const struct place *at)
{
    if (!at)
        return;
    write_path(out, at->around);
    if (at->name.ptr) {
        if (at->around)
            buf_add_char(out, '.');
        buf_add_str(out, at->name);
    } else {
        buf_format(out, "[%zu]", at->index);
    }
}

static enum err refuse(const struct decoder *d, const char *reason, const char *what)
{
    CLEANUP(buf_release) struct buf path;
    buf_init(&path, LIMIT_HTTP_BODY);
    write_path(&path, d->at);
    return err_field(ERR_INVALID, path.len ? path.ptr : "", reason, "%s: %s",
                     path.len ? path.ptr : "body", what);
}

static enum err decode_text(struct decoder *d, const struct field *field, struct str text,
                            struct str *out)
{
    size_t count = utf8_length(text);
    size_t max = field->max > 0 ? (size_t)field->max : LIMIT_TEXT_CHARS;
    if (count > max)
        return refuse(d, "field.too-long", "the text is too long");
    if (field->required && str_trim(text).len == 0)
        return refuse(d, "field.required", "must not be empty");
    if (text.len > 0 && memchr(text.ptr, '\0', text.len))
        return refuse(d, "field.type", "the text holds a NUL character");
    *out = text;
    return OK;
}

static enum err decode_int(struct decoder *d, const struct field *field, struct str text,
                           int64_t *out)
{
    int64_t value;
    if (str_to_int(text, &value) != OK)
        return refuse(d, "field.type", "a whole number is expected");
    if (field->max > field->min && (value < field->min || value > field->max))
        return refuse(d, "field.range", "the number is outside its bounds");
    *out = value;
    return OK;
}

static enum err decode_id(struct decoder *d, struct str text, int64_t *out)
{
    int64_t value;
    if (str_to_int(text, &value) != OK || value <= 0)
        return refuse(d, "field.type", "an id is expected");
    *out = value;
    return OK;
}

static enum err decode_enum(struct decoder *d, const struct field *field, struct str text,
                            int64_t *out)
{
    for (int64_t i = 0; field->names[i]; i++)
        if (str_is(text, field->names[i])) {
            *out = i;
            return OK;
        }
    return refuse(d, "field.choice", "not one of the allowed values");
}

static enum err decode_moment(struct decoder *d, const struct field *field, struct str text,
                              int64_t *out)
{
    bool date = field->type == FIELD_DATE;
    if ((date ? date_parse(text, out) : time_parse(text, out)) != OK)
        return refuse(d, date ? "field.date" : "field.time", err_last()->detail);
    return OK;
}

static enum err decode_real(struct decoder *d, const struct field *field, struct str text,
                            double *out)
{
    char copy[LIMIT_JSON_NUMBER + 1] = {0}, *end;
    if (text.len == 0 || text.len > LIMIT_JSON_NUMBER)
        return refuse(d, "field.type", "a number is expected");
    memcpy(copy, text.ptr, text.len);
    double value = strtod(copy, &end);
    if (*end || !(value > -1e300 && value < 1e300))
        return refuse(d, "field.type", "a number is expected");
    if (field->max > field->min && (value < (double)field->min || value > (double)field->max))
        return refuse(d, "field.range", "the number is outside its bounds");
    *out = value;
    return OK;
}

/* The types whose JSON form is one text: what a query string and a cell can hold too. */
static enum err decode_scalar(struct decoder *d, const struct field *field, struct str text,
                              void *out)
{
    switch (field->type) {
    case FIELD_TEXT:
        return decode_text(d, field, text, out);
    case FIELD_ID:
        return decode_id(d, text, out);
    case FIELD_ENUM:
        return decode_enum(d, field, text, out);
    case FIELD_TIME:
    case FIELD_DATE:
        return decode_moment(d, field, text, out);
    case FIELD_INT:
        return decode_int(d, field, text, out);
    case FIELD_REAL:
        return decode_real(d, field, text, out);
    default:
        return err_set(ERR_INTERNAL, "field %s has no text form", field->name);
    }
}

static enum json_type json_type_of(enum field_type type)
{
    switch (type) {
    case FIELD_BOOL:
        return JSON_BOOL;
    case FIELD_INT:
    case FIELD_REAL:
        return JSON_NUMBER;
    case FIELD_OBJECT:
        return JSON_OBJECT;
    case FIELD_LIST:
    case FIELD_ID_LIST:
    case FIELD_TEXT_LIST:
        return JSON_ARRAY;
    default:
        return JSON_STRING;
    }
}

static enum err decode_object(struct decoder *d, const struct field *fields,
                              const struct json_value *object, char *out);

static const struct field *item_field(enum field_type type)
{
    static const struct field id = {.type = FIELD_ID}, text = {.type = FIELD_TEXT};
    return type == FIELD_ID_LIST ? &id : &text;
}

static enum err decode_list(struct decoder *d, const struct field *field,
                            const struct json_value *array, struct list *out)
{
    size_t count = array->array.count;
    if (field->max > 0 && count > (size_t)field->max)
        return refuse(d, "field.too-many", "too many items");
    size_t size = field->type == FIELD_LIST      ? field->of_size
                  : field->type == FIELD_ID_LIST ? sizeof(int64_t)
                                                 : sizeof(struct str);
    char *items = arena_array(d->arena, count, size);
    for (size_t i = 0; i < count; i++) {
        const struct json_value *item = &array->array.items[i];
        const struct place here = {.around = d->at, .index = i};
        enum err r;
        d->at = &here;
        if (field->type == FIELD_LIST)
            r = item->type == JSON_OBJECT ? decode_object(d, field->of, item, items + i * size)
                                          : refuse(d, "field.type", "an object is expected");
        else
            r = item->type == JSON_STRING
                    ? decode_scalar(d, item_field(field->type), item->text, items + i * size)
                    : refuse(d, "field.type", "a text is expected");
        d->at = here.around;
        if (r != OK)
            return r;
    }
    *out = (struct list){.items = items, .count = count};
    return OK;
}

static enum err decode_member(struct decoder *d, const struct field *field,
                              const struct json_value *value, char *out)
{
    void *to = out + field->offset;
    if (field->type == FIELD_JSON) {
        *(const struct json_value **)to = value;
        return OK;
    }
    if (value->type == JSON_NULL)
        return field->required ? refuse(d, "field.required", "is required") : OK;
    if (value->type != json_type_of(field->type))
        return refuse(d, "field.type", "has the wrong type");
    switch (field->type) {
    case FIELD_BOOL:
        *(bool *)to = value->boolean;
        return OK;
    case FIELD_OBJECT:
        return decode_object(d, field->of, value, to);
    case FIELD_LIST:
    case FIELD_ID_LIST:
    case FIELD_TEXT_LIST:
        return decode_list(d, field, value, to);
    default:
        return decode_scalar(d, field, value->text, to);
    }
}

static const struct field *find_field(const struct field *fields, struct str name)
{
    for (const struct field *field = fields; field->name; field++)
        if (str_is(name, field->name))
            return field;
    return NULL;
}

static enum err check_required(struct decoder *d, const struct field *fields,
                               const struct json_value *object)
{
    for (const struct field *field = fields; field->name; field++) {
        const struct place here = {.around = d->at, .name = str_of(field->name)};
        if (!field->required || json_get(object, field->name))
            continue;
        d->at = &here;
        enum err r = refuse(d, "field.required", "is required");
        d->at = here.around;
        return r;
    }
    return OK;
}

static enum err decode_object(struct decoder *d, const struct field *fields,
                              const struct json_value *object, char *out)
{
    for (const struct field *field = fields; field->name; field++)
        if (field->type == FIELD_DATE)
            *(int64_t *)(out + field->offset) = FIELD_NO_DATE;
    for (size_t i = 0; i < object->object.count; i++) {
        const struct json_member *member = &object->object.members[i];
        const struct field *field = find_field(fields, member->name);
        const struct place here = {.around = d->at, .name = member->name};
        d->at = &here;
        enum err r = field ? decode_member(d, field, &member->value, out)
                           : refuse(d, "field.unknown", "is not known here");
        d->at = here.around;
        if (r != OK)
            return r;
    }
    return check_required(d, fields, object);
}

enum err fields_decode(struct arena *arena, const struct field *fields,
                       const struct json_value *object, void *out, size_t out_size)
{
    struct decoder d = {.arena = arena};
    if (!object || object->type != JSON_OBJECT)
        return refuse(&d, "field.type", "a JSON object is expected");
    char *decoded = arena_alloc(arena, out_size);
    enum err r = decode_object(&d, fields, object, decoded);
    if (r == OK)
        memcpy(out, decoded, out_size);
    return r;
}

enum err field_decode_text(struct arena *arena, const struct field *field, struct str text,
                           void *out)
{
    const struct place here = {.name = str_of(field->name)};
    struct decoder d = {.arena = arena, .at = &here};
    if (field->type == FIELD_BOOL) {
        bool yes = str_is(text, "true");
        if (!yes && !str_is(text, "false"))
            return refuse(&d, "field.type", "true or false is expected");
        *(bool *)out = yes;
        return OK;
    }
    enum err r = utf8_check(text);
    return r == OK ? decode_scalar(&d, field, text, out) : refuse(&d, "field.type", "not UTF-8");
}

static void write_list(struct json_writer *w, const struct field *field, const struct list *list)
{
    json_array_begin(w);
    for (size_t i = 0; i < list->count; i++)
        if (field->type == FIELD_LIST)
            fields_write_object(w, field->of, (const char *)list->items + i * field->of_size);
        else if (field->type == FIELD_ID_LIST)
            json_id(w, ((const int64_t *)list->items)[i]);
        else
            json_text(w, ((const struct str *)list->items)[i]);
    json_array_end(w);
}

static void write_date(struct json_writer *w, int64_t days)
{
    if (days == FIELD_NO_DATE) {
        json_null(w);
        return;
    }
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, 32);
    date_format(&text, days);
    json_text(w, buf_str(&text));
}

static const struct field REF_FIELDS[] = {
    FIELD(struct ref, id, FIELD_ID),
    FIELD(struct ref, name, FIELD_TEXT),
    FIELD_END,
};

static void write_ref(struct json_writer *w, const struct ref *ref)
{
    if (ref->id == 0)
        json_null(w);
    else
        fields_write_object(w, REF_FIELDS, ref);
}

static void write_member(struct json_writer *w, const struct field *field, const void *from)
{
    switch (field->type) {
    case FIELD_BOOL:
        json_bool(w, *(const bool *)from);
        break;
    case FIELD_INT:
        json_int(w, *(const int64_t *)from);
        break;
    case FIELD_ID:
        json_id(w, *(const int64_t *)from);
        break;
    case FIELD_TEXT:
        json_text(w, *(const struct str *)from);
        break;
    case FIELD_ENUM:
        json_c(w, field->names[*(const int64_t *)from]);
        break;
    case FIELD_TIME:
        json_time(w, *(const int64_t *)from);
        break;
    case FIELD_DATE:
        write_date(w, *(const int64_t *)from);
        break;
    case FIELD_REAL:
        json_real(w, *(const double *)from);
        break;
    case FIELD_JSON: {
        const struct json_value *value = *(const struct json_value *const *)from;
        if (value)
            json_value(w, value);
        else
            json_null(w);
        break;
    }
    case FIELD_RAW: {
        struct str raw = *(const struct str *)from;
        json_raw(w, raw.ptr ? raw : STR("null"));
        break;
    }
    case FIELD_REF:
        write_ref(w, from);
        break;
    case FIELD_OBJECT:
        fields_write_object(w, field->of, from);
        break;
    case FIELD_LIST:
    case FIELD_ID_LIST:
    case FIELD_TEXT_LIST:
        write_list(w, field, from);
        break;
    }
}

void fields_write(struct json_writer *w, const struct field *fields, const void *in)
{
    for (const struct field *field = fields; field->name; field++) {
        json_key(w, field->name);
        write_member(w, field, (const char *)in + field->offset);
    }
}

void fields_write_object(struct json_writer *w, const struct field *fields, const void *in)
{
    json_object_begin(w);
    fields_write(w, fields, in);
    json_object_end(w);
}

static void write_type(struct json_writer *w, const char *type, const char *format)
{
    json_key(w, "type");
    json_c(w, type);
    if (format) {
        json_key(w, "format");
        json_c(w, format);
    }
}

static void write_bound(struct json_writer *w, const char *name, int64_t value)
{
    json_key(w, name);
    json_int(w, value);
}

static void write_scalar_schema(struct json_writer *w, const struct field *field, bool input)
{
    bool bounded = input && field->max > field->min;
    switch (field->type) {
    case FIELD_BOOL:
        write_type(w, "boolean", NULL);
        break;
    case FIELD_INT:
    case FIELD_REAL:
        write_type(w, field->type == FIELD_INT ? "integer" : "number", NULL);
        if (bounded) {
            write_bound(w, "minimum", field->min);
            write_bound(w, "maximum", field->max);
        }
        break;
    case FIELD_ID:
        write_type(w, "string", "int64");
        break;
    case FIELD_TEXT:
        write_type(w, "string", NULL);
        if (input)
            write_bound(w, "maxLength", field->max > 0 ? field->max : LIMIT_TEXT_CHARS);
        break;
    case FIELD_TIME:
        write_type(w, "string", "date-time");
        break;
    case FIELD_DATE:
        write_type(w, "string", "date");
        break;
    case FIELD_ENUM:
        write_type(w, "string", NULL);
        json_key(w, "enum");
        json_array_begin(w);
        for (size_t i = 0; field->names[i]; i++)
            json_c(w, field->names[i]);
        json_array_end(w);
        break;
    default: /* FIELD_JSON and FIELD_RAW: anything. */
        break;
    }
}

static void write_schema_members(struct json_writer *w, const struct field *fields, bool input);

void field_write_schema(struct json_writer *w, const struct field *field, bool input)
{
    json_object_begin(w);
    if (field->doc) {
        json_key(w, "description");
        json_c(w, field->doc);
    }
    switch (field->type) {
    case FIELD_REF:
        write_schema_members(w, REF_FIELDS, input);
        break;
    case FIELD_OBJECT:
        write_schema_members(w, field->of, input);
        break;
    case FIELD_LIST:
    case FIELD_ID_LIST:
    case FIELD_TEXT_LIST:
        write_type(w, "array", NULL);
        if (input && field->max > 0)
            write_bound(w, "maxItems", field->max);
        json_key(w, "items");
        if (field->type == FIELD_LIST) {
            fields_write_schema(w, field->of, input);
        } else {
            json_object_begin(w);
            write_scalar_schema(w, item_field(field->type), input);
            json_object_end(w);
        }
        break;
    default:
        write_scalar_schema(w, field, input);
    }
    json_object_end(w);
}

static void write_schema_members(struct json_writer *w, const struct field *fields, bool input)
{
    write_type(w, "object", NULL);
    if (input) {
        json_key(w, "additionalProperties");
        json_bool(w, false);
    }
    json_key(w, "required");
    json_array_begin(w);
    for (const struct field *field = fields; field->name; field++)
        if (field->required || !input)
            json_c(w, field->name);
    json_array_end(w);
    json_key(w, "properties");
    json_object_begin(w);
    for (const struct field *field = fields; field->name; field++) {
        json_key(w, field->name);
        field_write_schema(w, field, input);
    }
    json_object_end(w);
}

void fields_write_schema(struct json_writer *w, const struct field *fields, bool input)
{
    json_object_begin(w);
    write_schema_members(w, fields, input);
    json_object_end(w);
}
