/* What the kernel and udev tell of disks, mounts and file systems: folders of a test's own in place of /sys, /proc and
 * udev's records.
 * Rights: none; files under /tmp. */
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemons/storage/clerk/machine.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define UUID "11111111-2222-4333-8444-555555555555"

static struct {
        char folder[32];
        struct machine_roots roots;
        struct machine *machine;
} t;

/* --- the folders --- */

static void put(const char *path, const char *text)
{
        char whole[512];
        snprintf(whole, sizeof(whole), "%s/%s", t.folder, path);
        for (char *at = whole + strlen(t.folder) + 1; (at = strchr(at, '/')); *at++ = '/') {
                *at = '\0';
                mkdir(whole, 0700);
        }
        FILE *file = fopen(whole, "we");
        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
}

static void put_disk(const char *name, const char *number, const char *record)
{
        char path[256], text[32];
        snprintf(path, sizeof(path), "sys/block/%s/size", name);
        put(path, "8192\n");
        snprintf(path, sizeof(path), "sys/block/%s/dev", name);
        snprintf(text, sizeof(text), "%s\n", number);
        put(path, text);
        snprintf(path, sizeof(path), "udev/b%s", number);
        if (record)
                put(path, record);
}

static int drop_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
        (void)status;
        (void)kind;
        (void)where;
        return remove(path);
}

