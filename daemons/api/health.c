/* Health, for whoever balances load or watches from outside: alive is who answers; ready is when every daemon does.
 * Needs no ticket, tells nothing else, and asks the daemons at most once a second however often it is asked.
 * Rights: the front end; the daemons' lines. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GOOD_FOR_MS = 1000, WAIT_MS = 2000, WAITERS_MAX = 1024 };

struct waiter {
        struct waiter *next;
        struct exchange *exchange;
};

static struct {
        uint64_t at_ms; /* of the last result; 0: none */
        bool ready;
        unsigned open;
        struct wire_ask *asks[API_LINES_MAX];
        bool good[API_LINES_MAX];
        struct waiter *waiters;
        unsigned waiting;
        struct loop_watch *timer;
} probe;

static void answer(struct exchange *exchange, bool good)
{
        const char *text = good ? "{\"status\":\"ok\"}" : "{\"status\":\"starting\"}";

        exchange_field(exchange, "Content-Type", "application/json");
        if (!good)
                exchange_field(exchange, "Retry-After", "1");
        exchange_answer(exchange, good ? 200 : 503, text, strlen(text));
}

static void finish(void)
{
        loop_unwatch(TAKE(probe.timer));
        probe.ready = true;
        for (size_t i = 0; i < api.line_count; i++) {
                if (probe.asks[i] != NULL)
                        wire_ask_cancel(TAKE(probe.asks[i]));
                probe.ready &= probe.good[i];
        }
        probe.open = 0;
        probe.at_ms = clock_boot_ms();
        while (probe.waiters != NULL) {
                struct waiter *waiter = probe.waiters;
                probe.waiters = waiter->next;
                probe.waiting--;
                exchange_on_gone(waiter->exchange, NULL, NULL);
                answer(waiter->exchange, probe.ready);
                free(waiter);
        }
}

static void took_too_long(void *context)
{
        (void)context;
        finish();
}

static void told(const struct wire_answer *told_answer, void *context)
{
        size_t at = (size_t)((struct wire_ask **)context - probe.asks);

        probe.asks[at] = NULL;
        probe.good[at] = told_answer->failure == NULL;
        if (told_answer->fd >= 0)
                close(told_answer->fd);
        if (--probe.open == 0)
                finish();
}

static void begin(void)
{
        probe.open = (unsigned)api.line_count;
        probe.timer = loop_timer(api.loop, WAIT_MS, took_too_long, NULL);
        for (size_t i = 0; i < api.line_count; i++) {
                probe.good[i] = false;
                probe.asks[i] = wire_line_call(api.lines[i].line, "org.varlink.service.GetInfo", "{}", 2, WIRE_QUICK,
                                               told, &probe.asks[i]);
        }
}

static void gone(struct exchange *exchange, void *context)
{
        struct waiter **at = &probe.waiters;

        (void)context;
        while (*at != NULL && (*at)->exchange != exchange)
                at = &(*at)->next;
        if (*at == NULL)
                return;
        struct waiter *waiter = *at;
        *at = waiter->next;
        probe.waiting--;
        free(waiter);
}

static void ready(struct exchange *exchange)
{
        if (probe.open == 0 && probe.at_ms > 0 && clock_boot_ms() - probe.at_ms < GOOD_FOR_MS) {
                answer(exchange, probe.ready);
                return;
        }
        if (probe.waiting >= WAITERS_MAX) {
                answer(exchange, false);
                return;
        }
        struct waiter *waiter = mem_new(1, sizeof(*waiter));
        *waiter = (struct waiter){probe.waiters, exchange};
        probe.waiters = waiter;
        probe.waiting++;
        exchange_on_gone(exchange, gone, NULL);
        if (probe.open == 0)
                begin();
}

bool health_serve(struct exchange *exchange, struct http_text path)
{
        ASSERT(exchange != NULL);
        if (http_text_is(path, "/api/system/live"))
                answer(exchange, true);
        else if (http_text_is(path, "/api/system/ready"))
                ready(exchange);
        else
                return false;
        return true;
}
