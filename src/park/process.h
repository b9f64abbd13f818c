/* Processes that clients deploy, start and work on over /v2, apart from the park's own services.
 *
 * A change is a function here that takes the open transaction: it decides with the engine, writes
 * the rows that clients search, and one journal entry a step with all its events. Keys are ids: a
 * job and a user task have the key of their element instance, the process' own element instance
 * has the key of the process instance.
 */
#ifndef PARK_PROCESS_H
#define PARK_PROCESS_H

#include "db/db.h"
#include "json/fields.h"
#include "json/json.h"

enum process_kind { PROCESS_BPMN, PROCESS_DECISION, PROCESS_GRAPH, PROCESS_FORM };
enum process_state { PROCESS_ACTIVE, PROCESS_COMPLETED, PROCESS_CANCELED, PROCESS_SUSPENDED };
enum process_wait { PROCESS_WAIT_MESSAGE, PROCESS_WAIT_SIGNAL };

enum {
    PROCESS_FILES_MAX = 100,
    PROCESS_WORKS_MAX = 10000, /* What one command may set going in other instances. */
    PROCESS_JOBS_MAX = 1000,   /* Activated at once. */
    PROCESS_CALLS_MAX = 1000,  /* Instances that one command may call; further ones: incidents. */
    PROCESS_DEPTH_MAX = 100,   /* Instances in a chain of calls. */
};

/* Compiled models, kept from one command to the next. Writer's thread. */
struct process_world;
struct process_world *process_world_new(void);
void process_world_free(struct process_world *world);

/* What waiting calls wake for: a bit that the type of a job, or the end of an instance, stands for.
 * `process_news` gives the bits of all that has happened since it was last asked. Writer's thread.
 */
uint64_t process_topic_job(struct str type);
uint64_t process_topic_instance(int64_t id);
uint64_t process_news(struct process_world *world);

struct process_work;

/* What every change needs. Zero the rest. */
struct process_env {
    struct db_tx *tx;
    struct arena *arena;
    struct process_world *world;
    int64_t park_id, now_us;
    int64_t actor_id; /* 0: the program. */

    struct process_work *works; /* What follows in other instances. */
    size_t work_next, work_count, work_capacity;
    struct arena *kept; /* While that is done: where `works` live; `arena` is for one of them. */
    int calls, begun;   /* Instances that it has called, or begun by what waited, so far. */
};

/* ---- Deploying: park/process_deploy.c ---- */

struct process_file {
    struct str name, bytes;
    struct hash hash;
    const void *model; /* What was read of it: a bpmn_model, a dmn_model, a JSON form. */
    enum process_kind kind;
};

/* Names each fault with its file, element, line, rule and remedy. */
struct process_fault {
    struct str file, element, rule, detail, remedy;
    int64_t line;
};

struct process_files {
    struct process_file *files;
    size_t count;
    struct list faults; /* struct process_fault: with any, it cannot be deployed. */
};

/* Reads what is to be deployed; takes its time, and no transaction. */
MUST_USE enum err process_files_read(struct arena *arena, struct process_file *files, size_t count,
                                     struct process_files *out);

struct process_deployed {
    enum process_kind kind;
    int64_t id, graph_id;
    struct str key, name, resource_name, graph_key;
    int64_t version;
};

/* Files whose newest versions are all the very same get no new ones; else all of them do. */
MUST_USE enum err process_deploy(struct process_env *env, const struct process_files *files,
                                 int64_t *deployment_id, struct list *deployed);
/* Takes a definition back. ERR_CONFLICT while instances of it run. */
MUST_USE enum err process_delete(struct process_env *env, int64_t id);

/* The form that the process' none start event names: a definition's id, or 0. ERR_NOT_FOUND if
 * there is no such process. */
MUST_USE enum err process_start_form(struct db *db, struct arena *arena, int64_t park_id,
                                     int64_t id, int64_t *out);

/* ---- Instances ---- */

struct process_start {
    int64_t definition_id;        /* Or … */
    struct str key;               /* … its process' id, and … */
    int64_t version;              /* … version; 0 is the newest. */
    struct str variables;         /* A JSON object, or absent. */
    struct list elements;         /* struct str: ids to start at; none: at … */
    struct str event;             /* … this start event; absent: the one without a trigger. */
    struct str business_id, tags; /* Absent, or what it is found by; `tags`: a JSON array. */
};

struct process_created {
    int64_t id, definition_id, version;
    struct str key;
    bool ended;
};

MUST_USE enum err process_create(struct process_env *env, const struct process_start *start,
                                 struct process_created *out);
/* ERR_CONFLICT for one that was called: only its caller, or the root of all, ends it. */
MUST_USE enum err process_cancel(struct process_env *env, int64_t id);
/* `element_id` may be the instance. `local`: right there; else each where it lives already. */
MUST_USE enum err process_variables_set(struct process_env *env, int64_t element_id,
                                        struct str variables, bool local);
