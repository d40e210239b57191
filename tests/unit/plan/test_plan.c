/* Plans: building, the one encoding, digest, undo, and what people are shown.
 * Rights: none. */
#include "base/mem.h"
#include "plan/plan.h"
#include "policy/storage_operations.h"
#include "policy/users_operations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define PASSWORD "correct horse battery"

static struct plan *sample(struct arena *arena)
{
        struct plan *plan = plan_new(arena, &users_operations);
        struct failure failure = {0};
        assert_int_equal(plan_step(plan, &failure, USERS_GROUP_MAKE, "alice", "20001", NULL), 0);
        assert_int_equal(plan_step(plan, &failure, USERS_ACCOUNT_MAKE, "alice", "20001", "Alice O'Hara",
                                   "/usr/sbin/nologin", NULL),
                         0);
        assert_int_equal(plan_step(plan, &failure, USERS_PASSWORD_FIRST, "alice", "20001", PASSWORD, NULL), 0);
        return plan;
}

static bool contains(const void *haystack, size_t length, const char *needle)
{
        return memmem(haystack, length, needle, strlen(needle)) != NULL;
}

static void encoding_round_trips(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct plan *plan = sample(arena);
        plan_seal(plan, (const uint8_t[32]){7});
        size_t length, again_length;
        const uint8_t *bytes = plan_encode(plan, arena, &length);
        struct failure failure = {0};
        struct plan *again = plan_decode(arena, bytes, length, &failure);
        assert_non_null(again);
        assert_int_equal(again->count, 3);
        assert_string_equal(again->steps[1].values[2].text, "Alice O'Hara");
        const uint8_t *again_bytes = plan_encode(again, arena, &again_length);
        assert_int_equal(again_length, length);
        assert_memory_equal(again_bytes, bytes, length);
}

static void every_cut_and_every_flip_of_the_frame_is_refused(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        size_t length;
        const uint8_t *bytes = plan_encode(sample(arena), arena, &length);
        for (size_t cut = 0; cut < length; cut++)
                assert_null(plan_decode(arena, bytes, cut, NULL));
        uint8_t *longer = arena_alloc(arena, length + 1);
        memcpy(longer, bytes, length);
        assert_null(plan_decode(arena, longer, length + 1, NULL));
        for (size_t i = 0; i < 23; i++) {
                longer[i] ^= 1;
                assert_null(plan_decode(arena, longer, length, NULL));
                longer[i] ^= 1;
        }
}

static void values_are_judged(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct plan *plan = plan_new(arena, &users_operations);
        struct failure failure = {0};
        assert_int_equal(plan_step(plan, &failure, USERS_GROUP_MAKE, "--force", "20001", NULL), -1);
        assert_string_equal(failure.field, "name");
        assert_int_equal(failure.code, FAILURE_INVALID);
        assert_int_equal(plan_step(plan, &failure, USERS_GROUP_MAKE, "alice", "0", NULL), -1);
        assert_int_equal(plan_step(plan, &failure, USERS_GROUP_MAKE, "alice", NULL), -1);
        assert_int_equal(plan_step(plan, &failure, USERS_GROUP_MAKE, "alice", "20001", "more", NULL), -1);
        assert_int_equal(plan_step(plan, &failure, USERS_ROLE_JOIN, "alice", "20001", "admin", NULL), -1);
        assert_int_equal(plan_step(plan, &failure, USERS_GROUP_MAKE, "", "20001", NULL), -1);
        assert_int_equal(plan->count, 0);
        /* an optional one may be empty, and "*" takes any number */
        assert_int_equal(plan_step(plan, &failure, USERS_ACCOUNT_MAKE, "alice", "20001", "", "/bin/bash", NULL), 0);
        assert_int_equal(plan_step(plan, &failure, USERS_KEY_MAKE, "alice", "20001", "1", "user", "", "",
                                   "192.0.2.0/24", "2001:db8::/32", NULL),
                         0);
        assert_int_equal(plan_step(plan, &failure, USERS_KEY_MAKE, "alice", "20001", "1", "user", "", "",
                                   "192.0.2.0/24", "nonsense", NULL),
                         -1);
}

static void answers_cannot_be_smuggled_into_a_plan(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct plan *plan = plan_new(arena, &users_operations);
        assert_int_equal(plan_step(plan, NULL, USERS_SIGN_OUT_ALL, NULL), 0);
        plan->steps[0].operation = USERS_HELLO; /* also without values */
        size_t length;
        const uint8_t *bytes = plan_encode(plan, arena, &length);
        assert_null(plan_decode(arena, bytes, length, NULL));
        plan->steps[0].operation = 15; /* a hole in the list */
        bytes = plan_encode(plan, arena, &length);
        assert_null(plan_decode(arena, bytes, length, NULL));
        plan->steps[0].operation = 60000;
        bytes = plan_encode(plan, arena, &length);
        assert_null(plan_decode(arena, bytes, length, NULL));
}

