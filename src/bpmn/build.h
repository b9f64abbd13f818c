/* What the files of this folder share while one model is made. */
#ifndef BPMN_BUILD_H
#define BPMN_BUILD_H

#include <stdarg.h>

#include "bpmn/bpmn.h"

struct build_id {
    struct str id;
    const struct xml_node *xml;
    uint32_t node, flow; /* Or BPMN_NONE. */
};

struct build {
    struct arena *arena;
    const struct feel_names *known;
    struct bpmn_report *report;
    const struct xml_node *root;
    struct bpmn_node *nodes;
    const struct xml_node **node_xml; /* Of each node. */
    struct bpmn_flow *flows;
    const struct xml_node **flow_xml;
    size_t node_count, node_room, node_xml_room, flow_count, flow_room, flow_xml_room;
    uint32_t *processes;
    size_t process_count, process_room;
    struct build_id *ids; /* Open addressing; `id_mask` + 1 is a power of two. */
    size_t id_count, id_mask;
    struct str version_tag;
    bool lenient; /* In a process that is not executable a fault is a warning. */
};

/* Keeps a copy of the fault, with the text as its detail. */
void report_add(struct arena *arena, struct bpmn_report *report, bool warning,
                const struct bpmn_fault *fault, const char *format, va_list args);
/* A fault of the model; parsing goes on so that all are found at once. */
void build_fault(struct build *b, const struct xml_node *at, const char *rule, const char *remedy,
                 const char *format, ...) PRINTF_LIKE(5, 6);
void build_warn(struct build *b, const struct xml_node *at, const char *rule, const char *remedy,
                const char *format, ...) PRINTF_LIKE(5, 6);

size_t build_count(const struct xml_node *at, const char *name); /* Children of that name. */

/* By id; a reference may carry a prefix. NULL if there is none. */
struct build_id *build_id(struct build *b, struct str ref);

/* "=…" is FEEL, all else a constant; `feel` makes all of it FEEL. The absent text stays absent. */
struct bpmn_value build_value(struct build *b, const struct xml_node *at, struct str text,
                              bool feel);

/* Of the ids of its nodes and flows. */
void build_index(struct arena *arena, struct bpmn_model *model);
void build_extensions(struct build *b, uint32_t node); /* extend.c */
void build_events(struct build *b, uint32_t node);     /* event.c */
bool build_event(struct build *b, const struct xml_node *at, struct bpmn_event *out);
void build_loop(struct build *b, uint32_t node);                                 /* loop.c */
void build_links(struct build *b);                                               /* link.c */
void build_rules(struct build *b);                                               /* rules.c */
void build_check(struct build *b);                                               /* check.c */
void build_places(struct build *b);                                              /* place.c */
void build_data(struct build *b);                                                /* data.c */
struct str build_structure(struct build *b, struct str item);                    /* data.c */
void build_io(struct build *b, const struct xml_node *at);                       /* io.c */
void build_foreign(struct build *b);                                             /* foreign.c */
struct bpmn_task *build_task(struct build *b, uint32_t node);                    /* extend.c */
const struct xml_node *build_zeebe(const struct xml_node *at, const char *name); /* extend.c */
/* "true" or "false", else `otherwise`; anything else is a fault. */
bool build_flag(struct build *b, const struct xml_node *at, const char *name, bool otherwise);

#endif
