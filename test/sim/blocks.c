/* Blocks with a scope of their own: loops, errors, compensation, calls, and what races them. */
#include "sim/maker.h"

#include <stdio.h>

struct scope {
    char id[SIM_NAME_MAX], start[SIM_NAME_MAX];
};

/* `head` is what stands in the element before its nodes. */
static struct scope open_scope(struct sim_maker *m, const char *element, const char *attributes,
                               const char *head)
{
    struct scope scope;
    sim_name(m, scope.id);
    sim_name(m, scope.start);
    buf_format(&m->xml, "<%s id='%s' %s>%s", element, scope.id, attributes, head);
    if (element[0] != 'a')
        buf_format(&m->xml, "<startEvent id='%s'/>", scope.start);
    return scope;
}

static void close_scope(struct sim_maker *m, const char *element)
{
    buf_format(&m->xml, "</%s>", element);
}

static void put(struct sim_maker *m, const char *element, const char *name, const char *inside)
{
    buf_format(&m->xml, "<%s id='%s'>%s</%s>", element, name, inside, element);
}

static void put_mark(struct sim_maker *m, char name[SIM_NAME_MAX], int64_t times)
{
    sim_name_mark(m, name, sim_group(m, times));
    sim_put_task(m, name, "");
}

static struct sim_block whole(const struct scope *scope)
{
    struct sim_block block;
    memcpy(block.entry, scope->id, SIM_NAME_MAX);
    memcpy(block.exit, scope->id, SIM_NAME_MAX);
    return block;
}

/* The scope is left by its boundary event, never by its flow: a merge behind both. */
static struct sim_block left_by_event(struct sim_maker *m, const struct scope *scope,
                                      const char *boundary, int64_t times)
{
    struct sim_block block = whole(scope);
    char normal[SIM_NAME_MAX], caught[SIM_NAME_MAX];
    put_mark(m, normal, 0);
    put_mark(m, caught, times);
    sim_name(m, block.exit);
    put(m, "exclusiveGateway", block.exit, "");
    sim_flow(m, scope->id, normal, NULL);
    sim_flow(m, boundary, caught, NULL);
    sim_flow(m, normal, block.exit, NULL);
    sim_flow(m, caught, block.exit, NULL);
    return block;
}

static int64_t product(int64_t times, unsigned turns)
{
    return times < 0 ? -1 : times * turns;
}

/* ---- Loops ---- */

/* What a loop holds is made with a load as many times as high. */
static struct sim_block loop_body(struct sim_maker *m, int depth, int64_t times, unsigned turns)
{
    unsigned outer = m->load;
    m->load *= turns ? turns : 1;
    struct sim_block body = sim_block(m, depth + 1, product(times, turns));
    m->load = outer;
    return body;
}

static unsigned pick_turns(struct sim_maker *m)
{
    return m->load > 8 ? 1 : sim_below(m->random, 4);
}

/* A subprocess turns as often as its collection is long; what the turns give is checked behind. */
static struct sim_block make_turning_scope(struct sim_maker *m, int depth, int64_t times)
{
    char head[512], condition[96], right[SIM_NAME_MAX], wrong[SIM_NAME_MAX], choice[SIM_NAME_MAX];
    unsigned turns = pick_turns(m);
    int list = m->next++;
    snprintf(head, sizeof(head),
             "<multiInstanceLoopCharacteristics isSequential='%s'><extensionElements>"
             "<zeebe:loopCharacteristics inputCollection='=for i in 1..3 return i' "
             "inputElement='item' outputCollection='o%d' outputElement='=item * loopCounter'/>"
             "</extensionElements></multiInstanceLoopCharacteristics>",
             sim_below(m->random, 2) ? "true" : "false", list);
    bool collects = turns == 3;
    if (!collects)
        snprintf(head, sizeof(head),
                 "<multiInstanceLoopCharacteristics isSequential='%s'><loopCardinality>%u"
                 "</loopCardinality></multiInstanceLoopCharacteristics>",
                 sim_below(m->random, 2) ? "true" : "false", turns);
    struct scope scope = open_scope(m, "subProcess", "", head);
    struct sim_block body = loop_body(m, depth, times, turns);
    sim_flow(m, scope.start, body.entry, NULL);
    sim_end(m, body.exit);
    close_scope(m, "subProcess");
    struct sim_block block = whole(&scope);
    if (!collects)
        return block;
    sim_name(m, choice);
    sim_name(m, block.exit);
    put_mark(m, right, times);
    put_mark(m, wrong, 0);
    put(m, "exclusiveGateway", choice, "");
    put(m, "exclusiveGateway", block.exit, "");
    sim_flow(m, scope.id, choice, NULL);
    snprintf(condition, sizeof(condition), "o%d = [1, 4, 9]", list);
    sim_flow(m, choice, right, condition);
    snprintf(condition, sizeof(condition), "not(o%d = [1, 4, 9])", list);
    sim_flow(m, choice, wrong, condition);
    sim_flow(m, right, block.exit, NULL);
    sim_flow(m, wrong, block.exit, NULL);
    return block;
}

