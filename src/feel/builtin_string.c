#include "feel/builtin.h"
#include "feel/number.h"
#include "feel/unicode.h"

/* Byte place of the code point with that index, or the end. */
static size_t byte_of(struct str text, int64_t index)
{
    size_t at = 0;
    for (; index > 0 && at < text.len; index--)
        utf8_next(text, &at);
    return at;
}

static BUILTIN(substring)
{
    struct str text = args[0].text;
    int64_t length = (int64_t)utf8_length(text), start, count_wanted = length;
    bool given = count > 2 && args[2].type != FEEL_NULL;
    if (!number_trunc_int64(args[1].number, &start) || start == 0 || start > length ||
        start < -length ||
        (given && (!number_trunc_int64(args[2].number, &count_wanted) || count_wanted < 1))) {
        *out = feel_fail(run, "index", "no part of %.*s begins at %.*s",
                         STR_ARG(value_short(run, &args[0])), STR_ARG(value_short(run, &args[1])));
        return OK;
    }
    int64_t first = start > 0 ? start - 1 : length + start;
    if (count_wanted > length - first)
        count_wanted = length - first;
    size_t begin = byte_of(text, first);
    struct str rest = str_sub(text, begin, SIZE_MAX);
    *out = feel_string(str_sub(rest, 0, byte_of(rest, count_wanted)));
    return eval_spend(run, text.len);
}

static BUILTIN(string_length)
{
    (void)count;
    *out = feel_int((int64_t)utf8_length(args[0].text));
    return eval_spend(run, args[0].text.len / 16);
}

static enum err change_case(struct feel_run *run, struct str text, bool upper,
                            struct feel_value *out)
{
    char *to;
    enum err r = eval_array(run, text.len * UNICODE_CASE_GROWTH + 1, 1, &to);
    if (r != OK)
        return r;
    size_t len = 0;
    for (size_t at = 0; at < text.len;)
        len += unicode_case(utf8_next(text, &at), upper, to + len);
    *out = feel_string((struct str){to, len});
    return eval_spend(run, text.len);
}

static BUILTIN(upper_case)
{
    (void)count;
    return change_case(run, args[0].text, true, out);
}

static BUILTIN(lower_case)
{
    (void)count;
    return change_case(run, args[0].text, false, out);
}

static BUILTIN(substring_before)
{
    (void)count;
    size_t at = str_find(args[0].text, args[1].text, 0);
    bool found = at < args[0].text.len || args[1].text.len == 0;
    *out = feel_string(str_sub(args[0].text, 0, found ? at : 0));
    return eval_spend(run, args[0].text.len / 16);
}

static BUILTIN(substring_after)
{
    (void)count;
    size_t at = str_find(args[0].text, args[1].text, 0);
    bool found = at < args[0].text.len || args[1].text.len == 0;
    *out = feel_string(found ? str_sub(args[0].text, at + args[1].text.len, SIZE_MAX) : STR(""));
    return eval_spend(run, args[0].text.len / 16);
}

static BUILTIN(contains)
{
    (void)count;
    size_t at = str_find(args[0].text, args[1].text, 0);
    *out = feel_boolean(at < args[0].text.len || args[1].text.len == 0);
    return eval_spend(run, args[0].text.len / 16);
}

static BUILTIN(starts_with)
{
    (void)run, (void)count;
    *out = feel_boolean(str_starts(args[0].text, args[1].text));
    return OK;
}

static BUILTIN(ends_with)
{
    (void)run, (void)count;
    *out = feel_boolean(str_ends(args[0].text, args[1].text));
    return OK;
}

static BUILTIN(string_join)
{
    struct str delimiter = count > 1 && args[1].type == FEEL_STRING ? args[1].text : STR("");
    const struct feel_value *items = args[0].list.items;
    size_t size = 0, len = 0, joined = 0;
    for (size_t i = 0; i < args[0].list.count; i++) {
        if (items[i].type != FEEL_STRING && items[i].type != FEEL_NULL) {
            *out = feel_fail(run, "types", "string join wants strings, not %.*s",
                             STR_ARG(value_short(run, &items[i])));
            return OK;
        }
        if (items[i].type == FEEL_STRING)
            size += items[i].text.len + delimiter.len;
    }
    char *text;
    enum err r = eval_array(run, size + 1, 1, &text);
    for (size_t i = 0; r == OK && i < args[0].list.count; i++) {
        if (items[i].type != FEEL_STRING)
            continue;
        if (joined++ > 0) {
            memcpy(text + len, delimiter.ptr, delimiter.len);
            len += delimiter.len;
        }
        memcpy(text + len, items[i].text.ptr, items[i].text.len);
        len += items[i].text.len;
    }
    if (r == OK)
        *out = feel_string((struct str){text, len});
    return r == OK ? eval_spend(run, args[0].list.count) : r;
}

const struct builtin BUILTINS_STRING[] = {
    {"substring", "string:s,start position:n,length:n?", substring},
    {"string length", "string:s", string_length},
    {"upper case", "string:s", upper_case},
    {"lower case", "string:s", lower_case},
    {"substring before", "string:s,match:s", substring_before},
    {"substring after", "string:s,match:s", substring_after},
    {"contains", "string:s,match:s", contains},
    {"starts with", "string:s,match:s", starts_with},
    {"ends with", "string:s,match:s", ends_with},
    {"string join", "list:l,delimiter:s?", string_join},
    {0},
};
