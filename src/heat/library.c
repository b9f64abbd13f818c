#include "heat/library.h"

#include <dlfcn.h>

struct gdal_calls gdal;

static const char *const NAMES[] = {
#define NAME(name) #name,
    GDAL_CALLS(NAME)
#undef NAME
};

enum err heat_library_load(void)
{
    void *library = dlopen(GDAL_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return err_set(ERR_IO, "GDAL is needed for this and is not installed: %s", dlerror());
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        void *call = dlsym(library, NAMES[i]);
        if (!call)
            return err_set(ERR_IO, GDAL_LIBRARY " has no %s", NAMES[i]);
        /* All members are pointers to functions, in the order of the names. */
        memcpy((char *)&gdal + i * sizeof(call), &call, sizeof(call));
    }
    return OK;
}
