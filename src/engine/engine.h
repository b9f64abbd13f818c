/* Running processes: a pure step from (state, command, now) to events, and events to state.
 *
 *     engine_step(model, before, command, run, &result)   decides; changes nothing
 *     engine_apply(model, instance, event)                 the only thing that changes an instance
 *
 * A step works on a copy to which it applies each event it makes; that copy is `result.after`. So
 * what is stored after a step and what a replay of the same events gives are one and the same. The
 * engine reads no clock, draws no random numbers, does no I/O, and keeps nothing between calls.
 *
 * An instance is a tree of element instances ("elements" here: the process, its subprocesses, the
 * activities and events that wait) and what they wait for: timers, subscriptions, jobs, user tasks.
 * Keys count up from 1 inside one instance; 1 is the process itself. A user task and a job have the
 * key of their element. An error in an expression or job becomes an incident on the element, which
 * stays where it is until ENGINE_INCIDENT_RESOLVE tries again: no token is ever lost.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "base/base.h"

#include "bpmn/bpmn.h"
#include "feel/feel.h"
#include "json/json.h"

enum {
    ENGINE_BLOB_MAX = 16 * 1024 * 1024,
    ENGINE_VARIABLE_MAX = 1024 * 1024, /* JSON bytes of one variable. */
    ENGINE_STEP_MAX = 10000, /* Elements that one step may activate; past it, an incident. */
    ENGINE_ROOT = 1,         /* Key of the process itself. */
};

/* ---- State ---- */

/* SUSPENDED: nothing moves until it is resumed; it may still be canceled, modified, migrated, and
 * its variables set. */
enum engine_state {
    ENGINE_NEW,
    ENGINE_ACTIVE,
    ENGINE_COMPLETED,
    ENGINE_CANCELED,
    ENGINE_SUSPENDED,
};

/* LOOP holds the TURNs of a loop. UNDOING is a transaction that was canceled, while the handlers of
 * what was done in it run. */
enum engine_role { ENGINE_PLAIN, ENGINE_LOOP, ENGINE_TURN, ENGINE_UNDOING };

struct engine_element {
    int64_t key, scope; /* `scope`: the element it lives in; 0 for the process. */
    uint32_t node;
    enum engine_role role;
    int64_t counter;   /* LOOP: turns begun. TURN: its number from 1. */
    uint32_t children; /* Elements whose scope it is. */
    bool closed;       /* A called process: variables around it are not seen. */
};

/* GIVEN: a called process was begun with it and has not set it since. It does not go back to the
 * call when the process ends: what the caller has changed meanwhile stays. */
struct engine_variable {
    int64_t scope;          /* The element it belongs to. */
    struct str name, value; /* JSON text. */
    bool given;
};

struct engine_timer {
    int64_t key, element; /* Who waits … */
    uint32_t node;  /* … at which event: itself, a boundary event, an event subprocess' start. */
    int64_t due_us; /* 0 while paused. */
    int64_t interval_us, interval_months; /* Of a cycle; a cron has none. */
    int64_t repeats;                      /* Left after the next firing; -1 for ever. */
};

struct engine_subscription {
    int64_t key, element;
    uint32_t node;
    enum bpmn_trigger trigger;    /* Message, signal or condition. */
    struct str name, correlation; /* Of a message both, of a signal the name. */
    bool held; /* A condition that does not interrupt: it holds, and has been heard. */
};

struct engine_job {
    int64_t key; /* Of the element. */
    int64_t retries;
};

enum engine_phase {
    ENGINE_ENTERING,
    ENGINE_LEAVING,
    ENGINE_IN_JOB
}; /* What is to be tried again. */

struct engine_incident {
    int64_t key, element;
    enum engine_phase phase;
};

struct engine_join { /* Tokens that wait in front of a joining gateway. */
    int64_t scope;
    uint32_t flow;
    int64_t count;
};

struct engine_done { /* A completed activity that compensation could undo. */
    int64_t key, scope;
    uint32_t node;
};

/* Arrays are ordered by key, variables by scope in order of their making. Read freely; only
 * engine_apply writes. Everything lives in `arena`. */
