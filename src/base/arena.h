/* Memory of one lifetime: many allocations, one release.
 *
 * A request, a job or a parse owns one arena; what it allocates dies together. Under
 * AddressSanitizer every allocation is its own malloc, so that an overrun shows where it happens.
 * Memory that the system refuses ends the process: everything acknowledged is on disk already.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

struct arena_chunk;

struct arena {
    struct arena_chunk *chunks;
    char *at, *end;
    size_t used; /* Bytes handed out since init or reset: what budgets are compared with. */
};

void arena_init(struct arena *arena);
void arena_release(struct arena *arena); /* The arena may be used again as after init. */

/* Aligned for any type, zeroed, never NULL; size 0 gives a pointer that may not be read. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((malloc, alloc_size(2)));

/* The same, not zeroed: for bytes that the caller writes in full at once. */
void *arena_raw(struct arena *arena, size_t size) __attribute__((malloc, alloc_size(2)));

/* `count` × `size` with the product checked. */
void *arena_array(struct arena *arena, size_t count, size_t size);

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, count, type) ((type *)arena_array((arena), (count), sizeof(type)))

/* Grows an array born in the arena so that one more fits; the old block stays until release.
 * `capacity` starts at 0 with a NULL array. Returns the array to use from now on. */
void *arena_grow(struct arena *arena, void *array, size_t count, size_t *capacity, size_t size);

#define ARENA_PUSH(arena, array, count, capacity)                                                  \
    ((array) = arena_grow((arena), (array), (count), &(capacity), sizeof(*(array))),               \
     &(array)[(count)++])

#endif
