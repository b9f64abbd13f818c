/* Reads an xlsx: the parts of a zip archive that the first sheet needs, each as a stream of XML
 * elements, so that no part is ever whole in memory. */
#include <math.h>
#include <stdlib.h>
#include <unzip.h>

#include "base/clock.h"
#include "park/sheet_inside.h"
#include "xml/stream.h"

enum {
    CHUNK = 16 * 1024,
    STYLES_MAX = 65536,
    STRINGS_MAX = 2000000,
    FORMATS_MAX = 1000,
    EXCEL_EPOCH = 25569,     /* Day number of 1970-01-01 … */
    EPOCH_1904_SHIFT = 1462, /* … and how much less it is in workbooks that count from 1904. */
    EXCEL_DAY_MAX = 2958465,
};

struct book {
    struct arena *arena;
    struct str bytes;
    size_t at, inflated;
    unzFile zip;
    bool from_1904;
    struct str sheet_id;
    const char *sheet_path;
    struct str *strings;
    size_t string_count, string_capacity;
    bool *is_date; /* By style. */
    size_t style_count, style_capacity;
    int64_t *date_formats;
    size_t format_count, format_capacity;
    struct sheet_row *rows;
    size_t row_count, row_capacity;
};

/* One part on its way through the XML parser. */
struct part {
    struct book *book;
    enum err (*open)(void *part, const char *name, const char *const *attributes);
    enum err (*close)(void *part, const char *name);
    bool takes_text, in_phonetic, in_cell_formats;
    struct buf text;
    /* The sheet's row and cell. */
    int64_t row_number, next_row;
    size_t column, next_column, filled;
    char cell_type;
    size_t style;
    struct str cells[SHEET_COLUMNS_MAX];
};

static enum err not_xlsx(const char *why)
{
    return err_refuse(ERR_INVALID, "sheet.format", "not an xlsx workbook: %s", why);
}

static enum err too_large(const char *what)
{
    return err_refuse(ERR_LIMIT, "sheet.too-large", "the workbook has too many or too long %s",
                      what);
}

/* The archive is bytes in memory. ------------------------------------------------------------- */

static voidpf zip_open(voidpf book, const void *name, int mode)
{
    (void)name;
    (void)mode;
    return book;
}

static uLong zip_read(voidpf opaque, voidpf stream, void *to, uLong size)
{
    struct book *book = stream;
    (void)opaque;
    size_t left = book->bytes.len - book->at, n = size < left ? size : left;
    memcpy(to, book->bytes.ptr + book->at, n);
    book->at += n;
    return n;
}

static ZPOS64_T zip_tell(voidpf opaque, voidpf stream)
{
    (void)opaque;
    return ((struct book *)stream)->at;
}

static long zip_seek(voidpf opaque, voidpf stream, ZPOS64_T offset, int origin)
{
    struct book *book = stream;
    (void)opaque;
    size_t from = origin == ZLIB_FILEFUNC_SEEK_CUR   ? book->at
                  : origin == ZLIB_FILEFUNC_SEEK_END ? book->bytes.len
                                                     : 0;
    if (offset > book->bytes.len - from)
        return -1;
    book->at = from + offset;
    return 0;
}

static int zip_close(voidpf opaque, voidpf stream)
{
    (void)opaque;
    (void)stream;
    return 0;
}

static int zip_error(voidpf opaque, voidpf stream)
{
    (void)opaque;
    (void)stream;
    return 0;
}

/* Parts ---------------------------------------------------------------------------------------- */

static int64_t whole(const char *text, int64_t otherwise)
{
    int64_t value;
    return text && str_to_int(str_of(text), &value) == OK ? value : otherwise;
}

static enum err on_text(void *context, struct str text)
{
    struct part *part = context;
    if (part->takes_text && !part->in_phonetic)
        buf_add_str(&part->text, text);
    return OK;
}

