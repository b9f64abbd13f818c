/* kuailian replay, kuailian case show: what the journal says of cases and of processes, held
 * against the store. */
#include <stdio.h>

#include "base/clock.h"
#include "cmd/app.h"
#include "cmd/cmd.h"
#include "db/db.h"
#include "park/account_sql.h"
#include "park/case.h"
#include "park/history.h"
#include "park/history_sql.h"

enum { PAGE = 200, TIME_TEXT_MAX = 40, ZONE_MINUTES = 480 };

struct options {
    const char *dir, *services_dir, *name;
};

/* A store opened for reading. */
struct store {
    struct db *db;
    struct services *services;
    struct process_world *processes;
    int64_t park_id;
};

static bool read_options(struct options *options, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "--dir") == 0 && more)
            options->dir = argv[++i];
        else if (strcmp(argv[i], "--services") == 0 && more)
            options->services_dir = argv[++i];
        else if (argv[i][0] != '-' && !options->name)
            options->name = argv[i];
        else
            return false;
    }
    return true;
}

static enum err open_store(struct store *store, const struct options *options, struct arena *arena)
{
    struct park_first_row park;
    *store = (struct store){0};
    enum err r = db_open(app_store_path(arena, options->dir).ptr, DB_READ, &store->db);
    if (r == OK)
        r = sql_park_first(store->db, &park);
    if (r == ERR_NOT_FOUND)
        return err_set(ERR_NOT_FOUND, "there is no park in %s yet", options->dir);
    if (r == OK)
        r = services_load(options->services_dir, &store->services);
    if (r == OK) {
        store->processes = process_world_new();
        store->park_id = park.id;
    }
    return r;
}

static void close_store(struct store *store)
{
    process_world_free(store->processes);
    services_free(store->services);
    db_close(store->db);
}

/* ---- kuailian replay ---- */

struct tally {
    int64_t same, differ, erased, steps, events;
};

enum { CASES, PROCESSES, KINDS };

static void count(struct tally *tally, const struct history *history)
{
    tally->steps += history->steps;
    tally->events += history->events;
    tally->same += history->verdict == HISTORY_SAME;
    tally->erased += history->verdict == HISTORY_ERASED;
    tally->differ += history->verdict == HISTORY_DIFFERS;
}

static enum err replay_case(const struct store *store, int64_t case_id, struct tally *tally)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct history history;
    enum err r =
        history_read(store->db, &arena, store->services, store->park_id, case_id, &history);
    if (r == ERR_CORRUPT) {
        printf("case %" PRId64 ": cannot be read: %s\n", case_id, err_last()->detail);
        tally->differ++;
        return OK;
    }
    if (r != OK)
        return r;
    count(tally, &history);
    if (history.verdict == HISTORY_DIFFERS)
        printf("case %.*s (%" PRId64 ") differs:\n%.*s", STR_ARG(history.number), case_id,
               STR_ARG(history.differences));
    return OK;
}

static enum err replay_process(const struct store *store, int64_t id, struct tally *tally)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct history history;
    enum err r =
        history_read_process(store->db, &arena, store->processes, store->park_id, id, &history);
    if (r != OK)
        return r;
    count(tally, &history);
    if (history.verdict == HISTORY_DIFFERS)
        printf("process instance %" PRId64 " differs:\n%.*s", id, STR_ARG(history.differences));
    return OK;
}

static enum err replay_cases(const struct store *store, struct tally *tally)
{
    struct history_cases_in in = {.park_id = store->park_id, .limit = PAGE};
    for (bool more = true; more;) {
        CLEANUP(arena_release) struct arena arena = {0};
        struct history_cases_rows rows;
        enum err r = sql_history_cases(store->db, &arena, &in, &rows);
        for (size_t i = 0; r == OK && i < rows.count; i++) {
            r = replay_case(store, rows.rows[i].id, tally);
            in.after = rows.rows[i].id;
        }
        if (r != OK)
            return r;
        more = rows.count == PAGE;
    }
    return OK;
}

