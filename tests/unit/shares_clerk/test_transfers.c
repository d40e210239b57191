/* Folders offered by FTP, SFTP, WebDAV and rsync, with a fake hand and a fake machine: what each change comes down to,
 * in which order. Rights: none. */
#include "base/mem.h"
#include "tests/unit/shares_clerk/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define PHOTOS "{\"name\":\"photos\",\"path\":\"/srv/tank/photos\",\"protocols\":[\"sftp\",\"ftp\"]}"
#define FOLLOW "start bulkhead-transfers@tank.service"

static void made_and_read_again(void **state)
{
        (void)state;
        fake_done("CreateTransfer", PHOTOS);
        IN_ORDER(FOLLOW, "write /etc/bulkhead/transfers/photos", FOLLOW);
        const transfer_offer *transfer = transfer_named("PHOTOS");
        assert_non_null(transfer);
        assert_int_equal(transfer->id, 1);
        assert_string_equal(transfer->path, "/srv/tank/photos");
        assert_int_equal(transfer->protocols_count, 2);
        assert_true(transfer_uses(transfer, "ftp") && transfer_uses(transfer, "sftp"));
        assert_false(transfer_uses(transfer, "webdav"));
        assert_true(transfer->enabled);
        assert_false(transfer->read_only);
        fake_done("CreateTransfer", "{\"name\":\"films\",\"path\":\"/srv/tank/films\",\"protocols\":[]}");
        assert_int_equal(transfer_named("films")->id, 2);
        assert_string_equal(transfer_shown(transfer_named("films"), fake_arena).message, "No way is chosen.");
}

static void changed(void **state)
{
        (void)state;
        fake_done("CreateTransfer", PHOTOS);
        fake_done("UpdateTransfer", "{\"id\":1,\"name\":\"pictures\",\"read_only\":true}");
        IN_ORDER(FOLLOW, "/etc/bulkhead/transfers/photos", "write /etc/bulkhead/transfers/pictures", FOLLOW);
        assert_null(transfer_named("photos"));
        assert_true(transfer_named("pictures")->read_only);
        assert_int_equal(transfer_named("pictures")->protocols_count, 2); /* what is not named stays */
        fake_done("UpdateTransfer", "{\"id\":1,\"protocols\":[\"rsync\"],\"enabled\":false}");
        assert_true(transfer_uses(transfer_named("pictures"), "rsync"));
        assert_false(transfer_uses(transfer_named("pictures"), "ftp"));
        assert_string_equal(transfer_shown(transfer_named("pictures"), fake_arena).message, "It is not enabled.");
        fake_machine.tank_is_away = true; /* it can be forgotten nevertheless */
        fake_done("DeleteTransfer", "{\"id\":1}");
        assert_null(strstr(fake_hand.steps, FOLLOW));
        assert_int_equal(transfers_count(), 0);
}

static void refused(void **state)
{
        (void)state;
        fake_done("CreateTransfer", PHOTOS);
        fake_fails("CreateTransfer", "{\"name\":\"Photos\",\"path\":\"/srv/tank/x\",\"protocols\":[\"ftp\"]}",
                   "already");
        fake_fails("CreateTransfer", "{\"name\":\"x\",\"path\":\"/srv/lake/x\",\"protocols\":[\"ftp\"]}", "No pool");
        fake_fails("CreateTransfer", "{\"name\":\"x\",\"path\":\"/etc\",\"protocols\":[\"ftp\"]}", "");
        fake_fails("CreateTransfer", "{\"name\":\"x\\nuser = bob\",\"path\":\"/srv/tank/x\",\"protocols\":[\"ftp\"]}",
                   "");
        fake_fails("CreateTransfer", "{\"name\":\"x\",\"path\":\"/srv/tank/x\",\"protocols\":[\"telnet\"]}", "");
        fake_fails("UpdateTransfer", "{\"id\":1,\"users\":[\"zoe_is_not_there\"]}", "zoe_is_not_there");
        fake_fails("UpdateTransfer", "{\"id\":9,\"enabled\":false}", "no transfer");
        fake_fails("DeleteTransfer", "{\"id\":9}", "no transfer");
        assert_int_equal(transfers_count(), 1);
}

static void said_beside_others(void **state)
{
        (void)state;
        fake_done("CreateTransfer", PHOTOS);
        const struct offer offer = {.way = OFFER_SMB, .id = 1, .name = "s", .path = "/srv/tank", .writes = false};
        assert_non_null(strstr(offer_also(&offer, fake_arena), "the transfer folder photos offers /srv/tank/photos"));
        assert_non_null(strstr(offer_also(&offer, fake_arena), "lets it be changed"));
        const struct offer same = offer_of_transfer(transfer_named("photos"));
        assert_string_equal(offer_also(&same, fake_arena), "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test_setup(made_and_read_again, fake_machine_set_up),
                                           cmocka_unit_test_setup(changed, fake_machine_set_up),
                                           cmocka_unit_test_setup(refused, fake_machine_set_up),
                                           cmocka_unit_test_setup(said_beside_others, fake_machine_set_up)};
        return cmocka_run_group_tests(tests, fake_machine_start, fake_machine_stop);
}
