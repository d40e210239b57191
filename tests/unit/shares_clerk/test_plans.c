/* The shares clerk over a fake hand and a fake machine: what each request comes down to, what is refused before
 * anything is planned, and who is connected. Rights: none. */
#include "base/mem.h"
#include "tests/unit/shares_clerk/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *as(enum role role, const char *more)
{
        return arena_printf(fake_arena, "\"ticket\":\"%s\"%s%s", fake_ticket("ada", 20000, role, 0), *more ? "," : "",
                            more);
}

static void fails(const char *method, const char *parameters, const char *error, const char *word)
{
        const unsigned before = fake_hand.executed;
        struct fake_reply reply = fake_call(method, parameters, as(ROLE_ADMIN, ""));
        if (!reply.error || strcmp(strrchr(reply.error, '.') + 1, error) != 0 ||
            !strstr(fake_at(&reply, "message"), word))
                fail_msg("%s %s: %s '%s' does not say '%s'", method, parameters, reply.error ? reply.error : "good",
                         fake_at(&reply, "message"), word);
        assert_int_equal(fake_hand.executed, before);
        fake_reply_free(&reply);
}

static const char *id_of(const char *name)
{
        const smb_share *share = smb_named(name);
        assert_non_null(share);
        return arena_printf(fake_arena, "%lld", (long long)share->id);
}

static void changed(const char *name, const char *what)
{
        fake_done("UpdateSmbShare", arena_printf(fake_arena, "{\"id\":%s,%s}", id_of(name), what));
}

static void has(const char *share, const char *line, bool wanted)
{
        const char *text = fake_machine_file(share);
        if ((strstr(text, arena_printf(fake_arena, "\n\t%s\n", line)) != NULL) != wanted)
                fail_msg("'%s' is %sin: %s", line, wanted ? "not " : "", text);
}

#define PHOTOS "{\"name\":\"photos\",\"path\":\"/srv/tank/photos\"}"

static void made_and_read_again(void **state)
{
        (void)state;
        fake_done("CreateSmbShare", PHOTOS);
        has("photos", "path = /srv/tank/photos", true);
        has("photos", "read only = no", true);
        has("photos", "guest ok = no", true);
        const smb_share *share = smb_named("PHOTOS");
        assert_non_null(share);
        assert_true(share->enabled && !share->read_only && !share->guest_ok && share->macos);
        assert_string_equal(share->storage_pool, "tank");
        changed("photos", "\"read_only\":true,\"valid_users\":[\"root\",\"@daemon\"],\"max_connections\":3");
        has("photos", "read only = yes", true);
        has("photos", "valid users = root, @daemon", true);
        has("photos", "max connections = 3", true);
        changed("photos", "\"valid_users\":[]");
        has("photos", "valid users = root, @daemon", false);
        has("photos", "read only = yes", true); /* what is not named stays */
}

static void its_dataset(void **state)
{
        (void)state;
        fake_done("CreateSmbShare", PHOTOS);
        has("photos", "shadow:snapdir = /srv/tank/.snapshots/photos", true);
        fake_done("CreateSmbShare", "{\"name\":\"inner\",\"path\":\"/srv/tank/photos/2026/plain\"}");
        has("inner", "shadow:snapdir = /srv/tank/.snapshots/photos:2026", true);
        has("inner", "shadow:basedir = /srv/tank/photos/2026", true);
        fake_done("CreateSmbShare", "{\"name\":\"whole\",\"path\":\"/srv/tank\"}");
        has("whole", "path = /srv/tank", true);
        assert_null(strstr(fake_machine_file("whole"), "shadow:"));
        changed("whole", "\"path\":\"/srv/tank/plain\"");
        assert_null(strstr(fake_machine_file("whole"), "shadow:"));
        changed("inner", "\"previous_versions\":false");
        assert_null(strstr(fake_machine_file("inner"), "shadow"));
        fake_done("CreateSmbShare", "{\"name\":\"zfs\",\"path\":\"/srv/tank/zfs/2026/plain\"}");
        has("zfs", "shadow:snapdir = /srv/tank/zfs/2026/.zfs/snapshot", true);
        has("zfs", "shadow:basedir = /srv/tank/zfs/2026", true);
        changed("zfs", "\"description\":\"x\""); /* what is there is what we would write */
        changed("zfs", "\"path\":\"/srv/tank/plain\"");
        assert_null(strstr(fake_machine_file("zfs"), "shadow:"));
}

