/* The trees in which btrfs keeps what a pool is made of, copied out as they are: the clerk reads them, without rights.
 * Rights: the storage hand; reads the file system's own trees (CAP_SYS_ADMIN) and looks at nothing in them. */
#include "daemons/storage/hand/storage.h"
#include "policy/storage_operations.h"

#include <endian.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <sys/ioctl.h>

enum { BATCH_BYTES = 64 * 1024, WRITABLE_MAX = 16384 };

/* A tree, and the keys that are asked for; the search runs from the least to the greatest in their order. */
struct part {
        uint64_t tree, least_object, greatest_object;
        uint32_t least_type, greatest_type;
        uint64_t least_offset;
};
enum { PARTS = 3 };

struct search {
        struct btrfs_ioctl_search_args_v2 args;
        uint8_t bytes[BATCH_BYTES];
        uint64_t *writable; /* subvolumes that are not read-only, which datasets are */
        size_t count;
};

/* Just behind the last item of the batch. False: there is nothing behind it. */
static bool go_on(struct btrfs_ioctl_search_key *key, const struct btrfs_ioctl_search_header *last)
{
        key->min_objectid = last->objectid;
        key->min_type = last->type;
        key->min_offset = last->offset + 1;
        if (key->min_offset == 0 && ++key->min_type > UINT8_MAX) {
                key->min_type = 0;
                key->min_objectid++;
        }
        return key->min_offset != 0 || key->min_type != 0 || key->min_objectid != 0;
}

static void note_writable(struct search *search, const struct btrfs_ioctl_search_header *head, const uint8_t *item)
{
        uint64_t flags;
        if (search->args.key.tree_id != BTRFS_ROOT_TREE_OBJECTID || head->type != BTRFS_ROOT_ITEM_KEY ||
            head->objectid < BTRFS_FIRST_FREE_OBJECTID || head->len < offsetof(struct btrfs_root_item, drop_progress))
                return;
        memcpy(&flags, item + offsetof(struct btrfs_root_item, flags), sizeof(flags));
        if (!(le64toh(flags) & BTRFS_ROOT_SUBVOL_RDONLY) && search->count < WRITABLE_MAX)
                search->writable[search->count++] = head->objectid;
}

static void tell_as_own(uint8_t *bytes, struct btrfs_ioctl_search_header head, uint64_t subvolume)
{
        head.objectid = subvolume;
        head.type |= SURVEY_OWN;
        memcpy(bytes, &head, sizeof(head));
}

/* How many bytes the items of this batch take, and where the last one begins. Those of a subvolume's own tree are told
 * as its own, of another kind. False: the batch is not as it should be. */
static bool measure(struct search *search, size_t *ret_bytes, struct btrfs_ioctl_search_header *ret_last)
{
        size_t at = 0;
        for (uint32_t i = 0; i < search->args.key.nr_items; i++) {
                if (at + sizeof(*ret_last) > BATCH_BYTES)
                        return false;
                memcpy(ret_last, search->bytes + at, sizeof(*ret_last));
                if (search->args.key.tree_id >= BTRFS_FIRST_FREE_OBJECTID)
                        tell_as_own(search->bytes + at, *ret_last, search->args.key.tree_id);
                at += sizeof(*ret_last) + ret_last->len;
                if (at > BATCH_BYTES)
                        return false;
                note_writable(search, ret_last, search->bytes + at - ret_last->len);
        }
        *ret_bytes = at;
        return true;
}

/* 0 or -errno. A tree that is not there (quotas are off) has nothing in it. */
static int copy_part(int pool, const struct part *part, struct search *search, int output)
{
        struct btrfs_ioctl_search_header last;
        size_t bytes;
        search->args.key = (struct btrfs_ioctl_search_key){.tree_id = part->tree,
                                                           .min_objectid = part->least_object,
                                                           .max_objectid = part->greatest_object,
                                                           .min_type = part->least_type,
                                                           .min_offset = part->least_offset,
                                                           .max_type = part->greatest_type,
                                                           .max_offset = UINT64_MAX,
                                                           .max_transid = UINT64_MAX};
        for (;;) {
                search->args.key.nr_items = UINT32_MAX;
                search->args.buf_size = BATCH_BYTES;
                if (ioctl(pool, BTRFS_IOC_TREE_SEARCH_V2, &search->args) != 0)
                        return errno == ENOENT ? 0 : -errno;
                if (search->args.key.nr_items == 0)
                        return 0;
                if (!measure(search, &bytes, &last))
                        return -EBADMSG;
                int result = file_write_all(output, search->bytes, bytes);
                if (result != 0 || !go_on(&search->args.key, &last))
                        return result;
        }
}

int survey(struct act_context *context, struct failure *failure)
{
        const uint64_t after = act_number(context, "after");
        const struct part all[PARTS] = {{BTRFS_CHUNK_TREE_OBJECTID, BTRFS_DEV_ITEMS_OBJECTID, BTRFS_DEV_ITEMS_OBJECTID,
                                         BTRFS_DEV_ITEM_KEY, BTRFS_DEV_ITEM_KEY, 0},
                                        {BTRFS_ROOT_TREE_OBJECTID, BTRFS_FS_TREE_OBJECTID, BTRFS_LAST_FREE_OBJECTID,
                                         BTRFS_ROOT_ITEM_KEY, BTRFS_ROOT_BACKREF_KEY, 0},
                                        {BTRFS_QUOTA_TREE_OBJECTID, 0, UINT64_MAX, 0, UINT32_MAX, 0}};
        const struct part fresh[PARTS] = {
                {BTRFS_ROOT_TREE_OBJECTID, after + 1, BTRFS_LAST_FREE_OBJECTID, BTRFS_ROOT_ITEM_KEY,
                 BTRFS_ROOT_BACKREF_KEY, 0},
                {BTRFS_QUOTA_TREE_OBJECTID, 0, 0, BTRFS_QGROUP_INFO_KEY, BTRFS_QGROUP_INFO_KEY, after + 1},
                {BTRFS_QUOTA_TREE_OBJECTID, 0, 0, BTRFS_QGROUP_LIMIT_KEY, BTRFS_QGROUP_LIMIT_KEY, after + 1}};
        CLEANUP_FD int pool = pool_open(context, failure);
        struct search *search = arena_alloc(context->arena, sizeof(*search));
        int result = 0;
        if (pool < 0)
                return -1;
        search->writable = arena_array(context->arena, WRITABLE_MAX, sizeof(*search->writable));
        search->count = 0;
        for (size_t i = 0; result == 0 && i < PARTS; i++)
                result = copy_part(pool, after > 0 ? &fresh[i] : &all[i], search, context->output_fd);
        for (size_t i = 0; result == 0 && i < search->count; i++) {
                const struct part top = {search->writable[i],  BTRFS_FIRST_FREE_OBJECTID, BTRFS_FIRST_FREE_OBJECTID,
                                         BTRFS_INODE_ITEM_KEY, BTRFS_XATTR_ITEM_KEY,      0};
                result = copy_part(pool, &top, search, context->output_fd);
        }
        return failure_system(failure, FAILURE_FAILED, act_text(context, "pool"), result);
}
