#include <stdlib.h>

#include "park/case_list_sql.h"
#include "park/case_view.h"

enum { SOURCES_MAX = 64, SCAN = 2000, ROUNDS_MAX = 20 };

/* One index to walk down: a box is several of them, merged. */
enum source_kind {
    FROM_ALL,
    FROM_ENTERPRISE,
    FROM_GRID,
    FROM_DEPARTMENT,
    FROM_GIVEN,
    FROM_WATCHED
};

struct source {
    enum source_kind kind;
    int64_t scope_id;
};

struct found {
    int64_t id;
    bool match;
};

struct listing {
    const struct case_reader *reader;
    const struct case_filter *filter;
    struct source sources[SOURCES_MAX];
    size_t source_count;
    int64_t before, scan;
    struct found *found;
    size_t found_count, found_capacity;
    int64_t floor; /* Below it some source has not been read yet. */
};

static void add_source(struct listing *listing, enum source_kind kind, int64_t scope_id)
{
    if (listing->source_count < SOURCES_MAX)
        listing->sources[listing->source_count++] =
            (struct source){.kind = kind, .scope_id = scope_id};
}

static void add_grants(struct listing *listing, unsigned roles, enum source_kind kind)
{
    const struct principal *who = listing->reader->who;
    for (size_t i = 0; i < who->grant_count; i++) {
        bool seen = false;
        for (size_t j = 0; j < listing->source_count; j++)
            seen |= listing->sources[j].kind == kind &&
                    listing->sources[j].scope_id == who->grants[i].scope_id;
        if ((who->grants[i].role & roles) && !seen)
            add_source(listing, kind, who->grants[i].scope_id);
    }
}

static void choose_sources(struct listing *listing)
{
    const struct principal *who = listing->reader->who;
    switch ((enum case_box)listing->filter->box) {
    case BOX_WATCHED:
        add_source(listing, FROM_WATCHED, who->person_id);
        return;
    case BOX_GRID:
        add_grants(listing, ROLE_GRID_MEMBER | ROLE_GRID_LEADER, FROM_GRID);
        return;
    case BOX_DEPARTMENT:
        add_grants(listing, ROLE_OFFICER | ROLE_DEPARTMENT_HEAD, FROM_DEPARTMENT);
        return;
    case BOX_MINE:
        add_grants(listing, ROLE_CONTACT, FROM_ENTERPRISE);
        if (access_has(who, ROLE_STAFF))
            add_source(listing, FROM_GIVEN, who->person_id);
        return;
    case BOX_ALL:
        break;
    }
    if (access_has(who, ROLE_LEADER)) {
        add_source(listing, FROM_ALL, 0);
        return;
    }
    add_grants(listing, ROLE_CONTACT, FROM_ENTERPRISE);
    add_grants(listing, ROLE_GRID_MEMBER | ROLE_GRID_LEADER, FROM_GRID);
    add_grants(listing, ROLE_OFFICER | ROLE_DEPARTMENT_HEAD, FROM_DEPARTMENT);
    if (access_has(who, ROLE_STAFF))
        add_source(listing, FROM_GIVEN, who->person_id);
}

/* Each statement has its own row type of the same two columns. */
#define READ(statement, ...)                                                                       \
    do {                                                                                           \
        struct statement##_in in = {.park_id = reader->park_id,                                    \
                                    .before = listing->before,                                     \
                                    .limit = listing->scan,                                        \
                                    .category = f->category,                                       \
                                    .q = f->q,                                                     \
                                    __VA_ARGS__};                                                  \
        struct statement##_rows rows;                                                              \
        enum err r = sql_##statement(reader->db, reader->arena, &in, &rows);                       \
        if (r != OK)                                                                               \
            return r;                                                                              \
        for (size_t i = 0; i < rows.count; i++)                                                    \
            *ARENA_PUSH(reader->arena, listing->found, listing->found_count,                       \
                        listing->found_capacity) =                                                 \
                (struct found){rows.rows[i].id, rows.rows[i].match};                               \
        if (rows.count == (size_t)listing->scan && rows.rows[rows.count - 1].id > listing->floor)  \
            listing->floor = rows.rows[rows.count - 1].id;                                         \
        return OK;                                                                                 \
    } while (0)

static enum err read_all(struct listing *listing)
{
    const struct case_reader *reader = listing->reader;
    const struct case_filter *f = listing->filter;
    if (f->state == STATE_OPEN)
        READ(list_open, .enterprise_id = f->enterprise_id, .grid_id = f->grid_id);
    if (f->state == STATE_OVERDUE)
        READ(list_late, .enterprise_id = f->enterprise_id, .grid_id = f->grid_id);
    READ(list_all, .state = f->state, .enterprise_id = f->enterprise_id, .grid_id = f->grid_id);
}

