#include "base/zone.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { ZONE_FILE_MAX = 64 * 1024, ZONE_NAME_MAX = 64, ZONES_MAX = 1024, DAY_S = 86400 };

/* A day of the year on which the clocks change (POSIX TZ): the `week`th `weekday` of `month`. */
struct change {
    int month, week, weekday;
    int32_t at_s; /* Local seconds after midnight. */
};

struct zone {
    struct str name;
    const int64_t *at;     /* UTC seconds of the changes, ascending. */
    const int32_t *offset; /* From each change on. */
    size_t count;
    int32_t first; /* Before all changes. */
    bool summer;   /* After all changes: whether standard and summer time alternate. */
    int32_t standard_s, summer_s;
    struct change to_summer, to_standard;
};

/* Zones live as long as the process: there are few, and values point at them. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct arena kept;
static const struct zone *zones[ZONES_MAX];
static size_t zone_count;

struct str zone_name(const struct zone *zone)
{
    return zone->name;
}

/* ---- The rule behind the last change: "CST-8", "CET-1CEST,M3.5.0,M10.5.0/3" ---- */

static bool skip_abbreviation(struct str s, size_t *at)
{
    size_t begin = *at;
    if (*at < s.len && s.ptr[*at] == '<') {
        while (*at < s.len && s.ptr[*at] != '>')
            ++*at;
        if (*at < s.len)
            ++*at;
    } else {
        while (*at < s.len && ((s.ptr[*at] | 32) >= 'a' && (s.ptr[*at] | 32) <= 'z'))
            ++*at;
    }
    return *at > begin;
}

static bool read_int(struct str s, size_t *at, int *out)
{
    int value = 0;
    size_t begin = *at;
    for (; *at < s.len && s.ptr[*at] >= '0' && s.ptr[*at] <= '9' && *at - begin < 4; ++*at)
        value = value * 10 + (s.ptr[*at] - '0');
    *out = value;
    return *at > begin;
}

static bool read_clock(struct str s, size_t *at, int32_t *out)
{
    bool negative = *at < s.len && s.ptr[*at] == '-';
    if (*at < s.len && (s.ptr[*at] == '-' || s.ptr[*at] == '+'))
        ++*at;
    int part, seconds = 0;
    for (int unit = 3600; unit > 0; unit /= 60) {
        if (!read_int(s, at, &part))
            return false;
        seconds += part * unit;
        if (*at >= s.len || s.ptr[*at] != ':')
            break;
        ++*at;
    }
    *out = negative ? -seconds : seconds;
    return true;
}

static bool read_change(struct str s, size_t *at, struct change *out)
{
    struct change change = {.at_s = 7200};
    if (str_sub(s, *at, 2).len < 2 || s.ptr[*at] != ',' || s.ptr[*at + 1] != 'M')
        return false;
    *at += 2;
    if (!read_int(s, at, &change.month) || *at >= s.len || s.ptr[(*at)++] != '.' ||
        !read_int(s, at, &change.week) || *at >= s.len || s.ptr[(*at)++] != '.' ||
        !read_int(s, at, &change.weekday) || change.month < 1 || change.month > 12)
        return false;
    if (*at < s.len && s.ptr[*at] == '/') {
        ++*at;
        if (!read_clock(s, at, &change.at_s))
            return false;
    }
    *out = change;
    return true;
}

static bool read_rule(struct str s, struct zone *zone)
{
    size_t at = 0;
    int32_t west;
    if (!skip_abbreviation(s, &at) || !read_clock(s, &at, &west))
        return false;
    zone->standard_s = -west;
    if (at == s.len)
        return true;
    if (!skip_abbreviation(s, &at))
        return false;
    zone->summer_s = zone->standard_s + 3600;
    if (at < s.len && s.ptr[at] != ',') {
        if (!read_clock(s, &at, &west))
            return false;
        zone->summer_s = -west;
    }
    zone->summer = read_change(s, &at, &zone->to_summer) && read_change(s, &at, &zone->to_standard);
    return true;
}

/* Local seconds since 1970 of a change in that year. */
static int64_t change_in_year(const struct change *change, int year)
{
    int64_t day = date_to_days(year, change->month, 1);
    int weekday = weekday_of_days(day) % 7; /* 0 is Sunday, as in the rule. */
    day += (change->weekday - weekday + 7) % 7 + (change->week - 1) * 7;
    if (day >= date_to_days(year, change->month, 1) + days_in_month(year, change->month))
        day -= 7;
    return day * DAY_S + change->at_s;
}

static int32_t rule_offset(const struct zone *zone, int64_t utc_s)
{
    if (!zone->summer)
        return zone->standard_s;
    int year, month, day;
    int64_t local = utc_s + zone->standard_s;
    date_from_days(local / DAY_S - (local % DAY_S < 0), &year, &month, &day);
    int64_t begin = change_in_year(&zone->to_summer, year) - zone->standard_s;
    int64_t end = change_in_year(&zone->to_standard, year) - zone->summer_s;
    bool inside = begin < end ? utc_s >= begin && utc_s < end : !(utc_s >= end && utc_s < begin);
    return inside ? zone->summer_s : zone->standard_s;
}

