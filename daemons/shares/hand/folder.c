/* What a folder is, for the clerk, which may not look into pools.
 * Rights: the shares hand; looks at folders below /srv, whoever's they are, and opens no file. */
#include "daemons/shares/hand/shares.h"

#include "value/setting.h"

#include <sys/stat.h>
#include <sys/xattr.h>

enum { ACL_MAX = 4096 };

int folder_open(const struct act_context *context, const char *path, int flags)
{
        const struct shares *shares = context->state;
        return file_open_below(shares->served, path + strlen(SERVED "/"), flags | O_DIRECTORY, 0);
}

/* The folder that the lines of an offer name. */
int path_is_served(struct act_context *context, struct failure *failure)
{
        static const char key[] = "path = ";
        for (size_t i = 0; i < context->action->count; i++) {
                const char *text = context->action->values[i].text;
                if (strncmp(text, key, strlen(key)) != 0)
                        continue;
                const char *path = text + strlen(key);
                path = arena_text(context->arena, path, setting_folder_length(path, strlen(path)));
                CLEANUP_FD int folder = folder_open(context, path, O_PATH);
                return failure_system(failure, FAILURE_CONFLICT, "path", folder < 0 ? folder : 0);
        }
        return failure_set(failure, FAILURE_INVALID, "path", "", "is missing");
}

/* One for each folder on the way, the pool's first: owner, group, mode, whether a dataset begins there (1 of btrfs, 2
 * of ZFS's) and its number, and its ACL as the kernel has it. */
static int tell(struct act_context *context, const char *path)
{
        struct stat status;
        uint8_t acl[ACL_MAX];
        CLEANUP_FD int folder = folder_open(context, path, O_RDONLY);
        if (folder < 0)
                return folder;
        if (fstat(folder, &status) != 0)
                return -errno;
        ssize_t length = fgetxattr(folder, "system.posix_acl_access", acl, sizeof(acl));
        writer_u32(context->answer, status.st_uid);
        writer_u32(context->answer, status.st_gid);
        writer_u16(context->answer, (uint16_t)(status.st_mode & 07777));
        const bool begins = status.st_ino == DATASET_INODE;
        writer_u8(context->answer, file_is_zfs_top(folder) ? 2 : begins);
        writer_u64(context->answer, begins ? dataset_number(folder) : 0);
        writer_field(context->answer, acl, length > 0 ? (size_t)length : 0);
        return 0;
}

int folder_look(struct act_context *context, struct failure *failure)
{
        const char *path = act_text(context, "path");
        char *way = arena_text(context->arena, path, strlen(path));
        int result = 0;
        for (char *at = way + strlen(SERVED "/"); result == 0 && at; at++) {
                at = strchr(at, '/');
                if (at)
                        *at = '\0';
                result = tell(context, way);
                if (!at)
                        break;
                *at = '/';
        }
        return failure_system(failure, FAILURE_CONFLICT, "path", result);
}
