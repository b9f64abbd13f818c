#include "db/disk.h"

#include <pthread.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    SQLITE_HEADER = 100,
    /* SQLite's own files write fewer than 128 KiB at once, and report a full disk for more. */
    TAIL_MAX = 31 * (DISK_WAL_FRAME + DISK_PAGE),
};

enum file_kind { FILE_OTHER, FILE_PAGES, FILE_WAL };

struct file {
    sqlite3_file base;
    const char *path; /* SQLite keeps it until the file is closed. */
    enum file_kind kind;
    bool broken;      /* An fsync failed. */
    bool order_known; /* Of the log's checksums. */
    bool big_endian;

    /* The frames of a transaction, each of which SQLite hands over in two pieces: they go to the
     * system together, at the latest with the one that commits, before anybody is told of them. */
    unsigned char *tail; /* TAIL_MAX bytes, once there is something to hold. */
    int64_t tail_at;
    int tail_len;
    bool commits; /* The frame whose page comes next ends a transaction. */
};

static sqlite3_vfs *system_vfs;
static sqlite3_vfs our_vfs;
static const struct disk_hook *test_hook;
static _Thread_local char damage[160];
static _Thread_local bool forgiving;

const char *disk_damage(void)
{
    return damage;
}

void disk_forgive(bool on)
{
    forgiving = on;
}

void disk_set_hook(const struct disk_hook *hook)
{
    test_hook = hook;
}

static void page_check(const unsigned char *page, int64_t number, unsigned char out[DISK_CHECK])
{
    unsigned char key[crypto_shorthash_KEYBYTES] = "kuailian";
    memcpy(key + 8, &number, sizeof(number));
    crypto_shorthash(out, page, DISK_PAGE - DISK_CHECK, key);
}

void disk_page_seal(unsigned char *page, int64_t number)
{
    page_check(page, number, page + DISK_PAGE - DISK_CHECK);
}

bool disk_page_empty(const unsigned char *page)
{
    return page[0] == 0 && memcmp(page, page + 1, DISK_PAGE - 1) == 0;
}

bool disk_page_good(const unsigned char *page, int64_t number)
{
    unsigned char check[DISK_CHECK];
    page_check(page, number, check);
    return memcmp(check, page + DISK_PAGE - DISK_CHECK, DISK_CHECK) == 0 || disk_page_empty(page);
}

