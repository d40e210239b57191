/* What a pool of some disks would hold: beside figures worked out by hand, and beside giving out one chunk after the
 * other as the kernel does.
 * Rights: none. */
#include "base/mem.h"
#include "daemons/storage/clerk/capacity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DISKS_MAX = 8, CHUNKS = 1000 }; /* of a disk */

static void by_hand(void **state)
{
        (void)state;
        static const struct {
                const char *profile;
                uint64_t sizes[DISKS_MAX], fits, unused;
        } cases[] = {
                {"single", {4000}, 4000, 0},
                {"single", {1000, 2000, 4000}, 7000, 0},
                {"raid1", {4000, 4000}, 4000, 0},
                {"raid1", {1000, 4000}, 1000, 3000},
                {"raid1", {1000, 2000, 4000}, 3000, 1000},
                {"raid1", {3000, 3000, 3000}, 4500, 0},
                {"raid1", {4000, 3000, 2000, 1000}, 5000, 0},
                {"raid1c3", {4000, 4000, 4000}, 4000, 0},
                {"raid1c3", {8000, 4000, 1000}, 1000, 10000},
                {"raid1c3", {6000, 6000, 1000, 1000}, 2000, 8000},
                {"raid1c3", {3000, 3000, 3000, 3000}, 4000, 0},
                {"raid10", {4000, 4000, 4000, 4000}, 8000, 0},
                {"raid10", {8000, 4000, 4000, 4000}, 8000, 4000}, /* stripes are as wide as can be */
                {"raid10", {8000, 8000, 2000, 2000}, 10000, 0},
                {"raid5", {4000, 4000, 4000}, 8000, 0},
                {"raid5", {8000, 4000, 4000}, 8000, 4000},
                {"raid5", {8000, 8000, 4000}, 12000, 0}, /* two that are left over hold each other's copy */
                {"raid6", {4000, 4000, 4000, 4000}, 8000, 0},
                {"raid6", {8000, 8000, 8000, 4000}, 12000, 0},
                {"raid6", {8000, 8000, 4000, 4000}, 8000, 8000},
                {"md1", {4000, 3000}, 3000, 1000}, /* of each as much as the smallest has */
                {"md1", {4000, 4000, 4000}, 4000, 0},
                {"md5", {4000, 4000, 3000}, 6000, 2000},
                {"md6", {4000, 4000, 4000, 3000, 3000}, 9000, 3000},
                {"md10", {4000, 4000, 4000, 4000}, 8000, 0},
        };
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                uint64_t sizes[DISKS_MAX], unused = 1;
                size_t count = 0;
                memcpy(sizes, cases[i].sizes, sizeof(sizes));
                while (count < DISKS_MAX && sizes[count] > 0)
                        count++;
                uint64_t fits = capacity_of(layout_of(cases[i].profile, count), sizes, count, &unused);
                uint64_t off = cases[i].fits / 100; /* of a hundred */
                if (fits > cases[i].fits || fits < cases[i].fits - off || unused < cases[i].unused ||
                    unused > cases[i].unused + 2 * off + 1)
                        fail_msg("case %zu: %llu, %llu", i, (unsigned long long)fits, (unsigned long long)unused);
        }
}

static int most_left_first(const void *a, const void *b)
{
        const uint64_t *left = a, *right = b;
        return *left > *right ? -1 : *left < *right;
}

/* One chunk after the other, on the disks with the most room left: on as many as the profile has copies, or on as many
 * as can be, two at a time or each. */
static uint64_t given_out(const char *profile, uint64_t *left, size_t count)
{
        static const struct {
                const char *profile;
                unsigned least, step, most, lost, shared;
        } rules[] = {{"single", 1, 1, 1, 0, 1},  {"raid1", 2, 2, 2, 0, 2},  {"raid1c3", 3, 3, 3, 0, 3},
                     {"raid10", 2, 2, 99, 0, 2}, {"raid5", 2, 1, 99, 1, 1}, {"raid6", 3, 1, 99, 2, 1}};
        size_t rule = 0;
        while (strcmp(rules[rule].profile, profile) != 0)
                rule++;
        for (uint64_t fits = 0;;) {
                size_t width = 0;
                qsort(left, count, sizeof(*left), most_left_first);
                while (width < count && width < rules[rule].most && left[width] > 0)
                        width++;
                width -= width % rules[rule].step;
                if (width < rules[rule].least)
                        return fits;
                for (size_t i = 0; i < width; i++)
                        left[i]--;
                fits += (width - rules[rule].lost) * 6 / rules[rule].shared; /* in sixths: all divide */
        }
}