static int set_up(void **state)
{
        (void)state;
        snprintf(t.folder, sizeof(t.folder), "/tmp/bh-machine-XXXXXX");
        if (!mkdtemp(t.folder))
                return -1;
        put("sys/block/.keep", "");
        put("udev/.keep", "");
        put("proc/self/mountinfo", "");
        put("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n");
        char path[64];
        int *const ends[] = {&t.roots.sys, &t.roots.udev, &t.roots.proc};
        static const char *const names[] = {"sys", "udev", "proc"};
        for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
                snprintf(path, sizeof(path), "%s/%s", t.folder, names[i]);
                *ends[i] = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        }
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        close(t.roots.sys);
        close(t.roots.proc);
        if (t.roots.udev >= 0)
                close(t.roots.udev);
        if (t.machine)
                arena_free(TAKE(t.machine)->arena);
        return nftw(t.folder, drop_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const struct machine *read_all(void)
{
        if (t.machine)
                arena_free(t.machine->arena);
        return t.machine = machine_read(&t.roots);
}

static const struct disk *disk_called(const char *name)
{
        for (size_t i = 0; i < t.machine->disk_count; i++)
                if (strcmp(t.machine->disks[i].block.name, name) == 0)
                        return &t.machine->disks[i];
        return NULL;
}

/* --- disks --- */

static void an_empty_machine_has_nothing(void **state)
{
        (void)state;
        const struct machine *machine = read_all();
        assert_int_equal(machine->disk_count + machine->file_system_count + machine->mount_count, 0);
        put_disk("sda", "8:0", NULL);
        close(t.roots.udev);
        t.roots.udev = -1; /* no udev: nothing has an identity */
        assert_int_equal(read_all()->disk_count, 1);
        assert_null(machine == NULL ? "" : t.machine->disks[0].id);
}

/* What is in it counts when it is open, and nothing else when it is not. */
static void an_encrypted_disk_is_seen_through(void **state)
{
        (void)state;
        static const char luks[] = "aaaaaaaa-2222-4333-8444-000000000001";
        put_disk("sda", "8:0",
                 "S:disk/by-id/"
                 "ata-GOOD_S1\nE:ID_FS_TYPE=crypto_LUKS\nE:ID_FS_UUID=aaaaaaaa-2222-4333-8444-000000000001\n"
                 "E:ID_FS_LABEL=" UUID "\n");
        read_all();
        const struct block *block = &disk_called("sda")->block;
        assert_string_equal(block->luks, luks);
        assert_string_equal(block->luks_pool, UUID);
        assert_null(block->opened);
        assert_null(block->uuid);
        assert_string_equal(block->holds, "crypto_LUKS");
        assert_false(block->held);
        put_disk("dm-0", "253:0", "S:mapper/luks-x\nE:ID_FS_TYPE=btrfs\nE:ID_FS_UUID=" UUID "\nE:ID_FS_UUID_SUB=sub\n");
        put("sys/block/sda/holders/dm-0/.keep", "");
        put("sys/block/dm-0/dm/uuid", "CRYPT-LUKS2-aaaaaaaa-luks-x\n");
        put("proc/self/mountinfo", "1 1 0:1 / /srv/tank rw - btrfs /dev/mapper/luks-x rw\n");
        assert_int_equal(read_all()->disk_count, 1);
        block = &disk_called("sda")->block;
        assert_string_equal(block->luks, luks);
        assert_string_equal(block->opened, "dm-0");
        assert_string_equal(block->uuid, UUID);
        assert_string_equal(block->uuid_sub, "sub");
        assert_string_equal(block->holds, "btrfs");
        assert_string_equal(block->mounted, "/srv/tank");
        assert_int_equal(block->size, 8192 * 512);
        assert_false(block->held);
        put("sys/block/dm-0/dm/uuid", "LVM-something\n"); /* another thing of the mapper's */
        read_all();
        assert_null(disk_called("sda")->block.opened);
        assert_true(disk_called("sda")->block.held);
}

/* By the link that the kernel's ses makes; a place without a lamp is none. */
static void a_lamp_is_found(void **state)
{
        (void)state;
        put_disk("sda", "8:0", "S:disk/by-id/ata-GOOD_S1\n");
        put_disk("sdb", "8:16", "S:disk/by-id/ata-GOOD_S2\n");
        put("sys/block/sda/device/vendor", "x\n");
        read_all();
        assert_false(disk_called("sda")->has_light);
        put("sys/block/sda/device/enclosure_device:Slot 01/locate", "0\n");
        put("sys/block/sdb/device/enclosure_device:7/status", "OK\n");
        read_all();
        assert_true(disk_called("sda")->has_light && !disk_called("sda")->light);
        assert_false(disk_called("sdb")->has_light);
        put("sys/block/sda/device/enclosure_device:Slot 01/locate", "1\n");
        read_all();
        assert_true(disk_called("sda")->light);
        put("sys/block/sda/device/enclosure_device:Slot 01/locate", "\n"); /* it does not answer */
        read_all();
        assert_false(disk_called("sda")->has_light || disk_called("sda")->light);
}

static void put_member(const char *disk, const char *slot, const char *state)
{
        char path[128];
        snprintf(path, sizeof(path), "sys/block/md127/md/dev-%s/slot", disk);
        put(path, slot);
        snprintf(path, sizeof(path), "sys/block/md127/md/dev-%s/state", disk);
        put(path, state);
}

/* Its disks, with their places and states; what is on it; how far md is with it. */
static void an_array_is_read(void **state)
{
        (void)state;
        int64_t left_s;
        put_disk("sda", "8:0",
                 "S:disk/by-id/ata-GOOD_S1\nE:ID_FS_TYPE=linux_raid_member\n"
                 "E:ID_FS_UUID=aaaaaaaa-2222-8333-8444-000000000001\nE:ID_FS_UUID_SUB=one\n");
        put("sys/block/sda/holders/md127/.keep", "");
        put_disk("md127", "9:127",
                 "E:MD_UUID=aaaaaaaa:22228333:84440000:00000001\nE:ID_FS_TYPE=ext4\nE:ID_FS_UUID=" UUID "\n");
        put("sys/block/md127/md/array_state", "clean\n");
        put("sys/block/md127/md/level", "raid1\n");
        put("sys/block/md127/md/raid_disks", "2\n");
        put("sys/block/md127/md/degraded", "1\n");
        put("sys/block/md127/md/component_size", "4096\n");
        put("sys/block/md127/md/sync_action", "recover\n");
        put("sys/block/md127/md/sync_completed", "2048 / 8192\n");
        put("sys/block/md127/md/sync_speed", "1024\n");
        put_member("sda", "0\n", "in_sync,write_mostly\n");
        put("sys/block/md127/md/dev-sda/offset", "2048\n");
        put("sys/block/md127/md/last_sync_action", "check\n");
        put("sys/block/md127/md/mismatch_cnt", "128\n");
        put_member("sdb", "1\n", "spare\n");
        put_member("sdc", "none\n", "faulty,blocked\n");
        put("proc/self/mountinfo", "1 1 0:1 / /srv/tank rw - ext4 /dev/md127 rw\n");
        const struct machine *machine = read_all();
        assert_int_equal(machine->disk_count, 1);
        assert_int_equal(machine->array_count, 1);
        const struct array *array = &machine->arrays[0];
        assert_string_equal(array->uuid, "aaaaaaaa-2222-4333-8444-000000000001");
        assert_string_equal(array->uuid, machine->disks[0].block.uuid);
        assert_string_equal(array->block.uuid, UUID);
        assert_string_equal(array->block.mounted, "/srv/tank");
        assert_string_equal(array->action, "recover");
        assert_true(array->slots == 2 && array->degraded == 1 && array->member_size == 4096 * 1024);
        assert_int_equal(array->member_count, 3);
        assert_true(array->members[0].before == 1 << 20 && !array->checked && array->differences == 0);
        assert_true(array->members[0].in_sync && !array->members[0].faulty && array->members[0].slot == 0);
        assert_true(!array->members[1].in_sync && !array->members[1].faulty && array->members[1].slot == 1);
        assert_true(array->members[2].faulty && array->members[2].slot == -1);
        assert_int_equal(machine->file_system_count, 1);
        assert_string_equal(machine->file_systems[0].names[0], "md127");
        assert_int_equal(machine_array_permille(&t.roots, "md127", &left_s), 250);
        assert_int_equal(left_s, 3);
        put("sys/block/md127/md/sync_completed", "none\n");
        assert_int_equal(machine_array_permille(&t.roots, "md127", &left_s), -1);
        put("sys/block/md127/md/sync_action", "idle\n");
        array = read_all()->arrays;
        assert_true(!array->action && array->checked && array->differences == 128);
        put("sys/block/md127/md/array_state", "inactive\n"); /* not put together: its disks say which it is */
        assert_int_equal(read_all()->array_count, 0);
}

static void a_disk_is_read(void **state)
{
        (void)state;
        put_disk("sda", "8:0",
                 "S:disk/by-path/pci-1\nS:disk/by-id/wwn-0x5000\nS:disk/by-id/ata-GOOD_S1\nS:disk/by-id/zzz-9\n"
                 "E:ID_MODEL=  Good Disk  \nE:ID_SERIAL_SHORT=S1\nE:ID_WWN=0x5000\nE:ID_BUS=ata\nE:ID_FS_TYPE=btrfs\n"
                 "E:ID_FS_UUID=" UUID "\nE:ID_FS_UUID_SUB=sub\nE:ID_FS_LABEL=tank\nE:ID_MODEL_ENC=no\n");
        put("sys/block/sda/diskseq", "9\n");
        put("sys/block/sda/queue/rotational", "1\n");
        put("sys/block/sda/removable", "1\n");
        put("sys/block/sda/ro", "1\n");
        assert_int_equal(read_all()->disk_count, 1);
        const struct disk *disk = disk_called("sda");
        assert_string_equal(disk->id, "ata-GOOD_S1");
        assert_string_equal(disk->model, "Good Disk");
        assert_string_equal(disk->serial, "S1");
        assert_string_equal(disk->block.holds, "btrfs");
        assert_string_equal(disk->block.uuid, UUID);
        assert_string_equal(disk->block.uuid_sub, "sub");
        assert_true(disk->block.size == 8192 * 512 && disk->instance == 9);
        assert_true(disk->rotational && disk->removable && disk->read_only);
        assert_false(disk->block.held || disk->block.swap);
        assert_null(disk->twin);
        put_disk("vda", "254:0", "S:disk/by-id/virtio-ROOT\nE:ID_SERIAL=ROOT\n"); /* udev has no short one of it */
        put_disk("sdb", "8:16", "S:disk/by-id/usb-Stick\nE:ID_MODEL=Stick\nE:ID_SERIAL=Stick\n");
        read_all();
        assert_string_equal(disk_called("vda")->serial, "ROOT");
        assert_null(disk_called("sdb")->serial); /* that is its name once more */
}

static void what_disks_say_is_made_printable(void **state)
{
        (void)state;
        put_disk("sda", "8:0",
                 "S:disk/by-id/../../etc/passwd\nS:disk/by-id/a b\nS:disk/by-id/-rf\nS:disk/by-id/\n"
                 "E:ID_MODEL=\x1b[31mred\xff\xfe\r\nE:ID_SERIAL_SHORT=a\x01"
                 "b\nE:ID_FS_LABEL=\xe2\x80\xae"
                 "evil\n"
                 "E:ID_FS_UUID=../../../etc\nE:ID_FS_TYPE=   \nE:ID_WWN=\nE:ID_PATH");
        read_all();
        const struct disk *disk = disk_called("sda");
        assert_null(disk->id);
        assert_string_equal(disk->model, "?[31mred???");
        assert_true(!disk->serial || !strchr(disk->serial, 1));
        assert_true(text_printable(disk->block.label, strlen(disk->block.label)));
        assert_null(disk->block.uuid);
        assert_null(disk->block.holds);
        assert_null(disk->wwn);
        assert_null(disk->path);
}

static void long_texts_are_cut(void **state)
{
        (void)state;
        char *record = malloc(200000);
        assert_non_null(record);
        int length = snprintf(record, 200000, "S:disk/by-id/ata-X\nE:ID_MODEL=");
        memset(record + length, 'M', 150000);
        memcpy(record + length + 150000, "\nE:ID_WWN=w\n", 13);
        put_disk("sda", "8:0", record);
        free(record);
        read_all();
        assert_int_equal(strlen(disk_called("sda")->model), 128);
        assert_string_equal(disk_called("sda")->wwn, "w");
}

static void what_the_kernel_makes_is_no_disk(void **state)
{
        (void)state;
        static const char *const made[] = {"ram0", "zram0", "dm-0", "md127", "sr0", "fd0", "nbd3", "loop3"};
        char number[8];
        for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
                snprintf(number, sizeof(number), "7:%zu", i);
                put_disk(made[i], number, "");
        }
        put_disk("loop9", "9:9", "S:disk/by-id/trial-disk1\n");
        put_disk("sdz", "8:9", "");
        put("sys/block/sdz/size", "0\n"); /* a reader without a card */
        assert_int_equal(read_all()->disk_count, 1);
        assert_string_equal(t.machine->disks[0].id, "trial-disk1");
}