static struct sim_block make_standard_scope(struct sim_maker *m, int depth, int64_t times)
{
    char head[96];
    unsigned turns = pick_turns(m);
    snprintf(head, sizeof(head), "<standardLoopCharacteristics loopMaximum='%u'/>", turns);
    struct scope scope = open_scope(m, "subProcess", "", head);
    struct sim_block body = loop_body(m, depth, times, turns);
    sim_flow(m, scope.start, body.entry, NULL);
    sim_end(m, body.exit);
    close_scope(m, "subProcess");
    return whole(&scope);
}

/* A flow leads back until a variable of the subprocess has counted up. */
static struct sim_block make_while(struct sim_maker *m, int depth, int64_t times)
{
    char merge[SIM_NAME_MAX], choice[SIM_NAME_MAX], count[SIM_NAME_MAX], text[256],
        end[SIM_NAME_MAX];
    unsigned turns = pick_turns(m);
    turns += turns == 0;
    int variable = m->next++;
    snprintf(text, sizeof(text),
             "<extensionElements><zeebe:ioMapping><zeebe:input source='=0' target='c%d'/>"
             "</zeebe:ioMapping></extensionElements>",
             variable);
    struct scope scope = open_scope(m, "subProcess", "", text);
    struct sim_block body = loop_body(m, depth, times, turns);
    sim_name(m, merge);
    sim_name(m, choice);
    sim_name(m, end);
    sim_name_mark(m, count, sim_group(m, product(times, turns)));
    put(m, "exclusiveGateway", merge, "");
    put(m, "exclusiveGateway", choice, "");
    put(m, "endEvent", end, "");
    snprintf(text, sizeof(text),
             "<extensionElements><zeebe:script expression='=c%d + 1' resultVariable='c%d'/>"
             "</extensionElements>",
             variable, variable);
    put(m, "scriptTask", count, text);
    sim_flow(m, scope.start, merge, NULL);
    sim_flow(m, merge, body.entry, NULL);
    sim_flow(m, body.exit, count, NULL);
    sim_flow(m, count, choice, NULL);
    snprintf(text, sizeof(text), "c%d &lt; %u", variable, turns);
    sim_flow(m, choice, merge, text);
    snprintf(text, sizeof(text), "c%d >= %u", variable, turns);
    sim_flow(m, choice, end, text);
    close_scope(m, "subProcess");
    return whole(&scope);
}

/* ---- Gateways that need a scope of their own ---- */

/* Goes on once when enough branches are through; all of them run. */
static struct sim_block make_complex(struct sim_maker *m, int depth, int64_t times)
{
    char split[SIM_NAME_MAX], join[SIM_NAME_MAX], after[SIM_NAME_MAX], text[128];
    unsigned branches = 2 + sim_below(m->random, 2), enough = 1 + sim_below(m->random, branches);
    struct scope scope = open_scope(m, "subProcess", "", "");
    sim_name(m, split);
    sim_name(m, join);
    put(m, "parallelGateway", split, "");
    snprintf(text, sizeof(text),
             "<activationCondition>=activationCount >= %u</activationCondition>", enough);
    put(m, "complexGateway", join, text);
    sim_flow(m, scope.start, split, NULL);
    for (unsigned i = 0; i < branches; i++) {
        struct sim_block branch = sim_block(m, depth + 1, times);
        sim_flow(m, split, branch.entry, NULL);
        sim_flow(m, branch.exit, join, NULL);
    }
    put_mark(m, after, times);
    sim_flow(m, join, after, NULL);
    sim_end(m, after);
    close_scope(m, "subProcess");
    return whole(&scope);
}

