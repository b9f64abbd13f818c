#include "cmd/bpmn_suite.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "cmd/bpmn_adapt.h"
#include "cmd/cmd.h"
#include "cmd/input.h"
#include "engine/engine.h"

enum { INSTANCES_MAX = 16, MARKS_MAX = 256, STEPS_MAX = 2000, FOLDERS_MAX = 1000 };

struct work { /* When a job that was taken up is done. */
    size_t instance;
    int64_t key, begun_us, done_us;
};

/* One run of one model: its instances, their virtual time, and the trace they leave. */
struct world {
    struct arena arena;
    const struct bpmn_model *model;
    const struct engine_instance *instances[INSTANCES_MAX];
    size_t instance_count;
    struct engine_run run;
    struct str marks[MARKS_MAX];
    size_t mark_count;
    struct work works[MARKS_MAX];
    size_t work_count;
    int64_t stamps[2][2];
    bool marker, expects_marker, refused;
};

static void add_mark(struct world *w, struct str mark)
{
    if (w->mark_count < MARKS_MAX)
        w->marks[w->mark_count++] = mark;
}

/* ---- Running ---- */

static void step(struct world *w, size_t instance, struct engine_command command);

static void start(struct world *w, uint32_t process, uint32_t node, struct str variables)
{
    if (w->instance_count == INSTANCES_MAX)
        return;
    size_t instance = w->instance_count++;
    w->instances[instance] = engine_instance_new(&w->arena);
    step(w, instance,
         (struct engine_command){
             .kind = ENGINE_START, .process = process, .node = node, .variables = variables});
}

/* Start events of processes that wait for it. */
static bool start_by(struct world *w, enum bpmn_trigger trigger, struct str name)
{
    bool any = false;
    for (uint32_t i = 0; i < w->model->node_count; i++) {
        const struct bpmn_node *node = &w->model->nodes[i];
        const struct bpmn_event *event = bpmn_event_of(node, trigger);
        if (!event || !str_equal(event->name.text, name) || !bpmn_begins(w->model, node))
            continue;
        start(w, node->parent, i, (struct str){0});
        any = true;
    }
    return any;
}

static bool waits_for(const struct engine_instance *at, enum bpmn_trigger trigger, struct str name)
{
    for (size_t i = 0; i < at->subscription_count; i++)
        if (at->subscriptions[i].trigger == trigger && str_equal(at->subscriptions[i].name, name))
            return true;
    return false;
}

static void deliver(struct world *w, size_t from, const struct engine_event *event)
{
    bool signal = event->kind == ENGINE_SIGNAL_THROWN;
    enum bpmn_trigger trigger = signal ? BPMN_ON_SIGNAL : BPMN_ON_MESSAGE;
    struct engine_command command = {.kind = signal ? ENGINE_SIGNAL : ENGINE_MESSAGE,
                                     .name = event->name,
                                     .correlation = event->text};
    for (size_t i = 0, count = w->instance_count; i < count; i++) {
        if ((signal && i == from) || !waits_for(w->instances[i], trigger, event->name))
            continue;
        step(w, i, command);
        if (!signal)
            return;
    }
    start_by(w, trigger, event->name);
}

static void note_incident(struct world *w, const struct engine_event *event)
{
    add_mark(w, str_is(event->name, "error.unhandled") ? STR("ErrorThrownErrorEvent")
                                                       : STR("RuntimeException"));
}

static void step(struct world *w, size_t instance, struct engine_command command)
{
    struct engine_result result;
    if (engine_step(w->model, w->instances[instance], &command, &w->run, &result) != OK) {
        add_mark(w, str_format(&w->arena, "refused: %s", err_last()->detail));
        return;
    }
    w->instances[instance] = result.after;
    for (size_t i = 0; i < result.event_count; i++) {
        const struct engine_event *event = &result.events[i];
        if (event->kind == ENGINE_MESSAGE_THROWN || event->kind == ENGINE_SIGNAL_THROWN)
            deliver(w, instance, event);
        else if (event->kind == ENGINE_INCIDENT_RAISED)
            note_incident(w, event);
        else if (event->kind == ENGINE_JOB_CREATED && w->work_count < MARKS_MAX)
            w->works[w->work_count++] = (struct work){instance, event->key, w->run.now_us, 0};
    }
}

/* ---- What the scripts of the suite do ---- */

