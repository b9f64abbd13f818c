#include "park/service.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/id.h"
#include "park/case_feel.h"
#include "park/service_sql.h"

enum { MODEL_SLOTS = 256 };

static const char *const UNIT_KEYS[] = {"working_days", "calendar_days", "working_minutes",
                                        "minutes", NULL};

/* A definition that stored cases use. Never removed: running cases point at it. */
struct model_slot {
    int64_t park_id, model_id;
    const struct service *service;
};

struct services {
    struct arena arena;
    const struct service **current;
    size_t count;
    pthread_mutex_t lock; /* Guards all below, and the arena after loading. */
    struct model_slot slots[MODEL_SLOTS];
    size_t slot_count;
};

static const struct field CLOCK_FIELDS[] = {
    FIELD(struct service_clock, name, FIELD_TEXT, .required = true, .max = 40),
    FIELD(struct service_clock, amount, FIELD_TEXT, .required = true),
    FIELD(struct service_clock, unit, FIELD_ENUM, .required = true, .names = UNIT_KEYS),
    FIELD(struct service_clock, calendar, FIELD_TEXT, .required = true, .max = 40),
    FIELD(struct service_clock, warn_percent, FIELD_INT, .min = 0, .max = 100),
    FIELD(struct service_clock, step_minutes, FIELD_INT, .min = 0, .max = SERVICE_AMOUNT_MAX),
    FIELD_END};
static const struct field LEVEL_FIELDS[] = {
    FIELD(struct service_level, grid, FIELD_TEXT, .required = true),
    FIELD(struct service_level, department, FIELD_TEXT, .required = true), FIELD_END};
static const struct field PAUSE_FIELDS[] = {FIELD(struct service_pause, clocks, FIELD_TEXT_LIST),
                                            FIELD(struct service_pause, reasons, FIELD_TEXT_LIST),
                                            FIELD_END};
static const struct field EXTENSION_FIELDS[] = {
    FIELD(struct service_extension, clocks, FIELD_TEXT_LIST),
    FIELD(struct service_extension, days_max, FIELD_INT, .min = 0, .max = 1000), FIELD_END};
static const struct field SERVICE_FIELDS[] = {
    FIELD(struct service, key, FIELD_TEXT, .required = true, .max = 60),
    FIELD(struct service, number, FIELD_TEXT, .required = true, .max = 8),
    FIELD(struct service, applicant, FIELD_TEXT, .required = true),
    FIELD(struct service, department, FIELD_TEXT),
    FIELD(struct service, form, FIELD_TEXT, .required = true),
    FIELD(struct service, process, FIELD_TEXT, .required = true),
    FIELD(struct service, title, FIELD_TEXT, .required = true),
    FIELD(struct service, category, FIELD_TEXT, .required = true),
    FIELD(struct service, categories, FIELD_TEXT_LIST, .required = true, .max = 200),
    FIELD(struct service, variables, FIELD_TEXT_LIST, .max = 100),
    FIELD(struct service, decided, FIELD_TEXT_LIST, .max = 20),
    FIELD(struct service, lists, FIELD_TEXT_LIST, .max = 10),
    FIELD(struct service, parameters, FIELD_JSON),
    FIELD(struct service, clocks, FIELD_LIST, .of = CLOCK_FIELDS,
          .of_size = sizeof(struct service_clock), .max = CASE_CLOCKS_MAX),
    FIELD(struct service, levels, FIELD_LIST, .of = LEVEL_FIELDS,
          .of_size = sizeof(struct service_level), .max = 10),
    FIELD(struct service, pause, FIELD_OBJECT, .of = PAUSE_FIELDS),
    FIELD(struct service, extension, FIELD_OBJECT, .of = EXTENSION_FIELDS),
    FIELD(struct service, remind_minutes, FIELD_INT, .min = 0, .max = SERVICE_AMOUNT_MAX),
    FIELD(struct service, law, FIELD_TEXT),
    FIELD_END};

void service_fault(struct service_report *report, const char *format, ...)
{
    report->total++;
    if (report->count >= SERVICE_FAULTS_MAX)
        return;
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    struct str *fault = ARENA_PUSH(report->arena, report->faults, report->count, report->capacity);
    *fault = str_copy(report->arena, str_of(text));
}

static struct str folder_file(const struct service_folder *folder, struct str name)
{
    for (size_t i = 0; i < folder->count; i++)
        if (str_equal(folder->files[i].name, name))
            return folder->files[i].bytes;
    return (struct str){0};
}

