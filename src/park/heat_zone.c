#include <math.h>

#include "base/id.h"
#include "park/heat_sql.h"
#include "park/heat_store.h"

enum { ZONE_TEXT_MAX = 32 * 1024 * 1024 };

/* How far around the park its picture's colours and means reach, in widths of the park. */
static const double AROUND = 1.0;

struct gathering {
    struct arena *arena;
    struct heat_zone *zones;
    struct heat_zone_key *keys;
    size_t count, zone_capacity, key_capacity;
    struct hash digest;
};

static void add_zone(struct gathering *g, struct heat_zone_key key, const struct heat_zone *zone)
{
    size_t count = g->count;
    struct heat_zone *placed = ARENA_PUSH(g->arena, g->zones, count, g->zone_capacity);
    *placed = *zone;
    placed->id = heat_zone_text(g->arena, key);
    *ARENA_PUSH(g->arena, g->keys, g->count, g->key_capacity) = key;
}

/* What a polygon covers; one that covers nothing is left out. */
static void add_polygon(struct gathering *g, struct heat_zone_key key, struct str polygon)
{
    struct heat_zones read;
    struct hash own = hash_of(polygon);
    struct hash named = hash_of(heat_zone_text(g->arena, key));
    g->digest = hash_pair(&g->digest, &named);
    g->digest = hash_pair(&g->digest, &own);
    if (heat_zones_read(g->arena, polygon, NULL, true, &read) == OK && read.count == 1)
        add_zone(g, key, &read.items[0]);
}

/* A ring that is no hole begins a polygon; its holes follow it. */
static void write_rings(struct buf *text, const struct heat_zone *zone, bool *first)
{
    for (size_t i = 0; i < zone->ring_count; i++) {
        const struct heat_ring *ring = &zone->rings[i];
        buf_add_c(text, ring->hole ? "," : *first ? "[" : "],[");
        *first = false;
        buf_add_char(text, '[');
        for (size_t k = 0; k <= ring->count; k++) {
            const double *at = &ring->xy[2 * (k % ring->count)];
            buf_format(text, "%s[%.17g,%.17g]", k ? "," : "", at[0], at[1]);
        }
        buf_add_char(text, ']');
    }
}

/* The park is what its grids cover together. */
static enum err add_park(struct gathering *g, size_t grids)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, ZONE_TEXT_MAX);
    buf_add_c(&text, "{\"type\":\"MultiPolygon\",\"coordinates\":[");
    bool first = true;
    for (size_t i = 1; i <= grids; i++)
        write_rings(&text, &g->zones[i], &first);
    buf_add_c(&text, "]]}");
    enum err r = buf_check(&text);
    struct heat_zones read;
    if (r == OK)
        r = heat_zones_read(g->arena, str_copy(g->arena, buf_str(&text)), NULL, true, &read);
    if (r != OK)
        return r;
    struct str id = g->zones[0].id;
    g->zones[0] = read.items[0];
    g->zones[0].id = id;
    g->zones[0].mended = false; /* Joining the grids is no repair. */
    return OK;
}

static void add_around(struct gathering *g)
{
    const struct heat_zone *park = &g->zones[0];
    double west = INFINITY, south = INFINITY, east = -INFINITY, north = -INFINITY;
    for (size_t i = 0; i < park->ring_count; i++)
        for (size_t k = 0; k < park->rings[i].count; k++) {
            const double *at = &park->rings[i].xy[2 * k];
            west = fmin(west, at[0]), east = fmax(east, at[0]);
            south = fmin(south, at[1]), north = fmax(north, at[1]);
        }
    double wide = (east - west) * AROUND, high = (north - south) * AROUND;
    double corners[] = {west - wide, south - high, east + wide, south - high,
                        east + wide, north + high, west - wide, north + high};
    double *xy = ARENA_ARRAY(g->arena, COUNT_OF(corners), double);
    memcpy(xy, corners, sizeof(corners));
    struct heat_ring *ring = ARENA_NEW(g->arena, struct heat_ring);
    *ring = (struct heat_ring){.xy = xy, .count = COUNT_OF(corners) / 2};
    struct heat_zone zone = {.rings = ring, .ring_count = 1};
    add_zone(g, (struct heat_zone_key){.kind = HEAT_ZONE_AROUND}, &zone);
}

