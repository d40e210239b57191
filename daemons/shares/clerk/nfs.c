/* Making, changing and ending exports over NFS: what each comes down to.
 * Rights: the shares clerk; plans, its hand acts. */
#include "daemons/shares/clerk/shares.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "value/nfs.h"

#include <string.h>

static void answer(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        const nfs_export *export = nfs_named(context);
        if (export) {
                struct nas_shares_create_nfs_export_out made = {.export = nfs_shown(export)};
                nas_shares_create_nfs_export_out_write(out, &made);
                return;
        }
        json_out_object(out);
        json_out_object_end(out);
}

static const char *number(const struct change *change, int64_t id)
{
        return arena_printf(change->arena, "%lld", (long long)id);
}

/* --- may it be so? --- */

static int may_be(struct change *change, const nfs_export *export, struct failure *failure)
{
        const nfs_export *other = nfs_named(export->name);
        if (other && other->id != export->id)
                return failure_set(failure, FAILURE_CONFLICT, "name", "Choose another name.",
                                   "There is an export %s already.", other->name);
        if (!live_path_is_here(export->path))
                return failure_set(failure, FAILURE_CONFLICT, "path", "Look at the list of pools.",
                                   "No pool is mounted where %s lies.", export->path);
        const struct offer offer = offer_of_export(export);
        change->who = arena_printf(change->arena, "%s%s", change->who, offer_also(&offer, change->arena));
        return offer_fits(&offer, change->arena, failure);
}

/* --- what is done --- */

/* Those of one rank as they are told. */
static size_t blocks_of(const nfs_export *export, unsigned rank, struct arena *arena, const char **ret_blocks)
{
        size_t count = 0;
        for (size_t i = 0; i < export->clients_count; i++) {
                struct nfs_client client;
                if (nfs_client_read(export->clients[i], strlen(export->clients[i]), &client) &&
                    nfs_client_rank(&client) == rank) {
                        char *block = arena_alloc(arena, NFS_CLIENT_SIZE);
                        nfs_block_write(&client, block);
                        ret_blocks[count++] = block;
                }
        }
        return count;
}

/* Its clients by their ranks, and within one as they were said: then the first that fits counts for every server. */
int nfs_plan_put(struct plan *plan, const nfs_export *export, struct failure *failure)
{
        const char *values[5 + NFS_CLIENTS_MAX] = {arena_printf(plan->arena, "%lld", (long long)export->id),
                                                   export->enabled ? "on" : "off", export->created_at, export->path,
                                                   export->name};
        size_t count = 5;
        for (unsigned rank = 0; rank < NFS_CLIENT_RANKS; rank++)
                count += blocks_of(export, rank, plan->arena, values + count);
        return plan_step_values(plan, failure, SHARES_NFS_PUT, values, count);
}

/* Before and after what changes the mounts, so that PID 1 knows them, also when it is taken back. */
static int plan_reload_units(struct change *change, bool mounts, struct failure *failure)
{
        return mounts ? plan_step(change->plan, failure, SHARES_UNITS_RELOAD, NULL) : 0;
}

/* Under the name that it has had. */
static int plan_withdraw(struct change *change, const nfs_export *before, const nfs_export *after,
                         struct failure *failure)
{
        bool goes = before && before->enabled &&
                    (!after || !after->enabled || strcmp(before->name, after->name) != 0) && service_runs("nfs");
        return goes ? plan_step(change->plan, failure, SHARES_NFS_WITHDRAW, number(change, before->id), NULL) : 0;
}

static int plan_serve(struct change *change, bool needed, struct failure *failure)
{
        if (service_runs("nfs"))
                return plan_step(change->plan, failure, SHARES_SERVICE_RELOAD, "nfs", NULL);
        return needed && nfs_count() == 0 ? plan_service(change, "nfs", failure) : 0;
}

/* What is mounted is shown to the server at once: when that is taken back, so is what it was shown, last of all. */
static int plan_follow(struct change *change, bool comes, struct failure *failure)
{
        return comes ? plan_step(change->plan, failure, SHARES_NFS_FOLLOW, NULL) : 0;
}

