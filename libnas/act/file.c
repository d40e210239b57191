/* Files that the hand renders from typed values.
 * Rights: hands only; writes below the directories of its struct hand, one level deep, readable for all. */
#include "act/file.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES_MAX = 96 * 1024, FILE_MODE = 0644 };
enum { KEPT_ABSENT, KEPT_PRESENT }; /* the first byte of what is kept */

/* The directory that path lies in, as a descriptor; *ret_name is the rest. */
static int open_place(const char *path, const char *const *directories, const char **ret_name, struct failure *failure)
{
        for (size_t i = 0; directories && directories[i]; i++) {
                size_t length = strlen(directories[i]);
                if (strncmp(path, directories[i], length) != 0 || path[length] != '/')
                        continue;
                *ret_name = path + length + 1;
                if (**ret_name == '\0' || **ret_name == '.' || strchr(*ret_name, '/'))
                        break;
                int fd = open(directories[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                return fd >= 0 ? fd : failure_set(failure, FAILURE_FAILED, "", "", "%s: %s", path, strerror(errno));
        }
        return failure_set(failure, FAILURE_FAILED, "", "", "%s is outside the directories of this hand.", path);
}

static int keep(struct act_context *context, int directory, const char *name, struct failure *failure)
{
        uint8_t *bytes = NULL;
        size_t length = 0;
        int result = file_read_below(directory, name, FILE_BYTES_MAX, &bytes, &length);
        if (result != 0 && result != -ENOENT)
                return failure_set(failure, FAILURE_FAILED, "", "", "%s: %s", name, strerror(-result));
        uint8_t *kept = arena_alloc(context->arena, length + 1);
        kept[0] = result == 0 ? KEPT_PRESENT : KEPT_ABSENT;
        if (length > 0)
                memcpy(kept + 1, bytes, length);
        free(bytes);
        return act_keep(context, kept, length + 1, failure);
}

int act_file_write(struct act_context *context, const char *const *directories, struct failure *failure)
{
        ASSERT(context && context->operation->path && context->operation->lines);
        const char *path = template_fill(context->operation->path, context->operation, context->action, false,
                                         context->arena);
        const char *lines = template_fill(context->operation->lines, context->operation, context->action, false,
                                          context->arena);
        const char *content = arena_printf(context->arena, *lines ? "%s\n" : "%s", lines), *name;
        CLEANUP_FD int directory = open_place(path, directories, &name, failure);
        if (directory < 0 || keep(context, directory, name, failure) != 0)
                return -1;
        int result = file_replace(directory, name, content, strlen(content), FILE_MODE, (uid_t)-1, (gid_t)-1);
        return result == 0 ? 0 : failure_set(failure, FAILURE_FAILED, "", "", "%s: %s", path, strerror(-result));
}

int act_file_restore(struct act_context *context, const char *const *directories, struct failure *failure)
{
        ASSERT(context && context->operation->path);
        const char *path = template_fill(context->operation->path, context->operation, context->action, false,
                                         context->arena), *name;
        uint8_t *kept;
        size_t length;
        int result = act_kept(context, &kept, &length);
        if (result == -ENOENT)
                return 0;
        CLEANUP_FD int directory = result == 0 ? open_place(path, directories, &name, failure) : -1;
        if (directory >= 0 && length > 0)
                result = kept[0] == KEPT_ABSENT ? file_remove(directory, name)
                                                : file_replace(directory, name, kept + 1, length - 1, FILE_MODE,
                                                               (uid_t)-1, (gid_t)-1);
        else if (result == 0)
                result = -EIO;
        free(kept);
        return result == 0 ? 0 : failure_set(failure, FAILURE_FAILED, "", "", "%s: %s", path, strerror(-result));
}
