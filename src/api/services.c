/* /api/v1/services: what the park offers. */
#include "api/case_call.h"
#include "park/case_steps.h"

static void write_head(struct api_call *call, const struct service *service)
{
    struct json_writer *w = &call->json;
    struct arena *arena = call->arena;
    json_member_text(w, "key", service->key);
    json_member_text(w, "name", service_text(service, false, "service.", STR("name"), arena));
    json_member_text(w, "name_en", service_text(service, true, "service.", STR("name"), arena));
    json_member_text(w, "about", service_text(service, false, "service.", STR("about"), arena));
    json_member_text(w, "about_en", service_text(service, true, "service.", STR("about"), arena));
    json_member_text(w, "department", service->department);
    json_member_bool(w, "may_apply", access_has(&call->who, role_of_key(service->applicant)));
}

static enum err services_get(struct api_call *call)
{
    struct services *services = case_world_services(call->cases);
    api_page_begin(call);
    for (size_t i = 0; i < services_count(services); i++) {
        json_object_begin(&call->json);
        write_head(call, services_at(services, i));
        json_object_end(&call->json);
    }
    api_page_end(call, (struct str){0});
    return OK;
}

static enum err find(struct api_call *call, const struct service **out)
{
    *out = services_find(case_world_services(call->cases), call->path_text[0]);
    return *out ? OK : err_set(ERR_NOT_FOUND, "no such service");
}

static void write_categories(struct api_call *call, const struct service *service)
{
    struct json_writer *w = &call->json;
    json_key(w, "categories");
    json_array_begin(w);
    for (size_t i = 0; i < service->categories.count; i++) {
        struct str key = ((const struct str *)service->categories.items)[i];
        json_object_begin(w);
        json_member_text(w, "key", key);
        json_member_text(w, "name", service_text(service, false, "category.", key, call->arena));
        json_member_text(w, "name_en", service_text(service, true, "category.", key, call->arena));
        json_object_end(w);
    }
    json_array_end(w);
}

static void write_limits(struct api_call *call, const struct service *service)
{
    struct json_writer *w = &call->json;
    json_key(w, "limits");
    json_array_begin(w);
    for (size_t i = 0; i < service->clocks.count; i++) {
        struct str name = ((const struct service_clock *)service->clocks.items)[i].name;
        json_object_begin(w);
        json_member_text(w, "clock", name);
        json_member_text(w, "text", service_text(service, false, "clock.", name, call->arena));
        json_member_text(w, "text_en", service_text(service, true, "clock.", name, call->arena));
        json_object_end(w);
    }
    json_array_end(w);
}

static enum err service_get(struct api_call *call)
{
    const struct service *service;
    enum err r = find(call, &service);
    if (r != OK)
        return r;
    struct json_writer *w = &call->json;
    json_object_begin(w);
    write_head(call, service);
    json_key(w, "form");
    json_value(w, service->form_json);
    write_categories(call, service);
    write_limits(call, service);
    service_write_parts(w, service, call->arena);
    json_key(w, "pause_reasons");
    json_array_begin(w);
    for (size_t i = 0; i < service->pause.reasons.count; i++)
        json_text(w, ((const struct str *)service->pause.reasons.items)[i]);
    json_array_end(w);
    json_member_int(w, "extension_days_max", service->extension.days_max);
    json_member_text(w, "law", service->law);
    json_object_end(w);
    return OK;
}

static enum err process_get(struct api_call *call)
{
    const struct service *service;
    enum err r = find(call, &service);
    if (r != OK)
        return r;
    call->content_type = "application/xml; charset=utf-8";
    buf_add_str(call->out, service->process_text);
    return OK;
}

static const struct field PROCESS_FILE[] = {
    FIELD(struct service_process, file, FIELD_TEXT),
    FIELD(struct service_process, name, FIELD_TEXT, .doc = "Of its first process"),
    FIELD(struct service_process, text, FIELD_TEXT, .doc = "BPMN 2.0 as XML"), FIELD_END};

static enum err processes_get(struct api_call *call)
{
    const struct service *service;
    enum err r = find(call, &service);
    if (r != OK)
        return r;
    api_page_begin(call);
    for (size_t i = 0; i < service->process_count; i++)
        api_reply(call, PROCESS_FILE, &service->processes[i]);
    api_page_end(call, (struct str){0});
    return OK;
}

struct rules_file {
    struct str name, text;
};

static const struct field RULES_FILE[] = {
    FIELD(struct rules_file, name, FIELD_TEXT),
    FIELD(struct rules_file, text, FIELD_TEXT, .doc = "A decision model (DMN) as XML"), FIELD_END};

static enum err decisions_get(struct api_call *call)
{
    const struct service *service;
    enum err r = find(call, &service);
    if (r != OK)
        return r;
    api_page_begin(call);
    for (size_t i = 0; i < service->folder.count; i++) {
        const struct service_file *file = &service->folder.files[i];
        struct rules_file out = {.name = file->name, .text = file->bytes};
        if (str_ends(file->name, STR(".dmn")))
            api_reply(call, RULES_FILE, &out);
    }
    api_page_end(call, (struct str){0});
    return OK;
}

const struct route SERVICE_ROUTES[] = {
    {GET, "/api/v1/services", ROLES(ROLE_ALL_SIGNED_IN), .query = services_get, .page = true,
     .doc = "What the park offers"},
    {GET, "/api/v1/services/{key}", ROLES(ROLE_ALL_SIGNED_IN), .query = service_get,
     .doc = "A service with its form, categories and time limits"},
    {GET, "/api/v1/services/{key}/process.bpmn", ROLES(ROLE_ALL_SIGNED_IN), .query = process_get,
     .reply_type = "application/xml", .doc = "The service's process as BPMN 2.0"},
    {GET, "/api/v1/services/{key}/processes", ROLES(ROLE_ALL_SIGNED_IN), .query = processes_get,
     .page = true, .reply = PROCESS_FILE,
     .doc = "The service's process, and those that its call activities call"},
    {GET, "/api/v1/services/{key}/decisions", ROLES(ROLE_STAFF | ROLE_SYSTEM_ADMIN),
     .query = decisions_get, .page = true, .reply = RULES_FILE,
     .doc = "The service's decision models"},
    ROUTE_END};
