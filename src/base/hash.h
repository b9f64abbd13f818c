/* SHA-256 digests, and the two node hashes of a Merkle tree (RFC 6962, 2.1). */
#ifndef BASE_HASH_H
#define BASE_HASH_H

enum { HASH_SIZE = 32 };

struct hash {
    unsigned char bytes[HASH_SIZE];
};

struct hash hash_of(struct str bytes);             /* SHA-256(bytes) */
struct hash hash_both(struct str a, struct str b); /* SHA-256(a ‖ b) */
struct hash hash_leaf(struct str bytes);           /* SHA-256(0x00 ‖ bytes) */
struct hash hash_pair(const struct hash *left,
                      const struct hash *right); /* SHA-256(0x01 ‖ l ‖ r) */
bool hash_equal(const struct hash *a, const struct hash *b);
struct str hash_str(const struct hash *hash); /* A view of the 32 bytes. */

/* Unpredictable bytes from the system: for keys and tokens only. */
void random_bytes(void *out, size_t len);
/* The same for salts, of which many are needed: drawn a block at a time by each thread, anew after
 * a fork. At most 128 bytes. */
void random_salt(void *out, size_t len);

#endif
