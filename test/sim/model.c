#include "sim/maker.h"

#include <stdio.h>

enum { DEPTH_MAX = 4 };

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

void sim_flow(struct sim_maker *m, const char *from, const char *to, const char *condition)
{
    buf_format(&m->xml, "<sequenceFlow id='f%d' sourceRef='%s' targetRef='%s'>", m->next++, from,
               to);
    if (condition)
        buf_format(&m->xml, "<conditionExpression>=%s</conditionExpression>", condition);
    buf_add_c(&m->xml, "</sequenceFlow>");
}

void sim_name(struct sim_maker *m, char name[SIM_NAME_MAX])
{
    snprintf(name, SIM_NAME_MAX, "n%d", m->next++);
}

void sim_end(struct sim_maker *m, const char *from)
{
    char end[SIM_NAME_MAX];
    sim_name(m, end);
    buf_format(&m->xml, "<endEvent id='%s'/>", end);
    sim_flow(m, from, end, NULL);
}

int sim_group(struct sim_maker *m, int64_t times)
{
    if (times < 0 || m->model->group_count == SIM_GROUPS_MAX)
        return -1;
    m->model->expected[m->model->group_count] = times;
    return (int)m->model->group_count++;
}

void sim_name_mark(struct sim_maker *m, char name[SIM_NAME_MAX], int group)
{
    if (group < 0)
        snprintf(name, SIM_NAME_MAX, "x%d", m->next++);
    else
        snprintf(name, SIM_NAME_MAX, "m%d_%d", group, m->next++);
}

/* A task of some kind; `inside` is its content. */
void sim_put_task(struct sim_maker *m, const char *name, const char *inside)
{
    static const char *const kinds[] = {"task", "userTask", "serviceTask", "scriptTask"};
    static const char *const extensions[] = {
        "", "<zeebe:assignmentDefinition assignee='=who'/>", "<zeebe:taskDefinition type='work'/>",
        "<zeebe:script expression='=tick + 1' resultVariable='tick'/>"};
    unsigned kind = sim_below(m->random, COUNT_OF(kinds));
    buf_format(&m->xml, "<%s id='%s'><extensionElements>%s</extensionElements>%s</%s>", kinds[kind],
               name, extensions[kind], inside, kinds[kind]);
}

/* ---- Blocks ---- */

static struct sim_block make_task(struct sim_maker *m, int depth, int64_t times)
{
    (void)depth;
    struct sim_block block;
    sim_name_mark(m, block.entry, sim_group(m, times));
    sim_put_task(m, block.entry, "");
    memcpy(block.exit, block.entry, SIM_NAME_MAX);
    return block;
}

static struct sim_block make_sequence(struct sim_maker *m, int depth, int64_t times)
{
    struct sim_block first = sim_block(m, depth + 1, times);
    struct sim_block second = sim_block(m, depth + 1, times);
    sim_flow(m, first.exit, second.entry, NULL);
    memcpy(first.exit, second.exit, SIM_NAME_MAX);
    return first;
}

static struct sim_block make_split(struct sim_maker *m, int depth, int64_t times, const char *kind)
{
    struct sim_block block;
    sim_name(m, block.entry);
    sim_name(m, block.exit);
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
        struct sim_block branch = sim_block(m, depth + 1, times < 0 ? -1 : taken ? times : 0);
        snprintf(condition, sizeof(condition), "odd(floor(v%d / %u))", variable, 1u << i);
        sim_flow(m, block.entry, branch.entry, exclusive || inclusive ? condition : NULL);
        sim_flow(m, branch.exit, block.exit, NULL);
    }
    return block;
}

static struct sim_block make_exclusive(struct sim_maker *m, int depth, int64_t times)
{
    return make_split(m, depth, times, "exclusive");
}

static struct sim_block make_parallel(struct sim_maker *m, int depth, int64_t times)
{
    return make_split(m, depth, times, "parallel");
}

static struct sim_block make_inclusive(struct sim_maker *m, int depth, int64_t times)
{
    return make_split(m, depth, times, "inclusive");
}

/* The loop itself completes once more than its turns do. */
static struct sim_block make_turns(struct sim_maker *m, int depth, int64_t times)
{
    (void)depth;
    struct sim_block block;
    char inside[256];
    unsigned turns = sim_below(m->random, 4);
    sim_name_mark(m, block.entry, sim_group(m, times < 0 ? -1 : times * (turns + 1)));
    if (sim_below(m->random, 2))
        snprintf(inside, sizeof(inside),
                 "<multiInstanceLoopCharacteristics isSequential='%s'><loopCardinality>%u"
                 "</loopCardinality></multiInstanceLoopCharacteristics>",
                 sim_below(m->random, 2) ? "true" : "false", turns);
    else
        snprintf(inside, sizeof(inside), "<standardLoopCharacteristics loopMaximum='%u'/>", turns);
    sim_put_task(m, block.entry, inside);
    memcpy(block.exit, block.entry, SIM_NAME_MAX);
    return block;
}