static enum err replay_processes(const struct store *store, struct tally *tally)
{
    struct history_processes_in in = {.park_id = store->park_id, .limit = PAGE};
    for (bool more = true; more;) {
        CLEANUP(arena_release) struct arena arena = {0};
        struct history_processes_rows rows;
        enum err r = sql_history_processes(store->db, &arena, &in, &rows);
        for (size_t i = 0; r == OK && i < rows.count; i++) {
            r = replay_process(store, rows.rows[i].id, tally);
            in.after = rows.rows[i].id;
        }
        if (r != OK)
            return r;
        more = rows.count == PAGE;
    }
    return OK;
}

/* The number or id of a case, or the id of an instance of /v2. */
static enum err replay_named(const struct store *store, struct str name, struct tally *tallies)
{
    int64_t id;
    enum err r = history_find(store->db, store->park_id, name, &id);
    if (r != OK)
        return r;
    r = replay_case(store, id, &tallies[CASES]);
    return r == ERR_NOT_FOUND ? replay_process(store, id, &tallies[PROCESSES]) : r;
}

static enum err replay(const struct options *options, struct tally *tallies)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct store store;
    enum err r = open_store(&store, options, &arena);
    if (r == OK && options->name)
        r = replay_named(&store, str_of(options->name), tallies);
    else if (r == OK) {
        r = replay_cases(&store, &tallies[CASES]);
        if (r == OK)
            r = replay_processes(&store, &tallies[PROCESSES]);
    }
    close_store(&store);
    return r;
}

static void tell(const char *what, const struct tally *tally)
{
    printf("%" PRId64 " %s as stored, %" PRId64 " differ, %" PRId64
           " without all of their steps (%" PRId64 " steps, %" PRId64 " events)\n",
           tally->same, what, tally->differ, tally->erased, tally->steps, tally->events);
}

static bool is_empty(const struct tally *tally)
{
    return tally->same + tally->differ + tally->erased == 0;
}

int cmd_replay(int argc, char **argv)
{
    struct options options = {.dir = "data"};
    struct tally tallies[KINDS] = {0};
    if (!read_options(&options, argc, argv)) {
        fprintf(stderr, "usage: kuailian replay [--dir DIR] [--services DIR] [CASE|INSTANCE]\n");
        return CMD_USAGE;
    }
    if (replay(&options, tallies) != OK)
        return cmd_fail("replay");
    if (!is_empty(&tallies[CASES]) || is_empty(&tallies[PROCESSES]))
        tell("cases", &tallies[CASES]);
    if (!is_empty(&tallies[PROCESSES]))
        tell("process instances", &tallies[PROCESSES]);
    return tallies[CASES].differ + tallies[PROCESSES].differ > 0 ? CMD_FAILED : CMD_OK;
}

/* ---- kuailian case show ---- */

static const char *time_text(char out[TIME_TEXT_MAX], int64_t time_us)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, TIME_TEXT_MAX);
    if (time_us)
        time_format(&text, time_us - time_us % SECOND_US, ZONE_MINUTES);
    else
        buf_add_char(&text, '-');
    snprintf(out, TIME_TEXT_MAX, "%.*s", STR_ARG(buf_str(&text)));
    return out;
}

static struct str name_of(const struct bpmn_node *node)
{
    return node->name.len ? node->name : str_of(bpmn_kind_word(node->kind));
}

static const struct history_item *item_of(const struct history *history, int64_t key)
{
    for (size_t i = 0; i < history->item_count; i++)
        if (history->items[i].key == key)
            return &history->items[i];
    return NULL;
}

static void show_tokens(const struct history *history)
{
    const struct engine_instance *at = history->stored;
    const struct bpmn_model *model = history->service->model;
    char since[TIME_TEXT_MAX];
    printf("\nwhere it stands\n");
    for (size_t i = 0; i < at->element_count; i++) {
        const struct bpmn_node *node = &model->nodes[at->elements[i].node];
        const struct history_item *item = item_of(history, at->elements[i].key);
        if (at->elements[i].key != ENGINE_ROOT)
            printf("  %6" PRId64 "  %-24.*s since %s  %.*s\n", at->elements[i].key,
                   STR_ARG(node->id), time_text(since, item ? item->begun_us : 0),
                   STR_ARG(name_of(node)));
    }
    for (size_t i = 0; i < at->join_count; i++)
        printf("  %" PRId64 " wait on flow %.*s\n", at->joins[i].count,
               STR_ARG(model->flows[at->joins[i].flow].id));
    if (at->element_count == 0)
        printf("  nowhere: it is over\n");
}