static struct sim_block make_adhoc(struct sim_maker *m, int depth, int64_t times)
{
    char first[SIM_NAME_MAX], second[SIM_NAME_MAX];
    struct scope scope = open_scope(m, "adHocSubProcess", "", "");
    put_mark(m, first, times);
    put_mark(m, second, times);
    sim_flow(m, first, second, NULL);
    struct scope inner = open_scope(m, "subProcess", "", ""); /* It may have ends, ad-hoc not. */
    struct sim_block body = sim_block(m, depth + 1, times);
    sim_flow(m, inner.start, body.entry, NULL);
    sim_end(m, body.exit);
    close_scope(m, "subProcess");
    close_scope(m, "adHocSubProcess");
    return whole(&scope);
}

/* ---- Ends that are not plain ---- */

/* One branch ends everything; what the other one did by then nobody knows. */
static struct sim_block make_terminate(struct sim_maker *m, int depth, int64_t times)
{
    char split[SIM_NAME_MAX], task[SIM_NAME_MAX], end[SIM_NAME_MAX];
    struct scope scope = open_scope(m, "subProcess", "", "");
    sim_name(m, split);
    sim_name(m, end);
    put_mark(m, task, times);
    put(m, "parallelGateway", split, "");
    put(m, "endEvent", end, "<terminateEventDefinition/>");
    struct sim_block other = sim_block(m, depth + 1, -1);
    struct sim_block endless = sim_block(m, depth + 2, -1);
    sim_flow(m, scope.start, split, NULL);
    sim_flow(m, split, task, NULL);
    sim_flow(m, task, end, NULL);
    sim_flow(m, split, other.entry, NULL);
    sim_flow(m, other.exit, endless.entry, NULL);
    sim_end(m, endless.exit);
    close_scope(m, "subProcess");
    return whole(&scope);
}

/* Thrown by an end event, perhaps one subprocess further in; caught at the border. */
static struct sim_block make_error(struct sim_maker *m, int depth, int64_t times)
{
    char end[SIM_NAME_MAX], boundary[SIM_NAME_MAX];
    bool deeper = sim_below(m->random, 2);
    struct scope scope = open_scope(m, "subProcess", "", "");
    struct scope inner = scope;
    if (deeper) {
        inner = open_scope(m, "subProcess", "", "");
    }
    struct sim_block body = sim_block(m, depth + 1, times);
    sim_name(m, end);
    put(m, "endEvent", end, "<errorEventDefinition errorRef='err'/>");
    sim_flow(m, inner.start, body.entry, NULL);
    sim_flow(m, body.exit, end, NULL);
    if (deeper) {
        close_scope(m, "subProcess");
        sim_flow(m, scope.start, inner.id, NULL);
        sim_end(m, inner.id);
    }
    close_scope(m, "subProcess");
    sim_name(m, boundary);
    sim_put_boundary(m, boundary, scope.id, true,
                     sim_below(m->random, 2) ? "<errorEventDefinition errorRef='err'/>"
                                             : "<errorEventDefinition/>");
    return left_by_event(m, &scope, boundary, times);
}

/* Raised on the way; both the way and the one who was told go on. */
static struct sim_block make_escalation(struct sim_maker *m, int depth, int64_t times)
{
    char told[SIM_NAME_MAX], raise[SIM_NAME_MAX], boundary[SIM_NAME_MAX];
    struct scope around = open_scope(m, "subProcess", "", ""); /* Ends when both are through. */
    struct scope scope = open_scope(m, "subProcess", "", "");
    struct sim_block body = sim_block(m, depth + 1, times);
    sim_name_mark(m, raise, sim_group(m, times));
    put(m, "intermediateThrowEvent", raise, "<escalationEventDefinition escalationRef='esc'/>");
    sim_flow(m, scope.start, raise, NULL);
    sim_flow(m, raise, body.entry, NULL);
    sim_end(m, body.exit);
    close_scope(m, "subProcess");
    sim_name(m, boundary);
    sim_put_boundary(m, boundary, scope.id, false,
                     "<escalationEventDefinition escalationRef='esc'/>");
    put_mark(m, told, times);
    sim_flow(m, boundary, told, NULL);
    sim_flow(m, around.start, scope.id, NULL);
    sim_end(m, scope.id);
    sim_end(m, told);
    close_scope(m, "subProcess");
    return whole(&around);
}

/* ---- Undoing ---- */

static void put_undoable(struct sim_maker *m, char name[SIM_NAME_MAX], int64_t times)
{
    char boundary[SIM_NAME_MAX], handler[SIM_NAME_MAX];
    put_mark(m, name, times);
    sim_name(m, boundary);
    sim_name_mark(m, handler, sim_group(m, times));
    sim_put_boundary(m, boundary, name, true, "<compensateEventDefinition/>");
    buf_format(&m->xml, "<task id='%s' isForCompensation='true'/>", handler);
    buf_format(&m->xml, "<association id='f%d' sourceRef='%s' targetRef='%s'/>", m->next++,
               boundary, handler);
}

