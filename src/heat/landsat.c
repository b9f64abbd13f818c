#include "heat/inside.h"

#include "base/clock.h"
#include "heat/mtl.h"

#include <stdio.h>

/* TIRS sees 100 m pixels; the products carry them on a 30 m grid. */
static const double TIRS_M = 100;
/* "Valid range 293–61440": the first is what opaque cloud is written as. */
static const double ST_FLOOR = 293;
static const double RADIANCE_SCALE = 1e-3, SHARE_SCALE = 1e-4, ERROR_SCALE = 1e-2;

struct landsat {
    struct arena *arena;
    const struct heat_folder *folder;
    const struct heat_options *options;
    struct heat_scene *scene;
    struct mtl mtl;
    struct str stem; /* The metadata file's name before "_MTL". */
};

static bool is_metadata(const char *name)
{
    static const char *const ENDS[] = {"_MTL.txt", "_MTL.json", "_MTL.xml"};
    struct str text = str_of(name);
    for (size_t i = 0; i < COUNT_OF(ENDS); i++) {
        struct str end = str_of(ENDS[i]);
        if (text.len >= end.len &&
            str_equal_nocase(str_sub(text, text.len - end.len, end.len), end))
            return true;
    }
    return false;
}

static struct str stem_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    return str_sub(str_of(name), 0, (size_t)(dot - name) - strlen("_MTL"));
}

/* "LC08_…" and "LC8…": how the names of this sensor's products begin. */
static bool is_landsat_name(const char *name)
{
    struct str text = str_of(name);
    static const char *const STARTS[] = {"LC08_", "LC09_", "LT08_", "LT09_", "LC8", "LT8", "LO08_"};
    for (size_t i = 0; i < COUNT_OF(STARTS); i++)
        if (str_equal_nocase(str_sub(text, 0, strlen(STARTS[i])), str_of(STARTS[i])))
            return true;
    return false;
}

/* The metadata file of a folder, or the one beside a band that was named. */
static enum err find_metadata(const struct heat_folder *folder, const char **out)
{
    const char *found = NULL;
    if (folder->chosen && is_metadata(folder->chosen)) {
        *out = folder->chosen;
        return OK;
    }
    for (size_t i = 0; i < folder->count; i++) {
        const char *name = folder->names[i];
        if (!is_metadata(name))
            continue;
        struct str stem = stem_of(name);
        if (folder->chosen && !str_starts(str_of(folder->chosen), stem))
            continue;
        if (found && !str_equal(stem_of(found), stem))
            return err_refuse(ERR_INVALID, "heat.many-scenes",
                              "%s: more than one scene (%s, %s …): name one", folder->path, found,
                              name);
        if (!found || str_ends(str_of(name), STR(".txt")))
            found = name;
    }
    if (!found && folder->chosen && is_landsat_name(folder->chosen))
        return err_refuse(ERR_NOT_FOUND, "heat.no-mtl",
                          "%s/%s: its metadata (…_MTL.txt) is not beside it", folder->path,
                          folder->chosen);
    *out = found;
    return OK;
}

static enum err read_metadata(struct landsat *landsat, const char *name)
{
    const char *path = heat_folder_path(landsat->arena, landsat->folder, name);
    struct str text;
    enum err r = heat_text_read(landsat->arena, path, LIMIT_HEAT_MTL, &text);
    if (r == OK)
        r = mtl_read(landsat->arena, text, &landsat->mtl);
    landsat->stem = stem_of(name);
    return r;
}

/* Looks for a band by the name the metadata give, then by the ends that copies of it carry. */
static const char *find_file(const struct landsat *landsat, const char *key, const char *end)
{
    struct str named = mtl_text(&landsat->mtl, key);
    const char *name = NULL;
    char ends[4][40];
    if (named.ptr && named.len > 0 && named.len < 200)
        name = heat_folder_find(landsat->folder, named, "");
    snprintf(ends[0], sizeof(ends[0]), "_%s.tif", end);
    snprintf(ends[1], sizeof(ends[1]), "_%s.tiff", end);
    snprintf(ends[2], sizeof(ends[2]), "_band%s.tif", end[0] == 'B' ? end + 1 : end);
    snprintf(ends[3], sizeof(ends[3]), "_band%s.tiff", end[0] == 'B' ? end + 1 : end);
    for (size_t i = 0; !name && i < COUNT_OF(ends); i++) {
        name = heat_folder_find(landsat->folder, landsat->stem, ends[i]);
        /* "…_SR_B4.TIF" is no "…_B4.TIF". */
        if (name && strlen(name) != landsat->stem.len + strlen(ends[i]))
            name = NULL;
    }
    return name ? heat_folder_path(landsat->arena, landsat->folder, name) : NULL;
}

