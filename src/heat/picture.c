/* The canvas: where a layer lies, who reads it, and its reduced copy. */
#include "heat/picture_inside.h"

#include <math.h>

enum {
    KEPT_PIXELS = 4 * 1024 * 1024, /* Of the finest level in memory. */
    IDLE_MAX = 8,
    LATTICE = 64, /* Places per side that the bounds are found by, */
    SPARSE = 8,   /* and every how many of them inside. */
    WINDOW_PIXELS = 1024 * 1024,
};

/* What the lattice may miss between its places, in parts of the size. */
static const double BOUNDS_MARGIN = 2e-4;

static OGRCoordinateTransformationH way_between(struct str projection, bool to_degrees, bool *same)
{
    OGRSpatialReferenceH grid = gdal.OSRNewSpatialReference(projection.ptr);
    OGRSpatialReferenceH degrees = gdal.OSRNewSpatialReference(NULL);
    OGRCoordinateTransformationH way = NULL;
    *same = false;
    if (grid && degrees && gdal.OSRImportFromEPSG(degrees, 4326) == OGRERR_NONE) {
        gdal.OSRSetAxisMappingStrategy(grid, OAMS_TRADITIONAL_GIS_ORDER);
        gdal.OSRSetAxisMappingStrategy(degrees, OAMS_TRADITIONAL_GIS_ORDER);
        *same = gdal.OSRIsSame(grid, degrees);
        if (!*same)
            way = to_degrees ? gdal.OCTNewCoordinateTransformation(grid, degrees)
                             : gdal.OCTNewCoordinateTransformation(degrees, grid);
    }
    gdal.OSRDestroySpatialReference(grid);
    gdal.OSRDestroySpatialReference(degrees);
    return way;
}

static enum err find_way(const struct heat_grid *grid, bool to_degrees,
                         OGRCoordinateTransformationH *out)
{
    enum err r = heat_gdal_start();
    if (r != OK)
        return r;
    if (!grid->projection.ptr)
        return err_refuse(ERR_INVALID, "heat.no-projection",
                          "the raster does not say where on earth it lies");
    bool same;
    gdal.CPLErrorReset();
    *out = way_between(grid->projection, to_degrees, &same);
    if (!*out && !same)
        return err_refuse(ERR_INVALID, "heat.no-projection",
                          "no way from the raster's projection to longitude and latitude");
    return OK;
}

/* ---- brushes ------------------------------------------------------------------------------ */

static void brush_free(struct heat_brush *brush)
{
    heat_reader_free(brush->reader);
    if (brush->way)
        gdal.OCTDestroyCoordinateTransformation(brush->way);
    arena_release(&brush->arena);
    struct arena own = brush->own;
    arena_release(&own);
}

static enum err brush_new(struct heat_canvas *canvas, struct heat_brush **out)
{
    struct arena own = {0};
    struct heat_brush *brush = ARENA_NEW(&own, struct heat_brush);
    brush->own = own;
    enum err r = heat_reader_new(canvas->scene, &brush->reader);
    if (r == OK)
        r = find_way(&canvas->scene->grid, false, &brush->way);
    if (r == OK)
        *out = brush;
    else
        brush_free(brush);
    return r;
}

enum err heat_brush_take(struct heat_canvas *canvas, struct heat_brush **out)
{
    pthread_mutex_lock(&canvas->lock);
    struct heat_brush *brush = canvas->idle;
    if (brush) {
        canvas->idle = brush->next;
        canvas->idle_count--;
    }
    pthread_mutex_unlock(&canvas->lock);
    if (!brush)
        return brush_new(canvas, out);
    *out = brush;
    return OK;
}

void heat_brush_give(struct heat_canvas *canvas, struct heat_brush *brush)
{
    pthread_mutex_lock(&canvas->lock);
    bool keep = canvas->idle_count < IDLE_MAX;
    if (keep) {
        brush->next = canvas->idle;
        canvas->idle = brush;
        canvas->idle_count++;
    }
    pthread_mutex_unlock(&canvas->lock);
    if (!keep)
        brush_free(brush);
}

