/* Change over time, said honestly: is a zone warmer than before, against its surroundings?
 *
 * A season warms park and fields alike, and a cloud hides warm pixels and cold ones; so a zone's
 * mean alone shows no work. This is compared instead, view by view (one scene at one time):
 *
 *   d(z, t) = mean over the zone's clear pixels of (K(p, t) - α(p))
 *           - mean over the clear reference pixels of (K(p, t) - α(p))
 *
 * α(p) is the pixel's own mean over the baseline's views, each taken relative to that view's
 * surroundings: what a cloud leaves over stays comparable, and constant differences of cover and
 * height cancel. Reference pixels lie outside all zones, in a ring around them, and are matched to
 * each pixel of the zone: their α is near its own (in the baseline alone, so that the period in
 * question cannot choose its own reference). So what is compared behaved alike before. The change
 * is the mean of d over the period minus that over the baseline.
 *
 * Its interval holds three parts: the scatter of d from view to view (Student's t, both periods
 * pooled); what the same sum gives for the zone's own shape laid elsewhere in the ring, where
 * nothing is asked about (placebos, after Abadie et al. 2010, which show how far apart places drift
 * by weather and season alone); and the product's own uncertainty, taken as common to all of a
 * view's pixels. The larger of the first two and the third are added in quadrature.
 *
 * A result says warmer, cooler, "no change shown", or "no observation", and never more. A zone that
 * was seen but has nothing outside to be set against (it covers all the land, or nothing outside is
 * like it) shows no change: without reference there is nothing that could show one, and no
 * interval.
 */
#ifndef HEAT_CHANGE_H
#define HEAT_CHANGE_H

#include "heat/heat.h"

/* One layer of one scene. */
struct heat_view {
    const struct heat_scene *scene;
    size_t layer;
};

/* Days since 1970-01-01, both included. */
struct heat_period {
    int64_t from, to;
};

/* ---- Series: the table's own numbers, view by view ---------------------------------------- */

/* stats[view × zones + zone], as heat_stats gives them; views whose grid no zone touches have no
 * observation. The zones are laid on each grid once. */
MUST_USE enum err heat_series(const struct heat_view *views, size_t count,
                              const struct heat_zones *zones, const struct heat_ask *ask,
                              struct heat_stat *stats);

/* ---- The index ---------------------------------------------------------------------------- */

struct heat_change_ask {
    struct heat_mask mask;
    enum heat_light light; /* Day and night are never mixed: only views of this light count. */
    struct heat_period period;
    /* HEAT_NO_DATE: the same days of all earlier years, `season_days` more on either side. */
    struct heat_period baseline;
    int season_days;
    double near_m, far_m; /* The ring: this far from every zone, and no farther. */
    double match_k;       /* How near a reference pixel's α must be; doubled twice if too few. */
    double least_clear;   /* The share of a zone that a view must show to count for it; where there
                             is no reference, of what any view shows of the zone. */
    int least_views;      /* In each period. */
    double confidence;    /* Of the interval: 0.95. */
    bool (*progress)(void *context, int64_t done, int64_t all); /* As heat_ask's. */
    void *context;
};

/* Default mask; day; 15 season_days; ring from 500 m to 20 km, but at least two pixels and forty;
 * 1 K; half; 3 views; 0.95. Periods must be set. */
void heat_change_ask_init(struct heat_change_ask *ask);

enum heat_verdict {
    HEAT_NO_OBSERVATION,  /* Too few clear views. */
    HEAT_NO_CHANGE_SHOWN, /* The interval holds zero, or there is no reference and so no interval:
                             it does not say that nothing changed. */
    HEAT_WARMER,
    HEAT_COOLER,
};
const char *heat_verdict_key(enum heat_verdict verdict); /* "no-observation", "warmer" … */

/* Why there is no X ± Y. */
enum heat_lack {
    HEAT_LACK_NOTHING,
    HEAT_LACK_VIEWS,     /* Too few clear views in the period: no observation. */
    HEAT_LACK_BASELINE,  /* Too few in the baseline: no observation. */
    HEAT_LACK_REFERENCE, /* Too little outside is like the zone: no change shown. */
};
const char *heat_lack_key(enum heat_lack lack); /* "", "views", "baseline", "reference" */

/* d of one view; NAN where the view shows too little of the zone, or nothing to set it against. */
struct heat_point {
    size_t view; /* Its number in the views that were given. */
    bool in_period;
    double clear;   /* The zone's share that was clear. */
    double anomaly; /* d, minus the baseline's mean of d. */
};

struct heat_change {
    enum heat_verdict verdict;
    enum heat_lack lack;
    double kelvin, interval;         /* X ± Y; NAN where something lacks. */
    size_t views, baseline_views;    /* Compared; with HEAT_LACK_REFERENCE: clear. */
    double scatter, drift, product;  /* The interval's parts, one standard error each; as X ± Y. */
    size_t placebos;                 /* 0: none could be laid; `drift` is 0 then. */
    bool below_resolution;           /* The sensor does not resolve the zone. */
    const struct heat_point *points; /* In the order of the views that count. */
    size_t point_count;
};

/* What holds for all zones of one answer. */
struct heat_change_frame {
    size_t period_views, baseline_views; /* On offer, before clouds. */
    bool same_season; /* Each baseline view falls into the period's days of the year ± 20. */
    int64_t reference_pixels;  /* Of the ring, with an α. */
    struct heat_window window; /* Of the first view's grid: what was looked at. */
};

/* Fills changes[zones->count]; points live in the arena. All views that count must lie on one
 * raster (the same projection and pixels, shifted by whole ones at the most): ERR_INVALID names the
 * scene that does not. ERR_INVALID for periods that overlap or are missing; ERR_LIMIT if the ring
 * holds too many pixels. Views outside both periods and of other light are passed over. */
MUST_USE enum err heat_change(struct arena *arena, const struct heat_view *views, size_t count,
                              const struct heat_zones *zones, const struct heat_change_ask *ask,
                              struct heat_change_frame *frame, struct heat_change *changes);

/* Two-sided quantile of Student's distribution: P(|T| <= t) = `confidence`. `freedom` >= 1. */
double heat_student(double confidence, double freedom);

#endif