static void show_path(const struct history *history)
{
    const struct bpmn_model *model = history->service->model;
    char begun[TIME_TEXT_MAX], ended[TIME_TEXT_MAX];
    printf("\nthe way it took\n");
    for (size_t i = 0; i < history->item_count; i++) {
        const struct history_item *item = &history->items[i];
        if (item->node < model->node_count && item->key != ENGINE_ROOT)
            printf("  %6" PRId64 "  %-24.*s %s to %s%s\n", item->key,
                   STR_ARG(model->nodes[item->node].id), time_text(begun, item->begun_us),
                   time_text(ended, item->ended_us), item->terminated ? " (canceled)" : "");
    }
}

static void show_timers(const struct history *history)
{
    const struct engine_instance *at = history->stored;
    char due[TIME_TEXT_MAX];
    printf("\ntimers\n");
    for (size_t i = 0; i < at->timer_count; i++)
        printf("  %6" PRId64 "  %-24.*s %s\n", at->timers[i].key,
               STR_ARG(history->service->model->nodes[at->timers[i].node].id),
               at->timers[i].due_us ? time_text(due, at->timers[i].due_us) : "stands still");
    if (at->timer_count == 0)
        printf("  none\n");
}

static enum err show_incidents(const struct store *store, struct arena *arena, int64_t case_id)
{
    struct incident_of_case_rows rows;
    struct incident_of_case_in in = {.park_id = store->park_id, .case_id = case_id};
    char raised[TIME_TEXT_MAX];
    enum err r = sql_incident_of_case(store->db, arena, &in, &rows);
    if (r != OK)
        return r;
    printf("\nincidents\n");
    for (size_t i = 0; i < rows.count; i++) {
        const struct incident_of_case_row *row = &rows.rows[i];
        printf("  %6" PRId64 "  %-24.*s %s  %.*s: %.*s\n", row->token, STR_ARG(row->element),
               time_text(raised, row->raised_us), STR_ARG(row->kind), STR_ARG(row->message));
        if (row->detail.len > 0)
            printf("          %.*s\n", STR_ARG(row->detail));
    }
    if (rows.count == 0)
        printf("  none\n");
    return OK;
}

static enum err show(const struct options *options)
{
    static const char *const states[] = {"new", "active", "completed", "canceled", "suspended"};
    static const char *const verdicts[] = {"as stored", "DIFFERS from what is stored",
                                           "no longer whole: steps were erased"};
    CLEANUP(arena_release) struct arena arena = {0};
    struct store store;
    struct history history;
    int64_t id = 0;
    enum err r = open_store(&store, options, &arena);
    if (r == OK)
        r = history_find(store.db, store.park_id, str_of(options->name), &id);
    if (r == OK)
        r = history_read(store.db, &arena, store.services, store.park_id, id, &history);
    if (r == OK) {
        printf("case %.*s (%" PRId64 "): %.*s, %s\n", STR_ARG(history.number), id,
               STR_ARG(history.service->key), states[history.stored->state]);
        printf("its journal: %" PRId64 " steps, %" PRId64 " events, %s\n%.*s", history.steps,
               history.events, verdicts[history.verdict], STR_ARG(history.differences));
        show_tokens(&history);
        show_path(&history);
        show_timers(&history);
        r = show_incidents(&store, &arena, id);
    }
    close_store(&store);
    return r;
}

int cmd_case(int argc, char **argv)
{
    struct options options = {.dir = "data"};
    if (argc < 2 || strcmp(argv[0], "show") != 0 || !read_options(&options, argc - 1, argv + 1) ||
        !options.name) {
        fprintf(stderr, "usage: kuailian case show CASE [--dir DIR] [--services DIR]\n");
        return CMD_USAGE;
    }
    return show(&options) == OK ? CMD_OK : cmd_fail("case show");
}
