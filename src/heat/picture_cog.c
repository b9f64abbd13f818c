#include "heat/picture_inside.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

/* Shares of the work, in parts of a thousand: writing kelvin, then the copy with its overviews. */
enum { WRITE_SHARE = 400, SHARES = 1000, ROWS = 512 };

struct cog {
    const struct heat_canvas *canvas;
    const struct heat_drawing *drawing;
    const char *path, *plain, *part; /* The end, the plain file, and the end in the making. */
    const char *folder;
};

static bool tell(const struct heat_drawing *drawing, int64_t done)
{
    return !drawing->progress || drawing->progress(drawing->context, done, SHARES);
}

static int copied(double complete, const char *message, void *context)
{
    (void)message;
    const struct cog *cog = context;
    return tell(cog->drawing, WRITE_SHARE + (int64_t)(complete * (SHARES - WRITE_SHARE)));
}

static enum err set_up(const struct cog *cog, GDALDatasetH dataset)
{
    const struct heat_grid *grid = &cog->canvas->scene->grid;
    double transform[6];
    memcpy(transform, grid->transform, sizeof(transform));
    GDALRasterBandH band = gdal.GDALGetRasterBand(dataset, 1);
    bool good = gdal.GDALSetGeoTransform(dataset, transform) == CE_None &&
                gdal.GDALSetProjection(dataset, grid->projection.ptr) == CE_None &&
                gdal.GDALSetRasterNoDataValue(band, (double)NAN) == CE_None &&
                gdal.GDALSetRasterUnitType(band, "K") == CE_None;
    for (size_t i = 0; good && i < cog->drawing->note_count; i++) {
        CLEANUP(arena_release) struct arena arena = {0};
        const struct heat_note *note = &cog->drawing->notes[i];
        good = gdal.GDALSetMetadataItem(dataset, str_c(&arena, note->key),
                                        str_c(&arena, note->text), NULL) == CE_None;
    }
    return good ? OK : heat_gdal_error(ERR_IO, "cannot be written", cog->path);
}

static enum err write_rows(const struct cog *cog, GDALRasterBandH band)
{
    const struct heat_scene *scene = cog->canvas->scene;
    CLEANUP(arena_release) struct arena arena = {0};
    int32_t width = scene->grid.width, height = scene->grid.height;
    int32_t most = HEAT_READ_PIXELS / width;
    int32_t rows = most < 1 ? 1 : most < ROWS ? most : ROWS;
    size_t count = (size_t)width * (size_t)rows;
    struct heat_block block = {.kelvin = ARENA_ARRAY(&arena, count, float),
                               .reason = ARENA_ARRAY(&arena, count, uint8_t)};
    struct heat_reader *reader;
    enum err r = heat_reader_new(scene, &reader);
    if (r != OK)
        return r;
    for (int32_t y = 0; r == OK && y < height; y += rows) {
        int32_t high = height - y < rows ? height - y : rows;
        block.window = (struct heat_window){0, y, width, high};
        r = heat_read(reader, cog->canvas->layer, &cog->canvas->mask, &block);
        for (size_t i = 0; r == OK && i < (size_t)width * (size_t)high; i++)
            block.kelvin[i] = block.reason[i] == HEAT_CLEAR ? block.kelvin[i] : NAN;
        if (r == OK && gdal.GDALRasterIO(band, GF_Write, 0, y, width, high, block.kelvin, width,
                                         high, GDT_Float32, 0, 0) != CE_None)
            r = heat_gdal_error(ERR_IO, "cannot be written", cog->path);
        if (r == OK && !tell(cog->drawing, (int64_t)(y + high) * WRITE_SHARE / height))
            r = err_set(ERR_BUSY, "stopped");
    }
    heat_reader_free(reader);
    return r;
}

static enum err copy(const struct cog *cog, GDALDatasetH plain)
{
    static const char *const OPTIONS[] = {"COMPRESS=DEFLATE",
                                          "PREDICTOR=YES",
                                          "BLOCKSIZE=512",
                                          "OVERVIEWS=IGNORE_EXISTING",
                                          "OVERVIEW_RESAMPLING=NEAREST",
                                          "BIGTIFF=IF_SAFER",
                                          NULL};
    gdal.CPLErrorReset();
    gdal.CPLSetThreadLocalConfigOption("CPL_TMPDIR", cog->folder); /* Overviews in the making. */
    GDALDatasetH made =
        gdal.GDALCreateCopy(gdal.GDALGetDriverByName("COG"), cog->part, plain, 0,
                            (char **)(uintptr_t)OPTIONS, copied, (void *)(uintptr_t)cog);
    gdal.CPLSetThreadLocalConfigOption("CPL_TMPDIR", NULL);
    if (!made)
        return tell(cog->drawing, SHARES) ? heat_gdal_error(ERR_IO, "cannot be written", cog->path)
                                          : err_set(ERR_BUSY, "stopped");
    gdal.GDALClose(made);
    if (rename(cog->part, cog->path) != 0)
        return err_set(ERR_IO, "%s: cannot be written", cog->path);
    return OK;
}

static enum err make(const struct cog *cog)
{
    static const char *const OPTIONS[] = {"TILED=YES", "BIGTIFF=IF_SAFER", "SPARSE_OK=TRUE", NULL};
    const struct heat_grid *grid = &cog->canvas->scene->grid;
    gdal.CPLErrorReset();
    GDALDatasetH plain = gdal.GDALCreate(gdal.GDALGetDriverByName("GTiff"), cog->plain, grid->width,
                                         grid->height, 1, GDT_Float32, (char **)(uintptr_t)OPTIONS);
    if (!plain)
        return heat_gdal_error(ERR_IO, "cannot be written", cog->path);
    enum err r = set_up(cog, plain);
    if (r == OK)
        r = write_rows(cog, gdal.GDALGetRasterBand(plain, 1));
    gdal.GDALFlushCache(plain);
    if (r == OK)
        r = copy(cog, plain);
    gdal.GDALClose(plain);
    return r;
}

enum err heat_cog_write(const struct heat_canvas *canvas, const char *path,
                        const struct heat_drawing *drawing)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct cog cog = {.canvas = canvas,
                      .drawing = drawing,
                      .path = path,
                      .plain = str_format(&arena, "%s.plain.tmp", path).ptr,
                      .part = str_format(&arena, "%s.part.tmp", path).ptr};
    const char *slash = strrchr(path, '/');
    struct str folder = {path, slash ? (size_t)(slash - path) + 1 : 0};
    cog.folder = slash ? str_c(&arena, folder) : ".";
    if (str_starts(str_of(path), STR("/vsi")) || !path[0])
        return err_refuse(ERR_INVALID, "heat.file", "%s: not the name of a local file", path);
    enum err r = make(&cog);
    unlink(cog.plain);
    if (r != OK)
        unlink(cog.part);
    return r;
}
