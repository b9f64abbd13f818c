/* Each rule of the standard: a model that breaks it and nothing else, and its lawful twin. */
#include "test.h"

#include "bpmn/bpmn.h"

#define HEAD                                                                                       \
    "<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL' "                            \
    "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "                                       \
    "xmlns:z='http://camunda.org/schema/zeebe/1.0'><signal id='sig' name='S'/>"                    \
    "<message id='msg' name='M'/><error id='err' errorCode='E'/><error id='bare' name='B'/>"       \
    "<escalation id='esc' escalationCode='C'/><escalation id='mute' name='N'/>"
#define FLOW(id, from, to) "<sequenceFlow id='" id "' sourceRef='" from "' targetRef='" to "'/>"
#define S "<startEvent id='s'/>"
#define E "<endEvent id='e'/>"
#define SIG "<signalEventDefinition signalRef='sig'/>"
#define MSG "<messageEventDefinition messageRef='msg'/>"
#define P(inside) "<process id='p' isExecutable='true'>" inside "</process>"
/* start, one thing of the id m, end */
#define ONE(inside) P(S inside E FLOW("f", "s", "m") FLOW("g", "m", "e"))
#define TASK(inside) ONE("<task id='m'>" inside "</task>")
#define BESIDE(inside) ONE("<task id='m'/>" inside)
#define SUB(inside) ONE("<subProcess id='m'>" inside "</subProcess>")
#define ADHOC(inside) ONE("<adHocSubProcess id='m'>" inside "</adHocSubProcess>")
#define WAITS(condition)                                                                           \
    ONE("<intermediateCatchEvent id='m'><conditionalEventDefinition><condition" condition          \
        ">=a</condition></conditionalEventDefinition></intermediateCatchEvent>")
#define POOLS(inside, from, to)                                                                    \
    ONE(inside)                                                                                    \
    "<collaboration id='c'><participant id='pa' processRef='p'/>"                                  \
    "<participant id='pb'/><messageFlow id='mf' sourceRef='" from "' targetRef='" to               \
    "'/></collaboration>"
#define MANY(numbers)                                                                              \
    BESIDE("")                                                                                     \
    "<collaboration id='c'><participant id='pa' processRef='p'><participantMultiplicity " numbers  \
    "/></participant></collaboration>"
#define LOOP(attributes)                                                                           \
    TASK("<multiInstanceLoopCharacteristics " attributes                                           \
         "><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>")
#define IO(inside) TASK("<ioSpecification>" inside "</ioSpecification>")
#define LATE(more) BESIDE("<boundaryEvent id='b' attachedToRef='m'>" SIG "</boundaryEvent>" more)

#define CATCH(id, inside) "<intermediateCatchEvent id='" id "'>" inside "</intermediateCatchEvent>"
#define THROW(id, inside) "<intermediateThrowEvent id='" id "'>" inside "</intermediateThrowEvent>"
#define LINK "<linkEventDefinition name='there'/>"
/* start, a gateway that waits for two things, end */
#define EITHER(one, other, more)                                                                   \
    P(S "<eventBasedGateway id='g'/>" one other E FLOW("f", "s", "g") FLOW("h", "g", "a")          \
          FLOW("i", "g", "b") FLOW("j", "a", "e") FLOW("k", "b", "e") more)
#define RECEIVE(id) "<receiveTask id='" id "' messageRef='msg'/>"
#define BEGINS(attributes, inside)                                                                 \
    BESIDE("<subProcess id='v' triggeredByEvent='true'><startEvent id='i' " attributes ">" inside  \
           "</startEvent><endEvent id='j'/>" FLOW("h", "i", "j") "</subProcess>")
#define CALLS(start)                                                                               \
    ONE("<callActivity id='m' calledElement='q'/>")                                                \
    "<process id='q' isExecutable='true'><startEvent id='qs'>" start                               \
    "</startEvent><endEvent id='qe'/>" FLOW("qf", "qs", "qe") "</process>"
#define JOINED(inside)                                                                             \
    TASK("<ioSpecification><dataInput id='d'/><inputSet><dataInputRefs>d</dataInputRefs>"          \
         "</inputSet><outputSet/></ioSpecification><dataInputAssociation><sourceRef>d</sourceRef>" \
         "<targetRef>d</targetRef>" inside "</dataInputAssociation>")
