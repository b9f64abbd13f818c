/* What the blocks of a random process are made with. */
#ifndef TEST_SIM_MAKER_H
#define TEST_SIM_MAKER_H

#include "sim/model.h"

enum { SIM_NAME_MAX = 24, SIM_SCOPE_BLOCKS_COUNT = 19 };

struct sim_maker {
    struct sim_random *random;
    struct buf xml, variables;
    struct buf calls;  /* Further processes. */
    struct buf repair; /* Members of sim_model.repair. */
    struct sim_model *model;
    int next;      /* Number of the next node or flow. */
    unsigned load; /* How often, at most, what is made now runs: kept small. */
};

/* One way in, one way out. */
struct sim_block {
    char entry[SIM_NAME_MAX], exit[SIM_NAME_MAX];
};

/* `times`: how often what is made here will run; −1: nobody can say. */
typedef struct sim_block sim_block_fn(struct sim_maker *m, int depth, int64_t times);

struct sim_block sim_block(struct sim_maker *m, int depth, int64_t times);
extern sim_block_fn *const SIM_SCOPE_BLOCKS[SIM_SCOPE_BLOCKS_COUNT]; /* blocks.c */

void sim_flow(struct sim_maker *m, const char *from, const char *to, const char *condition);
/* An end event behind it. */
void sim_end(struct sim_maker *m, const char *from);
void sim_name(struct sim_maker *m, char name[SIM_NAME_MAX]);
/* A group that runs so often; −1 if that cannot be said. */
int sim_group(struct sim_maker *m, int64_t times);
void sim_name_mark(struct sim_maker *m, char name[SIM_NAME_MAX], int group);
/* A task of some kind; `inside` is its content. */
void sim_put_task(struct sim_maker *m, const char *name, const char *inside);
void sim_put_boundary(struct sim_maker *m, const char *name, const char *host, bool interrupting,
                      const char *definition);

#endif
