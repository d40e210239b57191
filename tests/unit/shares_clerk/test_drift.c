/* What somebody changed by hand in files of shares and in Samba's registry: what is seen, and what it is refused for.
 * Rights: none. */
#include "base/mem.h"
#include "daemons/shares/clerk/drift.h"
#include "tests/unit/shares_clerk/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void done(const char *method, const char *parameters, const char *error)
{
        const char *caller = arena_printf(fake_arena, "\"ticket\":\"%s\"", fake_ticket("ada", 20000, ROLE_ADMIN, 0));
        struct fake_reply reply = fake_call(method, parameters, caller);
        const char *said = reply.error ? strrchr(reply.error, '.') + 1 : "";
        if (strcmp(said, error) != 0)
                fail_msg("%s %s: '%s' instead of '%s': %s", method, parameters, said, error,
                         fake_at(&reply, "message"));
        fake_reply_free(&reply);
}

/* The registry as it is when nobody changed anything. */
static char *registry(void)
{
        return arena_printf(fake_arena, "%s\n", strchr(fake_machine_file("photos"), '\n') + 1);
}

static const struct drift *look(const char *text, size_t *ret_count)
{
        const struct samba samba = samba_read(text, strlen(text), fake_arena);
        return drift_look(&samba, fake_arena, ret_count);
}

static const struct drift *only(const char *text, enum nas_shares_share_drift_kind kind)
{
        size_t count;
        const struct drift *one = look(text, &count);
        if (count != 1 || one->shown.kind != kind)
                fail_msg("%zu found, the first: %s %s, %s | %s", count, count ? one->shown.id : "",
                         count ? one->shown.name : "", count ? one->shown.wanted : "", count ? one->shown.found : "");
        return one;
}

static int photos(void **state)
{
        fake_machine_set_up(state);
        done("CreateSmbShare", "{\"name\":\"photos\",\"path\":\"/srv/tank/photos\",\"valid_users\":[\"root\"]}", "");
        return 0;
}

static void nothing_is_seen_where_nothing_is(void **state)
{
        size_t count;
        (void)state;
        look(registry(), &count);
        assert_int_equal(count, 0);
        const struct samba unknown = {.known = false};
        drift_look(&unknown, fake_arena, &count);
        assert_int_equal(count, 0);
        look(arena_printf(fake_arena, "[global]\n\tregistry shares = yes\n\n%s", registry()), &count);
        assert_int_equal(count, 0);
}

static void a_line_more_in_its_file(void **state)
{
        (void)state;
        const char *before = registry(),
                   *text = arena_printf(fake_arena, "%s\tadmin users = root\n", fake_machine_file("photos"));
        fake_machine_put("photos", text);
        const struct drift *one = only(before, NAS_SHARES_SHARE_DRIFT_KIND_SHARE_FILE);
        assert_string_equal(one->shown.found, "admin users = root");
        assert_string_equal(one->shown.wanted, "");
        assert_true(one->shown.can_restore && !one->shown.can_adopt);
        const char *update =
                arena_printf(fake_arena, "{\"id\":%lld,\"description\":\"x\"}", (long long)smb_named("photos")->id);
        done("UpdateSmbShare", update, "Conflict"); /* it would be lost */
        assert_non_null(strstr(fake_machine_file("photos"), "admin users"));
        fake_machine_put("photos", arena_text(fake_arena, text, strlen(text) - strlen("\tadmin users = root\n")));
        done("UpdateSmbShare", update, "");
}

static void a_file_that_makes_no_sense(void **state)
{
        (void)state;
        const char *before = registry();
        fake_machine_put("photos", "photos of us\n");
        const struct drift *one = only(before, NAS_SHARES_SHARE_DRIFT_KIND_SHARE_FILE);
        assert_true(one->shown.can_restore);
        assert_string_equal(one->restore.share->path, "/srv/tank/photos");
        assert_string_equal(one->restore.share->valid_users[0], "root");
        assert_string_equal(one->restore.dataset, "/srv/tank/photos");
        one = only("", NAS_SHARES_SHARE_DRIFT_KIND_SHARE_FILE);
        assert_false(one->shown.can_restore); /* nobody knows how it was */
}

static const struct drift *server(const char *service)
{
        const struct drift *one = only(registry(), NAS_SHARES_SHARE_DRIFT_KIND_SERVER_FILE);
        assert_string_equal(one->shown.name, service);
        assert_string_equal(one->server, service);
        assert_true(one->shown.can_restore && !one->shown.can_adopt);
        return one;
}

static void a_line_more_in_a_server_s_file(void **state)
{
        (void)state;
        fake_machine_put_server("smb.conf", "wide links = yes\n");
        assert_string_equal(server("smb")->shown.found, "wide links = yes");
        done("UpdateSmbServer", "{\"description\":\"x\"}", "Conflict"); /* it would be lost */
        fake_machine_put_server("smb.conf", NULL);
        fake_machine_put_server("ftp.conf", "PassivePorts 50000 50999\nRootLogin on\nTLSRequired off\n");
        assert_string_equal(server("ftp")->shown.found, "RootLogin on");
        assert_string_equal(server("ftp")->shown.wanted, "MaxInstances 512"); /* what is ours stays as it is said */
        done("UpdateFtpServer", "{\"max_clients\":7}", "Conflict");
        fake_machine_put_server("ftp.conf", NULL);
        assert_non_null(strstr(server("ftp")->shown.wanted, "TLSRequired on"));
        done("UpdateFtpServer", "{\"max_clients\":7}", "");
}

