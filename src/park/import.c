#include "journal/journal.h"
#include "park/import_inside.h"

static const struct import_table *const TABLES[] = {&IMPORT_ENTERPRISE_TABLE, &IMPORT_PERSON_TABLE,
                                                    &IMPORT_GRID_TABLE};
static const char *const KINDS[] = {"enterprises", "people", "grids"};

bool import_has(const struct import *import, size_t column)
{
    return import->place[column] != IMPORT_NOWHERE;
}

struct str import_cell(const struct import *import, size_t column)
{
    return import_has(import, column) ? sheet_cell(import->row, import->place[column]) : STR("");
}

/* Without the mark of a column that must be filled. */
static struct str title_of(struct str title)
{
    while (str_ends(title, STR("*")))
        title = str_trim(str_sub(title, 0, title.len - 1));
    return title;
}

static void add_error(struct import *import, int64_t row, struct str column, const char *reason,
                      const char *detail)
{
    import->row_is_bad = true;
    if (import->error_count == IMPORT_ERRORS_MAX)
        return;
    struct import_error error = {.row = row,
                                 .column = column,
                                 .reason = str_copy(import->arena, str_of(reason)),
                                 .detail = str_copy(import->arena, str_of(detail))};
    *ARENA_PUSH(import->arena, import->errors, import->error_count, import->error_capacity) = error;
}

void import_refuse(struct import *import, size_t column, const char *reason, const char *detail)
{
    struct str title =
        column == IMPORT_NOWHERE ? STR("") : title_of(str_of(import->table->shown[column].title));
    add_error(import, import->row->number, title, reason, detail);
}

static size_t column_of_field(const struct import_table *table, const char *field)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->columns[i].field, field) == 0)
            return i;
    return IMPORT_NOWHERE;
}

enum err import_note(struct import *import, enum err r)
{
    if (r == OK || r == ERR_IO || r == ERR_CORRUPT || r == ERR_INTERNAL || r == ERR_BUSY)
        return r;
    const struct err_info *why = err_last();
    import_refuse(import, column_of_field(import->table, why->field),
                  why->reason[0] ? why->reason : err_type(r), why->detail);
    return OK;
}

static void clear_member(const struct field *field, void *member)
{
    if (field->type == FIELD_TEXT)
        *(struct str *)member = STR("");
    else if (field->type == FIELD_REAL)
        *(double *)member = 0;
    else
        *(int64_t *)member = 0;
}

void import_decode(struct import *import, void *value)
{
    const struct import_table *table = import->table;
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = table->fields;
        while (field->name && strcmp(field->name, table->columns[i].field) != 0)
            field++;
        struct str text = import_cell(import, i);
        if (!import_has(import, i))
            continue;
        if (table->columns[i].required && text.len == 0)
            import_refuse(import, i, "field.required", "this cell must not be empty");
        bool scalar = field->name && (field->type == FIELD_TEXT || field->type == FIELD_INT ||
                                      field->type == FIELD_REAL);
        if (!scalar)
            continue;
        void *member = (char *)value + field->offset;
        if (text.len == 0)
            clear_member(field, member);
        else if (field_decode_text(import->arena, field, text, member) != OK)
            import_refuse(import, i, err_last()->reason, err_last()->detail);
    }
}

void import_once(struct import *import, int64_t id)
{
    size_t at = (size_t)((uint64_t)id * UINT64_C(0x9E3779B97F4A7C15) % import->seen_size);
    for (; import->seen[at]; at = (at + 1) % import->seen_size)
        if (import->seen[at] == id) {
            import_refuse(import, 0, "import.row-twice", "an earlier row is about the same one");
            return;
        }
    import->seen[at] = id;
}

/* Finds the place of each column by its title or its name in the API. */
static void read_header(struct import *import, const struct sheet_row *header)
{
    const struct import_table *table = import->table;
    for (size_t i = 0; i < table->count; i++)
        import->place[i] = IMPORT_NOWHERE;
    for (size_t k = 0; k < header->count; k++) {
        struct str title = title_of(sheet_cell(header, k));
        size_t found = IMPORT_NOWHERE;
        for (size_t i = 0; i < table->count; i++)
            if (str_equal(title, title_of(str_of(table->shown[i].title))) ||
                str_is(title, table->columns[i].field))
                found = i;
        if (title.len == 0)
            continue;
        if (found == IMPORT_NOWHERE)
            add_error(import, header->number, title, "import.column-unknown",
                      "the template has no such column");
        else if (import_has(import, found))
            add_error(import, header->number, title, "import.column-twice",
                      "this column is there twice");
        else
            import->place[found] = k;
    }
    for (size_t i = 0; i < table->count; i++)
        if (table->columns[i].required && !import_has(import, i))
            add_error(import, header->number, title_of(str_of(table->shown[i].title)),
                      "import.column-missing", "the first row must name this column");
}

