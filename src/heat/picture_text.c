/* Numbers and units drawn as strokes: what a legend needs, and no font library. */
#include "heat/picture_text.h"

#include <math.h>

/* Twelve units from the top of capitals to the line, small letters from the fourth. A stroke is
 * pairs of base-36 digits, x and y; behind '~' its inner points bend it (a quadratic B-spline)
 * instead of being corners. */
struct glyph {
    char letter[4]; /* UTF-8 */
    int width;
    const char *strokes;
};

static const struct glyph GLYPHS[] = {
    {" ", 3, ""},
    {"0", 8, "~40808c0c0040"},
    {"1", 8, "13404c"},
    {"2", 8, "~030080870c 0c8c"},
    {"3", 8, "~0200808636 ~36868c0c0a"},
    {"4", 8, "6c600888"},
    {"5", 8, "701006 ~0644848c0c0a"},
    {"6", 8, "~71000c8c850508"},
    {"7", 8, "00803c"},
    {"8", 8, "~408085050040 ~45858c0c0545"},
    {"9", 8, "~1b8c8000078784"},
    {".", 2, "1c1c"},
    {",", 2, "1b0e"},
    {":", 2, "1616 1c1c"},
    {"-", 8, "1777"},
    {"+", 8, "1777 444a"},
    {"°", 4, "~204044040020"},
    {">", 8, "13771b"},
    {"≤", 8, "721678 1c7c"},
    {"=", 8, "1575 1979"},
    {"C", 8, "~8280000c8c8a"},
    {"K", 8, "000c 8007 348c"},
    {"n", 7, "040c ~08047478 787c"},
};

enum { SPACING = 4, BENDS = 3, POINTS_MAX = 96 };

/* Half a stroke's width, in units. */
static const double PEN = 0.75;

struct line {
    double xy[POINTS_MAX][2];
    size_t count;
};

/* Legends have no signs but these. */
static const struct glyph *glyph_at(struct str text, size_t *at)
{
    size_t i = 0;
    while (i < COUNT_OF(GLYPHS) &&
           !str_starts(str_sub(text, *at, text.len), str_of(GLYPHS[i].letter)))
        i++;
    assert(i < COUNT_OF(GLYPHS));
    *at += strlen(GLYPHS[i].letter);
    return &GLYPHS[i];
}

static int digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Cuts the corners of a line, its ends stay. */
static void bend(struct line *line)
{
    struct line cut = {.count = 1};
    memcpy(cut.xy[0], line->xy[0], sizeof(cut.xy[0]));
    for (size_t i = 0; i + 1 < line->count; i++)
        for (int half = 0; half < 2; half++) {
            double share = half ? 0.75 : 0.25;
            if ((i == 0 && !half) || (i + 2 == line->count && half))
                continue; /* Towards an end the line stays as it is. */
            for (int axis = 0; axis < 2; axis++) {
                double a = line->xy[i][axis], b = line->xy[i + 1][axis];
                cut.xy[cut.count][axis] = a + (b - a) * share;
            }
            cut.count++;
        }
    assert(cut.count < POINTS_MAX);
    memcpy(cut.xy[cut.count++], line->xy[line->count - 1], sizeof(cut.xy[0]));
    *line = cut;
}

/* The stroke at *strokes, and moves behind it; false if there is none. */
static bool next_stroke(const char **strokes, struct line *line)
{
    while (**strokes == ' ')
        (*strokes)++;
    bool bent = **strokes == '~';
    *strokes += bent;
    line->count = 0;
    for (; **strokes && **strokes != ' '; *strokes += 2) {
        assert(line->count < POINTS_MAX / 8);
        line->xy[line->count][0] = digit((*strokes)[0]);
        line->xy[line->count++][1] = digit((*strokes)[1]);
    }
    for (int i = 0; bent && i < BENDS; i++)
        bend(line);
    return line->count > 0;
}

static double distance(const double a[2], const double b[2], double x, double y)
{
    double dx = b[0] - a[0], dy = b[1] - a[1], length = dx * dx + dy * dy;
    double at = length > 0 ? ((x - a[0]) * dx + (y - a[1]) * dy) / length : 0;
    at = fmax(0, fmin(1, at));
    return hypot(x - a[0] - at * dx, y - a[1] - at * dy);
}

static void draw_segment(const struct text_sheet *sheet, const double a[2], const double b[2],
                         double pen)
{
    int32_t x0 = (int32_t)floor(fmin(a[0], b[0]) - pen - 1);
    int32_t x1 = (int32_t)ceil(fmax(a[0], b[0]) + pen + 1);
    int32_t y0 = (int32_t)floor(fmin(a[1], b[1]) - pen - 1);
    int32_t y1 = (int32_t)ceil(fmax(a[1], b[1]) + pen + 1);
    for (int32_t y = y0 < 0 ? 0 : y0; y <= y1 && y < sheet->height; y++)
        for (int32_t x = x0 < 0 ? 0 : x0; x <= x1 && x < sheet->width; x++) {
            double cover = 0.5 + pen - distance(a, b, x + 0.5, y + 0.5);
            int shade = (int)lround(fmax(0, fmin(1, cover)) * (TEXT_SHADES - 1));
            uint8_t *to = &sheet->ink[(size_t)y * (size_t)sheet->width + (size_t)x];
            if (shade > *to && *to < TEXT_SHADES)
                *to = (uint8_t)shade;
        }
}

double text_width(struct str text, double size)
{
    int units = 0;
    for (size_t at = 0; at < text.len;)
        units += glyph_at(text, &at)->width + SPACING;
    return (units > 0 ? units - SPACING : 0) * size / 12;
}

void text_draw(const struct text_sheet *sheet, double x, double y, double size, struct str text)
{
    double unit = size / 12;
    struct line line;
    for (size_t at = 0; at < text.len;) {
        const struct glyph *glyph = glyph_at(text, &at);
        for (const char *strokes = glyph->strokes; next_stroke(&strokes, &line);) {
            for (size_t i = 0; i < line.count; i++) {
                line.xy[i][0] = x + line.xy[i][0] * unit;
                line.xy[i][1] = y + line.xy[i][1] * unit;
            }
            for (size_t i = 0; i + 1 < line.count; i++)
                draw_segment(sheet, line.xy[i], line.xy[i + 1], PEN * unit);
        }
        x += (glyph->width + SPACING) * unit;
    }
}
