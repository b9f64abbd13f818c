#include "heat/inside.h"

#include "base/clock.h"

#include <math.h>
#include <stdlib.h>

/* Columns of a FIRMS file; which of them there are, and where, its first line says. */
enum column {
    LATITUDE,
    LONGITUDE,
    BRIGHT_TI4,
    BRIGHTNESS,
    SCAN,
    TRACK,
    ACQ_DATE,
    ACQ_TIME,
    SATELLITE,
    INSTRUMENT,
    CONFIDENCE,
    FRP,
    DAYNIGHT,
    COLUMN_COUNT
};

static const char *const NAMES[COLUMN_COUNT] = {
    "latitude", "longitude", "bright_ti4", "brightness", "scan", "track",   "acq_date",
    "acq_time", "satellite", "instrument", "confidence", "frp",  "daynight"};

enum { CELLS_MAX = 40 };

struct table {
    struct arena *arena;
    struct str text;
    size_t at, line;
    int column[CELLS_MAX]; /* enum column, or -1 */
    size_t columns;
};

static struct str next_line(struct table *table)
{
    size_t end = str_find(table->text, STR("\n"), table->at);
    struct str line = str_sub(table->text, table->at, end - table->at);
    table->at = end + 1;
    table->line++;
    return str_trim(line);
}

static struct str next_cell(struct str line, size_t *at)
{
    size_t end = str_find(line, STR(","), *at);
    struct str cell = str_trim(str_sub(line, *at, end - *at));
    *at = end + 1;
    if (cell.len >= 2 && cell.ptr[0] == '"' && cell.ptr[cell.len - 1] == '"')
        cell = str_sub(cell, 1, cell.len - 2);
    return cell;
}

static enum err bad_line(const struct table *table, const char *what)
{
    return err_refuse(ERR_SYNTAX, "heat.fires", "FIRMS: line %zu: %s", table->line, what);
}

static enum err read_head(struct table *table)
{
    struct str line = next_line(table);
    bool seen[COLUMN_COUNT] = {0};
    for (size_t at = 0; at <= line.len && table->columns < CELLS_MAX; table->columns++) {
        struct str cell = next_cell(line, &at);
        table->column[table->columns] = -1;
        for (int i = 0; i < COLUMN_COUNT; i++)
            if (str_equal_nocase(cell, str_of(NAMES[i])) && !seen[i]) {
                table->column[table->columns] = i;
                seen[i] = true;
            }
    }
    if (!seen[LATITUDE] || !seen[LONGITUDE] || !seen[ACQ_DATE] || !seen[ACQ_TIME])
        return bad_line(table, "no latitude, longitude, acq_date and acq_time in the first line");
    return OK;
}

static bool real_of(struct str cell, double *out)
{
    char digits[40], *end;
    if (cell.len == 0 || cell.len >= sizeof(digits))
        return false;
    memcpy(digits, cell.ptr, cell.len);
    digits[cell.len] = 0;
    *out = strtod(digits, &end);
    return *end == 0 && isfinite(*out);
}

/* "0612", "612" and "6:12" are the same time. */
static bool time_of(struct str date, struct str clock, int64_t *out)
{
    int64_t days, number = 0;
    if (date_parse(date, &days) != OK || clock.len == 0 || clock.len > 5)
        return false;
    for (size_t i = 0; i < clock.len; i++) {
        char c = clock.ptr[i];
        if (c == ':')
            continue;
        if (c < '0' || c > '9')
            return false;
        number = number * 10 + (c - '0');
    }
    if (number / 100 > 23 || number % 100 > 59)
        return false;
    *out = days * DAY_US + number / 100 * HOUR_US + number % 100 * MINUTE_US;
    return true;
}

/* VIIRS says low, nominal or high; MODIS a percentage. */
static int confidence_of(struct str cell)
{
    int64_t percent;
    if (str_to_int(cell, &percent) == OK)
        return percent < 30 ? 0 : percent < 80 ? 1 : 2;
    char c = cell.len ? cell.ptr[0] : 'n';
    return c == 'l' || c == 'L' ? 0 : c == 'h' || c == 'H' ? 2 : 1;
}

