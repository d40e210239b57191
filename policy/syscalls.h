/* The system calls that clerks share, in small groups, each with its reason. A clerk's policy lists the groups it
 * needs; libnas/jail builds the filter from them. At most 60 calls in all (tests/unit/jail checks). Names that an
 * architecture lacks are left out. Some calls are narrowed further by their arguments: the table is in
 * libnas/jail/filter.c, next to what happens to calls that are not listed. */
#ifndef BULKHEAD_POLICY_SYSCALLS_H
#define BULKHEAD_POLICY_SYSCALLS_H

#include "jail/process.h"

#include <sys/syscall.h>

#define SYSCALL_GROUP(name, reason, ...)                                                                               \
        static const int name##_numbers[] = {__VA_ARGS__, -1};                                                         \
        static const struct syscall_group name = {.why = reason, .numbers = name##_numbers}

#ifdef __NR_epoll_wait
#define LEGACY_EPOLL __NR_epoll_wait,
#define LEGACY_POLL  __NR_poll,
#else
#define LEGACY_EPOLL
#define LEGACY_POLL
#endif
#ifdef __NR_time
#define LEGACY_TIME __NR_time,
#else
#define LEGACY_TIME
#endif

SYSCALL_GROUP(calls_memory, "Memory for requests; never executable", __NR_brk, __NR_mmap, __NR_munmap, __NR_mremap,
              __NR_mprotect, __NR_madvise);
SYSCALL_GROUP(calls_end, "To end, and to abort when an invariant of our own is broken", __NR_exit, __NR_exit_group,
              __NR_tgkill, __NR_getpid, __NR_gettid);
SYSCALL_GROUP(calls_signals, "To be asked to stop, and to go on after a signal", __NR_rt_sigaction, __NR_rt_sigprocmask,
              __NR_rt_sigreturn, __NR_restart_syscall);
SYSCALL_GROUP(
        calls_time,
        "Time where the kernel gives none without a call (no steady counter: HPET, emulation), and randomness for "
        "request ids",
        __NR_clock_gettime, __NR_gettimeofday, LEGACY_TIME __NR_getrandom);
SYSCALL_GROUP(calls_loop, "The event loop: wait for descriptors and timers; made before the fences close",
              LEGACY_EPOLL __NR_epoll_pwait, __NR_epoll_ctl, LEGACY_POLL __NR_ppoll);
SYSCALL_GROUP(calls_descriptors, "Read, write and close what is open", __NR_read, __NR_write, __NR_writev, __NR_close,
              __NR_fcntl, __NR_lseek, __NR_pread64);
SYSCALL_GROUP(calls_sockets, "Clients, the hand, PostgreSQL and the journal, all over Unix sockets", __NR_socket,
              __NR_connect, __NR_accept4, __NR_sendto, __NR_sendmsg, __NR_recvfrom, __NR_recvmsg, __NR_shutdown,
              __NR_getsockopt, __NR_setsockopt, __NR_getsockname, __NR_pipe2);
SYSCALL_GROUP(calls_files,
              "Read published files (revocations, accounts); openat never for writing, Landlock says where",
              __NR_openat, __NR_openat2, __NR_fstat, __NR_newfstatat, __NR_getdents64);
SYSCALL_GROUP(calls_send_files, "Pages and downloads go from the file to the socket without a copy", __NR_sendfile);
SYSCALL_GROUP(calls_identity, "libpq asks as whom it connects", __NR_geteuid);
SYSCALL_GROUP(calls_locks, "libc's and libpq's own locks; sorting asks for the size of memory", __NR_futex,
              __NR_sysinfo);

/* Of hands that run no tools. */
SYSCALL_GROUP(calls_hand, "Its clerk's records, one at a time", __NR_accept4, __NR_recvfrom, __NR_recvmsg, __NR_sendmsg,
              __NR_sendto, __NR_getsockopt, __NR_socket, __NR_connect);
SYSCALL_GROUP(calls_replace, "Journal, spent warrants and what it publishes: written, synced, renamed, removed",
              __NR_pwrite64, __NR_fallocate, __NR_ftruncate, __NR_fchmod, __NR_fsync, __NR_fdatasync, __NR_renameat,
              __NR_unlinkat, __NR_faccessat, __NR_faccessat2);

#endif