static const struct json_value *read_json(struct service *service, struct str name,
                                          struct service_report *report)
{
    struct str text = folder_file(&service->folder, name);
    const struct json_value *json = NULL;
    if (!text.ptr)
        service_fault(report, "%.*s is missing", STR_ARG(name));
    else if (json_parse(service->arena, text, &json) != OK)
        service_fault(report, "%.*s: %s", STR_ARG(name), err_last()->detail);
    else if (json->type != JSON_OBJECT) {
        service_fault(report, "%.*s holds no object", STR_ARG(name));
        json = NULL;
    }
    return json;
}

static void compile_clocks(struct service *service, struct service_report *report)
{
    struct service_clock *clocks = (struct service_clock *)service->clocks.items;
    for (size_t i = 0; i < service->clocks.count; i++)
        if (feel_parse(service->arena, clocks[i].amount, NULL, &clocks[i].expr) != OK)
            service_fault(report, "service.json: clock %.*s: %s", STR_ARG(clocks[i].name),
                          err_last()->detail);
}

/* What runs cases relies on these, so they hold before any case is filed. */
static void check_roles(struct service *service, struct service_report *report)
{
    if (!role_of_key(service->applicant))
        service_fault(report, "service.json: there is no role \"%.*s\"",
                      STR_ARG(service->applicant));
    if (service->levels.count == 0)
        service_fault(report, "service.json: no levels");
    const struct service_level *levels = service->levels.items;
    for (size_t i = 0; i < service->levels.count; i++) {
        struct str named[] = {levels[i].grid, levels[i].department};
        for (size_t j = 0; j < COUNT_OF(named); j++)
            if (!role_of_key(named[j]))
                service_fault(report, "service.json: level %zu: there is no role \"%.*s\"", i,
                              STR_ARG(named[j]));
    }
}

static bool read_process(struct service *service, const struct service_file *file,
                         struct bpmn_file *out, struct service_report *report)
{
    struct bpmn_report faults = {0};
    enum err r = bpmn_parse(service->arena, file->bytes, case_feel_names(), &faults, &out->model);
    out->name = file->name;
    if (r != OK && faults.fault_count == 0)
        service_fault(report, "%.*s: %s", STR_ARG(file->name), err_last()->detail);
    for (size_t i = 0; i < faults.fault_count; i++)
        service_fault(report, "%.*s:%u: %.*s: %.*s", STR_ARG(file->name), faults.faults[i].line,
                      STR_ARG(faults.faults[i].element), STR_ARG(faults.faults[i].detail));
    return r == OK;
}

static void join_processes(struct service *service, const struct bpmn_file *files, size_t count,
                           struct service_report *report)
{
    struct bpmn_report faults;
    struct service_process *processes = ARENA_ARRAY(service->arena, count, struct service_process);
    for (size_t i = 0; i < count; i++) {
        const struct bpmn_model *model = files[i].model;
        struct str name = model->process_count ? model->nodes[model->processes[0]].name : STR("");
        processes[i] =
            (struct service_process){.file = files[i].name,
                                     .name = name.ptr ? name : STR(""),
                                     .text = folder_file(&service->folder, files[i].name)};
    }
    service->processes = processes;
    service->process_count = count;
    enum err r = bpmn_join(service->arena, files, count, &faults, &service->model);
    if (r != OK && faults.fault_count == 0)
        service_fault(report, "%s", err_last()->detail);
    for (size_t i = 0; i < faults.fault_count; i++)
        service_fault(report, "%.*s: %.*s. %s", STR_ARG(faults.faults[i].element),
                      STR_ARG(faults.faults[i].detail), faults.faults[i].remedy);
}

/* The process that a case begins with comes first; those that it calls follow. */
static void compile_process(struct service *service, struct service_report *report)
{
    const struct service_folder *folder = &service->folder;
    struct bpmn_file *files = ARENA_ARRAY(service->arena, folder->count + 1, struct bpmn_file);
    size_t count = 1;
    bool good = true;
    service->process_text = folder_file(folder, service->process);
    if (!service->process_text.ptr) {
        service_fault(report, "%.*s is missing", STR_ARG(service->process));
        return;
    }
    for (size_t i = 0; i < folder->count; i++) {
        bool first = str_equal(folder->files[i].name, service->process);
        if (first || str_ends(folder->files[i].name, STR(".bpmn")))
            good = read_process(service, &folder->files[i], &files[first ? 0 : count++], report) &&
                   good;
    }
    if (good)
        join_processes(service, files, count, report);
}

/* Length before bytes, so that no two folders run together into the same text. */
static struct hash hash_folder(const struct service *service)
{
    struct buf buf;
    buf_init(&buf, SERVICE_FILES_MAX * 200);
    for (size_t i = 0; i < service->folder.count; i++) {
        const struct service_file *file = &service->folder.files[i];
        if (str_starts(file->name, STR("scenarios/")))
            continue;
        struct hash hash = hash_of(file->bytes);
        buf_format(&buf, "%.*s\n", STR_ARG(file->name));
        buf_add_hex(&buf, hash_str(&hash));
        buf_add_char(&buf, '\n');
    }
    struct hash sum = hash_of(buf_str(&buf));
    buf_release(&buf);
    return sum;
}

