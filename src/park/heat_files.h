/* The files of heat scenes, beside the store: DIR/heat/<scene id>/.
 *
 * Files come first and the row second: they wait in DIR/heat/new-<id>/ until the row is on disk, so
 * that a crash in between leaves only a folder that the next start sweeps away.
 */
#ifndef PARK_HEAT_FILES_H
#define PARK_HEAT_FILES_H

#include "base/base.h"

struct heat_file {
    struct str name, bytes;
};

/* What was put down: the digest goes over names and contents, so the same scene has the same. */
struct heat_saved {
    struct hash digest;
    int64_t bytes, files;
};

/* Makes DIR/heat and the folders in it. ERR_IO. */
MUST_USE enum err heat_files_prepare(const char *dir, const char *watched);

/* Names keep their last part; ERR_INVALID "heat.file-name" for what is none, or stands twice. */
MUST_USE enum err heat_files_save(struct arena *arena, const char *dir, int64_t id,
                                  const struct heat_file *files, size_t count,
                                  struct heat_saved *out);

/* Moves a file or a folder's files in. ERR_IO, ERR_INVALID for what is neither. */
MUST_USE enum err heat_files_take(struct arena *arena, const char *dir, int64_t id,
                                  const char *path, struct heat_saved *out);

/* Bytes of a folder's files and when the last of them was changed. */
void heat_files_measure(const char *path, int64_t *bytes, int64_t *changed_us);
/* A whole file. ERR_IO, ERR_LIMIT past `max` bytes. */
MUST_USE enum err heat_files_read(struct arena *arena, const char *path, size_t max,
                                  struct str *out);

/* The scene has its row: its files get their place. Doing it twice is doing it once. */
MUST_USE enum err heat_files_settle(struct arena *arena, const char *dir, int64_t id);

/* A folder of ours is nobody's business: takes it out of the last error's detail. */
void heat_files_hide(const char *dir, int64_t id);

/* What heat_open takes, before and after heat_files_settle. */
const char *heat_files_new_path(struct arena *arena, const char *dir, int64_t id);
const char *heat_files_path(struct arena *arena, const char *dir, int64_t id);

/* Removes what no row knows; at a start also what never got its row. `ids` are sorted. */
void heat_files_sweep(const char *dir, const int64_t *ids, size_t count, bool at_start);
/* Removes files that wait for a row which was refused. */
void heat_files_drop(const char *dir, int64_t id);

#endif
