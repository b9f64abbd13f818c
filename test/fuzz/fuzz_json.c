/* Any bytes as JSON: what is accepted must be written and read back as the same value, and decoding
 * it into a table of fields must not go wrong. */
#include "json/fields.h"

struct part {
    struct str name;
    int64_t id;
};

struct whole {
    struct str text;
    int64_t number, id, at, day;
    bool flag;
    double real;
    struct part part;
    struct list parts, ids, texts;
    const struct json_value *any;
};

static const struct field PART[] = {
    FIELD(struct part, name, FIELD_TEXT, .max = 20),
    FIELD(struct part, id, FIELD_ID),
    FIELD_END,
};

static const struct field WHOLE[] = {
    FIELD(struct whole, text, FIELD_TEXT),
    FIELD(struct whole, number, FIELD_INT, .min = -5, .max = 5),
    FIELD(struct whole, id, FIELD_ID),
    FIELD(struct whole, at, FIELD_TIME),
    FIELD(struct whole, day, FIELD_DATE),
    FIELD(struct whole, flag, FIELD_BOOL),
    FIELD(struct whole, real, FIELD_REAL),
    FIELD(struct whole, part, FIELD_OBJECT, .of = PART),
    FIELD(struct whole, parts, FIELD_LIST, .of = PART, .of_size = sizeof(struct part), .max = 3),
    FIELD(struct whole, ids, FIELD_ID_LIST),
    FIELD(struct whole, texts, FIELD_TEXT_LIST),
    FIELD(struct whole, any, FIELD_JSON),
    FIELD_END,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_release) struct arena arena = {0};
    const struct json_value *value, *again;
    if (json_parse(&arena, (struct str){(const char *)data, size}, &value) != OK)
        return 0;
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, 64 << 20);
    struct json_writer w = json_writer(&text);
    json_value(&w, value);
    assert(buf_check(&text) == OK && utf8_check(buf_str(&text)) == OK);
    enum err r = json_parse(&arena, buf_str(&text), &again);
    assert(r == OK && json_equal(value, again));
    struct whole whole;
    r = fields_decode(&arena, WHOLE, value, &whole, sizeof(whole));
    assert(r == OK || r == ERR_INVALID);
    return 0;
}
