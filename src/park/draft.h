/* Drafts: what a person has filled in and not filed yet. Only its author sees a draft. */
#ifndef PARK_DRAFT_H
#define PARK_DRAFT_H

#include "park/access.h"
#include "json/json.h"

enum { DRAFT_FORM_MAX = 64 * 1024, DRAFT_COUNT_MAX = 200 };

struct draft {
    int64_t id;
    struct str service;
    int64_t enterprise_id; /* 0: not chosen yet. */
    struct str form;       /* JSON object */
    struct str files;      /* JSON array of ids */
    int64_t updated_us, version;
};

/* ERR_LIMIT "draft.size", "draft.many". Fills id, updated_us and version. */
MUST_USE enum err draft_add(struct db_tx *tx, const struct principal *who, struct draft *draft,
                            int64_t now_us);
/* ERR_NOT_FOUND, ERR_LIMIT. */
MUST_USE enum err draft_change(struct db_tx *tx, const struct principal *who, struct draft *draft,
                               int64_t now_us);
/* Gone already is fine. */
MUST_USE enum err draft_drop(struct db_tx *tx, const struct principal *who, int64_t id);
MUST_USE enum err draft_get(struct db *db, struct arena *arena, const struct principal *who,
                            int64_t id, struct draft *out);
/* Newest first, below `before` (0: from the newest). */
MUST_USE enum err draft_list(struct db *db, struct arena *arena, const struct principal *who,
                             int64_t before, int64_t limit, struct draft **out, size_t *count);

#endif
