/* kuailian demo: a sample park to try things out in, filled once and then kept. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmd/app.h"
#include "cmd/cmd.h"
#include "journal/journal.h"
#include "park/account.h"
#include "park/calendar.h"
#include "park/sample.h"
#include "park/sample_day.h"
#include "park/sample_heat.h"
#include "park/seal.h"

enum {
    DEMO_PARK = 1,
    DEMO_CASES = 220,
    DEMO_CASES_MAX = 100000,
    DEMO_DAYS = 12,
    DEMO_AGE_DAYS = 60, /* Since when the park has its register. */
    ACCOUNTS_TEXT_MAX = 4096,
};

struct demo_options {
    struct app_options app;
    int64_t cases, seed;
};

struct demo {
    const struct demo_options *options;
    struct arena arena;
    struct db *db;
    struct journal *journal;
    struct str password;
    struct buf accounts; /* What is printed, and kept beside the store for the next start. */
};

/* Four groups of letters that cannot be mistaken for each other: easy to type, different in every
 * sample park. */
static struct str make_password(struct arena *arena)
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
    unsigned char random[16];
    char *text = arena_alloc(arena, 20), *at = text;
    random_bytes(random, sizeof(random));
    for (size_t i = 0; i < sizeof(random); i++) {
        if (i > 0 && i % 4 == 0)
            *at++ = '-';
        *at++ = letters[random[i] % 32];
    }
    return (struct str){.ptr = text, .len = (size_t)(at - text)};
}

static enum err write_accounts(const char *path, struct str text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good = fd >= 0 && write(fd, text.ptr, text.len) == (ssize_t)text.len;
    if (fd >= 0)
        close(fd);
    return good ? OK : err_set(ERR_IO, "%s: %s", path, strerror(errno));
}

static enum err read_accounts(const char *path, struct buf *out)
{
    char text[ACCOUNTS_TEXT_MAX];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof(text)) : -1;
    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return err_set(ERR_IO, "%s: %s", path, strerror(errno));
    buf_add(out, text, (size_t)n);
    return OK;
}

/* Makes the accounts of one role, numbered from 1, and shows the first. */
static enum err make_accounts(struct demo *demo, struct db_tx *tx, struct str hashed,
                              const char *login, const int64_t *people, size_t count,
                              const char *about)
{
    enum err r = OK;
    for (size_t i = 0; i < count && r == OK; i++) {
        struct account_new account = {
            .park_id = DEMO_PARK,
            .person_id = people[i],
            .login = str_format(&demo->arena, "%s%zu", login, i + 1),
            .password = hashed,
        };
        r = account_create(tx, &account, clock_now_us());
    }
    buf_format(&demo->accounts, "    %s1%*s%s\n", login, 14 - (int)strlen(login), "", about);
    return r;
}

/* Everybody can sign in, with one password: this is a place to try things out. The first contact,
 * member and grid leader belong together. */
static enum err make_all_accounts(struct demo *demo, struct db_tx *tx, const struct sample *sample)
{
    int64_t contacts[SAMPLE_ENTERPRISES], members[SAMPLE_MEMBERS], leaders[SAMPLE_GRIDS];
    int64_t officers[SAMPLE_DEPARTMENTS * SAMPLE_OFFICERS], heads[SAMPLE_DEPARTMENTS];
    size_t member_count = 0, first_grid = sample->enterprises[0].grid;
    members[member_count++] = sample->enterprises[0].answerer;
    for (size_t i = 0; i < SAMPLE_ENTERPRISES; i++)
        contacts[i] = sample->enterprises[i].contact;
    for (size_t g = 0; g < SAMPLE_GRIDS; g++) {
        const struct sample_grid *grid = &sample->grids[(first_grid + g) % SAMPLE_GRIDS];
        leaders[g] = grid->leader;
        for (size_t m = 0; m < grid->member_count; m++)
            if (grid->members[m] != members[0] && member_count < SAMPLE_MEMBERS)
                members[member_count++] = grid->members[m];
    }
    for (size_t d = 0; d < SAMPLE_DEPARTMENTS; d++) {
        heads[d] = sample->departments[d].head;
        for (size_t o = 0; o < SAMPLE_OFFICERS; o++)
            officers[d * SAMPLE_OFFICERS + o] = sample->departments[d].officers[o];
    }
    const struct {
        const char *login;
        const int64_t *people;
        size_t count;
        const char *about;
    } roles[] = {
        {"contact", contacts, COUNT_OF(contacts), "企业联络员 · enterprise contact"},
        {"member", members, member_count, "网格员 · grid member, answers for contact1"},
        {"gridleader", leaders, COUNT_OF(leaders), "网格长 · grid leader of the same grid"},
        {"officer", officers, COUNT_OF(officers), "部门经办人 · department officer"},
        {"head", heads, COUNT_OF(heads), "部门负责人 · department head"},
        {"leader", sample->leaders, SAMPLE_LEADERS, "园区领导 · park leader"},
        {"auditor", &sample->auditor, 1, "审计员 · auditor"},
        {"sysadmin", &sample->system_admin, 1, "系统管理员 · system administrator"},
        {"secadmin", &sample->security_admin, 1, "安全管理员 · security administrator"},
        {"auditadmin", &sample->audit_admin, 1, "审计管理员 · audit administrator"},
    };
    struct str hashed;
    enum err r = password_hash(&demo->arena, demo->password, &hashed);
    for (size_t i = 0; i < COUNT_OF(roles) && r == OK; i++)
        r = make_accounts(demo, tx, hashed, roles[i].login, roles[i].people, roles[i].count,
                          roles[i].about);
    buf_format(&demo->accounts, "\n    密码 password: %.*s\n", STR_ARG(demo->password));
    return r;
}

