#include "journal/journal.h"

#include "journal/journal_sql.h"
#include "journal/tree.h"
#include "json/json.h"

static char *put_number(char *at, uint64_t value, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--)
        *at++ = (char)(value >> (8 * i) & 255);
    return at;
}

static struct str write_leaf(char leaf[JOURNAL_LEAF_MAX], int64_t seq,
                             const struct journal_entry *entry, const struct hash *digest)
{
    static const char magic[] = "kuailian-entry/1\n";
    size_t kind = strlen(entry->kind);
    assert(kind <= JOURNAL_KIND_MAX);
    char *at = leaf;
    memcpy(at, magic, sizeof(magic) - 1);
    at += sizeof(magic) - 1;
    at = put_number(at, (uint64_t)entry->park_id, 8);
    at = put_number(at, (uint64_t)seq, 8);
    at = put_number(at, (uint64_t)entry->time_us, 8);
    at = put_number(at, (uint64_t)entry->case_id, 8);
    at = put_number(at, (uint64_t)entry->actor_id, 8);
    at = put_number(at, kind, 2);
    memcpy(at, entry->kind, kind);
    memcpy(at + kind, digest->bytes, HASH_SIZE);
    return (struct str){.ptr = leaf, .len = (size_t)(at - leaf) + kind + HASH_SIZE};
}

struct str journal_leaf(struct arena *arena, int64_t seq, const struct journal_entry *entry,
                        const struct hash *digest)
{
    return write_leaf(arena_alloc(arena, JOURNAL_LEAF_MAX), seq, entry, digest);
}

struct hash journal_digest(struct str salt, struct str body)
{
    return hash_both(salt, body);
}

enum err journal_append(struct db_tx *tx, const struct journal_entry *entry, int64_t *seq)
{
    assert(entry->park_id > 0 && entry->kind[0] && entry->body.ptr);
    if (entry->body.len > JOURNAL_BODY_MAX)
        return err_set(ERR_LIMIT, "a journal entry of %zu bytes", entry->body.len);

    int64_t size;
    enum err r = journal_tree_size(tx, entry->park_id, &size);
    if (r != OK)
        return r;
    char salt[JOURNAL_SALT_SIZE], bytes[JOURNAL_LEAF_MAX];
    random_salt(salt, sizeof(salt));
    struct str salt_str = {.ptr = salt, .len = sizeof(salt)};
    struct journal_insert_in row = {.park_id = entry->park_id,
                                    .seq = size,
                                    .time_us = entry->time_us,
                                    .kind = str_of(entry->kind),
                                    .case_id = entry->case_id,
                                    .actor_id = entry->actor_id,
                                    .subject_id = entry->subject_id,
                                    .digest = journal_digest(salt_str, entry->body),
                                    .salt = salt_str,
                                    .body = entry->body};
    r = sql_journal_insert(tx, &row, NULL);
    if (r != OK)
        return r;
    struct hash leaf = hash_leaf(write_leaf(bytes, size, entry, &row.digest));
    r = journal_tree_add(tx, entry->park_id, size, &leaf);
    if (r == OK && seq)
        *seq = size;
    return r;
}

enum err journal_erase(struct db_tx *tx, int64_t park_id, int64_t subject_id, int64_t actor_id,
                       struct str reason, int64_t now_us, int64_t *erased)
{
    struct journal_erase_subject_in in = {.park_id = park_id, .subject_id = subject_id};
    int64_t count;
    enum err r = sql_journal_erase_subject(tx, &in, &count);
    if (r != OK)
        return r;
    CLEANUP(buf_release) struct buf body;
    buf_init(&body, JOURNAL_BODY_MAX);
    struct json_writer w = json_writer(&body);
    json_object_begin(&w);
    json_member_id(&w, "subject_id", subject_id);
    json_member_int(&w, "erased", count);
    json_member_text(&w, "reason", reason);
    json_object_end(&w);
    r = buf_check(&body);
    if (r != OK)
        return r;
    struct journal_entry entry = {.park_id = park_id,
                                  .time_us = now_us,
                                  .kind = "journal.erased",
                                  .actor_id = actor_id,
                                  .body = buf_str(&body)};
    r = journal_append(tx, &entry, NULL);
    if (r == OK)
        *erased = count;
    return r;
}