enum err heat_brush_read(struct heat_canvas *canvas, struct heat_brush *brush,
                         struct heat_window window)
{
    size_t count = (size_t)window.width * (size_t)window.height;
    if (count > brush->capacity) {
        arena_release(&brush->arena);
        brush->block.kelvin = ARENA_ARRAY(&brush->arena, count, float);
        brush->block.reason = ARENA_ARRAY(&brush->arena, count, uint8_t);
        brush->capacity = count;
    }
    brush->block.window = window;
    return heat_read(brush->reader, canvas->layer, &canvas->mask, &brush->block);
}

/* ---- bounds ------------------------------------------------------------------------------- */

struct span_of {
    double least, most;
};

static void widen(struct span_of *span, double value)
{
    span->least = fmin(span->least, value);
    span->most = fmax(span->most, value);
}

/* A pole inside the image: then all longitudes are. */
static bool holds_pole(const struct heat_grid *grid, double latitude)
{
    OGRCoordinateTransformationH way;
    double x = 0, y = latitude;
    if (grid->geographic || find_way(grid, false, &way) != OK || !way)
        return false;
    bool found = gdal.OCTTransform(way, 1, &x, &y, NULL);
    gdal.OCTDestroyCoordinateTransformation(way);
    const double *t = grid->transform;
    double det = t[1] * t[5] - t[2] * t[4], dx = x - t[0], dy = y - t[3];
    double column = (dx * t[5] - dy * t[2]) / det, row = (dy * t[1] - dx * t[4]) / det;
    return found && column >= 0 && row >= 0 && column <= grid->width && row <= grid->height;
}

static void lattice_spans(const struct heat_grid *grid, OGRCoordinateTransformationH way,
                          struct span_of *lon, struct span_of *lat)
{
    const double *t = grid->transform;
    double about = NAN; /* Longitudes are taken near the first. */
    for (int i = 0; i <= LATTICE; i++)
        for (int j = 0; j <= LATTICE; j++) {
            bool edge = i % LATTICE == 0 || j % LATTICE == 0;
            if (!edge && (i % SPARSE != 0 || j % SPARSE != 0))
                continue;
            double column = (double)grid->width * j / LATTICE;
            double row = (double)grid->height * i / LATTICE;
            double x = t[0] + column * t[1] + row * t[2], y = t[3] + column * t[4] + row * t[5];
            if ((way && !gdal.OCTTransform(way, 1, &x, &y, NULL)) || !isfinite(x) || !isfinite(y))
                continue;
            if (way && isnan(about))
                about = x;
            if (way)
                x -= 360 * round((x - about) / 360);
            widen(lon, x);
            widen(lat, y);
        }
}

static enum err find_bounds(const struct heat_grid *grid, struct heat_bounds *out)
{
    OGRCoordinateTransformationH way;
    enum err r = find_way(grid, true, &way);
    if (r != OK)
        return r;
    struct span_of lon = {INFINITY, -INFINITY}, lat = {INFINITY, -INFINITY};
    lattice_spans(grid, way, &lon, &lat);
    double margin = way ? BOUNDS_MARGIN : 0;
    if (way)
        gdal.OCTDestroyCoordinateTransformation(way);
    if (!(lon.least < lon.most) || !(lat.least < lat.most))
        return err_refuse(ERR_INVALID, "heat.no-projection",
                          "no pixel of the raster has a longitude and latitude");
    bool north = holds_pole(grid, 90), south = holds_pole(grid, -90);
    double wide = lon.most - lon.least, high = lat.most - lat.least;
    struct heat_bounds b = {lon.least - margin * wide, fmax(-90, lat.least - margin * high),
                            lon.most + margin * wide, fmin(90, lat.most + margin * high)};
    b.north = north ? 90 : b.north;
    b.south = south ? -90 : b.south;
    double turns = floor((b.west + 180) / 360);
    b.west -= 360 * turns;
    b.east -= 360 * turns;
    if (north || south || b.east - b.west > 360) {
        b.west = -180;
        b.east = 180;
    }
    *out = b;
    return OK;
}

