/* If-Match in the users clerk: two administrators edit one account, and the second one is told.
 * Rights: none; a private PostgreSQL under /tmp. */
#include "tests/unit/users_clerk/common.h"

/* The version of what a method answers now. */
static const char *version_of(const char *method, const char *parameters, const char *caller)
{
        static char versions[4][VERSION_TEXT_SIZE];
        static size_t next;
        char *version = versions[next++ % ARRAY_SIZE(versions)];
        struct fake_reply reply = fake_call(method, parameters, caller);
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        assert_null(reply.error);
        json_out_value(out, reply.parameters);
        size_t length;
        const char *bytes = json_out_bytes(out, &length);
        crypto_version(bytes, length, version);
        fake_reply_free(&reply);
        return version;
}

static const char *matching(const char *version)
{
        static char members[4][128];
        static size_t next;
        char *member = members[next++ % ARRAY_SIZE(members)];
        snprintf(member, sizeof(members[0]), "\"if_match\":\"%s\"", version);
        return member;
}

static const char *renamed(const char *full_name)
{
        snprintf(text, sizeof(text), "{\"username\":\"zoe\",\"full_name\":\"%s\"}", full_name);
        return text;
}

static const char *bob(const char *more) /* another administrator */
{
        return as(fake_ticket("bob", 20002, ROLE_ADMIN, 0), more);
}

static void expect_stale(const char *method, const char *parameters, const char *caller)
{
        unsigned executed = fake_hand.executed;
        struct fake_reply reply = fake_call(method, parameters, caller);
        assert_string_equal(said(&reply), "Conflict");
        assert_string_equal(fake_at(&reply, "field"), "if_match");
        fake_reply_free(&reply);
        assert_int_equal(fake_hand.executed, executed);
}

#define ZOE "{\"username\":\"zoe\"}"

static void two_edit_one_account(void **state)
{
        (void)state;
        const char *seen = version_of("GetUser", ZOE, alice("")), *also_seen = version_of("GetUser", ZOE, bob(""));
        assert_string_equal(seen, also_seen);
        expect("UpdateUser", renamed("Zoe A"), alice(matching(seen)), "");
        expect_stale("UpdateUser", renamed("Zoe B"), bob(matching(also_seen)));
        struct fake_reply reply = fake_call("GetUser", ZOE, bob(""));
        assert_string_equal(fake_at(&reply, "user.full_name"), "Zoe A");
        fake_reply_free(&reply);
        expect("UpdateUser", renamed("Zoe B"), bob(matching(version_of("GetUser", ZOE, bob("")))), "");
        expect("UpdateUser", renamed("Zoe C"), alice(""), ""); /* who does not care */
}

/* What has begun and is not yet to be seen counts too. */
static void one_is_under_way(void **state)
{
        (void)state;
        const char *seen = version_of("GetUser", ZOE, alice(""));
        fake_hand.mode = FAKE_HOLDS;
        struct fake_client *first = fake_open("UpdateUser", renamed("Zoe D"), alice(matching(seen)), false);
        assert_true(fake_waits(first, 300));
        assert_string_equal(version_of("GetUser", ZOE, alice("")), seen);
        expect_stale("UpdateUser", renamed("Zoe E"), bob(matching(seen)));
        expect_stale("DeleteUser", ZOE, bob(matching(seen)));
        expect("UpdateUser", renamed("Zoe E"), bob("\"if_match\":\"*\",\"dry_run\":true"), "Conflict");
        fake_hand.mode = FAKE_OBEYS;
        fake_hand_release();
        struct fake_reply reply = fake_next(first);
        assert_null(reply.error);
        fake_reply_free(&reply);
        fake_close(first);
        expect_stale("UpdateUser", renamed("Zoe E"), bob(matching(seen)));
}

static void what_is_compared(void **state)
{
        (void)state;
        /* "*": it must exist; nothing else of it matters. */
        expect("UpdateUser", renamed("Z"), alice("\"if_match\":\"*\""), "");
        expect_stale("UpdateUser", "{\"username\":\"nemo\",\"full_name\":\"Z\"}", alice("\"if_match\":\"*\""));
        expect_stale("UpdateUser", "{\"username\":\"nemo\",\"full_name\":\"Z\"}", alice("\"if_match\":\"abc\""));
        char member[256];
        /* A list, for what is added to it; a dry run compares too. */
        const char *groups = version_of("ListGroups", "{}", alice(""));
        expect("CreateGroup", "{\"name\":\"band\"}", alice(matching(groups)), "");
        expect_stale("CreateGroup", "{\"name\":\"choir\"}", alice(matching(groups)));
        snprintf(member, sizeof(member), "%s,\"dry_run\":true", matching(groups));
        expect_stale("CreateGroup", "{\"name\":\"choir\"}", alice(member));
        /* Nothing stands at the address of these, or they change nothing. */
        expect("AddMember", "{\"name\":\"family\",\"username\":\"zoe\"}", alice("\"if_match\":\"*\""), "Invalid");
        expect("EndAllSessions", "{}", alice("\"if_match\":\"abc\""), "Invalid");
        expect("GetUser", ZOE, alice("\"if_match\":\"*\""), "Invalid");
        /* Who may not change it learns nothing. */
        expect("UpdateUser", "{\"username\":\"zoe\"}", zoe("\"if_match\":\"*\""), "Denied");
}

/* The same request once more is answered as the first was, though its version is over. */
static void a_repeated_request_is_no_conflict(void **state)
{
        (void)state;
        char member[256];
        snprintf(member, sizeof(member), "%s,\"idempotency\":\"0123456789abcdef\"",
                 matching(version_of("GetUser", ZOE, alice(""))));
        expect("UpdateUser", renamed("Once"), alice(member), "");
        unsigned executed = fake_hand.executed;
        expect("UpdateUser", renamed("Once"), alice(member), "");
        assert_int_equal(fake_hand.executed, executed);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(two_edit_one_account),
                TEST(one_is_under_way),
                TEST(what_is_compared),
                TEST(a_repeated_request_is_no_conflict),
        };
        return cmocka_run_group_tests(tests, start, stop);
}
