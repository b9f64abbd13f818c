/* Any bytes as GeoJSON zones, refused or mended: what is accepted has rings of three finite points
 * or more, the first of each polygon no hole, and nothing that is accepted strictly needs mending.
 */
#include "heat/heat.h"

#include <math.h>

static void check(const struct heat_zones *zones, bool mend)
{
    for (size_t i = 0; i < zones->count; i++) {
        const struct heat_zone *zone = &zones->items[i];
        assert(zone->ring_count > 0 && !zone->rings[0].hole && (mend || !zone->mended));
        for (size_t r = 0; r < zone->ring_count; r++) {
            assert(zone->rings[r].count >= 3);
            for (size_t p = 0; p < 2 * zone->rings[r].count; p++)
                assert(isfinite(zone->rings[r].xy[p]));
        }
    }
}

/* Two pixels of a degree: lays the zones on a grid without reading any file. */
static void lay(const struct heat_zones *zones)
{
    struct heat_grid grid = {.width = 20, .height = 10, .geographic = true, .unit_m = 1};
    memcpy(grid.transform, (double[6]){0, 1, 0, 10, 0, -1}, sizeof(grid.transform));
    grid.projection = STR("GEOGCS[\"WGS 84\",DATUM[\"WGS_1984\",SPHEROID[\"WGS 84\",6378137,"
                          "298.257223563]],PRIMEM[\"Greenwich\",0],UNIT[\"degree\","
                          "0.0174532925199433],AXIS[\"Latitude\",NORTH],AXIS[\"Longitude\",EAST],"
                          "AUTHORITY[\"EPSG\",\"4326\"]]");
    struct heat_cover *cover;
    CLEANUP(arena_release) struct arena arena = {0};
    if (heat_cover_new(&grid, zones, 0, &cover) != OK)
        return;
    for (size_t i = 0; i < zones->count; i++) {
        const struct heat_span *spans;
        size_t count;
        if (heat_cover_spans(cover, i, &arena, &spans, &count) != OK)
            continue;
        for (size_t s = 0; s < count; s++)
            assert(spans[s].x >= 0 && spans[s].count > 0 &&
                   spans[s].x + spans[s].count <= grid.width && spans[s].y >= 0 &&
                   spans[s].y < grid.height && spans[s].share > 0 && spans[s].share <= 1);
    }
    heat_cover_free(cover);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_zones zones;
    enum err strict = heat_zones_read(&arena, text, "name", false, &zones);
    if (strict == OK) {
        check(&zones, false);
        lay(&zones);
    } else {
        assert(err_last()->detail[0]);
    }
    enum err mended = heat_zones_read(&arena, text, "name", true, &zones);
    assert(strict != OK || mended == OK);
    if (mended == OK)
        check(&zones, true);
    return 0;
}
