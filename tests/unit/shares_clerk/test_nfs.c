/* Exports over NFS, with a fake hand and a fake machine: what each change comes down to, in which order, and what does
 * not go together. Rights: none. */
#include "base/mem.h"
#include "tests/unit/shares_clerk/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PHOTOS                                                                                                         \
        "{\"name\":\"photos\",\"path\":\"/srv/tank/photos\",\"clients\":[\"10.0.0.0/8 ro\",\"@all squash=none\"]}"

static void made_and_read_again(void **state)
{
        (void)state;
        fake_done("CreateNfsExport", PHOTOS);
        IN_ORDER("restart bulkhead-nfs-names.service", "daemon-reload", "write /etc/bulkhead/nfs/1.on", "daemon-reload",
                 "start bulkhead-export@1.service", "start bulkhead-nfs-check@1.service",
                 "reload bulkhead-nfs.service");
        assert_int_equal(nfs_count(), 1);
        const nfs_export *export = nfs_named("PHOTOS");
        assert_non_null(export);
        assert_string_equal(export->path, "/srv/tank/photos");
        assert_int_equal(export->clients_count, 2);
        assert_string_equal(export->clients[0], "10.0.0.0/8 ro squash=root anon=65534:65534 sec=sys");
        assert_string_equal(export->clients[1], "@all rw squash=none anon=65534:65534 sec=sys");
        fake_done("CreateNfsExport", "{\"name\":\"films\",\"path\":\"/srv/tank/films\"}");
        assert_int_equal(nfs_named("films")->id, 2);
        assert_string_equal(nfs_shown(nfs_named("films")).message, "No client may use it.");
}

static void changed(void **state)
{
        (void)state;
        fake_done("CreateNfsExport", PHOTOS);
        fake_done("UpdateNfsExport", "{\"id\":1,\"name\":\"pictures\"}");
        assert_null(strstr(fake_hand.steps, ".mount"));
        assert_null(strstr(fake_hand.steps, "daemon-reload"));
        IN_ORDER("write /etc/bulkhead/nfs/1.on", "start bulkhead-nfs-check@1.service", "reload bulkhead-nfs.service");
        assert_int_equal(nfs_named("pictures")->clients_count, 2); /* what is not named stays */
        fake_done("UpdateNfsExport", "{\"id\":1,\"enabled\":false}");
        IN_ORDER("daemon-reload", "write /etc/bulkhead/nfs/1.off", "/etc/bulkhead/nfs/1.on",
                 "reload bulkhead-nfs.service", "stop bulkhead-export@1.service", "daemon-reload");
        assert_null(strstr(fake_hand.steps, "nfs-check"));
        assert_int_equal(nfs_count(), 1);
        assert_false(nfs_named("pictures")->enabled);
        fake_done("UpdateNfsExport", "{\"id\":1,\"enabled\":true}");
        assert_true(nfs_named("pictures")->enabled);
        fake_done("DeleteNfsExport", "{\"id\":1}");
        IN_ORDER("/etc/bulkhead/nfs/1.on", "reload bulkhead-nfs.service", "stop bulkhead-export@1.service");
        assert_int_equal(nfs_count(), 0);
}

/* As the kernel's server would go by them: names, addresses and networks, netgroups, everybody. */
static void who_comes_first(void **state)
{
        (void)state;
        static const char *const wanted[] = {"pc.example.org", "10.0.0.0/8", "10.0.0.7", "fd00::/8",
                                             "@all",           "@some",      "*"};
        fake_done("CreateNfsExport",
                  "{\"name\":\"photos\",\"path\":\"/srv/tank/photos\",\"clients\":[\"*\",\"@all\",\"10.0.0.0/8 ro\","
                  "\"pc.example.org\",\"10.0.0.7\",\"@some\",\"fd00::/8\"]}");
        const nfs_export *export = nfs_named("photos");
        assert_int_equal(export->clients_count, ARRAY_SIZE(wanted));
        for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
                assert_memory_equal(export->clients[i], wanted[i], strlen(wanted[i]));
}