static void salt_hides_secrets_and_is_steady(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        uint8_t digests[3][HASH_BYTES];
        for (unsigned i = 0; i < 3; i++) {
                struct plan *plan = sample(arena);
                uint8_t key[32] = {(uint8_t)(i / 2)};
                plan_seal(plan, key);
                size_t length;
                const uint8_t *bytes = plan_encode(plan, arena, &length);
                plan_digest(bytes, length, digests[i]);
        }
        assert_memory_equal(digests[0], digests[1], HASH_BYTES);
        assert_memory_not_equal(digests[1], digests[2], HASH_BYTES);
}

static void blanked_has_no_secret_and_no_salt(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct plan *plan = sample(arena);
        plan_seal(plan, (const uint8_t[32]){9});
        size_t length;
        const uint8_t *bytes = plan_encode(plan, arena, &length);
        assert_true(contains(bytes, length, PASSWORD));
        bytes = plan_encode_blanked(plan, arena, &length);
        assert_false(contains(bytes, length, PASSWORD));
        assert_null(memmem(bytes, length, plan->salt, sizeof(plan->salt)));
        assert_true(contains(bytes, length, "Alice O'Hara"));
        assert_null(plan_decode(arena, bytes, length, NULL)); /* not to be taken for a real one */
        struct plan *again = plan_decode_blanked(arena, bytes, length, NULL);
        assert_non_null(again);
        assert_string_equal(again->steps[2].values[2].text, "");
        assert_string_equal(plan->steps[2].values[2].text, PASSWORD);
}

static void undo_follows_from_the_policy(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct plan *plan = sample(arena);
        struct action undo;
        assert_true(action_undo(&users_operations, &plan->steps[1], arena, &undo));
        assert_int_equal(undo.operation, USERS_ACCOUNT_UNMAKE);
        assert_int_equal(action_check(&users_operations, &undo, NULL), 0);
        assert_int_equal(plan_step(plan, NULL, USERS_FULL_NAME_SET, "alice", "20001", "New", "Old", NULL), 0);
        assert_true(action_undo(&users_operations, &plan->steps[3], arena, &undo));
        assert_string_equal(undo.values[2].text, "Old");
        assert_string_equal(undo.values[3].text, "New");
        assert_int_equal(plan_step(plan, NULL, USERS_SIGN_OUT, "alice", "20001", NULL), 0);
        assert_false(action_undo(&users_operations, &plan->steps[4], arena, &undo));
        assert_null(action_undo_literal(&users_operations, &plan->steps[4], arena));
        assert_string_equal(action_undo_literal(&users_operations, &plan->steps[0], arena),
                            "/usr/sbin/groupdel -- alice");
}

static void every_undo_in_the_policy_fits(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        for (uint16_t i = 0; i < users_operations.count; i++) {
                const struct operation *operation = &users_operations.list[i];
                if (!operation->name)
                        continue;
                struct value values[OPERATION_PARAMS_MAX];
                struct action action = {.operation = i, .values = values};
                struct param param;
                for (size_t p = 0; operation_param(operation, p, &param); p++)
                        values[action.count++] =
                                (struct value){param.type->example, (uint16_t)strlen(param.type->example)};
                assert_int_equal(action_check(&users_operations, &action, NULL), 0);
                assert_non_null(action_words(&users_operations, &action, arena));
                assert_non_null(action_literal(&users_operations, &action, arena));
                struct action undo;
                if (action_undo(&users_operations, &action, arena, &undo))
                        assert_int_equal(action_check(&users_operations, &undo, NULL), 0);
        }
}

