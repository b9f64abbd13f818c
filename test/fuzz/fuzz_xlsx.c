/* Spreadsheets: CSV, archives as they come, and archives of parts that the fuzzer can reach.
 *
 * Bytes that begin with 0x02 are up to five XML parts divided by 0x01, which are put into an
 * archive without compression: deflated data would hide the XML from the fuzzer. Whatever is read
 * can be written as CSV and reads again as the same. */
#include <stdlib.h>
#include <zlib.h>

#include "park/sheet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const PATHS[] = {"xl/workbook.xml", "xl/_rels/workbook.xml.rels",
                                    "xl/sharedStrings.xml", "xl/styles.xml",
                                    "xl/worksheets/sheet1.xml"};

static void put(struct buf *out, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++, value >>= 8)
        buf_add_char(out, (char)(value & 0xFF));
}

/* What a local header and a directory entry have in common, from "version needed" on. */
static void put_entry(struct buf *out, const char *path, struct str part)
{
    put(out, 20, 2);
    put(out, 0, 2); /* Flags */
    put(out, 0, 2); /* Stored */
    put(out, 0, 4); /* Time and date */
    put(out, (uint32_t)crc32(0, (const Bytef *)part.ptr, (uInt)part.len), 4);
    put(out, (uint32_t)part.len, 4);
    put(out, (uint32_t)part.len, 4);
    put(out, (uint32_t)strlen(path), 2);
    put(out, 0, 2); /* Extra */
}

static void put_archive(struct buf *out, struct str parts)
{
    CLEANUP(buf_release) struct buf directory;
    buf_init(&directory, 4096);
    uint32_t count = 0;
    for (size_t at = 0; count < COUNT_OF(PATHS) && at <= parts.len; count++) {
        size_t end = str_find(parts, STR("\x01"), at);
        struct str part = str_sub(parts, at, end - at);
        uint32_t offset = (uint32_t)out->len;
        put(out, 0x04034B50, 4);
        put_entry(out, PATHS[count], part);
        buf_add_c(out, PATHS[count]);
        buf_add_str(out, part);
        put(&directory, 0x02014B50, 4);
        put(&directory, 20, 2);
        put_entry(&directory, PATHS[count], part);
        put(&directory, 0, 4); /* Comment, disk */
        put(&directory, 0, 4);
        put(&directory, 0, 2); /* Attributes, six bytes in all */
        put(&directory, offset, 4);
        buf_add_c(&directory, PATHS[count]);
        at = end + 1;
    }
    uint32_t begin = (uint32_t)out->len;
    buf_add_str(out, buf_str(&directory));
    put(out, 0x06054B50, 4);
    put(out, 0, 4);
    put(out, count, 2);
    put(out, count, 2);
    put(out, (uint32_t)directory.len, 4);
    put(out, begin, 4);
    put(out, 0, 2);
}

static void check_back(const struct sheet *sheet)
{
    CLEANUP(arena_release) struct arena arena = {0};
    CLEANUP(buf_release) struct buf csv;
    struct sheet_column columns[SHEET_COLUMNS_MAX];
    struct sheet back;
    buf_init(&csv, 16 * 1024 * 1024);
    for (size_t i = 0; i < COUNT_OF(columns); i++)
        columns[i] = (struct sheet_column){.title = "x"};
    if (sheet_write(SHEET_CSV, columns, COUNT_OF(columns), sheet, false, &csv) != OK)
        return;
    if (sheet_read(&arena, buf_str(&csv), &back) != OK || back.count != sheet->count + 1)
        abort();
    for (size_t i = 0; i < sheet->count; i++)
        for (size_t k = 0; k < SHEET_COLUMNS_MAX; k++)
            if (!str_equal(sheet_cell(&back.rows[i + 1], k), sheet_cell(&sheet->rows[i], k)))
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_release) struct arena arena = {0};
    CLEANUP(buf_release) struct buf archive;
    struct str bytes = {(const char *)data, size};
    struct sheet sheet;
    buf_init(&archive, 1024 * 1024);
    if (size > 256 * 1024)
        return 0;
    if (size > 0 && data[0] == 0x02) {
        put_archive(&archive, str_sub(bytes, 1, size));
        bytes = buf_str(&archive);
    }
    if (sheet_read(&arena, bytes, &sheet) == OK)
        check_back(&sheet);
    return 0;
}
