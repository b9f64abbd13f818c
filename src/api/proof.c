/* /api/v1/cases/{id}/proof: all that is needed to check a case's history without trusting us. */
#include "api/case_call.h"
#include "api/proof_sql.h"
#include "journal/journal.h"
#include "journal/tree.h"

static void write_base64(struct json_writer *w, struct str bytes)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, LIMIT_HTTP_BODY);
    buf_add_base64(&text, bytes);
    json_text(w, buf_str(&text));
}

static enum err write_entry(struct api_call *call, const struct proof_entries_row *row,
                            int64_t size)
{
    struct journal_proof proof;
    enum err r = journal_proof_make(call->db, call->park_id, row->seq, size, &proof);
    if (r != OK)
        return r;
    struct journal_entry entry = {.park_id = call->park_id,
                                  .time_us = row->time_us,
                                  .kind = str_c(call->arena, row->kind),
                                  .case_id = row->case_id,
                                  .actor_id = row->actor_id};
    struct json_writer *w = &call->json;
    json_object_begin(w);
    json_member_int(w, "seq", row->seq);
    json_key(w, "leaf");
    write_base64(w, journal_leaf(call->arena, row->seq, &entry, &row->digest));
    json_member_text(w, "body", row->body);
    json_key(w, "salt");
    if (row->salt.ptr)
        write_base64(w, row->salt);
    else
        json_null(w);
    json_member_int(w, "size", size);
    json_key(w, "path");
    json_array_begin(w);
    for (uint32_t i = 0; i < proof.depth; i++)
        write_base64(w, hash_str(&proof.path[i]));
    json_array_end(w);
    json_object_end(w);
    return OK;
}

static enum err write_entries(struct api_call *call, int64_t case_id, bool staff, int64_t size)
{
    struct proof_entries_in in = {.park_id = call->park_id, .case_id = case_id};
    struct proof_entries_rows rows;
    enum err r = sql_proof_entries(call->db, call->arena, &in, &rows);
    json_key(&call->json, "entries");
    json_array_begin(&call->json);
    for (size_t i = 0; r == OK && i < rows.count; i++) {
        struct proof_entries_row row = rows.rows[i];
        if (row.seq >= size)
            break;
        if (!staff && case_kind_internal(row.kind)) /* Proven, and not told. */
            row.body = row.salt = (struct str){0};
        r = write_entry(call, &row, size);
    }
    json_array_end(&call->json);
    return r;
}

static enum err proof_get(struct api_call *call)
{
    struct case_scope scope;
    struct journal_head head;
    int64_t id = 0;
    enum err r = case_path_id(call, &id);
    if (r == OK)
        r = case_scope_check(call->db, call->arena, &call->who, id, &scope);
    if (r == OK)
        r = journal_head(call->db, call->arena, call->park_id, &head);
    if (r != OK)
        return r;
    struct json_writer *w = &call->json;
    json_object_begin(w);
    json_member_text(w, "origin", journal_origin(call->journal, call->arena, call->park_id));
    json_member_text(w, "key", journal_verifier_key(call->journal, call->arena, call->park_id));
    json_member_text(w, "checkpoint",
                     journal_note(call->journal, call->arena, call->park_id, &head));
    r = write_entries(call, id, case_staff(&call->who, &scope), head.size);
    json_object_end(w);
    return r;
}

const struct route PROOF_ROUTES[] = {
    {GET, "/api/v1/cases/{id}/proof", ROLES(CASE_READERS), .query = proof_get,
     .doc = "The case's journal entries with proofs that the signed log holds them"},
    ROUTE_END};
