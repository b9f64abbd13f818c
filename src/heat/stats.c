#include "heat/tally.h"

#include "base/clock.h"

#include <math.h>
#include <pthread.h>
#include <unistd.h>

enum { THREADS_MAX = 16, SLOTS_A_THREAD = 4 };

/* What one tile gave to zones that lie on others too, until it is merged: in the tiles' order,
 * whoever made it, so that sums round the same way for any number of threads. Zones on one tile
 * alone are done with it, by the thread that has it. */
struct tile_result {
    bool done;
    enum err code;
    struct err_info error;
    struct arena arena;
    struct tally *tallies; /* Of those zones, in the tile's order. */
    struct bag *bags;      /* NULL: no quantiles are asked for. */
    size_t count;
};

struct work {
    const struct heat_scene *scene;
    size_t layer;
    struct heat_cover *cover; /* NULL: the whole layer is one zone. */
    struct tile_plan plan;
    const struct heat_ask *ask;
    const double *levels;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int32_t next, merged, tiles; /* Guarded by lock, as is what follows. */
    bool merging, stop;
    enum err code; /* What stopped it. */
    struct err_info error;
    struct tile_result *slots;
    int32_t slot_count;
    struct tally *tallies; /* Of zones on several tiles, what was merged so far. */
    struct bag *bags;
    struct heat_stat *stats;  /* A zone's is written once, by whoever has its last tile. */
    int64_t done_before, all; /* For progress. */
};

/* Buffers of one thread. */
struct bench {
    struct heat_reader *reader;
    struct arena arena;
    struct cover_work sweep;
    struct heat_block block;
    struct bag bag;
    double *row_m2;
    struct cover_run *rows; /* All of a tile, as runs. */
};

static void bench_release(struct bench *bench)
{
    heat_reader_free(bench->reader);
    bag_release(&bench->bag);
    arena_release(&bench->arena);
    cover_work_release(&bench->sweep);
}

static enum err bench_init(struct bench *bench, const struct work *work)
{
    size_t pixels = (size_t)work->plan.width * (size_t)work->plan.height + TALLY_LANES;
    size_t rows = (size_t)work->plan.height;
    bench->block.kelvin = ARENA_ARRAY(&bench->arena, pixels, float);
    bench->block.reason = ARENA_ARRAY(&bench->arena, pixels, uint8_t);
    if (work->scene->layers[work->layer].has_uncertainty)
        bench->block.uncertainty = ARENA_ARRAY(&bench->arena, pixels, float);
    bench->row_m2 = ARENA_ARRAY(&bench->arena, rows, double);
    bench->rows = ARENA_ARRAY(&bench->arena, rows, struct cover_run);
    return heat_reader_new(work->scene, &bench->reader);
}

/* ---- one tile ----------------------------------------------------------------------------- */

static size_t zones_of(const struct work *work, int32_t tile)
{
    return work->cover ? work->cover->tile_begins[tile + 1] - work->cover->tile_begins[tile] : 1;
}

static size_t zone_at(const struct work *work, int32_t tile, size_t at)
{
    return work->cover ? work->cover->tile_zones[work->cover->tile_begins[tile] + at] : 0;
}

/* COVER_ONE_TILE, or where among those of several tiles. */
static uint32_t home_of(const struct work *work, size_t zone)
{
    return work->cover ? work->cover->home[zone] : 0;
}

static void finish_zone(const struct work *work, size_t zone, const struct tally *tally,
                        struct bag *bag)
{
    const struct heat_ask *ask = work->ask;
    const struct heat_cover *cover = work->cover;
    struct heat_stat *stat = &work->stats[zone];
    tally_result(tally, ask->above_count, stat);
    bag_quantiles(bag, ask->quantiles, ask->quantile_count, stat->quantiles);
    stat->zone_pixels = cover ? cover->zones[zone].pixels : stat->pixels;
    stat->zone_area_m2 = cover ? cover->zones[zone].area_m2 : stat->area_m2;
}

