/* What stands between SQLite and the disk: a checksum in every page, and a door for tests.
 *
 * A page of a store ends with 8 bytes of SipHash over the rest, keyed by the page's number: a
 * changed byte shows, and so does a page that was written to another's place. It is set whenever a
 * page goes to the file and checked whenever one comes back. Frames of the write-ahead log carry
 * SQLite's own chained checksums, which SQLite checks only when it recovers: here every read does.
 *
 * A transaction's frames go to the system together, where SQLite would write each of them twice:
 * its header and its page.
 *
 * After a failed fsync a file takes no more writes until it is opened again: the system may have
 * dropped what it could not write, and a second fsync would call that durable.
 *
 * A program that writes to the store past this one leaves pages whose checksum does not fit.
 */
#ifndef DB_DISK_H
#define DB_DISK_H

#include "base/base.h"

enum {
    DISK_PAGE = 4096,
    DISK_CHECK = 8, /* SQLite calls it the reserved bytes of a page. */
    DISK_WAL_HEADER = 32,
    DISK_WAL_FRAME = 24, /* A frame is this header and a page. */
};

/* The name under which SQLite knows it; registered once, on first use. */
const char *disk_vfs(void);

/* `page` is DISK_PAGE bytes; the first page has number 1. */
void disk_page_seal(unsigned char *page, int64_t number);
/* True also for a page of zeros: a hole that was never written. */
bool disk_page_good(const unsigned char *page, int64_t number);
bool disk_page_empty(const unsigned char *page);

/* The running checksum of a write-ahead log, as SQLite's file format (section 4.2) has it. */
struct wal_sum {
    uint32_t a, b;
};

uint32_t wal_number(const unsigned char *bytes); /* 32 bits, big-endian. */
/* `len` is a multiple of 8; the log's magic number says the order of the bytes. */
struct wal_sum wal_sum(struct wal_sum sum, bool big_endian, const unsigned char *bytes, size_t len);
bool wal_big_endian(const unsigned char *header);

/* The last read of this thread that failed its checksum, as a text; "" if none. */
const char *disk_damage(void);

/* While set, this thread's reads hand out damaged pages as they are: to find out what they were. */
void disk_forgive(bool on);

/* Tests: what happens at the disk. ------------------------------------------------------------ */

enum disk_op { DISK_READ, DISK_WRITE, DISK_TRUNCATE, DISK_SYNC, DISK_DELETE };

enum disk_answer {
    DISK_GO_ON,
    DISK_FAIL,  /* An input/output error; nothing is done. */
    DISK_FULL,  /* A write finds no space; nothing is done. */
    DISK_SHORT, /* A write puts down its first half and fails. */
};

/* Asked before each operation on a database or its write-ahead log, on the thread that does it.
 * `bytes` are what a write is about to write. A truncation's new size is `size`. */
struct disk_hook {
    enum disk_answer (*ask)(void *context, enum disk_op op, const char *path,
                            const unsigned char *bytes, int64_t offset, int64_t size);
    void *context;
};

/* NULL takes it away. Not while a store is open. */
void disk_set_hook(const struct disk_hook *hook);

#endif
