#include "park/draft.h"

#include "base/id.h"
#include "park/draft_sql.h"

static enum err check(const struct draft *draft)
{
    if (draft->form.len > DRAFT_FORM_MAX)
        return err_refuse(ERR_LIMIT, "draft.size", "a draft holds %d bytes at most",
                          DRAFT_FORM_MAX);
    return OK;
}

static void from_row(struct draft *out, int64_t id, const struct draft_get_row *row)
{
    *out = (struct draft){.id = id,
                          .service = row->service,
                          .enterprise_id = row->enterprise_id,
                          .form = row->form,
                          .files = row->files,
                          .updated_us = row->updated_us,
                          .version = row->version};
}

enum err draft_add(struct db_tx *tx, const struct principal *who, struct draft *draft,
                   int64_t now_us)
{
    struct draft_count_row row;
    struct draft_count_in at = {.park_id = who->park_id, .person_id = who->person_id};
    enum err r = check(draft);
    if (r == OK)
        r = sql_draft_count(tx->db, &at, &row);
    if (r != OK)
        return r;
    if (row.count >= DRAFT_COUNT_MAX)
        return err_refuse(ERR_LIMIT, "draft.many", "more than %d drafts", DRAFT_COUNT_MAX);
    struct draft_insert_in in = {.park_id = who->park_id,
                                 .person_id = who->person_id,
                                 .id = id_next(now_us),
                                 .service = draft->service,
                                 .enterprise_id = draft->enterprise_id,
                                 .form = draft->form,
                                 .files = draft->files,
                                 .updated_us = now_us};
    r = sql_draft_insert(tx, &in, NULL);
    if (r != OK)
        return r;
    draft->id = in.id;
    draft->updated_us = now_us;
    draft->version = 1;
    return OK;
}

enum err draft_change(struct db_tx *tx, const struct principal *who, struct draft *draft,
                      int64_t now_us)
{
    struct draft_update_in in = {.park_id = who->park_id,
                                 .person_id = who->person_id,
                                 .id = draft->id,
                                 .service = draft->service,
                                 .enterprise_id = draft->enterprise_id,
                                 .form = draft->form,
                                 .files = draft->files,
                                 .updated_us = now_us};
    int64_t changed = 0;
    enum err r = check(draft);
    if (r == OK)
        r = sql_draft_update(tx, &in, &changed);
    if (r == OK && changed == 0)
        return err_set(ERR_NOT_FOUND, "no draft %" PRId64, draft->id);
    return r;
}

enum err draft_drop(struct db_tx *tx, const struct principal *who, int64_t id)
{
    struct draft_delete_in in = {.park_id = who->park_id, .person_id = who->person_id, .id = id};
    return sql_draft_delete(tx, &in, NULL);
}

enum err draft_get(struct db *db, struct arena *arena, const struct principal *who, int64_t id,
                   struct draft *out)
{
    struct draft_get_in in = {.park_id = who->park_id, .person_id = who->person_id, .id = id};
    struct draft_get_row row;
    enum err r = sql_draft_get(db, arena, &in, &row);
    if (r == ERR_NOT_FOUND)
        return err_set(ERR_NOT_FOUND, "no draft %" PRId64, id);
    if (r == OK)
        from_row(out, id, &row);
    return r;
}

enum err draft_list(struct db *db, struct arena *arena, const struct principal *who, int64_t before,
                    int64_t limit, struct draft **out, size_t *count)
{
    struct draft_list_in in = {.park_id = who->park_id,
                               .person_id = who->person_id,
                               .before = before ? before : INT64_MAX,
                               .limit = limit};
    struct draft_list_rows rows;
    enum err r = sql_draft_list(db, arena, &in, &rows);
    if (r != OK)
        return r;
    struct draft *drafts = ARENA_ARRAY(arena, rows.count, struct draft);
    for (size_t i = 0; i < rows.count; i++) {
        const struct draft_list_row *row = &rows.rows[i];
        struct draft_get_row same = {.service = row->service,
                                     .enterprise_id = row->enterprise_id,
                                     .form = row->form,
                                     .files = row->files,
                                     .updated_us = row->updated_us,
                                     .version = row->version};
        from_row(&drafts[i], row->id, &same);
    }
    *out = drafts;
    *count = rows.count;
    return OK;
}
