/* The journal over HTTP: its signed head and tiles for everybody, its entries for auditors. */
#include "journal/journal.h"

#include "api/entries_sql.h"
#include "api/inside.h"

static enum err reply_text(struct api_call *call, const char *type, struct str text)
{
    call->content_type = type;
    buf_add_str(call->out, text);
    return OK;
}

static enum err checkpoint_get(struct api_call *call)
{
    struct str text;
    enum err r = journal_checkpoint(call->journal, call->db, call->arena, call->park_id, &text);
    return r == OK ? reply_text(call, "text/plain; charset=utf-8", text) : r;
}

static enum err key_get(struct api_call *call)
{
    struct str key = journal_verifier_key(call->journal, call->arena, call->park_id);
    enum err r = reply_text(call, "text/plain; charset=utf-8", key);
    buf_add_char(call->out, '\n');
    return r;
}

static enum err tile_get(struct api_call *call)
{
    struct str bytes;
    enum err r = journal_tile(call->db, call->arena, call->park_id, call->path_text[0], &bytes);
    if (r != OK)
        return r;
    /* Entries can be erased; hashes never change, and a partial tile is named by its width. */
    if (!str_starts(call->path_text[0], STR("entries/")))
        call->cache = "public, max-age=31536000, immutable";
    return reply_text(call, "application/octet-stream", bytes);
}

struct entries_query {
    int64_t case_id, actor;
    struct str kind, cursor;
    int64_t from, to, limit;
};

static const struct field ENTRIES_QUERY[] = {
    FIELD(struct entries_query, case_id, FIELD_ID),
    FIELD(struct entries_query, kind, FIELD_TEXT, .doc = "What the kind begins with"),
    FIELD(struct entries_query, actor, FIELD_ID),
    FIELD(struct entries_query, from, FIELD_TIME),
    FIELD(struct entries_query, to, FIELD_TIME),
    FIELD(struct entries_query, cursor, FIELD_TEXT),
    FIELD(struct entries_query, limit, FIELD_INT, .min = 1, .max = LIMIT_PAGE),
    FIELD_END};

struct entry_out {
    int64_t seq, at;
    struct str kind;
    int64_t case_id;
    struct str actor; /* JSON: an object or null. */
    int64_t subject_id;
    struct str body;
    bool erased;
};

static const struct field ENTRY_REPLY[] = {
    FIELD(struct entry_out, seq, FIELD_INT),
    FIELD(struct entry_out, at, FIELD_TIME),
    FIELD(struct entry_out, kind, FIELD_TEXT),
    FIELD(struct entry_out, case_id, FIELD_ID),
    FIELD(struct entry_out, actor, FIELD_RAW, .doc = "{id, name}, or null for the program"),
    FIELD(struct entry_out, subject_id, FIELD_ID),
    FIELD(struct entry_out, body, FIELD_RAW),
    FIELD(struct entry_out, erased, FIELD_BOOL),
    FIELD_END};

static void write_entry(struct api_call *call, const struct entries_page_row *row)
{
    CLEANUP(buf_release) struct buf actor;
    buf_init(&actor, 4096);
    struct json_writer json = json_writer(&actor);
    json_object_begin(&json);
    json_member_id(&json, "id", row->actor_id);
    json_member_text(&json, "name", row->actor);
    json_object_end(&json);
    struct entry_out out = {.seq = row->seq,
                            .at = row->time_us,
                            .kind = row->kind,
                            .case_id = row->case_id,
                            .actor = row->actor_id ? buf_str(&actor) : (struct str){0},
                            .subject_id = row->subject_id,
                            .body = row->body,
                            .erased = !row->body.ptr};
    api_reply(call, ENTRY_REPLY, &out);
}

static enum err read_entries(struct api_call *call, int64_t before, int64_t limit,
                             struct sql_rows *out)
{
    const struct entries_query *q = call->query;
    int64_t until = q->to ? q->to : INT64_MAX;
    if (q->case_id) {
        struct entries_of_case_in in = {.park_id = call->park_id,
                                        .case_id = q->case_id,
                                        .before = before,
                                        .kind = q->kind,
                                        .actor_id = q->actor,
                                        .since = q->from,
                                        .until = until,
                                        .limit = limit};
        return db_many(call->db, &SQL_entries_of_case, &in, call->arena, out);
    }
    struct entries_page_in in = {.park_id = call->park_id,
                                 .before = before,
                                 .kind = q->kind,
                                 .actor_id = q->actor,
                                 .since = q->from,
                                 .until = until,
                                 .limit = limit};
    return db_many(call->db, &SQL_entries_page, &in, call->arena, out);
}

static enum err entries_get(struct api_call *call)
{
    const struct entries_query *query = call->query;
    int64_t limit = api_limit(query->limit), before = 0, unused = 0;
    struct sql_rows found;
    enum err r = api_cursor_read(call, query->cursor, &before, &unused);
    if (r == OK)
        r = read_entries(call, query->cursor.len ? before : INT64_MAX, limit + 1, &found);
    if (r != OK)
        return r;
    const struct entries_page_row *rows = found.rows; /* Both statements give the same columns. */
    bool more = api_page_cut(&found.count, limit);
    api_page_begin(call);
    for (size_t i = 0; i < found.count; i++)
        write_entry(call, &rows[i]);
    api_page_end(call,
                 more ? api_cursor_make(call, rows[found.count - 1].seq, 0) : (struct str){0});
    return OK;
}

struct erase_in {
    int64_t subject_id;
    struct str reason;
};

struct erase_out {
    int64_t erased;
};

static const struct field ERASE_FIELDS[] = {
    FIELD(struct erase_in, subject_id, FIELD_ID, .required = true),
    FIELD(struct erase_in, reason, FIELD_TEXT, .required = true), FIELD_END};
static const struct field ERASE_REPLY[] = {
    FIELD(struct erase_out, erased, FIELD_INT, .doc = "Bodies that are gone"), FIELD_END};

static enum err erase_post(struct api_call *call, struct db_tx *tx)
{
    const struct erase_in *in = call->body;
    struct erase_out out;
    enum err r = journal_erase(tx, call->park_id, in->subject_id, call->who.person_id, in->reason,
                               call->now_us, &out.erased);
    if (r == OK)
        api_reply(call, ERASE_REPLY, &out);
    return r;
}

const struct route JOURNAL_ROUTES[] = {
    {GET, "/journal/checkpoint", PUBLIC, .query = checkpoint_get, .reply_type = "text/plain",
     .doc = "The log's newest signed head (C2SP tlog-checkpoint)"},
    {GET, "/journal/key", PUBLIC, .query = key_get, .reply_type = "text/plain",
     .doc = "The key that signs the heads, as a signed note's verifier key"},
    {GET, "/journal/tile/{path...}", PUBLIC, .query = tile_get,
     .reply_type = "application/octet-stream", .doc = "The log's tiles (C2SP tlog-tiles)"},
    {GET, "/api/v1/journal/entries", ROLES(ROLE_AUDITOR | ROLE_AUDIT_ADMIN), .query = entries_get,
     .slow = true, .query_fields = ENTRIES_QUERY, .query_size = sizeof(struct entries_query),
     .reply = ENTRY_REPLY, .page = true, .doc = "The journal's entries, newest first"},
    {POST, "/api/v1/journal/erase", ROLES(ROLE_AUDIT_ADMIN), .command = erase_post,
     .body = ERASE_FIELDS, .body_size = sizeof(struct erase_in), .reply = ERASE_REPLY,
     .doc = "Erases what the journal says about a person; the log verifies as before"},
    ROUTE_END};
