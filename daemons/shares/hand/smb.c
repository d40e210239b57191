/* Shares over SMB. A share is a file of lines that the policy's types allow; Samba's own tools judge it and
 * take it into the registry, from which smbd reads one share at a time.
 * Rights: the shares hand; runs testparm and net, which write Samba's registry. */
#include "daemons/shares/hand/shares.h"

int smb_check(struct act_context *context, struct failure *failure)
{
        const char *const args[] = {"/usr/bin/testparm", "--suppress-prompt", context->candidate, NULL};
        return act_run(context, args, NULL, failure);
}

/* Its tools want a network, of which this process has none. */
#define NET "/usr/bin/net", "--configfile=/usr/share/bulkhead/smb.conf", "--option=interfaces=127.0.0.1/8", "conf"

/* Has Samba follow the file, whatever was done to it. */
int smb_load(struct act_context *context, struct failure *failure)
{
        const struct shares *shares = context->state;
        const char *share = act_text(context, "share"),
                   *path = arena_printf(context->arena, SMB_DIRECTORY "/%s", share);
        const char *const load[] = {NET, "import", path, share, NULL}, *const show[] = {NET, "showshare", share, NULL},
                          *const drop[] = {NET, "delshare", share, NULL};
        if (faccessat(shares->smb, share, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
                return act_run(context, load, NULL, failure);
        return act_run(context, show, NULL, NULL) == 0 ? act_run(context, drop, NULL, failure) : 0;
}
