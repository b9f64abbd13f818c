/* The first start: names the park and makes its first administrator. There is no default one. */
#include "api/inside.h"
#include "api/me.h"
#include "journal/journal.h"
#include "park/account_sql.h"
#include "park/calendar.h"
#include "park/person.h"

struct setup_park {
    struct str name;
};

struct setup_out {
    bool needed;
    struct setup_park park;
};

static const struct field PARK_FIELDS[] = {FIELD(struct setup_park, name, FIELD_TEXT), FIELD_END};
static const struct field SETUP_REPLY[] = {
    FIELD(struct setup_out, needed, FIELD_BOOL),
    FIELD(struct setup_out, park, FIELD_OBJECT, .of = PARK_FIELDS), FIELD_END};

static enum err setup_get(struct api_call *call)
{
    struct setup_out out = {.needed = call->park_id == 0};
    struct park_get_row park;
    if (!out.needed) {
        struct park_get_in in = {.id = call->park_id};
        enum err r = sql_park_get(call->db, call->arena, &in, &park);
        if (r != OK)
            return r;
        out.park.name = park.name;
    }
    api_reply(call, SETUP_REPLY, &out);
    return OK;
}

struct setup_in {
    struct str park_name, login, name, password;
};

static const struct field SETUP_FIELDS[] = {
    FIELD(struct setup_in, park_name, FIELD_TEXT, .required = true, .max = LIMIT_NAME_CHARS),
    FIELD(struct setup_in, login, FIELD_TEXT, .required = true),
    FIELD(struct setup_in, name, FIELD_TEXT, .required = true, .max = LIMIT_NAME_CHARS),
    FIELD(struct setup_in, password, FIELD_TEXT, .required = true), FIELD_END};

struct setup_work {
    struct str login, hashed;
};

static enum err refuse_done(void)
{
    return err_refuse(ERR_CONFLICT, "setup.done", "the park has its administrator already");
}

static enum err setup_prepare(struct api_call *call)
{
    const struct setup_in *in = call->body;
    struct setup_work *work = call->prepared = ARENA_NEW(call->arena, struct setup_work);
    if (call->park_id)
        return refuse_done();
    enum err r = login_normal(call->arena, in->login, &work->login);
    if (r == OK)
        r = password_rules(work->login, in->password);
    return r == OK ? password_hash(call->arena, in->password, &work->hashed) : r;
}

static enum err make_administrator(struct api_call *call, struct db_tx *tx, int64_t *person_id)
{
    static const enum role_set roles[] = {ROLE_SYSTEM_ADMIN, ROLE_SECURITY_ADMIN, ROLE_AUDIT_ADMIN};
    const struct setup_in *in = call->body;
    const struct setup_work *work = call->prepared;
    struct person person = {.name = in->name, .title = STR("")};
    struct change by = {.park_id = call->park_id, .now_us = call->now_us};
    enum err r = person_add(tx, &by, &person, person_id);
    struct account_new account = {.park_id = call->park_id,
                                  .person_id = *person_id,
                                  .login = work->login,
                                  .password = work->hashed};
    if (r == OK)
        r = account_create(tx, &account, call->now_us);
    for (size_t i = 0; i < COUNT_OF(roles) && r == OK; i++)
        r = access_grant(tx, call->park_id, *person_id, (struct grant){.role = roles[i]},
                         *person_id, call->now_us);
    return r;
}

static enum err setup_post(struct api_call *call, struct db_tx *tx)
{
    const struct setup_in *in = call->body;
    struct park_first_row first;
    enum err r = sql_park_first(tx->db, &first);
    if (r == OK)
        return refuse_done();
    if (r != ERR_NOT_FOUND)
        return r;
    call->park_id = 1; /* A store of its own: the park's number is what a proof's reader sees. */
    int64_t person_id = 0;
    struct park_insert_in park = {.id = call->park_id, .name = in->park_name, .now = call->now_us};
    r = sql_park_insert(tx, &park, NULL);
    struct setting_insert_in setting = {.park_id = call->park_id};
    if (r == OK)
        r = sql_setting_insert(tx, &setting, NULL);
    if (r == OK)
        r = make_administrator(call, tx, &person_id);
    if (r == OK)
        r = calendar_begin(tx, call->park_id, person_id, call->now_us);
    if (r == OK)
        r = journal_append(tx,
                           &(struct journal_entry){.park_id = call->park_id,
                                                   .time_us = call->now_us,
                                                   .kind = "park.created",
                                                   .actor_id = person_id,
                                                   .body = STR("{}")},
                           NULL);
    if (r == OK)
        r = me_sign_in(call, tx, person_id);
    return r;
}

const struct route SETUP_ROUTES[] = {
    {GET, "/api/v1/setup", PUBLIC, .query = setup_get, .reply = SETUP_REPLY,
     .doc = "Whether the park still waits for its first administrator"},
    {POST, "/api/v1/setup", PUBLIC, .prepare = setup_prepare, .command = setup_post,
     .body = SETUP_FIELDS, .body_size = sizeof(struct setup_in), .reply = ME_REPLY, .status = 201,
     .secret = true, .doc = "Names the park, makes its first administrator and signs in"},
    ROUTE_END};