int32_t zone_offset(const struct zone *zone, int64_t utc_s)
{
    if (zone->count == 0 || utc_s < zone->at[0])
        return zone->count ? zone->first : rule_offset(zone, utc_s);
    if (utc_s >= zone->at[zone->count - 1])
        return rule_offset(zone, utc_s);
    size_t low = 0, high = zone->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (zone->at[middle] <= utc_s)
            low = middle;
        else
            high = middle;
    }
    return zone->offset[low];
}

int32_t zone_offset_local(const struct zone *zone, int64_t local_s)
{
    int32_t before = zone_offset(zone, local_s - DAY_S);
    int32_t first = zone_offset(zone, local_s - before);
    if (first == before)
        return before;
    return zone_offset(zone, local_s - first) == first ? first : before;
}

/* ---- The file ---- */

static int64_t big_endian(const unsigned char *p, size_t size)
{
    uint64_t value = size == 8 && (p[0] & 0x80) ? UINT64_MAX : 0;
    if (size == 4 && (p[0] & 0x80))
        value = UINT64_MAX;
    for (size_t i = 0; i < size; i++)
        value = value << 8 | p[i];
    return (int64_t)value;
}

struct header {
    size_t utc, wall, leap, times, types, chars;
};

enum { HEADER = 44 };

static bool read_header(const unsigned char *p, size_t len, struct header *out)
{
    if (len < HEADER || memcmp(p, "TZif", 4) != 0)
        return false;
    size_t *fields[] = {&out->utc, &out->wall, &out->leap, &out->times, &out->types, &out->chars};
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        *fields[i] = (size_t)big_endian(p + 20 + 4 * i, 4) & 0xFFFFF;
    return true;
}

static size_t body_size(const struct header *h, size_t time_size)
{
    return h->times * (time_size + 1) + h->types * 6 + h->chars + h->leap * (time_size + 4) +
           h->wall + h->utc;
}

static bool read_file(struct arena *arena, const unsigned char *p, size_t len, struct zone *zone)
{
    struct header h;
    if (!read_header(p, len, &h) || p[4] < '2')
        return false;
    size_t skip = HEADER + body_size(&h, 4); /* The second block has 64-bit times. */
    if (skip > len || !read_header(p + skip, len - skip, &h))
        return false;
    p += skip + HEADER;
    len -= skip + HEADER;
    size_t body = body_size(&h, 8);
    if (body > len || h.types == 0)
        return false;
    const unsigned char *index = p + h.times * 8, *types = index + h.times;
    int64_t *at = ARENA_ARRAY(arena, h.times, int64_t);
    int32_t *offset = ARENA_ARRAY(arena, h.times, int32_t);
    for (size_t i = 0; i < h.times; i++) {
        if (index[i] >= h.types)
            return false;
        at[i] = big_endian(p + 8 * i, 8);
        offset[i] = (int32_t)big_endian(types + 6 * (size_t)index[i], 4);
    }
    zone->at = at;
    zone->offset = offset;
    zone->count = h.times;
    zone->first = (int32_t)big_endian(types, 4);
    struct str rule = {(const char *)p + body, len - body};
    rule = str_trim(rule);
    if (rule.len == 0 || !read_rule(rule, zone))
        zone->standard_s = h.times ? offset[h.times - 1] : zone->first;
    return true;
}

/* "Area/Place": no dots, so that a name cannot leave the folder. */
static bool is_zone_name(struct str name)
{
    if (name.len == 0 || name.len > ZONE_NAME_MAX || name.ptr[0] == '/')
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!letter && !(c >= '0' && c <= '9') && !strchr("/_+-", c))
            return false;
    }
    return true;
}

static bool load(struct str name, struct zone *zone)
{
    char path[ZONE_NAME_MAX + 32];
    unsigned char bytes[ZONE_FILE_MAX];
    snprintf(path, sizeof(path), "/usr/share/zoneinfo/%.*s", STR_ARG(name));
    FILE *file = fopen(path, "rbe");
    if (!file)
        return false;
    size_t len = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    return read_file(&kept, bytes, len, zone);
}

static enum err find_locked(struct str name, const struct zone **out)
{
    for (size_t i = 0; i < zone_count; i++)
        if (str_equal(zones[i]->name, name)) {
            *out = zones[i];
            return OK;
        }
    struct zone *zone = ARENA_NEW(&kept, struct zone);
    if (zone_count == ZONES_MAX || !load(name, zone))
        return err_set(ERR_NOT_FOUND, "no time zone '%.*s'", STR_ARG(name));
    zone->name = str_copy(&kept, name);
    zones[zone_count++] = zone;
    *out = zone;
    return OK;
}

enum err zone_find(struct str name, const struct zone **out)
{
    if (!is_zone_name(name))
        return err_set(ERR_NOT_FOUND, "no time zone '%.*s'", STR_ARG(name));
    pthread_mutex_lock(&lock);
    enum err r = find_locked(name, out);
    pthread_mutex_unlock(&lock);
    return r;
}
