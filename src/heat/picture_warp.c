/* Kelvin under each pixel of a picture. */
#include "heat/picture_inside.h"

#include <math.h>

static const double TOLERANCE = 1.0 / 16;

enum {
    EXACT_SIDE = 4, /* Cells this small are placed pixel by pixel. */
    CELL_PIXELS = HEAT_CELL * HEAT_CELL,
};

/* A frame as its plane has it. */
struct plane {
    enum heat_plane kind;
    double left, top, step_x, step_y; /* Of a pixel. */
};

struct warp {
    struct heat_canvas *canvas;
    struct heat_brush *brush;
    struct plane plane;
    double tolerance; /* Pixels of the scene. */
    int level;        /* The reduced copy to take pixels from; -1: the file. */
    bool smooth;
    int32_t x, y, width, height;                  /* The cell in the picture. */
    double column[CELL_PIXELS], row[CELL_PIXELS]; /* Of each of its pixels; NAN outside. */
};

static struct plane plane_of(const struct heat_frame *frame)
{
    const struct heat_bounds *b = &frame->bounds;
    struct plane plane = {.kind = frame->plane, .left = b->west, .top = b->north};
    double bottom = b->south;
    if (frame->plane == HEAT_MERCATOR) {
        plane.top = heat_mercator_y(b->north);
        bottom = heat_mercator_y(b->south);
    }
    plane.step_x = (b->east - b->west) / frame->width;
    plane.step_y = (bottom - plane.top) / frame->height;
    return plane;
}

static double latitude_at(const struct plane *plane, double y)
{
    double at = plane->top + y * plane->step_y;
    return plane->kind == HEAT_MERCATOR ? heat_mercator_latitude(at) : at;
}

/* Longitudes nearest to the middle of the bounds. */
static double near_middle(const struct heat_bounds *bounds, double longitude)
{
    double middle = (bounds->west + bounds->east) / 2;
    return longitude - 360 * round((longitude - middle) / 360);
}

/* Far from the image a projection may fold back onto it: what lies outside the bounds and a margin
 * has no place. */
static bool near_image(const struct heat_bounds *b, double longitude, double latitude)
{
    double wide = b->east - b->west + 1e-6, high = b->north - b->south + 1e-6;
    return longitude >= b->west - wide && longitude <= b->east + wide &&
           latitude >= b->south - high && latitude <= b->north + high;
}

void heat_place(const struct heat_canvas *canvas, const struct heat_brush *brush, size_t count,
                double *x, double *y)
{
    const struct heat_grid *grid = &canvas->scene->grid;
    const double *t = grid->transform;
    double det = t[1] * t[5] - t[2] * t[4];
    for (size_t i = 0; i < count; i++) {
        x[i] = near_middle(&canvas->bounds, x[i]);
        if (!near_image(&canvas->bounds, x[i], y[i]))
            x[i] = y[i] = NAN;
        else if (brush->way) /* A projection wants them inside its own turn. */
            x[i] -= 360 * floor((x[i] + 180) / 360);
    }
    if (brush->way)
        (void)gdal.OCTTransform(brush->way, (int)count, x, y, NULL); /* Failures are infinite. */
    double middle = t[0] + grid->width / 2.0 * t[1];
    for (size_t i = 0; i < count; i++) {
        double px = x[i], py = y[i];
        if (grid->geographic)
            px -= 360 * round((px - middle) / 360);
        double dx = px - t[0], dy = py - t[3];
        double column = (dx * t[5] - dy * t[2]) / det, row = (dy * t[1] - dx * t[4]) / det;
        bool good = isfinite(column) && isfinite(row) && fabs(column) < 1e9 && fabs(row) < 1e9;
        x[i] = good ? column : NAN;
        y[i] = good ? row : NAN;
    }
}

/* ---- places of a cell's pixels ------------------------------------------------------------- */

struct corner {
    double column, row;
};

/* Places of points of the picture (pixels from its corner; middles are at a half). */
static void place_points(const struct warp *warp, size_t count, const double (*at)[2],
                         struct corner *out)
{
    double x[EXACT_SIDE * EXACT_SIDE], y[EXACT_SIDE * EXACT_SIDE];
    assert(count <= COUNT_OF(x));
    for (size_t i = 0; i < count; i++) {
        x[i] = warp->plane.left + at[i][0] * warp->plane.step_x;
        y[i] = latitude_at(&warp->plane, at[i][1]);
    }
    heat_place(warp->canvas, warp->brush, count, x, y);
    for (size_t i = 0; i < count; i++)
        out[i] = (struct corner){x[i], y[i]};
}