enum err heat_zones_load(struct db *db, struct arena *arena, int64_t park_id,
                         struct heat_park_zones *out)
{
    struct heat_zone_grids_rows grids;
    struct heat_zone_parcels_rows parcels;
    struct heat_zone_grids_in in = {.park_id = park_id};
    struct heat_zone_parcels_in all = {.park_id = park_id, .limit = HEAT_PARCELS_MAX};
    enum err r = sql_heat_zone_grids(db, arena, &in, &grids);
    if (r == OK)
        r = sql_heat_zone_parcels(db, arena, &all, &parcels);
    if (r != OK)
        return r;
    struct gathering g = {.arena = arena};
    add_zone(&g, (struct heat_zone_key){.kind = HEAT_ZONE_PARK}, &(struct heat_zone){0});
    for (size_t i = 0; i < grids.count; i++)
        add_polygon(&g, (struct heat_zone_key){HEAT_ZONE_GRID, grids.rows[i].id},
                    grids.rows[i].polygon);
    size_t drawn = g.count - 1;
    for (size_t i = 0; i < parcels.count; i++)
        add_polygon(&g, (struct heat_zone_key){HEAT_ZONE_PARCEL, parcels.rows[i].id},
                    parcels.rows[i].polygon);
    *out = (struct heat_park_zones){.digest = g.digest};
    if (drawn == 0)
        return OK;
    r = add_park(&g, drawn);
    if (r != OK)
        return r;
    add_around(&g);
    out->zones = (struct heat_zones){.items = g.zones, .count = g.count};
    out->keys = g.keys;
    return OK;
}

/* ---- names of zones ----------------------------------------------------------------------- */

static const char *const KIND_KEYS[] = {"park", "grid", "parcel", "around"};

struct str heat_zone_text(struct arena *arena, struct heat_zone_key key)
{
    if (key.id == 0)
        return str_of(KIND_KEYS[key.kind]);
    return str_format(arena, "%s:%" PRId64, KIND_KEYS[key.kind], key.id);
}

enum err heat_zone_parse(struct str text, struct heat_zone_key *out)
{
    struct heat_zone_key key = {.kind = HEAT_ZONE_PARK};
    if (text.len > 0 && !str_is(text, "park")) {
        size_t colon = str_find(text, STR(":"), 0);
        struct str kind = str_sub(text, 0, colon);
        key.kind = str_is(kind, "grid") ? HEAT_ZONE_GRID : HEAT_ZONE_PARCEL;
        bool good = key.kind == HEAT_ZONE_GRID || str_is(kind, "parcel");
        if (!good || str_to_int(str_sub(text, colon + 1, text.len), &key.id) != OK || key.id <= 0)
            return err_field(ERR_INVALID, "zone", "heat.zone",
                             "zones are called park, grid:<id> and parcel:<id>");
    }
    *out = key;
    return OK;
}

/* ---- parcels ------------------------------------------------------------------------------ */

static enum err read_parcel(struct arena *arena, const struct json_value *feature, size_t place,
                            struct heat_parcel *out)
{
    const struct json_value *properties = json_get(feature, "properties");
    struct str code = json_get_text(properties, "code"), name = json_get_text(properties, "name");
    struct str enterprise = json_get_text(properties, "enterprise");
    const struct json_value *geometry = json_get(feature, "geometry");
    if (code.len == 0 || code.len > 64 || name.len > 4 * LIMIT_NAME_CHARS)
        return err_refuse(ERR_INVALID, "heat.parcel-code",
                          "feature %zu: its properties have no \"code\" of 1 to 64 bytes", place);
    if (!geometry || geometry->type != JSON_OBJECT)
        return err_refuse(ERR_INVALID, "heat.parcel-shape", "parcel '%.*s' has no geometry",
                          STR_ARG(code));
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, ZONE_TEXT_MAX);
    struct json_writer w = json_writer(&text);
    json_value(&w, geometry);
    enum err r = buf_check(&text);
    if (r != OK)
        return r;
    struct heat_zones zones;
    struct str polygon = str_copy(arena, buf_str(&text));
    if (heat_zones_read(arena, polygon, NULL, false, &zones) != OK) {
        struct err_info why = *err_last();
        return err_refuse(ERR_INVALID, "heat.parcel-shape", "parcel '%.*s': %s", STR_ARG(code),
                          why.detail);
    }
    *out = (struct heat_parcel){
        .code = code, .name = name.len ? name : code, .enterprise = enterprise, .polygon = polygon};
    return OK;
}

