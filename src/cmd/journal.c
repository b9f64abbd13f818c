/* kuailian journal …: what can be done to the log without a running server. */
#include "journal/journal.h"

#include <stdio.h>

#include "base/clock.h"
#include "cmd/app.h"
#include "cmd/cmd.h"
#include "db/check.h"
#include "journal/export.h"
#include "journal/tree.h"
#include "journal/verify.h"
#include "json/json.h"

struct options {
    const char *dir;
    const char *to;
    const char *reason;
    int64_t park_id, entry, subject_id;
};

/* What a subcommand works with; the store is open for as long as it runs. */
struct job {
    const struct options *options;
    struct arena *arena;
    struct str store;
    struct db *db;
    struct journal *journal;
};

static bool read_options(struct options *options, int argc, char **argv)
{
    for (int i = 0; i < argc; i += 2) {
        struct str name = str_of(argv[i]);
        if (i + 1 == argc)
            return false;
        struct str value = str_of(argv[i + 1]);
        enum err r = OK;
        if (str_is(name, "--dir"))
            options->dir = argv[i + 1];
        else if (str_is(name, "--to"))
            options->to = argv[i + 1];
        else if (str_is(name, "--reason"))
            options->reason = argv[i + 1];
        else if (str_is(name, "--park"))
            r = str_to_int(value, &options->park_id);
        else if (str_is(name, "--entry"))
            r = str_to_int(value, &options->entry);
        else if (str_is(name, "--subject"))
            r = str_to_int(value, &options->subject_id);
        else
            return false;
        if (r != OK)
            return false;
    }
    return true;
}

static void print_line(struct str text)
{
    printf("%.*s%s", STR_ARG(text), str_ends(text, STR("\n")) ? "" : "\n");
}

static void print_finding(void *context, const char *text)
{
    (void)context;
    printf("DAMAGED: %s\n", text);
}

/* The store's bytes first: what they say about the journal is only worth reading then. */
static enum err verify(struct job *job)
{
    struct findings findings = {.say = print_finding};
    struct db_check_result store = {0};
    struct journal_verify_result log = {0};
    int64_t begin = clock_monotonic_us();
    enum err r = db_check(job->store.ptr, &findings, &store);
    if (r == OK && job->db && job->journal)
        r = journal_verify(job->journal, job->db, &findings, &log);
    if (r != OK)
        finding(&findings, "%s", err_last()->detail);
    printf("%" PRId64 " pages, %" PRId64 " log frames, %" PRId64 " parks, %" PRId64
           " entries (%" PRId64 " erased), %" PRId64 " nodes, %" PRId64 " signed heads: ",
           store.pages, store.frames, log.parks, log.entries, log.erased, log.nodes, log.heads);
    printf("%" PRId64 " findings (%.1f s)\n", findings.count,
           (double)(clock_monotonic_us() - begin) / 1e6);
    return findings.count == 0 ? OK : err_set(ERR_CORRUPT, "the store is damaged");
}

static enum err checkpoint(struct job *job)
{
    struct str note;
    enum err r =
        journal_checkpoint(job->journal, job->db, job->arena, job->options->park_id, &note);
    if (r == OK)
        print_line(note);
    return r;
}

static enum err key(struct job *job)
{
    print_line(journal_verifier_key(job->journal, job->arena, job->options->park_id));
    return OK;
}

static void write_path(struct json_writer *w, const struct journal_proof *proof)
{
    json_array_begin(w);
    for (uint32_t i = 0; i < proof->depth; i++) {
        CLEANUP(buf_release) struct buf text;
        buf_init(&text, 64);
        buf_add_base64(&text, hash_str(&proof->path[i]));
        json_text(w, buf_str(&text));
    }
    json_array_end(w);
}

