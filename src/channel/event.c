#include "channel/event.h"

#include <stdlib.h>

#include "json/json.h"

struct event_text *event_text_of(struct str bytes)
{
    struct event_text *text = malloc(sizeof(*text) + bytes.len);
    assert(text);
    atomic_init(&text->references, 1);
    text->len = bytes.len;
    memcpy(text->bytes, bytes.ptr, bytes.len);
    return text;
}

struct event_text *event_text_share(struct event_text *text)
{
    atomic_fetch_add(&text->references, 1);
    return text;
}

void event_text_drop(struct event_text *text)
{
    if (text && atomic_fetch_sub(&text->references, 1) == 1)
        free(text);
}

/* The event's name is what a page listens for; NULL: pages are not told. */
static const char *name_of(struct str kind)
{
    static const struct {
        const char *begin, *name;
    } names[] = {
        {"case.", "case"},           {"task.", "task"},           {"notice.", "notice"},
        {"grid.", "register"},       {"enterprise.", "register"}, {"person.", "register"},
        {"department.", "register"}, {"calendar.", "register"},   {"settings.", "register"}};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_starts(kind, str_of(names[i].begin)))
            return names[i].name;
    return NULL;
}

static struct event_text *write_text(const struct hub_entries_row *row, const char *name,
                                     const struct case_scope *scope)
{
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, 4096);
    buf_format(&out, "id: %" PRId64 "\nevent: %s\ndata: ", row->seq, name);
    struct json_writer json = json_writer(&out);
    json_object_begin(&json);
    json_member_text(&json, "kind", row->kind);
    if (scope) {
        json_member_id(&json, "case_id", row->case_id);
        json_member_id(&json, "enterprise_id", scope->enterprise_id);
        json_member_id(&json, "grid_id", scope->grid_id);
    }
    json_member_time(&json, "at", row->time_us);
    json_object_end(&json);
    buf_add_c(&out, "\n\n");
    return event_text_of(buf_str(&out));
}

static enum err make(struct db *db, struct arena *arena, int64_t park_id,
                     const struct hub_entries_row *row, struct event *event)
{
    const char *name = name_of(row->kind);
    *event = (struct event){.seq = row->seq, .for_staff = case_kind_internal(row->kind)};
    if (!name)
        return OK;
    if (row->case_id) {
        event->scope = ARENA_NEW(arena, struct case_scope);
        enum err r = case_scope_load(db, arena, park_id, row->case_id, event->scope);
        if (r == ERR_NOT_FOUND) /* A case that is gone has nobody who sees it. */
            return OK;
        if (r != OK)
            return r;
    }
    event->text = write_text(row, name, event->scope);
    return OK;
}

enum err events_make(struct db *db, struct arena *arena, int64_t park_id,
                     const struct hub_entries_row *rows, size_t count, struct event *events)
{
    for (size_t i = 0; i < count; i++) {
        enum err r = make(db, arena, park_id, &rows[i], &events[i]);
        if (r != OK) {
            while (i-- > 0)
                event_text_drop(events[i].text);
            return r;
        }
    }
    return OK;
}

bool event_visible(const struct principal *who, const struct event *event)
{
    if (!event->text)
        return false;
    if (event->scope)
        return event->for_staff ? case_staff(who, event->scope) : case_visible(who, event->scope);
    return access_has(who, ROLE_STAFF | ROLE_ADMIN);
}
