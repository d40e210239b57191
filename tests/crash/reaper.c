/* Runs a program and everything it starts under a count of system calls, and at the Nth strikes.
 *
 *   reaper STATE-FILE -- PROGRAM [ARGUMENT...]
 *
 * STATE-FILE holds "MODE N ERRNO FROM [acts]": what to do, when, with which error, and whether to count from the
 * beginning ("start") or from the first SIGUSR1 to the reaper ("signal"); "acts": only calls that can change something,
 * for what a kill leaves behind is the same wherever it strikes between two of those. MODE is
 *
 *   kill     the process that makes the Nth call dies before it is made
 *   all      it and all the others die at once, as when the unit is killed or the power goes
 *   errno    the Nth call that writes files is not made and fails with ERRNO
 *   count    nothing happens
 *
 * At the end STATE-FILE.done says "CALLS STRUCK NAME": how many were made, whether it struck, and in which program.
 * The program keeps the process number that its parent knows: the reaper is its child and traces it.
 * Rights: for tests; x86-64. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef __x86_64__
/* cppcheck-suppress preprocessorErrorDirective */
#error "the reaper knows the registers of x86-64 only"
#endif

enum { TRACED_MAX = 256 };
enum mode { MODE_COUNT, MODE_KILL, MODE_ALL, MODE_ERRNO };

static struct {
        enum mode mode;
        unsigned long at, calls;
        int error;
        bool counting, struck, acts;
        char where[64], done[512];
        pid_t leader;
        struct traced {
                pid_t pid;
                bool inside, failing;
        } traced[TRACED_MAX];
} reaper;

static volatile sig_atomic_t armed;

static void arm(int number)
{
        (void)number;
        armed = 1;
}

static _Noreturn void die(const char *what)
{
        fprintf(stderr, "reaper: %s: %s\n", what, strerror(errno));
        exit(125);
}

static void read_state(const char *path)
{
        static const char *const modes[] = {
                [MODE_COUNT] = "count", [MODE_KILL] = "kill", [MODE_ALL] = "all", [MODE_ERRNO] = "errno"};
        char line[128], mode[16] = "", *rest = line;
        FILE *file = fopen(path, "re");
        if (file == NULL || fgets(line, sizeof line, file) == NULL || fclose(file) != 0)
                die(path);
        size_t word = strcspn(line, " ");
        if (word < sizeof mode)
                memcpy(mode, line, word);
        for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
                if (strcmp(modes[i], mode) == 0)
                        reaper.mode = (enum mode)i;
        reaper.at = strtoul(line + word, &rest, 10);
        reaper.error = (int)strtol(rest, &rest, 10);
        reaper.counting = strstr(rest, "start") != NULL;
        reaper.acts = strstr(rest, "acts") != NULL;
        (void)snprintf(reaper.done, sizeof reaper.done, "%s.done", path);
}

static void write_done(void)
{
        FILE *file = fopen(reaper.done, "we");
        if (file == NULL)
                return;
        (void)fprintf(file, "%lu %d %s\n", reaper.calls, reaper.struck ? 1 : 0, reaper.struck ? reaper.where : "-");
        (void)fclose(file);
}

static struct traced *find(pid_t pid)
{
        struct traced *room = NULL;
        for (size_t i = 0; i < TRACED_MAX; i++) {
                if (reaper.traced[i].pid == pid)
                        return &reaper.traced[i];
                if (reaper.traced[i].pid == 0 && room == NULL)
                        room = &reaper.traced[i];
        }
        if (room == NULL)
                die("too many processes");
        *room = (struct traced){.pid = pid};
        return room;
}

static void note_where(pid_t pid)
{
        char path[64];
        (void)snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
        FILE *file = fopen(path, "re");
        if (file == NULL || fgets(reaper.where, sizeof reaper.where, file) == NULL)
                (void)snprintf(reaper.where, sizeof reaper.where, "?");
        reaper.where[strcspn(reaper.where, "\n")] = '\0';
        if (file != NULL)
                (void)fclose(file);
}

