/* Inside park/: one command on one case, from its row to its row.
 *
 *     case_begin   loads the row, its definition and its process, and checks that `who` may see it
 *     case_step    gives the engine a command, turns events into rows, runs the jobs that follow
 *     case_end     writes the row back, with the counters that the board reads
 */
#ifndef PARK_CASE_RUN_H
#define PARK_CASE_RUN_H

#include "engine/engine.h"
#include "park/case.h"
#include "park/case_act.h"
#include "park/case_feel.h"
#include "park/case_sql.h"
#include "park/instance.h"
#include "park/item_sql.h"
#include "park/service.h"
#include "park/task_sql.h"

enum {
    CASE_PAUSES_MAX = 200,
    CASE_CLOCK_RUNS_MAX = 1000,
    CASE_HOSTS = 3,
    CASE_JOBS_MAX = 64,
};

#define TASK_NO_DUE INT64_MAX /* Sorts behind every deadline. */

/* Where departments work side by side, or items are put right side by side, each has its own clock
 * of the same name: `key` is the department's code or the item's id. */
struct case_clock {
    struct str name, key;
    int64_t started_us, due_us, warn_us, stopped_us; /* stopped_us 0: runs. */
};

struct case_pause {
    struct str clock, key, reason, text;
    int64_t from_us, to_us; /* to_us 0: lasts. */
    int64_t left_us;        /* Office time that was left when it began. */
};

/* What only the case's own page shows: kept as JSON in one column. */
struct case_detail {
    struct list clocks; /* struct case_clock, in the order of their first start */
    struct list pauses; /* struct case_pause */
    int64_t handbacks;
    struct str result_text, result_files;
    int64_t result_us;
    int64_t extension_days, extension_us;
    struct str extension_reason, extension_state; /* asked, approved, refused, lapsed */
    struct str rating_text;
    int64_t rating_us, reminded_us;
    struct str supervise_text;
    int64_t reply_by_us;
    struct str incident;
    int64_t suspended_us, suspended_by; /* 0: it is not. */
    struct str suspended_reason;
    struct str done, flows; /* Bits of nodes and flows passed, in hex. */
};

struct case_counts {
    int64_t filed, signed_count, signed_in_time, resolved, resolved_in_time, rated[6];
};

/* One command being run. Everything lives in the command's arena. */
struct case_run {
    struct db_tx *tx;
    struct arena *arena;
    struct case_world *world;
    const struct principal *who; /* NULL: the program itself. */
    int64_t park_id, id, now_us;
    bool staff; /* `who` sees it as staff. */

    const struct service *service;
    struct case_load_row row; /* As it will be. */
    struct case_load_row was; /* As it was; zero for a new case. */
    bool fresh;
    struct case_detail detail;
    const struct engine_instance *instance;
    struct feel_host hosts[CASE_HOSTS];
    struct feel_entry *terms; /* What clock amounts are computed from; made on demand. */
    size_t term_count;
    struct str *decided_texts; /* What those decided were read from. */

    struct task_open_row *tasks; /* Open ones, loaded on demand; token 0 marks a closed one. */
    size_t task_count, task_capacity;
    bool tasks_loaded;
    unsigned char *done, *flows; /* The bits of `detail`. */
    struct case_counts counts;
    int64_t element; /* Whose variables are read: of the job that runs; 0: the process. */
    int steps;

    struct item_of_case_row *item; /* The one that was asked for last, as it will be. */

    struct instance_steps *noted; /* For the journal, written at the end. */
    size_t noted_count, noted_room;

    int64_t actor_task;  /* The task that `who` completes now. */
    struct str outcome;  /* … and how. */
    struct str note;     /* … and what they wrote. */
    struct str evidence; /* … and attached, a JSON array of file ids. */
    struct str answers;  /* … and answered to its form, a JSON object; or absent. */
};

/* Where scenarios keep what they went through; NULL outside of them. */
struct service_cover;
void case_world_cover(struct case_world *world, struct service_cover *cover);
/* Decides for the process: engine_run's `decide`, with the run as data. */
MUST_USE enum err case_decide(void *data, const struct bpmn_task *task, struct str decision,
                              const struct feel_value *context, struct feel_run *run,
                              struct feel_value *out);

/* Reads a `detail` column. */
MUST_USE enum err case_detail_read(struct arena *arena, struct str text, struct case_detail *out);
/* Days since 1970-01-01 in the park's zone. */
int64_t case_local_day(int64_t time_us);

MUST_USE enum err case_begin(struct case_run *run, const struct case_env *env,
                             const struct principal *who, int64_t case_id);
