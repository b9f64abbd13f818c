/* Frames: where on earth a picture lies, and the XYZ tiles. */
#include "heat/picture_inside.h"

#include <math.h>

static const double EQUATOR_M = 2 * M_PI * 6378137;

double heat_mercator_y(double latitude)
{
    return (1 - asinh(tan(latitude * M_PI / 180)) / M_PI) / 2;
}

double heat_mercator_latitude(double y)
{
    return atan(sinh((1 - 2 * y) * M_PI)) * 180 / M_PI;
}

enum err heat_frame_check(const struct heat_frame *frame)
{
    const struct heat_bounds *b = &frame->bounds;
    double most = frame->plane == HEAT_MERCATOR ? heat_mercator_latitude(0) + 1e-9 : 90;
    bool good = frame->plane < HEAT_PLANE_COUNT && b->west >= -180 && b->west <= 180 &&
                b->east > b->west && b->east <= b->west + 360 && b->south >= -most &&
                b->north > b->south && b->north <= most;
    if (!good)
        return err_refuse(ERR_RANGE, "heat.picture",
                          "west %g, south %g, east %g, north %g are no bounds of a picture",
                          b->west, b->south, b->east, b->north);
    if (frame->width < 1 || frame->height < 1)
        return err_refuse(ERR_RANGE, "heat.picture", "a picture has at least one pixel");
    if (frame->width > HEAT_PICTURE_SIDE_MAX || frame->height > HEAT_PICTURE_SIDE_MAX ||
        (int64_t)frame->width * frame->height > HEAT_PICTURE_PIXELS_MAX)
        return err_refuse(ERR_LIMIT, "heat.too-large",
                          "a picture of %d × %d pixels: at most %d on a side and %d in all",
                          frame->width, frame->height, HEAT_PICTURE_SIDE_MAX,
                          HEAT_PICTURE_PIXELS_MAX);
    return OK;
}

enum err heat_frame_within(const struct heat_canvas *canvas, enum heat_plane plane,
                           const struct heat_bounds *bounds, int32_t side_max,
                           struct heat_frame *out)
{
    struct heat_frame frame = {.plane = plane, .bounds = *bounds, .width = 1, .height = 1};
    enum err r = heat_frame_check(&frame);
    if (r != OK)
        return r;
    if (side_max < 1 || side_max > HEAT_PICTURE_SIDE_MAX)
        return err_refuse(ERR_RANGE, "heat.picture", "the longest side is 1 to %d pixels",
                          HEAT_PICTURE_SIDE_MAX);
    double middle = cos((bounds->south + bounds->north) / 2 * M_PI / 180);
    double wide = (bounds->east - bounds->west) / 360 * middle;
    double high = (bounds->north - bounds->south) / 360;
    if (plane == HEAT_MERCATOR) /* There a metre is the same in both directions. */
        high = (heat_mercator_y(bounds->south) - heat_mercator_y(bounds->north)) * middle;
    else
        wide /= middle; /* Degrees are of one size, and pixels square in them. */
    double pixels = EQUATOR_M / canvas->scene->grid.pixel_m;
    double longest = fmax(wide, high) * pixels;
    double by_area = sqrt(HEAT_PICTURE_PIXELS_MAX / (wide * high)) / pixels;
    double reduce = fmin(1, fmin(side_max / longest, by_area));
    frame.width = (int32_t)fmax(1, floor(wide * pixels * reduce + 1e-6));
    frame.height = (int32_t)fmax(1, floor(high * pixels * reduce + 1e-6));
    r = heat_frame_check(&frame);
    if (r == OK)
        *out = frame;
    return r;
}

enum err heat_frame_fit(const struct heat_canvas *canvas, enum heat_plane plane, int32_t side_max,
                        struct heat_frame *out)
{
    struct heat_bounds b = canvas->bounds;
    double most = plane == HEAT_MERCATOR ? heat_mercator_latitude(0) : 90;
    b.south = fmax(b.south, -most);
    b.north = fmin(b.north, most);
    if (!(b.south < b.north))
        return err_refuse(ERR_INVALID, "heat.picture",
                          "the scene lies beyond the latitudes that web maps show");
    return heat_frame_within(canvas, plane, &b, side_max, out);
}

static enum err check_zoom(int z)
{
    if (z < 0 || z > HEAT_ZOOM_MAX)
        return err_refuse(ERR_RANGE, "heat.tile", "zoom %d: 0 to %d", z, HEAT_ZOOM_MAX);
    return OK;
}

enum err heat_frame_tile(int z, int64_t x, int64_t y, struct heat_frame *out)
{
    enum err r = check_zoom(z);
    if (r != OK)
        return r;
    int64_t side = INT64_C(1) << z;
    if (x < 0 || y < 0 || x >= side || y >= side)
        return err_refuse(ERR_RANGE, "heat.tile",
                          "zoom %d has no tile %" PRId64 ", %" PRId64 ": 0 to %" PRId64, z, x, y,
                          side - 1);
    double n = (double)side;
    *out = (struct heat_frame){.plane = HEAT_MERCATOR,
                               .bounds = {.west = (double)x / n * 360 - 180,
                                          .east = (double)(x + 1) / n * 360 - 180,
                                          .north = heat_mercator_latitude((double)y / n),
                                          .south = heat_mercator_latitude((double)(y + 1) / n)},
                               .width = HEAT_TILE_SIDE,
                               .height = HEAT_TILE_SIDE};
    return OK;
}

static int64_t clip(double at, double least, double most)
{
    return (int64_t)fmax(least, fmin(most, at));
}

enum err heat_tile_range(const struct heat_canvas *canvas, int z, int64_t *x0, int64_t *y0,
                         int64_t *x1, int64_t *y1)
{
    enum err r = check_zoom(z);
    if (r != OK)
        return r;
    const struct heat_bounds *b = &canvas->bounds;
    double n = (double)(INT64_C(1) << z), most = heat_mercator_latitude(0);
    double left = (b->west + 180) / 360 * n, right = (b->east + 180) / 360 * n;
    *x0 = clip(floor(left), 0, n);
    *x1 = clip(ceil(right) - 1, (double)*x0, (double)*x0 + n - 1);
    *y0 = clip(floor(heat_mercator_y(fmin(b->north, most)) * n), 0, n - 1);
    *y1 = clip(ceil(heat_mercator_y(fmax(b->south, -most)) * n) - 1, (double)*y0, n - 1);
    return OK;
}

enum err heat_tile_png(struct heat_canvas *canvas, int z, int64_t x, int64_t y,
                       const struct heat_drawing *drawing, bool *empty, struct buf *out)
{
    struct heat_frame frame;
    enum err r = heat_frame_tile(z, x, y, &frame);
    return r == OK ? heat_draw(canvas, &frame, drawing, empty, out) : r;
}