static enum err read_grid(struct listing *listing, int64_t grid_id)
{
    const struct case_reader *reader = listing->reader;
    const struct case_filter *f = listing->filter;
    if (f->state == STATE_OPEN)
        READ(list_grid_open, .scope_id = grid_id, .enterprise_id = f->enterprise_id);
    if (f->state == STATE_OVERDUE)
        READ(list_grid_late, .scope_id = grid_id, .enterprise_id = f->enterprise_id);
    READ(list_grid, .scope_id = grid_id, .state = f->state, .enterprise_id = f->enterprise_id);
}

static enum err read_source(struct listing *listing, const struct source *source)
{
    const struct case_reader *reader = listing->reader;
    const struct case_filter *f = listing->filter;
    int64_t scope = source->scope_id;
    switch (source->kind) {
    case FROM_ALL:
        return read_all(listing);
    case FROM_GRID:
        return f->grid_id && f->grid_id != scope ? OK : read_grid(listing, scope);
    case FROM_ENTERPRISE:
        if (f->enterprise_id && f->enterprise_id != scope)
            return OK;
        READ(list_enterprise, .scope_id = scope, .state = f->state, .grid_id = f->grid_id);
    case FROM_DEPARTMENT:
        READ(list_department, .scope_id = scope, .state = f->state,
             .enterprise_id = f->enterprise_id, .grid_id = f->grid_id);
    case FROM_GIVEN:
    case FROM_WATCHED:
        READ(list_person, .scope_id = scope, .state = f->state,
             .watching = source->kind == FROM_WATCHED, .enterprise_id = f->enterprise_id,
             .grid_id = f->grid_id);
    }
    return OK;
}
#undef READ

static int newest_first(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    return (x->id < y->id) - (x->id > y->id);
}

/* One round: reads every source below `before`, and keeps what lies above the floor. */
static enum err read_round(struct listing *listing, int64_t *ids, size_t *count, int64_t *next)
{
    listing->found_count = 0;
    listing->floor = 0;
    for (size_t i = 0; i < listing->source_count; i++) {
        enum err r = read_source(listing, &listing->sources[i]);
        if (r != OK)
            return r;
    }
    if (listing->found_count > 0)
        qsort(listing->found, listing->found_count, sizeof(*listing->found), newest_first);
    int64_t last = 0;
    *next = listing->floor;
    for (size_t i = 0; i < listing->found_count; i++) {
        const struct found *found = &listing->found[i];
        if (found->id < listing->floor)
            break;
        if (!found->match || found->id == last)
            continue;
        if (*count == (size_t)listing->filter->limit) {
            *next = last;
            return OK;
        }
        ids[(*count)++] = last = found->id;
    }
    return OK;
}

/* An enterprise or grid that is asked for has an index of its own. */
static void narrow(struct listing *listing)
{
    if (listing->source_count != 1 || listing->sources[0].kind != FROM_ALL)
        return;
    if (listing->filter->enterprise_id)
        listing->sources[0] =
            (struct source){.kind = FROM_ENTERPRISE, .scope_id = listing->filter->enterprise_id};
    else if (listing->filter->grid_id)
        listing->sources[0] =
            (struct source){.kind = FROM_GRID, .scope_id = listing->filter->grid_id};
}

enum err case_list(const struct case_reader *reader, const struct case_filter *filter,
                   struct case_ids *out)
{
    assert(filter->limit > 0);
    struct listing listing = {
        .reader = reader, .filter = filter, .before = filter->before ? filter->before : INT64_MAX};
    choose_sources(&listing);
    narrow(&listing);
    bool plain = !filter->q.len && !filter->category.len;
    listing.scan = plain && filter->state != STATE_CLOSED ? filter->limit + 1 : SCAN;
    int64_t *ids = ARENA_ARRAY(reader->arena, (size_t)filter->limit, int64_t);
    size_t count = 0;
    int64_t next = 0;
    for (int round = 0; round < ROUNDS_MAX; round++) {
        enum err r = read_round(&listing, ids, &count, &next);
        if (r != OK)
            return r;
        if (!next || count == (size_t)filter->limit)
            break;
        listing.before = next;
        listing.scan = SCAN;
    }
    *out = (struct case_ids){.ids = ids, .count = count, .next = next};
    return OK;
}
