/* Drift of shares: shown, and had as it was or taken as it is by a person. Nothing is overwritten by itself.
 * Rights: the shares clerk; plans, its hand says what Samba has, and acts. */
#include "daemons/shares/clerk/drift.h"

#include "base/mem.h"

#include <string.h>

enum { REGISTRY_BYTES_MAX = 32 * 1024 * 1024 };

struct asking {
        struct arena *arena; /* holds it */
        struct call *call;
        const char *id; /* NULL: all of them are asked for */
        bool adopts;
};

static void list(struct asking *asking, const struct drift *all, size_t count)
{
        struct nas_shares_share_drift *shown = arena_array(asking->arena, count + 1, sizeof(*shown));
        for (size_t i = 0; i < count; i++)
                shown[i] = all[i].shown;
        struct nas_shares_list_share_drift_out reply = {.drift = shown, .drift_count = count};
        nas_shares_list_share_drift_reply(asking->call, &reply);
}

static int plan_reload(struct change *change, const char *service, struct failure *failure)
{
        return service_runs(service) ? plan_step(change->plan, failure, SHARES_SERVICE_RELOAD, service, NULL) : 0;
}

static int plan_end(struct change *change, const struct drift *one, bool adopts, struct failure *failure)
{
        if (one->transfer)
                return transfer_plan_restore(change, one->transfer, failure);
        const struct drift_put *put = adopts ? &one->adopt : &one->restore;
        if (one->server)
                return server_plan_restore(change->plan, one->server, failure);
        int result = one->export  ? nfs_plan_put(change->plan, one->export, failure)
                     : put->share ? smb_plan_write(change->plan, SHARES_SMB_SETTLE, put->share, put->dataset, failure)
                                  : plan_step(change->plan, failure, SHARES_SMB_DROP, one->drop, NULL);
        return result == 0 ? plan_reload(change, one->export ? "nfs" : "smb", failure) : -1;
}

static int plan(struct change *change, const struct asking *asking, const struct drift *all, size_t count,
                struct failure *failure)
{
        for (size_t i = 0; i < count; i++)
                if (strcmp(all[i].shown.id, asking->id) == 0) {
                        if (asking->adopts ? all[i].shown.can_adopt : all[i].shown.can_restore)
                                return plan_end(change, &all[i], asking->adopts, failure);
                        return failure_set(failure, FAILURE_CONFLICT, "id", "Look at the list of drift.",
                                           asking->adopts ? "Not all of that can be wanted of it."
                                                          : "How it was is not known.");
                }
        return failure_set(failure, FAILURE_NOT_FOUND, "id", "Look at the list of drift.",
                           "Nothing of that kind is to be seen.");
}

static void looked(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct asking *asking = context;
        struct failure failure = {0};
        struct samba samba = {.known = false};
        size_t count;
        if (reply && reply->outcome == OUTCOME_SUCCESS)
                samba = samba_read(output ? output : "", output_length, asking->arena);
        const struct drift *all = drift_look(&samba, asking->arena, &count);
        if (!asking->id) {
                list(asking, all, count);
        } else {
                struct change *change = shares_change("drift", asking->id);
                change->who = asking->adopts ? "nobody; it stays as it is" : "those who use it; nobody is disconnected";
                shares_run(asking->call, change, plan(change, asking, all, count, &failure), &failure);
        }
        arena_free(asking->arena);
}

static void ask(struct call *call, const char *id, bool adopts)
{
        struct arena *arena = arena_new();
        struct asking *asking = arena_alloc(arena, sizeof(*asking));
        *asking = (struct asking){
                .arena = arena, .call = call, .id = id ? arena_text(arena, id, strlen(id)) : NULL, .adopts = adopts};
        shares_ask_much(SHARES_SMB_REGISTRY, NULL, REGISTRY_BYTES_MAX, arena, looked, asking);
}

void nas_shares_list_share_drift(struct call *call, const struct nas_shares_list_share_drift_in *in)
{
        (void)in;
        ask(call, NULL, false);
}

void nas_shares_restore_share_drift(struct call *call, const struct nas_shares_restore_share_drift_in *in)
{
        ask(call, in->id, false);
}

void nas_shares_adopt_share_drift(struct call *call, const struct nas_shares_adopt_share_drift_in *in)
{
        ask(call, in->id, true);
}
