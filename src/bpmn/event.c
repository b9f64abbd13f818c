#include "bpmn/build.h"

#include "base/cron.h"

#define TRIGGER_NAME(trigger, xml, word) [trigger] = xml,
static const char *const TRIGGER_NAMES[] = {BPMN_TRIGGERS(TRIGGER_NAME)};

/* The root element that a reference names, if it is of the right kind. */
static const struct xml_node *find_root(struct build *b, const struct xml_node *at,
                                        const char *attribute, const char *name)
{
    struct str ref = str_trim(xml_get(at, attribute));
    if (ref.len == 0)
        return NULL;
    struct build_id *found = build_id(b, ref);
    if (found && xml_is(found->xml, BPMN_NS, name))
        return found->xml;
    build_fault(b, at, "reference.missing", "Name an element that the file defines.",
                "%s names '%.*s', but there is no %s of that id", attribute, STR_ARG(ref), name);
    return NULL;
}

static void read_message(struct build *b, const struct xml_node *at, struct bpmn_event *event)
{
    const struct xml_node *message = find_root(b, at, "messageRef", "message");
    if (!message)
        return;
    struct str name = xml_get(message, "name");
    event->name = build_value(b, message, name.ptr ? name : xml_get(message, "id"), false);
    const struct xml_node *subscription = build_zeebe(message, "subscription");
    event->correlation = build_value(b, message, xml_get(subscription, "correlationKey"), false);
}

static const char *const TIMER_NAMES[] = {"timeDate", "timeDuration", "timeCycle"};

static bool is_time(struct build *b, const struct bpmn_event *event)
{
    struct str text = event->value.text;
    struct cron cron;
    struct feel_value value;
    bool cycle = str_starts(text, STR("R"));
    if (cycle) {
        size_t slash = str_find(text, STR("/"), 0);
        text = str_sub(text, slash < text.len ? slash + 1 : slash, text.len);
        size_t last = str_find(text, STR("/"), 0);
        text = last < text.len ? str_sub(text, last + 1, text.len) : text;
    } else if (event->timer == BPMN_TIMER_CYCLE && cron_looks_like(text)) {
        return cron_parse(text, &cron) == OK;
    }
    int64_t months;
    struct feel_span span;
    return feel_period_parse(text, &months, &span) == OK ||
           (!cycle && feel_temporal_parse(b->arena, text, &value) == OK);
}

static void check_constant(struct build *b, const struct xml_node *at, struct bpmn_event *event)
{
    if (event->value.expr || !event->value.text.ptr || is_time(b, event))
        return;
    build_fault(b, at, "timer.value",
                "Write an ISO 8601 text such as PT1H, R3/PT10M or 2026-11-23T08:00:00+08:00, a "
                "cycle also as a cron of six fields such as 0 0 9 * * MON-FRI, or FEEL behind an "
                "equals sign.",
                "the timer's value '%.*s' is no date, duration or cycle",
                STR_ARG(event->value.text));
}

static void read_timer(struct build *b, const struct xml_node *at, struct bpmn_event *event)
{
    size_t found = 0;
    for (size_t i = 0; i < COUNT_OF(TIMER_NAMES); i++) {
        const struct xml_node *child = xml_child(at, BPMN_NS, TIMER_NAMES[i]);
        if (!child || xml_text(b->arena, child).len == 0)
            continue;
        event->timer = (enum bpmn_timer)i;
        event->value = build_value(b, at, xml_text(b->arena, child), false);
        found++;
    }
    if (found != 1)
        build_fault(b, at, "timer.one-value", "Give it one timeDate, timeDuration or timeCycle.",
                    "the timer has %zu values instead of one", found);
    check_constant(b, at, event);
}

static void read_named(struct build *b, const struct xml_node *at, const char *attribute,
                       const char *root, const char *name, struct bpmn_event *event)
{
    const struct xml_node *found = find_root(b, at, attribute, root);
    if (!found)
        return;
    struct str text = xml_get(found, name);
    event->name = build_value(b, found, text.len > 0 ? text : xml_get(found, "id"), false);
}

static void read_event(struct build *b, const struct xml_node *at, struct bpmn_event *event)
{
    event->activity = BPMN_NONE;
    switch (event->trigger) {
    case BPMN_ON_TIMER:
        read_timer(b, at, event);
        break;
    case BPMN_ON_MESSAGE:
        read_message(b, at, event);
        break;
    case BPMN_ON_SIGNAL:
        read_named(b, at, "signalRef", "signal", "name", event);
        break;
    case BPMN_ON_ERROR:
        read_named(b, at, "errorRef", "error", "errorCode", event);
        break;
    case BPMN_ON_ESCALATION:
        read_named(b, at, "escalationRef", "escalation", "escalationCode", event);
        break;
    case BPMN_ON_CONDITION:
        event->value =
            build_value(b, at, xml_text(b->arena, xml_child(at, BPMN_NS, "condition")), true);
        break;
    case BPMN_ON_COMPENSATION: {
        struct build_id *found = build_id(b, str_trim(xml_get(at, "activityRef")));
        event->activity = found ? found->node : BPMN_NONE;
        event->waits = build_flag(b, at, "waitForCompletion", true);
        break;
    }
    case BPMN_ON_LINK:
        event->name.text = xml_get(at, "name");
        break;
    case BPMN_ON_CANCEL:
    case BPMN_ON_TERMINATE:
    case BPMN_TRIGGER_COUNT:
        break;
    }
}

static bool trigger_of(const struct xml_node *xml, enum bpmn_trigger *out)
{
    for (int i = 0; i < BPMN_TRIGGER_COUNT; i++)
        if (xml_is(xml, BPMN_NS, TRIGGER_NAMES[i])) {
            *out = (enum bpmn_trigger)i;
            return true;
        }
    return false;
}

/* The definition itself, or the root element that an eventDefinitionRef names. */
static const struct xml_node *definition(struct build *b, const struct xml_node *child)
{
    if (!xml_is(child, BPMN_NS, "eventDefinitionRef"))
        return child;
    struct str ref = xml_text(b->arena, child);
    struct build_id *found = build_id(b, ref);
    if (found)
        return found->xml;
    build_fault(b, child, "reference.missing", "Name an event definition of the file.",
                "eventDefinitionRef names '%.*s', which is not there", STR_ARG(ref));
    return NULL;
}

bool build_event(struct build *b, const struct xml_node *at, struct bpmn_event *out)
{
    enum bpmn_trigger trigger;
    if (!at || !trigger_of(at, &trigger))
        return false;
    *out = (struct bpmn_event){.trigger = trigger};
    read_event(b, at, out);
    return true;
}

void build_events(struct build *b, uint32_t node)
{
    const struct xml_node *xml = b->node_xml[node];
    struct bpmn_event *events = NULL;
    size_t count = 0, room = 0;
    XML_EACH(child, xml)
    {
        const struct xml_node *at = definition(b, child);
        struct bpmn_event event;
        if (build_event(b, at, &event))
            *ARENA_PUSH(b->arena, events, count, room) = event;
    }
    if (b->nodes[node].kind == BPMN_RECEIVE_TASK || b->nodes[node].kind == BPMN_SEND_TASK) {
        struct bpmn_event *event = ARENA_PUSH(b->arena, events, count, room);
        *event = (struct bpmn_event){.trigger = BPMN_ON_MESSAGE, .activity = BPMN_NONE};
        read_message(b, xml, event);
    }
    b->nodes[node].events = events;
    b->nodes[node].event_count = count;
}
