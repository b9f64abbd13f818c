#include "heat/inside.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* A parcel needs three pixels of the sensor in each direction to show more than its neighbours. */
static const double PIXELS_ACROSS = 3;

static const char *const KIND_KEYS[] = {
    [HEAT_LANDSAT_L2] = "landsat-c2l2", [HEAT_LANDSAT_L1] = "landsat-l1", [HEAT_MODIS] = "modis",
    [HEAT_ECOSTRESS] = "ecostress",     [HEAT_PLAIN] = "plain",
};

const char *heat_kind_key(enum heat_kind kind)
{
    return kind < HEAT_KIND_COUNT ? KIND_KEYS[kind] : "";
}

const char *heat_light_key(enum heat_light light)
{
    return light == HEAT_DAY ? "day" : light == HEAT_NIGHT ? "night" : "";
}

void heat_options_init(struct heat_options *options)
{
    *options = (struct heat_options){0};
}

bool heat_below_resolution(const struct heat_scene *scene, double area_m2)
{
    double side = PIXELS_ACROSS * scene->native_m;
    return area_m2 < side * side;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum err list_names(struct arena *arena, struct heat_folder *folder)
{
    DIR *dir = opendir(folder->path);
    if (!dir)
        return err_refuse(ERR_IO, "heat.no-file", "%s: cannot be listed", folder->path);
    const char **names = NULL;
    size_t count = 0, capacity = 0;
    for (struct dirent *entry; (entry = readdir(dir)) && count <= LIMIT_HEAT_FILES;) {
        struct stat status;
        const char *path = str_format(arena, "%s/%s", folder->path, entry->d_name).ptr;
        if (entry->d_name[0] != '.' && stat(path, &status) == 0 && S_ISREG(status.st_mode))
            *ARENA_PUSH(arena, names, count, capacity) = str_c(arena, str_of(entry->d_name));
    }
    closedir(dir);
    if (count > LIMIT_HEAT_FILES)
        return err_refuse(ERR_LIMIT, "heat.too-large", "%s: more than %d files", folder->path,
                          LIMIT_HEAT_FILES);
    if (count > 0)
        qsort(names, count, sizeof(*names), by_name);
    folder->names = names;
    folder->count = count;
    return OK;
}

enum err heat_folder_read(struct arena *arena, const char *path, struct heat_folder *out)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return err_refuse(ERR_NOT_FOUND, "heat.no-file", "%s: no such file or folder", path);
    struct heat_folder folder = {.path = path};
    if (S_ISREG(status.st_mode)) {
        const char *slash = strrchr(path, '/');
        size_t length = slash ? (size_t)(slash - path) : 0;
        struct str above = slash ? (struct str){path, length ? length : 1} : STR(".");
        folder.chosen = str_c(arena, str_of(slash ? slash + 1 : path));
        folder.path = str_c(arena, above);
    } else if (!S_ISDIR(status.st_mode)) {
        return err_refuse(ERR_INVALID, "heat.file", "%s: neither a file nor a folder", path);
    }
    enum err r = list_names(arena, &folder);
    if (r == OK)
        *out = folder;
    return r;
}

const char *heat_folder_path(struct arena *arena, const struct heat_folder *folder,
                             const char *name)
{
    return str_format(arena, "%s/%s", folder->path, name).ptr;
}

const char *heat_folder_find(const struct heat_folder *folder, struct str prefix, const char *end)
{
    struct str tail = str_of(end);
    for (size_t i = 0; i < folder->count; i++) {
        struct str name = str_of(folder->names[i]);
        if (name.len < prefix.len + tail.len)
            continue;
        if (str_equal_nocase(str_sub(name, 0, prefix.len), prefix) &&
            str_equal_nocase(str_sub(name, name.len - tail.len, tail.len), tail))
            return folder->names[i];
    }
    return NULL;
}

struct heat_layer *heat_layers_new(struct arena *arena, struct heat_scene *scene, size_t count)
{
    struct heat_layer *layers = ARENA_ARRAY(arena, count, struct heat_layer);
    scene->inside->parts = arena_array(arena, count, sizeof(*scene->inside->parts));
    scene->layers = layers;
    scene->layer_count = count;
    for (size_t i = 0; i < count; i++)
        layers[i].date = HEAT_NO_DATE;
    return layers;
}

struct heat_part *heat_parts(struct heat_scene *scene, size_t layer)
{
    return scene->inside->parts[layer];
}

