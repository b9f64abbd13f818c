/* The legend as a picture: twice the pixels that a page needs, for sharp screens and paper. It has
 * numbers and units and no words, so that it serves in any language; pages write their own. */
#include "heat/picture_inside.h"
#include "heat/picture_text.h"

#include <math.h>

enum {
    WIDTH = 760,
    MARGIN = 36,
    LABEL = 17, /* Height of a capital. */
    BAR_TOP = MARGIN,
    BAR_HIGH = 40,
    UNITS = 72, /* Left of the bar. */
    POINT = 18, /* The tips of the bar: colder, warmer. */
    TICK = 10,
    ROW = 48,
    SWATCH_WIDE = 56,
    SWATCH_HIGH = 30,
    INK_FRAME = TEXT_SHADES, /* Behind the text's. */
    INK_LINE,
    INK_GROUND,
    INK_BAR,
    BAR_SHADES = 232,
    LEGEND_INKS = INK_BAR + BAR_SHADES,
};

struct sheet {
    struct arena *arena;
    const struct heat_paint *paint;
    const struct heat_legend *legend;
    struct text_sheet of;
    double low, high; /* Of the bar. */
};

static struct heat_rgba on_paper(struct heat_rgba colour)
{
    double share = colour.a / 255.0;
    return (struct heat_rgba){(uint8_t)lround(255 + (colour.r - 255) * share),
                              (uint8_t)lround(255 + (colour.g - 255) * share),
                              (uint8_t)lround(255 + (colour.b - 255) * share), 255};
}

static double bar_kelvin(const struct sheet *sheet, int shade)
{
    return sheet->low + (sheet->high - sheet->low) * (shade + 0.5) / BAR_SHADES;
}

static void fill_palette(const struct sheet *sheet, struct heat_rgba palette[LEGEND_INKS])
{
    for (int i = 0; i < TEXT_SHADES; i++) {
        uint8_t dark = (uint8_t)(0xff - (0xff - 0x2b) * i / (TEXT_SHADES - 1));
        palette[i] = (struct heat_rgba){dark, dark, dark, 255};
    }
    palette[INK_FRAME] = (struct heat_rgba){0x8c, 0x8c, 0x8c, 255};
    palette[INK_LINE] = on_paper(sheet->legend->unseen_line);
    palette[INK_GROUND] = on_paper(sheet->legend->unseen_ground);
    for (int i = 0; i < BAR_SHADES; i++)
        palette[INK_BAR + i] = on_paper(heat_colour(sheet->paint, bar_kelvin(sheet, i)));
}

static void put(const struct sheet *sheet, int32_t x, int32_t y, int ink)
{
    sheet->of.ink[(size_t)y * (size_t)sheet->of.width + (size_t)x] = (uint8_t)ink;
}

static void frame(const struct sheet *sheet, int32_t x, int32_t y, int32_t wide, int32_t high)
{
    for (int32_t i = 0; i < wide; i++) {
        put(sheet, x + i, y, INK_FRAME);
        put(sheet, x + i, y + high - 1, INK_FRAME);
    }
    for (int32_t i = 0; i < high; i++) {
        put(sheet, x, y + i, INK_FRAME);
        put(sheet, x + wide - 1, y + i, INK_FRAME);
    }
}

/* Two decimals where the number needs them, none where it is whole. */
static struct str number(struct arena *arena, double value, bool sign)
{
    double rounded = round(value * 100) / 100;
    int places = rounded == round(rounded) ? 0 : rounded * 10 == round(rounded * 10) ? 1 : 2;
    rounded = rounded == 0 ? 0 : rounded; /* Never -0. */
    return sign && rounded > 0 ? str_format(arena, "+%.*f", places, rounded)
                               : str_format(arena, "%.*f", places, rounded);
}

static void draw_bar(const struct sheet *sheet)
{
    int32_t left = MARGIN + UNITS + POINT, right = WIDTH - MARGIN - POINT;
    for (int32_t x = left - POINT; x < WIDTH - MARGIN; x++) {
        int shade = (int)((int64_t)(x - left) * BAR_SHADES / (right - left));
        shade = x < left ? 0 : shade < BAR_SHADES ? shade : BAR_SHADES - 1;
        int32_t beyond = x < left ? left - x : x >= right ? x - right + 1 : 0;
        int32_t inset = beyond * (BAR_HIGH / 2) / POINT;
        for (int32_t y = inset; y < BAR_HIGH - inset; y++)
            put(sheet, x, BAR_TOP + y, INK_BAR + shade);
    }
}

/* A text with its middle at x, kept on the sheet. */
static void draw_centred(const struct sheet *sheet, double x, double y, struct str text)
{
    double wide = text_width(text, LABEL);
    double at = fmax(MARGIN / 2.0, fmin(WIDTH - MARGIN / 2.0 - wide, x - wide / 2));
    text_draw(&sheet->of, at, y, LABEL, text);
}

static double stop_place(const struct sheet *sheet, double kelvin)
{
    double left = MARGIN + UNITS + POINT, right = WIDTH - MARGIN - POINT;
    return left + (right - left) * (kelvin - sheet->low) / (sheet->high - sheet->low);
}

