#include "park/case_run.h"

#include <stdlib.h>

#include "base/clock.h"
#include "journal/journal.h"
#include "park/service_cover.h"

static const struct field CLOCK_FIELDS[] = {FIELD(struct case_clock, name, FIELD_TEXT),
                                            FIELD(struct case_clock, key, FIELD_TEXT),
                                            FIELD(struct case_clock, started_us, FIELD_INT),
                                            FIELD(struct case_clock, due_us, FIELD_INT),
                                            FIELD(struct case_clock, warn_us, FIELD_INT),
                                            FIELD(struct case_clock, stopped_us, FIELD_INT),
                                            FIELD_END};
static const struct field PAUSE_FIELDS[] = {
    FIELD(struct case_pause, clock, FIELD_TEXT),  FIELD(struct case_pause, key, FIELD_TEXT),
    FIELD(struct case_pause, reason, FIELD_TEXT), FIELD(struct case_pause, text, FIELD_TEXT),
    FIELD(struct case_pause, from_us, FIELD_INT), FIELD(struct case_pause, to_us, FIELD_INT),
    FIELD(struct case_pause, left_us, FIELD_INT), FIELD_END};
static const struct field DETAIL_FIELDS[] = {
    FIELD(struct case_detail, clocks, FIELD_LIST, .of = CLOCK_FIELDS,
          .of_size = sizeof(struct case_clock)),
    FIELD(struct case_detail, pauses, FIELD_LIST, .of = PAUSE_FIELDS,
          .of_size = sizeof(struct case_pause)),
    FIELD(struct case_detail, handbacks, FIELD_INT),
    FIELD(struct case_detail, result_text, FIELD_TEXT),
    FIELD(struct case_detail, result_files, FIELD_TEXT),
    FIELD(struct case_detail, result_us, FIELD_INT),
    FIELD(struct case_detail, extension_days, FIELD_INT),
    FIELD(struct case_detail, extension_us, FIELD_INT),
    FIELD(struct case_detail, extension_reason, FIELD_TEXT),
    FIELD(struct case_detail, extension_state, FIELD_TEXT),
    FIELD(struct case_detail, rating_text, FIELD_TEXT),
    FIELD(struct case_detail, rating_us, FIELD_INT),
    FIELD(struct case_detail, reminded_us, FIELD_INT),
    FIELD(struct case_detail, supervise_text, FIELD_TEXT),
    FIELD(struct case_detail, reply_by_us, FIELD_INT),
    FIELD(struct case_detail, incident, FIELD_TEXT),
    FIELD(struct case_detail, suspended_us, FIELD_INT),
    FIELD(struct case_detail, suspended_by, FIELD_INT),
    FIELD(struct case_detail, suspended_reason, FIELD_TEXT),
    FIELD(struct case_detail, done, FIELD_TEXT),
    FIELD(struct case_detail, flows, FIELD_TEXT),
    FIELD_END};

/* Members that say nothing are left out: most cases have few. */
static bool is_empty(const struct field *field, const struct case_detail *detail)
{
    const char *at = (const char *)detail + field->offset;
    switch (field->type) {
    case FIELD_INT:
        return *(const int64_t *)at == 0;
    case FIELD_TEXT:
        return ((const struct str *)at)->len == 0;
    case FIELD_LIST:
        return ((const struct list *)at)->count == 0;
    default:
        return false;
    }
}

static void write_detail(struct buf *buf, const struct case_detail *detail)
{
    struct json_writer w = json_writer(buf);
    json_object_begin(&w);
    for (const struct field *field = DETAIL_FIELDS; field->name; field++) {
        if (is_empty(field, detail))
            continue;
        struct field one[] = {*field, FIELD_END};
        fields_write(&w, one, detail);
    }
    json_object_end(&w);
}

enum err case_detail_read(struct arena *arena, struct str text, struct case_detail *out)
{
    const struct json_value *json;
    enum err r = json_parse(arena, text, &json);
    return r == OK ? fields_decode(arena, DETAIL_FIELDS, json, out, sizeof(*out)) : r;
}

/* The world. ------------------------------------------------------------------------------------
 */

static const char *const CALENDARS[] = {"office", "enterprise"};

/* Calendars are kept from one command to the next: only the writer's thread reads them. */
struct case_world {
    struct services *services;
    struct process_world *processes;
    struct arena arena;
    int64_t park_id, stamp;
    bool loaded;
    struct calendar calendars[COUNT_OF(CALENDARS)];
    struct service_cover *cover;
};

