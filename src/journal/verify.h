/* Verifies all logs of a store from their entries up, trusting nothing stored above them. */
#ifndef JOURNAL_VERIFY_H
#define JOURNAL_VERIFY_H

#include "db/check.h"
#include "journal/journal.h"

struct journal_verify_result {
    int64_t parks, entries, erased, nodes, heads;
};

/* Every body against its digest, every leaf into the tree, every stored node against the tree,
 * every head's root against the tree at its size and its signature against the key. One sequence
 * of leaves that leads to all roots is a stronger proof than consistency from head to head.
 * An erased body must be one that an erasure's entry names. */
MUST_USE enum err journal_verify(const struct journal *journal, struct db *db,
                                 struct findings *findings, struct journal_verify_result *out);

#endif
