#include "db/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/backend.h"
#include "db/disk.h"

enum { DAMAGED_MAX = 1000, FRAME = DISK_WAL_FRAME + DISK_PAGE, RETRIES = 5, RETRY_US = 2000 };

/* SQLite never writes the page that holds its lock bytes. */
enum { LOCK_PAGE = (1 << 30) / DISK_PAGE + 1 };

void finding(struct findings *findings, const char *format, ...)
{
    char text[ERR_DETAIL_MAX + 128];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    findings->count++;
    findings->say(findings->context, text);
}

struct damaged {
    int64_t pages[DAMAGED_MAX], empty[DAMAGED_MAX];
    size_t count, empty_count;
    bool more;
};

static void add_page(struct damaged *damaged, int64_t number)
{
    if (damaged->count < DAMAGED_MAX)
        damaged->pages[damaged->count++] = number;
    else
        damaged->more = true;
}

static void close_file(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* A page that is being written while we look may be half of each: so look again. */
static bool page_good(int fd, int64_t number, struct damaged *damaged)
{
    for (int i = 0; i < RETRIES; i++) {
        unsigned char page[DISK_PAGE];
        if (i > 0)
            usleep(RETRY_US);
        if (pread(fd, page, DISK_PAGE, (number - 1) * DISK_PAGE) != DISK_PAGE ||
            !disk_page_good(page, number))
            continue;
        if (disk_page_empty(page) && damaged->empty_count < DAMAGED_MAX)
            damaged->empty[damaged->empty_count++] = number;
        return true;
    }
    return false;
}

static enum err check_pages(const char *path, struct findings *findings, struct damaged *damaged,
                            int64_t *pages)
{
    CLEANUP(close_file) int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat stat;
    if (fd < 0 || fstat(fd, &stat) != 0)
        return err_set(ERR_IO, "%s: %s", path, strerror(errno));
    posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    *pages = stat.st_size / DISK_PAGE;
    if (stat.st_size % DISK_PAGE != 0)
        finding(findings, "%s ends in the middle of page %" PRId64, path, *pages + 1);
    for (int64_t number = 1; number <= *pages; number++)
        if (number != LOCK_PAGE && !page_good(fd, number, damaged))
            add_page(damaged, number);
    return OK;
}

enum wal_end { WAL_WHOLE, WAL_DAMAGED };

struct wal_walk {
    enum wal_end end;
    int64_t frames, damaged_frame; /* Frame 0 is the log's header. */
};

/* Does a later frame belong to this generation of the log? Then it does not end here. */
static bool goes_on(int fd, int64_t frame, const unsigned char *salts)
{
    unsigned char header[DISK_WAL_FRAME];
    for (;; frame++) {
        if (pread(fd, header, sizeof(header), DISK_WAL_HEADER + frame * FRAME) != sizeof(header))
            return false;
        if (memcmp(header + 8, salts, 8) == 0)
            return true;
    }
}

/* Frames count while they carry the header's salts and their checksums chain. Frames of an older
 * generation, and of a commit that never ended, may lie behind. */
static struct wal_walk walk_wal(int fd)
{
    unsigned char header[DISK_WAL_HEADER], frame[FRAME];
    struct wal_walk walk = {0};
    if (pread(fd, header, sizeof(header), 0) != sizeof(header))
        return walk; /* Empty: nothing since the last checkpoint. */
    bool big = wal_big_endian(header);
    struct wal_sum sum = wal_sum((struct wal_sum){0}, big, header, 24);
    if ((wal_number(header) & ~1u) != 0x377f0682 || wal_number(header + 8) != DISK_PAGE ||
        sum.a != wal_number(header + 24) || sum.b != wal_number(header + 28)) {
        walk.end = WAL_DAMAGED;
        return walk;
    }
    while (pread(fd, frame, FRAME, DISK_WAL_HEADER + walk.frames * FRAME) == FRAME) {
        struct wal_sum next = wal_sum(sum, big, frame, 8);
        next = wal_sum(next, big, frame + DISK_WAL_FRAME, DISK_PAGE);
        bool salted = memcmp(frame + 8, header + 16, 8) == 0;
        bool summed = next.a == wal_number(frame + 16) && next.b == wal_number(frame + 20);
        if (!salted || !summed) {
            walk.damaged_frame = walk.frames + 1;
            if (salted || summed || goes_on(fd, walk.damaged_frame, header + 16))
                walk.end = WAL_DAMAGED;
            return walk;
        }
        sum = next;
        walk.frames++;
    }
    return walk;
}

static void check_wal(const char *path, struct findings *findings, int64_t *frames)
{
    char wal[4096];
    snprintf(wal, sizeof(wal), "%s-wal", path);
    CLEANUP(close_file) int fd = open(wal, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return; /* A store at rest has none. */
    struct wal_walk walk = walk_wal(fd);
    for (int i = 1; walk.end == WAL_DAMAGED && i < RETRIES; i++) {
        usleep(RETRY_US);
        walk = walk_wal(fd);
    }
    *frames = walk.frames;
    if (walk.end == WAL_DAMAGED && walk.damaged_frame == 0)
        finding(findings, "the header of %s is not what was written", wal);
    else if (walk.end == WAL_DAMAGED)
        finding(findings,
                "frame %" PRId64 " of %s is not what was written: it was changed, or the "
                "program ended within a commit that nobody was told of",
                walk.damaged_frame, wal);
}

static const char *owner_of(const struct db_page_owner *owners, size_t count, int64_t page)
{
    for (size_t i = 0; i < count; i++)
        if (owners[i].page == page)
            return owners[i].name;
    return NULL;
}

/* Is there a newer copy of the page? */
static bool in_wal(const char *path, int64_t page)
{
    char wal[4096];
    unsigned char header[DISK_WAL_HEADER], frame[DISK_WAL_FRAME];
    snprintf(wal, sizeof(wal), "%s-wal", path);
    CLEANUP(close_file) int fd = open(wal, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || pread(fd, header, sizeof(header), 0) != sizeof(header))
        return false;
    for (int64_t at = sizeof(header); pread(fd, frame, sizeof(frame), at) == sizeof(frame);
         at += FRAME)
        if (memcmp(frame + 8, header + 16, 8) == 0 && wal_number(frame) == page)
            return true;
    return false;
}

/* The store is read past its damage to learn what each page is for. */
static void name_pages(struct db *db, const char *path, struct findings *findings,
                       const struct damaged *damaged)
{
    CLEANUP(arena_release) struct arena arena = {0};
    const struct db_page_owner *owners = NULL;
    size_t count = 0;
    disk_forgive(true);
    if (db && db_page_owners(db, &arena, &owners, &count) != OK)
        count = 0;
    disk_forgive(false);
    for (size_t i = 0; i < damaged->count; i++) {
        const char *name = owner_of(owners, count, damaged->pages[i]);
        if (damaged->pages[i] == 1)
            name = "the file's header and the schema";
        finding(findings, "page %" PRId64 " of %s is not what was written: it belongs to %s%s",
                damaged->pages[i], path, name ? name : "no table (free, or below a damaged page)",
                in_wal(path, damaged->pages[i])
                    ? " (the write-ahead log has a newer copy: a power failure may do this)"
                    : "");
    }
    if (damaged->more)
        finding(findings, "more than %d pages of %s are damaged", DAMAGED_MAX, path);
    for (size_t i = 0; i < damaged->empty_count; i++) {
        const char *name = owner_of(owners, count, damaged->empty[i]);
        if (name)
            finding(findings, "page %" PRId64 " of %s is empty: it belongs to %s",
                    damaged->empty[i], path, name);
    }
}

enum err db_check(const char *path, struct findings *findings, struct db_check_result *out)
{
    static _Thread_local struct damaged damaged;
    damaged = (struct damaged){0};
    struct db_check_result result = {0};
    int64_t before = findings->count;
    check_wal(path, findings, &result.frames);
    enum err r = check_pages(path, findings, &damaged, &result.pages);
    if (r != OK)
        return r;
    struct db *db = NULL;
    disk_forgive(true);
    r = db_open(path, DB_READ, &db);
    disk_forgive(false);
    if (r != OK && damaged.count == 0)
        finding(findings, "%s", err_last()->detail);
    if (damaged.count || damaged.empty_count)
        name_pages(db, path, findings, &damaged);
    if (findings->count == before)
        db_integrity(db, findings);
    db_close(db);
    *out = result;
    return OK;
}
