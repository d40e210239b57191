/* What "zfs list" says of what is in a pool, which may be from anywhere. What is made of it has an order, and names
 * that can be shown. Rights: none. */
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemons/storage/clerk/storage.h"
#include "daemons/storage/clerk/zfs.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct tree *tree = zfs_sets_read("tank", arena_text(arena, (const char *)bytes, length));
        for (size_t i = 0; tree && i < tree->subvolume_count; i++) {
                const struct subvolume *one = &tree->subvolumes[i];
                ASSERT(one->path && text_printable(one->path, strlen(one->path)));
                ASSERT(one->number > ZFS_NUMBERS && one->created_us >= 0);
                ASSERT(i == 0 || tree->subvolumes[i - 1].number <= one->number);
                ASSERT(tree_find(tree, one->number));
        }
        if (tree)
                arena_free(tree->arena);
        return 0;
}