/* What the zone has of the tile: kept, or swept now. */
static struct cover_part part_of(struct bench *bench, const struct work *work, int32_t tile,
                                 size_t at)
{
    struct heat_cover *cover = work->cover;
    struct heat_window w = bench->block.window;
    if (!cover) {
        for (int32_t y = 0; y < w.height; y++)
            bench->rows[y] =
                (struct cover_run){.y = (uint16_t)y, .count = (uint16_t)w.width, .share = 1};
        return (struct cover_part){.runs = bench->rows, .run_count = (size_t)w.height};
    }
    const struct cover_kept *kept = &cover->kept[tile];
    if (!kept->runs) {
        uint32_t zone = cover->tile_zones[cover->tile_begins[tile] + at];
        return cover_sweep(&bench->sweep, &cover->zones[zone], w);
    }
    const size_t *begins = &kept->begins[2 * at];
    return (struct cover_part){.cells = &kept->runs[begins[0]],
                               .cell_count = begins[1] - begins[0],
                               .runs = &kept->runs[begins[1]],
                               .run_count = begins[2] - begins[1]};
}

/* Parts of a tile gathered for the next date, as long as they fit. */
struct gather {
    struct buf runs;
    size_t *begins;
    bool on;
};

static void gather_end(struct gather *gather, struct heat_cover *cover, int32_t tile, size_t zones)
{
    size_t places = 2 * zones + 1, bytes = gather->runs.len + places * sizeof(size_t);
    if (buf_check(&gather->runs) == OK &&
        __atomic_add_fetch(&cover->kept_bytes, bytes, __ATOMIC_RELAXED) <= cover->keep_bytes) {
        struct cover_kept *kept = &cover->kept[tile];
        void *runs = arena_alloc(&kept->arena, gather->runs.len + 1);
        size_t *begins = ARENA_ARRAY(&kept->arena, places, size_t);
        memcpy(runs, gather->runs.ptr ? gather->runs.ptr : "", gather->runs.len);
        memcpy(begins, gather->begins, places * sizeof(*begins));
        kept->begins = begins;
        kept->runs = runs;
    } else {
        __atomic_sub_fetch(&cover->kept_bytes, bytes, __ATOMIC_RELAXED);
    }
}

static void gather_add(struct gather *gather, size_t at, const struct cover_part *part)
{
    buf_add(&gather->runs, part->cells, part->cell_count * sizeof(*part->cells));
    gather->begins[2 * at + 1] = gather->runs.len / sizeof(*part->cells);
    buf_add(&gather->runs, part->runs, part->run_count * sizeof(*part->runs));
    gather->begins[2 * at + 2] = gather->runs.len / sizeof(*part->runs);
}

static void tally_zone(struct bench *bench, const struct work *work, size_t zone,
                       const struct cover_part *part, struct tile_result *out)
{
    struct tally tally;
    struct tally_view view = {.block = &bench->block,
                              .row_m2 = bench->row_m2,
                              .levels = work->levels,
                              .level_count = work->ask->above_count};
    bool done = home_of(work, zone) == COVER_ONE_TILE;
    bag_clear(&bench->bag);
    if (work->ask->quantile_count > 0)
        view.bag = done ? &bench->bag : &out->bags[out->count];
    tally_init(&tally);
    tally_add(&tally, &view, part);
    if (done)
        finish_zone(work, zone, &tally, &bench->bag);
    else
        out->tallies[out->count++] = tally;
}

static void tally_zones(struct bench *bench, const struct work *work, int32_t tile,
                        struct tile_result *out)
{
    size_t zones = zones_of(work, tile);
    struct heat_cover *cover = work->cover;
    struct gather gather = {.on = cover && !cover->kept[tile].runs && cover->keep_bytes > 0};
    buf_init(&gather.runs, cover ? cover->keep_bytes + 1 : 1);
    if (gather.on)
        gather.begins = ARENA_ARRAY(&out->arena, 2 * zones + 1, size_t);
    for (size_t i = 0; i < zones; i++) {
        struct cover_part part = part_of(bench, work, tile, i);
        tally_zone(bench, work, zone_at(work, tile, i), &part, out);
        if (gather.on)
            gather_add(&gather, i, &part);
    }
    if (gather.on)
        gather_end(&gather, cover, tile, zones);
    buf_release(&gather.runs);
}

