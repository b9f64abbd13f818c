/* Runs random processes under random schedules: make sim SEED=n, or sim --seed N [--steps M].
 *
 * Between any two steps the instance may be lost and read again from what was stored (a crash);
 * clocks jump, also backwards; jobs fail and are repaired; timers are paused; commands come that
 * must be refused. In every eighth process an instance is now and then suspended and resumed, a
 * step of it is ended and begun anew by hand, or it goes on in another version of the model,
 * where all ids are others, or which has steps more. In every other schedule each call leads to
 * an instance of its own, whose caller is told what becomes of it: the paths must be the same.
 * After each step, what the events as JSON make of the stored state must be the new state, byte
 * for byte (rig.c). At the end each known path must have run as often as it had to, and nothing
 * may be left over. One seed gives one run.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/rig.h"
#include "sim/model.h"

static uint64_t current_seed;

enum { INSTANCES_MAX = 20000 };

struct sim_instance {
    struct engine_instance *at;
    enum sim_version version; /* Of the model it runs by. */
    int caller;               /* -1: none. */
    int64_t call;
    bool escaped;
};

struct sim_note { /* What an event of an instance means to others. */
    int instance;
    struct engine_event event;
};

struct sim {
    struct rig rig; /* Its instance is the one that is being looked at: `now`. */
    const struct bpmn_model *models[SIM_VERSIONS];
    bool calls;
    bool lively; /* Suspended, migrated and modified on its way. */
    struct sim_instance *all;
    int count, now;
    struct sim_note *notes;
    size_t note_next, note_count, note_room;
    struct sim_random random;
    struct sim_model model;
    int64_t counts[SIM_GROUPS_MAX];
    int64_t steps;
    int64_t run_steps; /* Of this schedule. */
};

enum { SCHEDULES = 4, STEPS_MAX = 5000 }; /* Of one process; steps of one schedule. */

static void on_abort(int number)
{
    char text[96];
    int len = snprintf(text, sizeof(text), "failed: again with --seed %llu --steps 1\n",
                       (unsigned long long)current_seed);
    (void)!write(STDERR_FILENO, text, (size_t)len);
    signal(number, SIG_DFL);
}

static void describe(const struct sim *sim)
{
    const struct engine_instance *at = sim->rig.instance;
    for (size_t i = 0; i < at->element_count; i++)
        fprintf(stderr, "lives: %lld %.*s role %d in %lld%s\n", (long long)at->elements[i].key,
                STR_ARG(sim->rig.model->nodes[at->elements[i].node].id), (int)at->elements[i].role,
                (long long)at->elements[i].scope,
                engine_incident_of(at, at->elements[i].key) ? ", with an incident" : "");
    fprintf(stderr, "%zu jobs, %zu timers, %zu subscriptions, %zu incidents\n", at->job_count,
            at->timer_count, at->subscription_count, at->incident_count);
}

static void fail(const struct sim *sim, const char *what)
{
    if (sim->rig.model)
        describe(sim);
    fprintf(stderr, "sim: %s (%s)\n%.*s\nvariables %.*s\n", what, err_last()->detail,
            STR_ARG(sim->model.xml), STR_ARG(sim->model.variables));
    abort();
}

static void count_marks(struct sim *sim)
{
    for (size_t i = 0; i < sim->rig.last.event_count; i++) {
        const struct engine_event *event = &sim->rig.last.events[i];
        unsigned group;
        if (event->kind == ENGINE_ELEMENT_COMPLETED &&
            sscanf(sim->rig.model->nodes[event->node].id.ptr, "m%u_", &group) == 1)
            sim->counts[group]++;
    }
}

/* ---- Instances that call each other ---- */

static bool caught_outside(void *data, enum bpmn_trigger trigger, struct str code)
{
    const struct sim *sim = data;
    const struct sim_instance *of = &sim->all[sim->now];
    for (; of->caller >= 0; of = &sim->all[of->caller]) {
        const struct sim_instance *caller = &sim->all[of->caller];
        if (engine_catches(sim->models[caller->version], caller->at, of->call, trigger, code))
            return true;
    }
    return false;
}

