/* Every system call number, native, x32 and through int 0x80, made behind each process's fences, each in a child of its
 * own, and what the kernel did compared with the second reading of the policy (tests/lib/reading.h).
 * Rights: as root it becomes the user nobody first, so that what a hand's filter leaves open does no harm. */
#include "base/mem.h"
#include "jail/jail_parts.h"
#include "policy/policies.h"
#include "tests/lib/reading.h"

#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NATIVE_NUMBERS = 1012, X32_NUMBERS = 1024, OLD_NUMBERS = 512, X32_BIT = 0x40000000 };
/* A call that is let through may block; all others end, late where the machine is busy. */
enum { BLOCKS_MS = 150, BUSY_MS = 60000 };
enum gate { GATE_NATIVE, GATE_X32, GATE_INT80 };
static const char *const gate_names[] = {"native", "x32", "int 0x80"};

/* What a child tells of its call before it ends; BLOCKED when it did not come back. */
struct answer {
        long result;
        bool told, killed;
};

struct sums {
        unsigned passed, failed, skipped;
};

/* x86-64 kernels before 6.11 know no 335 and 336, later ones serve them without asking any filter. */
static bool beyond_filters(enum gate gate, int number)
{
#if defined(__x86_64__)
        return gate == GATE_NATIVE && (number == 335 || number == 336);
#else
        (void)gate;
        (void)number;
        return false;
#endif
}

static long call(enum gate gate, int number, const uint64_t *a)
{
#if defined(__x86_64__)
        if (gate == GATE_INT80) {
                long result;
                __asm__ volatile("int $0x80"
                                 : "=a"(result)
                                 : "a"((long)number), "b"(-1L), "c"(-1L), "d"(-1L), "S"(-1L), "D"(-1L)
                                 : "memory", "r8", "r9", "r10", "r11");
                return result;
        }
#endif
        long result = syscall(gate == GATE_X32 ? number | X32_BIT : number, a[0], a[1], a[2], a[3], a[4], a[5]);
        return result == -1 ? -errno : result;
}

/* The program as the process would load it, made once. */
static struct sock_fprog program_of(const struct filter *filter)
{
        static struct sock_filter code[8192];
        int fd = memfd_create("filter", MFD_CLOEXEC);
        ssize_t bytes = fd >= 0 && filter_export(filter, fd) == 0 ? pread(fd, code, sizeof(code), 0) : 0;
        close(fd);
        return (struct sock_fprog){.len = (unsigned short)((size_t)bytes / sizeof(code[0])), .filter = code};
}

static int close_fences(const struct process_policy *policy, const struct sock_fprog *program)
{
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || landlock_enter(policy, NULL) < 0)
                return -1;
        return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program);
}

/* The arguments: nonsense, so that what is allowed fails in the kernel; a signal goes to nobody. */
static void nonsense(int number, uint64_t *arguments)
{
        for (size_t i = 0; i < 6; i++)
                arguments[i] = UINT64_MAX;
        if (number == __NR_kill || number == __NR_tkill || number == __NR_tgkill)
                arguments[0] = arguments[1] = 0x3fffffff;
}

static bool told_in_time(int fd, int wanted, struct answer *answer)
{
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        return poll(&ready, 1, wanted == READING_ALLOW ? BLOCKS_MS : BUSY_MS) > 0 &&
               read(fd, &answer->result, sizeof(answer->result)) > 0;
}

static struct answer try(const struct process_policy *policy, const struct sock_fprog *filter, enum gate gate,
                         int number, int wanted)
{
        struct answer answer = {0};
        uint64_t arguments[6];
        int ends[2], status;
        nonsense(number, arguments);
        if (pipe(ends) < 0)
                _exit(125);
        pid_t child = fork();
        if (child == 0) {
                if (close_fences(policy, filter) < 0)
                        _exit(124);
                long result = call(gate, number, arguments);
                if (write(ends[1], &result, sizeof(result)) < 0)
                        _exit(123);
                _exit(0);
        }
        close(ends[1]);
        answer.told = told_in_time(ends[0], wanted, &answer);
        kill(child, SIGKILL); /* one that blocks; one that is dead already keeps its own end */
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
                ;
        answer.killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
        close(ends[0]);
        return answer;
}

static bool as_expected(int wanted, const struct answer *answer)
{
        if (wanted == READING_KILL)
                return answer->killed;
        if (wanted == READING_ALLOW) /* it reached the kernel: refused there for its nonsense, blocked, or ended us */
                return !answer->killed;
        return answer->told && answer->result == -wanted;
}

static void compare(const struct process_policy *policy, const struct sock_fprog *filter, enum gate gate, int number,
                    int filter_pid, struct sums *sums)
{
        uint64_t arguments[6];
        nonsense(number, arguments);
        if (beyond_filters(gate, number)) {
                sums->skipped++;
                return;
        }
        int wanted = gate == GATE_NATIVE ? reading(policy, number, arguments, filter_pid) : READING_KILL;
        struct answer answer = try(policy, filter, gate, number, wanted);
        if (as_expected(wanted, &answer)) {
                sums->passed++;
                return;
        }
        sums->failed++;
        printf("%s: %s call %d: %s (%ld), the policy says %s (%d)\n", policy->name, gate_names[gate], number,
               answer.killed ? "killed"
               : answer.told ? "answered"
                             : "silent",
               answer.result,
               wanted == READING_KILL    ? "kill"
               : wanted == READING_ALLOW ? "allow"
                                         : "refuse",
               wanted);
}

static void attack(const struct process_policy *policy, struct sums *sums)
{
        struct failure failure = {0};
        struct filter *filter = filter_new(policy, &failure);
        if (filter == NULL) {
                printf("%s: %s\n", policy->name, failure.message);
                sums->failed++;
                return;
        }
        const struct sock_fprog program = program_of(filter);
        for (int number = 0; number < NATIVE_NUMBERS; number++)
                compare(policy, &program, GATE_NATIVE, number, (int)getpid(), sums);
#if defined(__x86_64__)
        for (int number = 0; number < X32_NUMBERS; number++)
                compare(policy, &program, GATE_X32, number, (int)getpid(), sums);
        for (int number = 0; number < OLD_NUMBERS; number++)
                compare(policy, &program, GATE_INT80, number, (int)getpid(), sums);
#endif
        filter_free(filter);
}

int main(void)
{
        const struct rlimit no_core = {0, 0};
        struct sums sums = {0};
        setrlimit(RLIMIT_CORE, &no_core);
        signal(SIGPIPE, SIG_IGN);
        setsid(); /* what signals "my group" reaches only us */
        if (geteuid() == 0 &&
            (setgroups(0, NULL) < 0 || setresgid(65534, 65534, 65534) < 0 || setresuid(65534, 65534, 65534) < 0)) {
                perror("become nobody");
                return 1;
        }
        for (size_t i = 0; policies[i] != NULL; i++)
                attack(policies[i], &sums);
        printf("%u passed, %u failed, %u skipped\n", sums.passed, sums.failed, sums.skipped);
        return sums.failed > 0;
}
