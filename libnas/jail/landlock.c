/* Landlock: only the policy's paths can be opened, whatever file modes and capabilities would allow.
 * Rights: runs once at start, in every clerk and hand; inherited by the hand's tools. */
#include "jail/jail.h"
#include "jail/jail_parts.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's numbers, for headers older than the kernel. The structure grew: fs (ABI 1), net (4), scoped (6). */
enum {
        RIGHT_EXECUTE = 1 << 0,
        RIGHT_WRITE_FILE = 1 << 1,
        RIGHT_READ_FILE = 1 << 2,
        RIGHT_READ_DIR = 1 << 3,
        RIGHTS_ABI_1 = (1 << 13) - 1,
        RIGHT_REFER = 1 << 13,
        RIGHT_TRUNCATE = 1 << 14,
        RIGHT_IOCTL_DEV = 1 << 15,
        RIGHT_MAKE_CHAR = 1 << 6,
        RIGHT_MAKE_SOCK = 1 << 9,
        RIGHT_MAKE_FIFO = 1 << 10,
        RIGHT_MAKE_BLOCK = 1 << 11,
        RIGHTS_NET = 3,   /* TCP bind and connect: no rule allows any */
        RIGHTS_SCOPED = 3 /* abstract sockets and signals: only within */
};
enum { LANDLOCK_LEAST_ABI = 1 };

struct attributes {
        uint64_t fs, net, scoped;
};

int landlock_abi(void)
{
        static int abi = -1; /* remembered: once the fences are closed the kernel cannot be asked */
        if (abi < 0) {
                long answer = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);
                abi = answer > 0 ? (int)answer : 0;
        }
        return abi;
}

const char *jail_degraded(void)
{
        return landlock_abi() >= LANDLOCK_LEAST_ABI ? NULL : "landlock missing";
}

static uint64_t rights_handled(int abi)
{
        return RIGHTS_ABI_1 | (abi >= 2 ? RIGHT_REFER : 0) | (abi >= 3 ? RIGHT_TRUNCATE : 0) |
               (abi >= 5 ? RIGHT_IOCTL_DEV : 0);
}

static size_t attributes_size(int abi)
{
        return abi >= 6 ? sizeof(struct attributes) : abi >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
}

/* The policy's three rights in Landlock's. Nobody ever makes device nodes, sockets or pipes in a folder. */
static uint64_t rights_of(unsigned rights, bool directory, int abi)
{
        const uint64_t file = RIGHT_EXECUTE | RIGHT_WRITE_FILE | RIGHT_READ_FILE | RIGHT_TRUNCATE | RIGHT_IOCTL_DEV;
        uint64_t result = 0;
        if ((rights & PATH_READ) != 0)
                result |= RIGHT_READ_FILE | RIGHT_READ_DIR;
        if ((rights & PATH_EXECUTE) != 0)
                result |= RIGHT_EXECUTE;
        if ((rights & PATH_WRITE) != 0)
                result |= (RIGHTS_ABI_1 | RIGHT_REFER | RIGHT_TRUNCATE) &
                          ~(uint64_t)(RIGHT_EXECUTE | RIGHT_READ_FILE | RIGHT_READ_DIR | RIGHT_MAKE_CHAR |
                                      RIGHT_MAKE_BLOCK | RIGHT_MAKE_SOCK | RIGHT_MAKE_FIFO);
        if ((rights & PATH_DEVICE) != 0)
                result |= RIGHT_IOCTL_DEV;
        return result & rights_handled(abi) & (directory ? ~UINT64_C(0) : file);
}

static int add_path(int ruleset_fd, const struct process_path *path, int abi)
{
        CLEANUP_FD int fd = open(path->path, O_PATH | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT ? 0 : -errno; /* what is not there cannot be opened either */
        struct stat status;
        if (fstat(fd, &status) < 0)
                return -errno;
        struct landlock_path_beneath_attr rule = {
                .allowed_access = rights_of(path->rights, S_ISDIR(status.st_mode), abi), .parent_fd = fd};
        if (syscall(SYS_landlock_add_rule, ruleset_fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
                return -errno;
        return 0;
}

int landlock_enter(const struct process_policy *policy, struct failure *failure)
{
        ASSERT(policy != NULL && policy->paths != NULL);
        int abi = landlock_abi();
        if (abi < LANDLOCK_LEAST_ABI)
                return 0; /* shown by jail_degraded; the uid, the unit and the filter still stand */
        struct attributes attributes = {.fs = rights_handled(abi), .net = RIGHTS_NET, .scoped = RIGHTS_SCOPED};
        CLEANUP_FD int ruleset_fd = (int)syscall(SYS_landlock_create_ruleset, &attributes, attributes_size(abi), 0);
        if (ruleset_fd < 0)
                return failure_set(failure, FAILURE_FAILED, "", "", "landlock: %s", strerror(errno));
        for (const struct process_path *path = policy->paths; path->path != NULL; path++) {
                int error = add_path(ruleset_fd, path, abi);
                if (error < 0)
                        return failure_set(failure, FAILURE_FAILED, "", "", "landlock: %s: %s", path->path,
                                           strerror(-error));
        }
        if (syscall(SYS_landlock_restrict_self, ruleset_fd, 0) < 0)
                return failure_set(failure, FAILURE_FAILED, "", "", "landlock: %s", strerror(errno));
        return 0;
}
