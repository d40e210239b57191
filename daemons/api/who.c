/* Who asks: a ticket as it is, or an API key or session cookie that the users daemon gives one for. Tickets are
 * remembered until shortly before they expire, and looked at again with every request, so that what was taken back is
 * refused at once. Requests that bring the same proof at the same time share one question.
 * Rights: the front end; the users daemon's line and the published trust. Proofs pass through and are kept nowhere. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/mem.h"
#include "value/credential.h"

#include <stdlib.h>
#include <string.h>

enum { EARLY_MS = 30 * 1000, EXCHANGES_MAX = 64, WAITERS_MAX = 4096 };

struct waiter {
        struct waiter *next;
        struct exchange *exchange;
        who_known *known;
        void *context;
        bool by_cookie;
};

struct exchanging { /* one question under way */
        struct exchanging *next;
        uint8_t name[HASH_BYTES], from[TRIES_FROM_SIZE];
        struct waiter *waiters;
};

static struct {
        struct who_cache *cache;
        struct tries *tries;
        struct exchanging *exchanging;
        unsigned count, waiters;
} who;

/* --- telling --- */

static void refuse(struct exchange *exchange, bool by_cookie)
{
        if (trust_now(api.trust) == NULL) { /* nobody's is good then, and it is not theirs */
                problem_tell(exchange,
                             &(struct problem){.status = 503,
                                               .detail = "The keys that tickets are checked with cannot be read.",
                                               .next = "Does the users daemon run?",
                                               .retry_s = 1});
                return;
        }
        if (by_cookie)
                cookies_clear_session(exchange);
        problem_answer(exchange, 401, NULL, "This ticket, key or session is not good.", "Sign in again.");
}

/* true: it has told. */
static bool tell(struct exchange *exchange, const char *ticket, bool by_cookie, who_known *known, void *context)
{
        struct bearer bearer = {.text = ticket, .by_cookie = by_cookie};

        trust_moment(api.trust, clock_boot_ms()); /* the daemons look themselves: a millisecond ago is early enough */
        int good = ticket_check(api.trust, ticket, &bearer.ticket, NULL);
        trust_moment(api.trust, 0);
        if (good < 0)
                return false;
        known(exchange, &bearer, context);
        return true;
}

/* --- asking the users daemon --- */

static struct waiter *take_waiter(struct exchanging *exchanging)
{
        struct waiter *waiter = exchanging->waiters;

        exchanging->waiters = waiter->next;
        who.waiters--;
        exchange_on_gone(waiter->exchange, NULL, NULL);
        return waiter;
}

static void unlink_exchanging(struct exchanging *exchanging)
{
        struct exchanging **at = &who.exchanging;

        while (*at != exchanging)
                at = &(*at)->next;
        *at = exchanging->next;
        who.count--;
}

static const char *token_of(const struct wire_answer *answer, struct json **ret_document)
{
        struct json *document = answer->error == NULL && answer->failure == NULL
                                        ? json_parse(answer->parameters, answer->length, NULL)
                                        : NULL;
        const struct json *token = json_type_of(document) == JSON_OBJECT ? json_member(document, "token") : NULL;

        *ret_document = document;
        return json_type_of(token) == JSON_TEXT ? json_text(token, NULL) : NULL;
}

static bool is_wrong(const struct wire_answer *answer)
{
        return answer->error != NULL && (strcmp(answer->error, "nas.error.Unauthenticated") == 0 ||
                                         strcmp(answer->error, "nas.error.Invalid") == 0);
}

/* Unauthenticated is told in our own words, whatever else is wrong in the daemon's. */
static void fail(const struct waiter *waiter, const struct wire_answer *answer)
{
        if (answer->failure != NULL || (answer->error != NULL && !is_wrong(answer)))
                problem_varlink(waiter->exchange, answer);
        else
                refuse(waiter->exchange, waiter->by_cookie);
}

static void exchanged(const struct wire_answer *answer, void *context)
{
        struct exchanging *exchanging = context;
        struct json *document CLEANUP(json_freep) = NULL;
        const char *token = token_of(answer, &document);
        struct ticket ticket;

        unlink_exchanging(exchanging);
        if (is_wrong(answer))
                tries_was_wrong(who.tries, exchanging->from, exchanging->name, clock_boot_ms());
        else
                tries_give_back(who.tries, exchanging->from);
        if (token != NULL && ticket_check(api.trust, token, &ticket, NULL) == 0 &&
            ticket.not_after_ms > clock_boot_ms() + EARLY_MS)
                who_cache_put(who.cache, exchanging->name, token, ticket.not_after_ms - EARLY_MS);
        while (exchanging->waiters != NULL) {
                struct waiter *waiter = take_waiter(exchanging);
                if (token == NULL || !tell(waiter->exchange, token, waiter->by_cookie, waiter->known, waiter->context))
                        fail(waiter, answer);
                free(waiter);
        }
        free(exchanging);
}

