#include "park/sample_joint.h"

#include "base/clock.h"
#include "park/case_run.h"
#include "park/file.h"
#include "park/item.h"
#include "park/sample_day_sql.h"

/* Steps that nobody takes, as scenarios call them: "accept@safety", "recheck", "fix#2". */
struct plot {
    const char *title, *text, *category, *need, *hazard, *environmental, *construction, *utilities;
    const char *held[2];
    const char *supplement, *decline; /* By which department. */
};

/* clang-format off */
static const struct plot PLOTS[SAMPLE_JOINTS] = {
    {"【示例】年产3万吨高分子树脂扩建", "在现有厂房内扩建一条生产线，配套罐区改造。", "expand", "plan",
     "chemicals", "form", "none", "none", {"recheck", "fix#2"}, NULL, NULL},
    {"【示例】次氯酸钠第二条生产线", "新增10万吨/年次氯酸钠产能，用于消毒物资供应。", "new", "epidemic",
     "chemicals", "form", "build", "more", {NULL, NULL}, "safety", NULL},
    {"【示例】特种气体充装站技改", "充装台自动化改造，更换安全仪表系统。", "upgrade", "plan",
     "major", "none", "change", "none", {"accept@safety", NULL}, NULL, NULL},
    {"【示例】废气焚烧装置升级", "更换蓄热式焚烧装置，提高处理效率。", "upgrade", "plan",
     "none", "book", "none", "more", {"supply", NULL}, "environment", NULL},
    {"【示例】化工品仓库新建项目", "新建两座丙类仓库和装卸平台。", "new", "plan",
     "none", "form", "build", "none", {"inspect@construction", NULL}, NULL, NULL},
    {"【示例】苯储罐隐患整治", "三台储罐更换内浮盘并增设联锁。", "upgrade", "hazard",
     "major", "form", "none", "none", {"fix#3", NULL}, NULL, "environment"},
    {"【示例】蒸汽管网接入扩容", "新增中压蒸汽接口，配套减温减压站。", "expand", "livelihood",
     "none", "none", "change", "more", {"opinion@utilities", NULL}, NULL, NULL},
};
/* clang-format on */

static const struct json_value *object(struct arena *arena, const char *const (*pairs)[2],
                                       size_t count)
{
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, LIMIT_HTTP_BODY);
    struct json_writer w = json_writer(&buf);
    json_object_begin(&w);
    for (size_t i = 0; i < count; i++)
        json_member_c(&w, pairs[i][0], pairs[i][1]);
    json_object_end(&w);
    const struct json_value *json = NULL;
    enum err r = json_parse(arena, str_copy(arena, buf_str(&buf)), &json);
    assert(r == OK);
    (void)r;
    return json;
}

enum err sample_joint_file(const struct case_env *env, struct sample_joint *joint)
{
    const struct plot *plot = &PLOTS[joint->number];
    const char *const pairs[][2] = {
        {"title", plot->title},
        {"category", plot->category},
        {"text", plot->text},
        {"need", plot->need},
        {"hazard", plot->hazard},
        {"environmental", plot->environmental},
        {"energy", "below"},
        {"construction", plot->construction},
        {"utilities", plot->utilities},
    };
    struct principal who;
    struct case_new in = {.service = STR("four-sync"),
                          .enterprise_id = joint->enterprise_id,
                          .form = object(env->arena, pairs, COUNT_OF(pairs))};
    enum err r = access_load(env->tx->db, env->arena, env->park_id, joint->person_id, &who);
    return r == OK ? case_submit(env, &who, &in, &joint->case_id) : r;
}

struct sample_step {
    struct task_open_row task;
    struct str code; /* Of the task's department; empty for none. */
    int64_t item;    /* Its item's number, or 0. */
    struct item_of_case_rows items;
    struct principal who;
};

struct finding {
    struct db *db;
    struct arena *arena;
    int64_t park_id;
    const struct sample_joint *joint;
};

static bool is_held(const struct plot *plot, const struct sample_step *step)
{
    for (size_t i = 0; i < COUNT_OF(plot->held); i++) {
        const char *held = plot->held[i];
        if (!held)
            continue;
        struct str name = str_of(held), element = step->task.element;
        size_t at = str_find(name, STR("@"), 0), mark = str_find(name, STR("#"), 0);
        int64_t number = 0;
        if (!str_equal(str_sub(name, 0, at < mark ? at : mark), element))
            continue;
        if (at < name.len)
            return str_equal(str_sub(name, at + 1, SIZE_MAX), step->code);
        if (mark < name.len)
            return str_to_int(str_sub(name, mark + 1, SIZE_MAX), &number) == OK &&
                   number <= step->item;
        return true;
    }
    return false;
}

