#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zip.h>

#include "park/sheet.h"

static void csv_is_read_as_rfc_4180_says(void **state)
{
    (void)state;
    struct arena arena;
    struct sheet sheet = {0};
    arena_init(&arena);
    assert_ok(sheet_read(&arena,
                         STR("\xEF\xBB\xBF名称,备注,数\r\n"
                             "\"甲, 乙\",\"他说 \"\"好\"\"\",1\n"
                             "\r\n"
                             ",,\r\n"
                             "丙,\"两\n行\",'=1+1"),
                         &sheet));
    assert_int_equal(sheet.count, 3);
    assert_str(sheet_cell(&sheet.rows[0], 0), "名称");
    assert_str(sheet_cell(&sheet.rows[1], 0), "甲, 乙");
    assert_str(sheet_cell(&sheet.rows[1], 1), "他说 \"好\"");
    assert_str(sheet_cell(&sheet.rows[1], 2), "1");
    assert_int_equal(sheet.rows[2].number, 5);
    assert_str(sheet_cell(&sheet.rows[2], 1), "两\n行");
    assert_str(sheet_cell(&sheet.rows[2], 2), "=1+1");
    assert_str(sheet_cell(&sheet.rows[2], 9), "");
    arena_release(&arena);
}

static void csv_from_excel_in_china_is_read_too(void **state)
{
    (void)state;
    struct arena arena;
    struct sheet sheet = {0};
    arena_init(&arena);
    /* 镇洋,化工 in GB 18030, and U+2000B, which takes four bytes there. */
    assert_ok(
        sheet_read(&arena, STR("\xD5\xF2\xD1\xF3,\xBB\xAF\xB9\xA4\r\n\x95\x32\x83\x37"), &sheet));
    assert_int_equal(sheet.count, 2);
    assert_str(sheet_cell(&sheet.rows[0], 0), "镇洋");
    assert_str(sheet_cell(&sheet.rows[0], 1), "化工");
    assert_str(sheet_cell(&sheet.rows[1], 0), "\xF0\xA0\x80\x8B");
    arena_release(&arena);
}

static void bad_csv_is_refused(void **state)
{
    (void)state;
    static const struct str bad[] = {
        STR_INIT("a,\"b"),
        STR_INIT("\"a\"b,c"),
        STR_INIT("a\0b"),
        STR_INIT("\xFF\xFF,a"),
    };
    struct arena arena;
    struct sheet sheet;
    arena_init(&arena);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_err(sheet_read(&arena, bad[i], &sheet), ERR_INVALID);
        assert_string_equal(err_last()->reason, "sheet.format");
    }
    struct buf wide;
    buf_init(&wide, 4096);
    for (int i = 0; i < SHEET_COLUMNS_MAX + 1; i++)
        buf_add_c(&wide, "x,");
    assert_err(sheet_read(&arena, buf_str(&wide), &sheet), ERR_LIMIT);
    buf_release(&wide);
    arena_release(&arena);
}

static const struct sheet_column COLUMNS[] = {{"名称*", 20, false, "必填"}, {"数", 8, true, NULL}};

static struct sheet some_rows(void)
{
    static const struct str cells[][2] = {
        {STR_INIT("镇洋"), STR_INIT("12.5")},
        {STR_INIT("=HYPERLINK(\"http://x\")"), STR_INIT("-3")},
        {STR_INIT("'=typed so"), STR_INIT("'s")},
        {STR_INIT("@a \"quoted\", b"), STR_INIT("-cmd|'/c calc'!A0")},
    };
    static const struct sheet_row rows[] = {
        {2, cells[0], 2}, {3, cells[1], 2}, {4, cells[2], 2}, {5, cells[3], 2}};
    return (struct sheet){rows, COUNT_OF(rows)};
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    for (enum sheet_format format = SHEET_XLSX; format <= SHEET_CSV; format++) {
        struct arena arena;
        struct buf out;
        struct sheet rows = some_rows(), back = {0};
        arena_init(&arena);
        buf_init(&out, 1 << 20);
        assert_ok(sheet_write(format, COLUMNS, COUNT_OF(COLUMNS), &rows, true, &out));
        assert_ok(sheet_read(&arena, buf_str(&out), &back));
        assert_int_equal(back.count, rows.count + 1);
        assert_str(sheet_cell(&back.rows[0], 0), "名称*");
        for (size_t i = 0; i < rows.count; i++)
            for (size_t k = 0; k < 2; k++)
                assert_true(
                    str_equal(sheet_cell(&back.rows[i + 1], k), sheet_cell(&rows.rows[i], k)));
        buf_release(&out);
        arena_release(&arena);
    }
}

