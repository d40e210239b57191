/* Pools that could be made of the disks on which there is nothing.
 * Rights: the storage clerk; works on what is in memory. */
#include "daemons/storage/clerk/capacity.h"
#include "daemons/storage/clerk/storage.h"

#include "base/log.h"
#include "base/mem.h"

#include <string.h>

enum { SUGGESTIONS_MAX = 8 }; /* as the contract says */

struct found {
        size_t count;
        const char *ids[POOL_DISKS_MAX];
        uint64_t sizes[POOL_DISKS_MAX];
};

/* Nobody has to think about what is on them, nor whether they will last. */
static void find_disks(struct found *found, struct arena *arena)
{
        const struct machine *machine = machine_now();
        for (size_t i = 0; i < machine->disk_count && found->count < POOL_DISKS_MAX; i++) {
                const struct nas_storage_disk disk = disk_describe(&machine->disks[i], arena);
                if (!disk.takable || disk.in_use != NAS_STORAGE_DISK_USE_FREE || disk.removable ||
                    disk.smart == NAS_STORAGE_SMART_FAILING)
                        continue;
                found->ids[found->count] = disk.id;
                found->sizes[found->count++] = machine->disks[i].block.size;
        }
}

static struct nas_storage_suggestion suggest(const struct found *found, const struct offer *offer)
{
        uint64_t sizes[POOL_DISKS_MAX], unused = 0; /* are used up */
        const struct layout *layout = layout_of(offer->profile, found->count);
        struct nas_storage_suggestion one = {
                .why = offer->why, .disks = found->ids, .disks_count = found->count, .survives = layout->survives};
        memcpy(sizes, found->sizes, sizeof(sizes));
        one.size = (int64_t)capacity_of(layout, sizes, found->count, &unused);
        one.unused = (int64_t)unused;
        while (strcmp(nas_storage_profile_word(one.profile), offer->profile) != 0)
                one.profile++;
        return one;
}

void suggestions_write(struct json_out *out, struct call *call, void *context)
{
        (void)call;
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct found found = {0};
        struct nas_storage_suggestion suggestions[SUGGESTIONS_MAX];
        struct nas_storage_suggest_pools_out reply = {.suggestions = suggestions};
        const struct offer *offer;
        find_disks(&found, arena);
        while (reply.suggestions_count < SUGGESTIONS_MAX &&
               (offer = offer_of(found.count, reply.suggestions_count)) != NULL) {
                struct nas_storage_suggestion *one = &suggestions[reply.suggestions_count];
                *one = suggest(&found, offer);
                one->recommended = reply.suggestions_count++ == 0;
        }
        nas_storage_suggest_pools_out_write(out, &reply);
}

void nas_storage_suggest_pools(struct call *call, const struct nas_storage_suggest_pools_in *in)
{
        (void)in;
        topic_serve(topics.suggestions, call);
}
