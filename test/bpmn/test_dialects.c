/* Files as other tools write them: all are read, nothing is lost, and what cannot run says why. */
#include "test.h"

#include "bpmn/bpmn.h"

#define NS "xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL'"
#define STEPS                                                                                      \
    "<startEvent id='s'/><sequenceFlow id='f' sourceRef='s' targetRef='t'/>"                       \
    "<userTask id='t' name='%s'/><sequenceFlow id='g' sourceRef='t' targetRef='e'/>"               \
    "<endEvent id='e'/>"

#define PROCESS "<definitions " NS "><process id='p'>"
#define END "</process></definitions>"

static const struct dialect {
    const char *name, *text;
    enum err code;
    const char *fault, *warning; /* A rule that must be named, or NULL. */
} DIALECTS[] = {
    {"Camunda 7",
     "<b:definitions xmlns:b='http://www.omg.org/spec/BPMN/20100524/MODEL' "
     "xmlns:camunda='http://camunda.org/schema/1.0/bpmn'><b:process id='p' isExecutable='true'>"
     "<b:startEvent id='s'/><b:sequenceFlow id='f' sourceRef='s' targetRef='t'/>"
     "<b:serviceTask id='t' camunda:class='org.x.Y' camunda:asyncBefore='true'/>"
     "</b:process></b:definitions>",
     ERR_INVALID, "task.job-type", "extension.foreign"},
    {"Java's expressions",
     "<definitions " NS "><process id='p' isExecutable='true'><startEvent id='s'/>"
     "<sequenceFlow id='f' sourceRef='s' targetRef='g'/><exclusiveGateway id='g'/>"
     "<sequenceFlow id='h' sourceRef='g' targetRef='e'><conditionExpression>${ok == true}"
     "</conditionExpression></sequenceFlow><endEvent id='e'/></process></definitions>",
     ERR_INVALID, "feel.syntax", NULL},
    {"Signavio: a drawing with pools",
     "<definitions " NS " xmlns:signavio='http://www.signavio.com' id='d'><collaboration id='c'>"
     "<extensionElements><signavio:signavioDiagramMetaData metaKey='r' metaValue='1'/>"
     "</extensionElements><participant id='pa' processRef='p'/><participant id='pb'/>"
     "<messageFlow id='m' sourceRef='t' targetRef='pb'/></collaboration>"
     "<process id='p' isExecutable='false'><laneSet id='l'><lane id='la'>"
     "<flowNodeRef>t</flowNodeRef></lane></laneSet><task id='t'/></process></definitions>",
     ERR_INVALID, "process.executable", "extension.foreign"},
    {"Bizagi: isExecutable left out",
     "<definitions " NS "><process id='p'><extensionElements><z:BizagiExtensions "
     "xmlns:z='http://www.bizagi.com/bpmn20'/></extensionElements><startEvent id='s'/>"
     "<sequenceFlow id='f' sourceRef='s' targetRef='t'/><task id='t'><ioSpecification><inputSet/>"
     "<outputSet/></ioSpecification></task><sequenceFlow id='g' sourceRef='t' targetRef='e'/>"
     "<endEvent id='e'/></process></definitions>",
     OK, NULL, "extension.foreign"},
    {"Camunda 8: a template's empty fields, colours, the modeler's marks",
     "<definitions " NS " xmlns:z='http://camunda.org/schema/zeebe/1.0' "
     "xmlns:modeler='http://camunda.org/schema/modeler/1.0' modeler:executionPlatform='x' "
     "xmlns:color='http://www.omg.org/spec/BPMN/non-normative/color/1.0'><process id='p'>"
     "<startEvent id='s' color:background-color='#fff'><extensionElements><z:ioMapping>"
     "<z:output target='a'/></z:ioMapping></extensionElements></startEvent>"
     "<sequenceFlow id='f' sourceRef='s' targetRef='t'/><serviceTask id='t'><extensionElements>"
     "<z:taskDefinition type='x'/><z:ioMapping><z:input source='' target='b.c'/>"
     "</z:ioMapping></extensionElements></serviceTask><sequenceFlow id='g' sourceRef='t' "
     "targetRef='e'/><endEvent id='e'/></process></definitions>",
     OK, NULL, NULL},
    {"a mapping to nothing",
     PROCESS "<startEvent id='s'><extensionElements><z:ioMapping "
             "xmlns:z='http://camunda.org/schema/zeebe/1.0'><z:output source='=1'/></z:ioMapping>"
             "</extensionElements></startEvent><sequenceFlow id='f' sourceRef='s' targetRef='e'/>"
             "<endEvent id='e'/>" END,
     ERR_INVALID, "mapping.incomplete", NULL},
    {"choreography",
     "<definitions " NS "><choreography id='c'><participant id='a'/><choreographyTask id='t' "
     "initiatingParticipantRef='a'/></choreography></definitions>",
     ERR_INVALID, "process.executable", NULL},
    {"conversation",
     "<definitions " NS "><collaboration id='c'><participant id='a'/><conversation id='v'/>"
     "<conversationLink id='k' sourceRef='a' targetRef='v'/></collaboration></definitions>",
     ERR_INVALID, "process.executable", NULL},
    {"references with a prefix, an import",
     "<b:definitions xmlns:b='http://www.omg.org/spec/BPMN/20100524/MODEL' xmlns:t='urn:t'>"
     "<b:import importType='x' location='o.bpmn' namespace='urn:o'/><b:message id='m' name='M'/>"
     "<b:process id='p' isExecutable='true'><b:startEvent id='s'><b:messageEventDefinition "
     "messageRef='t:m'/></b:startEvent><b:sequenceFlow id='f' sourceRef='t:s' targetRef='t:e'/>"
     "<b:endEvent id='e'/></b:process></b:definitions>",
     OK, NULL, NULL},
    {"comments, instructions and CDATA",
     "<?xml version='1.0'?><!-- a --><?x y?><definitions " NS "><process id='p'><!-- b --><?z?>"
     "<documentation><![CDATA[<b>&]]></documentation><startEvent id='s'/>"
     "<sequenceFlow id='f' sourceRef='s' targetRef='e'/><endEvent id='e'/></process>"
     "</definitions><!-- c -->",
     OK, NULL, NULL},
    {"a document type", "<!DOCTYPE definitions><definitions " NS "/>", ERR_SYNTAX, NULL, NULL},
    {"the draft's namespace", "<definitions xmlns='http://schema.omg.org/spec/BPMN/2.0'/>",
     ERR_SYNTAX, NULL, NULL},
    {"another language", "<Package xmlns='http://www.wfmc.org/2008/XPDL2.1'/>", ERR_SYNTAX, NULL,
     NULL},
    {"no ids at all",
     "<definitions " NS "><process><startEvent/><task/><sequenceFlow/></process></definitions>",
     ERR_INVALID, "id.missing", NULL},
    {"a link that leads nowhere",
     PROCESS "<startEvent id='s'/><sequenceFlow id='f' sourceRef='s' targetRef='t'/>"
             "<intermediateThrowEvent id='t'><linkEventDefinition name='a'/>"
             "</intermediateThrowEvent>" END,
     ERR_INVALID, "link.pair", NULL},
    {"a gateway that says what it is not",
     PROCESS "<startEvent id='s'/><sequenceFlow id='f' sourceRef='s' targetRef='t'/>"
             "<parallelGateway id='t' gatewayDirection='Mixed'/>" END,
     ERR_INVALID, "gateway.direction", NULL},
    {"an operation without its data",
     "<definitions " NS "><itemDefinition id='i' structureRef='x'/><message id='m' itemRef='i'/>"
     "<interface id='n'><operation id='o'><inMessageRef>m</inMessageRef></operation></interface>"
     "<process id='p'><serviceTask id='t' operationRef='o'/></process></definitions>",
     ERR_INVALID, "data.item", NULL},
    {"an operation whose data has another type",
     "<definitions " NS "><itemDefinition id='i' structureRef='x'/><message id='m' itemRef='i'/>"
     "<itemDefinition id='j' structureRef='y'/><process id='p'><receiveTask id='t' messageRef='m'>"
     "<ioSpecification><dataOutput id='d' itemSubjectRef='j'/><inputSet/><outputSet/>"
     "</ioSpecification></receiveTask></process></definitions>",
     ERR_INVALID, "data.item", NULL},
    {"a message of a type, and no operation",
     "<definitions " NS "><itemDefinition id='i' structureRef='x'/>"
     "<message id='m' name='M' itemRef='i'/><process id='p'><startEvent id='s'>"
     "<messageEventDefinition messageRef='m'/></startEvent><sequenceFlow id='f' sourceRef='s' "
     "targetRef='e'/><endEvent id='e'/></process></definitions>",
     ERR_INVALID, "message.operation", NULL},
    {"two loops",
     PROCESS "<task id='t'><standardLoopCharacteristics loopMaximum='2'/>"
             "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality>"
             "</multiInstanceLoopCharacteristics></task>" END,
     ERR_INVALID, "loop.both", NULL},
    {"a loop until a number",
     PROCESS "<task id='t'><multiInstanceLoopCharacteristics>"
             "<loopCardinality>2</loopCardinality><completionCondition>23"
             "</completionCondition></multiInstanceLoopCharacteristics>"
             "</task>" END,
     ERR_INVALID, "loop.condition", NULL},
    {"two sources",
     PROCESS "<task id='t'><dataInputAssociation><sourceRef>a</sourceRef>"
             "<sourceRef>b</sourceRef></dataInputAssociation></task>" END,
     ERR_INVALID, "data.sources", NULL},
    {"a text of no kind", PROCESS "<task id='t'><documentation textFormat='rich'/></task>" END,
     ERR_INVALID, "documentation.format", NULL},
    {"the same in a drawing: a warning",
     "<definitions " NS "><process id='q'><task id='u'/></process><process id='p' "
     "isExecutable='false'><task id='t'><documentation textFormat='rich'/></task>" END,
     OK, NULL, "documentation.format"},
    {"an event that nothing follows, where nothing begins",
     PROCESS "<task id='s'/><sequenceFlow id='f' sourceRef='s' targetRef='t'/>"
             "<intermediateThrowEvent id='t'/>" END,
     ERR_INVALID, "intermediate.outgoing", NULL},
    {"an event that nothing follows",
     PROCESS "<adHocSubProcess id='a'><task id='s'/><sequenceFlow id='f' sourceRef='s' "
             "targetRef='t'/><intermediateThrowEvent id='t'/></adHocSubProcess>" END,
     OK, NULL, "intermediate.outgoing"},
    {"a handler that is none",
     PROCESS "<task id='t'/><boundaryEvent id='b' attachedToRef='t'><compensateEventDefinition/>"
             "</boundaryEvent><task id='h'/><association id='a' sourceRef='b' targetRef='h'/>" END,
     ERR_INVALID, "compensation.activity", NULL},
    {"jBPM: a script in Java",
     "<b:definitions xmlns:b='http://www.omg.org/spec/BPMN/20100524/MODEL' "
     "xmlns:drools='http://www.jboss.org/drools'><b:itemDefinition id='_vItem' "
     "structureRef='String'/><b:process id='p' drools:packageName='a' isExecutable='true'>"
     "<b:property id='v' itemSubjectRef='_vItem'/><b:scriptTask id='t' scriptFormat='java'>"
     "<b:script>System.out.println(1);</b:script></b:scriptTask></b:process><b:relationship "
     "type='BPSimData'><b:source>p</b:source><b:target>p</b:target></b:relationship>"
     "</b:definitions>",
     ERR_INVALID, "feel.syntax", "extension.foreign"},
    {"a picture of nothing",
     "<definitions " NS " xmlns:i='http://www.omg.org/spec/BPMN/20100524/DI' "
     "xmlns:c='http://www.omg.org/spec/DD/20100524/DC'><process id='p'><task id='t'/></process>"
     "<i:BPMNDiagram><i:BPMNPlane bpmnElement='no'><i:BPMNShape bpmnElement='t'><c:Bounds x='NaN' "
     "y='-1e999' width=''/></i:BPMNShape><i:BPMNShape/><i:BPMNEdge/></i:BPMNPlane>"
     "</i:BPMNDiagram></definitions>",
     OK, NULL, NULL},
    {"references to nothing, one id twice",
     PROCESS "<laneSet id='l'><lane id='m'/><lane><flowNodeRef>no</flowNodeRef></lane></laneSet>"
             "<startEvent id='s'><outgoing>no</outgoing></startEvent><sequenceFlow id='f' "
             "sourceRef='s'/><sequenceFlow id='g' targetRef='t'/><task id='t'/><task id='t'/>" END,
     ERR_INVALID, "reference.missing", NULL},
    {"nothing", "", ERR_SYNTAX, NULL, NULL},
    {"cut off", "<definitions " NS "><process id='p'>", ERR_SYNTAX, NULL, NULL},
};