static const struct str *text_of(const struct json_value *json, const char *name)
{
    const struct json_value *value = json_get(json, name);
    return value && value->type == JSON_STRING ? &value->text : NULL;
}

enum err service_compile(struct arena *arena, const struct service_folder *folder,
                         struct service_report *report, struct service **out)
{
    struct service *service = ARENA_NEW(arena, struct service);
    struct service base = {.arena = arena, .folder = *folder};
    *service = base;
    const struct json_value *settings = read_json(service, STR("service.json"), report);
    if (settings) {
        if (fields_decode(arena, SERVICE_FIELDS, settings, service, sizeof(*service)) != OK)
            service_fault(report, "service.json: %s", err_last()->detail);
        service->arena = arena;
        service->folder = *folder;
    }
    if (settings && report->total == 0) {
        service->zh = read_json(service, STR("messages.zh-CN.json"), report);
        service->en = read_json(service, STR("messages.en.json"), report);
        service->form_text = folder_file(folder, service->form);
        service->form_json = read_json(service, service->form, report);
        check_roles(service, report);
        compile_clocks(service, report);
        compile_process(service, report);
        service_compile_parts(service, report);
        service->hash = hash_folder(service);
    }
    if (report->total > 0)
        return err_set(ERR_INVALID, "service %.*s: %.*s", STR_ARG(folder->key),
                       STR_ARG(report->faults[0]));
    *out = service;
    return OK;
}

static struct services *services_new(void)
{
    struct services *services = calloc(1, sizeof(*services));
    assert(services);
    arena_init(&services->arena);
    pthread_mutex_init(&services->lock, NULL);
    return services;
}

static enum err add_folders(struct services *services, const struct service_folder *folders,
                            size_t count, struct service_report *report)
{
    if (count > SERVICES_MAX)
        return err_set(ERR_LIMIT, "more than %d services", SERVICES_MAX);
    services->current = ARENA_ARRAY(&services->arena, count, const struct service *);
    for (size_t i = 0; i < count; i++) {
        struct service *service;
        enum err r = service_compile(&services->arena, &folders[i], report, &service);
        if (r != OK)
            return r;
        services->current[services->count++] = service;
    }
    return OK;
}

enum err services_load(const char *dir, struct services **out)
{
    struct services *services = services_new();
    struct service_report report = {.arena = &services->arena};
    const struct service_folder *folders;
    size_t count = 0;
    enum err r = service_folders(&services->arena, dir, &folders, &count);
    if (r == OK)
        r = add_folders(services, folders, count, &report);
    if (r == OK)
        *out = services;
    else
        services_free(services);
    return r;
}

enum err services_of_folder(const struct service_folder *folder, struct service_report *report,
                            struct services **out)
{
    struct services *services = services_new();
    enum err r = add_folders(services, folder, 1, report);
    if (r == OK)
        *out = services;
    else
        services_free(services);
    return r;
}

void services_free(struct services *services)
{
    if (!services)
        return;
    arena_release(&services->arena);
    pthread_mutex_destroy(&services->lock);
    free(services);
}

size_t services_count(const struct services *services)
{
    return services->count;
}

const struct service *services_at(const struct services *services, size_t index)
{
    assert(index < services->count);
    return services->current[index];
}

const struct service *services_find(const struct services *services, struct str key)
{
    for (size_t i = 0; i < services->count; i++)
        if (str_equal(services->current[i]->key, key))
            return services->current[i];
    return NULL;
}

static const struct service *slot_find(struct services *services, int64_t park_id, int64_t id)
{
    for (size_t i = 0; i < services->slot_count; i++)
        if (services->slots[i].model_id == id && services->slots[i].park_id == park_id)
            return services->slots[i].service;
    return NULL;
}

static void slot_add(struct services *services, int64_t park_id, int64_t id,
                     const struct service *service)
{
    if (services->slot_count < MODEL_SLOTS && !slot_find(services, park_id, id))
        services->slots[services->slot_count++] =
            (struct model_slot){.park_id = park_id, .model_id = id, .service = service};
}

static void write_files(struct buf *buf, const struct service *service)
{
    struct json_writer w = json_writer(buf);
    json_object_begin(&w);
    for (size_t i = 0; i < service->folder.count; i++) {
        if (str_starts(service->folder.files[i].name, STR("scenarios/")))
            continue;
        json_key_str(&w, service->folder.files[i].name);
        json_text(&w, service->folder.files[i].bytes);
    }
    json_object_end(&w);
}

