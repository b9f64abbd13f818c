#include "park/sample_day.h"

#include <stdlib.h>

#include "base/clock.h"
#include "park/calendar.h"
#include "park/person_sql.h"
#include "park/sample_day_sql.h"
#include "park/sample_joint.h"
#include "park/sample_text.h"
#include "json/json.h"

enum { ACTS_A_COMMIT = 64, TRIES_MAX = 3, JOINT_FROM = 20 }; /* Fewer cases: no joint ones. */

enum story_kind {
    STORY_PLAIN,
    STORY_SLOW,     /* Nobody signs in time: it escalates. */
    STORY_RETURNED, /* Handed back, and on to a department. */
    STORY_PAUSED,   /* Waits for the enterprise. */
    STORY_EXTENDED, /* More days are asked for. */
    STORY_BAD,      /* Rated badly, done again. */
    STORY_WITHDRAWN,
    STORY_KINDS,
};

struct story {
    enum story_kind kind;
    const struct sample_text *text;
    int64_t person_id, enterprise_id; /* The applicant. */
    int64_t case_id;                  /* 0 until it is filed. */
    int64_t next_us;
    int step, tries;
    bool told, varied;          /* The story's own turn has been taken. */
    struct sample_joint *joint; /* Of several departments; or NULL. */
};

struct player {
    const struct sample_play *play;
    struct arena arena; /* Lives as long as the play. */
    struct calendar calendar;
    struct story *stories;
    size_t count;
    uint64_t random;
    struct department_list_rows departments;
    struct sample_played done;
};

static uint64_t next_random(struct player *p)
{
    p->random += UINT64_C(0x9E3779B97F4A7C15); /* splitmix64 */
    uint64_t z = p->random;
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static int64_t between(struct player *p, int64_t low, int64_t high)
{
    return low + (int64_t)(next_random(p) % (uint64_t)(high - low + 1));
}

/* Some working minutes later: people act in office hours. */
static int64_t later(struct player *p, int64_t from_us, int64_t low, int64_t high)
{
    return calendar_add_working_us(&p->calendar, from_us, between(p, low, high) * MINUTE_US);
}

static enum story_kind pick_kind(struct player *p)
{
    static const int shares[STORY_KINDS] = {52, 12, 11, 8, 6, 7, 4};
    int64_t at = between(p, 0, 99);
    for (int kind = 0; kind < STORY_KINDS; kind++) {
        if (at < shares[kind])
            return (enum story_kind)kind;
        at -= shares[kind];
    }
    return STORY_PLAIN;
}

/* In the first tenth of the days, so that they get far; the first is the first contact's. */
static void plan_joint(struct player *p, const struct sample_contacts_rows *contacts, int64_t span)
{
    for (int i = 0; i < SAMPLE_JOINTS; i++) {
        size_t who = i ? (size_t)between(p, 0, (int64_t)contacts->count - 1) : 0;
        struct sample_joint *joint = ARENA_NEW(&p->arena, struct sample_joint);
        *joint = (struct sample_joint){.number = i,
                                       .person_id = contacts->rows[who].person_id,
                                       .enterprise_id = contacts->rows[who].enterprise_id};
        p->stories[p->count++] =
            (struct story){.joint = joint,
                           .next_us = calendar_add_working_us(&p->calendar, p->play->from_us,
                                                              between(p, 0, span / 10))};
    }
}

static enum err plan(struct player *p)
{
    const struct sample_play *play = p->play;
    struct sample_contacts_rows contacts;
    struct sample_contacts_in in = {.park_id = play->park_id};
    enum err r = sql_sample_contacts(play->db, &p->arena, &in, &contacts);
    if (r == OK && contacts.count == 0)
        r = err_set(ERR_NOT_FOUND, "the sample register has no contacts");
    struct department_list_in all = {.park_id = play->park_id};
    if (r == OK)
        r = sql_department_list(play->db, &p->arena, &all, &p->departments);
    if (r != OK)
        return r;
    int64_t span = calendar_working_us(&p->calendar, play->from_us, play->now_us);
    size_t count = (size_t)play->cases;
    p->stories = ARENA_ARRAY(&p->arena, count + SAMPLE_JOINTS, struct story);
    for (size_t i = 0; i < count; i++) {
        size_t who = (size_t)between(p, 0, (int64_t)contacts.count - 1);
        /* A quarter of them within the last tenth. */
        int64_t at = i % 4 == 0 ? between(p, span - span / 10, span) : between(p, 0, span);
        p->stories[i] = (struct story){
            .kind = pick_kind(p),
            .text = &SAMPLE_TEXTS[between(p, 0, (int64_t)SAMPLE_TEXT_COUNT - 1)],
            .person_id = contacts.rows[who].person_id,
            .enterprise_id = contacts.rows[who].enterprise_id,
            .next_us = calendar_add_working_us(&p->calendar, play->from_us, at),
        };
    }
    p->count = count;
    if (count >= JOINT_FROM)
        plan_joint(p, &contacts, span);
    return OK;
}

static const struct json_value *form_of(struct arena *arena, const struct sample_text *text)
{
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, LIMIT_HTTP_BODY);
    struct json_writer w = json_writer(&buf);
    json_object_begin(&w);
    json_member_c(&w, "title", text->title);
    json_member_c(&w, "category", text->category);
    json_member_c(&w, "text", text->text);
    json_object_end(&w);
    const struct json_value *form = NULL;
    enum err r = json_parse(arena, str_copy(arena, buf_str(&buf)), &form);
    assert(r == OK);
    (void)r;
    return form;
}

