#include "base/id.h"

#include <stdatomic.h>

#include "base/clock.h"

enum { ID_COUNTER_BITS = 22 };

static const int64_t ID_EPOCH_US = INT64_C(1577836800) * SECOND_US; /* 2020-01-01 UTC */

static _Atomic int64_t last_id;

int64_t id_next(int64_t now_us)
{
    int64_t ms = now_us > ID_EPOCH_US ? (now_us - ID_EPOCH_US) / 1000 : 0;
    int64_t wanted = ms << ID_COUNTER_BITS;
    int64_t seen = atomic_load(&last_id), next;
    do
        next = wanted > seen ? wanted : seen + 1;
    while (!atomic_compare_exchange_weak(&last_id, &seen, next));
    return next;
}

void id_after(int64_t stored)
{
    int64_t seen = atomic_load(&last_id);
    while (seen < stored && !atomic_compare_exchange_weak(&last_id, &seen, stored))
        ;
}

int64_t id_time_us(int64_t id)
{
    return (id >> ID_COUNTER_BITS) * 1000 + ID_EPOCH_US;
}
