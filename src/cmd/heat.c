#include "cmd/heat.h"

#include "base/clock.h"
#include "base/decimal.h"
#include "cmd/cmd.h"
#include "cmd/input.h"

#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

static const struct heat_verb VERBS[] = {
    {"stats",
     "--scene DIR|FILE [--zones GEOJSON] [--zone-id FIELD] [--mask …] [--csv OUT] [--json]",
     "Temperatures of zones: means, quantiles, areas above a threshold, and what was not seen",
     heat_stats_command},
    {"picture",
     "--scene DIR|FILE [--png OUT] [--tiles DIR --zoom A-B] [--legend OUT] [--cog OUT] [--json]",
     "A layer as a picture, as map tiles with their legend, or as a cloud-optimised GeoTIFF",
     heat_picture_command},
    {"series", "--scene DIR|FILE … | --folder DIR --zones GEOJSON [--csv OUT] [--json]",
     "Zones over time, scene by scene; gaps stay gaps", heat_series_command},
    {"index",
     "--scene DIR|FILE … | --folder DIR --zones GEOJSON --period FROM..TO [--csv OUT] [--json]",
     "Whether zones became warmer than their surroundings: by X ± Y K, or no change shown",
     heat_index_command},
    {0},
};

static int print_verbs(FILE *to)
{
    fprintf(to, "usage: kuailian heat VERB [OPTIONS]\n\n");
    for (const struct heat_verb *verb = VERBS; verb->name; verb++)
        fprintf(to, "  %-8s %s\n  %-8s   %s\n", verb->name, verb->usage, "", verb->about);
    return to == stdout ? CMD_OK : CMD_USAGE;
}

/* Large tables come and go one after the other: zones' text, zones on the grid, statistics, rows.
 * Pages that the system has to make anew for each take longer than filling them does. */
static void keep_memory(void)
{
#ifdef __GLIBC__
    enum { KEPT_FREE = 1 << 30, GROWN_BY = 4 << 20 };
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, KEPT_FREE);
    mallopt(M_TOP_PAD, GROWN_BY);
#endif
}

int cmd_heat(int argc, char **argv)
{
    keep_memory();
    if (argc < 1)
        return print_verbs(stderr);
    struct str name = str_of(argv[0]);
    if (str_is(name, "help") || str_is(name, "--help"))
        return print_verbs(stdout);
    for (const struct heat_verb *verb = VERBS; verb->name; verb++)
        if (str_is(name, verb->name))
            return verb->run(argc - 1, argv + 1);
    fprintf(stderr, "kuailian: heat: there is no '%s'\n", argv[0]);
    return print_verbs(stderr);
}

static const struct heat_flag *find_flag(const struct heat_flag *flags, const char *name)
{
    for (const struct heat_flag *flag = flags; flag->name; flag++)
        if (strcmp(flag->name, name) == 0)
            return flag;
    return NULL;
}

bool heat_flags_read(const struct heat_flag *flags, int argc, char **argv, void *options)
{
    for (int i = 0; i < argc; i++) {
        const struct heat_flag *flag = find_flag(flags, argv[i]);
        if (!flag) {
            fprintf(stderr, "kuailian: heat: unknown option '%s'\n", argv[i]);
            return false;
        }
        if (flag->has_value && i + 1 >= argc) {
            fprintf(stderr, "kuailian: heat: %s needs a value\n", flag->name);
            return false;
        }
        const char *value = flag->has_value ? argv[++i] : NULL;
        if (!flag->take(options, value)) {
            fprintf(stderr, "kuailian: heat: %s: '%s' is not understood\n", flag->name,
                    value ? value : "");
            return false;
        }
    }
    return true;
}

void heat_bar_start(struct heat_bar *bar, const char *what)
{
    *bar = (struct heat_bar){.what = what, .shown = -1, .on = isatty(STDERR_FILENO)};
}

bool heat_bar_show(void *context, int64_t done, int64_t all)
{
    enum { WIDTH = 40 };
    struct heat_bar *bar = context;
    int64_t percent = all > 0 ? done * 100 / all : 100;
    if (!bar->on || percent == bar->shown)
        return true;
    bar->shown = percent;
    char cells[WIDTH + 1];
    for (int i = 0; i < WIDTH; i++)
        cells[i] = i * 100 < percent * WIDTH ? '#' : '.';
    cells[WIDTH] = 0;
    fprintf(stderr, "\r%s [%s] %3d%%", bar->what, cells, (int)percent);
    fflush(stderr);
    return true;
}

