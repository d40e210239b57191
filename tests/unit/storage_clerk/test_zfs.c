/* Pools of ZFS over a fake hand and a fake machine: what each request comes down to, what is refused, and what is made
 * of what ZFS says, as it was recorded and broken. Rights: none. */
#include "daemons/storage/clerk/zfs.h"
#include "tests/unit/storage_clerk/asking.h"

#define NUMBER "00000000-0000-0000-c064-61e0aeacc272"
#define HEAD   "13863313170584355442\t1006632960\t1006164992\n339456\t872075776\n"
#define STATUS(state, config, errors)                                                                                  \
        HEAD "  pool: tank\n state: " state "\nconfig:\n\n\tNAME           STATE     READ WRITE CKSUM\n" config        \
             "\nerrors: " errors "\n"
#define MIRROR                                                                                                         \
        "\ttank           ONLINE       0     0     0\n\t  mirror-0     ONLINE       0     0     0\n"                   \
        "\t    /dev/sda1  ONLINE       0     0     0\n\t    /dev/sdb1  ONLINE       0     0     0\n"
#define NO_ERRORS "No known data errors"

/* The mounted pool tank. */
static void of_zfs(const char *text)
{
        fake_machine_tank();
        for (size_t i = 0; i < 2; i++)
                fake_machine.disks[i].block = (struct block){.name = i ? "sdb" : "sda", .size = 1 << 30, .record = ""};
        static struct block parts[2] = {
                {.name = "sda1", .size = 1 << 30, .holds = "zfs_member", .uuid = NUMBER, .uuid_sub = "1", .record = ""},
                {.name = "sdb1",
                 .size = 1 << 30,
                 .holds = "zfs_member",
                 .uuid = NUMBER,
                 .uuid_sub = "2",
                 .record = ""}};
        for (size_t i = 0; i < 2; i++) {
                fake_machine.disks[i].partitions = &parts[i];
                fake_machine.disks[i].partition_count = 1;
        }
        assert_true(zfs_read(text, arena, &fake_machine.systems[0]));
        fake_machine.systems[0].mounted = "/srv/tank";
        fake_machine.pools[0].type = "zfs";
        fake_machine.pools[0].uuid = NUMBER;
}

/* On two disks, and no pool here. */
static void found(void)
{
        of_zfs(STATUS("ONLINE", MIRROR, NO_ERRORS));
        fake_machine.pool_count = fake_machine.system_count = 0;
        for (size_t i = 0; i < 2; i++)
                fake_machine.verdicts[i] = VERDICT_FREE;
}

#define IMPORT "{\"uuid\":\"" NUMBER "\",\"name\":\"vault\"}"

