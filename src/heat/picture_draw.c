#include "heat/picture_inside.h"

static enum err draw_rows(struct heat_canvas *canvas, struct heat_brush *brush,
                          const struct heat_frame *frame, const struct heat_drawing *drawing,
                          struct heat_png *png, bool *empty)
{
    CLEANUP(arena_release) struct arena arena = {0};
    const struct heat_paint *paint = &drawing->paint;
    bool smooth = drawing->smooth && paint->colours != HEAT_COLOURS_RED;
    size_t width = (size_t)frame->width;
    float *kelvin = ARENA_ARRAY(&arena, width * HEAT_CELL, float);
    uint8_t *reason = ARENA_ARRAY(&arena, width * HEAT_CELL, uint8_t);
    enum err r = OK;
    for (int32_t row = 0; r == OK && row < frame->height; row += HEAT_CELL) {
        int32_t rows = frame->height - row < HEAT_CELL ? frame->height - row : HEAT_CELL;
        r = heat_warp_rows(canvas, brush, frame, smooth, row, rows, kelvin, reason);
        for (int32_t y = 0; r == OK && y < rows; y++) {
            float *line = &kelvin[(size_t)y * width];
            uint8_t *ink = &reason[(size_t)y * width]; /* A reason gives way to its ink. */
            for (int32_t x = 0; x < frame->width; x++) {
                *empty = *empty && ink[x] == HEAT_FILL;
                ink[x] = heat_ink(paint, (double)line[x], (enum heat_reason)ink[x], x, row + y);
            }
            r = heat_png_row(png, ink);
        }
        if (r == OK && drawing->progress &&
            !drawing->progress(drawing->context, row + rows, frame->height))
            r = err_set(ERR_BUSY, "stopped");
    }
    return r;
}

enum err heat_draw(struct heat_canvas *canvas, const struct heat_frame *frame,
                   const struct heat_drawing *drawing, bool *empty, struct buf *out)
{
    struct heat_brush *brush;
    struct heat_png png;
    struct heat_rgba palette[INK_COUNT];
    bool nothing = true;
    size_t before = out->len;
    enum err r = heat_paint_check(&drawing->paint);
    if (r == OK)
        r = heat_frame_check(frame);
    if (r == OK)
        r = heat_brush_take(canvas, &brush);
    if (r != OK)
        return r;
    heat_palette_of(&drawing->paint, palette);
    r = heat_png_begin(&png, out, frame->width, frame->height, palette, INK_COUNT, drawing->notes,
                       drawing->note_count);
    if (r == OK)
        r = draw_rows(canvas, brush, frame, drawing, &png, &nothing);
    if (r == OK)
        r = heat_png_end(&png);
    heat_png_drop(&png);
    heat_brush_give(canvas, brush);
    if (r != OK)
        out->len = before;
    else if (empty)
        *empty = nothing;
    return r;
}

enum err heat_picture_png(struct heat_canvas *canvas, const struct heat_frame *frame,
                          const struct heat_drawing *drawing, struct buf *out)
{
    return heat_draw(canvas, frame, drawing, NULL, out);
}
