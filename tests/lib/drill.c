/* What a taken-over process would try, tried by the process itself right after its fences closed. Linked into the drill
 * builds of the programs only (make drill-programs); chosen by the environment: BULKHEAD_DRILL=list names what must not
 * work in this kind of process, BULKHEAD_DRILL=NAME tries one and ends: 0 when it was refused, 7 when it worked.
 * Rights: for tests; those of the process it is in. */
#include "tests/lib/drill.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { CLERK = 1, HAND = 2, ALL = CLERK | HAND, DRILL_WORKED = 7 };

static void tell_allocations(void)
{
        dprintf(STDERR_FILENO, "drill: %lu allocations\n", mem_count());
}

static void end_at_once(int number)
{
        (void)number;
        tell_allocations();
        _exit(0);
}

/* BULKHEAD_FAIL_ALLOC=N: the Nth allocation of the process finds no memory; 0: none does. At its end it says how many
 * there were. */
__attribute__((constructor)) static void fail_an_allocation(void)
{
        const char *nth = getenv("BULKHEAD_FAIL_ALLOC");
        if (nth == NULL)
                return;
        mem_fail_at(strtoul(nth, NULL, 10));
        atexit(tell_allocations);
        signal(SIGTERM, end_at_once); /* a clerk has its own way to end */
}

static bool opens(const char *path, int flags)
{
        return open(path, flags | O_CLOEXEC, 0600) >= 0;
}

static bool read_shadow(void)
{
        return opens("/etc/shadow", O_RDONLY);
}

static bool read_signing_keys(void)
{
        return opens("/var/lib/bulkhead-users-hand", O_RDONLY | O_DIRECTORY);
}

static bool read_root_home(void)
{
        return opens("/root", O_RDONLY | O_DIRECTORY);
}

static bool read_log(void)
{
        return opens("/var/log", O_RDONLY | O_DIRECTORY);
}

static bool read_parent_memory(void)
{
        char path[64];
        snprintf(path, sizeof(path), "/proc/%d/mem", (int)getppid());
        return opens(path, O_RDONLY);
}

static bool write_account_file(void)
{
        return opens("/etc/passwd", O_WRONLY);
}

static bool write_by_openat2(void)
{
        const struct {
                uint64_t flags, mode, resolve;
        } how = {.flags = O_WRONLY | O_CREAT, .mode = 0600};
        return syscall(__NR_openat2, AT_FDCWD, "/etc/bulkhead-drill", &how, sizeof(how)) >= 0;
}

/* The front end makes its certificate before its fences close, and never again. */
static bool replace_certificate(void)
{
        const struct {
                uint64_t flags, mode, resolve;
        } how = {.flags = O_WRONLY | O_CREAT, .mode = 0600};
        const char *path = "/var/lib/bulkhead/self-signed/drill";
        return opens(path, O_WRONLY | O_CREAT) || syscall(__NR_openat2, AT_FDCWD, path, &how, sizeof(how)) >= 0;
}

static bool write_tmp(void)
{
        return opens("/tmp/bulkhead-drill", O_WRONLY | O_CREAT);
}

static bool write_program(void)
{
        return opens("/usr/libexec/bulkhead/users-hand", O_WRONLY);
}

static bool remove_revocations(void)
{
        return unlink("/run/bulkhead/trust/current") == 0;
}

static bool make_node(void)
{
        return mknod("/home/drill", S_IFBLK | 0600, 0x700) == 0;
}

static bool start_program(void)
{
        char *const nothing[] = {NULL};
        return syscall(__NR_execve, "/usr/bin/true", nothing, nothing) == 0;
}

/* A file that this process may write must not be one that it may run. */
static bool start_own_program(void)
{
        static const char path[] = "/home/drill-program";
        static const char script[] = "#!/bin/sh\nexit 7\n";
        char *const nothing[] = {NULL};
        int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0700);
        if (fd < 0 || write(fd, script, sizeof(script) - 1) < 0)
                return false;
        fchmod(fd, 0700);
        close(fd);
        return syscall(__NR_execve, path, nothing, nothing) == 0;
}

static bool make_process(void)
{
        pid_t child = (pid_t)syscall(__NR_clone, SIGCHLD, 0, 0, 0, 0);
        if (child == 0)
                _exit(0);
        return child > 0;
}

static bool make_namespace(void)
{
        return syscall(__NR_unshare, CLONE_NEWUSER) == 0;
}

static bool make_namespace_by_clone(void)
{
        pid_t child = (pid_t)syscall(__NR_clone, SIGCHLD | CLONE_NEWUSER, 0, 0, 0, 0);
        if (child == 0)
                _exit(0);
        return child > 0;
}

static bool trace_parent(void)
{
        return ptrace(PTRACE_SEIZE, getppid(), NULL, NULL) == 0;
}

