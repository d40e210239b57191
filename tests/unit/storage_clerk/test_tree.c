/* The trees of pools, built item by item as the kernel hands them out: good ones, torn ones, and hostile ones.
 * Rights: none. */
#include "base/mem.h"
#include "base/text.h"
#include "daemons/storage/clerk/tree.h"
#include "policy/storage_operations.h"

#include <endian.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROOM = 48 * 1024 * 1024, TOP = BTRFS_FS_TREE_OBJECTID, FIRST = BTRFS_FIRST_FREE_OBJECTID };

static struct {
        uint8_t *bytes;
        size_t length;
} t;

/* --- building --- */

static void add(uint64_t object, uint32_t type, uint64_t offset, const void *data, size_t length)
{
        struct btrfs_ioctl_search_header head = {
                .objectid = object, .type = type, .offset = offset, .len = (uint32_t)length};
        assert_true(t.length + sizeof(head) + length <= ROOM);
        memcpy(t.bytes + t.length, &head, sizeof(head));
        if (length > 0)
                memcpy(t.bytes + t.length + sizeof(head), data, length);
        t.length += sizeof(head) + length;
}

static void add_root(uint64_t number, uint64_t flags, uint64_t seconds)
{
        struct btrfs_root_item root = {.flags = htole64(flags)};
        root.otime.sec = htole64(seconds);
        root.uuid[0] = (uint8_t)number;
        root.parent_uuid[15] = 7;
        add(number, BTRFS_ROOT_ITEM_KEY, 0, &root, sizeof(root));
}

static void add_name(uint64_t number, uint64_t parent, uint64_t folder, const char *name, size_t length)
{
        uint8_t bytes[sizeof(struct btrfs_root_ref) + 300];
        struct btrfs_root_ref ref = {.dirid = htole64(folder), .name_len = htole16((uint16_t)length)};
        memcpy(bytes, &ref, sizeof(ref));
        memcpy(bytes + sizeof(ref), name, length);
        add(number, BTRFS_ROOT_BACKREF_KEY, parent, bytes, sizeof(ref) + length);
}

static void add_subvolume(uint64_t number, uint64_t parent, const char *name)
{
        add_root(number, 0, 1000 + number);
        add_name(number, parent, FIRST, name, strlen(name));
}

static void add_member(uint64_t number)
{
        struct btrfs_dev_item item = {
                .devid = htole64(number), .total_bytes = htole64(4096), .bytes_used = htole64(512)};
        for (uint8_t i = 0; i < 16; i++)
                item.uuid[i] = (uint8_t)(i * 17);
        add(BTRFS_DEV_ITEMS_OBJECTID, BTRFS_DEV_ITEM_KEY, number, &item, sizeof(item));
}

static void add_counts(uint64_t number, uint64_t referenced, uint64_t exclusive, uint64_t limit)
{
        struct btrfs_qgroup_info_item info = {.rfer = htole64(referenced), .excl = htole64(exclusive)};
        struct btrfs_qgroup_limit_item most = {.flags = htole64(limit ? BTRFS_QGROUP_LIMIT_MAX_RFER : 0),
                                               .max_rfer = htole64(limit)};
        add(0, BTRFS_QGROUP_INFO_KEY, number, &info, sizeof(info));
        add(0, BTRFS_QGROUP_LIMIT_KEY, number, &most, sizeof(most));
}

/* As the hand tells what a subvolume's own tree says of the folder at its top. */
static size_t put_attribute(uint8_t *at, const char *name, const void *value, size_t length)
{
        struct btrfs_dir_item head = {.name_len = htole16((uint16_t)strlen(name)),
                                      .data_len = htole16((uint16_t)length)};
        memcpy(at, &head, sizeof(head));
        memcpy(at + sizeof(head), name, strlen(name));
        memcpy(at + sizeof(head) + strlen(name), value, length);
        return sizeof(head) + strlen(name) + length;
}

static int set_up(void **state)
{
        (void)state;
        t.length = 0;
        return 0;
}

/* Read from memory that ends where the bytes end. */
static struct tree *whole(void)
{
        uint8_t *exact = malloc(t.length + 1);
        assert_non_null(exact);
        memcpy(exact, t.bytes, t.length);
        struct tree *tree = tree_read(exact, t.length);
        free(exact);
        return tree;
}

static const char *path_of(const struct tree *tree, uint64_t number)
{
        const struct subvolume *one = tree_find(tree, number);
        assert_non_null(one);
        return one->path ? one->path : "";
}

/* --- good ones --- */

