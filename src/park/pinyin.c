#include "park/pinyin.h"

#include <pthread.h>

#include "base/asset.h"

extern const struct asset PINYIN[];

enum { HAN_FIRST = 0x4E00, HAN_LAST = 0x9FA5, SYLLABLES_MAX = 512, SEARCH_MAX = 4096 };

static struct str syllables[SYLLABLES_MAX];
static uint16_t readings[HAN_LAST - HAN_FIRST + 1]; /* Index into syllables; 0 is none. */
static pthread_once_t read_once = PTHREAD_ONCE_INIT;

/* A line is "syllable characters". */
static void read_table(void)
{
    struct str text = asset_bytes(&PINYIN[0]);
    size_t count = 0;
    for (size_t at = 0; at < text.len;) {
        size_t space = str_find(text, STR(" "), at), end = str_find(text, STR("\n"), at);
        assert(space < end && ++count < SYLLABLES_MAX);
        syllables[count] = str_sub(text, at, space - at);
        struct str characters = str_sub(text, 0, end);
        for (at = space + 1; at < end;) {
            uint32_t point = utf8_next(characters, &at);
            assert(point >= HAN_FIRST && point <= HAN_LAST);
            readings[point - HAN_FIRST] = (uint16_t)count;
        }
        at = end + 1;
    }
}

struct str pinyin_of(uint32_t point)
{
    pthread_once(&read_once, read_table);
    if (point < HAN_FIRST || point > HAN_LAST)
        return (struct str){0};
    return syllables[readings[point - HAN_FIRST]];
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static void add_lower(struct buf *buf, struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        buf_add_char(buf, lower(text.ptr[i]));
}

/* Han characters become pinyin, or its first letter; ASCII letters and digits stay. */
static void add_pinyin(struct buf *buf, struct str text, bool initials)
{
    for (size_t at = 0; at < text.len;) {
        uint32_t point = utf8_next(text, &at);
        struct str reading = pinyin_of(point);
        if (reading.len > 0)
            buf_add_str(buf, initials ? str_sub(reading, 0, 1) : reading);
        else if (point < 0x80 && point > ' ')
            buf_add_char(buf, lower((char)point));
    }
}

struct str search_key(struct arena *arena, const struct str *texts, size_t count)
{
    CLEANUP(buf_release) struct buf key;
    buf_init(&key, SEARCH_MAX);
    for (size_t i = 0; i < count; i++) {
        if (texts[i].len == 0)
            continue;
        add_lower(&key, texts[i]);
        buf_add_char(&key, ' ');
        add_pinyin(&key, texts[i], false);
        buf_add_char(&key, ' ');
        add_pinyin(&key, texts[i], true);
        buf_add_char(&key, ' ');
    }
    return str_copy(arena, buf_str(&key));
}

struct str search_query(struct arena *arena, struct str query)
{
    struct str trimmed = str_trim(query);
    CLEANUP(buf_release) struct buf key;
    buf_init(&key, SEARCH_MAX);
    for (size_t i = 0; i < trimmed.len; i++)
        if (trimmed.ptr[i] != ' ')
            buf_add_char(&key, lower(trimmed.ptr[i]));
    return str_copy(arena, buf_str(&key));
}
