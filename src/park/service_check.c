/* Proves a service's folder: every reference resolves, in both directions. */
#include "park/case_run.h"
#include "park/scenario.h"
#include "park/service_cover.h"

enum { KEYS_MAX = 2000 };

/* Message keys that something asked for. */
struct check {
    const struct service *service;
    struct service_report *report;
    struct arena *arena;
    struct str used[KEYS_MAX];
    size_t used_count;
};

static void need_text(struct check *check, const char *prefix, struct str key, const char *why)
{
    struct str full = str_format(check->arena, "%s%.*s", prefix, STR_ARG(key));
    if (check->used_count < KEYS_MAX)
        check->used[check->used_count++] = full;
    if (!json_get(check->service->zh, full.ptr))
        service_fault(check->report, "messages.zh-CN.json: %.*s is missing: %s", STR_ARG(full),
                      why);
    if (!json_get(check->service->en, full.ptr))
        service_fault(check->report, "messages.en.json: %.*s is missing: %s", STR_ARG(full), why);
}

static void need_clock(struct check *check, struct str name, const char *where)
{
    if (!service_find_clock(check->service, name))
        service_fault(check->report, "%s names the clock \"%.*s\", which service.json has not",
                      where, STR_ARG(name));
}

static void need_role(struct check *check, struct str role, const char *where)
{
    if (!role_of_key(role))
        service_fault(check->report, "%s names the role \"%.*s\", which does not exist", where,
                      STR_ARG(role));
}

static const struct json_value *component(const struct check *check, struct str key)
{
    const struct json_value *list = json_get(check->service->form_json, "components");
    for (size_t i = 0; list && list->type == JSON_ARRAY && i < list->array.count; i++)
        if (str_equal(json_get_text(&list->array.items[i], "key"), key))
            return &list->array.items[i];
    return NULL;
}

static void need_field(struct check *check, struct str key, const char *why)
{
    if (!component(check, key))
        service_fault(check->report, "%.*s has no field \"%.*s\": %s",
                      STR_ARG(check->service->form), STR_ARG(key), why);
}

static bool has_choice(const struct json_value *field, struct str key)
{
    const struct json_value *values = json_get(field, "values");
    for (size_t i = 0; values && values->type == JSON_ARRAY && i < values->array.count; i++)
        if (str_equal(json_get_text(&values->array.items[i], "value"), key))
            return true;
    return false;
}

static void check_form(struct check *check)
{
    const struct service *service = check->service;
    need_field(check, service->title, "service.json calls it the title");
    need_field(check, service->category, "service.json calls it the category");
    for (size_t i = 0; i < service->variables.count; i++)
        need_field(check, ((const struct str *)service->variables.items)[i],
                   "service.json calls it a variable");
    const struct json_value *field = component(check, service->category);
    const struct json_value *values = json_get(field, "values");
    for (size_t i = 0; i < service->categories.count; i++) {
        struct str key = ((const struct str *)service->categories.items)[i];
        need_text(check, "category.", key, "a category");
        if (!has_choice(field, key))
            service_fault(check->report, "the form offers no category \"%.*s\"", STR_ARG(key));
    }
    for (size_t i = 0; values && values->type == JSON_ARRAY && i < values->array.count; i++) {
        struct str key = json_get_text(&values->array.items[i], "value");
        if (!service_list_has(&service->categories, key))
            service_fault(check->report, "the form's category \"%.*s\" is not in service.json",
                          STR_ARG(key));
    }
}

static void check_settings(struct check *check)
{
    const struct service *service = check->service;
    if (!str_equal(service->key, service->folder.key))
        service_fault(check->report, "service.json: the key is \"%.*s\", the folder \"%.*s\"",
                      STR_ARG(service->key), STR_ARG(service->folder.key));
    need_text(check, "service.", STR("name"), "the service's name");
    need_text(check, "service.", STR("about"), "what the service is for");
    for (size_t i = 0; i < service->lists.count; i++)
        need_text(check, "list.", ((const struct str *)service->lists.items)[i], "a list");
    for (size_t i = 0; i < service->clocks.count; i++) {
        const struct service_clock *clock = (const struct service_clock *)service->clocks.items + i;
        need_text(check, "clock.", clock->name, "a clock");
    }
    for (size_t i = 0; i < service->pause.clocks.count; i++)
        need_clock(check, ((const struct str *)service->pause.clocks.items)[i],
                   "service.json: pause");
    for (size_t i = 0; i < service->extension.clocks.count; i++)
        need_clock(check, ((const struct str *)service->extension.clocks.items)[i],
                   "service.json: extension");
}