static void look_at(struct sim *sim, int instance)
{
    sim->now = instance;
    sim->rig.instance = sim->all[instance].at;
    sim->rig.model = sim->models[sim->all[instance].version];
    sim->rig.run.calls = sim->calls;
    sim->rig.run.outside = sim->all[instance].caller >= 0 ? caught_outside : NULL;
    sim->rig.run.data = sim;
}

static void note_calls(struct sim *sim)
{
    for (size_t i = 0; i < sim->rig.last.event_count; i++) {
        const struct engine_event *event = &sim->rig.last.events[i];
        bool down = event->kind == ENGINE_CALL_CREATED || event->kind == ENGINE_CALL_CANCELED;
        bool up = event->kind == ENGINE_INSTANCE_COMPLETED || event->kind == ENGINE_ESCAPED ||
                  event->kind == ENGINE_INSTANCE_CANCELED;
        if (down || (up && sim->all[sim->now].caller >= 0))
            *ARENA_PUSH(&sim->rig.arena, sim->notes, sim->note_count, sim->note_room) =
                (struct sim_note){.instance = sim->now, .event = *event};
    }
}

/* A step of the instance that is being looked at. */
static void step(struct sim *sim, struct engine_command command)
{
    if (rig_step(&sim->rig, command) != OK)
        fail(sim, "a step is refused");
    sim->all[sim->now].at = sim->rig.instance;
    count_marks(sim);
    note_calls(sim);
    sim->steps++;
}

static void begin(struct sim *sim, int caller, int64_t call, struct engine_command start)
{
    if (sim->count >= INSTANCES_MAX)
        fail(sim, "there are too many instances");
    int instance = sim->count++;
    sim->all[instance] =
        (struct sim_instance){.at = engine_instance_new(&sim->rig.arena),
                              .version = caller < 0 ? SIM_PLAIN : sim->all[caller].version,
                              .caller = caller,
                              .call = call};
    look_at(sim, instance);
    start.kind = ENGINE_START;
    step(sim, start);
}

static bool is_open(const struct sim *sim, int caller, int64_t call)
{
    return sim->all[caller].at->state == ENGINE_ACTIVE && engine_element(sim->all[caller].at, call);
}

static uint32_t process_of(const struct sim *sim, int caller, struct str name)
{
    return bpmn_find(sim->models[sim->all[caller].version], name)->index;
}

static void tell_called(struct sim *sim, int caller, const struct engine_event *event)
{
    if (event->kind == ENGINE_CALL_CREATED) {
        if (is_open(sim, caller, event->key))
            begin(sim, caller, event->key,
                  (struct engine_command){.process = process_of(sim, caller, event->name),
                                          .variables = event->value});
        return;
    }
    for (int i = 0; i < sim->count; i++)
        if (sim->all[i].caller == caller && sim->all[i].call == event->key &&
            sim->all[i].at->state == ENGINE_ACTIVE) {
            look_at(sim, i);
            step(sim, (struct engine_command){.kind = ENGINE_CANCEL});
        }
}

static void tell_caller(struct sim *sim, int called, const struct engine_event *event)
{
    struct sim_instance *from = &sim->all[called];
    struct engine_command command = {.kind = ENGINE_CALL_COMPLETE,
                                     .key = from->call,
                                     .code = event->name,
                                     .message = event->text,
                                     .variables = event->value};
    bool error = event->kind == ENGINE_ESCAPED && event->trigger == BPMN_ON_ERROR;
    from->escaped = from->escaped || error;
    if (!is_open(sim, from->caller, from->call) ||
        (event->kind == ENGINE_INSTANCE_CANCELED && from->escaped))
        return;
    if (event->kind == ENGINE_INSTANCE_CANCELED)
        fail(sim, "a called instance is lost");
    if (event->kind == ENGINE_ESCAPED)
        command.kind = error ? ENGINE_CALL_ERROR : ENGINE_CALL_ESCALATION;
    look_at(sim, from->caller);
    step(sim, command);
}

