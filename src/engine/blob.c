/* An instance as bytes: a mark, a checksum, then numbers of variable length and texts. */
#include "engine/state.h"

#include <endian.h>

enum { BLOB_MARK = 0xE1, BLOB_HEAD = 5 };

/* Tells torn and foreign bytes; eight at a time, since every command reads and writes a blob. */
static uint32_t checksum(struct str bytes)
{
    uint64_t sum = bytes.len, word;
    for (size_t at = 0; at < bytes.len; at += sizeof(word)) {
        size_t left = bytes.len - at;
        word = 0;
        memcpy(&word, bytes.ptr + at, left < sizeof(word) ? left : sizeof(word));
        sum = (sum ^ le64toh(word)) * 0x9E3779B97F4A7C15u;
        sum ^= sum >> 29;
    }
    return (uint32_t)(sum >> 32 ^ sum);
}

/* ---- Writing ---- */

static void put_number(struct buf *buf, uint64_t value)
{
    char bytes[10];
    size_t len = 0;
    do {
        bytes[len++] = (char)((value & 127) | (value > 127 ? 128 : 0));
        value >>= 7;
    } while (value);
    buf_add(buf, bytes, len);
}

/* Zigzag: small negative numbers stay short. */
static void put_signed(struct buf *buf, int64_t value)
{
    put_number(buf, (uint64_t)value << 1 ^ (uint64_t)(value >> 63));
}

/* 0 is the absent text. */
static void put_text(struct buf *buf, struct str text)
{
    put_number(buf, text.ptr ? text.len + 1 : 0);
    if (text.len > 0)
        buf_add_str(buf, text);
}

static void put_elements(struct buf *buf, const struct engine_instance *in)
{
    int64_t last = 0;
    put_number(buf, in->element_count);
    for (size_t i = 0; i < in->element_count; i++) {
        const struct engine_element *element = &in->elements[i];
        put_number(buf, (uint64_t)(element->key - last));
        put_number(buf, (uint64_t)element->scope);
        put_number(buf, (uint64_t)element->node << 3 | (element->counter ? 4 : 0) | element->role);
        if (element->counter)
            put_number(buf, (uint64_t)element->counter);
        last = element->key;
    }
}

static void put_waits(struct buf *buf, const struct engine_instance *in)
{
    put_number(buf, in->timer_count);
    for (size_t i = 0; i < in->timer_count; i++) {
        const struct engine_timer *timer = &in->timers[i];
        put_number(buf, (uint64_t)timer->key);
        put_number(buf, (uint64_t)timer->element);
        put_number(buf, timer->node);
        put_signed(buf, timer->due_us);
        put_signed(buf, timer->interval_us);
        put_signed(buf, timer->interval_months);
        put_signed(buf, timer->repeats);
    }
    put_number(buf, in->subscription_count);
    for (size_t i = 0; i < in->subscription_count; i++) {
        const struct engine_subscription *subscription = &in->subscriptions[i];
        put_number(buf, (uint64_t)subscription->key);
        put_number(buf, (uint64_t)subscription->element);
        put_number(buf, subscription->node);
        put_number(buf, (uint64_t)subscription->trigger << 1 | subscription->held);
        put_text(buf, subscription->name);
        put_text(buf, subscription->correlation);
    }
}

static void put_rest(struct buf *buf, const struct engine_instance *in)
{
    put_number(buf, in->variable_count);
    for (size_t i = 0; i < in->variable_count; i++) {
        put_number(buf, (uint64_t)in->variables[i].scope << 1 | in->variables[i].given);
        put_text(buf, in->variables[i].name);
        put_text(buf, in->variables[i].value);
    }
    put_number(buf, in->job_count);
    for (size_t i = 0; i < in->job_count; i++) {
        put_number(buf, (uint64_t)in->jobs[i].key);
        put_number(buf, (uint64_t)in->jobs[i].retries);
    }
    put_number(buf, in->incident_count);
    for (size_t i = 0; i < in->incident_count; i++) {
        put_number(buf, (uint64_t)in->incidents[i].key);
        put_number(buf, (uint64_t)in->incidents[i].element);
        put_number(buf, in->incidents[i].phase);
    }
    put_number(buf, in->join_count);
    for (size_t i = 0; i < in->join_count; i++) {
        put_number(buf, (uint64_t)in->joins[i].scope);
        put_number(buf, in->joins[i].flow);
        put_number(buf, (uint64_t)in->joins[i].count);
    }
    put_number(buf, in->done_count);
    for (size_t i = 0; i < in->done_count; i++) {
        put_number(buf, (uint64_t)in->done[i].key);
        put_number(buf, (uint64_t)in->done[i].scope);
        put_number(buf, in->done[i].node);
    }
}

