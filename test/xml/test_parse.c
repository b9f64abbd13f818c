#include "test.h"

#include "xml/xml.h"

static enum err parse(struct arena *arena, const char *text, const struct xml_node **out)
{
    return xml_parse(arena, str_of(text), out);
}

static void test_tree(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    const struct xml_node *root = NULL;
    assert_ok(parse(&arena,
                    "<?xml version='1.0'?>\n<a:r xmlns:a='urn:a' xmlns='urn:d'>\n"
                    "<t a:x='1' x='2'>one <!-- c --><![CDATA[<two>]]> </t><e/></a:r>",
                    &root));
    assert_true(xml_is(root, "urn:a", "r"));
    const struct xml_node *t = xml_child(root, "urn:d", "t");
    assert_non_null(t);
    assert_int_equal(t->line, 3);
    assert_str(xml_get(t, "x"), "2");
    assert_str(xml_get_ns(t, "urn:a", "x"), "1");
    assert_null(xml_get(t, "y").ptr);
    assert_str(xml_text(&arena, t), "one <two>");
    assert_true(xml_is(xml_next(t), "urn:d", "e"));
    assert_null(xml_next(xml_next(t)));
    assert_str(xml_resolve(t, STR("a")), "urn:a");
    assert_null(xml_resolve(t, STR("b")).ptr);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum err code;
    } cases[] = {
        {"", ERR_SYNTAX},
        {"<a>", ERR_SYNTAX},
        {"<a/><b/>", ERR_SYNTAX},
        {"<!DOCTYPE a><a/>", ERR_SYNTAX},
        {"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", ERR_SYNTAX},
        {"<a>&b;</a>", ERR_SYNTAX},
        {"<p:a/>", ERR_SYNTAX},
        {"<a p:x='1'/>", ERR_SYNTAX},
        {"<a xmlns:p='u' xmlns:q='u' p:x='1' q:x='2'/>", ERR_SYNTAX},
        {"<a x='1' x='2'/>", ERR_SYNTAX},
        {"<a>\xff</a>", ERR_SYNTAX},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(arena_release) struct arena arena = {0};
        const struct xml_node *root = NULL;
        assert_err(parse(&arena, cases[i].text, &root), cases[i].code);
        assert_null(root);
    }
}

static void test_bounds(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, LIMIT_XML_SIZE);
    for (int i = 0; i <= LIMIT_XML_DEPTH; i++)
        buf_add_c(&buf, "<a>");
    const struct xml_node *root = NULL;
    assert_err(xml_parse(&arena, buf_str(&buf), &root), ERR_LIMIT);
    buf_clear(&buf);
    buf_add_c(&buf, "<a");
    for (int i = 0; i <= LIMIT_XML_ATTRIBUTES; i++)
        buf_format(&buf, " x%d='1'", i);
    buf_add_c(&buf, "/>");
    assert_err(xml_parse(&arena, buf_str(&buf), &root), ERR_LIMIT);
}

static void test_round_trip(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    const struct xml_node *root = NULL, *again = NULL;
    assert_ok(parse(&arena,
                    "<a:r xmlns:a='urn:a' k='&quot;&#10;&lt;'> <!--c--><?go on?>"
                    "<b>&amp;&gt;块</b></a:r>",
                    &root));
    CLEANUP(buf_release) struct buf first, second;
    buf_init(&first, 4096);
    buf_init(&second, 4096);
    xml_write(&first, root);
    assert_ok(xml_parse(&arena, buf_str(&first), &again));
    xml_write(&second, again);
    assert_true(str_equal(buf_str(&first), buf_str(&second)));
    assert_str(xml_get(again, "k"), "\"\n<");
    assert_str(xml_text(&arena, xml_child(again, "", "b")), "&>块");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
