#include "sim/model.h"

#include <stdio.h>

enum { DEPTH_MAX = 4, NAME_MAX = 24 };

struct maker {
    struct sim_random *random;
    struct buf xml, variables;
    struct sim_model *model;
    int next; /* Number of the next node or flow. */
};

struct block {
    char entry[NAME_MAX], exit[NAME_MAX];
};

/* How often what is made here will run; −1: nobody can say. */
typedef struct block block_fn(struct maker *m, int depth, int64_t times);

void sim_seed(struct sim_random *random, uint64_t seed)
{
    random->state = (seed + 1) * UINT64_C(0x9E3779B97F4A7C15);
    random->state ^= random->state >> 31;
    random->state |= random->state == 0;
}

uint64_t sim_next(struct sim_random *random)
{
    uint64_t x = random->state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    random->state = x;
    return x * UINT64_C(0x2545F4914F6CDD1D);
}

unsigned sim_below(struct sim_random *random, unsigned below)
{
    return (unsigned)((sim_next(random) >> 33) % below);
}

/* ---- Pieces ---- */

static void flow(struct maker *m, const char *from, const char *to, const char *condition)
{
    buf_format(&m->xml, "<sequenceFlow id='f%d' sourceRef='%s' targetRef='%s'>", m->next++, from,
               to);
    if (condition)
        buf_format(&m->xml, "<conditionExpression>=%s</conditionExpression>", condition);
    buf_add_c(&m->xml, "</sequenceFlow>");
}

static void name_node(struct maker *m, char name[NAME_MAX])
{
    snprintf(name, NAME_MAX, "n%d", m->next++);
}

static int new_group(struct maker *m, int64_t times)
{
    if (times < 0 || m->model->group_count == SIM_GROUPS_MAX)
        return -1;
    m->model->expected[m->model->group_count] = times;
    return (int)m->model->group_count++;
}

static void name_mark(struct maker *m, char name[NAME_MAX], int group)
{
    if (group < 0)
        snprintf(name, NAME_MAX, "x%d", m->next++);
    else
        snprintf(name, NAME_MAX, "m%d_%d", group, m->next++);
}

/* A task of some kind; `inside` is its content. */
static void put_task(struct maker *m, const char *name, const char *inside)
{
    static const char *const kinds[] = {"task", "userTask", "serviceTask", "scriptTask"};
    static const char *const extensions[] = {
        "", "<zeebe:assignmentDefinition assignee='=who'/>", "<zeebe:taskDefinition type='work'/>",
        "<zeebe:script expression='=tick + 1' resultVariable='tick'/>"};
    unsigned kind = sim_below(m->random, COUNT_OF(kinds));
    buf_format(&m->xml, "<%s id='%s'><extensionElements>%s</extensionElements>%s</%s>", kinds[kind],
               name, extensions[kind], inside, kinds[kind]);
}

static struct block make_block(struct maker *m, int depth, int64_t times);

/* ---- Blocks ---- */

static struct block make_task(struct maker *m, int depth, int64_t times)
{
    (void)depth;
    struct block block;
    name_mark(m, block.entry, new_group(m, times));
    put_task(m, block.entry, "");
    memcpy(block.exit, block.entry, NAME_MAX);
    return block;
}

static struct block make_sequence(struct maker *m, int depth, int64_t times)
{
    struct block first = make_block(m, depth + 1, times);
    struct block second = make_block(m, depth + 1, times);
    flow(m, first.exit, second.entry, NULL);
    memcpy(first.exit, second.exit, NAME_MAX);
    return first;
}

static struct block make_split(struct maker *m, int depth, int64_t times, const char *kind)
{
    struct block block;
    name_node(m, block.entry);
    name_node(m, block.exit);
    unsigned branches = 2 + sim_below(m->random, 2), chosen = sim_below(m->random, branches);
    bool exclusive = kind[0] == 'e', inclusive = kind[0] == 'i';
    int variable = m->next++;
    char condition[64];
    unsigned mask = exclusive ? 1u << chosen : inclusive ? sim_below(m->random, 8) | 1 : 7;
    buf_format(&m->variables, ",\"v%d\":%u", variable, mask);
    buf_format(&m->xml, "<%sGateway id='%s'/><%sGateway id='%s'/>", kind, block.entry, kind,
               block.exit);
    for (unsigned i = 0; i < branches; i++) {
        bool taken = mask >> i & 1;
        struct block branch = make_block(m, depth + 1, times < 0 ? -1 : taken ? times : 0);
        snprintf(condition, sizeof(condition), "odd(floor(v%d / %u))", variable, 1u << i);
        flow(m, block.entry, branch.entry, exclusive || inclusive ? condition : NULL);
        flow(m, branch.exit, block.exit, NULL);
    }
    return block;
}

static struct block make_exclusive(struct maker *m, int depth, int64_t times)
{
    return make_split(m, depth, times, "exclusive");
}

static struct block make_parallel(struct maker *m, int depth, int64_t times)
{
    return make_split(m, depth, times, "parallel");
}

static struct block make_inclusive(struct maker *m, int depth, int64_t times)
{
    return make_split(m, depth, times, "inclusive");
}

