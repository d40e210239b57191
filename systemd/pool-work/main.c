/* bulkhead's pool-work: what takes long and is done to a pool by the kernel itself; this begins it, waits, and says how
 * it ended, in lines that the storage clerk reads.
 *
 *     pool-work check POOL     has md compare the disks of the pool's array
 *     pool-work grow POOL      when md has spread the array over its disks: makes the file system as large as it is,
 *                              and forgets that this was ordered
 *
 * Rights: to check, root's files of md in /sys and CAP_SYS_ADMIN; to grow, the storage hand's user with CAP_SYS_ADMIN and
 * CAP_SYS_RESOURCE. Run by PID 1 (bulkhead-array-check@.service, bulkhead-grow@.service); opens no disk, and reads no
 * file in a pool. */
#include "systemd/pool-work/work.h"

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"
#include "value/types.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BLOCKS "/sys/class/block"
#define ORDERS "/var/lib/bulkhead-storage-hand/work"
enum { TABLE_MAX = 4 << 20, NAME_SIZE = 64 };

volatile sig_atomic_t work_stops;

static void on_stop(int number)
{
        (void)number;
        work_stops = 1;
}

/* A signal ends it. */
static void wait_a_moment(void)
{
        const struct timespec second = {.tv_sec = 1};
        (void)nanosleep(&second, NULL);
}

/* The folder of md's for the array that the pool lies on; -ENOENT: it lies on none. */
static int open_array(const char *pool)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        CLEANUP_FD int self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
        const char *table = self >= 0 ? file_text_below(self, "mountinfo", TABLE_MAX, arena) : NULL;
        char folder[NAME_SIZE], source[PATH_MAX];
        snprintf(folder, sizeof(folder), "/srv/%s", pool);
        if (!table || !mount_source(table, folder, source))
                return -ENODEV;
        const char *slash = strrchr(source, '/');
        const int opened = open(arena_printf(arena, BLOCKS "/%s/md", slash ? slash + 1 : source),
                                O_PATH | O_DIRECTORY | O_CLOEXEC);
        return opened >= 0 ? opened : -errno;
}

static int check(const char *pool)
{
        uint64_t differences = 0;
        CLEANUP_FD int array = open_array(pool);
        int result = array < 0 ? array : array_check(array, wait_a_moment, &differences);
        if (result == 0)
                printf("differences: %llu\n", (unsigned long long)differences);
        return result;
}

static int grow(const char *pool)
{
        CLEANUP_FD int array = open_array(pool);
        CLEANUP_FD int folder = -1;
        puts("work grow");
        (void)fflush(stdout);
        int result = array >= 0 ? array_settle(array, wait_a_moment) : array == -ENOENT ? 0 : array;
        if (result == 0)
                result = folder = file_mounted("/srv", pool, O_RDONLY);
        if (result >= 0)
                result = system_grow(folder);
        if (result == 0) {
                char order[sizeof(ORDERS) + NAME_SIZE];
                snprintf(order, sizeof(order), ORDERS "/%s.grow", pool);
                (void)unlink(order);
        }
        return result;
}

static const char *reason(int result)
{
        return result == -ENODEV  ? "a disk is missing: not all was done"
               : result == -EBUSY ? "something else is being done to it"
                                  : strerror(-result);
}

int main(int argc, char **argv)
{
        static const struct sigaction stop = {.sa_handler = on_stop};
        const bool checks = argc == 3 && strcmp(argv[1], "check") == 0,
                   grows = argc == 3 && strcmp(argv[1], "grow") == 0;
        int result = -EINVAL;
        (void)sigaction(SIGTERM, &stop, NULL);
        if ((checks || grows) && value_is(&value_pool_name, argv[2], strlen(argv[2])))
                result = checks ? check(argv[2]) : grow(argv[2]);
        if (result == -ECANCELED)
                puts("aborted");
        if (result == 0 || result == -ECANCELED)
                return EXIT_SUCCESS;
        printf("ERROR: %s\n", reason(result));
        return EXIT_FAILURE;
}
