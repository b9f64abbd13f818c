/* GeoJSON read quickly and strictly: the same zones, and the same refusals. */
#include "test.h"

#include "heat/heat.h"

#include <stdlib.h>

/* The same feature for the strict reader alone: a name that is written another way. */
static struct str strict_form(struct arena *arena, struct str text)
{
    size_t at = str_find(text, STR("\"geometry\""), 0);
    if (at == text.len)
        return text;
    return str_format(arena, "%.*s\"g\\u0065ometry\"%.*s", (int)at, text.ptr,
                      (int)(text.len - at - 10), text.ptr + at + 10);
}

static struct str collection(struct arena *arena, struct str feature)
{
    return str_format(arena, "{\"type\":\"FeatureCollection\",\"features\":[%.*s]}",
                      STR_ARG(feature));
}

static void same_zone(const struct heat_zone *a, const struct heat_zone *b)
{
    assert_true(str_equal(a->id, b->id) && a->mended == b->mended);
    assert_int_equal(a->ring_count, b->ring_count);
    for (size_t i = 0; i < a->ring_count; i++) {
        assert_int_equal(a->rings[i].count, b->rings[i].count);
        assert_int_equal(a->rings[i].hole, b->rings[i].hole);
        assert_memory_equal(a->rings[i].xy, b->rings[i].xy, a->rings[i].count * 16);
    }
}

/* Both ways, strictly and mended; false if the feature is refused. */
static bool same(struct str feature, bool mend)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_zones one, two;
    enum err a = heat_zones_read(&arena, collection(&arena, feature), "name", mend, &one);
    struct err_info said = *err_last();
    enum err b = heat_zones_read(&arena, collection(&arena, strict_form(&arena, feature)), "name",
                                 mend, &two);
    if (a != b || (a != OK && a != ERR_SYNTAX && strcmp(said.detail, err_last()->detail) != 0))
        fail_msg("%.*s: %d %s, and %d %s", STR_ARG(feature), a, said.detail, b, err_last()->detail);
    if (a != OK)
        return false;
    assert_int_equal(one.count, two.count);
    for (size_t i = 0; i < one.count; i++)
        same_zone(&one.items[i], &two.items[i]);
    return true;
}

#define POLYGON(coordinates)                                                                       \
    "{\"type\":\"Feature\",\"properties\":{\"name\":\"a\"},\"geometry\":{\"type\":\"Polygon\","    \
    "\"coordinates\":" coordinates "}}"
#define MULTI(coordinates)                                                                         \
    "{\"type\":\"Feature\",\"id\":7,\"geometry\":{\"coordinates\":" coordinates                    \
    ",\"type\":\"MultiPolygon\"},\"bbox\":[1,2,3,4]}"

static void test_good(void **state)
{
    (void)state;
    static const char *const GOOD[] = {
        POLYGON("[[[0,0],[1,0],[1,1],[0,0]]]"),
        POLYGON("[[[0.25,-0],[1e0,0],[1.0E+0,1],[25e-2,-0.0]]]"),
        POLYGON(" [ [ [ 0 , 0 ] ,\n[1,0]\t,[1,1],[0,1],[0,0] ] ] "),
        POLYGON("[[[0,0,5],[1,0,5],[1,1,5,9],[0,0,5]]]"),
        POLYGON("[[[0,0],[0,0],[9,0],[9,9],[9,9],[0,9],[0,0]],[[1,1],[2,1],[2,2],[1,1]]]"),
        POLYGON("[[[120.12345678901234,30.1],[120.2,30.123456789012345678901234],[120.3,30.3],"
                "[120.12345678901234,30.1]]]"),
        MULTI("[[[[0,0],[1,0],[1,1],[0,0]]],[[[5,5],[6,5],[6,6],[5,5]]]]"),
        MULTI("[[[[0,0],[9,0],[9,9],[0,9],[0,0]],[[1,1],[2,1],[2,2],[1,1]]],"
              "[[[25,5],[26,5],[26,6],[25,5]]]]"),
        "{\"id\":\"\\u5757\\\"\",\"properties\":{\"coordinates\":[[1]],\"note\":\"}]\\\\\"},"
        "\"type\":"
        "\"Feature\",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[1,1],[0,0]]]"
        "}}",
        ("{\"properties\":null,\"type\":\"Feature\",\"geometry\":{\"bbox\":[{\"a\":[]}],\"type\":"
         "\"Polygon\",\"coordinates\":[[[0,0],[1,0],[1,1],[0,0]]]}}")};
    for (size_t i = 0; i < COUNT_OF(GOOD); i++) {
        if (!same(str_of(GOOD[i]), false))
            fail_msg("refused: %s: %s", GOOD[i], err_last()->detail);
        assert_true(same(str_of(GOOD[i]), true));
    }
}

