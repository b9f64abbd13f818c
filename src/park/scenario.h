/* Scenarios: a service's tests, in its own folder and without code.
 *
 *     {"about": "…", "start": "2026-11-23T09:00:00+08:00", "answerer": true, "form": {…},
 *      "steps": [
 *        {"expect": {"status": "dispatched", "tasks": ["sign"], "assignee": "member",
 *                    "clock": "sign", "due": "2026-11-23T10:00:00+08:00", "level": 0}},
 *        {"at": "2026-11-23T09:30:00+08:00", "by": "member", "do": "claim", "task": "sign"},
 *        {"by": "member", "do": "complete", "task": "handle", "outcome": "resolved", "text": "…"},
 *        {"by": "contact", "do": "rate", "level": 5, "refused": "case.not-to-rate"}]}
 *
 * They run on a store in memory with a virtual clock: `at` moves it, and every timer on the way
 * fires at its own moment. The cast is fixed: contact, colleague (another contact of the
 * enterprise), stranger (a contact of another one), member, second (a member), grid_leader,
 * officer, head, leader; with "answerer" the member answers for the enterprise by name.
 *
 * "departments": ["safety", …] adds departments by their codes, each with officer@safety,
 * second@safety (an officer too) and head@safety. Tasks that are one department's or about one item
 * are called accept@safety and fix#2, and so are clocks. Besides what is above:
 *
 *     {"by": "officer@safety", "do": "mark", "task": "inspect@safety", "item": "checklist#1",
 *      "state": "unmet", "text": "…", "due": "…", "to": "utilities"}      "item": "*" marks all
 *     {"by": …, "do": "raise", "task": …, "title": "…", "text": "…", "due": "…"}
 *     {"by": …, "do": "complete", "task": "plan", "form": {…}, "files": 1}
 *     {"expect": {"items:rectification": "open closed", "clock:accept@safety": "held",
 *                 "due:accept@safety": "…", "$departments": ["safety"], "sees:head@safety": true}}
 */
#ifndef PARK_SCENARIO_H
#define PARK_SCENARIO_H

#include "park/service.h"

struct service_cover;

/* Runs one scenario of the services; what does not come true goes to `report`, named `name`, and
 * what it went through to `cover`. */
void scenario_run(struct services *services, const struct service *service, struct str name,
                  struct str text, struct service_report *report, struct service_cover *cover);

/* Proves a service's folder: references both ways, languages, job types, and all scenarios.
 * `scenarios` counts those that ran. ERR_INVALID if the report holds any fault. */
MUST_USE enum err service_check(struct arena *arena, const struct service_folder *folder,
                                struct service_report *report, size_t *scenarios);

#endif