/* A row that fails takes its own changes back, so that it makes no errors in later rows. */
static enum err run_row(struct import *import, struct import_report *report)
{
    enum import_outcome outcome = IMPORT_UNCHANGED;
    import->row_is_bad = false;
    enum err r = db_savepoint(import->tx);
    if (r != OK)
        return r;
    r = import->table->row(import, &outcome);
    enum err end = r != OK || import->row_is_bad ? db_undo(import->tx) : db_release(import->tx);
    if (r == OK)
        r = end;
    report->rows++;
    report->created += outcome == IMPORT_CREATED;
    report->updated += outcome == IMPORT_UPDATED;
    report->unchanged += outcome == IMPORT_UNCHANGED && !import->row_is_bad;
    return r;
}

static enum err record(struct import *import, const char *kind, const struct import_report *report)
{
    CLEANUP(buf_release) struct buf body;
    buf_init(&body, 1024);
    struct json_writer w = json_writer(&body);
    json_object_begin(&w);
    json_member_c(&w, "table", kind);
    json_member_int(&w, "created", report->created);
    json_member_int(&w, "updated", report->updated);
    json_object_end(&w);
    struct journal_entry entry = {.park_id = import->by.park_id,
                                  .time_us = import->by.now_us,
                                  .kind = "register.imported",
                                  .actor_id = import->by.actor_id,
                                  .body = buf_str(&body)};
    return journal_append(import->tx, &entry, NULL);
}

static enum err run_rows(struct import *import, const struct sheet *sheet,
                         struct import_report *report)
{
    enum err r = OK;
    for (size_t i = 1; r == OK && i < sheet->count; i++) {
        import->row = &sheet->rows[i];
        r = run_row(import, report);
    }
    return r;
}

enum err import_run(struct db_tx *tx, struct arena *arena, const struct change *by,
                    enum import_kind kind, const struct sheet *sheet, bool dry_run,
                    struct import_report *out)
{
    struct import import = {.tx = tx, .arena = arena, .by = *by, .table = TABLES[kind]};
    struct import_report report = {0};
    if (sheet->count == 0)
        return err_refuse(ERR_INVALID, "sheet.empty", "the sheet is empty");
    import.seen_size = sheet->count * 2 + 1;
    import.seen = ARENA_ARRAY(arena, import.seen_size, int64_t);
    enum err r = db_savepoint(tx);
    if (r != OK)
        return r;
    read_header(&import, &sheet->rows[0]);
    if (import.error_count == 0)
        r = run_rows(&import, sheet, &report);
    bool keep = !dry_run && import.error_count == 0;
    if (import.error_count > 0)
        report.created = report.updated = report.unchanged = 0;
    if (r == OK && keep && report.created + report.updated > 0)
        r = record(&import, KINDS[kind], &report);
    enum err end = r == OK && keep ? db_release(tx) : db_undo(tx);
    if (r == OK)
        r = end;
    report.errors = (struct list){import.errors, import.error_count};
    if (r == OK)
        *out = report;
    return r;
}

enum err import_template(enum import_kind kind, enum sheet_format format, struct buf *out)
{
    const struct import_table *table = TABLES[kind];
    return sheet_write(format, table->shown, table->count, &(struct sheet){0}, true, out);
}

enum err import_export(struct db *db, int64_t park_id, enum import_kind kind,
                       const struct import_filter *filter, enum sheet_format format,
                       struct buf *out)
{
    CLEANUP(arena_release) struct arena arena = {0};
    const struct import_table *table = TABLES[kind];
    struct sheet rows;
    enum err r = table->all(db, &arena, park_id, filter, &rows);
    if (r == OK)
        r = sheet_write(format, table->shown, table->count, &rows, false, out);
    return r;
}
