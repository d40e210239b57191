/* Pools that ZFS makes here, over a fake hand and a fake machine: what making, reading, adding and replacing come down to,
 * what is refused, what is told of work that goes on, and what one would hold. Rights: none. */
#include "base/clock.h"
#include "daemons/storage/clerk/zfs.h"
#include "tests/unit/storage_clerk/asking.h"

#define NUMBER "00000000-0000-0000-c064-61e0aeacc272"
#define HEAD   "13863313170584355442\t1006632960\t1006164992\n339456\t872075776\n"
#define END    "\nerrors: No known data errors\n"
#define TOLD(scan, config)                                                                                             \
        "  pool: tank\n state: ONLINE\n" scan "config:\n\n\tNAME           STATE     READ WRITE CKSUM\n"               \
        "\ttank           ONLINE       0     0     0\n" config END
/* A pool as it is told, with names and again with numbers. */
#define POOL(scan, names, numbers) HEAD TOLD(scan, names) TOLD(scan, numbers)
#define DISK(n, errors)            "\t  /dev/sd" n "1  ONLINE  0  0  " errors "\n"
#define IN(n)                      "\t    /dev/sd" n "1  ONLINE  0  0  0\n"
#define ROW(depth, number)         "\t" depth number "  ONLINE  0  0  0\n"
#define MIRROR                     "\t  mirror-0  ONLINE  0  0  0\n" IN("a") IN("b")
#define MIRROR_NUMBERS             ROW("  ", "99") ROW("    ", "101") ROW("    ", "102")

/* The mounted pool tank on so many of the six disks. */
static void of_zfs(const char *text, size_t disks)
{
        static struct block parts[FAKE_DISKS][2];
        static char names[FAKE_DISKS][2][8], subs[FAKE_DISKS][24];
        fake_machine_clear();
        fake_machine_tank();
        for (size_t i = 0; i < 2; i++) { /* which is of btrfs */
                fake_machine.disks[i].block =
                        (struct block){.name = i ? "sdb" : "sda", .size = 4ULL << 30, .record = ""};
                fake_machine.verdicts[i] = VERDICT_FREE;
        }
        for (size_t i = 0; i < disks; i++) {
                for (size_t n = 0; n < 2; n++)
                        snprintf(names[i][n], sizeof(names[i][n]), "sd%c%d", (int)('a' + i), n ? 9 : 1);
                snprintf(subs[i], sizeof(subs[i]), "%zu", i);
                parts[i][0] = (struct block){.name = names[i][0],
                                             .size = 4ULL << 30,
                                             .holds = "zfs_member",
                                             .uuid = NUMBER,
                                             .uuid_sub = subs[i],
                                             .record = ""};
                parts[i][1] = (struct block){.name = names[i][1], .size = 8 << 20, .record = ""};
                fake_machine.disks[i].partitions = parts[i];
                fake_machine.disks[i].partition_count = 2;
        }
        assert_true(zfs_read(text, arena, &fake_machine.systems[0]));
        fake_machine.systems[0].mounted = "/srv/tank";
        fake_machine.pools[0].type = "zfs";
        fake_machine.pools[0].uuid = NUMBER;
}

#define CREATE(name, profile, disks)                                                                                   \
        "{\"name\":\"" name "\",\"file_system\":\"zfs\",\"profile\":\"" profile "\",\"disks\":[" disks "]}"
#define TWO  "\"trial-disk1\",\"trial-disk2\""
#define FOUR TWO ",\"trial-disk3\",\"trial-disk4\""