static void what_cannot_be(void **state)
{
        (void)state;
        fake_done("CreateNfsExport", PHOTOS);
        fake_fails("CreateNfsExport", "{\"name\":\"Photos\",\"path\":\"/srv/tank/films\"}", "already");
        fake_fails("CreateNfsExport", "{\"name\":\"x\",\"path\":\"/srv/lake/x\"}", "No pool");
        fake_fails("CreateNfsExport", "{\"name\":\"x\",\"path\":\"/etc\"}", "");
        fake_fails("CreateNfsExport", "{\"name\":\"x\\\"\",\"path\":\"/srv/tank/x\"}", "");
        fake_fails("CreateNfsExport", "{\"name\":\"x\",\"path\":\"/srv/tank/x\",\"clients\":[\"*; Squash = None\"]}",
                   "");
        fake_fails("UpdateNfsExport", "{\"id\":9,\"enabled\":false}", "no export");
        fake_fails("DeleteNfsExport", "{\"id\":9}", "no export");
        assert_int_equal(nfs_count(), 1);
}

static void what_the_checker_says(void **state)
{
        (void)state;
        static const struct {
                const char *said, *field, *message;
        } cases[] = {
                {"exportfs: Failed to resolve pc.example.org\n", "clients",
                 "No name server that this machine asks knows pc.example.org."},
                {"other: x\nexportfs: /photos does not support NFS export\nexportfs: more\n", "clients",
                 "The NFS server's own checker refuses it: /photos does not support NFS export"},
                {"exportfs: a\033b\n", "", "before"},
                {"", "", "before"},
        };
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                struct failure failure = {0};
                failure_set(&failure, FAILURE_FAILED, "", "", "before");
                nfs_check_explain(arena_text(fake_arena, cases[i].said, strlen(cases[i].said)), &failure);
                assert_string_equal(failure.field, cases[i].field);
                assert_string_equal(failure.message, cases[i].message);
        }
}

/* No kernel serves here, whatever keys there are. */
static void kerberos_is_refused_where_it_cannot_be(void **state)
{
        (void)state;
        fake_fails("CreateNfsExport", "{\"name\":\"x\",\"path\":\"/srv/tank/x\",\"clients\":[\"* sec=sys:krb5p\"]}",
                   "Kerberos");
        fake_done("CreateNfsExport", "{\"name\":\"x\",\"path\":\"/srv/tank/x\",\"clients\":[\"* sec=krb5\"],"
                                     "\"enabled\":false}");
        fake_fails("UpdateNfsExport", "{\"id\":1,\"enabled\":true}", "Kerberos");
        fake_done("UpdateNfsExport", "{\"id\":1,\"clients\":[\"* sec=krb5i\"]}");
        fake_done("UpdateNfsExport", "{\"id\":1,\"clients\":[\"*\"],\"enabled\":true}");
        fake_fails("UpdateNfsExport", "{\"id\":1,\"clients\":[\"* sec=krb5\"]}", "Kerberos");
}

static const char two_clients[] =
        "client 3\n\tclientid: 0x6d0596d0675df2b3\n\taddress: \"10.9.0.2:871\"\n\tstatus: confirmed\n"
        "\tseconds from last renew: 7\n\tname: \"Linux NFSv4.2 \\\"near\\\"\"\n\tminor version: 2\n"
        "\t- 0x01: { type: open, access: r-, deny: --, superblock: \"00:2e:257\", filename: \"hers/note\", owner: "
        "\"x\" }\n"
        "\t- 0x02: { type: open, access: rw, deny: --, superblock: \"00:2e:258\", filename: \"a\", owner: \"b\", "
        "owner: "
        "\"x\" }\n"
        "\t- 0x03: { type: lock, superblock: \"00:2e:257\", filename: \"hers/note\", owner: \"x\" }\n"
        "\t- 0x04: { type: deleg, access: r, filename: \"no\", owner: \"x\" }\n\t- { type: open, filename: \"\nclient "
        "x\n"
        "client 12\n\taddress: \"[fd00::1]:871\"\n\tminor version: 9\n\tname: \"\x1b\"\n";

static void who_is_connected(void **state)
{
        (void)state;
        snprintf(fake_machine.clients, sizeof(fake_machine.clients), "%s", two_clients);
        struct fake_reply reply = fake_ask("ListNfsClients", "{}");
        assert_null(reply.error);
        static const char *const wanted[][2] = {
                {"clients", "2"},
                {"clients.0.id", "3"},
                {"clients.0.address", "10.9.0.2"},
                {"clients.0.name", "Linux NFSv4.2 \\\"near\\\""},
                {"clients.0.protocol", "4.2"},
                {"clients.0.idle", "7"},
                {"clients.0.files", "2"},
                {"clients.0.files.0.name", "hers/note"},
                {"clients.0.files.0.writes", "false"},
                {"clients.0.files.0.locks", "true"},
                {"clients.0.files.1.name", "a\", owner: \"b"},
                {"clients.0.files.1.writes", "true"},
                {"clients.1.id", "12"},
                {"clients.1.address", "fd00::1"},
                {"clients.1.name", ""},
                {"clients.1.protocol", "4"},
                {"clients.1.files", "0"},
        };
        for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
                assert_string_equal(fake_at(&reply, wanted[i][0]), wanted[i][1]);
        fake_reply_free(&reply);
        fake_fails("DisconnectNfsClient", "{\"id\":4}", "no NFS client 4");
        fake_fails("DisconnectNfsClient", "{\"id\":0}", "nobody");
        fake_done("DisconnectNfsClient", "{\"id\":12}");
        IN_ORDER("start bulkhead-nfs-end@12.service");
}

