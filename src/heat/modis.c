#include "heat/inside.h"

#include "base/clock.h"
#include "heat/hdf.h"

#include <stdio.h>

static const double SCALE = 0.02, NATIVE_M = 1000;

enum { LAYERS_MAX = 2000 };

/* Temperature, the quality band that belongs to it, and when the sensor looked. */
static const struct {
    struct str value, quality;
    enum heat_light light;
} SETS[] = {
    {STR_INIT("LST_Day_1km"), STR_INIT("QC_Day"), HEAT_DAY},
    {STR_INIT("LST_Night_1km"), STR_INIT("QC_Night"), HEAT_NIGHT},
};

static bool ends_so(struct str name, const char *end)
{
    struct str tail = str_of(end);
    return name.len >= tail.len &&
           str_equal_nocase(str_sub(name, name.len - tail.len, tail.len), tail);
}

static struct str base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return str_of(slash ? slash + 1 : path);
}

/* What all MOD11/MYD11 layers share; the names tell the satellite ("MOD…" Terra, "MYD…" Aqua). */
static void describe(struct heat_scene *scene, struct str name, struct str product)
{
    scene->kind = HEAT_MODIS;
    scene->product = product;
    scene->sensor = str_starts(name, STR("MYD"))   ? STR("Aqua MODIS")
                    : str_starts(name, STR("MOD")) ? STR("Terra MODIS")
                                                   : STR("MODIS");
    scene->method = STR("surface temperature of the product (DN × 0.02 K)");
    scene->native_m = scene->grid.pixel_m > NATIVE_M ? scene->grid.pixel_m : NATIVE_M;
}

/* Files cut out of the product carry its scale, or their values are scaled already. */
static void set_scale(struct heat_part *part, bool whole_numbers)
{
    if (part->scale == 1 && part->offset == 0 && whole_numbers)
        part->scale = SCALE;
    if (!part->has_fill) {
        part->has_fill = true;
        part->fill = 0;
    }
}

static enum err whole_numbers(const char *path, bool *out)
{
    GDALDatasetH dataset;
    enum err r = heat_dataset_open(path, &dataset);
    if (r != OK)
        return r;
    GDALDataType type = gdal.GDALGetRasterDataType(gdal.GDALGetRasterBand(dataset, 1));
    *out = type != GDT_Float32 && type != GDT_Float64;
    heat_dataset_close(dataset);
    return OK;
}

/* One layer of a temperature file or subdataset and its quality, NULL if it has none. */
static enum err open_layer(struct arena *arena, struct heat_scene *scene, size_t at, size_t set,
                           const char *value, const char *quality)
{
    struct heat_part *parts = heat_parts(scene, at);
    struct heat_layer *layer = (struct heat_layer *)&scene->layers[at];
    bool whole = true;
    enum err r = heat_part_open(arena, scene, value, 1, &parts[PART_VALUE]);
    if (r == OK)
        r = whole_numbers(value, &whole);
    if (r == OK)
        set_scale(&parts[PART_VALUE], whole);
    if (r == OK && quality)
        r = heat_part_open(arena, scene, quality, 1, &parts[PART_QUALITY]);
    layer->name = SETS[set].value;
    layer->light = SETS[set].light;
    layer->has_quality = layer->has_uncertainty = quality != NULL;
    return r;
}

/* ---- HDF4: both sets are subdatasets of one file ----------------------------------------- */

struct found_sets {
    const char *value[COUNT_OF(SETS)], *quality[COUNT_OF(SETS)];
    struct str product, date;
};

static void read_subdatasets(struct arena *arena, GDALDatasetH dataset, struct found_sets *out)
{
    CSLConstList names = gdal.GDALGetMetadata(dataset, "SUBDATASETS");
    for (int i = 0; names && names[i]; i++) {
        struct str line = str_of(names[i]);
        size_t equals = str_find(line, STR("_NAME="), 0);
        if (equals == line.len)
            continue;
        struct str name = str_sub(line, equals + strlen("_NAME="), line.len);
        for (size_t s = 0; s < COUNT_OF(SETS); s++) {
            struct str value = str_format(arena, ":%.*s", STR_ARG(SETS[s].value));
            struct str quality = str_format(arena, ":%.*s", STR_ARG(SETS[s].quality));
            if (ends_so(name, value.ptr))
                out->value[s] = str_c(arena, name);
            if (ends_so(name, quality.ptr))
                out->quality[s] = str_c(arena, name);
        }
    }
    const char *granule = gdal.GDALGetMetadataItem(dataset, "LOCALGRANULEID", NULL);
    const char *begin = gdal.GDALGetMetadataItem(dataset, "RANGEBEGINNINGDATE", NULL);
    out->product = str_copy(arena, str_of(granule ? granule : ""));
    out->date = str_copy(arena, str_of(begin ? begin : ""));
}

