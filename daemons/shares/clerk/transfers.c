/* Offering folders by FTP, SFTP, WebDAV and rsync: what each change comes down to.
 * Rights: the shares clerk; plans, its hand acts. */
#include "daemons/shares/clerk/shares.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "value/transfer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void answer(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const transfer_offer *transfer = transfer_named(context);
        if (transfer) {
                struct nas_shares_create_transfer_out made = {.transfer = transfer_shown(transfer, arena)};
                nas_shares_create_transfer_out_write(out, &made);
                return;
        }
        json_out_object(out);
        json_out_object_end(out);
}

/* --- may it be so? --- */

static int may_be(struct change *change, const transfer_offer *transfer, struct failure *failure)
{
        const transfer_offer *other = transfer_named(transfer->name);
        if (other && other->id != transfer->id)
                return failure_set(failure, FAILURE_CONFLICT, "name", "Choose another name.",
                                   "There is a folder %s already.", other->name);
        if (!live_path_is_here(transfer->path))
                return failure_set(failure, FAILURE_CONFLICT, "path", "Look at the list of pools.",
                                   "No pool is mounted where %s lies.", transfer->path);
        if (transfer->numbers_count > 0 && transfer_uses(transfer, "rsync"))
                return failure_set(failure, FAILURE_INVALID, "protocols", "Offer it by FTP, SFTP or WebDAV.",
                                   "People of the directory are not let in by rsync.");
        const struct offer offer = offer_of_transfer(transfer);
        change->who = arena_printf(change->arena, "%s%s", change->who, offer_also(&offer, change->arena));
        return people_are_ours("users", transfer->users, transfer->users_count, failure) != 0
                       ? -1
                       : people_exist("users", transfer->users, transfer->users_count, change->arena, failure);
}

/* --- what is done --- */

int transfer_plan_put(struct plan *plan, const transfer_offer *transfer, struct failure *failure)
{
        const char *values[6 + TRANSFER_PROTOCOLS + TRANSFER_USERS_MAX];
        struct arena *arena = plan->arena;
        size_t count = 0;
        values[count++] = transfer->name;
        values[count++] = arena_printf(arena, "%" PRId64, transfer->id);
        values[count++] = transfer->created_at;
        values[count++] = arena_printf(arena, "path = %s", transfer->path);
        values[count++] = transfer->enabled ? "enabled = yes" : "enabled = no";
        values[count++] = transfer->read_only ? "read only = yes" : "read only = no";
        for (unsigned i = 0; i < TRANSFER_PROTOCOLS; i++)
                if (transfer_uses(transfer, transfer_protocols[i]))
                        values[count++] = arena_printf(arena, "protocol = %s", transfer_protocols[i]);
        for (size_t i = 0; i < transfer->users_count && i < TRANSFER_USERS_MAX; i++) {
                const char *number = entry_named(transfer->numbers, transfer->numbers_count, transfer->users[i]);
                values[count++] = arena_printf(arena, "user = %s", number ? number : transfer->users[i]);
        }
        return plan_step_values(plan, failure, SHARES_TRANSFER_PUT, values, count);
}

static int plan_follow(struct change *change, const transfer_offer *transfer, struct failure *failure)
{
        return transfer && live_path_is_here(transfer->path)
                       ? plan_step(change->plan, failure, SHARES_TRANSFERS_FOLLOW,
                                   live_pool_of(transfer->path, change->arena), NULL)
                       : 0;
}

static int plan_follow_both(struct change *change, const transfer_offer *before, const transfer_offer *after,
                            struct failure *failure)
{
        const bool moves =
                before && after &&
                strcmp(live_pool_of(before->path, change->arena), live_pool_of(after->path, change->arena)) != 0;
        if (moves && plan_follow(change, before, failure) != 0)
                return -1;
        return plan_follow(change, after ? after : before, failure);
}

/* A service runs from its first folder on; who stopped it later meant it. */
static int plan_serve(struct change *change, const transfer_offer *transfer, struct failure *failure)
{
        for (unsigned i = 0; i < TRANSFER_PROTOCOLS; i++) {
                const char *service = transfer_protocols[i];
                bool is_first = transfer->enabled && transfer_uses(transfer, service);
                for (size_t n = 0; n < transfers_count(); n++)
                        is_first = is_first && !(transfer_at(n)->enabled && transfer_uses(transfer_at(n), service));
                if (is_first && !service_runs(service) && plan_service(change, service, failure) != 0)
                        return -1;
        }
        return 0;
}

/* From before to after; NULL: there was or is none. What is shown follows the files, also when they are put back: hence
 * it does at both ends. */
static int plan_apply(struct change *change, const transfer_offer *before, const transfer_offer *after,
                      struct failure *failure)
{
        const bool leaves = before && (!after || strcmp(before->name, after->name) != 0);
        if (plan_follow_both(change, before, after, failure) != 0 ||
            (leaves && plan_step(change->plan, failure, SHARES_TRANSFER_DROP, before->name, NULL) != 0) ||
            (after && transfer_plan_put(change->plan, after, failure) != 0) ||
            plan_follow_both(change, before, after, failure) != 0)
                return -1;
        return after ? plan_serve(change, after, failure) : 0;
}

int transfer_plan_restore(struct change *change, const transfer_offer *transfer, struct failure *failure)
{
        return plan_apply(change, transfer, transfer, failure);
}

