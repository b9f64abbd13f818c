#include "heat/cover.h"

#include <math.h>

/* A ring's edge inside the window, downwards: from (xa, ya) to (xb, yb). */
struct cover_edge {
    double xa, ya, xb, yb, slope;
    double sign;
    double x;      /* Where it enters the row. */
    uint32_t next; /* Another that begins in the same row. */
};

/* What an edge has in one row. `height` is signed. */
struct cover_piece {
    double low, high, height;
    int32_t first, last; /* Columns. */
};

/* Sums of heights that should be 0 or 1 miss it by some 1e-16 per edge. */
static const double NOISE = 1e-12;

static const uint32_t NO_EDGE = UINT32_MAX;

void cover_work_release(struct cover_work *work)
{
    arena_release(&work->arena);
    *work = (struct cover_work){0};
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

/* ---- edges -------------------------------------------------------------------------------- */

/* ya < yb, both inside the rows; 0 <= x <= the window's width. */
static void keep_edge(struct cover_work *work, double xa, double ya, double xb, double yb,
                      double sign)
{
    int32_t row = (int32_t)ya;
    struct cover_edge *edge =
        ARENA_PUSH(&work->arena, work->edges, work->edge_count, work->edge_capacity);
    *edge = (struct cover_edge){.xa = xa,
                                .ya = ya,
                                .xb = xb,
                                .yb = yb,
                                .slope = (xb - xa) / (yb - ya),
                                .sign = sign,
                                .x = xa,
                                .next = work->begins[row]};
    work->begins[row] = (uint32_t)(work->edge_count - 1);
}

/* What lies left of the window counts as standing on its edge; what lies right of it has nothing
 * to its right. */
static void cut_sides(struct cover_work *work, double width, double xa, double ya, double xb,
                      double yb, double sign)
{
    if (yb <= ya || (xa >= width && xb >= width))
        return;
    if (xa <= 0 && xb <= 0) {
        keep_edge(work, 0, ya, 0, yb, sign);
        return;
    }
    double least = least_of(xa, xb), wall = least < 0 ? 0 : width;
    if (least < wall && most_of(xa, xb) > wall) {
        double y = least_of(most_of(ya + (wall - xa) * ((yb - ya) / (xb - xa)), ya), yb);
        cut_sides(work, width, xa, ya, wall, y, sign);
        cut_sides(work, width, wall, y, xb, yb, sign);
        return;
    }
    keep_edge(work, xa, ya, xb, yb, sign);
}

static void add_edge(struct cover_work *work, const double *a, const double *b,
                     struct heat_window window, double sign)
{
    if (a[1] > b[1]) {
        const double *swap = a;
        a = b;
        b = swap;
        sign = -sign;
    }
    double xa = a[0] - window.x, ya = a[1] - window.y, xb = b[0] - window.x, yb = b[1] - window.y;
    if (yb <= 0 || ya >= window.height || ya == yb)
        return;
    double slope = (xb - xa) / (yb - ya);
    if (ya < 0) {
        xa -= ya * slope;
        ya = 0;
    }
    if (yb > window.height) {
        xb = xa + (window.height - ya) * slope;
        yb = window.height;
    }
    cut_sides(work, window.width, xa, ya, xb, yb, sign);
}

/* Those that begin in the row join the active ones, which are kept from left to right. */
static void begin_edges(struct cover_work *work, int32_t row)
{
    struct cover_edge *edges = work->edges;
    for (uint32_t e = work->begins[row]; e != NO_EDGE; e = edges[e].next) {
        size_t at = work->active_count++;
        for (; at > 0; at--) {
            const struct cover_edge *left = &edges[work->active[at - 1]];
            if (left->x < edges[e].x || (left->x == edges[e].x && left->slope <= edges[e].slope))
                break;
            work->active[at] = work->active[at - 1];
        }
        work->active[at] = e;
    }
}

/* ---- one row ------------------------------------------------------------------------------ */

static inline struct cover_piece piece_of(struct cover_edge *edge, int32_t row, int32_t last)
{
    double from = most_of(edge->ya, row), until = least_of(edge->yb, row + 1);
    double x = edge->x, to = edge->xb;
    if (until < edge->yb)
        to = least_of(
            most_of(edge->xa + (until - edge->ya) * edge->slope, least_of(edge->xa, edge->xb)),
            most_of(edge->xa, edge->xb));
    edge->x = to;
    struct cover_piece piece = {.low = least_of(x, to), .high = most_of(x, to)};
    int32_t first = (int32_t)piece.low, end = (int32_t)piece.high;
    piece.height = edge->sign * (until - from);
    piece.first = first < last ? first : last;
    piece.last = end < last ? end : last;
    return piece;
}

/* The active edges' pieces by their first columns, hardly ever out of order; edges that end are
 * active no more. Returns how many cells the pieces have. */
static size_t find_pieces(struct cover_work *work, int32_t row, int32_t width)
{
    struct cover_piece *pieces = work->pieces;
    size_t left = 0, cells = 0;
    for (size_t i = 0; i < work->active_count; i++) {
        struct cover_edge *edge = &work->edges[work->active[i]];
        struct cover_piece piece = piece_of(edge, row, width - 1);
        size_t at = i;
        for (; at > 0 && pieces[at - 1].first > piece.first; at--)
            pieces[at] = pieces[at - 1];
        pieces[at] = piece;
        cells += (size_t)(piece.last - piece.first) + 1;
        work->active[left] = work->active[i];
        left += edge->yb > row + 1;
    }
    work->piece_count = work->active_count;
    work->active_count = left;
    return cells;
}

/* There is room for it; so there is below. */
static inline void add_cell(struct cover_work *work, int32_t y, int32_t x, double share)
{
    work->cells[work->cell_count] = (struct cover_run){
        .x = (uint16_t)x, .y = (uint16_t)y, .count = 1, .share = share > 1 - NOISE ? 1 : share};
    work->cell_count += share > NOISE;
}

static inline void add_run(struct cover_work *work, int32_t y, int32_t x, int32_t count,
                           double share)
{
    work->runs[work->run_count] = (struct cover_run){.x = (uint16_t)x,
                                                     .y = (uint16_t)y,
                                                     .count = (uint16_t)count,
                                                     .share = share > 1 - NOISE ? 1 : share};
    work->run_count += count > 0 && share > NOISE;
}

/* An edge of `height` between two columns' borders, from `a` to `b`, covers what is right of it. */
static inline double right_of(int32_t column, double a, double b, double height)
{
    return height * (1 - ((a + b) / 2 - column));
}

static inline void put(struct cover_work *work, int32_t x, double height, double area)
{
    work->heights[x] += height;
    work->areas[x] += area;
}

static inline void put_piece(struct cover_work *work, const struct cover_piece *p)
{
    if (p->first == p->last) {
        put(work, p->first, p->height, right_of(p->first, p->low, p->high, p->height));
        return;
    }
    double left = p->height, slope = p->height / (p->high - p->low);
    double part = slope * (p->first + 1 - p->low);
    put(work, p->first, part, right_of(p->first, p->low, p->first + 1, part));
    left -= part;
    for (int32_t x = p->first + 1; x < p->last; x++, left -= slope)
        put(work, x, slope, slope / 2);
    put(work, p->last, left, right_of(p->last, p->last, p->high, left));
}

/* The cells of pieces that share some, behind which so much is covered already. */
static inline void add_cells(struct cover_work *work, int32_t y, const struct cover_piece *pieces,
                             size_t count, int32_t last, double behind)
{
    for (size_t i = 0; i < count; i++)
        put_piece(work, &pieces[i]);
    for (int32_t x = pieces[0].first; x <= last; x++) {
        add_cell(work, y, x, behind + work->areas[x]);
        behind += work->heights[x];
        work->areas[x] = work->heights[x] = 0;
    }
}

static void sum_row(struct cover_work *work, int32_t y, int32_t width)
{
    const struct cover_piece *pieces = work->pieces;
    double behind = 0; /* Share of the cells right of what was summed so far. */
    int32_t x = 0;
    for (size_t i = 0; i < work->piece_count;) {
        const struct cover_piece *p = &pieces[i];
        int32_t last = p->last;
        double height = p->height;
        size_t count = 1;
        for (; i + count < work->piece_count && p[count].first <= last; count++) {
            last = last < p[count].last ? p[count].last : last;
            height += p[count].height;
        }
        add_run(work, y, x, p->first - x, behind);
        add_cells(work, y, p, count, last, behind);
        behind += height;
        x = last + 1;
        i += count;
    }
    add_run(work, y, x, width - x, behind);
}

/* ---- all rows ----------------------------------------------------------------------------- */

static void make_room(struct cover_work *work, size_t cells)
{
    while (work->cell_capacity < work->cell_count + cells)
        work->cells = arena_grow(&work->arena, work->cells, work->cell_capacity,
                                 &work->cell_capacity, sizeof(*work->cells));
    while (work->run_capacity < work->run_count + work->piece_count + 1)
        work->runs = arena_grow(&work->arena, work->runs, work->run_capacity, &work->run_capacity,
                                sizeof(*work->runs));
}

/* Room for as many active edges as there are at most. */
static void make_active(struct cover_work *work)
{
    work->active_count = 0;
    if (work->active_capacity >= work->edge_count)
        return;
    work->active_capacity = work->edge_capacity;
    work->active = ARENA_ARRAY(&work->arena, work->active_capacity, uint32_t);
    work->pieces = ARENA_ARRAY(&work->arena, work->active_capacity, struct cover_piece);
}

struct cover_part cover_sweep(struct cover_work *work, const struct cover_zone *zone,
                              struct heat_window window)
{
    assert(window.height <= TILE_SIDE_MAX && window.width <= TILE_SIDE_MAX);
    if (!work->begins) {
        work->begins = ARENA_ARRAY(&work->arena, TILE_SIDE_MAX, uint32_t);
        work->heights = ARENA_ARRAY(&work->arena, TILE_SIDE_MAX, double);
        work->areas = ARENA_ARRAY(&work->arena, TILE_SIDE_MAX, double);
    }
    work->edge_count = work->cell_count = work->run_count = 0;
    /* Most zones are much lower than the window: only their own rows are looked at. */
    int32_t top = (int32_t)fmin(fmax(floor(zone->top - window.y), 0), window.height);
    int32_t bottom = (int32_t)fmin(fmax(ceil(zone->bottom - window.y), 0), window.height);
    for (int32_t y = top; y < bottom; y++)
        work->begins[y] = NO_EDGE;
    for (size_t r = 0; r < zone->ring_count && top < bottom; r++) {
        const struct cover_ring *ring = &zone->rings[r];
        for (size_t i = 0, last = ring->count - 1; i < ring->count; last = i++)
            add_edge(work, &ring->xy[2 * last], &ring->xy[2 * i], window, ring->sign);
    }
    make_active(work);
    for (int32_t y = top; y < bottom; y++) {
        begin_edges(work, y);
        if (work->active_count > 0) {
            make_room(work, find_pieces(work, y, window.width));
            sum_row(work, y, window.width);
        }
    }
    return (struct cover_part){work->cells, work->runs, work->cell_count, work->run_count};
}
