#include "journal/tree.h"

#include "journal/journal.h"
#include "journal/journal_sql.h"

enum err journal_leaf_read(struct db *db, struct arena *arena, int64_t park_id, int64_t seq,
                           struct str *out)
{
    struct journal_leaf_parts_row row;
    enum err r = sql_journal_leaf_parts(
        db, arena, &(struct journal_leaf_parts_in){.park_id = park_id, .seq = seq}, &row);
    if (r != OK)
        return r;
    struct journal_entry entry = {.park_id = park_id,
                                  .time_us = row.time_us,
                                  .kind = str_c(arena, row.kind),
                                  .case_id = row.case_id,
                                  .actor_id = row.actor_id};
    *out = journal_leaf(arena, seq, &entry, &row.digest);
    return OK;
}

static enum err leaf_hash(struct db *db, int64_t park_id, int64_t seq, struct hash *out)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct str leaf;
    enum err r = journal_leaf_read(db, &arena, park_id, seq, &leaf);
    if (r == OK)
        *out = hash_leaf(leaf);
    return r;
}

enum err journal_tree_node(struct db *db, int64_t park_id, int level, int64_t place,
                           struct hash *out)
{
    if (level == 0)
        return leaf_hash(db, park_id, place, out);
    struct journal_node_row row;
    struct journal_node_in in = {
        .park_id = park_id, .last = ((place + 1) << level) - 1, .level = level};
    enum err r = sql_journal_node(db, &in, &row);
    if (r == OK)
        *out = row.hash;
    return r;
}

/* The right edge of the tree that grew last, so that entries of one transaction read nothing back:
 * the perfect subtrees that wait for a sibling, one of each level that `known` has a bit for. */
static _Thread_local struct {
    uint64_t epoch;
    int64_t park_id, size;
    uint64_t known;
    struct hash left[64];
} edge;

static bool edge_holds(const struct db_tx *tx, int64_t park_id)
{
    return edge.epoch == db_epoch(tx) && edge.park_id == park_id;
}

enum err journal_tree_size(struct db_tx *tx, int64_t park_id, int64_t *out)
{
    struct journal_size_row log = {.size = edge.size};
    enum err r = OK;
    if (!edge_holds(tx, park_id))
        r = sql_journal_size(tx->db, &(struct journal_size_in){park_id}, &log);
    if (r == OK)
        *out = log.size;
    return r;
}

static enum err left_sibling(struct db_tx *tx, int64_t park_id, int level, int64_t place,
                             struct hash *out)
{
    if (!(edge.known >> level & 1))
        return journal_tree_node(tx->db, park_id, level, place, out);
    *out = edge.left[level];
    return OK;
}

enum err journal_tree_add(struct db_tx *tx, int64_t park_id, int64_t seq, const struct hash *leaf)
{
    struct hash hash = *leaf;
    int64_t place = seq;
    int level = 0;
    if (!edge_holds(tx, park_id) || edge.size != seq)
        edge.known = 0;
    edge.epoch = 0; /* Until all is written. */
    for (; place % 2 == 1; level++) {
        struct hash left;
        enum err r = left_sibling(tx, park_id, level, place - 1, &left);
        if (r != OK)
            return r;
        hash = hash_pair(&left, &hash);
        place /= 2;
        struct journal_node_insert_in in = {
            .park_id = park_id, .last = seq, .level = level + 1, .hash = hash};
        r = sql_journal_node_insert(tx, &in, NULL);
        if (r != OK)
            return r;
    }
    edge.left[level] = hash;
    edge.known = (edge.known | UINT64_C(1) << level) & ~((UINT64_C(1) << level) - 1);
    edge.epoch = db_epoch(tx);
    edge.park_id = park_id;
    edge.size = seq + 1;
    return OK;
}

/* A range is a row of perfect subtrees, the largest first: folded from the right. */
static enum err range_root(struct db *db, int64_t park_id, int64_t begin, int64_t end,
                           struct hash *out)
{
    assert(begin < end);

    struct hash root = {0};
    for (int64_t right = end, left; right > begin; right = left) {
        int level = __builtin_ctzll((uint64_t)(right - begin));
        left = right - (INT64_C(1) << level);

        struct hash node;
        enum err r = journal_tree_node(db, park_id, level, left >> level, &node);
        if (r != OK)
            return r;
        root = right == end ? node : hash_pair(&node, &root);
    }
    *out = root;
    return OK;
}

enum err journal_tree_root(struct db *db, int64_t park_id, int64_t size, struct hash *out)
{
    if (size == 0) {
        *out = hash_of(STR(""));
        return OK;
    }
    return range_root(db, park_id, 0, size, out);
}

/* The largest power of two below `count`: where RFC 6962 divides a tree. */
static int64_t split_of(int64_t count)
{
    return INT64_C(1) << (63 - __builtin_clzll((uint64_t)(count - 1)));
}

