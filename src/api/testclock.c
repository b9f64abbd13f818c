/* The clock as tests set it: only with `serve --test-clock`. */
#include "api/inside.h"
#include "base/clock.h"

struct clock_in {
    int64_t advance_us, set;
};

struct clock_out {
    int64_t now;
};

static const struct field CLOCK_FIELDS[] = {FIELD(struct clock_in, advance_us, FIELD_INT),
                                            FIELD(struct clock_in, set, FIELD_TIME), FIELD_END};
static const struct field CLOCK_REPLY[] = {FIELD(struct clock_out, now, FIELD_TIME), FIELD_END};

static enum err clock_post(struct api_call *call)
{
    const struct clock_in *in = call->body;
    if (!call->api->config.test_clock)
        return err_refuse(ERR_NOT_FOUND, "route", "there is no such path");
    if (in->set)
        clock_set_test(in->set);
    if (in->advance_us > 0)
        clock_advance_test(in->advance_us);
    struct clock_out out = {.now = clock_now_us()};
    api_reply(call, CLOCK_REPLY, &out);
    return OK;
}

const struct route TEST_CLOCK_ROUTES[] = {
    {POST, "/api/v1/test/clock", PUBLIC, .query = clock_post, .body = CLOCK_FIELDS,
     .body_size = sizeof(struct clock_in), .reply = CLOCK_REPLY, .doc = "Moves the test clock"},
    ROUTE_END};
