#include "dmn/dmn.h"

static void write_rule(struct json_writer *w, const struct dmn_rule_trace *rule)
{
    json_object_begin(w);
    json_member_int(w, "rule", (int64_t)rule->rule);
    json_member_bool(w, "fired", rule->fired);
    if (!rule->fired) {
        json_member_int(w, "failed_input", (int64_t)rule->failed_input);
        json_key(w, "value");
        feel_to_json(w, &rule->value);
        json_member_text(w, "test", rule->test);
    }
    json_object_end(w);
}

void dmn_trace_to_json(struct json_writer *w, const struct dmn_trace *trace)
{
    json_array_begin(w);
    for (; trace; trace = trace->next) {
        if (!trace->rules)
            continue;
        json_object_begin(w);
        json_member_text(w, "name", trace->name);
        json_key(w, "result");
        feel_to_json(w, &trace->result);
        json_key(w, "rules");
        json_array_begin(w);
        for (size_t i = 0; i < trace->rule_count; i++)
            write_rule(w, &trace->rules[i]);
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
        json_member_text(w, "severity", str_of(dmn_severity_name(finding->severity)));
        json_member_text(w, "what", str_of(finding->what));
        json_member_text(w, "place", finding->place);
        json_member_text(w, "detail", finding->detail);
        json_member_int(w, "line", finding->line);
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
