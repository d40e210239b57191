/* Second factors, API keys, sessions, device tokens, networks: what opens and what does not.
 * Rights: none. */
#include "base/mem.h"
#include "base/text.h"
#include "sys/account.h"
#include "ticket/api_key.h"
#include "ticket/factor.h"
#include "ticket/smb.h"
#include "ticket/ticket.h"
#include "value/device.h"
#include "value/timestamp.h"
#include "value/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* RFC 6238's secret and its codes, of which ours are the last six digits. */
static struct factor rfc_factor(void)
{
        struct factor factor = {0};
        memcpy(factor.secret, "12345678901234567890", FACTOR_SECRET_BYTES);
        return factor;
}

static void codes_are_those_of_the_standard(void **state)
{
        (void)state;
        static const struct {
                int64_t at;
                const char *code;
        } known[] = {{59, "287082"},
                     {1111111109, "081804"},
                     {1111111111, "050471"},
                     {1234567890, "005924"},
                     {2000000000, "279037"}};
        for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
                struct factor factor = rfc_factor();
                assert_true(factor_use(&factor, known[i].code, known[i].at));
                factor = rfc_factor();
                assert_true(factor_use(&factor, known[i].code, known[i].at + 30));
                factor = rfc_factor();
                assert_false(factor_use(&factor, known[i].code, known[i].at + 90));
                assert_false(factor_use(&factor, known[i].code, known[i].at - 90));
        }
}

static void a_code_is_good_once_and_none_before_it(void **state)
{
        (void)state;
        struct factor factor = rfc_factor();
        assert_true(factor_use(&factor, "050471", 1111111111));
        assert_false(factor_use(&factor, "050471", 1111111111));
        assert_false(factor_use(&factor, "081804", 1111111111)); /* the step before: over too */
        assert_false(factor_use(&factor, "", 1111111111));
        assert_false(factor_use(&factor, "05047", 1111111111));
}

static void recovery_codes_are_good_once(void **state)
{
        (void)state;
        struct factor factor = rfc_factor();
        char codes[FACTOR_CODES_SIZE];
        factor_recover(&factor, codes);
        const struct value_type *type = value_type_find("code");
        for (size_t i = 0; i < FACTOR_RECOVERY_CODES; i++) {
                char code[CODE_SIZE];
                memcpy(code, codes + i * CODE_SIZE, CODE_SIZE - 1);
                code[CODE_SIZE - 1] = '\0';
                assert_true(value_is(type, code, CODE_SIZE - 1));
                assert_null(memmem(&factor, sizeof(factor), code, CODE_SIZE - 1));
                assert_true(factor_use(&factor, code, 5));
                assert_false(factor_use(&factor, code, 5));
        }
}

static void a_new_factor_has_a_key_for_the_app(void **state)
{
        (void)state;
        struct factor one = {0}, two = {0};
        char key[FACTOR_KEY_SIZE], other[FACTOR_KEY_SIZE];
        factor_make(&one, key);
        factor_make(&two, other);
        assert_int_equal(strlen(key), 32);
        assert_int_equal(strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), 32);
        assert_string_not_equal(key, other);
}

static struct api_key sample_key(struct credential *credential)
{
        struct api_key key = {.row = {.id = 3}};
        *credential = (struct credential){.kind = CREDENTIAL_KEY, .id = 3, .secret = {9, 8}};
        api_key_set(&key, "operator", "", "");
        credential_hash(credential, key.hash);
        return key;
}

static bool opens(const struct api_key *key, const struct credential *credential, const char *address, int64_t now_s)
{
        return api_key_holds(key, address, now_s) && api_key_is(key, credential);
}

static void a_key_opens_with_its_secret_only(void **state)
{
        (void)state;
        struct credential credential;
        struct api_key key = sample_key(&credential);
        assert_true(opens(&key, &credential, "", 0));
        assert_false(opens(NULL, &credential, "", 0));
        credential.secret[31] ^= 1;
        assert_false(opens(&key, &credential, "", 0));
}

