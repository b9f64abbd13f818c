/* Rasters that a test makes, and PNGs taken apart. */
#ifndef TEST_HEAT_RASTER_H
#define TEST_HEAT_RASTER_H

#include "test.h"

#include "heat/inside.h"
#include "heat/picture.h"

struct raster {
    const char *path; /* "….tif" */
    int32_t width, height;
    double transform[6];
    int epsg;      /* 0: MODIS' sinusoidal */
    int32_t block; /* 0: strips */
    bool no_unit;  /* Says nothing of its unit. */
};

/* Writes float32 kelvin: `kelvin` of every pixel, NAN for none. */
void raster_write(const struct raster *raster, float (*kelvin)(int32_t x, int32_t y));

struct heat_scene *raster_open(struct arena *arena, const char *path);

/* A folder of this process, emptied at its end. */
const char *raster_path(struct arena *arena, const char *name);
void raster_clean(void);

struct png {
    int32_t width, height;
    const struct heat_rgba *pixels;
};

/* Takes a PNG of palette apart, every chunk's sum checked. */
struct png png_read(struct arena *arena, struct str bytes);
struct heat_rgba png_at(const struct png *png, int32_t x, int32_t y);
/* The text behind a key; absent if there is none. */
struct str png_note(struct arena *arena, struct str bytes, const char *key);

#endif
