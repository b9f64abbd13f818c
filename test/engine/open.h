/* Opens a process under test, or fails with the model's faults in the output. */
#ifndef TEST_ENGINE_OPEN_H
#define TEST_ENGINE_OPEN_H

#include "test.h"

#include "engine/rig.h"

static inline void open_rig(struct rig *rig, const char *name)
{
    enum err e = rig_open(rig, name);
    for (size_t i = 0; i < rig->report.fault_count; i++)
        print_message("fault: %.*s: %.*s\n", STR_ARG(rig->report.faults[i].element),
                      STR_ARG(rig->report.faults[i].detail));
    assert_ok(e);
}

#endif
