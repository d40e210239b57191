/* The engine of hands with a hand of its own: steps that only write down that they ran. Order, undo, crashes, proofs,
 * aborts and revocation, without root and without a tool.
 * Rights: none; directories of its own below /tmp. */
#include "act/parts.h"
#include "policy/users_operations.h"
#include "ticket/sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

enum { CLERK = 4711, UID = 20001 };

struct world {
        char place[64], log[512]; /* log: what ran, a letter each */
        struct act_hand act;
        struct hand hand;
        struct act_binding bindings[64];
        int trust_fd;
        struct signing_key key;
        struct trust_content trust;
        char fails;      /* the step of this letter fails */
        char fails_undo; /* so does the undo of this one */
        char crashes;    /* the process ends in this one */
        char skips;      /* the guard of this one says that it is so already */
        char revokes;    /* this one ends every ticket */
        int abort_at;    /* between() asks to stop before this step */
        int revoke_at;   /* between() ends every ticket before this step */
        unsigned asked;
};

static struct world *world; /* what the fake functions write to */

static void publish(void)
{
        size_t length;
        world->trust.generation++;
        uint8_t *bytes = trust_write(&world->trust, &length);
        assert_int_equal(file_put(world->trust_fd, TRUST_FILE, bytes, length, 0644), 0);
        free(bytes);
}

static void note(const char *letter)
{
        FILE *file = fopen(world->log, "a");
        fputs(letter, file);
        fclose(file);
}

/* The first letter of the account's name says which step it is; an undo is written as a capital. */
static int deed(struct act_context *context, struct failure *failure)
{
        char letter[2] = {context->action->values[0].text[0], '\0'}, lower = letter[0];
        if (context->undoing)
                letter[0] = (char)(lower - 'a' + 'A');
        note(letter);
        if (lower == world->crashes && !context->undoing)
                _exit(9);
        if (lower == (context->undoing ? world->fails_undo : world->fails))
                return failure_set(failure, FAILURE_FAILED, "", "", "as told");
        if (lower == world->revokes && !context->undoing) {
                world->trust.everybody++;
                publish();
        }
        if (!context->undoing)
                writer_u8(context->answer, (uint8_t)lower);
        return 0;
}

static int guard(struct act_context *context, struct failure *failure)
{
        (void)failure;
        return context->action->values[0].text[0] == world->skips && !context->undoing ? ACT_SKIP : 0;
}

static bool between(void *context, unsigned step, unsigned steps)
{
        (void)context;
        assert_in_range(step, 1, steps);
        if ((int)step == world->revoke_at) {
                world->trust.everybody++;
                publish();
        }
        world->asked++;
        return (int)step == world->abort_at;
}

static int open_place(const char *name)
{
        char path[128];
        snprintf(path, sizeof(path), "%s/%s", world->place, name);
        assert_int_equal(mkdir(path, 0700), 0);
        return open(path, O_DIRECTORY | O_CLOEXEC);
}