static void partitions_belong_to_their_disk(void **state)
{
        (void)state;
        put_disk("sda", "8:0", "S:disk/by-id/ata-A\nE:ID_PART_TABLE_TYPE=gpt\n");
        put_disk("sda/sda1", "8:1", "S:disk/by-id/ata-A-part1\nE:ID_FS_TYPE=ext4\n");
        put("sys/block/sda/sda1/partition", "1\n");
        put_disk("sda/sda2", "8:2", "");
        put("sys/block/sda/sda2/partition", "2\n");
        put("sys/block/sda/sda2/holders/dm-0", "");
        put("sys/block/sda/power/control", "on\n");
        put("proc/swaps", "Filename\tType\n/dev/sda1                               partition\t1\t0\t-2\n");
        read_all();
        const struct disk *disk = disk_called("sda");
        assert_string_equal(disk->block.holds, "partitions");
        assert_int_equal(disk->partition_count, 2);
        assert_true(disk->partitions[0].swap && !disk->partitions[1].swap && !disk->block.swap);
        assert_true(disk->partitions[1].held && !disk->partitions[0].held);
        assert_string_equal(disk->partitions[0].holds, "ext4");
        assert_string_equal(disk->id, "ata-A"); /* never a partition's */
}

static void look_alikes_are_seen(void **state)
{
        (void)state;
        put_disk("sda", "8:0", "S:disk/by-id/usb-SAME\n");
        put_disk("sdb", "8:16", "S:disk/by-id/usb-SAME\n");
        put_disk("sdc", "8:32", "S:disk/by-id/ata-C\nE:ID_WWN=0x1\n");
        put_disk("sdd", "8:48", "S:disk/by-id/ata-D\nE:ID_WWN=0x1\n");
        put_disk("sde", "8:64", "S:disk/by-id/ata-E\nE:ID_WWN=0x2\n");
        read_all();
        assert_string_equal(disk_called("sda")->twin, "sdb");
        assert_string_equal(disk_called("sdb")->twin, "sda");
        assert_string_equal(disk_called("sdc")->twin, "sdd");
        assert_null(disk_called("sde")->twin);
}

