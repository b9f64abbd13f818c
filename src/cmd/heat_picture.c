#include "cmd/cmd.h"
#include "cmd/heat.h"
#include "heat/picture.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { SIDE_DEFAULT = 2048, TILES_MAX = 200000 };

static const char SOFTWARE[] = "kuailian " KUAILIAN_VERSION;

struct options {
    struct heat_common common;
    struct heat_paint paint;
    const char *png, *tiles, *legend, *cog;
    enum heat_plane plane;
    struct heat_bounds bounds; /* NAN: the whole image */
    int64_t side;              /* 0: not asked */
    int64_t zoom_from, zoom_to;
    bool smooth, has_zoom;
};

/* ---- options ------------------------------------------------------------------------------ */

#define OPTIONS(options) ((struct options *)(options))

static bool take_png(void *options, const char *value)
{
    OPTIONS(options)->png = value;
    return true;
}

static bool take_tiles(void *options, const char *value)
{
    OPTIONS(options)->tiles = value;
    return true;
}

static bool take_legend(void *options, const char *value)
{
    OPTIONS(options)->legend = value;
    return true;
}

static bool take_cog(void *options, const char *value)
{
    OPTIONS(options)->cog = value;
    return true;
}

static bool take_colours(void *options, const char *value)
{
    return heat_colours_find(str_of(value), &OPTIONS(options)->paint.colours);
}

static bool take_scale(void *options, const char *value)
{
    return heat_scale_find(str_of(value), &OPTIONS(options)->paint.scale);
}

static bool take_unseen(void *options, const char *value)
{
    return heat_unseen_find(str_of(value), &OPTIONS(options)->paint.unseen);
}

static bool take_low(void *options, const char *value)
{
    return heat_real_of(value, &OPTIONS(options)->paint.low);
}

static bool take_high(void *options, const char *value)
{
    return heat_real_of(value, &OPTIONS(options)->paint.high);
}

static bool take_span(void *options, const char *value)
{
    return heat_real_of(value, &OPTIONS(options)->paint.span);
}

static bool take_above(void *options, const char *value)
{
    struct heat_ask *ask = &OPTIONS(options)->common.ask;
    ask->above_count = 0;
    return heat_above_add(ask, value);
}

static bool take_smooth(void *options, const char *value)
{
    (void)value;
    return OPTIONS(options)->smooth = true;
}

static bool take_plane(void *options, const char *value)
{
    OPTIONS(options)->plane = strcmp(value, "lonlat") == 0 ? HEAT_LONLAT : HEAT_MERCATOR;
    return strcmp(value, "lonlat") == 0 || strcmp(value, "mercator") == 0;
}

static bool take_size(void *options, const char *value)
{
    int64_t *side = &OPTIONS(options)->side;
    return str_to_int(str_of(value), side) == OK && *side >= 1 && *side <= HEAT_PICTURE_SIDE_MAX;
}

static bool take_zoom(void *options, const char *value)
{
    struct options *o = options;
    struct str text = str_of(value);
    size_t dash = str_find(text, STR("-"), 0);
    struct str last = dash < text.len ? str_sub(text, dash + 1, text.len) : text;
    o->has_zoom = true;
    return str_to_int(str_sub(text, 0, dash), &o->zoom_from) == OK &&
           str_to_int(last, &o->zoom_to) == OK && o->zoom_from >= 0 && o->zoom_from <= o->zoom_to &&
           o->zoom_to <= HEAT_ZOOM_MAX;
}

struct four {
    double values[4];
    size_t count;
};

static bool add_degree(void *context, const char *word)
{
    struct four *four = context;
    return four->count < 4 && heat_real_of(word, &four->values[four->count++]);
}

static bool take_bounds(void *options, const char *value)
{
    struct four four = {0};
    if (!heat_each_word(value, &four, add_degree) || four.count != 4)
        return false;
    OPTIONS(options)->bounds =
        (struct heat_bounds){four.values[0], four.values[1], four.values[2], four.values[3]};
    return true;
}

static const struct heat_flag FLAGS[] = {
    HEAT_COMMON_FLAGS,
    {"--png", true, take_png},
    {"--tiles", true, take_tiles},
    {"--zoom", true, take_zoom},
    {"--legend", true, take_legend},
    {"--cog", true, take_cog},
    {"--colours", true, take_colours},
    {"--scale", true, take_scale},
    {"--low", true, take_low},
    {"--high", true, take_high},
    {"--above", true, take_above},
    {"--span", true, take_span},
    {"--unseen", true, take_unseen},
    {"--smooth", false, take_smooth},
    {"--size", true, take_size},
    {"--bounds", true, take_bounds},
    {"--plane", true, take_plane},
    {0},
};