static int set_up(void **state)
{
        world = mem_new(1, sizeof(*world));
        snprintf(world->place, sizeof(world->place), "/tmp/bulkhead-act-XXXXXX");
        assert_non_null(mkdtemp(world->place));
        snprintf(world->log, sizeof(world->log), "%s/log", world->place);
        size_t count = 0;
        for (size_t i = 0; i < users_operations.count; i++) {
                const struct operation *operation = &users_operations.list[i];
                if (operation->call)
                        world->bindings[count++] = (struct act_binding){operation->call, deed};
                if (operation->guard)
                        world->bindings[count++] = (struct act_binding){operation->guard, guard};
                assert_true(count < ARRAY_SIZE(world->bindings) - 1);
        }
        world->hand = (struct hand){.operations = &users_operations, .bindings = world->bindings};
        world->act = (struct act_hand){.hand = &world->hand,
                                       .clerk = CLERK,
                                       .journals = open_place("journal"),
                                       .spent = open_place("spent"),
                                       .null_fd = open("/dev/null", O_RDWR | O_CLOEXEC)};
        world->trust_fd = open_place("trust");
        char path[128];
        snprintf(path, sizeof(path), "%s/trust", world->place);
        world->act.trust = trust_open(path);
        assert_non_null(world->act.trust);
        world->trust = (struct trust_content){.key_count = 1};
        world->key.id = world->trust.keys[0].id = 3;
        memcpy(world->trust.boot_id, trust_boot_id(world->act.trust), BOOT_ID_BYTES);
        crypto_key_from_seed((const uint8_t[SEED_BYTES]){1}, world->trust.keys[0].public_key, world->key.secret);
        publish();
        *state = world;
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        char command[128];
        snprintf(command, sizeof(command), "%s", world->place);
        pid_t child = fork();
        if (child == 0) {
                execl("/bin/rm", "rm", "-rf", command, NULL);
                _exit(1);
        }
        waitpid(child, NULL, 0);
        close(world->act.journals);
        close(world->act.spent);
        close(world->act.null_fd);
        close(world->trust_fd);
        trust_close(world->act.trust);
        free(world);
        return 0;
}

static const char *ran(struct arena *arena)
{
        char text[256] = "";
        FILE *file = fopen(world->log, "r");
        if (file) {
                size_t got = fread(text, 1, sizeof(text) - 1, file);
                text[got] = '\0';
                fclose(file);
        }
        return arena_text(arena, text, strlen(text));
}

static const char *ticket_text(struct arena *arena, uint64_t life_ms)
{
        struct ticket ticket = {.subject = UID,
                                .name = "boss",
                                .role = ROLE_ADMIN,
                                .source = SOURCE_SESSION,
                                .session = 7,
                                .epoch = world->trust.everybody,
                                .not_after_ms = clock_boot_ms() + life_ms};
        char text[TICKET_TEXT_MAX];
        memcpy(ticket.boot_id, world->trust.boot_id, BOOT_ID_BYTES);
        ticket_sign(&ticket, &world->key, text);
        return arena_text(arena, text, strlen(text));
}

static void set_warrant(struct act_order *order, uint32_t subject)
{
        struct warrant warrant = {.subject = subject,
                                  .session = 7,
                                  .epoch = world->trust.everybody,
                                  .not_after_ms = clock_boot_ms() + 30 * 1000};
        char text[WARRANT_TEXT_MAX];
        memcpy(warrant.boot_id, world->trust.boot_id, BOOT_ID_BYTES);
        plan_digest(order->request.plan, order->request.plan_length, warrant.digest);
        crypto_random(warrant.nonce, sizeof(warrant.nonce));
        warrant_sign(&warrant, &world->key, text);
        order->request.warrant = arena_text(order->arena, text, strlen(text));
}

/* A plan of one step a letter: a plain one has a secret and can be undone, with '!' it destroys, with '+' it can be
 * undone and has no secret (and needs a warrant, which comes with it). */
static struct act_order order_of(struct arena *arena, const char *letters, uint8_t id)
{
        struct plan *plan = plan_new(arena, &users_operations);
        for (; *letters; letters++) {
                const char *name = arena_printf(arena, "%cname", *letters);
                int result;
                if (letters[1] == '!')
                        result = plan_step(plan, NULL, USERS_KEY_DROP, name, "20001", "1", NULL);
                else if (letters[1] == '+')
                        result = plan_step(plan, NULL, USERS_KEY_MAKE, name, "20001", "1", "user", "", "", NULL);
                else
                        result = plan_step(plan, NULL, USERS_PASSWORD_FIRST, name, "20001", "correct horse battery",
                                           NULL);
                assert_int_equal(result, 0);
                letters += letters[1] == '!' || letters[1] == '+';
        }
        struct act_order order = {.arena = arena, .peer = {.uid = CLERK}, .output_fd = -1, .between = between};
        order.request = (struct request){.kind = RECORD_EXECUTE, .id = {id}, .warrant = ""};
        order.request.ticket = ticket_text(arena, 60 * 1000);
        order.request.plan = plan_encode(plan, arena, &order.request.plan_length);
        if (plan_proof(plan) == PROOF_WARRANT)
                set_warrant(&order, UID);
        return order;
}

