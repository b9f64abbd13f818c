/* Between import.c, its kinds of rows, and export.c. */
#ifndef PARK_IMPORT_INSIDE_H
#define PARK_IMPORT_INSIDE_H

#include "park/import.h"

enum { IMPORT_COLUMNS_MAX = 16 };

enum import_outcome { IMPORT_UNCHANGED, IMPORT_CREATED, IMPORT_UPDATED };

struct import_column {
    const char *field; /* Its name in the API: also the member it fills, if there is one. */
    bool required;
};

struct import {
    struct db_tx *tx;
    struct arena *arena;
    struct change by;
    const struct import_table *table;
    size_t place[IMPORT_COLUMNS_MAX]; /* Column in the sheet by column of the table; or NOWHERE. */
    const struct sheet_row *row;
    struct import_error *errors;
    size_t error_count, error_capacity;
    bool row_is_bad;
    int64_t *seen; /* Open hash table of ids that earlier rows were about. */
    size_t seen_size;
};

#define IMPORT_NOWHERE SIZE_MAX

struct import_table {
    const struct sheet_column *shown; /* Titles end with '*' where a cell must not be empty. */
    const struct import_column *columns;
    size_t count;
    const struct field *fields;
    /* Reads import->row, notes bad cells, and else makes the change. Anything but OK is the end. */
    enum err (*row)(struct import *import, enum import_outcome *outcome);
    enum err (*all)(struct db *db, struct arena *arena, int64_t park_id,
                    const struct import_filter *filter, struct sheet *out);
};

extern const struct import_table IMPORT_ENTERPRISE_TABLE, IMPORT_PERSON_TABLE, IMPORT_GRID_TABLE;

bool import_has(const struct import *import, size_t column); /* Is the column in the sheet? */
struct str import_cell(const struct import *import, size_t column);

/* Notes a bad cell; `column` may be IMPORT_NOWHERE. */
void import_refuse(struct import *import, size_t column, const char *reason, const char *detail);
/* Notes the thread's last error if it is one of the row's own, and gives OK; else gives `r`. */
MUST_USE enum err import_note(struct import *import, enum err r);

/* Fills the members that the columns name from their cells, noting what does not fit. */
void import_decode(struct import *import, void *value);

/* Notes an error if an earlier row was about this id. */
void import_once(struct import *import, int64_t id);

#endif