static void follow(struct sim *sim)
{
    while (sim->note_next < sim->note_count) {
        const struct sim_note note = sim->notes[sim->note_next++];
        if (note.event.kind == ENGINE_CALL_CREATED || note.event.kind == ENGINE_CALL_CANCELED)
            tell_called(sim, note.instance, &note.event);
        else
            tell_caller(sim, note.instance, &note.event);
    }
}

/* What was stored is all that is left. */
static void crash(struct sim *sim)
{
    if (sim->rig.instance->state != ENGINE_ACTIVE && sim->rig.instance->state != ENGINE_SUSPENDED)
        return;
    CLEANUP(buf_release) struct buf blob;
    buf_init(&blob, ENGINE_BLOB_MAX);
    engine_instance_write(&blob, sim->rig.instance);
    struct str kept = str_copy(&sim->rig.arena, buf_str(&blob));
    if (engine_instance_read(&sim->rig.arena, sim->rig.model, kept, &sim->rig.instance) != OK)
        fail(sim, "the stored instance cannot be read");
    sim->all[sim->now].at = sim->rig.instance;
}

static bool take_job(struct sim *sim, struct engine_command *out)
{
    const struct engine_instance *at = sim->rig.instance;
    if (at->job_count == 0)
        return false;
    const struct engine_job *job = &at->jobs[sim_below(&sim->random, (unsigned)at->job_count)];
    if (engine_incident_of(at, job->key))
        return false;
    *out = (struct engine_command){.kind = ENGINE_JOB_COMPLETE, .key = job->key};
    if (sim_below(&sim->random, 4) == 0) {
        out->kind = ENGINE_JOB_FAIL;
        out->retries = job->retries - 1;
        out->message = STR("not now");
    }
    return true;
}

static bool take_task(struct sim *sim, struct engine_command *out)
{
    const struct engine_instance *at = sim->rig.instance;
    unsigned from = sim_below(&sim->random, (unsigned)at->element_count);
    for (size_t i = 0; i < at->element_count; i++) {
        const struct engine_element *element = &at->elements[(from + i) % at->element_count];
        if (element->role == ENGINE_LOOP || engine_incident_of(at, element->key) ||
            sim->rig.model->nodes[element->node].kind != BPMN_USER_TASK)
            continue;
        *out = (struct engine_command){.kind = ENGINE_TASK_COMPLETE,
                                       .key = element->key,
                                       .variables = STR("{\"note\":\"ok\"}")};
        return true;
    }
    return false;
}

static bool take_timer(struct sim *sim, struct engine_command *out)
{
    const struct engine_instance *at = sim->rig.instance;
    if (at->timer_count == 0)
        return false;
    const struct engine_timer *timer =
        &at->timers[sim_below(&sim->random, (unsigned)at->timer_count)];
    *out = (struct engine_command){.kind = ENGINE_TIMER_FIRE, .key = timer->key};
    if (timer->due_us == 0 || sim_below(&sim->random, 5) == 0) { /* Pause it, or let it go on. */
        out->kind = ENGINE_TIMER_MOVE;
        out->due_us = timer->due_us ? 0 : sim->rig.run.now_us + MINUTE_US;
    } else if (timer->due_us > sim->rig.run.now_us) {
        sim->rig.run.now_us = timer->due_us;
    }
    return true;
}

static bool take_event(struct sim *sim, struct engine_command *out)
{
    const struct engine_instance *at = sim->rig.instance;
    if (at->subscription_count == 0)
        return false;
    const struct engine_subscription *found =
        &at->subscriptions[sim_below(&sim->random, (unsigned)at->subscription_count)];
    if (found->trigger == BPMN_ON_CONDITION)
        return false;
    *out = (struct engine_command){.kind = found->trigger == BPMN_ON_SIGNAL ? ENGINE_SIGNAL
                                                                            : ENGINE_MESSAGE,
                                   .name = found->name,
                                   .variables = STR("{\"came\":true}")};
    return true;
}

