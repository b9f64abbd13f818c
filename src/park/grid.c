#include "park/grid.h"

#include "base/id.h"
#include "park/grid_sql.h"

enum { RING_POINTS_MIN = 4, RING_POINTS_MAX = 2000, POLYGON_TEXT_MAX = 256 * 1024 };

const struct field GRID_FIELDS[] = {
    FIELD(struct grid, code, FIELD_TEXT, .required = true, .max = 32),
    FIELD(struct grid, name, FIELD_TEXT, .required = true, .max = LIMIT_NAME_CHARS),
    FIELD(struct grid, polygon, FIELD_JSON, .doc = "GeoJSON Polygon or MultiPolygon"),
    FIELD_END,
};

static enum err not_a_polygon(const char *why)
{
    return err_field(ERR_INVALID, "polygon", "grid.polygon", "polygon: %s", why);
}

static bool is_point(const struct json_value *point)
{
    double lng, lat;
    return point->type == JSON_ARRAY && point->array.count >= 2 &&
           json_to_real(&point->array.items[0], &lng) == OK &&
           json_to_real(&point->array.items[1], &lat) == OK && lng >= -180 && lng <= 180 &&
           lat >= -90 && lat <= 90;
}

static enum err check_rings(const struct json_value *rings)
{
    if (!rings || rings->type != JSON_ARRAY || rings->array.count == 0)
        return not_a_polygon("coordinates are missing");
    for (size_t i = 0; i < rings->array.count; i++) {
        const struct json_value *ring = &rings->array.items[i];
        if (ring->type != JSON_ARRAY || ring->array.count < RING_POINTS_MIN ||
            ring->array.count > RING_POINTS_MAX)
            return not_a_polygon("a ring has 4 to 2000 points");
        for (size_t k = 0; k < ring->array.count; k++)
            if (!is_point(&ring->array.items[k]))
                return not_a_polygon("a point is [longitude, latitude]");
        if (!json_equal(&ring->array.items[0], &ring->array.items[ring->array.count - 1]))
            return not_a_polygon("a ring ends where it begins");
    }
    return OK;
}

enum err polygon_check(const struct json_value *polygon)
{
    if (!polygon || polygon->type == JSON_NULL)
        return OK;
    struct str type = json_get_text(polygon, "type");
    const struct json_value *coordinates = json_get(polygon, "coordinates");
    if (str_is(type, "Polygon"))
        return check_rings(coordinates);
    if (!str_is(type, "MultiPolygon") || !coordinates || coordinates->type != JSON_ARRAY)
        return not_a_polygon("its type is Polygon or MultiPolygon");
    for (size_t i = 0; i < coordinates->array.count; i++) {
        enum err r = check_rings(&coordinates->array.items[i]);
        if (r != OK)
            return r;
    }
    return OK;
}

static enum err polygon_text(struct arena *arena, const struct json_value *polygon, struct str *out)
{
    if (!polygon || polygon->type == JSON_NULL) {
        *out = (struct str){0};
        return OK;
    }
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, POLYGON_TEXT_MAX);
    struct json_writer w = json_writer(&text);
    json_value(&w, polygon);
    enum err r = buf_check(&text);
    if (r == OK)
        *out = str_copy(arena, buf_str(&text));
    return r;
}

static enum err code_taken(enum err r)
{
    return r == ERR_CONFLICT
               ? err_field(ERR_CONFLICT, "code", "grid.code-taken", "another grid has this code")
               : r;
}

enum err grid_add(struct db_tx *tx, const struct change *by, const struct grid *grid, int64_t *id)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct grid_insert_in row = {
        .park_id = by->park_id, .id = id_next(by->now_us), .code = grid->code, .name = grid->name};
    enum err r = polygon_check(grid->polygon);
    if (r == OK)
        r = polygon_text(&arena, grid->polygon, &row.polygon);
    if (r == OK)
        r = code_taken(sql_grid_insert(tx, &row, NULL));
    if (r == OK)
        r = change_record(tx, by, "grid.added", 0, row.id, GRID_FIELDS, grid);
    if (r == OK)
        *id = row.id;
    return r;
}

enum err grid_change(struct db_tx *tx, const struct change *by, int64_t id, const struct grid *grid,
                     int64_t version)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct grid_update_in row = {.park_id = by->park_id,
                                 .id = id,
                                 .version = version,
                                 .code = grid->code,
                                 .name = grid->name};
    int64_t changed = 0;
    enum err r = polygon_check(grid->polygon);
    if (r == OK)
        r = polygon_text(&arena, grid->polygon, &row.polygon);
    if (r == OK)
        r = code_taken(sql_grid_update(tx, &row, &changed));
    if (r == OK && changed == 0)
        r = err_refuse(ERR_PRECONDITION, "changed-meanwhile",
                       "somebody else has changed this grid meanwhile");
    if (r == OK)
        r = change_record(tx, by, "grid.changed", 0, id, GRID_FIELDS, grid);
    return r;
}
