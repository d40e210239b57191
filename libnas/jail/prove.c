/* Closing the fences, and the proof that they are closed: children made before go through the same gate, try what
 * must be impossible, and have to be stopped; then the process itself goes through.
 * Rights: runs once at start, in every clerk and hand. */
#include "jail/jail.h"
#include "jail/jail_parts.h"

#include "base/log.h"
#include "base/mem.h"

#ifdef BULKHEAD_DRILL
#include "tests/lib/drill.h"

#include <stdlib.h>
#endif

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKED = 0, NOT_CLOSED = 1, STOPPED = 2 }; /* a program that execve could start ends with 0 */

static int close_fences(const struct process_policy *policy, const struct filter *filter, struct failure *failure)
{
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
                return failure_set(failure, FAILURE_FAILED, "", "", "prctl: %s", strerror(errno));
        if (landlock_enter(policy, failure) < 0)
                return -1;
        return filter_load(filter, failure);
}

int jail_enter(const struct process_policy *policy, struct failure *failure)
{
        ASSERT(policy != NULL);
        struct filter *filter = filter_new(policy, failure);
        if (filter == NULL)
                return -1;
        int result = close_fences(policy, filter, failure);
        filter_free(filter);
        return result;
}

/* Each tries one thing and says whether it worked. */
static bool try_exec(void)
{
        char *const nothing[] = {NULL};
        return syscall(__NR_execve, "/usr/bin/true", nothing, nothing) == 0 || errno != EPERM;
}

static bool try_ptrace(void)
{
        return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static bool try_root(void)
{
        return syscall(__NR_setuid, 0) == 0;
}

static bool try_fork(void)
{
        pid_t child = fork();
        if (child == 0)
                _exit(0);
        return child > 0;
}

static bool try_mount(void)
{
        return syscall(__NR_mount, "none", "/", NULL, 0, NULL) == 0 || errno == ENOENT;
}

static bool try_network(void)
{
        return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0;
}

static bool try_code(void)
{
        void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return memory != MAP_FAILED;
}

/* No policy names the root folder; without Landlock this cannot be refused, and jail_degraded says so. */
static bool try_outside(void)
{
        return landlock_abi() > 0 && open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0;
}

enum { FOR_CLERK = 1, FOR_HAND = 2, HERE = 4 }; /* HERE: does no harm and does not kill; tried in the process itself */
static const struct {
        const char *what;
        bool (*try)(void);
        unsigned whom;
} forbidden[] = {
        {"execve", try_exec, FOR_CLERK},
        {"ptrace", try_ptrace, FOR_CLERK | FOR_HAND},
        {"setuid(0)", try_root, FOR_CLERK | FOR_HAND},
        {"fork", try_fork, FOR_CLERK},
        {"mount", try_mount, FOR_CLERK | FOR_HAND},
        {"an internet socket", try_network, FOR_CLERK | FOR_HAND | HERE},
        {"memory that can be written and run", try_code, FOR_CLERK | FOR_HAND | HERE},
        {"opening a path outside the policy", try_outside, FOR_CLERK | FOR_HAND | HERE},
};
/* With it and what fork() leaves if it works; a unit that allows fewer tasks would never start. */
_Static_assert(ARRAY_SIZE(forbidden) + 2 <= PROCESS_TASKS_LEAST, "room for the children that prove the fences");

/* In a child of its own: it must be killed by the filter or find that the thing does not work. */
static pid_t try_in_child(const struct process_policy *policy, const struct filter *filter, size_t which)
{
        pid_t child = fork();
        if (child != 0)
                return child;
        (void)prctl(PR_SET_NAME, "fence-proof", 0, 0, 0); /* so the kernel's log tells this try from an attack */
        if (close_fences(policy, filter, NULL) < 0)
                _exit(NOT_CLOSED);
        _exit(forbidden[which].try() ? WORKED : STOPPED);
}

static int judge_child(pid_t child, size_t which, struct failure *failure)
{
        int status = 0;
        if (child < 0)
                return failure_set(failure, FAILURE_FAILED, "", "", "proof of the fences: fork: %s", strerror(errno));
        while (waitpid(child, &status, 0) < 0)
                if (errno != EINTR)
                        return failure_set(failure, FAILURE_FAILED, "", "", "proof of the fences: %s", strerror(errno));
        bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
        if (killed || (WIFEXITED(status) && WEXITSTATUS(status) == STOPPED))
                return 0;
        return failure_set(failure, FAILURE_FAILED, "", "", "proof of the fences: %s is possible",
                           forbidden[which].what);
}

/* All children at once: a start should not take longer than it must. What does no harm is tried in the process itself,
 * which says more than a child can. */
static int prove(const struct process_policy *policy, const struct filter *filter, struct failure *failure)
{
        unsigned whom = policy->syscalls == NULL ? FOR_HAND : FOR_CLERK; /* a hand without tools is held as tightly */
        pid_t children[ARRAY_SIZE(forbidden)] = {0};
        int result = 0;
        for (size_t i = 0; i < ARRAY_SIZE(forbidden); i++)
                if ((forbidden[i].whom & whom) != 0 && (forbidden[i].whom & HERE) == 0)
                        children[i] = try_in_child(policy, filter, i);
        for (size_t i = 0; i < ARRAY_SIZE(forbidden); i++)
                if (children[i] != 0 && judge_child(children[i], i, failure) < 0)
                        result = -1;
        if (result < 0 || close_fences(policy, filter, failure) < 0)
                return -1;
        for (size_t i = 0; i < ARRAY_SIZE(forbidden); i++)
                if ((forbidden[i].whom & whom) != 0 && (forbidden[i].whom & HERE) != 0 && forbidden[i].try())
                        return failure_set(failure, FAILURE_FAILED, "", "", "proof of the fences: %s is possible",
                                           forbidden[i].what);
        return 0;
}

int jail_enter_and_prove(const struct process_policy *policy, struct failure *failure)
{
        ASSERT(policy != NULL);
        leftovers_sweep(policy);
        struct filter *filter = filter_new(policy, failure);
        if (filter == NULL)
                return -1;
#ifdef BULKHEAD_DRILL
        bool only_logs = getenv("BULKHEAD_JAIL_LOG") != NULL; /* then nothing is forbidden, so nothing can be proved */
        int result = only_logs ? close_fences(policy, filter, failure) : prove(policy, filter, failure);
#else
        int result = prove(policy, filter, failure);
#endif
        filter_free(filter);
#ifdef BULKHEAD_DRILL
        if (result == 0)
                drill(policy); /* tries everything else, when asked to */
#endif
        return result;
}
