/* For tests of the users clerk over a fake hand: who calls, what they are told, what the ledger has. */
#ifndef BULKHEAD_TESTS_USERS_CLERK_COMMON_H
#define BULKHEAD_TESTS_USERS_CLERK_COMMON_H

#include "base/mem.h"
#include "policy/users_operations.h"
#include "serve/clerk.h"
#include "tests/unit/users_clerk/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PASSWORD "correct horse battery"
#define KEY      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f alice@laptop"

static char text[8192]; /* parameters that a test puts together */

/* "ticket":"..." for a caller; more members may follow. */
static inline const char *as(const char *ticket, const char *more)
{
        static char texts[4][2048];
        static size_t next;
        char *made = texts[next++ % ARRAY_SIZE(texts)];
        snprintf(made, sizeof(texts[0]), "\"ticket\":\"%s\"%s%s", ticket, *more ? "," : "", more);
        return made;
}

static inline const char *alice(const char *more) /* an administrator */
{
        return as(fake_ticket("alice", 20000, ROLE_ADMIN, 0), more);
}

static inline const char *zoe(const char *more) /* a user */
{
        return as(fake_ticket("zoe", 20001, ROLE_USER, 0), more);
}

static inline int set_up(void **state)
{
        (void)state;
        fake_machine_set("alice:x:20000:20000:Alice:/home/alice:/bin/bash\n"
                         "zoe:x:20001:20001::/home/zoe:/usr/sbin/nologin\n",
                         "alice:x:20000:\nzoe:x:20001:\nfamily:x:20010:\nbulkhead-admin:x:990:alice\n"
                         "bulkhead-operator:x:991:\nbulkhead-user:x:992:zoe\nbulkhead-viewer:x:993:\n"
                         "bulkhead-disabled:x:994:\n");
        fake_hand.mode = FAKE_OBEYS;
        fake_hand.steps[0] = fake_hand.asked_values[0] = '\0';
        return 0;
}

static inline long rows(const char *kind)
{
        char sql[256];
        snprintf(sql, sizeof(sql), "select count(*) from ledger.row where kind = '%s'", kind);
        return fake_number(sql);
}

/* Lets the clerk work until there are so many; a busy machine takes its time. */
static inline void until_rows(const char *kind, long count)
{
        for (int i = 0; i < 4500 && rows(kind) < count; i++)
                fake_run_ms(20);
        assert_int_equal(rows(kind), count);
}

/* One call; the error's short name, or "". */
static inline const char *said(struct fake_reply *reply)
{
        const char *dot = reply->error ? strrchr(reply->error, '.') : NULL;
        return reply->error ? dot ? dot + 1 : reply->error : "";
}

static inline void expect(const char *method, const char *parameters, const char *caller, const char *error)
{
        struct fake_reply reply = fake_call(method, parameters, caller);
        if (strcmp(said(&reply), error) != 0)
                fail_msg("%s: %s (%s), not %s", method, said(&reply), fake_at(&reply, "message"), error);
        fake_reply_free(&reply);
}

/* A change that asks for a warrant first, then goes through with one. */
static inline struct fake_reply confirmed(const char *method, const char *parameters, const char *more)
{
        struct fake_reply reply = fake_call(method, parameters, alice(more));
        if (strcmp(said(&reply), "Confirmation") != 0)
                return reply;
        char with[1024];
        snprintf(with, sizeof(with), "\"warrant\":\"%s\"%s%s", fake_warrant(fake_at(&reply, "plan.digest"), 20000),
                 *more ? "," : "", more);
        fake_reply_free(&reply);
        return fake_call(method, parameters, alice(with));
}

static inline void expect_steps(const char *method, const char *parameters, const char *wanted)
{
        fake_hand.steps[0] = '\0';
        struct fake_reply reply = confirmed(method, parameters, "");
        if (reply.error)
                fail_msg("%s: %s: %s %s", method, reply.error, fake_at(&reply, "field"), fake_at(&reply, "message"));
        fake_reply_free(&reply);
        assert_string_equal(fake_hand.steps, wanted);
}

static inline int start(void **state)
{
        (void)state;
        set_up(NULL);
        fake_start();
        return 0;
}

static inline int stop(void **state)
{
        (void)state;
        fake_stop();
        return 0;
}

#define TEST(function) cmocka_unit_test_setup(function, set_up)

#endif
