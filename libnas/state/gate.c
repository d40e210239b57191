/* The gate: tickets are checked before every method, and again for what stays open whenever trust changes.
 * Rights: in clerks; reads the published trust file through ticket/trust, nothing else. */
#include "state/gate.h"

#include "base/log.h"
#include "base/mem.h"
#include "state/watch.h"
#include "value/value.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

static const struct bearer nobody = {.ticket = {.subject = UINT32_MAX, .role = ROLE_NOBODY}};

const struct bearer *call_who(const struct call *call)
{
        ASSERT(call);
        const struct bearer *bearer = call_bearer(call);
        return bearer ? bearer : &nobody;
}

static int refuse(struct failure *failure)
{
        return failure_set(failure, FAILURE_UNAUTHENTICATED, "", "Sign in again.", "This needs a valid ticket.");
}

/* The ticket of a call, judged. Who may come without one is not turned away for a stale one. */
static int identify(const struct call *call, bool needed, struct bearer *bearer, struct failure *failure)
{
        const char *text = call_caller(call)->ticket;
        if (*text == '\0')
                return needed ? refuse(failure) : 0;
        struct ticket ticket;
        if (ticket_check(bearer->trust, text, &ticket, failure) != 0)
                return needed ? -1 : 0;
        /* Root's own tickets are made on the console and stay there. */
        if (ticket.source == SOURCE_CONSOLE && call_peer(call)->uid != 0)
                return needed ? refuse(failure) : 0;
        bearer->ticket = ticket;
        bearer->known = true;
        return 0;
}

int gate_admit(struct call *call, const struct wire_method *method, struct trust *trust, struct failure *failure)
{
        ASSERT(call && method && trust);
        struct bearer *bearer = arena_alloc(call_arena(call), sizeof(*bearer));
        *bearer = nobody;
        bearer->trust = trust;
        call_set_bearer(call, bearer);
        bool dry_run = call_caller(call)->dry_run;
        trust_moment(trust, call_moment(call));
        int known = identify(call, method->role > ROLE_NOBODY, bearer, failure);
        trust_moment(trust, 0);
        if (known != 0)
                return -1;
        if (dry_run && !(method->flags & METHOD_CHANGES))
                return failure_set(failure, FAILURE_INVALID, "caller.dry_run", "Leave it out.",
                                   "This only reads: there is nothing to try without doing it.");
        bool changes = (method->flags & METHOD_CHANGES) && !dry_run;
        bool destroys = (method->flags & METHOD_DESTROYS) && !dry_run;
        return ticket_allows(&bearer->ticket, method->role, changes, destroys, failure);
}

const char *call_address(const struct call *call)
{
        ASSERT(call);
        const char *address = call_caller(call)->address;
        const struct value_type *type = value_type_find("address");
        return value_check(type, "address", address, strlen(address), NULL) == 0 ? address : "";
}

const char *call_source(const struct call *call, struct arena *arena)
{
        ASSERT(call && arena);
        const struct bearer *bearer = call_who(call);
        const char *address = call_address(call);
        const char *from = *address ? " from " : "";
        uint64_t session = bearer->ticket.session;
        if (!bearer->known)
                return arena_printf(arena, "nobody%s%s", from, address);
        if (bearer->ticket.source == SOURCE_CONSOLE)
                return arena_printf(arena, "console%s%s", from, address);
        const char *kind = bearer->ticket.source == SOURCE_KEY ? "key" : "session";
        return arena_printf(arena, "%s %" PRIu64 "%s%s", kind, session, from, address);
}

static int still_holds(struct call *call, struct failure *failure)
{
        const struct bearer *bearer = call_who(call);
        struct ticket ticket;
        if (!bearer->known)
                return 0;
        return ticket_check(bearer->trust, call_caller(call)->ticket, &ticket, failure);
}

struct gate_guard {
        struct trust *trust;
        struct changes *changes;
        uint64_t generation;
        struct loop_watch *looking, *expiring;
};

static void look(void *context)
{
        struct gate_guard *guard = context;
        uint64_t generation = trust_generation(guard->trust);
        if (generation == guard->generation)
                return;
        guard->generation = generation;
        topics_hold(still_holds);
        changes_hold(guard->changes);
}

/* Tickets also expire, of which no file tells. */
static void look_at_all(void *context)
{
        look(context);
        topics_hold(still_holds);
}

int gate_prepare(struct folders *ret_trusted, const char *directory)
{
        ASSERT(ret_trusted && directory);
        int error = folders_open(ret_trusted);
        return error == 0 ? folders_add(ret_trusted, directory, IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE) : error;
}

struct gate_guard *gate_hold(struct loop *loop, struct trust *trust, struct changes *changes, struct folders *trusted)
{
        ASSERT(loop && trust && changes);
        struct gate_guard *guard = mem_new(1, sizeof(*guard));
        *guard = (struct gate_guard){.trust = trust, .changes = changes, .generation = trust_generation(trust)};
        guard->expiring = loop_every(loop, GATE_EXPIRY_MS, look_at_all, guard);
        if (trusted)
                folders_watch(trusted, loop, 1, look, guard);
        else
                guard->looking = loop_every(loop, GATE_LOOK_MS, look, guard);
        return guard;
}

void gate_release(struct gate_guard *guard)
{
        if (guard) {
                loop_unwatch(guard->looking);
                loop_unwatch(guard->expiring);
        }
        free(guard);
}
