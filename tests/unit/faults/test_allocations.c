/* Every allocation fails once: whoever reads what a stranger sent either ends with the words that say so, or gives an
 * error; it never crashes and never takes half of a thing. Ours fail by mem_fail_at, json-c's by a malloc of our own.
 * Rights: none; starts children of itself. */
#include "base/arena.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "ipc/compiler/idl.h"
#include "json/json.h"
#include "nas_users.h"
#include "plan/plan.h"
#include "plan/record.h"
#include "policy/policies.h"
#include "ticket/trust.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { CHILD_GOOD = 0, CHILD_FATAL = 1, CHILD_ERROR = 3, CHILD_WRONG = 4, SAID_BYTES = 4096 };

#if !defined(__SANITIZE_ADDRESS__)
#define OWN_MALLOC 1
/* libc's own names for them; what is defined here is what json-c gets too. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static unsigned long foreign, foreign_fails_at;

static bool fails(void)
{
        return ++foreign == foreign_fails_at;
}

void *malloc(size_t size)
{
        return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
        return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
        return fails() ? NULL : __libc_realloc(old, size);
}
#endif

#define DOCUMENT                                                                                                       \
        "{\"users\":[{\"id\":20001,\"username\":\"alice\",\"role\":\"user\",\"enabled\":true,\"shell\":false,"         \
        "\"groups\":[\"family\"]}],\"database\":true}"

/* Each does its work and checks it; 0, or -1 for an error that was told. */
static int reads_json(void)
{
        struct failure failure = {0};
        CLEANUP(json_freep) struct json *value = json_parse(DOCUMENT, strlen(DOCUMENT), &failure);
        if (value == NULL)
                return -1;
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        json_out_value(out, value);
        if (strcmp(json_out_bytes(out, NULL), DOCUMENT) != 0)
                _exit(CHILD_WRONG);
        return 0;
}

static int patches(void)
{
        static const char before[] = "[{\"id\":1},{\"id\":2,\"x\":1}]", after[] = "[{\"id\":2,\"x\":2},{\"id\":3}]";
        static const char patch[] =
                "[{\"op\":\"remove\",\"path\":\"/0\"},{\"op\":\"replace\",\"path\":\"/0/x\",\"value\":2},"
                "{\"op\":\"add\",\"path\":\"/1\",\"value\":{\"id\":3}}]";
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        if (json_patch(before, strlen(before), after, strlen(after), out) != 0)
                return -1;
        if (strcmp(json_out_bytes(out, NULL), patch) != 0)
                _exit(CHILD_WRONG);
        return 0;
}

static int plans(void)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct plan *plan = plan_new(arena, &users_operations);
        struct failure failure;
        size_t length;
        for (int i = 0; i < 20; i++)
                if (plan_step(plan, &failure, USERS_GROUP_MAKE, "family", "20001", NULL) != 0)
                        return -1;
        plan_seal(plan, (const uint8_t[32]){1});
        const uint8_t *bytes = plan_encode(plan, arena, &length);
        struct request request = {.kind = RECORD_EXECUTE, .ticket = "", .warrant = "", .plan = bytes}, read;
        request.plan_length = length;
        bytes = request_encode(&request, arena, &length);
        if (request_decode(arena, bytes, length, &read) != 0)
                _exit(CHILD_WRONG);
        plan = plan_decode(arena, read.plan, read.plan_length, &failure);
        return plan != NULL && plan->count == 20 ? 0 : -1;
}

static int trusts(void)
{
        struct trust_epoch epochs[] = {{20001, 1}};
        struct trust_content content = {.key_count = 1, .epoch_count = 1, .epochs = epochs};
        size_t length;
        uint8_t *bytes = trust_write(&content, &length);
        struct trust_content *read = trust_parse(bytes, length);
        bool good = read != NULL && trust_epoch_of(read, 20001) == 1;
        trust_content_free(read);
        free(bytes);
        return good ? 0 : -1;
}

static int reads_answers(void)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct failure failure = {0};
        CLEANUP(json_freep) struct json *value = json_parse(DOCUMENT, strlen(DOCUMENT), &failure);
        struct nas_users_list_users_out out;
        if (value == NULL || nas_users_list_users_out_read(value, arena, &out, &failure) != 0)
                return -1;
        if (out.users_count != 1 || strcmp(out.users[0].username, "alice") != 0)
                _exit(CHILD_WRONG);
        return 0;
}

