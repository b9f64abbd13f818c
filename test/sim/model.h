/* Random block-structured processes whose paths are known before they run. */
#ifndef TEST_SIM_MODEL_H
#define TEST_SIM_MODEL_H

#include "base/base.h"

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

void sim_model_make(struct arena *arena, struct sim_random *random, struct sim_model *out);

#endif
