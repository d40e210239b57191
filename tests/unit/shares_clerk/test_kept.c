/* What stands in a folder, followed by names, is what reading all of it would find.
 * Rights: none; a folder of its own. */
#include "base/mem.h"
#include "daemons/shares/clerk/kept.h"
#include "tests/unit/shares_clerk/machine.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys/file.h"
#include <cmocka.h>

struct word {
        char text[32];
};

static bool read_word(const char *name, char *text, const struct kept_file *file, void *ret_one)
{
        struct word *word = ret_one;
        (void)file;
        snprintf(word->text, sizeof(word->text), "%s %s", name, text);
        return strcmp(text, "nonsense") != 0;
}

static const char *title(const void *one)
{
        return ((const struct word *)one)->text;
}

#define KEPT                                                                                                           \
        {                                                                                                              \
                .what = "word", .most = 100, .size = sizeof(struct word), .read = read_word, .title = title,           \
                .folder = -1                                                                                           \
        }
static struct kept followed = KEPT, whole = KEPT;
static char path[] = "/tmp/kept-XXXXXX";
static int folder = -1;

static int begin(void **state)
{
        (void)state;
        assert_non_null(mkdtemp(path));
        folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        kept_prepare(&followed, folder);
        kept_touched(NULL);
        kept_reload(&followed);
        whole.folder = folder; /* told of nothing, so it reads all each time */
        return 0;
}

static int end(void **state)
{
        (void)state;
        close(folder);
        return rmdir(path);
}

static void put(const char *name, const char *text)
{
        assert_int_equal(file_put(folder, name, text, strlen(text), 0600), 0);
}

static void same(void)
{
        kept_reload(&followed);
        kept_reload(&whole);
        assert_int_equal(followed.file_count, whole.file_count);
        for (size_t i = 0; i < whole.file_count; i++)
                assert_string_equal(followed.files[i].name, whole.files[i].name);
        assert_int_equal(followed.count, whole.count);
        for (size_t i = 0; i < whole.count; i++)
                assert_string_equal(title(followed.list[i]), title(whole.list[i]));
}

static void nothing_is_read_that_was_not_named(void **state)
{
        (void)state;
        put("b", "one");
        kept_touched("b");
        same();
        put("b", "two");
        kept_reload(&followed);
        assert_string_equal(title(followed.list[0]), "b one");
        kept_touched("b");
        same();
        kept_touched(".hidden");
        kept_touched("never there");
        same();
        unlinkat(folder, "b", 0);
        kept_touched("b");
        same();
        assert_int_equal(followed.count, 0);
}

/* Files come, change, make no sense and go, so many at a time that names overflow now and then. */
static void followed_through_everything(void **state)
{
        (void)state;
        unsigned seed = 7;
        for (int turn = 0; turn < 400; turn++) {
                const int changes = rand_r(&seed) % 20;
                for (int i = 0; i < changes; i++) {
                        char name[8], text[16];
                        snprintf(name, sizeof(name), "%c%d", 'a' + rand_r(&seed) % 4, rand_r(&seed) % 10);
                        snprintf(text, sizeof(text), rand_r(&seed) % 5 == 0 ? "nonsense" : "%d", rand_r(&seed) % 100);
                        if (rand_r(&seed) % 3 == 0)
                                unlinkat(folder, name, 0);
                        else
                                put(name, text);
                        kept_touched(name);
                }
                same();
        }
        for (char name[3] = "a0"; name[0] < 'e'; name[0]++)
                for (name[1] = '0'; name[1] <= '9'; name[1]++)
                        unlinkat(folder, name, 0);
        kept_touched(NULL);
        same();
        assert_int_equal(followed.file_count, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_read_that_was_not_named),
                                           cmocka_unit_test(followed_through_everything)};
        return cmocka_run_group_tests(tests, begin, end);
}
