/* Snapshots of several datasets, of one and the same moment. btrfs has no call for several; but those that are asked for
 * in one of its transactions are all of the moment at which that is written, and who asks while a transaction is being
 * written waits, and is in the next. So one is begun for nothing, and while it is written a thread asks for each; then
 * the number of the transaction, which btrfs keeps with each snapshot, says whether they are of one. If not, they are
 * made anew.
 * Rights: those of moment (main.c); makes, names and deletes snapshots in folders that are open. */
#include "systemd/moment/moment.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <btrfsutil.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long writing a transaction takes differs by the disks: each time another wait, some of which fit. */
static const unsigned waits_us[] = {300, 1000, 2000, 5000, 500, 10000};
enum { TRIES = 60 };
#define TO_BEGIN ".begins"

/* --- what is there --- */

/* The transaction that it was made in; 0: it is not there, or no subvolume. */
static uint64_t transaction_of(int folder, const char *name)
{
        struct btrfs_util_subvolume_info info;
        CLEANUP_FD int fd = file_open_below(folder, name, O_RDONLY | O_DIRECTORY, 0);
        return fd >= 0 && btrfs_util_is_subvolume_fd(fd) == BTRFS_UTIL_OK &&
                               btrfs_util_subvolume_info_fd(fd, 0, &info) == BTRFS_UTIL_OK
                       ? info.otransid
                       : 0;
}

static uint64_t transaction_found(const struct moment *moment, const struct dataset *dataset)
{
        uint64_t making = transaction_of(dataset->folder, IN_MAKING);
        return making > 0 ? making : transaction_of(dataset->folder, moment->name);
}

/* Under either name, and of one moment. */
static bool are_together(const struct moment *moment)
{
        const uint64_t first = transaction_found(moment, &moment->datasets[0]);
        for (size_t i = 1; i < moment->count; i++)
                if (transaction_found(moment, &moment->datasets[i]) != first)
                        return false;
        return first > 0;
}

/* --- one try --- */

static void *make_one(void *context)
{
        struct dataset *dataset = context;
        const unsigned wait_us = dataset->moment->wait_us;
        (void)pthread_barrier_wait(&dataset->moment->ready);
        (void)usleep(wait_us);
        dataset->result =
                btrfs_util_create_snapshot_fd2(dataset->source, dataset->folder, IN_MAKING,
                                               BTRFS_UTIL_CREATE_SNAPSHOT_READ_ONLY, NULL, NULL) == BTRFS_UTIL_OK
                        ? 0
                        : -errno;
        return NULL;
}

/* Something must be new in it, or there is nothing to write. */
static int begin_transaction(int folder)
{
        if (mkdirat(folder, TO_BEGIN, 0700) != 0 && errno != EEXIST)
                return -errno;
        return unlinkat(folder, TO_BEGIN, AT_REMOVEDIR) == 0 ? 0 : -errno;
}

static int drop(const struct moment *moment)
{
        int result = 0;
        for (size_t i = 0; i < moment->count; i++)
                if (btrfs_util_delete_subvolume_fd(moment->datasets[i].folder, IN_MAKING, 0) != BTRFS_UTIL_OK &&
                    errno != ENOENT)
                        result = -errno;
        return result;
}

/* No thread is left behind at the barrier: who cannot have one for each gives up before. */
static int make_all(struct moment *moment)
{
        pthread_t threads[DATASETS_MAX];
        size_t begun = 0;
        int result = -pthread_barrier_init(&moment->ready, NULL, (unsigned)moment->count + 1);
        while (result == 0 && begun < moment->count) {
                struct dataset *dataset = &moment->datasets[begun];
                dataset->moment = moment;
                result = -pthread_create(&threads[begun], NULL, make_one, dataset);
                begun += result == 0;
        }
        if (result != 0) /* those that wait end with the process */
                return result;
        (void)pthread_barrier_wait(&moment->ready);
        (void)btrfs_util_sync_fd(moment->pool);
        for (size_t i = 0; i < begun; i++) {
                (void)pthread_join(threads[i], NULL);
                result = result == 0 ? moment->datasets[i].result : result;
        }
        (void)pthread_barrier_destroy(&moment->ready);
        return result;
}

static int try_once(struct moment *moment)
{
        int result = drop(moment);
        if (result == 0 && syncfs(moment->pool) != 0) /* what was written until now is to be in it */
                result = -errno;
        if (result == 0)
                result = begin_transaction(moment->datasets[0].folder);
        return result == 0 ? make_all(moment) : result;
}

/* --- all of it --- */

static int name_one(const struct moment *moment, const struct dataset *dataset)
{
        if (renameat2(dataset->folder, IN_MAKING, dataset->folder, moment->name, RENAME_NOREPLACE) == 0)
                return 0;
        return errno == ENOENT ? 0 : -errno; /* it was named before this was cut off */
}

static int name_all(const struct moment *moment)
{
        int result = 0;
        for (size_t i = 0; i < moment->count && result == 0; i++)
                result = name_one(moment, &moment->datasets[i]);
        return result == 0 && syncfs(moment->pool) != 0 ? -errno : result;
}

static bool is_free(const struct moment *moment)
{
        struct stat status;
        for (size_t i = 0; i < moment->count; i++)
                if (fstatat(moment->datasets[i].folder, moment->name, &status, AT_SYMLINK_NOFOLLOW) == 0)
                        return false;
        return true;
}

int moment_take(struct moment *moment)
{
        ASSERT(moment && moment->count > 0 && moment->count <= DATASETS_MAX);
        if (are_together(moment))
                return name_all(moment);
        int result = is_free(moment) ? 0 : -EEXIST;
        for (unsigned i = 0; i < TRIES && result == 0; i++) {
                moment->wait_us = waits_us[i % ARRAY_SIZE(waits_us)];
                result = try_once(moment);
                if (result == 0 && are_together(moment))
                        return name_all(moment);
        }
        (void)drop(moment);
        return result == 0 ? -EAGAIN : result;
}