static struct str variable_set(struct world *w, const struct engine_instance *at, int64_t key,
                               const char *name)
{
    int64_t value = 0;
    struct str text = engine_variable(at, key, str_of(name));
    if (text.ptr && str_to_int(text, &value) != OK)
        value = 0;
    return str_format(&w->arena, "{\"%s\":%lld}", name, (long long)value + 1);
}

/* An engine's error is of the kind that the activity is ready for. */
static struct str caught_code(const struct world *w, const struct work *work)
{
    const struct engine_element *element = engine_element(w->instances[work->instance], work->key);
    const struct bpmn_node *node = &w->model->nodes[element->node];
    for (size_t i = 0; i < node->boundary_count; i++) {
        const struct bpmn_event *event =
            bpmn_event_of(&w->model->nodes[node->boundaries[i]], BPMN_ON_ERROR);
        if (event && event->name.text.ptr)
            return event->name.text;
    }
    return STR("script");
}

static void do_script(struct world *w, const struct work *work, struct str script)
{
    const struct engine_instance *at = w->instances[work->instance];
    struct engine_command done = {.kind = ENGINE_JOB_COMPLETE, .key = work->key};
    if (str_is(script, "CREATE_LOG_FILE"))
        w->mark_count = 0;
    else if (str_starts(script, STR("SCRIPT_task")))
        add_mark(w, str_format(&w->arena, "Task%.*s", STR_ARG(str_sub(script, 11, script.len))));
    else if (str_is(script, "CREATE_MARKER_FILE"))
        w->marker = true;
    else if (str_starts(script, STR("INCREMENT_INTEGER_VARIABLE")))
        done.variables = variable_set(w, at, work->key, "integerVariable");
    else if (str_is(script, "SET_STRING_DATA"))
        done.variables = STR("{\"data\":\"String\"}");
    else if (str_is(script, "LOG_DATA") &&
             str_is(engine_variable(at, work->key, STR("data")), "\"String\""))
        add_mark(w, STR("DataCorrect"));
    else if (str_is(script, "THROW_ERROR"))
        done = (struct engine_command){
            .kind = ENGINE_JOB_ERROR, .key = work->key, .code = caught_code(w, work)};
    if (str_is(script, "INCREMENT_INTEGER_VARIABLE_AND_LOG"))
        add_mark(w, STR("Increment"));
    if (str_starts(script, STR("CREATE_TIMESTAMP_LOG_"))) {
        int number = str_ends(script, STR("2"));
        w->stamps[number][0] = work->begun_us;
        w->stamps[number][1] = w->run.now_us;
    }
    step(w, work->instance, done);
}

static struct str script_of(const struct world *w, const struct work *work)
{
    const struct engine_element *element = engine_element(w->instances[work->instance], work->key);
    return element ? w->model->nodes[element->node].task->job_type.text : (struct str){0};
}

/* The first job that can be done now. A script with a duration is done when it has passed. */
static bool run_job(struct world *w)
{
    for (size_t i = 0; i < w->work_count; i++) {
        struct work work = w->works[i];
        struct str script = script_of(w, &work);
        bool slow =
            str_is(script, "WAIT_TEN_SECONDS") || str_starts(script, STR("CREATE_TIMESTAMP_LOG_"));
        if (!work.done_us)
            work.done_us = w->works[i].done_us = work.begun_us + (slow ? 10 * SECOND_US : 0);
        if (work.done_us > w->run.now_us && script.ptr)
            continue;
        memmove(&w->works[i], &w->works[i + 1], (--w->work_count - i) * sizeof(work));
        if (script.ptr && engine_job(w->instances[work.instance], work.key))
            do_script(w, &work, script);
        return true;
    }
    return false;
}

/* Goes on to the next moment at which something happens, not past `end_us`. */
static bool pass_time(struct world *w, int64_t end_us)
{
    int64_t next = INT64_MAX, key = 0;
    size_t instance = 0;
    for (size_t i = 0; i < w->instance_count; i++)
        for (size_t k = 0; k < w->instances[i]->timer_count; k++)
            if (w->instances[i]->timers[k].due_us < next) {
                next = w->instances[i]->timers[k].due_us;
                key = w->instances[i]->timers[k].key;
                instance = i;
            }
    for (size_t i = 0; i < w->work_count; i++)
        if (w->works[i].done_us < next) {
            next = w->works[i].done_us;
            key = 0;
        }
    if (next > end_us)
        return false;
    w->run.now_us = next > w->run.now_us ? next : w->run.now_us;
    if (key)
        step(w, instance, (struct engine_command){.kind = ENGINE_TIMER_FIRE, .key = key});
    return true;
}

