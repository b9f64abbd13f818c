#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "park/sheet_inside.h"

enum { TITLE_HEIGHT = 22, NOTE_WIDTH = 80 };

static void write_cell(lxw_worksheet *sheet, size_t row, size_t column, struct str text,
                       bool is_number)
{
    double value;
    CLEANUP(buf_release) struct buf copy;
    buf_init(&copy, SHEET_CELL_MAX + 1);
    if (text.len == 0)
        return;
    if (is_number && sheet_number(text, &value)) {
        worksheet_write_number(sheet, (lxw_row_t)row, (lxw_col_t)column, value, NULL);
        return;
    }
    buf_add_str(&copy, text.len <= SHEET_CELL_MAX ? text : STR("…"));
    worksheet_write_string(sheet, (lxw_row_t)row, (lxw_col_t)column, copy.ptr, NULL);
}

static void write_titles(lxw_worksheet *sheet, lxw_format *bold, const struct sheet_column *columns,
                         size_t count)
{
    worksheet_set_row(sheet, 0, TITLE_HEIGHT, NULL);
    worksheet_freeze_panes(sheet, 1, 0);
    for (size_t i = 0; i < count; i++) {
        lxw_col_t column = (lxw_col_t)i;
        worksheet_set_column(sheet, column, column, columns[i].width ? columns[i].width : 12, NULL);
        worksheet_write_string(sheet, 0, column, columns[i].title, bold);
    }
}

static void write_notes(lxw_workbook *book, lxw_format *bold, const struct sheet_column *columns,
                        size_t count)
{
    lxw_worksheet *sheet = workbook_add_worksheet(book, "填写说明");
    worksheet_set_column(sheet, 0, 0, 24, NULL);
    worksheet_set_column(sheet, 1, 1, NOTE_WIDTH, NULL);
    worksheet_write_string(sheet, 0, 0, "列", bold);
    worksheet_write_string(sheet, 0, 1, "说明（带 * 的列必填）", bold);
    for (size_t i = 0; i < count; i++) {
        worksheet_write_string(sheet, (lxw_row_t)(i + 1), 0, columns[i].title, NULL);
        worksheet_write_string(sheet, (lxw_row_t)(i + 1), 1, columns[i].note ? columns[i].note : "",
                               NULL);
    }
}

static enum err write_book(const char *path, const struct sheet_column *columns,
                           size_t column_count, const struct sheet *rows, bool notes)
{
    lxw_workbook *book = workbook_new(path);
    if (!book)
        return err_set(ERR_IO, "a workbook cannot be written");
    lxw_format *bold = workbook_add_format(book);
    format_set_bold(bold);
    lxw_worksheet *sheet = workbook_add_worksheet(book, "数据");
    write_titles(sheet, bold, columns, column_count);
    for (size_t k = 0; k < rows->count; k++)
        for (size_t i = 0; i < column_count; i++)
            write_cell(sheet, k + 1, i, sheet_cell(&rows->rows[k], i), columns[i].is_number);
    if (notes)
        write_notes(book, bold, columns, column_count);
    lxw_error e = workbook_close(book);
    return e == LXW_NO_ERROR ? OK : err_set(ERR_IO, "workbook: %s", lxw_strerror(e));
}

static enum err read_back(int fd, struct buf *out)
{
    char chunk[16 * 1024];
    ssize_t n;
    if (lseek(fd, 0, SEEK_SET) < 0)
        return err_set(ERR_IO, "a workbook cannot be read back");
    while ((n = read(fd, chunk, sizeof(chunk))) > 0)
        buf_add(out, chunk, (size_t)n);
    return n < 0 ? err_set(ERR_IO, "a workbook cannot be read back") : buf_check(out);
}

/* The library writes to a path only: it gets one that is memory. */
enum err sheet_write_xlsx(const struct sheet_column *columns, size_t column_count,
                          const struct sheet *rows, bool notes, struct buf *out)
{
    char path[64];
    int fd = memfd_create("workbook", MFD_CLOEXEC);
    if (fd < 0)
        return err_set(ERR_IO, "no memory for a workbook");
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    enum err r = write_book(path, columns, column_count, rows, notes);
    if (r == OK)
        r = read_back(fd, out);
    close(fd);
    return r;
}
