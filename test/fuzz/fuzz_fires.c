/* Any bytes as a FIRMS file: every fire that is read has a place on earth, and is counted once in a
 * zone around the whole earth. */
#include "heat/heat.h"

#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_fires fires;
    if (heat_fires_read(&arena, (struct str){(const char *)data, size}, &fires) != OK) {
        assert(err_last()->detail[0]);
        return 0;
    }
    for (size_t i = 0; i < fires.count; i++) {
        const struct heat_fire *fire = &fires.items[i];
        assert(fabs(fire->latitude) <= 90 && fabs(fire->longitude) <= 180);
        assert(!isinf(fire->kelvin) && !isinf(fire->frp_mw));
        assert(fire->confidence >= 0 && fire->confidence <= 2);
        assert(utf8_check(fire->satellite) == OK && utf8_check(fire->instrument) == OK);
    }
    static const double AROUND[] = {-200, -100, 200, -100, 200, 100, -200, 100};
    struct heat_ring ring = {.xy = AROUND, .count = 4};
    struct heat_zone zone = {.id = STR("earth"), .rings = &ring, .ring_count = 1};
    struct heat_zones zones = {.items = &zone, .count = 1};
    int64_t count;
    enum err r = heat_fires_count(&fires, &zones, &count);
    assert(r == OK && count == (int64_t)fires.count);
    return 0;
}
