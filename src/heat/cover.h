/* Zones in pixel coordinates, and the exact share of each pixel that lies in them.
 *
 * Each ring edge leaves, in every row it crosses, what lies to its right: in its own cell by area,
 * in all cells behind it by height. Summed along the row with the rings' signs this is the share
 * of every pixel, without any test of points.
 */
#ifndef HEAT_COVER_H
#define HEAT_COVER_H

#include "heat/inside.h"

struct cover_ring {
    const double *xy; /* Column and row, 0 at the grid's upper left corner. */
    size_t count;
    double sign; /* Makes the ring's inside positive, a hole's negative. */
};

struct cover_zone {
    const struct cover_ring *rings;
    size_t ring_count;
    double left, top, right, bottom; /* Around its rings, not cut at the grid. */
    double pixels, area_m2;
};

/* Pixels of a tile side by side, x and y counted from its corner, and their share in a zone. */
struct cover_run {
    uint16_t x, y, count, spare;
    double share;
};

/* A zone in one tile: single pixels, most of them on its edges, and runs, most of them whole. Each
 * by rows, then columns; no pixel is in both. */
struct cover_part {
    const struct cover_run *cells, *runs;
    size_t cell_count, run_count;
};

/* The raster cut into pieces that are read, and summed up, in this order. */
struct tile_plan {
    int32_t width, height; /* Of a whole piece; those at the edges are smaller. */
    int32_t columns, rows;
};

/* A piece and what is done with it fit into a processor's own memory. */
enum { TILE_SIDE_MAX = 32768, TILE_SIDE = 512 };

struct heat_window tile_window(const struct heat_grid *grid, const struct tile_plan *plan,
                               int32_t tile);

/* Shares of one zone after another; grows and is used again. */
struct cover_work {
    struct arena arena;
    struct cover_run *cells, *runs;
    size_t cell_count, cell_capacity, run_count, run_capacity;
    struct cover_edge *edges;
    size_t edge_count, edge_capacity;
    uint32_t *begins; /* By row, the first edge that begins there. */
    uint32_t *active; /* Edges in the row, from left to right. */
    struct cover_piece *pieces;
    size_t active_count, active_capacity, piece_count;
    double *heights, *areas; /* By column, zero between rows. */
};

void cover_work_release(struct cover_work *work);
/* What the zone has inside the window, in `work` until the next. */
struct cover_part cover_sweep(struct cover_work *work, const struct cover_zone *zone,
                              struct heat_window window);

/* The parts of a tile's zones, kept to be used again. */
struct cover_kept {
    struct arena arena;
    const struct cover_run *runs; /* Of each zone its cells, then its runs. */
    const size_t *begins;         /* Two of each zone of the tile, one more at the end. */
};

#define COVER_NOWHERE UINT32_MAX
#define COVER_ONE_TILE (UINT32_MAX - 1)

enum { COVER_SHARES = 8 };

struct heat_cover {
    struct arena arena;
    struct arena shares[COVER_SHARES]; /* The zones' rings: each thread has placed some. */
    struct heat_grid grid;
    struct cover_zone *zones;
    size_t count;
    struct tile_plan plan;
    size_t *tile_begins; /* Into tile_zones, one more than there are tiles. */
    uint32_t *tile_zones;
    uint32_t *home; /* Of each zone: COVER_NOWHERE, COVER_ONE_TILE, or its place in shared_last. */
    uint32_t *shared_last; /* The last tile of each zone on several. */
    size_t shared_count;
    struct cover_kept *kept;
    size_t keep_bytes;
    size_t kept_bytes; /* Changed by several threads. */
};

/* Lists the zones of every tile. ERR_LIMIT. */
MUST_USE enum err cover_plan(struct heat_cover *cover);

#endif
