/* /v2: what its resources share; the topology and the clock. */
#include "api/v2.h"

#include "api/inside.h"
#include "base/clock.h"
#include "park/case_act.h"

struct process_env v2_env(struct api_call *call, struct db_tx *tx)
{
    return (struct process_env){.tx = tx,
                                .arena = call->arena,
                                .world = case_world_processes(call->cases),
                                .park_id = call->park_id,
                                .now_us = call->now_us,
                                .actor_id = call->who.person_id};
}

enum err v2_object(struct api_call *call, const char *field, const struct json_value *json,
                   struct str *out)
{
    *out = (struct str){0};
    if (!json || json->type == JSON_NULL)
        return OK;
    if (json->type != JSON_OBJECT)
        return err_field(ERR_INVALID, field, "field.type", "must be an object");
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, LIMIT_HTTP_BODY * 2);
    struct json_writer w = json_writer(&buf);
    json_value(&w, json);
    *out = str_copy(call->arena, buf_str(&buf));
    return buf_check(&buf);
}

enum err v2_key(const char *field, const struct json_value *json, int64_t *out)
{
    *out = 0;
    if (!json || json->type == JSON_NULL)
        return OK;
    if ((json->type != JSON_STRING && json->type != JSON_NUMBER) ||
        str_to_int(json->text, out) != OK || *out <= 0)
        return err_field(ERR_INVALID, field, "field.type", "a key is expected");
    return OK;
}

enum err v2_tenant(struct str tenant)
{
    return tenant.len == 0 || str_is(tenant, V2_TENANT)
               ? OK
               : err_field(ERR_INVALID, "tenantId", "process.tenant",
                           "there is no tenant '%.*s': all is of %s here", STR_ARG(tenant),
                           V2_TENANT);
}

enum err v2_missing(const char *what)
{
    return err_refuse(ERR_NOT_FOUND, "process.no-key", "there is nothing of this %s", what);
}

/* ---- Topology: one broker, one partition ---- */

static enum err topology_get(struct api_call *call)
{
    struct str host = http_header(call->http, "Host");
    size_t colon = str_find(host, STR(":"), 0);
    int64_t port;
    if (str_to_int(str_sub(host, colon + 1, host.len), &port) != OK)
        port = 80;
    struct json_writer *w = &call->json;
    json_object_begin(w);
    json_key(w, "brokers");
    json_array_begin(w);
    json_object_begin(w);
    json_member_int(w, "nodeId", 0);
    json_member_text(w, "host", str_sub(host, 0, colon));
    json_member_int(w, "port", port);
    json_member_raw(w, "partitions",
                    STR("[{\"partitionId\":1,\"role\":\"leader\",\"health\":\"healthy\"}]"));
    json_member_text(w, "version", STR("8.8.0"));
    json_object_end(w);
    json_array_end(w);
    json_member_int(w, "clusterSize", 1);
    json_member_int(w, "partitionsCount", 1);
    json_member_int(w, "replicationFactor", 1);
    json_member_text(w, "gatewayVersion", STR("8.8.0"));
    json_member_text(w, "lastCompletedChangeId", STR("0"));
    json_object_end(w);
    return OK;
}

/* ---- The clock: only with `serve --test-clock` ---- */

struct clock_in {
    int64_t timestamp;
};

static const struct field CLOCK_FIELDS[] = {
    FIELD(struct clock_in, timestamp, FIELD_INT, .required = true, .min = 1,
          .max = INT64_MAX / 1000, .doc = "Milliseconds since 1970"),
    FIELD_END};

static enum err clock_put(struct api_call *call)
{
    const struct clock_in *in = call->body;
    if (!call->api->config.test_clock)
        return err_refuse(ERR_NOT_FOUND, "route", "there is no such path");
    clock_set_test(in->timestamp * 1000);
    return OK;
}

static enum err clock_reset(struct api_call *call)
{
    if (!call->api->config.test_clock)
        return err_refuse(ERR_NOT_FOUND, "route", "there is no such path");
    clock_set_test(0);
    return OK;
}

const struct route V2_TOPOLOGY_ROUTES[] = {
    {GET, "/v2/topology", V2_ROLES, .query = topology_get, .doc = "The engine's one node"},
    {PUT, "/v2/clock", V2_ROLES, .query = clock_put, .body = CLOCK_FIELDS,
     .body_size = sizeof(struct clock_in), .status = 204, .doc = "Pins the test clock"},
    {POST, "/v2/clock/reset", V2_ROLES, .query = clock_reset, .status = 204,
     .doc = "Lets the test clock go"},
    ROUTE_END};
