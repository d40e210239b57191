/* What units that work on pools leave, how far btrfs says they are, and what more fits.
 * Rights: none. */
#include "base/mem.h"
#include "daemons/storage/clerk/capacity.h"
#include "daemons/storage/clerk/work_log.h"

#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define HEAD "started 1795264729\nd931049e-c681-4e52-a9df-af08b8d6035a\n"
#define GIB  ((uint64_t)1 << 30)

static struct work_log read_log(struct arena *arena, const char *text)
{
        struct work_log log;
        assert_true(work_log_read(text, arena, &log));
        return log;
}

static void what_units_leave(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct work_log log = read_log(arena, HEAD "work remove 2 99\n");
        assert_int_equal(log.started_us, 1795264729000000);
        assert_int_equal(log.ended_us, 0);
        assert_string_equal(log.words[0], "remove");
        assert_string_equal(log.words[2], "99");
        assert_string_equal(log.boot, "d931049e-c681-4e52-a9df-af08b8d6035a");
        /* The end counts when it also says how. */
        log = read_log(arena, HEAD "work balance\nended 1795264740");
        assert_true(log.ended_us == 0 && !log.finished);
        log = read_log(arena, HEAD "work balance\nDone\nended 1795264740\nsuccess");
        assert_true(log.ended_us == 1795264740000000 && log.finished && !log.stopped);
        log = read_log(arena, HEAD "work remove 2 9\nERROR: too few\nended 1795264740\nexit-code");
        assert_true(!log.finished && !log.stopped);
        assert_string_equal(log.message, "too few");
        log = read_log(arena, HEAD "work balance\nERROR: Operation canceled\nended 1795264740\nexit-code");
        assert_true(log.stopped);
        assert_false(work_log_read("", arena, &log));
        assert_false(work_log_read("started \nx", arena, &log));
}

/* md tells nothing but where disks differ; a check that was stopped tells nothing. */
static void what_md_found(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct work_log log = read_log(arena, HEAD "differences: 128\nended 1795264740\nsuccess");
        assert_true(log.finished && log.compared && log.found == 128 && log.scrubbed == 0);
        log = read_log(arena, HEAD "aborted\nended 1795264740\nsuccess");
        assert_true(log.stopped && !log.compared && log.found == 0);
        log = read_log(arena, HEAD "work grow\nERROR: a disk is missing\nended 1795264740\nexit-code");
        assert_true(!log.finished && !log.stopped && !log.compared);
        assert_string_equal(log.words[0], "grow");
}

static void what_a_scrub_found(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct work_log log =
                read_log(arena, HEAD "Status:           finished\n\tdata_bytes_scrubbed: 500\n\ttree_bytes_scrubbed: "
                                     "20\n\tread_errors: 1\n\tcsum_errors: 4\n\tuncorrectable_errors: "
                                     "2\n\tcorrected_errors: 3\nended 1795264740\nexit-code");
        /* That something is lost is no failure of the scrub. */
        assert_true(log.finished && !log.stopped);
        assert_int_equal(log.scrubbed, 520);
        assert_int_equal(log.found, 5);
        assert_int_equal(log.repaired, 3);
        assert_int_equal(log.lost, 2);
        log = read_log(arena, HEAD "Status:           aborted\nended 1795264740\nexit-code");
        assert_true(log.stopped && !log.finished);
}

static size_t add(uint8_t *bytes, size_t at, uint32_t kind, uint64_t device, const void *data, uint32_t length)
{
        struct btrfs_ioctl_search_header head = {.type = kind, .offset = device, .len = length};
        memcpy(bytes + at, &head, sizeof(head));
        memcpy(bytes + at + sizeof(head), data, length);
        return at + sizeof(head) + length;
}

static void how_far(void **state)
{
        (void)state;
        uint8_t bytes[1024];
        struct btrfs_scrub_progress scrub = {.data_bytes_scrubbed = 240, .tree_bytes_scrubbed = 10};
        struct btrfs_ioctl_dev_info_args info = {.devid = 2, .bytes_used = 500};
        struct btrfs_balance_progress balance = {.expected = 8, .considered = 2};
        struct btrfs_ioctl_dev_replace_status_params replace = {.replace_state = 1, .progress_1000 = 333};
        size_t length = add(bytes, 0, _IOC_NR(BTRFS_IOC_DEV_INFO), 2, &info, 40);
        assert_int_equal(work_permille(bytes, length, &(struct work_asked){.kind = "scrub"}), -1);
        length = add(bytes, length, _IOC_NR(BTRFS_IOC_SCRUB_PROGRESS), 2, &scrub, sizeof(scrub));
        length = add(bytes, length, _IOC_NR(BTRFS_IOC_BALANCE_PROGRESS), 0, &balance, sizeof(balance));
        length = add(bytes, length, _IOC_NR(BTRFS_IOC_DEV_REPLACE), 0, &replace, sizeof(replace));
        assert_int_equal(work_permille(bytes, length, &(struct work_asked){.kind = "scrub"}), 500);
        assert_int_equal(work_permille(bytes, length, &(struct work_asked){.kind = "balance"}), 250);
        assert_int_equal(work_permille(bytes, length, &(struct work_asked){.kind = "replace"}), 333);
        assert_int_equal(
                work_permille(bytes, length, &(struct work_asked){.kind = "remove", .device = 2, .bytes = 2000}), 750);
        for (size_t cut = 1; cut < 40; cut++) /* never behind the end */
                assert_int_equal(work_permille(bytes, cut, &(struct work_asked){.kind = "replace"}), -1);
}

static void what_more_fits(void **state)
{
        (void)state;
        const struct {
                const char *profile;
                uint64_t sizes[4], fits; /* in GiB */
        } cases[] = {{"single", {2, 2, 2, 2}, 8},  {"raid1", {2, 2, 2, 2}, 4}, {"raid1", {4, 1, 1, 0}, 2},
                     {"raid1c3", {2, 2, 2, 0}, 2}, {"raid5", {2, 2, 2, 2}, 6}, {"raid6", {2, 2, 2, 2}, 4},
                     {"raid1", {4, 0, 0, 0}, 0},   {"raid6", {2, 2, 0, 0}, 0}};
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                uint64_t sizes[4], found;
                for (size_t n = 0; n < 4; n++)
                        sizes[n] = cases[i].sizes[n] * GIB;
                found = room_left(layout_of(cases[i].profile, 4), sizes, 4);
                assert_in_range(found, cases[i].fits * GIB - (cases[i].fits ? GIB / 100 : 0), cases[i].fits * GIB);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(what_units_leave), cmocka_unit_test(what_md_found),
                                           cmocka_unit_test(what_a_scrub_found), cmocka_unit_test(how_far),
                                           cmocka_unit_test(what_more_fits)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
