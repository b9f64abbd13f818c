/* What people and the clock do to cases. See park/case.h for who may. */
#ifndef PARK_CASE_ACT_H
#define PARK_CASE_ACT_H

#include "park/case.h"
#include "park/process.h"
#include "park/service.h"
#include "json/json.h"

struct case_world;

/* Shared by all commands. The services must outlive it. */
MUST_USE enum err case_world_new(struct services *services, struct case_world **out);
void case_world_free(struct case_world *world);
struct services *case_world_services(const struct case_world *world);
struct process_world *case_world_processes(const struct case_world *world);

/* What every act needs. Writer's thread. */
struct case_env {
    struct db_tx *tx;
    struct arena *arena;
    struct case_world *world;
    int64_t park_id, now_us;
};

struct case_new {
    struct str service;
    int64_t enterprise_id;
    const struct json_value *form;
    struct list file_ids; /* int64_t */
    int64_t draft_id;     /* Removed with it; 0 for none. */
};

/* Files a case: checks the form, starts the process. */
MUST_USE enum err case_submit(const struct case_env *env, const struct principal *who,
                              const struct case_new *in, int64_t *case_id);

struct case_retry {
    struct str reason;
    const struct json_value *variables; /* An object to set right first, or NULL. */
};

/* Tries a step that stands still again. For a system administrator, who need not see the case. */
MUST_USE enum err case_incident_retry(const struct case_env *env, const struct principal *who,
                                      int64_t case_id, int64_t token, const struct case_retry *in);

struct task_outcome {
    struct str outcome; /* Absent: the task's first. */
    struct str text;
    struct list file_ids;
    int64_t person_id, department_id; /* To whom, where the task dispatches. */
    int64_t rating;
    const struct json_value *form; /* Answers to the task's own form, or NULL. */
};

/* Tasks. Each gives the case they belong to. */
MUST_USE enum err task_claim(const struct case_env *env, const struct principal *who,
                             int64_t task_id, int64_t *case_id);
MUST_USE enum err task_complete(const struct case_env *env, const struct principal *who,
                                int64_t task_id, const struct task_outcome *in, int64_t *case_id);
MUST_USE enum err task_return(const struct case_env *env, const struct principal *who,
                              int64_t task_id, struct str reason, int64_t *case_id);
MUST_USE enum err task_delegate(const struct case_env *env, const struct principal *who,
                                int64_t task_id, int64_t person_id, int64_t department_id,
                                struct str reason, int64_t *case_id);
MUST_USE enum err task_extend(const struct case_env *env, const struct principal *who,
                              int64_t task_id, int64_t days, struct str reason, int64_t *case_id);
MUST_USE enum err task_pause(const struct case_env *env, const struct principal *who,
                             int64_t task_id, struct str reason, struct str text, int64_t *case_id);
MUST_USE enum err task_resume(const struct case_env *env, const struct principal *who,
                              int64_t task_id, int64_t *case_id);

/* Open tasks of the grid go with it when one person hands it over to another; `to_id` 0 puts them
 * into the inbox of whoever else answers for the grid. */
MUST_USE enum err task_hand_over(const struct case_env *env, int64_t grid_id, int64_t from_id,
                                 int64_t to_id, struct str note);

/* The case as a whole. */
MUST_USE enum err case_message(const struct case_env *env, const struct principal *who,
                               int64_t case_id, struct str text, struct list file_ids,
                               bool internal);
MUST_USE enum err case_remind(const struct case_env *env, const struct principal *who,
                              int64_t case_id, struct str text);
MUST_USE enum err case_supervise(const struct case_env *env, const struct principal *who,
                                 int64_t case_id, struct str text, int64_t reply_by_us);
MUST_USE enum err case_withdraw(const struct case_env *env, const struct principal *who,
                                int64_t case_id, struct str reason);
MUST_USE enum err case_rate(const struct case_env *env, const struct principal *who,
                            int64_t case_id, int64_t level, struct str text);
MUST_USE enum err case_watch(const struct case_env *env, const struct principal *who,
                             int64_t case_id, bool watching);

/* An administrator, who need not see the case, stands it still as a whole: nobody may act on it but
 * by writing messages, its clocks stand still as in a pause, and no timer fires; then lets it run
 * on. The reason is in the case's history for all to read. */
MUST_USE enum err case_suspend(const struct case_env *env, const struct principal *who,
                               int64_t case_id, struct str reason);
MUST_USE enum err case_unsuspend(const struct case_env *env, const struct principal *who,
                                 int64_t case_id, struct str reason);

/* What a change of the process ends and begins. */
struct case_place {
    int64_t token, scope; /* The process' own numbers of it and of what it stands in. */
    struct str element, name, name_en;
    struct str who; /* Whose task it is, or is in it; told with where a case stands. */
    bool waits;     /* No step: an event that a step waits for beside its work. */
};
struct case_move {
    struct str from, to; /* Ids of elements. */
};
struct case_fault {
    struct str element, rule, detail;
};
struct case_effect {
    struct list ends, begins; /* struct case_place */
    struct list stays;        /* struct case_move: what lives before and after. */
    struct list faults;       /* struct case_fault: a migration with any changes nothing. */
};

struct case_reader;
/* Where a case stands, for who need not see it. ERR_NOT_FOUND. */
struct case_standing {
    int64_t id;
    struct list places;   /* struct case_place */
    int64_t suspended_at; /* 0: it is not. */
    struct ref suspended_by;
    struct str suspended_reason;
};
MUST_USE enum err case_standing_read(const struct case_reader *reader, int64_t case_id,
                                     struct case_standing *out);

/* Ends elements here and starts others there. All or nothing; with `preview`, only what it would do
 * is told. ERR_CONFLICT while the case is paused, or if nothing would be left to do. */
struct case_modification {
    struct str reason;
    struct list start, cancel; /* struct str: ids of elements. */
    struct list cancel_tokens; /* int64_t: of one of several at the same element. */
    int64_t scope_token;       /* What the starts go into, where that runs more than once; or 0. */
    const struct json_value *variables; /* An object: of the process, set before the starts. */
    bool preview;
};
MUST_USE enum err case_modify(const struct case_env *env, const struct principal *who,
                              int64_t case_id, const struct case_modification *in,
                              struct case_effect *out);

/* Moves the case to another version of its service: what no move names goes to its own id. All or
 * nothing; with faults ERR_CONFLICT, but a preview answers them. */
struct case_migration {
    struct str reason;
    int64_t model_id;  /* 0: the version that is offered now. */
    struct list moves; /* struct case_move */
    bool preview;
};
MUST_USE enum err case_migrate(const struct case_env *env, const struct principal *who,
                               int64_t case_id, const struct case_migration *in,
                               struct case_effect *out);

enum { CASE_BATCH = 20 }; /* Cases migrated in one command: the writer must not stand still. */

struct case_refusal {
    int64_t case_id;
    struct str number, detail;
    struct list faults; /* struct case_fault */
};
struct case_batch {
    int64_t moved;
    struct list refused; /* struct case_refusal */
    int64_t next;        /* To go on after; 0 at the end. */
};
/* The same for the next open cases of one version, each for itself. */
MUST_USE enum err case_migrate_batch(const struct case_env *env, const struct principal *who,
                                     int64_t from_model_id, int64_t after,
                                     const struct case_migration *in, struct case_batch *out);

/* Fires all timers of the case that are due. */
MUST_USE enum err case_wake(const struct case_env *env, int64_t case_id);

#endif
