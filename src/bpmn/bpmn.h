/* BPMN 2.0 process models with Camunda 8's `zeebe:` extension elements: read, check, compile.
 *
 * One file becomes one model: all its processes, as an array of nodes and an array of flows that
 * point at each other by index. Expressions are parsed, references resolved, nothing is left to
 * look up by name. A model is immutable; all threads and all instances of a version share it.
 *
 * Texts that begin with "=" are FEEL, others are constants, as Camunda has it; a condition is FEEL
 * either way. Scopes are nodes too: a process and a subprocess have children. A variable's name in
 * an expression is one FEEL word (no spaces).
 */
#ifndef BPMN_BPMN_H
#define BPMN_BPMN_H

#include "base/base.h"

#include "feel/feel.h"
#include "xml/xml.h"

#define BPMN_NS "http://www.omg.org/spec/BPMN/20100524/MODEL"
#define BPMN_ZEEBE_NS "http://camunda.org/schema/zeebe/1.0"

enum {
    BPMN_NODES_MAX = 20000,
    BPMN_FAULTS_MAX = 200, /* Faults kept; further ones are only counted. */
    BPMN_PRIORITY = 50,    /* Of a user task that names none. */
    BPMN_RETRIES = 3,      /* Of a job that names none. */
};

#define BPMN_NONE UINT32_MAX /* "No node" and "no flow" in an index. */

/* enumerator, XML name, word for people */
#define BPMN_KINDS(X)                                                                              \
    X(BPMN_PROCESS, "process", "process")                                                          \
    X(BPMN_SUBPROCESS, "subProcess", "subprocess")                                                 \
    X(BPMN_TRANSACTION, "transaction", "transaction")                                              \
    X(BPMN_ADHOC, "adHocSubProcess", "ad-hoc subprocess")                                          \
    X(BPMN_CALL, "callActivity", "call activity")                                                  \
    X(BPMN_TASK, "task", "task")                                                                   \
    X(BPMN_MANUAL_TASK, "manualTask", "manual task")                                               \
    X(BPMN_USER_TASK, "userTask", "user task")                                                     \
    X(BPMN_SERVICE_TASK, "serviceTask", "service task")                                            \
    X(BPMN_SEND_TASK, "sendTask", "send task")                                                     \
    X(BPMN_RECEIVE_TASK, "receiveTask", "receive task")                                            \
    X(BPMN_SCRIPT_TASK, "scriptTask", "script task")                                               \
    X(BPMN_RULE_TASK, "businessRuleTask", "business rule task")                                    \
    X(BPMN_START, "startEvent", "start event")                                                     \
    X(BPMN_END, "endEvent", "end event")                                                           \
    X(BPMN_CATCH, "intermediateCatchEvent", "intermediate catch event")                            \
    X(BPMN_THROW, "intermediateThrowEvent", "intermediate throw event")                            \
    X(BPMN_BOUNDARY, "boundaryEvent", "boundary event")                                            \
    X(BPMN_EXCLUSIVE, "exclusiveGateway", "exclusive gateway")                                     \
    X(BPMN_PARALLEL, "parallelGateway", "parallel gateway")                                        \
    X(BPMN_INCLUSIVE, "inclusiveGateway", "inclusive gateway")                                     \
    X(BPMN_EVENT_GATEWAY, "eventBasedGateway", "event-based gateway")                              \
    X(BPMN_COMPLEX, "complexGateway", "complex gateway")

#define BPMN_KIND_ENUM(kind, xml, word) kind,
enum bpmn_kind { BPMN_KINDS(BPMN_KIND_ENUM) BPMN_KIND_COUNT };
#undef BPMN_KIND_ENUM

#define BPMN_TRIGGERS(X)                                                                           \
    X(BPMN_ON_TIMER, "timerEventDefinition", "timer")                                              \
    X(BPMN_ON_MESSAGE, "messageEventDefinition", "message")                                        \
    X(BPMN_ON_SIGNAL, "signalEventDefinition", "signal")                                           \
    X(BPMN_ON_ERROR, "errorEventDefinition", "error")                                              \
    X(BPMN_ON_ESCALATION, "escalationEventDefinition", "escalation")                               \
    X(BPMN_ON_CONDITION, "conditionalEventDefinition", "conditional")                              \
    X(BPMN_ON_COMPENSATION, "compensateEventDefinition", "compensation")                           \
    X(BPMN_ON_CANCEL, "cancelEventDefinition", "cancel")                                           \
    X(BPMN_ON_LINK, "linkEventDefinition", "link")                                                 \
    X(BPMN_ON_TERMINATE, "terminateEventDefinition", "terminate")

