/* Spreadsheets as rows of text: CSV (RFC 4180) and the first sheet of an xlsx workbook.
 *
 * CSV is UTF-8, with or without a mark, or else GB 18030, as Excel in China saves it. What is
 * written is safe to open: a text that a spreadsheet would take for a formula is a text in xlsx and
 * stands behind an apostrophe in CSV, which reading takes off again.
 */
#ifndef PARK_SHEET_H
#define PARK_SHEET_H

#include "base/base.h"

enum { SHEET_COLUMNS_MAX = 64, SHEET_CELL_MAX = 32767 };

struct sheet_row {
    int64_t number; /* As the spreadsheet shows it, from 1. */
    const struct str *cells;
    size_t count; /* Cells behind the last one that is not empty are left out. */
};

struct sheet {
    const struct sheet_row *rows; /* Without empty rows. */
    size_t count;
};

/* The text of a cell, trimmed; empty if the row is shorter. */
struct str sheet_cell(const struct sheet_row *row, size_t column);

/* Reads either kind, told apart by its first bytes. Numbers come as their shortest text, dates as
 * 2026-11-23, truth as TRUE or FALSE. ERR_INVALID with reason sheet.format, ERR_LIMIT with
 * sheet.too-large; hostile input is bounded by LIMIT_IMPORT_SIZE inflated bytes. */
MUST_USE enum err sheet_read(struct arena *arena, struct str bytes, struct sheet *out);
MUST_USE enum err sheet_read_csv(struct arena *arena, struct str bytes, struct sheet *out);
MUST_USE enum err sheet_read_xlsx(struct arena *arena, struct str bytes, struct sheet *out);

enum sheet_format { SHEET_XLSX, SHEET_CSV };

struct sheet_column {
    const char *title;
    int width;      /* Characters; xlsx only. */
    bool is_number; /* A cell that reads as a number becomes one. */
    const char *note;
};

/* Writes a header row and the rows. With `notes` an xlsx gets a second sheet that explains each
 * column by its note. ERR_LIMIT if `out` is full, ERR_IO. */
MUST_USE enum err sheet_write(enum sheet_format format, const struct sheet_column *columns,
                              size_t column_count, const struct sheet *rows, bool notes,
                              struct buf *out);
const char *sheet_type(enum sheet_format format); /* "text/csv; charset=utf-8" */

#endif
