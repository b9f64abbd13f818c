/* Live changes: after each commit, what is new in the journal goes to the open pages that may see
 * it, as server-sent events.
 *
 * One thread reads the new entries once and offers them to all listeners. Each listener has a place
 * in the journal and a short queue; whoever reads slower than things happen is served from the
 * journal again when the queue has room. So nothing is lost, and memory stays bounded.
 */
#ifndef CHANNEL_HUB_H
#define CHANNEL_HUB_H

#include "http/http.h"
#include "park/access.h"

struct hub;

/* Opens its own connection to the store. ERR_IO. */
MUST_USE enum err hub_start(const char *store, struct hub **out);
/* After the server has ended all streams. NULL is a no-op. */
void hub_free(struct hub *hub);

/* The journal has grown; from any thread, never blocks. */
void hub_notify(struct hub *hub);

/* Answers the request with a stream of what `who` may see: from now on if `after_seq` is negative,
 * else behind that journal entry. ERR_BUSY past LIMIT_SSE_STREAMS. */
MUST_USE enum err hub_listen(struct hub *hub, struct http_request *request,
                             const struct principal *who, int64_t after_seq);

#endif