#define BPMN_TRIGGER_ENUM(trigger, xml, word) trigger,
enum bpmn_trigger { BPMN_TRIGGERS(BPMN_TRIGGER_ENUM) BPMN_TRIGGER_COUNT };
#undef BPMN_TRIGGER_ENUM

/* Absent (text.ptr NULL), a constant, or FEEL. */
struct bpmn_value {
    struct str text;              /* Without the "=" in front. */
    const struct feel_expr *expr; /* NULL for a constant. */
    const struct str *names;      /* Variables the expression asks for, then … */
    size_t name_count;
    size_t shadow_count; /* … names of built-ins in it, which a variable of that name hides. */
};

struct bpmn_pair { /* A task header or a zeebe:property. */
    struct str name, value;
};

struct bpmn_mapping {
    struct bpmn_value source;
    struct str target; /* A variable, or a path into one: "a.b". */
};

enum bpmn_timer { BPMN_TIMER_DATE, BPMN_TIMER_DURATION, BPMN_TIMER_CYCLE };

/* What an event waits for or throws. */
struct bpmn_event {
    enum bpmn_trigger trigger;
    enum bpmn_timer timer;   /* Which of the three elements gave `value`. */
    struct bpmn_value value; /* The timer's text, or the condition. */
    struct bpmn_value name;  /* Message or signal name; error or escalation code (absent: any);
                                link name. */
    struct bpmn_value correlation; /* Message: zeebe:subscription correlationKey. */
    uint32_t activity;             /* Compensation: activityRef, or BPMN_NONE. */
    bool waits;                    /* Compensation: goes on when all is undone. */
};

/* An event that a multi-instance activity throws about itself while it runs. */
enum bpmn_behavior { BPMN_BEHAVIOR_EACH, BPMN_BEHAVIOR_FIRST, BPMN_BEHAVIOR_CONDITION };

struct bpmn_told {
    enum bpmn_behavior when; /* A turn completes: each, the first, or when `condition` holds. */
    struct bpmn_value condition;
    struct bpmn_event event;
};

/* Multi-instance and standard loop characteristics. */
struct bpmn_loop {
    bool standard;                 /* standardLoopCharacteristics: while `condition`. */
    bool sequential;               /* Also true for a standard loop. */
    bool test_before;              /* Standard loop only. */
    int64_t maximum;               /* Standard loop; -1 if none. */
    struct bpmn_value input;       /* inputCollection … */
    struct bpmn_value cardinality; /* … or loopCardinality. */
    struct str input_element, output_collection;
    struct bpmn_value output_element;
    struct bpmn_value condition; /* completionCondition, or the standard loop's loopCondition. */
    const struct bpmn_told *told;
    size_t told_count;
};

/* Which version of a process, decision or form a reference means. */
enum bpmn_binding { BPMN_LATEST, BPMN_DEPLOYMENT, BPMN_VERSION_TAG };

/* zeebe:taskDefinition, calledDecision, calledElement, script, assignment … */
struct bpmn_task {
    struct bpmn_value job_type, retries;
    struct bpmn_value assignee, candidate_groups, candidate_users, due, follow_up, priority;
    struct bpmn_value form_id;              /* zeebe:formDefinition formId or formKey. */
    struct bpmn_value script;               /* FEEL of a script task. */
    struct bpmn_value called;               /* Process or decision id. */
    struct str result;                      /* resultVariable of a script or decision. */
    bool propagate_parent, propagate_child; /* Call activity: all variables down, up. */
    uint32_t process; /* Call activity: a process of this file, or BPMN_NONE. */
    enum bpmn_binding binding;
    struct str version_tag;
    bool outside; /* Call activity: bound by zeebe:calledElement, it may lead out of the file. */
};

struct bpmn_node {
    enum bpmn_kind kind;
    uint32_t index;
    uint32_t parent; /* The scope it stands in; BPMN_NONE for a process. */
    unsigned line;
    struct str id, name;

    const uint32_t *in, *out; /* Flows. */
    size_t in_count, out_count;
    uint32_t default_flow; /* Or BPMN_NONE. */

    const uint32_t *children; /* Of a scope: every node in it, boundary events among them. */
    size_t child_count;
    const uint32_t *boundaries; /* Of an activity: the boundary events on it. */
    size_t boundary_count;
    uint32_t attached_to; /* Of a boundary event. */
    uint32_t start;       /* Of a scope: its none start event, or BPMN_NONE. */

    const struct bpmn_event *events;
    size_t event_count;
    bool parallel_multiple; /* All events must happen, not one; of a gateway, those behind it. */
    bool interrupting;      /* Boundary event; start event of an event subprocess. */
    bool event_subprocess;  /* triggeredByEvent. */
    bool instantiate;       /* Receive task or event-based gateway that starts an instance. */
    bool for_compensation;
    bool executable;       /* Of a process: isExecutable is not "false". */
    bool global_task;      /* A process made of a globalTask: only calls begin it. */
    uint32_t compensation; /* Of a compensation boundary event: its handler. */
    int32_t start_quantity, completion_quantity;