static bool writes_files(unsigned long long number)
{
        static const unsigned long long numbers[] = {
                SYS_write,  SYS_pwrite64, SYS_openat,    SYS_open,   SYS_openat2, SYS_fsync,     SYS_fdatasync,
                SYS_rename, SYS_renameat, SYS_renameat2, SYS_link,   SYS_linkat,  SYS_unlink,    SYS_unlinkat,
                SYS_mkdir,  SYS_mkdirat,  SYS_fchmod,    SYS_fchown, SYS_chown,   SYS_ftruncate, SYS_creat};
        for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
                if (numbers[i] == number)
                        return true;
        return false;
}

/* All but what is known to leave everything as it was for others: memory, waiting, looking, reading. */
static bool acts(const struct user_regs_struct *regs)
{
        /* clang-format off */
        static const unsigned long long idle[] = {
                SYS_read, SYS_pread64, SYS_readv, SYS_close, SYS_fstat, SYS_newfstatat, SYS_stat, SYS_lstat,
                SYS_statx, SYS_statfs, SYS_fstatfs, SYS_lseek, SYS_access, SYS_faccessat, SYS_faccessat2,
                SYS_readlink, SYS_readlinkat, SYS_getdents64, SYS_mmap, SYS_munmap, SYS_mprotect, SYS_mremap,
                SYS_madvise, SYS_brk, SYS_poll, SYS_ppoll, SYS_select, SYS_pselect6, SYS_epoll_wait,
                SYS_epoll_pwait, SYS_epoll_ctl, SYS_epoll_create1, SYS_futex, SYS_rt_sigaction, SYS_rt_sigprocmask,
                SYS_rt_sigreturn, SYS_getpid, SYS_gettid, SYS_getppid, SYS_getuid, SYS_geteuid, SYS_getgid,
                SYS_getegid, SYS_getresuid, SYS_getresgid, SYS_getgroups, SYS_getrandom, SYS_clock_gettime,
                SYS_clock_nanosleep, SYS_nanosleep, SYS_fcntl, SYS_dup, SYS_dup2, SYS_dup3, SYS_pipe, SYS_pipe2,
                SYS_socket, SYS_socketpair, SYS_bind, SYS_listen, SYS_accept4, SYS_getsockopt, SYS_setsockopt,
                SYS_getsockname, SYS_getpeername, SYS_recvfrom, SYS_recvmsg, SYS_arch_prctl, SYS_prctl,
                SYS_prlimit64, SYS_getrlimit, SYS_sysinfo, SYS_uname, SYS_rseq, SYS_set_robust_list,
                SYS_set_tid_address, SYS_sched_getaffinity, SYS_getcwd, SYS_umask, SYS_getxattr, SYS_lgetxattr,
                SYS_fgetxattr, SYS_listxattr, SYS_flistxattr, SYS_wait4, SYS_waitid, SYS_seccomp, SYS_capget,
                SYS_eventfd2, SYS_timerfd_create, SYS_timerfd_settime, SYS_inotify_init1, SYS_inotify_add_watch,
                SYS_signalfd4, SYS_fadvise64, SYS_restart_syscall};
        /* clang-format on */
        if (regs->orig_rax == SYS_openat || regs->orig_rax == SYS_open)
                return ((regs->orig_rax == SYS_open ? regs->rsi : regs->rdx) & (O_CREAT | O_TRUNC)) != 0;
        for (size_t i = 0; i < sizeof idle / sizeof idle[0]; i++)
                if (idle[i] == regs->orig_rax)
                        return false;
        return true;
}

static void strike_all(void)
{
        for (size_t i = 0; i < TRACED_MAX; i++)
                if (reaper.traced[i].pid != 0)
                        (void)kill(reaper.traced[i].pid, SIGKILL);
}

static bool registers(pid_t pid, struct user_regs_struct *regs, bool set)
{
        struct iovec part = {.iov_base = regs, .iov_len = sizeof *regs};
        return ptrace(set ? PTRACE_SETREGSET : PTRACE_GETREGSET, pid, NT_PRSTATUS, &part) == 0;
}

