/* The system call filter. A clerk's is an allowlist made from its policy; a hand's closes only what none of its
 * tools may ever make, because tools inherit it. Only SCMP_CMP_MASKED_EQ with 32-bit masks: libseccomp builds wrong
 * filters from several rules with < or > for one call.
 * Rights: runs once at start, in every clerk and hand, before the fences are closed. */
#include "jail/jail.h"
#include "jail/jail_parts.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Numbers from here on were unknown when this was written: libraries that probe for them are told ENOSYS. */
enum { NUMBERS_KNOWN = 451, FAMILIES_KNOWN = 64 };

/* Calls that libraries merely try and live without: EPERM. */
static const int merely_tried[] = {
        __NR_ioctl,                      /* stdio asks whether a file is a terminal */
        __NR_prctl,                      /* malloc names its memory */
        __NR_prlimit64,                  /* sysconf */
        __NR_uname,                      /* libpq and resolvers */
        __NR_mlock,        __NR_munlock, /* libsodium keeps secrets from swap when it can */
        __NR_memfd_create,               /* libsystemd, for journal entries too big for a datagram */
        __NR_statfs,       __NR_fstatfs,     __NR_faccessat,         __NR_faccessat2, __NR_readlinkat,
        __NR_statx,        __NR_sched_yield, __NR_sched_getaffinity, __NR_membarrier,
#ifdef __NR_access
        __NR_access,       __NR_readlink,
#endif
};

/* Calls that no hand and no tool of a hand may ever make: KILL_PROCESS. */
static const int never[] = {
        __NR_ptrace,
        __NR_process_vm_readv,
        __NR_process_vm_writev,
        __NR_kcmp,
        __NR_pidfd_getfd,
        __NR_mount,
        __NR_umount2,
        __NR_pivot_root,
        __NR_move_mount,
        __NR_open_tree,
        __NR_fsopen,
        __NR_fsconfig,
        __NR_fsmount,
        __NR_fspick,
        __NR_mount_setattr,
        __NR_chroot,
        __NR_setns,
        __NR_unshare,
        __NR_bpf,
        __NR_perf_event_open,
        __NR_userfaultfd,
        __NR_io_uring_setup,
        __NR_io_uring_enter,
        __NR_io_uring_register,
        __NR_fanotify_init,
        __NR_open_by_handle_at,
        __NR_name_to_handle_at,
        __NR_init_module,
        __NR_finit_module,
        __NR_delete_module,
        __NR_kexec_load,
        __NR_kexec_file_load,
        __NR_reboot,
        __NR_swapon,
        __NR_swapoff,
        __NR_acct,
        __NR_quotactl,
        __NR_syslog,
        __NR_vhangup,
        __NR_personality,
        __NR_settimeofday,
        __NR_clock_settime,
        __NR_adjtimex,
        __NR_clock_adjtime,
        __NR_sethostname,
        __NR_setdomainname,
        __NR_lookup_dcookie,
        __NR_move_pages,
        __NR_migrate_pages,
        __NR_mbind,
#ifdef __NR_iopl
        __NR_iopl,
        __NR_ioperm,
        __NR_modify_ldt,
        __NR_uselib,
        __NR_ustat,
        __NR_sysfs,
        __NR__sysctl,
#endif
};

/* PAM and its helpers try these: EPERM also in hands. */
static const int hand_tried[] = {__NR_keyctl, __NR_add_key, __NR_request_key};

/* An allowed call is refused when (argument & mask) is not value; value 0: when any bit of mask is set. */
static const struct limit {
        int number;
        unsigned argument;
        uint32_t mask, value;
        int error;
} clerk_limits[] = {
        {__NR_socket, 0, UINT32_MAX, AF_UNIX, EAFNOSUPPORT},
        {__NR_mmap, 2, PROT_EXEC, 0, EPERM},
        {__NR_mprotect, 2, PROT_EXEC, 0, EPERM},
        {__NR_openat, 2, O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY), 0, EPERM},
};

struct filter {
        struct sock_fprog program; /* what it comes to */
        scmp_filter_ctx context;
        int error; /* the first that libseccomp gave */
        uint32_t kill;
};

static void note(struct filter *filter, int result)
{
        if (result < 0 && filter->error == 0)
                filter->error = result;
}

static void rule(struct filter *filter, uint32_t action, int number)
{
        note(filter, seccomp_rule_add(filter->context, action, number, 0));
}

static void rule_if(struct filter *filter, uint32_t action, int number, unsigned argument, uint32_t mask,
                    uint32_t value)
{
        struct scmp_arg_cmp compare = {.arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value};
        note(filter, seccomp_rule_add_array(filter->context, action, number, 1, &compare));
}

static bool listed(const int *numbers, size_t count, int number)
{
        for (size_t i = 0; i < count; i++)
                if (numbers[i] == number)
                        return true;
        return false;
}

static bool allowed(const struct process_policy *policy, int number)
{
        for (const struct syscall_group *const *group = policy->syscalls; *group != NULL; group++)
                for (const int *n = (*group)->numbers; *n >= 0; n++)
                        if (*n == number)
                                return true;
        return false;
}

static void refuse_families(struct filter *filter, int error)
{
        for (uint32_t family = 0; family < FAMILIES_KNOWN; family++)
                if (family != AF_UNIX)
                        rule_if(filter, SCMP_ACT_ERRNO((uint32_t)error), __NR_socket, 0, UINT32_MAX, family);
}

static void refuse_bits(struct filter *filter, int error, int number, unsigned argument, uint32_t bits)
{
        for (uint32_t bit = 1; bit != 0; bit <<= 1)
                if ((bits & bit) != 0)
                        rule_if(filter, SCMP_ACT_ERRNO((uint32_t)error), number, argument, bit, bit);
}

