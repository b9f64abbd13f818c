/* A disk that keeps what was synced, loses any part of the rest at a crash, and fails at times.
 *
 * It stands behind db/disk.h's hook: the store's files are real, and a crash rewrites them into one
 * of the states that a power failure may leave: each write since the last fsync is there, or not,
 * or there in some of its sectors. */
#ifndef TEST_SIMDISK_H
#define TEST_SIMDISK_H

#include "db/disk.h"

struct simdisk;

/* `store` is the path of a database at rest; its write-ahead log is found beside it. */
struct simdisk *simdisk_new(const char *store, uint64_t seed);
void simdisk_free(struct simdisk *disk);
uint64_t simdisk_random(struct simdisk *disk);

/* From now on: every operation after `operations` more fails, as after a power failure. 0: never.
 */
void simdisk_crash_after(struct simdisk *disk, uint64_t operations);
/* Of 1000 operations so many fail: reads, writes (by error, full disk, half a write) or fsyncs. */
void simdisk_fail(struct simdisk *disk, unsigned reads, unsigned writes, unsigned syncs);
bool simdisk_crashed(struct simdisk *disk);
uint64_t simdisk_faults(struct simdisk *disk);

/* With the store closed: the power comes back. */
void simdisk_restart(struct simdisk *disk);

#endif
