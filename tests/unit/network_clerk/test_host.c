/* Name, time zone and network of the machine: what is read of a file, shown, planned and refused.
 * Rights: none. */
#include "base/mem.h"
#include "tests/unit/network_clerk/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STATE "name=nas\nzone=Europe/Berlin\nclock=yes\naddresses=192.168.1.5 fd00::1\nroute=yes\nwrong=zone\n"

static struct arena *arena;

static const char *as(enum role role)
{
        return arena_printf(arena, "\"ticket\":\"%s\"", fake_ticket("ada", 20000, role, 0));
}

static void known_as(const char *name, const char *zone)
{
        fake_machine.host = (struct host){.known = true, .name = name, .zone = zone, .message = ""};
}

static int set_up(void **state)
{
        (void)state;
        fake_machine_clear();
        fake_hand.mode = FAKE_OBEYS;
        fake_hand.steps[0] = '\0';
        return 0;
}

static void what_is_written_down_is_read_strictly(void **state)
{
        (void)state;
        char text[512];
        struct host host = {0};
        snprintf(text, sizeof(text), "%s", STATE);
        assert_true(host_read(text, &host) && host.known);
        assert_string_equal(host.name, "nas");
        assert_string_equal(host.zone, "Europe/Berlin");
        assert_true(host.clock_right && host.route);
        assert_string_equal(host.message, "The system does not know this time zone.");
        assert_int_equal(host.address_count, 2);
        assert_string_equal(host.addresses[1], "fd00::1");
        static const char *const wrong[] = {"",
                                            "\n",
                                            "name=nas\n",
                                            "zone=UTC\n",
                                            "name=NAS\nzone=UTC\n",
                                            "name=nas\nzone=../etc\n",
                                            "name=-nas\nzone=UTC\n",
                                            "nas UTC"};
        for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
                struct host before = host;
                snprintf(text, sizeof(text), "%s", wrong[i]);
                assert_false(host_read(text, &host));
                assert_memory_equal(&before, &host, sizeof(host));
        }
        snprintf(text, sizeof(text), "name=nas\nzone=UTC\naddresses=1.2.3 <b> 10.0.0.1 \nclock=YES\n");
        assert_true(host_read(text, &host));
        assert_int_equal(host.address_count, 1);
        assert_false(host.clock_right || host.route);
}

static void it_is_shown(void **state)
{
        (void)state;
        struct fake_reply reply = fake_call("GetMachine", "{}", as(ROLE_VIEWER));
        assert_null(reply.error);
        assert_int_equal(json_length(reply.parameters), 0);
        fake_reply_free(&reply);
        known_as("nas", "UTC");
        reply = fake_call("GetMachine", "{}", as(ROLE_VIEWER));
        assert_string_equal(fake_at(&reply, "machine.name"), "nas");
        assert_string_equal(fake_at(&reply, "machine.route"), "false");
        fake_reply_free(&reply);
}

static void succeeds(const char *parameters)
{
        struct fake_reply reply = fake_call("SetMachine", parameters, as(ROLE_ADMIN));
        for (unsigned i = 0; reply.error && strcmp(reply.error, "nas.error.Unavailable") == 0 && i < 600; i++) {
                fake_reply_free(&reply); /* what was unfinished when it started is still being looked up */
                fake_run_ms(100);
                reply = fake_call("SetMachine", parameters, as(ROLE_ADMIN));
        }
        if (reply.error)
                fail_msg("%s: %s", reply.error, fake_at(&reply, "message"));
        fake_reply_free(&reply);
}

static void what_is_left_out_stays(void **state)
{
        (void)state;
        known_as("nas", "UTC");
        succeeds("{\"time_zone\":\"Europe/Berlin\"}");
        assert_string_equal(fake_machine.host.name, "nas");
        assert_string_equal(fake_machine.host.zone, "Europe/Berlin");
        assert_string_equal(fake_hand.steps, "write /var/lib/bulkhead/host/zone: Europe/Berlin\n");
        /* Whoever sets the other in the moment before it is known does not take it back. */
        known_as("nas", "UTC");
        fake_hand.steps[0] = '\0';
        succeeds("{\"name\":\"attic\"}");
        assert_string_equal(fake_hand.steps, "write /var/lib/bulkhead/host/name: attic\n");
        assert_string_equal(fake_machine.host.name, "attic");
        fake_hand.steps[0] = '\0';
        succeeds("{\"name\":\"cellar\",\"time_zone\":\"Asia/Tokyo\"}");
        assert_string_equal(fake_hand.steps, "write /var/lib/bulkhead/host/name: cellar\n"
                                             "write /var/lib/bulkhead/host/zone: Asia/Tokyo\n");
}

static void refused(const char *parameters, enum role role, const char *error)
{
        struct fake_reply reply = fake_call("SetMachine", parameters, as(role));
        assert_non_null(reply.error);
        assert_string_equal(reply.error, error);
        fake_reply_free(&reply);
}

static void what_is_no_name_is_refused(void **state)
{
        (void)state;
        known_as("nas", "UTC");
        refused("{}", ROLE_ADMIN, "nas.error.Invalid");
        refused("{\"name\":\"a b\"}", ROLE_ADMIN, "nas.error.Invalid");
        refused("{\"name\":\"localhost\"}", ROLE_ADMIN, "nas.error.Invalid");
        refused("{\"time_zone\":\"/etc/passwd\"}", ROLE_ADMIN, "nas.error.Invalid");
        refused("{\"name\":\"attic\"}", ROLE_OPERATOR, "nas.error.Denied");
        assert_string_equal(fake_machine.host.name, "nas");
}

static int begin(void **state)
{
        (void)state;
        arena = arena_new();
        fake_start();
        return 0;
}

static int end(void **state)
{
        (void)state;
        fake_stop();
        arena_free(arena);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_written_down_is_read_strictly),
                cmocka_unit_test_setup(it_is_shown, set_up),
                cmocka_unit_test_setup(what_is_left_out_stays, set_up),
                cmocka_unit_test_setup(what_is_no_name_is_refused, set_up),
        };
        return cmocka_run_group_tests(tests, begin, end);
}
