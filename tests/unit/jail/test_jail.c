/* Landlock, the inspection and the proof, each in children that go behind the fences for real. What needs root to be
 * set up is skipped by name without it.
 * Rights: those of who runs the tests; as root, children become the user daemon. */
#include "base/mem.h"
#include "jail/jail.h"
#include "jail/jail_parts.h"
#include "policy/policies.h"
#include "policy/syscalls.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Runs the check in a child; the number of the line that was wrong, 0 when all was right, -signal when it died. */
static int in_child(int (*check)(void *context), void *context)
{
        fflush(NULL);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
                _exit(check(context));
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

#define MUST(condition)                                                                                                \
        do {                                                                                                           \
                if (!(condition))                                                                                      \
                        return __LINE__ % 250 + 1;                                                                     \
        } while (0)

/* --- Landlock --- */

struct folders {
        char top[64], readable[96], writable[96], closed[96];
};

static void folders_make(struct folders *folders)
{
        snprintf(folders->top, sizeof(folders->top), "/tmp/bulkhead-jail-XXXXXX");
        assert_non_null(mkdtemp(folders->top));
        snprintf(folders->readable, sizeof(folders->readable), "%s/readable", folders->top);
        snprintf(folders->writable, sizeof(folders->writable), "%s/writable", folders->top);
        snprintf(folders->closed, sizeof(folders->closed), "%s/closed", folders->top);
        const char *const all[] = {folders->readable, folders->writable, folders->closed};
        for (size_t i = 0; i < 3; i++) {
                char path[128];
                assert_int_equal(mkdir(all[i], 0777), 0);
                snprintf(path, sizeof(path), "%s/file", all[i]);
                int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
                assert_true(fd >= 0);
                close(fd);
        }
}

static void folders_remove(const struct folders *folders)
{
        static const char *const names[] = {"readable", "writable", "closed"};
        char path[160];
        for (size_t i = 0; i < 3; i++) {
                snprintf(path, sizeof(path), "%s/%s/file", folders->top, names[i]);
                unlink(path);
                snprintf(path, sizeof(path), "%s/%s/new", folders->top, names[i]);
                unlink(path);
                snprintf(path, sizeof(path), "%s/%s", folders->top, names[i]);
                rmdir(path);
        }
        assert_int_equal(rmdir(folders->top), 0);
}

static int opens(const char *folder, const char *name, int flags)
{
        char path[160];
        snprintf(path, sizeof(path), "%s/%s", folder, name);
        CLEANUP_FD int fd = open(path, flags | O_CLOEXEC, 0600);
        return fd < 0 ? errno : 0;
}

static int behind_landlock(void *context)
{
        const struct folders *folders = context;
        char missing[128];
        snprintf(missing, sizeof(missing), "%s/missing", folders->top);
        const struct process_path paths[] = {{folders->readable, PATH_READ, ""},
                                             {folders->writable, PATH_READ | PATH_WRITE, ""},
                                             {missing, PATH_READ, ""},
                                             {NULL, 0, NULL}};
        const struct process_policy policy = {.name = "test", .kind = PROCESS_CLERK, .paths = paths};
        int closed_fd = open(folders->closed, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
        MUST(landlock_enter(&policy, NULL) == 0);
        MUST(opens(folders->readable, "file", O_RDONLY) == 0);
        MUST(opens(folders->readable, "file", O_WRONLY) == EACCES);
        MUST(opens(folders->readable, "new", O_WRONLY | O_CREAT) == EACCES);
        MUST(opens(folders->writable, "file", O_RDWR) == 0);
        MUST(opens(folders->writable, "new", O_WRONLY | O_CREAT) == 0);
        MUST(opens(folders->closed, "file", O_RDONLY) == EACCES);
        MUST(opens(folders->readable, "../closed/file", O_RDONLY) == EACCES);
        MUST(openat(closed_fd, "file", O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES);
        MUST(opens("/etc", "passwd", O_RDONLY) == EACCES);
        char path[160], to[160];
        snprintf(path, sizeof(path), "%s/file", folders->writable);
        snprintf(to, sizeof(to), "%s/file", folders->readable);
        MUST(rename(path, to) < 0 && errno != 0);
        MUST(mknod(path, S_IFIFO | 0600, 0) < 0);
        char *const nothing[] = {NULL};
        MUST(execve("/usr/bin/true", nothing, nothing) < 0 && errno == EACCES);
        return 0;
}

static void landlock_closes_paths(void **state)
{
        (void)state;
        if (landlock_abi() == 0) {
                assert_non_null(jail_degraded());
                print_message("SKIP landlock_closes_paths: this kernel has no Landlock\n");
                skip();
        }
        assert_null(jail_degraded());
        struct folders folders;
        folders_make(&folders);
        int wrong = in_child(behind_landlock, &folders);
        folders_remove(&folders);
        assert_int_equal(wrong, 0);
}

/* --- inspection --- */

static const struct process_capability chown_only[] = {{CAP_CHOWN, "test"}, {-1, NULL}};

/* What the child is, beside what its policy says. */
struct being {
        struct process_policy policy;
        uint64_t capabilities;
        bool keep_bounding;
        const char *extra_group;
        int expected;
        const char *word; /* in the message */
};

static int become_daemon(const struct being *being)
{
        const struct passwd *user = getpwnam("daemon");
        gid_t groups[1];
        size_t count = 0;
        MUST(user != NULL);
        if (being->extra_group != NULL)
                groups[count++] = getgrnam(being->extra_group)->gr_gid;
        for (int c = 0; CAP_IS_SUPPORTED(c); c++)
                if (!being->keep_bounding && (being->capabilities >> c & 1) == 0)
                        MUST(cap_drop_bound(c) == 0);
        MUST(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0);
        MUST(setgroups(count, groups) == 0 && setresgid(user->pw_gid, user->pw_gid, user->pw_gid) == 0);
        MUST(setresuid(user->pw_uid, user->pw_uid, user->pw_uid) == 0);
        cap_t set = cap_init();
        for (int c = 0; CAP_IS_SUPPORTED(c); c++) {
                const cap_value_t value = c;
                for (int flag = CAP_EFFECTIVE; (being->capabilities >> c & 1) != 0 && flag <= CAP_INHERITABLE; flag++)
                        cap_set_flag(set, (cap_flag_t)flag, 1, &value, CAP_SET);
        }
        MUST(cap_set_proc(set) == 0);
        for (int c = 0; CAP_IS_SUPPORTED(c); c++)
                MUST((being->capabilities >> c & 1) == 0 || cap_set_ambient(c, CAP_SET) == 0);
        return 0;
}

/* A coverage build counts what a child did too, as long as it stands before the fences. */
extern void __gcov_dump(void) __attribute__((weak));

static int inspected(void *context)
{
        const struct being *being = context;
        struct failure failure = {0};
        int wrong = become_daemon(being);
        if (wrong != 0)
                return wrong;
        MUST(jail_inspect(&being->policy, &failure) == being->expected);
        MUST(being->expected == 0 || failure.code == FAILURE_FAILED);
        MUST(being->word == NULL || strstr(failure.message, being->word) != NULL);
        if (__gcov_dump != NULL)
                __gcov_dump();
        return 0;
}

static bool is_root(const char *test)
{
        if (geteuid() == 0)
                return true;
        print_message("SKIP %s: becomes other users, which needs root\n", test);
        return false;
}

static void inspection_finds_every_difference(void **state)
{
        (void)state;
        if (!is_root("inspection_finds_every_difference"))
                skip();
        const struct process_policy plain = {.name = "test", .user = "daemon", .group = "daemon"};
        struct process_policy with_chown = plain, other = plain, unknown = plain, root = plain, adm = plain;
        static const char *const groups[] = {"adm", NULL};
        with_chown.capabilities = chown_only;
        other.user = "bin";
        unknown.user = "nobody-has-this-name";
        root.user = "root";
        adm.groups = groups;
        const uint64_t chown_bit = UINT64_C(1) << CAP_CHOWN, kill_bit = UINT64_C(1) << CAP_KILL;
        struct being beings[] = {
                {plain, 0, false, NULL, 0, NULL},
                {with_chown, chown_bit, false, NULL, 0, NULL},
                {adm, 0, false, "adm", 0, NULL},
                {plain, chown_bit, false, NULL, -1, "cap_chown"},
                {plain, 0, true, NULL, -1, "bounding"},
                {with_chown, chown_bit | kill_bit, false, NULL, -1, "cap_kill"},
                {with_chown, 0, false, NULL, -1, "lacks cap_chown"},
                {other, 0, false, NULL, -1, "user"},
                {unknown, 0, false, NULL, -1, "not known"},
                {root, 0, false, NULL, -1, "root"},
                {plain, 0, false, "adm", -1, "group"},
                {adm, 0, false, NULL, -1, "adm"},
        };
        for (size_t i = 0; i < ARRAY_SIZE(beings); i++) {
                int wrong = in_child(inspected, &beings[i]);
                if (wrong != 0)
                        fail_msg("case %zu: line %d", i, wrong);
        }
}

/* --- the proof --- */

static const struct process_path some_paths[] = {{"/usr/share", PATH_READ, "test"}, {NULL, 0, NULL}};

SYSCALL_GROUP(calls_too_much, "A planted mistake: a clerk that may start programs", __NR_execve);
SYSCALL_GROUP(calls_identity_change, "A planted mistake: a clerk that may change its user", __NR_setuid);

static int proves(void *context)
{
        struct being *being = context;
        struct failure failure = {0};
        int wrong = geteuid() == 0 && being->policy.kind == PROCESS_HAND ? become_daemon(being) : 0;
        if (wrong != 0)
                return wrong;
        int result = jail_enter_and_prove(&being->policy, &failure);
        if (being->word != NULL)
                MUST(strstr(failure.message, being->word) != NULL);
        MUST(result == being->expected);
        return 0;
}

static void the_proof_holds_for_the_policies(void **state)
{
        (void)state;
        for (size_t i = 0; policies[i] != NULL; i++) {
                struct being being = {.policy = *policies[i], .expected = 0};
                int wrong = in_child(proves, &being);
                if (wrong != 0)
                        fail_msg("%s: %d", policies[i]->name, wrong);
        }
}

static void the_proof_finds_open_fences(void **state)
{
        (void)state;
        const struct syscall_group *execs[] = {
                &calls_memory, &calls_end, &calls_descriptors, &calls_sockets, &calls_files, &calls_too_much, NULL};
        const struct process_path everything[] = {{"/", PATH_READ | PATH_EXECUTE, "planted"}, {NULL, 0, NULL}};
        struct being exec = {.policy = policy_monitor_clerk, .expected = -1, .word = "execve is possible"};
        exec.policy.syscalls = execs;
        exec.policy.paths = everything;
        assert_int_equal(in_child(proves, &exec), 0);

        struct being path = {.policy = policy_monitor_clerk, .expected = -1, .word = "opening a path"};
        path.policy.paths = everything;
        if (landlock_abi() > 0)
                assert_int_equal(in_child(proves, &path), 0);

        if (!is_root("the_proof_finds_open_fences (setuid)"))
                return;
        const struct syscall_group *changes[] = {
                &calls_memory,          &calls_end, &calls_descriptors, &calls_sockets, &calls_files,
                &calls_identity_change, NULL};
        struct being user = {.policy = policy_monitor_clerk, .expected = -1, .word = "setuid(0) is possible"};
        user.policy.syscalls = changes;
        assert_int_equal(in_child(proves, &user), 0);
}

/* Behind its fences a clerk can still do its work, and nothing it may not. */
static int behind_fences(void *context)
{
        const struct process_policy *policy = context;
        if (jail_enter(policy, NULL) < 0)
                return 1;
        char *memory = malloc(1 << 20);
        if (memory == NULL || opens("/usr/share", ".", O_RDONLY | O_DIRECTORY) != 0)
                return 2;
        memset(memory, 1, 1 << 20);
        if (opens("/usr/share", "new", O_WRONLY | O_CREAT) != EPERM || opens("/etc", "passwd", O_RDONLY) != EACCES)
                return 3;
        kill(getppid(), 0);
        return 4;
}

static void a_forbidden_call_kills(void **state)
{
        (void)state;
        struct process_policy policy = policy_monitor_clerk;
        policy.paths = some_paths;
        assert_int_equal(in_child(behind_fences, &policy), -SIGSYS);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(landlock_closes_paths),
                cmocka_unit_test(inspection_finds_every_difference),
                cmocka_unit_test(the_proof_holds_for_the_policies),
                cmocka_unit_test(the_proof_finds_open_fences),
                cmocka_unit_test(a_forbidden_call_kills),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
