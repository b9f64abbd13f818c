#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "journal/journal.h"
#include "journal/journal_sql.h"
#include "journal/tree.h"

struct journal {
    unsigned char public_key[crypto_sign_PUBLICKEYBYTES];
    unsigned char secret_key[crypto_sign_SECRETKEYBYTES];
    char origin[JOURNAL_ORIGIN_MAX + 1];
};

enum { KEY_ID_SIZE = 4, ALGORITHM_ED25519 = 1 };

static enum err key_read(const char *path, unsigned char seed[JOURNAL_KEY_SIZE])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path, strerror(errno));
    ssize_t n = read(fd, seed, JOURNAL_KEY_SIZE);
    close(fd);
    return n == JOURNAL_KEY_SIZE ? OK : err_set(ERR_CORRUPT, "%s: not a key", path);
}

static enum err key_make(const char *path, unsigned char seed[JOURNAL_KEY_SIZE])
{
    random_bytes(seed, JOURNAL_KEY_SIZE);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(ERR_IO, "%s: %s", path, strerror(errno));
    bool written = write(fd, seed, JOURNAL_KEY_SIZE) == JOURNAL_KEY_SIZE && fsync(fd) == 0;
    written = close(fd) == 0 && written;
    return written ? OK : err_set(ERR_IO, "%s: %s", path, strerror(errno));
}

static enum err any_head(struct db *db, struct arena *arena, int64_t *park_id,
                         struct journal_head *head)
{
    struct journal_next_park_row park;
    enum err r = sql_journal_next_park(db, &(struct journal_next_park_in){.after = 0}, &park);
    if (r == OK)
        r = journal_head(db, arena, park.park_id, head);
    if (r == OK)
        *park_id = park.park_id;
    return r;
}

static enum err make_journal(const unsigned char seed[JOURNAL_KEY_SIZE], struct str origin,
                             struct journal **out)
{
    if (origin.len == 0 || origin.len > JOURNAL_ORIGIN_MAX - 24 ||
        memchr(origin.ptr, '+', origin.len))
        return err_set(ERR_INVALID, "an origin has 1 to %d characters and no '+'",
                       JOURNAL_ORIGIN_MAX - 24);
    struct journal *journal = calloc(1, sizeof(*journal));
    assert(journal);
    crypto_sign_seed_keypair(journal->public_key, journal->secret_key, seed);
    memcpy(journal->origin, origin.ptr, origin.len);
    *out = journal;
    return OK;
}

enum err journal_open_key(const char *key_path, struct str origin, struct journal **out)
{
    unsigned char seed[JOURNAL_KEY_SIZE];
    enum err r = key_read(key_path, seed);
    if (r == OK)
        r = make_journal(seed, origin, out);
    sodium_memzero(seed, sizeof(seed));
    return r;
}

enum err journal_open(struct db *db, const char *key_path, struct str origin, struct journal **out)
{
    CLEANUP(arena_release) struct arena arena = {0};
    int64_t park_id = 0;
    struct journal_head head;
    enum err signed_before = any_head(db, &arena, &park_id, &head);
    if (signed_before != OK && signed_before != ERR_NOT_FOUND)
        return signed_before;

    unsigned char seed[JOURNAL_KEY_SIZE];
    enum err r = key_read(key_path, seed);
    if (r == ERR_NOT_FOUND && signed_before == ERR_NOT_FOUND)
        r = key_make(key_path, seed);
    struct journal *journal;
    if (r == OK)
        r = make_journal(seed, origin, &journal);
    sodium_memzero(seed, sizeof(seed));
    if (r != OK)
        return r;
    if (signed_before == OK && journal_head_check(journal, park_id, &head) != OK) {
        journal_free(journal);
        return err_set(ERR_CORRUPT, "%s is not the key (or '%.*s' not the origin) of this log",
                       key_path, STR_ARG(origin));
    }
    *out = journal;
    return OK;
}

void journal_free(struct journal *journal)
{
    if (!journal)
        return;
    sodium_memzero(journal, sizeof(*journal));
    free(journal);
}

struct str journal_origin(const struct journal *journal, struct arena *arena, int64_t park_id)
{
    return str_format(arena, "%s/%" PRId64, journal->origin, park_id);
}

/* The first bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key), as C2SP signed-note has it. */
static void key_id(const struct journal *journal, struct str origin, unsigned char out[KEY_ID_SIZE])
{
    char text[JOURNAL_ORIGIN_MAX + 2 + crypto_sign_PUBLICKEYBYTES];
    assert(origin.len <= JOURNAL_ORIGIN_MAX);
    memcpy(text, origin.ptr, origin.len);
    text[origin.len] = '\n';
    text[origin.len + 1] = ALGORITHM_ED25519;
    memcpy(text + origin.len + 2, journal->public_key, sizeof(journal->public_key));
    struct hash hash = hash_of((struct str){text, origin.len + 2 + sizeof(journal->public_key)});
    memcpy(out, hash.bytes, KEY_ID_SIZE);
}

