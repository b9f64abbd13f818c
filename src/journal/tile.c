#include "journal/journal.h"
#include "journal/journal_sql.h"
#include "journal/tree.h"

enum { TILE_LEVELS = 8, TILE_LEVEL_MAX = 7, TILE_ENTRIES = -1 };

struct tile {
    int level; /* TILE_ENTRIES for the entries themselves. */
    int64_t index;
    int width; /* 1 to 256. */
};

static struct str next_part(struct str *path)
{
    size_t end = str_find(*path, STR("/"), 0);
    struct str part = str_sub(*path, 0, end);
    *path = str_sub(*path, end + 1, path->len);
    return part;
}

/* "234": exactly three digits. */
static bool read_group(struct str part, int64_t *index)
{
    int64_t value = 0;
    if (part.len != 3)
        return false;
    for (size_t i = 0; i < 3; i++) {
        if (part.ptr[i] < '0' || part.ptr[i] > '9')
            return false;
        value = value * 10 + (part.ptr[i] - '0');
    }
    *index = *index * 1000 + value;
    return true;
}

static bool read_path(struct str path, struct tile *out)
{
    struct tile tile = {.width = JOURNAL_TILE_WIDTH};
    struct str level = next_part(&path);
    int64_t number = TILE_ENTRIES;
    if (!str_is(level, "entries") && (str_to_int(level, &number) != OK || number < 0 ||
                                      number > TILE_LEVEL_MAX || level.len != 1))
        return false;
    tile.level = (int)number;
    for (int groups = 0; groups < 6; groups++) {
        struct str part = next_part(&path);
        if (str_starts(part, STR("x"))) {
            if (!read_group(str_sub(part, 1, part.len), &tile.index))
                return false;
            continue;
        }
        if (str_ends(part, STR(".p"))) {
            int64_t width;
            if (str_to_int(next_part(&path), &width) != OK || width < 1 ||
                width >= JOURNAL_TILE_WIDTH)
                return false;
            tile.width = (int)width;
            part.len -= 2;
        }
        *out = tile;
        return path.len == 0 && read_group(part, &out->index);
    }
    return false;
}

/* Entries are served as their leaves' bytes, each behind its length as a 16-bit number. */
static enum err write_entries(struct db *db, struct arena *arena, int64_t park_id, int64_t first,
                              int64_t past, struct buf *out)
{
    struct journal_leaf_range_in in = {.park_id = park_id, .first = first, .past = past};
    struct journal_leaf_range_rows rows;
    enum err r = sql_journal_leaf_range(db, arena, &in, &rows);
    for (size_t i = 0; r == OK && i < rows.count; i++) {
        const struct journal_leaf_range_row *row = &rows.rows[i];
        struct journal_entry entry = {.park_id = park_id,
                                      .time_us = row->time_us,
                                      .kind = str_c(arena, row->kind),
                                      .case_id = row->case_id,
                                      .actor_id = row->actor_id};
        struct str leaf = journal_leaf(arena, row->seq, &entry, &row->digest);
        buf_add_char(out, (char)(leaf.len >> 8));
        buf_add_char(out, (char)(leaf.len & 255));
        buf_add_str(out, leaf);
    }
    return r;
}

static enum err write_hashes(struct db *db, int64_t park_id, const struct tile *tile,
                             struct buf *out)
{
    int64_t first = tile->index * JOURNAL_TILE_WIDTH;
    for (int64_t place = first; place < first + tile->width; place++) {
        struct hash hash;
        enum err r = journal_tree_node(db, park_id, tile->level * TILE_LEVELS, place, &hash);
        if (r != OK)
            return r;
        buf_add_str(out, hash_str(&hash));
    }
    return OK;
}

enum err journal_tile(struct db *db, struct arena *arena, int64_t park_id, struct str path,
                      struct str *out)
{
    struct tile tile;
    if (!read_path(path, &tile))
        return err_set(ERR_NOT_FOUND, "not a tile's path");
    struct journal_head_size_row head;
    enum err r = sql_journal_head_size(db, &(struct journal_head_size_in){park_id}, &head);
    if (r != OK)
        return r;
    int level = tile.level == TILE_ENTRIES ? 0 : tile.level;
    int64_t past = tile.index * JOURNAL_TILE_WIDTH + tile.width;
    if (past > head.size >> (TILE_LEVELS * level))
        return err_set(ERR_NOT_FOUND, "the log is not that long yet");

    CLEANUP(buf_release) struct buf bytes;
    buf_init(&bytes, JOURNAL_TILE_WIDTH * (JOURNAL_LEAF_MAX + 2));
    if (tile.level == TILE_ENTRIES)
        r = write_entries(db, arena, park_id, past - tile.width, past, &bytes);
    else
        r = write_hashes(db, park_id, &tile, &bytes);
    if (r == OK)
        r = buf_check(&bytes);
    if (r == OK)
        *out = str_copy(arena, buf_str(&bytes));
    return r;
}