static void making_one(void **state)
{
        (void)state;
        fake_machine.disks[2].block.size = fake_machine.disks[3].block.size = 8ULL << 30;
        IN_ORDER_WITHOUT("mkfs", planned("CreatePool", CREATE("vault", "raid10", FOUR)), "place_make vault\n", "wipefs",
                         "daemon-reload\n", "write /etc/bulkhead/pools/vault: ", "zfs ",
                         "write /var/lib/bulkhead-storage-hand/work/vault.zfs: ", "raid10", "trial-disk3",
                         "trial-disk4", "trial-disk1", "trial-disk2", /* pairs of one size */
                         "systemctl start bulkhead-zfs-make@vault.service\n", "systemctl daemon-reload\n",
                         "systemctl start bulkhead-mount@vault.service\n", "of=/dev/disk/by-id/trial-disk2");
        IN_ORDER_WITHOUT("mkfs",
                         planned("CreatePool",
                                 "{\"name\":\"vault\",\"profile\":\"raidz1\",\"disks\":[" TWO ",\"trial-disk3\"]}"),
                         "zfs ", "raidz1");
        static const struct {
                const char *in, *field, *word;
        } wrong[] = {
                {CREATE("vault", "raid1c3", FOUR), "profile", "none of ZFS"},
                {CREATE("vault", "md1", TWO), "profile", "none of ZFS"},
                {CREATE("vault", "raid1", "\"trial-disk1\""), "disks", "at least 2"},
                {CREATE("vault", "raidz1", TWO), "disks", "at least 3"},
                {CREATE("vault", "raidz2", TWO ",\"trial-disk3\""), "disks", "at least 4"},
                {CREATE("vault", "raid10", FOUR ",\"trial-disk5\""), "disks", "even number"},
                {CREATE("mirrored", "raid1", TWO), "name", "keeps such names"},
                {CREATE("vault", "raid1", "\"trial-disk1\",\"trial-disk1\""), "disks[1]", "named twice"},
                {"{\"name\":\"vault\",\"file_system\":\"zfs\",\"profile\":\"raid1\",\"encrypt\":\"key\",\"disks\":[" TWO
                 "]}",
                 "encrypt", "btrfs"},
                {"{\"name\":\"vault\",\"file_system\":\"btrfs\",\"profile\":\"raidz1\",\"disks\":[" FOUR "]}",
                 "profile", "one of ZFS"},
                {"{\"name\":\"vault\",\"file_system\":\"ext4\",\"profile\":\"raidz1\",\"disks\":[" FOUR "]}", "profile",
                 "one of ZFS"},
        };
        for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
                fails_on("CreatePool", wrong[i].in, wrong[i].field, wrong[i].word);
        fake_machine.not_installed = true;
        fails("CreatePool", CREATE("vault", "raid1", TWO), "Conflict", "not installed");
        fake_machine.not_installed = false;
}

/* The same request is the same plan, so that what was confirmed is done. */
static void what_was_confirmed(void **state)
{
        (void)state;
        const char *once = planned("CreatePool", CREATE("vault", "raid1", TWO));
        assert_string_equal(once, planned("CreatePool", CREATE("vault", "raid1", TWO)));
        assert_null(strstr(once, "zfs 00000000-0000-0000-"));
        struct fake_reply reply = fake_call("CreatePool", CREATE("vault", "raid1", TWO), as(ROLE_ADMIN, ""));
        assert_non_null(reply.error);
        fake_reply_free(&reply);
}

static void destroying_one(void **state)
{
        (void)state;
        static const char *const name = "{\"name\":\"tank\"}";
        of_zfs(POOL("", MIRROR, MIRROR_NUMBERS), 2);
        for (unsigned mounted = 2; mounted-- > 0;) { /* also one that is away */
                fake_machine.system_count = mounted;
                IN_ORDER_WITHOUT("trial-disk3", planned("DestroyPool", name),
                                 "systemctl stop bulkhead-zfs@tank.service\n", "remove /etc/bulkhead/pools/tank\n",
                                 "place_remove tank\n", "wipefs", "trial-disk1", "wipefs", "trial-disk2");
        }
        struct block other[2];
        memcpy(other, fake_machine.disks[1].partitions, sizeof(other));
        other[1].holds = "ext4";
        fake_machine.disks[1].partitions = other;
        fails("DestroyPool", name, "Conflict", "only a part");
        other[1] = (struct block){.name = "sdb2", .size = 1 << 30, .record = ""};
        fails("DestroyPool", name, "Conflict", "only a part");
}