static void what_is_there_is_read(void **state)
{
        (void)state;
        add_member(1);
        add_member(2);
        add_root(TOP, 0, 50);
        add_subvolume(256, TOP, "photos");
        add_subvolume(257, 256, "2026");
        add_root(258, BTRFS_ROOT_SUBVOL_RDONLY, 77);
        add_name(258, TOP, 1234, "deep", 4); /* in a plain folder, whose name nobody knows */
        add_subvolume(259, 258, "inner");
        add_counts(256, 8192, 4096, 1 << 20);
        add_counts(1ULL << BTRFS_QGROUP_LEVEL_SHIFT | 257, 5, 5, 5); /* of a group of several: not this one's */
        struct tree *tree = whole();
        assert_non_null(tree);
        assert_int_equal(tree->member_count, 2);
        assert_string_equal(tree->members[0].uuid, "00112233-4455-6677-8899-aabbccddeeff");
        assert_int_equal(tree->members[1].size, 4096);
        assert_int_equal(tree->created_us, 50000000);
        assert_int_equal(tree->subvolume_count, 4);
        assert_string_equal(path_of(tree, 257), "photos/2026");
        assert_true(tree_find(tree, 257)->whole_path && !tree_find(tree, 257)->counted);
        assert_true(tree_find(tree, 256)->counted && tree_find(tree, 256)->exclusive == 4096);
        assert_int_equal(tree_find(tree, 256)->limit, 1 << 20);
        assert_int_equal(tree_find(tree, 256)->created_us, 1256000000);
        assert_int_equal(tree_find(tree, 256)->uuid[0], 0);
        assert_int_equal(tree_find(tree, 256)->parent_uuid[15], 7);
        assert_true(tree_find(tree, 258)->read_only && !tree_find(tree, 258)->whole_path);
        assert_false(tree_find(tree, 259)->whole_path);
        assert_null(tree_find(tree, 999));
        arena_free(tree->arena);
}

static void what_datasets_say_of_themselves(void **state)
{
        (void)state;
        uint8_t two[256];
        struct btrfs_inode_item inode = {.flags = htole64(1 << 1)};
        add_subvolume(256, TOP, "photos");
        add_subvolume(257, TOP, "vm");
        add_subvolume(258, TOP, "odd");
        size_t length = put_attribute(two, "user.btrfs.compression", "lzo", 3);
        length += put_attribute(two + length, "btrfs.compression", "zstd", 4);
        add(256, SURVEY_OWN | BTRFS_XATTR_ITEM_KEY, 1, two, length);
        add(256, SURVEY_OWN | BTRFS_XATTR_ITEM_KEY, 2, two, put_attribute(two, "system.posix_acl_default", "acl", 3));
        add(257, SURVEY_OWN | BTRFS_INODE_ITEM_KEY, 0, &inode, sizeof(inode));
        add(258, SURVEY_OWN | BTRFS_XATTR_ITEM_KEY, 1, two, put_attribute(two, "btrfs.compression", "lzma", 4));
        length = put_attribute(two, "btrfs.compression", "zlib", 4);
        add(258, SURVEY_OWN | BTRFS_XATTR_ITEM_KEY, 2, two, length - 1); /* cut off */
        add(999, SURVEY_OWN | BTRFS_XATTR_ITEM_KEY, 1, two, length);     /* of none */
        struct tree *tree = whole();
        assert_non_null(tree);
        assert_string_equal(tree_find(tree, 256)->compression, "zstd");
        assert_int_equal(tree_find(tree, 256)->acl_length, 3);
        assert_memory_equal(tree_find(tree, 256)->acl, "acl", 3);
        assert_true(tree_find(tree, 257)->in_place && !tree_find(tree, 256)->in_place);
        assert_null(tree_find(tree, 257)->compression);
        assert_null(tree_find(tree, 258)->compression);
        arena_free(tree->arena);
}

/* What is asked for after a snapshot: those that are more than before, and nothing of the others. */
static void what_is_more_is_added(void **state)
{
        (void)state;
        add_subvolume(256, TOP, "photos");
        add_subvolume(257, TOP, ".snapshots");
        struct tree *tree = whole();
        assert_non_null(tree);
        t.length = 0;
        add_subvolume(256, TOP, "again"); /* known: stays as it is but for its name */
        add_subvolume(258, 257, "photos");
        add_subvolume(259, 258, "one");
        add_counts(259, 4096, 4096, 0);
        assert_true(tree_extend(tree, t.bytes, t.length));
        assert_int_equal(tree->subvolume_count, 4);
        assert_string_equal(path_of(tree, 259), ".snapshots/photos/one");
        assert_true(tree_find(tree, 259)->counted && !tree_find(tree, 256)->counted);
        assert_string_equal(path_of(tree, 256), "photos");
        assert_false(tree_extend(tree, t.bytes, t.length - 1)); /* torn: nothing of it */
        t.length = 0;
        for (uint64_t i = 0; i < TREE_SPARE; i++)
                add_subvolume(1000 + i, TOP, "x");
        assert_false(tree_extend(tree, t.bytes, t.length)); /* no room for so many */
        assert_int_equal(tree->subvolume_count, 4);
        arena_free(tree->arena);
}

