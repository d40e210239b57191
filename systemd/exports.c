/* bulkhead-exports: what the kernel's NFS server is to serve. Each export that is turned on and mounted is shown by its
 * name in one folder, which that server takes for the root of all there is, so that clients of every version see /NAME
 * and nothing of where it lies; and all of them are written down as exports(5) wants it. Then what the kernel remembers
 * of them is forgotten, so that it asks anew and a pool can leave.
 *
 *     bulkhead-exports                all of it
 *     bulkhead-exports check NUMBER   that one export alone, in folders of this unit's own, and becomes the server's
 * own checker (exportfs): it judges what it would be told, and nobody else notices
 *
 * Rights: CAP_SYS_ADMIN, to mount in the machine's own mount namespace. Run by PID 1 for a moment: when the server
 * starts or is reloaded, and when what is exported was mounted or unmounted. What it does comes from the shares hand's
 * typed lines; a file with anything else in it is left out. */
#include "base/mem.h"
#include "sys/file.h"
#include "value/nfs_order.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ORDERS "/etc/bulkhead/nfs"
#define MOUNTS "/run/bulkhead/nfs"
#define KERNEL "/run/bulkhead/nfs-kernel"
#define NAMES  KERNEL "/names"
#define LIST   "exports"
/* Where exportfs looks beside its own file; the unit that checks has a folder of its own there. */
#define CHECKED      "/etc/exports.d"
#define CHECKED_LIST "checked.exports"
#define EXPORTFS     "/usr/sbin/exportfs"
enum { ORDER_MAX = 64 * 1024, ORDERS_MAX = 4096, PLACE_SIZE = 512, FOLDER_MODE = 0755, LIST_MODE = 0644 };

static struct {
        struct arena *arena;
        struct nfs_order orders[ORDERS_MAX];
        size_t count;
} all;

static const struct nfs_order *called(const char *name)
{
        for (size_t i = 0; i < all.count; i++)
                if (strcmp(all.orders[i].name, name) == 0)
                        return &all.orders[i];
        return NULL;
}

static int by_number(const void *a, const void *b)
{
        const struct nfs_order *left = a, *right = b;
        return (int)(strtol(left->number, NULL, 10) - strtol(right->number, NULL, 10));
}

static void read_order(int folder, const char *file)
{
        const char *dot = strchr(file, '.');
        char *text = dot && strcmp(dot, ".on") == 0 ? file_text_below(folder, file, ORDER_MAX, all.arena) : NULL;
        if (file[0] == '.' || !dot || strcmp(dot, ".on") != 0)
                return;
        struct nfs_order *order = &all.orders[all.count];
        if (!text || all.count == ORDERS_MAX - 1 || !nfs_order_read(all.arena, file, text, order) ||
            called(order->name))
                fprintf(stderr, ORDERS "/%s is not as the shares hand writes it; nothing is exported by it\n", file);
        else
                all.count++;
}

static int read_orders(void)
{
        CLEANUP_FD int folder = file_directory(ORDERS);
        CLEANUP(listing_closep) DIR *listing = folder >= 0 ? file_list(folder) : NULL;
        if (!listing)
                return folder < 0 ? folder : -errno;
        for (struct dirent *entry; (entry = readdir(listing));)
                read_order(folder, entry->d_name);
        qsort(all.orders, all.count, sizeof(all.orders[0]), by_number);
        return 0;
}

/* --- by their names --- */

/* What is mounted there, so that its root can be told from others; -1: nothing is. */
static int mounted_at(int folder, const char *name, struct stat *ret_root)
{
        struct stat above;
        CLEANUP_FD int fd = openat(folder, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 || fstat(fd, ret_root) != 0 || fstat(folder, &above) != 0 || above.st_dev == ret_root->st_dev)
                return -1;
        return TAKE_FD(fd);
}

