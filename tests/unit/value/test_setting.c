/* Lines that data services are told: what Bulkhead writes, and what would make such a service do something else.
 * Rights: none. */
#include "base/mem.h"
#include "value/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static bool is(const struct value_type *type, const char *text)
{
        return value_check(type, "field", text, strlen(text), NULL) == 0;
}

static void shares_over_smb(void **state)
{
        (void)state;
        static const char *const good[] = {
                "path = /srv/tank/photos",
                "path = /srv/tank/Bilder für alle/2026",
                "path = /srv/tank/homes/%u",
                "comment = Photos of all of us \xf0\x9f\x93\xb7",
                "read only = yes",
                "valid users = alice, @family",
                "hosts allow = 192.168.1.0/24 fd00::1",
                "recycle:directory_mode = 1777",
                "recycle:subdir_mode = 0700",
                "bulkhead:recycle days = 30",
                "bulkhead:recycle max = 2G",
                "vfs objects = full_audit catia fruit streams_xattr recycle shadow_copy2",
                "shadow:snapdir = /srv/tank/.snapshots/media:films",
                "shadow:snapdir = /srv/tank/media/films/.zfs/snapshot",
                "fruit:time machine max size = 500G",
                "create mask = 0640",
                "max connections = 10",
        };
        static const char *const bad[] = {
                "path = /etc",
                "path = /srv",
                "path = /srv/tank/../../etc",
                "path = /srv/tank/%U",
                "path = /srv/tank/%u/x",
                "path = /srv/tank/%u/%u",
                "path = /srv/%u",
                "path = /%u",
                "path = /srv/tank/homes%u",
                "shadow:basedir = /srv/tank/homes/%u",
                "path = /srv/tank/a\\",
                "path = /srv/tank/.snapshots/a",
                "root preexec = /bin/sh",
                "preexec = /bin/sh",
                "force user = root",
                "admin users = alice",
                "wide links = yes",
                "include = /tmp/x",
                "copy = other",
                "config file = /tmp/x",
                "magic script = x",
                "comment = %m",
                "comment = a\\",
                "comment = \"a\"",
                "comment =  a",
                "read only = maybe",
                "read only=yes",
                "read only = yes\n\troot preexec = sh",
                "valid users = alice,bob",
                "valid users = +wheel",
                "valid users = ",
                "hosts allow = ALL EXCEPT 10.0.0.1",
                "hosts allow = 10.0.0.1/24",
                "vfs objects = /tmp/evil.so",
                "vfs objects = recycle  fruit",
                "vfs objects = ",
                "shadow:snapdir = /etc/.snapshots/x",
                "shadow:snapdir = /etc/.zfs/snapshot",
                "shadow:snapdir = /srv/tank/../x/.zfs/snapshot",
                "shadow:snapdir = /srv/tank/.snapshots/a/b",
                "shadow:snapdir = /srv/tank/.snapshots/..",
                "recycle:repository = /etc",
                "recycle:directory_mode = 0777",
                "bulkhead:recycle days = -1",
                "bulkhead:recycle days = 30\n\tpath = /",
                "bulkhead:recycle max = 2",
                "bulkhead:anything = 2",
                "create mask = 04777",
                "create mask = 7777",
                "fruit:time machine max size = 1T",
                "[global]",
                "# path = /srv/a",
        };
        for (size_t i = 0; i < ARRAY_SIZE(good); i++)
                if (!is(&value_smb_setting, good[i]))
                        fail_msg("refused: %s", good[i]);
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                if (is(&value_smb_setting, bad[i]))
                        fail_msg("let pass: %s", bad[i]);
}

static void the_smb_server(void **state)
{
        (void)state;
        static const char *const good[] = {"workgroup = HOME", "server string = The house", "map to guest = Never",
                                           "server min protocol = SMB3_11", "smb encrypt = required"};
        static const char *const bad[] = {"workgroup = HOME HOME",
                                          "server min protocol = NT1",
                                          "passdb backend = smbpasswd:/tmp/x",
                                          "registry shares = no",
                                          "include = /tmp/x",
                                          "server string = %h\\",
                                          "panic action = /bin/sh",
                                          "invalid users ="};
        for (size_t i = 0; i < ARRAY_SIZE(good); i++)
                if (!is(&value_smb_server_setting, good[i]))
                        fail_msg("refused: %s", good[i]);
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                if (is(&value_smb_server_setting, bad[i]))
                        fail_msg("let pass: %s", bad[i]);
}

