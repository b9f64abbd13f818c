/* The journal: an append-only log whose history nobody can change unseen.
 *
 * Every change of a park is an entry. An entry's leaf is these bytes, all integers big-endian:
 *
 *     "kuailian-entry/1\n"  park_id u64  seq u64  time_us u64  case_id u64  actor_id u64
 *     kind length u16  kind  digest (32 bytes)
 *
 * and digest = SHA-256(salt ‖ body), with a salt of 32 random bytes. So a body that holds personal
 * data can be erased, salt and all, and the leaf still verifies while the text cannot be guessed.
 * Leaves are hashed into a Merkle tree (RFC 6962, 2.1). Each commit signs one head: a C2SP
 * checkpoint (tlog-checkpoint) with Ed25519. The log is served as C2SP tiles (tlog-tiles).
 *
 * The signing key is a file beside the store and not in it: a copy of the database alone cannot
 * sign a changed history, and a backup of it gives no key away.
 */
#ifndef JOURNAL_JOURNAL_H
#define JOURNAL_JOURNAL_H

#include "db/db.h"

enum {
    JOURNAL_SALT_SIZE = 32,
    JOURNAL_KIND_MAX = 64,
    JOURNAL_BODY_MAX = 256 * 1024,
    JOURNAL_LEAF_MAX = 17 + 5 * 8 + 2 + JOURNAL_KIND_MAX + HASH_SIZE,
    JOURNAL_ORIGIN_MAX = 100,
    JOURNAL_TILE_WIDTH = 256,
    JOURNAL_KEY_SIZE = 32,
};

struct journal_entry {
    int64_t park_id;
    int64_t time_us;
    const char *kind;   /* "case.filed": lower case, dots and dashes. */
    int64_t case_id;    /* 0: of no case. */
    int64_t actor_id;   /* Who did it; 0: the program. */
    int64_t subject_id; /* Whose personal data the body holds; 0: nobody's. */
    struct str body;    /* JSON text. */
};

/* Appends an entry and returns its number in `seq` (may be NULL). What a command appended goes
 * with it when it is undone: what is known of the log besides the store ends with the epoch. */
MUST_USE enum err journal_append(struct db_tx *tx, const struct journal_entry *entry, int64_t *seq);

/* Erases the bodies and salts of all entries about a person, and appends an entry that says so.
 * The log verifies as before. `erased` counts the bodies. */
MUST_USE enum err journal_erase(struct db_tx *tx, int64_t park_id, int64_t subject_id,
                                int64_t actor_id, struct str reason, int64_t now_us,
                                int64_t *erased);

/* The signer of one store's logs. ------------------------------------------------------------- */

struct journal;

/* Reads the key at `key_path`, or makes it (mode 0600) if the file is missing and no log of the
 * store has a head yet. `origin` names the logs in their heads: "<origin>/<park id>". ERR_IO;
 * ERR_CORRUPT if the key did not sign the newest head. */
MUST_USE enum err journal_open(struct db *db, const char *key_path, struct str origin,
                               struct journal **out);
/* The same for a reader: the key must be there, and is not held against the log. */
MUST_USE enum err journal_open_key(const char *key_path, struct str origin, struct journal **out);
void journal_free(struct journal *journal);

/* The writer's before_commit hook (db/writer.h), the journal being its context: signs one head
 * for each park that has new entries. */
enum err journal_before_commit(struct db_tx *tx, void *journal);

/* Reading ------------------------------------------------------------------------------------- */

struct journal_head {
    int64_t size;
    int64_t time_us;
    struct hash root;
    struct str signature; /* 64 bytes, Ed25519 over the note's text. */
};

/* The newest signed head. ERR_NOT_FOUND in an empty log. */
MUST_USE enum err journal_head(struct db *db, struct arena *arena, int64_t park_id,
                               struct journal_head *out);

/* "park.example/kuailian/1" */
struct str journal_origin(const struct journal *journal, struct arena *arena, int64_t park_id);
/* The signed note's verifier key: "<origin>+<key id>+<base64 of 0x01 ‖ public key>". */
struct str journal_verifier_key(const struct journal *journal, struct arena *arena,
                                int64_t park_id);
/* The newest checkpoint as a signed note: what /journal/checkpoint serves. */
MUST_USE enum err journal_checkpoint(const struct journal *journal, struct db *db,
                                     struct arena *arena, int64_t park_id, struct str *out);
/* The signed note of a given head. */
struct str journal_note(const struct journal *journal, struct arena *arena, int64_t park_id,
                        const struct journal_head *head);
/* ERR_PROOF unless the head's signature is this journal's. */
MUST_USE enum err journal_head_check(const struct journal *journal, int64_t park_id,
                                     const struct journal_head *head);

/* The leaf's bytes of a stored entry; `digest` comes from the store. */
struct str journal_leaf(struct arena *arena, int64_t seq, const struct journal_entry *entry,
                        const struct hash *digest);

/* The same of an entry by its number. ERR_NOT_FOUND. */
MUST_USE enum err journal_leaf_read(struct db *db, struct arena *arena, int64_t park_id,
                                    int64_t seq, struct str *out);

/* SHA-256(salt ‖ body). */
struct hash journal_digest(struct str salt, struct str body);

/* The bytes below /journal/tile/: "0/x001/234", "0/x001/234.p/17", "entries/000" (C2SP
 * tlog-tiles). ERR_NOT_FOUND for a tile that the newest head does not cover. */
MUST_USE enum err journal_tile(struct db *db, struct arena *arena, int64_t park_id, struct str path,
                               struct str *out);

#endif
