#include "heat/inside.h"
#include "heat/zones_quick.h"

#include "json/json.h"

#include <math.h>
#include <stdio.h>
#include <sys/stat.h>

enum { RINGS_MAX = 100000 }; /* Of one zone. */
enum { WINDOW = 1024 * 1024, AHEAD = WINDOW / 2, FEATURE_BYTES = 256 };

/* A GeoJSON text being read feature by feature: only one of them is a tree at a time, and mostly
 * without its coordinates. */
struct reading {
    struct arena *arena;
    struct arena scratch; /* Of one feature, or of several small ones. */
    struct quick quick;
    struct str text; /* All of it, or a window of the file. */
    size_t at;
    FILE *file; /* NULL: text is all there is. */
    char *window;
    bool ended; /* The window holds the file's end. */
    const char *id_field;
    bool mend;
    struct heat_zone *zones;
    size_t count, capacity;
    size_t points;
    struct str crs;
};

static enum err broken(const struct reading *reading, const char *what)
{
    return err_refuse(ERR_SYNTAX, "heat.geojson", "GeoJSON: byte %zu: %s", reading->at, what);
}

static void skip_space(struct reading *reading)
{
    struct str text = reading->text;
    while (reading->at < text.len &&
           (text.ptr[reading->at] == ' ' || text.ptr[reading->at] == '\n' ||
            text.ptr[reading->at] == '\t' || text.ptr[reading->at] == '\r'))
        reading->at++;
}

static bool take(struct reading *reading, char c)
{
    skip_space(reading);
    if (reading->at < reading->text.len && reading->text.ptr[reading->at] == c) {
        reading->at++;
        return true;
    }
    return false;
}

/* Moves the window on until AHEAD bytes, or the file's end, stand before the place of reading. */
static void look_ahead(struct reading *reading)
{
    size_t rest = reading->text.len - reading->at;
    if (!reading->file || reading->ended || rest >= AHEAD)
        return;
    memmove(reading->window, reading->window + reading->at, rest);
    size_t got = fread(reading->window + rest, 1, WINDOW - rest, reading->file);
    reading->ended = got < WINDOW - rest;
    reading->text = (struct str){reading->window, rest + got};
    reading->at = 0;
}

static enum err skip_string(struct reading *reading)
{
    struct str text = reading->text;
    for (reading->at++; reading->at < text.len; reading->at++) {
        if (text.ptr[reading->at] == '"') {
            reading->at++;
            return OK;
        }
        if (text.ptr[reading->at] == '\\')
            reading->at++;
    }
    return broken(reading, "a string without its end");
}

static inline bool is_mark(char c)
{
    return c == '"' || c == '{' || c == '}' || c == '[' || c == ']';
}

/* Goes behind one value without looking into it; what is used is parsed later, strictly. */
static enum err skip_value(struct reading *reading, struct str *out)
{
    skip_space(reading);
    struct str text = reading->text;
    size_t begin = reading->at, depth = 0;
    while (reading->at < text.len) {
        char c = text.ptr[reading->at];
        if (c == '"') {
            enum err r = skip_string(reading);
            if (r != OK)
                return r;
        } else if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
            break;
        } else {
            depth += c == '{' || c == '[';
            depth -= c == '}' || c == ']';
            reading->at++;
            while (depth > 0 && reading->at < text.len && !is_mark(text.ptr[reading->at]))
                reading->at++;
        }
        if (depth == 0 && (text.ptr[reading->at - 1] == '}' || text.ptr[reading->at - 1] == ']' ||
                           text.ptr[reading->at - 1] == '"'))
            break;
    }
    if (reading->at == begin || depth > 0)
        return broken(reading, "a value is missing or has no end");
    *out = str_sub(text, begin, reading->at - begin);
    return OK;
}

/* ---- one polygon -------------------------------------------------------------------------- */

static enum err refuse(struct str id, const char *what)
{
    return err_refuse(ERR_INVALID, "heat.zone", "zone %.*s: %s", STR_ARG(id), what);
}

