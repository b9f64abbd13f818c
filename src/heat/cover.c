#include "heat/cover.h"

#include <math.h>
#include <pthread.h>
#include <unistd.h>

/* An edge that the projection bends is cut until it is straight to this many pixels. */
static const double BEND_PIXELS = 1e-3;

enum { CUTS_MAX = 12, ENTRIES_MAX = 16 * 1024 * 1024 };

struct placing {
    struct arena *arena;
    const struct heat_grid *grid;
    OGRCoordinateTransformationH way; /* NULL: the zones are in the grid's coordinates. */
    double inverse[6];
    double *xy; /* The ring being placed. */
    size_t count, capacity, points;
};

static bool invert(const double t[6], double out[6])
{
    double det = t[1] * t[5] - t[2] * t[4];
    out[1] = t[5] / det;
    out[2] = -t[2] / det;
    out[4] = -t[4] / det;
    out[5] = t[1] / det;
    out[0] = out[3] = 0;
    return isfinite(out[1]) && isfinite(out[5]);
}

/* From the grid's coordinates to columns and rows; taken apart from the corner first, so that no
 * digits are lost. */
static void to_pixels(const struct placing *placing, double *xy)
{
    const double *t = placing->grid->transform, *inverse = placing->inverse;
    double x = xy[0] - t[0], y = xy[1] - t[3];
    if (t[2] == 0 && t[4] == 0) {
        xy[0] = x / t[1];
        xy[1] = y / t[5];
        return;
    }
    xy[0] = x * inverse[1] + y * inverse[2];
    xy[1] = x * inverse[4] + y * inverse[5];
}

static bool place(const struct placing *placing, const double *from, double *out)
{
    memcpy(out, from, 2 * sizeof(*out));
    if (placing->way && !gdal.OCTTransform(placing->way, 1, &out[0], &out[1], NULL))
        return false;
    to_pixels(placing, out);
    return isfinite(out[0]) && isfinite(out[1]) && fabs(out[0]) < 1e9 && fabs(out[1]) < 1e9;
}

static void keep(struct placing *placing, const double *at)
{
    if (placing->count == placing->capacity)
        placing->xy = arena_grow(placing->arena, placing->xy, placing->count, &placing->capacity,
                                 2 * sizeof(double));
    memcpy(&placing->xy[2 * placing->count++], at, 2 * sizeof(*at));
}

/* Keeps what lies between a and b, not its ends. (A, B: placed.) */
static bool cut_edge(struct placing *placing, const double *a, const double *b, const double *A,
                     const double *B, int cuts)
{
    double middle[2] = {(a[0] + b[0]) / 2, (a[1] + b[1]) / 2}, M[2];
    if (!place(placing, middle, M))
        return false;
    double off = hypot(M[0] - (A[0] + B[0]) / 2, M[1] - (A[1] + B[1]) / 2);
    if (off < BEND_PIXELS || cuts == 0)
        return true;
    if (!cut_edge(placing, a, middle, A, M, cuts - 1))
        return false;
    keep(placing, M);
    return cut_edge(placing, middle, b, M, B, cuts - 1);
}

/* The ring with its edges cut, into the room that the next one uses again. */
static bool place_bent(struct placing *placing, const struct heat_ring *ring)
{
    double A[2], B[2];
    bool placed = place(placing, ring->xy, A);
    placing->count = 0;
    for (size_t i = 0; placed && i < ring->count; i++) {
        const double *a = &ring->xy[2 * i], *b = &ring->xy[2 * ((i + 1) % ring->count)];
        placed = place(placing, b, B);
        keep(placing, A);
        if (placed)
            placed = cut_edge(placing, a, b, A, B, CUTS_MAX);
        memcpy(A, B, sizeof(A));
    }
    return placed;
}

static bool place_straight(const struct placing *placing, const struct heat_ring *ring, double *xy)
{
    const double *t = placing->grid->transform;
    bool upright = t[2] == 0 && t[4] == 0, good = true;
    for (size_t i = 0; i < 2 * ring->count; i += 2) {
        memcpy(&xy[i], &ring->xy[i], 2 * sizeof(*xy));
        if (upright) {
            xy[i] = (xy[i] - t[0]) / t[1];
            xy[i + 1] = (xy[i + 1] - t[3]) / t[5];
        } else {
            to_pixels(placing, &xy[i]);
        }
        good = good && fabs(xy[i]) < 1e9 && fabs(xy[i + 1]) < 1e9;
    }
    return good;
}

