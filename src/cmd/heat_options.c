#include "base/clock.h"
#include "cmd/heat.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const char HEAT_COMMON_USAGE[] =
    "  --layer NAME        only this layer or date (2008-01-17)\n"
    "  --mask SPEC         0x1F (quality bits that must be 0), or words with commas: default,\n"
    "                      none, cloud, dilated, cirrus, shadow, snow, water, quality=1,\n"
    "                      uncertainty=2 (kelvin)\n"
    "  --mask-file FILE    for plain GeoTIFF files: pixels that must be 0\n"
    "  --method NAME       brightness, radiative or split-window (Level 1), with\n"
    "                      --transmittance, --upwelling, --downwelling, --water-vapour,\n"
    "                      --emissivity; radiative works on Level 2 too\n"
    "  --unit NAME         kelvin or celsius, for plain GeoTIFF files\n"
    "  --threads N         the numbers are the same for any\n"
    "  --quiet             no progress bar\n";

void heat_common_init(struct heat_common *common)
{
    *common = (struct heat_common){0};
    heat_options_init(&common->open);
    heat_ask_init(&common->ask);
}

#define TEXT_FLAG(name, member)                                                                    \
    bool heat_take_##name(void *options, const char *value)                                        \
    {                                                                                              \
        ((struct heat_common *)options)->member = value;                                           \
        return true;                                                                               \
    }
#define REAL_FLAG(name, member)                                                                    \
    bool heat_take_##name(void *options, const char *value)                                        \
    {                                                                                              \
        return heat_real_of(value, &((struct heat_common *)options)->member);                      \
    }
#define BOOL_FLAG(name, member)                                                                    \
    bool heat_take_##name(void *options, const char *value)                                        \
    {                                                                                              \
        (void)value;                                                                               \
        return ((struct heat_common *)options)->member = true;                                     \
    }

TEXT_FLAG(scene, scene)
TEXT_FLAG(layer, layer)
TEXT_FLAG(mask_file, open.mask_path)
REAL_FLAG(transmittance, open.air.transmittance)
REAL_FLAG(upwelling, open.air.upwelling)
REAL_FLAG(downwelling, open.air.downwelling)
REAL_FLAG(water_vapour, open.air.water_vapour)
REAL_FLAG(emissivity, open.air.emissivity)
BOOL_FLAG(json, json)
BOOL_FLAG(quiet, quiet)

bool heat_take_mask(void *options, const char *value)
{
    if (heat_mask_parse(str_of(value), &((struct heat_common *)options)->ask.mask) == OK)
        return true;
    fprintf(stderr, "kuailian: %s\n", err_last()->detail);
    return false;
}

bool heat_take_method(void *options, const char *value)
{
    static const char *const NAMES[] = {"default", "brightness", "radiative", "split-window"};
    for (size_t i = 0; i < COUNT_OF(NAMES); i++)
        if (strcmp(value, NAMES[i]) == 0) {
            ((struct heat_common *)options)->open.method = (enum heat_method)i;
            return true;
        }
    return false;
}

bool heat_take_unit(void *options, const char *value)
{
    bool kelvin = strcmp(value, "kelvin") == 0;
    ((struct heat_common *)options)->open.unit = kelvin ? HEAT_UNIT_KELVIN : HEAT_UNIT_CELSIUS;
    return kelvin || strcmp(value, "celsius") == 0;
}

bool heat_take_threads(void *options, const char *value)
{
    int64_t threads;
    if (str_to_int(str_of(value), &threads) != OK || threads < 0 || threads > 64)
        return false;
    ((struct heat_common *)options)->ask.threads = (int)threads;
    return true;
}

bool heat_real_of(const char *value, double *out)
{
    char *end;
    double number = strtod(value, &end);
    if (end == value || *end || !isfinite(number))
        return false;
    *out = number;
    return true;
}

bool heat_each_word(const char *value, void *context, bool (*take)(void *, const char *))
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct str text = str_of(value);
    if (str_is(text, "none"))
        return true;
    for (size_t at = 0; at <= text.len;) {
        size_t end = str_find(text, STR(","), at);
        if (!take(context, str_c(&arena, str_trim(str_sub(text, at, end - at)))))
            return false;
        at = end + 1;
    }
    return true;
}

bool heat_above_add(void *context, const char *word)
{
    struct heat_ask *ask = context;
    struct heat_threshold above = {.kind = HEAT_ABOVE_KELVIN};
    char digits[32] = {0};
    if (strlen(word) >= sizeof(digits) || ask->above_count == HEAT_ABOVE_MAX)
        return false;
    memcpy(digits, word, strlen(word));
    size_t length = strlen(digits);
    bool good = true;
    if (strcmp(word, "mean") == 0) {
        above.kind = HEAT_ABOVE_MEAN;
    } else if (strncmp(word, "mean", 4) == 0) {
        above.kind = HEAT_ABOVE_MEAN;
        good = (word[4] == '+' || word[4] == '-') && heat_real_of(word + 4, &above.value);
    } else if (strncmp(word, "z=", 2) == 0) {
        above.kind = HEAT_ABOVE_Z;
        good = heat_real_of(word + 2, &above.value);
    } else {
        if (length > 0 && digits[length - 1] == 'K')
            digits[length - 1] = 0;
        good = heat_real_of(digits, &above.value);
    }
    if (good)
        ask->above[ask->above_count++] = above;
    return good;
}

struct str heat_above_name(struct arena *arena, const struct heat_threshold *above)
{
    if (above->kind == HEAT_ABOVE_KELVIN)
        return str_format(arena, "above_%gk", above->value);
    if (above->kind == HEAT_ABOVE_Z)
        return str_format(arena, "above_z%g", above->value);
    return above->value == 0 ? STR("above_mean") : str_format(arena, "above_mean%+g", above->value);
}

bool heat_layer_is(const struct heat_layer *layer, const char *wanted)
{
    int64_t date;
    if (!wanted || str_is(layer->name, wanted))
        return true;
    return date_parse(str_of(wanted), &date) == OK && date == layer->date;
}
