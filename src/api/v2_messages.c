/* /v2/messages and /v2/signals. */
#include "api/v2.h"

struct message_in {
    struct str name, correlationKey, messageId, tenantId;
    int64_t timeToLive;
    const struct json_value *variables, *operationReference;
};

static const struct field MESSAGE_FIELDS[] = {
    FIELD(struct message_in, name, FIELD_TEXT, .required = true),
    FIELD(struct message_in, correlationKey, FIELD_TEXT),
    FIELD(struct message_in, timeToLive, FIELD_INT, .min = 0, .max = INT64_C(31536000000),
          .doc = "Milliseconds that it waits for somebody"),
    FIELD(struct message_in, messageId, FIELD_TEXT),
    FIELD(struct message_in, variables, FIELD_JSON),
    FIELD(struct message_in, operationReference, FIELD_JSON),
    FIELD(struct message_in, tenantId, FIELD_TEXT),
    FIELD_END};

static enum err read_message(struct api_call *call, struct process_message *out)
{
    const struct message_in *in = call->body;
    *out = (struct process_message){.name = in->name,
                                    .correlation =
                                        in->correlationKey.ptr ? in->correlationKey : STR(""),
                                    .message_id = in->messageId,
                                    .keep_us = in->timeToLive * 1000};
    enum err r = v2_tenant(in->tenantId);
    return r == OK ? v2_object(call, "variables", in->variables, &out->variables) : r;
}

static void reply(struct api_call *call, const char *name, int64_t key, int64_t instance_id)
{
    struct json_writer *w = &call->json;
    json_object_begin(w);
    json_member_id(w, name, key);
    if (instance_id)
        json_member_id(w, "processInstanceKey", instance_id);
    json_member_text(w, "tenantId", STR(V2_TENANT));
    json_object_end(w);
}

static enum err publication_post(struct api_call *call, struct db_tx *tx)
{
    struct process_env env = v2_env(call, tx);
    struct process_message message;
    int64_t key;
    enum err r = read_message(call, &message);
    if (r == OK)
        r = process_publish(&env, &message, &key);
    if (r == OK)
        reply(call, "messageKey", key, 0);
    return r;
}

static enum err correlation_post(struct api_call *call, struct db_tx *tx)
{
    struct process_env env = v2_env(call, tx);
    struct process_message message;
    int64_t key, instance_id;
    enum err r = read_message(call, &message);
    if (r == OK)
        r = process_correlate(&env, &message, &key, &instance_id);
    if (r == OK)
        reply(call, "messageKey", key, instance_id);
    return r;
}

struct signal_in {
    struct str signalName, tenantId;
    const struct json_value *variables;
};

static const struct field SIGNAL_FIELDS[] = {
    FIELD(struct signal_in, signalName, FIELD_TEXT, .required = true),
    FIELD(struct signal_in, variables, FIELD_JSON), FIELD(struct signal_in, tenantId, FIELD_TEXT),
    FIELD_END};

static enum err broadcast_post(struct api_call *call, struct db_tx *tx)
{
    const struct signal_in *in = call->body;
    struct process_env env = v2_env(call, tx);
    struct str variables;
    int64_t key;
    enum err r = v2_tenant(in->tenantId);
    if (r == OK)
        r = v2_object(call, "variables", in->variables, &variables);
    if (r == OK)
        r = process_broadcast(&env, in->signalName, variables, &key);
    if (r == OK)
        reply(call, "signalKey", key, 0);
    return r;
}

const struct route V2_MESSAGE_ROUTES[] = {
    {POST, "/v2/messages/publication", V2_ROLES, .command = publication_post,
     .body = MESSAGE_FIELDS, .body_size = sizeof(struct message_in),
     .doc = "Sends a message that may wait for who waits for it"},
    {POST, "/v2/messages/correlation", V2_ROLES, .command = correlation_post,
     .body = MESSAGE_FIELDS, .body_size = sizeof(struct message_in),
     .doc = "Gives a message to one who waits for it"},
    {POST, "/v2/signals/broadcast", V2_ROLES, .command = broadcast_post, .body = SIGNAL_FIELDS,
     .body_size = sizeof(struct signal_in), .doc = "Sends a signal to all who listen"},
    ROUTE_END};