void engine_instance_write(struct buf *buf, const struct engine_instance *instance)
{
    size_t start = buf->len;
    buf_add(buf, (char[BLOB_HEAD]){(char)BLOB_MARK}, BLOB_HEAD);
    put_number(buf, instance->state);
    put_number(buf, instance->process);
    put_number(buf, (uint64_t)instance->next_key);
    put_elements(buf, instance);
    put_waits(buf, instance);
    put_rest(buf, instance);
    if (buf->full)
        return;
    struct str body = str_sub(buf_str(buf), start + BLOB_HEAD, SIZE_MAX);
    uint32_t sum = checksum(body);
    for (size_t i = 1; i < BLOB_HEAD; i++, sum >>= 8)
        buf->ptr[start + i] = (char)(sum & 255);
}

/* ---- Reading: whatever is read has been checked before it is used ---- */

struct reader {
    struct str in;
    size_t at;
    bool bad;
    const struct bpmn_model *model;
    struct engine_instance *out;
};

static uint64_t get_number(struct reader *r)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && r->at < r->in.len; shift += 7) {
        unsigned char byte = (unsigned char)r->in.ptr[r->at++];
        value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return value;
    }
    r->bad = true;
    return 0;
}

static int64_t get_signed(struct reader *r)
{
    uint64_t value = get_number(r);
    return (int64_t)(value >> 1 ^ (0 - (value & 1)));
}

static int64_t get_positive(struct reader *r)
{
    uint64_t value = get_number(r);
    r->bad = r->bad || value > INT64_MAX;
    return r->bad ? 0 : (int64_t)value;
}

static uint64_t get_below(struct reader *r, uint64_t limit)
{
    uint64_t value = get_number(r);
    r->bad = r->bad || value >= limit;
    return r->bad ? 0 : value;
}

/* Each item takes a byte at least, so a count past what is left is a lie. */
static size_t get_count(struct reader *r)
{
    return (size_t)get_below(r, r->in.len - r->at + 1);
}

static struct str get_text(struct reader *r)
{
    uint64_t len = get_number(r);
    if (r->bad || len == 0)
        return (struct str){0};
    if (len - 1 > r->in.len - r->at) {
        r->bad = true;
        return (struct str){0};
    }
    struct str text = {.ptr = r->in.ptr + r->at, .len = (size_t)len - 1};
    r->at += (size_t)len - 1;
    return text;
}

static uint32_t get_node(struct reader *r)
{
    return (uint32_t)get_below(r, r->model->node_count);
}

static struct engine_element *find_element(struct reader *r, int64_t key)
{
    struct engine_element *found = (struct engine_element *)engine_element(r->out, key);
    r->bad = r->bad || !found;
    return r->bad ? NULL : found;
}

static struct engine_element *get_element(struct reader *r)
{
    int64_t key = get_positive(r);
    return find_element(r, key);
}

static int64_t owner(struct reader *r, int64_t key)
{
    const struct engine_element *element = find_element(r, key);
    return element ? element->key : 0;
}

static int64_t get_owner(struct reader *r)
{
    return owner(r, get_positive(r));
}

/* A key that follows `last` and was given away. */
static int64_t get_key(struct reader *r, int64_t last)
{
    int64_t key = get_positive(r);
    r->bad = r->bad || key <= last || key >= r->out->next_key;
    return key;
}

/* What stands in a place of the tree where its node cannot stand would confuse the step. */
static bool fits(const struct reader *r, const struct engine_element *element,
                 const struct engine_element *scope)
{
    const struct bpmn_node *node = &r->model->nodes[element->node];
    const struct bpmn_node *outer = scope ? &r->model->nodes[scope->node] : NULL;
    if (!scope)
        return element->key == ENGINE_ROOT && element->node == r->out->process &&
               element->role == ENGINE_PLAIN;
    if (element->role == ENGINE_TURN)
        return scope->role == ENGINE_LOOP && scope->node == element->node;
    if (scope->role == ENGINE_LOOP || (element->role == ENGINE_LOOP) != (node->loop != NULL))
        return false;
    if (node->kind == BPMN_PROCESS)
        return outer->kind == BPMN_CALL && outer->task->process == element->node;
    bool undoes = node->for_compensation || node->event_subprocess;
    if (undoes && bpmn_throws(outer->kind))
        return bpmn_event_of(outer, BPMN_ON_COMPENSATION) != NULL;
    if (undoes && scope->role == ENGINE_UNDOING)
        return true;
    uint32_t parent = node->parent;
    while (node->for_compensation && parent != scope->node && parent != BPMN_NONE)
        parent = r->model->nodes[parent].parent; /* A handler may run further out. */
    return parent == scope->node && (element->role != ENGINE_UNDOING || bpmn_is_scope(node->kind));
}

