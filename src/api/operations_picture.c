/* A definition as it is drawn, with how many stand at each of its steps, and who they are. */
#include "api/case_call.h"
#include "api/operations_sql.h"
#include "api/v2.h"
#include "park/process_sql.h"
#include "park/stuck.h"

enum { INSTANCES_PAGE = 50 };

/* ---- The drawing and its counts ----------------------------------------------------------- */

struct picture_in {
    struct str service;
    int64_t model_id, definition_id;
};

static const struct field PICTURE_PARAMS[] = {
    FIELD(struct picture_in, service, FIELD_TEXT, .max = 60),
    FIELD(struct picture_in, model_id, FIELD_ID,
          .doc = "A version of the service; without: the one offered now"),
    FIELD(struct picture_in, definition_id, FIELD_ID, .doc = "Of /v2, instead of a service"),
    FIELD_END};

static const struct field FILE_REPLY[] = {
    FIELD(struct service_process, file, FIELD_TEXT),
    FIELD(struct service_process, name, FIELD_TEXT, .doc = "Of its first process"),
    FIELD(struct service_process, text, FIELD_TEXT, .doc = "BPMN 2.0 as XML"), FIELD_END};

struct step_out {
    struct str element, name, name_en;
    int64_t count, incidents, late, timers;
};

static const struct field STEP_REPLY[] = {
    FIELD(struct step_out, element, FIELD_TEXT),
    FIELD(struct step_out, name, FIELD_TEXT),
    FIELD(struct step_out, name_en, FIELD_TEXT),
    FIELD(struct step_out, count, FIELD_INT, .doc = "Cases or instances that stand there"),
    FIELD(struct step_out, incidents, FIELD_INT, .doc = "Of these, standing still"),
    FIELD(struct step_out, late, FIELD_INT, .doc = "Cases whose task is past its time"),
    FIELD(struct step_out, timers, FIELD_INT, .doc = "Timers that nothing has taken"),
    FIELD_END};

struct picture_out {
    struct str key, name, name_en;
    int64_t model_id, definition_id, version;
    struct list files, steps;
};

static const struct field PICTURE_REPLY[] = {
    FIELD(struct picture_out, key, FIELD_TEXT),
    FIELD(struct picture_out, name, FIELD_TEXT),
    FIELD(struct picture_out, name_en, FIELD_TEXT),
    FIELD(struct picture_out, model_id, FIELD_ID,
          .doc = "null: offered now, and no case was filed under it yet"),
    FIELD(struct picture_out, definition_id, FIELD_ID, .doc = "Of /v2"),
    FIELD(struct picture_out, version, FIELD_INT, .doc = "Of /v2; 0 for a service"),
    FIELD(struct picture_out, files, FIELD_LIST, .of = FILE_REPLY,
          .of_size = sizeof(struct service_process), .doc = "The model, and those that it calls"),
    FIELD(struct picture_out, steps, FIELD_LIST, .of = STEP_REPLY,
          .of_size = sizeof(struct step_out)),
    FIELD_END};

struct steps {
    struct arena *arena;
    struct step_out *items;
    size_t count, capacity;
};

static struct step_out *step_at(struct steps *steps, struct str element)
{
    for (size_t i = 0; i < steps->count; i++)
        if (str_equal(steps->items[i].element, element))
            return &steps->items[i];
    struct step_out *step = ARENA_PUSH(steps->arena, steps->items, steps->count, steps->capacity);
    *step = (struct step_out){.element = element};
    return step;
}

static void add_timers(struct steps *steps, const struct list *timers)
{
    for (size_t i = 0; i < timers->count; i++)
        step_at(steps, ((const struct str *)timers->items)[i])->timers++;
}

/* ---- Of a service ------------------------------------------------------------------------- */

