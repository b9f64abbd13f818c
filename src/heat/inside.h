/* What the files of src/heat/ share: bands of a scene, files through GDAL, a product's rules. */
#ifndef HEAT_INSIDE_H
#define HEAT_INSIDE_H

#include "heat/heat.h"
#include "heat/library.h"

/* What a layer is made of; a part without a path is not there. */
enum heat_part_name {
    PART_VALUE,   /* Temperature, or band 10 (Level 1), or thermal radiance (Level 2, radiative) */
    PART_QUALITY, /* QA_PIXEL, QC, a cloud mask */
    PART_UNCERTAINTY,
    PART_WATER, /* ECOSTRESS: a mask of its own */
    PART_BAND_11,
    PART_RED,
    PART_NEAR,
    PART_UPWELL,
    PART_DOWNWELL,
    PART_TRANSMIT,
    PART_EMISSIVITY,
    PART_COUNT
};

struct heat_part {
    const char *path; /* A file, or GDAL's name of a subdataset of one; NULL: not there. */
    int band;         /* From 1. */
    double scale, offset;
    bool has_fill;
    double fill; /* The raw value that means "none", beside NAN. */
};

/* How raw values become kelvin. */
enum heat_formula {
    FORMULA_SCALE,      /* raw × scale + offset */
    FORMULA_BRIGHTNESS, /* Planck's law on band 10 */
    FORMULA_RADIATIVE,  /* the same after the air's share is taken out */
    FORMULA_AIR,        /* the same with one air for the scene and emissivity by NDVI */
    FORMULA_SPLIT,
};

/* How the quality band is read. */
enum heat_quality_rule {
    QUALITY_ABSENT,
    QUALITY_LANDSAT, /* QA_PIXEL of Collection 2 */
    QUALITY_MODIS,   /* QC of MOD11 */
    QUALITY_CLOUD,   /* Not 0: cloud */
    QUALITY_MASK,    /* Not 0: left out */
};

struct heat_inside {
    struct heat_part (*parts)[PART_COUNT]; /* One row per layer. */
    enum heat_formula formula;
    enum heat_quality_rule quality;
    bool has_floor;
    double floor; /* The raw value that is never clear, nor is any below it. */
    double k1, k2, k1_band_11, k2_band_11;
    struct heat_air air;
};

/* ---- gdal.c: files, errors, bounds ------------------------------------------------------ */

/* Loads GDAL and registers the drivers; may be called often, from any thread. ERR_IO without it. */
MUST_USE enum err heat_gdal_start(void);

/* Opens a local raster with every bound checked: size, bands, one block's bytes, sample type.
 * `path` may be a subdataset name that GDAL gave. */
MUST_USE enum err heat_dataset_open(const char *path, GDALDatasetH *out);
void heat_dataset_close(GDALDatasetH dataset); /* NULL is a no-op. */

/* err_set(code) with GDAL's last message behind `what`. */
MUST_USE enum err heat_gdal_error(enum err code, const char *what, const char *path);

/* Size, place and projection of a dataset. */
MUST_USE enum err heat_grid_of(struct arena *arena, GDALDatasetH dataset, struct heat_grid *out);
bool heat_grid_same(const struct heat_grid *a, const struct heat_grid *b);

/* Area in m² of a whole pixel of row `y`: on the map's plane for projected grids, on the WGS 84
 * ellipsoid for geographic ones. */
double heat_pixel_area_m2(const struct heat_grid *grid, int32_t y);

/* m² from the equator to a latitude (radians), per radian of longitude, on WGS 84. */
double heat_area_to(double latitude);

/* ---- what each product's file gives heat_open ------------------------------------------- */

struct heat_folder {
    const char *path;
    const char *const *names; /* Regular files, sorted. */
    size_t count;
    const char *chosen; /* The file that was named, or NULL if a folder was. */
};

MUST_USE enum err heat_folder_read(struct arena *arena, const char *path, struct heat_folder *out);
const char *heat_folder_path(struct arena *arena, const struct heat_folder *folder,
                             const char *name);
/* The first name that ends so, ASCII case ignored; NULL if none. */
const char *heat_folder_find(const struct heat_folder *folder, struct str prefix, const char *end);

/* A whole regular file. ERR_NOT_FOUND, ERR_IO, ERR_LIMIT past `max` bytes. */
MUST_USE enum err heat_text_read(struct arena *arena, const char *path, size_t max,
                                 struct str *out);

/* Each sets *found to false if the folder holds no such product. */
MUST_USE enum err heat_landsat_open(struct arena *arena, const struct heat_folder *folder,
                                    const struct heat_options *options, struct heat_scene *scene,
                                    bool *found);
MUST_USE enum err heat_modis_open(struct arena *arena, const struct heat_folder *folder,
                                  struct heat_scene *scene, bool *found);
MUST_USE enum err heat_ecostress_open(struct arena *arena, const struct heat_folder *folder,
                                      struct heat_scene *scene, bool *found);
MUST_USE enum err heat_plain_open(struct arena *arena, const struct heat_folder *folder,
                                  const struct heat_options *options, struct heat_scene *scene,
                                  bool *found);

/* Gives the scene room for layers; all parts absent. */
struct heat_layer *heat_layers_new(struct arena *arena, struct heat_scene *scene, size_t count);
/* The writable parts of a layer, while the scene is being opened. */
struct heat_part *heat_parts(struct heat_scene *scene, size_t layer);

/* A part on band `band` of a file: scale, offset and fill as the file says. Its grid must be the
 * scene's, or becomes it if the scene has none yet. */
MUST_USE enum err heat_part_open(struct arena *arena, struct heat_scene *scene, const char *path,
                                 int band, struct heat_part *out);

/* Longitude and latitude of a place on a projection; false if it has none. */
bool heat_to_lonlat(struct str projection, double *x, double *y);

/* The first date written in a text: 2008_01_17, 2008-01-17, 20080117, A2008017; HEAT_NO_DATE. */
int64_t heat_date_in(struct str text);

/* Day or night by the sun's height over the middle of the grid. */
enum heat_light heat_light_at(const struct heat_grid *grid, int64_t time_us);

/* ---- mask.c ----------------------------------------------------------------------------- */

/* A mask made ready for one scene's quality band. */
struct heat_sieve {
    enum heat_quality_rule rule;
    uint32_t bits;
    bool floor, water;
    int quality_max; /* MODIS; 3 keeps all. */
    double uncertainty_k;
};

/* ERR_INVALID if the mask asks for what the scene cannot tell. */
MUST_USE enum err heat_sieve_of(const struct heat_scene *scene, size_t layer,
                                const struct heat_mask *mask, struct heat_sieve *out);
enum heat_reason heat_sieve_quality(const struct heat_sieve *sieve, uint32_t quality, bool present);

#endif
