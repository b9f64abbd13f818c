/* Surface temperature seen from space: scenes, their masks, and statistics of zones.
 *
 * A scene is a folder or file of one product, recognised by content and file names inside, never
 * by its folder. It has layers: one observed field of kelvin each (a date, day or night). Every
 * pixel has a reason: clear, or why it is not. Nothing gives temperatures without reasons, so a
 * mask cannot be forgotten, and "no observation" is a result of its own, never zero.
 *
 * This folder alone includes GDAL. Only local files are opened, by two drivers (GeoTIFF, HDF4);
 * network access is off. Sizes are bounded by LIMIT_HEAT_*.
 */
#ifndef HEAT_HEAT_H
#define HEAT_HEAT_H

#include "base/base.h"

/* Why a pixel is not clear: the first that applies, in this order. name, key (API, CSV, UI) */
#define HEAT_REASON_LIST(X)                                                                        \
    X(HEAT_CLEAR, "clear") /* Observed and kept. */                                                \
    X(HEAT_FILL, "fill")   /* Outside the image: neither temperature nor quality. */               \
    X(HEAT_GAP, "gap")     /* Inside the image, but without a temperature. */                      \
    X(HEAT_FLOOR, "floor") /* The product's lowest value, under opaque cloud. */                   \
    X(HEAT_EDGE, "edge")   /* A temperature where the quality band has fill. */                    \
    X(HEAT_CLOUD, "cloud")                                                                         \
    X(HEAT_DILATED, "dilated") /* Beside a cloud. */                                               \
    X(HEAT_CIRRUS, "cirrus")                                                                       \
    X(HEAT_SHADOW, "shadow") /* Of a cloud. */                                                     \
    X(HEAT_SNOW, "snow")                                                                           \
    X(HEAT_WATER, "water")                                                                         \
    X(HEAT_QUALITY, "quality")     /* The product's own quality flag. */                           \
    X(HEAT_UNCERTAIN, "uncertain") /* Uncertainty past the limit, or not known. */

#define HEAT_REASON_ENUM(name, key) name,
enum heat_reason { HEAT_REASON_LIST(HEAT_REASON_ENUM) HEAT_REASON_COUNT };
#undef HEAT_REASON_ENUM
const char *heat_reason_key(enum heat_reason reason);

/* ---- What a mask leaves out ------------------------------------------------------------- */

struct heat_mask {
    bool none;            /* Said aloud: not even clouds are left out; only missing values are. */
    bool has_bits;        /* `bits` replaces the product's default. */
    uint32_t bits;        /* Bits of the product's quality band that must be 0. */
    uint32_t also;        /* 1 << enum heat_reason: reasons beyond the default (water, snow …). */
    int quality_max;      /* MODIS: highest mandatory quality flag kept, 0 to 3; -1 default (0). */
    double uncertainty_k; /* Highest uncertainty kept; <= 0: no limit. */
};

/* The product's default: clouds, what stands beside or under them, and bad quality. */
struct heat_mask heat_mask_default(void);

/* Words and numbers with commas: "default", "none", "0x1F" (quality bits that must be 0), "cloud",
 * "dilated", "cirrus", "shadow", "snow", "water" (beyond the default), "quality=1" (or "qc<=1"),
 * "uncertainty=2" (or "error<=2", kelvin). ERR_SYNTAX names the word. */
MUST_USE enum err heat_mask_parse(struct str text, struct heat_mask *out);

/* ---- Scenes ----------------------------------------------------------------------------- */

enum heat_kind {
    HEAT_LANDSAT_L2, /* Landsat 8/9 Collection 2 Level 2, by its MTL file */
    HEAT_LANDSAT_L1, /* Landsat 8/9 Level 1, by its MTL file */
    HEAT_MODIS,      /* MOD11A1, MOD11A2, MYD11A1, MYD11A2: HDF4, or its subdatasets as GeoTIFF */
    HEAT_ECOSTRESS,  /* ECO_L2T_LSTE */
    HEAT_PLAIN,      /* GeoTIFF of kelvin or degrees Celsius, a mask beside it if there is one */
    HEAT_KIND_COUNT
};
const char *heat_kind_key(enum heat_kind kind); /* "landsat-c2l2", "landsat-l1", "modis" … */

