/* bulkhead-transfers: what FTP, SFTP, WebDAV and rsync show of the machine. The servers confine people to
 * /run/bulkhead/transfers/PROTOCOL; there each folder that is offered is mounted once more, without programs, devices
 * and set-uid bits, and read-only where that is said, behind a gate that lets only those through whom it is for:
 *
 *      photos -> .3/photos        the name that people see
 *      .3/                        the gate
 *      .3/photos/                 the folder
 *
 * Rights: root, in the machine's own mount namespace, run by PID 1 for a moment; mounts folders of pools, reached
 * through no link, at such places only. Its words come from unit files, what it does from the shares hand's typed
 * lines. */
#include "systemd/transfers/transfers.h"

#include "base/mem.h"
#include "sys/file.h"
#include "value/types.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { OFFERS_MAX = 10000, FILE_MAX = 64 * 1024, PLACE_SIZE = 256 };

static struct {
        struct arena *arena; /* all that is read */
        struct accounts accounts;
        struct offer *offers;
        size_t count;
} all;

/* --- what is wanted --- */

static bool read_offer(int folder, const char *name, struct offer *ret_offer)
{
        uint8_t *bytes = NULL;
        size_t length = 0;
        if (!value_is(&value_share_name, name, strlen(name)) ||
            file_read_below(folder, name, FILE_MAX, &bytes, &length) != 0)
                return false;
        char *text = arena_text(all.arena, (const char *)bytes, length);
        free(bytes);
        ret_offer->name = arena_text(all.arena, name, strlen(name));
        return strlen(text) == length && transfer_read(text, &ret_offer->transfer);
}

static int read_all(void)
{
        all.arena = arena_new();
        all.offers = arena_array(all.arena, OFFERS_MAX, sizeof(*all.offers));
        int error = accounts_read(all.arena, &all.accounts);
        CLEANUP_FD int folder = file_directory(WANTED);
        CLEANUP(listing_closep) DIR *listing = folder >= 0 ? file_list(folder) : NULL;
        if (error != 0 || !listing)
                return error != 0 ? error : -errno;
        for (struct dirent *entry; all.count < OFFERS_MAX && (entry = readdir(listing));) {
                if (entry->d_name[0] == '.')
                        continue;
                if (read_offer(folder, entry->d_name, &all.offers[all.count]))
                        all.count++;
                else
                        fprintf(stderr, WANTED "/%s is not as the shares hand writes it; nothing is offered by it\n",
                                entry->d_name);
        }
        return 0;
}

static bool lies_in(const struct transfer *transfer, const char *pool)
{
        const char *at = transfer->path + strlen("/srv/");
        return strncmp(at, pool, strlen(pool)) == 0 && strchr("/", at[strlen(pool)]);
}

static const struct offer *wanted(int64_t id, unsigned protocol)
{
        for (size_t i = 0; i < all.count; i++)
                if (all.offers[i].transfer.id == id)
                        return all.offers[i].transfer.enabled && all.offers[i].transfer.protocols & 1u << protocol
                                       ? &all.offers[i]
                                       : NULL;
        return NULL;
}

/* --- what is shown --- */

struct tree {
        unsigned protocol;
        int fd;
};

static const char *place_of(const struct tree *tree, const char *gate, char ret_place[PLACE_SIZE])
{
        snprintf(ret_place, PLACE_SIZE, SHOWN "/%s/%s/", transfer_protocols[tree->protocol], gate);
        return ret_place;
}

