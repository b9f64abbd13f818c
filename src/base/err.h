/* Errors: one code that decides what happens, one reason that people read, one detail for the log.
 *
 * A function that can fail returns `enum err` and leaves its outputs alone when it fails. The
 * thread keeps the last error's reason, field and detail until the next one is set. Libraries
 * never log: the edge (api/, cmd/) does, once.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/* name, HTTP status, problem type (RFC 9457; the web app translates it as problem.<type>) */
#define ERR_LIST(X)                                                                                \
    X(OK, 200, "ok")                                                                               \
    X(ERR_SYNTAX, 400, "syntax")                   /* The bytes are not what the format says. */   \
    X(ERR_RANGE, 400, "range")                     /* A number or place outside its bounds. */     \
    X(ERR_INVALID, 422, "invalid")                 /* Well-formed, but breaks a rule. */           \
    X(ERR_PROOF, 422, "proof")                     /* A digest or signature does not match. */     \
    X(ERR_UNAUTHENTICATED, 401, "unauthenticated") /* Sign in first. */                            \
    X(ERR_FORBIDDEN, 403, "forbidden")             /* Known, but may not. */                       \
    X(ERR_NOT_FOUND, 404, "not-found")             /* Not there, or not for you to know. */        \
    X(ERR_METHOD, 405, "method")                                                                   \
    X(ERR_CONFLICT, 409, "conflict")         /* Another state than the caller believes. */         \
    X(ERR_PRECONDITION, 412, "precondition") /* If-Match names an old version. */                  \
    X(ERR_LIMIT, 413, "limit")               /* Too large, too deep, too many. */                  \
    X(ERR_MEDIA, 415, "media")               /* A content type this route does not take. */        \
    X(ERR_RATE, 429, "rate")                 /* Too often; wait. */                                \
    X(ERR_IO, 500, "io")                     /* The disk, the database or the network failed. */   \
    X(ERR_CORRUPT, 500, "corrupt")           /* What was stored is not what was written. */        \
    X(ERR_INTERNAL, 500, "internal")                                                               \
    X(ERR_BUSY, 503, "busy") /* Overloaded or stopping; try again. */

#define ERR_ENUM(name, status, type) name,
enum err { ERR_LIST(ERR_ENUM) ERR_COUNT };
#undef ERR_ENUM

enum { ERR_DETAIL_MAX = 512, ERR_REASON_MAX = 64, ERR_FIELD_MAX = 96 };

struct err_info {
    enum err code;
    char
        reason[ERR_REASON_MAX]; /* Key of the text for people, e.g. "task.already-signed"; or "". */
    char field[ERR_FIELD_MAX];  /* JSON path of the input at fault, e.g. "files[2].name"; or "". */
    char detail[ERR_DETAIL_MAX]; /* English, for logs and API clients; never holds secrets. */
};

/* Sets the thread's error and returns `code`. */
MUST_USE enum err err_set(enum err code, const char *format, ...) PRINTF_LIKE(2, 3);

/* The same, with the key of the text that people read (web/src/locales, key reason.<key>). */
MUST_USE enum err err_refuse(enum err code, const char *reason, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* The same, for one input field. */
MUST_USE enum err err_field(enum err code, const char *field, const char *reason,
                            const char *format, ...) PRINTF_LIKE(4, 5);

/* The thread's last error: valid until the next err_* call on this thread. */
const struct err_info *err_last(void);
void err_restore(const struct err_info *info); /* Puts a kept error back, on any thread. */

int err_http_status(enum err code);
const char *err_type(enum err code); /* "conflict" */
const char *err_name(enum err code); /* "ERR_CONFLICT" */

#endif
