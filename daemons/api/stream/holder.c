/* Who is behind connections: one session or API key, with the freshest of its tickets. All its connections share it, so
 * one question renews them all, and one look tells whether they may stay.
 * Rights: the front end; the published trust, and the users daemon's line by who_refresh. */
#include "daemons/api/stream/stream.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1024, AGAIN_MS = 10 * 1000 };

static struct {
        struct holder *buckets[BUCKETS];
        uint64_t generation;
        unsigned count, refreshing;
} holders;

static size_t bucket_of(const struct ticket *ticket)
{
        return (size_t)((ticket->session * 31 + ticket->subject) % BUCKETS);
}

/* The same rights for the same reason: what ends the one ends the other. */
static bool is_same(const struct ticket *a, const struct ticket *b)
{
        return a->subject == b->subject && a->role == b->role && a->scopes == b->scopes && a->source == b->source &&
               a->session == b->session && a->epoch == b->epoch;
}

/* A key may be good from some networks only, and is renewed from where it is used. */
static bool is_its_place(const struct holder *holder, const char *address)
{
        return holder->ticket.source != SOURCE_KEY || strcmp(holder->address, address) == 0;
}

static void take_ticket(struct holder *holder, const char *text, const struct ticket *ticket)
{
        if (holder->text != NULL)
                crypto_wipe(holder->text, strlen(holder->text));
        free(holder->text);
        holder->text = mem_copy_text(text);
        holder->ticket = *ticket;
}

struct holder *holder_get(const struct bearer *bearer, const char *address)
{
        ASSERT(bearer != NULL && address != NULL);
        struct holder **bucket = &holders.buckets[bucket_of(&bearer->ticket)], *holder = *bucket;

        while (holder != NULL && !(is_same(&holder->ticket, &bearer->ticket) && is_its_place(holder, address)))
                holder = holder->next;
        if (holder == NULL) {
                holder = mem_new(1, sizeof(*holder));
                holder->address = mem_copy_text(address);
                holder->next = *bucket;
                *bucket = holder;
                holders.count++;
                take_ticket(holder, bearer->text, &bearer->ticket);
        } else if (bearer->ticket.not_after_ms > holder->ticket.not_after_ms) {
                take_ticket(holder, bearer->text, &bearer->ticket);
        }
        holder->holders++;
        return holder;
}

void holder_drop(struct holder *holder)
{
        ASSERT(holder != NULL && holder->holders > 0);
        if (--holder->holders > 0)
                return;
        struct holder **at = &holders.buckets[bucket_of(&holder->ticket)];
        while (*at != holder)
                at = &(*at)->next;
        *at = holder->next;
        holders.count--;
        crypto_wipe(holder->text, strlen(holder->text));
        free(holder->text);
        free(holder->address);
        free(holder);
}

bool holder_holds(const struct holder *holder)
{
        ASSERT(holder != NULL);
        return holder->ticket.not_after_ms > clock_boot_ms() && !ticket_revoked(api.trust, &holder->ticket);
}

/* --- the end --- */

static void send_away(struct holder *holder)
{
        const struct failure failure = {
                .code = FAILURE_UNAUTHENTICATED, .message = "This session or key is over.", .next = "Sign in again."};

        for (struct client *client = holder->clients; client != NULL; client = client->next) {
                if (client->closing)
                        continue;
                client_fail(client, -1, &failure);
                client_close(client, STREAM_SIGNED_OUT, "Sign in again.");
        }
}

/* --- staying --- */

static void refreshed(const char *text, void *context)
{
        struct holder *holder = context;
        struct ticket ticket;

        holders.refreshing--;
        if (text != NULL && ticket_check(api.trust, text, &ticket, NULL) == 0 && is_same(&ticket, &holder->ticket) &&
            ticket.not_after_ms > holder->ticket.not_after_ms)
                take_ticket(holder, text, &ticket);
        holder_drop(holder);
}

static void refresh(struct holder *holder, uint64_t now_ms)
{
        if (holder->ticket.not_after_ms > now_ms + STREAM_EARLY_MS || holder->again_ms > now_ms ||
            holder->clients == NULL || holders.refreshing >= STREAM_REFRESHING_MAX)
                return;
        holder->again_ms = now_ms + AGAIN_MS;
        holder->holders++;
        holders.refreshing++;
        who_refresh(holder->text, holder->address, refreshed, holder);
}

static void look(struct holder *holder, uint64_t now_ms, bool moved)
{
        if (holder->ticket.not_after_ms <= now_ms || (moved && ticket_revoked(api.trust, &holder->ticket)))
                send_away(holder);
        else
                refresh(holder, now_ms);
}

void holders_look(uint64_t now_ms)
{
        uint64_t generation = trust_generation(api.trust);
        bool moved = generation != holders.generation;

        holders.generation = generation;
        for (size_t i = 0; i < BUCKETS && holders.count > 0; i++)
                for (struct holder *holder = holders.buckets[i]; holder != NULL; holder = holder->next)
                        look(holder, now_ms, moved);
}
