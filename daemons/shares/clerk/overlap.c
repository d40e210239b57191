/* One folder, offered in several ways: what else is offered of it, and ways that do not go together.
 * Rights: the shares clerk; reads what it has in memory. */
#include "daemons/shares/clerk/shares.h"

#include "base/log.h"
#include "base/mem.h"
#include "value/nfs.h"

#include <string.h>

static bool lies_in(const char *inner, const char *outer)
{
        size_t length = strlen(outer);
        return strncmp(inner, outer, length) == 0 && (inner[length] == '/' || inner[length] == '\0');
}

static bool overlap(const char *one, const char *other)
{
        return lies_in(one, other) || lies_in(other, one);
}

struct offer offer_of_share(const smb_share *share)
{
        ASSERT(share);
        return (struct offer){.way = OFFER_SMB,
                              .id = share->id,
                              .name = share->name,
                              .path = share->path,
                              .writes = share->enabled && (!share->read_only || share->write_list_count > 0),
                              .nobody_writes = share->enabled && share->guest_ok && !share->read_only};
}

struct offer offer_of_export(const nfs_export *export)
{
        ASSERT(export);
        struct offer offer = {.way = OFFER_NFS, .id = export->id, .name = export->name, .path = export->path};
        for (size_t i = 0; export->enabled && i < export->clients_count; i++) {
                struct nfs_client client;
                if (!nfs_client_read(export->clients[i], strlen(export->clients[i]), &client) || client.read_only)
                        continue;
                offer.writes = true;
                offer.nobody_writes =
                        offer.nobody_writes || (client.squash != NFS_SQUASH_NONE && client.anonymous_uid == NFS_NOBODY);
        }
        return offer;
}

struct offer offer_of_transfer(const transfer_offer *transfer)
{
        ASSERT(transfer);
        return (struct offer){.way = OFFER_TRANSFER,
                              .id = transfer->id,
                              .name = transfer->name,
                              .path = transfer->path,
                              .writes = transfer->enabled && !transfer->read_only};
}

static struct offer offer_at(size_t place)
{
        if (place < smb_count())
                return offer_of_share(smb_at(place));
        place -= smb_count();
        return place < nfs_count() ? offer_of_export(nfs_at(place))
                                   : offer_of_transfer(transfer_at(place - nfs_count()));
}

/* Every other one of the same folder, SMB first; false: there is no more. */
static bool next_offer(const struct offer *one, size_t *place, struct offer *ret_other)
{
        for (; *place < smb_count() + nfs_count() + transfers_count(); (*place)++) {
                *ret_other = offer_at(*place);
                if ((ret_other->way != one->way || ret_other->id != one->id) && overlap(ret_other->path, one->path)) {
                        (*place)++;
                        return true;
                }
        }
        return false;
}

static const char *called(const struct offer *offer, struct arena *arena)
{
        static const char *const words[] = {
                [OFFER_SMB] = "share", [OFFER_NFS] = "export", [OFFER_TRANSFER] = "transfer folder"};
        return arena_printf(arena, "the %s %s", words[offer->way], offer->name);
}

enum { SAID_MAX = 3 }; /* of a thousand nobody reads more */

const char *offer_also(const struct offer *one, struct arena *arena)
{
        ASSERT(one && arena);
        const char *all = "";
        struct offer other;
        size_t count = 0;
        for (size_t place = 0; next_offer(one, &place, &other);)
                if (count++ < SAID_MAX)
                        all = arena_printf(arena, "%s; %s offers %s as well%s", all, called(&other, arena), other.path,
                                           other.writes && !one->writes   ? ", and lets it be changed"
                                           : !other.writes && one->writes ? ", where nothing can be changed"
                                                                          : "");
        return count > SAID_MAX ? arena_printf(arena, "%s; and %zu more", all, count - SAID_MAX) : all;
}

/* Guests of SMB and those whom NFS takes for nobody are the same account: each could change what is the other's. */
int offer_fits(const struct offer *one, struct arena *arena, struct failure *failure)
{
        ASSERT(one && arena);
        struct offer other;
        for (size_t place = 0; one->nobody_writes && next_offer(one, &place, &other);)
                if (other.nobody_writes && other.way != one->way)
                        return failure_set(failure, FAILURE_CONFLICT, one->way == OFFER_SMB ? "guest_ok" : "clients",
                                           "Let one of them be read-only or without guests, or name another account "
                                           "for the export (anon=UID:GID).",
                                           "Guests of SMB and the root of NFS clients would be the same account in %s, "
                                           "by %s.",
                                           other.path, called(&other, arena));
        return 0;
}
