#include "park/sheet.h"

#include <iconv.h>
#include <stdlib.h>

#include "park/sheet_inside.h"

static const struct str MARK = STR_INIT("\xEF\xBB\xBF");

struct str sheet_cell(const struct sheet_row *row, size_t column)
{
    return column < row->count && row->cells[column].ptr ? str_trim(row->cells[column]) : STR("");
}

enum err sheet_read(struct arena *arena, struct str bytes, struct sheet *out)
{
    if (bytes.len > LIMIT_IMPORT_SIZE)
        return err_refuse(ERR_LIMIT, "sheet.too-large", "more than %d bytes", LIMIT_IMPORT_SIZE);
    return str_starts(bytes, STR("PK\x03\x04")) ? sheet_read_xlsx(arena, bytes, out)
                                                : sheet_read_csv(arena, bytes, out);
}

static enum err not_csv(const char *why)
{
    return err_refuse(ERR_INVALID, "sheet.format", "not a CSV file: %s", why);
}

/* A character of GB 18030 is at most two bytes longer in UTF-8. */
static enum err from_gb18030(struct arena *arena, struct str bytes, struct str *out)
{
    size_t room = bytes.len * 3, left = bytes.len;
    char *text = arena_alloc(arena, room + 1), *to = text, *from = (char *)bytes.ptr;
    iconv_t converter = iconv_open("UTF-8", "GB18030");
    if (converter == (iconv_t)-1)
        return err_set(ERR_IO, "the system cannot read GB 18030");
    size_t done = iconv(converter, &from, &left, &to, &room);
    iconv_close(converter);
    if (done == (size_t)-1 || left > 0)
        return not_csv("neither UTF-8 nor GB 18030");
    *out = (struct str){text, (size_t)(to - text)};
    return OK;
}

struct csv {
    struct arena *arena;
    struct str text;
    size_t at;
};

/* Takes one field and leaves `at` on the separator, the line's end or the text's. */
static enum err csv_field(struct csv *csv, struct str *out)
{
    struct str text = csv->text;
    size_t begin = csv->at, at = begin;
    if (at == text.len || text.ptr[at] != '"') {
        while (at < text.len && !strchr(",\r\n", text.ptr[at]))
            at++;
        *out = str_sub(text, begin, at - begin);
        csv->at = at;
        return OK;
    }
    size_t len = 0, end = begin + 1;
    while (end < text.len &&
           (text.ptr[end] != '"' || (end + 1 < text.len && text.ptr[end + 1] == '"')))
        end += text.ptr[end] == '"' ? 2 : 1;
    if (end >= text.len)
        return not_csv("a quoted field does not end");
    if (end + 1 < text.len && !strchr(",\r\n", text.ptr[end + 1]))
        return not_csv("text behind a quoted field");
    char *content = arena_alloc(csv->arena, end - begin);
    for (at = begin + 1; at < end; at++) {
        content[len++] = text.ptr[at];
        at += text.ptr[at] == '"';
    }
    *out = (struct str){content, len};
    csv->at = end + 1;
    return OK;
}

static bool looks_like_formula(struct str text)
{
    return text.len > 0 && strchr("=+-@\t\r", text.ptr[0]) && text.ptr[0];
}

static bool needs_guard(struct str text)
{
    while (text.len > 0 && text.ptr[0] == '\'')
        text = str_sub(text, 1, text.len);
    return looks_like_formula(text);
}

/* Takes off the apostrophe that export has put there. */
static struct str without_guard(struct str text)
{
    return text.len > 0 && text.ptr[0] == '\'' && needs_guard(text) ? str_sub(text, 1, text.len)
                                                                    : text;
}

