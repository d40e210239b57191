/* What requests come down to: account files read, plans made, CSV in and out. Pure functions, no root, no services.
 * Rights: none. */
#include "base/mem.h"
#include "daemons/users/clerk/csv.h"
#include "daemons/users/clerk/plans.h"
#include "policy/users_operations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char passwd_text[] = "root:x:0:0:root:/root:/bin/bash\n"
                                  "games:x:5:60:games:/usr/games:/usr/sbin/nologin\n"
                                  "# a line that is none\n"
                                  "alice:x:20001:20001:Alice Liddell,,,:/home/alice:/bin/bash\n"
                                  "zoe:x:20002:20002::/home/zoe:/usr/sbin/nologin\n"
                                  "bob:x:20003:20003:Bob:/home/bob:/usr/sbin/nologin\n"
                                  "odd:x:20004:100:wrong group:/home/odd:/bin/bash\n";
static const char group_text[] = "root:x:0:\nusers:x:100:\nalice:x:20001:\nzoe:x:20002:\nbob:x:20003:\n"
                                 "family:x:20010:zoe,alice,games\nempty:x:20011:\n"
                                 "bulkhead-admin:x:990:alice\nbulkhead-operator:x:991:bob,alice\n"
                                 "bulkhead-user:x:992:zoe\nbulkhead-disabled:x:993:bob\nbulkhead-users:x:994:zoe\n";

static struct accounts *parse(const char *passwd, const char *group)
{
        FILE *first = fmemopen((void *)(uintptr_t)passwd, strlen(passwd), "r");
        FILE *second = fmemopen((void *)(uintptr_t)group, strlen(group), "r");
        struct accounts *accounts = accounts_parse(first, second);
        fclose(first);
        fclose(second);
        assert_non_null(accounts);
        return accounts;
}

static struct accounts *accounts;
static struct arena *arena;
static struct failure failure;

static int set_up(void **state)
{
        (void)state;
        accounts = parse(passwd_text, group_text);
        arena = arena_new();
        memset(&failure, 0, sizeof(failure));
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        accounts_free(accounts);
        arena_free(arena);
        return 0;
}

static struct planner planner(void)
{
        return (struct planner){.plan = plan_new(arena, &users_operations),
                                .accounts = accounts,
                                .last_number = 20011,
                                .failure = &failure};
}

/* The literal steps of a plan, one a line. */
static const char *steps(const struct planner *made)
{
        const char *text = "";
        for (size_t i = 0; i < made->plan->count; i++)
                text = arena_printf(arena, "%s%s\n", text,
                                    action_literal(&users_operations, &made->plan->steps[i], arena));
        return text;
}

static void account_files_are_read(void **state)
{
        (void)state;
        assert_int_equal(accounts->account_count, 3); /* odd has another's group: not ours */
        const struct account *alice = account_by_name(accounts, "alice");
        assert_string_equal(alice->full_name, "Alice Liddell");
        assert_int_equal(alice->role, ROLE_ADMIN);
        assert_int_equal(alice->roles, 1u << ROLE_ADMIN | 1u << ROLE_OPERATOR);
        assert_true(alice->enabled && alice->shell);
        assert_int_equal(alice->group_count, 1);
        const struct account *bob = account_by_uid(accounts, 20003);
        assert_true(bob && !bob->enabled && bob->role == ROLE_OPERATOR);
        assert_null(account_by_name(accounts, "root"));
        assert_null(account_by_uid(accounts, 0));
        assert_int_equal(accounts->group_count, 2);
        const struct group_entry *family = group_by_name(accounts, "family");
        assert_int_equal(family->member_count, 2); /* games is not ours */
        assert_string_equal(family->members[0], "alice");
        assert_null(group_by_name(accounts, "alice"));
        assert_null(group_by_name(accounts, "bulkhead-admin"));
        assert_true(accounts_name_taken(accounts, "games") && accounts_name_taken(accounts, "users"));
        assert_true(accounts_number_taken(accounts, 20004) && !accounts_number_taken(accounts, 20005));
        assert_false(accounts_have_admin(accounts, alice));
}

static void empty_files_are_read(void **state)
{
        (void)state;
        struct accounts *none = parse("\n", "\n");
        assert_int_equal(none->account_count + none->group_count + none->name_count, 0);
        assert_null(account_by_name(none, "alice"));
        assert_null(group_by_name(none, "family"));
        accounts_free(none);
}