void case_world_cover(struct case_world *world, struct service_cover *cover)
{
    world->cover = cover;
}

enum err case_decide(void *data, const struct bpmn_task *task, struct str decision,
                     const struct feel_value *context, struct feel_run *feel,
                     struct feel_value *out)
{
    (void)task; /* A service has one version of each of its decisions. */
    const struct case_run *run = data;
    return run->world->cover ? service_cover_decide(run->world->cover, decision, context, feel, out)
                             : service_decide(run->service, decision, context, feel, NULL, out);
}

enum err case_world_new(struct services *services, struct case_world **out)
{
    struct case_world *world = calloc(1, sizeof(*world));
    assert(world);
    world->services = services;
    world->processes = process_world_new();
    arena_init(&world->arena);
    *out = world;
    return OK;
}

void case_world_free(struct case_world *world)
{
    if (!world)
        return;
    process_world_free(world->processes);
    arena_release(&world->arena);
    free(world);
}

struct services *case_world_services(const struct case_world *world)
{
    return world->services;
}

struct process_world *case_world_processes(const struct case_world *world)
{
    return world->processes;
}

static enum err load_calendars(struct case_world *world, struct db *db, int64_t park_id)
{
    struct calendar_stamp_row stamp;
    enum err r = sql_calendar_stamp(db, &(struct calendar_stamp_in){.park_id = park_id}, &stamp);
    if (r != OK || (world->loaded && world->park_id == park_id && world->stamp == stamp.stamp))
        return r;
    world->loaded = false;
    arena_release(&world->arena);
    for (size_t i = 0; r == OK && i < COUNT_OF(CALENDARS); i++)
        r = calendar_load(db, &world->arena, park_id, CALENDARS[i], &world->calendars[i]);
    world->loaded = r == OK;
    world->park_id = park_id;
    world->stamp = stamp.stamp;
    return r;
}

const struct calendar *case_calendar(const struct case_run *run, struct str name)
{
    for (size_t i = 0; i < COUNT_OF(CALENDARS); i++)
        if (str_is(name, CALENDARS[i]))
            return &run->world->calendars[i];
    return &run->world->calendars[0];
}

/* Begin and end. --------------------------------------------------------------------------------
 */

static unsigned char *bits_read(struct case_run *run, struct str hex, size_t count)
{
    size_t size = (count + 7) / 8;
    unsigned char *bits = arena_alloc(run->arena, size);
    struct str bytes;
    if (hex.len > 0 && hex_decode(run->arena, hex, &bytes) == OK)
        memcpy(bits, bytes.ptr, bytes.len < size ? bytes.len : size);
    return bits;
}

static struct str bits_write(struct case_run *run, const unsigned char *bits, size_t count)
{
    CLEANUP(buf_release) struct buf hex;
    buf_init(&hex, count + 16);
    buf_add_hex(&hex, (struct str){.ptr = (const char *)bits, .len = (count + 7) / 8});
    return str_copy(run->arena, buf_str(&hex));
}

static enum err set_up(struct case_run *run, const struct case_env *env,
                       const struct principal *who)
{
    run->tx = env->tx;
    run->arena = env->arena;
    run->world = env->world;
    run->who = who;
    run->park_id = env->park_id;
    run->now_us = env->now_us;
    case_feel_bind(run, run->hosts);
    return load_calendars(env->world, env->tx->db, env->park_id);
}

static void set_up_bits(struct case_run *run)
{
    run->done = bits_read(run, run->detail.done, run->service->model->node_count);
    run->flows = bits_read(run, run->detail.flows, run->service->model->flow_count);
}

static enum err check_scope(struct case_run *run)
{
    const int64_t departments[] = {run->row.department_id};
    struct case_scope scope = {.park_id = run->park_id,
                               .case_id = run->id,
                               .enterprise_id = run->row.enterprise_id,
                               .grid_id = run->row.grid_id,
                               .departments = departments,
                               .department_count = run->row.department_id != 0};
    enum err r = case_scope_staff(run->tx->db, run->arena, run->who, &scope, &run->staff);
    if (r == OK && !run->staff && !case_visible(run->who, &scope))
        return err_set(ERR_NOT_FOUND, "no case %" PRId64, run->id);
    return r;
}