static enum err place_part(struct arena *arena, struct heat_scene *scene, const char *path,
                           GDALDatasetH dataset)
{
    struct heat_grid grid;
    enum err r = heat_grid_of(arena, dataset, &grid);
    if (r != OK)
        return r;
    if (scene->grid.width == 0)
        scene->grid = grid;
    else if (!heat_grid_same(&scene->grid, &grid))
        return err_refuse(ERR_INVALID, "heat.grids-differ",
                          "%s: %d × %d pixels at another place than the scene's %d × %d", path,
                          grid.width, grid.height, scene->grid.width, scene->grid.height);
    return OK;
}

static enum err read_part(struct arena *arena, struct heat_scene *scene, const char *path,
                          GDALDatasetH dataset, int band, struct heat_part *out)
{
    if (band > gdal.GDALGetRasterCount(dataset))
        return err_refuse(ERR_INVALID, "heat.file", "%s: has no band %d", path, band);
    enum err r = place_part(arena, scene, path, dataset);
    if (r != OK)
        return r;
    GDALRasterBandH from = gdal.GDALGetRasterBand(dataset, band);
    int has_fill, has_scale, has_offset;
    double fill = gdal.GDALGetRasterNoDataValue(from, &has_fill);
    double scale = gdal.GDALGetRasterScale(from, &has_scale);
    double offset = gdal.GDALGetRasterOffset(from, &has_offset);
    if (!isfinite(scale) || scale == 0 || !isfinite(offset))
        return err_refuse(ERR_CORRUPT, "heat.file", "%s: its scale is not usable", path);
    *out = (struct heat_part){.path = path,
                              .band = band,
                              .scale = scale,
                              .offset = offset,
                              .has_fill = has_fill && !isnan(fill),
                              .fill = fill};
    if (gdal.GDALGetRasterDataType(from) == GDT_Float64)
        out->fill = (double)(float)fill; /* Pixels are compared as floats. */
    return OK;
}

enum err heat_part_open(struct arena *arena, struct heat_scene *scene, const char *path, int band,
                        struct heat_part *out)
{
    GDALDatasetH dataset;
    enum err r = heat_dataset_open(path, &dataset);
    if (r != OK)
        return r;
    r = read_part(arena, scene, path, dataset, band, out);
    heat_dataset_close(dataset);
    return r;
}

enum err heat_text_read(struct arena *arena, const char *path, size_t max, struct str *out)
{
    FILE *file = fopen(path, "rbe");
    if (!file)
        return err_refuse(ERR_NOT_FOUND, "heat.no-file", "%s: cannot be opened", path);
    struct stat status;
    enum err r = OK;
    if (fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode))
        r = err_refuse(ERR_INVALID, "heat.file", "%s: not a regular file", path);
    else if ((uint64_t)status.st_size > max)
        r = err_refuse(ERR_LIMIT, "heat.too-large", "%s: more than %zu bytes", path, max);
    if (r == OK) {
        size_t size = (size_t)status.st_size;
        char *bytes = arena_alloc(arena, size + 1);
        size_t got = fread(bytes, 1, size, file);
        if (ferror(file))
            r = err_refuse(ERR_IO, "heat.file", "%s: cannot be read", path);
        else
            *out = (struct str){bytes, got};
    }
    fclose(file);
    return r;
}

enum err heat_open(struct arena *arena, const char *path, const struct heat_options *options,
                   struct heat_scene **out)
{
    struct heat_options defaults;
    heat_options_init(&defaults);
    if (!options)
        options = &defaults;
    struct heat_folder folder;
    enum err r = heat_folder_read(arena, path, &folder);
    if (r != OK)
        return r;
    struct heat_scene *scene = ARENA_NEW(arena, struct heat_scene);
    scene->inside = ARENA_NEW(arena, struct heat_inside);
    bool found = false;
    r = heat_landsat_open(arena, &folder, options, scene, &found);
    if (r == OK && !found)
        r = heat_modis_open(arena, &folder, scene, &found);
    if (r == OK && !found)
        r = heat_ecostress_open(arena, &folder, scene, &found);
    if (r == OK && !found)
        r = heat_plain_open(arena, &folder, options, scene, &found);
    if (r == OK && !found)
        r = err_refuse(ERR_INVALID, "heat.no-scene", "%s: no scene of a kind that is read", path);
    if (r == OK)
        *out = scene;
    return r;
}