void sim_put_boundary(struct sim_maker *m, const char *name, const char *host, bool interrupting,
                      const char *definition)
{
    buf_format(&m->xml,
               "<boundaryEvent id='%s' attachedToRef='%s' cancelActivity='%s'>%s</boundaryEvent>",
               name, host, interrupting ? "true" : "false", definition);
}

/* A subprocess, perhaps raced by a timer or message: then it ends one way or the other, once. */
static struct sim_block make_subprocess(struct sim_maker *m, int depth, int64_t times)
{
    struct sim_block block;
    char start[SIM_NAME_MAX], warn[SIM_NAME_MAX], aside[SIM_NAME_MAX], late[SIM_NAME_MAX],
        ways[2][SIM_NAME_MAX];
    bool raced = sim_below(m->random, 2);
    sim_name(m, block.entry);
    sim_name(m, start);
    buf_format(&m->xml, "<subProcess id='%s'><startEvent id='%s'/>", block.entry, start);
    struct sim_block inner = sim_block(m, depth + 1, raced ? -1 : times);
    sim_flow(m, start, inner.entry, NULL);
    sim_end(m, inner.exit);
    buf_add_c(&m->xml, "</subProcess>");
    sim_name(m, warn);
    sim_name_mark(m, aside, -1);
    sim_put_boundary(m, warn, block.entry, false,
                     "<timerEventDefinition><timeCycle>R2/PT7M</timeCycle></timerEventDefinition>");
    sim_put_task(m, aside, "");
    sim_flow(m, warn, aside, NULL);
    sim_end(m, aside);
    memcpy(block.exit, block.entry, SIM_NAME_MAX);
    if (!raced)
        return block;
    int group = sim_group(m, times);
    sim_name(m, late);
    sim_name(m, block.exit);
    buf_format(&m->xml, "<exclusiveGateway id='%s'/>", block.exit);
    sim_put_boundary(m, late, block.entry, true,
                     sim_below(m->random, 2)
                         ? "<timerEventDefinition><timeDuration>PT20M</timeDuration>"
                           "</timerEventDefinition>"
                         : "<messageEventDefinition messageRef='msg'/>");
    for (int i = 0; i < 2; i++) {
        sim_name_mark(m, ways[i], group);
        sim_put_task(m, ways[i], "");
        sim_flow(m, i ? late : block.entry, ways[i], NULL);
        sim_flow(m, ways[i], block.exit, NULL);
    }
    return block;
}

static struct sim_block make_event_gateway(struct sim_maker *m, int depth, int64_t times)
{
    static const char *const events[] = {
        "<timerEventDefinition><timeDuration>=wait</timeDuration></timerEventDefinition>",
        "<messageEventDefinition messageRef='msg'/>", "<signalEventDefinition signalRef='sig'/>"};
    (void)depth;
    struct sim_block block;
    int group = sim_group(m, times);
    sim_name(m, block.entry);
    sim_name(m, block.exit);
    buf_format(&m->xml, "<eventBasedGateway id='%s'/><exclusiveGateway id='%s'/>", block.entry,
               block.exit);
    for (size_t i = 0; i < COUNT_OF(events); i++) {
        char name[SIM_NAME_MAX];
        sim_name_mark(m, name, group);
        buf_format(&m->xml, "<intermediateCatchEvent id='%s'>%s</intermediateCatchEvent>", name,
                   events[i]);
        sim_flow(m, block.entry, name, NULL);
        sim_flow(m, name, block.exit, NULL);
    }
    return block;
}

struct sim_block sim_block(struct sim_maker *m, int depth, int64_t times)
{
    static sim_block_fn *const blocks[] = {make_task,       make_sequence,     make_exclusive,
                                           make_parallel,   make_inclusive,    make_turns,
                                           make_subprocess, make_event_gateway};
    if (depth >= DEPTH_MAX)
        return make_task(m, depth, times);
    size_t chosen = sim_below(m->random, (unsigned)(COUNT_OF(blocks) + SIM_SCOPE_BLOCKS_COUNT));
    return chosen < COUNT_OF(blocks) ? blocks[chosen](m, depth, times)
                                     : SIM_SCOPE_BLOCKS[chosen - COUNT_OF(blocks)](m, depth, times);
}

/* ---- Versions ---- */