#define COUNTED(more)                                                                              \
    TASK("<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality>" more             \
         "</multiInstanceLoopCharacteristics>")

#define EXT(inside) "<extensionElements>" inside "</extensionElements>"
#define ENDS(event) P(S "<endEvent id='e'>" event "</endEvent>" FLOW("f", "s", "e"))
#define ON(attributes, event, more)                                                                \
    BESIDE("<boundaryEvent id='b' attachedToRef='m' " attributes ">" event "</"                    \
           "boundaryEvent>" more)
#define TIMER(inside) ONE(CATCH("m", "<timerEventDefinition>" inside "</timerEventDefinition>"))
/* A choice of two ways, the first of them with more to it. */
#define CHOICE(attributes, first)                                                                  \
    P(S "<exclusiveGateway id='x' " attributes "/>" E FLOW(                                        \
        "f", "s", "x") "<sequenceFlow id='g' sourceRef='x' targetRef='e'>" first "</sequenceFlow>" \
                       "<sequenceFlow id='h' sourceRef='x' targetRef='e'><conditionExpression>=a"  \
                       "</conditionExpression></sequenceFlow>")
#define IF "<conditionExpression>=a</conditionExpression>"
#define REPEAT(attributes, inside)                                                                 \
    TASK("<standardLoopCharacteristics " attributes ">" inside "</standardLoopCharacteristics>")
#define TIMES(inside)                                                                              \
    TASK("<multiInstanceLoopCharacteristics>" inside "</multiInstanceLoopCharacteristics>")

#define NEEDED                                                                                     \
    "<interface id='n' name='N'><operation id='o' "                                                \
    "name='O'><inMessageRef>msg</inMessageRef></operation></interface>"