    const struct bpmn_task *task; /* NULL if the element has none of it. */
    const struct bpmn_loop *loop; /* NULL if it runs once. */
    const struct bpmn_mapping *inputs, *outputs;
    size_t input_count, output_count;
    const struct bpmn_pair *headers, *properties;
    size_t header_count, property_count;

    const struct bpmn_value *ad_hoc_condition; /* completionCondition of an ad-hoc subprocess. */
    const struct bpmn_value *activation;       /* activationCondition of a complex gateway. */
    const struct bpmn_value *ad_hoc_active;    /* Ids of what is to run in it; NULL: all. */
    bool ad_hoc_sequential, ad_hoc_keeps;      /* `keeps`: what still runs is not canceled. */
    struct str documentation;                  /* May be absent. */
};

struct bpmn_flow {
    struct str id, name;
    uint32_t index, source, target;
    struct bpmn_value condition; /* Absent: always. */
};

struct bpmn_model {
    const struct bpmn_node *nodes; /* A scope stands before everything in it. */
    size_t node_count;
    const struct bpmn_flow *flows;
    size_t flow_count;
    const uint32_t *processes; /* Nodes, in the order of the file. */
    size_t process_count;
    struct hash hash; /* Of the file: names a version. */
    struct str version_tag;
    const struct feel_expr *add; /* "at + span": the engine's own, for cycles in months. */
    const uint32_t *index;       /* Of ids, open addressing: node + 1, or nodes + flow + 1. */
    size_t index_mask;
};

struct bpmn_fault {
    struct str element; /* Its id, or its XML name if it has none. */
    unsigned line;
    const char *rule;  /* A stable key: "flow.target-missing". */
    struct str detail; /* What is wrong, in English, with the values. */
    const char *remedy;
};

struct bpmn_report {
    struct bpmn_fault *faults; /* Any of them refuses the model. */
    size_t fault_count, fault_total;
    struct bpmn_fault *warnings; /* Foreign extensions, and what has no effect. */
    size_t warning_count, warning_total;
    size_t elements; /* Elements with an id that were read. */
    size_t capacity[2];
};

/* Reads, checks and compiles. All faults at once: with any, ERR_INVALID (err_last names the first)
 * and `report` holds them all. ERR_SYNTAX if it is not BPMN XML, ERR_LIMIT. `known` holds the names
 * of host functions, or is NULL. Nothing points into `text` afterwards. */
MUST_USE enum err bpmn_parse(struct arena *arena, struct str text, const struct feel_names *known,
                             struct bpmn_report *report, const struct bpmn_model **out);

struct bpmn_file {
    struct str name;
    const struct bpmn_model *model;
};

/* One model of several files, for those that run all of their calls inside: each call activity
 * reaches the process that it names in whichever of them; ids are unique over all. The first file's
 * processes come first. It shares what it can with the models, which must live as long. Faults as
 * of bpmn_parse: a call that leads out of the files, a process of a further file that none calls.
 */
MUST_USE enum err bpmn_join(struct arena *arena, const struct bpmn_file *files, size_t count,
                            struct bpmn_report *report, const struct bpmn_model **out);

/* NULL if there is none of this id. */
const struct bpmn_node *bpmn_find(const struct bpmn_model *model, struct str id);
const struct bpmn_flow *bpmn_find_flow(const struct bpmn_model *model, struct str id);
/* The first event with this trigger, or NULL. */
const struct bpmn_event *bpmn_event_of(const struct bpmn_node *node, enum bpmn_trigger trigger);

uint32_t bpmn_hash_id(struct str id); /* Of the model's index. */

/* Does an event at this node begin an instance of its process? A start event with a trigger, an
 * instantiating receive task, an event behind an instantiating gateway. */
bool bpmn_begins(const struct bpmn_model *model, const struct bpmn_node *node);
/* The instantiating gateway that the node stands behind, or NULL. */
const struct bpmn_node *bpmn_gate_of(const struct bpmn_model *model, const struct bpmn_node *node);

bool bpmn_is_scope(enum bpmn_kind kind); /* Has children: process and the subprocesses. */
bool bpmn_is_event(enum bpmn_kind kind);
bool bpmn_is_gateway(enum bpmn_kind kind);
bool bpmn_throws(enum bpmn_kind kind);                    /* End and intermediate throw events. */
bool bpmn_is_activity(enum bpmn_kind kind);               /* Task, subprocess, call activity. */
const char *bpmn_kind_word(enum bpmn_kind kind);          /* "user task" */
const char *bpmn_trigger_word(enum bpmn_trigger trigger); /* "timer" */

#endif