enum heat_light { HEAT_LIGHT_UNKNOWN, HEAT_DAY, HEAT_NIGHT };
const char *heat_light_key(enum heat_light light); /* "", "day", "night" */

/* How Level 1 (and, for comparison, Level 2) becomes a surface temperature. */
enum heat_method {
    HEAT_METHOD_DEFAULT,    /* The product's temperature; for Level 1 HEAT_METHOD_BRIGHTNESS. */
    HEAT_METHOD_BRIGHTNESS, /* Band 10's temperature of a black body: emissivity 1, no air. */
    HEAT_METHOD_RADIATIVE,  /* Radiative transfer, band 10: Level 2's bands, or the air below. */
    HEAT_METHOD_SPLIT,      /* Split window of bands 10 and 11 (Jiménez-Muñoz et al. 2014). */
};

/* The air above a Level 1 scene; only the chosen method's members matter. */
struct heat_air {
    double transmittance;          /* 0 to 1 */
    double upwelling, downwelling; /* W/(m² sr µm) */
    double water_vapour;           /* g/cm² */
    double emissivity;             /* 0: by NDVI from bands 4 and 5, pixel by pixel. */
};

enum heat_unit { HEAT_UNIT_FIND, HEAT_UNIT_KELVIN, HEAT_UNIT_CELSIUS };

struct heat_options {
    enum heat_method method;
    struct heat_air air;
    enum heat_unit unit;   /* Plain files; FIND: the band's unit, else by its values. */
    const char *mask_path; /* Plain files: a raster whose pixels must be 0; NULL: found beside. */
};

/* Pixels and where they are. Two grids are the same exactly if their ids are. */
struct heat_grid {
    int32_t width, height;
    double transform[6]; /* GDAL's: x = t0 + column·t1 + row·t2, y = t3 + column·t4 + row·t5 */
    struct str projection; /* WKT; absent: unknown, then no zone can be placed on it. */
    bool geographic;       /* Degrees; longitude first in `transform`. */
    double unit_m;         /* Metres in a unit of `transform`; 1 for degrees. */
    double pixel_m;        /* Side of a pixel in metres, at the middle of the grid. */
    struct hash id;        /* Of all above. */
};

struct heat_layer {
    struct str name; /* "ST_B10", "LST_Day_1km", a band's description */
    int64_t date; /* Days since 1970-01-01 (local or UTC, as the product says); or HEAT_NO_DATE */
    int64_t time_us; /* Of the overpass in UTC; 0: not known. */
    enum heat_light light;
    bool has_uncertainty, has_quality;
};

#define HEAT_NO_DATE INT64_MIN

struct heat_scene {
    enum heat_kind kind;
    struct str product; /* The product's own id, e.g. "LC08_L2SP_…_T1"; else the file's name. */
    struct str sensor;  /* "Landsat 8 TIRS", "Terra MODIS" …; "" unknown. */
    struct str method;  /* How the kelvin came about, in one English line. */
    double native_m;    /* The sensor's own resolution: 100 for Landsat TIRS, whatever the grid. */
    struct heat_grid grid; /* Of every layer. */
    const struct heat_layer *layers;
    size_t layer_count;
    struct heat_inside *inside; /* Files and formulas: the business of src/heat/. */
};

void heat_options_init(struct heat_options *options);

/* Recognises and describes what is at `path`. The scene lives in the arena and holds no file open.
 * ERR_NOT_FOUND, ERR_INVALID (no product we read, or one we refuse: Collection 1), ERR_LIMIT,
 * ERR_CORRUPT. `options` NULL: defaults. */
MUST_USE enum err heat_open(struct arena *arena, const char *path,
                            const struct heat_options *options, struct heat_scene **out);

/* Parcels smaller than about three native pixels are below what the sensor resolves. */
bool heat_below_resolution(const struct heat_scene *scene, double area_m2);