/* The version that is asked for; of the current one the id under which cases were filed, or 0. */
static enum err find_version(struct api_call *call, const struct picture_in *in,
                             const struct service **service, int64_t *model_id)
{
    struct services *services = case_world_services(call->cases);
    const struct service *current = services_find(services, in->service);
    struct operations_versions_in of = {.park_id = call->park_id, .service = in->service};
    struct operations_versions_rows rows;
    enum err r = sql_operations_versions(call->db, call->arena, &of, &rows);
    *service = current;
    *model_id = 0;
    for (size_t i = 0; r == OK && i < rows.count; i++)
        if (in->model_id ? rows.rows[i].id == in->model_id
                         : current && hash_equal(&rows.rows[i].hash, &current->hash))
            *model_id = rows.rows[i].id;
    if (r == OK && (in->model_id ? !*model_id : !current))
        return err_set(ERR_NOT_FOUND, "there is no such version of a service");
    return r == OK && *model_id
               ? services_of_model(services, call->db, call->park_id, *model_id, service)
               : r;
}

static enum err count_cases(struct api_call *call, const struct service *service, int64_t model_id,
                            struct steps *steps)
{
    struct case_reader reader = case_reader_of(call);
    struct operations_model_steps_in of = {.park_id = call->park_id,
                                           .service = service->key,
                                           .model_id = model_id,
                                           .now_us = call->now_us};
    struct operations_model_incidents_in still_of = {
        .park_id = call->park_id, .service = service->key, .model_id = model_id};
    struct operations_model_steps_rows rows;
    struct operations_model_incidents_rows still;
    struct list timers;
    enum err r = sql_operations_model_steps(call->db, call->arena, &of, &rows);
    if (r == OK)
        r = sql_operations_model_incidents(call->db, call->arena, &still_of, &still);
    if (r == OK)
        r = stuck_in_cases(&reader, service, model_id, &timers);
    if (r != OK)
        return r;
    for (size_t i = 0; i < rows.count; i++)
        *step_at(steps, rows.rows[i].element) = (struct step_out){.element = rows.rows[i].element,
                                                                  .count = rows.rows[i].count,
                                                                  .late = rows.rows[i].late};
    for (size_t i = 0; i < still.count; i++) {
        struct step_out *step = step_at(steps, still.rows[i].element);
        step->incidents = still.rows[i].count;
        step->count = step->count > step->incidents ? step->count : step->incidents;
    }
    add_timers(steps, &timers);
    return OK;
}

static void name_steps(struct api_call *call, const struct service *service, struct steps *steps)
{
    const struct bpmn_model *model = service->model;
    for (size_t i = 0; i < model->node_count; i++)
        for (size_t k = 0; k < steps->count; k++)
            if (str_equal(steps->items[k].element, model->nodes[i].id)) {
                const struct bpmn_node *node = &model->nodes[i];
                steps->items[k].name = service_element_name(service, false, node, call->arena);
                steps->items[k].name_en = service_element_name(service, true, node, call->arena);
            }
}

static enum err service_picture(struct api_call *call, const struct picture_in *in,
                                struct steps *steps, struct picture_out *out)
{
    const struct service *service;
    enum err r = find_version(call, in, &service, &out->model_id);
    if (r == OK && out->model_id)
        r = count_cases(call, service, out->model_id, steps);
    if (r != OK)
        return r;
    name_steps(call, service, steps);
    out->key = service->key;
    out->name = service_text(service, false, "service.", STR("name"), call->arena);
    out->name_en = service_text(service, true, "service.", STR("name"), call->arena);
    struct service_process *files =
        ARENA_ARRAY(call->arena, service->process_count, struct service_process);
    memcpy(files, service->processes, service->process_count * sizeof(*files));
    out->files = (struct list){files, service->process_count};
    return OK;
}

/* ---- Of a process of /v2 ------------------------------------------------------------------ */

