#include "dmn/dmn.h"

static void write_text(struct json_writer *w, const char *name, struct str text)
{
    json_key(w, name);
    json_text(w, text);
}

static void write_rule(struct json_writer *w, const struct dmn_rule_trace *rule, size_t number)
{
    json_object_begin(w);
    json_key(w, "rule");
    json_int(w, (int64_t)number);
    json_key(w, "fired");
    json_bool(w, rule->fired);
    if (!rule->fired) {
        json_key(w, "failed_input");
        json_int(w, (int64_t)rule->failed_input);
        json_key(w, "value");
        feel_to_json(w, &rule->value);
        write_text(w, "test", rule->test);
    }
    json_object_end(w);
}

void dmn_trace_to_json(struct json_writer *w, const struct dmn_trace *trace)
{
    json_array_begin(w);
    for (; trace; trace = trace->next) {
        json_object_begin(w);
        write_text(w, "name", trace->name);
        json_key(w, "result");
        feel_to_json(w, &trace->result);
        json_key(w, "rules");
        json_array_begin(w);
        for (size_t i = 0; i < trace->rule_count; i++)
            write_rule(w, &trace->rules[i], i + 1);
        json_array_end(w);
        json_object_end(w);
    }
    json_array_end(w);
}

const char *dmn_severity_name(enum dmn_severity severity)
{
    static const char *const NAMES[] = {"error", "warning", "note"};
    return NAMES[severity];
}

void dmn_findings_to_json(struct json_writer *w, struct dmn_findings findings)
{
    json_array_begin(w);
    for (size_t i = 0; i < findings.count; i++) {
        const struct dmn_finding *finding = &findings.items[i];
        json_object_begin(w);
        write_text(w, "severity", str_of(dmn_severity_name(finding->severity)));
        write_text(w, "what", str_of(finding->what));
        write_text(w, "place", finding->place);
        write_text(w, "detail", finding->detail);
        json_key(w, "line");
        json_int(w, finding->line);
        json_key(w, "rules");
        json_array_begin(w);
        for (size_t k = 0; k < finding->rule_count; k++)
            json_int(w, (int64_t)finding->rules[k]);
        json_array_end(w);
        json_key(w, "example");
        feel_to_json(w, &finding->example);
        json_object_end(w);
    }
    json_array_end(w);
}
