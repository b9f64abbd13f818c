#include "heat/inside.h"

#include "base/clock.h"

/* Swath pixels are about 70 m; the tiles are gridded to that. */
static const double NATIVE_M = 70;

/* ECOv002_L2T_LSTE_27551_016_11SPS_20230516T101701_0710_01_LST.tif */
static bool is_temperature(struct str name)
{
    struct str start = STR("ECO"), end = STR("_LST.tif");
    return name.len > 20 && str_equal_nocase(str_sub(name, 0, start.len), start) &&
           str_find(name, STR("L2T"), 0) < name.len &&
           str_equal_nocase(str_sub(name, name.len - end.len, end.len), end);
}

static enum err choose(const struct heat_folder *folder, const char **out)
{
    const char *found = NULL;
    for (size_t i = 0; i < folder->count; i++) {
        struct str name = str_of(folder->names[i]);
        if (!is_temperature(name))
            continue;
        /* A file of the granule beside the temperature (its cloud mask, say) names the granule. */
        struct str stem = str_sub(name, 0, name.len - strlen("LST.tif"));
        if (folder->chosen && !str_starts(str_of(folder->chosen), stem))
            continue;
        if (found)
            return err_refuse(ERR_INVALID, "heat.many-scenes",
                              "%s: more than one scene (%s, %s …): name one", folder->path, found,
                              folder->names[i]);
        found = folder->names[i];
    }
    *out = found;
    return OK;
}

/* The time of day in "…_20230516T101701_…", UTC. */
static int64_t time_in(struct arena *arena, struct str name)
{
    for (size_t at = 9; at + 7 <= name.len; at++) {
        if (name.ptr[at] != 'T' || name.ptr[at - 9] != '_')
            continue;
        struct str d = str_sub(name, at - 8, 8), t = str_sub(name, at + 1, 6);
        struct str stamp = str_format(arena, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", d.ptr, d.ptr + 4,
                                      d.ptr + 6, t.ptr, t.ptr + 2, t.ptr + 4);
        int64_t time_us;
        if (time_parse(stamp, &time_us) == OK)
            return time_us;
    }
    return 0;
}

static enum err add_beside(struct arena *arena, const struct heat_folder *folder, struct str stem,
                           const char *end, struct heat_scene *scene, struct heat_part *part)
{
    const char *name = heat_folder_find(folder, stem, end);
    if (!name || strlen(name) != stem.len + strlen(end))
        return OK;
    return heat_part_open(arena, scene, heat_folder_path(arena, folder, name), 1, part);
}

enum err heat_ecostress_open(struct arena *arena, const struct heat_folder *folder,
                             struct heat_scene *scene, bool *found)
{
    const char *chosen = NULL;
    enum err r = choose(folder, &chosen);
    *found = r == OK && chosen;
    if (!*found)
        return r;
    struct str name = str_of(chosen), stem = str_sub(name, 0, name.len - strlen("LST.tif"));
    struct heat_layer *layer = heat_layers_new(arena, scene, 1);
    struct heat_part *parts = heat_parts(scene, 0);
    r = heat_part_open(arena, scene, heat_folder_path(arena, folder, chosen), 1,
                       &parts[PART_VALUE]);
    if (r == OK)
        r = add_beside(arena, folder, stem, "cloud.tif", scene, &parts[PART_QUALITY]);
    if (r == OK)
        r = add_beside(arena, folder, stem, "water.tif", scene, &parts[PART_WATER]);
    if (r == OK)
        r = add_beside(arena, folder, stem, "LST_err.tif", scene, &parts[PART_UNCERTAINTY]);
    if (r != OK)
        return r;
    scene->kind = HEAT_ECOSTRESS;
    scene->product = str_sub(stem, 0, stem.len - 1);
    scene->sensor = STR("ECOSTRESS PHyTIR");
    scene->method = STR("surface temperature of the product (kelvin)");
    scene->native_m = scene->grid.pixel_m > NATIVE_M ? scene->grid.pixel_m : NATIVE_M;
    scene->inside->quality = parts[PART_QUALITY].path ? QUALITY_CLOUD : QUALITY_ABSENT;
    layer->name = STR("LST");
    layer->time_us = time_in(arena, name);
    layer->date = layer->time_us ? layer->time_us / DAY_US : HEAT_NO_DATE;
    layer->light = heat_light_at(&scene->grid, layer->time_us);
    layer->has_quality = parts[PART_QUALITY].path != NULL;
    layer->has_uncertainty = parts[PART_UNCERTAINTY].path != NULL;
    return OK;
}
