/* A running park: store, writer, journal, API and server, started and stopped in order. */
#ifndef CMD_APP_H
#define CMD_APP_H

#include "base/base.h"

struct app;

struct app_options {
    const char *dir;          /* Holds park.db and journal.key; made if missing. */
    const char *host;         /* "127.0.0.1" */
    int port;                 /* 0: the system chooses. */
    const char *web_dir;      /* NULL: the web app inside the program. */
    const char *heat_watch;   /* Where heat scenes are dropped; NULL: DIR/heat/incoming. */
    const char *services_dir; /* NULL: the services inside the program. */
    int threads;
    int write_rate; /* See api_config. */
    int request_timeout_s;
    bool test_clock, proxy;
};

void app_options_init(struct app_options *options);

/* Reads "--dir DIR --listen HOST:PORT …" into options; false with a message if one is unknown.
 * `rest` (may be NULL) takes what app does not know instead: "--name" and "value" or NULL. */
bool app_options_read(struct app_options *options, int argc, char **argv,
                      bool (*rest)(void *context, const char *name, const char *value),
                      void *context);

MUST_USE enum err app_start(const struct app_options *options, struct app **out);
int app_port(const struct app *app);
/* Returns after SIGTERM or SIGINT; then stops everything in order. */
void app_run(struct app *app);
void app_free(struct app *app); /* Only if app_run is not called. */

/* The store below a data directory: "DIR/park.db". */
struct str app_store_path(struct arena *arena, const char *dir);
/* The journal's signing key: "DIR/journal.key". */
struct str app_key_path(struct arena *arena, const char *dir);

/* Names this program's logs in their heads: "kuailian/<park id>". */
#define APP_ORIGIN STR("kuailian")

#endif