enum err case_begin(struct case_run *run, const struct case_env *env, const struct principal *who,
                    int64_t case_id)
{
    *run = (struct case_run){.id = case_id};
    enum err r = set_up(run, env, who);
    if (r != OK)
        return r;
    r = sql_case_load(env->tx->db, env->arena,
                      &(struct case_load_in){.park_id = env->park_id, .id = case_id}, &run->row);
    if (r == ERR_NOT_FOUND)
        return err_set(ERR_NOT_FOUND, "no case %" PRId64, case_id);
    if (r == OK && who)
        r = check_scope(run);
    if (r == OK)
        r = services_of_model(env->world->services, env->tx->db, env->park_id, run->row.model_id,
                              &run->service);
    if (r == OK)
        r = case_detail_read(env->arena, run->row.detail, &run->detail);
    struct engine_instance *instance = NULL;
    if (r == OK)
        r = engine_instance_read(env->arena, run->service->model, run->row.instance, &instance);
    if (r != OK)
        return r;
    run->instance = instance;
    run->was = run->row;
    set_up_bits(run);
    return OK;
}

enum err case_begin_new(struct case_run *run, const struct case_env *env,
                        const struct principal *who)
{
    run->fresh = true;
    enum err r = set_up(run, env, who);
    run->instance = engine_instance_new(run->arena);
    set_up_bits(run);
    return r;
}

static void set_clock(struct case_run *run)
{
    const struct case_clock *clock = run->row.closed ? NULL : case_clock_first(run);
    run->row.clock = clock ? clock->name : (struct str){0};
    run->row.due_us = clock ? clock->due_us : 0;
    run->row.warn_us = clock ? clock->warn_us : 0;
    /* Only the applicant is late with a rating, and that is no fault of the park's. */
    run->row.late = clock && !run->row.paused && run->row.status != CASE_TO_RATE &&
                    !case_clock_held(&run->detail, clock) && run->now_us >= clock->due_us;
    run->row.wake_us = instance_wake_us(run->instance);
}

static enum err insert_row(struct case_run *run)
{
    const struct case_load_row *row = &run->row;
    struct case_insert_in in = {.park_id = run->park_id,
                                .id = run->id,
                                .number = row->number,
                                .service = row->service,
                                .model_id = row->model_id,
                                .title = row->title,
                                .category = row->category,
                                .status = row->status,
                                .closed = row->closed,
                                .enterprise_id = row->enterprise_id,
                                .applicant_id = row->applicant_id,
                                .grid_id = row->grid_id,
                                .department_id = row->department_id,
                                .holder_id = row->holder_id,
                                .filed_us = row->filed_us,
                                .clock = row->clock,
                                .warn_us = row->warn_us,
                                .due_us = row->due_us,
                                .level = row->level,
                                .updated_us = run->now_us,
                                .wake_us = row->wake_us,
                                .form = row->form,
                                .detail = row->detail,
                                .instance = row->instance};
    return sql_case_insert(run->tx, &in, NULL);
}

static enum err update_row(struct case_run *run)
{
    const struct case_load_row *row = &run->row;
    struct case_update_in in = {.park_id = run->park_id,
                                .id = run->id,
                                .status = row->status,
                                .closed = row->closed,
                                .grid_id = row->grid_id,
                                .department_id = row->department_id,
                                .holder_id = row->holder_id,
                                .clock = row->clock,
                                .warn_us = row->warn_us,
                                .due_us = row->due_us,
                                .paused = row->paused,
                                .late = row->late,
                                .level = row->level,
                                .reminders = row->reminders,
                                .supervised = row->supervised,
                                .rating = row->rating,
                                .updated_us = run->now_us,
                                .wake_us = row->wake_us,
                                .suspended = row->suspended,
                                .detail = row->detail,
                                .instance = row->instance};
    return sql_case_update(run->tx, &in, NULL);
}

static enum err write_counts(struct case_run *run)
{
    const struct case_counts *c = &run->counts;
    int64_t rated = 0, rating_sum = 0;
    for (int64_t level = 1; level <= 5; level++) {
        rated += c->rated[level];
        rating_sum += level * c->rated[level];
    }
    struct count_cases_in cases = {.park_id = run->park_id,
                                   .grid_id = run->row.grid_id,
                                   .enterprise_id = run->row.enterprise_id,
                                   .open = (int64_t)!run->row.closed -
                                           (int64_t)(!run->fresh && !run->was.closed),
                                   .late = (int64_t)run->row.late - (int64_t)run->was.late,
                                   .closed = (int64_t)run->row.closed - (int64_t)run->was.closed,
                                   .rated = rated,
                                   .rating_sum = rating_sum};
    enum err r = OK;
    if (cases.open || cases.late || cases.closed || cases.rated)
        r = sql_count_cases(run->tx, &cases, NULL);
    if (r != OK || !(c->filed || c->signed_count || c->resolved || rated))
        return r;
    struct count_day_in day = {.park_id = run->park_id,
                               .day = case_local_day(run->now_us),
                               .grid_id = run->row.grid_id,
                               .filed = c->filed,
                               .signed_count = c->signed_count,
                               .signed_in_time = c->signed_in_time,
                               .resolved = c->resolved,
                               .resolved_in_time = c->resolved_in_time,
                               .rated1 = c->rated[1],
                               .rated2 = c->rated[2],
                               .rated3 = c->rated[3],
                               .rated4 = c->rated[4],
                               .rated5 = c->rated[5]};
    return sql_count_day(run->tx, &day, NULL);
}