static void nothing_is_nothing(void **state)
{
        (void)state;
        struct tree *tree = tree_read(NULL, 0);
        assert_non_null(tree);
        assert_int_equal(tree->subvolume_count + tree->member_count, 0);
        assert_null(tree_find(tree, 256));
        arena_free(tree->arena);
        assert_null(tree_find(NULL, 256));
}

/* --- torn ones --- */

/* Either it is refused, or it ends at the end of an item. */
static void what_is_cut_off_is_refused(void **state)
{
        (void)state;
        size_t ends[8], count = 0;
        ends[count++] = 0;
        add_member(1);
        ends[count++] = t.length;
        add_root(256, 0, 1);
        ends[count++] = t.length;
        add_name(256, TOP, FIRST, "a", 1);
        ends[count++] = t.length;
        add_counts(256, 1, 1, 1);
        const size_t all = t.length;
        for (t.length = 0; t.length < all; t.length++) {
                struct tree *tree = whole();
                bool end = false;
                for (size_t i = 0; i < count; i++)
                        end = end || ends[i] == t.length;
                if (end)
                        assert_non_null(tree);
                else if (t.length < ends[count - 1])
                        assert_null(tree);
                if (tree)
                        arena_free(tree->arena);
        }
}

static void short_items_tell_nothing(void **state)
{
        (void)state;
        static const uint32_t types[] = {BTRFS_ROOT_ITEM_KEY, BTRFS_ROOT_BACKREF_KEY, BTRFS_QGROUP_INFO_KEY,
                                         BTRFS_QGROUP_LIMIT_KEY, BTRFS_DEV_ITEM_KEY};
        const uint8_t bytes[600] = {0xff, 0xff, 0xff};
        for (size_t length = 0; length < sizeof(bytes); length += 7) {
                t.length = 0;
                for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
                        add(256, types[i], 256, bytes, length);
                        add(1, types[i], 1, bytes, length);
                }
                struct tree *tree = whole();
                assert_non_null(tree);
                assert_int_equal(tree->subvolume_count, 1);
                arena_free(tree->arena);
        }
}

/* --- hostile ones --- */

static void loops_of_parents_have_no_path(void **state)
{
        (void)state;
        add_subvolume(256, 257, "a");
        add_subvolume(257, 258, "b");
        add_subvolume(258, 256, "c");
        add_subvolume(259, 259, "own");
        add_subvolume(260, 4711, "orphan");
        add_subvolume(261, TOP, "good");
        struct tree *tree = whole();
        assert_non_null(tree);
        for (uint64_t number = 256; number <= 260; number++)
                assert_null(tree_find(tree, number)->path);
        assert_string_equal(path_of(tree, 261), "good");
        arena_free(tree->arena);
}

static void names_that_are_none_are_not_shown(void **state)
{
        (void)state;
        static const struct {
                const char *name;
                size_t length;
        } names[] = {{"a/b", 3},      {"a\0b", 3},     {"\x1b[31m", 5},     {"a\nb", 3},
                     {"\xff\xfe", 2}, {"\x7f", 1},     {"\xe2\x80\xae", 3}, {"../../etc", 9},
                     {"/", 1},        {"\xc0\xaf", 2}, {"\xed\xa0\x80", 3}};
        char big[256];
        memset(big, 'a', sizeof(big));
        for (uint64_t i = 0; i < ARRAY_SIZE(names); i++) {
                add_root(300 + i, 0, 1);
                add_name(300 + i, TOP, FIRST, names[i].name, names[i].length);
                add_subvolume(400 + i, 300 + i, "inner");
        }
        add_root(500, 0, 1);
        add_name(500, TOP, FIRST, big, sizeof(big));
        struct tree *tree = whole();
        assert_non_null(tree);
        for (size_t i = 0; i < tree->subvolume_count; i++)
                if (tree->subvolumes[i].path)
                        fail_msg("%llu has a path", (unsigned long long)tree->subvolumes[i].number);
        arena_free(tree->arena);
}

