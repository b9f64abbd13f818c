#include "park/sample.h"

#include "journal/journal.h"
#include "park/calendar.h"
#include "park/enterprise.h"
#include "park/grid.h"
#include "park/person.h"
#include "park/sample_map.h"
#include "park/sample_sql.h"

/* What goes through the making of a register. */
struct making {
    struct db_tx *tx;
    struct change by;
    struct sample_dice dice;
    struct arena *arena;
    struct sample *made;
    int64_t people; /* Made so far: each gets a phone of its own. */
    struct sample_cell cells[SAMPLE_GRIDS];
    size_t brands[SAMPLE_ENTERPRISES]; /* Shuffled, so that neighbours differ. */
};

static const char *const SURNAMES[] = {"陈", "林", "黄", "王", "李", "张", "刘", "周", "吴", "徐",
                                       "孙", "胡", "朱", "高", "何", "郭", "马", "罗", "梁", "宋",
                                       "郑", "谢", "韩", "唐", "冯", "于", "董", "程", "曹", "袁"};
static const char *const GIVEN[] = {"海波", "文静", "建国", "晓燕", "立新", "思远", "雨欣", "志强",
                                    "明霞", "佳宁", "国栋", "秀英", "子涵", "永平", "丽华", "俊杰",
                                    "春梅", "学军", "若楠", "浩然", "红梅", "启航", "玉兰", "振华",
                                    "慧敏", "天宇", "素琴", "东升", "婉清", "卫民"};

static const char *const GRID_NAMES[SAMPLE_GRIDS] = {
    "望潮", "听涛", "澄浪", "远帆", "海天", "归港", "鸥洲", "银滩", "临风",
    "云津", "碧川", "长堤", "南塘", "松浦", "晨光", "桐林", "竹湾", "枫桥",
    "新荷", "稻香", "石桥", "西渡", "广陵", "宁河", "东篱", "北岸"};

struct department_name {
    const char *code, *name;
};

static const struct department_name DEPARTMENTS[SAMPLE_DEPARTMENTS] = {
    {"service-office", "企业服务中心"}, {"safety", "安全监管局"},
    {"environment", "生态环境局"},      {"construction", "规划建设局"},
    {"economy", "经济发展局"},          {"investment", "投资合作局"},
    {"utilities", "公用事业管理中心"},  {"finance", "财政与国资管理局"}};

static const char *const BRAND_FIRST[] = {"江", "云", "金", "恒", "瑞", "宏", "华", "东",
                                          "新", "天", "嘉", "盛", "泰", "明", "启", "安"};
static const char *const BRAND_LAST[] = {"海", "川", "岳", "源", "辰", "帆", "禾", "润",
                                         "拓", "宁", "峰", "晟", "和", "原", "沃", "澄"};

struct trade {
    const char *industry, *suffix;
};

static const struct trade TRADES[] = {
    {"化工新材料", "新材料"}, {"化工新材料", "高分子材料"}, {"石油化工", "石化"},
    {"石油化工", "化工"},     {"精细化工", "精细化工"},     {"精细化工", "助剂"},
    {"专用气体", "气体"},     {"物流仓储", "物流"},         {"物流仓储", "仓储"},
    {"装备制造", "装备"},     {"公用工程", "热电"},         {"公用工程", "水务"},
    {"环保服务", "环保科技"}, {"新能源", "新能源"},         {"技术服务", "检测技术"}};

#define ANY(making, list) ((list)[sample_roll(&(making)->dice, COUNT_OF(list))])

static enum err make_person(struct making *m, int64_t kind, int64_t department_id,
                            const char *title, int64_t *id)
{
    struct person person = {.name = str_format(m->arena, "%s%s", ANY(m, SURNAMES), ANY(m, GIVEN)),
                            .kind = kind,
                            .department_id = department_id,
                            .title = str_format(m->arena, "%s（示例）", title),
                            .phone = str_format(m->arena, "1000000%04" PRId64, ++m->people)};
    return person_add(m->tx, &m->by, &person, id);
}

static enum err grant(struct making *m, int64_t person_id, enum role_set role, int64_t scope_id)
{
    struct grant grant = {.role = role, .scope_id = scope_id};
    return access_grant(m->tx, m->by.park_id, person_id, grant, 0, m->by.now_us);
}

static enum err make_holder(struct making *m, enum role_set role, int64_t department_id,
                            const char *title, int64_t *id)
{
    enum err r = make_person(m, 0, department_id, title, id);
    if (r != OK)
        return r;
    return grant(m, *id, role, role_scope(role) == SCOPE_DEPARTMENT ? department_id : 0);
}

