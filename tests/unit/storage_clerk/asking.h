/* How the storage clerk's tests ask it for changes: as an administrator, over a fake hand and a fake machine. */
#ifndef BULKHEAD_TESTS_STORAGE_CLERK_ASKING_H
#define BULKHEAD_TESTS_STORAGE_CLERK_ASKING_H

#include "base/mem.h"
#include "tests/unit/storage_clerk/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena; /* of the whole program; main makes it */

static inline const char *as(enum role role, const char *more)
{
        return arena_printf(arena, "\"ticket\":\"%s\"%s%s", fake_ticket("ada", 20000, role, 0), *more ? "," : "", more);
}

static inline struct fake_reply dry_run(const char *method, const char *parameters)
{
        return fake_call(method, parameters, as(ROLE_ADMIN, "\"dry_run\":true"));
}

/* The literal steps of a plan, a line each. */
static inline const char *planned(const char *method, const char *parameters)
{
        struct fake_reply dry = dry_run(method, parameters);
        if (dry.error)
                fail_msg("%s: %s", dry.error, fake_at(&dry, "message"));
        char path[64];
        const char *all = "";
        for (size_t i = 0, count = strtoul(fake_at(&dry, "plan.steps"), NULL, 10); i < count; i++) {
                snprintf(path, sizeof(path), "plan.steps.%zu.literal", i);
                all = arena_printf(arena, "%s%s\n", all, fake_at(&dry, path));
        }
        fake_reply_free(&dry);
        return all;
}

/* Refused before anything is done, in these words; error and field: NULL, whichever they are. */
static inline void is_refused(const char *method, const char *parameters, const char *error, const char *field,
                              const char *word)
{
        const unsigned before = fake_hand.executed;
        struct fake_reply reply = dry_run(method, parameters);
        assert_non_null(reply.error);
        if ((error && strcmp(strrchr(reply.error, '.') + 1, error) != 0) ||
            (field && strcmp(fake_at(&reply, "field"), field) != 0) || !strstr(fake_at(&reply, "message"), word))
                fail_msg("%s: '%s' does not say '%s'", reply.error, fake_at(&reply, "message"), word);
        assert_int_equal(fake_hand.executed, before);
        fake_reply_free(&reply);
}

static inline void fails(const char *method, const char *parameters, const char *error, const char *word)
{
        is_refused(method, parameters, error, NULL, word);
}

static inline void fails_on(const char *method, const char *parameters, const char *field, const char *word)
{
        is_refused(method, parameters, NULL, field, word);
}

static inline struct fake_reply confirmed(const char *method, const char *parameters)
{
        struct fake_reply dry = dry_run(method, parameters);
        assert_null(dry.error);
        const char *warrant =
                arena_printf(arena, "\"warrant\":\"%s\"", fake_warrant(fake_at(&dry, "plan.digest"), 20000));
        fake_reply_free(&dry);
        return fake_call(method, parameters, as(ROLE_ADMIN, warrant));
}

/* That all of these are in it, in this order; and the secret, if there is one, is not. */
static inline void in_order(const char *secret, const char *steps, const char *const *words)
{
        const char *at = steps;
        for (; *words; words++) {
                const char *found = strstr(at, *words);
                if (!found)
                        fail_msg("no '%s' there: %s", *words, steps);
                at = found + strlen(*words);
        }
        assert_true(!secret || !strstr(steps, secret));
}

#define IN_ORDER_WITHOUT(secret, steps, ...) in_order(secret, steps, (const char *const[]){__VA_ARGS__, NULL})

static inline int set_up(void **state)
{
        (void)state;
        fake_machine_clear();
        fake_hand.mode = FAKE_OBEYS;
        return 0;
}

/* Before the first test of a program, and after its last. */
static inline int make(void **state)
{
        (void)state;
        arena = arena_new();
        fake_machine_clear();
        fake_start();
        return 0;
}

static inline int drop(void **state)
{
        (void)state;
        fake_stop();
        arena_free(arena);
        return 0;
}

#endif
