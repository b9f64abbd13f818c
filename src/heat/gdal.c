#include "heat/inside.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>

#define CACHE_BYTES (INT64_C(48) * 1024 * 1024)

/* Equator and flattening of WGS 84. */
static const double EARTH_A = 6378137.0, EARTH_F = 1 / 298.257223563;

static enum err started;
static struct err_info not_started;

static void start(void)
{
    started = heat_library_load();
    if (started != OK) {
        not_started = *err_last();
        return;
    }
    /* No neighbour of a file is read: not its overviews, not its .aux.xml, not what they name. */
    gdal.CPLSetConfigOption("GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR");
    gdal.CPLSetConfigOption("GDAL_PAM_ENABLED", "NO");
    gdal.CPLSetConfigOption("CPL_TMPDIR", "/nonexistent");
    gdal.CPLSetConfigOption("CPL_VSIL_CURL_ALLOWED_EXTENSIONS", "{noext}");
    gdal.CPLSetConfigOption("GDAL_HTTP_MAX_RETRY", "0");
    gdal.OSRSetPROJEnableNetwork(0);
    gdal.CPLSetErrorHandler(gdal.CPLQuietErrorHandler);
    gdal.GDALSetCacheMax64(CACHE_BYTES);
    gdal.GDALRegister_GTiff();
    gdal.GDALRegister_MEM(); /* These two only write. */
    gdal.GDALRegister_COG();
    gdal.GDALRegister_HDF4();
    gdal.GDALRegister_HDF4Image();
}

enum err heat_gdal_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start);
    if (started != OK)
        err_restore(&not_started);
    return started;
}

enum err heat_gdal_error(enum err code, const char *what, const char *path)
{
    const char *message = gdal.CPLGetLastErrorMsg();
    return err_refuse(code, "heat.file", "%s: %s%s%s", path, what, message[0] ? ": " : "", message);
}

/* GDAL also takes URLs, archives and inline XML for names: only what the system calls a regular
 * file goes in, or a subdataset of one. */
static enum err check_name(const char *path)
{
    struct str name = str_of(path);
    if (str_starts(name, STR("HDF4_EOS:EOS_GRID:\"")))
        return OK;
    struct stat status;
    if (stat(path, &status) != 0)
        return err_refuse(ERR_NOT_FOUND, "heat.no-file", "%s: no such file", path);
    if (!S_ISREG(status.st_mode) || str_starts(name, STR("/vsi")))
        return err_refuse(ERR_INVALID, "heat.file", "%s: not a regular file", path);
    return OK;
}

static enum err check_band(const char *path, GDALRasterBandH band)
{
    int width, height;
    gdal.GDALGetBlockSize(band, &width, &height);
    GDALDataType type = gdal.GDALGetRasterDataType(band);
    if (type == GDT_Unknown || gdal.GDALDataTypeIsComplex(type))
        return err_refuse(ERR_INVALID, "heat.file", "%s: its samples are not real numbers", path);
    int64_t bytes = (int64_t)width * height * gdal.GDALGetDataTypeSizeBytes(type);
    if (width < 1 || height < 1 || bytes > LIMIT_HEAT_BLOCK)
        return err_refuse(ERR_LIMIT, "heat.too-large",
                          "%s: its blocks are %d × %d pixels, too large to read piece by piece",
                          path, width, height);
    return OK;
}

static enum err check_dataset(const char *path, GDALDatasetH dataset)
{
    int64_t width = gdal.GDALGetRasterXSize(dataset), height = gdal.GDALGetRasterYSize(dataset);
    int bands = gdal.GDALGetRasterCount(dataset);
    if (bands < 1)
        return OK; /* A container of subdatasets. */
    if (width * height > LIMIT_HEAT_PIXELS)
        return err_refuse(ERR_LIMIT, "heat.too-large",
                          "%s: %" PRId64 " × %" PRId64 " pixels, more than %d", path, width, height,
                          LIMIT_HEAT_PIXELS);
    if (bands > LIMIT_HEAT_BANDS)
        return err_refuse(ERR_LIMIT, "heat.too-large", "%s: %d bands, more than %d", path, bands,
                          LIMIT_HEAT_BANDS);
    return check_band(path, gdal.GDALGetRasterBand(dataset, 1));
}