static bool take_incident(struct sim *sim, struct engine_command *out)
{
    if (sim->rig.instance->incident_count == 0)
        return false;
    const struct engine_incident *incident = &sim->rig.instance->incidents[0];
    *out = (struct engine_command){
        .kind = ENGINE_INCIDENT_RESOLVE, .key = incident->key, .retries = 3};
    if (sim_below(&sim->random, 2)) /* What was missing; resolving before that raises it again. */
        *out = (struct engine_command){
            .kind = ENGINE_VARIABLES_SET, .key = incident->element, .variables = sim->model.repair};
    return true;
}

static bool take_retries(struct sim *sim, struct engine_command *out)
{
    const struct engine_instance *at = sim->rig.instance;
    if (at->job_count == 0)
        return false;
    *out = (struct engine_command){.kind = ENGINE_JOB_RETRIES,
                                   .key = at->jobs[0].key,
                                   .retries = 1 + sim_below(&sim->random, 5)};
    return true;
}

/* Comes from nowhere and must change nothing. */
static void try_nonsense(struct sim *sim)
{
    static const char *const texts[] = {"[1]", "{", "{\"a\":", "nonsense"};
    struct engine_command command = {
        .kind = (enum engine_command_kind)(ENGINE_TASK_COMPLETE +
                                           sim_below(&sim->random, ENGINE_TIMER_FIRE)),
        .key = sim->rig.instance->next_key + (int64_t)sim_below(&sim->random, 3),
        .name = STR("nobody waits for this"),
        .variables = str_of(texts[sim_below(&sim->random, COUNT_OF(texts))])};
    if (sim_below(&sim->random, 2)) {
        command.kind = ENGINE_TIMER_FIRE;
        command.variables = (struct str){0};
    }
    struct engine_instance *before = sim->rig.instance;
    if (rig_step(&sim->rig, command) == OK)
        fail(sim, "nonsense is accepted");
    if (sim->rig.instance != before)
        fail(sim, "nonsense changes the state");
}

static void jump(struct sim *sim)
{
    static const int64_t jumps[] = {MINUTE_US, HOUR_US, 40 * DAY_US, -MINUTE_US, -HOUR_US};
    sim->rig.run.now_us += jumps[sim_below(&sim->random, COUNT_OF(jumps))];
}

static bool choose_one(struct sim *sim, struct engine_command *out)
{
    static bool (*const takes[])(struct sim *, struct engine_command *) = {
        take_task, take_job, take_timer, take_event, take_incident, take_retries};
    return takes[sim_below(&sim->random, COUNT_OF(takes))](sim, out);
}

/* ---- What is done to an instance as a whole ---- */

static void refused(struct sim *sim, struct engine_command command, const char *what)
{
    struct engine_instance *before = sim->rig.instance;
    if (rig_step(&sim->rig, command) == OK || sim->rig.instance != before)
        fail(sim, what);
}

static struct engine_plan plan_of(struct sim *sim, enum sim_version from, enum sim_version to)
{
    const struct bpmn_model *model = sim->models[from];
    struct arena *arena = &sim->rig.arena;
    struct engine_move *moves =
        ARENA_ARRAY(arena, model->node_count + model->flow_count, struct engine_move);
    struct str process = model->nodes[sim->rig.instance->process].id;
    size_t count = 0;
    for (size_t i = 0; i < model->node_count + model->flow_count; i++) {
        bool flow = i >= model->node_count;
        struct str id = flow ? model->flows[i - model->node_count].id : model->nodes[i].id;
        struct str place = sim_id(arena, id, from, to);
        if (id.ptr && place.ptr)
            moves[count++] = (struct engine_move){.from = id, .to = place};
    }
    return (struct engine_plan){
        .moves = moves,
        .move_count = count,
        .process = bpmn_find(sim->models[to], sim_id(arena, process, from, to))->index};
}