/* The least that is free, also in changes that are under way. */
static int64_t new_id(const struct change *change)
{
        int64_t id = 1;
        while (transfer_numbered(id, NULL) ||
               changes_claim(clerk.changes, SHARES_TRANSFER_PUT, 1, arena_printf(change->arena, "%" PRId64, id)))
                id++;
        return id;
}

/* While the directory is asked who is named; what it points to is the call's. */
struct naming {
        struct call *call;
        struct nas_shares_create_transfer_in create;
        struct nas_shares_update_transfer_in update;
};

static void create(const char *const *numbers, size_t count, const struct failure *refused, void *context)
{
        struct naming *naming = context;
        const struct nas_shares_create_transfer_in *in = &naming->create;
        struct failure failure = refused ? *refused : (struct failure){0};
        live_tick(); /* a pool may have come a moment ago */
        struct change *change = shares_change("transfer", in->name);
        char *created = arena_alloc(change->arena, RFC3339_SIZE);
        clock_format(clock_real_us(), created);
        const transfer_offer transfer = {.id = new_id(change),
                                         .name = in->name,
                                         .path = in->path,
                                         .protocols = in->protocols,
                                         .protocols_count = in->protocols_count,
                                         .users = in->users,
                                         .users_count = in->users_count,
                                         .numbers = numbers,
                                         .numbers_count = count,
                                         .read_only = in->has_read_only && in->read_only,
                                         .enabled = !in->has_enabled || in->enabled,
                                         .created_at = created};
        change->context = arena_text(change->arena, in->name, strlen(in->name));
        change->answer = answer;
        change->who = in->users_count > 0 ? "those it is for, who may use it from now on"
                                          : "everybody with an account, who may use it from now on";
        int result = refused ? -1 : may_be(change, &transfer, &failure);
        if (result == 0)
                result = plan_apply(change, NULL, &transfer, &failure);
        shares_run(naming->call, change, result, &failure);
        free(naming);
}

void nas_shares_create_transfer(struct call *call, const struct nas_shares_create_transfer_in *in)
{
        struct naming *naming = mem_new(1, sizeof(*naming));
        *naming = (struct naming){.call = call, .create = *in};
        directory_numbers(in->users, in->users_count, NULL, 0, create, naming);
}

static int plan_update(struct change *change, const struct nas_shares_update_transfer_in *in,
                       const transfer_offer *before, const char *const *numbers, size_t count, struct failure *failure)
{
        transfer_offer after = *before;
        if (in->name)
                after.name = in->name;
        if (in->path)
                after.path = in->path;
        if (in->has_protocols) {
                after.protocols = in->protocols;
                after.protocols_count = in->protocols_count;
        }
        if (in->has_users) {
                after.users = in->users;
                after.users_count = in->users_count;
                after.numbers = numbers;
                after.numbers_count = count;
        }
        if (in->has_read_only)
                after.read_only = in->read_only;
        if (in->has_enabled)
                after.enabled = in->enabled;
        change->context = arena_text(change->arena, after.name, strlen(after.name));
        return drift_refuse_transfer(before, failure) == 0 && may_be(change, &after, failure) == 0
                       ? plan_apply(change, before, &after, failure)
                       : -1;
}

static void update(const char *const *numbers, size_t count, const struct failure *refused, void *context)
{
        struct naming *naming = context;
        struct failure failure = {0};
        live_tick(); /* a pool may have come a moment ago */
        const transfer_offer *transfer = transfer_numbered(naming->update.id, &failure);
        if (refused)
                failure = *refused;
        struct change *change = shares_change("transfer", transfer ? transfer->name : "");
        change->answer = answer;
        change->who = "those who use it and may no longer, who are disconnected";
        shares_run(naming->call, change,
                   transfer && !refused ? plan_update(change, &naming->update, transfer, numbers, count, &failure) : -1,
                   &failure);
        free(naming);
}

void nas_shares_update_transfer(struct call *call, const struct nas_shares_update_transfer_in *in)
{
        const transfer_offer *transfer = transfer_numbered(in->id, NULL);
        struct naming *naming = mem_new(1, sizeof(*naming));
        *naming = (struct naming){.call = call, .update = *in};
        directory_numbers(in->users, in->has_users ? in->users_count : 0, transfer ? transfer->numbers : NULL,
                          transfer ? transfer->numbers_count : 0, update, naming);
}

void nas_shares_delete_transfer(struct call *call, const struct nas_shares_delete_transfer_in *in)
{
        struct failure failure = {0};
        const transfer_offer *transfer = transfer_numbered(in->id, &failure);
        struct change *change = shares_change("transfer", transfer ? transfer->name : "");
        change->who = "those who use it, who are disconnected; what is in it stays";
        shares_run(call, change, transfer ? plan_apply(change, transfer, NULL, &failure) : -1, &failure);
}

/* --- whose account is disabled --- */

static void end_disabled(void);
static struct following following = {.ask = end_disabled};

static void ended(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        (void)output;
        (void)output_length;
        const bool good = reply && reply->outcome == OUTCOME_SUCCESS;
        if (!good)
                log_warn("whose account is disabled could not be disconnected yet");
        arena_free(context);
        following_ended(&following, good);
}

static void end_disabled(void)
{
        bool any = false;
        for (unsigned i = 0; i < TRANSFER_PROTOCOLS; i++)
                any = any || service_runs(transfer_protocols[i]);
        if (!any) {
                following_ended(&following, true);
                return;
        }
        struct arena *arena = arena_new();
        shares_ask(SHARES_TRANSFERS_END, NULL, arena, ended, arena);
}

void transfers_accounts_changed(void)
{
        following_changed(&following);
}