static enum err do_tile(struct bench *bench, const struct work *work, int32_t tile,
                        struct tile_result *out)
{
    size_t zones = zones_of(work, tile);
    if (zones == 0)
        return OK; /* Nobody asks for these pixels: they are not even read. */
    const struct heat_grid *grid = &work->scene->grid;
    bench->block.window = tile_window(grid, &work->plan, tile);
    enum err r = heat_read(bench->reader, work->layer, &work->ask->mask, &bench->block);
    if (r != OK)
        return r;
    for (int32_t y = 0; y < bench->block.window.height; y++)
        bench->row_m2[y] = heat_pixel_area_m2(grid, bench->block.window.y + y);
    size_t shared = 0;
    for (size_t i = 0; i < zones; i++)
        shared += home_of(work, zone_at(work, tile, i)) != COVER_ONE_TILE;
    out->tallies = ARENA_ARRAY(&out->arena, shared, struct tally);
    if (work->ask->quantile_count > 0)
        out->bags = ARENA_ARRAY(&out->arena, shared, struct bag);
    tally_zones(bench, work, tile, out);
    return OK;
}

static void finish_tile(struct bench *bench, struct work *work, int32_t tile,
                        struct tile_result *out)
{
    out->code = do_tile(bench, work, tile, out);
    if (out->code != OK)
        out->error = *err_last();
}

/* ---- merging ------------------------------------------------------------------------------ */

static void merge_tile(const struct work *work, int32_t tile, const struct tile_result *result)
{
    size_t next = 0;
    for (size_t i = 0; next < result->count; i++) {
        size_t zone = zone_at(work, tile, i);
        uint32_t home = home_of(work, zone);
        if (home == COVER_ONE_TILE)
            continue;
        tally_merge(&work->tallies[home], &result->tallies[next], work->ask->above_count);
        if (result->bags)
            bag_merge(&work->bags[home], &result->bags[next]);
        next++;
        int32_t last = work->cover ? (int32_t)work->cover->shared_last[home] : work->tiles - 1;
        if (tile == last) {
            finish_zone(work, zone, &work->tallies[home], &work->bags[home]);
            bag_release(&work->bags[home]);
        }
    }
}

static void result_release(struct tile_result *result)
{
    for (size_t i = 0; result->bags && i < result->count; i++)
        bag_release(&result->bags[i]);
    arena_release(&result->arena);
    *result = (struct tile_result){0};
}

/* ---- threads ------------------------------------------------------------------------------ */

static struct tile_result *slot_of(const struct work *work, int32_t tile)
{
    return &work->slots[tile % work->slot_count];
}

/* The next tile in order, if it is done and nobody has it. The lock is held, and let go between. */
static bool merge_next(struct work *work)
{
    int32_t tile = work->merged;
    if (work->merging || tile >= work->tiles || !slot_of(work, tile)->done)
        return false;
    struct tile_result *slot = slot_of(work, tile);
    work->merging = true;
    pthread_mutex_unlock(&work->lock);
    enum err code = slot->code;
    struct err_info error = slot->error;
    if (code == OK)
        merge_tile(work, tile, slot);
    result_release(slot);
    pthread_mutex_lock(&work->lock);
    work->merging = false;
    work->merged = tile + 1;
    if (code != OK && !work->stop) {
        work->stop = true;
        work->code = code;
        work->error = error;
    }
    pthread_cond_broadcast(&work->changed);
    return true;
}

/* The same: the next tile that nobody has begun, as long as there is a slot for it. */
static bool do_next(struct bench *bench, struct work *work)
{
    if (work->next >= work->tiles || work->next >= work->merged + work->slot_count)
        return false;
    int32_t tile = work->next++;
    struct tile_result *slot = slot_of(work, tile);
    pthread_mutex_unlock(&work->lock);
    finish_tile(bench, work, tile, slot);
    pthread_mutex_lock(&work->lock);
    slot->done = true;
    pthread_cond_broadcast(&work->changed);
    return true;
}

/* The same: tells the asker how far it is. */
static void tell(struct work *work, int32_t *told)
{
    const struct heat_ask *ask = work->ask;
    if (!ask->progress || *told == work->merged)
        return;
    *told = work->merged;
    pthread_mutex_unlock(&work->lock);
    bool more = ask->progress(ask->context, work->done_before + *told, work->all);
    pthread_mutex_lock(&work->lock);
    if (!more && !work->stop) {
        work->stop = true;
        work->code = err_refuse(ERR_BUSY, "heat.stopped", "stopped");
        work->error = *err_last();
        pthread_cond_broadcast(&work->changed);
    }
}

/* Does what there is to do until all is done. Whoever finds the next tile in order done merges it.
 */
