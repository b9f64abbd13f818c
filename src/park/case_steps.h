/* Parts of a case's page for services whose steps departments take side by side. Inside park/, but
 * for service_write_parts. */
#ifndef PARK_CASE_STEPS_H
#define PARK_CASE_STEPS_H

#include "park/case_view.h"

/* Writes "steps":[…]: every task of the case, open and done, with its place, item and outcome; none
 * if the service has no stages. */
MUST_USE enum err case_steps_write(const struct case_reader *reader, struct json_writer *w,
                                   const struct service *service, int64_t case_id);
/* Writes "stages", "lists" and "task_forms" of a service. */
void service_write_parts(struct json_writer *w, const struct service *service, struct arena *arena);
/* Writes what a task may do with lists and which form it has: "marks", "adds", "edits", "form". */
void task_write_rules(struct json_writer *w, const struct bpmn_node *node);
/* Writes what an outcome asks for: "words", "evidence", "once", "needs". */
void task_write_outcome_rules(struct json_writer *w, const struct bpmn_node *node,
                              struct str outcome);

#endif
