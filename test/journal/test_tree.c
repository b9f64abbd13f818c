#include "test.h"

#include <stdio.h>

#include "journal/journal.h"
#include "journal/journal_sql.h"
#include "journal/tree.h"

enum { SIZE_MAX_TESTED = 130, PARK = 1 };

static struct db *db;
static struct hash leaves[SIZE_MAX_TESTED];

static struct hash reference_root(const struct hash *hashes, int64_t count)
{
    if (count == 1)
        return hashes[0];
    int64_t split = 1;
    while (split * 2 < count)
        split *= 2;
    struct hash left = reference_root(hashes, split);
    struct hash right = reference_root(hashes + split, count - split);
    return hash_pair(&left, &right);
}

static int fill(void **state)
{
    (void)state;
    struct db_tx tx;
    assert_ok(db_open(":memory:", DB_WRITE, &db));
    assert_ok(db_migrate(db));
    assert_ok(db_begin(db, &tx));
    for (int64_t i = 0; i < SIZE_MAX_TESTED; i++) {
        struct journal_entry entry = {.park_id = PARK,
                                      .time_us = 1000 + i,
                                      .kind = "test.entry",
                                      .case_id = i % 7,
                                      .body = STR("{\"a\":1}")};
        int64_t seq;
        assert_ok(journal_append(&tx, &entry, &seq));
        assert_int_equal(seq, i);
        assert_ok(journal_tree_node(db, PARK, 0, i, &leaves[i]));
    }
    assert_ok(db_commit(&tx));
    return 0;
}

static int empty(void **state)
{
    (void)state;
    db_close(db);
    return 0;
}

static void roots_follow_rfc_6962(void **state)
{
    (void)state;
    for (int64_t size = 1; size <= SIZE_MAX_TESTED; size++) {
        struct hash root, expected = reference_root(leaves, size);
        assert_ok(journal_tree_root(db, PARK, size, &root));
        assert_true(hash_equal(&root, &expected));
    }
}

static void every_inclusion_proof_holds_for_its_entry_only(void **state)
{
    (void)state;
    for (int64_t size = 1; size <= SIZE_MAX_TESTED; size += size < 20 ? 1 : 11) {
        struct hash root = reference_root(leaves, size);
        for (int64_t i = 0; i < size; i++) {
            struct journal_proof proof;
            assert_ok(journal_proof_make(db, PARK, i, size, &proof));
            assert_ok(journal_proof_check(&proof, &leaves[i], &root));
            struct hash other = leaves[i];
            other.bytes[i % HASH_SIZE] ^= 1;
            assert_err(journal_proof_check(&proof, &other, &root), ERR_PROOF);
            for (uint32_t k = 0; k < proof.depth; k++) {
                struct journal_proof bent = proof;
                bent.path[k].bytes[0] ^= 1;
                assert_err(journal_proof_check(&bent, &leaves[i], &root), ERR_PROOF);
            }
        }
    }
}

static void every_consistency_proof_holds_for_its_trees_only(void **state)
{
    (void)state;
    for (int64_t size = 1; size <= SIZE_MAX_TESTED; size += size < 40 ? 1 : 13)
        for (int64_t old = 1; old <= size; old++) {
            struct hash root = reference_root(leaves, size), old_root = reference_root(leaves, old);
            struct journal_proof proof;
            assert_ok(journal_consistency_make(db, PARK, old, size, &proof));
            assert_ok(journal_consistency_check(&proof, &old_root, &root));
            old_root.bytes[5] ^= 4;
            assert_err(journal_consistency_check(&proof, &old_root, &root), ERR_PROOF);
        }
}

static void places_outside_the_log_are_refused(void **state)
{
    (void)state;
    struct journal_proof proof;
    assert_err(journal_proof_make(db, PARK, 5, 5, &proof), ERR_RANGE);
    assert_err(journal_proof_make(db, PARK, -1, 5, &proof), ERR_RANGE);
    assert_err(journal_consistency_make(db, PARK, 0, 5, &proof), ERR_RANGE);
    assert_err(journal_consistency_make(db, PARK, 6, 5, &proof), ERR_RANGE);
}

/* The right edge is remembered between entries: never past what took an entry back. */
static void what_is_undone_leaves_no_trace(void **state)
{
    (void)state;
    enum { ENTRIES = 60 };
    struct db *own;
    struct db_tx tx;
    assert_ok(db_open(":memory:", DB_WRITE, &own));
    assert_ok(db_migrate(own));
    int64_t sizes[3] = {0}, seq;
    for (int i = 0; i < ENTRIES; i++) {
        int64_t park_id = 1 + i / 2 % 2;
        char body[32];
        snprintf(body, sizeof(body), "{\"n\":%d}", i);
        struct journal_entry entry = {
            .park_id = park_id, .time_us = 1000 + i, .kind = "test.entry", .body = str_of(body)};
        if (i % 10 == 0)
            assert_ok(db_begin(own, &tx));
        assert_ok(db_savepoint(&tx));
        assert_ok(journal_append(&tx, &entry, &seq));
        assert_int_equal(seq, sizes[park_id]);
        assert_ok(i % 3 == 1 ? db_undo(&tx) : db_release(&tx));
        sizes[park_id] += i % 3 != 1;
        if (i % 10 == 9 && i % 20 == 9) {
            assert_ok(db_commit(&tx));
        } else if (i % 10 == 9) {
            db_rollback(&tx);
            for (int64_t park = 1; park <= 2; park++) {
                struct journal_size_row size;
                assert_ok(sql_journal_size(own, &(struct journal_size_in){park}, &size));
                sizes[park] = size.size;
            }
        }
    }
    for (int64_t park_id = 1; park_id <= 2; park_id++) {
        struct hash found[ENTRIES], root, expected;
        assert_true(sizes[park_id] > 5);
        for (int64_t i = 0; i < sizes[park_id]; i++)
            assert_ok(journal_tree_node(own, park_id, 0, i, &found[i]));
        expected = reference_root(found, sizes[park_id]);
        assert_ok(journal_tree_root(own, park_id, sizes[park_id], &root));
        assert_true(hash_equal(&root, &expected));
    }
    db_close(own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_follow_rfc_6962),
        cmocka_unit_test(what_is_undone_leaves_no_trace),
        cmocka_unit_test(every_inclusion_proof_holds_for_its_entry_only),
        cmocka_unit_test(every_consistency_proof_holds_for_its_trees_only),
        cmocka_unit_test(places_outside_the_log_are_refused),
    };
    return cmocka_run_group_tests(tests, fill, empty);
}