static void finish(struct world *w)
{
    if (w->marker && w->expects_marker)
        add_mark(w, STR("MarkerExists"));
    if (w->stamps[0][1] && w->stamps[1][1] && w->stamps[0][0] < w->stamps[1][1] &&
        w->stamps[1][0] < w->stamps[0][1])
        add_mark(w, STR("ExecutionParallel"));
}

/* ---- One case: "inputAB" → test = "ab"; setIntegerVariable(3); optionDelay(5000) ---- */

static int64_t argument(struct str input)
{
    size_t open = str_find(input, STR("("), 0), close = str_find(input, STR(")"), 0);
    int64_t value = 0;
    if (close > open && str_to_int(str_sub(input, open + 1, close - open - 1), &value) != OK)
        value = 0;
    return value;
}

static struct str variables_of(struct arena *arena, struct str input)
{
    if (str_starts(input, STR("setIntegerVariable")))
        return str_format(arena, "{\"integerVariable\":%lld}", (long long)argument(input));
    if (!str_starts(input, STR("input")))
        return STR("{}");
    char *text = str_c(arena, str_sub(input, 5, input.len));
    for (char *at = text; *at; at++)
        *at = (char)(*at >= 'A' && *at <= 'Z' ? *at + 'a' - 'A' : *at);
    return str_format(arena, "{\"test\":\"%s\"}", text);
}

static void run_case(struct world *w, struct str text, struct str input)
{
    struct bpmn_report report;
    struct str adapted;
    if (bpmn_adapt(&w->arena, text, &adapted) != OK ||
        bpmn_parse(&w->arena, adapted, NULL, &report, &w->model) != OK) {
        add_mark(w, STR("GenericError"));
        w->refused = true;
        return;
    }
    w->run = (struct engine_run){.arena = &w->arena, .now_us = INT64_C(1700000000) * SECOND_US};
    int64_t delay_us = str_starts(input, STR("optionDelay")) ? argument(input) * 1000 : 0;
    int64_t end_us = w->run.now_us + (delay_us ? delay_us : DAY_US);
    struct str variables = variables_of(&w->arena, input);
    if (str_is(input, "useParallelProcess") && w->model->process_count > 1)
        start(w, w->model->processes[1], 0, variables);
    start(w, w->model->processes[0], 0, variables);
    for (int i = 0; i < STEPS_MAX && (run_job(w) || pass_time(w, end_us)); i++)
        continue;
    finish(w);
}

/* ---- Comparing ---- */

static int by_text(const void *a, const void *b)
{
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

/* Both in one order, so that equal multisets are equal texts. */
static struct str join(struct arena *arena, struct str *marks, size_t count)
{
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, 64 * 1024);
    qsort(marks, count, sizeof(*marks), by_text);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_add_char(&buf, ',');
        buf_add_str(&buf, marks[i]);
    }
    return count ? str_copy(arena, buf_str(&buf)) : STR("(none)");
}

static struct str sorted(struct arena *arena, struct str list)
{
    struct str marks[MARKS_MAX];
    size_t count = 0;
    if (str_is(list, "(none)"))
        return list;
    for (size_t at = 0; at <= list.len && count < MARKS_MAX;) {
        size_t comma = str_find(list, STR(","), at);
        marks[count++] = str_trim(str_sub(list, at, comma - at));
        at = comma + 1;
    }
    return join(arena, marks, count);
}

struct score {
    size_t passed, failed;
};

/* "input:expected", or only "expected". */
static bool check_case(struct str name, struct str text, struct str one)
{
    struct world *w = calloc(1, sizeof(*w));
    size_t colon = str_find(one, STR(":"), 0);
    struct str input = colon < one.len ? str_trim(str_sub(one, 0, colon)) : STR("");
    struct str rest = colon < one.len ? str_sub(one, colon + 1, one.len) : one;
    w->expects_marker = str_find(rest, STR("MarkerExists"), 0) < rest.len;
    run_case(w, text, input);
    struct str expected = sorted(&w->arena, str_trim(rest));
    struct str found = join(&w->arena, w->marks, w->mark_count);
    bool good = str_equal(expected, found);
    if (!good)
        printf("not ok %.*s %.*s: expected %.*s, found %.*s%s%s\n", STR_ARG(name), STR_ARG(input),
               STR_ARG(expected), STR_ARG(found), w->refused ? ": " : "",
               w->refused ? err_last()->detail : "");
    arena_release(&w->arena);
    free(w);
    return good;
}

