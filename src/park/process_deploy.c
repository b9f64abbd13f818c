/* From files to definitions: read and checked outside the transaction, stored in it. */
#include "base/id.h"
#include "park/process_run.h"
#include "xml/xml.h"

/* ---- Reading ---- */

struct reading {
    struct arena *arena;
    struct process_file *file;
    struct process_fault *faults;
    size_t count, capacity;
};

static void fault(struct reading *reading, struct process_fault found)
{
    found.file = reading->file->name;
    *ARENA_PUSH(reading->arena, reading->faults, reading->count, reading->capacity) = found;
}

static void fault_last(struct reading *reading)
{
    fault(reading,
          (struct process_fault){.rule = STR("file"),
                                 .detail = str_copy(reading->arena, str_of(err_last()->detail))});
}

static void read_process(struct reading *reading)
{
    struct process_file *file = reading->file;
    struct bpmn_report report = {0};
    const struct bpmn_model *model = NULL;
    enum err r = bpmn_parse(reading->arena, file->bytes, NULL, &report, &model);
    for (size_t i = 0; i < report.fault_count; i++)
        fault(reading, (struct process_fault){.element = report.faults[i].element,
                                              .line = (int64_t)report.faults[i].line,
                                              .rule = str_of(report.faults[i].rule),
                                              .detail = report.faults[i].detail,
                                              .remedy = str_of(report.faults[i].remedy)});
    if (r != OK && report.fault_count == 0)
        fault_last(reading);
    bool runs = false;
    for (size_t i = 0; r == OK && i < model->process_count; i++)
        runs = runs || model->nodes[model->processes[i]].executable;
    if (r == OK && !runs)
        fault(reading, (struct process_fault){.rule = STR("process.not-executable"),
                                              .detail = STR("no process in it is executable"),
                                              .remedy = STR("set isExecutable=\"true\"")});
    file->model = model;
}

static void read_decisions(struct reading *reading)
{
    struct process_file *file = reading->file;
    struct dmn_source source = {.name = file->name, .text = file->bytes};
    const struct dmn_model *model = NULL;
    if (dmn_read(reading->arena, &source, 1, &model) != OK) {
        fault_last(reading);
        return;
    }
    struct dmn_findings problems = dmn_problems(model);
    for (size_t i = 0; i < problems.count; i++)
        if (problems.items[i].severity == DMN_ERROR)
            fault(reading, (struct process_fault){.element = problems.items[i].place,
                                                  .line = (int64_t)problems.items[i].line,
                                                  .rule = str_of(problems.items[i].what),
                                                  .detail = problems.items[i].detail});
    file->model = model;
}

static void read_form(struct reading *reading)
{
    const struct json_value *json;
    if (json_parse(reading->arena, reading->file->bytes, &json) != OK)
        fault_last(reading);
    else if (json_get_text(json, "id").len == 0)
        fault(reading,
              (struct process_fault){.rule = STR("form.id"), .detail = STR("the form has no id")});
    else
        reading->file->model = json;
}

static void read_file(struct reading *reading)
{
    struct process_file *file = reading->file;
    file->hash = hash_of(file->bytes);
    if (utf8_check(file->bytes) != OK) {
        fault_last(reading);
    } else if (str_ends(file->name, STR(".bpmn")) || str_ends(file->name, STR(".xml"))) {
        file->kind = PROCESS_BPMN;
        read_process(reading);
    } else if (str_ends(file->name, STR(".dmn"))) {
        file->kind = PROCESS_GRAPH;
        read_decisions(reading);
    } else if (str_ends(file->name, STR(".form"))) {
        file->kind = PROCESS_FORM;
        read_form(reading);
    } else {
        fault(reading, (struct process_fault){.rule = STR("file.type"),
                                              .detail = STR("its name ends in none of .bpmn, "
                                                            ".dmn, .form")});
    }
}

enum err process_files_read(struct arena *arena, struct process_file *files, size_t count,
                            struct process_files *out)
{
    struct reading reading = {.arena = arena};
    if (count == 0)
        return err_field(ERR_INVALID, "resources", "field.required", "there is nothing to deploy");
    if (count > PROCESS_FILES_MAX)
        return err_field(ERR_LIMIT, "resources", "field.too-many", "more than %d files",
                         PROCESS_FILES_MAX);
    for (size_t i = 0; i < count; i++) {
        reading.file = &files[i];
        read_file(&reading);
    }
    *out = (struct process_files){.files = files,
                                  .count = count,
                                  .faults = {.items = reading.faults, .count = reading.count}};
    return OK;
}

/* ---- Storing ---- */