/* --- mounts --- */

static void mounts_are_read(void **state)
{
        (void)state;
        put_disk("sda", "8:0", "S:disk/by-id/ata-A\nS:disk/by-uuid/" UUID "\n");
        put_disk("sdb", "8:16", "");
        put("proc/self/mountinfo",
            "36 35 98:0 / /srv/tank rw,noatime master:1 shared:2 - btrfs /dev/disk/by-uuid/" UUID " rw,space_cache\n"
            "37 35 98:0 /a /srv/with\\040blank\\134\\011x ro - ext4 /dev/sdb ro\n"
            "38 35 0:5 / /dev rw - devtmpfs udev rw\n"
            "torn\n39 35 98:0 / /x rw\n40 35 98:0 / /y rw -\n\n41 35 8:16 / /b rw - ext4 /dev/sdb rw\n"
            "42 35 98:0 / /n rw - btrfs ");
        const struct machine *machine = read_all();
        assert_int_equal(machine->mount_count, 4);
        assert_string_equal(machine->mounts[0].target, "/srv/tank");
        assert_false(machine->mounts[0].read_only);
        assert_true(machine->mounts[1].read_only);
        assert_string_equal(disk_called("sda")->block.mounted, "/srv/tank");
        assert_string_equal(disk_called("sdb")->block.mounted, "/b"); /* the shortest */
}