static void csv_holds_no_formula(void **state)
{
    (void)state;
    struct buf out;
    struct sheet rows = some_rows();
    buf_init(&out, 4096);
    assert_ok(sheet_write(SHEET_CSV, COLUMNS, COUNT_OF(COLUMNS), &rows, true, &out));
    assert_str(buf_str(&out), "\xEF\xBB\xBF名称*,数\r\n"
                              "镇洋,12.5\r\n"
                              "\"'=HYPERLINK(\"\"http://x\"\")\",-3\r\n"
                              "\"''=typed so\",'s\r\n"
                              "\"'@a \"\"quoted\"\", b\",\"'-cmd|'/c calc'!A0\"\r\n");
    buf_release(&out);
}

/* Other people's workbooks -------------------------------------------------------------------- */

struct part {
    const char *path, *text;
};

static struct str zip_of(struct arena *arena, const struct part *parts, size_t count)
{
    char path[] = "/tmp/kuailian-xlsx-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    zipFile zip = zipOpen64(path, APPEND_STATUS_CREATE);
    for (size_t i = 0; i < count; i++) {
        zip_fileinfo info = {0};
        assert_int_equal(
            zipOpenNewFileInZip64(zip, parts[i].path, &info, NULL, 0, NULL, 0, NULL, 8, 6, 0),
            ZIP_OK);
        zipWriteInFileInZip(zip, parts[i].text, (unsigned)strlen(parts[i].text));
        zipCloseFileInZip(zip);
    }
    zipClose(zip, NULL);
    off_t len = lseek(fd, 0, SEEK_END);
    char *bytes = arena_alloc(arena, (size_t)len);
    assert_int_equal(pread(fd, bytes, (size_t)len, 0), len);
    close(fd);
    unlink(path);
    return (struct str){bytes, (size_t)len};
}

static const char WORKBOOK[] =
    "<?xml version=\"1.0\"?><x:workbook xmlns:x=\"m\" xmlns:r=\"o\"><x:sheets>"
    "<x:sheet name=\"a\" sheetId=\"7\" r:id=\"rId9\"/><x:sheet name=\"b\" r:id=\"rId1\"/>"
    "</x:sheets></x:workbook>";
static const char RELATIONS[] = "<Relationships><Relationship Id=\"rId1\" Target=\"other.xml\"/>"
                                "<Relationship Id=\"rId9\" Target=\"/xl/worksheets/mine.xml\"/>"
                                "</Relationships>";

