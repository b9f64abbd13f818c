#include "journal/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, LEVEL_BITS = 8 };

static enum err make_folders(char *path)
{
    for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        bool made = mkdir(path, 0755) == 0 || errno == EEXIST;
        *at = '/';
        if (!made)
            return err_set(ERR_IO, "cannot make the folders of %s: %s", path, strerror(errno));
    }
    return OK;
}

static enum err write_file(const char *folder, const char *name, struct str bytes)
{
    char path[PATH_SIZE];
    if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= PATH_SIZE)
        return err_set(ERR_LIMIT, "the path of %s is too long", name);
    enum err r = make_folders(path);
    if (r != OK)
        return r;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return err_set(ERR_IO, "%s: %s", path, strerror(errno));
    bool written = write(fd, bytes.ptr, bytes.len) == (ssize_t)bytes.len;
    written = close(fd) == 0 && written;
    return written ? OK : err_set(ERR_IO, "%s: %s", path, strerror(errno));
}

/* 1234067 is "x001/x234/067". */
static struct str format_index(struct arena *arena, int64_t index)
{
    struct str path = str_format(arena, "%03d", (int)(index % 1000));
    for (int64_t rest = index / 1000; rest > 0; rest /= 1000)
        path = str_format(arena, "x%03d/%.*s", (int)(rest % 1000), STR_ARG(path));
    return path;
}

/* All tiles of one level ("0", "1", … or "entries") that has `count` hashes or entries. */
static enum err export_level(struct db *db, int64_t park_id, const char *folder, const char *level,
                             int64_t count)
{
    for (int64_t index = 0; index * JOURNAL_TILE_WIDTH < count; index++) {
        CLEANUP(arena_release) struct arena arena = {0};
        int64_t width = count - index * JOURNAL_TILE_WIDTH;
        struct str part = STR(""), number = format_index(&arena, index), bytes;
        if (width < JOURNAL_TILE_WIDTH)
            part = str_format(&arena, ".p/%d", (int)width);
        struct str tile = str_format(&arena, "%s/%.*s%.*s", level, STR_ARG(number), STR_ARG(part));
        enum err r = journal_tile(db, &arena, park_id, tile, &bytes);
        if (r == OK)
            r = write_file(folder, str_format(&arena, "tile/%.*s", STR_ARG(tile)).ptr, bytes);
        if (r != OK)
            return r;
    }
    return OK;
}

enum err journal_export(const struct journal *journal, struct db *db, int64_t park_id,
                        const char *folder, int64_t *size)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct journal_head head;
    enum err r = journal_head(db, &arena, park_id, &head);
    if (r == OK)
        r = export_level(db, park_id, folder, "entries", head.size);
    int level = 0;
    for (int64_t count = head.size; r == OK && count > 0; count >>= LEVEL_BITS) {
        char name[16];
        snprintf(name, sizeof(name), "%d", level++);
        r = export_level(db, park_id, folder, name, count);
    }
    if (r == OK)
        r = write_file(folder, "key", journal_verifier_key(journal, &arena, park_id));
    if (r == OK) /* Last, so that it never covers tiles that are not there. */
        r = write_file(folder, "checkpoint", journal_note(journal, &arena, park_id, &head));
    if (r == OK)
        *size = head.size;
    return r;
}