static void creating(void **state)
{
        (void)state;
        struct planner made = planner();
        struct user_wish wish = {.name = "carol",
                                 .full_name = "Carol K",
                                 .role = ROLE_USER,
                                 .shell = true,
                                 .password = "correct horse battery",
                                 .groups = (const char *[]){"family"},
                                 .group_count = 1};
        assert_int_equal(plan_user_create(&made, &wish), 0);
        const char *text = steps(&made);
        assert_null(strstr(text, "correct horse"));
        assert_non_null(
                strstr(text, "/usr/sbin/groupadd --gid=20012 -- carol\n/usr/sbin/useradd --uid=20012 --gid=20012 "));
        assert_non_null(strstr(text, "--shell=/bin/bash -- carol\n"
                                     "/usr/sbin/usermod --append --groups=bulkhead-user -- carol\n"
                                     "/usr/sbin/usermod --append --groups=family -- carol\n"));
        assert_int_equal(made.plan->steps[4].operation, USERS_PASSWORD_FIRST);
        assert_int_equal(plan_proof(made.plan), PROOF_TICKET);
        made = planner();
        wish = (struct user_wish){.name = "carol", .role = ROLE_ADMIN};
        assert_int_equal(plan_user_create(&made, &wish), 0);
        assert_int_equal(plan_proof(made.plan), PROOF_WARRANT);
}

static bool first_claimed(uint32_t number)
{
        return number == 20012 || number == 20013;
}

static bool dave_claimed(const char *name)
{
        return strcmp(name, "dave") == 0;
}

static void numbers_and_names_are_given_once(void **state)
{
        (void)state;
        struct planner made = planner();
        struct user_wish wish = {.name = "carol", .role = ROLE_USER};
        made.claimed = first_claimed;
        made.name_claimed = dave_claimed;
        assert_int_equal(plan_user_create(&made, &wish), 0);
        assert_string_equal(made.plan->steps[0].values[1].text, "20014");
        wish.name = "dave";
        assert_int_equal(plan_user_create(&made, &wish), -1);
        assert_int_equal(failure.code, FAILURE_CONFLICT);
        const char *taken[] = {"alice", "games", "users", "family", "carol"};
        for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
                wish.name = taken[i];
                failure.code = FAILURE_NONE;
                assert_int_equal(plan_user_create(&made, &wish), -1);
                assert_int_equal(failure.code, FAILURE_CONFLICT);
        }
        made = planner();
        made.last_number = ACCOUNT_LAST; /* all given: the lowest that is free */
        wish.name = "erin";
        assert_int_equal(plan_user_create(&made, &wish), 0);
        assert_string_equal(made.plan->steps[0].values[1].text, "20000");
}

static bool zoe_has_one(uint32_t uid)
{
        return uid == 20002;
}

static void passwords_for_smb(void **state)
{
        (void)state;
        struct planner made = planner();
        const struct account *zoe = account_by_name(accounts, "zoe"), *alice = account_by_name(accounts, "alice");
        struct user_edit edit = {.has_role = true, .role = ROLE_ADMIN};
        made.smb = zoe_has_one;
        assert_int_equal(plan_user_update(&made, zoe, &edit), 0);
        assert_int_equal(made.plan->steps[0].operation, USERS_SMB_PASSWORD_DROP); /* before she is an administrator */
        assert_int_equal(made.plan->steps[1].operation, USERS_ADMIN_JOIN);
        made = planner();
        made.smb = zoe_has_one;
        edit.role = ROLE_OPERATOR;
        assert_int_equal(plan_user_update(&made, zoe, &edit), 0);
        assert_int_equal(made.plan->steps[0].operation, USERS_ROLE_JOIN);
        made = planner();
        made.smb = zoe_has_one;
        assert_int_equal(plan_smb_password_drop(&made, alice), 0);
        assert_int_equal(made.plan->count, 0);
        assert_int_equal(plan_smb_password_drop(&made, zoe), 0);
        assert_int_equal(plan_smb_password_set(&made, alice, "correct horse battery"), 0);
        assert_string_equal(steps(&made), "smb_password_drop zoe 20002\nsmb_password_set alice 20001 ••••••••\n");
        assert_int_equal(plan_proof(made.plan), PROOF_WARRANT);
}