static enum err load(const struct finding *f, struct sample_step *step)
{
    struct item_of_case_in items = {
        .park_id = f->park_id, .case_id = f->joint->case_id, .last = INT64_MAX};
    bool about_items = step->task.item_id || str_is(step->task.element, "inspect");
    struct item_department_code_in at = {.park_id = f->park_id, .id = step->task.department_id};
    struct item_department_code_row code = {0};
    enum err r = about_items ? sql_item_of_case(f->db, f->arena, &items, &step->items) : OK;
    if (r == OK && at.id)
        r = sql_item_department_code(f->db, f->arena, &at, &code);
    step->code = code.code;
    for (size_t i = 0; r == OK && i < step->items.count; i++)
        if (step->items.rows[i].id == step->task.item_id)
            step->item = step->items.rows[i].number;
    return r;
}

static enum err find_actor(const struct finding *f, struct sample_step *step)
{
    const struct task_open_row *task = &step->task;
    int64_t person_id = task->role == ROLE_CONTACT ? f->joint->person_id : task->assignee_id;
    struct sample_holder_row holder = {0};
    struct sample_holder_in in = {.park_id = f->park_id,
                                  .role = str_of(role_key((enum role_set)task->role)),
                                  .scope_id = task->scope_id};
    enum err r = person_id ? OK : sql_sample_holder(f->db, &in, &holder);
    if (!person_id)
        person_id = holder.person_id;
    return r == OK ? access_load(f->db, f->arena, f->park_id, person_id, &step->who) : r;
}

enum err sample_joint_next(struct db *db, struct arena *arena, int64_t park_id,
                           const struct sample_joint *joint, const struct sample_step **out)
{
    struct finding finding = {.db = db, .arena = arena, .park_id = park_id, .joint = joint};
    struct task_open_rows tasks;
    struct task_open_in in = {.park_id = park_id, .case_id = joint->case_id};
    enum err r = sql_task_open(db, arena, &in, &tasks);
    *out = NULL;
    for (size_t i = 0; r == OK && i < tasks.count; i++) {
        struct sample_step *step = ARENA_NEW(arena, struct sample_step);
        step->task = tasks.rows[i];
        r = load(&finding, step);
        if (r != OK || is_held(&PLOTS[joint->number], step))
            continue;
        *out = step;
        return find_actor(&finding, step);
    }
    return r;
}

/* ---- Acting ---- */

struct doing {
    const struct case_env *env;
    struct sample_joint *joint;
    const struct plot *plot;
    const struct sample_step *step;
};

static enum err complete(struct doing *doing, struct task_outcome outcome)
{
    int64_t id;
    return task_complete(doing->env, &doing->step->who, doing->step->task.id, &outcome, &id);
}

