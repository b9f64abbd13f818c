/* Sample cases for trying things out: days of a park's work, played from a seed.
 *
 * People and the clock act in the order of time through the same functions as the API's, so that
 * every screen shows what really happened in the store. Nothing here runs in a real park.
 */
#ifndef PARK_SAMPLE_DAY_H
#define PARK_SAMPLE_DAY_H

#include "park/case_act.h"

struct sample_play {
    struct db *db; /* DB_WRITE, with the sample register and its accounts in it. */
    struct case_world *world;
    /* Called before each of the many commits; signs the journal. */
    enum err (*before_commit)(struct db_tx *tx, void *context);
    void *context;
    int64_t park_id;
    uint64_t seed;
    int64_t from_us, now_us; /* Plays all that happens between. */
    int cases;               /* Filed evenly over office hours, more of them on the last day. */
};

struct sample_played {
    int64_t filed, acts, refused; /* Acts that a rule forbade at that moment. */
};

MUST_USE enum err sample_play(const struct sample_play *play, struct sample_played *out);

#endif
