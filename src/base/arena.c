#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
    ARENA_CHUNK = 8 * 1024,
    ARENA_CHUNK_MAX = 1024 * 1024,
    ARENA_ALIGN = 16,
    ARENA_PAGE = 4096,
    ARENA_LARGE = 2 * 1024 * 1024, /* Its large sister. */
};

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_EACH_MALLOC 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_EACH_MALLOC 1
#endif
#endif

struct arena_chunk {
    struct arena_chunk *next;
    size_t size;
    size_t mapped; /* Bytes, of a chunk in pages of its own; 0: from malloc. */
    _Alignas(ARENA_ALIGN) char bytes[];
};

void arena_init(struct arena *arena)
{
    *arena = (struct arena){0};
}

void arena_release(struct arena *arena)
{
    for (struct arena_chunk *chunk = arena->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        if (chunk->mapped > 0)
            munmap(chunk, chunk->mapped);
        else
            free(chunk);
    }
    arena_init(arena);
}

#ifndef ARENA_EACH_MALLOC
/* Tables of megabytes are filled from end to end: in large pages, which begin at their multiples,
 * that costs a tenth. The pages come zeroed. NULL: there are none. */
static struct arena_chunk *chunk_map(size_t size)
{
    size_t mapped =
        (sizeof(struct arena_chunk) + size + ARENA_PAGE - 1) & ~(size_t)(ARENA_PAGE - 1);
    char *room = mmap(NULL, mapped + ARENA_LARGE, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED)
        return NULL;
    size_t before = (ARENA_LARGE - (uintptr_t)room % ARENA_LARGE) % ARENA_LARGE;
    if (before > 0)
        munmap(room, before);
    munmap(room + before + mapped, ARENA_LARGE - before);
    struct arena_chunk *chunk = (struct arena_chunk *)(void *)(room + before);
    (void)madvise(chunk, mapped, MADV_HUGEPAGE); /* A hint; nothing depends on it. */
    chunk->mapped = mapped;
    return chunk;
}
#endif

static struct arena_chunk *chunk_new(size_t size, bool zeroed)
{
#ifndef ARENA_EACH_MALLOC
    if (size >= ARENA_LARGE)
        return chunk_map(size);
#endif
    struct arena_chunk *chunk =
        zeroed ? calloc(1, sizeof(*chunk) + size) : malloc(sizeof(*chunk) + size);
    if (chunk)
        chunk->mapped = 0;
    return chunk;
}

static struct arena_chunk *chunk_add(struct arena *arena, size_t size, bool zeroed)
{
    struct arena_chunk *chunk = chunk_new(size, zeroed);
    if (!chunk) {
        fprintf(stderr, "kuailian: out of memory (%zu bytes)\n", size);
        abort();
    }
    chunk->size = size;
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    return chunk;
}

static void *take(struct arena *arena, size_t size, bool zeroed)
{
    assert(size <= SIZE_MAX / 4);
    arena->used += size;
#ifdef ARENA_EACH_MALLOC
    return chunk_add(arena, size, zeroed)->bytes;
#else
    size_t rounded = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    if (!arena->at || (size_t)(arena->end - arena->at) < rounded) {
        size_t last = arena->chunks ? arena->chunks->size : ARENA_CHUNK / 2;
        size_t next = last * 2 > ARENA_CHUNK_MAX ? ARENA_CHUNK_MAX : last * 2;
        if (rounded > next / 4) /* A large block stands alone: the chunk before stays in use. */
            return chunk_add(arena, rounded, zeroed)->bytes;
        struct arena_chunk *chunk = chunk_add(arena, next, false);
        arena->at = chunk->bytes;
        arena->end = chunk->bytes + next;
    }
    void *taken = arena->at;
    arena->at += rounded;
    return zeroed ? memset(taken, 0, rounded) : taken;
#endif
}

void *arena_alloc(struct arena *arena, size_t size)
{
    return take(arena, size, true);
}

void *arena_raw(struct arena *arena, size_t size)
{
    return take(arena, size, false);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    bool wrapped = __builtin_mul_overflow(count, size, &bytes);
    assert(!wrapped);
    (void)wrapped;
    return arena_alloc(arena, bytes);
}

void *arena_grow(struct arena *arena, void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return array;
    size_t wanted = *capacity ? *capacity * 2 : 8;
    size_t bytes, full = count * size;
    bool wrapped = __builtin_mul_overflow(wanted, size, &bytes);
    assert(!wrapped);
    (void)wrapped;
    char *grown = arena_raw(arena, bytes);
    if (full > 0)
        memcpy(grown, array, full);
    memset(grown + full, 0, bytes - full);
    *capacity = wanted;
    return grown;
}