static void dots_are_no_way_out(void **state)
{
        (void)state;
        add_subvolume(256, TOP, "..");
        add_subvolume(257, 256, "etc");
        add_subvolume(258, TOP, ".");
        struct tree *tree = whole();
        assert_non_null(tree);
        assert_null(tree_find(tree, 256)->path);
        assert_null(tree_find(tree, 257)->path);
        assert_null(tree_find(tree, 258)->path);
        arena_free(tree->arena);
}

static void moments_that_cannot_be_are_none(void **state)
{
        (void)state;
        add_root(256, 0, UINT64_MAX);
        add_root(257, 0, INT64_MAX / 1000000);
        struct tree *tree = whole();
        assert_non_null(tree);
        assert_int_equal(tree_find(tree, 256)->created_us, 0);
        assert_true(tree_find(tree, 257)->created_us >= 0);
        arena_free(tree->arena);
}

static void out_of_order_is_dropped(void **state)
{
        (void)state;
        add_subvolume(300, TOP, "later");
        add_subvolume(256, TOP, "earlier");
        add_subvolume(300, TOP, "again");
        struct tree *tree = whole();
        assert_non_null(tree);
        for (size_t i = 1; i < tree->subvolume_count; i++)
                assert_true(tree->subvolumes[i - 1].number < tree->subvolumes[i].number);
        arena_free(tree->arena);
}

static void there_is_an_end_to_how_many(void **state)
{
        (void)state;
        for (uint64_t i = 0; i < TREE_SUBVOLUMES_MAX; i++)
                add_root(256 + i, 0, 1);
        struct tree *tree = whole();
        assert_non_null(tree);
        assert_int_equal(tree->subvolume_count, TREE_SUBVOLUMES_MAX);
        arena_free(tree->arena);
        add_root(256 + TREE_SUBVOLUMES_MAX, 0, 1);
        assert_null(whole());
        t.length = 0;
        for (uint64_t i = 0; i < 2 * TREE_MEMBERS_MAX; i++)
                add_member(i);
        tree = whole();
        assert_non_null(tree);
        assert_int_equal(tree->member_count, TREE_MEMBERS_MAX);
        arena_free(tree->arena);
}

/* As deep as can be, with the longest names: the paths of all must not fill the memory. */
static void there_is_an_end_to_how_long(void **state)
{
        (void)state;
        char name[255];
        memset(name, 'n', sizeof(name));
        for (uint64_t i = 0; i < 30000; i++) {
                add_root(256 + i, 0, 1);
                add_name(256 + i, i < 20 ? (i == 0 ? TOP : 255 + i) : 256 + 19, FIRST, name, sizeof(name));
        }
        struct tree *tree = whole();
        assert_non_null(tree);
        size_t bytes = 0;
        for (size_t i = 0; i < tree->subvolume_count; i++)
                bytes += tree->subvolumes[i].path ? strlen(tree->subvolumes[i].path) : 0;
        assert_non_null(tree_find(tree, 257)->path);
        assert_in_range(bytes, 500, 64 << 20);
        assert_null(tree_find(tree, 256 + 19)->path);
        arena_free(tree->arena);
}

static int make(void **state)
{
        (void)state;
        t.bytes = malloc(ROOM);
        return t.bytes ? 0 : -1;
}

static int drop(void **state)
{
        (void)state;
        free(t.bytes);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(what_is_there_is_read, set_up),
                cmocka_unit_test_setup(what_datasets_say_of_themselves, set_up),
                cmocka_unit_test_setup(what_is_more_is_added, set_up),
                cmocka_unit_test_setup(nothing_is_nothing, set_up),
                cmocka_unit_test_setup(what_is_cut_off_is_refused, set_up),
                cmocka_unit_test_setup(short_items_tell_nothing, set_up),
                cmocka_unit_test_setup(loops_of_parents_have_no_path, set_up),
                cmocka_unit_test_setup(names_that_are_none_are_not_shown, set_up),
                cmocka_unit_test_setup(dots_are_no_way_out, set_up),
                cmocka_unit_test_setup(moments_that_cannot_be_are_none, set_up),
                cmocka_unit_test_setup(out_of_order_is_dropped, set_up),
                cmocka_unit_test_setup(there_is_an_end_to_how_many, set_up),
                cmocka_unit_test_setup(there_is_an_end_to_how_long, set_up),
        };
        return cmocka_run_group_tests(tests, make, drop);
}
