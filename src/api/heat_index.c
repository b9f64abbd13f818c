/* /api/v1/heat/index: is a zone warmer than before, against its surroundings? */
#include "park/heat_index.h"
#include "api/heat.h"
#include "api/register.h"

#define ASKERS                                                                                     \
    ROLES(ROLE_GRID_LEADER | ROLE_OFFICER | ROLE_DEPARTMENT_HEAD | ROLE_LEADER | ROLE_SYSTEM_ADMIN)

struct index_out {
    int64_t id, from, to, baseline_from, baseline_to, asked_at, done_at;
    struct str state, source, light, reason, detail, version;
    struct ref asked_by;
    struct list zones;
};

/* clang-format off */
#define INDEX_FIELDS                                                                               \
    FIELD(struct index_out, id, FIELD_ID),                                                         \
    FIELD(struct index_out, state, FIELD_TEXT, .doc = "waiting, ready or refused"),                \
    FIELD(struct index_out, source, FIELD_TEXT,                                                    \
          .doc = "program (the newest weeks), person or sample"),                                  \
    FIELD(struct index_out, light, FIELD_TEXT, .doc = "day or night; never mixed"),                \
    FIELD(struct index_out, from, FIELD_DATE), FIELD(struct index_out, to, FIELD_DATE),            \
    FIELD(struct index_out, baseline_from, FIELD_DATE,                                             \
          .doc = "null: the same season of earlier years"),                                        \
    FIELD(struct index_out, baseline_to, FIELD_DATE),                                              \
    FIELD(struct index_out, reason, FIELD_TEXT), FIELD(struct index_out, detail, FIELD_TEXT),      \
    FIELD(struct index_out, version, FIELD_TEXT),                                                  \
    FIELD(struct index_out, asked_by, FIELD_REF), FIELD(struct index_out, asked_at, FIELD_TIME),   \
    FIELD(struct index_out, done_at, FIELD_TIME)
/* clang-format on */

struct change_out {
    struct str zone, name, verdict, lack, kelvin, interval, body;
    int64_t views, baseline_views;
    bool below_resolution;
};

static const struct field CHANGE_REPLY[] = {
    FIELD(struct change_out, zone, FIELD_TEXT, .doc = "park, grid:<id> or parcel:<id>"),
    FIELD(struct change_out, name, FIELD_TEXT),
    FIELD(struct change_out, verdict, FIELD_TEXT,
          .doc = "warmer, cooler, no-change-shown or no-observation"),
    FIELD(struct change_out, lack, FIELD_TEXT,
          .doc = "Why there is no ± : views or baseline (too few clear ones: no-observation), "
                 "reference (too little outside is like the zone: no-change-shown)"),
    FIELD(struct change_out, kelvin, FIELD_RAW, .doc = "The change, or null"),
    FIELD(struct change_out, interval, FIELD_RAW, .doc = "± of it, or null"),
    FIELD(struct change_out, views, FIELD_INT, .doc = "Clear ones in the period"),
    FIELD(struct change_out, baseline_views, FIELD_INT),
    FIELD(struct change_out, below_resolution, FIELD_BOOL),
    FIELD(struct change_out, body, FIELD_RAW,
          .doc = "{confidence, scatter, drift, product, placebos, reference_pixels, same_season, "
                 "points: [{layer_id, date, in_period, clear, anomaly}]}"),
    FIELD_END};

static const struct field ROW_REPLY[] = {INDEX_FIELDS, FIELD_END};
static const struct field INDEX_REPLY[] = {INDEX_FIELDS,
                                           FIELD(struct index_out, zones, FIELD_LIST,
                                                 .of = CHANGE_REPLY,
                                                 .of_size = sizeof(struct change_out)),
                                           FIELD_END};

static struct index_out index_of(const struct heat_index_list_row *row)
{
    return (struct index_out){
        .id = row->id,
        .state = row->state,
        .source = row->source,
        .light = row->light,
        .from = row->from_days,
        .to = row->to_days,
        .baseline_from = row->base_from ? row->base_from : FIELD_NO_DATE,
        .baseline_to = row->base_to ? row->base_to : FIELD_NO_DATE,
        .reason = row->reason,
        .detail = row->detail,
        .version = row->version,
        .asked_by = {row->asked_by, row->asker},
        .asked_at = row->asked_us,
        .done_at = row->done_us,
    };
}

static enum err list_get(struct api_call *call)
{
    struct heat_index_list_rows rows;
    struct heat_index_list_in in = {.park_id = call->park_id};
    enum err r = sql_heat_index_list(call->db, call->arena, &in, &rows);
    if (r != OK)
        return r;
    api_page_begin(call);
    for (size_t i = 0; i < rows.count; i++) {
        struct index_out out = index_of(&rows.rows[i]);
        fields_write_object(&call->json, ROW_REPLY, &out);
    }
    api_page_end(call, (struct str){0});
    return OK;
}

