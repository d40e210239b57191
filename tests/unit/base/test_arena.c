/* Arenas and allocation that cannot fail.
 * Rights: none; starts children of itself. */
#include "base/arena.h"
#include "base/mem.h"
#include "tests/unit/base/ends.h"

#include <stdio.h>
#include <stdlib.h>

static struct arena *whole; /* for the children */

static void pieces_are_zero_and_aligned(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        /* Sizes around a block and far beyond it, several times, so that blocks are begun, filled and passed over. */
        static const size_t sizes[] = {0, 1, 15, 16, 17, 4000, 4095, 4096, 4097, 16000, 16384, 100000, 3};
        unsigned char *pieces[4 * ARRAY_SIZE(sizes)];
        for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
                size_t size = sizes[i % ARRAY_SIZE(sizes)];
                pieces[i] = arena_alloc(arena, size);
                assert_int_equal((uintptr_t)pieces[i] % 16, 0);
                for (size_t j = 0; j < size; j++)
                        assert_int_equal(pieces[i][j], 0);
                memset(pieces[i], (int)i + 1, size);
        }
        for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) /* none lies in another */
                for (size_t j = 0; j < sizes[i % ARRAY_SIZE(sizes)]; j++)
                        assert_int_equal(pieces[i][j], i + 1);
}

static void texts_are_copied(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        char bytes[] = {'a', 'b', 'c', 'd'};
        char *copy = arena_text(arena, bytes, 3);
        bytes[0] = 'x';
        assert_string_equal(copy, "abc");
        assert_string_equal(arena_text(arena, NULL, 0), "");
        assert_string_equal(arena_printf(arena, "%s %d", "x", 7), "x 7");
        char *wide = arena_printf(arena, "%5000d|", 7);
        assert_int_equal(strlen(wide), 5001);
        assert_string_equal(wide + 4999, "7|");
        uint32_t *numbers = arena_array(arena, 1000, sizeof(*numbers));
        assert_int_equal(numbers[999], 0);
        arena_free(NULL);
}

static void overflows(void)
{
        arena_array(whole, SIZE_MAX / 8 + 3, 8); /* 16, when it wraps around */
}

static void too_much(void)
{
        arena_alloc(whole, SIZE_MAX - 8);
}

static void nothing_of_a_size(void)
{
        arena_array(whole, 1, 0);
}

static void without_arena(void)
{
        arena_alloc(NULL, 1);
}

static void grows_over(void)
{
        free(mem_grow(NULL, SIZE_MAX / 2, 8));
}

static void no_text(void)
{
        free(mem_copy_text(NULL));
}

static void preconditions_fire(void **state)
{
        (void)state;
        whole = arena_new();
        aborts(overflows, "count <= SIZE_MAX");
        aborts(too_much, "base/arena.c");
        aborts(nothing_of_a_size, "size != 0");
        aborts(without_arena, "arena != NULL");
        aborts(grows_over, "base/mem.c");
        aborts(no_text, "text != NULL");
        arena_free(whole);
}

static void fails_at_once(void)
{
        mem_fail_at(1);
        free(mem_new(1, 1));
}

static void fails_at_the_third(void)
{
        mem_fail_at(3);
        free(mem_new(1, 1));
        free(mem_copy_text("a"));
        fprintf(stderr, "two worked; ");
        free(mem_grow(NULL, 1, 1));
}

#ifndef __SANITIZE_ADDRESS__
static void fails_for_real(void)
{
        free(mem_new(SIZE_MAX / 2, 1));
}
#endif

static void out_of_memory_ends_the_process(void **state)
{
        (void)state;
        is_fatal(fails_at_once, "out of memory");
        is_fatal(fails_at_the_third, "two worked; <2>tested: fatal: out of memory");
#ifndef __SANITIZE_ADDRESS__ /* which ends the process itself */
        is_fatal(fails_for_real, "out of memory");
#endif
        unsigned long before = mem_count();
        mem_fail_at(2);
        mem_fail_at(0); /* off again */
        for (int i = 0; i < 3; i++)
                free(mem_new(0, 0));
        assert_int_equal(mem_count(), before + 3);
}

static void memory_is_zero_and_grows(void **state)
{
        (void)state;
        unsigned char *bytes = mem_new(10, 10);
        for (size_t i = 0; i < 100; i++)
                assert_int_equal(bytes[i], 0);
        memset(bytes, 7, 100);
        bytes = mem_grow(bytes, 1000, 10);
        assert_int_equal(bytes[99], 7);
        bytes[9999] = 1;
        unsigned char *taken = TAKE(bytes);
        assert_null(bytes);
        free(taken);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(pieces_are_zero_and_aligned), cmocka_unit_test(texts_are_copied),
                cmocka_unit_test(preconditions_fire),          cmocka_unit_test(out_of_memory_ends_the_process),
                cmocka_unit_test(memory_is_zero_and_grows),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