static void a_workbook_of_another_program_is_read(void **state)
{
    (void)state;
    static const struct part parts[] = {
        {"xl/workbook.xml", WORKBOOK},
        {"xl/_rels/workbook.xml.rels", RELATIONS},
        {"xl/styles.xml",
         "<styleSheet><numFmts><numFmt numFmtId=\"170\" formatCode=\"yyyy&quot;年&quot;m\"/>"
         "<numFmt numFmtId=\"171\" formatCode=\"0.0&quot;day&quot;\"/></numFmts>"
         "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/>"
         "<xf numFmtId=\"14\"/><xf numFmtId=\"170\"/><xf numFmtId=\"171\"/></cellXfs>"
         "</styleSheet>"},
        {"xl/sharedStrings.xml",
         "<sst><si><t>镇</t></si><si><r><t>镇</t></r><r><t xml:space=\"preserve\">洋 </t></r>"
         "<rPh sb=\"0\"><t>zhen</t></rPh></si></sst>"},
        {"xl/worksheets/mine.xml",
         "<worksheet><sheetData><row r=\"3\"><c r=\"A3\" t=\"s\"><v>1</v></c>"
         "<c r=\"C3\" t=\"inlineStr\"><is><t>内</t><r><t>联</t></r></is></c></row>"
         "<row><c><v>1.3812345678E10</v></c><c s=\"1\"><v>43852</v></c><c s=\"2\"><v>43852.75</v>"
         "</c><c s=\"3\"><v>0.1</v></c><c t=\"b\"><v>1</v></c><c t=\"str\"><f>A1</f><v>x</v></c>"
         "<c s=\"1\"><v>1</v></c></row><row r=\"9\"><c r=\"A9\"/></row></sheetData></worksheet>"},
    };
    struct arena arena;
    struct sheet sheet = {0};
    arena_init(&arena);
    assert_ok(sheet_read(&arena, zip_of(&arena, parts, COUNT_OF(parts)), &sheet));
    assert_int_equal(sheet.count, 2);
    assert_int_equal(sheet.rows[0].number, 3);
    assert_str(sheet_cell(&sheet.rows[0], 0), "镇洋");
    assert_str(sheet_cell(&sheet.rows[0], 1), "");
    assert_str(sheet_cell(&sheet.rows[0], 2), "内联");
    const struct sheet_row *row = &sheet.rows[1];
    assert_int_equal(row->number, 4);
    assert_str(sheet_cell(row, 0), "13812345678");
    assert_str(sheet_cell(row, 1), "2020-01-22");
    assert_str(sheet_cell(row, 2), "2020-01-22 18:00");
    assert_str(sheet_cell(row, 3), "0.1");
    assert_str(sheet_cell(row, 4), "TRUE");
    assert_str(sheet_cell(row, 5), "x");
    assert_str(sheet_cell(row, 6), "1900-01-01");
    arena_release(&arena);
}

static void hostile_workbooks_are_refused(void **state)
{
    (void)state;
    static const struct part sheets[] = {
        {"xl/worksheets/sheet1.xml", "<!DOCTYPE a [<!ENTITY b \"c\">]><worksheet/>"},
        {"xl/worksheets/sheet1.xml", "<worksheet><row><c t=\"s\"><v>7</v></c></row></worksheet>"},
        {"xl/worksheets/sheet1.xml", "<worksheet><row>"},
        {"xl/worksheets/other.xml", "<worksheet/>"},
    };
    struct arena arena;
    struct sheet sheet;
    arena_init(&arena);
    for (size_t i = 0; i < COUNT_OF(sheets); i++) {
        struct part parts[] = {{"xl/workbook.xml", "<workbook/>"}, sheets[i]};
        assert_err(sheet_read(&arena, zip_of(&arena, parts, 2), &sheet), ERR_INVALID);
        assert_string_equal(err_last()->reason, "sheet.format");
    }
    assert_err(sheet_read(&arena, STR("PK\x03\x04 and no more"), &sheet), ERR_INVALID);
    struct part wide[] = {{"xl/workbook.xml", "<workbook/>"},
                          {"xl/worksheets/sheet1.xml",
                           "<worksheet><row><c r=\"XFD1\"><v>1</v></c></row></worksheet>"}};
    assert_err(sheet_read(&arena, zip_of(&arena, wide, 2), &sheet), ERR_LIMIT);

    size_t size = LIMIT_IMPORT_SIZE + 4096;
    char *bomb = malloc(size + 1);
    memset(bomb, ' ', size);
    memcpy(bomb, "<worksheet>", 11);
    bomb[size] = 0;
    struct part bombs[] = {{"xl/workbook.xml", "<workbook/>"}, {"xl/worksheets/sheet1.xml", bomb}};
    struct str zipped = zip_of(&arena, bombs, 2);
    free(bomb);
    assert_true(zipped.len < 1000000);
    assert_err(sheet_read(&arena, zipped, &sheet), ERR_LIMIT);
    assert_string_equal(err_last()->reason, "sheet.too-large");
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_is_read_as_rfc_4180_says),
        cmocka_unit_test(csv_from_excel_in_china_is_read_too),
        cmocka_unit_test(bad_csv_is_refused),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(csv_holds_no_formula),
        cmocka_unit_test(a_workbook_of_another_program_is_read),
        cmocka_unit_test(hostile_workbooks_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
