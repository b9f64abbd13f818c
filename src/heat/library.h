/* GDAL's functions, found in its library when the first raster or zone is read.
 *
 * GDAL brings some hundred libraries with it: linked in, they would cost every start of the program
 * and every server that shows no heat map a tenth of a second and 28 MB.
 */
#ifndef HEAT_LIBRARY_H
#define HEAT_LIBRARY_H

#include "base/base.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <gdal.h>
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#include <gdal_frmts.h>
#pragma GCC diagnostic pop
#include <ogr_api.h>
#include <ogr_srs_api.h>

/* clang-format off */
#define GDAL_CALLS(X)                                                                             \
    X(CPLErrorReset) X(CPLGetLastErrorMsg) X(CPLQuietErrorHandler) X(CPLSetConfigOption)          \
    X(CPLSetErrorHandler) X(CPLSetThreadLocalConfigOption) X(GDALClose) X(GDALCreate)             \
    X(GDALCreateCopy) X(GDALDataTypeIsComplex) X(GDALFlushCache) X(GDALGetBlockSize)              \
    X(GDALGetDataTypeSizeBytes) X(GDALGetDescription) X(GDALGetDriverByName)                      \
    X(GDALGetGeoTransform) X(GDALGetMetadata) X(GDALGetMetadataItem) X(GDALGetOverviewCount)      \
    X(GDALGetProjectionRef) X(GDALGetRasterBand) X(GDALGetRasterCount) X(GDALGetRasterDataType)   \
    X(GDALGetRasterNoDataValue) X(GDALGetRasterOffset) X(GDALGetRasterScale)                      \
    X(GDALGetRasterUnitType) X(GDALGetRasterXSize) X(GDALGetRasterYSize) X(GDALOpenEx)            \
    X(GDALRasterIO) X(GDALReadBlock) X(GDALRegister_COG) X(GDALRegister_GTiff)                    \
    X(GDALRegister_HDF4)                                                                          \
    X(GDALRegister_HDF4Image) X(GDALRegister_MEM) X(GDALSetCacheMax64) X(GDALSetDescription)      \
    X(GDALSetGeoTransform) X(GDALSetMetadataItem) X(GDALSetProjection)                            \
    X(GDALSetRasterNoDataValue) X(GDALSetRasterUnitType) X(OCTDestroyCoordinateTransformation)    \
    X(OCTNewCoordinateTransformation) X(OCTTransform) X(OGR_GT_Flatten)                           \
    X(OGR_G_AddGeometryDirectly) X(OGR_G_AddPoint_2D) X(OGR_G_CreateGeometry)                     \
    X(OGR_G_DestroyGeometry) X(OGR_G_GetGeometryCount) X(OGR_G_GetGeometryRef)                    \
    X(OGR_G_GetGeometryType) X(OGR_G_GetPointCount) X(OGR_G_GetX) X(OGR_G_GetY) X(OGR_G_IsValid)  \
    X(OGR_G_MakeValid) X(OSRDestroySpatialReference) X(OSRExportToWkt) X(OSRGetLinearUnits)       \
    X(OSRImportFromEPSG) X(OSRImportFromWkt) X(OSRIsGeographic) X(OSRIsSame)                      \
    X(OSRNewSpatialReference) X(OSRSetAxisMappingStrategy) X(OSRSetPROJEnableNetwork) X(VSIFree)
/* clang-format on */

#define GDAL_MEMBER(name) __typeof__(name) *name;
struct gdal_calls {
    GDAL_CALLS(GDAL_MEMBER)
};
#undef GDAL_MEMBER

/* Filled by heat_gdal_start (inside.h). */
extern struct gdal_calls gdal;

/* ERR_IO if the library, or a function of it, is not on this machine. */
MUST_USE enum err heat_library_load(void);

#endif
