/* What a benchmark's writes cost SQLite alone: the same schema and pragmas on the same disk, in as
 * many commits, with all values at hand. Nothing is decided, hashed, signed or checked. */
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include <sqlite3.h>

#include "base/base.h"

struct floor {
    const char *base;  /* The store before the run, at rest, … */
    const char *store; /* … after it, … */
    const char *raw;   /* … and where to write. */
    int64_t commits;
    /* After each row of `table`; may be NULL. */
    void (*after_row)(sqlite3 *to, const char *table, sqlite3_value **row);
};

/* Seconds to put all rows that the run left, or left changed, into a copy of the store before it.
 */
double floor_rows(const struct floor *floor);
/* Seconds to append `bytes` as `count` blobs to a table of one column, without any index. */
double floor_plain(const struct floor *floor, int64_t count, int64_t bytes);

/* Bytes that this process has handed to the disk so far. A byte of a store is written twice, first
 * into the log: floor_plain with half of a run's bytes writes what the run wrote. */
int64_t bytes_written(void);
int64_t file_size(const char *path);
void file_copy(const char *from, const char *to);
/* Brings the write-ahead log into the store. */
void checkpoint(const char *store);

#endif