enum err case_end(struct case_run *run)
{
    set_clock(run);
    run->detail.done = bits_write(run, run->done, run->service->model->node_count);
    run->detail.flows = bits_write(run, run->flows, run->service->model->flow_count);
    CLEANUP(buf_release) struct buf detail;
    CLEANUP(buf_release) struct buf instance;
    buf_init(&detail, LIMIT_HTTP_BODY);
    buf_init(&instance, ENGINE_BLOB_MAX);
    write_detail(&detail, &run->detail);
    engine_instance_write(&instance, run->instance);
    run->row.detail = buf_str(&detail);
    run->row.instance = buf_str(&instance);
    enum err r = buf_check(&detail);
    if (r == OK)
        r = buf_check(&instance);
    if (r == OK)
        r = run->fresh ? insert_row(run) : update_row(run);
    if (r == OK)
        r = write_counts(run);
    if (r == OK)
        r = case_history_write(run);
    run->row.detail = run->row.instance = (struct str){0};
    return r;
}

int64_t case_local_day(int64_t time_us)
{
    return (time_us + calendar_plain().offset_minutes * MINUTE_US) / DAY_US;
}

/* The journal. ----------------------------------------------------------------------------------
 */

enum role_set case_actor_role(const struct case_run *run)
{
    static const enum role_set IN_GRID[] = {ROLE_GRID_LEADER, ROLE_GRID_MEMBER};
    static const enum role_set IN_DEPARTMENT[] = {ROLE_DEPARTMENT_HEAD, ROLE_OFFICER};
    const struct principal *who = run->who;
    if (!who)
        return 0;
    if (access_in(who, ROLE_CONTACT, run->row.enterprise_id))
        return ROLE_CONTACT;
    for (size_t i = 0; run->row.grid_id && i < COUNT_OF(IN_GRID); i++)
        if (access_in(who, IN_GRID[i], run->row.grid_id))
            return IN_GRID[i];
    for (size_t i = 0; run->row.department_id && i < COUNT_OF(IN_DEPARTMENT); i++)
        if (access_in(who, IN_DEPARTMENT[i], run->row.department_id))
            return IN_DEPARTMENT[i];
    for (unsigned role = 1; role < 1u << ROLE_COUNT; role <<= 1)
        if (who->roles & role & ROLE_STAFF)
            return access_has(who, ROLE_LEADER) ? ROLE_LEADER : (enum role_set)role;
    return 0;
}

void case_entry_begin(struct case_run *run, struct case_entry *entry)
{
    buf_init(&entry->buf, JOURNAL_BODY_MAX);
    entry->w = json_writer(&entry->buf);
    json_object_begin(&entry->w);
    enum role_set role = case_actor_role(run);
    if (role) {
        json_member_c(&entry->w, "role", role_key(role));
    }
}

enum err case_entry_end(struct case_run *run, struct case_entry *entry, const char *kind,
                        int64_t subject_id)
{
    json_object_end(&entry->w);
    enum err r = buf_check(&entry->buf);
    struct journal_entry leaf = {.park_id = run->park_id,
                                 .time_us = run->now_us,
                                 .kind = kind,
                                 .case_id = run->id,
                                 .actor_id = run->who ? run->who->person_id : 0,
                                 .subject_id = subject_id,
                                 .body = buf_str(&entry->buf)};
    if (r == OK)
        r = journal_append(run->tx, &leaf, NULL);
    buf_release(&entry->buf);
    return r;
}

enum err case_log(struct case_run *run, const char *kind)
{
    struct case_entry entry;
    case_entry_begin(run, &entry);
    return case_entry_end(run, &entry, kind, 0);
}
