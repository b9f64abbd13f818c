#include "heat/inside.h"

#include <math.h>

enum { OPEN_MAX = 16 };

/* Emissivity of bare soil, full vegetation and water in bands 10 and 11 (Skoković et al. 2014),
 * mixed by the cover that NDVI tells between 0.2 (none) and 0.5 (whole). */
static const double SOIL[2] = {0.971, 0.977}, GREEN[2] = {0.987, 0.989}, WET[2] = {0.991, 0.986};
static const double NDVI_SOIL = 0.2, NDVI_GREEN = 0.5;

/* Jiménez-Muñoz et al. 2014, Landsat 8. */
static const double SPLIT[7] = {-0.268, 1.378, 0.183, 54.300, -2.238, -129.200, 16.400};

struct open_file {
    const char *path;
    GDALDatasetH dataset;
};

struct heat_reader {
    struct arena own; /* The reader itself. */
    struct arena arena, blocks;
    const struct heat_scene *scene;
    struct open_file files[OPEN_MAX];
    size_t file_count;
    size_t capacity; /* Pixels that the arrays hold. */
    float *raw[PART_COUNT];
    uint16_t *quality, *water;
    float *block; /* One of the file's, for windows of whole blocks. */
    size_t block_capacity;
};

enum err heat_reader_new(const struct heat_scene *scene, struct heat_reader **out)
{
    struct arena own = {0};
    struct heat_reader *reader = ARENA_NEW(&own, struct heat_reader);
    reader->own = own;
    reader->scene = scene;
    *out = reader;
    return OK;
}

void heat_reader_free(struct heat_reader *reader)
{
    if (!reader)
        return;
    for (size_t i = 0; i < reader->file_count; i++)
        heat_dataset_close(reader->files[i].dataset);
    arena_release(&reader->arena);
    arena_release(&reader->blocks);
    struct arena own = reader->own;
    arena_release(&own);
}

static enum err file_of(struct heat_reader *reader, const char *path, GDALDatasetH *out)
{
    for (size_t i = 0; i < reader->file_count; i++)
        if (strcmp(reader->files[i].path, path) == 0) {
            *out = reader->files[i].dataset;
            return OK;
        }
    struct open_file file = {.path = path};
    enum err r = heat_dataset_open(path, &file.dataset);
    if (r != OK)
        return r;
    if (reader->file_count == OPEN_MAX) {
        heat_dataset_close(reader->files[0].dataset);
        memmove(reader->files, reader->files + 1, (OPEN_MAX - 1) * sizeof(file));
        reader->file_count--;
    }
    reader->files[reader->file_count++] = file;
    *out = file.dataset;
    return OK;
}

/* Starts at a block's corner and ends at a block's or the raster's. */
static bool is_whole(int from, int size, int block, int all)
{
    return from % block == 0 && (size % block == 0 || from + size == all);
}

/* Whole blocks of float32, which is what statistics read of large rasters, go where they belong
 * without GDAL's cache between, which would hold what nobody reads again; at once, if the window is
 * as wide as they are. */
static bool read_blocks(struct heat_reader *reader, GDALRasterBandH band, struct heat_window w,
                        float *out, CPLErr *result)
{
    const struct heat_grid *grid = &reader->scene->grid;
    int width, height;
    gdal.GDALGetBlockSize(band, &width, &height);
    if (gdal.GDALGetRasterDataType(band) != GDT_Float32 ||
        !is_whole(w.x, w.width, width, grid->width) ||
        !is_whole(w.y, w.height, height, grid->height))
        return false;
    size_t pixels = (size_t)width * (size_t)height;
    if (pixels > reader->block_capacity) {
        arena_release(&reader->blocks);
        reader->block = ARENA_ARRAY(&reader->blocks, pixels, float);
        reader->block_capacity = pixels;
    }
    *result = CE_None;
    for (int top = w.y; *result == CE_None && top < w.y + w.height; top += height)
        for (int left = w.x; *result == CE_None && left < w.x + w.width; left += width) {
            bool fits = w.width == width && left == w.x && top + height <= w.y + w.height;
            float *block = fits ? &out[(size_t)(top - w.y) * (size_t)width] : reader->block;
            *result = gdal.GDALReadBlock(band, left / width, top / height, block);
            int right = left + width < w.x + w.width ? left + width : w.x + w.width;
            int bottom = top + height < w.y + w.height ? top + height : w.y + w.height;
            for (int y = top; !fits && y < bottom; y++)
                memcpy(&out[(size_t)(y - w.y) * (size_t)w.width + (size_t)(left - w.x)],
                       &reader->block[(size_t)(y - top) * (size_t)width],
                       (size_t)(right - left) * sizeof(*out));
        }
    return true;
}

