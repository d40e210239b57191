/* What a pool's trees say, as the hand copies them out of a file system that may come from anywhere.
 * Rights: none. */
#include "base/log.h"
#include "base/text.h"
#include "daemons/storage/clerk/tree.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void look_at(const struct tree *tree, const struct subvolume *one)
{
        ASSERT(tree_find(tree, one->number) == one);
        if (one->name)
                ASSERT(text_printable(one->name, strlen(one->name)) && !strchr(one->name, '/') &&
                       strcmp(one->name, "..") != 0);
        if (!one->path)
                return;
        ASSERT(one->name && one->path[0] != '/' && strstr(one->path, "/../") == NULL);
        ASSERT(strlen(one->path) <= 1024 && text_printable(one->path, strlen(one->path)));
        ASSERT(strcmp(one->path + strlen(one->path) - strlen(one->name), one->name) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        struct tree *tree = tree_read(bytes, length);
        if (!tree)
                return 0;
        const size_t before = tree->subvolume_count; /* the same once more is nothing more */
        ASSERT(tree_extend(tree, bytes, length) == (before <= TREE_SPARE) && tree->subvolume_count == before);
        ASSERT(tree->subvolume_count <= TREE_SUBVOLUMES_MAX && tree->member_count <= TREE_MEMBERS_MAX);
        for (size_t i = 0; i < tree->subvolume_count; i++) {
                ASSERT(i == 0 || tree->subvolumes[i - 1].number < tree->subvolumes[i].number);
                look_at(tree, &tree->subvolumes[i]);
        }
        for (size_t i = 0; i < tree->member_count; i++)
                ASSERT(strlen(tree->members[i].uuid) == 36);
        arena_free(tree->arena);
        return 0;
}