MUST_USE enum err process_resolve(struct process_env *env, int64_t incident_id);
struct process_scoped {
    struct str scope, variables; /* An element's id, or absent: the process; a JSON object. */
};

struct process_change {
    struct str start;    /* The element to start, in … */
    int64_t ancestor_id; /* … this element instance, or 0: where it fits; with … */
    struct list scoped;  /* … struct process_scoped; or … */
    int64_t cancel_id;   /* … the element instance to end. */
};

/* Ends and starts elements, all or nothing. */
MUST_USE enum err process_modify(struct process_env *env, int64_t id,
                                 const struct process_change *changes, size_t count);

struct process_move {
    struct str from, to; /* Ids of elements. */
};

/* Moves an instance to another version. Every element that lives needs a move; else ERR_CONFLICT,
 * which names all of them, and nothing has changed. */
MUST_USE enum err process_migrate(struct process_env *env, int64_t id, int64_t definition_id,
                                  const struct process_move *moves, size_t count);
/* Stands it and what it has called still, and lets it run on. ERR_CONFLICT in another state. */
MUST_USE enum err process_suspend(struct process_env *env, int64_t id);
MUST_USE enum err process_resume(struct process_env *env, int64_t id);
/* Fires all timers of the instance that are due. */
MUST_USE enum err process_wake(struct process_env *env, int64_t id);
/* Begins instances by a start event's timer that is due, and says when it is due again. */
MUST_USE enum err process_begin_due(struct process_env *env, int64_t timer_id);
/* Has it ended? Then `variables` are the process' own as a JSON object: all, or those named. */
MUST_USE enum err process_result(struct process_env *env, int64_t id, const struct list *names,
                                 bool *ended, struct str *variables);

/* Instances that ended longer ago than the park keeps them: is there any? */
MUST_USE enum err process_clean_look(struct db *db, struct arena *arena, int64_t park_id,
                                     int64_t now_us, bool *out);
/* Their rows go, some thousand at a time; `*more` if there are more. */
MUST_USE enum err process_clean(struct process_env *env, bool *more);

/* ---- Jobs ---- */

struct process_activation {
    struct str type, worker;
    int64_t timeout_us, max;
    struct list variables; /* struct str; none: all. */
};

struct process_job {
    int64_t id, instance_id, definition_id, version, retries, deadline_us;
    struct str key, element, headers, variables;
};

MUST_USE enum err process_activate(struct process_env *env, const struct process_activation *in,
                                   struct list *jobs);
/* When the next job of the type may be had; 0 if none is in sight. */
MUST_USE enum err process_job_ready(struct process_env *env, struct str type, int64_t *ready_us);
MUST_USE enum err process_job_done(struct process_env *env, int64_t id, struct str variables);

struct process_failure {
    int64_t retries, backoff_us;
    struct str message, code, variables; /* `code`: of a BPMN error. */
};
MUST_USE enum err process_job_failed(struct process_env *env, int64_t id,
                                     const struct process_failure *failure);
MUST_USE enum err process_job_error(struct process_env *env, int64_t id,
                                    const struct process_failure *failure);
/* 0 leaves retries or time as they are. */
MUST_USE enum err process_job_update(struct process_env *env, int64_t id, int64_t retries,
                                     int64_t timeout_us);

/* ---- User tasks ---- */

MUST_USE enum err process_task_done(struct process_env *env, int64_t id, struct str variables);
/* An absent assignee takes it away. ERR_CONFLICT if somebody else has it, unless `override`. */
MUST_USE enum err process_task_assign(struct process_env *env, int64_t id, struct str assignee,
                                      bool override);

struct process_task_change { /* Absent texts and -1 leave things as they are. */
    struct str groups, users;
    int64_t due_us, follow_up_us, priority;
};
MUST_USE enum err process_task_update(struct process_env *env, int64_t id,
                                      const struct process_task_change *change);

/* ---- Messages and signals ---- */

struct process_message {
    struct str name, correlation, message_id, variables;
    int64_t keep_us; /* How long it waits for somebody. */
};

/* ERR_CONFLICT if the same message waits already. */
MUST_USE enum err process_publish(struct process_env *env, const struct process_message *message,
                                  int64_t *message_key);
/* Reaches exactly one, at once; ERR_NOT_FOUND if nobody waits. */
MUST_USE enum err process_correlate(struct process_env *env, const struct process_message *message,
                                    int64_t *message_key, int64_t *instance_id);
MUST_USE enum err process_broadcast(struct process_env *env, struct str name, struct str variables,
                                    int64_t *signal_key);
/* Drops what has waited long enough, some at a time. */
MUST_USE enum err process_messages_expire(struct process_env *env);

#endif