static void run_test(const char *dir, struct str line, struct score *score)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct str cells[4] = {{0}};
    size_t at = 0;
    for (size_t i = 0; i < COUNT_OF(cells) && at <= line.len; i++) {
        size_t tab = str_find(line, STR("\t"), at);
        cells[i] = str_sub(line, at, tab - at);
        at = tab + 1;
    }
    struct str text,
        path = str_format(&arena, "%s/%.*s/%.*s.bpmn", dir, STR_ARG(cells[0]), STR_ARG(cells[1]));
    bool good = input_read(&arena, path.ptr, LIMIT_XML_SIZE, &text) == OK;
    if (!good)
        printf("not ok %.*s: %s\n", STR_ARG(cells[1]), err_last()->detail);
    for (size_t from = 0; good && from < cells[3].len;) {
        size_t bar = str_find(cells[3], STR("|"), from);
        struct str one = str_trim(str_sub(cells[3], from, bar - from));
        good = check_case(cells[1], text, one);
        from = bar + 1;
    }
    score->passed += good;
    score->failed += !good;
}

static bool is_refused(const char *path)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct str text, adapted;
    struct bpmn_report report = {0};
    const struct bpmn_model *model;
    if (input_read(&arena, path, LIMIT_XML_SIZE, &text) != OK)
        return false;
    if (bpmn_adapt(&arena, text, &adapted) != OK ||
        bpmn_parse(&arena, adapted, NULL, &report, &model) != OK)
        return true;
    printf("not ok %s: is not refused\n", path);
    return false;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names in a folder, in order. */
static size_t list_folder(struct arena *arena, const char *path, const char **names)
{
    DIR *folder = opendir(path);
    size_t count = 0;
    for (struct dirent *entry; folder && (entry = readdir(folder)) && count < FOLDERS_MAX;)
        if (entry->d_name[0] != '.')
            names[count++] = str_c(arena, str_of(entry->d_name));
    if (folder)
        closedir(folder);
    qsort(names, count, sizeof(*names), by_name);
    return count;
}

static void run_refusals(const char *dir, struct score *score)
{
    CLEANUP(arena_release) struct arena arena = {0};
    const char **folders = ARENA_ARRAY(&arena, FOLDERS_MAX, const char *);
    const char **files = ARENA_ARRAY(&arena, FOLDERS_MAX, const char *);
    struct str root = str_format(&arena, "%s/constraints", dir);
    size_t folder_count = list_folder(&arena, root.ptr, folders);
    for (size_t i = 0; i < folder_count; i++) {
        struct str folder = str_format(&arena, "%s/%s", root.ptr, folders[i]);
        size_t count = list_folder(&arena, folder.ptr, files);
        for (size_t k = 0; k < count; k++) {
            struct str path = str_format(&arena, "%s/%s", folder.ptr, files[k]);
            if (!str_ends(path, STR(".bpmn")))
                continue;
            bool good = is_refused(path.ptr);
            score->passed += good;
            score->failed += !good;
        }
    }
}

int bpmn_suite(const char *dir)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct score executed = {0}, refused = {0};
    struct str table, path = str_format(&arena, "%s/tests.tsv", dir);
    if (input_read(&arena, path.ptr, LIMIT_XML_SIZE, &table) != OK)
        return cmd_fail("bpmn suite");
    bool heading = true;
    for (size_t at = 0; at < table.len; heading = false) {
        size_t end = str_find(table, STR("\n"), at);
        struct str line = str_trim(str_sub(table, at, end - at));
        if (!heading && line.len > 0)
            run_test(dir, line, &executed);
        at = end + 1;
    }
    run_refusals(dir, &refused);
    printf("executed: %zu passed, %zu failed\nrefused: %zu passed, %zu failed\n", executed.passed,
           executed.failed, refused.passed, refused.failed);
    printf("%zu passed, %zu failed\n", executed.passed + refused.passed,
           executed.failed + refused.failed);
    return executed.failed + refused.failed ? CMD_FAILED : CMD_OK;
}