static struct reply serve(const struct act_order *order)
{
        struct reply reply;
        assert_true(act_serve(&world->act, order, &reply));
        return reply;
}

static struct reply look_up(struct arena *arena, uint8_t id, enum record_kind kind)
{
        struct act_order order = {.arena = arena, .peer = {.uid = CLERK}, .output_fd = -1, .between = between};
        order.request = (struct request){.kind = kind, .id = {id}, .ticket = "", .warrant = ""};
        return serve(&order);
}

/* Runs a plan in a child that may die in it. */
static void run_and_crash(struct arena *arena, const char *letters, uint8_t id)
{
        struct act_order order = order_of(arena, letters, id);
        pid_t child = fork();
        if (child == 0) {
                struct reply reply;
                act_serve(&world->act, &order, &reply);
                _exit(0);
        }
        int status;
        waitpid(child, &status, 0);
        assert_int_equal(WEXITSTATUS(status), world->crashes ? 9 : 0);
        world->crashes = 0;
}

#define ARENA CLEANUP(arena_freep) struct arena *arena = arena_new()

static void steps_run_in_order_and_answer(void **state)
{
        (void)state;
        ARENA;
        struct act_order order = order_of(arena, "abc", 1);
        struct reply reply = serve(&order);
        assert_int_equal(reply.outcome, OUTCOME_SUCCESS);
        assert_int_equal(reply.failure.code, FAILURE_NONE);
        assert_string_equal(ran(arena), "abc");
        assert_int_equal(reply.answer_length, 3);
        assert_memory_equal(reply.answer, "abc", 3);
        assert_int_equal(world->asked, 3);
        assert_int_equal(look_up(arena, 1, RECORD_LOOKUP).outcome, OUTCOME_SUCCESS);
        assert_int_equal(serve(&order).failure.code, FAILURE_CONFLICT);
        assert_int_equal(look_up(arena, 1, RECORD_FORGET).outcome, OUTCOME_SUCCESS);
        reply = look_up(arena, 1, RECORD_LOOKUP);
        assert_int_equal(reply.outcome, OUTCOME_UNKNOWN);
        assert_int_equal(reply.failure.code, FAILURE_NOT_FOUND);
        assert_int_equal(world->act.journal_count, 0);
}

static void failure_undoes_what_was_begun_in_reverse(void **state)
{
        (void)state;
        ARENA;
        world->fails = 'c';
        struct act_order order = order_of(arena, "abcd", 1);
        struct reply reply = serve(&order);
        assert_int_equal(reply.outcome, OUTCOME_FAILED);
        assert_string_equal(reply.failure.message, "as told");
        assert_int_equal(reply.step, 3);
        assert_int_equal(reply.answer_length, 0);
        assert_string_equal(ran(arena), "abcCBA");
        reply = look_up(arena, 1, RECORD_LOOKUP);
        assert_int_equal(reply.outcome, OUTCOME_FAILED);
        assert_int_equal(reply.step, 3);
}

static void what_was_so_already_is_not_taken_back(void **state)
{
        (void)state;
        ARENA;
        world->skips = 'b';
        world->fails = 'c';
        struct act_order order = order_of(arena, "abc", 1);
        assert_int_equal(serve(&order).outcome, OUTCOME_FAILED);
        assert_string_equal(ran(arena), "acCA");
}