static void a_list_of_exports_that_is_another(void **state)
{
        (void)state;
        fake_machine_put_server("nfs.conf", "%include \"/etc/bulkhead/nfs/7.on\"\n");
        assert_string_equal(server("nfs")->shown.found, "%include \"/etc/bulkhead/nfs/7.on\"");
        struct failure failure;
        assert_int_equal(drift_refuse_server("nfs", &failure), 0); /* nothing is lost that could not be made again */
        static const char *const others[] = {"LOG {}\n", "%include \"/etc/bulkhead/nfs/7.off\"\n",
                                             "%include \"/etc/bulkhead/nfs/../7.on\"\n", "%include \"/etc/x.on\"\n"};
        for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
                fake_machine_put_server("nfs.conf", others[i]);
                (void)server("nfs");
                assert_int_equal(drift_refuse_server("nfs", &failure), -1);
        }
        fake_machine_put_server("nfs.conf", NULL);
        (void)server("nfs");
        fake_machine_put_server("nfs.conf", "");
}

static void a_line_more_in_the_file_of_a_transfer(void **state)
{
        static const char head[] = "# 3 2026-11-21T15:59:23.623606Z\npath = /srv/tank/papers\nenabled = yes\n"
                                   "read only = no\nprotocol = sftp\nuser = root\n",
                          more[] = "user = root|ada\n";
        (void)state;
        fake_machine_put_transfer("papers", head);
        size_t count;
        look(registry(), &count);
        assert_int_equal(count, 0);
        fake_machine_put_transfer("papers", arena_printf(fake_arena, "%s%s", head, more));
        assert_null(transfer_named("papers"));
        const struct drift *one = only(registry(), NAS_SHARES_SHARE_DRIFT_KIND_TRANSFER_FILE);
        assert_string_equal(one->shown.found, "user = root|ada");
        assert_string_equal(one->shown.wanted, "");
        assert_true(one->shown.can_restore && !one->shown.can_adopt);
        assert_int_equal(one->transfer->id, 3);
        assert_false(one->transfer->read_only);
        fake_machine_put_transfer("papers", strchr(head, '\n')); /* whose is it? */
        one = only(registry(), NAS_SHARES_SHARE_DRIFT_KIND_TRANSFER_FILE);
        assert_false(one->shown.can_restore);
}

static void another_way_in_samba(void **state)
{
        (void)state;
        char *text = registry(), *at = strstr(text, "read only = no");
        memcpy(at, "read only = ye", 14);
        const struct drift *one = only(text, NAS_SHARES_SHARE_DRIFT_KIND_SHARE_SAMBA);
        assert_string_equal(one->shown.wanted, "read only = no");
        assert_true(one->shown.can_restore && !one->shown.can_adopt); /* "ye" is no word of ours */
        one = only("", NAS_SHARES_SHARE_DRIFT_KIND_SHARE_SAMBA);
        assert_true(one->shown.can_restore && !one->shown.can_adopt);
        one = only("[photos]\n\tpath = /srv/tank/photos\n\n", NAS_SHARES_SHARE_DRIFT_KIND_SHARE_SAMBA);
        assert_true(one->shown.can_adopt);
        assert_true(one->adopt.share->read_only); /* as Samba takes what is not said */
        assert_int_equal(one->adopt.share->id, smb_named("photos")->id);
}

static void strangers_in_samba(void **state)
{
        (void)state;
        const char *before = registry();
        const struct drift *one =
                only(arena_printf(fake_arena, "%s[mine]\n\tpath = /srv/tank/x\n\tread only = no\n\n", before),
                     NAS_SHARES_SHARE_DRIFT_KIND_SHARE_SAMBA);
        assert_true(one->shown.can_adopt && one->shown.can_restore && one->drop);
        assert_false(one->adopt.share->read_only);
        static const char *const never[] = {"path = /etc", "path = /srv/tank/x\n\tforce user = root",
                                            "path = /srv/tank/x\n\tcomment = 100%"};
        for (size_t i = 0; i < ARRAY_SIZE(never); i++) {
                one = only(arena_printf(fake_arena, "%s[mine]\n\t%s\n\n", before, never[i]),
                           NAS_SHARES_SHARE_DRIFT_KIND_SHARE_SAMBA);
                assert_true(!one->shown.can_adopt && one->shown.can_restore);
        }
        one = only(arena_printf(fake_arena, "%s[homes]\n\tpath = /srv/tank/x\n\n", before),
                   NAS_SHARES_SHARE_DRIFT_KIND_SHARE_SAMBA);
        assert_true(!one->shown.can_adopt && !one->shown.can_restore); /* no name that our hand would take */
}

static void what_is_no_registry(void **state)
{
        static const char *const texts[] = {
                "", "[", "[x", "[x]", "[x]\n", "[x]\n\ta", "\n\n", "[x\n\ta = b\n", "a\n[b]\n\tc = d\n[e]\n"};
        static const size_t counts[] = {0, 0, 0, 0, 1, 1, 0, 0, 2};
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
                assert_int_equal(samba_read(texts[i], strlen(texts[i]), fake_arena).count, counts[i]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(nothing_is_seen_where_nothing_is, photos),
                cmocka_unit_test_setup(a_line_more_in_its_file, photos),
                cmocka_unit_test_setup(a_file_that_makes_no_sense, photos),
                cmocka_unit_test_setup(a_line_more_in_a_server_s_file, photos),
                cmocka_unit_test_setup(a_list_of_exports_that_is_another, photos),
                cmocka_unit_test_setup(a_line_more_in_the_file_of_a_transfer, photos),
                cmocka_unit_test_setup(another_way_in_samba, photos),
                cmocka_unit_test_setup(strangers_in_samba, photos),
                cmocka_unit_test(what_is_no_registry),
        };
        return cmocka_run_group_tests(tests, fake_machine_start, fake_machine_stop);
}
