#include "heat/inside.h"

#include <math.h>
#include <stdlib.h>

enum { LANDSAT_DEFAULT = 0x1F }; /* Fill, dilated cloud, cirrus, cloud, cloud shadow. */

#define REASON_KEY(name, key) key,
static const char *const REASON_KEYS[] = {HEAT_REASON_LIST(REASON_KEY)};

/* Bits of Collection 2's QA_PIXEL, in the order in which a reason is given. */
static const struct {
    int bit;
    enum heat_reason reason;
} LANDSAT_BITS[] = {
    {0, HEAT_EDGE},   {3, HEAT_CLOUD}, {1, HEAT_DILATED}, {2, HEAT_CIRRUS},
    {4, HEAT_SHADOW}, {5, HEAT_SNOW},  {7, HEAT_WATER},
};

const char *heat_reason_key(enum heat_reason reason)
{
    return reason < HEAT_REASON_COUNT ? REASON_KEYS[reason] : "";
}

struct heat_mask heat_mask_default(void)
{
    return (struct heat_mask){.quality_max = -1};
}

static bool bits_of(struct str word, uint32_t *out)
{
    if (word.len < 3 || word.len > 10)
        return false;
    uint32_t bits = 0;
    for (size_t i = 2; i < word.len; i++) {
        static const char DIGITS[] = "0123456789abcdef";
        char c = word.ptr[i];
        const char *at = memchr(DIGITS, c >= 'A' && c <= 'F' ? c + 32 : c, 16);
        if (!at)
            return false;
        bits = bits << 4 | (uint32_t)(at - DIGITS);
    }
    *out = bits;
    return true;
}

/* What stands behind "name=" or "name<="; the absent text if the word is another. */
static struct str value_of(struct str word, struct str name)
{
    if (!str_starts(word, name))
        return (struct str){0};
    struct str rest = str_sub(word, name.len, word.len);
    if (str_starts(rest, STR("<=")))
        return str_sub(rest, 2, rest.len);
    return str_starts(rest, STR("=")) ? str_sub(rest, 1, rest.len) : (struct str){0};
}

static bool real_of(struct str text, double *out)
{
    char digits[32], *end;
    if (!text.ptr || text.len == 0 || text.len >= sizeof(digits))
        return false;
    memcpy(digits, text.ptr, text.len);
    digits[text.len] = 0;
    double value = strtod(digits, &end);
    if (*end || !(value > 0) || !isfinite(value))
        return false;
    *out = value;
    return true;
}

static bool read_word(struct str word, struct heat_mask *mask)
{
    static const enum heat_reason NAMED[] = {HEAT_CLOUD,  HEAT_DILATED, HEAT_CIRRUS,
                                             HEAT_SHADOW, HEAT_SNOW,    HEAT_WATER};
    for (size_t i = 0; i < COUNT_OF(NAMED); i++)
        if (str_is(word, heat_reason_key(NAMED[i]))) {
            mask->also |= 1u << NAMED[i];
            return true;
        }
    if (str_is(word, "default"))
        return true;
    if (str_is(word, "none"))
        return mask->none = true;
    if (str_starts(word, STR("0x")) || str_starts(word, STR("0X")))
        return mask->has_bits = bits_of(word, &mask->bits);
    struct str quality = value_of(word, STR("quality"));
    if (!quality.ptr)
        quality = value_of(word, STR("qc"));
    int64_t level;
    if (quality.ptr && str_to_int(quality, &level) == OK && level >= 0 && level <= 3) {
        mask->quality_max = (int)level;
        return true;
    }
    struct str limit = value_of(word, STR("uncertainty"));
    return real_of(limit.ptr ? limit : value_of(word, STR("error")), &mask->uncertainty_k);
}

enum err heat_mask_parse(struct str text, struct heat_mask *out)
{
    struct heat_mask mask = heat_mask_default();
    for (size_t at = 0; at <= text.len;) {
        size_t end = str_find(text, STR(","), at);
        struct str word = str_trim(str_sub(text, at, end - at));
        if (!read_word(word, &mask))
            return err_refuse(ERR_SYNTAX, "heat.mask",
                              "mask: '%.*s' is none of default, none, 0x…, cloud, dilated, cirrus, "
                              "shadow, snow, water, quality=0…3, uncertainty=KELVIN",
                              STR_ARG(word));
        at = end + 1;
    }
    if (mask.none && mask.has_bits)
        return err_refuse(ERR_SYNTAX, "heat.mask", "mask: either none or bits, not both");
    *out = mask;
    return OK;
}

static uint32_t landsat_bits(const struct heat_mask *mask)
{
    uint32_t bits = mask->has_bits ? mask->bits : mask->none ? 0 : LANDSAT_DEFAULT;
    for (size_t i = 0; i < COUNT_OF(LANDSAT_BITS); i++)
        if (mask->also & 1u << LANDSAT_BITS[i].reason)
            bits |= 1u << LANDSAT_BITS[i].bit;
    return bits;
}

static enum heat_quality_rule rule_of(const struct heat_scene *scene, size_t layer)
{
    bool there = scene->inside->parts[layer][PART_QUALITY].path != NULL;
    return there ? scene->inside->quality : QUALITY_ABSENT;
}

