#include "raster.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

static const char SINUSOIDAL[] =
    "PROJCS[\"Sinusoidal\",GEOGCS[\"sphere\",DATUM[\"sphere\",SPHEROID[\"sphere\",6371007.181,0]],"
    "PRIMEM[\"Greenwich\",0],UNIT[\"degree\",0.0174532925199433]],PROJECTION[\"Sinusoidal\"],"
    "PARAMETER[\"longitude_of_center\",0],PARAMETER[\"false_easting\",0],"
    "PARAMETER[\"false_northing\",0],UNIT[\"metre\",1]]";

static char folder[64];

const char *raster_path(struct arena *arena, const char *name)
{
    if (!folder[0]) {
        memcpy(folder, "/tmp/kuailian-heat-XXXXXX", 26);
        assert_non_null(mkdtemp(folder));
    }
    return str_format(arena, "%s/%s", folder, name).ptr;
}

void raster_clean(void)
{
    CLEANUP(arena_release) struct arena arena = {0};
    DIR *dir = folder[0] ? opendir(folder) : NULL;
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (entry->d_name[0] != '.')
            unlink(str_format(&arena, "%s/%s", folder, entry->d_name).ptr);
    if (dir)
        closedir(dir);
    if (folder[0])
        rmdir(folder);
    folder[0] = 0;
}

static void place(GDALDatasetH dataset, const struct raster *raster)
{
    OGRSpatialReferenceH srs = gdal.OSRNewSpatialReference(raster->epsg ? NULL : SINUSOIDAL);
    assert_non_null(srs);
    if (raster->epsg)
        assert_int_equal(gdal.OSRImportFromEPSG(srs, raster->epsg), OGRERR_NONE);
    char *wkt = NULL;
    assert_int_equal(gdal.OSRExportToWkt(srs, &wkt), OGRERR_NONE);
    assert_int_equal(gdal.GDALSetProjection(dataset, wkt), CE_None);
    gdal.VSIFree(wkt);
    gdal.OSRDestroySpatialReference(srs);
    double transform[6];
    memcpy(transform, raster->transform, sizeof(transform));
    assert_int_equal(gdal.GDALSetGeoTransform(dataset, transform), CE_None);
}

void raster_write(const struct raster *raster, float (*kelvin)(int32_t x, int32_t y))
{
    CLEANUP(arena_release) struct arena arena = {0};
    char *options[] = {"COMPRESS=DEFLATE", raster->block ? "TILED=YES" : NULL, NULL};
    assert_ok(heat_gdal_start());
    GDALDatasetH dataset = gdal.GDALCreate(gdal.GDALGetDriverByName("GTiff"), raster->path,
                                           raster->width, raster->height, 1, GDT_Float32, options);
    assert_non_null(dataset);
    place(dataset, raster);
    GDALRasterBandH band = gdal.GDALGetRasterBand(dataset, 1);
    if (!raster->no_unit)
        gdal.GDALSetRasterUnitType(band, "K");
    float *line = ARENA_ARRAY(&arena, (size_t)raster->width, float);
    for (int32_t y = 0; y < raster->height; y++) {
        for (int32_t x = 0; x < raster->width; x++)
            line[x] = kelvin(x, y);
        assert_int_equal(gdal.GDALRasterIO(band, GF_Write, 0, y, raster->width, 1, line,
                                           raster->width, 1, GDT_Float32, 0, 0),
                         CE_None);
    }
    gdal.GDALClose(dataset);
}

struct heat_scene *raster_open(struct arena *arena, const char *path)
{
    struct heat_scene *scene;
    assert_ok(heat_open(arena, path, NULL, &scene));
    return scene;
}

/* ---- PNG ---------------------------------------------------------------------------------- */

static uint32_t u32_at(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* The next chunk; its name is in data.ptr[-4]. */
static bool next_chunk(struct str bytes, size_t *at, struct str *data)
{
    if (*at == bytes.len)
        return false;
    assert_true(*at + 12 <= bytes.len);
    uint32_t length = u32_at(&bytes.ptr[*at]);
    assert_true(length <= bytes.len - *at - 12);
    *data = (struct str){&bytes.ptr[*at + 8], length};
    assert_int_equal(u32_at(data->ptr + length),
                     crc32(0, (const Bytef *)data->ptr - 4, (uInt)length + 4));
    *at += length + 12;
    return true;
}

static bool is_named(struct str data, const char *name)
{
    return memcmp(data.ptr - 4, name, 4) == 0;
}

struct png png_read(struct arena *arena, struct str bytes)
{
    struct heat_rgba palette[256] = {0};
    struct png png = {0};
    struct str data = {0};
    CLEANUP(buf_release) struct buf packed;
    buf_init(&packed, HEAT_PNG_MAX);
    assert_memory_equal(bytes.ptr, "\x89PNG\r\n\x1a\n", 8);
    for (size_t at = 8; next_chunk(bytes, &at, &data);) {
        if (is_named(data, "IHDR")) {
            png.width = (int32_t)u32_at(data.ptr);
            png.height = (int32_t)u32_at(data.ptr + 4);
            assert_memory_equal(data.ptr + 8, "\x08\x03\0\0\0", 5);
        }
        for (size_t i = 0; is_named(data, "PLTE") && i < data.len / 3; i++) {
            memcpy(&palette[i], &data.ptr[3 * i], 3);
            palette[i].a = 255;
        }
        for (size_t i = 0; is_named(data, "tRNS") && i < data.len; i++)
            palette[i].a = (uint8_t)data.ptr[i];
        if (is_named(data, "IDAT"))
            buf_add_str(&packed, data);
    }
    assert_true(is_named(data, "IEND"));
    size_t stride = (size_t)png.width + 1;
    uLongf size = (uLongf)(stride * (size_t)png.height);
    unsigned char *raw = arena_alloc(arena, size);
    assert_int_equal(uncompress(raw, &size, (const Bytef *)packed.ptr, (uLong)packed.len), Z_OK);
    assert_int_equal(size, stride * (size_t)png.height);
    struct heat_rgba *pixels =
        ARENA_ARRAY(arena, (size_t)png.width * (size_t)png.height, struct heat_rgba);
    for (size_t y = 0; y < (size_t)png.height; y++) {
        assert_int_equal(raw[y * stride], 0);
        for (size_t x = 0; x < (size_t)png.width; x++)
            pixels[y * (size_t)png.width + x] = palette[raw[y * stride + 1 + x]];
    }
    png.pixels = pixels;
    return png;
}

struct heat_rgba png_at(const struct png *png, int32_t x, int32_t y)
{
    assert_true(x >= 0 && y >= 0 && x < png->width && y < png->height);
    return png->pixels[(size_t)y * (size_t)png->width + (size_t)x];
}

struct str png_note(struct arena *arena, struct str bytes, const char *key)
{
    struct str data;
    for (size_t at = 8; next_chunk(bytes, &at, &data);) {
        bool wide = is_named(data, "iTXt");
        if ((!wide && !is_named(data, "tEXt")) || strcmp(data.ptr, key) != 0)
            continue;
        size_t skip = strlen(key) + (wide ? 5 : 1);
        return str_copy(arena, str_sub(data, skip, data.len - skip));
    }
    return (struct str){0};
}
