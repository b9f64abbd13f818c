/* GET /events: what changes, as it happens. */
#include "api/inside.h"
#include "channel/hub.h"

struct events_query {
    struct str last_event_id;
};

static const struct field EVENTS_QUERY[] = {
    FIELD(struct events_query, last_event_id, FIELD_TEXT,
          .doc = "Like the header Last-Event-ID: go on behind this event"),
    FIELD_END};

static enum err events_get(struct api_call *call)
{
    const struct events_query *query = call->query;
    struct str last = http_header(call->http, "Last-Event-ID");
    int64_t after = -1;
    if (!last.ptr)
        last = query->last_event_id;
    if (last.len > 0 && (str_to_int(last, &after) != OK || after < 0))
        return err_field(ERR_INVALID, "last_event_id", "field.cursor", "not one of our event ids");
    if (!call->api->config.hub)
        return err_refuse(ERR_BUSY, "busy", "nothing is sent from here");
    http_set_header(call->http, "Content-Type", "text/event-stream");
    http_set_header(call->http, "Cache-Control", "no-store");
    http_set_header(call->http, "X-Accel-Buffering", "no"); /* A proxy in front must not collect. */
    answer_set_security(call->http, false);
    enum err r = hub_listen(call->api->config.hub, call->http, &call->who, after);
    call->is_stream = r == OK;
    return r;
}

const struct route EVENT_ROUTES[] = {
    {GET, "/events", ROLES(ROLE_ALL_SIGNED_IN), .query = events_get, .query_fields = EVENTS_QUERY,
     .query_size = sizeof(struct events_query), .reply_type = "text/event-stream",
     .doc = "Server-sent events that the caller may see"},
    ROUTE_END};