/* The question goes on without it: the next request finds its answer. */
static void waiter_gone(struct exchange *exchange, void *context)
{
        struct exchanging *exchanging = context;
        struct waiter **at = &exchanging->waiters;

        while (*at != NULL && (*at)->exchange != exchange)
                at = &(*at)->next;
        if (*at == NULL)
                return;
        struct waiter *waiter = *at;
        *at = waiter->next;
        who.waiters--;
        free(waiter);
}

static void ask(struct exchanging *exchanging, struct exchange *exchange, struct http_text proof)
{
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        const struct api_method *method = api_method_find("nas.users.Exchange");
        size_t length;

        json_out_object(out);
        json_out_key(out, "credential");
        json_out_text_n(out, proof.bytes, proof.length);
        caller_write(out, &(struct api_caller){.request = exchange_request_id(exchange),
                                               .address = exchange_address(exchange)});
        json_out_object_end(out);
        const char *parameters = json_out_bytes(out, &length);
        exchanging->next = who.exchanging;
        who.exchanging = exchanging;
        who.count++;
        wire_line_call(method->line->line, method->name, parameters, length, WIRE_ALONE, exchanged, exchanging);
}

static struct exchanging *find_exchanging(const uint8_t name[HASH_BYTES])
{
        struct exchanging *exchanging = who.exchanging;

        while (exchanging != NULL && memcmp(exchanging->name, name, HASH_BYTES) != 0)
                exchanging = exchanging->next;
        return exchanging;
}

static void refuse_for_now(struct exchange *exchange, const char *detail, const char *next, unsigned retry_s)
{
        problem_tell(exchange, &(struct problem){.status = 429, .detail = detail, .next = next, .retry_s = retry_s});
}

/* A new question, when its address may have one more. NULL: it may not, and was told so. */
static struct exchanging *begin(struct exchange *exchange, struct http_text proof, const uint8_t name[HASH_BYTES])
{
        struct exchanging *exchanging = mem_new(1, sizeof(*exchanging));

        tries_from(exchange_address(exchange), exchanging->from);
        unsigned wait_s = tries_charge(who.tries, exchanging->from, clock_boot_ms());
        if (wait_s > 0) {
                free(exchanging);
                refuse_for_now(exchange, "Too many keys and sessions that are not good came from your address.",
                               "Wait, and look for what sends them.", wait_s);
                return NULL;
        }
        memcpy(exchanging->name, name, HASH_BYTES);
        ask(exchanging, exchange, proof);
        return exchanging;
}

static void wait_for(struct exchange *exchange, struct http_text proof, const uint8_t name[HASH_BYTES],
                     const struct waiter *like)
{
        struct exchanging *exchanging = find_exchanging(name);

        if (who.waiters >= WAITERS_MAX || (exchanging == NULL && who.count >= EXCHANGES_MAX)) {
                refuse_for_now(exchange, "Too many keys and sessions are being looked at.", "Try again in a moment.",
                               1);
                return;
        }
        if (exchanging == NULL)
                exchanging = begin(exchange, proof, name);
        if (exchanging == NULL)
                return;
        struct waiter *waiter = mem_new(1, sizeof(*waiter));
        *waiter = *like;
        waiter->next = exchanging->waiters;
        exchanging->waiters = waiter;
        who.waiters++;
        exchange_on_gone(exchange, waiter_gone, exchanging);
}

static void exchange_proof(struct exchange *exchange, struct http_text proof, const struct waiter *waiter)
{
        uint8_t name[HASH_BYTES], from[TRIES_FROM_SIZE];
        struct credential credential;
        bool good = credential_read(proof.bytes, proof.length, &credential) == 0 &&
                    credential.kind == (waiter->by_cookie ? CREDENTIAL_SESSION : CREDENTIAL_KEY);

        crypto_wipe(&credential, sizeof(credential));
        if (!good) {
                refuse(exchange, waiter->by_cookie);
                return;
        }
        if (who.cache == NULL) {
                who.cache = who_cache_new();
                who.tries = tries_new();
        }
        who_cache_name(who.cache, proof, waiter->by_cookie ? "" : exchange_address(exchange), name);
        const char *ticket = who_cache_find(who.cache, name, clock_boot_ms());
        if (ticket != NULL && tell(exchange, ticket, waiter->by_cookie, waiter->known, waiter->context))
                return;
        who_cache_drop(who.cache, name);
        tries_from(exchange_address(exchange), from);
        if (tries_is_wrong(who.tries, from, name, clock_boot_ms()))
                refuse(exchange, waiter->by_cookie);
        else
                wait_for(exchange, proof, name, waiter);
}