/* A part of the cell: its pixels' middles from (x0, y0) to (x1, y1), all included. */
struct part {
    int32_t x0, y0, x1, y1;
    struct corner nw, ne, sw, se; /* Places of the four outermost pixels. */
};

static void put(struct warp *warp, int32_t x, int32_t y, struct corner at)
{
    size_t i = (size_t)(y - warp->y) * HEAT_CELL + (size_t)(x - warp->x);
    warp->column[i] = at.column;
    warp->row[i] = at.row;
}

static void place_exactly(struct warp *warp, const struct part *part)
{
    double at[EXACT_SIDE * EXACT_SIDE][2];
    struct corner out[EXACT_SIDE * EXACT_SIDE];
    size_t count = 0;
    for (int32_t y = part->y0; y <= part->y1; y++)
        for (int32_t x = part->x0; x <= part->x1; x++, count++) {
            at[count][0] = x + 0.5;
            at[count][1] = y + 0.5;
        }
    place_points(warp, count, (const double(*)[2])at, out);
    count = 0;
    for (int32_t y = part->y0; y <= part->y1; y++)
        for (int32_t x = part->x0; x <= part->x1; x++)
            put(warp, x, y, out[count++]);
}

static struct corner between(struct corner a, struct corner b, double share)
{
    return (struct corner){a.column + (b.column - a.column) * share,
                           a.row + (b.row - a.row) * share};
}

static void place_evenly(struct warp *warp, const struct part *part)
{
    double wide = part->x1 - part->x0, high = part->y1 - part->y0;
    for (int32_t y = part->y0; y <= part->y1; y++) {
        double down = (y - part->y0) / high;
        struct corner west = between(part->nw, part->sw, down);
        struct corner east = between(part->ne, part->se, down);
        for (int32_t x = part->x0; x <= part->x1; x++)
            put(warp, x, y, between(west, east, (x - part->x0) / wide));
    }
}

/* Whether no pixel of the part can lie on the image: both planes keep degrees in order. */
static bool part_is_outside(const struct warp *warp, const struct part *part)
{
    const struct heat_bounds *b = &warp->canvas->bounds;
    double north = latitude_at(&warp->plane, part->y0), south;
    south = latitude_at(&warp->plane, part->y1 + 1);
    if (north < b->south || south > b->north)
        return true;
    double west = warp->plane.left + part->x0 * warp->plane.step_x;
    double east = warp->plane.left + (part->x1 + 1) * warp->plane.step_x;
    for (int turn = -2; turn <= 2; turn++)
        if (west + 360 * turn <= b->east && east + 360 * turn >= b->west)
            return false;
    return true;
}

static bool is_near(const struct warp *warp, struct corner exact, struct corner a, struct corner b)
{
    struct corner even = between(a, b, 0.5);
    /* False for NAN too. */
    return fabs(exact.column - even.column) <= warp->tolerance &&
           fabs(exact.row - even.row) <= warp->tolerance;
}

static bool is_even(const struct warp *warp, const struct part *part)
{
    double west = part->x0 + 0.5, east = part->x1 + 0.5, north = part->y0 + 0.5,
           south = part->y1 + 0.5;
    double middle_x = (west + east) / 2, middle_y = (north + south) / 2;
    /* Edges, for on a conformal plane the errors of both directions cancel in the middle. */
    const double at[][2] = {{middle_x, north},
                            {middle_x, south},
                            {west, middle_y},
                            {east, middle_y},
                            {middle_x, middle_y}};
    struct corner exact[COUNT_OF(at)];
    place_points(warp, COUNT_OF(at), at, exact);
    struct corner top = between(part->nw, part->ne, 0.5);
    struct corner bottom = between(part->sw, part->se, 0.5);
    return is_near(warp, exact[0], part->nw, part->ne) &&
           is_near(warp, exact[1], part->sw, part->se) &&
           is_near(warp, exact[2], part->nw, part->sw) &&
           is_near(warp, exact[3], part->ne, part->se) && is_near(warp, exact[4], top, bottom);
}

/* Places the pixels of a part of the cell: evenly between its corners if that is right to the
 * tolerance, else part by part. */
