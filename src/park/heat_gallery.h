/* Layers that are being looked at, kept open: a map asks for dozens of tiles of the same one.
 *
 * At most GALLERY_MAX are kept; the one that nobody has looked at for longest goes first. Safe from
 * any thread.
 */
#ifndef PARK_HEAT_GALLERY_H
#define PARK_HEAT_GALLERY_H

#include "heat/picture.h"
#include "park/heat_store.h"

enum { GALLERY_MAX = 6 };

struct heat_gallery;
struct heat_hanging;

/* A layer as its row says. */
struct heat_shown {
    int64_t layer_id, scene_id;
    size_t place;
    struct str mask;
};

struct heat_gallery *heat_gallery_new(const char *dir);
void heat_gallery_free(struct heat_gallery *gallery);

/* Until heat_gallery_leave the canvas stays. Errors of heat_open and heat_canvas_new. */
MUST_USE enum err heat_gallery_look(struct heat_gallery *gallery, const struct heat_shown *layer,
                                    struct heat_hanging **out);
struct heat_canvas *heat_hanging_canvas(struct heat_hanging *hanging);
void heat_gallery_leave(struct heat_gallery *gallery, struct heat_hanging *hanging);

#endif
