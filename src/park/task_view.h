/* What a person may do with a task, as the web app shows it. Inside park/. */
#ifndef PARK_TASK_VIEW_H
#define PARK_TASK_VIEW_H

#include "park/case_run.h"
#include "park/case_view.h"

struct task_facts {
    const struct service *service; /* NULL: the caller may do nothing here. */
    struct str element;
    struct task_place place;
    int64_t grid_id, department_id, status;
    bool paused, suspended, extension, expired, done;
};

/* Writes "actions":[…] and "outcomes":[{key, name, name_en}…]. */
void task_write_actions(struct json_writer *w, const struct case_reader *reader,
                        const struct task_facts *facts);

#endif
