/* /api/v1/files: photos and documents, uploaded first and attached later. */
#include "api/case_call.h"
#include "http/check.h"
#include "park/file.h"

struct file_out {
    int64_t id, size;
    struct str name, type, sha256;
};
static const struct field FILE_REPLY[] = {FIELD(struct file_out, id, FIELD_ID),
                                          FIELD(struct file_out, name, FIELD_TEXT),
                                          FIELD(struct file_out, type, FIELD_TEXT),
                                          FIELD(struct file_out, size, FIELD_INT),
                                          FIELD(struct file_out, sha256, FIELD_TEXT, .doc = "Hex"),
                                          FIELD_END};

/* The digest of twenty megabytes is not the writer's work. */
static enum err file_prepare(struct api_call *call)
{
    struct hash *sum = ARENA_NEW(call->arena, struct hash);
    *sum = hash_of(call->raw);
    call->prepared = sum;
    return OK;
}

static enum err file_post(struct api_call *call, struct db_tx *tx)
{
    struct str header = http_header(call->http, "X-File-Name"), name = STR("file");
    struct file file;
    if (header.len > 0 && http_unescape(call->arena, header, false, &name) != OK)
        name = STR("file");
    enum err r = file_add(tx, &call->who, name, call->raw, call->prepared, call->now_us, &file);
    if (r != OK)
        return r;
    CLEANUP(buf_release) struct buf hex;
    buf_init(&hex, HASH_SIZE * 2 + 2);
    buf_add_hex(&hex, hash_str(&file.sha256));
    struct file_out out = {.id = file.id,
                           .size = file.size,
                           .name = file.name,
                           .type = file.type,
                           .sha256 = buf_str(&hex)};
    api_reply(call, FILE_REPLY, &out);
    return OK;
}

/* Every byte outside RFC 5987's plain set is percent-encoded. */
static const char *disposition(struct api_call *call, const struct file *file)
{
    static const char PLAIN[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, LIMIT_NAME_CHARS * 12 + 64);
    bool image = str_starts(file->type, STR("image/"));
    buf_add_c(&text, image ? "inline" : "attachment");
    buf_add_c(&text, "; filename*=UTF-8''");
    for (size_t i = 0; i < file->name.len; i++) {
        char c = file->name.ptr[i];
        if (c && strchr(PLAIN, c))
            buf_add_char(&text, c);
        else
            buf_format(&text, "%%%02X", (unsigned char)c);
    }
    return str_copy(call->arena, buf_str(&text)).ptr;
}

static enum err file_get(struct api_call *call)
{
    struct file file;
    struct str content;
    int64_t id = 0;
    enum err r = case_path_id(call, &id);
    if (r == OK)
        r = file_read(call->db, call->arena, &call->who, id, &file, &content);
    if (r != OK)
        return r;
    call->content_type = str_c(call->arena, file.type);
    call->disposition = disposition(call, &file);
    call->cache = "private, max-age=3600";
    buf_add_str(call->out, content);
    return OK;
}

const struct route FILE_ROUTES[] = {
    {POST, "/api/v1/files", ROLES(CASE_READERS), .prepare = file_prepare, .command = file_post,
     .raw_types = "image/jpeg image/png image/webp image/gif application/pdf",
     .raw_max = LIMIT_HTTP_UPLOAD, .reply = FILE_REPLY, .status = 201,
     .doc = "Uploads a photo or a PDF; X-File-Name holds its percent-encoded name"},
    {GET, "/api/v1/files/{id}", ROLES(CASE_READERS), .query = file_get,
     .reply_type = "application/octet-stream", .doc = "A file of a case that the caller may see"},
    ROUTE_END};
