/* Compression: what comes out is what went in, call after call of the one stream, and never longer. */
#include "base/mem.h"
#include "http/gzip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>
#include <cmocka.h>

enum { MOST = 256 * 1024 };

static char plain[MOST], again[MOST + 1];

static size_t unpack(const char *bytes, size_t length)
{
        z_stream stream = {.next_in = (Bytef *)(uintptr_t)bytes,
                           .avail_in = (uInt)length,
                           .next_out = (Bytef *)again,
                           .avail_out = sizeof(again)};
        assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK); /* gzip's form and no other */
        assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
        assert_int_equal(stream.avail_in, 0);
        size_t made = sizeof(again) - stream.avail_out;
        inflateEnd(&stream);
        return made;
}

static void packs(void **state)
{
        (void)state;
        for (size_t i = 0; i < MOST; i++)
                plain[i] = "the same over and over, \n"[i % 25];
        for (size_t length = GZIP_PAYS; length <= MOST; length *= 2) {
                size_t packed = 0;
                char *bytes = gzip_whole(plain, length, &packed);
                assert_non_null(bytes);
                assert_true(packed < length / 2);
                assert_int_equal(unpack(bytes, packed), length);
                assert_memory_equal(plain, again, length);
                free(bytes);
        }
}

/* The stream is as good as new after it ran out of room. */
static void gives_up_what_does_not_pay(void **state)
{
        uint32_t noise = 1;
        size_t packed = 77;
        (void)state;
        for (size_t i = 0; i < MOST; i++) {
                noise = noise * 1664525 + 1013904223;
                plain[i] = (char)(noise >> 24);
        }
        for (size_t length = 0; length <= MOST; length = length * 2 + 1)
                assert_null(gzip_whole(plain, length, &packed));
        assert_int_equal(packed, 77);
        memset(plain, 'a', MOST);
        char *bytes = gzip_whole(plain, MOST, &packed);
        assert_non_null(bytes);
        assert_int_equal(unpack(bytes, packed), MOST);
        assert_memory_equal(plain, again, MOST);
        free(bytes);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(packs),
                cmocka_unit_test(gives_up_what_does_not_pay),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
