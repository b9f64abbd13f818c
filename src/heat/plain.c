#include "heat/inside.h"

#include "base/clock.h"

#include <math.h>
#include <stdlib.h>

/* Temperatures of the earth's surface, in either unit, never overlap: -120 °C to 120 °C is 153 K
 * to 393 K, and hot fires stay above 393 K. */
static const double CELSIUS_LEAST = -120, CELSIUS_MOST = 140, KELVIN_MOST = 2000;

enum { SAMPLE_SIDE = 64, SAMPLE_BLOCKS = 16, SAMPLE_LEAST = 256 };

static bool is_tiff(struct str name)
{
    return (name.len > 4 && str_equal_nocase(str_sub(name, name.len - 4, 4), STR(".tif"))) ||
           (name.len > 5 && str_equal_nocase(str_sub(name, name.len - 5, 5), STR(".tiff")));
}

static struct str stem_of(struct str name)
{
    size_t dot = name.len;
    while (dot > 0 && name.ptr[dot - 1] != '.')
        dot--;
    return str_sub(name, 0, dot ? dot - 1 : name.len);
}

static const char *const MASK_ENDS[] = {"_mask.tif", "_cloud.tif", "_clouds.tif", "_mask.tiff",
                                        "_cloud.tiff"};

static bool is_mask(struct str name)
{
    for (size_t i = 0; i < COUNT_OF(MASK_ENDS); i++) {
        struct str end = str_of(MASK_ENDS[i]);
        if (name.len > end.len && str_equal_nocase(str_sub(name, name.len - end.len, end.len), end))
            return true;
    }
    return false;
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Values of one band, some of them. */
struct sample {
    const struct heat_part *part;
    GDALRasterBandH band;
    int width, height;
    float *line, *values;
    size_t count;
};

/* Some values of part of a row. */
static bool sample_row(struct sample *sample, int x, int y, int width)
{
    const struct heat_part *part = sample->part;
    int columns = width < SAMPLE_SIDE ? width : SAMPLE_SIDE;
    if (gdal.GDALRasterIO(sample->band, GF_Read, x, y, width, 1, sample->line, width, 1,
                          GDT_Float32, 0, 0) != CE_None)
        return false;
    for (int i = 0; i < columns; i++) {
        float raw = sample->line[(int64_t)i * width / columns];
        if (isfinite(raw) && !(part->has_fill && (double)raw == part->fill))
            sample->values[sample->count++] = (float)((double)raw * part->scale + part->offset);
    }
    return true;
}

/* A few blocks far from each other: a large raster is not decoded for its unit alone. */
static bool sample_blocks(struct sample *sample)
{
    int width, height;
    gdal.GDALGetBlockSize(sample->band, &width, &height);
    for (int i = 0; i < SAMPLE_BLOCKS; i++) {
        /* The fractions of the golden ratio's multiples are spread evenly, as are i / n. */
        double along = i * 0.6180339887498949, down = (i + 0.5) / SAMPLE_BLOCKS;
        int x = (int)((along - floor(along)) * sample->width) / width * width;
        int left = sample->width - x;
        if (!sample_row(sample, x, (int)(down * sample->height), left < width ? left : width))
            return false;
    }
    return true;
}

/* Rows from all over the band. */
static bool sample_rows(struct sample *sample)
{
    int rows = sample->height < SAMPLE_SIDE ? sample->height : SAMPLE_SIDE;
    for (int row = 0; row < rows; row++)
        if (!sample_row(sample, 0, (int)((int64_t)row * sample->height / rows), sample->width))
            return false;
    return true;
}

/* The middle of some hundred values spread over the band; NAN if none is there. */
static enum err middle_value(struct arena *arena, const char *path, const struct heat_part *part,
                             double *out)
{
    GDALDatasetH dataset;
    enum err r = heat_dataset_open(path, &dataset);
    if (r != OK)
        return r;
    struct sample sample = {.part = part,
                            .band = gdal.GDALGetRasterBand(dataset, part->band),
                            .width = gdal.GDALGetRasterXSize(dataset),
                            .height = gdal.GDALGetRasterYSize(dataset)};
    sample.line = ARENA_ARRAY(arena, (size_t)sample.width, float);
    sample.values = ARENA_ARRAY(arena, SAMPLE_SIDE * SAMPLE_SIDE, float);
    gdal.CPLErrorReset();
    bool read = sample_blocks(&sample);
    if (read && sample.count < SAMPLE_LEAST) {
        sample.count = 0;
        read = sample_rows(&sample);
    }
    if (!read)
        r = heat_gdal_error(ERR_CORRUPT, "its pixels cannot be read", path);
    heat_dataset_close(dataset);
    qsort(sample.values, sample.count, sizeof(*sample.values), by_value);
    if (r == OK)
        *out = sample.count ? (double)sample.values[sample.count / 2] : NAN;
    return r;
}

static enum heat_unit unit_by_name(const char *unit)
{
    static const char *const KELVIN[] = {"K", "kelvin", "degK", "degree_kelvin"};
    static const char *const CELSIUS[] = {"C",     "°C",        "celsius",       "degC",
                                          "deg C", "degrees C", "degree_Celsius"};
    struct str name = str_of(unit ? unit : "");
    for (size_t i = 0; i < COUNT_OF(KELVIN); i++)
        if (str_equal_nocase(name, str_of(KELVIN[i])))
            return HEAT_UNIT_KELVIN;
    for (size_t i = 0; i < COUNT_OF(CELSIUS); i++)
        if (str_equal_nocase(name, str_of(CELSIUS[i])))
            return HEAT_UNIT_CELSIUS;
    return HEAT_UNIT_FIND;
}

static enum err find_unit(struct arena *arena, const char *path, const char *named,
                          const struct heat_part *parts, size_t stride, size_t count,
                          enum heat_unit *unit)
{
    if (*unit == HEAT_UNIT_FIND)
        *unit = unit_by_name(named);
    double middle = NAN;
    for (size_t i = 0; i < count && isnan(middle); i++) {
        enum err r = middle_value(arena, path, &parts[i * stride], &middle);
        if (r != OK)
            return r;
    }
    bool celsius = middle > CELSIUS_LEAST && middle < CELSIUS_MOST;
    if (*unit == HEAT_UNIT_FIND)
        *unit = celsius ? HEAT_UNIT_CELSIUS : HEAT_UNIT_KELVIN;
    if (!isnan(middle) && !(middle > CELSIUS_LEAST && middle < KELVIN_MOST))
        return err_refuse(ERR_INVALID, "heat.no-temperature",
                          "%s: a middle value of %g is a temperature neither in kelvin nor in "
                          "degrees Celsius",
                          path, middle);
    return OK;
}

/* A date inside a text: 2008_01_17, 2008-01-17, 20080117, or 2008017 behind an 'A' or "doy". */
int64_t heat_date_in(struct str text)
{
    for (size_t at = 0; at + 7 <= text.len; at++) {
        int digits[8] = {0};
        size_t count = 0, i = at;
        if (at > 0 && text.ptr[at - 1] >= '0' && text.ptr[at - 1] <= '9')
            continue;
        for (; i < text.len && count < 8; i++) {
            char c = text.ptr[i];
            if (c >= '0' && c <= '9')
                digits[count++] = c - '0';
            else if (!((c == '_' || c == '-' || c == '.') && (count == 4 || count == 6)))
                break;
        }
        bool more = i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9';
        int year = digits[0] * 1000 + digits[1] * 100 + digits[2] * 10 + digits[3];
        if (year < 1970 || year > 2100 || more)
            continue;
        int month = digits[4] * 10 + digits[5], day = digits[6] * 10 + digits[7];
        if (count == 8 && month >= 1 && month <= 12 && day >= 1 &&
            day <= days_in_month(year, month))
            return date_to_days(year, month, day);
        bool marked = at > 0 && strchr("AYay", text.ptr[at - 1]);
        int of_year = digits[4] * 100 + digits[5] * 10 + digits[6];
        if (count == 7 && marked && of_year >= 1 && of_year <= 366)
            return date_to_days(year, 1, 1) + of_year - 1;
    }
    return HEAT_NO_DATE;
}

static enum err read_bands(struct arena *arena, struct heat_scene *scene, const char *path,
                           GDALDatasetH dataset, struct str stem,
                           const struct heat_options *options)
{
    size_t count = (size_t)gdal.GDALGetRasterCount(dataset);
    if (count == 0)
        return err_refuse(ERR_INVALID, "heat.file", "%s: has no bands", path);
    struct heat_layer *layers = heat_layers_new(arena, scene, count);
    for (size_t i = 0; i < count; i++) {
        enum err r = heat_part_open(arena, scene, path, (int)i + 1, &heat_parts(scene, i)[0]);
        if (r != OK)
            return r;
        GDALRasterBandH band = gdal.GDALGetRasterBand(dataset, (int)i + 1);
        struct str name = str_of(gdal.GDALGetDescription(band));
        layers[i].name = name.len ? str_copy(arena, name) : str_format(arena, "band %zu", i + 1);
        layers[i].date = heat_date_in(name);
        if (layers[i].date == HEAT_NO_DATE)
            layers[i].date = heat_date_in(stem);
    }
    enum heat_unit unit = options->unit;
    const char *named = gdal.GDALGetRasterUnitType(gdal.GDALGetRasterBand(dataset, 1));
    enum err r = find_unit(arena, path, named, heat_parts(scene, 0), PART_COUNT, count, &unit);
    if (r != OK)
        return r;
    for (size_t i = 0; unit == HEAT_UNIT_CELSIUS && i < count; i++)
        heat_parts(scene, i)[PART_VALUE].offset += 273.15;
    scene->method = unit == HEAT_UNIT_CELSIUS ? STR("degrees Celsius as given, + 273.15")
                                              : STR("kelvin as given");
    return OK;
}

static enum err find_mask(struct arena *arena, const struct heat_folder *folder, struct str stem,
                          const struct heat_options *options, struct heat_scene *scene)
{
    const char *path = options->mask_path;
    for (size_t i = 0; !path && i < COUNT_OF(MASK_ENDS); i++) {
        const char *name = heat_folder_find(folder, stem, MASK_ENDS[i]);
        if (name && strlen(name) == stem.len + strlen(MASK_ENDS[i]))
            path = heat_folder_path(arena, folder, name);
    }
    if (!path)
        return OK;
    struct heat_part mask;
    enum err r = heat_part_open(arena, scene, path, 1, &mask);
    if (r != OK)
        return r;
    for (size_t i = 0; i < scene->layer_count; i++) {
        heat_parts(scene, i)[PART_QUALITY] = mask;
        ((struct heat_layer *)scene->layers)[i].has_quality = true;
    }
    scene->inside->quality = QUALITY_MASK;
    return OK;
}

static enum err choose(const struct heat_folder *folder, const char **out)
{
    const char *name = NULL;
    if (folder->chosen) {
        *out = is_tiff(str_of(folder->chosen)) ? folder->chosen : NULL;
        return OK;
    }
    for (size_t i = 0; i < folder->count; i++) {
        struct str candidate = str_of(folder->names[i]);
        if (!is_tiff(candidate) || is_mask(candidate))
            continue;
        if (name)
            return err_refuse(ERR_INVALID, "heat.many-scenes",
                              "%s: more than one GeoTIFF (%s, %s …): name one", folder->path, name,
                              folder->names[i]);
        name = folder->names[i];
    }
    *out = name;
    return OK;
}

enum err heat_plain_open(struct arena *arena, const struct heat_folder *folder,
                         const struct heat_options *options, struct heat_scene *scene, bool *found)
{
    const char *name = NULL;
    enum err r = choose(folder, &name);
    *found = r == OK && name;
    if (!*found)
        return r;
    const char *path = heat_folder_path(arena, folder, name);
    struct str stem = stem_of(str_of(name));
    GDALDatasetH dataset;
    r = heat_dataset_open(path, &dataset);
    if (r != OK)
        return r;
    scene->kind = HEAT_PLAIN;
    scene->product = str_copy(arena, stem);
    scene->sensor = STR("");
    r = read_bands(arena, scene, path, dataset, stem, options);
    heat_dataset_close(dataset);
    if (r != OK)
        return r;
    scene->native_m = scene->grid.pixel_m;
    return find_mask(arena, folder, stem, options, scene);
}
