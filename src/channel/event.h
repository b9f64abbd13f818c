/* One event on its way to many pages. Inside src/channel/. */
#ifndef CHANNEL_EVENT_H
#define CHANNEL_EVENT_H

#include <stdatomic.h>

#include "channel/hub_sql.h"
#include "park/case.h"

/* Text that is shared by all queues it stands in; the last one frees it. */
struct event_text {
    _Atomic int references;
    size_t len;
    char bytes[];
};

struct event {
    int64_t seq;
    struct event_text *text;  /* NULL: an entry that no page is told of. */
    struct case_scope *scope; /* NULL if it is about no case. */
    bool for_staff;           /* What an enterprise's contacts are not told of. */
};

struct event_text *event_text_of(struct str bytes);
struct event_text *event_text_share(struct event_text *text);
void event_text_drop(struct event_text *text);

/* Makes events of journal entries: `events` has room for `count`. Their texts are the caller's to
 * drop; all else is the arena's. */
MUST_USE enum err events_make(struct db *db, struct arena *arena, int64_t park_id,
                              const struct hub_entries_row *rows, size_t count,
                              struct event *events);
bool event_visible(const struct principal *who, const struct event *event);

#endif