/* One entry's proof as JSON: the path leads from its leaf to the checkpoint's root. */
static enum err proof(struct job *job)
{
    const struct options *options = job->options;
    struct journal_head head;
    struct journal_proof path;
    struct str leaf;
    enum err r = journal_head(job->db, job->arena, options->park_id, &head);
    if (r == OK)
        r = journal_proof_make(job->db, options->park_id, options->entry, head.size, &path);
    if (r == OK)
        r = journal_leaf_read(job->db, job->arena, options->park_id, options->entry, &leaf);
    if (r != OK)
        return r;
    CLEANUP(buf_release) struct buf text, encoded;
    buf_init(&text, LIMIT_HTTP_BODY);
    buf_init(&encoded, 2 * JOURNAL_LEAF_MAX);
    buf_add_base64(&encoded, leaf);
    struct json_writer w = json_writer(&text);
    json_object_begin(&w);
    json_member_int(&w, "seq", options->entry);
    json_member_int(&w, "size", head.size);
    json_member_text(&w, "leaf", buf_str(&encoded));
    json_key(&w, "path");
    write_path(&w, &path);
    json_member_text(&w, "checkpoint",
                     journal_note(job->journal, job->arena, options->park_id, &head));
    json_object_end(&w);
    r = buf_check(&text);
    if (r == OK)
        print_line(buf_str(&text));
    return r;
}

static enum err export(struct job *job) {
    int64_t size; enum err r = journal_export(job->journal, job->db, job->options->park_id,
                                              job->options->to, &size);
    if (r == OK) printf("%" PRId64 " entries in %s\n", size, job->options->to);
    return r;
}

/* A program that runs on the store goes on beside this: the next commit of either sees both. */
static enum err erase(struct job *job)
{
    const struct options *options = job->options;
    struct db_tx tx;
    int64_t erased;
    enum err r = db_begin(job->db, &tx);
    if (r != OK)
        return r;
    r = journal_erase(&tx, options->park_id, options->subject_id, 0, str_of(options->reason),
                      clock_now_us(), &erased);
    if (r == OK)
        r = journal_before_commit(&tx, job->journal);
    if (r == OK)
        r = db_commit(&tx);
    else
        db_rollback(&tx);
    if (r == OK)
        printf("%" PRId64 " bodies erased\n", erased);
    return r;
}

struct action {
    const char *name;
    enum err (*run)(struct job *job);
    enum db_mode mode;
    bool needs_to, needs_subject;
    bool reports; /* Prints its own findings and works without a readable store. */
};

static const struct action ACTIONS[] = {
    {.name = "verify", .run = verify, .reports = true},
    {.name = "checkpoint", .run = checkpoint},
    {.name = "key", .run = key},
    {.name = "proof", .run = proof},
    {.name = "export", .run = export, .needs_to = true},
    {.name = "erase", .run = erase, .mode = DB_WRITE, .needs_subject = true},
};

static enum err run(const struct action *action, struct arena *arena, const struct options *options)
{
    struct job job = {
        .options = options, .arena = arena, .store = app_store_path(arena, options->dir)};
    enum err r = db_open(job.store.ptr, action->mode, &job.db);
    if (r == OK)
        r = journal_open_key(app_key_path(arena, options->dir).ptr, APP_ORIGIN, &job.journal);
    if (r != OK && action->reports)
        printf("DAMAGED: %s\n", err_last()->detail);
    if (r == OK || action->reports) {
        enum err done = action->run(&job);
        r = r == OK ? done : r;
    }
    journal_free(job.journal);
    db_close(job.db);
    return r;
}

int cmd_journal(int argc, char **argv)
{
    struct options options = {.dir = "data", .park_id = 1};
    const struct action *action = NULL;
    for (size_t i = 0; argc > 0 && i < COUNT_OF(ACTIONS); i++)
        if (strcmp(argv[0], ACTIONS[i].name) == 0)
            action = &ACTIONS[i];
    if (!action || !read_options(&options, argc - 1, argv + 1) ||
        (action->needs_to && !options.to) ||
        (action->needs_subject && (options.subject_id <= 0 || !options.reason))) {
        fprintf(stderr, "usage: kuailian journal verify | checkpoint | key | proof --entry N |\n"
                        "           export --to FOLDER | erase --subject PERSON --reason TEXT\n"
                        "           [--dir DIR] [--park ID]\n");
        return CMD_USAGE;
    }
    struct arena arena;
    arena_init(&arena);
    enum err r = run(action, &arena, &options);
    arena_release(&arena);
    if (r == OK)
        return CMD_OK;
    return action->reports ? CMD_FAILED : cmd_fail(action->name);
}
