/* bulkhead-moment: keeps datasets of a btrfs pool as they are at one and the same moment, each as a snapshot of one name.
 *
 *     moment POOL          what the storage hand has ordered for it
 *
 * Rights: the storage hand's user with CAP_SYS_ADMIN, CAP_DAC_OVERRIDE, CAP_FOWNER and CAP_CHOWN: datasets are others'.
 * Run by PID 1 for a moment (bulkhead-moment@.service). */
#include "systemd/moment/moment.h"

#include "base/arena.h"
#include "base/mem.h"
#include "sys/file.h"
#include "value/types.h"

#include <btrfsutil.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ORDERS    "/var/lib/bulkhead-storage-hand/moment"
#define SNAPSHOTS ".snapshots"
enum { ORDER_MAX = 32 * 1024, DATASET_INODE = 256 };

/* Of "media/films" they are in .snapshots/media:films. */
static int open_snapshots(int pool, const char *dataset, struct arena *arena)
{
        char *path = arena_printf(arena, SNAPSHOTS "/%s", dataset), *name = path + sizeof(SNAPSHOTS);
        for (char *at = name; *at; at++)
                if (*at == '/')
                        *at = ':';
        CLEANUP_FD int all = file_open_below(pool, SNAPSHOTS, O_RDONLY | O_DIRECTORY, 0);
        if (all < 0)
                return all;
        if (btrfs_util_create_subvolume_fd(all, name, 0, NULL, NULL) == BTRFS_UTIL_OK &&
            (fchownat(all, name, 0, 0, AT_SYMLINK_NOFOLLOW) != 0 || fchmodat(all, name, 0755, 0) != 0))
                return -errno;
        return file_open_below(all, name, O_RDONLY | O_DIRECTORY, 0);
}

static int add_dataset(struct moment *moment, const char *dataset, struct arena *arena)
{
        struct stat status;
        if (moment->count == DATASETS_MAX || !value_is(&value_dataset, dataset, strlen(dataset)))
                return -EBADMSG;
        struct dataset *one = &moment->datasets[moment->count];
        one->source = file_open_below(moment->pool, dataset, O_RDONLY | O_DIRECTORY, 0);
        if (one->source < 0 || fstat(one->source, &status) != 0 || status.st_ino != DATASET_INODE)
                return -ESTALE;
        one->folder = open_snapshots(moment->pool, dataset, arena);
        if (one->folder < 0)
                return one->folder;
        moment->count++;
        return 0;
}

/* "SNAPSHOT=name", and "DATASET=name" for each. */
static int read_order(struct moment *moment, char *text, struct arena *arena)
{
        int result = 0;
        for (char *line; result == 0 && (line = strsep(&text, "\n"));) {
                const char *word = strsep(&line, "=");
                if (line && strcmp(word, "SNAPSHOT") == 0 && value_is(&value_snapshot, line, strlen(line)))
                        moment->name = line;
                else if (line && strcmp(word, "DATASET") == 0)
                        result = add_dataset(moment, line, arena);
                else if (*word)
                        result = -EBADMSG;
        }
        return result == 0 && (!moment->name || moment->count == 0) ? -EBADMSG : result;
}

static int carry_out(const char *pool, struct arena *arena)
{
        static struct moment moment; /* what it has open is closed with the process */
        CLEANUP_FD int orders = file_directory(ORDERS);
        char *order = orders >= 0 ? file_text_below(orders, pool, ORDER_MAX, arena) : NULL;
        if (!order) /* it is away as soon as it is done, and not before */
                return orders < 0 ? orders : errno == ENOENT ? 0 : -errno;
        moment.pool = file_mounted("/srv", pool, O_RDONLY | O_DIRECTORY);
        int result = moment.pool < 0 ? moment.pool : read_order(&moment, order, arena);
        if (result == 0)
                result = moment_take(&moment);
        return result == 0 ? file_remove(orders, pool) : result;
}

static const char *reason(int result)
{
        switch (result) {
        case -EAGAIN:
                return "so much is written to it that no moment could be caught";
        case -EEXIST:
                return "one of them has a snapshot of that name";
        case -ESTALE:
                return "one of them is not there any more";
        default:
                return strerror(-result);
        }
}

int main(int argc, char **argv)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        int result =
                argc == 2 && value_is(&value_pool_name, argv[1], strlen(argv[1])) ? carry_out(argv[1], arena) : -EINVAL;
        if (result == 0)
                return EXIT_SUCCESS;
        fprintf(stderr, "moment: %s\n", reason(result));
        return EXIT_FAILURE;
}