static void renamed_and_deleted(void **state)
{
        (void)state;
        fake_done("CreateSmbShare", PHOTOS);
        const char *id = id_of("photos");
        changed("photos", "\"name\":\"Pictures of us\"");
        assert_string_equal(id_of("pictures of us"), id);
        assert_string_equal(fake_machine_file("photos"), "");
        assert_non_null(strstr(fake_hand.steps, "reload"));
        fake_done("DeleteSmbShare", arena_printf(fake_arena, "{\"id\":%s}", id));
        assert_int_equal(smb_count(), 0);
        fails("DeleteSmbShare", arena_printf(fake_arena, "{\"id\":%s}", id), "NotFound", "no share");
        fails("UpdateSmbShare", arena_printf(fake_arena, "{\"id\":%s}", id), "NotFound", "no share");
}

static void the_service_is_started(void **state)
{
        (void)state;
        fake_machine.smb_is_down = true;
        fake_done("CreateSmbShare", PHOTOS);
        assert_non_null(strstr(fake_hand.steps, "start bulkhead-smb.service"));
}

static void what_cannot_be(void **state)
{
        (void)state;
        fake_done("CreateSmbShare", PHOTOS);
        fails("CreateSmbShare", PHOTOS, "Conflict", "already");
        fails("CreateSmbShare", "{\"name\":\"x\",\"path\":\"/srv/other/x\"}", "Conflict", "No pool");
        fails("CreateSmbShare", "{\"name\":\"x\",\"path\":\"/srv/tank/x\",\"valid_users\":[\"nosuch\"]}", "NotFound",
              "nosuch");
        fails("CreateSmbShare", "{\"name\":\"x\",\"path\":\"/srv/tank/x\",\"write_list\":[\"@nosuch\"]}", "NotFound",
              "group");
        fails("CreateSmbShare", "{\"name\":\"x\",\"path\":\"/srv/tank/x\",\"guest_ok\":true}", "Conflict",
              "no account");
        fails("CreateSmbShare", "{\"name\":\"x\",\"path\":\"/srv/tank/x\",\"time_machine\":true,\"read_only\":true}",
              "Conflict", "read-only");
        fails("CreateSmbShare", "{\"name\":\"x\",\"path\":\"/srv/tank/x\",\"description\":\"a\\\\b\"}", "Invalid", "");
        fails("CreateSmbShare", "{\"name\":\"homes\",\"path\":\"/srv/tank/x\"}", "Invalid", "");
        fails("CreateSmbShare", "{\"name\":\"x\",\"path\":\"/etc\"}", "Invalid", "");
        fails("CreateSmbShare", "{\"name\":\"x\",\"path\":\"/srv/tank/../../etc\"}", "Invalid", "");
        assert_int_equal(smb_count(), 1);
}

static void guests(void **state)
{
        (void)state;
        fake_done("CreateSmbShare", PHOTOS);
        fails("UpdateSmbServer", "{\"guests\":true}", "Conflict", "encrypt");
        fails("UpdateSmbServer", "{\"guests\":true,\"encryption\":\"default\",\"signing_required\":true}", "Conflict",
              "sign");
        fake_done("UpdateSmbServer", "{\"guests\":true,\"encryption\":\"default\"}");
        fake_done("UpdateSmbServer", "{\"audit_days\":7}");
        IN_ORDER("services/audit.conf", "MaxRetentionSec=7day", "SystemMaxUse=1024M", "journald@bulkhead-smb");
        fails("UpdateSmbShare",
              arena_printf(fake_arena, "{\"id\":%s,\"guest_ok\":true,\"encryption\":\"required\"}", id_of("photos")),
              "Conflict", "encrypt");
        changed("photos", "\"guest_ok\":true");
        fails("UpdateSmbServer", "{\"guests\":false}", "Conflict", "photos");
}

static const char *shown(const char *name, const char *member)
{
        struct fake_reply reply =
                fake_call("GetSmbShare", arena_printf(fake_arena, "{\"id\":%s}", id_of(name)), as(ROLE_VIEWER, ""));
        const char *text =
                arena_printf(fake_arena, "%s", fake_at(&reply, arena_printf(fake_arena, "share.%s", member)));
        fake_reply_free(&reply);
        return text;
}

