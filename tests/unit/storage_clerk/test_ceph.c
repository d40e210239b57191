/* Pools of Ceph clusters over a fake hand and a fake machine: what each request comes down to, in which order, what is
 * refused, and what is made of what units have written, whoever wrote it. Rights: none. */
#include "daemons/storage/clerk/ceph.h"
#include "tests/unit/storage_clerk/asking.h"

#define FSID   "22222222-2222-4333-8444-555555555555"
#define SECRET "AQBBBBBBBBBBBBAAAAAAAAAAAAAAAAAAAAAAAA=="
#define ADD(name, more)                                                                                                \
        "{\"name\":\"" name "\",\"monitors\":\"192.0.2.7,mon\",\"fsid\":\"" FSID                                       \
        "\",\"user\":\"nas\",\"key\":\"" SECRET "\"" more "}"
#define KEPT "/var/lib/bulkhead-storage-hand/keys/kept/"

/* The mounted pool tank, of a cluster. */
static void of_cluster(void)
{
        fake_machine_tank();
        for (size_t i = 0; i < 2; i++)
                fake_machine.disks[i].block = (struct block){.name = i ? "sdb" : "sda", .size = 1 << 30, .record = ""};
        fake_machine.systems[0] = (struct file_system){.type = "cephfs", .uuid = UUID_TANK, .mounted = "/srv/tank"};
        fake_machine.pools[0].type = "cephfs";
        fake_machine.pools[0].ceph =
                (struct wanted_ceph){.fsid = FSID, .user = "nas", .path = "/", .monitors = "192.0.2.7"};
}

#define IN_ORDER(steps, ...) IN_ORDER_WITHOUT(SECRET, steps, __VA_ARGS__)

static void adding_one(void **state)
{
        (void)state;
        IN_ORDER(planned("AddCeph", ADD("far", "")), "place_make far\n", "/usr/bin/dd of=" KEPT,
                 "systemctl daemon-reload\n", "write /etc/bulkhead/ceph/far: ", "FSID=" FSID, "CLIENT=nas", "PLACE=/",
                 "FILE_SYSTEM=\\x0a", "MONITORS=192.0.2.7,mon", "write /etc/bulkhead/pools/far: ", "cephfs ",
                 "systemctl daemon-reload\n", "systemctl start bulkhead-mount@far.service\n");
        IN_ORDER(planned("AddCeph", ADD("far", ",\"path\":\"/a\",\"file_system\":\"fs\"")), "PLACE=/a",
                 "FILE_SYSTEM=fs");
}

static void what_cannot_be_added(void **state)
{
        (void)state;
        fails_on("AddCeph", ADD("far", ",\"path\":\"a\""), "path", "must be");
        fails_on("AddCeph", ADD("far", ",\"file_system\":\"a,b\""), "file_system", "must be");
        fake_machine.not_installed = true;
        fails("AddCeph", ADD("far", ""), "Conflict", "not installed");
        fake_machine.not_installed = false;
        of_cluster();
        fails_on("AddCeph", ADD("tank", ""), "name", "a pool tank already");
}

/* By whichever monitors and as whoever: it is the same folder. */
static void it_is_one_pool(void **state)
{
        (void)state;
        const char *steps = planned("AddCeph", ADD("far", ""));
        static char uuid[37];
        snprintf(uuid, sizeof(uuid), "%s", strstr(steps, "cephfs ") + strlen("cephfs "));
        assert_null(strstr(planned("AddCeph", ADD("far", ",\"path\":\"/b\"")), uuid));
        of_cluster();
        fake_machine.pools[0].uuid = uuid;
        fails_on("AddCeph", ADD("far", ""), "path", "the pool tank already");
}

