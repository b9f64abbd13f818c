#include "dmn/model.h"

enum err dmn_check(struct arena *arena, const struct dmn_model *model, struct dmn_findings *out)
{
    (void)arena;
    *out = dmn_problems(model);
    return OK;
}
