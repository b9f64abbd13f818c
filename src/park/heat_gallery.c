#include "park/heat_gallery.h"

#include <pthread.h>
#include <stdlib.h>

#include "park/heat_files.h"

struct heat_hanging {
    struct arena arena; /* Of the scene. */
    int64_t layer_id;
    struct heat_canvas *canvas; /* NULL while it is being made. */
    int lookers;
    uint64_t seen;
};

struct heat_gallery {
    struct arena arena;
    const char *dir;
    pthread_mutex_t lock; /* Guards all below. */
    pthread_cond_t made;
    struct heat_hanging *items[GALLERY_MAX];
    uint64_t clock;
};

struct heat_gallery *heat_gallery_new(const char *dir)
{
    struct heat_gallery *gallery = calloc(1, sizeof(*gallery));
    assert(gallery);
    arena_init(&gallery->arena);
    gallery->dir = str_c(&gallery->arena, str_of(dir));
    pthread_mutex_init(&gallery->lock, NULL);
    pthread_cond_init(&gallery->made, NULL);
    return gallery;
}

static void take_down(struct heat_hanging *hanging)
{
    if (!hanging)
        return;
    heat_canvas_free(hanging->canvas);
    arena_release(&hanging->arena);
    free(hanging);
}

void heat_gallery_free(struct heat_gallery *gallery)
{
    if (!gallery)
        return;
    for (size_t i = 0; i < GALLERY_MAX; i++)
        take_down(gallery->items[i]);
    pthread_cond_destroy(&gallery->made);
    pthread_mutex_destroy(&gallery->lock);
    arena_release(&gallery->arena);
    free(gallery);
}

/* The layer's own place, or else the one that may be given to it; NULL: all are being looked at. */
static struct heat_hanging **place_of(struct heat_gallery *gallery, int64_t layer_id)
{
    struct heat_hanging **best = NULL;
    for (size_t i = 0; i < GALLERY_MAX; i++) {
        struct heat_hanging **item = &gallery->items[i];
        if (*item && (*item)->layer_id == layer_id)
            return item;
        if (*item && (*item)->lookers > 0)
            continue;
        if (!best || !*item || (*best && (*item)->seen < (*best)->seen))
            best = item;
    }
    return best;
}

static enum err make(const char *dir, const struct heat_shown *layer, struct heat_hanging *hanging,
                     struct heat_canvas **out)
{
    struct heat_mask mask;
    struct heat_scene *scene;
    const char *path = heat_files_path(&hanging->arena, dir, layer->scene_id);
    enum err r = heat_mask_parse(layer->mask, &mask);
    if (r == OK)
        r = heat_open(&hanging->arena, path, NULL, &scene);
    if (r == OK && layer->place >= scene->layer_count)
        r = err_refuse(ERR_INVALID, "heat.changed", "the scene's files are others by now");
    return r == OK ? heat_canvas_new(scene, layer->place, &mask, out) : r;
}

/* Takes the place, makes the canvas without the lock, and lets the others in. */
static enum err hang(struct heat_gallery *gallery, struct heat_hanging **place,
                     const struct heat_shown *layer, struct heat_hanging **out)
{
    struct heat_hanging *hanging = calloc(1, sizeof(*hanging));
    assert(hanging);
    arena_init(&hanging->arena);
    hanging->layer_id = layer->layer_id;
    hanging->lookers = 1;
    hanging->seen = ++gallery->clock;
    take_down(*place);
    *place = hanging;
    pthread_mutex_unlock(&gallery->lock);
    struct heat_canvas *canvas = NULL;
    enum err r = make(gallery->dir, layer, hanging, &canvas);
    pthread_mutex_lock(&gallery->lock);
    if (r == OK) {
        hanging->canvas = canvas;
        *out = hanging;
    } else {
        *place = NULL;
        take_down(hanging);
    }
    pthread_cond_broadcast(&gallery->made);
    return r;
}

enum err heat_gallery_look(struct heat_gallery *gallery, const struct heat_shown *layer,
                           struct heat_hanging **out)
{
    enum err r = OK;
    pthread_mutex_lock(&gallery->lock);
    for (;;) {
        struct heat_hanging **place = place_of(gallery, layer->layer_id);
        bool mine = place && *place && (*place)->layer_id == layer->layer_id;
        if (mine && (*place)->canvas) {
            (*place)->lookers++;
            (*place)->seen = ++gallery->clock;
            *out = *place;
            break;
        }
        if (place && !mine) {
            r = hang(gallery, place, layer, out);
            break;
        }
        pthread_cond_wait(&gallery->made, &gallery->lock);
    }
    pthread_mutex_unlock(&gallery->lock);
    return r;
}

struct heat_canvas *heat_hanging_canvas(struct heat_hanging *hanging)
{
    return hanging->canvas;
}

void heat_gallery_leave(struct heat_gallery *gallery, struct heat_hanging *hanging)
{
    pthread_mutex_lock(&gallery->lock);
    hanging->lookers--;
    pthread_cond_broadcast(&gallery->made);
    pthread_mutex_unlock(&gallery->lock);
}
