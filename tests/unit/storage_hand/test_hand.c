/* The storage hand's functions on a real btrfs in a file, in a mount namespace of the test's own: each must refuse what
 * the plan was not made for. Without root or loop devices all of it is skipped, by name.
 * Rights: root, for the loop device and the mounts; files under /tmp. */
#include "daemons/storage/hand/subvolume.h"

#include "act/parts.h"
#include "policy/storage_operations.h"
#include "value/access_preset.h"

#include <btrfsutil.h>
#include <linux/btrfs.h>
#include <linux/fs.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <cmocka.h>

static struct {
        struct arena *arena;
        bool able;
        char folder[64], device[32];
        struct storage storage;
        struct failure failure;
        struct act_context context;
} t;

#define NEEDS_LOOPS                                                                                                    \
        do {                                                                                                           \
                (void)state;                                                                                           \
                if (!t.able)                                                                                           \
                        skip();                                                                                        \
        } while (0)

/* --- the place --- */

/* Its first word, when it has printed one and ended well; else NULL. */
static const char *run(const char *const *args)
{
        static char word[64];
        int ends[2], status = -1;
        if (pipe2(ends, O_CLOEXEC) != 0)
                return NULL;
        pid_t child = fork();
        if (child == 0) {
                dup2(ends[1], 1);
                execv(args[0], (char *const *)(uintptr_t)args);
                _exit(127);
        }
        close(ends[1]);
        ssize_t got = read(ends[0], word, sizeof(word) - 1);
        close(ends[0]);
        word[got > 0 ? got : 0] = '\0';
        word[strcspn(word, "\n")] = '\0';
        return child > 0 && waitpid(child, &status, 0) == child && status == 0 ? word : NULL;
}

static const char *below(const char *path)
{
        return arena_printf(t.arena, "%s/%s", t.folder, path);
}

/* A /dev with the loop device in it alone, by its identity. */
static bool make_dev(void)
{
        struct stat status;
        if (stat(t.device, &status) != 0 || mount("tmpfs", "/dev", "tmpfs", 0, NULL) != 0)
                return false;
        (void)mkdir("/dev/disk", 0755);
        (void)mkdir("/dev/disk/by-id", 0755);
        return mknod(t.device, S_IFBLK | 0600, status.st_rdev) == 0 &&
               symlink(t.device, "/dev/disk/by-id/trial-1") == 0 &&
               symlink("/etc/passwd", "/dev/disk/by-id/trial-file") == 0;
}