static enum err read_part(struct heat_reader *reader, const struct heat_part *part,
                          struct heat_window w, void *out, GDALDataType type)
{
    GDALDatasetH dataset;
    enum err r = file_of(reader, part->path, &dataset);
    if (r != OK)
        return r;
    /* The file may have been exchanged since the scene was described. */
    if (part->band > gdal.GDALGetRasterCount(dataset) ||
        gdal.GDALGetRasterXSize(dataset) != reader->scene->grid.width ||
        gdal.GDALGetRasterYSize(dataset) != reader->scene->grid.height)
        return err_refuse(ERR_CORRUPT, "heat.file", "%s: changed while it was read", part->path);
    gdal.CPLErrorReset();
    GDALRasterBandH band = gdal.GDALGetRasterBand(dataset, part->band);
    CPLErr result;
    if (type != GDT_Float32 || !read_blocks(reader, band, w, out, &result))
        result = gdal.GDALRasterIO(band, GF_Read, w.x, w.y, w.width, w.height, out, w.width,
                                   w.height, type, 0, 0);
    if (result != CE_None)
        return heat_gdal_error(ERR_CORRUPT, "its pixels cannot be read", part->path);
    return OK;
}

static void make_room(struct heat_reader *reader, size_t pixels, const struct heat_part *parts)
{
    if (pixels > reader->capacity) {
        arena_release(&reader->arena);
        memset(reader->raw, 0, sizeof(reader->raw));
        reader->quality = reader->water = NULL;
        reader->capacity = pixels;
    }
    for (int i = 0; i < PART_COUNT; i++)
        if (parts[i].path && !reader->raw[i] && i != PART_VALUE && i != PART_QUALITY &&
            i != PART_WATER && i != PART_UNCERTAINTY)
            reader->raw[i] = ARENA_ARRAY(&reader->arena, reader->capacity, float);
    if (parts[PART_QUALITY].path && !reader->quality)
        reader->quality = ARENA_ARRAY(&reader->arena, reader->capacity, uint16_t);
    if (parts[PART_WATER].path && !reader->water)
        reader->water = ARENA_ARRAY(&reader->arena, reader->capacity, uint16_t);
}

/* A raw value in the part's unit; NAN if it is none. */
static inline double value_of(const struct heat_part *part, float raw)
{
    if (part->has_fill && (double)raw == part->fill)
        return NAN;
    return (double)raw * part->scale + part->offset;
}

static double planck(double k1, double k2, double radiance)
{
    return radiance > 0 ? k2 / log(k1 / radiance + 1) : NAN;
}

static double emissivity(const struct heat_inside *inside, double ndvi, int band)
{
    if (inside->air.emissivity > 0)
        return inside->air.emissivity;
    if (ndvi < 0)
        return WET[band];
    double green = (ndvi - NDVI_SOIL) / (NDVI_GREEN - NDVI_SOIL);
    green = green < 0 ? 0 : green > 1 ? 1 : green * green;
    return SOIL[band] * (1 - green) + GREEN[band] * green;
}

static double radiative(const struct heat_inside *inside, double radiance, double up, double down,
                        double transmit, double e)
{
    double left = (radiance - up - transmit * (1 - e) * down) / (transmit * e);
    return planck(inside->k1, inside->k2, left);
}

static double split(const struct heat_inside *inside, double t10, double t11, double e10,
                    double e11)
{
    double apart = t10 - t11, e = (e10 + e11) / 2, w = inside->air.water_vapour;
    return t10 + SPLIT[1] * apart + SPLIT[2] * apart * apart + SPLIT[0] +
           (SPLIT[3] + SPLIT[4] * w) * (1 - e) + (SPLIT[5] + SPLIT[6] * w) * (e10 - e11);
}