static void a_key_ends_and_is_bound_to_places(void **state)
{
        (void)state;
        struct credential credential;
        struct api_key key = sample_key(&credential);
        api_key_set(&key, "admin", "read_only no_destroy", "2001-09-09T01:46:40Z");
        assert_int_equal(key.expires_s, 1000000000);
        assert_int_equal(key.role, ROLE_ADMIN);
        assert_int_equal(key.scopes, SCOPE_READ_ONLY | SCOPE_NO_DESTROY);
        assert_true(opens(&key, &credential, "", 999999999));
        assert_false(opens(&key, &credential, "", 1000000000));
        assert_true(api_key_add_network(&key, "192.0.2.0/25"));
        assert_true(api_key_add_network(&key, "2001:db8::/33"));
        assert_false(api_key_add_network(&key, "192.0.2.1/25")); /* bits after the prefix */
        assert_false(api_key_add_network(&key, "192.0.2.0"));
        static const char *const in[] = {"192.0.2.0", "192.0.2.127", "2001:db8::1", "2001:db8:7fff::"};
        static const char *const out[] = {"192.0.2.128", "2001:db8:8000::", "", "::", "192.0.1.255", "x"};
        for (size_t i = 0; i < ARRAY_SIZE(in); i++)
                assert_true(opens(&key, &credential, in[i], 0));
        for (size_t i = 0; i < ARRAY_SIZE(out); i++)
                assert_false(opens(&key, &credential, out[i], 0));
        for (int i = 2; i < KEY_NETWORKS_MAX; i++)
                assert_true(api_key_add_network(&key, "0.0.0.0/0"));
        assert_false(api_key_add_network(&key, "0.0.0.0/0"));
        assert_true(opens(&key, &credential, "203.0.113.9", 0));
        assert_false(opens(&key, &credential, "2001:db9::", 0)); /* all of IPv4 is not all of IPv6 */
}

static void sessions_end_by_age_and_by_idleness(void **state)
{
        (void)state;
        uint8_t *rows = mem_new(8, sizeof(struct session));
        struct table table = {-1, "sessions", sizeof(struct session), 8, 0, rows};
        struct credential credential;
        struct session *session = session_make(&table, 20001, 1000, &credential);
        assert_non_null(session);
        assert_int_equal(session->row.owner, 20001);
        assert_true(credential.id >> 40); /* never the number of a key */
        assert_true(session_opens(session, &credential, 1000));
        assert_true(session_opens(session, &credential, 1000 + SESSION_IDLE_MS - 1));
        assert_false(session_opens(session, &credential, 1000 + SESSION_IDLE_MS));
        assert_false(session_touch(session, 2000)); /* not written down each time */
        assert_true(session_touch(session, 1000 + SESSION_TOUCH_MS));
        assert_true(session_opens(session, &credential, 1000 + SESSION_IDLE_MS));
        for (uint64_t now = 1000; now < 1000 + (uint64_t)SESSION_LIFE_MS; now += SESSION_IDLE_MS / 2)
                session_touch(session, now);
        assert_false(session_opens(session, &credential, 1000 + (uint64_t)SESSION_LIFE_MS));
        credential.secret[0] ^= 1;
        assert_false(session_opens(session, &credential, 1000));
        assert_false(session_opens(NULL, &credential, 1000));
        free(rows);
}

static void the_oldest_session_gives_way(void **state)
{
        (void)state;
        enum { ROOM = SESSIONS_PER_ACCOUNT + 10 };
        uint8_t *rows = mem_new(ROOM, sizeof(struct session));
        struct table table = {-1, "sessions", sizeof(struct session), ROOM, 0, rows};
        struct credential first, other, credential;
        session_make(&table, 7, 500, &other);
        session_make(&table, 8, 1000, &first);
        for (uint64_t i = 1; i < SESSIONS_PER_ACCOUNT; i++)
                assert_non_null(session_make(&table, 8, 1000 + i, &credential));
        assert_non_null(table_find(&table, first.id));
        assert_non_null(session_make(&table, 8, 2000, &credential));
        assert_null(table_find(&table, first.id));
        assert_non_null(table_find(&table, other.id)); /* not somebody else's */
        assert_int_equal(table.count, SESSIONS_PER_ACCOUNT + 1);
        session_make(&table, 8, 10 * (uint64_t)SESSION_LIFE_MS, &credential);
        assert_int_equal(table.count, 1); /* all the others are over */
        free(rows);
}

static void a_device_is_of_one_account(void **state)
{
        (void)state;
        static const uint8_t key[32] = {1}, other_key[32] = {2};
        char text[DEVICE_TEXT_SIZE];
        device_make(key, 20001, text);
        assert_true(value_type_find("device")->check(text, strlen(text)));
        assert_true(device_is_of(key, text, 20001));
        assert_false(device_is_of(key, text, 20002));
        assert_false(device_is_of(other_key, text, 20001));
        assert_false(device_is_of(key, "", 20001));
        for (size_t i = 0; text[i]; i++) {
                char was = text[i];
                text[i] = was == 'A' ? 'B' : 'A';
                assert_false(device_is_of(key, text, 20001));
                text[i] = was;
        }
}

