#include "journal/verify.h"

#include "journal/journal_sql.h"
#include "journal/tree.h"
#include "json/json.h"

enum { ROWS = 500 };

/* One park's walk: its entries in order, the tree above them as a row of perfect subtrees. */
struct walk {
    const struct journal *journal;
    struct db *db;
    struct findings *findings;
    struct journal_verify_result *result;
    int64_t park_id;
    int64_t size;
    struct hash subtrees[JOURNAL_PROOF_DEPTH_MAX + 1]; /* By level; set where size has a bit. */
    struct journal_head next;                          /* Smallest head not yet reached. */
    bool more_heads;
    struct arena kept;         /* Lives through the walk. */
    struct arena *head_arena;  /* One head's signature. */
    int64_t *erased, *claimed; /* Persons: of erased bodies; of the erasures' entries. */
    size_t erased_count, erased_capacity, claimed_count, claimed_capacity;
};

static struct hash root_of(const struct walk *walk)
{
    struct hash root = {0};
    bool begun = false;
    for (int level = 0; level <= JOURNAL_PROOF_DEPTH_MAX; level++)
        if (walk->size >> level & 1) {
            root = begun ? hash_pair(&walk->subtrees[level], &root) : walk->subtrees[level];
            begun = true;
        }
    return root;
}

static void check_node(struct walk *walk, int level, int64_t place, const struct hash *expected)
{
    struct hash stored;
    enum err r = journal_tree_node(walk->db, walk->park_id, level, place, &stored);
    walk->result->nodes++;
    if (r != OK)
        finding(walk->findings, "park %" PRId64 ": node %d/%" PRId64 " cannot be read: %s",
                walk->park_id, level, place, err_last()->detail);
    else if (!hash_equal(&stored, expected))
        finding(walk->findings, "park %" PRId64 ": node %d/%" PRId64 " is not its entries' hash",
                walk->park_id, level, place);
}

static void add_leaf(struct walk *walk, const struct hash *leaf)
{
    struct hash hash = *leaf;
    int level = 0;
    for (; walk->size >> level & 1; level++) {
        hash = hash_pair(&walk->subtrees[level], &hash);
        check_node(walk, level + 1, walk->size >> (level + 1), &hash);
    }
    walk->subtrees[level] = hash;
    walk->size++;
}

static enum err read_head(struct walk *walk, int64_t after)
{
    struct journal_heads_in in = {.park_id = walk->park_id, .after = after, .limit = 1};
    struct journal_heads_rows rows;
    arena_release(walk->head_arena);
    enum err r = sql_journal_heads(walk->db, walk->head_arena, &in, &rows);
    if (r != OK)
        return r;
    walk->more_heads = rows.count > 0;
    if (walk->more_heads)
        walk->next = (struct journal_head){.size = rows.rows[0].size,
                                           .time_us = rows.rows[0].time_us,
                                           .root = rows.rows[0].root,
                                           .signature = rows.rows[0].signature};
    return OK;
}

static enum err check_head(struct walk *walk)
{
    if (!walk->more_heads || walk->next.size != walk->size)
        return OK;
    struct hash root = root_of(walk);
    walk->result->heads++;
    if (!hash_equal(&root, &walk->next.root))
        finding(walk->findings,
                "park %" PRId64 ": the head of size %" PRId64 " is not the root of its entries",
                walk->park_id, walk->size);
    if (journal_head_check(walk->journal, walk->park_id, &walk->next) != OK)
        finding(walk->findings,
                "park %" PRId64 ": the head of size %" PRId64 " is not signed by this key",
                walk->park_id, walk->size);
    return read_head(walk, walk->size);
}

static bool among(const int64_t *ids, size_t count, int64_t id)
{
    for (size_t i = 0; i < count; i++)
        if (ids[i] == id)
            return true;
    return false;
}

/* An erasure's body names the person: {"subject_id":"7", …}. */
static void note_erasure(struct walk *walk, struct arena *arena, struct str body)
{
    const struct json_value *value;
    int64_t person;
    if (json_parse(arena, body, &value) == OK &&
        str_to_int(json_get_text(value, "subject_id"), &person) == OK &&
        !among(walk->claimed, walk->claimed_count, person))
        *ARENA_PUSH(&walk->kept, walk->claimed, walk->claimed_count, walk->claimed_capacity) =
            person;
}

