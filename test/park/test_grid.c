#include "store.h"

#include "park/access.h"
#include "park/enterprise.h"
#include "park/grid.h"
#include "park/grid_sql.h"
#include "park/person.h"

static void credit_codes_are_checked_mod_31(void **state)
{
    (void)state;
    static const char *const bad[] = {"91350100M000100Y44",  "91350100M000100Y4",
                                      "91350100M000100Y433", "91350100m000100y43",
                                      "9135010OM000100Y43",  ""};
    assert_true(credit_code_valid(STR("91350100M000100Y43"))); /* The standard's example. */
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(credit_code_valid(str_of(bad[i])));
}

struct scene {
    struct store s;
    int64_t grid, firm, people[3];
};

static void begin(struct scene *scene)
{
    struct store *s = &scene->s;
    static const char *const names[] = {"甲", "乙", "丙"};
    store_open(s);
    struct grid grid = {.code = STR("G1"), .name = STR("东片")};
    assert_ok(grid_add(&s->tx, &s->by, &grid, &scene->grid));
    struct str first = STR("91999999MA0000001");
    struct enterprise firm = {
        .code = str_format(&s->arena, "%.*s%c", STR_ARG(first), credit_code_check(first)),
        .name = STR("样例"),
        .grid_id = scene->grid};
    assert_ok(enterprise_add(&s->tx, &s->by, &firm, &scene->firm));
    for (size_t i = 0; i < 3; i++) {
        struct person person = {.name = str_of(names[i])};
        assert_ok(person_add(&s->tx, &s->by, &person, &scene->people[i]));
    }
}

static void assign(struct scene *scene, size_t person, enum role_set role, int64_t firm)
{
    struct assignment next = {.person_id = scene->people[person],
                              .role = role,
                              .grid_id = scene->grid,
                              .enterprise_id = firm};
    scene->s.by.now_us += 1000000;
    assert_ok(assignment_begin(&scene->s.tx, &scene->s.by, &next));
}

static bool holds(struct scene *scene, size_t person, const char *role)
{
    struct assignment_left_row left = {0};
    struct assignment_left_in in = {.park_id = 1,
                                    .person_id = scene->people[person],
                                    .grid_id = scene->grid,
                                    .role = str_of(role)};
    assert_ok(sql_assignment_left(scene->s.db, &in, &left));
    return left.count > 0;
}

static void a_grid_has_one_leader_and_an_enterprise_one_named_person(void **state)
{
    (void)state;
    struct scene scene = {0};
    begin(&scene);
    assign(&scene, 0, ROLE_GRID_LEADER, 0);
    assign(&scene, 1, ROLE_GRID_MEMBER, 0);
    assign(&scene, 1, ROLE_GRID_MEMBER, scene.firm);
    assign(&scene, 2, ROLE_GRID_LEADER, 0);
    assign(&scene, 2, ROLE_GRID_MEMBER, scene.firm);
    assert_false(holds(&scene, 0, "grid_leader"));
    assert_true(holds(&scene, 2, "grid_leader"));
    assert_true(holds(&scene, 1, "grid_member")); /* Still for the whole grid. */
    struct assignment_answerer_row answerer = {0};
    struct assignment_answerer_in in = {.park_id = 1, .enterprise_id = scene.firm};
    assert_ok(sql_assignment_answerer(scene.s.db, &in, &answerer));
    assert_int_equal(answerer.person_id, scene.people[2]);
    store_close(&scene.s);
}

static void a_handover_ends_and_begins_and_keeps_the_history(void **state)
{
    (void)state;
    struct scene scene = {0};
    struct store *s = &scene.s;
    begin(&scene);
    assign(&scene, 0, ROLE_GRID_MEMBER, 0);
    assign(&scene, 0, ROLE_GRID_MEMBER, scene.firm);
    s->by.now_us += 1000000;
    assert_ok(assignment_hand_over(&s->tx, &s->by, scene.grid, scene.people[0], scene.people[1],
                                   STR("岗位调整")));
    assert_false(holds(&scene, 0, "grid_member"));
    assert_true(holds(&scene, 1, "grid_member"));
    struct assignment_history_rows rows = {0};
    struct assignment_history_in in = {.park_id = 1, .grid_id = scene.grid};
    assert_ok(sql_assignment_history(s->db, &s->arena, &in, &rows));
    assert_int_equal(rows.count, 4);
    for (size_t i = 0; i < rows.count; i++)
        assert_int_equal(rows.rows[i].until_us,
                         rows.rows[i].person_id == scene.people[0] ? s->by.now_us : 0);
    assert_err(
        assignment_hand_over(&s->tx, &s->by, scene.grid, scene.people[0], scene.people[1], STR("")),
        ERR_CONFLICT);
    assert_err(
        assignment_hand_over(&s->tx, &s->by, scene.grid, scene.people[1], scene.people[1], STR("")),
        ERR_INVALID);
    store_close(s);
}

static void only_closed_rings_on_the_globe_are_polygons(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        enum err expected;
    } rows[] = {
        {"null", OK},
        {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[1,1],[0,0]]]}", OK},
        {"{\"type\":\"MultiPolygon\",\"coordinates\":[[[[0,0],[1,0],[1,1],[0,0]]]]}", OK},
        {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[1,1],[0,1]]]}", ERR_INVALID},
        {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[0,0]]]}", ERR_INVALID},
        {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[1,91],[0,0]]]}", ERR_INVALID},
        {"{\"type\":\"Polygon\",\"coordinates\":[]}", ERR_INVALID},
        {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],\"x\",[0,0]]]}", ERR_INVALID},
        {"{\"type\":\"Point\",\"coordinates\":[0,0]}", ERR_INVALID},
        {"{\"type\":\"MultiPolygon\",\"coordinates\":7}", ERR_INVALID},
        {"[]", ERR_INVALID},
        {"\"Polygon\"", ERR_INVALID},
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct json_value *json = NULL;
        assert_ok(json_parse(&arena, str_of(rows[i].json), &json));
        if (polygon_check(json) != rows[i].expected)
            fail_msg("%s", rows[i].json);
    }
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(credit_codes_are_checked_mod_31),
        cmocka_unit_test(a_grid_has_one_leader_and_an_enterprise_one_named_person),
        cmocka_unit_test(a_handover_ends_and_begins_and_keeps_the_history),
        cmocka_unit_test(only_closed_rings_on_the_globe_are_polygons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
