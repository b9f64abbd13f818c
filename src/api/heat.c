/* /api/v1/heat/scenes, parcels and fires: what the heat map is made from. */
#include "api/heat.h"
#include "api/register.h"
#include "base/clock.h"
#include "base/id.h"
#include "http/check.h"
#include "http/multipart.h"
#include "park/heat_sql.h"

const char *const HEAT_LIGHTS[] = {"any", "day", "night", NULL};

struct str heat_light_of(int64_t light)
{
    return light == 0 ? STR("") : str_of(HEAT_LIGHTS[light]);
}

/* ---- scenes ------------------------------------------------------------------------------- */

struct scene_out {
    int64_t id, bytes, files, layers, layers_done, progress, first_date, last_date, added_at;
    struct str state, name, source, mask, about, reason, detail;
    struct ref added_by;
};

static const struct field SCENE_REPLY[] = {
    FIELD(struct scene_out, id, FIELD_ID),
    FIELD(struct scene_out, state, FIELD_TEXT, .doc = "waiting, working, ready or refused"),
    FIELD(struct scene_out, name, FIELD_TEXT, .doc = "Of the file or folder as it came"),
    FIELD(struct scene_out, source, FIELD_TEXT, .doc = "upload, folder, or sample (invented)"),
    FIELD(struct scene_out, mask, FIELD_TEXT),
    FIELD(struct scene_out, about, FIELD_RAW,
          .doc =
              "{kind, product, sensor, method, mask in words, native_m, pixel_m, width, height}"),
    FIELD(struct scene_out, reason, FIELD_TEXT, .doc = "Of a refusal"),
    FIELD(struct scene_out, detail, FIELD_TEXT, .doc = "The same in English"),
    FIELD(struct scene_out, bytes, FIELD_INT),
    FIELD(struct scene_out, files, FIELD_INT),
    FIELD(struct scene_out, layers, FIELD_INT),
    FIELD(struct scene_out, layers_done, FIELD_INT),
    FIELD(struct scene_out, progress, FIELD_INT, .doc = "Of a hundred, over all layers"),
    FIELD(struct scene_out, first_date, FIELD_DATE),
    FIELD(struct scene_out, last_date, FIELD_DATE),
    FIELD(struct scene_out, added_by, FIELD_REF),
    FIELD(struct scene_out, added_at, FIELD_TIME),
    FIELD_END};

static struct scene_out scene_of(struct api_call *call, const struct heat_scene_list_row *row)
{
    struct scene_out out = {.id = row->id,
                            .state = row->state,
                            .name = row->name,
                            .source = row->source,
                            .mask = row->mask,
                            .about = row->about,
                            .reason = row->reason,
                            .detail = row->detail,
                            .bytes = row->bytes,
                            .files = row->files,
                            .layers = row->layers,
                            .layers_done = row->done,
                            .first_date = row->first_days ? row->first_days : FIELD_NO_DATE,
                            .last_date = row->last_days ? row->last_days : FIELD_NO_DATE,
                            .added_by = {row->added_by, row->adder},
                            .added_at = row->added_us};
    int percent;
    bool working = heat_work_progress(call->heat, &percent) != 0 && row->done < row->layers;
    if (row->layers > 0)
        out.progress = (100 * row->done + (working ? percent : 0)) / row->layers;
    return out;
}

static enum err scenes_get(struct api_call *call)
{
    const struct api_page *in = call->query;
    int64_t before, unused, limit = api_limit(in->limit);
    struct heat_scene_list_rows rows;
    enum err r = api_cursor_read(call, in->cursor, &before, &unused);
    struct heat_scene_list_in find = {
        .park_id = call->park_id, .before_id = before ? before : INT64_MAX, .limit = limit + 1};
    if (r == OK)
        r = sql_heat_scene_list(call->db, call->arena, &find, &rows);
    if (r != OK)
        return r;
    bool more = api_page_cut(&rows.count, limit);
    api_page_begin(call);
    for (size_t i = 0; i < rows.count; i++) {
        struct scene_out out = scene_of(call, &rows.rows[i]);
        fields_write_object(&call->json, SCENE_REPLY, &out);
    }
    api_page_end(call,
                 more ? api_cursor_make(call, rows.rows[rows.count - 1].id, 0) : (struct str){0});
    return OK;
}