static void check_outcomes(struct check *check, const struct bpmn_node *node)
{
    struct str list = service_property(node, "outcomes");
    if (list.len == 0)
        service_fault(check->report, "%.*s: a user task needs the property \"outcomes\"",
                      STR_ARG(node->id));
    for (size_t at = 0; at < list.len;) {
        size_t comma = str_find(list, STR(","), at);
        struct str outcome = str_trim(str_sub(list, at, comma - at));
        struct str key = str_format(check->arena, "%.*s.%.*s", STR_ARG(node->id), STR_ARG(outcome));
        need_text(check, "outcome.", key, "an outcome of a user task");
        at = comma + 1;
    }
}

static void need_list(struct check *check, const struct bpmn_node *node, const char *property)
{
    struct str list = service_property(node, property);
    if (list.len > 0 && !service_list_has(&check->service->lists, list))
        service_fault(check->report, "%.*s: %s names the list \"%.*s\", which service.json has not",
                      STR_ARG(node->id), property, STR_ARG(list));
}

static bool all_outcomes(const struct bpmn_node *node, struct str list, struct str *missing)
{
    for (size_t at = 0; at < list.len;) {
        size_t comma = str_find(list, STR(","), at);
        *missing = str_trim(str_sub(list, at, comma - at));
        if (!task_property_has(node, "outcomes", *missing))
            return false;
        at = comma + 1;
    }
    return true;
}

/* Properties that speak of outcomes speak of the task's own. */
static void check_rules(struct check *check, const struct bpmn_node *node)
{
    static const char *const RULES[] = {"once",   "words", "evidence", "needs",
                                        "clears", "fixes", "closes"};
    for (size_t i = 0; i < COUNT_OF(RULES); i++) {
        struct str missing;
        if (!all_outcomes(node, service_property(node, RULES[i]), &missing))
            service_fault(check->report, "%.*s: %s names the outcome \"%.*s\", which it has not",
                          STR_ARG(node->id), RULES[i], STR_ARG(missing));
    }
    struct str stage = service_property(node, "stage");
    if (stage.len > 0)
        need_text(check, "stage.", stage, "a stage");
    const struct str form = node->task ? node->task->form_id.text : (struct str){0};
    if (form.len > 0 && !service_form(check->service, form))
        service_fault(check->report, "%.*s: there is no %.*s.form", STR_ARG(node->id),
                      STR_ARG(form));
}

static void check_user_task(struct check *check, const struct bpmn_node *node)
{
    char where[256];
    check_rules(check, node);
    need_text(check, "element.", node->id, "a user task");
    check_outcomes(check, node);
    struct str status = service_property(node, "status");
    if (status.ptr && case_status_of_key(status) < 0)
        service_fault(check->report, "%.*s: there is no status \"%.*s\"", STR_ARG(node->id),
                      STR_ARG(status));
    const struct bpmn_value *groups = node->task ? &node->task->candidate_groups : NULL;
    if (!groups || !groups->text.ptr)
        service_fault(check->report, "%.*s: a user task needs candidateGroups: a role",
                      STR_ARG(node->id));
    else if (!groups->expr) {
        struct str id = str_sub(node->id, 0, sizeof(where) - 32);
        memcpy(where, id.ptr, id.len);
        memcpy(where + id.len, ": candidateGroups", sizeof(": candidateGroups"));
        need_role(check, groups->text, where);
    }
}

static void need_decision(struct check *check, const struct bpmn_node *node)
{
    struct str decision = node->task ? node->task->called.text : (struct str){0};
    if (!service_decides(check->service, check->arena, decision))
        service_fault(check->report, "%.*s asks for the decision \"%.*s\", which no .dmn has",
                      STR_ARG(node->id), STR_ARG(decision));
    if (node->task && node->task->binding == BPMN_VERSION_TAG)
        service_fault(check->report,
                      "%.*s: a service decides by its own files: leave the version tag out",
                      STR_ARG(node->id));
}

static bool is_asked(const struct check *check, struct str decision)
{
    const struct bpmn_model *model = check->service->model;
    for (size_t i = 0; i < model->node_count; i++)
        if (model->nodes[i].kind == BPMN_RULE_TASK && model->nodes[i].task &&
            str_equal(model->nodes[i].task->called.text, decision))
            return true;
    return false;
}

