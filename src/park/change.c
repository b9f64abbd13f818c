#include "park/change.h"

#include "journal/journal.h"

enum err change_record(struct db_tx *tx, const struct change *by, const char *kind,
                       int64_t subject_id, int64_t id, const struct field *fields,
                       const void *value)
{
    CLEANUP(buf_release) struct buf body;
    buf_init(&body, JOURNAL_BODY_MAX);
    struct json_writer w = json_writer(&body);
    json_object_begin(&w);
    json_member_id(&w, "id", id);
    if (fields)
        fields_write(&w, fields, value);
    json_object_end(&w);
    enum err r = buf_check(&body);
    if (r != OK)
        return r;
    struct journal_entry entry = {.park_id = by->park_id,
                                  .time_us = by->now_us,
                                  .kind = kind,
                                  .actor_id = by->actor_id,
                                  .subject_id = subject_id,
                                  .body = buf_str(&body)};
    return journal_append(tx, &entry, NULL);
}
