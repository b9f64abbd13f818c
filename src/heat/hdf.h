/* An HDF4 file looked over before GDAL's HDF4 library opens it.
 *
 * The library believes what a file says of itself: a wrong type, size or reference makes it write
 * past its memory or go in circles, and an element may name another file for its bytes. So the
 * descriptors, groups, tables and rasters are checked here against each other and the file.
 */
#ifndef HEAT_HDF_H
#define HEAT_HDF_H

#include "heat/inside.h"

/* ERR_CORRUPT unless everything lies inside the file, nothing leads back, each raster has as many
 * bytes as its size and type say, and data are stored plainly or by DEFLATE. ERR_LIMIT. */
MUST_USE enum err heat_hdf_check(const char *path);

#endif