/* What a mask asks for by name must be there to be asked: else it would be forgotten silently. */
static enum err check_askable(const struct heat_scene *scene, size_t layer,
                              const struct heat_mask *mask)
{
    const struct heat_part *parts = scene->inside->parts[layer];
    enum heat_quality_rule rule = rule_of(scene, layer);
    uint32_t also = mask->also;
    if (parts[PART_WATER].path)
        also &= ~(1u << HEAT_WATER);
    if (rule == QUALITY_CLOUD || rule == QUALITY_MODIS)
        also &= ~(1u << HEAT_CLOUD); /* Left out already. */
    if (also && rule != QUALITY_LANDSAT)
        return err_refuse(ERR_INVALID, "heat.mask-not-there",
                          "mask: %.*s has nothing that tells %s", STR_ARG(scene->product),
                          heat_reason_key((enum heat_reason)__builtin_ctz(also)));
    if (mask->has_bits && mask->bits && rule == QUALITY_ABSENT)
        return err_refuse(ERR_INVALID, "heat.mask-not-there",
                          "mask: %.*s has no quality band to test bits of",
                          STR_ARG(scene->product));
    if (mask->quality_max >= 0 && rule != QUALITY_MODIS)
        return err_refuse(ERR_INVALID, "heat.mask-not-there",
                          "mask: %.*s has no mandatory quality flag", STR_ARG(scene->product));
    if (mask->uncertainty_k > 0 && !scene->layers[layer].has_uncertainty)
        return err_refuse(ERR_INVALID, "heat.mask-not-there",
                          "mask: %.*s says nothing of its uncertainty", STR_ARG(scene->product));
    return OK;
}

enum err heat_sieve_of(const struct heat_scene *scene, size_t layer, const struct heat_mask *mask,
                       struct heat_sieve *out)
{
    enum err r = check_askable(scene, layer, mask);
    if (r != OK)
        return r;
    const struct heat_inside *inside = scene->inside;
    struct heat_sieve sieve = {.rule = rule_of(scene, layer),
                               .floor = inside->has_floor && !mask->none,
                               .water = (mask->also & 1u << HEAT_WATER) != 0,
                               .uncertainty_k = mask->uncertainty_k,
                               .quality_max = 3};
    if (sieve.rule == QUALITY_LANDSAT)
        sieve.bits = landsat_bits(mask);
    else if (mask->has_bits)
        sieve.bits = mask->bits;
    else if (!mask->none && sieve.rule == QUALITY_MODIS)
        sieve.quality_max = 0;
    else if (!mask->none)
        sieve.bits = UINT32_MAX;
    if (mask->quality_max >= 0)
        sieve.quality_max = mask->quality_max;
    *out = sieve;
    return OK;
}

static enum heat_reason landsat_reason(uint32_t bits, uint32_t quality, bool present)
{
    if (!present)
        return quality & 1 ? HEAT_FILL : HEAT_GAP;
    uint32_t found = bits & quality;
    if (!found)
        return HEAT_CLEAR;
    for (size_t i = 0; i < COUNT_OF(LANDSAT_BITS); i++)
        if (found & 1u << LANDSAT_BITS[i].bit)
            return LANDSAT_BITS[i].reason;
    return HEAT_QUALITY;
}

static enum heat_reason modis_reason(const struct heat_sieve *sieve, uint32_t quality, bool present)
{
    uint32_t mandatory = quality & 3;
    if (!present)
        return mandatory == 2 ? HEAT_CLOUD : HEAT_GAP;
    if ((quality & sieve->bits) || (int)mandatory > sieve->quality_max)
        return mandatory == 2 ? HEAT_CLOUD : HEAT_QUALITY;
    return HEAT_CLEAR;
}

enum heat_reason heat_sieve_quality(const struct heat_sieve *sieve, uint32_t quality, bool present)
{
    switch (sieve->rule) {
    case QUALITY_ABSENT:
        return present ? HEAT_CLEAR : HEAT_GAP;
    case QUALITY_LANDSAT:
        return landsat_reason(sieve->bits, quality, present);
    case QUALITY_MODIS:
        return modis_reason(sieve, quality, present);
    case QUALITY_CLOUD:
    case QUALITY_MASK:
        break;
    }
    enum heat_reason masked = sieve->rule == QUALITY_CLOUD ? HEAT_CLOUD : HEAT_QUALITY;
    if (!present)
        return quality ? masked : HEAT_GAP;
    return quality & sieve->bits ? masked : HEAT_CLEAR;
}

static void landsat_text(struct buf *text, const struct heat_sieve *sieve)
{
    buf_format(text, "QA_PIXEL & 0x%X = 0", sieve->bits);
}

struct str heat_mask_text(struct arena *arena, const struct heat_scene *scene,
                          const struct heat_mask *mask)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, 1024);
    struct heat_sieve sieve;
    if (heat_sieve_of(scene, 0, mask, &sieve) != OK)
        return STR("");
    switch (sieve.rule) {
    case QUALITY_ABSENT:
        buf_add_c(&text, "no quality band: clouds are not left out");
        break;
    case QUALITY_LANDSAT:
        landsat_text(&text, &sieve);
        break;
    case QUALITY_MODIS:
        buf_format(&text, "mandatory QC <= %d", sieve.quality_max);
        if (sieve.bits)
            buf_format(&text, "; QC & 0x%X = 0", sieve.bits);
        break;
    case QUALITY_CLOUD:
    case QUALITY_MASK:
        buf_add_c(&text, sieve.bits ? sieve.rule == QUALITY_CLOUD ? "cloud mask = 0" : "mask = 0"
                                    : "no mask, as asked");
    }
    if (sieve.floor)
        buf_format(&text, "; DN > %g", scene->inside->floor);
    if (sieve.water && sieve.rule != QUALITY_LANDSAT)
        buf_add_c(&text, "; water mask = 0");
    if (sieve.uncertainty_k > 0)
        buf_format(&text, "; uncertainty <= %g K", sieve.uncertainty_k);
    return str_copy(arena, buf_str(&text));
}