enum err heat_dataset_open(const char *path, GDALDatasetH *out)
{
    static const char *const DRIVERS[] = {"GTiff", "HDF4", "HDF4Image", NULL};
    /* One thread per file is what the statistics share their work by. */
    static const char *const OPTIONS[] = {"NUM_THREADS=1", NULL};
    enum err r = heat_gdal_start();
    if (r == OK)
        r = check_name(path);
    if (r != OK)
        return r;
    gdal.CPLErrorReset();
    unsigned flags = GDAL_OF_RASTER | GDAL_OF_READONLY;
    bool tiff = !str_starts(str_of(path), STR("HDF4_"));
    GDALDatasetH dataset = gdal.GDALOpenEx(path, flags, DRIVERS, tiff ? OPTIONS : NULL, NULL);
    if (!dataset)
        return heat_gdal_error(ERR_INVALID, "no readable GeoTIFF or HDF4 file", path);
    r = check_dataset(path, dataset);
    if (r != OK) {
        gdal.GDALClose(dataset);
        return r;
    }
    *out = dataset;
    return OK;
}

void heat_dataset_close(GDALDatasetH dataset)
{
    if (dataset)
        gdal.GDALClose(dataset);
}

/* Area from the equator to a latitude on the ellipsoid, per radian of longitude (authalic). */
double heat_area_to(double latitude)
{
    double e2 = EARTH_F * (2 - EARTH_F), e = sqrt(e2), s = sin(latitude);
    double b2 = EARTH_A * EARTH_A * (1 - e2);
    return b2 / 2 * (s / (1 - e2 * s * s) + atanh(e * s) / e);
}

double heat_pixel_area_m2(const struct heat_grid *grid, int32_t y)
{
    const double *t = grid->transform;
    if (!grid->geographic)
        return fabs(t[1] * t[5] - t[2] * t[4]) * grid->unit_m * grid->unit_m;
    double radian = M_PI / 180;
    double top = fmin(fmax(t[3] + y * t[5], -90), 90);
    double foot = fmin(fmax(t[3] + (y + 1) * t[5], -90), 90);
    return fabs(heat_area_to(top * radian) - heat_area_to(foot * radian)) * fabs(t[1]) * radian;
}

static struct hash grid_id(const struct heat_grid *grid)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, 1 << 20);
    buf_format(&text, "%d %d", grid->width, grid->height);
    for (int i = 0; i < 6; i++)
        buf_format(&text, " %a", grid->transform[i]);
    buf_add_str(&text, grid->projection);
    return hash_of(buf_str(&text));
}

static void read_projection(struct arena *arena, GDALDatasetH dataset, struct heat_grid *grid)
{
    const char *wkt = gdal.GDALGetProjectionRef(dataset);
    grid->unit_m = 1;
    if (!wkt || !wkt[0])
        return;
    OGRSpatialReferenceH srs = gdal.OSRNewSpatialReference(wkt);
    if (srs) {
        grid->projection = str_copy(arena, str_of(wkt));
        grid->geographic = gdal.OSRIsGeographic(srs);
        if (!grid->geographic)
            grid->unit_m = gdal.OSRGetLinearUnits(srs, NULL);
        gdal.OSRDestroySpatialReference(srs);
    }
}

static bool transform_is_sound(const double t[6])
{
    for (int i = 0; i < 6; i++)
        if (!isfinite(t[i]) || fabs(t[i]) > 1e12)
            return false;
    return fabs(t[1] * t[5] - t[2] * t[4]) > 1e-18;
}

