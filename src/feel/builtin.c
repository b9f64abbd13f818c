#include "feel/builtin.h"

#include "feel/scan.h"
#include "feel/type.h"

#include <pthread.h>

enum { PARAMS_MAX = 8, ROWS_MAX = 256 };

struct param {
    struct str name;
    char type;
    bool optional;
};

/* A row with its parameters read, once per process. */
struct row {
    struct str name;
    struct param params[PARAMS_MAX];
    size_t count, required;
    bool rest; /* The last one takes all further arguments. */
    builtin_fn *call;
};

static struct row rows[ROWS_MAX];
static size_t row_count;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void read_row(const struct builtin *from, struct row *row)
{
    *row = (struct row){.name = str_of(from->name), .call = from->call};
    for (const char *at = from->params; *at;) {
        struct param *param = &row->params[row->count++];
        const char *colon = strchr(at, ':');
        assert(colon && row->count <= PARAMS_MAX);
        param->name = (struct str){at, (size_t)(colon - at)};
        param->type = colon[1];
        at = colon + 2;
        if (*at == '?') {
            param->optional = true;
            at++;
        } else if (*at == '*' || *at == '+') {
            row->rest = true;
            row->required += *at == '+';
            at++;
        }
        row->required += !param->optional;
        assert(*at == '\0' || *at == ',');
        at += *at == ',';
    }
}

static void read_rows(void)
{
    for (size_t t = 0; BUILTIN_TABLES[t]; t++)
        for (const struct builtin *from = BUILTIN_TABLES[t]; from->name; from++) {
            assert(row_count < ROWS_MAX);
            read_row(from, &rows[row_count++]);
        }
}

size_t builtin_match(struct str text, size_t at, int *row)
{
    pthread_once(&once, read_rows);
    size_t best = 0;
    if (at >= text.len)
        return 0;
    for (size_t i = 0; i < row_count; i++) {
        if (rows[i].name.ptr[0] != text.ptr[at])
            continue;
        size_t end = scan_match(text, at, rows[i].name);
        if (end > best) {
            best = end;
            *row = (int)i;
        }
    }
    return best;
}

int builtin_find(struct str name)
{
    pthread_once(&once, read_rows);
    for (size_t i = 0; i < row_count; i++)
        if (str_equal(rows[i].name, name))
            return (int)i;
    return -1;
}

struct str builtin_name(int row)
{
    return row < 0 ? (struct str){0} : rows[row].name;
}

static void write_usage(struct buf *buf, const struct row *row)
{
    buf_add_str(buf, row->name);
    buf_add_char(buf, '(');
    for (size_t i = 0; i < row->count; i++) {
        if (i > 0)
            buf_add_c(buf, ", ");
        buf_add_str(buf, row->params[i].name);
        if (row->params[i].optional)
            buf_add_char(buf, '?');
    }
    buf_add_c(buf, row->rest ? "…)" : ")");
}

static bool type_fits(char type, const struct feel_value *value)
{
    switch (type) {
    case 'a':
        return true;
    case 'v':
        return value->type != FEEL_NULL;
    case 'b':
        return value->type == FEEL_BOOLEAN;
    case 'n':
        return value->type == FEEL_NUMBER;
    case 's':
        return value->type == FEEL_STRING;
    case 'l':
        return value->type == FEEL_LIST;
    case 'c':
        return value->type == FEEL_CONTEXT;
    case 'f':
        return value->type == FEEL_FUNCTION;
    case 'r':
        return value->type == FEEL_RANGE;
    case 'd':
        return value->type == FEEL_DATE;
    case 't':
        return value->type == FEEL_TIME;
    case 'm':
        return value->type == FEEL_DATE_TIME;
    case 'D':
        return value->type == FEEL_DATE || value->type == FEEL_DATE_TIME;
    case 'T':
        return value->type == FEEL_TIME || value->type == FEEL_DATE_TIME;
    case 'p':
        return value->type == FEEL_DAYS;
    case 'P':
        return value->type == FEEL_DAYS || value->type == FEEL_YEARS;
    default:
        return false;
    }
}

static bool convert(struct feel_run *run, const struct param *param, const struct feel_value *from,
                    struct feel_value *to)
{
    if (type_fits(param->type, from) || (param->optional && from->type == FEEL_NULL)) {
        *to = *from;
        return true;
    }
    if (param->type == 'l' && from->type != FEEL_NULL) {
        struct feel_value *item = ARENA_NEW(run->arena, struct feel_value);
        *item = *from;
        *to = feel_list(item, 1);
        return true;
    }
    if (from->type == FEEL_LIST && from->list.count == 1 &&
        type_fits(param->type, &from->list.items[0])) {
        *to = from->list.items[0];
        return true;
    }
    return false;
}

static bool fit_named(struct feel_run *run, const struct row *row, const struct feel_value *args,
                      const struct str *names, size_t count, struct feel_value *placed)
{
    bool given[PARAMS_MAX] = {false};
    for (size_t i = 0; i < count; i++) {
        size_t place = 0;
        while (place < row->count && !str_equal(row->params[place].name, names[i]))
            place++;
        if (place == row->count || given[place] ||
            !convert(run, &row->params[place], &args[i], &placed[place]))
            return false;
        given[place] = true;
    }
    for (size_t i = 0; i < row->count; i++)
        if (!given[i] && !row->params[i].optional)
            return false;
    return true;
}

static bool fit(struct feel_run *run, const struct row *row, const struct feel_value *args,
                const struct str *names, size_t count, struct feel_value *placed)
{
    size_t fixed = row->count - row->rest;
    if (count < row->required || (count > row->count && !row->rest))
        return false;
    if (names)
        return !row->rest && fit_named(run, row, args, names, count, placed);
    for (size_t i = 0; i < count && i < fixed; i++)
        if (!convert(run, &row->params[i], &args[i], &placed[i]))
            return false;
    if (!row->rest)
        return true;
    struct feel_value *rest = ARENA_ARRAY(run->arena, count - fixed, struct feel_value);
    for (size_t i = fixed; i < count; i++)
        if (!convert(run, &row->params[fixed], &args[i], &rest[i - fixed]))
            return false;
    placed[fixed] = feel_list(rest, count - fixed);
    return true;
}

static struct feel_value no_fit(struct feel_run *run, const struct row *row,
                                const struct feel_value *args, const struct str *names,
                                size_t count)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, ERR_DETAIL_MAX);
    for (size_t i = 0; row + i < rows + row_count && str_equal(row[i].name, row->name); i++) {
        if (i > 0)
            buf_add_c(&text, " or ");
        write_usage(&text, &row[i]);
    }
    buf_add_c(&text, " does not take (");
    for (size_t i = 0; i < count && i < PARAMS_MAX; i++) {
        if (i > 0)
            buf_add_c(&text, ", ");
        if (names) {
            buf_add_str(&text, names[i]);
            buf_add_c(&text, ": ");
        }
        buf_add_str(&text, value_short(run, &args[i]));
    }
    buf_add_char(&text, ')');
    return feel_fail(run, "arguments", "%.*s", STR_ARG(buf_str(&text)));
}

enum err builtin_call(struct feel_run *run, int first, const struct feel_value *args,
                      const struct str *names, size_t count, struct feel_value *out)
{
    for (const struct row *row = &rows[first];
         row < rows + row_count && str_equal(row->name, rows[first].name); row++) {
        struct feel_value placed[PARAMS_MAX] = {{.type = FEEL_NULL}};
        if (fit(run, row, args, names, count, placed))
            return row->call(run, placed, names ? row->count : count, out);
    }
    *out = no_fit(run, &rows[first], args, names, count);
    return OK;
}