struct engine_instance {
    struct arena *arena;
    enum engine_state state;
    int64_t next_key;
    uint32_t process; /* Node. */
    struct engine_element *elements;
    struct engine_variable *variables;
    struct engine_timer *timers;
    struct engine_subscription *subscriptions;
    struct engine_job *jobs;
    struct engine_incident *incidents;
    struct engine_join *joins;
    struct engine_done *done;
    size_t element_count, variable_count, timer_count, subscription_count, job_count,
        incident_count, join_count, done_count;
    size_t element_room, variable_room, timer_room, subscription_room, job_room, incident_room,
        join_room, done_room;
};

/* Before ENGINE_START. */
struct engine_instance *engine_instance_new(struct arena *arena);

const struct engine_element *engine_element(const struct engine_instance *instance, int64_t key);
const struct engine_timer *engine_timer(const struct engine_instance *instance, int64_t key);
const struct engine_job *engine_job(const struct engine_instance *instance, int64_t key);
/* The first incident of an element, or NULL. */
const struct engine_incident *engine_incident_of(const struct engine_instance *instance,
                                                 int64_t element);
/* JSON text of the variable as seen from `element`: its own, else of the scopes around it. Absent
 * text if there is none. */
struct str engine_variable(const struct engine_instance *instance, int64_t element,
                           struct str name);
/* All variables seen from `element` as one JSON object. */
void engine_variables_write(struct json_writer *w, const struct engine_instance *instance,
                            int64_t element);

/* A compact form: a small case takes a few hundred bytes. Node numbers are the model's, so a blob
 * is read with the model (by its hash) that it was written with. ERR_CORRUPT on any other bytes;
 * the instance read is whole: engine_step may be called on it. Strings point into `blob`. */
void engine_instance_write(struct buf *buf, const struct engine_instance *instance);
MUST_USE enum err engine_instance_read(struct arena *arena, const struct bpmn_model *model,
                                       struct str blob, struct engine_instance **out);

/* ---- Commands ---- */

enum engine_command_kind {
    ENGINE_START,         /* process, node, variables; or changes: where to start instead */
    ENGINE_TASK_COMPLETE, /* key, variables */
    ENGINE_TASK_ERROR,    /* key, code, message, variables: a BPMN error out of a user task */
    ENGINE_JOB_COMPLETE,  /* key, variables */
    ENGINE_JOB_FAIL,      /* key, retries (left), message, variables; 0 left is an incident */
    ENGINE_JOB_ERROR,     /* key, code, message, variables: a BPMN error */
    ENGINE_JOB_RETRIES,   /* key, retries */
    ENGINE_TIMER_FIRE,    /* key; ERR_PRECONDITION before it is due or while paused */
    ENGINE_TIMER_MOVE,    /* key, due_us; 0 pauses it */
    ENGINE_MESSAGE,       /* name, correlation, variables; key: of a subscription, or 0 for any */
    ENGINE_SIGNAL,        /* name, variables */
    ENGINE_VARIABLES_SET, /* key (scope; 0: the process), variables, outward */
    ENGINE_INCIDENT_RESOLVE, /* key; retries for a job's incident, or 0 */
    ENGINE_CANCEL,           /* message (why) */
    ENGINE_CALL_COMPLETE,    /* key, variables: what the called instance ended with */
    ENGINE_CALL_ERROR,       /* key, code, message, variables: an error came out of it */
    ENGINE_CALL_ESCALATION,  /* key, code */
    ENGINE_CALL_FAIL,        /* key, message: it cannot be called; an incident */
    ENGINE_SUSPEND,          /* message (why) */
    ENGINE_RESUME,           /* message */
    ENGINE_MODIFY,           /* changes, message (why): all or nothing */
    ENGINE_COMMAND_COUNT,
};

/* One change of ENGINE_MODIFY. Starts are done before anything is canceled. */
enum engine_change_kind {
    ENGINE_CHANGE_CANCEL, /* `element`, or with 0 every living element at `node` */
    ENGINE_CHANGE_START,  /* `node`; in `element`, a scope around it, or with 0 where it fits:
                             scopes between that do not live are begun, without their start */
};

struct engine_scoped {
    uint32_t scope;       /* The started node, a scope around it, or BPMN_NONE: the process. */
    struct str variables; /* A JSON object. */
};

