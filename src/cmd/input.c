#include "cmd/input.h"

#include <errno.h>
#include <stdio.h>

static void close_file(FILE **file)
{
    if (*file)
        fclose(*file);
}

enum err input_read(struct arena *arena, const char *path, size_t max, struct str *out)
{
    CLEANUP(close_file) FILE *file = fopen(path, "rbe");
    CLEANUP(buf_release) struct buf bytes;
    buf_init(&bytes, max);
    if (!file)
        return err_set(errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s cannot be opened", path);
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