static struct sim_block make_compensation(struct sim_maker *m, int depth, int64_t times)
{
    char done[SIM_NAME_MAX], throwing[SIM_NAME_MAX];
    struct scope scope = open_scope(m, "subProcess", "", "");
    put_undoable(m, done, times);
    struct sim_block body = sim_block(m, depth + 1, times);
    sim_name_mark(m, throwing, sim_group(m, times));
    bool ends = sim_below(m->random, 2) == 0;
    put(m, ends ? "endEvent" : "intermediateThrowEvent", throwing, "<compensateEventDefinition/>");
    if (!ends)
        sim_end(m, throwing);
    sim_flow(m, scope.start, done, NULL);
    sim_flow(m, done, body.entry, NULL);
    sim_flow(m, body.exit, throwing, NULL);
    close_scope(m, "subProcess");
    return whole(&scope);
}

static struct sim_block make_transaction(struct sim_maker *m, int depth, int64_t times)
{
    char done[SIM_NAME_MAX], end[SIM_NAME_MAX], boundary[SIM_NAME_MAX];
    struct scope scope = open_scope(m, "transaction", "", "");
    put_undoable(m, done, times);
    struct sim_block body = sim_block(m, depth + 1, times);
    sim_name(m, end);
    put(m, "endEvent", end, "<cancelEventDefinition/>");
    sim_flow(m, scope.start, done, NULL);
    sim_flow(m, done, body.entry, NULL);
    sim_flow(m, body.exit, end, NULL);
    close_scope(m, "transaction");
    sim_name(m, boundary);
    sim_put_boundary(m, boundary, scope.id, true, "<cancelEventDefinition/>");
    return left_by_event(m, &scope, boundary, times);
}

/* ---- Events ---- */

/* An event subprocess cuts in, or never does: the subprocess ends once either way. */
static struct sim_block make_event_subprocess(struct sim_maker *m, int depth, int64_t times)
{
    static const char *const events[] = {
        "<timerEventDefinition><timeDuration>PT9M</timeDuration></timerEventDefinition>",
        "<messageEventDefinition messageRef='msg'/>", "<signalEventDefinition signalRef='sig'/>"};
    char start[SIM_NAME_MAX], id[SIM_NAME_MAX], after[SIM_NAME_MAX];
    bool interrupting = sim_below(m->random, 2);
    struct scope scope = open_scope(m, "subProcess", "", "");
    struct sim_block body = sim_block(m, depth + 1, interrupting ? -1 : times);
    sim_flow(m, scope.start, body.entry, NULL);
    sim_end(m, body.exit);
    sim_name(m, id);
    sim_name(m, start);
    buf_format(&m->xml,
               "<subProcess id='%s' triggeredByEvent='true'><startEvent id='%s' "
               "isInterrupting='%s'>%s</startEvent>",
               id, start, interrupting ? "true" : "false",
               /* A message may come without end: then the schedule would not end. */
               events[interrupting ? sim_below(m->random, COUNT_OF(events)) : 0]);
    struct sim_block inner = sim_block(m, depth + 2, -1);
    sim_flow(m, start, inner.entry, NULL);
    sim_end(m, inner.exit);
    close_scope(m, "subProcess");
    close_scope(m, "subProcess");
    put_mark(m, after, times);
    sim_flow(m, scope.id, after, NULL);
    struct sim_block block = whole(&scope);
    memcpy(block.exit, after, SIM_NAME_MAX);
    return block;
}

