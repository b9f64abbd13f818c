/* Where service folders come from: the program itself, or a directory. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/asset.h"
#include "park/service.h"

extern const struct asset SERVICES[];
extern const size_t SERVICES_COUNT;

enum { FILE_SIZE_MAX = 8 * 1024 * 1024 };

static void close_file(FILE **file)
{
    if (*file)
        fclose(*file);
}

static void close_dir(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

static enum err read_file(struct arena *arena, const char *path, struct str *out)
{
    CLEANUP(close_file) FILE *file = fopen(path, "rb");
    if (!file)
        return err_set(ERR_IO, "cannot read %s", path);
    struct stat stat;
    if (fstat(fileno(file), &stat) != 0 || !S_ISREG(stat.st_mode))
        return err_set(ERR_IO, "%s is no file", path);
    if (stat.st_size > FILE_SIZE_MAX)
        return err_set(ERR_LIMIT, "%s is larger than %d bytes", path, FILE_SIZE_MAX);
    char *bytes = arena_alloc(arena, (size_t)stat.st_size + 1);
    if (fread(bytes, 1, (size_t)stat.st_size, file) != (size_t)stat.st_size)
        return err_set(ERR_IO, "cannot read %s", path);
    *out = (struct str){.ptr = bytes, .len = (size_t)stat.st_size};
    return OK;
}

struct reading {
    struct arena *arena;
    struct service_file *files;
    size_t count, capacity;
};

static int compare_files(const void *a, const void *b)
{
    return str_compare(((const struct service_file *)a)->name,
                       ((const struct service_file *)b)->name);
}

/* Files of one directory, named with `prefix`; goes one level down, into scenarios/. */
static enum err read_dir(struct reading *reading, const char *path, const char *prefix)
{
    CLEANUP(close_dir) DIR *dir = opendir(path);
    if (!dir)
        return err_set(ERR_NOT_FOUND, "there is no directory %s", path);
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        struct arena *arena = reading->arena;
        char *full = str_c(arena, str_format(arena, "%s/%s", path, entry->d_name));
        struct stat found;
        if (stat(full, &found) != 0)
            return err_set(ERR_IO, "cannot read %s", full);
        enum err r = OK;
        if (S_ISDIR(found.st_mode)) {
            if (prefix[0] == '\0' && strcmp(entry->d_name, "scenarios") == 0)
                r = read_dir(reading, full, "scenarios/");
        } else if (reading->count < SERVICE_FILES_MAX) {
            struct service_file *file =
                ARENA_PUSH(arena, reading->files, reading->count, reading->capacity);
            file->name = str_format(arena, "%s%s", prefix, entry->d_name);
            r = read_file(arena, full, &file->bytes);
        } else {
            r = err_set(ERR_LIMIT, "%s holds more than %d files", path, SERVICE_FILES_MAX);
        }
        if (r != OK)
            return r;
    }
    return OK;
}

enum err service_read_folder(struct arena *arena, const char *dir, struct service_folder *out)
{
    struct reading reading = {.arena = arena};
    enum err r = read_dir(&reading, dir, "");
    if (r != OK)
        return r;
    qsort(reading.files, reading.count, sizeof(*reading.files), compare_files);
    struct str key = str_of(dir);
    while (key.len > 1 && key.ptr[key.len - 1] == '/')
        key.len--;
    for (size_t i = key.len; i > 0; i--)
        if (key.ptr[i - 1] == '/') {
            key = str_sub(key, i, key.len - i);
            break;
        }
    *out = (struct service_folder){
        .key = str_copy(arena, key), .files = reading.files, .count = reading.count};
    return OK;
}

/* The table is sorted by path, so a service's files stand together. */
static void embedded(struct arena *arena, const struct service_folder **out, size_t *count)
{
    struct service_folder *folders = NULL;
    size_t found = 0, capacity = 0;
    for (size_t i = 0; i < SERVICES_COUNT;) {
        struct str path = str_of(SERVICES[i].path);
        struct str key = str_sub(path, 0, str_find(path, STR("/"), 0));
        struct service_file *files = NULL;
        size_t file_count = 0, file_capacity = 0;
        struct str prefix = str_sub(path, 0, key.len + 1);
        for (; i < SERVICES_COUNT && str_starts(str_of(SERVICES[i].path), prefix); i++) {
            struct service_file *file = ARENA_PUSH(arena, files, file_count, file_capacity);
            file->name = str_sub(str_of(SERVICES[i].path), prefix.len, SIZE_MAX);
            file->bytes = asset_bytes(&SERVICES[i]);
        }
        struct service_folder *folder = ARENA_PUSH(arena, folders, found, capacity);
        *folder = (struct service_folder){.key = key, .files = files, .count = file_count};
    }
    *out = folders;
    *count = found;
}

enum err service_folders(struct arena *arena, const char *dir, const struct service_folder **out,
                         size_t *count)
{
    if (!dir) {
        embedded(arena, out, count);
        return OK;
    }
    struct dirent **names;
    int n = scandir(dir, &names, NULL, alphasort);
    if (n < 0)
        return err_set(ERR_NOT_FOUND, "there is no directory %s", dir);
    struct service_folder *folders = NULL;
    size_t found = 0, capacity = 0;
    enum err r = OK;
    for (int i = 0; i < n; i++) {
        char *path = str_c(arena, str_format(arena, "%s/%s", dir, names[i]->d_name));
        struct stat stat_of;
        if (r == OK && names[i]->d_name[0] != '.' && stat(path, &stat_of) == 0 &&
            S_ISDIR(stat_of.st_mode)) {
            struct service_folder *folder = ARENA_PUSH(arena, folders, found, capacity);
            r = service_read_folder(arena, path, folder);
        }
        free(names[i]);
    }
    free(names);
    if (r != OK)
        return r;
    *out = folders;
    *count = found;
    return OK;
}
