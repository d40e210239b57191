/* GET /api/stream: who asks is found as for every request, then the connection becomes a WebSocket. Pages of ours bring
 * the session's cookie, and their Origin is looked at; others bring a ticket or key, in the field Authorization or, as
 * browsers can set no field here, as one more protocol: "bulkhead.stream, bearer.TICKET".
 * Rights: the front end. */
#include "daemons/api/stream/stream.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <string.h>

#define PROTOCOL "bulkhead.stream"
#define BEARER   "bearer."

static struct {
        struct stream_counts counts;
        struct loop_watch *looking;
} stream;

/* --- the look at tickets and daemons --- */

static void look(void *context)
{
        uint64_t now_ms = clock_boot_ms();

        (void)context;
        holders_look(now_ms);
        topics_look(now_ms);
        if (stream.counts.connections == 0 && !topics_are_there()) {
                loop_unwatch(stream.looking);
                stream.looking = NULL;
        }
}

void stream_count(int connections, int watches)
{
        stream.counts.connections += (unsigned)connections;
        stream.counts.watches += (unsigned)watches;
        if (stream.looking == NULL && connections > 0)
                stream.looking = loop_every(api.loop, STREAM_LOOK_MS, look, NULL);
}

const struct stream_counts *stream_counts(void)
{
        stream.counts.upstream = topics_upstream();
        return &stream.counts;
}

/* --- what the client offers --- */

static bool next_token(struct http_text *list, struct http_text *ret_token)
{
        while (list->length > 0 && strchr(", \t", *list->bytes) != NULL)
                *list = (struct http_text){list->bytes + 1, list->length - 1};
        *ret_token = (struct http_text){list->bytes, 0};
        while (list->length > 0 && strchr(", \t", *list->bytes) == NULL) {
                ret_token->length++;
                *list = (struct http_text){list->bytes + 1, list->length - 1};
        }
        return ret_token->length > 0;
}

struct offer {
        bool ours;              /* PROTOCOL */
        struct http_text proof; /* length 0: none */
        unsigned proofs;
};

static struct offer read_offer(const struct http_head *head)
{
        struct offer offer = {.ours = false};
        struct http_text token;
        unsigned at = 0;

        for (const struct http_text *field; (field = http_head_each(head, "sec-websocket-protocol", &at)) != NULL;) {
                struct http_text list = *field;
                while (next_token(&list, &token)) {
                        offer.ours |= http_text_is(token, PROTOCOL);
                        if (token.length <= strlen(BEARER) || memcmp(token.bytes, BEARER, strlen(BEARER)) != 0)
                                continue;
                        offer.proof = (struct http_text){token.bytes + strlen(BEARER), token.length - strlen(BEARER)};
                        offer.proofs++;
                }
        }
        return offer;
}

/* --- the greeting --- */

static void known(struct exchange *exchange, const struct bearer *bearer, void *context)
{
        struct offer offer = read_offer(exchange_head(exchange));

        (void)context;
        if (*bearer->text == '\0')
                problem_answer(exchange, 401, NULL, "The stream needs a ticket, an API key or a session.",
                               "Sign in first.");
        else if (stream.counts.connections >= STREAM_CONNECTIONS_MAX)
                problem_tell(exchange, &(struct problem){.status = 503,
                                                         .detail = "Too many streams are open.",
                                                         .next = "Try again in a moment.",
                                                         .retry_s = 10});
        else
                client_new(exchange, offer.ours ? PROTOCOL : NULL, bearer);
}

void stream_serve(struct exchange *exchange)
{
        ASSERT(exchange != NULL);
        int status = websocket_asked(exchange_head(exchange));
        struct offer offer = read_offer(exchange_head(exchange));

        if (status == 426)
                exchange_field(exchange, "Upgrade", "websocket");
        if (status != 0)
                problem_answer(exchange, status, NULL, "This is a WebSocket (RFC 6455), version 13.",
                               "See /api/docs, the stream.");
        else if (offer.proofs > 1 || (offer.proofs == 1 && !offer.ours)) /* a ticket is never sent back */
                problem_answer(exchange, 400, NULL, "Offer the protocol " PROTOCOL " with one ticket or key.", NULL);
        else if (offer.proofs == 1)
                who_bears(exchange, offer.proof, known, NULL);
        else
                who_asks(exchange, false, known, NULL);
}