static void a_crash_is_undone_at_the_next_start(void **state)
{
        (void)state;
        ARENA;
        world->crashes = 'c';
        run_and_crash(arena, "abcd", 1);
        assert_string_equal(ran(arena), "abc");
        act_resume(&world->act);
        assert_string_equal(ran(arena), "abcCBA");
        const struct reply reply = look_up(arena, 1, RECORD_LOOKUP);
        assert_int_equal(reply.outcome, OUTCOME_FAILED);
        assert_int_equal(reply.step, 3); /* where the power went */
        act_resume(&world->act);
        assert_string_equal(ran(arena), "abcCBA");
}

static void a_crash_after_destroying_is_finished_forward(void **state)
{
        (void)state;
        ARENA;
        world->crashes = 'd';
        run_and_crash(arena, "ab!c!d!e!", 1);
        assert_string_equal(ran(arena), "abcd");
        act_resume(&world->act);
        assert_string_equal(ran(arena), "abcdde");
        assert_int_equal(look_up(arena, 1, RECORD_LOOKUP).outcome, OUTCOME_SUCCESS);
        world->crashes = 'g'; /* begun is enough */
        run_and_crash(arena, "fg!", 2);
        act_resume(&world->act);
        assert_string_equal(ran(arena), "abcddefgg");
}

static void resume_and_crash(char letter)
{
        world->crashes = letter;
        pid_t child = fork();
        if (child == 0) {
                act_resume(&world->act);
                _exit(0);
        }
        int status;
        waitpid(child, &status, 0);
        assert_int_equal(WEXITSTATUS(status), 9);
        world->crashes = 0;
}

static void crashes_on_the_way_forward_do_not_turn_it(void **state)
{
        (void)state;
        ARENA;
        world->crashes = 'b';
        run_and_crash(arena, "ab!c!", 1);
        resume_and_crash('b');
        act_resume(&world->act);
        assert_string_equal(ran(arena), "abbbc");
        assert_int_equal(look_up(arena, 1, RECORD_LOOKUP).outcome, OUTCOME_SUCCESS);
        world->crashes = 'g';
        run_and_crash(arena, "ef!g+", 2);
        resume_and_crash('g');
        act_resume(&world->act);
        assert_string_equal(ran(arena), "abbbcefgGgGg");
        assert_int_equal(look_up(arena, 2, RECORD_LOOKUP).outcome, OUTCOME_SUCCESS);
}

static void a_crash_before_destroying_goes_back(void **state)
{
        (void)state;
        ARENA;
        world->crashes = 'b';
        run_and_crash(arena, "abc!", 1);
        act_resume(&world->act);
        assert_string_equal(ran(arena), "abBA");
        assert_int_equal(look_up(arena, 1, RECORD_LOOKUP).outcome, OUTCOME_FAILED);
}

static void a_step_cut_off_on_the_way_forward_is_taken_back_and_done_again(void **state)
{
        (void)state;
        ARENA;
        world->crashes = 'c';
        run_and_crash(arena, "ab!c+d+", 1);
        act_resume(&world->act);
        assert_string_equal(ran(arena), "abcCcd");
        assert_int_equal(look_up(arena, 1, RECORD_LOOKUP).outcome, OUTCOME_SUCCESS);
}

static void who_is_on_the_way_back_does_not_turn_again(void **state)
{
        (void)state;
        ARENA;
        world->fails = 'c';
        world->fails_undo = 'a';
        struct act_order order = order_of(arena, "ab!c!", 1);
        struct reply reply;
        assert_false(act_serve(&world->act, &order, &reply));
        assert_string_equal(ran(arena), "abccA"); /* what destroyed is tried once more before */
        world->fails = world->fails_undo = 0;
        act_resume(&world->act);
        assert_string_equal(ran(arena), "abccAA");
        assert_int_equal(look_up(arena, 1, RECORD_LOOKUP).outcome, OUTCOME_FAILED);
}

