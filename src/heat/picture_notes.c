#include "heat/picture_inside.h"

#include "base/clock.h"

struct notes {
    struct arena *arena;
    struct heat_note *items;
    size_t count;
};

static void add(struct notes *notes, struct str key, struct str text)
{
    assert(notes->count < HEAT_NOTES_MAX);
    if (text.len > 0)
        notes->items[notes->count++] = (struct heat_note){key, str_copy(notes->arena, text)};
}

static void add_when(struct notes *notes, const struct heat_layer *layer)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, 64);
    if (layer->date != HEAT_NO_DATE)
        date_format(&text, layer->date);
    add(notes, STR("Date"), buf_str(&text));
    buf_clear(&text);
    if (layer->time_us)
        time_format(&text, layer->time_us, 0);
    add(notes, STR("Overpass"), buf_str(&text));
}

static struct str colours_text(struct arena *arena, const struct heat_paint *paint)
{
    if (paint->nothing_seen)
        return STR("no observation");
    if (paint->colours == HEAT_COLOURS_RED)
        return str_format(arena, "red above %.4f K", paint->reference);
    if (paint->colours == HEAT_COLOURS_ANOMALY)
        return str_format(arena, "blue, white at %.4f K, orange; %.4g K to either end",
                          paint->reference, paint->span);
    return str_format(arena, "%s from %.6g K to %.6g K", heat_scale_key(paint->scale), paint->low,
                      paint->high);
}

size_t heat_notes_of(struct arena *arena, const struct heat_scene *scene, size_t layer,
                     const struct heat_mask *mask, const struct heat_paint *paint,
                     struct str software, struct heat_note notes[HEAT_NOTES_MAX])
{
    struct notes list = {.arena = arena, .items = notes};
    const struct heat_layer *of = &scene->layers[layer];
    add(&list, STR("Title"), STR("Surface temperature"));
    add(&list, STR("Source"), scene->product);
    add(&list, STR("Sensor"), scene->sensor);
    add(&list, STR("Layer"), of->name);
    add_when(&list, of);
    add(&list, STR("Light"), str_of(heat_light_key(of->light)));
    add(&list, STR("Mask"), heat_mask_text(arena, scene, mask));
    add(&list, STR("Method"), scene->method);
    if (paint)
        add(&list, STR("Colours"), colours_text(arena, paint));
    add(&list, STR("Software"), software);
    return list.count;
}
