/* The thread that looks at heat scenes: takes what lies in the watched folder, reads scenes that
 * wait, and works out the statistics of their layers, one at a time and off the writer.
 *
 * What it has to do stands in the store, so a restart goes on where the last run ended. Zones that
 * were redrawn make statistics stale; it finds out by itself and works them out anew.
 */
#ifndef PARK_HEAT_WORK_H
#define PARK_HEAT_WORK_H

#include "db/writer.h"
#include "park/heat_store.h"

struct heat_work;
struct heat_gallery;

struct heat_work_config {
    const char *store, *dir; /* The store's path, and the folder that heat/ stands in. */
    const char *watched;     /* NULL: DIR/heat/incoming */
    struct writer *writer;
};

/* Copies the texts. */
MUST_USE enum err heat_work_start(const struct heat_work_config *config, struct heat_work **out);
/* Before the writer is stopped: breaks off what it reads. */
void heat_work_stop(struct heat_work *work);
/* After the writer is stopped, which tells it of each commit. NULL is a no-op. */
void heat_work_free(struct heat_work *work);
/* In a command: there is something new to look at once it is on disk. */
void heat_work_poke(struct heat_work *work);
/* After each commit, on the writer's thread. */
void heat_work_committed(struct heat_work *work);

const char *heat_work_dir(const struct heat_work *work);
/* Layers that people look at. */
struct heat_gallery *heat_work_gallery(struct heat_work *work);
/* Which layer is being read, and how much of it is done (0 to 100); 0: none. */
int64_t heat_work_progress(struct heat_work *work, int *percent);

#endif
