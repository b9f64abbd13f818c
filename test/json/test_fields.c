#include "test.h"

#include "json/fields.h"

static const char *const COLOURS[] = {"red", "green", NULL};

struct place {
    double lat, lng;
};

struct step {
    struct str name;
    int64_t days;
};

struct thing {
    struct str title;
    int64_t count, owner_id, colour, at, day;
    bool urgent;
    struct place place;
    struct list steps, file_ids, tags;
    const struct json_value *extra;
    double ratio;
};

static const struct field PLACE_FIELDS[] = {
    FIELD(struct place, lat, FIELD_REAL, .required = true, .min = -90, .max = 90),
    FIELD(struct place, lng, FIELD_REAL, .required = true, .min = -180, .max = 180),
    FIELD_END,
};

static const struct field STEP_FIELDS[] = {
    FIELD(struct step, name, FIELD_TEXT, .required = true, .max = 5),
    FIELD(struct step, days, FIELD_INT, .min = 1, .max = 30),
    FIELD_END,
};

static const struct field THING_FIELDS[] = {
    FIELD(struct thing, title, FIELD_TEXT, .required = true, .max = 10),
    FIELD(struct thing, count, FIELD_INT),
    FIELD(struct thing, owner_id, FIELD_ID),
    FIELD(struct thing, colour, FIELD_ENUM, .names = COLOURS),
    FIELD(struct thing, at, FIELD_TIME),
    FIELD(struct thing, day, FIELD_DATE),
    FIELD(struct thing, urgent, FIELD_BOOL),
    FIELD(struct thing, place, FIELD_OBJECT, .of = PLACE_FIELDS),
    FIELD(struct thing, steps, FIELD_LIST, .of = STEP_FIELDS, .of_size = sizeof(struct step),
          .max = 2),
    FIELD(struct thing, file_ids, FIELD_ID_LIST, .max = 2),
    FIELD(struct thing, tags, FIELD_TEXT_LIST),
    FIELD(struct thing, extra, FIELD_JSON),
    FIELD(struct thing, ratio, FIELD_REAL),
    FIELD_END,
};

static enum err decode(struct arena *arena, const char *text, struct thing *out)
{
    const struct json_value *value;
    assert_ok(json_parse(arena, str_of(text), &value));
    return fields_decode(arena, THING_FIELDS, value, out, sizeof(*out));
}

static const char WHOLE[] =
    "{\"title\":\"块链\",\"count\":-3,\"owner_id\":\"9223372036854775807\",\"colour\":\"green\","
    "\"at\":\"2020-01-22T08:00:00Z\",\"day\":\"2020-02-29\",\"urgent\":true,"
    "\"place\":{\"lat\":30.5,\"lng\":-121.25},\"steps\":[{\"name\":\"a\",\"days\":1},"
    "{\"name\":\"b\",\"days\":30}],\"file_ids\":[\"7\",\"8\"],\"tags\":[\"x\",\"y\"],"
    "\"extra\":{\"n\":1.10},\"ratio\":0.25}";

static void a_whole_object_goes_around(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    CLEANUP(buf_release) struct buf buf;
    struct thing thing;
    assert_ok(decode(&arena, WHOLE, &thing));
    assert_str(thing.title, "块链");
    assert_int_equal(thing.owner_id, INT64_MAX);
    assert_int_equal(thing.colour, 1);
    assert_int_equal(thing.steps.count, 2);
    assert_int_equal(((const struct step *)thing.steps.items)[1].days, 30);
    assert_int_equal(((const int64_t *)thing.file_ids.items)[1], 8);
    assert_str(((const struct str *)thing.tags.items)[0], "x");
    assert_true(thing.place.lng == -121.25);

    struct field written[COUNT_OF(THING_FIELDS)];
    memcpy(written, THING_FIELDS, sizeof(written));
    for (struct field *field = written; field->name; field++)
        if (field->type == FIELD_JSON) /* Is written from text. */
            field->type = FIELD_RAW;
    struct thing out = thing;
    struct str raw = STR("{\"n\":1.10}");
    struct {
        struct thing thing;
        struct str raw;
    } both = {.thing = out, .raw = raw};
    for (struct field *field = written; field->name; field++)
        if (field->type == FIELD_RAW)
            field->offset = offsetof(__typeof__(both), raw);
    buf_init(&buf, 2000);
    struct json_writer w = json_writer(&buf);
    fields_write_object(&w, written, &both);
    assert_str(buf_str(&buf), WHOLE);
}

static void what_is_absent_is_zero(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    struct thing thing;
    assert_ok(decode(&arena, "{\"title\":\"x\",\"count\":null}", &thing));
    assert_int_equal(thing.count, 0);
    assert_int_equal(thing.day, FIELD_NO_DATE);
    assert_null(thing.extra);
    assert_int_equal(thing.steps.count, 0);
}