/* Room is told in units that people know and exactly, also where there is none; what runs has the number. */
static void people_see_how_much(void **state)
{
        (void)state;
        static const char *const told[][2] = {
                {"2147483648",
                 "Set what the dataset photos of the pool tank may hold at most: 2.0 GiB (2147483648 bytes)"},
                {"512", "Set what the dataset photos of the pool tank may hold at most: 512 bytes"},
                {"9007199254740991",
                 "Set what the dataset photos of the pool tank may hold at most: 8.0 PiB (9007199254740991 bytes)"},
                {"", "Set what the dataset photos of the pool tank may hold at most: \u2014"},
        };
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        for (size_t i = 0; i < ARRAY_SIZE(told); i++) {
                struct value values[] = {
                        {"tank", 4}, {"photos", 6}, {"257", 3}, {told[i][0], (uint16_t)strlen(told[i][0])}, {"", 0}};
                struct action action = {.operation = STORAGE_DATASET_LIMIT, .count = 5, .values = values};
                assert_string_equal(action_words(&storage_operations, &action, arena), told[i][1]);
                assert_non_null(strstr(action_literal(&storage_operations, &action, arena), told[i][0]));
                assert_null(strstr(action_literal(&storage_operations, &action, arena), "iB"));
        }
}

static void people_see_what_runs(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct plan *plan = sample(arena);
        assert_string_equal(action_literal(&users_operations, &plan->steps[1], arena),
                            "/usr/sbin/useradd --uid=20001 --gid=20001 '--comment=Alice O'\\''Hara' --create-home "
                            "--home-dir=/home/alice --shell=/usr/sbin/nologin -- alice");
        assert_string_equal(action_words(&users_operations, &plan->steps[0], arena),
                            "Create the group alice with number 20001");
        const char *literal = action_literal(&users_operations, &plan->steps[2], arena);
        assert_null(strstr(literal, PASSWORD));
        assert_string_equal(literal, "password_set alice 20001 \u2022\u2022\u2022\u2022\u2022\u2022\u2022\u2022");
        const struct operation *operation = &users_operations.list[USERS_PASSWORD_FIRST];
        const char *plain = template_fill("{name}:{password}", operation, &plan->steps[2], false, arena);
        const char *masked = template_fill("{name}:{password}", operation, &plan->steps[2], true, arena);
        assert_string_equal(plain, "alice:" PASSWORD);
        assert_string_equal(masked, "alice:\u2022\u2022\u2022\u2022\u2022\u2022\u2022\u2022");
        const char *const *args =
                action_args(&users_operations.list[USERS_ACCOUNT_MAKE], &plan->steps[1], false, arena);
        assert_string_equal(args[0], "/usr/sbin/useradd");
        assert_string_equal(args[3], "--comment=Alice O'Hara");
        assert_string_equal(args[8], "alice");
        assert_null(args[9]);
}

static void a_plan_sums_up_its_steps(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct plan *plan = sample(arena);
        assert_int_equal(plan_proof(plan), PROOF_TICKET);
        assert_int_equal(plan_role(plan), ROLE_ADMIN);
        assert_false(plan_destroys(plan));
        assert_int_equal(plan_step(plan, NULL, USERS_ACCOUNT_DROP, "alice", "20001", NULL), 0);
        assert_int_equal(plan_proof(plan), PROOF_WARRANT);
        assert_true(plan_destroys(plan));
}

static void too_much_is_refused_not_cut(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct plan *plan = plan_new(arena, &users_operations);
        struct failure failure = {0};
        int result = 0;
        for (unsigned i = 0; i < PLAN_STEPS_MAX + 1 && result == 0; i++)
                result = plan_step(plan, &failure, USERS_SIGN_OUT_ALL, NULL);
        assert_int_equal(result, -1);
        assert_int_equal(plan->count, PLAN_STEPS_MAX);
        plan = plan_new(arena, &users_operations);
        char full_name[64];
        memset(full_name, 'x', sizeof(full_name) - 1);
        full_name[sizeof(full_name) - 1] = '\0';
        for (result = 0; result == 0;)
                result = plan_step(plan, &failure, USERS_ACCOUNT_MAKE, "alice", "20001", full_name, "/bin/bash", NULL);
        size_t length;
        plan_encode(plan, arena, &length);
        assert_true(length <= PLAN_BYTES_MAX);
        assert_int_equal(length, plan->bytes);
}

int main(void)
{
        crypto_start();
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(encoding_round_trips),
                cmocka_unit_test(every_cut_and_every_flip_of_the_frame_is_refused),
                cmocka_unit_test(values_are_judged),
                cmocka_unit_test(answers_cannot_be_smuggled_into_a_plan),
                cmocka_unit_test(salt_hides_secrets_and_is_steady),
                cmocka_unit_test(blanked_has_no_secret_and_no_salt),
                cmocka_unit_test(undo_follows_from_the_policy),
                cmocka_unit_test(every_undo_in_the_policy_fits),
                cmocka_unit_test(people_see_what_runs),
                cmocka_unit_test(people_see_how_much),
                cmocka_unit_test(a_plan_sums_up_its_steps),
                cmocka_unit_test(too_much_is_refused_not_cut),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