static void forward_that_fails_turns_back(void **state)
{
        (void)state;
        ARENA;
        world->crashes = 'b';
        run_and_crash(arena, "ab!c!", 1);
        world->fails = 'c';
        act_resume(&world->act);
        assert_string_equal(ran(arena), "abbcA");
        assert_int_equal(look_up(arena, 1, RECORD_LOOKUP).outcome, OUTCOME_FAILED);
}

static void an_undo_that_fails_is_tried_again_then_given_up(void **state)
{
        (void)state;
        ARENA;
        world->fails = 'c';
        world->fails_undo = 'b';
        struct act_order order = order_of(arena, "abc", 1);
        struct reply reply;
        assert_false(act_serve(&world->act, &order, &reply)); /* nothing can be said yet */
        assert_string_equal(ran(arena), "abcCBA");
        reply = look_up(arena, 1, RECORD_LOOKUP);
        assert_int_equal(reply.outcome, OUTCOME_REFUSED);
        assert_int_equal(reply.failure.code, FAILURE_UNAVAILABLE);
        assert_int_equal(look_up(arena, 1, RECORD_FORGET).outcome, OUTCOME_REFUSED);
        world->fails_undo = 0;
        reply = look_up(arena, 1, RECORD_LOOKUP);
        assert_int_equal(reply.outcome, OUTCOME_FAILED);
        assert_int_equal(reply.step, 3); /* not where its undo had to be tried again */
        world->fails_undo = 'b';
        order = order_of(arena, "abc", 2);
        assert_false(act_serve(&world->act, &order, &reply));
        unsigned tries = 0;
        while (look_up(arena, 2, RECORD_LOOKUP).outcome == OUTCOME_REFUSED)
                assert_in_range(++tries, 1, JOURNAL_UNDO_TRIES);
        assert_int_equal(look_up(arena, 2, RECORD_LOOKUP).outcome, OUTCOME_FAILED);
}

static void a_torn_tail_does_not_matter(void **state)
{
        (void)state;
        ARENA;
        for (uint8_t torn = 1; torn < JOURNAL_RECORD_BYTES + 3; torn++) {
                world->crashes = 'b';
                run_and_crash(arena, "ab", torn);
                char name[JOURNAL_NAME_SIZE];
                text_hex((const uint8_t[PLAN_ID_BYTES]){torn}, PLAN_ID_BYTES, name);
                int fd = openat(world->act.journals, name, O_WRONLY | O_APPEND | O_CLOEXEC);
                assert_int_equal(write(fd, "\1\0\0\0\1\0\0\0\0\0\0", torn), torn);
                close(fd);
                assert_int_equal(look_up(arena, torn, RECORD_LOOKUP).outcome, OUTCOME_FAILED);
                assert_int_equal(look_up(arena, torn, RECORD_LOOKUP).outcome, OUTCOME_FAILED);
        }
}

static void a_journal_holds_no_secret(void **state)
{
        (void)state;
        ARENA;
        struct act_order order = order_of(arena, "ab", 1);
        serve(&order);
        char name[JOURNAL_NAME_SIZE];
        uint8_t *bytes;
        size_t length;
        text_hex((const uint8_t[PLAN_ID_BYTES]){1}, PLAN_ID_BYTES, name);
        assert_int_equal(file_read_below(world->act.journals, name, JOURNAL_BYTES_MAX, &bytes, &length), 0);
        assert_non_null(memmem(bytes, length, "aname", 5));
        assert_null(memmem(bytes, length, "correct horse", 13));
        free(bytes);
}

static void an_abort_undoes_unless_something_is_gone(void **state)
{
        (void)state;
        ARENA;
        world->abort_at = 3;
        struct act_order order = order_of(arena, "abc", 1);
        struct reply reply = serve(&order);
        assert_int_equal(reply.outcome, OUTCOME_ABORTED);
        assert_int_equal(reply.failure.code, FAILURE_ABORTED);
        assert_string_equal(ran(arena), "abBA");
        assert_int_equal(look_up(arena, 1, RECORD_LOOKUP).outcome, OUTCOME_ABORTED);
        order = order_of(arena, "ab!c!", 2);
        assert_int_equal(serve(&order).outcome, OUTCOME_SUCCESS);
}