/* A plain square: an invented photo shows nothing. */
static const unsigned char SQUARE[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44,
    0x52, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x08, 0x08, 0x02, 0x00, 0x00, 0x00, 0x4b,
    0x6d, 0x29, 0xdc, 0x00, 0x00, 0x00, 0x12, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0xd0,
    0xf3, 0xe9, 0xc4, 0x8a, 0x18, 0x86, 0x96, 0x04, 0x00, 0x9c, 0x09, 0x40, 0x80, 0x60, 0x6c,
    0x25, 0x61, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

static enum err evidence(struct doing *doing, struct list *out)
{
    struct str bytes = {.ptr = (const char *)SQUARE, .len = sizeof(SQUARE)};
    struct hash sum = hash_of(bytes);
    struct file file;
    enum err r = file_add(doing->env->tx, &doing->step->who, STR("示例照片.png"), bytes, &sum,
                          doing->env->now_us, &file);
    if (r != OK)
        return r;
    int64_t *ids = ARENA_ARRAY(doing->env->arena, 1, int64_t);
    ids[0] = file.id;
    *out = (struct list){.items = ids, .count = 1};
    return OK;
}

static enum err accept(struct doing *doing)
{
    struct sample_joint *joint = doing->joint;
    bool ask = doing->plot->supplement && str_is(doing->step->code, doing->plot->supplement);
    if (!ask || joint->asked)
        return complete(doing, (struct task_outcome){.outcome = STR("accepted")});
    joint->asked = true;
    return complete(doing, (struct task_outcome){.outcome = STR("supplement"),
                                                 .text = STR("缺总平面布置图和工艺流程说明。")});
}

static enum err supply(struct doing *doing)
{
    struct task_outcome outcome = {.text = STR("图纸和说明已补齐。")};
    enum err r = evidence(doing, &outcome.file_ids);
    return r == OK ? complete(doing, outcome) : r;
}

static enum err plan(struct doing *doing)
{
    int year, month, day;
    date_from_days(case_local_day(doing->env->now_us) + 2, &year, &month, &day);
    const char *date = str_format(doing->env->arena, "%04d-%02d-%02d", year, month, day).ptr;
    const char *const pairs[][2] = {
        {"visit_on", date}, {"place", "厂区正门"}, {"guide", "牵头部门带队人（示例）"}};
    struct task_outcome outcome = {.form = object(doing->env->arena, pairs, COUNT_OF(pairs))};
    return complete(doing, outcome);
}

/* Each department finds one thing wanting: its last. */
static enum err inspect(struct doing *doing)
{
    const struct item_of_case_row *last = NULL;
    int64_t id;
    enum err r = OK;
    for (size_t i = 0; i < doing->step->items.count; i++)
        if (doing->step->items.rows[i].department_id == doing->step->task.department_id &&
            str_is(doing->step->items.rows[i].list, "checklist"))
            last = &doing->step->items.rows[i];
    for (size_t i = 0; r == OK && i < doing->step->items.count; i++) {
        const struct item_of_case_row *item = &doing->step->items.rows[i];
        if (item->department_id != doing->step->task.department_id ||
            !str_is(item->list, "checklist"))
            continue;
        struct item_words words = {.state = ITEM_MET};
        if (item == last && !str_is(doing->step->code, "economy"))
            words = (struct item_words){.state = ITEM_UNMET,
                                        .text = STR("现场与要求不符，须整改后附照片。"),
                                        .due_us = doing->env->now_us + 10 * DAY_US};
        r = task_item_set(doing->env, &doing->step->who, doing->step->task.id, item->id, &words,
                          &id);
    }
    const char *const pairs[][2] = {{"inspectors", "检查人员甲、检查人员乙（示例）"}};
    struct task_outcome outcome = {.form = object(doing->env->arena, pairs, COUNT_OF(pairs))};
    return r == OK ? complete(doing, outcome) : r;
}

static enum err fix(struct doing *doing)
{
    struct task_outcome outcome = {.text = STR("已按要求整改，照片随附。")};
    enum err r = evidence(doing, &outcome.file_ids);
    return r == OK ? complete(doing, outcome) : r;
}

static enum err opinion(struct doing *doing)
{
    struct sample_joint *joint = doing->joint;
    int64_t id;
    const char *const pairs[][2] = {{"document", "示例〔2026〕1号"}};
    struct task_outcome outcome = {.form = object(doing->env->arena, pairs, COUNT_OF(pairs)),
                                   .outcome = STR("agreed"),
                                   .text = STR("符合要求，同意通过。")};
    bool declines = doing->plot->decline && str_is(doing->step->code, doing->plot->decline);
    if (!declines || joint->declined)
        return complete(doing, outcome);
    joint->declined = true;
    struct item_words words = {.title = STR("联锁试验记录不全"),
                               .text = STR("补做三次连续试验并留存记录。"),
                               .due_us = doing->env->now_us + 7 * DAY_US};
    enum err r = task_item_add(doing->env, &doing->step->who, doing->step->task.id, &words, &id);
    outcome.outcome = STR("declined");
    outcome.text = STR("试验记录不全，不同意通过。");
    return r == OK ? complete(doing, outcome) : r;
}

static enum err file(struct doing *doing)
{
    const char *const pairs[][2] = {{"file_number", "SL-2026-001"}};
    struct task_outcome outcome = {.form = object(doing->env->arena, pairs, COUNT_OF(pairs)),
                                   .outcome = STR("resolved"),
                                   .text = STR("四个环节全部办结，资料齐全。")};
    return complete(doing, outcome);
}

static enum err rate(struct doing *doing)
{
    return case_rate(doing->env, &doing->step->who, doing->joint->case_id, 5,
                     STR("一张表报齐，部门一次到场。"));
}

static enum err confirm(struct doing *doing)
{
    return complete(doing, (struct task_outcome){.text = STR("")});
}

enum err sample_joint_do(const struct case_env *env, struct sample_joint *joint,
                         const struct sample_step *step)
{
    static const struct {
        const char *element;
        enum err (*act)(struct doing *doing);
    } ACTS[] = {{"accept", accept}, {"supply", supply},   {"plan", plan}, {"inspect", inspect},
                {"fix", fix},       {"opinion", opinion}, {"file", file}, {"rate", rate}};
    struct doing doing = {.env = env, .joint = joint, .plot = &PLOTS[joint->number], .step = step};
    for (size_t i = 0; i < COUNT_OF(ACTS); i++)
        if (str_is(step->task.element, ACTS[i].element))
            return ACTS[i].act(&doing);
    return confirm(&doing);
}
