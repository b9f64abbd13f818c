/* What the engine did with a case or a process of /v2, step by step, as the journal tells it.
 *
 * Every command on a case leaves an entry of the kind "case.step", on a process "process.step":
 *
 *     {"model": "<id of the service's version>", "events": [{"event": "element_activated", …}, …]}
 *     {"instance": "…", "definition": "<id of the version>", "events": […]}
 *
 * with the events that change the instance. Applied one after the other they must give what is
 * stored. An entry that ends with ENGINE_MIGRATED has also "to", the version it moved to. Their
 * bodies are kept until some time after the case is closed; then they are erased, a few cases at a
 * time, and the log still verifies.
 */
#ifndef PARK_HISTORY_H
#define PARK_HISTORY_H

#include "engine/engine.h"
#include "park/history_sql.h"
#include "park/process.h"
#include "park/service.h"

enum {
    HISTORY_CLEAN_CASES = 20, /* Cleaned in one command: the writer must not stand still. */
};

/* One element's life. */
struct history_item {
    int64_t key;
    uint32_t node;              /* Of history.model, or BPMN_NONE: it has none such. */
    int64_t begun_us, ended_us; /* 0: lives. */
    bool terminated;
};

enum history_verdict {
    HISTORY_SAME,
    HISTORY_DIFFERS,
    HISTORY_ERASED, /* Steps were cleaned away, erased with somebody's data, or never kept. */
};

struct history {
    struct str number;             /* Of a case. */
    const struct service *service; /* That the stored case runs by. */
    const struct bpmn_model *model;
    const struct engine_instance *stored;  /* NULL for a process that is over. */
    const struct engine_instance *rebuilt; /* Of what could be read. */
    struct history_item *items;            /* In the order of their keys. */
    size_t item_count, item_room;
    int64_t steps, events;
    enum history_verdict verdict;
    struct str differences; /* A line each. */
};

/* False: no further. What it is given lives no longer than the visit. */
typedef bool history_visit(void *data, struct arena *arena, const struct history_steps_row *step);
/* Visits the entries of a case or instance that are of this kind, from the first on; one that was
 * erased has no body. */
MUST_USE enum err history_each(struct db *db, int64_t park_id, int64_t id, const char *kind,
                               history_visit *visit, void *data);

/* Rebuilds the instance of a case and holds it against the stored one. ERR_NOT_FOUND; what is
 * wrong with the steps themselves is a difference. */
MUST_USE enum err history_read(struct db *db, struct arena *arena, struct services *services,
                               int64_t park_id, int64_t case_id, struct history *out);

/* The same for an instance of a process. `world` keeps models from one call to the next. */
MUST_USE enum err history_read_process(struct db *db, struct arena *arena,
                                       struct process_world *world, int64_t park_id, int64_t id,
                                       struct history *out);

/* Adds a line for each difference between two states of one model. True if there is none. */
bool history_compare(const struct bpmn_model *model, const struct engine_instance *journal,
                     const struct engine_instance *store, struct buf *out);

/* The case is over: its steps may go when `days` have passed. */
MUST_USE enum err history_closed(struct db_tx *tx, int64_t park_id, int64_t case_id,
                                 int64_t now_us);
/* Erases the steps of the next few cases whose time has come. */
MUST_USE enum err history_clean(struct db_tx *tx, int64_t park_id, int64_t now_us, int64_t *cases);

/* The id of a case by its number or id; ERR_NOT_FOUND. */
MUST_USE enum err history_find(struct db *db, int64_t park_id, struct str name, int64_t *out);

#endif