struct engine_change {
    enum engine_change_kind kind;
    int64_t element;
    uint32_t node;
    const struct engine_scoped *variables; /* START. */
    size_t variable_count;
};

struct engine_command {
    enum engine_command_kind kind;
    int64_t key;
    int64_t due_us;
    int64_t retries;
    uint32_t process;       /* START: the process' node; 0 is the first of the file. */
    uint32_t node;          /* START: what has happened to begin it (bpmn_begins); 0 is nothing. */
    struct str name;        /* Message or signal. */
    struct str correlation; /* Message: text of the correlation key; a string without quotes. */
    struct str code, message;
    struct str variables; /* A JSON object's text, or absent. */
    bool outward; /* VARIABLES_SET: each where it lives, seen from `key`; else right there */
    const struct engine_change *changes;
    size_t change_count;
};

/* ---- Events ---- */

#define ENGINE_EVENTS(X)                                                                           \
    X(ENGINE_STARTED, "started")                       /* node */                                  \
    X(ENGINE_ELEMENT_ACTIVATED, "element_activated")   /* key, scope, node, role, number */        \
    X(ENGINE_ELEMENT_COMPLETED, "element_completed")   /* key, node */                             \
    X(ENGINE_ELEMENT_TERMINATED, "element_terminated") /* key, node */                             \
    X(ENGINE_FLOW_TAKEN, "flow_taken")                 /* scope, flow */                           \
    X(ENGINE_TOKEN_WAITED, "token_waited")   /* scope, flow, number: waits before a join */        \
    X(ENGINE_TOKENS_JOINED, "tokens_joined") /* scope, node, number: of each flow */               \
    X(ENGINE_LOOP_TURNED, "loop_turned")     /* key, number: turns begun */                        \
    X(ENGINE_VARIABLE_SET, "variable_set")   /* scope, name, value, number: 1 if it is given */    \
    X(ENGINE_TASK_CREATED, "task_created")   /* key, node, task */                                 \
    X(ENGINE_TASK_COMPLETED, "task_completed")                                                     \
    X(ENGINE_TASK_CANCELED, "task_canceled")                                                       \
    X(ENGINE_JOB_CREATED, "job_created")     /* key, node, name: type, number: retries, value */   \
    X(ENGINE_JOB_COMPLETED, "job_completed") /* key, node */                                       \
    X(ENGINE_JOB_FAILED, "job_failed")       /* key, node, number: retries left, text */           \
    X(ENGINE_JOB_RETRIED, "job_retried")     /* key, node, number: retries */                      \
    X(ENGINE_JOB_CANCELED, "job_canceled")                                                         \
    X(ENGINE_TIMER_SET, "timer_set")     /* key, scope, node, due, interval, months, number */     \
    X(ENGINE_TIMER_MOVED, "timer_moved") /* key, node, due; no due: paused */                      \
    X(ENGINE_TIMER_FIRED, "timer_fired") /* key, node, due: next, or none and it is gone */        \
    X(ENGINE_TIMER_CANCELED, "timer_canceled")             /* key, node */                         \
    X(ENGINE_SUBSCRIPTION_OPENED, "subscription_opened")   /* key, scope, node, trigger, name,     \
                                                              text: correlation key */             \
    X(ENGINE_SUBSCRIPTION_CLOSED, "subscription_closed")   /* key, node */                         \
    X(ENGINE_MESSAGE_CORRELATED, "message_correlated")     /* key, node, name */                   \
    X(ENGINE_MESSAGE_THROWN, "message_thrown")             /* key, node, name, value: variables */ \
    X(ENGINE_SIGNAL_THROWN, "signal_thrown")               /* the same */                          \
    X(ENGINE_ERROR_THROWN, "error_thrown")                 /* key, node, name: code, text */       \
    X(ENGINE_ESCALATION_THROWN, "escalation_thrown")       /* key, node, name: code */             \
    X(ENGINE_COMPENSATION_KEPT, "compensation_kept")       /* key, scope, node */                  \
    X(ENGINE_COMPENSATION_USED, "compensation_used")       /* key, node */                         \
    X(ENGINE_TRANSACTION_CANCELED, "transaction_canceled") /* key, node */                         \
    X(ENGINE_INCIDENT_RAISED, "incident_raised")     /* key, scope, node, phase, name: kind, text, \
                                                        value: expression and reasons as JSON */   \
    X(ENGINE_INCIDENT_RESOLVED, "incident_resolved") /* key, node */                               \
    X(ENGINE_INSTANCE_COMPLETED, "instance_completed") /* value: if it was called, the variables   \
                                                          that it gives back */                    \
    X(ENGINE_INSTANCE_CANCELED, "instance_canceled")   /* text */                                  \
    X(ENGINE_CALL_CREATED, "call_created") /* key, scope, node, name: process id, text: version    \
                                              tag, number: binding, value: variables */            \
    X(ENGINE_CALL_COMPLETED, "call_completed") /* key, node */                                     \
    X(ENGINE_CALL_CANCELED, "call_canceled")   /* key, node: cancel what was called */             \
    X(ENGINE_ESCAPED, "escaped")               /* key, node, trigger, name: code, text, value:     \
                                                  variables: for who called this instance */       \
    X(ENGINE_INSTANCE_SUSPENDED, "instance_suspended") /* text */                                  \
    X(ENGINE_INSTANCE_RESUMED, "instance_resumed")     /* text */                                  \
    X(ENGINE_MODIFIED, "modified")                     /* text */                                  \
    X(ENGINE_CONDITION_TURNED, "condition_turned")     /* key, node, number: 1 if it holds now */  \
    X(ENGINE_MIGRATED, "migrated")                     /* text, value: [[from, to], …] by id */