static void get_elements(struct reader *r)
{
    struct engine_instance *out = r->out;
    size_t count = get_count(r);
    out->elements = ARENA_ARRAY(out->arena, count + 4, struct engine_element);
    out->element_room = count + 4;
    int64_t last = 0;
    for (size_t i = 0; i < count && !r->bad; i++) {
        struct engine_element element = {0};
        element.key = (int64_t)get_below(r, (uint64_t)(out->next_key - last)) + last;
        r->bad = r->bad || element.key == last;
        last = element.key;
        int64_t scope = get_positive(r);
        uint64_t node = get_number(r);
        r->bad = r->bad || node >> 3 >= r->model->node_count;
        if (r->bad)
            return;
        element.scope = scope;
        element.role = (enum engine_role)(node & 3);
        element.node = (uint32_t)(node >> 3);
        element.closed = r->model->nodes[element.node].kind == BPMN_PROCESS;
        if (node & 4)
            element.counter = get_positive(r);
        struct engine_element *outer = (struct engine_element *)engine_element(out, scope);
        r->bad = r->bad || (scope && !outer) || !fits(r, &element, outer);
        if (r->bad)
            return;
        if (outer)
            outer->children++;
        out->elements[out->element_count++] = element;
    }
}

static void get_timers(struct reader *r)
{
    struct engine_instance *out = r->out;
    size_t count = get_count(r);
    out->timers = ARENA_ARRAY(out->arena, count + 4, struct engine_timer);
    out->timer_room = count + 4;
    int64_t last = 0;
    for (size_t i = 0; i < count && !r->bad; i++) {
        struct engine_timer *timer = &out->timers[out->timer_count++];
        timer->key = last = get_key(r, last);
        timer->element = get_owner(r);
        timer->node = get_node(r);
        timer->due_us = get_signed(r);
        timer->interval_us = get_signed(r);
        timer->interval_months = get_signed(r);
        timer->repeats = get_signed(r);
    }
}

static void get_subscriptions(struct reader *r)
{
    struct engine_instance *out = r->out;
    size_t count = get_count(r);
    out->subscriptions = ARENA_ARRAY(out->arena, count + 4, struct engine_subscription);
    out->subscription_room = count + 4;
    int64_t last = 0;
    for (size_t i = 0; i < count && !r->bad; i++) {
        struct engine_subscription *subscription = &out->subscriptions[out->subscription_count++];
        subscription->key = last = get_key(r, last);
        subscription->element = get_owner(r);
        subscription->node = get_node(r);
        uint64_t trigger = get_below(r, BPMN_TRIGGER_COUNT << 1);
        subscription->trigger = (enum bpmn_trigger)(trigger >> 1);
        subscription->held = trigger & 1;
        subscription->name = get_text(r);
        subscription->correlation = get_text(r);
        r->bad =
            r->bad || (subscription->trigger == BPMN_ON_CONDITION &&
                       !bpmn_event_of(&r->model->nodes[subscription->node], BPMN_ON_CONDITION));
    }
}

/* A wait belongs to its own node, to a boundary event on it, to an event subprocess in it, or to an
 * event behind a gateway. */
static bool may_wait(const struct reader *r, int64_t key, uint32_t node)
{
    const struct bpmn_node *at = &r->model->nodes[node];
    const struct engine_element *element = engine_element(r->out, key);
    const struct bpmn_node *own = &r->model->nodes[element->node];
    if (element->node == node)
        return own->event_count > 0;
    if (at->kind == BPMN_BOUNDARY)
        return at->attached_to == element->node && element->role != ENGINE_TURN;
    if (at->kind == BPMN_START)
        return at->parent != BPMN_NONE && r->model->nodes[at->parent].event_subprocess &&
               r->model->nodes[at->parent].parent == element->node;
    for (size_t i = 0; own->kind == BPMN_EVENT_GATEWAY && i < own->out_count; i++)
        if (r->model->flows[own->out[i]].target == node)
            return true;
    return false;
}

static void check_waits(struct reader *r)
{
    for (size_t i = 0; i < r->out->timer_count && !r->bad; i++)
        r->bad = !may_wait(r, r->out->timers[i].element, r->out->timers[i].node);
    for (size_t i = 0; i < r->out->subscription_count && !r->bad; i++)
        r->bad = !may_wait(r, r->out->subscriptions[i].element, r->out->subscriptions[i].node);
}