static enum err scene_write(struct api_call *call)
{
    struct heat_scene_list_rows rows;
    struct heat_scene_list_in find = {
        .park_id = call->park_id, .before_id = call->path_id[0] + 1, .limit = 1};
    enum err r = sql_heat_scene_list(call->db, call->arena, &find, &rows);
    if (r == OK && (rows.count == 0 || rows.rows[0].id != call->path_id[0]))
        r = err_set(ERR_NOT_FOUND, "no such scene");
    if (r != OK)
        return r;
    struct scene_out out = scene_of(call, &rows.rows[0]);
    api_reply(call, SCENE_REPLY, &out);
    return OK;
}

struct upload_in {
    struct str mask, name;
    int64_t date, light;
};

static const struct field UPLOAD_PARAMS[] = {
    FIELD(struct upload_in, name, FIELD_TEXT, .max = LIMIT_NAME_CHARS,
          .doc = "What the list calls the scene; absent: the first file's name"),
    FIELD(struct upload_in, mask, FIELD_TEXT, .max = 200,
          .doc = "Words and numbers with commas: default, none, 0x1F (quality bits that must be "
                 "0), cloud, shadow, snow, water, quality=1, uncertainty=2 …"),
    FIELD(struct upload_in, date, FIELD_DATE, .doc = "The day, where the files do not say it"),
    FIELD(struct upload_in, light, FIELD_ENUM, .names = HEAT_LIGHTS,
          .doc = "Day or night, where the files do not say it"),
    FIELD_END};

/* The name that came with raw bytes, percent-encoded in X-File-Name. */
static struct str file_name(struct api_call *call, const char *otherwise)
{
    struct str header = http_header(call->http, "X-File-Name"), name;
    if (header.len > 0 && http_unescape(call->arena, header, false, &name) == OK && name.len > 0)
        return name;
    return str_of(otherwise);
}

static enum err uploaded_files(struct api_call *call, const struct heat_file **out, size_t *count)
{
    struct str type = http_header(call->http, "Content-Type");
    struct http_part *parts;
    size_t n, files = 0;
    if (!str_starts(type, STR("multipart/"))) {
        struct heat_file *one = ARENA_NEW(call->arena, struct heat_file);
        *one = (struct heat_file){file_name(call, "scene.tif"), call->raw};
        *out = one;
        *count = 1;
        return call->raw.len > 0 ? OK : err_refuse(ERR_INVALID, "heat.no-file", "no file came");
    }
    enum err r = http_multipart(call->arena, type, call->raw, &parts, &n);
    if (r != OK)
        return r;
    struct heat_file *found = ARENA_ARRAY(call->arena, n, struct heat_file);
    for (size_t i = 0; i < n; i++)
        if (parts[i].filename.len > 0)
            found[files++] = (struct heat_file){parts[i].filename, parts[i].bytes};
    *out = found;
    *count = files;
    return files > 0 ? OK : err_refuse(ERR_INVALID, "heat.no-file", "no file came");
}

/* Can it be read, with this mask? The first pixel tells. */
static enum err try_scene(struct api_call *call, const struct heat_scene_new *scene,
                          const struct heat_mask *mask)
{
    struct heat_scene *read;
    struct heat_block block;
    const char *path = heat_files_new_path(call->arena, heat_work_dir(call->heat), scene->id);
    struct heat_window corner = {.width = 1, .height = 1};
    enum err r = heat_open(call->arena, path, NULL, &read);
    if (r == OK)
        r = heat_scene_check(read, scene->date);
    for (size_t i = 0; r == OK && i < read->layer_count; i++)
        r = heat_read_new(call->arena, read, i, mask, corner, &block);
    return r;
}

/* Files go to disk and are looked at before the list gets a row: what cannot be read is refused at
 * the door. */