struct heat_bounds heat_canvas_bounds(const struct heat_canvas *canvas)
{
    return canvas->bounds;
}

/* ---- the reduced copy --------------------------------------------------------------------- */

static int32_t side_at(int32_t side, int level)
{
    return (int32_t)(((int64_t)side + (INT64_C(1) << level) - 1) >> level);
}

static void plan_levels(struct heat_canvas *canvas)
{
    int32_t width = canvas->scene->grid.width, height = canvas->scene->grid.height;
    int level = 0;
    while ((int64_t)side_at(width, level) * side_at(height, level) > KEPT_PIXELS)
        level++;
    canvas->first_level = level;
    while (side_at(width, level) > 1 || side_at(height, level) > 1)
        level++;
    canvas->last_level = level;
    assert(level < HEAT_LEVELS_MAX);
    for (level = canvas->first_level; level <= canvas->last_level; level++) {
        canvas->levels[level].width = side_at(width, level);
        canvas->levels[level].height = side_at(height, level);
    }
}

/* The window that reads whole blocks, about WINDOW_PIXELS of them. */
static enum err plan_window(const struct heat_canvas *canvas, int32_t *width, int32_t *height)
{
    const struct heat_part *value = &canvas->scene->inside->parts[canvas->layer][PART_VALUE];
    const struct heat_grid *grid = &canvas->scene->grid;
    GDALDatasetH dataset;
    enum err r = heat_dataset_open(value->path, &dataset);
    if (r != OK)
        return r;
    int block_width, block_height;
    gdal.GDALGetBlockSize(gdal.GDALGetRasterBand(dataset, value->band), &block_width,
                          &block_height);
    heat_dataset_close(dataset);
    int64_t wide = block_width >= grid->width ? grid->width : block_width;
    while (wide * 2 <= 1024)
        wide *= 2;
    wide = wide < WINDOW_PIXELS ? wide : WINDOW_PIXELS;
    int64_t high = WINDOW_PIXELS / wide;
    if (high > block_height)
        high -= high % block_height;
    else if (block_height * wide <= HEAT_READ_PIXELS)
        high = block_height;
    *width = (int32_t)(wide < grid->width ? wide : grid->width);
    *height = (int32_t)(high < grid->height ? high : grid->height);
    return OK;
}

/* The middle pixel of each cell, or the last one there is. */
static int32_t kept_place(int32_t cell, int level, int32_t side)
{
    int64_t at = ((int64_t)cell << level) + (INT64_C(1) << level >> 1);
    return (int32_t)(at < side ? at : side - 1);
}

static void keep_window(struct heat_canvas *canvas, const struct heat_block *block)
{
    int level = canvas->first_level;
    struct heat_level *to = &canvas->levels[level];
    const struct heat_window *w = &block->window;
    const struct heat_grid *grid = &canvas->scene->grid;
    for (int32_t cy = w->y >> level; cy < to->height; cy++) {
        int32_t y = kept_place(cy, level, grid->height) - w->y;
        if (y >= w->height)
            break;
        for (int32_t cx = w->x >> level; y >= 0 && cx < to->width; cx++) {
            int32_t x = kept_place(cx, level, grid->width) - w->x;
            if (x >= w->width)
                break;
            if (x < 0)
                continue;
            size_t from = (size_t)y * (size_t)w->width + (size_t)x;
            size_t at = (size_t)cy * (size_t)to->width + (size_t)cx;
            to->kelvin[at] = block->kelvin[from];
            to->reason[at] = block->reason[from];
        }
    }
}

/* One of the four below: by turns a later and an earlier one, so that it stays near the middle. */
static void halve(const struct heat_level *from, struct heat_level *to, int level)
{
    int32_t later = level & 1;
    for (int32_t y = 0; y < to->height; y++)
        for (int32_t x = 0; x < to->width; x++) {
            int32_t fy = 2 * y + later, fx = 2 * x + later;
            fy = fy < from->height ? fy : from->height - 1;
            fx = fx < from->width ? fx : from->width - 1;
            size_t source = (size_t)fy * (size_t)from->width + (size_t)fx;
            size_t at = (size_t)y * (size_t)to->width + (size_t)x;
            to->kelvin[at] = from->kelvin[source];
            to->reason[at] = from->reason[source];
        }
}