struct deploying {
    struct process_env *env;
    int64_t deployment_id, resource_id; /* 0 until the file is stored. */
    const struct process_file *file;
    struct process_deployed *made;
    size_t count, capacity;
    bool fresh; /* The last definition is a new version. */
    /* First it only looks for something new: then everything gets a new version, so that what is
     * bound to its deployment finds all of it there. */
    bool looking, news;
};

static enum err store_file(struct deploying *d)
{
    struct process_env *env = d->env;
    struct process_resource_insert_in in = {.park_id = env->park_id,
                                            .id = id_next(env->now_us),
                                            .deployment_id = d->deployment_id,
                                            .name = d->file->name,
                                            .hash = d->file->hash,
                                            .content = d->file->bytes};
    d->resource_id = in.id;
    return sql_process_resource_insert(env->tx, &in, NULL);
}

static enum err log_definition(struct process_env *env,
                               const struct process_definition_insert_in *in)
{
    static const char *const KINDS[] = {"process", "decision", "graph", "form"};
    CLEANUP(buf_release) struct buf body;
    buf_init(&body, LIMIT_HTTP_BODY);
    struct json_writer w = json_writer(&body);
    json_object_begin(&w);
    json_member_id(&w, "id", in->id);
    json_member_c(&w, "kind", KINDS[in->kind]);
    json_member_text(&w, "key", in->key);
    json_member_int(&w, "version", in->version);
    json_member_text(&w, "file", in->resource_name);
    json_key(&w, "sha256");
    CLEANUP(buf_release) struct buf hex;
    buf_init(&hex, HASH_SIZE * 2 + 2);
    buf_add_hex(&hex, hash_str(&in->hash));
    json_text(&w, buf_str(&hex));
    json_object_end(&w);
    return process_log(env, "process.deployed", 0, buf_str(&body));
}

/* A deployment of the same files under the same names brings no new version. */
static enum err define(struct deploying *d, struct process_definition_insert_in in)
{
    struct process_env *env = d->env;
    struct process_definition_last_in key = {
        .park_id = env->park_id, .kind = in.kind, .key = in.key};
    struct process_definition_last_row last = {0};
    enum err r = sql_process_definition_last(env->tx->db, env->arena, &key, &last);
    if (r != OK && r != ERR_NOT_FOUND)
        return r;
    bool same = r == OK && !last.deleted && hash_equal(&last.hash, &d->file->hash) &&
                str_equal(last.resource_name, d->file->name);
    d->news = d->news || !same;
    same = d->looking || (same && !d->news);
    d->fresh = !same;
    r = OK;
    if (!same) {
        if (!d->resource_id)
            r = store_file(d);
        in.park_id = env->park_id;
        in.id = id_next(env->now_us);
        in.version = last.version + 1;
        in.resource_id = d->resource_id;
        in.resource_name = d->file->name;
        in.hash = d->file->hash;
        in.deployed_us = env->now_us;
        in.name = in.name.ptr ? in.name : STR("");
        if (r == OK)
            r = sql_process_definition_insert(env->tx, &in, NULL);
        if (r == OK)
            r = log_definition(env, &in);
    }
    *ARENA_PUSH(env->arena, d->made, d->count, d->capacity) =
        (struct process_deployed){.kind = (enum process_kind)in.kind,
                                  .id = same ? last.id : in.id,
                                  .graph_id = same ? last.graph_id : in.graph_id,
                                  .key = in.key,
                                  .name = in.name,
                                  .resource_name = d->file->name,
                                  .version = same ? last.version : in.version};
    return r;
}

static enum err deploy_processes(struct deploying *d)
{
    const struct bpmn_model *model = d->file->model;
    enum err r = OK;
    for (size_t i = 0; r == OK && i < model->process_count; i++) {
        const struct bpmn_node *node = &model->nodes[model->processes[i]];
        if (!node->executable)
            continue;
        r = define(d, (struct process_definition_insert_in){.kind = PROCESS_BPMN,
                                                            .key = node->id,
                                                            .name = node->name,
                                                            .version_tag = model->version_tag,
                                                            .node = node->index});
        if (r == OK && d->fresh)
            r = process_begins_open(d->env, d->made[d->count - 1].id, model, node);
    }
    return r;
}

static struct str version_tag(const struct xml_node *decision)
{
    XML_EACH(child, decision)
    {
        const struct xml_node *tag = str_is(child->name, "extensionElements")
                                         ? xml_child(child, BPMN_ZEEBE_NS, "versionTag")
                                         : NULL;
        if (tag)
            return xml_get(tag, "value");
    }
    return (struct str){0};
}