static enum err add_part(struct landsat *landsat, enum heat_part_name part, const char *key,
                         const char *end, bool needed)
{
    const char *path = find_file(landsat, key, end);
    if (!path && needed)
        return err_refuse(ERR_NOT_FOUND, "heat.no-band", "%.*s: its file …_%s.TIF is not there",
                          STR_ARG(landsat->stem), end);
    if (!path)
        return OK;
    return heat_part_open(landsat->arena, landsat->scene, path, 1,
                          &heat_parts(landsat->scene, 0)[part]);
}

static void set_scale(struct heat_part *part, double scale, double offset, double fill)
{
    part->scale = scale;
    part->offset = offset;
    if (!part->has_fill) {
        part->has_fill = true;
        part->fill = fill;
    }
}

/* Scale and offset of a band from the metadata: "RADIANCE_MULT_BAND_10", "RADIANCE_ADD_BAND_10". */
static enum err scale_part(struct landsat *landsat, enum heat_part_name part, const char *what,
                           const char *band)
{
    double scale, offset;
    const char *mult = str_format(landsat->arena, "%s_MULT_%s", what, band).ptr;
    const char *add = str_format(landsat->arena, "%s_ADD_%s", what, band).ptr;
    enum err r = mtl_real(&landsat->mtl, mult, &scale);
    if (r == OK)
        r = mtl_real(&landsat->mtl, add, &offset);
    if (r == OK)
        set_scale(&heat_parts(landsat->scene, 0)[part], scale, offset, 0);
    /* 0 is fill in every band, whatever else the file calls so. */
    return r;
}

static enum err read_constants(struct landsat *landsat, const char *band, double *k1, double *k2)
{
    const char *first = str_format(landsat->arena, "K1_CONSTANT_%s", band).ptr;
    const char *second = str_format(landsat->arena, "K2_CONSTANT_%s", band).ptr;
    enum err r = mtl_real(&landsat->mtl, first, k1);
    if (r == OK)
        r = mtl_real(&landsat->mtl, second, k2);
    if (r == OK && (*k1 <= 0 || *k2 <= 0))
        r = err_refuse(ERR_INVALID, "heat.mtl", "MTL: %s is not above 0", first);
    return r;
}

static enum err open_radiative(struct landsat *landsat)
{
    static const struct {
        enum heat_part_name part;
        const char *key, *end;
        double scale;
    } BANDS[] = {
        {PART_VALUE, "FILE_NAME_THERMAL_RADIANCE", "ST_TRAD", RADIANCE_SCALE},
        {PART_UPWELL, "FILE_NAME_UPWELL_RADIANCE", "ST_URAD", RADIANCE_SCALE},
        {PART_DOWNWELL, "FILE_NAME_DOWNWELL_RADIANCE", "ST_DRAD", RADIANCE_SCALE},
        {PART_TRANSMIT, "FILE_NAME_ATMOSPHERIC_TRANSMITTANCE", "ST_ATRAN", SHARE_SCALE},
        {PART_EMISSIVITY, "FILE_NAME_EMISSIVITY", "ST_EMIS", SHARE_SCALE},
    };
    struct heat_inside *inside = landsat->scene->inside;
    enum err r = OK;
    for (size_t i = 0; r == OK && i < COUNT_OF(BANDS); i++) {
        r = add_part(landsat, BANDS[i].part, BANDS[i].key, BANDS[i].end, true);
        if (r == OK)
            set_scale(&heat_parts(landsat->scene, 0)[BANDS[i].part], BANDS[i].scale, 0, -9999);
    }
    if (r != OK)
        return r;
    inside->formula = FORMULA_RADIATIVE;
    landsat->scene->method = STR("radiative transfer from the product's own bands");
    return read_constants(landsat, "BAND_10", &inside->k1, &inside->k2);
}

static enum err open_product(struct landsat *landsat)
{
    enum err r = add_part(landsat, PART_VALUE, "FILE_NAME_BAND_ST_B10", "ST_B10", true);
    if (r == OK)
        r = scale_part(landsat, PART_VALUE, "TEMPERATURE", "BAND_ST_B10");
    if (r != OK)
        return r;
    landsat->scene->inside->has_floor = true;
    landsat->scene->inside->floor = ST_FLOOR;
    landsat->scene->method = STR("surface temperature of the product (ST_B10)");
    return OK;
}

