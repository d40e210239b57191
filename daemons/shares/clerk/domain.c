/* The domain that this machine is in: whether it is, joining one, and leaving it.
 * Rights: the shares clerk; reads the hand's file and what units wrote, plans, its hand acts. */
#include "daemons/shares/clerk/domain.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define WINBIND "/usr/sbin/winbindd"
enum { HOST_MAX = 256, LOOK_MAX = 64 * 1024, CLOCK_MOST_S = 300 };

static int folder = -1, names = -1; /* of what units write down, and of the name of the machine */

/* As its file said when nobody but us had written it: what somebody's hand does to the file does not make it unknown.
 */
static struct {
        struct arena *arena;
        struct domain domain;
} meant;

static struct domain now(struct arena *arena)
{
        return domain_read(service_file(DOMAIN_FILE, arena));
}

static void learn(void)
{
        arena_free(meant.arena);
        meant.arena = arena_new();
        meant.domain = now(meant.arena);
}

struct domain domain_meant(struct arena *arena)
{
        ASSERT(arena);
        return meant.domain.realm ? meant.domain : now(arena);
}

void domain_acted(const struct plan *plan)
{
        for (size_t i = 0; plan && i < plan->count; i++)
                if (plan->steps[i].operation == SHARES_DOMAIN_PUT || plan->steps[i].operation == SHARES_DOMAIN_DROP) {
                        learn();
                        return;
                }
}

void domain_prepare(int run)
{
        folder = run;
        names = open("/etc", O_PATH | O_DIRECTORY | O_CLOEXEC);
        learn(); /* a join that was cut off may still be taken back: then its end has it learnt anew */
}

bool domain_is(const char *name, size_t length)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct domain domain = now(arena);
        return domain.realm &&
               (!name || (strlen(domain.workgroup) == length && strncasecmp(domain.workgroup, name, length) == 0));
}

/* --- what is found on the network --- */

typedef void found_it(const struct domain_found *found, void *context);
struct looking {
        struct arena *arena; /* holds it */
        found_it *done;
        void *context;
};

static void looked(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct looking *looking = context;
        (void)output;
        (void)output_length;
        char *text = reply && reply->outcome == OUTCOME_SUCCESS
                             ? file_text_below(folder, "domain-look", LOOK_MAX, looking->arena)
                             : NULL;
        const struct domain_found found = domain_found_read(text);
        looking->done(&found, looking->context);
        arena_free(looking->arena);
}

static void look(const char *realm, found_it *done, void *context)
{
        struct arena *arena = arena_new();
        struct looking *looking = arena_alloc(arena, sizeof(*looking));
        *looking = (struct looking){.arena = arena, .done = done, .context = context};
        shares_ask(SHARES_DOMAIN_LOOK, arena_text(arena, realm, strlen(realm)), arena, looked, looking);
}

/* --- shown --- */

static struct nas_shares_domain shown(const struct domain *domain, const struct domain_found *found)
{
        struct nas_shares_domain one = {.joined = domain->realm != NULL,
                                        .realm = domain->realm,
                                        .workgroup = domain->workgroup,
                                        .name = domain->name,
                                        .controller = found->controller,
                                        .has_trusted = found->controller != NULL,
                                        .trusted = found->trusted,
                                        .has_clock_difference = found->has_clock,
                                        .clock_difference = found->clock};
        if (!one.joined)
                return one;
        if (!found->controller)
                one.message = "No controller of it answers; accounts of this machine get in all the same.";
        else if (found->has_clock && llabs(found->clock) >= CLOCK_MOST_S)
                one.message = "The clocks are too far apart, so nobody of the domain is let in.";
        else if (!found->trusted)
                one.message = "The domain does not take this machine for who it is: leave it and join it again.";
        return one;
}

static void tell(const struct domain_found *found, void *context)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct domain domain = now(arena);
        const struct nas_shares_get_domain_out out = {.domain = shown(&domain, found)};
        nas_shares_get_domain_reply(context, &out);
}

void nas_shares_get_domain(struct call *call, const struct nas_shares_get_domain_in *in)
{
        (void)in;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct domain domain = now(arena);
        const struct domain_found nothing = {.controller = NULL};
        if (domain.realm)
                look(domain.realm, tell, call);
        else
                tell(&nothing, call);
}

/* As its file says; what the network says is asked with "bulkhead smb domain". */
static void answer(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct domain domain = now(arena);
        const struct nas_shares_get_domain_out one = {.domain = {.joined = domain.realm != NULL,
                                                                 .realm = domain.realm,
                                                                 .workgroup = domain.workgroup,
                                                                 .name = domain.name}};
        nas_shares_get_domain_out_write(out, &one);
}

/* --- joining --- */

struct joining {
        struct call *call;
        struct nas_shares_join_domain_in in; /* what it points to is the call's */
};

static void explain(struct failure *failure, void *context)
{
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const char *printed = file_text_below(folder, "domain-join", LOOK_MAX, arena);
        if (printed && strstr(failure->message, "bulkhead-join.service"))
                domain_join_explain(printed, failure);
}

static int may_join(const struct domain *domain, const struct domain_found *found, struct failure *failure)
{
        if (!found->workgroup)
                return failure_set(failure, FAILURE_NOT_FOUND, "realm",
                                   "This machine's name server must know the domain (/etc/resolv.conf).",
                                   "No controller of the domain %s answers.", domain->realm);
        if (found->has_clock && llabs(found->clock) >= CLOCK_MOST_S)
                return failure_set(
                        failure, FAILURE_CONFLICT, "realm", "Set the clock, or let it be set by the network.",
                        "Its controller's clock is %" PRId64 " seconds ahead of this machine's, which is too much.",
                        found->clock);
        if (!domain->name || strcasecmp(domain->name, found->workgroup) == 0)
                return failure_set(
                        failure, FAILURE_CONFLICT, "", "Give it another name: bulkhead machine set.",
                        "A machine in a domain has a name of 1 to 15 letters, digits and -, and not the domain's.");
        return 0;
}

