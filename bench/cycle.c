/* Durable request cycles over HTTP: file, sign, resolve, call back, rate; each a commit of its own
 * command, and the next step only after the answer.
 *
 * usage: bench-cycle HOST PORT ACTORS CYCLES CONNECTIONS
 * ACTORS is a file of lines "enterprise_id contact_token member_token leader_token".
 */
#include <stdio.h>
#include <stdlib.h>

#include "loader.h"
#include "json/json.h"

enum { ACTORS_MAX = 1000 };

struct actor {
    char enterprise[32], contact[128], member[128], leader[128];
};

struct cycle {
    const struct actor *actor;
    char case_id[32], task_id[32], element[32];
};

static struct actor actors[ACTORS_MAX];
static int64_t cycles_left, cycles_done;

static bool next_step(struct load_connection *connection, struct buf *out)
{
    struct cycle *cycle = connection->context;
    char path[128], body[512];
    const char *token = cycle->actor->contact;
    if (!cycle->case_id[0]) {
        if (cycles_left-- <= 0)
            return false;
        snprintf(path, sizeof(path), "/api/v1/cases");
        snprintf(body, sizeof(body),
                 "{\"service\":\"request\",\"enterprise_id\":\"%s\",\"form\":{\"title\":"
                 "\"蒸汽压力不足\",\"category\":\"utilities\",\"text\":"
                 "\"二号装置低压蒸汽压力偏低，请协调。\"}}",
                 cycle->actor->enterprise);
    } else if (strcmp(cycle->element, "sign") == 0) {
        token = cycle->actor->member;
        snprintf(path, sizeof(path), "/api/v1/tasks/%s/claim", cycle->task_id);
        snprintf(body, sizeof(body), "{}");
    } else if (strcmp(cycle->element, "rate") == 0) {
        snprintf(path, sizeof(path), "/api/v1/cases/%s/rating", cycle->case_id);
        snprintf(body, sizeof(body), "{\"level\":5,\"text\":\"很满意\"}");
    } else {
        token = strcmp(cycle->element, "handle") == 0 ? cycle->actor->member : cycle->actor->leader;
        snprintf(path, sizeof(path), "/api/v1/tasks/%s/complete", cycle->task_id);
        snprintf(body, sizeof(body), "{\"text\":\"已处理，请确认。\"}");
    }
    load_request(out, "POST", path, token, str_of(body));
    return true;
}

static void keep(char *to, size_t size, struct str text)
{
    snprintf(to, size, "%.*s", STR_ARG(text));
}

/* The case's open task says what comes next; none is left when the cycle is over. */
static bool take_answer(struct load_connection *connection, int status, struct str body)
{
    struct cycle *cycle = connection->context;
    struct arena arena = {0};
    const struct json_value *json = NULL;
    bool good = (status == 200 || status == 201) && json_parse(&arena, body, &json) == OK;
    if (!good) {
        fprintf(stderr, "case %s, %s: %d %.*s\n", cycle->case_id, cycle->element, status,
                STR_ARG(body));
    } else {
        const struct json_value *tasks = json_get(json, "tasks");
        keep(cycle->case_id, sizeof(cycle->case_id), json_get_text(json, "id"));
        if (tasks && tasks->type == JSON_ARRAY && tasks->array.count > 0) {
            const struct json_value *task = &tasks->array.items[0];
            keep(cycle->task_id, sizeof(cycle->task_id), json_get_text(task, "id"));
            keep(cycle->element, sizeof(cycle->element), json_get_text(task, "element"));
        } else if (str_is(json_get_text(json, "status"), "to_rate")) {
            snprintf(cycle->element, sizeof(cycle->element), "rate");
        } else {
            cycle->case_id[0] = '\0';
            cycles_done++;
        }
    }
    arena_release(&arena);
    return good;
}

static int read_actors(const char *path)
{
    int count = 0;
    FILE *file = fopen(path, "r");
    while (file && count < ACTORS_MAX &&
           fscanf(file, "%31s %127s %127s %127s", actors[count].enterprise, actors[count].contact,
                  actors[count].member, actors[count].leader) == 4)
        count++;
    if (file)
        fclose(file);
    return count;
}

int main(int argc, char **argv)
{
    int known = argc == 6 ? read_actors(argv[3]) : 0;
    if (known == 0) {
        fprintf(stderr, "usage: %s HOST PORT ACTORS CYCLES CONNECTIONS\n", argv[0]);
        return 2;
    }
    int connections = atoi(argv[5]);
    cycles_left = atoll(argv[4]);
    struct cycle *cycles = calloc((size_t)connections, sizeof(*cycles));
    void **contexts = calloc((size_t)connections, sizeof(*contexts));
    for (int i = 0; i < connections; i++) {
        cycles[i].actor = &actors[i % known];
        contexts[i] = &cycles[i];
    }
    struct load_plan plan = {.host = argv[1],
                             .port = atoi(argv[2]),
                             .connections = connections,
                             .next = next_step,
                             .answer = take_answer,
                             .contexts = contexts};
    struct load_result result;
    if (load_run(&plan, &result) != OK) {
        fprintf(stderr, "%s\n", err_last()->detail);
        return 1;
    }
    double seconds = (double)result.elapsed_us / 1e6;
    printf("cycles %lld commands %lld seconds %.2f cycles_per_s %.0f commands_per_s %.0f "
           "p50_us %lld p99_us %lld\n",
           (long long)cycles_done, (long long)result.requests, seconds,
           (double)cycles_done / seconds, (double)result.requests / seconds,
           (long long)result.p50_us, (long long)result.p99_us);
    free(contexts);
    free(cycles);
    return 0;
}
