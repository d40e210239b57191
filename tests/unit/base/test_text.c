/* UTF-8, hex, base64url, escaping.
 * Rights: none; starts children of itself. */
#include "base/mem.h"
#include "base/text.h"
#include "tests/unit/base/ends.h"

#include <stdlib.h>

static const struct {
        const char *text;
        bool valid, printable;
} texts[] = {
        {"", true, true},
        {"plain", true, true},
        {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", true, true},     /* two, three and four bytes */
        {"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf", true, true}, /* beside the surrogates; the last one */
        {"a\nb", true, false},
        {"\x7f", true, false},
        {"\xc2\x9f", true, false},     /* C1 */
        {"\xc2\xa0", true, true},      /* just above */
        {"\xe2\x80\x8b", true, false}, /* zero width */
        {"\xe2\x80\xae", true, false}, /* right to left override */
        {"\xe2\x81\xa6", true, false}, /* isolate */
        {"\xd8\x9c", true, false},     /* Arabic letter mark */
        {"\xef\xbb\xbf", true, false}, /* byte order mark */
        {"\xc0\x80", false, false},    /* overlong forms */
        {"\xc1\xbf", false, false},
        {"\xe0\x9f\xbf", false, false},
        {"\xf0\x8f\xbf\xbf", false, false},
        {"\xed\xa0\x80", false, false}, /* surrogates */
        {"\xed\xbf\xbf", false, false},
        {"\xf4\x90\x80\x80", false, false}, /* beyond the last one */
        {"\xf8\x88\x80\x80\x80", false, false},
        {"\x80", false, false}, /* no beginning, no end */
        {"\xc3", false, false},
        {"\xc3(", false, false},
        {"\xe2\x82", false, false},
        {"\xf0\x9f\x98", false, false},
        {"\xff", false, false},
};

static void utf8_is_judged_strictly(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
                size_t length = strlen(texts[i].text);
                char *exact = mem_new(1, length); /* so that reading past the end is seen */
                memcpy(exact, texts[i].text, length);
                if (text_utf8_valid(exact, length) != texts[i].valid ||
                    text_printable(exact, length) != texts[i].printable)
                        fail_msg("wrong about text %zu", i);
                free(exact);
        }
        assert_false(text_utf8_valid("\xc3\xa9", 1)); /* the end of it lies beyond */
        assert_true(text_utf8_valid("a\0b", 3));
        assert_false(text_printable("a\0b", 3));
}

static void hex_goes_both_ways(void **state)
{
        (void)state;
        uint8_t bytes[256], back[256];
        char text[513];
        for (size_t i = 0; i < 256; i++)
                bytes[i] = (uint8_t)i;
        text_hex(bytes, 256, text);
        assert_int_equal(strlen(text), 512);
        assert_memory_equal(text, "000102", 6);
        assert_string_equal(text + 508, "feff");
        assert_int_equal(text_unhex(text, 512, back, 256), 0);
        assert_memory_equal(bytes, back, 256);
        static const char *const wrong[] = {"", "0", "000", "0g", "0A", "g0", " 0", "-1", "0/", "0:", "0`"};
        for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
                uint8_t one = 7;
                assert_int_equal(text_unhex(wrong[i], strlen(wrong[i]), &one, 1), -1);
                assert_int_equal(one, 7); /* untouched */
        }
        text_hex(bytes, 0, text);
        assert_string_equal(text, "");
}

static void base64_has_one_text_a_value(void **state)
{
        (void)state;
        static const struct {
                const char *bytes, *text;
        } known[] = {{"", ""},
                     {"f", "Zg"},
                     {"fo", "Zm8"},
                     {"foo", "Zm9v"},
                     {"foob", "Zm9vYg"},
                     {"fooba", "Zm9vYmE"},
                     {"\xff\xef\xbe", "_---"},
                     {"\xfb\xff", "-_8"}};
        char text[TEXT_BASE64_SIZE(256)];
        uint8_t bytes[256], back[256];
        for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
                size_t length = strlen(known[i].bytes);
                text_base64(known[i].bytes, length, text);
                assert_string_equal(text, known[i].text);
                assert_int_equal(text_unbase64(text, strlen(text), back, sizeof(back)), length);
                assert_memory_equal(back, known[i].bytes, length);
        }
        for (size_t i = 0; i < 256; i++)
                bytes[i] = (uint8_t)(i * 7 + 3);
        for (size_t length = 0; length <= 256; length++) {
                text_base64(bytes, length, text);
                assert_true(strlen(text) < TEXT_BASE64_SIZE(length));
                assert_int_equal(text_unbase64(text, strlen(text), back, length), length);
                assert_memory_equal(back, bytes, length);
                if (length > 0)
                        assert_int_equal(text_unbase64(text, strlen(text), back, length - 1), -1);
        }
        static const char *const wrong[] = {"A",    "AAAAA", "Zh",  "Zm9=",   "Zg==", "Zm9",
                                            "Zm+v", "Zm/v",  "Z g", "Zm9v\n", "[@^`{"};
        for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
                assert_int_equal(text_unbase64(wrong[i], strlen(wrong[i]), back, sizeof(back)), -1);
}

static void what_hides_is_escaped(void **state)
{
        (void)state;
        char target[64];
        text_escape("a\x1b[31m\xe2\x80\xae\xff\xc3\xa9", 12, target, sizeof(target));
        assert_string_equal(target, "a\\x1b[31m\\xe2\\x80\\xae\\xff\xc3\xa9");
        text_escape("a\0b", 3, target, sizeof(target));
        assert_string_equal(target, "a\\x00b");
        text_escape("", 0, target, 1);
        assert_string_equal(target, "");
        /* Cut: never in the middle of a character or an escape, never past the end. */
        for (size_t size = 1; size < 24; size++) {
                char small[32];
                memset(small, 'Z', sizeof(small));
                text_escape("\xc3\xa9\x1b\xe2\x82\xac\xe2\x80\xae!", 10, small, size);
                assert_true(strlen(small) < size);
                assert_true(text_printable(small, strlen(small)));
                for (size_t i = size; i < sizeof(small); i++)
                        assert_int_equal(small[i], 'Z');
        }
}

static void no_room(void)
{
        char none;
        text_escape("a", 1, &none, 0);
}

static void preconditions_fire(void **state)
{
        (void)state;
        aborts(no_room, "size != 0");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(utf8_is_judged_strictly),     cmocka_unit_test(hex_goes_both_ways),
                cmocka_unit_test(base64_has_one_text_a_value), cmocka_unit_test(what_hides_is_escaped),
                cmocka_unit_test(preconditions_fire),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