static enum err open_level_2(struct landsat *landsat)
{
    enum heat_method method = landsat->options->method;
    struct heat_scene *scene = landsat->scene;
    if (method == HEAT_METHOD_BRIGHTNESS || method == HEAT_METHOD_SPLIT)
        return err_refuse(ERR_INVALID, "heat.method", "%.*s: this method needs a Level 1 scene",
                          STR_ARG(landsat->stem));
    scene->kind = HEAT_LANDSAT_L2;
    enum err r = method == HEAT_METHOD_RADIATIVE ? open_radiative(landsat) : open_product(landsat);
    if (r == OK)
        r = add_part(landsat, PART_QUALITY, "FILE_NAME_QUALITY_L1_PIXEL", "QA_PIXEL", true);
    if (r == OK)
        r = add_part(landsat, PART_UNCERTAINTY, "FILE_NAME_QUALITY_L2_SURFACE_TEMPERATURE", "ST_QA",
                     false);
    struct heat_part *parts = heat_parts(scene, 0);
    if (r == OK && parts[PART_UNCERTAINTY].path)
        set_scale(&parts[PART_UNCERTAINTY], ERROR_SCALE, 0, -9999);
    scene->inside->quality = QUALITY_LANDSAT;
    return r;
}

static enum err check_air(const struct heat_air *air, enum heat_method method)
{
    if (method == HEAT_METHOD_RADIATIVE && !(air->transmittance > 0 && air->transmittance <= 1 &&
                                             air->upwelling >= 0 && air->downwelling >= 0))
        return err_refuse(ERR_INVALID, "heat.air",
                          "radiative transfer needs the air's transmittance (0 to 1), upwelling "
                          "and downwelling radiance");
    if (method == HEAT_METHOD_SPLIT && !(air->water_vapour > 0 && air->water_vapour < 10))
        return err_refuse(ERR_INVALID, "heat.air",
                          "the split window needs the air's water vapour in g/cm²");
    if (!(air->emissivity >= 0 && air->emissivity <= 1))
        return err_refuse(ERR_INVALID, "heat.air", "emissivity is between 0 and 1");
    return OK;
}

static enum err open_band(struct landsat *landsat, enum heat_part_name part, const char *key,
                          const char *end, const char *what, const char *band)
{
    enum err r = add_part(landsat, part, key, end, true);
    return r == OK ? scale_part(landsat, part, what, band) : r;
}

static enum err open_cover_bands(struct landsat *landsat)
{
    if (landsat->options->air.emissivity > 0)
        return OK;
    enum err r = open_band(landsat, PART_RED, "FILE_NAME_BAND_4", "B4", "REFLECTANCE", "BAND_4");
    if (r == OK)
        r = open_band(landsat, PART_NEAR, "FILE_NAME_BAND_5", "B5", "REFLECTANCE", "BAND_5");
    return r;
}

static enum err open_method(struct landsat *landsat)
{
    struct heat_scene *scene = landsat->scene;
    struct heat_inside *inside = scene->inside;
    enum heat_method method = landsat->options->method;
    inside->air = landsat->options->air;
    inside->formula = FORMULA_BRIGHTNESS;
    scene->method = STR("brightness temperature of band 10: no emissivity, no atmosphere");
    if (method == HEAT_METHOD_DEFAULT || method == HEAT_METHOD_BRIGHTNESS)
        return OK;
    enum err r = check_air(&inside->air, method);
    if (r == OK)
        r = open_cover_bands(landsat);
    if (r != OK)
        return r;
    inside->formula = FORMULA_AIR;
    scene->method = STR("radiative transfer of band 10 through the air given");
    if (method == HEAT_METHOD_RADIATIVE)
        return OK;
    inside->formula = FORMULA_SPLIT;
    scene->method = STR("split window of bands 10 and 11 (Jiménez-Muñoz et al. 2014)");
    r = open_band(landsat, PART_BAND_11, "FILE_NAME_BAND_11", "B11", "RADIANCE", "BAND_11");
    if (r == OK)
        r = read_constants(landsat, "BAND_11", &inside->k1_band_11, &inside->k2_band_11);
    return r;
}

static enum err open_level_1(struct landsat *landsat)
{
    struct heat_scene *scene = landsat->scene;
    scene->kind = HEAT_LANDSAT_L1;
    enum err r = open_band(landsat, PART_VALUE, "FILE_NAME_BAND_10", "B10", "RADIANCE", "BAND_10");
    if (r == OK)
        r = read_constants(landsat, "BAND_10", &scene->inside->k1, &scene->inside->k2);
    if (r == OK)
        r = open_method(landsat);
    if (r != OK || !str_is(mtl_text(&landsat->mtl, "COLLECTION_NUMBER"), "02"))
        return r; /* Before the collections the quality band had other bits: it is not read. */
    r = add_part(landsat, PART_QUALITY, "FILE_NAME_QUALITY_L1_PIXEL", "QA_PIXEL", false);
    if (heat_parts(scene, 0)[PART_QUALITY].path)
        scene->inside->quality = QUALITY_LANDSAT;
    return r;
}

