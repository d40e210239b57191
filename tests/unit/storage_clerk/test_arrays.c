/* Pools on arrays of disks (md) over a fake hand and a fake machine: what each request comes down to, in which order,
 * what is shown of them, and what is refused before anything is planned. Rights: none. */
#include "tests/unit/storage_clerk/asking.h"

#define TANK_NUMBER "11111111:22228333:84445555:55555555"

/* The mounted pool of that kind on a mirror of two disks. */
static void on_mirror(const char *type)
{
        static const struct array_member members[] = {{.name = "sda", .slot = 0, .in_sync = true},
                                                      {.name = "sdb", .slot = 1, .in_sync = true}};
        static const char *const names[] = {"md127"};
        static const struct device_errors devices[] = {{.number = 1}};
        fake_machine_tank();
        for (size_t i = 0; i < 2; i++) {
                struct block *block = &fake_machine.disks[i].block;
                block->holds = "linux_raid_member";
                block->label = strcmp(type, "xfs") == 0 ? "any:p286331153.xfs" : "any:p286331153.btrfs";
                block->held = true;
        }
        fake_machine.arrays[0] = (struct array){
                .block = {.name = "md127", .holds = type, .uuid = UUID_TANK, .record = "", .mounted = "/srv/tank"},
                .uuid = UUID_TANK,
                .number = TANK_NUMBER,
                .level = "raid1",
                .slots = 2,
                .member_size = 1 << 30,
                .member_count = 2,
                .members = members};
        fake_machine.array_count = 1;
        fake_machine.systems[0].type = type;
        fake_machine.systems[0].names = names;
        fake_machine.systems[0].name_count = 1;
        fake_machine.systems[0].devices = devices;
        fake_machine.systems[0].device_count = 1;
        fake_machine.systems[0].profile = NULL;
        fake_machine.pools[0].type = type;
}

/* As when its disks have just been plugged in, and when they were let go of. */
static void let_go(void)
{
        fake_machine.array_count = fake_machine.system_count = 0;
        for (size_t i = 0; i < 2; i++) {
                fake_machine.disks[i].block.held = false;
                fake_machine.verdicts[i] = VERDICT_FREE;
        }
}

#define IN_ORDER(steps, ...) IN_ORDER_WITHOUT(NULL, steps, __VA_ARGS__)
#define MAKE(profile, more)                                                                                            \
        "{\"name\":\"tank\",\"profile\":\"" profile "\",\"disks\":[\"trial-disk1\",\"trial-disk2\"]" more "}"

static void making_one(void **state)
{
        (void)state;
        const char *steps = planned("CreatePool", MAKE("md1", "")), *array = strstr(steps, "--uuid="),
                   *system = array ? strstr(array + 1, "--uuid=") : NULL;
        assert_non_null(system); /* mkfs.btrfs takes no UUID that something has already */
        assert_true(array[strlen("--uuid=") + 13] == '8' && system[strlen("--uuid=") + 14] == '4');
        assert_memory_equal(array, system, strlen("--uuid=") + 8);
        IN_ORDER(steps, "place_make tank\n", "wipefs", "wipefs",
                 "write /var/lib/bulkhead-storage-hand/work/tank.array: ", "ARRAY=/dev/disk/by-id/md-uuid-",
                 "--level=1 ", "--raid-devices=2 ", "/dev/disk/by-id/trial-disk1 ", "/dev/disk/by-id/trial-disk2 ",
                 "systemctl restart bulkhead-array@tank.service\n", "mkfs.btrfs", "--data=single --metadata=dup",
                 "-- /dev/disk/by-id/md-uuid-", "flock", "write /etc/bulkhead/pools/tank: ", "btrfs ",
                 "systemctl start bulkhead-mount@tank.service\n");
        IN_ORDER(planned("CreatePool", MAKE("md1", ",\"file_system\":\"ext4\"")),
                 "restart bulkhead-array@tank.service\n", "mke2fs -q -F -t ext4 -m 0 -U", "-- /dev/disk/by-id/md-uuid-",
                 "write /etc/bulkhead/pools/tank: ", "ext4 ");
        IN_ORDER(planned("CreatePool", MAKE("md1", ",\"file_system\":\"xfs\"")), "mkfs.xfs -q -f -m uuid=", "xfs ");
        IN_ORDER(planned("CreatePool", "{\"name\":\"tank\",\"profile\":\"single\",\"disks\":[\"trial-disk1\"],"
                                       "\"file_system\":\"ext4\"}"),
                 "wipefs", "mke2fs ", "-- /dev/disk/by-id/trial-disk1\n", "ext4 ");
}