struct rings {
    struct arena *arena;
    struct heat_ring *items;
    size_t count, capacity;
};

static enum err read_position(struct str id, const struct json_value *value, double *xy)
{
    if (value->type != JSON_ARRAY || value->array.count < 2 || value->array.count > 4)
        return refuse(id, "a position is no array of two numbers");
    for (int i = 0; i < 2; i++)
        if (json_to_real(&value->array.items[i], &xy[i]) != OK || !isfinite(xy[i]) ||
            fabs(xy[i]) > 1e9)
            return refuse(id, "a position is no number in reach");
    return OK;
}

/* Takes a ring as it was given; `xy` is put in order where it is. */
static enum err add_ring(struct str id, double *xy, size_t given, bool hole, bool mend,
                         struct rings *rings)
{
    size_t count = 0;
    for (size_t i = 0; i < given; i++) {
        memmove(&xy[2 * count], &xy[2 * i], 2 * sizeof(*xy));
        /* The same point twice in a row says nothing. */
        if (count == 0 || memcmp(&xy[2 * count], &xy[2 * count - 2], 2 * sizeof(*xy)) != 0)
            count++;
    }
    bool closed = count > 1 && xy[0] == xy[2 * count - 2] && xy[1] == xy[2 * count - 1];
    if (closed)
        count--;
    if (!closed && !mend)
        return refuse(id, "a ring is not closed");
    if (count < 3) {
        if (!mend)
            return refuse(id, "a ring of fewer than three points");
        return OK;
    }
    if (rings->count == RINGS_MAX)
        return err_refuse(ERR_LIMIT, "heat.too-large", "zone %.*s: more than %d rings", STR_ARG(id),
                          RINGS_MAX);
    *ARENA_PUSH(rings->arena, rings->items, rings->count, rings->capacity) =
        (struct heat_ring){.xy = xy, .count = count, .hole = hole};
    return OK;
}

static enum err read_ring(struct str id, const struct json_value *value, bool hole, bool mend,
                          struct rings *rings)
{
    if (value->type != JSON_ARRAY)
        return refuse(id, "a ring is no array");
    size_t given = value->array.count;
    double *xy = ARENA_ARRAY(rings->arena, given * 2, double);
    for (size_t i = 0; i < given; i++) {
        enum err r = read_position(id, &value->array.items[i], &xy[2 * i]);
        if (r != OK)
            return r;
    }
    return add_ring(id, xy, given, hole, mend, rings);
}

static enum err read_polygon(struct str id, const struct json_value *value, bool mend,
                             struct rings *rings)
{
    if (!value || value->type != JSON_ARRAY)
        return refuse(id, "a polygon is no array of rings");
    size_t before = rings->count;
    for (size_t i = 0; i < value->array.count; i++) {
        enum err r = read_ring(id, &value->array.items[i], i > 0, mend, rings);
        if (r != OK)
            return r;
        if (i == 0 && rings->count == before)
            return OK; /* Holes of nothing. */
    }
    return OK;
}

static enum err read_geometry(struct str id, const struct json_value *geometry, bool mend,
                              struct rings *rings)
{
    struct str type = json_get_text(geometry, "type");
    const struct json_value *coordinates = json_get(geometry, "coordinates");
    if (str_is(type, "Polygon"))
        return read_polygon(id, coordinates, mend, rings);
    if (!str_is(type, "MultiPolygon"))
        return refuse(id, "its geometry is neither a Polygon nor a MultiPolygon");
    if (!coordinates || coordinates->type != JSON_ARRAY)
        return refuse(id, "a multi-polygon is no array of polygons");
    for (size_t i = 0; i < coordinates->array.count; i++) {
        enum err r = read_polygon(id, &coordinates->array.items[i], mend, rings);
        if (r != OK)
            return r;
    }
    return OK;
}