static bool names(const struct bpmn_fault *faults, size_t count, const char *rule)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(faults[i].rule, rule) == 0)
            return faults[i].element.len > 0 && faults[i].detail.len > 0 && faults[i].remedy[0];
    return !rule;
}

static void test_dialects(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(DIALECTS); i++) {
        const struct dialect *d = &DIALECTS[i];
        CLEANUP(arena_release) struct arena arena = {0};
        struct bpmn_report report;
        const struct bpmn_model *model;
        enum err e = bpmn_parse(&arena, str_of(d->text), NULL, &report, &model);
        if (e != d->code || (d->fault && !names(report.faults, report.fault_count, d->fault)) ||
            (d->warning && !names(report.warnings, report.warning_count, d->warning)))
            fail_msg("%s: %s", d->name, err_last()->detail);
    }
}

static enum err parse_encoded(const char *encoding, const char *task, struct str *name)
{
    static struct arena arena;
    struct bpmn_report report;
    const struct bpmn_model *model;
    struct str text = str_format(&arena,
                                 "<?xml version='1.0' encoding=\"%s\"?><definitions " NS
                                 "><process id='p'>" STEPS "</process></definitions>",
                                 encoding, task);
    enum err e = bpmn_parse(&arena, text, NULL, &report, &model);
    if (e == OK)
        *name = str_copy(&arena, bpmn_find(model, STR("t"))->name);
    return e;
}

