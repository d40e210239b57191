/* Which keys a Tang server says it has: what a real one said, and what none would say. Rights: none. */
#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemons/storage/clerk/encryption.h"
#include "daemons/storage/clerk/storage.h"
#include "tests/unit/storage_clerk/tang.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static size_t prints(const char *said)
{
        const char *found[TANG_PRINTS_MAX];
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        return tang_prints(said, arena, found);
}

static void a_real_one(void **state)
{
        (void)state;
        const char *found[TANG_PRINTS_MAX];
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        assert_int_equal(tang_prints(TANG_SAID, arena, found), 1);
        assert_string_equal(found[0], TANG_PRINT);
}

/* What is in the payload, as it stands on the wire. */
static const char *with(struct arena *arena, const char *payload)
{
        char *coded = arena_alloc(arena, TEXT_BASE64_SIZE(strlen(payload)));
        text_base64(payload, strlen(payload), coded);
        return arena_printf(arena, "{\"payload\":\"%s\"}", coded);
}

#define KEY(type, x, uses) "{\"kty\":\"" type "\",\"crv\":\"P-521\",\"x\":" x ",\"y\":\"AN_y\",\"key_ops\":" uses "}"

static void none(void **state)
{
        (void)state;
        static const char *const wholes[] = {"",
                                             "{}",
                                             "[]",
                                             "null",
                                             "<html>",
                                             "{\"payload\":1}",
                                             "{\"payload\":\"\"}",
                                             "{\"payload\":\"*\"}",
                                             "{\"payload\":\"AAAA\"}"};
        static const char *const payloads[] = {"{\"keys\":1}",
                                               "{\"keys\":[]}",
                                               "{\"keys\":[1,null,[]]}",
                                               "[]",
                                               "{\"keys\":[" KEY("RSA", "\"AZ\"", "[\"verify\"]") "]}",
                                               "{\"keys\":[" KEY("EC", "\"AZ\"", "[\"deriveKey\"]") "]}",
                                               "{\"keys\":[" KEY("EC", "\"AZ\"", "\"verify\"") "]}",
                                               "{\"keys\":[" KEY("EC", "\"AZ\"", "[1]") "]}",
                                               "{\"keys\":[" KEY("EC", "1", "[\"verify\"]") "]}",
                                               "{\"keys\":[" KEY("EC", "\"A\\\"Z\"", "[\"verify\"]") "]}",
                                               "{\"keys\":[" KEY("EC", "\"A Z\"", "[\"verify\"]") "]}"};
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        for (size_t i = 0; i < ARRAY_SIZE(wholes); i++)
                assert_int_equal(prints(wholes[i]), 0);
        for (size_t i = 0; i < ARRAY_SIZE(payloads); i++)
                assert_int_equal(prints(with(arena, payloads[i])), 0);
        assert_int_equal(prints(with(arena, "{\"keys\":[" KEY("EC", "\"AZ\"", "[\"verify\"]") "]}")), 1);
}

/* No more than are shown. */
static void many(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const char *keys = KEY("EC", "\"AZ\"", "[\"sign\",\"verify\"]");
        const char *five = arena_printf(arena, "{\"keys\":[%s,%s,%s,%s,%s]}", keys, keys, keys, keys, keys);
        assert_int_equal(prints(with(arena, five)), TANG_PRINTS_MAX);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_real_one),
                cmocka_unit_test(none),
                cmocka_unit_test(many),
        };
        return cmocka_run_group_tests_name("the keys of a Tang server", tests, NULL, NULL);
}