static void what_cannot_be_made(void **state)
{
        (void)state;
        fails_on("CreatePool", MAKE("md5", ""), "disks", "at least 3");
        fails_on("CreatePool", MAKE("md6", ""), "disks", "at least 4");
        fails_on("CreatePool", MAKE("md10", ""), "disks", "at least 4");
        fails_on("CreatePool", MAKE("md1", ",\"encrypt\":\"key\""), "encrypt", "btrfs");
        fails_on("CreatePool", MAKE("raid1", ",\"file_system\":\"ext4\""), "file_system", "on an array");
        fails_on("CreatePool", MAKE("md1", ",\"file_system\":\"ntfs\""), "file_system", "");
}

static const char *shown(const char *path)
{
        struct fake_reply reply = fake_call("GetPool", "{\"name\":\"tank\"}", as(ROLE_VIEWER, ""));
        const char *text = arena_printf(arena, "%s", fake_at(&reply, path));
        fake_reply_free(&reply);
        return text;
}

static void what_is_shown(void **state)
{
        (void)state;
        on_mirror("btrfs");
        assert_string_equal(shown("pool.pool_type"), "md1");
        assert_string_equal(shown("pool.health_status"), "healthy");
        assert_string_equal(shown("pool.devices"), "2");
        assert_string_equal(shown("pool.devices.1.disk"), "trial-disk2");
        assert_string_equal(shown("pool.devices.1.state"), "in_sync");
        static const struct array_member left[] = {{.name = "sda", .slot = 0, .in_sync = true},
                                                   {.name = "sdb", .slot = -1, .faulty = true}};
        fake_machine.arrays[0].members = left;
        fake_machine.arrays[0].degraded = 1;
        assert_string_equal(shown("pool.health_status"), "degraded");
        assert_string_equal(shown("pool.devices"), "3");
        assert_string_equal(shown("pool.devices.1.missing"), "true");
        assert_string_equal(shown("pool.devices.1.state"), "gone");
        assert_string_equal(shown("pool.devices.2.state"), "faulty");
        static const struct array_member again[] = {{.name = "sda", .slot = 0, .in_sync = true},
                                                    {.name = "sdc", .slot = 1}};
        fake_machine.arrays[0].members = again;
        fake_machine.arrays[0].action = "recover";
        assert_string_equal(shown("pool.devices.1.disk"), "trial-disk3");
        assert_string_equal(shown("pool.devices.1.state"), "rebuilding");
        assert_string_equal(shown("pool.work.kind"), "replace");
        assert_string_equal(shown("pool.work.percent"), "25");
        assert_true(strlen(shown("pool.work.estimate")) > 10);
}

static void whose_disks_they_are(void **state)
{
        (void)state;
        on_mirror("xfs");
        for (int there = 1; there >= 0; there--) {
                struct fake_reply disks = fake_call("ListDisks", "{}", as(ROLE_VIEWER, ""));
                assert_string_equal(fake_at(&disks, "disks.1.in_use"), "pool");
                assert_string_equal(fake_at(&disks, "disks.1.pool"), "tank");
                assert_string_equal(fake_at(&disks, "disks.1.takable"), "false");
                assert_string_equal(fake_at(&disks, "disks.2.in_use"), "free");
                fake_reply_free(&disks);
                let_go();
        }
        assert_string_equal(shown("pool.health_status"), "away");
        fails_on("CreatePool", "{\"name\":\"new\",\"profile\":\"single\",\"disks\":[\"trial-disk1\"],\"erase\":true}",
                 "disks[0]", "the pool tank");
}