static void as_the_kernel_gives_it_out(void **state)
{
        (void)state;
        static const char *const profiles[] = {"single", "raid1", "raid1c3", "raid10", "raid5", "raid6"};
        srandom(4711);
        for (unsigned round = 0; round < 600; round++) {
                const char *profile = profiles[round % ARRAY_SIZE(profiles)];
                const struct layout *layout = layout_of(profile, 2);
                size_t count = layout->least + (size_t)random() % (DISKS_MAX + 1 - layout->least);
                uint64_t sizes[DISKS_MAX], left[DISKS_MAX], all = 0, unused;
                for (size_t i = 0; i < count; i++) {
                        left[i] = 1 + (uint64_t)random() % CHUNKS;
                        sizes[i] = left[i] << 30;
                        all += sizes[i];
                }
                double truth = (double)given_out(profile, left, count) / 6 * (double)(1ULL << 30);
                double said = (double)capacity_of(layout, sizes, count, &unused);
                double off = truth / 100 + 4.0 * (double)(1ULL << 30);
                if (said > truth + off || said < truth - off)
                        fail_msg("round %u: %s of %zu disks: %.0f, but in truth %.0f", round, profile, count, said,
                                 truth);
                assert_true(unused <= all && (uint64_t)said <= all - unused);
        }
}

static void too_few_are_refused(void **state)
{
        (void)state;
        static const struct {
                const char *profile;
                size_t least;
                unsigned survives;
        } cases[] = {{"single", 1, 0}, {"raid1", 2, 1}, {"raid1c3", 3, 2},
                     {"raid10", 4, 1}, {"raid5", 3, 1}, {"raid6", 4, 2}};
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                struct failure failure = {0};
                const struct layout *layout = layout_of(cases[i].profile, cases[i].least);
                assert_int_equal(layout_fits(layout, cases[i].profile, cases[i].least, &failure), 0);
                assert_int_equal(layout->survives, cases[i].survives);
                assert_int_equal(layout_fits(layout, cases[i].profile, cases[i].least - 1, &failure), -1);
                assert_string_equal(failure.field, "disks");
        }
        assert_null(layout_of("raid0", 2));
        assert_string_equal(layout_of("single", 1)->metadata, "dup");
        assert_string_equal(layout_of("single", 2)->metadata, "raid1");
}

static void nothing_overflows(void **state)
{
        (void)state;
        uint64_t sizes[64], again[64], unused;
        for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
                sizes[i] = again[i] = 1ULL << 55; /* 64 of 36 petabytes */
        assert_true(capacity_of(layout_of("raid10", 64), sizes, 64, &unused) == 1ULL << 60);
        assert_true(capacity_of(layout_of("raid5", 64), again, 64, &unused) == 63ULL << 55);
        uint64_t tiny[4] = {0, 0, 1, 0};
        assert_true(capacity_of(layout_of("raid10", 4), tiny, 4, &unused) <= 1);
        assert_true(capacity_of(layout_of("raid6", 4), tiny, 4, &unused) == 0);
}

/* With each number of disks there is something to suggest that they suffice for; the first survives what it can. */
static void what_is_suggested_can_be_made(void **state)
{
        (void)state;
        static const char *const first[] = {NULL, "single", "raid1", "raid1", "raid1", "raid1", "raid1c3"};
        assert_null(offer_of(0, 0));
        for (size_t disks = 1; disks <= 64; disks++) {
                const char *wanted = disks < ARRAY_SIZE(first) ? first[disks] : "raid1c3";
                struct failure failure = {0};
                size_t index = 0;
                for (const struct offer *offer; (offer = offer_of(disks, index)); index++) {
                        assert_int_equal(layout_fits(layout_of(offer->profile, disks), offer->profile, disks, &failure),
                                         0);
                        assert_true(strlen(offer->why) > 0 && strlen(offer->why) <= 256);
                        for (size_t before = 0; before < index; before++)
                                assert_string_not_equal(offer_of(disks, before)->profile, offer->profile);
                }
                assert_true(index > 0);
                assert_string_equal(offer_of(disks, 0)->profile, wanted);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(by_hand),
                cmocka_unit_test(as_the_kernel_gives_it_out),
                cmocka_unit_test(too_few_are_refused),
                cmocka_unit_test(nothing_overflows),
                cmocka_unit_test(what_is_suggested_can_be_made),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
