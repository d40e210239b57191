/* May a module run, and may it act?
 * Rights: the modules hand; looks at the folders of modules, reads none of their files. */
#include "daemons/modules/hand/modules.h"

#include <sys/stat.h>

/* Nobody but root may have had a part in what is going to run. */
int module_is_sound(struct act_context *context, struct failure *failure)
{
        const char *name = act_text(context, "module");
        CLEANUP_FD int folder = module_open(context->arena, name, NULL);
        if (folder < 0)
                return failure_set(failure, FAILURE_CONFLICT, "module", "", "The module %s: %s", name,
                                   strerror(-folder));
        return module_judge(folder, name, 0, failure);
}

int module_is_enabled(struct act_context *context, struct failure *failure)
{
        const struct modules *modules = context->state;
        const char *name = act_text(context, "module");
        struct stat status;
        if (fstatat(modules->enabled, name, &status, AT_SYMLINK_NOFOLLOW) == 0)
                return 0;
        return failure_set(failure, FAILURE_CONFLICT, "module", "", "The module %s is not enabled.", name);
}

/* That it was let is all: journaled, and with a warrant that is spent by it. */
int module_act(struct act_context *context, struct failure *failure)
{
        (void)context;
        (void)failure;
        return 0;
}
