/* Looks at every byte of a store: `kuailian journal verify` and the backup's test use it. */
#ifndef DB_CHECK_H
#define DB_CHECK_H

#include "db/db.h"

/* Where findings go, in words: what is damaged and to what it belongs. */
struct findings {
    void (*say)(void *context, const char *text);
    void *context;
    int64_t count;
};

void finding(struct findings *findings, const char *format, ...) PRINTF_LIKE(2, 3);

struct db_check_result {
    int64_t pages, frames; /* Looked at: of the file, of its write-ahead log. */
};

/* Every page and frame against its checksum; then, if all fit, SQLite's integrity check, foreign
 * keys included. A damaged page is named with the table or index it belongs to. Also while a
 * program runs on the store. An error means that the check itself could not be made. */
MUST_USE enum err db_check(const char *path, struct findings *findings,
                           struct db_check_result *out);

#endif