static enum err count_instances(struct api_call *call, int64_t definition_id, struct steps *steps)
{
    struct operations_process_steps_in of = {.park_id = call->park_id,
                                             .definition_id = definition_id};
    struct operations_process_steps_rows rows;
    struct list timers;
    enum err r = sql_operations_process_steps(call->db, call->arena, &of, &rows);
    if (r == OK)
        r = stuck_in_processes(call->db, call->arena, call->park_id, definition_id, call->now_us,
                               &timers);
    if (r != OK)
        return r;
    for (size_t i = 0; i < rows.count; i++)
        *step_at(steps, rows.rows[i].element) =
            (struct step_out){.element = rows.rows[i].element,
                              .name = rows.rows[i].name,
                              .name_en = rows.rows[i].name,
                              .count = rows.rows[i].count,
                              .incidents = rows.rows[i].incidents};
    add_timers(steps, &timers);
    return OK;
}

static enum err process_picture(struct api_call *call, int64_t definition_id, struct steps *steps,
                                struct picture_out *out)
{
    struct process_definition_get_in of = {.park_id = call->park_id, .id = definition_id};
    struct process_definition_get_row row;
    struct process_resource_content_row content;
    enum err r = sql_process_definition_get(call->db, call->arena, &of, &row);
    if (r == ERR_NOT_FOUND || (r == OK && row.kind != PROCESS_BPMN))
        return err_set(ERR_NOT_FOUND, "there is no such process definition");
    if (r != OK)
        return r;
    struct process_resource_content_in text_of = {.park_id = call->park_id, .id = row.resource_id};
    r = sql_process_resource_content(call->db, call->arena, &text_of, &content);
    if (r == OK)
        r = count_instances(call, definition_id, steps);
    if (r != OK)
        return r;
    struct service_process *file = ARENA_NEW(call->arena, struct service_process);
    *file = (struct service_process){
        .file = row.resource_name, .name = row.name, .text = content.content};
    out->key = row.key;
    out->name = out->name_en = row.name;
    out->definition_id = definition_id;
    out->version = row.version;
    out->files = (struct list){file, 1};
    return OK;
}

static enum err picture_get(struct api_call *call)
{
    const struct picture_in *in = call->query;
    struct steps steps = {.arena = call->arena};
    struct picture_out out = {0};
    if (!in->service.ptr && !in->definition_id)
        return err_field(ERR_INVALID, "service", "field.required",
                         "name a service or a definition_id");
    enum err r = in->definition_id ? process_picture(call, in->definition_id, &steps, &out)
                                   : service_picture(call, in, &steps, &out);
    out.steps = (struct list){steps.items, steps.count};
    if (r == OK)
        api_reply(call, PICTURE_REPLY, &out);
    return r;
}

/* ---- Who they are ------------------------------------------------------------------------- */

struct place_out {
    struct str element, name;
};

static const struct field PLACE_REPLY[] = {FIELD(struct place_out, element, FIELD_TEXT),
                                           FIELD(struct place_out, name, FIELD_TEXT), FIELD_END};

struct instance_out {
    int64_t id, definition_id, version, started_at, incidents;
    struct str key, name, business_id;
    bool suspended, stuck;
    struct list steps;
};

static const struct field INSTANCE_REPLY[] = {
    FIELD(struct instance_out, id, FIELD_ID),
    FIELD(struct instance_out, definition_id, FIELD_ID),
    FIELD(struct instance_out, key, FIELD_TEXT, .doc = "The process' id"),
    FIELD(struct instance_out, name, FIELD_TEXT),
    FIELD(struct instance_out, version, FIELD_INT),
    FIELD(struct instance_out, business_id, FIELD_TEXT),
    FIELD(struct instance_out, started_at, FIELD_TIME),
    FIELD(struct instance_out, suspended, FIELD_BOOL),
    FIELD(struct instance_out, incidents, FIELD_INT),
    FIELD(struct instance_out, stuck, FIELD_BOOL, .doc = "A timer of it was due and not taken"),
    FIELD(struct instance_out, steps, FIELD_LIST, .of = PLACE_REPLY,
          .of_size = sizeof(struct place_out)),
    FIELD_END};

struct instances_in {
    struct str q, element, cursor;
    int64_t definition_id, limit;
};

