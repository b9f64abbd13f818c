/* Stored instances: bytes that pass as one can be stepped, whatever they say. */
#include "engine/engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char MODEL[] =
    "<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL'><process id='p'>"
    "<startEvent id='s'/><sequenceFlow id='f1' sourceRef='s' targetRef='g'/>"
    "<parallelGateway id='g'/><sequenceFlow id='f2' sourceRef='g' targetRef='u'/>"
    "<sequenceFlow id='f3' sourceRef='g' targetRef='t'/><userTask id='u'>"
    "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality>"
    "</multiInstanceLoopCharacteristics></userTask><transaction id='t'><startEvent id='ts'/>"
    "<sequenceFlow id='h1' sourceRef='ts' targetRef='v'/><userTask id='v'/>"
    "<sequenceFlow id='h2' sourceRef='v' targetRef='te'/><endEvent id='te'/></transaction>"
    "<boundaryEvent id='b' attachedToRef='t' cancelActivity='false'><timerEventDefinition>"
    "<timeCycle>R/PT1H</timeCycle></timerEventDefinition></boundaryEvent>"
    "<sequenceFlow id='f8' sourceRef='b' targetRef='e'/><endEvent id='e'/>"
    "<sequenceFlow id='f4' sourceRef='u' targetRef='j'/>"
    "<sequenceFlow id='f5' sourceRef='t' targetRef='j'/><inclusiveGateway id='j'/>"
    "<sequenceFlow id='f6' sourceRef='j' targetRef='c'/><callActivity id='c' calledElement='q'/>"
    "<sequenceFlow id='f7' sourceRef='c' targetRef='e'/>"
    "</process><process id='q'><userTask id='w'/></process></definitions>";

static void step_all(struct arena *arena, const struct bpmn_model *model,
                     const struct engine_instance *before)
{
    struct engine_run run = {.arena = arena, .now_us = INT64_C(1700000000000000)};
    struct engine_result result;
    for (size_t i = 0; i < before->element_count && i < 8; i++) {
        struct engine_command complete = {.kind = ENGINE_TASK_COMPLETE,
                                          .key = before->elements[i].key};
        (void)!engine_step(model, before, &complete, &run, &result);
    }
    for (size_t i = 0; i < before->timer_count && i < 8; i++) {
        struct engine_command fire = {.kind = ENGINE_TIMER_FIRE, .key = before->timers[i].key};
        (void)!engine_step(model, before, &fire, &run, &result);
    }
    for (size_t i = 0; i < before->incident_count && i < 8; i++) {
        struct engine_command resolve = {.kind = ENGINE_INCIDENT_RESOLVE,
                                         .key = before->incidents[i].key};
        (void)!engine_step(model, before, &resolve, &run, &result);
    }
    struct engine_command cancel = {.kind = ENGINE_CANCEL};
    (void)!engine_step(model, before, &cancel, &run, &result);
}

/* The checksum is made to fit, or hardly any input would get past it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena models;
    static const struct bpmn_model *model;
    struct bpmn_report report;
    if (!model && bpmn_parse(&models, str_of(MODEL), NULL, &report, &model) != OK)
        __builtin_trap();
    if (size < 6 || size > 4096)
        return 0;
    CLEANUP(arena_release) struct arena arena = {0};
    char *bytes = arena_alloc(&arena, size);
    memcpy(bytes, data, size);
    uint32_t sum = bpmn_hash_id((struct str){.ptr = bytes + 5, .len = size - 5});
    bytes[0] = (char)0xE1;
    for (size_t i = 1; i < 5; i++, sum >>= 8)
        bytes[i] = (char)(sum & 255);
    struct engine_instance *instance;
    if (engine_instance_read(&arena, model, (struct str){.ptr = bytes, .len = size}, &instance) ==
        OK)
        step_all(&arena, model, instance);
    return 0;
}
