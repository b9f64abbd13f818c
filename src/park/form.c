#include "park/form.h"

#include "base/clock.h"

static const struct json_value *components(const struct json_value *schema)
{
    const struct json_value *list = json_get(schema, "components");
    return list && list->type == JSON_ARRAY ? list : NULL;
}

static const struct json_value *component_of(const struct json_value *list, struct str key)
{
    for (size_t i = 0; list && i < list->array.count; i++)
        if (str_equal(json_get_text(&list->array.items[i], "key"), key))
            return &list->array.items[i];
    return NULL;
}

static enum err refuse(struct str key, const char *reason, const char *what)
{
    char field[ERR_FIELD_MAX];
    size_t len = key.len < sizeof(field) - 8 ? key.len : sizeof(field) - 8;
    memcpy(field, "form.", 5);
    memcpy(field + 5, key.ptr, len);
    field[5 + len] = '\0';
    return err_field(ERR_INVALID, field, reason, "%.*s: %s", STR_ARG(key), what);
}

static bool is_empty(const struct json_value *value)
{
    return !value || value->type == JSON_NULL ||
           (value->type == JSON_STRING && str_trim(value->text).len == 0);
}

static bool is_text(const struct json_value *component)
{
    struct str type = json_get_text(component, "type");
    struct str widget = json_get_text(json_get(component, "properties"), "widget");
    return !widget.len && (str_is(type, "textfield") || str_is(type, "textarea"));
}

static enum err check_length(struct str key, const struct json_value *rules, struct str text)
{
    int64_t min = 0, max = LIMIT_TEXT_CHARS, length = (int64_t)utf8_length(text);
    if (json_get(rules, "minLength") && json_to_int(json_get(rules, "minLength"), &min) != OK)
        min = 0;
    if (json_get(rules, "maxLength") && json_to_int(json_get(rules, "maxLength"), &max) != OK)
        max = LIMIT_TEXT_CHARS;
    if (length < min)
        return refuse(key, "field.too-short", "the text is too short");
    if (length > max)
        return refuse(key, "field.too-long", "the text is too long");
    return OK;
}

static bool is_choice(const struct json_value *component, struct str text)
{
    const struct json_value *values = json_get(component, "values");
    for (size_t i = 0; values && values->type == JSON_ARRAY && i < values->array.count; i++)
        if (str_equal(json_get_text(&values->array.items[i], "value"), text))
            return true;
    return false;
}

static enum err check_answer(const struct json_value *component, struct str key,
                             const struct json_value *value)
{
    const struct json_value *rules = json_get(component, "validate");
    const struct json_value *required = json_get(rules, "required");
    if (is_empty(value))
        return required && required->type == JSON_BOOL && required->boolean
                   ? refuse(key, "field.required", "is required")
                   : OK;
    if (is_text(component)) {
        if (value->type != JSON_STRING)
            return refuse(key, "field.type", "a text is expected");
        return check_length(key, rules, value->text);
    }
    struct str type = json_get_text(component, "type");
    int64_t day;
    if (str_is(type, "datetime") &&
        (value->type != JSON_STRING || date_parse(value->text, &day) != OK))
        return refuse(key, "field.date", "a date is expected: 2026-11-23");
    if (str_is(type, "select") || str_is(type, "radio")) {
        if (value->type != JSON_STRING || !is_choice(component, value->text))
            return refuse(key, "field.choice", "not one of the choices");
    }
    return OK;
}

/* A place is {lat, lng, address}, and nothing that could be mistaken for one. */
static enum err check_place(struct str key, const struct json_value *value)
{
    if (is_empty(value))
        return OK;
    double lat, lng;
    if (value->type != JSON_OBJECT || json_to_real(json_get(value, "lat"), &lat) != OK ||
        json_to_real(json_get(value, "lng"), &lng) != OK || lat < -90 || lat > 90 || lng < -180 ||
        lng > 180)
        return refuse(key, "field.place", "a place with lat and lng is expected");
    return utf8_length(json_get_text(value, "address")) <= LIMIT_NAME_CHARS
               ? OK
               : refuse(key, "field.too-long", "the address is too long");
}

enum err form_check(const struct service *service, const struct json_value *answers)
{
    return form_check_schema(service->form_json, answers);
}

enum err form_check_schema(const struct json_value *schema, const struct json_value *answers)
{
    const struct json_value *list = components(schema);
    if (!answers || answers->type != JSON_OBJECT)
        return err_field(ERR_INVALID, "form", "field.required", "the form is missing");
    enum err fits = feel_check_json(answers); /* Rules will calculate with them. */
    if (fits != OK)
        return fits;
    for (size_t i = 0; i < answers->object.count; i++) {
        struct str key = answers->object.members[i].name;
        if (!component_of(list, key))
            return refuse(key, "field.unknown", "the form does not ask for it");
    }
    for (size_t i = 0; list && i < list->array.count; i++) {
        const struct json_value *component = &list->array.items[i];
        struct str key = json_get_text(component, "key");
        const struct json_value *answer = NULL;
        for (size_t j = 0; j < answers->object.count; j++)
            if (str_equal(answers->object.members[j].name, key))
                answer = &answers->object.members[j].value;
        bool place = str_is(json_get_text(json_get(component, "properties"), "widget"), "location");
        enum err r = place ? check_place(key, answer) : check_answer(component, key, answer);
        if (r != OK)
            return r;
    }
    return OK;
}
