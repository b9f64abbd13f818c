/* kuailian token: API tokens for programs, also beside a running server. */
#include <stdio.h>

#include "base/clock.h"
#include "cmd/app.h"
#include "cmd/cmd.h"
#include "journal/journal.h"
#include "park/account.h"
#include "park/account_sql.h"

struct token_options {
    const char *dir, *user, *name;
};

static bool read_options(struct token_options *options, int argc, char **argv)
{
    for (int i = 0; i + 1 < argc; i += 2) {
        struct str name = str_of(argv[i]);
        if (str_is(name, "--dir"))
            options->dir = argv[i + 1];
        else if (str_is(name, "--user"))
            options->user = argv[i + 1];
        else if (str_is(name, "--name"))
            options->name = argv[i + 1];
        else
            return false;
    }
    return argc % 2 == 0 && options->user;
}

static enum err make_token(struct db_tx *tx, struct arena *arena,
                           const struct token_options *options, struct str *secret)
{
    struct park_first_row park;
    struct account_by_login_row account;
    struct str login;
    int64_t id;
    enum err r = sql_park_first(tx->db, &park);
    if (r == OK)
        r = login_normal(arena, str_of(options->user), &login);
    if (r != OK)
        return r;
    struct account_by_login_in by = {.park_id = park.id, .login = login};
    r = sql_account_by_login(tx->db, arena, &by, &account);
    if (r == ERR_NOT_FOUND || (r == OK && account.disabled))
        return err_set(ERR_NOT_FOUND, "there is no active account '%s'", options->user);
    if (r != OK)
        return r;
    struct change change = {.park_id = park.id, .now_us = clock_now_us()};
    return token_make(tx, arena, &change, account.person_id, str_of(options->name), 0, secret, &id);
}

static enum err run(struct arena *arena, const struct token_options *options, struct str *secret)
{
    struct db *db;
    struct journal *journal = NULL;
    struct db_tx tx;
    enum err r = db_open(app_store_path(arena, options->dir).ptr, DB_WRITE, &db);
    if (r != OK)
        return r;
    r = db_migrate(db);
    if (r == OK)
        r = journal_open_key(app_key_path(arena, options->dir).ptr, APP_ORIGIN, &journal);
    if (r == OK)
        r = db_begin(db, &tx);
    if (r == OK) {
        r = make_token(&tx, arena, options, secret);
        if (r == OK)
            r = journal_before_commit(&tx, journal);
        if (r == OK)
            r = db_commit(&tx);
        else
            db_rollback(&tx);
    }
    journal_free(journal);
    db_close(db);
    return r;
}

int cmd_token(int argc, char **argv)
{
    struct token_options options = {.dir = "data", .name = "kuailian token"};
    if (argc < 1 || !str_is(str_of(argv[0]), "new") ||
        !read_options(&options, argc - 1, argv + 1)) {
        fprintf(stderr, "usage: kuailian token new --user LOGIN [--name NAME] [--dir DIR]\n");
        return CMD_USAGE;
    }
    struct arena arena;
    struct str secret;
    arena_init(&arena);
    enum err r = run(&arena, &options, &secret);
    if (r == OK)
        printf("%.*s\n", STR_ARG(secret));
    arena_release(&arena);
    return r == OK ? CMD_OK : cmd_fail("token new");
}