typedef bool progress_fn(void *context, int64_t done, int64_t all);

static enum err keep_finest(struct heat_canvas *canvas, struct heat_brush *brush,
                            progress_fn *progress, void *context)
{
    const struct heat_grid *grid = &canvas->scene->grid;
    int32_t width, height;
    enum err r = plan_window(canvas, &width, &height);
    for (int32_t y = 0; r == OK && y < grid->height; y += height) {
        int32_t high = grid->height - y < height ? grid->height - y : height;
        for (int32_t x = 0; r == OK && x < grid->width; x += width) {
            int32_t wide = grid->width - x < width ? grid->width - x : width;
            r = heat_brush_read(canvas, brush, (struct heat_window){x, y, wide, high});
            if (r == OK)
                keep_window(canvas, &brush->block);
        }
        if (r == OK && progress && !progress(context, y + high, grid->height))
            r = err_set(ERR_BUSY, "stopped");
    }
    return r;
}

static enum err make_levels(struct heat_canvas *canvas, struct heat_brush *brush,
                            progress_fn *progress, void *context)
{
    for (int i = canvas->first_level; i <= canvas->last_level; i++) {
        struct heat_level *level = &canvas->levels[i];
        size_t count = (size_t)level->width * (size_t)level->height;
        level->kelvin = ARENA_ARRAY(&canvas->arena, count, float);
        level->reason = ARENA_ARRAY(&canvas->arena, count, uint8_t);
    }
    enum err r = keep_finest(canvas, brush, progress, context);
    if (r != OK) {
        arena_release(&canvas->arena);
        return r;
    }
    for (int i = canvas->first_level + 1; i <= canvas->last_level; i++)
        halve(&canvas->levels[i - 1], &canvas->levels[i], i);
    return OK;
}

enum err heat_canvas_prepare(struct heat_canvas *canvas, progress_fn *progress, void *context)
{
    enum err r = OK;
    pthread_mutex_lock(&canvas->prepare_lock);
    if (!atomic_load(&canvas->prepared)) {
        struct heat_brush *brush; /* Its blocks are larger than what drawing needs: not kept. */
        r = brush_new(canvas, &brush);
        if (r == OK) {
            r = make_levels(canvas, brush, progress, context);
            brush_free(brush);
        }
        if (r == OK)
            atomic_store(&canvas->prepared, true);
    }
    pthread_mutex_unlock(&canvas->prepare_lock);
    return r;
}

enum err heat_canvas_new(const struct heat_scene *scene, size_t layer, const struct heat_mask *mask,
                         struct heat_canvas **out)
{
    assert(layer < scene->layer_count);
    struct heat_sieve sieve;
    struct heat_bounds bounds;
    enum err r = heat_sieve_of(scene, layer, mask, &sieve);
    if (r == OK)
        r = find_bounds(&scene->grid, &bounds);
    if (r != OK)
        return r;
    struct arena own = {0};
    struct heat_canvas *canvas = ARENA_NEW(&own, struct heat_canvas);
    *canvas = (struct heat_canvas){
        .own = own, .scene = scene, .layer = layer, .mask = *mask, .bounds = bounds};
    arena_init(&canvas->arena);
    pthread_mutex_init(&canvas->lock, NULL);
    pthread_mutex_init(&canvas->prepare_lock, NULL);
    plan_levels(canvas);
    *out = canvas;
    return OK;
}

void heat_canvas_free(struct heat_canvas *canvas)
{
    if (!canvas)
        return;
    for (struct heat_brush *brush = canvas->idle, *next; brush; brush = next) {
        next = brush->next;
        brush_free(brush);
    }
    pthread_mutex_destroy(&canvas->lock);
    pthread_mutex_destroy(&canvas->prepare_lock);
    arena_release(&canvas->arena);
    struct arena own = canvas->own;
    arena_release(&own);
}