static void where_it_is_mounted_is_made_printable(void **state)
{
        (void)state;
        put_disk("sdb", "8:16", "");
        put("proc/self/mountinfo", "37 35 98:0 / /mnt/\\012\\033[31m\\377\\001 ro - ext4 /dev/sdb ro\n41 35 8:16 / "
                                   "/\\7\\777\\08 rw - ext4 /dev/x rw\n");
        const struct machine *machine = read_all();
        const char *mounted = disk_called("sdb")->block.mounted;
        assert_non_null(mounted);
        for (size_t i = 0; i < machine->mount_count; i++)
                assert_true(text_printable(machine->mounts[i].target, strlen(machine->mounts[i].target)));
        assert_string_equal(mounted, "/mnt/??[31m??");
}

static void names_are_whole_names(void **state)
{
        (void)state;
        static const char swaps[] = "Filename\n/dev/sda10 partition\n/swap/dev/sdb file\n/dev/dm-1\tpartition";
        assert_false(machine_swaps_to(swaps, "sda1"));
        assert_true(machine_swaps_to(swaps, "sda10"));
        assert_false(machine_swaps_to(swaps, "sdb"));
        assert_true(machine_swaps_to(swaps, "dm-1"));
        assert_true(machine_is_source("/dev/sda", "sda", ""));
        assert_false(machine_is_source("/dev/sda1", "sda", ""));
        assert_false(machine_is_source("sda", "sda", "S:sda\n"));
        assert_true(machine_is_source("/dev/disk/x", "sda", "S:disk/xy\nS:disk/x"));
        assert_false(machine_is_source("/dev/disk/x", "sda", "S:disk/xy\nE:disk/x"));
        assert_false(machine_is_source("/dev/disk/x", "sda", NULL));
}

/* --- file systems --- */

