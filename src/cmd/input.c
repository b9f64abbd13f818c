#include "cmd/input.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

static void close_file(FILE **file)
{
    if (*file)
        fclose(*file);
}

/* A file whose size is known goes where it stays, without a copy. */
static enum err read_sized(struct arena *arena, FILE *file, const char *path, size_t size,
                           struct str *out)
{
    char *bytes = arena_alloc(arena, size + 1);
    size_t got = fread(bytes, 1, size, file);
    if (ferror(file))
        return err_set(ERR_IO, "%s cannot be read", path);
    *out = (struct str){bytes, got};
    return OK;
}

enum err input_read(struct arena *arena, const char *path, size_t max, struct str *out)
{
    CLEANUP(close_file) FILE *file = fopen(path, "rbe");
    CLEANUP(buf_release) struct buf bytes;
    buf_init(&bytes, max);
    if (!file)
        return err_set(errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s cannot be opened", path);
    struct stat status;
    if (fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0 &&
        (uint64_t)status.st_size <= max)
        return read_sized(arena, file, path, (size_t)status.st_size, out);
    char part[16 * 1024];
    for (size_t len; (len = fread(part, 1, sizeof(part), file)) > 0 && !bytes.full;)
        buf_add(&bytes, part, len);
    if (ferror(file))
        return err_set(ERR_IO, "%s cannot be read", path);
    enum err e = buf_check(&bytes);
    if (e == OK)
        *out = str_copy(arena, bytes.ptr ? buf_str(&bytes) : STR(""));
    return e;
}
