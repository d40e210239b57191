/* Generated readers and writers on real contracts: what goes out comes in again the same; what is wrong is refused
 * with the way to it, and leaves the target alone.
 * Rights: a test; works on memory only. */
#include "base/mem.h"
#include "nas_users.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static struct json *parse(const char *text)
{
        struct failure failure;
        struct json *value = json_parse(text, strlen(text), &failure);
        if (value == NULL)
                fail_msg("%s in %s", failure.message, text);
        return value;
}

#define USER                                                                                                           \
        "{\"id\":20001,\"username\":\"alice\",\"full_name\":\"Alice A.\",\"role\":\"operator\",\"enabled\":true,"      \
        "\"shell\":false,\"totp\":false,\"groups\":[\"family\",\"media\"],\"created\":\"2026-11-21T05:12:00Z\"}"

static void user_round_trips(void **state)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        struct json *value CLEANUP(json_freep) = parse(USER);
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        struct nas_users_user user;
        struct failure failure;

        (void)state;
        assert_int_equal(nas_users_user_read(value, arena, &user, &failure), 0);
        assert_int_equal(user.id, 20001);
        assert_string_equal(user.username, "alice");
        assert_int_equal(user.role, NAS_USERS_ROLE_OPERATOR);
        assert_string_equal(nas_users_role_word(user.role), "operator");
        assert_true(user.enabled);
        assert_int_equal(user.groups_count, 2);
        assert_string_equal(user.groups[1], "media");
        assert_null(user.last_login);
        nas_users_user_write(out, &user);
        assert_string_equal(json_out_bytes(out, NULL), USER);
}

static void optional_members_have_has(void **state)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        struct json *value CLEANUP(json_freep) = parse("{\"username\":\"alice\",\"role\":null,\"shell\":true}");
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        struct nas_users_create_user_in in;
        struct failure failure;

        (void)state;
        assert_int_equal(nas_users_create_user_in_read(value, arena, &in, &failure), 0);
        assert_false(in.has_role);
        assert_true(in.has_shell && in.shell);
        assert_null(in.password);
        nas_users_create_user_in_write(out, &in);
        assert_string_equal(json_out_bytes(out, NULL), "{\"username\":\"alice\",\"shell\":true}");
}

static void no_parameters_at_all(void **state)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        struct nas_users_list_users_in none;
        struct nas_users_get_user_in one;
        struct failure failure;

        (void)state;
        assert_int_equal(nas_users_list_users_in_read(NULL, arena, &none, &failure), 0);
        assert_int_equal(nas_users_get_user_in_read(NULL, arena, &one, &failure), -1);
        assert_string_equal(failure.field, "username");
}

static const struct wrong {
        const char *text, *field, *message; /* message NULL: whatever the value type says */
} wrongs[] = {
        {"[]", "", "must be an object, not an array"},
        {"{}", "users", "is missing"},
        {"{\"users\":{}}", "users", "must be an array, not an object"},
        {"{\"users\":[{}]}", "users[0].id", "is missing"},
        {"{\"users\":[" USER ",1]}", "users[1]", "must be an object, not an integer"},
        {"{\"users\":[{\"id\":1.5}]}", "users[0].id", "must be an integer, not a number"},
        {"{\"users\":[{\"id\":\"1\"}]}", "users[0].id", "must be an integer, not a text"},
        {"{\"users\":[{\"id\":null}]}", "users[0].id", "is missing"},
        {"{\"users\":[{\"id\":1,\"username\":\"Al ice, who has a name that is too long\"}]}", "users[0].username",
         "must have at most 32 bytes"},
        {"{\"users\":[{\"id\":1,\"username\":\"a\",\"full_name\":\"A\",\"role\":\"root\"}]}", "users[0].role",
         "must be one of: viewer, user, operator, admin"},
        {"{\"users\":[{\"id\":1,\"username\":\"a\",\"full_name\":\"A\",\"role\":\"user\",\"enabled\":0}]}",
         "users[0].enabled", "must be true or false, not an integer"},
        {"{\"users\":[{\"id\":1,\"username\":\"a\",\"full_name\":\"A\",\"role\":\"user\",\"enabled\":true,\"shell\":"
         "true,"
         "\"totp\":true,\"groups\":[\"good\",\"b\\u0007d\"]}]}",
         "users[0].groups[1]", NULL},
        {"{\"users\":[{\"id\":1,\"username\":\"a\",\"full_name\":\"A\",\"role\":\"user\",\"enabled\":true,\"shell\":"
         "true,"
         "\"totp\":true,\"groups\":[],\"created\":\"yesterday\"}]}",
         "users[0].created", NULL},
};

