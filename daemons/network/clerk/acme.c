/* Certificates that come by themselves (ACME): what a person settles, and what follows from it without one: ordering a
 * new one in time, and asking the hand to take what was fetched. The hand does either only while it has the settings.
 * Rights: the network clerk; asks its hand. */
#include "daemons/network/clerk/network.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define LETS_ENCRYPT "https://acme-v02.api.letsencrypt.org/directory"
enum { HOUR_S = 3600, LEAST_PAUSE_S = 15, MOST_PAUSE_S = 6 * HOUR_S, AGAIN_S = 60, NAMES_MAX = 32 };

enum acme_statement { ACME_WANTED = CHANGE_STATEMENT_COUNT, ACME_STOPPED, NETWORK_STATEMENT_END };
const struct db_statement network_statements[] = {
        CHANGE_STATEMENTS("network"),
        {"acme_wanted",
         "insert into network.acme (directory, names, email) values ($1, $2, $3) on conflict (one) do update set "
         "directory = excluded.directory, names = excluded.names, email = excluded.email, accepted = now(), stopped = "
         "null",
         3},
        {"acme_stopped", "update network.acme set stopped = now() where stopped is null", 0},
};
const size_t network_statement_count = ARRAY_SIZE(network_statements);
_Static_assert(ARRAY_SIZE(network_statements) == NETWORK_STATEMENT_END, "one statement a name");

void network_settle(struct db_batch *batch, const struct action *action)
{
        if (action->operation == NETWORK_ACME_STOP)
                db_add(batch, clerk.first_statement + ACME_STOPPED, NULL);
        if (action->operation != NETWORK_ACME_CONFIGURE || action->count < 4)
                return;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const char *names = action->values[3].text;
        for (size_t i = 4; i < action->count; i++)
                names = arena_printf(arena, "%s,%s", names, action->values[i].text);
        db_add(batch, clerk.first_statement + ACME_WANTED,
               (const char *[]){action->values[0].text, names, action->values[1].text});
}

/* --- what goes on by itself --- */

static struct {
        bool asking;
        int64_t quiet_until_s;
        bool seen, failed; /* the last state that was written down */
} look;

static void note_event(const char *method, const char *outcome, const char *detail)
{
        struct change_event event = {.method = method,
                                     .object = "certificate",
                                     .outcome = outcome,
                                     .detail = detail,
                                     .actor_name = "network-clerk",
                                     .source = "by itself",
                                     .request = "",
                                     .actor = UINT32_MAX};
        changes_event(clerk.changes, &event, NULL, NULL, NULL);
}

struct wish { /* on its way to the hand */
        struct arena *arena;
        uint16_t operation;
        const char *fingerprint;
};

static void on_done(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        (void)output;
        (void)output_length;
        struct wish *wish = context;
        bool good = reply && reply->outcome == OUTCOME_SUCCESS;
        look.asking = false;
        if (!good) {
                look.quiet_until_s = now_s() + AGAIN_S;
                log_warn("the hand does not %s: %s",
                         wish->operation == NETWORK_ACME_TAKE ? "take the certificate" : "order a certificate",
                         reply ? reply->failure.message : "it went away");
        } else if (wish->operation == NETWORK_ACME_TAKE) {
                note_event("nas.network.TakeCertificate", "success",
                           arena_printf(wish->arena, "{\"fingerprint\":\"%s\"}", wish->fingerprint));
        }
        arena_free(wish->arena);
        live_reload();
}

static void ask(uint16_t operation, const struct tls_facts *facts)
{
        struct arena *arena = arena_new();
        struct wish *wish = arena_alloc(arena, sizeof(*wish));
        *wish = (struct wish){.arena = arena, .operation = operation};
        struct value value = {.text = ""};
        if (facts) {
                wish->fingerprint = fingerprint_digits(facts, arena);
                value = (struct value){.text = wish->fingerprint, .length = (uint16_t)strlen(wish->fingerprint)};
        }
        struct action action = {.operation = operation, .count = facts ? 1 : 0, .values = &value};
        struct request request = {.kind = RECORD_ASK, .ticket = "", .warrant = ""};
        request.plan = action_encode(&action, arena, &request.plan_length);
        crypto_random(request.id, sizeof(request.id));
        look.asking = true;
        hand_send(clerk.hand, &request, NULL, on_done, wish);
}

/* Fetched for these settings, and fit to be put in force: else NULL. */
static const struct tls_facts *usable(const struct acme *acme)
{
        const struct tls_facts *facts = live_facts(PLACE_FETCHED);
        if (!facts || facts->self_signed || acme->fetched_us < acme->settled_us || now_s() >= facts->not_after_s)
                return NULL;
        for (size_t i = 0; i < acme->name_count; i++) {
                bool covered = false;
                for (unsigned n = 0; n < facts->name_count && !covered; n++)
                        covered = certificate_covers(facts->names[n], acme->names[i]);
                if (!covered)
                        return NULL;
        }
        return facts;
}

