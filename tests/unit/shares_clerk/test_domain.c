/* The domain that this machine is in: its file both ways, what Samba's tools print of it, and what joining and leaving
 * come down to. Rights: none. */
#include "base/mem.h"
#include "daemons/shares/clerk/domain.h"
#include "tests/unit/shares_clerk/machine.h"
#include "value/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FOUND                                                                                                          \
        "Information for Domain Controller: 10.0.0.5\n\nForest: bulk.test\nDomain: bulk.test\n"                        \
        "Domain Controller: dc1.bulk.test\nPre-Win2k Domain: BULK\nPre-Win2k Hostname: DC1\n"
#define JOINED                                                                                                         \
        "include = /usr/share/bulkhead/smb-member.conf\nrealm = BULK.TEST\nworkgroup = BULK\nnetbios name = NAS\n"     \
        "idmap config BULK : backend = rid\nidmap config BULK : range = 1900000000-2099999999\nvalid users = "         \
        "NAS\\%U\n"

static char *copy_of(const char *text)
{
        return arena_text(fake_arena, text, strlen(text));
}

static void file_both_ways(void **state)
{
        (void)state;
        const struct domain domain = domain_read(copy_of(JOINED));
        assert_string_equal(domain.realm, "BULK.TEST");
        assert_string_equal(domain.workgroup, "BULK");
        assert_string_equal(domain.name, "NAS");
        const char *lines[DOMAIN_LINES], *text = "";
        domain_lines(&domain, fake_arena, lines);
        for (size_t i = 0; i < DOMAIN_LINES; i++) {
                assert_true(value_is(&value_domain_setting, lines[i], strlen(lines[i])));
                text = arena_printf(fake_arena, "%s%s\n", text, lines[i]);
        }
        assert_string_equal(text, JOINED);
        assert_null(domain_read(NULL).realm);
        assert_null(domain_read(copy_of("realm = BULK.TEST\nworkgroup = BULK\n")).realm);
        assert_null(domain_read(copy_of("realm = BULK TEST\nworkgroup = BULK\nnetbios name = N\n")).realm);
}

static void what_tools_print(void **state)
{
        (void)state;
        struct domain_found found = domain_found_read(copy_of(
                FOUND "Server time offset: -412\nchecking the trust secret for domain BULK via RPC calls succeeded\n"));
        assert_string_equal(found.controller, "dc1.bulk.test");
        assert_string_equal(found.workgroup, "BULK");
        assert_true(found.has_clock && found.trusted);
        assert_int_equal(found.clock, -412);
        assert_null(domain_found_read(copy_of("Didn't find the cldap server!\n")).controller);
        assert_null(domain_found_read(copy_of("Pre-Win2k Domain: A B\\\nDomain Controller: x\n")).controller);
        found = domain_found_read(copy_of("checking the trust secret for domain BULK via RPC calls failed\n" FOUND));
        assert_false(found.trusted || found.has_clock);

        assert_string_equal(domain_sid_read("S-1-5-21-1-2-3-1104 SID_USER (1)\n", false, fake_arena),
                            "S-1-5-21-1-2-3-1104");
        assert_non_null(domain_sid_read("S-1-5-21-1-2-3-513 SID_DOM_GROUP (2)\n", true, fake_arena));
        assert_null(domain_sid_read("S-1-5-21-1-2-3-513 SID_DOM_GROUP (2)\n", false, fake_arena));
        assert_null(domain_sid_read("S-1-5-21-1-2-3-1104 SID_USER (1)\n", true, fake_arena));
        assert_null(domain_sid_read("S-1-5-32-544 SID_ALIAS (4)\n", true, fake_arena));
        assert_null(domain_sid_read("", false, fake_arena));

        assert_string_equal(domain_machine_name("nas-2.home", fake_arena), "NAS-2");
        assert_null(domain_machine_name("a-name-of-sixteen", fake_arena));
        assert_null(domain_machine_name("", fake_arena));
}

static void why_not(void **state)
{
        (void)state;
        static const struct {
                const char *printed, *field;
        } cases[] = {
                {"Failed to join domain: ... The attempted logon is invalid. This is either due to a bad username or "
                 "authentication information.",
                 "password"},
                {"Failed to set account flags for machine account (NT_STATUS_ACCESS_DENIED)", "user"},
                {"failed to find DC for domain BULK", "realm"}};
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct failure failure = {.code = FAILURE_FAILED};
                domain_join_explain(cases[i].printed, &failure);
                assert_int_equal(failure.code, FAILURE_INVALID);
                assert_string_equal(failure.field, cases[i].field);
                assert_true(failure.message[0] && failure.next[0]);
        }
        struct failure failure = {.code = FAILURE_FAILED, .message = "as it was"};
        domain_join_explain("something else", &failure);
        assert_string_equal(failure.message, "as it was");
}

