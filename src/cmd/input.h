/* Files that a subcommand is given by name. */
#ifndef CMD_INPUT_H
#define CMD_INPUT_H

#include "base/base.h"

/* Reads a whole file. ERR_NOT_FOUND, ERR_IO, ERR_LIMIT past `max` bytes. */
MUST_USE enum err input_read(struct arena *arena, const char *path, size_t max, struct str *out);

#endif
