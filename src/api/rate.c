#include "api/inside.h"
#include "base/clock.h"

enum { RATE_SLOTS = 4096 }; /* Keys that share a slot share its bucket: memory stays bounded. */

struct rate_table {
    pthread_mutex_t lock;
    double per_us, burst;
    struct {
        double tokens;
        int64_t at_us;
    } slots[RATE_SLOTS];
};

struct rate_table *rate_new(struct arena *arena, double per_second, double burst)
{
    struct rate_table *table = ARENA_NEW(arena, struct rate_table);
    pthread_mutex_init(&table->lock, NULL);
    table->per_us = per_second / (double)SECOND_US;
    table->burst = burst;
    return table;
}

enum err rate_take(struct rate_table *table, struct hash key)
{
    if (!table)
        return OK;
    size_t slot = (size_t)(key.bytes[0] | key.bytes[1] << 8) % RATE_SLOTS;
    int64_t now = clock_monotonic_us();
    pthread_mutex_lock(&table->lock);
    double tokens =
        table->slots[slot].at_us == 0
            ? table->burst
            : table->slots[slot].tokens + (double)(now - table->slots[slot].at_us) * table->per_us;
    if (tokens > table->burst)
        tokens = table->burst;
    bool good = tokens >= 1;
    table->slots[slot].tokens = good ? tokens - 1 : tokens;
    table->slots[slot].at_us = now;
    pthread_mutex_unlock(&table->lock);
    return good ? OK : err_refuse(ERR_RATE, "rate", "too many requests; wait a moment");
}
