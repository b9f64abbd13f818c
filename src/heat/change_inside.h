/* What change.c, change_frame.c and change_sum.c share: one answer's work. */
#ifndef HEAT_CHANGE_INSIDE_H
#define HEAT_CHANGE_INSIDE_H

#include "heat/change.h"

enum { PLACEBOS_MAX = 60 };

struct change_view {
    struct heat_view given;
    size_t number;
    bool in_period;
    int32_t dx, dy; /* Of its grid, against the first view's. */
};

/* A zone's shape, laid where the zone is or elsewhere. */
struct change_place {
    int32_t dx, dy;
    double *d;       /* By view; NAN: not seen well enough. */
    double *clear;   /* The same: the share that was. */
    double *product; /* The same: the product's uncertainty; 0 unknown. */
};

struct change_zone {
    struct heat_span *spans; /* In the window's own pixels. */
    size_t span_count;
    double weight;               /* Of all spans. */
    double usable;               /* Of it, what has an α. */
    double seen;                 /* Of it, what any view shows: no sea, for example. */
    double *shown;               /* Of it, what each view shows, whatever there is to compare. */
    struct change_place *places; /* The first is the zone itself. */
    size_t place_count;
};

struct change_work {
    struct arena *arena;
    const struct heat_change_ask *ask;
    struct heat_change_frame *frame;
    struct change_view *views;
    size_t view_count;
    struct change_zone *zones;
    size_t zone_count;
    int32_t near, far; /* Pixels */
    struct heat_window window;
    size_t pixels;
    bool *ring;
    double *alpha; /* NAN: not clear in half of the baseline's views. */
    /* The view that is looked at. */
    float *kelvin, *uncertainty;
    uint8_t *reason;
    bool *clear, *ever; /* Ever: clear in a view before or in this one. */
    int64_t done;       /* For progress. */
};

static inline size_t change_at(const struct change_work *work, int32_t x, int32_t y)
{
    return (size_t)y * (size_t)work->window.width + (size_t)x;
}

/* change_frame.c: which views count, whether they lie on one raster, and where to look. */
MUST_USE enum err change_pick(struct change_work *work, const struct heat_view *views,
                              size_t count);
MUST_USE enum err change_align(struct change_work *work);
MUST_USE enum err change_window(struct change_work *work);
void change_ring(struct change_work *work);

/* change_sum.c: α of every pixel, d of every place. */
MUST_USE enum err change_alpha(struct change_work *work);
void change_places(struct change_work *work);
MUST_USE enum err change_sums(struct change_work *work);

#endif