/* A refusal names the member and leaves the output alone. */
static void refusals_name_the_member(void **state)
{
    (void)state;
    static const struct {
        const char *text, *field, *reason;
    } cases[] = {
        {"{}", "title", "field.required"},
        {"{\"title\":null}", "title", "field.required"},
        {"{\"title\":\"\"}", "title", "field.required"},
        {"{\"title\":\" \\n\"}", "title", "field.required"},
        {"{\"title\":7}", "title", "field.type"},
        {"{\"title\":\"12345678901\"}", "title", "field.too-long"},
        {"{\"title\":\"a\\u0000b\"}", "title", "field.type"},
        {"{\"title\":\"x\",\"other\":1}", "other", "field.unknown"},
        {"{\"title\":\"x\",\"count\":1.5}", "count", "field.type"},
        {"{\"title\":\"x\",\"count\":\"1\"}", "count", "field.type"},
        {"{\"title\":\"x\",\"count\":9223372036854775808}", "count", "field.type"},
        {"{\"title\":\"x\",\"owner_id\":7}", "owner_id", "field.type"},
        {"{\"title\":\"x\",\"owner_id\":\"0\"}", "owner_id", "field.type"},
        {"{\"title\":\"x\",\"owner_id\":\"-1\"}", "owner_id", "field.type"},
        {"{\"title\":\"x\",\"colour\":\"blue\"}", "colour", "field.choice"},
        {"{\"title\":\"x\",\"at\":\"2020-01-22\"}", "at", "field.time"},
        {"{\"title\":\"x\",\"day\":\"2021-02-29\"}", "day", "field.date"},
        {"{\"title\":\"x\",\"urgent\":\"true\"}", "urgent", "field.type"},
        {"{\"title\":\"x\",\"place\":{\"lat\":1}}", "place.lng", "field.required"},
        {"{\"title\":\"x\",\"place\":{\"lat\":91,\"lng\":0}}", "place.lat", "field.range"},
        {"{\"title\":\"x\",\"place\":[]}", "place", "field.type"},
        {"{\"title\":\"x\",\"steps\":[{\"name\":\"a\"},{\"name\":\"abcdef\"}]}", "steps[1].name",
         "field.too-long"},
        {"{\"title\":\"x\",\"steps\":[{\"name\":\"a\",\"days\":31}]}", "steps[0].days",
         "field.range"},
        {"{\"title\":\"x\",\"steps\":[1]}", "steps[0]", "field.type"},
        {"{\"title\":\"x\",\"steps\":[{\"name\":\"a\"},{\"name\":\"b\"},{\"name\":\"c\"}]}",
         "steps", "field.too-many"},
        {"{\"title\":\"x\",\"file_ids\":[\"1\",\"x\"]}", "file_ids[1]", "field.type"},
        {"{\"title\":\"x\",\"file_ids\":[1]}", "file_ids[0]", "field.type"},
        {"{\"title\":\"x\",\"ratio\":1e999}", "ratio", "field.type"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(arena_release) struct arena arena = {0};
        struct thing thing = {.count = 4711};
        enum err r = decode(&arena, cases[i].text, &thing);
        if (r != ERR_INVALID || strcmp(err_last()->field, cases[i].field) != 0 ||
            strcmp(err_last()->reason, cases[i].reason) != 0)
            fail_msg("%s: %s, %s, %s", cases[i].text, err_name(r), err_last()->field,
                     err_last()->reason);
        assert_int_equal(thing.count, 4711);
    }
    CLEANUP(arena_release) struct arena arena = {0};
    struct thing thing;
    assert_err(decode(&arena, "[]", &thing), ERR_INVALID);
}

static void texts_of_a_query_or_a_cell(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    struct field count = {.name = "limit", .type = FIELD_INT, .min = 1, .max = 200};
    struct field flag = {.name = "dry_run", .type = FIELD_BOOL};
    int64_t number;
    bool yes = false;
    assert_ok(field_decode_text(&arena, &count, STR("200"), &number));
    assert_int_equal(number, 200);
    assert_err(field_decode_text(&arena, &count, STR("201"), &number), ERR_INVALID);
    assert_string_equal(err_last()->field, "limit");
    assert_ok(field_decode_text(&arena, &flag, STR("true"), &yes));
    assert_true(yes);
    assert_err(field_decode_text(&arena, &flag, STR("yes"), &yes), ERR_INVALID);
    struct field text = {.name = "q", .type = FIELD_TEXT};
    struct str found;
    assert_err(field_decode_text(&arena, &text, STR("\xC0\xAF"), &found), ERR_INVALID);
}

static void the_schema_is_json(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    CLEANUP(buf_release) struct buf buf;
    const struct json_value *schema;
    buf_init(&buf, 20000);
    struct json_writer w = json_writer(&buf);
    fields_write_schema(&w, THING_FIELDS, true);
    assert_ok(json_parse(&arena, buf_str(&buf), &schema));
    assert_str(json_get_text(schema, "type"), "object");
    const struct json_value *properties = json_get(schema, "properties");
    for (const struct field *field = THING_FIELDS; field->name; field++)
        assert_non_null(json_get(properties, field->name));
    assert_int_equal(json_get(schema, "required")->array.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_object_goes_around), cmocka_unit_test(what_is_absent_is_zero),
        cmocka_unit_test(refusals_name_the_member),   cmocka_unit_test(texts_of_a_query_or_a_cell),
        cmocka_unit_test(the_schema_is_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