static void why_it_is_not_served(void **state)
{
        (void)state;
        fake_done("CreateSmbShare", PHOTOS);
        assert_string_equal(shown("photos", "served"), "true");
        fake_machine.smb_is_down = true;
        assert_string_equal(shown("photos", "message"), "Its service does not run.");
        fake_machine.tank_is_away = true;
        assert_string_equal(shown("photos", "message"), "Its pool is away.");
        fake_machine.tank_is_away = fake_machine.smb_is_down = false;
        changed("photos", "\"enabled\":false");
        assert_string_equal(shown("photos", "message"), "It is not enabled.");
        assert_string_equal(shown("photos", "served"), "false");
}

#define SERVER "\"server_id\":{\"pid\":\"671\"}"
static const char clients[] =
        "{\"sessions\":{\"1\":{" SERVER ",\"username\":\"root\",\"remote_machine\":\"10.0.0.9\",\"session_dialect\":"
        "\"SMB3_11\",\"encryption\":{\"degree\":\"full\"},\"signing\":{\"degree\":\"none\"}}},"
        "\"tcons\":{\"2\":{" SERVER ",\"service\":\"photos\"},\"3\":{" SERVER ",\"service\":\"IPC$\"}},"
        "\"open_files\":{\"/srv/tank/photos/a\":{\"service_path\":\"/srv/tank/photos\",\"filename\":\"a\",\"opens\":"
        "{\"671/5\":{" SERVER ",\"access_mask\":{\"text\":\"RW\"},\"sharemode\":{\"text\":\"R\"}}}}}}";

static void who_is_connected(void **state)
{
        (void)state;
        snprintf(fake_machine.clients, sizeof(fake_machine.clients), "%s", clients);
        struct fake_reply reply = fake_call("ListSmbClients", "{}", as(ROLE_OPERATOR, ""));
        assert_null(reply.error);
        assert_string_equal(fake_at(&reply, "clients"), "1");
        assert_string_equal(fake_at(&reply, "clients.0.username"), "root");
        assert_string_equal(fake_at(&reply, "clients.0.encrypted"), "true");
        assert_string_equal(fake_at(&reply, "clients.0.signing"), "false");
        assert_string_equal(fake_at(&reply, "clients.0.shares"), "1");
        assert_string_equal(fake_at(&reply, "clients.0.files.0.name"), "a");
        assert_string_equal(fake_at(&reply, "clients.0.files.0.others"), "R");
        fake_reply_free(&reply);
        /* What is open is as much as clients will have it: who is there is known, wherever that ends. */
        snprintf(fake_machine.clients, sizeof(fake_machine.clients), "%s\n{\"open_files\":{\"/srv/tank", clients);
        fails("DisconnectSmbClient", "{\"id\":670}", "NotFound", "670");
        fake_done("DisconnectSmbClient", "{\"id\":671}");
        assert_non_null(strstr(fake_hand.steps, "bulkhead-smb-end@671.service"));
        fake_machine.smb_is_down = true;
        fails("DisconnectSmbClient", "{\"id\":671}", "NotFound", "671");
}

/* As Samba 4.17 says it when it cannot say it otherwise. */
static const char table[] =
        "{\"sessions\":{\"1\":{" SERVER ",\"username\":\"alice\",\"remote_machine\":\"10.77.0.1\"}}}\n"
        "{\"tcons\":{\"2\":{" SERVER ",\"service\":\"photos\"}}}\n"
        "\nLocked files:\n"
        "Pid          User(ID)   DenyMode   Access      R/W        Oplock           SharePath   Name   Time\n"
        "671          20001      DENY_NONE  0x1f01ff    RDWR       NONE             /srv/tank/photos   a  b   Mon Nov "
        "23 "
        "18:55:50 2026\n"
        "671          20001      DENY_WRITE 0x1f01ff    RDONLY     NONE             /srv/tank/photos   c   Mon Nov  3 "
        "18:55:50 2026\n"
        "671          20001      DENY_NONE  0x1f01ff    RDWR       NONE             /srv/tank/photos   d\n"
        "672          20001      DENY_NONE  0x1f01ff    RDWR       NONE             /srv/tank/photos   e   Mon Nov  3 "
        "18:55:50 2026\n"
        "\nByte range locks:\n"
        "Pid        dev:inode       R/W  start     size      SharePath               Name\n"
        "671        123:258:0       W    0         100       /srv/tank/photos         a  b                    \n"
        "671        123:259:0       W    0         100       /srv/tank/photos         cc                      \n"
        "672        123:259:0       W    0         100       /srv/tank/photos         c                       \n";