static enum err pump(struct book *book, struct xml_stream *stream)
{
    char chunk[CHUNK];
    enum err r = OK;
    for (int n = 1; n > 0 && r == OK;) {
        n = unzReadCurrentFile(book->zip, chunk, CHUNK);
        if (n < 0)
            return not_xlsx("a part is damaged");
        book->inflated += (size_t)n;
        if (book->inflated > LIMIT_IMPORT_SIZE)
            return too_large("bytes");
        r = xml_stream_feed(stream, (struct str){chunk, (size_t)n}, n == 0);
    }
    return r == ERR_SYNTAX ? not_xlsx("a part is not the XML it should be") : r;
}

/* ERR_NOT_FOUND if the archive has no such part. */
static enum err read_part(struct book *book, const char *path, struct part *part)
{
    if (unzLocateFile(book->zip, path, 1) != UNZ_OK || unzOpenCurrentFile(book->zip) != UNZ_OK)
        return err_set(ERR_NOT_FOUND, "the workbook has no part %s", path);
    part->book = book;
    struct xml_handlers handlers = {part, part->open, part->close, on_text};
    struct xml_stream *stream = xml_stream_new(book->arena, &handlers);
    buf_init(&part->text, SHEET_CELL_MAX * 4);
    enum err r = pump(book, stream);
    buf_release(&part->text);
    xml_stream_free(stream);
    unzCloseCurrentFile(book->zip);
    return r;
}

/* workbook.xml: which sheet is the first, and from when its days count. -------------------------
 */

static enum err workbook_open(void *context, const char *name, const char *const *attributes)
{
    struct book *book = ((struct part *)context)->book;
    if (strcmp(name, "workbookPr") == 0) {
        const char *value = xml_attribute(attributes, "date1904");
        book->from_1904 = value && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0);
    } else if (strcmp(name, "sheet") == 0 && book->sheet_id.len == 0) {
        const char *id = xml_attribute(attributes, "id"); /* r:id; sheetId is another one. */
        book->sheet_id = str_copy(book->arena, str_of(id ? id : ""));
    }
    return OK;
}

static enum err relations_open(void *context, const char *name, const char *const *attributes)
{
    struct book *book = ((struct part *)context)->book;
    struct str id = str_of(xml_attribute(attributes, "Id"));
    struct str target = str_of(xml_attribute(attributes, "Target"));
    if (strcmp(name, "Relationship") != 0 || target.len == 0 || !str_equal(id, book->sheet_id))
        return OK;
    bool is_whole = target.ptr[0] == '/';
    book->sheet_path = is_whole ? str_c(book->arena, str_sub(target, 1, target.len))
                                : str_format(book->arena, "xl/%.*s", STR_ARG(target)).ptr;
    return OK;
}

/* sharedStrings.xml -----------------------------------------------------------------------------
 */

static enum err strings_open(void *context, const char *name, const char *const *attributes)
{
    struct part *part = context;
    (void)attributes;
    if (strcmp(name, "si") == 0)
        buf_clear(&part->text);
    part->takes_text = strcmp(name, "t") == 0;
    part->in_phonetic = part->in_phonetic || strcmp(name, "rPh") == 0;
    return OK;
}

static enum err strings_close(void *context, const char *name)
{
    struct part *part = context;
    struct book *book = part->book;
    part->takes_text = false;
    if (strcmp(name, "rPh") == 0)
        part->in_phonetic = false;
    if (strcmp(name, "si") != 0)
        return OK;
    if (book->string_count == STRINGS_MAX || buf_check(&part->text) != OK)
        return too_large("texts");
    *ARENA_PUSH(book->arena, book->strings, book->string_count, book->string_capacity) =
        str_copy(book->arena, buf_str(&part->text));
    return OK;
}

/* styles.xml: which styles show a number as a date. ---------------------------------------------
 */

/* Letters of days and years outside of quotes and brackets. */
static bool format_is_date(const char *format)
{
    char closing = 0;
    for (; *format; format++) {
        if (closing)
            closing = *format == closing ? 0 : closing;
        else if (*format == '"')
            closing = '"';
        else if (*format == '[')
            closing = ']';
        else if (*format == '\\' && format[1])
            format++;
        else if (strchr("yYdD", *format))
            return true;
    }
    return false;
}

static bool number_is_date(const struct book *book, int64_t number)
{
    if ((number >= 14 && number <= 17) || number == 22 || (number >= 27 && number <= 36) ||
        (number >= 50 && number <= 58))
        return true;
    for (size_t i = 0; i < book->format_count; i++)
        if (book->date_formats[i] == number)
            return true;
    return false;
}