static void updating(void **state)
{
        (void)state;
        struct planner made = planner();
        const struct account *zoe = account_by_name(accounts, "zoe"), *bob = account_by_name(accounts, "bob");
        struct user_edit edit = {
                .full_name = "Zoe Z", .has_role = true, .role = ROLE_ADMIN, .has_shell = true, .shell = true};
        assert_int_equal(plan_user_update(&made, zoe, &edit), 0);
        assert_string_equal(steps(&made), "/usr/sbin/usermod '--comment=Zoe Z' -- zoe\n"
                                          "/usr/sbin/usermod --shell=/bin/bash -- zoe\n"
                                          "/usr/sbin/usermod --append --groups=bulkhead-admin -- zoe\n"
                                          "/usr/sbin/usermod --remove --groups=bulkhead-user -- zoe\n"
                                          "sign_out zoe 20002\n");
        made = planner();
        edit = (struct user_edit){.has_role = true, .role = ROLE_USER, .has_enabled = true, .enabled = true};
        assert_int_equal(plan_user_update(&made, zoe, &edit), 0);
        assert_int_equal(made.plan->count, 0);
        made = planner();
        edit = (struct user_edit){.has_enabled = true, .enabled = true};
        assert_int_equal(plan_user_update(&made, bob, &edit), 0);
        assert_int_equal(made.plan->count, 1);
        assert_int_equal(made.plan->steps[0].operation, USERS_ACCOUNT_UNLOCK);
        made = planner();
        edit = (struct user_edit){.has_enabled = true, .enabled = false};
        assert_int_equal(plan_user_update(&made, zoe, &edit), 0);
        assert_int_equal(made.plan->steps[0].operation, USERS_ACCOUNT_LOCK);
        assert_int_equal(made.plan->steps[1].operation, USERS_SIGN_OUT);
}

static void the_last_administrator_stays(void **state)
{
        (void)state;
        struct planner made = planner();
        const struct account *alice = account_by_name(accounts, "alice");
        const struct user_edit edits[] = {{.has_role = true, .role = ROLE_OPERATOR},
                                          {.has_enabled = true, .enabled = false}};
        for (size_t i = 0; i < ARRAY_SIZE(edits); i++) {
                failure.code = FAILURE_NONE;
                assert_int_equal(plan_user_update(&made, alice, &edits[i]), -1);
                assert_int_equal(failure.code, FAILURE_CONFLICT);
        }
        assert_int_equal(plan_user_delete(&made, alice), -1);
        /* Being one in name and a disabled one beside it are not enough. */
        struct accounts *two = parse(passwd_text, "bulkhead-admin:x:990:alice,bob\nbulkhead-disabled:x:993:bob\n");
        made.accounts = two;
        assert_int_equal(plan_user_delete(&made, account_by_name(two, "alice")), -1);
        made = planner();
        made.accounts = two;
        assert_int_equal(plan_user_delete(&made, account_by_name(two, "bob")), 0);
        accounts_free(two);
}

static void deleting(void **state)
{
        (void)state;
        struct planner made = planner();
        assert_int_equal(plan_user_delete(&made, account_by_name(accounts, "zoe")), 0);
        assert_string_equal(steps(&made), "credentials_drop zoe 20002\n/usr/sbin/usermod --groups= -- zoe\n"
                                          "/usr/sbin/userdel --remove -- zoe\n/usr/sbin/groupdel -- zoe\n"
                                          "/usr/sbin/pwconv\n/usr/sbin/grpconv\n");
        assert_true(plan_destroys(made.plan) && plan_proof(made.plan) == PROOF_WARRANT);
}

static void passwords_groups_and_setup(void **state)
{
        (void)state;
        const struct account *zoe = account_by_name(accounts, "zoe");
        struct planner made = planner();
        assert_int_equal(plan_password_set(&made, zoe, "correct horse battery"), 0);
        assert_int_equal(plan_password_change(&made, zoe, "correct horse battery", "old"), 0);
        assert_null(strstr(steps(&made), "horse"));
        assert_int_equal(plan_password_set(&made, zoe, "short"), -1);
        assert_string_equal(failure.field, "password");
        made = planner();
        assert_int_equal(plan_group_create(&made, "family"), -1);
        assert_int_equal(plan_group_create(&made, "band"), 0);
        assert_int_equal(plan_group_join(&made, zoe, group_by_name(accounts, "family")), 0);
        assert_int_equal(made.plan->count, 1); /* she is in it already */
        assert_int_equal(plan_group_join(&made, zoe, group_by_name(accounts, "empty")), 0);
        assert_int_equal(plan_group_leave(&made, zoe, group_by_name(accounts, "empty")), 0);
        assert_int_equal(plan_group_leave(&made, zoe, group_by_name(accounts, "family")), 0);
        assert_int_equal(plan_group_delete(&made, group_by_name(accounts, "empty")), 0);
        assert_string_equal(steps(&made), "/usr/sbin/groupadd --gid=20012 -- band\n"
                                          "/usr/sbin/usermod --append --groups=empty -- zoe\n"
                                          "/usr/sbin/usermod --remove --groups=family -- zoe\n"
                                          "/usr/sbin/groupdel -- empty\n");
        struct user_wish wish = {.name = "first", .role = ROLE_ADMIN, .password = "correct horse battery"};
        assert_int_equal(plan_setup(&made, &wish), -1);
        assert_int_equal(failure.code, FAILURE_CONFLICT);
        struct accounts *none = parse("\n", "\n");
        made = planner();
        made.accounts = none;
        made.last_number = 0;
        assert_int_equal(plan_setup(&made, &wish), 0);
        assert_int_equal(made.plan->steps[made.plan->count - 1].operation, USERS_SETUP_DONE);
        assert_string_equal(made.plan->steps[0].values[1].text, "20000");
        accounts_free(none);
}

