/* Bringing the log into the store beside the writer, so that no command waits for it.
 *
 * Once the log is long, a thread with a connection of its own brings in what has been committed;
 * then the writer, between two transactions, brings in the little that came since, and the log
 * begins anew. What fails is tried again after a later commit: until then the log holds it.
 */
#ifndef DB_CHECKPOINT_H
#define DB_CHECKPOINT_H

#include "db/db.h"

enum { CHECKPOINT_FRAMES = 4000 };

struct checkpoint;

/* `writer` is the connection that commits; it must outlive this. A log of `frames` pages is long.
 */
MUST_USE enum err checkpoint_start(const char *path, struct db *writer, int frames,
                                   struct checkpoint **out);
/* While nobody commits. NULL is a no-op. */
void checkpoint_free(struct checkpoint *checkpoint);

#endif