/* Ids of nodes and flows: a letter and numbers. */
static bool is_id(struct str text)
{
    if (text.len < 2 || !strchr("nxmf", text.ptr[0]))
        return false;
    for (size_t i = 1; i < text.len; i++)
        if (text.ptr[i] != '_' && (text.ptr[i] < '0' || text.ptr[i] > '9'))
            return false;
    return true;
}

static struct str renamed(struct arena *arena, struct str xml)
{
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, LIMIT_XML_SIZE);
    for (size_t at = 0; at < xml.len;) {
        size_t end = str_find(xml, STR("'"), at);
        struct str part = str_sub(xml, at, end - at);
        buf_add_str(&out, part);
        if (is_id(part))
            buf_add_c(&out, "r");
        if (end < xml.len)
            buf_add_c(&out, "'");
        at = end + 1;
    }
    return str_copy(arena, buf_str(&out));
}

/* One step more before the end, and something that happens beside all others. */
static struct str grown(struct arena *arena, struct str xml)
{
    static const char more[] =
        "<userTask id='addm'/><sequenceFlow id='addf' sourceRef='addm' targetRef='e'/>"
        "<subProcess id='adds' triggeredByEvent='true'><startEvent id='addb' "
        "isInterrupting='false'>"
        "<timerEventDefinition><timeDuration>PT13M</timeDuration></timerEventDefinition></"
        "startEvent>"
        "<userTask id='addu'/><sequenceFlow id='addg' sourceRef='addb' targetRef='addu'/>"
        "<sequenceFlow id='addh' sourceRef='addu' targetRef='adde'/><endEvent id='adde'/>"
        "</subProcess>";
    static const char last[] = "targetRef='e'>";
    size_t flow = str_find(xml, str_of(last), 0);
    size_t end = str_find(xml, STR("</process>"), flow);
    return str_format(arena, "%.*stargetRef='addm'>%.*s%s%.*s", STR_ARG(str_sub(xml, 0, flow)),
                      STR_ARG(str_sub(xml, flow + sizeof(last) - 1, end - flow - sizeof(last) + 1)),
                      more, STR_ARG(str_sub(xml, end, SIZE_MAX)));
}

struct str sim_version(struct arena *arena, struct str xml, enum sim_version version)
{
    return version == SIM_RENAMED ? renamed(arena, xml) : grown(arena, xml);
}

struct str sim_id(struct arena *arena, struct str id, enum sim_version from, enum sim_version to)
{
    struct str plain = id;
    if (from == SIM_RENAMED && id.len > 2 && id.ptr[id.len - 1] == 'r')
        plain.len--;
    if (to != SIM_GROWN && str_starts(id, STR("add")))
        return (struct str){0};
    return to == SIM_RENAMED && is_id(plain) ? str_format(arena, "%.*sr", STR_ARG(plain)) : plain;
}

void sim_model_make(struct arena *arena, struct sim_random *random, struct sim_model *out)
{
    *out = (struct sim_model){0};
    struct sim_maker m = {.random = random, .model = out, .load = 1};
    buf_init(&m.xml, LIMIT_XML_SIZE);
    buf_init(&m.calls, LIMIT_XML_SIZE);
    buf_init(&m.variables, LIMIT_XML_SIZE);
    buf_init(&m.repair, LIMIT_XML_SIZE);
    buf_add_c(&m.repair, "{\"tick\":1");
    buf_add_c(&m.variables, "{\"who\":\"li\",\"tick\":0,\"wait\":\"PT3M\"");
    buf_add_c(&m.xml, "<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL' "
                      "xmlns:zeebe='http://camunda.org/schema/zeebe/1.0' "
                      "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>"
                      "<message id='msg' name='msg'/><signal id='sig' name='sig'/>"
                      "<error id='err' errorCode='E1'/><escalation id='esc' escalationCode='W1'/>"
                      "<process id='p' isExecutable='true'><startEvent id='s'/><endEvent id='e'/>");
    struct sim_block body = make_sequence(&m, 0, 1), more = make_sequence(&m, 0, 1);
    sim_flow(&m, body.exit, more.entry, NULL);
    sim_flow(&m, "s", body.entry, NULL);
    sim_flow(&m, more.exit, "e", NULL);
    buf_add_c(&m.xml, "</process>");
    buf_add_str(&m.xml, buf_str(&m.calls));
    buf_add_c(&m.xml, "</definitions>");
    buf_add_c(&m.variables, "}");
    buf_add_c(&m.repair, "}");
    out->repair = str_copy(arena, buf_str(&m.repair));
    out->xml = str_copy(arena, buf_str(&m.xml));
    out->variables = str_copy(arena, buf_str(&m.variables));
    buf_release(&m.xml);
    buf_release(&m.calls);
    buf_release(&m.variables);
    buf_release(&m.repair);
}