static void letting_go_of_one(void **state)
{
        (void)state;
        of_cluster();
        const char *steps = planned("UnmountPool", "{\"name\":\"tank\"}");
        assert_null(strstr(steps, "srv-tank.mount"));
        fails("RenamePool", "{\"name\":\"tank\",\"to\":\"other\"}", "Conflict", "does not answer");
        fake_machine.answers = true;
        IN_ORDER(planned("UnmountPool", "{\"name\":\"tank\"}"), "systemctl stop bulkhead-ceph-look@tank.service\n",
                 "systemctl stop srv-tank.mount\n", "systemctl stop bulkhead-ceph@tank.service\n");
        IN_ORDER(planned("RenamePool", "{\"name\":\"tank\",\"to\":\"other\"}"), "stop srv-tank.mount\n",
                 "remove /etc/bulkhead/pools/tank\n", "remove /etc/bulkhead/ceph/tank\n",
                 "write /etc/bulkhead/ceph/other: ", FSID, "write /etc/bulkhead/pools/other: ", UUID_TANK,
                 "start bulkhead-mount@other.service\n");
        IN_ORDER(planned("ExportPool", "{\"name\":\"tank\"}"), "stop srv-tank.mount\n",
                 "remove /etc/bulkhead/pools/tank\n", "remove /etc/bulkhead/ceph/tank\n", "systemctl daemon-reload\n",
                 "place_remove tank\n", "systemctl stop bulkhead-ceph@tank.service\n",
                 "/usr/bin/rm --force -- " KEPT UUID_TANK "\n");
        fails("DestroyPool", "{\"name\":\"tank\"}", "Conflict", "Ceph");
        fake_machine.pools[0].ceph.fsid = NULL;
        fails("RenamePool", "{\"name\":\"tank\",\"to\":\"other\"}", "Conflict", "not written down");
}

static void using_one_otherwise(void **state)
{
        (void)state;
        fails("SetCeph", "{\"name\":\"tank\",\"monitors\":\"mon2\"}", "NotFound", "no pool");
        of_cluster();
        fails("SetCeph", "{\"name\":\"tank\",\"monitors\":\"mon2\"}", "Conflict", "is mounted");
        fake_machine.system_count = 0;
        fails_on("SetCeph", "{\"name\":\"tank\"}", "monitors", "must be there");
        fails_on("SetCeph", "{\"name\":\"tank\",\"user\":\"other\"}", "key", "must be there");
        fails_on("SetCeph", "{\"name\":\"tank\",\"monitors\":\"a b\"}", "monitors", "must be");
        const char *steps = planned("SetCeph", "{\"name\":\"tank\",\"monitors\":\"mon2\"}");
        assert_null(strstr(steps, "dd"));
        IN_ORDER(steps, "write /etc/bulkhead/ceph/tank: ", FSID, "CLIENT=nas", "PLACE=/", "MONITORS=mon2",
                 "systemctl restart bulkhead-ceph@tank.service\n");
        IN_ORDER(planned("SetCeph", "{\"name\":\"tank\",\"user\":\"other\",\"key\":\"" SECRET "\"}"),
                 "/usr/bin/dd if=" KEPT UUID_TANK " of=" KEPT UUID_TANK ".before ",
                 "/usr/bin/dd of=" KEPT UUID_TANK " ", "CLIENT=other", "MONITORS=192.0.2.7",
                 "systemctl restart bulkhead-ceph@tank.service\n",
                 "/usr/bin/rm --force -- " KEPT UUID_TANK ".before\n");
        fake_machine.pools[0].type = "btrfs";
        fails("SetCeph", "{\"name\":\"tank\",\"monitors\":\"mon2\"}", "Conflict", "no Ceph cluster");
}

static void what_it_has_not(void **state)
{
        (void)state;
        of_cluster();
        static const char *const methods[][2] = {
                {"CreateDataset", "{\"pool\":\"tank\",\"name\":\"x\"}"},
                {"StartScrub", "{\"name\":\"tank\"}"},
                {"ScheduleScrub", "{\"name\":\"tank\",\"every\":\"month\"}"},
                {"MountPool", "{\"name\":\"tank\",\"degraded\":true}"},
                {"ClearErrors", "{\"name\":\"tank\"}"},
                {"BalancePool", "{\"name\":\"tank\"}"},
                {"GrowPool", "{\"name\":\"tank\"}"},
                {"AddDisk", "{\"name\":\"tank\",\"disk\":\"trial-disk3\"}"},
                {"SetQuota", "{\"name\":\"tank\",\"account\":\"ada\",\"kind\":\"user\",\"limit\":1000000}"},
        };
        for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
                fails(methods[i][0], methods[i][1], NULL, "cephfs");
}

