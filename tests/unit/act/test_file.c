/* Files that a hand renders (ACT_FILE): judged before they are put in place, taken into use afterwards, put back as
 * they were; and removed. A hand of the test's own, whose policy has a folder of the test's. Rights: none; files under
 * /tmp. */
#include "act/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

enum { PUT, DROP, OPERATIONS };
static char path[64];
static struct operation list[OPERATIONS] = {
        [PUT] = {.name = "put",
                 .says = "",
                 .params = {"name:label", "line:label*"},
                 .act = ACT_FILE,
                 .lines = "# {name}\n\t{line}",
                 .check = "judge",
                 .call = "take"},
        [DROP] = {.name = "drop", .says = "", .params = {"name:label"}, .act = ACT_FILE, .call = "take"},
};
static const struct operations operations = {.hand = "test", .list = list, .count = OPERATIONS};

static struct {
        struct arena *arena;
        char top[32];
        int folder, journals;
        struct act_hand act;
        bool refuses, fails; /* the judge; whoever takes it into use */
        char judged[256];    /* what the judge was shown */
        char taken[16][64];  /* the file each time when it was taken into use; "-": there was none */
        unsigned times;
} t;

static const char *text_of(const char *name)
{
        uint8_t *bytes = NULL;
        size_t length = 0;
        if (file_read_below(t.folder, name, 1000, &bytes, &length) != 0)
                return "-";
        const char *text = arena_text(t.arena, (const char *)bytes, length);
        free(bytes);
        return text;
}

static int judge(struct act_context *context, struct failure *failure)
{
        assert_int_equal(strncmp(context->candidate, t.top, strlen(t.top)), 0);
        snprintf(t.judged, sizeof(t.judged), "%s", text_of(context->candidate + strlen(t.top) + 1));
        return t.refuses ? failure_set(failure, FAILURE_FAILED, "", "", "No.") : 0;
}

static int take(struct act_context *context, struct failure *failure)
{
        snprintf(t.taken[t.times++ % ARRAY_SIZE(t.taken)], sizeof(t.taken[0]), "%s",
                 text_of(act_text(context, "name")));
        return t.fails && !context->undoing ? failure_set(failure, FAILURE_FAILED, "", "", "Not taken.") : 0;
}

static const struct act_binding bindings[] = {{"judge", judge}, {"take", take}, {NULL, NULL}};
static const struct hand hand = {.operations = &operations, .bindings = bindings};

