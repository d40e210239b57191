/* The storage clerk over a fake hand and a fake machine: what each request comes down to, and what is refused before
 * anything is planned.
 * Rights: none. */
#include "tests/unit/storage_clerk/asking.h"

#define MAKE "CreatePool"
#define TWO  "{\"name\":\"tank\",\"profile\":\"raid1\",\"disks\":[\"trial-disk1\",\"trial-disk2\"]}"

/* --- disks --- */

/* People count in minutes, ATA in steps of five seconds and of half an hour. */
static void a_disk_is_told_when_to_stop(void **state)
{
        (void)state;
        static const struct {
                const char *minutes, *timer;
        } rows[] = {{"0", "0"},    {"1", "12"},    {"20", "240"}, {"30", "241"},
                    {"60", "242"}, {"330", "251"}, {"21", NULL},  {"45", NULL}};
        fake_machine.disks[0].ata = true;
        fake_machine.disks[0].rotational = true;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const char *asked = arena_printf(arena, "{\"id\":\"trial-disk1\",\"minutes\":%s}", rows[i].minutes);
                if (!rows[i].timer)
                        fails("SetSpinDown", asked, "Invalid", "count to");
                else
                        assert_non_null(strstr(planned("SetSpinDown", asked),
                                               arena_printf(arena, "TIMER=%s\n", rows[i].timer)));
        }
        fake_machine.disks[0].rotational = false;
        fails("SetSpinDown", "{\"id\":\"trial-disk1\",\"minutes\":20}", "Conflict", "no disk that turns");
        fails("SetSpinDown", "{\"id\":\"nothing\",\"minutes\":20}", "NotFound", "no disk");
}

static void what_cannot_test_itself_is_given_no_time_for_it(void **state)
{
        (void)state;
        fails("ScheduleSelfTest", "{\"id\":\"trial-disk1\",\"every\":\"week\"}", "Conflict", "cannot test itself");
        fails("UnscheduleSelfTest", "{\"id\":\"trial-disk1\"}", "NotFound", "does not test itself");
}

/* --- pools --- */

static const char *without_uuid(const char *steps)
{
        char *text = arena_text(arena, steps, strlen(steps));
        for (char *at = text; (at = strstr(at, "uuid=")); at++)
                memset(at + 5, 'x', 36);
        return text;
}

static void making_a_pool(void **state)
{
        (void)state;
        const char *steps = planned(MAKE, TWO);
        const char *wanted =
                "place_make tank\n"
                "/usr/sbin/wipefs --all -- /dev/disk/by-id/trial-disk1\n"
                "/usr/sbin/wipefs --all -- /dev/disk/by-id/trial-disk2\n"
                "/usr/sbin/mkfs.btrfs --quiet --label=tank --uuid=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx "
                "--data=raid1 --metadata=raid1 -- /dev/disk/by-id/trial-disk1 /dev/disk/by-id/trial-disk2\n";
        if (strncmp(without_uuid(steps), wanted, strlen(wanted)) != 0)
                fail_msg("%s", steps);
        assert_non_null(strstr(steps, "systemctl daemon-reload\nsystemctl start bulkhead-mount@tank.service\n"));
        assert_string_equal(steps, planned(MAKE, TWO)); /* what was confirmed is what is done */
        const char *other = "{\"name\":\"tank\",\"profile\":\"raid1\",\"disks\":[\"trial-disk1\",\"trial-disk3\"]}";
        assert_string_not_equal(strstr(steps, "uuid="), strstr(planned(MAKE, other), "uuid="));
        struct fake_reply made = confirmed(MAKE, TWO);
        assert_null(made.error);
        assert_string_equal(fake_at(&made, "pool.name"), "tank");
        assert_non_null(strstr(fake_hand.steps, fake_at(&made, "pool.uuid")));
        fake_reply_free(&made);
}

