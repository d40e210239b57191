/* Disks: before one is erased or formatted, the kernel is asked whether it is that one, whole, and in nobody's use. An
 * exclusive opening fails for whatever is mounted, swapped to, or part of an array, a volume group or a pool, be it by
 * one of its partitions.
 * Rights: the storage hand; opens disks for reading and reads nothing from them. */
#include "daemons/storage/hand/storage.h"

#include <linux/fs.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

static bool is_partition(dev_t device)
{
        char path[96];
        snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/partition", major(device), minor(device));
        return access(path, F_OK) == 0;
}

static int refuse(struct failure *failure, enum failure_code code, const char *disk, const char *why)
{
        return failure_set(failure, code, "disks", "Look at the list of disks again.", "%s %s", disk, why);
}

int disk_open(const char *path, int flags)
{
        CLEANUP_FD int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | flags);
        struct stat status;
        if (fd < 0)
                return -errno;
        if (fstat(fd, &status) != 0 || !S_ISBLK(status.st_mode) || is_partition(status.st_rdev))
                return -ENOTBLK;
        return TAKE_FD(fd);
}

/* What works on one beside this hand (bulkhead-work@.service) has it locked, and must not fail because somebody looks just
 * then. */
static int take(const char *path)
{
        CLEANUP_FD int shared = disk_open(path, 0);
        const bool locked = shared >= 0 && flock(shared, LOCK_SH | LOCK_NB) != 0;
        return locked ? -EBUSY : disk_open(path, O_EXCL);
}

/* A whole disk that nobody has in use; *ret_size is in bytes. Closed again: the tool opens it for itself. Whoever writes to a
 * disk makes udev read it anew, which has it for a moment: that is waited for, so many times a tenth of a second. */
int disk_look_at(const char *path, int waits, uint64_t *ret_size, struct failure *failure)
{
        const char *name = strrchr(path, '/') + 1;
        CLEANUP_FD int fd = take(path);
        while (fd == -EBUSY && waits-- > 0 && usleep(100 * 1000) == 0)
                fd = take(path);
        if (fd == -ENOTBLK)
                return refuse(failure, FAILURE_INVALID, name, "is not a whole disk");
        if (fd < 0)
                return refuse(failure, fd == -EBUSY ? FAILURE_CONFLICT : FAILURE_NOT_FOUND, name,
                              fd == -EBUSY ? "is in use" : strerror(-fd));
        if (ioctl(fd, BLKGETSIZE64, ret_size) != 0 || *ret_size == 0)
                return refuse(failure, FAILURE_CONFLICT, name, "is empty: there is no disk in it");
        return 0;
}

/* For the clerk, which cannot open disks: is it there, and in nobody's use? */
int disk_look(struct act_context *context, struct failure *failure)
{
        uint64_t size;
        struct failure found = {.code = FAILURE_NONE};
        (void)failure;
        (void)disk_look_at(arena_printf(context->arena, BY_ID "%s", act_text(context, "disk")), 0, &size, &found);
        writer_u8(context->answer, (uint8_t)found.code);
        return 0;
}

int disk_is_that(struct act_context *context, struct failure *failure)
{
        uint64_t size;
        if (disk_look_at(arena_printf(context->arena, BY_ID "%s", act_text(context, "disk")), 30, &size, failure) != 0)
                return -1;
        if (size != act_number(context, "size"))
                return refuse(failure, FAILURE_CONFLICT, act_text(context, "disk"), "is another disk than the plan's");
        return 0;
}

/* Those of a new pool: their plan has erased each of them, so nothing is on them any more. */
int disks_are_empty(struct act_context *context, struct failure *failure)
{
        uint64_t size;
        struct param param;
        for (size_t i = 0; operation_param(context->operation, i, &param); i++)
                for (size_t n = i; param.rest && n < context->action->count; n++)
                        if (disk_look_at(context->action->values[n].text, 30, &size, failure) != 0)
                                return -1;
        return 0;
}