static enum err csv_row(struct csv *csv, struct sheet_row *row)
{
    struct str cells[SHEET_COLUMNS_MAX];
    size_t fields = 0, count = 0;
    for (bool more = true; more;) {
        struct str cell;
        enum err r = csv_field(csv, &cell);
        if (r != OK)
            return r;
        cell = without_guard(cell);
        bool is_empty = str_trim(cell).len == 0;
        if (!is_empty && (fields >= SHEET_COLUMNS_MAX || cell.len > SHEET_CELL_MAX))
            return err_refuse(ERR_LIMIT, "sheet.too-large", "at most %d columns of %d bytes",
                              SHEET_COLUMNS_MAX, SHEET_CELL_MAX);
        if (fields < SHEET_COLUMNS_MAX)
            cells[fields] = cell;
        count = is_empty ? count : fields + 1;
        fields++;
        more = csv->at < csv->text.len && csv->text.ptr[csv->at] == ',';
        csv->at += more;
    }
    csv->at += csv->at < csv->text.len && csv->text.ptr[csv->at] == '\r';
    csv->at += csv->at < csv->text.len && csv->text.ptr[csv->at] == '\n';
    struct str *kept = ARENA_ARRAY(csv->arena, count, struct str);
    memcpy(kept, cells, count * sizeof(*kept));
    row->cells = kept;
    row->count = count;
    return OK;
}

enum err sheet_read_csv(struct arena *arena, struct str bytes, struct sheet *out)
{
    struct csv csv = {.arena = arena, .text = bytes};
    if (str_starts(bytes, MARK))
        csv.text = str_sub(bytes, MARK.len, bytes.len);
    enum err r = utf8_check(csv.text) == OK ? OK : from_gb18030(arena, bytes, &csv.text);
    if (r == OK && memchr(csv.text.len ? csv.text.ptr : "", 0, csv.text.len))
        r = not_csv("a NUL byte");
    struct sheet_row *rows = NULL;
    size_t count = 0, capacity = 0;
    for (int64_t number = 1; r == OK && csv.at < csv.text.len; number++) {
        struct sheet_row row = {.number = number};
        r = csv_row(&csv, &row);
        if (r == OK && row.count > 0 && count > LIMIT_IMPORT_ROWS)
            r = err_refuse(ERR_LIMIT, "sheet.too-large", "more than %d rows", LIMIT_IMPORT_ROWS);
        if (r == OK && row.count > 0)
            *ARENA_PUSH(arena, rows, count, capacity) = row;
    }
    if (r == OK)
        *out = (struct sheet){rows, count};
    return r;
}

static void csv_put(struct buf *out, struct str text, bool is_number)
{
    double value;
    bool guard = needs_guard(text) && !(is_number && sheet_number(text, &value));
    bool quote = guard;
    for (size_t i = 0; i < text.len; i++)
        quote = quote || strchr(",\"\r\n ", text.ptr[i]);
    if (quote)
        buf_add_char(out, '"');
    if (guard)
        buf_add_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            buf_add_char(out, '"');
        buf_add_char(out, text.ptr[i]);
    }
    if (quote)
        buf_add_char(out, '"');
}

enum err sheet_write_csv(const struct sheet_column *columns, size_t column_count,
                         const struct sheet *rows, struct buf *out)
{
    buf_add_str(out, MARK);
    for (size_t i = 0; i < column_count; i++) {
        buf_add_c(out, i ? "," : "");
        csv_put(out, str_of(columns[i].title), false);
    }
    buf_add_c(out, "\r\n");
    for (size_t k = 0; k < rows->count; k++) {
        for (size_t i = 0; i < column_count; i++) {
            buf_add_c(out, i ? "," : "");
            csv_put(out, sheet_cell(&rows->rows[k], i), columns[i].is_number);
        }
        buf_add_c(out, "\r\n");
    }
    return buf_check(out);
}

enum err sheet_write(enum sheet_format format, const struct sheet_column *columns,
                     size_t column_count, const struct sheet *rows, bool notes, struct buf *out)
{
    return format == SHEET_CSV ? sheet_write_csv(columns, column_count, rows, out)
                               : sheet_write_xlsx(columns, column_count, rows, notes, out);
}

const char *sheet_type(enum sheet_format format)
{
    return format == SHEET_CSV
               ? "text/csv; charset=utf-8"
               : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
}

bool sheet_number(struct str text, double *out)
{
    size_t digits = 0, at = text.len > 0 && text.ptr[0] == '-';
    bool point = false;
    for (; at < text.len; at++) {
        if (text.ptr[at] == '.' && !point && digits > 0)
            point = true;
        else if (text.ptr[at] >= '0' && text.ptr[at] <= '9')
            digits++;
        else
            return false;
    }
    if (digits == 0 || digits > 15 || text.len > 30)
        return false;
    char copy[32];
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = 0;
    *out = strtod(copy, NULL);
    return true;
}
