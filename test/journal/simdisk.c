#include "simdisk.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES = 2, SECTOR = 512, IMAGE_MAX = 64 << 20 };

/* A write, or a truncation where `bytes` is NULL. */
struct change {
    unsigned char *bytes;
    int64_t offset, size;
};

struct image {
    char path[256];
    unsigned char *durable;
    int64_t size;
    struct change *changes;
    size_t count, capacity;
};

struct simdisk {
    pthread_mutex_t lock;
    struct image images[FILES];
    struct disk_hook hook;
    uint64_t state, countdown, faults;
    unsigned reads, writes, syncs;
    bool counting, dead;
};

/* SplitMix64. */
static uint64_t next_random(struct simdisk *disk)
{
    uint64_t z = disk->state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static void put(struct image *image, int64_t offset, const unsigned char *bytes, int64_t size)
{
    assert(offset + size <= IMAGE_MAX);
    if (offset + size > image->size)
        image->size = offset + size;
    memcpy(image->durable + offset, bytes, (size_t)size);
}

static void apply(struct image *image, const struct change *change)
{
    if (change->bytes) {
        put(image, change->offset, change->bytes, change->size);
    } else if (change->size < image->size) {
        memset(image->durable + change->size, 0, (size_t)(image->size - change->size));
        image->size = change->size;
    }
}

/* Each sector of the write is there or not. */
static void apply_torn(struct simdisk *disk, struct image *image, const struct change *change)
{
    int64_t at = change->offset, end = change->offset + change->size;
    while (at < end) {
        int64_t next = (at / SECTOR + 1) * SECTOR;
        next = next < end ? next : end;
        if (next_random(disk) % 2)
            put(image, at, change->bytes + (at - change->offset), next - at);
        at = next;
    }
}

static void forget(struct image *image)
{
    for (size_t i = 0; i < image->count; i++)
        free(image->changes[i].bytes);
    image->count = 0;
}

static void remember(struct image *image, const unsigned char *bytes, int64_t offset, int64_t size)
{
    if (image->count == image->capacity) {
        image->capacity = image->capacity ? 2 * image->capacity : 64;
        image->changes = realloc(image->changes, image->capacity * sizeof(*image->changes));
        assert(image->changes);
    }
    struct change change = {.offset = offset, .size = size};
    if (bytes) {
        change.bytes = malloc((size_t)size);
        assert(change.bytes);
        memcpy(change.bytes, bytes, (size_t)size);
    }
    image->changes[image->count++] = change;
}

static enum disk_answer draw_fault(struct simdisk *disk, enum disk_op op)
{
    static const enum disk_answer writing[] = {DISK_FAIL, DISK_FULL, DISK_SHORT};
    unsigned chance = op == DISK_READ    ? disk->reads
                      : op == DISK_WRITE ? disk->writes
                      : op == DISK_SYNC  ? disk->syncs
                                         : 0;
    if (chance == 0 || next_random(disk) % 1000 >= chance)
        return DISK_GO_ON;
    disk->faults++;
    return op == DISK_WRITE ? writing[next_random(disk) % 3] : DISK_FAIL;
}

static enum disk_answer decide(struct simdisk *disk, struct image *image, enum disk_op op,
                               const unsigned char *bytes, int64_t offset, int64_t size)
{
    if (disk->dead)
        return op == DISK_READ ? DISK_GO_ON : DISK_FAIL;
    if (disk->counting && op != DISK_READ && disk->countdown-- == 0)
        disk->dead = true;
    enum disk_answer answer = disk->dead ? DISK_FAIL : draw_fault(disk, op);
    if (op == DISK_WRITE && answer != DISK_FULL) /* One that failed may be there in part. */
        remember(image, bytes, offset, answer == DISK_SHORT ? size / 2 : size);
    if (op == DISK_TRUNCATE && answer == DISK_GO_ON)
        remember(image, NULL, 0, size);
    if (op == DISK_SYNC && answer == DISK_GO_ON) {
        for (size_t i = 0; i < image->count; i++)
            apply(image, &image->changes[i]);
        forget(image);
    }
    if (op == DISK_DELETE && answer == DISK_GO_ON) {
        forget(image);
        image->size = 0;
        memset(image->durable, 0, IMAGE_MAX / 64);
    }
    return answer;
}

static enum disk_answer ask(void *context, enum disk_op op, const char *path,
                            const unsigned char *bytes, int64_t offset, int64_t size)
{
    struct simdisk *disk = context;
    for (int i = 0; i < FILES; i++)
        if (strcmp(path, disk->images[i].path) == 0) {
            pthread_mutex_lock(&disk->lock);
            enum disk_answer answer = decide(disk, &disk->images[i], op, bytes, offset, size);
            pthread_mutex_unlock(&disk->lock);
            return answer;
        }
    return DISK_GO_ON;
}

static void load(struct image *image)
{
    FILE *file = fopen(image->path, "rb");
    image->size = 0;
    if (file) {
        image->size = (int64_t)fread(image->durable, 1, IMAGE_MAX, file);
        fclose(file);
    }
}

struct simdisk *simdisk_new(const char *store, uint64_t seed)
{
    struct simdisk *disk = calloc(1, sizeof(*disk));
    assert(disk);
    pthread_mutex_init(&disk->lock, NULL);
    disk->state = seed;
    for (int i = 0; i < FILES; i++) {
        struct image *image = &disk->images[i];
        int len = snprintf(image->path, sizeof(image->path), "%s%s", store, i ? "-wal" : "");
        assert(len < (int)sizeof(image->path));
        image->durable = calloc(1, IMAGE_MAX); /* The system gives memory where it is touched. */
        assert(image->durable);
        load(image);
    }
    disk->hook = (struct disk_hook){.ask = ask, .context = disk};
    disk_set_hook(&disk->hook);
    return disk;
}

void simdisk_free(struct simdisk *disk)
{
    disk_set_hook(NULL);
    for (int i = 0; i < FILES; i++) {
        forget(&disk->images[i]);
        free(disk->images[i].changes);
        free(disk->images[i].durable);
    }
    pthread_mutex_destroy(&disk->lock);
    free(disk);
}

uint64_t simdisk_random(struct simdisk *disk)
{
    pthread_mutex_lock(&disk->lock);
    uint64_t value = next_random(disk);
    pthread_mutex_unlock(&disk->lock);
    return value;
}

void simdisk_crash_after(struct simdisk *disk, uint64_t operations)
{
    pthread_mutex_lock(&disk->lock);
    disk->counting = operations > 0;
    disk->countdown = operations;
    pthread_mutex_unlock(&disk->lock);
}

void simdisk_fail(struct simdisk *disk, unsigned reads, unsigned writes, unsigned syncs)
{
    pthread_mutex_lock(&disk->lock);
    disk->reads = reads;
    disk->writes = writes;
    disk->syncs = syncs;
    pthread_mutex_unlock(&disk->lock);
}

bool simdisk_crashed(struct simdisk *disk)
{
    pthread_mutex_lock(&disk->lock);
    bool dead = disk->dead;
    pthread_mutex_unlock(&disk->lock);
    return dead;
}

uint64_t simdisk_faults(struct simdisk *disk)
{
    pthread_mutex_lock(&disk->lock);
    uint64_t faults = disk->faults;
    pthread_mutex_unlock(&disk->lock);
    return faults;
}

static void store_image(const struct image *image)
{
    FILE *file = fopen(image->path, "wb");
    assert(file);
    size_t written = fwrite(image->durable, 1, (size_t)image->size, file);
    assert(written == (size_t)image->size);
    int closed = fclose(file);
    assert(closed == 0);
    (void)closed, (void)written;
}

void simdisk_restart(struct simdisk *disk)
{
    for (int i = 0; i < FILES; i++) {
        struct image *image = &disk->images[i];
        for (size_t k = 0; k < image->count; k++) {
            const struct change *change = &image->changes[k];
            uint64_t fate = next_random(disk) % 3;
            if (fate == 1)
                apply(image, change);
            else if (fate == 2 && change->bytes)
                apply_torn(disk, image, change);
        }
        forget(image);
        store_image(image);
    }
    char shm[300];
    snprintf(shm, sizeof(shm), "%s-shm", disk->images[0].path);
    unlink(shm);
    disk->dead = disk->counting = false;
    disk->reads = disk->writes = disk->syncs = 0;
}