static int usage(void)
{
    fprintf(stderr,
            "usage: kuailian heat picture --scene DIR|FILE [OPTIONS]\n\n"
            "  --png OUT           the layer as a picture, a pixel for each of its own, at most\n"
            "                      2048 on a side; or --size N pixels, reduced or enlarged; or\n"
            "                      only --bounds WEST,SOUTH,EAST,NORTH (degrees);\n"
            "                      --plane mercator (as web maps are) or lonlat\n"
            "  --tiles DIR         map tiles DIR/z/x/y.png of the zooms --zoom A-B\n"
            "  --legend OUT        the legend as a picture: numbers and units, no words\n"
            "  --cog OUT           kelvin as a cloud-optimised GeoTIFF\n"
            "  --json              what was drawn: scene, mask, threshold, bounds, legend\n"
            "  --colours NAME      kelvin, anomaly (blue, white, orange) or red\n"
            "  --scale NAME        inferno, viridis or cividis; --low K and --high K its ends\n"
            "  --above WHAT        red above it, white at it: mean, mean+2, z=2, 300K\n"
            "  --span K            from white to either end of the anomalies\n"
            "  --unseen NAME       hatch, grey or transparent where nothing was observed\n"
            "  --smooth            between clear pixels instead of whole ones\n"
            "%s",
            HEAT_COMMON_USAGE);
    return CMD_USAGE;
}

/* ---- files -------------------------------------------------------------------------------- */

struct job {
    const struct options *options;
    struct arena *arena;
    struct heat_scene *scene;
    size_t layer;
    struct heat_canvas *canvas;
    struct heat_drawing drawing;
    struct heat_frame frame; /* Of the picture. */
    int64_t tiles_written, tiles_empty;
    struct heat_bar bar;
};

static void start_bar(struct job *job, const char *what)
{
    heat_bar_start(&job->bar, what);
    job->bar.on = job->bar.on && !job->options->common.quiet;
    job->drawing.progress = heat_bar_show;
    job->drawing.context = &job->bar;
}

static enum err draw_picture(struct job *job)
{
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, HEAT_PNG_MAX);
    start_bar(job, "picture");
    enum err r = heat_picture_png(job->canvas, &job->frame, &job->drawing, &out);
    heat_bar_end(&job->bar);
    return r == OK ? heat_write(job->options->png, buf_str(&out)) : r;
}

static enum err make_folder(const char *path)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return OK;
    return err_set(ERR_IO, "%s: cannot be made", path);
}

static enum err draw_tile(struct job *job, int z, int64_t x, int64_t y, struct buf *out)
{
    CLEANUP(arena_release) struct arena arena = {0};
    bool empty;
    buf_clear(out);
    job->drawing.progress = NULL; /* The bar is of tiles. */
    enum err r = heat_tile_png(job->canvas, z, x, y, &job->drawing, &empty, out);
    if (r != OK)
        return r;
    if (empty) {
        job->tiles_empty++;
        return OK;
    }
    const char *path = str_format(&arena, "%s/%d", job->options->tiles, z).ptr;
    r = make_folder(path);
    if (r == OK) {
        path = str_format(&arena, "%s/%" PRId64, path, x).ptr;
        r = make_folder(path);
    }
    if (r == OK)
        r = heat_write(str_format(&arena, "%s/%" PRId64 ".png", path, y).ptr, buf_str(out));
    job->tiles_written += r == OK;
    return r;
}

static enum err count_tiles(const struct job *job, int64_t *out)
{
    int64_t count = 0;
    enum err r = OK;
    for (int z = (int)job->options->zoom_from; r == OK && z <= job->options->zoom_to; z++) {
        int64_t x0, y0, x1, y1;
        r = heat_tile_range(job->canvas, z, &x0, &y0, &x1, &y1);
        if (r == OK)
            count += (x1 - x0 + 1) * (y1 - y0 + 1);
        if (r == OK && count > TILES_MAX)
            r = err_set(ERR_LIMIT, "more than %d tiles up to zoom %d: choose lower zooms",
                        TILES_MAX, z);
    }
    *out = count;
    return r;
}

static enum err draw_tiles(struct job *job)
{
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, HEAT_PNG_MAX);
    int64_t all, done = 0;
    enum err r = count_tiles(job, &all);
    if (r == OK)
        r = make_folder(job->options->tiles);
    start_bar(job, "tiles");
    for (int z = (int)job->options->zoom_from; r == OK && z <= job->options->zoom_to; z++) {
        int64_t x0, y0, x1, y1, side = INT64_C(1) << z;
        r = heat_tile_range(job->canvas, z, &x0, &y0, &x1, &y1);
        for (int64_t x = x0; r == OK && x <= x1; x++)
            for (int64_t y = y0; r == OK && y <= y1; y++) {
                r = draw_tile(job, z, x % side, y, &out);
                heat_bar_show(&job->bar, ++done, all);
            }
    }
    heat_bar_end(&job->bar);
    return r;
}

