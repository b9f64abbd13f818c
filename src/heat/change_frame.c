#include "heat/change_inside.h"

#include "base/clock.h"

#include <math.h>

static int64_t day_of_year(int64_t date)
{
    int year, month, day;
    date_from_days(date, &year, &month, &day);
    return date - date_to_days(year, 1, 1);
}

/* Days of the year that two days are apart, going either way round. */
static int64_t days_apart(int64_t a, int64_t b)
{
    int64_t apart = day_of_year(a) - day_of_year(b);
    apart = apart < 0 ? -apart : apart;
    return apart < 183 ? apart : 365 - apart;
}

static bool in_period(struct heat_period period, int64_t date)
{
    return date >= period.from && date <= period.to;
}

static int64_t apart_from_period(struct heat_period period, int64_t date)
{
    if (period.to - period.from >= 365)
        return 0;
    int64_t length = period.to - period.from, least = INT64_MAX;
    for (int64_t day = 0; day <= length; day++) {
        int64_t apart = days_apart(period.from + day, date);
        least = apart < least ? apart : least;
    }
    return least;
}

static bool in_baseline(const struct heat_change_ask *ask, int64_t date)
{
    if (ask->baseline.from != HEAT_NO_DATE)
        return in_period(ask->baseline, date);
    return date < ask->period.from - 183 &&
           apart_from_period(ask->period, date) <= ask->season_days;
}

static enum err check_ask(const struct heat_change_ask *ask)
{
    struct heat_period p = ask->period, b = ask->baseline;
    if (p.from == HEAT_NO_DATE || p.to < p.from || p.to - p.from > 36525)
        return err_refuse(ERR_INVALID, "heat.period", "the period has no days");
    if (b.from == HEAT_NO_DATE)
        return OK;
    if (b.to < b.from)
        return err_refuse(ERR_INVALID, "heat.period", "the baseline has no days");
    return b.from <= p.to && p.from <= b.to
               ? err_refuse(ERR_INVALID, "heat.period", "the baseline and the period overlap")
               : OK;
}

enum err change_pick(struct change_work *work, const struct heat_view *views, size_t count)
{
    enum { SEASON_SLACK = 20 };
    const struct heat_change_ask *ask = work->ask;
    enum err r = check_ask(ask);
    if (r != OK)
        return r;
    work->views = ARENA_ARRAY(work->arena, count, struct change_view);
    work->frame->same_season = true;
    for (size_t i = 0; i < count; i++) {
        const struct heat_layer *layer = &views[i].scene->layers[views[i].layer];
        if (layer->date == HEAT_NO_DATE || layer->light != ask->light)
            continue;
        bool now = in_period(ask->period, layer->date);
        if (!now && !in_baseline(ask, layer->date))
            continue;
        work->views[work->view_count++] =
            (struct change_view){.given = views[i], .number = i, .in_period = now};
        if (now)
            work->frame->period_views++;
        else
            work->frame->baseline_views++;
        if (!now && apart_from_period(ask->period, layer->date) > SEASON_SLACK)
            work->frame->same_season = false;
    }
    return OK;
}

/* Whole pixels that `grid` lies right of and below the first one. */
static bool shift_of(const struct heat_grid *first, const struct heat_grid *grid, int32_t *dx,
                     int32_t *dy)
{
    const double *a = first->transform, *b = grid->transform;
    *dx = *dy = 0;
    if (hash_equal(&first->id, &grid->id))
        return true;
    double step = fmax(fabs(a[1]), fabs(a[5]));
    for (int i = 1; i < 6; i++)
        if (i != 3 && fabs(a[i] - b[i]) > 1e-9 * step)
            return false;
    if (a[2] != 0 || a[4] != 0 || !str_equal(first->projection, grid->projection))
        return false;
    double x = (b[0] - a[0]) / a[1], y = (b[3] - a[3]) / a[5];
    *dx = (int32_t)lround(x);
    *dy = (int32_t)lround(y);
    return fabs(x - *dx) < 0.01 && fabs(y - *dy) < 0.01;
}