static enum err scene_prepare(struct api_call *call)
{
    const struct upload_in *in = call->query;
    struct heat_scene_new *scene = ARENA_NEW(call->arena, struct heat_scene_new);
    const char *dir = heat_work_dir(call->heat);
    const struct heat_file *files;
    size_t count;
    struct heat_mask mask;
    *scene = (struct heat_scene_new){.id = id_next(call->now_us),
                                     .source = STR("upload"),
                                     .mask = in->mask.len ? in->mask : STR("default"),
                                     .date = in->date,
                                     .light = heat_light_of(in->light)};
    call->prepared = scene;
    if (heat_mask_parse(scene->mask, &mask) != OK)
        return err_field(ERR_INVALID, "mask", "heat.mask", "the mask is not understood");
    enum err r = uploaded_files(call, &files, &count);
    if (r == OK)
        r = heat_files_save(call->arena, dir, scene->id, files, count, &scene->saved);
    if (r != OK)
        return r;
    scene->name = in->name.len ? in->name : files[0].name;
    r = try_scene(call, scene, &mask);
    if (r == OK)
        return OK;
    heat_files_hide(dir, scene->id);
    struct err_info why = *err_last();
    heat_files_drop(dir, scene->id);
    return err_refuse(r == ERR_LIMIT ? r : ERR_INVALID,
                      why.reason[0] ? why.reason : "heat.unreadable", "%s", why.detail);
}

static enum err scene_post(struct api_call *call, struct db_tx *tx)
{
    struct heat_scene_new *scene = call->prepared;
    struct change by = register_change(call);
    enum err r = heat_scene_add(tx, &by, scene);
    if (r != OK) {
        struct err_info why = *err_last();
        heat_files_drop(heat_work_dir(call->heat), scene->id);
        err_restore(&why);
        return r;
    }
    heat_work_poke(call->heat);
    call->path_id[0] = scene->id;
    api_set_location(call, "/api/v1/heat/scenes", scene->id);
    return scene_write(call);
}

static enum err scene_delete(struct api_call *call, struct db_tx *tx)
{
    struct change by = register_change(call);
    enum err r = heat_scene_remove(tx, &by, call->path_id[0]);
    if (r == OK)
        heat_work_poke(call->heat);
    return r;
}

/* ---- parcels ------------------------------------------------------------------------------ */

struct parcel_out {
    int64_t id;
    struct str code, name, polygon;
    int64_t enterprise_id;
};

static const struct field PARCEL_REPLY[] = {
    FIELD(struct parcel_out, id, FIELD_ID),
    FIELD(struct parcel_out, code, FIELD_TEXT),
    FIELD(struct parcel_out, name, FIELD_TEXT),
    FIELD(struct parcel_out, enterprise_id, FIELD_ID),
    FIELD(struct parcel_out, polygon, FIELD_RAW, .doc = "A GeoJSON geometry"),
    FIELD_END};

static enum err parcels_get(struct api_call *call)
{
    struct heat_zone_parcels_rows rows;
    struct heat_zone_parcels_in in = {.park_id = call->park_id, .limit = HEAT_PARCELS_MAX};
    enum err r = sql_heat_zone_parcels(call->db, call->arena, &in, &rows);
    if (r != OK)
        return r;
    api_page_begin(call);
    for (size_t i = 0; i < rows.count; i++) {
        const struct heat_zone_parcels_row *row = &rows.rows[i];
        struct parcel_out out = {row->id, row->code, row->name, row->polygon, row->enterprise_id};
        fields_write_object(&call->json, PARCEL_REPLY, &out);
    }
    api_page_end(call, (struct str){0});
    return OK;
}

struct parcels_ready {
    const struct heat_parcel *items;
    size_t count;
};

static enum err parcels_prepare(struct api_call *call)
{
    struct parcels_ready *ready = ARENA_NEW(call->arena, struct parcels_ready);
    call->prepared = ready;
    return heat_parcels_read(call->arena, call->raw, &ready->items, &ready->count);
}

static enum err parcels_put(struct api_call *call, struct db_tx *tx)
{
    const struct parcels_ready *ready = call->prepared;
    struct change by = register_change(call);
    enum err r = heat_parcels_replace(tx, &by, ready->items, ready->count);
    if (r != OK)
        return r;
    heat_work_poke(call->heat);
    return parcels_get(call);
}

/* ---- active fires ------------------------------------------------------------------------- */

struct fires_in {
    int64_t from, to, limit;
    struct str cursor;
};

static const struct field FIRES_PARAMS[] = {
    FIELD(struct fires_in, from, FIELD_DATE, .doc = "First day (UTC)"),
    FIELD(struct fires_in, to, FIELD_DATE, .doc = "Last day (UTC)"),
    FIELD(struct fires_in, cursor, FIELD_TEXT), FIELD(struct fires_in, limit, FIELD_INT),
    FIELD_END};

struct fire_out {
    int64_t id, at, confidence;
    double lat, lng;
    struct str light, satellite, instrument;
    struct str kelvin, frp_mw;
};

