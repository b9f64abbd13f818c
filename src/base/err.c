#include "base/base.h"

#include <stdarg.h>
#include <stdio.h>

static _Thread_local struct err_info last;

static void set_text(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from);
}

static void set_detail(enum err code, const char *field, const char *reason, const char *format,
                       va_list args)
{
    struct err_info info = {.code = code}; /* The arguments may point into `last`. */
    set_text(info.field, sizeof(info.field), field);
    set_text(info.reason, sizeof(info.reason), reason);
    vsnprintf(info.detail, sizeof(info.detail), format, args);
    last = info;
}

enum err err_set(enum err code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_detail(code, "", "", format, args);
    va_end(args);
    return code;
}

enum err err_refuse(enum err code, const char *reason, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_detail(code, "", reason, format, args);
    va_end(args);
    return code;
}

enum err err_field(enum err code, const char *field, const char *reason, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_detail(code, field, reason, format, args);
    va_end(args);
    return code;
}

const struct err_info *err_last(void)
{
    return &last;
}

void err_restore(const struct err_info *info)
{
    last = *info;
}

struct err_row {
    const char *name, *type;
    int status;
};

#define ERR_ROW(code, http, slug) [code] = {.name = #code, .type = slug, .status = http},
static const struct err_row ROWS[ERR_COUNT] = {ERR_LIST(ERR_ROW)};
#undef ERR_ROW

int err_http_status(enum err code)
{
    return ROWS[code].status;
}

const char *err_type(enum err code)
{
    return ROWS[code].type;
}

const char *err_name(enum err code)
{
    return ROWS[code].name;
}