/* Named by people, numbered in the file, and named again. */
static void people_of_the_domain(void **state)
{
        (void)state;
        static const char *const users[] = {"root", "BULK\\carol", "@BULK\\Domain Users"};
        static const char *const sids[] = {"S-1-5-21-1-2-3-1104 BULK\\carol", "S-1-5-21-1-2-3-513 @BULK\\Domain Users"};
        const char *lines[SMB_LINES_MAX], *text = "# 7 2026-11-21T15:59:23.623606Z\n[photos]\n";
        smb_share one = smb_default();
        one.path = "/srv/tank/photos";
        one.valid_users = users;
        one.valid_users_count = 3;
        one.write_list = users + 2;
        one.write_list_count = 1;
        one.sids = sids;
        one.sids_count = 2;
        const size_t count = smb_lines(&one, "/srv/tank/photos", fake_arena, lines);
        for (size_t i = 0; i < count; i++) {
                assert_true(value_is(&value_smb_setting, lines[i], strlen(lines[i])));
                text = arena_printf(fake_arena, "%s\t%s\n", text, lines[i]);
        }
        fake_machine_put("photos", text);
        assert_non_null(strstr(text, "\tvalid users = root, S-1-5-21-1-2-3-1104, S-1-5-21-1-2-3-513\n"));
        const smb_share *share = smb_named("photos");
        assert_non_null(share);
        assert_int_equal(share->valid_users_count, 3);
        assert_string_equal(share->valid_users[0], "root");
        assert_string_equal(share->valid_users[1], "BULK\\carol");
        assert_string_equal(share->valid_users[2], "@BULK\\Domain Users");
        assert_string_equal(share->write_list[0], "@BULK\\Domain Users");
        /* Who is known already is asked nobody for, and who is named no more is forgotten. */
        fake_machine_put_server(DOMAIN_FILE, JOINED);
        fake_done("UpdateSmbShare", "{\"id\":7,\"valid_users\":[\"root\",\"BULK\\\\carol\"]}");
        assert_non_null(strstr(fake_machine_file("photos"), "\tvalid users = root, S-1-5-21-1-2-3-1104\n"));
        fake_done("UpdateSmbShare", "{\"id\":7,\"write_list\":[]}");
        assert_non_null(strstr(fake_machine_file("photos"), "\tbulkhead:sids = S-1-5-21-1-2-3-1104 BULK\\carol\n"));
        fake_fails("UpdateSmbShare", "{\"id\":7,\"read_list\":[\"BULK\\\\dave\"]}", "knows no account BULK\\dave");
        fake_fails("UpdateSmbShare", "{\"id\":7,\"read_list\":[\"OTHER\\\\dave\"]}", "in no domain OTHER");
        fake_fails(
                "CreateTransfer",
                "{\"name\":\"t\",\"path\":\"/srv/tank/photos\",\"protocols\":[\"sftp\"],\"users\":[\"BULK\\\\carol\"]}",
                "over SMB alone");
}

static void joined_and_left(void **state)
{
        (void)state;
        static const char join[] = "{\"realm\":\"bulk.test\",\"user\":\"Administrator\",\"password\":\"Adm1n of it\"}";
        if (access("/usr/sbin/winbindd", X_OK) != 0)
                skip();
        fake_fails("JoinDomain", join, "No controller of the domain BULK.TEST");
        snprintf(fake_machine.domain, sizeof(fake_machine.domain), "%s", FOUND "Server time offset: 900\n");
        fake_fails("JoinDomain", join, "900 seconds ahead");
        fake_fails("LeaveDomain", "{}", "in no domain");
        snprintf(fake_machine.domain, sizeof(fake_machine.domain), "%s", FOUND "Server time offset: 2\n");
        fake_done("JoinDomain", join);
        IN_ORDER("domain.conf", "join: ", "start bulkhead-join", "start bulkhead-winbind", "restart bulkhead-smb");
        assert_null(strstr(fake_hand.steps, "Adm1n"));
        fake_fails("JoinDomain", join, "is in the domain BULK.TEST");
        fake_fails("UpdateSmbServer", "{\"workgroup\":\"HOME\"}", "is in a domain");
        fake_done("LeaveDomain", "{}");
        IN_ORDER("stop bulkhead-winbind", "domain.conf", "start bulkhead-unjoin", "restart bulkhead-smb");
        fake_done("UpdateSmbServer", "{\"workgroup\":\"HOME\"}");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(file_both_ways, fake_machine_set_up),
                cmocka_unit_test_setup(what_tools_print, fake_machine_set_up),
                cmocka_unit_test_setup(why_not, fake_machine_set_up),
                cmocka_unit_test_setup(people_of_the_domain, fake_machine_set_up),
                cmocka_unit_test_setup(joined_and_left, fake_machine_set_up),
        };
        return cmocka_run_group_tests(tests, fake_machine_start, fake_machine_stop);
}
