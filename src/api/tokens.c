/* A person's own API tokens. */
#include "api/inside.h"
#include "api/register.h"
#include "park/account_sql.h"

struct token_out {
    int64_t id;
    struct str name;
    int64_t created_at, expires_at;
};

static const struct field TOKEN_REPLY[] = {
    FIELD(struct token_out, id, FIELD_ID), FIELD(struct token_out, name, FIELD_TEXT),
    FIELD(struct token_out, created_at, FIELD_TIME),
    FIELD(struct token_out, expires_at, FIELD_TIME), FIELD_END};

static enum err tokens_get(struct api_call *call)
{
    struct tokens_of_rows rows;
    struct tokens_of_in in = {.park_id = call->park_id, .person_id = call->who.person_id};
    enum err r = sql_tokens_of(call->db, call->arena, &in, &rows);
    if (r != OK)
        return r;
    api_page_begin(call);
    for (size_t i = 0; i < rows.count; i++) {
        struct token_out out = {.id = rows.rows[i].id,
                                .name = rows.rows[i].name,
                                .created_at = rows.rows[i].created_at,
                                .expires_at = rows.rows[i].expires_at};
        api_reply(call, TOKEN_REPLY, &out);
    }
    api_page_end(call, (struct str){0});
    return OK;
}

struct token_in {
    struct str name;
    int64_t expires_at;
};

struct token_made {
    int64_t id;
    struct str token;
};

static const struct field TOKEN_FIELDS[] = {
    FIELD(struct token_in, name, FIELD_TEXT, .required = true, .max = LIMIT_NAME_CHARS),
    FIELD(struct token_in, expires_at, FIELD_TIME), FIELD_END};
static const struct field TOKEN_MADE[] = {
    FIELD(struct token_made, id, FIELD_ID),
    FIELD(struct token_made, token, FIELD_TEXT, .doc = "Shown this once"), FIELD_END};

static enum err tokens_post(struct api_call *call, struct db_tx *tx)
{
    const struct token_in *in = call->body;
    struct token_made made;
    if (in->expires_at && in->expires_at <= call->now_us)
        return err_field(ERR_INVALID, "expires_at", "field.range", "the time has passed");
    struct change by = register_change(call);
    enum err r = token_make(tx, call->arena, &by, call->who.person_id, in->name, in->expires_at,
                            &made.token, &made.id);
    if (r == OK)
        api_reply(call, TOKEN_MADE, &made);
    return r;
}

static enum err token_delete(struct api_call *call, struct db_tx *tx)
{
    struct change by = register_change(call);
    return token_end(tx, &by, call->who.person_id, call->path_id[0]);
}

const struct route TOKEN_ROUTES[] = {
    {GET, "/api/v1/tokens", ROLES(ROLE_ALL_SIGNED_IN), .query = tokens_get, .reply = TOKEN_REPLY,
     .page = true, .doc = "The caller's API tokens"},
    {POST, "/api/v1/tokens", ROLES(ROLE_ALL_SIGNED_IN), .command = tokens_post,
     .body = TOKEN_FIELDS, .body_size = sizeof(struct token_in), .reply = TOKEN_MADE, .status = 201,
     .secret = true, .doc = "Makes an API token with the caller's rights"},
    {DELETE, "/api/v1/tokens/{id}", ROLES(ROLE_ALL_SIGNED_IN), .command = token_delete,
     .status = 204, .doc = "Ends one of the caller's API tokens"},
    ROUTE_END};
