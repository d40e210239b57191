/* What the carrier knows of a stream, however it is cut into pieces, and how fast it lets it pass.
 * Rights: none. */
#include "daemons/storage/carrier/carrier.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROOM = 4096, WRITE = 15, END = 21 };

struct bytes {
        uint8_t at[ROOM];
        size_t length;
};

static void add(struct bytes *bytes, const void *more, size_t length)
{
        assert_true(bytes->length + length <= ROOM);
        memcpy(bytes->at + bytes->length, more, length);
        bytes->length += length;
}

static void add_command(struct bytes *bytes, uint16_t what, uint32_t length)
{
        static const uint8_t content[1024];
        const uint8_t head[STREAM_COMMAND_BYTES] = {(uint8_t)length, (uint8_t)(length >> 8), 0, (uint8_t)(length >> 24),
                                                    (uint8_t)what,   (uint8_t)(what >> 8)};
        add(bytes, head, sizeof(head));
        add(bytes, content, length <= sizeof(content) ? length : 0);
}

static struct bytes good(void)
{
        struct bytes bytes = {.length = 0};
        add(&bytes, "btrfs-stream\0\1\0\0\0", STREAM_HEAD_BYTES);
        add_command(&bytes, WRITE, 700);
        add_command(&bytes, WRITE, 0);
        add_command(&bytes, WRITE, 900);
        add_command(&bytes, END, 0);
        return bytes;
}

static struct stream fed(const struct bytes *bytes, size_t length, size_t piece)
{
        struct stream stream = {.have = 0};
        for (size_t at = 0; at < length; at += piece)
                stream_take(&stream, bytes->at + at, piece < length - at ? piece : length - at);
        return stream;
}

static void all_of_it_is_known_however_it_comes(void **state)
{
        (void)state;
        const struct bytes bytes = good();
        for (size_t piece = 1; piece <= bytes.length; piece++) {
                const struct stream stream = fed(&bytes, bytes.length, piece);
                assert_true(stream_is_whole(&stream));
        }
}

static void no_part_of_it_is_taken_for_all(void **state)
{
        (void)state;
        const struct bytes bytes = good();
        for (size_t length = 0; length < bytes.length; length++) {
                const struct stream stream = fed(&bytes, length, 7);
                assert_false(stream_is_whole(&stream));
                assert_false(stream.wrong);
        }
}

static void what_is_behind_the_end_is_wrong(void **state)
{
        (void)state;
        struct bytes bytes = good();
        add(&bytes, "x", 1);
        const struct stream stream = fed(&bytes, bytes.length, 64);
        assert_true(stream.wrong);
        assert_false(stream_is_whole(&stream));
}

static void what_is_no_stream_is_wrong(void **state)
{
        (void)state;
        struct bytes bytes = {.length = 0};
        add(&bytes, "btrfs-strean\0\1\0\0\0", STREAM_HEAD_BYTES);
        assert_true(fed(&bytes, bytes.length, 5).wrong);
        bytes.length = 0;
        add(&bytes, "btrfs-stream\0\1\0\0\0", STREAM_HEAD_BYTES);
        add_command(&bytes, WRITE, 200u << 24);
        assert_true(fed(&bytes, bytes.length, 5).wrong);
}

static void it_goes_as_fast_as_it_may(void **state)
{
        (void)state;
        struct pace pace = {.bytes_a_second = 1000};
        uint64_t now_ms = 5000, bytes = 0;
        for (; bytes < 20000; bytes += 100)
                now_ms += pace_wait_ms(&pace, 100, now_ms);
        assert_int_equal(now_ms - 5000, 20000);
        now_ms += 60000; /* nothing came for a minute: that is not made up for */
        assert_int_equal(pace_wait_ms(&pace, 100, now_ms), 100);
        struct pace free = {.bytes_a_second = 0};
        assert_int_equal(pace_wait_ms(&free, SIZE_MAX, 1), 0);
}