uint32_t wal_number(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

bool wal_big_endian(const unsigned char *header)
{
    return wal_number(header) & 1;
}

static uint32_t read_word(const unsigned char *bytes, bool big_endian)
{
    uint32_t word = wal_number(bytes);
    return big_endian ? word : __builtin_bswap32(word);
}

struct wal_sum wal_sum(struct wal_sum sum, bool big_endian, const unsigned char *bytes, size_t len)
{
    assert(len % 8 == 0);
    for (size_t i = 0; i < len; i += 8) {
        sum.a += read_word(bytes + i, big_endian) + sum.b;
        sum.b += read_word(bytes + i + 4, big_endian) + sum.a;
    }
    return sum;
}

/* The system's own file lies behind ours in the memory that SQLite gives. */
static sqlite3_file *inner(sqlite3_file *file)
{
    return (sqlite3_file *)((struct file *)file + 1);
}

static enum disk_answer ask(struct file *file, enum disk_op op, const void *bytes, int64_t offset,
                            int64_t size)
{
    return test_hook ? test_hook->ask(test_hook->context, op, file->path, bytes, offset, size)
                     : DISK_GO_ON;
}

static int damaged(const struct file *file, const char *what, int64_t number)
{
    const char *name = strrchr(file->path, '/');
    snprintf(damage, sizeof(damage), "%s %" PRId64 " of %.100s is not what was written", what,
             number, name ? name + 1 : file->path);
    return forgiving ? SQLITE_OK : SQLITE_IOERR_DATA;
}

/* SQLite reads whole pages, and the file's header when it opens it. The header alone is not
 * checked: after a power failure the first page may be torn while the log still holds it whole. */
static int read_pages(struct file *file, void *out, int amount, int64_t offset)
{
    sqlite3_file *real = inner(&file->base);
    int64_t number = offset / DISK_PAGE + 1, begin = (number - 1) * DISK_PAGE;
    unsigned char part[DISK_PAGE], *page = part;
    if (offset + amount <= SQLITE_HEADER)
        return real->pMethods->xRead(real, out, amount, offset);
    if (amount == DISK_PAGE && offset == begin)
        page = out;
    else if (offset + amount > begin + DISK_PAGE)
        return damaged(file, "page", number); /* Another page size: not a store of ours. */
    int rc = real->pMethods->xRead(real, page, DISK_PAGE, begin);
    if (rc == SQLITE_OK && !disk_page_good(page, number))
        rc = damaged(file, "page", number);
    if (rc == SQLITE_OK && page == part)
        memcpy(out, part + (offset - begin), (size_t)amount);
    return rc;
}

/* A frame's checksum goes on from that of the frame before it, or of the log's header. */
static int check_frame(struct file *file, const unsigned char *page, int64_t offset)
{
    sqlite3_file *real = inner(&file->base);
    int64_t at = offset - DISK_WAL_FRAME;
    int64_t number = (at - DISK_WAL_HEADER) / (DISK_WAL_FRAME + DISK_PAGE);
    int64_t before = number == 0 ? DISK_WAL_HEADER : at - DISK_PAGE;
    unsigned char header[DISK_WAL_FRAME], seed[8], first[4];
    int rc = SQLITE_OK;
    if (!file->order_known) {
        rc = real->pMethods->xRead(real, first, sizeof(first), 0);
        file->big_endian = wal_big_endian(first);
        file->order_known = rc == SQLITE_OK;
    }
    if (rc == SQLITE_OK)
        rc = real->pMethods->xRead(real, seed, sizeof(seed), before - (int64_t)sizeof(seed));
    if (rc == SQLITE_OK)
        rc = real->pMethods->xRead(real, header, sizeof(header), at);
    if (rc != SQLITE_OK)
        return rc;
    struct wal_sum sum = {.a = wal_number(seed), .b = wal_number(seed + 4)};
    sum = wal_sum(sum, file->big_endian, header, 8);
    sum = wal_sum(sum, file->big_endian, page, DISK_PAGE);
    if (sum.a != wal_number(header + 16) || sum.b != wal_number(header + 20))
        return damaged(file, "frame", number + 1);
    return SQLITE_OK;
}

static int write_asked(struct file *file, const void *bytes, int amount, int64_t offset)
{
    sqlite3_file *real = inner(&file->base);
    switch (ask(file, DISK_WRITE, bytes, offset, amount)) {
    case DISK_GO_ON:
        return real->pMethods->xWrite(real, bytes, amount, offset);
    case DISK_SHORT:
        (void)real->pMethods->xWrite(real, bytes, amount / 2, offset);
        return SQLITE_FULL;
    case DISK_FULL:
        return SQLITE_FULL;
    case DISK_FAIL:
        break;
    }
    return SQLITE_IOERR_WRITE;
}

/* What cannot be written is dropped: the transaction that it belongs to fails. */
static int flush(struct file *file)
{
    int amount = file->tail_len;
    file->tail_len = 0;
    return amount > 0 ? write_asked(file, file->tail, amount, file->tail_at) : SQLITE_OK;
}

static int append(struct file *file, const void *bytes, int amount, int64_t offset)
{
    bool follows = offset == file->tail_at + file->tail_len;
    int rc = SQLITE_OK;
    if (!follows || amount > TAIL_MAX - file->tail_len)
        rc = flush(file);
    if (rc == SQLITE_OK && !file->tail)
        file->tail = malloc(TAIL_MAX);
    if (rc != SQLITE_OK || !file->tail || amount > TAIL_MAX)
        return rc != SQLITE_OK ? rc : write_asked(file, bytes, amount, offset);
    if (file->tail_len == 0)
        file->tail_at = offset;
    memcpy(file->tail + file->tail_len, bytes, (size_t)amount);
    file->tail_len += amount;
    if (amount == DISK_WAL_FRAME)
        file->commits = wal_number((const unsigned char *)bytes + 4) != 0;
    return file->commits && amount != DISK_WAL_FRAME ? flush(file) : SQLITE_OK;
}

static int file_read(sqlite3_file *base, void *out, int amount, sqlite3_int64 offset)
{
    struct file *file = (struct file *)base;
    sqlite3_file *real = inner(base);
    if (ask(file, DISK_READ, NULL, offset, amount) != DISK_GO_ON)
        return SQLITE_IOERR_READ;
    if (file->kind == FILE_PAGES)
        return read_pages(file, out, amount, offset);
    int rc = flush(file);
    if (rc == SQLITE_OK)
        rc = real->pMethods->xRead(real, out, amount, offset);
    if (rc == SQLITE_OK && amount == DISK_PAGE)
        rc = check_frame(file, out, offset);
    return rc;
}

static int file_write(sqlite3_file *base, const void *bytes, int amount, sqlite3_int64 offset)
{
    struct file *file = (struct file *)base;
    if (file->broken)
        return SQLITE_IOERR_WRITE;
    if (file->kind != FILE_PAGES)
        return append(file, bytes, amount, offset);
    if (amount != DISK_PAGE || offset % DISK_PAGE != 0)
        return SQLITE_IOERR_WRITE;
    unsigned char page[DISK_PAGE];
    memcpy(page, bytes, DISK_PAGE);
    disk_page_seal(page, offset / DISK_PAGE + 1);
    return write_asked(file, page, amount, offset);
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    struct file *file = (struct file *)base;
    int rc = flush(file);
    if (rc != SQLITE_OK)
        return rc;
    if (file->broken || ask(file, DISK_TRUNCATE, NULL, 0, size) != DISK_GO_ON)
        return SQLITE_IOERR_TRUNCATE;
    return inner(base)->pMethods->xTruncate(inner(base), size);
}

static int file_sync(sqlite3_file *base, int flags)
{
    struct file *file = (struct file *)base;
    int rc = flush(file);
    if (rc != SQLITE_OK)
        return rc;
    if (file->broken || ask(file, DISK_SYNC, NULL, 0, 0) != DISK_GO_ON ||
        inner(base)->pMethods->xSync(inner(base), flags) != SQLITE_OK) {
        file->broken = true;
        return SQLITE_IOERR_FSYNC;
    }
    return SQLITE_OK;
}

static int file_close(sqlite3_file *base)
{
    struct file *file = (struct file *)base;
    int rc = flush(file), closed = inner(base)->pMethods->xClose(inner(base));
    free(file->tail);
    file->tail = NULL;
    return rc != SQLITE_OK ? rc : closed;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *out)
{
    int rc = flush((struct file *)base);
    return rc != SQLITE_OK ? rc : inner(base)->pMethods->xFileSize(inner(base), out);
}

static int file_lock(sqlite3_file *base, int level)
{
    return inner(base)->pMethods->xLock(inner(base), level);
}

static int file_unlock(sqlite3_file *base, int level)
{
    return inner(base)->pMethods->xUnlock(inner(base), level);
}

static int file_reserved(sqlite3_file *base, int *out)
{
    return inner(base)->pMethods->xCheckReservedLock(inner(base), out);
}

static int file_control(sqlite3_file *base, int op, void *argument)
{
    return inner(base)->pMethods->xFileControl(inner(base), op, argument);
}

static int file_sector(sqlite3_file *base)
{
    return inner(base)->pMethods->xSectorSize(inner(base));
}

static int file_device(sqlite3_file *base)
{
    return inner(base)->pMethods->xDeviceCharacteristics(inner(base));
}

static int file_shm_map(sqlite3_file *base, int page, int size, int extend, void volatile **out)
{
    return inner(base)->pMethods->xShmMap(inner(base), page, size, extend, out);
}

static int file_shm_lock(sqlite3_file *base, int offset, int n, int flags)
{
    return inner(base)->pMethods->xShmLock(inner(base), offset, n, flags);
}

static void file_shm_barrier(sqlite3_file *base)
{
    inner(base)->pMethods->xShmBarrier(inner(base));
}

static int file_shm_unmap(sqlite3_file *base, int remove)
{
    return inner(base)->pMethods->xShmUnmap(inner(base), remove);
}

/* Version 2: without memory mapping, so that every read passes here. */
static const sqlite3_io_methods METHODS = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_device,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

/* Rollback journals and temporary files are the system's alone. */
static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags,
                    int *out_flags)
{
    (void)vfs;
    if (!path || !(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)))
        return system_vfs->xOpen(system_vfs, path, base, flags, out_flags);
    struct file *file = (struct file *)base;
    *file = (struct file){.path = path, .kind = flags & SQLITE_OPEN_WAL ? FILE_WAL : FILE_PAGES};
    int rc = system_vfs->xOpen(system_vfs, path, inner(base), flags, out_flags);
    if (rc == SQLITE_OK)
        base->pMethods = &METHODS;
    return rc;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
    (void)vfs;
    if (test_hook &&
        test_hook->ask(test_hook->context, DISK_DELETE, path, NULL, 0, 0) != DISK_GO_ON)
        return SQLITE_IOERR_DELETE;
    return system_vfs->xDelete(system_vfs, path, sync_folder);
}

/* All that is not overridden is the system's own, which looks at nothing but its app data. */
static void register_vfs(void)
{
    system_vfs = sqlite3_vfs_find("unix");
    assert(system_vfs);
    our_vfs = *system_vfs;
    our_vfs.zName = "kuailian";
    our_vfs.pNext = NULL;
    our_vfs.szOsFile = (int)sizeof(struct file) + system_vfs->szOsFile;
    our_vfs.xOpen = vfs_open;
    our_vfs.xDelete = vfs_delete;
    int rc = sqlite3_vfs_register(&our_vfs, 0);
    assert(rc == SQLITE_OK);
    (void)rc;
}

const char *disk_vfs(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, register_vfs);
    return our_vfs.zName;
}
