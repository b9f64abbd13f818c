/* Text of a legend: strokes on a sheet of inks. */
#ifndef HEAT_PICTURE_TEXT_H
#define HEAT_PICTURE_TEXT_H

#include "base/base.h"

enum { TEXT_SHADES = 16 }; /* Inks 0 (paper) to 15 (full): what text and only text may change. */

struct text_sheet {
    int32_t width, height;
    uint8_t *ink;
};

/* Pixels; `size` is the height of a capital. Signs are those of the legends' own texts. */
double text_width(struct str text, double size);
/* `x`, `y`: the upper left corner of its capitals. */
void text_draw(const struct text_sheet *sheet, double x, double y, double size, struct str text);

#endif