/* Only what stands in an added step has no way back. */
static bool in_added(const struct sim *sim)
{
    const struct engine_instance *at = sim->rig.instance;
    for (size_t i = 0; i < at->element_count; i++)
        if (str_starts(sim->rig.model->nodes[at->elements[i].node].id, STR("add")))
            return true;
    return false;
}

static void migrate(struct sim *sim)
{
    enum sim_version from = sim->all[sim->now].version,
                     to = (enum sim_version)sim_below(&sim->random, SIM_VERSIONS);
    struct engine_plan plan = plan_of(sim, from, to);
    bool stays = to != SIM_GROWN && in_added(sim);
    struct engine_instance *before = sim->rig.instance;
    if (rig_migrate(&sim->rig, sim->models[to], &plan) != OK) {
        if (!stays || sim->rig.instance != before)
            fail(sim, "it cannot be migrated");
        return;
    }
    if (stays)
        fail(sim, "an added step has gone where there is none");
    sim->all[sim->now].at = sim->rig.instance;
    sim->all[sim->now].version = to;
    count_marks(sim);
    note_calls(sim);
    sim->steps++;
}

/* A task is ended and begun anew where it stands: it will complete as often as before. */
static void restart(struct sim *sim)
{
    const struct engine_instance *at = sim->rig.instance;
    const struct engine_element *element =
        &at->elements[sim_below(&sim->random, (unsigned)at->element_count)];
    const struct bpmn_node *node = &sim->rig.model->nodes[element->node];
    struct engine_change changes[] = {
        {.kind = ENGINE_CHANGE_CANCEL, .element = element->key},
        {.kind = ENGINE_CHANGE_START, .element = element->scope, .node = element->node}};
    struct engine_command modify = {
        .kind = ENGINE_MODIFY, .changes = changes, .change_count = COUNT_OF(changes)};
    if (element->key == ENGINE_ROOT) /* The process itself is canceled as a whole, or not at all. */
        refused(sim, modify, "the root is modified");
    else if (element->role == ENGINE_PLAIN && !node->for_compensation &&
             (node->kind == BPMN_USER_TASK || node->kind == BPMN_SERVICE_TASK))
        step(sim, modify);
}

/* What it would do otherwise, it does not; what may be done to it changes nothing of its way. */
static void suspend(struct sim *sim)
{
    struct engine_command command;
    step(sim, (struct engine_command){.kind = ENGINE_SUSPEND, .message = STR("wait")});
    refused(sim, (struct engine_command){.kind = ENGINE_SUSPEND}, "it is suspended twice");
    for (unsigned i = sim_below(&sim->random, 4); i > 0; i--) {
        switch (sim_below(&sim->random, 4)) {
        case 0:
            crash(sim);
            break;
        case 1:
            migrate(sim);
            break;
        case 2:
            restart(sim);
            break;
        default:
            if (!choose_one(sim, &command))
                break;
            if (command.kind == ENGINE_VARIABLES_SET || command.kind == ENGINE_TIMER_MOVE ||
                command.kind == ENGINE_JOB_RETRIES)
                step(sim, command);
            else
                refused(sim, command, "a suspended instance moves");
        }
    }
    step(sim, (struct engine_command){.kind = ENGINE_RESUME});
    refused(sim, (struct engine_command){.kind = ENGINE_RESUME}, "it is resumed twice");
}

static void disturb(struct sim *sim)
{
    static void (*const acts[])(struct sim *) = {suspend, migrate, restart};
    look_at(sim, (int)sim_below(&sim->random, (unsigned)sim->count));
    if (sim->rig.instance->state == ENGINE_ACTIVE)
        acts[sim_below(&sim->random, COUNT_OF(acts))](sim);
    follow(sim);
}

