/* What is sent next: found by what both sides have, whatever it is called there.
 * Rights: none. */
#include "daemons/storage/clerk/replications.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct replication order = {
        .name = "o", .pool = "tank", .folder = "media:films", .to_pool = "vault", .to_folder = "copies"};

static struct subvolume snapshot(const char *path, int64_t at, uint8_t uuid, uint8_t received)
{
        struct subvolume one = {
                .number = (uint64_t)at, .path = path, .whole_path = true, .read_only = true, .created_us = at};
        one.uuid[0] = uuid;
        one.received_uuid[3] = received;
        return one;
}

/* As which a snapshot with that number in its UUID is received: the bytes are in another place above. */
static struct subvolume copy_of(const char *path, int64_t at, uint8_t uuid)
{
        struct subvolume one = snapshot(path, at, 200, 0);
        one.received_uuid[0] = uuid;
        return one;
}

static struct replication_next find(struct subvolume *from, size_t from_count, struct subvolume *to, size_t to_count)
{
        static struct arena *arena;
        const struct tree here = {.subvolumes = from, .subvolume_count = from_count},
                          there = {.subvolumes = to, .subvolume_count = to_count};
        if (arena)
                arena_free(arena);
        arena = arena_new();
        return replication_find(&here, &there, &order, arena);
}

static void the_newest_is_sent_whole_when_nothing_is_there(void **state)
{
        (void)state;
        struct subvolume from[] = {snapshot(".snapshots/media:films/b", 20, 2, 0),
                                   snapshot(".snapshots/media:films/a", 30, 1, 0),
                                   snapshot(".snapshots/media:films2/c", 40, 3, 0), snapshot("media/films", 50, 4, 0)};
        struct replication_next next = find(from, 4, NULL, 0);
        assert_string_equal(next.name, "a");
        assert_null(next.parent);
        assert_null(next.why_not);
}

static void it_is_sent_since_the_newest_that_is_there(void **state)
{
        (void)state;
        struct subvolume from[] = {
                snapshot(".snapshots/media:films/a", 10, 1, 0), snapshot(".snapshots/media:films/b", 20, 2, 0),
                snapshot(".snapshots/media:films/c", 30, 3, 0), snapshot(".snapshots/media:films/d", 40, 4, 0)};
        struct subvolume to[] = {copy_of(".snapshots/copies/b", 70, 2), copy_of(".snapshots/copies/renamed", 60, 1),
                                 copy_of(".snapshots/others/c", 80, 3)};
        struct replication_next next = find(from, 4, to, 3);
        assert_string_equal(next.name, "d");
        assert_string_equal(next.parent_name, "b");
        assert_string_equal(next.newest_there, "b");
}

static void what_is_there_is_not_sent_again(void **state)
{
        (void)state;
        struct subvolume from[] = {snapshot(".snapshots/media:films/a", 10, 1, 0)},
                         to[] = {copy_of(".snapshots/copies/a", 70, 1)};
        struct replication_next next = find(from, 1, to, 1);
        assert_null(next.snapshot);
        assert_string_equal(next.newest_there, "a");
        to[0].read_only = false; /* somebody could have changed it */
        assert_non_null(find(from, 1, to, 1).snapshot);
}

static void one_that_was_received_is_passed_on_as_what_it_was(void **state)
{
        (void)state;
        struct subvolume from[] = {copy_of(".snapshots/media:films/a", 10, 9)},
                         to[] = {copy_of(".snapshots/copies/a", 70, 9)};
        assert_null(find(from, 1, to, 1).snapshot);
}

static void a_name_that_is_taken_is_not_taken_over(void **state)
{
        (void)state;
        struct subvolume from[] = {snapshot(".snapshots/media:films/a", 10, 1, 0)},
                         to[] = {snapshot(".snapshots/copies/a", 70, 5, 0)};
        assert_non_null(find(from, 1, to, 1).why_not);
}

static void nothing_is_known_of_a_pool_that_is_away(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct tree none = {.subvolume_count = 0};
        assert_non_null(replication_find(NULL, &none, &order, arena).why_not);
        assert_non_null(replication_find(&none, NULL, &order, arena).why_not);
        assert_non_null(replication_find(&none, &none, &order, arena).why_not);
}

static void a_drill_sends_back_the_newest_that_was_received(void **state)
{
        (void)state;
        const struct replication drill = {.name = "o.drill", .pool = "vault", .folder = "copies", .drill = true};
        struct subvolume there[] = {copy_of(".snapshots/copies/a", 10, 1), copy_of(".snapshots/copies/b", 20, 2),
                                    snapshot(".snapshots/copies/own", 30, 9, 0), copy_of(".snapshots/others/c", 40, 3)};
        const struct tree from = {.subvolumes = there, .subvolume_count = 4}, to = {.subvolume_count = 0};
        assert_string_equal(replication_find_drill(&from, &to, &drill).name, "b");
        there[1].read_only = false;
        assert_string_equal(replication_find_drill(&from, &to, &drill).name, "a");
        assert_non_null(replication_find_drill(&to, &to, &drill).why_not);
        assert_non_null(replication_find_drill(&from, NULL, &drill).why_not);
}

/* Lines of strangers': what is no snapshot is not there. */
static void what_another_machine_has_is_read_line_by_line(void **state)
{
        (void)state;
        struct arena *arena = arena_new();
        const struct tree *tree = remote_tree("00000001-0000-4000-8000-0000000000ff a\n"
                                              "00000001-0000-4000-8000-0000000000ff ../b\n"
                                              "00000001-0000-4000-8000-0000000000f c\n"
                                              "x\n\n"
                                              "00000002-0000-4000-8000-0000000000ff d.e",
                                              "far", arena);
        assert_int_equal(tree->subvolume_count, 2);
        assert_string_equal(tree->subvolumes[0].path, ".snapshots/far/a");
        assert_string_equal(tree->subvolumes[1].path, ".snapshots/far/d.e");
        assert_true(tree->subvolumes[1].read_only && tree->subvolumes[1].whole_path);
        static const uint8_t uuid[TREE_UUID_BYTES] = {0, 0, 0, 2, 0, 0, 0x40, 0, 0x80, [15] = 0xff};
        assert_memory_equal(tree->subvolumes[1].received_uuid, uuid, sizeof(uuid));
        assert_int_equal(remote_tree("", "far", arena)->subvolume_count, 0);
        arena_free(arena);
}

static void host_keys_are_shown_as_openssh_shows_them(void **state)
{
        (void)state;
        struct arena *arena = arena_new();
        assert_string_equal(
                remote_fingerprint("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f x",
                                   arena),
                "SHA256:ZkAslGjFiUHdGf/WUL8rQvkib4PTvQatUV0OUQSncCA");
        arena_free(arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_newest_is_sent_whole_when_nothing_is_there),
                cmocka_unit_test(it_is_sent_since_the_newest_that_is_there),
                cmocka_unit_test(what_is_there_is_not_sent_again),
                cmocka_unit_test(one_that_was_received_is_passed_on_as_what_it_was),
                cmocka_unit_test(a_name_that_is_taken_is_not_taken_over),
                cmocka_unit_test(nothing_is_known_of_a_pool_that_is_away),
                cmocka_unit_test(a_drill_sends_back_the_newest_that_was_received),
                cmocka_unit_test(what_another_machine_has_is_read_line_by_line),
                cmocka_unit_test(host_keys_are_shown_as_openssh_shows_them),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
