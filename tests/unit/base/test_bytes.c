/* Fixed layouts: never a byte outside, bad stays bad.
 * Rights: none; starts children of itself. */
#include "base/bytes.h"
#include "tests/unit/base/ends.h"

static void what_is_written_is_read(void **state)
{
        (void)state;
        uint8_t bytes[64];
        struct writer writer = writer_of(bytes, sizeof(bytes));
        writer_u8(&writer, 0xfe);
        writer_u16(&writer, 0xfedc);
        writer_u32(&writer, 0xfedcba98);
        writer_u64(&writer, 0xfedcba9876543210);
        writer_field(&writer, "abc", 3);
        writer_field32(&writer, NULL, 0);
        writer_copy(&writer, "xy", 2);
        assert_false(writer.bad);
        assert_int_equal(writer_length(&writer), 1 + 2 + 4 + 8 + 2 + 3 + 4 + 2);
        static const uint8_t big_endian[] = {0xfe, 0xfe, 0xdc, 0xfe, 0xdc, 0xba, 0x98, 0xfe, 0xdc,
                                             0xba, 0x98, 0x76, 0x54, 0x32, 0x10, 0,    3,    'a'};
        assert_memory_equal(bytes, big_endian, sizeof(big_endian));

        struct reader reader = reader_of(bytes, writer_length(&writer));
        size_t length;
        char rest[2];
        assert_int_equal(reader_u8(&reader), 0xfe);
        assert_int_equal(reader_u16(&reader), 0xfedc);
        assert_int_equal(reader_u32(&reader), 0xfedcba98);
        assert_true(reader_u64(&reader) == 0xfedcba9876543210);
        assert_memory_equal(reader_field(&reader, &length), "abc", 3);
        assert_int_equal(length, 3);
        assert_non_null(reader_field32(&reader, &length)); /* empty is not bad */
        assert_int_equal(length, 0);
        assert_false(reader_ended(&reader));
        reader_copy(&reader, rest, 2);
        assert_memory_equal(rest, "xy", 2);
        assert_true(reader_ended(&reader));
}

/* Everything is cut at every length: no reader goes past the end, and what is missing reads as zero for good. */
static void a_cut_layout_is_bad_for_good(void **state)
{
        (void)state;
        static const uint8_t bytes[] = {1, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 'a', 0, 0, 0, 1, 'b', 9, 9};
        for (size_t cut = 0; cut < sizeof(bytes); cut++) {
                uint8_t copy[sizeof(bytes)], tail[2] = {5, 5};
                size_t length = 77, length32 = 77;
                memcpy(copy, bytes, cut);
                struct reader reader = reader_of(cut == 0 ? NULL : copy, cut);
                (void)reader_u8(&reader);
                (void)reader_u16(&reader);
                (void)reader_u32(&reader);
                (void)reader_u64(&reader);
                (void)reader_field(&reader, &length);
                const uint8_t *field = reader_field32(&reader, &length32);
                reader_copy(&reader, tail, 2);
                assert_true(reader.bad);
                assert_false(reader_ended(&reader));
                assert_int_equal(tail[0] | tail[1], 0);
                if (cut < 23) {
                        assert_null(field);
                        assert_int_equal(length32, 0);
                }
                assert_int_equal(reader_u8(&reader), 0); /* also when a byte is left */
                assert_int_equal(reader_u64(&reader), 0);
        }
}

static void a_length_that_lies_is_bad(void **state)
{
        (void)state;
        static const uint8_t bytes[] = {0xff, 0xff, 1, 2}, wide[] = {0xff, 0xff, 0xff, 0xff, 1, 2};
        size_t length = 7;
        struct reader reader = reader_of(bytes, sizeof(bytes));
        assert_null(reader_field(&reader, &length));
        assert_int_equal(length, 0);
        reader = reader_of(wide, sizeof(wide));
        assert_null(reader_field32(&reader, &length));
        assert_true(reader.bad);
        reader = reader_of(bytes, sizeof(bytes));
        reader_copy(&reader, NULL, 0);
        assert_false(reader.bad);
}

static void a_writer_stays_inside(void **state)
{
        (void)state;
        for (size_t room = 0; room < 15; room++) {
                uint8_t bytes[32];
                memset(bytes, 0x5a, sizeof(bytes));
                struct writer writer = writer_of(bytes, room);
                writer_u64(&writer, 1);
                writer_u16(&writer, 2);
                writer_field(&writer, "abc", 3);
                assert_true(writer.bad);
                assert_true(writer_length(&writer) <= room);
                for (size_t i = room; i < sizeof(bytes); i++)
                        assert_int_equal(bytes[i], 0x5a);
                size_t before = writer_length(&writer);
                writer_u8(&writer, 1); /* bad for good, even where a byte would fit */
                assert_int_equal(writer_length(&writer), before);
        }
        static const uint8_t large[UINT16_MAX + 1];
        static uint8_t room[UINT16_MAX + 100];
        struct writer writer = writer_of(room, sizeof(room));
        writer_field(&writer, large, UINT16_MAX);
        assert_false(writer.bad);
        writer = writer_of(room, sizeof(room));
        writer_field(&writer, large, UINT16_MAX + 1);
        assert_true(writer.bad);
}

static void reads_nothing(void)
{
        (void)reader_of(NULL, 1);
}

static void writes_nowhere(void)
{
        (void)writer_of(NULL, 0);
}

static void preconditions_fire(void **state)
{
        (void)state;
        aborts(reads_nothing, "bytes != NULL");
        aborts(writes_nowhere, "bytes != NULL");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_written_is_read),   cmocka_unit_test(a_cut_layout_is_bad_for_good),
                cmocka_unit_test(a_length_that_lies_is_bad), cmocka_unit_test(a_writer_stays_inside),
                cmocka_unit_test(preconditions_fire),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
