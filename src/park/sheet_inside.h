/* Between sheet.c, sheet_read.c and sheet_write.c. */
#ifndef PARK_SHEET_INSIDE_H
#define PARK_SHEET_INSIDE_H

#include "park/sheet.h"

/* Plain decimals of at most 15 digits: what a spreadsheet holds without loss. */
bool sheet_number(struct str text, double *out);

MUST_USE enum err sheet_write_csv(const struct sheet_column *columns, size_t column_count,
                                  const struct sheet *rows, struct buf *out);
MUST_USE enum err sheet_write_xlsx(const struct sheet_column *columns, size_t column_count,
                                   const struct sheet *rows, bool notes, struct buf *out);

#endif