static struct str real_or_null(struct api_call *call, bool known, double value)
{
    return known ? str_format(call->arena, "%.10g", value) : (struct str){0};
}

static enum err read_zones(struct api_call *call, struct index_out *out)
{
    struct heat_change_list_rows rows;
    struct heat_change_list_in in = {.park_id = call->park_id, .index_id = out->id};
    enum err r = sql_heat_change_list(call->db, call->arena, &in, &rows);
    if (r != OK)
        return r;
    struct change_out *zones = ARENA_ARRAY(call->arena, rows.count, struct change_out);
    size_t count = 0;
    for (size_t i = 0; i < rows.count; i++) {
        const struct heat_change_list_row *row = &rows.rows[i];
        struct heat_zone_key key = {(enum heat_zone_kind)row->kind, row->zone_id};
        bool known = row->lack.len == 0;
        if (key.kind != HEAT_ZONE_PARK && !row->name.ptr)
            continue; /* The zone is gone. */
        zones[count++] = (struct change_out){.zone = heat_zone_text(call->arena, key),
                                             .name = row->name,
                                             .verdict = row->verdict,
                                             .lack = row->lack,
                                             .kelvin = real_or_null(call, known, row->kelvin),
                                             .interval = real_or_null(call, known, row->interval_k),
                                             .views = row->views,
                                             .baseline_views = row->base_views,
                                             .below_resolution = row->below,
                                             .body = row->body};
    }
    out->zones = (struct list){zones, count};
    return OK;
}

static enum err index_write(struct api_call *call)
{
    struct heat_index_list_rows rows;
    struct heat_index_list_in in = {.park_id = call->park_id};
    enum err r = sql_heat_index_list(call->db, call->arena, &in, &rows);
    if (r != OK)
        return r;
    for (size_t i = 0; i < rows.count; i++) {
        struct index_out out = index_of(&rows.rows[i]);
        if (out.id != call->path_id[0])
            continue;
        r = read_zones(call, &out);
        if (r == OK)
            api_reply(call, INDEX_REPLY, &out);
        return r;
    }
    return err_set(ERR_NOT_FOUND, "no such comparison");
}

struct ask_in {
    int64_t light, from, to, baseline_from, baseline_to;
};

static const char *const LIGHTS[] = {"day", "night", NULL};

static const struct field ASK_FIELDS[] = {
    FIELD(struct ask_in, light, FIELD_ENUM, .names = LIGHTS),
    FIELD(struct ask_in, from, FIELD_DATE, .required = true),
    FIELD(struct ask_in, to, FIELD_DATE, .required = true, .doc = "Included"),
    FIELD(struct ask_in, baseline_from, FIELD_DATE,
          .doc = "Absent: the same season of earlier years"),
    FIELD(struct ask_in, baseline_to, FIELD_DATE),
    FIELD_END};

static enum err index_post(struct api_call *call, struct db_tx *tx)
{
    const struct ask_in *in = call->body;
    struct change by = register_change(call);
    bool own = in->baseline_from != FIELD_NO_DATE;
    struct heat_index_new ask = {
        .source = STR("person"),
        .light = str_of(LIGHTS[in->light]),
        .now = {in->from, in->to},
        .base = {own ? in->baseline_from : HEAT_NO_DATE, own ? in->baseline_to : HEAT_NO_DATE}};
    if (own != (in->baseline_to != FIELD_NO_DATE))
        return err_field(ERR_INVALID, "baseline_to", "heat.period",
                         "the baseline has both a first and a last day, or neither");
    enum err r = heat_index_ask(tx, &by, &ask, &call->path_id[0]);
    if (r != OK)
        return r;
    heat_work_poke(call->heat);
    return index_write(call);
}

static enum err index_delete(struct api_call *call, struct db_tx *tx)
{
    struct change by = register_change(call);
    return heat_index_remove(tx, &by, call->path_id[0]);
}

const struct route HEAT_INDEX_ROUTES[] = {
    {GET, "/api/v1/heat/index", HEAT_READERS, .query = list_get, .reply = ROW_REPLY, .page = true,
     .doc = "Comparisons of two periods, the newest first"},
    {POST, "/api/v1/heat/index", ASKERS, .command = index_post, .body = ASK_FIELDS,
     .body_size = sizeof(struct ask_in), .reply = INDEX_REPLY, .status = 201,
     .doc = "Asks for a comparison: it is worked out beside, and anew when scenes or zones change"},
    {GET, "/api/v1/heat/index/{id}", HEAT_READERS, .query = index_write, .reply = INDEX_REPLY,
     .doc = "What each zone shows: warmer by X ± Y K, no change shown, or no observation"},
    {DELETE, "/api/v1/heat/index/{id}", ROLES(ROLE_SYSTEM_ADMIN), .command = index_delete,
     .status = 204, .doc = "Removes a comparison"},
    ROUTE_END,
};
