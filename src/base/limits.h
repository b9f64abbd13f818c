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
    LIMIT_XML_ATTRIBUTES = 64,
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
};

#endif