static void entered(struct traced *traced)
{
        struct user_regs_struct regs;
        if (armed)
                reaper.counting = true;
        if (!reaper.counting || !registers(traced->pid, &regs, false))
                return;
        if ((reaper.mode == MODE_ERRNO && !writes_files(regs.orig_rax)) || (reaper.acts && !acts(&regs)))
                return;
        if (++reaper.calls != reaper.at || reaper.struck || reaper.mode == MODE_COUNT)
                return;
        reaper.struck = true;
        note_where(traced->pid);
        if (reaper.mode == MODE_KILL) {
                (void)kill(traced->pid, SIGKILL);
        } else if (reaper.mode == MODE_ALL) {
                strike_all();
        } else {
                regs.orig_rax = (unsigned long long)-1;
                traced->failing = registers(traced->pid, &regs, true);
        }
}

static void left(struct traced *traced)
{
        struct user_regs_struct regs;
        if (!traced->failing || !registers(traced->pid, &regs, false))
                return;
        regs.rax = (unsigned long long)-reaper.error;
        (void)registers(traced->pid, &regs, true);
        traced->failing = false;
}

/* One stop of one process; the signal to hand on. */
static int stopped(struct traced *traced, int status)
{
        int number = WSTOPSIG(status), event = status >> 16;
        if (number == (SIGTRAP | 0x80)) {
                traced->inside = !traced->inside;
                if (traced->inside)
                        entered(traced);
                else
                        left(traced);
                return 0;
        }
        if (event == PTRACE_EVENT_EXEC)
                traced->inside = true; /* the exec's own exit comes next */
        return event != 0 ? 0 : number;
}

static void trace(void)
{
        int status;
        for (pid_t pid; (pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR;) {
                if (pid < 0)
                        continue;
                struct traced *traced = find(pid);
                if (!WIFSTOPPED(status)) {
                        traced->pid = 0;
                        if (pid == reaper.leader)
                                write_done(); /* what it left behind runs on */
                        continue;
                }
                int number = stopped(traced, status);
                (void)ptrace(PTRACE_SYSCALL, pid, 0, number);
        }
}

int main(int argc, char **argv)
{
        int ready[2];
        if (argc < 4 || strcmp(argv[2], "--") != 0 || pipe2(ready, O_CLOEXEC) != 0)
                die("usage: reaper STATE-FILE -- PROGRAM");
        reaper.leader = getpid();
        (void)prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
        pid_t child = fork();
        if (child < 0)
                die("fork");
        if (child != 0) { /* the program, once it is traced */
                char byte;
                (void)close(ready[1]);
                if (read(ready[0], &byte, 1) != 1)
                        die("not traced");
                (void)execv(argv[3], argv + 3);
                die(argv[3]);
        }
        read_state(argv[1]);
        struct sigaction action = {.sa_handler = arm};
        (void)sigaction(SIGUSR1, &action, NULL);
        (void)signal(SIGTERM, SIG_IGN); /* a unit that ends is ended whole: first comes what there is to say */
        (void)setsid();
        char pid_file[512];
        (void)snprintf(pid_file, sizeof pid_file, "%s.pid", argv[1]);
        FILE *file = fopen(pid_file, "we");
        if (file == NULL || fprintf(file, "%d\n", (int)getpid()) < 0 || fclose(file) != 0)
                die(pid_file);
        long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                       PTRACE_O_TRACEEXEC;
        if (ptrace(PTRACE_SEIZE, reaper.leader, 0, options) != 0 || ptrace(PTRACE_INTERRUPT, reaper.leader, 0, 0) != 0)
                die("ptrace");
        (void)find(reaper.leader);
        (void)!write(ready[1], "x", 1);
        /* The supervisor's descriptors are the program's, not ours: it must see them close. */
        (void)close(ready[1]);
        (void)syscall(SYS_close_range, 3u, ~0u, 0u);
        trace();
        return 0;
}
