/* The DMN Technology Compatibility Kit: its test files run against a model. */
#ifndef DMN_TCK_H
#define DMN_TCK_H

#include "dmn/dmn.h"

struct dmn_tck_score {
    size_t passed, failed;               /* All cases. */
    size_t valued_passed, valued_failed; /* Only those that expect a value. */
    size_t strict_passed, strict_failed; /* An expected error must also be reported. */
};

/* The name of the file with the model that a test file is for. ERR_SYNTAX if it is no test file. */
MUST_USE enum err dmn_tck_model(struct arena *arena, struct str test, struct str *out);
/* Runs all cases of one test file. `models` begins with the model; `now_us` is what now() says.
 * Failing cases are written to `report`, a line each, and counted in `score`. */
MUST_USE enum err dmn_tck_run(struct arena *arena, const struct dmn_source *test,
                              const struct dmn_source *models, size_t count, int64_t now_us,
                              struct buf *report, struct dmn_tck_score *score);

#endif
