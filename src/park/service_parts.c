/* A service's decisions, and what else its folder holds for the tasks of its process. */
#include "park/case_run.h"
#include "park/service.h"

enum { STAGES_MAX = 30 };

static void compile_one(struct service *service, const struct service_file *file,
                        const struct dmn_model **out, struct service_report *report)
{
    struct dmn_source source = {.name = file->name, .text = file->bytes};
    if (dmn_read(service->arena, &source, 1, out) != OK) {
        service_fault(report, "%.*s: %s", STR_ARG(file->name), err_last()->detail);
        return;
    }
    struct dmn_findings problems = dmn_problems(*out);
    for (size_t i = 0; i < problems.count; i++)
        if (problems.items[i].severity == DMN_ERROR)
            service_fault(report, "%.*s: %.*s: %.*s", STR_ARG(file->name),
                          STR_ARG(problems.items[i].place), STR_ARG(problems.items[i].detail));
}

static void compile_decisions(struct service *service, struct service_report *report)
{
    const struct dmn_model **models =
        ARENA_ARRAY(service->arena, service->folder.count + 1, const struct dmn_model *);
    for (size_t i = 0; i < service->folder.count; i++) {
        const struct service_file *file = &service->folder.files[i];
        if (!str_ends(file->name, STR(".dmn")))
            continue;
        const struct dmn_model *model = NULL;
        compile_one(service, file, &model, report);
        if (model)
            models[service->decision_count++] = model;
    }
    service->decisions = models;
}

static void compile_forms(struct service *service, struct service_report *report)
{
    struct service_form *forms =
        ARENA_ARRAY(service->arena, service->folder.count + 1, struct service_form);
    for (size_t i = 0; i < service->folder.count; i++) {
        const struct service_file *file = &service->folder.files[i];
        if (!str_ends(file->name, STR(".form")))
            continue;
        struct service_form *form = &forms[service->form_count];
        form->name = str_sub(file->name, 0, file->name.len - STR(".form").len);
        if (json_parse(service->arena, file->bytes, &form->json) == OK)
            service->form_count++;
        else
            service_fault(report, "%.*s: %s", STR_ARG(file->name), err_last()->detail);
    }
    service->forms = forms;
}

void service_compile_parts(struct service *service, struct service_report *report)
{
    compile_decisions(service, report);
    compile_forms(service, report);
}

static bool holds(const struct dmn_model *model, struct arena *arena, struct str decision)
{
    const struct str *names;
    size_t count = dmn_decisions(model, arena, &names);
    for (size_t i = 0; i < count; i++)
        if (str_equal(names[i], decision))
            return true;
    return false;
}

bool service_decides(const struct service *service, struct arena *arena, struct str decision)
{
    for (size_t i = 0; i < service->decision_count; i++)
        if (holds(service->decisions[i], arena, decision))
            return true;
    return false;
}

enum err service_decide(const struct service *service, struct str decision,
                        const struct feel_value *context, struct feel_run *run, struct dmn_why *why,
                        struct feel_value *out)
{
    for (size_t i = 0; i < service->decision_count; i++)
        if (holds(service->decisions[i], run->arena, decision))
            return dmn_eval(service->decisions[i], decision, context, run, why, out);
    return err_set(ERR_NOT_FOUND, "the service has no decision \"%.*s\"", STR_ARG(decision));
}

const struct json_value *service_form(const struct service *service, struct str name)
{
    for (size_t i = 0; i < service->form_count; i++)
        if (str_equal(service->forms[i].name, name))
            return service->forms[i].json;
    return NULL;
}

size_t service_stages(const struct service *service, struct arena *arena, const struct str **out)
{
    struct str *stages = ARENA_ARRAY(arena, STAGES_MAX, struct str);
    size_t count = 0;
    for (size_t i = 0; i < service->model->node_count && count < STAGES_MAX; i++) {
        struct str stage = service_property(&service->model->nodes[i], "stage");
        size_t at = 0;
        while (at < count && !str_equal(stages[at], stage))
            at++;
        if (stage.len > 0 && at == count)
            stages[count++] = stage;
    }
    *out = stages;
    return count;
}