void heat_bar_end(struct heat_bar *bar)
{
    if (bar->on && bar->shown >= 0)
        fprintf(stderr, "\r\033[K");
    bar->shown = -1;
}

static void text_member(struct json_writer *w, const char *name, struct str value)
{
    json_key(w, name);
    json_text(w, value.len ? value : (struct str){0});
}

void heat_scene_json(struct json_writer *w, const struct heat_scene *scene)
{
    text_member(w, "scene", scene->product);
    text_member(w, "kind", str_of(heat_kind_key(scene->kind)));
    text_member(w, "sensor", scene->sensor);
    text_member(w, "method", scene->method);
    json_key(w, "native_m");
    json_real(w, scene->native_m);
    json_key(w, "grid");
    json_object_begin(w);
    json_member_int(w, "width", scene->grid.width);
    json_member_int(w, "height", scene->grid.height);
    json_key(w, "pixel_m");
    json_real(w, scene->grid.pixel_m);
    json_key(w, "transform");
    json_array_begin(w);
    for (int i = 0; i < 6; i++)
        json_real(w, scene->grid.transform[i]);
    json_array_end(w);
    text_member(w, "projection", scene->grid.projection);
    json_object_end(w);
}

void heat_layer_json(struct json_writer *w, const struct heat_layer *layer)
{
    CLEANUP(buf_release) struct buf date;
    buf_init(&date, 64);
    if (layer->date != HEAT_NO_DATE)
        date_format(&date, layer->date);
    text_member(w, "layer", layer->name);
    text_member(w, "date", buf_str(&date));
    json_member_time(w, "time", layer->time_us);
    text_member(w, "light", str_of(heat_light_key(layer->light)));
}

void heat_csv_text(struct buf *csv, struct str text)
{
    bool plain = true;
    for (size_t i = 0; i < text.len; i++)
        plain = plain && !strchr(",\"\r\n", text.ptr[i]);
    if (plain) {
        buf_add_str(csv, text);
        return;
    }
    buf_add_char(csv, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            buf_add_char(csv, '"');
        buf_add_char(csv, text.ptr[i]);
    }
    buf_add_char(csv, '"');
}

/* Numbers, or nothing where nothing was seen. */
void heat_csv_reals(struct buf *csv, const double *values, size_t count)
{
    enum { TOGETHER = 16 };
    char text[TOGETHER * (DECIMAL_SIZE + 1)];
    size_t length = 0;
    for (size_t i = 0; i < count; i++) {
        if (length > sizeof(text) - DECIMAL_SIZE - 1) {
            buf_add(csv, text, length);
            length = 0;
        }
        text[length++] = ',';
        if (values[i] == 0)
            text[length++] = '0'; /* Never -0. */
        else if (!isnan(values[i]))
            length += decimal_write(values[i], &text[length]);
    }
    buf_add(csv, text, length);
}

void heat_csv_real(struct buf *csv, double value)
{
    heat_csv_reals(csv, &value, 1);
}

void heat_csv_layer(struct buf *csv, const struct heat_layer *layer)
{
    buf_add_char(csv, ',');
    heat_csv_text(csv, layer->name);
    buf_add_char(csv, ',');
    if (layer->date != HEAT_NO_DATE)
        date_format(csv, layer->date);
    buf_add_char(csv, ',');
    if (layer->time_us)
        time_format(csv, layer->time_us, 0);
    buf_format(csv, ",%s,", heat_light_key(layer->light));
}

void heat_json_real(struct json_writer *w, const char *name, double value)
{
    json_key(w, name);
    if (isnan(value))
        json_null(w);
    else
        json_real(w, value);
}

enum err heat_zones_open(struct arena *arena, const struct heat_zone_options *options,
                         struct heat_zones *out)
{
    if (heat_zones_stream(arena, options->path, options->id, options->mend, out))
        return OK;
    CLEANUP(arena_release) struct arena scratch = {0}; /* The text is read once. */
    struct str text;
    enum err r = input_read(&scratch, options->path, LIMIT_HEAT_ZONES_SIZE, &text);
    return r == OK ? heat_zones_read(arena, text, options->id, options->mend, out) : r;
}

enum err heat_write(const char *path, struct str text)
{
    FILE *file = path ? fopen(path, "wbe") : stdout;
    if (!file)
        return err_set(ERR_IO, "%s: cannot be written", path);
    bool written = fwrite(text.ptr, 1, text.len, file) == text.len;
    written = (path ? fclose(file) : fflush(file)) == 0 && written;
    return written ? OK : err_set(ERR_IO, "%s: cannot be written", path ? path : "output");
}
