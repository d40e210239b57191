/* The machine's certificate: which is in force, another one, none.
 * Rights: the network clerk; what strangers send is parsed here, without any. */
#include "daemons/network/clerk/network.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <string.h>

enum { DAY_S = 24 * 60 * 60, SOON_DAYS = 14, WARNINGS_MAX = 8 };

int64_t now_s(void)
{
        return clock_real_s();
}

/* Rounded down, so that the last day is day 0 and a past one is below. */
static int64_t days_left(const struct tls_facts *facts, int64_t now)
{
        int64_t left = facts->not_after_s - now;
        return left >= 0 ? left / DAY_S : -((-left + DAY_S - 1) / DAY_S);
}

/* --- showing it --- */

static size_t warn(const struct tls_facts *facts, int64_t now, enum nas_network_warning warnings[WARNINGS_MAX])
{
        const struct acme *acme = acme_now();
        size_t count = 0;
        if (facts->self_signed)
                warnings[count++] = NAS_NETWORK_WARNING_SELF_SIGNED;
        if (facts->incomplete)
                warnings[count++] = NAS_NETWORK_WARNING_INCOMPLETE;
        if (now < facts->not_before_s)
                warnings[count++] = NAS_NETWORK_WARNING_NOT_YET_VALID;
        if (now >= facts->not_after_s)
                warnings[count++] = NAS_NETWORK_WARNING_EXPIRED;
        else if (days_left(facts, now) < SOON_DAYS)
                warnings[count++] = NAS_NETWORK_WARNING_EXPIRES_SOON;
        if (acme->enrolled && acme_state(acme) == NAS_NETWORK_ACME_STATE_FAILED)
                warnings[count++] = NAS_NETWORK_WARNING_ACME_FAILED;
        return count;
}

static struct nas_network_certificate describe(const struct tls_facts *facts, enum nas_network_source source,
                                               struct arena *arena)
{
        int64_t now = now_s();
        const char **names = arena_array(arena, CERTIFICATE_NAMES_MAX, sizeof(*names));
        enum nas_network_warning *warnings = arena_array(arena, WARNINGS_MAX, sizeof(*warnings));
        for (unsigned i = 0; i < facts->name_count; i++)
                names[i] = facts->names[i];
        return (struct nas_network_certificate){.source = source,
                                                .names = names,
                                                .names_count = facts->name_count,
                                                .subject = facts->subject,
                                                .issuer = facts->issuer,
                                                .key = facts->key,
                                                .not_before = facts->not_before,
                                                .not_after = facts->not_after,
                                                .days_left = days_left(facts, now),
                                                .self_signed = facts->self_signed,
                                                .fingerprint = facts->fingerprint,
                                                .warnings = warnings,
                                                .warnings_count = warn(facts, now, warnings)};
}

/* The one in force; false: there is none. */
static bool in_force(struct arena *arena, struct nas_network_certificate *ret_certificate)
{
        const struct tls_facts *facts = live_facts(PLACE_INSTALLED);
        const struct tls_facts *fetched = live_facts(PLACE_FETCHED);
        enum nas_network_source source = facts && fetched && strcmp(facts->fingerprint, fetched->fingerprint) == 0
                                                 ? NAS_NETWORK_SOURCE_ACME
                                                 : NAS_NETWORK_SOURCE_INSTALLED;
        if (!facts) {
                facts = live_facts(PLACE_SELF_SIGNED);
                source = NAS_NETWORK_SOURCE_SELF_SIGNED;
        }
        if (facts)
                *ret_certificate = describe(facts, source, arena);
        return facts != NULL;
}

void certificate_write(struct json_out *out, struct call *call, void *context)
{
        (void)call;
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct nas_network_get_certificate_out reply = {.has_certificate = false};
        reply.has_certificate = in_force(arena, &reply.certificate);
        reply.has_acme = acme_now()->enrolled;
        if (reply.has_acme)
                reply.acme = acme_describe(acme_now(), arena);
        nas_network_get_certificate_out_write(out, &reply);
}

void nas_network_get_certificate(struct call *call, const struct nas_network_get_certificate_in *in)
{
        (void)in;
        topic_serve(topics.certificate, call);
}

void certificate_tick(void)
{
        static int64_t shown;
        const struct tls_facts *facts = live_facts(PLACE_INSTALLED);
        facts = facts ? facts : live_facts(PLACE_SELF_SIGNED);
        int64_t days = facts ? days_left(facts, now_s()) : 0;
        if (days != shown)
                topic_changed(topics.certificate);
        shown = days;
}

/* --- changing it --- */

static void answer(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct nas_network_install_certificate_out now = {0};
        if (in_force(arena, &now.certificate)) {
                nas_network_install_certificate_out_write(out, &now);
                return;
        }
        json_out_object(out);
        json_out_object_end(out);
}

struct change *certificate_change(void)
{
        struct change *change = change_new(clerk.changes);
        change->object = "certificate";
        change->who = "everybody who reaches this machine with a browser";
        return change;
}

const char *fingerprint_digits(const struct tls_facts *facts, struct arena *arena)
{
        char *text = arena_alloc(arena, sizeof(facts->fingerprint)), *at = text;
        for (const char *from = facts->fingerprint; *from; from++)
                if (*from != ':')
                        *at++ = *from >= 'A' && *from <= 'F' ? (char)(*from - 'A' + 'a') : *from;
        return text;
}

/* Or the one that is fetched would soon take its place. */
static int stop_fetching(struct change *change, struct failure *failure)
{
        return acme_now()->enrolled ? plan_step(change->plan, failure, NETWORK_ACME_STOP, NULL) : 0;
}

static int plan_install(struct change *change, const struct nas_network_install_certificate_in *in,
                        struct failure *failure)
{
        struct tls_facts *facts = arena_alloc(change->arena, sizeof(*facts));
        if (certificate_read(in->chain, strlen(in->chain), "chain", facts, failure) != 0)
                return -1;
        const char *identity =
                certificate_identity(in->chain, strlen(in->chain), in->key, strlen(in->key), change->arena, failure);
        if (!identity)
                return -1;
        if (now_s() >= facts->not_after_s)
                return failure_set(failure, FAILURE_INVALID, "chain", "Get a new one.", "expired on %s",
                                   facts->not_after);
        return plan_step(change->plan, failure, NETWORK_CERTIFICATE_PUT, fingerprint_digits(facts, change->arena),
                         identity, NULL) == 0
                       ? stop_fetching(change, failure)
                       : -1;
}

void nas_network_install_certificate(struct call *call, const struct nas_network_install_certificate_in *in)
{
        struct failure failure = {0};
        struct change *change = certificate_change();
        change->answer = answer;
        network_run(call, change, plan_install(change, in, &failure), &failure);
}

void nas_network_remove_certificate(struct call *call, const struct nas_network_remove_certificate_in *in)
{
        (void)in;
        struct failure failure = {0};
        struct change *change = certificate_change();
        int result = live_facts(PLACE_INSTALLED)
                             ? plan_step(change->plan, &failure, NETWORK_CERTIFICATE_DROP, NULL)
                             : failure_set(&failure, FAILURE_CONFLICT, "", "",
                                           "There is none but the machine's own, which it makes by itself.");
        network_run(call, change, result == 0 ? stop_fetching(change, &failure) : -1, &failure);
}