static void check_body(struct walk *walk, struct arena *arena,
                       const struct journal_entries_row *row)
{
    if (!row->body.ptr || !row->salt.ptr) {
        walk->result->erased++;
        if (!among(walk->erased, walk->erased_count, row->subject_id))
            *ARENA_PUSH(&walk->kept, walk->erased, walk->erased_count, walk->erased_capacity) =
                row->subject_id;
        return;
    }
    struct hash digest = journal_digest(row->salt, row->body);
    if (!hash_equal(&digest, &row->digest))
        finding(walk->findings, "park %" PRId64 ": entry %" PRId64 " (%.*s): its body was changed",
                walk->park_id, row->seq, STR_ARG(row->kind));
    if (str_is(row->kind, "journal.erased"))
        note_erasure(walk, arena, row->body);
}

static enum err check_entry(struct walk *walk, struct arena *arena,
                            const struct journal_entries_row *row)
{
    if (row->seq != walk->size)
        return err_set(ERR_CORRUPT, "park %" PRId64 ": entry %" PRId64 " is missing", walk->park_id,
                       walk->size);
    if (row->kind.len > JOURNAL_KIND_MAX)
        return err_set(ERR_CORRUPT, "park %" PRId64 ": entry %" PRId64 " has no valid kind",
                       walk->park_id, row->seq);
    struct journal_entry entry = {.park_id = walk->park_id,
                                  .time_us = row->time_us,
                                  .kind = str_c(arena, row->kind),
                                  .case_id = row->case_id,
                                  .actor_id = row->actor_id};
    struct hash leaf = hash_leaf(journal_leaf(arena, row->seq, &entry, &row->digest));
    check_body(walk, arena, row);
    add_leaf(walk, &leaf);
    walk->result->entries++;
    return check_head(walk);
}

static enum err check_entries(struct walk *walk)
{
    enum err r = read_head(walk, 0);
    for (size_t count = ROWS; r == OK && count == ROWS;) {
        CLEANUP(arena_release) struct arena arena = {0};
        struct journal_entries_in in = {
            .park_id = walk->park_id, .after = walk->size - 1, .limit = ROWS};
        struct journal_entries_rows rows;
        r = sql_journal_entries(walk->db, &arena, &in, &rows);
        count = r == OK ? rows.count : 0;
        for (size_t i = 0; r == OK && i < count; i++)
            r = check_entry(walk, &arena, &rows.rows[i]);
    }
    return r;
}

/* What must be as many as the tree has, and the end that must be signed. */
static enum err check_end(struct walk *walk)
{
    struct journal_counts_row counts;
    enum err r = sql_journal_counts(walk->db, &(struct journal_counts_in){.park_id = walk->park_id},
                                    &counts);
    if (r != OK)
        return r;
    int64_t expected = 0;
    for (int64_t size = walk->size / 2; size > 0; size /= 2)
        expected += size;
    if (counts.nodes != expected)
        finding(walk->findings,
                "park %" PRId64 ": %" PRId64 " nodes are stored where the tree has %" PRId64,
                walk->park_id, counts.nodes, expected);
    if (counts.newest_head != walk->size)
        finding(walk->findings,
                "park %" PRId64 ": the newest head has %" PRId64 " entries, the log %" PRId64,
                walk->park_id, counts.newest_head, walk->size);
    for (size_t i = 0; i < walk->erased_count; i++)
        if (!among(walk->claimed, walk->claimed_count, walk->erased[i]))
            finding(walk->findings,
                    "park %" PRId64 ": bodies about person %" PRId64
                    " are gone, and no entry says that they were erased",
                    walk->park_id, walk->erased[i]);
    return OK;
}

static void verify_park(const struct journal *journal, struct db *db, int64_t park_id,
                        struct findings *findings, struct journal_verify_result *result)
{
    CLEANUP(arena_release) struct arena head_arena = {0};
    struct walk walk = {.journal = journal,
                        .db = db,
                        .findings = findings,
                        .result = result,
                        .park_id = park_id,
                        .head_arena = &head_arena};
    enum err r = check_entries(&walk);
    if (r == OK)
        r = check_end(&walk);
    if (r != OK)
        finding(findings, "park %" PRId64 ": verified up to entry %" PRId64 ": %s", park_id,
                walk.size, err_last()->detail);
    arena_release(&walk.kept);
}

enum err journal_verify(const struct journal *journal, struct db *db, struct findings *findings,
                        struct journal_verify_result *out)
{
    struct journal_verify_result result = {0};
    struct journal_next_park_row park = {0};
    enum err r = db_snapshot_begin(db);
    while (r == OK) {
        r = sql_journal_next_park(db, &(struct journal_next_park_in){.after = park.park_id}, &park);
        if (r != OK)
            break;
        result.parks++;
        verify_park(journal, db, park.park_id, findings, &result);
    }
    db_snapshot_end(db);
    if (r == ERR_NOT_FOUND) {
        *out = result;
        return OK;
    }
    return r;
}