static void who_asked_nfs_ganesha(void **state)
{
        (void)state;
        snprintf(fake_machine.clients, sizeof(fake_machine.clients),
                 "{\"type\":\"(tt)a(sbbbbbbbb(tt))\",\"data\":[[1,2],[[\"::ffff:10.0.0.2\",true,true,false,false,false,"
                 "true,false,"
                 "false,[1,2]],[\"::1\",true],[\"x\"],[],7,[\"10.0.0.3\"]]]}");
        struct fake_reply reply = fake_ask("ListNfsClients", "{}");
        static const char *const wanted[][2] = {{"clients", "3"},
                                                {"clients.0.id", "0"},
                                                {"clients.0.address", "10.0.0.2"},
                                                {"clients.0.protocol", "4.1"},
                                                {"clients.1.address", "::1"},
                                                {"clients.1.protocol", "3"},
                                                {"clients.2.protocol", ""}};
        for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
                assert_string_equal(fake_at(&reply, wanted[i][0]), wanted[i][1]);
        fake_reply_free(&reply);
}

static void one_folder_two_ways(void **state)
{
        (void)state;
        fake_done("UpdateSmbServer", "{\"guests\":true,\"encryption\":\"default\"}");
        fake_done("CreateNfsExport", "{\"name\":\"p\",\"path\":\"/srv/tank/photos\",\"clients\":[\"* rw\"]}");
        fake_fails("CreateSmbShare", "{\"name\":\"s\",\"path\":\"/srv/tank\",\"guest_ok\":true}", "the export p");
        fake_done("CreateSmbShare", "{\"name\":\"s\",\"path\":\"/srv/tank\",\"guest_ok\":true,\"read_only\":true}");
        fake_fails("UpdateSmbShare",
                   arena_printf(fake_arena, "{\"id\":%lld,\"read_only\":false}", (long long)smb_named("s")->id),
                   "same account");
        fake_done("UpdateNfsExport", "{\"id\":1,\"clients\":[\"* rw anon=1000:1000\"]}");
        fake_done("UpdateSmbShare",
                  arena_printf(fake_arena, "{\"id\":%lld,\"read_only\":false}", (long long)smb_named("s")->id));
        fake_fails("UpdateNfsExport", "{\"id\":1,\"clients\":[\"* rw\"]}", "the share s");
        fake_done("UpdateNfsExport", "{\"id\":1,\"clients\":[\"* ro\"]}");
        struct offer offer = offer_of_export(nfs_named("p"));
        assert_non_null(
                strstr(offer_also(&offer, fake_arena), "the share s offers /srv/tank as well, and lets it be changed"));
        fake_done("CreateSmbShare",
                  "{\"name\":\"t\",\"path\":\"/srv/tank/photos2\",\"guest_ok\":true}"); /* another folder */
        offer = offer_of_export(nfs_named("p"));
        assert_null(strstr(offer_also(&offer, fake_arena), "photos2"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(made_and_read_again, fake_machine_set_up),
                cmocka_unit_test_setup(changed, fake_machine_set_up),
                cmocka_unit_test_setup(who_comes_first, fake_machine_set_up),
                cmocka_unit_test_setup(what_cannot_be, fake_machine_set_up),
                cmocka_unit_test_setup(what_the_checker_says, fake_machine_set_up),
                cmocka_unit_test_setup(kerberos_is_refused_where_it_cannot_be, fake_machine_set_up),
                cmocka_unit_test_setup(who_is_connected, fake_machine_set_up),
                cmocka_unit_test_setup(who_asked_nfs_ganesha, fake_machine_set_up),
                cmocka_unit_test_setup(one_folder_two_ways, fake_machine_set_up),
        };
        return cmocka_run_group_tests(tests, fake_machine_start, fake_machine_stop);
}