static const char *const CONFIDENCE[] = {"low", "nominal", "high", NULL};

static const struct field FIRE_REPLY[] = {
    FIELD(struct fire_out, id, FIELD_ID),
    FIELD(struct fire_out, at, FIELD_TIME),
    FIELD(struct fire_out, lat, FIELD_REAL),
    FIELD(struct fire_out, lng, FIELD_REAL),
    FIELD(struct fire_out, kelvin, FIELD_RAW, .doc = "Brightness of the fire's pixel, or null"),
    FIELD(struct fire_out, frp_mw, FIELD_RAW, .doc = "Radiative power in megawatts, or null"),
    FIELD(struct fire_out, confidence, FIELD_ENUM, .names = CONFIDENCE),
    FIELD(struct fire_out, light, FIELD_TEXT),
    FIELD(struct fire_out, satellite, FIELD_TEXT),
    FIELD(struct fire_out, instrument, FIELD_TEXT),
    FIELD_END};

static struct str number_or_null(struct api_call *call, double value)
{
    return value > 0 ? str_format(call->arena, "%.10g", value) : (struct str){0};
}

static enum err fires_get(struct api_call *call)
{
    const struct fires_in *in = call->query;
    int64_t limit = api_limit(in->limit ? in->limit : LIMIT_PAGE);
    struct heat_fire_list_rows rows;
    struct heat_fire_list_in find = {.park_id = call->park_id,
                                     .from_us = in->from == FIELD_NO_DATE ? 0 : in->from * DAY_US,
                                     .to_us = in->to == FIELD_NO_DATE ? INT64_MAX
                                                                      : (in->to + 1) * DAY_US,
                                     .limit = limit + 1};
    enum err r = api_cursor_read(call, in->cursor, &find.after_us, &find.after_id);
    if (r == OK)
        r = sql_heat_fire_list(call->db, call->arena, &find, &rows);
    if (r != OK)
        return r;
    bool more = api_page_cut(&rows.count, limit);
    api_page_begin(call);
    for (size_t i = 0; i < rows.count; i++) {
        const struct heat_fire_list_row *row = &rows.rows[i];
        struct fire_out out = {.id = row->id,
                               .at = row->time_us,
                               .lat = row->lat,
                               .lng = row->lng,
                               .kelvin = number_or_null(call, row->kelvin),
                               .frp_mw = number_or_null(call, row->frp_mw),
                               .confidence = row->confidence,
                               .light = row->light,
                               .satellite = row->satellite,
                               .instrument = row->instrument};
        fields_write_object(&call->json, FIRE_REPLY, &out);
    }
    const struct heat_fire_list_row *last = more ? &rows.rows[rows.count - 1] : NULL;
    api_page_end(call, more ? api_cursor_make(call, last->time_us, last->id) : (struct str){0});
    return OK;
}

struct fire_set_out {
    int64_t id, points, from, to, added_at;
    struct str name, source;
};

static const struct field FIRE_SET_REPLY[] = {
    FIELD(struct fire_set_out, id, FIELD_ID),         FIELD(struct fire_set_out, name, FIELD_TEXT),
    FIELD(struct fire_set_out, source, FIELD_TEXT),   FIELD(struct fire_set_out, points, FIELD_INT),
    FIELD(struct fire_set_out, from, FIELD_TIME),     FIELD(struct fire_set_out, to, FIELD_TIME),
    FIELD(struct fire_set_out, added_at, FIELD_TIME), FIELD_END};

static enum err fire_sets_get(struct api_call *call)
{
    struct heat_fire_set_list_rows rows;
    struct heat_fire_set_list_in in = {.park_id = call->park_id};
    enum err r = sql_heat_fire_set_list(call->db, call->arena, &in, &rows);
    if (r != OK)
        return r;
    api_page_begin(call);
    for (size_t i = 0; i < rows.count; i++) {
        const struct heat_fire_set_list_row *row = &rows.rows[i];
        struct fire_set_out out = {.id = row->id,
                                   .name = row->name,
                                   .source = row->source,
                                   .points = row->points,
                                   .from = row->from_us,
                                   .to = row->to_us,
                                   .added_at = row->added_us};
        fields_write_object(&call->json, FIRE_SET_REPLY, &out);
    }
    api_page_end(call, (struct str){0});
    return OK;
}