static double kelvin_at(const struct heat_reader *reader, const struct heat_part *parts, float raw,
                        size_t i)
{
    const struct heat_inside *inside = reader->scene->inside;
    double value = value_of(&parts[PART_VALUE], raw);
    if (inside->formula == FORMULA_SCALE)
        return value;
    if (inside->formula == FORMULA_BRIGHTNESS)
        return planck(inside->k1, inside->k2, value);
    if (inside->formula == FORMULA_RADIATIVE)
        return radiative(inside, value, value_of(&parts[PART_UPWELL], reader->raw[PART_UPWELL][i]),
                         value_of(&parts[PART_DOWNWELL], reader->raw[PART_DOWNWELL][i]),
                         value_of(&parts[PART_TRANSMIT], reader->raw[PART_TRANSMIT][i]),
                         value_of(&parts[PART_EMISSIVITY], reader->raw[PART_EMISSIVITY][i]));
    double ndvi = 0;
    if (parts[PART_RED].path) {
        double red = value_of(&parts[PART_RED], reader->raw[PART_RED][i]);
        double near = value_of(&parts[PART_NEAR], reader->raw[PART_NEAR][i]);
        ndvi = (near - red) / (near + red);
    }
    const struct heat_air *air = &inside->air;
    if (inside->formula == FORMULA_AIR)
        return radiative(inside, value, air->upwelling, air->downwelling, air->transmittance,
                         emissivity(inside, ndvi, 0));
    double second = value_of(&parts[PART_BAND_11], reader->raw[PART_BAND_11][i]);
    return split(inside, planck(inside->k1, inside->k2, value),
                 planck(inside->k1_band_11, inside->k2_band_11, second),
                 emissivity(inside, ndvi, 0), emissivity(inside, ndvi, 1));
}

static float uncertainty_at(const struct heat_reader *reader, const struct heat_part *parts,
                            float raw, size_t i)
{
    if (parts[PART_UNCERTAINTY].path) {
        double value = value_of(&parts[PART_UNCERTAINTY], raw);
        return value >= 0 ? (float)value : NAN;
    }
    if (reader->scene->inside->quality == QUALITY_MODIS && reader->quality) {
        unsigned error = (unsigned)reader->quality[i] >> 6 & 3; /* <= 1, 2, 3 K, above */
        return error < 3 ? (float)error + 1 : NAN;
    }
    return NAN;
}

static void fill_in(const struct heat_reader *reader, const struct heat_part *parts,
                    const struct heat_sieve *sieve, struct heat_block *block,
                    const float *uncertain)
{
    const struct heat_inside *inside = reader->scene->inside;
    size_t count = (size_t)block->window.width * (size_t)block->window.height;
    for (size_t i = 0; i < count; i++) {
        float raw = block->kelvin[i];
        double kelvin = kelvin_at(reader, parts, raw, i);
        bool present = isfinite(kelvin);
        uint32_t quality = reader->quality && parts[PART_QUALITY].path ? reader->quality[i] : 0;
        enum heat_reason reason = heat_sieve_quality(sieve, quality, present);
        if (present && sieve->floor && (double)raw <= inside->floor)
            reason = HEAT_FLOOR;
        if (reason == HEAT_CLEAR && sieve->water && parts[PART_WATER].path && reader->water[i])
            reason = HEAT_WATER;
        float error = uncertain ? uncertainty_at(reader, parts, uncertain[i], i) : NAN;
        if (reason == HEAT_CLEAR && sieve->uncertainty_k > 0 &&
            !((double)error <= sieve->uncertainty_k))
            reason = HEAT_UNCERTAIN;
        block->kelvin[i] = present ? (float)kelvin : NAN;
        if (block->uncertainty)
            block->uncertainty[i] = error;
        block->reason[i] = (uint8_t)reason;
    }
}

/* Neither NAN nor infinite nor `fill`, all STRETCH of them: looked at by four. */
enum { STRETCH = 64 };
static bool all_present(const float *kelvin, float fill)
{
    typedef float floats __attribute__((vector_size(16)));
    typedef int32_t masks __attribute__((vector_size(16)));
    const masks exponent = {0x7f800000, 0x7f800000, 0x7f800000, 0x7f800000};
    const floats none = {fill, fill, fill, fill};
    masks bad = {0};
    for (size_t i = 0; i < STRETCH; i += 4) {
        floats four;
        memcpy(&four, &kelvin[i], sizeof(four));
        bad |= (((masks)four & exponent) == exponent) | (four == none);
    }
    return (bad[0] | bad[1] | bad[2] | bad[3]) == 0;
}

