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
#include "park/service.h"
#include "park/task_sql.h"

enum { CASE_PAUSES_MAX = 200, CASE_HOSTS = 3, CASE_JOBS_MAX = 64, CASE_STEPS_MAX = 200 };

#define TASK_NO_DUE INT64_MAX /* Sorts behind every deadline. */

struct case_clock {
    struct str name;
    int64_t started_us, due_us, warn_us, stopped_us; /* stopped_us 0: runs. */
};

struct case_pause {
    struct str clock, reason, text;
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
    const struct feel_entry *terms; /* What clock amounts are computed from; made on demand. */
    size_t term_count;

    struct task_open_row *tasks; /* Open ones, loaded on demand; token 0 marks a closed one. */
    size_t task_count, task_capacity;
    bool tasks_loaded;
    unsigned char *done, *flows; /* The bits of `detail`. */
    struct case_counts counts;
    int steps;

    int64_t actor_task; /* The task that `who` completes now. */
    struct str outcome; /* … and how. */
    struct str note;    /* … and what they wrote. */
};

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
struct case_clock *case_clock_find(struct case_run *run, struct str name);
MUST_USE enum err case_clock_start(struct case_run *run, struct str name, bool again);
void case_clock_stop(struct case_run *run, struct str name);
void case_clock_stop_all(struct case_run *run);
/* The running clock whose deadline comes first; NULL if none runs. */
struct case_clock *case_clock_first(struct case_run *run);
/* When the clock is due, warns, or is due to the nth escalation; as if it started now if it does
 * not run. */
MUST_USE enum err case_clock_due(struct case_run *run, struct str name, int64_t *due_us,
                                 int64_t *warn_us, int64_t *step_us);
/* Stands a clock still, and the timers with it; and lets it run on. */
MUST_USE enum err case_pause_begin(struct case_run *run, struct case_clock *clock,
                                   struct str reason, struct str text);
MUST_USE enum err case_pause_end(struct case_run *run);
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

/* May this person take the task as it stands: is it theirs, or in an inbox of theirs? */
struct task_place {
    int64_t assignee_id, role, scope_id, up_role, up_scope;
    bool inbox;
};
bool case_task_mine(const struct principal *who, const struct task_place *place);
/* Ids as a JSON array's text. */
struct str case_id_list(struct arena *arena, struct list ids);

/* Jobs: what service tasks do. */
struct case_job {
    const char *type;
    /* Writes the members of the variables object that the process gets. */
    enum err (*run)(struct case_run *run, const struct bpmn_node *node, struct json_writer *vars);
    const char *about;
};
const struct case_job *case_job_find(struct str type);

/* A variable of the process that holds an id as a text, or 0. */
int64_t case_variable_id(struct case_run *run, const char *name);
struct str case_variable_text(struct case_run *run, const char *name);

#endif