/* What a step of the making writes, in one transaction with its journal. */
static enum err in_transaction(struct demo *demo,
                               enum err (*step)(struct demo *demo, struct db_tx *tx))
{
    struct db_tx tx;
    enum err r = db_begin(demo->db, &tx);
    if (r != OK)
        return r;
    r = step(demo, &tx);
    if (r == OK)
        r = journal_before_commit(&tx, demo->journal);
    if (r == OK)
        r = db_commit(&tx);
    if (r != OK) {
        struct err_info why = *err_last();
        db_rollback(&tx);
        err_restore(&why);
    }
    return r;
}

static enum err fill_register(struct demo *demo, struct db_tx *tx)
{
    struct sample sample;
    int64_t since_us = clock_now_us() - DEMO_AGE_DAYS * DAY_US;
    enum err r = sample_register(tx, DEMO_PARK, (uint64_t)demo->options->seed, since_us, &sample);
    return r == OK ? make_all_accounts(demo, tx, &sample) : r;
}

static enum err fill_heat(struct demo *demo, struct db_tx *tx)
{
    struct change by = {.park_id = DEMO_PARK, .now_us = clock_now_us()};
    return sample_heat(tx, &by, demo->options->app.dir, (uint64_t)demo->options->seed);
}

static enum err play(struct demo *demo)
{
    struct services *services;
    struct case_world *world = NULL;
    enum err r = services_load(demo->options->app.services_dir, &services);
    if (r != OK)
        return r;
    r = case_world_new(services, &world);
    struct sample_play what = {.db = demo->db,
                               .world = world,
                               .before_commit = journal_before_commit,
                               .context = demo->journal,
                               .park_id = DEMO_PARK,
                               .seed = (uint64_t)demo->options->seed,
                               .from_us = clock_now_us() - DEMO_DAYS * DAY_US,
                               .now_us = clock_now_us(),
                               .cases = (int)demo->options->cases};
    struct sample_played played;
    if (r == OK)
        r = sample_play(&what, &played);
    if (r == OK)
        printf("kuailian: %" PRId64 " sample cases, %" PRId64 " acts of people\n", played.filed,
               played.acts);
    case_world_free(world);
    services_free(services);
    return r;
}

static enum err open_store(struct demo *demo, bool *empty)
{
    const char *dir = demo->options->app.dir;
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return err_set(ERR_IO, "cannot make %s: %s", dir, strerror(errno));
    enum err r = db_open(app_store_path(&demo->arena, dir).ptr, DB_WRITE, &demo->db);
    if (r == OK)
        r = db_migrate(demo->db);
    if (r == OK)
        r = seal_open_key(str_format(&demo->arena, "%s/seal.key", dir).ptr);
    if (r == OK)
        r = journal_open(demo->db, app_key_path(&demo->arena, dir).ptr, STR("kuailian"),
                         &demo->journal);
    struct journal_head head;
    if (r == OK) {
        r = journal_head(demo->db, &demo->arena, DEMO_PARK, &head);
        *empty = r == ERR_NOT_FOUND;
        r = *empty ? OK : r;
    }
    return r;
}

static enum err prepare(struct demo *demo)
{
    bool empty = false;
    const char *path = str_format(&demo->arena, "%s/demo-accounts", demo->options->app.dir).ptr;
    enum err r = open_store(demo, &empty);
    if (r == OK && empty) {
        demo->password = make_password(&demo->arena);
        r = in_transaction(demo, fill_register);
        if (r == OK)
            r = play(demo);
        if (r == OK)
            r = in_transaction(demo, fill_heat);
        if (r == OK)
            r = write_accounts(path, buf_str(&demo->accounts));
    } else if (r == OK) {
        r = read_accounts(path, &demo->accounts);
    }
    journal_free(demo->journal);
    db_close(demo->db);
    return r;
}

static bool read_rest(void *context, const char *name, const char *value)
{
    struct demo_options *options = context;
    if (!value)
        return false;
    if (str_is(str_of(name), "--cases"))
        return str_to_int(str_of(value), &options->cases) == OK && options->cases >= 0 &&
               options->cases <= DEMO_CASES_MAX;
    return str_is(str_of(name), "--seed") && str_to_int(str_of(value), &options->seed) == OK;
}

int cmd_demo(int argc, char **argv)
{
    struct demo_options options = {.cases = DEMO_CASES, .seed = 1};
    app_options_init(&options.app);
    options.app.dir = "demo";
    if (!app_options_read(&options.app, argc, argv, read_rest, &options))
        return CMD_USAGE;
    struct demo demo = {.options = &options};
    buf_init(&demo.accounts, ACCOUNTS_TEXT_MAX);
    struct app *app;
    int result = CMD_OK;
    if (prepare(&demo) != OK) {
        result = cmd_fail("demo");
    } else if (app_start(&options.app, &app) != OK) {
        result = cmd_fail("demo");
    } else {
        printf(
            "\n  块链示例园区（全部为示例数据）\n  Kuailian sample park (all of it sample data)\n\n"
            "%.*s    地址 address:  http://%s:%d\n\n",
            STR_ARG(buf_str(&demo.accounts)), options.app.host, app_port(app));
        fflush(stdout);
        app_run(app);
    }
    buf_release(&demo.accounts);
    arena_release(&demo.arena);
    return result;
}
