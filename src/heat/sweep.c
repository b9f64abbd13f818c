#include "heat/cover.h"

#include <math.h>
#include <stdlib.h>

/* What an edge leaves in a cell: height crossed, and the area right of it inside the cell. */
struct cover_cell {
    int32_t x, y;
    double height, area;
};

/* Sums of heights that should be 0 or 1 miss it by some 1e-16 per edge. */
static const double NOISE = 1e-12;

struct sweep {
    struct cover_work *work;
    double width, rows;
};

void cover_work_release(struct cover_work *work)
{
    arena_release(&work->arena);
    *work = (struct cover_work){0};
}

static inline void add_cell(struct cover_work *work, int32_t x, int32_t y, double height,
                            double area)
{
    if (work->cell_count == work->cell_capacity)
        work->cells = arena_grow(&work->arena, work->cells, work->cell_count, &work->cell_capacity,
                                 sizeof(*work->cells));
    work->cells[work->cell_count++] = (struct cover_cell){x, y, height, area};
    work->rows[y]++;
}

/* The C library's ask after NAN, and are calls. */
static inline double least_of(double a, double b)
{
    return a < b ? a : b;
}

static inline double most_of(double a, double b)
{
    return a > b ? a : b;
}

/* Part of an edge inside one row: x from `a` to `b`, neither negative, `height` signed. */
static inline void cross_cells(struct sweep *sweep, int32_t y, double a, double b, double height)
{
    double low = least_of(a, b), high = most_of(a, b);
    int32_t last = (int32_t)sweep->width - 1, first = (int32_t)low, end = (int32_t)high;
    first = first < last ? first : last;
    end = end < last ? end : last;
    if (first == end) {
        add_cell(sweep->work, first, y, height, height * (1 - ((a + b) / 2 - first)));
        return;
    }
    double slope = height / (high - low), part = slope * (first + 1 - low), left = height - part;
    add_cell(sweep->work, first, y, part, part * (1 - ((low + (first + 1)) / 2 - first)));
    for (int32_t x = first + 1; x < end; x++, left -= slope)
        add_cell(sweep->work, x, y, slope, slope / 2);
    add_cell(sweep->work, end, y, left, left * (1 - ((end + high) / 2 - end)));
}

static void cross_rows(struct sweep *sweep, double xa, double ya, double xb, double yb, double sign)
{
    double slope = (xb - xa) / (yb - ya), least = least_of(xa, xb), most = most_of(xa, xb);
    double x = xa, y = ya;
    for (int32_t row = (int32_t)ya; y < yb; row++) {
        double next = least_of(row + 1, yb);
        double to = next == yb ? xb : least_of(most_of(xa + (next - ya) * slope, least), most);
        if (row < (int32_t)sweep->rows)
            cross_cells(sweep, row, x, to, sign * (next - y));
        x = to;
        y = next;
    }
}

/* ya < yb, both inside the rows. What lies left of the window counts as standing on its edge; what
 * lies right of it has nothing to its right. */
static void cut_sides(struct sweep *sweep, double xa, double ya, double xb, double yb, double sign)
{
    double width = sweep->width;
    if (yb <= ya || (xa >= width && xb >= width))
        return;
    if (xa <= 0 && xb <= 0) {
        cross_rows(sweep, 0, ya, 0, yb, sign);
        return;
    }
    double least = least_of(xa, xb), wall = least < 0 ? 0 : width;
    if (least < wall && most_of(xa, xb) > wall) {
        double y = least_of(most_of(ya + (wall - xa) * ((yb - ya) / (xb - xa)), ya), yb);
        cut_sides(sweep, xa, ya, wall, y, sign);
        cut_sides(sweep, wall, y, xb, yb, sign);
        return;
    }
    cross_rows(sweep, xa, ya, xb, yb, sign);
}

static void add_edge(struct sweep *sweep, const double *a, const double *b,
                     struct heat_window window, double sign)
{
    if (a[1] > b[1]) {
        const double *swap = a;
        a = b;
        b = swap;
        sign = -sign;
    }
    double xa = a[0] - window.x, ya = a[1] - window.y, xb = b[0] - window.x, yb = b[1] - window.y;
    if (yb <= 0 || ya >= sweep->rows || ya == yb)
        return;
    double slope = (xb - xa) / (yb - ya);
    if (ya < 0) {
        xa -= ya * slope;
        ya = 0;
    }
    if (yb > sweep->rows) {
        xb = xa + (sweep->rows - ya) * slope;
        yb = sweep->rows;
    }
    cut_sides(sweep, xa, ya, xb, yb, sign);
}

