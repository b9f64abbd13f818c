/* kuailian serve: a park's server. */
#include <stdio.h>

#include "cmd/app.h"
#include "cmd/cmd.h"

int cmd_serve(int argc, char **argv)
{
    struct app_options options;
    app_options_init(&options);
    if (!app_options_read(&options, argc, argv, NULL, NULL))
        return CMD_USAGE;
    struct app *app;
    if (app_start(&options, &app) != OK)
        return cmd_fail("serve");
    printf("kuailian: http://%s:%d\n", options.host, app_port(app));
    fflush(stdout);
    app_run(app);
    return CMD_OK;
}