#define ENGINE_EVENT_ENUM(kind, name) kind,
enum engine_event_kind { ENGINE_EVENTS(ENGINE_EVENT_ENUM) ENGINE_EVENT_COUNT };
#undef ENGINE_EVENT_ENUM

/* What a user task says, its expressions answered. */
struct engine_task {
    struct str name, assignee, form; /* Absent where the model has none. */
    const struct str *groups, *users;
    size_t group_count, user_count;
    int64_t due_us, follow_up_us; /* 0: none. */
    int64_t priority;
    struct str headers; /* A JSON object's text: zeebe:taskHeaders. Properties: see the node. */
};

struct engine_event {
    enum engine_event_kind kind;
    int64_t key;   /* Of the element, timer, subscription or incident that the kind speaks of. */
    int64_t scope; /* The element it happens in or belongs to. */
    uint32_t node, flow; /* BPMN_NONE where the kind has none. In JSON: their ids. */
    int64_t number;
    int64_t due_us, interval_us, interval_months;
    enum engine_role role;
    enum engine_phase phase;
    enum bpmn_trigger trigger;
    struct str name, value, text; /* Absent where the kind has none; `value` is JSON. */
    const struct engine_task *task;
};

const char *engine_event_name(enum engine_event_kind kind); /* "timer_set" */
/* Does engine_apply change anything by it? Those that do suffice to rebuild an instance. */
bool engine_event_changes(enum engine_event_kind kind);

/* One event as a JSON object {"event":"timer_set","key":"5",…}: a journal body. Elements stand in
 * it by id, so that it means the same beside a later version of the model. */
void engine_event_to_json(struct json_writer *w, const struct bpmn_model *model,
                          const struct engine_event *event);
/* The way back. ERR_CORRUPT. */
MUST_USE enum err engine_event_from_json(struct arena *arena, const struct bpmn_model *model,
                                         const struct json_value *json, struct engine_event *out);

/* ---- The two functions ---- */

/* What a step may use besides state and command. Zero what you don't have. */
struct engine_run {
    struct arena *arena; /* Everything the step makes lives here: events, and the state after. */
    int64_t now_us;
    const struct feel_host *hosts; /* Functions for expressions; must be pure. */
    size_t host_count;
    /* A business rule task without a job type: decides `decision` on the variables it sees. Which
     * version of it is meant: the task's binding and version tag. */
    enum err (*decide)(void *data, const struct bpmn_task *task, struct str decision,
                       const struct feel_value *context, struct feel_run *run,
                       struct feel_value *out);
    /* The caller answers ENGINE_CALL_CREATED: it starts an instance of the process with the event's
     * variables, and in time says CALL_COMPLETE, CALL_ERROR or CALL_FAIL; every zeebe:calledElement
     * asks for it, also of a process in the same file. Without it, those run inside, and a call
     * that leads out of the model is an incident. */
    bool calls;
    /* For an instance that was called: would something around the call catch it (engine_catches on
     * the calling instance, and so on outwards)? Then the step ends with ENGINE_ESCAPED; for an
     * error the instance is canceled. What a called instance is started with is given. NULL: it was
     * not called. */
    bool (*outside)(void *data, enum bpmn_trigger trigger, struct str code);
    void *data;
};

