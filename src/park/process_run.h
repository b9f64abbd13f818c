/* Inside park/: one command on one process instance, from its rows to its rows.
 *
 *     process_begin   loads the row, its definition and its model
 *     process_step    gives the engine a command, and turns its events into rows
 *     process_end     writes the row, and what happened to elements and variables
 *     process_follow  then runs what the command set going in other instances
 */
#ifndef PARK_PROCESS_RUN_H
#define PARK_PROCESS_RUN_H

#include "dmn/dmn.h"
#include "engine/engine.h"
#include "park/instance.h"
#include "park/process.h"
#include "park/process_call_sql.h"
#include "park/process_decision.h"
#include "park/process_sql.h"

struct process_element_note {
    int64_t token, id, scope, started_us, ended_us;
    uint32_t node;
    enum engine_role role;
    enum process_state state;
    bool fresh;
};

struct process_variable_note {
    int64_t scope;
    struct str name, value;
};

/* A business rule task has decided. */
struct process_run_decision {
    const struct bpmn_task *task;
    int64_t token; /* 0 until the task is done. */
    struct process_evaluation evaluation;
};

struct process_run {
    struct process_env *env;
    int64_t id;
    struct process_definition_get_row definition;
    const struct bpmn_model *model;
    struct process_instance_load_row row;
    const struct engine_instance *instance;
    bool fresh;
    bool escaped; /* An error of it went to its caller. */
    int steps;
    int64_t backoff_us; /* Of the job that fails now. */
    int64_t target_id;  /* Definition that it migrates to. */

    struct process_element_note *elements;
    size_t element_count, element_capacity;
    struct process_variable_note *variables;
    size_t variable_count, variable_capacity;
    struct process_run_decision *decisions;
    size_t decision_count, decision_capacity;
};

/* ERR_NOT_FOUND; ERR_CONFLICT if it is over. */
MUST_USE enum err process_begin(struct process_run *run, struct process_env *env, int64_t id);
/* For an instance that is not stored yet. */
MUST_USE enum err process_begin_new(struct process_run *run, struct process_env *env,
                                    int64_t definition_id);
MUST_USE enum err process_step(struct process_run *run, const struct engine_command *command);
MUST_USE enum err process_end(struct process_run *run);
/* Starts an instance of the definition, as `start` says apart from which one it is. */
MUST_USE enum err process_launch(struct process_env *env, int64_t definition_id,
                                 const struct process_start *start, struct process_run *run);
/* begin, one step, end. */
MUST_USE enum err process_act(struct process_env *env, int64_t id,
                              const struct engine_command *command);

/* Journals events that speak of run->model; while it migrates, the entry says where to. */
MUST_USE enum err process_log_events(struct process_run *run, const struct engine_event *events,
                                     size_t count);
struct engine_run process_engine(struct process_run *run);
MUST_USE enum err process_definition_load(struct process_env *env, int64_t id,
                                          struct process_definition_get_row *row,
                                          const struct bpmn_model **model);

/* process_rows.c */
/* The rows of what lives bear the names of run->model from now on. */
MUST_USE enum err process_rename(struct process_run *run);
MUST_USE enum err process_on_event(struct process_run *run, const struct engine_event *event);
MUST_USE enum err process_notes_write(struct process_run *run);
MUST_USE enum err process_element_key(struct process_run *run, int64_t token, int64_t *out);

/* The job may be had from now on, unless it stands still. */
MUST_USE enum err process_job_offer(struct process_run *run, int64_t token);

/* process_suspend.c */
MUST_USE enum err process_on_suspended(struct process_run *run);
MUST_USE enum err process_on_resumed(struct process_run *run);

/* process_follow.c */
enum process_work_kind {
    PROCESS_SIGNALS,
    PROCESS_PUBLISHES,
    PROCESS_LISTENS,
    PROCESS_BEGINS, /* What has waited for an instance of the process `name` to end. */
    /* Of calls: process_call.c. */
    PROCESS_CALLS,
    PROCESS_ENDS_CALLED,
    PROCESS_SUSPENDS_CALLED,
    PROCESS_RESUMES_CALLED,
    PROCESS_RETURNS,
    PROCESS_THROWS_ERROR,
    PROCESS_THROWS_ESCALATION,
    PROCESS_LOST,
};