static void a_pool_is_not_made(void **state)
{
        (void)state;
        fails(MAKE, "{\"name\":\"tank\",\"profile\":\"raid1\",\"disks\":[\"trial-disk1\"]}", "Invalid", "at least 2");
        fails(MAKE, "{\"name\":\"tank\",\"profile\":\"single\",\"disks\":[]}", "Invalid", "1 to 64");
        fails(MAKE, "{\"name\":\"tank\",\"profile\":\"raid1\",\"disks\":[\"trial-disk1\",\"trial-disk1\"]}", "Invalid",
              "twice");
        fails(MAKE, "{\"name\":\"tank\",\"profile\":\"raid1\",\"disks\":[\"trial-disk1\",\"nothing\"]}", "NotFound",
              "no disk nothing");
        fails(MAKE, "{\"name\":\"../etc\",\"profile\":\"single\",\"disks\":[\"trial-disk1\"]}", "Invalid", "name");
        fails(MAKE, "{\"name\":\"tank\",\"profile\":\"single\",\"disks\":[\"../../sda\"]}", "Invalid", "disks");
        fails(MAKE, "{\"name\":\"tank\",\"profile\":\"single\",\"disks\":[\"trial-disk1-part1\"]}", "Invalid", "disks");
        assert_int_equal(fake_machine.pool_count, 0);
}

static void what_disks_are_refused(void **state)
{
        (void)state;
        const char *one = "{\"name\":\"t\",\"profile\":\"single\",\"erase\":true,\"disks\":[\"trial-disk1\"]}";
        struct disk *disk = &fake_machine.disks[0];
        const struct disk good = *disk;
        const struct block partition = {.name = "sda1", .mounted = "/boot", .record = ""};
        const struct disk cases[] = {
                {.block = {.mounted = "/"}},
                {.block = {.mounted = "/mnt"}},
                {.block = {.swap = true}},
                {.block = {.held = true}},
                {.twin = "sdb"},
                {.read_only = true},
                {.serial = "000000"},
                {.serial = "0123456789ABCDEF"},
                {.partitions = &partition, .partition_count = 1},
        };
        static const char *const words[] = {"runs from it",     "mounted",       "swaps",
                                            "something larger", "same disk",     "written",
                                            "many adapters",    "many adapters", "runs from it"};
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                *disk = cases[i];
                disk->id = good.id;
                disk->block.name = "sda";
                disk->block.size = good.block.size;
                disk->block.record = "";
                fails(MAKE, one, "Conflict", words[i]);
        }
        *disk = good;
        fake_machine.verdicts[0] = VERDICT_USED;
        fails(MAKE, one, "Conflict", "has it open");
        fake_machine.verdicts[0] = VERDICT_AWAY;
        fails(MAKE, one, "Conflict", "cannot be reached");
        fake_machine.verdicts[0] = VERDICT_UNKNOWN;
        fails(MAKE, one, "Conflict", "not looked at yet");
        fake_machine.verdicts[0] = VERDICT_FREE;
        disk->block.holds = "ntfs";
        fails(MAKE, "{\"name\":\"t\",\"profile\":\"single\",\"disks\":[\"trial-disk1\"]}", "Conflict", "ntfs");
        assert_non_null(strstr(planned(MAKE, one), "wipefs --all -- /dev/disk/by-id/trial-disk1\n"));
        fake_machine_tank();
        fails(MAKE, one, "Conflict", "part of a pool");
        fake_machine.system_count = 0; /* it is away: still its disk */
        fake_machine.verdicts[0] = VERDICT_FREE;
        fails(MAKE, one, "Conflict", "which is away");
}

static void letting_go_of_a_pool(void **state)
{
        (void)state;
        fake_machine_tank();
        const char *steps = planned("ExportPool", "{\"name\":\"tank\"}");
        assert_true(strncmp(steps, "systemctl stop srv-tank.mount\nsystemctl daemon-reload\n", 54) == 0);
        assert_null(strstr(steps, "wipefs"));
        fails("ExportPool", "{\"name\":\"other\"}", "NotFound", "no pool other");
        steps = planned("DestroyPool", "{\"name\":\"tank\"}");
        const char *first = strstr(steps, "wipefs --all -- /dev/disk/by-id/trial-disk1\n");
        assert_non_null(first);
        assert_non_null(strstr(steps, "wipefs --all -- /dev/disk/by-id/trial-disk2\n"));
        assert_null(strstr(steps, "trial-disk3"));
        assert_true(strstr(steps, "systemctl stop") < first); /* unmounted first */
        fake_machine.systems[0].mounted = NULL;
        assert_null(strstr(planned("ExportPool", "{\"name\":\"tank\"}"), "systemctl stop"));
        fake_machine.disk_count = 0;
        fails("DestroyPool", "{\"name\":\"tank\"}", "Conflict", "None of its disks");
}