static void labour(struct work *work, bool asking)
{
    struct bench bench = {0};
    enum err ready = bench_init(&bench, work);
    assert(ready == OK); /* Files are opened when they are read. */
    (void)ready;
    int32_t told = 0;
    pthread_mutex_lock(&work->lock);
    while (!work->stop && work->merged < work->tiles) {
        if (!merge_next(work) && !do_next(&bench, work))
            pthread_cond_wait(&work->changed, &work->lock);
        if (asking)
            tell(work, &told);
    }
    if (asking && !work->stop)
        tell(work, &told);
    pthread_mutex_unlock(&work->lock);
    bench_release(&bench);
}

static void *labour_beside(void *work)
{
    labour(work, false);
    return NULL;
}

static int threads_of(const struct heat_ask *ask, int32_t tiles)
{
    long threads = ask->threads > 0 ? ask->threads : sysconf(_SC_NPROCESSORS_ONLN);
    threads = threads > THREADS_MAX ? THREADS_MAX : threads < 1 ? 1 : threads;
    return threads > tiles ? tiles : (int)threads;
}

/* The asking thread is one of them. */
static enum err run_threads(struct work *work)
{
    pthread_t threads[THREADS_MAX];
    int wanted = threads_of(work->ask, work->tiles), started = 0;
    CLEANUP(arena_release) struct arena arena = {0};
    work->slot_count = wanted * SLOTS_A_THREAD;
    work->slots = ARENA_ARRAY(&arena, (size_t)work->slot_count, struct tile_result);
    work->next = work->merged = 0;
    pthread_mutex_init(&work->lock, NULL);
    pthread_cond_init(&work->changed, NULL);
    while (started < wanted - 1 &&
           pthread_create(&threads[started], NULL, labour_beside, work) == 0)
        started++;
    labour(work, true);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    for (int32_t i = 0; i < work->slot_count; i++)
        result_release(&work->slots[i]);
    pthread_mutex_destroy(&work->lock);
    pthread_cond_destroy(&work->changed);
    if (work->code != OK)
        err_restore(&work->error);
    return work->code;
}

/* ---- asking ------------------------------------------------------------------------------- */

void heat_ask_init(struct heat_ask *ask)
{
    *ask = (struct heat_ask){.mask = heat_mask_default()};
}

double heat_valid_fraction(const struct heat_stat *stat)
{
    double share = stat->zone_pixels > 0 ? stat->clear / stat->zone_pixels : 0;
    return share > 1 ? 1 : share;
}

bool heat_observed(const struct heat_stat *stat)
{
    return stat->clear > 0;
}

static int32_t up_to_multiple(int64_t value, int32_t of, int32_t most)
{
    int64_t up = (value + of - 1) / of * of;
    return (int32_t)(up < most ? up : most);
}

/* Pieces of whole blocks, about TILE_SIDE wide and high: rows of them if the file stores rows. */
static enum err plan_tiles(const struct heat_scene *scene, size_t layer, struct tile_plan *out)
{
    const struct heat_part *value = &scene->inside->parts[layer][PART_VALUE];
    const struct heat_grid *grid = &scene->grid;
    GDALDatasetH dataset;
    enum err r = heat_dataset_open(value->path, &dataset);
    if (r != OK)
        return r;
    int block_width, block_height;
    gdal.GDALGetBlockSize(gdal.GDALGetRasterBand(dataset, value->band), &block_width,
                          &block_height);
    heat_dataset_close(dataset);
    block_width = block_width < grid->width ? block_width : grid->width;
    block_height = block_height < grid->height ? block_height : grid->height;
    int32_t side = TILE_SIDE_MAX;
    int32_t width = block_width, height = block_height;
    if (block_width < grid->width) /* Tiled: about as wide as high. */
        width = up_to_multiple(TILE_SIDE, block_width, grid->width);
    width = width < side ? width : side;
    int64_t rows = TILE_SIDE * TILE_SIDE / width;
    if (rows > block_height)
        height = up_to_multiple(rows - block_height + 1, block_height, grid->height);
    else if (height > 4 * rows + 1)
        height = (int32_t)(4 * rows + 1); /* Blocks too large to be held whole. */
    height = height < side ? height : side;
    *out = (struct tile_plan){width, height, (grid->width - 1) / width + 1,
                              (grid->height - 1) / height + 1};
    return OK;
}