static void take_down(const char *name)
{
        char place[PLACE_SIZE];
        snprintf(place, sizeof(place), NAMES "/%s", name);
        while (umount2(place, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
                ;
}

/* The folder stays while the export is turned on, also with nothing mounted: the server then knows that it is to come.
 */
static int show(int mounts, int names, const struct nfs_order *order)
{
        struct stat wanted, found;
        CLEANUP_FD int source = mounted_at(mounts, order->number, &wanted);
        if (mkdirat(names, order->name, FOLDER_MODE) != 0 && errno != EEXIST)
                return -errno;
        CLEANUP_FD int shown = mounted_at(names, order->name, &found);
        if (shown >= 0 && source >= 0 && wanted.st_dev == found.st_dev && wanted.st_ino == found.st_ino)
                return 0;
        if (shown >= 0)
                take_down(order->name);
        if (source < 0)
                return 0;
        CLEANUP_FD int tree =
                (int)syscall(SYS_open_tree, source, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
        return tree >= 0 && syscall(SYS_move_mount, tree, "", names, order->name, MOVE_MOUNT_F_EMPTY_PATH) == 0
                       ? 0
                       : -errno;
}

static int take_away_others(int names)
{
        CLEANUP(listing_closep) DIR *listing = file_list(names);
        if (!listing)
                return -errno;
        for (struct dirent *entry; (entry = readdir(listing));)
                if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && !called(entry->d_name)) {
                        take_down(entry->d_name);
                        if (unlinkat(names, entry->d_name, AT_REMOVEDIR) != 0)
                                return -errno;
                }
        return 0;
}

static bool show_all(int mounts, int names)
{
        const int result = take_away_others(names);
        bool good = result == 0;
        if (result != 0)
                fprintf(stderr, NAMES ": %s\n", strerror(-result));
        for (size_t i = 0; i < all.count; i++) {
                const int shown = show(mounts, names, &all.orders[i]);
                if (shown != 0)
                        fprintf(stderr, NAMES "/%s: %s\n", all.orders[i].name, strerror(-shown));
                good = good && shown == 0;
        }
        return good;
}

/* --- what the server and the kernel know --- */

static int write_list(int folder, const char *file)
{
        const char *text = "";
        for (size_t i = 0; i < all.count; i++)
                text = arena_printf(all.arena, "%s%s", text, nfs_order_line(all.arena, &all.orders[i]));
        return file_put(folder, file, text, strlen(text), LIST_MODE);
}

/* Whatever is written there, the kernel asks anew who may use what; clients notice nothing. It may not serve yet. */
static void forget(void)
{
        static const char *const caches[] = {"auth.unix.ip", "nfsd.export", "nfsd.fh"};
        for (size_t i = 0; i < ARRAY_SIZE(caches); i++) {
                CLEANUP_FD int fd =
                        open(arena_printf(all.arena, "/proc/net/rpc/%s/flush", caches[i]), O_WRONLY | O_CLOEXEC);
                if (fd >= 0 && file_write_all(fd, "1\n", strlen("1\n")) != 0)
                        perror(caches[i]);
        }
}

static int put_in_place(int mounts, int names, int folder)
{
        bool good = show_all(mounts, names);
        const int written = write_list(folder, LIST);
        if (written != 0)
                fprintf(stderr, KERNEL "/" LIST ": %s\n", strerror(-written));
        forget();
        return good && written == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int all_of_them(void)
{
        CLEANUP_FD int folder = file_directory(KERNEL);
        CLEANUP_FD int names = file_directory(NAMES);
        CLEANUP_FD int mounts = file_directory(MOUNTS);
        if (folder >= 0 && names >= 0 && mounts >= 0 && flock(folder, LOCK_EX) == 0 && read_orders() == 0)
                return put_in_place(mounts, names, folder);
        fprintf(stderr, ORDERS ", " MOUNTS " or " NAMES " cannot be opened\n");
        return EXIT_FAILURE;
}

/* --- one of them, judged --- */

static bool keep_only(const char *number)
{
        for (size_t i = 0; i < all.count; i++)
                if (strcmp(all.orders[i].number, number) == 0) {
                        all.orders[0] = all.orders[i];
                        all.count = 1;
                        return true;
                }
        return false;
}

static int judge(const char *number)
{
        if (mkdir(NAMES, FOLDER_MODE) != 0 && errno != EEXIST)
                return EXIT_FAILURE;
        CLEANUP_FD int names = file_directory(NAMES);
        CLEANUP_FD int mounts = file_directory(MOUNTS);
        CLEANUP_FD int checked = file_directory(CHECKED);
        if (names < 0 || mounts < 0 || checked < 0 || read_orders() != 0 || !keep_only(number)) {
                fprintf(stderr, "the export %s is not there\n", number);
                return EXIT_FAILURE;
        }
        const int shown = show(mounts, names, &all.orders[0]);
        const int written = shown == 0 ? write_list(checked, CHECKED_LIST) : 0;
        if (shown != 0 || written != 0) {
                fprintf(stderr, "%s: %s\n", all.orders[0].name, strerror(shown != 0 ? -shown : -written));
                return EXIT_FAILURE;
        }
        execl(EXPORTFS, EXPORTFS, "-r", (char *)NULL);
        perror(EXPORTFS);
        return EXIT_FAILURE;
}

int main(int count, char *words[])
{
        umask(0022);
        all.arena = arena_new();
        const bool one = count == 3 && strcmp(words[1], "check") == 0;
        const int result = one ? judge(words[2]) : count == 1 ? all_of_them() : EXIT_FAILURE;
        arena_free(all.arena);
        return result;
}