static enum err store_model(struct db_tx *tx, int64_t park_id, const struct service *service,
                            int64_t now_us, int64_t *out)
{
    CLEANUP(buf_release) struct buf files;
    buf_init(&files, LIMIT_HTTP_REPLY);
    write_files(&files, service);
    enum err r = buf_check(&files);
    if (r != OK)
        return r;
    struct model_insert_in in = {.park_id = park_id,
                                 .id = id_next(now_us),
                                 .service = service->key,
                                 .hash = service->hash,
                                 .files = buf_str(&files),
                                 .since_us = now_us};
    r = sql_model_insert(tx, &in, NULL);
    if (r == OK)
        *out = in.id;
    return r;
}

/* Asked of the store each time: a command that is taken back takes its new row along. */
enum err services_model_id(struct services *services, struct db_tx *tx, int64_t park_id,
                           const struct service *service, int64_t now_us, int64_t *out)
{
    (void)services;
    struct model_by_hash_row row;
    enum err r = sql_model_by_hash(
        tx->db, &(struct model_by_hash_in){.park_id = park_id, .hash = service->hash}, &row);
    if (r == ERR_NOT_FOUND)
        return store_model(tx, park_id, service, now_us, out);
    if (r == OK)
        *out = row.id;
    return r;
}

static enum err folder_of_json(struct arena *arena, struct str service, struct str text,
                               struct service_folder *out)
{
    const struct json_value *json;
    enum err r = json_parse(arena, str_copy(arena, text), &json);
    if (r != OK)
        return r;
    if (json->type != JSON_OBJECT)
        return err_set(ERR_CORRUPT, "a stored service is no object");
    size_t count = json->object.count;
    struct service_file *files = ARENA_ARRAY(arena, count, struct service_file);
    for (size_t i = 0; i < count; i++) {
        files[i].name = json->object.members[i].name;
        files[i].bytes = json->object.members[i].value.text;
    }
    *out = (struct service_folder){.key = str_copy(arena, service), .files = files, .count = count};
    return OK;
}

static enum err load_model(struct services *services, struct db *db, int64_t park_id, int64_t id,
                           const struct service **out)
{
    struct model_files_row row;
    struct service_folder folder;
    enum err r = sql_model_files(db, &services->arena,
                                 &(struct model_files_in){.park_id = park_id, .id = id}, &row);
    if (r == OK)
        r = folder_of_json(&services->arena, row.service, row.files, &folder);
    if (r != OK)
        return r;
    struct service_report report = {.arena = &services->arena};
    struct service *service;
    r = service_compile(&services->arena, &folder, &report, &service);
    if (r != OK)
        return r;
    const struct service *current = services_find(services, service->key);
    *out = current && hash_equal(&current->hash, &service->hash) ? current : service;
    slot_add(services, park_id, id, *out);
    return OK;
}

enum err services_of_model(struct services *services, struct db *db, int64_t park_id,
                           int64_t model_id, const struct service **out)
{
    pthread_mutex_lock(&services->lock);
    const struct service *service = slot_find(services, park_id, model_id);
    enum err r = service ? OK : load_model(services, db, park_id, model_id, &service);
    pthread_mutex_unlock(&services->lock);
    if (r == OK)
        *out = service;
    return r;
}

const struct service_clock *service_find_clock(const struct service *service, struct str name)
{
    const struct service_clock *clocks = service->clocks.items;
    for (size_t i = 0; i < service->clocks.count; i++)
        if (str_equal(clocks[i].name, name))
            return &clocks[i];
    return NULL;
}

struct str service_text(const struct service *service, bool english, const char *prefix,
                        struct str key, struct arena *arena)
{
    struct str full = str_format(arena, "%s%.*s", prefix, STR_ARG(key));
    const struct str *text = text_of(english ? service->en : service->zh, full.ptr);
    return text ? *text : full;
}

struct str service_element_name(const struct service *service, bool english,
                                const struct bpmn_node *node, struct arena *arena)
{
    struct str text = service_text(service, english, "element.", node->id, arena);
    if (!str_starts(text, STR("element.")))
        return text;
    return node->name.len > 0 ? node->name : node->id;
}

struct str service_property(const struct bpmn_node *node, const char *name)
{
    for (size_t i = 0; i < node->property_count; i++)
        if (str_is(node->properties[i].name, name))
            return node->properties[i].value;
    for (size_t i = 0; i < node->header_count; i++)
        if (str_is(node->headers[i].name, name))
            return node->headers[i].value;
    return (struct str){0};
}

bool service_list_has(const struct list *texts, struct str text)
{
    const struct str *items = texts->items;
    for (size_t i = 0; i < texts->count; i++)
        if (str_equal(items[i], text))
            return true;
    return false;
}