static void reverse(struct journal_proof *proof)
{
    for (uint32_t i = 0; i < proof->depth / 2; i++) {
        struct hash kept = proof->path[i];
        proof->path[i] = proof->path[proof->depth - 1 - i];
        proof->path[proof->depth - 1 - i] = kept;
    }
}

/* Walks from the root down to the entry; each turn leaves one sibling range behind. */
enum err journal_proof_make(struct db *db, int64_t park_id, int64_t index, int64_t size,
                            struct journal_proof *out)
{
    if (index < 0 || index >= size)
        return err_set(ERR_RANGE, "no entry %" PRId64 " among %" PRId64, index, size);

    struct journal_proof proof = {.index = index, .size = size};
    for (int64_t begin = 0, end = size; end - begin > 1; proof.depth++) {
        int64_t split = begin + split_of(end - begin);
        bool left = index < split;
        enum err r = range_root(db, park_id, left ? split : begin, left ? end : split,
                                &proof.path[proof.depth]);
        if (r != OK)
            return r;
        if (left)
            end = split;
        else
            begin = split;
    }
    reverse(&proof);
    *out = proof;
    return OK;
}

enum err journal_proof_check(const struct journal_proof *proof, const struct hash *leaf,
                             const struct hash *root)
{
    if (proof->index < 0 || proof->index >= proof->size || proof->depth > JOURNAL_PROOF_DEPTH_MAX)
        return err_set(ERR_PROOF, "proof is malformed");

    struct hash sum = *leaf;
    int64_t place = proof->index, last = proof->size - 1;
    for (uint32_t i = 0; i < proof->depth; i++, place >>= 1, last >>= 1) {
        if (last == 0)
            return err_set(ERR_PROOF, "proof is longer than its tree is high");
        if (place == last) /* The right edge has no sibling on levels where it is even: go up. */
            for (; place != 0 && place % 2 == 0; place >>= 1)
                last >>= 1;
        sum = place % 2 ? hash_pair(&proof->path[i], &sum) : hash_pair(&sum, &proof->path[i]);
    }
    if (last != 0 || !hash_equal(&sum, root))
        return err_set(ERR_PROOF, "entry %" PRId64 " does not lead to this root", proof->index);
    return OK;
}

/* As for an entry, but down to where the old tree ends; `whole` while that end is a perfect
 * subtree that the verifier knows already. */
enum err journal_consistency_make(struct db *db, int64_t park_id, int64_t index, int64_t size,
                                  struct journal_proof *out)
{
    if (index <= 0 || index > size)
        return err_set(ERR_RANGE, "no tree of %" PRId64 " within %" PRId64, index, size);

    struct journal_proof proof = {.index = index, .size = size};
    bool whole = true;
    int64_t begin = 0, end = size;
    while (index != end) {
        int64_t split = begin + split_of(end - begin);
        bool left = index <= split;
        enum err r = range_root(db, park_id, left ? split : begin, left ? end : split,
                                &proof.path[proof.depth++]);
        if (r != OK)
            return r;
        if (left) {
            end = split;
        } else {
            begin = split;
            whole = false;
        }
    }
    if (!whole) {
        enum err r = range_root(db, park_id, begin, end, &proof.path[proof.depth++]);
        if (r != OK)
            return r;
    }
    reverse(&proof);
    *out = proof;
    return OK;
}

enum err journal_consistency_check(const struct journal_proof *proof, const struct hash *old_root,
                                   const struct hash *new_root)
{
    if (proof->index <= 0 || proof->index > proof->size || proof->depth > JOURNAL_PROOF_DEPTH_MAX)
        return err_set(ERR_PROOF, "proof is malformed");
    if (proof->index == proof->size) {
        if (proof->depth != 0 || !hash_equal(old_root, new_root))
            return err_set(ERR_PROOF, "two roots for one size");
        return OK;
    }

    int64_t place = proof->index - 1, last = proof->size - 1;
    for (; place % 2 == 1; place >>= 1)
        last >>= 1;
    bool whole = place == 0; /* The old tree is a perfect one: its root is the first hash. */
    if (!whole && proof->depth == 0)
        return err_set(ERR_PROOF, "proof is too short");
    uint32_t i = whole ? 0 : 1;
    struct hash old_sum = whole ? *old_root : proof->path[0], new_sum = old_sum;
    for (; i < proof->depth; i++, place >>= 1, last >>= 1) {
        if (last == 0)
            return err_set(ERR_PROOF, "proof is longer than its tree is high");
        if (place % 2 == 1 || place == last) {
            old_sum = hash_pair(&proof->path[i], &old_sum);
            new_sum = hash_pair(&proof->path[i], &new_sum);
            for (; place != 0 && place % 2 == 0; place >>= 1)
                last >>= 1;
        } else {
            new_sum = hash_pair(&new_sum, &proof->path[i]);
        }
    }
    if (last != 0 || !hash_equal(&old_sum, old_root) || !hash_equal(&new_sum, new_root))
        return err_set(ERR_PROOF, "the tree of %" PRId64 " does not continue that of %" PRId64,
                       proof->size, proof->index);
    return OK;
}
