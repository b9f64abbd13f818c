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

static struct event_text *write_text(const struct hub_entries_row *row, const char *name)
{
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, 4096);
    buf_format(&out, "id: %" PRId64 "\nevent: %s\ndata: ", row->seq, name);
    struct json_writer json = json_writer(&out);
    json_object_begin(&json);
    json_key(&json, "kind");
    json_text(&json, row->kind);
    json_key(&json, "at");
    json_time(&json, row->time_us);
    json_object_end(&json);
    buf_add_c(&out, "\n\n");
    return event_text_of(buf_str(&out));
}

void events_make(const struct hub_entries_row *rows, size_t count, struct event *events)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = rows[i].case_id ? NULL : name_of(rows[i].kind);
        events[i] = (struct event){.seq = rows[i].seq};
        if (name)
            events[i].text = write_text(&rows[i], name);
    }
}

bool event_visible(const struct principal *who, const struct event *event)
{
    return event->text && access_has(who, ROLE_STAFF | ROLE_ADMIN);
}