/* The same for a case that is not stored yet: id, row and service are set already. */
MUST_USE enum err case_begin_new(struct case_run *run, const struct case_env *env,
                                 const struct principal *who);
MUST_USE enum err case_end(struct case_run *run);
MUST_USE enum err case_step(struct case_run *run, const struct engine_command *command);
/* What `case_step` does with events that the engine gave: rows, and the jobs that follow. */
MUST_USE enum err case_take(struct case_run *run, const struct engine_event *events, size_t count);
/* Runs the jobs that came up while the case was suspended. */
MUST_USE enum err case_jobs_run(struct case_run *run);
/* ERR_CONFLICT while the case is suspended, in words that say by whom, since when and why. */
MUST_USE enum err case_moves(struct case_run *run);
/* case_begin for an administrator, who sees no cases, and answers for what they do to one.
 * ERR_CONFLICT if it is closed. */
MUST_USE enum err case_begin_life(struct case_run *run, const struct case_env *env,
                                  const struct principal *who, int64_t case_id);
/* What is different between two states; `was` is the service that `before` ran by. */
void case_effect_read(const struct case_run *run, const struct service *was,
                      const struct engine_instance *before, struct case_effect *out);
/* Runs the work; with `preview` all that it wrote is taken back. */
typedef enum err case_trial(const struct case_env *env, void *data);
MUST_USE enum err case_try(const struct case_env *env, bool preview, case_trial *work, void *data);
/* What a step of the case is run with. */
struct engine_run case_engine(struct case_run *run);
/* A suspended case's clocks stand still, those too that have started since. */
MUST_USE enum err case_life_hold(struct case_run *run);

/* An entry of the journal: `body` is begun as an object that has the actor's role. */
struct case_entry {
    struct buf buf;
    struct json_writer w;
};
void case_entry_begin(struct case_run *run, struct case_entry *entry);
MUST_USE enum err case_entry_end(struct case_run *run, struct case_entry *entry, const char *kind,
                                 int64_t subject_id);
/* One without more to say. */
MUST_USE enum err case_log(struct case_run *run, const char *kind);
/* The role that the actor plays in this case. */
enum role_set case_actor_role(const struct case_run *run);

/* Clocks. */
const struct calendar *case_calendar(const struct case_run *run, struct str name);
struct case_clock *case_clock_find(struct case_run *run, struct str name, struct str key);
/* `due_us` 0: as the service says. A clock that runs stays as it is; one that has stopped begins
 * anew only with `again`. */
MUST_USE enum err case_clock_start(struct case_run *run, struct str name, struct str key,
                                   int64_t due_us, bool again);
void case_clock_stop(struct case_run *run, struct str name, struct str key);
void case_clock_stop_all(struct case_run *run);
/* The clock whose deadline comes first of those that run and do not stand still; or NULL. */
struct case_clock *case_clock_first(struct case_run *run);
/* When the clock is due, warns, or is due to the nth escalation; as if it started now if it does
 * not run. */
MUST_USE enum err case_clock_due(struct case_run *run, struct str name, struct str key,
                                 int64_t *due_us, int64_t *warn_us, int64_t *step_us);
/* Stands a clock still, and the timers with it; and lets it run on. */
MUST_USE enum err case_pause_begin(struct case_run *run, struct case_clock *clock,
                                   struct str reason, struct str text);
MUST_USE enum err case_pause_end(struct case_run *run);
/* The same for one clock alone, while the others run on. The clock may have stopped just now, with
 * the task that asked for the pause: then it had not. */
MUST_USE enum err case_clock_hold(struct case_run *run, struct case_clock *clock, struct str reason,
                                  struct str text);
void case_clock_release(struct case_run *run, struct case_clock *clock);
/* Is the clock held or paused? */
bool case_clock_held(const struct case_detail *detail, const struct case_clock *clock);
MUST_USE enum err case_clock_extend(struct case_run *run, struct case_clock *clock, int64_t days);
/* Moves the process' timers and the tasks' deadlines to what their expressions say now; or with
 * `stop` stands them still. */
MUST_USE enum err case_timers_move(struct case_run *run, bool stop);