static void what_is_open_and_locked(void **state)
{
        (void)state;
        snprintf(fake_machine.clients, sizeof(fake_machine.clients), "%s", table);
        struct fake_reply reply = fake_call("ListSmbClients", "{}", as(ROLE_OPERATOR, ""));
        assert_null(reply.error);
        assert_string_equal(fake_at(&reply, "clients"), "1");
        assert_string_equal(fake_at(&reply, "clients.0.shares.0"), "photos");
        assert_string_equal(fake_at(&reply, "clients.0.files"), "2");
        assert_string_equal(fake_at(&reply, "clients.0.files.0.name"), "a  b");
        assert_string_equal(fake_at(&reply, "clients.0.files.0.writes"), "true");
        assert_string_equal(fake_at(&reply, "clients.0.files.0.locks"), "true");
        assert_string_equal(fake_at(&reply, "clients.0.files.1.name"), "c");
        assert_string_equal(fake_at(&reply, "clients.0.files.1.writes"), "false");
        assert_string_equal(fake_at(&reply, "clients.0.files.1.others"), "R");
        assert_string_equal(fake_at(&reply, "clients.0.files.1.locks"), "false");
        fake_reply_free(&reply);
}

static const char *page(const char *parameters)
{
        struct fake_reply reply = fake_call("ListSmbShares", parameters, as(ROLE_VIEWER, ""));
        const char *all = arena_printf(fake_arena, "%s:", fake_at(&reply, "shares"));
        for (long i = 0, count = strtol(all, NULL, 10); i < count; i++)
                all = arena_printf(fake_arena, "%s %s", all,
                                   fake_at(&reply, arena_printf(fake_arena, "shares.%ld.name", i)));
        const char *next = fake_at(&reply, "next");
        all = *next ? arena_printf(fake_arena, "%s -> %s", all, next) : all;
        fake_reply_free(&reply);
        return all;
}

static void listed_in_pages(void **state)
{
        static const char *const names[] = {"b", "C", "a", "\u00e4 b"};
        (void)state;
        assert_string_equal(page("{}"), "0:");
        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                fake_done("CreateSmbShare",
                          arena_printf(fake_arena, "{\"name\":\"%s\",\"path\":\"/srv/tank/x\"}", names[i]));
        assert_string_equal(page("{}"), "4: a b C \u00e4 b");
        assert_string_equal(page("{\"limit\":2}"), "2: a b -> b");
        assert_string_equal(page("{\"limit\":2,\"cursor\":\"b\"}"), "2: C \u00e4 b");
        fake_done("DeleteSmbShare", arena_printf(fake_arena, "{\"id\":%s}", id_of("b")));
        assert_string_equal(page("{\"limit\":2,\"cursor\":\"b\"}"), "2: C \u00e4 b");
        assert_string_equal(page("{\"cursor\":\"\u00e4 b\"}"), "0:");
        assert_string_equal(page("{}"), "3: a C \u00e4 b");
}

static void roles(void **state)
{
        (void)state;
        struct fake_reply seen = fake_call("ListSmbClients", "{}", as(ROLE_VIEWER, ""));
        assert_non_null(seen.error); /* names of files are nobody's business */
        fake_reply_free(&seen);
        struct fake_reply made = fake_call("CreateSmbShare", PHOTOS, as(ROLE_USER, ""));
        assert_non_null(made.error);
        fake_reply_free(&made);
        struct fake_reply set = fake_call("UpdateSmbServer", "{\"guests\":true}", as(ROLE_OPERATOR, ""));
        assert_non_null(set.error);
        fake_reply_free(&set);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(made_and_read_again, fake_machine_set_up),
                cmocka_unit_test_setup(its_dataset, fake_machine_set_up),
                cmocka_unit_test_setup(renamed_and_deleted, fake_machine_set_up),
                cmocka_unit_test_setup(the_service_is_started, fake_machine_set_up),
                cmocka_unit_test_setup(what_cannot_be, fake_machine_set_up),
                cmocka_unit_test_setup(guests, fake_machine_set_up),
                cmocka_unit_test_setup(why_it_is_not_served, fake_machine_set_up),
                cmocka_unit_test_setup(who_is_connected, fake_machine_set_up),
                cmocka_unit_test_setup(what_is_open_and_locked, fake_machine_set_up),
                cmocka_unit_test_setup(listed_in_pages, fake_machine_set_up),
                cmocka_unit_test_setup(roles, fake_machine_set_up),
        };
        return cmocka_run_group_tests(tests, fake_machine_start, fake_machine_stop);
}