/* What reads of the domain as it starts. */
static int plan_anew(struct plan *plan, struct failure *failure)
{
        if (service_runs("smb") && plan_step(plan, failure, SHARES_SERVICE_RESTART, "smb", NULL) != 0)
                return -1;
        return wsd_plan_group(plan, failure);
}

static int plan_join(struct change *change, const struct nas_shares_join_domain_in *in, const struct domain *domain,
                     struct failure *failure)
{
        const char *lines[DOMAIN_LINES];
        domain_lines(domain, change->arena, lines);
        if (drift_refuse_server("domain", failure) != 0 ||
            plan_step_values(change->plan, failure, SHARES_DOMAIN_PUT, lines, DOMAIN_LINES) != 0 ||
            plan_step(change->plan, failure, SHARES_JOIN_SECRET, in->user, in->password, NULL) != 0 ||
            plan_step(change->plan, failure, SHARES_DOMAIN_JOIN, NULL) != 0 ||
            plan_step(change->plan, failure, SHARES_WINBIND_START, NULL) != 0)
                return -1;
        return plan_anew(change->plan, failure);
}

static char *upper(const char *text, struct arena *arena)
{
        char *copy = arena_text(arena, text, strlen(text));
        for (char *at = copy; *at; at++)
                if (*at >= 'a' && *at <= 'z')
                        *at = (char)(*at - 'a' + 'A');
        return copy;
}

static void join(const struct domain_found *found, void *context)
{
        struct joining *joining = context;
        struct failure failure = {0};
        struct change *change = shares_change("domain", joining->in.realm);
        struct domain domain = {.realm = upper(joining->in.realm, change->arena)};
        const char *host = file_text_below(names, "hostname", HOST_MAX, change->arena);
        if (host)
                domain.name = domain_machine_name(host, change->arena);
        if (found->workgroup)
                domain.workgroup = arena_text(change->arena, found->workgroup, strlen(found->workgroup));
        change->who =
                arena_printf(change->arena,
                             "who uses shares over SMB, who is disconnected for a moment; accounts of %s get in where "
                             "a share names them, and nowhere else",
                             domain.workgroup ? domain.workgroup : "the domain");
        change->answer = answer;
        change->explain = explain;
        const bool may = may_join(&domain, found, &failure) == 0;
        shares_run(joining->call, change, may ? plan_join(change, &joining->in, &domain, &failure) : -1, &failure);
        free(joining);
}

void nas_shares_join_domain(struct call *call, const struct nas_shares_join_domain_in *in)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct domain domain = now(arena);
        struct stat status;
        struct failure failure = {0};
        if (domain.realm)
                failure_set(&failure, FAILURE_CONFLICT, "realm", "bulkhead smb leave",
                            "This machine is in the domain %s.", domain.realm);
        else if (stat(WINBIND, &status) != 0)
                failure_set(&failure, FAILURE_CONFLICT, "", "apt install winbind libnss-winbind",
                            "The programs that a domain needs are not installed.");
        if (failure.code != FAILURE_NONE) {
                changes_refuse(clerk.changes, call, &failure);
                return;
        }
        struct joining *joining = mem_new(1, sizeof(*joining));
        *joining = (struct joining){.call = call, .in = *in};
        look(in->realm, join, joining);
}

/* --- leaving --- */

static int plan_leave(struct change *change, struct failure *failure)
{
        if (drift_refuse_server("domain", failure) != 0 ||
            plan_step(change->plan, failure, SHARES_WINBIND_STOP, NULL) != 0 ||
            plan_step(change->plan, failure, SHARES_DOMAIN_DROP, NULL) != 0 ||
            plan_step(change->plan, failure, SHARES_DOMAIN_UNJOIN, NULL) != 0)
                return -1;
        return plan_anew(change->plan, failure);
}

void nas_shares_leave_domain(struct call *call, const struct nas_shares_leave_domain_in *in)
{
        (void)in;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct domain domain = now(arena);
        struct failure failure = {0};
        struct change *change = shares_change("domain", domain.realm ? domain.realm : "");
        size_t named = 0;
        for (size_t i = 0; i < smb_count(); i++)
                named += smb_at(i)->sids_count > 0;
        change->who =
                arena_printf(change->arena,
                             "who uses shares over SMB, who is disconnected for a moment; accounts of the domain, whom "
                             "%zu shares name, and who no longer get in",
                             named);
        change->answer = answer;
        if (!domain.realm)
                failure_set(&failure, FAILURE_CONFLICT, "", "bulkhead smb join", "This machine is in no domain.");
        shares_run(call, change, domain.realm ? plan_leave(change, &failure) : -1, &failure);
}

/* --- its file, as it was --- */

/* What winbind had read meanwhile it reads anew. */
int domain_plan_restore(struct plan *plan, struct failure *failure)
{
        ASSERT(plan && failure);
        const struct domain domain = domain_meant(plan->arena);
        const char *lines[DOMAIN_LINES];
        domain_lines(&domain, plan->arena, lines);
        if (plan_step(plan, failure, SHARES_WINBIND_STOP, NULL) != 0 ||
            plan_step_values(plan, failure, SHARES_DOMAIN_PUT, lines, DOMAIN_LINES) != 0 ||
            plan_step(plan, failure, SHARES_WINBIND_START, NULL) != 0)
                return -1;
        return plan_anew(plan, failure);
}
