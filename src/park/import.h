/* The register as spreadsheets: a template, an export, and an import that is all or nothing.
 *
 * The first row names the columns, in Chinese as in the template or by the API's names, in any
 * order; a column that is left out keeps what is stored, an empty cell empties it. Enterprises are
 * known by their credit code, grids by their code, people by their number or else by name.
 */
#ifndef PARK_IMPORT_H
#define PARK_IMPORT_H

#include "park/change.h"
#include "park/sheet.h"

enum import_kind { IMPORT_ENTERPRISES, IMPORT_PEOPLE, IMPORT_GRIDS };

enum { IMPORT_ERRORS_MAX = 1000 }; /* More are left out: mend these first. */

struct import_error {
    int64_t row;       /* As the spreadsheet shows it; 1 is the header. */
    struct str column; /* The column's title, or empty if the whole row is at fault. */
    struct str reason, detail;
};

struct import_report {
    int64_t rows, created, updated, unchanged;
    struct list errors; /* struct import_error; if there are any, nothing was changed. */
};

/* Reads every row, and keeps the changes unless there is an error or `dry_run`. The bad cells are
 * in the report and not errors of the call. */
MUST_USE enum err import_run(struct db_tx *tx, struct arena *arena, const struct change *by,
                             enum import_kind kind, const struct sheet *sheet, bool dry_run,
                             struct import_report *out);

/* A header row with notes and no data. */
MUST_USE enum err import_template(enum import_kind kind, enum sheet_format format, struct buf *out);

/* What a list shows: empty and 0 let everything through. Grids know none of these. */
struct import_filter {
    struct str q; /* As search_query gives it. */
    int64_t grid_id;
    struct str industry;   /* Enterprises */
    int64_t department_id; /* People, as are the following. */
    struct str kind, role;
};

/* All that the filter lets through, in the template's columns: an export can be imported again.
 * Phones are masked. */
MUST_USE enum err import_export(struct db *db, int64_t park_id, enum import_kind kind,
                                const struct import_filter *filter, enum sheet_format format,
                                struct buf *out);

#endif
