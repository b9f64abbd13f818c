/* What the scenarios of a service went through: the nodes of its process and the rules of its
 * decision tables. Inside park/. */
#ifndef PARK_SERVICE_COVER_H
#define PARK_SERVICE_COVER_H

#include "park/service.h"

enum { COVER_TABLES_MAX = 100 };

struct cover_table {
    struct str name;
    bool *fired;
    size_t rules;
};

struct service_cover {
    struct arena *arena;
    const struct service *service;
    unsigned char *nodes; /* Bits, as a case keeps them. */
    struct cover_table tables[COVER_TABLES_MAX];
    size_t table_count;
};

struct service_cover *service_cover_new(struct arena *arena, const struct service *service);
/* Adds the nodes that a case went through. */
void service_cover_nodes(struct service_cover *cover, const unsigned char *done);
/* Decides as service_decide does, and keeps which rules fired. */
MUST_USE enum err service_cover_decide(struct service_cover *cover, struct str decision,
                                       const struct feel_value *context, struct feel_run *run,
                                       struct feel_value *out);
/* Says in `report` how much was reached, and what was not. */
void service_cover_tell(const struct service_cover *cover, struct service_report *report);

#endif