static enum err check_points(size_t points)
{
    if (points > LIMIT_HEAT_POINTS)
        return err_refuse(ERR_LIMIT, "heat.too-large", "zones of more than %d points",
                          LIMIT_HEAT_POINTS);
    return OK;
}

static enum err place_ring(struct placing *placing, const struct heat_zone *zone,
                           const struct heat_ring *ring, struct cover_ring *out)
{
    bool bent = placing->way != NULL, placed = true;
    if (bent)
        placed = place_bent(placing, ring);
    size_t count = bent ? placing->count : ring->count;
    placing->points += count;
    enum err r = check_points(placing->points);
    if (r != OK)
        return r;
    double *xy = arena_raw(placing->arena, count * 2 * sizeof(*xy));
    if (bent)
        memcpy(xy, placing->xy, count * 2 * sizeof(*xy));
    else
        placed = place_straight(placing, ring, xy);
    if (!placed)
        return err_refuse(ERR_INVALID, "heat.zone",
                          "zone %.*s: has points that the raster's projection has no place for",
                          STR_ARG(zone->id));
    *out = (struct cover_ring){.xy = xy, .count = count};
    return OK;
}

/* Twice the signed area, from the first point so that small zones far away keep their digits. */
static double ring_area(const struct cover_ring *ring)
{
    double sum = 0;
    const double *o = ring->xy;
    for (size_t i = 1; i + 1 < ring->count; i++) {
        const double *a = &ring->xy[2 * i], *b = &ring->xy[2 * i + 2];
        sum += (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
    }
    return sum / 2;
}

/* Area on the ellipsoid between a ring and the equator: what lies under each edge, by Simpson. */
static double ring_area_m2(const struct heat_grid *grid, const struct cover_ring *ring)
{
    enum { STEPS = 8 };
    static const double WEIGHT[STEPS + 1] = {1, 4, 2, 4, 2, 4, 2, 4, 1};
    double sum = 0;
    const double *t = grid->transform;
    for (size_t i = 0; i < ring->count; i++) {
        const double *a = &ring->xy[2 * i], *b = &ring->xy[2 * ((i + 1) % ring->count)];
        double edge = 0;
        for (int s = 0; s <= STEPS; s++)
            edge += WEIGHT[s] *
                    heat_area_to((t[3] + (a[1] + (b[1] - a[1]) * s / STEPS) * t[5]) * M_PI / 180);
        sum += edge / (3 * STEPS) * (b[0] - a[0]) * t[1] * M_PI / 180;
    }
    return fabs(sum);
}

static void measure(const struct heat_grid *grid, struct cover_zone *zone,
                    const struct heat_ring *rings)
{
    zone->left = zone->top = INFINITY;
    zone->right = zone->bottom = -INFINITY;
    struct cover_ring *placed = (struct cover_ring *)zone->rings;
    for (size_t r = 0; r < zone->ring_count; r++) {
        double area = ring_area(&placed[r]), way = rings[r].hole ? -1 : 1;
        /* What cover_sweep sums is positive for rings of negative area here. */
        placed[r].sign = (area < 0 ? 1 : -1) * way;
        zone->pixels += way * fabs(area);
        if (grid->geographic)
            zone->area_m2 += way * ring_area_m2(grid, &placed[r]);
        for (size_t i = 0; i < placed[r].count; i++) {
            double x = placed[r].xy[2 * i], y = placed[r].xy[2 * i + 1];
            zone->left = x < zone->left ? x : zone->left;
            zone->right = x > zone->right ? x : zone->right;
            zone->top = y < zone->top ? y : zone->top;
            zone->bottom = y > zone->bottom ? y : zone->bottom;
        }
    }
    if (!grid->geographic)
        zone->area_m2 = zone->pixels * heat_pixel_area_m2(grid, 0);
}

/* Zones that one thread places. */
struct share {
    struct placing placing;
    const struct heat_zone *zones;
    size_t count;
    struct cover_zone *out;
    enum err code;
    struct err_info error;
    pthread_t thread;
    bool beside;
};

static enum err place_zones(struct share *share)
{
    struct placing *placing = &share->placing;
    for (size_t i = 0; i < share->count; i++) {
        const struct heat_zone *zone = &share->zones[i];
        struct cover_zone *out = &share->out[i];
        struct cover_ring *rings = arena_raw(placing->arena, zone->ring_count * sizeof(*rings));
        for (size_t r = 0; r < zone->ring_count; r++) {
            enum err e = place_ring(placing, zone, &zone->rings[r], &rings[r]);
            if (e != OK)
                return e;
        }
        out->rings = rings;
        out->ring_count = zone->ring_count;
        measure(placing->grid, out, zone->rings);
    }
    return OK;
}

static void *place_share(void *argument)
{
    struct share *share = argument;
    share->code = place_zones(share);
    if (share->code != OK)
        share->error = *err_last();
    return NULL;
}

/* Many zones by several threads, unless a projection, which serves one at a time, is in the way.
 * The first zone that is refused is told, as by one. */
static enum err place_all(const struct placing *placing, const struct heat_zones *zones,
                          struct heat_cover *cover)
{
    enum { SHARE_LEAST = 4096 };
    struct share shares[COVER_SHARES];
    long most = placing->way ? 1 : sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = zones->count / SHARE_LEAST + 1, points = 0;
    wanted = wanted > COVER_SHARES ? COVER_SHARES : wanted;
    wanted = most < 1 ? 1 : wanted > (size_t)most ? (size_t)most : wanted;
    for (size_t i = 0; i < wanted; i++) {
        size_t from = zones->count * i / wanted, to = zones->count * (i + 1) / wanted;
        struct share *share = &shares[i];
        *share = (struct share){.placing = *placing,
                                .zones = &zones->items[from],
                                .count = to - from,
                                .out = &cover->zones[from]};
        share->placing.arena = &cover->shares[i];
        share->beside =
            i + 1 < wanted && pthread_create(&share->thread, NULL, place_share, share) == 0;
        if (!share->beside)
            place_share(share);
    }
    enum err r = OK;
    for (size_t i = 0; i < wanted; i++) {
        if (shares[i].beside)
            pthread_join(shares[i].thread, NULL);
        points += shares[i].placing.points;
        if (r == OK && shares[i].code != OK) {
            err_restore(&shares[i].error);
            r = shares[i].code;
        }
    }
    return r == OK ? check_points(points) : r;
}

/* Names that mean a code of the EPSG register, or longitude and latitude. Nothing else is looked
 * up: a name may not make this program open files or hosts. */
static bool import_crs(OGRSpatialReferenceH srs, struct str crs)
{
    static const char *const LONLAT[] = {"urn:ogc:def:crs:OGC:1.3:CRS84",
                                         "urn:ogc:def:crs:OGC::CRS84", "OGC:CRS84", "CRS84"};
    static const char *const EPSG[] = {"EPSG:", "urn:ogc:def:crs:EPSG::"};
    static const char *const WKT[] = {"PROJCS[", "GEOGCS[", "PROJCRS[", "GEOGCRS["};
    if (!crs.ptr)
        return gdal.OSRImportFromEPSG(srs, 4326) == OGRERR_NONE;
    for (size_t i = 0; i < COUNT_OF(LONLAT); i++)
        if (str_is(crs, LONLAT[i]))
            return gdal.OSRImportFromEPSG(srs, 4326) == OGRERR_NONE;
    int64_t code;
    for (size_t i = 0; i < COUNT_OF(EPSG); i++)
        if (str_starts(crs, str_of(EPSG[i])) &&
            str_to_int(str_sub(crs, strlen(EPSG[i]), crs.len), &code) == OK)
            return code > 0 && code < 1000000 &&
                   gdal.OSRImportFromEPSG(srs, (int)code) == OGRERR_NONE;
    for (size_t i = 0; i < COUNT_OF(WKT); i++)
        if (str_starts(crs, str_of(WKT[i])) && crs.len < 20000) {
            CLEANUP(arena_release) struct arena arena = {0};
            char *text = str_c(&arena, crs);
            return gdal.OSRImportFromWkt(srs, &text) == OGRERR_NONE;
        }
    return false;
}

static enum err find_way(const struct heat_grid *grid, struct str crs,
                         OGRCoordinateTransformationH *out)
{
    enum err r = OK;
    OGRSpatialReferenceH from = gdal.OSRNewSpatialReference(NULL);
    OGRSpatialReferenceH to = gdal.OSRNewSpatialReference(grid->projection.ptr);
    if (!import_crs(from, crs)) {
        r = err_refuse(ERR_INVALID, "heat.crs",
                       "zones: the reference system '%.*s' is not known; use EPSG:CODE or "
                       "longitude and latitude",
                       STR_ARG(crs));
    } else {
        gdal.OSRSetAxisMappingStrategy(from, OAMS_TRADITIONAL_GIS_ORDER);
        gdal.OSRSetAxisMappingStrategy(to, OAMS_TRADITIONAL_GIS_ORDER);
        *out = NULL;
        if (!gdal.OSRIsSame(from, to)) {
            *out = gdal.OCTNewCoordinateTransformation(from, to);
            if (!*out)
                r = err_refuse(ERR_INVALID, "heat.crs",
                               "zones: no way from their reference system to the raster's");
        }
    }
    gdal.OSRDestroySpatialReference(from);
    gdal.OSRDestroySpatialReference(to);
    return r;
}

enum err heat_cover_new(const struct heat_grid *grid, const struct heat_zones *zones,
                        size_t keep_bytes, struct heat_cover **out)
{
    enum err r = heat_gdal_start();
    if (r != OK)
        return r;
    if (!grid->projection.ptr)
        return err_refuse(ERR_INVALID, "heat.no-projection",
                          "the raster says nothing of where on earth it is");
    struct arena arena = {0};
    struct heat_cover *cover = ARENA_NEW(&arena, struct heat_cover);
    struct placing placing = {.grid = grid};
    r = invert(grid->transform, placing.inverse)
            ? find_way(grid, zones->crs, &placing.way)
            : err_refuse(ERR_CORRUPT, "heat.file", "the raster's place is not readable");
    cover->arena = arena;
    if (r == OK) {
        cover->grid = *grid;
        cover->grid.projection = str_copy(&cover->arena, grid->projection);
        cover->count = zones->count;
        cover->keep_bytes = keep_bytes;
        cover->zones = ARENA_ARRAY(&cover->arena, zones->count, struct cover_zone);
        r = place_all(&placing, zones, cover);
    }
    if (placing.way)
        gdal.OCTDestroyCoordinateTransformation(placing.way);
    if (r == OK)
        *out = cover;
    else
        heat_cover_free(cover);
    return r;
}

static void drop_plan(struct heat_cover *cover)
{
    int32_t tiles = cover->plan.columns * cover->plan.rows;
    for (int32_t i = 0; cover->kept && i < tiles; i++)
        arena_release(&cover->kept[i].arena);
    cover->kept = NULL;
}

void heat_cover_free(struct heat_cover *cover)
{
    if (!cover)
        return;
    drop_plan(cover);
    for (size_t i = 0; i < COVER_SHARES; i++)
        arena_release(&cover->shares[i]);
    struct arena arena = cover->arena;
    arena_release(&arena);
}

bool heat_cover_matches(const struct heat_cover *cover, const struct heat_grid *grid)
{
    return hash_equal(&cover->grid.id, &grid->id);
}

double heat_cover_area_m2(const struct heat_cover *cover, size_t zone)
{
    assert(zone < cover->count);
    return cover->zones[zone].area_m2;
}

struct heat_window tile_window(const struct heat_grid *grid, const struct tile_plan *plan,
                               int32_t tile)
{
    int32_t x = tile % plan->columns * plan->width, y = tile / plan->columns * plan->height;
    int32_t width = grid->width - x, height = grid->height - y;
    return (struct heat_window){x, y, width < plan->width ? width : plan->width,
                                height < plan->height ? height : plan->height};
}

/* Tiles that a zone's surrounding box meets; false if none. */
static bool tiles_of(const struct heat_cover *cover, const struct cover_zone *zone,
                     struct heat_window *out)
{
    const struct heat_grid *grid = &cover->grid;
    const struct tile_plan *plan = &cover->plan;
    if (!(zone->right > 0 && zone->bottom > 0 && zone->left < grid->width &&
          zone->top < grid->height))
        return false;
    int32_t left = (int32_t)fmax(zone->left, 0) / plan->width;
    int32_t top = (int32_t)fmax(zone->top, 0) / plan->height;
    int32_t right = (int32_t)fmin(zone->right, grid->width - 1) / plan->width;
    int32_t bottom = (int32_t)fmin(zone->bottom, grid->height - 1) / plan->height;
    *out = (struct heat_window){left, top, right - left + 1, bottom - top + 1};
    return true;
}

static enum err count_entries(struct heat_cover *cover, size_t *begins, size_t tiles)
{
    size_t all = 0;
    struct heat_window w;
    cover->shared_count = 0;
    for (size_t z = 0; z < cover->count; z++) {
        cover->home[z] = COVER_NOWHERE;
        if (!tiles_of(cover, &cover->zones[z], &w))
            continue;
        bool one = w.width == 1 && w.height == 1;
        cover->home[z] = one ? COVER_ONE_TILE : (uint32_t)cover->shared_count++;
        all += (size_t)w.width * (size_t)w.height;
        if (all > ENTRIES_MAX)
            return err_refuse(ERR_LIMIT, "heat.too-large", "too many large zones at a time");
        for (int32_t i = 0; i < w.width * w.height; i++)
            begins[(w.y + i / w.width) * cover->plan.columns + w.x + i % w.width + 1]++;
    }
    for (size_t i = 1; i <= tiles; i++)
        begins[i] += begins[i - 1];
    return OK;
}

enum err cover_plan(struct heat_cover *cover)
{
    size_t tiles = (size_t)cover->plan.columns * (size_t)cover->plan.rows;
    size_t *begins = ARENA_ARRAY(&cover->arena, tiles + 1, size_t);
    cover->home = ARENA_ARRAY(&cover->arena, cover->count, uint32_t);
    enum err r = count_entries(cover, begins, tiles);
    if (r != OK)
        return r;
    size_t *at = ARENA_ARRAY(&cover->arena, tiles + 1, size_t);
    memcpy(at, begins, (tiles + 1) * sizeof(*at));
    cover->tile_begins = begins;
    cover->tile_zones = ARENA_ARRAY(&cover->arena, begins[tiles] + 1, uint32_t);
    cover->shared_last = ARENA_ARRAY(&cover->arena, cover->shared_count, uint32_t);
    cover->kept = ARENA_ARRAY(&cover->arena, tiles, struct cover_kept);
    struct heat_window w;
    for (size_t z = 0; z < cover->count; z++) {
        if (!tiles_of(cover, &cover->zones[z], &w))
            continue;
        for (int32_t i = 0; i < w.width * w.height; i++) {
            int32_t tile = (w.y + i / w.width) * cover->plan.columns + w.x + i % w.width;
            cover->tile_zones[at[tile]++] = (uint32_t)z;
            if (cover->home[z] != COVER_ONE_TILE)
                cover->shared_last[cover->home[z]] = (uint32_t)tile;
        }
    }
    return OK;
}

/* Spans of a zone, by rows, then columns; those of one share that meet are one. */
struct span_list {
    struct arena *arena;
    struct heat_span *items;
    size_t count, capacity;
};

static void add_span(struct span_list *list, struct heat_window w, const struct cover_run *run)
{
    struct heat_span *last = list->count > 0 ? &list->items[list->count - 1] : NULL;
    int32_t x = w.x + run->x, y = w.y + run->y;
    if (last && last->share == run->share && last->y == y && last->x + last->count == x)
        last->count += run->count;
    else
        *ARENA_PUSH(list->arena, list->items, list->count, list->capacity) =
            (struct heat_span){x, y, run->count, run->share};
}

static bool comes_before(const struct cover_run *a, const struct cover_run *b)
{
    return a->y != b->y ? a->y < b->y : a->x < b->x;
}

static void add_spans(struct span_list *list, struct heat_window w, const struct cover_part *part)
{
    for (size_t cell = 0, run = 0; cell < part->cell_count || run < part->run_count;) {
        bool is_cell =
            run == part->run_count ||
            (cell < part->cell_count && comes_before(&part->cells[cell], &part->runs[run]));
        add_span(list, w, is_cell ? &part->cells[cell++] : &part->runs[run++]);
    }
}

enum err heat_cover_spans(const struct heat_cover *cover, size_t zone, struct arena *arena,
                          const struct heat_span **out, size_t *count)
{
    assert(zone < cover->count);
    enum { STRIP = 256 };
    const struct cover_zone *z = &cover->zones[zone];
    const struct heat_grid *grid = &cover->grid;
    struct span_list spans = {.arena = arena};
    struct cover_work work = {0};
    int32_t top = (int32_t)fmin(fmax(floor(z->top), 0), grid->height);
    int32_t bottom = (int32_t)fmin(fmax(ceil(z->bottom), 0), grid->height);
    for (int32_t y = top; y < bottom; y += STRIP)
        for (int32_t x = 0; x < grid->width; x += TILE_SIDE_MAX) {
            int32_t width = grid->width - x, height = bottom - y;
            struct heat_window w = {x, y, width < TILE_SIDE_MAX ? width : TILE_SIDE_MAX,
                                    height < STRIP ? height : STRIP};
            struct cover_part part = cover_sweep(&work, z, w);
            add_spans(&spans, w, &part);
        }
    cover_work_release(&work);
    *out = spans.items;
    *count = spans.count;
    return OK;
}