/* The same of what was read quickly. */
static enum err take_quick(struct str id, const struct quick *quick, bool mend, struct rings *rings)
{
    double *xy = quick->xy;
    const size_t *positions = quick->rings;
    for (size_t p = 0; p < quick->polygon_count; p++) {
        size_t before = rings->count, count = quick->polygons[p];
        for (size_t i = 0; i < count; i++, xy += 2 * *positions++) {
            if (i > 0 && rings->count == before)
                continue; /* Holes of nothing. */
            enum err r = add_ring(id, xy, *positions, i > 0, mend, rings);
            if (r != OK)
                return r;
        }
    }
    return OK;
}

/* ---- valid or mended ---------------------------------------------------------------------- */

/* Convex rings, which most grids of cells are, need no library to be known as valid. */
static bool is_convex(const struct heat_ring *ring)
{
    int turns[2] = {0}; /* Changes of direction along x and y: two each on a convex ring. */
    int last[2] = {0}, sense = 0;
    for (size_t i = 0; i < ring->count; i++) {
        const double *a = &ring->xy[2 * i], *b = &ring->xy[2 * ((i + 1) % ring->count)];
        const double *c = &ring->xy[2 * ((i + 2) % ring->count)];
        double cross = (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0]);
        int now = (cross > 0) - (cross < 0);
        if (now == 0 || (sense && now != sense))
            return false;
        sense = now;
        for (int axis = 0; axis < 2; axis++) {
            double step = b[axis] - a[axis];
            int way = (step > 0) - (step < 0);
            turns[axis] += way && last[axis] && way != last[axis];
            last[axis] = way ? way : last[axis];
        }
    }
    return turns[0] <= 2 && turns[1] <= 2;
}

static OGRGeometryH geometry_of(const struct heat_ring *rings, size_t count)
{
    OGRGeometryH all = gdal.OGR_G_CreateGeometry(wkbMultiPolygon), polygon = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!rings[i].hole) {
            if (polygon)
                gdal.OGR_G_AddGeometryDirectly(all, polygon);
            polygon = gdal.OGR_G_CreateGeometry(wkbPolygon);
        }
        OGRGeometryH ring = gdal.OGR_G_CreateGeometry(wkbLinearRing);
        for (size_t p = 0; p <= rings[i].count; p++) {
            const double *xy = &rings[i].xy[2 * (p % rings[i].count)];
            gdal.OGR_G_AddPoint_2D(ring, xy[0], xy[1]);
        }
        gdal.OGR_G_AddGeometryDirectly(polygon, ring);
    }
    if (polygon)
        gdal.OGR_G_AddGeometryDirectly(all, polygon);
    return all;
}

static void take_polygon(struct rings *rings, OGRGeometryH polygon)
{
    for (int i = 0; i < gdal.OGR_G_GetGeometryCount(polygon); i++) {
        OGRGeometryH ring = gdal.OGR_G_GetGeometryRef(polygon, i);
        int count = gdal.OGR_G_GetPointCount(ring) - 1;
        if (count < 3)
            continue;
        double *xy = ARENA_ARRAY(rings->arena, (size_t)count * 2, double);
        for (int p = 0; p < count; p++) {
            xy[2 * p] = gdal.OGR_G_GetX(ring, p);
            xy[2 * p + 1] = gdal.OGR_G_GetY(ring, p);
        }
        *ARENA_PUSH(rings->arena, rings->items, rings->count, rings->capacity) =
            (struct heat_ring){.xy = xy, .count = (size_t)count, .hole = i > 0};
    }
}

/* Polygons among what make-valid gives; its lines and points have no area. */
static void take_polygons(struct rings *rings, OGRGeometryH geometry)
{
    OGRwkbGeometryType type = gdal.OGR_GT_Flatten(gdal.OGR_G_GetGeometryType(geometry));
    if (type == wkbPolygon)
        take_polygon(rings, geometry);
    if (type == wkbMultiPolygon || type == wkbGeometryCollection)
        for (int i = 0; i < gdal.OGR_G_GetGeometryCount(geometry); i++)
            take_polygons(rings, gdal.OGR_G_GetGeometryRef(geometry, i));
}

