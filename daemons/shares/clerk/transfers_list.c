/* The folders that are offered by FTP, SFTP, WebDAV and rsync.
 * Rights: the shares clerk; reads the hand's files of them. */
#include "daemons/shares/clerk/kept.h"
#include "daemons/shares/clerk/shares.h"

#include "base/log.h"
#include "base/mem.h"
#include "value/transfer.h"
#include "value/types.h"

#include <string.h>

_Static_assert((int)TRANSFER_PROTOCOLS == NAS_SHARES_TRANSFER_PROTOCOL_RSYNC + 1, "in the contract's order");

static transfer_offer offer_of(const char *name, const struct transfer *transfer, struct arena *arena)
{
        enum nas_shares_transfer_protocol *protocols = arena_array(arena, TRANSFER_PROTOCOLS, sizeof(*protocols));
        const char **users = arena_array(arena, TRANSFER_USERS_MAX, sizeof(*users));
        const char **numbers = arena_array(arena, TRANSFER_USERS_MAX, sizeof(*numbers));
        transfer_offer offer = {.id = transfer->id,
                                .name = arena_text(arena, name, strlen(name)),
                                .path = transfer->path,
                                .protocols = protocols,
                                .users = users,
                                .users_count = transfer->user_count,
                                .numbers = numbers,
                                .numbers_count = transfer->number_count,
                                .read_only = transfer->read_only,
                                .enabled = transfer->enabled,
                                .created_at = transfer->created};
        for (unsigned i = 0; i < TRANSFER_PROTOCOLS; i++)
                if (transfer->protocols & 1u << i)
                        protocols[offer.protocols_count++] = (enum nas_shares_transfer_protocol)i;
        for (size_t i = 0; i < transfer->user_count; i++)
                users[i] = transfer->users[i];
        for (size_t i = 0; i < transfer->number_count; i++)
                numbers[i] = transfer->numbers[i];
        return offer;
}

static bool read_one(const char *name, char *text, const struct kept_file *file, void *ret_one)
{
        struct transfer transfer;
        transfer_offer *offer = ret_one;
        if (!value_is(&value_share_name, name, strlen(name)) || !transfer_read(text, &transfer))
                return false;
        *offer = offer_of(name, &transfer, file->arena);
        offer->updated_at = file->changed_at;
        offer->storage_pool = live_pool_of(offer->path, file->arena);
        return true;
}

/* A line that is none of ours makes the file none of ours, so that nothing is offered that nobody understands; without
 * such lines it may be one. */
const transfer_offer *transfer_meant(const struct kept_file *file, const char *text, struct arena *arena)
{
        ASSERT(file && text && arena);
        char *rest = arena_text(arena, text, strlen(text)), *ours = strsep(&rest, "\n");
        for (char *line; (line = strsep(&rest, "\n"));)
                if (value_is(&value_transfer_setting, line, strlen(line)))
                        ours = arena_printf(arena, "%s\n%s", ours, line);
        const struct kept_file here = {.arena = arena, .changed_at = file->changed_at};
        transfer_offer *offer = arena_alloc(arena, sizeof(*offer));
        return read_one(file->name, ours, &here, offer) ? offer : NULL;
}

static const char *title(const void *one)
{
        const transfer_offer *offer = one;
        return offer->name;
}

static struct kept all = {.what = "transfer",
                          .most = SHARES_MAX,
                          .size = sizeof(transfer_offer),
                          .read = read_one,
                          .title = title,
                          .folder = -1};

void transfers_prepare(int folder)
{
        kept_prepare(&all, folder);
}

void transfers_reload(void)
{
        kept_reload(&all);
}

const struct kept *transfers_kept(void)
{
        return &all;
}

size_t transfers_count(void)
{
        return all.count;
}

const transfer_offer *transfer_at(size_t index)
{
        ASSERT(index < all.count);
        return all.list[index];
}

const transfer_offer *transfer_numbered(int64_t id, struct failure *failure)
{
        for (size_t i = 0; i < all.count; i++)
                if (transfer_at(i)->id == id)
                        return transfer_at(i);
        failure_set(failure, FAILURE_NOT_FOUND, "id", "Look at the list of transfers.", "There is no transfer %lld.",
                    (long long)id);
        return NULL;
}

const transfer_offer *transfer_named(const char *name)
{
        return kept_titled(&all, name);
}

bool transfer_uses(const transfer_offer *transfer, const char *service)
{
        for (size_t i = 0; i < transfer->protocols_count; i++)
                if (strcmp(transfer_protocols[transfer->protocols[i]], service) == 0)
                        return true;
        return false;
}

/* --- showing them --- */

transfer_offer transfer_shown(const transfer_offer *transfer, struct arena *arena)
{
        transfer_offer one = *transfer;
        const char *away = live_path_why_not(one.path);
        one.message = !one.enabled               ? "It is not enabled."
                      : one.protocols_count == 0 ? "No way is chosen."
                      : away                     ? away
                                                 : NULL;
        for (size_t i = 0; !one.message && i < one.protocols_count; i++) {
                const char *service = transfer_protocols[one.protocols[i]];
                if (!service_wanted(service))
                        one.message = arena_printf(arena, "The service %s is turned off.", service);
                else if (!service_runs(service))
                        one.message = arena_printf(arena, "The service %s does not run.", service);
        }
        one.served = one.message == NULL;
        return one;
}

void transfers_write(struct json_out *out, struct call *call, void *context)
{
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct nas_shares_list_transfers_in in = {.cursor = NULL};
        struct failure failure; /* it was read before, when it came */
        (void)nas_shares_list_transfers_in_read(call_parameters(call), arena, &in, &failure);
        const struct kept_page page = kept_page(&all, in.cursor, in.has_limit ? (size_t)in.limit : SHARES_MAX);
        transfer_offer *list = arena_array(arena, page.count + 1, sizeof(*list));
        for (size_t i = 0; i < page.count; i++)
                list[i] = transfer_shown(transfer_at(page.first + i), arena);
        struct nas_shares_list_transfers_out reply = {
                .transfers = list, .transfers_count = page.count, .next = page.more ? list[page.count - 1].name : NULL};
        nas_shares_list_transfers_out_write(out, &reply);
}

/* The one with the number of the call; nothing when it has gone since. */
void transfer_write(struct json_out *out, struct call *call, void *context)
{
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct nas_shares_get_transfer_in in;
        struct failure failure; /* it was read before, when it came */
        const transfer_offer *transfer =
                nas_shares_get_transfer_in_read(call_parameters(call), arena, &in, &failure) == 0
                        ? transfer_numbered(in.id, &failure)
                        : NULL;
        if (transfer) {
                struct nas_shares_get_transfer_out reply = {.transfer = transfer_shown(transfer, arena)};
                nas_shares_get_transfer_out_write(out, &reply);
                return;
        }
        json_out_object(out);
        json_out_object_end(out);
}

void nas_shares_list_transfers(struct call *call, const struct nas_shares_list_transfers_in *in)
{
        (void)in;
        topic_serve(topics.transfers, call);
}

void nas_shares_get_transfer(struct call *call, const struct nas_shares_get_transfer_in *in)
{
        struct failure failure = {0};
        if (!transfer_numbered(in->id, &failure)) {
                changes_refuse(clerk.changes, call, &failure);
                return;
        }
        topic_serve(topics.transfer, call);
}