static const struct field INSTANCES_PARAMS[] = {
    FIELD(struct instances_in, definition_id, FIELD_ID),
    FIELD(struct instances_in, element, FIELD_TEXT, .max = 200,
          .doc = "Only those that stand there"),
    FIELD(struct instances_in, q, FIELD_TEXT, .max = 256, .doc = "Its id or its business id"),
    FIELD(struct instances_in, cursor, FIELD_TEXT, .max = 100),
    FIELD(struct instances_in, limit, FIELD_INT, .min = 1, .max = INSTANCES_PAGE),
    FIELD_END};

/* Where those of the page stand; rows of both are in the same order. */
static enum err read_places(struct api_call *call, const struct operations_instances_rows *page,
                            struct operations_standing_rows *out)
{
    struct operations_standing_in of = {
        .park_id = call->park_id,
        .instances = api_ids(call, page->rows, page->count, sizeof(*page->rows))};
    return sql_operations_standing(call->db, call->arena, &of, out);
}

static struct list places_of(struct api_call *call, const struct operations_standing_rows *rows,
                             int64_t instance_id, size_t *at)
{
    size_t from = *at;
    while (*at < rows->count && rows->rows[*at].instance_id == instance_id)
        ++*at;
    struct place_out *places = ARENA_ARRAY(call->arena, *at - from, struct place_out);
    for (size_t i = from; i < *at; i++)
        places[i - from] = (struct place_out){rows->rows[i].element, rows->rows[i].name};
    return (struct list){places, *at - from};
}

static enum err instances_get(struct api_call *call)
{
    const struct instances_in *in = call->query;
    int64_t limit = api_limit(in->limit), unused = 0;
    struct operations_instances_in of = {.park_id = call->park_id,
                                         .definition_id = in->definition_id,
                                         .element = in->element.ptr ? in->element : STR(""),
                                         .q = in->q.ptr ? in->q : STR(""),
                                         .stuck_us = stuck_before_us(call->now_us),
                                         .limit = limit + 1};
    struct operations_instances_rows rows = {0};
    struct operations_standing_rows places;
    enum err r = api_cursor_read(call, in->cursor, &of.before, &unused);
    if (r == OK)
        r = sql_operations_instances(call->db, call->arena, &of, &rows);
    bool more = api_page_cut(&rows.count, limit);
    if (r == OK)
        r = read_places(call, &rows, &places);
    if (r != OK)
        return r;
    size_t place = 0;
    api_page_begin(call);
    for (size_t i = 0; i < rows.count; i++) {
        const struct operations_instances_row *row = &rows.rows[i];
        struct instance_out out = {.id = row->id,
                                   .definition_id = row->definition_id,
                                   .key = row->key,
                                   .name = row->name,
                                   .version = row->version,
                                   .business_id = row->business_id,
                                   .started_at = row->started_us,
                                   .suspended = row->suspended,
                                   .incidents = row->incidents,
                                   .stuck = row->stuck,
                                   .steps = places_of(call, &places, row->id, &place)};
        api_reply(call, INSTANCE_REPLY, &out);
    }
    api_page_end(call,
                 more ? api_cursor_make(call, rows.rows[rows.count - 1].id, 0) : (struct str){0});
    return OK;
}

const struct route OPERATION_PICTURE_ROUTES[] = {
    {GET, "/api/v1/operations/picture", ROLES(ROLE_SYSTEM_ADMIN), .query = picture_get,
     .slow = true, .query_fields = PICTURE_PARAMS, .query_size = sizeof(struct picture_in),
     .reply = PICTURE_REPLY,
     .doc = "A version of a service or a process as it is drawn, and how many stand at each step"},
    {GET, "/api/v1/operations/instances", ROLES(ROLE_SYSTEM_ADMIN), .query = instances_get,
     .slow = true, .query_fields = INSTANCES_PARAMS, .query_size = sizeof(struct instances_in),
     .reply = INSTANCE_REPLY, .page = true,
     .doc = "Instances of /v2 that run, newest first: ids and steps, not their variables"},
    ROUTE_END};