static void place_part(struct warp *warp, int32_t x0, int32_t y0, int32_t x1, int32_t y1)
{
    struct part part = {.x0 = x0, .y0 = y0, .x1 = x1, .y1 = y1};
    if (part_is_outside(warp, &part))
        return; /* The cell is NAN from the start. */
    if (x1 - x0 < EXACT_SIDE && y1 - y0 < EXACT_SIDE) {
        place_exactly(warp, &part);
        return;
    }
    int32_t x = x0 + (x1 - x0) / 2, y = y0 + (y1 - y0) / 2;
    if (x1 - x0 > 0 && y1 - y0 > 0) {
        const double at[][2] = {
            {x0 + 0.5, y0 + 0.5}, {x1 + 0.5, y0 + 0.5}, {x0 + 0.5, y1 + 0.5}, {x1 + 0.5, y1 + 0.5}};
        struct corner corners[COUNT_OF(at)];
        place_points(warp, COUNT_OF(at), at, corners);
        part.nw = corners[0];
        part.ne = corners[1];
        part.sw = corners[2];
        part.se = corners[3];
        if (is_even(warp, &part)) {
            place_evenly(warp, &part);
            return;
        }
    }
    place_part(warp, x0, y0, x, y);
    if (x < x1)
        place_part(warp, x + 1, y0, x1, y);
    if (y < y1)
        place_part(warp, x0, y + 1, x, y1);
    if (x < x1 && y < y1)
        place_part(warp, x + 1, y + 1, x1, y1);
}

/* ---- pixels ------------------------------------------------------------------------------- */

/* Pixels to pick from: a window of the file, or a level of the reduced copy. */
struct source {
    int level;
    int32_t x, y, width, height;
    const float *kelvin;
    const uint8_t *reason;
};

static bool on_grid(const struct heat_grid *grid, double column, double row)
{
    return column >= 0 && row >= 0 && column < grid->width && row < grid->height;
}

/* The window of the file that the cell needs, a pixel wider for smoothing; false: none. */
static bool window_of(const struct warp *warp, struct heat_window *out)
{
    const struct heat_grid *grid = &warp->canvas->scene->grid;
    double left = INFINITY, right = -INFINITY, top = INFINITY, bottom = -INFINITY;
    for (size_t i = 0; i < CELL_PIXELS; i++) {
        if (!on_grid(grid, warp->column[i], warp->row[i]))
            continue;
        left = fmin(left, warp->column[i]);
        right = fmax(right, warp->column[i]);
        top = fmin(top, warp->row[i]);
        bottom = fmax(bottom, warp->row[i]);
    }
    if (!(left <= right))
        return false;
    int32_t x0 = (int32_t)left, y0 = (int32_t)top, x1 = (int32_t)right, y1 = (int32_t)bottom;
    x0 -= x0 > 0;
    y0 -= y0 > 0;
    x1 += x1 + 1 < grid->width;
    y1 += y1 + 1 < grid->height;
    *out = (struct heat_window){x0, y0, x1 - x0 + 1, y1 - y0 + 1};
    return true;
}

static enum err source_from_level(const struct warp *warp, int level, struct source *out)
{
    enum err r = OK;
    if (!atomic_load(&warp->canvas->prepared))
        r = heat_canvas_prepare(warp->canvas, NULL, NULL);
    if (r != OK)
        return r;
    const struct heat_level *from = &warp->canvas->levels[level];
    *out = (struct source){level, 0, 0, from->width, from->height, from->kelvin, from->reason};
    return OK;
}

static enum err find_source(const struct warp *warp, struct heat_window w, struct source *out)
{
    if (warp->level >= 0)
        return source_from_level(warp, warp->level, out);
    if ((int64_t)w.width * w.height > HEAT_READ_PIXELS)
        return source_from_level(warp, warp->canvas->first_level, out);
    enum err r = heat_brush_read(warp->canvas, warp->brush, w);
    if (r == OK)
        *out = (struct source){
            0, w.x, w.y, w.width, w.height, warp->brush->block.kelvin, warp->brush->block.reason};
    return r;
}

/* Between the clear ones of the four pixels around; the place itself lies on a clear one. */
static double smooth_at(const struct source *from, double column, double row)
{
    double x = column - from->x - 0.5, y = row - from->y - 0.5;
    double left = floor(x), top = floor(y), sum = 0, weight = 0;
    for (int i = 0; i < 4; i++) {
        int32_t px = (int32_t)left + (i & 1), py = (int32_t)top + (i >> 1);
        if (px < 0 || py < 0 || px >= from->width || py >= from->height)
            continue;
        size_t at = (size_t)py * (size_t)from->width + (size_t)px;
        double share = (1 - fabs(x - px)) * (1 - fabs(y - py));
        if (from->reason[at] != HEAT_CLEAR || share <= 0)
            continue;
        sum += share * (double)from->kelvin[at];
        weight += share;
    }
    assert(weight > 0);
    return sum / weight;
}