static void test_encodings(void **state)
{
    (void)state;
    struct str name;
    assert_ok(parse_encoded("GB2312", "\xc7\xa9\xca\xd5", &name));
    assert_str(name, "签收");
    assert_ok(parse_encoded("gbk", "\xc7\xa9\xca\xd5", &name));
    assert_str(name, "签收");
    assert_ok(parse_encoded("windows-1252",
                            "Pr\xfc"
                            "fen \x80",
                            &name));
    assert_str(name, "Prüfen €");
    assert_ok(parse_encoded("ISO-8859-1",
                            "Pr\xfc"
                            "fen",
                            &name));
    assert_str(name, "Prüfen");
    assert_ok(parse_encoded("Shift_JIS", "\x8e\xf3\x95t", &name));
    assert_str(name, "受付");
    assert_ok(parse_encoded("utf-16", "签收", &name)); /* Declared by a program that wrote UTF-8. */
    assert_str(name, "签收");
    assert_err(parse_encoded("nobody-knows", "x", &name), ERR_SYNTAX);
    assert_err(parse_encoded("GB2312", "\xc7", &name), ERR_SYNTAX);
    assert_err(parse_encoded("UTF-8//IGNORE", "x", &name), ERR_SYNTAX);
}

static void test_before_the_declaration(void **state)
{
    (void)state;
    static const char *const heads[] = {"\xef\xbb\xbf<?xml version='1.0' encoding='GBK'?>",
                                        " \r\n<?xml version='1.0' encoding='utf-8'?>", "\n\n",
                                        "<?xml version='1.1'?>"};
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        CLEANUP(arena_release) struct arena arena = {0};
        struct bpmn_report report;
        const struct bpmn_model *model;
        struct str text = str_format(&arena, "%s" PROCESS STEPS END, heads[i], "签收");
        assert_ok(bpmn_parse(&arena, text, NULL, &report, &model));
        assert_str(bpmn_find(model, STR("t"))->name, "签收");
    }
}

/* Each namespace once, with how much of it there is. */
static void test_foreign_is_named(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    struct bpmn_report report;
    const struct bpmn_model *model;
    struct str text =
        STR("<definitions " NS " xmlns:a='urn:a' xmlns:b='urn:b' a:tool='1'><message id='m'>"
            "<extensionElements><b:x/></extensionElements></message><process id='p'>"
            "<startEvent id='s' a:color='red'/><sequenceFlow id='f' sourceRef='s' targetRef='e' "
            "a:color='red'/><endEvent id='e'/></process></definitions>");
    assert_ok(bpmn_parse(&arena, text, NULL, &report, &model));
    assert_int_equal(report.warning_count, 2);
    assert_str(report.warnings[0].detail, "0 elements and 3 attributes of 'urn:a' are not "
                                          "understood, the first is a:tool");
    assert_str(report.warnings[1].detail, "1 elements and 0 attributes of 'urn:b' are not "
                                          "understood, the first is b:x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dialects),
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_before_the_declaration),
        cmocka_unit_test(test_foreign_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