static int reads_contracts(void)
{
        static const char contract[] =
                "interface nas.try\n# A thing.\ntype T (\n  # @max 9\n  a: string,\n  b: ?[]int\n)\n"
                "# @role viewer\nmethod M() -> (t: T)\n";
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        char message[256];
        return idl_parse(arena, "try", contract, strlen(contract), message) != NULL ? 0 : -1;
}

/* What a child counted, seen by its parent. */
static struct counted {
        unsigned long ours, all;
} * counted;

static int child(int (*work)(void), unsigned long ours, unsigned long theirs, char said[SAID_BYTES])
{
        (void)theirs;
        int pipe_fds[2], status = 0;
        size_t length = 0;
        assert_int_equal(pipe(pipe_fds), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                struct rlimit no_core = {0, 0};
                setrlimit(RLIMIT_CORE, &no_core);
                signal(SIGABRT, SIG_DFL);
                signal(SIGSEGV, SIG_DFL);
                dup2(pipe_fds[1], STDERR_FILENO);
                mem_fail_at(ours);
#ifdef OWN_MALLOC
                foreign_fails_at = theirs == 0 ? 0 : foreign + theirs;
#endif
                unsigned long ours_before = mem_count();
                int result = work();
                counted->ours = mem_count() - ours_before;
#ifdef OWN_MALLOC
                counted->all = foreign - (foreign_fails_at - theirs);
#endif
                _exit(result == 0 ? CHILD_GOOD : CHILD_ERROR);
        }
        close(pipe_fds[1]);
        for (ssize_t got;
             length + 1 < SAID_BYTES && (got = read(pipe_fds[0], said + length, SAID_BYTES - length - 1)) > 0;)
                length += (size_t)got;
        said[length] = '\0';
        close(pipe_fds[0]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* Fails the first, the second ... of all that the work asks for when nothing fails. */
static void every(int (*work)(void), const char *name, bool theirs)
{
        char said[SAID_BYTES];
        assert_int_equal(child(work, 0, 1000000, said), CHILD_GOOD);
        if (theirs && counted->all == 0)
                skip(); /* under valgrind, whose own malloc comes first */
        unsigned long count = theirs ? counted->all : counted->ours, fatal = 0, error = 0;
        for (unsigned long nth = 1; nth <= count; nth++) {
                int result = child(work, theirs ? 0 : nth, theirs ? nth : 0, said);
                if (result == CHILD_FATAL && strstr(said, "out of memory") != NULL)
                        fatal++;
                else if (theirs && result == CHILD_ERROR)
                        error++;
                else if (!theirs || result != CHILD_GOOD) /* a library may do without */
                        fail_msg("%s, allocation %lu of %s: ended with %d: %s", name, nth, theirs ? "all" : "ours",
                                 result, said);
        }
        print_message("%s: %lu failures of %s: %lu ends, %lu errors\n", name, count, theirs ? "all" : "ours", fatal,
                      error);
        assert_true(count > 1 && fatal + error > 0);
}

#define SCENARIO(work)                                                                                                 \
        static void work##_with_our_failures(void **state)                                                             \
        {                                                                                                              \
                (void)state;                                                                                           \
                every(work, #work, false);                                                                             \
        }                                                                                                              \
        static void work##_with_all_failures(void **state)                                                             \
        {                                                                                                              \
                (void)state;                                                                                           \
                if (!HAS_OWN_MALLOC)                                                                                   \
                        skip();                                                                                        \
                every(work, #work, true);                                                                              \
        }
#ifdef OWN_MALLOC
#define HAS_OWN_MALLOC 1
#else
#define HAS_OWN_MALLOC 0 /* the sanitizer has its own */
#endif

SCENARIO(reads_json)
SCENARIO(patches)
SCENARIO(plans)
SCENARIO(trusts)
SCENARIO(reads_answers)
SCENARIO(reads_contracts)

#define BOTH(work) cmocka_unit_test(work##_with_our_failures), cmocka_unit_test(work##_with_all_failures)

int main(void)
{
        const struct CMUnitTest tests[] = {
                BOTH(reads_json), BOTH(patches), BOTH(plans), BOTH(trusts), BOTH(reads_answers), BOTH(reads_contracts),
        };
        crypto_start();
        counted = mmap(NULL, sizeof *counted, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (counted == MAP_FAILED)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
