/* Items of btrfs' trees: roots, their names, what is counted of them, and devices.
 * Rights: the storage clerk; pure. */
#include "daemons/storage/clerk/tree.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "policy/storage_operations.h"
#include "value/types.h"

#include <endian.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        INODE_IN_PLACE = 1 << 1 /* BTRFS_INODE_NODATACOW */,
        NAME_MAX_BYTES = 255,
        DEPTH_MAX = 32,
        PATH_MAX_BYTES = 1024
};

struct item {
        struct btrfs_ioctl_search_header head;
        const uint8_t *data;
};

struct cursor {
        const uint8_t *at, *end;
        bool bad;
};

static bool next(struct cursor *cursor, struct item *item)
{
        if (cursor->at == cursor->end)
                return false;
        cursor->bad = (size_t)(cursor->end - cursor->at) < sizeof(item->head);
        if (cursor->bad)
                return false;
        memcpy(&item->head, cursor->at, sizeof(item->head));
        cursor->at += sizeof(item->head);
        cursor->bad = (size_t)(cursor->end - cursor->at) < item->head.len;
        if (cursor->bad)
                return false;
        item->data = cursor->at;
        cursor->at += item->head.len;
        return true;
}

#define FIELD(item, type, member) le64_at((item), offsetof(struct type, member))
static uint64_t le64_at(const struct item *item, size_t offset)
{
        uint64_t value;
        if (item->head.len < offset + sizeof(value))
                return 0;
        memcpy(&value, item->data + offset, sizeof(value));
        return le64toh(value);
}

/* --- subvolumes --- */

static bool is_subvolume(const struct item *item)
{
        return item->head.type == BTRFS_ROOT_ITEM_KEY && item->head.objectid >= BTRFS_FIRST_FREE_OBJECTID &&
               item->head.objectid <= BTRFS_LAST_FREE_OBJECTID;
}

static int64_t created(const struct item *item)
{
        uint64_t seconds = FIELD(item, btrfs_root_item, otime);
        return seconds < (uint64_t)INT64_MAX / 1000000 ? (int64_t)seconds * 1000000 : 0;
}

static void take_root(struct tree *tree, const struct item *item)
{
        struct subvolume *last = tree->subvolume_count > 0 ? &tree->subvolumes[tree->subvolume_count - 1] : NULL;
        if (last && last->number >= item->head.objectid) /* they come in order; a snapshot has two */
                return;
        struct subvolume *one = &tree->subvolumes[tree->subvolume_count++];
        one->number = item->head.objectid;
        one->read_only = (FIELD(item, btrfs_root_item, flags) & BTRFS_ROOT_SUBVOL_RDONLY) != 0;
        one->created_us = created(item);
        if (item->head.len >= offsetof(struct btrfs_root_item, ctransid)) {
                memcpy(one->uuid, item->data + offsetof(struct btrfs_root_item, uuid), TREE_UUID_BYTES);
                memcpy(one->parent_uuid, item->data + offsetof(struct btrfs_root_item, parent_uuid), TREE_UUID_BYTES);
                memcpy(one->received_uuid, item->data + offsetof(struct btrfs_root_item, received_uuid),
                       TREE_UUID_BYTES);
        }
}

static int by_number(const void *a, const void *b)
{
        const struct subvolume *left = a, *right = b;
        return left->number < right->number ? -1 : left->number > right->number;
}

static struct subvolume *find(const struct tree *tree, uint64_t number)
{
        struct subvolume key = {.number = number};
        return tree->subvolume_count == 0
                       ? NULL
                       : bsearch(&key, tree->subvolumes, tree->subvolume_count, sizeof(key), by_number);
}

const struct subvolume *tree_find(const struct tree *tree, uint64_t number)
{
        return tree ? find(tree, number) : NULL;
}

static bool is_name(const char *name, size_t length)
{
        bool dots = name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.'));
        return !dots && text_printable(name, length) && !memchr(name, '/', length);
}

