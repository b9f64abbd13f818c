/* The same request under the same key acts once and answers the same: kept with the act itself. */
#include <sodium.h>

#include "api/idempotency_sql.h"
#include "api/inside.h"
#include "base/clock.h"

enum { KEY_MAX = 128 };

static void add_part(crypto_hash_sha256_state *sum, struct str part)
{
    uint64_t len = part.len;
    crypto_hash_sha256_update(sum, (const unsigned char *)&len, sizeof(len));
    crypto_hash_sha256_update(sum, (const unsigned char *)part.ptr, part.len);
}

enum err idempotency_prepare(struct api_call_state *state)
{
    struct api_call *call = &state->call;
    struct str key = http_header(call->http, "Idempotency-Key");
    if (!key.ptr || !call->who.person_id) /* Without a person there is nobody to keep it for. */
        return OK;
    if (key.len == 0 || key.len > KEY_MAX || utf8_check(key) != OK)
        return err_refuse(ERR_SYNTAX, "idempotency.key", "Idempotency-Key has 1 to %d bytes",
                          KEY_MAX);
    crypto_hash_sha256_state sum;
    crypto_hash_sha256_init(&sum);
    add_part(&sum, http_method(call->http));
    add_part(&sum, http_target_text(call->http));
    add_part(&sum, call->raw);
    crypto_hash_sha256_final(&sum, state->request_digest.bytes);
    state->idempotency_key = key;
    return OK;
}

static enum err replay(struct api_call_state *state, const struct idempotency_get_row *row)
{
    struct api_call *call = &state->call;
    if (!hash_equal(&row->request, &state->request_digest))
        return err_refuse(ERR_INVALID, "idempotency.other",
                          "the Idempotency-Key was used for another request");
    if (!row->body.ptr)
        return err_refuse(ERR_CONFLICT, "idempotency.secret",
                          "this was done already; its answer held a secret and is not kept");
    call->status = (int)row->status;
    buf_add_str(call->out, row->body);
    if (row->location.ptr)
        call->location = str_c(call->arena, row->location);
    if (row->etag.ptr)
        call->etag = str_c(call->arena, row->etag);
    if (call->status >= 400)
        call->content_type = "application/problem+json";
    return OK;
}

enum err idempotency_find(struct api_call_state *state, struct db_tx *tx, bool *found)
{
    struct api_call *call = &state->call;
    *found = false;
    if (!state->idempotency_key.ptr)
        return OK;
    struct idempotency_get_row row;
    struct idempotency_get_in in = {
        .park_id = call->park_id, .person_id = call->who.person_id, .key = state->idempotency_key};
    enum err r = sql_idempotency_get(tx->db, call->arena, &in, &row);
    if (r == ERR_NOT_FOUND ||
        (r == OK && row.created_at < call->now_us - IDEMPOTENCY_HOURS * HOUR_US))
        return OK;
    if (r != OK)
        return r;
    *found = true;
    return replay(state, &row);
}

enum err idempotency_keep(struct api_call_state *state, struct db_tx *tx)
{
    struct api_call *call = &state->call;
    if (!state->idempotency_key.ptr)
        return OK;
    struct str body = call->out->ptr ? buf_str(call->out) : STR("");
    struct idempotency_put_in in = {.park_id = call->park_id,
                                    .person_id = call->who.person_id,
                                    .key = state->idempotency_key,
                                    .request = state->request_digest,
                                    .status = call->status,
                                    .location = str_of(call->location),
                                    .etag = str_of(call->etag),
                                    .body = call->route->secret ? (struct str){0} : body,
                                    .now = call->now_us};
    return sql_idempotency_put(tx, &in, NULL);
}