static void pick(const struct warp *warp, const struct source *from, size_t i, float *kelvin,
                 uint8_t *reason)
{
    double column = warp->column[i], row = warp->row[i];
    *kelvin = NAN;
    *reason = HEAT_FILL;
    if (!on_grid(&warp->canvas->scene->grid, column, row))
        return;
    int32_t x = ((int32_t)column >> from->level) - from->x;
    int32_t y = ((int32_t)row >> from->level) - from->y;
    assert(x >= 0 && y >= 0 && x < from->width && y < from->height);
    size_t at = (size_t)y * (size_t)from->width + (size_t)x;
    *reason = from->reason[at];
    if (*reason == HEAT_CLEAR)
        *kelvin = warp->smooth && from->level == 0 ? (float)smooth_at(from, column, row)
                                                   : from->kelvin[at];
}

static enum err do_cell(struct warp *warp, int32_t stride, float *kelvin, uint8_t *reason)
{
    for (size_t i = 0; i < CELL_PIXELS; i++)
        warp->column[i] = warp->row[i] = NAN;
    place_part(warp, warp->x, warp->y, warp->x + warp->width - 1, warp->y + warp->height - 1);
    struct heat_window window;
    struct source source = {0};
    if (window_of(warp, &window)) {
        enum err r = find_source(warp, window, &source);
        if (r != OK)
            return r;
    }
    for (int32_t y = 0; y < warp->height; y++)
        for (int32_t x = 0; x < warp->width; x++) {
            size_t to = (size_t)y * (size_t)stride + (size_t)x;
            pick(warp, &source, (size_t)y * HEAT_CELL + (size_t)x, &kelvin[to], &reason[to]);
        }
    return OK;
}

/* How many of the scene's pixels a picture's pixel is wide, in rows about `row`. */
static double reduction(const struct warp *warp, double row)
{
    double cosine = cos(latitude_at(&warp->plane, row) * M_PI / 180);
    double degree_m = 2 * M_PI * 6378137 / 360;
    double wide = warp->plane.step_x * degree_m * cosine, high = warp->plane.step_y;
    high = warp->plane.kind == HEAT_MERCATOR ? high * 360 * degree_m * cosine : -high * degree_m;
    return sqrt(fabs(wide * high)) / warp->canvas->scene->grid.pixel_m;
}

static void choose_level(struct warp *warp, double row)
{
    double reduce = reduction(warp, row);
    const struct heat_canvas *canvas = warp->canvas;
    int level = reduce < 2 ? 0 : (int)fmin(floor(log2(reduce)), canvas->last_level);
    if (level > canvas->first_level)
        level--; /* Twice as fine as need be costs nothing there, and lies nearer. */
    warp->level = level < canvas->first_level ? -1 : level;
    warp->tolerance = TOLERANCE * fmax(1, reduce);
}

enum err heat_warp_rows(struct heat_canvas *canvas, struct heat_brush *brush,
                        const struct heat_frame *frame, bool smooth, int32_t row, int32_t rows,
                        float *kelvin, uint8_t *reason)
{
    assert(row % HEAT_CELL == 0 && row + rows <= frame->height);
    struct warp warp = {
        .canvas = canvas, .brush = brush, .plane = plane_of(frame), .smooth = smooth};
    for (int32_t y = 0; y < rows; y += HEAT_CELL) {
        warp.y = row + y;
        warp.height = rows - y < HEAT_CELL ? rows - y : HEAT_CELL;
        choose_level(&warp, warp.y + warp.height / 2.0);
        for (int32_t x = 0; x < frame->width; x += HEAT_CELL) {
            warp.x = x;
            warp.width = frame->width - x < HEAT_CELL ? frame->width - x : HEAT_CELL;
            size_t to = (size_t)y * (size_t)frame->width + (size_t)x;
            enum err r = do_cell(&warp, frame->width, &kelvin[to], &reason[to]);
            if (r != OK)
                return r;
        }
    }
    return OK;
}

enum err heat_warp(struct heat_canvas *canvas, const struct heat_frame *frame, bool smooth,
                   struct arena *arena, struct heat_warped *out)
{
    struct heat_brush *brush;
    enum err r = heat_frame_check(frame);
    if (r == OK)
        r = heat_brush_take(canvas, &brush);
    if (r != OK)
        return r;
    size_t count = (size_t)frame->width * (size_t)frame->height;
    float *kelvin = ARENA_ARRAY(arena, count, float);
    uint8_t *reason = ARENA_ARRAY(arena, count, uint8_t);
    r = heat_warp_rows(canvas, brush, frame, smooth, 0, frame->height, kelvin, reason);
    heat_brush_give(canvas, brush);
    if (r == OK)
        *out = (struct heat_warped){frame->width, frame->height, kelvin, reason};
    return r;
}