static enum err make_valid(struct str id, OGRGeometryH geometry, bool mend, struct rings *rings,
                           bool *mended)
{
    gdal.CPLErrorReset();
    if (gdal.OGR_G_IsValid(geometry))
        return OK;
    if (!mend)
        return err_refuse(ERR_INVALID, "heat.zone", "zone %.*s: no valid polygon: %s", STR_ARG(id),
                          gdal.CPLGetLastErrorMsg());
    OGRGeometryH valid = gdal.OGR_G_MakeValid(geometry);
    if (!valid)
        return refuse(id, "no valid polygon, and it cannot be mended");
    rings->count = 0;
    take_polygons(rings, valid);
    gdal.OGR_G_DestroyGeometry(valid);
    *mended = true;
    return OK;
}

static enum err check_rings(struct str id, bool mend, struct rings *rings, bool *mended)
{
    if (rings->count == 1 && is_convex(&rings->items[0]))
        return OK;
    enum err r = heat_gdal_start();
    if (r == OK && rings->count > 0) {
        OGRGeometryH geometry = geometry_of(rings->items, rings->count);
        r = make_valid(id, geometry, mend, rings, mended);
        gdal.OGR_G_DestroyGeometry(geometry);
    }
    if (r == OK && rings->count == 0)
        return refuse(id, "a polygon without area");
    return r;
}

/* ---- features ----------------------------------------------------------------------------- */

static struct str id_of(struct reading *reading, const struct json_value *feature)
{
    const struct json_value *value = NULL;
    if (reading->id_field)
        value = json_get(json_get(feature, "properties"), reading->id_field);
    if (!value || (value->type != JSON_STRING && value->type != JSON_NUMBER))
        value = json_get(feature, "id");
    if (value && (value->type == JSON_STRING || value->type == JSON_NUMBER) && value->text.len)
        return str_copy(reading->arena, value->text);
    return str_format(reading->arena, "%zu", reading->count + 1);
}

/* Only at the end is it known that no "crs" member follows. */
static enum err check_reach(const struct reading *reading)
{
    for (size_t z = 0; !reading->crs.ptr && z < reading->count; z++) {
        const struct heat_zone *zone = &reading->zones[z];
        for (size_t i = 0; i < zone->ring_count; i++)
            for (size_t p = 0; p < zone->rings[i].count; p++)
                if (fabs(zone->rings[i].xy[2 * p]) > 540 || fabs(zone->rings[i].xy[2 * p + 1]) > 90)
                    return refuse(zone->id, "a position is no longitude and latitude, and no "
                                            "\"crs\" member says what it is");
    }
    return OK;
}

static enum err keep_zone(struct reading *reading, struct str id, const struct rings *rings,
                          bool mended)
{
    if (reading->count == LIMIT_HEAT_ZONES)
        return err_refuse(ERR_LIMIT, "heat.too-large", "more than %d zones", LIMIT_HEAT_ZONES);
    struct heat_ring *kept = arena_raw(reading->arena, rings->count * sizeof(*kept));
    for (size_t i = 0; i < rings->count; i++) {
        kept[i] = rings->items[i];
        reading->points += kept[i].count;
        if (reading->points > LIMIT_HEAT_POINTS)
            return err_refuse(ERR_LIMIT, "heat.too-large", "zones of more than %d points",
                              LIMIT_HEAT_POINTS);
        double *xy = arena_raw(reading->arena, kept[i].count * 2 * sizeof(*xy));
        memcpy(xy, kept[i].xy, kept[i].count * 2 * sizeof(*xy));
        kept[i].xy = xy;
    }
    *ARENA_PUSH(reading->arena, reading->zones, reading->count, reading->capacity) =
        (struct heat_zone){.id = id, .rings = kept, .ring_count = rings->count, .mended = mended};
    return OK;
}

/* `quick`: what its coordinates are, or NULL if they are in the geometry. */
static enum err read_zone(struct reading *reading, struct str id, const struct json_value *geometry,
                          const struct quick *quick)
{
    struct rings rings = {.arena = &reading->scratch};
    bool mended = false;
    enum err r = quick ? take_quick(id, quick, reading->mend, &rings)
                       : read_geometry(id, geometry, reading->mend, &rings);
    if (r == OK)
        r = check_rings(id, reading->mend, &rings, &mended);
    return r == OK ? keep_zone(reading, id, &rings, mended) : r;
}

