/* Datasets and snapshots of ZFS's over a fake hand: what "zfs list" said, as it was recorded and broken, is shown as
 * what it is, and each request comes down to an order and its carrying out. Rights: none. */
#include "daemons/storage/clerk/zfs.h"
#include "tests/unit/storage_clerk/asking.h"

#define NUMBER "00000000-0000-0000-c064-61e0aeacc272"
/* name, type, objsetid, creation, used, usedbydataset, referenced, refquota, refreservation, compression, userrefs, origin */
#define TOP    "tank\tfilesystem\t54\t1790000000\t9000000\t24576\t24576\t0\t0\tlz4\t-\t-\n"
#define PHOTOS "tank/photos\tfilesystem\t256\t1790000001\t5000000\t3000000\t3000000\t10000000\t0\tzstd\t-\t-\n"
#define RAW    "tank/photos/raw\tfilesystem\t257\t1790000002\t1000\t1000\t1000\t0\t0\tgzip-6\t-\t-\n"
#define VOLUME "tank/disk\tvolume\t258\t1790000003\t1000\t1000\t1000\t-\t0\tlz4\t-\t-\n"
#define MONDAY "tank/photos@monday\tsnapshot\t300\t1790000100\t4096\t-\t2000000\t-\t-\t-\t0\t-\n"
#define HELD   "tank/photos@held\tsnapshot\t301\t1790000200\t0\t-\t3000000\t-\t-\t-\t1\t-\n"
#define OTHERS                                                                                                         \
        "tank@all\tsnapshot\t302\t1790000300\t0\t-\t24576\t-\t-\t-\t0\t-\n"                                            \
        "tank/disk@x\tsnapshot\t303\t1790000300\t0\t-\t1000\t-\t-\t-\t0\t-\n"                                          \
        "tank/a:b\tfilesystem\t304\t1790000300\t0\t0\t1000\t0\t0\toff\t-\t-\n"                                         \
        "tank/a:b@x\tsnapshot\t305\t1790000300\t0\t-\t1000\t-\t-\t-\t0\t-\n"
#define KEPT "tank/kept\tfilesystem\t307\t1790000400\t0\t0\t1000\t9000000\t5000000\toff\t-\t-\n"
#define COPY "tank/copy\tfilesystem\t306\t1790000400\t0\t0\t2000000\t0\t0\toff\t-\ttank/photos@monday\n"
#define ALL  TOP PHOTOS RAW VOLUME MONDAY HELD OTHERS

static void of_zfs(const char *sets)
{
        fake_machine_tank();
        fake_machine.pools[0].type = "zfs";
        fake_machine.pools[0].uuid = fake_machine.systems[0].uuid = NUMBER;
        fake_machine.systems[0].type = "zfs";
        fake_machine.sets = sets;
}

