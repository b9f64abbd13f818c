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

/* One "--name VALUE" or, with `value` NULL, "--name". `take` says false if the value is wrong. */
struct heat_flag {
    const char *name;
    bool has_value;
    bool (*take)(void *options, const char *value);
};

/* Reads all arguments by the table (its last row has no name); false with a message. */
bool heat_flags_read(const struct heat_flag *flags, int argc, char **argv, void *options);

/* "--method", "--transmittance", "--unit" …: how a scene is opened, for any verb. */
bool heat_method_of(const char *value, enum heat_method *out);
bool heat_unit_of(const char *value, enum heat_unit *out);
bool heat_real_of(const char *value, double *out);

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

/* Writes to the file, or to standard output if `path` is NULL. */
MUST_USE enum err heat_write(const char *path, struct str text);

#endif