struct str journal_verifier_key(const struct journal *journal, struct arena *arena, int64_t park_id)
{
    struct str origin = journal_origin(journal, arena, park_id);
    unsigned char id[KEY_ID_SIZE], key[1 + crypto_sign_PUBLICKEYBYTES] = {ALGORITHM_ED25519};
    key_id(journal, origin, id);
    memcpy(key + 1, journal->public_key, sizeof(journal->public_key));
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, 1024);
    buf_format(&text, "%.*s+%02x%02x%02x%02x+", STR_ARG(origin), id[0], id[1], id[2], id[3]);
    buf_add_base64(&text, (struct str){(const char *)key, sizeof(key)});
    return str_copy(arena, buf_str(&text));
}

/* The text that is signed: origin, size, root, and the time as an extension line. */
static struct str note_text(const struct journal *journal, struct arena *arena, int64_t park_id,
                            const struct journal_head *head)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, 1024);
    buf_format(&text, "%s/%" PRId64 "\n%" PRId64 "\n", journal->origin, park_id, head->size);
    buf_add_base64(&text, hash_str(&head->root));
    buf_add_c(&text, "\ntime ");
    time_format(&text, head->time_us, 0);
    buf_add_c(&text, "\n");
    return str_copy(arena, buf_str(&text));
}

struct str journal_note(const struct journal *journal, struct arena *arena, int64_t park_id,
                        const struct journal_head *head)
{
    struct str origin = journal_origin(journal, arena, park_id);
    unsigned char line[KEY_ID_SIZE + crypto_sign_BYTES];
    key_id(journal, origin, line);
    assert(head->signature.len == crypto_sign_BYTES);
    memcpy(line + KEY_ID_SIZE, head->signature.ptr, crypto_sign_BYTES);
    CLEANUP(buf_release) struct buf note;
    buf_init(&note, 2048);
    buf_add_str(&note, note_text(journal, arena, park_id, head));
    buf_format(&note, "\n\u2014 %.*s ", STR_ARG(origin));
    buf_add_base64(&note, (struct str){(const char *)line, sizeof(line)});
    buf_add_char(&note, '\n');
    return str_copy(arena, buf_str(&note));
}

enum err journal_head_check(const struct journal *journal, int64_t park_id,
                            const struct journal_head *head)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct str text = note_text(journal, &arena, park_id, head);
    if (head->signature.len != crypto_sign_BYTES ||
        crypto_sign_verify_detached((const unsigned char *)head->signature.ptr,
                                    (const unsigned char *)text.ptr, text.len,
                                    journal->public_key) != 0)
        return err_set(ERR_PROOF, "the head of size %" PRId64 " is not signed by this key",
                       head->size);
    return OK;
}

enum err journal_head(struct db *db, struct arena *arena, int64_t park_id, struct journal_head *out)
{
    struct journal_head_newest_row row;
    enum err r =
        sql_journal_head_newest(db, arena, &(struct journal_head_newest_in){park_id}, &row);
    if (r == OK)
        *out = (struct journal_head){
            .size = row.size, .time_us = row.time_us, .root = row.root, .signature = row.signature};
    return r;
}

enum err journal_checkpoint(const struct journal *journal, struct db *db, struct arena *arena,
                            int64_t park_id, struct str *out)
{
    struct journal_head head;
    enum err r = journal_head(db, arena, park_id, &head);
    if (r == OK)
        *out = journal_note(journal, arena, park_id, &head);
    return r;
}

static enum err sign_park(struct db_tx *tx, const struct journal *journal, int64_t park_id)
{
    struct journal_size_row log;
    struct journal_head_size_row signed_up_to;
    enum err r = sql_journal_size(tx->db, &(struct journal_size_in){park_id}, &log);
    if (r == OK)
        r = sql_journal_head_size(tx->db, &(struct journal_head_size_in){park_id}, &signed_up_to);
    if (r != OK || log.size == signed_up_to.size)
        return r;

    CLEANUP(arena_release) struct arena arena = {0};
    struct journal_head head = {.size = log.size, .time_us = clock_now_us()};
    r = journal_tree_root(tx->db, park_id, head.size, &head.root);
    if (r != OK)
        return r;
    struct str text = note_text(journal, &arena, park_id, &head);
    unsigned char signature[crypto_sign_BYTES];
    crypto_sign_detached(signature, NULL, (const unsigned char *)text.ptr, text.len,
                         journal->secret_key);
    struct journal_head_insert_in row = {.park_id = park_id,
                                         .size = head.size,
                                         .time_us = head.time_us,
                                         .root = head.root,
                                         .signature = {(const char *)signature, sizeof(signature)}};
    return sql_journal_head_insert(tx, &row, NULL);
}

enum err journal_before_commit(struct db_tx *tx, void *context)
{
    struct journal_next_park_row park = {0};
    for (;;) {
        struct journal_next_park_in after = {.after = park.park_id};
        enum err r = sql_journal_next_park(tx->db, &after, &park);
        if (r == ERR_NOT_FOUND)
            return OK;
        if (r == OK)
            r = sign_park(tx, context, park.park_id);
        if (r != OK)
            return r;
    }
}
