/* A process under test: a model, its instance, and a clock of its own.
 *
 * Every step is checked twice over: the state before goes through its stored form, the events go
 * through JSON, and what they make of that state must be, byte for byte, the state after.
 */
#ifndef TEST_ENGINE_RIG_H
#define TEST_ENGINE_RIG_H

#include "base/clock.h"
#include "engine/engine.h"

struct rig {
    struct arena arena;
    const struct bpmn_model *model;
    struct bpmn_report report;
    struct engine_instance *instance;
    struct engine_result last;
    struct engine_run run;
    struct buf trace; /* "activated:a completed:a …" of the last step. */
};

/* The text of test/engine/models/NAME.bpmn. */
void rig_read(struct buf *out, const char *name);
/* Opens it. */
MUST_USE enum err rig_open(struct rig *rig, const char *name);
MUST_USE enum err rig_open_text(struct rig *rig, struct str text);
void rig_close(struct rig *rig);

MUST_USE enum err rig_step(struct rig *rig, struct engine_command command);
MUST_USE enum err rig_start(struct rig *rig, const char *variables);

/* Moves the instance to another model. ERR_CONFLICT if it cannot go there, and nothing changes. */
MUST_USE enum err rig_migrate(struct rig *rig, const struct bpmn_model *to,
                              const struct engine_plan *plan);

/* Key of the living element with this id, or 0; of the timer or subscription at this event. */
int64_t rig_element(const struct rig *rig, const char *id);
int64_t rig_timer(const struct rig *rig, const char *id);
MUST_USE enum err rig_complete(struct rig *rig, const char *id, const char *variables);
/* Lets time pass to the next timer that is due and fires it. ERR_NOT_FOUND if there is none. */
MUST_USE enum err rig_fire_next(struct rig *rig);

/* Ids of the elements completed since the start, with spaces. */
struct str rig_trace(const struct rig *rig);
struct str rig_variable(const struct rig *rig, const char *name);
size_t rig_blob_size(const struct rig *rig);

#endif
