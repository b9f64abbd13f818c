#include "park/service_cover.h"

#include <stdarg.h>
#include <stdio.h>

struct service_cover *service_cover_new(struct arena *arena, const struct service *service)
{
    struct service_cover *cover = ARENA_NEW(arena, struct service_cover);
    cover->arena = arena;
    cover->service = service;
    cover->nodes = ARENA_ARRAY(arena, service->model->node_count / 8 + 1, unsigned char);
    return cover;
}

void service_cover_nodes(struct service_cover *cover, const unsigned char *done)
{
    for (size_t i = 0; i < (cover->service->model->node_count + 7) / 8; i++)
        cover->nodes[i] |= done[i];
}

static void keep(struct service_cover *cover, const struct dmn_trace *trace)
{
    struct cover_table *table = NULL;
    for (size_t i = 0; i < cover->table_count && !table; i++)
        if (str_equal(cover->tables[i].name, trace->name))
            table = &cover->tables[i];
    if (!table && cover->table_count < COVER_TABLES_MAX) {
        table = &cover->tables[cover->table_count++];
        table->name = str_copy(cover->arena, trace->name);
        table->rules = trace->rule_count;
        table->fired = ARENA_ARRAY(cover->arena, trace->rule_count, bool);
    }
    for (size_t i = 0; table && i < trace->rule_count && i < table->rules; i++)
        table->fired[i] = table->fired[i] || trace->rules[i].fired;
}

enum err service_cover_decide(struct service_cover *cover, struct str decision,
                              const struct feel_value *context, struct feel_run *run,
                              struct feel_value *out)
{
    struct dmn_why why = {.all_rules = true};
    enum err r = service_decide(cover->service, decision, context, run, &why, out);
    for (const struct dmn_trace *trace = why.first; r == OK && trace; trace = trace->next)
        if (trace->rules)
            keep(cover, trace);
    return r;
}

static void note(struct service_report *report, const char *format, ...) PRINTF_LIKE(2, 3);
static void note(struct service_report *report, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    *ARENA_PUSH(report->arena, report->notes, report->note_count, report->note_capacity) =
        str_copy(report->arena, str_of(text));
}

void service_cover_tell(const struct service_cover *cover, struct service_report *report)
{
    const struct bpmn_model *model = cover->service->model;
    for (size_t i = 0; i < model->node_count; i++) {
        if (model->nodes[i].kind == BPMN_PROCESS)
            continue;
        bool reached = cover->nodes[i / 8] >> i % 8 & 1;
        report->nodes++;
        report->nodes_reached += reached;
        if (!reached)
            note(report, "no scenario goes through %.*s", STR_ARG(model->nodes[i].id));
    }
    for (size_t i = 0; i < cover->table_count; i++)
        for (size_t k = 0; k < cover->tables[i].rules; k++) {
            bool fired = cover->tables[i].fired[k];
            report->rules++;
            report->rules_fired += fired;
            if (!fired)
                note(report, "no scenario makes rule %zu of %.*s fire", k + 1,
                     STR_ARG(cover->tables[i].name));
        }
}
