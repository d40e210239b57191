/* Spent warrants, a file each, named by the end of its life and its nonce.
 * Rights: hands only; files below the hand's own directory in /run. */
#include "act/spend.h"

#include "base/log.h"
#include "base/text.h"
#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void spend_clean(int directory)
{
        int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *listing = fd >= 0 ? fdopendir(fd) : NULL;
        if (!listing)
                return;
        uint64_t now = clock_boot_ms();
        for (struct dirent *entry; (entry = readdir(listing));)
                if (entry->d_name[0] != '.' && strtoull(entry->d_name, NULL, 16) < now)
                        unlinkat(directory, entry->d_name, 0);
        closedir(listing);
}

int spend_warrant(int directory, const struct warrant *warrant, struct failure *failure)
{
        ASSERT(warrant);
        char nonce[2 * WARRANT_NONCE_BYTES + 1], name[sizeof(nonce) + 20];
        text_hex(warrant->nonce, sizeof(warrant->nonce), nonce);
        snprintf(name, sizeof(name), "%016" PRIx64 "-%s", warrant->not_after_ms, nonce);
        spend_clean(directory);
        int result = file_create(directory, name, "", 0, 0600);
        if (result == -EEXIST)
                return failure_set(failure, FAILURE_CONFIRMATION, "", "Confirm the plan again.",
                                   "This warrant was used before.");
        if (result != 0)
                return failure_set(failure, FAILURE_UNAVAILABLE, "", "", "The warrant cannot be spent: %s",
                                   strerror(-result));
        return 0;
}