static const struct rule {
    const char *key, *broken, *lawful;
} RULES[] = {
    {"scope.end", P(S "<task id='m'/>" FLOW("f", "s", "m")), BESIDE("")},
    {"scope.start", P("<task id='m'/>" E FLOW("g", "m", "e")), P("<task id='m'/>")},
    {"scope.end", SUB("<startEvent id='i'/><task id='j'/>" FLOW("h", "i", "j")),
     SUB("<task id='j'/>")},
    {"flow.dead-end",
     P(S "<parallelGateway id='x'/><task id='a'/><task id='b'/>" E FLOW("f", "s", "x")
           FLOW("g", "x", "a") FLOW("h", "x", "b") FLOW("i", "a", "e")),
     P(S "<parallelGateway id='x'/><task id='a'/><task id='b'/>" E FLOW("f", "s", "x")
           FLOW("g", "x", "a") FLOW("h", "x", "b") FLOW("i", "a", "e") FLOW("j", "b", "e"))},
    {"boundary.outgoing", LATE(""), LATE(FLOW("h", "b", "e"))},
    {"gateway.idle", ONE("<exclusiveGateway id='m'/>"),
     ONE("<parallelGateway id='m'/><endEvent id='x'/>" FLOW("h", "m", "x"))},
    {"ad-hoc.end", ADHOC("<task id='i'/><endEvent id='j'/>" FLOW("h", "i", "j")),
     ADHOC("<task id='i'/>")},
    {"ad-hoc.activity", ADHOC("<intermediateThrowEvent id='i'/>"),
     ADHOC("<intermediateThrowEvent id='i'/><task id='j'/>")},
    {"condition.formal", WAITS(""), WAITS(" xsi:type='tFormalExpression'")},
    {"error.code",
     P(S "<endEvent id='e'><errorEventDefinition errorRef='bare'/></endEvent>" FLOW("f", "s", "e")),
     P(S "<endEvent id='e'><errorEventDefinition errorRef='err'/></endEvent>" FLOW("f", "s", "e"))},
    {"message-flow.pool", POOLS("<task id='m'/>", "m", "pa"), POOLS("<task id='m'/>", "m", "pb")},
    {"message-flow.source", POOLS("<task id='m'/>", "e", "pb"),
     POOLS("<sendTask id='m' messageRef='msg'/>", "m", "pb")},
    {"message-flow.target", POOLS("<task id='m'/>", "pb", "s"),
     POOLS("<receiveTask id='m' messageRef='msg'/>", "pb", "m")},
    {"participant.multiplicity", MANY("minimum='3' maximum='2'"), MANY("minimum='2' maximum='3'")},
    {"loop.behavior", LOOP("behavior='One'"), LOOP("behavior='All'")},
    {"data.sets", IO("<inputSet/>"), IO("<inputSet/><outputSet/>")},
    {"data.set", IO("<dataInput id='d'/><inputSet/><outputSet/>"),
     IO("<dataInput id='d'/><inputSet><dataInputRefs>d</dataInputRefs></inputSet><outputSet/>")},
    {"reference.missing", P("<dataObjectReference id='r' dataObjectRef='no'/><task id='m'/>"),
     P("<dataObject id='o'/><dataObjectReference id='r' dataObjectRef='o'/><task id='m'/>")},
    {"compensation.flow", ONE("<task id='m' isForCompensation='true'/>"), BESIDE("")},
    {"event-gateway.mixed", EITHER(RECEIVE("a"), CATCH("b", MSG), ""),
     EITHER(RECEIVE("a"), RECEIVE("b"), "")},
    {"event-gateway.boundary",
     EITHER(RECEIVE("a"), CATCH("b", SIG),
            "<boundaryEvent id='c' attachedToRef='a'>" SIG "</boundaryEvent>" FLOW("l", "c", "e")),
     EITHER(RECEIVE("a"), CATCH("b", SIG), "")},
    {"event-gateway.flows",
     P(S "<eventBasedGateway id='g'/>" CATCH("a", SIG) "<task id='t'/>" E FLOW("f", "s", "g")
           FLOW("x", "t", "g") FLOW("y", "s", "t") FLOW("h", "g", "a") FLOW("j", "a", "e")),
     EITHER(CATCH("a", SIG), CATCH("b", MSG), "")},
    {"link.flow",
     P(S THROW("t", LINK) CATCH("c", LINK) E FLOW("f", "s", "t") FLOW("g", "c", "e")
           FLOW("h", "t", "e")),
     P(S THROW("t", LINK) CATCH("c", LINK) E FLOW("f", "s", "t") FLOW("g", "c", "e"))},
    {"start.interrupting", BEGINS("isInterrupting='false'", "<errorEventDefinition/>"),
     BEGINS("isInterrupting='false'", SIG)},
    {"event.trigger", BEGINS("", "<terminateEventDefinition/>"), BEGINS("", SIG)},
    {"call.start", CALLS(SIG), CALLS("")},
    {"data.assignment", JOINED("<assignment><from>a</from></assignment>"),
     JOINED("<assignment><from>a</from><to>b</to></assignment>")},
    {"data.subprocess",
     SUB("<ioSpecification><inputSet/><outputSet/></ioSpecification><task id='i'/>"),
     SUB("<task id='i'/>")},
    {"event.definition-shared",
     ONE(THROW("m", "<signalEventDefinition id='own' signalRef='sig'/>")
             CATCH("n", "<eventDefinitionRef>own</eventDefinitionRef>") FLOW("h", "s", "n")
                 FLOW("i", "n", "e")),
     ONE(THROW("m", SIG) CATCH("n", SIG) FLOW("h", "s", "n") FLOW("i", "n", "e"))},
    {"loop.two-counts", COUNTED("<loopDataInputRef>d</loopDataInputRef>"), COUNTED("")},
    {"message-flow.end", POOLS("<task id='m'/>", "m", "nobody"),
     POOLS("<task id='m'/>", "m", "pb")},
    {"boundary.cancel",
     ONE("<transaction id='m'><task id='i'/></transaction><boundaryEvent id='b' attachedToRef='m' "
         "cancelActivity='false'><cancelEventDefinition/></boundaryEvent>" FLOW("h", "b", "e")),
     ONE("<transaction id='m'><task id='i'/></transaction><boundaryEvent id='b' attachedToRef='m'>"
         "<cancelEventDefinition/></boundaryEvent>" FLOW("h", "b", "e"))},
    {"token.quantity", ONE("<task id='m' startQuantity='0'/>"),
     ONE("<task id='m' startQuantity='1'/>")},
    {"flow.scope",
     ONE("<subProcess id='m'><task id='i'/></subProcess><task id='n'/>" FLOW("h", "s", "n")
             FLOW("k", "n", "e") FLOW("x", "n", "i")),
     ONE("<subProcess id='m'><task id='i'/></subProcess><task id='n'/>" FLOW("h", "s", "n")
             FLOW("k", "n", "e"))},
    {"attribute.boolean", P("<task id='m' isForCompensation='perhaps'/>"),
     P("<task id='m' isForCompensation='false'/>")},
    {"binding.tag",
     ONE("<businessRuleTask id='m'>" EXT("<z:calledDecision decisionId='d' resultVariable='r' "
                                         "bindingType='versionTag'/>") "</businessRuleTask>"),
     ONE("<businessRuleTask id='m'>" EXT(
         "<z:calledDecision decisionId='d' resultVariable='r' bindingType='versionTag' "
         "versionTag='v1'/>") "</businessRuleTask>")},
    {"binding.type",
     ONE("<businessRuleTask id='m'>" EXT("<z:calledDecision decisionId='d' resultVariable='r' "
                                         "bindingType='newest'/>") "</businessRuleTask>"),
     ONE("<businessRuleTask id='m'>" EXT("<z:calledDecision decisionId='d' resultVariable='r' "
                                         "bindingType='latest'/>") "</businessRuleTask>")},
    {"boundary.error", ON("cancelActivity='false'", "<errorEventDefinition/>", FLOW("h", "b", "e")),
     ON("", "<errorEventDefinition/>", FLOW("h", "b", "e"))},
    {"boundary.host",
     BESIDE("<boundaryEvent id='b' attachedToRef='s'>" SIG "</boundaryEvent>" FLOW("h", "b", "e")),
     LATE(FLOW("h", "b", "e"))},
    {"boundary.incoming", LATE(FLOW("h", "b", "e") FLOW("i", "m", "b")), LATE(FLOW("h", "b", "e"))},
    {"call.process-missing", ONE("<callActivity id='m'/>"),
     ONE("<callActivity id='m'>" EXT("<z:calledElement processId='q'/>") "</callActivity>")},
    {"compensation.handler", ON("", "<compensateEventDefinition/>", ""),
     ON("", "<compensateEventDefinition/>",
        "<task id='u' isForCompensation='true'/><association id='h' sourceRef='b' "
        "targetRef='u'/>")},
    {"complex.mixed",
     P(S "<complexGateway id='x' default='g'><activationCondition>=true</activationCondition>"
         "</complexGateway><parallelGateway id='y'/>" E FLOW("a", "s", "y") FLOW("b", "y", "x")
             FLOW("c", "y", "x") FLOW("g", "x", "e") "<sequenceFlow id='h' sourceRef='x' "
                                                     "targetRef='e'>" IF "</sequenceFlow>"),
     P(S "<complexGateway id='x'><activationCondition>=true</activationCondition>"
         "</complexGateway><parallelGateway id='y'/>" E FLOW("a", "s", "y") FLOW("b", "y", "x")
             FLOW("c", "y", "x") FLOW("g", "x", "e"))},
    {"condition.missing", ONE(CATCH("m", "<conditionalEventDefinition/>")),
     WAITS(" xsi:type='tFormalExpression'")},
    {"end.outgoing", BESIDE(FLOW("h", "e", "m")), BESIDE("")},
    {"error.missing", ENDS("<errorEventDefinition/>"),
     ENDS("<errorEventDefinition errorRef='err'/>")},
    {"escalation.missing", ENDS("<escalationEventDefinition/>"),
     ENDS("<escalationEventDefinition escalationRef='esc'/>")},
    {"escalation.code", ENDS("<escalationEventDefinition escalationRef='mute'/>"),
     ENDS("<escalationEventDefinition escalationRef='esc'/>")},
    {"event.trigger-missing", ONE(CATCH("m", "")), ONE(CATCH("m", SIG))},
    {"cancel.transaction", ENDS("<cancelEventDefinition/>"), ENDS("<terminateEventDefinition/>")},
    {"flow.condition",
     P(S E "<sequenceFlow id='f' sourceRef='s' targetRef='e'>" IF "</sequenceFlow>"),
     P(S E FLOW("f", "s", "e"))},
    {"flow.condition-alone",
     P(S "<task id='m'/>" E FLOW("f", "s", "m") "<sequenceFlow id='g' sourceRef='m' "
                                                "targetRef='e'>" IF "</sequenceFlow>"),
     BESIDE("")},
    {"flow.default", CHOICE("default='f'", IF), CHOICE("default='g'", "")},
    {"flow.default-condition", CHOICE("default='g'", IF), CHOICE("default='g'", "")},
    {"flow.condition-missing", CHOICE("", ""), CHOICE("", IF)},
    {"flow.listed", ONE("<task id='m'><incoming>g</incoming></task>"),
     ONE("<task id='m'><incoming>f</incoming></task>")},
    {"flow.unreached", BESIDE("<task id='n'/>" FLOW("h", "n", "e")),
     BESIDE("<task id='n'/>" FLOW("h", "n", "e") FLOW("i", "m", "n"))},
    {"id.empty", TASK("<documentation id=''/>"), TASK("<documentation id='d'/>")},
    {"loop.cardinality", TIMES("<loopCardinality>-2</loopCardinality>"),
     TIMES("<loopCardinality>0</loopCardinality>")},
    {"loop.count-missing", TIMES(""), TIMES("<loopCardinality>2</loopCardinality>")},
    {"loop.maximum", REPEAT("loopMaximum='some'", "<loopCondition>=a</loopCondition>"),
     REPEAT("loopMaximum='3'", "<loopCondition>=a</loopCondition>")},
    {"loop.endless", REPEAT("", ""), REPEAT("loopMaximum='3'", "")},
    {"message.missing", ONE(CATCH("m", "<messageEventDefinition/>")), ONE(CATCH("m", MSG))},
    {"signal.missing", ONE(THROW("m", "<signalEventDefinition/>")), ONE(THROW("m", SIG))},
    {"scope.starts", BESIDE("<startEvent id='t'/>" FLOW("h", "t", "e")),
     BESIDE("<startEvent id='t'>" SIG "</startEvent>" FLOW("h", "t", "e"))},
    {"start.incoming", BESIDE(FLOW("h", "m", "s")), BESIDE("")},
    {"task.decision", ONE("<businessRuleTask id='m'/>"),
     ONE("<businessRuleTask id='m'>" EXT("<z:taskDefinition type='x'/>") "</businessRuleTask>")},
    {"task.script", ONE("<scriptTask id='m'/>"),
     ONE("<scriptTask id='m'>" EXT(
         "<z:script expression='=1' resultVariable='r'/>") "</scriptTask>")},
    {"timer.one-value", TIMER(""), TIMER("<timeDuration>PT1H</timeDuration>")},
    {"timer.one-value", TIMER("<timeDuration>PT1H</timeDuration><timeCycle>R/PT1H</timeCycle>"),
     TIMER("<timeCycle>R2/PT1H</timeCycle>")},
    {"timer.value", TIMER("<timeDuration>tomorrow</timeDuration>"),
     TIMER("<timeDuration>P1M2DT3H</timeDuration>")},
    {"choreography.participants",
     BESIDE("") "<choreography id='h'><participant id='x'/><choreographyTask id='t' "
                "initiatingParticipantRef='x'/></choreography><collaboration id='c'>"
                "<participant id='pa' processRef='p'/><choreographyRef>h</choreographyRef>"
                "</collaboration>",
     BESIDE("") "<choreography id='h'><participant id='x'/><choreographyTask id='t' "
                "initiatingParticipantRef='x'/></choreography><collaboration id='c'>"
                "<participant id='pa' processRef='p'/><choreographyRef>h</choreographyRef>"
                "<participantAssociation><innerParticipantRef>x</innerParticipantRef>"
                "<outerParticipantRef>pa</outerParticipantRef></participantAssociation>"
                "</collaboration>"},
    {"compensation.interrupting",
     ON("cancelActivity='false'", "<compensateEventDefinition/>",
        "<task id='u' isForCompensation='true'/><association id='h' sourceRef='b' targetRef='u'/>"),
     ON("", "<compensateEventDefinition/>",
        "<task id='u' isForCompensation='true'/><association id='h' sourceRef='b' "
        "targetRef='u'/>")},
    {"element.place", BESIDE("") "<task id='stray'/>", BESIDE("") "<category id='y'/>"},
    {"expression.empty",
     BESIDE("") "<correlationProperty id='k'><correlationPropertyRetrievalExpression "
                "messageRef='msg'><messagePath/></correlationPropertyRetrievalExpression>"
                "</correlationProperty>",
     BESIDE("") "<correlationProperty id='k'><correlationPropertyRetrievalExpression "
                "messageRef='msg'><messagePath>=a</messagePath>"
                "</correlationPropertyRetrievalExpression></correlationProperty>"},
    {"interface.binding", BESIDE("<supportedInterfaceRef>n</supportedInterfaceRef>") NEEDED,
     BESIDE("<supportedInterfaceRef>n</supportedInterfaceRef><ioBinding operationRef='o' "
            "inputDataRef='d' outputDataRef='d'/>") NEEDED},
    {"resource.either",
     TASK(
         "<performer><resourceRef>r</resourceRef><resourceAssignmentExpression>"
         "<formalExpression>=a</formalExpression></resourceAssignmentExpression></performer>") "<re"
                                                                                               "sou"
                                                                                               "rce"
                                                                                               " id"
                                                                                               "='"
                                                                                               "r' "
                                                                                               "nam"
                                                                                               "e='"
                                                                                               "R'/"
                                                                                               ">",
     TASK("<performer><resourceRef>r</resourceRef></performer>") "<resource id='r' name='R'/>"},
    {"start.outgoing",
     P(S "<endEvent id='e'/><startEvent id='t'>" SIG "</startEvent>" FLOW("f", "t", "e")),
     P(S E FLOW("f", "s", "e"))},
};

