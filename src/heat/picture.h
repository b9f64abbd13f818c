/* Pictures of a layer: warped in kelvin, then coloured.
 *
 * Scale and threshold come from the same numbers as the table (heat_paint_fit asks heat_whole). A
 * drawn pixel is one pixel of the scene with its own reason: what is masked is drawn as not
 * observed, whatever lies beside it, and never as "not red". Outside the image is transparent.
 */
#ifndef HEAT_PICTURE_H
#define HEAT_PICTURE_H

#include "heat/heat.h"

enum {
    HEAT_TILE_SIDE = 256,
    HEAT_ZOOM_MAX = 22,
    HEAT_PICTURE_SIDE_MAX = 8192,
    HEAT_PICTURE_PIXELS_MAX = 32 * 1024 * 1024,
    HEAT_PNG_MAX = 64 * 1024 * 1024, /* For buf_init: no picture is larger. */
    HEAT_STOPS_MAX = 12,
};

/* ---- Colours ---------------------------------------------------------------------------- */

struct heat_rgba {
    uint8_t r, g, b, a; /* a: 0 transparent, 255 opaque */
};

enum heat_colours {
    HEAT_COLOURS_KELVIN,  /* One scale from `low` to `high`, even to the eye. */
    HEAT_COLOURS_ANOMALY, /* Blue, white at `reference`, orange: `span` kelvin to either end. */
    HEAT_COLOURS_RED,     /* Above `reference` red, at or below it nothing. */
    HEAT_COLOURS_COUNT
};

/* Scales of HEAT_COLOURS_KELVIN; all keep their order for colour-blind eyes and in grey. */
enum heat_scale { HEAT_SCALE_INFERNO, HEAT_SCALE_VIRIDIS, HEAT_SCALE_CIVIDIS, HEAT_SCALE_COUNT };

/* How pixels inside the image without an observation are drawn. */
enum heat_unseen {
    HEAT_UNSEEN_HATCH,
    HEAT_UNSEEN_GREY,
    HEAT_UNSEEN_CLEAR, /* Transparent; refused with HEAT_COLOURS_RED, where it reads "not red". */
    HEAT_UNSEEN_COUNT
};

const char *heat_colours_key(enum heat_colours colours); /* "kelvin", "anomaly", "red" */
const char *heat_scale_key(enum heat_scale scale);       /* "inferno", "viridis", "cividis" */
const char *heat_unseen_key(enum heat_unseen unseen);    /* "hatch", "grey", "transparent" */
bool heat_colours_find(struct str key, enum heat_colours *out);
bool heat_scale_find(struct str key, enum heat_scale *out);
bool heat_unseen_find(struct str key, enum heat_unseen *out);

struct heat_paint {
    enum heat_colours colours;
    enum heat_scale scale;
    enum heat_unseen unseen;
    double low, high; /* KELVIN: colder and warmer places have the ends' colours. */
    double reference; /* ANOMALY and RED; kelvin */
    double span;      /* ANOMALY */
    bool
        nothing_seen; /* No clear pixel: there is no scale, and every picture is "no observation" */
};

/* Kelvin, inferno, hatched; every number NAN, to be given or fitted. */
void heat_paint_init(struct heat_paint *paint);

/* Sets the members that are NAN by the layer's clear pixels: low and high to the 2nd and 98th
 * hundredth (whole degrees Celsius outwards), reference to ask->above[0] (the mean, if none is
 * asked), span to the greater distance of low and high from it (a round number). Of `ask` the mask,
 * above[0], threads and progress count. Give the numbers to all dates that are to be compared. */
MUST_USE enum err heat_paint_fit(const struct heat_scene *scene, size_t layer,
                                 const struct heat_ask *ask, struct heat_paint *paint);

/* ERR_INVALID, ERR_RANGE: numbers missing or out of order, RED with HEAT_UNSEEN_CLEAR. */
MUST_USE enum err heat_paint_check(const struct heat_paint *paint);

/* What a picture shows for a clear pixel of this many kelvin: exactly the bytes in the PNG. */
struct heat_rgba heat_colour(const struct heat_paint *paint, double kelvin);

struct heat_stop {
    double kelvin, celsius;
    double apart; /* From the reference, kelvin; NAN for HEAT_COLOURS_KELVIN. */
    struct heat_rgba colour;
};

/* The legend as numbers. Stops stand at whole degrees Celsius (or
 * kelvin from the reference), ends included; RED has two: what is at or
 * below the threshold (transparent), and what is above it. */
struct heat_legend {
    struct heat_stop stops[HEAT_STOPS_MAX];
    size_t count;                                /* 0 if nothing was seen. */
    struct heat_rgba unseen_line, unseen_ground; /* The hatch; the same two for grey. */
};
MUST_USE enum err heat_legend_of(const struct heat_paint *paint, struct heat_legend *out);

/* ---- A layer ready to be drawn ---------------------------------------------------------- */

/* Any number of threads may draw on one canvas. It keeps a reduced copy of the layer in memory (at
 * most 28 MiB, made when it is first needed) in which every 2nd, 4th … pixel stands with its own
 * reason; overviews inside files are not used, for they may mix what the mask parts. */
struct heat_canvas;

/* The scene must outlive the canvas. ERR_INVALID for a grid without a place on earth, or whose
 * quality cannot tell what the mask asks for. */
MUST_USE enum err heat_canvas_new(const struct heat_scene *scene, size_t layer,
                                  const struct heat_mask *mask, struct heat_canvas **out);