static void draw_stops(const struct sheet *sheet)
{
    const struct heat_legend *legend = sheet->legend;
    bool apart = sheet->paint->colours == HEAT_COLOURS_ANOMALY;
    int32_t under = BAR_TOP + BAR_HIGH + TICK + 14;
    text_draw(&sheet->of, MARGIN, under, LABEL, apart ? STR("K") : STR("°C"));
    text_draw(&sheet->of, MARGIN, under + LABEL + 14, LABEL, apart ? STR("°C") : STR("K"));
    for (size_t i = 0; i < legend->count; i++) {
        const struct heat_stop *stop = &legend->stops[i];
        double x = stop_place(sheet, stop->kelvin);
        for (int32_t y = 0; y < TICK; y++)
            for (int32_t wide = -1; wide < 1; wide++)
                put(sheet, (int32_t)x + wide, BAR_TOP + BAR_HIGH + 4 + y, INK_FRAME);
        struct str upper = number(sheet->arena, apart ? stop->apart : stop->celsius, apart);
        struct str lower = number(sheet->arena, apart ? stop->celsius : stop->kelvin, false);
        draw_centred(sheet, x, under, upper);
        draw_centred(sheet, x, under + LABEL + 14, lower);
    }
}

static void draw_swatch(const struct sheet *sheet, int32_t y, int ink, struct str text)
{
    int32_t top = y + (ROW - SWATCH_HIGH) / 2;
    for (int32_t dy = 0; dy < SWATCH_HIGH; dy++)
        for (int32_t dx = 0; dx < SWATCH_WIDE; dx++) {
            bool line = ink == INK_GROUND && (dx / 2 + dy / 2) % 8 < 2;
            put(sheet, MARGIN + dx, top + dy, line ? INK_LINE : ink);
        }
    frame(sheet, MARGIN, top, SWATCH_WIDE, SWATCH_HIGH);
    text_draw(&sheet->of, MARGIN + SWATCH_WIDE + 18, y + (ROW - LABEL) / 2.0, LABEL, text);
}

static void draw_red(const struct sheet *sheet)
{
    double kelvin = sheet->paint->reference;
    struct str celsius = number(sheet->arena, kelvin - 273.15, false);
    struct str absolute = number(sheet->arena, kelvin, false);
    struct str above =
        str_format(sheet->arena, "> %.*s °C, %.*s K", STR_ARG(celsius), STR_ARG(absolute));
    draw_swatch(sheet, BAR_TOP - 12, INK_BAR + BAR_SHADES - 1, above);
    draw_swatch(sheet, BAR_TOP - 12 + ROW, 0,
                str_format(sheet->arena, "≤ %.*s °C, %.*s K", STR_ARG(celsius), STR_ARG(absolute)));
}

static enum err write_sheet(const struct sheet *sheet, const struct heat_drawing *drawing,
                            struct buf *out)
{
    struct heat_png png;
    struct heat_rgba palette[LEGEND_INKS];
    fill_palette(sheet, palette);
    size_t before = out->len;
    enum err r = heat_png_begin(&png, out, sheet->of.width, sheet->of.height, palette, LEGEND_INKS,
                                drawing->notes, drawing->note_count);
    for (int32_t y = 0; r == OK && y < sheet->of.height; y++)
        r = heat_png_row(&png, &sheet->of.ink[(size_t)y * (size_t)sheet->of.width]);
    if (r == OK)
        r = heat_png_end(&png);
    heat_png_drop(&png);
    if (r != OK)
        out->len = before;
    return r;
}

enum err heat_legend_png(const struct heat_drawing *drawing, struct buf *out)
{
    CLEANUP(arena_release) struct arena arena = {0};
    const struct heat_paint *paint = &drawing->paint;
    struct heat_legend legend;
    enum err r = heat_legend_of(paint, &legend);
    if (r != OK)
        return r;
    bool red = paint->colours == HEAT_COLOURS_RED, bar = legend.count > 0 && !red;
    int32_t rows = BAR_TOP - 12; /* Where the swatch of what was not observed stands. */
    if (legend.count > 0)
        rows += bar ? BAR_HIGH + TICK + 26 + 2 * (LABEL + 14) : 2 * ROW;
    struct sheet sheet = {.arena = &arena, .paint = paint, .legend = &legend};
    sheet.low = bar ? legend.stops[0].kelvin : paint->reference - 1;
    sheet.high = bar ? legend.stops[legend.count - 1].kelvin : paint->reference + 1;
    sheet.of = (struct text_sheet){.width = WIDTH, .height = rows + ROW + MARGIN / 2};
    sheet.of.ink = ARENA_ARRAY(&arena, (size_t)WIDTH * (size_t)sheet.of.height, uint8_t);
    if (bar) {
        draw_bar(&sheet);
        draw_stops(&sheet);
    } else if (red && legend.count > 0) {
        draw_red(&sheet);
    }
    draw_swatch(&sheet, rows, INK_GROUND, STR("n = 0"));
    return write_sheet(&sheet, drawing, out);
}