static struct account_group group_of(const char *name, const char *const *members, size_t count)
{
        return (struct account_group){.name = name, .gid = 900, .members = members, .member_count = count};
}

static void smbd_knows_whom_it_may(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct account list[] = {{.name = "ann", .uid = 20001, .gid = 20001},
                                 {.name = "ben", .uid = 20002, .gid = 20002},
                                 {.name = "cat", .uid = 20003, .gid = 20003},
                                 {.name = "dan", .uid = 20004, .gid = 100}};
        const char *const admins[] = {"ben", "cat"}, *const disabled[] = {"cat"};
        struct account_group groups[] = {group_of("bulkhead-admin", admins, 2),
                                         group_of("bulkhead-disabled", disabled, 1)};
        struct accounts all = {.list = list, .count = 4, .groups = groups, .group_count = 2};
        struct smb_entry rows[5], none;
        for (uint32_t i = 0; i < 5; i++)
                assert_true(smb_entry_make(20001 + i, "$3$$8846f7eaee8fb117ad06bdd830b7586c", 0x60000000, &rows[i]));
        rows[2].separate = true;
        struct table table = {.row_bytes = sizeof(*rows), .max = 5, .count = 5, .rows = (uint8_t *)rows};
        /* An administrator without a separate password, who is not Bulkhead's and who is gone: not there. */
        assert_string_equal(smb_text(&table, &all, arena),
                            "ann:20001:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:8846f7eaee8fb117ad06bdd830b7586c:[U          ]:"
                            "LCT-60000000:\n"
                            "cat:20003:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:8846f7eaee8fb117ad06bdd830b7586c:[DU         ]:"
                            "LCT-60000000:\n");
        const uint8_t *map = smb_map(&table, arena);
        assert_true(map[0] == 0x3e && map[1] == 0 && map[SMB_MAP_BYTES - 1] == 0);
        table.count = 0;
        assert_string_equal(smb_text(&table, &all, arena), "");
        assert_false(smb_entry_make(1, "$y$j9T$abc", 0, &none) || smb_entry_make(1, "*0", 0, &none) ||
                     smb_entry_make(1, "$3$$8846", 0, &none) || smb_entry_make(1, NULL, 0, &none));
}

static void latin_is_what_has_one_byte(void **state)
{
        (void)state;
        char narrow[8];
        assert_true(text_latin1("a\xc3\xa9\xc2\x80z", narrow, sizeof(narrow)));
        assert_string_equal(narrow, "a\xe9\x80z");
        assert_true(text_latin1("", narrow, 1) && text_latin1("1234567", narrow, sizeof(narrow)));
        static const char *const not [] = {"12345678", "\xc4\x80", "\xe2\x82\xac", "\xc3", "\xc3z", "\xe9", "\x80"};
        for (size_t i = 0; i < ARRAY_SIZE(not ); i++)
                assert_false(text_latin1(not [i], narrow, sizeof(narrow)));
}

static void timestamps_are_seconds(void **state)
{
        (void)state;
        assert_int_equal(timestamp_read("1970-01-01T00:00:00Z"), 0);
        assert_int_equal(timestamp_read("2026-11-21T05:12:00.5Z"), 1795237920);
        assert_int_equal(timestamp_read("2000-02-29T12:00:00Z"), 951825600);
}

int main(void)
{
        crypto_start();
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(codes_are_those_of_the_standard),
                cmocka_unit_test(a_code_is_good_once_and_none_before_it),
                cmocka_unit_test(recovery_codes_are_good_once),
                cmocka_unit_test(a_new_factor_has_a_key_for_the_app),
                cmocka_unit_test(a_key_opens_with_its_secret_only),
                cmocka_unit_test(a_key_ends_and_is_bound_to_places),
                cmocka_unit_test(sessions_end_by_age_and_by_idleness),
                cmocka_unit_test(the_oldest_session_gives_way),
                cmocka_unit_test(a_device_is_of_one_account),
                cmocka_unit_test(smbd_knows_whom_it_may),
                cmocka_unit_test(latin_is_what_has_one_byte),
                cmocka_unit_test(timestamps_are_seconds),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