static enum err styles_open(void *context, const char *name, const char *const *attributes)
{
    struct part *part = context;
    struct book *book = part->book;
    int64_t number = whole(xml_attribute(attributes, "numFmtId"), 0);
    const char *code = xml_attribute(attributes, "formatCode");
    if (strcmp(name, "cellXfs") == 0)
        part->in_cell_formats = true;
    else if (strcmp(name, "numFmt") == 0 && code && format_is_date(code) &&
             book->format_count < FORMATS_MAX)
        *ARENA_PUSH(book->arena, book->date_formats, book->format_count, book->format_capacity) =
            number;
    else if (strcmp(name, "xf") == 0 && part->in_cell_formats && book->style_count < STYLES_MAX)
        *ARENA_PUSH(book->arena, book->is_date, book->style_count, book->style_capacity) =
            number_is_date(book, number);
    return OK;
}

static enum err styles_close(void *context, const char *name)
{
    if (strcmp(name, "cellXfs") == 0)
        ((struct part *)context)->in_cell_formats = false;
    return OK;
}

/* The sheet -------------------------------------------------------------------------------------
 */

static struct str date_text(const struct book *book, double serial)
{
    int64_t day = (int64_t)floor(serial);
    int64_t minutes = (int64_t)round((serial - (double)day) * 1440);
    if (book->from_1904)
        day += EPOCH_1904_SHIFT;
    else if (day < 60)
        day++; /* Excel believes in 29 February 1900. */
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, 64);
    date_format(&text, day - EXCEL_EPOCH + minutes / 1440);
    if (minutes % 1440)
        buf_format(&text, " %02d:%02d", (int)(minutes % 1440 / 60), (int)(minutes % 60));
    return str_copy(book->arena, buf_str(&text));
}

static struct str number_text(struct part *part, struct str text)
{
    struct book *book = part->book;
    char *end, *copy = str_c(book->arena, text);
    double value = strtod(copy, &end);
    if (*end || end == copy || !isfinite(value))
        return text;
    if (part->style < book->style_count && book->is_date[part->style] && value >= 0 &&
        value < EXCEL_DAY_MAX)
        return date_text(book, value);
    if (fabs(value) < 1e15 && floor(value) == value)
        return str_format(book->arena, "%" PRId64, (int64_t)value);
    return str_format(book->arena, "%.15g", value);
}

static enum err cell_text(struct part *part, struct str *out)
{
    struct book *book = part->book;
    int64_t number;
    if (buf_check(&part->text) != OK)
        return too_large("cells");
    struct str text = str_copy(book->arena, buf_str(&part->text));
    *out = text;
    if (part->cell_type == 'n')
        *out = number_text(part, str_trim(text));
    else if (part->cell_type == 'b')
        *out = str_is(text, "1") ? STR("TRUE") : str_is(text, "0") ? STR("FALSE") : text;
    if (part->cell_type != 's' || text.len == 0)
        return OK;
    if (str_to_int(str_trim(text), &number) != OK || number < 0 ||
        (size_t)number >= book->string_count)
        return not_xlsx("a cell names a text that is not there");
    *out = book->strings[number];
    return OK;
}

/* "AB12" → 27, from 0. */
static size_t column_of(const char *place)
{
    size_t column = 0;
    for (; *place >= 'A' && *place <= 'Z' && column < 100000; place++)
        column = column * 26 + (size_t)(*place - 'A' + 1);
    return column ? column - 1 : 0;
}

static void cell_open(struct part *part, const char *const *attributes)
{
    const char *place = xml_attribute(attributes, "r"), *type = xml_attribute(attributes, "t");
    int64_t style = whole(xml_attribute(attributes, "s"), 0);
    part->column = place ? column_of(place) : part->next_column;
    part->next_column = part->column + 1;
    part->style = style < 0 ? 0 : (size_t)style;
    part->cell_type = !type || strcmp(type, "n") == 0 ? 'n'
                      : strcmp(type, "s") == 0        ? 's'
                      : strcmp(type, "b") == 0        ? 'b'
                                                      : 't';
    buf_clear(&part->text);
}