/* One branch makes true what the other one waits for. */
static struct sim_block make_condition(struct sim_maker *m, int depth, int64_t times)
{
    char split[SIM_NAME_MAX], wait[SIM_NAME_MAX], set[SIM_NAME_MAX], text[256];
    int variable = m->next++;
    snprintf(text, sizeof(text),
             "<extensionElements><zeebe:ioMapping><zeebe:input source='=0' target='c%d'/>"
             "</zeebe:ioMapping></extensionElements>",
             variable);
    struct scope scope = open_scope(m, "subProcess", "", text);
    struct sim_block body = sim_block(m, depth + 1, times);
    sim_name(m, split);
    sim_name(m, set);
    sim_name_mark(m, wait, sim_group(m, times));
    put(m, "parallelGateway", split, "");
    snprintf(text, sizeof(text),
             "<conditionalEventDefinition><condition xsi:type='tFormalExpression'>=c%d > 0"
             "</condition></conditionalEventDefinition>",
             variable);
    put(m, "intermediateCatchEvent", wait, text);
    snprintf(text, sizeof(text),
             "<extensionElements><zeebe:script expression='=c%d + 1' resultVariable='c%d'/>"
             "</extensionElements>",
             variable, variable);
    put(m, "scriptTask", set, text);
    sim_flow(m, scope.start, split, NULL);
    sim_flow(m, split, wait, NULL);
    sim_flow(m, split, body.entry, NULL);
    sim_flow(m, body.exit, set, NULL);
    sim_end(m, wait);
    sim_end(m, set);
    close_scope(m, "subProcess");
    return whole(&scope);
}

static struct sim_block make_link(struct sim_maker *m, int depth, int64_t times)
{
    (void)depth;
    char text[64];
    struct sim_block block;
    sim_name(m, block.entry);
    sim_name_mark(m, block.exit, sim_group(m, times));
    snprintf(text, sizeof(text), "<linkEventDefinition name='%s'/>", block.entry);
    put(m, "intermediateThrowEvent", block.entry, text);
    put(m, "intermediateCatchEvent", block.exit, text);
    return block;
}

/* ---- Data ---- */

/* Mapped in, computed, mapped out: the way behind shows whether it is right. */
static struct sim_block make_mapping(struct sim_maker *m, int depth, int64_t times)
{
    (void)depth;
    char text[512], right[SIM_NAME_MAX], wrong[SIM_NAME_MAX], choice[SIM_NAME_MAX];
    int variable = m->next++;
    unsigned value = sim_below(m->random, 1000);
    struct sim_block block;
    sim_name(m, block.entry);
    sim_name(m, choice);
    sim_name(m, block.exit);
    snprintf(text, sizeof(text),
             "<extensionElements><zeebe:ioMapping><zeebe:input source='=%u' target='x'/>"
             "<zeebe:output source='=y + 1' target='z%d'/></zeebe:ioMapping>"
             "<zeebe:script expression='=x * 2' resultVariable='y'/></extensionElements>",
             value, variable);
    put(m, "scriptTask", block.entry, text);
    put_mark(m, right, times);
    put_mark(m, wrong, 0);
    put(m, "exclusiveGateway", choice, "");
    put(m, "exclusiveGateway", block.exit, "");
    sim_flow(m, block.entry, choice, NULL);
    snprintf(text, sizeof(text), "z%d = %u", variable, value * 2 + 1);
    sim_flow(m, choice, right, text);
    snprintf(text, sizeof(text), "not(z%d = %u)", variable, value * 2 + 1);
    sim_flow(m, choice, wrong, text);
    sim_flow(m, right, block.exit, NULL);
    sim_flow(m, wrong, block.exit, NULL);
    return block;
}

/* A condition on a variable that is not there: an incident, until somebody sets it. */
static struct sim_block make_incident(struct sim_maker *m, int depth, int64_t times)
{
    struct sim_block block;
    char condition[32], other[SIM_NAME_MAX];
    int variable = m->next++;
    buf_format(&m->repair, ",\"r%d\":true", variable);
    sim_name(m, block.entry);
    sim_name(m, block.exit);
    put(m, "exclusiveGateway", block.entry, "");
    put(m, "exclusiveGateway", block.exit, "");
    struct sim_block body = sim_block(m, depth + 1, times);
    put_mark(m, other, 0);
    snprintf(condition, sizeof(condition), "r%d", variable);
    sim_flow(m, block.entry, body.entry, condition);
    snprintf(condition, sizeof(condition), "not(r%d)", variable);
    sim_flow(m, block.entry, other, condition);
    sim_flow(m, body.exit, block.exit, NULL);
    sim_flow(m, other, block.exit, NULL);
    return block;
}

/* ---- Further ways to run ---- */

/* How a called process goes: to its end; first it tells its caller something; it ends in an error;
 * it does nothing but call one that does, so that the error goes two processes outwards. */
enum call_kind { CALL_ENDS, CALL_RAISES, CALL_FAILS, CALL_FAILS_DEEPER };

static void put_call(struct sim_maker *m, const char *name, int depth, int64_t times,
                     enum call_kind kind);

