#include "store.h"

#include "park/access.h"
#include "park/enterprise.h"
#include "park/enterprise_sql.h"
#include "park/grid.h"
#include "park/grid_sql.h"
#include "park/person_sql.h"
#include "park/sample.h"
#include "park/sample_map.h"

static void the_map_is_land_cut_into_cells_that_meet(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct sample_cell cells[SAMPLE_GRIDS];
        struct sample_dice dice = {seed};
        double total = 0;
        sample_map_cut(&dice, cells, SAMPLE_GRIDS);
        for (size_t i = 0; i < SAMPLE_GRIDS; i++) {
            assert_in_range(cells[i].count, 3, SAMPLE_RING_MAX);
            double area = sample_map_area(&cells[i]);
            assert_true(area > 0.4e6 && area < 4e6);
            total += area;
        }
        assert_true(total > 37e6 && total < 41e6);
    }
}

static bool in_polygon(const struct json_value *polygon, double lat, double lng)
{
    const struct json_value *ring = &json_get(polygon, "coordinates")->array.items[0];
    bool in = false;
    for (size_t i = 0; i + 1 < ring->array.count; i++) {
        double x[2], y[2];
        for (size_t k = 0; k < 2; k++) {
            const struct json_value *point = &ring->array.items[i + k];
            assert_ok(json_to_real(&point->array.items[0], &x[k]));
            assert_ok(json_to_real(&point->array.items[1], &y[k]));
        }
        if ((y[0] > lat) != (y[1] > lat) &&
            lng < (x[1] - x[0]) * (lat - y[0]) / (y[1] - y[0]) + x[0])
            in = !in;
    }
    return in;
}

static void every_enterprise_lies_in_its_grid_and_has_its_people(void **state)
{
    (void)state;
    struct store s;
    struct sample sample;
    store_open(&s);
    assert_ok(sample_register(&s.tx, 1, 1, STORE_NOW, &sample));

    struct grid_list_rows grids = {0};
    assert_ok(sql_grid_list(s.db, &s.arena, &(struct grid_list_in){.park_id = 1}, &grids));
    assert_int_equal(grids.count, SAMPLE_GRIDS);
    struct enterprise_list_rows found = {0};
    struct enterprise_list_in all = {.park_id = 1,
                                     .q = STR(""),
                                     .industry = STR(""),
                                     .everything = true,
                                     .after_name = STR(""),
                                     .limit = 1000};
    assert_ok(sql_enterprise_list(s.db, &s.arena, &all, &found));
    assert_int_equal(found.count, SAMPLE_ENTERPRISES);
    for (size_t i = 0; i < found.count; i++) {
        const struct enterprise_list_row *row = &found.rows[i];
        const struct json_value *polygon = NULL;
        for (size_t k = 0; k < grids.count; k++)
            if (grids.rows[k].id == row->grid_id)
                assert_ok(json_parse(&s.arena, grids.rows[k].polygon, &polygon));
        assert_non_null(polygon);
        assert_true(in_polygon(polygon, row->lat, row->lng));
        assert_true(credit_code_valid(row->code));
        assert_true(str_ends(row->name, STR("（示例）")));
        assert_true(row->answerer_id != 0);
        assert_true(i == 0 || !str_equal(row->name, found.rows[i - 1].name));
    }

    struct person_list_rows people = {0};
    struct person_list_in leaders = {.park_id = 1,
                                     .q = STR(""),
                                     .kind = STR(""),
                                     .role = STR("grid_leader"),
                                     .after_name = STR(""),
                                     .limit = 1000};
    struct person_list_in members = leaders;
    members.role = STR("grid_member");
    assert_ok(sql_person_list(s.db, &s.arena, &leaders, &people));
    assert_int_equal(people.count, SAMPLE_GRIDS);
    assert_ok(sql_person_list(s.db, &s.arena, &members, &people));
    assert_int_equal(people.count, SAMPLE_MEMBERS);
    store_close(&s);
}

static void one_seed_gives_one_register(void **state)
{
    (void)state;
    struct str names[2];
    struct arena arena;
    arena_init(&arena);
    for (size_t run = 0; run < 2; run++) {
        struct store s;
        struct sample sample;
        struct enterprise_get_row row = {0};
        store_open(&s);
        assert_ok(sample_register(&s.tx, 1, 7, STORE_NOW, &sample));
        struct enterprise_get_in in = {.park_id = 1, .id = sample.enterprises[200].id};
        assert_ok(sql_enterprise_get(s.db, &s.arena, &in, &row));
        names[run] =
            str_format(&arena, "%.*s %.*s %f", STR_ARG(row.name), STR_ARG(row.code), row.lat);
        store_close(&s);
    }
    assert_true(str_equal(names[0], names[1]));
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_map_is_land_cut_into_cells_that_meet),
        cmocka_unit_test(every_enterprise_lies_in_its_grid_and_has_its_people),
        cmocka_unit_test(one_seed_gives_one_register),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
