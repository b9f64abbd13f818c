/* One step while it runs: the working copy, the events made so far, the tokens on their way.
 *
 * Life of an element, the same for every kind:
 *   arrive (a join may keep the token) → activated → inputs, waits of boundary events → enter
 *   → … waits … → leave: outputs → flows chosen → completed → tokens on their flows
 * and at any time: terminate. What fails on the way raises an incident and returns false; resolving
 * it repeats that phase. A kind is a file that fills in `struct step_kind`.
 */
#ifndef ENGINE_STEP_H
#define ENGINE_STEP_H

#include "engine/state.h"

struct step_token {
    uint32_t node, flow; /* `flow` may be BPMN_NONE. */
    int64_t scope;
};

struct step {
    const struct bpmn_model *model;
    struct engine_instance *at;
    const struct engine_run *run;
    struct arena *arena;
    struct feel_run feel;
    bool feel_ready;
    bool changed; /* A variable was set since conditions were last looked at. */
    struct engine_event *events;
    size_t event_count, event_room;
    struct step_token *tokens;
    size_t token_next, token_count, token_room;
    size_t activated;
    struct buf scratch;
    uint32_t start; /* ENGINE_START at another start event, or 0. */
};

struct step_kind {
    /* Keeps the token (false) or lets it enter (true). NULL: enters. */
    bool (*arrive)(struct step *s, const struct bpmn_node *node, int64_t scope, uint32_t flow);
    /* Begins the work; may complete at once. NULL: completes at once. */
    void (*enter)(struct step *s, int64_t key);
    /* Which flows to take when it leaves, into chosen[out_count]. NULL: step_choose_any. */
    bool (*choose)(struct step *s, int64_t key, uint32_t *chosen, size_t *count);
    /* Gives up what only this kind waits for, e.g. its job. NULL: nothing. */
    void (*cancel)(struct step *s, int64_t key);
};

extern const struct step_kind STEP_PROCESS, STEP_SUBPROCESS, STEP_ADHOC, STEP_CALL, STEP_PASS,
    STEP_USER_TASK, STEP_JOB_TASK, STEP_SEND_TASK, STEP_RECEIVE, STEP_SCRIPT_TASK, STEP_RULE_TASK,
    STEP_END, STEP_THROW, STEP_CATCH, STEP_EXCLUSIVE, STEP_PARALLEL, STEP_INCLUSIVE,
    STEP_EVENT_GATEWAY, STEP_COMPLEX, STEP_LOOP;

const struct step_kind *step_kind_of(enum bpmn_kind kind);

/* ---- step.c: events and the life cycle ---- */

void step_emit(struct step *s, struct engine_event event);
const struct bpmn_node *step_node(const struct step *s, int64_t key);
const struct engine_element *step_element(const struct step *s, int64_t key); /* Must be there. */
bool step_alive(const struct step *s, int64_t key);

/* Activates a node in a scope and enters it. Returns the key. */
int64_t step_activate(struct step *s, uint32_t node, int64_t scope, enum engine_role role,
                      int64_t number);
/* Only activates it. */
int64_t step_begin(struct step *s, uint32_t node, int64_t scope, enum engine_role role,
                   int64_t number);
/* The same without its work: an event that has just happened, with what came with it. */
void step_activate_happened(struct step *s, uint32_t node, int64_t scope,
                            const struct json_value *variables);
void step_enter(struct step *s, int64_t key); /* (Again) from the inputs on. */
void step_complete(struct step *s, int64_t key);
void step_terminate(struct step *s, int64_t key);
void step_terminate_children(struct step *s, int64_t key);
void step_cancel(struct step *s, struct str why); /* The whole instance. */

/* Raises an incident on the element and returns false. */
bool step_incident(struct step *s, int64_t key, enum engine_phase phase, const char *kind,
                   const char *format, ...) PRINTF_LIKE(5, 6);

/* ---- token.c ---- */

void step_take(struct step *s, int64_t scope, uint32_t flow);
void step_send(struct step *s, int64_t scope, uint32_t node);
bool step_choose_any(struct step *s, int64_t key, uint32_t *chosen, size_t *count);
/* Completes the scope if nothing lives or moves in it any more. */
void step_check_scope(struct step *s, int64_t scope);
void step_drop_tokens(struct step *s, int64_t scope);
bool step_tokens_in(const struct step *s, int64_t scope);
int64_t step_waiting(const struct step *s, int64_t scope, uint32_t flow); /* Before a join. */
void step_run(struct step *s); /* Until everything waits. */

/* ---- value.c ---- */

/* Evaluates as seen from the element. ERR_INVALID if FEEL found fault with it; the reasons are in
 * s->feel. A constant gives its text, an absent value null. `extra` may be NULL. */
MUST_USE enum err step_eval(struct step *s, int64_t key, const struct bpmn_value *value,
                            const struct feel_scope *extra, struct feel_value *out);
/* The same for a phase of the element: on failure there is an incident, and false. */
bool step_value(struct step *s, int64_t key, enum engine_phase phase,
                const struct bpmn_value *value, struct feel_value *out);