static enum err sheet_open(void *context, const char *name, const char *const *attributes)
{
    struct part *part = context;
    if (strcmp(name, "row") == 0) {
        part->row_number = whole(xml_attribute(attributes, "r"), part->next_row);
        part->next_row = part->row_number < INT32_MAX ? part->row_number + 1 : INT32_MAX;
        part->next_column = part->filled = 0;
        memset(part->cells, 0, sizeof(part->cells));
    } else if (strcmp(name, "c") == 0) {
        cell_open(part, attributes);
    }
    part->takes_text = strcmp(name, "v") == 0 || strcmp(name, "t") == 0;
    part->in_phonetic = part->in_phonetic || strcmp(name, "rPh") == 0;
    return OK;
}

static enum err cell_close(struct part *part)
{
    struct str text;
    enum err r = cell_text(part, &text);
    if (r != OK || str_trim(text).len == 0)
        return r;
    if (part->column >= SHEET_COLUMNS_MAX || text.len > SHEET_CELL_MAX)
        return too_large("columns or cells");
    part->cells[part->column] = text;
    if (part->filled <= part->column)
        part->filled = part->column + 1;
    return OK;
}

static enum err row_close(struct part *part)
{
    struct book *book = part->book;
    if (part->filled == 0)
        return OK;
    if (book->row_count > LIMIT_IMPORT_ROWS)
        return too_large("rows");
    struct str *cells = ARENA_ARRAY(book->arena, part->filled, struct str);
    memcpy(cells, part->cells, part->filled * sizeof(*cells));
    *ARENA_PUSH(book->arena, book->rows, book->row_count, book->row_capacity) =
        (struct sheet_row){.number = part->row_number, .cells = cells, .count = part->filled};
    return OK;
}

static enum err sheet_close(void *context, const char *name)
{
    struct part *part = context;
    part->takes_text = false;
    if (strcmp(name, "rPh") == 0)
        part->in_phonetic = false;
    else if (strcmp(name, "c") == 0)
        return cell_close(part);
    else if (strcmp(name, "row") == 0)
        return row_close(part);
    return OK;
}

static enum err optional(enum err r)
{
    return r == ERR_NOT_FOUND ? OK : r;
}

static enum err read_book(struct book *book)
{
    struct part workbook = {.open = workbook_open}, relations = {.open = relations_open};
    struct part strings = {.open = strings_open, .close = strings_close};
    struct part styles = {.open = styles_open, .close = styles_close};
    book->sheet_path = "xl/worksheets/sheet1.xml";
    enum err r = read_part(book, "xl/workbook.xml", &workbook);
    if (r == OK)
        r = optional(read_part(book, "xl/_rels/workbook.xml.rels", &relations));
    if (r == OK)
        r = optional(read_part(book, "xl/sharedStrings.xml", &strings));
    if (r == OK)
        r = optional(read_part(book, "xl/styles.xml", &styles));
    if (r != OK)
        return r == ERR_NOT_FOUND ? not_xlsx("it has no workbook") : r;
    struct part *sheet = ARENA_NEW(book->arena, struct part);
    *sheet = (struct part){.open = sheet_open, .close = sheet_close, .next_row = 1};
    r = read_part(book, book->sheet_path, sheet);
    return r == ERR_NOT_FOUND ? not_xlsx("it has no sheet") : r;
}

enum err sheet_read_xlsx(struct arena *arena, struct str bytes, struct sheet *out)
{
    struct book *book = ARENA_NEW(arena, struct book);
    *book = (struct book){.arena = arena, .bytes = bytes};
    zlib_filefunc64_def memory = {.zopen64_file = zip_open,
                                  .zread_file = zip_read,
                                  .ztell64_file = zip_tell,
                                  .zseek64_file = zip_seek,
                                  .zclose_file = zip_close,
                                  .zerror_file = zip_error,
                                  .opaque = book};
    book->zip = unzOpen2_64("", &memory);
    if (!book->zip)
        return not_xlsx("not a zip archive");
    enum err r = read_book(book);
    unzClose(book->zip);
    if (r == OK)
        *out = (struct sheet){book->rows, book->row_count};
    return r;
}
