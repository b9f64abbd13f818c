/* Services: what a park offers, each a folder of definitions and no C.
 *
 *     services/<key>/service.json          who may apply, clocks, levels, limits
 *                    process.bpmn          the process, with Camunda 8's extension elements
 *                    <name>.bpmn           processes that its call activities call; their tasks
 *                                          are tasks of the same case
 *                    <name>.form           bpmn.io form-js schema; tasks may have one each
 *                    <name>.dmn            decisions that the process asks for by their names
 *                    messages.zh-CN.json   every text people see, by key …
 *                    messages.en.json      … in both languages, with the same keys
 *                    scenarios/<name>.json given steps → what must follow (park/scenario.h)
 *
 * A service is compiled once and shared by all threads. A case keeps the definitions it was filed
 * under: they are stored by their digest, so that the park can change a service while cases run.
 */
#ifndef PARK_SERVICE_H
#define PARK_SERVICE_H

#include "bpmn/bpmn.h"
#include "db/db.h"
#include "dmn/dmn.h"
#include "park/access.h"
#include "park/calendar.h"
#include "json/fields.h"

enum {
    SERVICE_FILES_MAX = 200,
    SERVICE_FAULTS_MAX = 100,
    SERVICES_MAX = 500,
    SERVICE_AMOUNT_MAX = CALENDAR_TERM_MAX
};

struct service_file {
    struct str name; /* "process.bpmn", "scenarios/plain.json" */
    struct str bytes;
};

struct service_folder {
    struct str key;
    const struct service_file *files;
    size_t count;
};

/* What is wrong with a folder, one line each. */
struct service_report {
    struct arena *arena;
    struct str *faults;
    size_t count, capacity, total;
    /* What the scenarios went through; a note says what none did. */
    size_t nodes, nodes_reached, rules, rules_fired;
    struct str *notes;
    size_t note_count, note_capacity;
};

struct service_clock {
    struct str name;
    struct str amount; /* FEEL, over the case's variables. */
    int64_t unit;      /* enum calendar_unit */
    struct str calendar;
    int64_t warn_percent; /* Of the time between start and deadline. */
    int64_t step_minutes; /* Office time between two escalations. */
    const struct feel_expr *expr;
};

/* A rung of the ladder: whose inbox a late case reaches, by where it is being worked on. */
struct service_level {
    struct str grid, department; /* Role keys. */
};

struct service_pause {
    struct list clocks, reasons; /* struct str */
};

struct service_extension {
    struct list clocks; /* struct str */
    int64_t days_max;
};

struct service_process {
    struct str file, name, text; /* `name`: of the first process in it; may be "". */
};

struct service_form {
    struct str name; /* Without ".form". */
    const struct json_value *json;
};

struct service {
    struct str key;
    struct str number;     /* Begins every case number: "QY". */
    struct str applicant;  /* Role key. */
    struct str department; /* Code of the owning department; "" for none. */
    struct str form, process;
    struct str title, category; /* The form's fields that lists show. */
    struct list categories;     /* struct str */
    const struct json_value *parameters;
    struct list clocks; /* struct service_clock */
    struct list levels; /* struct service_level */
    struct service_pause pause;
    struct service_extension extension;
    int64_t remind_minutes; /* Between two reminders of one case. */
    struct list variables;  /* struct str: form fields that the process may ask for. */
    struct list decided;    /* struct str: what the process decides and clocks may depend on. */
    struct list lists;      /* struct str: of items, park/item.h. */
    struct str law;

    struct arena *arena;
    struct service_folder folder;
    struct str form_text, process_text;
    const struct json_value *form_json, *zh, *en;
    const struct service_process *processes; /* One a file; the case begins with the first. */
    size_t process_count;
    const struct bpmn_model *model;           /* Of all of them. */
    const struct dmn_model *const *decisions; /* One a file. */
    size_t decision_count;
    const struct service_form *forms; /* All of the folder. */
    size_t form_count;
    struct hash hash; /* Of all definitions, without scenarios. */
};

struct services;

/* Compiles the services of a directory, or with NULL those that are part of the program.
 * ERR_INVALID with the first fault. */
MUST_USE enum err services_load(const char *dir, struct services **out);
/* One folder alone; its bytes must outlive the services. Faults go to `report`. */
MUST_USE enum err services_of_folder(const struct service_folder *folder,
                                     struct service_report *report, struct services **out);
void services_free(struct services *services);

size_t services_count(const struct services *services);
const struct service *services_at(const struct services *services, size_t index);
/* The current definition, or NULL. */
const struct service *services_find(const struct services *services, struct str key);

/* The stored id of a current definition, storing it on first use. Writer's thread. */
MUST_USE enum err services_model_id(struct services *services, struct db_tx *tx, int64_t park_id,
                                    const struct service *service, int64_t now_us, int64_t *out);
/* The definition that a case was filed under; compiled on first use, then kept. */
MUST_USE enum err services_of_model(struct services *services, struct db *db, int64_t park_id,
                                    int64_t model_id, const struct service **out);

/* Compiles one folder. Faults go to `report`; with any, ERR_INVALID. The result lives in `arena`,
 * and points into the folder's bytes. */
MUST_USE enum err service_compile(struct arena *arena, const struct service_folder *folder,
                                  struct service_report *report, struct service **out);
/* Reads a service's folder from disk. ERR_IO, ERR_NOT_FOUND. */
MUST_USE enum err service_read_folder(struct arena *arena, const char *dir,
                                      struct service_folder *out);
/* All folders below `dir`, or with NULL those that are part of the program. */
MUST_USE enum err service_folders(struct arena *arena, const char *dir,
                                  const struct service_folder **out, size_t *count);

const struct service_clock *service_find_clock(const struct service *service, struct str name);
/* A text by its key, or the key itself if there is none. */
struct str service_text(const struct service *service, bool english, const char *prefix,
                        struct str key, struct arena *arena);
/* What an element is called: in the service's texts, else in its model, else its id. */
struct str service_element_name(const struct service *service, bool english,
                                const struct bpmn_node *node, struct arena *arena);
/* The schema of "<name>.form", or NULL if the folder has no such form. */
const struct json_value *service_form(const struct service *service, struct str name);
/* A stage that user tasks name by their property "stage": in the order of the process. */
size_t service_stages(const struct service *service, struct arena *arena, const struct str **out);
bool service_decides(const struct service *service, struct arena *arena, struct str decision);
/* Decides by the service's decisions; ERR_NOT_FOUND if it has none of the name. `why` may be
 * NULL. */
MUST_USE enum err service_decide(const struct service *service, struct str decision,
                                 const struct feel_value *context, struct feel_run *run,
                                 struct dmn_why *why, struct feel_value *out);
/* Compiles decisions and forms; faults go to `report`. */
void service_compile_parts(struct service *service, struct service_report *report);

/* A zeebe:property of an element, or the absent text. */
struct str service_property(const struct bpmn_node *node, const char *name);
bool service_list_has(const struct list *texts, struct str text);

void service_fault(struct service_report *report, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