/* Tasks. */
MUST_USE enum err case_tasks_load(struct case_run *run);
struct task_open_row *case_task_find(struct case_run *run, int64_t token);
MUST_USE enum err case_task_created(struct case_run *run, const struct engine_event *event);
MUST_USE enum err case_task_gone(struct case_run *run, int64_t token, bool completed);
MUST_USE enum err case_task_write(struct case_run *run, const struct task_open_row *task);
int64_t case_role_scope(const struct case_run *run, enum role_set role);
/* The role of a rung of the ladder where the case is being worked on; 0 past the top. */
enum role_set case_level_role(const struct case_run *run, int64_t level);
int64_t case_level_top(const struct case_run *run);
/* The next rung that somebody stands on; the same one at the top. */
int64_t case_level_above(const struct case_run *run, int64_t level);
/* Shows all open tasks to the case's level. */
MUST_USE enum err case_tasks_raise(struct case_run *run);
void case_task_raise(const struct case_run *run, struct task_open_row *task);
MUST_USE enum err case_person_given(struct case_run *run, int64_t person_id);
/* The key of the clocks that the task has to itself, or the empty text. */
struct str case_task_key(struct case_run *run, const struct task_open_row *task);
/* Shows the tasks that work under this clock to a rung of the ladder where they are placed. */
MUST_USE enum err case_tasks_lift(struct case_run *run, struct str clock, struct str key,
                                  int64_t level);
/* A department by its code; 0 if there is none. It may see the case from now on. */
MUST_USE enum err case_department_join(struct case_run *run, struct str code, int64_t *out);
struct str case_department_code(struct case_run *run, int64_t department_id);

/* Items. */
/* NULL if the case has none with that id. */
MUST_USE enum err case_item_load(struct case_run *run, int64_t id, struct item_of_case_row **out);
/* Puts it at the end of its list. */
MUST_USE enum err case_item_insert(struct case_run *run, const struct item_of_case_row *item);
MUST_USE enum err case_item_save(struct case_run *run, const struct item_of_case_row *item);
/* Jobs on lists. */
enum err case_items_add(struct case_run *run, const struct bpmn_node *node,
                        struct json_writer *vars);
enum err case_items_collect(struct case_run *run, const struct bpmn_node *node,
                            struct json_writer *vars);
enum err case_items_open(struct case_run *run, const struct bpmn_node *node,
                         struct json_writer *vars);
/* What a task's properties ask of items before it may be completed, and do with them then. */
MUST_USE enum err case_items_check(struct case_run *run, const struct bpmn_node *node,
                                   const struct task_open_row *task);
MUST_USE enum err case_items_follow(struct case_run *run, const struct bpmn_node *node,
                                    const struct task_open_row *task);

/* May this person take the task as it stands: is it theirs, or in an inbox of theirs? */
struct task_place {
    int64_t assignee_id, role, scope_id, up_role, up_scope;
    int64_t department_id; /* Placed there: nobody else's, however high. */
    bool inbox;
};
bool case_task_mine(const struct principal *who, const struct task_place *place);
/* One task being acted on, with its case. */
struct task_acting {
    struct case_run run;
    struct task_open_row task;
    const struct bpmn_node *node;
};
/* Begins an act on an open task: ERR_NOT_FOUND for who may not see its case, ERR_CONFLICT if it is
 * done, ERR_FORBIDDEN if somebody else has it. */
MUST_USE enum err task_begin(struct task_acting *acting, const struct case_env *env,
                             const struct principal *who, int64_t task_id, int64_t *case_id);
/* Does the comma-separated property of the element hold this word? */
bool task_property_has(const struct bpmn_node *node, const char *name, struct str word);

struct str case_json_text(struct arena *arena, const struct json_value *value);
/* Ids as a JSON array's text. */
struct str case_id_list(struct arena *arena, struct list ids);

/* The steps and incidents of a case, case_history.c. */
void case_history_note(struct case_run *run, const struct engine_event *events, size_t count);
/* Writes what was noted, whose last event is ENGINE_MIGRATED, and goes on noting for `model_id`. */
MUST_USE enum err case_history_migrated(struct case_run *run, int64_t model_id);
MUST_USE enum err case_history_write(struct case_run *run);
MUST_USE enum err case_incident_raised(struct case_run *run, const struct engine_event *event);
MUST_USE enum err case_incident_ended(struct case_run *run, int64_t token);

/* Jobs: what service tasks do. */
struct case_job {
    const char *type;
    /* Writes the members of the variables object that the process gets. */
    enum err (*run)(struct case_run *run, const struct bpmn_node *node, struct json_writer *vars);
    const char *about;
};
const struct case_job *case_job_find(struct str type);

/* A variable of the process that holds an id as a text, or 0; "item.id" is a member of one. */
int64_t case_variable_id(struct case_run *run, const char *name);
struct str case_variable_text(struct case_run *run, const char *name);

#endif