static bool make_pool(void)
{
        const char *image = below("image");
        int fd = open(image, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        bool made = fd >= 0 && ftruncate(fd, 256 << 20) == 0;
        close(fd);
        const char *const mkfs[] = {"/usr/sbin/mkfs.btrfs", "--quiet", image, NULL};
        const char *const attach[] = {"/usr/sbin/losetup", "--find", "--show", image, NULL};
        const char *device = made && run(mkfs) ? run(attach) : NULL;
        if (!device)
                return false;
        snprintf(t.device, sizeof(t.device), "%s", device);
        return mkdir(below("srv"), 0755) == 0 && mkdir(below("pools"), 0755) == 0 && make_dev() &&
               mkdir(below("srv/tank"), 0755) == 0 && mount(t.device, below("srv/tank"), "btrfs", 0, "subvolid=5") == 0;
}

static int begin(void **state)
{
        (void)state;
        t.arena = arena_new();
        snprintf(t.folder, sizeof(t.folder), "/tmp/bh-hand-XXXXXX");
        if (!mkdtemp(t.folder))
                return -1;
        t.able = geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
                 mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 && make_pool();
        if (!t.able)
                return 0;
        t.storage.served = open(below("srv"), O_DIRECTORY | O_CLOEXEC);
        return 0;
}

static int end(void **state)
{
        (void)state;
        if (t.able) {
                close(t.storage.served);
                umount2(below("srv/tank"), MNT_DETACH);
        }
        if (*t.device) {
                const char *const detach[] = {"/usr/sbin/losetup", "--detach", t.device, NULL};
                run(detach);
        }
        const char *const loosen[] = {"/usr/bin/chattr", "-R", "-f", "-i", t.folder, NULL}; /* the places of pools */
        const char *const drop[] = {"/bin/rm", "-rf", t.folder, NULL};
        run(loosen);
        run(drop);
        arena_free(t.arena);
        return 0;
}

/* --- calling --- */

static int call(act_function *function, uint16_t number, const char *const *texts)
{
        struct action *action = arena_alloc(t.arena, sizeof(*action));
        struct value *values = arena_array(t.arena, 8, sizeof(*values));
        *action = (struct action){.operation = number, .values = values};
        for (; texts[action->count]; action->count++)
                values[action->count] = (struct value){texts[action->count], (uint16_t)strlen(texts[action->count])};
        t.failure = (struct failure){0};
        t.context = (struct act_context){
                .state = &t.storage, .arena = t.arena, .operation = &storage_operations.list[number], .action = action};
        assert_int_equal(action_check(&storage_operations, action, &t.failure), 0);
        return function(&t.context, &t.failure);
}
#define CALL(function, number, ...) call(function, number, (const char *const[]){__VA_ARGS__, NULL})

static void refused(int result, enum failure_code code, const char *word)
{
        assert_int_equal(result, -1);
        assert_int_equal(t.failure.code, code);
        if (!strstr(t.failure.message, word))
                fail_msg("'%s' does not say '%s'", t.failure.message, word);
}

static const char *number_at(const char *path)
{
        uint64_t number = 0;
        assert_int_equal(btrfs_util_subvolume_id(below(path), &number), BTRFS_UTIL_OK);
        return arena_printf(t.arena, "%llu", (unsigned long long)number);
}

static bool is_there(const char *path)
{
        struct stat status;
        return lstat(below(path), &status) == 0;
}

static void subvolume(const char *path)
{
        assert_int_equal(btrfs_util_create_subvolume(below(path), 0, NULL, NULL), BTRFS_UTIL_OK);
}

/* --- pools --- */

static void only_a_mounted_pool_is_opened(void **state)
{
        NEEDS_LOOPS;
        int fd = CALL(pool_furnish, STORAGE_POOL_FURNISH, "tank");
        assert_int_equal(fd, 0);
        assert_true(is_there("srv/tank/.snapshots"));
        assert_int_equal(CALL(pool_furnish, STORAGE_POOL_FURNISH, "tank"), 0); /* again is as good */
        refused(CALL(pool_furnish, STORAGE_POOL_FURNISH, "none"), FAILURE_FAILED, "none");
        assert_int_equal(mkdir(below("srv/plain"), 0755), 0);
        refused(CALL(pool_furnish, STORAGE_POOL_FURNISH, "plain"), FAILURE_CONFLICT, "not mounted");
        assert_int_equal(symlink("tank", below("srv/link")), 0);
        assert_int_equal(CALL(pool_furnish, STORAGE_POOL_FURNISH, "link"), -1);
        assert_int_equal(mount("tmpfs", below("srv/plain"), "tmpfs", 0, NULL), 0);
        refused(CALL(pool_furnish, STORAGE_POOL_FURNISH, "plain"), FAILURE_CONFLICT, "not mounted");
        umount2(below("srv/plain"), MNT_DETACH);
        subvolume("srv/tank/inner"); /* mounted, but not at its top */
        assert_int_equal(mount(t.device, below("srv/plain"), "btrfs", 0, "subvol=inner"), 0);
        refused(CALL(dataset_make, STORAGE_DATASET_MAKE, "plain", "x", "", "yes"), FAILURE_CONFLICT, "not mounted");
        umount2(below("srv/plain"), MNT_DETACH);
        assert_int_equal(rmdir(below("srv/plain")), 0);
}

static void the_place_of_a_pool(void **state)
{
        NEEDS_LOOPS;
        int flags = 0;
        assert_int_equal(CALL(place_is_free, STORAGE_PLACE_MAKE, "new"), 0);
        assert_int_equal(CALL(place_make, STORAGE_PLACE_MAKE, "new"), 0);
        assert_int_equal(CALL(place_make, STORAGE_PLACE_MAKE, "new"), 0);
        int fd = open(below("srv/new"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        bool can = ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 && flags & FS_IMMUTABLE_FL;
        close(fd);
        if (can) {
                fd = open(below("srv/new/x"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
                assert_int_equal(fd, -1);
        }
        assert_int_equal(CALL(place_remove, STORAGE_PLACE_REMOVE, "new"), 0);
        assert_false(is_there("srv/new"));
        assert_int_equal(CALL(place_remove, STORAGE_PLACE_REMOVE, "new"), 0);
        /* what is in use, or is not ours, stays */
        refused(CALL(place_is_free, STORAGE_PLACE_MAKE, "tank"), FAILURE_CONFLICT, "there already");
        refused(CALL(place_remove, STORAGE_PLACE_REMOVE, "tank"), FAILURE_CONFLICT, "tank");
        assert_int_equal(mkdir(below("srv/full"), 0755), 0);
        assert_int_equal(mkdir(below("srv/full/x"), 0755), 0);
        refused(CALL(place_is_free, STORAGE_PLACE_MAKE, "full"), FAILURE_CONFLICT, "there already");
        assert_int_equal(CALL(place_remove, STORAGE_PLACE_REMOVE, "full"), -1);
        assert_true(is_there("srv/full/x"));
        assert_int_equal(symlink("/etc", below("srv/etc")), 0);
        refused(CALL(place_is_free, STORAGE_PLACE_MAKE, "etc"), FAILURE_CONFLICT, "there already");
        assert_int_equal(CALL(place_make, STORAGE_PLACE_MAKE, "etc"), -1);
        assert_int_equal(CALL(place_remove, STORAGE_PLACE_REMOVE, "etc"), -1);
        assert_true(is_there("srv/etc"));
}

/* --- datasets --- */

static void a_dataset_is_made_and_taken_back(void **state)
{
        NEEDS_LOOPS;
        assert_int_equal(CALL(dataset_is_free, STORAGE_DATASET_MAKE, "tank", "a", "", "yes"), 0);
        assert_int_equal(CALL(dataset_make, STORAGE_DATASET_MAKE, "tank", "a", "", "yes"), 0);
        assert_int_equal(CALL(dataset_make, STORAGE_DATASET_MAKE, "tank", "a/b", "", "yes"), 0);
        refused(CALL(dataset_is_free, STORAGE_DATASET_MAKE, "tank", "a", "", "yes"), FAILURE_CONFLICT, "already");
        refused(CALL(dataset_make, STORAGE_DATASET_MAKE, "tank", "none/b", "", "yes"), FAILURE_NOT_FOUND, "not there");
        assert_int_equal(CALL(dataset_unmake, STORAGE_DATASET_UNMAKE, "tank", "a"), -1); /* not empty: kept */
        assert_true(is_there("srv/tank/a/b"));
        assert_int_equal(CALL(dataset_unmake, STORAGE_DATASET_UNMAKE, "tank", "a/b"), 0);
        assert_int_equal(CALL(dataset_unmake, STORAGE_DATASET_UNMAKE, "tank", "a/b"), 0);
        assert_int_equal(CALL(dataset_delete, STORAGE_DATASET_DELETE, "tank", "a", number_at("srv/tank/a")), 0);
        assert_false(is_there("srv/tank/a"));
}

/* The value of an attribute as text; "" when there is none. */
static const char *attribute(const char *path, const char *name)
{
        char *text = arena_alloc(t.arena, 65);
        ssize_t length = getxattr(below(path), name, text, 64);
        text[length > 0 ? length : 0] = '\0';
        return text;
}

static void a_dataset_is_written_as_was_said(void **state)
{
        NEEDS_LOOPS;
        int flags = 0;
        assert_int_equal(CALL(dataset_make, STORAGE_DATASET_MAKE, "tank", "packed", "zstd", "yes"), 0);
        assert_string_equal(attribute("srv/tank/packed", "btrfs.compression"), "zstd");
        const char *number = number_at("srv/tank/packed");
        assert_int_equal(CALL(dataset_compress, STORAGE_DATASET_COMPRESS, "tank", "packed", number, "lzo", "zstd"), 0);
        assert_string_equal(attribute("srv/tank/packed", "btrfs.compression"), "lzo");
        assert_int_equal(CALL(dataset_compress, STORAGE_DATASET_COMPRESS, "tank", "packed", number, "", "lzo"), 0);
        assert_int_equal(CALL(dataset_compress, STORAGE_DATASET_COMPRESS, "tank", "packed", number, "", ""), 0);
        assert_string_equal(attribute("srv/tank/packed", "btrfs.compression"), "");
        assert_int_equal(CALL(dataset_make, STORAGE_DATASET_MAKE, "tank", "plain", "", "no"), 0);
        int fd = open(below("srv/tank/plain"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_int_equal(ioctl(fd, FS_IOC_GETFLAGS, &flags), 0);
        assert_true(flags & FS_NOCOW_FL);
        close(fd);
        number = number_at("srv/tank/plain");
        assert_int_equal(CALL(dataset_compress, STORAGE_DATASET_COMPRESS, "tank", "plain", number, "lzo", ""), -1);
}

/* The folder by its mode; what is made in it by an ACL, whatever its maker's umask. */
static void presets_hold_for_what_is_made_later(void **state)
{
        NEEDS_LOOPS;
        struct stat status;
        const mode_t before = umask(077);
        subvolume("srv/tank/team");
        const char *number = number_at("srv/tank/team");
        assert_int_equal(
                CALL(dataset_access, STORAGE_DATASET_ACCESS, "tank", "team", number, "", "", "", "group_writes"), 0);
        assert_int_equal(stat(below("srv/tank/team"), &status), 0);
        assert_int_equal(status.st_mode & 07777, 02770);
        close(open(below("srv/tank/team/file"), O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
        assert_int_equal(stat(below("srv/tank/team/file"), &status), 0);
        assert_int_equal(status.st_mode & 0777, 0660);
        assert_int_equal(
                CALL(dataset_access, STORAGE_DATASET_ACCESS, "tank", "team", number, "", "", "", "everyone_reads"), 0);
        assert_int_equal(mkdir(below("srv/tank/team/folder"), 0777), 0);
        assert_int_equal(stat(below("srv/tank/team/folder"), &status), 0);
        assert_int_equal(status.st_mode & 07777, 02775);
        uint8_t acl[64];
        ssize_t length = getxattr(below("srv/tank/team"), "system.posix_acl_default", acl, sizeof(acl));
        assert_string_equal(access_preset_of(02775, acl, (size_t)length), "everyone_reads");
        assert_null(access_preset_of(0755, acl, (size_t)length));
        umask(before);
}

static void another_in_its_place_is_kept(void **state)
{
        NEEDS_LOOPS;
        subvolume("srv/tank/p");
        subvolume("srv/tank/p/c");
        const char *number = number_at("srv/tank/p/c");
        assert_int_equal(rename(below("srv/tank/p/c"), below("srv/tank/p/old")), 0);
        subvolume("srv/tank/p/c"); /* another subvolume */
        refused(CALL(dataset_delete, STORAGE_DATASET_DELETE, "tank", "p/c", number), FAILURE_CONFLICT, "no longer");
        refused(CALL(snapshot_make, STORAGE_SNAPSHOT_MAKE, "tank", "p/c", number, "s"), FAILURE_CONFLICT, "no longer");
        assert_true(is_there("srv/tank/p/c"));
        assert_int_equal(btrfs_util_delete_subvolume(below("srv/tank/p/c"), 0), BTRFS_UTIL_OK);
        assert_int_equal(mkdir(below("srv/tank/p/c"), 0755), 0); /* a plain folder */
        refused(CALL(dataset_delete, STORAGE_DATASET_DELETE, "tank", "p/c", number), FAILURE_CONFLICT, "no longer");
        assert_int_equal(rmdir(below("srv/tank/p/c")), 0);
        assert_int_equal(symlink("old", below("srv/tank/p/c")), 0); /* a link to the very one */
        assert_int_equal(CALL(dataset_delete, STORAGE_DATASET_DELETE, "tank", "p/c", number), -1);
        assert_true(is_there("srv/tank/p/old"));
        assert_int_equal(rename(below("srv/tank/p"), below("srv/tank/q")), 0);
        assert_int_equal(symlink("q", below("srv/tank/p")), 0); /* a link in place of its parent */
        assert_int_equal(CALL(dataset_delete, STORAGE_DATASET_DELETE, "tank", "p/old", number), -1);
        assert_int_equal(CALL(dataset_make, STORAGE_DATASET_MAKE, "tank", "p/new", "", "yes"), -1);
        assert_true(is_there("srv/tank/q/old") && !is_there("srv/tank/q/new"));
        unlink(below("srv/tank/p"));
        assert_int_equal(symlink("/tmp", below("srv/tank/p")), 0); /* and one that leads out */
        assert_int_equal(CALL(dataset_make, STORAGE_DATASET_MAKE, "tank", "p/new", "", "yes"), -1);
        unlink(below("srv/tank/p"));
        assert_int_equal(CALL(dataset_delete, STORAGE_DATASET_DELETE, "tank", "gone", number), 0); /* so it is gone */
}

/* --- snapshots --- */

static void snapshots_are_read_only_and_known(void **state)
{
        NEEDS_LOOPS;
        subvolume("srv/tank/photos");
        subvolume("srv/tank/photos/2026");
        const char *number = number_at("srv/tank/photos/2026");
        assert_int_equal(CALL(snapshot_is_free, STORAGE_SNAPSHOT_MAKE, "tank", "photos/2026", number, "one"), 0);
        assert_int_equal(CALL(snapshot_make, STORAGE_SNAPSHOT_MAKE, "tank", "photos/2026", number, "one"), 0);
        assert_true(is_there("srv/tank/.snapshots/photos:2026/one"));
        bool read_only = false;
        assert_int_equal(btrfs_util_get_subvolume_read_only(below("srv/tank/.snapshots/photos:2026/one"), &read_only),
                         0);
        assert_true(read_only);
        refused(CALL(snapshot_is_free, STORAGE_SNAPSHOT_MAKE, "tank", "photos/2026", number, "one"), FAILURE_CONFLICT,
                "already");
        refused(CALL(snapshot_delete, STORAGE_SNAPSHOT_DELETE, "tank", "photos/2026", "one", number), FAILURE_CONFLICT,
                "no longer");
        const char *own = number_at("srv/tank/.snapshots/photos:2026/one");
        assert_int_equal(CALL(snapshot_delete, STORAGE_SNAPSHOT_DELETE, "tank", "photos/2026", "one", own), 0);
        assert_int_equal(CALL(snapshot_delete, STORAGE_SNAPSHOT_DELETE, "tank", "photos/2026", "one", own), 0);
        assert_int_equal(CALL(snapshot_unmake, STORAGE_SNAPSHOT_UNMAKE, "tank", "photos/2026", "one"), 0);
        refused(CALL(snapshot_make, STORAGE_SNAPSHOT_MAKE, "tank", "none", number, "x"), FAILURE_NOT_FOUND,
                "not there");
        /* a link in place of the folder of snapshots */
        assert_int_equal(rename(below("srv/tank/.snapshots"), below("srv/tank/moved")), 0);
        assert_int_equal(symlink("/tmp", below("srv/tank/.snapshots")), 0);
        assert_int_equal(CALL(snapshot_make, STORAGE_SNAPSHOT_MAKE, "tank", "photos/2026", number, "two"), -1);
        unlink(below("srv/tank/.snapshots"));
        assert_int_equal(rename(below("srv/tank/moved"), below("srv/tank/.snapshots")), 0);
}

/* Only what a snapshot was just made as is dropped by its undo, never a dataset that somebody put there. */
static void an_undo_takes_no_more_than_was_done(void **state)
{
        NEEDS_LOOPS;
        subvolume("srv/tank/u");
        const char *number = number_at("srv/tank/u");
        assert_int_equal(CALL(snapshot_make, STORAGE_SNAPSHOT_MAKE, "tank", "u", number, "one"), 0);
        assert_int_equal(CALL(snapshot_unmake, STORAGE_SNAPSHOT_UNMAKE, "tank", "u", "one"), 0);
        assert_false(is_there("srv/tank/.snapshots/u/one"));
        assert_int_equal(mkdir(below("srv/tank/.snapshots/u/one"), 0755), 0);
        assert_int_equal(mkdir(below("srv/tank/.snapshots/u/one/data"), 0755), 0);
        assert_int_equal(CALL(snapshot_unmake, STORAGE_SNAPSHOT_UNMAKE, "tank", "u", "one"), -1);
        assert_true(is_there("srv/tank/.snapshots/u/one/data"));
        subvolume("srv/tank/.snapshots/u/two"); /* one that can be written: none of ours */
        assert_int_equal(mkdir(below("srv/tank/.snapshots/u/two/data"), 0755), 0);
        assert_int_equal(CALL(snapshot_unmake, STORAGE_SNAPSHOT_UNMAKE, "tank", "u", "two"), -1);
        assert_true(is_there("srv/tank/.snapshots/u/two/data"));
}

/* --- disks --- */

static void disks_in_use_or_none(void **state)
{
        NEEDS_LOOPS;
        refused(CALL(disk_is_that, STORAGE_DISK_ERASE, "trial-1", "none", "268435456"), FAILURE_CONFLICT, "in use");
        refused(CALL(disk_is_that, STORAGE_DISK_ERASE, "trial-2", "none", "268435456"), FAILURE_NOT_FOUND, "trial-2");
        refused(CALL(disk_is_that, STORAGE_DISK_ERASE, "trial-file", "none", "1"), FAILURE_INVALID, "not a whole disk");
        assert_int_equal(umount2(below("srv/tank"), 0), 0);
        assert_int_equal(CALL(disk_is_that, STORAGE_DISK_ERASE, "trial-1", "none", "268435456"), 0);
        refused(CALL(disk_is_that, STORAGE_DISK_ERASE, "trial-1", "none", "4096"), FAILURE_CONFLICT, "another disk");
        assert_int_equal(CALL(disks_are_empty, STORAGE_POOL_FORMAT, "tank", "11111111-2222-4333-8444-555555555555",
                              "single", "dup", "/dev/disk/by-id/trial-1"),
                         0);
        refused(CALL(disks_are_empty, STORAGE_POOL_FORMAT, "tank", "11111111-2222-4333-8444-555555555555", "single",
                     "dup", "/dev/disk/by-id/trial-1", "/dev/disk/by-id/trial-file"),
                FAILURE_INVALID, "not a whole disk");
        assert_int_equal(mount(t.device, below("srv/tank"), "btrfs", 0, "subvolid=5"), 0);
}

/* What an operation that answers writes about the pool, or about what is above that number. */
static size_t written(act_function *function, uint16_t number, const char *pool, const char *after, char *bytes,
                      size_t room)
{
        FILE *file = tmpfile();
        assert_non_null(file);
        struct value values[] = {{pool, (uint16_t)strlen(pool)}, {after, (uint16_t)strlen(after)}};
        struct action action = {.operation = number, .count = 2, .values = values};
        struct act_context context = {.state = &t.storage,
                                      .arena = t.arena,
                                      .operation = &storage_operations.list[number],
                                      .action = &action,
                                      .output_fd = fileno(file)};
        const int result = function(&context, &t.failure);
        rewind(file);
        size_t length = result == 0 ? fread(bytes, 1, room, file) : 0;
        fclose(file);
        return length;
}

static size_t surveyed(const char *pool, const char *after, char *bytes, size_t room)
{
        return written(survey, STORAGE_SURVEY, pool, after, bytes, room);
}

static void each_device_is_told_of_once(void **state)
{
        NEEDS_LOOPS;
        uint8_t bytes[16384];
        size_t length = written(work_look, STORAGE_WORK_LOOK, "tank", "", (char *)bytes, sizeof(bytes)), devices = 0;
        struct btrfs_ioctl_search_header head;
        for (size_t at = 0; at + sizeof(head) <= length; at += sizeof(head) + head.len) {
                memcpy(&head, bytes + at, sizeof(head));
                if (head.type != _IOC_NR(BTRFS_IOC_DEV_INFO))
                        continue;
                assert_int_equal(head.offset, 1);
                struct btrfs_ioctl_dev_info_args info = {0};
                assert_true(head.len <= sizeof(info));
                memcpy(&info, bytes + at + sizeof(head), head.len);
                assert_int_equal(info.total_bytes, 256 << 20);
                devices++;
        }
        assert_int_equal(devices, 1);
}

static void the_trees_are_copied_out(void **state)
{
        NEEDS_LOOPS;
        const size_t room = 1 << 20;
        char *bytes = arena_alloc(t.arena, room);
        subvolume("srv/tank/shown-by-its-name");
        const char *number = number_at("srv/tank/shown-by-its-name");
        assert_int_equal(
                CALL(dataset_compress, STORAGE_DATASET_COMPRESS, "tank", "shown-by-its-name", number, "zlib", ""), 0);
        sync();
        size_t length = surveyed("tank", "", bytes, room);
        assert_non_null(memmem(bytes, length, "shown-by-its-name", 17));
        assert_non_null(memmem(bytes, length, "btrfs.compressionzlib", 21));
        subvolume("srv/tank/newer");
        const size_t more = surveyed("tank", number, bytes, room);
        assert_true(more > 0 && more < length);
        assert_null(memmem(bytes, more, "shown-by-its-name", 17));
        assert_non_null(memmem(bytes, more, "newer", 5));
        assert_int_equal(surveyed("none", "", bytes, room), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(only_a_mounted_pool_is_opened),
                cmocka_unit_test(the_place_of_a_pool),
                cmocka_unit_test(a_dataset_is_made_and_taken_back),
                cmocka_unit_test(a_dataset_is_written_as_was_said),
                cmocka_unit_test(presets_hold_for_what_is_made_later),
                cmocka_unit_test(another_in_its_place_is_kept),
                cmocka_unit_test(snapshots_are_read_only_and_known),
                cmocka_unit_test(an_undo_takes_no_more_than_was_done),
                cmocka_unit_test(disks_in_use_or_none),
                cmocka_unit_test(each_device_is_told_of_once),
                cmocka_unit_test(the_trees_are_copied_out),
        };
        return cmocka_run_group_tests(tests, begin, end);
}