static enum err make_departments(struct making *m)
{
    enum err r = OK;
    for (size_t i = 0; r == OK && i < SAMPLE_DEPARTMENTS; i++) {
        struct sample_department *made = &m->made->departments[i];
        struct department department = {str_of(DEPARTMENTS[i].code), str_of(DEPARTMENTS[i].name)};
        r = department_add(m->tx, &m->by, &department, &made->id);
        if (r == OK)
            r = make_holder(m, ROLE_DEPARTMENT_HEAD, made->id, "部门负责人", &made->head);
        for (size_t k = 0; r == OK && k < SAMPLE_OFFICERS; k++)
            r = make_holder(m, ROLE_OFFICER, made->id, "经办人", &made->officers[k]);
    }
    return r;
}

static enum err make_committee(struct making *m)
{
    static const char *const titles[SAMPLE_LEADERS] = {"管委会主任", "管委会副主任",
                                                       "管委会副主任"};
    struct sample *made = m->made;
    enum err r = OK;
    for (size_t i = 0; r == OK && i < SAMPLE_LEADERS; i++)
        r = make_holder(m, ROLE_LEADER, 0, titles[i], &made->leaders[i]);
    if (r == OK)
        r = make_holder(m, ROLE_SYSTEM_ADMIN, 0, "系统管理员", &made->system_admin);
    if (r == OK)
        r = make_holder(m, ROLE_SECURITY_ADMIN, 0, "安全管理员", &made->security_admin);
    if (r == OK)
        r = make_holder(m, ROLE_AUDIT_ADMIN, 0, "审计管理员", &made->audit_admin);
    if (r == OK)
        r = make_holder(m, ROLE_AUDITOR, 0, "审计员", &made->auditor);
    return r;
}

static enum err polygon_of(struct making *m, const struct sample_cell *cell,
                           const struct json_value **out)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, 16 * 1024);
    buf_add_c(&text, "{\"type\":\"Polygon\",\"coordinates\":[[");
    for (size_t i = 0; i <= cell->count; i++) {
        struct sample_point p = cell->ring[i % cell->count];
        buf_format(&text, "%s[%.6f,%.6f]", i ? "," : "", sample_map_lng(p), sample_map_lat(p));
    }
    buf_add_c(&text, "]]}");
    enum err r = buf_check(&text);
    return r == OK ? json_parse(m->arena, str_copy(m->arena, buf_str(&text)), out) : r;
}

static enum err assign(struct making *m, int64_t person_id, enum role_set role, int64_t grid_id,
                       int64_t enterprise_id)
{
    struct assignment assignment = {.person_id = person_id,
                                    .role = role,
                                    .grid_id = grid_id,
                                    .enterprise_id = enterprise_id,
                                    .note = STR("示例")};
    return assignment_begin(m->tx, &m->by, &assignment);
}

static enum err make_grid(struct making *m, size_t i)
{
    struct sample_grid *made = &m->made->grids[i];
    struct grid grid = {.code = str_format(m->arena, "G%02zu", i + 1),
                        .name = str_format(m->arena, "%s网格", GRID_NAMES[i])};
    enum err r = polygon_of(m, &m->cells[i], &grid.polygon);
    if (r == OK)
        r = grid_add(m->tx, &m->by, &grid, &made->id);
    if (r == OK)
        r = make_person(m, 0, 0, "网格长", &made->leader);
    if (r == OK)
        r = assign(m, made->leader, ROLE_GRID_LEADER, made->id, 0);
    /* 62 members: two for each grid, and a third for the first ten. */
    made->member_count = 2 + (i < SAMPLE_MEMBERS - 2 * SAMPLE_GRIDS);
    for (size_t k = 0; r == OK && k < made->member_count; k++) {
        r = make_person(m, 0, 0, "网格员", &made->members[k]);
        if (r == OK)
            r = assign(m, made->members[k], ROLE_GRID_MEMBER, made->id, 0);
    }
    return r;
}

static struct str credit_code(struct making *m, size_t i)
{
    /* 91 a company, 999999 no region that exists; the brand's number makes it the only one. */
    struct str first = str_format(m->arena, "91999999MA%04" PRIu64 "%03zu",
                                  sample_roll(&m->dice, 10000), m->brands[i]);
    return str_format(m->arena, "%.*s%c", STR_ARG(first), credit_code_check(first));
}