static enum err read_fire(struct table *table, struct str line, struct heat_fire *out)
{
    struct str cells[COLUMN_COUNT] = {0};
    size_t count = 0;
    for (size_t at = 0; at <= line.len; count++) {
        struct str cell = next_cell(line, &at);
        if (count < table->columns && table->column[count] >= 0)
            cells[table->column[count]] = cell;
    }
    if (count != table->columns)
        return bad_line(table, "not as many cells as the first line has");
    struct heat_fire fire = {.kelvin = NAN, .frp_mw = NAN};
    if (!real_of(cells[LATITUDE], &fire.latitude) || fabs(fire.latitude) > 90 ||
        !real_of(cells[LONGITUDE], &fire.longitude) || fabs(fire.longitude) > 180)
        return bad_line(table, "no place on earth");
    if (!time_of(cells[ACQ_DATE], cells[ACQ_TIME], &fire.time_us))
        return bad_line(table, "no date and time");
    if (!real_of(cells[BRIGHT_TI4].ptr ? cells[BRIGHT_TI4] : cells[BRIGHTNESS], &fire.kelvin))
        fire.kelvin = NAN;
    if (!real_of(cells[FRP], &fire.frp_mw))
        fire.frp_mw = NAN;
    if (!real_of(cells[SCAN], &fire.scan_km))
        fire.scan_km = 0;
    if (!real_of(cells[TRACK], &fire.track_km))
        fire.track_km = 0;
    fire.light = str_is(cells[DAYNIGHT], "D")   ? HEAT_DAY
                 : str_is(cells[DAYNIGHT], "N") ? HEAT_NIGHT
                                                : HEAT_LIGHT_UNKNOWN;
    fire.confidence = confidence_of(cells[CONFIDENCE]);
    fire.satellite = cells[SATELLITE].ptr ? cells[SATELLITE] : STR("");
    fire.instrument = cells[INSTRUMENT].ptr ? cells[INSTRUMENT] : STR("");
    *out = fire;
    return OK;
}

enum err heat_fires_read(struct arena *arena, struct str text, struct heat_fires *out)
{
    if (str_starts(text, STR("\xEF\xBB\xBF")))
        text = str_sub(text, 3, text.len);
    struct table table = {.arena = arena, .text = text};
    if (utf8_check(text) != OK)
        return err_refuse(ERR_SYNTAX, "heat.fires", "FIRMS: not a text");
    enum err r = read_head(&table);
    struct heat_fire *items = NULL;
    size_t count = 0, capacity = 0;
    while (r == OK && table.at < text.len) {
        struct str line = next_line(&table);
        if (line.len == 0)
            continue;
        if (count == LIMIT_HEAT_FIRES)
            return err_refuse(ERR_LIMIT, "heat.too-large", "FIRMS: more than %d fires",
                              LIMIT_HEAT_FIRES);
        r = read_fire(&table, line, ARENA_PUSH(arena, items, count, capacity));
    }
    if (r == OK)
        *out = (struct heat_fires){items, count};
    return r;
}

/* Even-odd over all rings: holes are crossed twice. */
static bool is_inside(const struct heat_zone *zone, double x, double y)
{
    bool inside = false;
    for (size_t r = 0; r < zone->ring_count; r++) {
        const struct heat_ring *ring = &zone->rings[r];
        for (size_t i = 0, last = ring->count - 1; i < ring->count; last = i++) {
            const double *a = &ring->xy[2 * i], *b = &ring->xy[2 * last];
            if ((a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0])
                inside = !inside;
        }
    }
    return inside;
}

static int by_latitude(const void *a, const void *b)
{
    double x = (*(const struct heat_fire *const *)a)->latitude;
    double y = (*(const struct heat_fire *const *)b)->latitude;
    return (x > y) - (x < y);
}

static int64_t count_in(const struct heat_fire *const *sorted, size_t count,
                        const struct heat_zone *zone)
{
    double least = INFINITY, most = -INFINITY;
    for (size_t r = 0; r < zone->ring_count; r++)
        for (size_t i = 0; i < zone->rings[r].count; i++) {
            least = fmin(least, zone->rings[r].xy[2 * i + 1]);
            most = fmax(most, zone->rings[r].xy[2 * i + 1]);
        }
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (sorted[middle]->latitude < least)
            low = middle + 1;
        else
            high = middle;
    }
    int64_t found = 0;
    for (; low < count && sorted[low]->latitude <= most; low++)
        found += is_inside(zone, sorted[low]->longitude, sorted[low]->latitude);
    return found;
}

enum err heat_fires_count(const struct heat_fires *fires, const struct heat_zones *zones,
                          int64_t *counts)
{
    if (zones->crs.ptr && !str_ends(zones->crs, STR("CRS84")) &&
        !str_ends(zones->crs, STR(":4326")))
        return err_refuse(ERR_INVALID, "heat.crs",
                          "fires are counted in zones of longitude and latitude");
    CLEANUP(arena_release) struct arena arena = {0};
    const struct heat_fire **sorted = ARENA_ARRAY(&arena, fires->count, const struct heat_fire *);
    for (size_t i = 0; i < fires->count; i++)
        sorted[i] = &fires->items[i];
    if (fires->count > 0)
        qsort(sorted, fires->count, sizeof(const struct heat_fire *), by_latitude);
    for (size_t z = 0; z < zones->count; z++)
        counts[z] = count_in(sorted, fires->count, &zones->items[z]);
    return OK;
}