static enum err open_hdf(struct arena *arena, const char *path, struct heat_scene *scene)
{
    GDALDatasetH dataset;
    enum err r = heat_hdf_check(path);
    if (r == OK)
        r = heat_dataset_open(path, &dataset);
    if (r != OK)
        return r;
    struct found_sets sets = {0};
    read_subdatasets(arena, dataset, &sets);
    heat_dataset_close(dataset);
    size_t count = 0;
    for (size_t s = 0; s < COUNT_OF(SETS); s++)
        count += sets.value[s] != NULL;
    if (count == 0)
        return err_refuse(ERR_INVALID, "heat.no-scene",
                          "%s: an HDF4 file without LST_Day_1km or LST_Night_1km", path);
    struct heat_layer *layers = heat_layers_new(arena, scene, count);
    struct str name = base_name(path);
    int64_t date;
    if (date_parse(sets.date, &date) != OK)
        date = heat_date_in(name);
    for (size_t s = 0, at = 0; r == OK && s < COUNT_OF(SETS); s++) {
        if (!sets.value[s])
            continue;
        layers[at].date = date;
        r = open_layer(arena, scene, at++, s, sets.value[s], sets.quality[s]);
    }
    scene->inside->quality = sets.quality[0] || sets.quality[1] ? QUALITY_MODIS : QUALITY_ABSENT;
    if (r == OK)
        describe(scene, sets.product.len ? sets.product : name,
                 sets.product.len ? sets.product : name);
    return r;
}

/* ---- GeoTIFF: each set is a file --------------------------------------------------------- */

static bool is_tiff(struct str name)
{
    return ends_so(name, ".tif") || ends_so(name, ".tiff");
}

/* Which set a file's name speaks of, as value or quality; false if neither. */
static bool set_of(struct str name, size_t *set, struct str *word)
{
    for (size_t s = 0; s < COUNT_OF(SETS); s++)
        for (int quality = 0; quality < 2; quality++) {
            *set = s;
            *word = quality ? SETS[s].quality : SETS[s].value;
            if (str_find(name, *word, 0) < name.len)
                return true;
        }
    return false;
}

/* The name with the set's value word in place of `word`, or its quality word. */
static const char *sibling(struct arena *arena, const struct heat_folder *folder, struct str name,
                           struct str word, struct str other)
{
    size_t at = str_find(name, word, 0);
    struct str wanted = str_format(arena, "%.*s%.*s%.*s", STR_ARG(str_sub(name, 0, at)),
                                   STR_ARG(other), STR_ARG(str_sub(name, at + word.len, name.len)));
    const char *found = heat_folder_find(folder, wanted, "");
    return found && strlen(found) == wanted.len ? found : NULL;
}

struct pair {
    size_t set;
    const char *value, *quality;
};

static enum err list_pairs(struct arena *arena, const struct heat_folder *folder, struct pair **out,
                           size_t *out_count)
{
    struct pair *pairs = NULL;
    size_t count = 0, capacity = 0, set;
    struct str word;
    for (size_t i = 0; i < folder->count; i++) {
        struct str name = str_of(folder->names[i]);
        if (!is_tiff(name) || !set_of(name, &set, &word) || !str_equal(word, SETS[set].value))
            continue;
        if (folder->chosen && !str_is(name, folder->chosen))
            continue;
        if (count == LAYERS_MAX)
            return err_refuse(ERR_LIMIT, "heat.too-large", "%s: more than %d layers", folder->path,
                              LAYERS_MAX);
        const char *quality = sibling(arena, folder, name, word, SETS[set].quality);
        *ARENA_PUSH(arena, pairs, count, capacity) = (struct pair){set, folder->names[i], quality};
    }
    *out = pairs;
    *out_count = count;
    return OK;
}

static enum err open_tiffs(struct arena *arena, const struct heat_folder *folder,
                           struct heat_scene *scene, bool *found)
{
    struct pair *pairs = NULL;
    size_t count = 0;
    enum err r = list_pairs(arena, folder, &pairs, &count);
    *found = r == OK && count > 0;
    if (!*found)
        return r;
    struct heat_layer *layers = heat_layers_new(arena, scene, count);
    for (size_t i = 0; r == OK && i < count; i++) {
        const char *quality = pairs[i].quality;
        r = open_layer(arena, scene, i, pairs[i].set,
                       heat_folder_path(arena, folder, pairs[i].value),
                       quality ? heat_folder_path(arena, folder, quality) : NULL);
        layers[i].date = heat_date_in(str_of(pairs[i].value));
        if (quality)
            scene->inside->quality = QUALITY_MODIS;
    }
    if (r != OK)
        return r;
    struct str name = str_of(pairs[0].value);
    size_t word = str_find(name, SETS[pairs[0].set].value, 0);
    struct str product = str_sub(name, 0, word && name.ptr[word - 1] == '_' ? word - 1 : word);
    describe(scene, name, product.len ? product : name);
    return OK;
}

enum err heat_modis_open(struct arena *arena, const struct heat_folder *folder,
                         struct heat_scene *scene, bool *found)
{
    const char *hdf =
        folder->chosen && ends_so(str_of(folder->chosen), ".hdf") ? folder->chosen : NULL;
    size_t count = hdf != NULL;
    for (size_t i = 0; !folder->chosen && i < folder->count; i++)
        if (ends_so(str_of(folder->names[i]), ".hdf")) {
            hdf = folder->names[i];
            count++;
        }
    if (count > 1)
        return err_refuse(ERR_INVALID, "heat.many-scenes", "%s: more than one HDF4 file: name one",
                          folder->path);
    *found = hdf != NULL;
    if (hdf)
        return open_hdf(arena, heat_folder_path(arena, folder, hdf), scene);
    return open_tiffs(arena, folder, scene, found);
}
