/* What the evaluation of a decision leaves behind: one row for each decision that it needed. */
#ifndef PARK_PROCESS_DECISION_H
#define PARK_PROCESS_DECISION_H

#include "dmn/dmn.h"
#include "park/process.h"

enum {
    PROCESS_DECISIONS_MAX = 100,    /* Kept of one evaluation: the last ones. */
    PROCESS_EVALUATIONS_MAX = 1000, /* Kept of what one instance does in one command. */
    PROCESS_DECIDED_VALUE = 8192,   /* A longer value is kept as a sentence that says so. */
    PROCESS_DECIDED_TEXT = 65536,   /* Inputs, or rules: what lies behind is not kept. */
};

struct process_decided {
    int64_t id, definition_id, version;
    struct str key, name;
    bool table;
    struct str result, inputs, rules; /* JSON: as clients of /v2 get them. */
};

struct process_evaluation {
    int64_t id; /* 0 until it is kept, as are those of `decisions`. */
    int64_t instance_id, element_id;
    struct str failure; /* Why the last decision gives null; or absent. */
    struct process_decided *decisions;
    size_t count;
};

/* Of a file's decisions: tables of knowledge models are none. */
MUST_USE enum err process_evaluation_read(struct db *db, struct arena *arena, int64_t park_id,
                                          int64_t resource_id, const struct dmn_trace *trace,
                                          struct process_evaluation *out);
struct str process_evaluation_failure(const struct feel_run *run, const struct feel_value *result);
MUST_USE enum err process_evaluation_keep(struct process_env *env,
                                          struct process_evaluation *evaluation);
/* The same for what a client has asked for: the journal names it, too. */
MUST_USE enum err process_evaluated(struct process_env *env, int64_t definition_id,
                                    struct process_evaluation *evaluation);

#endif
