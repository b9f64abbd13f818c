/* Random block-structured processes whose paths are known before they run. */
#ifndef TEST_SIM_MODEL_H
#define TEST_SIM_MODEL_H

#include "base/base.h"

/* The same process in other words: every id has an `r` at its end; or with elements more, whose ids
 * begin with "add". */
enum sim_version { SIM_PLAIN, SIM_RENAMED, SIM_GROWN, SIM_VERSIONS };

enum { SIM_GROUPS_MAX = 512 };

/* xorshift64*: the same numbers everywhere from one seed. */
struct sim_random {
    uint64_t state;
};

void sim_seed(struct sim_random *random, uint64_t seed);
uint64_t sim_next(struct sim_random *random);
/* 0 … below − 1 */
unsigned sim_below(struct sim_random *random, unsigned below);

/* Tasks are named m<group>_<n>. Whatever the schedule, those of a group complete as often as
 * `expected` says; tasks with other names may or may not. */
struct sim_model {
    struct str xml;
    struct str variables; /* For the start. */
    struct str repair;    /* Variables without which some steps end in an incident. */
    int64_t expected[SIM_GROUPS_MAX];
    size_t group_count;
};

/* The text of a version of a plain one. */
struct str sim_version(struct arena *arena, struct str xml, enum sim_version version);
/* The id in one version of what has this id in another; absent if it has none such. */
struct str sim_id(struct arena *arena, struct str id, enum sim_version from, enum sim_version to);
void sim_model_make(struct arena *arena, struct sim_random *random, struct sim_model *out);

#endif
