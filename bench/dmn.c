/* Decisions a second of one table, one core, by its size: ranges of a number with words, and words
 * alone.
 *
 * usage: bench-dmn                       prints "RULES RANGES_PER_SECOND WORDS_PER_SECOND"
 *        bench-dmn RULES ranges|words    prints that table as XML, for another engine
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "dmn/dmn.h"

enum { EACH_US = 200000, ROUNDS = 5, BATCH = 500, XML_MAX = 16 << 20 };

static void write_table(struct buf *xml, int rules, bool words)
{
    buf_add_c(xml, "<definitions xmlns='https://www.omg.org/spec/DMN/20230324/MODEL/' name='m' "
                   "namespace='urn:m'><inputData id='n' name='n'><variable name='n'/></inputData>"
                   "<inputData id='w' name='w'><variable name='w'/></inputData>"
                   "<decision id='d' name='d'><variable name='d'/><informationRequirement>"
                   "<requiredInput href='#n'/></informationRequirement><informationRequirement>"
                   "<requiredInput href='#w'/></informationRequirement><decisionTable>"
                   "<input><inputExpression><text>n</text></inputExpression></input>"
                   "<input><inputExpression><text>w</text></inputExpression></input><output/>");
    for (int i = 0; i < rules; i++) {
        if (words)
            buf_format(xml,
                       "<rule><inputEntry><text>-</text></inputEntry>"
                       "<inputEntry><text>\"w%d\"</text></inputEntry>",
                       i);
        else
            buf_format(xml,
                       "<rule><inputEntry><text>[%d..%d)</text></inputEntry>"
                       "<inputEntry><text>\"w%d\"</text></inputEntry>",
                       i / 10 * 10, i / 10 * 10 + 10, i % 10);
        buf_format(xml, "<outputEntry><text>%d</text></outputEntry></rule>", i);
    }
    buf_add_c(xml, "</decisionTable></decision></definitions>");
}

static double measure_once(int rules, bool words)
{
    CLEANUP(arena_release) struct arena arena;
    CLEANUP(buf_release) struct buf xml;
    arena_init(&arena);
    buf_init(&xml, XML_MAX);
    write_table(&xml, rules, words);
    struct dmn_source source = {.name = STR("bench"), .text = buf_str(&xml)};
    const struct dmn_model *model;
    if (dmn_read(&arena, &source, 1, &model) != OK)
        return -1;
    int64_t begin = clock_monotonic_us(), count = 0, end;
    do {
        CLEANUP(arena_release) struct arena scratch;
        arena_init(&scratch);
        for (int i = 0; i < BATCH; i++, count++) {
            int rule = (int)(count * 7919 % rules);
            struct feel_entry entries[] = {
                {STR("n"), feel_int(rule / 10 * 10 + 3)},
                {STR("w"), feel_string(str_format(&scratch, "w%d", words ? rule : rule % 10))}};
            struct feel_value input = feel_context(entries, 2), value;
            struct feel_run run;
            int64_t found;
            feel_run_init(&run, &scratch, 0);
            if (dmn_eval(model, STR("d"), &input, &run, NULL, &value) != OK ||
                feel_to_int(&value, &found) != OK || found != rule)
                return -1;
        }
        end = clock_monotonic_us();
    } while (end - begin < EACH_US);
    return (double)count * 1e6 / (double)(end - begin);
}

/* The best of several: the machine may be busy with something else. */
static double measure(int rules, bool words)
{
    double best = 0;
    for (int i = 0; i < ROUNDS; i++) {
        double found = measure_once(rules, words);
        best = found > best ? found : best;
    }
    return best;
}

static int print_table(const char *rules, bool words)
{
    CLEANUP(buf_release) struct buf xml;
    buf_init(&xml, XML_MAX);
    write_table(&xml, atoi(rules), words);
    return fwrite(xml.ptr, 1, xml.len, stdout) == xml.len ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 3)
        return print_table(argv[1], strcmp(argv[2], "words") == 0);
    static const int SIZES[] = {10, 100, 1000, 4000};
    for (size_t i = 0; i < COUNT_OF(SIZES); i++)
        printf("%d %.0f %.0f\n", SIZES[i], measure(SIZES[i], false), measure(SIZES[i], true));
    return 0;
}
