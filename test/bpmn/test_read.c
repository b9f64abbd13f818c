#include "test.h"

#include "bpmn/bpmn.h"

static const char HEAD[] = "<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL' "
                           "xmlns:zeebe='http://camunda.org/schema/zeebe/1.0'>";

static enum err parse(struct arena *arena, const char *body, struct bpmn_report *report,
                      const struct bpmn_model **out)
{
    struct str text = str_format(
        arena, "%s<process id='p' isExecutable='true'>%s</process></definitions>", HEAD, body);
    return bpmn_parse(arena, text, NULL, report, out);
}

static bool has_fault(const struct bpmn_report *report, const char *rule, const char *element)
{
    for (size_t i = 0; i < report->fault_count; i++)
        if (strcmp(report->faults[i].rule, rule) == 0 && str_is(report->faults[i].element, element))
            return report->faults[i].detail.len > 0 && report->faults[i].remedy[0];
    return false;
}

static void test_model(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    struct bpmn_report report;
    const struct bpmn_model *model = NULL;
    assert_ok(parse(&arena,
                    "<startEvent id='s'/><sequenceFlow id='f' sourceRef='s' targetRef='t'/>"
                    "<userTask id='t' name='签收'><extensionElements><zeebe:userTask/>"
                    "<zeebe:assignmentDefinition assignee='=grid.member'/>"
                    "<zeebe:formDefinition formId='sign'/><zeebe:properties>"
                    "<zeebe:property name='clock' value='sign'/></zeebe:properties>"
                    "<other:thing xmlns:other='urn:other'/></extensionElements></userTask>"
                    "<sequenceFlow id='g' sourceRef='t' targetRef='e'/><endEvent id='e'/>",
                    &report, &model));
    const struct bpmn_node *task = bpmn_find(model, STR("t"));
    assert_non_null(task);
    assert_int_equal(task->kind, BPMN_USER_TASK);
    assert_str(task->name, "签收");
    assert_str(task->task->form_id.text, "sign");
    assert_int_equal(task->task->assignee.name_count, 1);
    assert_str(task->task->assignee.names[0], "grid");
    assert_str(task->properties[0].value, "sign");
    assert_int_equal(model->nodes[0].start, bpmn_find(model, STR("s"))->index);
    assert_int_equal(bpmn_find_flow(model, STR("f"))->target, task->index);
    assert_null(bpmn_find(model, STR("f")));
    assert_null(bpmn_find_flow(model, STR("t")));
    assert_int_equal(report.warning_count, 1);
    assert_int_equal(strcmp(report.warnings[0].rule, "extension.foreign"), 0);
}

static void test_all_faults_at_once(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    struct bpmn_report report;
    const struct bpmn_model *model = NULL;
    assert_err(parse(&arena,
                     "<startEvent id='s'/><startEvent id='s'/>"
                     "<sequenceFlow id='f' sourceRef='s' targetRef='nowhere'/>"
                     "<serviceTask id='job'/><exclusiveGateway id='x'/><task id='a'/><task id='b'/>"
                     "<sequenceFlow id='f1' sourceRef='x' targetRef='a'/>"
                     "<sequenceFlow id='f2' sourceRef='x' targetRef='b'>"
                     "<conditionExpression>=1 +</conditionExpression></sequenceFlow>"
                     "<boundaryEvent id='be' attachedToRef='a'><timerEventDefinition>"
                     "<timeDuration>5 minutes</timeDuration></timerEventDefinition></boundaryEvent>"
                     "<subProcess id='sub'/><choreographyTask id='ch'/>",
                     &report, &model),
               ERR_INVALID);
    assert_null(model);
    assert_true(has_fault(&report, "id.duplicate", "s"));
    assert_true(has_fault(&report, "reference.missing", "f"));
    assert_true(has_fault(&report, "task.job-type", "job"));
    assert_true(has_fault(&report, "flow.condition-missing", "f1"));
    assert_true(has_fault(&report, "feel.syntax", "f2"));
    assert_true(has_fault(&report, "timer.value", "be"));
    assert_true(has_fault(&report, "scope.empty", "sub"));
    assert_true(has_fault(&report, "element.unknown", "ch"));
}

static void test_not_bpmn(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    struct bpmn_report report;
    const struct bpmn_model *model = NULL;
    assert_err(bpmn_parse(&arena, STR("<html/>"), NULL, &report, &model), ERR_SYNTAX);
    assert_err(bpmn_parse(&arena, STR("nonsense"), NULL, &report, &model), ERR_SYNTAX);
    assert_null(model);
}

#define JOINED(process, inside)                                                                    \
    "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" id=\"d\" "                 \
    "targetNamespace=\"t\" "                                                                       \
    "xmlns:zeebe=\"http://camunda.org/schema/zeebe/1.0\"><process id=\"" process "\" "             \
    "isExecutable=\"true\">" inside "</process></definitions>"

static enum err join(struct arena *arena, const char *first, const char *second,
                     struct bpmn_report *report, const struct bpmn_model **out)
{
    struct bpmn_file files[2] = {{.name = STR("one.bpmn")}, {.name = STR("two.bpmn")}};
    assert_ok(bpmn_parse(arena, str_of(first), NULL, report, &files[0].model));
    assert_ok(bpmn_parse(arena, str_of(second), NULL, report, &files[1].model));
    return bpmn_join(arena, files, 2, report, out);
}

static void test_join(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    static const char CALLS[] =
        JOINED("a", "<startEvent id=\"s\"/><callActivity id=\"c\"><extensionElements>"
                    "<zeebe:calledElement processId=\"b\"/></extensionElements></callActivity>"
                    "<sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"c\"/>"
                    "<sequenceFlow id=\"h\" sourceRef=\"c\" targetRef=\"e\"/><endEvent id=\"e\"/>");
    struct bpmn_report report;
    const struct bpmn_model *model;
    assert_ok(join(
        &arena, CALLS,
        JOINED("b", "<startEvent id=\"t\"/><userTask id=\"u\"/><boundaryEvent id=\"x\" "
                    "attachedToRef=\"u\"><timerEventDefinition><timeDuration>PT1H</timeDuration>"
                    "</timerEventDefinition></boundaryEvent>"
                    "<sequenceFlow id=\"g\" sourceRef=\"t\" targetRef=\"u\"/>"
                    "<sequenceFlow id=\"i\" sourceRef=\"u\" targetRef=\"n\"/>"
                    "<sequenceFlow id=\"k\" sourceRef=\"x\" targetRef=\"n\"/>"
                    "<endEvent id=\"n\"/>"),
        &report, &model));
    const struct bpmn_node *b = bpmn_find(model, STR("b")), *u = bpmn_find(model, STR("u"));
    assert_int_equal(bpmn_find(model, STR("c"))->task->process, b->index);
    assert_int_equal(model->process_count, 2);
    assert_int_equal(u->parent, b->index);
    assert_ptr_equal(&model->nodes[b->start], bpmn_find(model, STR("t")));
    assert_int_equal(model->flows[u->in[0]].target, u->index);
    assert_int_equal(model->nodes[u->boundaries[0]].attached_to, u->index);
    assert_err(join(&arena, CALLS, JOINED("b", "<userTask id=\"s\"/>"), &report, &model),
               ERR_INVALID);
    assert_str(report.faults[0].detail, "the id stands in one.bpmn and in two.bpmn");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_model),
        cmocka_unit_test(test_all_faults_at_once),
        cmocka_unit_test(test_not_bpmn),
        cmocka_unit_test(test_join),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