static enum err read_feature(struct reading *reading, struct str text)
{
    const struct json_value *feature;
    enum err r = json_parse(&reading->scratch, text, &feature);
    if (r != OK)
        return r;
    struct str id = id_of(reading, feature);
    if (!str_is(json_get_text(feature, "type"), "Feature"))
        return refuse(id, "is no Feature");
    return read_zone(reading, id, json_get(feature, "geometry"), NULL);
}

/* False, with nothing read, if the feature is unusual or wrong. */
static bool try_quick(struct reading *reading, enum err *code)
{
    size_t begin = reading->at;
    const struct json_value *feature;
    struct quick *quick = &reading->quick;
    if (quick_read(quick, reading->text, &reading->at) &&
        json_parse(&reading->scratch, buf_str(&quick->rest), &feature) == OK &&
        str_is(json_get_text(feature, "type"), "Feature") &&
        str_is(json_get_text(json_get(feature, "geometry"), "type"),
               quick->multi ? "MultiPolygon" : "Polygon")) {
        *code = read_zone(reading, id_of(reading, feature), NULL, quick);
        return true;
    }
    reading->at = begin;
    return false;
}

static enum err next_feature(struct reading *reading)
{
    enum { SCRATCH_KEEP = 256 * 1024 };
    enum err r;
    struct str feature;
    skip_space(reading);
    if (!try_quick(reading, &r)) {
        r = skip_value(reading, &feature);
        if (r == OK)
            r = read_feature(reading, feature);
    }
    if (reading->scratch.used > SCRATCH_KEEP)
        arena_release(&reading->scratch);
    look_ahead(reading);
    return r;
}

static enum err read_features(struct reading *reading)
{
    if (!take(reading, '['))
        return broken(reading, "\"features\" is no array");
    if (take(reading, ']'))
        return OK;
    do {
        enum err r = next_feature(reading);
        if (r != OK)
            return r;
    } while (take(reading, ','));
    return take(reading, ']') ? OK : broken(reading, "\"features\" has no end");
}

static enum err read_crs(struct reading *reading, struct str text)
{
    const struct json_value *crs;
    enum err r = json_parse(reading->arena, text, &crs);
    if (r != OK || crs->type == JSON_NULL)
        return r;
    struct str name = json_get_text(json_get(crs, "properties"), "name");
    if (!name.len)
        return broken(reading, "\"crs\" without a name");
    reading->crs = str_copy(reading->arena, name);
    return OK;
}

/* The outermost object's members: where each begins, so that a "crs" behind the features counts. */
struct outline {
    struct str type, crs;
    size_t features;    /* 0: none. */
    bool features_read; /* Already, as the type stood before them. */
};

/* A large file is gone through once. */
static enum err read_member(struct reading *reading, struct str name, struct outline *out)
{
    struct str value;
    size_t begin = reading->at;
    if (str_is(name, "\"features\"")) {
        if (out->features)
            return broken(reading, "\"features\" stands twice");
        out->features = begin;
        out->features_read = str_is(out->type, "\"FeatureCollection\"");
        if (out->features_read)
            return read_features(reading);
    }
    enum err r = skip_value(reading, &value);
    if (r == OK && str_is(name, "\"type\""))
        out->type = str_copy(reading->arena, value);
    if (r == OK && str_is(name, "\"crs\""))
        out->crs = str_copy(reading->arena, value);
    return r;
}

static enum err read_outline(struct reading *reading, struct outline *out)
{
    if (!take(reading, '{'))
        return broken(reading, "no object");
    do {
        struct str name;
        skip_space(reading);
        enum err r = skip_value(reading, &name);
        if (r == OK && !take(reading, ':'))
            r = broken(reading, "a name without a value");
        if (r != OK)
            return r;
        skip_space(reading);
        r = read_member(reading, name, out);
        if (r != OK)
            return r;
    } while (take(reading, ','));
    if (!take(reading, '}'))
        return broken(reading, "the object has no end");
    skip_space(reading);
    return reading->at == reading->text.len ? OK : broken(reading, "something behind the end");
}