static void a_revoked_ticket_stops_a_running_plan(void **state)
{
        (void)state;
        ARENA;
        world->revoke_at = 3;
        struct act_order order = order_of(arena, "abc", 1);
        assert_int_equal(serve(&order).outcome, OUTCOME_ABORTED);
        assert_string_equal(ran(arena), "abBA");
        world->revoke_at = 0;
        order = order_of(arena, "abc", 2); /* by a step of the plan, in a hand that does not revoke itself */
        world->revokes = 'a';
        assert_int_equal(serve(&order).outcome, OUTCOME_ABORTED);
}

static void what_a_plan_revokes_itself_does_not_stop_it(void **state)
{
        (void)state;
        ARENA;
        world->hand.revokes = true;
        world->revokes = 'a';
        struct act_order order = order_of(arena, "abc", 1);
        assert_int_equal(serve(&order).outcome, OUTCOME_SUCCESS);
        world->revokes = 0;
        world->revoke_at = 2; /* but what happens between its steps does */
        order = order_of(arena, "abc", 2);
        assert_int_equal(serve(&order).outcome, OUTCOME_ABORTED);
}

static void a_long_plan_may_outlive_its_ticket(void **state)
{
        (void)state;
        ARENA;
        struct act_order order = order_of(arena, "abc", 1);
        order.request.ticket = ticket_text(arena, 500);
        world->hand.revokes = false;
        struct ticket ticket;
        assert_int_equal(ticket_check(world->act.trust, order.request.ticket, &ticket, NULL), 0);
        usleep(510 * 1000);
        assert_int_equal(ticket_check(world->act.trust, order.request.ticket, &ticket, NULL), -1);
        assert_false(ticket_revoked(world->act.trust, &ticket));
        assert_int_equal(serve(&order).failure.code, FAILURE_UNAUTHENTICATED); /* but may not begin after it */
        assert_string_equal(ran(arena), "");
}

static void a_warrant_is_spent_once(void **state)
{
        (void)state;
        ARENA;
        struct plan *plan = plan_new(arena, &users_operations);
        struct act_order order = order_of(arena, "a", 1);
        assert_int_equal(plan_step(plan, NULL, USERS_PASSWORD_SET, "aname", "20001", "correct horse battery", NULL), 0);
        order.request.plan = plan_encode(plan, arena, &order.request.plan_length);
        assert_int_equal(serve(&order).failure.code, FAILURE_CONFIRMATION);
        set_warrant(&order, UID + 1);
        assert_int_equal(serve(&order).failure.code, FAILURE_CONFIRMATION);
        set_warrant(&order, UID);
        assert_int_equal(serve(&order).outcome, OUTCOME_SUCCESS);
        order.request.id[0] = 2;
        assert_int_equal(serve(&order).failure.code, FAILURE_CONFIRMATION);
        set_warrant(&order, UID);
        assert_int_equal(serve(&order).outcome, OUTCOME_SUCCESS);
        assert_string_equal(ran(arena), "aa");
}

static void only_the_clerk_may_say_anything(void **state)
{
        (void)state;
        ARENA;
        struct reply reply;
        struct act_order order = order_of(arena, "a", 1);
        for (uid_t uid = 0; uid < 3; uid++) {
                order.peer.uid = uid;
                for (enum record_kind kind = RECORD_EXECUTE; kind <= RECORD_FORGET; kind++) {
                        order.request.kind = kind;
                        if (kind != RECORD_ASK)
                                assert_false(act_serve(&world->act, &order, &reply));
                }
        }
        order.peer.uid = CLERK;
        order.request.kind = RECORD_ABORT; /* nothing runs */
        assert_false(act_serve(&world->act, &order, &reply));
        assert_string_equal(ran(arena), "");
}