/* Where it lies, and what it is called there. */
static void take_name(struct tree *tree, const struct item *item)
{
        struct subvolume *one = find(tree, item->head.objectid);
        const size_t head = sizeof(struct btrfs_root_ref);
        if (!one || item->head.len <= head || item->head.len - head > NAME_MAX_BYTES)
                return;
        const char *name = (const char *)item->data + head;
        size_t length = item->head.len - head;
        one->parent = item->head.offset;
        one->whole_path = FIELD(item, btrfs_root_ref, dirid) == BTRFS_FIRST_FREE_OBJECTID;
        if (is_name(name, length))
                one->name = arena_text(tree->arena, name, length);
}

static void take_count(struct tree *tree, const struct item *item)
{
        struct subvolume *one = find(tree, item->head.offset);
        if (!one || item->head.offset >> BTRFS_QGROUP_LEVEL_SHIFT != 0)
                return;
        if (item->head.type == BTRFS_QGROUP_INFO_KEY) {
                one->counted = true;
                one->referenced = FIELD(item, btrfs_qgroup_info_item, rfer);
                one->exclusive = FIELD(item, btrfs_qgroup_info_item, excl);
        } else if (FIELD(item, btrfs_qgroup_limit_item, flags) & BTRFS_QGROUP_LIMIT_MAX_RFER) {
                one->limit = FIELD(item, btrfs_qgroup_limit_item, max_rfer);
        }
}

/* --- what the folder at the top of a subvolume says of it --- */

static void take_attribute(struct tree *tree, struct subvolume *one, const char *name, size_t name_length,
                           const uint8_t *value, size_t length)
{
        static const char compression[] = "btrfs.compression", acl[] = "system.posix_acl_default";
        const char *text = (const char *)value;
        if (name_length == sizeof(compression) - 1 && memcmp(name, compression, name_length) == 0 && length > 0 &&
            value_is(&value_compression, text, length)) {
                one->compression = arena_text(tree->arena, text, length);
        } else if (name_length == sizeof(acl) - 1 && memcmp(name, acl, name_length) == 0 && length > 0) {
                uint8_t *copy = arena_alloc(tree->arena, length);
                memcpy(copy, value, length);
                one->acl = copy;
                one->acl_length = length;
        }
}

/* An item holds all whose names have the same sum. */
static void take_own(struct tree *tree, const struct item *item)
{
        struct subvolume *one = find(tree, item->head.objectid);
        const uint8_t *at = item->data, *const end = item->data + item->head.len;
        const size_t head = sizeof(struct btrfs_dir_item);
        if (one && item->head.type == (SURVEY_OWN | BTRFS_INODE_ITEM_KEY))
                one->in_place = FIELD(item, btrfs_inode_item, flags) & INODE_IN_PLACE;
        while (one && item->head.type == (SURVEY_OWN | BTRFS_XATTR_ITEM_KEY) && (size_t)(end - at) >= head) {
                struct btrfs_dir_item entry;
                memcpy(&entry, at, head);
                const size_t name = le16toh(entry.name_len), value = le16toh(entry.data_len);
                at += head;
                if ((size_t)(end - at) < name + value)
                        return;
                take_attribute(tree, one, (const char *)at, name, at + name, value);
                at += name + value;
        }
}

/* --- devices --- */

static void take_device(struct tree *tree, const struct item *item)
{
        const size_t at = offsetof(struct btrfs_dev_item, uuid);
        if (tree->member_count == TREE_MEMBERS_MAX || item->head.len < at + TREE_UUID_BYTES)
                return;
        struct member *one = &tree->members[tree->member_count++];
        char digits[2 * TREE_UUID_BYTES + 1];
        text_hex(item->data + at, TREE_UUID_BYTES, digits);
        *one = (struct member){.number = item->head.offset,
                               .size = FIELD(item, btrfs_dev_item, total_bytes),
                               .used = FIELD(item, btrfs_dev_item, bytes_used)};
        snprintf(one->uuid, sizeof(one->uuid), "%.8s-%.4s-%.4s-%.4s-%.12s", digits, digits + 8, digits + 12,
                 digits + 16, digits + 20);
}

