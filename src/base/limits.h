/* Every bound on what comes from outside, in one place. Sizes in bytes unless the name says. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

enum {
    LIMIT_HTTP_HEADER = 8 * 1024,
    LIMIT_HTTP_BODY = 1024 * 1024,        /* JSON bodies; uploads have their own. */
    LIMIT_HTTP_UPLOAD = 20 * 1024 * 1024, /* One file. */
    LIMIT_HTTP_REPLY = 64 * 1024 * 1024,
    LIMIT_JSON_DEPTH = 64,
    LIMIT_JSON_VALUES = 1000000,
    LIMIT_JSON_NUMBER = 128, /* Characters of one number. */
    LIMIT_XML_DEPTH = 128,
    LIMIT_XML_SIZE = 8 * 1024 * 1024,
    LIMIT_XML_ATTRIBUTES = 256,
    LIMIT_XML_ELEMENTS = 200000,
    LIMIT_PAGE = 200, /* Rows in one answer. */
    LIMIT_PAGE_DEFAULT = 50,
    LIMIT_IMPORT_ROWS = 20000,
    LIMIT_IMPORT_SIZE = 64 * 1024 * 1024, /* Inflated bytes of one sheet. */
    LIMIT_COMMAND_BATCH = 512,            /* Commands in one commit. */
    LIMIT_COMMAND_QUEUE = 8192,           /* Waiting commands; past it callers get ERR_BUSY. */
    LIMIT_NAME_CHARS = 200,
    LIMIT_TEXT_CHARS = 4000,
    LIMIT_CASE_FILES = 20,
    LIMIT_SSE_STREAMS = 20000,
    LIMIT_HEAT_PIXELS = 1 << 30,         /* Of one raster. */
    LIMIT_HEAT_BLOCK = 64 * 1024 * 1024, /* Bytes of one compressed unit, inflated. */
    LIMIT_HEAT_BANDS = 4096,
    LIMIT_HEAT_FILES = 4096,            /* In a scene's folder. */
    LIMIT_HEAT_MTL = 1024 * 1024,       /* Bytes of a scene's metadata file. */
    LIMIT_HEAT_HDF = 256 * 1024 * 1024, /* Bytes of one HDF4 file. */
    LIMIT_HEAT_ZONES = 1000000,
    LIMIT_HEAT_ZONES_SIZE = 256 * 1024 * 1024, /* Bytes of one GeoJSON file. */
    LIMIT_HEAT_POINTS = 8000000,               /* Of all zones together, cut edges included. */
    LIMIT_HEAT_FIRES = 2000000,
    LIMIT_HEAT_FIRES_SIZE = 256 * 1024 * 1024,
    LIMIT_HEAT_RING = 8 * 1024 * 1024, /* Pixels around zones that a change is measured against. */
    LIMIT_HEAT_WORK = 192 * 1024 * 1024, /* Bytes that statistics may hold at a time. */
};

#endif
