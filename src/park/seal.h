/* Personal data at rest: sealed with a key that is not in the database.
 *
 * XSalsa20-Poly1305 (libsodium's secretbox) with a random nonce, under a 32-byte key in a file
 * beside the store. What is sealed cannot be searched; lists show the mask that is stored with it.
 */
#ifndef PARK_SEAL_H
#define PARK_SEAL_H

#include "base/base.h"

/* Reads the key, or makes it (mode 0600). Once per process, before any other thread. ERR_IO. */
MUST_USE enum err seal_open_key(const char *path);

/* Absent text stays absent. */
struct str seal(struct arena *arena, struct str clear);
/* ERR_CORRUPT if it was not sealed with this key. */
MUST_USE enum err unseal(struct arena *arena, struct str sealed, struct str *out);

/* 13812345678 → 138****5678; shorter ones keep less. */
struct str mask_phone(struct arena *arena, struct str phone);

#endif