/* A third of its time is left, or there is none. Then: not too often, and more often the less time is left. */
static bool is_due(const struct acme *acme, const struct tls_facts *facts)
{
        int64_t now = now_s(), since = now - acme->ordered_us / 1000000;
        if (acme->ordered_us < acme->settled_us) /* ordered together with the settings, but that was lost */
                return true;
        if (acme_state(acme) == NAS_NETWORK_ACME_STATE_ORDERED)
                return false;
        if (!facts)
                return since >= HOUR_S;
        int64_t left = facts->not_after_s - now, pause = left / 8;
        if (left > (facts->not_after_s - facts->not_before_s) / 3)
                return false;
        return since >= (pause < LEAST_PAUSE_S ? LEAST_PAUSE_S : pause > MOST_PAUSE_S ? MOST_PAUSE_S : pause);
}

static void note_state(const struct acme *acme)
{
        bool failed = acme->enrolled && acme_state(acme) == NAS_NETWORK_ACME_STATE_FAILED;
        if (look.seen && failed != look.failed) {
                topic_changed(topics.certificate);
                if (failed) {
                        log_warn("the certificate could not be fetched: %s", acme->message);
                        note_event("nas.network.FetchCertificate", "failed", "{}");
                }
        }
        look.seen = true;
        look.failed = failed;
}

void acme_look(void)
{
        const struct acme *acme = acme_now();
        note_state(acme);
        if (!acme->enrolled || look.asking || now_s() < look.quiet_until_s)
                return;
        const struct tls_facts *facts = usable(acme), *installed = live_facts(PLACE_INSTALLED);
        if (facts && (!installed || strcmp(installed->fingerprint, facts->fingerprint) != 0))
                ask(NETWORK_ACME_TAKE, facts);
        else if (is_due(acme, facts))
                ask(NETWORK_ACME_DUE, NULL);
}

/* --- what a person settles --- */

struct nas_network_acme acme_describe(const struct acme *acme, struct arena *arena)
{
        ASSERT(acme && arena);
        char *ordered = arena_alloc(arena, RFC3339_SIZE);
        clock_format(acme->ordered_us, ordered);
        enum nas_network_acme_state state = acme_state(acme);
        bool failed = state == NAS_NETWORK_ACME_STATE_FAILED;
        const char *none = "Nothing was said: is lego installed? journalctl -u bulkhead-acme tells more.";
        return (struct nas_network_acme){.directory = acme->directory,
                                         .names = acme->names,
                                         .names_count = acme->name_count,
                                         .email = acme->email,
                                         .state = state,
                                         .ordered = acme->ordered_us > 0 ? ordered : NULL,
                                         .message = !failed          ? NULL
                                                    : *acme->message ? acme->message
                                                                     : none};
}

static void answer(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        if (acme_now()->enrolled) {
                struct nas_network_enrol_acme_out now = {.acme = acme_describe(acme_now(), arena)};
                nas_network_enrol_acme_out_write(out, &now);
                return;
        }
        json_out_object(out);
        json_out_object_end(out);
}

static int plan_enrol(struct change *change, const struct nas_network_enrol_acme_in *in, struct failure *failure)
{
        if (!in->terms_accepted)
                return failure_set(failure, FAILURE_INVALID, "terms_accepted", "Read them on the authority's pages.",
                                   "must be yes: nobody gives certificates to who does not accept the terms");
        if (in->names_count == 0)
                return failure_set(failure, FAILURE_INVALID, "names", "", "must hold at least one name");
        const char *values[3 + NAMES_MAX] = {in->directory ? in->directory : LETS_ENCRYPT, in->email, in->names[0]};
        size_t count = 3;
        for (size_t i = 0; i < in->names_count && i < NAMES_MAX; i++)
                values[count++] = in->names[i];
        if (plan_step_values(change->plan, failure, NETWORK_ACME_CONFIGURE, values, count) != 0)
                return -1;
        return plan_step(change->plan, failure, NETWORK_ACME_ORDER, NULL);
}

void nas_network_enrol_acme(struct call *call, const struct nas_network_enrol_acme_in *in)
{
        struct failure failure = {0};
        struct change *change = certificate_change();
        change->answer = answer;
        network_run(call, change, plan_enrol(change, in, &failure), &failure);
}

/* A plan of one step, for who has enrolled. */
static struct change *enrolled_change(unsigned operation, struct failure *failure)
{
        struct change *change = certificate_change();
        if (!acme_now()->enrolled)
                failure_set(failure, FAILURE_CONFLICT, "", "Enrol first.", "No certificates are fetched.");
        else
                (void)plan_step(change->plan, failure, operation, NULL);
        return change;
}

void nas_network_stop_acme(struct call *call, const struct nas_network_stop_acme_in *in)
{
        (void)in;
        struct failure failure = {0};
        struct change *change = enrolled_change(NETWORK_ACME_STOP, &failure);
        change->who = "nobody at once; the certificate in force expires some day";
        network_run(call, change, failure.code == FAILURE_NONE ? 0 : -1, &failure);
}

void nas_network_renew_acme(struct call *call, const struct nas_network_renew_acme_in *in)
{
        (void)in;
        struct failure failure = {0};
        struct change *change = enrolled_change(NETWORK_ACME_ORDER, &failure);
        change->answer = answer;
        network_run(call, change, failure.code == FAILURE_NONE ? 0 : -1, &failure);
}