/* What the metadata must say before a band is looked at. */
static enum err check_product(const struct landsat *landsat, bool *level_2)
{
    const struct mtl *mtl = &landsat->mtl;
    struct str craft = mtl_text(mtl, "SPACECRAFT_ID");
    struct str collection = mtl_text(mtl, "COLLECTION_NUMBER");
    struct str level = mtl_text(mtl, "PROCESSING_LEVEL");
    if (!level.ptr)
        level = mtl_text(mtl, "DATA_TYPE");
    if (!str_is(craft, "LANDSAT_8") && !str_is(craft, "LANDSAT_9"))
        return err_refuse(ERR_INVALID, "heat.spacecraft",
                          "%.*s: spacecraft '%.*s'; Landsat 8 and 9 are read",
                          STR_ARG(landsat->stem), STR_ARG(craft));
    if (collection.ptr && !str_is(collection, "02") && !str_is(collection, "2"))
        return err_refuse(ERR_INVALID, "heat.collection",
                          "%.*s: Collection %.*s; its quality bits and calibration are not "
                          "Collection 2's: get the Collection 2 scene",
                          STR_ARG(landsat->stem), STR_ARG(collection));
    *level_2 = str_starts(level, STR("L2"));
    if (!*level_2 && !str_starts(level, STR("L1")))
        return err_refuse(ERR_INVALID, "heat.level", "%.*s: processing level '%.*s' is not read",
                          STR_ARG(landsat->stem), STR_ARG(level));
    if (*level_2 && !collection.ptr)
        return err_refuse(ERR_INVALID, "heat.collection", "%.*s: a Level 2 scene of no collection",
                          STR_ARG(landsat->stem));
    if (str_is(level, "L2SR"))
        return err_refuse(ERR_INVALID, "heat.level",
                          "%.*s: a scene without surface temperature (L2SR)",
                          STR_ARG(landsat->stem));
    return OK;
}

static void describe(struct landsat *landsat, struct heat_layer *layer)
{
    const struct mtl *mtl = &landsat->mtl;
    struct heat_scene *scene = landsat->scene;
    struct str product = mtl_text(mtl, "LANDSAT_PRODUCT_ID");
    scene->product = product.len ? product : mtl_text(mtl, "LANDSAT_SCENE_ID");
    if (scene->product.len == 0)
        scene->product = landsat->stem;
    scene->sensor = str_is(mtl_text(mtl, "SPACECRAFT_ID"), "LANDSAT_9") ? STR("Landsat 9 TIRS-2")
                                                                        : STR("Landsat 8 TIRS");
    layer->name = scene->kind == HEAT_LANDSAT_L2 ? STR("ST_B10") : STR("B10");
    struct str date = mtl_text(mtl, "DATE_ACQUIRED"), time = mtl_text(mtl, "SCENE_CENTER_TIME");
    int64_t days, at;
    if (date_parse(date, &days) == OK)
        layer->date = days;
    /* Seven digits of a second are one more than a clock here has. */
    struct str stamp =
        str_format(landsat->arena, "%.*sT%.*sZ", STR_ARG(date), STR_ARG(str_sub(time, 0, 8)));
    if (time_parse(stamp, &at) == OK)
        layer->time_us = at;
    double height;
    if (mtl_real(mtl, "SUN_ELEVATION", &height) == OK)
        layer->light = height > 0 ? HEAT_DAY : HEAT_NIGHT;
    layer->has_uncertainty = heat_parts(scene, 0)[PART_UNCERTAINTY].path != NULL;
    layer->has_quality = heat_parts(scene, 0)[PART_QUALITY].path != NULL;
    scene->native_m = TIRS_M;
    if (scene->grid.pixel_m > TIRS_M)
        scene->native_m = scene->grid.pixel_m; /* A decimated copy. */
}

enum err heat_landsat_open(struct arena *arena, const struct heat_folder *folder,
                           const struct heat_options *options, struct heat_scene *scene,
                           bool *found)
{
    const char *name = NULL;
    enum err r = find_metadata(folder, &name);
    *found = r == OK && name;
    if (!*found)
        return r;
    struct landsat landsat = {.arena = arena, .folder = folder, .options = options, .scene = scene};
    bool level_2 = false;
    r = read_metadata(&landsat, name);
    if (r == OK)
        r = check_product(&landsat, &level_2);
    if (r != OK)
        return r;
    struct heat_layer *layer = heat_layers_new(arena, scene, 1);
    r = level_2 ? open_level_2(&landsat) : open_level_1(&landsat);
    if (r == OK)
        describe(&landsat, layer);
    return r;
}
