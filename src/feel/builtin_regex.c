#include "feel/builtin.h"
#include "feel/regex.h"

enum { REPLACED_MAX = 16 * 1024 * 1024 };

static struct str flags_of(const struct feel_value *args, size_t count, size_t place)
{
    return count > place && args[place].type == FEEL_STRING ? args[place].text : STR("");
}

/* NULL, with the reason in `out`, for what is no pattern. */
static struct regex *compile(struct feel_run *run, struct str pattern, struct str flags,
                             struct feel_value *out)
{
    struct regex *regex;
    if (regex_compile(run->arena, pattern, flags, &regex) == OK)
        return regex;
    *out = feel_fail(run, "pattern", "%s", err_last()->detail);
    return NULL;
}

static BUILTIN(matches)
{
    struct regex *regex = compile(run, args[1].text, flags_of(args, count, 2), out);
    struct regex_match match;
    bool found;
    if (!regex)
        return OK;
    enum err r = regex_find(regex, run, args[0].text, 0, &found, &match);
    if (r == OK)
        *out = feel_boolean(found);
    return r;
}

/* Replacing and splitting make no sense at nothing, says XPath. */
static enum err matches_nothing(struct feel_run *run, struct regex *regex, bool *out)
{
    struct regex_match match;
    return regex_find(regex, run, STR(""), 0, out, &match);
}

/* Writes a replacement: "$1" is a group, "\$" a dollar. False if it is malformed. */
static bool write_replacement(struct buf *buf, struct str replacement, const struct regex *regex,
                              struct str text, const struct regex_match *match)
{
    for (size_t i = 0; i < replacement.len; i++) {
        char c = replacement.ptr[i], next = i + 1 < replacement.len ? replacement.ptr[i + 1] : '\0';
        if (c == '\\') {
            if (next != '\\' && next != '$')
                return false;
            buf_add_char(buf, next);
            i++;
            continue;
        }
        if (c != '$') {
            buf_add_char(buf, c);
            continue;
        }
        if (next < '0' || next > '9')
            return false;
        size_t group = (size_t)(next - '0');
        for (i++; i + 1 < replacement.len; i++) {
            char digit = replacement.ptr[i + 1];
            if (digit < '0' || digit > '9' ||
                group * 10 + (size_t)(digit - '0') > regex_groups(regex))
                break;
            group = group * 10 + (size_t)(digit - '0');
        }
        if (group <= regex_groups(regex) && match->begin[group] != SIZE_MAX &&
            match->end[group] != SIZE_MAX)
            buf_add_str(
                buf, str_sub(text, match->begin[group], match->end[group] - match->begin[group]));
    }
    return true;
}

static enum err replace_all(struct feel_run *run, struct regex *regex,
                            const struct feel_value *args, bool literal, struct buf *buf,
                            struct feel_value *out)
{
    struct str text = args[0].text;
    size_t at = 0;
    for (;;) {
        struct regex_match match;
        bool found;
        enum err r = regex_find(regex, run, text, at, &found, &match);
        if (r != OK)
            return r;
        if (!found || match.end[0] == match.begin[0])
            break;
        buf_add_str(buf, str_sub(text, at, match.begin[0] - at));
        if (literal)
            buf_add_str(buf, args[2].text);
        else if (!write_replacement(buf, args[2].text, regex, text, &match)) {
            *out = feel_fail(run, "pattern", "the replacement %.*s has a lone \"$\" or \"\\\"",
                             STR_ARG(value_short(run, &args[2])));
            return OK;
        }
        at = match.end[0];
    }
    buf_add_str(buf, str_sub(text, at, SIZE_MAX));
    if (buf_check(buf) != OK)
        return err_refuse(ERR_LIMIT, "feel.too-large", "the expression makes too much data");
    struct str made = str_copy(run->arena, buf_str(buf));
    *out = feel_string(made.ptr ? made : STR(""));
    return OK;
}

static BUILTIN(replace)
{
    struct str flags = flags_of(args, count, 3);
    struct regex *regex = compile(run, args[1].text, flags, out);
    bool nothing;
    if (!regex)
        return OK;
    enum err r = matches_nothing(run, regex, &nothing);
    if (r != OK)
        return r;
    if (nothing) {
        *out = feel_fail(run, "pattern", "the pattern %.*s matches nothing at all",
                         STR_ARG(value_short(run, &args[1])));
        return OK;
    }
    CLEANUP(buf_release) struct buf buf;
    buf_init(&buf, REPLACED_MAX);
    bool literal = flags.len > 0 && memchr(flags.ptr, 'q', flags.len);
    return replace_all(run, regex, args, literal, &buf, out);
}

static BUILTIN(split)
{
    (void)count;
    struct regex *regex = compile(run, args[1].text, STR(""), out);
    struct str text = args[0].text;
    struct feel_value *parts = NULL;
    size_t found_count = 0, capacity = 0, at = 0;
    bool nothing;
    if (!regex)
        return OK;
    enum err r = matches_nothing(run, regex, &nothing);
    if (r != OK)
        return r;
    if (nothing) {
        *out = feel_fail(run, "pattern", "the delimiter %.*s matches nothing at all",
                         STR_ARG(value_short(run, &args[1])));
        return OK;
    }
    for (;;) {
        struct regex_match match;
        bool found;
        r = regex_find(regex, run, text, at, &found, &match);
        if (r != OK)
            return r;
        if (!found || match.end[0] == match.begin[0])
            break;
        *ARENA_PUSH(run->arena, parts, found_count, capacity) =
            feel_string(str_sub(text, at, match.begin[0] - at));
        at = match.end[0];
    }
    *ARENA_PUSH(run->arena, parts, found_count, capacity) =
        feel_string(str_sub(text, at, SIZE_MAX));
    *out = feel_list(parts, found_count);
    return OK;
}

const struct builtin BUILTINS_REGEX[] = {
    {"matches", "input:s,pattern:s,flags:s?", matches},
    {"replace", "input:s,pattern:s,replacement:s,flags:s?", replace},
    {"split", "string:s,delimiter:s", split},
    {0},
};