static enum err write_cog(struct job *job)
{
    struct heat_note notes[HEAT_NOTES_MAX];
    const struct heat_mask *mask = &job->options->common.ask.mask;
    start_bar(job, "GeoTIFF");
    job->drawing.notes = notes; /* Without colours: the file has kelvin. */
    job->drawing.note_count =
        heat_notes_of(job->arena, job->scene, job->layer, mask, NULL, str_of(SOFTWARE), notes);
    enum err r = heat_cog_write(job->canvas, job->options->cog, &job->drawing);
    heat_bar_end(&job->bar);
    return r;
}

static enum err write_legend(struct job *job)
{
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, HEAT_PNG_MAX);
    enum err r = heat_legend_png(&job->drawing, &out);
    return r == OK ? heat_write(job->options->legend, buf_str(&out)) : r;
}

/* ---- what was drawn ----------------------------------------------------------------------- */

static void real_member(struct json_writer *w, const char *name, double value)
{
    json_key(w, name);
    if (isnan(value))
        json_null(w);
    else
        json_real(w, value);
}

static void bounds_json(struct json_writer *w, const char *name, const struct heat_bounds *bounds)
{
    json_key(w, name);
    json_array_begin(w);
    json_real(w, bounds->west);
    json_real(w, bounds->south);
    json_real(w, bounds->east);
    json_real(w, bounds->north);
    json_array_end(w);
}

static void legend_json(struct json_writer *w, const struct heat_legend *legend)
{
    json_key(w, "legend");
    json_array_begin(w);
    for (size_t i = 0; i < legend->count; i++) {
        const struct heat_stop *stop = &legend->stops[i];
        char colour[16];
        snprintf(colour, sizeof(colour), "#%02x%02x%02x%02x", stop->colour.r, stop->colour.g,
                 stop->colour.b, stop->colour.a);
        json_object_begin(w);
        real_member(w, "kelvin", stop->kelvin);
        real_member(w, "celsius", stop->celsius);
        real_member(w, "apart", stop->apart);
        json_member_c(w, "colour", colour);
        json_object_end(w);
    }
    json_array_end(w);
}

static void paint_json(struct json_writer *w, const struct job *job)
{
    const struct heat_paint *paint = &job->drawing.paint;
    const struct heat_ask *ask = &job->options->common.ask;
    const struct heat_threshold mean = {.kind = HEAT_ABOVE_MEAN};
    json_member_c(w, "colours", heat_colours_key(paint->colours));
    json_member_c(w, "unseen", heat_unseen_key(paint->unseen));
    json_member_bool(w, "observed", !paint->nothing_seen);
    if (paint->colours == HEAT_COLOURS_KELVIN) {
        json_member_c(w, "scale", heat_scale_key(paint->scale));
        real_member(w, "low_k", paint->low);
        real_member(w, "high_k", paint->high);
        return;
    }
    json_member_text(w, "threshold",
                     heat_above_name(job->arena, ask->above_count ? &ask->above[0] : &mean));
    real_member(w, paint->colours == HEAT_COLOURS_RED ? "threshold_k" : "reference_k",
                paint->reference);
    if (paint->colours == HEAT_COLOURS_ANOMALY)
        real_member(w, "span_k", paint->span);
}

static enum err print_json(const struct job *job)
{
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, 1 << 20);
    struct json_writer w = json_writer(&out);
    const struct options *o = job->options;
    struct heat_bounds bounds = heat_canvas_bounds(job->canvas);
    struct heat_legend legend;
    enum err r = heat_legend_of(&job->drawing.paint, &legend);
    if (r != OK)
        return r;
    json_object_begin(&w);
    heat_scene_json(&w, job->scene);
    heat_layer_json(&w, &job->scene->layers[job->layer]);
    json_member_text(&w, "mask", heat_mask_text(job->arena, job->scene, &o->common.ask.mask));
    paint_json(&w, job);
    json_member_c(&w, "program", SOFTWARE);
    bounds_json(&w, "bounds", &bounds);
    if (o->png) {
        json_key(&w, "picture");
        json_object_begin(&w);
        json_member_c(&w, "plane", o->plane == HEAT_LONLAT ? "EPSG:4326" : "EPSG:3857");
        json_member_int(&w, "width", job->frame.width);
        json_member_int(&w, "height", job->frame.height);
        bounds_json(&w, "bounds", &job->frame.bounds);
        json_object_end(&w);
    }
    if (o->tiles) {
        json_member_int(&w, "tiles", job->tiles_written);
        json_member_int(&w, "tiles_outside", job->tiles_empty);
    }
    legend_json(&w, &legend);
    json_object_end(&w);
    buf_add_char(&out, '\n');
    r = buf_check(&out);
    return r == OK ? heat_write(NULL, buf_str(&out)) : r;
}

