/* Other machines that may send here, over a fake hand and a fake machine: what letting one in comes down to, and what is
 * refused before anything is planned. Rights: none. */
#include "tests/unit/storage_clerk/asking.h"

#define KEY             "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
#define ACCEPT(place)   "{\"name\":\"peer\",\"key\":\"" KEY "\",\"place\":\"" place "\"}"
#define ACCEPT_KEY(key) "{\"name\":\"peer\",\"key\":\"" key "\",\"place\":\"/srv/tank/from\"}"

/* One line for one command, and nothing of the place or the key can be more than that. */
static void letting_one_in(void **state)
{
        (void)state;
        fake_machine_tank();
        const char *steps = planned("AcceptSender", ACCEPT("/srv/tank/from/peer")),
                   *line = strstr(steps,
                                  "restrict,command=\"/usr/libexec/bulkhead/receive-only /srv/tank/from/peer\" " KEY);
        assert_non_null(strstr(steps, "write /etc/bulkhead/senders/peer: "));
        assert_non_null(line);
        assert_non_null(strstr(line, "systemctl start bulkhead-senders.service\n"));
        fails_on("AcceptSender", ACCEPT("/srv/tank"), "place", "a folder in a pool");
        fails_on("AcceptSender", ACCEPT("/srv/tank/../x"), "place", "a folder in a pool");
        fails_on("AcceptSender", ACCEPT("/srv/tank/a\\\" x"), "place", "a folder in a pool");
        fails_on("AcceptSender", ACCEPT("/etc/tank/x"), "place", "a folder in a pool");
        fails_on("AcceptSender", ACCEPT_KEY("command=\\\"id\\\" " KEY), "key", "");
        fails_on("AcceptSender", ACCEPT_KEY(KEY "\\nssh-rsa x"), "key", "");
        fails_on("AcceptSender", ACCEPT_KEY("ssh-ed25519 AAAA"), "key", "");
}

static void where_nobody_can_send(void **state)
{
        (void)state;
        fake_machine_tank();
        fails_on("AcceptSender", ACCEPT("/srv/cellar/from"), "place", "no pool");
        fake_machine.systems[0].mounted = NULL;
        fails_on("AcceptSender", ACCEPT("/srv/tank/from"), "place", "not mounted");
        fake_machine_tank();
        fake_machine.pools[0].type = "ext4";
        fails_on("AcceptSender", ACCEPT("/srv/tank/from"), "pool", "no snapshots");
        fails_on("RevokeSender", "{\"name\":\"peer\"}", "name", "no machine peer");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(letting_one_in, set_up),
                cmocka_unit_test_setup(where_nobody_can_send, set_up),
        };
        return cmocka_run_group_tests(tests, make, drop);
}
