/* Whose a module's folder is.
 * Rights: none; a folder under /tmp. */
#include "base/mem.h"
#include "sys/file.h"
#include "sys/modules.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct {
        char path[64];
        int folder;
} t;

static void make(const char *name, mode_t mode)
{
        int fd = openat(t.folder, name, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
        assert_true(fd >= 0 && fchmod(fd, mode) == 0);
        close(fd);
}

/* What is wrong with it, or "". */
static const char *judged(uid_t owner)
{
        static struct failure failure;
        failure = (struct failure){0};
        return module_judge(t.folder, "toy", owner, &failure) == 0 ? "" : failure.message;
}

static void is_wrong(const char *part)
{
        const char *said = judged(getuid());
        if (!strstr(said, part))
                fail_msg("\"%s\" is not in \"%s\"", part, said);
}

static int begin(void **state)
{
        (void)state;
        snprintf(t.path, sizeof(t.path), "/tmp/bulkhead-module-XXXXXX");
        assert_non_null(mkdtemp(t.path));
        assert_int_equal(chmod(t.path, 0755), 0);
        t.folder = open(t.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        make("module.toy.varlink", 0644);
        make("program", 0755);
        assert_int_equal(mkdirat(t.folder, "views", 0755), 0);
        make("views/toy.json", 0644);
        return 0;
}

static int end(void **state)
{
        (void)state;
        static const char *const names[] = {"module.toy.varlink", "program", "views/toy.json",
                                            "views/link",         "link",    "pipe"};
        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                (void)unlinkat(t.folder, names[i], 0);
        (void)unlinkat(t.folder, "views", AT_REMOVEDIR);
        close(t.folder);
        return rmdir(t.path);
}

static void whole_and_mine(void **state)
{
        (void)state;
        assert_string_equal(judged(getuid()), "");
        assert_string_not_equal(judged(getuid() + 1), ""); /* somebody else's */
}

static void nobody_else_may_write(void **state)
{
        (void)state;
        make("views/toy.json", 0664);
        is_wrong("views/toy.json can be written by others");
        make("views/toy.json", 0646);
        is_wrong("views/toy.json can be written by others");
        make("views/toy.json", 0644);
        assert_int_equal(chmod(t.path, 0775), 0);
        is_wrong("toy can be written by others");
}

static void nothing_but_files_and_folders(void **state)
{
        (void)state;
        assert_int_equal(symlinkat("/etc/passwd", t.folder, "views/link"), 0);
        is_wrong("views/link is no plain file");
        assert_int_equal(unlinkat(t.folder, "views/link", 0), 0);
        assert_int_equal(mkfifoat(t.folder, "pipe", 0644), 0);
        is_wrong("pipe is no plain file");
}

static void what_must_be_there(void **state)
{
        (void)state;
        make("program", 0644);
        is_wrong("There is no program in it that everybody may run");
        assert_int_equal(unlinkat(t.folder, "program", 0), 0);
        is_wrong("There is no program");
        make("program", 0755);
        make("module.toy.varlink", 0600);
        is_wrong("There is no module.toy.varlink in it that everybody may read");
}

static void names(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        make("link", 0644);
        const char *const *found = modules_in(arena, t.path);
        assert_string_equal(found[0],
                            "link"); /* names that can be a module's, in their order; not module.toy.varlink */
        assert_string_equal(found[1], "program");
        assert_string_equal(found[2], "views");
        assert_null(found[3]);
        assert_null(modules_in(arena, "/nowhere")[0]);
        static const char *const none[] = {"", "x", "..", "../etc", "Toy", "toy.x", "a-b", "no such one"};
        for (size_t i = 0; i < ARRAY_SIZE(none); i++)
                assert_true(module_open(arena, none[i], NULL) < 0);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
        const struct CMUnitTest tests[] = {CASE(whole_and_mine), CASE(nobody_else_may_write),
                                           CASE(nothing_but_files_and_folders), CASE(what_must_be_there), CASE(names)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