static enum err file(struct player *p, struct case_env *env, struct story *story)
{
    struct principal who;
    enum err r = access_load(env->tx->db, env->arena, env->park_id, story->person_id, &who);
    struct case_new in = {.service = STR("request"),
                          .enterprise_id = story->enterprise_id,
                          .form = form_of(env->arena, story->text)};
    if (r == OK)
        r = case_submit(env, &who, &in, &story->case_id);
    if (r != OK)
        return r;
    p->done.filed++;
    story->next_us =
        story->kind == STORY_SLOW ? later(p, env->now_us, 150, 500) : later(p, env->now_us, 4, 48);
    return OK;
}

/* Whoever has the task, or else the first who may take it. */
static enum err actor_of(struct case_env *env, const struct sample_task_row *task,
                         struct principal *out)
{
    int64_t person_id = task->assignee_id;
    if (!person_id) {
        struct sample_holder_row holder;
        struct sample_holder_in in = {.park_id = env->park_id,
                                      .role = str_of(role_key((enum role_set)task->role)),
                                      .scope_id = task->scope_id};
        enum err r = sql_sample_holder(env->tx->db, &in, &holder);
        if (r != OK)
            return r;
        person_id = holder.person_id;
    }
    return access_load(env->tx->db, env->arena, env->park_id, person_id, out);
}

static struct task_outcome dispatch(struct player *p)
{
    size_t at = (size_t)between(p, 0, (int64_t)p->departments.count - 1);
    return (struct task_outcome){.text = STR("请对口部门办理，并向企业反馈。"),
                                 .department_id = p->departments.rows[at].id};
}

/* The story's turn while the case is being worked on; false if there is none (left). */
static bool take_turn(struct player *p, struct case_env *env, struct story *story,
                      const struct principal *who, int64_t task_id, enum err *r)
{
    int64_t id;
    if (story->varied)
        return false;
    story->varied = true;
    if (story->kind == STORY_PAUSED) {
        *r = task_pause(env, who, task_id, STR("wait_applicant"),
                        STR("请补充近三个月的用量记录，收到后继续办理。"), &id);
    } else if (story->kind == STORY_EXTENDED) {
        *r = task_extend(env, who, task_id, 3, STR("需要第三方检测，申请延期。"), &id);
    } else {
        return false;
    }
    story->next_us = later(p, env->now_us, 120, 600);
    return true;
}