enum err heat_grid_of(struct arena *arena, GDALDatasetH dataset, struct heat_grid *out)
{
    struct heat_grid grid = {.width = gdal.GDALGetRasterXSize(dataset),
                             .height = gdal.GDALGetRasterYSize(dataset)};
    if (gdal.GDALGetGeoTransform(dataset, grid.transform) != CE_None)
        memcpy(grid.transform, (double[6]){0, 1, 0, 0, 0, -1}, sizeof(grid.transform));
    if (!transform_is_sound(grid.transform))
        return err_refuse(ERR_CORRUPT, "heat.file", "%s: its place on earth is not readable",
                          gdal.GDALGetDescription(dataset));
    read_projection(arena, dataset, &grid);
    if (grid.geographic && (grid.transform[2] != 0 || grid.transform[4] != 0))
        return err_refuse(ERR_INVALID, "heat.file", "%s: a turned grid in degrees is not read",
                          gdal.GDALGetDescription(dataset));
    grid.pixel_m = sqrt(heat_pixel_area_m2(&grid, grid.height / 2));
    grid.id = grid_id(&grid);
    *out = grid;
    return OK;
}

/* Parts of one product may write the same corner with other digits: 1/1000 pixel is the same. */
bool heat_grid_same(const struct heat_grid *a, const struct heat_grid *b)
{
    if (a->width != b->width || a->height != b->height)
        return false;
    double pixel = fabs(a->transform[1]) + fabs(a->transform[2]);
    for (int i = 0; i < 6; i++) {
        double reach = i % 3 == 0 ? 1 : i % 3 == 1 ? a->width : a->height;
        if (fabs(a->transform[i] - b->transform[i]) * reach > 1e-3 * pixel)
            return false;
    }
    return true;
}

/* NOAA's short formula for the sun's declination and the equation of time: within a degree. */
static double sun_height(double longitude, double latitude, int64_t time_us)
{
    double radian = M_PI / 180;
    double days = (double)time_us / 86400e6 + 2440587.5 - 2451545.0;
    double mean = (280.460 + 0.9856474 * days) * radian;
    double anomaly = (357.528 + 0.9856003 * days) * radian;
    double ecliptic = mean + (1.915 * sin(anomaly) + 0.020 * sin(2 * anomaly)) * radian;
    double tilt = 23.439 * radian;
    double declination = asin(sin(tilt) * sin(ecliptic));
    double ascension = atan2(cos(tilt) * sin(ecliptic), cos(ecliptic));
    double sidereal = (280.46062 + 360.98564737 * days + longitude) * radian;
    double hour = sidereal - ascension, at = latitude * radian;
    return asin(sin(at) * sin(declination) + cos(at) * cos(declination) * cos(hour)) / radian;
}

enum heat_light heat_light_at(const struct heat_grid *grid, int64_t time_us)
{
    if (!grid->projection.ptr || time_us == 0)
        return HEAT_LIGHT_UNKNOWN;
    const double *t = grid->transform;
    double column = grid->width / 2.0, row = grid->height / 2.0;
    double x = t[0] + column * t[1] + row * t[2], y = t[3] + column * t[4] + row * t[5];
    if (!heat_to_lonlat(grid->projection, &x, &y))
        return HEAT_LIGHT_UNKNOWN;
    return sun_height(x, y, time_us) > 0 ? HEAT_DAY : HEAT_NIGHT;
}

bool heat_to_lonlat(struct str projection, double *x, double *y)
{
    OGRSpatialReferenceH from = gdal.OSRNewSpatialReference(projection.ptr);
    OGRSpatialReferenceH to = gdal.OSRNewSpatialReference(NULL);
    bool sound = from && to && gdal.OSRImportFromEPSG(to, 4326) == OGRERR_NONE;
    if (sound) {
        gdal.OSRSetAxisMappingStrategy(from, OAMS_TRADITIONAL_GIS_ORDER);
        gdal.OSRSetAxisMappingStrategy(to, OAMS_TRADITIONAL_GIS_ORDER);
        OGRCoordinateTransformationH way = gdal.OCTNewCoordinateTransformation(from, to);
        sound = way && gdal.OCTTransform(way, 1, x, y, NULL) && isfinite(*x) && isfinite(*y);
        if (way)
            gdal.OCTDestroyCoordinateTransformation(way);
    }
    gdal.OSRDestroySpatialReference(from);
    gdal.OSRDestroySpatialReference(to);
    return sound;
}
