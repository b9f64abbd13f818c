/* Files that people attach: photos and PDF, known by their first bytes and not by their name.
 *
 * A file belongs to its uploader until a case or a message takes it. Contents are stored once per
 * digest, apart from the rows that lists read.
 */
#ifndef PARK_FILE_H
#define PARK_FILE_H

#include "park/access.h"
#include "json/json.h"

enum {
    FILE_LOOSE_MAX = 200 * 1024 * 1024, /* Unattached bytes of one person in one day. */
    FILE_LOOSE_DAYS = 30,               /* How long a file waits to be attached. */
};

struct file {
    int64_t id, case_id, uploader_id;
    bool internal;
    struct str name, type;
    int64_t size;
    struct hash sha256;
};

/* The content type that the bytes say, or the absent text for what is not taken. */
struct str file_sniff(struct str content);

/* ERR_MEDIA "file.type", ERR_LIMIT "file.size", ERR_RATE "file.quota". */
MUST_USE enum err file_add(struct db_tx *tx, const struct principal *who, struct str name,
                           struct str content, const struct hash *sha256, int64_t now_us,
                           struct file *out);

/* Gives loose files of `who` to a case. ERR_INVALID "file.unknown" for any other id. */
MUST_USE enum err file_attach(struct db_tx *tx, const struct principal *who, const int64_t *ids,
                              size_t count, int64_t case_id, bool internal);

/* Removes files that waited longer and that no draft holds, a bounded number at a time. */
MUST_USE enum err file_forget_loose(struct db_tx *tx, int64_t park_id, int64_t now_us);

/* ERR_NOT_FOUND unless `who` may see it. `content` may be NULL. */
MUST_USE enum err file_read(struct db *db, struct arena *arena, const struct principal *who,
                            int64_t id, struct file *out, struct str *content);

/* Writes [{id, name, type, size}…] of the ids that the JSON array `ids` names. */
MUST_USE enum err file_write_list(struct json_writer *w, struct db *db, struct arena *arena,
                                  int64_t park_id, struct str ids);

#endif