bool step_condition(struct step *s, int64_t key, enum engine_phase phase,
                    const struct bpmn_value *value, bool *out);
/* Text, or a whole number's text; absent for null. */
bool step_text(struct step *s, int64_t key, enum engine_phase phase, const struct bpmn_value *value,
               struct str *out);
bool step_int(struct step *s, int64_t key, enum engine_phase phase, const struct bpmn_value *value,
              int64_t otherwise, int64_t *out);
struct feel_run *step_feel(struct step *s); /* Ready for use, without reasons. */

void step_set(struct step *s, int64_t scope, struct str name, struct str json);
/* What a called process begins with. */
void step_give(struct step *s, int64_t process, struct str name, struct str json);
void step_set_value(struct step *s, int64_t scope, struct str name, const struct feel_value *value);
/* Where a variable of that name is kept, seen from `key`; else the outermost scope. */
int64_t step_home(const struct step *s, int64_t key, struct str name);
/* What a task, job or message brings: kept in the element if it has output mappings, else set where
 * such variables live. `variables` may be NULL. */
void step_merge(struct step *s, int64_t key, const struct json_value *variables);
bool step_inputs(struct step *s, int64_t key);
bool step_outputs(struct step *s, int64_t key);
struct str step_json(struct step *s, const struct json_value *value);
/* The variables of this element alone, without those around it, as a JSON object; with or without
 * those that it was given. */
struct str step_locals(struct step *s, int64_t key, bool given);

/* ---- time.c ---- */

bool step_due(struct step *s, int64_t key, enum engine_phase phase, const struct bpmn_event *event,
              struct engine_schedule *out);
/* A date-time or duration from now; 0 for null. */
bool step_time(struct step *s, int64_t key, enum engine_phase phase, const struct bpmn_value *value,
               int64_t *out_us);
/* When a cycle comes round again; 0 if it does not. */
int64_t step_next_due(struct step *s, const struct engine_timer *timer);

/* ---- wait.c ---- */

/* Sets the timers and opens the subscriptions of `node`'s events for the element. */
bool step_wait(struct step *s, int64_t key, uint32_t node);
bool step_wait_boundaries(struct step *s, int64_t key);
bool step_wait_event_subprocesses(struct step *s, int64_t scope);
void step_stop_waiting(struct step *s, int64_t key);                   /* For anything. */
void step_stop_waiting_at(struct step *s, int64_t key, uint32_t node); /* For this event. */
/* The event at `node`, for which the element waits, has happened. */
void step_happen(struct step *s, int64_t key, uint32_t node, const struct json_value *variables);
bool step_check_conditions(struct step *s); /* True if one of them has become true. */
void step_signal(struct step *s, struct str name, const struct json_value *variables);

/* ---- throw.c ---- */

/* Looks for who catches it, from the element outwards. False if nobody does. */
bool step_throw_error(struct step *s, int64_t key, struct str code, struct str message,
                      const struct json_value *variables);
bool step_throw_escalation(struct step *s, int64_t key, struct str code);
/* Cancels the transaction that the element stands in. */
void step_cancel_transaction(struct step *s, int64_t key);
/* Its handlers are through: it ends by its cancel event. */
void step_end_transaction(struct step *s, int64_t key);

/* ---- compensate.c ---- */

/* What undoes the activity, or BPMN_NONE. */
uint32_t step_handler(const struct bpmn_model *model, uint32_t node);
/* Begins to undo what the event names, as seen from the throwing element. */
void step_compensate(struct step *s, int64_t key, const struct bpmn_event *event);
/* Goes on with it, when the handler before is through. False if nothing is left to undo. */
bool step_undo_next(struct step *s, int64_t key);

/* ---- element/ ---- */

void step_begin_scope(struct step *s, int64_t key);    /* process.c */
void step_call_ended(struct step *s, int64_t process); /* call.c */
bool step_calls_outside(const struct step *s, const struct bpmn_node *node);
void step_call_over(struct step *s, int64_t key, const struct json_value *variables);
struct str step_headers(struct step *s, const struct bpmn_node *node); /* user_task.c */
bool step_is_job(const struct bpmn_node *node);                        /* job.c */
bool step_throw_event(struct step *s, int64_t key, const struct bpmn_event *event); /* throw.c */
void step_token_waits(struct step *s, int64_t scope, uint32_t flow);                /* parallel.c */
/* Something in an ad-hoc subprocess is done: it may be enough, or the next one's turn. True if the
 * subprocess took care of itself. */
bool step_adhoc_goes_on(struct step *s, int64_t key); /* adhoc.c */

/* ---- modify.c ---- */

enum err step_modify(struct step *s, const struct engine_command *command);
/* Starts at the elements of the changes, and nowhere else, in a process that has just begun. */
enum err step_start_at(struct step *s, const struct engine_command *command);

/* ---- loop.c ---- */

void step_loop_turned(struct step *s, int64_t turn); /* Its work is done. */

#endif