static void what_is_shown(void **state)
{
        (void)state;
        of_zfs(ALL COPY);
        struct fake_reply reply = fake_call("ListDatasets", "{}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&reply, "datasets"), "3"); /* no volume, and none that has no name here */
        assert_string_equal(fake_at(&reply, "datasets.0.name"), "photos");
        assert_string_equal(fake_at(&reply, "datasets.0.id"), "512");
        assert_string_equal(fake_at(&reply, "datasets.0.used"), "3000000");
        assert_string_equal(fake_at(&reply, "datasets.0.quota"), "10000000");
        assert_string_equal(fake_at(&reply, "datasets.0.compression"), "zstd");
        assert_string_equal(fake_at(&reply, "datasets.0.snapshots"), "2");
        assert_string_equal(fake_at(&reply, "datasets.1.name"), "photos/raw");
        assert_string_equal(fake_at(&reply, "datasets.1.compression"), "zlib");
        assert_string_equal(fake_at(&reply, "datasets.2.compression"), "none");
        fake_reply_free(&reply);
        reply = fake_call("ListSnapshots", "{}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&reply, "snapshots"), "2");
        assert_string_equal(fake_at(&reply, "snapshots.0.name"), "held");
        assert_string_equal(fake_at(&reply, "snapshots.0.held"), "true");
        assert_string_equal(fake_at(&reply, "snapshots.1.dataset"), "photos");
        assert_string_equal(fake_at(&reply, "snapshots.1.exclusive"), "4096");
        assert_string_equal(fake_at(&reply, "snapshots.1.held"), "false");
        fake_reply_free(&reply);
}

#define DO  "systemctl start bulkhead-zfs-set@tank.service\n"
#define PUT "write /var/lib/bulkhead-storage-hand/zfs/tank: "

static void datasets_are_made_and_changed(void **state)
{
        (void)state;
        of_zfs(ALL);
        IN_ORDER_WITHOUT("dataset_make", planned("CreateDataset", "{\"pool\":\"tank\",\"name\":\"x\"}"), PUT, "DO=make",
                         "DATASET=x", DO);
        IN_ORDER_WITHOUT("dataset_make",
                         planned("CreateDataset", "{\"pool\":\"tank\",\"name\":\"photos/x\",\"compression\":\"lz4\"}"),
                         "DATASET=photos/x", "COMPRESSION=lz4", DO);
        IN_ORDER_WITHOUT("dataset_limit", planned("UpdateDataset", "{\"pool\":\"tank\",\"id\":512,\"quota\":20000000}"),
                         PUT, "DO=set", "DATASET=photos", "NUMBER=256", "QUOTA=20000000", DO);
        IN_ORDER_WITHOUT("dataset_compress",
                         planned("UpdateDataset", "{\"pool\":\"tank\",\"id\":512,\"compression\":\"inherit\"}"),
                         "QUOTA=", "COMPRESSION=inherit", DO);
        IN_ORDER_WITHOUT("zfs", planned("UpdateDataset", "{\"pool\":\"tank\",\"id\":512,\"mode\":\"770\"}"),
                         "dataset_access tank photos 512");
        IN_ORDER_WITHOUT("snapshots_rename",
                         planned("RenameDataset", "{\"pool\":\"tank\",\"id\":512,\"name\":\"pictures\"}"), PUT,
                         "DO=rename", "DATASET=photos", "NUMBER=256", "TO=pictures", DO);
}

static void room_is_kept(void **state)
{
        (void)state;
        of_zfs(TOP PHOTOS KEPT);
        struct fake_reply reply = fake_call("ListDatasets", "{}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&reply, "datasets.0.reservation"), "");
        assert_string_equal(fake_at(&reply, "datasets.1.reservation"), "5000000");
        fake_reply_free(&reply);
        IN_ORDER_WITHOUT("dataset_limit",
                         planned("UpdateDataset", "{\"pool\":\"tank\",\"id\":512,\"reservation\":7000000}"), PUT,
                         "DO=set", "DATASET=photos", "NUMBER=256", "QUOTA=", "RESERVED=7000000", DO);
        IN_ORDER_WITHOUT("dataset_limit",
                         planned("UpdateDataset", "{\"pool\":\"tank\",\"id\":563,\"reservation\":0,\"quota\":0}"),
                         "QUOTA=0", "RESERVED=0", DO);
        fails_on("UpdateDataset", "{\"pool\":\"tank\",\"id\":512,\"reservation\":10000001}", "reservation",
                 "of which it may hold 10000000");
        fails_on("UpdateDataset", "{\"pool\":\"tank\",\"id\":563,\"quota\":4000000}", "quota",
                 "5000000 bytes would be kept for it");
        fails_on("UpdateDataset", "{\"pool\":\"tank\",\"id\":512,\"reservation\":-1}", "reservation", "");
}

static void datasets_are_deleted(void **state)
{
        (void)state;
        of_zfs(TOP PHOTOS RAW MONDAY);
        fails_on("DeleteDataset", "{\"pool\":\"tank\",\"id\":512}", "recursive", "1 datasets lie in it");
        IN_ORDER_WITHOUT("dataset_delete",
                         planned("DeleteDataset", "{\"pool\":\"tank\",\"id\":512,\"recursive\":true}"), PUT,
                         "DO=delete", "DATASET=photos", "NUMBER=256", "ALL=yes", DO);
        IN_ORDER_WITHOUT("dataset_delete", planned("DeleteDataset", "{\"pool\":\"tank\",\"id\":513}"),
                         "DATASET=photos/raw", "NUMBER=257", "ALL=no", DO);
        of_zfs(TOP PHOTOS RAW MONDAY HELD);
        fails("DeleteDataset", "{\"pool\":\"tank\",\"id\":512,\"recursive\":true}", "Conflict",
              "held of photos is held");
        of_zfs(TOP PHOTOS RAW MONDAY COPY);
        fails("DeleteDataset", "{\"pool\":\"tank\",\"id\":512,\"recursive\":true}", "Conflict", "copy was made of");
        of_zfs(TOP PHOTOS MONDAY "tank/photos/v\tvolume\t400\t1\t0\t0\t0\t-\t0\toff\t-\t-\n");
        fails("DeleteDataset", "{\"pool\":\"tank\",\"id\":512,\"recursive\":true}", "Conflict", "photos/v");
}

static void snapshots_are_made_and_used(void **state)
{
        (void)state;
        of_zfs(TOP PHOTOS MONDAY HELD);
        IN_ORDER_WITHOUT("snapshot_make",
                         planned("CreateSnapshot", "{\"pool\":\"tank\",\"dataset\":\"photos\",\"name\":\"now\"}"), PUT,
                         "DO=snapshot", "DATASET=photos", "SNAPSHOT=now", DO);
        fails("CreateSnapshot", "{\"pool\":\"tank\",\"dataset\":\"photos\",\"name\":\"monday\"}", "Conflict",
              "already");
        fails("CreateSnapshots", "{\"pool\":\"tank\",\"name\":\"monday\"}", "Conflict", "already");
        IN_ORDER_WITHOUT("ALSO", planned("CreateSnapshots", "{\"pool\":\"tank\",\"name\":\"all\"}"), PUT, "DO=snapshot",
                         "DATASET=photos", "SNAPSHOT=all", DO);
        IN_ORDER_WITHOUT("snapshot_delete", planned("DeleteSnapshot", "{\"pool\":\"tank\",\"id\":556}"), PUT, "DO=drop",
                         "SNAPSHOT=monday", "NUMBER=300", DO);
        fails("DeleteSnapshot", "{\"pool\":\"tank\",\"id\":557}", "Conflict", "held");
        IN_ORDER_WITHOUT("snapshot_hold", planned("HoldSnapshot", "{\"pool\":\"tank\",\"id\":556}"), "DO=hold",
                         "SNAPSHOT=monday", DO);
        IN_ORDER_WITHOUT("snapshot_release", planned("ReleaseSnapshot", "{\"pool\":\"tank\",\"id\":557}"), "DO=release",
                         "SNAPSHOT=held", DO);
        IN_ORDER_WITHOUT("snapshot_clone", planned("CloneSnapshot", "{\"pool\":\"tank\",\"id\":556,\"name\":\"copy\"}"),
                         "DO=clone", "SNAPSHOT=monday", "TO=copy", DO);
        IN_ORDER_WITHOUT("dataset_rollback", planned("RollbackSnapshot", "{\"pool\":\"tank\",\"id\":556}"),
                         "DO=rollback", "NUMBER=256", "SNAPSHOT=monday", "TO=photos-replaced-256", DO);
        of_zfs(TOP PHOTOS MONDAY COPY);
        fails("DeleteSnapshot", "{\"pool\":\"tank\",\"id\":556}", "Conflict", "copy was made of it");
        of_zfs(TOP PHOTOS RAW MONDAY);
        fails("RollbackSnapshot", "{\"pool\":\"tank\",\"id\":556}", "Conflict", "Other datasets lie in");
}

/* As those of btrfs; what an earlier one of that name made and this one would drop is said before. */
static void schedules_are_made(void **state)
{
        (void)state;
        of_zfs(TOP PHOTOS
               "tank/photos@daily_GMT-2026.01.01-00.00.00\tsnapshot\t310\t1767225600\t0\t-\t1\t-\t-\t-\t0\t-\n"
               "tank/photos@daily_GMT-2026.01.02-00.00.00\tsnapshot\t311\t1767312000\t0\t-\t1\t-\t-\t-\t1\t-\n");
        static const char daily[] =
                "{\"name\":\"daily\",\"pool\":\"tank\",\"dataset\":\"photos\",\"every\":\"day\",\"days\":1}";
        IN_ORDER_WITHOUT("zfs", planned("CreateSchedule", daily), "schedules/daily", "pool tank", "dataset photos",
                         "every day", "keep 0 1 0 0 0");
        struct fake_reply dry = dry_run("CreateSchedule", daily);
        assert_non_null(strstr(fake_at(&dry, "plan.who"), "1 of those"));
        fake_reply_free(&dry);
        fails("CreateSchedule", "{\"name\":\"x\",\"pool\":\"tank\",\"dataset\":\"raw\",\"every\":\"day\",\"days\":7}",
              "NotFound", "no dataset raw");
}

static void what_is_refused(void **state)
{
        (void)state;
        of_zfs(ALL);
        fails_on("CreateDataset", "{\"pool\":\"tank\",\"name\":\"x\",\"compression\":\"lzo\"}", "compression", "ZFS");
        fails_on("CreateDataset", "{\"pool\":\"tank\",\"name\":\"x\",\"copy_on_write\":false}", "copy_on_write", "ZFS");
        fails_on("UpdateDataset", "{\"pool\":\"tank\",\"id\":512,\"compression\":\"zlib\"}", "compression", "ZFS");
        fails_on("UpdateDataset", "{\"pool\":\"tank\",\"id\":512,\"quota\":5}", "quota", "3000000 bytes");
        fails("CreateDataset", "{\"pool\":\"tank\",\"name\":\"photos\"}", "Conflict", "already");
        fails("RestoreFiles", "{\"pool\":\"tank\",\"id\":556,\"path\":\"x\"}", "Conflict", "zfs");
        fails("CreateReplication",
              "{\"name\":\"x\",\"pool\":\"tank\",\"dataset\":\"photos\",\"to_pool\":\"tank\",\"to_dataset\":\"y\","
              "\"every\":\"day\"}",
              "Conflict", "zfs");
        fake_machine_tank();
        fake_machine.sets = NULL;
        fake_machine_subvolume(256, 5, "photos", true);
        fails_on("CreateDataset", "{\"pool\":\"tank\",\"name\":\"x\",\"compression\":\"lz4\"}", "compression", "ZFS");
        fails_on("UpdateDataset", "{\"pool\":\"tank\",\"id\":256,\"compression\":\"lz4\"}", "compression", "ZFS");
}

/* Of another pool, half written, and whatever a hostile pool has it say. */
static void what_is_not_whole(void **state)
{
        (void)state;
        static const char *const none[] = {
                "", "\n", "tank", "tank\n", "tanks\tfilesystem\t1\t1\t1\t1\t1\t0\t0\toff\t-\t-\n", PHOTOS};
        for (size_t i = 0; i < ARRAY_SIZE(none); i++)
                assert_null(zfs_sets_read("tank", none[i]));
        for (size_t i = strlen(TOP); i <= strlen(ALL COPY); i++) {
                struct tree *tree = zfs_sets_read("tank", arena_text(arena, ALL COPY, i));
                assert_non_null(tree);
                facts_count(tree);
                arena_free(tree->arena);
        }
        struct tree *tree =
                zfs_sets_read("tank", TOP "tank/\tfilesystem\t9\t1\t1\t1\t1\t0\t0\toff\t-\t-\ntank/"
                                          "x@\tsnapshot\t10\t1\t1\t1\t1\t0\t0\toff\t-\t-\n"
                                          "tank/@\tsnapshot\t11\t99999999999999999999\t1\t1\t1\t0\t-\toff\t-\t-\n"
                                          "tank/y\tfilesystem\t99999999999999999999\t1\t1\t1\t1\t0\t0\toff\t-\t-\n"
                                          "tank/z\tfilesystem\t-5\t1\t1\t1\t1\t0\t0\toff\t-\t-\n"
                                          "tank/q\x1b[1m\tfilesystem\t12\t1\t1\t1\t1\t0\t0\toff\t-\t-\n"
                                          "tank/../x\tfilesystem\t13\t1\t1\t1\t1\t0\t0\toff\t-\t-\n"
                                          "tank/d\tfilesystem\t14\t1\t1\t1\t1\t0\t0\toff\t-\t-\ntank/"
                                          "d\tfilesystem\t14\t1\t1\t1\t1\t0\t0\toff\t-\t-\n");
        assert_non_null(tree);
        facts_count(tree);
        for (size_t i = 0; i < tree->dataset_count; i++)
                assert_string_equal(tree->datasets[i]->path, "d");
        assert_int_equal(tree->snapshot_count, 0);
        arena_free(tree->arena);
}

/* So many are read in a moment. */
static void there_may_be_many(void **state)
{
        (void)state;
        enum { COUNT = 20000, LINE = 128 };
        char *text = arena_alloc(arena, COUNT * LINE);
        size_t length = (size_t)snprintf(text, LINE * 2, "%s%s", TOP, PHOTOS);
        for (size_t i = 0; i < COUNT - 4; i++)
                length += (size_t)snprintf(text + length, LINE,
                                           "tank/photos@s%zu\tsnapshot\t%zu\t%zu\t0\t-\t0\t-\t-\t-\t0\t-\n", i,
                                           1000 + i, 1790000000 + i);
        struct tree *tree = zfs_sets_read("tank", text);
        facts_count(tree);
        assert_int_equal(tree->snapshot_count, COUNT - 4);
        assert_int_equal(tree->datasets[0]->snapshots, COUNT - 4);
        arena_free(tree->arena);
}

/* Many are listed again only when they are others, or take more; and where ZFS cannot say whether they are, now and
 * then. */
static void when_they_are_listed_again(void **state)
{
        (void)state;
        const struct file_system_age seen = {7, 4096}, fuller = {7, 8192}, other = {8, 4096}, unknown = {0, 4096};
        assert_false(zfs_is_other(seen, seen, false));
        assert_false(zfs_is_other(seen, seen, true));
        assert_false(zfs_is_other(seen, fuller, false));
        assert_true(zfs_is_other(seen, fuller, true));
        assert_true(zfs_is_other(seen, other, false));
        assert_true(zfs_is_other(seen, unknown, false));
        assert_false(zfs_is_other(unknown, unknown, false));
        assert_true(zfs_is_other(unknown, unknown, true));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(what_is_shown, set_up),
                cmocka_unit_test_setup(datasets_are_made_and_changed, set_up),
                cmocka_unit_test_setup(room_is_kept, set_up),
                cmocka_unit_test_setup(datasets_are_deleted, set_up),
                cmocka_unit_test_setup(snapshots_are_made_and_used, set_up),
                cmocka_unit_test_setup(schedules_are_made, set_up),
                cmocka_unit_test_setup(what_is_refused, set_up),
                cmocka_unit_test_setup(what_is_not_whole, set_up),
                cmocka_unit_test_setup(there_may_be_many, set_up),
                cmocka_unit_test_setup(when_they_are_listed_again, set_up),
        };
        return cmocka_run_group_tests(tests, make, drop);
}