/* ---- running ------------------------------------------------------------------------------ */

/* The one layer that is meant: the first, if none is named. */
static enum err find_layer(struct job *job)
{
    const char *wanted = job->options->common.layer;
    for (size_t i = 0; i < job->scene->layer_count; i++)
        if (heat_layer_is(&job->scene->layers[i], wanted)) {
            job->layer = i;
            return OK;
        }
    return err_set(ERR_NOT_FOUND, "the scene has no layer '%s'", wanted ? wanted : "");
}

/* A size that was asked for also enlarges, by whole numbers: pixels of the scene stay alike. */
static void enlarge(struct heat_frame *frame, int64_t side)
{
    int32_t longest = frame->width > frame->height ? frame->width : frame->height;
    int32_t by = (int32_t)(side / longest);
    while (by > 1 && (int64_t)frame->width * frame->height * by * by > HEAT_PICTURE_PIXELS_MAX)
        by--;
    frame->width *= by > 1 ? by : 1;
    frame->height *= by > 1 ? by : 1;
}

static enum err find_frame(struct job *job)
{
    const struct options *o = job->options;
    int32_t side = (int32_t)(o->side ? o->side : SIDE_DEFAULT);
    enum err r = isnan(o->bounds.west)
                     ? heat_frame_fit(job->canvas, o->plane, side, &job->frame)
                     : heat_frame_within(job->canvas, o->plane, &o->bounds, side, &job->frame);
    if (r == OK && o->side)
        enlarge(&job->frame, o->side);
    return r;
}

static enum err fit_paint(struct job *job)
{
    struct heat_ask ask = job->options->common.ask;
    start_bar(job, "scale");
    ask.progress = heat_bar_show;
    ask.context = &job->bar;
    job->drawing.paint = job->options->paint;
    enum err r = heat_paint_fit(job->scene, job->layer, &ask, &job->drawing.paint);
    heat_bar_end(&job->bar);
    return r == OK ? heat_paint_check(&job->drawing.paint) : r;
}

static enum err make_files(struct job *job)
{
    const struct options *o = job->options;
    struct heat_note notes[HEAT_NOTES_MAX];
    job->drawing.note_count = heat_notes_of(job->arena, job->scene, job->layer, &o->common.ask.mask,
                                            &job->drawing.paint, str_of(SOFTWARE), notes);
    job->drawing.notes = notes;
    job->drawing.smooth = o->smooth;
    enum err r = o->png ? find_frame(job) : OK;
    if (r == OK && o->png)
        r = draw_picture(job);
    if (r == OK && o->tiles)
        r = draw_tiles(job);
    if (r == OK && o->legend)
        r = write_legend(job);
    if (r == OK && o->cog)
        r = write_cog(job);
    if (r == OK && o->common.json)
        r = print_json(job);
    return r;
}

static enum err run(struct arena *arena, const struct options *options)
{
    struct job job = {.options = options, .arena = arena};
    enum err r = heat_open(arena, options->common.scene, &options->common.open, &job.scene);
    if (r == OK)
        r = find_layer(&job);
    if (r == OK)
        r = heat_canvas_new(job.scene, job.layer, &options->common.ask.mask, &job.canvas);
    if (r == OK && (options->png || options->tiles || options->legend || options->common.json))
        r = fit_paint(&job);
    if (r == OK)
        r = make_files(&job);
    heat_canvas_free(job.canvas);
    return r;
}

int heat_picture_command(int argc, char **argv)
{
    struct options options = {.bounds = {NAN, NAN, NAN, NAN}};
    heat_common_init(&options.common);
    heat_paint_init(&options.paint);
    if (!heat_flags_read(FLAGS, argc, argv, &options) || !options.common.scene)
        return usage();
    if (!options.png && !options.tiles && !options.legend && !options.cog && !options.common.json)
        return usage();
    if (options.tiles && !options.has_zoom) {
        fprintf(stderr, "kuailian: heat: --tiles needs --zoom A-B\n");
        return usage();
    }
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena);
    return run(&arena, &options) == OK ? CMD_OK : cmd_fail("heat picture");
}