static int set_up(void **state)
{
        (void)state;
        t.arena = arena_new();
        snprintf(t.top, sizeof(t.top), "/tmp/act_file-XXXXXX");
        assert_non_null(mkdtemp(t.top));
        snprintf(path, sizeof(path), "%s/{name}", t.top);
        list[PUT].path = list[DROP].path = path;
        t.folder = open(t.top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_int_equal(mkdirat(t.folder, ".journals", 0700), 0);
        t.journals = openat(t.folder, ".journals", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        t.act = (struct act_hand){.hand = &hand, .journals = t.journals, .null_fd = -1};
        t.refuses = t.fails = false;
        t.times = 0;
        t.judged[0] = '\0';
        return 0;
}

static void empty(int folder)
{
        CLEANUP(listing_closep) DIR *listing = file_list(folder);
        for (struct dirent *entry; (entry = readdir(listing));)
                unlinkat(folder, entry->d_name, 0);
}

static int tear_down(void **state)
{
        (void)state;
        empty(t.journals);
        empty(t.folder);
        unlinkat(t.folder, ".journals", AT_REMOVEDIR);
        close(t.journals);
        close(t.folder);
        arena_free(t.arena);
        return rmdir(t.top);
}

struct run {
        struct journal_file journal;
        struct act_context work;
};

/* A plan of one step, under way. */
static struct run *begin(uint16_t operation, const char *name, const char *line, uint8_t id)
{
        struct run *run = arena_alloc(t.arena, sizeof(*run));
        struct plan *plan = plan_new(t.arena, &operations);
        assert_int_equal(plan_step(plan, NULL, operation, name, line, NULL), 0);
        /* As it is once its head is written: no policy in the tree has this test's operations to read it with. */
        run->journal = (struct journal_file){.directory = t.journals, .name = arena_printf(t.arena, "%032x", id)};
        run->journal.fd = file_open_below(t.journals, run->journal.name, O_RDWR | O_CREAT | O_EXCL, 0600);
        assert_true(run->journal.fd >= 0);
        run->journal.journal.plan = plan;
        run->journal.journal.steps = arena_array(t.arena, plan->count, sizeof(*run->journal.journal.steps));
        run->work = work_begin(&t.act, t.arena, NULL, -1, &run->journal);
        return run;
}

static int perform(struct run *run)
{
        return step_do(&run->work, 0, &run->journal.journal.plan->steps[0], NULL);
}

static void put_before(const char *name, const char *text, mode_t mode)
{
        assert_int_equal(file_put(t.folder, name, text, strlen(text), mode), 0);
}

static void judged_put_and_taken(void **state)
{
        (void)state;
        assert_int_equal(perform(begin(PUT, "one", "a = b", 1)), 0);
        assert_string_equal(t.judged, "# one\n\ta = b\n");
        assert_string_equal(text_of("one"), "# one\n\ta = b\n");
        assert_int_equal(t.times, 1);
        assert_string_equal(t.taken[0], "# one\n\ta = b\n"); /* it stood there by then */
        assert_string_equal(text_of(".candidate"), "-");
}

static void what_is_refused_changes_nothing(void **state)
{
        (void)state;
        put_before("one", "before\n", 0640);
        t.refuses = true;
        struct run *run = begin(PUT, "one", "a = b", 1);
        assert_int_equal(perform(run), -1);
        assert_string_equal(t.judged, "# one\n\ta = b\n");
        assert_string_equal(text_of("one"), "before\n");
        assert_string_equal(text_of(".candidate"), "-");
        assert_int_equal(t.times, 0);
        assert_true(steps_back(&run->work)); /* which leaves it, too */
        assert_string_equal(text_of("one"), "before\n");
        assert_int_equal(t.times, 0); /* and tells nobody: what they were told besides is not in the file */
}

static void what_is_not_taken_is_put_back(void **state)
{
        (void)state;
        put_before("one", "before\n", 0644);
        t.fails = true;
        struct run *run = begin(PUT, "one", "a = b", 1);
        assert_int_equal(perform(run), -1);
        assert_string_equal(text_of("one"), "# one\n\ta = b\n");
        assert_true(steps_back(&run->work));
        assert_string_equal(text_of("one"), "before\n");
        assert_int_equal(t.times, 2);
        assert_string_equal(t.taken[1], "before\n"); /* and what was there is in use again */
        run = begin(PUT, "two", "a = b", 2);
        assert_int_equal(perform(run), -1);
        assert_true(steps_back(&run->work));
        assert_string_equal(text_of("two"), "-"); /* there was none */
        assert_string_equal(t.taken[3], "-");
}

static void removed_and_put_back(void **state)
{
        (void)state;
        put_before("one", "before\n", 0644);
        struct run *run = begin(DROP, "one", NULL, 1);
        assert_int_equal(perform(run), 0);
        assert_string_equal(text_of("one"), "-");
        assert_string_equal(t.judged, ""); /* of nothing there is nothing to judge */
        assert_string_equal(t.taken[0], "-");
        assert_true(steps_back(&run->work));
        assert_string_equal(text_of("one"), "before\n");
        assert_string_equal(t.taken[1], "before\n");
        run = begin(DROP, "none", NULL, 2);
        assert_int_equal(perform(run), 0); /* it is so already */
        assert_true(steps_back(&run->work));
        assert_string_equal(text_of("none"), "-");
}

/* A hand that was killed is asked again: the second time keeps what the first kept. */
static void what_was_first_is_kept(void **state)
{
        (void)state;
        put_before("one", "before\n", 0644);
        struct run *run = begin(PUT, "one", "a = b", 1);
        assert_int_equal(perform(run), 0);
        assert_int_equal(perform(run), 0);
        assert_true(steps_back(&run->work));
        assert_string_equal(text_of("one"), "before\n");
}

static void no_name_leads_elsewhere(void **state)
{
        static const char *const names[] = {"..", ".", ".hidden", "a/b", "../one", "/etc/one"};
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                assert_int_equal(perform(begin(PUT, names[i], "a = b", (uint8_t)(i + 1))), -1);
                assert_int_equal(perform(begin(DROP, names[i], NULL, (uint8_t)(i + 100))), -1);
        }
        assert_int_equal(t.times, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(judged_put_and_taken, set_up, tear_down),
                cmocka_unit_test_setup_teardown(what_is_refused_changes_nothing, set_up, tear_down),
                cmocka_unit_test_setup_teardown(what_is_not_taken_is_put_back, set_up, tear_down),
                cmocka_unit_test_setup_teardown(removed_and_put_back, set_up, tear_down),
                cmocka_unit_test_setup_teardown(what_was_first_is_kept, set_up, tear_down),
                cmocka_unit_test_setup_teardown(no_name_leads_elsewhere, set_up, tear_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
