/* Folders offered by FTP, SFTP, WebDAV and rsync: their lines, and a file of them. Rights: none. */
#include "base/mem.h"
#include "value/transfer.h"
#include "value/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HEAD "# 7 2026-01-31T10:00:00Z\n"

static void lines(void **state)
{
        (void)state;
        static const char *const good[] = {"path = /srv/tank/Bilder für alle",
                                           "enabled = no",
                                           "read only = yes",
                                           "protocol = webdav",
                                           "user = alice",
                                           "user = @family",
                                           "user = 100001 carol@directory",
                                           "user = 100500 @staff@directory"};
        static const char *const bad[] = {"path = /etc",
                                          "path = /srv/tank/../../etc",
                                          "protocol = telnet",
                                          "protocol = ftp sftp",
                                          "user = alice, bob",
                                          "user = ALL",
                                          "enabled = maybe",
                                          "user = alice\nuser = bob",
                                          "user=alice",
                                          "root = yes",
                                          "# user = alice",
                                          "",
                                          "user = 100001 bob",
                                          "user = carol@directory",
                                          "user = 20001 carol@directory"};
        for (size_t i = 0; i < ARRAY_SIZE(good); i++)
                if (value_check(&value_transfer_setting, "line", good[i], strlen(good[i]), NULL) != 0)
                        fail_msg("refused: %s", good[i]);
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                if (value_check(&value_transfer_setting, "line", bad[i], strlen(bad[i]), NULL) == 0)
                        fail_msg("let pass: %s", bad[i]);
}

static bool reads(const char *text, struct transfer *ret_transfer)
{
        static char copy[8192];
        snprintf(copy, sizeof(copy), "%s", text);
        return transfer_read(copy, ret_transfer);
}

static void a_file(void **state)
{
        (void)state;
        struct transfer transfer;
        assert_true(reads(HEAD "path = /srv/tank/photos\nenabled = yes\nread only = no\nprotocol = rsync\n"
                               "protocol = ftp\nuser = alice\nuser = @band\n",
                          &transfer));
        assert_int_equal(transfer.id, 7);
        assert_string_equal(transfer.created, "2026-01-31T10:00:00Z");
        assert_string_equal(transfer.path, "/srv/tank/photos");
        assert_true(transfer.enabled);
        assert_false(transfer.read_only);
        assert_int_equal(transfer.protocols, 1u << TRANSFER_FTP | 1u << TRANSFER_RSYNC);
        assert_int_equal(transfer.user_count, 2);
        assert_string_equal(transfer.users[1], "@band");
        assert_true(reads(HEAD "path = /srv/tank/photos\nuser = alice\nuser = 100001 carol@directory\n", &transfer));
        assert_int_equal(transfer.user_count, 2);
        assert_string_equal(transfer.users[1], "carol@directory");
        assert_int_equal(transfer.number_count, 1);
        assert_string_equal(transfer.numbers[0], "100001 carol@directory");
        assert_true(reads(HEAD "path = /srv/tank/photos\n", &transfer));
        assert_true(transfer.read_only); /* what is not said is the less of both */
        assert_false(transfer.enabled);
}

/* Not one line is left out: who were let in by what is left would be somebody else. */
static void no_file_of_ours(void **state)
{
        (void)state;
        static const char *const bad[] = {
                "",
                HEAD,
                "path = /srv/tank/photos\n",
                "# 0 2026-01-31T10:00:00Z\npath = /srv/tank/photos\n",
                "# 7 yesterday\npath = /srv/tank/photos\n",
                HEAD "path = /srv/tank/photos\nuser = nobody at all\n",
                HEAD "path = /srv/tank/photos\n# a remark\n",
                HEAD "path = /srv/tank/photos\nanything = else\n",
        };
        struct transfer transfer;
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                if (reads(bad[i], &transfer))
                        fail_msg("read: %s", bad[i]);
        char many[4096] = HEAD "path = /srv/tank/photos\n";
        for (size_t i = 0; i < TRANSFER_USERS_MAX; i++)
                strncat(many, "user = alice\n", sizeof(many) - strlen(many) - 1);
        assert_true(reads(many, &transfer));
        strncat(many, "user = alice\n", sizeof(many) - strlen(many) - 1);
        assert_false(reads(many, &transfer));
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(lines), cmocka_unit_test(a_file),
                                           cmocka_unit_test(no_file_of_ours)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