static void one_that_was_taken_out(void **state)
{
        (void)state;
        on_mirror("xfs");
        fake_machine.arrays[0].member_count = 1;
        fake_machine.disks[1].block.held = false;
        fake_machine.verdicts[1] = VERDICT_FREE;
        struct fake_reply disks = fake_call("ListDisks", "{}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&disks, "disks.0.in_use"), "pool");
        assert_string_equal(fake_at(&disks, "disks.1.in_use"), "foreign");
        assert_string_equal(fake_at(&disks, "disks.1.takable"), "true");
        fake_reply_free(&disks);
        IN_ORDER(planned("AddDisk", "{\"name\":\"tank\",\"disk\":\"trial-disk2\",\"erase\":true}"),
                 "wipefs --all -- /dev/disk/by-id/trial-disk2", "--add /dev/disk/by-id/trial-disk2");
        fake_machine.systems[0].mounted = fake_machine.arrays[0].block.mounted = NULL; /* then it may be all there is */
        fails_on("CreatePool", "{\"name\":\"new\",\"profile\":\"single\",\"disks\":[\"trial-disk2\"],\"erase\":true}",
                 "disks[0]", "which is away");
}

static void letting_go_of_one(void **state)
{
        (void)state;
        on_mirror("xfs");
        IN_ORDER(planned("ExportPool", "{\"name\":\"tank\"}"), "systemctl stop srv-tank.mount\n",
                 "remove /etc/bulkhead/pools/tank\n",
                 "systemctl restart bulkhead-array-stop@" TANK_NUMBER ".service\n");
        IN_ORDER(planned("DestroyPool", "{\"name\":\"tank\"}"), "systemctl stop srv-tank.mount\n",
                 "systemctl restart bulkhead-array-stop@" TANK_NUMBER ".service\n",
                 "wipefs --all -- /dev/disk/by-id/trial-disk1\n", "wipefs --all -- /dev/disk/by-id/trial-disk2\n");
        let_go();
        const char *steps = planned("DestroyPool", "{\"name\":\"tank\"}");
        IN_ORDER(steps, "wipefs --all -- /dev/disk/by-id/trial-disk1\n", "trial-disk2\n");
        assert_null(strstr(steps, "bulkhead-array-stop@"));
}

static void importing_one(void **state)
{
        (void)state;
        on_mirror("xfs");
        let_go();
        fake_machine.pool_count = 0;
        struct fake_reply found = fake_call("ListImportable", "{}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&found, "file_systems"), "1");
        assert_string_equal(fake_at(&found, "file_systems.0.uuid"), UUID_TANK);
        assert_string_equal(fake_at(&found, "file_systems.0.type"), "xfs");
        assert_string_equal(fake_at(&found, "file_systems.0.disks"), "2");
        fake_reply_free(&found);
        const char *in = "{\"uuid\":\"" UUID_TANK "\",\"name\":\"tank\"}";
        IN_ORDER(planned("ImportPool", in), "place_make tank\n", "flock", "/dev/disk/by-id/trial-disk1 ", "flock",
                 "/dev/disk/by-id/trial-disk2 ", "write /etc/bulkhead/pools/tank: ", "xfs " UUID_TANK,
                 "systemctl start bulkhead-mount@tank.service\n");
        fake_machine.disks[0].block.label = fake_machine.disks[1].block.label = "elsewhere:0"; /* what is in it? */
        found = fake_call("ListImportable", "{}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&found, "file_systems"), "0");
        fake_reply_free(&found);
        on_mirror("xfs"); /* one of elsewhere, put together: its own number is another one */
        fake_machine.pool_count = 0;
        fake_machine.arrays[0].uuid = UUID_OTHER;
        fake_machine.arrays[0].block.mounted = fake_machine.systems[0].mounted = NULL;
        found = fake_call("ListImportable", "{}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&found, "file_systems.0.uuid"), UUID_TANK);
        assert_string_equal(fake_at(&found, "file_systems.0.disks"), "2");
        fake_reply_free(&found);
        assert_null(strstr(planned("ImportPool", in), "flock"));
}

static void what_it_has_not(void **state)
{
        (void)state;
        on_mirror("btrfs");
        fails_on("MountPool", "{\"name\":\"tank\",\"degraded\":true}", "degraded", "array");
        fails_on("RemoveDisk", "{\"name\":\"tank\",\"number\":1}", "number", "none of its disks");
        fails_on("StopWork", "{\"name\":\"tank\"}", "name", "Nothing is being done");
}

#define REPLACE(more) "{\"name\":\"tank\",\"number\":2,\"disk\":\"trial-disk3\"" more "}"
#define BEGIN         "systemctl restart bulkhead-array-work@tank.service\n"

/* A healthy one is in use until the new one has all; an empty place is filled. */
static void disks_of_one(void **state)
{
        (void)state;
        static const struct array_member left[] = {{.name = "sda", .slot = 0, .in_sync = true},
                                                   {.name = "sdb", .slot = -1, .faulty = true}};
        on_mirror("xfs");
        fails_on("ReplaceDisk", REPLACE(""), "number", "Nothing is known to be wrong");
        fails_on("ReplaceDisk", "{\"name\":\"tank\",\"number\":7,\"disk\":\"trial-disk3\"}", "number", "no disk 7");
        IN_ORDER(planned("ReplaceDisk", REPLACE(",\"healthy_too\":true")),
                 "wipefs --all -- /dev/disk/by-id/trial-disk3\n",
                 "write /var/lib/bulkhead-storage-hand/work/tank.array: ",
                 "--add /dev/disk/by-id/trial-disk3 --replace /dev/disk/by-id/trial-disk2 --with "
                 "/dev/disk/by-id/trial-disk3",
                 BEGIN);
        fake_machine.disks[2].block.size = (1 << 30) - 1;
        fails_on("ReplaceDisk", REPLACE(",\"healthy_too\":true"), "disk", "smaller");
        fake_machine.disks[2].block.size = 1 << 30;
        fake_machine.arrays[0].members = left;
        fake_machine.arrays[0].degraded = 1;
        IN_ORDER(planned("ReplaceDisk", REPLACE("")), "wipefs", "--remove faulty", "--add /dev/disk/by-id/trial-disk3",
                 BEGIN);
        fails_on("ReplaceDisk", "{\"name\":\"tank\",\"number\":1,\"disk\":\"trial-disk3\",\"healthy_too\":true}",
                 "number", "lacks a disk");
        IN_ORDER(planned("RemoveDisk", "{\"name\":\"tank\",\"number\":3}"), "--remove /dev/disk/by-id/trial-disk2",
                 BEGIN);
        IN_ORDER(planned("AddDisk", "{\"name\":\"tank\",\"disk\":\"trial-disk3\"}"), "wipefs",
                 "--add /dev/disk/by-id/trial-disk3", BEGIN);
        fake_machine.arrays[0].action = "recover";
        fails_on("ReplaceDisk", REPLACE(""), "name", "already");
        fails_on("AddDisk", "{\"name\":\"tank\",\"disk\":\"trial-disk3\"}", "name", "already");
}

static void reading_all_of_one(void **state)
{
        (void)state;
        on_mirror("xfs");
        IN_ORDER(planned("StartScrub", "{\"name\":\"tank\"}"), "systemctl start bulkhead-array-check@tank.service\n");
        fails_on("StopScrub", "{\"name\":\"tank\"}", "name", "Nothing is being done");
        fake_machine.arrays[0].action = "check";
        assert_string_equal(shown("pool.work.kind"), "scrub");
        fails_on("StartScrub", "{\"name\":\"tank\"}", "name", "already");
        IN_ORDER(planned("StopScrub", "{\"name\":\"tank\"}"), "DO=--action=idle /dev/disk/by-id/md-uuid-" TANK_NUMBER,
                 BEGIN);
        fake_machine.arrays[0].action = NULL;
        fake_machine.arrays[0].differences = 128;
        fake_machine.arrays[0].checked = true;
        assert_string_equal(shown("pool.health_status"), "damaged");
        assert_non_null(strstr(shown("pool.message"), "128 sectors"));
}

/* Its order says that md does it; what is not on an array and has no checksums is not read by itself. */
static void reading_one_by_itself(void **state)
{
        (void)state;
        on_mirror("ext4");
        IN_ORDER(planned("ScheduleScrub", "{\"name\":\"tank\",\"every\":\"month\",\"at\":\"02:30\"}"),
                 "write /etc/bulkhead/scrubs/tank: ", "month 02:30 array", "start bulkhead-scrub@tank.timer");
        fake_machine.array_count = 0;
        fake_machine.disks[0].block.holds = fake_machine.disks[1].block.holds = "ext4";
        fails_on("ScheduleScrub", "{\"name\":\"tank\",\"every\":\"month\"}", "pool", "no checksums");
}

#define ADD_LARGER "{\"name\":\"tank\",\"disk\":\"trial-disk3\",\"grow\":true}"
#define GROWS      "write /var/lib/bulkhead-storage-hand/work/tank.grow: ", "systemctl start bulkhead-grow@tank.service\n"

/* By a disk, where parity allows that; by larger disks; never while it lacks one or something is done to it. */
static void becoming_larger(void **state)
{
        (void)state;
        struct array *array = &fake_machine.arrays[0];
        on_mirror("xfs");
        fails_on("AddDisk", ADD_LARGER, "grow", "another disk");
        fails_on("AddDisk", "{\"name\":\"tank\",\"disk\":\"trial-disk3\",\"others\":[\"trial-disk4\"]}", "others",
                 "none of ZFS");
        array->level = "raid5";
        array->slots = 3;
        IN_ORDER(planned("AddDisk", ADD_LARGER), "wipefs", "--add /dev/disk/by-id/trial-disk3", BEGIN,
                 "DO=--grow /dev/disk/by-id/md-uuid-" TANK_NUMBER " --raid-devices=4", BEGIN, GROWS);
        array->degraded = 1;
        fails_on("AddDisk", ADD_LARGER, "grow", "lacks a disk");
        array->degraded = 0;

        fake_machine.disks[0].block.size = fake_machine.disks[1].block.size = 1 << 30;
        const char *steps = planned("GrowPool", "{\"name\":\"tank\"}");
        IN_ORDER(steps, GROWS);
        assert_null(strstr(steps, "--size=max"));
        fake_machine.disks[0].block.size = 2U << 30; /* the other is still used whole */
        assert_null(strstr(planned("GrowPool", "{\"name\":\"tank\"}"), "--size=max"));
        fake_machine.disks[1].block.size = 2U << 30;
        IN_ORDER(planned("GrowPool", "{\"name\":\"tank\"}"),
                 "DO=--grow /dev/disk/by-id/md-uuid-" TANK_NUMBER " --size=max", BEGIN, GROWS);
        array->level = "raid10";
        assert_null(strstr(planned("GrowPool", "{\"name\":\"tank\"}"), "--size=max"));

        array->level = "raid5";
        array->action = "reshape";
        assert_string_equal(shown("pool.work.kind"), "grow");
        assert_string_equal(shown("pool.work.percent"), "25");
        fails_on("GrowPool", "{\"name\":\"tank\"}", "name", "already");
        fails_on("AddDisk", ADD_LARGER, "name", "already");
        fails_on("StopWork", "{\"name\":\"tank\"}", "name", "not stopped");
}

/* md has made it a spare, and then something fails: whoever asked is told. */
static void becoming_larger_by_half(void **state)
{
        (void)state;
        static struct array_member members[3] = {{.name = "sda", .slot = 0, .in_sync = true},
                                                 {.name = "sdb", .slot = 1, .in_sync = true},
                                                 {.name = "sdx", .slot = -1}};
        on_mirror("xfs");
        fake_machine.arrays[0].level = "raid5";
        for (size_t spare = 0; spare < 2; spare++) {
                fake_hand.mode = FAKE_FAILS;
                fake_machine.arrays[0].members = members;
                fake_machine.arrays[0].member_count = 2 + spare;
                struct fake_reply reply = confirmed("AddDisk", ADD_LARGER);
                assert_non_null(reply.error);
                assert_int_equal(strstr(fake_at(&reply, "next") ? fake_at(&reply, "next") : "", "is a spare") != NULL,
                                 spare);
                fake_reply_free(&reply);
                fake_hand.mode = FAKE_OBEYS;
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(making_one, set_up),
                cmocka_unit_test_setup(what_cannot_be_made, set_up),
                cmocka_unit_test_setup(what_is_shown, set_up),
                cmocka_unit_test_setup(whose_disks_they_are, set_up),
                cmocka_unit_test_setup(one_that_was_taken_out, set_up),
                cmocka_unit_test_setup(letting_go_of_one, set_up),
                cmocka_unit_test_setup(importing_one, set_up),
                cmocka_unit_test_setup(what_it_has_not, set_up),
                cmocka_unit_test_setup(disks_of_one, set_up),
                cmocka_unit_test_setup(reading_all_of_one, set_up),
                cmocka_unit_test_setup(reading_one_by_itself, set_up),
                cmocka_unit_test_setup(becoming_larger, set_up),
                cmocka_unit_test_setup(becoming_larger_by_half, set_up),
        };
        return cmocka_run_group_tests(tests, make, drop);
}
