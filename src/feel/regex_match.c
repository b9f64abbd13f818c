#include "feel/eval.h"
#include "feel/regex_inner.h"
#include "feel/unicode.h"

/* Backtracking that never tries the same instruction at the same place twice. Without
 * back-references what follows depends on nothing else, so the second try would fail as the first
 * did. */

struct job {
    int32_t pc; /* −1: restore a slot. */
    int32_t slot;
    size_t at;
};

struct matcher {
    const struct regex *regex;
    struct feel_run *run;
    struct str text;
    uint64_t *seen;    /* A bit per instruction and place; NULL with back-references. */
    uint32_t *touched; /* Words of `seen` that are not zero. */
    size_t touched_count, touched_capacity;
    struct job *jobs;
    size_t count, capacity;
    size_t slots[2 * REGEX_GROUPS_MAX];
};

static void push(struct matcher *m, int32_t pc, int32_t slot, size_t at)
{
    *ARENA_PUSH(m->run->arena, m->jobs, m->count, m->capacity) =
        (struct job){.pc = pc, .slot = slot, .at = at};
}

static bool first_time(struct matcher *m, size_t pc, size_t at)
{
    if (!m->seen)
        return true;
    size_t bit = pc * (m->text.len + 1) + at;
    uint64_t mask = UINT64_C(1) << bit % 64;
    if (m->seen[bit / 64] & mask)
        return false;
    if (m->seen[bit / 64] == 0)
        *ARENA_PUSH(m->run->arena, m->touched, m->touched_count, m->touched_capacity) =
            (uint32_t)(bit / 64);
    m->seen[bit / 64] |= mask;
    return true;
}

static bool line_end(uint32_t point)
{
    return point == '\n' || point == '\r';
}

static bool at_begin(const struct matcher *m, size_t at)
{
    return at == 0 || (m->regex->lines && m->text.ptr[at - 1] == '\n' && at < m->text.len);
}

static bool at_end(const struct matcher *m, size_t at)
{
    return at == m->text.len || (m->regex->lines && m->text.ptr[at] == '\n');
}

static bool same_text(const struct matcher *m, struct str a, struct str b)
{
    if (!m->regex->fold)
        return str_equal(a, b);
    for (size_t i = 0, k = 0; i < a.len && k < b.len;)
        if (unicode_fold(utf8_next(a, &i)) != unicode_fold(utf8_next(b, &k)))
            return false;
    return true;
}

/* Consumes what one instruction matches. False where it does not. */
static bool consume(const struct matcher *m, const struct instruction *instruction, size_t *at)
{
    if (instruction->op == OP_BACK) {
        size_t begin = m->slots[2 * instruction->slot], end = m->slots[2 * instruction->slot + 1];
        if (begin == SIZE_MAX || end == SIZE_MAX)
            return true;
        struct str part = str_sub(m->text, begin, end - begin);
        struct str here = str_sub(m->text, *at, part.len);
        *at += here.len;
        return here.len == part.len && same_text(m, part, here);
    }
    if (*at >= m->text.len)
        return false;
    uint32_t point = utf8_next(m->text, at);
    switch (instruction->op) {
    case OP_CHAR:
        return (m->regex->fold ? unicode_fold(point) : point) == instruction->point;
    case OP_ANY:
        return !line_end(point);
    case OP_SET:
        return regex_set_holds(instruction->set, point, m->regex->fold);
    default:
        return true;
    }
}

/* Runs one thread until it fails or matches; what else there is to try goes to the jobs. */
static enum err follow(struct matcher *m, size_t pc, size_t at, bool *matched)
{
    for (;;) {
        const struct instruction *instruction = &m->regex->program[pc];
        if (!first_time(m, pc, at))
            return OK;
        enum err r = eval_spend(m->run, 1);
        if (r != OK)
            return r;
        switch (instruction->op) {
        case OP_MATCH:
            *matched = true;
            return OK;
        case OP_JUMP:
            pc = (size_t)((int64_t)pc + instruction->to);
            continue;
        case OP_SPLIT:
            push(m, (int32_t)pc + instruction->other, 0, at);
            pc = (size_t)((int64_t)pc + instruction->to);
            continue;
        case OP_SAVE:
            push(m, -1, instruction->slot, m->slots[instruction->slot]);
            m->slots[instruction->slot] = at;
            break;
        case OP_BEGIN:
            if (!at_begin(m, at))
                return OK;
            break;
        case OP_END:
            if (!at_end(m, at))
                return OK;
            break;
        default:
            if (!consume(m, instruction, &at))
                return OK;
        }
        pc++;
    }
}

static enum err try_at(struct matcher *m, size_t at, bool *matched)
{
    memset(m->slots, 0xFF, sizeof(m->slots));
    push(m, 0, 0, at);
    while (m->count > 0 && !*matched) {
        struct job job = m->jobs[--m->count];
        if (job.pc < 0) {
            m->slots[job.slot] = job.at;
            continue;
        }
        enum err r = follow(m, (size_t)job.pc, job.at, matched);
        if (r != OK)
            return r;
    }
    return OK;
}

static enum err open_matcher(struct regex *regex, struct feel_run *run, struct str text)
{
    struct matcher *m = ARENA_NEW(run->arena, struct matcher);
    *m = (struct matcher){.regex = regex, .run = run, .text = text};
    if (!regex->back) {
        size_t words = regex->count * (text.len + 1) / 64 + 1;
        enum err r = eval_spend(run, words / 8);
        if (r == OK)
            r = eval_array(run, words, sizeof(*m->seen), &m->seen);
        if (r != OK)
            return r;
    }
    regex->matcher = m;
    return OK;
}

enum err regex_find(struct regex *regex, struct feel_run *run, struct str text, size_t from,
                    bool *found, struct regex_match *match)
{
    struct matcher *m = regex->matcher;
    bool matched = false;
    if (!m || m->text.ptr != text.ptr || m->text.len != text.len) {
        enum err r = open_matcher(regex, run, text);
        if (r != OK)
            return r;
        m = regex->matcher;
    }
    for (size_t i = 0; i < m->touched_count; i++)
        m->seen[m->touched[i]] = 0;
    m->touched_count = m->count = 0;
    for (size_t at = from; !matched; utf8_next(text, &at)) {
        enum err r = try_at(m, at, &matched);
        if (r != OK)
            return r;
        if (at >= text.len)
            break;
    }
    *found = matched;
    for (size_t i = 0; matched && i < REGEX_GROUPS_MAX; i++) {
        match->begin[i] = m->slots[2 * i];
        match->end[i] = m->slots[2 * i + 1];
    }
    return OK;
}