static void put_called(struct sim_maker *m, const char *start, int depth, int64_t times,
                       enum call_kind kind)
{
    char end[SIM_NAME_MAX];
    sim_name(m, end);
    if (kind == CALL_FAILS_DEEPER) {
        put_call(m, end, depth, times, CALL_FAILS);
        sim_flow(m, start, end, NULL);
        sim_end(m, end);
        return;
    }
    struct sim_block body = sim_block(m, depth + 1, times);
    if (kind == CALL_RAISES) {
        put(m, "intermediateThrowEvent", end, "<escalationEventDefinition escalationRef='esc'/>");
        sim_flow(m, start, end, NULL);
        sim_flow(m, end, body.entry, NULL);
        sim_end(m, body.exit);
        return;
    }
    sim_flow(m, start, body.entry, NULL);
    if (kind == CALL_FAILS) {
        put(m, "endEvent", end, "<errorEventDefinition errorRef='err'/>");
        sim_flow(m, body.exit, end, NULL);
    } else {
        sim_end(m, body.exit);
    }
}

static void put_call(struct sim_maker *m, const char *name, int depth, int64_t times,
                     enum call_kind kind)
{
    char process[SIM_NAME_MAX], start[SIM_NAME_MAX];
    sim_name(m, process);
    sim_name(m, start);
    buf_format(&m->xml,
               "<callActivity id='%s'><extensionElements><zeebe:calledElement processId='%s' "
               "propagateAllChildVariables='%s'/></extensionElements></callActivity>",
               name, process, sim_below(m->random, 2) ? "true" : "false");
    struct buf outer = m->xml;
    buf_init(&m->xml, LIMIT_XML_SIZE);
    buf_format(&m->xml, "<process id='%s' isExecutable='true'><startEvent id='%s'/>", process,
               start);
    put_called(m, start, depth, times, kind);
    buf_add_c(&m->xml, "</process>");
    buf_add_str(&m->calls, buf_str(&m->xml));
    buf_release(&m->xml);
    m->xml = outer;
}

static struct sim_block make_call(struct sim_maker *m, int depth, int64_t times)
{
    struct sim_block block;
    sim_name_mark(m, block.entry, sim_group(m, times));
    memcpy(block.exit, block.entry, SIM_NAME_MAX);
    put_call(m, block.entry, depth, times, CALL_ENDS);
    return block;
}

static struct sim_block make_failing_call(struct sim_maker *m, int depth, int64_t times)
{
    char boundary[SIM_NAME_MAX];
    struct scope scope = {0};
    sim_name(m, scope.id);
    put_call(m, scope.id, depth, times, sim_below(m->random, 2) ? CALL_FAILS : CALL_FAILS_DEEPER);
    sim_name(m, boundary);
    sim_put_boundary(m, boundary, scope.id, true, "<errorEventDefinition errorRef='err'/>");
    return left_by_event(m, &scope, boundary, times);
}

static struct sim_block make_telling_call(struct sim_maker *m, int depth, int64_t times)
{
    char call[SIM_NAME_MAX], told[SIM_NAME_MAX], boundary[SIM_NAME_MAX];
    struct scope around = open_scope(m, "subProcess", "", ""); /* Ends when both are through. */
    sim_name(m, call);
    put_call(m, call, depth, times, CALL_RAISES);
    sim_name(m, boundary);
    sim_put_boundary(m, boundary, call, false, "<escalationEventDefinition escalationRef='esc'/>");
    put_mark(m, told, times);
    sim_flow(m, boundary, told, NULL);
    sim_flow(m, around.start, call, NULL);
    sim_end(m, call);
    sim_end(m, told);
    close_scope(m, "subProcess");
    return whole(&around);
}

/* Two tokens come out of one task, and the next one takes both. */
static struct sim_block make_quantity(struct sim_maker *m, int depth, int64_t times)
{
    (void)depth;
    struct sim_block block;
    sim_name_mark(m, block.entry, sim_group(m, times));
    sim_name_mark(m, block.exit, sim_group(m, times));
    buf_format(&m->xml,
               "<task id='%s' completionQuantity='2'/><userTask id='%s' startQuantity='2'/>",
               block.entry, block.exit);
    sim_flow(m, block.entry, block.exit, NULL);
    return block;
}

sim_block_fn *const SIM_SCOPE_BLOCKS[] = {
    make_turning_scope, make_standard_scope, make_while,     make_complex,
    make_adhoc,         make_terminate,      make_error,     make_escalation,
    make_compensation,  make_transaction,    make_condition, make_event_subprocess,
    make_link,          make_mapping,        make_incident,  make_call,
    make_failing_call,  make_telling_call,   make_quantity};
