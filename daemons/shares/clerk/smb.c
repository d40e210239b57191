/* Making, changing and ending shares over SMB: what each comes down to.
 * Rights: the shares clerk; plans, its hand acts. */
#include "daemons/shares/clerk/smb_asked.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void answer(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        const smb_share *share = smb_named(context);
        if (share) {
                struct nas_shares_create_smb_share_out made = {.share = smb_shown(share)};
                nas_shares_create_smb_share_out_write(out, &made);
                return;
        }
        json_out_object(out);
        json_out_object_end(out);
}

/* What a request names takes the place of what there was; both requests have the same fields. */
#define TAKE_LIST(field)                                                                                               \
        if (in->has_##field) {                                                                                         \
                share.field = in->field;                                                                               \
                share.field##_count = in->field##_count;                                                               \
        }
#define TAKE_ONE(field)                                                                                                \
        if (in->has_##field)                                                                                           \
                share.field = in->field;
#define TAKE_TEXT(field)                                                                                               \
        if (in->field)                                                                                                 \
                share.field = in->field;
#define TAKE_ALL                                                                                                       \
        TAKE_TEXT(name)                                                                                                \
        TAKE_TEXT(path)                                                                                                \
        TAKE_TEXT(description)                                                                                         \
        TAKE_ONE(homes)                                                                                                \
        TAKE_ONE(read_only)                                                                                            \
        TAKE_ONE(guest_ok)                                                                                             \
        TAKE_ONE(hidden)                                                                                               \
        TAKE_ONE(enabled)                                                                                              \
        TAKE_LIST(valid_users)                                                                                         \
        TAKE_LIST(read_list)                                                                                           \
        TAKE_LIST(write_list)                                                                                          \
        TAKE_LIST(hosts_allow)                                                                                         \
        TAKE_LIST(hosts_deny)                                                                                          \
        TAKE_ONE(max_connections)                                                                                      \
        TAKE_ONE(encryption)                                                                                           \
        TAKE_ONE(recycle_bin)                                                                                          \
        TAKE_ONE(recycle_days)                                                                                         \
        TAKE_ONE(recycle_max)                                                                                          \
        TAKE_ONE(previous_versions)                                                                                    \
        TAKE_ONE(macos)                                                                                                \
        TAKE_ONE(time_machine)                                                                                         \
        TAKE_ONE(time_machine_max)                                                                                     \
        TAKE_ONE(case_sensitive)                                                                                       \
        TAKE_ONE(audit)

/* --- may it be so? --- */

static int list_is_right(const char *field, const char *const *names, size_t count, struct arena *arena,
                         struct failure *failure)
{
        return people_fit_smb(field, names, count, failure) != 0 ? -1
                                                                 : people_exist(field, names, count, arena, failure);
}

static int lists_are_right(const smb_share *share, struct arena *arena, struct failure *failure)
{
        return list_is_right("valid_users", share->valid_users, share->valid_users_count, arena, failure) != 0 ||
                               list_is_right("read_list", share->read_list, share->read_list_count, arena, failure) != 0
                       ? -1
                       : list_is_right("write_list", share->write_list, share->write_list_count, arena, failure);
}

static const char *also(const struct change *change, const smb_share *share)
{
        const struct offer offer = offer_of_share(share);
        return offer_also(&offer, change->arena);
}

static int may_be(struct change *change, const smb_share *share, struct failure *failure)
{
        const smb_share *other = smb_named(share->name);
        if (other && other->id != share->id)
                return failure_set(failure, FAILURE_CONFLICT, "name", "Choose another name.",
                                   "There is a share %s already.", other->name);
        if (share->guest_ok && !smb_server()->guests)
                return failure_set(failure, FAILURE_CONFLICT, "guest_ok",
                                   "An administrator may allow it: bulkhead smb set --guests.",
                                   "This server lets nobody in who has no account.");
        if (share->guest_ok && share->encryption != NAS_SHARES_SMB_ENCRYPTION_DEFAULT)
                return failure_set(failure, FAILURE_CONFLICT, "encryption", "Leave it as the server has it.",
                                   "Who has no account cannot encrypt.");
        if (share->guest_ok && share->homes)
                return failure_set(failure, FAILURE_CONFLICT, "homes", "Let in nobody who has no account.",
                                   "Who has no account has no folder of their own.");
        if (share->time_machine && share->read_only)
                return failure_set(failure, FAILURE_CONFLICT, "time_machine", "Let it be written to.",
                                   "Nothing can be backed up into a share that is read-only.");
        if (!live_path_is_here(share->path))
                return failure_set(failure, FAILURE_CONFLICT, "path", "Look at the list of pools.",
                                   "No pool is mounted where %s lies.", share->path);
        const struct offer offer = offer_of_share(share);
        if (offer_fits(&offer, change->arena, failure) != 0 || smb_text_is_right(share->description, failure) != 0)
                return -1;
        return lists_are_right(share, change->arena, failure);
}

/* --- what is done --- */

int smb_plan_write(struct plan *plan, uint16_t operation, const smb_share *share, const char *dataset,
                   struct failure *failure)
{
        const char *values[3 + SMB_LINES_MAX] = {share->name, arena_printf(plan->arena, "%lld", (long long)share->id),
                                                 share->created_at};
        const char **lines = values + 3;
        size_t count = smb_lines(share, dataset, plan->arena, lines);
        return plan_step_values(plan, failure, operation, values, 3 + count);
}

static int plan_homes(struct plan *plan, const smb_share *share, struct failure *failure)
{
        return share->homes ? plan_step(plan, failure, SHARES_HOMES_MAKE, live_pool_of(share->path, plan->arena), NULL)
                            : 0;
}

int64_t smb_new_id(const char *name)
{
        uint8_t hash[HASH_BYTES];
        int64_t id = 0;
        crypto_keyed_hash(clerk.plan_key, name, strlen(name), hash);
        for (size_t i = 0; i < 6; i++)
                id = id << 8 | hash[i];
        while (id == 0 || smb_numbered(id, NULL))
                id++;
        return id;
}

/* Who else may write to a folder may put one of their own in the place of somebody's. */
static int homes_fit(bool homes, const struct folder *way, size_t count, struct failure *failure)
{
        const uint16_t others = S_IWGRP | S_IWOTH;
        if (!homes || count == 0 || (way[count - 1].mode & others) == 0)
                return 0;
        return failure_set(failure, FAILURE_CONFLICT, "homes", "Set its mode to 0755, as with bulkhead datasets set.",
                           "Not only the owner of %s may write to it, and so put a folder in the place of another's.",
                           way[count - 1].path);
}

/* Those of its lists that are of a domain, as they were found. */
static int take_sids(smb_share *share, const struct smb_asked *asked, struct arena *arena, struct failure *failure)
{
        const struct named_list lists[SMB_LISTS] = {{"valid_users", share->valid_users, share->valid_users_count},
                                                    {"read_list", share->read_list, share->read_list_count},
                                                    {"write_list", share->write_list, share->write_list_count}};
        const char **sids = arena_array(arena, asked->sid_count + 1, sizeof(*sids));
        size_t count = 0;
        for (size_t i = 0; i < SMB_LISTS; i++)
                for (size_t k = 0; k < lists[i].count; k++) {
                        const char *name = lists[i].names[k];
                        const char *sid = entry_named(asked->sids, asked->sid_count, name);
                        if (!sid && strchr(name, '\\'))
                                return failure_set(failure, FAILURE_CONFLICT, lists[i].field, "Try again.",
                                                   "The share was changed just now.");
                        if (sid && !entry_named(sids, count, name))
                                sids[count++] = arena_text(arena, sid, strlen(sid));
                }
        share->sids = sids;
        share->sids_count = count;
        return 0;
}

static int plan_create(struct change *change, const struct smb_asked *asked, const char *dataset,
                       struct failure *failure)
{
        const struct nas_shares_create_smb_share_in *in = &asked->in.create;
        smb_share share = smb_default();
        TAKE_ALL
        if (take_sids(&share, asked, change->arena, failure) != 0)
                return -1;
        char *created = arena_alloc(change->arena, RFC3339_SIZE);
        clock_format(clock_real_us(), created);
        share.created_at = created;
        share.id = smb_new_id(in->name);
        change->who =
                arena_printf(change->arena, "%s%s",
                             share.valid_users_count > 0 ? "those it is for, who may use it from now on"
                                                         : "everybody with an account, who may use it from now on",
                             also(change, &share));
        if (may_be(change, &share, failure) != 0 ||
            smb_plan_write(change->plan, SHARES_SMB_PUT, &share, dataset, failure) != 0 ||
            plan_homes(change->plan, &share, failure) != 0)
                return -1;
        return smb_count() > 0 ? 0 : plan_service(change, "smb", failure);
}

static void create(struct smb_asked *asked, const struct folder *way, size_t count, const struct failure *failure)
{
        const struct nas_shares_create_smb_share_in *in = &asked->in.create;
        struct failure wrong = {0};
        struct change *change = shares_change("share", in->name);
        change->context = arena_text(change->arena, in->name, strlen(in->name));
        change->answer = answer;
        if (failure)
                wrong = *failure;
        const bool fits = !failure && homes_fit(in->has_homes && in->homes, way, count, &wrong) == 0;
        shares_run(asked->call, change,
                   !fits ? -1 : plan_create(change, asked, folder_versions(way, count, change->arena), &wrong), &wrong);
}

void nas_shares_create_smb_share(struct call *call, const struct nas_shares_create_smb_share_in *in)
{
        live_tick(); /* a pool may have come a moment ago */
        struct smb_asked *asked = smb_asked_new(call, create);
        asked->in.create = *in;
        SMB_LISTS_OF(asked, in);
        asked->name = in->name;
        asked->path = in->path;
        smb_ask(asked, NULL);
}

static int plan_update(struct change *change, const struct smb_asked *asked, const smb_share *before,
                       const char *dataset, struct failure *failure)
{
        const struct nas_shares_update_smb_share_in *in = &asked->in.update;
        smb_share share = *before;
        TAKE_ALL
        if (take_sids(&share, asked, change->arena, failure) != 0)
                return -1;
        change->who = arena_printf(change->arena, "those who use it; nobody is disconnected%s", also(change, &share));
        change->context = arena_text(change->arena, share.name, strlen(share.name));
        if (drift_refuse(before, failure) != 0 || may_be(change, &share, failure) != 0 ||
            (strcmp(share.name, before->name) != 0 &&
             plan_step(change->plan, failure, SHARES_SMB_DROP, before->name, NULL) != 0) ||
            smb_plan_write(change->plan, SHARES_SMB_PUT, &share, dataset, failure) != 0 ||
            plan_homes(change->plan, &share, failure) != 0)
                return -1;
        return service_runs("smb") ? plan_step(change->plan, failure, SHARES_SERVICE_RELOAD, "smb", NULL) : 0;
}

static void update(struct smb_asked *asked, const struct folder *way, size_t count, const struct failure *failure)
{
        const struct nas_shares_update_smb_share_in *in = &asked->in.update;
        struct failure wrong = {0};
        const smb_share *share = smb_numbered(in->id, &wrong);
        struct change *change = shares_change("share", share ? share->name : "");
        change->answer = answer;
        if (share && failure)
                wrong = *failure;
        const bool fits =
                share && !failure && homes_fit(in->has_homes ? in->homes : share->homes, way, count, &wrong) == 0;
        shares_run(asked->call, change,
                   fits ? plan_update(change, asked, share, folder_versions(way, count, change->arena), &wrong) : -1,
                   &wrong);
}

void nas_shares_update_smb_share(struct call *call, const struct nas_shares_update_smb_share_in *in)
{
        struct failure failure = {0};
        live_tick(); /* a pool may have come a moment ago */
        const smb_share *share = smb_numbered(in->id, &failure);
        if (!share) {
                changes_refuse(clerk.changes, call, &failure);
                return;
        }
        struct smb_asked *asked = smb_asked_new(call, update);
        asked->in.update = *in;
        SMB_LISTS_OF(asked, in);
        asked->name = arena_text(asked->arena, share->name, strlen(share->name));
        asked->path = in->path ? in->path : arena_text(asked->arena, share->path, strlen(share->path));
        smb_ask(asked, share);
}

static int plan_delete(struct change *change, const smb_share *share, struct failure *failure)
{
        if (plan_step(change->plan, failure, SHARES_SMB_DROP, share->name, NULL) != 0)
                return -1;
        return service_runs("smb") ? plan_step(change->plan, failure, SHARES_SERVICE_RELOAD, "smb", NULL) : 0;
}

void nas_shares_delete_smb_share(struct call *call, const struct nas_shares_delete_smb_share_in *in)
{
        struct failure failure = {0};
        const smb_share *share = smb_numbered(in->id, &failure);
        struct change *change = shares_change("share", share ? share->name : "");
        change->who = "those who use it, who can no longer open anything in it; what is in it stays";
        shares_run(call, change, share ? plan_delete(change, share, &failure) : -1, &failure);
}
