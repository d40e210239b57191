/* Who uses exports over NFS, and ending that: a unit that the hand has started asks the server, and it is read here.
 * Rights: the shares clerk; reads what that unit wrote, plans, its hand has PID 1 act. */
#include "daemons/shares/clerk/shares.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <inttypes.h>
#include <stdlib.h>

enum { LOOK_MAX = 64 * 1024 * 1024 };

static int folder = -1;

void nfs_clients_prepare(int run)
{
        folder = run;
}

typedef void seen_function(const struct nas_shares_nfs_client *clients, size_t count, const struct failure *failure,
                           struct call *call, int64_t id);

struct look {
        struct arena *arena; /* holds it, and what was read */
        seen_function *seen;
        struct call *call;
        int64_t id;
};

static void done(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct look *look = context;
        (void)output;
        (void)output_length;
        const struct nas_shares_nfs_client *clients = NULL;
        struct failure failure = {0};
        const bool good = hand_answered(reply, &failure);
        char *text = good ? file_text_below(folder, "nfs-look", LOOK_MAX, look->arena) : NULL;
        const size_t count = text ? nfs_clients_read(text, look->arena, &clients) : 0;
        if (good && !text)
                failure_set(&failure, FAILURE_FAILED, "", "", "What the NFS server wrote down cannot be read.");
        look->seen(clients, count, failure.code == FAILURE_NONE ? NULL : &failure, look->call, look->id);
        arena_free(look->arena);
}

static void look(seen_function *seen, struct call *call, int64_t id)
{
        if (!service_runs("nfs")) {
                seen(NULL, 0, NULL, call, id);
                return;
        }
        struct arena *arena = arena_new();
        struct look *one = arena_alloc(arena, sizeof(*one));
        *one = (struct look){.arena = arena, .seen = seen, .call = call, .id = id};
        shares_ask(SHARES_NFS_LOOK, NULL, arena, done, one);
}

static void tell(const struct nas_shares_nfs_client *clients, size_t count, const struct failure *failure,
                 struct call *call, int64_t id)
{
        (void)id;
        const struct nas_shares_list_nfs_clients_out out = {.clients = clients, .clients_count = count};
        if (failure)
                call_fail(call, failure);
        else
                nas_shares_list_nfs_clients_reply(call, &out);
}

void nas_shares_list_nfs_clients(struct call *call, const struct nas_shares_list_nfs_clients_in *in)
{
        (void)in;
        look(tell, call, 0);
}

static int plan_end(struct change *change, const struct nas_shares_nfs_client *client, int64_t id,
                    struct failure *failure)
{
        if (id == 0)
                return failure_set(failure, FAILURE_CONFLICT, "id", "Name who may use the export anew, without it.",
                                   "The server that runs here (nfs-ganesha) disconnects nobody.");
        if (!client)
                return failure_set(failure, FAILURE_NOT_FOUND, "id", "Look at the list of clients.",
                                   "There is no NFS client %" PRId64 ".", id);
        change->who =
                arena_printf(change->arena, "%s at %s, with all that is open there", client->name, client->address);
        return plan_step(change->plan, failure, SHARES_NFS_DISCONNECT, arena_printf(change->arena, "%" PRId64, id),
                         NULL);
}

static void end(const struct nas_shares_nfs_client *clients, size_t count, const struct failure *failure,
                struct call *call, int64_t id)
{
        struct failure wrong = {0};
        const struct nas_shares_nfs_client *client = NULL;
        for (size_t i = 0; i < count; i++)
                if (clients[i].id == id)
                        client = &clients[i];
        struct change *change = shares_change("client", client ? client->address : "");
        if (failure)
                wrong = *failure;
        shares_run(call, change, failure ? -1 : plan_end(change, client, id, &wrong), &wrong);
}

void nas_shares_disconnect_nfs_client(struct call *call, const struct nas_shares_disconnect_nfs_client_in *in)
{
        look(end, call, in->id);
}
