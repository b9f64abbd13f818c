/* The Merkle tree over the entries (RFC 6962, 2.1): only perfect subtrees are stored.
 *
 * Level 0 is the leaves' hashes, made from the entries when needed; levels from 1 are rows.
 */
#ifndef JOURNAL_TREE_H
#define JOURNAL_TREE_H

#include "db/db.h"

enum { JOURNAL_PROOF_DEPTH_MAX = 63 }; /* Entry numbers are int64_t, in SQL as in C. */

/* The chain of sibling hashes from an entry's leaf up to the root (RFC 9162, 2.1.3.1). */
struct journal_proof {
    int64_t index;
    int64_t size; /* Entries in the tree it was made for. */
    uint32_t depth;
    struct hash path[JOURNAL_PROOF_DEPTH_MAX];
};

/* How many entries the log has. */
MUST_USE enum err journal_tree_size(struct db_tx *tx, int64_t park_id, int64_t *out);

/* Stores the nodes that entry `seq` completes. */
MUST_USE enum err journal_tree_add(struct db_tx *tx, int64_t park_id, int64_t seq,
                                   const struct hash *leaf);

/* The root of the first `size` entries; of none it is SHA-256 of nothing. */
MUST_USE enum err journal_tree_root(struct db *db, int64_t park_id, int64_t size, struct hash *out);

/* The hash of the perfect subtree `place` at `level`. */
MUST_USE enum err journal_tree_node(struct db *db, int64_t park_id, int level, int64_t place,
                                    struct hash *out);

/* ERR_RANGE unless 0 <= index < size. */
MUST_USE enum err journal_proof_make(struct db *db, int64_t park_id, int64_t index, int64_t size,
                                     struct journal_proof *out);
/* ERR_PROOF unless `leaf` leads to `root`. Pure, safe on hostile input. */
MUST_USE enum err journal_proof_check(const struct journal_proof *proof, const struct hash *leaf,
                                      const struct hash *root);

/* Proof that the tree of `size` entries continues that of `index` (RFC 9162, 2.1.4). ERR_RANGE
 * unless 0 < index <= size. */
MUST_USE enum err journal_consistency_make(struct db *db, int64_t park_id, int64_t index,
                                           int64_t size, struct journal_proof *out);
MUST_USE enum err journal_consistency_check(const struct journal_proof *proof,
                                            const struct hash *old_root,
                                            const struct hash *new_root);

#endif
