/* Tickets and warrants: what holds, and that nothing else does.
 * Rights: none; a trust directory of its own below /tmp. */
#include "base/mem.h"
#include "base/text.h"
#include "sys/file.h"
#include "ticket/sign.h"
#include "ticket/ticket.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct world {
        char directory[64];
        int directory_fd;
        struct trust *trust;
        struct signing_key key;
        struct trust_content content;
        struct trust_epoch epochs[2];
        struct trust_ended ended[2];
};

static void publish(struct world *world)
{
        size_t length;
        world->content.generation++;
        uint8_t *bytes = trust_write(&world->content, &length);
        assert_int_equal(file_replace(world->directory_fd, TRUST_FILE, bytes, length, 0644, (uid_t)-1, (gid_t)-1), 0);
        free(bytes);
}

static int set_up(void **state)
{
        struct world *world = mem_new(1, sizeof(*world));
        snprintf(world->directory, sizeof(world->directory), "/tmp/bulkhead-trust-XXXXXX");
        assert_non_null(mkdtemp(world->directory));
        world->directory_fd = open(world->directory, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
        world->trust = trust_open(world->directory);
        assert_non_null(world->trust);
        world->key.id = 5;
        world->content = (struct trust_content){.key_count = 1, .epochs = world->epochs, .ended = world->ended};
        world->content.keys[0].id = 5;
        memcpy(world->content.boot_id, trust_boot_id(world->trust), BOOT_ID_BYTES);
        crypto_key_from_seed((const uint8_t[SEED_BYTES]){3}, world->content.keys[0].public_key, world->key.secret);
        publish(world);
        *state = world;
        return 0;
}

static int tear_down(void **state)
{
        struct world *world = *state;
        file_remove(world->directory_fd, TRUST_FILE);
        close(world->directory_fd);
        rmdir(world->directory);
        trust_close(world->trust);
        free(world);
        return 0;
}

static struct ticket sample(const struct world *world)
{
        struct ticket ticket = {.subject = 20001,
                                .name = "alice",
                                .role = ROLE_USER,
                                .source = SOURCE_SESSION,
                                .session = 17,
                                .not_after_ms = clock_boot_ms() + TICKET_LIFE_MS - 1000};
        memcpy(ticket.boot_id, world->content.boot_id, BOOT_ID_BYTES);
        return ticket;
}

static int check_signed(struct world *world, const struct ticket *ticket)
{
        char text[TICKET_TEXT_MAX];
        struct ticket got;
        ticket_sign(ticket, &world->key, text);
        return ticket_check(world->trust, text, &got, NULL);
}

static void good_ticket_holds(void **state)
{
        struct world *world = *state;
        struct ticket ticket = sample(world), got;
        char text[TICKET_TEXT_MAX];
        ticket_sign(&ticket, &world->key, text);
        for (int i = 0; i < 3; i++) { /* the second time by its hash */
                assert_int_equal(ticket_check(world->trust, text, &got, NULL), 0);
                assert_int_equal(got.subject, 20001);
                assert_string_equal(got.name, "alice");
                assert_int_equal(got.key_id, 5);
                assert_int_equal(got.role, ROLE_USER);
        }
}

static void every_changed_character_is_refused(void **state)
{
        struct world *world = *state;
        struct ticket ticket = sample(world), got;
        char text[TICKET_TEXT_MAX];
        struct failure failure = {0};
        ticket_sign(&ticket, &world->key, text);
        assert_int_equal(ticket_check(world->trust, text, &got, NULL), 0);
        for (size_t i = 0; text[i]; i++) {
                char was = text[i];
                text[i] = was == 'A' ? 'B' : 'A';
                assert_int_equal(ticket_check(world->trust, text, &got, &failure), -1);
                assert_int_equal(failure.code, FAILURE_UNAUTHENTICATED);
                text[i] = was;
        }
        text[strlen(text) - 1] = '\0';
        assert_int_equal(ticket_check(world->trust, text, &got, NULL), -1);
        assert_int_equal(ticket_check(world->trust, "", &got, NULL), -1);
        assert_int_equal(ticket_check(world->trust, NULL, &got, NULL), -1);
}

static void time_boot_and_key_bind(void **state)
{
        struct world *world = *state;
        struct ticket ticket = sample(world);
        ticket.not_after_ms = clock_boot_ms();
        assert_int_equal(check_signed(world, &ticket), -1);
        ticket.not_after_ms = clock_boot_ms() + TICKET_LIFE_MS + 5000; /* longer than any may live */
        assert_int_equal(check_signed(world, &ticket), -1);
        ticket = sample(world);
        ticket.boot_id[3] ^= 1;
        assert_int_equal(check_signed(world, &ticket), -1);
        ticket = sample(world);
        world->key.id = 6; /* an id that is not published */
        assert_int_equal(check_signed(world, &ticket), -1);
        world->key.id = 5;
        world->key.secret[0] ^= 1; /* another key under a published id */
        assert_int_equal(check_signed(world, &ticket), -1);
}

static void revocation_holds_at_once_also_for_remembered_tickets(void **state)
{
        struct world *world = *state;
        struct ticket ticket = sample(world);
        assert_int_equal(check_signed(world, &ticket), 0);
        world->epochs[0] = (struct trust_epoch){20001, 1};
        world->content.epoch_count = 1;
        publish(world);
        assert_int_equal(check_signed(world, &ticket), -1);
        ticket.epoch = 1;
        assert_int_equal(check_signed(world, &ticket), 0);
        world->content.everybody = 1;
        publish(world);
        assert_int_equal(check_signed(world, &ticket), -1);
        ticket.epoch = 2;
        assert_int_equal(check_signed(world, &ticket), 0);
        world->ended[0] = (struct trust_ended){17, UINT64_MAX};
        world->content.ended_count = 1;
        publish(world);
        assert_int_equal(check_signed(world, &ticket), -1);
        ticket.session = 18;
        assert_int_equal(check_signed(world, &ticket), 0);
        world->content.keys[0].not_after_ms = clock_boot_ms(); /* the key itself is over */
        publish(world);
        assert_int_equal(check_signed(world, &ticket), -1);
}

static void an_old_key_holds_until_its_tickets_are_over(void **state)
{
        struct world *world = *state;
        struct ticket ticket = sample(world);
        world->content.keys[0].not_after_ms = clock_boot_ms() + 60000;
        world->content.keys[1].id = 9;
        world->content.key_count = 2;
        publish(world);
        assert_int_equal(check_signed(world, &ticket), 0);
}

static void without_a_trust_file_nothing_holds(void **state)
{
        struct world *world = *state;
        struct ticket ticket = sample(world), got;
        struct failure failure = {0};
        char text[TICKET_TEXT_MAX];
        ticket_sign(&ticket, &world->key, text);
        assert_int_equal(ticket_check(world->trust, text, &got, NULL), 0);
        file_remove(world->directory_fd, TRUST_FILE);
        assert_int_equal(ticket_check(world->trust, text, &got, &failure), -1);
        assert_int_equal(failure.code, FAILURE_UNAVAILABLE);
        assert_int_equal(trust_generation(world->trust), 0);
        publish(world);
        assert_int_equal(ticket_check(world->trust, text, &got, NULL), 0);
        assert_int_equal(file_replace(world->directory_fd, TRUST_FILE, "rubbish", 7, 0644, (uid_t)-1, (gid_t)-1), 0);
        assert_int_equal(ticket_check(world->trust, text, &got, NULL), -1);
        world->content.boot_id[0] ^= 1; /* a file of another boot */
        publish(world);
        assert_int_equal(ticket_check(world->trust, text, &got, NULL), -1);
}

static struct warrant sample_warrant(const struct world *world)
{
        struct warrant warrant = {.subject = 20001,
                                  .session = 17,
                                  .digest = {1, 2},
                                  .not_after_ms = clock_boot_ms() + WARRANT_LIFE_MS - 1000};
        memcpy(warrant.boot_id, world->content.boot_id, BOOT_ID_BYTES);
        return warrant;
}

static int check_warrant(struct world *world, const struct warrant *warrant)
{
        char text[WARRANT_TEXT_MAX];
        struct warrant got;
        struct ticket ticket = sample(world);
        warrant_sign(warrant, &world->key, text);
        return warrant_check(world->trust, text, &ticket, (const uint8_t[HASH_BYTES]){1, 2}, &got, NULL);
}

static void warrant_is_for_one_person_one_plan_one_minute(void **state)
{
        struct world *world = *state;
        struct warrant warrant = sample_warrant(world);
        assert_int_equal(check_warrant(world, &warrant), 0);
        warrant.subject = 20002;
        assert_int_equal(check_warrant(world, &warrant), -1);
        warrant = sample_warrant(world);
        warrant.session = 18;
        assert_int_equal(check_warrant(world, &warrant), -1);
        warrant = sample_warrant(world);
        warrant.digest[31] = 1;
        assert_int_equal(check_warrant(world, &warrant), -1);
        warrant = sample_warrant(world);
        warrant.not_after_ms = clock_boot_ms();
        assert_int_equal(check_warrant(world, &warrant), -1);
        warrant.not_after_ms = clock_boot_ms() + 2 * WARRANT_LIFE_MS;
        assert_int_equal(check_warrant(world, &warrant), -1);
        warrant = sample_warrant(world);
        warrant.epoch = 1;
        assert_int_equal(check_warrant(world, &warrant), -1);
}

static void a_ticket_is_no_warrant(void **state)
{
        struct world *world = *state;
        struct ticket ticket = sample(world);
        struct warrant got;
        char text[TICKET_TEXT_MAX];
        ticket_sign(&ticket, &world->key, text);
        assert_int_equal(warrant_check(world->trust, text, &ticket, (const uint8_t[HASH_BYTES]){0}, &got, NULL), -1);
        text[2] = 'w';
        assert_int_equal(warrant_check(world->trust, text, &ticket, (const uint8_t[HASH_BYTES]){0}, &got, NULL), -1);
}

static void scopes_and_roles_are_limits(void **state)
{
        struct ticket ticket = sample(*state);
        struct failure failure = {0};
        assert_int_equal(ticket_allows(&ticket, ROLE_USER, true, true, NULL), 0);
        assert_int_equal(ticket_allows(&ticket, ROLE_OPERATOR, false, false, &failure), -1);
        assert_int_equal(failure.code, FAILURE_DENIED);
        assert_non_null(strstr(failure.message, "operator"));
        ticket.scopes = SCOPE_READ_ONLY;
        assert_int_equal(ticket_allows(&ticket, ROLE_USER, false, false, NULL), 0);
        assert_int_equal(ticket_allows(&ticket, ROLE_USER, true, false, NULL), -1);
        ticket.scopes = SCOPE_NO_DESTROY;
        assert_int_equal(ticket_allows(&ticket, ROLE_USER, true, false, NULL), 0);
        assert_int_equal(ticket_allows(&ticket, ROLE_USER, true, true, NULL), -1);
}

static void trust_file_is_checked_whole(void **state)
{
        struct world *world = *state;
        world->epochs[0] = (struct trust_epoch){1, 1};
        world->epochs[1] = (struct trust_epoch){2, 1};
        world->content.epoch_count = 2;
        size_t length;
        uint8_t *bytes = trust_write(&world->content, &length);
        struct trust_content *content = trust_parse(bytes, length);
        assert_non_null(content);
        assert_int_equal(trust_epoch_of(content, 2), 1);
        assert_int_equal(trust_epoch_of(content, 3), 0);
        trust_content_free(content);
        for (size_t i = 0; i < length; i++) {
                bytes[i] ^= 0x10;
                assert_null(trust_parse(bytes, length));
                bytes[i] ^= 0x10;
                assert_null(trust_parse(bytes, i));
        }
        free(bytes);
        world->epochs[1].subject = 1; /* not sorted */
        bytes = trust_write(&world->content, &length);
        assert_null(trust_parse(bytes, length));
        free(bytes);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
        crypto_start();
        const struct CMUnitTest tests[] = {
                TEST(good_ticket_holds),
                TEST(every_changed_character_is_refused),
                TEST(time_boot_and_key_bind),
                TEST(revocation_holds_at_once_also_for_remembered_tickets),
                TEST(an_old_key_holds_until_its_tickets_are_over),
                TEST(without_a_trust_file_nothing_holds),
                TEST(warrant_is_for_one_person_one_plan_one_minute),
                TEST(a_ticket_is_no_warrant),
                TEST(scopes_and_roles_are_limits),
                TEST(trust_file_is_checked_whole),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
