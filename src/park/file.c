#include "park/file.h"

#include "base/clock.h"
#include "base/id.h"
#include "park/case.h"
#include "park/file_sql.h"

enum { FORGET_BATCH = 100 };

static bool begins(struct str content, size_t at, struct str magic)
{
    return content.len >= at + magic.len && memcmp(content.ptr + at, magic.ptr, magic.len) == 0;
}

struct str file_sniff(struct str content)
{
    if (begins(content, 0, STR("\xff\xd8\xff")))
        return STR("image/jpeg");
    if (begins(content, 0, STR("\x89PNG\r\n\x1a\n")))
        return STR("image/png");
    if (begins(content, 0, STR("RIFF")) && begins(content, 8, STR("WEBP")))
        return STR("image/webp");
    if (begins(content, 0, STR("GIF87a")) || begins(content, 0, STR("GIF89a")))
        return STR("image/gif");
    if (begins(content, 0, STR("%PDF-")))
        return STR("application/pdf");
    return (struct str){0};
}

static enum err check_quota(struct db *db, const struct principal *who, int64_t size,
                            int64_t now_us)
{
    struct file_loose_size_in in = {
        .park_id = who->park_id, .uploader_id = who->person_id, .since_us = now_us - DAY_US};
    struct file_loose_size_row loose;
    enum err r = sql_file_loose_size(db, &in, &loose);
    if (r != OK)
        return r;
    if (loose.size + size > FILE_LOOSE_MAX)
        return err_refuse(ERR_RATE, "file.quota", "too many files wait to be attached");
    return OK;
}

/* Only the last part of a path, without control characters; browsers differ in what they send. */
static struct str clean_name(struct str name)
{
    for (size_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == '/' || name.ptr[i - 1] == '\\') {
            name = str_sub(name, i, name.len - i);
            break;
        }
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.ptr[i] < ' ' || name.ptr[i] == 0x7f)
            return STR("file");
    if (name.len == 0 || utf8_check(name) != OK || utf8_length(name) > LIMIT_NAME_CHARS)
        return STR("file");
    return name;
}

enum err file_add(struct db_tx *tx, const struct principal *who, struct str name,
                  struct str content, const struct hash *sha256, int64_t now_us, struct file *out)
{
    struct str type = file_sniff(content);
    if (!type.ptr)
        return err_refuse(ERR_MEDIA, "file.type", "neither an image nor a PDF");
    if (content.len > LIMIT_HTTP_UPLOAD)
        return err_refuse(ERR_LIMIT, "file.size", "larger than %d bytes", LIMIT_HTTP_UPLOAD);
    enum err r = check_quota(tx->db, who, (int64_t)content.len, now_us);
    if (r != OK)
        return r;
    struct file file = {.id = id_next(now_us),
                        .uploader_id = who->person_id,
                        .name = clean_name(name),
                        .type = type,
                        .size = (int64_t)content.len,
                        .sha256 = *sha256};
    struct file_content_add_in bytes = {
        .park_id = who->park_id, .sha256 = *sha256, .content = content};
    struct file_add_in row = {.park_id = who->park_id,
                              .id = file.id,
                              .uploader_id = who->person_id,
                              .name = file.name,
                              .type = type,
                              .size = file.size,
                              .sha256 = *sha256,
                              .created_us = now_us};
    r = sql_file_content_add(tx, &bytes, NULL);
    if (r == OK)
        r = sql_file_add(tx, &row, NULL);
    if (r == OK)
        *out = file;
    return r;
}

enum err file_forget_loose(struct db_tx *tx, int64_t park_id, int64_t now_us)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct file_forgotten_in of = {
        .park_id = park_id, .before_us = now_us - FILE_LOOSE_DAYS * DAY_US, .limit = FORGET_BATCH};
    struct file_forgotten_rows found;
    enum err r = sql_file_forgotten(tx->db, &arena, &of, &found);
    for (size_t i = 0; r == OK && i < found.count; i++) {
        struct file_remove_in row = {.park_id = park_id, .id = found.rows[i].id};
        struct file_content_remove_in bytes = {.park_id = park_id, .sha256 = found.rows[i].sha256};
        r = sql_file_remove(tx, &row, NULL);
        if (r == OK)
            r = sql_file_content_remove(tx, &bytes, NULL);
    }
    return r;
}

enum err file_attach(struct db_tx *tx, const struct principal *who, const int64_t *ids,
                     size_t count, int64_t case_id, bool internal)
{
    if (count > LIMIT_CASE_FILES)
        return err_field(ERR_INVALID, "file_ids", "file.many", "more than %d files",
                         LIMIT_CASE_FILES);
    for (size_t i = 0; i < count; i++) {
        struct file_attach_in in = {.park_id = who->park_id,
                                    .id = ids[i],
                                    .uploader_id = who->person_id,
                                    .case_id = case_id,
                                    .internal = internal};
        int64_t changed = 0;
        enum err r = sql_file_attach(tx, &in, &changed);
        if (r != OK)
            return r;
        if (changed != 1)
            return err_field(ERR_INVALID, "file_ids", "file.unknown",
                             "no loose file %" PRId64 " of the caller", ids[i]);
    }
    return OK;
}

enum err file_read(struct db *db, struct arena *arena, const struct principal *who, int64_t id,
                   struct file *out, struct str *content)
{
    struct file_get_row row;
    enum err r =
        sql_file_get(db, arena, &(struct file_get_in){.park_id = who->park_id, .id = id}, &row);
    if (r != OK)
        return r;
    if (row.case_id) {
        struct case_scope scope;
        r = case_scope_check(db, arena, who, row.case_id, &scope);
        if (r != OK)
            return r;
        if (row.internal && !case_staff(who, &scope))
            return err_set(ERR_NOT_FOUND, "no file %" PRId64, id);
    } else if (row.uploader_id != who->person_id) {
        return err_set(ERR_NOT_FOUND, "no file %" PRId64, id);
    }
    struct file_content_row bytes = {0};
    if (content) {
        struct file_content_in in = {.park_id = who->park_id, .sha256 = row.sha256};
        r = sql_file_content(db, arena, &in, &bytes);
        if (r != OK)
            return r;
        *content = bytes.content;
    }
    *out = (struct file){.id = id,
                         .case_id = row.case_id,
                         .uploader_id = row.uploader_id,
                         .internal = row.internal,
                         .name = row.name,
                         .type = row.type,
                         .size = row.size,
                         .sha256 = row.sha256};
    return OK;
}

enum err file_write_list(struct json_writer *w, struct db *db, struct arena *arena, int64_t park_id,
                         struct str ids)
{
    const struct json_value *list = NULL;
    if (ids.len > 0) {
        enum err r = json_parse(arena, ids, &list);
        if (r != OK)
            return r;
    }
    json_array_begin(w);
    for (size_t i = 0; list && list->type == JSON_ARRAY && i < list->array.count; i++) {
        int64_t id;
        if (str_to_int(list->array.items[i].text, &id) != OK)
            continue;
        struct file_get_row row;
        enum err r =
            sql_file_get(db, arena, &(struct file_get_in){.park_id = park_id, .id = id}, &row);
        if (r == ERR_NOT_FOUND)
            continue;
        if (r != OK)
            return r;
        json_object_begin(w);
        json_member_id(w, "id", id);
        json_member_text(w, "name", row.name);
        json_member_text(w, "type", row.type);
        json_member_int(w, "size", row.size);
        json_object_end(w);
    }
    json_array_end(w);
    return OK;
}
