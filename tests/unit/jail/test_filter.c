/* The filter's program, run by a small interpreter of our own on every number and many arguments, against the second
 * reading of the policies (tests/lib/reading.h).
 * Rights: none. */
#include "base/mem.h"
#include "jail/jail_parts.h"
#include "policy/policies.h"
#include "tests/lib/reading.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#if defined(__x86_64__)
#define NATIVE  AUDIT_ARCH_X86_64
#define FOREIGN AUDIT_ARCH_I386
#else
#define NATIVE  AUDIT_ARCH_AARCH64
#define FOREIGN AUDIT_ARCH_ARM
#endif

enum { PROGRAM_MAX = 8192, NUMBERS = 1100, CLERK_CALLS_MAX = 60 };

struct program {
        struct sock_filter code[PROGRAM_MAX];
        size_t length;
};

static void load(const struct process_policy *policy, struct program *program)
{
        struct failure failure = {0};
        struct filter *filter = filter_new(policy, &failure);
        assert_non_null(filter);
        int fd = memfd_create("filter", MFD_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(filter_export(filter, fd), 0);
        ssize_t bytes = pread(fd, program->code, sizeof(program->code), 0);
        assert_true(bytes > 0 && bytes < (ssize_t)sizeof(program->code));
        program->length = (size_t)bytes / sizeof(program->code[0]);
        close(fd);
        filter_free(filter);
}

static bool jumps(uint16_t operation, uint32_t a, uint32_t k)
{
        switch (operation) {
        case BPF_JEQ:
                return a == k;
        case BPF_JGT:
                return a > k;
        case BPF_JGE:
                return a >= k;
        case BPF_JSET:
                return (a & k) != 0;
        default:
                fail_msg("jump %u", operation);
                return false;
        }
}

/* Classic BPF, as much of it as seccomp programs use. */
static uint32_t interpret(const struct program *program, const struct seccomp_data *data)
{
        uint32_t a = 0;
        for (size_t at = 0; at < program->length; at++) {
                const struct sock_filter *op = &program->code[at];
                switch (BPF_CLASS(op->code)) {
                case BPF_LD:
                        assert_true(op->k + 4 <= sizeof(*data));
                        memcpy(&a, (const uint8_t *)data + op->k, 4);
                        break;
                case BPF_ALU:
                        assert_int_equal(BPF_OP(op->code), BPF_AND);
                        a &= op->k;
                        break;
                case BPF_JMP:
                        at += BPF_OP(op->code) == BPF_JA ? op->k : jumps(BPF_OP(op->code), a, op->k) ? op->jt : op->jf;
                        break;
                case BPF_RET:
                        return op->k;
                default:
                        fail_msg("instruction %u", op->code);
                }
        }
        fail_msg("ran past the end");
        return 0;
}

static uint32_t action(int reading)
{
        return reading == READING_ALLOW  ? SECCOMP_RET_ALLOW
               : reading == READING_KILL ? SECCOMP_RET_KILL_PROCESS
                                         : SECCOMP_RET_ERRNO | (uint32_t)reading;
}

static uint64_t some(unsigned round)
{
        static const uint64_t edges[] = {
                0,          1,        2,        3,    4,          6,          7,          10,
                16,         40,       63,       64,   UINT32_MAX, UINT64_MAX, 1ULL << 32, (1ULL << 32) + 1,
                0x80000000, 0x400000, 02000000, 0100, 01000};
        if (round < ARRAY_SIZE(edges))
                return edges[round];
        return ((uint64_t)(unsigned)random() << 32) ^ ((uint64_t)(unsigned)random() << (round % 17));
}

static void check_policy(const struct process_policy *policy)
{
        static struct program program;
        load(policy, &program);
        for (int number = 0; number < NUMBERS; number++) {
                for (unsigned round = 0; round < 60; round++) {
                        struct seccomp_data data = {.nr = number, .arch = NATIVE};
                        for (size_t i = 0; i < 6; i++)
                                data.args[i] = some(i == round % 3 ? round : round % 13);
                        uint64_t arguments[6];
                        memcpy(arguments, data.args, sizeof(arguments));
                        uint32_t wanted = action(reading(policy, number, arguments, getpid()));
                        if (interpret(&program, &data) != wanted)
                                fail_msg("%s: call %d (%#llx, %#llx, %#llx): %#x, should be %#x", policy->name, number,
                                         data.args[0], data.args[1], data.args[2], interpret(&program, &data), wanted);
                }
                struct seccomp_data foreign = {.nr = number, .arch = FOREIGN};
                assert_int_equal(interpret(&program, &foreign), SECCOMP_RET_KILL_PROCESS);
#if defined(__x86_64__)
                struct seccomp_data x32 = {.nr = number | 0x40000000, .arch = NATIVE};
                assert_int_equal(interpret(&program, &x32), SECCOMP_RET_KILL_PROCESS);
#endif
        }
}

static void programs_are_the_policies(void **state)
{
        (void)state;
        srandom(7);
        for (size_t i = 0; policies[i] != NULL; i++)
                check_policy(policies[i]);
}

/* Every flag of openat and mmap alone, and every family: what a clerk may not is refused whatever else is set. */
static void arguments_are_narrowed(void **state)
{
        (void)state;
        static struct program program;
        load(&policy_users_clerk, &program);
        static const int numbers[] = {__NR_socket, __NR_mmap, __NR_mprotect, __NR_openat};
        for (size_t n = 0; n < ARRAY_SIZE(numbers); n++)
                for (uint64_t low = 0; low < 70; low++)
                        for (unsigned bit = 0; bit < 64; bit++) {
                                uint64_t value = low ^ 1ULL << bit;
                                struct seccomp_data data = {
                                        .nr = numbers[n], .arch = NATIVE, .args = {value, 0, value}};
                                uint64_t arguments[6] = {value, 0, value};
                                int wanted = reading(&policy_users_clerk, numbers[n], arguments, getpid());
                                assert_int_equal(interpret(&program, &data), action(wanted));
                        }
}

static void clerks_are_small(void **state)
{
        (void)state;
        static const int impossible[] = {
                __NR_execve,       __NR_execveat, __NR_clone,     __NR_clone3,      __NR_ptrace,
                __NR_mount,        __NR_setuid,   __NR_setresuid, __NR_capset,      __NR_kill,
                __NR_bind,         __NR_listen,   __NR_chdir,     __NR_unlinkat,    __NR_renameat2,
                __NR_mkdirat,      __NR_fchmod,   __NR_fchown,    __NR_ftruncate,   __NR_prctl,
                __NR_seccomp,      __NR_bpf,      __NR_setns,     __NR_pidfd_getfd, __NR_process_vm_readv,
                __NR_memfd_create, __NR_ioctl};
        for (size_t i = 0; policies[i] != NULL; i++) {
                if (policies[i]->kind == PROCESS_HAND)
                        continue;
                unsigned count = 0;
                bool seen[NUMBERS] = {false};
                for (const struct syscall_group *const *group = policies[i]->syscalls; *group != NULL; group++) {
                        assert_true(strlen((*group)->why) > 10);
                        for (const int *number = (*group)->numbers; *number >= 0; number++, count++) {
                                assert_in_range(*number, 0, NUMBERS - 1);
                                assert_false(seen[*number]);
                                seen[*number] = true;
                        }
                }
                assert_true(count <= CLERK_CALLS_MAX);
                for (size_t n = 0; n < ARRAY_SIZE(impossible); n++)
                        assert_false(seen[impossible[n]]);
                assert_null(policies[i]->capabilities);
                assert_string_equal(policies[i]->families, "AF_UNIX");
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(programs_are_the_policies),
                cmocka_unit_test(arguments_are_narrowed),
                cmocka_unit_test(clerks_are_small),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
