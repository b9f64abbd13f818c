/* What sample enterprises ask for, and what they are answered. Invented, and marked as sample. */
#ifndef PARK_SAMPLE_TEXT_H
#define PARK_SAMPLE_TEXT_H

#include <stddef.h>

struct sample_text {
    const char *category, *title, *text, *answer, *result;
};

extern const struct sample_text SAMPLE_TEXTS[];
extern const size_t SAMPLE_TEXT_COUNT;

#endif
