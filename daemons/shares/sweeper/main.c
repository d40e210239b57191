/* Empties the recycle bins of shares as far as their rules say; started by bulkhead-recycle.timer. Each bin is swept by
 * a process that has become its owner: a bin that was prepared to lead elsewhere leads nowhere its owner could not go.
 *
 *     shares-sweeper [AHEAD]       as if it were so many days later; for tests
 *
 * Rights: CAP_DAC_READ_SEARCH to find bins, CAP_SETUID and CAP_SETGID to become their owners, who have no capability.
 */
#include "daemons/shares/sweeper/sweeper.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SHARES "/etc/bulkhead/smb"
#define BIN    ".recycle"
enum { FILE_MAX = 64 * 1024, ACCOUNTS_FIRST = 20000, ACCOUNTS_LAST = 29999, DAY_S = 86400 };

static int64_t now;

/* Never back: no capability is left, and neither number is root's. */
static bool become(uid_t uid, gid_t gid)
{
        const struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
        const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
        return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0 && setgroups(1, &gid) == 0 &&
               setresgid(gid, gid, gid) == 0 && setresuid(uid, uid, uid) == 0 &&
               syscall(SYS_capset, &head, none) == 0 && setresuid(0, 0, 0) != 0;
}

static _Noreturn void sweep_as(uid_t uid, gid_t gid, int bin, const struct rules *rules)
{
        if (!become(uid, gid))
                _exit(EXIT_FAILURE);
        CLEANUP_FD int folder = openat(bin, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* by the owner's own right */
        const int removed = folder >= 0 ? sweep(folder, rules, now) : -errno;
        if (removed > 0)
                log_info("%s: of %u, %d removed", rules->path, (unsigned)uid, removed);
        _exit(removed >= 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* The folder of an account of ours, or of guests, that is called as it is; no other. */
static const struct passwd *owner_of(int bin, const char *name)
{
        struct stat status;
        const struct passwd *owner =
                fstat(bin, &status) == 0 && S_ISDIR(status.st_mode) ? getpwuid(status.st_uid) : NULL;
        if (!owner || strcmp(owner->pw_name, name) != 0)
                return NULL;
        return (owner->pw_uid >= ACCOUNTS_FIRST && owner->pw_uid <= ACCOUNTS_LAST) || strcmp(name, "nobody") == 0
                       ? owner
                       : NULL;
}

static bool sweep_bin(int bins, const char *name, const struct rules *rules)
{
        CLEANUP_FD int bin = openat(bins, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        const struct passwd *owner = bin >= 0 ? owner_of(bin, name) : NULL;
        int status = 0;
        if (!owner)
                return true;
        const pid_t child = fork();
        if (child == 0)
                sweep_as(owner->pw_uid, owner->pw_gid, bin, rules);
        return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool sweep_bins(int folder, const struct rules *rules)
{
        bool good = true;
        CLEANUP_FD int bins = openat(folder, BIN, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        CLEANUP(listing_closep) DIR *listing = bins >= 0 ? file_list(bins) : NULL;
        for (struct dirent *entry; listing && (entry = readdir(listing));)
                if (entry->d_name[0] != '.')
                        good = sweep_bin(bins, entry->d_name, rules) && good;
        return good; /* also when there is no bin */
}

static bool sweep_share(int served, const struct rules *rules)
{
        bool good = true;
        CLEANUP_FD int folder = file_open_below(served, rules->path + strlen("/srv/"), O_RDONLY | O_DIRECTORY, 0);
        if (folder < 0)
                return true; /* its pool is away */
        if (!rules->homes)
                return sweep_bins(folder, rules);
        CLEANUP(listing_closep) DIR *listing = file_list(folder);
        for (struct dirent *entry; listing && (entry = readdir(listing));) {
                CLEANUP_FD int home = entry->d_name[0] != '.' ? openat(folder, entry->d_name,
                                                                       O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                                                              : -1;
                good = (home < 0 || sweep_bins(home, rules)) && good;
        }
        return good;
}

int main(int count, char **words)
{
        now = time(NULL) + (count > 1 ? strtoll(words[1], NULL, 10) * DAY_S : 0);
        CLEANUP_FD int served = log_must(file_directory("/srv"), "/srv");
        CLEANUP_FD int shares = log_must(file_directory(SHARES), SHARES);
        CLEANUP(listing_closep) DIR *listing = file_list(shares);
        bool good = listing != NULL;
        for (struct dirent *entry; listing && (entry = readdir(listing));) {
                uint8_t *bytes = NULL;
                size_t length = 0;
                struct rules rules;
                if (entry->d_name[0] != '.' && file_read_below(shares, entry->d_name, FILE_MAX, &bytes, &length) == 0 &&
                    rules_read((const char *)bytes, &rules))
                        good = sweep_share(served, &rules) && good;
                free(bytes);
        }
        return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
