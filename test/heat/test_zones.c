/* GeoJSON read quickly and strictly: the same zones, and the same refusals. */
#include "test.h"

#include "heat/heat.h"

#include <stdio.h>
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

/* Read from a file by a window: the same zones as from the text, or nothing. */
static bool streams(struct str text)
{
    char path[] = "/tmp/kuailian-zones-XXXXXX";
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_zones whole, read;
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "wb");
    assert_int_equal(fwrite(text.ptr, 1, text.len, file), text.len);
    fclose(file);
    bool streamed = heat_zones_stream(&arena, path, "name", false, &read);
    remove(path);
    if (!streamed)
        return false;
    assert_ok(heat_zones_read(&arena, text, "name", false, &whole));
    assert_int_equal(read.count, whole.count);
    assert_true(str_equal(read.crs, whole.crs));
    for (size_t i = 0; i < read.count; i++)
        same_zone(&read.items[i], &whole.items[i]);
    return true;
}

/* A collection of about `bytes` with features of many lengths. */
static void large(struct buf *text, size_t bytes, const char *before, const char *odd,
                  const char *behind)
{
    buf_clear(text);
    buf_add_c(text, before);
    for (int i = 0; text->len < bytes; i++) {
        buf_format(text, "%s{\"type\":\"Feature\",\"properties\":{\"name\":\"z%d\"", i ? "," : "",
                   i);
        buf_format(text, ",\"more\":\"%0*d\"}", i % 977 + 1, i);
        buf_format(text, ",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[%d,0]", i % 100);
        buf_format(text, ",[%d.5,0.25],[%d,0.125],[%d,0]]]}}\n", i % 100, i % 100, i % 100);
    }
    buf_add_c(text, odd);
    buf_add_c(text, behind);
}

static void test_stream(void **state)
{
    (void)state;
    enum { MEGABYTE = 1024 * 1024 };
    static const char HEAD[] = "{\"type\":\"FeatureCollection\",\"features\":[";
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, 32 * MEGABYTE);
    for (size_t more = 0; more < 8; more++) { /* The file's end at many places of the window. */
        large(&text, 5 * MEGABYTE / 2 + more * 131071, HEAD, "", "]," CRS "}");
        assert_true(streams(buf_str(&text)));
    }
    large(&text, MEGABYTE / 2, HEAD, "", "]}");
    assert_false(streams(buf_str(&text))); /* Small ones are read as a whole. */
    large(&text, 3 * MEGABYTE, HEAD, "", "]");
    assert_false(streams(buf_str(&text)));
    large(&text, 3 * MEGABYTE, HEAD, "", "]}]");
    assert_false(streams(buf_str(&text)));
    large(&text, 3 * MEGABYTE, HEAD, ",{}", "]}");
    assert_false(streams(buf_str(&text)));
    large(&text, 3 * MEGABYTE, "{\"features\":[", "", "],\"type\":\"FeatureCollection\"}");
    assert_false(streams(buf_str(&text)));
    large(&text, 3 * MEGABYTE, HEAD, "", "],\"type\":\"Feature\"}");
    assert_false(streams(buf_str(&text)));
    large(&text, 2 * MEGABYTE, HEAD, "", "],\"more\":\"");
    for (int i = 0; i < 2 * MEGABYTE; i++)
        buf_add_char(&text, 'x');
    buf_add_c(&text, "\"}");
    assert_false(streams(buf_str(&text)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_good), cmocka_unit_test(test_bad),
                                       cmocka_unit_test(test_random), cmocka_unit_test(test_order),
                                       cmocka_unit_test(test_stream)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