static void describe(struct making *m, size_t i, struct enterprise *e)
{
    const struct trade *trade = &ANY(m, TRADES);
    size_t brand = m->brands[i], grid = i % SAMPLE_GRIDS;
    const char *first = BRAND_FIRST[brand / COUNT_OF(BRAND_LAST)];
    const char *last = BRAND_LAST[brand % COUNT_OF(BRAND_LAST)];
    struct sample_point at = sample_map_place(&m->dice, &m->cells[grid], 0.15);
    int64_t employees =
        12 + (int64_t)sample_roll(&m->dice, 60) * (int64_t)sample_roll(&m->dice, 20);
    uint64_t fate = sample_roll(&m->dice, 20);
    *e = (struct enterprise){
        .code = credit_code(m, i),
        .name = str_format(m->arena, "样例·%s%s%s有限公司（示例）", first, last, trade->suffix),
        .short_name = str_format(m->arena, "样例%s%s%s", first, last, trade->suffix),
        .grid_id = m->made->grids[grid].id,
        .industry = str_of(trade->industry),
        .status = fate == 0  ? 2
                  : fate < 3 ? 1
                             : 0,
        .address = str_format(m->arena, "示例园区%s路%" PRIu64 "号", GRID_NAMES[grid],
                              1 + sample_roll(&m->dice, 388)),
        .lat = sample_map_lat(at),
        .lng = sample_map_lng(at),
        .area_m2 = 6000 + (int64_t)sample_roll(&m->dice, 900) * 200,
        .employees = employees,
        .scale = employees > 600   ? STR("大型")
                 : employees > 200 ? STR("中型")
                 : employees > 20  ? STR("小型")
                                   : STR("微型"),
        .note = STR("示例数据，并非真实企业")};
}

static enum err make_enterprise(struct making *m, size_t i)
{
    struct sample_enterprise *made = &m->made->enterprises[i];
    made->grid = i % SAMPLE_GRIDS;
    const struct sample_grid *grid = &m->made->grids[made->grid];
    made->answerer = grid->members[i / SAMPLE_GRIDS % grid->member_count];
    struct enterprise enterprise;
    describe(m, i, &enterprise);
    enum err r = enterprise_add(m->tx, &m->by, &enterprise, &made->id);
    if (r == OK)
        r = make_person(m, 1, 0, "企业联络员", &made->contact);
    if (r == OK)
        r = enterprise_add_contact(m->tx, &m->by, made->id, made->contact);
    if (r == OK)
        r = assign(m, made->answerer, ROLE_GRID_MEMBER, grid->id, made->id);
    return r;
}

static enum err make_park(struct making *m)
{
    struct sample_park_insert_in park = {
        .id = m->by.park_id, .name = STR("示例园区"), .now = m->by.now_us};
    struct sample_setting_insert_in setting = {
        .park_id = m->by.park_id, .lat = SAMPLE_LAT, .lng = SAMPLE_LNG};
    enum err r = sql_sample_park_insert(m->tx, &park, NULL);
    if (r == OK)
        r = sql_sample_setting_insert(m->tx, &setting, NULL);
    if (r == OK)
        r = calendar_begin(m->tx, m->by.park_id, 0, m->by.now_us);
    struct journal_entry entry = {.park_id = m->by.park_id,
                                  .time_us = m->by.now_us,
                                  .kind = "park.created",
                                  .body = STR("{\"sample\":true}")};
    return r == OK ? journal_append(m->tx, &entry, NULL) : r;
}

static void shuffle_brands(struct making *m)
{
    enum { ALL = COUNT_OF(BRAND_FIRST) * COUNT_OF(BRAND_LAST) };
    size_t all[ALL];
    static_assert((int)ALL >= (int)SAMPLE_ENTERPRISES, "each enterprise has a name of its own");
    for (size_t i = 0; i < ALL; i++)
        all[i] = i;
    for (size_t i = 0; i < SAMPLE_ENTERPRISES; i++) {
        size_t k = i + sample_roll(&m->dice, ALL - i), kept = all[i];
        m->brands[i] = all[k];
        all[k] = kept;
    }
}

enum err sample_register(struct db_tx *tx, int64_t park_id, uint64_t seed, int64_t now_us,
                         struct sample *out)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct making *m = ARENA_NEW(&arena, struct making);
    *m = (struct making){.tx = tx,
                         .by = {.park_id = park_id, .now_us = now_us},
                         .dice = {seed},
                         .arena = &arena,
                         .made = ARENA_NEW(&arena, struct sample)};
    sample_map_cut(&m->dice, m->cells, SAMPLE_GRIDS);
    shuffle_brands(m);
    enum err r = make_park(m);
    if (r == OK)
        r = make_departments(m);
    if (r == OK)
        r = make_committee(m);
    for (size_t i = 0; r == OK && i < SAMPLE_GRIDS; i++)
        r = make_grid(m, i);
    for (size_t i = 0; r == OK && i < SAMPLE_ENTERPRISES; i++)
        r = make_enterprise(m, i);
    if (r == OK)
        *out = *m->made;
    return r;
}