static int by_column(const void *a, const void *b)
{
    int32_t x = ((const struct cover_cell *)a)->x, y = ((const struct cover_cell *)b)->x;
    return (x > y) - (x < y);
}

/* Equal columns may come in any order: their sum differs by rounding only, but it must not differ
 * from run to run, so the order is the edges'. */
static void sort_row(struct cover_cell *cells, size_t count)
{
    if (count > 64) {
        bool sorted = true;
        for (size_t i = 1; sorted && i < count; i++)
            sorted = cells[i - 1].x <= cells[i].x;
        if (!sorted)
            qsort(cells, count, sizeof(*cells), by_column);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        struct cover_cell cell = cells[i];
        size_t at = i;
        for (; at > 0 && cells[at - 1].x > cell.x; at--)
            cells[at] = cells[at - 1];
        cells[at] = cell;
    }
}

/* There is room for it. */
static inline void add_run(struct cover_work *work, int32_t y, int32_t x, int32_t count,
                           double share)
{
    if (share <= NOISE)
        return;
    if (share > 1 - NOISE)
        share = 1;
    struct cover_run *next = &work->runs[work->run_count], *last = next - 1;
    if (work->run_count > 0 && last->share == share && last->y == y && last->x + last->count == x) {
        last->count = (uint16_t)(last->count + count);
        return;
    }
    *next = (struct cover_run){
        .x = (uint16_t)x, .y = (uint16_t)y, .count = (uint16_t)count, .share = share};
    work->run_count++;
}

static void sum_row(struct cover_work *work, const struct cover_cell *cells, size_t count,
                    int32_t y, int32_t width)
{
    double behind = 0; /* Share of the cells right of what was summed so far. */
    int32_t x = 0;
    while (work->run_capacity < work->run_count + 2 * count + 1)
        work->runs = arena_grow(&work->arena, work->runs, work->run_capacity, &work->run_capacity,
                                sizeof(*work->runs));
    for (size_t i = 0; i < count;) {
        int32_t column = cells[i].x;
        double height = 0, area = 0;
        for (; i < count && cells[i].x == column; i++) {
            height += cells[i].height;
            area += cells[i].area;
        }
        if (column > x)
            add_run(work, y, x, column - x, behind);
        add_run(work, y, column, 1, behind + area);
        behind += height;
        x = column + 1;
    }
    if (width > x)
        add_run(work, y, x, width - x, behind);
}

static void by_rows(struct cover_work *work, int32_t top, int32_t bottom)
{
    uint32_t at = 0;
    for (int32_t y = top; y < bottom; y++) {
        uint32_t count = work->rows[y];
        work->rows[y] = at;
        at += count;
    }
    if (work->cell_count > work->sorted_capacity) {
        work->sorted_capacity = work->cell_capacity;
        work->sorted = ARENA_ARRAY(&work->arena, work->sorted_capacity, struct cover_cell);
    }
    for (size_t i = 0; i < work->cell_count; i++)
        work->sorted[work->rows[work->cells[i].y]++] = work->cells[i];
}

void cover_sweep(struct cover_work *work, const struct cover_zone *zone, struct heat_window window)
{
    if (!work->rows)
        work->rows = ARENA_ARRAY(&work->arena, TILE_SIDE_MAX, uint32_t);
    assert(window.height <= TILE_SIDE_MAX && window.width <= TILE_SIDE_MAX);
    work->cell_count = work->run_count = 0;
    /* Most zones are much lower than the window: only their own rows are looked at. */
    int32_t top = (int32_t)fmin(fmax(floor(zone->top - window.y), 0), window.height);
    int32_t bottom = (int32_t)fmin(fmax(ceil(zone->bottom - window.y), 0), window.height);
    if (top >= bottom)
        return;
    memset(&work->rows[top], 0, (size_t)(bottom - top) * sizeof(*work->rows));
    struct sweep sweep = {work, window.width, window.height};
    for (size_t r = 0; r < zone->ring_count; r++) {
        const struct cover_ring *ring = &zone->rings[r];
        for (size_t i = 0, last = ring->count - 1; i < ring->count; last = i++)
            add_edge(&sweep, &ring->xy[2 * last], &ring->xy[2 * i], window, ring->sign);
    }
    by_rows(work, top, bottom);
    uint32_t begin = 0;
    for (int32_t y = top; y < bottom; y++) {
        uint32_t end = work->rows[y]; /* by_rows left each row's end here. */
        if (end > begin) {
            sort_row(&work->sorted[begin], end - begin);
            sum_row(work, &work->sorted[begin], end - begin, y, window.width);
        }
        begin = end;
    }
}
