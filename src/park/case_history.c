/* The steps of a case go into the journal; what stands still in it, into a table. */
#include "journal/journal.h"
#include "park/case_run.h"
#include "park/history.h"
#include "park/history_sql.h"

void case_history_note(struct case_run *run, const struct engine_event *events, size_t count)
{
    for (size_t begin = 0, end; begin < count; begin = end + 1) {
        for (end = begin; end < count && engine_event_changes(events[end].kind);)
            end++;
        if (end > begin)
            *ARENA_PUSH(run->arena, run->noted, run->noted_count, run->noted_room) =
                (struct instance_steps){.events = events + begin, .count = end - begin};
    }
}

static enum err log_noted(struct case_run *run, const struct instance_member *members, size_t count)
{
    struct journal_entry entry = {.park_id = run->park_id,
                                  .time_us = run->now_us,
                                  .kind = "case.step",
                                  .case_id = run->id,
                                  .actor_id = run->who ? run->who->person_id : 0,
                                  .subject_id = run->row.applicant_id};
    return instance_log(run->tx, &entry, members, count, run->service->model, run->noted,
                        run->noted_count);
}

enum err case_history_migrated(struct case_run *run, int64_t model_id)
{
    struct instance_member members[] = {{"model", run->row.model_id}, {"to", model_id}};
    enum err r = log_noted(run, members, COUNT_OF(members));
    run->noted_count = 0;
    run->row.model_id = model_id;
    return r;
}

enum err case_history_write(struct case_run *run)
{
    struct instance_member model = {"model", run->row.model_id};
    enum err r = run->noted_count > 0 ? log_noted(run, &model, 1) : OK;
    if (r == OK && run->row.closed && !run->was.closed)
        r = history_closed(run->tx, run->park_id, run->id, run->now_us);
    return r;
}

enum err case_incident_raised(struct case_run *run, const struct engine_event *event)
{
    const struct bpmn_model *model = run->service->model;
    struct incident_add_in in = {
        .park_id = run->park_id,
        .case_id = run->id,
        .token = event->key,
        .element = event->node < model->node_count ? model->nodes[event->node].id : STR(""),
        .kind = event->name,
        .message = event->text,
        .detail = event->value,
        .raised_us = run->now_us};
    return sql_incident_add(run->tx, &in, NULL);
}

enum err case_incident_ended(struct case_run *run, int64_t token)
{
    struct incident_end_in in = {.park_id = run->park_id, .case_id = run->id, .token = token};
    return sql_incident_end(run->tx, &in, NULL);
}

/* ---- Repair: variables are set right, and the step is tried again ---- */

static enum err log_retry(struct case_run *run, const struct case_retry *in,
                          const struct engine_incident *incident)
{
    struct case_entry entry;
    const struct engine_element *element = engine_element(run->instance, incident->element);
    case_entry_begin(run, &entry);
    json_member_text(&entry.w, "element", run->service->model->nodes[element->node].id);
    json_member_text(&entry.w, "text", in->reason);
    json_key(&entry.w, "variables");
    json_array_begin(&entry.w);
    for (size_t i = 0; in->variables && i < in->variables->object.count; i++)
        json_text(&entry.w, in->variables->object.members[i].name);
    json_array_end(&entry.w);
    return case_entry_end(run, &entry, "case.retried", 0);
}

static enum err set_variables(struct case_run *run, const struct case_retry *in, int64_t element)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, ENGINE_VARIABLE_MAX);
    if (!in->variables)
        return OK;
    struct json_writer w = json_writer(&text);
    json_value(&w, in->variables);
    struct engine_command set = {.kind = ENGINE_VARIABLES_SET,
                                 .key = element,
                                 .outward = true,
                                 .variables = str_copy(run->arena, buf_str(&text))};
    enum err r = buf_check(&text);
    return r == OK ? case_step(run, &set) : r;
}

enum err case_incident_retry(const struct case_env *env, const struct principal *who,
                             int64_t case_id, int64_t token, const struct case_retry *in)
{
    struct case_run run;
    struct engine_incident incident = {0};
    enum err r = case_begin(&run, env, NULL, case_id);
    if (r != OK)
        return r;
    for (size_t i = 0; i < run.instance->incident_count; i++)
        if (run.instance->incidents[i].key == token)
            incident = run.instance->incidents[i];
    if (!incident.key)
        return err_set(ERR_NOT_FOUND, "case %" PRId64 " has no incident %" PRId64, case_id, token);
    r = case_moves(&run);
    if (r != OK)
        return r;
    run.who = who; /* An administrator sees no cases, and answers for what they do to one. */
    r = log_retry(&run, in, &incident);
    if (r == OK)
        r = set_variables(&run, in, incident.element);
    struct engine_command retry = {.kind = ENGINE_INCIDENT_RESOLVE, .key = token};
    if (r == OK)
        r = case_step(&run, &retry);
    return r == OK ? case_end(&run) : r;
}