static void taking_one_up(void **state)
{
        (void)state;
        found();
        struct fake_reply reply = fake_call("ListImportable", "{}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&reply, "file_systems.0.type"), "zfs");
        assert_string_equal(fake_at(&reply, "file_systems.0.uuid"), NUMBER);
        assert_string_equal(fake_at(&reply, "file_systems.0.disks.1"), "trial-disk2");
        fake_reply_free(&reply);
        IN_ORDER_WITHOUT("pool_furnish", planned("ImportPool", IMPORT), "place_make vault\n",
                         "write /etc/bulkhead/pools/vault: ", "zfs " NUMBER, "systemctl daemon-reload\n",
                         "systemctl start bulkhead-mount@vault.service\n");
        fails_on("ImportPool", "{\"uuid\":\"" NUMBER "\",\"name\":\"mirrored\"}", "name", "keeps such names");
        fails_on("ImportPool", "{\"uuid\":\"" NUMBER "\",\"name\":\"log\"}", "name", "keeps such names");
        fails_on("ImportPool", "{\"uuid\":\"" NUMBER "\",\"name\":\"c0\"}", "name", "keeps such names");
        fake_machine.not_installed = true;
        fails("ImportPool", IMPORT, "Conflict", "not installed");
        fake_machine.not_installed = false;
}

/* Their disks are a pool's, whether it is taken up or not: nobody takes them. */
static void its_disks_are_its_own(void **state)
{
        (void)state;
        of_zfs(STATUS("ONLINE", MIRROR, NO_ERRORS));
        for (unsigned i = 0; i < 2; i++) {
                fake_machine.system_count = i;
                fails("CreatePool",
                      "{\"name\":\"other\",\"profile\":\"single\",\"disks\":[\"trial-disk1\"],\"erase\":true}",
                      "Conflict", "part of a pool");
        }
}

static void letting_go_of_one(void **state)
{
        (void)state;
        of_zfs(STATUS("ONLINE", MIRROR, NO_ERRORS));
        IN_ORDER_WITHOUT("place_remove", planned("UnmountPool", "{\"name\":\"tank\"}"),
                         "systemctl start bulkhead-zfs-unmount@tank.service\n", "systemctl stop srv-tank.mount\n",
                         "systemctl stop bulkhead-zfs@tank.service\n");
        IN_ORDER_WITHOUT("btrfs", planned("RenamePool", "{\"name\":\"tank\",\"to\":\"other\"}"),
                         "stop srv-tank.mount\n", "stop bulkhead-zfs@tank.service\n",
                         "remove /etc/bulkhead/pools/tank\n", "write /etc/bulkhead/pools/other: ", "zfs " NUMBER,
                         "start bulkhead-mount@other.service\n");
        fails_on("RenamePool", "{\"name\":\"tank\",\"to\":\"spare1\"}", "name", "keeps such names");
        IN_ORDER_WITHOUT("wipefs", planned("ExportPool", "{\"name\":\"tank\"}"), "stop srv-tank.mount\n",
                         "stop bulkhead-zfs@tank.service\n", "remove /etc/bulkhead/pools/tank\n",
                         "place_remove tank\n");
        fake_machine.system_count = 0; /* taken up, and not mounted */
        IN_ORDER_WITHOUT("srv-tank", planned("UnmountPool", "{\"name\":\"tank\"}"), "stop bulkhead-zfs@tank.service\n");
        IN_ORDER_WITHOUT("zfs_mount", planned("MountPool", "{\"name\":\"tank\"}"),
                         "start bulkhead-mount@tank.service\n");
        fails("MountPool", "{\"name\":\"tank\",\"degraded\":true}", "Conflict", "needs no word");
}

static void what_is_not_done(void **state)
{
        (void)state;
        of_zfs(STATUS("ONLINE", MIRROR, NO_ERRORS));
        static const char *const methods[][2] = {
                {"BalancePool", "{\"name\":\"tank\"}"},
                {"GrowPool", "{\"name\":\"tank\"}"},
                {"SetQuota", "{\"name\":\"tank\",\"account\":\"ada\",\"kind\":\"user\",\"limit\":1000000}"},
        };
        for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
                fails(methods[i][0], methods[i][1], "Conflict", "zfs");
}

static void shows(const char *text, const char *health, const char *word)
{
        of_zfs(text);
        struct fake_reply reply = fake_call("GetPool", "{\"name\":\"tank\"}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&reply, "pool.health_status"), health);
        if (word && !strstr(fake_at(&reply, "pool.message"), word))
                fail_msg("'%s' does not say '%s'", fake_at(&reply, "pool.message"), word);
        fake_reply_free(&reply);
}

static void what_is_shown(void **state)
{
        (void)state;
        of_zfs(STATUS("ONLINE", MIRROR, NO_ERRORS));
        struct fake_reply reply = fake_call("GetPool", "{\"name\":\"tank\"}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&reply, "pool.file_system"), "zfs");
        assert_string_equal(fake_at(&reply, "pool.health_status"), "healthy");
        assert_string_equal(fake_at(&reply, "pool.pool_type"), "raid1");
        assert_string_equal(fake_at(&reply, "pool.used"), "339456");
        assert_string_equal(fake_at(&reply, "pool.available"), "872075776");
        assert_string_equal(fake_at(&reply, "pool.devices"), "2");
        assert_string_equal(fake_at(&reply, "pool.devices.1.disk"), "trial-disk2");
        assert_string_equal(fake_at(&reply, "pool.devices.1.state"), "in_sync");
        fake_reply_free(&reply);
        shows(STATUS("DEGRADED",
                     "\ttank                     DEGRADED     0     0     0\n\t  mirror-0               DEGRADED     0 "
                     "    0     0\n"
                     "\t    /dev/sda1            ONLINE       0     0     0\n"
                     "\t    13379457349565081992  UNAVAIL      0     0     0  was "
                     "/dev/disk/by-id/ata-QEMU-SATA_SATA-2-part1\n",
                     NO_ERRORS),
              "degraded", "1 of its 2 disks is missing");
        shows(STATUS("ONLINE",
                     "\ttank  ONLINE  0 0 0\n\t  mirror-0  ONLINE  0 0 0\n\t    /dev/sda1  ONLINE  0 0 7\n\t    "
                     "/dev/sdb1  ONLINE  0 0 0\n",
                     NO_ERRORS),
              "damaged", "1 of its disks gave wrong data");
        shows(STATUS("ONLINE", MIRROR, "2 data errors, use '-v' for a list"), "damaged", "beyond repair");
        shows(STATUS("SUSPENDED", MIRROR, NO_ERRORS), "damaged", "stopped it");
        shows(STATUS("DEGRADED", MIRROR, NO_ERRORS), "degraded", "DEGRADED");
        fake_machine.system_count = 0;
        reply = fake_call("GetPool", "{\"name\":\"tank\"}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&reply, "pool.health_status"), "away");
        assert_non_null(strstr(fake_at(&reply, "pool.message"), "Too many of its disks"));
        fake_reply_free(&reply);
}

static const char *profile(const char *config)
{
        struct file_system system;
        assert_true(zfs_read(arena_printf(arena, STATUS("ONLINE", "%s", NO_ERRORS), config), arena, &system));
        return system.profile;
}

#define DISK(n) "\t  /dev/sd" n "  ONLINE 0 0 0\n"
#define IN(n)   "\t    /dev/sd" n "  ONLINE 0 0 0\n"

static void how_it_is_laid_out(void **state)
{
        (void)state;
        struct file_system system;
        assert_string_equal(profile(DISK("a")), "single");
        assert_string_equal(profile(DISK("a") DISK("b")), "raid0");
        assert_string_equal(
                profile("\t  mirror-0  ONLINE 0 0 0\n" IN("a") IN("b") "\t  mirror-1  ONLINE 0 0 0\n" IN("c") IN("d")),
                "raid10");
        assert_string_equal(profile("\t  raidz2-0  ONLINE 0 0 0\n" IN("a") IN("b") IN("c") IN("d")), "raidz2");
        assert_string_equal(
                profile("\t  raidz1-0  ONLINE 0 0 0\n" IN("a") IN("b") "\t  raidz2-1  ONLINE 0 0 0\n" IN("c") IN("d")),
                "mixed");
        assert_string_equal(profile(DISK("a") "\t  mirror-1  ONLINE 0 0 0\n" IN("b") IN("c")), "mixed");
        assert_string_equal(profile("\t  mirror-0  ONLINE 0 0 0\n" IN("a") IN("b") "\tlogs\t\n" DISK(
                                    "c") "\tcache\n" DISK("d") "\tspares\n\t  /dev/sde  AVAIL\n"),
                            "raid1");
        assert_true(zfs_read(
                STATUS("ONLINE",
                       "\t  mirror-0  ONLINE 0 0 0\n\t    replacing-0  ONLINE 0 0 0\n\t      /dev/sda1  OFFLINE 0 0 0\n"
                       "\t      /dev/sdc1  ONLINE 0 0 0  (resilvering)\n\t    /dev/sdb1  ONLINE 3 4 5\n",
                       NO_ERRORS),
                arena, &system));
        assert_int_equal(system.device_count, 3);
        assert_true(system.devices[0].missing && !system.devices[1].missing);
        assert_true(system.zfs->devices[1].rebuilds && !system.zfs->devices[2].rebuilds);
        assert_true(system.devices[2].read == 3 && system.devices[2].write == 4 && system.devices[2].corruption == 5);
        assert_string_equal(system.names[1], "sdc1");
}

/* While it is being written, and whatever a hostile pool has it say. */
static void what_is_not_whole(void **state)
{
        (void)state;
        struct file_system system;
        const char *text = STATUS("ONLINE", MIRROR, NO_ERRORS);
        for (size_t i = 0; i < strlen(text) - strlen("errors: " NO_ERRORS "\n"); i++)
                assert_false(zfs_read(arena_text(arena, text, i), arena, &system));
        static const char *const none[] = {
                "", "\n\n\n", "x\ty\tz\n1\t2\nerrors: \n", "1\t2\t3\n1\nerrors: x\n",
                "99999999999999999999\t1\t1\n99999999999999999999\t1\n state: ONLINE\nerrors: x\n"};
        for (size_t i = 0; i < ARRAY_SIZE(none); i++)
                assert_false(zfs_read(none[i], arena, &system));
        assert_true(
                zfs_read(STATUS("ONLINE", "\t  /dev/a\033[1m\xff  ON\001LINE 0 0 0\n\t\n\t  \n\t  /dev/b\n", NO_ERRORS),
                         arena, &system));
        assert_string_equal(system.names[0], "a?[1m?");
        assert_int_equal(system.device_count, 1);
        assert_string_equal(machine_zfs_uuid("13863313170584355442", arena), NUMBER);
        assert_null(machine_zfs_uuid("1386331317058435544x", arena));
        assert_null(machine_zfs_uuid("", arena));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(taking_one_up, set_up),
                cmocka_unit_test_setup(its_disks_are_its_own, set_up),
                cmocka_unit_test_setup(letting_go_of_one, set_up),
                cmocka_unit_test_setup(what_is_not_done, set_up),
                cmocka_unit_test_setup(what_is_shown, set_up),
                cmocka_unit_test_setup(how_it_is_laid_out, set_up),
                cmocka_unit_test_setup(what_is_not_whole, set_up),
        };
        return cmocka_run_group_tests(tests, make, drop);
}