static void test_bad(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        POLYGON("[[[0,0],[1,0],[1,1]]]"),
        POLYGON("[[[0,0],[1,0],[0,0]]]"),
        POLYGON("[]"),
        POLYGON("[[]]"),
        POLYGON("[[[]]]"),
        POLYGON("[[[0,0],[1,0],[1,1],[0,0]],[]]"),
        POLYGON("[[[0],[1,0],[1,1],[0,0]]]"),
        POLYGON("[[[0,0,0,0,0],[1,0],[1,1],[0,0]]]"),
        POLYGON("[[[0,\"0\"],[1,0],[1,1],[0,0]]]"),
        POLYGON("[[[0,1e99],[1,0],[1,1],[0,0]]]"),
        POLYGON("[[[00,0],[1,0],[1,1],[0,0]]]"),
        POLYGON("[[[.5,0],[1,0],[1,1],[.5,0]]]"),
        POLYGON("[[[0,0],[1,0],[1,1],[0,0]],]"),
        POLYGON("[[[0,0],[1,0],[1,1],[0,0]]"),
        POLYGON("[[[[0,0],[1,0],[1,1],[0,0]]]]"),
        POLYGON("[[[0,0] [1,0],[1,1],[0,0]]]"),
        POLYGON("[[[0,0],[2,2],[2,0],[0,2],[0,0]]]"),
        POLYGON("[[[0,0],[999,0],[9,9],[0,0]]]"),
        POLYGON("{}"),
        POLYGON("7"),
        MULTI("[[[0,0],[1,0],[1,1],[0,0]]]"),
        MULTI("[[]]"),
        "{\"type\":\"Feature\",\"type\":\"Feature\",\"geometry\":{\"type\":\"Polygon\","
        "\"coordinates\":[[[0,0],[1,0],[1,1],[0,0]]]}}",
        "{\"type\":\"Feature\",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],"
        "[1,1],[0,0]]],\"coordinates\":[]}}",
        "{\"type\":\"Thing\",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],"
        "[1,1],[0,0]]]}}",
        "{\"type\":\"Feature\",\"properties\":{\"name\":\"\xff\"},\"geometry\":{\"type\":"
        "\"Polygon\","
        "\"coordinates\":[[[0,0],[1,0],[1,1],[0,0]]]}}"};
    for (size_t i = 0; i < COUNT_OF(BAD); i++)
        if (same(str_of(BAD[i]), false))
            fail_msg("accepted: %s", BAD[i]);
    for (size_t i = 0; i < COUNT_OF(BAD); i++)
        (void)same(str_of(BAD[i]), true);
}

/* Stars of random points: some cross themselves and are refused, or mended, by both. */
static void test_random(void **state)
{
    (void)state;
    srand(5);
    for (int round = 0; round < 400; round++) {
        CLEANUP(buf_release) struct buf text;
        buf_init(&text, 1 << 20);
        int points = 3 + rand() % 6;
        buf_format(&text,
                   "{\"type\":\"Feature\",\"properties\":{\"name\":%d},\"geometry\":{\"type\":"
                   "\"Polygon\",\"coordinates\":[[",
                   round);
        double first[2];
        for (int i = 0; i <= points; i++) {
            double x = 120 + rand() / (double)RAND_MAX, y = 30 + rand() / (double)RAND_MAX;
            if (i == 0) {
                first[0] = x;
                first[1] = y;
            }
            bool last = i == points;
            buf_format(&text, "%s[%.*g,%.17g]", i ? "," : "", 17, last ? first[0] : x,
                       last ? first[1] : y);
        }
        buf_add_c(&text, "]]}}");
        (void)same(buf_str(&text), false);
        assert_true(same(buf_str(&text), true));
    }
}

/* A "crs" behind the features counts, and so does a type behind them. */
static void test_order(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_zones zones;
#define FAR POLYGON("[[[400000,0],[400100,0],[400100,100],[400000,0]]]")
#define CRS "\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"EPSG:32650\"}}"
    assert_ok(heat_zones_read(
        &arena, STR("{\"type\":\"FeatureCollection\",\"features\":[" FAR "," FAR "]," CRS "}"),
        NULL, false, &zones));
    assert_int_equal(zones.count, 2);
    assert_str(zones.items[1].id, "2");
    assert_str(zones.crs, "EPSG:32650");
    assert_ok(heat_zones_read(
        &arena, STR("{" CRS ",\"features\":[" FAR " , " FAR "],\"type\":\"FeatureCollection\"}"),
        NULL, false, &zones));
    assert_int_equal(zones.count, 2);
    assert_err(heat_zones_read(&arena,
                               STR("{\"type\":\"FeatureCollection\",\"features\":[" FAR "]}"), NULL,
                               false, &zones),
               ERR_INVALID);
    assert_non_null(strstr(err_last()->detail, "zone 1: a position is no longitude"));
    assert_err(heat_zones_read(
                   &arena, STR("{\"type\":\"FeatureCollection\",\"features\":[],\"features\":[]}"),
                   NULL, false, &zones),
               ERR_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_good), cmocka_unit_test(test_bad),
                                       cmocka_unit_test(test_random), cmocka_unit_test(test_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
