/* What every file may use: the compiler's attributes, strings, errors, memory, buffers, digests. */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(at, first) __attribute__((format(printf, at, first)))
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Runs `release(&variable)` when the variable's scope ends: CLEANUP(buf_release) struct buf b; */
#define CLEANUP(release) __attribute__((cleanup(release)))

/* In this order: each may use those above it. Nobody includes them but through here. */
/* clang-format off */
#include "base/limits.h"
#include "base/err.h"
#include "base/str.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
/* clang-format on */

#endif