static void the_ftp_server(void **state)
{
        (void)state;
        static const char *const good[] = {"PassivePorts 50000 50999", "PassivePorts 1024 1024", "TLSRequired on",
                                           "TLSRequired off",          "MaxInstances 1",         "MaxInstances 4096"};
        static const char *const bad[] = {"PassivePorts 50000",
                                          "PassivePorts 50999 50000",
                                          "PassivePorts 1023 2000",
                                          "PassivePorts 1024 65536",
                                          "PassivePorts 50000 50999 51000",
                                          "PassivePorts 50000  50999",
                                          "PassivePorts 50000 50999\nUser root",
                                          "PassivePorts",
                                          "PassivePorts ",
                                          "TLSRequired ctrl",
                                          "TLSRequired on ",
                                          "MaxInstances 0",
                                          "MaxInstances 4097",
                                          "MaxInstances none",
                                          "User root",
                                          "Include /tmp/x",
                                          "RootLogin on",
                                          "passiveports 50000 50999"};
        for (size_t i = 0; i < ARRAY_SIZE(good); i++)
                if (!is(&value_ftp_server_setting, good[i]))
                        fail_msg("refused: %s", good[i]);
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                if (is(&value_ftp_server_setting, bad[i]))
                        fail_msg("let pass: %s", bad[i]);
}

static void names_and_folders(void **state)
{
        (void)state;
        static const char *const names[] = {"photos", "Our photos", "Größe", "it's", "\xf0\x9f\x93\xb7", "a.b"};
        static const char *const no_names[] = {"global", "HOMES", "print$", "a$", "a/b", "a]b",
                                               ".a",     "a.",    " a",     "-a", "a%u", "a\"b"};
        static const char *const folders[] = {"/srv/tank", "/srv/tank/a b", "/srv/tank/a/ü/c"};
        static const char *const no_folders[] = {
                "/srv",      "/srv/",        "/srv/tank/",      "/srv//a",  "/srv/tank/..",
                "/srv/.a/b", "/srv/tank/a ", "/home/alice",     "srv/tank", "/srv/tank/a;b",
                "/srv/a\"b", "/srv/tank/a:", "/srv/tank/a\nb/c"};
        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                assert_true(is(&value_share_name, names[i]));
        for (size_t i = 0; i < ARRAY_SIZE(no_names); i++)
                if (is(&value_share_name, no_names[i]))
                        fail_msg("let pass: %s", no_names[i]);
        for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
                assert_true(is(&value_served_path, folders[i]));
        for (size_t i = 0; i < ARRAY_SIZE(no_folders); i++)
                if (is(&value_served_path, no_folders[i]))
                        fail_msg("let pass: %s", no_folders[i]);
}

/* What stands behind the end that was given is no part of it: callers take pieces out of longer texts. */
static void names_and_folders_end_where_they_are_said_to(void **state)
{
        (void)state;
        static const char *const behind[] = {"\"", ";", "$HOME", ":rw", "\n", "/.a"};
        for (size_t i = 0; i < ARRAY_SIZE(behind); i++) {
                char folder[64], name[64];
                snprintf(folder, sizeof(folder), "/srv/tank/a b%s", behind[i]);
                snprintf(name, sizeof(name), "Our photos%s", behind[i]);
                assert_true(value_is(&value_served_path, folder, strlen("/srv/tank/a b")));
                assert_true(value_is(&value_share_name, name, strlen("Our photos")));
                assert_false(is(&value_served_path, folder));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(names_and_folders_end_where_they_are_said_to),
                                           cmocka_unit_test(shares_over_smb), cmocka_unit_test(the_smb_server),
                                           cmocka_unit_test(the_ftp_server), cmocka_unit_test(names_and_folders)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