/* --- all of it --- */

static void take(struct tree *tree, const struct item *item)
{
        if (item->head.type == BTRFS_ROOT_ITEM_KEY && item->head.objectid == BTRFS_FS_TREE_OBJECTID)
                tree->created_us = created(item);
        else if (item->head.type == BTRFS_DEV_ITEM_KEY && item->head.objectid == BTRFS_DEV_ITEMS_OBJECTID)
                take_device(tree, item);
        else if (item->head.type == BTRFS_ROOT_BACKREF_KEY)
                take_name(tree, item);
        else if (item->head.type == BTRFS_QGROUP_INFO_KEY || item->head.type == BTRFS_QGROUP_LIMIT_KEY)
                take_count(tree, item);
        else if (item->head.type & SURVEY_OWN)
                take_own(tree, item);
}

/* Loops cannot be, but a hostile pool may have some: there is an end to how deep it goes. And to how long a path is:
 * many deep ones would fill the memory, and none of ours is nearly that long. */
static const char *path_of(struct tree *tree, struct subvolume *one, unsigned depth)
{
        if (one->path || !one->name || one->parent == 0 || depth > DEPTH_MAX)
                return one->path;
        if (one->parent == BTRFS_FS_TREE_OBJECTID) {
                one->path = one->name;
                return one->path;
        }
        struct subvolume *parent = find(tree, one->parent);
        const char *folder = parent ? path_of(tree, parent, depth + 1) : NULL;
        if (folder && strlen(folder) + strlen(one->name) < PATH_MAX_BYTES) {
                one->path = arena_printf(tree->arena, "%s/%s", folder, one->name);
                one->whole_path = one->whole_path && parent->whole_path;
        }
        return one->path;
}

/* How many subvolumes the bytes tell of; SIZE_MAX: they are not what the hand writes. */
static size_t count_roots(struct cursor cursor)
{
        struct item item;
        size_t roots = 0;
        while (next(&cursor, &item))
                roots += is_subvolume(&item);
        return cursor.bad ? SIZE_MAX : roots;
}

bool tree_extend(struct tree *tree, const void *bytes, size_t length)
{
        ASSERT(tree && (bytes || length == 0));
        const struct cursor begin = {.at = bytes, .end = (const uint8_t *)bytes + length};
        const size_t before = tree->subvolume_count;
        struct item item;
        if (count_roots(begin) > tree->room - before)
                return false;
        for (struct cursor cursor = begin; next(&cursor, &item);)
                if (is_subvolume(&item))
                        take_root(tree, &item);
        for (struct cursor cursor = begin; next(&cursor, &item);)
                take(tree, &item);
        for (size_t i = before; i < tree->subvolume_count; i++)
                (void)path_of(tree, &tree->subvolumes[i], 0);
        return true;
}

struct tree *tree_read(const void *bytes, size_t length)
{
        ASSERT(bytes || length == 0);
        const size_t roots = count_roots((struct cursor){.at = bytes, .end = (const uint8_t *)bytes + length});
        if (roots > TREE_SUBVOLUMES_MAX)
                return NULL;
        struct arena *arena = arena_new();
        struct tree *tree = arena_alloc(arena, sizeof(*tree));
        *tree = (struct tree){.arena = arena,
                              .room = roots + TREE_SPARE,
                              .subvolumes = arena_array(arena, roots + TREE_SPARE, sizeof(*tree->subvolumes)),
                              .members = arena_array(arena, TREE_MEMBERS_MAX, sizeof(*tree->members))};
        const bool good = tree_extend(tree, bytes, length);
        ASSERT(good); /* it was just counted */
        return tree;
}