static void a_copied_disk_is_not_guessed_at(void **state)
{
        (void)state;
        fake_machine_tank();
        fake_machine.disks[4].block.holds = "btrfs";
        fake_machine.disks[4].block.uuid = UUID_TANK;
        fake_machine.disks[4].block.uuid_sub = fake_machine.disks[0].block.uuid_sub;
        fails("DestroyPool", "{\"name\":\"tank\"}", "Conflict", "sda and sde");
        struct fake_reply shown = fake_call("GetPool", "{\"name\":\"tank\"}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&shown, "pool.health_status"), "unknown");
        assert_non_null(strstr(fake_at(&shown, "pool.message"), "same disk"));
        fake_reply_free(&shown);
        fake_machine.pool_count = fake_machine.system_count = 0;
        fails("ImportPool", "{\"uuid\":\"" UUID_TANK "\",\"name\":\"tank\"}", "Conflict", "sda and sde");
        fake_machine.disks[4].block.uuid_sub = "00000000-0000-4000-8000-000000000003";
        assert_non_null(strstr(planned("ImportPool", "{\"uuid\":\"" UUID_TANK "\",\"name\":\"tank\"}"),
                               "bulkhead-mount@tank.service"));
}

static void a_twin_is_not_erased(void **state)
{
        (void)state;
        fake_machine_tank();
        fake_machine.disks[1].twin = "sdf";
        fails("DestroyPool", "{\"name\":\"tank\"}", "Conflict", "cannot be told");
}

static void importing_a_pool(void **state)
{
        (void)state;
        fails("ImportPool", "{\"uuid\":\"" UUID_OTHER "\",\"name\":\"tank\"}", "NotFound", "no such file system");
        fake_machine_tank();
        fails("ImportPool", "{\"uuid\":\"" UUID_TANK "\",\"name\":\"other\"}", "Conflict", "tank already");
        fails("ImportPool", "{\"uuid\":\"" UUID_OTHER "\",\"name\":\"tank\"}", "Conflict", "a pool tank");
        fake_machine.disks[2].block.holds = "ntfs";
        fake_machine.disks[2].block.uuid = UUID_OTHER;
        fails("ImportPool", "{\"uuid\":\"" UUID_OTHER "\",\"name\":\"other\"}", "NotFound", "no such file system");
        fake_machine.disks[2].block.holds = "ext4"; /* as it is: nothing is made in it */
        const char *steps = planned("ImportPool", "{\"uuid\":\"" UUID_OTHER "\",\"name\":\"other\"}");
        assert_non_null(strstr(steps, "ext4 " UUID_OTHER));
        assert_non_null(strstr(steps, "systemctl start bulkhead-mount@other.service"));
        assert_null(strstr(steps, "pool_furnish"));
        fake_machine.disks[3].block.holds = "ext4";
        fake_machine.disks[3].block.uuid = UUID_OTHER;
        fails("ImportPool", "{\"uuid\":\"" UUID_OTHER "\",\"name\":\"other\"}", "Conflict", "the same disk");
}

static void limiting_what_accounts_have(void **state)
{
        (void)state;
        static const char request[] = "{\"name\":\"tank\",\"account\":\"nobody\",\"limit\":5000000}";
        fake_machine_tank();
        fails("SetQuota", request, "Conflict", "is btrfs");
        fake_machine.pools[0].type = fake_machine.systems[0].type = "ext4";
        const char *steps = planned("SetQuota", request);
        const char *mounts = strstr(steps, "usrquota\\x0agrpquota"), *counts = strstr(steps, "tune2fs -O quota"),
                   *limits = strstr(steps, "bulkhead-quota@tank:user:65534:5000000.service");
        assert_true(mounts && counts > mounts && limits > counts);
        fails("SetQuota", "{\"name\":\"tank\",\"account\":\"root\",\"limit\":5000000}", "Conflict", "no limit");
        fails("SetQuota", "{\"name\":\"tank\",\"account\":\"who\",\"limit\":5000000}", "NotFound", "account who");
        fails("SetQuota", "{\"name\":\"tank\",\"kind\":\"group\",\"account\":\"who\",\"limit\":1}", "NotFound",
              "group who");
        fake_machine.named = "1900001104 BULK\\carol";
        steps = planned("SetQuota", "{\"name\":\"tank\",\"account\":\"BULK\\\\Carol\",\"limit\":5000000}");
        assert_non_null(strstr(steps, "bulkhead-quota@tank:user:1900001104:5000000.service"));
        steps = planned("SetQuota",
                        "{\"name\":\"tank\",\"kind\":\"group\",\"account\":\"BULK\\\\Carol\",\"limit\":5000000}");
        assert_non_null(strstr(steps, "bulkhead-quota@tank:group:1900001104:5000000.service"));
        fake_machine.named = "100001 carol@directory";
        steps = planned("SetQuota", "{\"name\":\"tank\",\"account\":\"carol@directory\",\"limit\":0}");
        assert_non_null(strstr(steps, "bulkhead-quota@tank:user:100001:0.service"));
        fails("SetQuota", "{\"name\":\"tank\",\"account\":\"@staff@directory\",\"limit\":1}", "Invalid", "");
        fake_machine.named = "-";
        fails("SetQuota", "{\"name\":\"tank\",\"account\":\"carol@directory\",\"limit\":1}", "NotFound",
              "The directory knows no account carol");
        fails("SetQuota", "{\"name\":\"tank\",\"kind\":\"group\",\"account\":\"BULK\\\\Nobody\",\"limit\":1}",
              "NotFound", "The domain knows no group BULK");
        fake_machine.named = "0 root"; /* who says that is not believed */
        fails("SetQuota", "{\"name\":\"tank\",\"account\":\"carol@directory\",\"limit\":1}", "Conflict",
              "cannot be asked");
        fake_machine.named = NULL;
        fails("SetQuota", "{\"name\":\"tank\",\"account\":\"BULK\\\\carol\",\"limit\":1}", "Conflict",
              "The domain cannot be asked now");
        fake_machine.not_installed = true;
        fails("SetQuota", "{\"name\":\"tank\",\"account\":\"BULK\\\\carol\",\"limit\":1}", "NotFound", "in no domain");
        fails("SetQuota", "{\"name\":\"tank\",\"account\":\"carol@directory\",\"limit\":1}", "NotFound",
              "takes nobody from a directory");
        fake_machine.not_installed = false;
        fake_machine.pools[0].type = fake_machine.systems[0].type =
                "xfs"; /* always counts: how it is mounted is enough */
        assert_null(strstr(planned("SetQuota", request), "tune2fs"));
        fake_machine.systems[0].mounted = NULL;
        fails("SetQuota", request, "Conflict", "not mounted");
}

/* --- datasets and snapshots --- */

static void make_datasets(void)
{
        fake_machine_tank();
        fake_machine_subvolume(256, 5, "photos", true);
        fake_machine_subvolume(257, 256, "photos/2026", true);
        fake_machine_subvolume(258, 257, "photos/2026/raw", true);
        fake_machine_subvolume(259, 5, "photosynthesis", true);
        fake_machine_subvolume(260, 5, ".snapshots", true);
        fake_machine_subvolume(261, 260, ".snapshots/photos", true);
        fake_machine_subvolume(262, 261, ".snapshots/photos/one", true);
        fake_machine_subvolume(263, 260, ".snapshots/photos:2026", true);
        fake_machine_subvolume(264, 263, ".snapshots/photos:2026/two", true);
}

static void making_a_dataset(void **state)
{
        (void)state;
        make_datasets();
        assert_non_null(strstr(planned("CreateDataset", "{\"pool\":\"tank\",\"name\":\"photos/x\"}"), "photos/x"));
        fails("CreateDataset", "{\"pool\":\"tank\",\"name\":\"photos\"}", "Conflict", "already");
        fails("CreateDataset", "{\"pool\":\"tank\",\"name\":\"none/x\"}", "NotFound", "not there");
        fails("CreateDataset", "{\"pool\":\"none\",\"name\":\"x\"}", "NotFound", "no pool none");
        static const char *const hostile[] = {"..",         "../x", "a/../b",       "/a", "a/", "a//b",
                                              ".snapshots", "-rf",  "a/.snapshots", "a ", "\\n"};
        for (size_t i = 0; i < ARRAY_SIZE(hostile); i++)
                fails("CreateDataset", arena_printf(arena, "{\"pool\":\"tank\",\"name\":\"%s\"}", hostile[i]),
                      "Invalid", "name");
        fake_machine.not_seen = true;
        fails("CreateDataset", "{\"pool\":\"tank\",\"name\":\"x\"}", "Conflict", "not mounted");
}

static void deleting_a_dataset(void **state)
{
        (void)state;
        make_datasets();
        fails("DeleteDataset", "{\"pool\":\"tank\",\"id\":256}", "Conflict",
              "2 datasets lie in it, and it has 1 snapshots");
        fails("DeleteDataset", "{\"pool\":\"tank\",\"id\":262,\"recursive\":true}", "NotFound", "no dataset 262");
        fails("DeleteDataset", "{\"pool\":\"tank\",\"id\":4711}", "NotFound", "no dataset 4711");
        const char *steps = planned("DeleteDataset", "{\"pool\":\"tank\",\"id\":256,\"recursive\":true}");
        const char *raw = strstr(steps, "photos/2026/raw"), *two = strstr(steps, " two"), *own = strstr(steps, " 256");
        assert_true(raw && two && own && raw < own && two < own);
        assert_null(strstr(steps, "photosynthesis"));
        assert_non_null(planned("DeleteDataset", "{\"pool\":\"tank\",\"id\":259}"));
}

/* The kernel would refuse it when its snapshots are gone already. */
static void what_is_no_dataset_is_in_the_way(void **state)
{
        (void)state;
        make_datasets();
        fake_machine_subvolume(300, 259, NULL, false); /* a name that cannot be shown */
        fails("DeleteDataset", "{\"pool\":\"tank\",\"id\":259,\"recursive\":true}", "Conflict", "number 300");
        fake_machine.subvolume_count--;
        fake_machine_subvolume(300, 259, "photosynthesis/.hidden", true);
        fails("DeleteDataset", "{\"pool\":\"tank\",\"id\":259,\"recursive\":true}", "Conflict", ".hidden");
        fake_machine.subvolume_count--;
        fake_machine_subvolume(300, 301, NULL, false); /* a loop in which it is not */
        fake_machine_subvolume(301, 300, NULL, false);
        fails("DeleteDataset", "{\"pool\":\"tank\",\"id\":259,\"recursive\":true}", "Conflict", "no dataset");
}

static void snapshots(void **state)
{
        (void)state;
        make_datasets();
        const char *steps =
                planned("CreateSnapshot", "{\"pool\":\"tank\",\"dataset\":\"photos/2026\",\"name\":\"three\"}");
        assert_non_null(strstr(steps, "257"));
        fails("CreateSnapshot", "{\"pool\":\"tank\",\"dataset\":\"photos\",\"name\":\"one\"}", "Conflict", "already");
        fails("CreateSnapshot", "{\"pool\":\"tank\",\"dataset\":\"none\",\"name\":\"x\"}", "NotFound",
              "no dataset none");
        fails("CreateSnapshot", "{\"pool\":\"tank\",\"dataset\":\"photos\",\"name\":\"../x\"}", "Invalid", "name");
        IN_ORDER_WITHOUT("snapshot_make", planned("CreateSnapshots", "{\"pool\":\"tank\",\"name\":\"all\"}"), "moment",
                         "SNAPSHOT=all", "DATASET=photos", "bulkhead-moment@tank.service");
        fails("CreateSnapshots", "{\"pool\":\"tank\",\"name\":\"one\"}", "Conflict", "already");
        fails("CreateSnapshots", "{\"pool\":\"tank\",\"name\":\"x\",\"datasets\":[\"photos\",\"none\"]}", "NotFound",
              "no dataset none");
        steps = planned("DeleteSnapshot", "{\"pool\":\"tank\",\"id\":264}");
        assert_true(strstr(steps, "photos/2026") && strstr(steps, "264"));
        fails("DeleteSnapshot", "{\"pool\":\"tank\",\"id\":256}", "NotFound", "no snapshot 256");
        struct fake_reply shown = fake_call("ListSnapshots", "{}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&shown, "snapshots"), "2");
        fake_reply_free(&shown);
        shown = fake_call("ListSnapshots", "{\"dataset\":\"photos/2026\"}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&shown, "snapshots"), "1");
        assert_string_equal(fake_at(&shown, "snapshots.0.dataset"), "photos/2026");
        fake_reply_free(&shown);
}

static void what_is_hostile_is_not_shown(void **state)
{
        (void)state;
        make_datasets();
        fake_machine_subvolume(300, 5, "folder/../../etc", true);
        fake_machine_subvolume(301, 5, "in a folder", false);
        fake_machine_subvolume(302, 260, ".snapshots/../x", true);
        fake_machine_subvolume(303, 261, ".snapshots/photos/", true);
        fake_machine_subvolume(304, 261, ".snapshots/photos/one/more", true);
        fake_machine_subvolume(305, 261, ".snapshots/", true);
        struct fake_reply shown = fake_call("ListDatasets", "{}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&shown, "datasets"), "4");
        assert_string_equal(fake_at(&shown, "datasets.0.snapshots"), "1");
        fake_reply_free(&shown);
        shown = fake_call("ListSnapshots", "{}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&shown, "snapshots"), "2");
        fake_reply_free(&shown);
}

/* --- who may --- */

static void roles(void **state)
{
        (void)state;
        make_datasets();
        static const struct {
                const char *method, *parameters;
                enum role least;
        } cases[] = {
                {MAKE, TWO, ROLE_ADMIN},
                {"DestroyPool", "{\"name\":\"tank\"}", ROLE_ADMIN},
                {"ExportPool", "{\"name\":\"tank\"}", ROLE_ADMIN},
                {"CreateDataset", "{\"pool\":\"tank\",\"name\":\"x\"}", ROLE_ADMIN},
                {"DeleteDataset", "{\"pool\":\"tank\",\"id\":259}", ROLE_ADMIN},
                {"CreateSnapshot", "{\"pool\":\"tank\",\"dataset\":\"photos\",\"name\":\"x\"}", ROLE_OPERATOR},
                {"DeleteSnapshot", "{\"pool\":\"tank\",\"id\":262}", ROLE_OPERATOR},
        };
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                struct fake_reply low = fake_call(cases[i].method, cases[i].parameters, as(cases[i].least - 1, ""));
                assert_non_null(low.error);
                assert_string_equal(strrchr(low.error, '.') + 1, "Denied");
                fake_reply_free(&low);
        }
        struct fake_reply bare = fake_call("DestroyPool", "{\"name\":\"tank\"}", as(ROLE_ADMIN, ""));
        assert_non_null(bare.error); /* a warrant is needed */
        assert_int_equal(fake_machine.pool_count, 1);
        fake_reply_free(&bare);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(a_disk_is_told_when_to_stop, set_up),
                cmocka_unit_test_setup(what_cannot_test_itself_is_given_no_time_for_it, set_up),
                cmocka_unit_test_setup(making_a_pool, set_up),
                cmocka_unit_test_setup(a_pool_is_not_made, set_up),
                cmocka_unit_test_setup(what_disks_are_refused, set_up),
                cmocka_unit_test_setup(letting_go_of_a_pool, set_up),
                cmocka_unit_test_setup(a_copied_disk_is_not_guessed_at, set_up),
                cmocka_unit_test_setup(a_twin_is_not_erased, set_up),
                cmocka_unit_test_setup(importing_a_pool, set_up),
                cmocka_unit_test_setup(limiting_what_accounts_have, set_up),
                cmocka_unit_test_setup(making_a_dataset, set_up),
                cmocka_unit_test_setup(deleting_a_dataset, set_up),
                cmocka_unit_test_setup(what_is_no_dataset_is_in_the_way, set_up),
                cmocka_unit_test_setup(snapshots, set_up),
                cmocka_unit_test_setup(what_is_hostile_is_not_shown, set_up),
                cmocka_unit_test_setup(roles, set_up),
        };
        return cmocka_run_group_tests(tests, make, drop);
}