static void allow(struct filter *filter, int number)
{
        for (size_t i = 0; i < ARRAY_SIZE(clerk_limits); i++) {
                const struct limit *limit = &clerk_limits[i];
                if (limit->number != number)
                        continue;
                rule_if(filter, SCMP_ACT_ALLOW, number, limit->argument, limit->mask, limit->value);
                if (number == __NR_socket)
                        refuse_families(filter, limit->error);
                else
                        refuse_bits(filter, limit->error, number, limit->argument, limit->mask);
                return;
        }
        if (number == __NR_tgkill) /* abort() signals its own process; nobody else is ever signalled */
                rule_if(filter, SCMP_ACT_ALLOW, number, 0, UINT32_MAX, (uint32_t)getpid());
        else
                rule(filter, SCMP_ACT_ALLOW, number);
}

static bool known(int number)
{
        char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
        bool result = name != NULL;
        free(name);
        return result;
}

static void fill_clerk(struct filter *filter, const struct process_policy *policy)
{
        for (int number = 0; number < NUMBERS_KNOWN; number++) {
                if (allowed(policy, number))
                        allow(filter, number);
                else if (listed(merely_tried, ARRAY_SIZE(merely_tried), number))
                        rule(filter, SCMP_ACT_ERRNO(EPERM), number);
                else if (number != __NR_clone3 && known(number))
                        rule(filter, filter->kill, number);
        }
}

static void fill_hand(struct filter *filter)
{
        for (size_t i = 0; i < ARRAY_SIZE(never); i++)
                rule(filter, filter->kill, never[i]);
        for (size_t i = 0; i < ARRAY_SIZE(hand_tried); i++)
                rule(filter, SCMP_ACT_ERRNO(EPERM), hand_tried[i]);
        rule(filter, SCMP_ACT_ERRNO(ENOSYS), __NR_clone3); /* its flags cannot be seen; libc falls back to clone */
        refuse_bits(filter, EPERM, __NR_clone, 0,
                    CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                            CLONE_NEWNET);
        refuse_families(filter, EAFNOSUPPORT);
        rule_if(filter, SCMP_ACT_ERRNO(EPERM), __NR_mmap, 2, PROT_WRITE | PROT_EXEC, PROT_WRITE | PROT_EXEC);
        rule_if(filter, SCMP_ACT_ERRNO(EPERM), __NR_mprotect, 2, PROT_WRITE | PROT_EXEC, PROT_WRITE | PROT_EXEC);
}

/* Made once: each prover and the process itself load the same program, and libseccomp takes its time over it. */
static int compile(struct filter *filter)
{
        CLEANUP_FD int fd = memfd_create("filter", MFD_CLOEXEC);
        int error = fd < 0 ? -errno : seccomp_export_bpf(filter->context, fd);
        off_t length = error < 0 ? 0 : lseek(fd, 0, SEEK_END);
        if (error < 0 || length <= 0 || (size_t)length > UINT16_MAX * sizeof(struct sock_filter))
                return error < 0 ? error : -EBADMSG;
        filter->program.filter = mem_new(1, (size_t)length);
        filter->program.len = (unsigned short)((size_t)length / sizeof(struct sock_filter));
        return pread(fd, filter->program.filter, (size_t)length, 0) == length ? 0 : -EIO;
}

struct filter *filter_new(const struct process_policy *policy, struct failure *failure)
{
        ASSERT(policy != NULL && (policy->kind == PROCESS_HAND || policy->syscalls != NULL));
        struct filter *filter = mem_new(1, sizeof(*filter));
        bool tight = policy->syscalls != NULL;
        filter->kill = SCMP_ACT_KILL_PROCESS;
#ifdef BULKHEAD_DRILL
        if (getenv("BULKHEAD_JAIL_LOG") != NULL)
                filter->kill = SCMP_ACT_LOG; /* to learn what a policy lacks: the kernel's log names the calls */
#endif
        filter->context = seccomp_init(tight ? SCMP_ACT_ERRNO(ENOSYS) : SCMP_ACT_ALLOW);
        if (filter->context == NULL)
                log_fatal("seccomp: the filter cannot be made");
        note(filter, seccomp_attr_set(filter->context, SCMP_FLTATR_CTL_TSYNC, 1));
        note(filter, seccomp_attr_set(filter->context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS));
        note(filter, seccomp_attr_set(filter->context, SCMP_FLTATR_CTL_OPTIMIZE, 2));
        if (tight)
                fill_clerk(filter, policy);
        else
                fill_hand(filter);
        if (filter->error == 0)
                filter->error = compile(filter);
        if (filter->error == 0)
                return filter;
        failure_set(failure, FAILURE_FAILED, "", "", "seccomp: %s", strerror(-filter->error));
        filter_free(filter);
        return NULL;
}

int filter_load(const struct filter *filter, struct failure *failure)
{
        ASSERT(filter != NULL && filter->program.filter != NULL);
        long result = syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter->program);
        if (result != 0)
                return failure_set(failure, FAILURE_FAILED, "", "", "seccomp: %s",
                                   result < 0 ? strerror(errno) : "a thread cannot take the filter");
        return 0;
}

int filter_export(const struct filter *filter, int fd)
{
        ASSERT(filter != NULL && fd >= 0);
        return seccomp_export_bpf(filter->context, fd);
}

void filter_free(struct filter *filter)
{
        if (filter == NULL)
                return;
        seccomp_release(filter->context);
        free(filter->program.filter);
        free(filter);
}
