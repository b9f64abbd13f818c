#include "base/base.h"

#include <pthread.h>
#include <sodium.h>

struct hash hash_of(struct str bytes)
{
    struct hash out;
    crypto_hash_sha256(out.bytes, (const unsigned char *)bytes.ptr, bytes.len);
    return out;
}

struct hash hash_both(struct str a, struct str b)
{
    struct hash out;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)a.ptr, a.len);
    crypto_hash_sha256_update(&state, (const unsigned char *)b.ptr, b.len);
    crypto_hash_sha256_final(&state, out.bytes);
    return out;
}

struct hash hash_leaf(struct str bytes)
{
    return hash_both((struct str){.ptr = "", .len = 1}, bytes);
}

struct hash hash_pair(const struct hash *left, const struct hash *right)
{
    unsigned char both[1 + 2 * HASH_SIZE] = {1};
    memcpy(both + 1, left->bytes, HASH_SIZE);
    memcpy(both + 1 + HASH_SIZE, right->bytes, HASH_SIZE);
    struct hash out;
    crypto_hash_sha256(out.bytes, both, sizeof(both));
    return out;
}

bool hash_equal(const struct hash *a, const struct hash *b)
{
    return sodium_memcmp(a->bytes, b->bytes, HASH_SIZE) == 0;
}

struct str hash_str(const struct hash *hash)
{
    return (struct str){.ptr = (const char *)hash->bytes, .len = HASH_SIZE};
}

void random_bytes(void *out, size_t len)
{
    randombytes_buf(out, len);
}

/* Of this thread alone; what has been given out is wiped. */
static _Thread_local struct {
    unsigned char bytes[1024];
    size_t left;
} spare;

/* A child process would give out the same salts as its parent. */
static void forget_spare(void)
{
    sodium_memzero(&spare, sizeof(spare));
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, forget_spare);
}

void random_salt(void *out, size_t len)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    assert(len <= sizeof(spare.bytes) / 8);
    if (spare.left < len) {
        pthread_once(&once, watch_forks);
        randombytes_buf(spare.bytes, sizeof(spare.bytes));
        spare.left = sizeof(spare.bytes);
    }
    spare.left -= len;
    memcpy(out, spare.bytes + spare.left, len);
    sodium_memzero(spare.bytes + spare.left, len);
}