enum err change_align(struct change_work *work)
{
    const struct heat_grid *first = &work->views[0].given.scene->grid;
    for (size_t i = 0; i < work->view_count; i++) {
        struct change_view *view = &work->views[i];
        const struct heat_scene *scene = view->given.scene;
        if (!shift_of(first, &scene->grid, &view->dx, &view->dy))
            return err_refuse(ERR_INVALID, "heat.grids",
                              "%.*s lies on other pixels than %.*s: views can be compared only on "
                              "one raster",
                              STR_ARG(scene->product),
                              STR_ARG(work->views[0].given.scene->product));
    }
    return OK;
}

/* What the zones touch, and the ring around it. */
enum err change_window(struct change_work *work)
{
    const struct heat_grid *grid = &work->views[0].given.scene->grid;
    int32_t left = INT32_MAX, top = INT32_MAX, right = -1, bottom = -1;
    for (size_t z = 0; z < work->zone_count; z++)
        for (size_t i = 0; i < work->zones[z].span_count; i++) {
            const struct heat_span *span = &work->zones[z].spans[i];
            left = span->x < left ? span->x : left;
            top = span->y < top ? span->y : top;
            right = span->x + span->count > right ? span->x + span->count : right;
            bottom = span->y >= bottom ? span->y + 1 : bottom;
        }
    if (right < 0)
        return OK; /* No zone lies on the grid: nothing is looked at. */
    int32_t far = work->far;
    left = left > far ? left - far : 0;
    top = top > far ? top - far : 0;
    right = grid->width - right > far ? right + far : grid->width;
    bottom = grid->height - bottom > far ? bottom + far : grid->height;
    work->window = (struct heat_window){left, top, right - left, bottom - top};
    work->pixels = (size_t)work->window.width * (size_t)work->window.height;
    if (work->pixels > LIMIT_HEAT_RING)
        return err_refuse(
            ERR_LIMIT, "heat.ring",
            "the zones and the ring around them take %zu pixels, more than %d: choose "
            "a smaller ring or fewer zones",
            work->pixels, LIMIT_HEAT_RING);
    for (size_t z = 0; z < work->zone_count; z++)
        for (size_t i = 0; i < work->zones[z].span_count; i++) {
            work->zones[z].spans[i].x -= left;
            work->zones[z].spans[i].y -= top;
        }
    return OK;
}

/* Chessboard distance in pixels from the nearest zone, at most 65535, in two passes. */
static void measure(const struct change_work *work, uint16_t *distance)
{
    int32_t width = work->window.width, height = work->window.height;
    for (int pass = 0; pass < 2; pass++)
        for (int32_t j = 0; j < height; j++)
            for (int32_t i = 0; i < width; i++) {
                int32_t x = pass ? width - 1 - i : i, y = pass ? height - 1 - j : j;
                int32_t back = pass ? 1 : -1;
                uint16_t *at = &distance[(size_t)y * (size_t)width + (size_t)x], least = *at;
                for (int32_t k = 0; k < 4; k++) {
                    static const int8_t STEP[4][2] = {{1, 0}, {0, 1}, {1, 1}, {-1, 1}};
                    int32_t nx = x + back * STEP[k][0], ny = y + back * STEP[k][1];
                    if (nx < 0 || ny < 0 || nx >= width || ny >= height)
                        continue;
                    uint16_t near = distance[(size_t)ny * (size_t)width + (size_t)nx];
                    if (near < UINT16_MAX && near + 1 < least)
                        least = (uint16_t)(near + 1);
                }
                *at = least;
            }
}

void change_ring(struct change_work *work)
{
    uint16_t *distance = ARENA_ARRAY(work->arena, work->pixels, uint16_t);
    memset(distance, 0xff, work->pixels * sizeof(*distance));
    for (size_t z = 0; z < work->zone_count; z++)
        for (size_t i = 0; i < work->zones[z].span_count; i++) {
            const struct heat_span *span = &work->zones[z].spans[i];
            memset(&distance[change_at(work, span->x, span->y)], 0,
                   (size_t)span->count * sizeof(*distance));
        }
    measure(work, distance);
    work->ring = ARENA_ARRAY(work->arena, work->pixels, bool);
    for (size_t p = 0; p < work->pixels; p++)
        work->ring[p] = distance[p] > work->near && distance[p] <= work->far;
}