static enum err handle(struct player *p, struct case_env *env, struct story *story,
                       const struct principal *who, int64_t task_id)
{
    int64_t id;
    enum err r = OK;
    if (!story->told) {
        story->told = true;
        story->next_us = later(p, env->now_us, 60, 700);
        return case_message(env, who, story->case_id, str_of(story->text->answer), (struct list){0},
                            false);
    }
    if (take_turn(p, env, story, who, task_id, &r))
        return r;
    struct task_outcome in = {.outcome = STR("resolved"), .text = str_of(story->text->result)};
    r = task_complete(env, who, task_id, &in, &id);
    story->next_us = later(p, env->now_us, 60, 400);
    return r;
}

static enum err rate(struct player *p, struct case_env *env, struct story *story)
{
    struct principal who;
    enum err r = access_load(env->tx->db, env->arena, env->park_id, story->person_id, &who);
    bool bad = story->kind == STORY_BAD && story->varied == false;
    story->varied = story->varied || bad;
    story->told = !bad && story->told;
    int64_t level = bad ? 2 : between(p, 0, 9) < 7 ? 5 : between(p, 3, 4);
    struct str text = bad ? STR("电话里说好了，到现场又不一样，请再处理。") : STR("");
    if (r == OK)
        r = case_rate(env, &who, story->case_id, level, text);
    story->next_us = later(p, env->now_us, 30, 200);
    return r;
}

/* The paused case: the enterprise sends what was asked for, and the clock runs on. */
static enum err resume(struct player *p, struct case_env *env, struct story *story,
                       const struct principal *who, int64_t task_id)
{
    int64_t id;
    struct principal applicant;
    enum err r = access_load(env->tx->db, env->arena, env->park_id, story->person_id, &applicant);
    if (r == OK)
        r = case_message(env, &applicant, story->case_id, STR("已补充，请查收。"), (struct list){0},
                         false);
    if (r == OK)
        r = task_resume(env, who, task_id, &id);
    story->kind = STORY_PLAIN;
    story->next_us = later(p, env->now_us, 60, 500);
    return r;
}

static enum err act(struct player *p, struct case_env *env, struct story *story)
{
    struct sample_task_row task;
    struct sample_task_in in = {.park_id = env->park_id, .case_id = story->case_id};
    enum err r = sql_sample_task(env->tx->db, env->arena, &in, &task);
    if (r == ERR_NOT_FOUND) { /* Nothing is left to do. */
        story->next_us = INT64_MAX;
        return OK;
    }
    struct principal who;
    int64_t id;
    if (r == OK)
        r = actor_of(env, &task, &who);
    if (r != OK)
        return r;
    if (story->kind == STORY_WITHDRAWN && story->step > 1) {
        r = access_load(env->tx->db, env->arena, env->park_id, story->person_id, &who);
        story->next_us = INT64_MAX;
        return r == OK ? case_withdraw(env, &who, story->case_id, STR("问题已自行解决。")) : r;
    }
    if (str_is(task.element, "sign")) {
        bool back = story->kind == STORY_RETURNED && !story->varied;
        story->varied = story->varied || back;
        story->next_us = back ? later(p, env->now_us, 20, 90) : later(p, env->now_us, 30, 500);
        return back ? task_return(env, &who, task.id, STR("不属于本网格职责，应由职能部门办理。"),
                                  &id)
                    : task_claim(env, &who, task.id, &id);
    }
    if (str_is(task.element, "rate"))
        return rate(p, env, story);
    if (str_is(task.element, "handle") && story->kind == STORY_PAUSED && story->varied)
        return resume(p, env, story, &who, task.id);
    if (str_is(task.element, "handle"))
        return handle(p, env, story, &who, task.id);
    struct task_outcome outcome = {.text = STR("同意。")};
    if (str_is(task.element, "redispatch") || str_is(task.element, "decide"))
        outcome = dispatch(p);
    if (str_is(task.element, "callback"))
        outcome.text = STR("已电话回访，企业认可办理结果。");
    story->next_us = later(p, env->now_us, 10, 120);
    return task_complete(env, &who, task.id, &outcome, &id);
}

