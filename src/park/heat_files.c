#include "park/heat_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

enum { CHUNK = 1024 * 1024, NAME_MAX_BYTES = 120 };

static enum err failed(const char *what, const char *path)
{
    return err_set(ERR_IO, "%s: %s: %s", path, what, strerror(errno));
}

static enum err make_folder(const char *path)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST ? OK : failed("cannot be made", path);
}

enum err heat_files_prepare(const char *dir, const char *watched)
{
    CLEANUP(arena_release) struct arena arena = {0};
    enum err r = make_folder(str_format(&arena, "%s/heat", dir).ptr);
    return r == OK ? make_folder(watched) : r;
}

const char *heat_files_new_path(struct arena *arena, const char *dir, int64_t id)
{
    return str_format(arena, "%s/heat/new-%" PRId64, dir, id).ptr;
}

const char *heat_files_path(struct arena *arena, const char *dir, int64_t id)
{
    return str_format(arena, "%s/heat/%" PRId64, dir, id).ptr;
}

/* The last part of a path; absent for what cannot name a file. */
static struct str clean_name(struct str name)
{
    for (size_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == '/' || name.ptr[i - 1] == '\\') {
            name = str_sub(name, i, name.len - i);
            break;
        }
    bool bad =
        name.len == 0 || name.len > NAME_MAX_BYTES || name.ptr[0] == '.' || utf8_check(name) != OK;
    for (size_t i = 0; i < name.len && !bad; i++)
        bad = (unsigned char)name.ptr[i] < ' ' || name.ptr[i] == 0x7f;
    return bad ? (struct str){0} : name;
}

static enum err write_file(const char *path, struct str bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return err_refuse(ERR_INVALID, "heat.file-name", "two files have one name");
    if (fd < 0)
        return failed("cannot be written", path);
    size_t at = 0;
    while (at < bytes.len) {
        ssize_t n = write(fd, bytes.ptr + at, bytes.len - at);
        if (n < 0 && errno != EINTR)
            break;
        at += n > 0 ? (size_t)n : 0;
    }
    bool good = at == bytes.len && fsync(fd) == 0;
    enum err r = good ? OK : failed("cannot be written", path);
    close(fd);
    return r;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Regular files alone: no links, no folders in folders, nothing hidden. */
static enum err list_files(struct arena *arena, const char *path, const char ***names,
                           size_t *count)
{
    DIR *dir = opendir(path);
    if (!dir)
        return failed("cannot be listed", path);
    const char **found = NULL;
    size_t n = 0, capacity = 0;
    for (struct dirent *entry; (entry = readdir(dir)) && n < LIMIT_HEAT_FILES;) {
        struct stat status;
        const char *file = str_format(arena, "%s/%s", path, entry->d_name).ptr;
        if (entry->d_name[0] != '.' && lstat(file, &status) == 0 && S_ISREG(status.st_mode))
            *ARENA_PUSH(arena, found, n, capacity) = str_c(arena, str_of(entry->d_name));
    }
    closedir(dir);
    if (n > 0)
        qsort(found, n, sizeof(*found), by_name);
    *names = found;
    *count = n;
    return OK;
}

static enum err digest_file(const char *path, struct heat_saved *saved)
{
    CLEANUP(arena_release) struct arena arena = {0};
    char *chunk = arena_alloc(&arena, CHUNK);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return failed("cannot be read", path);
    ssize_t n;
    while ((n = read(fd, chunk, CHUNK)) > 0) {
        struct hash own = hash_of((struct str){chunk, (size_t)n});
        saved->digest = hash_pair(&saved->digest, &own);
        saved->bytes += n;
    }
    enum err r = n == 0 ? OK : failed("cannot be read", path);
    close(fd);
    saved->files++;
    return r;
}

static enum err digest_folder(struct arena *arena, const char *folder, struct heat_saved *out)
{
    const char **names = NULL;
    size_t count = 0;
    struct heat_saved saved = {0};
    enum err r = list_files(arena, folder, &names, &count);
    for (size_t i = 0; i < count && r == OK; i++)
        r = digest_file(str_format(arena, "%s/%s", folder, names[i]).ptr, &saved);
    if (r == OK)
        *out = saved;
    return r;
}

enum err heat_files_save(struct arena *arena, const char *dir, int64_t id,
                         const struct heat_file *files, size_t count, struct heat_saved *out)
{
    const char *folder = heat_files_new_path(arena, dir, id);
    enum err r = make_folder(folder);
    for (size_t i = 0; i < count && r == OK; i++) {
        struct str name = clean_name(files[i].name);
        if (!name.ptr)
            r = err_refuse(ERR_INVALID, "heat.file-name", "a file's name cannot be used");
        else
            r = write_file(str_format(arena, "%s/%.*s", folder, STR_ARG(name)).ptr, files[i].bytes);
    }
    if (r == OK)
        r = digest_folder(arena, folder, out);
    if (r != OK) {
        struct err_info why = *err_last();
        heat_files_drop(dir, id);
        err_restore(&why);
    }
    return r;
}

/* ---- from the watched folder -------------------------------------------------------------- */

/* To another disk: whoever watches has the folder there. */
static enum err copy_file(const char *from, const char *to)
{
    CLEANUP(arena_release) struct arena arena = {0};
    char *chunk = arena_alloc(&arena, CHUNK);
    int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = in >= 0 && out >= 0;
    for (ssize_t n = 1; good && n > 0;) {
        n = read(in, chunk, CHUNK);
        good = n >= 0 && write(out, chunk, (size_t)n) == n;
    }
    good = good && fsync(out) == 0;
    enum err r = good ? OK : failed("cannot be copied", from);
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    if (r == OK && unlink(from) != 0)
        r = failed("cannot be taken", from);
    return r;
}

static enum err move_file(const char *from, const char *to)
{
    if (rename(from, to) == 0)
        return OK;
    return errno == EXDEV ? copy_file(from, to) : failed("cannot be taken", from);
}

static enum err take_folder(struct arena *arena, const char *path, const char *folder)
{
    const char **names;
    size_t count;
    enum err r = list_files(arena, path, &names, &count);
    for (size_t i = 0; i < count && r == OK; i++)
        r = move_file(str_format(arena, "%s/%s", path, names[i]).ptr,
                      str_format(arena, "%s/%s", folder, names[i]).ptr);
    if (r == OK)
        rmdir(path); /* It stays if something else is in it. */
    return r;
}

enum err heat_files_take(struct arena *arena, const char *dir, int64_t id, const char *path,
                         struct heat_saved *out)
{
    struct stat status;
    const char *folder = heat_files_new_path(arena, dir, id), *slash = strrchr(path, '/');
    if (lstat(path, &status) != 0)
        return failed("is not there", path);
    if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
        return err_refuse(ERR_INVALID, "heat.file", "%s: neither a file nor a folder", path);
    enum err r = make_folder(folder);
    if (r == OK && S_ISDIR(status.st_mode))
        r = take_folder(arena, path, folder);
    else if (r == OK)
        r = move_file(path, str_format(arena, "%s/%s", folder, slash ? slash + 1 : path).ptr);
    return r == OK ? digest_folder(arena, folder, out) : r;
}

void heat_files_measure(const char *path, int64_t *bytes, int64_t *changed_us)
{
    CLEANUP(arena_release) struct arena arena = {0};
    const char **names = NULL;
    size_t count = 0;
    *bytes = *changed_us = 0;
    if (list_files(&arena, path, &names, &count) != OK)
        return;
    for (size_t i = 0; i < count; i++) {
        struct stat status;
        if (lstat(str_format(&arena, "%s/%s", path, names[i]).ptr, &status) != 0)
            continue;
        int64_t at = status.st_mtim.tv_sec * SECOND_US + status.st_mtim.tv_nsec / 1000;
        *bytes += status.st_size;
        *changed_us = at > *changed_us ? at : *changed_us;
    }
}

enum err heat_files_read(struct arena *arena, const char *path, size_t max, struct str *out)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || fstat(fd, &status) != 0) {
        enum err r = failed("cannot be read", path);
        if (fd >= 0)
            close(fd);
        return r;
    }
    size_t size = (size_t)status.st_size, at = 0;
    char *bytes = size <= max ? arena_alloc(arena, size + 1) : NULL;
    for (ssize_t n = 1; bytes && at < size && n > 0; at += n > 0 ? (size_t)n : 0)
        n = read(fd, bytes + at, size - at);
    close(fd);
    if (!bytes)
        return err_refuse(ERR_LIMIT, "heat.too-large", "larger than %zu bytes", max);
    if (at < size)
        return failed("cannot be read", path);
    *out = (struct str){.ptr = bytes, .len = size};
    return OK;
}