static enum err read_single(struct reading *reading, struct str type)
{
    if (str_is(type, "\"Feature\""))
        return read_feature(reading, reading->text);
    if (!str_is(type, "\"Polygon\"") && !str_is(type, "\"MultiPolygon\""))
        return broken(reading, "neither features nor a polygon");
    const struct json_value *geometry;
    enum err r = json_parse(&reading->scratch, reading->text, &geometry);
    return r == OK ? read_zone(reading, STR("1"), geometry, NULL) : r;
}

static enum err read_all(struct reading *reading)
{
    struct outline outline = {0};
    enum err r = read_outline(reading, &outline);
    if (r == OK && outline.crs.ptr)
        r = read_crs(reading, outline.crs);
    if (r != OK)
        return r;
    bool many = str_is(outline.type, "\"FeatureCollection\"") && outline.features;
    reading->at = outline.features;
    if (!many)
        r = read_single(reading, outline.type);
    else if (!outline.features_read)
        r = read_features(reading);
    return r == OK ? check_reach(reading) : r;
}

/* Room for about as many zones as there are: a list that grows is copied again and again. */
static void make_room(struct reading *reading, size_t bytes)
{
    size_t zones = bytes / FEATURE_BYTES + 1;
    reading->capacity = zones < LIMIT_HEAT_ZONES ? zones : LIMIT_HEAT_ZONES;
    reading->zones = arena_raw(reading->arena, reading->capacity * sizeof(*reading->zones));
}

static enum err end_reading(struct reading *reading, enum err code, struct heat_zones *out)
{
    quick_release(&reading->quick);
    arena_release(&reading->scratch);
    if (code == OK)
        *out = (struct heat_zones){reading->zones, reading->count, reading->crs};
    return code;
}

enum err heat_zones_read(struct arena *arena, struct str text, const char *id_field, bool mend,
                         struct heat_zones *out)
{
    if (text.len > LIMIT_HEAT_ZONES_SIZE)
        return err_refuse(ERR_LIMIT, "heat.too-large", "GeoJSON of more than %d bytes",
                          LIMIT_HEAT_ZONES_SIZE);
    if (str_starts(text, STR("\xEF\xBB\xBF")))
        text = str_sub(text, 3, text.len);
    struct reading reading = {.arena = arena, .text = text, .id_field = id_field, .mend = mend};
    quick_init(&reading.quick);
    make_room(&reading, text.len);
    return end_reading(&reading, read_all(&reading), out);
}

static enum err read_window(struct reading *reading)
{
    struct outline outline = {0};
    look_ahead(reading);
    enum err r = read_outline(reading, &outline);
    if (r == OK && !(reading->ended && outline.features_read && !ferror(reading->file) &&
                     str_is(outline.type, "\"FeatureCollection\"")))
        r = broken(reading, "not as usual");
    if (r == OK && outline.crs.ptr)
        r = read_crs(reading, outline.crs);
    return r == OK ? check_reach(reading) : r;
}

bool heat_zones_stream(struct arena *arena, const char *path, const char *id_field, bool mend,
                       struct heat_zones *out)
{
    struct stat status;
    FILE *file = fopen(path, "rbe");
    if (!file)
        return false;
    bool read = fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode) &&
                status.st_size > WINDOW && status.st_size <= LIMIT_HEAT_ZONES_SIZE;
    if (read) {
        CLEANUP(arena_release) struct arena own = {0};
        struct reading reading = {.arena = arena,
                                  .window = arena_raw(&own, WINDOW),
                                  .file = file,
                                  .id_field = id_field,
                                  .mend = mend};
        quick_init(&reading.quick);
        make_room(&reading, (size_t)status.st_size);
        read = end_reading(&reading, read_window(&reading), out) == OK;
    }
    fclose(file);
    return read;
}