/* A first command with a path and then, in its attributes, the UUID. */
static void it_says_as_what_it_is_sent(void **state)
{
        (void)state;
        struct bytes bytes = {.length = 0};
        uint8_t uuid[STREAM_UUID_BYTES], expected[STREAM_UUID_BYTES];
        add(&bytes, "btrfs-stream\0\1\0\0\0", STREAM_HEAD_BYTES);
        add(&bytes, "\x1a\0\0\0\1\0crcc\x0f\0\2\0s1\1\0\x10\0", STREAM_COMMAND_BYTES + 10);
        for (uint8_t i = 0; i < STREAM_UUID_BYTES; i++)
                expected[i] = (uint8_t)(200 + i);
        add(&bytes, expected, sizeof(expected));
        for (size_t piece = 1; piece <= bytes.length; piece++) {
                const struct stream stream = fed(&bytes, bytes.length, piece);
                assert_true(stream_uuid(&stream, uuid));
                assert_memory_equal(uuid, expected, sizeof(uuid));
        }
        const struct stream cut = fed(&bytes, bytes.length - 1, bytes.length), none = fed(&bytes, 3, 3);
        assert_false(stream_uuid(&cut, uuid));
        assert_false(stream_uuid(&none, uuid));
}

static int holding(const struct bytes *bytes)
{
        int fd = memfd_create("stream", MFD_CLOEXEC);
        if (bytes)
                assert_int_equal(pwrite(fd, bytes->at, bytes->length, 0), bytes->length);
        return fd;
}

static int passed(int from, int to, struct stream *stream)
{
        uint8_t *buffer = malloc(CHUNK);
        assert_non_null(buffer);
        const int progress = holding(NULL);
        const int result =
                pass(&(struct passing){.from = from, .to = to, .progress = progress, .buffer = buffer}, stream);
        close(progress);
        free(buffer);
        return result;
}

/* Pipes are joined and files are copied; either way all arrives, and is known. */
static void what_is_passed_arrives(void **state)
{
        (void)state;
        struct bytes bytes = good(), arrived = {.length = 0};
        struct stream joined = {.have = 0}, copied = {.have = 0};
        int in[2], out[2];
        assert_int_equal(pipe(in) + pipe(out), 0);
        assert_int_equal(write(in[1], bytes.at, bytes.length), bytes.length);
        close(in[1]);
        assert_int_equal(passed(in[0], out[1], &joined), 0);
        assert_true(stream_is_whole(&joined));
        assert_int_equal(read(out[0], arrived.at, ROOM), bytes.length);
        assert_memory_equal(arrived.at, bytes.at, bytes.length);
        const int from = holding(&bytes), to = holding(NULL);
        assert_int_equal(passed(from, to, &copied), 0);
        assert_true(stream_is_whole(&copied));
        assert_int_equal(pread(to, arrived.at, ROOM, 0), bytes.length);
        assert_memory_equal(arrived.at, bytes.at, bytes.length);
        const int all[] = {in[0], out[0], out[1], from, to};
        for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
                close(all[i]);
}

static void nobody_takes_it_any_more(void **state)
{
        (void)state;
        signal(SIGPIPE, SIG_IGN);
        const struct bytes bytes = good();
        struct stream stream = {.have = 0};
        int out[2], from = holding(&bytes);
        assert_int_equal(pipe(out), 0);
        close(out[0]);
        assert_int_equal(passed(from, out[1], &stream), -EPIPE);
        assert_false(stream_is_whole(&stream));
        close(out[1]);
        close(from);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(all_of_it_is_known_however_it_comes),
                cmocka_unit_test(no_part_of_it_is_taken_for_all),
                cmocka_unit_test(what_is_behind_the_end_is_wrong),
                cmocka_unit_test(what_is_no_stream_is_wrong),
                cmocka_unit_test(it_goes_as_fast_as_it_may),
                cmocka_unit_test(it_says_as_what_it_is_sent),
                cmocka_unit_test(what_is_passed_arrives),
                cmocka_unit_test(nobody_takes_it_any_more),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
