#include "api/register.h"

struct change register_change(const struct api_call *call)
{
    return (struct change){
        .park_id = call->park_id, .actor_id = call->who.person_id, .now_us = call->now_us};
}

/* The cursor's text is "id name". */
enum err register_cursor_read(struct api_call *call, struct str cursor, struct register_cursor *out)
{
    struct str text;
    enum err r = api_cursor_read_text(call, cursor, &text);
    if (r != OK)
        return r;
    if (text.len == 0) {
        *out = (struct register_cursor){.name = STR("")};
        return OK;
    }
    size_t space = str_find(text, STR(" "), 0);
    struct register_cursor found = {.name = str_sub(text, space + 1, text.len)};
    r = str_to_int(str_sub(text, 0, space), &found.id);
    if (r == OK)
        *out = found;
    return r;
}

struct str register_cursor_make(struct api_call *call, struct str name, int64_t id)
{
    return api_cursor_make_text(call,
                                str_format(call->arena, "%" PRId64 " %.*s", id, STR_ARG(name)));
}