/* --- what came with the request --- */

static bool begins(struct http_text text, const char *with)
{
        return text.length >= strlen(with) && strncasecmp(text.bytes, with, strlen(with)) == 0;
}

/* The proof of an Authorization field; nothing: it is none that we know. */
static struct http_text proof_of(struct http_text field)
{
        if (!begins(field, "Bearer "))
                return (struct http_text){NULL, 0};
        struct http_text proof = {field.bytes + 7, field.length - 7};
        while (proof.length > 0 && *proof.bytes == ' ')
                proof = (struct http_text){proof.bytes + 1, proof.length - 1};
        return proof;
}

void who_bears(struct exchange *exchange, struct http_text proof, who_known *known, void *context)
{
        ASSERT(exchange != NULL && known != NULL);
        if (proof.length == 0 || proof.length >= TICKET_TEXT_MAX || memchr(proof.bytes, '\0', proof.length) != NULL) {
                refuse(exchange, false);
        } else if (begins(proof, "bht1_")) {
                if (!tell(exchange, arena_text(exchange_arena(exchange), proof.bytes, proof.length), false, known,
                          context))
                        refuse(exchange, false);
        } else {
                exchange_proof(exchange, proof,
                               &(struct waiter){.exchange = exchange, .known = known, .context = context});
        }
}

/* A cookie goes with every request of a browser, whichever page made it. A page of ours says so. */
static bool is_our_page(const struct exchange *exchange, struct http_text session, bool changes)
{
        const struct http_head *head = exchange_head(exchange);
        const struct http_text *token = http_head_field(head, "x-csrf-token");
        char wanted[CSRF_SIZE];

        if (!changes && !head->upgrade)
                return true;
        if (!guard_origin_is_own(exchange))
                return false;
        csrf_of(session, wanted);
        return !changes ||
               (token != NULL && token->length == CSRF_SIZE - 1 && crypto_equal(token->bytes, wanted, CSRF_SIZE - 1));
}

static void by_cookie(struct exchange *exchange, bool changes, who_known *known, void *context)
{
        struct http_text session = http_cookie(exchange_head(exchange), IDL_COOKIE_PREFIX "session");
        const struct bearer nobody = {.text = ""};

        if (session.bytes == NULL)
                known(exchange, &nobody, context);
        else if (!is_our_page(exchange, session, changes))
                problem_answer(exchange, 403, NULL, "This does not come from a page of this machine.",
                               "Send the header X-CSRF-Token with what the cookie __Host-bulkhead-csrf says.");
        else
                exchange_proof(
                        exchange, session,
                        &(struct waiter){.exchange = exchange, .known = known, .context = context, .by_cookie = true});
}

void who_asks(struct exchange *exchange, bool changes, who_known *known, void *context)
{
        ASSERT(exchange != NULL && known != NULL);
        const struct http_head *head = exchange_head(exchange);
        unsigned at = 0;
        const struct http_text *field = http_head_each(head, "authorization", &at);

        if (field == NULL)
                by_cookie(exchange, changes, known, context);
        else if (http_head_each(head, "authorization", &at) != NULL)
                refuse(exchange, false);
        else
                who_bears(exchange, proof_of(*field), known, context);
}

/* --- staying --- */

struct refreshing {
        void (*fresh)(const char *ticket, void *context);
        void *context;
};

static void refreshed(const struct wire_answer *answer, void *context)
{
        struct refreshing *refreshing = context;
        struct json *document CLEANUP(json_freep) = NULL;

        refreshing->fresh(token_of(answer, &document), refreshing->context);
        free(refreshing);
}

void who_refresh(const char *ticket, const char *address, void (*fresh)(const char *ticket, void *context),
                 void *context)
{
        ASSERT(ticket != NULL && fresh != NULL);
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        const struct api_method *method = api_method_find("nas.users.Refresh");
        struct refreshing *refreshing = mem_new(1, sizeof(*refreshing));
        size_t length;

        *refreshing = (struct refreshing){fresh, context};
        json_out_object(out);
        caller_write(out, &(struct api_caller){.ticket = ticket, .address = address});
        json_out_object_end(out);
        const char *parameters = json_out_bytes(out, &length);
        wire_line_call(method->line->line, method->name, parameters, length, WIRE_ALONE, refreshed, refreshing);
}
