/* What the verbs of `kuailian heat` share: options, progress, and how a scene is named. */
#ifndef CMD_HEAT_H
#define CMD_HEAT_H

#include "heat/heat.h"
#include "json/json.h"

/* A verb of `kuailian heat`: a row of the table in heat.c. */
struct heat_verb {
    const char *name, *usage, *about;
    int (*run)(int argc, char **argv);
};

int heat_stats_command(int argc, char **argv);
int heat_picture_command(int argc, char **argv);
int heat_series_command(int argc, char **argv);
int heat_index_command(int argc, char **argv);

/* One "--name VALUE" or, with `value` NULL, "--name". `take` says false if the value is wrong. */
struct heat_flag {
    const char *name;
    bool has_value;
    bool (*take)(void *options, const char *value);
};

/* Reads all arguments by the table (its last row has no name); false with a message. */
bool heat_flags_read(const struct heat_flag *flags, int argc, char **argv, void *options);

/* ---- heat_options.c ---------------------------------------------------------------------- */

/* What every verb is asked that opens a scene; the first member of its own options. */
struct heat_common {
    const char *scene, *layer; /* layer: a name or a date; NULL: all */
    struct heat_options open;
    struct heat_ask ask;
    bool json, quiet;
};

void heat_common_init(struct heat_common *common);

#define HEAT_COMMON_FLAGS                                                                          \
    {"--scene", true, heat_take_scene}, {"--layer", true, heat_take_layer},                        \
        {"--mask", true, heat_take_mask}, {"--mask-file", true, heat_take_mask_file},              \
        {"--method", true, heat_take_method}, {"--transmittance", true, heat_take_transmittance},  \
        {"--upwelling", true, heat_take_upwelling},                                                \
        {"--downwelling", true, heat_take_downwelling},                                            \
        {"--water-vapour", true, heat_take_water_vapour},                                          \
        {"--emissivity", true, heat_take_emissivity}, {"--unit", true, heat_take_unit},            \
        {"--threads", true, heat_take_threads}, {"--json", false, heat_take_json},                 \
    {                                                                                              \
        "--quiet", false, heat_take_quiet                                                          \
    }
extern const char HEAT_COMMON_USAGE[];

bool heat_take_scene(void *options, const char *value);
bool heat_take_layer(void *options, const char *value);
bool heat_take_mask(void *options, const char *value);
bool heat_take_mask_file(void *options, const char *value);
bool heat_take_method(void *options, const char *value);
bool heat_take_transmittance(void *options, const char *value);
bool heat_take_upwelling(void *options, const char *value);
bool heat_take_downwelling(void *options, const char *value);
bool heat_take_water_vapour(void *options, const char *value);
bool heat_take_emissivity(void *options, const char *value);
bool heat_take_unit(void *options, const char *value);
bool heat_take_threads(void *options, const char *value);
bool heat_take_json(void *options, const char *value);
bool heat_take_quiet(void *options, const char *value);

bool heat_real_of(const char *value, double *out);
/* Calls `take` for each word between commas; "none" is no word at all. */
bool heat_each_word(const char *value, void *context, bool (*take)(void *, const char *));
/* Adds a threshold to a heat_ask: "mean", "mean+2", "z=2", "300" or "300K". */
bool heat_above_add(void *ask, const char *word);
struct str heat_above_name(struct arena *arena, const struct heat_threshold *above);
/* By name or date; any if `wanted` is NULL. */
bool heat_layer_is(const struct heat_layer *layer, const char *wanted);

/* ---- heat.c ------------------------------------------------------------------------------ */

/* A bar on standard error, if that is a terminal; for heat_ask's progress. */
struct heat_bar {
    const char *what;
    int64_t shown; /* Parts of a hundred. */
    bool on;
};
void heat_bar_start(struct heat_bar *bar, const char *what);
bool heat_bar_show(void *bar, int64_t done, int64_t all);
void heat_bar_end(struct heat_bar *bar);

/* The members that say where numbers come from: scene, sensor, method, grid. */
void heat_scene_json(struct json_writer *w, const struct heat_scene *scene);
/* A layer's members: name, date, time, light. */
void heat_layer_json(struct json_writer *w, const struct heat_layer *layer);

/* Zones as the options name them. */
struct heat_zone_options {
    const char *path, *id; /* id: the property that names a zone, or NULL */
    bool mend;
};
MUST_USE enum err heat_zones_open(struct arena *arena, const struct heat_zone_options *options,
                                  struct heat_zones *out);

/* Cells of CSV: a text; a comma and a number, or nothing for NAN, once or for each of some; a
 * layer's name, date, time and light between commas. */
void heat_csv_text(struct buf *csv, struct str text);
void heat_csv_real(struct buf *csv, double value);
void heat_csv_reals(struct buf *csv, const double *values, size_t count);
void heat_csv_layer(struct buf *csv, const struct heat_layer *layer);
/* A member; null for NAN. */
void heat_json_real(struct json_writer *w, const char *name, double value);

/* Writes to the file, or to standard output if `path` is NULL. */
MUST_USE enum err heat_write(const char *path, struct str text);

#endif
