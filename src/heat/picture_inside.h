/* What the files that draw share: palettes, kelvin under a picture's rows, PNG files. */
#ifndef HEAT_PICTURE_INSIDE_H
#define HEAT_PICTURE_INSIDE_H

#include "heat/inside.h"
#include "heat/picture.h"

#include <pthread.h>
#include <stdatomic.h>

/* ---- colour.c: a picture has one palette ------------------------------------------------- */

enum {
    INK_OUTSIDE,
    INK_UNSEEN_GROUND,
    INK_UNSEEN_LINE,
    INK_SCALE, /* The first of the scale; the last is INK_COUNT - 1. */
    INK_COUNT = INK_SCALE + 250,
};

void heat_palette_of(const struct heat_paint *paint, struct heat_rgba palette[INK_COUNT]);
/* Column and row are the picture's: tiles are a whole number of hatches wide, so theirs meet. */
uint8_t heat_ink(const struct heat_paint *paint, double kelvin, enum heat_reason reason,
                 int32_t column, int32_t row);

/* ---- picture.c: the canvas -------------------------------------------------------------- */

/* What one thread draws with; the canvas keeps them for the next. */
struct heat_brush {
    struct heat_brush *next;
    struct arena own;   /* The brush itself. */
    struct arena arena; /* The block. */
    struct heat_reader *reader;
    OGRCoordinateTransformationH way; /* From degrees to the grid; NULL: the grid is in them. */
    struct heat_block block;
    size_t capacity;
};

/* Every 2^level-th pixel. */
struct heat_level {
    int32_t width, height;
    float *kelvin;
    uint8_t *reason;
};

enum { HEAT_LEVELS_MAX = 32, HEAT_READ_PIXELS = 4 * 1024 * 1024 };

struct heat_canvas {
    struct arena own; /* The canvas itself. */
    const struct heat_scene *scene;
    size_t layer;
    struct heat_mask mask;
    struct heat_bounds bounds;
    int first_level, last_level; /* Of those kept in memory. */
    pthread_mutex_t lock;
    struct heat_brush *idle; /* Guarded by lock. */
    size_t idle_count;       /* Guarded by lock. */
    pthread_mutex_t prepare_lock;
    atomic_bool prepared;
    struct arena arena;                        /* Of the levels. */
    struct heat_level levels[HEAT_LEVELS_MAX]; /* Do not change once `prepared`. */
};

MUST_USE enum err heat_brush_take(struct heat_canvas *canvas, struct heat_brush **out);
void heat_brush_give(struct heat_canvas *canvas, struct heat_brush *brush);

/* A window of the scene in the brush's block: kelvin and reasons. */
MUST_USE enum err heat_brush_read(struct heat_canvas *canvas, struct heat_brush *brush,
                                  struct heat_window window);

/* ---- picture_warp.c --------------------------------------------------------------------- */

/* Degrees to columns and rows of the grid, in place; NAN where there is no place. */
void heat_place(const struct heat_canvas *canvas, const struct heat_brush *brush, size_t count,
                double *x, double *y);

/* Rows `row` to row + rows - 1 of the picture; `row` is a multiple of HEAT_CELL. */
enum { HEAT_CELL = 64 };
MUST_USE enum err heat_warp_rows(struct heat_canvas *canvas, struct heat_brush *brush,
                                 const struct heat_frame *frame, bool smooth, int32_t row,
                                 int32_t rows, float *kelvin, uint8_t *reason);
MUST_USE enum err heat_frame_check(const struct heat_frame *frame);

/* Web Mercator's plane: 0 to 1 from west to east and from north to south. */
double heat_mercator_y(double latitude);
double heat_mercator_latitude(double y);

/* ---- picture_draw.c --------------------------------------------------------------------- */

MUST_USE enum err heat_draw(struct heat_canvas *canvas, const struct heat_frame *frame,
                            const struct heat_drawing *drawing, bool *empty, struct buf *out);

/* ---- picture_png.c ---------------------------------------------------------------------- */

/* Writes a PNG of one palette, a row at a time. */
struct heat_png {
    struct buf *out;
    struct arena arena;
    void *stream; /* zlib's */
    char *piece;  /* Compressed bytes of the next chunk. */
    int32_t width;
    bool open;
};

MUST_USE enum err heat_png_begin(struct heat_png *png, struct buf *out, int32_t width,
                                 int32_t height, const struct heat_rgba *palette, size_t count,
                                 const struct heat_note *notes, size_t note_count);
/* `width` indices into the palette. */
MUST_USE enum err heat_png_row(struct heat_png *png, const uint8_t *row);
MUST_USE enum err heat_png_end(struct heat_png *png);
void heat_png_drop(struct heat_png *png); /* Always, after begin: frees what it holds. */

#endif
