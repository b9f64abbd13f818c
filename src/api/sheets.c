/* Templates, exports and imports of enterprises, people and grids, as xlsx or CSV. */
#include "api/register.h"
#include "park/import.h"
#include "park/pinyin.h"

static const char *const FORMATS[] = {"xlsx", "csv", NULL};

struct format_in {
    int64_t format;
};

static const struct field FORMAT_PARAMS[] = {
    FIELD(struct format_in, format, FIELD_ENUM, .names = FORMATS), FIELD_END};

struct export_in {
    int64_t format;
    struct import_filter filter;
};

/* As the list of the same name filters. */
#define EXPORT_FILTER(member, kind)                                                                \
    {                                                                                              \
        .name = #member, .type = (kind), .offset = offsetof(struct export_in, filter.member),      \
        .max = LIMIT_NAME_CHARS                                                                    \
    }

static const struct field ENTERPRISES_EXPORT[] = {
    FIELD(struct export_in, format, FIELD_ENUM, .names = FORMATS),
    EXPORT_FILTER(q, FIELD_TEXT),
    EXPORT_FILTER(grid_id, FIELD_ID),
    EXPORT_FILTER(industry, FIELD_TEXT),
    FIELD_END,
};

static const struct field PEOPLE_EXPORT[] = {
    FIELD(struct export_in, format, FIELD_ENUM, .names = FORMATS),
    EXPORT_FILTER(q, FIELD_TEXT),
    EXPORT_FILTER(grid_id, FIELD_ID),
    EXPORT_FILTER(department_id, FIELD_ID),
    EXPORT_FILTER(kind, FIELD_TEXT),
    EXPORT_FILTER(role, FIELD_TEXT),
    FIELD_END,
};

static const struct field GRIDS_EXPORT[] = {
    FIELD(struct export_in, format, FIELD_ENUM, .names = FORMATS), FIELD_END};

static enum import_kind kind_of(const struct api_call *call)
{
    struct str path = str_of(call->route->path);
    return str_starts(path, STR("/api/v1/people/"))  ? IMPORT_PEOPLE
           : str_starts(path, STR("/api/v1/grids/")) ? IMPORT_GRIDS
                                                     : IMPORT_ENTERPRISES;
}

static void set_file(struct api_call *call, const char *suffix, enum sheet_format format)
{
    static const char *const names[] = {"enterprises", "people", "grids"};
    call->content_type = sheet_type(format);
    call->disposition = str_format(call->arena, "attachment; filename=\"%s%s.%s\"",
                                   names[kind_of(call)], suffix, FORMATS[format])
                            .ptr;
}

static enum err template_get(struct api_call *call)
{
    const struct format_in *in = call->query;
    enum sheet_format format = (enum sheet_format)in->format;
    enum err r = import_template(kind_of(call), format, call->out);
    if (r == OK)
        set_file(call, "-template", format);
    return r;
}

static enum err export_get(struct api_call *call)
{
    struct export_in *in = call->query;
    enum sheet_format format = (enum sheet_format)in->format;
    in->filter.q = search_query(call->arena, in->filter.q);
    enum err r =
        import_export(call->db, call->park_id, kind_of(call), &in->filter, format, call->out);
    if (r == OK)
        set_file(call, "", format);
    return r;
}

struct import_in {
    bool dry_run;
};

static const struct field IMPORT_PARAMS[] = {
    FIELD(struct import_in, dry_run, FIELD_BOOL, .doc = "Only say what would happen"), FIELD_END};

static const struct field ERROR_REPLY[] = {
    FIELD(struct import_error, row, FIELD_INT, .doc = "As the spreadsheet counts, from 1"),
    FIELD(struct import_error, column, FIELD_TEXT), FIELD(struct import_error, reason, FIELD_TEXT),
    FIELD(struct import_error, detail, FIELD_TEXT), FIELD_END};

static const struct field REPORT_REPLY[] = {
    FIELD(struct import_report, rows, FIELD_INT),
    FIELD(struct import_report, created, FIELD_INT),
    FIELD(struct import_report, updated, FIELD_INT),
    FIELD(struct import_report, unchanged, FIELD_INT),
    FIELD(struct import_report, errors, FIELD_LIST, .of = ERROR_REPLY,
          .of_size = sizeof(struct import_error),
          .doc = "Every bad cell; with any, nothing is changed"),
    FIELD_END,
};

static enum err import_prepare(struct api_call *call)
{
    struct sheet *sheet = ARENA_NEW(call->arena, struct sheet);
    call->prepared = sheet;
    return sheet_read(call->arena, call->raw, sheet);
}

static enum err import_post(struct api_call *call, struct db_tx *tx)
{
    const struct import_in *in = call->query;
    struct change by = register_change(call);
    struct import_report report;
    enum err r =
        import_run(tx, call->arena, &by, kind_of(call), call->prepared, in->dry_run, &report);
    if (r == OK)
        api_reply(call, REPORT_REPLY, &report);
    return r;
}

#define SHEET_TYPES                                                                                \
    "text/csv application/vnd.openxmlformats-officedocument.spreadsheetml.sheet "                  \
    "application/octet-stream"

/* clang-format off */
#define SHEET_ROUTES_OF(path_, what_, readers_, params_)                                           \
    {GET, path_ "/template", ROLES(ROLE_SYSTEM_ADMIN), .query = template_get, .slow = true,        \
     .query_fields = FORMAT_PARAMS, .query_size = sizeof(struct format_in),                        \
     .reply_type = "application/octet-stream", .doc = "An empty sheet to fill in: " what_},        \
    {GET, path_ "/export", ROLES(readers_), .query = export_get, .slow = true,                     \
     .query_fields = params_, .query_size = sizeof(struct export_in),                              \
     .reply_type = "application/octet-stream", .doc = "All " what_ " that pass, as a sheet"},      \
    {POST, path_ "/import", ROLES(ROLE_SYSTEM_ADMIN), .prepare = import_prepare,                   \
     .command = import_post, .query_fields = IMPORT_PARAMS,                                        \
     .query_size = sizeof(struct import_in), .raw_types = SHEET_TYPES,                             \
     .raw_max = LIMIT_HTTP_UPLOAD, .reply = REPORT_REPLY,                                          \
     .doc = "Adds and changes " what_ " from a sheet: all of it or nothing"}
/* clang-format on */

const struct route SHEET_ROUTES[] = {
    SHEET_ROUTES_OF("/api/v1/enterprises", "enterprises", REGISTER_READERS, ENTERPRISES_EXPORT),
    SHEET_ROUTES_OF("/api/v1/people", "people", ROLE_SYSTEM_ADMIN, PEOPLE_EXPORT),
    SHEET_ROUTES_OF("/api/v1/grids", "grids", REGISTER_READERS, GRIDS_EXPORT),
    ROUTE_END,
};