static void wrong_values_are_refused(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(wrongs); i++) {
                struct arena *arena CLEANUP(arena_freep) = arena_new();
                struct json *value CLEANUP(json_freep) = parse(wrongs[i].text);
                struct nas_users_list_users_out out, before;
                struct failure failure;

                memset(&out, 0x5a, sizeof(out));
                memcpy(&before, &out, sizeof(out));
                assert_int_equal(nas_users_list_users_out_read(value, arena, &out, &failure), -1);
                assert_memory_equal(&out, &before, sizeof(out));
                assert_int_equal(failure.code, FAILURE_INVALID);
                assert_string_equal(failure.field, wrongs[i].field);
                if (wrongs[i].message != NULL)
                        assert_string_equal(failure.message, wrongs[i].message);
                assert_null(strstr(failure.message, "Al ice"));
        }
}

static void unknown_members(void **state)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        struct json *asked CLEANUP(json_freep) = parse("{\"username\":\"alice\",\"is_admin\":true}");
        struct json *answered CLEANUP(json_freep) = parse("{\"users\":[],\"from_the_future\":1}");
        struct nas_users_create_user_in in;
        struct nas_users_list_users_out out;
        struct failure failure;

        (void)state;
        assert_int_equal(nas_users_create_user_in_read(asked, arena, &in, &failure), -1);
        assert_string_equal(failure.field, "is_admin");
        assert_string_equal(failure.message, "is not known");
        assert_int_equal(nas_users_list_users_out_read(answered, arena, &out, &failure), 0);
        assert_int_equal(out.users_count, 0);
}

static void ranges_and_maxima(void **state)
{
        static const struct {
                const char *text;
                int result;
        } rows[] = {
                {"{\"minimum\":12,\"admin_totp\":true}", 0},
                {"{\"minimum\":128,\"admin_totp\":true}", 0},
                {"{\"minimum\":11,\"admin_totp\":true}", -1},
                {"{\"minimum\":129,\"admin_totp\":true}", -1},
        };
        struct failure failure;

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct arena *arena CLEANUP(arena_freep) = arena_new();
                struct json *value CLEANUP(json_freep) = parse(rows[i].text);
                struct nas_users_set_password_policy_in in;
                assert_int_equal(nas_users_set_password_policy_in_read(value, arena, &in, &failure), rows[i].result);
        }
        assert_string_equal(failure.message, "must be from 12 to 128");
        char text[1024] = "{\"name\":\"k\",\"role\":\"user\",\"networks\":[";
        for (int i = 0; i < 17; i++)
                strncat(text, i > 0 ? ",\"10.0.0.0/8\"" : "\"10.0.0.0/8\"", 16);
        strncat(text, "]}", 3);
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        struct json *value CLEANUP(json_freep) = parse(text);
        struct nas_users_create_key_in key;
        assert_int_equal(nas_users_create_key_in_read(value, arena, &key, &failure), -1);
        assert_string_equal(failure.field, "networks");
        assert_string_equal(failure.message, "must have at most 16 items");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(user_round_trips),     cmocka_unit_test(optional_members_have_has),
                cmocka_unit_test(no_parameters_at_all), cmocka_unit_test(wrong_values_are_refused),
                cmocka_unit_test(unknown_members),      cmocka_unit_test(ranges_and_maxima),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