static struct engine_command choose(struct sim *sim)
{
    struct engine_command command;
    for (int tries = 0; tries < 20000; tries++) {
        look_at(sim, (int)sim_below(&sim->random, (unsigned)sim->count));
        if (sim->rig.instance->state == ENGINE_ACTIVE && choose_one(sim, &command))
            return command;
    }
    fail(sim, "nothing can happen any more");
    return command;
}

static void check_end(struct sim *sim)
{
    for (int i = 1; i < sim->count; i++)
        if (sim->all[i].at->state == ENGINE_ACTIVE)
            fail(sim, "a called instance outlives the root of all");
    const struct engine_instance *at = sim->all[0].at;
    if (at->state != ENGINE_COMPLETED || at->variable_count || at->timer_count || at->job_count ||
        at->subscription_count || at->incident_count || at->join_count || at->done_count)
        fail(sim, "something is left over");
    for (size_t i = 0; i < sim->model.group_count; i++)
        if (sim->counts[i] != sim->model.expected[i]) {
            fprintf(stderr, "group %zu ran %lld times instead of %lld\n", i,
                    (long long)sim->counts[i], (long long)sim->model.expected[i]);
            fail(sim, "a path ran too often or too rarely");
        }
}

static void run_schedule(struct sim *sim)
{
    memset(sim->counts, 0, sizeof(sim->counts));
    sim->count = 0;
    begin(sim, -1, 0, (struct engine_command){.variables = sim->model.variables});
    follow(sim);
    for (sim->run_steps = 1; sim->all[0].at->state == ENGINE_ACTIVE; sim->run_steps++) {
        if (sim->run_steps > STEPS_MAX)
            fail(sim, "it never ends");
        switch (sim_below(&sim->random, 32)) {
        case 0:
            jump(sim);
            break;
        case 1:
            try_nonsense(sim);
            break;
        case 2 ... 6:
            crash(sim);
            break;
        case 7 ... 11:
            if (sim->lively)
                disturb(sim);
            break;
        default:
            break;
        }
        if (sim->all[0].at->state != ENGINE_ACTIVE) /* Resuming it may have ended it. */
            break;
        step(sim, choose(sim));
        follow(sim);
    }
    check_end(sim);
}

static void open_versions(struct sim *sim)
{
    for (int i = SIM_PLAIN + 1; i < SIM_VERSIONS; i++) {
        struct bpmn_report report = {0};
        if (bpmn_parse(&sim->rig.arena,
                       sim_version(&sim->rig.arena, sim->model.xml, (enum sim_version)i), NULL,
                       &report, &sim->models[i]) != OK)
            fail(sim, "another version of the model is refused");
    }
}

static int64_t run_one(uint64_t seed)
{
    static struct sim sim;
    static struct sim_instance instances[INSTANCES_MAX];
    sim = (struct sim){0};
    current_seed = seed;
    sim_seed(&sim.random, seed);
    struct arena arena = {0};
    sim_model_make(&arena, &sim.random, &sim.model);
    if (rig_open_text(&sim.rig, sim.model.xml) != OK)
        fail(&sim, "the model is refused");
    sim.lively = sim_below(&sim.random, 8) == 0;
    if (sim.lively)
        open_versions(&sim);
    sim.models[SIM_PLAIN] = sim.rig.model;
    sim.all = instances;
    for (int i = 0; i < SCHEDULES; i++) {
        sim.calls = i % 2;
        run_schedule(&sim);
    }
    rig_close(&sim.rig);
    arena_release(&arena);
    return sim.steps;
}

int main(int argc, char **argv)
{
    uint64_t seed = 1;
    int64_t steps = 100000, done = 0, instances = 0;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--seed") == 0)
            seed = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--steps") == 0)
            steps = atoll(argv[i + 1]);
    }
    signal(SIGABRT, on_abort);
    for (; done < steps; instances++)
        done += run_one(seed * 1000003 * (instances > 0) + seed + (uint64_t)instances);
    printf("ok 1 - simulation: %lld steps of %lld processes from seed %llu\n1..1\n",
           (long long)done, (long long)instances, (unsigned long long)seed);
    return 0;
}
