/* Cursors of long lists: what comes from outside is no more than a place, or none.
 * Rights: none. */
#include "daemons/storage/clerk/storage.h"

#include "base/mem.h"
#include "value/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void a_place_is_found_again(void **state)
{
        (void)state;
        static const uint64_t numbers[] = {0, 1, 257, UINT32_MAX, 1795274119000000, UINT64_MAX};
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
                for (size_t n = 0; n < ARRAY_SIZE(numbers); n++) {
                        const char *text = page_text(arena, numbers[i], numbers[n]);
                        const struct page_place place = page_read(text);
                        assert_true(value_is(&value_cursor, text, strlen(text)));
                        assert_true(place.set && place.first == numbers[i] && place.second == numbers[n]);
                }
}

static void what_is_no_cursor_is_the_beginning(void **state)
{
        (void)state;
        static const char *const wrong[] = {"", "A", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA", "=AAAAAAAAAAAAAAAAAAAAA"};
        assert_false(page_read(NULL).set);
        for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
                assert_false(page_read(wrong[i]).set);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(a_place_is_found_again),
                                           cmocka_unit_test(what_is_no_cursor_is_the_beginning)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
