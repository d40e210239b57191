/* The shares that are offered over SMB.
 * Rights: the shares clerk; reads the hand's files of shares. */
#include "daemons/shares/clerk/kept.h"
#include "daemons/shares/clerk/shares.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static bool read_one(const char *name, char *text, const struct kept_file *file, void *ret_one)
{
        smb_share *share = ret_one;
        if (!smb_read(text, file->arena, share) || strcmp(share->name, name) != 0)
                return false;
        share->updated_at = file->changed_at;
        share->storage_pool = live_pool_of(share->path, file->arena);
        return true;
}

static const char *title(const void *one)
{
        const smb_share *share = one;
        return share->name;
}

static struct kept all = {
        .what = "share", .most = SHARES_MAX, .size = sizeof(smb_share), .read = read_one, .title = title, .folder = -1};

void smb_prepare(int folder)
{
        kept_prepare(&all, folder);
}

void smb_reload(void)
{
        kept_reload(&all);
}

const struct kept *smb_kept(void)
{
        return &all;
}

size_t smb_count(void)
{
        return all.count;
}

const smb_share *smb_at(size_t index)
{
        ASSERT(index < all.count);
        return all.list[index];
}

const smb_share *smb_numbered(int64_t id, struct failure *failure)
{
        for (size_t i = 0; i < all.count; i++)
                if (smb_at(i)->id == id)
                        return smb_at(i);
        failure_set(failure, FAILURE_NOT_FOUND, "id", "Look at the list of shares.", "There is no share %lld.",
                    (long long)id);
        return NULL;
}

const smb_share *smb_named(const char *name)
{
        return kept_titled(&all, name);
}

/* --- showing them --- */

/* service: why its service does not serve it; NULL: it does. */
static smb_share shown(const smb_share *share, const char *service)
{
        smb_share one = *share;
        const char *away = live_path_why_not(one.path);
        one.message = !one.enabled ? "It is not enabled." : away ? away : service;
        one.served = one.message == NULL;
        return one;
}

smb_share smb_shown(const smb_share *share)
{
        return shown(share, service_why_not("smb"));
}

static struct json_out *whole; /* the list of all as it was written last; NULL: nothing holds of it any more */

void smb_forget(void)
{
        json_out_free(TAKE(whole));
}

static void write_page(struct json_out *out, const struct nas_shares_list_smb_shares_in *in, struct arena *arena)
{
        const struct kept_page page = kept_page(&all, in->cursor, in->has_limit ? (size_t)in->limit : SHARES_MAX);
        const char *service = service_why_not("smb");
        smb_share *list = arena_array(arena, page.count + 1, sizeof(*list));
        for (size_t i = 0; i < page.count; i++)
                list[i] = shown(smb_at(page.first + i), service);
        struct nas_shares_list_smb_shares_out reply = {
                .shares = list, .shares_count = page.count, .next = page.more ? list[page.count - 1].name : NULL};
        nas_shares_list_smb_shares_out_write(out, &reply);
}

void smb_shares_write(struct json_out *out, struct call *call, void *context)
{
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct nas_shares_list_smb_shares_in in = {.cursor = NULL};
        struct failure failure; /* it was read before, when it came */
        size_t length;
        (void)nas_shares_list_smb_shares_in_read(call_parameters(call), arena, &in, &failure);
        if (in.cursor || in.has_limit) {
                write_page(out, &in, arena);
                return;
        }
        if (!whole) {
                whole = json_out_new();
                write_page(whole, &in, arena);
        }
        const char *bytes = json_out_bytes(whole, &length);
        json_out_raw(out, bytes, length);
}

/* The one with the number of the call; nothing when it has gone since. */
void smb_share_write(struct json_out *out, struct call *call, void *context)
{
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct nas_shares_get_smb_share_in in;
        struct failure failure; /* it was read before, when it came */
        const smb_share *share = nas_shares_get_smb_share_in_read(call_parameters(call), arena, &in, &failure) == 0
                                         ? smb_numbered(in.id, &failure)
                                         : NULL;
        if (share) {
                struct nas_shares_get_smb_share_out reply = {.share = smb_shown(share)};
                nas_shares_get_smb_share_out_write(out, &reply);
                return;
        }
        json_out_object(out);
        json_out_object_end(out);
}

void nas_shares_list_smb_shares(struct call *call, const struct nas_shares_list_smb_shares_in *in)
{
        (void)in;
        topic_serve(topics.smb_shares, call);
}

void nas_shares_get_smb_share(struct call *call, const struct nas_shares_get_smb_share_in *in)
{
        struct failure failure = {0};
        if (!smb_numbered(in->id, &failure)) {
                changes_refuse(clerk.changes, call, &failure);
                return;
        }
        topic_serve(topics.smb_share, call);
}
