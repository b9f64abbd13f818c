/* Several files become one model, so that a call activity reaches a process of any of them: nodes
 * and flows are put behind each other, and what they point at each other by moves along. */
#include "bpmn/build.h"

#include <stdarg.h>

struct join {
    struct arena *arena;
    const struct bpmn_file *files;
    size_t count;
    struct bpmn_report *report;
    struct bpmn_model *model;
    struct bpmn_node *nodes;
    struct bpmn_flow *flows;
    uint32_t *processes;
};

/* Where the nodes and flows of the file that is being added begin. */
struct place {
    uint32_t node, flow;
};

static void fault(struct join *j, const struct bpmn_node *at, const char *rule, const char *remedy,
                  const char *format, ...) PRINTF_LIKE(5, 6);
static void fault(struct join *j, const struct bpmn_node *at, const char *rule, const char *remedy,
                  const char *format, ...)
{
    struct bpmn_fault fault = {.element = at->id, .line = at->line, .rule = rule, .remedy = remedy};
    va_list args;
    va_start(args, format);
    report_add(j->arena, j->report, false, &fault, format, args);
    va_end(args);
}

static void move(uint32_t *index, uint32_t by)
{
    if (*index != BPMN_NONE)
        *index += by;
}

static const uint32_t *moved(struct join *j, const uint32_t *from, size_t count, uint32_t by)
{
    uint32_t *to = ARENA_ARRAY(j->arena, count, uint32_t);
    for (size_t i = 0; i < count; i++)
        to[i] = from[i] + by;
    return to;
}

static const struct bpmn_event *moved_events(struct join *j, const struct bpmn_node *from,
                                             uint32_t by)
{
    struct bpmn_event *to = ARENA_ARRAY(j->arena, from->event_count, struct bpmn_event);
    for (size_t i = 0; i < from->event_count; i++) {
        to[i] = from->events[i];
        move(&to[i].activity, by);
    }
    return to;
}

static const struct bpmn_loop *moved_loop(struct join *j, const struct bpmn_loop *from, uint32_t by)
{
    if (!from)
        return NULL;
    struct bpmn_loop *to = ARENA_NEW(j->arena, struct bpmn_loop);
    struct bpmn_told *told = ARENA_ARRAY(j->arena, from->told_count, struct bpmn_told);
    *to = *from;
    to->told = told;
    for (size_t i = 0; i < from->told_count; i++) {
        told[i] = from->told[i];
        move(&told[i].event.activity, by);
    }
    return to;
}

static const struct bpmn_task *moved_task(struct join *j, const struct bpmn_task *from, uint32_t by)
{
    if (!from)
        return NULL;
    struct bpmn_task *to = ARENA_NEW(j->arena, struct bpmn_task);
    *to = *from;
    move(&to->process, by);
    return to;
}

static struct bpmn_node moved_node(struct join *j, const struct bpmn_node *from, struct place by)
{
    struct bpmn_node to = *from;
    to.index += by.node;
    move(&to.parent, by.node);
    move(&to.attached_to, by.node);
    move(&to.start, by.node);
    move(&to.compensation, by.node);
    move(&to.default_flow, by.flow);
    to.in = moved(j, from->in, from->in_count, by.flow);
    to.out = moved(j, from->out, from->out_count, by.flow);
    to.children = moved(j, from->children, from->child_count, by.node);
    to.boundaries = moved(j, from->boundaries, from->boundary_count, by.node);
    to.events = moved_events(j, from, by.node);
    to.loop = moved_loop(j, from->loop, by.node);
    to.task = moved_task(j, from->task, by.node);
    return to;
}

static void add(struct join *j, const struct bpmn_model *from)
{
    struct bpmn_model *to = j->model;
    struct place by = {(uint32_t)to->node_count, (uint32_t)to->flow_count};
    for (size_t i = 0; i < from->node_count; i++)
        j->nodes[to->node_count++] = moved_node(j, &from->nodes[i], by);
    for (size_t i = 0; i < from->flow_count; i++) {
        struct bpmn_flow *flow = &j->flows[to->flow_count++];
        *flow = from->flows[i];
        flow->index += by.flow;
        move(&flow->source, by.node);
        move(&flow->target, by.node);
    }
    for (size_t i = 0; i < from->process_count; i++)
        j->processes[to->process_count++] = from->processes[i] + by.node;
}

static void add_all(struct join *j)
{
    size_t nodes = 0, flows = 0, processes = 0;
    CLEANUP(buf_release) struct buf hashes;
    buf_init(&hashes, j->count * HASH_SIZE + 1);
    for (size_t i = 0; i < j->count; i++) {
        nodes += j->files[i].model->node_count;
        flows += j->files[i].model->flow_count;
        processes += j->files[i].model->process_count;
        buf_add_str(&hashes, hash_str(&j->files[i].model->hash));
    }
    j->nodes = ARENA_ARRAY(j->arena, nodes, struct bpmn_node);
    j->flows = ARENA_ARRAY(j->arena, flows, struct bpmn_flow);
    j->processes = ARENA_ARRAY(j->arena, processes, uint32_t);
    *j->model = (struct bpmn_model){.nodes = j->nodes,
                                    .flows = j->flows,
                                    .processes = j->processes,
                                    .hash = hash_of(buf_str(&hashes)),
                                    .version_tag = j->files[0].model->version_tag,
                                    .add = j->files[0].model->add};
    for (size_t i = 0; i < j->count; i++)
        add(j, j->files[i].model);
}