static void get_variables(struct reader *r)
{
    struct engine_instance *out = r->out;
    size_t count = get_count(r);
    out->variables = ARENA_ARRAY(out->arena, count + 4, struct engine_variable);
    out->variable_room = count + 4;
    for (size_t i = 0; i < count && !r->bad; i++) {
        struct engine_variable *variable = &out->variables[out->variable_count++];
        uint64_t scope = get_number(r);
        variable->scope = owner(r, (int64_t)(scope >> 1));
        variable->given = scope & 1;
        variable->name = get_text(r);
        variable->value = get_text(r);
        r->bad = r->bad || !variable->name.ptr || !variable->value.ptr;
    }
}

static void get_jobs(struct reader *r)
{
    struct engine_instance *out = r->out;
    size_t count = get_count(r);
    out->jobs = ARENA_ARRAY(out->arena, count + 4, struct engine_job);
    out->job_room = count + 4;
    int64_t last = 0;
    for (size_t i = 0; i < count && !r->bad; i++) {
        struct engine_job *job = &out->jobs[out->job_count++];
        job->key = get_owner(r);
        r->bad = r->bad || job->key <= last;
        last = job->key;
        job->retries = get_positive(r);
    }
    count = get_count(r);
    out->incidents = ARENA_ARRAY(out->arena, count + 4, struct engine_incident);
    out->incident_room = count + 4;
    last = 0;
    for (size_t i = 0; i < count && !r->bad; i++) {
        struct engine_incident *incident = &out->incidents[out->incident_count++];
        incident->key = last = get_key(r, last);
        incident->element = get_owner(r);
        incident->phase = (enum engine_phase)get_below(r, ENGINE_IN_JOB + 1);
    }
}

static void get_tokens(struct reader *r)
{
    struct engine_instance *out = r->out;
    size_t count = get_count(r);
    out->joins = ARENA_ARRAY(out->arena, count + 4, struct engine_join);
    out->join_room = count + 4;
    for (size_t i = 0; i < count && !r->bad; i++) {
        struct engine_join *join = &out->joins[out->join_count++];
        const struct engine_element *scope = get_element(r);
        join->scope = scope ? scope->key : 0;
        join->flow = (uint32_t)get_below(r, r->model->flow_count);
        join->count = get_positive(r);
        r->bad = r->bad || join->count == 0 ||
                 r->model->nodes[r->model->flows[join->flow].target].parent != scope->node;
    }
    count = get_count(r);
    out->done = ARENA_ARRAY(out->arena, count + 4, struct engine_done);
    out->done_room = count + 4;
    int64_t last = 0;
    for (size_t i = 0; i < count && !r->bad; i++) {
        struct engine_done *done = &out->done[out->done_count++];
        done->key = last = get_key(r, last);
        done->scope = get_owner(r);
        done->node = get_node(r);
    }
}

static bool head_is_good(struct str blob)
{
    if (blob.len <= BLOB_HEAD || (unsigned char)blob.ptr[0] != BLOB_MARK)
        return false;
    uint32_t sum = 0;
    for (size_t i = BLOB_HEAD - 1; i > 0; i--)
        sum = sum << 8 | (unsigned char)blob.ptr[i];
    return sum == checksum(str_sub(blob, BLOB_HEAD, SIZE_MAX));
}

enum err engine_instance_read(struct arena *arena, const struct bpmn_model *model, struct str blob,
                              struct engine_instance **out)
{
    if (blob.len > ENGINE_BLOB_MAX || !head_is_good(blob))
        return err_set(ERR_CORRUPT, "these bytes are no stored process instance");
    struct engine_instance *instance = engine_instance_new(arena);
    struct reader r = {.in = blob, .at = BLOB_HEAD, .model = model, .out = instance};
    instance->state = (enum engine_state)get_below(&r, ENGINE_SUSPENDED + 1);
    instance->process = get_node(&r);
    instance->next_key = get_positive(&r);
    r.bad = r.bad || instance->next_key < 1 || instance->next_key == INT64_MAX;
    if (!r.bad)
        get_elements(&r);
    if (!r.bad)
        get_timers(&r);
    if (!r.bad)
        get_subscriptions(&r);
    if (!r.bad)
        check_waits(&r);
    if (!r.bad)
        get_variables(&r);
    if (!r.bad)
        get_jobs(&r);
    if (!r.bad)
        get_tokens(&r);
    r.bad = r.bad || r.at != blob.len ||
            (instance->state == ENGINE_ACTIVE || instance->state == ENGINE_SUSPENDED) !=
                (instance->element_count > 0);
    if (r.bad)
        return err_set(ERR_CORRUPT, "the stored process instance is damaged");
    *out = instance;
    return OK;
}