static bool be_traced(void)
{
        return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static bool signal_parent(void)
{
        return kill(getppid(), 0) == 0;
}

static bool connect_out(void)
{
        const struct sockaddr_in address = {
                .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        return fd >= 0 &&
               (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 || errno == ECONNREFUSED);
}

static bool open_netlink(void)
{
        return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0) >= 0;
}

static bool open_packet(void)
{
        return socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0) >= 0;
}

static bool listen_unix(void)
{
        const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/run/bulkhead-users-hand/drill"};
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        return bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
}

static bool map_code(void)
{
        return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool turn_into_code(void)
{
        void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return mprotect(memory, 4096, PROT_READ | PROT_WRITE | PROT_EXEC) == 0;
}

static bool mount_something(void)
{
        return syscall(__NR_mount, "none", "/home", "tmpfs", 0, NULL) == 0;
}

static bool change_root(void)
{
        return chroot("/home") == 0;
}

static bool become_root(void)
{
        return syscall(__NR_setuid, 0) == 0;
}

static bool join_root_group(void)
{
        return syscall(__NR_setgid, 0) == 0;
}

static bool raise_capabilities(void)
{
        cap_t all = cap_from_text("all=ep");
        return cap_set_proc(all) == 0;
}

static bool use_bpf(void)
{
        return syscall(__NR_bpf, 0, NULL, 0) >= 0;
}

static bool use_io_uring(void)
{
        char parameters[128] = {0};
        return syscall(__NR_io_uring_setup, 1, parameters) >= 0;
}

static bool use_userfaultfd(void)
{
        return syscall(__NR_userfaultfd, 1) >= 0;
}

static bool use_keyring(void)
{
        return syscall(__NR_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1) >= 0;
}

static bool set_clock(void)
{
        const struct timespec never = {0};
        return syscall(__NR_clock_settime, CLOCK_REALTIME, &never) == 0;
}

static const struct {
        const char *name;
        bool (*try)(void);
        unsigned whom; /* in whom it must not work; what a hand is there for is left out for it */
} drills[] = {
        {"read-shadow", read_shadow, CLERK},
        {"read-signing-keys", read_signing_keys, CLERK},
        {"read-root-home", read_root_home, ALL},
        {"read-log", read_log, ALL},
        {"read-parent-memory", read_parent_memory, ALL},
        {"write-account-file", write_account_file, CLERK},
        {"write-by-openat2", write_by_openat2, CLERK},
        {"replace-certificate", replace_certificate, ALL},
        {"write-tmp", write_tmp, ALL},
        {"write-program", write_program, ALL},
        {"remove-revocations", remove_revocations, CLERK},
        {"make-node", make_node, ALL},
        {"start-program", start_program, CLERK},
        {"start-own-program", start_own_program, ALL},
        {"make-process", make_process, CLERK},
        {"make-namespace", make_namespace, ALL},
        {"make-namespace-by-clone", make_namespace_by_clone, ALL},
        {"trace-parent", trace_parent, ALL},
        {"be-traced", be_traced, ALL},
        {"signal-parent", signal_parent, ALL},
        {"connect-out", connect_out, ALL},
        {"open-netlink", open_netlink, ALL},
        {"open-packet", open_packet, ALL},
        {"listen-unix", listen_unix, ALL},
        {"map-code", map_code, ALL},
        {"turn-into-code", turn_into_code, ALL},
        {"mount", mount_something, ALL},
        {"change-root", change_root, ALL},
        {"become-root", become_root, ALL},
        {"join-root-group", join_root_group, ALL},
        {"raise-capabilities", raise_capabilities, ALL},
        {"bpf", use_bpf, ALL},
        {"io-uring", use_io_uring, ALL},
        {"userfaultfd", use_userfaultfd, ALL},
        {"keyring", use_keyring, ALL},
        {"set-clock", set_clock, ALL},
};

static void say(const char *text)
{
        if (write(STDERR_FILENO, text, strlen(text)) < 0)
                _exit(1);
}

void drill(const struct process_policy *policy)
{
        const char *wanted = getenv("BULKHEAD_DRILL");
        unsigned whom = policy->syscalls == NULL ? HAND : CLERK; /* a hand without tools is held as tightly */
        if (wanted == NULL)
                return;
        for (size_t i = 0; i < sizeof(drills) / sizeof(drills[0]); i++) {
                if (strcmp(wanted, "list") == 0 && (drills[i].whom & whom) != 0) {
                        say("drill: ");
                        say(drills[i].name);
                        say("\n");
                } else if (strcmp(wanted, drills[i].name) == 0) {
                        _exit(drills[i].try() ? DRILL_WORKED : 0);
                }
        }
        _exit(strcmp(wanted, "list") == 0 ? 0 : 1);
}