static void file_systems_are_read(void **state)
{
        (void)state;
        put_disk("sda", "8:0", "S:disk/by-uuid/" UUID "\n");
        put("proc/self/mountinfo", "1 2 0:1 /sub /elsewhere rw - btrfs /dev/sda rw\n"
                                   "1 2 0:1 / /srv/tank rw - btrfs /dev/disk/by-uuid/" UUID " rw\n");
        put("sys/fs/btrfs/features/x", "");
        put("sys/fs/btrfs/" UUID "/label", "\x1b]0;title\x07\xff\n");
        put("sys/fs/btrfs/" UUID "/generation", "17\n");
        put("sys/fs/btrfs/" UUID "/devices/sda", "");
        put("sys/fs/btrfs/" UUID "/devinfo/1/error_stats",
            "write_errs 1\nread_errs 2\nflush_errs 3\ncorruption_errs 4\ngeneration_errs 5\n");
        put("sys/fs/btrfs/" UUID "/devinfo/1/missing", "0\n");
        put("sys/fs/btrfs/" UUID "/devinfo/2/missing", "1\n");
        put("sys/fs/btrfs/" UUID "/allocation/data/raid1/x", "");
        put("sys/fs/btrfs/" UUID "/allocation/data/single/x", "");
        const struct machine *machine = read_all();
        assert_int_equal(machine->file_system_count, 1);
        const struct file_system *system = &machine->file_systems[0];
        assert_string_equal(system->mounted, "/srv/tank");
        assert_string_equal(system->profile, "raid1");
        assert_int_equal(system->age.generation, 17);
        assert_int_equal(system->device_count, 2);
        const struct device_errors *one = &system->devices[0], *two = &system->devices[1];
        assert_true(one->number == 1 && !one->missing && one->write == 1 && one->read == 2 && one->flush == 3 &&
                    one->corruption == 4 && one->generation == 5);
        assert_true(two->number == 2 && two->missing && two->write == 0);
        assert_true(!system->label || text_printable(system->label, strlen(system->label)));
}

/* On a whole disk, and on a part of one. */
static void those_of_other_kinds_are_read(void **state)
{
        (void)state;
        static const char other[] = "22222222-2222-4333-8444-555555555555";
        char record[256];
        put_disk("sda", "8:0", "I:1\nE:ID_FS_TYPE=ext4\nE:ID_FS_UUID=" UUID "\nE:ID_FS_LABEL=old\n");
        put_disk("sdb", "8:16", "I:1\n");
        put("sys/block/sdb/sdb1/partition", "1\n");
        put("sys/block/sdb/sdb1/size", "4096\n");
        put("sys/block/sdb/sdb1/dev", "8:17\n");
        snprintf(record, sizeof(record), "I:1\nE:ID_FS_TYPE=xfs\nE:ID_FS_UUID=%s\n", other);
        put("udev/b8:17", record);
        put_disk("sdc", "8:32", "I:1\nE:ID_FS_TYPE=ext4\nE:ID_FS_UUID=../../etc\n");
        put_disk("sdd", "8:48", "I:1\nE:ID_FS_TYPE=ntfs\nE:ID_FS_UUID=" UUID "\n");
        put("sys/fs/ext4/sda/errors_count", "3\n");
        put("proc/self/mountinfo", "1 2 8:17 / /srv/media rw - xfs /dev/sdb1 rw\n");
        const struct machine *machine = read_all();
        assert_int_equal(machine->file_system_count, 2);
        const struct file_system *ext4 = &machine->file_systems[0], *xfs = &machine->file_systems[1];
        assert_string_equal(ext4->type, "ext4");
        assert_string_equal(ext4->uuid, UUID);
        assert_null(ext4->mounted);
        assert_true(ext4->device_count == 1 && ext4->devices[0].corruption == 3);
        assert_string_equal(xfs->type, "xfs");
        assert_string_equal(xfs->uuid, other);
        assert_string_equal(xfs->mounted, "/srv/media");
        assert_string_equal(xfs->names[0], "sdb1");
}

int main(void)
{
#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                CASE(an_empty_machine_has_nothing),
                CASE(a_disk_is_read),
                CASE(an_encrypted_disk_is_seen_through),
                CASE(a_lamp_is_found),
                CASE(an_array_is_read),
                CASE(what_disks_say_is_made_printable),
                CASE(long_texts_are_cut),
                CASE(what_the_kernel_makes_is_no_disk),
                CASE(partitions_belong_to_their_disk),
                CASE(look_alikes_are_seen),
                CASE(mounts_are_read),
                CASE(where_it_is_mounted_is_made_printable),
                CASE(names_are_whole_names),
                CASE(file_systems_are_read),
                CASE(those_of_other_kinds_are_read),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
