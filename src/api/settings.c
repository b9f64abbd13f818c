/* What an administrator may set: the park's name, its map, its public address, session limits,
 * how long the steps of closed cases are kept. */
#include "api/inside.h"
#include "journal/journal.h"
#include "park/account_sql.h"

struct map_fields {
    double lat, lng;
    int64_t zoom;
};

struct settings {
    struct str park_name, time_zone;
    struct map_fields map;
    struct str origin;
    int64_t session_idle_minutes, session_hours, history_days, process_days, version;
};

static const struct field MAP_FIELDS[] = {
    FIELD(struct map_fields, lat, FIELD_REAL, .required = true, .min = -90, .max = 90),
    FIELD(struct map_fields, lng, FIELD_REAL, .required = true, .min = -180, .max = 180),
    FIELD(struct map_fields, zoom, FIELD_INT, .required = true, .min = 1, .max = 22), FIELD_END};

static const struct field SETTINGS_FIELDS[] = {
    FIELD(struct settings, park_name, FIELD_TEXT, .required = true, .max = LIMIT_NAME_CHARS),
    FIELD(struct settings, time_zone, FIELD_TEXT, .required = true, .max = LIMIT_NAME_CHARS),
    FIELD(struct settings, map, FIELD_OBJECT, .of = MAP_FIELDS, .required = true),
    FIELD(struct settings, origin, FIELD_TEXT, .max = LIMIT_NAME_CHARS,
          .doc = "https://host of this park, for links in messages"),
    FIELD(struct settings, process_days, FIELD_INT, .min = 1, .max = 36500,
          .doc = "How long instances of /v2 are kept from the day they end"),
    FIELD(struct settings, session_idle_minutes, FIELD_INT, .min = 5, .max = 720),
    FIELD(struct settings, session_hours, FIELD_INT, .min = 1, .max = 168),
    FIELD(struct settings, history_days, FIELD_INT, .min = 30, .max = 36500,
          .doc = "How long the steps of a case are kept from the day it is closed"),
    FIELD(struct settings, version, FIELD_INT),
    FIELD_END};

static enum err reply_settings(struct api_call *call)
{
    struct setting_get_row row;
    struct setting_get_in in = {.park_id = call->park_id};
    enum err r = sql_setting_get(call->db, call->arena, &in, &row);
    if (r != OK)
        return r;
    struct settings out = {.park_name = row.park_name,
                           .time_zone = row.time_zone,
                           .map = {.lat = row.map_lat, .lng = row.map_lng, .zoom = row.map_zoom},
                           .origin = row.origin,
                           .process_days = row.process_days,
                           .session_idle_minutes = row.idle_minutes,
                           .session_hours = row.absolute_hours,
                           .history_days = row.history_days,
                           .version = row.version};
    api_set_version(call, row.version);
    api_reply(call, SETTINGS_FIELDS, &out);
    return OK;
}

static enum err check_settings(const struct settings *in)
{
    bool good =
        in->origin.len == 0 ||
        ((str_starts(in->origin, STR("https://")) || str_starts(in->origin, STR("http://"))) &&
         !str_ends(in->origin, STR("/")));
    if (!good)
        return err_field(ERR_INVALID, "origin", "settings.origin",
                         "an origin is https://host without a path");
    if (!str_is(in->time_zone, "Asia/Shanghai"))
        return err_field(ERR_INVALID, "time_zone", "settings.time-zone",
                         "the time zone is Asia/Shanghai");
    return OK;
}

static enum err settings_put(struct api_call *call, struct db_tx *tx)
{
    const struct settings *in = call->body;
    struct setting_get_row now;
    struct setting_get_in get = {.park_id = call->park_id};
    enum err r = check_settings(in);
    if (r == OK)
        r = sql_setting_get(tx->db, call->arena, &get, &now);
    if (r == OK)
        r = api_match_version(call, now.version);
    if (r != OK)
        return r;
    struct park_rename_in park = {
        .id = call->park_id, .name = in->park_name, .time_zone = in->time_zone};
    struct setting_update_in set = {
        .park_id = call->park_id,
        .map_lat = in->map.lat,
        .map_lng = in->map.lng,
        .map_zoom = in->map.zoom,
        .origin = in->origin,
        .idle_minutes = in->session_idle_minutes ? in->session_idle_minutes : now.idle_minutes,
        .absolute_hours = in->session_hours ? in->session_hours : now.absolute_hours,
        .history_days = in->history_days ? in->history_days : now.history_days,
        .process_days = in->process_days ? in->process_days : now.process_days};
    struct journal_entry entry = {.park_id = call->park_id,
                                  .time_us = call->now_us,
                                  .kind = "settings.changed",
                                  .actor_id = call->who.person_id,
                                  .body = STR("{}")};
    access_touch(); /* Sessions may end earlier now. */
    r = sql_park_rename(tx, &park, NULL);
    if (r == OK)
        r = sql_setting_update(tx, &set, NULL);
    if (r == OK)
        r = journal_append(tx, &entry, NULL);
    return r == OK ? reply_settings(call) : r;
}

const struct route SETTINGS_ROUTES[] = {
    {GET, "/api/v1/settings", ROLES(ROLE_ALL_SIGNED_IN), .query = reply_settings,
     .reply = SETTINGS_FIELDS, .doc = "The park's settings"},
    {PUT, "/api/v1/settings", ROLES(ROLE_SYSTEM_ADMIN), .command = settings_put,
     .body = SETTINGS_FIELDS, .body_size = sizeof(struct settings), .reply = SETTINGS_FIELDS,
     .doc = "Changes the park's settings"},
    ROUTE_END};