void heat_canvas_free(struct heat_canvas *canvas);

/* Makes the reduced copy now, in one pass over the raster. `progress` as in heat_ask; may be NULL.
 */
MUST_USE enum err heat_canvas_prepare(struct heat_canvas *canvas,
                                      bool (*progress)(void *context, int64_t done, int64_t all),
                                      void *context);

/* Degrees. East is greater than west, and past 180 where the antimeridian is crossed. */
struct heat_bounds {
    double west, south, east, north;
};

/* What holds the whole image, at most a thousandth wider. */
struct heat_bounds heat_canvas_bounds(const struct heat_canvas *canvas);

enum heat_plane {
    HEAT_MERCATOR, /* EPSG:3857, as web maps are: an overlay on them fits everywhere. */
    HEAT_LONLAT,   /* EPSG:4326: degrees are of one size. */
    HEAT_PLANE_COUNT
};

struct heat_frame {
    enum heat_plane plane;
    struct heat_bounds bounds; /* Of the picture's outer edges. */
    int32_t width, height;
};

/* The whole image, about one pixel for one of the scene's, no side longer than `side_max`. */
MUST_USE enum err heat_frame_fit(const struct heat_canvas *canvas, enum heat_plane plane,
                                 int32_t side_max, struct heat_frame *out);

/* The same for a part of it, or more than it. ERR_RANGE for bounds that are none. */
MUST_USE enum err heat_frame_within(const struct heat_canvas *canvas, enum heat_plane plane,
                                    const struct heat_bounds *bounds, int32_t side_max,
                                    struct heat_frame *out);

/* Tile x, y (from the north) of zoom z in the XYZ scheme. ERR_RANGE outside of it. */
MUST_USE enum err heat_frame_tile(int z, int64_t x, int64_t y, struct heat_frame *out);

/* The tiles of a zoom that the image touches: x from *x0 to *x1, y from *y0 to *y1, all included.
 * Past the antimeridian x goes on counting: take it modulo 2^z. ERR_RANGE for the zoom. */
MUST_USE enum err heat_tile_range(const struct heat_canvas *canvas, int z, int64_t *x0, int64_t *y0,
                                  int64_t *x1, int64_t *y1);

/* Kelvin under every pixel's middle, from the north-west, row by row; NAN and why where there is no
 * observation, HEAT_FILL outside the image. */
struct heat_warped {
    int32_t width, height;
    const float *kelvin;
    const uint8_t *reason; /* enum heat_reason */
};

/* Nearest pixels; `smooth`: between the clear ones of the four around, where the picture is finer
 * than the scene. A place on a masked pixel stays masked, and a masked one lends nothing. Places
 * are right to a sixteenth of a pixel of the scene or, if larger, of the picture; a picture coarser
 * than the scene shows one of the pixels that lie under each of its own or just beside it.
 * ERR_LIMIT, ERR_RANGE for the frame. */
MUST_USE enum err heat_warp(struct heat_canvas *canvas, const struct heat_frame *frame, bool smooth,
                            struct arena *arena, struct heat_warped *out);

/* ---- Files ------------------------------------------------------------------------------ */

/* Written into the picture's file. ASCII key of at most 79 bytes, UTF-8 text. */
struct heat_note {
    struct str key, text;
};

/* What a picture says of itself: Title, Source, Date, Mask, Method, Colours, Software … The texts
 * live in the arena. `software`: "kuailian 1.0". Without `paint` nothing is said
 * of colours. */
enum { HEAT_NOTES_MAX = 12 };
size_t heat_notes_of(struct arena *arena, const struct heat_scene *scene, size_t layer,
                     const struct heat_mask *mask, const struct heat_paint *paint,
                     struct str software, struct heat_note notes[HEAT_NOTES_MAX]);

struct heat_drawing {
    struct heat_paint paint;
    bool smooth; /* Not heeded for HEAT_COLOURS_RED: what is red is what the table counts. */
    const struct heat_note *notes;
    size_t note_count;
    /* As in heat_ask; may be NULL. */
    bool (*progress)(void *context, int64_t done, int64_t all);
    void *context;
};

/* Appends a PNG with transparency. `out` is born with HEAT_PNG_MAX. */
MUST_USE enum err heat_picture_png(struct heat_canvas *canvas, const struct heat_frame *frame,
                                   const struct heat_drawing *drawing, struct buf *out);

/* The same for one tile of 256 × 256. `empty` (may be NULL): all of it is outside the image; the
 * transparent tile is still written. */
MUST_USE enum err heat_tile_png(struct heat_canvas *canvas, int z, int64_t x, int64_t y,
                                const struct heat_drawing *drawing, bool *empty, struct buf *out);

/* The legend as a picture of its own, without words: scale, numbers in kelvin and degrees Celsius,
 * and how a place without an observation ("n = 0") looks. */
MUST_USE enum err heat_legend_png(const struct heat_drawing *drawing, struct buf *out);

/* Writes the layer's kelvin as a cloud-optimised GeoTIFF: float32 on the scene's own grid, NAN (the
 * no-data value) where there is no observation, 512 × 512 tiles, overviews of single pixels, notes
 * as metadata. The file appears whole or not at all. ERR_INVALID for a name that is no local
 * file's, ERR_IO. */
MUST_USE enum err heat_cog_write(const struct heat_canvas *canvas, const char *path,
                                 const struct heat_drawing *drawing);

#endif