struct engine_result {
    const struct engine_event *events;
    size_t event_count;
    const struct engine_instance *after;
};

/* What follows from the command; runs until everything waits. A refused command leaves `out` alone:
 * ERR_NOT_FOUND for a key or message that nobody waits for, ERR_CONFLICT in another state
 * (finished, or it has an incident), ERR_PRECONDITION for a timer not due, ERR_INVALID for
 * variables that are no JSON object, ERR_LIMIT. */
MUST_USE enum err engine_step(const struct bpmn_model *model, const struct engine_instance *before,
                              const struct engine_command *command, const struct engine_run *run,
                              struct engine_result *out);

/* Changes the instance as the event says. ERR_CORRUPT if the event cannot follow on this state. The
 * instance keeps pointing at the event's texts: they must live as long as it. (`result.after`
 * likewise points at texts of `before`.) */
MUST_USE enum err engine_apply(const struct bpmn_model *model, struct engine_instance *instance,
                               const struct engine_event *event);

/* Would an error or escalation that comes out of this living element be caught further out? */
bool engine_catches(const struct bpmn_model *model, const struct engine_instance *instance,
                    int64_t element, enum bpmn_trigger trigger, struct str code);

/* ---- What begins a process without being told ---- */

struct engine_schedule {
    int64_t due_us, interval_us, interval_months, repeats; /* As of engine_timer. */
};

/* When the timer event is first due, counted from run->now_us; its expression sees no variables.
 * ERR_INVALID and others in words. */
MUST_USE enum err engine_begin_time(const struct bpmn_model *model, const struct bpmn_event *event,
                                    const struct engine_run *run, struct engine_schedule *out);
/* It was due: when it is next; due_us 0 if never. What a cron missed stays missed. */
void engine_begin_again(const struct bpmn_model *model, const struct bpmn_event *event,
                        const struct engine_run *run, struct engine_schedule *schedule);
/* Of a message or signal event. */
MUST_USE enum err engine_begin_name(const struct bpmn_model *model, const struct bpmn_event *event,
                                    const struct engine_run *run, struct str *out);

/* ---- Migration ---- */

struct engine_move {
    struct str from, to; /* Ids of elements or flows. */
};

struct engine_plan {
    const struct engine_move *moves;
    size_t move_count;
    bool same_ids;    /* What no move names goes to its own id. */
    uint32_t process; /* Of the target; 0 is the first of the file. */
    struct str reason;
};

enum { ENGINE_MIGRATION_FAULTS_MAX = 100 };

struct engine_migration_fault {
    struct str element; /* Id in the source, or in the target if only that is wrong. */
    const char *rule;   /* "migration.kind" */
    struct str detail;
};

struct engine_migration {
    struct engine_migration_fault *faults; /* Any of them refuses it. */
    size_t fault_count;
    struct engine_result result; /* Without faults. */
    size_t before_count; /* Events that speak of the source; ENGINE_MIGRATED is the last of them. */
};

/* Moves a running instance to another model as the plan says. Keys, tokens, variables, jobs, user
 * tasks and what is waited for stay; what is waited for only in the source ends, what the target
 * waits for beside it begins. With faults, all of them are in `out`, and ERR_CONFLICT. Calling it
 * and keeping nothing is the preview. */
MUST_USE enum err engine_migrate(const struct bpmn_model *from, const struct bpmn_model *to,
                                 const struct engine_instance *before,
                                 const struct engine_plan *plan, const struct engine_run *run,
                                 struct engine_migration *out);

/* Applies ENGINE_MIGRATED, which speaks of both models. */
MUST_USE enum err engine_apply_migrated(const struct bpmn_model *from, const struct bpmn_model *to,
                                        struct engine_instance *instance,
                                        const struct engine_event *event);

#endif
