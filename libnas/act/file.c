/* ACT_FILE: files that the hand renders from typed values.
 * Rights: hands only; writes into the folders that its policy's files lie in, readable for all. */
#include "act/parts.h"

#define CANDIDATE ".candidate"
enum { FILE_MODE = 0644 };

/* The folder that the step's file lies in, which its policy says in so many words, or -errno; *ret_name is its name. A
 * candidate lies beside it, under a name where nobody looks for it. */
static int open_place(struct act_context *context, const char **ret_name)
{
        const char *path = context->operation->path, *last = strrchr(path, '/');
        const char *folder = arena_text(context->arena, path, (size_t)(last - path));
        *ret_name = template_fill(last + 1, context->operation, context->action, false, context->arena);
        context->candidate = arena_printf(context->arena, "%s/" CANDIDATE, folder);
        if (strchr(folder, '{') || **ret_name == '\0' || **ret_name == '.' || strchr(*ret_name, '/'))
                return -EPERM;
        return file_directory(folder);
}

/* For the undo; no file is kept as nothing. */
static int keep(struct act_context *context, int directory, const char *name, struct failure *failure)
{
        uint8_t *bytes = NULL;
        size_t length = 0;
        int result = file_read_below(directory, name, PLAN_BYTES_MAX, &bytes, &length);
        if (result == 0 || result == -ENOENT)
                result = act_keep(context, bytes ? (const char *)bytes : "", length, failure);
        else
                failure_system(failure, FAILURE_FAILED, name, result);
        free(bytes);
        return result;
}

static int ask(struct act_context *context, int directory, const char *content, act_function *check,
               struct failure *failure)
{
        int result = failure_system(failure, FAILURE_FAILED, context->candidate,
                                    file_put(directory, CANDIDATE, content, strlen(content), FILE_MODE));
        if (result == 0)
                result = check(context, failure);
        (void)file_remove(directory, CANDIDATE);
        return result;
}

int file_write(struct act_context *context, act_function *check, struct failure *failure)
{
        ASSERT(context && context->operation->path);
        const char *name, *content = NULL;
        if (context->operation->lines) {
                const char *lines = template_lines(context->operation, context->action, false, context->arena);
                content = *lines ? arena_printf(context->arena, "%s\n", lines) : "";
        }
        CLEANUP_FD int directory = open_place(context, &name);
        if (failure_system(failure, FAILURE_FAILED, context->operation->path, directory) != 0 ||
            (check && content && ask(context, directory, content, check, failure) != 0) ||
            keep(context, directory, name, failure) != 0)
                return -1;
        return failure_system(failure, FAILURE_FAILED, name,
                              content ? file_put(directory, name, content, strlen(content), FILE_MODE)
                                      : file_remove(directory, name));
}

/* Nothing kept: nothing was changed, and nobody was told. */
int file_restore(struct act_context *context, struct failure *failure)
{
        ASSERT(context && context->operation->path);
        const char *name;
        uint8_t *kept = NULL;
        size_t length;
        CLEANUP_FD int directory = open_place(context, &name);
        int result = directory < 0 ? directory : act_kept(context, &kept, &length);
        if (directory >= 0 && result == -ENOENT)
                return ACT_SKIP;
        if (result == 0)
                result = length > 0 ? file_put(directory, name, kept, length, FILE_MODE) : file_remove(directory, name);
        free(kept);
        return result == -ENOENT ? 0 : failure_system(failure, FAILURE_FAILED, context->operation->path, result);
}
