#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "json/json.h"
#include "json/plain.h"

struct json_writer json_writer(struct buf *buf)
{
    return (struct json_writer){.buf = buf};
}

static void separate(struct json_writer *w)
{
    if (w->comma)
        buf_add_char(w->buf, ',');
    w->comma = true;
}

static void open(struct json_writer *w, char bracket)
{
    separate(w);
    buf_add_char(w->buf, bracket);
    w->comma = false;
}

static void shut(struct json_writer *w, char bracket)
{
    buf_add_char(w->buf, bracket);
    w->comma = true;
}

void json_object_begin(struct json_writer *w)
{
    open(w, '{');
}

void json_object_end(struct json_writer *w)
{
    shut(w, '}');
}

void json_array_begin(struct json_writer *w)
{
    open(w, '[');
}

void json_array_end(struct json_writer *w)
{
    shut(w, ']');
}

static void add_escaped(struct buf *buf, unsigned char c)
{
    switch (c) {
    case '"':
        buf_add_c(buf, "\\\"");
        break;
    case '\\':
        buf_add_c(buf, "\\\\");
        break;
    case '\n':
        buf_add_c(buf, "\\n");
        break;
    case '\r':
        buf_add_c(buf, "\\r");
        break;
    case '\t':
        buf_add_c(buf, "\\t");
        break;
    default:
        buf_format(buf, "\\u%04x", c);
    }
}

static void add_quoted(struct buf *buf, struct str text)
{
    size_t plain = json_plain(text, 0);
    char *whole = plain == text.len ? buf_claim(buf, text.len + 2) : NULL;
    if (whole) {
        whole[0] = whole[text.len + 1] = '"';
        if (text.len > 0)
            memcpy(whole + 1, text.ptr, text.len);
        return;
    }
    buf_add_char(buf, '"');
    for (size_t at = 0;; plain = json_plain(text, at)) {
        buf_add(buf, text.ptr + at, plain);
        at += plain;
        if (at == text.len)
            break;
        add_escaped(buf, (unsigned char)text.ptr[at++]);
    }
    buf_add_char(buf, '"');
}

void json_key_str(struct json_writer *w, struct str name)
{
    separate(w);
    add_quoted(w->buf, name);
    buf_add_char(w->buf, ':');
    w->comma = false;
}

void json_key(struct json_writer *w, const char *name)
{
    json_key_str(w, str_of(name));
}

void json_raw(struct json_writer *w, struct str json)
{
    separate(w);
    buf_add_str(w->buf, json);
}

void json_null(struct json_writer *w)
{
    json_raw(w, STR("null"));
}

void json_bool(struct json_writer *w, bool value)
{
    json_raw(w, value ? STR("true") : STR("false"));
}

void json_int(struct json_writer *w, int64_t value)
{
    separate(w);
    buf_add_int(w->buf, value);
}

void json_id(struct json_writer *w, int64_t id)
{
    if (id == 0) {
        json_null(w);
        return;
    }
    separate(w);
    buf_add_char(w->buf, '"');
    buf_add_int(w->buf, id);
    buf_add_char(w->buf, '"');
}

void json_text(struct json_writer *w, struct str text)
{
    if (!text.ptr) {
        json_null(w);
        return;
    }
    separate(w);
    add_quoted(w->buf, text);
}

void json_c(struct json_writer *w, const char *text)
{
    json_text(w, str_of(text));
}

void json_time(struct json_writer *w, int64_t time_us)
{
    if (time_us == 0) {
        json_null(w);
        return;
    }
    separate(w);
    buf_add_char(w->buf, '"');
    time_format(w->buf, time_us, 0);
    buf_add_char(w->buf, '"');
}

void json_real(struct json_writer *w, double value)
{
    if (!isfinite(value)) {
        json_null(w);
        return;
    }
    char text[32];
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(text, sizeof(text), "%.*g", precision, value);
        if (strtod(text, NULL) == value)
            break;
    }
    json_raw(w, str_of(text));
}

void json_number(struct json_writer *w, struct str text)
{
    json_raw(w, text);
}

void json_value(struct json_writer *w, const struct json_value *value)
{
    switch (value->type) {
    case JSON_NULL:
        json_null(w);
        break;
    case JSON_BOOL:
        json_bool(w, value->boolean);
        break;
    case JSON_NUMBER:
        json_number(w, value->text);
        break;
    case JSON_STRING:
        json_text(w, value->text);
        break;
    case JSON_ARRAY:
        json_array_begin(w);
        for (size_t i = 0; i < value->array.count; i++)
            json_value(w, &value->array.items[i]);
        json_array_end(w);
        break;
    case JSON_OBJECT:
        json_object_begin(w);
        for (size_t i = 0; i < value->object.count; i++) {
            json_key_str(w, value->object.members[i].name);
            json_value(w, &value->object.members[i].value);
        }
        json_object_end(w);
        break;
    }
}

void json_member_text(struct json_writer *w, const char *name, struct str text)
{
    json_key(w, name);
    json_text(w, text);
}

void json_member_c(struct json_writer *w, const char *name, const char *text)
{
    json_key(w, name);
    json_c(w, text);
}

void json_member_id(struct json_writer *w, const char *name, int64_t id)
{
    json_key(w, name);
    json_id(w, id);
}

void json_member_int(struct json_writer *w, const char *name, int64_t value)
{
    json_key(w, name);
    json_int(w, value);
}

void json_member_bool(struct json_writer *w, const char *name, bool value)
{
    json_key(w, name);
    json_bool(w, value);
}

void json_member_time(struct json_writer *w, const char *name, int64_t time_us)
{
    json_key(w, name);
    json_time(w, time_us);
}

void json_member_raw(struct json_writer *w, const char *name, struct str json)
{
    json_key(w, name);
    json_raw(w, json);
}

bool json_member_ref_begin(struct json_writer *w, const char *name, int64_t id, struct str called)
{
    json_key(w, name);
    if (id == 0) {
        json_null(w);
        return false;
    }
    json_object_begin(w);
    json_member_id(w, "id", id);
    json_member_text(w, "name", called);
    return true;
}

void json_member_ref(struct json_writer *w, const char *name, int64_t id, struct str called)
{
    if (json_member_ref_begin(w, name, id, called))
        json_object_end(w);
}