/* The loop itself completes once more than its turns do. */
static struct block make_turns(struct maker *m, int depth, int64_t times)
{
    (void)depth;
    struct block block;
    char inside[256];
    unsigned turns = sim_below(m->random, 4);
    name_mark(m, block.entry, new_group(m, times < 0 ? -1 : times * (turns + 1)));
    if (sim_below(m->random, 2))
        snprintf(inside, sizeof(inside),
                 "<multiInstanceLoopCharacteristics isSequential='%s'><loopCardinality>%u"
                 "</loopCardinality></multiInstanceLoopCharacteristics>",
                 sim_below(m->random, 2) ? "true" : "false", turns);
    else
        snprintf(inside, sizeof(inside), "<standardLoopCharacteristics loopMaximum='%u'/>", turns);
    put_task(m, block.entry, inside);
    memcpy(block.exit, block.entry, NAME_MAX);
    return block;
}

static void put_boundary(struct maker *m, const char *name, const char *host, bool interrupting,
                         const char *definition)
{
    buf_format(&m->xml,
               "<boundaryEvent id='%s' attachedToRef='%s' cancelActivity='%s'>%s</boundaryEvent>",
               name, host, interrupting ? "true" : "false", definition);
}

/* A subprocess, perhaps raced by a timer or message: then it ends one way or the other, once. */
static struct block make_subprocess(struct maker *m, int depth, int64_t times)
{
    struct block block;
    char start[NAME_MAX], warn[NAME_MAX], aside[NAME_MAX], late[NAME_MAX], ways[2][NAME_MAX];
    bool raced = sim_below(m->random, 2);
    name_node(m, block.entry);
    name_node(m, start);
    buf_format(&m->xml, "<subProcess id='%s'><startEvent id='%s'/>", block.entry, start);
    struct block inner = make_block(m, depth + 1, raced ? -1 : times);
    flow(m, start, inner.entry, NULL);
    buf_add_c(&m->xml, "</subProcess>");
    name_node(m, warn);
    name_mark(m, aside, -1);
    put_boundary(m, warn, block.entry, false,
                 "<timerEventDefinition><timeCycle>R2/PT7M</timeCycle></timerEventDefinition>");
    put_task(m, aside, "");
    flow(m, warn, aside, NULL);
    memcpy(block.exit, block.entry, NAME_MAX);
    if (!raced)
        return block;
    int group = new_group(m, times);
    name_node(m, late);
    name_node(m, block.exit);
    buf_format(&m->xml, "<exclusiveGateway id='%s'/>", block.exit);
    put_boundary(m, late, block.entry, true,
                 sim_below(m->random, 2)
                     ? "<timerEventDefinition><timeDuration>PT20M</timeDuration>"
                       "</timerEventDefinition>"
                     : "<messageEventDefinition messageRef='msg'/>");
    for (int i = 0; i < 2; i++) {
        name_mark(m, ways[i], group);
        put_task(m, ways[i], "");
        flow(m, i ? late : block.entry, ways[i], NULL);
        flow(m, ways[i], block.exit, NULL);
    }
    return block;
}

static struct block make_event_gateway(struct maker *m, int depth, int64_t times)
{
    static const char *const events[] = {
        "<timerEventDefinition><timeDuration>=wait</timeDuration></timerEventDefinition>",
        "<messageEventDefinition messageRef='msg'/>", "<signalEventDefinition signalRef='sig'/>"};
    (void)depth;
    struct block block;
    int group = new_group(m, times);
    name_node(m, block.entry);
    name_node(m, block.exit);
    buf_format(&m->xml, "<eventBasedGateway id='%s'/><exclusiveGateway id='%s'/>", block.entry,
               block.exit);
    for (size_t i = 0; i < COUNT_OF(events); i++) {
        char name[NAME_MAX];
        name_mark(m, name, group);
        buf_format(&m->xml, "<intermediateCatchEvent id='%s'>%s</intermediateCatchEvent>", name,
                   events[i]);
        flow(m, block.entry, name, NULL);
        flow(m, name, block.exit, NULL);
    }
    return block;
}

static struct block make_block(struct maker *m, int depth, int64_t times)
{
    static block_fn *const blocks[] = {make_task,       make_sequence,     make_exclusive,
                                       make_parallel,   make_inclusive,    make_turns,
                                       make_subprocess, make_event_gateway};
    if (depth >= DEPTH_MAX)
        return make_task(m, depth, times);
    return blocks[sim_below(m->random, COUNT_OF(blocks))](m, depth, times);
}

void sim_model_make(struct arena *arena, struct sim_random *random, struct sim_model *out)
{
    *out = (struct sim_model){0};
    struct maker m = {.random = random, .model = out};
    buf_init(&m.xml, LIMIT_XML_SIZE);
    buf_init(&m.variables, LIMIT_XML_SIZE);
    buf_add_c(&m.variables, "{\"who\":\"li\",\"tick\":0,\"wait\":\"PT3M\"");
    buf_add_c(&m.xml, "<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL' "
                      "xmlns:zeebe='http://camunda.org/schema/zeebe/1.0'>"
                      "<message id='msg' name='msg'/><signal id='sig' name='sig'/>"
                      "<process id='p' isExecutable='true'><startEvent id='s'/><endEvent id='e'/>");
    struct block body = make_sequence(&m, 0, 1), more = make_sequence(&m, 0, 1);
    flow(&m, body.exit, more.entry, NULL);
    flow(&m, "s", body.entry, NULL);
    flow(&m, more.exit, "e", NULL);
    buf_add_c(&m.xml, "</process></definitions>");
    buf_add_c(&m.variables, "}");
    out->xml = str_copy(arena, buf_str(&m.xml));
    out->variables = str_copy(arena, buf_str(&m.variables));
    buf_release(&m.xml);
    buf_release(&m.variables);
}
