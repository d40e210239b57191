/* A second reading of what a process may call, written apart from libnas/jail/filter.c on purpose: from the policy's
 * groups and the rules of docs/security.md. The unit tests compare it with the filter's program on many arguments, the
 * attack test with what the kernel really answers. */
#ifndef BULKHEAD_TESTS_READING_H
#define BULKHEAD_TESTS_READING_H

#include "jail/process.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

enum { READING_ALLOW = 0, READING_KILL = -1 }; /* or a positive errno */

static inline bool reading_in(const int *numbers, int number)
{
        for (; *numbers >= 0; numbers++)
                if (*numbers == number)
                        return true;
        return false;
}

static inline bool reading_exists(int number)
{
        char *name = number < 451 ? seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number) : NULL;
        free(name);
        return name != NULL;
}

static inline int reading_socket(uint64_t family)
{
        uint32_t low = (uint32_t)family;
        return low == AF_UNIX ? READING_ALLOW : low < 64 ? EAFNOSUPPORT : ENOSYS;
}

static inline int reading_clerk_arguments(int number, const uint64_t *arguments, int pid)
{
        switch (number) {
        case __NR_socket:
                return reading_socket(arguments[0]);
        case __NR_mmap:
        case __NR_mprotect:
                return (arguments[2] & PROT_EXEC) != 0 ? EPERM : READING_ALLOW;
        case __NR_openat:
                return (arguments[2] & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) != 0 ||
                                       (arguments[2] & O_TMPFILE & ~(uint64_t)O_DIRECTORY) != 0
                               ? EPERM
                               : READING_ALLOW;
        case __NR_tgkill:
                return (uint32_t)arguments[0] == (uint32_t)pid ? READING_ALLOW : ENOSYS;
        default:
                return READING_ALLOW;
        }
}

/* What a clerk's filter must answer to a native call made while the filter was made by process pid. */
static inline int reading_clerk(const struct process_policy *policy, int number, const uint64_t *arguments, int pid)
{
        static const int tried[] = {__NR_ioctl,
                                    __NR_prctl,
                                    __NR_prlimit64,
                                    __NR_uname,
                                    __NR_mlock,
                                    __NR_munlock,
                                    __NR_memfd_create,
                                    __NR_statfs,
                                    __NR_fstatfs,
                                    __NR_faccessat,
                                    __NR_faccessat2,
                                    __NR_readlinkat,
                                    __NR_statx,
                                    __NR_sched_yield,
                                    __NR_sched_getaffinity,
                                    __NR_membarrier,
#ifdef __NR_access
                                    __NR_access,
                                    __NR_readlink,
#endif
                                    -1};
        for (const struct syscall_group *const *group = policy->syscalls; *group != NULL; group++)
                if (reading_in((*group)->numbers, number))
                        return reading_clerk_arguments(number, arguments, pid);
        if (reading_in(tried, number))
                return EPERM;
        return reading_exists(number) && number != __NR_clone3 ? READING_KILL : ENOSYS;
}

/* What a hand's filter must answer: everything goes but this. */
static inline int reading_hand(int number, const uint64_t *arguments)
{
        static const int dead[] = {
                /* other processes, mounts and namespaces */
                __NR_ptrace, __NR_process_vm_readv, __NR_process_vm_writev, __NR_kcmp, __NR_pidfd_getfd, __NR_mount,
                __NR_umount2, __NR_pivot_root, __NR_move_mount, __NR_open_tree, __NR_fsopen, __NR_fsconfig,
                __NR_fsmount, __NR_fspick, __NR_mount_setattr, __NR_chroot, __NR_setns, __NR_unshare,
                /* the kernel itself */
                __NR_bpf, __NR_perf_event_open, __NR_userfaultfd, __NR_io_uring_setup, __NR_io_uring_enter,
                __NR_io_uring_register, __NR_fanotify_init, __NR_open_by_handle_at, __NR_name_to_handle_at,
                __NR_init_module, __NR_finit_module, __NR_delete_module, __NR_kexec_load, __NR_kexec_file_load,
                __NR_lookup_dcookie, __NR_move_pages, __NR_migrate_pages, __NR_mbind, __NR_personality,
                /* the machine */
                __NR_reboot, __NR_swapon, __NR_swapoff, __NR_acct, __NR_quotactl, __NR_syslog, __NR_vhangup,
                __NR_settimeofday, __NR_clock_settime, __NR_adjtimex, __NR_clock_adjtime, __NR_sethostname,
                __NR_setdomainname,
#ifdef __NR_iopl
                __NR_iopl, __NR_ioperm, __NR_modify_ldt, __NR_uselib, __NR_ustat, __NR_sysfs, __NR__sysctl,
#endif
                -1};
        const uint64_t both = PROT_WRITE | PROT_EXEC;
        if (reading_in(dead, number))
                return READING_KILL;
        switch (number) {
        case __NR_keyctl:
        case __NR_add_key:
        case __NR_request_key:
                return EPERM;
        case __NR_clone3:
                return ENOSYS;
        case __NR_socket:
                return reading_socket(arguments[0]) == EAFNOSUPPORT ? EAFNOSUPPORT : READING_ALLOW;
        case __NR_mmap:
        case __NR_mprotect:
                return (arguments[2] & both) == both ? EPERM : READING_ALLOW;
        case __NR_clone:
                return (arguments[0] & (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                                        CLONE_NEWPID | CLONE_NEWNET)) != 0
                               ? EPERM
                               : READING_ALLOW;
        default:
                return READING_ALLOW;
        }
}

static inline int reading(const struct process_policy *policy, int number, const uint64_t *arguments, int pid)
{
        return policy->syscalls != NULL ? reading_clerk(policy, number, arguments, pid)
                                        : reading_hand(number, arguments);
}

#endif