static void a_secret_after_what_destroys_is_refused(void **state)
{
        (void)state;
        ARENA;
        struct act_order order = order_of(arena, "a!b", 1);
        struct reply reply = serve(&order);
        assert_int_equal(reply.outcome, OUTCOME_REFUSED);
        assert_int_equal(reply.failure.code, FAILURE_INVALID);
        assert_string_equal(ran(arena), "");
}

static void a_row_of_the_clerks_is_not_for_a_hand(void **state)
{
        (void)state;
        ARENA;
        struct act_order order = order_of(arena, "a", 1);
        struct plan *plan = plan_new(arena, &users_operations);
        assert_int_equal(plan_step(plan, NULL, USERS_SESSION_END, "boss", "7", NULL), 0);
        assert_int_equal(plan_step(plan, NULL, USERS_KEY_LABEL, "boss", "20001", "7", "new", NULL), 0);
        order.request.plan = plan_encode(plan, arena, &order.request.plan_length);
        struct reply reply = serve(&order);
        assert_int_equal(reply.outcome, OUTCOME_REFUSED);
        assert_int_equal(reply.failure.code, FAILURE_INVALID);
        assert_string_equal(ran(arena), "");
}

static void what_is_kept_lies_there_until_the_outcome(void **state)
{
        (void)state;
        ARENA;
        world->crashes = 'b';
        run_and_crash(arena, "ab", 1);
        char name[JOURNAL_NAME_SIZE];
        text_hex((const uint8_t[PLAN_ID_BYTES]){1}, PLAN_ID_BYTES, name);
        struct journal_file file = {.directory = world->act.journals, .fd = -1, .name = name};
        assert_int_equal(journal_load(&file, arena), 0);
        struct act_context context = work_begin(&world->act, arena, NULL, -1, &file);
        context.step = 1;
        assert_int_equal(act_keep(&context, "first", 5, NULL), 0);
        assert_int_equal(act_keep(&context, "second", 6, NULL), 0);
        uint8_t *kept;
        size_t length;
        assert_int_equal(act_kept(&context, &kept, &length), 0);
        assert_int_equal(length, 5);
        assert_memory_equal(kept, "first", 5);
        free(kept);
        close(file.fd);
        act_resume(&world->act);
        assert_int_equal(act_kept(&context, &kept, &length), -ENOENT);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
        crypto_start();
        const struct CMUnitTest tests[] = {
                TEST(steps_run_in_order_and_answer),
                TEST(failure_undoes_what_was_begun_in_reverse),
                TEST(what_was_so_already_is_not_taken_back),
                TEST(a_crash_is_undone_at_the_next_start),
                TEST(a_crash_after_destroying_is_finished_forward),
                TEST(crashes_on_the_way_forward_do_not_turn_it),
                TEST(a_crash_before_destroying_goes_back),
                TEST(a_step_cut_off_on_the_way_forward_is_taken_back_and_done_again),
                TEST(who_is_on_the_way_back_does_not_turn_again),
                TEST(forward_that_fails_turns_back),
                TEST(an_undo_that_fails_is_tried_again_then_given_up),
                TEST(a_torn_tail_does_not_matter),
                TEST(a_journal_holds_no_secret),
                TEST(an_abort_undoes_unless_something_is_gone),
                TEST(a_revoked_ticket_stops_a_running_plan),
                TEST(what_a_plan_revokes_itself_does_not_stop_it),
                TEST(a_long_plan_may_outlive_its_ticket),
                TEST(a_warrant_is_spent_once),
                TEST(only_the_clerk_may_say_anything),
                TEST(a_secret_after_what_destroys_is_refused),
                TEST(a_row_of_the_clerks_is_not_for_a_hand),
                TEST(what_is_kept_lies_there_until_the_outcome),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