/* What the mask means on this scene, for tables and legends: "QA_PIXEL & 0x1F = 0; …". */
struct str heat_mask_text(struct arena *arena, const struct heat_scene *scene,
                          const struct heat_mask *mask);

/* ---- Pixels ----------------------------------------------------------------------------- */

struct heat_window {
    int32_t x, y, width, height;
};

/* Row by row, `stride` = window.width. A pixel that is not HEAT_CLEAR may still have a temperature
 * (it is NAN only where there is none); leave it out. */
struct heat_block {
    struct heat_window window;
    float *kelvin;
    float *uncertainty; /* Kelvin, one sigma as the product says; NAN unknown. NULL: not asked. */
    uint8_t *reason;    /* enum heat_reason */
};

/* The open files of one thread. */
struct heat_reader;
MUST_USE enum err heat_reader_new(const struct heat_scene *scene, struct heat_reader **out);
void heat_reader_free(struct heat_reader *reader);

/* Reads a window that lies inside the grid into arrays of window.width × window.height. */
MUST_USE enum err heat_read(struct heat_reader *reader, size_t layer, const struct heat_mask *mask,
                            struct heat_block *block);

/* The same into an arena, uncertainty included: for small windows. */
MUST_USE enum err heat_read_new(struct arena *arena, const struct heat_scene *scene, size_t layer,
                                const struct heat_mask *mask, struct heat_window window,
                                struct heat_block *out);

/* ---- Zones ------------------------------------------------------------------------------ */

struct heat_ring {
    const double *xy; /* x, y, x, y …; the first point is not repeated at the end. */
    size_t count;     /* Points. */
    bool hole;
};

struct heat_zone {
    struct str id; /* The field asked for, else the feature's id, else its place from 1. */
    const struct heat_ring *rings;
    size_t ring_count;
    bool mended; /* Was no valid polygon as given. */
};

struct heat_zones {
    const struct heat_zone *items;
    size_t count;
    struct str crs; /* What the coordinates are in; absent: longitude and latitude (RFC 7946). */
};

/* Reads a FeatureCollection, Feature, Polygon or MultiPolygon. A "crs" member is obeyed.
 * A polygon that crosses or touches itself is refused by its name and place (ERR_INVALID), or, if
 * `mend`, replaced by what it covers (OGC make-valid; lines and points that come out are dropped).
 * Points and lines, empty polygons and coordinates that are not numbers are refused. What comes out
 * is in the arena; the text is not needed any more. */
MUST_USE enum err heat_zones_read(struct arena *arena, struct str text, const char *id_field,
                                  bool mend, struct heat_zones *out);

/* The same of a large file, without holding its text. False, with nothing to be said, if it is
 * small, unusual or wrong: then it is to be read as a whole, which tells what is wrong. */
bool heat_zones_stream(struct arena *arena, const char *path, const char *id_field, bool mend,
                       struct heat_zones *out);

/* ---- Zones on a grid -------------------------------------------------------------------- */

/* Zones in pixel coordinates of one grid: made once, used for every date on that grid. */
struct heat_cover;

/* Edges are straight in the zones' own coordinates; where the grid's projection bends them they
 * are cut until they deviate by less than 1/1000 pixel. `keep_bytes`: how much memory the exact
 * shares may take to be used again; past it they are worked out anew each time (0: never kept). */
MUST_USE enum err heat_cover_new(const struct heat_grid *grid, const struct heat_zones *zones,
                                 size_t keep_bytes, struct heat_cover **out);
void heat_cover_free(struct heat_cover *cover);
bool heat_cover_matches(const struct heat_cover *cover, const struct heat_grid *grid);
/* Area of a whole zone, also what lies outside the grid. */
double heat_cover_area_m2(const struct heat_cover *cover, size_t zone);

/* `count` pixels from column x of row y, of which this share lies in the zone (0 < share <= 1). */
struct heat_span {
    int32_t x, y, count;
    double share;
};

/* The exact shares of one zone, by rows, then columns. */
MUST_USE enum err heat_cover_spans(const struct heat_cover *cover, size_t zone, struct arena *arena,
                                   const struct heat_span **out, size_t *count);