/* A process or decision as a model names it. */
struct process_reference {
    enum process_kind kind;
    enum bpmn_binding binding;
    struct str key, version_tag;
    int64_t definition_id; /* Who asks: for what was deployed beside it. */
};

struct process_work {
    enum process_work_kind kind;
    int64_t instance_id, token;
    struct str name, text, value; /* `text`: a correlation key, or a message. */
    struct process_reference reference;
};
MUST_USE enum err process_work_add(struct process_env *env, const struct process_work *work);
MUST_USE enum err process_follow(struct process_env *env);
/* What a client's command ends with: the rows are written, and what follows elsewhere is done. */
MUST_USE enum err process_finish(struct process_run *run);
/* process_act, and what follows elsewhere. */
MUST_USE enum err process_do(struct process_env *env, int64_t id,
                             const struct engine_command *command);

/* process_call.c */
/* The id of the definition. ERR_NOT_FOUND in words. */
MUST_USE enum err process_find_bound(struct db *db, int64_t park_id,
                                     const struct process_reference *wanted, int64_t *out);
/* What an event means for who called the instance, and for what it calls. */
MUST_USE enum err process_call_event(struct process_run *run, const struct engine_event *event);
MUST_USE enum err process_call_work(struct process_env *env, const struct process_work *work);
/* engine_run's `outside`, with the run as data. */
bool process_outside(void *run, enum bpmn_trigger trigger, struct str code);
/* ERR_CONFLICT if the instance was called by another. */
MUST_USE enum err process_check_root(struct process_env *env, int64_t id);

/* process_begin.c. From now on this version is begun by its start events, and no other of that key;
 * ERR_INVALID names the one that cannot be waited for. */
MUST_USE enum err process_begins_open(struct process_env *env, int64_t definition_id,
                                      const struct bpmn_model *model,
                                      const struct bpmn_node *process);
MUST_USE enum err process_begins_forget(struct process_env *env, struct str key);

struct process_begin_message {
    int64_t definition_id;
    struct str process, element; /* The definition's key, and its start event. */
    struct str correlation, variables;
};
/* `*instance_id` is 0 while another instance that a message with this key has begun is open. */
MUST_USE enum err process_begin_told(struct process_env *env,
                                     const struct process_begin_message *message,
                                     int64_t *instance_id);
MUST_USE enum err process_begin_next(struct process_env *env, const struct process_work *work);
/* The instance has ended. */
MUST_USE enum err process_begun_over(struct process_run *run);

/* process_model.c. The same for who only reads; in a world of its own, which is one thread's. */
MUST_USE enum err process_model_read(struct process_world *world, struct db *db, int64_t park_id,
                                     int64_t resource_id, const struct hash *hash,
                                     const struct bpmn_model **out);
/* Both stay as long as fewer than a few hundred others are asked for. */
MUST_USE enum err process_model(struct process_env *env, int64_t resource_id,
                                const struct hash *hash, const struct bpmn_model **out);
MUST_USE enum err process_decisions(struct process_env *env, int64_t resource_id,
                                    const struct hash *hash, const struct dmn_model **out);
/* engine_run's `decide`, with the run as data. */
MUST_USE enum err process_decide(void *run, const struct bpmn_task *task, struct str decision,
                                 const struct feel_value *context, struct feel_run *feel,
                                 struct feel_value *out);
/* A client names the variables that it wants; with no names, all of them. */
bool process_wants(const struct list *names, struct str name);
void process_tell(struct process_world *world, uint64_t topic);

/* An entry of the journal about an instance or, with 0, about a definition; without its body. */
struct journal_entry process_entry(const struct process_env *env, const char *kind,
                                   int64_t instance_id);
MUST_USE enum err process_log(struct process_env *env, const char *kind, int64_t instance_id,
                              struct str body);

#endif