/* --- CSV --- */

static void csv_is_read(void **state)
{
        (void)state;
        struct csv_table table;
        assert_int_equal(csv_parse(arena, "a,b\r\n\"x, \"\"y\"\"\nz\",\r\n\n,last", &table, &failure), 0);
        assert_int_equal(table.count, 3);
        assert_string_equal(table.rows[1].fields[0], "x, \"y\"\nz");
        assert_string_equal(table.rows[1].fields[1], "");
        assert_int_equal(table.rows[2].line, 5);
        assert_string_equal(table.rows[2].fields[1], "last");
        assert_int_equal(csv_parse(arena, "", &table, &failure), 0);
        assert_int_equal(table.count, 0);
        assert_int_equal(csv_parse(arena,
                                   "\xef\xbb\xbf"
                                   "a",
                                   &table, &failure),
                         0);
        assert_string_equal(table.rows[0].fields[0], "a");
        const char *wrong[] = {"a\n\"open", "a\nb\"c", "a\n\"b\"c", "a\nb\rc", "a\n,,,,,,,,,,,,,,,,,"};
        for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
                assert_int_equal(csv_parse(arena, wrong[i], &table, &failure), -1);
                assert_non_null(strstr(failure.message, "line 2: "));
        }
        assert_string_equal(csv_field(arena, "a\"b,c"), "\"a\"\"b,c\"");
        assert_string_equal(csv_field(arena, "plain"), "plain");
}

#define HEADING "username,full name,role,groups\n"

static void import_is_all_or_nothing(void **state)
{
        (void)state;
        size_t count = 0;
        struct planner made = planner();
        assert_int_equal(plan_import(&made, HEADING "u1,\"U One\",user,family empty\nu2,,admin,\n", &count), 0);
        assert_int_equal(count, 2);
        assert_non_null(strstr(steps(&made), "--groups=empty -- u1\n/usr/sbin/groupadd --gid=20013 -- u2\n"));
        assert_int_equal(plan_proof(made.plan), PROOF_WARRANT);
        static const struct {
                const char *csv, *says;
        } wrongs[] = {
                {"", "line 1: must be the heading"},
                {"name,role\n", "line 1: must be the heading"},
                {HEADING "u1,,user\n", "line 2: has 3 fields"},
                {HEADING "u1,,user,\n\nU2,,user,\n", "line 4, column username: "},
                {HEADING "u1,A:B,user,\n", "line 2, column full name: "},
                {HEADING "u1,,nobody,\n", "line 2, column role: "},
                {HEADING "u1,,user,nowhere\n", "line 2, column groups: there is no group nowhere"},
                {HEADING "u1,,user,\nu1,,user,\n", "line 3, column username: u1 is taken"},
                {HEADING "alice,,user,\n", "line 2, column username: alice is taken"},
        };
        for (size_t i = 0; i < ARRAY_SIZE(wrongs); i++) {
                made = planner();
                memset(&failure, 0, sizeof(failure));
                assert_int_equal(plan_import(&made, wrongs[i].csv, &count), -1);
                assert_int_equal(failure.code, FAILURE_INVALID);
                assert_string_equal(failure.field, "csv");
                if (!strstr(failure.message, wrongs[i].says))
                        fail_msg("%s instead of %s", failure.message, wrongs[i].says);
        }
}

static void what_is_exported_is_imported(void **state)
{
        (void)state;
        size_t count;
        struct planner made = planner();
        assert_string_equal(export_csv(accounts, arena), "username,full name,role,groups\r\n"
                                                         "alice,Alice Liddell,admin,family\r\n"
                                                         "bob,Bob,operator,\r\nzoe,,user,family\r\n");
        struct accounts *others = parse("\n", "family:x:20010:\n");
        made.accounts = others;
        assert_int_equal(plan_import(&made, export_csv(accounts, arena), &count), 0);
        assert_int_equal(count, 3);
        accounts_free(others);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(account_files_are_read),
                TEST(empty_files_are_read),
                TEST(creating),
                TEST(numbers_and_names_are_given_once),
                TEST(updating),
                TEST(the_last_administrator_stays),
                TEST(deleting),
                TEST(passwords_groups_and_setup),
                TEST(passwords_for_smb),
                TEST(csv_is_read),
                TEST(import_is_all_or_nothing),
                TEST(what_is_exported_is_imported),
        };
        crypto_start();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
