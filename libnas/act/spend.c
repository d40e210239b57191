/* Spent warrants, a file each, named by the end of its life and its nonce.
 * Rights: hands only; files below the hand's own directory in /run. */
#include "act/parts.h"

#include <stdio.h>

/* Removes what has expired by itself. */
static void clean(int directory)
{
        CLEANUP(listing_closep) DIR *listing = file_list(directory);
        for (struct dirent *entry; listing && (entry = readdir(listing));)
                if (entry->d_name[0] != '.' && strtoull(entry->d_name, NULL, 16) < clock_boot_ms())
                        unlinkat(directory, entry->d_name, 0);
}

int spend_warrant(int directory, const struct warrant *warrant, struct failure *failure)
{
        char nonce[2 * WARRANT_NONCE_BYTES + 1], name[16 + 1 + sizeof(nonce)];
        text_hex(warrant->nonce, sizeof(warrant->nonce), nonce);
        snprintf(name, sizeof(name), "%016llx-%s", (unsigned long long)warrant->not_after_ms, nonce);
        clean(directory);
        int result = file_create(directory, name, "", 0, 0600);
        if (result == -EEXIST)
                return failure_set(failure, FAILURE_CONFIRMATION, "", "Confirm the plan again.",
                                   "This warrant was used before.");
        return failure_system(failure, FAILURE_UNAVAILABLE, "spent warrants", result);
}