static enum err check(struct arena *arena, const char *model, struct bpmn_report *report)
{
    const struct bpmn_model *out;
    return bpmn_parse(arena, str_format(arena, HEAD "%s</definitions>", model), NULL, report, &out);
}

static void test_rules(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < COUNT_OF(RULES); i++) {
        const struct rule *r = &RULES[i];
        CLEANUP(arena_release) struct arena arena = {0};
        struct bpmn_report report;
        enum err e = check(&arena, r->broken, &report);
        if (e != ERR_INVALID || report.fault_count != 1 ||
            strcmp(report.faults[0].rule, r->key) != 0) {
            wrong++;
            print_message("# %zu %s: %zu faults\n", i, r->key, report.fault_count);
            for (size_t k = 0; k < report.fault_count; k++)
                print_message("#   %s\n", report.faults[k].rule);
        }
        if (check(&arena, r->lawful, &report) != OK) {
            wrong++;
            print_message("# %zu %s: the twin is refused: %s\n", i, r->key, err_last()->detail);
        }
    }
    assert_int_equal(wrong, 0);
}

/* What runs, though hardly as it was meant. */
static void test_warnings(void **state)
{
    (void)state;
    static const struct {
        const char *key, *model;
    } WARNINGS[] = {
        {"message.correlation", ONE(CATCH("m", MSG))},
        {"extension.unknown", TASK(EXT("<z:newcomer/>"))},
        {"flow.condition-idle",
         P(S "<parallelGateway id='x'/>" E FLOW("f", "s", "x")
               FLOW("g", "x", "e") "<sequenceFlow id='h' sourceRef='x' targetRef='e'>" IF
                                   "</sequenceFlow>")},
    };
    for (size_t i = 0; i < COUNT_OF(WARNINGS); i++) {
        CLEANUP(arena_release) struct arena arena = {0};
        struct bpmn_report report;
        assert_ok(check(&arena, WARNINGS[i].model, &report));
        assert_int_equal(report.warning_count, 1);
        assert_string_equal(report.warnings[0].rule, WARNINGS[i].key);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_warnings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
