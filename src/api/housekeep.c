#include <stdlib.h>

#include "api/idempotency_sql.h"
#include "api/inside.h"
#include "base/clock.h"
#include "park/account_sql.h"
#include "park/file.h"
#include "park/history.h"

struct housekeeping {
    struct command command;
    int64_t park_id, now_us;
};

static enum err housekeep_run(struct db_tx *tx, struct command *command)
{
    struct housekeeping *work = (struct housekeeping *)command;
    struct setting_limits_row setting;
    struct setting_limits_in of = {.park_id = work->park_id};
    enum err r = sql_setting_limits(tx->db, &of, &setting);
    if (r != OK)
        return r;
    struct session_expire_in sessions = {
        .park_id = work->park_id,
        .seen_before = work->now_us - setting.idle_minutes * MINUTE_US,
        .created_before = work->now_us - setting.absolute_hours * HOUR_US};
    struct idempotency_expire_in answers = {.park_id = work->park_id,
                                            .before = work->now_us - IDEMPOTENCY_HOURS * HOUR_US};
    struct login_failures_expire_in failures = {
        .park_id = work->park_id, .before = work->now_us - LOGIN_LOCK_MINUTES * MINUTE_US};
    r = sql_session_expire(tx, &sessions, NULL);
    if (r == OK)
        r = sql_idempotency_expire(tx, &answers, NULL);
    if (r == OK)
        r = sql_login_failures_expire(tx, &failures, NULL);
    if (r == OK)
        r = file_forget_loose(tx, work->park_id, work->now_us);
    int64_t cleaned;
    return r == OK ? history_clean(tx, work->park_id, work->now_us, &cleaned) : r;
}

static void housekeep_done(struct command *command)
{
    free(command);
}

void api_housekeep(struct api *api)
{
    struct housekeeping *work = calloc(1, sizeof(*work));
    assert(work);
    *work = (struct housekeeping){.command = {.run = housekeep_run, .done = housekeep_done},
                                  .park_id = atomic_load(&api->park_id),
                                  .now_us = clock_now_us()};
    if (!work->park_id || writer_submit(api->config.writer, &work->command) != OK)
        free(work);
}
