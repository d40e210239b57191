/* What changes often is asked about one at a time, what changed meanwhile once more, and what failed again.
 * Rights: none. */
#include "tests/unit/shares_clerk/machine.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static unsigned asked;
static bool answers_at_once;
static struct following following;

static void ask(void)
{
        asked++;
        if (answers_at_once)
                following_ended(&following, true);
}

static int begin(void **state)
{
        (void)state;
        asked = 0;
        answers_at_once = false;
        following = (struct following){.ask = ask};
        return 0;
}

static void however_often_it_changes(void **state)
{
        (void)state;
        for (int i = 0; i < 500; i++)
                following_changed(&following);
        assert_int_equal(asked, 1);
        following_ended(&following, true); /* for what changed after it was asked */
        assert_int_equal(asked, 2);
        following_ended(&following, true);
        assert_int_equal(asked, 2);
        following_changed(&following);
        assert_int_equal(asked, 3);
}

static void answered_at_once(void **state)
{
        (void)state;
        answers_at_once = true;
        following_changed(&following);
        following_changed(&following);
        assert_int_equal(asked, 2);
        assert_false(following.under_way);
}

static void failed_is_asked_again(void **state)
{
        (void)state;
        following_changed(&following);
        following_changed(&following);
        following_ended(&following, false);
        assert_int_equal(asked, 1); /* not at once: it would fail again */
        fake_run_ms(2500);
        assert_int_equal(asked, 2);
        following_ended(&following, true);
        fake_run_ms(2500);
        assert_int_equal(asked, 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test_setup(however_often_it_changes, begin),
                                           cmocka_unit_test_setup(answered_at_once, begin),
                                           cmocka_unit_test_setup(failed_is_asked_again, begin)};
        return cmocka_run_group_tests(tests, fake_machine_start, fake_machine_stop);
}