static void what_is_shown(void **state)
{
        (void)state;
        of_cluster();
        struct fake_reply reply = fake_call("GetPool", "{\"name\":\"tank\"}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&reply, "pool.file_system"), "cephfs");
        assert_string_equal(fake_at(&reply, "pool.health_status"), "unknown");
        assert_string_equal(fake_at(&reply, "pool.ceph.monitors"), "192.0.2.7");
        assert_string_equal(fake_at(&reply, "pool.size"), "0");
        fake_reply_free(&reply);
        fake_machine.answers = true;
        reply = fake_call("GetPool", "{\"name\":\"tank\"}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&reply, "pool.health_status"), "healthy");
        assert_string_equal(fake_at(&reply, "pool.size"), "4000");
        fake_reply_free(&reply);
        fake_machine.system_count = 0;
        reply = fake_call("GetPool", "{\"name\":\"tank\"}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&reply, "pool.health_status"), "away");
        assert_non_null(strstr(fake_at(&reply, "pool.message"), "None of the monitors answers"));
        fake_reply_free(&reply);
}

static void what_units_write(void **state)
{
        (void)state;
        uint64_t used, available;
        assert_true(ceph_room_read("00000000000000000012 00000000000000000034\n", &used, &available));
        assert_true(used == 12 && available == 34);
        static const char *const none[] = {"",
                                           "                                         \n",
                                           "12 34\n",
                                           "00000000000000000012 0000000000000000003",
                                           "00000000000000000012x00000000000000000034",
                                           "99999999999999999999 00000000000000000034"};
        for (size_t i = 0; i < ARRAY_SIZE(none); i++)
                assert_false(ceph_room_read(none[i], &used, &available));
        static const char *const faults[][2] = {
                {"client.0 authentication failed: (13) Permission denied\nceph mount failed with (13) Permission "
                 "denied",
                 "key"},
                {"ceph mount failed with (13) Permission denied", "path"},
                {"ceph mount failed with (1) Operation not permitted", "path"},
                {"ceph mount failed with (2) No such file or directory", "path"},
                {"ceph mount failed with (2)\nmdsmap subscription failed: (2) No such file or directory",
                 "file_system"},
                {"authentication failed: (110) Connection timed out", "monitors"},
                {"ceph mount failed with (110) Connection timed out", "file_system"},
                {"server name not found: mon (Temporary failure in name resolution)", "monitors"},
                {"another cluster answers", "fsid"},
        };
        for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
                assert_string_equal(ceph_fault(faults[i][0])->field, faults[i][1]);
        assert_null(ceph_fault("ceph-fuse[1]: starting fuse"));
}

static void what_is_no_order(void **state)
{
        (void)state;
#define ORDER "FSID=" FSID "\nCLIENT=nas\nPLACE=/a\nFILE_SYSTEM=%s\nMONITORS=192.0.2.7"
        struct wanted_ceph ceph = ceph_read(arena_printf(arena, ORDER, ""), arena);
        assert_true(strcmp(ceph.fsid, FSID) == 0 && strcmp(ceph.path, "/a") == 0 && !ceph.file_system);
        assert_string_equal(ceph_read(arena_printf(arena, ORDER, "fs"), arena).file_system, "fs");
        static const char *const none[] = {"", "FSID=" FSID, "FSID=x\nCLIENT=nas\nPLACE=/\nMONITORS=a",
                                           "FSID=" FSID "\nCLIENT=n s\nPLACE=/\nMONITORS=a",
                                           "FSID=" FSID "\nXCLIENT=nas\nPLACE=/\nMONITORS=a"};
        for (size_t i = 0; i < ARRAY_SIZE(none); i++)
                assert_null(ceph_read(none[i], arena).fsid);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(adding_one, set_up),
                cmocka_unit_test_setup(what_cannot_be_added, set_up),
                cmocka_unit_test_setup(it_is_one_pool, set_up),
                cmocka_unit_test_setup(letting_go_of_one, set_up),
                cmocka_unit_test_setup(what_it_has_not, set_up),
                cmocka_unit_test_setup(what_is_shown, set_up),
                cmocka_unit_test_setup(what_units_write, set_up),
                cmocka_unit_test_setup(what_is_no_order, set_up),
                cmocka_unit_test_setup(using_one_otherwise, set_up),
        };
        return cmocka_run_group_tests(tests, make, drop);
}
