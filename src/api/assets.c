/* The web app's files, out of the program or a folder. What is no file is a page of the app. */
#include <stdio.h>
#include <stdlib.h>

#include "api/inside.h"
#include "base/asset.h"

/* Gzipped, made by tools/embed.py; empty with -Dweb=false. */
extern const struct asset WEB_ASSETS[];
extern const size_t WEB_ASSETS_COUNT;

enum { FILE_MAX = 32 * 1024 * 1024 };

static const char *type_of(struct str path)
{
    static const struct {
        const char *end, *type;
    } types[] = {{".html", "text/html; charset=utf-8"},
                 {".js", "text/javascript; charset=utf-8"},
                 {".css", "text/css; charset=utf-8"},
                 {".svg", "image/svg+xml"},
                 {".json", "application/json"},
                 {".webmanifest", "application/manifest+json"},
                 {".png", "image/png"},
                 {".jpg", "image/jpeg"},
                 {".ico", "image/x-icon"},
                 {".woff2", "font/woff2"},
                 {".woff", "font/woff"},
                 {".ttf", "font/ttf"},
                 {".wasm", "application/wasm"},
                 {".txt", "text/plain; charset=utf-8"}};
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (str_ends(path, str_of(types[i].end)))
            return types[i].type;
    return "application/octet-stream";
}

/* Vite puts a digest into the names below assets/: such a file never changes. */
static bool is_immutable(struct str path)
{
    return str_starts(path, STR("assets/"));
}

static void set_headers(struct http_request *request, struct str path)
{
    http_set_header(request, "Content-Type", type_of(path));
    http_set_header(request, "Cache-Control",
                    is_immutable(path) ? "public, max-age=31536000, immutable" : "no-cache");
    answer_set_security(request, true);
}

static void answer_missing(struct http_request *request)
{
    enum err why = err_refuse(ERR_NOT_FOUND, "route", "there is no such path");
    api_refuse(NULL, request, why);
}

static bool takes_gzip(struct http_request *request)
{
    struct str header = http_header(request, "Accept-Encoding");
    size_t at = str_find(header, STR("gzip"), 0);
    return at < header.len && !str_starts(str_sub(header, at, header.len), STR("gzip;q=0,")) &&
           !str_equal(str_sub(header, at, header.len), STR("gzip;q=0"));
}

static bool is_page(struct str path)
{
    size_t dot = str_find(path, STR("."), 0);
    return dot == path.len; /* A file's name has a dot; the app's own routes have none. */
}

static struct str tag_of(struct http_request *request, const struct asset *asset)
{
    struct hash digest = hash_of(asset_bytes(asset));
    CLEANUP(buf_release) struct buf tag;
    buf_init(&tag, 64);
    buf_add_char(&tag, '"');
    buf_add_hex(&tag, (struct str){.ptr = (const char *)digest.bytes, .len = 12});
    buf_add_char(&tag, '"');
    return str_copy(http_arena(request), buf_str(&tag));
}

static void answer_embedded(struct http_request *request, struct str path)
{
    struct str gzipped_name = str_format(http_arena(request), "%.*s.gz", STR_ARG(path));
    const struct asset *plain = asset_find(WEB_ASSETS, WEB_ASSETS_COUNT, path);
    const struct asset *gzipped = asset_find(WEB_ASSETS, WEB_ASSETS_COUNT, gzipped_name);
    const struct asset *found = gzipped && (!plain || takes_gzip(request)) ? gzipped : plain;
    if (!found) {
        answer_missing(request);
        return;
    }
    struct str etag = is_immutable(path) ? (struct str){0} : tag_of(request, found);
    set_headers(request, path);
    if (etag.ptr)
        http_set_header(request, "ETag", etag.ptr);
    http_set_header(request, "Vary", "Accept-Encoding");
    if (found == gzipped)
        http_set_header(request, "Content-Encoding", "gzip");
    if (etag.ptr && str_equal(http_header(request, "If-None-Match"), etag))
        http_answer_static(request, 304, STR(""));
    else
        http_answer_static(request, 200, asset_bytes(found));
}

/* http_target has refused "..", so that nothing above the folder can be named. */
static bool read_file(const char *name, struct buf *out)
{
    FILE *file = fopen(name, "rb");
    if (!file)
        return false;
    char bytes[16384];
    for (size_t got; (got = fread(bytes, 1, sizeof(bytes), file)) > 0;)
        buf_add(out, bytes, got);
    bool good = !ferror(file) && !out->full;
    fclose(file);
    return good;
}

static void answer_from(const char *folder, struct http_request *request, struct str path)
{
    struct str name = str_format(http_arena(request), "%s/%.*s", folder, STR_ARG(path));
    struct buf out;
    buf_init(&out, FILE_MAX);
    if (!read_file(name.ptr, &out)) {
        buf_release(&out);
        answer_missing(request);
        return;
    }
    set_headers(request, path);
    http_answer(request, 200, &out);
}

void asset_answer(struct api *api, struct http_request *request)
{
    struct str path = http_path(request);
    path = str_sub(path, 1, path.len);
    if (is_page(path))
        path = STR("index.html");
    if (api->config.web_dir)
        answer_from(api->config.web_dir, request, path);
    else
        answer_embedded(request, path);
}