static struct story *earliest(struct player *p)
{
    struct story *found = NULL;
    for (size_t i = 0; i < p->count; i++)
        if (!found || p->stories[i].next_us < found->next_us)
            found = &p->stories[i];
    return found;
}

static enum err step_joint(struct player *p, struct case_env *env, struct story *story)
{
    struct sample_joint *joint = story->joint;
    const struct sample_step *step = NULL;
    bool filed = joint->case_id != 0;
    enum err r = filed ? sample_joint_next(env->tx->db, env->arena, env->park_id, joint, &step)
                       : sample_joint_file(env, joint);
    p->done.filed += !filed && r == OK;
    if (r == OK && step)
        r = sample_joint_do(env, joint, step);
    story->next_us = !filed || step ? later(p, env->now_us, 20, 110) : INT64_MAX;
    return r;
}

/* A refusal is part of life: the person tries again later, and gives up in the end. */
static enum err step_story(struct player *p, struct case_env *env, struct story *story)
{
    struct story before = *story;
    enum err r = db_savepoint(env->tx);
    if (r != OK)
        return r;
    r = story->joint     ? step_joint(p, env, story)
        : story->case_id ? act(p, env, story)
                         : file(p, env, story);
    if (r == OK) {
        story->step++;
        p->done.acts++;
        return db_release(env->tx);
    }
    if (r == ERR_IO || r == ERR_CORRUPT || r == ERR_INTERNAL)
        return r;
    p->done.refused++;
    *story = before;
    bool give_up = ++story->tries > TRIES_MAX;
    story->next_us = give_up ? INT64_MAX : later(p, env->now_us, 30, 120);
    return db_undo(env->tx);
}

/* One act of whoever is next, a timer or a person. `*over` when nothing is left before now. */
static enum err step(struct player *p, struct db_tx *tx, bool *over)
{
    struct arena arena = {0};
    struct case_env env = {
        .tx = tx, .arena = &arena, .world = p->play->world, .park_id = p->play->park_id};
    struct story *story = earliest(p);
    int64_t until = story && story->next_us < p->play->now_us ? story->next_us : p->play->now_us;
    struct sample_wake_row wake;
    struct sample_wake_in in = {.park_id = env.park_id, .until_us = until};
    enum err r = sql_sample_wake(tx->db, &in, &wake);
    if (r == OK) {
        env.now_us = wake.wake_us;
        r = case_wake(&env, wake.id);
    } else if (r == ERR_NOT_FOUND) {
        *over = !story || story->next_us > p->play->now_us;
        env.now_us = until;
        r = *over ? OK : step_story(p, &env, story);
    }
    arena_release(&arena);
    return r;
}

static enum err play_all(struct player *p)
{
    bool over = false;
    while (!over) {
        struct db_tx tx;
        enum err r = db_begin(p->play->db, &tx);
        if (r != OK)
            return r;
        for (int i = 0; i < ACTS_A_COMMIT && r == OK && !over; i++)
            r = step(p, &tx, &over);
        if (r == OK)
            r = p->play->before_commit(&tx, p->play->context);
        if (r == OK)
            r = db_commit(&tx);
        if (r != OK) {
            struct err_info why = *err_last();
            db_rollback(&tx);
            err_restore(&why);
            return r;
        }
    }
    return OK;
}

enum err sample_play(const struct sample_play *play, struct sample_played *out)
{
    struct player p = {.play = play, .random = play->seed};
    enum err r = calendar_load(play->db, &p.arena, play->park_id, "office", &p.calendar);
    if (r == OK)
        r = plan(&p);
    if (r == OK)
        r = play_all(&p);
    if (r == OK)
        *out = p.done;
    arena_release(&p.arena);
    return r;
}