/* Ends who is in it. But for the one that is to stay, if any. */
static int empty_gate(const struct tree *tree, const char *gate, const char *but)
{
        char place[PLACE_SIZE];
        CLEANUP_FD int fd = openat(tree->fd, gate, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        CLEANUP(listing_closep) DIR *listing = fd >= 0 ? file_list(fd) : NULL;
        if (!listing)
                return -errno;
        for (struct dirent *entry; (entry = readdir(listing));) {
                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
                    (but && strcmp(entry->d_name, but) == 0))
                        continue;
                const char *mounted = arena_printf(all.arena, "%s%s", place_of(tree, gate, place), entry->d_name);
                end_in(place, NULL, NULL);
                while (umount2(mounted, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
                        ;
                if (unlinkat(fd, entry->d_name, AT_REMOVEDIR) != 0)
                        return -errno;
        }
        return 0;
}

static int take_away(const struct tree *tree, const char *gate)
{
        int result = empty_gate(tree, gate, NULL);
        return result != 0 ? result : unlinkat(tree->fd, gate, AT_REMOVEDIR) == 0 ? 0 : -errno;
}

static bool shows(int gate, const char *name, int source, bool read_only)
{
        struct stat here, there;
        struct statvfs system;
        CLEANUP_FD int fd = openat(gate, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd >= 0 && fstat(fd, &here) == 0 && fstat(source, &there) == 0 && fstatvfs(fd, &system) == 0 &&
               here.st_dev == there.st_dev && here.st_ino == there.st_ino &&
               ((system.f_flag & ST_RDONLY) != 0) == read_only;
}

static int mount_at(int gate, const char *name, int source, bool read_only)
{
        struct mount_attr attributes = {.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
                                                    (read_only ? MOUNT_ATTR_RDONLY : 0u)};
        CLEANUP_FD int tree =
                (int)syscall(SYS_open_tree, source, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
        if (tree < 0 || (mkdirat(gate, name, 0700) != 0 && errno != EEXIST) ||
            syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes, sizeof(attributes)) != 0 ||
            syscall(SYS_move_mount, tree, "", gate, name, MOVE_MOUNT_F_EMPTY_PATH) != 0)
                return -errno;
        return 0;
}

/* A folder of a pool that is mounted, reached through no link, so that nobody who may write in the pool chooses what
 * is offered. */
static int open_source(const char *path)
{
        struct stat top, folder;
        CLEANUP_FD int srv = file_directory("/srv");
        CLEANUP_FD int source = srv < 0 ? srv : file_open_below(srv, path + strlen("/srv/"), O_PATH | O_DIRECTORY, 0);
        if (source < 0)
                return source;
        if (fstat(srv, &top) != 0 || fstat(source, &folder) != 0)
                return -errno;
        return top.st_dev == folder.st_dev ? -ENXIO : TAKE_FD(source);
}

static int show_behind(const struct tree *tree, const char *gate, const struct offer *offer, int source)
{
        char place[PLACE_SIZE];
        const struct transfer *transfer = &offer->transfer;
        if (mkdirat(tree->fd, gate, 0700) != 0 && errno != EEXIST)
                return -errno;
        CLEANUP_FD int fd = openat(tree->fd, gate, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int result = fd < 0 ? -errno : gate_set(fd, transfer, &all.accounts);
        if (result != 0)
                return result;
        end_in(place_of(tree, gate, place), transfer, &all.accounts);
        if (shows(fd, offer->name, source, transfer->read_only))
                return empty_gate(tree, gate, offer->name);
        result = empty_gate(tree, gate, NULL);
        return result != 0 ? result : mount_at(fd, offer->name, source, transfer->read_only);
}

static int name_it(const struct tree *tree, const char *gate, const char *name)
{
        const char *target = arena_printf(all.arena, "%s/%s", gate, name);
        return symlinkat(target, tree->fd, name) == 0 || errno == EEXIST ? 0 : -errno;
}

/* The offer whose gate or name an entry is; NULL: it is not wanted (so). */
static const struct offer *shown_by(const struct tree *tree, const char *entry)
{
        char target[PLACE_SIZE];
        if (entry[0] == '.')
                return wanted(strtoll(entry + 1, NULL, 10), tree->protocol);
        ssize_t length = readlinkat(tree->fd, entry, target, sizeof(target) - 1);
        target[length > 0 ? length : 0] = '\0';
        const struct offer *offer = target[0] == '.' ? wanted(strtoll(target + 1, NULL, 10), tree->protocol) : NULL;
        return offer && strcmp(offer->name, entry) == 0 ? offer : NULL;
}

/* Takes away what is not wanted, and with away all of that pool. */
static int sweep(const struct tree *tree, const char *pool, bool away)
{
        CLEANUP(listing_closep) DIR *listing = file_list(tree->fd);
        int result = listing ? 0 : -errno;
        for (struct dirent *entry; listing && (entry = readdir(listing));) {
                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                const struct offer *offer = shown_by(tree, entry->d_name);
                int error = 0;
                if (offer && !(away && lies_in(&offer->transfer, pool)))
                        continue;
                if (entry->d_name[0] == '.')
                        error = take_away(tree, entry->d_name);
                else
                        error = unlinkat(tree->fd, entry->d_name, 0) == 0 ? 0 : -errno;
                if (error != 0)
                        fprintf(stderr, "%s: %s\n", entry->d_name, strerror(-error));
                result = error != 0 ? error : result;
        }
        return result;
}

static int show(const struct tree *tree, const char *pool)
{
        int result = 0;
        for (size_t i = 0; i < all.count; i++) {
                const struct offer *offer = wanted(all.offers[i].transfer.id, tree->protocol);
                if (offer != &all.offers[i] || !lies_in(&offer->transfer, pool))
                        continue;
                const char *gate = arena_printf(all.arena, ".%lld", (long long)offer->transfer.id);
                CLEANUP_FD int source = open_source(offer->transfer.path);
                if (source < 0) { /* others are shown nevertheless */
                        fprintf(stderr, "%s: %s: %s\n", offer->name, offer->transfer.path, strerror(-source));
                        (void)take_away(tree, gate);
                        (void)unlinkat(tree->fd, offer->name, 0);
                        continue;
                }
                int error = show_behind(tree, gate, offer, source);
                error = error != 0 ? error : name_it(tree, gate, offer->name);
                if (error != 0)
                        fprintf(stderr, "%s, %s: %s\n", offer->name, offer->transfer.path, strerror(-error));
                result = error != 0 ? error : result;
        }
        return result;
}

static int follow(const char *pool, bool away)
{
        int result = read_all();
        for (unsigned i = 0; result == 0 && i < TRANSFER_PROTOCOLS; i++) {
                CLEANUP_FD int fd = file_directory(arena_printf(all.arena, SHOWN "/%s", transfer_protocols[i]));
                const struct tree tree = {.protocol = i, .fd = fd};
                result = fd < 0 ? fd : sweep(&tree, pool, away);
                if (!away && fd >= 0) {
                        int error = show(&tree, pool);
                        result = error != 0 ? error : result;
                }
        }
        return result;
}

int main(int argc, char **argv)
{
        int result = -EINVAL;
        if (argc == 3 && value_is(&value_pool_name, argv[2], strlen(argv[2])) &&
            (strcmp(argv[1], "follow") == 0 || strcmp(argv[1], "away") == 0))
                result = follow(argv[2], argv[1][0] == 'a');
        else if (argc == 3 && strcmp(argv[1], "certificate") == 0)
                result = certificate_copy(argv[2]);
        else if (argc == 2 && strcmp(argv[1], "end") == 0 && (result = read_all()) == 0)
                end_disabled(&all.accounts);
        if (result != 0)
                fprintf(stderr, "%s\n", strerror(-result));
        arena_free(all.arena);
        return result != 0;
}