/* Ids are read from the XML itself: who evaluates names decisions by them. */
static enum err deploy_decisions(struct deploying *d)
{
    struct arena *arena = d->env->arena;
    const struct xml_node *root;
    enum err r = xml_parse(arena, d->file->bytes, &root);
    if (r != OK)
        return r;
    struct str id = xml_get(root, "id"), name = xml_get(root, "name");
    r = define(d, (struct process_definition_insert_in){
                      .kind = PROCESS_GRAPH, .key = id.len > 0 ? id : name, .name = name});
    const struct process_deployed graph = d->made[d->count - 1];
    XML_EACH(child, root)
    {
        if (r != OK || !str_is(child->name, "decision"))
            continue;
        id = xml_get(child, "id");
        name = xml_get(child, "name");
        r = define(d, (struct process_definition_insert_in){.kind = PROCESS_DECISION,
                                                            .version_tag = version_tag(child),
                                                            .key = id.len > 0 ? id : name,
                                                            .name = name.len > 0 ? name : id,
                                                            .graph_id = graph.id});
        d->made[d->count - 1].graph_key = graph.key;
    }
    return r;
}

static enum err deploy_form(struct deploying *d)
{
    struct str id = json_get_text(d->file->model, "id");
    struct str tag = json_get_text(d->file->model, "versionTag");
    return define(d, (struct process_definition_insert_in){
                         .kind = PROCESS_FORM,
                         .key = id,
                         .name = id,
                         .version_tag = tag.len > 0 ? tag : (struct str){0}});
}

static enum err deploy_all(struct deploying *d, const struct process_files *files)
{
    enum err r = OK;
    d->count = 0;
    for (size_t i = 0; r == OK && i < files->count; i++) {
        d->file = &files->files[i];
        d->resource_id = 0;
        switch (d->file->kind) {
        case PROCESS_BPMN:
            r = deploy_processes(d);
            break;
        case PROCESS_FORM:
            r = deploy_form(d);
            break;
        default:
            r = deploy_decisions(d);
            break;
        }
    }
    return r;
}

enum err process_deploy(struct process_env *env, const struct process_files *files,
                        int64_t *deployment_id, struct list *deployed)
{
    struct deploying d = {.env = env, .deployment_id = id_next(env->now_us), .looking = true};
    assert(files->faults.count == 0);
    enum err r = deploy_all(&d, files);
    d.looking = false;
    if (r == OK)
        r = deploy_all(&d, files);
    if (r == OK) {
        *deployment_id = d.deployment_id;
        *deployed = (struct list){.items = d.made, .count = d.count};
    }
    return r;
}

/* The version before it is the newest again. */
static enum err begin_with_newest(struct process_env *env, struct str key)
{
    struct process_definition_newest_in in = {
        .park_id = env->park_id, .kind = PROCESS_BPMN, .key = key};
    struct process_definition_newest_row newest;
    struct process_definition_get_row row;
    const struct bpmn_model *model;
    enum err r = sql_process_definition_newest(env->tx->db, &in, &newest);
    if (r == ERR_NOT_FOUND)
        return process_begins_forget(env, key);
    if (r == OK)
        r = process_definition_load(env, newest.id, &row, &model);
    return r == OK ? process_begins_open(env, newest.id, model, &model->nodes[row.node]) : r;
}

static enum err check_idle(struct process_env *env, int64_t id)
{
    struct process_definition_running_in in = {.park_id = env->park_id, .definition_id = id};
    struct process_definition_running_row row;
    enum err r = sql_process_definition_running(env->tx->db, &in, &row);
    return r == OK && row.count > 0
               ? err_refuse(ERR_CONFLICT, "process.running", "instances of it are running")
               : r;
}

enum err process_delete(struct process_env *env, int64_t id)
{
    struct process_definition_get_in get = {.park_id = env->park_id, .id = id};
    struct process_definition_get_row row;
    struct process_definition_newest_row newest;
    struct process_definition_delete_in in = {.park_id = env->park_id, .id = id};
    enum err r = sql_process_definition_get(env->tx->db, env->arena, &get, &row);
    if (r == ERR_NOT_FOUND || (r == OK && row.deleted))
        return err_refuse(ERR_NOT_FOUND, "process.no-definition", "there is no resource %" PRId64,
                          id);
    struct process_definition_newest_in of = {
        .park_id = env->park_id, .kind = row.kind, .key = row.key};
    if (r == OK)
        r = check_idle(env, id);
    if (r == OK)
        r = sql_process_definition_newest(env->tx->db, &of, &newest);
    if (r == OK)
        r = sql_process_definition_delete(env->tx, &in, NULL);
    if (r == OK && row.kind == PROCESS_BPMN && newest.id == id)
        r = begin_with_newest(env, row.key);
    CLEANUP(buf_release) struct buf body;
    buf_init(&body, 256);
    buf_format(&body, "{\"id\":\"%" PRId64 "\"}", id);
    return r == OK ? process_log(env, "process.deleted", 0, buf_str(&body)) : r;
}