static enum err fires_prepare(struct api_call *call)
{
    struct heat_fires_new *set = ARENA_NEW(call->arena, struct heat_fires_new);
    *set = (struct heat_fires_new){.id = id_next(call->now_us),
                                   .name = file_name(call, "fires.csv"),
                                   .source = STR("upload"),
                                   .digest = hash_of(call->raw)};
    call->prepared = set;
    return heat_fires_read(call->arena, call->raw, &set->fires);
}

static enum err fires_post(struct api_call *call, struct db_tx *tx)
{
    const struct heat_fires_new *set = call->prepared;
    struct change by = register_change(call);
    enum err r = heat_fires_add(tx, &by, set);
    if (r != OK)
        return r;
    struct fire_set_out out = {.id = set->id,
                               .name = set->name,
                               .source = set->source,
                               .points = (int64_t)set->fires.count,
                               .added_at = call->now_us};
    api_reply(call, FIRE_SET_REPLY, &out);
    return OK;
}

static enum err fires_delete(struct api_call *call, struct db_tx *tx)
{
    struct change by = register_change(call);
    return heat_fires_remove(tx, &by, call->path_id[0]);
}

const struct route HEAT_ROUTES[] = {
    {GET, "/api/v1/heat/scenes", HEAT_READERS, .query = scenes_get, .query_fields = API_PAGE_FIELDS,
     .query_size = sizeof(struct api_page), .reply = SCENE_REPLY, .page = true,
     .doc = "Heat scenes, the newest first, refused ones with the reason"},
    {POST, "/api/v1/heat/scenes", ROLES(ROLE_SYSTEM_ADMIN), .prepare = scene_prepare,
     .command = scene_post, .query_fields = UPLOAD_PARAMS, .query_size = sizeof(struct upload_in),
     .raw_types = "multipart/form-data image/tiff application/x-hdf application/octet-stream",
     .raw_max = HEAT_UPLOAD_MAX, .reply = SCENE_REPLY, .status = 201,
     .doc = "Adds a scene: one file (X-File-Name holds its percent-encoded name), or all files of "
            "one scene as a form. Larger ones go into the watched folder"},
    {GET, "/api/v1/heat/scenes/{id}", HEAT_READERS, .query = scene_write, .reply = SCENE_REPLY,
     .doc = "One scene"},
    {DELETE, "/api/v1/heat/scenes/{id}", ROLES(ROLE_SYSTEM_ADMIN), .command = scene_delete,
     .status = 204, .doc = "Removes a scene with its files and statistics"},
    {GET, "/api/v1/heat/parcels", HEAT_READERS, .query = parcels_get, .reply = PARCEL_REPLY,
     .page = true, .doc = "Parcels that statistics are worked out for"},
    {PUT, "/api/v1/heat/parcels", ROLES(ROLE_SYSTEM_ADMIN), .prepare = parcels_prepare,
     .command = parcels_put, .raw_types = "application/geo+json application/json",
     .raw_max = LIMIT_HTTP_UPLOAD, .reply = PARCEL_REPLY, .page = true,
     .doc = "All parcels anew: a FeatureCollection with the properties code, name, enterprise (a "
            "credit code)"},
    {GET, "/api/v1/heat/fires", HEAT_READERS, .query = fires_get, .query_fields = FIRES_PARAMS,
     .query_size = sizeof(struct fires_in), .reply = FIRE_REPLY, .page = true,
     .doc = "Active fires by time: another sensor's points, a layer of its own"},
    {POST, "/api/v1/heat/fires", ROLES(ROLE_SYSTEM_ADMIN), .prepare = fires_prepare,
     .command = fires_post, .raw_types = "text/csv", .raw_max = LIMIT_HTTP_UPLOAD,
     .reply = FIRE_SET_REPLY, .status = 201,
     .doc = "Adds active fires: a FIRMS CSV file (X-File-Name holds its name)"},
    {GET, "/api/v1/heat/fires/sets", HEAT_READERS, .query = fire_sets_get, .reply = FIRE_SET_REPLY,
     .page = true, .doc = "The files that active fires came from"},
    {DELETE, "/api/v1/heat/fires/sets/{id}", ROLES(ROLE_SYSTEM_ADMIN), .command = fires_delete,
     .status = 204, .doc = "Removes the fires of one file"},
    ROUTE_END,
};