/* The detail without `part`, wherever it stands. */
static void cut_out(struct err_info *why, struct str part)
{
    for (size_t at; (at = str_find(str_of(why->detail), part, 0)) < strlen(why->detail);)
        memmove(why->detail + at, why->detail + at + part.len,
                strlen(why->detail + at + part.len) + 1);
}

void heat_files_hide(const char *dir, int64_t id)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct err_info why = *err_last();
    cut_out(&why, str_format(&arena, "%s/", heat_files_new_path(&arena, dir, id)));
    cut_out(&why, str_format(&arena, "%s/", heat_files_path(&arena, dir, id)));
    cut_out(&why, str_format(&arena, "%s/", dir));
    err_restore(&why);
}

enum err heat_files_settle(struct arena *arena, const char *dir, int64_t id)
{
    const char *from = heat_files_new_path(arena, dir, id), *to = heat_files_path(arena, dir, id);
    if (rename(from, to) == 0 || (errno == ENOENT && access(to, F_OK) == 0))
        return OK;
    return failed("cannot be moved", from);
}

/* ---- removing ----------------------------------------------------------------------------- */

/* Scenes' folders are flat: files, and then the folder. */
static void remove_folder(const char *path)
{
    CLEANUP(arena_release) struct arena arena = {0};
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        unlink(str_format(&arena, "%s/%s", path, entry->d_name).ptr);
    if (dir)
        closedir(dir);
    rmdir(path);
}

void heat_files_drop(const char *dir, int64_t id)
{
    CLEANUP(arena_release) struct arena arena = {0};
    remove_folder(heat_files_new_path(&arena, dir, id));
}

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

void heat_files_sweep(const char *dir, const int64_t *ids, size_t count, bool at_start)
{
    CLEANUP(arena_release) struct arena arena = {0};
    const char *root = str_format(&arena, "%s/heat", dir).ptr;
    DIR *folder = opendir(root);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        struct str name = str_of(entry->d_name);
        bool fresh = str_starts(name, STR("new-"));
        int64_t id;
        if (str_to_int(fresh ? str_sub(name, 4, name.len) : name, &id) != OK)
            continue;
        bool known = count > 0 && bsearch(&id, ids, count, sizeof(*ids), by_id);
        if (!known && (!fresh || at_start))
            remove_folder(str_format(&arena, "%s/%s", root, entry->d_name).ptr);
    }
    if (folder)
        closedir(folder);
}