/* From before to after; NULL: there was or is none. The server is told last of what comes, and first of what goes. */
static int plan_apply(struct change *change, const nfs_export *before, const nfs_export *after, struct failure *failure)
{
        const nfs_export *one = after ? after : before;
        const char *id = number(change, one->id);
        if (drift_refuse_server("nfs", failure) != 0)
                return -1; /* the list of exports is written with each of them */
        bool was = before && before->enabled, is = after && after->enabled;
        if (plan_follow(change, !was && is, failure) != 0 || plan_reload_units(change, was != is, failure) != 0 ||
            (after && nfs_plan_put(change->plan, after, failure) != 0) ||
            (before && (!after || was != is) &&
             plan_step(change->plan, failure, SHARES_NFS_DROP, id, was ? "on" : "off", NULL) != 0) ||
            plan_reload_units(change, !was && is, failure) != 0 ||
            (!was && is && plan_step(change->plan, failure, SHARES_NFS_MOUNT, id, NULL) != 0) ||
            (is && plan_step(change->plan, failure, SHARES_NFS_CHECK, id, NULL) != 0) ||
            plan_withdraw(change, before, after, failure) != 0 ||
            ((was || is) && plan_serve(change, is, failure) != 0) ||
            (was && !is && plan_step(change->plan, failure, SHARES_NFS_UNMOUNT, id, NULL) != 0))
                return -1;
        return plan_reload_units(change, was && !is, failure);
}

/* The least that is free, also in changes that are under way. */
static int64_t new_id(const struct change *change)
{
        int64_t id = 1;
        while (nfs_numbered(id, NULL) || changes_claim(clerk.changes, SHARES_NFS_PUT, 0, number(change, id)))
                id++;
        return id;
}

void nas_shares_create_nfs_export(struct call *call, const struct nas_shares_create_nfs_export_in *in)
{
        struct failure failure = {0};
        live_tick(); /* a pool may have come a moment ago */
        struct change *change = shares_change("export", in->name);
        char *created = arena_alloc(change->arena, RFC3339_SIZE);
        clock_format(clock_real_us(), created);
        nfs_export export = {.id = new_id(change),
                             .name = in->name,
                             .path = in->path,
                             .clients = in->clients,
                             .clients_count = in->clients_count,
                             .enabled = !in->has_enabled || in->enabled,
                             .created_at = created};
        change->context = arena_text(change->arena, in->name, strlen(in->name));
        change->answer = answer;
        change->explain = nfs_explain;
        change->who = "the clients it is for, who may use it from now on";
        int result = export.enabled ? nfs_security_fits(&export, &failure) : 0;
        if (result == 0)
                result = may_be(change, &export, &failure);
        if (result == 0)
                result = plan_apply(change, NULL, &export, &failure);
        shares_run(call, change, result, &failure);
}

static int plan_update(struct change *change, const struct nas_shares_update_nfs_export_in *in,
                       const nfs_export *before, struct failure *failure)
{
        nfs_export after = *before;
        if (in->name)
                after.name = in->name;
        if (in->has_clients) {
                after.clients = in->clients;
                after.clients_count = in->clients_count;
        }
        if (in->has_enabled)
                after.enabled = in->enabled;
        change->context = arena_text(change->arena, after.name, strlen(after.name));
        const bool judged = after.enabled && (in->has_clients || !before->enabled);
        return (!judged || nfs_security_fits(&after, failure) == 0) && drift_refuse_export(before, failure) == 0 &&
                               may_be(change, &after, failure) == 0
                       ? plan_apply(change, before, &after, failure)
                       : -1;
}

void nas_shares_update_nfs_export(struct call *call, const struct nas_shares_update_nfs_export_in *in)
{
        struct failure failure = {0};
        live_tick(); /* a pool may have come a moment ago */
        const nfs_export *export = nfs_numbered(in->id, &failure);
        struct change *change = shares_change("export", export ? export->name : "");
        change->answer = answer;
        change->explain = nfs_explain;
        change->who = "the clients of this export; those of others notice nothing";
        shares_run(call, change, export ? plan_update(change, in, export, &failure) : -1, &failure);
}

void nas_shares_delete_nfs_export(struct call *call, const struct nas_shares_delete_nfs_export_in *in)
{
        struct failure failure = {0};
        const nfs_export *export = nfs_numbered(in->id, &failure);
        struct change *change = shares_change("export", export ? export->name : "");
        change->who = "the clients that use it, who can no longer reach it; what is in it stays";
        shares_run(call, change, export ? plan_apply(change, export, NULL, &failure) : -1, &failure);
}
