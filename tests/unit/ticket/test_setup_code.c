/* The set-up code in its file.
 * Rights: none; a folder below /tmp. */
#include "libnas/ticket/setup_code.h"

#include "sys/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <unistd.h>
#include <cmocka.h>

static void it_is_made_once_and_lies_there_as_it_is_shown(void **state)
{
        (void)state;
        char folder[] = "/tmp/bh-code-XXXXXX", first[CODE_SIZE], again[CODE_SIZE], file[CODE_SIZE + 1] = "";
        assert_non_null(mkdtemp(folder));
        int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_int_equal(setup_code_kept(fd, "code", first), 0);
        assert_int_equal(strlen(first), CODE_SIZE - 1);
        assert_int_equal(strspn(first, "abcdefghijklmnopqrstuvwxyz234567-"), CODE_SIZE - 1);
        assert_int_equal(setup_code_kept(fd, "code", again), 0);
        assert_string_equal(first, again);
        int code = openat(fd, "code", O_RDONLY | O_CLOEXEC);
        assert_int_equal(read(code, file, CODE_SIZE), CODE_SIZE - 1);
        assert_string_equal(file, first);
        close(code);
        assert_int_equal(file_put(fd, "code", "short", 5, 0600), 0); /* cut off: there is a new one */
        assert_int_equal(setup_code_kept(fd, "code", again), 0);
        assert_string_not_equal(first, again);
        assert_int_equal(file_remove(fd, "code"), 0);
        close(fd);
        assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(it_is_made_once_and_lies_there_as_it_is_shown)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
