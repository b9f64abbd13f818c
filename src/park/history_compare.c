/* Where the state that the journal gives and the stored one differ, in words. */
#include "park/history.h"

struct both {
    const struct bpmn_model *model;
    const struct engine_instance *journal, *store;
    struct buf *out;
};

static struct str id_of(const struct both *both, uint32_t node)
{
    return node < both->model->node_count ? both->model->nodes[node].id : STR("?");
}

/* Walks two arrays that are ordered by their keys, an int64_t in front of each item. */
static void compare_keys(const struct both *both, const char *what, const void *a, size_t a_count,
                         const void *b, size_t b_count, size_t size,
                         void (*compare)(const struct both *both, const void *a, const void *b))
{
    size_t i = 0, k = 0;
    while (i < a_count || k < b_count) {
        const char *left = (const char *)a + i * size, *right = (const char *)b + k * size;
        int64_t left_key = INT64_MAX, right_key = INT64_MAX;
        if (i < a_count)
            memcpy(&left_key, left, sizeof(left_key));
        if (k < b_count)
            memcpy(&right_key, right, sizeof(right_key));
        if (left_key == right_key)
            compare(both, left, right);
        else
            buf_format(both->out, "%s %" PRId64 " stands only in the %s\n", what,
                       left_key < right_key ? left_key : right_key,
                       left_key < right_key ? "journal" : "store");
        i += left_key <= right_key;
        k += right_key <= left_key;
    }
}

static void compare_element(const struct both *both, const void *a, const void *b)
{
    const struct engine_element *x = a, *y = b;
    if (x->node != y->node || x->scope != y->scope || x->role != y->role ||
        x->counter != y->counter)
        buf_format(both->out,
                   "element %" PRId64 ": '%.*s' in %" PRId64 " by the journal, '%.*s' in %" PRId64
                   " by the store\n",
                   x->key, STR_ARG(id_of(both, x->node)), x->scope, STR_ARG(id_of(both, y->node)),
                   y->scope);
}

static void compare_timer(const struct both *both, const void *a, const void *b)
{
    const struct engine_timer *x = a, *y = b;
    if (x->element != y->element || x->node != y->node || x->due_us != y->due_us ||
        x->interval_us != y->interval_us || x->interval_months != y->interval_months ||
        x->repeats != y->repeats)
        buf_format(both->out,
                   "timer %" PRId64 " at '%.*s': due at %" PRId64 " by the journal, at %" PRId64
                   " by the store\n",
                   x->key, STR_ARG(id_of(both, x->node)), x->due_us, y->due_us);
}

static void compare_subscription(const struct both *both, const void *a, const void *b)
{
    const struct engine_subscription *x = a, *y = b;
    if (x->element != y->element || x->node != y->node || x->trigger != y->trigger ||
        x->held != y->held || !str_equal(x->name, y->name) ||
        !str_equal(x->correlation, y->correlation))
        buf_format(both->out, "subscription %" PRId64 " at '%.*s' is another one in the store\n",
                   x->key, STR_ARG(id_of(both, x->node)));
}

static void compare_job(const struct both *both, const void *a, const void *b)
{
    const struct engine_job *x = a, *y = b;
    if (x->retries != y->retries)
        buf_format(both->out,
                   "job %" PRId64 ": %" PRId64 " retries by the journal, %" PRId64
                   " by the store\n",
                   x->key, x->retries, y->retries);
}

static void compare_incident(const struct both *both, const void *a, const void *b)
{
    const struct engine_incident *x = a, *y = b;
    if (x->element != y->element || x->phase != y->phase)
        buf_format(both->out, "incident %" PRId64 " is another one in the store\n", x->key);
}

static const struct engine_variable *find(const struct engine_instance *instance,
                                          const struct engine_variable *like)
{
    for (size_t i = 0; i < instance->variable_count; i++)
        if (instance->variables[i].scope == like->scope &&
            str_equal(instance->variables[i].name, like->name))
            return &instance->variables[i];
    return NULL;
}

/* Values may be personal: only the names are told. */
static void compare_variables(const struct both *both)
{
    for (size_t i = 0; i < both->journal->variable_count; i++) {
        const struct engine_variable *x = &both->journal->variables[i];
        const struct engine_variable *y = find(both->store, x);
        if (!y || !str_equal(x->value, y->value))
            buf_format(both->out, "variable '%.*s' of element %" PRId64 " %s\n", STR_ARG(x->name),
                       x->scope, y ? "has another value in the store" : "is not in the store");
    }
    for (size_t i = 0; i < both->store->variable_count; i++) {
        const struct engine_variable *y = &both->store->variables[i];
        if (!find(both->journal, y))
            buf_format(both->out, "variable '%.*s' of element %" PRId64 " is not in the journal\n",
                       STR_ARG(y->name), y->scope);
    }
}

static bool same_bytes(const struct engine_instance *a, const struct engine_instance *b)
{
    CLEANUP(buf_release) struct buf left;
    CLEANUP(buf_release) struct buf right;
    buf_init(&left, ENGINE_BLOB_MAX);
    buf_init(&right, ENGINE_BLOB_MAX);
    engine_instance_write(&left, a);
    engine_instance_write(&right, b);
    return str_equal(buf_str(&left), buf_str(&right));
}

#define KEYS(what, list, count, compare)                                                           \
    compare_keys(&both, what, journal->list, journal->count, store->list, store->count,            \
                 sizeof(*store->list), compare)

bool history_compare(const struct bpmn_model *model, const struct engine_instance *journal,
                     const struct engine_instance *store, struct buf *out)
{
    static const char *const states[] = {"new", "active", "completed", "canceled", "suspended"};
    struct both both = {.model = model, .journal = journal, .store = store, .out = out};
    size_t before = out->len;
    if (same_bytes(journal, store))
        return true;
    if (journal->state != store->state)
        buf_format(out, "the instance is %s by the journal, %s by the store\n",
                   states[journal->state], states[store->state]);
    KEYS("element", elements, element_count, compare_element);
    KEYS("timer", timers, timer_count, compare_timer);
    KEYS("subscription", subscriptions, subscription_count, compare_subscription);
    KEYS("job", jobs, job_count, compare_job);
    KEYS("incident", incidents, incident_count, compare_incident);
    compare_variables(&both);
    if (out->len == before)
        buf_add_str(out, STR("tokens before a join, what can be undone, or the order differs\n"));
    return false;
}