/* ---- Statistics ------------------------------------------------------------------------- */

enum heat_above {
    HEAT_ABOVE_KELVIN, /* Above `value` kelvin. */
    HEAT_ABOVE_MEAN,   /* Above the mean of all clear pixels of the layer, plus `value` kelvin. */
    HEAT_ABOVE_Z,      /* Above that mean plus `value` times its standard deviation. */
};

struct heat_threshold {
    enum heat_above kind;
    double value;
};

enum { HEAT_QUANTILES_MAX = 11, HEAT_ABOVE_MAX = 8 };

struct heat_ask {
    struct heat_mask mask;
    double quantiles[HEAT_QUANTILES_MAX]; /* 0 to 1 */
    size_t quantile_count;
    struct heat_threshold above[HEAT_ABOVE_MAX];
    size_t above_count;
    int threads; /* 0: as many as the machine has. The numbers are the same for any. */
    /* Called on the asking thread now and then; false stops with ERR_BUSY. May be NULL. */
    bool (*progress)(void *context, int64_t done, int64_t all);
    void *context;
};

void heat_ask_init(struct heat_ask *ask); /* Default mask, nothing extra. */

/* All counts are pixels weighted by their share; kelvin values are NAN without observation. */
struct heat_stat {
    double pixels;  /* On the grid, whatever their state. */
    double present; /* With a temperature, whatever the mask says. */
    double clear;   /* = by_reason[HEAT_CLEAR] */
    double by_reason[HEAT_REASON_COUNT];
    double mean, sd, min, max;     /* Of clear pixels; sd of the population. */
    double uncertainty;            /* Mean of the clear pixels' own; NAN if the product has none. */
    double area_m2, clear_area_m2; /* On the grid; of it clear. */
    double zone_pixels, zone_area_m2; /* The whole zone, also outside the grid. */
    double quantiles[HEAT_QUANTILES_MAX];
    double above_pixels[HEAT_ABOVE_MAX], above_area_m2[HEAT_ABOVE_MAX];
};

/* clear / the whole zone's pixels, 0 to 1: what lies outside the grid counts as not seen. */
double heat_valid_fraction(const struct heat_stat *stat);
bool heat_observed(const struct heat_stat *stat); /* false: "no observation" */

/* Kelvin that ask.above[i] stood for. */
struct heat_levels {
    double kelvin[HEAT_ABOVE_MAX];
};

/* Fills `stats[heat_cover_count]` in one pass over the raster (two if ABOVE_MEAN or ABOVE_Z is
 * asked). `levels` may be NULL. A cover serves one call at a time. */
MUST_USE enum err heat_stats(const struct heat_scene *scene, size_t layer, struct heat_cover *cover,
                             const struct heat_ask *ask, struct heat_stat *stats,
                             struct heat_levels *levels);

/* All pixels of the layer as one zone. */
MUST_USE enum err heat_whole(const struct heat_scene *scene, size_t layer,
                             const struct heat_ask *ask, struct heat_stat *out,
                             struct heat_levels *levels);

/* ---- Active fires: points, a layer of its own ------------------------------------------- */

struct heat_fire {
    double longitude, latitude;
    double kelvin; /* Brightness in band I-4 (VIIRS) or 21/22 (MODIS); NAN not given */
    double frp_mw; /* Fire radiative power; NAN not given */
    double scan_km, track_km;
    int64_t time_us; /* UTC */
    enum heat_light light;
    int confidence; /* 0 low, 1 nominal, 2 high */
    struct str satellite, instrument;
};

struct heat_fires {
    const struct heat_fire *items;
    size_t count;
};

/* Reads a FIRMS CSV (VIIRS; MODIS too), columns by name. ERR_SYNTAX with the line. */
MUST_USE enum err heat_fires_read(struct arena *arena, struct str text, struct heat_fires *out);

/* Points inside each zone (longitude and latitude, edges straight in them); `counts` has
 * zones->count places. ERR_INVALID for zones in another reference system. */
MUST_USE enum err heat_fires_count(const struct heat_fires *fires, const struct heat_zones *zones,
                                   int64_t *counts);

#endif