static void fill_stretch(const struct heat_part *value, float *kelvin, uint8_t *reason,
                         size_t count)
{
    float scale = (float)value->scale, offset = (float)value->offset;
    bool plain = value->scale == 1 && value->offset == 0;
    float fill = value->has_fill ? (float)value->fill : NAN;
    if (plain && count == STRETCH && all_present(kelvin, fill)) {
        memset(reason, HEAT_CLEAR, STRETCH);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        bool present = isfinite(kelvin[i]) && kelvin[i] != fill;
        kelvin[i] = !present ? NAN : plain ? kelvin[i] : kelvin[i] * scale + offset;
        reason[i] = present ? HEAT_CLEAR : HEAT_GAP;
    }
}

/* Plain kelvin without masks or limits is most of what large scenes are. */
static void fill_plain(const struct heat_part *value, struct heat_block *block)
{
    size_t count = (size_t)block->window.width * (size_t)block->window.height;
    for (size_t i = 0; i < count; i += STRETCH)
        fill_stretch(value, &block->kelvin[i], &block->reason[i],
                     count - i < STRETCH ? count - i : STRETCH);
}

static enum err read_parts(struct heat_reader *reader, const struct heat_part *parts,
                           struct heat_block *block)
{
    struct heat_window w = block->window;
    enum err r = read_part(reader, &parts[PART_VALUE], w, block->kelvin, GDT_Float32);
    for (int i = 0; r == OK && i < PART_COUNT; i++)
        if (parts[i].path && reader->raw[i] && i != PART_VALUE)
            r = read_part(reader, &parts[i], w, reader->raw[i], GDT_Float32);
    if (r == OK && parts[PART_QUALITY].path)
        r = read_part(reader, &parts[PART_QUALITY], w, reader->quality, GDT_UInt16);
    if (r == OK && parts[PART_WATER].path)
        r = read_part(reader, &parts[PART_WATER], w, reader->water, GDT_UInt16);
    return r;
}

enum err heat_read(struct heat_reader *reader, size_t layer, const struct heat_mask *mask,
                   struct heat_block *block)
{
    const struct heat_scene *scene = reader->scene;
    struct heat_window w = block->window;
    assert(layer < scene->layer_count);
    assert(w.x >= 0 && w.y >= 0 && w.width > 0 && w.height > 0);
    assert(w.width <= scene->grid.width - w.x && w.height <= scene->grid.height - w.y);
    struct heat_sieve sieve;
    enum err r = heat_sieve_of(scene, layer, mask, &sieve);
    if (r != OK)
        return r;
    const struct heat_part *parts = scene->inside->parts[layer];
    size_t count = (size_t)w.width * (size_t)w.height;
    make_room(reader, count, parts);
    r = read_parts(reader, parts, block);
    if (r != OK)
        return r;
    bool wanted = block->uncertainty || sieve.uncertainty_k > 0;
    if (!wanted && scene->inside->formula == FORMULA_SCALE && !sieve.floor &&
        sieve.rule == QUALITY_ABSENT && !parts[PART_WATER].path) {
        fill_plain(&parts[PART_VALUE], block);
        return OK;
    }
    float *uncertain = block->uncertainty;
    if (wanted && !uncertain) {
        if (!reader->raw[PART_UNCERTAINTY])
            reader->raw[PART_UNCERTAINTY] = ARENA_ARRAY(&reader->arena, reader->capacity, float);
        uncertain = reader->raw[PART_UNCERTAINTY];
    }
    if (uncertain && parts[PART_UNCERTAINTY].path)
        r = read_part(reader, &parts[PART_UNCERTAINTY], w, uncertain, GDT_Float32);
    if (r == OK)
        fill_in(reader, parts, &sieve, block, uncertain);
    return r;
}

enum err heat_read_new(struct arena *arena, const struct heat_scene *scene, size_t layer,
                       const struct heat_mask *mask, struct heat_window window,
                       struct heat_block *out)
{
    size_t count = (size_t)window.width * (size_t)window.height;
    if (count > LIMIT_HEAT_WORK / 16)
        return err_refuse(ERR_LIMIT, "heat.too-large", "a window of %zu pixels is too large",
                          count);
    struct heat_block block = {.window = window,
                               .kelvin = ARENA_ARRAY(arena, count, float),
                               .uncertainty = ARENA_ARRAY(arena, count, float),
                               .reason = ARENA_ARRAY(arena, count, uint8_t)};
    struct heat_reader *reader;
    enum err r = heat_reader_new(scene, &reader);
    if (r == OK) {
        r = heat_read(reader, layer, mask, &block);
        heat_reader_free(reader);
    }
    if (r == OK)
        *out = block;
    return r;
}
