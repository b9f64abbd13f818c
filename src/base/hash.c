#include "base/base.h"

#include <sodium.h>

struct hash hash_of(struct str bytes)
{
    struct hash out;
    crypto_hash_sha256(out.bytes, (const unsigned char *)bytes.ptr, bytes.len);
    return out;
}

struct hash hash_leaf(struct str bytes)
{
    struct hash out;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)"\0", 1);
    crypto_hash_sha256_update(&state, (const unsigned char *)bytes.ptr, bytes.len);
    crypto_hash_sha256_final(&state, out.bytes);
    return out;
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

/* Short ones come out of a block: a system call each would cost more than what they salt. */
void random_bytes(void *out, size_t len)
{
    static _Thread_local unsigned char block[1024];
    static _Thread_local size_t left;
    if (len > sizeof(block) / 8) {
        randombytes_buf(out, len);
        return;
    }
    if (left < len) {
        randombytes_buf(block, sizeof(block));
        left = sizeof(block);
    }
    left -= len;
    memcpy(out, block + left, len);
    sodium_memzero(block + left, len);
}