static void check_decisions(struct check *check)
{
    const struct service *service = check->service;
    for (size_t i = 0; i < service->decision_count; i++) {
        struct dmn_findings found;
        const struct str *names;
        size_t count = dmn_decisions(service->decisions[i], check->arena, &names);
        for (size_t k = 0; k < count; k++)
            if (!is_asked(check, names[k]))
                service_fault(check->report, "the process never asks for the decision \"%.*s\"",
                              STR_ARG(names[k]));
        if (dmn_check(check->arena, service->decisions[i], &found) != OK)
            continue;
        for (size_t k = 0; k < found.count; k++)
            if (found.items[k].severity != DMN_NOTE)
                service_fault(check->report, "%.*s: %s: %.*s", STR_ARG(found.items[k].place),
                              found.items[k].what, STR_ARG(found.items[k].detail));
    }
}

static bool in_a_process(const struct service *service, struct str text)
{
    for (size_t i = 0; i < service->folder.count; i++) {
        const struct service_file *file = &service->folder.files[i];
        if (str_ends(file->name, STR(".bpmn")) && str_find(file->bytes, text, 0) < file->bytes.len)
            return true;
    }
    return false;
}

static void check_process(struct check *check)
{
    const struct bpmn_model *model = check->service->model;
    for (size_t i = 0; i < model->node_count; i++) {
        const struct bpmn_node *node = &model->nodes[i];
        struct str clock = service_property(node, "clock");
        if (clock.ptr)
            need_clock(check, clock, "process.bpmn");
        if (node->kind == BPMN_USER_TASK)
            check_user_task(check, node);
        static const char *const LISTS[] = {"list", "marks", "adds", "edits", "from"};
        for (size_t k = 0; k < COUNT_OF(LISTS); k++)
            need_list(check, node, LISTS[k]);
        if (node->kind == BPMN_RULE_TASK)
            need_decision(check, node);
        const struct bpmn_value *type = node->task ? &node->task->job_type : NULL;
        if (type && type->text.ptr && !type->expr && !case_job_find(type->text))
            service_fault(check->report, "%.*s: there is no job type \"%.*s\"", STR_ARG(node->id),
                          STR_ARG(type->text));
    }
    for (size_t i = 0; i < check->service->clocks.count; i++) {
        const struct service_clock *clock =
            (const struct service_clock *)check->service->clocks.items + i;
        struct str quoted = str_format(check->arena, "\"%.*s\"", STR_ARG(clock->name));
        if (!in_a_process(check->service, quoted))
            service_fault(check->report, "the process never uses the clock %.*s", STR_ARG(quoted));
    }
}

static bool is_used(const struct check *check, struct str key)
{
    for (size_t i = 0; i < check->used_count; i++)
        if (str_equal(check->used[i], key))
            return true;
    return false;
}

static void check_messages(struct check *check)
{
    const struct json_value *zh = check->service->zh, *en = check->service->en;
    for (size_t i = 0; i < zh->object.count; i++) {
        struct str key = zh->object.members[i].name;
        if (!json_get(en, str_c(check->arena, key)))
            service_fault(check->report, "messages.en.json has no \"%.*s\"", STR_ARG(key));
        if (!is_used(check, key))
            service_fault(check->report, "nothing uses the message \"%.*s\"", STR_ARG(key));
    }
    for (size_t i = 0; i < en->object.count; i++) {
        struct str key = en->object.members[i].name;
        if (!json_get(zh, str_c(check->arena, key)))
            service_fault(check->report, "messages.zh-CN.json has no \"%.*s\"", STR_ARG(key));
    }
}

enum err service_check(struct arena *arena, const struct service_folder *folder,
                       struct service_report *report, size_t *scenarios)
{
    struct services *services;
    *scenarios = 0;
    enum err r = services_of_folder(folder, report, &services);
    if (r != OK)
        return r;
    struct check *check = ARENA_NEW(arena, struct check);
    check->service = services_at(services, 0);
    check->report = report;
    check->arena = arena;
    check_settings(check);
    check_form(check);
    check_process(check);
    check_decisions(check);
    check_messages(check);
    struct service_cover *cover = service_cover_new(arena, check->service);
    for (size_t i = 0; i < folder->count && report->total == 0; i++) {
        if (!str_starts(folder->files[i].name, STR("scenarios/")))
            continue;
        scenario_run(services, check->service, folder->files[i].name, folder->files[i].bytes,
                     report, cover);
        ++*scenarios;
    }
    if (report->total == 0)
        service_cover_tell(cover, report);
    if (*scenarios == 0 && report->total == 0)
        service_fault(report, "the service has no scenarios");
    services_free(services);
    return report->total == 0 ? OK : err_set(ERR_INVALID, "%zu faults", report->total);
}
