/* Inside park/: one way to run an instance of a process, whoever it belongs to.
 *
 * Cases (case_run.h) and processes (process_run.h) keep their rows each in their own way; what the
 * engine does with a command, and when an instance wants to be woken, is the same for both.
 */
#ifndef PARK_INSTANCE_H
#define PARK_INSTANCE_H

#include "db/db.h"
#include "engine/engine.h"
#include "journal/journal.h"

enum { INSTANCE_STEPS_MAX = 1000 }; /* Of one command: jobs and timers that follow each other. */

struct instance_step {
    const struct bpmn_model *model;
    const struct engine_run *engine;
    int *steps; /* Counted over the whole command. */
};

/* Steps, and moves `*instance` to the state after. ERR_LIMIT past INSTANCE_STEPS_MAX. */
MUST_USE enum err instance_step(const struct instance_step *step,
                                const struct engine_instance **instance,
                                const struct engine_command *command, struct engine_result *out);

/* The timer that is due and was so first, or NULL; none is while it is suspended. One that fires
 * may cancel or set others: ask again after each. */
const struct engine_timer *instance_due(const struct engine_instance *instance, int64_t now_us);
/* When the earliest timer is due; 0 if none runs, or while it is suspended. */
int64_t instance_wake_us(const struct engine_instance *instance);

/* Journals what the engine did: bodies {members…, "events": […]}, in as many entries as their size
 * asks for. `entry` is all of an entry but its body; each member is an id by its name. */
struct instance_steps {
    const struct engine_event *events;
    size_t count;
};
struct instance_member {
    const char *name;
    int64_t id;
};
MUST_USE enum err instance_log(struct db_tx *tx, const struct journal_entry *entry,
                               const struct instance_member *members, size_t member_count,
                               const struct bpmn_model *model, const struct instance_steps *steps,
                               size_t count);

#endif