static enum err check_ask(const struct heat_ask *ask)
{
    assert(ask->quantile_count <= HEAT_QUANTILES_MAX && ask->above_count <= HEAT_ABOVE_MAX);
    for (size_t i = 0; i < ask->quantile_count; i++)
        if (!(ask->quantiles[i] >= 0 && ask->quantiles[i] <= 1))
            return err_refuse(ERR_RANGE, "heat.quantile", "a quantile is between 0 and 1");
    return OK;
}

static bool needs_mean(const struct heat_ask *ask)
{
    for (size_t i = 0; i < ask->above_count; i++)
        if (ask->above[i].kind != HEAT_ABOVE_KELVIN)
            return true;
    return false;
}

/* Zones on no tile have nothing but their own size. */
static void finish_absent(const struct work *work)
{
    struct tally none;
    struct bag empty = {0};
    tally_init(&none);
    for (size_t zone = 0; work->cover && zone < work->cover->count; zone++)
        if (work->cover->home[zone] == COVER_NOWHERE)
            finish_zone(work, zone, &none, &empty);
}

static enum err run(struct work *work, struct heat_stat *stats)
{
    CLEANUP(arena_release) struct arena arena = {0};
    size_t shared = work->cover ? work->cover->shared_count : 1;
    work->tallies = ARENA_ARRAY(&arena, shared, struct tally);
    work->bags = ARENA_ARRAY(&arena, shared, struct bag);
    for (size_t i = 0; i < shared; i++)
        tally_init(&work->tallies[i]);
    work->stats = stats;
    finish_absent(work);
    enum err r = run_threads(work);
    for (size_t i = 0; i < shared; i++)
        bag_release(&work->bags[i]);
    return r;
}

/* What the thresholds stand for: those above the mean need the whole layer once before. */
static enum err find_levels(struct work *work, double *levels)
{
    const struct heat_ask *ask = work->ask;
    struct heat_stat whole = {.mean = NAN, .sd = NAN};
    work->all = work->tiles;
    if (needs_mean(ask)) {
        struct heat_ask first = *ask;
        first.above_count = first.quantile_count = 0;
        struct work before = {.scene = work->scene,
                              .layer = work->layer,
                              .plan = work->plan,
                              .ask = &first,
                              .tiles = work->tiles,
                              .all = 2 * (int64_t)work->tiles};
        enum err r = run(&before, &whole);
        if (r != OK)
            return r;
        work->done_before = work->tiles;
        work->all = before.all;
    }
    for (size_t i = 0; i < ask->above_count; i++) {
        double value = ask->above[i].value;
        levels[i] = ask->above[i].kind == HEAT_ABOVE_KELVIN ? value
                    : ask->above[i].kind == HEAT_ABOVE_MEAN ? whole.mean + value
                                                            : whole.mean + value * whole.sd;
    }
    return OK;
}

static enum err ask_all(struct work *work, struct heat_stat *stats, struct heat_levels *out)
{
    struct heat_sieve sieve;
    struct heat_levels levels = {0};
    enum err r = check_ask(work->ask);
    if (r == OK)
        r = heat_sieve_of(work->scene, work->layer, &work->ask->mask, &sieve);
    work->tiles = work->plan.columns * work->plan.rows;
    if (r == OK)
        r = find_levels(work, levels.kelvin);
    work->levels = levels.kelvin;
    if (r == OK)
        r = run(work, stats);
    if (r == OK && out)
        *out = levels;
    return r;
}

enum err heat_stats(const struct heat_scene *scene, size_t layer, struct heat_cover *cover,
                    const struct heat_ask *ask, struct heat_stat *stats, struct heat_levels *levels)
{
    assert(layer < scene->layer_count && heat_cover_matches(cover, &scene->grid));
    enum err r = OK;
    if (cover->plan.columns == 0) {
        r = plan_tiles(scene, layer, &cover->plan);
        if (r == OK)
            r = cover_plan(cover);
        if (r != OK)
            cover->plan = (struct tile_plan){0};
    }
    if (r != OK)
        return r;
    struct work work = {
        .scene = scene, .layer = layer, .cover = cover, .plan = cover->plan, .ask = ask};
    return ask_all(&work, stats, levels);
}

enum err heat_whole(const struct heat_scene *scene, size_t layer, const struct heat_ask *ask,
                    struct heat_stat *out, struct heat_levels *levels)
{
    assert(layer < scene->layer_count);
    struct work work = {.scene = scene, .layer = layer, .ask = ask};
    enum err r = plan_tiles(scene, layer, &work.plan);
    return r == OK ? ask_all(&work, out, levels) : r;
}
