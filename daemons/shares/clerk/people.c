/* Do those exist for whom something is to be?
 * Rights: the shares clerk; reads the accounts. */
#include "daemons/shares/clerk/shares.h"

#include "base/log.h"
#include "sys/account.h"
#include "value/directory.h"

#include <string.h>

int people_exist(const char *field, const char *const *names, size_t count, struct arena *arena,
                 struct failure *failure)
{
        ASSERT(field && arena && (names || count == 0));
        struct accounts accounts;
        if (count > 0 && failure_system(failure, FAILURE_FAILED, field, accounts_read(arena, &accounts)) != 0)
                return -1;
        for (size_t i = 0; i < count; i++) {
                bool group = names[i][0] == '@';
                /* The domain's, or the directory's, which were asked for them. */
                if (strchr(names[i], '\\') || directory_names(names[i], strlen(names[i])))
                        continue;
                if (group ? accounts_group(&accounts, names[i] + 1) != NULL
                          : accounts_named(&accounts, names[i]) != NULL)
                        continue;
                return failure_set(failure, FAILURE_NOT_FOUND, field, "Look at the lists of users and groups.",
                                   "There is no %s %s.", group ? "group" : "account", names[i] + group);
        }
        return 0;
}

int people_fit_smb(const char *field, const char *const *names, size_t count, struct failure *failure)
{
        ASSERT(field && (names || count == 0));
        for (size_t i = 0; i < count; i++)
                if (directory_names(names[i], strlen(names[i])))
                        return failure_set(failure, FAILURE_INVALID, field,
                                           "Offer the folder by FTP, SFTP or WebDAV: bulkhead transfers create",
                                           "%s is of the directory, which tells nothing by which SMB could check a "
                                           "password.",
                                           names[i]);
        return 0;
}

int people_are_ours(const char *field, const char *const *names, size_t count, struct failure *failure)
{
        ASSERT(field && (names || count == 0));
        for (size_t i = 0; i < count; i++)
                if (strchr(names[i], '\\'))
                        return failure_set(failure, FAILURE_INVALID, field, "Name accounts and groups of this machine.",
                                           "%s is of a domain, whose accounts use shares over SMB alone.", names[i]);
        return 0;
}
