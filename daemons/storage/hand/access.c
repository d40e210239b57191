/* Whose a dataset is, who may do what in it, and how much may lie in it.
 * Rights: the storage hand; changes owner, group and mode of a dataset's own folder, and its limit. */
#include "daemons/storage/hand/subvolume.h"
#include "sys/account.h"

#include <linux/btrfs.h>
#include <sys/ioctl.h>

struct access { /* as it was; kept for the undo */
        uid_t owner;
        gid_t group;
        mode_t mode;
};

int dataset_open(const struct act_context *context, struct failure *failure)
{
        struct place_in_pool place;
        if (dataset_place(context, &place, failure) != 0)
                return -1;
        CLEANUP_FD int folder = place.folder;
        CLEANUP_FD int fd = subvolume_open(&place, act_number(context, "number"), failure);
        if (fd == -ENOENT)
                return failure_set(failure, FAILURE_NOT_FOUND, "dataset", "", "is not there any more");
        return TAKE_FD(fd);
}

/* Numbers of the names; a name that is left out changes nothing. Only root and Bulkhead's own own something here. */
static int find_owners(const struct act_context *context, struct access *access, struct failure *failure)
{
        struct accounts accounts;
        const char *owner = act_text(context, "owner"), *group = act_text(context, "group");
        if (failure_system(failure, FAILURE_FAILED, "accounts", accounts_read(context->arena, &accounts)) != 0)
                return -1;
        if (*owner && strcmp(owner, "root") != 0) {
                const struct account *account = accounts_named(&accounts, owner);
                if (!account || !account_is_bulkheads(account))
                        return failure_set(failure, FAILURE_NOT_FOUND, "owner", "", "is no account of Bulkhead's");
                access->owner = account->uid;
        } else if (*owner) {
                access->owner = 0;
        }
        if (*group && strcmp(group, "root") != 0) {
                const struct account_group *found = accounts_group(&accounts, group);
                if (!found || !account_group_is_bulkheads(found))
                        return failure_set(failure, FAILURE_NOT_FOUND, "group", "", "is no group of Bulkhead's");
                access->group = found->gid;
        } else if (*group) {
                access->group = 0;
        }
        if (*act_text(context, "mode"))
                access->mode = (mode_t)strtoul(act_text(context, "mode"), NULL, 8);
        return 0;
}

static int put(int fd, const struct access *access, struct failure *failure)
{
        int result = fchown(fd, access->owner, access->group) == 0 && fchmod(fd, access->mode) == 0 ? 0 : -errno;
        return failure_system(failure, FAILURE_FAILED, "dataset", result);
}

int dataset_access(struct act_context *context, struct failure *failure)
{
        struct stat status;
        CLEANUP_FD int fd = dataset_open(context, failure);
        if (fd < 0)
                return -1;
        if (fstat(fd, &status) != 0)
                return failure_system(failure, FAILURE_FAILED, "dataset", -errno);
        struct access access = {.owner = status.st_uid, .group = status.st_gid, .mode = status.st_mode & 07777};
        if (act_keep(context, &access, sizeof(access), failure) != 0 || find_owners(context, &access, failure) != 0)
                return -1;
        return put(fd, &access, failure);
}

int dataset_access_restore(struct act_context *context, struct failure *failure)
{
        uint8_t *kept = NULL;
        size_t length = 0;
        struct access access = {0};
        int result = act_kept(context, &kept, &length);
        if (result == -ENOENT) /* nothing kept: nothing was changed */
                return 0;
        if (result == 0 && length == sizeof(access))
                memcpy(&access, kept, sizeof(access));
        else if (result == 0)
                result = -EBADMSG;
        free(kept);
        if (failure_system(failure, FAILURE_FAILED, "journal", result) != 0)
                return -1;
        CLEANUP_FD int fd = dataset_open(context, failure);
        return fd < 0 ? -1 : put(fd, &access, failure);
}

int subvolume_limit(int fd, uint64_t number, uint64_t bytes)
{
        struct btrfs_ioctl_qgroup_limit_args args = {.qgroupid = number};
        args.lim.flags = BTRFS_QGROUP_LIMIT_MAX_RFER;
        args.lim.max_rfer = bytes > 0 ? bytes : UINT64_MAX; /* that is how one is taken away */
        return ioctl(fd, BTRFS_IOC_QGROUP_LIMIT, &args) == 0 ? 0 : -errno;
}

int dataset_limit(struct act_context *context, struct failure *failure)
{
        CLEANUP_FD int fd = dataset_open(context, failure);
        if (fd < 0)
                return -1;
        return failure_system(failure, FAILURE_FAILED, "limit",
                              subvolume_limit(fd, act_number(context, "number"), act_number(context, "bytes")));
}
