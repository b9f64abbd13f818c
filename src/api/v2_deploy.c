/* /v2/deployments and /v2/resources. */
#include "api/v2.h"
#include "http/multipart.h"

/* Reading and checking models takes its time: on a slow thread. */
static enum err deployments_read(struct api_call *call)
{
    struct http_part *parts;
    size_t count, files_count = 0;
    enum err r = http_multipart(call->arena, http_header(call->http, "Content-Type"), call->raw,
                                &parts, &count);
    if (r != OK)
        return r;
    struct process_file *files = ARENA_ARRAY(call->arena, count, struct process_file);
    for (size_t i = 0; r == OK && i < count; i++)
        if (str_is(parts[i].name, "tenantId"))
            r = v2_tenant(parts[i].bytes);
        else if (parts[i].filename.len > 0 && str_is(parts[i].name, "resources"))
            files[files_count++] =
                (struct process_file){.name = parts[i].filename, .bytes = parts[i].bytes};
    if (r != OK)
        return r;
    struct process_files *read = ARENA_NEW(call->arena, struct process_files);
    call->prepared = read;
    return process_files_read(call->arena, files, files_count, read);
}

/* All faults at once. */
static enum err refuse(struct api_call *call, const struct list *faults)
{
    const struct process_fault *all = faults->items;
    struct json_writer *w = &call->json;
    struct str detail =
        str_format(call->arena, "%.*s: %.*s%s%.*s", STR_ARG(all[0].file), STR_ARG(all[0].element),
                   all[0].element.len > 0 ? ": " : "", STR_ARG(all[0].detail));
    json_object_begin(w);
    json_member_text(w, "type", STR("/problems/invalid"));
    json_member_text(w, "title", STR("INVALID_ARGUMENT"));
    json_member_int(w, "status", 400);
    json_member_text(w, "detail", detail);
    json_member_text(w, "reason", STR("process.faults"));
    json_key(w, "errors");
    json_array_begin(w);
    for (size_t i = 0; i < faults->count; i++) {
        json_object_begin(w);
        json_member_text(w, "field", all[i].file);
        json_member_text(w, "reason", all[i].rule);
        json_member_text(w, "detail", all[i].detail);
        json_member_text(w, "element", all[i].element);
        json_member_int(w, "line", all[i].line);
        json_member_text(w, "remedy", all[i].remedy);
        json_object_end(w);
    }
    json_array_end(w);
    json_object_end(w);
    call->status = 400;
    call->content_type = "application/problem+json";
    return OK;
}

static void write_one(struct json_writer *w, const struct process_deployed *one)
{
    static const struct {
        const char *member, *id, *key, *name, *version;
    } NAMES[] = {
        [PROCESS_BPMN] = {"processDefinition", "processDefinitionId", "processDefinitionKey", NULL,
                          "processDefinitionVersion"},
        [PROCESS_DECISION] = {"decisionDefinition", "decisionDefinitionId", "decisionDefinitionKey",
                              "name", "version"},
        [PROCESS_GRAPH] = {"decisionRequirements", "decisionRequirementsId",
                           "decisionRequirementsKey", "decisionRequirementsName", "version"},
        [PROCESS_FORM] = {"form", "formId", "formKey", NULL, "version"},
    };
    json_object_begin(w);
    json_key(w, NAMES[one->kind].member);
    json_object_begin(w);
    json_member_text(w, NAMES[one->kind].id, one->key);
    json_member_id(w, NAMES[one->kind].key, one->id);
    json_member_int(w, NAMES[one->kind].version, one->version);
    if (NAMES[one->kind].name)
        json_member_text(w, NAMES[one->kind].name, one->name);
    if (one->kind == PROCESS_DECISION) {
        json_member_text(w, "decisionRequirementsId", one->graph_key);
        json_member_id(w, "decisionRequirementsKey", one->graph_id);
    } else {
        json_member_text(w, "resourceName", one->resource_name);
    }
    json_member_text(w, "tenantId", STR(V2_TENANT));
    json_object_end(w);
    json_object_end(w);
}

static enum err deployments_post(struct api_call *call, struct db_tx *tx)
{
    const struct process_files *files = call->prepared;
    if (files->faults.count > 0)
        return refuse(call, &files->faults);
    struct process_env env = v2_env(call, tx);
    struct list deployed;
    int64_t id;
    enum err r = process_deploy(&env, files, &id, &deployed);
    if (r != OK)
        return r;
    struct json_writer *w = &call->json;
    json_object_begin(w);
    json_member_id(w, "deploymentKey", id);
    json_member_text(w, "tenantId", STR(V2_TENANT));
    json_key(w, "deployments");
    json_array_begin(w);
    for (size_t i = 0; i < deployed.count; i++)
        write_one(w, (const struct process_deployed *)deployed.items + i);
    json_array_end(w);
    json_object_end(w);
    return OK;
}

struct delete_in {
    const struct json_value *operationReference;
};

static const struct field DELETE_FIELDS[] = {
    FIELD(struct delete_in, operationReference, FIELD_JSON), FIELD_END};

static enum err deletion_post(struct api_call *call, struct db_tx *tx)
{
    struct process_env env = v2_env(call, tx);
    return process_delete(&env, call->path_id[0]);
}

const struct route V2_DEPLOY_ROUTES[] = {
    {POST, "/v2/deployments", V2_ROLES, .prepare = deployments_read, .command = deployments_post,
     .raw_types = "multipart/form-data", .raw_max = LIMIT_HTTP_UPLOAD,
     .doc = "Deploys processes, decisions and forms"},
    {POST, "/v2/resources/{key}/deletion", V2_ROLES, .command = deletion_post,
     .body = DELETE_FIELDS, .body_size = sizeof(struct delete_in), .status = 204,
     .doc = "Takes a definition back"},
    ROUTE_END};
