/* An instance's state as the files of this folder see it. */
#ifndef ENGINE_STATE_H
#define ENGINE_STATE_H

#include "engine/engine.h"

/* Place of the item with this key, or SIZE_MAX. Items begin with their key and are ordered. */
size_t state_find(const void *items, size_t count, size_t size, int64_t key);

/* The variable of exactly this scope, or NULL. */
const struct engine_variable *state_variable(const struct engine_instance *instance, int64_t scope,
                                             struct str name);
/* The scope around an element as far as variables go; 0 at the end. */
int64_t state_outer(const struct engine_instance *instance, int64_t key);

struct engine_instance *state_copy(struct arena *arena, const struct engine_instance *from);

#endif
