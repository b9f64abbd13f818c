#include "db/checkpoint.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/lookout.h"

enum stage { AT_REST, ASKED, BROUGHT_IN };

struct checkpoint {
    struct db *writer, *beside;
    struct lookout *lookout;
    atomic_int stage; /* From ASKED on by the thread, else by the writer. */
};

static void look(void *context)
{
    struct checkpoint *checkpoint = context;
    if (atomic_load(&checkpoint->stage) != ASKED)
        return;
    db_checkpoint(checkpoint->beside);
    atomic_store(&checkpoint->stage, BROUGHT_IN);
}

static void on_full(void *context)
{
    struct checkpoint *checkpoint = context;
    int stage = atomic_load(&checkpoint->stage);
    if (stage == AT_REST) {
        atomic_store(&checkpoint->stage, ASKED);
        lookout_poke(checkpoint->lookout);
    } else if (stage == BROUGHT_IN) {
        db_checkpoint(checkpoint->writer);
        atomic_store(&checkpoint->stage, AT_REST);
    }
}

enum err checkpoint_start(const char *path, struct db *writer, int frames, struct checkpoint **out)
{
    struct checkpoint *checkpoint = calloc(1, sizeof(*checkpoint));
    assert(checkpoint);
    checkpoint->writer = writer;
    struct lookout_config config = {
        .every_ms = 60000, .every_test_ms = 60000, .look = look, .context = checkpoint};
    enum err r = db_open(path, DB_WRITE, &checkpoint->beside);
    if (r == OK)
        r = lookout_start(&config, &checkpoint->lookout);
    if (r != OK) {
        checkpoint_free(checkpoint);
        return r;
    }
    db_watch_log(writer, frames, on_full, checkpoint);
    *out = checkpoint;
    return OK;
}

void checkpoint_free(struct checkpoint *checkpoint)
{
    if (!checkpoint)
        return;
    lookout_free(checkpoint->lookout);
    db_close(checkpoint->beside);
    free(checkpoint);
}