enum err heat_parcels_read(struct arena *arena, struct str text, const struct heat_parcel **out,
                           size_t *count)
{
    const struct json_value *json;
    enum err r = json_parse(arena, text, &json);
    if (r != OK)
        return r;
    const struct json_value *features = json_get(json, "features");
    if (!features || features->type != JSON_ARRAY)
        return err_refuse(ERR_INVALID, "heat.parcel-file", "a GeoJSON FeatureCollection is wanted");
    if (json_get(json, "crs"))
        return err_refuse(ERR_INVALID, "heat.parcel-crs",
                          "coordinates are longitude and latitude (RFC 7946)");
    if (features->array.count > HEAT_PARCELS_MAX)
        return err_refuse(ERR_LIMIT, "heat.too-large", "more than %d parcels", HEAT_PARCELS_MAX);
    struct heat_parcel *parcels = ARENA_ARRAY(arena, features->array.count, struct heat_parcel);
    for (size_t i = 0; i < features->array.count; i++) {
        r = read_parcel(arena, &features->array.items[i], i + 1, &parcels[i]);
        if (r != OK)
            return r;
        for (size_t k = 0; k < i; k++)
            if (str_equal(parcels[k].code, parcels[i].code))
                return err_refuse(ERR_INVALID, "heat.parcel-code", "the code '%.*s' stands twice",
                                  STR_ARG(parcels[i].code));
    }
    *out = parcels;
    *count = features->array.count;
    return OK;
}

static int64_t id_of_code(const struct heat_parcel_known_rows *known, struct str code,
                          int64_t now_us)
{
    for (size_t i = 0; i < known->count; i++)
        if (str_equal(known->rows[i].code, code))
            return known->rows[i].id;
    return id_next(now_us);
}

static enum err insert_parcel(struct db_tx *tx, struct arena *arena, const struct change *by,
                              int64_t id, const struct heat_parcel *parcel)
{
    struct heat_parcel_insert_in row = {.park_id = by->park_id,
                                        .id = id,
                                        .code = parcel->code,
                                        .name = parcel->name,
                                        .polygon = parcel->polygon};
    struct heat_parcel_enterprise_in in = {.park_id = by->park_id, .code = parcel->enterprise};
    struct heat_parcel_enterprise_row enterprise;
    if (parcel->enterprise.len > 0) {
        enum err r = sql_heat_parcel_enterprise(tx->db, arena, &in, &enterprise);
        if (r == ERR_NOT_FOUND)
            return err_refuse(ERR_INVALID, "heat.parcel-enterprise",
                              "parcel '%.*s': no enterprise has the code '%.*s'",
                              STR_ARG(parcel->code), STR_ARG(parcel->enterprise));
        if (r != OK)
            return r;
        row.enterprise_id = enterprise.id;
    }
    return sql_heat_parcel_insert(tx, &row, NULL);
}

struct parcels_note {
    int64_t parcels;
};

static const struct field PARCELS_NOTE[] = {FIELD(struct parcels_note, parcels, FIELD_INT),
                                            FIELD_END};

enum err heat_parcels_replace(struct db_tx *tx, const struct change *by,
                              const struct heat_parcel *parcels, size_t count)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_parcel_known_rows known;
    struct heat_parcel_known_in in = {.park_id = by->park_id};
    struct heat_parcel_clear_in all = {.park_id = by->park_id};
    enum err r = sql_heat_parcel_known(tx->db, &arena, &in, &known);
    if (r == OK)
        r = sql_heat_parcel_clear(tx, &all, NULL);
    for (size_t i = 0; i < count && r == OK; i++) {
        int64_t id = id_of_code(&known, parcels[i].code, by->now_us);
        r = insert_parcel(tx, &arena, by, id, &parcels[i]);
    }
    struct parcels_note note = {.parcels = (int64_t)count};
    return r == OK
               ? change_record(tx, by, "heat.parcels-changed", 0, by->park_id, PARCELS_NOTE, &note)
               : r;
}
