/* Writes a log as plain files, as C2SP tlog-tiles lays them out: any web server can publish them,
 * and whoever keeps a copy can show later that the log was changed. */
#ifndef JOURNAL_EXPORT_H
#define JOURNAL_EXPORT_H

#include "journal/journal.h"

/* Makes FOLDER/checkpoint, FOLDER/key and FOLDER/tile/…; the folder may exist. Bodies stay in the
 * store. `size` tells how many entries the checkpoint covers. ERR_IO; ERR_NOT_FOUND if the log is
 * empty. */
MUST_USE enum err journal_export(const struct journal *journal, struct db *db, int64_t park_id,
                                 const char *folder, int64_t *size);

#endif