static void reading_all_of_one(void **state)
{
        (void)state;
        of_zfs(POOL("", MIRROR, MIRROR_NUMBERS), 2);
        IN_ORDER_WITHOUT("btrfs", planned("StartScrub", "{\"name\":\"tank\"}"),
                         "systemctl start bulkhead-zfs-scrub@tank.service\n");
        fails("StopScrub", "{\"name\":\"tank\"}", "Conflict", "could be stopped");
        IN_ORDER_WITHOUT("array", planned("ScheduleScrub", "{\"name\":\"tank\",\"every\":\"month\",\"at\":\"02:30\"}"),
                         "write /etc/bulkhead/scrubs/tank: ", "month 02:30 zfs");
        IN_ORDER_WITHOUT("btrfs", planned("ClearErrors", "{\"name\":\"tank\"}"), "work/tank.zfs: ", "DO=clear",
                         "systemctl restart bulkhead-zfs-work@tank.service\n");
        of_zfs(POOL("  scan: scrub in progress since Sun Nov 22 20:11:11 2026\n"
                    "\t1.23G scanned at 123M/s, 500M issued at 50M/s, 2.00G total\n"
                    "\t0B repaired, 24.41% done, 00:10:31 to go\n",
                    MIRROR, MIRROR_NUMBERS),
               2);
        struct fake_reply reply = fake_call("GetPool", "{\"name\":\"tank\"}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&reply, "pool.work.kind"), "scrub");
        assert_string_equal(fake_at(&reply, "pool.work.percent"), "24");
        assert_string_equal(fake_at(&reply, "pool.work.started"), "2026-11-22T20:11:11.000000Z");
        assert_non_null(fake_at(&reply, "pool.work.estimate"));
        assert_string_equal(fake_at(&reply, "pool.devices"), "2");
        fake_reply_free(&reply);
        fails("StartScrub", "{\"name\":\"tank\"}", "Conflict", "already (scrub)");
        IN_ORDER_WITHOUT("detach", planned("StopScrub", "{\"name\":\"tank\"}"), "DO=stop-scrub",
                         "bulkhead-zfs-work@tank");
        of_zfs(POOL("  scan: scrub repaired 4K in 1 days 02:00:05 with 3 errors on Sun Nov 22 20:11:11 2026\n", MIRROR,
                    MIRROR_NUMBERS),
               2);
        reply = fake_call("GetPool", "{\"name\":\"tank\"}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&reply, "pool.last_scrub.outcome"), "finished");
        assert_string_equal(fake_at(&reply, "pool.last_scrub.started"), "2026-11-21T18:11:06.000000Z");
        assert_string_equal(fake_at(&reply, "pool.last_scrub.lost"), "3");
        fake_reply_free(&reply);
}

#define EIGHT     "\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\","
#define ADD(more) "{\"name\":\"tank\",\"disk\":\"trial-disk5\"" more "}"

static void adding_to_one(void **state)
{
        (void)state;
        of_zfs(POOL("", DISK("a", "0"), ROW("  ", "101")), 1);
        IN_ORDER_WITHOUT("add", planned("AddDisk", ADD("")), "wipefs", "DO=attach 101 /dev/disk/by-id/trial-disk5",
                         "restart bulkhead-zfs-work@tank.service\n", "of=/dev/disk/by-id/trial-disk5");
        IN_ORDER_WITHOUT("attach", planned("AddDisk", ADD(",\"grow\":true")), "wipefs", "DO=add ",
                         "/dev/disk/by-id/trial-disk5");
        fails_on("AddDisk", ADD(",\"grow\":true,\"others\":[\"trial-disk6\"]"), "others", "must be none");
        fails_on("AddDisk", ADD(",\"others\":[\"trial-disk6\"]"), "others", "must be none");
        of_zfs(POOL("", MIRROR, MIRROR_NUMBERS), 2);
        IN_ORDER_WITHOUT("DO=add", planned("AddDisk", ADD("")), "DO=attach 101 ");
        IN_ORDER_WITHOUT("attach", planned("AddDisk", ADD(",\"grow\":true,\"others\":[\"trial-disk6\"]")), "wipefs",
                         "wipefs", "DO=add mirror", "trial-disk5", "trial-disk6");
        fails_on("AddDisk", ADD(",\"grow\":true"), "others", "must be 1 disks");
        fails_on("AddDisk", ADD(",\"grow\":true,\"others\":[\"trial-disk5\"]"), "others", "twice");
        fails_on("AddDisk", ADD(",\"grow\":true,\"others\":[" EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT "\"a\"]"),
                 "others", "at most 63");
        fails("AddDisk", "{\"name\":\"tank\",\"disk\":\"trial-disk1\"}", "Conflict", "part of a pool");
        fake_machine.disks[4].block.size = 1 << 30;
        fails_on("AddDisk", ADD(""), "disk", "smaller");
        of_zfs(POOL("", "\t  raidz1-0  ONLINE  0  0  0\n" IN("a") IN("b") IN("c"),
                    ROW("  ", "99") ROW("    ", "101") ROW("    ", "102") ROW("    ", "103")),
               3);
        fails_on("AddDisk", ADD(""), "grow", "no safer");
        IN_ORDER_WITHOUT("attach",
                         planned("AddDisk", ADD(",\"grow\":true,\"others\":[\"trial-disk6\",\"trial-disk4\"]")),
                         "DO=add raidz1");
        of_zfs(POOL("", DISK("a", "0") "\t  mirror-1  ONLINE  0  0  0\n" IN("b") IN("c"),
                    ROW("  ", "101") ROW("  ", "99") ROW("    ", "102") ROW("    ", "103")),
               3);
        fails("AddDisk", ADD(",\"grow\":true"), "Conflict", "more than one kind");
}

#define REPLACE(number, more) "{\"name\":\"tank\",\"number\":" number ",\"disk\":\"trial-disk5\"" more "}"

static void replacing_in_one(void **state)
{
        (void)state;
        of_zfs(POOL("", MIRROR, MIRROR_NUMBERS), 2);
        fails_on("ReplaceDisk", REPLACE("2", ""), "number", "Nothing is known to be wrong");
        IN_ORDER_WITHOUT("btrfs", planned("ReplaceDisk", REPLACE("2", ",\"healthy_too\":true")), "wipefs",
                         "trial-disk5", "DO=replace 102 /dev/disk/by-id/trial-disk5",
                         "restart bulkhead-zfs-work@tank.service\n");
        fails("ReplaceDisk", REPLACE("3", ""), "NotFound", "no disk 3");
        fails("RemoveDisk", "{\"name\":\"tank\",\"number\":1}", "Conflict", "does without none");
        of_zfs(POOL("", "\t  mirror-0  DEGRADED  0  0  0\n" IN("a") "\t    102  UNAVAIL  0  0  0  was /dev/sdb1\n",
                    MIRROR_NUMBERS),
               1);
        IN_ORDER_WITHOUT("btrfs", planned("ReplaceDisk", REPLACE("2", "")), "DO=replace 102 ");
        fake_machine.disks[4].block.size = 1 << 30;
        fails_on("ReplaceDisk", REPLACE("2", ""), "disk", "smaller");
        of_zfs(HEAD TOLD("", MIRROR), 2); /* it was changed just then: the numbers are not known */
        fails_on("ReplaceDisk", REPLACE("2", ",\"healthy_too\":true"), "number", "being done");
        of_zfs(POOL("", MIRROR, ROW("  ", "99") ROW("    ", "102")), 2); /* nor which is whose */
        fails_on("ReplaceDisk", REPLACE("1", ",\"healthy_too\":true"), "number", "being done");
        of_zfs(POOL("  scan: resilver in progress since Sun Nov 22 20:11:11 2026\n\t1M scanned, 1M issued, 4M total\n"
                    "\t1M resilvered, 25.00% done, no estimated completion time\n",
                    "\t  mirror-0  DEGRADED  0  0  0\n\t    replacing-0  DEGRADED  0  0  0\n"
                    "\t      /dev/sda1  OFFLINE  0  0  0\n\t      /dev/sdc1  ONLINE  0  0  0\n" IN("b"),
                    ROW("  ", "99") ROW("    ", "98") ROW("      ", "101") ROW("      ", "103") ROW("    ", "102")),
               3);
        fails("ReplaceDisk", REPLACE("1", ""), "Conflict", "already (replace)");
        assert_int_equal(fake_machine.systems[0].zfs->parts[0].width, 2);
        struct fake_reply reply = fake_call("GetPool", "{\"name\":\"tank\"}", as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&reply, "pool.devices.1.state"), "rebuilding");
        assert_string_equal(fake_at(&reply, "pool.work.percent"), "25");
        fake_reply_free(&reply);
        IN_ORDER_WITHOUT("scrub", planned("StopWork", "{\"name\":\"tank\"}"), "DO=detach 103",
                         "bulkhead-zfs-work@tank");
        fails("StopScrub", "{\"name\":\"tank\"}", "Conflict", "could be stopped");
        of_zfs(POOL("", MIRROR IN("c"), MIRROR_NUMBERS ROW("    ", "103")), 3);
        IN_ORDER_WITHOUT("wipefs", planned("RemoveDisk", "{\"name\":\"tank\",\"number\":3}"), "DO=detach 103");
}

/* One that was replaced, and is still here with what is on it, may be taken again. */
static void what_was_of_it(void **state)
{
        (void)state;
        of_zfs(POOL("", MIRROR, MIRROR_NUMBERS), 3);
        fails("CreatePool", "{\"name\":\"other\",\"profile\":\"single\",\"disks\":[\"trial-disk2\"],\"erase\":true}",
              "Conflict", "part of a pool");
        IN_ORDER_WITHOUT(
                "trial-disk2",
                planned("CreatePool",
                        "{\"name\":\"other\",\"profile\":\"single\",\"disks\":[\"trial-disk3\"],\"erase\":true}"),
                "wipefs", "trial-disk3");
}

/* --- what one would hold --- */

static uint64_t fits(const char *profile, uint64_t size, size_t disks)
{
        uint64_t sizes[16], unused;
        for (size_t i = 0; i < disks; i++)
                sizes[i] = size;
        const uint64_t all = zfs_capacity_of(zfs_layout_of(profile, disks), sizes, disks, &unused);
        assert_int_equal(unused, 0);
        return all;
}

static void what_one_would_hold(void **state)
{
        (void)state;
        const uint64_t tera = 1000ULL * 1000 * 1000 * 1000, one = fits("single", 4 * tera, 1);
        assert_true(one > 4 * tera / 100 * 96 && one < 4 * tera / 100 * 98); /* a 32nd is ZFS's */
        assert_int_equal(fits("raid1", 4 * tera, 3), one);
        assert_true(fits("raid10", 4 * tera, 4) >= 2 * one - (1 << 20) &&
                    fits("single", 4 * tera, 2) >= 2 * one - (1 << 20));
        /* 128 KiB over five disks of which two have parity: 32 sectors and 22, and two more to make it a multiple of three. */
        const uint64_t five = fits("raidz2", 4 * tera, 5);
        assert_true(five > one / 100 * 5 * 60 && five < one / 100 * 5 * 62); /* of more, less than a 32nd is kept */
        assert_int_equal(zfs_layout_of("raidz3", 8)->survives, 3);
        assert_int_equal(zfs_layout_of("raid1", 4)->survives, 3);
        uint64_t sizes[] = {tera, 4 * tera, tera, 4 * tera}, unused;
        assert_true(zfs_capacity_of(zfs_layout_of("raid10", 4), sizes, 4, &unused) > 4 * tera && unused == 0);
        uint64_t uneven[] = {tera, 4 * tera};
        assert_true(zfs_capacity_of(zfs_layout_of("raid1", 2), uneven, 2, &unused) < tera && unused == 3 * tera);
        uint64_t small[] = {1 << 20};
        assert_int_equal(zfs_capacity_of(zfs_layout_of("single", 1), small, 1, &unused), 0);
        struct fake_reply reply =
                fake_call("GetCapacity", "{\"profile\":\"raid1\",\"file_system\":\"zfs\",\"disks\":[" FOUR "]}",
                          as(ROLE_VIEWER, ""));
        assert_string_equal(fake_at(&reply, "survives"), "3");
        fake_reply_free(&reply);
        reply = fake_call("GetCapacity",
                          "{\"profile\":\"raid10\",\"file_system\":\"zfs\",\"disks\":[" FOUR ",\"trial-disk5\"]}",
                          as(ROLE_VIEWER, ""));
        assert_non_null(reply.error);
        assert_string_equal(fake_at(&reply, "field"), "disks");
        fake_reply_free(&reply);
}

/* --- what is told of a scrub --- */

static void what_a_scrub_left(void **state)
{
        (void)state;
        struct work_log log;
        static const char began[] = "started 1795378271\n0b0b0b0b-0000-4000-8000-000000000001\n" TOLD(
                "  scan: none requested\n", DISK("a", "2"));
        assert_true(work_log_read(
                arena_printf(arena, "%s%s%s", began,
                             TOLD("  scan: scrub repaired 12K in 00:00:03 with 1 errors on Sun Nov 22 20:11:14 2026\n",
                                  DISK("a", "7")),
                             "ended 1795378274\nsuccess\n"),
                arena, &log));
        assert_true(log.zfs && log.finished && !log.stopped && !log.cut);
        assert_true(log.found == 5 && log.lost == 1 && log.repaired == 4);
        assert_true(
                work_log_read(arena_printf(arena, "%s%s%s", began,
                                           TOLD("  scan: scrub canceled on Sun Nov 22 20:11:14 2026\n", DISK("a", "2")),
                                           "ended 1795378274\nsuccess\n"),
                              arena, &log));
        assert_true(!log.finished && log.stopped && log.found == 0);
        assert_true(work_log_read(
                arena_printf(
                        arena, "%s%s%s", began,
                        TOLD("  scan: scrub in progress since Sun Nov 22 20:11:11 2026\n\t0B repaired, 1.00% done, \n",
                             DISK("a", "2")),
                        "ended 1795378274\nsignal\n"),
                arena, &log));
        assert_true(log.cut && !log.finished && !log.stopped);
        /* One that was before it is not this one. */
        assert_true(work_log_read(
                arena_printf(arena, "%scannot scrub tank: currently resilvering\n%s%s", began,
                             TOLD("  scan: scrub repaired 0B in 00:00:03 with 0 errors on Sat Nov 21 20:11:14 2026\n",
                                  DISK("a", "2")),
                             "ended 1795378274\nsuccess\n"),
                arena, &log));
        assert_true(!log.finished && !log.stopped && strstr(log.message, "currently resilvering"));
        assert_true(work_log_read(began, arena, &log) && log.zfs && log.ended_us == 0 && !log.finished);
}

static void what_is_no_scan(void **state)
{
        (void)state;
        static const char *const texts[] = {"",
                                            "none requested",
                                            "scrub",
                                            "scrub repaired",
                                            "resilvered  in  with  on ",
                                            "scrub repaired 1 in 99999999999999999999:1:1 with 1 errors on x",
                                            "scrub repaired 1 in 1 days with -1 errors on Sun Foo 99 99:99:99 2026"};
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
                struct zfs_scan scan = zfs_scan_read(texts[i]);
                assert_true(!scan.runs && scan.started_us == 0 && scan.ended_us == 0);
                zfs_scan_more("1 x, 50% done, 1:2:3 to go", &scan);
                assert_int_equal(scan.permille, -1);
        }
        struct zfs_scan scan = zfs_scan_read("scrub paused since Sun Nov 22 20:11:14 2026");
        zfs_scan_more("scrub started on Sun Nov 22 20:11:11 2026", &scan);
        zfs_scan_more("0B repaired, 50.00% done, ", &scan);
        assert_true(scan.runs && scan.permille == 500 && scan.left_s == -1 &&
                    scan.started_us == 1795378271LL * 1000000);
        static const char *const more[] = {"% done", "x, % done", "a, 1e99% done, x to go", "a, nan% done, ",
                                           "b, -3% done"};
        for (size_t i = 0; i < ARRAY_SIZE(more); i++) {
                zfs_scan_more(more[i], &scan);
                assert_true(scan.permille >= -1 && scan.permille <= 1000);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(making_one, set_up),        cmocka_unit_test_setup(what_was_confirmed, set_up),
                cmocka_unit_test_setup(destroying_one, set_up),    cmocka_unit_test_setup(reading_all_of_one, set_up),
                cmocka_unit_test_setup(adding_to_one, set_up),     cmocka_unit_test_setup(replacing_in_one, set_up),
                cmocka_unit_test_setup(what_was_of_it, set_up),    cmocka_unit_test_setup(what_one_would_hold, set_up),
                cmocka_unit_test_setup(what_a_scrub_left, set_up), cmocka_unit_test_setup(what_is_no_scan, set_up),
        };
        return cmocka_run_group_tests(tests, make, drop);
}
