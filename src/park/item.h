/* Items: the lists within a case. A checklist is marked on a visit; what was found wanting goes to
 * a list of things to put right, each with an owner, a deadline, evidence and a re-check.
 *
 * Which lists a service has stands in its service.json; what a task may do with them in the
 * properties of its user tasks:
 *
 *     marks="checklist"       its department's items must be marked before it can be completed
 *     adds="rectification"    may raise new items
 *     needs="declined"        … and must, to be completed with this outcome
 *     edits="rectification"   may change all items that are open
 *     item="item"             the task is about the item whose id this variable holds
 *     fixes="done"            … which this outcome says is put right
 *     closes="passed"         … which this outcome closes; any other opens it again
 */
#ifndef PARK_ITEM_H
#define PARK_ITEM_H

#include "park/case_act.h"
#include "park/case_view.h"

enum { CASE_ITEMS_MAX = 500 };

#define ITEM_STATE_LIST(X)                                                                         \
    X(ITEM_OPEN, "open")                                                                           \
    X(ITEM_MET, "met")                                                                             \
    X(ITEM_UNMET, "unmet")                                                                         \
    X(ITEM_NOT_APPLICABLE, "not_applicable")                                                       \
    X(ITEM_FIXED, "fixed")                                                                         \
    X(ITEM_CLOSED, "closed")                                                                       \
    X(ITEM_MERGED, "merged")

/* What a person says of an item. Absent texts and zeros leave what was there. */
struct item_words {
    int64_t state; /* enum item_state of marking and merging; ITEM_OPEN leaves it. */
    struct str title, text, basis;
    int64_t owner_id; /* A department; 0: the enterprise. */
    int64_t due_us;
    int64_t into_id;      /* Merged: into which. */
    struct list file_ids; /* int64_t */
};

#define ITEM_STATE_ENUM(name, key) name,
enum item_state { ITEM_STATE_LIST(ITEM_STATE_ENUM) ITEM_STATE_COUNT };
#undef ITEM_STATE_ENUM

extern const char *const ITEM_STATES[ITEM_STATE_COUNT + 1]; /* NULL-ended. */

/* Raises an item from a task. Gives the case. */
MUST_USE enum err task_item_add(const struct case_env *env, const struct principal *who,
                                int64_t task_id, const struct item_words *in, int64_t *case_id);
/* Marks, changes or merges an item from a task. */
MUST_USE enum err task_item_set(const struct case_env *env, const struct principal *who,
                                int64_t task_id, int64_t item_id, const struct item_words *in,
                                int64_t *case_id);

/* Writes "items":[…], all lists in their order. */
MUST_USE enum err case_items_write(const struct case_reader *reader, struct json_writer *w,
                                   int64_t case_id);

#endif