/* ---- What holds between the files ---- */

static const struct bpmn_file *file_of(const struct join *j, uint32_t node)
{
    size_t i = 0;
    for (; node >= j->files[i].model->node_count; i++)
        node -= (uint32_t)j->files[i].model->node_count;
    return &j->files[i];
}

/* History, journal and pictures name elements by their ids. */
static void check_ids(struct join *j)
{
    for (size_t i = 0; i < j->model->node_count; i++) {
        const struct bpmn_node *node = &j->nodes[i], *first = bpmn_find(j->model, node->id);
        if (first != node)
            fault(j, node, "id.duplicate",
                  "Give each element an id of its own, over all files of the service.",
                  "the id stands in %.*s and in %.*s", STR_ARG(file_of(j, first->index)->name),
                  STR_ARG(file_of(j, node->index)->name));
    }
    for (size_t i = 0; i < j->model->flow_count; i++) {
        const struct bpmn_flow *flow = &j->flows[i];
        if (bpmn_find_flow(j->model, flow->id) == flow && !bpmn_find(j->model, flow->id))
            continue;
        fault(j, &j->nodes[flow->source], "id.duplicate",
              "Give each element an id of its own, over all files of the service.",
              "the id '%.*s' of a flow that leaves it stands in another file too",
              STR_ARG(flow->id));
    }
}

static bool runs(const struct join *j, const struct bpmn_node *node)
{
    while (node->parent != BPMN_NONE)
        node = &j->nodes[node->parent];
    return node->executable;
}

static void link_call(struct join *j, const struct bpmn_node *node)
{
    struct bpmn_task *task = (struct bpmn_task *)node->task;
    const struct bpmn_node *process =
        task->called.expr ? NULL : bpmn_find(j->model, task->called.text);
    if (task->called.expr) {
        fault(j, node, "call.expression", "Name the called process by its id.",
              "which process it calls is only known while it runs");
    } else if (!process || process->kind != BPMN_PROCESS) {
        fault(j, node, "call.elsewhere",
              "Put the .bpmn file of the called process into the service's folder.",
              "no file of the service has the process '%.*s'", STR_ARG(task->called.text));
    } else if (!process->executable) {
        fault(j, node, "call.not-executable", "Set isExecutable=\"true\" on the called process.",
              "the process '%.*s' is not executable", STR_ARG(process->id));
    } else if (task->binding == BPMN_VERSION_TAG &&
               !str_equal(task->version_tag, file_of(j, process->index)->model->version_tag)) {
        fault(j, node, "call.version",
              "A service calls its own files: leave bindingType out, or give both the same tag.",
              "the process '%.*s' has not the version tag '%.*s'", STR_ARG(process->id),
              STR_ARG(task->version_tag));
    } else {
        task->process = process->index;
    }
}

static bool is_called(const struct join *j, uint32_t process)
{
    for (size_t i = 0; i < j->model->node_count; i++)
        if (j->nodes[i].kind == BPMN_CALL && j->nodes[i].task->process == process)
            return true;
    return false;
}

static void check_calls(struct join *j)
{
    for (size_t i = 0; i < j->model->node_count; i++)
        if (j->nodes[i].kind == BPMN_CALL && runs(j, &j->nodes[i]))
            link_call(j, &j->nodes[i]);
    for (size_t i = j->files[0].model->process_count; i < j->model->process_count; i++) {
        const struct bpmn_node *process = &j->nodes[j->processes[i]];
        if (process->executable && !is_called(j, process->index))
            fault(j, process, "call.unused", "Call it, or take its file out of the folder.",
                  "%.*s: no call activity calls the process",
                  STR_ARG(file_of(j, process->index)->name));
    }
}

enum err bpmn_join(struct arena *arena, const struct bpmn_file *files, size_t count,
                   struct bpmn_report *report, const struct bpmn_model **out)
{
    assert(count > 0);
    *report = (struct bpmn_report){0};
    struct bpmn_model *model = ARENA_NEW(arena, struct bpmn_model);
    struct join j = {
        .arena = arena, .files = files, .count = count, .report = report, .model = model};
    add_all(&j);
    if (model->node_count > BPMN_NODES_MAX)
        return err_set(ERR_LIMIT, "more than %d flow nodes", BPMN_NODES_MAX);
    build_index(arena, model);
    check_ids(&j);
    check_calls(&j);
    if (report->fault_total > 0)
        return err_refuse(ERR_INVALID, "model.faults", "%.*s: %.*s",
                          STR_ARG(report->faults[0].element), STR_ARG(report->faults[0].detail));
    *out = model;
    return OK;
}
