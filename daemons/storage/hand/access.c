/* Whose a dataset is, who may do what in it, how much may lie in it, and how it is compressed.
 * Rights: the storage hand; changes owner, group, mode and ACLs of a dataset's own folder, its limit, and how it is
 * written. */
#include "daemons/storage/hand/subvolume.h"
#include "sys/account.h"
#include "value/access_preset.h"

#include <linux/btrfs.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>

enum { ACCESS, DEFAULT, ACLS, ACL_MAX = 1024 };
static const char *const acl_names[ACLS] = {"system.posix_acl_access", "system.posix_acl_default"};

struct access { /* as it was; kept for the undo */
        uid_t owner;
        gid_t group;
        mode_t mode;
        size_t acl_lengths[ACLS];
        uint8_t acls[ACLS][ACL_MAX];
};

int dataset_open(const struct act_context *context, struct failure *failure)
{
        PLACE place;
        return dataset_place(context, &place, failure) == 0
                       ? subvolume_open(&place, act_number(context, "number"), failure)
                       : -1;
}

/* Numbers of the names; a name that is left out changes nothing. Of this machine only root and Bulkhead's own own
 * something here; who is of a domain or a directory comes with a number that nobody of this machine can have
 * (given_owner). */
static int find_owners(const struct act_context *context, struct access *access, struct failure *failure)
{
        struct accounts accounts;
        const char *owner = act_text(context, "owner"), *group = act_text(context, "group");
        if (failure_system(failure, FAILURE_FAILED, "accounts", accounts_read(context->arena, &accounts)) != 0)
                return -1;
        const uid_t owner_given = (uid_t)strtoul(owner, NULL, 10), group_given = (gid_t)strtoul(group, NULL, 10);
        const struct account *account = accounts_named(&accounts, owner);
        const struct account_group *found = accounts_group(&accounts, group);
        if (*owner && owner_given == 0 && (!account || (account->uid != 0 && !account_is_bulkheads(account))))
                return failure_set(failure, FAILURE_NOT_FOUND, "owner", "", "is no account of Bulkhead's");
        if (*group && group_given == 0 && (!found || (found->gid != 0 && !account_group_is_bulkheads(found))))
                return failure_set(failure, FAILURE_NOT_FOUND, "group", "", "is no group of Bulkhead's");
        access->owner = owner_given > 0 ? owner_given : *owner ? account->uid : access->owner;
        access->group = group_given > 0 ? group_given : *group ? found->gid : access->group;
        if (*act_text(context, "mode"))
                access->mode = (mode_t)strtoul(act_text(context, "mode"), NULL, 8);
        if (*act_text(context, "preset")) { /* of the folder by its mode, of what will be made in it by an ACL */
                access->mode = access_preset_mode(act_text(context, "preset"));
                access->acl_lengths[ACCESS] = 0;
                access->acl_lengths[DEFAULT] = access_preset_acl(access->mode, access->acls[DEFAULT]);
        }
        return 0;
}

static int look(int fd, struct access *ret_access)
{
        struct stat status;
        if (fstat(fd, &status) != 0)
                return -errno;
        *ret_access = (struct access){.owner = status.st_uid, .group = status.st_gid, .mode = status.st_mode & 07777};
        for (size_t i = 0; i < ACLS; i++) {
                ssize_t length = fgetxattr(fd, acl_names[i], ret_access->acls[i], ACL_MAX);
                if (length < 0 && errno != ENODATA)
                        return -errno;
                ret_access->acl_lengths[i] = length > 0 ? (size_t)length : 0;
        }
        return 0;
}

/* The mode comes last: giving away and ACLs change it. */
static int put(int fd, const struct access *access, struct failure *failure)
{
        int result = fchown(fd, access->owner, access->group) == 0 ? 0 : -errno;
        for (size_t i = 0; result == 0 && i < ACLS; i++)
                if ((access->acl_lengths[i] > 0
                             ? fsetxattr(fd, acl_names[i], access->acls[i], access->acl_lengths[i], 0)
                             : fremovexattr(fd, acl_names[i])) != 0 &&
                    errno != ENODATA)
                        result = -errno;
        if (result == 0 && fchmod(fd, access->mode) != 0)
                result = -errno;
        return failure_system(failure, FAILURE_FAILED, "dataset", result);
}

int dataset_access(struct act_context *context, struct failure *failure)
{
        struct access access = {0};
        CLEANUP_FD int fd = dataset_open(context, failure);
        if (fd < 0 || failure_system(failure, FAILURE_FAILED, "dataset", look(fd, &access)) != 0 ||
            act_keep(context, &access, sizeof(access), failure) != 0 || find_owners(context, &access, failure) != 0)
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

/* Of what is written from now on; "" is as the pool has it. */
int subvolume_compress(int fd, const char *how)
{
        return fsetxattr(fd, "btrfs.compression", how, strlen(how), 0) == 0 ? 0 : -errno;
}

int dataset_compress(struct act_context *context, struct failure *failure)
{
        CLEANUP_FD int fd = dataset_open(context, failure);
        if (fd < 0)
                return -1;
        return failure_system(failure, FAILURE_FAILED, "compression",
                              subvolume_compress(fd, act_text(context, "compression")));
}
